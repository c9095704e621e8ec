#pragma once

#include "hl-cells.h"

G_BEGIN_DECLS

/* The zoom of a matrix view's figure beyond which its cells grow no further: they are large enough for numbers then. For
 * the window, whose gestures zoom; 1 for a figure without cells. */
double    hl_matrix_figure_get_max_zoom (HlFigure *figure);

/* What follows is the matrix view's geometry, for the files that make it up. */

enum
{
  HL_MATRIX_CELL = 1, /* i: query, j: key */
  HL_MATRIX_QUERY,    /* i: query, a label on the left */
  HL_MATRIX_KEY,      /* i: key, a label on top */
};

/* One axis: the tokens of one side that are shown, and how they are labelled. */
typedef struct
{
  HlTokens *tokens;
  guint    *shown;      /* [place] indices of the tokens shown, in order */
  gsize     n;
  int      *place_of;   /* [token], -1 if hidden */
  double    cell;       /* px a token */
  double    label_room; /* px for labels, at a right angle to the axis */
  double    label_size; /* relative to the style's */
  gsize     step;       /* every so manieth token has a label; above 1, with its index */
  gboolean  is_flat;    /* of keys: labels lie flat, each above its cells */
} HlMatrixAxis;

typedef struct
{
  HlFigure     base;

  HlMatrixAxis queries;
  HlMatrixAxis keys;
  gboolean     is_causal;
  float       *row_scales;  /* [query] 1 / largest shown weight, for HL_SCALE_ROW */
  double       max_zoom;
  double       unit;
  double       margin;
  double       aspect;      /* how much longer one side of a cell may be, for as many queries as keys */
  gboolean     wants_flat;  /* rather small labels that lie flat than large ones that stand */
  gboolean     is_compact;  /* all but the matrix is kept small, the caption left to the summary */
  char        *title;
  char        *caption;
  double       title_y;
  double       head_width;  /* of title and legend side by side */
  double       legend_x;    /* of its left number */
  double       legend_y;
  double       legend_ramp; /* x and width of the ramp */
  double       legend_width;
  double       caption_y;   /* 0: it is not drawn */
  HlRect       plot;
  HlCells      cells;       /* one a weight, or one for several where a weight has less than a pixel */
  guint8      *levels;      /* [row][column] of cells that stand for several weights: steps of the ramp; (nullable) */
} HlMatrixFigure;

/* hl-matrix-layout.c */
void      hl_matrix_figure_layout     (HlFigure        *figure,
                                       GCancellable    *cancellable);
char     *hl_matrix_figure_dup_label  (const HlMatrixAxis *axis,
                                       gsize            place);  /* with the index where labels are thinned */
void      hl_matrix_figure_get_legend (HlMatrixFigure  *self,
                                       const char     **low,
                                       const char     **high);

/* hl-matrix-levels.c */

/* Steps of the ramp for cells [@column, @column + @n) of @row. */
void      hl_matrix_figure_read_levels (HlMatrixFigure *self,
                                        gsize           row,
                                        gsize           column,
                                        gsize           n,
                                        guint8         *out);
gboolean  hl_matrix_figure_find_row_scales (HlMatrixFigure *self,
                                            GCancellable   *cancellable); /* FALSE: cancelled */
double    hl_matrix_figure_get_weight (HlMatrixFigure  *self,
                                       gsize            query,
                                       gsize            key);
/* 0 to 1, on the scale of the state. */
double    hl_matrix_figure_get_level  (HlMatrixFigure  *self,
                                       gsize            query,
                                       double           weight);
gboolean  hl_matrix_figure_is_masked  (HlMatrixFigure  *self,
                                       gsize            query,
                                       gsize            key);

/* hl-matrix-figure.c */
void      hl_matrix_figure_draw_axis_labels (HlMatrixFigure *self,
                                             cairo_t        *cr,
                                             HlSide          side,
                                             const HlRect   *clip);

/* hl-matrix-overlay.c */
void      hl_matrix_figure_draw_label (HlMatrixFigure  *self,
                                       cairo_t         *cr,
                                       HlSide           side,
                                       gsize            place,
                                       const char      *text,
                                       HlTextFace       face,
                                       HlColour         colour);
void      hl_matrix_figure_overlay    (HlFigure        *figure,
                                       cairo_t         *cr,
                                       HlState         *state,
                                       HlElement        focus,
                                       const HlRect    *clip);

/* hl-matrix-elements.c */
HlElement hl_matrix_figure_pick       (HlFigure        *figure,
                                       double           x,
                                       double           y);
HlElement hl_matrix_figure_neighbour  (HlFigure        *figure,
                                       HlElement        element,
                                       HlDirection      direction);
gboolean  hl_matrix_figure_bounds     (HlFigure        *figure,
                                       HlElement        element,
                                       HlRect          *bounds);
void      hl_matrix_figure_hover      (HlFigure        *figure,
                                       HlElement        element,
                                       HlSelection     *selection);
gboolean  hl_matrix_figure_activate   (HlFigure        *figure,
                                       HlElement        element,
                                       HlGesture        gesture,
                                       HlSelection     *selection);
char     *hl_matrix_figure_describe   (HlFigure        *figure,
                                       HlElement        element);
char     *hl_matrix_figure_summarise  (HlFigure        *figure);
void      hl_matrix_figure_csv        (HlFigure        *figure,
                                       GString         *csv);

G_END_DECLS
