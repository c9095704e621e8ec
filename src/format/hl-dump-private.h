#pragma once

#include "hl-container.h"
#include "hl-dump-name.h"
#include "hl-format-private.h"

G_BEGIN_DECLS

/* One entry of the container with its name understood; exactly one of the three contents is there. */
typedef struct
{
  HlDumpName          name;
  const char         *key;     /* the name as the file has it; all strings are the container's */
  HlTensor           *tensor;
  const char * const *strings;
  const char         *text;
} HlDumpItem;

/* The entries of one instance, side by side in the file's order. */
typedef struct
{
  int   number; /* -1: the file has a single instance, or a batch, without “instances.N.” */
  guint first;
  guint n;
  guint batch;  /* which of a batch, 0 where there is none */
} HlDumpInstance;

/* A container's entries sorted by instance. */
typedef struct
{
  HlContainer      *container;
  GArray           *items;      /* of HlDumpItem */
  GArray           *instances;  /* of HlDumpInstance */
  const HlDumpItem *defaults[HL_DUMP_N_FIELDS]; /* entries of no instance, which hold for all */
  guint             n_batch;    /* 1 where there is no batch */
  GPtrArray        *unknown;    /* names that no dump has; the container's */
} HlDump;

HlDump           *hl_dump_new             (HlContainer           *container,
                                           GError               **error) G_GNUC_WARN_UNUSED_RESULT;
void              hl_dump_free            (HlDump                *self);

/* The first entry of the instance with this field, or NULL. */
const HlDumpItem *hl_dump_find            (HlDump                *self,
                                           const HlDumpInstance  *instance,
                                           guint                  group,
                                           HlDumpField            field);
/* The same; else what the group "none" has, else what the file says for all instances. */
const HlDumpItem *hl_dump_find_inherited  (HlDump                *self,
                                           const HlDumpInstance  *instance,
                                           guint                  group,
                                           HlDumpField            field);

/* The text of an entry: a string of the metadata, or the one string (or that of the batch) in a list; else NULL. */
const char       *hl_dump_get_text        (HlDump                *self,
                                           const HlDumpInstance  *instance,
                                           const HlDumpItem      *item);
/* The number of an entry, stored as such or as a text: TRUE if there is one. */
gboolean          hl_dump_get_number      (HlDump                *self,
                                           const HlDumpInstance  *instance,
                                           const HlDumpItem      *item,
                                           double                *number);

/* Tokens of one side of an attention, @n of them: those the file has, else numbers, in which case @numbered is set. */
HlTokens         *hl_dump_load_tokens     (HlDump                *self,
                                           const HlDumpInstance  *instance,
                                           guint                  group,
                                           HlAttentionKind        kind,
                                           gboolean               keys,
                                           gsize                  n,
                                           gboolean              *numbered,
                                           GError               **error) G_GNUC_WARN_UNUSED_RESULT;
/* Whether tokens in such an entry have the instance's text as their input unless they say otherwise. */
gboolean          hl_dump_has_text        (guint                  group,
                                           HlDumpField            field);

HlScores         *hl_dump_load_scores     (HlDump                *self,
                                           const HlDumpInstance  *instance,
                                           const HlDumpItem      *item,
                                           gboolean              *numbered,
                                           GError               **error) G_GNUC_WARN_UNUSED_RESULT;

/* NULL without an error where there is none. */
HlPrediction     *hl_dump_load_prediction (HlDump                *self,
                                           const HlDumpInstance  *instance,
                                           GError               **error) G_GNUC_WARN_UNUSED_RESULT;
HlTrace          *hl_dump_load_trace      (HlDump                *self,
                                           const HlDumpInstance  *instance,
                                           GCancellable          *cancellable,
                                           GError               **error) G_GNUC_WARN_UNUSED_RESULT;

/* Fails at the first value that is not finite, saying where it is. @n_beyond, if not NULL, is increased by how many
 * are no weights: below 0 or above 1 by more than rounding. */
gboolean          hl_dump_scan            (HlTensor              *tensor,
                                           const char            *key,
                                           gsize                 *n_beyond,
                                           GCancellable          *cancellable,
                                           GError               **error);

/* Gives an error of the layer below the domain of this one. */
gboolean          hl_dump_propagate       (GError               **error,
                                           GError                *source);

G_END_DECLS
