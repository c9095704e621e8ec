#include "hl-dump-private.h"

#include <math.h>
#include <string.h>

#include "hl-dump-json.h"

gboolean
hl_dump_has_text (guint       group,
                  HlDumpField field)
{
  return field == HL_DUMP_TOKENS && group != HL_DUMP_GROUP_DECODER && group != HL_DUMP_GROUP_CROSS;
}

/* Where the tokens of one side may stand, in the order in which they are looked for. */
static const HlDumpItem *
find_tokens (HlDump               *self,
             const HlDumpInstance *instance,
             guint                 group,
             HlAttentionKind       kind,
             gboolean              keys)
{
  HlDumpField side = keys ? HL_DUMP_RIGHT_TOKENS : HL_DUMP_LEFT_TOKENS;
  const HlDumpItem *item = hl_dump_find (self, instance, group, side);
  guint other = HL_DUMP_GROUP_NONE;

  if (item == NULL)
    item = hl_dump_find (self, instance, group, HL_DUMP_TOKENS);

  if (item == NULL)
    {
      if (kind == HL_ATTENTION_CROSS)
        other = keys ? HL_DUMP_GROUP_ENCODER : HL_DUMP_GROUP_DECODER;
      else if (kind == HL_ATTENTION_ENCODER)
        other = HL_DUMP_GROUP_ENCODER;
      else if (kind == HL_ATTENTION_DECODER)
        other = HL_DUMP_GROUP_DECODER;

      if (other != HL_DUMP_GROUP_NONE)
        item = hl_dump_find (self, instance, other, HL_DUMP_TOKENS);
    }

  if (item == NULL)
    item = hl_dump_find (self, instance, HL_DUMP_GROUP_NONE, side);

  /* What is attended across cannot be the tokens that attend. */
  if (item == NULL && kind != HL_ATTENTION_CROSS)
    item = hl_dump_find (self, instance, HL_DUMP_GROUP_NONE, HL_DUMP_TOKENS);

  return item;
}

/* Whole numbers, one a token: those of the tensor, or of its part that is this one's of the batch. NULL where there is
 * no such entry or it is of another length, as input ids of a longer text may be. */
static float *
read_ids (HlDump               *self,
          const HlDumpInstance *instance,
          guint                 group,
          HlDumpField           field,
          gsize                 n)
{
  const HlDumpItem *item = hl_dump_find (self, instance, group, field);
  float *values;
  gsize n_elements;

  if (item == NULL || item->tensor == NULL)
    return NULL;

  n_elements = hl_tensor_get_n_elements (item->tensor);

  if (n == 0 || (n_elements != n && n_elements / n != self->n_batch) || n_elements % n != 0)
    return NULL;

  values = g_new (float, n);
  hl_tensor_read_f32 (item->tensor, n_elements == n ? 0 : instance->batch * n, n, values);

  return values;
}

static HlTokens *
add_ids (HlDump               *self,
         const HlDumpInstance *instance,
         guint                 group,
         HlTokens             *tokens)
{
  gsize n = hl_tokens_get_length (tokens);
  g_autofree float *segments = read_ids (self, instance, group, HL_DUMP_SEGMENTS, n);
  g_autofree float *ids = read_ids (self, instance, group, HL_DUMP_INPUT_IDS, n);
  g_autofree HlToken *copies = NULL;

  if (segments == NULL && ids == NULL)
    return hl_tokens_ref (tokens);

  copies = g_new0 (HlToken, n + 1);

  for (gsize i = 0; i < n; i++)
    {
      copies[i] = *hl_tokens_get (tokens, i);

      if (segments != NULL && segments[i] >= 0 && segments[i] <= G_MAXUINT8)
        copies[i].segment = (guint8) segments[i];
      /* Ids below 2^24 are exact as floats, and there are no larger vocabularies. */
      if (ids != NULL && ids[i] >= 0 && ids[i] < 16777216)
        copies[i].id = (gint32) ids[i];
    }

  return hl_tokens_new (hl_tokens_get_input (tokens), copies, n);
}

static HlTokens *
number_tokens (gsize n)
{
  g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; i < n; i++)
    g_ptr_array_add (strings, g_strdup_printf ("%" G_GSIZE_FORMAT, i));

  return hl_tokens_new_from_strings (NULL, (const char * const *) strings->pdata, n, n);
}

static HlTokens *
parse_tokens (HlDump                *self,
              const HlDumpInstance  *instance,
              const HlDumpItem      *item,
              gsize                  n,
              GError               **error)
{
  const char *input = NULL;

  if (hl_dump_has_text (item->name.group, item->name.field))
    {
      const HlDumpItem *text = hl_dump_find (self, instance, item->name.group, HL_DUMP_TEXT);

      if (text == NULL)
        text = hl_dump_find (self, instance, HL_DUMP_GROUP_NONE, HL_DUMP_TEXT);

      input = hl_dump_get_text (self, instance, text);
    }
  else if (item->name.field == HL_DUMP_TOKENS)
    {
      input = hl_dump_get_text (self, instance, hl_dump_find (self, instance, item->name.group, HL_DUMP_TEXT));
    }

  if (item->strings != NULL)
    {
      gsize length = g_strv_length ((char **) item->strings);

      if (self->n_batch > 1 && length / self->n_batch == n && length % self->n_batch == 0)
        return hl_tokens_new_from_strings (input, item->strings + instance->batch * n, n, n);

      return hl_tokens_new_from_strings (input, item->strings, length, length);
    }

  if (!hl_dump_json_is (item->text))
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SYNTAX,
                   "The text “%.200s” is not a JSON array of tokens.", item->key);
      return NULL;
    }

  return hl_dump_json_tokens (item->text, item->key, input, error);
}

HlTokens *
hl_dump_load_tokens (HlDump                *self,
                     const HlDumpInstance  *instance,
                     guint                  group,
                     HlAttentionKind        kind,
                     gboolean               keys,
                     gsize                  n,
                     gboolean              *numbered,
                     GError               **error)
{
  const HlDumpItem *item = find_tokens (self, instance, group, kind, keys);
  g_autoptr (HlTokens) tokens = NULL;

  if (item == NULL)
    {
      *numbered = TRUE;
      tokens = number_tokens (n);
      return add_ids (self, instance, group, tokens);
    }

  tokens = parse_tokens (self, instance, item, n, error);

  if (tokens == NULL)
    return NULL;

  if (hl_tokens_get_length (tokens) != n)
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SHAPE,
                   "The list “%.200s” has %" G_GSIZE_FORMAT " tokens, but the %s of the attention are %" G_GSIZE_FORMAT
                   ".", item->key, hl_tokens_get_length (tokens), keys ? "keys" : "queries", n);
      return NULL;
    }

  return add_ids (self, instance, item->name.group, tokens);
}
