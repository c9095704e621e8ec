#include "config.h"

#include "hl-figure-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* In the order of HlView. */
static const HlFigureClass * const classes[HL_N_VIEWS] = {
  [HL_VIEW_SEQUENCE] = &hl_sequence_figure_class,
  [HL_VIEW_HEADS] = &hl_heads_figure_class,
  [HL_VIEW_MODEL] = &hl_model_figure_class,
  [HL_VIEW_NEURONS] = &hl_neurons_figure_class,
  [HL_VIEW_MATRIX] = &hl_matrix_figure_class,
};

HlFigure *
hl_figure_build_prepared (const HlFigureClass *klass,
                          HlState             *state,
                          HlStyle             *style,
                          double               width,
                          double               height,
                          void               (*prepare) (HlFigure *, gconstpointer),
                          gconstpointer        data,
                          GCancellable        *cancellable)
{
  HlFigure *self = g_malloc0 (klass->size);

  g_atomic_ref_count_init (&self->ref_count);
  self->klass = klass;
  self->state = hl_state_ref (state);
  self->style = hl_style_ref (style);
  self->room_width = self->width = MAX (width, 1);
  self->room_height = self->height = MAX (height, 1);

  if (state->trace == NULL)
    self->message = "";
  else if (klass->missing != NULL)
    self->message = klass->missing (state);
  if (self->message == NULL)
    {
      if (prepare != NULL)
        prepare (self, data);
      klass->layout (self, cancellable);
    }

  if (g_cancellable_is_cancelled (cancellable))
    {
      hl_figure_unref (self);
      return NULL;
    }
  self->width = MAX (self->width, self->room_width);
  self->height = MAX (self->height, self->room_height);

  return self;
}

HlFigure *
hl_figure_build (HlView        view,
                 HlState      *state,
                 HlStyle      *style,
                 double        width,
                 double        height,
                 GCancellable *cancellable)
{
  return hl_figure_rebuild (NULL, view, state, style, width, height, cancellable);
}

static void
inherit (HlFigure      *self,
         gconstpointer  former)
{
  self->klass->inherit (self, (HlFigure *) former);
}

HlFigure *
hl_figure_rebuild (HlFigure     *former,
                   HlView        view,
                   HlState      *state,
                   HlStyle      *style,
                   double        width,
                   double        height,
                   GCancellable *cancellable)
{
  const HlFigureClass *klass;
  gboolean inherits;

  g_return_val_if_fail (view < HL_N_VIEWS, NULL);

  klass = classes[view];
  inherits = klass->inherit != NULL && former != NULL && former->klass == klass && former->message == NULL &&
             former->state->trace == state->trace;

  return hl_figure_build_prepared (klass, state, style, width, height, inherits ? inherit : NULL, former, cancellable);
}

HlFigure *
hl_figure_ref (HlFigure *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
hl_figure_unref (HlFigure *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  if (self->message == NULL && self->klass->finalize != NULL)
    self->klass->finalize (self);
  hl_state_unref (self->state);
  hl_style_unref (self->style);
  g_free (self);
}

HlChange
hl_view_get_dependence (HlView view)
{
  g_return_val_if_fail (view < HL_N_VIEWS, 0);

  return classes[view]->dependence | HL_CHANGE_TRACE;
}

HlChange
hl_view_get_dependence_in (HlView         view,
                           const HlState *state)
{
  g_return_val_if_fail (view < HL_N_VIEWS, 0);

  return hl_view_get_dependence (view) | (classes[view]->depends != NULL ? classes[view]->depends (state) : 0);
}

const char *
hl_view_get_title (HlView view)
{
  g_return_val_if_fail (view < HL_N_VIEWS, NULL);

  return _(classes[view]->title);
}

HlView
hl_figure_get_view (HlFigure *self)
{
  return self->klass->view;
}

HlState *
hl_figure_get_state (HlFigure *self)
{
  return self->state;
}

HlStyle *
hl_figure_get_style (HlFigure *self)
{
  return self->style;
}

double
hl_figure_get_width (HlFigure *self)
{
  return self->width;
}

double
hl_figure_get_height (HlFigure *self)
{
  return self->height;
}

/* The sentence in place of a picture, broken into lines in the middle of the room. */
static void
draw_message (HlFigure *self,
              cairo_t  *cr)
{
  g_autoptr (PangoLayout) layout = hl_text_layout (self->style, self->message, HL_TEXT_TOKEN, HL_TEXT_REGULAR);
  double width = MIN (self->width - hl_style_grid (self->style, 4), hl_style_grid (self->style, 70));
  double fitting = width;
  int height, least;

  if (width <= 0)
    return;

  pango_layout_set_single_paragraph_mode (layout, FALSE);
  pango_layout_set_width (layout, (int) (width * PANGO_SCALE));
  pango_layout_set_wrap (layout, PANGO_WRAP_WORD_CHAR);
  pango_layout_set_alignment (layout, PANGO_ALIGN_CENTER);
  pango_layout_get_size (layout, NULL, &height);

  /* As narrow as as many lines allow: no line of one word. */
  for (least = height; least == height && fitting > width / 2; fitting -= hl_style_grid (self->style, 1))
    {
      pango_layout_set_width (layout, (int) (fitting * PANGO_SCALE));
      pango_layout_get_size (layout, NULL, &least);
    }
  width = MIN (fitting + 2 * hl_style_grid (self->style, 1), width);
  pango_layout_set_width (layout, (int) (width * PANGO_SCALE));
  hl_colour_set (cr, self->style->dim);
  cairo_move_to (cr, (self->width - width) / 2, (self->height - (double) height / PANGO_SCALE) / 2);
  pango_cairo_show_layout (cr, layout);
}

void
hl_figure_draw (HlFigure     *self,
                cairo_t      *cr,
                const HlRect *clip)
{
  HlRect all = { 0, 0, self->width, self->height };

  cairo_save (cr);
  if (clip == NULL)
    clip = &all;
  cairo_rectangle (cr, clip->x, clip->y, clip->width, clip->height);
  cairo_clip (cr);
  hl_colour_set (cr, self->style->background);
  cairo_paint (cr);
  if (self->message != NULL)
    draw_message (self, cr);
  else
    self->klass->draw (self, cr, clip);
  cairo_restore (cr);
}

void
hl_figure_draw_overlay (HlFigure     *self,
                        cairo_t      *cr,
                        HlState      *state,
                        HlElement     focus,
                        const HlRect *clip)
{
  HlRect all = { 0, 0, self->width, self->height };

  /* Elements and tokens of another trace mean nothing here. */
  if (self->message != NULL || self->klass->overlay == NULL || state->trace != self->state->trace ||
      state->attention != self->state->attention)
    return;

  cairo_save (cr);
  if (clip == NULL)
    clip = &all;
  cairo_rectangle (cr, clip->x, clip->y, clip->width, clip->height);
  cairo_clip (cr);
  self->klass->overlay (self, cr, state, focus, clip);
  cairo_restore (cr);
}

HlElement
hl_figure_pick (HlFigure *self,
                double    x,
                double    y)
{
  if (self->message != NULL || self->klass->pick == NULL)
    return HL_ELEMENT_NONE;

  return self->klass->pick (self, x, y);
}

HlElement
hl_figure_neighbour (HlFigure    *self,
                     HlElement    element,
                     HlDirection  direction)
{
  if (self->message != NULL || self->klass->neighbour == NULL)
    return HL_ELEMENT_NONE;

  return self->klass->neighbour (self, element, direction);
}

gboolean
hl_figure_get_bounds (HlFigure  *self,
                      HlElement  element,
                      HlRect    *bounds)
{
  if (self->message != NULL || self->klass->bounds == NULL || element.kind == 0)
    return FALSE;

  return self->klass->bounds (self, element, bounds);
}

char *
hl_figure_describe (HlFigure  *self,
                    HlElement  element)
{
  if (self->message != NULL || self->klass->describe == NULL || element.kind == 0)
    return NULL;

  return self->klass->describe (self, element);
}

gboolean
hl_figure_has_picture (HlFigure *self)
{
  return self->message == NULL;
}

char *
hl_figure_summarise (HlFigure *self)
{
  if (self->message != NULL)
    return g_strdup (self->message);
  if (self->klass->summarise == NULL)
    return g_strdup (_(self->klass->title));

  return self->klass->summarise (self);
}

void
hl_figure_hover (HlFigure    *self,
                 HlElement    element,
                 HlSelection *selection)
{
  if (self->message != NULL || self->klass->hover == NULL || element.kind == 0)
    hl_selection_set_hover (selection, NULL);
  else
    self->klass->hover (self, element, selection);
}

gboolean
hl_figure_activate (HlFigure    *self,
                    HlElement    element,
                    HlGesture    gesture,
                    HlSelection *selection)
{
  if (self->message != NULL || self->klass->activate == NULL || element.kind == 0)
    return FALSE;

  return self->klass->activate (self, element, gesture, selection);
}

void
hl_figure_write_csv (HlFigure *self,
                     GString  *csv)
{
  if (self->message == NULL && self->klass->csv != NULL)
    self->klass->csv (self, csv);
}

gboolean
hl_element_equal (HlElement a,
                  HlElement b)
{
  return a.kind == b.kind && a.i == b.i && a.j == b.j && a.k == b.k;
}

HlColour
hl_figure_head_colour (HlFigure *self,
                       guint     head)
{
  const HlState *state = self->state;
  HlAttention *attention = hl_state_get_attention (state);
  gsize n_heads = hl_state_get_n_heads (state);

  if (state->colours != NULL && head < HL_MAX_HEADS && state->colours[head] >= 0)
    return hl_colour_from_rgb (state->colours[head]);
  if (hl_state_shows_scores (state) && head < n_heads &&
      hl_scores_get_colour (hl_state_get_scores (state), head) >= 0)
    return hl_colour_from_rgb (hl_scores_get_colour (hl_state_get_scores (state), head));
  /* Ragged layers: a head keeps its colour from layer to layer. */
  if (attention != NULL && !hl_state_shows_scores (state))
    n_heads = hl_attention_get_max_heads (attention);

  return hl_style_head_colour (self->style, head, (guint) MAX (n_heads, 1));
}

gboolean
hl_figure_has_pixels (cairo_t *cr,
                      double  *scale_x,
                      double  *scale_y)
{
  cairo_surface_t *surface = cairo_get_group_target (cr);
  double x = 1, y = 0, u = 0, v = 1;
  double device_x = 1, device_y = 1;

  cairo_user_to_device_distance (cr, &x, &y);
  cairo_user_to_device_distance (cr, &u, &v);
  cairo_surface_get_device_scale (surface, &device_x, &device_y);
  *scale_x = hypot (x, y) * device_x;
  *scale_y = hypot (u, v) * device_y;

  switch (cairo_surface_get_type (surface))
    {
    case CAIRO_SURFACE_TYPE_PDF:
    case CAIRO_SURFACE_TYPE_SVG:
    case CAIRO_SURFACE_TYPE_PS:
    case CAIRO_SURFACE_TYPE_RECORDING:
    case CAIRO_SURFACE_TYPE_SCRIPT:
      return FALSE;

    default:
      return TRUE;
    }
}

void
hl_csv_append (GString    *csv,
               const char *field,
               char        separator)
{
  if (strpbrk (field, ",\"\r\n") != NULL || field[0] == ' ')
    {
      g_string_append_c (csv, '"');
      for (const char *p = field; *p != '\0'; p++)
        {
          if (*p == '"')
            g_string_append_c (csv, '"');
          g_string_append_c (csv, *p);
        }
      g_string_append_c (csv, '"');
    }
  else
    {
      g_string_append (csv, field);
    }
  g_string_append_c (csv, separator);
}

void
hl_csv_append_number (GString *csv,
                      double   value,
                      char     separator)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (!isnan (value))
    g_string_append (csv, g_ascii_formatd (buffer, sizeof buffer, "%.9g", value));
  g_string_append_c (csv, separator);
}

void
hl_rounded_rectangle (cairo_t *cr,
                      double   x,
                      double   y,
                      double   width,
                      double   height,
                      double   radius)
{
  radius = MAX (MIN (radius, MIN (width, height) / 2), 0);
  cairo_new_sub_path (cr);
  cairo_arc (cr, x + width - radius, y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, x + width - radius, y + height - radius, radius, 0, G_PI_2);
  cairo_arc (cr, x + radius, y + height - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, x + radius, y + radius, radius, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

gboolean
hl_rect_contains (const HlRect *rect,
                  double        x,
                  double        y)
{
  return x >= rect->x && x < rect->x + rect->width && y >= rect->y && y < rect->y + rect->height;
}

gboolean
hl_rect_intersects (const HlRect *a,
                    const HlRect *b)
{
  if (b == NULL)
    return TRUE;

  return a->x < b->x + b->width && b->x < a->x + a->width && a->y < b->y + b->height && b->y < a->y + a->height;
}
