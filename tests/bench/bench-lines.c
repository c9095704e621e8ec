#include <time.h>

#include "hl-line-raster.h"

/* Prints what lines of a head view cost: between two columns 400 px apart, of rows over 700 px, by the rasteriser in one
 * thread and by cairo. */

#define WIDTH 400
#define HEIGHT 700
#define N_LINES 20000
#define N_CAIRO 500

static double
get_cpu_us (void)
{
  struct timespec now;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &now);

  return now.tv_sec * 1e6 + now.tv_nsec / 1e3;
}

static void
add_line (HlLineRaster *raster,
          cairo_t      *cr,
          GRand        *rand,
          gboolean      arc)
{
  double y0 = g_rand_double_range (rand, 0, HEIGHT), y1 = g_rand_double_range (rand, 0, HEIGHT);
  double opacity = g_rand_double_range (rand, 0.01, 0.2), bulge = 10 + ABS (y1 - y0) / 2;

  if (raster != NULL && arc)
    hl_line_raster_add_arc (raster, 0, y0, y1, bulge, 1.5, opacity);
  else if (raster != NULL)
    hl_line_raster_add_line (raster, 0, y0, WIDTH, y1, 1.5, opacity);
  else
    {
      cairo_set_source_rgba (cr, 0.2, 0.4, 0.8, opacity);
      if (arc)
        {
          cairo_matrix_t matrix;

          cairo_get_matrix (cr, &matrix);
          cairo_translate (cr, 0, (y0 + y1) / 2);
          cairo_scale (cr, bulge, ABS (y1 - y0) / 2 + 0.01);
          cairo_arc (cr, 0, 0, 1, -G_PI_2, G_PI_2);
          cairo_set_matrix (cr, &matrix);
        }
      else
        {
          cairo_move_to (cr, 0, y0);
          cairo_line_to (cr, WIDTH, y1);
        }
      cairo_stroke (cr);
    }
}

int
main (void)
{
  const HlColour blue = { 0.2, 0.4, 0.8, 1 };

  for (guint arc = 0; arc < 2; arc++)
    {
      g_autoptr (GRand) rand = g_rand_new_with_seed (1);
      g_autoptr (HlLineRaster) raster = hl_line_raster_new (WIDTH, HEIGHT, 0, 0, 1, 1);
      cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, WIDTH, HEIGHT);
      cairo_t *cr = cairo_create (surface);
      double start = get_cpu_us (), ours, finished, theirs;

      for (guint i = 0; i < N_LINES; i++)
        add_line (raster, NULL, rand, arc);
      ours = get_cpu_us ();
      hl_line_raster_end_layer (raster, blue);
      cairo_surface_destroy (hl_line_raster_finish (raster));
      finished = get_cpu_us ();

      cairo_set_line_width (cr, 1.5);
      cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
      for (guint i = 0; i < N_CAIRO; i++)
        add_line (NULL, cr, rand, arc);
      theirs = get_cpu_us ();
      g_print ("# %s: %.2f µs each, picture %.1f ms; cairo %.1f µs each\n", arc ? "arcs" : "lines",
               (ours - start) / N_LINES, (finished - ours) / 1e3, (theirs - finished) / N_CAIRO);
      cairo_destroy (cr);
      cairo_surface_destroy (surface);
    }

  return 0;
}
