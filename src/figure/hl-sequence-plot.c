#include "config.h"

#include "hl-sequence-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* The values over positions: a band from the least to the greatest, a dot a head, the aggregate as a line. */

/* More dots than this say no more than the band, and take long. */
#define MAX_DOTS 12000

/* The smallest of 1, 2, 5 × 10^k that divides @range into at most @n steps. */
static double
nice_step (double range,
           double n)
{
  double raw = range / MAX (n, 1.0);
  double power = pow (10.0, floor (log10 (raw)));
  double first = raw / power;

  return power * (first <= 1.0 + 1e-9 ? 1.0 : first <= 2.0 + 1e-9 ? 2.0 : first <= 5.0 + 1e-9 ? 5.0 : 10.0);
}

/* The aggregate counts only as far as it is drawn: an entropy or a deviation may lie below all values. */
static void
find_range (HlSequencePlot *self)
{
  const HlSequenceData *data = self->data;
  double low = 0.0, high = 0.0;

  for (gsize cell = 0; cell < data->cells.n; cell++)
    {
      const float values[] = { data->lowest[cell], data->highest[cell], data->aggregate[cell] };

      if (!data->shown[cell])
        continue;
      for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
        if (isfinite (values[i]))
          {
            low = MIN (low, values[i]);
            high = MAX (high, values[i]);
          }
    }

  self->log = data->state->scale == HL_SCALE_LOG && low >= 0.0 && data->smallest > 0.0;
  if (self->log)
    {
      self->low = pow (10.0, floor (log10 (data->smallest) + 1e-9));
      self->high = pow (10.0, ceil (log10 (MAX (high, data->smallest)) - 1e-9));
      if (self->high <= self->low)
        self->high = self->low * 10.0;
      return;
    }

  if (high <= low)
    high = low + 1.0;
  self->step = nice_step (high - low, 4);
  self->low = floor (low / self->step + 1e-9) * self->step;
  self->high = ceil (high / self->step - 1e-9) * self->step;
}

/* The number of the y axis after @tick: on a log scale decades, at most six. */
static double
next_tick (const HlSequencePlot *self,
           double                tick)
{
  double decades;

  if (!self->log)
    return tick + self->step;

  decades = log10 (self->high / self->low);

  return tick * pow (10.0, MAX (1.0, ceil (decades / 5.0)));
}

static char *
format_tick (const HlSequencePlot *self,
             double                tick)
{
  /* 0.1 + 0.2 … must not show as 0.30000000000000004, nor zero as 1e-17. */
  if (!self->log && fabs (tick) < self->step / 1e6)
    tick = 0.0;

  return hl_text_number (tick);
}

void
hl_sequence_plot_init (HlSequencePlot *self,
                       HlFigure       *figure,
                       HlSequenceData *data,
                       const HlRect   *rect)
{
  const HlStyle *style = figure->style;
  double px = hl_sequence_unit (style);
  double widest = 0.0;
  double width, height;

  self->data = data;
  self->rect = *rect;
  find_range (self);

  for (double tick = self->low; tick <= self->high * (1 + 1e-9); tick = next_tick (self, tick))
    {
      g_autofree char *text = format_tick (self, tick);

      hl_text_measure (style, text, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, &width, NULL);
      widest = MAX (widest, width);
    }
  hl_text_measure (style, data->state->merge_words ? _("word") : _("token"), HL_TEXT_CAPTION, HL_TEXT_REGULAR, &width,
                   &height);
  widest = MAX (widest, width);

  self->frame.x = round (rect->x + widest + 6 * px);
  self->frame.y = round (rect->y + height + 12 * px);
  self->frame.width = MAX (floor (rect->x + rect->width - self->frame.x), 1);
  self->frame.height = MAX (floor (rect->y + rect->height - self->frame.y - height - (self->log ? 20 : 6) * px), 1);
  self->floor = self->frame.y + self->frame.height + (self->log ? round (14 * px) : 0);
}

double
hl_sequence_plot_x (const HlSequencePlot *self,
                    gsize                 cell)
{
  return self->frame.x + (cell + 0.5) * self->frame.width / self->data->cells.n;
}

double
hl_sequence_plot_y (const HlSequencePlot *self,
                    double                value)
{
  double t;

  if (self->log)
    {
      if (value <= 0.0)
        return self->floor;
      t = log (value / self->low) / log (self->high / self->low);
    }
  else
    {
      t = (value - self->low) / (self->high - self->low);
    }

  return self->frame.y + self->frame.height * (1.0 - CLAMP (t, 0.0, 1.0));
}

static void
draw_axes (HlSequencePlot *self,
           HlFigure       *figure,
           cairo_t        *cr)
{
  const HlStyle *style = figure->style;
  const HlRect *frame = &self->frame;
  double px = hl_sequence_unit (style);
  gsize n = self->data->cells.n;
  gsize step = (gsize) MAX (1.0, nice_step (n, frame->width / (36 * px)));
  double label_y = self->floor + 10 * px;

  cairo_set_line_width (cr, 1);
  hl_colour_set (cr, style->hairline);
  for (double tick = self->low; tick <= self->high * (1 + 1e-9); tick = next_tick (self, tick))
    {
      double y = floor (hl_sequence_plot_y (self, tick)) + 0.5;

      cairo_move_to (cr, frame->x, y);
      cairo_line_to (cr, frame->x + frame->width, y);
    }
  if (self->log)
    {
      cairo_move_to (cr, frame->x, floor (self->floor) + 0.5);
      cairo_line_to (cr, frame->x + frame->width, floor (self->floor) + 0.5);
    }
  cairo_stroke (cr);

  for (double tick = self->low; tick <= self->high * (1 + 1e-9); tick = next_tick (self, tick))
    {
      g_autofree char *text = format_tick (self, tick);

      hl_text_draw (cr, style, text, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, style->dim, frame->x - 5 * px,
                    hl_sequence_plot_y (self, tick), 1.0, 0);
    }
  if (self->log)
    hl_text_draw (cr, style, "0", HL_TEXT_CAPTION, HL_TEXT_NUMBERS, style->dim, frame->x - 5 * px, self->floor, 1.0, 0);

  hl_text_draw (cr, style, self->data->state->merge_words ? _("word") : _("token"), HL_TEXT_CAPTION, HL_TEXT_REGULAR,
                style->dim, frame->x - 5 * px, label_y, 1.0, 0);
  for (gsize cell = 0; cell < n; cell += step)
    {
      g_autofree char *text = g_strdup_printf ("%" G_GSIZE_FORMAT, cell);
      double x = hl_sequence_plot_x (self, cell);

      hl_colour_set (cr, style->hairline);
      cairo_move_to (cr, floor (x) + 0.5, self->floor);
      cairo_line_to (cr, floor (x) + 0.5, self->floor + 4 * px);
      cairo_stroke (cr);
      hl_text_draw (cr, style, text, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, style->dim, x, label_y, 0.5, 0);
    }
}

/* TRUE where positions are less than a dot apart. */
static gboolean
is_dense (const HlSequencePlot *self)
{
  return self->frame.width / self->data->cells.n < 1.0;
}

static HlColour
line_colour (HlFigure             *figure,
             const HlSequenceData *data)
{
  return data->n_lanes == 1 ? hl_figure_head_colour (figure, data->heads[0]) : figure->style->foreground;
}

/* Many positions to a pixel: for each column of one pixel the extremes of what falls into it. @joined: also of the last
 * before it, so that columns hang together as a line does. */
static void
draw_columns (HlSequencePlot *self,
              cairo_t        *cr,
              const float    *low,
              const float    *high,
              double          thinnest,
              gboolean        joined)
{
  const HlSequenceData *data = self->data;
  gsize n_columns = (gsize) MAX (self->frame.width, 1.0);

  for (gsize column = 0; column < n_columns; column++)
    {
      gsize first = column * data->cells.n / n_columns;
      gsize end = MAX ((column + 1) * data->cells.n / n_columns, first + 1);
      gsize from = joined && first > 0 ? first - 1 : first;
      double least = NAN, greatest = NAN;

      for (gsize cell = from; cell < MIN (end, data->cells.n); cell++)
        if (data->shown[cell] && isfinite (low[cell]) && isfinite (high[cell]))
          {
            least = isnan (least) ? low[cell] : MIN (least, low[cell]);
            greatest = isnan (greatest) ? high[cell] : MAX (greatest, high[cell]);
          }
      if (!isnan (least))
        {
          double top = hl_sequence_plot_y (self, greatest);

          cairo_rectangle (cr, self->frame.x + column, top, 1, MAX (hl_sequence_plot_y (self, least) - top, thinnest));
        }
    }
  cairo_fill (cr);
}

static gboolean
is_drawn (const HlSequenceData *data,
          gsize                 cell,
          const float          *values)
{
  return data->shown[cell] && isfinite (values[cell]);
}

static void
draw_band (HlSequencePlot *self,
           HlFigure       *figure,
           cairo_t        *cr)
{
  const HlSequenceData *data = self->data;
  double px = hl_sequence_unit (figure->style);

  hl_colour_set (cr, hl_colour_with_alpha (figure->style->foreground, 0.09));
  if (is_dense (self))
    {
      draw_columns (self, cr, data->lowest, data->highest, 1, FALSE);
      return;
    }

  for (gsize first = 0; first < data->cells.n;)
    {
      gsize end = first;

      while (end < data->cells.n && is_drawn (data, end, data->lowest))
        end++;
      if (end == first + 1)
        {
          double top = hl_sequence_plot_y (self, data->highest[first]);

          cairo_rectangle (cr, hl_sequence_plot_x (self, first) - 3 * px, top, 6 * px,
                           hl_sequence_plot_y (self, data->lowest[first]) - top);
        }
      else if (end > first)
        {
          for (gsize cell = first; cell < end; cell++)
            cairo_line_to (cr, hl_sequence_plot_x (self, cell), hl_sequence_plot_y (self, data->highest[cell]));
          for (gsize cell = end; cell > first; cell--)
            cairo_line_to (cr, hl_sequence_plot_x (self, cell - 1), hl_sequence_plot_y (self, data->lowest[cell - 1]));
          cairo_close_path (cr);
        }
      first = MAX (end, first + 1);
    }
  cairo_fill (cr);
}

static void
draw_dots (HlSequencePlot *self,
           HlFigure       *figure,
           cairo_t        *cr)
{
  const HlSequenceData *data = self->data;
  double radius = MIN (1.8 * hl_sequence_unit (figure->style), self->frame.width / data->cells.n / 2);

  if (is_dense (self) || data->cells.n * data->n_lanes > MAX_DOTS || data->n_lanes < 2)
    return;

  for (gsize lane = 0; lane < data->n_lanes; lane++)
    {
      const float *values = data->values + lane * data->cells.n;

      for (gsize cell = 0; cell < data->cells.n; cell++)
        if (is_drawn (data, cell, values))
          {
            cairo_new_sub_path (cr);
            cairo_arc (cr, hl_sequence_plot_x (self, cell), hl_sequence_plot_y (self, values[cell]), radius, 0, 2 * G_PI);
          }
      hl_colour_set (cr, hl_colour_with_alpha (hl_figure_head_colour (figure, data->heads[lane]), 0.8));
      cairo_fill (cr);
    }
}

static void
draw_line (HlSequencePlot *self,
           HlFigure       *figure,
           cairo_t        *cr)
{
  const HlSequenceData *data = self->data;
  double px = hl_sequence_unit (figure->style);
  gboolean on = FALSE;

  hl_colour_set (cr, line_colour (figure, data));
  if (is_dense (self))
    {
      draw_columns (self, cr, data->aggregate, data->aggregate, 1.5 * px, TRUE);
      return;
    }

  cairo_set_line_width (cr, 1.75 * px);
  cairo_set_line_join (cr, CAIRO_LINE_JOIN_ROUND);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  for (gsize cell = 0; cell < data->cells.n; cell++)
    {
      double x = hl_sequence_plot_x (self, cell);
      double y;

      if (!is_drawn (data, cell, data->aggregate))
        {
          on = FALSE;
          continue;
        }
      y = hl_sequence_plot_y (self, data->aggregate[cell]);
      if (on)
        cairo_line_to (cr, x, y);
      else
        cairo_move_to (cr, x, y);
      /* A point between two gaps is a dot: round caps make it one. */
      if (!on && (cell + 1 == data->cells.n || !is_drawn (data, cell + 1, data->aggregate)))
        cairo_line_to (cr, x, y);
      on = TRUE;
    }
  cairo_stroke (cr);
}

/* The legend is the plot's title: what the line is, what the band and the dots are. */
static void
draw_legend (HlSequencePlot *self,
             HlFigure       *figure,
             cairo_t        *cr)
{
  const HlSequenceData *data = self->data;
  const HlStyle *style = figure->style;
  double px = hl_sequence_unit (style);
  double y = self->rect.y + (self->frame.y - 8 * px - self->rect.y) / 2;
  double x = self->frame.x;
  double end = self->rect.x + self->rect.width;
  gboolean own = data->attention == NULL;
  g_autoptr (PangoLayout) formula = hl_text_formula (style, hl_aggregate_get_formula (data->state->aggregate),
                                                     HL_TEXT_LABEL);
  int formula_width, baseline;
  g_autofree char *name = data->n_lanes == 1 ? hl_sequence_data_dup_head (data, data->heads[0])
                                             : g_utf8_strdown (hl_aggregate_get_name (data->state->aggregate), -1);
  double width;

  hl_colour_set (cr, line_colour (figure, data));
  cairo_set_line_width (cr, 1.75 * px);
  cairo_move_to (cr, x, y);
  cairo_line_to (cr, x + 14 * px, y);
  cairo_stroke (cr);
  x += 18 * px;
  x += hl_text_draw (cr, style, name, HL_TEXT_LABEL, HL_TEXT_REGULAR, style->foreground, x, y, 0.0, MAX (end - x, 1));
  x += 12 * px;

  if (data->n_lanes > 1)
    {
      const char *band = _("min–max");
      const char *dots = own ? _("channels") : _("heads");

      hl_text_measure (style, band, HL_TEXT_LABEL, HL_TEXT_REGULAR, &width, NULL);
      if (x + width + 18 * px < end)
        {
          cairo_rectangle (cr, x, y - 5 * px, 14 * px, 10 * px);
          hl_colour_set (cr, hl_colour_with_alpha (style->foreground, 0.12));
          cairo_fill (cr);
          x += 18 * px;
          x += hl_text_draw (cr, style, band, HL_TEXT_LABEL, HL_TEXT_REGULAR, style->dim, x, y, 0.0, 0) + 12 * px;
        }
      hl_text_measure (style, dots, HL_TEXT_LABEL, HL_TEXT_REGULAR, &width, NULL);
      if (x + width + 18 * px < end && !is_dense (self) && data->cells.n * data->n_lanes <= MAX_DOTS)
        {
          for (gsize i = 0; i < 3; i++)
            {
              gsize lane = MIN (i, data->n_lanes - 1);

              cairo_arc (cr, x + (2 + 5 * i) * px, y, 1.8 * px, 0, 2 * G_PI);
              hl_colour_set (cr, hl_figure_head_colour (figure, data->heads[lane]));
              cairo_fill (cr);
            }
          x += 18 * px;
          x += hl_text_draw (cr, style, dots, HL_TEXT_LABEL, HL_TEXT_REGULAR, style->dim, x, y, 0.0, 0) + 12 * px;
        }
    }
  pango_layout_get_size (formula, &formula_width, NULL);
  width = (double) formula_width / PANGO_SCALE;
  if (x + width <= end && data->n_lanes > 1)
    {
      /* On the line of the other words, which subscripts do not move. */
      baseline = pango_layout_get_baseline (formula);
      hl_colour_set (cr, style->dim);
      cairo_move_to (cr, end - width, y + 0.34 * HL_TEXT_LABEL * style->font_size - (double) baseline / PANGO_SCALE);
      pango_cairo_show_layout (cr, formula);
      cairo_new_path (cr);
    }
}

void
hl_sequence_plot_draw (HlSequencePlot *self,
                       HlFigure       *figure,
                       cairo_t        *cr)
{
  draw_axes (self, figure, cr);
  draw_band (self, figure, cr);
  draw_dots (self, figure, cr);
  draw_line (self, figure, cr);
  draw_legend (self, figure, cr);
}

/* The box beside the cursor, on the side that has room. */
static void
draw_box (HlSequencePlot *self,
          HlFigure       *figure,
          cairo_t        *cr,
          gsize           cell)
{
  const HlSequenceData *data = self->data;
  const HlStyle *style = figure->style;
  double px = hl_sequence_unit (style);
  double row = ceil (style->font_size * 1.1);
  double x = hl_sequence_plot_x (self, cell);
  g_autofree char *token = hl_sequence_cells_dup_text (&data->cells, cell);
  g_autofree char *title = g_strdup_printf ("%" G_GSIZE_FORMAT "  %s", cell, token);
  g_autofree char *one = data->n_lanes == 1 ? hl_sequence_data_dup_head (data, data->heads[0]) : NULL;
  const char *names[] = { one != NULL ? one : hl_aggregate_get_name (data->state->aggregate),
                          C_("aggregate", "Maximum"), C_("aggregate", "Minimum") };
  const float values[] = { data->aggregate[cell], data->highest[cell], data->lowest[cell] };
  gsize n_rows = data->n_lanes > 1 ? 3 : 1;
  double name_width = 0.0, title_width, width, height;

  for (gsize i = 0; i < n_rows; i++)
    {
      hl_text_measure (style, names[i], HL_TEXT_LABEL, HL_TEXT_REGULAR, &width, NULL);
      name_width = MAX (name_width, width);
    }
  hl_text_measure (style, title, HL_TEXT_LABEL, HL_TEXT_BOLD, &title_width, NULL);
  width = ceil (MAX (name_width + 60 * px, MIN (title_width, 160 * px)) + 16 * px);
  height = (n_rows + 1) * row + 8 * px;
  x = x + 8 * px + width <= self->rect.x + self->rect.width ? x + 8 * px : MAX (x - 8 * px - width, self->rect.x);
  x = round (x);

  cairo_rectangle (cr, x + 0.5, self->frame.y + 0.5, width, height);
  hl_colour_set (cr, hl_colour_with_alpha (style->background, 0.94));
  cairo_fill_preserve (cr);
  hl_colour_set (cr, style->hairline);
  cairo_set_line_width (cr, 1);
  cairo_stroke (cr);
  hl_text_draw (cr, style, title, HL_TEXT_LABEL, HL_TEXT_BOLD, style->foreground, x + 8 * px,
                self->frame.y + 4 * px + row / 2, 0.0, width - 16 * px);
  for (gsize i = 0; i < n_rows; i++)
    {
      g_autofree char *number = hl_text_number (values[i]);
      double y = self->frame.y + 4 * px + (i + 1.5) * row;

      hl_text_draw (cr, style, names[i], HL_TEXT_LABEL, HL_TEXT_REGULAR, style->dim, x + 8 * px, y, 0.0, 0);
      hl_text_draw (cr, style, number, HL_TEXT_LABEL, HL_TEXT_NUMBERS, style->foreground, x + width - 8 * px, y, 1.0, 0);
    }
}

void
hl_sequence_plot_mark (HlSequencePlot *self,
                       HlFigure       *figure,
                       cairo_t        *cr,
                       gsize           cell,
                       gboolean        box,
                       HlColour        colour)
{
  const HlSequenceData *data = self->data;
  double px = hl_sequence_unit (figure->style);
  double x = hl_sequence_plot_x (self, cell);

  cairo_set_line_width (cr, 1);
  hl_colour_set (cr, colour);
  cairo_move_to (cr, floor (x) + 0.5, self->frame.y);
  cairo_line_to (cr, floor (x) + 0.5, self->floor);
  cairo_stroke (cr);
  if (is_drawn (data, cell, data->aggregate))
    {
      cairo_arc (cr, x, hl_sequence_plot_y (self, data->aggregate[cell]), 3.5 * px, 0, 2 * G_PI);
      hl_colour_set (cr, figure->style->background);
      cairo_fill_preserve (cr);
      hl_colour_set (cr, line_colour (figure, data));
      cairo_set_line_width (cr, 1.75 * px);
      cairo_stroke (cr);
    }
  if (box)
    draw_box (self, figure, cr, cell);
}

HlElement
hl_sequence_plot_pick (HlSequencePlot *self,
                       double          x,
                       double          y)
{
  double t = (x - self->frame.x) / self->frame.width;
  gsize cell;

  if (t < 0.0 || t >= 1.0 || y < self->frame.y || y > self->floor)
    return HL_ELEMENT_NONE;
  cell = MIN ((gsize) (t * self->data->cells.n), self->data->cells.n - 1);

  return (HlElement) { HL_SEQUENCE_POINT, (int) self->data->cells.first[cell], (int) self->data->cells.side, 0 };
}

gboolean
hl_sequence_plot_bounds (HlSequencePlot *self,
                         gsize           cell,
                         HlRect         *bounds)
{
  double width = self->frame.width / self->data->cells.n;

  if (cell >= self->data->cells.n)
    return FALSE;
  *bounds = (HlRect) { self->frame.x + cell * width, self->frame.y, width, self->floor - self->frame.y };

  return TRUE;
}
