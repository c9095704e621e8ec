#pragma once

#include "hl-state.h"

G_BEGIN_DECLS

/* What differs between two states. */
typedef enum
{
  HL_CHANGE_TRACE     = 1 << 0,
  HL_CHANGE_ATTENTION = 1 << 1, /* kind of attention, or score set */
  HL_CHANGE_LAYER     = 1 << 2,
  HL_CHANGE_HEAD      = 1 << 3, /* the one head of matrix and neuron view */
  HL_CHANGE_HEADS     = 1 << 4, /* the set switched on */
  HL_CHANGE_COLOURS   = 1 << 5,
  HL_CHANGE_PINS      = 1 << 6,
  HL_CHANGE_HOVER     = 1 << 7,
  HL_CHANGE_FILTER    = 1 << 8, /* segments, threshold, special tokens */
  HL_CHANGE_CHANNEL   = 1 << 9, /* channel, highlight, aggregate */
  HL_CHANGE_SCALE     = 1 << 10,
  HL_CHANGE_LAYOUT    = 1 << 11,
  HL_CHANGE_THUMBNAIL = 1 << 12,
  HL_CHANGE_WORDS     = 1 << 13,
  HL_CHANGE_NEURONS   = 1 << 14,
  HL_CHANGE_CLASSES   = 1 << 15, /* their table opened or closed */
  HL_CHANGE_ZOOM      = 1 << 16,
  HL_CHANGE_ENLARGED  = 1 << 17,
} HlChange;

HlChange hl_state_compare (const HlState *a,
                           const HlState *b);

/* The linked state of a window. Views observe "changed" (HlChange flags) and call the setters; no view knows another.
 * Setters clamp, and emit only when something did change. For the main thread. */
#define HL_TYPE_SELECTION (hl_selection_get_type ())
G_DECLARE_FINAL_TYPE (HlSelection, hl_selection, HL, SELECTION, GObject)

HlSelection   *hl_selection_new              (void);

HlState       *hl_selection_get_state        (HlSelection *self); /* (transfer none); ref it to keep it */

/* Shows another instance. What still makes sense (layer, head, options, and with as many heads, the set) is kept;
 * pins and hover go. The history starts anew where the number of layers or heads differs. */
void           hl_selection_set_trace        (HlSelection *self,
                                              HlTrace     *trace,
                                              guint        instance);
void           hl_selection_set_attention    (HlSelection *self,
                                              guint        index);
void           hl_selection_set_scores       (HlSelection *self,
                                              guint        index);
void           hl_selection_set_layer        (HlSelection *self,
                                              int          layer);   /* clamped */
void           hl_selection_set_head         (HlSelection *self,
                                              guint        layer,
                                              guint        head);    /* the one head, and its layer */
/* Toggling never switches the last head off. A head gone solo is the one of matrix and neuron view
 * too; solo on the only head that is on switches all on. */
void           hl_selection_toggle_head      (HlSelection *self,
                                              guint        head);
void           hl_selection_solo_head        (HlSelection *self,
                                              guint        head);
void           hl_selection_set_heads        (HlSelection     *self,
                                              const HlHeadSet *heads);
void           hl_selection_set_colour       (HlSelection *self,
                                              guint        head,
                                              gint32       colour);  /* 0xRRGGBB, -1: the palette's */
void           hl_selection_reset_colours    (HlSelection *self);
void           hl_selection_toggle_pin       (HlSelection *self,
                                              HlSide       side,
                                              guint        token);
/* The only pin of its side. */
void           hl_selection_set_pin          (HlSelection *self,
                                              HlSide       side,
                                              guint        token);
void           hl_selection_clear_pins       (HlSelection *self);
void           hl_selection_set_hover        (HlSelection   *self,
                                              const HlHover *hover); /* NULL: none */
void           hl_selection_set_filter       (HlSelection *self,
                                              HlFilter     filter);
void           hl_selection_set_threshold    (HlSelection *self,
                                              double       threshold);
void           hl_selection_set_hide_special (HlSelection *self,
                                              gboolean     hide);
void           hl_selection_set_channel      (HlSelection *self,
                                              HlChannel    channel);
void           hl_selection_set_highlight    (HlSelection *self,
                                              int          head);
void           hl_selection_set_aggregate    (HlSelection *self,
                                              HlAggregate  aggregate);
void           hl_selection_set_scale        (HlSelection *self,
                                              HlScale      scale);
void           hl_selection_set_layout       (HlSelection *self,
                                              HlLayout     layout);
void           hl_selection_set_thumbnail    (HlSelection *self,
                                              HlThumbnail  thumbnail);
void           hl_selection_set_enlarged     (HlSelection *self,
                                              gboolean     enlarged);
void           hl_selection_set_merge_words  (HlSelection *self,
                                              gboolean     merge);
void           hl_selection_set_sort_neurons (HlSelection *self,
                                              gboolean     sort);
void           hl_selection_set_show_classes (HlSelection *self,
                                              gboolean     show);
void           hl_selection_set_zoom         (HlSelection *self,
                                              double       zoom);    /* clamped to 1 … HL_MAX_ZOOM */

/* Everything but hover and zoom is part of the history. */
gboolean       hl_selection_can_undo         (HlSelection *self);
gboolean       hl_selection_can_redo         (HlSelection *self);
void           hl_selection_undo             (HlSelection *self);
void           hl_selection_redo             (HlSelection *self);

G_END_DECLS
