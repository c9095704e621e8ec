#pragma once

#include "hl-line-raster.h"

#ifdef __SSE__
#include <xmmintrin.h>
#endif

G_BEGIN_DECLS

/* For the files of the rasteriser: -raster has lines, -arc arcs, -compose layers and their picture, -paint its way to cairo.
 *
 * Pixels are kept column by column: lines between two columns of tokens cross every pixel column, and the pixels they
 * touch in one lie side by side, so that four are done at a time. */

/* GCC's and Clang's portable vectors: SSE2 on x86-64, NEON on ARM. Three times as fast here as the plain loop (see
 * tests/bench). */
typedef float Four __attribute__ ((vector_size (16), aligned (4), may_alias));
typedef gint32 FourInts __attribute__ ((vector_size (16), aligned (4), may_alias));

/* Below this transmittance a pixel is opaque in eight bits; going on would only reach denormal numbers, which are slow. */
#define FLOOR 1e-5f

/* A group of four may reach past the end of a column. */
#define N_PAD 4

/* A line as it was added, for hl_line_raster_stroke(). */
typedef struct
{
  double x0;
  double y0;
  double x1;
  double y1;
  double bulge;   /* of an arc, 0 for a straight line */
  double width;
  double opacity;
  guint  layer;
} HlLinePath;

struct _HlLineRaster
{
  int    width;
  int    height;
  gsize  stride;       /* floats a column, N_PAD more than @height at least */
  double origin_x;
  double origin_y;
  double scale_x;
  double scale_y;

  GArray *paths;       /* of HlLinePath: where lines are only collected; no pixels then */
  float *through;      /* [width][stride] transmittance of the current layer; NULL while it has no lines */
  int    first_row;    /* rows that the current layer may have touched */
  int    end_row;

  HlColour colour;     /* of the first layer that has lines */
  float   *all;        /* [width][stride] product over ended layers */
  float   *depth;      /* Σ −ln T; NULL until two layers have lines */
  float   *sums[3];    /* Σ −ln T · colour, see get_cones() */
};

/* The current layer is going to have something in these rows. */
void     hl_line_raster_touch     (HlLineRaster *self,
                                   double        top,
                                   double        bottom);
float   *hl_line_raster_new_plane (HlLineRaster *self,
                                   float         value) G_GNUC_WARN_UNUSED_RESULT;

/* From linear light to what a screen wants, by table: pow () for each pixel would cost more than its lines. */
#define HL_LINE_GAMMA_STEPS 4096

typedef struct
{
  float encoded[HL_LINE_GAMMA_STEPS + 1];
} HlLineGamma;

void     hl_line_gamma_init       (HlLineGamma  *self);
/* Writes the picture as hl_line_raster_finish() does over transparent pixels. @gamma may be NULL if there was one layer. */
void     hl_line_raster_write     (HlLineRaster *self,
                                   const HlLineGamma *gamma,
                                   guchar       *out,
                                   gsize         row_bytes);

static inline Four
four (float value)
{
  return (Four){ value, value, value, value };
}

/* Portable comparisons cost four instructions where x86-64 has one: a quarter of the time of all drawing. */
static inline Four
four_min (Four a,
          Four b)
{
#ifdef __SSE__
  return (Four) _mm_min_ps ((__m128) a, (__m128) b);
#else
  FourInts less = a < b;

  return (Four) ((less & (FourInts) a) | (~less & (FourInts) b));
#endif
}

static inline Four
four_max (Four a,
          Four b)
{
#ifdef __SSE__
  return (Four) _mm_max_ps ((__m128) a, (__m128) b);
#else
  FourInts more = a > b;

  return (Four) ((more & (FourInts) a) | (~more & (FourInts) b));
#endif
}

static inline Four
four_abs (Four a)
{
  const FourInts mask = { 0x7fffffff, 0x7fffffff, 0x7fffffff, 0x7fffffff };

  return (Four) ((FourInts) a & mask);
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

static inline int
clamp_to_int (double value,
              int    low,
              int    high)
{
  return value <= low ? low : value >= high ? high : (int) value;
}

G_END_DECLS
