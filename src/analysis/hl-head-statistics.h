#pragma once

#include "hl-attention.h"

G_BEGIN_DECLS

/* What one number says of a head. n queries i, keys j, weights α_ij; sums go over all i and j. Rows are taken as they
 * stand: they are not renormalised. */
typedef enum
{
  HL_HEAD_STATISTIC_ENTROPY,  /*< nick=entropy >*/  /* (1/n) Σ −α_ij ln α_ij, in nats (Vig & Belinkov 2019, eq. 7, without
                                                     * its null filter) */
  HL_HEAD_STATISTIC_DISTANCE, /*< nick=distance >*/ /* Σ α_ij |i − j| / Σ α_ij (Vig & Belinkov 2019, eq. 6, both directions) */
  HL_HEAD_STATISTIC_FIRST,    /*< nick=first >*/    /* Σ α_i0 / Σ α_ij (Vig & Belinkov 2019, fig. 5) */
  HL_HEAD_STATISTIC_PREVIOUS, /*< nick=previous >*/ /* Σ α_i,i−1 / Σ α_ij (Clark et al. 2019, § 3.1) */
  HL_HEAD_STATISTIC_NEXT,     /*< nick=next >*/     /* Σ α_i,i+1 / Σ α_ij (Clark et al. 2019, § 3.1) */
  HL_HEAD_STATISTIC_SELF,     /*< nick=self >*/     /* Σ α_ii / Σ α_ij (Clark et al. 2019, § 3.1) */
  HL_HEAD_STATISTIC_SPECIAL,  /*< nick=special >*/  /* Σ over special tokens j of α_ij / Σ α_ij (Clark et al. 2019, § 3.2,
                                                     * there for each token apart) */
  HL_HEAD_STATISTIC_MAXIMUM,  /*< nick=maximum >*/  /* max α_ij */
} HlHeadStatistic;

#define HL_N_HEAD_STATISTICS 8

/* All statistics of one head in one pass over its weights; out: [statistic]. A statistic that does not exist is NaN: what
 * speaks of positions, for cross attention, whose queries and keys are not the same tokens; shares, where all weights are 0.
 * NaN among the weights is left out. */
void        hl_head_statistics_compute   (HlAttention     *attention,
                                          gsize            layer,
                                          gsize            head,
                                          double           out[HL_N_HEAD_STATISTICS]);

const char *hl_head_statistic_get_name    (HlHeadStatistic  statistic); /* "Mean distance", translatable */
const char *hl_head_statistic_get_formula (HlHeadStatistic  statistic);

G_END_DECLS
