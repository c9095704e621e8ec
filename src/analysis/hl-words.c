#include "config.h"

#include "hl-words.h"

#include <math.h>
#include <string.h>

#include "hl-channel-private.h"

static void
reduce (HlTokens    *tokens,
        const float *values,
        gboolean     to_mean,
        float       *out)
{
  gsize n_words = hl_tokens_get_n_words (tokens);

  for (gsize word = 0; word < n_words; word++)
    {
      gsize first, end;
      double sum = 0;

      hl_tokens_get_word_range (tokens, word, &first, &end);
      for (gsize i = first; i < end; i++)
        sum += values[i];

      out[word] = to_mean ? sum / (end - first) : sum;
    }
}

void
hl_words_reduce_keys (HlTokens    *tokens,
                      const float *values,
                      float       *out)
{
  g_return_if_fail (tokens != NULL);

  reduce (tokens, values, FALSE, out);
}

void
hl_words_reduce_queries (HlTokens    *tokens,
                         const float *values,
                         float       *out)
{
  g_return_if_fail (tokens != NULL);

  reduce (tokens, values, TRUE, out);
}

/* First token of @word, or the number of tokens for the word after the last. */
static gsize
get_word_start (HlTokens *tokens,
                gsize     word)
{
  gsize first, end;

  if (word >= hl_tokens_get_n_words (tokens))
    return hl_tokens_get_length (tokens);

  hl_tokens_get_word_range (tokens, word, &first, &end);
  return first;
}

void
hl_words_reduce_block (HlTokens    *queries,
                       gsize        query_word,
                       gsize        n_query_words,
                       HlTokens    *keys,
                       gsize        key_word,
                       gsize        n_key_words,
                       const float *block,
                       float       *out)
{
  g_autofree gsize *starts = NULL;
  g_autofree double *row = NULL;
  gsize key_start, n_keys, query;

  g_return_if_fail (queries != NULL && keys != NULL);
  g_return_if_fail (query_word + n_query_words <= hl_tokens_get_n_words (queries));
  g_return_if_fail (key_word + n_key_words <= hl_tokens_get_n_words (keys));

  key_start = get_word_start (keys, key_word);
  n_keys = get_word_start (keys, key_word + n_key_words) - key_start;

  starts = g_new (gsize, n_key_words + 1);
  for (gsize word = 0; word <= n_key_words; word++)
    starts[word] = get_word_start (keys, key_word + word) - key_start;

  row = g_new (double, MAX (n_keys, 1));
  query = get_word_start (queries, query_word);

  for (gsize word = 0; word < n_query_words; word++)
    {
      gsize end = get_word_start (queries, query_word + word + 1);
      gsize n_pieces = end - query;

      memset (row, 0, n_keys * sizeof *row);
      for (; query < end; query++, block += n_keys)
        for (gsize key = 0; key < n_keys; key++)
          row[key] += block[key];

      for (gsize k = 0; k < n_key_words; k++)
        {
          double sum = 0;

          for (gsize key = starts[k]; key < starts[k + 1]; key++)
            sum += row[key];

          out[word * n_key_words + k] = sum / n_pieces;
        }
    }
}

void
hl_words_read (HlAttention *attention,
               gsize        layer,
               gsize        head,
               gsize        query_word,
               gsize        n_query_words,
               gsize        key_word,
               gsize        n_key_words,
               float       *out)
{
  g_autofree float *block = NULL;
  HlTokens *queries, *keys;
  gsize key_start, n_keys, word = 0, capacity = 0;

  g_return_if_fail (attention != NULL);

  queries = hl_attention_get_queries (attention);
  keys = hl_attention_get_keys (attention);
  g_return_if_fail (query_word + n_query_words <= hl_tokens_get_n_words (queries));
  g_return_if_fail (key_word + n_key_words <= hl_tokens_get_n_words (keys));

  key_start = get_word_start (keys, key_word);
  n_keys = get_word_start (keys, key_word + n_key_words) - key_start;
  if (n_keys == 0)
    return;

  while (word < n_query_words)
    {
      gsize first = get_word_start (queries, query_word + word);
      gsize end = get_word_start (queries, query_word + word + 1);
      gsize n = 1;

      /* As many whole words as fit into a block, but one at least. */
      while (word + n < n_query_words
             && (get_word_start (queries, query_word + word + n + 1) - first) * n_keys <= HL_BLOCK_WEIGHTS)
        {
          n++;
          end = get_word_start (queries, query_word + word + n);
        }

      if ((end - first) * n_keys > capacity)
        {
          capacity = (end - first) * n_keys;
          g_free (block);
          block = g_new (float, capacity);
        }

      hl_attention_read (attention, layer, head, first, end - first, key_start, n_keys, block);
      hl_words_reduce_block (queries, query_word + word, n, keys, key_word, n_key_words, block,
                             out + word * n_key_words);
      word += n;
    }
}

static void
compute_self (HlAttention *attention,
              gsize        layer,
              gsize        head,
              float       *out)
{
  gsize n_queries = hl_tokens_get_n_words (hl_attention_get_queries (attention));
  gsize n_keys = hl_tokens_get_n_words (hl_attention_get_keys (attention));

  for (gsize word = 0; word < n_queries; word++)
    {
      out[word] = NAN;
      if (word < n_keys)
        hl_words_read (attention, layer, head, word, 1, word, 1, out + word);
    }
}

void
hl_words_compute_channel (HlChannel    channel,
                          HlAttention *attention,
                          gsize        layer,
                          gsize        head,
                          const guint *pins,
                          gsize        n_pins,
                          float       *out)
{
  g_autofree float *values = NULL;
  g_autofree guint8 *is_seen = NULL;
  HlTokens *mine, *others;
  gsize n, n_others;
  gboolean from;

  g_return_if_fail (attention != NULL);
  g_return_if_fail (channel != HL_CHANNEL_OWN);
  g_return_if_fail (pins != NULL || n_pins == 0);

  if (channel == HL_CHANNEL_SELF)
    {
      compute_self (attention, layer, head, out);
      return;
    }

  if (channel == HL_CHANNEL_RECEIVED)
    {
      hl_channel_average_columns (hl_words_read, attention, layer, head,
                                  hl_tokens_get_n_words (hl_attention_get_queries (attention)),
                                  hl_tokens_get_n_words (hl_attention_get_keys (attention)), out);
      return;
    }

  from = channel == HL_CHANNEL_FROM_PIN;
  mine = from ? hl_attention_get_keys (attention) : hl_attention_get_queries (attention);
  others = from ? hl_attention_get_queries (attention) : hl_attention_get_keys (attention);
  n = hl_tokens_get_n_words (mine);
  n_others = hl_tokens_get_n_words (others);
  values = g_new (float, MAX (n, 1));
  is_seen = g_new0 (guint8, MAX (n_others, 1));
  memset (out, 0, n * sizeof *out);

  for (gsize i = 0; i < n_pins; i++)
    {
      gsize word;

      g_return_if_fail (pins[i] < hl_tokens_get_length (others));

      word = hl_tokens_get_word_of (others, pins[i]);
      if (is_seen[word])
        continue;

      is_seen[word] = TRUE;
      if (from)
        hl_words_read (attention, layer, head, word, 1, 0, n, values);
      else
        hl_words_read (attention, layer, head, 0, n, word, 1, values);

      for (gsize j = 0; j < n; j++)
        out[j] += values[j];
    }
}
