#pragma once

#include "hl-figure-private.h"
#include "hl-line-raster.h"

G_BEGIN_DECLS

/* The head view is written in four files: -layout computes the geometry and gathers the lines, -draw has the static picture,
 * -overlay hover, pins and focus, -figure what can be pointed at, said and exported. */

enum
{
  HL_HEADS_CHIP = 1, /* i: head */
  HL_HEADS_TOKEN,    /* i: HlSide, j: token, the first of its word where words are merged */
};

/* One row shows a token, or a word. Arcs have one column for both sides. */
typedef struct
{
  guint   n;
  guint  *tokens; /* [row] its first token */
  guint  *units;  /* [row] its index in the matrices read: that of the token, or of the word */
  guint8 *muted;  /* [row] its lines are left out: a special token */
  double *y;      /* [row] middle */
  int    *rows;   /* [token] the row that shows it, or −1 */
  HlRect  column; /* where the labels are */
  double  align;  /* of the labels: 1 right, 0 left */
} HlHeadsSide;

typedef struct
{
  guint32 query; /* rows */
  guint32 key;
  float   weight;
} HlHeadsLine;

typedef struct
{
  gboolean     on;
  HlColour     colour;
  HlRect       chip;
  char        *number;
  HlHeadsLine *lines;   /* of heads that are on */
  gsize        n_lines;
} HlHeadsHead;

typedef struct
{
  HlFigure     base;

  HlAttention *attention;
  gsize        layer;
  gboolean     single;       /* enlarges a tile of the model view: */
  guint        only;         /* this head, without chips and legend */
  gboolean     words;
  gboolean     arcs;
  gboolean     fell_back;    /* arcs were asked for but queries and keys are not the same tokens */
  gboolean     both_ways;    /* some query attends to a later key: arcs on both sides */

  guint        n_heads;
  guint        n_on;
  HlHeadsHead *heads;        /* [head] */
  HlHeadsSide  sides[2];     /* by HlSide; with arcs both have the same rows and column */

  double       text_size;    /* of labels, relative to the style's */
  double       row_height;
  double       line_width;
  HlRect       field;        /* where lines are */
  double       from_x;       /* columns: lines begin and end here. Arcs: those to later keys start here, to the left; */
  double       to_x;         /* those to earlier keys here, to the right */
  double       arc_room;     /* on each side */
  double       mark_x[2];    /* of the segments' marks, by HlSide */
  double       number_width; /* outside the labels, for values */
  double       strip_width;  /* arcs: beside the labels, for the shading by heads */
  double       max_distance; /* arcs: of any two rows */

  HlRect       header;       /* the line with layer and legend */
  double       legend_x;
  double       legend_y;
  double       headings_y;

  double       least;        /* weights below are not drawn */
  gsize        n_lines;      /* drawn */
  gsize        n_pairs;      /* that have a weight at all */
} HlHeadsFigure;

#define HL_HEADS_MAX_PATHS 20000 /* on a vector surface */

/* One head without chips and legend, for the model view. The state's layer is shown. NULL only if cancelled. */
HlFigure *hl_heads_figure_build_one (HlState           *state,
                                    guint               head,
                                    HlStyle            *style,
                                    double              width,
                                    double              height,
                                    GCancellable       *cancellable) G_GNUC_WARN_UNUSED_RESULT;

/* hl-heads-layout.c */
void     hl_heads_layout           (HlFigure            *figure,
                                    GCancellable        *cancellable);
void     hl_heads_finalize         (HlFigure            *figure);
/* Weights between units: tokens or words. */
void     hl_heads_read             (HlHeadsFigure       *self,
                                    gsize                layer,
                                    guint                head,
                                    gsize                query,
                                    gsize                n_queries,
                                    gsize                key,
                                    gsize                n_keys,
                                    float               *out);
gsize    hl_heads_get_n_units      (HlHeadsFigure       *self,
                                    HlSide               side);
char    *hl_heads_dup_label        (HlHeadsFigure       *self,
                                    HlSide               side,
                                    guint                row);
/* "Layer 4 · encoder" */
char    *hl_heads_dup_title        (HlHeadsFigure       *self);
/* "3,412 of 24,576 lines, weights ≥ 0.004" */
char    *hl_heads_dup_count        (HlHeadsFigure       *self);
HlRect   hl_heads_get_row          (HlHeadsFigure       *self,
                                    HlSide               side,
                                    guint                row);

/* hl-heads-draw.c */
void     hl_heads_draw             (HlFigure            *figure,
                                    cairo_t             *cr,
                                    const HlRect        *clip);
void     hl_heads_draw_label       (HlHeadsFigure       *self,
                                    cairo_t             *cr,
                                    HlSide               side,
                                    guint                row,
                                    HlColour             colour);
/* @from_x, @to_x: the figure's own, or what is left of them beside what an overlay draws. */
void     hl_heads_add_line         (HlHeadsFigure       *self,
                                    HlLineRaster        *raster,
                                    double               from_x,
                                    double               to_x,
                                    guint                query,
                                    guint                key,
                                    double               width,
                                    double               opacity);
void     hl_heads_trace_line       (HlHeadsFigure       *self,
                                    cairo_t             *cr,
                                    guint                query,
                                    guint                key);

/* hl-heads-overlay.c */
void     hl_heads_overlay          (HlFigure            *figure,
                                    cairo_t             *cr,
                                    HlState             *state,
                                    HlElement            focus,
                                    const HlRect        *clip);

G_END_DECLS
