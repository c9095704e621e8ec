#pragma once

#include "hl-figure.h"
#include "hl-text.h"

G_BEGIN_DECLS

/* For those who write a figure. Every function but layout and draw may be left NULL where the view has nothing to say. */
typedef struct
{
  HlView      view;
  const char *title;
  HlChange    dependence;
  gsize       size;      /* of the figure's own struct, which begins with HlFigure */

  /* Computes all geometry and sets width and height. Checks @cancellable where it takes long; what it leaves half-built
   * is freed by finalize. */
  void      (*layout)    (HlFigure *self, GCancellable *cancellable);
  void      (*finalize)  (HlFigure *self);
  void      (*draw)      (HlFigure *self, cairo_t *cr, const HlRect *clip);
  void      (*overlay)   (HlFigure *self, cairo_t *cr, HlState *state, HlElement focus, const HlRect *clip);
  HlElement (*pick)      (HlFigure *self, double x, double y);
  HlElement (*neighbour) (HlFigure *self, HlElement element, HlDirection direction);
  gboolean  (*bounds)    (HlFigure *self, HlElement element, HlRect *bounds);
  char     *(*describe)  (HlFigure *self, HlElement element);
  char     *(*summarise) (HlFigure *self);
  void      (*hover)     (HlFigure *self, HlElement element, HlSelection *selection);
  gboolean  (*activate)  (HlFigure *self, HlElement element, HlGesture gesture, HlSelection *selection);
  void      (*csv)       (HlFigure *self, GString *csv);

  /* Before layout: takes over from @former, which shows the same trace, what is costly and has not changed. */
  void      (*inherit)   (HlFigure *self, HlFigure *former);
  /* Changes that make the figure of @state stale besides @dependence. */
  HlChange  (*depends)   (const HlState *state);

  /* Why this state cannot be shown, as a sentence for the user, or NULL. The figure then is that sentence. */
  const char *(*missing) (const HlState *state);
} HlFigureClass;

struct _HlFigure
{
  gatomicrefcount      ref_count;
  const HlFigureClass *klass;
  HlState             *state;
  HlStyle             *style;
  double               room_width;  /* what the caller has */
  double               room_height;
  double               width;       /* what the figure takes; at least the room */
  double               height;
  const char          *message;     /* static: shown instead of a picture */
};

extern const HlFigureClass hl_sequence_figure_class;
extern const HlFigureClass hl_heads_figure_class;
extern const HlFigureClass hl_model_figure_class;
extern const HlFigureClass hl_neurons_figure_class;
extern const HlFigureClass hl_matrix_figure_class;

/* As hl_figure_build(), with a word in before layout. */
HlFigure *hl_figure_build_prepared (const HlFigureClass *klass,
                                    HlState             *state,
                                    HlStyle             *style,
                                    double               width,
                                    double               height,
                                    void               (*prepare) (HlFigure *, gconstpointer),
                                    gconstpointer        data,
                                    GCancellable        *cancellable) G_GNUC_WARN_UNUSED_RESULT;

/* TRUE while @cr draws on something with pixels; @scale_x, @scale_y: device pixels a user unit. */
gboolean hl_figure_has_pixels  (cairo_t    *cr,
                                double     *scale_x,
                                double     *scale_y);

/* One field of CSV, quoted where needed, followed by @separator. */
void     hl_csv_append         (GString    *csv,
                                const char *field,
                                char        separator);
void     hl_csv_append_number  (GString    *csv,
                                double      value,      /* %.9g: a float comes back equal */
                                char        separator);

/* A path. */
void     hl_rounded_rectangle  (cairo_t    *cr,
                                double      x,
                                double      y,
                                double      width,
                                double      height,
                                double      radius);

gboolean hl_rect_contains      (const HlRect *rect,
                                double        x,
                                double        y);
gboolean hl_rect_intersects    (const HlRect *a,
                                const HlRect *b);        /* NULL b: all */

G_END_DECLS
