#include "hl-dump-private.h"

#include "hl-dump-json.h"

static gboolean
load_channels (HlScores          *scores,
               HlTensor          *tensor,
               const HlDumpItem  *item,
               GError           **error)
{
  gsize n_channels = hl_tensor_get_dim (tensor, 0);
  gsize n_tokens = hl_tensor_get_dim (tensor, 1);
  g_autofree float *values = g_new (float, n_tokens + 1);
  g_autoptr (JsonNode) json = NULL;
  JsonArray *array = NULL;
  gsize n_names;

  if (item != NULL && item->text != NULL)
    {
      json = hl_dump_json_parse (item->text, item->key, error);

      if (json == NULL)
        return FALSE;

      array = json_node_get_array (json);
    }

  n_names = array != NULL ? json_array_get_length (array)
                          : item != NULL ? g_strv_length ((char **) item->strings) : n_channels;

  if (n_names != n_channels)
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SHAPE,
                   "The list “%.200s” does not have the %" G_GSIZE_FORMAT " channels of the scores.", item->key,
                   n_channels);
      return FALSE;
    }

  for (gsize channel = 0; channel < n_channels; channel++)
    {
      JsonNode *element = array != NULL ? json_array_get_element (array, (guint) channel) : NULL;
      JsonObject *object = element != NULL && JSON_NODE_HOLDS_OBJECT (element) ? json_node_get_object (element) : NULL;
      g_autofree char *numbered = g_strdup_printf ("Channel %" G_GSIZE_FORMAT, channel);
      const char *name = NULL;
      gint64 colour = -1;
      gboolean visible = TRUE;

      if (object != NULL)
        {
          name = hl_dump_json_get_string (object, "name");
          colour = hl_dump_json_get_int (object, "colour", -1);
          visible = hl_dump_json_get_boolean (object, "visible", TRUE);
        }
      else if (element != NULL && JSON_NODE_HOLDS_VALUE (element) &&
               json_node_get_value_type (element) == G_TYPE_STRING)
        name = json_node_get_string (element);
      else if (item != NULL && item->strings != NULL)
        name = item->strings[channel];

      if (name == NULL || !g_utf8_validate (name, -1, NULL))
        name = numbered;

      hl_tensor_read_f32 (tensor, channel * n_tokens, n_tokens, values);
      hl_scores_add_channel (scores, name, values, (gint32) CLAMP (colour, -1, 0xffffff), visible);
    }

  return TRUE;
}

HlScores *
hl_dump_load_scores (HlDump                *self,
                     const HlDumpInstance  *instance,
                     const HlDumpItem      *item,
                     gboolean              *numbered,
                     GError               **error)
{
  guint group = item->name.group;
  g_autoptr (HlTensor) tensor = hl_tensor_ref (item->tensor);
  g_autoptr (HlTokens) tokens = NULL;
  g_autoptr (HlScores) scores = NULL;

  if (hl_tensor_get_rank (tensor) == 1)
    {
      gsize shape[2] = { 1, hl_tensor_get_dim (tensor, 0) };

      hl_tensor_unref (tensor);
      tensor = hl_tensor_reshape (item->tensor, 2, shape);
    }

  /* Numbers that no element of the file bears out must not become names or tokens without end. */
  if (hl_tensor_get_rank (tensor) != 2 || hl_tensor_get_dim (tensor, 0) > HL_DUMP_MAX_NUMBER ||
      (hl_tensor_get_dim (tensor, 0) == 0 && hl_tensor_get_dim (tensor, 1) > HL_DUMP_MAX_NUMBER))
    {
      g_autofree char *shape = hl_tensor_describe_shape (tensor);

      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SHAPE,
                   "The scores “%.200s” have the shape %s; Headlight reads [channels, tokens].", item->key, shape);
      return NULL;
    }

  tokens = hl_dump_load_tokens (self, instance, group, HL_ATTENTION_SELF, FALSE, hl_tensor_get_dim (tensor, 1),
                                numbered, error);

  if (tokens == NULL)
    return NULL;

  scores = hl_scores_new (hl_dump_get_text (self, instance, hl_dump_find (self, instance, group, HL_DUMP_NAME)),
                          tokens);

  if (!load_channels (scores, tensor, hl_dump_find (self, instance, group, HL_DUMP_CHANNELS), error))
    return NULL;

  return g_steal_pointer (&scores);
}
