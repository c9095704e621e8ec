#include "config.h"

#include "hl-window-private.h"

#include <glib/gi18n-lib.h>

#include "hl-choice.h"
#include "hl-settings.h"

enum
{
  PROP_0,
  PROP_SELECTION,
  N_PROPS,
};

static GParamSpec *props[N_PROPS];

G_DEFINE_FINAL_TYPE (HlWindow, hl_window, ADW_TYPE_APPLICATION_WINDOW)

static void
update_title (HlWindow *self)
{
  g_autofree char *subtitle = NULL;
  g_autofree char *full = NULL;
  const HlState *state = hl_selection_get_state (self->selection);
  guint n = self->document ? hl_document_get_n_instances (self->document) : 0;
  const char *instance = NULL;
  const char *document;

  if (self->document == NULL || state->instance >= n)
    {
      adw_window_title_set_title (self->title, _("Headlight"));
      adw_window_title_set_subtitle (self->title, "");
      gtk_window_set_title (GTK_WINDOW (self), _("Headlight"));
      return;
    }

  document = hl_document_get_title (self->document);
  instance = hl_instance_get_title (hl_document_get_instance (self->document, state->instance));
  /* Position and name: "3 of 98 — Instance 3" would say it twice. */
  if (n > 1)
    subtitle = g_strdup_printf (_("%s (%u of %u)"), instance, state->instance + 1, n);
  else
    subtitle = g_strdup (g_strcmp0 (instance, document) == 0 ? "" : instance);

  full = *subtitle ? g_strdup_printf ("%s — %s", document, instance) : g_strdup (document);
  adw_window_title_set_title (self->title, document);
  adw_window_title_set_subtitle (self->title, subtitle);
  gtk_window_set_title (GTK_WINDOW (self), full);
}

static void
add_note (HlWindow *self, const char *text, const char *css_class)
{
  GtkWidget *label = gtk_label_new (text);

  gtk_label_set_wrap (GTK_LABEL (label), TRUE);
  gtk_label_set_max_width_chars (GTK_LABEL (label), 48);
  gtk_label_set_xalign (GTK_LABEL (label), 0);
  gtk_label_set_selectable (GTK_LABEL (label), TRUE);
  gtk_widget_set_can_focus (label, FALSE);
  if (css_class)
    gtk_widget_add_css_class (label, css_class);
  gtk_box_append (self->notes_box, label);
}

static void
add_attention_facts (HlWindow *self, HlTrace *trace)
{
  for (gsize i = 0; i < hl_trace_get_n_attentions (trace); i++)
    {
      HlAttention *attention = hl_trace_get_attention (trace, i);
      g_autofree char *fact = NULL;

      fact = g_strdup_printf (_("%zu layers × %zu heads, %zu queries × %zu keys"),
                              hl_attention_get_n_layers (attention), hl_attention_get_max_heads (attention),
                              hl_attention_get_n_queries (attention), hl_attention_get_n_keys (attention));
      add_note (self, fact, NULL);
    }

  for (gsize i = 0; i < hl_trace_get_n_scores (trace); i++)
    {
      HlScores *scores = hl_trace_get_scores (trace, i);
      g_autofree char *fact = NULL;

      fact = g_strdup_printf (_("%zu channels of scores on %zu tokens"), hl_scores_get_n_channels (scores),
                              hl_tokens_get_length (hl_scores_get_tokens (scores)));
      add_note (self, fact, NULL);
    }
}

/* What the file is, and what its reader left out or found odd. */
static void
update_notes (HlWindow *self)
{
  HlTrace *trace = hl_selection_get_state (self->selection)->trace;
  gboolean warned = FALSE;
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self->notes_box))))
    gtk_box_remove (self->notes_box, child);

  gtk_widget_set_visible (GTK_WIDGET (self->notes_button), self->document != NULL);
  if (self->document == NULL)
    return;

  add_note (self, hl_document_get_title (self->document), "heading");
  add_note (self, hl_document_get_format (self->document), "dim-label");
  if (trace)
    add_attention_facts (self, trace);

  for (const char *const *note = hl_document_get_notes (self->document); note && *note; note++)
    {
      add_note (self, *note, "note");
      warned = TRUE;
    }
  for (const char *const *note = trace ? hl_trace_get_notes (trace) : NULL; note && *note; note++)
    {
      add_note (self, *note, "note");
      warned = TRUE;
    }

  if (warned)
    gtk_widget_add_css_class (GTK_WIDGET (self->notes_button), "noted");
  else
    gtk_widget_remove_css_class (GTK_WIDGET (self->notes_button), "noted");
}

static void
update_navigation (HlWindow *self)
{
  gboolean several = self->document && hl_document_get_n_instances (self->document) > 1;
  gboolean wanted = self->settings ? g_settings_get_boolean (self->settings, "sidebar") : TRUE;

  gtk_widget_set_visible (self->navigation, several);
  gtk_widget_set_visible (self->sidebar_button, several);
  adw_flap_set_reveal_flap (self->flap, several && wanted);
}

/* What to try first depends on what there is to try. */
static void
update_hint (HlWindow *self)
{
  gboolean attention = hl_state_get_attention (hl_selection_get_state (self->selection)) != NULL;

  gtk_label_set_label (self->hint_label,
                       attention ? _("Point at a token to see what it attends to, click it to pin it. Click a tile in the "
                                     "model to show that head everywhere.")
                                 : _("Point at a token to read its values. Click a name at the left of a line to colour "
                                     "the text by it."));
}

static void
changed_cb (HlSelection *selection, guint change, HlWindow *self)
{
  if (change & (HL_CHANGE_TRACE | HL_CHANGE_ATTENTION))
    hl_window_update_panes (self);
  if (change & HL_CHANGE_TRACE)
    {
      hl_sidebar_set_current (self->sidebar, hl_selection_get_state (selection)->instance);
      update_title (self);
      update_hint (self);
      update_notes (self);
    }
  if (change & ~HL_CHANGE_HOVER)
    hl_window_update_actions (self);
}

static void
instance_activated_cb (HlSidebar *sidebar, guint index, HlWindow *self)
{
  hl_window_show_instance (self, index);
}

static void
error_dismiss_cb (GtkButton *button, HlWindow *self)
{
  gtk_revealer_set_reveal_child (self->error_revealer, FALSE);
}

static void
hint_dismiss_cb (GtkButton *button, HlWindow *self)
{
  gtk_revealer_set_reveal_child (self->hint_revealer, FALSE);
  if (self->settings)
    g_settings_set_boolean (self->settings, "hint-dismissed", TRUE);
}

/* The flap may also be dragged shut. */
static void
reveal_flap_cb (AdwFlap *flap, GParamSpec *pspec, HlWindow *self)
{
  GAction *action = g_action_map_lookup_action (G_ACTION_MAP (self), "sidebar");

  if (action)
    g_simple_action_set_state (G_SIMPLE_ACTION (action), g_variant_new_boolean (adw_flap_get_reveal_flap (flap)));
}

static void
hl_window_realize (GtkWidget *widget)
{
  GTK_WIDGET_CLASS (hl_window_parent_class)->realize (widget);

  hl_window_update_actions (HL_WINDOW (widget));
}

static gboolean
hl_window_close_request (GtkWindow *window)
{
  HlWindow *self = HL_WINDOW (window);
  int width, height;

  if (self->settings)
    {
      gtk_window_get_default_size (window, &width, &height);
      g_settings_set_int (self->settings, "width", width);
      g_settings_set_int (self->settings, "height", height);
      g_settings_set_boolean (self->settings, "maximized", gtk_window_is_maximized (window));
    }
  hl_window_save_panes (self);

  return GTK_WINDOW_CLASS (hl_window_parent_class)->close_request (window);
}

static void
hl_window_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HlWindow *self = HL_WINDOW (object);

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
hl_window_dispose (GObject *object)
{
  HlWindow *self = HL_WINDOW (object);

  hl_window_cancel (self);
  if (self->selection)
    g_signal_handlers_disconnect_by_func (self->selection, changed_cb, self);
  g_clear_object (&self->selection);
  g_clear_object (&self->document);
  g_clear_object (&self->file);
  g_clear_object (&self->settings);

  G_OBJECT_CLASS (hl_window_parent_class)->dispose (object);
}

static void
hl_window_class_init (HlWindowClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = hl_window_get_property;
  object_class->dispose = hl_window_dispose;
  widget_class->realize = hl_window_realize;
  GTK_WINDOW_CLASS (klass)->close_request = hl_window_close_request;

  props[PROP_SELECTION] = g_param_spec_object ("selection", NULL, NULL, HL_TYPE_SELECTION,
                                               G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  g_type_ensure (HL_TYPE_CHOICE);
  g_type_ensure (HL_TYPE_PANE);
  g_type_ensure (HL_TYPE_SIDEBAR);
  g_type_ensure (HL_TYPE_TOOLBAR);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/headlight/Headlight/ui/hl-window.ui");
  gtk_widget_class_bind_template_child (widget_class, HlWindow, header_bar);
  gtk_widget_class_bind_template_child (widget_class, HlWindow, title);
  gtk_widget_class_bind_template_child (widget_class, HlWindow, navigation);
  gtk_widget_class_bind_template_child (widget_class, HlWindow, sidebar_button);
  gtk_widget_class_bind_template_child (widget_class, HlWindow, open_button);
  gtk_widget_class_bind_template_child (widget_class, HlWindow, notes_button);
  gtk_widget_class_bind_template_child (widget_class, HlWindow, notes_box);
  gtk_widget_class_bind_template_child (widget_class, HlWindow, error_revealer);
  gtk_widget_class_bind_template_child (widget_class, HlWindow, error_label);
  gtk_widget_class_bind_template_child (widget_class, HlWindow, error_expander);
  gtk_widget_class_bind_template_child (widget_class, HlWindow, error_details);
  gtk_widget_class_bind_template_child (widget_class, HlWindow, progress_revealer);
  gtk_widget_class_bind_template_child (widget_class, HlWindow, progress_label);
  gtk_widget_class_bind_template_child (widget_class, HlWindow, progress_bar);
  gtk_widget_class_bind_template_child (widget_class, HlWindow, hint_revealer);
  gtk_widget_class_bind_template_child (widget_class, HlWindow, hint_label);
  gtk_widget_class_bind_template_child (widget_class, HlWindow, flap);
  gtk_widget_class_bind_template_child (widget_class, HlWindow, sidebar);
  gtk_widget_class_bind_template_child (widget_class, HlWindow, stack);
  gtk_widget_class_bind_template_child (widget_class, HlWindow, toolbar);
  gtk_widget_class_bind_template_callback (widget_class, instance_activated_cb);
  gtk_widget_class_bind_template_callback (widget_class, error_dismiss_cb);
  gtk_widget_class_bind_template_callback (widget_class, hint_dismiss_cb);
  gtk_widget_class_bind_template_callback (widget_class, reveal_flap_cb);

  for (HlView view = 0; view < HL_N_VIEWS; view++)
    gtk_widget_class_bind_template_child_full (widget_class, hl_pane_view_to_nick (view), FALSE,
                                               G_STRUCT_OFFSET (HlWindow, panes) + (gssize) (view * sizeof (HlPane *)));

  hl_window_class_init_panes (widget_class);
  hl_window_class_init_actions (widget_class);
}

static void
hl_window_init (HlWindow *self)
{
  self->selection = hl_selection_new ();
  self->settings = hl_settings_new ();

  gtk_widget_init_template (GTK_WIDGET (self));
  hl_window_init_actions (self);
  hl_window_init_panes (self);
  hl_window_init_opening (self);

  if (self->settings)
    {
      gtk_window_set_default_size (GTK_WINDOW (self), g_settings_get_int (self->settings, "width"),
                                   g_settings_get_int (self->settings, "height"));
      if (g_settings_get_boolean (self->settings, "maximized"))
        gtk_window_maximize (GTK_WINDOW (self));
    }
  gtk_revealer_set_reveal_child (self->hint_revealer,
                                 self->settings && !g_settings_get_boolean (self->settings, "hint-dismissed"));

  g_signal_connect (self->selection, "changed", G_CALLBACK (changed_cb), self);
  update_title (self);
  update_hint (self);
  update_notes (self);
  update_navigation (self);
  hl_window_update_actions (self);
}

GtkWidget *
hl_window_new (AdwApplication *application)
{
  return g_object_new (HL_TYPE_WINDOW, "application", application, NULL);
}

gboolean
hl_window_is_pristine (HlWindow *self)
{
  g_return_val_if_fail (HL_IS_WINDOW (self), FALSE);

  return (self->document == NULL || self->example) && self->cancellable == NULL;
}

HlSelection *
hl_window_get_selection (HlWindow *self)
{
  g_return_val_if_fail (HL_IS_WINDOW (self), NULL);

  return self->selection;
}

HlDocument *
hl_window_get_document (HlWindow *self)
{
  g_return_val_if_fail (HL_IS_WINDOW (self), NULL);

  return self->document;
}

HlPane *
hl_window_get_pane (HlWindow *self, HlView view)
{
  g_return_val_if_fail (HL_IS_WINDOW (self), NULL);
  g_return_val_if_fail (view < HL_N_VIEWS, NULL);

  return self->panes[view];
}

void
hl_window_set_document (HlWindow *self, HlDocument *document, GFile *file, HlTrace *trace)
{
  g_set_object (&self->document, document);
  g_set_object (&self->file, file);
  self->example = g_file_has_uri_scheme (file, "resource");

  gtk_revealer_set_reveal_child (self->error_revealer, FALSE);
  hl_sidebar_set_document (self->sidebar, document);
  update_navigation (self);

  /* Nothing of one document's history makes sense in another, however alike they are. */
  hl_selection_set_trace (self->selection, NULL, 0);
  hl_selection_set_trace (self->selection, trace, 0);

  hl_window_place_panes (self);
  gtk_stack_set_visible_child_name (self->stack, "panes");
}

void
hl_window_show_error (HlWindow *self, const char *sentence, const char *details)
{
  gtk_label_set_label (self->error_label, sentence);
  gtk_label_set_label (self->error_details, details ? details : "");
  gtk_expander_set_expanded (self->error_expander, FALSE);
  gtk_widget_set_visible (GTK_WIDGET (self->error_expander), details != NULL);
  gtk_revealer_set_reveal_child (self->error_revealer, TRUE);
}
