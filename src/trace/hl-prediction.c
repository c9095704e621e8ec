#include "hl-prediction.h"

#include <math.h>

struct _HlPrediction
{
  gatomicrefcount ref_count;
  HlTask          task;
  GStringChunk   *strings;
  GArray         *classes;   /* of HlClass, strings in the chunk */
  double          predicted; /* regression */
  double          label;
  char           *note;      /* (nullable) */
};

HlPrediction *
hl_prediction_new (HlTask task)
{
  HlPrediction *self = g_new0 (HlPrediction, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->task = task;
  self->strings = g_string_chunk_new (256);
  self->classes = g_array_new (FALSE, FALSE, sizeof (HlClass));
  self->predicted = NAN;
  self->label = NAN;

  return self;
}

HlPrediction *
hl_prediction_ref (HlPrediction *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
hl_prediction_unref (HlPrediction *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_string_chunk_free (self->strings);
  g_array_unref (self->classes);
  g_free (self->note);
  g_free (self);
}

void
hl_prediction_add_class (HlPrediction  *self,
                         const HlClass *class_)
{
  HlClass copy = *class_;

  if (class_->name != NULL && class_->name[0] != '\0')
    {
      copy.name = g_string_chunk_insert (self->strings, class_->name);
    }
  else
    {
      g_autofree char *name = g_strdup_printf ("Class %u", self->classes->len);

      copy.name = g_string_chunk_insert (self->strings, name);
    }
  if (class_->description != NULL)
    copy.description = g_string_chunk_insert (self->strings, class_->description);
  g_array_append_val (self->classes, copy);
}

void
hl_prediction_set_values (HlPrediction *self,
                          double        predicted,
                          double        label)
{
  self->predicted = predicted;
  self->label = label;
}

void
hl_prediction_set_note (HlPrediction *self,
                        const char   *note)
{
  g_free (self->note);
  self->note = g_strdup (note);
}

HlTask
hl_prediction_get_task (HlPrediction *self)
{
  return self->task;
}

gsize
hl_prediction_get_n_classes (HlPrediction *self)
{
  return self->classes->len;
}

const HlClass *
hl_prediction_get_class (HlPrediction *self,
                         gsize         index)
{
  g_return_val_if_fail (index < self->classes->len, NULL);

  return &g_array_index (self->classes, HlClass, index);
}

double
hl_prediction_get_predicted_value (HlPrediction *self)
{
  return self->predicted;
}

double
hl_prediction_get_label_value (HlPrediction *self)
{
  return self->label;
}

const char *
hl_prediction_get_note (HlPrediction *self)
{
  return self->note;
}

gssize
hl_prediction_get_best (HlPrediction *self)
{
  gssize best = -1;

  for (gsize i = 0; i < self->classes->len; i++)
    {
      const HlClass *class_ = hl_prediction_get_class (self, i);

      if (class_->predicted && self->task == HL_TASK_CLASSIFICATION)
        return (gssize) i;
      if (!isnan (class_->probability) &&
          (best < 0 || class_->probability > hl_prediction_get_class (self, (gsize) best)->probability))
        best = (gssize) i;
    }

  return best;
}

gssize
hl_prediction_get_label (HlPrediction *self)
{
  for (gsize i = 0; i < self->classes->len; i++)
    if (hl_prediction_get_class (self, i)->labelled)
      return (gssize) i;

  return -1;
}

int
hl_prediction_is_correct (HlPrediction *self)
{
  gssize label = hl_prediction_get_label (self);

  switch (self->task)
    {
    case HL_TASK_CLASSIFICATION:
      return label < 0 ? -1 : label == hl_prediction_get_best (self);

    case HL_TASK_MULTI_LABEL:
      for (gsize i = 0; i < self->classes->len; i++)
        {
          const HlClass *class_ = hl_prediction_get_class (self, i);

          if (!class_->predicted != !class_->labelled)
            return 0;
        }
      return self->classes->len > 0 ? 1 : -1;

    case HL_TASK_REGRESSION:
    default:
      return -1;
    }
}
