#include "hl-head-statistics.h"
#include "hl-pool.h"

#include "../random-attention.h"

/* Prints what pooling one head to a thumbnail costs, beside reading it alone. */

#define N_TOKENS 2048
#define N_REPEATS 20
#define N_CELLS 64

static void
print_time (const char *name,
            gint64      start)
{
  double seconds = (g_get_monotonic_time () - start) / 1e6 / N_REPEATS;

  g_print ("# %-16s %7.2f ms, %5.2f ns a weight\n", name, seconds * 1e3, seconds * 1e9 / N_TOKENS / N_TOKENS);
}

int
main (void)
{
  const char *names[] = { "maximum", "mean", "optical depth" };
  g_autoptr (HlTokens) tokens = make_word_piece_tokens (N_TOKENS);
  g_autoptr (HlAttention) attention = make_random_attention (HL_ATTENTION_SELF, tokens, tokens, 1, NULL);
  g_autofree float *row = g_new (float, 16 * N_TOKENS);
  float out[N_CELLS * N_CELLS];
  double statistics[HL_N_HEAD_STATISTICS];
  gint64 start;

  g_print ("# %d x %d weights to %d x %d cells, mean of %d\n", N_TOKENS, N_TOKENS, N_CELLS, N_CELLS, N_REPEATS);

  start = g_get_monotonic_time ();
  for (guint i = 0; i < N_REPEATS; i++)
    for (gsize query = 0; query < N_TOKENS; query += 16)
      hl_attention_read (attention, 0, 0, query, 16, 0, N_TOKENS, row);
  print_time ("reading alone", start);

  for (HlPool pool = HL_POOL_MAX; pool <= HL_POOL_DEPTH; pool++)
    {
      start = g_get_monotonic_time ();
      for (guint i = 0; i < N_REPEATS; i++)
        hl_pool_compute (pool, attention, 0, 0, NULL, NULL, 0.001f, N_CELLS, N_CELLS, out);
      print_time (names[pool], start);
    }

  start = g_get_monotonic_time ();
  for (guint i = 0; i < N_REPEATS; i++)
    hl_head_statistics_compute (attention, 0, 0, statistics);
  print_time ("head statistics", start);

  return 0;
}
