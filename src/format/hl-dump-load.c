#include "hl-dump-private.h"

#include <math.h>
#include <string.h>

#include "hl-dump-json.h"

/* The layers that one group has of one field. */
typedef struct
{
  int               number;
  HlTensor         *tensor; /* [head][…][…] */
  const HlDumpItem *item;
} Layer;

typedef struct
{
  HlDump               *dump;
  const HlDumpInstance *instance;
  guint                 group;
  HlAttentionKind       kind;
  HlTrace              *trace;
  gboolean              numbered; /* some tokens are but numbers */
  gsize                 n_beyond; /* weights that are none */
  GCancellable         *cancellable;
} Loader;

static void
layer_clear (gpointer data)
{
  Layer *layer = data;

  g_clear_pointer (&layer->tensor, hl_tensor_unref);
}

static int
compare_layers (gconstpointer a,
                gconstpointer b)
{
  const Layer *x = a;
  const Layer *y = b;

  return (x->number > y->number) - (x->number < y->number);
}

/* One layer as [head][…][…], whatever was left out or is this one's of a batch. */
static HlTensor *
shape_layer (Loader   *self,
             HlTensor *tensor)
{
  guint rank = hl_tensor_get_rank (tensor);

  if (rank == 2)
    {
      gsize shape[3] = { 1, hl_tensor_get_dim (tensor, 0), hl_tensor_get_dim (tensor, 1) };

      return hl_tensor_reshape (tensor, 3, shape);
    }

  return rank == 4 ? hl_tensor_index (tensor, self->instance->batch) : hl_tensor_ref (tensor);
}

static void
append_layer (Loader           *self,
              GArray           *layers,
              HlTensor         *tensor,
              int               number,
              const HlDumpItem *item)
{
  Layer layer = { number, shape_layer (self, tensor), item };

  g_array_append_val (layers, layer);
}

/* All layers of a field, in their order; empty where there are none. Here every value is looked at once. */
static GArray *
collect_layers (Loader       *self,
                HlDumpField   field,
                GError      **error)
{
  g_autoptr (GArray) layers = g_array_new (FALSE, FALSE, sizeof (Layer));

  g_array_set_clear_func (layers, layer_clear);

  for (guint i = 0; i < self->instance->n; i++)
    {
      const HlDumpItem *item = &g_array_index (self->dump->items, HlDumpItem, self->instance->first + i);

      if (item->name.group != self->group || item->name.field != field)
        continue;

      if (item->name.layer >= 0 || hl_tensor_get_rank (item->tensor) < 4)
        {
          append_layer (self, layers, item->tensor, MAX (item->name.layer, 0), item);
          continue;
        }

      for (gsize number = 0; number < hl_tensor_get_dim (item->tensor, 0); number++)
        {
          g_autoptr (HlTensor) part = hl_tensor_index (item->tensor, number);

          append_layer (self, layers, part, (int) number, item);
        }
    }

  g_array_sort (layers, compare_layers);

  for (guint i = 0; i < layers->len; i++)
    {
      const Layer *layer = &g_array_index (layers, Layer, i);
      const Layer *before = i > 0 ? &g_array_index (layers, Layer, i - 1) : NULL;

      if (before != NULL && before->number == layer->number)
        {
          g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SHAPE,
                       "Layer %d is there twice, in “%.200s” and in “%.200s”.", layer->number, before->item->key,
                       layer->item->key);
          return NULL;
        }

      if (!hl_dump_scan (layer->tensor, layer->item->key, field == HL_DUMP_ATTENTION ? &self->n_beyond : NULL,
                         self->cancellable, error))
        return NULL;
    }

  return g_steal_pointer (&layers);
}

static HlTensor **
get_tensors (GArray *layers)
{
  HlTensor **tensors;

  if (layers->len == 0)
    return NULL;

  tensors = g_new (HlTensor *, layers->len);
  for (guint i = 0; i < layers->len; i++)
    tensors[i] = g_array_index (layers, Layer, i).tensor;

  return tensors;
}

static gboolean
same_numbers (GArray  *a,
              GArray  *b,
              GError **error)
{
  guint n = MIN (a->len, b->len);

  for (guint i = 0; i < n; i++)
    if (g_array_index (a, Layer, i).number != g_array_index (b, Layer, i).number)
      n = i;

  if (n == a->len && n == b->len)
    return TRUE;

  g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SHAPE,
               "The %u layers of “%.200s” are not the %u layers of “%.200s”.", a->len,
               g_array_index (a, Layer, 0).item->key, b->len, g_array_index (b, Layer, 0).item->key);

  return FALSE;
}

static gboolean
load_projections (Loader         *self,
                  GArray         *attention,
                  GArray         *queries,
                  HlProjections **projections,
                  GError        **error)
{
  g_autoptr (GArray) keys = collect_layers (self, HL_DUMP_KEYS, error);
  g_autoptr (GArray) values = keys != NULL ? collect_layers (self, HL_DUMP_VALUES, error) : NULL;
  g_autofree HlTensor **query_tensors = NULL;
  g_autofree HlTensor **key_tensors = NULL;
  g_autofree HlTensor **value_tensors = NULL;
  const HlDumpItem *scale_item;
  double scale = 0;
  GError *local_error = NULL;

  *projections = NULL;

  if (values == NULL)
    return FALSE;

  if (queries->len == 0 || keys->len == 0)
    {
      if (queries->len + keys->len + values->len > 0)
        hl_trace_add_note (self->trace, "Queries, keys or values that lack the others were left out.");
      return TRUE;
    }

  if (!same_numbers (queries, keys, error) || (values->len > 0 && !same_numbers (queries, values, error)) ||
      (attention->len > 0 && !same_numbers (attention, queries, error)))
    return FALSE;

  scale_item = hl_dump_find_inherited (self->dump, self->instance, self->group, HL_DUMP_SCALE);

  if (scale_item != NULL &&
      (!hl_dump_get_number (self->dump, self->instance, scale_item, &scale) || !isfinite (scale) || scale == 0))
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_VALUE,
                   "The scale “%.200s” is not a finite number other than 0.", scale_item->key);
      return FALSE;
    }

  query_tensors = get_tensors (queries);
  key_tensors = get_tensors (keys);
  value_tensors = get_tensors (values);
  *projections = hl_projections_new (query_tensors, key_tensors, value_tensors, queries->len, scale, &local_error);

  if (*projections == NULL)
    return hl_dump_propagate (error, local_error);

  return TRUE;
}

static gboolean
get_kind (Loader   *self,
          GError  **error)
{
  static const char * const nicks[] = {
    [HL_ATTENTION_SELF] = "self",
    [HL_ATTENTION_ENCODER] = "encoder",
    [HL_ATTENTION_DECODER] = "decoder",
    [HL_ATTENTION_CROSS] = "cross",
  };
  const HlDumpItem *item = NULL;
  const char *text;

  switch (self->group)
    {
    case HL_DUMP_GROUP_SELF:
      self->kind = HL_ATTENTION_SELF;
      return TRUE;
    case HL_DUMP_GROUP_ENCODER:
      self->kind = HL_ATTENTION_ENCODER;
      return TRUE;
    case HL_DUMP_GROUP_DECODER:
      self->kind = HL_ATTENTION_DECODER;
      return TRUE;
    case HL_DUMP_GROUP_CROSS:
      self->kind = HL_ATTENTION_CROSS;
      return TRUE;
    default:
      item = hl_dump_find_inherited (self->dump, self->instance, self->group, HL_DUMP_KIND);
    }

  text = hl_dump_get_text (self->dump, self->instance, item);
  self->kind = HL_ATTENTION_SELF;

  if (item == NULL)
    return TRUE;

  for (guint i = 0; text != NULL && i < G_N_ELEMENTS (nicks); i++)
    if (strcmp (nicks[i], text) == 0)
      {
        self->kind = (HlAttentionKind) i;
        return TRUE;
      }

  g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_VALUE,
               "The kind “%.200s” is “%.40s”; it must be “self”, “encoder”, “decoder” or “cross”.", item->key,
               text != NULL ? text : "no text");

  return FALSE;
}

/* Decoders are causal unless the file says otherwise; of stored weights the attention sees it itself. */
static gboolean
get_causal (Loader    *self,
            gboolean  *causal,
            GError   **error)
{
  const HlDumpItem *item = hl_dump_find_inherited (self->dump, self->instance, self->group, HL_DUMP_CAUSAL);
  double number;

  *causal = self->kind == HL_ATTENTION_DECODER;

  if (item == NULL)
    return TRUE;

  if (!hl_dump_get_number (self->dump, self->instance, item, &number) || (number != 0 && number != 1))
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_VALUE, "The entry “%.200s” is neither “true” nor “false”.",
                   item->key);
      return FALSE;
    }

  *causal = number != 0;

  return TRUE;
}

/* Numbers that a list in the metadata says, checked for their count; NULL without an error where there is no list. */
static GArray *
get_numbers (Loader       *self,
             HlDumpField   field,
             gsize         n,
             GError      **error)
{
  const HlDumpItem *item = hl_dump_find_inherited (self->dump, self->instance, self->group, field);
  g_autoptr (GArray) numbers = NULL;

  if (item == NULL || item->text == NULL)
    return NULL;

  numbers = hl_dump_json_numbers (item->text, item->key, error);

  if (numbers == NULL)
    return NULL;

  if (numbers->len != n)
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SHAPE,
                   "The list “%.200s” has %u numbers, but there are %" G_GSIZE_FORMAT " %s.", item->key, numbers->len,
                   n, field == HL_DUMP_LAYERS ? "layers" : "heads");
      return NULL;
    }

  return g_steal_pointer (&numbers);
}

static gboolean
set_numbers (Loader       *self,
             HlAttention  *attention,
             GArray       *layers,
             GError      **error)
{
  gsize n_layers = hl_attention_get_n_layers (attention);
  g_autoptr (GArray) layer_numbers = NULL;
  g_autoptr (GArray) head_numbers = NULL;
  GError *local_error = NULL;
  gboolean plain = TRUE;

  layer_numbers = get_numbers (self, HL_DUMP_LAYERS, n_layers, &local_error);
  if (local_error == NULL)
    head_numbers = get_numbers (self, HL_DUMP_HEADS, hl_attention_get_max_heads (attention), &local_error);

  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return FALSE;
    }

  if (layer_numbers == NULL)
    {
      layer_numbers = g_array_new (FALSE, FALSE, sizeof (guint));

      for (guint i = 0; i < layers->len; i++)
        {
          guint number = (guint) g_array_index (layers, Layer, i).number;

          plain &= number == i;
          g_array_append_val (layer_numbers, number);
        }
    }
  else
    plain = FALSE;

  if (!plain)
    hl_attention_set_layer_numbers (attention, &g_array_index (layer_numbers, guint, 0));
  if (head_numbers != NULL)
    hl_attention_set_head_numbers (attention, &g_array_index (head_numbers, guint, 0));

  return TRUE;
}

static HlAttention *
create_attention (Loader         *self,
                  GArray         *layers,
                  HlProjections  *projections,
                  GError        **error)
{
  g_autoptr (HlAttention) attention = NULL;
  g_autoptr (HlTokens) queries = NULL;
  g_autoptr (HlTokens) keys = NULL;
  g_autofree HlTensor **tensors = get_tensors (layers);
  gsize n_queries, n_keys;
  GError *local_error = NULL;
  gboolean causal;

  if (tensors != NULL)
    {
      n_queries = hl_tensor_get_dim (tensors[0], 1);
      n_keys = hl_tensor_get_dim (tensors[0], 2);
    }
  else
    {
      n_queries = hl_projections_get_n_tokens (projections, HL_PROJECTION_QUERY, 0);
      n_keys = hl_projections_get_n_tokens (projections, HL_PROJECTION_KEY, 0);
    }

  queries = hl_dump_load_tokens (self->dump, self->instance, self->group, self->kind, FALSE, n_queries,
                                 &self->numbered, error);
  if (queries == NULL)
    return NULL;

  keys = hl_dump_load_tokens (self->dump, self->instance, self->group, self->kind, TRUE, n_keys, &self->numbered,
                              error);
  if (keys == NULL)
    return NULL;

  /* Two equal lists are one, to those who compare addresses and to memory. */
  if (hl_tokens_equal (queries, keys))
    {
      hl_tokens_unref (keys);
      keys = hl_tokens_ref (queries);
    }

  if (!get_causal (self, &causal, error))
    return NULL;

  if (tensors != NULL)
    attention = hl_attention_new_dense (self->kind, queries, keys, tensors, layers->len, &local_error);
  else
    attention = hl_attention_new_projected (self->kind, queries, keys, projections, causal, &local_error);

  if (attention == NULL ||
      (tensors != NULL && projections != NULL && !hl_attention_set_projections (attention, projections, &local_error)))
    {
      hl_dump_propagate (error, local_error);
      return NULL;
    }

  return g_steal_pointer (&attention);
}

static gboolean
load_attention (Loader  *self,
                GError **error)
{
  g_autoptr (GArray) layers = NULL;
  g_autoptr (GArray) queries = NULL;
  g_autoptr (HlProjections) projections = NULL;
  g_autoptr (HlAttention) attention = NULL;

  if (!get_kind (self, error))
    return FALSE;

  layers = collect_layers (self, HL_DUMP_ATTENTION, error);
  queries = layers != NULL ? collect_layers (self, HL_DUMP_QUERIES, error) : NULL;

  if (queries == NULL || !load_projections (self, layers, queries, &projections, error))
    return FALSE;

  if (layers->len == 0 && projections == NULL)
    return TRUE;

  attention = create_attention (self, layers, projections, error);

  if (attention == NULL || !set_numbers (self, attention, layers->len > 0 ? layers : queries, error))
    return FALSE;

  hl_trace_add_attention (self->trace, attention);

  return TRUE;
}

static gboolean
load_scores (Loader            *self,
             const HlDumpItem  *item,
             GError           **error)
{
  g_autoptr (HlScores) scores = hl_dump_load_scores (self->dump, self->instance, item, &self->numbered, error);

  if (scores == NULL)
    return FALSE;

  hl_trace_add_scores (self->trace, scores);

  return TRUE;
}

/* Every group that has tensors, in the order in which they appear. */
static gboolean
load_groups (Loader  *self,
             GError **error)
{
  g_autoptr (GHashTable) done = g_hash_table_new (NULL, NULL);

  for (guint i = 0; i < self->instance->n; i++)
    {
      const HlDumpItem *item = &g_array_index (self->dump->items, HlDumpItem, self->instance->first + i);

      if ((item->name.field > HL_DUMP_VALUES && item->name.field != HL_DUMP_SCORES) ||
          !g_hash_table_add (done, GUINT_TO_POINTER (item->name.group)))
        continue;

      self->group = item->name.group;

      if (item->name.field == HL_DUMP_SCORES ? !load_scores (self, item, error) : !load_attention (self, error))
        return FALSE;
    }

  return TRUE;
}

static gboolean
load_strings (Loader  *self,
              GError **error)
{
  const HlDumpItem *notes = hl_dump_find (self->dump, self->instance, HL_DUMP_GROUP_NONE, HL_DUMP_NOTES);
  const HlDumpItem *model = hl_dump_find_inherited (self->dump, self->instance, HL_DUMP_GROUP_NONE, HL_DUMP_MODEL);
  const char *text = hl_dump_get_text (self->dump, self->instance,
                                       hl_dump_find (self->dump, self->instance, HL_DUMP_GROUP_NONE, HL_DUMP_TEXT));
  g_auto (GStrv) parsed = NULL;

  if (text != NULL)
    hl_trace_set_text (self->trace, text);

  if (hl_dump_get_text (self->dump, self->instance, model) != NULL)
    hl_trace_set_metadata (self->trace, "model", hl_dump_get_text (self->dump, self->instance, model));

  for (guint i = 0; i < self->instance->n; i++)
    {
      const HlDumpItem *item = &g_array_index (self->dump->items, HlDumpItem, self->instance->first + i);

      if (item->name.field == HL_DUMP_METADATA)
        hl_trace_set_metadata (self->trace, item->name.rest, item->text);
    }

  if (notes != NULL && notes->text != NULL)
    {
      parsed = hl_dump_json_strings (notes->text, notes->key, error);

      if (parsed == NULL)
        return FALSE;
    }

  for (gsize i = 0; parsed != NULL && parsed[i] != NULL; i++)
    hl_trace_add_note (self->trace, parsed[i]);

  return TRUE;
}

HlTrace *
hl_dump_load_trace (HlDump                *self,
                    const HlDumpInstance  *instance,
                    GCancellable          *cancellable,
                    GError               **error)
{
  /* Without a number, the title is that of the whole file. */
  const HlDumpItem *title_item = instance->number >= 0
                                 ? hl_dump_find (self, instance, HL_DUMP_GROUP_NONE, HL_DUMP_TITLE) : NULL;
  const char *title = hl_dump_get_text (self, instance, title_item);
  g_autoptr (HlTrace) trace = hl_trace_new (title);
  g_autoptr (HlPrediction) prediction = NULL;
  Loader loader = { .dump = self, .instance = instance, .trace = trace, .cancellable = cancellable };
  GError *local_error = NULL;

  if (!load_strings (&loader, error) || !load_groups (&loader, error))
    return NULL;

  if (hl_trace_get_n_attentions (trace) == 0 && hl_trace_get_n_scores (trace) == 0)
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY,
                   "Instance %d has neither attention, nor queries with keys, nor scores.", MAX (instance->number, 0));
      return NULL;
    }

  prediction = hl_dump_load_prediction (self, instance, &local_error);

  if (local_error != NULL)
    {
      g_propagate_error (error, local_error);
      return NULL;
    }

  if (prediction != NULL)
    hl_trace_set_prediction (trace, prediction);
  if (loader.numbered)
    hl_trace_add_note (trace, "The file has no tokens; they are numbered from 0.");

  /* What Headlight wrote has its notes with it. */
  if (loader.n_beyond > 0 && hl_container_get_metadata (self->container, "headlight.version") == NULL)
    hl_trace_add_note_printf (trace,
                              "%" G_GSIZE_FORMAT " of the stored weights lie outside 0 to 1: they may be scores from before "
                              "the softmax.", loader.n_beyond);

  return g_steal_pointer (&trace);
}
