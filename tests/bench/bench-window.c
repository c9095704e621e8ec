/* The real window on dumps of growing size: from opening to the first complete frame of all five views, and from a change to the
 * frame that shows it. What a browser needs for BertViz on the same sizes: 12×12×128 model view ready after 28 s, 3.8 s for
 * a change of layer, 1.6 s to toggle a head, 0.15 s to hover (median, two cores without a GPU).
 *
 * bench-window FOLDER MAKE-DUMPS: makes the dumps in FOLDER where missing, and runs itself once for each, so that memory is
 * each one's own. bench-window FILE: one dump. */

#include <glib/gstdio.h>
#include <locale.h>
#include <stdlib.h>
#include <sys/resource.h>

#include "hl-application.h"
#include "hl-window.h"

#define WIDTH 1600
#define HEIGHT 1000
#define N_RUNS 9
#define PATIENCE (120 * G_USEC_PER_SEC)

typedef struct
{
  double wall; /* ms */
  double cpu;
} Cost;

static guint n_frames;

static void
after_paint_cb (GdkFrameClock *clock,
                gpointer       data)
{
  n_frames++;
}

static double
cpu_time (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);

  return (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 + (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3;
}

static gboolean
is_settled (HlWindow *window)
{
  if (hl_window_is_busy (window) || hl_window_get_document (window) == NULL)
    return FALSE;

  for (HlView view = 0; view < HL_N_VIEWS; view++)
    if (!hl_figure_view_is_settled (hl_pane_get_figure_view (hl_window_get_pane (window, view))))
      return FALSE;

  return TRUE;
}

/* Until every view shows the present state and that has been painted. */
static void
wait_for_frame (HlWindow *window)
{
  gint64 end = g_get_monotonic_time () + PATIENCE;
  guint painted;

  while (!is_settled (window) && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  painted = n_frames;
  /* What changed has asked to be painted; this only makes sure that a frame ends. */
  gdk_frame_clock_request_phase (gtk_widget_get_frame_clock (GTK_WIDGET (window)), GDK_FRAME_CLOCK_PHASE_AFTER_PAINT);
  while (n_frames == painted && g_get_monotonic_time () < end)
    g_main_context_iteration (NULL, TRUE);
  g_assert_true (is_settled (window));
}

static void
rest (void)
{
  gint64 end = g_get_monotonic_time () + 150000;

  while (g_get_monotonic_time () < end)
    if (!g_main_context_iteration (NULL, FALSE))
      g_usleep (2000);
}

static int
compare (const void *a,
         const void *b)
{
  const Cost *x = a, *y = b;

  return x->wall < y->wall ? -1 : x->wall > y->wall;
}

static Cost
measure (HlWindow *window,
         void    (*change) (HlSelection *selection, guint run))
{
  Cost costs[N_RUNS];

  for (guint run = 0; run < N_RUNS; run++)
    {
      gint64 start;

      rest ();
      start = g_get_monotonic_time ();
      costs[run].cpu = cpu_time ();
      change (hl_window_get_selection (window), run);
      wait_for_frame (window);
      costs[run].wall = (g_get_monotonic_time () - start) / 1e3;
      costs[run].cpu = cpu_time () - costs[run].cpu;
    }
  qsort (costs, N_RUNS, sizeof (Cost), compare);

  return costs[N_RUNS / 2];
}

static void
change_layer (HlSelection *selection,
              guint        run)
{
  hl_selection_set_layer (selection, (int) (run % 2) * 5 + 1);
}

static void
toggle_head (HlSelection *selection,
             guint        run)
{
  hl_selection_toggle_head (selection, 3);
}

static void
hover (HlSelection *selection,
       guint        run)
{
  hl_selection_set_hover (selection, &(HlHover) {
    .query = 4 + (int) run % 5, .key = -1, .layer = -1, .head = -1, .neuron = -1 });
}

static double
peak_memory (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);

  return usage.ru_maxrss / 1024.0;
}

static void
bench_file (HlApplication *application,
            const char    *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autofree char *name = g_file_get_basename (file);
  HlWindow *window = HL_WINDOW (hl_window_new (ADW_APPLICATION (application)));
  HlAttention *attention;
  Cost open, layer, toggle, over;
  double empty, floats = 0;
  gint64 start;

  gtk_window_set_default_size (GTK_WINDOW (window), WIDTH, HEIGHT);
  gtk_window_present (GTK_WINDOW (window));
  rest ();
  g_signal_connect (gtk_widget_get_frame_clock (GTK_WIDGET (window)), "after-paint", G_CALLBACK (after_paint_cb), NULL);
  rest ();
  empty = peak_memory ();

  start = g_get_monotonic_time ();
  open.cpu = cpu_time ();
  hl_window_open (window, file);
  wait_for_frame (window);
  open.wall = (g_get_monotonic_time () - start) / 1e3;
  open.cpu = cpu_time () - open.cpu;

  layer = measure (window, change_layer);
  toggle = measure (window, toggle_head);
  over = measure (window, hover);

  attention = hl_state_get_attention (hl_selection_get_state (hl_window_get_selection (window)));
  for (gsize i = 0; i < hl_attention_get_n_layers (attention); i++)
    floats += (double) hl_attention_get_n_heads (attention, i) * hl_attention_get_n_queries (attention) *
              hl_attention_get_n_keys (attention) * sizeof (float) / (1024 * 1024);

  g_print ("%-28s %7.0f /%6.0f %7.0f /%6.0f %7.0f /%6.0f %7.0f /%6.0f %9.0f %9.0f %9.0f\n", name, open.wall, open.cpu,
           layer.wall, layer.cpu, toggle.wall, toggle.cpu, over.wall, over.cpu, floats, empty, peak_memory ());
  gtk_window_destroy (GTK_WINDOW (window));
}

static void
bench_all (const char *program,
           const char *folder,
           const char *make_dumps)
{
  static const char * const shapes[] = { "12x12x16", "12x12x64", "12x12x128", "12x12x256", "12x12x512", "24x16x128" };

  g_print ("window of %d × %d, wall / CPU in ms, memory in MiB, medians of %d\n", WIDTH, HEIGHT, N_RUNS);
  g_print ("%-28s %15s %15s %15s %15s %9s %9s %9s\n", "layers × heads × tokens", "open", "layer", "toggle", "hover", "float32",
           "empty", "peak");
  for (gsize i = 0; i < G_N_ELEMENTS (shapes); i++)
    {
      g_autofree char *name = g_strconcat (shapes[i], ".safetensors", NULL);
      g_autofree char *path = g_build_filename (folder, name, NULL);
      const char *make[] = { make_dumps, shapes[i], path, NULL };
      const char *bench[] = { program, path, NULL };
      g_autoptr (GError) error = NULL;
      int status;

      if (!g_file_test (path, G_FILE_TEST_EXISTS))
        {
          g_spawn_sync (NULL, (char **) make, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
          g_assert_no_error (error);
          g_spawn_check_wait_status (status, &error);
          g_assert_no_error (error);
        }
      fflush (stdout);
      g_spawn_sync (NULL, (char **) bench, NULL, G_SPAWN_DEFAULT, NULL, NULL, NULL, NULL, &status, &error);
      g_assert_no_error (error);
      g_spawn_check_wait_status (status, &error);
      g_assert_no_error (error);
    }
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (HlApplication) application = NULL;
  g_autoptr (GError) error = NULL;

  setlocale (LC_ALL, "");
  if (argc == 3)
    {
      bench_all (argv[0], argv[1], argv[2]);
      return 0;
    }
  g_assert_cmpint (argc, ==, 2);

  /* What is opened goes among the recent files under the program's name. */
  g_set_prgname ("headlight");
  application = hl_application_new ();
  g_application_set_flags (G_APPLICATION (application), G_APPLICATION_NON_UNIQUE | G_APPLICATION_HANDLES_OPEN);
  g_application_register (G_APPLICATION (application), NULL, &error);
  g_assert_no_error (error);
  bench_file (application, argv[1]);

  return 0;
}
