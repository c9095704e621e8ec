#pragma once

#include "hl-figure-view.h"
#include "hl-renderer.h"

G_BEGIN_DECLS

/* What was drawn over the figure last, and of what. */
typedef struct
{
  HlPicture  *picture; /* (nullable): of the part drawn on, at (x, y) device pixels */
  int         x;
  int         y;
  HlFigure   *figure;
  HlState    *state;
  HlElement   focus;
  HlRect      visible;
  int         scale;
} Overlay;

struct _HlFigureView
{
  GtkWidget      parent_instance;

  HlView         view;
  HlSelection   *selection;
  gulong         changed_id;

  HlStyle       *style;
  HlRenderer    *renderer;
  gboolean       stale;       /* the selection or the size is ahead of what was asked for */
  gboolean       awaiting;    /* a new figure was asked for and is not here yet */

  HlFigure      *figure;      /* on screen, with its picture */
  HlPicture     *picture;
  HlRect         region;
  char          *summary;
  Overlay        overlay;

  HlElement      focus;       /* where the keyboard is */
  HlElement      pointed;     /* where the pointer is */
  gboolean       pointer_in;
  gboolean       by_keyboard; /* it moved last */
  double         pointer_x;   /* in the widget */
  double         pointer_y;
  double         scrolled;    /* part of a step of the wheel not yet taken */
  double         pinched;     /* scale of the pinch that has been answered */
  gboolean       anchored;    /* after zooming, this place in the widget keeps what it shows */
  double         anchor_x;
  double         anchor_y;

  GtkAdjustment *hadjustment;
  GtkAdjustment *vadjustment;
  guint          hscroll_policy : 1;
  guint          vscroll_policy : 1;
};

/* -input.c: controllers and key bindings. */
void hl_figure_view_class_init_input (GtkWidgetClass *widget_class);
void hl_figure_view_init_input       (HlFigureView   *self);
/* After a new figure or a scroll the pointer may be on something else. */
void hl_figure_view_repoint          (HlFigureView   *self);

/* FALSE while the figure on screen belongs to another text than the selection: then it is only looked at. */
gboolean hl_figure_view_is_current   (HlFigureView   *self);
double   hl_figure_view_get_x        (HlFigureView   *self); /* of the figure, at the widget's left edge */
double   hl_figure_view_get_y        (HlFigureView   *self);
void     hl_figure_view_describe     (HlFigureView   *self); /* to assistive technologies */

/* In hl-figure-view-overlay.c: what lies over the figure, drawn anew only when it changes. @visible: the part of the figure on
 * screen. */
void         hl_figure_view_snapshot_overlay (HlFigureView *self,
                                              GtkSnapshot  *snapshot,
                                              const HlRect *visible);
void         hl_figure_view_clear_overlay    (HlFigureView *self);
GskRenderer *hl_figure_view_get_renderer     (HlFigureView *self);

G_END_DECLS
