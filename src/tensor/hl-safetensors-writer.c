#include "hl-safetensors-private.h"

#include <stdlib.h>

static void
append_json_string (GString    *json,
                    const char *string)
{
  g_string_append_c (json, '"');

  for (const char *p = string; *p != '\0'; p++)
    {
      if (*p == '"' || *p == '\\')
        g_string_append_c (json, '\\');

      if ((guchar) *p < ' ')
        g_string_append_printf (json, "\\u%04x", (guint) *p);
      else
        g_string_append_c (json, *p);
    }

  g_string_append_c (json, '"');
}

/* The largest elements come first in the data, so that each tensor is aligned by itself when the file is mapped;
 * in the header they stand in the container's order. */
static GPtrArray *
lay_out (HlContainer  *container,
         GString      *header)
{
  const char * const *names = hl_container_get_names (container);
  gsize n = g_strv_length ((char **) names);
  g_autoptr (GPtrArray) tensors = g_ptr_array_sized_new (n);
  g_autofree gsize *begins = g_new (gsize, n);
  gsize position = 0;

  for (gsize element_size = 8; element_size > 0; element_size /= 2)
    for (gsize i = 0; i < n; i++)
      {
        HlTensor *tensor = hl_container_get_tensor (container, names[i]);

        if (hl_dtype_get_size (hl_tensor_get_dtype (tensor)) != element_size)
          continue;

        begins[i] = position;
        position += hl_tensor_get_n_elements (tensor) * element_size;
        g_ptr_array_add (tensors, tensor);
      }

  for (gsize i = 0; i < n; i++)
    {
      HlTensor *tensor = hl_container_get_tensor (container, names[i]);
      HlDType dtype = hl_tensor_get_dtype (tensor);

      g_string_append_c (header, header->len > 1 ? ',' : ' ');
      append_json_string (header, names[i]);
      g_string_append_printf (header, ":{\"dtype\":\"%s\",\"shape\":[", hl_safetensors_dtype_name (dtype));
      for (guint axis = 0; axis < hl_tensor_get_rank (tensor); axis++)
        g_string_append_printf (header, "%s%" G_GSIZE_FORMAT, axis > 0 ? "," : "", hl_tensor_get_dim (tensor, axis));
      g_string_append_printf (header, "],\"data_offsets\":[%" G_GSIZE_FORMAT ",%" G_GSIZE_FORMAT "]}", begins[i],
                              begins[i] + hl_tensor_get_n_elements (tensor) * hl_dtype_get_size (dtype));
    }

  return g_steal_pointer (&tensors);
}

static void
append_metadata (HlContainer *container,
                 GString     *header)
{
  const char * const *keys = hl_container_get_metadata_keys (container);

  if (keys[0] == NULL)
    return;

  g_string_append (header, "\"__metadata__\":{");

  for (gsize i = 0; keys[i] != NULL; i++)
    {
      if (i > 0)
        g_string_append_c (header, ',');
      append_json_string (header, keys[i]);
      g_string_append_c (header, ':');
      append_json_string (header, hl_container_get_metadata (container, keys[i]));
    }

  g_string_append_c (header, '}');
}

/* In pieces, because nothing looks at @cancellable inside one write. */
static gboolean
write_pieces (GOutputStream  *stream,
              const guint8   *data,
              gsize           size,
              GCancellable   *cancellable,
              GError        **error)
{
  const gsize piece = 4 << 20;

  for (gsize position = 0; position < size; position += piece)
    if (!g_output_stream_write_all (stream, data + position, MIN (piece, size - position), NULL, cancellable, error))
      return FALSE;

  return TRUE;
}

gboolean
hl_safetensors_write (HlContainer    *container,
                      GOutputStream  *stream,
                      GCancellable   *cancellable,
                      GError        **error)
{
  g_autoptr (GString) header = NULL;
  g_autoptr (GPtrArray) tensors = NULL;
  const char * const *names;
  guint64 length;

  g_return_val_if_fail (container != NULL, FALSE);
  g_return_val_if_fail (G_IS_OUTPUT_STREAM (stream), FALSE);

  names = hl_container_get_names (container);
  for (gsize i = 0; names[i] != NULL; i++)
    g_return_val_if_fail (hl_container_get_tensor (container, names[i]) != NULL, FALSE);

  header = g_string_new ("{");
  append_metadata (container, header);
  tensors = lay_out (container, header);
  g_string_append_c (header, '}');

  while (header->len % 8 != 0)
    g_string_append_c (header, ' ');

  if (header->len > HL_SAFETENSORS_MAX_HEADER)
    {
      g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_FORMAT,
                   "The names and texts take %'" G_GSIZE_FORMAT " bytes; a safetensors file may have %'d of them.",
                   header->len, HL_SAFETENSORS_MAX_HEADER);
      return FALSE;
    }

  length = GUINT64_TO_LE ((guint64) header->len);

  if (!g_output_stream_write_all (stream, &length, sizeof length, NULL, cancellable, error) ||
      !write_pieces (stream, (const guint8 *) header->str, header->len, cancellable, error))
    return FALSE;

  for (guint i = 0; i < tensors->len; i++)
    {
      gsize size;
      const guint8 *data = hl_tensor_peek_data (g_ptr_array_index (tensors, i), &size);

      if (!write_pieces (stream, data, size, cancellable, error))
        return FALSE;
    }

  return TRUE;
}

/* What @file really is, where it is a link: that is to be replaced, and the link kept. */
static GFile *
resolve (GFile *file)
{
  const char *path = g_file_peek_path (file);
  g_autofree char *real = path != NULL ? realpath (path, NULL) : NULL;

  return real != NULL ? g_file_new_for_path (real) : g_object_ref (file);
}

gboolean
hl_safetensors_save (HlContainer   *container,
                     GFile         *file,
                     GCancellable  *cancellable,
                     GError       **error)
{
  g_autoptr (GFile) target = NULL;
  g_autoptr (GFileInfo) former = NULL;
  g_autoptr (GFileOutputStream) stream = NULL;

  g_return_val_if_fail (G_IS_FILE (file), FALSE);

  target = resolve (file);
  former = g_file_query_info (target, G_FILE_ATTRIBUTE_UNIX_MODE, G_FILE_QUERY_INFO_NONE, cancellable, NULL);

  /* Without the flag, GIO may truncate a file that has a second name before it writes: under the map that is being
   * read, and with nothing left if the disk is full. */
  stream = g_file_replace (target, NULL, FALSE, G_FILE_CREATE_REPLACE_DESTINATION, cancellable, error);

  if (stream == NULL)
    return FALSE;

  if (!hl_safetensors_write (container, G_OUTPUT_STREAM (stream), cancellable, error))
    {
      g_autoptr (GCancellable) discard = g_cancellable_new ();

      /* Closing with what is cancelled already throws away what was written; the last unref would put it in place. */
      g_cancellable_cancel (discard);
      g_output_stream_close (G_OUTPUT_STREAM (stream), discard, NULL);

      return FALSE;
    }

  if (!g_output_stream_close (G_OUTPUT_STREAM (stream), cancellable, error))
    return FALSE;

  /* The flag also means new permissions; a file that was private stays so. */
  if (former != NULL && g_file_info_has_attribute (former, G_FILE_ATTRIBUTE_UNIX_MODE))
    g_file_set_attribute_uint32 (target, G_FILE_ATTRIBUTE_UNIX_MODE,
                                 g_file_info_get_attribute_uint32 (former, G_FILE_ATTRIBUTE_UNIX_MODE) & 07777,
                                 G_FILE_QUERY_INFO_NONE, NULL, NULL);

  return TRUE;
}
