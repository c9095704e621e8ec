#include "hl-dump-private.h"

#include <math.h>
#include <string.h>

#include "hl-dump-json.h"

/* Classes while they are put together; names are borrowed from the container or from @json. */
typedef struct
{
  GArray   *classes; /* of HlClass */
  JsonNode *json;    /* (nullable) */
} Builder;

static void
builder_clear (Builder *builder)
{
  g_clear_pointer (&builder->classes, g_array_unref);
  g_clear_pointer (&builder->json, json_node_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Builder, builder_clear)

static HlClass *
get_class (Builder *builder,
           guint    index)
{
  return &g_array_index (builder->classes, HlClass, index);
}

static void
add_class (Builder    *builder,
           const char *name)
{
  HlClass class_ = { .name = name, .probability = NAN };

  g_array_append_val (builder->classes, class_);
}

static gboolean
read_classes (Builder           *builder,
              const HlDumpItem  *item,
              GError           **error)
{
  JsonArray *array;

  if (item == NULL)
    return TRUE;

  if (item->strings != NULL)
    {
      for (gsize i = 0; item->strings[i] != NULL; i++)
        add_class (builder, item->strings[i]);
      return TRUE;
    }

  builder->json = hl_dump_json_parse (item->text, item->key, error);

  if (builder->json == NULL)
    return FALSE;

  array = json_node_get_array (builder->json);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      JsonObject *object = JSON_NODE_HOLDS_OBJECT (element) ? json_node_get_object (element) : NULL;
      HlClass class_ = { .probability = NAN };

      if (object != NULL)
        {
          class_.name = hl_dump_json_get_string (object, "name");
          class_.description = hl_dump_json_get_string (object, "description");
          class_.probability = hl_dump_json_get_double (object, "probability", NAN);
          class_.predicted = hl_dump_json_get_boolean (object, "predicted", FALSE);
          class_.labelled = hl_dump_json_get_boolean (object, "labelled", FALSE);
        }
      else if (JSON_NODE_HOLDS_VALUE (element) && json_node_get_value_type (element) == G_TYPE_STRING)
        class_.name = json_node_get_string (element);

      if (class_.name == NULL || !g_utf8_validate (class_.name, -1, NULL) ||
          (class_.description != NULL && !g_utf8_validate (class_.description, -1, NULL)))
        {
          g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_VALUE,
                       "Element %u of the list “%.200s” is not a string, nor an object with a valid “name”.", i,
                       item->key);
          return FALSE;
        }

      g_array_append_val (builder->classes, class_);
    }

  return TRUE;
}

/* Reads one value a class, which also says how many classes there are where nobody names them. */
static gboolean
read_probabilities (HlDump                *self,
                    const HlDumpInstance  *instance,
                    Builder               *builder,
                    const HlDumpItem      *item,
                    GError               **error)
{
  gsize n_elements = hl_tensor_get_n_elements (item->tensor);
  gsize n = builder->classes->len > 0 ? builder->classes->len : n_elements / self->n_batch;
  g_autofree float *values = NULL;
  g_autofree char *shape = hl_tensor_describe_shape (item->tensor);

  if (n == 0 || n > HL_DUMP_MAX_NUMBER || (n_elements != n && (n_elements / n != self->n_batch || n_elements % n != 0)))
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SHAPE,
                   "The tensor “%.200s” of shape %s does not hold one value for each of %" G_GSIZE_FORMAT " classes.",
                   item->key, shape, n);
      return FALSE;
    }

  values = g_new (float, n);
  hl_tensor_read_f32 (item->tensor, n_elements == n ? 0 : instance->batch * n, n, values);

  while (builder->classes->len < n)
    add_class (builder, "");

  for (gsize i = 0; i < n; i++)
    {
      if (!isfinite (values[i]) ||
          (item->name.field == HL_DUMP_PROBABILITIES && (values[i] < -1e-3f || values[i] > 1.001f)))
        {
          g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_VALUE,
                       "The tensor “%.200s” has the value %g for class %" G_GSIZE_FORMAT ", which is no %s.", item->key,
                       (double) values[i], i, item->name.field == HL_DUMP_LOGITS ? "logit" : "probability");
          return FALSE;
        }

      get_class (builder, (guint) i)->probability = (double) values[i];
    }

  return TRUE;
}

static void
softmax (Builder *builder)
{
  double largest = get_class (builder, 0)->probability;
  double sum = 0;

  for (guint i = 1; i < builder->classes->len; i++)
    largest = MAX (largest, get_class (builder, i)->probability);

  for (guint i = 0; i < builder->classes->len; i++)
    sum += get_class (builder, i)->probability = exp (get_class (builder, i)->probability - largest);

  for (guint i = 0; i < builder->classes->len; i++)
    get_class (builder, i)->probability /= sum;
}

static void
sigmoid (Builder *builder)
{
  for (guint i = 0; i < builder->classes->len; i++)
    get_class (builder, i)->probability = 1 / (1 + exp (-get_class (builder, i)->probability));
}

/* A label is the name of a class, its number, or a name that no class has: that becomes one of unknown probability. */
static gboolean
read_label (HlDump                *self,
            const HlDumpInstance  *instance,
            Builder               *builder,
            const HlDumpItem      *item,
            GError               **error)
{
  const char *text = hl_dump_get_text (self, instance, item);
  double number;

  if (item == NULL)
    return TRUE;

  for (guint i = 0; text != NULL && i < builder->classes->len; i++)
    if (strcmp (get_class (builder, i)->name, text) == 0)
      {
        get_class (builder, i)->labelled = TRUE;
        return TRUE;
      }

  if (hl_dump_get_number (self, instance, item, &number) && builder->classes->len > 0)
    {
      if (!(number >= 0) || number >= builder->classes->len || floor (number) != number)
        {
          g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_VALUE,
                       "The label “%.200s” is %g, but the classes are numbered from 0 to %u.", item->key, number,
                       builder->classes->len - 1);
          return FALSE;
        }

      get_class (builder, (guint) number)->labelled = TRUE;
      return TRUE;
    }

  if (text != NULL && text[0] != '\0')
    {
      add_class (builder, text);
      get_class (builder, builder->classes->len - 1)->labelled = TRUE;
    }

  return TRUE;
}

static gboolean
read_task (const char        *text,
           const HlDumpItem  *item,
           HlTask            *task,
           GError           **error)
{
  static const char * const nicks[] = {
    [HL_TASK_CLASSIFICATION] = "classification",
    [HL_TASK_MULTI_LABEL] = "multi-label",
    [HL_TASK_REGRESSION] = "regression",
  };

  *task = HL_TASK_CLASSIFICATION;

  if (text == NULL)
    return TRUE;

  for (guint i = 0; i < G_N_ELEMENTS (nicks); i++)
    if (strcmp (text, nicks[i]) == 0)
      {
        *task = (HlTask) i;
        return TRUE;
      }

  g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_VALUE,
               "The task “%.200s” is “%.40s”; it must be “classification”, “multi-label” or “regression”.", item->key,
               text);

  return FALSE;
}

HlPrediction *
hl_dump_load_prediction (HlDump                *self,
                         const HlDumpInstance  *instance,
                         GError               **error)
{
  const HlDumpItem *probabilities = hl_dump_find (self, instance, HL_DUMP_GROUP_NONE, HL_DUMP_PROBABILITIES);
  const HlDumpItem *logits = hl_dump_find (self, instance, HL_DUMP_GROUP_NONE, HL_DUMP_LOGITS);
  const HlDumpItem *label = hl_dump_find (self, instance, HL_DUMP_GROUP_NONE, HL_DUMP_LABEL);
  const HlDumpItem *values[2] = {
    hl_dump_find (self, instance, HL_DUMP_GROUP_NONE, HL_DUMP_PREDICTED_VALUE),
    hl_dump_find (self, instance, HL_DUMP_GROUP_NONE, HL_DUMP_LABEL_VALUE),
  };
  const HlDumpItem *task_item = hl_dump_find_inherited (self, instance, HL_DUMP_GROUP_NONE, HL_DUMP_TASK);
  const HlDumpItem *classes = hl_dump_find (self, instance, HL_DUMP_GROUP_NONE, HL_DUMP_CLASSES);
  const char *note = hl_dump_get_text (self, instance, hl_dump_find (self, instance, HL_DUMP_GROUP_NONE,
                                                                     HL_DUMP_PREDICTION_NOTE));
  g_autoptr (HlPrediction) prediction = NULL;
  g_auto (Builder) builder = { NULL };
  double numbers[2] = { NAN, NAN };
  HlTask task;

  if (probabilities == NULL && logits == NULL && label == NULL && values[0] == NULL && values[1] == NULL &&
      classes == NULL && hl_dump_find (self, instance, HL_DUMP_GROUP_NONE, HL_DUMP_TASK) == NULL)
    return NULL;

  builder.classes = g_array_new (FALSE, FALSE, sizeof (HlClass));

  if (classes == NULL)
    classes = self->defaults[HL_DUMP_CLASSES];

  if (!read_task (hl_dump_get_text (self, instance, task_item), task_item, &task, error) ||
      !read_classes (&builder, classes, error))
    return NULL;

  if (probabilities != NULL || logits != NULL)
    {
      if (!read_probabilities (self, instance, &builder, probabilities != NULL ? probabilities : logits, error))
        return NULL;

      if (probabilities == NULL && task == HL_TASK_CLASSIFICATION)
        {
          softmax (&builder);
          note = note != NULL ? note : "Softmax of the file's logits";
        }
      else if (probabilities == NULL && task == HL_TASK_MULTI_LABEL)
        {
          sigmoid (&builder);
          note = note != NULL ? note : "Logistic function of the file's logits";
        }
    }

  if (!read_label (self, instance, &builder, label, error))
    return NULL;

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    if (values[i] != NULL && !hl_dump_get_number (self, instance, values[i], &numbers[i]))
      {
        g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_VALUE, "The entry “%.200s” is not one number.",
                     values[i]->key);
        return NULL;
      }

  prediction = hl_prediction_new (task);
  for (guint i = 0; i < builder.classes->len; i++)
    hl_prediction_add_class (prediction, get_class (&builder, i));
  hl_prediction_set_values (prediction, numbers[0], numbers[1]);
  if (note != NULL)
    hl_prediction_set_note (prediction, note);

  return g_steal_pointer (&prediction);
}
