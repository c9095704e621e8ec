#include "config.h"

#include "hl-sequence-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* Puts the sequence view together: prediction, legend, text with its lanes, and the plot, which stands in the upper right
 * corner of a wide room with the text flowing around it, and below the text of a narrow one. */

#define WIDE 720.0
#define LOW_PLOT 80.0 /* beside the text of a low room */
#define PLOT_SHARE 0.36
#define MARGIN 12.0

/* Lanes are as high as the room allows: names need about ten pixels a lane, the picture three. The more lanes, the smaller
 * they may become. */
static const struct
{
  double pitch;
  double height;
} lane_sizes[] = { { 14, 12 }, { 11, 9 }, { 9, 7 }, { 7, 5 }, { 5, 4 }, { 4, 3 }, { 3, 2 } };

static double
measure_margin (HlSequenceFigure *self)
{
  HlFigure *figure = &self->parent;
  double px = hl_sequence_unit (figure->style);
  double widest = 0.0;

  if (!self->has_lanes)
    return 0.0;
  if (figure->room_width < 360 * px)
    return 8 * px;

  for (gsize lane = 0; lane < self->data.n_lanes; lane++)
    {
      g_autofree char *name = hl_state_dup_head_name (figure->state, self->data.heads[lane]);
      double regular, bold;

      hl_text_measure (figure->style, name, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, &regular, NULL);
      hl_text_measure (figure->style, name, HL_TEXT_CAPTION, HL_TEXT_BOLD, &bold, NULL);
      widest = MAX (widest, MAX (regular, bold));
    }

  return ceil (MIN (widest, 72 * px) + 12 * px);
}

/* Breaks all text into lines with lanes of this size; returns where it ends. */
static double
flow (HlSequenceFigure       *self,
      const HlSequenceColumn *column,
      double                  y,
      double                  pitch,
      double                  height)
{
  const HlStyle *style = self->parent.style;
  double px = hl_sequence_unit (style);

  for (gsize i = 0; i < self->n_blocks; i++)
    {
      HlSequenceBlock *block = &self->blocks[i];

      if (i > 0)
        y += 12 * px;
      if (block->heading != NULL)
        {
          block->heading_y = y + ceil (style->font_size * 0.6);
          y += ceil (style->font_size * 1.35);
        }
      hl_sequence_block_flow (block, style, column, y, pitch, height);
      y = block->bounds.y + block->bounds.height;
    }

  return y;
}

static gboolean
init_blocks (HlSequenceFigure *self,
             double            narrowest,
             GCancellable     *cancellable)
{
  HlFigure *figure = &self->parent;
  HlState *state = figure->state;
  HlTokens *queries = self->data.cells.tokens;
  HlTokens *keys = NULL;

  if (self->data.attention != NULL)
    {
      queries = hl_state_get_tokens (state, HL_SIDE_QUERY);
      keys = hl_state_get_tokens (state, HL_SIDE_KEY);
    }
  if (keys != NULL && !hl_tokens_equal (queries, keys))
    {
      gboolean cross = hl_attention_get_kind (self->data.attention) == HL_ATTENTION_CROSS;

      self->blocks[0].heading = cross ? _("Decoder: queries") : _("Queries");
      self->blocks[1].heading = cross ? _("Encoder: keys") : _("Keys");
      self->n_blocks = 2;
      self->value_block = self->data.cells.side == HL_SIDE_KEY ? 1 : 0;
      if (!hl_sequence_block_init (&self->blocks[1], figure->style, HL_SIDE_KEY, keys, state->merge_words, narrowest,
                                   cancellable))
        return FALSE;
    }
  else
    {
      self->n_blocks = 1;
    }
  /* The one block of a sequence that attends to itself stands for whichever side has the values. */
  if (!hl_sequence_block_init (&self->blocks[0], figure->style,
                               self->n_blocks == 1 ? self->data.cells.side : HL_SIDE_QUERY, queries, state->merge_words,
                               narrowest, cancellable))
    return FALSE;
  self->blocks[self->value_block].data = &self->data;
  self->blocks[self->value_block].hint = hl_sequence_get_hint (self);

  return TRUE;
}

static void
layout (HlFigure     *figure,
        GCancellable *cancellable)
{
  HlSequenceFigure *self = (HlSequenceFigure *) figure;
  const HlStyle *style = figure->style;
  double px = hl_sequence_unit (style);
  double margin = MARGIN * px;
  double width = figure->room_width;
  gboolean wide = width >= WIDE * px;
  HlSequenceColumn column = { 0 };
  double plot_height = round (150 * px);
  double y = round (8 * px);
  double bottom, room, lane_margin;
  gsize size = 0;

  if (!hl_sequence_data_init (&self->data, figure->state, cancellable))
    return;

  hl_sequence_classes_init (&self->classes, figure->state, style, margin, y, MAX (width - 2 * margin, 1));
  y += self->classes.rect.height + (self->classes.rect.height > 0 ? ceil (8 * px) : 0);
  /* One lane of what already colours the text would say it twice. */
  self->has_lanes = self->data.n_lanes > 1 ||
                    (self->data.n_lanes == 1 && self->data.ground_head >= 0 &&
                     self->data.ground_head != (int) self->data.heads[0]);
  hl_sequence_legend_init (self, margin, y, MAX (width - 2 * margin, 1));
  y += self->legend.height + ceil (6 * px);

  lane_margin = measure_margin (self);
  column.left = round (margin);
  column.right = MAX (floor (width - margin), column.left + lane_margin + 1);
  self->has_plot = self->data.n_lanes > 0 && self->data.cells.n > 1 && !self->data.waiting && width >= 200 * px;
  if (self->has_plot && wide)
    {
      double plot_width = round (PLOT_SHARE * (width - 2 * margin));
      double height = round (CLAMP (figure->room_height - y - margin, LOW_PLOT * px, 300 * px));

      column.hole = (HlRect) { column.right - plot_width, y, plot_width, height };
      self->plot.rect = column.hole;
      column.hole.x -= 24 * px;
    }

  if (!init_blocks (self, (column.hole.width > 0 ? column.hole.x : column.right) - column.left - lane_margin,
                    cancellable))
    return;
  for (gsize i = 0; i < self->n_blocks; i++)
    self->blocks[i].margin_width = lane_margin;

  room = figure->room_height - margin - (self->has_plot && !wide ? plot_height + 18 * px : 0);
  do
    bottom = flow (self, &column, y, self->has_lanes ? lane_sizes[size].pitch * px : 0.0, lane_sizes[size].height * px);
  while (self->has_lanes && bottom > room && ++size < (self->data.n_lanes > 16 ? 7 : self->data.n_lanes > 8 ? 6 : 5));

  if (self->has_plot)
    {
      if (!wide)
        {
          self->plot.rect = (HlRect) { margin, ceil (bottom + 18 * px), width - 2 * margin, plot_height };
          /* Room that is left over is the plot's, within reason. */
          self->plot.rect.height = CLAMP (figure->room_height - margin - self->plot.rect.y, plot_height, 300 * px);
        }
      hl_sequence_plot_init (&self->plot, figure, &self->data, &self->plot.rect);
      bottom = MAX (bottom, self->plot.rect.y + self->plot.rect.height);
    }
  figure->height = ceil (bottom + margin);
  self->built = TRUE;
}

static void
finalize (HlFigure *figure)
{
  HlSequenceFigure *self = (HlSequenceFigure *) figure;

  for (gsize i = 0; i < G_N_ELEMENTS (self->blocks); i++)
    hl_sequence_block_clear (&self->blocks[i]);
  hl_sequence_classes_clear (&self->classes);
  hl_sequence_data_clear (&self->data);
}

static void
draw (HlFigure     *figure,
      cairo_t      *cr,
      const HlRect *clip)
{
  HlSequenceFigure *self = (HlSequenceFigure *) figure;

  if (hl_rect_intersects (&self->classes.rect, clip))
    hl_sequence_classes_draw (&self->classes, figure->state, figure->style, cr);
  if (hl_rect_intersects (&self->legend, clip))
    hl_sequence_legend_draw (self, cr);
  for (gsize i = 0; i < self->n_blocks; i++)
    hl_sequence_block_draw (&self->blocks[i], figure, cr, clip);
  if (self->has_plot && hl_rect_intersects (&self->plot.rect, clip))
    hl_sequence_plot_draw (&self->plot, figure, cr);
}

static HlElement
pick (HlFigure *figure,
      double    x,
      double    y)
{
  HlSequenceFigure *self = (HlSequenceFigure *) figure;
  HlElement element = hl_sequence_classes_pick (&self->classes, x, y);

  if (element.kind == 0 && self->has_plot)
    element = hl_sequence_plot_pick (&self->plot, x, y);
  for (gsize i = 0; i < self->n_blocks && element.kind == 0; i++)
    element = hl_sequence_block_pick (&self->blocks[i], x, y);

  return element;
}

static gssize
find_block (HlSequenceFigure *self,
            int               side)
{
  for (gsize i = 0; i < self->n_blocks; i++)
    if ((int) self->blocks[i].cells.side == side)
      return (gssize) i;

  return -1;
}

static gboolean
bounds (HlFigure  *figure,
        HlElement  element,
        HlRect    *rect)
{
  HlSequenceFigure *self = (HlSequenceFigure *) figure;
  gssize block;

  switch (element.kind)
    {
    case HL_SEQUENCE_TOKEN:
    case HL_SEQUENCE_VALUE:
      block = find_block (self, element.j);
      return block >= 0 && hl_sequence_block_bounds (&self->blocks[block], element, rect);

    case HL_SEQUENCE_LANE:
      return hl_sequence_block_bounds (&self->blocks[self->value_block], element, rect);

    case HL_SEQUENCE_POINT:
      return self->has_plot && element.j == (int) self->data.cells.side && element.i >= 0 &&
             (gsize) element.i < hl_tokens_get_length (self->data.cells.tokens) &&
             hl_sequence_plot_bounds (&self->plot, self->data.cells.cell_of[element.i], rect);

    default:
      return hl_sequence_classes_bounds (&self->classes, element, rect);
    }
}

/* The first elements of the groups that Tab goes through, in reading order. */
static gsize
list_groups (HlSequenceFigure *self,
             HlElement         groups[5])
{
  gsize n = 0;

  if (self->classes.prediction != NULL)
    {
      HlElement element = hl_sequence_classes_neighbour (&self->classes, (HlElement) { HL_SEQUENCE_CLASS, 0, 0, 0 },
                                                         HL_DIRECTION_FIRST);
      HlRect rect;

      if (hl_sequence_classes_bounds (&self->classes, element, &rect))
        groups[n++] = element;
    }
  for (gsize i = 0; i < self->n_blocks; i++)
    if (self->blocks[i].cells.n > 0)
      groups[n++] = (HlElement) { HL_SEQUENCE_TOKEN, 0, (int) self->blocks[i].cells.side, 0 };
  if (self->has_lanes)
    groups[n++] = (HlElement) { HL_SEQUENCE_LANE, (int) self->data.heads[0], 0, 0 };
  if (self->has_plot)
    groups[n++] = (HlElement) { HL_SEQUENCE_POINT, 0, (int) self->data.cells.side, 0 };

  return n;
}

static gboolean
same_group (HlElement a,
            HlElement b)
{
  if (a.kind == HL_SEQUENCE_CLASS || a.kind == HL_SEQUENCE_DETAILS)
    return b.kind == HL_SEQUENCE_CLASS || b.kind == HL_SEQUENCE_CLASS_ROW || b.kind == HL_SEQUENCE_DETAILS;
  if (a.kind == HL_SEQUENCE_TOKEN)
    return (b.kind == HL_SEQUENCE_TOKEN || b.kind == HL_SEQUENCE_VALUE) && a.j == b.j;

  return a.kind == b.kind;
}

static HlElement
move_in_plot (HlSequenceFigure *self,
              HlElement         element,
              HlDirection       direction)
{
  const HlSequenceCells *cells = &self->data.cells;
  gssize cell = (gssize) cells->cell_of[element.i];

  if (direction == HL_DIRECTION_LEFT || direction == HL_DIRECTION_RIGHT)
    cell = CLAMP (cell + (direction == HL_DIRECTION_RIGHT ? 1 : -1), 0, (gssize) cells->n - 1);
  else if (direction == HL_DIRECTION_FIRST)
    cell = 0;
  else if (direction == HL_DIRECTION_LAST)
    cell = (gssize) cells->n - 1;
  element.i = (int) cells->first[cell];

  return element;
}

static HlElement
neighbour (HlFigure    *figure,
           HlElement    element,
           HlDirection  direction)
{
  HlSequenceFigure *self = (HlSequenceFigure *) figure;
  HlElement groups[5];
  gsize n = list_groups (self, groups);
  gssize block;
  HlRect rect;

  /* From nowhere, and from what a rebuilt figure no longer has, to the text: it comes first in what is looked for. */
  if (element.kind == 0 || !bounds (figure, element, &rect))
    {
      if (n == 0)
        return HL_ELEMENT_NONE;
      return direction == HL_DIRECTION_PREVIOUS ? groups[n - 1] : groups[0];
    }

  if (direction == HL_DIRECTION_NEXT || direction == HL_DIRECTION_PREVIOUS)
    {
      for (gsize i = 0; i < n; i++)
        if (same_group (groups[i], element))
          {
            gssize target = (gssize) i + (direction == HL_DIRECTION_NEXT ? 1 : -1);

            return target >= 0 && target < (gssize) n ? groups[target] : HL_ELEMENT_NONE;
          }
      return HL_ELEMENT_NONE;
    }

  switch (element.kind)
    {
    case HL_SEQUENCE_TOKEN:
    case HL_SEQUENCE_VALUE:
      block = find_block (self, element.j);
      return block >= 0 ? hl_sequence_block_neighbour (&self->blocks[block], element, direction) : HL_ELEMENT_NONE;

    case HL_SEQUENCE_LANE:
      return hl_sequence_block_neighbour (&self->blocks[self->value_block], element, direction);

    case HL_SEQUENCE_POINT:
      return move_in_plot (self, element, direction);

    default:
      return hl_sequence_classes_neighbour (&self->classes, element, direction);
    }
}

static void
hover (HlFigure    *figure,
       HlElement    element,
       HlSelection *selection)
{
  HlSequenceFigure *self = (HlSequenceFigure *) figure;
  HlHover target = HL_HOVER_NONE;

  switch (element.kind)
    {
    case HL_SEQUENCE_TOKEN:
    case HL_SEQUENCE_VALUE:
    case HL_SEQUENCE_POINT:
      /* In a text that attends to itself the token pointed at is the one that attends. */
      if (self->n_blocks == 2 && element.j == HL_SIDE_KEY)
        target.key = element.i;
      else
        target.query = element.i;
      if (element.kind == HL_SEQUENCE_VALUE)
        target.head = element.k;
      break;

    case HL_SEQUENCE_LANE:
      target.head = element.i;
      break;

    default:
      break;
    }
  if (target.head >= 0 && self->data.attention != NULL)
    target.layer = (int) figure->state->layer;

  hl_selection_set_hover (selection, &target);
}

static gboolean
activate_lane (HlElement    element,
               HlGesture    gesture,
               HlSelection *selection)
{
  HlState *state = hl_selection_get_state (selection);

  if (gesture == HL_GESTURE_DOUBLE)
    hl_selection_solo_head (selection, (guint) element.i);
  else if (gesture == HL_GESTURE_EXTEND)
    hl_selection_toggle_head (selection, (guint) element.i);
  else
    hl_selection_set_highlight (selection, state->highlight == element.i ? -1 : element.i);

  return TRUE;
}

static gboolean
activate (HlFigure    *figure,
          HlElement    element,
          HlGesture    gesture,
          HlSelection *selection)
{
  HlSequenceFigure *self = (HlSequenceFigure *) figure;
  HlSide side;

  switch (element.kind)
    {
    case HL_SEQUENCE_TOKEN:
    case HL_SEQUENCE_VALUE:
    case HL_SEQUENCE_POINT:
      if (element.i < 0)
        return FALSE;
      if (self->n_blocks == 2)
        side = (HlSide) element.j;
      else
        side = gesture == HL_GESTURE_EXTEND ? HL_SIDE_KEY : HL_SIDE_QUERY;
      if (gesture == HL_GESTURE_DOUBLE)
        hl_selection_set_pin (selection, side, (guint) element.i);
      else
        hl_selection_toggle_pin (selection, side, (guint) element.i);
      return TRUE;

    case HL_SEQUENCE_LANE:
      return activate_lane (element, gesture, selection);

    case HL_SEQUENCE_CLASS:
    case HL_SEQUENCE_DETAILS:
      /* The second press of a double click would close what the first opened. */
      if (gesture == HL_GESTURE_DOUBLE || self->classes.details.width <= 0)
        return FALSE;
      hl_selection_set_show_classes (selection, !hl_selection_get_state (selection)->show_classes);
      return TRUE;

    default:
      return FALSE;
    }
}

static char *
describe (HlFigure  *figure,
          HlElement  element)
{
  return hl_sequence_describe ((HlSequenceFigure *) figure, element);
}

static char *
summarise (HlFigure *figure)
{
  return hl_sequence_summarise ((HlSequenceFigure *) figure);
}

static void
csv (HlFigure *figure,
     GString  *text)
{
  hl_sequence_write_csv ((HlSequenceFigure *) figure, text);
}

static const char *
missing (const HlState *state)
{
  HlTokens *tokens = hl_state_get_tokens (state, HL_SIDE_QUERY);
  HlTokens *keys = hl_state_get_tokens (state, HL_SIDE_KEY);

  if (tokens == NULL)
    return _("This instance has neither attention nor scores, so there is no text to show.");
  if (hl_state_shows_scores (state))
    tokens = keys = hl_scores_get_tokens (hl_state_get_scores (state));
  if (hl_tokens_get_length (tokens) == 0 || hl_tokens_get_length (keys) == 0)
    return _("This instance has no tokens.");

  return NULL;
}

const HlFigureClass hl_sequence_figure_class = {
  .view = HL_VIEW_SEQUENCE,
  .title = N_("Sequence"),
  .dependence = HL_CHANGE_TRACE | HL_CHANGE_ATTENTION | HL_CHANGE_LAYER | HL_CHANGE_HEADS | HL_CHANGE_COLOURS |
                HL_CHANGE_PINS | HL_CHANGE_FILTER | HL_CHANGE_CHANNEL | HL_CHANGE_SCALE | HL_CHANGE_WORDS |
                HL_CHANGE_CLASSES,
  .size = sizeof (HlSequenceFigure),
  .layout = layout,
  .finalize = finalize,
  .draw = draw,
  .overlay = hl_sequence_draw_overlay,
  .pick = pick,
  .neighbour = neighbour,
  .bounds = bounds,
  .describe = describe,
  .summarise = summarise,
  .hover = hover,
  .activate = activate,
  .csv = csv,
  .missing = missing,
};
