/* neat-vision (Baziotis et al. 2018): one weight a token, from attention pooling, with what was predicted and what is true.
 *
 *   file     = [ instance, … ]
 *   instance = { "text": [ string, … ],            tokens, or characters
 *                "attention": [ number, … ],       one a token; may go on with zeros (padding)
 *                "label": value, "prediction": value, "posterior": value,
 *                "id": string }
 *   value    = number                              a class, or the value of a regression
 *            | [ number, … ]                       0 or 1 for each class; the posterior of each class
 *
 * Only text and attention are needed. hl-neatvision-task.c finds out the task and what posteriors are;
 * hl-neatvision-labels.c reads class names, which are in another file. */

#include "hl-neatvision.h"

#include <math.h>
#include <string.h>

#include "hl-format-private.h"
#include "hl-neatvision-private.h"

#define PROBE_BYTES (1024 * 1024)

/* Stands between the tokens of a preview until it is known what does: a space, or nothing in the text of characters. */
#define JOINT '\x1f'

typedef struct
{
  GBytes        *bytes;
  GArray        *instances; /* of NeatvisionInstance, without tokens and attention */
  NeatvisionTask task;

  GMutex         lock;      /* guards names, which may change while an instance is decoded */
  GHashTable    *names;     /* (nullable) class + 1 → HlClass */
} NeatvisionFile;

static void
instance_clear (gpointer data)
{
  hl_neatvision_instance_clear (data);
}

static void
neatvision_file_free (gpointer data)
{
  NeatvisionFile *self = data;

  g_bytes_unref (self->bytes);
  g_array_unref (self->instances);
  g_clear_pointer (&self->names, g_hash_table_unref);
  g_mutex_clear (&self->lock);
  g_free (self);
}

static GHashTable *
dup_names (NeatvisionFile *self)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);

  return self->names != NULL ? g_hash_table_ref (self->names) : NULL;
}

/* A list of tokens as "text" and one more of the names tell. */
static gboolean
probe (GBytes *bytes)
{
  g_auto (HlJsonScanner) scanner = { 0, };
  g_autoptr (GString) key = g_string_new (NULL);
  gboolean has_text = FALSE, has_other = FALSE;
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);

  hl_json_scanner_init (&scanner, text, MIN (size, PROBE_BYTES), "file");
  if (hl_json_scanner_peek (&scanner) != HL_JSON_LIST)
    return FALSE;

  hl_json_scanner_open_list (&scanner);
  if (!hl_json_scanner_next_entry (&scanner) || hl_json_scanner_peek (&scanner) != HL_JSON_OBJECT)
    return FALSE;

  hl_json_scanner_open_object (&scanner);
  while (!(has_text && has_other) && hl_json_scanner_next_member (&scanner, key))
    {
      if (strcmp (key->str, "text") == 0)
        has_text |= hl_json_scanner_peek (&scanner) == HL_JSON_LIST;
      else if (strcmp (key->str, "attention") == 0)
        has_other |= hl_json_scanner_peek (&scanner) == HL_JSON_LIST;
      else if (strcmp (key->str, "label") == 0 || strcmp (key->str, "prediction") == 0
               || strcmp (key->str, "posterior") == 0)
        has_other = TRUE;

      if (!(has_text && has_other))
        hl_json_scanner_skip (&scanner);
    }

  return has_text && has_other;
}

static gsize
count_characters (const char *text)
{
  return (gsize) g_utf8_strlen (text, -1);
}

/* The text is the tokens joined, so their spans are known. In the text of characters, words are what lies between
 * spaces, and a space is a word of its own. */
static HlTokens *
make_tokens (GPtrArray *strings,
             gboolean   is_characters,
             char     **text)
{
  gsize n = strings->len;
  g_autoptr (HlTokens) bare = hl_tokens_new_from_strings (NULL, (const char * const *) strings->pdata, n, n);
  g_autofree HlToken *tokens = g_new (HlToken, n + 1);
  g_autoptr (GString) joined = g_string_new (NULL);
  gsize position = 0;
  gint32 word = 0;

  for (gsize i = 0; i < n; i++)
    {
      const char *string = g_ptr_array_index (strings, i);
      gsize length = count_characters (string);

      if (i > 0 && !is_characters)
        {
          g_string_append_c (joined, ' ');
          position++;
        }
      g_string_append (joined, string);

      tokens[i] = *hl_tokens_get (bare, i);
      tokens[i].start = tokens[i].special || length == 0 ? -1 : (gint32) position;
      tokens[i].end = tokens[i].start < 0 ? -1 : (gint32) (position + length);
      position += length;

      if (is_characters)
        {
          gboolean is_blank = strcmp (string, " ") == 0;

          word += is_blank && i > 0;
          tokens[i].word = tokens[i].special ? -1 : word;
          word += is_blank;
        }
    }

  *text = g_strdup (joined->str);

  return hl_tokens_new (joined->str, tokens, n);
}

static void
add_attention (HlTrace            *trace,
               NeatvisionInstance *instance,
               HlTokens           *tokens)
{
  g_autoptr (HlScores) scores = hl_scores_new (NULL, tokens);
  gsize n = hl_tokens_get_length (tokens);
  gsize n_values = instance->attention->len;
  g_autofree float *values = g_new (float, n);
  gsize n_odd = 0, n_beyond = 0;
  float min = 0, max = 1;

  for (gsize i = 0; i < MAX (n, n_values); i++)
    {
      float value = i < n_values ? g_array_index (instance->attention, float, i) : NAN;

      if (i >= n)
        {
          n_beyond += !(value == 0);
          continue;
        }

      if (!isfinite (value))
        {
          n_odd += i < n_values;
          value = NAN;
        }
      min = value < min ? value : min;
      max = value > max ? value : max;
      values[i] = value;
    }

  hl_scores_add_channel (scores, "Attention", values, -1, TRUE);
  hl_trace_add_scores (trace, scores);

  if (n_values < n)
    hl_trace_add_note_printf (trace,
                              "There is attention for the first %" G_GSIZE_FORMAT " of the %" G_GSIZE_FORMAT " tokens "
                              "only.",
                              n_values, n);
  if (n_beyond > 0)
    hl_trace_add_note_printf (trace,
                              "%" G_GSIZE_FORMAT " %s of attention beyond the last token %s not 0, as padding is; %s "
                              "left out.",
                              n_beyond, n_beyond == 1 ? "value" : "values", n_beyond == 1 ? "is" : "are",
                              n_beyond == 1 ? "it was" : "they were");
  if (n_odd > 0)
    hl_trace_add_note_printf (trace,
                              "%" G_GSIZE_FORMAT " %s of attention %s and left blank.",
                              n_odd, n_odd == 1 ? "value" : "values", n_odd == 1 ? "is no number" : "are no numbers");
  if (min < 0 || max > 1.00001f)
    hl_trace_add_note_printf (trace,
                              "Values of attention lie between %.4g and %.4g; weights lie between 0 and 1.",
                              (double) min, (double) max);
}

/* neat-vision believes the prediction; so does Headlight, but says it. */
static void
note_prediction (HlTrace      *trace,
                 HlPrediction *prediction)
{
  gssize predicted = hl_prediction_get_best (prediction);
  gssize most_probable = -1;

  if (hl_prediction_get_task (prediction) != HL_TASK_CLASSIFICATION || predicted < 0)
    return;

  for (gsize i = 0; i < hl_prediction_get_n_classes (prediction); i++)
    {
      double probability = hl_prediction_get_class (prediction, i)->probability;

      if (!isnan (probability)
          && (most_probable < 0 || probability > hl_prediction_get_class (prediction, most_probable)->probability))
        most_probable = i;
    }

  if (most_probable >= 0 && hl_prediction_get_class (prediction, most_probable)->probability
      > hl_prediction_get_class (prediction, predicted)->probability)
    hl_trace_add_note_printf (trace, "The file’s prediction, “%s”, is not the most probable class, which is “%s”.",
                              hl_prediction_get_class (prediction, predicted)->name,
                              hl_prediction_get_class (prediction, most_probable)->name);
}

static gboolean
check_instance (const NeatvisionInstance  *instance,
                guint                      index,
                GError                   **error)
{
  if (instance->n_tokens == 0)
    g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY,
                 "Instance %u, which begins at byte %" G_GSIZE_FORMAT " of the file, has no tokens: its “text” is %s.", index,
                 instance->position, instance->tokens != NULL ? "empty" : "missing");
  else if (instance->attention == NULL || instance->attention->len == 0)
    g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY,
                 "Instance %u, which begins at byte %" G_GSIZE_FORMAT " of the file, has %" G_GSIZE_FORMAT " %s, but its "
                 "“attention” is %s.", index, instance->position, instance->n_tokens,
                 instance->n_tokens == 1 ? "token" : "tokens", instance->attention != NULL ? "empty" : "missing");
  else
    return TRUE;

  return FALSE;
}

static HlTrace *
load (gpointer       data,
      guint          index,
      GCancellable  *cancellable,
      GError       **error)
{
  NeatvisionFile *self = data;
  g_auto (HlJsonScanner) scanner = { 0, };
  g_auto (NeatvisionInstance) instance = { 0, };
  g_autofree char *context = g_strdup_printf ("instance %u", index);
  g_autofree char *text = NULL;
  g_autoptr (GHashTable) names = dup_names (self);
  g_autoptr (HlPrediction) prediction = NULL;
  g_autoptr (HlTrace) trace = NULL;
  g_autoptr (HlTokens) tokens = NULL;
  gsize size;
  const char *json = g_bytes_get_data (self->bytes, &size);

  hl_json_scanner_init (&scanner, json, size, "file");
  scanner.context = context;
  hl_json_scanner_seek (&scanner, g_array_index (self->instances, NeatvisionInstance, index).position);
  hl_json_scanner_watch (&scanner, NULL, NULL, cancellable);

  hl_neatvision_instance_read (&instance, &scanner, FALSE);
  if (!hl_json_scanner_check (&scanner, error)
      || !check_instance (&instance, index, error)
      || !hl_neatvision_make_prediction (&self->task, &instance, index, names, &prediction, error))
    return NULL;

  trace = hl_trace_new (instance.id);
  tokens = make_tokens (instance.tokens, self->task.is_characters, &text);
  hl_trace_set_text (trace, text);
  add_attention (trace, &instance, tokens);
  if (prediction != NULL)
    {
      hl_trace_set_prediction (trace, prediction);
      note_prediction (trace, prediction);
    }

  return g_steal_pointer (&trace);
}

/* The first tokens; JOINT between them. */
static char *
make_preview (GPtrArray *tokens)
{
  GString *preview = g_string_new (NULL);
  g_autofree char *cut = NULL;

  for (guint i = 0; tokens != NULL && i < tokens->len && preview->len < 1000; i++)
    {
      cut = hl_json_dup_preview (g_ptr_array_index (tokens, i));
      if (i > 0)
        g_string_append_c (preview, JOINT);
      g_string_append (preview, cut);
      g_clear_pointer (&cut, g_free);
    }

  return g_string_free (preview, FALSE);
}

static void
finish_preview (char    *preview,
                gboolean is_characters)
{
  char *to = preview;

  for (const char *from = preview; *from != '\0'; from++)
    {
      if (*from != JOINT)
        *to++ = *from;
      else if (!is_characters)
        *to++ = ' ';
    }
  *to = '\0';
}

static HlInstance *
make_instance (NeatvisionFile *self,
               guint           index,
               GHashTable     *names,
               const char     *preview)
{
  const NeatvisionInstance *instance = &g_array_index (self->instances, NeatvisionInstance, index);
  g_autofree char *class_name = NULL;
  double probability;
  int correct;

  hl_neatvision_summarize (&self->task, instance, names, &class_name, &probability, &correct);

  return hl_instance_new (instance->id, preview, instance->n_tokens, class_name, probability, correct);
}

/* @previews: strings, one for each instance. */
static void
index_instances (NeatvisionFile *self,
                 HlJsonScanner  *scanner,
                 GPtrArray      *previews)
{
  char context[32];

  hl_json_scanner_open_list (scanner);
  while (hl_json_scanner_next_entry (scanner))
    {
      NeatvisionInstance instance = { 0, };

      g_snprintf (context, sizeof context, "instance %u", self->instances->len);
      scanner->context = context;
      hl_neatvision_instance_read (&instance, scanner, TRUE);
      scanner->context = NULL;

      g_ptr_array_add (previews, make_preview (instance.tokens));
      g_clear_pointer (&instance.tokens, g_ptr_array_unref);
      g_array_append_val (self->instances, instance);
    }

  hl_json_scanner_expect_end (scanner);
}

static HlDocument *
read_file (GBytes                 *bytes,
           const char             *title,
           GFileProgressCallback   progress,
           gpointer                progress_data,
           GCancellable           *cancellable,
           GError                **error)
{
  NeatvisionFile *self = g_new0 (NeatvisionFile, 1);
  g_autoptr (HlDocument) document = NULL;
  g_autoptr (GPtrArray) previews = g_ptr_array_new_with_free_func (g_free);
  g_auto (HlJsonScanner) scanner = { 0, };
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);

  self->bytes = g_bytes_ref (bytes);
  self->instances = g_array_new (FALSE, FALSE, sizeof (NeatvisionInstance));
  g_array_set_clear_func (self->instances, instance_clear);
  g_mutex_init (&self->lock);
  document = hl_document_new (title, "neat-vision", load, self, neatvision_file_free);

  hl_json_scanner_init (&scanner, text, size, "file");
  hl_json_scanner_watch (&scanner, progress, progress_data, cancellable);
  index_instances (self, &scanner, previews);
  if (!hl_json_scanner_check (&scanner, error))
    return NULL;

  if (self->instances->len == 0)
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY, "The file “%s” holds no instances.", title);
      return NULL;
    }

  self->task = hl_neatvision_infer_task (self->instances);
  for (guint i = 0; i < self->instances->len; i++)
    {
      char *preview = g_ptr_array_index (previews, i);

      finish_preview (preview, self->task.is_characters);
      hl_document_append (document, make_instance (self, i, NULL, preview));
    }

  return g_steal_pointer (&document);
}

static void
note_unnamed (HlDocument *document,
              GHashTable *names,
              gsize       n_classes)
{
  g_autoptr (GString) list = g_string_new (NULL);
  g_autofree char *note = NULL;
  gsize n_unnamed = 0;

  for (gsize i = 0; i < n_classes; i++)
    {
      const HlClass *named = g_hash_table_lookup (names, GSIZE_TO_POINTER (i + 1));

      if (named != NULL && named->name != NULL)
        continue;

      if (n_unnamed++ < 10)
        g_string_append_printf (list, "%s%" G_GSIZE_FORMAT, n_unnamed > 1 ? ", " : "", i);
    }

  if (n_unnamed == 0)
    return;

  note = g_strdup_printf ("The file of class names has none for %s %s%s.", n_unnamed == 1 ? "class" : "classes", list->str,
                          n_unnamed > 10 ? " and others" : "");
  hl_document_add_note (document, note);
}

gboolean
hl_neatvision_apply_labels (HlDocument  *document,
                            GBytes      *labels,
                            GError     **error)
{
  g_autoptr (GHashTable) names = NULL;
  g_autoptr (GPtrArray) instances = NULL;
  NeatvisionFile *self;

  g_return_val_if_fail (HL_IS_DOCUMENT (document), FALSE);
  g_return_val_if_fail (labels != NULL, FALSE);

  self = hl_document_get_data (document, load);
  if (self == NULL)
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_VALUE,
                   "A file of class names goes with neat-vision files only, and “%s” is none.",
                   hl_document_get_title (document));
      return FALSE;
    }
  if (self->task.n_classes == 0)
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_VALUE,
                   "The file “%s” predicts %s, so that class names are of no use for it.", hl_document_get_title (document),
                   self->task.has_task ? "a number and no classes" : "nothing");
      return FALSE;
    }

  names = hl_neatvision_read_labels (labels, error);
  if (names == NULL)
    return FALSE;

  note_unnamed (document, names, self->task.n_classes);

  instances = g_ptr_array_new_with_free_func (g_object_unref);
  for (guint i = 0; i < self->instances->len; i++)
    g_ptr_array_add (instances, make_instance (self, i, names,
                                               hl_instance_get_text (hl_document_get_instance (document, i))));

  g_mutex_lock (&self->lock);
  g_clear_pointer (&self->names, g_hash_table_unref);
  self->names = g_steal_pointer (&names);
  g_mutex_unlock (&self->lock);

  hl_document_replace (document, (HlInstance * const *) instances->pdata);

  return TRUE;
}

static const char * const patterns[] = { "*.json", NULL };

const HlFormat hl_neatvision_format = {
  .id = "neat-vision",
  .name = "neat-vision",
  .patterns = patterns,
  .probe = probe,
  .read = read_file,
};
