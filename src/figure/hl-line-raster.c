#include "config.h"

#include "hl-line-raster-private.h"

#include <math.h>
#include <string.h>

/* Steeper lines are not worth a loop of their own. */
#define MAX_FAST_SLOPE 64

float *
hl_line_raster_new_plane (HlLineRaster *self,
                          float         value)
{
  gsize n = (gsize) self->width * self->stride + N_PAD;
  float *plane = g_new (float, n);

  if (value == 0)
    memset (plane, 0, n * sizeof *plane);
  else
    for (gsize i = 0; i < n; i += 4)
      *(Four *) (plane + i) = four (value);

  return plane;
}

HlLineRaster *
hl_line_raster_new (int    width,
                    int    height,
                    double origin_x,
                    double origin_y,
                    double scale_x,
                    double scale_y)
{
  HlLineRaster *self = g_new0 (HlLineRaster, 1);

  g_return_val_if_fail (width >= 0 && width <= 32767 && height >= 0 && height <= 32767, self);

  self->width = width;
  self->height = height;
  /* An odd number of cache lines, so that neighbouring columns do not compete for the same places in the cache. */
  self->stride = (((gsize) height + N_PAD + 15) / 16 | 1) * 16;
  self->origin_x = origin_x;
  self->origin_y = origin_y;
  self->scale_x = scale_x;
  self->scale_y = scale_y;
  self->first_row = height;

  return self;
}

void
hl_line_raster_free (HlLineRaster *self)
{
  g_free (self->through);
  g_free (self->all);
  g_free (self->depth);
  for (guint i = 0; i < G_N_ELEMENTS (self->sums); i++)
    g_free (self->sums[i]);
  g_free (self);
}

void
hl_line_raster_get_area (HlLineRaster *self,
                         HlRect       *area)
{
  area->x = self->origin_x;
  area->y = self->origin_y;
  area->width = self->width / self->scale_x;
  area->height = self->height / self->scale_y;
}

/* A line in pixels, its left end first. */
typedef struct
{
  double x;         /* the left end */
  double y;
  double cosine;    /* direction, cosine ≥ 0 */
  double sine;
  double length;
  float  edge;      /* width / 2 + ½ */
  float  peak;      /* coverage in the middle: less than 1 only for lines thinner than a pixel */
  float  opacity;
} Line;

static gboolean
line_init (Line         *line,
           HlLineRaster *self,
           double        x0,
           double        y0,
           double        x1,
           double        y1,
           double        width,
           double        opacity)
{
  double dx, dy;

  if (!(opacity > 0) || !(width > 0))
    return FALSE;

  x0 = (x0 - self->origin_x) * self->scale_x;
  x1 = (x1 - self->origin_x) * self->scale_x;
  y0 = (y0 - self->origin_y) * self->scale_y;
  y1 = (y1 - self->origin_y) * self->scale_y;
  width *= 0.5 * (self->scale_x + self->scale_y);

  dx = x0 <= x1 ? x1 - x0 : x0 - x1;
  dy = x0 <= x1 ? y1 - y0 : y0 - y1;
  line->x = MIN (x0, x1);
  line->y = x0 <= x1 ? y0 : y1;
  line->length = sqrt (dx * dx + dy * dy);
  if (!isfinite (line->length))
    return FALSE;
  line->cosine = line->length > 0 ? dx / line->length : 1;
  line->sine = line->length > 0 ? dy / line->length : 0;
  line->edge = (float) (0.5 * width + 0.5);
  line->peak = (float) MIN (width, 1);
  line->opacity = (float) MIN (opacity, 1);

  return TRUE;
}

/* Pixels [@first, @end) of one column; @across is the distance from the line of the first one, which grows by @step a
 * pixel. Opacity is already in @edge, @peak and the distances. */
static inline void
cross_column (float *pixels,
              int    first,
              int    end,
              float  across,
              float  step,
              float  edge,
              float  peak)
{
  Four distance = { across, across + step, across + 2 * step, across + 3 * step };
  const Four step4 = four (4 * step), edge4 = four (edge), peak4 = four (peak);

  for (int y = first; y < end; y += 4)
    {
      Four *through = (Four *) (pixels + y);
      Four covered = four_min (four_max (edge4 - four_abs (distance), four (0)), peak4);

      *through = four_max (*through - *through * covered, four (FLOOR));
      distance += step4;
    }
}

/* Columns [@first, @end) between the ends of a line, none of them near the top or the bottom of the picture. This is where
 * the time goes. The upper edge of the line moves by @inc a column, in 1/2^32 of a pixel. */
G_ALWAYS_INLINE static inline void
cross_columns (float  *pixels,
               gsize   stride,
               int     n,
               guint64 position,
               guint64 inc,
               int     n_groups,
               float   start,
               float   step,
               float   edge,
               float   peak)
{
  const Four steps = { 0, step, 2 * step, 3 * step };
  const Four step4 = four (4 * step), edge4 = four (edge), peak4 = four (peak), floor4 = four (FLOOR);
  const float fraction = step / (1 << 24);

  for (int x = 0; x < n; x++, pixels += stride, position += inc)
    {
      float *at = pixels + (position >> 32);
      Four distance = four (start - fraction * (float) ((gint32) ((guint32) position >> 8))) + steps;

      for (int group = 0; group < n_groups; group++, at += 4, distance += step4)
        {
          Four *through = (Four *) at;
          Four covered = four_min (four_max (edge4 - four_abs (distance), four (0)), peak4);

          *through = four_max (*through - *through * covered, floor4);
        }
    }
}

/* The same where the line begins or ends: @along is the distance along the line from its left end. Ends are round: past
 * them what counts is the distance from the end. */
static inline void
cross_end_column (const Line *line,
                  float      *pixels,
                  int         first,
                  int         end,
                  float       across,
                  float       along)
{
  const float step = (float) line->cosine, step_along = (float) line->sine;
  const Four edge = four (line->edge), peak = four (line->peak);
  const Four length = four ((float) line->length), opacity = four (line->opacity);
  Four distance = { across, across + step, across + 2 * step, across + 3 * step };
  Four t = { along, along + step_along, along + 2 * step_along, along + 3 * step_along };

  for (int y = first; y < end; y += 4)
    {
      Four *through = (Four *) (pixels + y);
      Four past = four_max (four_max (-t, t - length), four (0));
      Four covered = four_min (four_max (edge - four_hypot (four_abs (distance), past), four (0)), peak);

      *through = four_max (*through - *through * (opacity * covered), four (FLOOR));
      distance += four (4 * step);
      t += four (4 * step_along);
    }
}

void
hl_line_raster_touch (HlLineRaster *self,
                      double        top,
                      double        bottom)
{
  if (self->through == NULL)
    self->through = hl_line_raster_new_plane (self, 1);
  self->first_row = MIN (self->first_row, clamp_to_int (floor (top), 0, self->height));
  self->end_row = MAX (self->end_row, clamp_to_int (ceil (bottom) + 1, 0, self->height));
}

void
hl_line_raster_add_line (HlLineRaster *self,
                         double        x0,
                         double        y0,
                         double        x1,
                         double        y1,
                         double        width,
                         double        opacity)
{
  Line line;
  double half, slope, top, bottom, left, right, flat_left, flat_right;
  int first, end, flat_first, flat_end, inner_first, inner_end, n_groups;
  float step, edge, peak;

  if (self->paths != NULL)
    {
      HlLinePath path = { x0, y0, x1, y1, 0, width, opacity, 0 };

      g_array_append_val (self->paths, path);
      return;
    }
  if (!line_init (&line, self, x0, y0, x1, y1, width, opacity))
    return;

  /* The box around the line. */
  top = MIN (line.y, line.y + line.length * line.sine) - line.edge;
  bottom = MAX (line.y, line.y + line.length * line.sine) + line.edge;
  left = line.x - line.edge;
  right = line.x + line.length * line.cosine + line.edge;
  if (bottom <= 0 || top >= self->height || right <= 0 || left >= self->width)
    return;

  /* In a column the line reaches @half above and below its middle. Only columns where that is inside the picture. */
  slope = line.sine / MAX (line.cosine, 1e-9);
  half = line.edge / MAX (line.cosine, 1e-9);
  if (fabs (slope) > 1e-6 && fabs (slope) < 1e6)
    {
      double at_top = line.x + (-half - line.y) / slope;
      double at_bottom = line.x + (self->height + half - line.y) / slope;

      left = MAX (left, MIN (at_top, at_bottom));
      right = MIN (right, MAX (at_top, at_bottom));
    }
  first = clamp_to_int (floor (left), 0, self->width);
  end = clamp_to_int (ceil (right) + 1, 0, self->width);
  if (first >= end)
    return;

  /* Columns where neither end can be felt. */
  flat_left = line.x + line.edge * fabs (line.sine);
  flat_right = line.x + line.length * line.cosine - line.edge * fabs (line.sine);
  flat_first = clamp_to_int (ceil (flat_left - 0.5), first, end);
  flat_end = clamp_to_int (floor (flat_right - 0.5) + 1, flat_first, end);

  /* Of these, columns where the groups of four that the line touches are inside the picture. */
  n_groups = (clamp_to_int (2 * half, 0, self->height + 1) + 1 + 3) / 4;
  inner_first = flat_first;
  inner_end = flat_end;
  if (fabs (slope) < MAX_FAST_SLOPE)
    {
      double lowest = 1 + half, highest = self->height - 1 - 4 * n_groups + half;

      if (slope > 0)
        {
          inner_first = MAX (inner_first, clamp_to_int (ceil (line.x + (lowest - line.y) / slope), flat_first, flat_end));
          inner_end = MIN (inner_end, clamp_to_int (floor (line.x + (highest - line.y) / slope), flat_first, flat_end));
        }
      else if (slope < 0)
        {
          inner_first = MAX (inner_first, clamp_to_int (ceil (line.x + (highest - line.y) / slope), flat_first, flat_end));
          inner_end = MIN (inner_end, clamp_to_int (floor (line.x + (lowest - line.y) / slope), flat_first, flat_end));
        }
      else if (line.y < lowest || line.y > highest)
        {
          inner_end = inner_first;
        }
    }
  else
    {
      inner_end = inner_first;
    }

  hl_line_raster_touch (self, top, bottom);

  step = (float) line.cosine * line.opacity;
  edge = line.edge * line.opacity;
  peak = line.peak * line.opacity;

  if (inner_first < inner_end)
    {
      double upper = line.y + (inner_first + 0.5 - line.x) * slope - half + 0.5;
      guint64 position = (guint64) (upper * 4294967296.0), inc = (guint64) (gint64) (slope * 4294967296.0);
      float *pixels = self->through + (gsize) inner_first * self->stride, start = (float) (1 - half) * step;
      int n = inner_end - inner_first;

      /* The number of groups known to the compiler is worth a third. */
      if (n_groups == 1)
        cross_columns (pixels, self->stride, n, position, inc, 1, start, step, edge, peak);
      else if (n_groups == 2)
        cross_columns (pixels, self->stride, n, position, inc, 2, start, step, edge, peak);
      else
        cross_columns (pixels, self->stride, n, position, inc, n_groups, start, step, edge, peak);
    }

  for (int x = first; x < end; x++)
    {
      double middle;
      float *pixels;
      int y0_, y1_;

      if (x == inner_first && inner_first < inner_end)
        x = inner_end;
      if (x >= end)
        break;

      middle = line.y + (x + 0.5 - line.x) * slope;
      pixels = self->through + (gsize) x * self->stride;
      if (x >= flat_first && x < flat_end)
        {
          y0_ = clamp_to_int (middle - half + 0.5, 0, self->height);
          y1_ = clamp_to_int (middle + half + 0.5, 0, self->height);
          cross_column (pixels, y0_, y1_, (float) (y0_ + 0.5 - middle) * step, step, edge, peak);
        }
      else
        {
          y0_ = clamp_to_int (MAX (middle - half, top) + 0.5, 0, self->height);
          y1_ = clamp_to_int (MIN (middle + half, bottom) + 0.5, 0, self->height);
          cross_end_column (&line, pixels, y0_, y1_,
                            (float) ((y0_ + 0.5 - line.y) * line.cosine - (x + 0.5 - line.x) * line.sine),
                            (float) ((x + 0.5 - line.x) * line.cosine + (y0_ + 0.5 - line.y) * line.sine));
        }
    }
}

void
hl_line_raster_add_line_plain (HlLineRaster *self,
                               double        x0,
                               double        y0,
                               double        x1,
                               double        y1,
                               double        width,
                               double        opacity)
{
  Line line;

  if (!line_init (&line, self, x0, y0, x1, y1, width, opacity))
    return;

  hl_line_raster_touch (self, 0, self->height);
  for (int x = 0; x < self->width; x++)
    for (int y = 0; y < self->height; y++)
      {
        double px = x + 0.5 - line.x, py = y + 0.5 - line.y;
        double across = py * line.cosine - px * line.sine;
        double along = px * line.cosine + py * line.sine;
        double past = MAX (MAX (-along, along - line.length), 0);
        double covered = CLAMP (line.edge - hypot (across, past), 0, line.peak);
        float *through = &self->through[(gsize) x * self->stride + y];

        *through = MAX ((float) (*through * (1 - line.opacity * covered)), FLOOR);
      }
}
