#include <json-glib/json-glib.h>
#include <math.h>

#include "hl-aggregate.h"
#include "hl-format-private.h"

#include "broken-files.h"
#include "reader-fixture.h"

static HlDocument *
open_bytes (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  HlDocument *document;

  g_assert_true (hl_attviz_format.probe (bytes));
  g_assert_false (hl_neatvision_format.probe (bytes));
  document = hl_format_read (bytes, "file.json", NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (hl_document_get_format (document), ==, "AttViz");

  return document;
}

static HlDocument *
open_data (const char *path)
{
  g_autoptr (GBytes) bytes = load_test_data (path);

  return open_bytes (bytes);
}

static void
test_plain (void)
{
  g_autoptr (HlDocument) document = open_data ("attviz/good/plain.json");
  g_autoptr (HlTrace) first = load_instance (document, 0);
  g_autoptr (HlTrace) second = load_instance (document, 1);
  HlScores *scores = hl_trace_get_scores (first, 0);
  HlTokens *tokens = hl_scores_get_tokens (scores);
  HlPrediction *prediction = hl_trace_get_prediction (first);
  HlInstance *instance = hl_document_get_instance (document, 1);
  const float *values;

  g_assert_cmpuint (hl_document_get_n_instances (document), ==, 2);
  g_assert_true (has_note (hl_document_get_notes (document), "AttViz’s exporter writes"));
  g_assert_cmpstr (hl_instance_get_title (instance), ==, "Instance 1");
  g_assert_cmpstr (hl_instance_get_text (instance), ==, "w ##mc <b> & up");
  g_assert_cmpuint (hl_instance_get_n_tokens (instance), ==, 5);
  g_assert_cmpstr (hl_instance_get_class_name (instance), ==, "Class 0");
  g_assert_cmpfloat_with_epsilon (hl_instance_get_probability (instance), 0.5000001, 1e-12);
  g_assert_cmpint (hl_instance_get_correct (instance), ==, -1);

  g_assert_cmpuint (hl_trace_get_n_scores (first), ==, 1);
  g_assert_cmpstr (hl_scores_get_name (scores), ==, "Set 0");
  g_assert_cmpuint (hl_scores_get_n_channels (scores), ==, 2);
  g_assert_cmpstr (hl_scores_get_channel_name (scores, 1), ==, "1");
  g_assert_cmpint (hl_scores_get_colour (scores, 0), ==, -1);
  g_assert_true (hl_scores_is_visible (scores, 0));
  g_assert_false (hl_scores_is_derived (scores, 0));
  values = hl_scores_get_values (scores, 0);
  g_assert_cmpfloat (values[0], ==, 0.25f);
  g_assert_cmpfloat (values[1], ==, 6.9e-06f);
  g_assert_cmpfloat (hl_scores_get_values (scores, 1)[3], ==, 0.01f);
  g_assert_null (hl_trace_get_notes (first)[0]);

  /* Spans count characters, and the model's spelling need not be the text's. */
  g_assert_cmpstr (hl_trace_get_text (first), ==, "the café closed .");
  assert_token (tokens, 1, "cafe", 4, 8);
  assert_token (tokens, 3, ".", 16, 17);
  tokens = hl_trace_get_tokens (second);
  assert_token (tokens, 1, "##mc", 2, 6);
  assert_token (tokens, 2, "<b>", 7, 10);
  g_assert_cmpuint (hl_tokens_get_n_words (tokens), ==, 4);

  g_assert_cmpuint (hl_prediction_get_n_classes (prediction), ==, 2);
  g_assert_cmpint (hl_prediction_get_best (prediction), ==, 1);
  g_assert_cmpstr (hl_prediction_get_class (prediction, 1)->name, ==, "closed");
  g_assert_cmpfloat (hl_prediction_get_class (prediction, 1)->probability, ==, 0.75);
  g_assert_null (hl_prediction_get_note (prediction));
}

static void
test_legacy (void)
{
  g_autoptr (HlDocument) document = open_data ("attviz/good/legacy.json");
  g_autoptr (HlTrace) trace = load_instance (document, 0);
  g_autoptr (HlTrace) single = load_instance (document, 1);
  const char *text = "{\"text\": \"a\", \"sets\": [{\"tokens\": [\"a\"], \"attention_vectors\": [{\"vectors\": [1]}]}]}";
  g_autoptr (GBytes) instance = g_bytes_new_static (text, strlen (text));
  g_autoptr (HlDocument) alone = open_bytes (instance);

  g_assert_cmpuint (hl_document_get_n_instances (document), ==, 2);
  g_assert_cmpstr (hl_instance_get_title (hl_document_get_instance (document, 0)), ==, "Instance 0");
  g_assert_cmpstr (hl_instance_get_title (hl_document_get_instance (document, 1)), ==, "last");
  g_assert_true (isnan (hl_instance_get_probability (hl_document_get_instance (document, 1))));
  g_assert_null (hl_document_get_notes (document)[0]);
  g_assert_cmpstr (hl_scores_get_channel_name (hl_trace_get_scores (trace, 0), 0), ==, "attention_vectors_0");
  g_assert_cmpfloat (hl_scores_get_values (hl_trace_get_scores (trace, 0), 0)[1], ==, 1);

  /* With one token nothing follows from vectors being alike. */
  g_assert_null (hl_trace_get_notes (single)[0]);
  g_assert_null (hl_trace_get_prediction (single));

  g_assert_cmpuint (hl_document_get_n_instances (alone), ==, 1);
}

/* What the page writes back, and what a hand can get wrong. */
static void
test_edited (void)
{
  g_autoptr (HlDocument) document = open_data ("attviz/good/edited.json");
  g_autoptr (HlTrace) trace = load_instance (document, 0);
  g_autoptr (HlTrace) twice = load_instance (document, 6);
  g_autoptr (HlTrace) textless = load_instance (document, 7);
  HlScores *scores = hl_trace_get_scores (trace, 0);
  const char * const *notes = hl_trace_get_notes (trace);
  const float *values = hl_scores_get_values (scores, 0);

  g_assert_cmpstr (hl_trace_get_title (trace), ==, "Ms Smith’s review");
  g_assert_cmpstr (hl_trace_get_metadata (trace, "highlighted-set"), ==, "1");
  g_assert_cmpstr (hl_trace_get_metadata (trace, "highlighted-channel"), ==, "0");
  g_assert_null (hl_trace_get_metadata (twice, "highlighted-set"));

  g_assert_cmpuint (hl_trace_get_n_scores (trace), ==, 2);
  g_assert_cmpstr (hl_scores_get_name (scores), ==, "base");
  g_assert_cmpuint (hl_scores_get_n_channels (scores), ==, 5);
  g_assert_cmpfloat (values[0], ==, 0.1f);
  g_assert_true (isnan (values[1]) && isnan (values[2]) && isnan (values[3]));
  g_assert_cmpint (hl_scores_get_colour (scores, 0), ==, 0xf9822c);
  g_assert_false (hl_scores_is_visible (scores, 0));
  g_assert_cmpstr (hl_scores_get_channel_name (scores, 1), ==, "fourth");
  g_assert_cmpint (hl_scores_get_colour (scores, 1), ==, -1);
  g_assert_true (hl_scores_is_visible (scores, 1));
  g_assert_false (hl_scores_is_derived (scores, 2));
  g_assert_true (hl_scores_is_derived (scores, 3));
  g_assert_true (hl_scores_is_derived (scores, 4));
  g_assert_false (hl_scores_is_visible (hl_trace_get_scores (trace, 1), 0));

  assert_token (hl_scores_get_tokens (scores), 0, "Hel", 0, 3);
  assert_token (hl_scores_get_tokens (scores), 1, "##lo", 3, 5);
  assert_token (hl_scores_get_tokens (scores), 3, "###", -1, -1);
  assert_token (hl_scores_get_tokens (hl_trace_get_scores (trace, 1)), 0, "hello", 0, 5);

  g_assert_true (has_note (notes, "Vectors “second” (3 values) and “third” (no numbers) of “base” were left out"));
  g_assert_true (has_note (notes, "3 values of “base” are no numbers"));
  g_assert_true (has_note (notes, "Values of “base” lie between 0 and 1.5"));
  g_assert_true (has_note (notes, "“base_mean” and “base_max_min” of “base” are aggregates"));
  g_assert_true (has_note (notes, "Vector “fifth” of “base” has the same numbers as vector “fourth”"));
  g_assert_true (has_note (notes, "1 of the 4 tokens of “base” was not found"));
  g_assert_true (has_note (notes, "“empty” has no tokens"));
  g_assert_cmpuint (g_strv_length ((GStrv) notes), ==, 7);
  g_assert_true (strstr (hl_prediction_get_note (hl_trace_get_prediction (trace)), "sum to 1.8") != NULL);

  g_assert_cmpstr (hl_trace_get_text (twice), ==, "no text");
  g_assert_cmpstr (hl_trace_get_text (textless), ==, "no text");
  g_assert_true (has_note (hl_trace_get_notes (textless), "The file has no text"));
}

static void
test_unusable (void)
{
  static const char * const messages[] = {
    "has no “sets”", "has no tokens", "has 2 tokens but no “attention_vectors”",
    "has 2 tokens, but no vector with as many numbers; the first has 3", "has no vector that holds a number",
  };
  g_autoptr (HlDocument) document = open_data ("attviz/good/edited.json");

  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autoptr (GError) error = NULL;
      g_autofree char *start = g_strdup_printf ("Instance %u, which begins at byte ", i + 1);

      g_assert_null (hl_document_load (document, i + 1, NULL, &error));
      assert_sentence (error);
      g_assert_true (g_str_has_prefix (error->message, start));
      g_assert_nonnull (strstr (error->message, messages[i]));
    }
}

static void
test_bad (void)
{
  static const struct
  {
    const char *name;
    const char *message;
  } files[] = {
    { "activation-number", "At byte 50 of the file, inside “instance 0”, there is “0” where an object was expected." },
    { "cut", "The file ends after byte 26 where" },
    { "instance-number", "At byte 28 of the file, inside “instance 1”, there is “7” where an object was expected." },
    { "nested", "nested more than 256 deep" },
    { "not-utf8", "The string at byte 37 of the file is not UTF-8." },
    { "text-number", "At byte 10 of the file, inside “instance 0”, there is “5” where a string was expected." },
    { "token-number", "At byte 41 of the file, inside “instance 0”, there is “1” where a string was expected." },
    { "tokens-object", "inside “instance 1”, there is “{” where a list was expected." },
    { "trailing", "At byte 28 of the file there is “[” where the end was expected." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_strdup_printf ("attviz/bad/%s.json", files[i].name);
      g_autoptr (GBytes) bytes = load_test_data (path);
      g_autoptr (GError) error = NULL;

      g_assert_true (hl_attviz_format.probe (bytes));
      g_assert_null (hl_format_read (bytes, "bad.json", NULL, NULL, NULL, &error));
      assert_sentence (error);
      if (strstr (error->message, files[i].message) == NULL)
        g_error ("%s: %s", files[i].name, error->message);
    }
}

static void
test_probe (void)
{
  static const char * const others[] = {
    "", "[", "{", "[]", "{}", "[1, 2]", "[{}]", "{\"0\": {}}", "{\"0\": {\"name\": \"a\"}}", "[{\"text\": \"sets\"}]",
    "[{\"sets\": 5}]", "{\"sets\": {}}", "[[{\"sets\": []}]]", "sets", "[{\"text\": [\"sets\"], \"attention\": [1]}]",
  };

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new_static (others[i], strlen (others[i]));

      g_assert_false (hl_attviz_format.probe (bytes));
    }
}

static void
test_cancel (void)
{
  g_autoptr (GBytes) bytes = load_test_data ("attviz/good/plain.json");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  g_cancellable_cancel (cancellable);
  g_assert_null (hl_attviz_format.read (bytes, "a", NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_broken (void)
{
  static const char * const paths[] = { "attviz/good/plain.json", "attviz/good/legacy.json", "attviz/good/edited.json" };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GBytes) bytes = load_test_data (paths[i]);

      assert_endures (bytes, G_MAXSIZE);
      assert_endures (bytes, g_bytes_get_size (bytes) / 2);
    }
}

typedef struct
{
  const char *path;
  guint       n_instances;
  guint       n_channels;
  gsize       n_tokens;
  gboolean    has_copies; /* stale ones of the last layer, as an exporter made them */
  struct
  {
    const char *name;
    guint       n;
  } classes[5];
} RealFile;

static const RealFile real_files[] = {
  { "attviz/example_bbc_explanations.json", 98, 11, 7359, FALSE,
    { { "business", 25 }, { "entertainment", 69 }, { "politics", 4 }, { "sport", 0 } } },
  { "attviz/generated_outputs_example2.json", 67, 16, 4202, TRUE,
    { { "business", 18 }, { "politics", 35 }, { "sport", 14 }, { "entertainment", 0 } } },
  { "attviz/generated_outputs_example1.json", 8, 16, 358, FALSE, { { NULL, } } },
};

static void
check_real_file (const RealFile *file,
                 HlDocument     *document)
{
  gsize n_tokens = 0;

  g_assert_cmpuint (hl_document_get_n_instances (document), ==, file->n_instances);
  g_assert_true (has_note (hl_document_get_notes (document), "AttViz’s exporter writes"));

  for (guint i = 0; i < file->n_instances; i++)
    {
      g_autoptr (HlTrace) trace = load_instance (document, i);
      HlScores *scores = hl_trace_get_scores (trace, 0);
      HlTokens *tokens = hl_scores_get_tokens (scores);
      g_autoptr (GString) text = g_string_new (NULL);

      g_assert_cmpuint (hl_trace_get_n_scores (trace), ==, 1);
      g_assert_cmpuint (hl_scores_get_n_channels (scores), ==, file->n_channels);
      g_assert_cmpuint (hl_instance_get_n_tokens (hl_document_get_instance (document, i)), ==,
                        hl_tokens_get_length (tokens));
      g_assert_cmpstr (hl_prediction_get_class (hl_trace_get_prediction (trace),
                                                hl_prediction_get_best (hl_trace_get_prediction (trace)))->name,
                       ==, hl_instance_get_class_name (hl_document_get_instance (document, i)));
      n_tokens += hl_tokens_get_length (tokens);

      /* The text is the tokens joined with spaces; so are the spans. */
      for (gsize j = 0; j < hl_tokens_get_length (tokens); j++)
        {
          const HlToken *token = hl_tokens_get (tokens, j);

          if (j > 0)
            g_string_append_c (text, ' ');
          if (!token->special)
            {
              g_assert_cmpint (token->start, ==, g_utf8_strlen (text->str, -1));
              g_assert_cmpint (token->end, ==, token->start + g_utf8_strlen (token->text, -1));
            }
          g_string_append (text, token->text);
        }
      g_assert_cmpstr (text->str, ==, hl_trace_get_text (trace));

      for (gsize channel = 0; channel < file->n_channels; channel++)
        for (gsize j = 0; j < hl_tokens_get_length (tokens); j++)
          {
            float value = hl_scores_get_values (scores, channel)[j];

            g_assert_true (value > 0 && value <= 1);
          }

      if (file->has_copies)
        g_assert_true (has_note (hl_trace_get_notes (trace), "Vectors “12”, “13”, “14” and “15” of “Set 0” have the same "
                                                             "numbers as vector “11”."));
      else
        g_assert_null (hl_trace_get_notes (trace)[0]);
    }

  g_assert_cmpuint (n_tokens, ==, file->n_tokens);

  for (const typeof (file->classes[0]) *class_ = file->classes; class_->name != NULL; class_++)
    {
      guint n = 0;

      for (guint i = 0; i < file->n_instances; i++)
        n += g_str_equal (hl_instance_get_class_name (hl_document_get_instance (document, i)), class_->name);
      g_assert_cmpuint (n, ==, class_->n);
    }
}

static void
test_real_files (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (real_files); i++)
    {
      g_autoptr (GBytes) bytes = load_shared_data (real_files[i].path);
      g_autoptr (HlDocument) document = NULL;

      if (bytes == NULL)
        return;

      document = open_bytes (bytes);
      check_real_file (&real_files[i], document);
    }
}

/* From the file to the aggregate, against AttViz's own code. */
static void
test_golden (void)
{
  static const char * const names[HL_N_AGGREGATES] = { "mean", "std", "max", "min", "max_min", "entropy" };
  g_autoptr (GBytes) golden = load_shared_data ("golden/attviz_aggregates_from_node.json");
  g_autoptr (JsonParser) parser = json_parser_new ();
  JsonArray *entries;
  guint n_checked = 0;

  if (golden == NULL)
    return;

  g_assert_true (json_parser_load_from_data (parser, g_bytes_get_data (golden, NULL), g_bytes_get_size (golden), NULL));
  entries = json_node_get_array (json_parser_get_root (parser));
  for (guint i = 0; i < json_array_get_length (entries); i++)
    {
      JsonObject *entry = json_array_get_object_element (entries, i);
      g_autofree char *path = g_build_filename ("attviz", json_object_get_string_member (entry, "file"), NULL);
      g_autofree char *filename = g_build_filename (g_getenv ("HEADLIGHT_SHARED"), "data", path, NULL);
      g_autoptr (GBytes) bytes = g_file_test (filename, G_FILE_TEST_EXISTS) ? load_bytes (filename) : NULL;
      g_autoptr (HlDocument) document = bytes != NULL ? open_bytes (bytes) : NULL;
      g_autoptr (HlTrace) trace = NULL;
      const float *channels[16];
      g_autofree float *out = NULL;
      HlScores *scores;
      gsize n_tokens;

      if (document == NULL)
        continue;

      trace = load_instance (document, json_object_get_int_member (entry, "instance"));
      scores = hl_trace_get_scores (trace, 0);
      n_tokens = hl_tokens_get_length (hl_scores_get_tokens (scores));
      out = g_new (float, n_tokens);
      for (gsize channel = 0; channel < hl_scores_get_n_channels (scores); channel++)
        channels[channel] = hl_scores_get_values (scores, channel);

      for (HlAggregate aggregate = 0; aggregate < HL_N_AGGREGATES; aggregate++)
        {
          JsonArray *expected = json_object_get_array_member (entry, names[aggregate]);

          g_assert_cmpuint (json_array_get_length (expected), ==, n_tokens);
          hl_aggregate_compute (aggregate, channels, hl_scores_get_n_channels (scores), n_tokens, out);
          for (gsize j = 0; j < n_tokens; j++)
            g_assert_cmpfloat_with_epsilon (out[j], json_array_get_double_element (expected, j), 1e-6);
        }
      n_checked++;
    }

  g_assert_cmpuint (n_checked, >=, 2);
}

static void
test_broken_real_files (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (real_files); i++)
    {
      g_autoptr (GBytes) bytes = load_shared_data (real_files[i].path);

      if (bytes == NULL)
        return;

      assert_endures (bytes, 170);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/attviz/plain", test_plain);
  g_test_add_func ("/attviz/legacy", test_legacy);
  g_test_add_func ("/attviz/edited", test_edited);
  g_test_add_func ("/attviz/unusable", test_unusable);
  g_test_add_func ("/attviz/bad", test_bad);
  g_test_add_func ("/attviz/probe", test_probe);
  g_test_add_func ("/attviz/cancel", test_cancel);
  g_test_add_func ("/attviz/broken", test_broken);
  g_test_add_func ("/attviz/real-files", test_real_files);
  g_test_add_func ("/attviz/golden", test_golden);
  g_test_add_func ("/attviz/broken-real-files", test_broken_real_files);

  return g_test_run ();
}
