#include "hl-attention.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* Keys of one head are read this many at a time when weights are computed. */
#define KEY_BLOCK 64

struct _HlAttention
{
  gatomicrefcount ref_count;
  HlAttentionKind kind;
  HlTokens       *queries;
  HlTokens       *keys;
  gsize           n_layers;
  gsize           max_heads;
  HlTensor      **layers;        /* [layer] of [head][query][key]; NULL: computed from the projections */
  HlProjections  *projections;   /* (nullable) */
  gboolean        causal;
  guint          *layer_numbers; /* (nullable) */
  guint          *head_numbers;  /* (nullable) */
};

static HlAttention *
attention_new (HlAttentionKind  kind,
               HlTokens        *queries,
               HlTokens        *keys,
               gsize            n_layers)
{
  HlAttention *self = g_new0 (HlAttention, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->kind = kind;
  self->queries = hl_tokens_ref (queries);
  self->keys = hl_tokens_ref (keys);
  self->n_layers = n_layers;

  return self;
}

/* Weights above the diagonal that are all exactly zero in the first layer can only be a mask: a softmax is never zero
 * for as many pairs. One layer is enough to look at, and cheap even where the rest is not in memory yet. */
static gboolean
looks_causal (HlAttention *self)
{
  gsize n = hl_attention_get_n_queries (self);
  g_autofree float *row = NULL;

  if (self->kind == HL_ATTENTION_CROSS || n != hl_attention_get_n_keys (self) || n < 2)
    return FALSE;
  if (self->n_layers == 0 || hl_attention_get_n_heads (self, 0) == 0)
    return FALSE;

  row = g_new (float, n);
  for (gsize head = 0; head < hl_attention_get_n_heads (self, 0); head++)
    for (gsize query = 0; query + 1 < n; query++)
      {
        hl_attention_read (self, 0, head, query, 1, query + 1, n - query - 1, row);
        for (gsize i = 0; i < n - query - 1; i++)
          if (row[i] != 0)
            return FALSE;
      }

  return TRUE;
}

HlAttention *
hl_attention_new_dense (HlAttentionKind    kind,
                        HlTokens          *queries,
                        HlTokens          *keys,
                        HlTensor * const  *layers,
                        gsize              n_layers,
                        GError           **error)
{
  g_autoptr (HlAttention) self = NULL;
  gsize n_queries = hl_tokens_get_length (queries);
  gsize n_keys = hl_tokens_get_length (keys);

  for (gsize layer = 0; layer < n_layers; layer++)
    {
      HlTensor *tensor = layers[layer];

      if (hl_tensor_get_rank (tensor) != 3 || hl_tensor_get_dim (tensor, 1) != n_queries ||
          hl_tensor_get_dim (tensor, 2) != n_keys)
        {
          g_autofree char *shape = hl_tensor_describe_shape (tensor);

          g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_SHAPE,
                       "The attention of layer %" G_GSIZE_FORMAT " has the shape %s; for %" G_GSIZE_FORMAT
                       " query and %" G_GSIZE_FORMAT " key tokens it must be [heads, %" G_GSIZE_FORMAT ", %" G_GSIZE_FORMAT "].",
                       layer, shape, n_queries, n_keys, n_queries, n_keys);
          return NULL;
        }
    }

  self = attention_new (kind, queries, keys, n_layers);
  self->layers = g_new (HlTensor *, n_layers + 1);
  for (gsize layer = 0; layer < n_layers; layer++)
    {
      self->layers[layer] = hl_tensor_ref (layers[layer]);
      self->max_heads = MAX (self->max_heads, hl_tensor_get_dim (layers[layer], 0));
    }
  self->causal = looks_causal (self);

  return g_steal_pointer (&self);
}

/* Projections must have a query for each query token and a key for each key token, in every layer. */
static gboolean
check_projections (HlAttention    *self,
                   HlProjections  *projections,
                   GError        **error)
{
  for (gsize layer = 0; layer < self->n_layers; layer++)
    {
      gsize n_queries, n_keys;

      if (layer >= hl_projections_get_n_layers (projections))
        {
          g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_SHAPE,
                       "There are queries and keys for %" G_GSIZE_FORMAT " layers, but the attention has %" G_GSIZE_FORMAT ".",
                       hl_projections_get_n_layers (projections), self->n_layers);
          return FALSE;
        }
      n_queries = hl_projections_get_n_tokens (projections, HL_PROJECTION_QUERY, layer);
      n_keys = hl_projections_get_n_tokens (projections, HL_PROJECTION_KEY, layer);
      if (n_queries != hl_tokens_get_length (self->queries) || n_keys != hl_tokens_get_length (self->keys) ||
          (self->layers != NULL &&
           hl_projections_get_n_heads (projections, layer) != hl_tensor_get_dim (self->layers[layer], 0)))
        {
          g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_SHAPE,
                       "Layer %" G_GSIZE_FORMAT " has %" G_GSIZE_FORMAT " heads of queries for %" G_GSIZE_FORMAT
                       " tokens and of keys for %" G_GSIZE_FORMAT " tokens, which do not fit %" G_GSIZE_FORMAT
                       " query and %" G_GSIZE_FORMAT " key tokens%s.",
                       layer, hl_projections_get_n_heads (projections, layer), n_queries, n_keys,
                       hl_tokens_get_length (self->queries), hl_tokens_get_length (self->keys),
                       self->layers != NULL ? " and the stored weights" : "");
          return FALSE;
        }
    }

  return TRUE;
}

HlAttention *
hl_attention_new_projected (HlAttentionKind   kind,
                            HlTokens         *queries,
                            HlTokens         *keys,
                            HlProjections    *projections,
                            gboolean          causal,
                            GError          **error)
{
  g_autoptr (HlAttention) self = attention_new (kind, queries, keys, hl_projections_get_n_layers (projections));

  if (!check_projections (self, projections, error))
    return NULL;

  self->projections = hl_projections_ref (projections);
  self->causal = causal;
  for (gsize layer = 0; layer < self->n_layers; layer++)
    self->max_heads = MAX (self->max_heads, hl_projections_get_n_heads (projections, layer));

  return g_steal_pointer (&self);
}

HlAttention *
hl_attention_ref (HlAttention *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
hl_attention_unref (HlAttention *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  if (self->layers != NULL)
    for (gsize layer = 0; layer < self->n_layers; layer++)
      hl_tensor_unref (self->layers[layer]);
  g_free (self->layers);
  g_clear_pointer (&self->projections, hl_projections_unref);
  hl_tokens_unref (self->queries);
  hl_tokens_unref (self->keys);
  g_free (self->layer_numbers);
  g_free (self->head_numbers);
  g_free (self);
}

HlAttentionKind
hl_attention_get_kind (HlAttention *self)
{
  return self->kind;
}

HlTokens *
hl_attention_get_queries (HlAttention *self)
{
  return self->queries;
}

HlTokens *
hl_attention_get_keys (HlAttention *self)
{
  return self->keys;
}

gsize
hl_attention_get_n_layers (HlAttention *self)
{
  return self->n_layers;
}

gsize
hl_attention_get_n_heads (HlAttention *self,
                          gsize        layer)
{
  g_return_val_if_fail (layer < self->n_layers, 0);

  if (self->layers != NULL)
    return hl_tensor_get_dim (self->layers[layer], 0);

  return hl_projections_get_n_heads (self->projections, layer);
}

gsize
hl_attention_get_max_heads (HlAttention *self)
{
  return self->max_heads;
}

gsize
hl_attention_get_n_queries (HlAttention *self)
{
  return hl_tokens_get_length (self->queries);
}

gsize
hl_attention_get_n_keys (HlAttention *self)
{
  return hl_tokens_get_length (self->keys);
}

gboolean
hl_attention_is_causal (HlAttention *self)
{
  return self->causal;
}

void
hl_attention_set_layer_numbers (HlAttention *self,
                                const guint *numbers)
{
  g_free (self->layer_numbers);
  self->layer_numbers = g_memdup2 (numbers, self->n_layers * sizeof (guint));
}

void
hl_attention_set_head_numbers (HlAttention *self,
                               const guint *numbers)
{
  g_free (self->head_numbers);
  self->head_numbers = g_memdup2 (numbers, self->max_heads * sizeof (guint));
}

guint
hl_attention_get_layer_number (HlAttention *self,
                               gsize        layer)
{
  g_return_val_if_fail (layer < self->n_layers, 0);

  return self->layer_numbers != NULL ? self->layer_numbers[layer] : (guint) layer;
}

guint
hl_attention_get_head_number (HlAttention *self,
                              gsize        head)
{
  g_return_val_if_fail (head < self->max_heads, 0);

  return self->head_numbers != NULL ? self->head_numbers[head] : (guint) head;
}

HlTensor *
hl_attention_get_stored (HlAttention *self,
                         gsize        layer)
{
  g_return_val_if_fail (layer < self->n_layers, NULL);

  return self->layers != NULL ? self->layers[layer] : NULL;
}

HlProjections *
hl_attention_get_projections (HlAttention *self)
{
  return self->projections;
}

gboolean
hl_attention_set_projections (HlAttention    *self,
                              HlProjections  *projections,
                              GError        **error)
{
  g_return_val_if_fail (self->layers != NULL, FALSE);

  if (!check_projections (self, projections, error))
    return FALSE;

  g_clear_pointer (&self->projections, hl_projections_unref);
  self->projections = hl_projections_ref (projections);

  return TRUE;
}

/* Scores q·k·scale of one query against keys [0, n_keys), masked ones −∞, made weights in place: softmax with the largest score
 * subtracted (Vaswani et al. 2017, eq. 1). */
static void
project_row (HlAttention *self,
             gsize        layer,
             gsize        head,
             gsize        query,
             const float *q,       /* [dimension] */
             float       *block,   /* [KEY_BLOCK][dimension] */
             float       *row)     /* [n_keys] */
{
  gsize n_keys = hl_attention_get_n_keys (self);
  gsize dimension = hl_projections_get_dimension (self->projections, HL_PROJECTION_KEY, layer);
  gsize n_seen = self->causal ? MIN (query + 1, n_keys) : n_keys;
  float scale = (float) hl_projections_get_scale (self->projections, layer);
  float largest = -FLT_MAX;
  double sum = 0;

  for (gsize first = 0; first < n_seen; first += KEY_BLOCK)
    {
      gsize n = MIN (KEY_BLOCK, n_seen - first);

      hl_projections_read (self->projections, HL_PROJECTION_KEY, layer, head, first, n, block);
      for (gsize i = 0; i < n; i++)
        {
          const float *k = block + i * dimension;
          float score = 0;

          for (gsize d = 0; d < dimension; d++)
            score += q[d] * k[d];
          row[first + i] = score * scale;
          largest = MAX (largest, row[first + i]);
        }
    }
  for (gsize key = 0; key < n_seen; key++)
    {
      row[key] = expf (row[key] - largest);
      sum += row[key];
    }
  for (gsize key = 0; key < n_keys; key++)
    row[key] = key < n_seen ? (float) (row[key] / sum) : 0;
}

void
hl_attention_read (HlAttention *self,
                   gsize        layer,
                   gsize        head,
                   gsize        query,
                   gsize        n_queries,
                   gsize        key,
                   gsize        n_keys,
                   float       *out)
{
  gsize all_queries = hl_attention_get_n_queries (self);
  gsize all_keys = hl_attention_get_n_keys (self);

  g_return_if_fail (head < hl_attention_get_n_heads (self, layer));
  g_return_if_fail (n_queries <= all_queries && query <= all_queries - n_queries);
  g_return_if_fail (n_keys <= all_keys && key <= all_keys - n_keys);

  if (n_queries == 0 || n_keys == 0)
    return;

  if (self->layers != NULL)
    {
      HlTensor *tensor = self->layers[layer];
      gsize first = (head * all_queries + query) * all_keys + key;

      if (n_keys == all_keys)
        {
          hl_tensor_read_f32 (tensor, first, n_queries * n_keys, out);
          return;
        }
      for (gsize i = 0; i < n_queries; i++)
        hl_tensor_read_f32 (tensor, first + i * all_keys, n_keys, out + i * n_keys);
    }
  else
    {
      gsize dimension = hl_projections_get_dimension (self->projections, HL_PROJECTION_QUERY, layer);
      g_autofree float *q = g_new (float, dimension);
      g_autofree float *block = g_new (float, KEY_BLOCK * dimension);
      g_autofree float *row = g_new (float, all_keys);

      for (gsize i = 0; i < n_queries; i++)
        {
          hl_projections_read (self->projections, HL_PROJECTION_QUERY, layer, head, query + i, 1, q);
          project_row (self, layer, head, query + i, q, block, row);
          memcpy (out + i * n_keys, row + key, n_keys * sizeof (float));
        }
    }
}

void
hl_attention_read_row (HlAttention *self,
                       gsize        layer,
                       gsize        head,
                       gsize        query,
                       float       *out)
{
  hl_attention_read (self, layer, head, query, 1, 0, hl_attention_get_n_keys (self), out);
}

void
hl_attention_read_column (HlAttention *self,
                          gsize        layer,
                          gsize        head,
                          gsize        key,
                          float       *out)
{
  hl_attention_read (self, layer, head, 0, hl_attention_get_n_queries (self), key, 1, out);
}

void
hl_attention_read_diagonal (HlAttention *self,
                            gsize        layer,
                            gsize        head,
                            float       *out)
{
  gsize n = MIN (hl_attention_get_n_queries (self), hl_attention_get_n_keys (self));

  for (gsize i = 0; i < n; i++)
    hl_attention_read (self, layer, head, i, 1, i, 1, out + i);
}
