#include "hl-projections.h"

#include <math.h>

#define N_PROJECTIONS 3

struct _HlProjections
{
  gatomicrefcount ref_count;
  gsize           n_layers;
  double          scale;                     /* 0: 1/√d */
  HlTensor      **tensors[N_PROJECTIONS];    /* [layer] of [head][token][dimension]; values may be NULL */
};

static HlTensor **
copy_tensors (HlTensor * const *tensors,
              gsize             n)
{
  HlTensor **copy;

  if (tensors == NULL)
    return NULL;
  copy = g_new (HlTensor *, n);
  for (gsize i = 0; i < n; i++)
    copy[i] = hl_tensor_ref (tensors[i]);

  return copy;
}

static gboolean
check_layer (HlProjections  *self,
             gsize           layer,
             GError        **error)
{
  HlTensor *query = self->tensors[HL_PROJECTION_QUERY][layer];
  HlTensor *key = self->tensors[HL_PROJECTION_KEY][layer];
  HlTensor *value = self->tensors[HL_PROJECTION_VALUE] != NULL ? self->tensors[HL_PROJECTION_VALUE][layer] : key;
  const char *wrong = NULL;

  if (hl_tensor_get_rank (query) != 3 || hl_tensor_get_rank (key) != 3 || hl_tensor_get_rank (value) != 3)
    wrong = "must have three axes: head, token, dimension";
  else if (hl_tensor_get_dim (query, 0) == 0 || hl_tensor_get_dim (key, 0) == 0 ||
           hl_tensor_get_dim (query, 0) % hl_tensor_get_dim (key, 0) != 0)
    wrong = "must have as many heads of queries as of keys, or a multiple";
  else if (hl_tensor_get_dim (query, 2) != hl_tensor_get_dim (key, 2) || hl_tensor_get_dim (query, 2) == 0)
    wrong = "must have queries and keys of one dimension";
  else if (hl_tensor_get_dim (value, 0) != hl_tensor_get_dim (key, 0) ||
           hl_tensor_get_dim (value, 1) != hl_tensor_get_dim (key, 1))
    wrong = "must have a value for each key";

  if (wrong != NULL)
    {
      g_autofree char *query_shape = hl_tensor_describe_shape (query);
      g_autofree char *key_shape = hl_tensor_describe_shape (key);
      g_autofree char *value_shape = hl_tensor_describe_shape (value);

      g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_SHAPE,
                   "Layer %" G_GSIZE_FORMAT " %s; its queries are %s, its keys %s, its values %s.", layer, wrong, query_shape,
                   key_shape, self->tensors[HL_PROJECTION_VALUE] != NULL ? value_shape : "missing");
      return FALSE;
    }

  return TRUE;
}

HlProjections *
hl_projections_new (HlTensor * const  *queries,
                    HlTensor * const  *keys,
                    HlTensor * const  *values,
                    gsize              n_layers,
                    double             scale,
                    GError           **error)
{
  g_autoptr (HlProjections) self = NULL;

  g_return_val_if_fail (queries != NULL && keys != NULL, NULL);

  self = g_new0 (HlProjections, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->n_layers = n_layers;
  self->scale = scale;
  self->tensors[HL_PROJECTION_QUERY] = copy_tensors (queries, n_layers);
  self->tensors[HL_PROJECTION_KEY] = copy_tensors (keys, n_layers);
  self->tensors[HL_PROJECTION_VALUE] = copy_tensors (values, n_layers);

  for (gsize layer = 0; layer < n_layers; layer++)
    if (!check_layer (self, layer, error))
      return NULL;

  return g_steal_pointer (&self);
}

HlProjections *
hl_projections_ref (HlProjections *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
hl_projections_unref (HlProjections *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  for (guint which = 0; which < N_PROJECTIONS; which++)
    {
      if (self->tensors[which] == NULL)
        continue;
      for (gsize layer = 0; layer < self->n_layers; layer++)
        hl_tensor_unref (self->tensors[which][layer]);
      g_free (self->tensors[which]);
    }
  g_free (self);
}

gsize
hl_projections_get_n_layers (HlProjections *self)
{
  return self->n_layers;
}

gboolean
hl_projections_has (HlProjections *self,
                    HlProjection   which)
{
  return self->tensors[which] != NULL;
}

HlTensor *
hl_projections_get_tensor (HlProjections *self,
                           HlProjection   which,
                           gsize          layer)
{
  g_return_val_if_fail (hl_projections_has (self, which) && layer < self->n_layers, NULL);

  return self->tensors[which][layer];
}

gsize
hl_projections_get_n_heads (HlProjections *self,
                            gsize          layer)
{
  return hl_tensor_get_dim (hl_projections_get_tensor (self, HL_PROJECTION_QUERY, layer), 0);
}

gsize
hl_projections_get_n_tokens (HlProjections *self,
                             HlProjection   which,
                             gsize          layer)
{
  return hl_tensor_get_dim (hl_projections_get_tensor (self, which, layer), 1);
}

gsize
hl_projections_get_dimension (HlProjections *self,
                              HlProjection   which,
                              gsize          layer)
{
  return hl_tensor_get_dim (hl_projections_get_tensor (self, which, layer), 2);
}

double
hl_projections_get_scale (HlProjections *self,
                          gsize          layer)
{
  if (self->scale != 0)
    return self->scale;

  return 1.0 / sqrt ((double) hl_projections_get_dimension (self, HL_PROJECTION_QUERY, layer));
}

void
hl_projections_read (HlProjections *self,
                     HlProjection   which,
                     gsize          layer,
                     gsize          head,
                     gsize          first,
                     gsize          n,
                     float         *out)
{
  HlTensor *tensor = hl_projections_get_tensor (self, which, layer);
  gsize n_heads = hl_projections_get_n_heads (self, layer);
  gsize n_tokens = hl_tensor_get_dim (tensor, 1);
  gsize dimension = hl_tensor_get_dim (tensor, 2);
  gsize own_head = head / (n_heads / hl_tensor_get_dim (tensor, 0));

  g_return_if_fail (head < n_heads && first + n <= n_tokens);

  hl_tensor_read_f32 (tensor, (own_head * n_tokens + first) * dimension, n * dimension, out);
}
