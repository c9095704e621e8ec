#include "config.h"

#include "hl-sequence-private.h"

#include <math.h>

/* Hover, pins and focus over the sequence view. */

/* Above this many weights a frame would be late: the hint is left out. */
#define MAX_HINT_WEIGHTS 400000

/* A mean weight below this has no ring. */
#define FAINTEST_RING 0.02

static void
outline (cairo_t *cr,
         HlRect   rect,
         double   inset,
         double   width,
         double   radius,
         HlColour colour)
{
  rect = (HlRect) { rect.x + inset, rect.y + inset, MAX (rect.width - 2 * inset, 1), MAX (rect.height - 2 * inset, 1) };
  hl_sequence_add_round_path (cr, &rect, MIN (radius, MIN (rect.width, rect.height) / 2));
  hl_colour_set (cr, colour);
  cairo_set_line_width (cr, width);
  cairo_stroke (cr);
}

/* The block that shows tokens of @side. */
static HlSequenceBlock *
find_block (HlSequenceFigure *self,
            HlSide            side)
{
  return &self->blocks[self->n_blocks == 2 && side == HL_SIDE_KEY ? 1 : 0];
}

static gssize
find_cell (const HlSequenceBlock *block,
           int                    token)
{
  if (token < 0 || (gsize) token >= hl_tokens_get_length (block->cells.tokens))
    return -1;

  return (gssize) block->cells.cell_of[token];
}

/* What the hovered query attends to: each key's ring is as strong as its weight, the mean over the heads on. */
static void
draw_rings (HlSequenceFigure *self,
            cairo_t          *cr,
            HlState          *state,
            const HlRect     *clip)
{
  HlSequenceData *data = &self->data;
  HlSequenceBlock *block = find_block (self, HL_SIDE_KEY);
  HlFigure *figure = &self->parent;
  double px = hl_sequence_unit (figure->style);
  HlColour hue = hl_sequence_ground_hue (figure, data);
  gsize n_keys;
  g_autofree float *row = NULL;
  g_autofree double *sums = NULL;

  if (data->attention == NULL || state->hover.query < 0 || state->hover.key >= 0 || data->n_lanes == 0)
    return;
  n_keys = hl_attention_get_n_keys (data->attention);
  if (n_keys * data->n_lanes > MAX_HINT_WEIGHTS || n_keys != hl_tokens_get_length (block->cells.tokens) ||
      (gsize) state->hover.query >= hl_attention_get_n_queries (data->attention))
    return;

  row = g_new (float, n_keys + 1);
  sums = g_new0 (double, block->cells.n + 1);
  for (gsize lane = 0; lane < data->n_lanes; lane++)
    {
      hl_attention_read_row (data->attention, figure->state->layer, data->heads[lane], (gsize) state->hover.query, row);
      for (gsize key = 0; key < n_keys; key++)
        if (isfinite (row[key]) && hl_state_shows_key (state, key))
          sums[block->cells.cell_of[key]] += row[key] / data->n_lanes;
    }
  for (gsize cell = 0; cell < block->cells.n; cell++)
    {
      HlRect rect;

      if (sums[cell] < FAINTEST_RING)
        continue;
      rect = hl_sequence_block_cell (block, cell);
      if (hl_rect_intersects (&rect, clip))
        outline (cr, rect, px, 2 * px, 3 * px, hl_colour_with_alpha (hue, sqrt (MIN (sums[cell], 1.0))));
    }
}

static void
draw_pins (HlSequenceFigure *self,
           cairo_t          *cr,
           HlState          *state)
{
  HlFigure *figure = &self->parent;
  double px = hl_sequence_unit (figure->style);
  const double dashes[] = { 3 * px, 2 * px };

  for (guint i = 0; i < state->n_pins; i++)
    {
      const HlPin *pin = &state->pins[i];
      HlSequenceBlock *block = find_block (self, pin->side);
      gssize cell = find_cell (block, (int) pin->token);
      HlRect rect;

      if (cell < 0)
        continue;
      rect = hl_sequence_block_cell (block, (gsize) cell);
      /* In a text that attends to itself a pinned key is dashed, a pinned query solid. */
      cairo_save (cr);
      if (self->n_blocks == 1 && pin->side == HL_SIDE_KEY)
        cairo_set_dash (cr, dashes, 2, 0);
      outline (cr, rect, px, 2 * px, 3 * px, figure->style->accent);
      cairo_restore (cr);
      if (self->has_plot && block == &self->blocks[self->value_block])
        hl_sequence_plot_mark (&self->plot, figure, cr, (gsize) cell, FALSE, figure->style->accent);
    }
}

/* A head that is pointed at anywhere: its lane is framed in every line. */
static void
draw_head (HlSequenceFigure *self,
           cairo_t          *cr,
           HlState          *state,
           const HlRect     *clip)
{
  HlFigure *figure = &self->parent;
  HlSequenceBlock *block = &self->blocks[self->value_block];
  double px = hl_sequence_unit (figure->style);

  if (state->hover.head < 0 || self->data.waiting ||
      (self->data.attention != NULL && state->hover.layer >= 0 && state->hover.layer != (int) figure->state->layer))
    return;

  for (guint l = 0; l < block->lines->len; l++)
    {
      const HlSequenceLine *line = &g_array_index (block->lines, HlSequenceLine, l);
      HlRect rect;

      if (!hl_sequence_block_bounds (block, (HlElement) { HL_SEQUENCE_LANE, state->hover.head, (int) l, 0 }, &rect))
        return;
      for (gsize cell = line->first; cell < line->end; cell++)
        {
          const HlSequenceCell *place = &block->places[cell];
          double end = MAX (rect.x + rect.width, place->x + place->width);

          rect.x = MIN (rect.x, place->x);
          rect.width = end - rect.x;
        }
      if (hl_rect_intersects (&rect, clip))
        outline (cr, rect, -px, px, 1.5 * px, figure->style->foreground);
    }
}

void
hl_sequence_draw_overlay (HlFigure     *figure,
                          cairo_t      *cr,
                          HlState      *state,
                          HlElement     focus,
                          const HlRect *clip)
{
  HlSequenceFigure *self = (HlSequenceFigure *) figure;
  double px = hl_sequence_unit (figure->style);
  HlRect rect;

  draw_rings (self, cr, state, clip);
  draw_head (self, cr, state, clip);
  draw_pins (self, cr, state);

  for (int side = HL_SIDE_QUERY; side <= HL_SIDE_KEY; side++)
    {
      HlSequenceBlock *block = find_block (self, (HlSide) side);
      gssize cell = find_cell (block, side == HL_SIDE_QUERY ? state->hover.query : state->hover.key);

      if (cell < 0)
        continue;
      outline (cr, hl_sequence_block_cell (block, (gsize) cell), 0, 1.5 * px, 3 * px, figure->style->foreground);
      if (self->has_plot && block == &self->blocks[self->value_block])
        hl_sequence_plot_mark (&self->plot, figure, cr, (gsize) cell, TRUE, figure->style->dim);
    }

  if (focus.kind != 0 && figure->klass->bounds (figure, focus, &rect))
    outline (cr, rect, -2 * px, 2 * px, 4 * px, figure->style->accent);
}
