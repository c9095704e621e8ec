#pragma once

/* figure/: pure drawing: layout, cairo and Pango, hit testing, descriptions, export. No GTK, no I/O, no global state. May
 * use selection/, analysis/, trace/ and what lies below.
 *
 * Reading order: hl-style.h, hl-text.h, hl-figure.h (the contract), hl-figure-private.h (for those who write one), then
 * one file for each view.
 */

#include <cairo.h>
#include <glib-object.h>

G_BEGIN_DECLS

typedef enum
{
  HL_THEME_LIGHT,              /*< nick=light >*/
  HL_THEME_DARK,               /*< nick=dark >*/
  HL_THEME_HIGH_CONTRAST,      /*< nick=high-contrast >*/
  HL_THEME_HIGH_CONTRAST_DARK, /*< nick=high-contrast-dark >*/
  HL_THEME_PRINT,              /*< nick=print >*/ /* light on pure white */
} HlTheme;

/* sRGB, not premultiplied, each 0 to 1. */
typedef struct
{
  double red;
  double green;
  double blue;
  double alpha;
} HlColour;

/* All that decides how a figure looks: no figure has a colour, a font or a distance scale of its own. Immutable once
 * built, reference counted. */
typedef struct
{
  HlTheme  theme;
  HlColour background;
  HlColour foreground;
  HlColour dim;        /* labels: the foreground at 70 % */
  HlColour hairline;   /* frames, axes, separators */
  HlColour shade;      /* a quiet surface: empty tiles, lanes' ground */
  HlColour hover;      /* ground of what the pointer is on */
  HlColour accent;     /* pins and focus, nothing else */
  HlColour positive;   /* neurons: blue, orange */
  HlColour negative;
  HlColour good;       /* label and prediction agree, or not */
  HlColour bad;
  char    *font;       /* family */
  double   font_size;  /* of a token, in px of 1/96 inch, text scale included */
} HlStyle;

/* @font NULL: "Cantarell, sans-serif"; @font_size 0: 14.67 px (11 pt). */
HlStyle  *hl_style_new             (HlTheme         theme,
                                    const char     *font,
                                    double          font_size) G_GNUC_WARN_UNUSED_RESULT;
HlStyle  *hl_style_ref             (HlStyle        *self);
void      hl_style_unref           (HlStyle        *self);

gboolean  hl_style_is_dark         (const HlStyle  *self);

/* Lengths scale with the text: one unit is 6 px at the default font size. */
double    hl_style_grid            (const HlStyle  *self,
                                    double          units);

/* One of @n_heads colours of equal lightness and chroma (OKLCH, Ottosson 2020), neighbours far apart in hue, the first
 * eight told apart under deuteranopia and protanopia. */
HlColour  hl_style_head_colour     (const HlStyle  *self,
                                    guint           head,
                                    guint           n_heads);
/* Colours of classes, in a quieter series than heads. */
HlColour  hl_style_class_colour    (const HlStyle  *self,
                                    guint           class_,
                                    guint           n_classes);
/* Perceptual ramp from the background (0) to @colour at full strength (1); @value is clamped. */
HlColour  hl_style_ramp            (const HlStyle  *self,
                                    HlColour        colour,
                                    double          value);
/* Black or white or the theme's foreground: whichever reads better on @ground. */
HlColour  hl_style_text_on         (const HlStyle  *self,
                                    HlColour        ground);

HlColour  hl_colour_from_rgb       (gint32          rgb); /* 0xRRGGBB */
HlColour  hl_colour_from_oklch     (double          lightness,
                                    double          chroma,
                                    double          hue); /* degrees; brought into sRGB by less chroma */
HlColour  hl_colour_mix            (HlColour        a,
                                    HlColour        b,
                                    double          t);   /* in OKLab; alpha too */
HlColour  hl_colour_with_alpha     (HlColour        colour,
                                    double          alpha);
void      hl_colour_set            (cairo_t        *cr,
                                    HlColour        colour);

/* OKLab (Ottosson 2020), for what mixes colours by itself. */
typedef struct
{
  double l;
  double a;
  double b;
} HlOkLab;

HlOkLab   hl_colour_to_oklab       (HlColour        colour);
/* Linear sRGB, which may lie outside 0…1. */
void      hl_oklab_to_linear       (HlOkLab         lab,
                                    double          rgb[3]);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HlStyle, hl_style_unref)

G_END_DECLS
