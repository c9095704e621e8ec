#include "hl-npz.h"

#include <archive.h>
#include <archive_entry.h>
#include <string.h>

#include "hl-npy.h"

/* Layout: a zip archive, stored or deflated, of NAME.npy files.
 *
 * A stored member is used in place. libarchive is handed the whole map as one block and returns pointers into it, so
 * it is enough to see that the blocks of a member follow each other there; checksums would read all of it from disk
 * and are switched off where every member is stored, as no other container has them either.
 *
 * A deflated member grows only as bytes come out of it, whatever the archive says of its size. What comes out in all is
 * limited: attention, even where it is causal and half of it zero, deflates two- or threefold, bombs a thousandfold.
 */

#define FREE_GROWTH ((gsize) 64 << 20)
#define MAX_GROWTH ((gsize) 20)

typedef struct archive Archive;

static void
archive_close (Archive *archive)
{
  archive_read_free (archive);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Archive, archive_close)

typedef struct
{
  GBytes                *bytes;
  gsize                  n_decoded; /* over all members */
  GFileProgressCallback  progress;
  gpointer               progress_data;
  GCancellable          *cancellable;
} Reader;

static gboolean
set_archive_error (GError    **error,
                   Archive    *archive,
                   const char *name)
{
  const char *detail = archive_error_string (archive);
  g_autofree char *safe = g_utf8_make_valid (detail != NULL ? detail : "no reason given", -1);

  if (name != NULL)
    g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_FORMAT, "The member “%.200s” cannot be unpacked: %s.", name,
                 safe);
  else
    g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_FORMAT,
                 "The archive is cut short or damaged: its directory, which lies at the end, cannot be read (%s).",
                 safe);

  return FALSE;
}

/* Only by its directory: an archive whose end is missing is not to look like a smaller one. */
static Archive *
open_archive (GBytes   *bytes,
              gboolean  check,
              GError  **error)
{
  g_autoptr (Archive) archive = archive_read_new ();
  gsize size;
  gconstpointer data = g_bytes_get_data (bytes, &size);

  archive_read_support_format_zip_seekable (archive);
  if (!check)
    archive_read_set_options (archive, "zip:ignorecrc32");

  if (archive_read_open_memory (archive, data, size) != ARCHIVE_OK)
    {
      set_archive_error (error, archive, NULL);
      return NULL;
    }

  return g_steal_pointer (&archive);
}

/* Is every member stored? Reads their headers alone. */
static gboolean
is_stored (GBytes *bytes)
{
  g_autoptr (Archive) archive = open_archive (bytes, FALSE, NULL);
  struct archive_entry *entry;
  gboolean stored = TRUE;

  while (archive != NULL && stored && archive_read_next_header (archive, &entry) == ARCHIVE_OK)
    stored = strstr (archive_format_name (archive), "(uncompressed)") != NULL;

  return stored;
}

static gboolean
set_progress (Reader  *self,
              GError **error)
{
  if (self->progress != NULL)
    {
      gsize size = g_bytes_get_size (self->bytes);

      /* How far the archive has been read is not known, but growth rarely exceeds tenfold. */
      self->progress (MIN (self->n_decoded / 10, size), size, self->progress_data);
    }

  return !g_cancellable_set_error_if_cancelled (self->cancellable, error);
}

/* How much may come out of the archive: of all members together, and no more than an array of GLib's can hold. */
static gsize
get_limit (Reader *self)
{
  gsize archived = g_bytes_get_size (self->bytes);

  return archived > (G_MAXUINT / 2 - FREE_GROWTH) / MAX_GROWTH ? G_MAXUINT / 2 : FREE_GROWTH + archived * MAX_GROWTH;
}

static gboolean
append_block (Reader        *self,
              GByteArray    *decoded,
              const char    *name,
              gconstpointer  block,
              gsize          size,
              GError       **error)
{
  gsize limit = get_limit (self);

  if (size > limit - self->n_decoded)
    {
      g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_UNSUPPORTED,
                   "With the member “%.200s”, the archive of %'" G_GSIZE_FORMAT " bytes unpacks to more than the %'"
                   G_GSIZE_FORMAT " that Headlight takes from it; save it uncompressed.",
                   name, g_bytes_get_size (self->bytes), limit);
      return FALSE;
    }

  g_byte_array_append (decoded, block, (guint) size);
  self->n_decoded += size;

  return TRUE;
}

/* All of the member that @archive is at: a part of the map where it lies in one piece there, else a copy. */
static GBytes *
read_member (Reader      *self,
             Archive     *archive,
             const char  *name,
             GError     **error)
{
  gsize map_size;
  const guint8 *map = g_bytes_get_data (self->bytes, &map_size);
  g_autoptr (GByteArray) decoded = NULL;
  gsize start = 0, length = 0; /* in the map, while @decoded is NULL */
  gint64 position = 0;

  for (;;)
    {
      gconstpointer block;
      gsize size;
      gint64 offset;
      int status = archive_read_data_block (archive, &block, &size, &offset);
      guintptr address = (guintptr) block;

      if (status == ARCHIVE_EOF)
        break;

      if (status != ARCHIVE_OK || offset != position)
        {
          set_archive_error (error, archive, name);
          return NULL;
        }

      if (size == 0)
        continue;

      position += size;

      if (decoded == NULL && address >= (guintptr) map && address - (guintptr) map < map_size &&
          size <= map_size - (address - (guintptr) map) &&
          (length == 0 || address - (guintptr) map == start + length))
        {
          start = length == 0 ? address - (guintptr) map : start;
          length += size;
          continue;
        }

      if (decoded == NULL)
        {
          decoded = g_byte_array_new ();

          if (length > 0 && !append_block (self, decoded, name, map + start, length, error))
            return NULL;
        }

      if (!append_block (self, decoded, name, block, size, error) || !set_progress (self, error))
        return NULL;
    }

  if (decoded == NULL)
    return g_bytes_new_from_bytes (self->bytes, start, length);

  return g_byte_array_free_to_bytes (g_steal_pointer (&decoded));
}

static gboolean
read_members (Reader       *self,
              Archive      *archive,
              HlContainer  *container,
              GError      **error)
{
  for (;;)
    {
      g_autoptr (GBytes) member = NULL;
      g_autofree char *name = NULL;
      struct archive_entry *entry;
      const char *path;
      int status = archive_read_next_header (archive, &entry);

      if (status == ARCHIVE_EOF)
        return TRUE;
      if (status != ARCHIVE_OK)
        return set_archive_error (error, archive, NULL);

      path = archive_entry_pathname_utf8 (entry);

      if (path == NULL || !g_utf8_validate (path, -1, NULL))
        {
          g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_FORMAT,
                       "The archive has a member whose name is not valid UTF-8.");
          return FALSE;
        }

      if (!g_str_has_suffix (path, ".npy"))
        continue;

      name = g_strndup (path, strlen (path) - 4);

      if (hl_container_get_tensor (container, name) != NULL || hl_container_get_strings (container, name) != NULL)
        {
          g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_FORMAT, "The archive has the array “%.200s” twice.",
                       name);
          return FALSE;
        }

      member = read_member (self, archive, name, error);

      if (member == NULL || !hl_npy_read (member, container, name, error) || !set_progress (self, error))
        return FALSE;
    }
}

gboolean
hl_npz_probe (GBytes *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  gsize name_length;

  /* The local header of a member: 30 bytes, the length of the name at 26, then the name. */
  if (size < 30 || memcmp (data, "PK\3\4", 4) != 0)
    return FALSE;

  name_length = data[26] | (gsize) data[27] << 8;

  return name_length >= 4 && size - 30 >= name_length && memcmp (data + 30 + name_length - 4, ".npy", 4) == 0;
}

HlContainer *
hl_npz_read (GBytes                 *bytes,
             GFileProgressCallback   progress,
             gpointer                progress_data,
             GCancellable           *cancellable,
             GError                **error)
{
  g_autoptr (HlContainer) container = hl_container_new ();
  g_autoptr (Archive) archive = NULL;
  Reader self = { bytes, 0, progress, progress_data, cancellable };

  g_return_val_if_fail (bytes != NULL, NULL);

  archive = open_archive (bytes, !is_stored (bytes), error);

  if (archive == NULL || !read_members (&self, archive, container, error))
    {
      hl_tensor_error_tidy (error);
      return NULL;
    }

  return g_steal_pointer (&container);
}
