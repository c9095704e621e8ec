/* The whole window, driven as a user would: files in, pointer and keys, and all views follow. */

#include "config.h"

#include <glib/gstdio.h>
#include <string.h>

#include "hl-application.h"
#include "hl-window-private.h"

#define N_LAYERS 3
#define N_HEADS 4
#define N_TOKENS 6

/* What may take long on a busy machine under a sanitizer, s. */
#define PATIENCE 30

static HlApplication *application;
static char *folder;

typedef gboolean (*Condition) (HlWindow *window);

static void
wait_until (HlWindow *window, Condition condition)
{
  gint64 end = g_get_monotonic_time () + PATIENCE * G_USEC_PER_SEC;

  while (!condition (window))
    {
      g_assert_cmpint (g_get_monotonic_time (), <, end);
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (500);
    }
}

static HlFigureView *
get_view (HlWindow *window, HlView view)
{
  return hl_pane_get_figure_view (hl_window_get_pane (window, view));
}

static const HlState *
get_state (HlWindow *window)
{
  return hl_selection_get_state (hl_window_get_selection (window));
}

/* Every view that is seen shows the selection as it is. */
static gboolean
is_settled (HlWindow *window)
{
  if (hl_window_is_busy (window))
    return FALSE;

  for (HlView view = 0; view < HL_N_VIEWS; view++)
    if (gtk_widget_get_mapped (GTK_WIDGET (get_view (window, view))) &&
        !hl_figure_view_is_settled (get_view (window, view)))
      return FALSE;

  return gtk_widget_get_mapped (GTK_WIDGET (window));
}

static gboolean
is_idle (HlWindow *window)
{
  return !hl_window_is_busy (window);
}

/* Layout first: only then do views know that their pictures no longer fit. */
static void
wait_for_layout (HlWindow *window)
{
  gtk_test_widget_wait_for_draw (GTK_WIDGET (window));
  wait_until (window, is_settled);
}

/* A BertViz head view of a model that attends to the token before. */
static char *
write_bertviz (const char *name, guint n_tokens)
{
  g_autoptr (GString) json = g_string_new ("{\"attention\": [{\"name\": null, \"attn\": [");
  char *path = g_build_filename (folder, name, NULL);
  g_autoptr (GString) tokens = g_string_new (NULL);

  for (guint layer = 0; layer < N_LAYERS; layer++)
    {
      g_string_append (json, layer ? ", [" : "[");
      for (guint head = 0; head < N_HEADS; head++)
        {
          g_string_append (json, head ? ", [" : "[");
          for (guint i = 0; i < n_tokens; i++)
            {
              g_string_append (json, i ? ", [" : "[");
              for (guint j = 0; j < n_tokens; j++)
                g_string_append_printf (json, "%s%s", j ? ", " : "", j == (i ? i - 1 : 0) ? "1.0" : "0.0");
              g_string_append_c (json, ']');
            }
          g_string_append_c (json, ']');
        }
      g_string_append_c (json, ']');
    }
  for (guint i = 0; i < n_tokens; i++)
    g_string_append_printf (tokens, "%s\"w%u\"", i ? ", " : "", i);
  g_string_append_printf (json, "], \"left_text\": [%s], \"right_text\": [%s]}], \"default_filter\": \"0\", "
                          "\"root_div_id\": \"x\", \"layer\": null, \"heads\": null, \"include_layers\": [0, 1, 2]}",
                          tokens->str, tokens->str);

  g_assert_true (g_file_set_contents (path, json->str, (gssize) json->len, NULL));

  return path;
}

/* Instances with scores and classes, as AttViz writes them. */
static char *
write_attviz (const char *name)
{
  char *path = g_build_filename (folder, name, NULL);
  const char *json =
      "[{\"text\": \"rain falls\", \"sets\": [{\"attention_vectors\": [{\"name\": 0, \"vectors\": [\"0.1\", \"0.9\"]}, "
      "{\"name\": 1, \"vectors\": [\"0.5\", \"0.5\"]}], \"tokens\": [\"rain\", \"falls\"]}], "
      "\"output_activations\": [{\"value\": \"0.8\", \"name\": \"weather\"}, {\"value\": \"0.2\", \"name\": \"sport\"}]}, "
      "{\"text\": \"they win\", \"sets\": [{\"attention_vectors\": [{\"name\": 0, \"vectors\": [\"0.3\", \"0.7\"]}, "
      "{\"name\": 1, \"vectors\": [\"0.2\", \"0.8\"]}], \"tokens\": [\"they\", \"win\"]}], "
      "\"output_activations\": [{\"value\": \"0.1\", \"name\": \"weather\"}, {\"value\": \"0.9\", \"name\": \"sport\"}]}]";

  g_assert_true (g_file_set_contents (path, json, -1, NULL));

  return path;
}

static void
open_path (HlWindow *window, const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);

  hl_window_open (window, file);
}

static HlWindow *
create_window (void)
{
  HlWindow *window = HL_WINDOW (hl_window_new (ADW_APPLICATION (application)));

  gtk_window_set_default_size (GTK_WINDOW (window), 1280, 800);
  gtk_window_present (GTK_WINDOW (window));

  return window;
}

static HlWindow *
create_window_with (const char *path)
{
  HlWindow *window = create_window ();

  open_path (window, path);
  wait_until (window, is_settled);
  g_assert_nonnull (get_state (window)->trace);

  return window;
}

/* Nothing holds a window back once it is closed, nor what it showed. */
static void
close_window (HlWindow *window)
{
  HlSelection *selection = hl_window_get_selection (window);
  gpointer gone = window;
  gpointer selection_gone = selection;

  g_object_add_weak_pointer (G_OBJECT (window), &gone);
  g_object_add_weak_pointer (G_OBJECT (selection), &selection_gone);
  gtk_window_destroy (GTK_WINDOW (window));
  for (int i = 0; i < 2000 && (gone || selection_gone); i++)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (500);
  g_assert_null (gone);
  g_assert_null (selection_gone);
}

static gpointer
find_controller (GtkWidget *widget, GType type)
{
  g_autoptr (GListModel) controllers = gtk_widget_observe_controllers (widget);

  for (guint i = 0; i < g_list_model_get_n_items (controllers); i++)
    {
      g_autoptr (GObject) controller = g_list_model_get_item (controllers, i);

      if (G_TYPE_CHECK_INSTANCE_TYPE (controller, type))
        return controller;
    }

  g_assert_not_reached ();
}

/* A place in the widget where an element of the figure lies, or FALSE where the view has none. */
static gboolean
find_element (HlFigureView *figure_view, HlElement *element, double *x, double *y)
{
  HlFigure *figure = hl_figure_view_get_figure (figure_view);
  HlRect bounds;

  *element = hl_figure_neighbour (figure, HL_ELEMENT_NONE, HL_DIRECTION_FIRST);
  if (element->kind == 0 || !hl_figure_get_bounds (figure, *element, &bounds))
    return FALSE;

  *x = bounds.x + bounds.width / 2;
  *y = bounds.y + bounds.height / 2;

  return TRUE;
}

static void
test_open (void)
{
  g_autofree char *path = write_bertviz ("open.json", N_TOKENS);
  HlWindow *window = create_window_with (path);

  g_assert_cmpstr (hl_document_get_title (hl_window_get_document (window)), ==, "open.json");
  g_assert_nonnull (strstr (gtk_window_get_title (GTK_WINDOW (window)), "open.json"));
  g_assert_cmpstr (gtk_stack_get_visible_child_name (window->stack), ==, "panes");

  for (HlView view = 0; view < HL_N_VIEWS; view++)
    {
      HlFigure *figure = hl_figure_view_get_figure (get_view (window, view));

      g_assert_nonnull (figure);
      g_assert_true (hl_figure_get_state (figure)->trace == get_state (window)->trace);
      g_assert_nonnull (hl_figure_view_get_summary (get_view (window, view)));
      g_assert_cmpfloat (hl_figure_get_width (figure), >=, gtk_widget_get_width (GTK_WIDGET (get_view (window, view))));
    }

  close_window (window);
}

/* Every view says what it is and what it shows, and then what the keyboard is on. */
static void
test_accessible (void)
{
  g_autofree char *path = write_bertviz ("accessible.json", N_TOKENS);
  HlWindow *window = create_window_with (path);

  for (HlView view = 0; view < HL_N_VIEWS; view++)
    {
      HlFigureView *figure_view = get_view (window, view);
      g_autofree char *description = NULL;

      gtk_test_accessible_assert_role (GTK_ACCESSIBLE (figure_view), GTK_ACCESSIBLE_ROLE_IMG);
      gtk_test_accessible_assert_property (GTK_ACCESSIBLE (figure_view), GTK_ACCESSIBLE_PROPERTY_LABEL,
                                           hl_view_get_title (view));
      gtk_test_accessible_assert_property (GTK_ACCESSIBLE (figure_view), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION,
                                           hl_figure_view_get_summary (figure_view));

      if (!hl_figure_view_move_focus (figure_view, HL_DIRECTION_FIRST))
        continue;

      description = hl_figure_describe (hl_figure_view_get_figure (figure_view), hl_figure_view_get_focus (figure_view));
      gtk_test_accessible_assert_property (GTK_ACCESSIBLE (figure_view), GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, description);
      gtk_test_accessible_assert_property (GTK_ACCESSIBLE (figure_view), GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, description);
    }

  close_window (window);
}

static void
test_layer (void)
{
  g_autofree char *path = write_bertviz ("layer.json", N_TOKENS);
  HlWindow *window = create_window_with (path);

  gtk_widget_activate_action (GTK_WIDGET (window), "win.step-layer", "i", 1);
  g_assert_cmpuint (get_state (window)->layer, ==, 1);
  wait_until (window, is_settled);
  for (HlView view = 0; view < HL_N_VIEWS; view++)
    if (hl_view_get_dependence (view) & HL_CHANGE_LAYER)
      g_assert_cmpuint (hl_figure_get_state (hl_figure_view_get_figure (get_view (window, view)))->layer, ==, 1);

  /* Not beyond the last. */
  for (int i = 0; i < 5; i++)
    gtk_widget_activate_action (GTK_WIDGET (window), "win.step-layer", "i", 1);
  g_assert_cmpuint (get_state (window)->layer, ==, N_LAYERS - 1);

  gtk_widget_activate_action (GTK_WIDGET (window), "win.undo", NULL);
  g_assert_cmpuint (get_state (window)->layer, ==, 1);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.redo", NULL);
  g_assert_cmpuint (get_state (window)->layer, ==, 2);

  close_window (window);
}

static void
test_pointer (void)
{
  g_autofree char *path = write_bertviz ("pointer.json", N_TOKENS);
  HlWindow *window = create_window_with (path);
  guint n_tried = 0;

  for (HlView view = 0; view < HL_N_VIEWS; view++)
    {
      HlFigureView *figure_view = get_view (window, view);
      GObject *motion = find_controller (GTK_WIDGET (figure_view), GTK_TYPE_EVENT_CONTROLLER_MOTION);
      HlElement element;
      double x, y;

      if (!find_element (figure_view, &element, &x, &y))
        continue;

      g_signal_emit_by_name (motion, "motion", x, y);
      g_assert_true (hl_element_equal (hl_figure_pick (hl_figure_view_get_figure (figure_view), x, y), element));
      g_signal_emit_by_name (motion, "leave");
      g_assert_cmpint (get_state (window)->hover.query, ==, -1);
      g_assert_cmpint (get_state (window)->hover.key, ==, -1);
      n_tried++;
    }
  g_assert_cmpuint (n_tried, >, 0);

  close_window (window);
}

/* Goes through all elements of the heads view until one says which token it is. */
static gboolean
hover_token (HlWindow *window, HlFigureView *figure_view)
{
  for (int i = 0; i < 100; i++)
    {
      if (!hl_figure_view_move_focus (figure_view, i == 0 ? HL_DIRECTION_FIRST : HL_DIRECTION_NEXT))
        return FALSE;
      if (get_state (window)->hover.query >= 0 || get_state (window)->hover.key >= 0)
        return TRUE;
    }

  return FALSE;
}

static void
test_pin (void)
{
  g_autofree char *path = write_bertviz ("pin.json", N_TOKENS);
  HlWindow *window = create_window_with (path);
  HlFigureView *heads = get_view (window, HL_VIEW_HEADS);
  GObject *click = find_controller (GTK_WIDGET (heads), GTK_TYPE_GESTURE_CLICK);
  HlRect bounds;

  g_assert_true (hover_token (window, heads));
  g_assert_true (hl_figure_get_bounds (hl_figure_view_get_figure (heads), hl_figure_view_get_focus (heads), &bounds));

  g_signal_emit_by_name (click, "pressed", 1, bounds.x + bounds.width / 2, bounds.y + bounds.height / 2);
  g_assert_cmpuint (get_state (window)->n_pins, ==, 1);
  wait_until (window, is_settled);

  gtk_widget_activate_action (GTK_WIDGET (window), "win.undo", NULL);
  g_assert_cmpuint (get_state (window)->n_pins, ==, 0);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.redo", NULL);
  g_assert_cmpuint (get_state (window)->n_pins, ==, 1);
  gtk_widget_activate_action (GTK_WIDGET (heads), "view.clear-pins", NULL);
  g_assert_cmpuint (get_state (window)->n_pins, ==, 0);

  close_window (window);
}

static void
test_keyboard (void)
{
  g_autofree char *path = write_bertviz ("keyboard.json", N_TOKENS);
  HlWindow *window = create_window_with (path);

  for (HlView view = 0; view < HL_N_VIEWS; view++)
    {
      HlFigureView *figure_view = get_view (window, view);
      HlFigure *figure = hl_figure_view_get_figure (figure_view);
      guint n = 0;

      if (hl_figure_neighbour (figure, HL_ELEMENT_NONE, HL_DIRECTION_FIRST).kind == 0)
        continue;

      /* Every group is reached, every step is something with a place and a description, and it ends. */
      for (; n < 1000 && hl_figure_view_move_focus (figure_view, HL_DIRECTION_NEXT); n++)
        {
          HlElement element = hl_figure_view_get_focus (figure_view);
          g_autofree char *description = hl_figure_describe (figure, element);
          HlRect bounds;

          g_assert_true (hl_figure_get_bounds (figure, element, &bounds));
          g_assert_nonnull (description);
        }
      g_assert_cmpuint (n, >, 0);
      g_assert_cmpuint (n, <, 1000);
    }

  close_window (window);
}

/* What the keyboard is on is hovered in all views, until the keyboard goes elsewhere. */
static void
test_focus (void)
{
  g_autofree char *path = write_bertviz ("focus.json", N_TOKENS);
  HlWindow *window = create_window_with (path);
  GtkWidget *heads = GTK_WIDGET (get_view (window, HL_VIEW_HEADS));

  gtk_window_set_focus (GTK_WINDOW (window), heads);
  g_assert_true (hover_token (window, HL_FIGURE_VIEW (heads)));
  gtk_window_set_focus (GTK_WINDOW (window), GTK_WIDGET (get_view (window, HL_VIEW_MATRIX)));
  g_assert_cmpint (get_state (window)->hover.query, ==, -1);
  g_assert_cmpint (get_state (window)->hover.key, ==, -1);

  close_window (window);
}

static GtkWindow *
find_dialog (void)
{
  GListModel *toplevels = gtk_window_get_toplevels ();

  for (guint i = 0; i < g_list_model_get_n_items (toplevels); i++)
    {
      g_autoptr (GtkWindow) window = g_list_model_get_item (toplevels, i);

      if (GTK_IS_COLOR_CHOOSER_DIALOG (window))
        return window;
    }

  return NULL;
}

/* The colour chosen is the head's in every view, until it is reset. */
static void
test_colour (void)
{
  g_autofree char *path = write_bertviz ("colour.json", N_TOKENS);
  HlWindow *window = create_window_with (path);
  HlColour colour;
  GtkWindow *dialog;

  gtk_widget_activate_action (GTK_WIDGET (window), "win.step-head", "i", 1);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.head-colour", NULL);
  dialog = find_dialog ();
  g_assert_nonnull (dialog);
  gtk_color_chooser_set_rgba (GTK_COLOR_CHOOSER (dialog), &(GdkRGBA) { 1, 0, 0.2f, 1 });
  gtk_dialog_response (GTK_DIALOG (dialog), GTK_RESPONSE_OK);
  g_assert_null (find_dialog ());

  wait_until (window, is_settled);
  for (HlView view = HL_VIEW_SEQUENCE; view <= HL_VIEW_MODEL; view++)
    {
      colour = hl_figure_head_colour (hl_figure_view_get_figure (get_view (window, view)), 1);
      g_assert_cmpfloat_with_epsilon (colour.red, 1, 0.01);
      g_assert_cmpfloat_with_epsilon (colour.blue, 0.2, 0.01);
    }

  gtk_widget_activate_action (GTK_WIDGET (window), "win.reset-colours", NULL);
  wait_until (window, is_settled);
  colour = hl_figure_head_colour (hl_figure_view_get_figure (get_view (window, HL_VIEW_HEADS)), 1);
  g_assert_cmpfloat (colour.green, >, 0.05);

  close_window (window);
}

static void
test_maximise (void)
{
  g_autofree char *path = write_bertviz ("maximise.json", N_TOKENS);
  HlWindow *window = create_window_with (path);
  int width = gtk_widget_get_width (GTK_WIDGET (get_view (window, HL_VIEW_MATRIX)));

  gtk_widget_activate_action (GTK_WIDGET (window), "win.maximise", "s", "matrix");
  wait_for_layout (window);
  for (HlView view = 0; view < HL_N_VIEWS; view++)
    g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (get_view (window, view))) == (view == HL_VIEW_MATRIX));
  g_assert_cmpint (gtk_widget_get_width (GTK_WIDGET (get_view (window, HL_VIEW_MATRIX))), >, 2 * width);

  /* What changes meanwhile is there when the others come back. */
  hl_selection_set_layer (hl_window_get_selection (window), 2);
  gtk_widget_activate_action (GTK_WIDGET (window), "win.restore", NULL);
  wait_for_layout (window);
  for (HlView view = 0; view < HL_N_VIEWS; view++)
    {
      g_assert_true (gtk_widget_get_mapped (GTK_WIDGET (get_view (window, view))));
      if (hl_view_get_dependence (view) & HL_CHANGE_LAYER)
        g_assert_cmpuint (hl_figure_get_state (hl_figure_view_get_figure (get_view (window, view)))->layer, ==, 2);
    }
  g_assert_cmpint (ABS (gtk_widget_get_width (GTK_WIDGET (get_view (window, HL_VIEW_MATRIX))) - width), <=, 2);

  close_window (window);
}

static void
test_error (void)
{
  g_autofree char *good = write_bertviz ("good.json", N_TOKENS);
  g_autofree char *bad = g_build_filename (folder, "bad.json", NULL);
  g_autofree char *missing = g_build_filename (folder, "missing.json", NULL);
  HlWindow *window = create_window_with (good);
  HlDocument *document = hl_window_get_document (window);

  g_assert_true (g_file_set_contents (bad, "{\"attention\": [{\"name\": null, \"attn\": [[[[0.5, ", -1, NULL));
  for (int i = 0; i < 2; i++)
    {
      g_assert_false (gtk_revealer_get_reveal_child (window->error_revealer));
      open_path (window, i == 0 ? bad : missing);
      wait_until (window, is_idle);
      g_assert_true (gtk_revealer_get_reveal_child (window->error_revealer));
      g_assert_nonnull (strstr (gtk_label_get_label (window->error_label), i == 0 ? "bad.json" : "missing.json"));
      g_assert_true (hl_window_get_document (window) == document);
      gtk_revealer_set_reveal_child (window->error_revealer, FALSE);
    }

  /* A file that opens takes the message away. */
  open_path (window, bad);
  wait_until (window, is_idle);
  open_path (window, good);
  wait_until (window, is_idle);
  g_assert_false (gtk_revealer_get_reveal_child (window->error_revealer));
  g_assert_true (hl_window_get_document (window) != document);

  close_window (window);
}

static void
test_cancel (void)
{
  g_autofree char *first = write_bertviz ("first.json", N_TOKENS);
  g_autofree char *second = write_bertviz ("second.json", N_TOKENS + 1);
  HlWindow *window = create_window_with (first);
  HlDocument *document = hl_window_get_document (window);

  open_path (window, second);
  g_assert_true (hl_window_is_busy (window));
  gtk_widget_activate_action (GTK_WIDGET (window), "win.cancel", NULL);
  g_assert_false (hl_window_is_busy (window));
  for (int i = 0; i < 200; i++)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
  g_assert_true (hl_window_get_document (window) == document);
  g_assert_false (gtk_revealer_get_reveal_child (window->error_revealer));

  /* The later of two wins, whichever is read first. */
  open_path (window, first);
  open_path (window, second);
  wait_until (window, is_settled);
  g_assert_cmpstr (hl_document_get_title (hl_window_get_document (window)), ==, "second.json");

  close_window (window);
}

static void
test_instances (void)
{
  g_autofree char *path = write_attviz ("instances.json");
  HlWindow *window = create_window_with (path);

  g_assert_cmpuint (hl_document_get_n_instances (hl_window_get_document (window)), ==, 2);
  g_assert_true (adw_flap_get_reveal_flap (window->flap));
  g_assert_cmpuint (hl_sidebar_get_n_shown (window->sidebar), ==, 2);

  gtk_widget_activate_action (GTK_WIDGET (window), "win.step-instance", "i", 1);
  wait_until (window, is_settled);
  g_assert_cmpuint (get_state (window)->instance, ==, 1);

  /* Searching never changes what is shown. */
  hl_sidebar_set_search (window->sidebar, "RAIN");
  g_assert_cmpuint (hl_sidebar_get_n_shown (window->sidebar), ==, 1);
  g_assert_cmpuint (get_state (window)->instance, ==, 1);
  hl_sidebar_set_search (window->sidebar, "sport");
  g_assert_cmpuint (hl_sidebar_get_n_shown (window->sidebar), ==, 1);
  hl_sidebar_set_search (window->sidebar, "nowhere");
  g_assert_cmpuint (hl_sidebar_get_n_shown (window->sidebar), ==, 0);
  hl_sidebar_set_search (window->sidebar, "");
  g_assert_cmpuint (hl_sidebar_get_n_shown (window->sidebar), ==, 2);
  wait_until (window, is_idle);
  g_assert_cmpuint (get_state (window)->instance, ==, 1);

  gtk_single_selection_set_selected (hl_sidebar_get_model (window->sidebar), 0);
  wait_until (window, is_settled);
  g_assert_cmpuint (get_state (window)->instance, ==, 0);

  close_window (window);
}

static void
test_attention (void)
{
  const char *shared = g_getenv ("HEADLIGHT_SHARED");
  g_autofree char *path = g_build_filename (shared ? shared : "", "data/bertviz/emitted/encdec_head.html", NULL);
  HlWindow *window;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("the shared dumps are not here");
      return;
    }

  window = create_window_with (path);
  g_assert_cmpuint (hl_trace_get_n_attentions (get_state (window)->trace), >, 1);
  hl_selection_set_attention (hl_window_get_selection (window), 1);
  wait_until (window, is_settled);
  g_assert_cmpuint (hl_figure_get_state (hl_figure_view_get_figure (get_view (window, HL_VIEW_HEADS)))->attention, ==, 1);

  close_window (window);
}

/* Every dump there is opens, and every view of it settles on a picture. */
static void
test_shared (void)
{
  const char *shared = g_getenv ("HEADLIGHT_SHARED");
  static const char *const folders[] = { "data/bertviz", "data/attviz", "data/neat-vision" };
  HlWindow *window;

  if (shared == NULL || !g_file_test (shared, G_FILE_TEST_IS_DIR))
    {
      g_test_skip ("the shared dumps are not here");
      return;
    }

  window = create_window ();
  for (gsize i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_build_filename (shared, folders[i], NULL);
      g_autoptr (GDir) dir = g_dir_open (path, 0, NULL);
      const char *name;

      while (dir && (name = g_dir_read_name (dir)))
        {
          g_autofree char *file = g_build_filename (path, name, NULL);

          if (!g_str_has_suffix (name, ".json") || g_str_has_prefix (name, "labels_"))
            continue;

          open_path (window, file);
          wait_until (window, is_settled);
          g_test_message ("%s", name);
          g_assert_cmpstr (hl_document_get_title (hl_window_get_document (window)), ==, name);
        }
    }

  close_window (window);
}

/* The names of a neat-vision file's classes are a file of their own: it is applied to what is open. */
static void
test_labels (void)
{
  const char *shared = g_getenv ("HEADLIGHT_SHARED");
  g_autofree char *data = g_build_filename (shared ? shared : "", "data/neat-vision",
                                            "ntua-slp_semeval2018_task2_a_trial.json", NULL);
  g_autofree char *labels = g_build_filename (shared ? shared : "", "data/neat-vision/labels_task2.json", NULL);
  HlWindow *window;
  HlDocument *document;
  HlTrace *trace;
  const HlClass *first;

  if (!g_file_test (data, G_FILE_TEST_EXISTS))
    {
      g_test_skip ("the shared dumps are not here");
      return;
    }

  window = create_window_with (data);
  document = hl_window_get_document (window);
  hl_window_show_instance (window, 7);
  wait_until (window, is_settled);
  trace = get_state (window)->trace;

  open_path (window, labels);
  while (get_state (window)->trace == trace)
    wait_until (window, is_settled);
  g_assert_true (hl_window_get_document (window) == document);
  g_assert_false (gtk_revealer_get_reveal_child (window->error_revealer));
  g_assert_cmpuint (get_state (window)->instance, ==, 7);
  first = hl_prediction_get_class (hl_trace_get_prediction (get_state (window)->trace), 0);
  g_assert_cmpstr (first->name, ==, "❤");

  close_window (window);
}

/* A figure much larger than the window is drawn where it is looked at. */
static void
test_scroll (void)
{
  g_autofree char *path = write_bertviz ("long.json", 400);
  HlWindow *window = create_window_with (path);
  HlFigureView *heads = get_view (window, HL_VIEW_HEADS);
  g_autoptr (GtkAdjustment) adjustment = NULL;

  g_object_get (heads, "vadjustment", &adjustment, NULL);
  g_assert_cmpfloat (gtk_adjustment_get_upper (adjustment), >, 3 * gtk_adjustment_get_page_size (adjustment));
  gtk_adjustment_set_value (adjustment, gtk_adjustment_get_upper (adjustment));
  g_assert_false (hl_figure_view_is_settled (heads));
  wait_until (window, is_settled);
  g_assert_true (hl_figure_view_is_covered (heads));

  close_window (window);
}

static gboolean
exists (const char *path)
{
  for (int i = 0; i < PATIENCE * 1000; i++)
    {
      if (g_file_test (path, G_FILE_TEST_EXISTS))
        return TRUE;
      if (!g_main_context_iteration (NULL, FALSE))
        g_usleep (1000);
    }

  return FALSE;
}

/* What is saved opens again and shows the same. */
static void
test_save (void)
{
  g_autofree char *path = write_bertviz ("save.json", N_TOKENS);
  g_autofree char *dump = g_build_filename (folder, "saved.safetensors", NULL);
  g_autofree char *figure = g_build_filename (folder, "figure.svg", NULL);
  g_autofree char *unknown = g_build_filename (folder, "figure.tiff", NULL);
  g_autoptr (GFile) dump_file = g_file_new_for_path (dump);
  g_autoptr (GFile) figure_file = g_file_new_for_path (figure);
  g_autoptr (GFile) unknown_file = g_file_new_for_path (unknown);
  HlWindow *window = create_window_with (path);
  HlTokens *tokens;

  hl_window_export_to (window, HL_VIEW_HEADS, figure_file);
  g_assert_true (exists (figure));
  g_assert_false (gtk_revealer_get_reveal_child (window->error_revealer));
  hl_window_export_to (window, HL_VIEW_HEADS, unknown_file);
  g_assert_true (gtk_revealer_get_reveal_child (window->error_revealer));

  hl_window_save_dump_to (window, dump_file);
  g_assert_true (exists (dump));
  open_path (window, dump);
  wait_until (window, is_settled);
  g_assert_cmpstr (hl_document_get_format (hl_window_get_document (window)), !=, "BertViz");
  tokens = hl_trace_get_tokens (get_state (window)->trace);
  g_assert_cmpuint (hl_tokens_get_length (tokens), ==, N_TOKENS);
  g_assert_cmpstr (hl_tokens_get (tokens, 1)->text, ==, "w1");

  close_window (window);
}

static void
test_example (void)
{
  HlWindow *window = create_window ();

  g_assert_true (hl_window_is_pristine (window));
  for (int i = 0; i < 2; i++)
    {
      hl_window_open_example (window, i == 0 ? "decoder" : "encoder");
      wait_until (window, is_settled);
      g_assert_nonnull (hl_window_get_document (window));
      g_assert_false (gtk_revealer_get_reveal_child (window->error_revealer));
      g_assert_true (hl_window_is_pristine (window));
    }

  close_window (window);
}

int
main (int argc, char **argv)
{
  g_autoptr (GError) error = NULL;
  int result;

  g_test_init (&argc, &argv, NULL);
  folder = g_dir_make_tmp ("headlight-test-XXXXXX", &error);
  g_assert_no_error (error);

  application = hl_application_new ();
  g_application_register (G_APPLICATION (application), NULL, &error);
  g_assert_no_error (error);

  g_test_add_func ("/window/open", test_open);
  g_test_add_func ("/window/accessible", test_accessible);
  g_test_add_func ("/window/layer", test_layer);
  g_test_add_func ("/window/pointer", test_pointer);
  g_test_add_func ("/window/pin", test_pin);
  g_test_add_func ("/window/keyboard", test_keyboard);
  g_test_add_func ("/window/focus", test_focus);
  g_test_add_func ("/window/colour", test_colour);
  g_test_add_func ("/window/maximise", test_maximise);
  g_test_add_func ("/window/error", test_error);
  g_test_add_func ("/window/cancel", test_cancel);
  g_test_add_func ("/window/instances", test_instances);
  g_test_add_func ("/window/attention", test_attention);
  g_test_add_func ("/window/labels", test_labels);
  g_test_add_func ("/window/scroll", test_scroll);
  g_test_add_func ("/window/save", test_save);
  g_test_add_func ("/window/example", test_example);
  g_test_add_func ("/window/shared", test_shared);

  result = g_test_run ();

  g_object_unref (application);
  {
    g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
    const char *entry;

    while ((entry = g_dir_read_name (dir)))
      {
        g_autofree char *path = g_build_filename (folder, entry, NULL);

        g_unlink (path);
      }
  }
  g_rmdir (folder);
  g_free (folder);

  return result;
}
