#include "config.h"

#include "hl-cli-commands.h"

#include <glib/gi18n-lib.h>
#include <json-glib/json-glib.h>
#include <math.h>

#include "hl-cli-options.h"
#include "hl-cli.h"
#include "hl-trace-enums.h"

static const char *
get_nick (GType type,
          int   value)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);
  GEnumValue *found = g_enum_get_value (klass, value);

  return found != NULL ? found->value_nick : "";
}

/* JSON knows no NaN: null. */
static void
add_number (JsonBuilder *builder,
            const char  *name,
            double       value)
{
  json_builder_set_member_name (builder, name);
  if (isfinite (value))
    json_builder_add_double_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
add_string (JsonBuilder *builder,
            const char  *name,
            const char  *value)
{
  json_builder_set_member_name (builder, name);
  if (value != NULL)
    json_builder_add_string_value (builder, value);
  else
    json_builder_add_null_value (builder);
}

static void
add_count (JsonBuilder *builder,
           const char  *name,
           gsize        value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, (gint64) value);
}

static void
add_flag (JsonBuilder *builder,
          const char  *name,
          gboolean     value)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_boolean_value (builder, value);
}

static void
add_notes (JsonBuilder        *builder,
           const char * const *notes)
{
  json_builder_set_member_name (builder, "notes");
  json_builder_begin_array (builder);
  for (gsize i = 0; notes[i] != NULL; i++)
    json_builder_add_string_value (builder, notes[i]);
  json_builder_end_array (builder);
}

static void
add_attention (JsonBuilder *builder,
               HlAttention *attention)
{
  HlProjections *projections = hl_attention_get_projections (attention);

  json_builder_begin_object (builder);
  add_string (builder, "kind", get_nick (HL_TYPE_ATTENTION_KIND, (int) hl_attention_get_kind (attention)));
  add_count (builder, "layers", hl_attention_get_n_layers (attention));
  json_builder_set_member_name (builder, "heads");
  json_builder_begin_array (builder);
  for (gsize layer = 0; layer < hl_attention_get_n_layers (attention); layer++)
    json_builder_add_int_value (builder, (gint64) hl_attention_get_n_heads (attention, layer));
  json_builder_end_array (builder);
  add_count (builder, "queries", hl_attention_get_n_queries (attention));
  add_count (builder, "keys", hl_attention_get_n_keys (attention));
  add_flag (builder, "causal", hl_attention_is_causal (attention));
  add_flag (builder, "has_projections", projections != NULL);
  add_flag (builder, "has_values", projections != NULL && hl_projections_has (projections, HL_PROJECTION_VALUE));
  json_builder_end_object (builder);
}

static void
add_scores (JsonBuilder *builder,
            HlScores    *scores)
{
  json_builder_begin_object (builder);
  add_string (builder, "name", hl_scores_get_name (scores));
  json_builder_set_member_name (builder, "channels");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < hl_scores_get_n_channels (scores); i++)
    json_builder_add_string_value (builder, hl_scores_get_channel_name (scores, i));
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static void
add_prediction (JsonBuilder  *builder,
                HlPrediction *prediction)
{
  json_builder_set_member_name (builder, "prediction");
  json_builder_begin_object (builder);
  add_string (builder, "task", get_nick (HL_TYPE_TASK, (int) hl_prediction_get_task (prediction)));
  if (hl_prediction_get_task (prediction) == HL_TASK_REGRESSION)
    {
      add_number (builder, "predicted", hl_prediction_get_predicted_value (prediction));
      add_number (builder, "label", hl_prediction_get_label_value (prediction));
    }
  json_builder_set_member_name (builder, "classes");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < hl_prediction_get_n_classes (prediction); i++)
    {
      const HlClass *class_ = hl_prediction_get_class (prediction, i);

      json_builder_begin_object (builder);
      add_string (builder, "name", class_->name);
      add_number (builder, "probability", class_->probability);
      add_flag (builder, "predicted", class_->predicted);
      add_flag (builder, "labelled", class_->labelled);
      json_builder_end_object (builder);
    }
  json_builder_end_array (builder);
  json_builder_end_object (builder);
}

static gsize
count_tokens (HlTrace *trace)
{
  HlTokens *tokens = hl_trace_get_tokens (trace);

  return tokens != NULL ? hl_tokens_get_length (tokens) : 0;
}

static void
add_trace (JsonBuilder *builder,
           HlTrace     *trace,
           HlInstance  *instance)
{
  json_builder_begin_object (builder);
  add_count (builder, "instance", hl_instance_get_index (instance));
  add_string (builder, "title", hl_instance_get_title (instance));
  add_string (builder, "text", hl_trace_get_text (trace));
  add_count (builder, "tokens", count_tokens (trace));

  json_builder_set_member_name (builder, "attention");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < hl_trace_get_n_attentions (trace); i++)
    add_attention (builder, hl_trace_get_attention (trace, i));
  json_builder_end_array (builder);

  json_builder_set_member_name (builder, "scores");
  json_builder_begin_array (builder);
  for (gsize i = 0; i < hl_trace_get_n_scores (trace); i++)
    add_scores (builder, hl_trace_get_scores (trace, i));
  json_builder_end_array (builder);

  if (hl_trace_get_prediction (trace) != NULL)
    add_prediction (builder, hl_trace_get_prediction (trace));
  add_notes (builder, hl_trace_get_notes (trace));
  json_builder_end_object (builder);
}

/* "12", or "8–12" where layers differ. */
static char *
describe_heads (HlAttention *attention)
{
  gsize fewest = G_MAXSIZE, most = 0;

  for (gsize layer = 0; layer < hl_attention_get_n_layers (attention); layer++)
    {
      fewest = MIN (fewest, hl_attention_get_n_heads (attention, layer));
      most = MAX (most, hl_attention_get_n_heads (attention, layer));
    }
  if (fewest >= most)
    return g_strdup_printf ("%" G_GSIZE_FORMAT, most);

  return g_strdup_printf ("%" G_GSIZE_FORMAT "–%" G_GSIZE_FORMAT, fewest, most);
}

static void
print_attention (HlAttention *attention)
{
  HlProjections *projections = hl_attention_get_projections (attention);
  g_autofree char *heads = describe_heads (attention);

  g_print ("      %s: ", get_nick (HL_TYPE_ATTENTION_KIND, (int) hl_attention_get_kind (attention)));
  g_print (_("%u layers × %s heads, %u queries × %u keys"), (guint) hl_attention_get_n_layers (attention), heads,
           (guint) hl_attention_get_n_queries (attention), (guint) hl_attention_get_n_keys (attention));
  if (hl_attention_is_causal (attention))
    g_print (", %s", _("causal"));
  if (projections != NULL)
    g_print (", %s", hl_projections_has (projections, HL_PROJECTION_VALUE) ? _("with queries, keys and values")
                                                                           : _("with queries and keys"));
  g_print ("\n");
}

static void
print_prediction (HlPrediction *prediction)
{
  gssize best = hl_prediction_get_best (prediction);
  gssize label = hl_prediction_get_label (prediction);

  if (hl_prediction_get_task (prediction) == HL_TASK_REGRESSION)
    {
      g_print (_("      predicted %.4g, label %.4g"), hl_prediction_get_predicted_value (prediction),
               hl_prediction_get_label_value (prediction));
    }
  else
    {
      g_print (_("      %u classes"), (guint) hl_prediction_get_n_classes (prediction));
      if (best >= 0)
        g_print (_(", predicted: %s"), hl_prediction_get_class (prediction, (gsize) best)->name);
      if (best >= 0 && !isnan (hl_prediction_get_class (prediction, (gsize) best)->probability))
        g_print (" (%.4f)", hl_prediction_get_class (prediction, (gsize) best)->probability);
      if (label >= 0)
        g_print (_(", label: %s"), hl_prediction_get_class (prediction, (gsize) label)->name);
    }
  g_print ("\n");
}

static void
print_trace (HlTrace    *trace,
             HlInstance *instance)
{
  g_print ("%4u  %s\n", hl_instance_get_index (instance), hl_instance_get_title (instance));
  g_print (_("      %u tokens\n"), (guint) count_tokens (trace));
  for (gsize i = 0; i < hl_trace_get_n_attentions (trace); i++)
    print_attention (hl_trace_get_attention (trace, i));
  for (gsize i = 0; i < hl_trace_get_n_scores (trace); i++)
    {
      HlScores *scores = hl_trace_get_scores (trace, i);

      g_print (_("      %s: %u channels\n"), hl_scores_get_name (scores) != NULL ? hl_scores_get_name (scores) : _("scores"),
               (guint) hl_scores_get_n_channels (scores));
    }
  if (hl_trace_get_prediction (trace) != NULL)
    print_prediction (hl_trace_get_prediction (trace));
  for (gsize i = 0; hl_trace_get_notes (trace)[i] != NULL; i++)
    g_print (_("      note: %s\n"), hl_trace_get_notes (trace)[i]);
}

int
hl_cli_info (int          argc,
             char       **argv,
             const char  *summary)
{
  g_auto (HlCliOptions) options = { 0 };
  g_autoptr (HlDocument) document = NULL;
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  int status = HL_CLI_OK;
  guint first, end;

  if (!hl_cli_options_parse (&options, summary, HL_CLI_OPTION_INSTANCE | HL_CLI_OPTION_JSON, argc, argv, &status))
    return status;
  document = hl_cli_options_open (&options, &status);
  if (document == NULL)
    return status;

  first = options.instance < 0 ? 0 : (guint) options.instance;
  end = options.instance < 0 ? hl_document_get_n_instances (document) : first + 1;
  json_builder_begin_object (builder);
  add_string (builder, "title", hl_document_get_title (document));
  add_string (builder, "format", hl_document_get_format (document));
  add_notes (builder, hl_document_get_notes (document));
  json_builder_set_member_name (builder, "instances");
  json_builder_begin_array (builder);
  if (!options.json)
    {
      g_print (_("%s: %s, instances: %u\n"), hl_document_get_title (document), hl_document_get_format (document),
               hl_document_get_n_instances (document));
      for (gsize i = 0; hl_document_get_notes (document)[i] != NULL; i++)
        g_print (_("note: %s\n"), hl_document_get_notes (document)[i]);
    }

  for (guint i = first; i < end; i++)
    {
      g_autoptr (HlTrace) trace = NULL;

      options.instance = (int) i;
      trace = hl_cli_options_load (&options, document, &status);
      if (trace == NULL)
        return status;
      if (options.json)
        add_trace (builder, trace, hl_document_get_instance (document, i));
      else
        print_trace (trace, hl_document_get_instance (document, i));
    }

  json_builder_end_array (builder);
  json_builder_end_object (builder);
  if (options.json)
    {
      g_autoptr (JsonNode) root = json_builder_get_root (builder);
      g_autofree char *text = json_to_string (root, TRUE);

      g_print ("%s\n", text);
    }

  return HL_CLI_OK;
}
