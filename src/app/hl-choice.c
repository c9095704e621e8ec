#include "config.h"

#include "hl-choice.h"

#include <glib/gi18n-lib.h>

typedef struct
{
  const char *name;
  const char *label;   /* what a screen reader says, and the tooltip */
  HlChange    changes; /* when to look again */

  /* Appends label and value of all that can be chosen. */
  void      (*list) (const HlState *state, GStrvBuilder *labels, GArray *values);
  int       (*get)  (const HlState *state);
  void      (*set)  (HlSelection *selection, int value);
} Field;

struct _HlChoice
{
  GtkWidget     parent_instance;

  const Field  *field;
  HlSelection  *selection;
  GtkWidget    *drop_down;
  GStrv         labels;
  GArray       *values;   /* of int */
  gboolean      updating;
};

enum
{
  PROP_0,
  PROP_FIELD,
  PROP_SELECTION,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (HlChoice, hl_choice, GTK_TYPE_WIDGET)

static void
add (GStrvBuilder *labels, GArray *values, const char *label, int value)
{
  g_strv_builder_add (labels, label);
  g_array_append_val (values, value);
}

static void
list_attentions (const HlState *state, GStrvBuilder *labels, GArray *values)
{
  gsize n = state->trace ? hl_trace_get_n_attentions (state->trace) : 0;

  for (gsize i = 0; i < n; i++)
    {
      const char *label = NULL;

      switch (hl_attention_get_kind (hl_trace_get_attention (state->trace, i)))
        {
        case HL_ATTENTION_SELF:
          label = _("Self-attention");
          break;
        case HL_ATTENTION_ENCODER:
          label = _("Encoder");
          break;
        case HL_ATTENTION_DECODER:
          label = _("Decoder");
          break;
        case HL_ATTENTION_CROSS:
          label = _("Cross");
          break;
        }
      add (labels, values, label, (int) i);
    }
}

static int
get_attention (const HlState *state)
{
  return (int) state->attention;
}

static void
set_attention (HlSelection *selection, int value)
{
  hl_selection_set_attention (selection, (guint) value);
}

static void
list_scores (const HlState *state, GStrvBuilder *labels, GArray *values)
{
  gsize n = state->trace && hl_state_shows_scores (state) ? hl_trace_get_n_scores (state->trace) : 0;

  for (gsize i = 0; i < n; i++)
    {
      const char *name = hl_scores_get_name (hl_trace_get_scores (state->trace, i));
      g_autofree char *numbered = g_strdup_printf (_("Set %zu"), i);

      add (labels, values, name ? name : numbered, (int) i);
    }
}

static int
get_scores (const HlState *state)
{
  return (int) state->scores;
}

static void
set_scores (HlSelection *selection, int value)
{
  hl_selection_set_scores (selection, (guint) value);
}

static void
list_filters (const HlState *state, GStrvBuilder *labels, GArray *values)
{
  HlAttention *attention = hl_state_get_attention (state);

  if (attention == NULL ||
      !(hl_tokens_has_segments (hl_attention_get_queries (attention)) &&
        hl_tokens_has_segments (hl_attention_get_keys (attention))))
    return;

  add (labels, values, _("All segments"), HL_FILTER_ALL);
  add (labels, values, _("A → A"), HL_FILTER_AA);
  add (labels, values, _("A → B"), HL_FILTER_AB);
  add (labels, values, _("B → A"), HL_FILTER_BA);
  add (labels, values, _("B → B"), HL_FILTER_BB);
}

static int
get_filter (const HlState *state)
{
  return state->filter;
}

static void
set_filter (HlSelection *selection, int value)
{
  hl_selection_set_filter (selection, value);
}

static void
list_channels (const HlState *state, GStrvBuilder *labels, GArray *values)
{
  if (hl_state_get_attention (state) == NULL)
    return;

  add (labels, values, _("To itself"), HL_CHANNEL_SELF);
  add (labels, values, _("Received"), HL_CHANNEL_RECEIVED);
  add (labels, values, _("From pinned tokens"), HL_CHANNEL_FROM_PIN);
  add (labels, values, _("To pinned tokens"), HL_CHANNEL_TO_PIN);
  if (hl_trace_get_n_scores (state->trace) > 0)
    add (labels, values, _("The file’s scores"), HL_CHANNEL_OWN);
}

static int
get_channel (const HlState *state)
{
  return state->channel;
}

static void
set_channel (HlSelection *selection, int value)
{
  hl_selection_set_channel (selection, value);
}

static void
list_aggregates (const HlState *state, GStrvBuilder *labels, GArray *values)
{
  for (int i = 0; i < HL_N_AGGREGATES; i++)
    add (labels, values, hl_aggregate_get_name (i), i);
}

static int
get_aggregate (const HlState *state)
{
  return state->aggregate;
}

static void
set_aggregate (HlSelection *selection, int value)
{
  hl_selection_set_aggregate (selection, value);
}

static void
list_scales (const HlState *state, GStrvBuilder *labels, GArray *values)
{
  add (labels, values, _("Linear"), HL_SCALE_LINEAR);
  add (labels, values, _("Logarithmic"), HL_SCALE_LOG);
  add (labels, values, _("Each row to its maximum"), HL_SCALE_ROW);
}

static int
get_scale (const HlState *state)
{
  return state->scale;
}

static void
set_scale (HlSelection *selection, int value)
{
  hl_selection_set_scale (selection, value);
}

static const Field fields[] = {
  { "attention", N_("Kind of attention"), HL_CHANGE_TRACE | HL_CHANGE_ATTENTION,
    list_attentions, get_attention, set_attention },
  { "scores", N_("Set of scores"), HL_CHANGE_TRACE | HL_CHANGE_ATTENTION | HL_CHANGE_CHANNEL,
    list_scores, get_scores, set_scores },
  { "filter", N_("Segments shown"), HL_CHANGE_TRACE | HL_CHANGE_ATTENTION | HL_CHANGE_FILTER,
    list_filters, get_filter, set_filter },
  { "channel", N_("What colours the text"), HL_CHANGE_TRACE | HL_CHANGE_ATTENTION | HL_CHANGE_CHANNEL,
    list_channels, get_channel, set_channel },
  { "aggregate", N_("Aggregate over heads"), HL_CHANGE_TRACE | HL_CHANGE_CHANNEL,
    list_aggregates, get_aggregate, set_aggregate },
  { "scale", N_("Scale of colours and plots"), HL_CHANGE_SCALE,
    list_scales, get_scale, set_scale },
};

static const Field *
find_field (const char *name)
{
  for (gsize i = 0; i < G_N_ELEMENTS (fields); i++)
    if (g_strcmp0 (fields[i].name, name) == 0)
      return &fields[i];

  g_critical ("There is no choice “%s”", name);

  return &fields[0];
}

static void
update_items (HlChoice *self, const HlState *state)
{
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  g_autoptr (GArray) values = g_array_new (FALSE, FALSE, sizeof (int));
  g_autoptr (GtkStringList) model = NULL;
  g_auto (GStrv) labels = NULL;

  self->field->list (state, builder, values);
  labels = g_strv_builder_end (builder);
  gtk_widget_set_visible (GTK_WIDGET (self), values->len > 1);

  if (self->labels && g_strv_equal ((const char *const *) labels, (const char *const *) self->labels))
    return;

  g_strfreev (self->labels);
  self->labels = g_steal_pointer (&labels);
  g_clear_pointer (&self->values, g_array_unref);
  self->values = g_steal_pointer (&values);

  model = gtk_string_list_new ((const char *const *) self->labels);
  gtk_drop_down_set_model (GTK_DROP_DOWN (self->drop_down), G_LIST_MODEL (model));
}

static void
update (HlChoice *self)
{
  const HlState *state = hl_selection_get_state (self->selection);
  int value = self->field->get (state);

  self->updating = TRUE;
  update_items (self, state);
  for (guint i = 0; i < self->values->len; i++)
    if (g_array_index (self->values, int, i) == value)
      gtk_drop_down_set_selected (GTK_DROP_DOWN (self->drop_down), i);
  self->updating = FALSE;
}

static void
changed_cb (HlSelection *selection, guint change, HlChoice *self)
{
  if (change & self->field->changes)
    update (self);
}

static void
selected_cb (GtkDropDown *drop_down, GParamSpec *pspec, HlChoice *self)
{
  guint selected = gtk_drop_down_get_selected (drop_down);

  if (!self->updating && self->selection && self->values && selected < self->values->len)
    self->field->set (self->selection, g_array_index (self->values, int, selected));
}

static void
hl_choice_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HlChoice *self = HL_CHOICE (object);

  switch (id)
    {
    case PROP_FIELD:
      g_value_set_string (value, self->field->name);
      break;
    case PROP_SELECTION:
      g_value_set_object (value, self->selection);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hl_choice_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  HlChoice *self = HL_CHOICE (object);

  switch (id)
    {
    case PROP_FIELD:
      self->field = find_field (g_value_get_string (value));
      break;
    case PROP_SELECTION:
      hl_choice_set_selection (self, g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hl_choice_constructed (GObject *object)
{
  HlChoice *self = HL_CHOICE (object);
  const char *label = _(self->field->label);

  G_OBJECT_CLASS (hl_choice_parent_class)->constructed (object);

  gtk_widget_set_tooltip_text (self->drop_down, label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->drop_down), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
hl_choice_dispose (GObject *object)
{
  HlChoice *self = HL_CHOICE (object);

  hl_choice_set_selection (self, NULL);
  g_clear_pointer (&self->drop_down, gtk_widget_unparent);

  G_OBJECT_CLASS (hl_choice_parent_class)->dispose (object);
}

static void
hl_choice_finalize (GObject *object)
{
  HlChoice *self = HL_CHOICE (object);

  g_strfreev (self->labels);
  g_clear_pointer (&self->values, g_array_unref);

  G_OBJECT_CLASS (hl_choice_parent_class)->finalize (object);
}

static void
hl_choice_class_init (HlChoiceClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = hl_choice_get_property;
  object_class->set_property = hl_choice_set_property;
  object_class->constructed = hl_choice_constructed;
  object_class->dispose = hl_choice_dispose;
  object_class->finalize = hl_choice_finalize;

  props[PROP_FIELD] = g_param_spec_string ("field", NULL, NULL, "attention",
                                           G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  props[PROP_SELECTION] = g_param_spec_object ("selection", NULL, NULL, HL_TYPE_SELECTION,
                                               G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  gtk_widget_class_set_layout_manager_type (widget_class, GTK_TYPE_BIN_LAYOUT);
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
}

static void
hl_choice_init (HlChoice *self)
{
  self->drop_down = gtk_drop_down_new (NULL, NULL);
  gtk_widget_set_parent (self->drop_down, GTK_WIDGET (self));
  g_signal_connect (self->drop_down, "notify::selected", G_CALLBACK (selected_cb), self);
}

void
hl_choice_set_selection (HlChoice *self, HlSelection *selection)
{
  g_return_if_fail (HL_IS_CHOICE (self));

  if (self->selection == selection)
    return;

  if (self->selection)
    g_signal_handlers_disconnect_by_func (self->selection, changed_cb, self);
  g_set_object (&self->selection, selection);
  if (selection)
    {
      g_signal_connect (selection, "changed", G_CALLBACK (changed_cb), self);
      update (self);
    }
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SELECTION]);
}
