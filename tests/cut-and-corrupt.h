#pragma once

/* What every reader must stand: files that end early and files with wrong bytes in them. */

#include <string.h>

#include "assert-sentence.h"
#include "hl-format.h"

/* Reads the first @length bytes of @data, which lie at the very end of an allocation so that a sanitizer sees a step too
 * far, and loads every instance. TRUE if all of it could be read; each error is fit for a user. */
static inline gboolean
read_all (const HlFormat *format,
          const char     *data,
          gsize           length)
{
  g_autoptr (GBytes) bytes = g_bytes_new (data, length);
  g_autoptr (HlDocument) document = NULL;
  g_autoptr (GError) error = NULL;

  format->probe (bytes);
  document = format->read (bytes, "test", NULL, NULL, NULL, &error);
  if (document == NULL)
    {
      assert_sentence (error);
      return FALSE;
    }

  g_assert_no_error (error);
  g_assert_cmpuint (hl_document_get_n_instances (document), >, 0);
  for (guint i = 0; i < hl_document_get_n_instances (document); i++)
    {
      g_autoptr (HlTrace) trace = hl_document_load (document, i, NULL, &error);

      if (trace == NULL)
        {
          assert_sentence (error);
          return FALSE;
        }
      g_assert_no_error (error);
    }

  return TRUE;
}

/* Cuts @data at @n_spread places all over it and within each of its last 300 bytes. Before @complete, which is where the
 * last byte that matters has been read, nothing may pass for whole. */
static inline void
assert_cuts (const HlFormat *format,
             const char     *data,
             gsize           length,
             gsize           complete,
             gsize           n_spread)
{
  gsize tail = length > 300 ? length - 300 : 0;

  for (gsize i = 0; i < n_spread; i++)
    {
      gsize cut = (gsize) ((double) length * (double) i / (double) n_spread);

      if (read_all (format, data, cut) && cut < complete)
        g_error ("read as whole when cut at byte %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT, cut, length);
    }
  for (gsize cut = tail; cut < length; cut++)
    if (read_all (format, data, cut) && cut < complete)
      g_error ("read as whole when cut at byte %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT, cut, length);
}

/* Reads @n copies of @data with up to four wrong bytes each. Some stay valid; none may crash, hang or leak. */
static inline void
assert_corruptions (const HlFormat *format,
                    const char     *data,
                    gsize           length,
                    guint           n)
{
  static const char bytes[] = "0159.-+eE[]{}\",:\\ntN \n\x01\x7f\x80\xc3\xff";
  g_autofree char *copy = g_malloc (length);
  guint32 state = 12345;

  for (guint i = 0; i < n; i++)
    {
      guint n_wrong = 1 + i % 4;

      memcpy (copy, data, length);
      for (guint k = 0; k < n_wrong; k++)
        {
          gsize where;

          state = state * 1664525 + 1013904223;
          where = (gsize) ((guint64) state * length >> 32);
          state = state * 1664525 + 1013904223;
          copy[where] = i % 2 == 0 ? bytes[(state >> 16) % (sizeof bytes - 1)] : (char) (copy[where] ^ 1 << (state >> 16) % 8);
        }
      read_all (format, copy, length);
    }
}
