#include "hl-json-values.h"

#include <math.h>
#include <string.h>

#include "hl-json-scanner-private.h"

/* Digits beyond these do not change a double any more. */
#define MAX_DIGITS 512

/* What a list of instances can show and search. */
#define PREVIEW_BYTES 1000

gboolean
hl_json_read_text (HlJsonScanner *scanner,
                   GString       *text)
{
  g_autofree char *raw = NULL;
  gsize length;

  if (!hl_json_scanner_read_string (scanner, text))
    return FALSE;
  if (memchr (text->str, '\0', text->len) == NULL)
    return TRUE;

  length = text->len;
  raw = g_memdup2 (text->str, length);
  g_string_truncate (text, 0);
  for (gsize i = 0; i < length; i++)
    {
      if (raw[i] != '\0')
        g_string_append_c (text, raw[i]);
      else
        g_string_append (text, "\357\277\275");
    }

  return TRUE;
}

gboolean
hl_json_read_texts (HlJsonScanner *scanner,
                    GString       *buffer,
                    GPtrArray     *strings,
                    gsize         *n)
{
  *n = 0;

  if (!hl_json_scanner_open_list (scanner))
    return FALSE;

  while (hl_json_scanner_next_entry (scanner))
    {
      if (!hl_json_read_text (scanner, buffer))
        return FALSE;

      if (strings != NULL)
        g_ptr_array_add (strings, g_strndup (buffer->str, buffer->len));
      (*n)++;
    }

  return scanner->error == NULL;
}

gboolean
hl_json_read_double (HlJsonScanner *scanner,
                     double        *value,
                     gboolean      *is_fraction)
{
  char digits[MAX_DIGITS + 1];
  const char *start;
  gsize length;
  float rounded;

  *value = NAN;
  hl_json_scanner_peek (scanner);
  start = scanner->at;
  if (!hl_json_scanner_read_float (scanner, &rounded))
    return FALSE;

  *value = rounded;
  length = scanner->at - start;
  if (is_fraction != NULL)
    *is_fraction = memchr (start, '.', length) != NULL || memchr (start, 'e', length) != NULL
                   || memchr (start, 'E', length) != NULL || !isfinite (rounded);
  if (length <= MAX_DIGITS)
    {
      memcpy (digits, start, length);
      digits[length] = '\0';
      *value = g_ascii_strtod (digits, NULL);
    }

  return TRUE;
}

gboolean
hl_json_read_loose_double (HlJsonScanner *scanner,
                           GString       *buffer,
                           double        *value)
{
  *value = NAN;

  switch (hl_json_scanner_peek (scanner))
    {
    case HL_JSON_NULL:
      return hl_json_scanner_read_null (scanner);

    case HL_JSON_STRING:
      {
        const char *start;
        char *end;

        if (!hl_json_scanner_read_string (scanner, buffer))
          return FALSE;

        /* Hexadecimal and the like are numbers to strtod(), but not to those who write such files. */
        start = buffer->str + strspn (buffer->str, " \t\n\r");
        if (*start != '\0' && strspn (start, "+-.0123456789eE \t\n\r") == strlen (start))
          {
            *value = g_ascii_strtod (start, &end);
            if (end == start || strspn (end, " \t\n\r") != (gsize) (buffer->str + buffer->len - end))
              *value = NAN;
          }
        return TRUE;
      }

    default:
      return hl_json_read_double (scanner, value, NULL);
    }
}

gboolean
hl_json_read_loose_text (HlJsonScanner *scanner,
                         GString       *text)
{
  const char *start;
  float number;

  switch (hl_json_scanner_peek (scanner))
    {
    case HL_JSON_NULL:
      g_string_truncate (text, 0);
      return hl_json_scanner_read_null (scanner);

    case HL_JSON_NUMBER:
      start = scanner->at;
      if (!hl_json_scanner_read_float (scanner, &number))
        return FALSE;
      g_string_truncate (text, 0);
      g_string_append_len (text, start, MIN (scanner->at - start, MAX_DIGITS));
      return TRUE;

    default:
      if (!hl_json_read_text (scanner, text))
        return FALSE;
      for (gsize i = 0; i < text->len; i++)
        if (g_ascii_iscntrl (text->str[i]))
          text->str[i] = ' ';
      return TRUE;
    }
}

char *
hl_json_dup_preview (const char *text)
{
  gsize length = strlen (text);

  if (length > PREVIEW_BYTES)
    {
      length = PREVIEW_BYTES;
      while (length > 0 && (text[length] & 0xc0) == 0x80)
        length--;
    }

  return g_strndup (text, length);
}
