#pragma once

#include <gtk/gtk.h>

G_BEGIN_DECLS

/* Pixels that a worker drew, shown the way the window's renderer composes fastest. On a GPU that is a texture. The software
 * renderer of GTK 4.8 converts a texture pixel by pixel through floating point whenever it draws it, which took half of the
 * time of a frame here: it gets a recording that paints the image, which costs a copy of the damaged part. Reference
 * counted; made in any thread, shown in the main one. */
typedef struct _HlPicture HlPicture;

/* A part of an ARGB32 image surface, which is consumed and not drawn on any more. NULL if the part is empty or cairo had no
 * memory for the surface. */
HlPicture *hl_picture_new        (cairo_surface_t       *surface,
                                  int                    x,
                                  int                    y,
                                  int                    width,
                                  int                    height) G_GNUC_WARN_UNUSED_RESULT;
/* The smallest part outside which all is transparent, and where it begins; NULL where nothing is drawn. */
HlPicture *hl_picture_new_of_ink (cairo_surface_t       *surface,
                                  int                   *x,
                                  int                   *y) G_GNUC_WARN_UNUSED_RESULT;
HlPicture *hl_picture_ref        (HlPicture             *self);
void       hl_picture_unref      (HlPicture             *self);

int        hl_picture_get_width  (HlPicture             *self); /* device pixels */
int        hl_picture_get_height (HlPicture             *self);

/* Scaled to @bounds. What is shown again in the same size is the same render node, so that only what lies over it is
 * drawn anew. */
void       hl_picture_append     (HlPicture             *self,
                                  GtkSnapshot           *snapshot,
                                  GskRenderer           *renderer,
                                  const graphene_rect_t *bounds);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HlPicture, hl_picture_unref)

G_END_DECLS
