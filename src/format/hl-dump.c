#include "hl-dump.h"

#include <math.h>
#include <string.h>

#include "hl-dump-json.h"
#include "hl-dump-private.h"
#include "hl-npy.h"
#include "hl-npz.h"
#include "hl-safetensors.h"

/* Dumps: named arrays in a safetensors, npz or npy file. One reader of names for all three.
 *
 * Layout as Headlight writes it (safetensors; texts are in the metadata, marked "):
 *
 *   "headlight.version      "1"
 *   "title                  of the whole
 *   and for each instance N, counted from 0, behind the prefix instances.N. :
 *   "title, "text           of the instance: its name, and the input as typed
 *   "tokens                 JSON array of strings, or of objects
 *                             {"text", "surface", "id", "start", "end", "word", "segment", "special"},
 *                             of which only text must be there; or {"input": …, "tokens": such an array}
 *   "left_tokens, "right_tokens   the same, where queries and keys are not the same tokens
 *   attention.L             [head][query][key] of layer L, any type of element
 *   queries.L, keys.L, values.L   [head][token][dimension]; keys and values may have fewer heads
 *   "kind                   self, encoder, decoder or cross
 *   "causal, "scale         true or false; what q·k is multiplied by
 *   "layers, "heads         JSON arrays: the numbers that the model counts them by
 *   scores.K                [channel][token]
 *   "scores.K.name, "scores.K.tokens, "scores.K.channels   the last: JSON array of {"name", "colour", "visible"}
 *   "classes                JSON array of {"name", "description", "probability", "predicted", "labelled"}
 *   "task                   classification, multi-label or regression
 *   "predicted_value, "label_value, "prediction_note
 *   "notes                  JSON array of strings
 *   "model, "metadata.KEY
 *
 * Encoder, decoder and cross attention of one instance have the prefixes encoder., decoder. and cross. (behind that of
 * the instance); attentions of one kind more than once part.K. .
 *
 * Also read, since this is how people save them:
 *
 *   without a prefix        one instance, or a batch of them where every tensor has one
 *   attention               all layers in one [layer][head][query][key]; without the first axes one layer or one head;
 *                           a batch stands behind the layers, or first where L is in the name
 *   attentions, attn, attn_L, attention_L, layer_L, arr_0, a bare .npy; encoder_attentions, cross.attention.L;
 *   q, k, v, queries_L …    case, dots and underscores do not matter (hl-dump-name.c)
 *   tokens, text, classes, label, model …   as arrays of strings in an npz, which has no metadata
 *   segments, token_type_ids, input_ids     whole numbers, one a token
 *   probabilities, logits   one a class; of logits the softmax is taken
 *   label                   also the number of the class
 *
 * Queries and keys without attention are enough: the weights are then computed. hl_dump_get_python_snippet() makes such
 * a file from a model of the Hugging Face library.
 */

const char *
hl_dump_get_python_snippet (void)
{
  return
    "import numpy, torch\n"
    "from transformers import AutoModel, AutoTokenizer\n"
    "\n"
    "name, text = \"bert-base-uncased\", \"The cat sat on the mat.\"\n"
    "tokenizer = AutoTokenizer.from_pretrained(name)\n"
    "model = AutoModel.from_pretrained(name, attn_implementation=\"eager\").eval()\n"
    "inputs = tokenizer(text, return_tensors=\"pt\")\n"
    "with torch.no_grad():\n"
    "    layers = model(**inputs, output_attentions=True).attentions\n"
    "numpy.savez(\"attention.npz\", text=text, model=name,\n"
    "            attention=torch.stack(layers).float().numpy(),\n"
    "            tokens=tokenizer.convert_ids_to_tokens(inputs[\"input_ids\"][0]))\n";
}

static HlTrace *
load (gpointer       data,
      guint          index,
      GCancellable  *cancellable,
      GError       **error)
{
  HlDump *dump = data;
  const HlDumpInstance *instance = &g_array_index (dump->instances, HlDumpInstance, index);
  HlTrace *trace = hl_dump_load_trace (dump, instance, cancellable, error);

  if (trace == NULL)
    hl_tensor_error_tidy (error);

  return trace;
}

/* How many tokens the first attention or scores have, without loading them. */
static gsize
count_tokens (HlDump               *dump,
              const HlDumpInstance *instance)
{
  for (guint i = 0; i < instance->n; i++)
    {
      const HlDumpItem *item = &g_array_index (dump->items, HlDumpItem, instance->first + i);
      guint rank = item->tensor != NULL ? hl_tensor_get_rank (item->tensor) : 0;

      if (item->name.field <= HL_DUMP_VALUES)
        return hl_tensor_get_dim (item->tensor, rank - 2);
      if (item->name.field == HL_DUMP_SCORES && rank > 0)
        return hl_tensor_get_dim (item->tensor, rank - 1);
    }

  return 0;
}

/* What a list shows of an instance that has no text: its tokens. That they are wrong is said when it is opened. */
static char *
text_from_tokens (HlDump               *dump,
                  const HlDumpInstance *instance,
                  gsize                 n_tokens)
{
  gboolean numbered = FALSE;
  g_autoptr (HlTokens) tokens = hl_dump_load_tokens (dump, instance, HL_DUMP_GROUP_NONE, HL_ATTENTION_SELF, FALSE,
                                                     n_tokens, &numbered, NULL);

  return tokens != NULL && !numbered ? hl_tokens_to_text (tokens) : NULL;
}

static HlInstance *
create_instance (HlDump                *dump,
                 const HlDumpInstance  *instance,
                 GError               **error)
{
  const HlDumpItem *title = hl_dump_find (dump, instance, HL_DUMP_GROUP_NONE, HL_DUMP_TITLE);
  const HlDumpItem *text = hl_dump_find (dump, instance, HL_DUMP_GROUP_NONE, HL_DUMP_TEXT);
  g_autoptr (HlPrediction) prediction = NULL;
  g_autofree char *made = NULL;
  const HlClass *best = NULL;
  gsize n_tokens = count_tokens (dump, instance);
  GError *local_error = NULL;

  prediction = hl_dump_load_prediction (dump, instance, &local_error);

  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return NULL;
    }

  if (prediction != NULL && hl_prediction_get_best (prediction) >= 0)
    best = hl_prediction_get_class (prediction, (gsize) hl_prediction_get_best (prediction));
  if (hl_dump_get_text (dump, instance, text) == NULL)
    made = text_from_tokens (dump, instance, n_tokens);

  return hl_instance_new (instance->number >= 0 ? hl_dump_get_text (dump, instance, title) : NULL,
                          made != NULL ? made : hl_dump_get_text (dump, instance, text), n_tokens,
                          best != NULL ? best->name : NULL, best != NULL ? best->probability : (double) NAN,
                          prediction != NULL ? hl_prediction_is_correct (prediction) : -1);
}

static void
note_unknown (HlDocument *document,
              GPtrArray  *unknown)
{
  g_autoptr (GString) note = NULL;

  if (unknown->len == 0)
    return;

  note = g_string_new (NULL);
  g_string_printf (note, unknown->len == 1 ? "%u array of another name was left out:"
                                           : "%u arrays of other names were left out:", unknown->len);

  for (guint i = 0; i < MIN (unknown->len, 3); i++)
    g_string_append_printf (note, "%s “%.60s”", i > 0 ? "," : "", (const char *) g_ptr_array_index (unknown, i));

  g_string_append (note, unknown->len > 3 ? " …" : ".");
  hl_document_add_note (document, note->str);
}

/* Makes the document of any container. */
static HlDocument *
index_container (HlContainer   *container,
                 const char    *title,
                 const char    *format,
                 GCancellable  *cancellable,
                 GError       **error)
{
  const char *own_title = hl_container_get_metadata (container, "title");
  const char *version = hl_container_get_metadata (container, "headlight.version");
  g_autoptr (HlDocument) document = NULL;
  HlDump *dump = hl_dump_new (container, error);

  if (dump == NULL)
    return NULL;

  document = hl_document_new (own_title != NULL && own_title[0] != '\0' ? own_title : title, format, load, dump,
                              (GDestroyNotify) hl_dump_free);

  for (guint i = 0; i < dump->instances->len; i++)
    {
      HlInstance *instance;

      if (i % 64 == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        return NULL;

      instance = create_instance (dump, &g_array_index (dump->instances, HlDumpInstance, i), error);

      if (instance == NULL)
        return NULL;

      hl_document_append (document, instance);
    }

  if (version != NULL && strcmp (version, "1") != 0)
    hl_document_add_note (document,
                          "The file was written by a newer Headlight, which may have saved more than is shown.");

  note_unknown (document, dump->unknown);

  return g_steal_pointer (&document);
}

static HlDocument *
read_safetensors (GBytes                 *bytes,
                  const char             *title,
                  GFileProgressCallback   progress,
                  gpointer                progress_data,
                  GCancellable           *cancellable,
                  GError                **error)
{
  GError *local_error = NULL;
  g_autoptr (HlContainer) container = hl_safetensors_read (bytes, &local_error);

  if (container == NULL)
    {
      hl_dump_propagate (error, local_error);
      return NULL;
    }

  return index_container (container, title, "Headlight dump", cancellable, error);
}

static gboolean
probe_numpy (GBytes *bytes)
{
  return hl_npy_probe (bytes) || hl_npz_probe (bytes);
}

static HlDocument *
read_numpy (GBytes                 *bytes,
            const char             *title,
            GFileProgressCallback   progress,
            gpointer                progress_data,
            GCancellable           *cancellable,
            GError                **error)
{
  g_autoptr (HlContainer) container = NULL;
  GError *local_error = NULL;

  if (hl_npy_probe (bytes))
    {
      container = hl_container_new ();

      /* As savez() calls what has no name. */
      if (!hl_npy_read (bytes, container, "arr_0", &local_error))
        g_clear_pointer (&container, hl_container_unref);
    }
  else
    container = hl_npz_read (bytes, progress, progress_data, cancellable, &local_error);

  if (container == NULL)
    {
      hl_dump_propagate (error, local_error);
      return NULL;
    }

  return index_container (container, title, "NumPy", cancellable, error);
}

const HlFormat hl_dump_format = {
  .id = "dump",
  .name = "Headlight (safetensors)",
  .patterns = (const char * const[]) { "*.safetensors", NULL },
  .probe = hl_safetensors_probe,
  .read = read_safetensors,
};

const HlFormat hl_numpy_format = {
  .id = "numpy",
  .name = "NumPy (npy, npz)",
  .patterns = (const char * const[]) { "*.npz", "*.npy", NULL },
  .probe = probe_numpy,
  .read = read_numpy,
};
