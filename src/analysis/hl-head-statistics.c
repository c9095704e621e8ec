#include "config.h"

#include "hl-head-statistics.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define BLOCK_WEIGHTS 32768

/* Partial sums of a row: as many as make independent chains for vector code. */
#define N_LANES 8

/* −α ln α to seven digits. ln(m · 2^e) = e ln 2 + 2 artanh(s) with s = (m − 1)/(m + 1); m lies in [√½, √2), so |s| < 0.172
 * and four terms of the series leave 1e-8. No branches, so that the loop over a row becomes vector code; α ≤ 0 and NaN
 * give 0. */
static inline float
compute_surprise (float weight)
{
  float safe = weight > 1e-30f ? weight : 1.0f;
  gint32 bits, exponent;
  float m, s, s2;

  memcpy (&bits, &safe, sizeof bits);
  exponent = (bits - 0x3f3504f3) >> 23;
  bits -= exponent * (1 << 23);
  memcpy (&m, &bits, sizeof m);

  s = (m - 1) / (m + 1);
  s2 = s * s;

  return -safe * (exponent * 0.69314718f
                  + 2 * s * (1 + s2 * (1 / 3.0f + s2 * (1 / 5.0f + s2 * (1 / 7.0f + s2 * (1 / 9.0f))))));
}

typedef struct
{
  double sum;      /* Σ α_j */
  double moment;   /* Σ α_j |i − j| */
  double entropy;  /* Σ −α_j ln α_j */
  float  maximum;
} Row;

static void
measure_lanes (const float *weights,
               gsize        first,
               gsize        query,
               gsize        n,
               float       *sums,
               float       *moments,
               float       *entropies,
               float       *maxima)
{
  for (gsize lane = 0; lane < n; lane++)
    {
      float weight = weights[lane] > 0 ? weights[lane] : 0.0f;
      float distance = fabsf ((float) (gint32) (first + lane) - (float) (gint32) query);

      sums[lane] += weight;
      moments[lane] += weight * distance;
      entropies[lane] += compute_surprise (weight);
      maxima[lane] = weight > maxima[lane] ? weight : maxima[lane];
    }
}

/* Floats gather at most CHUNK / N_LANES terms before they go into doubles, which bounds the rounding at 1e-6 however
 * long the row is. */
#define CHUNK 256

static Row
measure_row (const float *weights,
             gsize        n,
             gsize        query)
{
  Row row = { 0, };

  for (gsize chunk = 0; chunk < n; chunk += CHUNK)
    {
      float sums[N_LANES] = { 0, }, moments[N_LANES] = { 0, }, entropies[N_LANES] = { 0, }, maxima[N_LANES] = { 0, };
      gsize end = MIN (chunk + CHUNK, n);
      gsize key = chunk;

      for (; key + N_LANES <= end; key += N_LANES)
        measure_lanes (weights + key, key, query, N_LANES, sums, moments, entropies, maxima);
      measure_lanes (weights + key, key, query, end - key, sums, moments, entropies, maxima);

      for (gsize lane = 0; lane < N_LANES; lane++)
        {
          row.sum += sums[lane];
          row.moment += moments[lane];
          row.entropy += entropies[lane];
          row.maximum = MAX (row.maximum, maxima[lane]);
        }
    }

  return row;
}

static inline double
get_weight (const float *weights,
            gsize        index)
{
  return weights[index] > 0 ? weights[index] : 0;
}

void
hl_head_statistics_compute (HlAttention *attention,
                            gsize        layer,
                            gsize        head,
                            double       out[HL_N_HEAD_STATISTICS])
{
  g_autofree float *block = NULL;
  g_autoptr (GArray) special = NULL;
  HlTokens *keys;
  gsize n_queries, n_keys, n_block;
  double sum = 0;

  g_return_if_fail (attention != NULL);
  g_return_if_fail (out != NULL);

  n_queries = hl_attention_get_n_queries (attention);
  n_keys = hl_attention_get_n_keys (attention);
  n_block = CLAMP (BLOCK_WEIGHTS / MAX (n_keys, 1), 1, MAX (n_queries, 1));
  block = g_new (float, n_block * n_keys);
  memset (out, 0, HL_N_HEAD_STATISTICS * sizeof *out);

  keys = hl_attention_get_keys (attention);
  special = g_array_new (FALSE, FALSE, sizeof (gsize));
  for (gsize key = 0; key < n_keys; key++)
    if (hl_tokens_get (keys, key)->special)
      g_array_append_val (special, key);

  for (gsize query = 0; query < n_queries; query++)
    {
      const float *weights = block + query % n_block * n_keys;
      Row row;

      if (query % n_block == 0)
        hl_attention_read (attention, layer, head, query, MIN (n_block, n_queries - query), 0, n_keys, block);

      row = measure_row (weights, n_keys, query);
      sum += row.sum;
      out[HL_HEAD_STATISTIC_ENTROPY] += row.entropy;
      out[HL_HEAD_STATISTIC_DISTANCE] += row.moment;
      out[HL_HEAD_STATISTIC_MAXIMUM] = MAX (out[HL_HEAD_STATISTIC_MAXIMUM], row.maximum);

      if (n_keys > 0)
        out[HL_HEAD_STATISTIC_FIRST] += get_weight (weights, 0);
      if (query > 0 && query - 1 < n_keys)
        out[HL_HEAD_STATISTIC_PREVIOUS] += get_weight (weights, query - 1);
      if (query < n_keys)
        out[HL_HEAD_STATISTIC_SELF] += get_weight (weights, query);
      if (query + 1 < n_keys)
        out[HL_HEAD_STATISTIC_NEXT] += get_weight (weights, query + 1);
      for (guint i = 0; i < special->len; i++)
        out[HL_HEAD_STATISTIC_SPECIAL] += get_weight (weights, g_array_index (special, gsize, i));
    }

  out[HL_HEAD_STATISTIC_ENTROPY] /= n_queries;
  for (HlHeadStatistic statistic = HL_HEAD_STATISTIC_DISTANCE; statistic <= HL_HEAD_STATISTIC_SPECIAL; statistic++)
    out[statistic] = sum > 0 ? out[statistic] / sum : NAN;

  if (hl_attention_get_kind (attention) == HL_ATTENTION_CROSS)
    {
      out[HL_HEAD_STATISTIC_DISTANCE] = NAN;
      out[HL_HEAD_STATISTIC_PREVIOUS] = NAN;
      out[HL_HEAD_STATISTIC_NEXT] = NAN;
      out[HL_HEAD_STATISTIC_SELF] = NAN;
    }
}

const char *
hl_head_statistic_get_name (HlHeadStatistic statistic)
{
  switch (statistic)
    {
    case HL_HEAD_STATISTIC_ENTROPY:
      return _("Mean entropy");
    case HL_HEAD_STATISTIC_DISTANCE:
      return _("Mean distance");
    case HL_HEAD_STATISTIC_FIRST:
      return _("Share to the first token");
    case HL_HEAD_STATISTIC_PREVIOUS:
      return _("Share to the previous token");
    case HL_HEAD_STATISTIC_NEXT:
      return _("Share to the next token");
    case HL_HEAD_STATISTIC_SELF:
      return _("Share to the token itself");
    case HL_HEAD_STATISTIC_SPECIAL:
      return _("Share to special tokens");
    case HL_HEAD_STATISTIC_MAXIMUM:
      return _("Largest weight");
    default:
      g_return_val_if_reached (NULL);
    }
}

const char *
hl_head_statistic_get_formula (HlHeadStatistic statistic)
{
  switch (statistic)
    {
    case HL_HEAD_STATISTIC_ENTROPY:
      return "(1/n) Σ_ij −α_ij ln α_ij";
    case HL_HEAD_STATISTIC_DISTANCE:
      return "Σ_ij α_ij |i − j| / Σ_ij α_ij";
    case HL_HEAD_STATISTIC_FIRST:
      return "Σ_i α_i0 / Σ_ij α_ij";
    case HL_HEAD_STATISTIC_PREVIOUS:
      return "Σ_i α_i,i−1 / Σ_ij α_ij";
    case HL_HEAD_STATISTIC_NEXT:
      return "Σ_i α_i,i+1 / Σ_ij α_ij";
    case HL_HEAD_STATISTIC_SELF:
      return "Σ_i α_ii / Σ_ij α_ij";
    case HL_HEAD_STATISTIC_SPECIAL:
      return "Σ_i Σ_{j special} α_ij / Σ_ij α_ij";
    case HL_HEAD_STATISTIC_MAXIMUM:
      return "max_ij α_ij";
    default:
      g_return_val_if_reached (NULL);
    }
}
