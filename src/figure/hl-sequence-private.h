#pragma once

/* The sequence view, in reading order: hl-sequence-data.c (which numbers), hl-sequence-lines.c (breaks the running text),
 * hl-sequence-cells.c (draws it with its lanes), hl-sequence-plot.c (the plot over positions), hl-sequence-classes.c,
 * hl-sequence-prediction.c and hl-sequence-sentence.c (what the model predicted), hl-sequence-legend.c,
 * hl-sequence-describe.c (words and CSV), hl-sequence-overlay.c (hover, pins, focus), hl-sequence-figure.c (puts them
 * together). */

#include "hl-figure-private.h"
#include "hl-words.h"

G_BEGIN_DECLS

/* One px of the default text size: all distances here scale with the text. */
static inline double
hl_sequence_unit (const HlStyle *style)
{
  return hl_style_grid (style, 1) / 6.0;
}

/* Kinds of elements. A token stands for its cell: where words are merged, it is the first of the word. */
typedef enum
{
  HL_SEQUENCE_TOKEN = 1, /* i: token, j: side */
  HL_SEQUENCE_VALUE,     /* i: token, j: side, k: head: one cell of one lane */
  HL_SEQUENCE_LANE,      /* i: head, j: line: the label of a lane */
  HL_SEQUENCE_POINT,     /* i: token, j: side: a position of the plot */
  HL_SEQUENCE_CLASS,     /* i: class: a segment of the bar, or a class of its own */
  HL_SEQUENCE_CLASS_ROW, /* i: class: a row of the table */
  HL_SEQUENCE_DETAILS,   /* opens and closes the table */
} HlSequenceKind;

/* A log scale begins with a tint that is seen, so that its smallest value is not taken for zero. */
#define HL_SEQUENCE_FAINTEST 0.1

/* The tokens of one side as they are shown: one by one, or merged into words. */
typedef struct
{
  HlSide    side;
  HlTokens *tokens;
  gsize     n;
  guint    *first;   /* [n + 1]: first token of each cell, then the number of tokens */
  guint    *cell_of; /* [tokens] */
} HlSequenceCells;

/* The numbers of the picture: the channel's value of each head that is on, for each cell. */
typedef struct
{
  HlState        *state;
  HlAttention    *attention;    /* (nullable) (unowned) */
  HlScores       *scores;       /* (nullable) (unowned): what is shown if not attention */
  HlSequenceCells cells;        /* of the side that has the values */
  gboolean        waiting;      /* the channel asks for a pin and there is none */
  gsize           n_lanes;      /* heads that are on; drawn as lanes only where they say more than the text's ground */
  gsize           n_sources;    /* lanes that are aggregated */
  guint          *heads;        /* [lane] */
  float          *values;       /* [lane][cell] */
  double         *tops;         /* [lane]: the value drawn at full strength */
  int             ground_head;  /* head that colours the text, -1: the aggregate */
  float          *ground;       /* [cell] */
  double          ground_top;
  float          *aggregate;    /* [cell] */
  float          *lowest;       /* [cell]: over the lanes */
  float          *highest;
  guint8         *shown;        /* [cell]: FALSE where filter or "hide special" leave it out */
  double          smallest;     /* positive, of all that is drawn; 0 if there is none */
  double          largest;
  double          top;          /* of the lanes, as long as each is not its own */
  gboolean        has_negative;
  gboolean        has_nan;
} HlSequenceData;

gboolean  hl_sequence_data_init      (HlSequenceData  *self,
                                      HlState         *state,
                                      GCancellable    *cancellable); /* FALSE: cancelled */
void      hl_sequence_data_clear     (HlSequenceData  *self);
/* The values of one head or channel, on or not; out: [cell]. */
void      hl_sequence_data_compute   (HlSequenceData  *self,
                                      guint            head,
                                      float           *out);
/* How strong @value is drawn, 0 to 1; NaN for NaN. Negative values by their size. */
double    hl_sequence_data_intensity (const HlSequenceData *self,
                                      double           value,
                                      double           top);
char     *hl_sequence_data_dup_head  (const HlSequenceData *self,
                                      guint            head); /* "Head 3", or the channel's name */
/* "to itself": what the channel says of a token. */
const char *hl_sequence_data_get_phrase (const HlSequenceData *self);
/* -1 if the lane is not among those on. */
int       hl_sequence_data_find_lane (const HlSequenceData *self,
                                      guint            head);
/* The lanes that aggregates are taken over: all but those that are aggregates themselves, unless there are no others.
 * @lanes: room for n_lanes. Returns how many. */
gsize     hl_sequence_data_list_sources (const HlSequenceData *self,
                                         const float         **lanes);

void      hl_sequence_cells_init     (HlSequenceCells *self,
                                      HlSide           side,
                                      HlTokens        *tokens,
                                      gboolean         merge);
void      hl_sequence_cells_clear    (HlSequenceCells *self);
char     *hl_sequence_cells_dup_text (const HlSequenceCells *self,
                                      gsize            cell);
/* What is drawn for one token: one line, nothing invisible but the space of character-level text. */
char     *hl_sequence_dup_display    (const HlToken   *token,
                                      gboolean         spaces_are_tokens);

/* Where a line of text ends: the right edge available to what lies between @top and @bottom. */
typedef struct
{
  double left;
  double right;
  HlRect hole;   /* what stands in the upper right corner; empty: nothing */
} HlSequenceColumn;

typedef struct
{
  gsize    run;
  gsize    line;
  guint    begin;    /* its bytes in the run's text */
  guint    end;
  double   offset;   /* in the run */
  double   x;
  double   width;
  gboolean continues; /* the word of the cell before */
} HlSequenceCell;

/* Cells that are shaped as one, so that scripts that join do. */
typedef struct
{
  char    *text;
  gsize    first;    /* cells */
  gsize    end;
  double   x;
  double   width;
  double   text_x;   /* of the text, from x */
  double   text_width; /* > 0: no wider, ends in an ellipsis */
  guint8   level;    /* of bidirectional embedding */
  gboolean space;    /* before it */
  gboolean may_break; /* before it */
  gboolean must_break; /* after it */
  gboolean tight;    /* touches the run before */
  gboolean rtl;      /* the paragraph's direction */
} HlSequenceRun;

typedef struct
{
  double   y;
  gsize    first;    /* cells */
  gsize    end;
  gsize    first_run;
  gsize    end_run;
  double   left;
  double   right;
  double   margin_x; /* where lane labels begin: before the line's beginning, which is its right end if rtl */
  gboolean rtl;
} HlSequenceLine;

/* One sequence as wrapped text, each line with the lanes below it. */
typedef struct
{
  HlSequenceCells  cells;
  HlSequenceCell  *places;     /* [cells.n] */
  GArray          *runs;       /* of HlSequenceRun */
  GArray          *lines;      /* of HlSequenceLine */
  const char      *heading;    /* (nullable) */
  double           heading_y;
  gboolean         spaces_are_tokens;
  HlSequenceData  *data;       /* NULL: plain text */
  const char      *hint;       /* (nullable): in place of lanes */
  double           text_height;
  double           baseline;   /* from the line's top */
  double           lane_top;   /* from the line's top */
  double           lane_pitch;
  double           lane_height;
  double           margin_width; /* of lane labels */
  HlRect           bounds;
} HlSequenceBlock;

gboolean  hl_sequence_block_init     (HlSequenceBlock *self,
                                      const HlStyle   *style,
                                      HlSide           side,
                                      HlTokens        *tokens,
                                      gboolean         merge,
                                      double           narrowest,
                                      GCancellable    *cancellable); /* FALSE: cancelled */
void      hl_sequence_block_clear    (HlSequenceBlock *self);
/* Breaks the text into lines below @y. @lane_pitch 0: no lanes. */
void      hl_sequence_block_flow     (HlSequenceBlock *self,
                                      const HlStyle   *style,
                                      const HlSequenceColumn *column,
                                      double           y,
                                      double           lane_pitch,
                                      double           lane_height);
void      hl_sequence_block_draw     (HlSequenceBlock *self,
                                      HlFigure        *figure,
                                      cairo_t         *cr,
                                      const HlRect    *clip);
HlElement hl_sequence_block_pick     (HlSequenceBlock *self,
                                      double           x,
                                      double           y);
gboolean  hl_sequence_block_bounds   (HlSequenceBlock *self,
                                      HlElement        element,
                                      HlRect          *bounds);
HlElement hl_sequence_block_neighbour (HlSequenceBlock *self,
                                      HlElement        element,
                                      HlDirection      direction);
HlRect    hl_sequence_block_cell     (HlSequenceBlock *self,
                                      gsize            cell);
/* The colours that values have in the picture; also in its legend and in tests. */
HlColour  hl_sequence_ground_hue     (HlFigure        *figure,
                                      const HlSequenceData *data);
HlColour  hl_sequence_lane_colour    (const HlStyle   *style,
                                      HlColour         colour,
                                      double           intensity);
void      hl_sequence_draw_hatch     (cairo_t         *cr,
                                      const HlStyle   *style,
                                      const HlRect    *rect,
                                      double           strength); /* 0 to 1: of the lines */

typedef struct
{
  HlSequenceData *data;
  HlRect          rect;     /* all of it */
  HlRect          frame;    /* inside the axes */
  double          floor;    /* on a log scale, where zero is drawn; else the frame's bottom */
  gboolean        log;
  double          low;      /* of the y axis */
  double          high;
  double          step;
} HlSequencePlot;

void      hl_sequence_plot_init      (HlSequencePlot  *self,
                                      HlFigure        *figure,
                                      HlSequenceData  *data,
                                      const HlRect    *rect);
void      hl_sequence_plot_draw      (HlSequencePlot  *self,
                                      HlFigure        *figure,
                                      cairo_t         *cr);
/* Marks a cell and says its numbers in a box. */
void      hl_sequence_plot_mark      (HlSequencePlot  *self,
                                      HlFigure        *figure,
                                      cairo_t         *cr,
                                      gsize            cell,
                                      gboolean         box,
                                      HlColour         colour);
HlElement hl_sequence_plot_pick      (HlSequencePlot  *self,
                                      double           x,
                                      double           y);
gboolean  hl_sequence_plot_bounds    (HlSequencePlot  *self,
                                      gsize            cell,
                                      HlRect          *bounds);
double    hl_sequence_plot_x         (const HlSequencePlot *self,
                                      gsize            cell);
double    hl_sequence_plot_y         (const HlSequencePlot *self,
                                      double           value);

#define HL_SEQUENCE_TABLE_ROWS 8

typedef struct
{
  HlPrediction *prediction;  /* (nullable) (unowned) */
  HlRect        rect;
  HlRect        bar;         /* classification: all segments; regression: the line */
  gsize         n;
  double       *shares;      /* [class]: share of the bar; or, several labels, the probability */
  HlRect       *segments;    /* [class]: of no width where too small or not shown */
  double        sum;
  double        low;         /* regression: the ends of the line */
  double        high;
  HlRect        sentence;
  HlRect        details;     /* no width: no table to open */
  HlRect        table;
  guint        *rows;        /* classes in the table */
  gsize         n_rows;
  double        row_height;
  double        name_width;
} HlSequenceClasses;

/* Lays out what the model predicted from (@x, @y) on and over @width; its rect is empty where nothing is known. */
void      hl_sequence_classes_init   (HlSequenceClasses *self,
                                      const HlState   *state,
                                      const HlStyle   *style,
                                      double           x,
                                      double           y,
                                      double           width);
void      hl_sequence_classes_clear  (HlSequenceClasses *self);
void      hl_sequence_classes_draw   (HlSequenceClasses *self,
                                      const HlState   *state,
                                      const HlStyle   *style,
                                      cairo_t         *cr);
HlElement hl_sequence_classes_pick   (HlSequenceClasses *self,
                                      double           x,
                                      double           y);
gboolean  hl_sequence_classes_bounds (HlSequenceClasses *self,
                                      HlElement        element,
                                      HlRect          *bounds);
HlElement hl_sequence_classes_neighbour (HlSequenceClasses *self,
                                      HlElement        element,
                                      HlDirection      direction);
/* "politics 50.5 % — labelled politics ✓" in plain words. */
char     *hl_sequence_classes_dup_sentence (HlSequenceClasses *self);
double    hl_sequence_classes_measure_sentence (HlSequenceClasses *self,
                                      const HlStyle   *style);
void      hl_sequence_classes_draw_sentence (HlSequenceClasses *self,
                                      const HlStyle   *style,
                                      cairo_t         *cr);
char     *hl_text_percent (double           probability); /* "50.5 %" */
void      hl_sequence_add_round_path (cairo_t         *cr,
                                      const HlRect    *rect,
                                      double           radius);
char     *hl_sequence_classes_describe (HlSequenceClasses *self,
                                      HlElement        element);

typedef struct
{
  HlFigure          parent;
  HlSequenceData    data;
  HlSequenceBlock   blocks[2];
  gsize             n_blocks;
  gsize             value_block;  /* the one that has the lanes */
  HlSequenceClasses classes;
  HlSequencePlot    plot;
  gboolean          has_plot;
  gboolean          has_lanes;
  HlRect            legend;
  gboolean          built;
} HlSequenceFigure;

void      hl_sequence_legend_init    (HlSequenceFigure *self,
                                      double            x,
                                      double            y,
                                      double            width);
void      hl_sequence_legend_draw    (HlSequenceFigure *self,
                                      cairo_t          *cr);
void      hl_sequence_draw_overlay   (HlFigure         *figure,
                                      cairo_t          *cr,
                                      HlState          *state,
                                      HlElement         focus,
                                      const HlRect     *clip);
char     *hl_sequence_describe       (HlSequenceFigure *self,
                                      HlElement        element);
char     *hl_sequence_summarise      (HlSequenceFigure *self);
void      hl_sequence_write_csv      (HlSequenceFigure *self,
                                      GString         *csv);
/* What to do to see something, where the channel waits for a pin. */
const char *hl_sequence_get_hint     (const HlSequenceFigure *self);

G_END_DECLS
