/* What a neat-vision file predicts. neat-vision asks its user for the task and takes every posterior for logits; here both
 * are seen from the file as a whole. */

#include "hl-neatvision-private.h"

#include <math.h>

/* How far probabilities that were rounded may be from summing to 1. */
#define SUM_TOLERANCE 1e-3

/* One past the largest class that @value names, if it is one. */
static gsize
count_classes (const NeatvisionValue *value)
{
  if (value->kind == NEATVISION_LIST)
    return MIN (value->n, NEATVISION_MAX_CLASSES);
  if ((value->kind == NEATVISION_INTEGER || value->kind == NEATVISION_FRACTION)
      && value->number >= 0 && value->number < NEATVISION_MAX_CLASSES)
    return (gsize) value->number + 1;

  return 0;
}

static gboolean
is_distribution (const NeatvisionValue *posterior)
{
  double sum = 0;

  for (gsize i = 0; i < posterior->n; i++)
    {
      if (!(posterior->list[i] >= 0))
        return FALSE;
      sum += posterior->list[i];
    }

  return fabs (sum - 1) <= SUM_TOLERANCE;
}

static gboolean
is_each_probability (const NeatvisionValue *posterior)
{
  for (gsize i = 0; i < posterior->n; i++)
    if (!(posterior->list[i] >= 0 && posterior->list[i] <= 1))
      return FALSE;

  return TRUE;
}

/* The rule, the first that applies:
 *   a label or prediction that is a list → each class on its own;
 *   a posterior that is a list           → one class of several;
 *   a number with a point or exponent    → regression;
 *   a posterior that is a number         → regression;
 *   a label or prediction that is whole  → one class of several, without probabilities.
 * Posteriors are probabilities if all of the file are: non-negative and of sum 1 where one class of several is predicted,
 * within [0, 1] where each class is on its own. One instance could be so by chance; hundreds are not. */
NeatvisionTask
hl_neatvision_infer_task (GArray *instances)
{
  NeatvisionTask task = { .is_characters = instances->len > 0 };
  gboolean any_list = FALSE, any_posterior_list = FALSE, any_fraction = FALSE, any_posterior = FALSE, any_whole = FALSE;
  gboolean all_distributions = TRUE, all_probabilities = TRUE;
  gsize n_blanks = 0;

  for (guint i = 0; i < instances->len; i++)
    {
      const NeatvisionInstance *instance = &g_array_index (instances, NeatvisionInstance, i);
      const NeatvisionValue *values[] = { &instance->label, &instance->prediction };

      for (guint j = 0; j < G_N_ELEMENTS (values); j++)
        {
          any_list |= values[j]->kind == NEATVISION_LIST;
          any_fraction |= values[j]->kind == NEATVISION_FRACTION;
          any_whole |= values[j]->kind == NEATVISION_INTEGER;
        }

      if (instance->posterior.kind == NEATVISION_LIST)
        {
          any_posterior_list = TRUE;
          all_distributions &= is_distribution (&instance->posterior);
          all_probabilities &= is_each_probability (&instance->posterior);
        }
      else if (instance->posterior.kind != NEATVISION_NONE)
        any_posterior = TRUE;

      if (instance->n_tokens > 0)
        task.is_characters &= instance->is_characters;
      n_blanks += instance->n_blanks;
    }

  task.is_characters &= n_blanks > 0;
  task.has_task = any_list || any_posterior_list || any_fraction || any_posterior || any_whole;
  if (any_list)
    task.task = HL_TASK_MULTI_LABEL;
  else if (any_posterior_list || (!any_fraction && !any_posterior))
    task.task = HL_TASK_CLASSIFICATION;
  else
    task.task = HL_TASK_REGRESSION;
  task.is_probability = task.task == HL_TASK_MULTI_LABEL ? all_probabilities : all_distributions;

  for (guint i = 0; i < instances->len && task.task != HL_TASK_REGRESSION; i++)
    {
      const NeatvisionInstance *instance = &g_array_index (instances, NeatvisionInstance, i);

      if (instance->posterior.kind == NEATVISION_LIST)
        task.n_classes = MAX (task.n_classes, count_classes (&instance->posterior));
      task.n_classes = MAX (task.n_classes, count_classes (&instance->label));
      task.n_classes = MAX (task.n_classes, count_classes (&instance->prediction));
    }

  return task;
}

/* Returns where probabilities come from, for the prediction's note. Sets @probabilities, as many as @posterior has. */
static const char *
compute_probabilities (const NeatvisionTask  *task,
                       const NeatvisionValue *posterior,
                       double                *probabilities)
{
  double max = -INFINITY, sum = 0;

  for (gsize i = 0; i < posterior->n; i++)
    max = MAX (max, posterior->list[i]);
  for (gsize i = 0; i < posterior->n; i++)
    sum += exp (posterior->list[i] - max);

  for (gsize i = 0; i < posterior->n; i++)
    {
      double value = posterior->list[i];

      if (task->is_probability)
        probabilities[i] = value;
      else if (task->task == HL_TASK_MULTI_LABEL)
        probabilities[i] = 1 / (1 + exp (-value));
      else
        probabilities[i] = exp (value - max) / sum;
    }

  if (task->is_probability)
    return "as the file has them";
  if (task->task == HL_TASK_MULTI_LABEL)
    return "sigmoid of the file’s logits";

  return "softmax of the file’s logits";
}

static gboolean
check_size (const NeatvisionInstance  *instance,
            guint                      index,
            const NeatvisionValue     *value,
            const char                *what,
            GError                   **error)
{
  if (value->n <= NEATVISION_MAX_CLASSES)
    return TRUE;

  g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SHAPE,
               "The %s of instance %u, which begins at byte %" G_GSIZE_FORMAT " of the file, has %" G_GSIZE_FORMAT
               " classes; Headlight shows up to %d.", what, index, instance->position, value->n, NEATVISION_MAX_CLASSES);

  return FALSE;
}

/* Checks that @value is what the task needs. FALSE, with a sentence, if not. */
static gboolean
check_value (const NeatvisionTask      *task,
             const NeatvisionInstance  *instance,
             guint                      index,
             const NeatvisionValue     *value,
             const char                *what,
             GError                   **error)
{
  if (value->kind == NEATVISION_NONE)
    return TRUE;

  if ((value->kind == NEATVISION_LIST) != (task->task == HL_TASK_MULTI_LABEL))
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SHAPE,
                   "The %s of instance %u, which begins at byte %" G_GSIZE_FORMAT " of the file, is %s, unlike those of other "
                   "instances.", what, index, instance->position, value->kind == NEATVISION_LIST ? "a list" : "a number");
      return FALSE;
    }

  if (task->task == HL_TASK_CLASSIFICATION
      && !(value->number >= 0 && value->number < NEATVISION_MAX_CLASSES && value->number == floor (value->number)))
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_VALUE,
                   "The %s of instance %u, which begins at byte %" G_GSIZE_FORMAT " of the file, is %.6g, but classes are "
                   "counted from 0 to %d at most.", what, index, instance->position, value->number,
                   NEATVISION_MAX_CLASSES - 1);
      return FALSE;
    }

  return TRUE;
}

static gboolean
names_class (const NeatvisionTask  *task,
             const NeatvisionValue *value,
             gsize                  class_)
{
  switch (value->kind)
    {
    case NEATVISION_LIST:
      return class_ < value->n && value->list[class_] > 0.5;
    case NEATVISION_INTEGER:
    case NEATVISION_FRACTION:
      return value->number == (double) class_;
    case NEATVISION_NONE:
    default:
      return FALSE;
    }
}

/* -1 if no probability is known. */
static gssize
find_most_probable (const double *probabilities,
                    gsize         n)
{
  gssize best = -1;

  for (gsize i = 0; i < n; i++)
    if (!isnan (probabilities[i]) && (best < 0 || probabilities[i] > probabilities[best]))
      best = i;

  return best;
}

/* Where the file does not say what was predicted, its probabilities do: @best is the most probable class. */
static gboolean
is_predicted (const NeatvisionTask     *task,
              const NeatvisionInstance *instance,
              gsize                     class_,
              double                    probability,
              gssize                    best)
{
  if (instance->prediction.kind != NEATVISION_NONE)
    return names_class (task, &instance->prediction, class_);
  if (task->task == HL_TASK_CLASSIFICATION)
    return (gssize) class_ == best;

  return probability >= 0.5;
}

static void
add_classes (const NeatvisionTask     *task,
             const NeatvisionInstance *instance,
             GHashTable               *names,
             HlPrediction             *prediction)
{
  gsize n = instance->posterior.n;
  g_autofree double *probabilities = g_new (double, n + 1);
  const char *note = compute_probabilities (task, &instance->posterior, probabilities);
  gssize best = find_most_probable (probabilities, n);

  if (n > 0)
    hl_prediction_set_note (prediction, note);

  for (gsize i = 0; i < task->n_classes; i++)
    {
      const HlClass *named = names != NULL ? g_hash_table_lookup (names, GSIZE_TO_POINTER (i + 1)) : NULL;
      double probability = i < n ? probabilities[i] : NAN;

      hl_prediction_add_class (prediction, &(HlClass) {
        .name = named != NULL ? named->name : NULL,
        .description = named != NULL ? named->description : NULL,
        .probability = probability,
        .predicted = is_predicted (task, instance, i, probability, best),
        .labelled = names_class (task, &instance->label, i),
      });
    }
}

static char *
dup_class_name (GHashTable *names,
                gsize       class_)
{
  const HlClass *named = names != NULL ? g_hash_table_lookup (names, GSIZE_TO_POINTER (class_ + 1)) : NULL;

  if (named != NULL && named->name != NULL)
    return g_strdup (named->name);

  return g_strdup_printf ("Class %" G_GSIZE_FORMAT, class_);
}

/* As many classes as the instance itself speaks of are looked at, not as many as the file has: a list of many instances
 * costs no more than its text. */
void
hl_neatvision_summarize (const NeatvisionTask     *task,
                         const NeatvisionInstance *instance,
                         GHashTable               *names,
                         char                    **class_name,
                         double                   *probability,
                         int                      *correct)
{
  gsize n = instance->posterior.n;
  g_autofree double *probabilities = g_new (double, n + 1);
  g_autoptr (GString) list = g_string_new (NULL);
  gboolean is_labelled = instance->label.kind != NEATVISION_NONE;
  gsize n_predicted = 0, n_classes, first = 0;
  gboolean agrees = TRUE;
  gssize best;

  *class_name = NULL;
  *probability = NAN;
  *correct = -1;
  if (!task->has_task || task->task == HL_TASK_REGRESSION)
    return;

  compute_probabilities (task, &instance->posterior, probabilities);
  best = find_most_probable (probabilities, n);
  n_classes = MAX (n, MAX (instance->label.n, instance->prediction.n));

  if (task->task == HL_TASK_CLASSIFICATION)
    {
      double predicted = instance->prediction.kind != NEATVISION_NONE ? instance->prediction.number : best;

      if (!(predicted >= 0 && predicted < NEATVISION_MAX_CLASSES))
        return;

      *class_name = dup_class_name (names, (gsize) predicted);
      *probability = predicted < n ? probabilities[(gsize) predicted] : NAN;
      if (is_labelled)
        *correct = instance->label.number == predicted;
      return;
    }

  for (gsize i = 0; i < n_classes; i++)
    {
      gboolean predicted = is_predicted (task, instance, i, i < n ? probabilities[i] : NAN, best);

      agrees &= predicted == names_class (task, &instance->label, i);
      if (predicted)
        {
          g_autofree char *name = dup_class_name (names, i);

          if (n_predicted++ > 0)
            g_string_append (list, ", ");
          else
            first = i;
          g_string_append (list, name);
        }
    }

  if (n_predicted > 0)
    *class_name = g_string_free (g_steal_pointer (&list), FALSE);
  if (n_predicted == 1 && first < n)
    *probability = probabilities[first];
  if (is_labelled)
    *correct = agrees;
}

static double
get_number (const NeatvisionValue *value)
{
  return value->kind == NEATVISION_NONE || value->kind == NEATVISION_LIST ? NAN : value->number;
}

gboolean
hl_neatvision_make_prediction (const NeatvisionTask      *task,
                               const NeatvisionInstance  *instance,
                               guint                      index,
                               GHashTable                *names,
                               HlPrediction             **prediction,
                               GError                   **error)
{
  const NeatvisionValue *predicted = &instance->prediction;

  *prediction = NULL;
  if (!task->has_task)
    return TRUE;

  if (!check_size (instance, index, &instance->posterior, "posterior", error)
      || !check_size (instance, index, &instance->label, "label", error)
      || !check_size (instance, index, &instance->prediction, "prediction", error)
      || !check_value (task, instance, index, &instance->label, "label", error)
      || !check_value (task, instance, index, &instance->prediction, "prediction", error))
    return FALSE;

  if (instance->label.kind == NEATVISION_NONE && instance->prediction.kind == NEATVISION_NONE
      && instance->posterior.kind == NEATVISION_NONE)
    return TRUE;

  *prediction = hl_prediction_new (task->task);
  if (task->task == HL_TASK_REGRESSION)
    {
      if (predicted->kind == NEATVISION_NONE)
        predicted = &instance->posterior;
      hl_prediction_set_values (*prediction, get_number (predicted), get_number (&instance->label));
    }
  else
    {
      add_classes (task, instance, names, *prediction);
    }

  return TRUE;
}
