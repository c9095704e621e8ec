#include "hl-npy.h"

#include <string.h>

/* Layout (numpy.lib.format):
 *
 *   0      6 bytes      "\x93NUMPY"
 *   6      u8, u8       version, 1.0, 2.0 or 3.0
 *   8      u16 or u32   N, little-endian; two bytes in version 1, four in versions 2 and 3
 *   …      N bytes      a Python dictionary, Latin-1 (UTF-8 in version 3), padded with spaces, ending with a newline:
 *                         {'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }
 *   …      to the end   the elements, in the byte order that descr begins with: < > or | (none needed), = (ours)
 *
 * The dictionary is read by a parser that knows these three entries and nothing else of Python.
 */

/* A string costs many times the bytes it has in the file. */
#define MAX_STRINGS (4 << 20)

typedef struct
{
  const char *p;
  const char *end;
} Scanner;

typedef struct
{
  char     kind;       /* the letter of descr */
  gboolean big_endian;
  gsize    width;      /* of one element, in bytes; characters for 'U' */
  gboolean fortran_order;
  guint    rank;
  gsize    shape[HL_TENSOR_MAX_RANK];
} Header;

static void
skip_space (Scanner *scanner)
{
  while (scanner->p < scanner->end && (*scanner->p == ' ' || *scanner->p == '\n' || *scanner->p == '\t'))
    scanner->p++;
}

static gboolean
accept (Scanner *scanner,
        char     c)
{
  skip_space (scanner);

  if (scanner->p == scanner->end || *scanner->p != c)
    return FALSE;

  scanner->p++;

  return TRUE;
}

static gboolean
accept_word (Scanner    *scanner,
             const char *word)
{
  gsize length = strlen (word);

  skip_space (scanner);

  if ((gsize) (scanner->end - scanner->p) < length || memcmp (scanner->p, word, length) != 0)
    return FALSE;

  scanner->p += length;

  return TRUE;
}

/* A string in either quotes, into @buffer; descr and the keys are short and have no escapes. */
static gboolean
scan_string (Scanner *scanner,
             char    *buffer,
             gsize    size)
{
  gsize length = 0;
  char quote;

  skip_space (scanner);

  if (scanner->p == scanner->end || (*scanner->p != '\'' && *scanner->p != '"'))
    return FALSE;

  quote = *scanner->p++;

  while (scanner->p < scanner->end && *scanner->p != quote)
    {
      if (length + 1 == size || *scanner->p == '\\' || !g_ascii_isprint (*scanner->p))
        return FALSE;

      buffer[length++] = *scanner->p++;
    }

  buffer[length] = '\0';

  return accept (scanner, quote);
}

static gboolean
scan_number (Scanner *scanner,
             gsize   *value)
{
  guint n_digits = 0;

  skip_space (scanner);
  *value = 0;

  for (; scanner->p < scanner->end && g_ascii_isdigit (*scanner->p); scanner->p++, n_digits++)
    if (!g_size_checked_mul (value, *value, 10) || !g_size_checked_add (value, *value, (gsize) (*scanner->p - '0')) ||
        *value > G_MAXSSIZE)
      return FALSE;

  /* Python 2 wrote long integers as 3L. */
  if (n_digits > 0 && scanner->p < scanner->end && *scanner->p == 'L')
    scanner->p++;

  return n_digits > 0;
}

/* (), (3,), (3, 4) or (3, 4,) */
static gboolean
scan_shape (Scanner *scanner,
            Header  *header)
{
  header->rank = 0;

  if (!accept (scanner, '('))
    return FALSE;

  while (!accept (scanner, ')'))
    {
      if (header->rank == HL_TENSOR_MAX_RANK || !scan_number (scanner, &header->shape[header->rank]))
        return FALSE;

      header->rank++;

      if (!accept (scanner, ','))
        return header->rank > 1 && accept (scanner, ')');
    }

  return TRUE;
}

static gboolean
parse_descr (const char *descr,
             Header     *header)
{
  Scanner scanner = { descr, descr + strlen (descr) };

  header->big_endian = G_BYTE_ORDER == G_BIG_ENDIAN;

  if (*scanner.p == '<' || *scanner.p == '>')
    header->big_endian = *scanner.p++ == '>';
  else if (*scanner.p == '|' || *scanner.p == '=')
    scanner.p++;

  header->kind = *scanner.p;

  if (header->kind == '\0')
    return FALSE;

  scanner.p++;

  /* Objects have no width that matters, and times have a unit behind it. */
  if (scanner.p == scanner.end)
    {
      header->width = 0;
      return TRUE;
    }

  return scan_number (&scanner, &header->width) && (scanner.p == scanner.end || *scanner.p == '[');
}

static gboolean
fail (GError    **error,
      int         code,
      const char *name,
      const char *format,
      ...) G_GNUC_PRINTF (4, 5);

static gboolean
fail (GError    **error,
      int         code,
      const char *name,
      const char *format,
      ...)
{
  g_autofree char *rest = NULL;
  va_list args;

  va_start (args, format);
  rest = g_strdup_vprintf (format, args);
  va_end (args);
  g_set_error (error, HL_TENSOR_ERROR, code, "The array “%.200s” %s", name, rest);
  hl_tensor_error_tidy (error);

  return FALSE;
}

static gboolean
parse_header (Scanner    *scanner,
              const char *name,
              Header     *header,
              GError    **error)
{
  static const char not_header[] = "has a header that is not the one numpy writes: “descr”, “fortran_order” and "
                                   "“shape”, each once.";
  gboolean has_descr = FALSE, has_order = FALSE, has_shape = FALSE;
  char key[16], descr[24];

  if (!accept (scanner, '{'))
    return fail (error, HL_TENSOR_ERROR_FORMAT, name, "%s", not_header);

  while (!accept (scanner, '}'))
    {
      if (!scan_string (scanner, key, sizeof key) || !accept (scanner, ':'))
        return fail (error, HL_TENSOR_ERROR_FORMAT, name, "%s", not_header);

      if (strcmp (key, "descr") == 0 && !has_descr)
        {
          if (accept (scanner, '['))
            return fail (error, HL_TENSOR_ERROR_UNSUPPORTED, name,
                         "has elements of several fields, which Headlight cannot read; save each field by itself.");

          if (!scan_string (scanner, descr, sizeof descr) || !parse_descr (descr, header))
            return fail (error, HL_TENSOR_ERROR_FORMAT, name, "has a type that is not one of numpy's.");

          has_descr = TRUE;
        }
      else if (strcmp (key, "fortran_order") == 0 && !has_order)
        {
          header->fortran_order = accept_word (scanner, "True");

          if (!header->fortran_order && !accept_word (scanner, "False"))
            return fail (error, HL_TENSOR_ERROR_FORMAT, name, "has a “fortran_order” that is neither True nor False.");

          has_order = TRUE;
        }
      else if (strcmp (key, "shape") == 0 && !has_shape)
        {
          if (!scan_shape (scanner, header))
            return fail (error, HL_TENSOR_ERROR_SHAPE, name,
                         "has a shape that is not a tuple of at most %d whole numbers, none negative.",
                         HL_TENSOR_MAX_RANK);

          has_shape = TRUE;
        }
      else
        {
          return fail (error, HL_TENSOR_ERROR_FORMAT, name, "%s", not_header);
        }

      if (!accept (scanner, ','))
        {
          if (!accept (scanner, '}'))
            return fail (error, HL_TENSOR_ERROR_FORMAT, name, "%s", not_header);
          break;
        }
    }

  skip_space (scanner);

  if (!has_descr || !has_order || !has_shape || scanner->p != scanner->end)
    return fail (error, HL_TENSOR_ERROR_FORMAT, name, "%s", not_header);

  return TRUE;
}

static gboolean
find_dtype (const Header *header,
            HlDType      *dtype)
{
  static const struct
  {
    char    kind;
    guint8  width;
    HlDType dtype;
  } dtypes[] = {
    { 'b', 1, HL_DTYPE_BOOL }, { 'u', 1, HL_DTYPE_U8 },  { 'i', 1, HL_DTYPE_I8 },  { 'u', 2, HL_DTYPE_U16 },
    { 'i', 2, HL_DTYPE_I16 },  { 'u', 4, HL_DTYPE_U32 }, { 'i', 4, HL_DTYPE_I32 }, { 'u', 8, HL_DTYPE_U64 },
    { 'i', 8, HL_DTYPE_I64 },  { 'f', 2, HL_DTYPE_F16 }, { 'f', 4, HL_DTYPE_F32 }, { 'f', 8, HL_DTYPE_F64 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (dtypes); i++)
    if (dtypes[i].kind == header->kind && dtypes[i].width == header->width)
      {
        *dtype = dtypes[i].dtype;
        return TRUE;
      }

  return FALSE;
}

/* The product of @shape, FALSE if no file can hold so many elements of @width bytes. */
static gboolean
count_bytes (const Header *header,
             gsize         width,
             gsize        *n_elements,
             gsize        *n_bytes)
{
  *n_elements = 1;

  for (guint axis = 0; axis < header->rank; axis++)
    if (!g_size_checked_mul (n_elements, *n_elements, header->shape[axis]))
      return FALSE;

  return g_size_checked_mul (n_bytes, *n_elements, width);
}

static void
copy_element (guint8       *dst,
              const guint8 *src,
              gsize         width,
              gboolean      swap)
{
  if (!swap)
    {
      memcpy (dst, src, width);
      return;
    }

  for (gsize i = 0; i < width; i++)
    dst[i] = src[width - 1 - i];
}

/* Elements in row-major order and little-endian. The file has been shown to hold them all. */
static GBytes *
rearrange (const Header *header,
           const guint8 *data,
           gsize         n_elements,
           gboolean      swap)
{
  gsize width = header->width;
  gsize position[HL_TENSOR_MAX_RANK] = { 0 };
  gsize stride[HL_TENSOR_MAX_RANK];
  guint8 *copy = g_malloc (n_elements * width);
  gsize source = 0;
  gsize step = 1;

  for (guint i = 0; i < header->rank; i++)
    {
      guint axis = header->fortran_order ? i : header->rank - 1 - i;

      stride[axis] = step;
      step *= header->shape[axis];
    }

  for (gsize i = 0; i < n_elements; i++)
    {
      copy_element (copy + i * width, data + source * width, width, swap);

      for (guint axis = header->rank; axis-- > 0;)
        {
          source += stride[axis];

          if (++position[axis] < header->shape[axis])
            break;

          source -= stride[axis] * header->shape[axis];
          position[axis] = 0;
        }
    }

  return g_bytes_new_take (copy, n_elements * width);
}

static gboolean
read_numbers (const Header *header,
              HlDType       dtype,
              GBytes       *bytes,
              gsize         offset,
              HlContainer  *container,
              const char   *name,
              GError      **error)
{
  g_autoptr (HlTensor) tensor = hl_tensor_new (dtype, header->rank, header->shape, bytes, offset, error);
  gboolean swap = header->big_endian && header->width > 1;

  if (tensor == NULL)
    {
      g_prefix_error (error, "The array “%.200s”: ", name);
      hl_tensor_error_tidy (error);
      return FALSE;
    }

  if (swap || (header->fortran_order && header->rank > 1))
    {
      const guint8 *data = g_bytes_get_data (bytes, NULL);
      g_autoptr (GBytes) copy = rearrange (header, data + offset, hl_tensor_get_n_elements (tensor), swap);

      g_clear_pointer (&tensor, hl_tensor_unref);
      tensor = hl_tensor_new (dtype, header->rank, header->shape, copy, 0, error);

      if (tensor == NULL)
        return FALSE;
    }

  hl_container_add_tensor (container, name, tensor);

  return TRUE;
}

/* UTF-32, padded with NUL at the end. */
static char *
read_unicode (const guint8 *data,
              gsize         n_characters,
              gboolean      big_endian)
{
  g_autoptr (GString) string = g_string_new (NULL);

  for (gsize i = 0; i < n_characters; i++)
    {
      guint32 character;

      memcpy (&character, data + 4 * i, 4);
      character = big_endian ? GUINT32_FROM_BE (character) : GUINT32_FROM_LE (character);

      if (character == 0)
        break;
      if (!g_unichar_validate (character))
        return NULL;

      g_string_append_unichar (string, character);
    }

  return g_string_free (g_steal_pointer (&string), FALSE);
}

/* Bytes, padded with NUL at the end; taken for UTF-8, which covers ASCII. */
static char *
read_bytes (const guint8 *data,
            gsize         n)
{
  gsize length = strnlen ((const char *) data, n);

  return g_utf8_validate_len ((const char *) data, length, NULL) ? g_strndup ((const char *) data, length) : NULL;
}

static gboolean
read_strings (const Header *header,
              GBytes       *bytes,
              gsize         offset,
              HlContainer  *container,
              const char   *name,
              GError      **error)
{
  g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);
  gsize n, n_bytes, size, width;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  /* Without a width, no count could be disproved by the file. */
  if (header->width == 0)
    return fail (error, HL_TENSOR_ERROR_FORMAT, name, "has strings of no characters.");

  if (!g_size_checked_mul (&width, header->width, header->kind == 'U' ? 4 : 1) ||
      !count_bytes (header, width, &n, &n_bytes))
    return fail (error, HL_TENSOR_ERROR_SHAPE, name, "has a shape that is larger than any file can be.");

  if (n_bytes > size - offset)
    return fail (error, HL_TENSOR_ERROR_TRUNCATED, name,
                 "is cut short: the file ends after byte %'" G_GSIZE_FORMAT ", but its strings need %'" G_GSIZE_FORMAT
                 " bytes from byte %'" G_GSIZE_FORMAT " on.", size, n_bytes, offset);

  if (n > MAX_STRINGS)
    return fail (error, HL_TENSOR_ERROR_UNSUPPORTED, name, "has %'" G_GSIZE_FORMAT " strings; Headlight reads %'d.",
                 n, MAX_STRINGS);

  if (header->fortran_order && header->rank > 1)
    return fail (error, HL_TENSOR_ERROR_UNSUPPORTED, name,
                 "has strings in Fortran order, which Headlight cannot read.");

  for (gsize i = 0; i < n; i++)
    {
      const guint8 *start = data + offset + i * width;
      char *string = header->kind == 'U' ? read_unicode (start, header->width, header->big_endian)
                                         : read_bytes (start, width);

      if (string == NULL)
        return fail (error, HL_TENSOR_ERROR_FORMAT, name, "has a string %'" G_GSIZE_FORMAT " that is not valid %s.", i,
                     header->kind == 'U' ? "Unicode" : "UTF-8");

      g_ptr_array_add (strings, string);
    }

  g_ptr_array_add (strings, NULL);
  hl_container_add_strings (container, name, (const char * const *) strings->pdata);

  return TRUE;
}

gboolean
hl_npy_probe (GBytes *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  return size >= 6 && memcmp (data, "\x93NUMPY", 6) == 0;
}

gboolean
hl_npy_read (GBytes       *bytes,
             HlContainer  *container,
             const char   *name,
             GError      **error)
{
  gsize size;
  const guint8 *data;
  gsize length_size, length, offset;
  Header header = { 0 };
  Scanner scanner;
  HlDType dtype;

  g_return_val_if_fail (bytes != NULL && container != NULL && name != NULL, FALSE);

  data = g_bytes_get_data (bytes, &size);

  if (size < 8)
    return fail (error, HL_TENSOR_ERROR_TRUNCATED, name,
                 "is cut short: the file ends after byte %" G_GSIZE_FORMAT ", before the version.", size);

  if (!hl_npy_probe (bytes))
    return fail (error, HL_TENSOR_ERROR_FORMAT, name, "does not begin as numpy's files do.");

  if (data[6] < 1 || data[6] > 3 || data[7] != 0)
    return fail (error, HL_TENSOR_ERROR_UNSUPPORTED, name,
                 "has the format version %u.%u; Headlight reads 1.0, 2.0 and 3.0.", data[6], data[7]);

  length_size = data[6] == 1 ? 2 : 4;

  if (size - 8 < length_size)
    return fail (error, HL_TENSOR_ERROR_TRUNCATED, name,
                 "is cut short: the file ends after byte %" G_GSIZE_FORMAT ", inside the length of the header.", size);

  length = 0;
  for (gsize i = 0; i < length_size; i++)
    length |= (gsize) data[8 + i] << (8 * i);
  offset = 8 + length_size;

  if (length > size - offset)
    return fail (error, HL_TENSOR_ERROR_TRUNCATED, name,
                 "is cut short: the file ends after byte %'" G_GSIZE_FORMAT ", inside the header, which needs %'"
                 G_GSIZE_FORMAT " bytes.", size, length);

  scanner = (Scanner) { (const char *) data + offset, (const char *) data + offset + length };
  offset += length;

  if (!parse_header (&scanner, name, &header, error))
    return FALSE;

  if (header.kind == 'O')
    return fail (error, HL_TENSOR_ERROR_UNSUPPORTED, name,
                 "holds Python objects, which Headlight does not load; save it as numbers or as strings.");

  if (header.kind == 'U' || header.kind == 'S' || header.kind == 'a')
    return read_strings (&header, bytes, offset, container, name, error);

  if (!find_dtype (&header, &dtype))
    return fail (error, HL_TENSOR_ERROR_UNSUPPORTED, name,
                 "has elements of numpy's type “%c%" G_GSIZE_FORMAT "”, which Headlight cannot read.", header.kind,
                 header.width);

  return read_numbers (&header, dtype, bytes, offset, container, name, error);
}
