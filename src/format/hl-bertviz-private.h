#pragma once

/* What the parts of the BertViz reader share: hl-bertviz.c finds params objects in a file, hl-bertviz-params.c reads one
 * of them, hl-bertviz-resolve.c makes sense of it, hl-bertviz-instance.c describes and decodes what came out. The layout
 * is described in hl-bertviz.c. */

#include "hl-json-scanner.h"
#include "hl-trace.h"

G_BEGIN_DECLS

typedef enum
{
  HL_BERTVIZ_VIEW_UNKNOWN, /* before 2021 nothing tells the head from the model view */
  HL_BERTVIZ_VIEW_HEAD,
  HL_BERTVIZ_VIEW_MODEL,
  HL_BERTVIZ_VIEW_NEURON,
} HlBertvizView;

/* Strings of one side. */
typedef struct
{
  const char *key;       /* "left_text", as the file calls it; NULL: not there */
  gsize       position;
  GPtrArray  *strings;   /* (nullable) */
} HlBertvizText;

typedef struct
{
  const char *key;       /* "attn", as the file calls it; NULL: not there */
  HlJsonArray array;
} HlBertvizMatrix;

/* One matrix with its tokens, as it stands in the file. */
typedef struct
{
  char           *name;     /* "all", "Encoder" (nullable) */
  char           *path;     /* "attention.all" for messages; may be empty */
  gsize           position;
  HlBertvizText   left;     /* queries */
  HlBertvizText   right;    /* keys */
  HlBertvizMatrix attn;     /* [layer][head][left][right] */
  HlBertvizMatrix queries;  /* [layer][head][left][dimension] */
  HlBertvizMatrix keys;     /* [layer][head][right][dimension] */
} HlBertvizBlock;

typedef struct
{
  gsize           position;
  gsize           end;
  GPtrArray      *blocks;         /* of HlBertvizBlock */
  gboolean        is_list;        /* of named parts, not a dictionary by filter */
  HlBertvizView   view;
  int             bidirectional;  /* -1: not said */
  GArray         *layer;          /* of guint, as are the others (nullable) */
  GArray         *heads;
  GArray         *include_layers;
  GArray         *include_heads;
} HlBertvizParams;

/* Reads the object at the cursor, but no number of its matrices. *@recognised is set as soon as a key is met that only
 * BertViz has: then what fails later is a damaged dump, else it is something else. */
HlBertvizParams   *hl_bertviz_params_parse   (HlJsonScanner         *scanner,
                                              gboolean              *recognised);
void               hl_bertviz_params_free    (HlBertvizParams       *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HlBertvizParams, hl_bertviz_params_free)

/* One attention of the trace to be. */
typedef struct
{
  HlAttentionKind kind;
  char           *path;
  HlTokens       *left;     /* queries */
  HlTokens       *right;    /* keys */
  HlBertvizMatrix attn;
  HlBertvizMatrix queries;
  HlBertvizMatrix keys;
} HlBertvizPart;

/* One params object, checked: what to decode and what to make of it. */
typedef struct
{
  char         *source;
  gsize         end;            /* of the object in the text */
  GPtrArray    *parts;          /* of HlBertvizPart */
  GPtrArray    *notes;          /* of strings */
  HlBertvizView view;
  int           bidirectional;
  GArray       *layer;          /* of guint, as are the others (nullable) */
  GArray       *heads;
  GArray       *include_layers;
  GArray       *include_heads;
} HlBertvizInstance;

void               hl_bertviz_part_free      (HlBertvizPart         *self);

/* "attention.all.attn" */
char              *hl_bertviz_join_path     (const char            *path,
                                              const char            *key);

/* Checks that sizes fit together. @source: what the text is in messages. */
HlBertvizInstance *hl_bertviz_instance_new   (HlBertvizParams       *params,
                                              const char            *source,
                                              GError               **error);
void               hl_bertviz_instance_free  (HlBertvizInstance     *self);

/* "head view", "model view" … */
const char        *hl_bertviz_instance_get_view (HlBertvizInstance  *self);
char              *hl_bertviz_instance_describe (HlBertvizInstance  *self);  /* "12 layers × 12 heads · 17 tokens" */
char              *hl_bertviz_instance_dup_text (HlBertvizInstance  *self);
gsize              hl_bertviz_instance_get_n_tokens (HlBertvizInstance *self);

/* @text is what the params object was found in. */
HlTrace           *hl_bertviz_instance_load  (HlBertvizInstance     *self,
                                              GBytes                *text,
                                              const char            *title,
                                              GCancellable          *cancellable,
                                              GError               **error);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HlBertvizInstance, hl_bertviz_instance_free)

G_END_DECLS
