#include "config.h"

#include "hl-window-private.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "hl-dump.h"
#include "hl-export.h"

typedef struct
{
  HlFigure        *figure;
  HlExportOptions  options;
  GFile           *file;
} Export;

static void
export_free (Export *export)
{
  hl_figure_unref (export->figure);
  g_clear_pointer (&export->options.state, hl_state_unref);
  g_free ((char *) export->options.title);
  g_object_unref (export->file);
  g_free (export);
}

static void
tell_failure (HlWindow *self, GFile *file, const GError *error)
{
  g_autofree char *name = g_file_get_basename (file);
  g_autofree char *shown = g_filename_display_name (name);
  g_autofree char *sentence = g_strdup_printf (_("“%s” could not be written. %s"), shown, error->message);

  hl_window_show_error (self, sentence, NULL);
}

static void
export_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Export *export = task_data;
  g_autoptr (HlFigure) figure = NULL;
  g_autoptr (HlStyle) style = NULL;
  HlStyle *shown = hl_figure_get_style (export->figure);
  GError *error = NULL;

  /* Paper is white, whatever the desktop's theme. */
  style = hl_style_new (HL_THEME_PRINT, shown->font, shown->font_size);
  figure = hl_figure_build (hl_figure_get_view (export->figure), hl_figure_get_state (export->figure), style,
                            hl_figure_get_width (export->figure), hl_figure_get_height (export->figure), cancellable);

  if (figure == NULL || !hl_figure_export_to_file (figure, &export->options, export->file, cancellable, &error))
    {
      if (error == NULL)
        g_set_error_literal (&error, G_IO_ERROR, G_IO_ERROR_CANCELLED, "");
      g_task_return_error (task, error);
      return;
    }

  g_task_return_boolean (task, TRUE);
}

static void
exported_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Export *export = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    tell_failure (HL_WINDOW (source), export->file, error);
}

void
hl_window_export_to (HlWindow *self, HlView view, GFile *file)
{
  HlFigure *figure = hl_figure_view_get_figure (hl_pane_get_figure_view (self->panes[view]));
  g_autoptr (GTask) task = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *name = g_file_get_basename (file);
  HlExportOptions options = { .scale = 2 };
  g_autoptr (HlState) state = NULL;
  Export *export;

  if (figure == NULL)
    return;

  if (!hl_export_format_from_name (name, &options.format, &error))
    {
      tell_failure (self, file, error);
      return;
    }

  /* Pins are part of the figure, the pointer is not. */
  state = hl_state_copy (hl_selection_get_state (self->selection));
  state->hover = HL_HOVER_NONE;
  options.state = g_steal_pointer (&state);
  options.title = g_strdup (gtk_window_get_title (GTK_WINDOW (self)));

  export = g_new0 (Export, 1);
  export->figure = hl_figure_ref (figure);
  export->options = options;
  export->file = g_object_ref (file);

  task = g_task_new (self, NULL, exported_cb, NULL);
  g_task_set_task_data (task, export, (GDestroyNotify) export_free);
  g_task_run_in_thread (task, export_thread);
}

static GtkFileChooserNative *
ask (HlWindow *self, const char *title, const char *name)
{
  GtkFileChooserNative *dialog = gtk_file_chooser_native_new (title, GTK_WINDOW (self), GTK_FILE_CHOOSER_ACTION_SAVE,
                                                              NULL, NULL);

  gtk_native_dialog_set_modal (GTK_NATIVE_DIALOG (dialog), TRUE);
  gtk_file_chooser_set_current_name (GTK_FILE_CHOOSER (dialog), name);

  return dialog;
}

static void
add_filter (GtkFileChooserNative *dialog, const char *name, const char *pattern)
{
  g_autoptr (GtkFileFilter) filter = gtk_file_filter_new ();

  gtk_file_filter_set_name (filter, name);
  gtk_file_filter_add_pattern (filter, pattern);
  gtk_file_chooser_add_filter (GTK_FILE_CHOOSER (dialog), filter);
}

static GFile *
take_answer (GtkNativeDialog *dialog, int response)
{
  GFile *file = NULL;

  if (response == GTK_RESPONSE_ACCEPT)
    file = gtk_file_chooser_get_file (GTK_FILE_CHOOSER (dialog));
  gtk_native_dialog_destroy (dialog);
  g_object_unref (dialog);

  return file;
}

static void
export_chosen_cb (GtkNativeDialog *dialog, int response, HlWindow *self)
{
  HlPane *pane = g_object_get_data (G_OBJECT (dialog), "pane");
  g_autoptr (GFile) file = take_answer (dialog, response);

  if (file)
    hl_window_export_to (self, hl_pane_get_view (pane), file);
}

void
hl_window_export (HlWindow *self, HlView view)
{
  g_autofree char *name = g_strconcat (hl_pane_view_to_nick (view), ".pdf", NULL);
  GtkFileChooserNative *dialog = ask (self, _("Export"), name);

  add_filter (dialog, _("PDF: text stays text"), "*.pdf");
  add_filter (dialog, _("SVG: text becomes outlines"), "*.svg");
  add_filter (dialog, _("PNG: twice the size on screen"), "*.png");
  g_object_set_data (G_OBJECT (dialog), "pane", self->panes[view]);
  g_signal_connect_object (dialog, "response", G_CALLBACK (export_chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}

typedef struct
{
  HlTrace *trace;
  char    *title;
  GFile   *file;
} Saving;

static void
saving_free (Saving *saving)
{
  hl_trace_unref (saving->trace);
  g_free (saving->title);
  g_object_unref (saving->file);
  g_free (saving);
}

static void
save_thread (GTask *task, gpointer source, gpointer task_data, GCancellable *cancellable)
{
  Saving *saving = task_data;
  GError *error = NULL;

  if (hl_dump_write (&saving->trace, 1, saving->title, saving->file, cancellable, &error))
    g_task_return_boolean (task, TRUE);
  else
    g_task_return_error (task, error);
}

static void
saved_cb (GObject *source, GAsyncResult *result, gpointer user_data)
{
  Saving *saving = g_task_get_task_data (G_TASK (result));
  g_autoptr (GError) error = NULL;

  if (!g_task_propagate_boolean (G_TASK (result), &error))
    tell_failure (HL_WINDOW (source), saving->file, error);
}

void
hl_window_save_dump_to (HlWindow *self, GFile *file)
{
  HlTrace *trace = hl_selection_get_state (self->selection)->trace;
  g_autoptr (GTask) task = NULL;
  Saving *saving;

  g_return_if_fail (trace != NULL);

  saving = g_new0 (Saving, 1);
  saving->trace = hl_trace_ref (trace);
  saving->title = g_strdup (hl_document_get_title (self->document));
  saving->file = g_object_ref (file);

  task = g_task_new (self, NULL, saved_cb, NULL);
  g_task_set_task_data (task, saving, (GDestroyNotify) saving_free);
  g_task_run_in_thread (task, save_thread);
}

static void
dump_chosen_cb (GtkNativeDialog *dialog, int response, HlWindow *self)
{
  g_autoptr (GFile) file = take_answer (dialog, response);

  if (file && hl_selection_get_state (self->selection)->trace)
    hl_window_save_dump_to (self, file);
}

void
hl_window_save_dump (HlWindow *self)
{
  const char *title = hl_document_get_title (self->document);
  const char *dot = strrchr (title, '.');
  g_autofree char *stem = g_strndup (title, dot ? (gsize) (dot - title) : strlen (title));
  g_autofree char *name = g_strconcat (stem, ".safetensors", NULL);
  GtkFileChooserNative *dialog = ask (self, _("Save Dump"), name);

  add_filter (dialog, _("Safetensors"), "*.safetensors");
  g_signal_connect_object (dialog, "response", G_CALLBACK (dump_chosen_cb), self, 0);
  gtk_native_dialog_show (GTK_NATIVE_DIALOG (dialog));
}
