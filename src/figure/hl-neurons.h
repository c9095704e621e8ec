#pragma once

#include <gio/gio.h>

#include "hl-state.h"

G_BEGIN_DECLS

/* What can be shown as a strip of neurons. */
typedef enum
{
  HL_STRIP_QUERY,
  HL_STRIP_KEY,
  HL_STRIP_PRODUCT, /* q_i · k_i for the query that is looked at */
  HL_STRIP_VALUE,
} HlStrip;

#define HL_N_STRIPS 4

/* The numbers behind the neuron view: one head, one query. Immutable once made.
 *
 * For query p, with weights α over all keys:
 *   score[key]        = scale · Σ_i q[p][i] · k[key][i]           what the softmax is taken of
 *   sum (PRODUCT)[i]  = Σ_key α[key] · q[p][i] · k[key][i]        what neuron i contributes, before scale
 *   sum (KEY)[i]      = Σ_key α[key] · k[key][i]
 *   sum (VALUE)[i]    = Σ_key α[key] · v[key][i]                  the head's output
 *   mean_score        = Σ_key α[key] · score[key] = scale · Σ_i sum (PRODUCT)[i]
 */
typedef struct
{
  HlTokens *query_tokens;
  HlTokens *key_tokens;
  gsize     n_queries;            /* of the attention */
  gsize     n_keys;
  guint    *queries;              /* [row] indices of those shown */
  gsize     n_query_rows;
  guint    *keys;                 /* [row] */
  gsize     n_key_rows;
  int      *row_of_query;         /* [query], -1 if not shown */
  int      *row_of_key;           /* [key] */

  guint     query;                /* the one looked at */
  gboolean  has_query;            /* FALSE where no query is shown */
  gboolean  is_pinned;

  gsize     n_neurons;            /* d of queries and keys */
  gsize     n_values;             /* d of values, 0 without values */
  double    scale;
  float    *vectors[HL_N_STRIPS]; /* [token][neuron]; NULL for PRODUCT and where unknown */

  double   *scores;               /* [key] */
  float    *weights;              /* [key] α */
  guint8   *masked;               /* [key]: after the query, and no weight */
  double   *sums[HL_N_STRIPS];    /* [neuron]; NULL for QUERY and where unknown */
  double    mean_score;
  double    limits[HL_N_STRIPS];  /* |value| from which on the colour is at its fullest; > 0 */
  double    hidden_weight;        /* Σ α over keys that are not shown */
  double    disagreement;         /* max |α − softmax (score)|; NaN if either is */

  gboolean  is_sorted;
  guint    *neurons;              /* [position] which neuron of queries and keys stands there */
  guint    *positions;            /* [neuron] */
} HlNeurons;

/* The share of values that may be beyond their colours' limit. */
#define HL_NEURONS_QUANTILE 0.995

/* How far stored and computed weights may differ before the figure says so. */
#define HL_NEURONS_TOLERANCE 1e-3

/* @state must have an attention with projections. NULL only if cancelled. */
HlNeurons *hl_neurons_new          (const HlState   *state,
                                    GCancellable    *cancellable) G_GNUC_WARN_UNUSED_RESULT;
void       hl_neurons_free         (HlNeurons       *self);

/* Of a row in a strip: @token is a query's index for QUERY, else a key's. NaN where PRODUCT is masked. */
double     hl_neurons_get_value    (const HlNeurons *self,
                                    HlStrip          strip,
                                    gsize            token,
                                    gsize            neuron);
gsize      hl_neurons_get_width    (const HlNeurons *self,
                                    HlStrip          strip);
/* Where a neuron of a strip stands, and the reverse. Values have neurons of their own, which keep their order. */
gsize      hl_neurons_get_position (const HlNeurons *self,
                                    HlStrip          strip,
                                    gsize            neuron);
gsize      hl_neurons_get_neuron   (const HlNeurons *self,
                                    HlStrip          strip,
                                    gsize            position);
/* TRUE if scale is 1/√d. */
gboolean   hl_neurons_is_scaled_by_dimension (const HlNeurons *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HlNeurons, hl_neurons_free)

G_END_DECLS
