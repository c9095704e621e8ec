#include "config.h"

#include "hl-line-raster-private.h"

#include <math.h>

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

  hl_line_raster_touch (self, arc.y - arc.b - arc.edge, arc.y + arc.b + arc.edge);
  arc.turn = arc.b * arc.b / hypot (arc.a, arc.b);
  cover_rows (self, &arc);
  cover_columns (self, &arc);
}
