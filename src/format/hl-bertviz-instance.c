#include "hl-bertviz-private.h"

#include <math.h>

/* Rows are sums of rounded numbers; further off than this, something else is behind it. */
#define ROW_SUM_TOLERANCE 1e-3

void
hl_bertviz_part_free (HlBertvizPart *self)
{
  g_free (self->path);
  g_clear_pointer (&self->left, hl_tokens_unref);
  g_clear_pointer (&self->right, hl_tokens_unref);
  g_free (self);
}

void
hl_bertviz_instance_free (HlBertvizInstance *self)
{
  g_free (self->source);
  g_ptr_array_unref (self->parts);
  g_ptr_array_unref (self->notes);
  g_clear_pointer (&self->layer, g_array_unref);
  g_clear_pointer (&self->heads, g_array_unref);
  g_clear_pointer (&self->include_layers, g_array_unref);
  g_clear_pointer (&self->include_heads, g_array_unref);
  g_free (self);
}

char *
hl_bertviz_join_path (const char *path,
                      const char *key)
{
  return path[0] != '\0' ? g_strdup_printf ("%s.%s", path, key) : g_strdup (key);
}

static HlBertvizPart *
get_part (HlBertvizInstance *self,
          guint              index)
{
  return g_ptr_array_index (self->parts, index);
}

const char *
hl_bertviz_instance_get_view (HlBertvizInstance *self)
{
  switch (self->view)
    {
    case HL_BERTVIZ_VIEW_HEAD:
      return "head view";
    case HL_BERTVIZ_VIEW_MODEL:
      return "model view";
    case HL_BERTVIZ_VIEW_NEURON:
      return "neuron view";
    case HL_BERTVIZ_VIEW_UNKNOWN:
    default:
      return "attention";
    }
}

static void
append_count (GString    *text,
              gsize       n,
              const char *one,
              const char *many)
{
  g_string_append_printf (text, "%" G_GSIZE_FORMAT " %s", n, n == 1 ? one : many);
}

/* "12 layers × 12 heads", or where the parts differ, "6 × 8, 6 × 8, 6 × 4 layers × heads". */
static void
append_sizes (HlBertvizInstance *self,
              GString           *text)
{
  const gsize *first = get_part (self, 0)->attn.array.dims;
  gboolean differ = FALSE;

  for (guint i = 1; i < self->parts->len; i++)
    {
      const gsize *dims = get_part (self, i)->attn.array.dims;

      differ |= dims[0] != first[0] || dims[1] != first[1];
    }
  if (!differ)
    {
      append_count (text, first[0], "layer", "layers");
      g_string_append (text, " × ");
      append_count (text, first[1], "head", "heads");
      return;
    }

  for (guint i = 0; i < self->parts->len; i++)
    {
      const gsize *dims = get_part (self, i)->attn.array.dims;

      g_string_append_printf (text, "%s%" G_GSIZE_FORMAT " × %" G_GSIZE_FORMAT, i > 0 ? ", " : "", dims[0], dims[1]);
    }
  g_string_append (text, " layers × heads");
}

char *
hl_bertviz_instance_describe (HlBertvizInstance *self)
{
  GString *text = g_string_new (NULL);
  HlBertvizPart *first = get_part (self, 0);
  HlBertvizPart *last = get_part (self, self->parts->len - 1);

  if (self->parts->len > 1)
    g_string_append (text, "encoder–decoder · ");
  append_sizes (self, text);
  g_string_append (text, " · ");
  if (first->left == first->right && last == first)
    {
      append_count (text, hl_tokens_get_length (first->left), "token", "tokens");
    }
  else
    {
      /* Source, then target. */
      HlTokens *source = self->parts->len > 1 ? first->left : first->right;
      HlTokens *target = last->left;

      g_string_append_printf (text, "%" G_GSIZE_FORMAT " → ", hl_tokens_get_length (source));
      append_count (text, hl_tokens_get_length (target), "token", "tokens");
    }

  return g_string_free (text, FALSE);
}

char *
hl_bertviz_instance_dup_text (HlBertvizInstance *self)
{
  GString *text = g_string_new (NULL);
  HlTokens *seen[6];
  gsize n_seen = 0;

  for (guint i = 0; i < self->parts->len; i++)
    {
      HlBertvizPart *part = get_part (self, i);
      /* The source comes first in cross-attention too. */
      HlTokens *sides[2] = { part->right, part->left };

      for (guint side = 0; side < 2; side++)
        {
          g_autofree char *string = NULL;
          gboolean known = FALSE;

          for (gsize k = 0; k < n_seen; k++)
            known |= seen[k] == sides[side];
          if (known)
            continue;
          string = hl_tokens_to_text (sides[side]);
          g_string_append_printf (text, "%s%s", n_seen > 0 ? " → " : "", string);
          seen[n_seen++] = sides[side];
        }
    }

  return g_string_free (text, FALSE);
}

gsize
hl_bertviz_instance_get_n_tokens (HlBertvizInstance *self)
{
  return hl_tokens_get_length (get_part (self, 0)->left);
}

static HlTensor *
read_tensor (HlJsonScanner          *scanner,
             const HlBertvizPart             *part,
             const HlBertvizMatrix  *matrix,
             GError                **error)
{
  g_autofree char *path = hl_bertviz_join_path (part->path, matrix->key);
  gsize n = hl_json_array_get_size (&matrix->array);
  g_autofree float *values = g_try_new (float, n);

  if (values == NULL)
    {
      g_set_error (error, G_FILE_ERROR, G_FILE_ERROR_NOMEM,
                   "There is no memory for the %" G_GSIZE_FORMAT " numbers of “%s”.", n, path);
      return NULL;
    }

  scanner->context = path;
  hl_json_scanner_read_array (scanner, &matrix->array, values);
  scanner->context = NULL;
  if (!hl_json_scanner_check (scanner, error))
    return NULL;

  return hl_tensor_new_take_f32 (4, matrix->array.dims, g_steal_pointer (&values));
}

/* The parts along the first axis, one a layer. */
static GPtrArray *
split_layers (HlTensor *tensor)
{
  GPtrArray *layers = g_ptr_array_new_with_free_func ((GDestroyNotify) hl_tensor_unref);

  for (gsize layer = 0; layer < hl_tensor_get_dim (tensor, 0); layer++)
    g_ptr_array_add (layers, hl_tensor_index (tensor, layer));

  return layers;
}

static void
note_row_sums (HlTrace    *trace,
               const HlBertvizPart *part,
               HlTensor   *tensor)
{
  const float *row = hl_tensor_peek_f32 (tensor);
  const gsize n = part->attn.array.dims[3];
  const gsize n_rows = hl_tensor_get_n_elements (tensor) / n;
  gsize n_off = 0;
  gsize worst = 0;
  double worst_sum = 1;

  for (gsize i = 0; i < n_rows; i++, row += n)
    {
      double sum = 0;

      for (gsize k = 0; k < n; k++)
        sum += row[k];
      n_off += fabs (sum - 1) > ROW_SUM_TOLERANCE;
      if (fabs (sum - 1) > fabs (worst_sum - 1))
        {
          worst_sum = sum;
          worst = i;
        }
    }
  if (n_off == 0)
    return;

  hl_trace_add_note_printf (trace,
                            "%" G_GSIZE_FORMAT " of %" G_GSIZE_FORMAT " rows of attention do not sum to 1 and are shown as "
                            "they are; furthest off is %.4g, in layer %" G_GSIZE_FORMAT ", head %" G_GSIZE_FORMAT ", "
                            "token %" G_GSIZE_FORMAT " (counted from 0 in the file).",
                            n_off, n_rows, worst_sum, worst / part->attn.array.dims[2] / part->attn.array.dims[1],
                            worst / part->attn.array.dims[2] % part->attn.array.dims[1],
                            worst % part->attn.array.dims[2]);
}

/* Numbers of a subset of layers or heads; a list that does not fit names nothing. */
static gboolean
numbers_fit (HlTrace    *trace,
             GArray     *numbers,
             gsize       n,
             const char *key,
             const char *what)
{
  if (numbers == NULL)
    return FALSE;
  if (numbers->len == n)
    return TRUE;

  hl_trace_add_note_printf (trace,
                            "The list “%s” names %u %s where there are %" G_GSIZE_FORMAT "; they are counted from 0.",
                            key, numbers->len, what, n);

  return FALSE;
}

static gboolean
load_part (HlBertvizInstance  *self,
           HlJsonScanner      *scanner,
           const HlBertvizPart         *part,
           HlTrace            *trace,
           GError            **error)
{
  g_autoptr (HlTensor) weights = read_tensor (scanner, part, &part->attn, error);
  g_autoptr (GPtrArray) layers = NULL;
  g_autoptr (HlAttention) attention = NULL;

  if (weights == NULL)
    return FALSE;
  layers = split_layers (weights);
  attention = hl_attention_new_dense (part->kind, part->left, part->right, (HlTensor **) layers->pdata, layers->len, error);
  if (attention == NULL)
    return FALSE;

  if (part->queries.key != NULL)
    {
      g_autoptr (HlTensor) queries = read_tensor (scanner, part, &part->queries, error);
      g_autoptr (HlTensor) keys = queries != NULL ? read_tensor (scanner, part, &part->keys, error) : NULL;
      g_autoptr (GPtrArray) query_layers = NULL;
      g_autoptr (GPtrArray) key_layers = NULL;
      g_autoptr (HlProjections) projections = NULL;

      if (keys == NULL)
        return FALSE;
      query_layers = split_layers (queries);
      key_layers = split_layers (keys);
      projections = hl_projections_new ((HlTensor **) query_layers->pdata, (HlTensor **) key_layers->pdata, NULL,
                                        query_layers->len, 0, error);
      if (projections == NULL || !hl_attention_set_projections (attention, projections, error))
        return FALSE;
    }

  if (numbers_fit (trace, self->include_layers, part->attn.array.dims[0], "include_layers", "layers"))
    hl_attention_set_layer_numbers (attention, (const guint *) (gpointer) self->include_layers->data);
  if (numbers_fit (trace, self->include_heads, part->attn.array.dims[1], "include_heads", "heads"))
    hl_attention_set_head_numbers (attention, (const guint *) (gpointer) self->include_heads->data);

  note_row_sums (trace, part, weights);
  if (self->bidirectional == FALSE && !hl_attention_is_causal (attention) && hl_tokens_get_length (part->left) > 1)
    hl_trace_add_note (trace, "The file says that no token attends to those after it, but its weights do.");
  hl_trace_add_attention (trace, attention);

  return TRUE;
}

static void
set_numbers (HlTrace    *trace,
             const char *key,
             GArray     *numbers)
{
  g_autoptr (GString) text = NULL;

  if (numbers == NULL || numbers->len == 0)
    return;

  text = g_string_new (NULL);
  for (guint i = 0; i < numbers->len; i++)
    g_string_append_printf (text, "%s%u", i > 0 ? "," : "", g_array_index (numbers, guint, i));
  hl_trace_set_metadata (trace, key, text->str);
}

HlTrace *
hl_bertviz_instance_load (HlBertvizInstance  *self,
                          GBytes             *text,
                          const char         *title,
                          GCancellable       *cancellable,
                          GError            **error)
{
  g_autoptr (HlTrace) trace = hl_trace_new (title);
  g_auto (HlJsonScanner) scanner;
  gsize length;
  const char *data = g_bytes_get_data (text, &length);

  hl_json_scanner_init (&scanner, data, length, self->source);
  hl_json_scanner_watch (&scanner, NULL, NULL, cancellable);
  for (guint i = 0; i < self->notes->len; i++)
    hl_trace_add_note (trace, g_ptr_array_index (self->notes, i));
  for (guint i = 0; i < self->parts->len; i++)
    if (!load_part (self, &scanner, get_part (self, i), trace, error))
      return NULL;

  hl_trace_set_metadata (trace, "view", hl_bertviz_instance_get_view (self));
  set_numbers (trace, "layer", self->layer);
  set_numbers (trace, "heads", self->heads);

  return g_steal_pointer (&trace);
}
