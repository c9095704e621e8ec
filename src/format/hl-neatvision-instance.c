/* Reads one instance of a neat-vision file as it is written. hl-neatvision.c has the layout. */

#include "hl-neatvision-private.h"

#include <math.h>
#include <string.h>

static void
value_clear (NeatvisionValue *self)
{
  g_free (self->list);
  *self = (NeatvisionValue) { NEATVISION_NONE, };
}

void
hl_neatvision_instance_clear (NeatvisionInstance *self)
{
  g_clear_pointer (&self->id, g_free);
  value_clear (&self->label);
  value_clear (&self->prediction);
  value_clear (&self->posterior);
  g_clear_pointer (&self->tokens, g_ptr_array_unref);
  g_clear_pointer (&self->attention, g_array_unref);
}

static void
read_value (HlJsonScanner   *scanner,
            NeatvisionValue *value)
{
  g_autoptr (GArray) list = NULL;
  gboolean is_fraction = FALSE;
  double number;

  value_clear (value);

  switch (hl_json_scanner_peek (scanner))
    {
    case HL_JSON_NULL:
      hl_json_scanner_read_null (scanner);
      break;

    case HL_JSON_LIST:
      list = g_array_new (FALSE, FALSE, sizeof (double));
      hl_json_scanner_open_list (scanner);
      while (hl_json_scanner_next_entry (scanner))
        {
          if (hl_json_read_double (scanner, &number, NULL))
            g_array_append_val (list, number);
        }
      value->kind = NEATVISION_LIST;
      value->list = g_array_steal (list, &value->n);
      break;

    default:
      hl_json_read_double (scanner, &value->number, &is_fraction);
      value->kind = is_fraction ? NEATVISION_FRACTION : NEATVISION_INTEGER;
      break;
    }
}

static void
read_attention (HlJsonScanner      *scanner,
                NeatvisionInstance *self)
{
  float value;

  g_clear_pointer (&self->attention, g_array_unref);
  self->attention = g_array_new (FALSE, FALSE, sizeof (float));

  hl_json_scanner_open_list (scanner);
  while (hl_json_scanner_next_entry (scanner))
    if (hl_json_scanner_read_float (scanner, &value))
      g_array_append_val (self->attention, value);
}

static void
read_tokens (HlJsonScanner      *scanner,
             GString            *buffer,
             NeatvisionInstance *self)
{
  g_clear_pointer (&self->tokens, g_ptr_array_unref);
  self->tokens = g_ptr_array_new_with_free_func (g_free);
  hl_json_read_texts (scanner, buffer, self->tokens, &self->n_tokens);

  self->is_characters = self->n_tokens > 0;
  self->n_blanks = 0;
  for (guint i = 0; i < self->tokens->len; i++)
    {
      const char *token = g_ptr_array_index (self->tokens, i);

      if (token[0] == '\0' || *g_utf8_next_char (token) != '\0')
        self->is_characters = FALSE;
      if (strcmp (token, " ") == 0)
        self->n_blanks++;
    }
}

gboolean
hl_neatvision_instance_read (NeatvisionInstance *self,
                             HlJsonScanner      *scanner,
                             gboolean            index_only)
{
  g_autoptr (GString) key = g_string_new (NULL);
  g_autoptr (GString) buffer = g_string_new (NULL);

  hl_json_scanner_peek (scanner);
  self->position = hl_json_scanner_get_position (scanner);

  /* A name that occurs twice counts as it stands last. */
  hl_json_scanner_open_object (scanner);
  while (hl_json_scanner_next_member (scanner, key))
    {
      if (strcmp (key->str, "text") == 0)
        {
          read_tokens (scanner, buffer, self);
        }
      else if (strcmp (key->str, "attention") == 0 && !index_only)
        {
          read_attention (scanner, self);
        }
      else if (strcmp (key->str, "id") == 0)
        {
          if (hl_json_read_loose_text (scanner, buffer))
            {
              g_free (self->id);
              self->id = buffer->len > 0 ? g_strndup (buffer->str, buffer->len) : NULL;
            }
        }
      else if (strcmp (key->str, "label") == 0)
        read_value (scanner, &self->label);
      else if (strcmp (key->str, "prediction") == 0)
        read_value (scanner, &self->prediction);
      else if (strcmp (key->str, "posterior") == 0)
        read_value (scanner, &self->posterior);
      else
        hl_json_scanner_skip (scanner);
    }

  return scanner->error == NULL;
}
