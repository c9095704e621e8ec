#include "config.h"

#include "hl-aggregate.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <stdlib.h>

/* Enough for every head of today's models without touching the heap. */
#define N_BINS_ON_STACK 256

static int
compare_bins (const void *a,
              const void *b)
{
  double x = *(const double *) a;
  double y = *(const double *) b;

  return (x > y) - (x < y);
}

/* AttViz bins the number as the file wrote it, in doubles: 0.29 falls into bin 28, since 100 × 0.29 is a little below 29.
 * Our values are floats; one that is the nearest float to a number of two decimals was such a number in the file, so the
 * double is taken back before it is binned, else 0.01 would fall below its bin. */
static double
find_bin (float value)
{
  double x = value;
  double two_decimals = round (x * 100) / 100;

  if ((float) two_decimals == value)
    x = two_decimals;

  return floor (100 * x);
}

/* The bins are sorted in place, which costs O(m log m) whatever the range of the values. */
static double
compute_entropy (double *bins,
                 gsize   n)
{
  double sum = 0;
  gsize n_distinct = 0;

  qsort (bins, n, sizeof *bins, compare_bins);

  for (gsize first = 0, i = 1; i <= n; i++)
    {
      if (i == n || bins[i] != bins[first])
        {
          double p = (double) (i - first) / n;

          sum -= p * log (p);
          n_distinct++;
          first = i;
        }
    }

  /* All in one bin gives −0 here, which nobody wants to read. */
  return n_distinct > 1 ? sum / n_distinct : 0;
}

static float
compute_token_entropy (const float * const *channels,
                       gsize                n_channels,
                       gsize                token,
                       double              *bins)
{
  for (gsize i = 0; i < n_channels; i++)
    {
      if (isnan (channels[i][token]))
        return NAN;

      bins[i] = find_bin (channels[i][token]);
    }

  return compute_entropy (bins, n_channels);
}

static float
compute_token (HlAggregate          aggregate,
               const float * const *channels,
               gsize                n_channels,
               gsize                token)
{
  double sum = 0;
  double mean, squares = 0;
  float min = INFINITY, max = -INFINITY;

  for (gsize i = 0; i < n_channels; i++)
    {
      float value = channels[i][token];

      if (isnan (value))
        return NAN;

      sum += value;
      min = MIN (min, value);
      max = MAX (max, value);
    }

  mean = sum / n_channels;

  switch (aggregate)
    {
    case HL_AGGREGATE_MEAN:
      return mean;

    case HL_AGGREGATE_STD:
      /* A second pass: the difference of sums would cancel for heads that agree. */
      for (gsize i = 0; i < n_channels; i++)
        squares += (channels[i][token] - mean) * (channels[i][token] - mean);
      return sqrt (squares / n_channels);

    case HL_AGGREGATE_MAX:
      return max;

    case HL_AGGREGATE_MIN:
      return min;

    case HL_AGGREGATE_RANGE:
      return max - min;

    case HL_AGGREGATE_ENTROPY:
    default:
      g_assert_not_reached ();
    }
}

void
hl_aggregate_compute (HlAggregate          aggregate,
                      const float * const *channels,
                      gsize                n_channels,
                      gsize                n_tokens,
                      float               *out)
{
  double bins_on_stack[N_BINS_ON_STACK];
  g_autofree double *bins_on_heap = NULL;
  double *bins = bins_on_stack;

  g_return_if_fail ((guint) aggregate < HL_N_AGGREGATES);
  g_return_if_fail (channels != NULL || n_channels == 0);
  g_return_if_fail (out != NULL || n_tokens == 0);

  if (n_channels > N_BINS_ON_STACK)
    bins = bins_on_heap = g_new (double, n_channels);

  for (gsize token = 0; token < n_tokens; token++)
    {
      if (n_channels == 0)
        out[token] = NAN;
      else if (aggregate == HL_AGGREGATE_ENTROPY)
        out[token] = compute_token_entropy (channels, n_channels, token, bins);
      else
        out[token] = compute_token (aggregate, channels, n_channels, token);
    }
}

const char *
hl_aggregate_get_name (HlAggregate aggregate)
{
  switch (aggregate)
    {
    case HL_AGGREGATE_MEAN:
      return _("Mean");
    case HL_AGGREGATE_STD:
      return _("Standard deviation");
    case HL_AGGREGATE_MAX:
      return _("Maximum");
    case HL_AGGREGATE_MIN:
      return _("Minimum");
    case HL_AGGREGATE_RANGE:
      return _("Maximum − minimum");
    case HL_AGGREGATE_ENTROPY:
      return _("Entropy");
    default:
      g_return_val_if_reached (NULL);
    }
}

const char *
hl_aggregate_get_formula (HlAggregate aggregate)
{
  switch (aggregate)
    {
    case HL_AGGREGATE_MEAN:
      return "(1/m) Σ_i a_ij";
    case HL_AGGREGATE_STD:
      return "√((1/m) Σ_i (a_ij − mean_j)²)";
    case HL_AGGREGATE_MAX:
      return "max_i a_ij";
    case HL_AGGREGATE_MIN:
      return "min_i a_ij";
    case HL_AGGREGATE_RANGE:
      return "max_i a_ij − min_i a_ij";
    case HL_AGGREGATE_ENTROPY:
      return "−Σ_b p_b ln p_b / n, over the n bins b = ⌊100 a_ij⌋ / 100 that occur";
    default:
      g_return_val_if_reached (NULL);
    }
}
