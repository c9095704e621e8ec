#include "config.h"

#include "hl-channel-private.h"

#include <math.h>
#include <string.h>

gboolean
hl_channel_is_on_keys (HlChannel channel)
{
  return channel == HL_CHANNEL_RECEIVED || channel == HL_CHANNEL_FROM_PIN;
}

void
hl_channel_average_columns (HlReadBlock  read,
                            HlAttention *attention,
                            gsize        layer,
                            gsize        head,
                            gsize        n_rows,
                            gsize        n_columns,
                            float       *out)
{
  gsize n_block = CLAMP (HL_BLOCK_WEIGHTS / MAX (n_columns, 1), 1, MAX (n_rows, 1));
  g_autofree float *block = g_new (float, n_block * n_columns);
  g_autofree double *sums = g_new0 (double, n_columns);

  for (gsize row = 0; row < n_rows; row += n_block)
    {
      gsize n = MIN (n_block, n_rows - row);

      read (attention, layer, head, row, n, 0, n_columns, block);

      for (gsize i = 0; i < n; i++)
        for (gsize column = 0; column < n_columns; column++)
          sums[column] += block[i * n_columns + column];
    }

  for (gsize column = 0; column < n_columns; column++)
    out[column] = sums[column] / n_rows;
}

/* α_ii is defined as far as the shorter of the two sequences goes. */
static void
compute_self (HlAttention *attention,
              gsize        layer,
              gsize        head,
              float       *out)
{
  gsize n_queries = hl_attention_get_n_queries (attention);
  gsize n_keys = hl_attention_get_n_keys (attention);

  hl_attention_read_diagonal (attention, layer, head, out);

  for (gsize i = MIN (n_queries, n_keys); i < n_queries; i++)
    out[i] = NAN;
}

void
hl_channel_compute (HlChannel    channel,
                    HlAttention *attention,
                    gsize        layer,
                    gsize        head,
                    const guint *pins,
                    gsize        n_pins,
                    float       *out)
{
  g_autofree float *values = NULL;
  gboolean from;
  gsize n, n_others;

  g_return_if_fail (attention != NULL);
  g_return_if_fail (channel != HL_CHANNEL_OWN);
  g_return_if_fail (pins != NULL || n_pins == 0);

  if (channel == HL_CHANNEL_SELF)
    {
      compute_self (attention, layer, head, out);
      return;
    }

  if (channel == HL_CHANNEL_RECEIVED)
    {
      hl_channel_average_columns (hl_attention_read, attention, layer, head, hl_attention_get_n_queries (attention),
                                  hl_attention_get_n_keys (attention), out);
      return;
    }

  from = channel == HL_CHANNEL_FROM_PIN;
  n = from ? hl_attention_get_n_keys (attention) : hl_attention_get_n_queries (attention);
  n_others = from ? hl_attention_get_n_queries (attention) : hl_attention_get_n_keys (attention);
  memset (out, 0, n * sizeof *out);

  if (n_pins > 0)
    values = g_new (float, n);

  for (gsize i = 0; i < n_pins; i++)
    {
      g_return_if_fail (pins[i] < n_others);

      if (from)
        hl_attention_read_row (attention, layer, head, pins[i], values);
      else
        hl_attention_read_column (attention, layer, head, pins[i], values);

      for (gsize j = 0; j < n; j++)
        out[j] += values[j];
    }
}
