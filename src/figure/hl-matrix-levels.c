#include "config.h"

#include "hl-matrix-figure.h"

#include <math.h>
#include <string.h>

/* The logarithmic scale's lower end: 10 to the minus this. */
#define DECADES 4

double
hl_matrix_figure_get_level (HlMatrixFigure *self,
                            gsize           query,
                            double          weight)
{
  /* NaN compares false: it is blank as well. */
  if (!(weight > 0) || weight < self->base.state->threshold)
    return 0;

  switch (self->base.state->scale)
    {
    case HL_SCALE_LOG:
      return CLAMP (1 + log10 (weight) / DECADES, 0, 1);

    case HL_SCALE_ROW:
      return MIN (weight * self->row_scales[query], 1);

    case HL_SCALE_LINEAR:
    default:
      return MIN (weight, 1);
    }
}

gboolean
hl_matrix_figure_is_masked (HlMatrixFigure *self,
                            gsize           query,
                            gsize           key)
{
  return self->is_causal && key > query;
}

double
hl_matrix_figure_get_weight (HlMatrixFigure *self,
                             gsize           query,
                             gsize           key)
{
  const HlState *state = self->base.state;
  float weight;

  hl_attention_read (hl_state_get_attention (state), state->layer, state->head, query, 1, key, 1, &weight);

  return weight;
}

/* First place that falls into @cell when @n places share @n_cells cells. */
static gsize
get_start (gsize cell,
           gsize n,
           gsize n_cells)
{
  return cell * n / n_cells;
}

void
hl_matrix_figure_read_levels (HlMatrixFigure *self,
                              gsize           row,
                              gsize           column,
                              gsize           n,
                              guint8         *out)
{
  const HlState *state = self->base.state;
  HlAttention *attention = hl_state_get_attention (state);
  const HlCells *cells = &self->cells;
  gsize first = get_start (row, self->queries.n, cells->n_rows);
  gsize end = get_start (row + 1, self->queries.n, cells->n_rows);
  gsize left = get_start (column, self->keys.n, cells->n_columns);
  gsize right = get_start (column + n, self->keys.n, cells->n_columns);
  guint first_key = self->keys.shown[left];
  gsize n_keys = self->keys.shown[right - 1] - first_key + 1;
  g_autofree float *weights = g_new (float, n_keys);

  if (self->levels != NULL)
    {
      memcpy (out, self->levels + row * cells->n_columns + column, n);
      return;
    }

  memset (out, 0, n);

  /* The largest weight stands for all of its cell. On a row's own scale it is the largest share that counts. */
  for (gsize place = first; place < end; place++)
    {
      guint query = self->queries.shown[place];

      hl_attention_read (attention, state->layer, state->head, query, 1, first_key, n_keys, weights);

      for (gsize i = 0; i < n; i++)
        {
          gsize stop = get_start (column + i + 1, self->keys.n, cells->n_columns);
          float largest = 0;
          guint8 level;

          for (gsize key = get_start (column + i, self->keys.n, cells->n_columns); key < stop; key++)
            {
              float weight = weights[self->keys.shown[key] - first_key];

              largest = weight > largest ? weight : largest;
            }

          level = hl_matrix_figure_get_level (self, query, largest) * (HL_RAMP_STEPS - 1) + 0.5;
          out[i] = MAX (out[i], level);
        }
    }
}

gboolean
hl_matrix_figure_find_row_scales (HlMatrixFigure *self,
                                  GCancellable   *cancellable)
{
  const HlState *state = self->base.state;
  HlAttention *attention = hl_state_get_attention (state);
  g_autofree float *weights = g_new (float, hl_attention_get_n_keys (attention) + 1);

  self->row_scales = g_new0 (float, hl_attention_get_n_queries (attention) + 1);

  for (gsize row = 0; row < self->queries.n; row++)
    {
      guint query = self->queries.shown[row];
      float largest = 0;

      if (g_cancellable_is_cancelled (cancellable))
        return FALSE;

      hl_attention_read_row (attention, state->layer, state->head, query, weights);
      for (gsize column = 0; column < self->keys.n; column++)
        {
          float weight = weights[self->keys.shown[column]];

          largest = weight > largest ? weight : largest;
        }

      self->row_scales[query] = largest > 0 ? 1 / largest : 0;
    }

  return TRUE;
}
