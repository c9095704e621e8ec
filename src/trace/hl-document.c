#include "hl-document.h"

/* Decoded traces that are kept: the one shown, its neighbours, and one to compare with. */
#define N_KEPT 4

typedef struct
{
  guint    index;
  HlTrace *trace;
} Kept;

struct _HlDocument
{
  GObject        parent_instance;

  char          *title;
  char          *format;
  GPtrArray     *instances;  /* of HlInstance */
  GPtrArray     *notes;      /* NULL-terminated */
  HlDocumentLoad load;
  gpointer       data;
  GDestroyNotify destroy;

  GMutex         lock;       /* guards what is below, and serialises load */
  Kept           kept[N_KEPT]; /* latest first; trace NULL where empty */
};

static GType
hl_document_get_item_type (GListModel *model)
{
  return HL_TYPE_INSTANCE;
}

static guint
hl_document_get_n_items (GListModel *model)
{
  return HL_DOCUMENT (model)->instances->len;
}

static gpointer
hl_document_get_item (GListModel *model,
                      guint       position)
{
  HlDocument *self = HL_DOCUMENT (model);

  if (position >= self->instances->len)
    return NULL;

  return g_object_ref (g_ptr_array_index (self->instances, position));
}

static void
hl_document_list_model_init (GListModelInterface *iface)
{
  iface->get_item_type = hl_document_get_item_type;
  iface->get_n_items = hl_document_get_n_items;
  iface->get_item = hl_document_get_item;
}

G_DEFINE_FINAL_TYPE_WITH_CODE (HlDocument, hl_document, G_TYPE_OBJECT,
                               G_IMPLEMENT_INTERFACE (G_TYPE_LIST_MODEL, hl_document_list_model_init))

static void
drop_kept (HlDocument *self)
{
  for (guint i = 0; i < N_KEPT; i++)
    g_clear_pointer (&self->kept[i].trace, hl_trace_unref);
}

static void
hl_document_finalize (GObject *object)
{
  HlDocument *self = HL_DOCUMENT (object);

  drop_kept (self);
  if (self->destroy != NULL)
    self->destroy (self->data);
  g_free (self->title);
  g_free (self->format);
  g_ptr_array_unref (self->instances);
  g_ptr_array_unref (self->notes);
  g_mutex_clear (&self->lock);

  G_OBJECT_CLASS (hl_document_parent_class)->finalize (object);
}

static void
hl_document_class_init (HlDocumentClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = hl_document_finalize;
}

static void
hl_document_init (HlDocument *self)
{
  self->instances = g_ptr_array_new_with_free_func (g_object_unref);
  self->notes = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->notes, NULL);
  g_mutex_init (&self->lock);
}

HlDocument *
hl_document_new (const char     *title,
                 const char     *format,
                 HlDocumentLoad  load,
                 gpointer        data,
                 GDestroyNotify  destroy)
{
  HlDocument *self = g_object_new (HL_TYPE_DOCUMENT, NULL);

  self->title = g_strdup (title);
  self->format = g_strdup (format);
  self->load = load;
  self->data = data;
  self->destroy = destroy;

  return self;
}

void
hl_document_append (HlDocument *self,
                    HlInstance *instance)
{
  hl_instance_set_index (instance, self->instances->len);
  g_ptr_array_add (self->instances, instance);
}

void
hl_document_add_note (HlDocument *self,
                      const char *note)
{
  g_ptr_array_insert (self->notes, (int) self->notes->len - 1, g_strdup (note));
}

gpointer
hl_document_get_data (HlDocument     *self,
                      HlDocumentLoad  load)
{
  g_return_val_if_fail (HL_IS_DOCUMENT (self), NULL);

  return self->load == load ? self->data : NULL;
}

void
hl_document_replace (HlDocument         *self,
                     HlInstance * const *instances)
{
  guint n;

  g_return_if_fail (HL_IS_DOCUMENT (self));

  n = self->instances->len;
  for (guint i = 0; i < n; i++)
    {
      g_object_unref (self->instances->pdata[i]);
      self->instances->pdata[i] = g_object_ref (instances[i]);
      hl_instance_set_index (instances[i], i);
    }

  /* A load under way holds the lock until its trace, which may be of before, is among those that are dropped. */
  g_mutex_lock (&self->lock);
  drop_kept (self);
  g_mutex_unlock (&self->lock);

  g_list_model_items_changed (G_LIST_MODEL (self), 0, n, n);
}

const char *
hl_document_get_title (HlDocument *self)
{
  return self->title;
}

const char *
hl_document_get_format (HlDocument *self)
{
  return self->format;
}

const char * const *
hl_document_get_notes (HlDocument *self)
{
  return (const char * const *) self->notes->pdata;
}

guint
hl_document_get_n_instances (HlDocument *self)
{
  return self->instances->len;
}

HlInstance *
hl_document_get_instance (HlDocument *self,
                          guint       index)
{
  g_return_val_if_fail (index < self->instances->len, NULL);

  return g_ptr_array_index (self->instances, index);
}

/* Moves the entry at @position to the front. */
static HlTrace *
touch_kept (HlDocument *self,
            guint       position)
{
  Kept entry = self->kept[position];

  for (guint i = position; i > 0; i--)
    self->kept[i] = self->kept[i - 1];
  self->kept[0] = entry;

  return hl_trace_ref (entry.trace);
}

HlTrace *
hl_document_load (HlDocument    *self,
                  guint          index,
                  GCancellable  *cancellable,
                  GError       **error)
{
  g_autoptr (GMutexLocker) locker = g_mutex_locker_new (&self->lock);
  HlTrace *trace;

  g_return_val_if_fail (index < self->instances->len, NULL);

  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return NULL;
  for (guint i = 0; i < N_KEPT; i++)
    if (self->kept[i].trace != NULL && self->kept[i].index == index)
      return touch_kept (self, i);

  trace = self->load (self->data, index, cancellable, error);
  if (trace == NULL)
    return NULL;

  g_clear_pointer (&self->kept[N_KEPT - 1].trace, hl_trace_unref);
  self->kept[N_KEPT - 1] = (Kept) { index, trace };

  return touch_kept (self, N_KEPT - 1);
}

static void
load_in_thread (GTask        *task,
                gpointer      source_object,
                gpointer      task_data,
                GCancellable *cancellable)
{
  GError *error = NULL;
  HlTrace *trace = hl_document_load (source_object, GPOINTER_TO_UINT (task_data), cancellable, &error);

  if (trace != NULL)
    g_task_return_pointer (task, trace, (GDestroyNotify) hl_trace_unref);
  else
    g_task_return_error (task, error);
}

void
hl_document_load_async (HlDocument          *self,
                        guint                index,
                        GCancellable        *cancellable,
                        GAsyncReadyCallback  callback,
                        gpointer             user_data)
{
  g_autoptr (GTask) task = g_task_new (self, cancellable, callback, user_data);

  g_task_set_source_tag (task, hl_document_load_async);
  g_task_set_task_data (task, GUINT_TO_POINTER (index), NULL);
  g_task_run_in_thread (task, load_in_thread);
}

HlTrace *
hl_document_load_finish (HlDocument    *self,
                         GAsyncResult  *result,
                         GError       **error)
{
  g_return_val_if_fail (g_task_is_valid (result, self), NULL);

  return g_task_propagate_pointer (G_TASK (result), error);
}
