#include "config.h"

#include "hl-neurons-figure.h"

#include <math.h>

/* A place in the table of rows and columns that elements are made from. Row -1 is the row of sums. */
typedef struct
{
  HlColumn column;
  int      row;
  int      position; /* in a strip, else 0 */
} Place;

static gboolean
is_query_column (HlColumn column)
{
  return column == HL_COLUMN_QUERY_NAME || column == HL_COLUMN_QUERY;
}

static gboolean
has_sum (HlNeuronsFigure *self,
         HlColumn         column)
{
  int strip = hl_column_get_strip (column);

  return strip >= 0 ? self->sums[strip].n_rows > 0 : column == HL_COLUMN_SCORE && self->has_sums && self->numbers->has_query;
}

static int
count_rows (HlNeuronsFigure *self,
            HlColumn         column)
{
  if (column == HL_COLUMN_LINK || !self->columns[column].is_shown)
    return 0;

  return is_query_column (column) ? self->numbers->n_query_rows : self->numbers->n_key_rows;
}

static int
count_positions (HlNeuronsFigure *self,
                 HlColumn         column)
{
  int strip = hl_column_get_strip (column);

  return strip >= 0 ? (int) hl_neurons_get_width (self->numbers, strip) : 1;
}

static HlElement
make_element (HlNeuronsFigure *self,
              Place            place)
{
  int strip = hl_column_get_strip (place.column);
  int neuron = strip >= 0 ? (int) hl_neurons_get_neuron (self->numbers, strip, place.position) : 0;

  if (place.row < 0)
    return (HlElement) { HL_ELEMENT_SUM, place.column, neuron, 0 };

  return (HlElement) {
    place.column + 1,
    (is_query_column (place.column) ? self->numbers->queries : self->numbers->keys)[place.row],
    neuron,
    0,
  };
}

/* FALSE for what is not in this figure: hidden, or of another one. */
static gboolean
find_place (HlNeuronsFigure *self,
            HlElement        element,
            Place           *place)
{
  HlNeurons *numbers = self->numbers;
  gboolean is_sum = element.kind == HL_ELEMENT_SUM;
  int strip;

  if (element.kind == 0 || element.kind > HL_ELEMENT_SUM
      || (is_sum && (element.i < 0 || element.i >= HL_N_COLUMNS)))
    return FALSE;

  place->column = is_sum ? (HlColumn) element.i : (HlColumn) (element.kind - 1);
  if (place->column == HL_COLUMN_LINK || !self->columns[place->column].is_shown)
    return FALSE;

  if (is_sum)
    {
      if (!has_sum (self, place->column))
        return FALSE;
      place->row = -1;
    }
  else
    {
      gboolean is_query = is_query_column (place->column);

      if (element.i < 0 || (gsize) element.i >= (is_query ? numbers->n_queries : numbers->n_keys))
        return FALSE;
      place->row = (is_query ? numbers->row_of_query : numbers->row_of_key)[element.i];
      if (place->row < 0)
        return FALSE;
    }

  strip = hl_column_get_strip (place->column);
  if (element.j < 0 || element.j >= count_positions (self, place->column))
    return FALSE;
  place->position = strip >= 0 ? (int) hl_neurons_get_position (numbers, strip, element.j) : 0;

  return TRUE;
}

HlElement
hl_neurons_figure_pick (HlFigure *figure,
                        double    x,
                        double    y)
{
  HlNeuronsFigure *self = (HlNeuronsFigure *) figure;

  for (HlColumn column = 0; column < HL_N_COLUMNS; column++)
    {
      const HlColumnBox *box = &self->columns[column];
      int strip = hl_column_get_strip (column);
      Place place = { column, 0, 0 };

      if (column == HL_COLUMN_LINK || !box->is_shown || x < box->x || x >= box->x + box->width)
        continue;

      if (has_sum (self, column) && y >= self->sum_y && y < self->sum_y + self->row_height)
        place.row = -1;
      else if (y >= self->rows_y && y < self->rows_y + count_rows (self, column) * self->row_height)
        place.row = MIN ((int) ((y - self->rows_y) / self->row_height), count_rows (self, column) - 1);
      else
        return HL_ELEMENT_NONE;

      if (strip >= 0)
        {
          if (x >= box->x + box->graph)
            return HL_ELEMENT_NONE;
          place.position = MIN ((int) ((x - box->x) / self->cells[strip].cell_width),
                                count_positions (self, column) - 1);
        }

      return make_element (self, place);
    }

  return HL_ELEMENT_NONE;
}

gboolean
hl_neurons_figure_bounds (HlFigure  *figure,
                          HlElement  element,
                          HlRect    *bounds)
{
  HlNeuronsFigure *self = (HlNeuronsFigure *) figure;
  const HlColumnBox *box;
  Place place;
  int strip;

  if (!find_place (self, element, &place))
    return FALSE;

  strip = hl_column_get_strip (place.column);
  if (strip >= 0)
    {
      *bounds = hl_cells_bounds (place.row < 0 ? &self->sums[strip] : &self->cells[strip], MAX (place.row, 0),
                                 place.position);
      return TRUE;
    }

  box = &self->columns[place.column];
  *bounds = (HlRect) {
    box->x,
    place.row < 0 ? self->sum_y : self->rows_y + place.row * self->row_height,
    box->width,
    self->row_height - self->row_gap,
  };

  return TRUE;
}

/* The next column in @step's direction that has rows; -1 if there is none. */
static int
find_column (HlNeuronsFigure *self,
             HlColumn         column,
             int              step)
{
  for (int next = (int) column + step; next >= 0 && next < HL_N_COLUMNS; next += step)
    if (count_rows (self, next) > 0)
      return next;

  return -1;
}

/* Steps sideways: within a strip from neuron to neuron, at its end to the next column in the same row. */
static void
step_sideways (HlNeuronsFigure *self,
               Place           *place,
               int              step)
{
  int position = place->position + step;
  int column;

  if (position >= 0 && position < count_positions (self, place->column))
    {
      place->position = position;
      return;
    }

  column = find_column (self, place->column, step);
  while (column >= 0 && place->row < 0 && !has_sum (self, column))
    column = find_column (self, column, step);
  if (column < 0)
    return;

  place->column = column;
  place->row = MIN (place->row, count_rows (self, column) - 1);
  place->position = step > 0 ? 0 : count_positions (self, column) - 1;
}

HlElement
hl_neurons_figure_neighbour (HlFigure    *figure,
                             HlElement    element,
                             HlDirection  direction)
{
  HlNeuronsFigure *self = (HlNeuronsFigure *) figure;
  int n_rows, column;
  Place place;

  if (!find_place (self, element, &place))
    {
      column = find_column (self, 0, 1);
      if (count_rows (self, HL_COLUMN_QUERY_NAME) > 0)
        column = HL_COLUMN_QUERY_NAME;
      if (column < 0)
        return HL_ELEMENT_NONE;

      return make_element (self, (Place) { column, 0, 0 });
    }

  n_rows = count_rows (self, place.column);

  switch (direction)
    {
    case HL_DIRECTION_LEFT:
      step_sideways (self, &place, -1);
      break;

    case HL_DIRECTION_RIGHT:
      step_sideways (self, &place, 1);
      break;

    case HL_DIRECTION_UP:
      place.row = MAX (place.row - 1, has_sum (self, place.column) ? -1 : 0);
      break;

    case HL_DIRECTION_DOWN:
      place.row = MIN (place.row + 1, n_rows - 1);
      break;

    case HL_DIRECTION_FIRST:
      if (hl_column_get_strip (place.column) >= 0)
        place.position = 0;
      else
        place.row = 0;
      break;

    case HL_DIRECTION_LAST:
      if (hl_column_get_strip (place.column) >= 0)
        place.position = count_positions (self, place.column) - 1;
      else
        place.row = n_rows - 1;
      break;

    case HL_DIRECTION_NEXT:
    case HL_DIRECTION_PREVIOUS:
    default:
      column = find_column (self, place.column, direction == HL_DIRECTION_NEXT ? 1 : -1);
      if (column < 0)
        return HL_ELEMENT_NONE;
      place.column = column;
      place.row = CLAMP (place.row, 0, count_rows (self, column) - 1);
      place.position = 0;
      break;
    }

  return make_element (self, place);
}

void
hl_neurons_figure_hover (HlFigure    *figure,
                         HlElement    element,
                         HlSelection *selection)
{
  HlNeuronsFigure *self = (HlNeuronsFigure *) figure;
  HlHover hover = HL_HOVER_NONE;
  Place place;
  int strip;

  if (!find_place (self, element, &place))
    {
      hl_selection_set_hover (selection, NULL);
      return;
    }

  if (place.row >= 0)
    {
      if (is_query_column (place.column))
        hover.query = element.i;
      else
        hover.key = element.i;

      /* What belongs to both tokens is the weight between them. */
      if (place.column == HL_COLUMN_PRODUCT || place.column == HL_COLUMN_SCORE || place.column == HL_COLUMN_SOFTMAX)
        hover.query = self->numbers->query;
    }

  strip = hl_column_get_strip (place.column);
  if (strip == HL_STRIP_VALUE)
    hover.value = element.j;
  else if (strip >= 0)
    hover.neuron = element.j;

  hl_selection_set_hover (selection, &hover);
}

gboolean
hl_neurons_figure_activate (HlFigure    *figure,
                            HlElement    element,
                            HlGesture    gesture,
                            HlSelection *selection)
{
  HlNeuronsFigure *self = (HlNeuronsFigure *) figure;
  Place place;

  if (!find_place (self, element, &place) || place.row < 0)
    return FALSE;

  if (is_query_column (place.column))
    {
      /* The one pinned query is what this view shows; activating it again lets it go. */
      if (hl_state_has_pin (hl_selection_get_state (selection), HL_SIDE_QUERY, element.i))
        hl_selection_toggle_pin (selection, HL_SIDE_QUERY, element.i);
      else
        hl_selection_set_pin (selection, HL_SIDE_QUERY, element.i);
      return TRUE;
    }

  if (place.column == HL_COLUMN_KEY_NAME || place.column == HL_COLUMN_LAST_NAME)
    {
      hl_selection_toggle_pin (selection, HL_SIDE_KEY, element.i);
      return TRUE;
    }

  return FALSE;
}
