#include "hl-text.h"

#include <math.h>
#include <string.h>

static void
context_free (gpointer data)
{
  g_object_unref (data);
}

/* Pango's font maps are not for sharing between threads: each has its own, made at its first text. */
static GPrivate thread_context = G_PRIVATE_INIT (context_free);

static PangoContext *
get_context (void)
{
  PangoContext *context = g_private_get (&thread_context);

  if (context == NULL)
    {
      g_autoptr (PangoFontMap) map = pango_cairo_font_map_new ();
      cairo_font_options_t *options = cairo_font_options_create ();

      /* 1 unit = 1/96 inch everywhere: fonts are sized in absolute units, and metrics do not depend on the device. */
      context = pango_font_map_create_context (map);
      cairo_font_options_set_hint_metrics (options, CAIRO_HINT_METRICS_OFF);
      cairo_font_options_set_hint_style (options, CAIRO_HINT_STYLE_SLIGHT);
      cairo_font_options_set_antialias (options, CAIRO_ANTIALIAS_GRAY);
      pango_cairo_context_set_font_options (context, options);
      pango_cairo_context_set_resolution (context, 96);
      pango_context_set_round_glyph_positions (context, FALSE);
      cairo_font_options_destroy (options);
      g_private_set (&thread_context, context);
    }

  return context;
}

/* Control characters would break the line or be invisible: shown as their pictures (U+2400…), line breaks as ↵. */
static char *
make_printable (const char *text)
{
  GString *printable;
  const char *p;

  for (p = text; *p != '\0'; p++)
    if ((guchar) *p < 0x20 || (guchar) *p == 0x7f)
      break;
  if (*p == '\0')
    return g_utf8_validate (text, -1, NULL) ? NULL : g_utf8_make_valid (text, -1);

  printable = g_string_new (NULL);
  for (p = text; *p != '\0'; p++)
    {
      if (*p == '\n')
        g_string_append (printable, "\u21b5");
      else if (*p == '\t')
        g_string_append (printable, "\u21e5");
      else if ((guchar) *p < 0x20)
        g_string_append_unichar (printable, 0x2400 + (guchar) *p);
      else if ((guchar) *p == 0x7f)
        g_string_append_unichar (printable, 0x2421);
      else
        g_string_append_c (printable, *p);
    }
  if (!g_utf8_validate (printable->str, -1, NULL))
    {
      char *valid = g_utf8_make_valid (printable->str, -1);

      g_string_free (printable, TRUE);
      return valid;
    }

  return g_string_free (printable, FALSE);
}

PangoLayout *
hl_text_layout (const HlStyle *style,
                const char    *text,
                double         size,
                HlTextFace     face)
{
  PangoLayout *layout = pango_layout_new (get_context ());
  PangoFontDescription *font = pango_font_description_new ();
  g_autofree char *printable = make_printable (text);

  pango_font_description_set_family (font, style->font);
  pango_font_description_set_absolute_size (font, style->font_size * size * PANGO_SCALE);
  if (face == HL_TEXT_BOLD)
    pango_font_description_set_weight (font, PANGO_WEIGHT_BOLD);
  pango_layout_set_font_description (layout, font);
  pango_font_description_free (font);

  pango_layout_set_single_paragraph_mode (layout, TRUE);
  if (face == HL_TEXT_NUMBERS)
    {
      g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();

      pango_attr_list_insert (attributes, pango_attr_font_features_new ("tnum=1"));
      pango_layout_set_attributes (layout, attributes);
    }
  pango_layout_set_text (layout, printable != NULL ? printable : text, -1);

  return layout;
}

void
hl_text_measure (const HlStyle *style,
                 const char    *text,
                 double         size,
                 HlTextFace     face,
                 double        *width,
                 double        *height)
{
  g_autoptr (PangoLayout) layout = hl_text_layout (style, text, size, face);
  int w, h;

  pango_layout_get_size (layout, &w, &h);
  if (width != NULL)
    *width = (double) w / PANGO_SCALE;
  if (height != NULL)
    *height = (double) h / PANGO_SCALE;
}

double
hl_text_draw (cairo_t       *cr,
              const HlStyle *style,
              const char    *text,
              double         size,
              HlTextFace     face,
              HlColour       colour,
              double         x,
              double         y,
              double         align,
              double         max_width)
{
  g_autoptr (PangoLayout) layout = hl_text_layout (style, text, size, face);
  double width, height;
  int w, h;

  pango_layout_get_size (layout, &w, &h);
  if (max_width > 0 && w > max_width * PANGO_SCALE)
    {
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
      pango_layout_set_width (layout, (int) (max_width * PANGO_SCALE));
      pango_layout_get_size (layout, &w, &h);
    }
  width = (double) w / PANGO_SCALE;
  height = (double) h / PANGO_SCALE;

  hl_colour_set (cr, colour);
  cairo_move_to (cr, x - align * width, y - height / 2);
  pango_cairo_show_layout (cr, layout);
  cairo_new_path (cr);

  return width;
}

#define SUBSCRIPT_SIZE 0.75
#define SUBSCRIPT_DROP 0.18 /* of the size of the text around it */

/* Unicode has no subscript for most letters, and few fonts have those that there are. */
PangoLayout *
hl_text_formula (const HlStyle *style,
                 const char    *formula,
                 double         size)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
  PangoLayout *layout;

  for (const char *p = formula; *p != '\0';)
    {
      gsize start = text->len;
      PangoAttribute *smaller, *lower;

      if (*p != '_')
        {
          g_string_append_c (text, *p++);
          continue;
        }

      for (p++; g_ascii_isalnum (*p); p++)
        g_string_append_c (text, *p);
      smaller = pango_attr_scale_new (SUBSCRIPT_SIZE);
      lower = pango_attr_rise_new (-(int) (SUBSCRIPT_DROP * size * style->font_size * PANGO_SCALE));
      smaller->start_index = lower->start_index = start;
      smaller->end_index = lower->end_index = text->len;
      pango_attr_list_insert (attributes, smaller);
      pango_attr_list_insert (attributes, lower);
    }

  layout = hl_text_layout (style, text->str, size, HL_TEXT_REGULAR);
  pango_layout_set_attributes (layout, attributes);

  return layout;
}

char *
hl_text_count (guint64 n)
{
  GString *text = g_string_new (NULL);

  g_string_printf (text, "%" G_GUINT64_FORMAT, n);
  for (gssize i = (gssize) text->len - 3; i > 0; i -= 3)
    g_string_insert_c (text, i, ',');

  return g_string_free (text, FALSE);
}

static PangoLayout *
paragraph_layout (const HlStyle *style,
                  const char    *text,
                  double         size,
                  double         width)
{
  PangoLayout *layout = hl_text_layout (style, text, size, HL_TEXT_REGULAR);

  pango_layout_set_single_paragraph_mode (layout, FALSE);
  pango_layout_set_width (layout, (int) (width * PANGO_SCALE));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);

  return layout;
}

double
hl_text_measure_paragraph (const HlStyle *style,
                           const char    *text,
                           double         size,
                           double         width)
{
  g_autoptr (PangoLayout) layout = paragraph_layout (style, text, size, width);
  int height;

  pango_layout_get_size (layout, NULL, &height);

  return ceil ((double) height / PANGO_SCALE);
}

void
hl_text_draw_paragraph (cairo_t       *cr,
                        const HlStyle *style,
                        const char    *text,
                        double         size,
                        HlColour       colour,
                        double         x,
                        double         y,
                        double         width)
{
  g_autoptr (PangoLayout) layout = paragraph_layout (style, text, size, width);

  hl_colour_set (cr, colour);
  cairo_move_to (cr, x, y);
  pango_cairo_show_layout (cr, layout);
  cairo_new_path (cr);
}

char *
hl_text_number (double value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (value))
    return g_strdup ("–");

  g_ascii_formatd (buffer, sizeof buffer, "%.3g", value);

  return g_strdup (buffer);
}

char *
hl_text_percent (double probability)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (probability))
    return g_strdup ("–");
  /* 99.98 % is not 100 %, nor is 0.003 % nothing. */
  if (probability > 0.9995 && probability < 1.0)
    return g_strdup (">\u202f99.9\u202f%");
  if (probability > 0.0 && probability < 0.0005)
    return g_strdup ("<\u202f0.1\u202f%");
  g_ascii_formatd (buffer, sizeof buffer, "%.1f", probability * 100);

  return g_strdup_printf ("%s\u202f%%", buffer);
}
