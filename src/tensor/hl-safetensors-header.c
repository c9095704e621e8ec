#include "hl-safetensors-private.h"

#include <string.h>

gboolean
hl_header_fail (HlHeader    *header,
                GError     **error,
                const char  *what)
{
  g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_FORMAT,
               "The header of the safetensors file is not what the format says: expected %s at byte %'" G_GSIZE_FORMAT
               ".",
               what, (gsize) (header->p - header->start));

  return FALSE;
}

void
hl_header_skip_space (HlHeader *header)
{
  while (header->p < header->end && (*header->p == ' ' || *header->p == '\t' || *header->p == '\n' ||
                                     *header->p == '\r'))
    header->p++;
}

gboolean
hl_header_accept (HlHeader *header,
                  char      c)
{
  hl_header_skip_space (header);

  if (header->p == header->end || *header->p != c)
    return FALSE;

  header->p++;

  return TRUE;
}

static gboolean
scan_hex4 (HlHeader *header,
           gunichar *unit)
{
  *unit = 0;

  if (header->end - header->p < 4)
    return FALSE;

  for (guint i = 0; i < 4; i++)
    {
      int digit = g_ascii_xdigit_value (header->p[i]);

      if (digit < 0)
        return FALSE;

      *unit = *unit << 4 | (guint) digit;
    }

  header->p += 4;

  return TRUE;
}

/* After "\u". NUL cannot be in a C string, and half a surrogate pair not in UTF-8. */
static gboolean
scan_unicode_escape (HlHeader *header,
                     GString  *string)
{
  gunichar high, low;

  if (!scan_hex4 (header, &high) || high == 0 || (high >= 0xdc00 && high < 0xe000))
    return FALSE;

  if (high >= 0xd800 && high < 0xdc00)
    {
      if (header->end - header->p < 2 || header->p[0] != '\\' || header->p[1] != 'u')
        return FALSE;

      header->p += 2;

      if (!scan_hex4 (header, &low) || low < 0xdc00 || low >= 0xe000)
        return FALSE;

      high = 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
    }

  g_string_append_unichar (string, high);

  return TRUE;
}

static gboolean
scan_escape (HlHeader *header,
             GString  *string)
{
  static const char letters[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  const char *letter;

  if (header->p == header->end)
    return FALSE;

  if (*header->p == 'u')
    {
      header->p++;
      return scan_unicode_escape (header, string);
    }

  letter = memchr (letters, *header->p, strlen (letters));

  if (letter == NULL)
    return FALSE;

  g_string_append_c (string, meanings[letter - letters]);
  header->p++;

  return TRUE;
}

char *
hl_header_scan_string (HlHeader    *header,
                       const char  *what,
                       GError     **error)
{
  g_autoptr (GString) string = NULL;

  if (!hl_header_accept (header, '"'))
    {
      hl_header_fail (header, error, what);
      return NULL;
    }

  string = g_string_new (NULL);

  while (header->p < header->end && *header->p != '"')
    {
      const char *run = header->p;

      while (header->p < header->end && *header->p != '"' && *header->p != '\\' && (guchar) *header->p >= ' ')
        header->p++;

      g_string_append_len (string, run, header->p - run);

      if (header->p == header->end || *header->p == '"')
        break;

      if (*header->p != '\\')
        {
          hl_header_fail (header, error, "no control character");
          return NULL;
        }

      header->p++;

      if (!scan_escape (header, string))
        {
          hl_header_fail (header, error, "a valid escape sequence");
          return NULL;
        }
    }

  if (!hl_header_accept (header, '"'))
    {
      hl_header_fail (header, error, "the end of a string");
      return NULL;
    }

  return g_string_free (g_steal_pointer (&string), FALSE);
}

/* Whole and not negative, as sizes and offsets are. */
static gboolean
scan_size (HlHeader  *header,
           guint64   *value,
           GError   **error)
{
  guint n_digits = 0;

  *value = 0;
  hl_header_skip_space (header);

  for (; header->p < header->end && g_ascii_isdigit (*header->p); header->p++, n_digits++)
    {
      guint digit = (guint) (*header->p - '0');

      if (!g_uint64_checked_mul (value, *value, 10) || !g_uint64_checked_add (value, *value, digit) ||
          *value > G_MAXSSIZE)
        return hl_header_fail (header, error, "a number below 2^63");
    }

  if (n_digits == 0)
    return hl_header_fail (header, error, "a whole number that is not negative");

  return TRUE;
}

gboolean
hl_header_scan_sizes (HlHeader  *header,
                      guint64   *values,
                      guint      max,
                      guint     *n,
                      GError   **error)
{
  *n = 0;

  if (!hl_header_accept (header, '['))
    return hl_header_fail (header, error, "“[”");

  if (hl_header_accept (header, ']'))
    return TRUE;

  do
    {
      if (*n == max)
        return hl_header_fail (header, error, max == 2 ? "two offsets" : "at most eight dimensions");

      if (!scan_size (header, &values[(*n)++], error))
        return FALSE;
    }
  while (hl_header_accept (header, ','));

  return hl_header_accept (header, ']') || hl_header_fail (header, error, "“,” or “]”");
}
