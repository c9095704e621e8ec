#pragma once

#include "hl-format.h"
#include "hl-json-values.h"
#include "hl-trace.h"

G_BEGIN_DECLS

/* An instance of an AttViz file as it is written there, before anything is made of it. Empty strings are NULL. */
typedef struct
{
  char    *name;       /* (nullable) */
  gboolean is_numbered; /* the name is a number, as the exporter writes it */
  GArray  *values;     /* of float; NaN for what is no number */
  gsize    n_odd;      /* how many are no number */
  gint32   colour;     /* 0xRRGGBB, -1 for none */
  gboolean visible;
} AttvizVector;

typedef struct
{
  char      *name;     /* (nullable) */
  gboolean   visible;
  GPtrArray *tokens;   /* (nullable) of strings; stays empty when only indexed */
  gsize      n_tokens;
  GPtrArray *vectors;  /* (nullable) of AttvizVector; NULL when only indexed */
} AttvizSet;

typedef struct
{
  char  *name;         /* (nullable) */
  double value;
} AttvizActivation;

typedef struct
{
  gsize      position;    /* of its first byte in the file */
  char      *name;        /* (nullable) */
  char      *text;        /* (nullable) */
  GPtrArray *sets;        /* of AttvizSet */
  GArray    *activations; /* of AttvizActivation */
  gint64     highlighted_set;    /* -1 for none */
  gint64     highlighted_vector;
} AttvizInstance;

void          hl_attviz_instance_clear   (AttvizInstance *self);
/* @index_only: steps over tokens and vectors, but counts tokens. The scanner is at the instance. */
gboolean      hl_attviz_instance_read    (AttvizInstance *self,
                                          HlJsonScanner  *scanner,
                                          gboolean        index_only);

HlPrediction *hl_attviz_make_prediction  (AttvizInstance *self);  /* (nullable) */
HlTrace      *hl_attviz_make_trace       (AttvizInstance  *self,
                                          guint            index,
                                          const char      *title,
                                          GError         **error);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (AttvizInstance, hl_attviz_instance_clear)

G_END_DECLS
