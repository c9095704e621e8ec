#pragma once

#include "hl-channel.h"

G_BEGIN_DECLS

/* Rows are read in blocks of about this many weights, which stay in the second-level cache until they are used. */
#define HL_BLOCK_WEIGHTS 32768

/* Reads weights [n_rows][n_columns] of one head, by token as hl_attention_read() does or by word as hl_words_read(). */
typedef void (*HlReadBlock)     (HlAttention *attention,
                                 gsize        layer,
                                 gsize        head,
                                 gsize        row,
                                 gsize        n_rows,
                                 gsize        column,
                                 gsize        n_columns,
                                 float       *out);

/* What each column receives on average over all rows. @out: [n_columns]. */
void hl_channel_average_columns (HlReadBlock  read,
                                 HlAttention *attention,
                                 gsize        layer,
                                 gsize        head,
                                 gsize        n_rows,
                                 gsize        n_columns,
                                 float       *out);

G_END_DECLS
