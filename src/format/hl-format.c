#include "hl-format-private.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>

G_DEFINE_QUARK (hl-format-error-quark, hl_format_error)

/* In the order they are asked: those that a few bytes decide come first. NULL-terminated. */
static const HlFormat * const formats[] = {
  &hl_dump_format,
  &hl_numpy_format,
  &hl_attviz_format,
  &hl_neatvision_format,
  &hl_bertviz_format,
  NULL,
};

const HlFormat * const *
hl_formats_get (gsize *n_formats)
{
  if (n_formats != NULL)
    *n_formats = G_N_ELEMENTS (formats) - 1;

  return formats;
}

/* "A, B and C" */
static char *
list_formats (void)
{
  gsize n = G_N_ELEMENTS (formats) - 1;
  GString *list = g_string_new (NULL);

  for (gsize i = 0; i < n; i++)
    {
      if (i > 0)
        g_string_append (list, i + 1 < n ? ", " : " and ");
      g_string_append (list, formats[i]->name);
    }

  return g_string_free (list, FALSE);
}

HlDocument *
hl_format_read (GBytes                 *bytes,
                const char             *title,
                GFileProgressCallback   progress,
                gpointer                progress_data,
                GCancellable           *cancellable,
                GError                **error)
{
  g_autofree char *names = NULL;

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (title != NULL, NULL);

  if (g_bytes_get_size (bytes) == 0)
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY, "The file “%s” is empty.", title);
      return NULL;
    }

  for (gsize i = 0; formats[i] != NULL; i++)
    if (formats[i]->probe (bytes))
      {
        HlDocument *document = formats[i]->read (bytes, title, progress, progress_data, cancellable, error);

        if (document == NULL)
          hl_tensor_error_tidy (error);

        return document;
      }

  names = list_formats ();
  g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_UNKNOWN,
               "The file “%s” seems to be %s; Headlight opens attention saved by or as %s.",
               title, hl_format_guess (bytes), names);
  hl_tensor_error_tidy (error);

  return NULL;
}

/* A file with a path is mapped, so that opening costs the same whatever its size. Pipes, which a shell makes of
 * “<(command)”, are read to their end; a device could go on forever. */
static GBytes *
load_path (const char    *path,
           const char    *title,
           GFile         *file,
           GCancellable  *cancellable,
           GError       **error)
{
  g_autoptr (GMappedFile) map = NULL;
  GStatBuf status;

  if (g_stat (path, &status) != 0)
    {
      int reason = errno;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (reason), "The file “%s” cannot be opened: %s.", title,
                   g_strerror (reason));
      return NULL;
    }

  if (S_ISDIR (status.st_mode))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY,
                   "The path “%s” is a folder; open one of the files in it.", title);
      return NULL;
    }

  if (S_ISFIFO (status.st_mode) || S_ISSOCK (status.st_mode))
    return g_file_load_bytes (file, cancellable, NULL, error);

  if (!S_ISREG (status.st_mode))
    {
      g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "The path “%s” is a device, not a file.", title);
      return NULL;
    }

  errno = 0;
  map = g_mapped_file_new (path, FALSE, NULL);

  if (map == NULL)
    {
      int reason = errno != 0 ? errno : EIO;

      g_set_error (error, G_IO_ERROR, g_io_error_from_errno (reason), "The file “%s” cannot be opened: %s.", title,
                   g_strerror (reason));
      return NULL;
    }

  return g_mapped_file_get_bytes (map);
}

HlDocument *
hl_format_open (GFile                 *file,
                GFileProgressCallback  progress,
                gpointer               progress_data,
                GCancellable          *cancellable,
                GError               **error)
{
  g_autofree char *name = NULL;
  g_autofree char *title = NULL;
  g_autoptr (GBytes) bytes = NULL;
  const char *path;

  g_return_val_if_fail (G_IS_FILE (file), NULL);

  name = g_file_get_basename (file);
  title = g_filename_display_name (name != NULL ? name : "?");
  path = g_file_peek_path (file);

  if (path != NULL)
    bytes = load_path (path, title, file, cancellable, error);
  else
    bytes = g_file_load_bytes (file, cancellable, NULL, error);

  if (bytes == NULL)
    return NULL;

  return hl_format_read (bytes, title, progress, progress_data, cancellable, error);
}
