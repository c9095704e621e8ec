#pragma once

/* selection/: the one linked state of a window and its history. May use analysis/, trace/ and what lies below; no GTK.
 *
 * Reading order: hl-state.h (a value), hl-selection.h (the object that holds the current one and tells who listens).
 */

#include "hl-aggregate.h"
#include "hl-channel.h"
#include "hl-trace.h"

G_BEGIN_DECLS

typedef enum
{
  HL_SIDE_QUERY, /*< nick=query >*/
  HL_SIDE_KEY,   /*< nick=key >*/
} HlSide;

/* Which segments' queries and keys are shown: BertViz's sentence-pair filter. */
typedef enum
{
  HL_FILTER_ALL, /*< nick=all >*/
  HL_FILTER_AA,  /*< nick=aa >*/
  HL_FILTER_AB,  /*< nick=ab >*/
  HL_FILTER_BA,  /*< nick=ba >*/
  HL_FILTER_BB,  /*< nick=bb >*/
} HlFilter;

typedef enum
{
  HL_SCALE_LINEAR, /*< nick=linear >*/
  HL_SCALE_LOG,    /*< nick=log >*/
  HL_SCALE_ROW,    /*< nick=row >*/  /* each row divided by its largest weight */
} HlScale;

typedef enum
{
  HL_LAYOUT_COLUMNS, /*< nick=columns >*/
  HL_LAYOUT_ARCS,    /*< nick=arcs >*/
} HlLayout;

typedef enum
{
  HL_THUMBNAIL_LINES,  /*< nick=lines >*/
  HL_THUMBNAIL_MATRIX, /*< nick=matrix >*/
} HlThumbnail;

typedef struct
{
  HlSide side;
  guint  token;
} HlPin;

#define HL_MAX_HEADS 256

/* A set of heads of a layer, or of channels where the trace has no attention. */
typedef struct
{
  guint64 bits[HL_MAX_HEADS / 64];
} HlHeadSet;

/* What the pointer or the keyboard is on, in every view; -1 where it names none. A hovered query without a key is a
 * token, both are one weight. */
typedef struct
{
  int query;
  int key;
  int layer;
  int head;
  int neuron; /* of queries and keys */
  int value;  /* dimension of the values */
} HlHover;

#define HL_HOVER_NONE ((HlHover) { -1, -1, -1, -1, -1, -1 })

/* One state of the selection: a value, immutable and reference counted, so that undo is a list of them and a worker
 * may draw from one while the window moves on. Read the fields; change by hl_selection_…(). */
typedef struct
{
  HlTrace    *trace;       /* (nullable) */
  guint       instance;    /* its index in the document */

  guint       attention;   /* index in the trace's attentions */
  guint       layer;       /* index, not number */
  guint       head;        /* the one that matrix and neuron view show */
  HlHeadSet   heads;       /* switched on */
  guint       scores;      /* index in the trace's scores */
  gint32     *colours;     /* [HL_MAX_HEADS] 0xRRGGBB chosen by the user, -1 for the palette's; (nullable): none chosen */

  const HlPin *pins;
  guint       n_pins;
  HlHover     hover;

  HlFilter    filter;
  double      threshold;   /* weights below are not drawn */
  gboolean    hide_special;/* weights from and to special tokens are not drawn */

  HlChannel   channel;
  int         highlight;   /* head or channel whose values colour the text, -1 for the aggregate */
  HlAggregate aggregate;

  HlScale     scale;       /* of the plot over positions, and of matrices' colours */
  HlLayout    layout;
  HlThumbnail thumbnail;
  gboolean    enlarged;    /* the model view shows the one head large, over its grid */
  gboolean    merge_words;
  gboolean    sort_neurons;
  gboolean    show_classes; /* the table of all classes is open */
  double      zoom;        /* of the matrix: 1 fits it into its room */
} HlState;

/* Enough for the cells of any matrix that fits at all to be as large as their numbers. */
#define HL_MAX_ZOOM 4096.0

/* Everything at its default but what the trace's metadata wishes to be shown first: "layer", "heads", "head" (numbers as in
 * the model), "query" and "key" (tokens to pin). @trace is nullable. */
HlState     *hl_state_new            (HlTrace        *trace,
                                      guint           instance) G_GNUC_WARN_UNUSED_RESULT;
HlState     *hl_state_ref            (HlState        *self);
void         hl_state_unref          (HlState        *self);

/* A private copy for the one who changes it; use hl_state_set_pins() on such copies only. */
HlState     *hl_state_copy           (const HlState  *self) G_GNUC_WARN_UNUSED_RESULT;
void         hl_state_set_pins       (HlState        *self,
                                      const HlPin    *pins,
                                      guint           n_pins);

/* Puts every field into the range that the trace allows. */
void         hl_state_clamp          (HlState        *self);

/* The attention shown, or NULL where the trace has none. (transfer none) */
HlAttention *hl_state_get_attention  (const HlState  *self);
/* The score set shown, or NULL. (transfer none) */
HlScores    *hl_state_get_scores     (const HlState  *self);
/* Tokens of one side; without attention, both sides are the scores' tokens. NULL without a trace. (transfer none) */
HlTokens    *hl_state_get_tokens     (const HlState  *self,
                                      HlSide          side);
/* Heads of the layer shown; without attention, channels of the score set. */
gsize        hl_state_get_n_heads    (const HlState  *self);
/* "0", or the channel's name. */
char        *hl_state_dup_head_name  (const HlState  *self,
                                      gsize           head);
/* TRUE if lanes are the file's own channels: it has no attention, or they were chosen. */
gboolean     hl_state_shows_scores   (const HlState  *self);

/* What filter and hide_special leave visible. */
gboolean     hl_state_shows_query    (const HlState  *self,
                                      gsize           query);
gboolean     hl_state_shows_key      (const HlState  *self,
                                      gsize           key);

gboolean     hl_state_has_pin        (const HlState  *self,
                                      HlSide          side,
                                      guint           token);
guint        hl_state_count_pins     (const HlState  *self,
                                      HlSide          side);

gboolean     hl_head_set_has         (const HlHeadSet *set,
                                      guint            head);
void         hl_head_set_put         (HlHeadSet       *set,
                                      guint            head,
                                      gboolean         on);
guint        hl_head_set_count       (const HlHeadSet *set,
                                      guint            n_heads); /* of the first @n_heads */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HlState, hl_state_unref)

G_END_DECLS
