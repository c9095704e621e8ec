#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* What an entry of a dump is. */
typedef enum
{
  /* Tensors, one a layer or all layers in one. */
  HL_DUMP_ATTENTION,
  HL_DUMP_QUERIES,
  HL_DUMP_KEYS,
  HL_DUMP_VALUES,

  /* About the tokens of one attention. */
  HL_DUMP_TOKENS,
  HL_DUMP_LEFT_TOKENS,
  HL_DUMP_RIGHT_TOKENS,
  HL_DUMP_SEGMENTS,
  HL_DUMP_INPUT_IDS,

  /* About one attention. */
  HL_DUMP_KIND,
  HL_DUMP_CAUSAL,
  HL_DUMP_SCALE,
  HL_DUMP_LAYERS,
  HL_DUMP_HEADS,

  /* About one set of scores. */
  HL_DUMP_SCORES,
  HL_DUMP_NAME,
  HL_DUMP_CHANNELS,

  /* About the instance. */
  HL_DUMP_TITLE,
  HL_DUMP_TEXT,
  HL_DUMP_MODEL,
  HL_DUMP_METADATA,
  HL_DUMP_NOTES,
  HL_DUMP_TASK,
  HL_DUMP_PROBABILITIES,
  HL_DUMP_LOGITS,
  HL_DUMP_CLASSES,
  HL_DUMP_LABEL,
  HL_DUMP_PREDICTED_VALUE,
  HL_DUMP_LABEL_VALUE,
  HL_DUMP_PREDICTION_NOTE,

  HL_DUMP_N_FIELDS
} HlDumpField;

/* Whose an entry is, within its instance. */
enum
{
  HL_DUMP_GROUP_NONE,
  HL_DUMP_GROUP_SELF,
  HL_DUMP_GROUP_ENCODER,
  HL_DUMP_GROUP_DECODER,
  HL_DUMP_GROUP_CROSS,
  HL_DUMP_GROUP_PART = 16,             /* + K for “part.K.” */
  HL_DUMP_GROUP_SCORES = 1 << 20,      /* + K for “scores.K” */
};

#define HL_DUMP_MAX_NUMBER 999999

/* Attentions and scores of one instance together, which is searched from its beginning for each of them. */
#define HL_DUMP_MAX_GROUPS 256

/* Where the content of an entry lies decides between the meanings of some names. */
typedef enum
{
  HL_DUMP_TENSOR,
  HL_DUMP_STRINGS,
  HL_DUMP_STRING,
} HlDumpContent;

typedef struct
{
  int         instance; /* -1: not of a certain one */
  guint       group;
  HlDumpField field;
  int         layer;    /* -1: none said */
  gboolean    unnamed;  /* numpy's “arr_0” */
  const char *rest;     /* HL_DUMP_METADATA: the key, within the parsed name */
} HlDumpName;

/* FALSE if a dump has no such names. */
gboolean hl_dump_name_parse (const char    *name,
                             HlDumpContent  content,
                             HlDumpName    *result);

G_END_DECLS
