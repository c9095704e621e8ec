#pragma once

#include <math.h>
#include <string.h>

#include "hl-trace.h"

typedef struct
{
  gsize    n_queries;
  gsize    n_keys;
  gsize    dimension;
  gsize    n_values;     /* dimension of the values, 0 for none */
  gsize    n_heads;
  gsize    n_key_heads;
  gboolean is_causal;
  gsize    n_layers;     /* 0 counts as 1 */
} RandomShape;

static inline HlTokens *
make_numbered_tokens (gsize n)
{
  g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; i < n; i++)
    g_ptr_array_add (strings, i == 0 ? g_strdup ("[CLS]") : g_strdup_printf ("w%" G_GSIZE_FORMAT, i));
  g_ptr_array_add (strings, NULL);

  return hl_tokens_new_from_strings (NULL, (const char * const *) strings->pdata, n, n);
}

static inline HlTensor *
make_random_tensor (GRand *rand,
                    gsize  n_heads,
                    gsize  n_tokens,
                    gsize  dimension)
{
  gsize shape[] = { n_heads, n_tokens, dimension };
  gsize n = n_heads * n_tokens * dimension;
  float *values = g_new (float, n + 1);

  for (gsize i = 0; i < n; i++)
    values[i] = g_rand_double_range (rand, -2, 2);

  return hl_tensor_new_take_f32 (3, shape, values);
}

/* A trace with queries, keys and perhaps values; the same numbers for the same shape. */
static inline HlTrace *
make_random_trace (const RandomShape *shape)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (shape->n_queries * 7919 + shape->n_keys * 31 + shape->dimension);
  g_autoptr (HlTokens) queries = make_numbered_tokens (shape->n_queries);
  g_autoptr (HlTokens) keys = shape->n_keys == shape->n_queries ? hl_tokens_ref (queries)
                                                                : make_numbered_tokens (shape->n_keys);
  g_autoptr (GPtrArray) q = g_ptr_array_new_with_free_func ((GDestroyNotify) hl_tensor_unref);
  g_autoptr (GPtrArray) k = g_ptr_array_new_with_free_func ((GDestroyNotify) hl_tensor_unref);
  g_autoptr (GPtrArray) v = g_ptr_array_new_with_free_func ((GDestroyNotify) hl_tensor_unref);
  g_autoptr (HlProjections) projections = NULL;
  g_autoptr (HlAttention) attention = NULL;
  g_autoptr (GError) error = NULL;
  gsize n_layers = MAX (shape->n_layers, 1);
  HlTrace *trace;

  for (gsize layer = 0; layer < n_layers; layer++)
    {
      g_ptr_array_add (q, make_random_tensor (rand, shape->n_heads, shape->n_queries, shape->dimension));
      g_ptr_array_add (k, make_random_tensor (rand, shape->n_key_heads, shape->n_keys, shape->dimension));
      g_ptr_array_add (v, make_random_tensor (rand, shape->n_key_heads, shape->n_keys, MAX (shape->n_values, 1)));
    }

  projections = hl_projections_new ((HlTensor **) q->pdata, (HlTensor **) k->pdata,
                                    shape->n_values > 0 ? (HlTensor **) v->pdata : NULL, n_layers, 0, &error);
  g_assert_no_error (error);
  attention = hl_attention_new_projected (HL_ATTENTION_SELF, queries, keys, projections, shape->is_causal, &error);
  g_assert_no_error (error);

  trace = hl_trace_new ("random");
  hl_trace_add_attention (trace, attention);

  return trace;
}
