#include "hl-dump-private.h"

#include <math.h>
#include <string.h>

static int
compare_items (gconstpointer a,
               gconstpointer b)
{
  const HlDumpItem *x = a;
  const HlDumpItem *y = b;

  return (x->name.instance > y->name.instance) - (x->name.instance < y->name.instance);
}

static void
add_item (HlDump             *self,
          const char         *key,
          HlTensor           *tensor,
          const char * const *strings,
          const char         *text)
{
  HlDumpItem item = { .key = key, .tensor = tensor, .strings = strings, .text = text };
  HlDumpContent content = tensor != NULL ? HL_DUMP_TENSOR : strings != NULL ? HL_DUMP_STRINGS : HL_DUMP_STRING;

  if (hl_dump_name_parse (key, content, &item.name))
    g_array_append_val (self->items, item);
  else if (text == NULL)
    g_ptr_array_add (self->unknown, (gpointer) key);
}

static gboolean
is_layered (HlDumpField field)
{
  return field <= HL_DUMP_VALUES;
}

/* The instances that are said by number, and which entries are theirs. */
static void
find_instances (HlDump *self)
{
  g_array_sort (self->items, compare_items);

  for (guint i = 0; i < self->items->len; i++)
    {
      const HlDumpItem *item = &g_array_index (self->items, HlDumpItem, i);
      HlDumpInstance *last = self->instances->len > 0
                             ? &g_array_index (self->instances, HlDumpInstance, self->instances->len - 1) : NULL;

      if (last == NULL || last->number != item->name.instance)
        {
          HlDumpInstance instance = { .number = item->name.instance, .first = i };

          g_array_append_val (self->instances, instance);
          last = &g_array_index (self->instances, HlDumpInstance, self->instances->len - 1);
        }

      last->n++;
    }
}

/* Entries without a number are an instance of their own, unless there are others: then they hold for all of those. */
static gboolean
take_defaults (HlDump  *self,
               GError **error)
{
  const HlDumpInstance *none = self->instances->len > 1 ? &g_array_index (self->instances, HlDumpInstance, 0) : NULL;

  if (none == NULL || none->number >= 0)
    return TRUE;

  for (guint i = none->n; i-- > 0;)
    {
      const HlDumpItem *item = &g_array_index (self->items, HlDumpItem, i);

      if (is_layered (item->name.field) || item->name.field == HL_DUMP_SCORES)
        {
          g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SHAPE,
                       "The tensor “%.200s” belongs to no instance, but others are numbered as in “%.200s”.", item->key,
                       g_array_index (self->items, HlDumpItem, none->n).key);
          return FALSE;
        }

      if (item->name.group == HL_DUMP_GROUP_NONE)
        self->defaults[item->name.field] = item;
    }

  g_array_remove_index (self->instances, 0);

  return TRUE;
}

/* Axes of a layered tensor without a batch: stacked over layers or not, and with two or three of its own. */
static gboolean
check_tensor (const HlDumpItem *item,
              guint            *batch,
              GError          **error)
{
  guint rank = hl_tensor_get_rank (item->tensor);
  guint largest = item->name.layer >= 0 ? 4 : 5;
  g_autofree char *shape = hl_tensor_describe_shape (item->tensor);
  gsize n = 1;

  if (rank < 2 || rank > largest)
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SHAPE,
                   "The tensor “%.200s” has the shape %s; Headlight reads %s.", item->key, shape,
                   item->name.layer >= 0 ? "[heads, queries, keys], with a batch before it if need be"
                                         : "[layers, heads, queries, keys], with a batch behind the layers if need be");
      return FALSE;
    }

  if (hl_tensor_get_n_elements (item->tensor) == 0)
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY, "The tensor “%.200s” of shape %s is empty.",
                   item->key, shape);
      return FALSE;
    }

  if (rank == largest)
    n = hl_tensor_get_dim (item->tensor, largest - 4);

  if (n > HL_DUMP_MAX_NUMBER || (*batch != 0 && n != *batch))
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SHAPE,
                   "The tensor “%.200s” of shape %s is a batch of %" G_GSIZE_FORMAT "%s.", item->key, shape, n,
                   *batch != 0 ? ", unlike the tensors before it" : ", which is too many");
      return FALSE;
    }

  *batch = (guint) n;

  return TRUE;
}

/* arr_0 alone is all layers; several are one each. */
static void
settle_unnamed (HlDump               *self,
                const HlDumpInstance *instance)
{
  HlDumpItem *unnamed = NULL;
  guint n = 0;

  for (guint i = 0; i < instance->n; i++)
    {
      HlDumpItem *item = &g_array_index (self->items, HlDumpItem, instance->first + i);

      if (item->name.unnamed && item->name.field == HL_DUMP_ATTENTION)
        {
          unnamed = item;
          n++;
        }
    }

  if (n == 1 && unnamed->name.layer == 0)
    unnamed->name.layer = -1;
}

static gboolean
check_instance (HlDump                *self,
                const HlDumpInstance  *instance,
                guint                 *batch,
                GError               **error)
{
  guint groups[HL_DUMP_MAX_GROUPS];
  guint n_groups = 0;
  gboolean has_content = FALSE;

  *batch = 0;
  settle_unnamed (self, instance);

  for (guint i = 0; i < instance->n; i++)
    {
      const HlDumpItem *item = &g_array_index (self->items, HlDumpItem, instance->first + i);
      guint k = 0;

      if (is_layered (item->name.field) && !check_tensor (item, batch, error))
        return FALSE;

      has_content |= is_layered (item->name.field) || item->name.field == HL_DUMP_SCORES;

      while (k < n_groups && groups[k] != item->name.group)
        k++;

      if (k == HL_DUMP_MAX_GROUPS)
        {
          g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_VALUE,
                       "The entry “%.200s” belongs to one more kind of attention or scores than the %d that an instance"
                       " may have.", item->key, HL_DUMP_MAX_GROUPS);
          return FALSE;
        }

      if (k == n_groups)
        groups[n_groups++] = item->name.group;
    }

  if (!has_content)
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY,
                   "Instance %d has neither attention, nor queries and keys, nor scores.", MAX (instance->number, 0));
      return FALSE;
    }

  return TRUE;
}

/* Says what the names look like, where none is a dump's. */
static gboolean
fail_empty (HlDump  *self,
            GError **error)
{
  g_autoptr (GString) names = g_string_new (NULL);
  gboolean weights = FALSE;

  for (guint i = 0; i < self->unknown->len; i++)
    {
      const char *name = g_ptr_array_index (self->unknown, i);

      weights |= g_str_has_suffix (name, ".weight") || g_str_has_suffix (name, ".bias");

      if (i < 3)
        g_string_append_printf (names, "%s“%.60s”", i > 0 ? ", " : "", name);
    }

  if (self->unknown->len > 3)
    g_string_append (names, " …");

  if (self->unknown->len == 0)
    g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY, "The file holds no tensors.");
  else if (weights)
    g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY,
                 "The file seems to hold a model's weights (%s), not attention.", names->str);
  else
    g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY,
                 "The file holds no array by the name of “attention”, or “queries” and “keys”, only %s.", names->str);

  return FALSE;
}

static gboolean
check (HlDump  *self,
       GError **error)
{
  gboolean has_content = FALSE;
  guint batch = 0;

  for (guint i = 0; i < self->items->len && !has_content; i++)
    {
      HlDumpField field = g_array_index (self->items, HlDumpItem, i).name.field;

      has_content = is_layered (field) || field == HL_DUMP_SCORES;
    }

  if (!has_content)
    return fail_empty (self, error);

  find_instances (self);

  if (!take_defaults (self, error))
    return FALSE;

  for (guint i = 0; i < self->instances->len; i++)
    {
      const HlDumpInstance *instance = &g_array_index (self->instances, HlDumpInstance, i);

      if (!check_instance (self, instance, &batch, error))
        return FALSE;

      if (batch > 1 && instance->number >= 0)
        {
          g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SHAPE,
                       "Instance %d is a batch of %u; each must be an instance of its own.", instance->number, batch);
          return FALSE;
        }
    }

  /* A batch is one list of entries, read once for each in it. */
  for (guint i = 1; i < batch && g_array_index (self->instances, HlDumpInstance, 0).number < 0; i++)
    {
      HlDumpInstance instance = g_array_index (self->instances, HlDumpInstance, 0);

      instance.batch = i;
      g_array_append_val (self->instances, instance);
      self->n_batch = batch;
    }

  return TRUE;
}

HlDump *
hl_dump_new (HlContainer  *container,
             GError      **error)
{
  HlDump *self = g_new0 (HlDump, 1);
  const char * const *names = hl_container_get_names (container);
  const char * const *keys = hl_container_get_metadata_keys (container);

  self->container = hl_container_ref (container);
  self->items = g_array_new (FALSE, FALSE, sizeof (HlDumpItem));
  self->instances = g_array_new (FALSE, FALSE, sizeof (HlDumpInstance));
  self->unknown = g_ptr_array_new ();
  self->n_batch = 1;

  for (gsize i = 0; names[i] != NULL; i++)
    add_item (self, names[i], hl_container_get_tensor (container, names[i]),
              hl_container_get_strings (container, names[i]), NULL);
  for (gsize i = 0; keys[i] != NULL; i++)
    add_item (self, keys[i], NULL, NULL, hl_container_get_metadata (container, keys[i]));

  if (!check (self, error))
    {
      hl_dump_free (self);
      return NULL;
    }

  return self;
}

void
hl_dump_free (HlDump *self)
{
  g_array_unref (self->items);
  g_array_unref (self->instances);
  g_ptr_array_unref (self->unknown);
  hl_container_unref (self->container);
  g_free (self);
}

const HlDumpItem *
hl_dump_find (HlDump               *self,
              const HlDumpInstance *instance,
              guint                 group,
              HlDumpField           field)
{
  for (guint i = 0; i < instance->n; i++)
    {
      const HlDumpItem *item = &g_array_index (self->items, HlDumpItem, instance->first + i);

      if (item->name.group == group && item->name.field == field)
        return item;
    }

  return NULL;
}

const HlDumpItem *
hl_dump_find_inherited (HlDump               *self,
                        const HlDumpInstance *instance,
                        guint                 group,
                        HlDumpField           field)
{
  const HlDumpItem *item = hl_dump_find (self, instance, group, field);

  if (item == NULL && group != HL_DUMP_GROUP_NONE)
    item = hl_dump_find (self, instance, HL_DUMP_GROUP_NONE, field);

  return item != NULL ? item : self->defaults[field];
}

const char *
hl_dump_get_text (HlDump               *self,
                  const HlDumpInstance *instance,
                  const HlDumpItem     *item)
{
  gsize n;

  if (item == NULL)
    return NULL;
  if (item->text != NULL)
    return item->text;
  if (item->strings == NULL)
    return NULL;

  n = g_strv_length ((char **) item->strings);

  if (n == 1)
    return item->strings[0];

  return n == self->n_batch ? item->strings[instance->batch] : NULL;
}

gboolean
hl_dump_get_number (HlDump               *self,
                    const HlDumpInstance *instance,
                    const HlDumpItem     *item,
                    double               *number)
{
  const char *text = hl_dump_get_text (self, instance, item);
  char *end;

  if (text != NULL)
    {
      if (g_ascii_strcasecmp (text, "true") == 0 || g_ascii_strcasecmp (text, "false") == 0)
        {
          *number = g_ascii_strcasecmp (text, "true") == 0;
          return TRUE;
        }

      *number = g_ascii_strtod (text, &end);
      return end != text && *end == '\0';
    }

  if (item != NULL && item->tensor != NULL)
    {
      gsize n = hl_tensor_get_n_elements (item->tensor);
      float value;

      if (n != 1 && n != self->n_batch)
        return FALSE;

      hl_tensor_read_f32 (item->tensor, n == 1 ? 0 : instance->batch, 1, &value);
      *number = value;
      return TRUE;
    }

  return FALSE;
}

gboolean
hl_dump_propagate (GError **error,
                   GError  *source)
{
  HlFormatError code = HL_FORMAT_ERROR_SYNTAX;

  if (source->domain != HL_TENSOR_ERROR)
    {
      g_propagate_error (error, source);
      return FALSE;
    }

  if (source->code == HL_TENSOR_ERROR_SHAPE)
    code = HL_FORMAT_ERROR_SHAPE;
  else if (source->code == HL_TENSOR_ERROR_TRUNCATED)
    code = HL_FORMAT_ERROR_TRUNCATED;
  else if (source->code == HL_TENSOR_ERROR_UNSUPPORTED)
    code = HL_FORMAT_ERROR_VALUE;

  g_set_error_literal (error, HL_FORMAT_ERROR, code, source->message);
  g_error_free (source);

  return FALSE;
}
