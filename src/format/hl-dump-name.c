#include "hl-dump-name.h"

#include <string.h>

/* A name is taken apart at dots, underscores, slashes and hyphens, and where a number begins. Of its pieces one may be
 * a number, the layer, and some may say whose it is (encoder, decoder, cross, self), in any place; what is left must be
 * one of the words below. So “encoder.attention.3”, “encoder_attentions_3” and “decoder.layers.3.self_attn” are known,
 * but “encoder.layer.3.attention.self.query.weight”, as models call their weights, is not.
 */

typedef struct
{
  const char *word;
  HlDumpField field;
} Alias;

static const Alias tensor_aliases[] = {
  { "attention", HL_DUMP_ATTENTION },
  { "attentions", HL_DUMP_ATTENTION },
  { "attention_weights", HL_DUMP_ATTENTION },
  { "attention_probs", HL_DUMP_ATTENTION },
  { "attn", HL_DUMP_ATTENTION },
  { "attns", HL_DUMP_ATTENTION },
  { "arr", HL_DUMP_ATTENTION },
  { "layer", HL_DUMP_ATTENTION },
  { "layer_attention", HL_DUMP_ATTENTION },
  { "layer_attn", HL_DUMP_ATTENTION },
  { "layers_attention", HL_DUMP_ATTENTION },
  { "layers_attn", HL_DUMP_ATTENTION },
  { "queries", HL_DUMP_QUERIES },
  { "query", HL_DUMP_QUERIES },
  { "q", HL_DUMP_QUERIES },
  { "keys", HL_DUMP_KEYS },
  { "key", HL_DUMP_KEYS },
  { "k", HL_DUMP_KEYS },
  { "values", HL_DUMP_VALUES },
  { "value", HL_DUMP_VALUES },
  { "v", HL_DUMP_VALUES },
  { "segments", HL_DUMP_SEGMENTS },
  { "segment_ids", HL_DUMP_SEGMENTS },
  { "token_type_ids", HL_DUMP_SEGMENTS },
  { "input_ids", HL_DUMP_INPUT_IDS },
  { "token_ids", HL_DUMP_INPUT_IDS },
  { "ids", HL_DUMP_INPUT_IDS },
  { "causal", HL_DUMP_CAUSAL },
  { "scale", HL_DUMP_SCALE },
  { "scores", HL_DUMP_SCORES },
  { "probabilities", HL_DUMP_PROBABILITIES },
  { "probs", HL_DUMP_PROBABILITIES },
  { "logits", HL_DUMP_LOGITS },
  { "label", HL_DUMP_LABEL },
  { "predicted_value", HL_DUMP_PREDICTED_VALUE },
  { "label_value", HL_DUMP_LABEL_VALUE },
};

static const Alias text_aliases[] = {
  { "tokens", HL_DUMP_TOKENS },
  { "left_tokens", HL_DUMP_LEFT_TOKENS },
  { "query_tokens", HL_DUMP_LEFT_TOKENS },
  { "right_tokens", HL_DUMP_RIGHT_TOKENS },
  { "key_tokens", HL_DUMP_RIGHT_TOKENS },
  { "kind", HL_DUMP_KIND },
  { "causal", HL_DUMP_CAUSAL },
  { "scale", HL_DUMP_SCALE },
  { "layers", HL_DUMP_LAYERS },
  { "heads", HL_DUMP_HEADS },
  { "name", HL_DUMP_NAME },
  { "channels", HL_DUMP_CHANNELS },
  { "title", HL_DUMP_TITLE },
  { "text", HL_DUMP_TEXT },
  { "model", HL_DUMP_MODEL },
  { "notes", HL_DUMP_NOTES },
  { "task", HL_DUMP_TASK },
  { "classes", HL_DUMP_CLASSES },
  { "class_names", HL_DUMP_CLASSES },
  { "label", HL_DUMP_LABEL },
  { "predicted_value", HL_DUMP_PREDICTED_VALUE },
  { "label_value", HL_DUMP_LABEL_VALUE },
  { "prediction_note", HL_DUMP_PREDICTION_NOTE },
};

/* Reads “WORD.N”, followed by a dot or the end. Returns what is behind, or NULL. */
static const char *
scan_numbered (const char *name,
               const char *word,
               int        *number)
{
  gsize length = strlen (word);
  const char *p = name + length + 1;

  if (strncmp (name, word, length) != 0 || name[length] != '.' || !g_ascii_isdigit (*p))
    return NULL;

  for (*number = 0; g_ascii_isdigit (*p); p++)
    {
      *number = *number * 10 + (*p - '0');

      if (*number > HL_DUMP_MAX_NUMBER)
        return NULL;
    }

  if (*p == '\0')
    return p;

  return *p == '.' ? p + 1 : NULL;
}

static gboolean
find_alias (const Alias *aliases,
            gsize        n,
            const char  *word,
            HlDumpField *field)
{
  for (gsize i = 0; i < n; i++)
    if (strcmp (aliases[i].word, word) == 0)
      {
        *field = aliases[i].field;
        return TRUE;
      }

  return FALSE;
}

static gboolean
is_separator (char c)
{
  return c == '.' || c == '_' || c == '/' || c == '-';
}

/* Cuts the next piece off: digits, or anything else up to a separator or a digit. */
static gsize
piece_length (const char *p)
{
  gboolean digits = g_ascii_isdigit (*p);
  gsize length = 0;

  while (p[length] != '\0' && !is_separator (p[length]) && g_ascii_isdigit (p[length]) == digits)
    length++;

  return length;
}

static guint
find_group (gboolean self,
            gboolean encoder,
            gboolean decoder,
            gboolean cross)
{
  if (cross || (encoder && decoder))
    return HL_DUMP_GROUP_CROSS;
  if (encoder)
    return HL_DUMP_GROUP_ENCODER;
  if (decoder)
    return HL_DUMP_GROUP_DECODER;

  return self ? HL_DUMP_GROUP_SELF : HL_DUMP_GROUP_NONE;
}

static gboolean
parse_pieces (const char    *name,
              HlDumpContent  content,
              HlDumpName    *result)
{
  gboolean self = FALSE, encoder = FALSE, decoder = FALSE, cross = FALSE;
  char word[32];
  gsize filled = 0;

  for (const char *p = name; *p != '\0';)
    {
      gsize length = piece_length (p);

      if (length == 0)
        {
          p++;
          continue;
        }

      if (g_ascii_isdigit (*p))
        {
          if (result->layer >= 0 || length > 6)
            return FALSE;

          result->layer = (int) g_ascii_strtoull (p, NULL, 10);
        }
      else if (length == 7 && g_ascii_strncasecmp (p, "encoder", 7) == 0)
        encoder = TRUE;
      else if (length == 7 && g_ascii_strncasecmp (p, "decoder", 7) == 0)
        decoder = TRUE;
      else if (length == 5 && g_ascii_strncasecmp (p, "cross", 5) == 0)
        cross = TRUE;
      else if (length == 4 && g_ascii_strncasecmp (p, "self", 4) == 0)
        self = TRUE;
      else
        {
          if (filled + length + 2 > sizeof word)
            return FALSE;
          if (filled > 0)
            word[filled++] = '_';
          for (gsize i = 0; i < length; i++)
            word[filled++] = g_ascii_tolower (p[i]);
        }

      p += length;
    }

  word[filled] = '\0';

  if (result->group == HL_DUMP_GROUP_NONE)
    result->group = find_group (self, encoder, decoder, cross);

  result->unnamed = strcmp (word, "arr") == 0;

  if (content == HL_DUMP_TENSOR)
    return find_alias (tensor_aliases, G_N_ELEMENTS (tensor_aliases), word, &result->field);

  /* The second array that savez() was given without a name, where it is one of strings. */
  if (content == HL_DUMP_STRINGS && result->unnamed)
    {
      result->field = HL_DUMP_TOKENS;
      result->layer = -1;
      return TRUE;
    }

  return result->layer < 0 && find_alias (text_aliases, G_N_ELEMENTS (text_aliases), word, &result->field);
}

gboolean
hl_dump_name_parse (const char    *name,
                    HlDumpContent  content,
                    HlDumpName    *result)
{
  const char *behind;
  int number;

  *result = (HlDumpName) { .instance = -1, .layer = -1 };

  behind = scan_numbered (name, "instances", &number);
  if (behind != NULL)
    {
      result->instance = number;
      name = behind;
    }

  if (content == HL_DUMP_STRING && g_str_has_prefix (name, "metadata."))
    {
      result->field = HL_DUMP_METADATA;
      result->rest = name + strlen ("metadata.");
      return TRUE;
    }

  behind = scan_numbered (name, "part", &number);
  if (behind != NULL)
    {
      result->group = HL_DUMP_GROUP_PART + (guint) number;
      name = behind;
    }

  behind = scan_numbered (name, "scores", &number);
  if (behind != NULL)
    {
      result->group = HL_DUMP_GROUP_SCORES + (guint) number;
      name = behind[0] != '\0' ? behind : "scores";
    }

  if (!parse_pieces (name, content, result))
    return FALSE;

  /* Scores without a number. */
  if (result->field == HL_DUMP_SCORES && result->group < HL_DUMP_GROUP_SCORES)
    {
      if (result->group != HL_DUMP_GROUP_NONE || result->layer >= 0)
        return FALSE;

      result->group = HL_DUMP_GROUP_SCORES;
    }

  return TRUE;
}
