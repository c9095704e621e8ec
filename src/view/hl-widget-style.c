#include "config.h"

#include "hl-widget-style.h"

/* Named colours may be translucent; figures also go where nothing is behind them. */
static void
look_up (GtkWidget *widget, const char *name, const HlColour *ground, HlColour *colour)
{
  GdkRGBA rgba;

  if (!gtk_style_context_lookup_color (gtk_widget_get_style_context (widget), name, &rgba))
    return;

  colour->red = ground->red + (rgba.red - ground->red) * rgba.alpha;
  colour->green = ground->green + (rgba.green - ground->green) * rgba.alpha;
  colour->blue = ground->blue + (rgba.blue - ground->blue) * rgba.alpha;
  colour->alpha = 1;
}

HlStyle *
hl_style_new_for_widget (GtkWidget *widget)
{
  AdwStyleManager *manager = adw_style_manager_get_for_display (gtk_widget_get_display (widget));
  gboolean dark = adw_style_manager_get_dark (manager);
  PangoContext *context = gtk_widget_get_pango_context (widget);
  const PangoFontDescription *font = pango_context_get_font_description (context);
  double size = pango_font_description_get_size (font) / (double) PANGO_SCALE;
  HlStyle *style;
  HlTheme theme;

  if (!pango_font_description_get_size_is_absolute (font))
    size *= pango_cairo_context_get_resolution (context) > 0 ? pango_cairo_context_get_resolution (context) / 72 : 96 / 72.0;

  if (adw_style_manager_get_high_contrast (manager))
    theme = dark ? HL_THEME_HIGH_CONTRAST_DARK : HL_THEME_HIGH_CONTRAST;
  else
    theme = dark ? HL_THEME_DARK : HL_THEME_LIGHT;

  style = hl_style_new (theme, pango_font_description_get_family (font), size);
  look_up (widget, "view_bg_color", &style->background, &style->background);
  look_up (widget, "accent_color", &style->background, &style->accent);

  return style;
}

static gboolean
colour_equal (const HlColour *a, const HlColour *b)
{
  return a->red == b->red && a->green == b->green && a->blue == b->blue && a->alpha == b->alpha;
}

gboolean
hl_widget_style_equal (const HlStyle *a, const HlStyle *b)
{
  return a->theme == b->theme && a->font_size == b->font_size && g_strcmp0 (a->font, b->font) == 0 &&
         colour_equal (&a->background, &b->background) && colour_equal (&a->accent, &b->accent);
}
