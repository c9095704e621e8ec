#pragma once

#include "hl-figure-private.h"

G_BEGIN_DECLS

/* A grid of coloured cells, drawn so that each is sharp: on a surface with pixels as one image made for just those
 * pixels, on a vector surface as rectangles up to HL_CELLS_MAX_RECTANGLES, beyond that as an image of two pixels a
 * unit. */
typedef struct
{
  double x;          /* of the first cell */
  double y;
  double cell_width;
  double row_height;
  double gap;        /* left free below each row */
  gsize  n_rows;
  gsize  n_columns;
} HlCells;

#define HL_CELLS_MAX_RECTANGLES (256 * 256)

/* Colours of cells [@column, @column + @n) of one row, as from hl_cells_pack(). 0 leaves a cell blank. */
typedef void (*HlCellsRead) (gpointer  data,
                             gsize     row,
                             gsize     column,
                             gsize     n,
                             guint32  *out);

/* Draws what lies in @clip (NULL: all); reads each visible row once, from top to bottom. */
void     hl_cells_draw   (const HlCells *self,
                          cairo_t       *cr,
                          const HlRect  *clip,
                          HlCellsRead    read,
                          gpointer       data);

/* The cell at a point; FALSE outside the grid. What is below a row belongs to it. */
gboolean hl_cells_find   (const HlCells *self,
                          double         x,
                          double         y,
                          gsize         *row,
                          gsize         *column);
HlRect   hl_cells_bounds (const HlCells *self,
                          gsize          row,
                          gsize          column);

/* A colour as cairo stores it: premultiplied, alpha in the highest byte. */
guint32  hl_cells_pack   (HlColour       colour);

#define HL_RAMP_STEPS 256

/* A ramp computed once: as many steps as a byte has, so that none is visible. */
typedef struct
{
  guint32 steps[HL_RAMP_STEPS];
} HlRamp;

void     hl_ramp_init    (HlRamp        *self,
                          const HlStyle *style,
                          HlColour       colour);

static inline guint32
hl_ramp_get (const HlRamp *self,
             double        value) /* clamped; NaN counts as 0 */
{
  if (!(value > 0))
    return self->steps[0];

  return self->steps[value < 1 ? (gsize) (value * (HL_RAMP_STEPS - 1) + 0.5) : HL_RAMP_STEPS - 1];
}

G_END_DECLS
