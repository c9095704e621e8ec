#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

typedef enum
{
  HL_TASK_CLASSIFICATION, /*< nick=classification >*/ /* one class of several */
  HL_TASK_MULTI_LABEL,    /*< nick=multi-label >*/    /* each class on its own */
  HL_TASK_REGRESSION,     /*< nick=regression >*/     /* one number */
} HlTask;

typedef struct
{
  const char *name;        /* never NULL: "Class 3" where the file has none */
  const char *description; /* (nullable) */
  double      probability; /* NaN if unknown */
  gboolean    predicted;   /* multi-label: among the predicted; classification: the predicted one */
  gboolean    labelled;    /* the same for what the file says is true */
} HlClass;

/* What the model said of the whole input, and what the file says is true. Immutable once shared, reference counted. */
typedef struct _HlPrediction HlPrediction;

HlPrediction  *hl_prediction_new           (HlTask         task) G_GNUC_WARN_UNUSED_RESULT;
HlPrediction  *hl_prediction_ref           (HlPrediction  *self);
void           hl_prediction_unref         (HlPrediction  *self);

/* Copies the strings. */
void           hl_prediction_add_class     (HlPrediction  *self,
                                            const HlClass *class_);
/* Regression; NaN for unknown. */
void           hl_prediction_set_values    (HlPrediction  *self,
                                            double         predicted,
                                            double         label);
/* How probabilities came about, where they are not the file's own ("softmax of the file's logits"). */
void           hl_prediction_set_note      (HlPrediction  *self,
                                            const char    *note);

HlTask         hl_prediction_get_task      (HlPrediction  *self);
gsize          hl_prediction_get_n_classes (HlPrediction  *self);
const HlClass *hl_prediction_get_class     (HlPrediction  *self,
                                            gsize          index);
double         hl_prediction_get_predicted_value (HlPrediction *self);
double         hl_prediction_get_label_value (HlPrediction *self);
const char    *hl_prediction_get_note      (HlPrediction  *self);

/* Index of the predicted class (the marked one, else the most probable), or -1. */
gssize         hl_prediction_get_best      (HlPrediction  *self);
/* Index of the first class labelled as true, or -1. */
gssize         hl_prediction_get_label     (HlPrediction  *self);
/* 1: prediction and label agree, 0: they do not, -1: no label known. Regression never agrees or disagrees: -1. */
int            hl_prediction_is_correct    (HlPrediction  *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HlPrediction, hl_prediction_unref)

G_END_DECLS
