#pragma once

#include "hl-projections.h"
#include "hl-tokens.h"

G_BEGIN_DECLS

/* Whose tokens attend to whose. */
typedef enum
{
  HL_ATTENTION_SELF,    /*< nick=self >*/    /* one stack of layers over one sequence */
  HL_ATTENTION_ENCODER, /*< nick=encoder >*/
  HL_ATTENTION_DECODER, /*< nick=decoder >*/
  HL_ATTENTION_CROSS,   /*< nick=cross >*/   /* queries from the decoder, keys from the encoder */
} HlAttentionKind;

/* The weights α[layer][head][query][key]. Callers read blocks of one head and never learn whether they were stored or
 * are computed. Immutable once shared, reference counted; may be read from any thread. */
typedef struct _HlAttention HlAttention;

/* Stored weights: @layers are tensors [head][query][key]; layers may differ in their number of heads. Fails, naming the
 * layer, when a shape does not fit the tokens. */
HlAttention   *hl_attention_new_dense        (HlAttentionKind   kind,
                                              HlTokens         *queries,
                                              HlTokens         *keys,
                                              HlTensor * const *layers,
                                              gsize             n_layers,
                                              GError          **error) G_GNUC_WARN_UNUSED_RESULT;

/* Weights computed on demand: softmax over keys of q·k·scale, keys after the query left out if @causal. */
HlAttention   *hl_attention_new_projected    (HlAttentionKind   kind,
                                              HlTokens         *queries,
                                              HlTokens         *keys,
                                              HlProjections    *projections,
                                              gboolean          causal,
                                              GError          **error) G_GNUC_WARN_UNUSED_RESULT;
HlAttention   *hl_attention_ref              (HlAttention      *self);
void           hl_attention_unref            (HlAttention      *self);

HlAttentionKind hl_attention_get_kind        (HlAttention      *self);
HlTokens      *hl_attention_get_queries      (HlAttention      *self); /* (transfer none) */
HlTokens      *hl_attention_get_keys         (HlAttention      *self); /* (transfer none) */
gsize          hl_attention_get_n_layers     (HlAttention      *self);
gsize          hl_attention_get_n_heads      (HlAttention      *self,
                                              gsize             layer);
gsize          hl_attention_get_max_heads    (HlAttention      *self); /* over all layers */
gsize          hl_attention_get_n_queries    (HlAttention      *self);
gsize          hl_attention_get_n_keys       (HlAttention      *self);

/* TRUE if no query attends to a key after it: declared by the file, or seen in the stored weights of the first layer. */
gboolean       hl_attention_is_causal        (HlAttention      *self);

/* A dump may hold only some layers and heads of the model: these are the numbers they have there, from 0. Without a
 * table, number = index. Setters copy; only before the attention is shared. */
void           hl_attention_set_layer_numbers (HlAttention     *self,
                                               const guint     *numbers);  /* [layer] */
void           hl_attention_set_head_numbers (HlAttention      *self,
                                              const guint      *numbers);  /* [max_heads] */
guint          hl_attention_get_layer_number (HlAttention      *self,
                                              gsize             layer);
guint          hl_attention_get_head_number  (HlAttention      *self,
                                              gsize             head);

/* The stored weights [head][query][key] of a layer as they are stored, for saving: (nullable) (transfer none). */
HlTensor      *hl_attention_get_stored       (HlAttention      *self,
                                              gsize             layer);

/* Queries, keys and values behind the weights, if known: (nullable) (transfer none). The setter is for stored weights
 * that came with them; fails if shapes do not fit. */
HlProjections *hl_attention_get_projections  (HlAttention      *self);
gboolean       hl_attention_set_projections  (HlAttention      *self,
                                              HlProjections    *projections,
                                              GError          **error);

/* Reads the block of queries [query, query + n_queries) × keys [key, key + n_keys) of one head;
 * out: [n_queries][n_keys]. */
void           hl_attention_read             (HlAttention      *self,
                                              gsize             layer,
                                              gsize             head,
                                              gsize             query,
                                              gsize             n_queries,
                                              gsize             key,
                                              gsize             n_keys,
                                              float            *out);

/* One row or column. */
void           hl_attention_read_row         (HlAttention      *self,
                                              gsize             layer,
                                              gsize             head,
                                              gsize             query,
                                              float            *out);  /* [key] */
void           hl_attention_read_column      (HlAttention      *self,
                                              gsize             layer,
                                              gsize             head,
                                              gsize             key,
                                              float            *out);  /* [query] */
void           hl_attention_read_diagonal    (HlAttention      *self,
                                              gsize             layer,
                                              gsize             head,
                                              float            *out);  /* [min (query, key)] */

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HlAttention, hl_attention_unref)

G_END_DECLS
