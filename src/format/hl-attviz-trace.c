/* Makes a trace of what hl-attviz-instance.c read: what can be shown, and a note on everything else. */

#include "hl-attviz-private.h"

#include <math.h>
#include <string.h>

/* Names that a note spells out before it only counts. */
#define MAX_NAMES 6

/* "“0”, “1” and “2”" */
typedef struct
{
  GString *text;
  guint    n;
  guint    n_all;
} Names;

static void
names_add (Names      *self,
           guint       n_all,
           const char *name,
           const char *remark) /* (nullable) */
{
  guint n_shown = MIN (n_all, MAX_NAMES);

  if (self->text == NULL)
    self->text = g_string_new (NULL);
  self->n++;
  self->n_all = n_all;
  if (self->n > n_shown)
    return;

  if (self->n > 1)
    g_string_append (self->text, self->n == n_all ? " and " : ", ");
  g_string_append_printf (self->text, "“%s”", name);
  if (remark != NULL)
    g_string_append_printf (self->text, " (%s)", remark);
  if (self->n == n_shown && n_all > n_shown)
    g_string_append_printf (self->text, " and %u more", n_all - n_shown);
}

static char *
names_end (Names *self)
{
  return g_string_free (g_steal_pointer (&self->text), FALSE);
}

/* AttViz calls the aggregates that it adds to a set “<set>_<type>”. */
static gboolean
is_aggregate (const AttvizVector *vector)
{
  static const char * const suffixes[] = { "_mean", "_std", "_max", "_min", "_max_min", "_entropy" };

  if (vector->name == NULL)
    return FALSE;

  for (gsize i = 0; i < G_N_ELEMENTS (suffixes); i++)
    if (g_str_has_suffix (vector->name, suffixes[i]) && strlen (vector->name) > strlen (suffixes[i]))
      return TRUE;

  return FALSE;
}

static inline AttvizVector *
get_vector (const AttvizSet *set,
            guint            index)
{
  return g_ptr_array_index (set->vectors, index);
}

static char *
get_vector_name (const AttvizSet *set,
                 guint            index)
{
  const char *name = get_vector (set, index)->name;

  return name != NULL ? g_strdup (name) : g_strdup_printf ("attention_vectors_%u", index);
}

static gboolean
is_usable (const AttvizSet *set,
           guint            index)
{
  const AttvizVector *vector = get_vector (set, index);

  return vector->values->len == set->n_tokens && vector->n_odd < set->n_tokens;
}

/* AttViz drops these without a word. */
static void
note_dropped (HlTrace         *trace,
              const AttvizSet *set,
              const char      *set_name)
{
  Names names = { NULL, };
  guint n_dropped = 0;
  g_autofree char *list = NULL;

  for (guint i = 0; i < set->vectors->len; i++)
    n_dropped += !is_usable (set, i);
  if (n_dropped == 0)
    return;

  for (guint i = 0; i < set->vectors->len; i++)
    {
      const AttvizVector *vector = get_vector (set, i);
      g_autofree char *name = get_vector_name (set, i);
      g_autofree char *remark = NULL;

      if (is_usable (set, i))
        continue;

      if (vector->values->len != set->n_tokens)
        remark = g_strdup_printf ("%u values", vector->values->len);
      else
        remark = g_strdup ("no numbers");
      names_add (&names, n_dropped, name, remark);
    }

  list = names_end (&names);
  hl_trace_add_note_printf (trace,
                            "%s %s of “%s” %s left out: each needs a number for each of the %" G_GSIZE_FORMAT " "
                            "tokens.",
                            n_dropped == 1 ? "Vector" : "Vectors", list, set_name, n_dropped == 1 ? "was" : "were",
                            set->n_tokens);
}

static void
note_aggregates (HlTrace         *trace,
                 const AttvizSet *set,
                 const char      *set_name)
{
  Names names = { NULL, };
  guint n_aggregates = 0;
  g_autofree char *list = NULL;

  for (guint i = 0; i < set->vectors->len; i++)
    n_aggregates += is_usable (set, i) && is_aggregate (get_vector (set, i));
  if (n_aggregates == 0)
    return;

  for (guint i = 0; i < set->vectors->len; i++)
    if (is_usable (set, i) && is_aggregate (get_vector (set, i)))
      names_add (&names, n_aggregates, get_vector (set, i)->name, NULL);

  list = names_end (&names);
  if (n_aggregates == 1)
    hl_trace_add_note_printf (trace,
                              "%s of “%s” is an aggregate that AttViz added to the file; it is shown, but not "
                              "aggregated again.",
                              list, set_name);
  else
    hl_trace_add_note_printf (trace,
                              "%s of “%s” are aggregates that AttViz added to the file; they are shown, but not "
                              "aggregated again.",
                              list, set_name);
}

/* The older exporter fills up with stale copies of the last head where the model has fewer layers than it asks for. With
 * one token all vectors may well be alike. */
static void
note_duplicates (HlTrace         *trace,
                 const AttvizSet *set,
                 const char      *set_name)
{
  g_autoptr (GHashTable) seen = NULL;  /* values → index of the first vector that has them + 1 */
  g_autofree guint *n_copies = NULL;   /* [vector], of those that come first */
  g_autofree guint *original = NULL;   /* [vector]: the first with the same values */

  if (set->n_tokens < 2)
    return;

  seen = g_hash_table_new_full (g_bytes_hash, g_bytes_equal, (GDestroyNotify) g_bytes_unref, NULL);
  n_copies = g_new0 (guint, set->vectors->len + 1);
  original = g_new0 (guint, set->vectors->len + 1);

  for (guint i = 0; i < set->vectors->len; i++)
    {
      GArray *values = get_vector (set, i)->values;
      g_autoptr (GBytes) bytes = NULL;
      gpointer first;

      original[i] = i;
      if (!is_usable (set, i) || is_aggregate (get_vector (set, i)))
        continue;

      bytes = g_bytes_new_static (values->data, values->len * sizeof (float));
      first = g_hash_table_lookup (seen, bytes);
      if (first == NULL)
        {
          g_hash_table_insert (seen, g_steal_pointer (&bytes), GUINT_TO_POINTER (i + 1));
          continue;
        }

      original[i] = GPOINTER_TO_UINT (first) - 1;
      n_copies[original[i]]++;
    }

  for (guint i = 0; i < set->vectors->len; i++)
    {
      Names names = { NULL, };
      g_autofree char *name = get_vector_name (set, i);
      g_autofree char *list = NULL;

      if (n_copies[i] == 0)
        continue;

      for (guint copy = i + 1; copy < set->vectors->len && names.n < n_copies[i]; copy++)
        {
          g_autofree char *copy_name = get_vector_name (set, copy);

          if (original[copy] == i)
            names_add (&names, n_copies[i], copy_name, NULL);
        }

      list = names_end (&names);
      hl_trace_add_note_printf (trace,
                                "%s %s of “%s” %s the same numbers as vector “%s”.",
                                n_copies[i] == 1 ? "Vector" : "Vectors", list, set_name,
                                n_copies[i] == 1 ? "has" : "have", name);
    }
}

static void
note_values (HlTrace         *trace,
             const AttvizSet *set,
             const char      *set_name)
{
  gsize n_odd = 0;
  float min = 0, max = 1;

  for (guint i = 0; i < set->vectors->len; i++)
    {
      const AttvizVector *vector = get_vector (set, i);

      if (!is_usable (set, i))
        continue;

      n_odd += vector->n_odd;
      for (guint j = 0; j < vector->values->len && !is_aggregate (vector); j++)
        {
          float value = g_array_index (vector->values, float, j);

          min = value < min ? value : min;
          max = value > max ? value : max;
        }
    }

  if (n_odd > 0)
    hl_trace_add_note_printf (trace,
                              "%" G_GSIZE_FORMAT " %s of “%s” %s and left blank.",
                              n_odd, n_odd == 1 ? "value" : "values", set_name,
                              n_odd == 1 ? "is no number" : "are no numbers");
  if (min < 0 || max > 1.00001f)
    hl_trace_add_note_printf (trace,
                              "Values of “%s” lie between %.4g and %.4g; weights of attention lie between 0 and 1.",
                              set_name, (double) min, (double) max);
}

static void
note_unaligned (HlTrace    *trace,
                HlTokens   *tokens,
                const char *set_name)
{
  gsize n = hl_tokens_get_length (tokens);
  gsize n_lost = 0;

  for (gsize i = 0; i < n; i++)
    n_lost += hl_tokens_get (tokens, i)->start < 0 && !hl_tokens_get (tokens, i)->special;

  if (n_lost > 0)
    hl_trace_add_note_printf (trace,
                              "%" G_GSIZE_FORMAT " of the %" G_GSIZE_FORMAT " tokens of “%s” %s not found in the text.",
                              n_lost, n, set_name, n_lost == 1 ? "was" : "were");
}

/* FALSE, with a note, if there is nothing in the set to show. */
static gboolean
add_set (HlTrace         *trace,
         const char      *text,
         const AttvizSet *set,
         const char      *set_name)
{
  g_autoptr (HlTokens) tokens = NULL;
  g_autoptr (HlScores) scores = NULL;

  if (set->n_tokens == 0 || set->vectors == NULL || set->vectors->len == 0)
    {
      hl_trace_add_note_printf (trace,
                                "“%s” has no %s and was left out.",
                                set_name, set->n_tokens == 0 ? "tokens" : "vectors");
      return FALSE;
    }

  note_dropped (trace, set, set_name);

  tokens = hl_tokens_new_from_strings (text, (const char * const *) set->tokens->pdata, set->n_tokens, set->n_tokens);
  scores = hl_scores_new (set_name, tokens);
  for (guint i = 0; i < set->vectors->len; i++)
    {
      const AttvizVector *vector = get_vector (set, i);
      g_autofree char *name = get_vector_name (set, i);

      if (!is_usable (set, i))
        continue;

      hl_scores_add_channel (scores, name, (const float *) (gpointer) vector->values->data, vector->colour,
                             vector->visible && set->visible);
      if (is_aggregate (vector))
        hl_scores_mark_derived (scores);
    }
  if (hl_scores_get_n_channels (scores) == 0)
    return FALSE;

  note_values (trace, set, set_name);
  note_aggregates (trace, set, set_name);
  note_duplicates (trace, set, set_name);
  if (text != NULL)
    note_unaligned (trace, tokens, set_name);
  hl_trace_add_scores (trace, scores);

  return TRUE;
}

/* Says of the first set why nothing of it can be shown. */
static void
set_empty_error (const AttvizInstance  *self,
                 guint                  index,
                 GError               **error)
{
  g_autofree char *where = g_strdup_printf ("Instance %u, which begins at byte %" G_GSIZE_FORMAT " of the file,", index,
                                            self->position);
  const AttvizSet *set;

  if (self->sets->len == 0)
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY,
                   "%s has no “sets”, the list that holds its tokens and their attention.", where);
      return;
    }

  set = g_ptr_array_index (self->sets, 0);
  if (set->n_tokens == 0)
    g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY, "%s has no tokens.", where);
  else if (set->vectors == NULL || set->vectors->len == 0)
    g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY,
                 "%s has %" G_GSIZE_FORMAT " tokens but no “attention_vectors”.", where, set->n_tokens);
  else if (get_vector (set, 0)->values->len != set->n_tokens)
    g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SHAPE,
                 "%s has %" G_GSIZE_FORMAT " tokens, but no vector with as many numbers; the first has %u.", where,
                 set->n_tokens, get_vector (set, 0)->values->len);
  else
    g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_VALUE, "%s has no vector that holds a number.", where);
}

HlPrediction *
hl_attviz_make_prediction (AttvizInstance *self)
{
  g_autoptr (HlPrediction) prediction = NULL;
  gssize best = -1;
  double highest = -INFINITY, sum = 0;

  if (self->activations->len == 0)
    return NULL;

  for (guint i = 0; i < self->activations->len; i++)
    {
      double value = g_array_index (self->activations, AttvizActivation, i).value;

      sum += value;
      if (value > highest)
        {
          highest = value;
          best = i;
        }
    }

  prediction = hl_prediction_new (HL_TASK_CLASSIFICATION);
  for (guint i = 0; i < self->activations->len; i++)
    {
      const AttvizActivation *activation = &g_array_index (self->activations, AttvizActivation, i);

      hl_prediction_add_class (prediction, &(HlClass) {
        .name = activation->name,
        .probability = activation->value,
        .predicted = i == best,
      });
    }

  if (isfinite (sum) && fabs (sum - 1) > 0.01)
    {
      g_autofree char *note = g_strdup_printf ("the file’s values, which sum to %.4g instead of 1", sum);

      hl_prediction_set_note (prediction, note);
    }

  return g_steal_pointer (&prediction);
}

static void
set_metadata (HlTrace    *trace,
              const char *key,
              gint64      index)
{
  g_autofree char *value = g_strdup_printf ("%" G_GINT64_FORMAT, index);

  if (index >= 0)
    hl_trace_set_metadata (trace, key, value);
}

HlTrace *
hl_attviz_make_trace (AttvizInstance  *self,
                      guint            index,
                      const char      *title,
                      GError         **error)
{
  g_autoptr (HlTrace) trace = hl_trace_new (title);
  g_autoptr (HlPrediction) prediction = hl_attviz_make_prediction (self);
  gboolean any = FALSE;

  for (guint i = 0; i < self->sets->len; i++)
    {
      const AttvizSet *set = g_ptr_array_index (self->sets, i);
      g_autofree char *name = set->name != NULL ? g_strdup (set->name) : g_strdup_printf ("Set %u", i);

      any |= add_set (trace, self->text, set, name);
    }
  if (!any)
    {
      set_empty_error (self, index, error);
      return NULL;
    }

  if (self->text != NULL)
    {
      hl_trace_set_text (trace, self->text);
    }
  else
    {
      g_autofree char *text = hl_tokens_to_text (hl_trace_get_tokens (trace));

      hl_trace_set_text (trace, text);
      hl_trace_add_note (trace, "The file has no text for this instance; it is put together from the tokens.");
    }

  if (prediction != NULL)
    hl_trace_set_prediction (trace, prediction);
  set_metadata (trace, "highlighted-set", self->highlighted_set);
  set_metadata (trace, "highlighted-channel", self->highlighted_vector);

  return g_steal_pointer (&trace);
}
