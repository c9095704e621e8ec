#pragma once

#include "hl-figure-view.h"

G_BEGIN_DECLS

/* A titled frame around a figure view: what the view is called, what it shows at the moment, its own few controls, a
 * menu and a button that gives it the whole window.
 *
 * In a .ui file, children of type "control" go into the title bar. CSS: one node, "pane". */
#define HL_TYPE_PANE (hl_pane_get_type ())
G_DECLARE_FINAL_TYPE (HlPane, hl_pane, HL, PANE, GtkWidget)

HlFigureView *hl_pane_get_figure_view (HlPane      *self);
HlView        hl_pane_get_view        (HlPane      *self);
void          hl_pane_set_selection   (HlPane      *self,
                                       HlSelection *selection);

void          hl_pane_set_maximised   (HlPane      *self,
                                       gboolean     maximised);

/* "heads", as .ui files, menus and actions name the view. */
const char   *hl_pane_view_to_nick    (HlView       view);
gboolean      hl_pane_view_from_nick  (const char  *nick,
                                       HlView      *view);

G_END_DECLS
