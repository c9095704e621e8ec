/* AttViz (Škrlj et al. 2021): weights of tokens to themselves, for classifiers.
 *
 *   file     = [ instance, … ]                     one for each text
 *            | { "0": instance, "1": …, … }        the oldest exporter
 *            | instance                            nobody writes it, but it means one thing only
 *   instance = { "text": string,
 *                "sets": [ set, … ],               one or more: other models, other tokens
 *                "output_activations": [ { "value": number, "name": string }, … ],
 *                "name": string, "hilight": { "block": set, "vectors": vector } }
 *   set      = { "tokens": [ string, … ], "attention_vectors": [ vector, … ], "name": string, "visible": boolean }
 *   vector   = { "name": number or string, "vectors": [ number, … ], "color": "#RRGGBB", "visible": boolean }
 *
 * Numbers are mostly written as strings ("6.9e-06"), aggregates that the page added as numbers. Only text, sets, tokens and
 * the vectors' numbers are needed. The index steps over all numbers; a vector is looked at when its instance is loaded. The
 * highlighted set and vector become the metadata highlighted-set and highlighted-channel, indices as in the file. */

#include "hl-attviz-private.h"
#include "hl-format-private.h"

#include <math.h>
#include <string.h>

/* A probe looks no further than this. */
#define PROBE_BYTES (1024 * 1024)

typedef struct
{
  GBytes    *bytes;
  GArray    *positions;  /* of gsize: where the instances begin */
  GPtrArray *titles;     /* (nullable) strings, one for each instance */
} AttvizFile;

static void
attviz_file_free (gpointer data)
{
  AttvizFile *self = data;

  g_bytes_unref (self->bytes);
  g_array_unref (self->positions);
  g_ptr_array_unref (self->titles);
  g_free (self);
}

/* Which of the three forms a file has. */
typedef enum
{
  FORM_NONE,
  FORM_LIST,
  FORM_OBJECT,
  FORM_INSTANCE,
} Form;

/* The cursor is at an object; is "sets" with a list among its keys? It need not be complete. */
static gboolean
has_sets (HlJsonScanner *scanner,
          GString       *key)
{
  hl_json_scanner_open_object (scanner);
  while (hl_json_scanner_next_member (scanner, key))
    {
      if (strcmp (key->str, "sets") == 0)
        return hl_json_scanner_peek (scanner) == HL_JSON_LIST;
      hl_json_scanner_skip (scanner);
    }

  return FALSE;
}

static Form
find_form (GBytes *bytes)
{
  g_auto (HlJsonScanner) scanner = { 0, };
  g_autoptr (GString) key = g_string_new (NULL);
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);

  hl_json_scanner_init (&scanner, text, MIN (size, PROBE_BYTES), "file");

  switch (hl_json_scanner_peek (&scanner))
    {
    case HL_JSON_LIST:
      hl_json_scanner_open_list (&scanner);
      return hl_json_scanner_next_entry (&scanner) && has_sets (&scanner, key) ? FORM_LIST : FORM_NONE;

    case HL_JSON_OBJECT:
      {
        gsize start = hl_json_scanner_get_position (&scanner);

        hl_json_scanner_open_object (&scanner);
        if (hl_json_scanner_next_member (&scanner, key) && hl_json_scanner_peek (&scanner) == HL_JSON_OBJECT
            && has_sets (&scanner, key))
          return FORM_OBJECT;

        hl_json_scanner_clear (&scanner);
        hl_json_scanner_seek (&scanner, start);
        return has_sets (&scanner, key) ? FORM_INSTANCE : FORM_NONE;
      }

    default:
      return FORM_NONE;
    }
}

static gboolean
probe (GBytes *bytes)
{
  return find_form (bytes) != FORM_NONE;
}

static HlTrace *
load (gpointer       data,
      guint          index,
      GCancellable  *cancellable,
      GError       **error)
{
  AttvizFile *self = data;
  g_auto (HlJsonScanner) scanner = { 0, };
  g_auto (AttvizInstance) instance = { 0, };
  g_autofree char *context = g_strdup_printf ("instance %u", index);
  gsize size;
  const char *text = g_bytes_get_data (self->bytes, &size);

  hl_json_scanner_init (&scanner, text, size, "file");
  scanner.context = context;
  hl_json_scanner_seek (&scanner, g_array_index (self->positions, gsize, index));
  hl_json_scanner_watch (&scanner, NULL, NULL, cancellable);

  hl_attviz_instance_read (&instance, &scanner, FALSE);
  if (!hl_json_scanner_check (&scanner, error))
    return NULL;

  return hl_attviz_make_trace (&instance, index, g_ptr_array_index (self->titles, index), error);
}

/* @key (nullable): under which the instance stands in a file of the oldest form. */
static void
append_instance (AttvizFile     *self,
                 HlDocument     *document,
                 AttvizInstance *instance,
                 const char     *key)
{
  g_autoptr (HlPrediction) prediction = hl_attviz_make_prediction (instance);
  g_autofree char *preview = hl_json_dup_preview (instance->text != NULL ? instance->text : "");
  const char *class_name = NULL;
  const char *title = instance->name;
  double probability = NAN;
  gsize n_tokens = 0;
  gssize best = prediction != NULL ? hl_prediction_get_best (prediction) : -1;

  if (best >= 0)
    {
      class_name = hl_prediction_get_class (prediction, best)->name;
      probability = hl_prediction_get_class (prediction, best)->probability;
    }
  for (guint i = 0; i < instance->sets->len && n_tokens == 0; i++)
    n_tokens = ((AttvizSet *) g_ptr_array_index (instance->sets, i))->n_tokens;

  /* Numbers only repeat the order. */
  if (title == NULL && key != NULL && strspn (key, "0123456789") < strlen (key))
    title = key;

  g_array_append_val (self->positions, instance->position);
  g_ptr_array_add (self->titles, g_strdup (title));
  hl_document_append (document, hl_instance_new (title, preview, n_tokens, class_name, probability, -1));
}

static void
index_instances (AttvizFile    *self,
                 HlDocument    *document,
                 HlJsonScanner *scanner,
                 Form           form)
{
  g_autoptr (GString) key = g_string_new (NULL);
  char context[32];

  if (form == FORM_LIST)
    hl_json_scanner_open_list (scanner);
  else if (form == FORM_OBJECT)
    hl_json_scanner_open_object (scanner);

  for (guint index = 0; ; index++)
    {
      g_auto (AttvizInstance) instance = { 0, };

      scanner->context = NULL;
      if (form == FORM_INSTANCE ? index > 0
          : form == FORM_LIST ? !hl_json_scanner_next_entry (scanner) : !hl_json_scanner_next_member (scanner, key))
        break;

      g_snprintf (context, sizeof context, "instance %u", index);
      scanner->context = context;
      if (hl_attviz_instance_read (&instance, scanner, TRUE))
        append_instance (self, document, &instance, form == FORM_OBJECT ? key->str : NULL);
    }

  scanner->context = NULL;
  hl_json_scanner_expect_end (scanner);
}

/* What the numbers are, which neither the file nor AttViz says. */
static void
add_notes (HlDocument *document)
{
  g_autoptr (HlTrace) trace = hl_document_load (document, 0, NULL, NULL);
  HlScores *scores;

  if (trace == NULL)
    return;

  scores = hl_trace_get_scores (trace, 0);
  for (gsize i = 0; i < hl_scores_get_n_channels (scores); i++)
    {
      g_autofree char *number = g_strdup_printf ("%" G_GSIZE_FORMAT, i);

      /* Names that are not those of the exporter may stand for anything. */
      if (!hl_scores_is_derived (scores, i) && strcmp (hl_scores_get_channel_name (scores, i), number) != 0)
        return;
    }

  hl_document_add_note (document,
                        "AttViz’s exporter writes as vector k what each token attends to itself with in layer k, head k: one "
                        "head of each layer, not the heads of one layer.");
}

static HlDocument *
read_file (GBytes                 *bytes,
           const char             *title,
           GFileProgressCallback   progress,
           gpointer                progress_data,
           GCancellable           *cancellable,
           GError                **error)
{
  AttvizFile *self = g_new0 (AttvizFile, 1);
  g_autoptr (HlDocument) document = NULL;
  g_auto (HlJsonScanner) scanner = { 0, };
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);

  self->bytes = g_bytes_ref (bytes);
  self->positions = g_array_new (FALSE, FALSE, sizeof (gsize));
  self->titles = g_ptr_array_new_with_free_func (g_free);
  document = hl_document_new (title, "AttViz", load, self, attviz_file_free);

  hl_json_scanner_init (&scanner, text, size, "file");
  hl_json_scanner_watch (&scanner, progress, progress_data, cancellable);
  index_instances (self, document, &scanner, find_form (bytes));
  if (!hl_json_scanner_check (&scanner, error))
    return NULL;

  if (hl_document_get_n_instances (document) == 0)
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY, "The file “%s” holds no instances.", title);
      return NULL;
    }

  add_notes (document);

  return g_steal_pointer (&document);
}

static const char * const patterns[] = { "*.json", NULL };

const HlFormat hl_attviz_format = {
  .id = "attviz",
  .name = "AttViz",
  .patterns = patterns,
  .probe = probe,
  .read = read_file,
};
