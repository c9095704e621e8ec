#pragma once

#include "hl-attention.h"

G_BEGIN_DECLS

/* How the weights that fall into one cell become one number. */
typedef enum
{
  HL_POOL_MAX,   /* the largest weight: nothing that is there gets lost */
  HL_POOL_MEAN,  /* the mean over the visible pairs of the cell */
  HL_POOL_DEPTH, /* optical depth τ = Σ −ln(1 − α): 1 − exp(−τ) = 1 − Π(1 − α) is how opaque the cell's lines are when they
                  * lie one over another, each with its weight as opacity */
} HlPool;

/* What a weight is held below for HL_POOL_DEPTH, since 1 would be infinitely deep. */
#define HL_POOL_MAX_OPACITY (1 - 1e-7)

/* Makes the matrix of one head small: at most @max_rows × @max_columns cells, fewer if it has fewer queries or keys; that
 * is MIN (@max_rows, n_queries) × MIN (@max_columns, n_keys). Query q of n falls into row ⌊q · rows / n⌋, keys likewise.
 *
 * @queries, @keys: a byte for each token, 0 hides it; NULL shows all. @threshold: weights below count as 0, and so does NaN.
 * A cell without visible pairs is 0. out: [row][column]. Depths are accurate to 1e-5 of their opacity, but the depth of
 * what is opaque anyway (above 12 or so) may come out smaller than it is.
 *
 * Reads each visible row once, in blocks: O(n_queries · n_keys) time and O(n_keys) memory. */
void     hl_pool_compute     (HlPool        pool,
                              HlAttention  *attention,
                              gsize         layer,
                              gsize         head,
                              const guint8 *queries,
                              const guint8 *keys,
                              float         threshold,
                              gsize         max_rows,
                              gsize         max_columns,
                              float        *out);

/* What one line drawn for a whole cell has to be: 1 − exp(−depth). */
float    hl_pool_get_opacity (float         depth);

G_END_DECLS
