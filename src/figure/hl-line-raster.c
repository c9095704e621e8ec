#include "config.h"

#include "hl-line-raster.h"

#include <math.h>
#include <string.h>

#include "hl-figure-private.h"

/* Pixels are kept column by column: lines between two columns of tokens cross every pixel column, and the pixels they
 * touch in one lie side by side, so that four are done at a time. */

/* GCC's and Clang's portable vectors: SSE2 on x86-64, NEON on ARM. Three times as fast here as the plain loop (see
 * tests/bench). */
typedef float Four __attribute__ ((vector_size (16), aligned (4), may_alias));
typedef gint32 FourInts __attribute__ ((vector_size (16), aligned (4), may_alias));

/* Below this transmittance a pixel is opaque in eight bits; going on would only reach denormal numbers, which are slow. */
#define FLOOR 1e-5f

#define N_PAD 4 /* a group of four may reach past the end of a column */

struct _HlLineRaster
{
  int    width;
  int    height;
  gsize  stride;       /* floats a column */
  double origin_x;
  double origin_y;
  double scale_x;
  double scale_y;

  float *through;      /* [width][stride] transmittance of the current layer; NULL while it has no lines */
  int    first_row;    /* rows that the current layer may have touched */
  int    end_row;

  HlColour colour;     /* of the first layer that has lines */
  float   *all;        /* [width][stride] product over ended layers */
  float   *depth;      /* Σ −ln T; the next three: Σ −ln T · L, a, b. NULL until there are two layers */
  float   *sums[3];
};

static inline Four
four (float value)
{
  return (Four){ value, value, value, value };
}

static inline Four
four_min (Four a,
          Four b)
{
  FourInts less = a < b;

  return (Four) ((less & (FourInts) a) | (~less & (FourInts) b));
}

static inline Four
four_max (Four a,
          Four b)
{
  FourInts more = a > b;

  return (Four) ((more & (FourInts) a) | (~more & (FourInts) b));
}

static inline Four
four_abs (Four a)
{
  const FourInts mask = { 0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff };

  return (Four) ((FourInts) a & mask);
}

static float *
new_plane (HlLineRaster *self,
           float         value)
{
  gsize n = (gsize) self->width * self->stride + N_PAD;
  float *plane = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    plane[i] = value;

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
  self->stride = (gsize) height + N_PAD;
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

/* √(a² + b²) to 0.1 %: from a guess that is at most 4 % off, one step of Newton's. */
static inline Four
four_hypot (Four a,
            Four b)
{
  Four large = four_max (a, b), small = four_min (a, b);
  Four guess = four_max (large, large * four (27.0f / 32) + small * four (71.0f / 128)) + four (1e-6f);

  return four (0.5f) * (guess + (a * a + b * b) / guess);
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

static inline int
clamp_to_int (double value,
              int    low,
              int    high)
{
  return value <= low ? low : value >= high ? high : (int) value;
}

/* The current layer is going to have something in these rows. */
static void
touch_rows (HlLineRaster *self,
            double        top,
            double        bottom)
{
  if (self->through == NULL)
    self->through = new_plane (self, 1);
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
  int first, end, flat_first, flat_end;
  float step, edge, peak;

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

  touch_rows (self, top, bottom);

  step = (float) line.cosine * line.opacity;
  edge = line.edge * line.opacity;
  peak = line.peak * line.opacity;

  for (int x = first; x < end; x++)
    {
      double middle = line.y + (x + 0.5 - line.x) * slope;
      float *pixels = self->through + (gsize) x * self->stride;
      int y0_, y1_;

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

  touch_rows (self, 0, self->height);
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

/* Multiplies one pixel. */
static inline void
cover (HlLineRaster *self,
       int           x,
       int           y,
       float         alpha)
{
  float *through = &self->through[(gsize) x * self->stride + y];
  float value = *through * (1 - alpha);

  *through = value > FLOOR ? value : FLOOR;
}

/* Half an ellipse in pixels: (@x + @side · a cos θ, @y + b sin θ). */
typedef struct
{
  double x;
  double y;
  double a;
  double b;
  double side; /* 1 right, −1 left */
  double edge; /* width / 2 + ½ */
  double turn; /* |y − middle| at which its slope is 1 */
  float  peak;
  float  opacity;
} Arc;

/* Where walking along one axis by pixels meets the arc. */
typedef struct
{
  double at;      /* distance from the centre along the other axis */
  double cosine;  /* between the normal there and the other axis */
  double bend;    /* half the curvature times sine² */
} Crossing;

/* @along: distance from the centre on the axis of half-axis @b; the crossing is on that of @a. */
static inline Crossing
cross_ellipse (double along,
               double a,
               double b)
{
  double cosine_t = sqrt (MAX (1 - along * along / (b * b), 1e-4));
  double slope = a * along / (b * b * cosine_t);
  double cosine2 = 1 / (1 + slope * slope);
  double cosine = sqrt (cosine2);

  return (Crossing) { a * cosine_t, cosine,
                      0.5 * a * cosine2 * cosine / (b * b * cosine_t * cosine_t * cosine_t) * (1 - cosine2) };
}

/* Signed distance of a pixel that is @off further out than the crossing: from the tangent there, and then by how much the
 * ellipse has bent away from it. */
static inline double
distance_from (const Crossing *crossing,
               double          off)
{
  return off * crossing->cosine + off * off * crossing->bend;
}

static void
cover_rows (HlLineRaster *self,
            const Arc    *arc)
{
  int first = clamp_to_int (ceil (arc->y - arc->turn - 0.5), 0, self->height);
  int end = clamp_to_int (floor (arc->y + arc->turn - 0.5) + 1, 0, self->height);

  for (int y = first; y < end; y++)
    {
      Crossing crossing = cross_ellipse (y + 0.5 - arc->y, arc->a, arc->b);
      double reach = arc->edge / crossing.cosine + 0.5, middle = arc->x + arc->side * crossing.at;
      int from = clamp_to_int (middle - reach + 0.5, 0, self->width);
      int to = clamp_to_int (middle + reach + 0.5, 0, self->width);

      for (int x = from; x < to; x++)
        {
          double along = arc->side * (x + 0.5 - arc->x);
          double covered = arc->edge - fabs (distance_from (&crossing, along - crossing.at));

          if (covered > 0 && along > 0)
            cover (self, x, y, arc->opacity * (float) MIN (covered, arc->peak));
        }
    }
}

static void
cover_columns (HlLineRaster *self,
               const Arc    *arc)
{
  double end_along = MIN (arc->a * arc->a / hypot (arc->a, arc->b) + 2 * arc->edge, arc->a + arc->edge);
  int first = clamp_to_int (floor (arc->side > 0 ? arc->x - arc->edge : arc->x - end_along), 0, self->width);
  int end = clamp_to_int (ceil (arc->side > 0 ? arc->x + end_along : arc->x + arc->edge), 0, self->width);

  for (int x = first; x < end; x++)
    {
      double along = arc->side * (x + 0.5 - arc->x);
      double past = MAX (-along, 0);
      Crossing crossing = cross_ellipse (CLAMP (along, 0, 0.995 * arc->a), arc->b, arc->a);
      double far = crossing.at + arc->edge / crossing.cosine;
      double near = MAX (crossing.at - arc->edge / crossing.cosine - 0.5, arc->turn);

      for (int half = 0; half < 2; half++)
        {
          int from = clamp_to_int (floor (half == 0 ? arc->y - far : arc->y + near), 0, self->height);
          int to = clamp_to_int (ceil (half == 0 ? arc->y - near : arc->y + far), 0, self->height);

          for (int y = from; y < to; y++)
            {
              double u = fabs (y + 0.5 - arc->y);
              double distance = distance_from (&crossing, u - crossing.at);
              double covered = arc->edge - (past > 0 ? hypot (distance, past) : fabs (distance));

              /* Rows up to the turn are not this function's; a row belongs to one half. */
              if (covered > 0 && u > arc->turn && (y + 0.5 < arc->y) == (half == 0))
                cover (self, x, y, arc->opacity * (float) MIN (covered, arc->peak));
            }
        }
    }
}

/* An ellipse is steep in the middle, where it is walked row by row, and flat at its ends, where it is walked column by
 * column. Each pixel belongs to one of them by its row alone: none is covered twice, and there are no joints. */
void
hl_line_raster_add_arc (HlLineRaster *self,
                        double        x,
                        double        y0,
                        double        y1,
                        double        bulge,
                        double        width,
                        double        opacity)
{
  double pixels = width * 0.5 * (self->scale_x + self->scale_y);
  Arc arc = {
    .x = (x - self->origin_x) * self->scale_x,
    .y = (0.5 * (y0 + y1) - self->origin_y) * self->scale_y,
    .a = fabs (bulge) * self->scale_x,
    .b = 0.5 * fabs (y1 - y0) * self->scale_y,
    .side = bulge < 0 ? -1 : 1,
    .edge = 0.5 * pixels + 0.5,
    .peak = (float) MIN (pixels, 1),
    .opacity = (float) MIN (opacity, 1),
  };
  double left, right;

  if (!(opacity > 0) || !(width > 0) || !isfinite (arc.x) || !isfinite (arc.y) || !isfinite (arc.a) || !isfinite (arc.b))
    return;
  if (arc.a < 1 || arc.b < 1)
    {
      hl_line_raster_add_line (self, x, y0, x + bulge, y1, width, opacity);
      return;
    }

  left = arc.side > 0 ? arc.x - arc.edge : arc.x - arc.a - arc.edge;
  right = arc.side > 0 ? arc.x + arc.a + arc.edge : arc.x + arc.edge;
  if (arc.y + arc.b + arc.edge <= 0 || arc.y - arc.b - arc.edge >= self->height || right <= 0 || left >= self->width)
    return;

  touch_rows (self, arc.y - arc.b - arc.edge, arc.y + arc.b + arc.edge);
  arc.turn = arc.b * arc.b / hypot (arc.a, arc.b);
  cover_rows (self, &arc);
  cover_columns (self, &arc);
}

/* −ln x for x from FLOOR to 1, to a relative 4e-6: x = 2^e · m with m from √½ to √2, and ln m = 2 artanh s with
 * s = (m − 1) / (m + 1), |s| < 0.172. */
static inline Four
four_depth (Four x)
{
  const gint32 root = 0x3f3504f3; /* √½ */
  FourInts bits = (FourInts) x + (0x3f800000 - root);
  Four exponent = __builtin_convertvector ((bits >> 23) - 127, Four);
  Four m = (Four) ((bits & 0x7fffff) + root);
  Four s = (m - four (1)) / (m + four (1));
  Four square = s * s;
  Four logarithm = s * (four (2) + square * (four (2.0f / 3) + square * four (2.0f / 5)));

  return four_max (exponent * four (-0.69314718f) - logarithm, four (0));
}

/* Depth and colour of the layers so far, all of one colour, from their product. */
static void
begin_mixing (HlLineRaster *self)
{
  const HlOkLab lab = hl_colour_to_oklab (self->colour);
  const float parts[3] = { (float) lab.l, (float) lab.a, (float) lab.b };
  gsize n = (gsize) self->width * self->stride;

  self->depth = new_plane (self, 0);
  for (guint i = 0; i < 3; i++)
    self->sums[i] = new_plane (self, 0);

  for (gsize i = 0; i < n; i += 4)
    {
      Four depth = four_depth (*(Four *) (self->all + i));

      *(Four *) (self->depth + i) = depth;
      for (guint j = 0; j < 3; j++)
        *(Four *) (self->sums[j] + i) = depth * four (parts[j]);
    }
}

void
hl_line_raster_end_layer (HlLineRaster *self,
                          HlColour      colour)
{
  HlOkLab lab;

  if (self->first_row >= self->end_row)
    return;
  if (self->all == NULL)
    {
      /* Where only one colour is seen, products suffice. */
      self->all = g_steal_pointer (&self->through);
      self->colour = colour;
      self->first_row = self->height;
      self->end_row = 0;
      return;
    }
  if (self->depth == NULL)
    begin_mixing (self);

  lab = hl_colour_to_oklab (colour);
  for (int x = 0; x < self->width; x++)
    {
      gsize column = (gsize) x * self->stride;

      for (int y = self->first_row; y < self->end_row; y += 4)
        {
          Four *through = (Four *) (self->through + column + y);
          const FourInts *bits = (const FourInts *) through;
          Four depth;

          /* Most pixels of a layer are untouched. */
          if ((*bits)[0] == 0x3f800000 && (*bits)[1] == 0x3f800000 && (*bits)[2] == 0x3f800000 &&
              (*bits)[3] == 0x3f800000)
            continue;

          depth = four_depth (*through);
          *(Four *) (self->all + column + y) = four_max (*(Four *) (self->all + column + y) * *through, four (FLOOR));
          *(Four *) (self->depth + column + y) += depth;
          *(Four *) (self->sums[0] + column + y) += depth * four ((float) lab.l);
          *(Four *) (self->sums[1] + column + y) += depth * four ((float) lab.a);
          *(Four *) (self->sums[2] + column + y) += depth * four ((float) lab.b);
          *through = four (1);
        }
    }
  self->first_row = self->height;
  self->end_row = 0;
}

#define N_GAMMA 1024

/* From linear light to 0…255 by table: pow () for each pixel would cost more than all lines. */
static void
fill_gamma (float *gamma)
{
  for (int i = 0; i <= N_GAMMA; i++)
    {
      double v = (double) i / N_GAMMA;

      gamma[i] = (float) (v <= 0.0031308 ? 12.92 * v : 1.055 * pow (v, 1 / 2.4) - 0.055);
    }
  gamma[N_GAMMA + 1] = 1;
}

static inline float
apply_gamma (const float *gamma,
             double       v)
{
  float at;
  int i;

  at = (float) CLAMP (v, 0, 1) * N_GAMMA;
  i = (int) at;

  return gamma[i] + (gamma[i + 1] - gamma[i]) * (at - (float) i);
}

static inline guint32
pack (float red,
      float green,
      float blue,
      float alpha)
{
  alpha *= 255;

  return (guint32) (alpha + 0.5f) << 24 | (guint32) (red * alpha + 0.5f) << 16 |
         (guint32) (green * alpha + 0.5f) << 8 | (guint32) (blue * alpha + 0.5f);
}

cairo_surface_t *
hl_line_raster_finish (HlLineRaster *self)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, MAX (self->width, 1), MAX (self->height, 1));
  float gamma[N_GAMMA + 2];
  guchar *data;
  int row_bytes;

  if (self->all == NULL || self->width == 0 || self->height == 0 ||
      cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    return surface;

  if (self->depth != NULL)
    fill_gamma (gamma);

  cairo_surface_flush (surface);
  data = cairo_image_surface_get_data (surface);
  row_bytes = cairo_image_surface_get_stride (surface);
  for (int y = 0; y < self->height; y++)
    {
      guint32 *row = (guint32 *) (gpointer) (data + (gsize) y * (gsize) row_bytes);

      for (int x = 0; x < self->width; x++)
        {
          gsize i = (gsize) x * self->stride + (gsize) y;
          float alpha = 1 - self->all[i];

          if (alpha < 0.5f / 255)
            continue;

          if (self->depth == NULL)
            {
              row[x] = pack ((float) self->colour.red, (float) self->colour.green, (float) self->colour.blue, alpha);
            }
          else
            {
              float weight = 1 / self->depth[i];
              double rgb[3];

              hl_oklab_to_linear ((HlOkLab) { self->sums[0][i] * weight, self->sums[1][i] * weight,
                                              self->sums[2][i] * weight }, rgb);
              row[x] = pack (apply_gamma (gamma, rgb[0]), apply_gamma (gamma, rgb[1]), apply_gamma (gamma, rgb[2]), alpha);
            }
        }
    }
  cairo_surface_mark_dirty (surface);

  return surface;
}

/* About this much memory for each raster: pixels of a band, of six planes of floats at most. */
#define MAX_BAND (1 << 20)

/* Lines from which on a second thread saves more than it costs to start. */
#define MANY_LINES 20000

typedef struct
{
  HlLineRaster    *raster;
  const HlColour  *colours;
  guint            n_layers;
  HlLineFunc       func;
  gpointer         data;
  cairo_surface_t *surface;
} Part;

static gpointer
draw_part (gpointer data)
{
  Part *part = data;

  for (guint i = 0; i < part->n_layers; i++)
    {
      part->func (part->raster, i, part->data);
      hl_line_raster_end_layer (part->raster, part->colours[i]);
    }
  part->surface = hl_line_raster_finish (part->raster);
  g_clear_pointer (&part->raster, hl_line_raster_free);

  return NULL;
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
  cairo_matrix_t matrix;
  double device_x, device_y, scale_x, scale_y, x0, y0, x1, y1;
  int left, top, right, bottom, band;

  if (!hl_figure_has_pixels (cr, &scale_x, &scale_y))
    return FALSE;
  cairo_get_matrix (cr, &matrix);
  if (matrix.xy != 0 || matrix.yx != 0 || !(matrix.xx > 0) || !(matrix.yy > 0))
    return FALSE;
  device_x = scale_x / matrix.xx;
  device_y = scale_y / matrix.yy;

  /* The pixels that are both in the area and in the clip. */
  cairo_clip_extents (cr, &x0, &y0, &x1, &y1);
  x0 = MAX (x0, area->x);
  y0 = MAX (y0, area->y);
  x1 = MIN (x1, area->x + area->width);
  y1 = MIN (y1, area->y + area->height);
  if (x0 >= x1 || y0 >= y1 || n_layers == 0)
    return TRUE;
  left = (int) floor ((x0 * matrix.xx + matrix.x0) * device_x);
  top = (int) floor ((y0 * matrix.yy + matrix.y0) * device_y);
  right = (int) ceil ((x1 * matrix.xx + matrix.x0) * device_x);
  bottom = (int) ceil ((y1 * matrix.yy + matrix.y0) * device_y);
  if (right - left > 32767)
    return FALSE;
  band = CLAMP (MAX_BAND / (right - left), 64, 16384);

  cairo_save (cr);
  cairo_rectangle (cr, area->x, area->y, area->width, area->height);
  cairo_clip (cr);
  cairo_identity_matrix (cr);
  for (int y = top; y < bottom; y += band)
    {
      int height = MIN (band, bottom - y);
      guint n_parts = n_lines >= MANY_LINES && right - left >= 32 ? 2 : 1;
      Part parts[2] = { { 0 } };
      GThread *thread = NULL;

      for (guint i = 0; i < n_parts; i++)
        {
          int from = left + (int) i * (right - left) / (int) n_parts;
          int to = left + (int) (i + 1) * (right - left) / (int) n_parts;

          parts[i] = (Part) { .colours = colours, .n_layers = n_layers, .func = func, .data = data };
          parts[i].raster = hl_line_raster_new (to - from, height, (from / device_x - matrix.x0) / matrix.xx,
                                                (y / device_y - matrix.y0) / matrix.yy, scale_x, scale_y);
        }
      if (n_parts == 2)
        thread = g_thread_new ("lines", draw_part, &parts[1]);
      draw_part (&parts[0]);
      if (thread != NULL)
        g_thread_join (thread);

      for (guint i = 0; i < n_parts; i++)
        {
          int from = left + (int) i * (right - left) / (int) n_parts;

          cairo_surface_set_device_scale (parts[i].surface, device_x, device_y);
          cairo_set_source_surface (cr, parts[i].surface, from / device_x, y / device_y);
          cairo_pattern_set_filter (cairo_get_source (cr), CAIRO_FILTER_NEAREST);
          cairo_paint (cr);
          cairo_surface_destroy (parts[i].surface);
        }
    }
  cairo_restore (cr);

  return TRUE;
}
