#include "config.h"

#include "hl-cells.h"

#include <math.h>
#include <string.h>

/* A cell on a vector surface reaches this part of a cell under its right and lower neighbours, which are painted over
 * it: without that, viewers let the background shine through between them. */
#define OVERLAP 0.25

/* Neither cairo's images nor a viewer's take more. */
#define MAX_IMAGE_SIDE 16384

/* Pixels of an image for a vector surface a unit, at most. */
#define VECTOR_SCALE 2

guint32
hl_cells_pack (HlColour colour)
{
  guint32 alpha = CLAMP (colour.alpha, 0, 1) * 255 + 0.5;
  guint32 red = CLAMP (colour.red, 0, 1) * alpha + 0.5;
  guint32 green = CLAMP (colour.green, 0, 1) * alpha + 0.5;
  guint32 blue = CLAMP (colour.blue, 0, 1) * alpha + 0.5;

  return alpha << 24 | red << 16 | green << 8 | blue;
}

static void
set_source (cairo_t *cr,
            guint32  packed)
{
  double alpha = packed >> 24;

  cairo_set_source_rgba (cr, (packed >> 16 & 0xff) / alpha, (packed >> 8 & 0xff) / alpha, (packed & 0xff) / alpha,
                         alpha / 255);
}

void
hl_ramp_init (HlRamp        *self,
              const HlStyle *style,
              HlColour       colour)
{
  for (gsize i = 0; i < HL_RAMP_STEPS; i++)
    self->steps[i] = hl_cells_pack (hl_style_ramp (style, colour, i / (HL_RAMP_STEPS - 1.0)));
}

HlRect
hl_cells_bounds (const HlCells *self,
                 gsize          row,
                 gsize          column)
{
  return (HlRect) {
    self->x + column * self->cell_width,
    self->y + row * self->row_height,
    self->cell_width,
    self->row_height - self->gap,
  };
}

gboolean
hl_cells_find (const HlCells *self,
               double         x,
               double         y,
               gsize         *row,
               gsize         *column)
{
  if (self->n_rows == 0 || self->n_columns == 0
      || !(x >= self->x && x < self->x + self->n_columns * self->cell_width)
      || !(y >= self->y && y < self->y + self->n_rows * self->row_height))
    return FALSE;

  *row = MIN ((gsize) ((y - self->y) / self->row_height), self->n_rows - 1);
  *column = MIN ((gsize) ((x - self->x) / self->cell_width), self->n_columns - 1);

  return TRUE;
}

/* Rows and columns that @clip and the surface's own clip leave. */
typedef struct
{
  gsize row;
  gsize column;
  gsize n_rows;
  gsize n_columns;
} Range;

static gsize
clamp_index (double value,
             gsize  n)
{
  return value > 0 ? MIN ((gsize) value, n) : 0;
}

static gboolean
find_range (const HlCells *self,
            cairo_t       *cr,
            const HlRect  *clip,
            Range         *range)
{
  double left, top, right, bottom;
  gsize end;

  if (self->n_rows == 0 || self->n_columns == 0 || !(self->cell_width > 0) || !(self->row_height > 0))
    return FALSE;

  cairo_clip_extents (cr, &left, &top, &right, &bottom);
  if (clip != NULL)
    {
      left = MAX (left, clip->x);
      top = MAX (top, clip->y);
      right = MIN (right, clip->x + clip->width);
      bottom = MIN (bottom, clip->y + clip->height);
    }

  range->row = clamp_index ((top - self->y) / self->row_height, self->n_rows);
  end = clamp_index (ceil ((bottom - self->y) / self->row_height), self->n_rows);
  range->n_rows = end > range->row ? end - range->row : 0;

  range->column = clamp_index ((left - self->x) / self->cell_width, self->n_columns);
  end = clamp_index (ceil ((right - self->x) / self->cell_width), self->n_columns);
  range->n_columns = end > range->column ? end - range->column : 0;

  return range->n_rows > 0 && range->n_columns > 0;
}

/* Where the pixels of an image lie: pixel = origin + unit · scale. */
typedef struct
{
  double x0;
  double y0;
  double scale_x;
  double scale_y;
} Raster;

static int
raster_x (const Raster *self,
          double        x)
{
  return floor (self->x0 + x * self->scale_x + 0.5);
}

static int
raster_y (const Raster *self,
          double        y)
{
  return floor (self->y0 + y * self->scale_y + 0.5);
}

/* An image of the cells of @range. (@left, @top): the pixel its first pixel is. */
static cairo_surface_t *
rasterise (const HlCells *self,
           const Raster  *raster,
           const Range   *range,
           HlCellsRead    read,
           gpointer       data,
           int           *left,
           int           *top)
{
  g_autofree guint32 *colours = g_new (guint32, range->n_columns);
  g_autofree int *edges = g_new (int, range->n_columns + 1);
  cairo_surface_t *surface;
  guint8 *pixels;
  int stride, width, height;

  for (gsize i = 0; i <= range->n_columns; i++)
    edges[i] = raster_x (raster, self->x + (range->column + i) * self->cell_width);

  *left = edges[0];
  *top = raster_y (raster, self->y + range->row * self->row_height);
  width = edges[range->n_columns] - *left;
  height = raster_y (raster, self->y + (range->row + range->n_rows) * self->row_height) - *top;

  if (width < 1 || height < 1 || width > MAX_IMAGE_SIDE || height > MAX_IMAGE_SIDE)
    return NULL;

  surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  if (cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    {
      cairo_surface_destroy (surface);
      return NULL;
    }

  cairo_surface_flush (surface);
  pixels = cairo_image_surface_get_data (surface);
  stride = cairo_image_surface_get_stride (surface);

  for (gsize i = 0; i < range->n_rows; i++)
    {
      double y = self->y + (range->row + i) * self->row_height;
      int first = raster_y (raster, y) - *top;
      int next = raster_y (raster, y + self->row_height) - *top;
      int end = raster_y (raster, y + self->row_height - self->gap) - *top;
      guint32 *line;

      /* A gap is at least a pixel, and so is a row. */
      if (self->gap > 0)
        end = MAX (MIN (end, next - 1), first + 1);
      end = MIN (MAX (end, first), height);
      if (end == first)
        continue;

      read (data, range->row + i, range->column, range->n_columns, colours);

      line = (guint32 *) (gpointer) (pixels + (gsize) first * stride);
      for (gsize j = 0; j < range->n_columns; j++)
        for (int x = edges[j]; x < edges[j + 1]; x++)
          line[x - *left] = colours[j];

      for (int row = first + 1; row < end; row++)
        memcpy (pixels + (gsize) row * stride, line, (gsize) width * sizeof *line);
    }

  cairo_surface_mark_dirty (surface);

  return surface;
}

static void
draw_pixels (const HlCells *self,
             cairo_t       *cr,
             const Range   *range,
             HlCellsRead    read,
             gpointer       data)
{
  cairo_surface_t *target = cairo_get_group_target (cr);
  double device_x, device_y, offset_x, offset_y;
  cairo_surface_t *image;
  cairo_matrix_t matrix;
  Raster raster;
  int left, top;

  /* Behind the matrix that user space knows of lies the surface's own scale and offset. */
  cairo_get_matrix (cr, &matrix);
  cairo_surface_get_device_scale (target, &device_x, &device_y);
  cairo_surface_get_device_offset (target, &offset_x, &offset_y);

  raster.scale_x = matrix.xx * device_x;
  raster.scale_y = matrix.yy * device_y;
  raster.x0 = matrix.x0 * device_x + offset_x;
  raster.y0 = matrix.y0 * device_y + offset_y;

  image = rasterise (self, &raster, range, read, data, &left, &top);
  if (image == NULL)
    return;

  cairo_surface_set_device_scale (image, device_x, device_y);

  cairo_save (cr);
  cairo_identity_matrix (cr);
  cairo_set_source_surface (cr, image, (left - offset_x) / device_x, (top - offset_y) / device_y);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_rectangle (cr, (left - offset_x) / device_x, (top - offset_y) / device_y,
                   cairo_image_surface_get_width (image) / device_x,
                   cairo_image_surface_get_height (image) / device_y);
  cairo_fill (cr);
  cairo_restore (cr);

  cairo_surface_destroy (image);
}

static void
draw_rectangles (const HlCells *self,
                 cairo_t       *cr,
                 const Range   *range,
                 HlCellsRead    read,
                 gpointer       data)
{
  g_autofree guint32 *colours = g_new (guint32, range->n_columns);

  for (gsize i = 0; i < range->n_rows; i++)
    {
      gboolean is_last_row = i + 1 == range->n_rows;

      read (data, range->row + i, range->column, range->n_columns, colours);

      for (gsize j = 0, end; j < range->n_columns; j = end)
        {
          HlRect bounds = hl_cells_bounds (self, range->row + i, range->column + j);

          for (end = j + 1; end < range->n_columns && colours[end] == colours[j]; end++)
            ;
          if (colours[j] >> 24 == 0)
            continue;

          bounds.width = (end - j) * self->cell_width;
          if (end < range->n_columns && colours[end] >> 24 == 0xff)
            bounds.width += OVERLAP * self->cell_width;
          if (!is_last_row && !(self->gap > 0))
            bounds.height += OVERLAP * self->row_height;

          set_source (cr, colours[j]);
          cairo_rectangle (cr, bounds.x, bounds.y, bounds.width, bounds.height);
          cairo_fill (cr);
        }
    }
}

static void
draw_image (const HlCells *self,
            cairo_t       *cr,
            const Range   *range,
            HlCellsRead    read,
            gpointer       data)
{
  double width = range->n_columns * self->cell_width;
  double height = range->n_rows * self->row_height;
  double scale = MIN (VECTOR_SCALE, (MAX_IMAGE_SIDE - 2) / MAX (width, height));
  Raster raster = { 0, 0, scale, scale };
  cairo_surface_t *image;
  int left, top;

  image = rasterise (self, &raster, range, read, data, &left, &top);
  if (image == NULL)
    return;

  cairo_save (cr);
  cairo_translate (cr, left / scale, top / scale);
  cairo_scale (cr, 1 / scale, 1 / scale);
  cairo_set_source_surface (cr, image, 0, 0);
  cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
  cairo_paint (cr);
  cairo_restore (cr);

  cairo_surface_destroy (image);
}

void
hl_cells_draw (const HlCells *self,
               cairo_t       *cr,
               const HlRect  *clip,
               HlCellsRead    read,
               gpointer       data)
{
  cairo_matrix_t matrix;
  double scale_x, scale_y;
  Range range;

  if (!find_range (self, cr, clip, &range))
    return;

  cairo_get_matrix (cr, &matrix);

  if (hl_figure_has_pixels (cr, &scale_x, &scale_y) && matrix.xy == 0 && matrix.yx == 0 && matrix.xx > 0 && matrix.yy > 0)
    draw_pixels (self, cr, &range, read, data);
  else if (range.n_rows * range.n_columns <= HL_CELLS_MAX_RECTANGLES)
    draw_rectangles (self, cr, &range, read, data);
  else
    draw_image (self, cr, &range, read, data);
}
