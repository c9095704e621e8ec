#pragma once

#include <gio/gio.h>

#include "hl-instance.h"
#include "hl-trace.h"

G_BEGIN_DECLS

/* The instances of one file or run, as a GListModel of HlInstance. The list is complete when the document is handed
 * over; traces are decoded one at a time, on demand, by the reader that made it. */
#define HL_TYPE_DOCUMENT (hl_document_get_type ())
G_DECLARE_FINAL_TYPE (HlDocument, hl_document, HL, DOCUMENT, GObject)

/* Decodes instance @index. Called from any thread, never from two at once for one document. */
typedef HlTrace *(*HlDocumentLoad) (gpointer       data,
                                    guint          index,
                                    GCancellable  *cancellable,
                                    GError       **error);

/* @title: of the file or run. @format: the format's name as users know it ("BertViz"). Takes @data. */
HlDocument *hl_document_new          (const char          *title,
                                      const char          *format,
                                      HlDocumentLoad       load,
                                      gpointer             data,
                                      GDestroyNotify       destroy) G_GNUC_WARN_UNUSED_RESULT;

/* For the reader, before the document is handed over. Takes @instance. */
void        hl_document_append       (HlDocument          *self,
                                      HlInstance          *instance);
/* Sentences on what the reader left out or found odd in the file as a whole. */
void        hl_document_add_note     (HlDocument          *self,
                                      const char          *note);

/* For the reader: @data if @load is what the document was made with, else NULL. */
gpointer    hl_document_get_data     (HlDocument          *self,
                                      HlDocumentLoad       load);
/* For the reader, when what it says of its instances has changed (class names that came from another file): puts
 * @instances, as many as there are, in place of those it gave and forgets decoded traces. Emits items-changed. */
void        hl_document_replace      (HlDocument          *self,
                                      HlInstance * const  *instances);

const char *hl_document_get_title    (HlDocument          *self);
const char *hl_document_get_format   (HlDocument          *self);
const char * const *hl_document_get_notes (HlDocument     *self);
guint       hl_document_get_n_instances (HlDocument       *self);
HlInstance *hl_document_get_instance (HlDocument          *self,
                                      guint                index); /* (transfer none) */

/* Decodes an instance, or returns the one decoded before: the last few are kept. Blocks; safe from any thread. */
HlTrace    *hl_document_load         (HlDocument          *self,
                                      guint                index,
                                      GCancellable        *cancellable,
                                      GError             **error) G_GNUC_WARN_UNUSED_RESULT;
void        hl_document_load_async   (HlDocument          *self,
                                      guint                index,
                                      GCancellable        *cancellable,
                                      GAsyncReadyCallback  callback,
                                      gpointer             user_data);
HlTrace    *hl_document_load_finish  (HlDocument          *self,
                                      GAsyncResult        *result,
                                      GError             **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
