#include "config.h"

#include "hl-picture.h"

#include <gsk/gsk.h>

struct _HlPicture
{
  gatomicrefcount  ref_count;
  cairo_surface_t *surface;
  int              x;       /* of the part, in the surface */
  int              y;
  int              width;
  int              height;

  GskRenderNode   *node;    /* (nullable): as it was shown last, for @renderer_type and of @size, at the origin */
  GType            renderer_type;
  graphene_size_t  size;
};

static gboolean
is_usable (cairo_surface_t *surface)
{
  cairo_surface_flush (surface);

  return cairo_surface_status (surface) == CAIRO_STATUS_SUCCESS && cairo_image_surface_get_width (surface) > 0 &&
         cairo_image_surface_get_height (surface) > 0;
}

HlPicture *
hl_picture_new (cairo_surface_t *surface, int x, int y, int width, int height)
{
  HlPicture *self;

  if (!is_usable (surface) || width <= 0 || height <= 0)
    {
      cairo_surface_destroy (surface);
      return NULL;
    }

  self = g_new0 (HlPicture, 1);
  g_atomic_ref_count_init (&self->ref_count);
  /* From here on its pixels are what counts; whoever shows it decides how large they are. */
  cairo_surface_set_device_scale (surface, 1, 1);
  self->surface = surface;
  self->x = x;
  self->y = y;
  self->width = width;
  self->height = height;

  return self;
}

HlPicture *
hl_picture_new_of_ink (cairo_surface_t *surface, int *x, int *y)
{
  int width, height, stride, left, right = -1, top = -1, bottom = -1;

  if (!is_usable (surface))
    {
      cairo_surface_destroy (surface);
      return NULL;
    }

  width = cairo_image_surface_get_width (surface);
  height = cairo_image_surface_get_height (surface);
  stride = cairo_image_surface_get_stride (surface);
  left = width;
  for (int row = 0; row < height; row++)
    {
      const guint32 *pixels = (const guint32 *) (gconstpointer) (cairo_image_surface_get_data (surface) +
                                                                 (gsize) row * stride);
      int first = 0, last = width - 1;

      while (first < width && pixels[first] == 0)
        first++;
      if (first == width)
        continue;
      while (last > right && pixels[last] == 0)
        last--;

      left = MIN (left, first);
      right = MAX (right, last);
      top = top < 0 ? row : top;
      bottom = row;
    }

  if (top < 0)
    {
      cairo_surface_destroy (surface);
      return NULL;
    }

  *x = left;
  *y = top;

  return hl_picture_new (surface, left, top, right - left + 1, bottom - top + 1);
}

HlPicture *
hl_picture_ref (HlPicture *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
hl_picture_unref (HlPicture *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_clear_pointer (&self->node, gsk_render_node_unref);
  cairo_surface_destroy (self->surface);
  g_free (self);
}

int
hl_picture_get_width (HlPicture *self)
{
  return self->width;
}

int
hl_picture_get_height (HlPicture *self)
{
  return self->height;
}

static GskRenderNode *
make_texture_node (HlPicture *self, const graphene_rect_t *bounds)
{
  int stride = cairo_image_surface_get_stride (self->surface);
  const guchar *data = cairo_image_surface_get_data (self->surface);
  g_autoptr (GdkTexture) texture = NULL;
  g_autoptr (GBytes) bytes = NULL;

  /* The last row ends with its last pixel. */
  bytes = g_bytes_new_with_free_func (data + (gsize) self->y * stride + (gsize) self->x * 4,
                                      (gsize) (self->height - 1) * stride + (gsize) self->width * 4,
                                      (GDestroyNotify) cairo_surface_destroy, cairo_surface_reference (self->surface));
  texture = gdk_memory_texture_new (self->width, self->height, GDK_MEMORY_DEFAULT, bytes, stride);

  return gsk_texture_node_new (texture, bounds);
}

static GskRenderNode *
make_cairo_node (HlPicture *self, const graphene_rect_t *bounds)
{
  GskRenderNode *node = gsk_cairo_node_new (bounds);
  cairo_t *cr = gsk_cairo_node_get_draw_context (node);
  double scale_x = bounds->size.width / self->width;
  double scale_y = bounds->size.height / self->height;

  cairo_scale (cr, scale_x, scale_y);
  cairo_set_source_surface (cr, self->surface, -self->x, -self->y);
  cairo_rectangle (cr, 0, 0, self->width, self->height);
  cairo_fill (cr);
  cairo_destroy (cr);

  return node;
}

void
hl_picture_append (HlPicture *self, GtkSnapshot *snapshot, GskRenderer *renderer, const graphene_rect_t *bounds)
{
  GType type = G_OBJECT_TYPE (renderer);
  graphene_rect_t at_origin = GRAPHENE_RECT_INIT (0, 0, bounds->size.width, bounds->size.height);

  if (self->node == NULL || self->renderer_type != type || !graphene_size_equal (&self->size, &bounds->size))
    {
      g_clear_pointer (&self->node, gsk_render_node_unref);
      self->node = type == GSK_TYPE_CAIRO_RENDERER ? make_cairo_node (self, &at_origin)
                                                   : make_texture_node (self, &at_origin);
      self->renderer_type = type;
      self->size = bounds->size;
    }

  gtk_snapshot_save (snapshot);
  gtk_snapshot_translate (snapshot, &bounds->origin);
  gtk_snapshot_append_node (snapshot, self->node);
  gtk_snapshot_restore (snapshot);
}
