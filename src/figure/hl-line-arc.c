#include "config.h"

#include "hl-line-raster-private.h"

#include <math.h>

/* Half an ellipse in pixels: (@x + @side · a cos θ, @y + b sin θ). */
typedef struct
{
  float x;
  float y;
  float a;
  float b;
  float side; /* 1 right, −1 left */
  float edge; /* width / 2 + ½ */
  float turn; /* |y − middle| at which its slope is 1 */
  float peak;
  float opacity;
} Arc;

/* Where walking along one axis, four pixels at a time, meets the arc. */
typedef struct
{
  Four at;     /* distance from the centre along the other axis */
  Four cosine; /* between the normal there and the other axis */
  Four bend;   /* half the curvature times sine² */
} Crossing;

static inline Four
four_root (Four a)
{
#ifdef __SSE__
  return (Four) _mm_sqrt_ps ((__m128) a);
#else
  return (Four){ sqrtf (a[0]), sqrtf (a[1]), sqrtf (a[2]), sqrtf (a[3]) };
#endif
}

/* @along: distance from the centre on the axis of half-axis @b; the crossing is on that of @a. */
static inline Crossing
cross_ellipse (Four  along,
               float a,
               float b)
{
  Four t = along * four (1 / b);
  Four square = four_max (four (1) - t * t, four (1e-7f));
  Four cosine_t = four_root (square);
  Four slope = four (a / b) * t / cosine_t;
  Four cosine2 = four (1) / (four (1) + slope * slope);
  Four cosine = four_root (cosine2);

  return (Crossing) { four (a) * cosine_t, cosine,
                      four (0.5f * a / (b * b)) * cosine2 * cosine * (four (1) - cosine2) / (square * cosine_t) };
}

/* Signed distance of pixels that are @off further out than the crossing: from the tangent there, and then by how much the
 * ellipse has bent away from it. */
static inline Four
distance_from (const Crossing *crossing,
               Four            off)
{
  return off * (crossing->cosine + off * crossing->bend);
}

static inline void
cover (float     *pixels,
       const Arc *arc,
       Four       distance, /* ≥ 0 */
       FourInts   mask)
{
  Four *through = (Four *) pixels;
  Four covered = four_min (four_max (four (arc->edge) - distance, four (0)), four (arc->peak)) * four (arc->opacity);

  covered = (Four) ((FourInts) covered & mask);
  *through = four_max (*through - *through * covered, four (FLOOR));
}

/* Where the arc is steep: four rows at a time meet it in nearly the same columns, in which they lie side by side. */
static void
cover_rows (HlLineRaster *self,
            const Arc    *arc,
            double        top,
            double        bottom)
{
  int first = clamp_to_int (ceil (top - 0.5), 0, self->height);
  int end = clamp_to_int (floor (bottom - 0.5) + 1, 0, self->height);
  float reach = arc->edge * (float) G_SQRT2 + 0.5f;

  for (int y = first; y < end; y += 4)
    {
      Four u = four ((float) y + 0.5f - arc->y) + (Four){ 0, 1, 2, 3 };
      FourInts mask = (FourInts){ y, y + 1, y + 2, y + 3 } < (FourInts){ end, end, end, end };
      Crossing crossing = cross_ellipse (four_min (four_max (u, four (-arc->turn)), four (arc->turn)), arc->a, arc->b);
      float least = MIN (MIN (crossing.at[0], crossing.at[1]), MIN (crossing.at[2], crossing.at[3])) - reach;
      float most = MAX (MAX (crossing.at[0], crossing.at[1]), MAX (crossing.at[2], crossing.at[3])) + reach;
      int from, to;

      least = MAX (least, 0);
      from = clamp_to_int ((arc->side > 0 ? arc->x + least : arc->x - most) + 0.5f, 0, self->width);
      to = clamp_to_int ((arc->side > 0 ? arc->x + most : arc->x - least) + 0.5f, 0, self->width);
      for (int x = from; x < to; x++)
        {
          Four off = four (arc->side * ((float) x + 0.5f - arc->x)) - crossing.at;

          cover (self->through + (gsize) x * self->stride + y, arc, four_abs (distance_from (&crossing, off)), mask);
        }
    }
}

/* One column of a flat end: the two places where it meets the arc. */
static inline void
cover_column (HlLineRaster *self,
              const Arc    *arc,
              int           x,
              float         along,
              float         at,
              float         cosine,
              float         bend)
{
  const Crossing crossing = { four (at), four (cosine), four (bend) };
  float reach = arc->edge / cosine + 0.5f, past = MAX (-along, 0);
  float far = at + reach, near = MAX (at - reach, arc->turn);
  float *pixels = self->through + (gsize) x * self->stride;

  for (int half = 0; half < 2; half++)
    {
      float top = half == 0 ? arc->y - far : arc->y + near, bottom = half == 0 ? arc->y - near : arc->y + far;
      int from = clamp_to_int (top, 0, self->height), to = clamp_to_int (bottom + 1, 0, self->height);

      for (int y = from; y < to; y += 4)
        {
          Four from_middle = four ((float) y + 0.5f - arc->y) + (Four){ 0, 1, 2, 3 };
          Four u = half == 0 ? -from_middle : from_middle;
          Four distance = four_abs (distance_from (&crossing, u - crossing.at));

          /* Rows up to the turn are not this function's; one half of the arc is not the other. */
          cover (pixels + y, arc, past > 0 ? four_hypot (distance, four (past)) : distance, u > four (arc->turn));
        }
    }
}

/* Where it is flat, at both ends, and a little past the turn. */
static void
cover_columns (HlLineRaster *self,
               const Arc    *arc)
{
  float end_along = MIN (arc->a * arc->a / hypotf (arc->a, arc->b) + 2 * arc->edge, arc->a + arc->edge);
  int first = clamp_to_int (floorf (arc->side > 0 ? arc->x - arc->edge : arc->x - end_along), 0, self->width);
  int end = clamp_to_int (ceilf (arc->side > 0 ? arc->x + end_along : arc->x + arc->edge), 0, self->width);

  for (int x = first; x < end; x += 4)
    {
      Four along = (four ((float) x + 0.5f - arc->x) + (Four){ 0, 1, 2, 3 }) * four (arc->side);
      Crossing crossings = cross_ellipse (four_min (four_max (along, four (0)), four (0.995f * arc->a)), arc->b, arc->a);

      for (int i = 0; i < 4 && x + i < end; i++)
        cover_column (self, arc, x + i, along[i], crossings.at[i], crossings.cosine[i], crossings.bend[i]);
    }
}

/* Rows in which the arc is between the left and the right edge of the picture, up to the turn. */
static void
cover_visible_rows (HlLineRaster *self,
                    const Arc    *arc)
{
  float margin = 1.5f * arc->edge + 1;
  float least = (arc->side > 0 ? -arc->x : arc->x - (float) self->width) - margin;
  float most = (arc->side > 0 ? (float) self->width - arc->x : arc->x) + margin;
  float high = arc->turn, low = 0;

  if (most <= 0 || least >= arc->a)
    return;
  if (least > 0)
    high = MIN (high, arc->b * sqrtf (1 - least * least / (arc->a * arc->a)));
  if (most < arc->a)
    low = arc->b * sqrtf (1 - most * most / (arc->a * arc->a));
  if (low >= high)
    return;

  if (low < 2)
    {
      cover_rows (self, arc, arc->y - high, arc->y + high);
    }
  else
    {
      cover_rows (self, arc, arc->y - high, arc->y - low);
      cover_rows (self, arc, arc->y + low, arc->y + high);
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
    .x = (float) ((x - self->origin_x) * self->scale_x),
    .y = (float) ((0.5 * (y0 + y1) - self->origin_y) * self->scale_y),
    .a = (float) (fabs (bulge) * self->scale_x),
    .b = (float) (0.5 * fabs (y1 - y0) * self->scale_y),
    .side = bulge < 0 ? -1 : 1,
    .edge = (float) (0.5 * pixels + 0.5),
    .peak = (float) MIN (pixels, 1),
    .opacity = (float) MIN (opacity, 1),
  };
  float left, right;

  if (self->paths != NULL)
    {
      HlLinePath path = { x, y0, x, y1, bulge, width, opacity, 0 };

      g_array_append_val (self->paths, path);
      return;
    }
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
  arc.turn = arc.b * arc.b / hypotf (arc.a, arc.b);
  cover_visible_rows (self, &arc);
  cover_columns (self, &arc);
}
