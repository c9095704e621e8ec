#pragma once

/* trace/: what one forward pass left behind, and the document of such instances that a file or a run holds. May use
 * tensor/ and GLib.
 *
 * Reading order: hl-tokens.h, hl-attention.h, hl-projections.h, hl-scores.h, hl-prediction.h, hl-trace.h, and for whole
 * files hl-instance.h and hl-document.h.
 */

#include <glib-object.h>

G_BEGIN_DECLS

typedef struct
{
  const char *text;    /* as the model's vocabulary has it, bytes decoded: " word" or "##piece" keep their mark */
  const char *surface; /* what a reader wants to see: no mark; never empty */
  gint32      id;      /* in the vocabulary, -1 if unknown */
  gint32      start;   /* characters of the input text [start, end), -1 if it has none there */
  gint32      end;
  gint32      word;    /* index of the word it belongs to, counted over the sequence; -1 for special tokens */
  guint8      segment; /* 0 = A, 1 = B */
  guint8      special; /* TRUE for [CLS], </s>, padding … */
} HlToken;

/* A sequence of tokens. Immutable, reference counted. */
typedef struct _HlTokens HlTokens;

/* Copies @tokens with their strings. @input may be NULL. @surface may be NULL in @tokens: it is derived from text. */
HlTokens      *hl_tokens_new              (const char         *input,
                                           const HlToken      *tokens,
                                           gsize               n) G_GNUC_WARN_UNUSED_RESULT;

/* All that can be known from bare strings: special tokens by their spelling, words by "##", "▁", "Ġ", a leading space or
 * "</w>" (without any of these each token is a word), byte-level pieces decoded where the whole sequence proves to be
 * such, character spans where @input has the tokens in this order. Tokens from @segment_b_start on are of segment B;
 * pass @n for none. */
HlTokens      *hl_tokens_new_from_strings (const char         *input,
                                           const char * const *strings,
                                           gsize               n,
                                           gsize               segment_b_start) G_GNUC_WARN_UNUSED_RESULT;
HlTokens      *hl_tokens_ref              (HlTokens           *self);
void           hl_tokens_unref            (HlTokens           *self);

gsize          hl_tokens_get_length       (HlTokens           *self);
const HlToken *hl_tokens_get              (HlTokens           *self,
                                           gsize               index);
const char    *hl_tokens_get_input        (HlTokens           *self); /* (nullable) */

/* TRUE when tokens of both segments are there. */
gboolean       hl_tokens_has_segments     (HlTokens           *self);

/* Words: runs of tokens with the same word index; a special token is a word of its own. The k-th word is tokens
 * [first[k], first[k + 1]). */
gsize          hl_tokens_get_n_words      (HlTokens           *self);
void           hl_tokens_get_word_range   (HlTokens           *self,
                                           gsize               word,
                                           gsize              *first,
                                           gsize              *end);
gsize          hl_tokens_get_word_of      (HlTokens           *self,
                                           gsize               index); /* which run @index is in */
char          *hl_tokens_dup_word         (HlTokens           *self,
                                           gsize               word);  /* its surfaces joined */

/* The sequence as running text: surfaces, with spaces between words. */
char          *hl_tokens_to_text          (HlTokens           *self);

/* TRUE if everything but the strings' addresses is equal. */
gboolean       hl_tokens_equal            (HlTokens           *self,
                                           HlTokens           *other);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HlTokens, hl_tokens_unref)

G_END_DECLS
