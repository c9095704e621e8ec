/* Photographs the window: screenshot [OPTION…] OUT.png [FILE]. Not a test; for looking at, and for documents. */

#include "config.h"

#include <stdlib.h>

#include "hl-application.h"
#include "hl-window.h"

/* How long to wait for a picture that does not settle, s. */
#define PATIENCE 60

static int width = 1280;
static int height = 800;
static gboolean dark;
static char *maximised;
static char *keys;
static int layer = -1;
static int head = -1;
static int instance = -1;
static int attention = -1;
static int hover = -1;
static int pin = -1;
static int solo = -1;
static gboolean words;
static gboolean arcs;
static gboolean matrices;
static double zoom = 1;
static int hold;

static const GOptionEntry entries[] = {
  { "width", 0, 0, G_OPTION_ARG_INT, &width, NULL, "PX" },
  { "height", 0, 0, G_OPTION_ARG_INT, &height, NULL, "PX" },
  { "dark", 0, 0, G_OPTION_ARG_NONE, &dark, NULL, NULL },
  { "maximise", 0, 0, G_OPTION_ARG_STRING, &maximised, NULL, "VIEW" },
  { "layer", 0, 0, G_OPTION_ARG_INT, &layer, NULL, "N" },
  { "head", 0, 0, G_OPTION_ARG_INT, &head, NULL, "N" },
  { "instance", 0, 0, G_OPTION_ARG_INT, &instance, NULL, "N" },
  { "attention", 0, 0, G_OPTION_ARG_INT, &attention, NULL, "N" },
  { "hover", 0, 0, G_OPTION_ARG_INT, &hover, "Query that the pointer is on", "N" },
  { "pin", 0, 0, G_OPTION_ARG_INT, &pin, "Query that is pinned", "N" },
  { "solo", 0, 0, G_OPTION_ARG_INT, &solo, "Head that is on alone", "N" },
  { "words", 0, 0, G_OPTION_ARG_NONE, &words, NULL, NULL },
  { "arcs", 0, 0, G_OPTION_ARG_NONE, &arcs, NULL, NULL },
  { "matrices", 0, 0, G_OPTION_ARG_NONE, &matrices, NULL, NULL },
  { "zoom", 0, 0, G_OPTION_ARG_DOUBLE, &zoom, NULL, "FACTOR" },
  { "action", 0, 0, G_OPTION_ARG_STRING, &keys, "Detailed action to activate at the end", "ACTION" },
  { "hold", 0, 0, G_OPTION_ARG_INT, &hold, "Say “settled” and stay, for pictures of menus and dialogs", "SECONDS" },
  { NULL },
};

static void
iterate (double seconds)
{
  gint64 end = g_get_monotonic_time () + (gint64) (seconds * G_USEC_PER_SEC);

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (1000);
}

static gboolean
is_settled (HlWindow *window)
{
  if (hl_window_is_busy (window))
    return FALSE;

  for (HlView view = 0; view < HL_N_VIEWS; view++)
    {
      HlFigureView *figure_view = hl_pane_get_figure_view (hl_window_get_pane (window, view));

      if (gtk_widget_get_mapped (GTK_WIDGET (figure_view)) && !hl_figure_view_is_settled (figure_view))
        return FALSE;
    }

  return TRUE;
}

static void
settle (HlWindow *window)
{
  gint64 end = g_get_monotonic_time () + PATIENCE * G_USEC_PER_SEC;

  do
    iterate (0.1);
  while (!is_settled (window) && g_get_monotonic_time () < end);
  iterate (0.2);
}

static void
apply (HlWindow *window)
{
  HlSelection *selection = hl_window_get_selection (window);
  HlHover hovered = HL_HOVER_NONE;

  if (instance >= 0)
    {
      hl_window_show_instance (window, (guint) instance);
      settle (window);
    }
  if (attention >= 0)
    hl_selection_set_attention (selection, (guint) attention);
  if (layer >= 0)
    hl_selection_set_layer (selection, layer);
  if (head >= 0)
    hl_selection_set_head (selection, hl_selection_get_state (selection)->layer, (guint) head);
  if (solo >= 0)
    hl_selection_solo_head (selection, (guint) solo);
  hl_selection_set_merge_words (selection, words);
  hl_selection_set_layout (selection, arcs ? HL_LAYOUT_ARCS : HL_LAYOUT_COLUMNS);
  hl_selection_set_thumbnail (selection, matrices ? HL_THUMBNAIL_MATRIX : HL_THUMBNAIL_LINES);
  hl_selection_set_zoom (selection, zoom);
  if (pin >= 0)
    hl_selection_set_pin (selection, HL_SIDE_QUERY, (guint) pin);
  if (maximised)
    gtk_widget_activate_action (GTK_WIDGET (window), "win.maximise", "s", maximised);
  settle (window);

  hovered.query = hover;
  if (hover >= 0)
    hl_selection_set_hover (selection, &hovered);
  if (keys)
    {
      g_autofree char *name = NULL;
      g_autoptr (GVariant) target = NULL;

      if (g_action_parse_detailed_name (keys, &name, &target, NULL))
        gtk_widget_activate_action_variant (GTK_WIDGET (window), name, target);
    }
  settle (window);
}

static gboolean
save (GtkWidget *widget, const char *path)
{
  g_autoptr (GdkPaintable) paintable = gtk_widget_paintable_new (widget);
  g_autoptr (GtkSnapshot) snapshot = gtk_snapshot_new ();
  g_autoptr (GskRenderNode) node = NULL;
  g_autoptr (GdkTexture) texture = NULL;
  double w = gtk_widget_get_width (widget), h = gtk_widget_get_height (widget);

  gdk_paintable_snapshot (paintable, GDK_SNAPSHOT (snapshot), w, h);
  node = gtk_snapshot_to_node (snapshot);
  if (node == NULL)
    return FALSE;

  texture = gsk_renderer_render_texture (gtk_native_get_renderer (GTK_NATIVE (widget)), node,
                                         &GRAPHENE_RECT_INIT (0, 0, (float) w, (float) h));

  return gdk_texture_save_to_png (texture, path);
}

int
main (int argc, char **argv)
{
  g_autoptr (GOptionContext) context = g_option_context_new ("OUT.png [FILE]");
  g_autoptr (HlApplication) application = NULL;
  g_autoptr (GError) error = NULL;
  HlWindow *window;
  gboolean saved;

  g_option_context_add_main_entries (context, entries, NULL);
  if (!g_option_context_parse (context, &argc, &argv, &error) || argc < 2)
    {
      g_printerr ("%s\n", error ? error->message : "Where shall the picture go?");
      return EXIT_FAILURE;
    }

  application = hl_application_new ();
  if (!g_application_register (G_APPLICATION (application), NULL, &error))
    {
      g_printerr ("%s\n", error->message);
      return EXIT_FAILURE;
    }
  adw_style_manager_set_color_scheme (adw_style_manager_get_default (),
                                      dark ? ADW_COLOR_SCHEME_FORCE_DARK : ADW_COLOR_SCHEME_FORCE_LIGHT);

  window = HL_WINDOW (hl_window_new (ADW_APPLICATION (application)));
  gtk_window_set_default_size (GTK_WINDOW (window), width, height);
  gtk_window_set_decorated (GTK_WINDOW (window), FALSE);
  if (argc > 2)
    {
      g_autoptr (GFile) file = g_file_new_for_commandline_arg (argv[2]);

      hl_window_open (window, file);
    }
  else
    {
      hl_window_open_example (window, "decoder");
    }
  gtk_window_present (GTK_WINDOW (window));
  settle (window);
  apply (window);

  saved = save (GTK_WIDGET (window), argv[1]);
  if (hold > 0)
    {
      g_print ("settled\n");
      iterate (hold);
    }
  gtk_window_destroy (GTK_WINDOW (window));

  return saved ? EXIT_SUCCESS : EXIT_FAILURE;
}
