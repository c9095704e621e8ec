#pragma once

#include <math.h>

#include "hl-attention.h"

/* An attention of one layer whose rows are softmaxes of random numbers, so that both tiny and large weights occur; the
 * same numbers for the same sizes. @weights (nullable): [head][query][key], to be freed. */
static inline HlAttention *
make_random_attention (HlAttentionKind   kind,
                       HlTokens         *queries,
                       HlTokens         *keys,
                       gsize             n_heads,
                       float           **weights)
{
  gsize n_queries = hl_tokens_get_length (queries);
  gsize n_keys = hl_tokens_get_length (keys);
  gsize shape[] = { n_heads, n_queries, n_keys };
  float *values = g_new (float, n_heads * n_queries * n_keys);
  g_autoptr (GRand) rand = g_rand_new_with_seed (n_queries * 1000 + n_keys);
  g_autoptr (GError) error = NULL;
  g_autoptr (HlTensor) tensor = NULL;
  HlAttention *attention;

  for (gsize row = 0; row < n_heads * n_queries; row++)
    {
      double sum = 0;

      for (gsize key = 0; key < n_keys; key++)
        {
          values[row * n_keys + key] = exp (g_rand_double_range (rand, -20, 5));
          sum += values[row * n_keys + key];
        }
      for (gsize key = 0; key < n_keys; key++)
        values[row * n_keys + key] /= sum;
    }

  if (weights != NULL)
    *weights = g_memdup2 (values, n_heads * n_queries * n_keys * sizeof (float));

  tensor = hl_tensor_new_take_f32 (3, shape, values);
  attention = hl_attention_new_dense (kind, queries, keys, &tensor, 1, &error);
  g_assert_no_error (error);

  return attention;
}

/* [CLS], then words of one to three pieces, then [SEP]: @n tokens, three at least. */
static inline HlTokens *
make_word_piece_tokens (gsize n)
{
  g_autofree const char **strings = g_new (const char *, n);

  for (gsize i = 0; i < n; i++)
    strings[i] = i % 5 == 2 || i % 7 == 3 ? "##ing" : "walk";
  strings[0] = "[CLS]";
  strings[1] = "walk";
  strings[n - 1] = "[SEP]";

  return hl_tokens_new_from_strings (NULL, strings, n, n);
}
