#pragma once

#include "hl-format.h"
#include "hl-json-values.h"
#include "hl-trace.h"

G_BEGIN_DECLS

/* More classes than this are a mistake in the file, not classes. */
#define NEATVISION_MAX_CLASSES 10000

/* A label, a prediction or a posterior as the file has it. */
typedef enum
{
  NEATVISION_NONE,
  NEATVISION_INTEGER,
  NEATVISION_FRACTION, /* a number with a point or an exponent */
  NEATVISION_LIST,
} NeatvisionKind;

typedef struct
{
  NeatvisionKind kind;
  double         number;
  double        *list;   /* [n] */
  gsize          n;
} NeatvisionValue;

typedef struct
{
  gsize           position;    /* of its first byte in the file */
  char           *id;          /* (nullable) */
  NeatvisionValue label;
  NeatvisionValue prediction;
  NeatvisionValue posterior;
  gsize           n_tokens;
  gboolean        is_characters; /* no token is longer than a character */
  gsize           n_blanks;      /* tokens that are a space */

  GPtrArray      *tokens;      /* (nullable) of strings */
  GArray         *attention;   /* (nullable) of float; NULL when only indexed */
  gsize           n_odd;       /* values of it that are no numbers */
} NeatvisionInstance;

/* What only the whole file tells. */
typedef struct
{
  gboolean has_task;
  HlTask   task;
  gsize    n_classes;       /* 0 for regression */
  gboolean is_probability;  /* posteriors are probabilities already */
  gboolean is_characters;   /* tokens are single characters, spaces among them */
} NeatvisionTask;

/* hl-neatvision-instance.c. @index_only: steps over the attention. The scanner is at the instance. */
gboolean       hl_neatvision_instance_read  (NeatvisionInstance *self,
                                             HlJsonScanner      *scanner,
                                             gboolean            index_only);
void           hl_neatvision_instance_clear (NeatvisionInstance *self);

/* hl-neatvision-task.c. @instances: of NeatvisionInstance. */
NeatvisionTask hl_neatvision_infer_task     (GArray                    *instances);
/* Fails where label and prediction are none of the classes. NULL without error where the file says nothing. @names
 * (nullable): class → HlClass with name and description. */
gboolean       hl_neatvision_make_prediction (const NeatvisionTask     *task,
                                              const NeatvisionInstance *instance,
                                              guint                     index,
                                              GHashTable               *names,
                                              HlPrediction            **prediction,
                                              GError                  **error);

/* For the list of instances. @class_name: NULL if there is none; @probability: of that class, or NaN; @correct: as in
 * hl_prediction_is_correct(). */
void           hl_neatvision_summarize      (const NeatvisionTask     *task,
                                             const NeatvisionInstance *instance,
                                             GHashTable               *names,
                                             char                    **class_name,
                                             double                   *probability,
                                             int                      *correct);

/* hl-neatvision-labels.c: class + 1 → HlClass, or NULL. */
GHashTable    *hl_neatvision_read_labels    (GBytes                   *bytes,
                                             GError                  **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (NeatvisionInstance, hl_neatvision_instance_clear)

G_END_DECLS
