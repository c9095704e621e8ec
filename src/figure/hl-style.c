#include "hl-style.h"

#include <math.h>

/* The grid at the default token size: 6 px. */
#define DEFAULT_FONT_SIZE (11.0 * 96.0 / 72.0)
#define GRID 6.0

typedef struct
{
  HlStyle         style;      /* first: an HlStyle* is one of these */
  gatomicrefcount ref_count;
} StyleBox;

static double
to_linear (double v)
{
  return v <= 0.04045 ? v / 12.92 : pow ((v + 0.055) / 1.055, 2.4);
}

static double
from_linear (double v)
{
  v = CLAMP (v, 0.0, 1.0);

  return v <= 0.0031308 ? 12.92 * v : 1.055 * pow (v, 1 / 2.4) - 0.055;
}

/* OKLab and back: the matrices of Björn Ottosson, "A perceptual color space for image processing", 2020. */
HlOkLab
hl_colour_to_oklab (HlColour colour)
{
  double r = to_linear (colour.red);
  double g = to_linear (colour.green);
  double b = to_linear (colour.blue);
  double l = cbrt (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b);
  double m = cbrt (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b);
  double s = cbrt (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b);

  return (HlOkLab) {
    0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
    1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
    0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
  };
}

void
hl_oklab_to_linear (HlOkLab lab,
                    double  rgb[3])
{
  double l = lab.l + 0.3963377774 * lab.a + 0.2158037573 * lab.b;
  double m = lab.l - 0.1055613458 * lab.a - 0.0638541728 * lab.b;
  double s = lab.l - 0.0894841775 * lab.a - 1.2914855480 * lab.b;

  l = l * l * l;
  m = m * m * m;
  s = s * s * s;
  rgb[0] = 4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s;
  rgb[1] = -1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s;
  rgb[2] = -0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s;
}

static gboolean
in_gamut (const double rgb[3])
{
  for (int i = 0; i < 3; i++)
    if (rgb[i] < -1e-4 || rgb[i] > 1 + 1e-4)
      return FALSE;

  return TRUE;
}

HlColour
hl_colour_from_rgb (gint32 rgb)
{
  return (HlColour) { (rgb >> 16 & 0xff) / 255.0, (rgb >> 8 & 0xff) / 255.0, (rgb & 0xff) / 255.0, 1 };
}

HlColour
hl_colour_from_oklch (double lightness,
                      double chroma,
                      double hue)
{
  double angle = hue * G_PI / 180;
  double low = 0, high = chroma;
  double rgb[3];

  hl_oklab_to_linear ((HlOkLab) { lightness, chroma * cos (angle), chroma * sin (angle) }, rgb);
  if (!in_gamut (rgb))
    {
      for (int i = 0; i < 20; i++)
        {
          double middle = (low + high) / 2;

          hl_oklab_to_linear ((HlOkLab) { lightness, middle * cos (angle), middle * sin (angle) }, rgb);
          if (in_gamut (rgb))
            low = middle;
          else
            high = middle;
        }
      hl_oklab_to_linear ((HlOkLab) { lightness, low * cos (angle), low * sin (angle) }, rgb);
    }

  return (HlColour) { from_linear (rgb[0]), from_linear (rgb[1]), from_linear (rgb[2]), 1 };
}

HlColour
hl_colour_mix (HlColour a,
               HlColour b,
               double   t)
{
  HlOkLab x = hl_colour_to_oklab (a);
  HlOkLab y = hl_colour_to_oklab (b);
  double rgb[3];

  hl_oklab_to_linear ((HlOkLab) { x.l + (y.l - x.l) * t, x.a + (y.a - x.a) * t, x.b + (y.b - x.b) * t }, rgb);

  return (HlColour) { from_linear (rgb[0]), from_linear (rgb[1]), from_linear (rgb[2]), a.alpha + (b.alpha - a.alpha) * t };
}

HlColour
hl_colour_with_alpha (HlColour colour,
                      double   alpha)
{
  colour.alpha = alpha;

  return colour;
}

void
hl_colour_set (cairo_t *cr,
               HlColour colour)
{
  cairo_set_source_rgba (cr, colour.red, colour.green, colour.blue, colour.alpha);
}

static HlColour
grey (double value)
{
  return (HlColour) { value, value, value, 1 };
}

HlStyle *
hl_style_new (HlTheme     theme,
              const char *font,
              double      font_size)
{
  StyleBox *box = g_new0 (StyleBox, 1);
  HlStyle *self = &box->style;
  gboolean dark = theme == HL_THEME_DARK || theme == HL_THEME_HIGH_CONTRAST_DARK;
  gboolean high_contrast = theme == HL_THEME_HIGH_CONTRAST || theme == HL_THEME_HIGH_CONTRAST_DARK;

  g_atomic_ref_count_init (&box->ref_count);
  self->theme = theme;
  self->font = g_strdup (font != NULL ? font : "Cantarell, sans-serif");
  self->font_size = font_size > 0 ? font_size : DEFAULT_FONT_SIZE;

  /* Grounds are libadwaita's view backgrounds, so that a figure lies in its window without an edge. */
  self->background = dark ? hl_colour_from_rgb (0x1e1e1e) : grey (1);
  self->foreground = dark ? grey (1) : hl_colour_from_rgb (theme == HL_THEME_PRINT ? 0x000000 : 0x2e2e2e);
  if (high_contrast)
    {
      self->background = grey (dark ? 0 : 1);
      self->foreground = grey (dark ? 1 : 0);
    }
  self->dim = hl_colour_mix (self->background, self->foreground, high_contrast ? 0.9 : 0.7);
  self->hairline = hl_colour_mix (self->background, self->foreground, high_contrast ? 0.6 : dark ? 0.22 : 0.16);
  self->shade = hl_colour_mix (self->background, self->foreground, dark ? 0.07 : 0.04);
  self->hover = hl_colour_mix (self->background, self->foreground, dark ? 0.18 : 0.10);
  if (high_contrast)
    {
      /* Steps in lightness from pure black hardly show: the first fifth is as good as black. */
      self->shade = hl_colour_mix (self->background, self->foreground, dark ? 0.27 : 0.08);
      self->hover = hl_colour_mix (self->background, self->foreground, dark ? 0.40 : 0.18);
    }
  self->accent = hl_colour_from_rgb (dark ? 0x78aeed : 0x1c71d8);
  if (high_contrast)
    self->accent = hl_colour_from_rgb (dark ? 0xa6cdff : 0x0b4a9e);
  self->positive = dark ? hl_colour_from_oklch (0.72, 0.14, 250) : hl_colour_from_oklch (0.55, 0.18, 255);
  self->negative = dark ? hl_colour_from_oklch (0.72, 0.16, 52) : hl_colour_from_oklch (0.66, 0.18, 48);
  self->good = dark ? hl_colour_from_rgb (0x8ff0a4) : hl_colour_from_rgb (0x1b8553);
  self->bad = dark ? hl_colour_from_rgb (0xff7b63) : hl_colour_from_rgb (0xc01c28);

  return self;
}

HlStyle *
hl_style_ref (HlStyle *self)
{
  g_atomic_ref_count_inc (&((StyleBox *) self)->ref_count);

  return self;
}

void
hl_style_unref (HlStyle *self)
{
  if (!g_atomic_ref_count_dec (&((StyleBox *) self)->ref_count))
    return;

  g_free (self->font);
  g_free (self);
}

gboolean
hl_style_is_dark (const HlStyle *self)
{
  return self->theme == HL_THEME_DARK || self->theme == HL_THEME_HIGH_CONTRAST_DARK;
}

double
hl_style_grid (const HlStyle *self,
               double         units)
{
  return units * GRID * self->font_size / DEFAULT_FONT_SIZE;
}

/* Hues of the first eight heads, in an order in which neighbours lie far apart. Hue alone cannot carry eight colours
 * under deuteranopia and protanopia, where the circle of hues collapses into a line: the table was searched for the largest
 * least distance between any two under both, which lightness has to help. test-style holds it to that. */
typedef struct
{
  double hue;
  double lightness; /* added to the theme's */
  double chroma;    /* times the theme's */
} HeadHue;

static const HeadHue first_heads[] = {
  { 276,  0.02, 0.99 }, /* blue */
  { 60,   0.02, 1.10 }, /* orange */
  { 167,  0.05, 1.14 }, /* green */
  { 345, -0.06, 0.82 }, /* purple */
  { 102,  0.14, 1.14 }, /* yellow */
  { 281, -0.14, 1.13 }, /* deep blue */
  { 226,  0.14, 0.91 }, /* cyan */
  { 50,  -0.14, 1.10 }, /* brown */
};

HlColour
hl_style_head_colour (const HlStyle *self,
                      guint          head,
                      guint          n_heads)
{
  gboolean dark = hl_style_is_dark (self);
  double lightness = dark ? 0.72 : 0.60;
  double chroma = dark ? 0.135 : 0.165;

  if (self->theme == HL_THEME_HIGH_CONTRAST)
    lightness -= 0.08;
  if (self->theme == HL_THEME_HIGH_CONTRAST_DARK)
    lightness += 0.06;

  if (n_heads <= G_N_ELEMENTS (first_heads))
    {
      const HeadHue *entry = &first_heads[head % G_N_ELEMENTS (first_heads)];

      return hl_colour_from_oklch (lightness + entry->lightness, chroma * entry->chroma, entry->hue);
    }

  /* Many heads: equal steps of hue, taken in an order that puts neighbours about 3/8 of the circle apart, the lightness
   * alternating over three rings so that neighbours in hue differ in it. */
  {
    guint stride = MAX (1, (guint) lround (n_heads * 0.382));
    guint position, ring;

    while (stride < n_heads)
      {
        guint a = stride, b = n_heads;

        while (b != 0)
          {
            guint rest = a % b;

            a = b;
            b = rest;
          }
        if (a == 1)
          break;
        stride++;
      }
    position = (guint) ((guint64) head * stride % n_heads);
    ring = position % 3;

    return hl_colour_from_oklch (lightness + (ring == 0 ? 0.0 : ring == 1 ? 0.09 : -0.09), chroma,
                                 255 + 360.0 * position / n_heads);
  }
}

HlColour
hl_style_class_colour (const HlStyle *self,
                       guint          class_,
                       guint          n_classes)
{
  HlColour colour = hl_style_head_colour (self, class_, MAX (n_classes, G_N_ELEMENTS (first_heads) + 1));

  return hl_colour_mix (colour, self->background, 0.25);
}

#define BLACK_TOE 0.2
#define BLACK_TOE_END 0.02

HlColour
hl_style_ramp (const HlStyle *self,
               HlColour       colour,
               double         value)
{
  if (!(value > 0))
    return self->background;

  value = MIN (value, 1.0);
  /* From pure black the first steps of lightness cannot be told from it: what is more than nothing starts above them. */
  if (self->theme == HL_THEME_HIGH_CONTRAST_DARK)
    value += BLACK_TOE * (1 - value) * MIN (value / BLACK_TOE_END, 1);

  return hl_colour_mix (self->background, colour, value);
}

/* Relative luminance and contrast as WCAG 2.1 defines them. */
static double
luminance (HlColour colour)
{
  return 0.2126 * to_linear (colour.red) + 0.7152 * to_linear (colour.green) + 0.0722 * to_linear (colour.blue);
}

static double
contrast (HlColour a,
          HlColour b)
{
  double x = luminance (a);
  double y = luminance (b);

  return (MAX (x, y) + 0.05) / (MIN (x, y) + 0.05);
}

HlColour
hl_style_text_on (const HlStyle *self,
                  HlColour       ground)
{
  HlColour other = grey (luminance (self->foreground) > 0.5 ? 0 : 1);

  /* The theme's own colour as long as it reads well, so that text does not flicker between black and white. */
  if (contrast (self->foreground, ground) >= 4.5 || contrast (self->foreground, ground) >= contrast (other, ground))
    return self->foreground;

  return other;
}
