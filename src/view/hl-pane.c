#include "config.h"

#include "hl-pane.h"

#include <glib/gi18n-lib.h>

struct _HlPane
{
  GtkWidget     parent_instance;

  HlView        view;
  gboolean      maximised;
  HlFigureView *figure_view;

  GtkWidget    *title_bar;
  GtkLabel     *title;
  GtkLabel     *subtitle;
  GtkBox       *controls;
  GtkMenuButton *menu_button;
  GtkButton    *maximise_button;
  GtkScrolledWindow *scrolled_window;
};

enum
{
  PROP_0,
  PROP_VIEW,
  PROP_SELECTION,
  PROP_MAXIMISED,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];

static GtkBuildableIface *parent_buildable_iface;

static void hl_pane_buildable_init (GtkBuildableIface *iface);

G_DEFINE_FINAL_TYPE_WITH_CODE (HlPane, hl_pane, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_BUILDABLE, hl_pane_buildable_init))

static const char *const nicks[HL_N_VIEWS] = {
  [HL_VIEW_SEQUENCE] = "sequence",
  [HL_VIEW_HEADS] = "heads",
  [HL_VIEW_MODEL] = "model",
  [HL_VIEW_NEURONS] = "neurons",
  [HL_VIEW_MATRIX] = "matrix",
};

static void
hl_pane_add_child (GtkBuildable *buildable, GtkBuilder *builder, GObject *child, const char *type)
{
  HlPane *self = HL_PANE (buildable);

  if (g_strcmp0 (type, "control") == 0)
    gtk_box_append (self->controls, GTK_WIDGET (child));
  else
    parent_buildable_iface->add_child (buildable, builder, child, type);
}

static void
hl_pane_buildable_init (GtkBuildableIface *iface)
{
  parent_buildable_iface = g_type_interface_peek_parent (iface);
  iface->add_child = hl_pane_add_child;
}

static void
summary_cb (HlFigureView *figure_view, GParamSpec *pspec, HlPane *self)
{
  HlFigure *figure = hl_figure_view_get_figure (figure_view);
  const char *summary = NULL;

  /* What stands in the pane need not stand above it too. */
  if (figure && hl_figure_has_picture (figure))
    summary = hl_figure_view_get_summary (figure_view);
  gtk_label_set_label (self->subtitle, summary ? summary : "");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->subtitle), summary);
}

static void
title_pressed_cb (GtkGestureClick *gesture, int n_press, double x, double y, HlPane *self)
{
  if (n_press != 2)
    return;

  gtk_gesture_set_state (GTK_GESTURE (gesture), GTK_EVENT_SEQUENCE_CLAIMED);
  gtk_widget_activate_action (GTK_WIDGET (self), "win.maximise", "s", nicks[self->view]);
}

static void
copy_numbers (GtkWidget *widget, const char *name, GVariant *parameter)
{
  gtk_widget_activate_action (GTK_WIDGET (HL_PANE (widget)->figure_view), "view.copy-numbers", NULL);
}

static void
update_maximise_button (HlPane *self)
{
  const char *label = self->maximised ? _("Restore") : _("Maximise");

  gtk_button_set_icon_name (self->maximise_button, self->maximised ? "view-restore-symbolic" : "view-fullscreen-symbolic");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->maximise_button), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->maximise_button), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static GMenuModel *
create_menu (HlPane *self)
{
  GMenu *menu = g_menu_new ();
  g_autoptr (GMenuItem) export = g_menu_item_new (_("_Export…"), NULL);

  g_menu_item_set_action_and_target (export, "win.export", "s", nicks[self->view]);
  g_menu_append_item (menu, export);
  g_menu_append (menu, _("_Copy Numbers"), "pane.copy-numbers");

  /* Views that show many heads by their colours. */
  if (self->view == HL_VIEW_SEQUENCE || self->view == HL_VIEW_HEADS)
    {
      g_autoptr (GMenu) colours = g_menu_new ();

      g_menu_append (colours, _("_Head Colour…"), "win.head-colour");
      g_menu_append (colours, _("_Reset Colours"), "win.reset-colours");
      g_menu_append_section (menu, NULL, G_MENU_MODEL (colours));
    }

  return G_MENU_MODEL (menu);
}

static void
hl_pane_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HlPane *self = HL_PANE (object);

  switch (id)
    {
    case PROP_VIEW:
      g_value_set_string (value, nicks[self->view]);
      break;
    case PROP_SELECTION:
      g_value_set_object (value, hl_figure_view_get_selection (self->figure_view));
      break;
    case PROP_MAXIMISED:
      g_value_set_boolean (value, self->maximised);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hl_pane_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  HlPane *self = HL_PANE (object);

  switch (id)
    {
    case PROP_VIEW:
      if (!hl_pane_view_from_nick (g_value_get_string (value), &self->view))
        g_critical ("There is no view “%s”", g_value_get_string (value));
      break;
    case PROP_SELECTION:
      hl_pane_set_selection (self, g_value_get_object (value));
      break;
    case PROP_MAXIMISED:
      hl_pane_set_maximised (self, g_value_get_boolean (value));
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hl_pane_constructed (GObject *object)
{
  HlPane *self = HL_PANE (object);
  g_autoptr (GMenuModel) menu = NULL;

  G_OBJECT_CLASS (hl_pane_parent_class)->constructed (object);

  self->figure_view = HL_FIGURE_VIEW (hl_figure_view_new (self->view));
  gtk_scrolled_window_set_child (self->scrolled_window, GTK_WIDGET (self->figure_view));
  g_signal_connect (self->figure_view, "notify::summary", G_CALLBACK (summary_cb), self);

  gtk_label_set_label (self->title, hl_view_get_title (self->view));
  gtk_actionable_set_action_target (GTK_ACTIONABLE (self->maximise_button), "s", nicks[self->view]);
  menu = create_menu (self);
  gtk_menu_button_set_menu_model (self->menu_button, menu);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                  hl_view_get_title (self->view), -1);
  update_maximise_button (self);
}

static void
hl_pane_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))))
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (hl_pane_parent_class)->dispose (object);
}

static void
hl_pane_class_init (HlPaneClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = hl_pane_get_property;
  object_class->set_property = hl_pane_set_property;
  object_class->constructed = hl_pane_constructed;
  object_class->dispose = hl_pane_dispose;

  props[PROP_VIEW] = g_param_spec_string ("view", NULL, NULL, "sequence",
                                          G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  props[PROP_SELECTION] = g_param_spec_object ("selection", NULL, NULL, HL_TYPE_SELECTION,
                                               G_PARAM_READWRITE | G_PARAM_STATIC_STRINGS);
  props[PROP_MAXIMISED] = g_param_spec_boolean ("maximised", NULL, NULL, FALSE,
                                                G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  gtk_widget_class_set_css_name (widget_class, "pane");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_GROUP);
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/headlight/Headlight/ui/hl-pane.ui");
  gtk_widget_class_bind_template_child (widget_class, HlPane, title_bar);
  gtk_widget_class_bind_template_child (widget_class, HlPane, title);
  gtk_widget_class_bind_template_child (widget_class, HlPane, subtitle);
  gtk_widget_class_bind_template_child (widget_class, HlPane, controls);
  gtk_widget_class_bind_template_child (widget_class, HlPane, menu_button);
  gtk_widget_class_bind_template_child (widget_class, HlPane, maximise_button);
  gtk_widget_class_bind_template_child (widget_class, HlPane, scrolled_window);
  gtk_widget_class_bind_template_callback (widget_class, title_pressed_cb);
  gtk_widget_class_install_action (widget_class, "pane.copy-numbers", NULL, copy_numbers);
}

static void
hl_pane_init (HlPane *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

HlFigureView *
hl_pane_get_figure_view (HlPane *self)
{
  g_return_val_if_fail (HL_IS_PANE (self), NULL);

  return self->figure_view;
}

HlView
hl_pane_get_view (HlPane *self)
{
  g_return_val_if_fail (HL_IS_PANE (self), HL_VIEW_SEQUENCE);

  return self->view;
}

void
hl_pane_set_selection (HlPane *self, HlSelection *selection)
{
  g_return_if_fail (HL_IS_PANE (self));

  hl_figure_view_set_selection (self->figure_view, selection);
}

void
hl_pane_set_maximised (HlPane *self, gboolean maximised)
{
  g_return_if_fail (HL_IS_PANE (self));

  if (self->maximised == maximised)
    return;

  self->maximised = maximised;
  update_maximise_button (self);
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_MAXIMISED]);
}

const char *
hl_pane_view_to_nick (HlView view)
{
  g_return_val_if_fail (view < HL_N_VIEWS, NULL);

  return nicks[view];
}

gboolean
hl_pane_view_from_nick (const char *nick, HlView *view)
{
  for (guint i = 0; i < HL_N_VIEWS; i++)
    if (g_strcmp0 (nicks[i], nick) == 0)
      {
        *view = i;
        return TRUE;
      }

  return FALSE;
}
