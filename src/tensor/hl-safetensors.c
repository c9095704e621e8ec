#include "hl-safetensors-private.h"

#include <string.h>

/* Layout, all little-endian:
 *
 *   0      u64          N, length of the header, at most 100,000,000
 *   8      N bytes      JSON, beginning with "{" and padded with spaces:
 *                         {"__metadata__": {"key": "value", …},
 *                          "name": {"dtype": "F32", "shape": [2, 3], "data_offsets": [begin, end]}, …}
 *   8 + N  to the end   the elements, row-major; offsets count from here; tensors neither overlap nor leave holes
 *
 * As in the “Format” section of the readme of huggingface/safetensors. The header needs so little of JSON that its
 * parser knows no more than it: whatever nests deeper than the layout is an error, and so needs no stack.
 */

static const struct
{
  const char *name;
  HlDType     dtype;
} dtypes[] = {
  { "BOOL", HL_DTYPE_BOOL }, { "U8", HL_DTYPE_U8 },   { "I8", HL_DTYPE_I8 },     { "U16", HL_DTYPE_U16 },
  { "I16", HL_DTYPE_I16 },   { "U32", HL_DTYPE_U32 }, { "I32", HL_DTYPE_I32 },   { "U64", HL_DTYPE_U64 },
  { "I64", HL_DTYPE_I64 },   { "F16", HL_DTYPE_F16 }, { "BF16", HL_DTYPE_BF16 }, { "F32", HL_DTYPE_F32 },
  { "F64", HL_DTYPE_F64 },
};

/* Where one tensor's elements lie, counted from the end of the header. */
typedef struct
{
  const char *name; /* the container's */
  guint64     begin;
  guint64     end;
} Extent;

static gboolean
scan_metadata (HlHeader     *header,
               HlContainer  *container,
               GError      **error)
{
  if (!hl_header_accept (header, '{'))
    return hl_header_fail (header, error, "“{”");

  if (hl_header_accept (header, '}'))
    return TRUE;

  do
    {
      g_autofree char *key = hl_header_scan_string (header, "a name in the metadata", error);
      g_autofree char *value = NULL;

      if (key == NULL)
        return FALSE;

      if (hl_container_get_metadata (container, key) != NULL)
        {
          g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_FORMAT,
                       "The metadata of the safetensors file has the name “%.200s” twice.", key);
          return FALSE;
        }

      if (!hl_header_accept (header, ':'))
        return hl_header_fail (header, error, "“:”");

      value = hl_header_scan_string (header, "a string, which is all that metadata may hold,", error);

      if (value == NULL)
        return FALSE;

      hl_container_set_metadata (container, key, value);
    }
  while (hl_header_accept (header, ','));

  return hl_header_accept (header, '}') || hl_header_fail (header, error, "“,” or “}”");
}

static gboolean
find_dtype (const char  *tensor,
            const char  *name,
            HlDType     *dtype,
            GError     **error)
{
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (strcmp (dtypes[i].name, name) == 0)
      {
        *dtype = dtypes[i].dtype;
        return TRUE;
      }

  g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_UNSUPPORTED,
               "The tensor “%.200s” has elements of the type “%.40s”, which Headlight cannot read.", tensor, name);

  return FALSE;
}

/* Reads the object that describes the tensor @name and adds it over @data, all that follows the header. */
static gboolean
scan_tensor (HlHeader     *header,
             HlContainer  *container,
             const char   *name,
             GBytes       *bytes,
             gsize         data_start,
             Extent       *extent,
             GError      **error)
{
  g_autoptr (HlTensor) tensor = NULL;
  g_autofree char *dtype_name = NULL;
  guint64 offsets[2], dims[HL_TENSOR_MAX_RANK];
  gsize shape[HL_TENSOR_MAX_RANK];
  gboolean has_shape = FALSE, has_offsets = FALSE;
  guint rank = 0, n_offsets = 0;
  gsize size = g_bytes_get_size (bytes);
  HlDType dtype;
  gsize n_bytes;

  if (!hl_header_accept (header, '{'))
    return hl_header_fail (header, error, "“{”");

  do
    {
      g_autofree char *key = hl_header_scan_string (header, "“dtype”, “shape” or “data_offsets”", error);

      if (key == NULL)
        return FALSE;

      if (!hl_header_accept (header, ':'))
        return hl_header_fail (header, error, "“:”");

      if (strcmp (key, "dtype") == 0 && dtype_name == NULL)
        {
          dtype_name = hl_header_scan_string (header, "the name of a type", error);
          if (dtype_name == NULL)
            return FALSE;
        }
      else if (strcmp (key, "shape") == 0 && !has_shape)
        {
          has_shape = TRUE;
          if (!hl_header_scan_sizes (header, dims, HL_TENSOR_MAX_RANK, &rank, error))
            return FALSE;
        }
      else if (strcmp (key, "data_offsets") == 0 && !has_offsets)
        {
          has_offsets = TRUE;
          if (!hl_header_scan_sizes (header, offsets, 2, &n_offsets, error))
            return FALSE;
        }
      else
        return hl_header_fail (header, error, "“dtype”, “shape” and “data_offsets”, each once, before");
    }
  while (hl_header_accept (header, ','));

  if (!hl_header_accept (header, '}'))
    return hl_header_fail (header, error, "“,” or “}”");

  if (dtype_name == NULL || !has_shape || n_offsets != 2)
    {
      g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_FORMAT,
                   "The tensor “%.200s” lacks its type, its shape or its two offsets.", name);
      return FALSE;
    }

  if (!find_dtype (name, dtype_name, &dtype, error))
    return FALSE;

  if (offsets[0] > offsets[1])
    {
      g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_FORMAT,
                   "The tensor “%.200s” ends at byte %'" G_GUINT64_FORMAT " of the data, before it begins at byte %'"
                   G_GUINT64_FORMAT ".", name, offsets[1], offsets[0]);
      return FALSE;
    }

  if (offsets[1] > size - data_start)
    {
      g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_TRUNCATED,
                   "The file ends after byte %'" G_GSIZE_FORMAT ", %s the tensor “%.200s”, which needs %'"
                   G_GUINT64_FORMAT " bytes.", size, offsets[0] < size - data_start ? "inside" : "before", name,
                   offsets[1] - offsets[0]);
      return FALSE;
    }

  for (guint axis = 0; axis < rank; axis++)
    shape[axis] = dims[axis];

  tensor = hl_tensor_new (dtype, rank, shape, bytes, data_start + offsets[0], error);

  if (tensor == NULL)
    {
      g_prefix_error (error, "The tensor “%.200s”: ", name);
      return FALSE;
    }

  n_bytes = hl_tensor_get_n_elements (tensor) * hl_dtype_get_size (dtype);

  if (n_bytes != offsets[1] - offsets[0])
    {
      g_autofree char *text = hl_tensor_describe_shape (tensor);

      g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_SHAPE,
                   "The tensor “%.200s” %s of %s needs %'" G_GSIZE_FORMAT " bytes, but its offsets span %'"
                   G_GUINT64_FORMAT ".", name, text, dtype_name, n_bytes, offsets[1] - offsets[0]);
      return FALSE;
    }

  hl_container_add_tensor (container, name, tensor);
  extent->begin = offsets[0];
  extent->end = offsets[1];

  return TRUE;
}

static int
compare_extents (gconstpointer a,
                 gconstpointer b)
{
  const Extent *x = a;
  const Extent *y = b;

  if (x->begin != y->begin)
    return x->begin < y->begin ? -1 : 1;

  return (x->end > y->end) - (x->end < y->end);
}

/* The elements must tile everything behind the header. */
static gboolean
check_extents (GArray   *extents,
               guint64   size,
               GError  **error)
{
  guint64 position = 0;

  g_array_sort (extents, compare_extents);

  for (guint i = 0; i < extents->len; i++)
    {
      const Extent *extent = &g_array_index (extents, Extent, i);

      if (extent->begin != position)
        {
          g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_FORMAT,
                       extent->begin < position
                       ? "The tensor “%.200s” begins at byte %'" G_GUINT64_FORMAT " of the data, inside another that"
                         " ends at byte %'" G_GUINT64_FORMAT "."
                       : "The tensor “%.200s” begins at byte %'" G_GUINT64_FORMAT " of the data, and nothing uses the"
                         " bytes from byte %'" G_GUINT64_FORMAT " on that lie before it.",
                       extent->name, extent->begin, position);
          return FALSE;
        }

      position = extent->end;
    }

  if (position != size)
    {
      g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_FORMAT,
                   "The last tensor ends at byte %'" G_GUINT64_FORMAT " of the data, but the file has %'"
                   G_GUINT64_FORMAT " bytes of data.", position, size);
      return FALSE;
    }

  return TRUE;
}

static gboolean
scan_header (HlHeader     *header,
             HlContainer  *container,
             GBytes       *bytes,
             gsize         data_start,
             GError      **error)
{
  g_autoptr (GArray) extents = g_array_new (FALSE, FALSE, sizeof (Extent));
  const char * const *names;
  gboolean has_metadata = FALSE;

  if (!hl_header_accept (header, '{'))
    return hl_header_fail (header, error, "“{”");

  if (!hl_header_accept (header, '}'))
    {
      do
        {
          g_autofree char *name = hl_header_scan_string (header, "the name of a tensor", error);
          gboolean is_metadata;

          if (name == NULL)
            return FALSE;

          is_metadata = strcmp (name, "__metadata__") == 0;

          if (is_metadata ? has_metadata : hl_container_get_tensor (container, name) != NULL)
            {
              g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_FORMAT,
                           "The header of the safetensors file has the name “%.200s” twice.", name);
              return FALSE;
            }

          if (!hl_header_accept (header, ':'))
            return hl_header_fail (header, error, "“:”");

          if (is_metadata)
            {
              has_metadata = TRUE;
              if (!scan_metadata (header, container, error))
                return FALSE;
            }
          else
            {
              Extent extent = { NULL };

              if (!scan_tensor (header, container, name, bytes, data_start, &extent, error))
                return FALSE;

              g_array_append_val (extents, extent);
            }
        }
      while (hl_header_accept (header, ','));

      if (!hl_header_accept (header, '}'))
        return hl_header_fail (header, error, "“,” or “}”");
    }

  hl_header_skip_space (header);

  if (header->p != header->end)
    return hl_header_fail (header, error, "nothing but spaces");

  names = hl_container_get_names (container);
  for (guint i = 0; i < extents->len; i++)
    g_array_index (extents, Extent, i).name = names[i];

  return check_extents (extents, g_bytes_get_size (bytes) - data_start, error);
}

static guint64
read_header_length (const guint8 *data)
{
  guint64 value;

  memcpy (&value, data, sizeof value);

  return GUINT64_FROM_LE (value);
}

gboolean
hl_safetensors_probe (GBytes *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);
  guint64 length;

  if (size < 9 || data[8] != '{')
    return FALSE;

  length = read_header_length (data);

  return length >= 2 && length <= HL_SAFETENSORS_MAX_HEADER;
}

HlContainer *
hl_safetensors_read (GBytes  *bytes,
                     GError **error)
{
  g_autoptr (HlContainer) container = NULL;
  const guint8 *data;
  const char *text, *invalid;
  HlHeader header;
  guint64 length;
  gsize size;

  g_return_val_if_fail (bytes != NULL, NULL);

  data = g_bytes_get_data (bytes, &size);

  if (size < 8)
    {
      g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_TRUNCATED,
                   "The file ends after byte %" G_GSIZE_FORMAT ", inside the length of its header, which needs 8"
                   " bytes.", size);
      return NULL;
    }

  length = read_header_length (data);

  if (length > HL_SAFETENSORS_MAX_HEADER)
    {
      g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_FORMAT,
                   "The file says that its header has %'" G_GUINT64_FORMAT " bytes; the format allows %'d.",
                   length, HL_SAFETENSORS_MAX_HEADER);
      return NULL;
    }

  if (length > size - 8)
    {
      g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_TRUNCATED,
                   "The file ends after byte %'" G_GSIZE_FORMAT ", inside its header, which needs %'" G_GUINT64_FORMAT
                   " bytes.", size, length);
      return NULL;
    }

  text = (const char *) data + 8;

  if (!g_utf8_validate_len (text, length, &invalid))
    {
      g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_FORMAT,
                   "The header of the safetensors file is not valid UTF-8 at byte %'" G_GSIZE_FORMAT ".",
                   (gsize) (invalid - text) + 8);
      return NULL;
    }

  header = (HlHeader) { (const char *) data, text, text + length };
  container = hl_container_new ();

  if (!scan_header (&header, container, bytes, 8 + length, error))
    {
      hl_tensor_error_tidy (error);
      return NULL;
    }

  return g_steal_pointer (&container);
}

const char *
hl_safetensors_dtype_name (HlDType dtype)
{
  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (dtypes[i].dtype == dtype)
      return dtypes[i].name;

  g_assert_not_reached ();
}
