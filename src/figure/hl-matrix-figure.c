#include "config.h"

#include "hl-matrix-figure.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "hl-labels.h"

/* Cells of this many grid units have room for two digits, and of this many px for a line between them. */
#define NUMBER_CELL (34 / 6.0)
#define LINED_CELL 10

static const char *
missing (const HlState *state)
{
  HlAttention *attention = hl_state_get_attention (state);

  if (attention == NULL)
    return _("This file holds scores of tokens but no attention from token to token.");

  if (hl_attention_get_n_layers (attention) == 0 || hl_attention_get_n_heads (attention, state->layer) == 0)
    return _("This file holds no layer with heads.");

  if (hl_attention_get_n_queries (attention) == 0 || hl_attention_get_n_keys (attention) == 0)
    return _("This text has no tokens.");

  return NULL;
}

static void
clear_axis (HlMatrixAxis *axis)
{
  g_clear_pointer (&axis->tokens, hl_tokens_unref);
  g_free (axis->shown);
  g_free (axis->place_of);
}

static void
finalize (HlFigure *figure)
{
  HlMatrixFigure *self = (HlMatrixFigure *) figure;

  clear_axis (&self->queries);
  clear_axis (&self->keys);
  g_free (self->row_scales);
  g_free (self->title);
  g_free (self->caption);
  g_free (self->levels);
}

double
hl_matrix_figure_get_max_zoom (HlFigure *figure)
{
  if (figure->klass != &hl_matrix_figure_class || figure->message != NULL)
    return 1;

  return ((HlMatrixFigure *) figure)->max_zoom;
}

static void
draw_title (HlMatrixFigure *self,
            cairo_t        *cr)
{
  HlStyle *style = self->base.style;

  hl_text_draw (cr, style, self->title, HL_TEXT_LABEL, HL_TEXT_BOLD, style->foreground, self->margin, self->title_y, 0,
                self->base.room_width - 2 * self->margin);
}

static void
draw_legend (HlMatrixFigure *self,
             cairo_t        *cr)
{
  HlStyle *style = self->base.style;
  HlColour head = hl_figure_head_colour (&self->base, self->base.state->head);
  double x = self->legend_ramp, width = self->legend_width;
  double height = round ((self->is_compact ? 1 : 1.5) * self->unit);
  double y = round (self->legend_y - height / 2);
  cairo_pattern_t *pattern = cairo_pattern_create_linear (x, 0, x + width, 0);
  const char *low, *high;

  for (int i = 0; i <= 16; i++)
    {
      HlColour colour = hl_style_ramp (style, head, i / 16.0);

      cairo_pattern_add_color_stop_rgb (pattern, i / 16.0, colour.red, colour.green, colour.blue);
    }
  cairo_set_source (cr, pattern);
  cairo_rectangle (cr, x, y, width, height);
  cairo_fill (cr);
  cairo_pattern_destroy (pattern);

  hl_colour_set (cr, style->hairline);
  cairo_set_line_width (cr, 1);
  cairo_rectangle (cr, x - 0.5, y - 0.5, width + 1, height + 1);
  cairo_stroke (cr);

  hl_matrix_figure_get_legend (self, &low, &high);
  hl_text_draw (cr, style, low, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, style->dim, x - self->unit, self->legend_y, 1, 0);
  hl_text_draw (cr, style, high, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, style->dim, x + width + self->unit, self->legend_y,
                0, 0);
}

/* What the painter of cells asks for. */
typedef struct
{
  HlMatrixFigure *self;
  HlRamp          ramp;
  guint32         shade;
  guint8         *levels; /* [column] */
} Painting;

static void
read_cells (gpointer  data,
            gsize     row,
            gsize     column,
            gsize     n,
            guint32  *out)
{
  Painting *painting = data;
  HlMatrixFigure *self = painting->self;
  const HlCells *cells = &self->cells;
  guint last_query = self->queries.shown[(row + 1) * self->queries.n / cells->n_rows - 1];

  hl_matrix_figure_read_levels (self, row, column, n, painting->levels);

  for (gsize i = 0; i < n; i++)
    {
      guint first_key = self->keys.shown[(column + i) * self->keys.n / cells->n_columns];

      out[i] = hl_matrix_figure_is_masked (self, last_query, first_key) ? painting->shade
                                                                        : painting->ramp.steps[painting->levels[i]];
    }
}

static void
draw_cells (HlMatrixFigure *self,
            cairo_t        *cr,
            const HlRect   *clip)
{
  HlStyle *style = self->base.style;
  g_autofree Painting *painting = g_new0 (Painting, 1);
  g_autofree guint8 *levels = g_new (guint8, self->cells.n_columns + 1);

  painting->self = self;
  painting->levels = levels;
  painting->shade = hl_cells_pack (style->shade);
  hl_ramp_init (&painting->ramp, style, hl_figure_head_colour (&self->base, self->base.state->head));

  hl_cells_draw (&self->cells, cr, clip, read_cells, painting);
}

/* Places [first, end) of an axis that [@from, @to) px cover. */
static void
find_places (const HlMatrixAxis *axis,
             double              origin,
             double              from,
             double              to,
             gsize              *first,
             gsize              *end)
{
  double low = (from - origin) / axis->cell, high = ceil ((to - origin) / axis->cell);

  *first = low > 0 ? MIN ((gsize) low, axis->n) : 0;
  *end = high > 0 ? MIN ((gsize) high, axis->n) : 0;
  *end = MAX (*end, *first);
}

static void
draw_lines (HlMatrixFigure *self,
            cairo_t        *cr,
            const HlRect   *clip)
{
  HlStyle *style = self->base.style;
  const HlRect *plot = &self->plot;
  gsize first, end;

  cairo_set_line_width (cr, 1);

  /* Cells part where they are large enough for it; the ground shows through, so that colours stay what they are. */
  hl_colour_set (cr, style->background);
  if (self->queries.cell >= LINED_CELL)
    {
      find_places (&self->queries, plot->y, clip->y, clip->y + clip->height, &first, &end);
      for (gsize place = MAX (first, 1); place < end; place++)
        {
          cairo_move_to (cr, plot->x, plot->y + place * self->queries.cell - 0.5);
          cairo_rel_line_to (cr, plot->width, 0);
        }
    }
  if (self->keys.cell >= LINED_CELL)
    {
      find_places (&self->keys, plot->x, clip->x, clip->x + clip->width, &first, &end);
      for (gsize place = MAX (first, 1); place < end; place++)
        {
          cairo_move_to (cr, plot->x + place * self->keys.cell - 0.5, plot->y);
          cairo_rel_line_to (cr, 0, plot->height);
        }
    }
  cairo_stroke (cr);

  hl_colour_set (cr, hl_colour_with_alpha (style->foreground, 0.45));
  for (gsize place = 1; place < self->queries.n; place++)
    if (hl_tokens_get (self->queries.tokens, self->queries.shown[place])->segment
        != hl_tokens_get (self->queries.tokens, self->queries.shown[place - 1])->segment)
      {
        cairo_move_to (cr, plot->x - self->queries.label_room, plot->y + place * self->queries.cell - 0.5);
        cairo_line_to (cr, plot->x + plot->width, plot->y + place * self->queries.cell - 0.5);
      }
  for (gsize place = 1; place < self->keys.n; place++)
    if (hl_tokens_get (self->keys.tokens, self->keys.shown[place])->segment
        != hl_tokens_get (self->keys.tokens, self->keys.shown[place - 1])->segment)
      {
        cairo_move_to (cr, plot->x + place * self->keys.cell - 0.5, plot->y - self->keys.label_room);
        cairo_line_to (cr, plot->x + place * self->keys.cell - 0.5, plot->y + plot->height);
      }
  cairo_stroke (cr);

  hl_colour_set (cr, style->hairline);
  cairo_rectangle (cr, plot->x - 0.5, plot->y - 0.5, plot->width + 1, plot->height + 1);
  cairo_stroke (cr);
}

void
hl_matrix_figure_draw_axis_labels (HlMatrixFigure *self,
                                   cairo_t        *cr,
                                   HlSide          side,
                                   const HlRect   *clip)
{
  HlStyle *style = self->base.style;
  const HlMatrixAxis *axis = side == HL_SIDE_QUERY ? &self->queries : &self->keys;
  double origin = side == HL_SIDE_QUERY ? self->plot.y : self->plot.x;
  double from = side == HL_SIDE_QUERY ? clip->y : clip->x;
  double length = side == HL_SIDE_QUERY ? clip->height : clip->width;
  gsize first, end;

  /* Labels that begin outside the clip may reach into it. */
  find_places (axis, origin, from - 4 * self->unit, from + length + 4 * self->unit, &first, &end);
  first -= first % axis->step;

  for (gsize place = first; place < end; place += axis->step)
    {
      g_autofree char *label = hl_matrix_figure_dup_label (axis, place);

      hl_matrix_figure_draw_label (self, cr, side, place, label, HL_TEXT_REGULAR, style->foreground);
    }

  if (axis->step > 1)
    {
      hl_colour_set (cr, style->hairline);
      cairo_set_line_width (cr, 1);
      for (gsize place = first; place < end; place += axis->step)
        {
          double middle = floor (origin + (place + 0.5) * axis->cell) + 0.5;

          if (side == HL_SIDE_QUERY)
            {
              cairo_move_to (cr, self->plot.x - 4, middle);
              cairo_rel_line_to (cr, 4, 0);
            }
          else
            {
              cairo_move_to (cr, middle, self->plot.y - 4);
              cairo_rel_line_to (cr, 0, 4);
            }
        }
      cairo_stroke (cr);
    }
}

/* Two digits: ".12", "1.0". */
static void
format_cell (double weight,
             char  *buffer,
             gsize  size)
{
  int hundredths = (int) (weight * 100 + 0.5);

  if (isnan (weight))
    g_strlcpy (buffer, "–", size);
  else if (hundredths >= 100)
    g_strlcpy (buffer, "1.0", size);
  else
    g_snprintf (buffer, size, ".%02d", MAX (hundredths, 0));
}

static void
draw_numbers (HlMatrixFigure *self,
              cairo_t        *cr,
              const HlRect   *clip)
{
  const HlState *state = self->base.state;
  HlStyle *style = self->base.style;
  HlColour head = hl_figure_head_colour (&self->base, state->head);
  g_auto (HlLabels) labels = { NULL };
  gsize first_row, end_row, first_column, end_column;
  g_autofree float *weights = NULL;

  if (MIN (self->queries.cell, self->keys.cell) < NUMBER_CELL * self->unit)
    return;

  find_places (&self->queries, self->plot.y, clip->y, clip->y + clip->height, &first_row, &end_row);
  find_places (&self->keys, self->plot.x, clip->x, clip->x + clip->width, &first_column, &end_column);
  hl_labels_init (&labels, style, HL_TEXT_LABEL, HL_TEXT_NUMBERS);
  weights = g_new (float, hl_tokens_get_length (self->keys.tokens) + 1);

  for (gsize row = first_row; row < end_row; row++)
    {
      guint query = self->queries.shown[row];

      hl_attention_read_row (hl_state_get_attention (state), state->layer, state->head, query, weights);

      for (gsize column = first_column; column < end_column; column++)
        {
          guint key = self->keys.shown[column];
          HlRect bounds = hl_cells_bounds (&self->cells, row, column);
          HlColour ground, colour;
          char number[8];

          if (hl_matrix_figure_is_masked (self, query, key) || weights[key] < state->threshold)
            continue;

          ground = hl_style_ramp (style, head, hl_matrix_figure_get_level (self, query, weights[key]));
          colour = hl_style_text_on (style, ground);
          /* What rounds to nothing shall not be louder than what does not. */
          if (weights[key] < 0.005f)
            colour = hl_colour_mix (ground, colour, 0.45);

          format_cell (weights[key], number, sizeof number);
          hl_labels_draw (&labels, cr, number, colour, bounds.x + bounds.width / 2, bounds.y + bounds.height / 2, 0.5, 0);
        }
    }
}

static void
draw (HlFigure     *figure,
      cairo_t      *cr,
      const HlRect *clip)
{
  HlMatrixFigure *self = (HlMatrixFigure *) figure;

  draw_title (self, cr);
  draw_legend (self, cr);

  if (self->cells.n_rows > 0)
    {
      draw_cells (self, cr, clip);
      draw_lines (self, cr, clip);
      draw_numbers (self, cr, clip);
      hl_matrix_figure_draw_axis_labels (self, cr, HL_SIDE_QUERY, clip);
      hl_matrix_figure_draw_axis_labels (self, cr, HL_SIDE_KEY, clip);
    }

  if (self->caption_y > 0)
    hl_text_draw_paragraph (cr, self->base.style, self->caption, HL_TEXT_CAPTION, self->base.style->dim, self->margin,
                            self->caption_y, self->base.room_width - 2 * self->margin);
}

const HlFigureClass hl_matrix_figure_class = {
  .view = HL_VIEW_MATRIX,
  .title = N_("Matrix"),
  .dependence = HL_CHANGE_TRACE | HL_CHANGE_ATTENTION | HL_CHANGE_LAYER | HL_CHANGE_HEAD | HL_CHANGE_COLOURS
                | HL_CHANGE_FILTER | HL_CHANGE_SCALE | HL_CHANGE_ZOOM,
  .size = sizeof (HlMatrixFigure),
  .layout = hl_matrix_figure_layout,
  .finalize = finalize,
  .draw = draw,
  .overlay = hl_matrix_figure_overlay,
  .pick = hl_matrix_figure_pick,
  .neighbour = hl_matrix_figure_neighbour,
  .bounds = hl_matrix_figure_bounds,
  .describe = hl_matrix_figure_describe,
  .summarise = hl_matrix_figure_summarise,
  .hover = hl_matrix_figure_hover,
  .activate = hl_matrix_figure_activate,
  .csv = hl_matrix_figure_csv,
  .missing = missing,
};
