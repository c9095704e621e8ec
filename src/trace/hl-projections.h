#pragma once

#include "hl-tensor.h"

G_BEGIN_DECLS

/* Queries, keys and, where known, values of every layer and head. Immutable, reference counted.
 *
 * Keys and values may have fewer heads than queries (grouped-query attention, Ainslie et al. 2023): query head h then
 * reads key head h / (n_heads / n_key_heads). */
typedef struct _HlProjections HlProjections;

typedef enum
{
  HL_PROJECTION_QUERY,
  HL_PROJECTION_KEY,
  HL_PROJECTION_VALUE,
} HlProjection;

/* Each array has @n_layers tensors [head][token][dimension]; @values may be NULL. @scale multiplies q·k before the
 * softmax; 0 means 1/√d (Vaswani et al. 2017, eq. 1). Fails, naming the layer, when shapes do not fit together. */
HlProjections *hl_projections_new           (HlTensor * const *queries,
                                             HlTensor * const *keys,
                                             HlTensor * const *values,
                                             gsize             n_layers,
                                             double            scale,
                                             GError          **error) G_GNUC_WARN_UNUSED_RESULT;
HlProjections *hl_projections_ref           (HlProjections    *self);
void           hl_projections_unref         (HlProjections    *self);

gsize          hl_projections_get_n_layers  (HlProjections    *self);
gsize          hl_projections_get_n_heads   (HlProjections    *self,
                                             gsize             layer); /* query heads */
gsize          hl_projections_get_n_tokens  (HlProjections    *self,
                                             HlProjection      which,
                                             gsize             layer);
gsize          hl_projections_get_dimension (HlProjections    *self,
                                             HlProjection      which,
                                             gsize             layer);
gboolean       hl_projections_has           (HlProjections    *self,
                                             HlProjection      which);
double         hl_projections_get_scale     (HlProjections    *self,
                                             gsize             layer);

/* The tensor itself [head][token][dimension], for saving. */
HlTensor      *hl_projections_get_tensor    (HlProjections    *self,
                                             HlProjection      which,
                                             gsize             layer);

/* Reads vectors of tokens [first, first + n) of query head @head; out: [n][dimension]. */
void           hl_projections_read          (HlProjections    *self,
                                             HlProjection      which,
                                             gsize             layer,
                                             gsize             head,
                                             gsize             first,
                                             gsize             n,
                                             float            *out);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HlProjections, hl_projections_unref)

G_END_DECLS
