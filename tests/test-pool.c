#include "hl-pool.h"

#include "random-attention.h"

/* The definition, cell by cell. */
static double
pool_cell (HlPool        pool,
           const float  *weights,
           gsize         n_queries,
           gsize         n_keys,
           const guint8 *queries,
           const guint8 *keys,
           float         threshold,
           gsize         rows,
           gsize         columns,
           gsize         row,
           gsize         column)
{
  double max = 0, sum = 0, depth = 0;
  gsize n = 0;

  for (gsize i = 0; i < n_queries; i++)
    for (gsize j = 0; j < n_keys; j++)
      {
        double weight = weights[i * n_keys + j];

        if (i * rows / n_queries != row || j * columns / n_keys != column)
          continue;
        if ((queries != NULL && !queries[i]) || (keys != NULL && !keys[j]))
          continue;

        n++;
        if (!(weight >= threshold))
          weight = 0;
        max = MAX (max, weight);
        sum += weight;
        depth -= log1p (-MIN (weight, HL_POOL_MAX_OPACITY));
      }

  switch (pool)
    {
    case HL_POOL_MAX:
      return max;
    case HL_POOL_MEAN:
      return n > 0 ? sum / n : 0;
    case HL_POOL_DEPTH:
    default:
      return depth;
    }
}

static guint8 *
make_mask (gsize n,
           guint seed)
{
  guint8 *mask = g_new (guint8, n);

  /* Runs of hidden tokens, both ends among them for some seeds. */
  for (gsize i = 0; i < n; i++)
    mask[i] = (i * 2654435761u / 7 + seed) % 5 > 1 && !(seed == 1 && (i < n / 3 || i > n - 3));

  return mask;
}

static void
check_pool (HlAttention *attention,
            const float *weights,
            float        threshold,
            gsize        max_rows,
            gsize        max_columns,
            gboolean     masked)
{
  gsize n_queries = hl_attention_get_n_queries (attention);
  gsize n_keys = hl_attention_get_n_keys (attention);
  gsize rows = MIN (max_rows, n_queries), columns = MIN (max_columns, n_keys);
  g_autofree float *out = g_new (float, rows * columns);
  g_autofree guint8 *queries = masked ? make_mask (n_queries, 0) : NULL;
  g_autofree guint8 *keys = masked ? make_mask (n_keys, 1) : NULL;

  for (HlPool pool = HL_POOL_MAX; pool <= HL_POOL_DEPTH; pool++)
    {
      hl_pool_compute (pool, attention, 0, 0, queries, keys, threshold, max_rows, max_columns, out);

      for (gsize row = 0; row < rows; row++)
        for (gsize column = 0; column < columns; column++)
          {
            double want = pool_cell (pool, weights, n_queries, n_keys, queries, keys, threshold, rows, columns, row,
                                     column);

            /* What is deep enough to be opaque need not be deep to the last digit. */
            if (pool == HL_POOL_DEPTH && want > 6)
              g_assert_cmpfloat_with_epsilon (hl_pool_get_opacity (out[row * columns + column]), -expm1 (-want), 1e-6);
            else
              g_assert_cmpfloat_with_epsilon (out[row * columns + column], want, 2e-6 * MAX (want, 1e-3)
                                              + (pool == HL_POOL_DEPTH ? 1e-6 * exp (want) : 0));
          }
    }
}

static void
check_sizes (gsize n_queries,
             gsize n_keys)
{
  const gsize sizes[] = { 1, 3, 8, 500 };
  g_autoptr (HlTokens) queries = make_word_piece_tokens (n_queries);
  g_autoptr (HlTokens) keys = make_word_piece_tokens (n_keys);
  g_autoptr (HlAttention) attention = NULL;
  g_autofree float *weights = NULL;

  attention = make_random_attention (HL_ATTENTION_CROSS, queries, keys, 1, &weights);

  for (gsize i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      check_pool (attention, weights, 0, sizes[i], sizes[G_N_ELEMENTS (sizes) - 1 - i], FALSE);
      check_pool (attention, weights, 0, sizes[i], sizes[i], TRUE);
      check_pool (attention, weights, 0.01f, sizes[i], sizes[i], FALSE);
      check_pool (attention, weights, 0.01f, sizes[i], 5, TRUE);
    }
}

static void
test_reference (void)
{
  check_sizes (3, 3);
  check_sizes (31, 17);
  check_sizes (17, 101);
  check_sizes (100, 40);
}

/* 1, more than 1, NaN and negative numbers, as a damaged file may have them. */
static void
test_extremes (void)
{
  const float extremes[] = { 1, 1.5f, NAN, -3, INFINITY, 1, 1, 1, 0 };
  const char *strings[] = { "a", "b", "c" };
  const guint8 none[] = { 0, 0, 0 };
  gsize shape[] = { 1, 3, 3 };
  g_autoptr (HlTokens) tokens = hl_tokens_new_from_strings (NULL, strings, 3, 3);
  g_autoptr (HlTensor) tensor = NULL;
  g_autoptr (HlAttention) attention = NULL;
  g_autoptr (GError) error = NULL;
  float out = -1;

  tensor = hl_tensor_new_take_f32 (3, shape, g_memdup2 (extremes, sizeof extremes));
  attention = hl_attention_new_dense (HL_ATTENTION_SELF, tokens, tokens, &tensor, 1, &error);
  g_assert_no_error (error);

  hl_pool_compute (HL_POOL_DEPTH, attention, 0, 0, NULL, NULL, 0, 1, 1, &out);
  g_assert_cmpfloat (out, >, 16);
  g_assert_true (isfinite (out));
  g_assert_cmpfloat (hl_pool_get_opacity (out), ==, 1);

  hl_pool_compute (HL_POOL_MAX, attention, 0, 0, none, NULL, 0, 1, 1, &out);
  g_assert_cmpfloat (out, ==, 0);
  hl_pool_compute (HL_POOL_MEAN, attention, 0, 0, NULL, none, 0, 1, 1, &out);
  g_assert_cmpfloat (out, ==, 0);
}

/* A bundle of lines has the opacity of the lines drawn one over another. */
static void
test_opacity (void)
{
  g_autoptr (HlTokens) tokens = make_word_piece_tokens (64);
  g_autoptr (HlAttention) attention = NULL;
  g_autofree float *weights = NULL;
  double through = 1;
  float depth;

  attention = make_random_attention (HL_ATTENTION_SELF, tokens, tokens, 1, &weights);
  for (gsize i = 0; i < 8; i++)
    through *= 1 - weights[i * 64];

  {
    guint8 keys[64] = { 1, };
    guint8 queries[64] = { 1, 1, 1, 1, 1, 1, 1, 1, };

    hl_pool_compute (HL_POOL_DEPTH, attention, 0, 0, queries, keys, 0, 1, 1, &depth);
  }

  g_assert_cmpfloat_with_epsilon (hl_pool_get_opacity (depth), 1 - through, 1e-6);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/pool/reference", test_reference);
  g_test_add_func ("/pool/extremes", test_extremes);
  g_test_add_func ("/pool/opacity", test_opacity);

  return g_test_run ();
}
