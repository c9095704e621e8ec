#pragma once

#include <string.h>

#include "hl-format.h"

#include "assert-sentence.h"

/* What every reader owes to every file: a document or one sentence, whatever the bytes. */

/* Reads @size bytes, which a sanitizer guards, and loads up to @max_loaded instances spread over the document. */
static inline void
read_whatever (const char *text,
               gsize       size,
               guint       max_loaded)
{
  g_autoptr (GBytes) bytes = g_bytes_new (text, size);
  g_autoptr (GError) error = NULL;
  g_autoptr (HlDocument) document = hl_format_read (bytes, "broken.json", NULL, NULL, NULL, &error);
  guint n, n_loaded;

  if (document == NULL)
    {
      assert_sentence (error);
      return;
    }

  n = hl_document_get_n_instances (document);
  g_assert_cmpuint (n, >, 0);
  n_loaded = MIN (n, max_loaded);
  for (guint i = 0; i < n_loaded; i++)
    {
      g_autoptr (GError) load_error = NULL;
      g_autoptr (HlTrace) trace = hl_document_load (document, (guint) ((guint64) i * n / n_loaded), NULL, &load_error);

      if (trace == NULL)
        assert_sentence (load_error);
      else
        g_assert_nonnull (hl_trace_get_tokens (trace));
    }
}

/* Cuts the file at @n_positions places, or at every byte if it has no more. */
static inline void
check_truncated (const char *text,
                 gsize       size,
                 gsize       n_positions)
{
  n_positions = MIN (n_positions, size);

  for (gsize i = 0; i < n_positions; i++)
    read_whatever (text, (gsize) ((guint64) i * size / n_positions), 3);
}

/* Puts another byte at @n_positions places, or at each: one of those that mean something to JSON, or any. */
static inline void
check_corrupted (const char *text,
                 gsize       size,
                 gsize       n_positions)
{
  static const char telling[] = "{}[]\",:-+.eE019nNtI\\ #\n";
  g_autofree char *copy = g_memdup2 (text, size);
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  n_positions = MIN (n_positions, size);

  for (gsize i = 0; i < n_positions; i++)
    {
      gsize position = (gsize) ((guint64) i * size / n_positions);
      char byte = copy[position];

      if (g_rand_boolean (rand))
        copy[position] = telling[g_rand_int_range (rand, 0, sizeof telling - 1)];
      else
        copy[position] = (char) g_rand_int_range (rand, 0, 256);

      read_whatever (copy, size, 3);
      copy[position] = byte;
    }
}

static inline GBytes *
load_test_data (const char *path)
{
  g_autofree char *filename = g_test_build_filename (G_TEST_DIST, "data", path, NULL);
  g_autoptr (GError) error = NULL;
  char *text;
  gsize size;

  g_file_get_contents (filename, &text, &size, &error);
  g_assert_no_error (error);

  return g_bytes_new_take (text, size);
}

/* NULL, with the test marked as skipped, where the folder of real files is missing. */
static inline GBytes *
load_shared_data (const char *path)
{
  g_autofree char *filename = g_build_filename (g_getenv ("HEADLIGHT_SHARED"), "data", path, NULL);
  char *text;
  gsize size;

  if (!g_file_get_contents (filename, &text, &size, NULL))
    {
      g_test_skip ("The folder of real files is missing");
      return NULL;
    }

  return g_bytes_new_take (text, size);
}

/* Does one of the notes begin with @prefix? */
static inline gboolean
has_note (const char * const *notes,
          const char         *prefix)
{
  for (; *notes != NULL; notes++)
    if (g_str_has_prefix (*notes, prefix))
      return TRUE;

  return FALSE;
}
