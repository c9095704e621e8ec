#include "hl-style.h"
#include "hl-text.h"

#include <math.h>

/* What a colour becomes for eyes without one kind of cone: Machado, Oliveira & Fernandes 2009, table 1, severity 1, on
 * linear sRGB. */
static const double protanopia[3][3] = {
  { 0.152286, 1.052583, -0.204868 },
  { 0.114503, 0.786281, 0.099216 },
  { -0.003882, -0.048116, 1.051998 },
};

static const double deuteranopia[3][3] = {
  { 0.367322, 0.860646, -0.227968 },
  { 0.280085, 0.672501, 0.047413 },
  { -0.011820, 0.042940, 0.968881 },
};

static double
to_linear (double v)
{
  return v <= 0.04045 ? v / 12.92 : pow ((v + 0.055) / 1.055, 2.4);
}

/* OKLab of a colour as seen through @cones (NULL: all). */
static void
see (HlColour      colour,
     const double  cones[3][3],
     double        lab[3])
{
  double in[3] = { to_linear (colour.red), to_linear (colour.green), to_linear (colour.blue) };
  double rgb[3], l, m, s;

  for (int i = 0; i < 3; i++)
    {
      rgb[i] = in[i];
      if (cones != NULL)
        rgb[i] = CLAMP (cones[i][0] * in[0] + cones[i][1] * in[1] + cones[i][2] * in[2], 0, 1);
    }
  l = cbrt (0.4122214708 * rgb[0] + 0.5363325363 * rgb[1] + 0.0514459929 * rgb[2]);
  m = cbrt (0.2119034982 * rgb[0] + 0.6806995451 * rgb[1] + 0.1073969566 * rgb[2]);
  s = cbrt (0.0883024619 * rgb[0] + 0.2817188376 * rgb[1] + 0.6299787005 * rgb[2]);
  lab[0] = 0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s;
  lab[1] = 1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s;
  lab[2] = 0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s;
}

static double
least_distance (HlStyle      *style,
                guint         n_heads,
                const double  cones[3][3])
{
  double least = G_MAXDOUBLE;

  for (guint a = 0; a < n_heads; a++)
    for (guint b = 0; b < a; b++)
      {
        double x[3], y[3];

        see (hl_style_head_colour (style, a, n_heads), cones, x);
        see (hl_style_head_colour (style, b, n_heads), cones, y);
        least = MIN (least, sqrt (pow (x[0] - y[0], 2) + pow (x[1] - y[1], 2) + pow (x[2] - y[2], 2)));
      }

  return least;
}

/* 0.1 in OKLab is about five times what one just tells apart side by side. */
static void
test_head_colours (void)
{
  const HlTheme themes[] = { HL_THEME_LIGHT, HL_THEME_DARK, HL_THEME_PRINT };

  for (gsize i = 0; i < G_N_ELEMENTS (themes); i++)
    {
      g_autoptr (HlStyle) style = hl_style_new (themes[i], NULL, 0);

      g_assert_cmpfloat (least_distance (style, 8, NULL), >, 0.15);
      g_assert_cmpfloat (least_distance (style, 8, protanopia), >, 0.1);
      g_assert_cmpfloat (least_distance (style, 8, deuteranopia), >, 0.1);
      g_assert_cmpfloat (least_distance (style, 12, NULL), >, 0.06);
      g_assert_cmpfloat (least_distance (style, 16, NULL), >, 0.05);
      /* As many heads as there are: no colour comes twice. */
      g_assert_cmpfloat (least_distance (style, 128, NULL), >, 0.001);
    }
}

/* A head's colour must not depend on which others are on, only on how many there are. */
static void
test_neighbours (void)
{
  g_autoptr (HlStyle) style = hl_style_new (HL_THEME_LIGHT, NULL, 0);

  for (guint n = 9; n <= 64; n++)
    for (guint head = 0; head + 1 < n; head++)
      {
        double x[3], y[3];

        see (hl_style_head_colour (style, head, n), NULL, x);
        see (hl_style_head_colour (style, head + 1, n), NULL, y);
        g_assert_cmpfloat (hypot (x[1] - y[1], x[2] - y[2]), >, 0.1);
      }
}

static void
test_mix (void)
{
  g_autoptr (HlStyle) style = hl_style_new (HL_THEME_DARK, NULL, 0);
  HlColour red = hl_colour_from_rgb (0xff0000);
  HlColour half = hl_style_ramp (style, red, 0.5);

  g_assert_cmpfloat_with_epsilon (hl_style_ramp (style, red, 1).red, 1, 1e-4);
  g_assert_cmpfloat_with_epsilon (hl_style_ramp (style, red, 7).green, 0, 1e-4);
  g_assert_cmpfloat (hl_style_ramp (style, red, -1).red, ==, style->background.red);
  g_assert_cmpfloat (hl_style_ramp (style, red, NAN).red, ==, style->background.red);
  g_assert_cmpfloat (half.red, >, style->background.red);
  g_assert_cmpfloat (half.red, <, 1);
}

static void
test_gamut (void)
{
  for (int hue = 0; hue < 360; hue += 5)
    {
      HlColour colour = hl_colour_from_oklch (0.7, 0.4, hue);

      g_assert_cmpfloat (colour.red, >=, 0);
      g_assert_cmpfloat (colour.red, <=, 1);
      g_assert_cmpfloat (colour.green, >=, 0);
      g_assert_cmpfloat (colour.green, <=, 1);
      g_assert_cmpfloat (colour.blue, >=, 0);
      g_assert_cmpfloat (colour.blue, <=, 1);
    }
}

static void
test_text (void)
{
  g_autoptr (HlStyle) style = hl_style_new (HL_THEME_LIGHT, NULL, 0);
  g_autofree char *third = hl_text_number (1 / 3.0);
  g_autofree char *one = hl_text_number (1);
  g_autofree char *tiny = hl_text_number (3.14e-5);
  g_autofree char *none = hl_text_number (NAN);
  double narrow, wide, height;

  hl_text_measure (style, "i", HL_TEXT_TOKEN, HL_TEXT_REGULAR, &narrow, &height);
  hl_text_measure (style, "attention", HL_TEXT_TOKEN, HL_TEXT_REGULAR, &wide, NULL);
  g_assert_cmpfloat (narrow, >, 0);
  g_assert_cmpfloat (wide, >, narrow);
  g_assert_cmpfloat (height, >, style->font_size);
  /* Markup, line breaks and broken bytes are text like any other. */
  hl_text_measure (style, "<b>&\n\x01\xff", HL_TEXT_TOKEN, HL_TEXT_REGULAR, &wide, &height);
  g_assert_cmpfloat (wide, >, 5 * narrow);
  g_assert_cmpfloat (height, <, 3 * style->font_size);

  g_assert_cmpstr (third, ==, "0.333");
  g_assert_cmpstr (one, ==, "1");
  g_assert_cmpstr (tiny, ==, "3.14e-05");
  g_assert_cmpstr (none, ==, "–");
}

static void
test_count (void)
{
  static const struct { guint64 n; const char *text; } counts[] = {
    { 0, "0" }, { 12, "12" }, { 999, "999" }, { 1000, "1,000" }, { 27361, "27,361" }, { 123456, "123,456" },
    { G_GUINT64_CONSTANT (1234567890), "1,234,567,890" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (counts); i++)
    {
      g_autofree char *text = hl_text_count (counts[i].n);

      g_assert_cmpstr (text, ==, counts[i].text);
    }
}

/* What follows "_" stands lower and smaller, and the sign itself is gone. */
static void
test_formula (void)
{
  g_autoptr (HlStyle) style = hl_style_new (HL_THEME_LIGHT, NULL, 0);
  g_autoptr (PangoLayout) set = hl_text_formula (style, "(1/m) Σ_i a_ij", 1);
  g_autoptr (PangoLayout) plain = hl_text_layout (style, "(1/m) Σi aij", 1, HL_TEXT_REGULAR);
  int set_width, plain_width, set_height, plain_height;

  g_assert_cmpstr (pango_layout_get_text (set), ==, "(1/m) Σi aij");
  pango_layout_get_size (set, &set_width, &set_height);
  pango_layout_get_size (plain, &plain_width, &plain_height);
  g_assert_cmpint (set_width, <, plain_width);
  g_assert_cmpint (set_height, <=, 1.3 * plain_height);
}

/* A masked tile shows on its ground, and a hovered one more so, in every theme. */
static void
test_surfaces (void)
{
  for (HlTheme theme = HL_THEME_LIGHT; theme <= HL_THEME_PRINT; theme++)
    {
      g_autoptr (HlStyle) style = hl_style_new (theme, NULL, 0);
      double shade = fabs (style->shade.green - style->background.green);
      double hover = fabs (style->hover.green - style->background.green);

      g_assert_cmpfloat (shade, >, 0.03);
      g_assert_cmpfloat (hover, >, shade);
      if (theme == HL_THEME_HIGH_CONTRAST || theme == HL_THEME_HIGH_CONTRAST_DARK)
        {
          HlColour tenth = hl_style_ramp (style, style->foreground, 0.1);

          g_assert_cmpfloat (shade, >, 0.08);
          g_assert_cmpfloat (fabs (tenth.green - style->background.green), >, 0.08);
        }
      for (int i = 0; i < 100; i++)
        {
          HlColour less = hl_style_ramp (style, style->foreground, i / 100.0);
          HlColour more = hl_style_ramp (style, style->foreground, (i + 1) / 100.0);

          g_assert_true (hl_style_is_dark (style) ? more.green > less.green : more.green < less.green);
        }
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/style/head-colours", test_head_colours);
  g_test_add_func ("/style/neighbours", test_neighbours);
  g_test_add_func ("/style/mix", test_mix);
  g_test_add_func ("/style/gamut", test_gamut);
  g_test_add_func ("/style/text", test_text);
  g_test_add_func ("/style/count", test_count);
  g_test_add_func ("/style/formula", test_formula);
  g_test_add_func ("/style/surfaces", test_surfaces);

  return g_test_run ();
}
