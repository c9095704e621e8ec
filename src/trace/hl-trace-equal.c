#include "hl-trace.h"

#include <math.h>
#include <string.h>

/* Bits, so that 0 and −0 differ; but one NaN is as good as another. */
static gboolean
floats_equal (const float *a,
              const float *b,
              gsize        n)
{
  if (memcmp (a, b, n * sizeof *a) == 0)
    return TRUE;

  for (gsize i = 0; i < n; i++)
    if (memcmp (&a[i], &b[i], sizeof *a) != 0 && !(isnan (a[i]) && isnan (b[i])))
      return FALSE;

  return TRUE;
}

static gboolean
doubles_equal (double a,
               double b)
{
  return a == b || (isnan (a) && isnan (b));
}

static gboolean
tensors_equal (HlTensor *a,
               HlTensor *b)
{
  float x[4096], y[4096];
  gsize n;

  if (a == NULL || b == NULL)
    return a == b;

  if (hl_tensor_get_rank (a) != hl_tensor_get_rank (b))
    return FALSE;

  for (guint axis = 0; axis < hl_tensor_get_rank (a); axis++)
    if (hl_tensor_get_dim (a, axis) != hl_tensor_get_dim (b, axis))
      return FALSE;

  n = hl_tensor_get_n_elements (a);

  for (gsize first = 0; first < n; first += G_N_ELEMENTS (x))
    {
      gsize count = MIN (G_N_ELEMENTS (x), n - first);

      hl_tensor_read_f32 (a, first, count, x);
      hl_tensor_read_f32 (b, first, count, y);

      if (!floats_equal (x, y, count))
        return FALSE;
    }

  return TRUE;
}

static gboolean
projections_equal (HlProjections *a,
                   HlProjections *b)
{
  if (a == NULL || b == NULL)
    return a == b;

  if (hl_projections_get_n_layers (a) != hl_projections_get_n_layers (b))
    return FALSE;

  for (HlProjection which = HL_PROJECTION_QUERY; which <= HL_PROJECTION_VALUE; which++)
    {
      if (hl_projections_has (a, which) != hl_projections_has (b, which))
        return FALSE;

      for (gsize layer = 0; hl_projections_has (a, which) && layer < hl_projections_get_n_layers (a); layer++)
        if (!tensors_equal (hl_projections_get_tensor (a, which, layer), hl_projections_get_tensor (b, which, layer)))
          return FALSE;
    }

  for (gsize layer = 0; layer < hl_projections_get_n_layers (a); layer++)
    if (!doubles_equal (hl_projections_get_scale (a, layer), hl_projections_get_scale (b, layer)))
      return FALSE;

  return TRUE;
}

static gboolean
attentions_equal (HlAttention *a,
                  HlAttention *b)
{
  if (hl_attention_get_kind (a) != hl_attention_get_kind (b) ||
      hl_attention_is_causal (a) != hl_attention_is_causal (b) ||
      hl_attention_get_n_layers (a) != hl_attention_get_n_layers (b) ||
      hl_attention_get_max_heads (a) != hl_attention_get_max_heads (b) ||
      !hl_tokens_equal (hl_attention_get_queries (a), hl_attention_get_queries (b)) ||
      !hl_tokens_equal (hl_attention_get_keys (a), hl_attention_get_keys (b)) ||
      !projections_equal (hl_attention_get_projections (a), hl_attention_get_projections (b)))
    return FALSE;

  for (gsize layer = 0; layer < hl_attention_get_n_layers (a); layer++)
    if (hl_attention_get_n_heads (a, layer) != hl_attention_get_n_heads (b, layer) ||
        hl_attention_get_layer_number (a, layer) != hl_attention_get_layer_number (b, layer) ||
        !tensors_equal (hl_attention_get_stored (a, layer), hl_attention_get_stored (b, layer)))
      return FALSE;

  for (gsize head = 0; head < hl_attention_get_max_heads (a); head++)
    if (hl_attention_get_head_number (a, head) != hl_attention_get_head_number (b, head))
      return FALSE;

  return TRUE;
}

static gboolean
scores_equal (HlScores *a,
              HlScores *b)
{
  gsize n_tokens = hl_tokens_get_length (hl_scores_get_tokens (a));

  if (g_strcmp0 (hl_scores_get_name (a), hl_scores_get_name (b)) != 0 ||
      hl_scores_get_n_channels (a) != hl_scores_get_n_channels (b) ||
      !hl_tokens_equal (hl_scores_get_tokens (a), hl_scores_get_tokens (b)))
    return FALSE;

  for (gsize channel = 0; channel < hl_scores_get_n_channels (a); channel++)
    if (g_strcmp0 (hl_scores_get_channel_name (a, channel), hl_scores_get_channel_name (b, channel)) != 0 ||
        hl_scores_get_colour (a, channel) != hl_scores_get_colour (b, channel) ||
        hl_scores_is_visible (a, channel) != hl_scores_is_visible (b, channel) ||
        !floats_equal (hl_scores_get_values (a, channel), hl_scores_get_values (b, channel), n_tokens))
      return FALSE;

  return TRUE;
}

static gboolean
predictions_equal (HlPrediction *a,
                   HlPrediction *b)
{
  if (a == NULL || b == NULL)
    return a == b;

  if (hl_prediction_get_task (a) != hl_prediction_get_task (b) ||
      hl_prediction_get_n_classes (a) != hl_prediction_get_n_classes (b) ||
      !doubles_equal (hl_prediction_get_predicted_value (a), hl_prediction_get_predicted_value (b)) ||
      !doubles_equal (hl_prediction_get_label_value (a), hl_prediction_get_label_value (b)) ||
      g_strcmp0 (hl_prediction_get_note (a), hl_prediction_get_note (b)) != 0)
    return FALSE;

  for (gsize i = 0; i < hl_prediction_get_n_classes (a); i++)
    {
      const HlClass *x = hl_prediction_get_class (a, i);
      const HlClass *y = hl_prediction_get_class (b, i);

      if (strcmp (x->name, y->name) != 0 || g_strcmp0 (x->description, y->description) != 0 ||
          !doubles_equal (x->probability, y->probability) || !x->predicted != !y->predicted ||
          !x->labelled != !y->labelled)
        return FALSE;
    }

  return TRUE;
}

static gboolean
metadata_equal (HlTrace *a,
                HlTrace *b)
{
  g_autofree const char **keys = hl_trace_get_metadata_keys (a);
  g_autofree const char **other_keys = hl_trace_get_metadata_keys (b);

  if (!g_strv_equal (keys, other_keys))
    return FALSE;

  for (gsize i = 0; keys[i] != NULL; i++)
    if (strcmp (hl_trace_get_metadata (a, keys[i]), hl_trace_get_metadata (b, keys[i])) != 0)
      return FALSE;

  return TRUE;
}

gboolean
hl_trace_equal (HlTrace *self,
                HlTrace *other)
{
  if (self == other)
    return TRUE;

  if (g_strcmp0 (hl_trace_get_title (self), hl_trace_get_title (other)) != 0 ||
      g_strcmp0 (hl_trace_get_text (self), hl_trace_get_text (other)) != 0 ||
      hl_trace_get_n_attentions (self) != hl_trace_get_n_attentions (other) ||
      hl_trace_get_n_scores (self) != hl_trace_get_n_scores (other) ||
      !predictions_equal (hl_trace_get_prediction (self), hl_trace_get_prediction (other)) ||
      !g_strv_equal (hl_trace_get_notes (self), hl_trace_get_notes (other)) || !metadata_equal (self, other))
    return FALSE;

  for (gsize i = 0; i < hl_trace_get_n_attentions (self); i++)
    if (!attentions_equal (hl_trace_get_attention (self, i), hl_trace_get_attention (other, i)))
      return FALSE;

  for (gsize i = 0; i < hl_trace_get_n_scores (self); i++)
    if (!scores_equal (hl_trace_get_scores (self, i), hl_trace_get_scores (other, i)))
      return FALSE;

  return TRUE;
}
