/* neat-vision's class names:
 *
 *   file = { "0": { "name": string, "desc": string }, "1": …, … }
 *
 * Numbers may be left out; desc may be missing. */

#include "hl-neatvision.h"

#include <string.h>

#include "hl-neatvision-private.h"

#define PROBE_BYTES 65536

static gboolean
is_number (const char *key)
{
  return key[0] != '\0' && strspn (key, "0123456789") == strlen (key);
}

/* The first entry decides. */
gboolean
hl_neatvision_is_labels (GBytes *bytes)
{
  g_auto (HlJsonScanner) scanner = { 0, };
  g_autoptr (GString) key = g_string_new (NULL);
  gsize size;
  const char *text;

  g_return_val_if_fail (bytes != NULL, FALSE);

  text = g_bytes_get_data (bytes, &size);
  hl_json_scanner_init (&scanner, text, MIN (size, PROBE_BYTES), "file");

  if (hl_json_scanner_peek (&scanner) != HL_JSON_OBJECT)
    return FALSE;
  hl_json_scanner_open_object (&scanner);
  if (!hl_json_scanner_next_member (&scanner, key) || !is_number (key->str)
      || hl_json_scanner_peek (&scanner) != HL_JSON_OBJECT)
    return FALSE;

  hl_json_scanner_open_object (&scanner);
  while (hl_json_scanner_next_member (&scanner, key))
    {
      if (strcmp (key->str, "name") == 0)
        return hl_json_scanner_peek (&scanner) == HL_JSON_STRING;
      if (strcmp (key->str, "desc") != 0)
        return FALSE;
      hl_json_scanner_skip (&scanner);
    }

  return FALSE;
}

static void
class_free (gpointer data)
{
  HlClass *self = data;

  g_free ((char *) self->name);
  g_free ((char *) self->description);
  g_free (self);
}

static HlClass *
read_class (HlJsonScanner *scanner,
            GString       *key,
            GString       *buffer)
{
  HlClass *class_ = g_new0 (HlClass, 1);

  hl_json_scanner_open_object (scanner);
  while (hl_json_scanner_next_member (scanner, key))
    {
      const char **text = strcmp (key->str, "name") == 0 ? &class_->name
                          : strcmp (key->str, "desc") == 0 ? &class_->description : NULL;

      if (text == NULL)
        {
          hl_json_scanner_skip (scanner);
        }
      else if (hl_json_read_loose_text (scanner, buffer))
        {
          g_free ((char *) *text);
          *text = buffer->len > 0 ? g_strndup (buffer->str, buffer->len) : NULL;
        }
    }

  return class_;
}

GHashTable *
hl_neatvision_read_labels (GBytes  *bytes,
                           GError **error)
{
  g_auto (HlJsonScanner) scanner = { 0, };
  g_autoptr (GHashTable) names = g_hash_table_new_full (NULL, NULL, NULL, class_free);
  g_autoptr (GString) key = g_string_new (NULL);
  g_autoptr (GString) buffer = g_string_new (NULL);
  gsize size;
  const char *text = g_bytes_get_data (bytes, &size);

  hl_json_scanner_init (&scanner, text, size, "file of class names");
  hl_json_scanner_open_object (&scanner);

  while (hl_json_scanner_next_member (&scanner, key))
    {
      guint64 class_;

      if (!is_number (key->str) || strlen (key->str) > 9
          || (class_ = g_ascii_strtoull (key->str, NULL, 10)) >= NEATVISION_MAX_CLASSES)
        {
          hl_json_scanner_fail (&scanner, HL_FORMAT_ERROR_VALUE,
                                "Before byte %" G_GSIZE_FORMAT " of the file of class names there is a key that is not the "
                                "number of a class, from 0 to %d.", hl_json_scanner_get_position (&scanner),
                                NEATVISION_MAX_CLASSES - 1);
          break;
        }
      g_hash_table_replace (names, GSIZE_TO_POINTER ((gsize) class_ + 1), read_class (&scanner, key, buffer));
    }
  hl_json_scanner_expect_end (&scanner);

  if (!hl_json_scanner_check (&scanner, error))
    return NULL;

  if (g_hash_table_size (names) == 0)
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY, "The file of class names holds none.");
      return NULL;
    }

  return g_steal_pointer (&names);
}
