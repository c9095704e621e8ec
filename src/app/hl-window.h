#pragma once

/* app/: application, window, dialogs, settings. May use everything below.
 *
 * Reading order: hl-application.h, hl-window.h with its concerns in hl-window-*.c (actions, opening, panes), hl-toolbar.h
 * and hl-choice.h (the linked controls), hl-sidebar.h (the instances).
 */

#include <adwaita.h>

#include "hl-document.h"
#include "hl-pane.h"
#include "hl-selection.h"

G_BEGIN_DECLS

#define HL_TYPE_WINDOW (hl_window_get_type ())
G_DECLARE_FINAL_TYPE (HlWindow, hl_window, HL, WINDOW, AdwApplicationWindow)

GtkWidget   *hl_window_new           (AdwApplication *application);

/* Opens in a thread. What is open stays until the new document is there; a failure is told in the window. */
void         hl_window_open          (HlWindow       *self,
                                      GFile          *file);
/* @name: "decoder" or "encoder". */
void         hl_window_open_example  (HlWindow       *self,
                                      const char     *name);
/* Nothing is open but, at most, an example: another file may take its place. */
gboolean     hl_window_is_pristine   (HlWindow       *self);
gboolean     hl_window_is_busy       (HlWindow       *self); /* opening a file or loading an instance */

HlSelection *hl_window_get_selection (HlWindow       *self);
HlDocument  *hl_window_get_document  (HlWindow       *self); /* (nullable) */
HlPane      *hl_window_get_pane      (HlWindow       *self,
                                      HlView          view);
void         hl_window_show_instance (HlWindow       *self,
                                      guint           index);

G_END_DECLS
