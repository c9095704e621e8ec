#include <math.h>

#include "hl-format-private.h"
#include "hl-neatvision.h"

#include "broken-files.h"
#include "reader-fixture.h"

static HlDocument *
open_bytes (GBytes *bytes)
{
  g_autoptr (GError) error = NULL;
  HlDocument *document;

  g_assert_true (hl_neatvision_format.probe (bytes));
  g_assert_false (hl_attviz_format.probe (bytes));
  g_assert_false (hl_neatvision_is_labels (bytes));
  document = hl_format_read (bytes, "file.json", NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (hl_document_get_format (document), ==, "neat-vision");

  return document;
}

static HlDocument *
open_data (const char *path)
{
  g_autoptr (GBytes) bytes = load_test_data (path);

  return open_bytes (bytes);
}

static void
assert_instance (HlDocument *document,
                 guint       index,
                 const char *title,
                 const char *text,
                 const char *class_name,
                 double      probability,
                 int         correct)
{
  HlInstance *instance = hl_document_get_instance (document, index);

  g_assert_cmpstr (hl_instance_get_title (instance), ==, title);
  g_assert_cmpstr (hl_instance_get_text (instance), ==, text);
  g_assert_cmpstr (hl_instance_get_class_name (instance), ==, class_name);
  if (isnan (probability))
    g_assert_true (isnan (hl_instance_get_probability (instance)));
  else
    g_assert_cmpfloat_with_epsilon (hl_instance_get_probability (instance), probability, 1e-9);
  g_assert_cmpint (hl_instance_get_correct (instance), ==, correct);
}

static void
assert_class (HlTrace    *trace,
              gsize       index,
              const char *name,
              double      probability,
              gboolean    predicted,
              gboolean    labelled)
{
  const HlClass *class_ = hl_prediction_get_class (hl_trace_get_prediction (trace), index);

  g_assert_cmpstr (class_->name, ==, name);
  if (isnan (probability))
    g_assert_true (isnan (class_->probability));
  else
    g_assert_cmpfloat_with_epsilon (class_->probability, probability, 1e-9);
  g_assert_cmpint (class_->predicted, ==, predicted);
  g_assert_cmpint (class_->labelled, ==, labelled);
}

static void
test_classes (void)
{
  g_autoptr (HlDocument) document = open_data ("neatvision/good/classes.json");
  g_autoptr (HlTrace) first = load_instance (document, 0);
  g_autoptr (HlTrace) padded = load_instance (document, 1);
  g_autoptr (HlTrace) unlabelled = load_instance (document, 2);
  HlScores *scores = hl_trace_get_scores (first, 0);
  HlPrediction *prediction = hl_trace_get_prediction (first);
  const double softmax = 1 / (1 + exp (-1.5) + exp (1));

  g_assert_cmpuint (hl_document_get_n_instances (document), ==, 8);
  assert_instance (document, 0, "first", "so ☕️ <b>", "Class 1", 0.75, 0);
  assert_instance (document, 1, "Instance 1", "one", "Class 0", softmax, 0);
  assert_instance (document, 2, "7", "no label", "Class 2", softmax * exp (1), -1);
  assert_instance (document, 3, "Instance 3", "", "Class 1", NAN, 0);

  g_assert_cmpint (hl_prediction_get_task (prediction), ==, HL_TASK_CLASSIFICATION);
  g_assert_cmpuint (hl_prediction_get_n_classes (prediction), ==, 4);
  assert_class (first, 0, "Class 0", 0.25, FALSE, TRUE);
  assert_class (first, 1, "Class 1", 0.75, TRUE, FALSE);
  assert_class (first, 2, "Class 2", 0, FALSE, FALSE);
  assert_class (first, 3, "Class 3", NAN, FALSE, FALSE);
  g_assert_cmpstr (hl_prediction_get_note (prediction), ==, "softmax of the file’s logits");
  g_assert_cmpint (hl_prediction_is_correct (prediction), ==, 0);
  g_assert_cmpint (hl_prediction_is_correct (hl_trace_get_prediction (unlabelled)), ==, -1);

  g_assert_cmpuint (hl_trace_get_n_scores (first), ==, 1);
  g_assert_cmpuint (hl_scores_get_n_channels (scores), ==, 1);
  g_assert_cmpstr (hl_scores_get_channel_name (scores, 0), ==, "Attention");
  g_assert_cmpfloat (hl_scores_get_values (scores, 0)[2], ==, 0.5);
  assert_token (hl_trace_get_tokens (first), 1, "☕️", 3, 5);
  assert_token (hl_trace_get_tokens (first), 2, "<b>", 6, 9);
  g_assert_cmpstr (hl_trace_get_text (first), ==, "so ☕️ <b>");
  g_assert_null (hl_trace_get_notes (first)[0]);

  g_assert_true (has_note (hl_trace_get_notes (padded), "2 values of attention beyond the last token are not 0"));
  g_assert_true (has_note (hl_trace_get_notes (padded), "The file’s prediction, “Class 0”, is not the most probable class"));
  assert_class (padded, 3, "Class 3", NAN, FALSE, TRUE);
  g_assert_true (has_note (hl_trace_get_notes (unlabelled), "There is attention for the first 1 of the 2 tokens"));
  g_assert_true (isnan (hl_scores_get_values (hl_trace_get_scores (unlabelled, 0), 0)[1]));
  assert_class (unlabelled, 2, "Class 2", softmax * exp (1), TRUE, FALSE);
}

static void
test_unusable (void)
{
  static const char * const messages[] = {
    "Instance 3, which begins at byte 360 of the file, has no tokens: its “text” is empty.",
    "has no tokens: its “text” is missing.",
    "has 2 tokens, but its “attention” is missing.",
    "The label of instance 6, which begins at byte ",
    "The label of instance 7, which begins at byte ",
  };
  g_autoptr (HlDocument) document = open_data ("neatvision/good/classes.json");

  for (guint i = 0; i < G_N_ELEMENTS (messages); i++)
    {
      g_autoptr (GError) error = NULL;

      g_assert_null (hl_document_load (document, i + 3, NULL, &error));
      assert_sentence (error);
      if (strstr (error->message, messages[i]) == NULL)
        g_error ("%u: %s", i, error->message);
    }
}

static void
test_probabilities (void)
{
  g_autoptr (HlDocument) document = open_data ("neatvision/good/probabilities.json");
  g_autoptr (HlTrace) trace = load_instance (document, 0);
  HlTokens *tokens = hl_trace_get_tokens (trace);

  assert_instance (document, 0, "line break", "Ġhello Ġwor ld", "Class 1", 0.7, 0);
  assert_instance (document, 1, "Instance 1", "never", "Class 2", 0.9998, 1);
  assert_class (trace, 1, "Class 1", 0.7, TRUE, FALSE);
  g_assert_cmpstr (hl_prediction_get_note (hl_trace_get_prediction (trace)), ==, "as the file has them");
  g_assert_cmpuint (hl_tokens_get_n_words (tokens), ==, 2);
}

static void
test_multi_label (void)
{
  g_autoptr (HlDocument) document = open_data ("neatvision/good/multi-label.json");
  g_autoptr (HlTrace) trace = load_instance (document, 0);
  g_autoptr (HlTrace) unsaid = load_instance (document, 2);
  g_autoptr (GError) error = NULL;
  HlPrediction *prediction = hl_trace_get_prediction (trace);

  assert_instance (document, 0, "a", "x y", "Class 0, Class 2", NAN, 1);
  assert_instance (document, 1, "b", "x", "Class 2", 1 / (1 + exp (-1)), 0);
  assert_instance (document, 2, "c", "x", "Class 2", 0.5, -1);

  g_assert_cmpint (hl_prediction_get_task (prediction), ==, HL_TASK_MULTI_LABEL);
  g_assert_cmpuint (hl_prediction_get_n_classes (prediction), ==, 3);
  assert_class (trace, 0, "Class 0", 1 / (1 + exp (-2.5)), TRUE, TRUE);
  assert_class (trace, 1, "Class 1", 1 / (1 + exp (1)), FALSE, FALSE);
  assert_class (unsaid, 2, "Class 2", 0.5, TRUE, FALSE);
  g_assert_cmpstr (hl_prediction_get_note (prediction), ==, "sigmoid of the file’s logits");
  g_assert_cmpint (hl_prediction_is_correct (prediction), ==, 1);

  g_assert_null (hl_document_load (document, 3, NULL, &error));
  assert_sentence (error);
  g_assert_nonnull (strstr (error->message, "is a number, unlike those of other instances"));
}

static void
test_regression (void)
{
  g_autoptr (HlDocument) document = open_data ("neatvision/good/regression.json");
  g_autoptr (GBytes) labels = load_test_data ("neatvision/good/labels.json");
  g_autoptr (GError) error = NULL;
  g_autoptr (HlTrace) first = load_instance (document, 0);
  g_autoptr (HlTrace) whole = load_instance (document, 1);
  g_autoptr (HlTrace) none = load_instance (document, 2);
  HlPrediction *prediction = hl_trace_get_prediction (first);

  assert_instance (document, 0, "a", "x y", NULL, NAN, -1);
  g_assert_cmpint (hl_prediction_get_task (prediction), ==, HL_TASK_REGRESSION);
  g_assert_cmpfloat (hl_prediction_get_label_value (prediction), ==, 0.47);
  g_assert_cmpfloat (hl_prediction_get_predicted_value (prediction), ==, 0.5187928080558777);
  g_assert_cmpfloat (hl_prediction_get_label_value (hl_trace_get_prediction (whole)), ==, 1);
  g_assert_cmpfloat (hl_prediction_get_predicted_value (hl_trace_get_prediction (whole)), ==, 0.25);
  g_assert_null (hl_trace_get_prediction (none));

  g_assert_false (hl_neatvision_apply_labels (document, labels, &error));
  assert_sentence (error);
}

static void
test_characters (void)
{
  g_autoptr (HlDocument) document = open_data ("neatvision/good/characters.json");
  g_autoptr (HlTrace) trace = load_instance (document, 0);
  g_autoptr (HlTrace) word = load_instance (document, 1);
  HlTokens *tokens = hl_trace_get_tokens (trace);
  g_autofree char *summer = hl_tokens_dup_word (tokens, 2);

  assert_instance (document, 0, "Instance 0", "I été  a", "Class 0", NAN, 1);
  assert_instance (document, 1, "Instance 1", "ok", "Class 0", NAN, 0);
  g_assert_cmpstr (hl_trace_get_text (trace), ==, "I été  a");
  g_assert_cmpstr (hl_trace_get_text (word), ==, "ok");
  assert_token (hl_trace_get_tokens (trace), 2, "é", 2, 3);
  assert_token (hl_trace_get_tokens (trace), 5, " ", 5, 6);
  assert_token (hl_trace_get_tokens (trace), 7, "a", 7, 8);

  /* I | ␣ | été | ␣ | ␣ | a */
  g_assert_cmpuint (hl_tokens_get_n_words (tokens), ==, 6);
  g_assert_cmpstr (summer, ==, "été");
}

static void
items_changed_cb (GListModel *model,
                  guint       position,
                  guint       removed,
                  guint       added,
                  guint      *n_changed)
{
  g_assert_cmpuint (position, ==, 0);
  g_assert_cmpuint (removed, ==, added);
  *n_changed += added;
}

static void
test_labels (void)
{
  g_autoptr (HlDocument) document = open_data ("neatvision/good/classes.json");
  g_autoptr (GBytes) labels = load_test_data ("neatvision/good/labels.json");
  g_autoptr (GError) error = NULL;
  g_autoptr (HlTrace) before = load_instance (document, 0);
  g_autoptr (HlTrace) after = NULL;
  g_autoptr (HlTrace) kept = NULL;
  guint n_changed = 0;

  g_assert_true (hl_neatvision_is_labels (labels));
  g_signal_connect (document, "items-changed", G_CALLBACK (items_changed_cb), &n_changed);
  g_assert_true (hl_neatvision_apply_labels (document, labels, &error));
  g_assert_no_error (error);
  g_assert_cmpuint (n_changed, ==, 8);

  assert_instance (document, 0, "first", "so ☕️ <b>", "Class 1", 0.75, 0);
  assert_instance (document, 2, "7", "no label", "fear", exp (1) / (1 + exp (-1.5) + exp (1)), -1);
  g_assert_true (has_note (hl_document_get_notes (document), "The file of class names has none for classes 1, 3."));

  after = load_instance (document, 0);
  g_assert_true (before != after);
  assert_class (before, 0, "Class 0", 0.25, FALSE, TRUE);
  assert_class (after, 0, "joy ☀", 0.25, FALSE, TRUE);
  assert_class (after, 1, "Class 1", 0.75, TRUE, FALSE);
  g_assert_cmpuint (hl_prediction_get_n_classes (hl_trace_get_prediction (after)), ==, 4);
  g_assert_cmpstr (hl_prediction_get_class (hl_trace_get_prediction (after), 0)->description, ==, "glad");

  kept = load_instance (document, 0);
  g_assert_true (kept == after);
}

static void
test_bad_labels (void)
{
  static const char * const bad[] = {
    "{}", "{\"0\": {\"name\": \"a\"}", "{\"0\": {\"name\": \"a\"}, \"x\": {}}", "{\"0\": {\"name\": \"a\"}, \"99999\": {}}",
    "{\"0\": {\"name\": \"a\"}, \"1\": 5}", "{\"0\": {\"name\": [\"a\"]}}", "{\"0\": {\"name\": \"a\"}} 5", "[]", "",
    "{\"0\": {\"name\": \"a\"}, \"\": {}}", "{\"0\": {\"name\": \"a\"}, \"123456789012345678901234567890\": {}}",
  };
  static const char * const others[] = {
    "", "{", "{}", "[]", "{\"0\": 1}", "{\"a\": {\"name\": \"b\"}}", "{\"0\": {\"text\": \"name\", \"sets\": []}}",
    "{\"0\": {\"name\": 5}}", "{\"0\": {\"name", "{\"0\": {\"desc\": \"name\"}}",
  };
  g_autoptr (HlDocument) document = open_data ("neatvision/good/classes.json");
  g_autoptr (HlDocument) foreign = hl_document_new ("other.json", "Other", NULL, NULL, NULL);
  g_autoptr (GBytes) good = load_test_data ("neatvision/good/labels.json");
  g_autoptr (HlTrace) before = load_instance (document, 0);
  g_autoptr (HlTrace) after = NULL;
  g_autoptr (GError) foreign_error = NULL;
  g_autoptr (GError) open_error = NULL;

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (bad[i], strlen (bad[i]));
      g_autoptr (GError) error = NULL;

      g_assert_false (hl_neatvision_apply_labels (document, bytes, &error));
      assert_sentence (error);
    }

  after = load_instance (document, 0);
  g_assert_true (before == after);
  g_assert_cmpuint (g_strv_length ((GStrv) hl_document_get_notes (document)), ==, 0);

  for (guint i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (others[i], strlen (others[i]));

      g_assert_false (hl_neatvision_is_labels (bytes));
    }

  g_assert_false (hl_neatvision_apply_labels (foreign, good, &foreign_error));
  assert_sentence (foreign_error);
  g_assert_null (hl_format_read (good, "labels.json", NULL, NULL, NULL, &open_error));
  g_assert_nonnull (strstr (open_error->message, "class names"));
}

static void
test_bad (void)
{
  static const struct
  {
    const char *name;
    const char *message;
    gboolean    at_load;
  } files[] = {
    { "cut", "The file ends after byte 27, inside “instance 0”, where " },
    { "instance-list", "At byte 30 of the file, inside “instance 1”, there is “[” where an object was expected." },
    { "label-string", "At byte 46 of the file, inside “instance 0”, there is a string where a number was expected." },
    { "nested-attention", "At byte 36 of the file, inside “instance 0”, there is “[” where a number was expected.", TRUE },
    { "text-string", "At byte 47 of the file, inside “instance 1”, there is a string where a list was expected." },
    { "trailing", "At byte 30 of the file there is “x” where the end was expected." },
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_strdup_printf ("neatvision/bad/%s.json", files[i].name);
      g_autoptr (GBytes) bytes = load_test_data (path);
      g_autoptr (GError) error = NULL;
      g_autoptr (HlDocument) document = NULL;

      g_assert_true (hl_neatvision_format.probe (bytes));
      document = hl_format_read (bytes, "bad.json", NULL, NULL, NULL, &error);
      g_assert_true ((document != NULL) == files[i].at_load);
      if (document != NULL)
        g_assert_null (hl_document_load (document, 0, NULL, &error));

      assert_sentence (error);
      if (strstr (error->message, files[i].message) == NULL)
        g_error ("%s: %s", files[i].name, error->message);
    }
}

/* Classes that a number alone claims cost nothing. */
static void
test_many_classes (void)
{
  g_autoptr (GString) text = g_string_new ("[");
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (HlDocument) document = NULL;
  g_autoptr (HlTrace) trace = NULL;

  for (guint i = 0; i < 20000; i++)
    g_string_append_printf (text, "%s{\"text\":[\"a\"],\"prediction\":9999,\"attention\":[1]}", i > 0 ? "," : "");
  g_string_append (text, "]");

  bytes = g_bytes_new (text->str, text->len);
  document = open_bytes (bytes);
  trace = load_instance (document, 19999);
  g_assert_cmpuint (hl_prediction_get_n_classes (hl_trace_get_prediction (trace)), ==, 10000);
  assert_instance (document, 5, "Instance 5", "a", "Class 9999", NAN, -1);
}

static void
test_broken (void)
{
  static const char * const paths[] = {
    "neatvision/good/characters.json", "neatvision/good/classes.json", "neatvision/good/labels.json",
    "neatvision/good/multi-label.json", "neatvision/good/probabilities.json", "neatvision/good/regression.json",
  };

  for (guint i = 0; i < G_N_ELEMENTS (paths); i++)
    {
      g_autoptr (GBytes) bytes = load_test_data (paths[i]);

      assert_endures (bytes, G_MAXSIZE);
    }
}

static void
test_broken_labels (void)
{
  g_autoptr (HlDocument) document = open_data ("neatvision/good/classes.json");
  g_autoptr (GBytes) bytes = load_test_data ("neatvision/good/labels.json");
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);

  /* The last byte is a line break, and what is before it makes the file whole. */
  for (gsize i = 0; i + 1 < size; i++)
    {
      g_autoptr (GBytes) cut = g_bytes_new (text, i);
      g_autoptr (GError) error = NULL;

      hl_neatvision_is_labels (cut);
      g_assert_false (hl_neatvision_apply_labels (document, cut, &error));
      assert_sentence (error);
    }
}

typedef struct
{
  const char *name;
  guint       n_instances;
  gsize       n_tokens;
  HlTask      task;
  guint       n_classes;
  guint       n_correct;
  const char *labels;     /* (nullable) */
  const char *class_name; /* of the first instance, with labels */
  const char *note;       /* (nullable) on labels */
} RealFile;

static const RealFile real_files[] = {
  { "ntua-slp_semeval2018_task1_e-c_dev", 500, 11229, HL_TASK_MULTI_LABEL, 11, 146, "labels_task1_e-c", "anger, disgust" },
  { "ntua-slp_semeval2018_task1_ei-reg_joy_dev", 290, 6668, HL_TASK_REGRESSION, 0, 0 },
  { "ntua-slp_semeval2018_task2_a_trial", 500, 8033, HL_TASK_CLASSIFICATION, 20, 144, "labels_task2", "💕" },
  { "ntua-slp_semeval2018_task3_b_char_gold", 500, 47412, HL_TASK_CLASSIFICATION, 4, 237, "labels_task3_b", "not ironic" },
  { "ntua-slp_semeval2018_task3_b_gold", 500, 11187, HL_TASK_CLASSIFICATION, 4, 329, "labels_task3_b", "not ironic" },
  { "ntua-slp_semeval2018_task3_b_gold", 500, 11187, HL_TASK_CLASSIFICATION, 4, 329, "labels_task1_v-oc", "-3",
    "The file of class names has none for class 3." },
};

static void
check_real_file (const RealFile *file,
                 HlDocument     *document)
{
  gsize n_tokens = 0;
  guint n_correct = 0;

  g_assert_cmpuint (hl_document_get_n_instances (document), ==, file->n_instances);

  for (guint i = 0; i < file->n_instances; i++)
    {
      HlInstance *instance = hl_document_get_instance (document, i);
      g_autoptr (HlTrace) trace = load_instance (document, i);
      HlPrediction *prediction = hl_trace_get_prediction (trace);
      HlTokens *tokens = hl_trace_get_tokens (trace);
      const float *values = hl_scores_get_values (hl_trace_get_scores (trace, 0), 0);
      double sum = 0;

      g_assert_cmpuint (hl_tokens_get_length (tokens), ==, hl_instance_get_n_tokens (instance));
      g_assert_true (g_str_has_prefix (hl_trace_get_text (trace), hl_instance_get_text (instance)));
      g_assert_cmpstr (hl_trace_get_title (trace), ==, hl_instance_get_title (instance));
      g_assert_null (hl_trace_get_notes (trace)[0]);
      n_tokens += hl_tokens_get_length (tokens);

      for (gsize j = 0; j < hl_tokens_get_length (tokens); j++)
        sum += values[j];
      g_assert_cmpfloat_with_epsilon (sum, 1, 1e-4);

      g_assert_cmpint (hl_prediction_get_task (prediction), ==, file->task);
      g_assert_cmpuint (hl_prediction_get_n_classes (prediction), ==, file->n_classes);
      g_assert_cmpint (hl_prediction_is_correct (prediction), ==, hl_instance_get_correct (instance));
      n_correct += hl_instance_get_correct (instance) == 1;

      if (file->task == HL_TASK_CLASSIFICATION)
        {
          const HlClass *best = hl_prediction_get_class (prediction, hl_prediction_get_best (prediction));

          g_assert_cmpstr (best->name, ==, hl_instance_get_class_name (instance));
          g_assert_cmpfloat (best->probability, ==, hl_instance_get_probability (instance));
          sum = 0;
          for (guint j = 0; j < file->n_classes; j++)
            sum += hl_prediction_get_class (prediction, j)->probability;
          g_assert_cmpfloat_with_epsilon (sum, 1, 1e-9);
        }
    }

  g_assert_cmpuint (n_tokens, ==, file->n_tokens);
  g_assert_cmpuint (n_correct, ==, file->n_correct);
}

static void
test_real_files (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (real_files); i++)
    {
      const RealFile *file = &real_files[i];
      g_autofree char *path = g_strdup_printf ("neat-vision/%s.json", file->name);
      g_autoptr (GBytes) bytes = load_shared_data (path);
      g_autoptr (HlDocument) document = NULL;

      if (bytes == NULL)
        return;

      document = open_bytes (bytes);
      if (file->labels != NULL)
        {
          g_autofree char *labels_path = g_strdup_printf ("neat-vision/%s.json", file->labels);
          g_autoptr (GBytes) labels = load_shared_data (labels_path);
          g_autoptr (GError) error = NULL;

          g_assert_true (hl_neatvision_is_labels (labels));
          g_assert_true (hl_neatvision_apply_labels (document, labels, &error));
          g_assert_no_error (error);
          g_assert_cmpstr (hl_instance_get_class_name (hl_document_get_instance (document, 0)), ==, file->class_name);
        }
      g_assert_cmpstr (hl_document_get_notes (document)[0], ==, file->note);
      check_real_file (file, document);
    }
}

static void
test_broken_real_files (void)
{
  for (guint i = 0; i < 5; i++)
    {
      g_autofree char *path = g_strdup_printf ("neat-vision/%s.json", real_files[i].name);
      g_autoptr (GBytes) bytes = load_shared_data (path);

      if (bytes == NULL)
        return;

      assert_endures (bytes, 60);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/neatvision/classes", test_classes);
  g_test_add_func ("/neatvision/unusable", test_unusable);
  g_test_add_func ("/neatvision/probabilities", test_probabilities);
  g_test_add_func ("/neatvision/multi-label", test_multi_label);
  g_test_add_func ("/neatvision/regression", test_regression);
  g_test_add_func ("/neatvision/characters", test_characters);
  g_test_add_func ("/neatvision/labels", test_labels);
  g_test_add_func ("/neatvision/bad-labels", test_bad_labels);
  g_test_add_func ("/neatvision/bad", test_bad);
  g_test_add_func ("/neatvision/many-classes", test_many_classes);
  g_test_add_func ("/neatvision/broken", test_broken);
  g_test_add_func ("/neatvision/broken-labels", test_broken_labels);
  g_test_add_func ("/neatvision/real-files", test_real_files);
  g_test_add_func ("/neatvision/broken-real-files", test_broken_real_files);

  return g_test_run ();
}
