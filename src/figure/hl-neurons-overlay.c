#include "config.h"

#include "hl-neurons-figure.h"

#include <math.h>

static double
find_end (HlNeuronsFigure *self)
{
  double end = 0;

  for (HlColumn column = 0; column < HL_N_COLUMNS; column++)
    if (self->columns[column].is_shown)
      end = MAX (end, self->columns[column].x + self->columns[column].width);

  return end;
}

/* A frame of one device-independent pixel around a row, sharp where the row is. */
static void
frame_row (HlNeuronsFigure *self,
           cairo_t         *cr,
           double           x,
           double           y,
           double           end)
{
  hl_colour_set (cr, hl_colour_with_alpha (self->base.style->foreground, 0.65));
  cairo_set_line_width (cr, 1);
  cairo_rectangle (cr, floor (x) - 3.5, floor (y) - 1.5, ceil (end - x) + 7, self->row_height - self->row_gap + 3);
  cairo_stroke (cr);
}

static void
draw_query_hover (HlNeuronsFigure *self,
                  cairo_t         *cr,
                  int              row)
{
  const HlColumnBox *names = &self->columns[HL_COLUMN_QUERY_NAME];
  const HlColumnBox *strip = &self->columns[HL_COLUMN_QUERY];
  double end = strip->is_shown ? strip->x + strip->graph : names->x + names->width;

  frame_row (self, cr, names->x, self->rows_y + row * self->row_height, end);
}

static void
draw_key_hover (HlNeuronsFigure *self,
                cairo_t         *cr,
                int              row)
{
  HlNeurons *numbers = self->numbers;
  const HlColumnBox *names = &self->columns[HL_COLUMN_KEY_NAME];
  guint key = numbers->keys[row];

  frame_row (self, cr, names->x, self->rows_y + row * self->row_height, find_end (self));

  if (numbers->has_query && !numbers->masked[key])
    {
      /* Found even where the weight is next to nothing; how much it is, the bar tells. */
      hl_colour_set (cr, self->base.style->background);
      cairo_set_line_width (cr, 4.5);
      cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
      hl_neurons_figure_trace_link (self, cr, row);
      cairo_stroke_preserve (cr);
      hl_colour_set (cr, hl_figure_head_colour (&self->base, self->base.state->head));
      cairo_set_line_width (cr, 1.5);
      cairo_stroke (cr);
    }
}

/* How far the columns' headers must move to stay in sight when the rows are scrolled. */
static double
find_header_shift (const HlNeuronsFigure *self,
                   const HlRect          *clip)
{
  return MAX (floor (clip->y + self->unit - self->header_y), 0);
}

/* A guide through the strips of @first to @last at one neuron, with its number on top. */
static void
draw_neuron_hover (HlNeuronsFigure *self,
                   cairo_t         *cr,
                   HlStrip          first,
                   HlStrip          last,
                   guint            neuron,
                   const HlRect    *clip)
{
  HlStyle *style = self->base.style;
  double shift = find_header_shift (self, clip);
  double header_bottom = self->header_bottom + shift;
  char number[16];

  g_snprintf (number, sizeof number, "%u", neuron);

  for (HlStrip strip = first; strip <= last; strip++)
    {
      const HlColumnBox *box = &self->columns[hl_strip_get_column (strip)];
      const HlCells *cells = &self->cells[strip];
      double x, top, bottom, width, text_width, text_height, text_x, text_y;

      if (!box->is_shown || neuron >= cells->n_columns)
        continue;

      x = cells->x + hl_neurons_get_position (self->numbers, strip, neuron) * cells->cell_width;
      width = MAX (cells->cell_width, 1);
      top = MAX (self->sums[strip].n_rows > 0 ? self->sum_y : self->rows_y, header_bottom + 2);
      bottom = self->rows_y + cells->n_rows * self->row_height - self->row_gap;

      /* Two lines beside the cells, never over them. */
      hl_colour_set (cr, hl_colour_with_alpha (style->foreground, 0.65));
      cairo_set_line_width (cr, 1);
      cairo_rectangle (cr, floor (x) - 0.5, top - 1.5, ceil (width) + 1, bottom - top + 3);
      cairo_stroke (cr);

      hl_text_measure (style, number, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, &text_width, &text_height);
      text_x = CLAMP (x + width / 2 - text_width / 2 - 3, box->x, MAX (box->x, box->x + box->width - text_width - 6));
      /* Over the legend rather than over cells, unless those are scrolled. */
      text_y = shift > 0 ? MAX (top - 2 - text_height, header_bottom + 2) : top - 2 - text_height;
      hl_colour_set (cr, style->foreground);
      cairo_rectangle (cr, floor (text_x), floor (text_y), ceil (text_width) + 6, ceil (text_height));
      cairo_fill (cr);
      hl_text_draw (cr, style, number, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, style->background, floor (text_x) + 3,
                    floor (text_y) + ceil (text_height) / 2, 0, 0);
    }
}

static void
draw_key_pins (HlNeuronsFigure *self,
               cairo_t         *cr,
               const HlState   *state)
{
  for (guint i = 0; i < state->n_pins; i++)
    {
      const HlPin *pin = &state->pins[i];
      const HlColumnBox *names = &self->columns[HL_COLUMN_KEY_NAME];
      int row;

      if (pin->side != HL_SIDE_KEY || pin->token >= self->numbers->n_keys)
        continue;

      row = self->numbers->row_of_key[pin->token];
      if (row < 0)
        continue;

      hl_colour_set (cr, self->base.style->accent);
      cairo_rectangle (cr, names->x + names->width + 2, self->rows_y + row * self->row_height, round (self->unit / 2),
                       self->row_height - self->row_gap);
      cairo_fill (cr);
    }
}

static void
draw_moved_headers (HlNeuronsFigure *self,
                    cairo_t         *cr,
                    const HlRect    *clip)
{
  HlStyle *style = self->base.style;
  double shift = find_header_shift (self, clip);
  double bottom = self->header_bottom + shift;

  if (shift <= 0)
    return;

  hl_colour_set (cr, style->background);
  cairo_rectangle (cr, clip->x, clip->y, clip->width, bottom - clip->y);
  cairo_fill (cr);
  hl_colour_set (cr, style->hairline);
  cairo_rectangle (cr, clip->x, bottom, clip->width, 1);
  cairo_fill (cr);

  cairo_save (cr);
  cairo_translate (cr, 0, shift);
  hl_neurons_figure_draw_headers (self, cr);
  cairo_restore (cr);
}

void
hl_neurons_figure_overlay (HlFigure     *figure,
                           cairo_t      *cr,
                           HlState      *state,
                           HlElement     focus,
                           const HlRect *clip)
{
  HlNeuronsFigure *self = (HlNeuronsFigure *) figure;
  HlNeurons *numbers = self->numbers;
  const HlHover *hover = &state->hover;
  HlRect bounds;

  draw_key_pins (self, cr, state);

  /* A hovered weight of another query is not in this picture. */
  if (hover->key >= 0 && (gsize) hover->key < numbers->n_keys && numbers->row_of_key[hover->key] >= 0
      && (hover->query < 0 || (guint) hover->query == numbers->query))
    draw_key_hover (self, cr, numbers->row_of_key[hover->key]);
  if (hover->query >= 0 && hover->key < 0 && (gsize) hover->query < numbers->n_queries
      && numbers->row_of_query[hover->query] >= 0)
    draw_query_hover (self, cr, numbers->row_of_query[hover->query]);

  draw_moved_headers (self, cr, clip);
  if (hover->neuron >= 0)
    draw_neuron_hover (self, cr, HL_STRIP_QUERY, HL_STRIP_PRODUCT, hover->neuron, clip);
  if (hover->value >= 0)
    draw_neuron_hover (self, cr, HL_STRIP_VALUE, HL_STRIP_VALUE, hover->value, clip);

  if (hl_neurons_figure_bounds (figure, focus, &bounds))
    {
      hl_colour_set (cr, figure->style->accent);
      cairo_set_line_width (cr, 2);
      cairo_rectangle (cr, bounds.x - 2, bounds.y - 2, bounds.width + 4, bounds.height + 4);
      cairo_stroke (cr);
    }
}
