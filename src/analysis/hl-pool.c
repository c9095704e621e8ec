#include "config.h"

#include "hl-pool.h"

#include <math.h>
#include <string.h>

/* Rows are read in blocks of about this many weights, which stay in the second-level cache until they are used. */
#define BLOCK_WEIGHTS 32768

/* Factors (1 − α) that are multiplied before columns are combined. One is 1e-7 at least, so a product of this many is above
 * 1e-113; with what a cell has gathered it is still far above the smallest double. */
#define MAX_FACTORS 16
#define MIN_PRODUCT 1e-150

typedef struct
{
  HlPool        pool;
  gsize         rows;
  gsize         columns;
  gsize         first_key;   /* keys [first_key, first_key + n_keys) are read: all visible ones lie there */
  gsize         n_keys;
  gsize         n_all_keys;
  const guint8 *keys;        /* (nullable) */
  float         threshold;
  float        *maxima;      /* [key], for HL_POOL_MAX */
  double       *sums;        /* [key]: Σ α, or Π (1 − α) */
  gsize         n_factors;   /* multiplied into each of @sums since they were last emptied */
  double       *cells;       /* [column] of the row under way */
} Pooling;

/* The inner loops go along a row with one accumulator for each key: no step waits for the one before, so that compilers
 * turn them into vector code. NaN is below any threshold in this comparison. */
static void
add_to_maxima (float       * restrict maxima,
               const float * restrict weights,
               gsize                  n)
{
  for (gsize i = 0; i < n; i++)
    maxima[i] = weights[i] > maxima[i] ? weights[i] : maxima[i];
}

static inline float
hide_below (float weight,
            float threshold)
{
  return weight >= threshold ? weight : 0.0f;
}

/* Four rows go together in floats before they touch the doubles, which halves the time and costs nothing: sums of four are
 * exact to 1e-7. */
static void
add_four_to_sums (double      * restrict sums,
                  const float * restrict weights, /* [4][n] */
                  float                  threshold,
                  gsize                  n)
{
  for (gsize i = 0; i < n; i++)
    sums[i] += (hide_below (weights[i], threshold) + hide_below (weights[n + i], threshold))
               + (hide_below (weights[2 * n + i], threshold) + hide_below (weights[3 * n + i], threshold));
}

static void
add_to_sums (double      * restrict sums,
             const float * restrict weights,
             float                  threshold,
             gsize                  n)
{
  for (gsize i = 0; i < n; i++)
    sums[i] += hide_below (weights[i], threshold);
}

/* Factors are multiplied instead of logarithms added: one logarithm a cell and 16 factors is left. In doubles, 1 − α keeps an
 * absolute error of 1e-16 however small α is. */
static void
multiply_into (double      * restrict products,
               const float * restrict weights,
               float                  threshold,
               gsize                  n)
{
  for (gsize i = 0; i < n; i++)
    {
      double opacity = hide_below (weights[i], threshold);

      opacity = opacity < HL_POOL_MAX_OPACITY ? opacity : HL_POOL_MAX_OPACITY;
      products[i] *= 1 - opacity;
    }
}

/* Four lines over one another, in floats: 1 − (1 − a)(1 − b) = a + b (1 − a), which is exact to 1e-7 for small weights,
 * where 1 − a would not be. What is lost is how much deeper than opaque four nearly opaque lines are. */
static inline float
lay_over (float below,
          float weight,
          float threshold)
{
  return below + hide_below (weight, threshold) * (1 - below);
}

static void
multiply_four_into (double      * restrict products,
                    const float * restrict weights, /* [4][n] */
                    float                  threshold,
                    gsize                  n)
{
  const float max = HL_POOL_MAX_OPACITY;

  for (gsize i = 0; i < n; i++)
    {
      float opacity = hide_below (weights[i], threshold);

      opacity = opacity < max ? opacity : max;
      opacity = lay_over (opacity, weights[n + i], threshold);
      opacity = opacity < max ? opacity : max;
      opacity = lay_over (opacity, weights[2 * n + i], threshold);
      opacity = opacity < max ? opacity : max;
      opacity = lay_over (opacity, weights[3 * n + i], threshold);
      opacity = opacity < max ? opacity : max;
      products[i] *= 1 - (double) opacity;
    }
}

static inline gsize
get_cell (gsize index,
          gsize n,
          gsize n_cells)
{
  return index * n_cells / n;
}

/* First index that falls into @cell: the smallest i with i · n_cells ≥ cell · n. */
static inline gsize
get_cell_start (gsize cell,
                gsize n,
                gsize n_cells)
{
  return (cell * n + n_cells - 1) / n_cells;
}

static void
reset_keys (Pooling *self)
{
  if (self->pool == HL_POOL_MAX)
    {
      for (gsize i = 0; i < self->n_keys; i++)
        self->maxima[i] = 0;
    }
  else
    {
      for (gsize i = 0; i < self->n_keys; i++)
        self->sums[i] = self->pool == HL_POOL_DEPTH ? 1 : 0;
    }

  self->n_factors = 0;
}

/* Brings what was gathered for each key together into the cells of the row under way. */
static void
combine_keys (Pooling *self)
{
  for (gsize column = 0; column < self->columns; column++)
    {
      gsize start = get_cell_start (column, self->n_all_keys, self->columns);
      gsize end = get_cell_start (column + 1, self->n_all_keys, self->columns);
      double cell = self->cells[column];
      double product = 1;

      start = MAX (start, self->first_key);
      end = MIN (end, self->first_key + self->n_keys);

      for (gsize key = start; key < end; key++)
        {
          gsize i = key - self->first_key;

          if (self->keys != NULL && !self->keys[key])
            continue;

          switch (self->pool)
            {
            case HL_POOL_MAX:
              cell = MAX (cell, self->maxima[i]);
              break;

            case HL_POOL_MEAN:
              cell += self->sums[i];
              break;

            case HL_POOL_DEPTH:
            default:
              product *= self->sums[i];
              if (product < MIN_PRODUCT)
                {
                  cell -= log (product);
                  product = 1;
                }
              break;
            }
        }

      if (product != 1)
        cell -= log (product);

      self->cells[column] = cell;
    }

  reset_keys (self);
}

/* @weights: [n][key], n visible queries of the row under way. */
static void
add_queries (Pooling     *self,
             const float *weights,
             gsize        n)
{
  gsize i = 0;

  switch (self->pool)
    {
    case HL_POOL_MAX:
      for (; i < n; i++)
        add_to_maxima (self->maxima, weights + i * self->n_keys, self->n_keys);
      break;

    case HL_POOL_MEAN:
      for (; i + 4 <= n; i += 4)
        add_four_to_sums (self->sums, weights + i * self->n_keys, self->threshold, self->n_keys);
      for (; i < n; i++)
        add_to_sums (self->sums, weights + i * self->n_keys, self->threshold, self->n_keys);
      break;

    case HL_POOL_DEPTH:
    default:
      while (i < n)
        {
          gboolean four = i + 4 <= n;

          if (four)
            multiply_four_into (self->sums, weights + i * self->n_keys, self->threshold, self->n_keys);
          else
            multiply_into (self->sums, weights + i * self->n_keys, self->threshold, self->n_keys);

          i += four ? 4 : 1;
          if (++self->n_factors == MAX_FACTORS)
            combine_keys (self);
        }
      break;
    }
}

/* @n_queries: how many visible queries the row had; @n_visible: visible keys of each column. */
static void
finish_row (Pooling     *self,
            gsize        n_queries,
            const gsize *n_visible,
            float       *out)
{
  combine_keys (self);

  for (gsize column = 0; column < self->columns; column++)
    {
      double cell = self->cells[column];

      if (self->pool == HL_POOL_MEAN)
        cell = n_queries > 0 && n_visible[column] > 0 ? cell / ((double) n_queries * n_visible[column]) : 0;
      else if (self->pool == HL_POOL_MAX && !(cell >= self->threshold))
        cell = 0;

      out[column] = cell;
      self->cells[column] = 0;
    }
}

static void
pool_rows (Pooling      *self,
           HlAttention  *attention,
           gsize         layer,
           gsize         head,
           const guint8 *queries,
           const gsize  *n_visible,
           float        *out)
{
  gsize n_queries = hl_attention_get_n_queries (attention);
  gsize n_block = CLAMP (BLOCK_WEIGHTS / MAX (self->n_keys, 1), 1, n_queries);
  g_autofree float *block = g_new (float, n_block * self->n_keys);

  for (gsize row = 0; row < self->rows; row++)
    {
      gsize query = get_cell_start (row, n_queries, self->rows);
      gsize end = get_cell_start (row + 1, n_queries, self->rows);
      gsize n_seen = 0;

      while (query < end)
        {
          gsize n;

          if (queries != NULL && !queries[query])
            {
              query++;
              continue;
            }

          for (n = 1; query + n < end && n < n_block; n++)
            if (queries != NULL && !queries[query + n])
              break;

          hl_attention_read (attention, layer, head, query, n, self->first_key, self->n_keys, block);
          add_queries (self, block, n);
          n_seen += n;
          query += n;
        }

      finish_row (self, n_seen, n_visible, out + row * self->columns);
    }
}

void
hl_pool_compute (HlPool        pool,
                 HlAttention  *attention,
                 gsize         layer,
                 gsize         head,
                 const guint8 *queries,
                 const guint8 *keys,
                 float         threshold,
                 gsize         max_rows,
                 gsize         max_columns,
                 float        *out)
{
  g_autofree gsize *n_visible = NULL;
  g_autofree double *cells = NULL;
  g_autofree double *sums = NULL;
  g_autofree float *maxima = NULL;
  Pooling self = { 0, };
  gsize n_queries, n_keys, last_key = 0;
  gboolean any = FALSE;

  g_return_if_fail (attention != NULL);
  g_return_if_fail (out != NULL);

  n_queries = hl_attention_get_n_queries (attention);
  n_keys = hl_attention_get_n_keys (attention);
  self.rows = MIN (max_rows, n_queries);
  self.columns = MIN (max_columns, n_keys);
  if (self.rows == 0 || self.columns == 0)
    return;

  n_visible = g_new0 (gsize, self.columns);
  for (gsize key = 0; key < n_keys; key++)
    {
      if (keys != NULL && !keys[key])
        continue;

      n_visible[get_cell (key, n_keys, self.columns)]++;
      if (!any)
        self.first_key = key;
      last_key = key;
      any = TRUE;
    }

  if (!any)
    {
      memset (out, 0, self.rows * self.columns * sizeof *out);
      return;
    }

  self.pool = pool;
  self.n_keys = last_key - self.first_key + 1;
  self.n_all_keys = n_keys;
  self.keys = keys;
  self.threshold = MAX (threshold, 0);
  self.cells = cells = g_new0 (double, self.columns);
  if (pool == HL_POOL_MAX)
    self.maxima = maxima = g_new (float, self.n_keys);
  else
    self.sums = sums = g_new (double, self.n_keys);
  reset_keys (&self);

  pool_rows (&self, attention, layer, head, queries, n_visible, out);
}

float
hl_pool_get_opacity (float depth)
{
  return -expm1f (-depth);
}
