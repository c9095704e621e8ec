#pragma once

#include "hl-attention.h"
#include "hl-prediction.h"
#include "hl-scores.h"

G_BEGIN_DECLS

/* One input and what the model did with it. Immutable once shared, reference counted; may be read from any thread. The
 * add_ and set_ functions are for the reader that builds it. */
typedef struct _HlTrace HlTrace;

HlTrace      *hl_trace_new             (const char      *title) G_GNUC_WARN_UNUSED_RESULT; /* (nullable) */
HlTrace      *hl_trace_ref             (HlTrace         *self);
void          hl_trace_unref           (HlTrace         *self);

void          hl_trace_add_attention   (HlTrace         *self,
                                        HlAttention     *attention);
void          hl_trace_add_scores      (HlTrace         *self,
                                        HlScores        *scores);
void          hl_trace_set_prediction  (HlTrace         *self,
                                        HlPrediction    *prediction);
void          hl_trace_set_text        (HlTrace         *self,
                                        const char      *text);
/* What a reader left out or repaired, a sentence each; shown to the user. */
void          hl_trace_add_note        (HlTrace         *self,
                                        const char      *note);
void          hl_trace_add_note_printf (HlTrace         *self,
                                        const char      *format,
                                        ...) G_GNUC_PRINTF (2, 3);
/* Anything else worth keeping ("model", "source" …): name → string. */
void          hl_trace_set_metadata    (HlTrace         *self,
                                        const char      *key,
                                        const char      *value);

const char   *hl_trace_get_title       (HlTrace         *self); /* (nullable) */
const char   *hl_trace_get_text        (HlTrace         *self); /* the input as typed (nullable) */
gsize         hl_trace_get_n_attentions (HlTrace        *self);
HlAttention  *hl_trace_get_attention   (HlTrace         *self,
                                        gsize            index);
gsize         hl_trace_get_n_scores    (HlTrace         *self);
HlScores     *hl_trace_get_scores      (HlTrace         *self,
                                        gsize            index);
HlPrediction *hl_trace_get_prediction  (HlTrace         *self); /* (nullable) */
const char * const *hl_trace_get_notes (HlTrace         *self); /* NULL-terminated */
const char   *hl_trace_get_metadata    (HlTrace         *self,
                                        const char      *key);
/* The keys in alphabetical order, NULL-terminated: (transfer container). */
const char  **hl_trace_get_metadata_keys (HlTrace       *self);

/* Index of the attention of @kind, or -1. */
gssize        hl_trace_find_attention  (HlTrace         *self,
                                        HlAttentionKind  kind);

/* The tokens of the trace whatever it holds: the first attention's queries, else the first scores' tokens. */
HlTokens     *hl_trace_get_tokens      (HlTrace         *self); /* (nullable) */

/* TRUE if the two say the same, to the last bit of every number: for tests, and to see whether anything was lost. Of
 * computed attention what it is computed from is compared. */
gboolean      hl_trace_equal           (HlTrace         *self,
                                        HlTrace         *other);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HlTrace, hl_trace_unref)

G_END_DECLS
