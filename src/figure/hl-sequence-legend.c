#include "config.h"

#include "hl-sequence-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* The legend above the text: the ramp with its ends, and in words what was done to the numbers. It wraps rather than
 * ends in an ellipsis: a scale that is not stated is a wrong one. */

#define N_STEPS 32

/* What colours the text, what the lanes are, and all that was done to the numbers. */
static char *
build_text (HlSequenceFigure *self)
{
  const HlSequenceData *data = &self->data;
  const HlState *state = data->state;
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree char *aggregate = g_utf8_strdown (hl_aggregate_get_name (state->aggregate), -1);
  g_autofree char *smallest = hl_text_number (data->smallest);
  g_autofree char *top = hl_text_number (data->top);
  g_autofree char *threshold = hl_text_number (state->threshold);
  gboolean one = data->n_lanes == 1 && data->ground_head < 0;

  if (data->attention != NULL)
    g_string_append_printf (text, _("Layer %u · %s · "),
                            hl_attention_get_layer_number (data->attention, state->layer),
                            hl_sequence_data_get_phrase (data));
  if (data->ground_head >= 0 || one)
    {
      g_autofree char *name = hl_sequence_data_dup_head (data, one ? data->heads[0] : (guint) data->ground_head);

      g_string_append (text, name);
    }
  else
    {
      g_string_append_printf (text, data->attention != NULL ? _("%s over %" G_GSIZE_FORMAT " heads")
                                                            : _("%s over %" G_GSIZE_FORMAT " channels"),
                              aggregate, data->n_sources);
    }
  if (self->has_lanes)
    g_string_append (text, data->attention != NULL ? _(", below it a lane for each head")
                                                     : _(", below it a lane for each channel"));

  if (state->scale == HL_SCALE_LOG)
    g_string_append_printf (text, _(" · log scale from the smallest value, %s"), smallest);
  else if (state->scale == HL_SCALE_ROW)
    g_string_append (text, _(" · each divided by its largest value"));
  else if (data->top != 1.0 && data->state->channel != HL_CHANNEL_FROM_PIN)
    g_string_append_printf (text, data->attention != NULL ? _(" · scaled to the layer’s largest value, %s")
                                                          : _(" · scaled to the largest value, %s"), top);
  else if (data->ground_top != data->top)
    g_string_append_printf (text, _(" · lanes 0 to %s"), top);
  if (state->threshold > 0)
    g_string_append_printf (text, _(" · below %s not drawn"), threshold);
  if (data->has_negative)
    g_string_append (text, _(" · outlined: negative"));
  if (data->has_nan)
    g_string_append (text, _(" · hatched: no value"));
  if (data->attention != NULL)
    g_string_append (text, _(" · layers and heads count from 0"));

  return g_strdup (text->str);
}

static char *
format_low (HlSequenceFigure *self)
{
  return hl_text_number (self->data.state->scale == HL_SCALE_LOG ? self->data.smallest : 0.0);
}

static char *
format_high (HlSequenceFigure *self)
{
  return self->data.state->scale == HL_SCALE_ROW ? g_strdup (_("max")) : hl_text_number (self->data.ground_top);
}

/* Where the ramp itself begins, and the text after it. */
static void
measure (HlSequenceFigure *self,
         double           *ramp_x,
         double           *text_x)
{
  const HlStyle *style = self->parent.style;
  double px = hl_sequence_unit (style);
  g_autofree char *low = format_low (self);
  g_autofree char *high = format_high (self);
  double width;

  hl_text_measure (style, low, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, &width, NULL);
  *ramp_x = round (self->legend.x + width + 4 * px);
  hl_text_measure (style, high, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, &width, NULL);
  *text_x = *ramp_x + (2 * N_STEPS + 4) * px + ceil (width) + 12 * px;
}

/* The text, broken into lines of the room beside the ramp. */
static PangoLayout *
make_text (HlSequenceFigure *self,
           double            text_x)
{
  const HlStyle *style = self->parent.style;
  g_autofree char *text = build_text (self);
  PangoLayout *layout = hl_text_layout (style, text, HL_TEXT_CAPTION, HL_TEXT_REGULAR);
  double room = MAX (self->legend.x + self->legend.width - text_x, style->font_size * 4);

  pango_layout_set_single_paragraph_mode (layout, FALSE);
  pango_layout_set_width (layout, (int) (room * PANGO_SCALE));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);

  return layout;
}

void
hl_sequence_legend_init (HlSequenceFigure *self,
                         double            x,
                         double            y,
                         double            width)
{
  double row = ceil (self->parent.style->font_size * 1.25);

  self->legend = (HlRect) { x, y, width, row };
  if (self->data.n_lanes > 0)
    {
      g_autoptr (PangoLayout) layout = NULL;
      double ramp_x, text_x;
      int height;

      measure (self, &ramp_x, &text_x);
      layout = make_text (self, text_x);
      pango_layout_get_size (layout, NULL, &height);
      self->legend.height = MAX (row, ceil ((double) height / PANGO_SCALE));
    }
}

void
hl_sequence_legend_draw (HlSequenceFigure *self,
                         cairo_t          *cr)
{
  HlFigure *figure = &self->parent;
  const HlStyle *style = figure->style;
  const HlSequenceData *data = &self->data;
  double px = hl_sequence_unit (style);
  double row = ceil (style->font_size * 1.25);
  double y = round (self->legend.y + row / 2);
  HlColour hue = hl_sequence_ground_hue (figure, data);
  gboolean log = data->state->scale == HL_SCALE_LOG && data->smallest > 0.0;
  const char *hint = hl_sequence_get_hint (self);
  g_autoptr (PangoLayout) layout = NULL;
  g_autofree char *low = NULL;
  g_autofree char *high = NULL;
  double ramp_x, text_x;

  if (data->n_lanes == 0)
    return;
  if (hint != NULL && !self->has_lanes)
    {
      hl_text_draw (cr, style, hint, HL_TEXT_LABEL, HL_TEXT_BOLD, style->dim, self->legend.x, y, 0.0, self->legend.width);
      return;
    }

  low = format_low (self);
  high = format_high (self);
  measure (self, &ramp_x, &text_x);
  hl_text_draw (cr, style, low, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, style->dim, self->legend.x, y, 0.0, 0);
  for (int i = 0; i < N_STEPS; i++)
    {
      double t = (i + 0.5) / N_STEPS;

      /* Steps overlap to the right, so that no seam shows between them. */
      cairo_rectangle (cr, ramp_x + i * 2 * px, y - 5 * px, (N_STEPS - i) * 2 * px, 10 * px);
      hl_colour_set (cr, hl_style_ramp (style, hue, log ? HL_SEQUENCE_FAINTEST + (1 - HL_SEQUENCE_FAINTEST) * t : t));
      cairo_fill (cr);
    }
  cairo_rectangle (cr, ramp_x - 0.5, y - 5 * px - 0.5, N_STEPS * 2 * px + 1, 10 * px + 1);
  hl_colour_set (cr, style->hairline);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  hl_text_draw (cr, style, high, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, style->dim, ramp_x + (2 * N_STEPS + 4) * px, y, 0.0, 0);

  layout = make_text (self, text_x);
  {
    PangoRectangle first;

    /* Its first line stands on the level of the ramp. */
    pango_layout_line_get_pixel_extents (pango_layout_get_line_readonly (layout, 0), NULL, &first);
    cairo_move_to (cr, text_x, y - first.height / 2.0);
  }
  hl_colour_set (cr, style->dim);
  pango_cairo_show_layout (cr, layout);
  cairo_new_path (cr);
}
