#pragma once

#include "hl-cells.h"
#include "hl-neurons.h"

G_BEGIN_DECLS

/* The neuron view's geometry, shared by the files that lay it out, draw it and tell what lies where. For figure/ only.
 *
 * From left to right: */
typedef enum
{
  HL_COLUMN_QUERY_NAME,
  HL_COLUMN_QUERY,     /* strips q */
  HL_COLUMN_LINK,      /* from the query to its keys */
  HL_COLUMN_KEY_NAME,
  HL_COLUMN_KEY,       /* strips k */
  HL_COLUMN_PRODUCT,   /* strips q × k */
  HL_COLUMN_SCORE,     /* bars q · k/√d */
  HL_COLUMN_SOFTMAX,   /* bars α */
  HL_COLUMN_LAST_NAME, /* keys' names again */
  HL_COLUMN_VALUE,     /* strips v */
} HlColumn;

#define HL_N_COLUMNS 10

/* An element's kind is its column + 1; i is the token, j the neuron of a strip. The row of sums Σ α· above the keys has a
 * kind of its own; there i is the column. */
#define HL_ELEMENT_SUM (HL_N_COLUMNS + 1)

typedef struct
{
  gboolean is_shown;
  double   x;
  double   width;
  double   graph;  /* of that, what strip or bars take */
} HlColumnBox;

typedef struct
{
  HlFigure    base;

  HlNeurons  *numbers;
  char       *title;
  char       *hint;        /* (nullable) beside the title */
  char       *caption;     /* below all rows, broken into lines */

  HlColumnBox columns[HL_N_COLUMNS];
  double      unit;        /* of the grid */
  double      title_y;     /* middle of the line */
  double      title_width; /* room for the title, and right of it for the hint */
  double      header_y;    /* top of the columns' headers */
  double      name_y;      /* below header_y: middle of a column's name, */
  double      ramp_y;      /* top of its legend, */
  double      number_y;    /* middle of that one's numbers, */
  double      header_bottom; /* and, in the figure, where all that ends */
  gboolean    has_sums;
  double      sum_y;       /* top of the row of sums */
  double      rows_y;      /* top of the first row of tokens */
  double      row_height;
  double      row_gap;
  double      caption_y;   /* 0: it is not drawn */
  double      name_size;   /* of names and numbers, relative to the style's */
  double      number_size;
  gboolean    has_numbers; /* beside the bars */
  double      score_low;   /* the range of the bars q · k/√d, with 0 in it */
  double      score_high;
  HlCells     cells[HL_N_STRIPS];
  HlCells     sums[HL_N_STRIPS]; /* one row each; without cells where there is none */
} HlNeuronsFigure;

/* hl-neurons-layout.c */
void      hl_neurons_figure_layout    (HlFigure        *figure,
                                       GCancellable    *cancellable);
int       hl_column_get_strip         (HlColumn         column); /* HlStrip, or -1 */
HlColumn  hl_strip_get_column         (HlStrip          strip);
char     *hl_neurons_figure_dup_score_name (HlNeuronsFigure *self); /* "q · k/√d" */

/* hl-neurons-figure.c */
void      hl_neurons_figure_draw_headers (HlNeuronsFigure *self,
                                          cairo_t         *cr);

/* hl-neurons-overlay.c */
void      hl_neurons_figure_overlay   (HlFigure        *figure,
                                       cairo_t         *cr,
                                       HlState         *state,
                                       HlElement        focus,
                                       const HlRect    *clip);

/* Traces the line from the query to the key in row @key_row. */
void      hl_neurons_figure_trace_link (HlNeuronsFigure *self,
                                        cairo_t         *cr,
                                        int              key_row);

/* hl-neurons-elements.c */
HlElement hl_neurons_figure_pick      (HlFigure        *figure,
                                       double           x,
                                       double           y);
HlElement hl_neurons_figure_neighbour (HlFigure        *figure,
                                       HlElement        element,
                                       HlDirection      direction);
gboolean  hl_neurons_figure_bounds    (HlFigure        *figure,
                                       HlElement        element,
                                       HlRect          *bounds);
void      hl_neurons_figure_hover     (HlFigure        *figure,
                                       HlElement        element,
                                       HlSelection     *selection);
gboolean  hl_neurons_figure_activate  (HlFigure        *figure,
                                       HlElement        element,
                                       HlGesture        gesture,
                                       HlSelection     *selection);

/* hl-neurons-words.c */
char     *hl_neurons_figure_describe  (HlFigure        *figure,
                                       HlElement        element);
char     *hl_neurons_figure_summarise (HlFigure        *figure);
void      hl_neurons_figure_csv       (HlFigure        *figure,
                                       GString         *csv);

G_END_DECLS
