#include "config.h"

#include "hl-toolbar.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "hl-choice.h"

struct _HlToolbar
{
  GtkWidget      parent_instance;

  HlSelection   *selection;
  gboolean       updating;

  GtkWidget     *layer_box;
  GtkAdjustment *layer_adjustment;
  GtkLabel      *layer_value;
  GtkWidget     *threshold_box;
  GtkAdjustment *threshold_adjustment;
  GtkLabel      *threshold_value;
};

enum
{
  PROP_0,
  PROP_SELECTION,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (HlToolbar, hl_toolbar, GTK_TYPE_WIDGET)

/* Most weights are small: the first half of the way is the first quarter of the scale. */
static double
position_to_threshold (double position)
{
  return round (position * position * 1000) / 1000;
}

static double
threshold_to_position (double threshold)
{
  return sqrt (threshold);
}

static void
update_layer (HlToolbar *self, const HlState *state)
{
  HlAttention *attention = hl_state_get_attention (state);
  gsize n_layers = attention ? hl_attention_get_n_layers (attention) : 0;
  g_autofree char *label = NULL;

  gtk_widget_set_visible (self->layer_box, n_layers > 1);
  if (n_layers == 0)
    return;

  gtk_adjustment_configure (self->layer_adjustment, state->layer, 0, (double) (n_layers - 1), 1, 1, 0);
  label = g_strdup_printf ("%u", hl_attention_get_layer_number (attention, state->layer));
  gtk_label_set_label (self->layer_value, label);
}

static void
update_threshold (HlToolbar *self, const HlState *state)
{
  g_autofree char *label = g_strdup_printf (state->threshold < 0.01 && state->threshold > 0 ? "%.3f" : "%.2f",
                                            state->threshold);

  gtk_widget_set_visible (self->threshold_box, hl_state_get_attention (state) != NULL);
  if (position_to_threshold (gtk_adjustment_get_value (self->threshold_adjustment)) != state->threshold)
    gtk_adjustment_set_value (self->threshold_adjustment, threshold_to_position (state->threshold));
  gtk_label_set_label (self->threshold_value, label);
}

static void
update (HlToolbar *self, guint change)
{
  const HlState *state = hl_selection_get_state (self->selection);

  self->updating = TRUE;
  if (change & (HL_CHANGE_TRACE | HL_CHANGE_ATTENTION | HL_CHANGE_LAYER))
    update_layer (self, state);
  if (change & (HL_CHANGE_TRACE | HL_CHANGE_ATTENTION | HL_CHANGE_FILTER))
    update_threshold (self, state);
  self->updating = FALSE;
}

static void
changed_cb (HlSelection *selection, guint change, HlToolbar *self)
{
  update (self, change);
}

static void
layer_cb (GtkAdjustment *adjustment, HlToolbar *self)
{
  if (!self->updating && self->selection)
    hl_selection_set_layer (self->selection, (int) round (gtk_adjustment_get_value (adjustment)));
}

static void
threshold_cb (GtkAdjustment *adjustment, HlToolbar *self)
{
  if (!self->updating && self->selection)
    hl_selection_set_threshold (self->selection, position_to_threshold (gtk_adjustment_get_value (adjustment)));
}

static void
hl_toolbar_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HlToolbar *self = HL_TOOLBAR (object);

  switch (id)
    {
    case PROP_SELECTION:
      g_value_set_object (value, self->selection);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hl_toolbar_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  HlToolbar *self = HL_TOOLBAR (object);

  switch (id)
    {
    case PROP_SELECTION:
      hl_toolbar_set_selection (self, g_value_get_object (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hl_toolbar_dispose (GObject *object)
{
  HlToolbar *self = HL_TOOLBAR (object);
  GtkWidget *child;

  hl_toolbar_set_selection (self, NULL);
  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))))
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (hl_toolbar_parent_class)->dispose (object);
}

static void
hl_toolbar_class_init (HlToolbarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = hl_toolbar_get_property;
  object_class->set_property = hl_toolbar_set_property;
  object_class->dispose = hl_toolbar_dispose;

  props[PROP_SELECTION] = g_param_spec_object ("selection", NULL, NULL, HL_TYPE_SELECTION,
                                               G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  g_type_ensure (HL_TYPE_CHOICE);
  gtk_widget_class_set_css_name (widget_class, "toolstrip");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_TOOLBAR);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/headlight/Headlight/ui/hl-toolbar.ui");
  gtk_widget_class_bind_template_child (widget_class, HlToolbar, layer_box);
  gtk_widget_class_bind_template_child (widget_class, HlToolbar, layer_adjustment);
  gtk_widget_class_bind_template_child (widget_class, HlToolbar, layer_value);
  gtk_widget_class_bind_template_child (widget_class, HlToolbar, threshold_box);
  gtk_widget_class_bind_template_child (widget_class, HlToolbar, threshold_adjustment);
  gtk_widget_class_bind_template_child (widget_class, HlToolbar, threshold_value);
  gtk_widget_class_bind_template_callback (widget_class, layer_cb);
  gtk_widget_class_bind_template_callback (widget_class, threshold_cb);
}

static void
hl_toolbar_init (HlToolbar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

void
hl_toolbar_set_selection (HlToolbar *self, HlSelection *selection)
{
  g_return_if_fail (HL_IS_TOOLBAR (self));

  if (self->selection == selection)
    return;

  if (self->selection)
    g_signal_handlers_disconnect_by_func (self->selection, changed_cb, self);
  g_set_object (&self->selection, selection);
  if (selection)
    {
      g_signal_connect (selection, "changed", G_CALLBACK (changed_cb), self);
      update (self, G_MAXUINT);
    }
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SELECTION]);
}
