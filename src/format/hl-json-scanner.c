#include "hl-json-scanner.h"

#include <string.h>

#include "hl-json-scanner-private.h"
#include "hl-json-number.h"

void
hl_json_scanner_init (HlJsonScanner *self,
                      const char    *text,
                      gsize          length,
                      const char    *source)
{
  /* Empty bytes may be no pointer at all, which memchr() must not be given. */
  if (text == NULL)
    text = "";
  *self = (HlJsonScanner) { .start = text, .at = text, .end = text + length, .source = source };

  if (length >= 3 && memcmp (text, "\xef\xbb\xbf", 3) == 0)
    self->at += 3;
}

void
hl_json_scanner_clear (HlJsonScanner *self)
{
  g_clear_error (&self->error);
}

void
hl_json_scanner_watch (HlJsonScanner         *self,
                       GFileProgressCallback  progress,
                       gpointer               progress_data,
                       GCancellable          *cancellable)
{
  self->progress = progress;
  self->progress_data = progress_data;
  self->cancellable = cancellable;
  self->tick = progress != NULL || cancellable != NULL ? self->at : NULL;
}

gsize
hl_json_scanner_get_position (HlJsonScanner *self)
{
  return (gsize) (self->at - self->start);
}

void
hl_json_scanner_seek (HlJsonScanner *self,
                      gsize          position)
{
  g_return_if_fail (position <= (gsize) (self->end - self->start));

  self->at = self->start + position;
  self->depth = 0;
  self->first = FALSE;
  if (self->tick != NULL)
    self->tick = self->at;
}

gboolean
hl_json_scanner_check (HlJsonScanner  *self,
                       GError        **error)
{
  if (self->error == NULL)
    return TRUE;

  g_propagate_error (error, g_steal_pointer (&self->error));

  return FALSE;
}

void
hl_json_scanner_fail (HlJsonScanner *self,
                      int            code,
                      const char    *format,
                      ...)
{
  va_list arguments;

  if (self->error != NULL)
    return;

  va_start (arguments, format);
  self->error = g_error_new_valist (HL_FORMAT_ERROR, code, format, arguments);
  va_end (arguments);
}

void
hl_json_scanner_tick (HlJsonScanner *self)
{
  gsize left = (gsize) (self->end - self->at);

  if (g_cancellable_is_cancelled (self->cancellable))
    {
      if (self->error == NULL)
        g_cancellable_set_error_if_cancelled (self->cancellable, &self->error);
      return;
    }
  if (self->progress != NULL)
    self->progress ((goffset) (self->at - self->start), (goffset) (self->end - self->start), self->progress_data);
  self->tick = self->at + MIN (left, HL_JSON_TICK);
}

void
hl_json_scanner_fail_expected (HlJsonScanner *self,
                               const char    *expected)
{
  g_autofree char *context = self->context != NULL ? g_strdup_printf (", inside “%s”,", self->context) : g_strdup ("");
  gsize left = (gsize) (self->end - self->at);
  guchar byte;
  gunichar character;

  if (left == 0)
    {
      hl_json_scanner_fail (self, HL_FORMAT_ERROR_TRUNCATED,
                            "The %s ends after byte %" G_GSIZE_FORMAT "%s where %s expected.",
                            self->source, hl_json_scanner_get_position (self), context, expected);
      return;
    }

  byte = (guchar) *self->at;
  character = g_utf8_get_char_validated (self->at, (gssize) MIN (left, 6));
  if (byte == '"')
    {
      hl_json_scanner_fail (self, HL_FORMAT_ERROR_SYNTAX,
                            "At byte %" G_GSIZE_FORMAT " of the %s%s there is a string where %s expected.",
                            hl_json_scanner_get_position (self), self->source, context, expected);
    }
  else if (byte > ' ' && (gint32) character >= 0 && g_unichar_isprint (character))
    {
      char shown[7] = "";

      g_unichar_to_utf8 (character, shown);
      hl_json_scanner_fail (self, HL_FORMAT_ERROR_SYNTAX,
                            "At byte %" G_GSIZE_FORMAT " of the %s%s there is “%s” where %s expected.",
                            hl_json_scanner_get_position (self), self->source, context, shown, expected);
    }
  else
    {
      hl_json_scanner_fail (self, HL_FORMAT_ERROR_SYNTAX,
                            "At byte %" G_GSIZE_FORMAT " of the %s%s there is the byte 0x%02x where %s expected.",
                            hl_json_scanner_get_position (self), self->source, context, byte, expected);
    }
}

HlJsonType
hl_json_scanner_peek (HlJsonScanner *self)
{
  if (self->error != NULL)
    return HL_JSON_NONE;

  hl_json_scanner_skip_space (self);
  if (self->at == self->end)
    return HL_JSON_NONE;

  switch (*self->at)
    {
    case '{':
      return HL_JSON_OBJECT;
    case '[':
      return HL_JSON_LIST;
    case '"':
      return HL_JSON_STRING;
    case 't':
    case 'f':
      return HL_JSON_BOOLEAN;
    case 'n':
      return HL_JSON_NULL;
    case '-':
    case 'N':
    case 'I':
      return HL_JSON_NUMBER;
    default:
      return g_ascii_isdigit (*self->at) ? HL_JSON_NUMBER : HL_JSON_NONE;
    }
}

static gboolean
open (HlJsonScanner *self,
      char           bracket,
      const char    *expected)
{
  if (self->error != NULL)
    return FALSE;

  if (!hl_json_scanner_accept (self, bracket))
    {
      hl_json_scanner_fail_expected (self, expected);
      return FALSE;
    }
  if (self->depth == HL_JSON_MAX_DEPTH)
    {
      hl_json_scanner_fail (self, HL_FORMAT_ERROR_SYNTAX,
                            "At byte %" G_GSIZE_FORMAT " of the %s lists and objects are nested more than %d deep.",
                            hl_json_scanner_get_position (self) - 1, self->source, HL_JSON_MAX_DEPTH);
      return FALSE;
    }
  self->depth++;
  self->first = TRUE;

  return TRUE;
}

/* What comes before the next entry: nothing or a comma. FALSE after the closing bracket and on error. */
static gboolean
next (HlJsonScanner *self,
      char           bracket,
      const char    *expected)
{
  gboolean first = self->first;

  if (self->error != NULL)
    return FALSE;

  hl_json_scanner_maybe_tick (self);
  self->first = FALSE;
  if (hl_json_scanner_accept (self, bracket))
    {
      self->depth--;
      return FALSE;
    }
  if (first)
    return self->error == NULL;
  if (!hl_json_scanner_accept (self, ','))
    {
      hl_json_scanner_fail_expected (self, expected);
      return FALSE;
    }

  return self->error == NULL;
}

gboolean
hl_json_scanner_open_object (HlJsonScanner *self)
{
  return open (self, '{', "an object was");
}

gboolean
hl_json_scanner_open_list (HlJsonScanner *self)
{
  return open (self, '[', "a list was");
}

gboolean
hl_json_scanner_next_entry (HlJsonScanner *self)
{
  return next (self, ']', "“,” or “]” was");
}

gboolean
hl_json_scanner_next_member (HlJsonScanner *self,
                             GString       *key)
{
  if (!next (self, '}', "“,” or “}” was"))
    return FALSE;

  if (!hl_json_scanner_read_string (self, key))
    return FALSE;
  if (!hl_json_scanner_accept (self, ':'))
    {
      hl_json_scanner_fail_expected (self, "“:” was");
      return FALSE;
    }

  return TRUE;
}

static gboolean
read_word (HlJsonScanner *self,
           const char    *word)
{
  gsize length = strlen (word);
  gsize left = (gsize) (self->end - self->at);

  if (left < length && memcmp (self->at, word, left) == 0)
    self->at = self->end;
  if (left < length || memcmp (self->at, word, length) != 0)
    {
      hl_json_scanner_fail_expected (self, "true, false or null was");
      return FALSE;
    }
  self->at += length;

  return TRUE;
}

gboolean
hl_json_scanner_read_boolean (HlJsonScanner *self,
                              gboolean      *value)
{
  if (self->error != NULL)
    return FALSE;
  if (hl_json_scanner_peek (self) != HL_JSON_BOOLEAN)
    {
      hl_json_scanner_fail_expected (self, "true or false was");
      return FALSE;
    }
  *value = *self->at == 't';

  return read_word (self, *value ? "true" : "false");
}

gboolean
hl_json_scanner_read_null (HlJsonScanner *self)
{
  return hl_json_scanner_peek (self) == HL_JSON_NULL && read_word (self, "null");
}

gboolean
hl_json_scanner_read_float (HlJsonScanner *self,
                            float         *value)
{
  const char *after, *failed;

  if (self->error != NULL)
    return FALSE;

  hl_json_scanner_skip_space (self);
  after = hl_json_number_scan (self->at, self->end, value, &failed);
  if (after == NULL)
    {
      self->at = failed;
      hl_json_scanner_fail_expected (self, "a number was");
      return FALSE;
    }
  self->at = after;

  return TRUE;
}

gboolean
hl_json_scanner_read_integer (HlJsonScanner *self,
                              gint64        *value)
{
  const char *p;
  gboolean negative;

  if (self->error != NULL)
    return FALSE;

  hl_json_scanner_skip_space (self);
  p = self->at;
  negative = p < self->end && *p == '-';
  if (negative)
    p++;
  *value = 0;
  for (; p < self->end && g_ascii_isdigit (*p) && *value < G_MAXINT64 / 100; p++)
    *value = *value * 10 + (*p - '0');
  if (p == self->end || p == self->at + negative || g_ascii_isdigit (*p) || *p == '.' || *p == 'e' || *p == 'E')
    {
      if (p == self->end)
        self->at = p;
      hl_json_scanner_fail_expected (self, "a whole number was");
      return FALSE;
    }
  if (negative)
    *value = -*value;
  self->at = p;

  return TRUE;
}

gboolean
hl_json_scanner_skip (HlJsonScanner *self)
{
  guint64 objects[HL_JSON_MAX_DEPTH / 64] = { 0 }; /* a bit for each open bracket, by its depth */
  guint floor = self->depth;
  g_autoptr (GString) key = NULL;
  float number;

  /* One turn is one value with what follows it, without recursion, so that the text cannot choose the stack. */
  for (;;)
    {
      gboolean ok;

      switch (hl_json_scanner_peek (self))
        {
        case HL_JSON_OBJECT:
          objects[self->depth / 64 % G_N_ELEMENTS (objects)] |= G_GUINT64_CONSTANT (1) << self->depth % 64;
          ok = hl_json_scanner_open_object (self);
          break;
        case HL_JSON_LIST:
          objects[self->depth / 64 % G_N_ELEMENTS (objects)] &= ~(G_GUINT64_CONSTANT (1) << self->depth % 64);
          ok = hl_json_scanner_open_list (self);
          break;
        case HL_JSON_STRING:
          ok = hl_json_scanner_skip_string (self);
          break;
        case HL_JSON_NUMBER:
          ok = hl_json_scanner_read_float (self, &number);
          break;
        case HL_JSON_BOOLEAN:
          ok = read_word (self, *self->at == 't' ? "true" : "false");
          break;
        case HL_JSON_NULL:
          ok = read_word (self, "null");
          break;
        case HL_JSON_NONE:
        default:
          hl_json_scanner_fail_expected (self, "a value was");
          ok = FALSE;
          break;
        }
      if (!ok)
        return FALSE;

      for (;;)
        {
          guint innermost;

          if (self->depth == floor)
            return TRUE;
          innermost = self->depth - 1;
          if ((objects[innermost / 64] >> innermost % 64 & 1) == 0)
            {
              if (hl_json_scanner_next_entry (self))
                break;
            }
          else
            {
              if (key == NULL)
                key = g_string_new (NULL);
              if (hl_json_scanner_next_member (self, key))
                break;
            }
          if (self->error != NULL)
            return FALSE;
        }
    }
}

gboolean
hl_json_scanner_expect_end (HlJsonScanner *self)
{
  if (self->error != NULL)
    return FALSE;

  hl_json_scanner_skip_space (self);
  if (self->at == self->end)
    return TRUE;
  hl_json_scanner_fail_expected (self, "the end was");

  return FALSE;
}
