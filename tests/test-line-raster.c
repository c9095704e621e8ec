/* The line rasteriser against its definition, against cairo, and against what it promises: no order, no hue shift. */

#include <math.h>
#include <string.h>

#include "hl-figure-private.h"
#include "hl-line-raster.h"

#define SIZE 96

typedef struct
{
  double x0, y0, x1, y1, width, opacity;
} Line;

static const HlColour blue = { 0.2, 0.4, 0.8, 1 };
static const HlColour red = { 0.8, 0.3, 0.2, 1 };
static const HlColour green = { 0.2, 0.6, 0.3, 1 };

static guint32
get_pixel (cairo_surface_t *surface,
           int              x,
           int              y)
{
  const guchar *data = cairo_image_surface_get_data (surface);

  return *(const guint32 *) (gconstpointer) (data + y * cairo_image_surface_get_stride (surface) + 4 * x);
}

static int
get_part (guint32 pixel,
          int     part) /* 3 = alpha … 0 = blue */
{
  return pixel >> 8 * part & 0xff;
}

/* The largest difference of any component of any pixel. */
static int
compare (cairo_surface_t *a,
         cairo_surface_t *b)
{
  int largest = 0;

  cairo_surface_flush (a);
  cairo_surface_flush (b);
  g_assert_cmpint (cairo_image_surface_get_width (a), ==, cairo_image_surface_get_width (b));
  g_assert_cmpint (cairo_image_surface_get_height (a), ==, cairo_image_surface_get_height (b));
  for (int y = 0; y < cairo_image_surface_get_height (a); y++)
    for (int x = 0; x < cairo_image_surface_get_width (a); x++)
      for (int part = 0; part < 4; part++)
        largest = MAX (largest, ABS (get_part (get_pixel (a, x, y), part) - get_part (get_pixel (b, x, y), part)));

  return largest;
}

static Line
random_line (GRand *rand)
{
  return (Line) {
    g_rand_double_range (rand, -20, SIZE + 20), g_rand_double_range (rand, -60, SIZE + 60),
    g_rand_double_range (rand, -20, SIZE + 20), g_rand_double_range (rand, -60, SIZE + 60),
    g_rand_double_range (rand, 0.3, 4), g_rand_double (rand) * g_rand_double (rand),
  };
}

static void
add (HlLineRaster *raster,
     const Line   *line)
{
  hl_line_raster_add_line (raster, line->x0, line->y0, line->x1, line->y1, line->width, line->opacity);
}

/* One line at a time with its round ends, and many lines of which only the middle is seen. */
static void
test_definition (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (1);

  for (guint round = 0; round < 400; round++)
    {
      g_autoptr (HlLineRaster) fast = hl_line_raster_new (SIZE, SIZE, 0, 0, 1, 1);
      g_autoptr (HlLineRaster) plain = hl_line_raster_new (SIZE, SIZE, 0, 0, 1, 1);
      cairo_surface_t *a, *b;

      for (guint i = 0; i < (round % 2 == 0 ? 1 : 30); i++)
        {
          Line line = random_line (rand);

          if (round % 2 != 0)
            {
              line.x0 = -10;
              line.x1 = SIZE + 10;
            }
          else if (round % 5 == 1)
            line.x1 = line.x0;
          else if (round % 5 == 2)
            line.x1 = line.x0 + 1.5;
          if (round % 5 == 0)
            line.y1 = line.y0;
          add (fast, &line);
          hl_line_raster_add_line_plain (plain, line.x0, line.y0, line.x1, line.y1, line.width, line.opacity);
        }
      hl_line_raster_end_layer (fast, blue);
      hl_line_raster_end_layer (plain, blue);
      a = hl_line_raster_finish (fast);
      b = hl_line_raster_finish (plain);
      g_assert_cmpint (compare (a, b), <=, 1);
      cairo_surface_destroy (a);
      cairo_surface_destroy (b);
    }
}

static cairo_surface_t *
stroke (void (*path) (cairo_t *, gconstpointer),
        gconstpointer data,
        double        width,
        double        opacity)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, SIZE, SIZE);
  cairo_t *cr = cairo_create (surface);

  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_width (cr, width);
  hl_colour_set (cr, hl_colour_with_alpha (blue, opacity));
  path (cr, data);
  cairo_stroke (cr);
  cairo_destroy (cr);

  return surface;
}

static void
line_path (cairo_t       *cr,
           gconstpointer  data)
{
  const Line *line = data;

  cairo_move_to (cr, line->x0, line->y0);
  cairo_line_to (cr, line->x1, line->y1);
}

/* A single line is what cairo strokes: no pixel differs by more than 10 % of its opacity, a fifth around the ends, the whole
 * by less than 4 %. */
static void
test_cairo (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (2);
  const double widths[] = { 1, 1.5, 2, 3 };
  const double opacities[] = { 0.1, 0.5, 1 };
  int worst = 0;

  for (guint round = 0; round < 300; round++)
    {
      g_autoptr (HlLineRaster) raster = hl_line_raster_new (SIZE, SIZE, 0, 0, 1, 1);
      double angle = g_rand_double_range (rand, 0, 2 * G_PI);
      Line line = { 48, 48, 48 + 40 * cos (angle), 48 + 40 * sin (angle), widths[round % 4], opacities[round % 3] };
      cairo_surface_t *ours, *theirs;
      double sum = 0, cairo_sum = 0;

      if (round < 4)
        line = (Line) { 4, 20.5 + round / 4.0, 90, 20.5 + round / 4.0, 1.5, 0.5 };
      add (raster, &line);
      hl_line_raster_end_layer (raster, blue);
      ours = hl_line_raster_finish (raster);
      theirs = stroke (line_path, &line, line.width, line.opacity);

      for (int y = 0; y < SIZE; y++)
        for (int x = 0; x < SIZE; x++)
          {
            int alpha = get_part (get_pixel (ours, x, y), 3), cairo_alpha = get_part (get_pixel (theirs, x, y), 3);
            gboolean at_end = MIN (hypot (x + 0.5 - line.x0, y + 0.5 - line.y0),
                                   hypot (x + 0.5 - line.x1, y + 0.5 - line.y1)) < line.width / 2 + 1.5;

            sum += alpha;
            cairo_sum += cairo_alpha;
            if (!at_end)
              worst = MAX (worst, (int) (ABS (alpha - cairo_alpha) / line.opacity));
            g_assert_cmpint (ABS (alpha - cairo_alpha), <=, 255 * (at_end ? 0.2 : 0.1) * line.opacity + 1.5);
          }
      g_assert_cmpfloat (fabs (sum / cairo_sum - 1), <, 0.04);
      cairo_surface_destroy (ours);
      cairo_surface_destroy (theirs);
    }
  g_test_message ("largest difference from cairo: %d of 255", worst);
}

/* [x, y0, y1, bulge] */
static void
arc_path (cairo_t       *cr,
          gconstpointer  data)
{
  const double *arc = data;
  cairo_matrix_t matrix;

  cairo_get_matrix (cr, &matrix);
  cairo_translate (cr, arc[0], (arc[1] + arc[2]) / 2);
  cairo_scale (cr, arc[3], fabs (arc[2] - arc[1]) / 2);
  cairo_arc (cr, 0, 0, 1, -G_PI_2, G_PI_2);
  cairo_set_matrix (cr, &matrix);
}

static void
test_arcs (void)
{
  const double arcs[][4] = {
    { 20.5, 10, 86, 40 },  { 20, 10.3, 86.7, 12 }, { 70, 86, 8, -55 }, { 48, 30, 52, 11 },
    { 48, 30, 52, -30.2 }, { 48, 5, 91, 14.7 },    { 30, 2, 90, 45 },
  };
  int worst = 0;

  for (guint i = 0; i < G_N_ELEMENTS (arcs); i++)
    for (guint j = 0; j < 2; j++)
      {
        g_autoptr (HlLineRaster) raster = hl_line_raster_new (SIZE, SIZE, 0, 0, 1, 1);
        double width = j == 0 ? 1.5 : 3;
        cairo_surface_t *ours, *theirs;
        double sum = 0, cairo_sum = 0;

        hl_line_raster_add_arc (raster, arcs[i][0], arcs[i][1], arcs[i][2], arcs[i][3], width, 0.8);
        hl_line_raster_end_layer (raster, blue);
        ours = hl_line_raster_finish (raster);
        theirs = stroke (arc_path, arcs[i], width, 0.8);
        worst = MAX (worst, compare (ours, theirs));
        g_test_message ("arc %u width %g: %d", i, width, compare (ours, theirs));
        for (int y = 0; y < SIZE; y++)
          for (int x = 0; x < SIZE; x++)
            {
              /* No pixel is covered twice. */
              g_assert_cmpint (get_part (get_pixel (ours, x, y), 3), <=, 0.8 * 255 + 1);
              sum += get_part (get_pixel (ours, x, y), 3);
              cairo_sum += get_part (get_pixel (theirs, x, y), 3);
            }
        g_assert_cmpfloat (fabs (sum / cairo_sum - 1), <, 0.05);
        cairo_surface_destroy (ours);
        cairo_surface_destroy (theirs);
      }
  g_test_message ("largest difference from cairo: %d of 255", worst);
  g_assert_cmpint (worst, <=, 30);
}

/* Draws @lines, by thirds in three colours, in the order given by @order and of layers by @layers. */
static cairo_surface_t *
draw_layers (const Line     *lines,
             guint           n,
             const HlColour *colours,
             const guint    *layers,
             gboolean        backwards)
{
  g_autoptr (HlLineRaster) raster = hl_line_raster_new (SIZE, SIZE, 0, 0, 1, 1);

  for (guint k = 0; k < 3; k++)
    {
      for (guint i = 0; i < n; i++)
        {
          guint which = backwards ? n - 1 - i : i;

          if (which % 3 == layers[k])
            add (raster, &lines[which]);
        }
      hl_line_raster_end_layer (raster, colours[layers[k]]);
    }

  return hl_line_raster_finish (raster);
}

static void
test_order (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (3);
  const HlColour colours[3] = { blue, red, green };
  const guint forward[3] = { 0, 1, 2 }, backward[3] = { 2, 0, 1 };
  Line lines[600];
  cairo_surface_t *a, *b;

  for (guint i = 0; i < G_N_ELEMENTS (lines); i++)
    lines[i] = random_line (rand);
  a = draw_layers (lines, G_N_ELEMENTS (lines), colours, forward, FALSE);
  b = draw_layers (lines, G_N_ELEMENTS (lines), colours, backward, TRUE);
  g_assert_cmpint (compare (a, b), <=, 1);
  cairo_surface_destroy (a);
  cairo_surface_destroy (b);
}

/* Five hundred lines of 1 % do to a colour what one line does. Painted in eight bits, they would not. */
static void
test_hue (void)
{
  g_autoptr (HlLineRaster) raster = hl_line_raster_new (SIZE, 8, 0, 0, 1, 1);
  cairo_surface_t *surface;
  guint32 pixel;

  for (guint i = 0; i < 500; i++)
    hl_line_raster_add_line (raster, -5, 4, SIZE + 5, 4, 2, 0.01);
  hl_line_raster_end_layer (raster, blue);
  surface = hl_line_raster_finish (raster);
  pixel = get_pixel (surface, SIZE / 2, 4);
  g_assert_cmpint (ABS (get_part (pixel, 3) - 255 * (1 - pow (0.99, 500))), <=, 1);
  g_assert_cmpint (ABS (get_part (pixel, 2) - (int) (get_part (pixel, 3) * blue.red)), <=, 1);
  g_assert_cmpint (ABS (get_part (pixel, 0) - (int) (get_part (pixel, 3) * blue.blue)), <=, 1);
  cairo_surface_destroy (surface);
}

static void
test_mixing (void)
{
  g_autoptr (HlLineRaster) raster = hl_line_raster_new (SIZE, 20, 0, 0, 1, 1);
  HlColour middle = hl_colour_mix (blue, red, 0.5);
  cairo_surface_t *surface;
  guint32 both, alone, other;

  hl_line_raster_add_line (raster, -5, 4, SIZE / 2, 4, 2, 0.5);
  hl_line_raster_add_line (raster, -5, 10, SIZE / 2, 10, 2, 0.25);
  hl_line_raster_end_layer (raster, blue);
  hl_line_raster_end_layer (raster, green); /* nothing */
  hl_line_raster_add_line (raster, -5, 4, SIZE / 2, 4, 2, 0.5);
  hl_line_raster_add_line (raster, -5, 16, SIZE / 2, 16, 2, 0.25);
  hl_line_raster_end_layer (raster, red);
  surface = hl_line_raster_finish (raster);

  both = get_pixel (surface, 20, 4);
  g_assert_cmpint (ABS (get_part (both, 3) - 191), <=, 1);
  g_assert_cmpint (ABS (get_part (both, 2) - (int) (191 * middle.red)), <=, 2);
  g_assert_cmpint (ABS (get_part (both, 1) - (int) (191 * middle.green)), <=, 2);
  g_assert_cmpint (ABS (get_part (both, 0) - (int) (191 * middle.blue)), <=, 2);

  /* Where one head is alone, the other's being on changes nothing. */
  alone = get_pixel (surface, 20, 10);
  other = get_pixel (surface, 20, 16);
  g_assert_cmpint (ABS (get_part (alone, 3) - 64), <=, 1);
  g_assert_cmpint (ABS (get_part (alone, 0) - (int) (64 * blue.blue)), <=, 1);
  g_assert_cmpint (ABS (get_part (other, 3) - 64), <=, 1);
  g_assert_cmpint (ABS (get_part (other, 2) - (int) (64 * red.red)), <=, 1);
  g_assert_cmpint (get_pixel (surface, 80, 4), ==, 0);
  cairo_surface_destroy (surface);
}

/* A part of the picture drawn by itself is that part of the whole. */
static void
test_parts (void)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (4);
  g_autoptr (HlLineRaster) whole = hl_line_raster_new (SIZE, SIZE, 0, 0, 1, 1);
  g_autoptr (HlLineRaster) part = hl_line_raster_new (30, 40, 31, 17, 1, 1);
  cairo_surface_t *a, *b;

  for (guint i = 0; i < 300; i++)
    {
      Line line = random_line (rand);

      add (whole, &line);
      add (part, &line);
      hl_line_raster_add_arc (whole, line.x0, line.y0, line.y1, line.x1 / 2, line.width, line.opacity / 4);
      hl_line_raster_add_arc (part, line.x0, line.y0, line.y1, line.x1 / 2, line.width, line.opacity / 4);
    }
  hl_line_raster_end_layer (whole, red);
  hl_line_raster_end_layer (part, red);
  a = hl_line_raster_finish (whole);
  b = hl_line_raster_finish (part);
  for (int y = 0; y < 40; y++)
    for (int x = 0; x < 30; x++)
      g_assert_cmpint (ABS (get_part (get_pixel (a, x + 31, y + 17), 3) - get_part (get_pixel (b, x, y), 3)), <=, 1);
  cairo_surface_destroy (a);
  cairo_surface_destroy (b);
}

static void
emit (HlLineRaster *raster,
      guint         layer,
      gpointer      data)
{
  g_autoptr (GRand) rand = g_rand_new_with_seed (10 + layer);

  for (guint i = 0; i < 200; i++)
    {
      Line line = random_line (rand);

      add (raster, &line);
    }
}

static cairo_surface_t *
paint (double scale,
       gsize  n_lines)
{
  const HlColour colours[3] = { blue, red, green };
  const HlRect area = { 10.3, 5, 70, 80 };
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int) (SIZE * scale), (int) (SIZE * scale));
  cairo_t *cr = cairo_create (surface);

  cairo_scale (cr, scale, scale);
  g_assert_true (hl_line_raster_paint (cr, &area, colours, 3, n_lines, emit, NULL));
  cairo_destroy (cr);

  return surface;
}

static void
test_paint (void)
{
  cairo_surface_t *one = paint (2, 0), *two = paint (2, 1000000);

  g_assert_cmpint (compare (one, two), <=, 1);
  g_assert_cmpint (get_pixel (one, 19, 60), ==, 0);
  g_assert_cmpint (get_pixel (one, 162, 60), ==, 0);
  g_assert_cmpint (get_pixel (one, 60, 60), !=, 0);
  cairo_surface_destroy (one);
  cairo_surface_destroy (two);
}

static void
test_paint_elsewhere (void)
{
  const HlRect area = { 0, 0, 10, 10 };
  cairo_surface_t *recording = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
  cairo_surface_t *image = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 10, 10);
  cairo_t *cr = cairo_create (recording);

  g_assert_false (hl_line_raster_paint (cr, &area, &blue, 1, 1, emit, NULL));
  cairo_destroy (cr);
  cr = cairo_create (image);
  cairo_rotate (cr, 1);
  g_assert_false (hl_line_raster_paint (cr, &area, &blue, 1, 1, emit, NULL));
  cairo_destroy (cr);
  cairo_surface_destroy (image);
  cairo_surface_destroy (recording);
}

/* Two layers of one line. */
static void
emit_twice (HlLineRaster *raster,
            guint         layer,
            gpointer      data)
{
  hl_line_raster_add_line (raster, -5, 20, SIZE + 5, 50, 2, layer == 0 ? 0.3 : 0.6);
  hl_line_raster_add_arc (raster, 10, 55, 90, 30, 2, layer == 0 ? 0.3 : 0.6);
}

/* Paths look like pixels: lines of two heads between the same points have their mean colour. */
static void
test_stroke (void)
{
  const HlRect area = { 0, 0, SIZE, SIZE };
  const HlColour colours[2] = { blue, red };
  cairo_surface_t *painted = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, SIZE, SIZE);
  cairo_surface_t *stroked = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, SIZE, SIZE);
  cairo_t *cr = cairo_create (painted);

  g_assert_true (hl_line_raster_paint (cr, &area, colours, 2, 0, emit_twice, NULL));
  cairo_destroy (cr);
  cr = cairo_create (stroked);
  hl_line_raster_stroke (cr, &area, colours, 2, emit_twice, NULL);
  cairo_destroy (cr);
  g_assert_cmpint (compare (painted, stroked), <=, 26);
  cairo_surface_destroy (painted);
  cairo_surface_destroy (stroked);
}

static void
test_degenerate (void)
{
  const double values[] = { NAN, INFINITY, -INFINITY, 1e30, -1e30, 0, 48 };
  g_autoptr (HlLineRaster) raster = hl_line_raster_new (SIZE, SIZE, 0, 0, 1, 1);
  g_autoptr (HlLineRaster) nothing = hl_line_raster_new (0, 0, 0, 0, 1, 1);
  cairo_surface_t *surface;

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    for (guint j = 0; j < G_N_ELEMENTS (values); j++)
      {
        hl_line_raster_add_line (raster, values[i], values[j], 10, 10, 1.5, 0.01);
        hl_line_raster_add_line (raster, 10, 10, 11, 12, values[i], values[j]);
        hl_line_raster_add_line (nothing, values[i], values[j], 10, 10, 1.5, 0.01);
        hl_line_raster_add_arc (raster, values[i], values[j], 10, 10, 1.5, 0.01);
        hl_line_raster_add_arc (raster, 3, 10, values[j], values[i], 1.5, 0.01);
      }
  hl_line_raster_end_layer (raster, blue);
  hl_line_raster_end_layer (nothing, blue);
  surface = hl_line_raster_finish (raster);
  g_assert_cmpint (cairo_surface_status (surface), ==, CAIRO_STATUS_SUCCESS);
  cairo_surface_destroy (surface);
  surface = hl_line_raster_finish (nothing);
  cairo_surface_destroy (surface);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/line-raster/definition", test_definition);
  g_test_add_func ("/line-raster/cairo", test_cairo);
  g_test_add_func ("/line-raster/arcs", test_arcs);
  g_test_add_func ("/line-raster/order", test_order);
  g_test_add_func ("/line-raster/hue", test_hue);
  g_test_add_func ("/line-raster/mixing", test_mixing);
  g_test_add_func ("/line-raster/parts", test_parts);
  g_test_add_func ("/line-raster/paint", test_paint);
  g_test_add_func ("/line-raster/paint-elsewhere", test_paint_elsewhere);
  g_test_add_func ("/line-raster/stroke", test_stroke);
  g_test_add_func ("/line-raster/degenerate", test_degenerate);

  return g_test_run ();
}
