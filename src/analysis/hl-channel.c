#include "config.h"

#include "hl-channel.h"

#include <math.h>
#include <string.h>

/* Rows are read in blocks of about this many weights, which stay in the second-level cache until they are used. */
#define BLOCK_WEIGHTS 32768

gboolean
hl_channel_is_on_keys (HlChannel channel)
{
  return channel == HL_CHANNEL_RECEIVED || channel == HL_CHANNEL_FROM_PIN;
}

static void
compute_received (HlAttention *attention,
                  gsize        layer,
                  gsize        head,
                  float       *out)
{
  gsize n_queries = hl_attention_get_n_queries (attention);
  gsize n_keys = hl_attention_get_n_keys (attention);
  gsize n_rows = CLAMP (BLOCK_WEIGHTS / MAX (n_keys, 1), 1, MAX (n_queries, 1));
  g_autofree float *block = g_new (float, n_rows * n_keys);
  g_autofree double *sums = g_new0 (double, n_keys);

  for (gsize query = 0; query < n_queries; query += n_rows)
    {
      gsize n = MIN (n_rows, n_queries - query);

      hl_attention_read (attention, layer, head, query, n, 0, n_keys, block);

      for (gsize i = 0; i < n; i++)
        for (gsize key = 0; key < n_keys; key++)
          sums[key] += block[i * n_keys + key];
    }

  for (gsize key = 0; key < n_keys; key++)
    out[key] = sums[key] / n_queries;
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
      compute_received (attention, layer, head, out);
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
