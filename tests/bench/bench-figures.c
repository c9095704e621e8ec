#include <time.h>

#include "hl-figure.h"

#include "../random-projections.h"

/* Prints what figures of 12 × 12 heads cost in CPU time: building one, drawing what a window of 1240 × 700 px shows of it
 * at twice the resolution, drawing all of it, and one overlay. Neuron and matrix view compute their weights from queries
 * and keys of 64 neurons; head and model view read the same weights from memory, as from a dump. */

#define WIDTH 1240
#define HEIGHT 700
#define N_REPEATS 5

static const HlView views[] = { HL_VIEW_NEURONS, HL_VIEW_MATRIX };
static const HlView stored_views[] = { HL_VIEW_HEADS, HL_VIEW_MODEL };
static const gsize sizes[] = { 16, 64, 128, 256, 512 };

static double
get_cpu_ms (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);

  return now.tv_sec * 1e3 + now.tv_nsec / 1e6;
}

/* The same weights, stored. */
static HlTrace *
store_weights (HlTrace *computed)
{
  HlAttention *from = hl_trace_get_attention (computed, 0);
  HlTrace *trace = hl_trace_new (NULL);
  gsize n = hl_attention_get_n_queries (from), n_layers = hl_attention_get_n_layers (from);
  gsize shape[] = { hl_attention_get_max_heads (from), n, n };
  g_autoptr (GPtrArray) layers = g_ptr_array_new_with_free_func ((GDestroyNotify) hl_tensor_unref);
  g_autoptr (HlAttention) attention = NULL;

  for (gsize layer = 0; layer < n_layers; layer++)
    {
      float *weights = g_new (float, shape[0] * n * n);

      for (gsize head = 0; head < shape[0]; head++)
        hl_attention_read (from, layer, head, 0, n, 0, n, weights + head * n * n);
      g_ptr_array_add (layers, hl_tensor_new_take_f32 (3, shape, weights));
    }
  attention = hl_attention_new_dense (HL_ATTENTION_SELF, hl_attention_get_queries (from), hl_attention_get_keys (from),
                                      (HlTensor **) layers->pdata, n_layers, NULL);
  hl_trace_add_attention (trace, attention);

  return trace;
}

static cairo_t *
make_surface (double width,
              double height,
              double scale)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width * scale, height * scale);
  cairo_t *cr = cairo_create (surface);

  /* Touches the pages, which is the caller's cost. */
  cairo_paint (cr);
  cairo_scale (cr, scale, scale);
  cairo_surface_destroy (surface);

  return cr;
}

static void
print_costs (HlView      view,
             HlLayout    layout,
             const char *name,
             HlTrace    *trace,
             gsize       n)
{
  g_autoptr (HlState) state = hl_state_new (trace, 0);
  g_autoptr (HlStyle) style = hl_style_new (HL_THEME_LIGHT, NULL, 0);
  HlRect window = { 0, 0, WIDTH, HEIGHT };
  double build = 0, draw = 0, draw_all = 0, overlay = 0;

  state->layout = layout;
  state->layer = 4;
  state->head = 11;
  state->hover = (HlHover) { (int) n / 2, (int) n / 3, -1, -1, 3, -1 };
  if (view == HL_VIEW_HEADS)
    state->hover.key = -1;

  /* The first round pays for fonts, and does not count. */
  for (guint i = 0; i <= N_REPEATS; i++)
    {
      g_autoptr (HlFigure) figure = NULL;
      double start = get_cpu_ms (), built, drawn, all_drawn, end;
      cairo_t *shown, *all;

      figure = hl_figure_build (view, state, style, WIDTH, HEIGHT, NULL);
      built = get_cpu_ms ();

      shown = make_surface (WIDTH, HEIGHT, 2);
      all = make_surface (hl_figure_get_width (figure), hl_figure_get_height (figure), 1);
      drawn = get_cpu_ms ();
      hl_figure_draw (figure, shown, &window);
      all_drawn = get_cpu_ms ();
      draw += i > 0 ? all_drawn - drawn : 0;

      hl_figure_draw (figure, all, NULL);
      drawn = get_cpu_ms ();
      hl_figure_draw_overlay (figure, shown, state, HL_ELEMENT_NONE, &window);
      end = get_cpu_ms ();

      if (i > 0)
        {
          build += built - start;
          draw_all += drawn - all_drawn;
          overlay += end - drawn;
        }

      cairo_destroy (shown);
      cairo_destroy (all);
    }

  g_print ("# %-9s %4" G_GSIZE_FORMAT " tokens: build %6.2f, draw %6.2f, draw all %6.2f, overlay %5.2f ms\n",
           name, n, build / N_REPEATS, draw / N_REPEATS, draw_all / N_REPEATS, overlay / N_REPEATS);
}

int
main (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_autoptr (HlTrace) trace = make_random_trace (&(RandomShape) { sizes[i], sizes[i], 64, 64, 12, 12, TRUE, 12 });
      g_autoptr (HlTrace) stored = store_weights (trace);

      for (guint view = 0; view < G_N_ELEMENTS (views); view++)
        print_costs (views[view], HL_LAYOUT_COLUMNS, hl_view_get_title (views[view]), trace, sizes[i]);
      for (guint view = 0; view < G_N_ELEMENTS (stored_views); view++)
        print_costs (stored_views[view], HL_LAYOUT_COLUMNS, hl_view_get_title (stored_views[view]), stored, sizes[i]);
      print_costs (HL_VIEW_HEADS, HL_LAYOUT_ARCS, "Arcs", stored, sizes[i]);
    }

  return 0;
}
