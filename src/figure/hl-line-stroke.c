#include "config.h"

#include "hl-line-raster-private.h"

#include <math.h>

static int
compare (double a,
         double b)
{
  return a < b ? -1 : a > b;
}

/* Lines between the same points, and of them arcs of the same side, next to each other. */
static int
compare_paths (gconstpointer a,
               gconstpointer b)
{
  const HlLinePath *x = a, *y = b;
  int order = compare (x->y0, y->y0);

  if (order == 0)
    order = compare (x->y1, y->y1);
  if (order == 0)
    order = compare (x->x0, y->x0);
  if (order == 0)
    order = compare (x->x1, y->x1);
  if (order == 0)
    order = compare (x->bulge, y->bulge);
  if (order == 0)
    order = compare (x->width, y->width);

  return order;
}

static void
trace (cairo_t          *cr,
       const HlLinePath *path)
{
  double height = fabs (path->y1 - path->y0) / 2;
  cairo_matrix_t matrix;

  if (path->bulge == 0 || height == 0)
    {
      cairo_move_to (cr, path->x0, path->y0);
      cairo_line_to (cr, path->x1 + path->bulge, path->y1);
      return;
    }

  cairo_get_matrix (cr, &matrix);
  cairo_translate (cr, path->x0, (path->y0 + path->y1) / 2);
  cairo_scale (cr, path->bulge, height);
  cairo_new_sub_path (cr);
  cairo_arc (cr, 0, 0, 1, -G_PI_2, G_PI_2);
  cairo_set_matrix (cr, &matrix);
}

void
hl_line_raster_stroke (cairo_t        *cr,
                       const HlRect   *area,
                       const HlColour *colours,
                       guint           n_layers,
                       HlLineFunc      func,
                       gpointer        data)
{
  g_autoptr (GArray) paths = g_array_new (FALSE, FALSE, sizeof (HlLinePath));
  HlLineRaster collector = { .origin_x = area->x, .origin_y = area->y, .scale_x = 1, .scale_y = 1, .paths = paths };

  collector.width = (int) MIN (ceil (area->width), G_MAXINT / 2);
  collector.height = (int) MIN (ceil (area->height), G_MAXINT / 2);
  for (guint layer = 0; layer < n_layers; layer++)
    {
      guint first = paths->len;

      func (&collector, layer, data);
      for (guint i = first; i < paths->len; i++)
        g_array_index (paths, HlLinePath, i).layer = layer;
    }
  g_array_sort (paths, compare_paths);

  cairo_save (cr);
  cairo_rectangle (cr, area->x, area->y, area->width, area->height);
  cairo_clip (cr);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  for (guint i = 0; i < paths->len;)
    {
      const HlLinePath *path = &g_array_index (paths, HlLinePath, i);
      HlColour colour = colours[path->layer];
      double depth = 0;

      /* Depths add up; each colour counts by its share of them. */
      for (; i < paths->len && compare_paths (path, &g_array_index (paths, HlLinePath, i)) == 0; i++)
        {
          const HlLinePath *other = &g_array_index (paths, HlLinePath, i);
          double own = -log1p (-CLAMP (other->opacity, 0, 1 - FLOOR));

          depth += own;
          if (own > 0)
            colour = hl_colour_mix (colour, colours[other->layer], own / depth);
        }
      if (!(depth > 0))
        continue;

      hl_colour_set (cr, hl_colour_with_alpha (colour, depth >= -log (2 * FLOOR) ? 1 : -expm1 (-depth)));
      cairo_set_line_width (cr, path->width);
      trace (cr, path);
      cairo_stroke (cr);
    }
  cairo_restore (cr);
}
