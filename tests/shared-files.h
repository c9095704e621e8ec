#pragma once

#include <glib.h>

/* The path of a file or folder of real data; NULL, with the test marked as skipped, where it is missing. */
static inline char *
find_shared (const char *name)
{
  const char *shared = g_getenv ("HEADLIGHT_SHARED");
  g_autofree char *path = g_build_filename (shared != NULL ? shared : "", name, NULL);

  if (shared == NULL || !g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("The folder of real files is not there");
      return NULL;
    }

  return g_steal_pointer (&path);
}
