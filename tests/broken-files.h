#pragma once

#include <string.h>

#include "assert-sentence.h"
#include "hl-format.h"

/* What every reader owes to every file, those that end early and those with wrong bytes in them: a document or one
 * sentence. */

/* Bytes that mean something to JSON or to the pages that hold it. */
static const char telling_bytes[] = "0159.-+eE[]{}\",:\\ntNI #\n\x01\x7f\x80\xc3\xff";

/* Reads the first @length bytes of @data, which lie at the very end of an allocation so that a sanitizer sees a step too
 * far, with @format or, if that is NULL, with the one that claims them; then loads up to @max_loaded instances spread over
 * the document. TRUE if all of it could be read; each error is fit for a user. */
static inline gboolean
read_broken (const HlFormat *format,
             const char     *data,
             gsize           length,
             guint           max_loaded)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, length);
  g_autoptr (HlDocument) document = NULL;
  g_autoptr (GError) error = NULL;
  gboolean is_whole = TRUE;
  guint n, n_loaded;

  if (format != NULL)
    {
      format->probe (bytes);
      document = format->read (bytes, "broken", NULL, NULL, NULL, &error);
    }
  else
    {
      document = hl_format_read (bytes, "broken.json", NULL, NULL, NULL, &error);
    }
  if (document == NULL)
    {
      assert_sentence (error);
      return FALSE;
    }

  g_assert_no_error (error);
  n = hl_document_get_n_instances (document);
  g_assert_cmpuint (n, >, 0);
  n_loaded = MIN (n, max_loaded);
  for (guint i = 0; i < n_loaded; i++)
    {
      g_autoptr (GError) load_error = NULL;
      g_autoptr (HlTrace) trace = hl_document_load (document, (guint) ((guint64) i * n / n_loaded), NULL, &load_error);

      if (trace == NULL)
        {
          assert_sentence (load_error);
          is_whole = FALSE;
        }
      else
        {
          g_assert_no_error (load_error);
          g_assert_nonnull (hl_trace_get_tokens (trace));
        }
    }

  return is_whole;
}

/* Cuts @data at @n_spread places all over it, or at every byte if it has no more, and within each of its last @n_tail
 * bytes. Before @complete, which is where the last byte that matters has been read, nothing may pass for whole; where that
 * is 0 nothing is claimed, and a few instances of each file are enough. */
static inline void
assert_cuts (const HlFormat *format,
             const char     *data,
             gsize           length,
             gsize           complete,
             gsize           n_spread,
             gsize           n_tail)
{
  n_spread = MIN (n_spread, length);
  n_tail = n_spread < length ? MIN (n_tail, length) : 0;

  for (gsize i = 0; i < n_spread + n_tail; i++)
    {
      gsize cut = i < n_spread ? (gsize) ((guint64) i * length / n_spread) : length - n_tail + (i - n_spread);

      if (read_broken (format, data, cut, complete > 0 ? G_MAXUINT : 3) && cut < complete)
        g_error ("read as whole when cut at byte %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT, cut, length);
    }
}

/* Puts another byte at @n_places, or at each: one of those that tell, or any. */
static inline void
assert_replacements (const HlFormat *format,
                     const char     *data,
                     gsize           length,
                     gsize           n_places)
{
  g_autofree char *copy = g_memdup2 (data, length);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  n_places = MIN (n_places, length);

  for (gsize i = 0; i < n_places; i++)
    {
      gsize place = (gsize) ((guint64) i * length / n_places);
      char byte = copy[place];

      copy[place] = g_rand_boolean (rand) ? telling_bytes[g_rand_int_range (rand, 0, sizeof telling_bytes - 1)]
                                          : (char) g_rand_int_range (rand, 0, 256);
      read_broken (format, copy, length, 3);
      copy[place] = byte;
    }
}

/* Both at @n_places each, or everywhere, with whichever format claims what is left of @bytes. */
static inline void
assert_endures (GBytes *bytes,
                gsize   n_places)
{
  gsize length;
  const char *data = g_bytes_get_data (bytes, &length);

  assert_cuts (NULL, data, length, 0, n_places, 0);
  assert_replacements (NULL, data, length, n_places);
}

/* Reads @n copies of @data with up to four wrong bytes each. Some stay valid; none may crash, hang or leak. */
static inline void
assert_corruptions (const HlFormat *format,
                    const char     *data,
                    gsize           length,
                    guint           n)
{
  g_autofree char *copy = g_malloc (length);
  g_autoptr (GRand) rand = g_rand_new_with_seed (12345);

  for (guint i = 0; i < n; i++)
    {
      memcpy (copy, data, length);
      for (guint k = 0; k < 1 + i % 4; k++)
        {
          gsize place = (gsize) ((guint64) g_rand_int (rand) * length >> 32);

          if (i % 2 == 0)
            copy[place] = telling_bytes[g_rand_int_range (rand, 0, sizeof telling_bytes - 1)];
          else
            copy[place] = (char) (copy[place] ^ 1 << g_rand_int_range (rand, 0, 8));
        }
      read_broken (format, copy, length, G_MAXUINT);
    }
}
