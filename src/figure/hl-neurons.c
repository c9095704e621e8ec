#include "config.h"

#include "hl-neurons.h"

#include <math.h>
#include <string.h>

static guint *
list_shown (const HlState *state,
            HlSide         side,
            gsize          n,
            gsize         *n_rows,
            int          **row_of)
{
  guint *rows = g_new (guint, n + 1);
  gsize count = 0;

  *row_of = g_new (int, n + 1);

  for (gsize i = 0; i < n; i++)
    {
      gboolean is_shown = side == HL_SIDE_QUERY ? hl_state_shows_query (state, i) : hl_state_shows_key (state, i);

      (*row_of)[i] = is_shown ? (int) count : -1;
      if (is_shown)
        rows[count++] = i;
    }

  *n_rows = count;

  return rows;
}

/* The first pin that is shown; without one, the last query that is. */
static void
choose_query (HlNeurons     *self,
              const HlState *state)
{
  for (guint i = 0; i < state->n_pins; i++)
    {
      const HlPin *pin = &state->pins[i];

      if (pin->side == HL_SIDE_QUERY && pin->token < self->n_queries && self->row_of_query[pin->token] >= 0)
        {
          self->query = pin->token;
          self->has_query = TRUE;
          self->is_pinned = TRUE;
          return;
        }
    }

  if (self->n_query_rows > 0)
    {
      self->query = self->queries[self->n_query_rows - 1];
      self->has_query = TRUE;
    }
}

/* The k-th smallest of @values, which are reordered (Hoare 1961). */
static float
select_kth (float *values,
            gsize  n,
            gsize  k)
{
  gsize low = 0, high = n - 1;

  while (low < high)
    {
      float pivot = values[low + (high - low) / 2];
      gsize i = low, j = high;

      while (i <= j)
        {
          while (values[i] < pivot)
            i++;
          while (values[j] > pivot)
            j--;
          if (i <= j)
            {
              float swap = values[i];

              values[i++] = values[j];
              values[j] = swap;
              if (j == 0)
                break;
              j--;
            }
        }

      if (k <= j && j < high)
        high = j;
      else if (k >= i && i > low)
        low = i;
      else
        break;
    }

  return values[k];
}

/* The limit of a strip's colours: the quantile of |value|, or the largest where that is 0. @magnitudes is used up. */
static double
find_limit (float *magnitudes,
            gsize  n)
{
  gsize n_finite = 0;
  float largest = 0, limit;

  for (gsize i = 0; i < n; i++)
    if (isfinite (magnitudes[i]))
      {
        magnitudes[n_finite++] = magnitudes[i];
        largest = MAX (largest, magnitudes[i]);
      }

  if (!(largest > 0))
    return 1;

  limit = select_kth (magnitudes, n_finite, (gsize) (HL_NEURONS_QUANTILE * (n_finite - 1) + 0.5));

  return limit > 0 ? limit : largest;
}

static void
find_limits (HlNeurons *self)
{
  gsize tokens[HL_N_STRIPS] = { self->n_queries, self->n_keys, self->n_keys, self->n_keys };
  g_autofree float *magnitudes = g_new (float, MAX (self->n_queries, self->n_keys)
                                               * MAX (self->n_neurons, self->n_values) + 1);

  for (HlStrip strip = 0; strip < HL_N_STRIPS; strip++)
    {
      gsize width = hl_neurons_get_width (self, strip);
      gsize n = 0;

      if (strip == HL_STRIP_PRODUCT)
        {
          const float *query = self->vectors[HL_STRIP_QUERY] + self->query * width;

          for (gsize key = 0; self->has_query && key < self->n_keys; key++)
            for (gsize i = 0; !self->masked[key] && i < width; i++)
              magnitudes[n++] = fabsf (query[i] * self->vectors[HL_STRIP_KEY][key * width + i]);
        }
      else
        {
          for (gsize i = 0; i < tokens[strip] * width; i++)
            magnitudes[n++] = fabsf (self->vectors[strip][i]);
        }

      self->limits[strip] = find_limit (magnitudes, n);
    }
}

static void
compute_scores (HlNeurons   *self,
                HlAttention *attention,
                const HlState *state)
{
  gboolean is_causal = hl_attention_is_causal (attention);
  const float *query = self->vectors[HL_STRIP_QUERY] + self->query * self->n_neurons;

  hl_attention_read_row (attention, state->layer, state->head, self->query, self->weights);

  for (gsize key = 0; key < self->n_keys; key++)
    {
      const float *vector = self->vectors[HL_STRIP_KEY] + key * self->n_neurons;
      double dot = 0;

      for (gsize i = 0; i < self->n_neurons; i++)
        dot += (double) query[i] * vector[i];

      self->scores[key] = dot * self->scale;
      self->masked[key] = key > self->query && (is_causal || self->weights[key] == 0);

      if (self->row_of_key[key] < 0)
        self->hidden_weight += self->weights[key];
    }
}

static void
compare_weights (HlNeurons *self)
{
  double largest = -INFINITY, sum = 0;

  for (gsize key = 0; key < self->n_keys; key++)
    if (!self->masked[key])
      largest = MAX (largest, self->scores[key]);

  for (gsize key = 0; key < self->n_keys; key++)
    if (!self->masked[key])
      sum += exp (self->scores[key] - largest);

  for (gsize key = 0; key < self->n_keys; key++)
    {
      double weight = self->masked[key] ? 0 : exp (self->scores[key] - largest) / sum;
      double difference = fabs (weight - self->weights[key]);

      if (!(difference <= self->disagreement))
        self->disagreement = difference;
      if (isnan (difference))
        break;
    }
}

static void
compute_sums (HlNeurons *self)
{
  const float *query = self->vectors[HL_STRIP_QUERY] + self->query * self->n_neurons;

  self->sums[HL_STRIP_KEY] = g_new0 (double, self->n_neurons + 1);
  self->sums[HL_STRIP_PRODUCT] = g_new0 (double, self->n_neurons + 1);
  if (self->n_values > 0)
    self->sums[HL_STRIP_VALUE] = g_new0 (double, self->n_values);

  for (gsize key = 0; key < self->n_keys; key++)
    {
      double weight = self->weights[key];

      /* Padding may hold anything; 0 · ∞ would spoil the sum. */
      if (weight == 0)
        continue;

      for (gsize i = 0; i < self->n_neurons; i++)
        self->sums[HL_STRIP_KEY][i] += weight * self->vectors[HL_STRIP_KEY][key * self->n_neurons + i];
      for (gsize i = 0; i < self->n_values; i++)
        self->sums[HL_STRIP_VALUE][i] += weight * self->vectors[HL_STRIP_VALUE][key * self->n_values + i];

      self->mean_score += weight * self->scores[key];
    }

  for (gsize i = 0; i < self->n_neurons; i++)
    self->sums[HL_STRIP_PRODUCT][i] = query[i] * self->sums[HL_STRIP_KEY][i];
}

static int
compare_contributions (gconstpointer a,
                       gconstpointer b,
                       gpointer      data)
{
  const double *contributions = data;
  guint i = *(const guint *) a, j = *(const guint *) b;

  /* NaN goes last; ties keep their order, so that the result never depends on the sort's way. */
  if (contributions[i] > contributions[j] || (isnan (contributions[j]) && !isnan (contributions[i])))
    return -1;
  if (contributions[i] < contributions[j] || (isnan (contributions[i]) && !isnan (contributions[j])))
    return 1;

  return i < j ? -1 : i > j;
}

static void
order_neurons (HlNeurons *self)
{
  self->neurons = g_new (guint, self->n_neurons + 1);
  self->positions = g_new (guint, self->n_neurons + 1);

  for (gsize i = 0; i < self->n_neurons; i++)
    self->neurons[i] = i;

  if (self->is_sorted)
    g_qsort_with_data (self->neurons, self->n_neurons, sizeof *self->neurons, compare_contributions,
                       self->sums[HL_STRIP_PRODUCT]);

  for (gsize i = 0; i < self->n_neurons; i++)
    self->positions[self->neurons[i]] = i;
}

HlNeurons *
hl_neurons_new (const HlState *state,
                GCancellable  *cancellable)
{
  HlAttention *attention = hl_state_get_attention (state);
  HlProjections *projections = attention != NULL ? hl_attention_get_projections (attention) : NULL;
  g_autoptr (HlNeurons) self = NULL;

  g_return_val_if_fail (projections != NULL, NULL);

  self = g_new0 (HlNeurons, 1);
  self->query_tokens = hl_tokens_ref (hl_attention_get_queries (attention));
  self->key_tokens = hl_tokens_ref (hl_attention_get_keys (attention));
  self->n_queries = hl_attention_get_n_queries (attention);
  self->n_keys = hl_attention_get_n_keys (attention);
  self->queries = list_shown (state, HL_SIDE_QUERY, self->n_queries, &self->n_query_rows, &self->row_of_query);
  self->keys = list_shown (state, HL_SIDE_KEY, self->n_keys, &self->n_key_rows, &self->row_of_key);
  choose_query (self, state);

  self->n_neurons = hl_projections_get_dimension (projections, HL_PROJECTION_QUERY, state->layer);
  self->scale = hl_projections_get_scale (projections, state->layer);

  self->vectors[HL_STRIP_QUERY] = g_new (float, self->n_queries * self->n_neurons + 1);
  hl_projections_read (projections, HL_PROJECTION_QUERY, state->layer, state->head, 0, self->n_queries,
                       self->vectors[HL_STRIP_QUERY]);
  self->vectors[HL_STRIP_KEY] = g_new (float, self->n_keys * self->n_neurons + 1);
  hl_projections_read (projections, HL_PROJECTION_KEY, state->layer, state->head, 0, self->n_keys,
                       self->vectors[HL_STRIP_KEY]);

  if (hl_projections_has (projections, HL_PROJECTION_VALUE))
    {
      self->n_values = hl_projections_get_dimension (projections, HL_PROJECTION_VALUE, state->layer);
      self->vectors[HL_STRIP_VALUE] = g_new (float, self->n_keys * self->n_values + 1);
      hl_projections_read (projections, HL_PROJECTION_VALUE, state->layer, state->head, 0, self->n_keys,
                           self->vectors[HL_STRIP_VALUE]);
    }

  if (g_cancellable_is_cancelled (cancellable))
    return NULL;

  self->scores = g_new0 (double, self->n_keys + 1);
  self->weights = g_new0 (float, self->n_keys + 1);
  self->masked = g_new0 (guint8, self->n_keys + 1);

  if (self->has_query)
    {
      compute_scores (self, attention, state);
      compare_weights (self);
      compute_sums (self);
    }

  self->is_sorted = state->sort_neurons && self->has_query;
  order_neurons (self);
  find_limits (self);

  return g_steal_pointer (&self);
}

void
hl_neurons_free (HlNeurons *self)
{
  if (self == NULL)
    return;

  hl_tokens_unref (self->query_tokens);
  hl_tokens_unref (self->key_tokens);
  g_free (self->queries);
  g_free (self->keys);
  g_free (self->row_of_query);
  g_free (self->row_of_key);
  for (HlStrip strip = 0; strip < HL_N_STRIPS; strip++)
    {
      g_free (self->vectors[strip]);
      g_free (self->sums[strip]);
    }
  g_free (self->scores);
  g_free (self->weights);
  g_free (self->masked);
  g_free (self->neurons);
  g_free (self->positions);
  g_free (self);
}

gsize
hl_neurons_get_width (const HlNeurons *self,
                      HlStrip          strip)
{
  return strip == HL_STRIP_VALUE ? self->n_values : self->n_neurons;
}

double
hl_neurons_get_value (const HlNeurons *self,
                      HlStrip          strip,
                      gsize            token,
                      gsize            neuron)
{
  if (strip == HL_STRIP_PRODUCT)
    {
      if (!self->has_query || self->masked[token])
        return NAN;

      return (double) self->vectors[HL_STRIP_QUERY][self->query * self->n_neurons + neuron]
             * self->vectors[HL_STRIP_KEY][token * self->n_neurons + neuron];
    }

  return self->vectors[strip][token * hl_neurons_get_width (self, strip) + neuron];
}

gsize
hl_neurons_get_position (const HlNeurons *self,
                         HlStrip          strip,
                         gsize            neuron)
{
  return strip == HL_STRIP_VALUE ? neuron : self->positions[neuron];
}

gsize
hl_neurons_get_neuron (const HlNeurons *self,
                       HlStrip          strip,
                       gsize            position)
{
  return strip == HL_STRIP_VALUE ? position : self->neurons[position];
}

gboolean
hl_neurons_is_scaled_by_dimension (const HlNeurons *self)
{
  return fabs (self->scale * sqrt (self->n_neurons) - 1) < 1e-6;
}
