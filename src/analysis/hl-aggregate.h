#pragma once

/* analysis/: everything computed from traces. May use trace/ and tensor/.
 *
 * Reading order: hl-aggregate.h (over heads), hl-channel.h (one number a token out of a matrix), hl-words.h (pieces
 * merged into words), hl-pool.h (a matrix made small), hl-head-statistics.h (one number a head).
 */

#include <glib-object.h>

G_BEGIN_DECLS

/* AttViz's six aggregates over the m heads or channels of one set, for each token j (Škrlj et al. 2021, AttViz's own
 * code; natural logarithm throughout). */
typedef enum
{
  HL_AGGREGATE_MEAN,    /*< nick=mean >*/    /* (1/m) Σ_i a_ij */
  HL_AGGREGATE_STD,     /*< nick=std >*/     /* √((1/m) Σ_i (a_ij − mean_j)²), the population's */
  HL_AGGREGATE_MAX,     /*< nick=max >*/
  HL_AGGREGATE_MIN,     /*< nick=min >*/
  HL_AGGREGATE_RANGE,   /*< nick=max-min >*/
  HL_AGGREGATE_ENTROPY, /*< nick=entropy >*/ /* values binned to two decimals: −Σ_b p_b ln p_b / number of bins */
} HlAggregate;

#define HL_N_AGGREGATES 6

/* @channels: m arrays of @n_tokens values; out: [token]. A NaN among a token's values makes its aggregate NaN, and
 * so do no channels at all. */
void        hl_aggregate_compute     (HlAggregate          aggregate,
                                      const float * const *channels,
                                      gsize                n_channels,
                                      gsize                n_tokens,
                                      float               *out);

const char *hl_aggregate_get_name    (HlAggregate          aggregate); /* "Maximum − minimum", translatable */
const char *hl_aggregate_get_formula (HlAggregate          aggregate); /* "max_i a_ij − min_i a_ij" */

G_END_DECLS
