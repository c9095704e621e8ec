#include "config.h"

#include "hl-neurons-figure.h"

#include <glib/gi18n-lib.h>
#include <math.h>

static char *
describe_query (HlNeuronsFigure *self,
                HlElement        element)
{
  HlNeurons *numbers = self->numbers;
  const char *name = hl_tokens_get (numbers->query_tokens, element.i)->surface;
  g_autofree char *value = NULL;

  if (element.kind == HL_COLUMN_QUERY_NAME + 1)
    return g_strdup_printf (numbers->is_pinned && (guint) element.i == numbers->query ? _("query %d “%s”, pinned")
                                                                                      : _("query %d “%s”"),
                            element.i, name);

  value = hl_text_number (hl_neurons_get_value (numbers, HL_STRIP_QUERY, element.i, element.j));

  return g_strdup_printf (_("query %d “%s”, neuron %d: q %s"), element.i, name, element.j, value);
}

static char *
describe_weight (HlNeuronsFigure *self,
                 int              key)
{
  HlNeurons *numbers = self->numbers;
  g_autofree char *score_name = hl_neurons_figure_dup_score_name (self);
  g_autofree char *score = hl_text_number (numbers->scores[key]);
  g_autofree char *weight = hl_text_number (numbers->weights[key]);
  const char *query_name = hl_tokens_get (numbers->query_tokens, numbers->query)->surface;
  const char *key_name = hl_tokens_get (numbers->key_tokens, key)->surface;

  if (numbers->masked[key])
    return g_strdup_printf (_("query %u “%s” → key %d “%s”: masked, the key comes after the query"), numbers->query,
                            query_name, key, key_name);

  return g_strdup_printf (_("query %u “%s” → key %d “%s”: %s = %s; softmax %s"), numbers->query, query_name, key,
                          key_name, score_name, score, weight);
}

static char *
describe_product (HlNeuronsFigure *self,
                  int              key,
                  int              neuron)
{
  HlNeurons *numbers = self->numbers;
  double product = hl_neurons_get_value (numbers, HL_STRIP_PRODUCT, key, neuron);
  g_autofree char *score_name = hl_neurons_figure_dup_score_name (self);
  g_autofree char *q = hl_text_number (hl_neurons_get_value (numbers, HL_STRIP_QUERY, numbers->query, neuron));
  g_autofree char *k = hl_text_number (hl_neurons_get_value (numbers, HL_STRIP_KEY, key, neuron));
  g_autofree char *qk = hl_text_number (product);
  g_autofree char *share = hl_text_number (product * numbers->scale);
  g_autofree char *score = hl_text_number (numbers->scores[key]);
  g_autofree char *weight = hl_text_number (numbers->weights[key]);

  if (numbers->masked[key])
    return describe_weight (self, key);

  return g_strdup_printf (_("key %d “%s”, neuron %d: q %s × k %s = %s; contributes %s to %s = %s; softmax %s"), key,
                          hl_tokens_get (numbers->key_tokens, key)->surface, neuron, q, k, qk, share, score_name,
                          score, weight);
}

static char *
describe_value (HlNeuronsFigure *self,
                int              key,
                int              neuron)
{
  HlNeurons *numbers = self->numbers;
  const char *name = hl_tokens_get (numbers->key_tokens, key)->surface;
  double value = hl_neurons_get_value (numbers, HL_STRIP_VALUE, key, neuron);
  g_autofree char *v = hl_text_number (value);
  g_autofree char *weight = NULL;
  g_autofree char *share = NULL;
  g_autofree char *output = NULL;

  if (!numbers->has_query)
    return g_strdup_printf (_("key %d “%s”, dimension %d: v %s"), key, name, neuron, v);

  weight = hl_text_number (numbers->weights[key]);
  share = hl_text_number (numbers->weights[key] * value);
  output = hl_text_number (numbers->sums[HL_STRIP_VALUE][neuron]);

  return g_strdup_printf (_("key %d “%s”, dimension %d: v %s; with softmax %s it adds %s to the output %s"), key, name,
                          neuron, v, weight, share, output);
}

static char *
describe_sum (HlNeuronsFigure *self,
              HlColumn         column,
              int              neuron)
{
  HlNeurons *numbers = self->numbers;
  int strip = hl_column_get_strip (column);
  g_autofree char *score_name = hl_neurons_figure_dup_score_name (self);
  g_autofree char *sum = NULL;
  g_autofree char *share = NULL;
  g_autofree char *mean = NULL;

  if (strip < 0)
    {
      mean = hl_text_number (numbers->mean_score);
      return g_strdup_printf (_("Σ α · (%s) over all keys: %s"), score_name, mean);
    }

  sum = hl_text_number (numbers->sums[strip][neuron]);
  switch ((HlStrip) strip)
    {
    case HL_STRIP_PRODUCT:
      share = hl_text_number (numbers->sums[strip][neuron] * numbers->scale);
      mean = hl_text_number (numbers->mean_score);
      return g_strdup_printf (_("neuron %d: Σ α·q·k over all keys %s; contributes %s to the mean %s = %s"), neuron, sum,
                              share, score_name, mean);

    case HL_STRIP_VALUE:
      return g_strdup_printf (_("dimension %d: output Σ α·v over all keys %s"), neuron, sum);

    case HL_STRIP_KEY:
    case HL_STRIP_QUERY:
    default:
      return g_strdup_printf (_("neuron %d: Σ α·k over all keys %s"), neuron, sum);
    }
}

char *
hl_neurons_figure_describe (HlFigure  *figure,
                            HlElement  element)
{
  HlNeuronsFigure *self = (HlNeuronsFigure *) figure;
  HlNeurons *numbers = self->numbers;
  g_autofree char *value = NULL;
  HlRect bounds;

  if (!hl_neurons_figure_bounds (figure, element, &bounds))
    return NULL;

  if (element.kind == HL_ELEMENT_SUM)
    return describe_sum (self, element.i, element.j);

  switch ((HlColumn) (element.kind - 1))
    {
    case HL_COLUMN_QUERY_NAME:
    case HL_COLUMN_QUERY:
      return describe_query (self, element);

    case HL_COLUMN_KEY:
      value = hl_text_number (hl_neurons_get_value (numbers, HL_STRIP_KEY, element.i, element.j));
      return g_strdup_printf (_("key %d “%s”, neuron %d: k %s"), element.i,
                              hl_tokens_get (numbers->key_tokens, element.i)->surface, element.j, value);

    case HL_COLUMN_VALUE:
      return describe_value (self, element.i, element.j);

    case HL_COLUMN_PRODUCT:
      if (numbers->has_query)
        return describe_product (self, element.i, element.j);
      break;

    case HL_COLUMN_KEY_NAME:
    case HL_COLUMN_LAST_NAME:
    case HL_COLUMN_SCORE:
    case HL_COLUMN_SOFTMAX:
      if (numbers->has_query)
        return describe_weight (self, element.i);
      break;

    case HL_COLUMN_LINK:
    default:
      return NULL;
    }

  return g_strdup_printf (_("key %d “%s”"), element.i, hl_tokens_get (numbers->key_tokens, element.i)->surface);
}

char *
hl_neurons_figure_summarise (HlFigure *figure)
{
  HlNeuronsFigure *self = (HlNeuronsFigure *) figure;
  HlNeurons *numbers = self->numbers;
  GString *summary = g_string_new (NULL);
  gssize strongest = -1;

  g_string_append_printf (summary, _("%s: %" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " keys."), self->title,
                          numbers->n_key_rows, numbers->n_keys);

  for (gsize row = 0; numbers->has_query && row < numbers->n_key_rows; row++)
    {
      guint key = numbers->keys[row];

      if (!numbers->masked[key] && (strongest < 0 || numbers->weights[key] > numbers->weights[strongest]))
        strongest = key;
    }

  if (strongest >= 0)
    {
      g_autofree char *weight = hl_text_number (numbers->weights[strongest]);

      g_string_append_c (summary, ' ');
      g_string_append_printf (summary, _("The strongest is key %" G_GSSIZE_FORMAT " “%s” with %s."), strongest,
                              hl_tokens_get (numbers->key_tokens, strongest)->surface, weight);
    }

  g_string_append_printf (summary, " %s", self->caption);

  return g_string_free (summary, FALSE);
}

/* A flat table, one line a key that is shown: the query's index and name, the key's, whether it is masked (0 or 1), the
 * score, the softmax weight, then q_i · k_i of each neuron in its original order, before scale: their sum times the
 * scale is the score. Score and products of a masked key are left empty. */
void
hl_neurons_figure_csv (HlFigure *figure,
                       GString  *csv)
{
  HlNeuronsFigure *self = (HlNeuronsFigure *) figure;
  HlNeurons *numbers = self->numbers;

  g_string_append (csv, "query,query token,key,key token,masked,score,softmax");
  for (gsize i = 0; i < numbers->n_neurons; i++)
    g_string_append_printf (csv, ",q%" G_GSIZE_FORMAT "*k%" G_GSIZE_FORMAT, i, i);
  g_string_append_c (csv, '\n');

  for (gsize row = 0; numbers->has_query && row < numbers->n_key_rows; row++)
    {
      guint key = numbers->keys[row];

      hl_csv_append_number (csv, numbers->query, ',');
      hl_csv_append (csv, hl_tokens_get (numbers->query_tokens, numbers->query)->surface, ',');
      hl_csv_append_number (csv, key, ',');
      hl_csv_append (csv, hl_tokens_get (numbers->key_tokens, key)->surface, ',');
      hl_csv_append_number (csv, numbers->masked[key], ',');
      hl_csv_append_number (csv, numbers->masked[key] ? NAN : numbers->scores[key], ',');
      hl_csv_append_number (csv, numbers->weights[key], numbers->n_neurons > 0 ? ',' : '\n');
      for (gsize i = 0; i < numbers->n_neurons; i++)
        hl_csv_append_number (csv, hl_neurons_get_value (numbers, HL_STRIP_PRODUCT, key, i),
                              i + 1 < numbers->n_neurons ? ',' : '\n');
    }
}
