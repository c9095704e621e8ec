#pragma once

#include "hl-format.h"
#include "shared-files.h"

/* What the tests of readers share: files of their own, real files, and what was read. */

static inline GBytes *
load_bytes (const char *path)
{
  g_autoptr (GError) error = NULL;
  char *text;
  gsize size;

  g_file_get_contents (path, &text, &size, &error);
  g_assert_no_error (error);

  return g_bytes_new_take (text, size);
}

static inline GBytes *
load_test_data (const char *path)
{
  g_autofree char *filename = g_test_build_filename (G_TEST_DIST, "data", path, NULL);

  return load_bytes (filename);
}

/* NULL, with the test marked as skipped, where the folder of real files is missing. */
static inline GBytes *
load_shared_data (const char *path)
{
  g_autofree char *name = g_build_filename ("data", path, NULL);
  g_autofree char *filename = find_shared (name);

  return filename != NULL ? load_bytes (filename) : NULL;
}

static inline HlTrace *
load_instance (HlDocument *document,
               guint       index)
{
  g_autoptr (GError) error = NULL;
  HlTrace *trace = hl_document_load (document, index, NULL, &error);

  g_assert_no_error (error);

  return trace;
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

static inline void
assert_token (HlTokens   *tokens,
              gsize       index,
              const char *text,
              gint32      start,
              gint32      end)
{
  const HlToken *token = hl_tokens_get (tokens, index);

  g_assert_cmpstr (token->text, ==, text);
  g_assert_cmpint (token->start, ==, start);
  g_assert_cmpint (token->end, ==, end);
}
