#include "hl-channel.h"
#include "hl-head-statistics.h"
#include "hl-words.h"

#include "random-attention.h"

#define EPSILON 1e-5

typedef struct
{
  HlTokens    *queries;
  HlTokens    *keys;
  HlAttention *attention;
  gsize        n_queries;
  gsize        n_keys;
  float       *weights; /* [head][query][key] */
} Fixture;

static void
set_up (Fixture         *self,
        HlAttentionKind  kind,
        gsize            n_queries,
        gsize            n_keys)
{
  self->queries = make_word_piece_tokens (n_queries);
  self->keys = make_word_piece_tokens (n_keys);
  self->attention = make_random_attention (kind, self->queries, self->keys, 2, &self->weights);
  self->n_queries = n_queries;
  self->n_keys = n_keys;
}

static void
tear_down (Fixture *self)
{
  hl_attention_unref (self->attention);
  hl_tokens_unref (self->queries);
  hl_tokens_unref (self->keys);
  g_free (self->weights);
}

static inline float
get_weight (Fixture *self,
            gsize    query,
            gsize    key)
{
  return self->weights[(self->n_queries + query) * self->n_keys + key]; /* of head 1 */
}

static void
test_sides (void)
{
  g_assert_false (hl_channel_is_on_keys (HL_CHANNEL_SELF));
  g_assert_true (hl_channel_is_on_keys (HL_CHANNEL_RECEIVED));
  g_assert_true (hl_channel_is_on_keys (HL_CHANNEL_FROM_PIN));
  g_assert_false (hl_channel_is_on_keys (HL_CHANNEL_TO_PIN));
}

static void
check_channels (gsize n_queries,
                gsize n_keys)
{
  const guint pins[] = { 0, 2 };
  g_autofree float *out = g_new (float, MAX (n_queries, n_keys));
  Fixture f;

  set_up (&f, HL_ATTENTION_CROSS, n_queries, n_keys);

  hl_channel_compute (HL_CHANNEL_SELF, f.attention, 0, 1, NULL, 0, out);
  for (gsize i = 0; i < n_queries; i++)
    {
      if (i < n_keys)
        g_assert_cmpfloat (out[i], ==, get_weight (&f, i, i));
      else
        g_assert_true (isnan (out[i]));
    }

  hl_channel_compute (HL_CHANNEL_RECEIVED, f.attention, 0, 1, NULL, 0, out);
  for (gsize key = 0; key < n_keys; key++)
    {
      double sum = 0;

      for (gsize query = 0; query < n_queries; query++)
        sum += get_weight (&f, query, key);
      g_assert_cmpfloat_with_epsilon (out[key], sum / n_queries, EPSILON);
    }

  hl_channel_compute (HL_CHANNEL_FROM_PIN, f.attention, 0, 1, pins, 2, out);
  for (gsize key = 0; key < n_keys; key++)
    g_assert_cmpfloat_with_epsilon (out[key], get_weight (&f, 0, key) + get_weight (&f, 2, key), EPSILON);

  hl_channel_compute (HL_CHANNEL_TO_PIN, f.attention, 0, 1, pins, 2, out);
  for (gsize query = 0; query < n_queries; query++)
    g_assert_cmpfloat_with_epsilon (out[query], get_weight (&f, query, 0) + get_weight (&f, query, 2), EPSILON);

  hl_channel_compute (HL_CHANNEL_FROM_PIN, f.attention, 0, 1, NULL, 0, out);
  for (gsize key = 0; key < n_keys; key++)
    g_assert_cmpfloat (out[key], ==, 0);

  tear_down (&f);
}

static void
test_channels (void)
{
  check_channels (3, 3);
  check_channels (41, 7);
  check_channels (7, 300);
}

/* The matrix between words, straight from the definition. */
static double
sum_words (Fixture *self,
           gsize    query_word,
           gsize    key_word)
{
  gsize q, q_end, k, k_end;
  double sum = 0;

  hl_tokens_get_word_range (self->queries, query_word, &q, &q_end);
  hl_tokens_get_word_range (self->keys, key_word, &k, &k_end);

  for (gsize i = q; i < q_end; i++)
    for (gsize j = k; j < k_end; j++)
      sum += get_weight (self, i, j);

  return sum / (q_end - q);
}

static void
test_words_of_values (void)
{
  const char *strings[] = { "[CLS]", "un", "##believ", "##able", "!", "[SEP]" };
  const float values[] = { 1, 2, 3, 7, 5, 6 };
  g_autoptr (HlTokens) tokens = hl_tokens_new_from_strings (NULL, strings, 6, 6);
  float out[6];

  g_assert_cmpuint (hl_tokens_get_n_words (tokens), ==, 4);

  hl_words_reduce_keys (tokens, values, out);
  g_assert_cmpfloat (out[0], ==, 1);
  g_assert_cmpfloat (out[1], ==, 12);
  g_assert_cmpfloat (out[2], ==, 5);
  g_assert_cmpfloat (out[3], ==, 6);

  hl_words_reduce_queries (tokens, values, out);
  g_assert_cmpfloat (out[1], ==, 4);
  g_assert_cmpfloat (out[3], ==, 6);
}

static void
check_words (gsize n_queries,
             gsize n_keys)
{
  g_autofree float *out = NULL;
  const guint pins[] = { 1, 2, 0 };
  gsize n_query_words, n_key_words;
  double expected;
  Fixture f;

  set_up (&f, HL_ATTENTION_CROSS, n_queries, n_keys);
  n_query_words = hl_tokens_get_n_words (f.queries);
  n_key_words = hl_tokens_get_n_words (f.keys);
  out = g_new (float, n_query_words * n_key_words);

  hl_words_read (f.attention, 0, 1, 0, n_query_words, 0, n_key_words, out);
  for (gsize q = 0; q < n_query_words; q++)
    {
      double sum = 0;

      for (gsize k = 0; k < n_key_words; k++)
        {
          g_assert_cmpfloat_with_epsilon (out[q * n_key_words + k], sum_words (&f, q, k), EPSILON);
          sum += out[q * n_key_words + k];
        }
      g_assert_cmpfloat_with_epsilon (sum, 1, EPSILON);
    }

  hl_words_read (f.attention, 0, 1, 1, n_query_words - 1, 1, n_key_words - 2, out);
  for (gsize q = 1; q < n_query_words; q++)
    for (gsize k = 1; k < n_key_words - 1; k++)
      g_assert_cmpfloat_with_epsilon (out[(q - 1) * (n_key_words - 2) + k - 1], sum_words (&f, q, k), EPSILON);

  hl_words_compute_channel (HL_CHANNEL_SELF, f.attention, 0, 1, NULL, 0, out);
  for (gsize q = 0; q < MIN (n_query_words, n_key_words); q++)
    g_assert_cmpfloat_with_epsilon (out[q], sum_words (&f, q, q), EPSILON);

  hl_words_compute_channel (HL_CHANNEL_RECEIVED, f.attention, 0, 1, NULL, 0, out);
  for (gsize k = 0; k < n_key_words; k++)
    {
      expected = 0;
      for (gsize q = 0; q < n_query_words; q++)
        expected += sum_words (&f, q, k);
      g_assert_cmpfloat_with_epsilon (out[k], expected / n_query_words, EPSILON);
    }

  /* Tokens 1 and 2 are one word, which counts once. */
  g_assert_cmpuint (hl_tokens_get_word_of (f.queries, 1), ==, hl_tokens_get_word_of (f.queries, 2));
  hl_words_compute_channel (HL_CHANNEL_FROM_PIN, f.attention, 0, 1, pins, 3, out);
  for (gsize k = 0; k < n_key_words; k++)
    g_assert_cmpfloat_with_epsilon (out[k], sum_words (&f, 0, k) + sum_words (&f, 1, k), EPSILON);

  hl_words_compute_channel (HL_CHANNEL_TO_PIN, f.attention, 0, 1, pins, 3, out);
  for (gsize q = 0; q < n_query_words; q++)
    g_assert_cmpfloat_with_epsilon (out[q], sum_words (&f, q, 0) + sum_words (&f, q, 1), EPSILON);

  tear_down (&f);
}

static void
test_words (void)
{
  check_words (9, 9);
  check_words (40, 13);
  check_words (50, 2000);
}

static void
check_statistics (HlAttentionKind kind,
                  gsize           n_queries,
                  gsize           n_keys)
{
  double expected[HL_N_HEAD_STATISTICS] = { 0, };
  double out[HL_N_HEAD_STATISTICS];
  double sum = 0;
  Fixture f;

  set_up (&f, kind, n_queries, n_keys);

  for (gsize i = 0; i < n_queries; i++)
    for (gsize j = 0; j < n_keys; j++)
      {
        double weight = get_weight (&f, i, j);

        sum += weight;
        expected[HL_HEAD_STATISTIC_ENTROPY] -= weight * log (weight) / n_queries;
        expected[HL_HEAD_STATISTIC_DISTANCE] += weight * fabs ((double) i - (double) j);
        expected[HL_HEAD_STATISTIC_FIRST] += j == 0 ? weight : 0;
        expected[HL_HEAD_STATISTIC_PREVIOUS] += j + 1 == i ? weight : 0;
        expected[HL_HEAD_STATISTIC_NEXT] += j == i + 1 ? weight : 0;
        expected[HL_HEAD_STATISTIC_SELF] += j == i ? weight : 0;
        expected[HL_HEAD_STATISTIC_SPECIAL] += j == 0 || j + 1 == n_keys ? weight : 0;
        expected[HL_HEAD_STATISTIC_MAXIMUM] = MAX (expected[HL_HEAD_STATISTIC_MAXIMUM], weight);
      }

  hl_head_statistics_compute (f.attention, 0, 1, out);
  for (HlHeadStatistic statistic = 0; statistic < HL_N_HEAD_STATISTICS; statistic++)
    {
      double want = expected[statistic];

      if (statistic >= HL_HEAD_STATISTIC_DISTANCE && statistic <= HL_HEAD_STATISTIC_SPECIAL)
        want /= sum;

      if (kind == HL_ATTENTION_CROSS
          && (statistic == HL_HEAD_STATISTIC_DISTANCE || statistic == HL_HEAD_STATISTIC_PREVIOUS
              || statistic == HL_HEAD_STATISTIC_NEXT || statistic == HL_HEAD_STATISTIC_SELF))
        g_assert_true (isnan (out[statistic]));
      else
        g_assert_cmpfloat_with_epsilon (out[statistic], want, 2e-6 * MAX (1, fabs (want)));

      g_assert_cmpstr (hl_head_statistic_get_name (statistic), !=, NULL);
      g_assert_cmpstr (hl_head_statistic_get_formula (statistic), !=, NULL);
    }

  tear_down (&f);
}

static void
test_statistics (void)
{
  check_statistics (HL_ATTENTION_SELF, 3, 3);
  check_statistics (HL_ATTENTION_SELF, 61, 61);
  check_statistics (HL_ATTENTION_SELF, 700, 700);
  check_statistics (HL_ATTENTION_CROSS, 300, 17);
}

/* Uniform, empty and one-hot rows have values known without computing. */
static void
test_known_statistics (void)
{
  const char *strings[] = { "a", "b", "c", "d" };
  g_autoptr (HlTokens) tokens = hl_tokens_new_from_strings (NULL, strings, 4, 4);
  gsize shape[] = { 3, 4, 4 };
  float *values = g_new0 (float, 48);
  g_autoptr (HlTensor) tensor = NULL;
  g_autoptr (HlAttention) attention = NULL;
  g_autoptr (GError) error = NULL;
  double out[HL_N_HEAD_STATISTICS];

  for (guint i = 0; i < 16; i++)
    values[i] = 0.25f;
  for (guint i = 0; i < 4; i++)
    values[16 + i * 4 + MAX (i, 1) - 1] = 1;
  values[32] = NAN;

  tensor = hl_tensor_new_take_f32 (3, shape, values);
  attention = hl_attention_new_dense (HL_ATTENTION_SELF, tokens, tokens, &tensor, 1, &error);
  g_assert_no_error (error);

  hl_head_statistics_compute (attention, 0, 0, out);
  g_assert_cmpfloat_with_epsilon (out[HL_HEAD_STATISTIC_ENTROPY], log (4), 1e-6);
  g_assert_cmpfloat_with_epsilon (out[HL_HEAD_STATISTIC_DISTANCE], 1.25, 1e-6);
  g_assert_cmpfloat_with_epsilon (out[HL_HEAD_STATISTIC_SELF], 0.25, 1e-6);
  g_assert_cmpfloat (out[HL_HEAD_STATISTIC_SPECIAL], ==, 0);

  hl_head_statistics_compute (attention, 0, 1, out);
  g_assert_cmpfloat_with_epsilon (out[HL_HEAD_STATISTIC_ENTROPY], 0, 1e-6);
  g_assert_cmpfloat_with_epsilon (out[HL_HEAD_STATISTIC_PREVIOUS], 0.75, 1e-6);
  g_assert_cmpfloat_with_epsilon (out[HL_HEAD_STATISTIC_FIRST], 0.5, 1e-6);
  g_assert_cmpfloat (out[HL_HEAD_STATISTIC_MAXIMUM], ==, 1);

  hl_head_statistics_compute (attention, 0, 2, out);
  g_assert_cmpfloat (out[HL_HEAD_STATISTIC_ENTROPY], ==, 0);
  g_assert_true (isnan (out[HL_HEAD_STATISTIC_FIRST]));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/channel/sides", test_sides);
  g_test_add_func ("/channel/compute", test_channels);
  g_test_add_func ("/words/values", test_words_of_values);
  g_test_add_func ("/words/matrix", test_words);
  g_test_add_func ("/head-statistics/random", test_statistics);
  g_test_add_func ("/head-statistics/known", test_known_statistics);

  return g_test_run ();
}
