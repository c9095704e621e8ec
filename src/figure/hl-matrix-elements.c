#include "config.h"

#include "hl-matrix-figure.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static int
find_place (const HlMatrixAxis *axis,
            int                 token)
{
  if (token < 0 || (gsize) token >= hl_tokens_get_length (axis->tokens))
    return -1;

  return axis->place_of[token];
}

/* Places of an element; -1 for the side that it does not name. FALSE for what is not in this figure. */
static gboolean
find_places (HlMatrixFigure *self,
             HlElement       element,
             int            *row,
             int            *column)
{
  *row = *column = -1;

  switch (element.kind)
    {
    case HL_MATRIX_CELL:
      *row = find_place (&self->queries, element.i);
      *column = find_place (&self->keys, element.j);
      return *row >= 0 && *column >= 0;

    case HL_MATRIX_QUERY:
      *row = find_place (&self->queries, element.i);
      return *row >= 0;

    case HL_MATRIX_KEY:
      *column = find_place (&self->keys, element.i);
      return *column >= 0;

    default:
      return FALSE;
    }
}

static HlElement
make_element (HlMatrixFigure *self,
              int             row,
              int             column)
{
  if (column < 0)
    return (HlElement) { HL_MATRIX_QUERY, self->queries.shown[row], 0, 0 };
  if (row < 0)
    return (HlElement) { HL_MATRIX_KEY, self->keys.shown[column], 0, 0 };

  return (HlElement) { HL_MATRIX_CELL, self->queries.shown[row], self->keys.shown[column], 0 };
}

HlElement
hl_matrix_figure_pick (HlFigure *figure,
                       double    x,
                       double    y)
{
  HlMatrixFigure *self = (HlMatrixFigure *) figure;
  const HlRect *plot = &self->plot;
  gboolean is_in_rows = y >= plot->y && y < plot->y + plot->height;
  gboolean is_in_columns = x >= plot->x && x < plot->x + plot->width;
  int row = -1, column = -1;

  if (self->cells.n_rows == 0)
    return HL_ELEMENT_NONE;

  if (is_in_rows)
    row = MIN ((int) ((y - plot->y) / self->queries.cell), (int) self->queries.n - 1);
  if (is_in_columns)
    column = MIN ((int) ((x - plot->x) / self->keys.cell), (int) self->keys.n - 1);

  if (is_in_rows && is_in_columns)
    return make_element (self, row, column);
  if (is_in_rows && x < plot->x && x >= plot->x - self->unit - self->queries.label_room)
    return make_element (self, row, -1);
  if (is_in_columns && y < plot->y && y >= plot->y - self->unit - self->keys.label_room)
    return make_element (self, -1, column);

  return HL_ELEMENT_NONE;
}

gboolean
hl_matrix_figure_bounds (HlFigure  *figure,
                         HlElement  element,
                         HlRect    *bounds)
{
  HlMatrixFigure *self = (HlMatrixFigure *) figure;
  int row, column;

  if (!find_places (self, element, &row, &column))
    return FALSE;

  *bounds = (HlRect) {
    column >= 0 ? self->plot.x + column * self->keys.cell : self->plot.x - self->unit - self->queries.label_room,
    row >= 0 ? self->plot.y + row * self->queries.cell : self->plot.y - self->unit - self->keys.label_room,
    column >= 0 ? self->keys.cell : self->queries.label_room + self->unit,
    row >= 0 ? self->queries.cell : self->keys.label_room + self->unit,
  };

  return TRUE;
}

/* Labels are row and column -1 of the table that arrows walk through; its corner is empty. */
static void
step (HlMatrixFigure *self,
      int            *row,
      int            *column,
      int             down,
      int             right)
{
  int next_row = CLAMP (*row + down, -1, (int) self->queries.n - 1);
  int next_column = CLAMP (*column + right, -1, (int) self->keys.n - 1);

  if (next_row < 0 && next_column < 0)
    return;

  *row = next_row;
  *column = next_column;
}

HlElement
hl_matrix_figure_neighbour (HlFigure    *figure,
                            HlElement    element,
                            HlDirection  direction)
{
  HlMatrixFigure *self = (HlMatrixFigure *) figure;
  int row, column;

  if (self->cells.n_rows == 0)
    return HL_ELEMENT_NONE;
  if (!find_places (self, element, &row, &column))
    return make_element (self, 0, 0);

  switch (direction)
    {
    case HL_DIRECTION_LEFT:
      step (self, &row, &column, 0, -1);
      break;

    case HL_DIRECTION_RIGHT:
      step (self, &row, &column, 0, 1);
      break;

    case HL_DIRECTION_UP:
      step (self, &row, &column, -1, 0);
      break;

    case HL_DIRECTION_DOWN:
      step (self, &row, &column, 1, 0);
      break;

    case HL_DIRECTION_FIRST:
      if (column >= 0)
        column = 0;
      else
        row = 0;
      break;

    case HL_DIRECTION_LAST:
      if (column >= 0)
        column = self->keys.n - 1;
      else
        row = self->queries.n - 1;
      break;

    /* Cells, then rows' labels, then columns'. */
    case HL_DIRECTION_NEXT:
      if (element.kind == HL_MATRIX_KEY)
        return HL_ELEMENT_NONE;
      if (element.kind == HL_MATRIX_CELL)
        return make_element (self, row, -1);
      return make_element (self, -1, 0);

    case HL_DIRECTION_PREVIOUS:
    default:
      if (element.kind == HL_MATRIX_CELL)
        return HL_ELEMENT_NONE;
      if (element.kind == HL_MATRIX_QUERY)
        return make_element (self, row, 0);
      return make_element (self, 0, -1);
    }

  return make_element (self, row, column);
}

void
hl_matrix_figure_hover (HlFigure    *figure,
                        HlElement    element,
                        HlSelection *selection)
{
  HlMatrixFigure *self = (HlMatrixFigure *) figure;
  HlHover hover = HL_HOVER_NONE;
  int row, column;

  if (!find_places (self, element, &row, &column))
    {
      hl_selection_set_hover (selection, NULL);
      return;
    }

  if (row >= 0)
    hover.query = self->queries.shown[row];
  if (column >= 0)
    hover.key = self->keys.shown[column];

  hl_selection_set_hover (selection, &hover);
}

gboolean
hl_matrix_figure_activate (HlFigure    *figure,
                           HlElement    element,
                           HlGesture    gesture,
                           HlSelection *selection)
{
  HlMatrixFigure *self = (HlMatrixFigure *) figure;
  int row, column;

  if (!find_places (self, element, &row, &column))
    return FALSE;

  if (element.kind != HL_MATRIX_CELL)
    {
      hl_selection_toggle_pin (selection, row >= 0 ? HL_SIDE_QUERY : HL_SIDE_KEY, element.i);
      return TRUE;
    }

  switch (gesture)
    {
    case HL_GESTURE_DOUBLE:
      if (self->max_zoom <= 1)
        return FALSE;
      hl_selection_set_zoom (selection, hl_selection_get_state (selection)->zoom > 1 ? 1 : self->max_zoom);
      return TRUE;

    case HL_GESTURE_EXTEND:
      hl_selection_toggle_pin (selection, HL_SIDE_QUERY, element.i);
      return TRUE;

    case HL_GESTURE_CLICK:
    default:
      hl_selection_set_pin (selection, HL_SIDE_QUERY, element.i);
      return TRUE;
    }
}

/* The largest of @n weights that are shown, or -1. */
static gssize
find_largest (const HlMatrixAxis *axis,
              const float        *weights)
{
  gssize largest = -1;

  for (gsize place = 0; place < axis->n; place++)
    {
      guint token = axis->shown[place];

      if (!isnan (weights[token]) && (largest < 0 || weights[token] > weights[largest]))
        largest = token;
    }

  return largest;
}

static char *
describe_label (HlMatrixFigure *self,
                HlSide          side,
                guint           token)
{
  const HlState *state = self->base.state;
  HlAttention *attention = hl_state_get_attention (state);
  const HlMatrixAxis *own = side == HL_SIDE_QUERY ? &self->queries : &self->keys;
  const HlMatrixAxis *other = side == HL_SIDE_QUERY ? &self->keys : &self->queries;
  g_autofree float *weights = g_new (float, hl_tokens_get_length (other->tokens) + 1);
  const char *name = hl_tokens_get (own->tokens, token)->surface;
  g_autofree char *weight = NULL;
  gssize largest;

  if (side == HL_SIDE_QUERY)
    hl_attention_read_row (attention, state->layer, state->head, token, weights);
  else
    hl_attention_read_column (attention, state->layer, state->head, token, weights);

  largest = find_largest (other, weights);
  if (largest < 0)
    return g_strdup_printf (side == HL_SIDE_QUERY ? _("query %u “%s”") : _("key %u “%s”"), token, name);

  weight = hl_text_number (weights[largest]);

  return g_strdup_printf (side == HL_SIDE_QUERY
                            ? _("query %u “%s” → most to key %" G_GSSIZE_FORMAT " “%s”: %s")
                            : _("key %u “%s” ← most from query %" G_GSSIZE_FORMAT " “%s”: %s"),
                          token, name, largest, hl_tokens_get (other->tokens, largest)->surface, weight);
}

char *
hl_matrix_figure_describe (HlFigure  *figure,
                           HlElement  element)
{
  HlMatrixFigure *self = (HlMatrixFigure *) figure;
  g_autofree char *weight = NULL;
  int row, column;

  if (!find_places (self, element, &row, &column))
    return NULL;
  if (column < 0)
    return describe_label (self, HL_SIDE_QUERY, element.i);
  if (row < 0)
    return describe_label (self, HL_SIDE_KEY, element.i);

  if (hl_matrix_figure_is_masked (self, element.i, element.j))
    weight = g_strdup (_("masked, the key comes after the query"));
  else
    weight = hl_text_number (hl_matrix_figure_get_weight (self, element.i, element.j));

  return g_strdup_printf (_("query %d “%s” → key %d “%s”: %s"), element.i,
                          hl_tokens_get (self->queries.tokens, element.i)->surface, element.j,
                          hl_tokens_get (self->keys.tokens, element.j)->surface, weight);
}

char *
hl_matrix_figure_summarise (HlFigure *figure)
{
  HlMatrixFigure *self = (HlMatrixFigure *) figure;

  /* How many are hidden, the caption says. */
  return g_strdup_printf (_("%s weights. %s"), self->title, self->caption);
}

/* A wide table: a line a query, a column a key, of those that are shown; tokens as "index:token", weights as they are,
 * whatever threshold and scale. */
void
hl_matrix_figure_csv (HlFigure *figure,
                      GString  *csv)
{
  HlMatrixFigure *self = (HlMatrixFigure *) figure;
  const HlState *state = figure->state;
  g_autofree float *weights = g_new (float, hl_tokens_get_length (self->keys.tokens) + 1);

  hl_csv_append (csv, "query", self->keys.n > 0 ? ',' : '\n');
  for (gsize column = 0; column < self->keys.n; column++)
    {
      guint key = self->keys.shown[column];
      g_autofree char *name = g_strdup_printf ("%u:%s", key, hl_tokens_get (self->keys.tokens, key)->surface);

      hl_csv_append (csv, name, column + 1 < self->keys.n ? ',' : '\n');
    }

  for (gsize row = 0; row < self->queries.n; row++)
    {
      guint query = self->queries.shown[row];
      g_autofree char *name = g_strdup_printf ("%u:%s", query, hl_tokens_get (self->queries.tokens, query)->surface);

      hl_csv_append (csv, name, self->keys.n > 0 ? ',' : '\n');
      hl_attention_read_row (hl_state_get_attention (state), state->layer, state->head, query, weights);
      for (gsize column = 0; column < self->keys.n; column++)
        hl_csv_append_number (csv, weights[self->keys.shown[column]], column + 1 < self->keys.n ? ',' : '\n');
    }
}
