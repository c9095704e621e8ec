#pragma once

#include <gio/gio.h>

#include "hl-selection.h"
#include "hl-style.h"

G_BEGIN_DECLS

typedef enum
{
  HL_VIEW_SEQUENCE, /*< nick=sequence >*/
  HL_VIEW_HEADS,    /*< nick=heads >*/
  HL_VIEW_MODEL,    /*< nick=model >*/
  HL_VIEW_NEURONS,  /*< nick=neurons >*/
  HL_VIEW_MATRIX,   /*< nick=matrix >*/
} HlView;

#define HL_N_VIEWS 5

typedef struct
{
  double x;
  double y;
  double width;
  double height;
} HlRect;

/* Something in a figure that can be pointed at. Kinds and meaning of the numbers are each figure's own; kind 0 is
 * nothing. */
typedef struct
{
  guint kind;
  int   i;
  int   j;
  int   k;
} HlElement;

#define HL_ELEMENT_NONE ((HlElement) { 0, 0, 0, 0 })

typedef enum
{
  HL_DIRECTION_LEFT,
  HL_DIRECTION_RIGHT,
  HL_DIRECTION_UP,
  HL_DIRECTION_DOWN,
  HL_DIRECTION_FIRST, /* Home */
  HL_DIRECTION_LAST,  /* End */
  HL_DIRECTION_NEXT,  /* Tab: to the next group of elements, NONE after the last */
  HL_DIRECTION_PREVIOUS,
} HlDirection;

typedef enum
{
  HL_GESTURE_CLICK,  /* also Return and Space */
  HL_GESTURE_DOUBLE, /* double click, also Shift+Return */
  HL_GESTURE_EXTEND, /* Ctrl+click */
} HlGesture;

/* A picture of a state: built once, from data, style and the room there is, then immutable: draw, overlay, pick,
 * describe and export read the same geometry. Reference counted; any thread may build and draw it. */
typedef struct _HlFigure HlFigure;

/* @width, @height: the room in px. The figure's own size may be larger (it is scrolled then) but is at least that. A
 * state without a trace, or without what the view needs, gives a figure that says so. Returns NULL only if
 * cancelled. */
HlFigure   *hl_figure_build        (HlView         view,
                                    HlState       *state,
                                    HlStyle       *style,
                                    double         width,
                                    double         height,
                                    GCancellable  *cancellable) G_GNUC_WARN_UNUSED_RESULT;
/* The same, where @former (nullable) is an older figure of any state: a view whose pictures are costly to compute takes
 * over what is still true. */
HlFigure   *hl_figure_rebuild      (HlFigure      *former,
                                    HlView         view,
                                    HlState       *state,
                                    HlStyle       *style,
                                    double         width,
                                    double         height,
                                    GCancellable  *cancellable) G_GNUC_WARN_UNUSED_RESULT;
HlFigure   *hl_figure_ref          (HlFigure      *self);
void        hl_figure_unref        (HlFigure      *self);

/* Which changes of the state make a figure of this view stale. All others only touch the overlay. */
HlChange    hl_view_get_dependence (HlView         view);
/* The same for figures of @state, some of which depend on more. */
HlChange    hl_view_get_dependence_in (HlView      view,
                                    const HlState *state);
const char *hl_view_get_title      (HlView         view); /* "Heads", translatable */

HlView      hl_figure_get_view     (HlFigure      *self);
HlState    *hl_figure_get_state    (HlFigure      *self); /* the one it was built from */
HlStyle    *hl_figure_get_style    (HlFigure      *self);
/* The colour of a head or channel of the state shown: chosen by the user, else the file's, else the palette's. */
HlColour    hl_figure_head_colour  (HlFigure      *self,
                                    guint          head);
double      hl_figure_get_width    (HlFigure      *self);
double      hl_figure_get_height   (HlFigure      *self);

/* The static picture, with its background, inside @clip (NULL: all). On an image surface dense parts are rasterised; on a vector
 * surface they are paths, up to a limit that the figure states. */
void        hl_figure_draw         (HlFigure      *self,
                                    cairo_t       *cr,
                                    const HlRect  *clip);
/* Hover, pins and focus of @state, which may be newer than the figure's own, over the static picture. Cheap enough for
 * every frame. */
void        hl_figure_draw_overlay (HlFigure      *self,
                                    cairo_t       *cr,
                                    HlState       *state,
                                    HlElement      focus,
                                    const HlRect  *clip);

HlElement   hl_figure_pick         (HlFigure      *self,
                                    double         x,
                                    double         y);
/* Where an arrow key leads from @element; from NONE, to the first element. */
HlElement   hl_figure_neighbour    (HlFigure      *self,
                                    HlElement      element,
                                    HlDirection    direction);
gboolean    hl_figure_get_bounds   (HlFigure      *self,
                                    HlElement      element,
                                    HlRect        *bounds);
/* What a tooltip shows and a screen reader says, numbers included; NULL for nothing. */
char       *hl_figure_describe     (HlFigure      *self,
                                    HlElement      element) G_GNUC_WARN_UNUSED_RESULT;
/* FALSE where a sentence stands in place of a picture; it is the summary then. */
gboolean    hl_figure_has_picture  (HlFigure      *self);
/* A sentence on the whole figure: what it shows, of how many. */
char       *hl_figure_summarise    (HlFigure      *self) G_GNUC_WARN_UNUSED_RESULT;

/* What pointing at and activating an element does to the selection. activate: FALSE if nothing. */
void        hl_figure_hover        (HlFigure      *self,
                                    HlElement      element,
                                    HlSelection   *selection);
gboolean    hl_figure_activate     (HlFigure      *self,
                                    HlElement      element,
                                    HlGesture      gesture,
                                    HlSelection   *selection);

/* The numbers behind the picture as CSV (RFC 4180, LF, UTF-8, "." as decimal point), with a header line. */
void        hl_figure_write_csv    (HlFigure      *self,
                                    GString       *csv);

gboolean    hl_element_equal       (HlElement      a,
                                    HlElement      b);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HlFigure, hl_figure_unref)

G_END_DECLS
