#include "hl-dump.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "assert-sentence.h"
#include "dump-fixture.h"
#include "shared-files.h"

/* Saved instances: what is opened again equals what was saved. */

static HlTokens *
make_tokens (const char         *input,
             const char * const *strings,
             gsize               n)
{
  return hl_tokens_new_from_strings (input, strings, n, n);
}

static HlAttention *
make_dense (HlAttentionKind  kind,
            HlTokens        *queries,
            HlTokens        *keys,
            gsize            n_layers,
            guint32          seed)
{
  g_autoptr (GPtrArray) layers = g_ptr_array_new_with_free_func ((GDestroyNotify) hl_tensor_unref);
  g_autoptr (GError) error = NULL;
  HlAttention *attention;

  for (gsize layer = 0; layer < n_layers; layer++)
    g_ptr_array_add (layers, make_attention (SHAPE (1 + layer % 3, hl_tokens_get_length (queries),
                                                    hl_tokens_get_length (keys)), seed + (guint32) layer));

  attention = hl_attention_new_dense (kind, queries, keys, (HlTensor * const *) layers->pdata, n_layers, &error);
  g_assert_no_error (error);

  return attention;
}

static HlProjections *
make_projections (gsize    n_layers,
                  gsize    n_heads,
                  gsize    n_queries,
                  gsize    n_keys,
                  gboolean values,
                  double   scale)
{
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) hl_tensor_unref);
  g_autoptr (GError) error = NULL;
  HlProjections *projections;
  HlTensor **all;

  for (gsize layer = 0; layer < n_layers; layer++)
    g_ptr_array_add (tensors, make_attention (SHAPE (n_heads, n_queries, 6), (guint32) layer));
  for (gsize layer = 0; layer < n_layers; layer++)
    g_ptr_array_add (tensors, make_attention (SHAPE (1, n_keys, 6), 100 + (guint32) layer));
  for (gsize layer = 0; layer < n_layers; layer++)
    g_ptr_array_add (tensors, make_attention (SHAPE (1, n_keys, 7), 200 + (guint32) layer));

  all = (HlTensor **) tensors->pdata;
  projections = hl_projections_new (all, all + n_layers, values ? all + 2 * n_layers : NULL, n_layers, scale, &error);
  g_assert_no_error (error);

  return projections;
}

static const char * const english[] = { "[CLS]", "\"quoted\"", "back\\slash", "new\nline", "café", "😀", "", "[SEP]" };
static const char * const german[] = { "<s>", "▁Haus", "tür" };

static HlTrace *
make_plain (void)
{
  HlTrace *trace = hl_trace_new ("Plain “title”");
  g_autoptr (HlTokens) tokens = make_tokens ("the input", english, 8);
  g_autoptr (HlAttention) attention = make_dense (HL_ATTENTION_SELF, tokens, tokens, 4, 1);

  hl_trace_add_attention (trace, attention);
  hl_trace_set_text (trace, "the input");
  hl_trace_set_metadata (trace, "model", "bert-base-uncased");
  hl_trace_set_metadata (trace, "source", "tab\there");
  hl_trace_set_metadata (trace, "attention.0", "no tensor");
  hl_trace_set_metadata (trace, "", "");
  hl_trace_add_note (trace, "A note.");
  hl_trace_add_note (trace, "");

  return trace;
}

static HlTrace *
make_numbered (void)
{
  HlTrace *trace = hl_trace_new (NULL);
  g_autoptr (HlTokens) tokens = make_tokens (NULL, german, 3);
  g_autoptr (HlAttention) attention = make_dense (HL_ATTENTION_ENCODER, tokens, tokens, 3, 2);
  g_autoptr (HlProjections) projections = NULL;
  g_autoptr (HlAttention) with = NULL;
  g_autoptr (HlTensor) layer = make_attention (SHAPE (2, 3, 3), 3);
  g_autoptr (GError) error = NULL;

  /* Text of the instance, but none of the tokens. */
  hl_trace_set_text (trace, "Haustür");
  hl_attention_set_layer_numbers (attention, (const guint[]) { 9, 4, 11 });
  hl_attention_set_head_numbers (attention, (const guint[]) { 0, 5, 2 });
  hl_trace_add_attention (trace, attention);

  /* A second one of the same kind, stored with its projections. */
  with = hl_attention_new_dense (HL_ATTENTION_ENCODER, tokens, tokens, &layer, 1, &error);
  g_assert_no_error (error);
  projections = make_projections (1, 2, 3, 3, FALSE, 0);
  g_assert_true (hl_attention_set_projections (with, projections, &error));
  hl_trace_add_attention (trace, with);

  return trace;
}

static HlTrace *
make_encoder_decoder (void)
{
  HlTrace *trace = hl_trace_new ("Translation");
  g_autoptr (HlTokens) left = make_tokens ("Eine Haustür", german, 3);
  g_autoptr (HlTokens) right = make_tokens ("other", english, 8);
  g_autoptr (HlProjections) own = make_projections (2, 3, 3, 3, TRUE, 0.3);
  g_autoptr (HlProjections) across = make_projections (2, 4, 3, 8, FALSE, 1.0);
  g_autoptr (HlAttention) cross = NULL;
  g_autoptr (HlAttention) decoder = NULL;
  g_autoptr (HlAttention) encoder = make_dense (HL_ATTENTION_ENCODER, right, right, 2, 5);
  g_autoptr (GError) error = NULL;

  cross = hl_attention_new_projected (HL_ATTENTION_CROSS, left, right, across, FALSE, &error);
  g_assert_no_error (error);
  decoder = hl_attention_new_projected (HL_ATTENTION_DECODER, left, left, own, FALSE, &error);
  g_assert_no_error (error);
  hl_trace_add_attention (trace, cross);
  hl_trace_add_attention (trace, decoder);
  hl_trace_add_attention (trace, encoder);
  hl_trace_set_text (trace, "A front door");

  return trace;
}

static HlTrace *
make_causal (void)
{
  HlTrace *trace = hl_trace_new (NULL);
  g_autoptr (HlTokens) tokens = make_tokens (NULL, german, 3);
  g_autoptr (HlProjections) projections = make_projections (3, 2, 3, 3, TRUE, 0);
  g_autoptr (HlAttention) attention = hl_attention_new_projected (HL_ATTENTION_SELF, tokens, tokens, projections, TRUE,
                                                                  NULL);

  hl_attention_set_layer_numbers (attention, (const guint[]) { 1, 2, 3 });
  hl_trace_add_attention (trace, attention);

  return trace;
}

static HlTrace *
make_scores (HlTask task)
{
  HlTrace *trace = hl_trace_new ("Scores");
  g_autoptr (HlTokens) tokens = make_tokens ("the input", english, 8);
  g_autoptr (HlTokens) other = make_tokens (NULL, german, 3);
  g_autoptr (HlScores) first = hl_scores_new (NULL, tokens);
  g_autoptr (HlScores) second = hl_scores_new ("Saliency", other);
  g_autoptr (HlScores) third = hl_scores_new ("Empty", other);
  g_autoptr (HlPrediction) prediction = hl_prediction_new (task);

  hl_trace_set_text (trace, "the input");
  hl_scores_add_channel (first, "Head 1", (const float[]) { 0, 1, -1, NAN, 1e-30f, 3e38f, -0.0f, 0.1f }, -1, TRUE);
  hl_scores_add_channel (first, "Head \"2\"", (const float[8]) { 0 }, 0x1a2b3c, FALSE);
  hl_scores_add_channel (second, "", (const float[]) { 1, 2, 3 }, 0, TRUE);
  hl_trace_add_scores (trace, first);
  hl_trace_add_scores (trace, second);
  hl_trace_add_scores (trace, third);

  if (task == HL_TASK_REGRESSION)
    hl_prediction_set_values (prediction, 0.1 + 0.2, -1e300);
  else
    {
      hl_prediction_add_class (prediction, &(HlClass) { "no", "Denial", 1.0 / 3, FALSE, TRUE });
      hl_prediction_add_class (prediction, &(HlClass) { "yes", NULL, 2.0 / 3, TRUE, task == HL_TASK_MULTI_LABEL });
      hl_prediction_add_class (prediction, &(HlClass) { "", "", NAN, FALSE, FALSE });
      hl_prediction_add_class (prediction, &(HlClass) { "far", NULL, INFINITY, FALSE, FALSE });
      hl_prediction_set_note (prediction, "From elsewhere");
    }

  hl_trace_set_prediction (trace, prediction);

  return trace;
}

static HlDocument *
save_and_open (HlTrace * const *traces,
               gsize            n,
               const char      *title)
{
  g_autofree char *path = NULL;
  g_autoptr (GFile) file = NULL;
  g_autoptr (GError) error = NULL;
  HlDocument *document;
  int fd = g_file_open_tmp ("headlight-XXXXXX.safetensors", &path, &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  file = g_file_new_for_path (path);
  g_assert_true (hl_dump_write (traces, n, title, file, NULL, &error));
  g_assert_no_error (error);
  document = hl_format_open (file, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_remove (path);

  return document;
}

static void
test_round_trip (void)
{
  HlTrace *traces[] = {
    make_plain (),
    make_numbered (),
    make_encoder_decoder (),
    make_causal (),
    make_scores (HL_TASK_CLASSIFICATION),
    make_scores (HL_TASK_MULTI_LABEL),
    make_scores (HL_TASK_REGRESSION),
  };
  const gsize n = G_N_ELEMENTS (traces);
  g_autoptr (HlDocument) document = save_and_open (traces, n, "All “kinds”");

  g_assert_cmpuint (hl_document_get_n_instances (document), ==, n);
  g_assert_cmpstr (hl_document_get_title (document), ==, "All “kinds”");
  g_assert_cmpuint (g_strv_length ((char **) hl_document_get_notes (document)), ==, 0);

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (HlTrace) trace = hl_document_load (document, (guint) i, NULL, &error);

      g_assert_no_error (error);
      if (!hl_trace_equal (trace, traces[i]))
        g_error ("Trace %" G_GSIZE_FORMAT " does not come back equal", i);
      /* The comparison itself must be able to fail. */
      g_assert_false (hl_trace_equal (trace, traces[(i + 1) % n]));
    }

  for (gsize i = 0; i < n; i++)
    hl_trace_unref (traces[i]);
}

/* What other programs wrote survives being saved here: each file's first instances, into one dump and back. */
static void
assert_survives (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GPtrArray) traces = g_ptr_array_new_with_free_func ((GDestroyNotify) hl_trace_unref);
  g_autoptr (HlDocument) document = hl_format_open (file, NULL, NULL, NULL, NULL);
  g_autoptr (HlDocument) again = NULL;

  for (guint i = 0; document != NULL && i < MIN (hl_document_get_n_instances (document), 3); i++)
    {
      HlTrace *trace = hl_document_load (document, i, NULL, NULL);

      if (trace != NULL)
        g_ptr_array_add (traces, trace);
    }

  g_test_message ("%s: %u", path, traces->len);

  if (traces->len == 0)
    return;

  again = save_and_open ((HlTrace * const *) traces->pdata, traces->len, NULL);
  g_assert_cmpuint (hl_document_get_n_instances (again), ==, traces->len);

  for (guint i = 0; i < traces->len; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (HlTrace) trace = hl_document_load (again, i, NULL, &error);

      g_assert_no_error (error);
      if (!hl_trace_equal (trace, g_ptr_array_index (traces, i)))
        g_error ("Instance %u of %s does not come back equal", i, path);
    }
}

static guint
walk (const char *folder,
      guint       most)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && n < most && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf status;

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        n += walk (path, most - n);
      else if (g_stat (path, &status) == 0 && status.st_size < 6 << 20)
        {
          assert_survives (path);
          n++;
        }
    }

  return n;
}

static void
test_other_formats (void)
{
  static const char * const folders[] = { "attviz/good", "bertviz/good", "neatvision/good" };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", folders[i], NULL);

      g_assert_cmpuint (walk (path, 1000), >, 0);
    }
}

static void
test_real (void)
{
  static const char * const folders[] = { "data/attviz", "data/bertviz", "data/neat-vision" };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = find_shared (folders[i]);

      if (path == NULL)
        return;

      g_assert_cmpuint (walk (path, 40), >, 0);
    }
}

/* Any difference at all is seen. */
static void
test_equal (void)
{
  g_autoptr (HlTrace) a = make_plain ();
  g_autoptr (HlTrace) b = make_plain ();
  g_autoptr (HlTrace) c = make_scores (HL_TASK_CLASSIFICATION);
  g_autoptr (HlTrace) d = make_scores (HL_TASK_CLASSIFICATION);

  g_assert_true (hl_trace_equal (a, b));
  hl_trace_set_metadata (b, "more", "");
  g_assert_false (hl_trace_equal (a, b));
  hl_trace_set_metadata (a, "more", "");
  g_assert_true (hl_trace_equal (a, b));
  hl_trace_add_note (b, "x");
  g_assert_false (hl_trace_equal (a, b));

  g_assert_true (hl_trace_equal (c, d));
  hl_scores_add_channel (hl_trace_get_scores (d, 1), "more", (const float[]) { 1, 2, 3 }, -1, TRUE);
  g_assert_false (hl_trace_equal (c, d));
  hl_scores_add_channel (hl_trace_get_scores (c, 1), "more", (const float[]) { 1, 2, 4 }, -1, TRUE);
  g_assert_false (hl_trace_equal (c, d));
}

static void
test_write_errors (void)
{
  g_autoptr (HlTrace) empty = hl_trace_new ("Empty");
  g_autoptr (HlTrace) plain = make_plain ();
  g_autoptr (GFile) nowhere = g_file_new_for_path ("/nonexistent/folder/a.safetensors");
  g_autoptr (GError) error = NULL;

  g_assert_false (hl_dump_write (&empty, 1, NULL, nowhere, NULL, &error));
  g_assert_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY);
  assert_sentence (error);
  g_clear_error (&error);

  g_assert_false (hl_dump_write (&plain, 1, NULL, nowhere, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/dump/round-trip", test_round_trip);
  g_test_add_func ("/dump/other-formats", test_other_formats);
  g_test_add_func ("/dump/real", test_real);
  g_test_add_func ("/dump/equal", test_equal);
  g_test_add_func ("/dump/write-errors", test_write_errors);

  return g_test_run ();
}
