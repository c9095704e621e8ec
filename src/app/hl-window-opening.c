#include "config.h"

#include "hl-window-private.h"

#include <glib/gi18n-lib.h>

#include "hl-format.h"
#include "hl-neatvision.h"

/* What takes longer shows how far it is, ms. */
#define PATIENCE 150
#define TICK 60

/* Names of classes are a few kB. */
#define MAX_LABELS (1024 * 1024)

typedef struct
{
  GFile      *file;
  HlDocument *document;
  HlTrace    *trace;
  HlDocument *open;     /* (nullable) what the window shows: the file may be the names of its classes */
  GBytes     *labels;   /* (nullable) it is */
  int        *permille; /* shared with the window */
} Opening;

static void
opening_free (Opening *opening)
{
  g_clear_object (&opening->file);
  g_clear_object (&opening->document);
  g_clear_pointer (&opening->trace, hl_trace_unref);
  g_clear_object (&opening->open);
  g_clear_pointer (&opening->labels, g_bytes_unref);
  g_atomic_rc_box_release (opening->permille);
  g_free (opening);
}

static void
progress_cb (goffset current, goffset total, gpointer user_data)
{
  int *permille = user_data;

  if (total > 0)
    g_atomic_int_set (permille, (int) (current * 1000.0 / total));
}

static gboolean
tick_cb (gpointer user_data)
{
  HlWindow *self = user_data;
  int permille = g_atomic_int_get (self->permille);

  gtk_revealer_set_reveal_child (self->progress_revealer, TRUE);
  if (permille > 0 && permille < 1000)
    gtk_progress_bar_set_fraction (self->progress_bar, permille / 1000.0);
  else
    gtk_progress_bar_pulse (self->progress_bar);

  return G_SOURCE_CONTINUE;
}

static gboolean
patience_cb (gpointer user_data)
{
  HlWindow *self = user_data;

  self->progress_id = g_timeout_add (TICK, tick_cb, self);

  return G_SOURCE_REMOVE;
}

static GCancellable *
begin (HlWindow *self, const char *label)
{
  hl_window_cancel (self);

  self->cancellable = g_cancellable_new ();
  /* A new one each time: a cancelled thread may go on counting for a while. */
  self->permille = g_atomic_rc_box_new0 (int);
  gtk_label_set_label (self->progress_label, label);
  gtk_progress_bar_set_fraction (self->progress_bar, 0);
  self->progress_id = g_timeout_add (PATIENCE, patience_cb, self);

  return self->cancellable;
}

static void
end (HlWindow *self)
{
  g_clear_handle_id (&self->progress_id, g_source_remove);
  g_clear_object (&self->cancellable);
  g_clear_pointer (&self->permille, g_atomic_rc_box_release);
  gtk_revealer_set_reveal_child (self->progress_revealer, FALSE);
}

void
hl_window_cancel (HlWindow *self)
{
  if (self->cancellable == NULL)
    return;

  g_cancellable_cancel (self->cancellable);
  end (self);
}

gboolean
hl_window_is_busy (HlWindow *self)
{
  g_return_val_if_fail (HL_IS_WINDOW (self), FALSE);

  return self->cancellable != NULL;
}

typedef struct
{
  HlWindow     *window;
  HlDocument   *document;
  GCancellable *cancellable;
  guint         index;
} Loading;

static void
loading_free (Loading *loading)
{
  g_object_unref (loading->window);
  g_object_unref (loading->document);
  g_object_unref (loading->cancellable);
  g_free (loading);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC (Loading, loading_free)

static void
loaded_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  g_autoptr (Loading) loading = user_data;
  HlWindow *self = loading->window;
  g_autoptr (GError) error = NULL;
  g_autoptr (HlTrace) trace = hl_document_load_finish (loading->document, result, &error);

  if (self->cancellable != loading->cancellable)
    return;

  end (self);
  if (trace)
    {
      hl_selection_set_trace (self->selection, trace, loading->index);
      return;
    }

  /* The list shows what the views show. */
  hl_sidebar_set_current (self->sidebar, hl_selection_get_state (self->selection)->instance);
  if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
    {
      const char *title = hl_instance_get_title (hl_document_get_instance (loading->document, loading->index));
      g_autofree char *sentence = g_strdup_printf (_("“%s” could not be read. %s"), title, error->message);

      hl_window_show_error (self, sentence, NULL);
    }
}

static void
load_instance (HlWindow *self, guint index)
{
  Loading *loading;
  g_autofree char *label = NULL;

  label = g_strdup_printf (_("Reading “%s”…"),
                           hl_instance_get_title (hl_document_get_instance (self->document, index)));
  loading = g_new0 (Loading, 1);
  loading->window = g_object_ref (self);
  loading->document = g_object_ref (self->document);
  loading->cancellable = g_object_ref (begin (self, label));
  loading->index = index;
  hl_document_load_async (self->document, index, loading->cancellable, loaded_cb, loading);
}

/* neat-vision keeps the names of classes apart from the data: such a file is not a document, but belongs to one. */
static GBytes *
load_labels (Opening *opening, GCancellable *cancellable)
{
  g_autoptr (GFileInfo) info = NULL;
  g_autoptr (GBytes) bytes = NULL;

  if (opening->open == NULL || g_strcmp0 (hl_document_get_format (opening->open), "neat-vision") != 0)
    return NULL;

  info = g_file_query_info (opening->file, G_FILE_ATTRIBUTE_STANDARD_SIZE, G_FILE_QUERY_INFO_NONE, cancellable, NULL);
  if (info == NULL || g_file_info_get_size (info) > MAX_LABELS)
    return NULL;

  bytes = g_file_load_bytes (opening->file, cancellable, NULL, NULL);
  if (bytes == NULL || !hl_neatvision_is_labels (bytes))
    return NULL;

  return g_steal_pointer (&bytes);
}

static void
open_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Opening *opening = task_data;
  g_autoptr (HlDocument) document = NULL;
  g_autoptr (HlTrace) trace = NULL;
  GError *error = NULL;

  opening->labels = load_labels (opening, cancellable);
  if (opening->labels)
    {
      g_task_return_boolean (task, TRUE);
      return;
    }

  document = hl_format_open (opening->file, progress_cb, opening->permille, cancellable, &error);
  if (document)
    trace = hl_document_load (document, 0, cancellable, &error);

  if (trace == NULL)
    {
      g_task_return_error (task, error);
      return;
    }

  opening->document = g_steal_pointer (&document);
  opening->trace = g_steal_pointer (&trace);
  g_task_return_boolean (task, TRUE);
}

static void
tell_failure (HlWindow *self, GFile *file, const GError *error)
{
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *shown = g_filename_display_name (name);
  g_autofree char *sentence = g_strdup_printf (_("“%s” could not be opened. %s"), shown, error->message);
  g_autofree char *where = g_file_get_parse_name (file);
  g_autofree char *details = g_strdup_printf (_("File: %s\nError: %s, %d"), where, g_quark_to_string (error->domain),
                                              error->code);

  hl_window_show_error (self, sentence, details);
}

static void
remember (HlWindow *self, GFile *file)
{
  g_autofree char *uri = g_file_get_uri (file);
  g_autoptr (GFile) folder = g_file_get_parent (file);

  if (g_file_has_uri_scheme (file, "resource"))
    return;

  gtk_recent_manager_add_item (gtk_recent_manager_get_default (), uri);
  if (folder && self->settings)
    {
      g_autofree char *folder_uri = g_file_get_uri (folder);

      g_settings_set_string (self->settings, "last-folder", folder_uri);
    }
}

static void
apply_labels (HlWindow *self, Opening *opening)
{
  g_autoptr (GError) error = NULL;

  if (hl_neatvision_apply_labels (self->document, opening->labels, &error))
    load_instance (self, hl_selection_get_state (self->selection)->instance);
  else
    tell_failure (self, opening->file, error);
}

static void
opened_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  HlWindow *self = HL_WINDOW (source);
  Opening *opening = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  /* Someone else's turn has begun, or the window is gone. */
  if (self->cancellable != g_task_get_cancellable (G_TASK (result)))
    return;

  end (self);
  if (!g_task_propagate_boolean (G_TASK (result), &error))
    {
      if (!g_error_matches (error, G_IO_ERROR, G_IO_ERROR_CANCELLED))
        tell_failure (self, opening->file, error);
      return;
    }

  if (opening->labels)
    {
      apply_labels (self, opening);
      return;
    }

  remember (self, opening->file);
  hl_window_set_document (self, opening->document, opening->file, opening->trace);
}

void
hl_window_open (HlWindow *self, GFile *file)
{
  g_autofree char *name = NULL;
  g_autofree char *shown = NULL;
  g_autofree char *label = NULL;
  g_autoptr (GTask) task = NULL;
  Opening *opening;

  g_return_if_fail (HL_IS_WINDOW (self));
  g_return_if_fail (G_IS_FILE (file));

  name = g_file_get_basename (file);
  shown = g_filename_display_name (name);
  label = g_strdup_printf (_("Opening “%s”…"), shown);

  opening = g_new0 (Opening, 1);
  opening->file = g_object_ref (file);
  g_set_object (&opening->open, self->document);
  task = g_task_new (self, begin (self, label), opened_cb, NULL);
  opening->permille = g_atomic_rc_box_acquire (self->permille);
  g_task_set_task_data (task, opening, (GDestroyNotify) opening_free);
  g_task_run_in_thread (task, open_thread);
}

void
hl_window_open_example (HlWindow *self, const char *name)
{
  g_autofree char *uri = NULL;
  g_autoptr (GFile) file = NULL;

  g_return_if_fail (HL_IS_WINDOW (self));

  uri = g_strdup_printf ("resource:///io/github/headlight/Headlight/examples/%s.safetensors", name);
  file = g_file_new_for_uri (uri);
  hl_window_open (self, file);
}

void
hl_window_show_instance (HlWindow *self, guint index)
{
  g_return_if_fail (HL_IS_WINDOW (self));

  if (self->document == NULL || index >= hl_document_get_n_instances (self->document) ||
      (index == hl_selection_get_state (self->selection)->instance && self->cancellable == NULL))
    return;

  load_instance (self, index);
}

static GtkFileFilter *
create_filter (const char *name)
{
  GtkFileFilter *filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);

  return filter;
}

static void
add_filters (GtkFileChooser *chooser)
{
  g_autoptr (GtkFileFilter) all = create_filter (_("All files"));
  g_autoptr (GtkFileFilter) known = create_filter (_("Everything Headlight reads"));
  gsize n_formats;
  const HlFormat *const *formats = hl_formats_get (&n_formats);

  gtk_file_chooser_add_filter (chooser, known);
  for (gsize i = 0; i < n_formats; i++)
    {
      g_autoptr (GtkFileFilter) filter = create_filter (formats[i]->name);

      for (const char *const *pattern = formats[i]->patterns; pattern && *pattern; pattern++)
        {
          gtk_file_filter_add_pattern (filter, *pattern);
          gtk_file_filter_add_pattern (known, *pattern);
        }
      gtk_file_chooser_add_filter (chooser, filter);
    }
  gtk_file_filter_add_pattern (all, "*");
  gtk_file_chooser_add_filter (chooser, all);
}

static void
file_chosen_cb (GtkNativeDialog *dialog, int response, HlWindow *self)
{
  g_autoptr (GFile) file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  g_object_unref (dialog);

  if (file)
    hl_window_open (self, file);
}

void
hl_window_ask_file (HlWindow *self)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (_("Open"), GTK_WINDOW (self),
                                                              GTK_FILE_CHOOSER_ACTION_OPEN, NULL, NULL);
  g_autofree char *uri = self->settings ? g_settings_get_string (self->settings, "last-folder") : NULL;

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  add_filters (GTK_FILE_CHOOSER (dialog));
  if (uri && *uri)
    {
      g_autoptr (GFile) folder = g_file_new_for_uri (uri);

      gtk_file_chooser_set_current_folder (GTK_FILE_CHOOSER (dialog), folder, NULL);
    }

  g_signal_connect_object (dialog, "response", G_CALLBACK (file_chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

static gboolean
drop_cb (GtkDropTarget *target, const GValue *value, double x, double y, HlWindow *self)
{
  GSList *files = g_value_get_boxed (value);

  if (files == NULL)
    return FALSE;

  hl_window_open (self, files->data);

  return TRUE;
}

#define MAX_RECENT 8

static gboolean
is_ours (GtkRecentInfo *info)
{
  return gtk_recent_info_has_application (info, g_get_application_name ()) && gtk_recent_info_exists (info);
}

static int
compare_visited (gconstpointer a, gconstpointer b)
{
  return -g_date_time_compare (gtk_recent_info_get_modified ((GtkRecentInfo *) a),
                               gtk_recent_info_get_modified ((GtkRecentInfo *) b));
}

static void
update_recent_cb (GtkRecentManager *manager, HlWindow *self)
{
  g_autoptr (GMenu) menu = g_menu_new ();
  GList *items = g_list_sort (gtk_recent_manager_get_items (manager), compare_visited);
  guint n = 0;

  for (GList *l = items; l && n < MAX_RECENT; l = l->next)
    {
      g_autoptr (GMenuItem) item = NULL;
      g_auto (GStrv) parts = NULL;
      g_autofree char *label = NULL;

      if (!is_ours (l->data))
        continue;

      /* Underlines in names are not mnemonics. */
      parts = g_strsplit (gtk_recent_info_get_display_name (l->data), "_", -1);
      label = g_strjoinv ("__", parts);
      item = g_menu_item_new (label, NULL);
      g_menu_item_set_action_and_target (item, "win.open-recent", "s", gtk_recent_info_get_uri (l->data));
      g_menu_append_item (menu, item);
      n++;
    }
  g_list_free_full (items, (GDestroyNotify) gtk_recent_info_unref);

  if (n == 0)
    {
      g_autoptr (GMenuItem) none = g_menu_item_new (_("No recent files"), "win.none");

      g_menu_append_item (menu, none);
    }
  adw_split_button_set_menu_model (self->open_button, G_MENU_MODEL (menu));
}

void
hl_window_init_opening (HlWindow *self)
{
  GtkRecentManager *manager = gtk_recent_manager_get_default ();
  GtkDropTarget *target = gtk_drop_target_new (GDK_TYPE_FILE_LIST, GDK_ACTION_COPY);

  g_signal_connect (target, "drop", G_CALLBACK (drop_cb), self);
  gtk_widget_add_controller (GTK_WIDGET (self), GTK_EVENT_CONTROLLER (target));

  g_signal_connect_object (manager, "changed", G_CALLBACK (update_recent_cb), self, 0);
  update_recent_cb (manager, self);
}
