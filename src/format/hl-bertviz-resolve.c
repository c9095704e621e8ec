#include "hl-bertviz-private.h"

#include <string.h>

#include "hl-format.h"

static void add_note (HlBertvizInstance *self,
                      const char        *format,
                      ...) G_GNUC_PRINTF (2, 3);

static void
add_note (HlBertvizInstance *self,
          const char        *format,
          ...)
{
  va_list arguments;

  va_start (arguments, format);
  g_ptr_array_add (self->notes, g_strdup_vprintf (format, arguments));
  va_end (arguments);
}

static char *
describe_dims (const HlJsonArray *array)
{
  GString *text = g_string_new (NULL);

  for (guint level = 0; level < array->rank; level++)
    g_string_append_printf (text, "%s%" G_GSIZE_FORMAT, level > 0 ? " × " : "", array->dims[level]);

  return g_string_free (text, FALSE);
}

static gboolean
check_rank (HlBertvizInstance      *self,
            const HlBertvizBlock   *block,
            const HlBertvizMatrix  *matrix,
            GError                **error)
{
  g_autofree char *name = hl_bertviz_join_path (block->path, matrix->key);
  const HlJsonArray *array = &matrix->array;

  if (array->rank > 0 && hl_json_array_get_size (array) == 0)
    {
      g_autofree char *dims = describe_dims (array);

      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY,
                   "The matrix “%s” at byte %" G_GSIZE_FORMAT " of the %s holds no numbers: its shape is %s.",
                   name, array->position, self->source, dims);
      return FALSE;
    }
  if (array->rank != 4)
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SHAPE,
                   "The matrix “%s” at byte %" G_GSIZE_FORMAT " of the %s is nested %u deep; 4 levels were expected, for layers, "
                   "heads and two sides.",
                   name, array->position, self->source, array->rank);
      return FALSE;
    }

  return TRUE;
}

static gboolean
check_side (HlBertvizInstance      *self,
            const HlBertvizBlock   *block,
            const HlBertvizMatrix  *matrix,
            guint                   axis,
            const HlBertvizText    *text,
            GError                **error)
{
  g_autofree char *name = NULL;

  if (matrix->array.dims[axis] == text->strings->len)
    return TRUE;

  name = hl_bertviz_join_path (block->path, matrix->key);
  g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SHAPE,
               "The matrix “%s” at byte %" G_GSIZE_FORMAT " of the %s has %" G_GSIZE_FORMAT " %s, but “%s” at byte %" G_GSIZE_FORMAT
               " has %u %s.",
               name, matrix->array.position, self->source, matrix->array.dims[axis], axis == 2 ? "rows" : "columns",
               text->key, text->position, text->strings->len, text->strings->len == 1 ? "token" : "tokens");

  return FALSE;
}

static gboolean
check_present (HlBertvizInstance     *self,
               const HlBertvizBlock  *block,
               const char            *key,
               const char            *expected,
               GError               **error)
{
  if (key != NULL)
    return TRUE;

  g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SHAPE,
               "The object%s%s%s at byte %" G_GSIZE_FORMAT " of the %s has no “%s”.",
               block->path[0] != '\0' ? " “" : "", block->path, block->path[0] != '\0' ? "”" : "", block->position,
               self->source, expected);

  return FALSE;
}

/* Queries and keys must be of the same layers, heads, tokens and, with each other, dimension. */
static gboolean
check_projections (HlBertvizInstance     *self,
                   const HlBertvizBlock  *block,
                   GError               **error)
{
  const HlJsonArray *attn = &block->attn.array;
  const HlJsonArray *queries = &block->queries.array;
  const HlJsonArray *keys = &block->keys.array;
  g_autofree char *query_dims = NULL;
  g_autofree char *key_dims = NULL;
  g_autofree char *attn_dims = NULL;

  if (block->queries.key == NULL && block->keys.key == NULL)
    return TRUE;
  if (!check_present (self, block, block->queries.key, "queries", error) ||
      !check_present (self, block, block->keys.key, "keys", error) ||
      !check_rank (self, block, &block->queries, error) ||
      !check_rank (self, block, &block->keys, error))
    return FALSE;

  if (queries->dims[0] == attn->dims[0] && queries->dims[1] == attn->dims[1] && queries->dims[2] == attn->dims[2] &&
      keys->dims[0] == attn->dims[0] && keys->dims[1] == attn->dims[1] && keys->dims[2] == attn->dims[3] &&
      queries->dims[3] == keys->dims[3])
    return TRUE;

  query_dims = describe_dims (queries);
  key_dims = describe_dims (keys);
  attn_dims = describe_dims (attn);
  g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SHAPE,
               "The queries at byte %" G_GSIZE_FORMAT " of the %s are %s and the keys at byte %" G_GSIZE_FORMAT
               " %s, which does not fit the attention of %s.",
               queries->position, self->source, query_dims, keys->position, key_dims, attn_dims);

  return FALSE;
}

static gboolean
check_block (HlBertvizInstance     *self,
             const HlBertvizBlock  *block,
             GError               **error)
{
  return check_present (self, block, block->attn.key, "attn", error) &&
         check_present (self, block, block->left.key, "left_text", error) &&
         check_present (self, block, block->right.key, "right_text", error) &&
         check_rank (self, block, &block->attn, error) &&
         check_side (self, block, &block->attn, 2, &block->left, error) &&
         check_side (self, block, &block->attn, 3, &block->right, error) &&
         check_projections (self, block, error);
}

static gboolean
strings_equal (GPtrArray *a,
               GPtrArray *b)
{
  if (a->len != b->len)
    return FALSE;
  for (guint i = 0; i < a->len; i++)
    if (strcmp (g_ptr_array_index (a, i), g_ptr_array_index (b, i)) != 0)
      return FALSE;

  return TRUE;
}

static HlTokens *
make_tokens (GPtrArray *strings,
             gsize      segment_b_start)
{
  return hl_tokens_new_from_strings (NULL, (const char * const *) strings->pdata, strings->len, segment_b_start);
}

static HlBertvizBlock *
find_block (HlBertvizParams    *params,
            const char * const *names)
{
  for (guint i = params->blocks->len; i-- > 0;)
    {
      HlBertvizBlock *block = g_ptr_array_index (params->blocks, i);

      if (block->name != NULL && g_strv_contains (names, block->name))
        return block;
    }

  return NULL;
}

/* Where sentence B begins in @all: as many tokens from the start as the block of A alone has. All four blocks must then
 * be those cut out of @all there; without that nothing is known of segments. */
static gsize
find_segment_b (HlBertvizInstance *self,
                HlBertvizParams   *params,
                HlBertvizBlock    *all)
{
  static const char * const names[4][4] = {
    { "aa", "a", "Sentence A -> Sentence A" }, { "bb", "b", "Sentence B -> Sentence B" },
    { "ab", "Sentence A -> Sentence B" }, { "ba", "Sentence B -> Sentence A" },
  };
  static const gboolean left_is_b[4] = { FALSE, TRUE, FALSE, TRUE };
  static const gboolean right_is_b[4] = { FALSE, TRUE, TRUE, FALSE };
  HlBertvizBlock *aa = find_block (params, names[0]);
  gsize n = all->left.strings->len;
  gsize b;

  if (aa == NULL || aa->left.strings == NULL)
    return n;

  b = aa->left.strings->len;
  for (guint i = 0; i < 4; i++)
    {
      HlBertvizBlock *block = find_block (params, names[i]);
      gsize n_left = left_is_b[i] ? n - MIN (b, n) : b;
      gsize n_right = right_is_b[i] ? n - MIN (b, n) : b;

      if (block == NULL || block->left.strings == NULL || block->right.strings == NULL)
        continue;
      if (b > n || block->left.strings->len != n_left || block->right.strings->len != n_right)
        {
          add_note (self,
                    "The block “%s” has %u × %u tokens, which is no part of the whole of %" G_GSIZE_FORMAT " × %u; where "
                    "the second sentence begins is therefore not known.",
                    block->name, block->left.strings->len, block->right.strings->len, n, all->right.strings->len);
          return n;
        }
    }
  for (gsize i = 0; i < b; i++)
    if (strcmp (g_ptr_array_index (aa->left.strings, i), g_ptr_array_index (all->left.strings, i)) != 0)
      {
        add_note (self,
                  "Token %" G_GSIZE_FORMAT " of the block “%s” is not that of the whole; where the second sentence "
                  "begins is therefore not known.",
                  i, aa->name);
        return n;
      }

  return b;
}

static HlBertvizPart *
add_part (HlBertvizInstance *self,
          HlBertvizBlock    *block,
          HlAttentionKind    kind,
          HlTokens          *left,
          HlTokens          *right)
{
  HlBertvizPart *part = g_new0 (HlBertvizPart, 1);

  part->kind = kind;
  part->path = g_strdup (block->path);
  part->left = hl_tokens_ref (left);
  part->right = hl_tokens_ref (right);
  part->attn = block->attn;
  part->queries = block->queries;
  part->keys = block->keys;
  g_ptr_array_add (self->parts, part);

  return part;
}

/* One matrix of everything to everything. What is not square in its tokens can only be decoder to encoder. */
static gboolean
resolve_single (HlBertvizInstance  *self,
                HlBertvizParams    *params,
                HlBertvizBlock     *block,
                GError            **error)
{
  g_autoptr (HlTokens) left = NULL;
  g_autoptr (HlTokens) right = NULL;

  if (!check_block (self, block, error))
    return FALSE;

  if (strings_equal (block->left.strings, block->right.strings))
    {
      left = make_tokens (block->left.strings, find_segment_b (self, params, block));
      add_part (self, block, HL_ATTENTION_SELF, left, left);
    }
  else
    {
      left = make_tokens (block->left.strings, block->left.strings->len);
      right = make_tokens (block->right.strings, block->right.strings->len);
      add_part (self, block, HL_ATTENTION_CROSS, left, right);
    }

  return TRUE;
}

/* Tokens of one side, the same object wherever the strings are the same. @known: of another part (nullable). */
static HlTokens *
share_tokens (HlBertvizInstance *self,
              GPtrArray         *strings,
              GPtrArray         *known_strings,
              HlTokens          *known,
              const char        *side)
{
  if (known != NULL && strings_equal (strings, known_strings))
    return hl_tokens_ref (known);
  if (known != NULL)
    add_note (self, "The tokens of the %s are not the same in all parts.", side);

  return make_tokens (strings, strings->len);
}

static gboolean
resolve_encoder_decoder (HlBertvizInstance  *self,
                         HlBertvizParams    *params,
                         GError            **error)
{
  static const char * const names[3][2] = { { "Encoder" }, { "Decoder" }, { "Cross" } };
  HlBertvizBlock *encoder = find_block (params, names[0]);
  HlBertvizBlock *decoder = find_block (params, names[1]);
  HlBertvizBlock *cross = find_block (params, names[2]);
  g_autoptr (HlTokens) encoder_tokens = NULL;
  g_autoptr (HlTokens) decoder_tokens = NULL;

  if (encoder != NULL)
    {
      g_autoptr (HlTokens) right = NULL;

      if (!check_block (self, encoder, error))
        return FALSE;
      encoder_tokens = make_tokens (encoder->left.strings, encoder->left.strings->len);
      right = share_tokens (self, encoder->right.strings, encoder->left.strings, encoder_tokens, "encoder");
      add_part (self, encoder, HL_ATTENTION_ENCODER, encoder_tokens, right);
    }
  if (decoder != NULL)
    {
      g_autoptr (HlTokens) right = NULL;

      if (!check_block (self, decoder, error))
        return FALSE;
      decoder_tokens = make_tokens (decoder->left.strings, decoder->left.strings->len);
      right = share_tokens (self, decoder->right.strings, decoder->left.strings, decoder_tokens, "decoder");
      add_part (self, decoder, HL_ATTENTION_DECODER, decoder_tokens, right);
    }
  if (cross != NULL)
    {
      g_autoptr (HlTokens) left = NULL;
      g_autoptr (HlTokens) right = NULL;

      if (!check_block (self, cross, error))
        return FALSE;
      left = share_tokens (self, cross->left.strings, decoder != NULL ? decoder->left.strings : NULL, decoder_tokens,
                           "decoder");
      right = share_tokens (self, cross->right.strings, encoder != NULL ? encoder->left.strings : NULL, encoder_tokens,
                            "encoder");
      add_part (self, cross, HL_ATTENTION_CROSS, left, right);
    }

  return TRUE;
}

/* The names of all blocks, for messages. */
static char *
list_names (HlBertvizParams *params)
{
  GString *text = g_string_new (NULL);

  for (guint i = 0; i < params->blocks->len; i++)
    {
      HlBertvizBlock *block = g_ptr_array_index (params->blocks, i);

      g_string_append_printf (text, "%s“%s”", i > 0 ? ", " : "", block->name != NULL ? block->name : "");
    }

  return g_string_free (text, FALSE);
}

static gboolean
resolve (HlBertvizInstance  *self,
         HlBertvizParams    *params,
         GError            **error)
{
  static const char * const all_names[] = { "all", "All", NULL };
  static const char * const part_names[] = { "Encoder", "Decoder", "Cross", NULL };
  static const char * const block_names[] = {
    "all", "a", "b", "aa", "bb", "ab", "ba",
    "All", "Sentence A -> Sentence A", "Sentence B -> Sentence B", "Sentence A -> Sentence B", "Sentence B -> Sentence A",
    NULL
  };
  HlBertvizBlock *all = find_block (params, all_names);
  gboolean has_parts = find_block (params, part_names) != NULL;
  g_autofree char *names = list_names (params);

  if (params->blocks->len == 0)
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY,
                   "The object at byte %" G_GSIZE_FORMAT " of the %s holds no attention.", params->position, self->source);
      return FALSE;
    }

  if (all != NULL || has_parts)
    {
      for (guint i = 0; i < params->blocks->len; i++)
        {
          HlBertvizBlock *block = g_ptr_array_index (params->blocks, i);
          const char *name = block->name != NULL ? block->name : "";

          if (!g_strv_contains (all != NULL ? block_names : part_names, name))
            add_note (self, "The block “%s” is of no known kind and was left out.", name);
        }
      return all != NULL ? resolve_single (self, params, all, error) : resolve_encoder_decoder (self, params, error);
    }

  if (params->blocks->len == 1 && find_block (params, block_names) == NULL)
    return resolve_single (self, params, g_ptr_array_index (params->blocks, 0), error);

  g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SHAPE,
               "The object at byte %" G_GSIZE_FORMAT " of the %s holds the blocks %s, but none of all tokens to all tokens "
               "(“%s”).",
               params->position, self->source, names, params->is_list ? "All" : "all");

  return FALSE;
}

HlBertvizInstance *
hl_bertviz_instance_new (HlBertvizParams  *params,
                         const char       *source,
                         GError          **error)
{
  g_autoptr (HlBertvizInstance) self = g_new0 (HlBertvizInstance, 1);

  self->source = g_strdup (source);
  self->parts = g_ptr_array_new_with_free_func ((GDestroyNotify) hl_bertviz_part_free);
  self->notes = g_ptr_array_new_with_free_func (g_free);
  self->end = params->end;
  self->view = params->view;
  self->bidirectional = params->bidirectional;
  if (!resolve (self, params, error))
    return NULL;

  self->layer = g_steal_pointer (&params->layer);
  self->heads = g_steal_pointer (&params->heads);
  self->include_layers = g_steal_pointer (&params->include_layers);
  self->include_heads = g_steal_pointer (&params->include_heads);

  return g_steal_pointer (&self);
}
