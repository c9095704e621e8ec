#pragma once

#include "hl-figure.h"
#include "hl-picture.h"

G_BEGIN_DECLS

/* Builds figures and turns them into pictures in the one worker thread that all views of the process share. A view has
 * one renderer. Of its requests only the newest is waited for; a queue of several views is served in the order of what
 * their last picture cost, so that a dense one does not keep the quick ones waiting. For the main thread. */
typedef struct _HlRenderer HlRenderer;

typedef struct
{
  HlFigure *figure;  /* (nullable): already built, only another region of it is wanted */
  HlFigure *former;  /* (nullable): else the one shown so far, whose work a new one may take over, */
  HlView    view;    /* built from these four */
  HlState  *state;
  HlStyle  *style;
  double    width;
  double    height;
  HlRect    visible; /* what must be in the picture, in px of the figure; what lies around is added within reason */
  int       scale;   /* device pixels a px */
} HlRenderRequest;

typedef struct
{
  HlFigure   *figure;
  HlPicture  *picture; /* NULL if there was no memory for it */
  HlRect      region;  /* of the figure, that the picture shows; whole px */
  int         scale;
  gboolean    rebuilt; /* the figure is new, not the request's */
  char       *summary; /* of a new figure */
} HlRenderResult;

/* Called in the main context. @result is the renderer's; steal what is to be kept. */
typedef void (*HlRenderDelivery) (HlRenderResult *result,
                                  gpointer        user_data);

HlRenderer *hl_renderer_new     (HlRenderDelivery       deliver,
                                 gpointer               user_data) G_GNUC_WARN_UNUSED_RESULT;
/* Nothing is delivered any more. */
void        hl_renderer_free    (HlRenderer            *self);

/* Replaces what is waiting; takes references. A picture being made is let finish and delivered, so that something
 * moves while a slider is dragged, unless @abandon says that nobody wants to see it any more. */
void        hl_renderer_request (HlRenderer            *self,
                                 const HlRenderRequest *request,
                                 gboolean               abandon);
void        hl_renderer_cancel  (HlRenderer            *self);

/* TRUE from a request until its delivery. */
gboolean    hl_renderer_is_busy (HlRenderer            *self);

/* How much of a figure of @width × @height a picture that must show @visible holds. */
HlRect      hl_renderer_region  (const HlRect          *visible,
                                 double                 width,
                                 double                 height,
                                 int                    scale);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HlRenderer, hl_renderer_free)

G_END_DECLS
