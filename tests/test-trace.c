#include "hl-document.h"
#include "hl-trace.h"

#include <math.h>

static void
test_words (void)
{
  const char *bert[] = { "[CLS]", "w", "##mc", "profits", "[SEP]", "up", "[SEP]" };
  const char *gpt[] = { "The", " qu", "ick", " fox", "<|endoftext|>", "x" };
  const char *plain[] = { "a", "b", " ", "c" };
  const char *xlm[] = { "</s>", "speak</w>", "ger", "man</w>", "?</w>", "</s>" };
  g_autoptr (HlTokens) tokens = hl_tokens_new_from_strings ("wmc profits up", bert, 7, 5);
  g_autofree char *word = NULL;
  g_autofree char *text = NULL;
  gsize first, end;

  g_assert_cmpuint (hl_tokens_get_n_words (tokens), ==, 6);
  g_assert_cmpuint (hl_tokens_get_word_of (tokens, 2), ==, 1);
  hl_tokens_get_word_range (tokens, 1, &first, &end);
  g_assert_cmpuint (first, ==, 1);
  g_assert_cmpuint (end, ==, 3);
  word = hl_tokens_dup_word (tokens, 1);
  g_assert_cmpstr (word, ==, "wmc");
  text = hl_tokens_to_text (tokens);
  g_assert_cmpstr (text, ==, "[CLS] wmc profits [SEP] up [SEP]");
  g_assert_true (hl_tokens_get (tokens, 0)->special);
  g_assert_false (hl_tokens_get (tokens, 1)->special);
  g_assert_true (hl_tokens_has_segments (tokens));
  g_assert_cmpint (hl_tokens_get (tokens, 4)->segment, ==, 0);
  g_assert_cmpint (hl_tokens_get (tokens, 5)->segment, ==, 1);
  g_assert_cmpint (hl_tokens_get (tokens, 2)->start, ==, 1);
  g_assert_cmpint (hl_tokens_get (tokens, 2)->end, ==, 3);
  g_assert_cmpint (hl_tokens_get (tokens, 3)->start, ==, 4);
  g_assert_cmpint (hl_tokens_get (tokens, 5)->start, ==, 12);

  g_clear_pointer (&tokens, hl_tokens_unref);
  tokens = hl_tokens_new_from_strings (NULL, gpt, 6, 6);
  g_assert_cmpuint (hl_tokens_get_n_words (tokens), ==, 5);
  g_assert_cmpstr (hl_tokens_get (tokens, 1)->surface, ==, "qu");
  g_assert_false (hl_tokens_has_segments (tokens));

  g_clear_pointer (&tokens, hl_tokens_unref);
  tokens = hl_tokens_new_from_strings (NULL, plain, 4, 4);
  g_assert_cmpuint (hl_tokens_get_n_words (tokens), ==, 4);
  g_assert_cmpstr (hl_tokens_get (tokens, 2)->surface, ==, "␣");

  g_clear_pointer (&tokens, hl_tokens_unref);
  g_clear_pointer (&text, g_free);
  tokens = hl_tokens_new_from_strings (NULL, xlm, 6, 6);
  g_assert_cmpuint (hl_tokens_get_n_words (tokens), ==, 5);
  text = hl_tokens_to_text (tokens);
  g_assert_cmpstr (text, ==, "</s> speak german ? </s>");

  g_clear_pointer (&tokens, hl_tokens_unref);
  tokens = hl_tokens_new_from_strings (NULL, NULL, 0, 0);
  g_assert_cmpuint (hl_tokens_get_length (tokens), ==, 0);
  g_assert_cmpuint (hl_tokens_get_n_words (tokens), ==, 0);
}

/* "Ã©" is the byte-level disguise of é; the same é of a vocabulary of characters is left alone. A snowman is three bytes,
 * here spread over two tokens. */
static void
test_byte_level (void)
{
  const char *disguised[] = { "Caf", "Ã©", " âĺ", "ĥ", "ĠĠ", "Ċ" };
  const char *characters[] = { "Caf", "é" };
  g_autoptr (HlTokens) tokens = hl_tokens_new_from_strings (NULL, disguised, 6, 6);

  g_assert_cmpstr (hl_tokens_get (tokens, 1)->text, ==, "é");
  g_assert_cmpstr (hl_tokens_get (tokens, 2)->text, ==, " ☃");
  g_assert_cmpstr (hl_tokens_get (tokens, 3)->text, ==, "⋯");
  g_assert_cmpstr (hl_tokens_get (tokens, 4)->text, ==, "  ");
  g_assert_cmpstr (hl_tokens_get (tokens, 5)->text, ==, "\n");

  g_clear_pointer (&tokens, hl_tokens_unref);
  tokens = hl_tokens_new_from_strings (NULL, characters, 2, 2);
  g_assert_cmpstr (hl_tokens_get (tokens, 1)->text, ==, "é");
}

/* One token that is not in the text costs the others nothing. */
static void
test_alignment (void)
{
  const char *strings[] = { "über", "nope", "fox", "fox" };
  g_autoptr (HlTokens) tokens = hl_tokens_new_from_strings ("über fox", strings, 4, 4);

  g_assert_cmpint (hl_tokens_get (tokens, 0)->start, ==, 0);
  g_assert_cmpint (hl_tokens_get (tokens, 0)->end, ==, 4);
  g_assert_cmpint (hl_tokens_get (tokens, 1)->start, ==, -1);
  g_assert_cmpint (hl_tokens_get (tokens, 2)->start, ==, 5);
  g_assert_cmpint (hl_tokens_get (tokens, 3)->start, ==, -1);
}

static void
assert_spans (const char         *input,
              const char * const *strings,
              gsize               n,
              const char         *expected) /* "0-4 - 5-8" */
{
  g_autoptr (HlTokens) tokens = hl_tokens_new_from_strings (input, strings, n, n);
  g_autoptr (GString) spans = g_string_new (NULL);

  for (gsize i = 0; i < n; i++)
    {
      const HlToken *token = hl_tokens_get (tokens, i);

      if (i > 0)
        g_string_append_c (spans, ' ');
      if (token->start < 0)
        g_string_append_c (spans, '-');
      else
        g_string_append_printf (spans, "%d-%d", token->start, token->end);
    }

  g_assert_cmpstr (spans->str, ==, expected);
}

static void
test_spellings (void)
{
  const char *uncased[] = { "[CLS]", "un", "##believ", "##able", "naive", "cafes", "!", "[SEP]" };
  const char *joined[] = { "w", "##mc", "profits" };
  const char *wanders[] = { "x", "a", "cat", "sat" };
  const char *late[] = { "cat", "sat" };
  const char *characters[] = { "a", " ", "b", " ", " ", "c" };
  const char *empty[] = { "", "a", "" };

  assert_spans ("UnbelievAble na\u00efve cafe\u0301s!", uncased, 8, "- 0-2 2-8 8-12 13-18 19-25 25-26 -");
  assert_spans ("w ##mc profits", joined, 3, "0-1 2-6 7-14");
  /* "x" is nowhere, and "a" must not be taken from the middle of a word far on. */
  assert_spans ("the cat sat on a mat", wanders, 4, "- - 4-7 8-11");
  assert_spans ("once upon a time a cat sat", late, 2, "19-22 23-26");
  assert_spans ("a b  c", characters, 6, "0-1 1-2 2-3 3-4 4-5 5-6");
  assert_spans ("a", empty, 3, "- 0-1 -");
  assert_spans ("", joined, 3, "- - -");
}

static HlTokens *
make_tokens (gsize n)
{
  g_autofree HlToken *tokens = g_new0 (HlToken, n + 1);

  for (gsize i = 0; i < n; i++)
    tokens[i] = (HlToken) { .text = "t", .id = -1, .start = -1, .end = -1, .word = (gint32) i };

  return hl_tokens_new (NULL, tokens, n);
}

static HlTensor *
make_tensor (gsize heads,
             gsize tokens,
             gsize dimension,
             guint32 seed)
{
  g_autoptr (GRand) random = g_rand_new_with_seed (seed);
  gsize n = heads * tokens * dimension;
  float *values = g_new (float, n + 1);

  for (gsize i = 0; i < n; i++)
    values[i] = (float) g_rand_double_range (random, -2, 2);

  return hl_tensor_new_take_f32 (3, (gsize[]) { heads, tokens, dimension }, values);
}

/* Weights computed on demand against the definition, written out plainly in double. */
static void
test_projected (void)
{
  const gsize n_heads = 4, n_key_heads = 2, n = 70, d = 8;
  g_autoptr (HlTensor) queries = make_tensor (n_heads, n, d, 1);
  g_autoptr (HlTensor) keys = make_tensor (n_key_heads, n, d, 2);
  g_autoptr (HlTokens) tokens = make_tokens (n);
  g_autoptr (GError) error = NULL;

  for (int causal = 0; causal < 2; causal++)
    {
      g_autoptr (HlProjections) projections = hl_projections_new (&queries, &keys, NULL, 1, 0, &error);
      g_autoptr (HlAttention) attention = NULL;
      g_autofree float *row = g_new (float, n);
      const float *q = hl_tensor_peek_f32 (queries);
      const float *k = hl_tensor_peek_f32 (keys);

      g_assert_no_error (error);
      attention = hl_attention_new_projected (HL_ATTENTION_SELF, tokens, tokens, projections, causal, &error);
      g_assert_no_error (error);
      g_assert_cmpint (hl_attention_is_causal (attention), ==, causal);
      for (gsize head = 0; head < n_heads; head++)
        for (gsize i = 0; i < n; i += 23)
          {
            gsize n_seen = causal ? i + 1 : n;
            double sum = 0;

            hl_attention_read_row (attention, 0, head, i, row);
            for (int pass = 0; pass < 2; pass++)
              for (gsize j = 0; j < n; j++)
                {
                  double score = 0, weight;

                  for (gsize c = 0; c < d; c++)
                    score += (double) q[(head * n + i) * d + c] * k[(head / 2 * n + j) * d + c];
                  weight = j < n_seen ? exp (score / sqrt (d)) : 0;
                  if (pass == 0)
                    sum += weight;
                  else
                    g_assert_cmpfloat_with_epsilon (row[j], weight / sum, 1e-6);
                }
          }
    }
}

/* Whatever block is asked for, it is the same numbers. */
static void
test_blocks (void)
{
  const gsize n_queries = 5, n_keys = 7;
  g_autoptr (HlTensor) layer = make_tensor (2, n_queries, n_keys, 3);
  g_autoptr (HlTokens) queries = make_tokens (n_queries);
  g_autoptr (HlTokens) keys = make_tokens (n_keys);
  g_autoptr (GError) error = NULL;
  g_autoptr (HlAttention) attention = hl_attention_new_dense (HL_ATTENTION_CROSS, queries, keys, &layer, 1, &error);
  g_autoptr (HlAttention) wrong = NULL;
  const float *values = hl_tensor_peek_f32 (layer);
  float block[6], column[5], diagonal[5];

  g_assert_no_error (error);
  hl_attention_read (attention, 0, 1, 2, 2, 3, 3, block);
  for (gsize i = 0; i < 2; i++)
    for (gsize j = 0; j < 3; j++)
      g_assert_cmpfloat (block[i * 3 + j], ==, values[(n_queries + 2 + i) * n_keys + 3 + j]);
  hl_attention_read_column (attention, 0, 1, 6, column);
  g_assert_cmpfloat (column[4], ==, values[(n_queries + 4) * n_keys + 6]);
  hl_attention_read_diagonal (attention, 0, 0, diagonal);
  g_assert_cmpfloat (diagonal[3], ==, values[3 * n_keys + 3]);
  g_assert_false (hl_attention_is_causal (attention));

  wrong = hl_attention_new_dense (HL_ATTENTION_SELF, keys, keys, &layer, 1, &error);
  g_assert_null (wrong);
  g_assert_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_SHAPE);
}

static void
test_causal (void)
{
  float *values = g_new0 (float, 9);
  g_autoptr (HlTensor) layer = NULL;
  g_autoptr (HlTokens) tokens = make_tokens (3);
  g_autoptr (HlAttention) attention = NULL;

  values[0] = values[3] = values[4] = values[6] = values[7] = values[8] = 0.5f;
  layer = hl_tensor_new_take_f32 (3, (gsize[]) { 1, 3, 3 }, values);
  attention = hl_attention_new_dense (HL_ATTENTION_SELF, tokens, tokens, &layer, 1, NULL);
  g_assert_true (hl_attention_is_causal (attention));
}

static void
test_prediction (void)
{
  g_autoptr (HlPrediction) prediction = hl_prediction_new (HL_TASK_CLASSIFICATION);

  hl_prediction_add_class (prediction, &(HlClass) { .name = "a", .probability = 0.2, .labelled = TRUE });
  hl_prediction_add_class (prediction, &(HlClass) { .name = NULL, .probability = 0.8 });
  g_assert_cmpint (hl_prediction_get_best (prediction), ==, 1);
  g_assert_cmpint (hl_prediction_get_label (prediction), ==, 0);
  g_assert_cmpint (hl_prediction_is_correct (prediction), ==, 0);
  g_assert_cmpstr (hl_prediction_get_class (prediction, 1)->name, ==, "Class 1");
}

static int n_loads;

static HlTrace *
load_cb (gpointer       data,
         guint          index,
         GCancellable  *cancellable,
         GError       **error)
{
  g_autofree char *title = g_strdup_printf ("%u", index);

  n_loads++;
  if (index == 7)
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_FAILED, "broken");
      return NULL;
    }

  return hl_trace_new (title);
}

static void
finished_cb (GObject      *source,
             GAsyncResult *result,
             gpointer      data)
{
  g_autoptr (HlTrace) trace = hl_document_load_finish (HL_DOCUMENT (source), result, NULL);

  g_assert_cmpstr (hl_trace_get_title (trace), ==, "2");
  g_main_loop_quit (data);
}

/* What was shown last is not decoded again; what failed leaves the rest alone. */
static void
test_document (void)
{
  g_autoptr (HlDocument) document = hl_document_new ("title", "format", load_cb, NULL, NULL);
  g_autoptr (GMainLoop) loop = g_main_loop_new (NULL, FALSE);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  HlTrace *trace;

  for (guint i = 0; i < 8; i++)
    hl_document_append (document, hl_instance_new (NULL, "text", i, NULL, NAN, -1));
  g_assert_cmpuint (g_list_model_get_n_items (G_LIST_MODEL (document)), ==, 8);
  g_assert_cmpstr (hl_instance_get_title (hl_document_get_instance (document, 3)), ==, "Instance 3");

  n_loads = 0;
  for (int round = 0; round < 2; round++)
    for (guint i = 0; i < 3; i++)
      {
        trace = hl_document_load (document, i, NULL, &error);
        g_assert_no_error (error);
        hl_trace_unref (trace);
      }
  g_assert_cmpint (n_loads, ==, 3);

  g_assert_null (hl_document_load (document, 7, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_FAILED);
  g_clear_error (&error);

  hl_document_load_async (document, 2, NULL, finished_cb, loop);
  g_main_loop_run (loop);
  g_assert_cmpint (n_loads, ==, 4);

  g_cancellable_cancel (cancellable);
  g_assert_null (hl_document_load (document, 1, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/trace/words", test_words);
  g_test_add_func ("/trace/byte-level", test_byte_level);
  g_test_add_func ("/trace/alignment", test_alignment);
  g_test_add_func ("/trace/spellings", test_spellings);
  g_test_add_func ("/trace/projected", test_projected);
  g_test_add_func ("/trace/blocks", test_blocks);
  g_test_add_func ("/trace/causal", test_causal);
  g_test_add_func ("/trace/prediction", test_prediction);
  g_test_add_func ("/trace/document", test_document);

  return g_test_run ();
}
