#include "hl-bertviz-private.h"

#include <string.h>

#include "hl-format.h"

/* A few bytes of text become a token or a block of many; without a limit a file could ask for a hundred times its size.
 * Nobody can write a matrix for as many tokens as text, and BertViz never writes more than five blocks. */
#define MAX_TOKENS (1 << 20)
#define MAX_BLOCKS 64

static void
block_free (HlBertvizBlock *self)
{
  g_free (self->name);
  g_free (self->path);
  g_clear_pointer (&self->left.strings, g_ptr_array_unref);
  g_clear_pointer (&self->right.strings, g_ptr_array_unref);
  g_free (self);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HlBertvizBlock, block_free)

void
hl_bertviz_params_free (HlBertvizParams *self)
{
  g_ptr_array_unref (self->blocks);
  g_clear_pointer (&self->layer, g_array_unref);
  g_clear_pointer (&self->heads, g_array_unref);
  g_clear_pointer (&self->include_layers, g_array_unref);
  g_clear_pointer (&self->include_heads, g_array_unref);
  g_free (self);
}

static HlBertvizBlock *
block_new (const char *path,
           const char *name,
           gsize       position)
{
  HlBertvizBlock *self = g_new0 (HlBertvizBlock, 1);

  self->path = g_strdup (path);
  self->name = g_strdup (name);
  self->position = position;

  return self;
}

/* The key as a constant, if it is one of @keys. */
static const char *
match (const char         *key,
       const char * const *keys)
{
  for (; *keys != NULL; keys++)
    if (strcmp (key, *keys) == 0)
      return *keys;

  return NULL;
}

/* Tokens are zero-terminated from here on, so a zero byte in one becomes the sign for it. */
static char *
dup_without_zeros (GString *string)
{
  GString *text = g_string_sized_new (string->len);
  gsize begin = 0;

  while (begin <= string->len)
    {
      gsize length = strlen (string->str + begin);

      g_string_append_len (text, string->str + begin, (gssize) length);
      begin += length + 1;
      if (begin <= string->len)
        g_string_append (text, "\u2400");
    }

  return g_string_free (text, FALSE);
}

static void
read_text (HlJsonScanner *scanner,
           HlBertvizText *text,
           const char    *key)
{
  g_autoptr (GString) string = g_string_new (NULL);

  g_clear_pointer (&text->strings, g_ptr_array_unref);
  text->strings = g_ptr_array_new_with_free_func (g_free);
  text->key = key;
  hl_json_scanner_peek (scanner);
  text->position = hl_json_scanner_get_position (scanner);

  hl_json_scanner_open_list (scanner);
  while (hl_json_scanner_next_entry (scanner))
    {
      if (text->strings->len == MAX_TOKENS)
        hl_json_scanner_fail (scanner, HL_FORMAT_ERROR_VALUE,
                              "The list at byte %" G_GSIZE_FORMAT " of the %s, inside “%s”, has more than %d tokens.",
                              text->position, scanner->source, scanner->context, MAX_TOKENS);
      if (hl_json_scanner_read_string (scanner, string))
        g_ptr_array_add (text->strings, dup_without_zeros (string));
    }
}

static void
read_matrix (HlJsonScanner   *scanner,
             HlBertvizMatrix *matrix,
             const char      *key)
{
  if (hl_json_scanner_read_null (scanner))
    return;

  matrix->key = key;
  hl_json_scanner_measure_array (scanner, &matrix->array);
}

/* Reads the value of @key if it belongs to a block; FALSE if it does not. */
static gboolean
read_block_member (HlJsonScanner  *scanner,
                   HlBertvizBlock *block,
                   const char     *key)
{
  static const char * const attn_keys[] = { "attn", "att", NULL };
  static const char * const left_keys[] = { "left_text", "top_text", NULL };
  static const char * const right_keys[] = { "right_text", "bot_text", NULL };
  static const char * const query_keys[] = { "queries", NULL };
  static const char * const key_keys[] = { "keys", NULL };
  const char *outer = scanner->context;
  g_autofree char *context = g_strdup_printf ("%s%s%s", block->path, block->path[0] != '\0' ? "." : "", key);
  gboolean known = TRUE;
  const char *name;

  scanner->context = context;
  if ((name = match (key, attn_keys)) != NULL)
    read_matrix (scanner, &block->attn, name);
  else if ((name = match (key, query_keys)) != NULL)
    read_matrix (scanner, &block->queries, name);
  else if ((name = match (key, key_keys)) != NULL)
    read_matrix (scanner, &block->keys, name);
  else if ((name = match (key, left_keys)) != NULL)
    read_text (scanner, &block->left, name);
  else if ((name = match (key, right_keys)) != NULL)
    read_text (scanner, &block->right, name);
  else
    known = FALSE;
  scanner->context = outer;

  return known;
}

/* @name: the filter, or NULL for a part that brings its own. */
static void
read_block (HlJsonScanner   *scanner,
            HlBertvizParams *params,
            const char      *path,
            const char      *name)
{
  g_autoptr (HlBertvizBlock) block = NULL;
  g_autoptr (GString) key = g_string_new (NULL);
  const char *outer = scanner->context;

  scanner->context = path;
  hl_json_scanner_peek (scanner);
  block = block_new (path, name, hl_json_scanner_get_position (scanner));
  if (params->blocks->len == MAX_BLOCKS)
    hl_json_scanner_fail (scanner, HL_FORMAT_ERROR_VALUE,
                          "At byte %" G_GSIZE_FORMAT " of the %s there are more than %d blocks of attention.",
                          block->position, scanner->source, MAX_BLOCKS);
  hl_json_scanner_open_object (scanner);
  while (hl_json_scanner_next_member (scanner, key))
    {
      if (read_block_member (scanner, block, key->str))
        continue;

      if (name == NULL && strcmp (key->str, "name") == 0 && !hl_json_scanner_read_null (scanner))
        {
          g_autoptr (GString) string = g_string_new (NULL);

          if (hl_json_scanner_read_string (scanner, string))
            {
              g_free (block->name);
              block->name = dup_without_zeros (string);
            }
        }
      else if (name != NULL || strcmp (key->str, "name") != 0)
        {
          hl_json_scanner_skip (scanner);
        }
    }
  scanner->context = outer;
  g_ptr_array_add (params->blocks, g_steal_pointer (&block));
}

static void
read_attention (HlJsonScanner   *scanner,
                HlBertvizParams *params)
{
  g_autoptr (GString) key = g_string_new (NULL);

  /* Of a key that comes twice, the last counts, as it does in Python and JavaScript. */
  g_ptr_array_set_size (params->blocks, 0);
  params->is_list = hl_json_scanner_peek (scanner) == HL_JSON_LIST;
  scanner->context = "attention";
  if (params->is_list)
    {
      hl_json_scanner_open_list (scanner);
      while (hl_json_scanner_next_entry (scanner))
        {
          g_autofree char *path = g_strdup_printf ("attention[%u]", params->blocks->len);

          read_block (scanner, params, path, NULL);
        }
    }
  else
    {
      hl_json_scanner_open_object (scanner);
      while (hl_json_scanner_next_member (scanner, key))
        {
          g_autofree char *path = g_strdup_printf ("attention.%s", key->str);

          read_block (scanner, params, path, key->str);
        }
    }
  scanner->context = NULL;
}

static void
read_one_number (HlJsonScanner *scanner,
                 GArray        *numbers)
{
  gint64 number;
  guint value;

  if (!hl_json_scanner_read_integer (scanner, &number))
    return;
  if (number < 0 || number > G_MAXINT)
    {
      hl_json_scanner_fail (scanner, HL_FORMAT_ERROR_VALUE,
                            "The number before byte %" G_GSIZE_FORMAT " of the %s, inside “%s”, is %" G_GINT64_FORMAT
                            ", which cannot be the number of a layer or head.",
                            hl_json_scanner_get_position (scanner), scanner->source, scanner->context, number);
      return;
    }
  value = (guint) number;
  g_array_append_val (numbers, value);
}

/* A number, a list of numbers, or null. */
static void
read_numbers (HlJsonScanner  *scanner,
              const char     *key,
              GArray        **numbers)
{
  g_clear_pointer (numbers, g_array_unref);
  if (hl_json_scanner_read_null (scanner))
    return;

  scanner->context = key;
  *numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  if (hl_json_scanner_peek (scanner) == HL_JSON_LIST)
    {
      hl_json_scanner_open_list (scanner);
      while (hl_json_scanner_next_entry (scanner))
        read_one_number (scanner, *numbers);
    }
  else
    {
      read_one_number (scanner, *numbers);
    }
  scanner->context = NULL;
}

/* A dump before July 2019 has no level around the blocks: each filter is a member of the object itself, or the members
 * of the only block are. */
static gboolean
read_early_member (HlJsonScanner   *scanner,
                   HlBertvizParams *params,
                   const char      *key,
                   HlBertvizBlock **flat)
{
  static const char * const filters[] = { "all", "a", "b", "aa", "bb", "ab", "ba", NULL };

  if (match (key, filters) != NULL)
    {
      read_block (scanner, params, key, key);
      return TRUE;
    }
  if (*flat == NULL)
    *flat = block_new ("", NULL, params->position);

  return read_block_member (scanner, *flat, key);
}

HlBertvizParams *
hl_bertviz_params_parse (HlJsonScanner *scanner,
                         gboolean      *recognised)
{
  static const char * const marks[] = {
    "attention", "all", "attn", "att", "queries", "keys", "left_text", "top_text", "default_filter", NULL
  };
  g_autoptr (HlBertvizParams) self = g_new0 (HlBertvizParams, 1);
  g_autoptr (HlBertvizBlock) flat = NULL;
  g_autoptr (GString) key = g_string_new (NULL);
  gboolean has_heads = FALSE;
  gboolean has_display_mode = FALSE;

  self->blocks = g_ptr_array_new_with_free_func ((GDestroyNotify) block_free);
  self->bidirectional = -1;
  *recognised = FALSE;
  hl_json_scanner_peek (scanner);
  self->position = hl_json_scanner_get_position (scanner);

  hl_json_scanner_open_object (scanner);
  while (hl_json_scanner_next_member (scanner, key))
    {
      const char *name = key->str;

      *recognised |= match (name, marks) != NULL;
      if (strcmp (name, "attention") == 0)
        {
          read_attention (scanner, self);
        }
      else if (strcmp (name, "layer") == 0)
        {
          read_numbers (scanner, "layer", &self->layer);
        }
      else if (strcmp (name, "heads") == 0)
        {
          read_numbers (scanner, "heads", &self->heads);
          has_heads = TRUE;
        }
      else if (strcmp (name, "head") == 0)
        {
          read_numbers (scanner, "head", &self->heads);
        }
      else if (strcmp (name, "include_layers") == 0)
        {
          read_numbers (scanner, "include_layers", &self->include_layers);
        }
      else if (strcmp (name, "include_heads") == 0)
        {
          read_numbers (scanner, "include_heads", &self->include_heads);
        }
      else if (strcmp (name, "bidirectional") == 0)
        {
          gboolean value;

          if (!hl_json_scanner_read_null (scanner) && hl_json_scanner_read_boolean (scanner, &value))
            self->bidirectional = value;
        }
      else if (!read_early_member (scanner, self, name, &flat))
        {
          has_display_mode |= strcmp (name, "display_mode") == 0 || strcmp (name, "total_heads") == 0;
          hl_json_scanner_skip (scanner);
        }
    }
  if (scanner->error != NULL)
    return NULL;

  self->end = hl_json_scanner_get_position (scanner);
  if (flat != NULL && (flat->attn.key != NULL || flat->left.key != NULL || flat->right.key != NULL))
    g_ptr_array_add (self->blocks, g_steal_pointer (&flat));

  self->view = has_display_mode ? HL_BERTVIZ_VIEW_MODEL : has_heads ? HL_BERTVIZ_VIEW_HEAD : HL_BERTVIZ_VIEW_UNKNOWN;
  for (guint i = 0; i < self->blocks->len; i++)
    {
      HlBertvizBlock *block = g_ptr_array_index (self->blocks, i);

      if (block->queries.key != NULL)
        self->view = HL_BERTVIZ_VIEW_NEURON;
    }

  return g_steal_pointer (&self);
}
