#include "config.h"

#include "hl-line-raster-private.h"

#include <math.h>

#include "hl-figure-private.h"

/* Rows of pixels done at once: bounds the memory of the picture. */
#define MAX_ROWS 4096

/* A strip of the picture is done at a time, of about so many pixels: its six planes of floats should stay in the cache. The
 * more lines, the larger the strip: each line is clipped to each strip anew. */
#define STRIP (1 << 16)
#define LARGE_STRIP (1 << 18)
#define MANY_LINES 100000

/* A second thread starts in some 50 µs: from so much work on it pays. */
#define SHARED_LINES 3000
#define SHARED_PIXELS (1 << 21) /* times layers */

typedef struct
{
  /* where pixels are */
  int             left;
  int             top;
  int             width;
  int             height;
  int             strip;   /* columns */
  double          origin_x;
  double          origin_y;
  double          scale_x;
  double          scale_y;

  const HlColour *colours;
  guint           n_layers;
  HlLineFunc      func;
  gpointer        data;

  HlLineGamma    *gamma;
  guchar         *out;
  gsize           row_bytes;
  int             next;    /* atomic: the strip whose turn it is */
} Painting;

static gpointer
paint_strips (gpointer data)
{
  Painting *painting = data;

  for (;;)
    {
      int from = g_atomic_int_add (&painting->next, 1) * painting->strip;
      int width = MIN (painting->strip, painting->width - from);
      g_autoptr (HlLineRaster) raster = NULL;

      if (width <= 0)
        return NULL;

      raster = hl_line_raster_new (width, painting->height,
                                   painting->origin_x + (painting->left + from) / painting->scale_x,
                                   painting->origin_y + painting->top / painting->scale_y,
                                   painting->scale_x, painting->scale_y);
      for (guint i = 0; i < painting->n_layers; i++)
        {
          painting->func (raster, i, painting->data);
          hl_line_raster_end_layer (raster, painting->colours[i]);
        }
      hl_line_raster_write (raster, painting->gamma, painting->out + 4 * (gsize) from, painting->row_bytes);
    }
}

/* The pixels that are both in @area and in the clip; FALSE if there are none. */
static gboolean
find_pixels (cairo_t              *cr,
             const HlRect         *area,
             const cairo_matrix_t *matrix,
             double                device_x,
             double                device_y,
             cairo_rectangle_int_t *pixels)
{
  double x0, y0, x1, y1;

  cairo_clip_extents (cr, &x0, &y0, &x1, &y1);
  x0 = MAX (x0, area->x);
  y0 = MAX (y0, area->y);
  x1 = MIN (x1, area->x + area->width);
  y1 = MIN (y1, area->y + area->height);
  if (!(x0 < x1) || !(y0 < y1))
    return FALSE;

  pixels->x = (int) floor ((x0 * matrix->xx + matrix->x0) * device_x);
  pixels->y = (int) floor ((y0 * matrix->yy + matrix->y0) * device_y);
  pixels->width = (int) ceil ((x1 * matrix->xx + matrix->x0) * device_x) - pixels->x;
  pixels->height = (int) ceil ((y1 * matrix->yy + matrix->y0) * device_y) - pixels->y;

  return pixels->width > 0 && pixels->height > 0;
}

static void
paint_rows (cairo_t   *cr,
            Painting  *painting,
            double     device_x,
            double     device_y,
            gboolean   shared)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, painting->width, painting->height);
  GThread *thread = NULL;

  painting->next = 0;
  painting->out = cairo_image_surface_get_data (surface);
  painting->row_bytes = (gsize) cairo_image_surface_get_stride (surface);
  if (painting->out != NULL)
    {
      cairo_surface_flush (surface);
      if (shared && painting->width > painting->strip)
        thread = g_thread_new ("lines", paint_strips, painting);
      paint_strips (painting);
      if (thread != NULL)
        g_thread_join (thread);
      cairo_surface_mark_dirty (surface);
    }

  cairo_surface_set_device_scale (surface, device_x, device_y);
  cairo_set_source_surface (cr, surface, painting->left / device_x, painting->top / device_y);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  cairo_surface_destroy (surface);
}

gboolean
hl_line_raster_paint (cairo_t        *cr,
                      const HlRect   *area,
                      const HlColour *colours,
                      guint           n_layers,
                      gsize           n_lines,
                      HlLineFunc      func,
                      gpointer        data)
{
  Painting painting = { .colours = colours, .n_layers = n_layers, .func = func, .data = data };
  g_autofree HlLineGamma *gamma = NULL;
  cairo_matrix_t matrix;
  cairo_rectangle_int_t pixels;
  double device_x, device_y;
  gboolean shared;

  if (!hl_figure_has_pixels (cr, &painting.scale_x, &painting.scale_y))
    return FALSE;
  cairo_get_matrix (cr, &matrix);
  if (matrix.xy != 0 || matrix.yx != 0 || !(matrix.xx > 0) || !(matrix.yy > 0))
    return FALSE;
  device_x = painting.scale_x / matrix.xx;
  device_y = painting.scale_y / matrix.yy;
  if (n_layers == 0 || !find_pixels (cr, area, &matrix, device_x, device_y, &pixels))
    return TRUE;
  if (pixels.width > 32767)
    return FALSE;

  painting.left = pixels.x;
  painting.width = pixels.width;
  painting.origin_x = -matrix.x0 / matrix.xx;
  painting.origin_y = -matrix.y0 / matrix.yy;
  if (n_layers > 1)
    {
      gamma = g_new (HlLineGamma, 1);
      hl_line_gamma_init (gamma);
      painting.gamma = gamma;
    }
  shared = n_lines >= SHARED_LINES || (double) pixels.width * pixels.height * n_layers >= SHARED_PIXELS;

  cairo_save (cr);
  cairo_rectangle (cr, area->x, area->y, area->width, area->height);
  cairo_clip (cr);
  cairo_identity_matrix (cr);
  for (int row = 0; row < pixels.height; row += MAX_ROWS)
    {
      painting.top = pixels.y + row;
      painting.height = MIN (MAX_ROWS, pixels.height - row);
      painting.strip = MAX ((n_lines < MANY_LINES ? STRIP : LARGE_STRIP) / painting.height, 16);
      paint_rows (cr, &painting, device_x, device_y, shared);
    }
  cairo_restore (cr);

  return TRUE;
}
