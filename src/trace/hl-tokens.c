#include "hl-tokens.h"

#include <string.h>

#include "hl-token-spans.h"

struct _HlTokens
{
  gatomicrefcount ref_count;
  char           *input;        /* (nullable) */
  GStringChunk   *strings;
  HlToken        *tokens;       /* [n] */
  gsize           n;
  gsize          *words;        /* [n_words + 1]: first token of each word, then n */
  gsize          *word_of;      /* [n] */
  gsize           n_words;
  gboolean        has_segments;
};

/* Spellings by which vocabularies name what is no text. */
static gboolean
is_special (const char *text)
{
  static const char * const names[] = {
    "[CLS]", "[SEP]", "[PAD]", "[UNK]", "[MASK]", "[BOS]", "[EOS]",
    "<s>", "</s>", "<pad>", "<unk>", "<mask>", "<cls>", "<sep>", "<bos>", "<eos>", "<eod>", "<eop>", "<special0>", "<special1>",
    "<|endoftext|>", "<|startoftext|>", "<|begin_of_text|>", "<|end_of_text|>", "<|im_start|>", "<|im_end|>", "<|eot_id|>",
    "<start_of_turn>", "<end_of_turn>",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    if (strcmp (text, names[i]) == 0)
      return TRUE;

  return FALSE;
}

/* The marks of vocabularies: what begins a word (Ġ, ▁, a space) and what goes on with one (##). Returns the text without
 * the mark. */
static const char *
skip_mark (const char *text,
           gboolean   *begins,
           gboolean   *continues)
{
  *begins = *continues = FALSE;

  if (g_str_has_prefix (text, "##") && text[2] != '\0')
    {
      *continues = TRUE;
      return text + 2;
    }
  if (g_str_has_prefix (text, "\u0120") || g_str_has_prefix (text, "\u2581"))
    {
      *begins = TRUE;
      return g_utf8_next_char (text);
    }
  if (text[0] == ' ')
    {
      *begins = TRUE;
      return text + 1;
    }

  return text;
}

/* The mark of GPT-1 and XLM at the last piece of a word. */
static gboolean
ends_word (const char *text)
{
  return g_str_has_suffix (text, "</w>") && text[4] != '\0';
}

/* What stands for @text where it is read: without its mark and without the end-of-word mark of GPT-1; blank text as the
 * open box, so that no token is invisible. */
static char *
make_surface (const char *text)
{
  gboolean begins, continues;
  g_autofree char *surface = g_strdup (skip_mark (text, &begins, &continues));

  if (ends_word (surface))
    surface[strlen (surface) - 4] = '\0';
  if (surface[0] == '\0')
    return g_strdup (text[0] == '\0' ? "\u2205" : "\u2423");

  return g_steal_pointer (&surface);
}

static void
index_words (HlTokens *self)
{
  self->words = g_new (gsize, self->n + 1);
  self->word_of = g_new (gsize, self->n + 1);

  for (gsize i = 0; i < self->n; i++)
    {
      const HlToken *token = &self->tokens[i];

      if (i == 0 || token->word < 0 || token->word != self->tokens[i - 1].word)
        self->words[self->n_words++] = i;
      self->word_of[i] = self->n_words - 1;
    }
  self->words[self->n_words] = self->n;
}

HlTokens *
hl_tokens_new (const char    *input,
               const HlToken *tokens,
               gsize          n)
{
  HlTokens *self;

  g_return_val_if_fail (tokens != NULL || n == 0, NULL);

  self = g_new0 (HlTokens, 1);
  g_atomic_ref_count_init (&self->ref_count);
  self->input = g_strdup (input);
  self->strings = g_string_chunk_new (1024);
  self->tokens = g_new0 (HlToken, n + 1);
  self->n = n;

  for (gsize i = 0; i < n; i++)
    {
      HlToken *token = &self->tokens[i];

      *token = tokens[i];
      token->text = g_string_chunk_insert_const (self->strings, tokens[i].text != NULL ? tokens[i].text : "");
      if (tokens[i].surface != NULL && tokens[i].surface[0] != '\0')
        {
          token->surface = g_string_chunk_insert_const (self->strings, tokens[i].surface);
        }
      else
        {
          g_autofree char *surface = make_surface (token->text);

          token->surface = g_string_chunk_insert_const (self->strings, surface);
        }
      if (token->segment != tokens[0].segment)
        self->has_segments = TRUE;
    }
  index_words (self);

  return self;
}

/* The byte that a character of a byte-level vocabulary stands for, or -1 (Radford et al. 2019: printable bytes stand
 * for themselves, the 68 others for U+0100 onwards in order). */
static int
byte_of_character (gunichar character)
{
  if ((character >= 0x21 && character <= 0x7e) || (character >= 0xa1 && character <= 0xac) ||
      (character >= 0xae && character <= 0xff))
    return (int) character;

  if (character >= 0x100 && character <= 0x143)
    {
      int k = (int) character - 0x100;

      if (k <= 0x20)
        return k;
      if (k <= 0x20 + (0xa0 - 0x7f) + 1)
        return 0x7f + (k - 0x21);
      return 0xad;
    }

  return -1;
}

/* Appends the bytes behind @text; FALSE if it is no byte-level piece. A space (what "Ġ" became in files that were made
 * pretty) and a line break stand for themselves. */
static gboolean
append_bytes (GByteArray *bytes,
              const char *text,
              gboolean   *beyond_ascii)
{
  for (const char *p = text; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar character = g_utf8_get_char (p);
      int byte = character == ' ' || character == '\n' ? (int) character : byte_of_character (character);
      guint8 value;

      if (byte < 0)
        return FALSE;
      value = (guint8) byte;
      if (value >= 0x80 || character >= 0x100)
        *beyond_ascii = TRUE;
      g_byte_array_append (bytes, &value, 1);
    }

  return TRUE;
}

/* Decodes byte-level pieces. The proof that they are such: the bytes of the whole sequence are UTF-8 and some of them
 * were disguised. A vocabulary of characters fails it, as "é" alone is no UTF-8. A character that is spread over tokens is shown
 * by the first of them, "⋯" by the others. Returns NULL where the sequence is no such thing. */
static char **
decode_byte_level (const char * const *strings,
                   gsize               n)
{
  g_autoptr (GByteArray) bytes = g_byte_array_new ();
  g_autofree gsize *first = g_new (gsize, n + 1);
  gboolean beyond_ascii = FALSE;
  char **decoded;

  for (gsize i = 0; i < n; i++)
    {
      first[i] = bytes->len;
      if (is_special (strings[i]))
        continue;
      if (!append_bytes (bytes, strings[i], &beyond_ascii))
        return NULL;
    }
  first[n] = bytes->len;
  if (!beyond_ascii || !g_utf8_validate ((const char *) bytes->data, bytes->len, NULL))
    return NULL;

  decoded = g_new0 (char *, n + 1);
  for (gsize i = 0; i < n; i++)
    {
      gsize begin = first[i];
      gsize end = first[i + 1];

      if (begin == end)
        {
          decoded[i] = g_strdup (strings[i]);
          continue;
        }
      while (begin < end && (bytes->data[begin] & 0xc0) == 0x80)
        begin++;
      while (end < bytes->len && (bytes->data[end] & 0xc0) == 0x80)
        end++;
      decoded[i] = begin < end ? g_strndup ((const char *) bytes->data + begin, end - begin) : g_strdup ("\u22ef");
    }

  return decoded;
}

HlTokens *
hl_tokens_new_from_strings (const char         *input,
                            const char * const *strings,
                            gsize               n,
                            gsize               segment_b_start)
{
  g_auto (GStrv) decoded = decode_byte_level (strings, n);
  g_autofree HlToken *tokens = g_new0 (HlToken, n + 1);
  gboolean any_begins = FALSE;
  gboolean any_continues = FALSE;
  gboolean any_ends = FALSE;
  gboolean begins, continues;
  gboolean after_special = TRUE;
  gint32 word = -1;

  for (gsize i = 0; i < n; i++)
    {
      HlToken *token = &tokens[i];

      token->text = decoded != NULL ? decoded[i] : strings[i];
      token->id = token->start = token->end = -1;
      token->segment = i >= segment_b_start;
      token->special = is_special (strings[i]);
      skip_mark (token->text, &begins, &continues);
      any_continues |= continues;
      any_ends |= ends_word (token->text);
      /* A lone space is a character of character-level text, not a mark. */
      any_begins |= begins && strcmp (token->text, " ") != 0;
    }

  for (gsize i = 0; i < n; i++)
    {
      HlToken *token = &tokens[i];
      gboolean joins;

      if (token->special)
        {
          token->word = -1;
          after_special = TRUE;
          continue;
        }
      skip_mark (token->text, &begins, &continues);
      joins = any_continues ? continues
              : any_begins  ? !begins
              : any_ends    ? i > 0 && !ends_word (tokens[i - 1].text)
                            : FALSE;
      if (!joins || after_special || word < 0)
        word++;
      token->word = word;
      after_special = FALSE;
    }
  if (input != NULL)
    hl_token_spans_find (input, tokens, n);

  return hl_tokens_new (input, tokens, n);
}

HlTokens *
hl_tokens_ref (HlTokens *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
hl_tokens_unref (HlTokens *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->input);
  g_string_chunk_free (self->strings);
  g_free (self->tokens);
  g_free (self->words);
  g_free (self->word_of);
  g_free (self);
}

gsize
hl_tokens_get_length (HlTokens *self)
{
  return self->n;
}

const HlToken *
hl_tokens_get (HlTokens *self,
               gsize     index)
{
  g_return_val_if_fail (index < self->n, NULL);

  return &self->tokens[index];
}

const char *
hl_tokens_get_input (HlTokens *self)
{
  return self->input;
}

gboolean
hl_tokens_has_segments (HlTokens *self)
{
  return self->has_segments;
}

gsize
hl_tokens_get_n_words (HlTokens *self)
{
  return self->n_words;
}

void
hl_tokens_get_word_range (HlTokens *self,
                          gsize     word,
                          gsize    *first,
                          gsize    *end)
{
  g_return_if_fail (word < self->n_words);

  *first = self->words[word];
  *end = self->words[word + 1];
}

gsize
hl_tokens_get_word_of (HlTokens *self,
                       gsize     index)
{
  g_return_val_if_fail (index < self->n, 0);

  return self->word_of[index];
}

char *
hl_tokens_dup_word (HlTokens *self,
                    gsize     word)
{
  GString *text = g_string_new (NULL);
  gsize first, end;

  hl_tokens_get_word_range (self, word, &first, &end);
  for (gsize i = first; i < end; i++)
    g_string_append (text, self->tokens[i].surface);

  return g_string_free (text, FALSE);
}

char *
hl_tokens_to_text (HlTokens *self)
{
  GString *text = g_string_new (NULL);

  for (gsize word = 0; word < self->n_words; word++)
    {
      g_autofree char *string = hl_tokens_dup_word (self, word);

      if (word > 0)
        g_string_append_c (text, ' ');
      g_string_append (text, string);
    }

  return g_string_free (text, FALSE);
}

gboolean
hl_tokens_equal (HlTokens *self,
                 HlTokens *other)
{
  if (self == other)
    return TRUE;
  if (self->n != other->n || g_strcmp0 (self->input, other->input) != 0)
    return FALSE;

  for (gsize i = 0; i < self->n; i++)
    {
      const HlToken *a = &self->tokens[i];
      const HlToken *b = &other->tokens[i];

      if (strcmp (a->text, b->text) != 0 || strcmp (a->surface, b->surface) != 0 || a->id != b->id ||
          a->start != b->start || a->end != b->end || a->word != b->word || a->segment != b->segment ||
          !a->special != !b->special)
        return FALSE;
    }

  return TRUE;
}
