/* Strings of JSON text. */

#include <string.h>

#include "hl-json-scanner-private.h"

/* Four hexadecimal digits at the cursor. */
static gboolean
read_code_unit (HlJsonScanner *self,
                guint         *unit)
{
  *unit = 0;
  for (int i = 0; i < 4; i++)
    {
      if (self->at == self->end || !g_ascii_isxdigit (*self->at))
        {
          hl_json_scanner_fail_expected (self, "a hexadecimal digit was");
          return FALSE;
        }
      *unit = *unit * 16 + (guint) g_ascii_xdigit_value (*self->at);
      self->at++;
    }

  return TRUE;
}

/* The cursor is after "\u". */
static gboolean
append_code_point (HlJsonScanner *self,
                   GString       *string)
{
  guint unit, low;

  if (!read_code_unit (self, &unit))
    return FALSE;

  if (unit >= 0xd800 && unit < 0xdc00 && self->end - self->at >= 2 && self->at[0] == '\\' && self->at[1] == 'u')
    {
      const char *before = self->at;

      self->at += 2;
      if (!read_code_unit (self, &low))
        return FALSE;
      if (low >= 0xdc00 && low < 0xe000)
        {
          g_string_append_unichar (string, 0x10000 + ((unit - 0xd800) << 10) + (low - 0xdc00));
          return TRUE;
        }
      self->at = before;
    }
  if (unit >= 0xd800 && unit < 0xe000)
    unit = 0xfffd;
  /* g_string_append_unichar() writes a zero as one zero byte, as wanted. */
  g_string_append_unichar (string, unit);

  return TRUE;
}

static gboolean
append_escape (HlJsonScanner *self,
               GString       *string)
{
  static const char letters[] = "\"\\/bfnrt";
  static const char meanings[] = "\"\\/\b\f\n\r\t";
  const char *letter;

  if (self->at < self->end && *self->at == 'u')
    {
      self->at++;
      return append_code_point (self, string);
    }

  letter = self->at < self->end ? memchr (letters, *self->at, sizeof letters - 1) : NULL;
  if (letter == NULL)
    {
      hl_json_scanner_fail_expected (self, "the letter of an escape sequence was");
      return FALSE;
    }
  self->at++;
  g_string_append_c (string, meanings[letter - letters]);

  return TRUE;
}

/* The first byte at @p or later that is not to be copied as it is: one that ends a string, begins an escape, or may not
 * be in a string. Eight at a time: a byte below n borrows from its top bit when n is subtracted, and one that equals c
 * is below 1 after exclusive or with c. A byte above 0x7f may do so for its neighbour's sake, so that what is found is
 * looked at once more. */
static const char *
find_special (const char *p,
              const char *end)
{
  const guint64 ones = G_GUINT64_CONSTANT (0x0101010101010101);
  const guint64 tops = G_GUINT64_CONSTANT (0x8080808080808080);

  for (; end - p >= 8; p += 8)
    {
      guint64 word, quote, backslash;

      memcpy (&word, p, sizeof word);
      quote = word ^ ones * '"';
      backslash = word ^ ones * '\\';
      if ((((word - ones * 0x20) & ~word) | ((quote - ones) & ~quote) | ((backslash - ones) & ~backslash)) & tops)
        break;
    }
  while (p < end && *p != '"' && *p != '\\' && (guchar) *p >= 0x20)
    p++;

  return p;
}

gboolean
hl_json_scanner_append_string (HlJsonScanner *self,
                               GString       *string,
                               gsize          limit)
{
  if (self->error != NULL)
    return FALSE;
  if (!hl_json_scanner_accept (self, '"'))
    {
      hl_json_scanner_fail_expected (self, "a string was");
      return FALSE;
    }

  while (string->len < limit)
    {
      gsize most = MIN (MIN ((gsize) (self->end - self->at), HL_JSON_TICK), limit - string->len);
      const char *stop = self->at + most;
      const char *p = find_special (self->at, stop);

      g_string_append_len (string, self->at, p - self->at);
      self->at = p;
      hl_json_scanner_maybe_tick (self);
      if (self->error != NULL)
        return FALSE;
      if (p == stop && p < self->end)
        continue;

      if (p == self->end || (guchar) *p < 0x20)
        {
          hl_json_scanner_fail_expected (self, "the end of a string was");
          return FALSE;
        }
      self->at++;
      if (*p == '"')
        return TRUE;
      if (!append_escape (self, string))
        return FALSE;
    }

  return TRUE;
}

gboolean
hl_json_scanner_read_string (HlJsonScanner *self,
                             GString       *string)
{
  gsize position;
  const char *p, *invalid;

  hl_json_scanner_skip_space (self);
  position = hl_json_scanner_get_position (self);
  g_string_truncate (string, 0);
  if (!hl_json_scanner_append_string (self, string, G_MAXSIZE))
    return FALSE;

  /* Zero bytes end what g_utf8_validate() looks at. */
  for (p = string->str; ; p = invalid + 1)
    {
      gsize left = (gsize) (string->str + string->len - p);

      if (left == 0 || g_utf8_validate (p, (gssize) left, &invalid))
        return TRUE;
      if (*invalid != '\0')
        break;
    }
  hl_json_scanner_fail (self, HL_FORMAT_ERROR_SYNTAX,
                        "The string at byte %" G_GSIZE_FORMAT " of the %s is not UTF-8.", position, self->source);

  return FALSE;
}

/* A quotation mark ends a string unless an odd number of backslashes is before it. */
gboolean
hl_json_scanner_skip_string (HlJsonScanner *self)
{
  const char *begin = self->at + 1;
  const char *p = begin;

  for (;;)
    {
      const char *quote = memchr (p, '"', (gsize) (self->end - p));
      const char *back = quote;

      if (quote == NULL)
        {
          self->at = self->end;
          hl_json_scanner_fail_expected (self, "the end of a string was");
          return FALSE;
        }
      while (back > begin && back[-1] == '\\')
        back--;
      p = quote + 1;
      if ((quote - back) % 2 == 0)
        {
          self->at = p;
          return TRUE;
        }
    }
}
