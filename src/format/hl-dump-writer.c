#include "hl-dump.h"

#include <math.h>
#include <string.h>

#include "hl-dump-json.h"
#include "hl-dump-private.h"
#include "hl-safetensors.h"

/* The layout is in hl-dump.c. Tensors are handed on as they are stored, so nothing is copied and no precision is lost;
 * computed attention is saved as what it is computed from.
 */

typedef struct
{
  HlContainer *container;
  HlTrace     *trace;
  gsize        number;
} Writer;

static char *
make_key (Writer     *self,
          const char *group,
          const char *name)
{
  return g_strdup_printf ("instances.%" G_GSIZE_FORMAT ".%s%s", self->number, group, name);
}

static void
set_text (Writer     *self,
          const char *group,
          const char *name,
          const char *value)
{
  g_autofree char *key = make_key (self, group, name);

  if (value != NULL)
    hl_container_set_metadata (self->container, key, value);
}

static void
set_double (Writer     *self,
            const char *group,
            const char *name,
            double      value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  set_text (self, group, name, g_ascii_dtostr (buffer, sizeof buffer, value));
}

static void
add_tensor (Writer     *self,
            const char *group,
            const char *name,
            gsize       layer,
            HlTensor   *tensor)
{
  g_autofree char *numbered = g_strdup_printf ("%s.%" G_GSIZE_FORMAT, name, layer);
  g_autofree char *key = make_key (self, group, numbered);

  hl_container_add_tensor (self->container, key, tensor);
}

/* The reader takes the instance's text for the tokens' input where that is usual; else it is said. */
static void
set_tokens (Writer      *self,
            const char  *prefix,
            guint        group,
            HlDumpField  field,
            HlTokens    *tokens)
{
  const char *usual = hl_dump_has_text (group, field) ? hl_trace_get_text (self->trace) : NULL;
  gboolean with_input = g_strcmp0 (usual, hl_tokens_get_input (tokens)) != 0;
  g_autofree char *json = hl_dump_tokens_to_json (tokens, with_input);

  set_text (self, prefix, field == HL_DUMP_TOKENS ? "tokens" : field == HL_DUMP_LEFT_TOKENS ? "left_tokens"
                                                                                           : "right_tokens", json);
}

static void
set_numbers (Writer     *self,
             const char *prefix,
             const char *name,
             gsize       n,
             guint     (*get) (HlAttention *attention,
                               gsize        index),
             HlAttention *attention)
{
  g_autoptr (GString) list = g_string_new ("[");
  gboolean plain = TRUE;

  for (gsize i = 0; i < n; i++)
    {
      guint number = get (attention, i);

      plain &= number == i;
      g_string_append_printf (list, "%s%u", i > 0 ? "," : "", number);
    }

  g_string_append_c (list, ']');

  if (!plain)
    set_text (self, prefix, name, list->str);
}

static void
add_projections (Writer        *self,
                 const char    *prefix,
                 HlProjections *projections,
                 gsize          n_layers)
{
  static const char * const names[] = {
    [HL_PROJECTION_QUERY] = "queries",
    [HL_PROJECTION_KEY] = "keys",
    [HL_PROJECTION_VALUE] = "values",
  };
  gboolean usual = TRUE;

  for (HlProjection which = HL_PROJECTION_QUERY; which <= HL_PROJECTION_VALUE; which++)
    for (gsize layer = 0; hl_projections_has (projections, which) && layer < n_layers; layer++)
      add_tensor (self, prefix, names[which], layer, hl_projections_get_tensor (projections, which, layer));

  for (gsize layer = 0; layer < n_layers; layer++)
    usual &= hl_projections_get_scale (projections, layer) ==
             1.0 / sqrt ((double) hl_projections_get_dimension (projections, HL_PROJECTION_QUERY, layer));

  if (!usual)
    set_double (self, prefix, "scale", hl_projections_get_scale (projections, 0));
}

static void
add_attention (Writer      *self,
               const char  *prefix,
               guint        group,
               HlAttention *attention)
{
  static const char * const kinds[] = {
    [HL_ATTENTION_SELF] = "self",
    [HL_ATTENTION_ENCODER] = "encoder",
    [HL_ATTENTION_DECODER] = "decoder",
    [HL_ATTENTION_CROSS] = "cross",
  };
  HlTokens *queries = hl_attention_get_queries (attention);
  HlTokens *keys = hl_attention_get_keys (attention);
  gsize n_layers = hl_attention_get_n_layers (attention);
  gboolean stored = hl_attention_get_stored (attention, 0) != NULL;

  if (group == HL_DUMP_GROUP_NONE || group >= HL_DUMP_GROUP_PART)
    set_text (self, prefix, "kind", kinds[hl_attention_get_kind (attention)]);

  if (hl_tokens_equal (queries, keys))
    set_tokens (self, prefix, group, HL_DUMP_TOKENS, queries);
  else
    {
      set_tokens (self, prefix, group, HL_DUMP_LEFT_TOKENS, queries);
      set_tokens (self, prefix, group, HL_DUMP_RIGHT_TOKENS, keys);
    }

  set_numbers (self, prefix, "layers", n_layers, hl_attention_get_layer_number, attention);
  set_numbers (self, prefix, "heads", hl_attention_get_max_heads (attention), hl_attention_get_head_number, attention);
  /* Of an instance with several attentions, one must not inherit what another says. */
  set_text (self, prefix, "causal", hl_attention_is_causal (attention) ? "true" : "false");

  for (gsize layer = 0; stored && layer < n_layers; layer++)
    add_tensor (self, prefix, "attention", layer, hl_attention_get_stored (attention, layer));

  if (hl_attention_get_projections (attention) != NULL)
    add_projections (self, prefix, hl_attention_get_projections (attention), n_layers);
}

/* Whether each kind is there once at most, so that kinds can name the attentions. */
static gboolean
kinds_differ (HlTrace *trace)
{
  guint seen = 0;

  for (gsize i = 0; i < hl_trace_get_n_attentions (trace); i++)
    {
      guint bit = 1u << hl_attention_get_kind (hl_trace_get_attention (trace, i));

      if (seen & bit)
        return FALSE;

      seen |= bit;
    }

  return TRUE;
}

static gboolean
check_attention (Writer       *self,
                 HlAttention  *attention,
                 GError      **error)
{
  gsize n_layers = hl_attention_get_n_layers (attention);
  gboolean empty = n_layers == 0 || hl_attention_get_n_queries (attention) == 0 ||
                   hl_attention_get_n_keys (attention) == 0;

  for (gsize layer = 0; layer < n_layers; layer++)
    empty |= hl_attention_get_n_heads (attention, layer) == 0;

  if (empty)
    g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY,
                 "Instance %" G_GSIZE_FORMAT " cannot be saved: it has attention without layers, heads or tokens.",
                 self->number);

  return !empty;
}

static gboolean
add_attentions (Writer  *self,
                GError **error)
{
  static const char * const prefixes[] = {
    [HL_ATTENTION_SELF] = "self.",
    [HL_ATTENTION_ENCODER] = "encoder.",
    [HL_ATTENTION_DECODER] = "decoder.",
    [HL_ATTENTION_CROSS] = "cross.",
  };
  static const guint groups[] = {
    [HL_ATTENTION_SELF] = HL_DUMP_GROUP_SELF,
    [HL_ATTENTION_ENCODER] = HL_DUMP_GROUP_ENCODER,
    [HL_ATTENTION_DECODER] = HL_DUMP_GROUP_DECODER,
    [HL_ATTENTION_CROSS] = HL_DUMP_GROUP_CROSS,
  };
  gsize n = hl_trace_get_n_attentions (self->trace);
  gboolean by_kind = kinds_differ (self->trace);

  for (gsize i = 0; i < n; i++)
    {
      HlAttention *attention = hl_trace_get_attention (self->trace, i);
      HlAttentionKind kind = hl_attention_get_kind (attention);
      g_autofree char *part = g_strdup_printf ("part.%" G_GSIZE_FORMAT ".", i);

      if (!check_attention (self, attention, error))
        return FALSE;

      if (n == 1)
        add_attention (self, "", HL_DUMP_GROUP_NONE, attention);
      else if (by_kind)
        add_attention (self, prefixes[kind], groups[kind], attention);
      else
        add_attention (self, part, HL_DUMP_GROUP_PART + (guint) i, attention);
    }

  return TRUE;
}

static void
add_scores (Writer   *self,
            gsize     index,
            HlScores *scores)
{
  g_autofree char *prefix = g_strdup_printf ("scores.%" G_GSIZE_FORMAT ".", index);
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autoptr (HlTensor) tensor = NULL;
  g_autofree char *json = NULL;
  gsize n_channels = hl_scores_get_n_channels (scores);
  gsize n_tokens = hl_tokens_get_length (hl_scores_get_tokens (scores));
  gsize shape[2] = { n_channels, n_tokens };
  float *values = g_new (float, n_channels * n_tokens + 1);

  json_builder_begin_array (builder);

  for (gsize channel = 0; channel < n_channels; channel++)
    {
      memcpy (values + channel * n_tokens, hl_scores_get_values (scores, channel), n_tokens * sizeof *values);
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "name");
      json_builder_add_string_value (builder, hl_scores_get_channel_name (scores, channel));
      json_builder_set_member_name (builder, "colour");
      json_builder_add_int_value (builder, hl_scores_get_colour (scores, channel));
      json_builder_set_member_name (builder, "visible");
      json_builder_add_boolean_value (builder, hl_scores_is_visible (scores, channel));
      json_builder_end_object (builder);
    }

  json_builder_end_array (builder);
  root = json_builder_get_root (builder);
  json = hl_dump_json_to_string (root);
  tensor = hl_tensor_new_take_f32 (2, shape, values);

  add_tensor (self, "", "scores", index, tensor);
  set_text (self, prefix, "channels", json);
  set_text (self, prefix, "name", hl_scores_get_name (scores));
  set_tokens (self, prefix, HL_DUMP_GROUP_SCORES + (guint) index, HL_DUMP_TOKENS, hl_scores_get_tokens (scores));
}

static void
add_prediction (Writer       *self,
                HlPrediction *prediction)
{
  static const char * const tasks[] = {
    [HL_TASK_CLASSIFICATION] = "classification",
    [HL_TASK_MULTI_LABEL] = "multi-label",
    [HL_TASK_REGRESSION] = "regression",
  };
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *json = NULL;

  json_builder_begin_array (builder);

  for (gsize i = 0; i < hl_prediction_get_n_classes (prediction); i++)
    {
      const HlClass *class_ = hl_prediction_get_class (prediction, i);

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "name");
      json_builder_add_string_value (builder, class_->name);
      if (class_->description != NULL)
        {
          json_builder_set_member_name (builder, "description");
          json_builder_add_string_value (builder, class_->description);
        }
      json_builder_set_member_name (builder, "probability");
      json_builder_add_value (builder, hl_dump_json_new_double (class_->probability));
      json_builder_set_member_name (builder, "predicted");
      json_builder_add_boolean_value (builder, class_->predicted);
      json_builder_set_member_name (builder, "labelled");
      json_builder_add_boolean_value (builder, class_->labelled);
      json_builder_end_object (builder);
    }

  json_builder_end_array (builder);
  root = json_builder_get_root (builder);
  json = hl_dump_json_to_string (root);

  set_text (self, "", "task", tasks[hl_prediction_get_task (prediction)]);
  set_text (self, "", "classes", json);
  set_text (self, "", "prediction_note", hl_prediction_get_note (prediction));
  if (!isnan (hl_prediction_get_predicted_value (prediction)))
    set_double (self, "", "predicted_value", hl_prediction_get_predicted_value (prediction));
  if (!isnan (hl_prediction_get_label_value (prediction)))
    set_double (self, "", "label_value", hl_prediction_get_label_value (prediction));
}

static void
add_notes (Writer *self)
{
  const char * const *notes = hl_trace_get_notes (self->trace);
  g_autoptr (JsonBuilder) builder = NULL;
  g_autoptr (JsonNode) root = NULL;
  g_autofree char *json = NULL;

  if (notes[0] == NULL)
    return;

  builder = json_builder_new ();
  json_builder_begin_array (builder);
  for (gsize i = 0; notes[i] != NULL; i++)
    json_builder_add_string_value (builder, notes[i]);
  json_builder_end_array (builder);
  root = json_builder_get_root (builder);
  json = hl_dump_json_to_string (root);
  set_text (self, "", "notes", json);
}

static void
add_metadata (Writer *self)
{
  g_autofree const char **keys = hl_trace_get_metadata_keys (self->trace);

  for (gsize i = 0; keys[i] != NULL; i++)
    {
      g_autofree char *name = strcmp (keys[i], "model") != 0 ? g_strconcat ("metadata.", keys[i], NULL)
                                                              : g_strdup (keys[i]);

      set_text (self, "", name, hl_trace_get_metadata (self->trace, keys[i]));
    }
}

gboolean
hl_dump_write (HlTrace * const *traces,
               gsize            n_traces,
               const char      *title,
               GFile           *file,
               GCancellable    *cancellable,
               GError         **error)
{
  g_autoptr (HlContainer) container = hl_container_new ();

  g_return_val_if_fail (traces != NULL || n_traces == 0, FALSE);
  g_return_val_if_fail (G_IS_FILE (file), FALSE);

  hl_container_set_metadata (container, "headlight.version", "1");
  if (title != NULL)
    hl_container_set_metadata (container, "title", title);

  for (gsize i = 0; i < n_traces; i++)
    {
      Writer writer = { container, traces[i], i };

      if (hl_trace_get_n_attentions (traces[i]) == 0 && hl_trace_get_n_scores (traces[i]) == 0)
        {
          g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY,
                       "Instance %" G_GSIZE_FORMAT " cannot be saved: it has neither attention nor scores.", i);
          return FALSE;
        }

      if (hl_trace_get_n_attentions (traces[i]) + hl_trace_get_n_scores (traces[i]) >= HL_DUMP_MAX_GROUPS)
        {
          g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_VALUE,
                       "Instance %" G_GSIZE_FORMAT " cannot be saved: it has %d attentions and scores or more.", i,
                       HL_DUMP_MAX_GROUPS);
          return FALSE;
        }

      set_text (&writer, "", "title", hl_trace_get_title (traces[i]));
      set_text (&writer, "", "text", hl_trace_get_text (traces[i]));

      if (!add_attentions (&writer, error))
        return FALSE;

      for (gsize k = 0; k < hl_trace_get_n_scores (traces[i]); k++)
        add_scores (&writer, k, hl_trace_get_scores (traces[i], k));

      if (hl_trace_get_prediction (traces[i]) != NULL)
        add_prediction (&writer, hl_trace_get_prediction (traces[i]));

      add_notes (&writer);
      add_metadata (&writer);
    }

  return hl_safetensors_save (container, file, cancellable, error);
}
