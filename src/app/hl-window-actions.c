#include "config.h"

#include "hl-window-private.h"

#include <string.h>

#include "hl-recipe-window.h"

/* The words by which menus and buttons name the values of a field; the index is the value. */
static const char *const layouts[] = { "columns", "arcs", NULL };
static const char *const thumbnails[] = { "lines", "matrix", NULL };

static const HlState *
get_state (HlWindow *self)
{
  return hl_selection_get_state (self->selection);
}

static void
open_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  hl_window_ask_file (user_data);
}

static void
open_recent_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  g_autoptr (GFile) file = g_file_new_for_uri (g_variant_get_string (parameter, NULL));

  hl_window_open (user_data, file);
}

static void
open_example_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  hl_window_open_example (user_data, g_variant_get_string (parameter, NULL));
}

static void
save_dump_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  hl_window_save_dump (user_data);
}

static void
recipe_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  gtk_window_present (GTK_WINDOW (hl_recipe_window_new (user_data)));
}

static void
cancel_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  hl_window_cancel (user_data);
}

static void
export_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  HlView view;

  if (hl_pane_view_from_nick (g_variant_get_string (parameter, NULL), &view))
    hl_window_export (user_data, view);
}

static void
step_instance_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  HlWindow *self = user_data;
  int index = (int) get_state (self)->instance + g_variant_get_int32 (parameter);

  if (self->document && index >= 0 && index < (int) hl_document_get_n_instances (self->document))
    hl_window_show_instance (self, (guint) index);
}

static void
find_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  HlWindow *self = user_data;

  if (self->document && hl_document_get_n_instances (self->document) > 1)
    {
      adw_flap_set_reveal_flap (self->flap, TRUE);
      hl_sidebar_find (self->sidebar);
    }
}

static void
sidebar_cb (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  HlWindow *self = user_data;

  adw_flap_set_reveal_flap (self->flap, g_variant_get_boolean (state));
  if (self->settings)
    g_settings_set_boolean (self->settings, "sidebar", g_variant_get_boolean (state));
}

static void
step_layer_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  HlWindow *self = user_data;

  hl_selection_set_layer (self->selection, (int) get_state (self)->layer + g_variant_get_int32 (parameter));
}

static void
step_head_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  HlWindow *self = user_data;
  const HlState *state = get_state (self);
  int head = (int) state->head + g_variant_get_int32 (parameter);

  if (head >= 0 && head < (int) hl_state_get_n_heads (state))
    hl_selection_set_head (self->selection, state->layer, (guint) head);
}

static void
all_heads_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  HlWindow *self = user_data;
  HlHeadSet all;

  memset (&all, 0xff, sizeof all);
  hl_selection_set_heads (self->selection, &all);
}

static void
head_colour_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  hl_window_ask_colour (user_data);
}

static void
reset_colours_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  HlWindow *self = user_data;

  hl_selection_reset_colours (self->selection);
}

static void
clear_pins_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  hl_selection_clear_pins (HL_WINDOW (user_data)->selection);
}

static void
undo_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  hl_selection_undo (HL_WINDOW (user_data)->selection);
}

static void
redo_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  hl_selection_redo (HL_WINDOW (user_data)->selection);
}

static int
find_word (const char *const *words, GVariant *state)
{
  for (int i = 0; words[i]; i++)
    if (strcmp (words[i], g_variant_get_string (state, NULL)) == 0)
      return i;

  return 0;
}

static void
layout_cb (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  hl_selection_set_layout (HL_WINDOW (user_data)->selection, find_word (layouts, state));
}

static void
thumbnail_cb (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  hl_selection_set_thumbnail (HL_WINDOW (user_data)->selection, find_word (thumbnails, state));
}

static void
merge_words_cb (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  hl_selection_set_merge_words (HL_WINDOW (user_data)->selection, g_variant_get_boolean (state));
}

static void
hide_special_cb (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  hl_selection_set_hide_special (HL_WINDOW (user_data)->selection, g_variant_get_boolean (state));
}

static void
sort_neurons_cb (GSimpleAction *action, GVariant *state, gpointer user_data)
{
  hl_selection_set_sort_neurons (HL_WINDOW (user_data)->selection, g_variant_get_boolean (state));
}

static void
zoom (HlWindow *self, double factor)
{
  hl_figure_view_zoom_centre (hl_pane_get_figure_view (self->panes[HL_VIEW_MATRIX]), factor);
}

static void
zoom_in_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  zoom (user_data, 1.5);
}

static void
zoom_out_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  zoom (user_data, 1 / 1.5);
}

static void
zoom_fit_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  hl_selection_set_zoom (HL_WINDOW (user_data)->selection, 1);
}

static void
maximise_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  HlWindow *self = user_data;
  HlView view;

  if (hl_pane_view_from_nick (g_variant_get_string (parameter, NULL), &view))
    hl_window_maximise (self, self->maximised == self->panes[view] ? NULL : self->panes[view]);
}

/* The one the keyboard is in, or all again. */
static void
maximise_focused_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  HlWindow *self = user_data;
  GtkWidget *focus = gtk_window_get_focus (GTK_WINDOW (self));
  GtkWidget *pane = focus ? gtk_widget_get_ancestor (focus, HL_TYPE_PANE) : NULL;

  hl_window_maximise (self, self->maximised ? NULL : (HlPane *) pane);
}

static void
restore_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  hl_window_maximise (user_data, NULL);
}

/* Escape undoes what stands out most: a pane alone, then pins. A view with the focus clears pins first. */
static void
escape_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  HlWindow *self = user_data;

  if (self->maximised)
    hl_window_maximise (self, NULL);
  else
    hl_selection_clear_pins (self->selection);
}

static const GActionEntry entries[] = {
  { "open", open_cb },
  { "open-recent", open_recent_cb, "s" },
  { "open-example", open_example_cb, "s" },
  { "save-dump", save_dump_cb },
  { "recipe", recipe_cb },
  { "cancel", cancel_cb },
  { "export", export_cb, "s" },
  { "step-instance", step_instance_cb, "i" },
  { "find", find_cb },
  { "sidebar", NULL, NULL, "true", sidebar_cb },
  { "step-layer", step_layer_cb, "i" },
  { "step-head", step_head_cb, "i" },
  { "all-heads", all_heads_cb },
  { "head-colour", head_colour_cb },
  { "reset-colours", reset_colours_cb },
  { "clear-pins", clear_pins_cb },
  { "undo", undo_cb },
  { "redo", redo_cb },
  { "layout", NULL, "s", "'columns'", layout_cb },
  { "thumbnail", NULL, "s", "'lines'", thumbnail_cb },
  { "merge-words", NULL, NULL, "false", merge_words_cb },
  { "hide-special", NULL, NULL, "false", hide_special_cb },
  { "sort-neurons", NULL, NULL, "false", sort_neurons_cb },
  { "zoom-in", zoom_in_cb },
  { "zoom-out", zoom_out_cb },
  { "zoom-fit", zoom_fit_cb },
  { "maximise", maximise_cb, "s" },
  { "maximise-focused", maximise_focused_cb },
  { "restore", restore_cb },
  { "escape", escape_cb },
};

static void
set_enabled (HlWindow *self, const char *name, gboolean enabled)
{
  g_simple_action_set_enabled (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), name)), enabled);
}

static void
set_state (HlWindow *self, const char *name, GVariant *state)
{
  g_simple_action_set_state (G_SIMPLE_ACTION (g_action_map_lookup_action (G_ACTION_MAP (self), name)), state);
}

void
hl_window_update_actions (HlWindow *self)
{
  const HlState *state = get_state (self);
  guint n_heads = (guint) hl_state_get_n_heads (state);
  guint n_instances = self->document ? hl_document_get_n_instances (self->document) : 0;

  set_enabled (self, "step-instance", n_instances > 1);
  set_enabled (self, "find", n_instances > 1);
  set_enabled (self, "save-dump", state->trace != NULL);
  set_enabled (self, "export", state->trace != NULL);
  set_enabled (self, "all-heads", hl_head_set_count (&state->heads, n_heads) < n_heads);
  set_enabled (self, "head-colour", n_heads > 0);
  set_enabled (self, "reset-colours", state->colours != NULL);
  set_enabled (self, "clear-pins", state->n_pins > 0);
  set_enabled (self, "zoom-in", state->zoom < HL_MAX_ZOOM);
  set_enabled (self, "zoom-out", state->zoom > 1);
  set_enabled (self, "zoom-fit", state->zoom > 1);
  set_enabled (self, "undo", hl_selection_can_undo (self->selection));
  set_enabled (self, "redo", hl_selection_can_redo (self->selection));
  set_enabled (self, "restore", self->maximised != NULL);

  set_state (self, "layout", g_variant_new_string (layouts[state->layout]));
  set_state (self, "thumbnail", g_variant_new_string (thumbnails[state->thumbnail]));
  set_state (self, "merge-words", g_variant_new_boolean (state->merge_words));
  set_state (self, "hide-special", g_variant_new_boolean (state->hide_special));
  set_state (self, "sort-neurons", g_variant_new_boolean (state->sort_neurons));
}

void
hl_window_init_actions (HlWindow *self)
{
  g_action_map_add_action_entries (G_ACTION_MAP (self), entries, G_N_ELEMENTS (entries), self);
}

/* Plain letters and figures are bindings of the window's class: what has the focus is asked first, so that they can be
 * typed into the search entry. Those with Ctrl are the application's accelerators, which menus show. */
void
hl_window_class_init_actions (GtkWidgetClass *widget_class)
{
  for (HlView view = 0; view < HL_N_VIEWS; view++)
    {
      const char *nick = hl_pane_view_to_nick (view);

      gtk_widget_class_add_binding_action (widget_class, GDK_KEY_1 + view, 0, "win.maximise", "s", nick);
      gtk_widget_class_add_binding_action (widget_class, GDK_KEY_KP_1 + view, 0, "win.maximise", "s", nick);
    }

  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_comma, 0, "win.step-layer", "i", -1);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_period, 0, "win.step-layer", "i", 1);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_less, 0, "win.step-head", "i", -1);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_greater, 0, "win.step-head", "i", 1);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Page_Up, GDK_ALT_MASK, "win.step-instance", "i", -1);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Page_Down, GDK_ALT_MASK, "win.step-instance", "i", 1);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_a, 0, "win.all-heads", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "win.escape", NULL);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_F11, 0, "win.maximise-focused", NULL);
}
