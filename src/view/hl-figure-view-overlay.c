#include "config.h"

#include "hl-figure-view-private.h"

void
hl_figure_view_clear_overlay (HlFigureView *self)
{
  g_clear_pointer (&self->overlay.figure, hl_figure_unref);
  g_clear_pointer (&self->overlay.state, hl_state_unref);
  g_clear_pointer (&self->overlay.picture, hl_picture_unref);
}

static gboolean
rect_equal (const HlRect *a, const HlRect *b)
{
  return a->x == b->x && a->y == b->y && a->width == b->width && a->height == b->height;
}

/* Pixels, not a recording: figures rasterise dense parts themselves, and what has not changed is not drawn again. */
static void
update_overlay (HlFigureView *self, HlState *state, HlElement focus, const HlRect *visible)
{
  Overlay *overlay = &self->overlay;
  int scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));
  cairo_surface_t *surface;
  cairo_t *cr;

  if (overlay->figure == self->figure && overlay->state == state && overlay->scale == scale &&
      hl_element_equal (overlay->focus, focus) && rect_equal (&overlay->visible, visible))
    return;

  surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int) visible->width * scale,
                                        (int) visible->height * scale);
  cairo_surface_set_device_scale (surface, scale, scale);
  cr = cairo_create (surface);
  cairo_translate (cr, -visible->x, -visible->y);
  hl_figure_draw_overlay (self->figure, cr, state, focus, visible);
  cairo_destroy (cr);

  hl_figure_view_clear_overlay (self);
  overlay->figure = hl_figure_ref (self->figure);
  overlay->state = hl_state_ref (state);
  overlay->focus = focus;
  overlay->visible = *visible;
  overlay->scale = scale;
  /* What is not drawn on is not composed either: a pointer moves over most views without touching them. */
  overlay->picture = hl_picture_new_of_ink (surface, &overlay->x, &overlay->y);
}

GskRenderer *
hl_figure_view_get_renderer (HlFigureView *self)
{
  return gtk_native_get_renderer (gtk_widget_get_native (GTK_WIDGET (self)));
}

void
hl_figure_view_snapshot_overlay (HlFigureView *self, GtkSnapshot *snapshot, const HlRect *visible)
{
  HlState *state = hl_figure_get_state (self->figure);
  HlElement focus = HL_ELEMENT_NONE;

  if (hl_figure_view_is_current (self))
    state = hl_selection_get_state (self->selection);
  if (gtk_widget_has_visible_focus (GTK_WIDGET (self)))
    focus = self->focus;

  update_overlay (self, state, focus, visible);
  if (self->overlay.picture)
    hl_picture_append (self->overlay.picture, snapshot, hl_figure_view_get_renderer (self),
                       &GRAPHENE_RECT_INIT (
                           self->overlay.x / (float) self->overlay.scale,
                           self->overlay.y / (float) self->overlay.scale,
                           hl_picture_get_width (self->overlay.picture) / (float) self->overlay.scale,
                           hl_picture_get_height (self->overlay.picture) / (float) self->overlay.scale));
}
