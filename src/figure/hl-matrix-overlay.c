#include "config.h"

#include "hl-matrix-figure.h"

#include <math.h>

/* Thinned labels stand in the middle of their token, which may be less than a pixel. */
static double
get_middle (const HlMatrixAxis *axis,
            double              origin,
            gsize               place)
{
  return origin + (place + 0.5) * axis->cell;
}

void
hl_matrix_figure_draw_label (HlMatrixFigure *self,
                             cairo_t        *cr,
                             HlSide          side,
                             gsize           place,
                             const char     *text,
                             HlTextFace      face,
                             HlColour        colour)
{
  HlStyle *style = self->base.style;

  if (side == HL_SIDE_QUERY)
    {
      hl_text_draw (cr, style, text, self->queries.label_size, face, colour, self->plot.x - self->unit,
                    get_middle (&self->queries, self->plot.y, place), 1, self->queries.label_room);
      return;
    }

  cairo_save (cr);
  cairo_translate (cr, get_middle (&self->keys, self->plot.x, place), self->plot.y - self->unit);
  if (self->keys.is_flat)
    {
      hl_text_draw (cr, style, text, self->keys.label_size, face, colour, 0, -self->keys.label_room / 2, 0.5,
                    self->keys.cell - 2);
    }
  else
    {
      cairo_rotate (cr, -G_PI / 2);
      hl_text_draw (cr, style, text, self->keys.label_size, face, colour, 0, 0, 0, self->keys.label_room);
    }
  cairo_restore (cr);
}

/* A label that stands out, on a ground of its own: thinned labels beside it must not shine through. */
static void
emphasise_label (HlMatrixFigure *self,
                 cairo_t        *cr,
                 HlSide          side,
                 gsize           place,
                 double          right,
                 double          down)
{
  HlStyle *style = self->base.style;
  const HlMatrixAxis *axis = side == HL_SIDE_QUERY ? &self->queries : &self->keys;
  g_autofree char *label = hl_matrix_figure_dup_label (axis, place);
  double line = MAX (axis->cell, ceil (axis->label_size * 1.3 * style->font_size));
  double middle = get_middle (axis, side == HL_SIDE_QUERY ? self->plot.y : self->plot.x, place);
  double half = self->unit / 2;

  cairo_save (cr);
  cairo_translate (cr, right, down);
  hl_colour_set (cr, style->hover);
  if (side == HL_SIDE_QUERY)
    cairo_rectangle (cr, self->plot.x - self->unit - axis->label_room - half, round (middle - line / 2),
                     axis->label_room + self->unit, line);
  else
    cairo_rectangle (cr, round (middle - line / 2), self->plot.y - self->unit - axis->label_room - half, line,
                     axis->label_room + self->unit);
  cairo_fill (cr);

  hl_matrix_figure_draw_label (self, cr, side, place, label, HL_TEXT_BOLD, style->foreground);
  cairo_restore (cr);
}

/* A frame around a row or a column, outside of its cells; around less than three pixels, a band of three. */
static void
frame (HlMatrixFigure *self,
       cairo_t        *cr,
       HlRect          rect,
       double          width)
{
  HlStyle *style = self->base.style;

  if (rect.width < 3)
    {
      rect.x -= (3 - rect.width) / 2;
      rect.width = 3;
    }
  if (rect.height < 3)
    {
      rect.y -= (3 - rect.height) / 2;
      rect.height = 3;
    }

  hl_colour_set (cr, hl_colour_with_alpha (style->foreground, width > 1 ? 0.9 : 0.55));
  cairo_set_line_width (cr, width);
  cairo_rectangle (cr, round (rect.x) - 0.5, round (rect.y) - 0.5, round (rect.width), round (rect.height));
  cairo_stroke (cr);
}

static void
draw_value (HlMatrixFigure *self,
            cairo_t        *cr,
            gsize           query,
            gsize           key,
            HlRect          cell,
            const HlRect   *clip)
{
  HlStyle *style = self->base.style;
  g_autofree char *number = hl_text_number (hl_matrix_figure_get_weight (self, query, key));
  g_autofree char *names = g_strdup_printf ("%s → %s", hl_tokens_get (self->queries.tokens, query)->surface,
                                            hl_tokens_get (self->keys.tokens, key)->surface);
  const char *text = hl_matrix_figure_is_masked (self, query, key) ? "–" : number;
  double pad = self->unit, radius = self->unit;
  double number_width, number_height, names_width, names_height, width, height, x, y;

  hl_text_measure (style, text, HL_TEXT_TOKEN, HL_TEXT_BOLD, &number_width, &number_height);
  hl_text_measure (style, names, HL_TEXT_CAPTION, HL_TEXT_REGULAR, &names_width, &names_height);
  names_width = MIN (names_width, 30 * self->unit);
  width = ceil (MAX (number_width, names_width) + 2 * pad);
  height = ceil (number_height + names_height + pad);

  /* Right below the cell, or on the other side where the view ends. */
  x = round (cell.x + cell.width + pad);
  y = round (cell.y + cell.height + pad);
  if (x + width > clip->x + clip->width)
    x = round (cell.x - pad - width);
  if (y + height > clip->y + clip->height)
    y = round (cell.y - pad - height);

  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI / 2, 0);
  cairo_arc (cr, x + width - radius, y + height - radius, radius, 0, G_PI / 2);
  cairo_arc (cr, x + radius, y + height - radius, radius, G_PI / 2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 3 * G_PI / 2);
  cairo_close_path (cr);
  hl_colour_set (cr, style->background);
  cairo_fill_preserve (cr);
  hl_colour_set (cr, hl_colour_with_alpha (style->foreground, 0.35));
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);

  hl_text_draw (cr, style, text, HL_TEXT_TOKEN, HL_TEXT_BOLD, style->foreground, x + pad, y + pad / 2 + number_height / 2,
                0, 0);
  hl_text_draw (cr, style, names, HL_TEXT_CAPTION, HL_TEXT_REGULAR, style->dim, x + pad,
                y + pad / 2 + number_height + names_height / 2, 0, names_width + 1);
}

/* How far labels must move to stay in sight once their place is scrolled out of it. */
static double
find_shift (const HlMatrixFigure *self,
            HlSide                side,
            const HlRect         *clip)
{
  double unit = self->unit;

  if (side == HL_SIDE_QUERY)
    return MAX (clip->x + self->queries.label_room + 2 * unit - self->plot.x, 0);

  return MAX (clip->y + self->keys.label_room + 2 * unit - self->plot.y, 0);
}

/* The axis at the edge of what is in sight. */
static void
draw_moved_axis (HlMatrixFigure *self,
                 cairo_t        *cr,
                 HlSide          side,
                 double          shift,
                 const HlRect   *clip)
{
  HlStyle *style = self->base.style;
  const HlRect *plot = &self->plot;
  double unit = self->unit;

  hl_colour_set (cr, style->background);
  if (side == HL_SIDE_QUERY)
    cairo_rectangle (cr, clip->x, clip->y, plot->x + shift - clip->x, clip->height);
  else
    cairo_rectangle (cr, clip->x, clip->y, clip->width, plot->y + shift - clip->y);
  cairo_fill (cr);

  hl_colour_set (cr, style->hairline);
  cairo_set_line_width (cr, 1);
  if (side == HL_SIDE_QUERY)
    {
      cairo_move_to (cr, round (plot->x + shift) - 0.5, MAX (clip->y, plot->y - unit - self->keys.label_room));
      cairo_line_to (cr, round (plot->x + shift) - 0.5, MIN (clip->y + clip->height, plot->y + plot->height));
    }
  else
    {
      cairo_move_to (cr, MAX (clip->x, plot->x - unit - self->queries.label_room), round (plot->y + shift) - 0.5);
      cairo_line_to (cr, MIN (clip->x + clip->width, plot->x + plot->width), round (plot->y + shift) - 0.5);
    }
  cairo_stroke (cr);

  cairo_save (cr);
  cairo_translate (cr, side == HL_SIDE_QUERY ? shift : 0, side == HL_SIDE_KEY ? shift : 0);
  hl_matrix_figure_draw_axis_labels (self, cr, side, clip);
  cairo_restore (cr);
}

/* Where both axes have moved, neither's labels may lie over the other's. */
static void
draw_moved_axes (HlMatrixFigure *self,
                 cairo_t        *cr,
                 double          right,
                 double          down,
                 const HlRect   *clip)
{
  if (right > 0)
    draw_moved_axis (self, cr, HL_SIDE_QUERY, right, clip);
  if (down > 0)
    draw_moved_axis (self, cr, HL_SIDE_KEY, down, clip);
  if (right > 0 && down > 0)
    {
      hl_colour_set (cr, self->base.style->background);
      cairo_rectangle (cr, clip->x, clip->y, self->plot.x + right - clip->x - 1, self->plot.y + down - clip->y - 1);
      cairo_fill (cr);
    }
}

static void
draw_pins (HlMatrixFigure *self,
           cairo_t        *cr,
           const HlState  *state,
           double          right,
           double          down)
{
  HlStyle *style = self->base.style;
  double thickness = round (self->unit / 2);

  for (guint i = 0; i < state->n_pins; i++)
    {
      const HlPin *pin = &state->pins[i];
      const HlMatrixAxis *axis = pin->side == HL_SIDE_QUERY ? &self->queries : &self->keys;
      double length = MAX (axis->cell, 4);
      double middle;
      int place;

      if (pin->token >= hl_tokens_get_length (axis->tokens) || axis->place_of[pin->token] < 0)
        continue;

      place = axis->place_of[pin->token];
      middle = get_middle (axis, pin->side == HL_SIDE_QUERY ? self->plot.y : self->plot.x, place);
      hl_colour_set (cr, style->accent);
      if (pin->side == HL_SIDE_QUERY)
        cairo_rectangle (cr, self->plot.x + right - 1 - thickness, round (middle - length / 2), thickness, length - 1);
      else
        cairo_rectangle (cr, round (middle - length / 2), self->plot.y + down - 1 - thickness, length - 1, thickness);
      cairo_fill (cr);
    }
}

void
hl_matrix_figure_overlay (HlFigure     *figure,
                          cairo_t      *cr,
                          HlState      *state,
                          HlElement     focus,
                          const HlRect *clip)
{
  HlMatrixFigure *self = (HlMatrixFigure *) figure;
  const HlRect *plot = &self->plot;
  int query = state->hover.query, key = state->hover.key;
  int row = query >= 0 && (gsize) query < hl_tokens_get_length (self->queries.tokens) ? self->queries.place_of[query] : -1;
  int column = key >= 0 && (gsize) key < hl_tokens_get_length (self->keys.tokens) ? self->keys.place_of[key] : -1;
  double right, down;
  HlRect bounds;

  if (self->cells.n_rows == 0)
    return;

  right = find_shift (self, HL_SIDE_QUERY, clip);
  down = find_shift (self, HL_SIDE_KEY, clip);

  /* A weight of which one token is hidden has no place here. */
  if ((query >= 0 && row < 0) || (key >= 0 && column < 0))
    row = column = -1;

  if (row >= 0)
    frame (self, cr, (HlRect) { plot->x, plot->y + row * self->queries.cell, plot->width, self->queries.cell }, 1);
  if (column >= 0)
    frame (self, cr, (HlRect) { plot->x + column * self->keys.cell, plot->y, self->keys.cell, plot->height }, 1);

  draw_moved_axes (self, cr, right, down, clip);
  if (row >= 0)
    emphasise_label (self, cr, HL_SIDE_QUERY, row, right, 0);
  if (column >= 0)
    emphasise_label (self, cr, HL_SIDE_KEY, column, 0, down);
  draw_pins (self, cr, state, right, down);

  if (row >= 0 && column >= 0)
    {
      HlRect cell = { plot->x + column * self->keys.cell, plot->y + row * self->queries.cell, self->keys.cell,
                      self->queries.cell };

      frame (self, cr, cell, 2);
      draw_value (self, cr, query, key, cell, clip);
    }

  if (hl_matrix_figure_bounds (figure, focus, &bounds))
    {
      hl_colour_set (cr, figure->style->accent);
      cairo_set_line_width (cr, 2);
      cairo_rectangle (cr, bounds.x - 1, bounds.y - 1, bounds.width + 2, bounds.height + 2);
      cairo_stroke (cr);
    }
}
