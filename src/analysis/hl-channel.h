#pragma once

#include "hl-attention.h"

G_BEGIN_DECLS

/* One number a token, out of one head's matrix. */
typedef enum
{
  HL_CHANNEL_SELF,     /*< nick=self >*/     /* α_ii, on query tokens: what AttViz calls self-attention; NaN where i is
                                                 * not a key */
  HL_CHANNEL_RECEIVED, /*< nick=received >*/ /* (1/n) Σ_i α_ij, on key tokens */
  HL_CHANNEL_FROM_PIN, /*< nick=from >*/     /* Σ over pinned queries p of α_pj, on key tokens */
  HL_CHANNEL_TO_PIN,   /*< nick=to >*/       /* Σ over pinned keys p of α_ip, on query tokens */
  HL_CHANNEL_OWN,      /*< nick=own >*/      /* the file's own channels (HlScores), not derived */
} HlChannel;

/* TRUE if the channel's values belong to key tokens, FALSE for query tokens. */
gboolean hl_channel_is_on_keys (HlChannel     channel);

/* @pins: the pinned tokens of the side the channel asks for, may be empty (all zero then). out: [key] or [query].
 * Not for HL_CHANNEL_OWN. */
void     hl_channel_compute    (HlChannel     channel,
                                HlAttention  *attention,
                                gsize         layer,
                                gsize         head,
                                const guint  *pins,
                                gsize         n_pins,
                                float        *out);

G_END_DECLS
