/* BertViz (Vig 2019, github.com/jessevig/bertviz) keeps what it shows in one JSON object of parameters. Nobody wrote
 * down how; this is what its versions emit.
 *
 *   where                      what comes before the object                     since
 *   -------------------------  -----------------------------------------------  ------------------
 *   a JSON file                nothing: the object is the file
 *   HTML of head, model view   const params =   and again in a comment, which   2021 (v1.0)
 *                              is skipped
 *   HTML of neuron view        window.bertviz_params =                          2021
 *   scripts before that        window.attention =, then window.params =         2018-12, 2019-07
 *   a notebook (.ipynb)        the above, in a script or HTML that a cell put out, escaped as a JSON string
 *
 *   era     object
 *   ------  ------------------------------------------------------------------------------------------
 *   A0      {FILTER: {"att", "top_text", "bot_text"}}           FILTER: all a b ab ba     (2018-12-16)
 *   A1      {FILTER: BLOCK}, "att" for "attn"                   FILTER: all aa bb ab ba   (2018-12-22)
 *   A-flat  BLOCK, "att" for "attn"                                                       (2019-03, GPT-2)
 *   A2      A1 or A-flat with "attn"                                                      (2019-07-04)
 *   B       {"attention": {FILTER: BLOCK}, "default_filter": "all"[, "bidirectional"]}    (2019-07-10)
 *   C       B + "root_div_id"[, "display_mode"][, "layer", "heads"]                       (2021-01)
 *   neuron  C + "bidirectional", "layer", "head"                                          (2021-01 till now)
 *   D       {"attention": [PART], "default_filter": "0", …}                               (v1.1, 2021-05)
 *   E       D + "include_layers"[, "include_heads", "total_heads"]                        (v1.2 till now)
 *
 *   BLOCK   {"attn": [layer][head][left][right], "left_text": [left], "right_text": [right]
 *            [, "queries": [layer][head][left][d], "keys": [layer][head][right][d]]}
 *   PART    BLOCK + "name": null; or "All" and four of "Sentence A -> Sentence B";
 *           or some of "Encoder", "Decoder", "Cross" (left: decoder, right: encoder)
 *
 * Left are the queries, and each row sums to 1. The blocks of one or two sentences are cut out of "all" ("All") and not
 * renormalised: they are not kept, and only tell where the second sentence begins.
 *
 * In the trace, the metadata "layer" and "heads" are what BertViz would show first, as numbers joined by commas ("3",
 * "0,5"); absent, it shows the first layer and all heads. "view" is "head view", "model view", "neuron view", or
 * "attention" where the file does not tell. Whether tokens attend to later ones ("bidirectional") shows in the weights.
 *
 * The index walks the object without converting numbers; each instance is decoded when it is loaded.
 */

#include "hl-format-private.h"

#include <math.h>
#include <string.h>

#include "hl-bertviz-private.h"
#include "hl-notebook.h"

typedef struct
{
  gboolean           escaped;   /* in a string of a notebook */
  gsize              position;  /* of that string */
  char              *title;
  HlBertvizInstance *instance;
} Entry;

/* A file that has been indexed. */
typedef struct
{
  GBytes    *bytes;
  GPtrArray *entries;    /* of Entry */
  GPtrArray *left_out;   /* sentences on params objects that are damaged */
  GError    *error;      /* the first of their errors (nullable) */
} Dump;

static void
entry_free (Entry *self)
{
  g_free (self->title);
  hl_bertviz_instance_free (self->instance);
  g_free (self);
}

static void
dump_free (Dump *self)
{
  g_bytes_unref (self->bytes);
  g_ptr_array_unref (self->entries);
  g_ptr_array_unref (self->left_out);
  g_clear_error (&self->error);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Dump, dump_free)

static gboolean
is_space (char c)
{
  return c == ' ' || c == '\n' || c == '\r' || c == '\t';
}

/* TRUE if what ends at @end, white space aside, is a variable that BertViz assigns to. */
static gboolean
ends_with_variable (const char *begin,
                    const char *end)
{
  static const char * const variables[] = { "window.bertviz_params", "window.params", "window.attention" };
  static const char * const keywords[] = { "const", "let", "var" };

  while (end > begin && is_space (end[-1]))
    end--;
  for (gsize i = 0; i < G_N_ELEMENTS (variables); i++)
    {
      gsize length = strlen (variables[i]);

      if ((gsize) (end - begin) >= length && memcmp (end - length, variables[i], length) == 0)
        return TRUE;
    }

  if (end - begin < 7 || memcmp (end - 6, "params", 6) != 0 || !is_space (end[-7]))
    return FALSE;
  for (end -= 7; end > begin && is_space (end[-1]);)
    end--;
  for (gsize i = 0; i < G_N_ELEMENTS (keywords); i++)
    {
      gsize length = strlen (keywords[i]);

      if ((gsize) (end - begin) >= length && memcmp (end - length, keywords[i], length) == 0)
        return TRUE;
    }

  return FALSE;
}

/* Where the next object begins that is assigned to such a variable, at @from or later; NULL if there is none. */
static const char *
find_object (const char *begin,
             const char *from,
             const char *end)
{
  for (const char *p = from; (p = memchr (p, '=', (gsize) (end - p))) != NULL; p++)
    {
      const char *value = p + 1;

      while (value < end && is_space (*value))
        value++;
      if (value < end && *value == '{' && ends_with_variable (begin, p))
        return value;
    }

  return NULL;
}

/* The script of the head and the model view holds the object a second time, in a comment on the same line. Returns what
 * comes after that copy, or @after if there is none. */
static const char *
skip_copy (const char *after,
           const char *end,
           gsize       length)
{
  static const char comment[] = "// HACK: ";
  const char *p = after;

  while (p < end && (*p == ';' || *p == ' '))
    p++;
  if ((gsize) (end - p) < sizeof comment - 1 + length || memcmp (p, comment, sizeof comment - 1) != 0)
    return after;
  p += sizeof comment - 1;
  if (*p != '{' || p[length - 1] != '}')
    return after;

  return p + length;
}

/* @title: "Cell 7, output 2" for a notebook (nullable). Takes @params. */
static gboolean
add_entry (Dump            *dump,
           HlBertvizParams *params,
           const char      *source,
           const char      *title,
           gssize           position,
           GError         **error)
{
  g_autoptr (HlBertvizParams) owned = params;
  HlBertvizInstance *instance = hl_bertviz_instance_new (params, source, error);
  Entry *entry;

  if (instance == NULL)
    return FALSE;

  entry = g_new0 (Entry, 1);
  entry->instance = instance;
  entry->escaped = position >= 0;
  entry->position = (gsize) MAX (position, 0);
  if (title != NULL)
    {
      entry->title = g_strdup_printf ("%s: %s", title, hl_bertviz_instance_get_view (instance));
    }
  else
    {
      g_autofree char *description = hl_bertviz_instance_describe (instance);

      entry->title = g_strdup_printf ("%s · %s", hl_bertviz_instance_get_view (instance), description);
      entry->title[0] = g_ascii_toupper (entry->title[0]);
    }
  g_ptr_array_add (dump->entries, entry);

  return TRUE;
}

/* One damaged object does not hide the others, unless the file ends in it or the user gave up. */
static gboolean
leave_out (Dump        *dump,
           const char  *title,
           GError      *damage,
           GError     **error)
{
  if (g_error_matches (damage, G_IO_ERROR, G_IO_ERROR_CANCELLED) ||
      g_error_matches (damage, HL_FORMAT_ERROR, HL_FORMAT_ERROR_TRUNCATED))
    {
      g_propagate_error (error, damage);
      return FALSE;
    }

  g_ptr_array_add (dump->left_out, g_strdup_printf ("%s was left out. %s", title != NULL ? title : "A view",
                                                    damage->message));
  if (dump->error == NULL)
    dump->error = damage;
  else
    g_error_free (damage);

  return TRUE;
}

/* Adds every object that HTML or a script assigns. Each byte is looked at once: what failed is not begun again. */
static gboolean
index_script (Dump           *dump,
              HlJsonScanner  *scanner,
              const char     *title,
              gssize          position,
              GError        **error)
{
  const char *from = scanner->at;
  const char *value;

  while ((value = find_object (scanner->start, from, scanner->end)) != NULL)
    {
      g_autoptr (GError) damage = NULL;
      HlBertvizParams *params;
      gboolean recognised;

      hl_json_scanner_seek (scanner, (gsize) (value - scanner->start));
      params = hl_bertviz_params_parse (scanner, &recognised);
      from = MAX (scanner->at, value + 1);
      if (params == NULL)
        {
          hl_json_scanner_check (scanner, &damage);
          /* Some other script's object, which need not even be JSON. */
          if (!recognised && !g_error_matches (damage, G_IO_ERROR, G_IO_ERROR_CANCELLED))
            continue;
        }
      else
        {
          gsize length = params->end - params->position;

          if (!recognised)
            {
              hl_bertviz_params_free (params);
              continue;
            }
          from = skip_copy (from, scanner->end, length);
          add_entry (dump, params, scanner->source, title, position, &damage);
        }
      if (damage != NULL && !leave_out (dump, title, g_steal_pointer (&damage), error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
index_json (Dump           *dump,
            HlJsonScanner  *scanner,
            GError        **error)
{
  gboolean recognised;
  g_autoptr (HlBertvizParams) params = hl_bertviz_params_parse (scanner, &recognised);

  hl_json_scanner_expect_end (scanner);
  if (!hl_json_scanner_check (scanner, error))
    return FALSE;

  return add_entry (dump, g_steal_pointer (&params), scanner->source, NULL, -1, error);
}

static gboolean
index_notebook (Dump                   *dump,
                HlJsonScanner          *scanner,
                GFileProgressCallback   progress,
                gpointer                progress_data,
                GCancellable           *cancellable,
                GError                **error)
{
  g_autoptr (GArray) texts = NULL;
  const HlNotebookText *done = NULL;

  /* The second walk takes longer: it alone is shown. */
  hl_json_scanner_watch (scanner, NULL, NULL, cancellable);
  texts = hl_notebook_list_texts (scanner);
  hl_json_scanner_watch (scanner, progress, progress_data, cancellable);
  if (!hl_json_scanner_check (scanner, error))
    return FALSE;

  for (guint i = 0; i < texts->len; i++)
    {
      const HlNotebookText *text = &g_array_index (texts, HlNotebookText, i);
      g_autoptr (GBytes) content = NULL;
      g_autofree char *title = NULL;
      g_autofree char *source = NULL;
      g_auto (HlJsonScanner) inner = { 0 };
      guint n_before = dump->entries->len;

      /* The same as script and as HTML: the script is enough. */
      if (done != NULL && done->cell == text->cell && done->output == text->output)
        continue;

      content = hl_notebook_read_text (scanner, text->position, G_MAXSIZE);
      if (!hl_json_scanner_check (scanner, error))
        return FALSE;
      title = g_strdup_printf ("Cell %u, output %u", text->cell + 1, text->output + 1);
      source = g_strdup_printf ("text in output %u of cell %u", text->output + 1, text->cell + 1);
      hl_json_scanner_init (&inner, g_bytes_get_data (content, NULL), g_bytes_get_size (content), source);
      hl_json_scanner_watch (&inner, NULL, NULL, cancellable);
      if (!index_script (dump, &inner, title, (gssize) text->position, error))
        return FALSE;
      if (dump->entries->len > n_before)
        done = text;
    }

  return TRUE;
}

typedef enum
{
  CONTENT_OTHER,
  CONTENT_SCRIPT,    /* HTML or a script */
  CONTENT_JSON,
  CONTENT_NOTEBOOK,
} Content;

#define PROBE_SIZE 65536

/* The first telling key decides what a JSON object is. Only "attention" may be somebody else's; with BertViz, a list of
 * objects or an object of objects is in it. */
static Content
classify_object (const char *text,
                 gsize       length)
{
  static const char * const notebook_keys[] = { "cells", "nbformat", "nbformat_minor", "worksheets", NULL };
  static const char * const block_keys[] = {
    "att", "attn", "queries", "keys", "left_text", "right_text", "top_text", "bot_text", "default_filter", "root_div_id",
    "bidirectional", "include_layers", "include_heads", "total_heads", "display_mode", NULL
  };
  static const char * const filters[] = { "all", "a", "b", "aa", "bb", "ab", "ba", NULL };
  g_auto (HlJsonScanner) scanner = { 0 };
  g_autoptr (GString) key = g_string_new (NULL);

  hl_json_scanner_init (&scanner, text, length, "file");
  hl_json_scanner_open_object (&scanner);
  while (hl_json_scanner_next_member (&scanner, key))
    {
      if (g_strv_contains (notebook_keys, key->str))
        return CONTENT_NOTEBOOK;
      if (g_strv_contains (block_keys, key->str))
        return CONTENT_JSON;
      if (g_strv_contains (filters, key->str))
        return hl_json_scanner_peek (&scanner) == HL_JSON_OBJECT ? CONTENT_JSON : CONTENT_OTHER;
      if (strcmp (key->str, "attention") == 0)
        {
          if (hl_json_scanner_peek (&scanner) == HL_JSON_LIST)
            {
              hl_json_scanner_open_list (&scanner);
              if (!hl_json_scanner_next_entry (&scanner))
                return CONTENT_JSON;
            }
          return hl_json_scanner_peek (&scanner) == HL_JSON_OBJECT ? CONTENT_JSON : CONTENT_OTHER;
        }
      /* "layer": 3 and the like tell nothing. */
      hl_json_scanner_skip (&scanner);
    }

  return CONTENT_OTHER;
}

static gboolean
begins_with (const char *text,
             gsize       length,
             const char *prefix)
{
  return length >= strlen (prefix) && g_ascii_strncasecmp (text, prefix, strlen (prefix)) == 0;
}

static Content
classify (GBytes *bytes)
{
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);
  gsize length = MIN (size, PROBE_SIZE);
  gsize begin = 0;

  if (length >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    begin = 3;
  while (begin < length && is_space (text[begin]))
    begin++;
  if (begin == length)
    return CONTENT_OTHER;

  if (text[begin] == '{')
    return classify_object (text, length);
  if (memchr (text, '\0', length) != NULL)
    return CONTENT_OTHER;

  /* Nobody else's HTML is opened, so that it is better to say what is missing in it; of scripts there are others. */
  if (text[begin] == '<' && (g_strstr_len (text + begin, (gssize) (length - begin), "<script") != NULL ||
                             begins_with (text + begin, length - begin, "<!doctype html") ||
                             begins_with (text + begin, length - begin, "<html")))
    return CONTENT_SCRIPT;
  if (find_object (text, text + begin, text + length) != NULL)
    return CONTENT_SCRIPT;

  return CONTENT_OTHER;
}

static gboolean
probe (GBytes *bytes)
{
  return classify (bytes) != CONTENT_OTHER;
}

static HlTrace *
load (gpointer       data,
      guint          index,
      GCancellable  *cancellable,
      GError       **error)
{
  Dump *dump = data;
  Entry *entry = g_ptr_array_index (dump->entries, index);
  g_autoptr (GBytes) text = NULL;

  if (entry->escaped)
    {
      g_auto (HlJsonScanner) scanner = { 0 };

      hl_json_scanner_init (&scanner, g_bytes_get_data (dump->bytes, NULL), g_bytes_get_size (dump->bytes), "file");
      hl_json_scanner_watch (&scanner, NULL, NULL, cancellable);
      /* Not its second copy. */
      text = hl_notebook_read_text (&scanner, entry->position, entry->instance->end);
      if (!hl_json_scanner_check (&scanner, error))
        return NULL;
    }
  else
    {
      text = g_bytes_ref (dump->bytes);
    }

  return hl_bertviz_instance_load (entry->instance, text, entry->title, cancellable, error);
}

/* Nothing was found: says why. */
static void
set_empty_error (Dump     *dump,
                 Content   content,
                 GError  **error)
{
  if (dump->error != NULL)
    g_propagate_error (error, g_steal_pointer (&dump->error));
  else if (content == CONTENT_NOTEBOOK)
    g_set_error_literal (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY,
                         "No output of this notebook holds a BertViz view; it may have been saved before its cells were run.");
  else
    g_set_error_literal (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY,
                         "This page holds no BertViz view: no “params = {…}” was found in it.");
}

static HlDocument *
index_file (GBytes                 *bytes,
            const char             *title,
            GFileProgressCallback   progress,
            gpointer                progress_data,
            GCancellable           *cancellable,
            GError                **error)
{
  g_autoptr (Dump) dump = g_new0 (Dump, 1);
  g_autoptr (GPtrArray) left_out = NULL;
  g_auto (HlJsonScanner) scanner = { 0 };
  HlDocument *document;
  Content content = classify (bytes);
  gsize size = g_bytes_get_size (bytes);
  gboolean ok;

  dump->bytes = g_bytes_ref (bytes);
  dump->entries = g_ptr_array_new_with_free_func ((GDestroyNotify) entry_free);
  dump->left_out = g_ptr_array_new_with_free_func (g_free);
  hl_json_scanner_init (&scanner, g_bytes_get_data (bytes, NULL), size, "file");
  hl_json_scanner_watch (&scanner, progress, progress_data, cancellable);

  switch (content)
    {
    case CONTENT_JSON:
      ok = index_json (dump, &scanner, error);
      break;
    case CONTENT_NOTEBOOK:
      ok = index_notebook (dump, &scanner, progress, progress_data, cancellable, error);
      break;
    case CONTENT_SCRIPT:
    case CONTENT_OTHER:
    default:
      ok = index_script (dump, &scanner, NULL, -1, error);
      break;
    }
  if (!ok)
    return NULL;
  if (dump->entries->len == 0)
    {
      set_empty_error (dump, content, error);
      return NULL;
    }
  if (progress != NULL)
    progress ((goffset) size, (goffset) size, progress_data);

  left_out = g_ptr_array_ref (dump->left_out);
  document = hl_document_new (title, "BertViz", load, dump, (GDestroyNotify) dump_free);
  for (guint i = 0; i < dump->entries->len; i++)
    {
      Entry *entry = g_ptr_array_index (dump->entries, i);
      g_autofree char *text = hl_bertviz_instance_dup_text (entry->instance);

      hl_document_append (document, hl_instance_new (entry->title, text, hl_bertviz_instance_get_n_tokens (entry->instance),
                                                     NULL, NAN, -1));
    }
  for (guint i = 0; i < left_out->len; i++)
    hl_document_add_note (document, g_ptr_array_index (left_out, i));
  dump = NULL;

  return document;
}

static const char * const patterns[] = { "*.html", "*.htm", "*.ipynb", "*.json", "*.js", NULL };

const HlFormat hl_bertviz_format = {
  .id = "bertviz",
  .name = "BertViz",
  .patterns = patterns,
  .probe = probe,
  .read = index_file,
};
