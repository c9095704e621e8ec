#include "config.h"

#include "hl-line-raster-private.h"

#include <math.h>

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

/* A colour as OKLab's three cone responses, before they are taken to the third power: a linear transform of L, a and b, in
 * which means are the same, and closer to what a screen wants. */
static void
get_cones (HlColour colour,
           float    cones[3])
{
  HlOkLab lab = hl_colour_to_oklab (colour);

  cones[0] = (float) (lab.l + 0.3963377774 * lab.a + 0.2158037573 * lab.b);
  cones[1] = (float) (lab.l - 0.1055613458 * lab.a - 0.0638541728 * lab.b);
  cones[2] = (float) (lab.l - 0.0894841775 * lab.a - 1.2914855480 * lab.b);
}

/* Depth and colour of the layers so far, all of one colour, from their product. */
static void
begin_mixing (HlLineRaster *self)
{
  gsize n = (gsize) self->width * self->stride;
  float cones[3];

  get_cones (self->colour, cones);
  self->depth = hl_line_raster_new_plane (self, 0);
  for (guint i = 0; i < 3; i++)
    self->sums[i] = hl_line_raster_new_plane (self, 0);

  for (gsize i = 0; i < n; i += 4)
    {
      Four depth = four_depth (*(Four *) (self->all + i));

      *(Four *) (self->depth + i) = depth;
      for (guint j = 0; j < 3; j++)
        *(Four *) (self->sums[j] + i) = depth * four (cones[j]);
    }
}

/* Most pixels of a layer are untouched. */
static inline gboolean
four_are_clear (const float *at)
{
  const guint64 *bits = (const guint64 *) (gconstpointer) at;
  const guint64 ones = G_GUINT64_CONSTANT (0x3f8000003f800000);

  return ((bits[0] ^ ones) | (bits[1] ^ ones)) == 0;
}

void
hl_line_raster_end_layer (HlLineRaster *self,
                          HlColour      colour)
{
  float cones[3];
  int first = self->first_row & ~3;

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

  get_cones (colour, cones);
  for (int x = 0; x < self->width; x++)
    {
      gsize column = (gsize) x * self->stride;

      for (int y = first; y < self->end_row; y += 4)
        {
          gsize i = column + (gsize) y;
          Four *through = (Four *) (self->through + i);
          Four depth;

          if (four_are_clear (self->through + i))
            continue;

          depth = four_depth (*through);
          *(Four *) (self->all + i) = four_max (*(Four *) (self->all + i) * *through, four (FLOOR));
          *(Four *) (self->depth + i) += depth;
          for (guint j = 0; j < 3; j++)
            *(Four *) (self->sums[j] + i) += depth * four (cones[j]);
          *through = four (1);
        }
    }
  self->first_row = self->height;
  self->end_row = 0;
}

void
hl_line_gamma_init (HlLineGamma *self)
{
  for (int i = 0; i <= HL_LINE_GAMMA_STEPS; i++)
    {
      double v = (double) i / HL_LINE_GAMMA_STEPS;

      self->encoded[i] = (float) (v <= 0.0031308 ? 12.92 * v : 1.055 * pow (v, 1 / 2.4) - 0.055);
    }
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

/* Four pixels, one below the other, of mixed colours. */
static void
write_mixed (HlLineRaster      *self,
             gsize              i,
             const HlLineGamma *gamma,
             int                n,
             guchar            *out,
             gsize              row_bytes)
{
  Four weight = four (1) / four_max (*(Four *) (self->depth + i), four (1e-9f));
  Four alpha = four (1) - *(Four *) (self->all + i);
  Four l = *(Four *) (self->sums[0] + i) * weight;
  Four m = *(Four *) (self->sums[1] + i) * weight;
  Four s = *(Four *) (self->sums[2] + i) * weight;
  const Four none = four (0), most = four (HL_LINE_GAMMA_STEPS), half = four (0.5f);
  Four red, green, blue;

  /* Back to linear light as hl_oklab_to_linear() does, and on to the table's steps. */
  l *= l * l * most;
  m *= m * m * most;
  s *= s * s * most;
  red = four_min (four_max (l * 4.0767416621f - m * 3.3077115913f + s * 0.2309699292f, none), most) + half;
  green = four_min (four_max (l * -1.2684380046f + m * 2.6097574011f - s * 0.3413193965f, none), most) + half;
  blue = four_min (four_max (l * -0.0041960863f - m * 0.7034186147f + s * 1.7076147010f, none), most) + half;

  for (int y = 0; y < n; y++, out += row_bytes)
    if (alpha[y] >= 0.5f / 255)
      *(guint32 *) (gpointer) out = pack (gamma->encoded[(int) red[y]], gamma->encoded[(int) green[y]],
                                          gamma->encoded[(int) blue[y]], alpha[y]);
}

void
hl_line_raster_write (HlLineRaster      *self,
                      const HlLineGamma *gamma,
                      guchar            *out,
                      gsize              row_bytes)
{
  const float red = (float) self->colour.red, green = (float) self->colour.green, blue = (float) self->colour.blue;

  if (self->all == NULL)
    return;

  for (int y = 0; y < self->height; y += 4)
    {
      int n = MIN (4, self->height - y);

      for (int x = 0; x < self->width; x++)
        {
          gsize i = (gsize) x * self->stride + (gsize) y;
          guchar *at = out + (gsize) y * row_bytes + 4 * (gsize) x;

          if (four_are_clear (self->all + i))
            continue;
          if (self->depth != NULL)
            {
              write_mixed (self, i, gamma, n, at, row_bytes);
              continue;
            }
          for (int j = 0; j < n; j++, at += row_bytes)
            if (self->all[i + j] <= 1 - 0.5f / 255)
              *(guint32 *) (gpointer) at = pack (red, green, blue, 1 - self->all[i + j]);
        }
    }
}

cairo_surface_t *
hl_line_raster_finish (HlLineRaster *self)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, MAX (self->width, 1), MAX (self->height, 1));
  g_autofree HlLineGamma *gamma = NULL;

  if (cairo_surface_status (surface) != CAIRO_STATUS_SUCCESS)
    return surface;

  if (self->depth != NULL)
    {
      gamma = g_new (HlLineGamma, 1);
      hl_line_gamma_init (gamma);
    }
  cairo_surface_flush (surface);
  hl_line_raster_write (self, gamma, cairo_image_surface_get_data (surface), (gsize) cairo_image_surface_get_stride (surface));
  cairo_surface_mark_dirty (surface);

  return surface;
}
