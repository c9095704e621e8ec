#pragma once

#include "hl-figure-private.h"
#include "hl-pool.h"

G_BEGIN_DECLS

/* The model view is written in three files: -layout pools the weights and places the tiles, -draw has the pictures,
 * -figure what can be pointed at, said and exported. An enlarged head is a figure of its own, of the head view's kind. */

enum
{
  HL_MODEL_TILE = 1,  /* i: layer, j: head */
  HL_MODEL_TOKEN,     /* of the enlarged head; the same as HL_HEADS_TOKEN */
  HL_MODEL_CLOSE,     /* what closes it: a button in its corner, */
  HL_MODEL_OUTSIDE,   /* and anything beside it */
};

/* All heads made small. Shared between figures, immutable once filled. */
typedef struct
{
  gatomicrefcount ref_count;
  HlTrace        *trace;
  guint           attention;
  HlFilter        filter;
  gboolean        hide_special;
  double          threshold;
  HlPool          pool;
  gsize           n_rows;    /* cells of each head */
  gsize           n_columns;
  gsize           n_heads;   /* of the layer that has most */
  float         **cells;     /* [layer][head] → [row][column]: weights, or optical depths for lines; NULL: no such head */
  gsize           n_cells;   /* of the table */
} HlModelPools;

typedef struct
{
  HlFigure      base;

  HlAttention  *attention;
  gsize         n_layers;
  gsize         n_heads;     /* of the layer that has most */
  gboolean      lines;
  HlModelPools *pools;

  double        left;        /* of the first tile */
  double        top;
  double        pitch_x;     /* from tile to tile */
  double        pitch_y;
  double        tile_width;
  double        tile_height;
  double        line_width;
  gsize         step_x;      /* every so manieth head and layer has its number */
  gsize         step_y;
  gsize         n_lines;     /* of all tiles */

  HlFigure     *panel;       /* the enlarged head, or NULL */
  guint         panel_layer;
  guint         panel_head;
  HlRect        panel_rect;
  HlRect        close_rect;
} HlModelFigure;

#define HL_MODEL_MAX_PATHS 20000 /* on a vector surface */

/* A line of a tile is drawn if it can be seen. */
#define HL_MODEL_LEAST_OPACITY (1.0 / 255)

/* hl-model-layout.c */
void     hl_model_layout       (HlFigure      *figure,
                                GCancellable  *cancellable);
void     hl_model_inherit      (HlFigure      *figure,
                                HlFigure      *former);
void     hl_model_finalize     (HlFigure      *figure);
HlRect   hl_model_get_tile     (HlModelFigure *self,
                                gsize          layer,
                                gsize          head);
gboolean hl_model_has_tile     (HlModelFigure *self,
                                int            layer,
                                int            head);

/* hl-model-draw.c */
void     hl_model_draw         (HlFigure      *figure,
                                cairo_t       *cr,
                                const HlRect  *clip);
void     hl_model_overlay      (HlFigure      *figure,
                                cairo_t       *cr,
                                HlState       *state,
                                HlElement      focus,
                                const HlRect  *clip);

G_END_DECLS
