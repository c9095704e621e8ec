#include "config.h"

#include "hl-model-private.h"

#include <math.h>
#include <string.h>

#include "hl-heads-private.h"

/* From so many weights on they are pooled by two threads. */
#define MANY_WEIGHTS 1000000

static void
pools_unref (HlModelPools *pools)
{
  if (!g_atomic_ref_count_dec (&pools->ref_count))
    return;

  for (gsize i = 0; i < pools->n_cells; i++)
    g_free (pools->cells[i]);
  g_free (pools->cells);
  hl_trace_unref (pools->trace);
  g_free (pools);
}

HlRect
hl_model_get_tile (HlModelFigure *self,
                   gsize          layer,
                   gsize          head)
{
  return (HlRect) { self->left + head * self->pitch_x, self->top + layer * self->pitch_y, self->tile_width,
                    self->tile_height };
}

gboolean
hl_model_has_tile (HlModelFigure *self,
                   int            layer,
                   int            head)
{
  return layer >= 0 && layer < (int) self->n_layers && head >= 0 &&
         head < (int) hl_attention_get_n_heads (self->attention, (gsize) layer);
}

typedef struct
{
  HlModelFigure *self;
  HlModelPools  *pools;
  GCancellable  *cancellable;
  const guint8  *queries;
  const guint8  *keys;
  int            next;     /* atomic: the cell of the table whose turn it is */
} Pooling;

static gpointer
pool_heads (gpointer data)
{
  Pooling *pooling = data;
  HlModelPools *pools = pooling->pools;
  gsize size = pools->n_rows * pools->n_columns;

  while (!g_cancellable_is_cancelled (pooling->cancellable))
    {
      gsize i = (gsize) g_atomic_int_add (&pooling->next, 1), layer, head;

      if (i >= pools->n_cells)
        break;
      layer = i / pools->n_heads;
      head = i % pools->n_heads;
      if (head >= hl_attention_get_n_heads (pooling->self->attention, layer))
        continue;

      pools->cells[i] = g_new (float, size + 1);
      hl_pool_compute (pools->pool, pooling->self->attention, layer, head, pooling->queries, pooling->keys,
                       (float) pools->threshold, pools->n_rows, pools->n_columns, pools->cells[i]);
    }

  return NULL;
}

static gboolean
pools_fit (const HlModelPools *pools,
           const HlState      *state,
           HlPool              pool,
           gsize               n_rows,
           gsize               n_columns)
{
  return pools != NULL && pools->trace == state->trace && pools->attention == state->attention &&
         pools->filter == state->filter && !pools->hide_special == !state->hide_special &&
         pools->threshold == state->threshold && pools->pool == pool && pools->n_rows == n_rows &&
         pools->n_columns == n_columns;
}

/* Makes all heads small, unless an older figure's are still right. */
static void
compute_pools (HlModelFigure *self,
               gsize          n_rows,
               gsize          n_columns,
               GCancellable  *cancellable)
{
  HlState *state = self->base.state;
  HlPool pool = self->lines ? HL_POOL_DEPTH : HL_POOL_MAX;
  gsize n_queries = hl_attention_get_n_queries (self->attention), n_keys = hl_attention_get_n_keys (self->attention);
  g_autofree guint8 *queries = NULL, *keys = NULL;
  HlModelPools *pools;
  Pooling pooling;
  GThread *thread = NULL;

  if (pools_fit (self->pools, state, pool, n_rows, n_columns))
    return;
  g_clear_pointer (&self->pools, pools_unref);

  queries = g_new (guint8, n_queries + 1);
  keys = g_new (guint8, n_keys + 1);
  for (gsize i = 0; i < n_queries; i++)
    queries[i] = hl_state_shows_query (state, i);
  for (gsize i = 0; i < n_keys; i++)
    keys[i] = hl_state_shows_key (state, i);

  pools = g_new0 (HlModelPools, 1);
  g_atomic_ref_count_init (&pools->ref_count);
  pools->trace = hl_trace_ref (state->trace);
  pools->attention = state->attention;
  pools->filter = state->filter;
  pools->hide_special = state->hide_special;
  pools->threshold = state->threshold;
  pools->pool = pool;
  pools->n_rows = n_rows;
  pools->n_columns = n_columns;
  pools->n_heads = self->n_heads;
  pools->n_cells = self->n_layers * self->n_heads;
  pools->cells = g_new0 (float *, pools->n_cells + 1);
  self->pools = pools;
  if (n_rows == 0 || n_columns == 0)
    return;

  pooling = (Pooling) { self, pools, cancellable, queries, keys, 0 };
  if ((double) pools->n_cells * n_queries * n_keys >= MANY_WEIGHTS)
    thread = g_thread_new ("pool", pool_heads, &pooling);
  pool_heads (&pooling);
  if (thread != NULL)
    g_thread_join (thread);

  /* Half a job is not for the next figure. */
  if (g_cancellable_is_cancelled (cancellable))
    g_clear_pointer (&self->pools, pools_unref);
}

/* As fine as tiles of about @length can show, in few steps, so that a change of size does not pool anew each time. */
static gsize
choose_cells (double length)
{
  return length <= 40 ? 32 : length <= 88 ? 64 : 128;
}

/* 1, 2, 5, 10, 20 …: the first at which labels of @size do not touch. */
static gsize
choose_step (double size,
             double pitch)
{
  const gsize steps[] = { 1, 2, 5 };

  for (gsize power = 1;; power *= 10)
    for (guint i = 0; i < G_N_ELEMENTS (steps); i++)
      if (steps[i] * power * pitch >= size)
        return steps[i] * power;
}

/* The size of a tile that fits @n of them into @room, or the least. */
static double
choose_pitch (double room,
              gsize  n,
              double least,
              double most)
{
  return CLAMP (floor (room / MAX (n, 1)), least, most);
}

static void
place_tiles (HlModelFigure *self)
{
  HlFigure *figure = &self->base;
  HlStyle *style = figure->style;
  double margin = hl_style_grid (style, 2), least = 20, most = hl_style_grid (style, 80), gap;
  double label_width = 0, label_height, number_width = 0;

  for (gsize layer = 0; layer < self->n_layers; layer++)
    {
      char number[16];
      double width;

      g_snprintf (number, sizeof number, "%u", hl_attention_get_layer_number (self->attention, layer));
      /* Digits are of equal width: only a longer number can be wider. */
      if (layer > 0 && layer + 1 < self->n_layers)
        continue;
      hl_text_measure (style, number, HL_TEXT_LABEL, HL_TEXT_BOLD, &width, NULL);
      label_width = MAX (label_width, ceil (width));
    }
  for (gsize head = 0; head < self->n_heads; head++)
    {
      char number[16];
      double width;

      if (head > 0 && head + 1 < self->n_heads)
        continue;
      g_snprintf (number, sizeof number, "%u", hl_attention_get_head_number (self->attention, head));
      hl_text_measure (style, number, HL_TEXT_LABEL, HL_TEXT_BOLD, &width, NULL);
      number_width = MAX (number_width, ceil (width));
    }
  hl_text_measure (style, "0", HL_TEXT_LABEL, HL_TEXT_BOLD, NULL, &label_height);
  label_height = ceil (label_height);

  self->left = margin + label_width + hl_style_grid (style, 1);
  self->top = hl_style_grid (style, 1.5) + 2 * label_height + hl_style_grid (style, 1.5);
  self->pitch_x = choose_pitch (figure->room_width - self->left - margin, self->n_heads, least, most);
  self->pitch_y = choose_pitch (figure->room_height - self->top - margin, self->n_layers, least, most);
  /* Neither slits nor letter boxes; a matrix keeps about its shape. */
  if (self->lines)
    {
      self->pitch_y = MIN (self->pitch_y, MAX (1.6 * self->pitch_x, least));
      self->pitch_x = MIN (self->pitch_x, MAX (2.2 * self->pitch_y, least));
    }
  else
    {
      double shape = (double) MAX (hl_attention_get_n_queries (self->attention), 1) /
                     MAX (hl_attention_get_n_keys (self->attention), 1);

      shape = CLAMP (shape, 0.4, 2.5);
      self->pitch_y = MIN (self->pitch_y, MAX (floor (shape * self->pitch_x), least));
      self->pitch_x = MIN (self->pitch_x, MAX (floor (self->pitch_y / shape), least));
    }
  self->pitch_x = floor (self->pitch_x);
  self->pitch_y = floor (self->pitch_y);
  gap = MIN (self->pitch_x, self->pitch_y) >= 40 ? 4 : 2;
  self->tile_width = self->pitch_x - gap;
  self->tile_height = self->pitch_y - gap;
  self->step_x = choose_step (number_width + hl_style_grid (style, 0.5), self->pitch_x);
  self->step_y = choose_step (label_height, self->pitch_y);

  figure->width = MAX (figure->room_width, self->left + self->n_heads * self->pitch_x + margin);
  figure->height = MAX (figure->room_height, self->top + self->n_layers * self->pitch_y + margin);
}

/* The enlarged head beside its tile, inside the figure, which grows where the head has many tokens. */
static void
place_panel (HlModelFigure *self,
             GCancellable  *cancellable)
{
  HlFigure *figure = &self->base;
  HlStyle *style = figure->style;
  HlState *state = figure->state;
  double margin = hl_style_grid (style, 1), width, height, button = hl_style_grid (style, 3);
  HlRect tile, *rect = &self->panel_rect;

  if (!state->enlarged || !hl_model_has_tile (self, (int) state->layer, (int) state->head))
    return;

  width = MIN (figure->width - 2 * margin, hl_style_grid (style, 54));
  self->panel = hl_heads_figure_build_one (state, state->head, style, width, hl_style_grid (style, 12), cancellable);
  if (self->panel == NULL)
    return;

  self->panel_layer = state->layer;
  self->panel_head = state->head;
  height = hl_figure_get_height (self->panel);
  figure->height = MAX (figure->height, height + 2 * margin);
  tile = hl_model_get_tile (self, state->layer, state->head);
  rect->width = hl_figure_get_width (self->panel);
  rect->height = height;
  rect->x = tile.x + tile.width + margin;
  if (rect->x + rect->width > figure->width - margin)
    rect->x = tile.x - margin - rect->width;
  rect->x = floor (CLAMP (rect->x, margin, MAX (figure->width - margin - rect->width, margin)));
  rect->y = floor (CLAMP (tile.y + tile.height / 2 - height / 2, margin, MAX (figure->height - margin - height, margin)));
  figure->width = MAX (figure->width, rect->x + rect->width + margin);
  self->close_rect = (HlRect) { rect->x + rect->width - button - margin, rect->y + margin, button, button };
}

static void
count_lines (HlModelFigure *self)
{
  gsize size = self->pools->n_rows * self->pools->n_columns;

  for (gsize i = 0; i < self->pools->n_cells; i++)
    for (gsize j = 0; self->pools->cells[i] != NULL && j < size; j++)
      self->n_lines += self->pools->cells[i][j] >= HL_MODEL_LEAST_OPACITY;
}

void
hl_model_layout (HlFigure     *figure,
                 GCancellable *cancellable)
{
  HlModelFigure *self = (HlModelFigure *) figure;
  gsize max_rows, max_columns;

  self->attention = hl_state_get_attention (figure->state);
  self->n_layers = hl_attention_get_n_layers (self->attention);
  self->n_heads = hl_attention_get_max_heads (self->attention);
  self->lines = figure->state->thumbnail == HL_THUMBNAIL_LINES;
  place_tiles (self);

  max_rows = choose_cells (self->tile_height);
  max_columns = self->lines ? max_rows : choose_cells (self->tile_width);
  compute_pools (self, MIN (max_rows, hl_attention_get_n_queries (self->attention)),
                 MIN (max_columns, hl_attention_get_n_keys (self->attention)), cancellable);
  if (self->pools == NULL)
    return;

  if (self->lines)
    count_lines (self);
  /* A line is as thick as a row of tokens allows, so that those of neighbours stay apart. */
  self->line_width = CLAMP (0.45 * self->tile_height / MAX (MAX (self->pools->n_rows, self->pools->n_columns), 1), 0.75,
                            hl_style_grid (figure->style, 0.25));
  place_panel (self, cancellable);
}

void
hl_model_inherit (HlFigure *figure,
                  HlFigure *former)
{
  HlModelPools *pools = ((HlModelFigure *) former)->pools;

  if (pools == NULL)
    return;

  g_atomic_ref_count_inc (&pools->ref_count);
  ((HlModelFigure *) figure)->pools = pools;
}

void
hl_model_finalize (HlFigure *figure)
{
  HlModelFigure *self = (HlModelFigure *) figure;

  g_clear_pointer (&self->pools, pools_unref);
  g_clear_pointer (&self->panel, hl_figure_unref);
}
