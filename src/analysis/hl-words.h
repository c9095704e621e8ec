#pragma once

#include "hl-channel.h"

G_BEGIN_DECLS

/* Word pieces merged into words: attention to a split word is the sum over its pieces, attention from it their mean, so
 * that each row still sums to what it did (Clark et al. 2019, § 4.1). Words are those of HlTokens; @out has
 * hl_tokens_get_n_words() values. A NaN makes its word NaN. */

/* Values that belong to keys, or to tokens that share one total, as neat-vision's: sums. */
void hl_words_reduce_keys     (HlTokens    *tokens,
                               const float *values, /* [token] */
                               float       *out);   /* [word] */

/* Values that belong to queries, or to each token by itself, as AttViz's: means. */
void hl_words_reduce_queries  (HlTokens    *tokens,
                               const float *values, /* [token] */
                               float       *out);   /* [word] */

/* @block: the weights between the tokens of query words [query_word, query_word + n_query_words) and those of key words
 * [key_word, key_word + n_key_words), nothing else. */
void hl_words_reduce_block    (HlTokens    *queries,
                               gsize        query_word,
                               gsize        n_query_words,
                               HlTokens    *keys,
                               gsize        key_word,
                               gsize        n_key_words,
                               const float *block, /* [query token][key token] */
                               float       *out);  /* [query word][key word] */

/* hl_attention_read(), in words. */
void hl_words_read            (HlAttention *attention,
                               gsize        layer,
                               gsize        head,
                               gsize        query_word,
                               gsize        n_query_words,
                               gsize        key_word,
                               gsize        n_key_words,
                               float       *out);  /* [query word][key word] */

/* hl_channel_compute() of the matrix between words: not what comes of merging the channel's values, since α_ii of a word
 * is also what its pieces give to each other. @pins are tokens; each stands for its whole word, once. */
void hl_words_compute_channel (HlChannel    channel,
                               HlAttention *attention,
                               gsize        layer,
                               gsize        head,
                               const guint *pins,
                               gsize        n_pins,
                               float       *out);  /* [key word] or [query word] */

G_END_DECLS
