#pragma once

/* view/: GTK widgets: a figure on screen with scrolling, pointer, keyboard and accessibility. May use figure/, GTK and
 * what lies below.
 *
 * Reading order: hl-widget-style.h, hl-picture.h (pixels), hl-renderer.h (the worker), hl-figure-view.h (the one widget for all figures),
 * hl-pane.h (a titled frame around it).
 */

#include <adwaita.h>

#include "hl-figure.h"

G_BEGIN_DECLS

/* Shows the figure of one view of a selection. A scrollable: however large the figure, only what is seen and its
 * surroundings are drawn, by a worker thread; until the new picture is there, the last one stays.
 *
 * CSS: one node, "figureview". Actions: view.clear-pins, view.copy-numbers. Accessibility: an image, named like the
 * view, described by what the keyboard is on or else by the figure's summary. */
#define HL_TYPE_FIGURE_VIEW (hl_figure_view_get_type ())
G_DECLARE_FINAL_TYPE (HlFigureView, hl_figure_view, HL, FIGURE_VIEW, GtkWidget)

GtkWidget   *hl_figure_view_new           (HlView        view);

HlSelection *hl_figure_view_get_selection (HlFigureView *self);
void         hl_figure_view_set_selection (HlFigureView *self,
                                           HlSelection  *selection); /* (nullable) */

/* The figure on screen, NULL before the first. (transfer none); notifies as "figure". */
HlFigure    *hl_figure_view_get_figure    (HlFigureView *self);
const char  *hl_figure_view_get_summary   (HlFigureView *self);
/* TRUE when what is on screen is what the selection asks for. */
gboolean     hl_figure_view_is_settled    (HlFigureView *self);
/* TRUE when no part of what is seen of the figure waits for the worker. */
gboolean     hl_figure_view_is_covered    (HlFigureView *self);

/* What pointer and keyboard do, at a place in the widget or for the focus. */
void         hl_figure_view_point         (HlFigureView *self,
                                           double        x,
                                           double        y);
void         hl_figure_view_leave         (HlFigureView *self);
gboolean     hl_figure_view_press         (HlFigureView *self,
                                           double        x,
                                           double        y,
                                           HlGesture     gesture);
gboolean     hl_figure_view_move_focus    (HlFigureView *self,
                                           HlDirection   direction);
HlElement    hl_figure_view_get_focus     (HlFigureView *self);

/* Views whose figure depends on the zoom; others ignore it. What lies at a place in the widget, or in its middle, stays
 * there. */
void         hl_figure_view_zoom          (HlFigureView *self,
                                           double        factor,
                                           double        x,
                                           double        y);
void         hl_figure_view_zoom_centre   (HlFigureView *self,
                                           double        factor);

G_END_DECLS
