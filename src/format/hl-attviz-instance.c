/* Reads one instance of an AttViz file as it is written. hl-attviz.c has the layout. */

#include "hl-attviz-private.h"

#include <math.h>
#include <string.h>

static void
attviz_vector_free (gpointer data)
{
  AttvizVector *self = data;

  g_free (self->name);
  g_array_unref (self->values);
  g_free (self);
}

static void
attviz_set_free (gpointer data)
{
  AttvizSet *self = data;

  g_free (self->name);
  g_clear_pointer (&self->tokens, g_ptr_array_unref);
  g_clear_pointer (&self->vectors, g_ptr_array_unref);
  g_free (self);
}

static void
attviz_activation_clear (gpointer data)
{
  AttvizActivation *self = data;

  g_free (self->name);
}

void
hl_attviz_instance_clear (AttvizInstance *self)
{
  g_clear_pointer (&self->name, g_free);
  g_clear_pointer (&self->text, g_free);
  g_clear_pointer (&self->sets, g_ptr_array_unref);
  g_clear_pointer (&self->activations, g_array_unref);
}

/* A name may be a string or, as the exporter writes it, a number. */
static void
read_name (HlJsonScanner *scanner,
           GString       *buffer,
           char         **name)
{
  if (!hl_json_read_loose_text (scanner, buffer))
    return;

  g_free (*name);
  *name = buffer->len > 0 ? g_strndup (buffer->str, buffer->len) : NULL;
}

static void
read_visible (HlJsonScanner *scanner,
              gboolean      *visible)
{
  if (!hl_json_scanner_read_null (scanner))
    hl_json_scanner_read_boolean (scanner, visible);
}

/* "#RRGGBB" and nothing else, as in AttViz. */
static void
read_colour (HlJsonScanner *scanner,
             GString       *buffer,
             gint32        *colour)
{
  if (!hl_json_read_loose_text (scanner, buffer))
    return;

  *colour = -1;
  if (buffer->len == 7 && buffer->str[0] == '#' && strspn (buffer->str + 1, "0123456789abcdefABCDEF") == 6)
    *colour = (gint32) g_ascii_strtoull (buffer->str + 1, NULL, 16);
}

static void
read_values (HlJsonScanner *scanner,
             GString       *buffer,
             AttvizVector  *vector)
{
  double value;

  g_array_set_size (vector->values, 0);
  vector->n_odd = 0;
  if (!hl_json_scanner_open_list (scanner))
    return;

  while (hl_json_scanner_next_entry (scanner))
    {
      float rounded;

      if (!hl_json_read_loose_double (scanner, buffer, &value))
        return;

      rounded = (float) value;
      if (!isfinite (rounded))
        {
          rounded = NAN;
          vector->n_odd++;
        }
      g_array_append_val (vector->values, rounded);
    }
}

static AttvizVector *
read_vector (HlJsonScanner *scanner,
             GString       *key,
             GString       *buffer)
{
  AttvizVector *vector = g_new0 (AttvizVector, 1);

  vector->values = g_array_new (FALSE, FALSE, sizeof (float));
  vector->colour = -1;
  vector->visible = TRUE;

  hl_json_scanner_open_object (scanner);
  while (hl_json_scanner_next_member (scanner, key))
    {
      if (strcmp (key->str, "name") == 0)
        {
          vector->is_numbered = hl_json_scanner_peek (scanner) == HL_JSON_NUMBER;
          read_name (scanner, buffer, &vector->name);
        }
      else if (strcmp (key->str, "vectors") == 0)
        read_values (scanner, buffer, vector);
      else if (strcmp (key->str, "color") == 0)
        read_colour (scanner, buffer, &vector->colour);
      else if (strcmp (key->str, "visible") == 0)
        read_visible (scanner, &vector->visible);
      else
        hl_json_scanner_skip (scanner);
    }

  return vector;
}

/* A name that occurs twice in an object counts as it stands last, here and below, as it does in AttViz. */
static void
read_vectors (HlJsonScanner *scanner,
              GString       *key,
              GString       *buffer,
              AttvizSet     *set)
{
  g_clear_pointer (&set->vectors, g_ptr_array_unref);
  set->vectors = g_ptr_array_new_with_free_func (attviz_vector_free);

  hl_json_scanner_open_list (scanner);
  while (hl_json_scanner_next_entry (scanner))
    g_ptr_array_add (set->vectors, read_vector (scanner, key, buffer));
}

static AttvizSet *
read_set (HlJsonScanner *scanner,
          GString       *key,
          GString       *buffer,
          gboolean       index_only)
{
  AttvizSet *set = g_new0 (AttvizSet, 1);

  set->visible = TRUE;

  hl_json_scanner_open_object (scanner);
  while (hl_json_scanner_next_member (scanner, key))
    {
      if (strcmp (key->str, "tokens") == 0)
        {
          g_clear_pointer (&set->tokens, g_ptr_array_unref);
          set->tokens = g_ptr_array_new_with_free_func (g_free);
          hl_json_read_texts (scanner, buffer, index_only ? NULL : set->tokens, &set->n_tokens);
        }
      else if (strcmp (key->str, "attention_vectors") == 0 && !index_only)
        read_vectors (scanner, key, buffer, set);
      else if (strcmp (key->str, "name") == 0)
        read_name (scanner, buffer, &set->name);
      else if (strcmp (key->str, "visible") == 0)
        read_visible (scanner, &set->visible);
      else
        hl_json_scanner_skip (scanner);
    }

  return set;
}

static void
read_activations (HlJsonScanner *scanner,
                  GString       *key,
                  GString       *buffer,
                  GArray        *activations)
{
  g_array_set_size (activations, 0);

  hl_json_scanner_open_list (scanner);
  while (hl_json_scanner_next_entry (scanner))
    {
      AttvizActivation activation = { .value = NAN };

      hl_json_scanner_open_object (scanner);
      while (hl_json_scanner_next_member (scanner, key))
        {
          if (strcmp (key->str, "value") == 0)
            hl_json_read_loose_double (scanner, buffer, &activation.value);
          else if (strcmp (key->str, "name") == 0)
            read_name (scanner, buffer, &activation.name);
          else
            hl_json_scanner_skip (scanner);
        }
      g_array_append_val (activations, activation);
    }
}

static void
read_highlight (HlJsonScanner  *scanner,
                GString        *key,
                GString        *buffer,
                AttvizInstance *self)
{
  if (hl_json_scanner_read_null (scanner))
    return;

  hl_json_scanner_open_object (scanner);
  while (hl_json_scanner_next_member (scanner, key))
    {
      gint64 *index = strcmp (key->str, "block") == 0 ? &self->highlighted_set
                      : strcmp (key->str, "vectors") == 0 ? &self->highlighted_vector : NULL;

      if (index == NULL)
        hl_json_scanner_skip (scanner);
      else if (hl_json_scanner_peek (scanner) == HL_JSON_NUMBER)
        hl_json_scanner_read_integer (scanner, index);
      else if (hl_json_read_loose_text (scanner, buffer))
        *index = -1;
    }
}

gboolean
hl_attviz_instance_read (AttvizInstance *self,
                         HlJsonScanner  *scanner,
                         gboolean        index_only)
{
  g_autoptr (GString) key = g_string_new (NULL);
  g_autoptr (GString) buffer = g_string_new (NULL);

  hl_json_scanner_peek (scanner);
  self->position = hl_json_scanner_get_position (scanner);
  self->sets = g_ptr_array_new_with_free_func (attviz_set_free);
  self->activations = g_array_new (FALSE, FALSE, sizeof (AttvizActivation));
  g_array_set_clear_func (self->activations, attviz_activation_clear);
  self->highlighted_set = self->highlighted_vector = -1;

  hl_json_scanner_open_object (scanner);
  while (hl_json_scanner_next_member (scanner, key))
    {
      if (strcmp (key->str, "text") == 0)
        {
          if (hl_json_read_text (scanner, buffer))
            {
              g_free (self->text);
              self->text = g_strndup (buffer->str, buffer->len);
            }
        }
      else if (strcmp (key->str, "sets") == 0)
        {
          g_ptr_array_set_size (self->sets, 0);
          hl_json_scanner_open_list (scanner);
          while (hl_json_scanner_next_entry (scanner))
            g_ptr_array_add (self->sets, read_set (scanner, key, buffer, index_only));
        }
      else if (strcmp (key->str, "output_activations") == 0)
        {
          if (!hl_json_scanner_read_null (scanner))
            read_activations (scanner, key, buffer, self->activations);
        }
      else if (strcmp (key->str, "name") == 0)
        read_name (scanner, buffer, &self->name);
      else if (strcmp (key->str, "hilight") == 0)
        read_highlight (scanner, key, buffer, self);
      else
        hl_json_scanner_skip (scanner);
    }

  return scanner->error == NULL;
}
