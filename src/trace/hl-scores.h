#pragma once

#include "hl-tokens.h"

G_BEGIN_DECLS

/* Named channels of one number a token: all that AttViz and neat-vision files hold. Immutable once shared, reference
 * counted. */
typedef struct _HlScores HlScores;

HlScores    *hl_scores_new           (const char  *name,     /* (nullable) of the set */
                                      HlTokens    *tokens) G_GNUC_WARN_UNUSED_RESULT;
HlScores    *hl_scores_ref           (HlScores    *self);
void         hl_scores_unref         (HlScores    *self);

/* Copies @values [token]. @colour: 0xRRGGBB, or -1 for none. NaN marks a value that the file lacks. */
void         hl_scores_add_channel   (HlScores    *self,
                                      const char  *name,
                                      const float *values,
                                      gint32       colour,
                                      gboolean     visible);

/* Marks the channel added last as computed from others of the set, as AttViz's aggregates are: not to be aggregated again. */
void         hl_scores_mark_derived  (HlScores    *self);

const char  *hl_scores_get_name      (HlScores    *self);
HlTokens    *hl_scores_get_tokens    (HlScores    *self);
gsize        hl_scores_get_n_channels (HlScores   *self);
const char  *hl_scores_get_channel_name (HlScores *self,
                                      gsize        channel);
gint32       hl_scores_get_colour    (HlScores    *self,
                                      gsize        channel);
gboolean     hl_scores_is_visible    (HlScores    *self,
                                      gsize        channel);
gboolean     hl_scores_is_derived    (HlScores    *self,
                                      gsize        channel);
const float *hl_scores_get_values    (HlScores    *self,
                                      gsize        channel); /* [token] */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HlScores, hl_scores_unref)

G_END_DECLS
