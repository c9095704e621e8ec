#pragma once

#include "hl-figure.h"

G_BEGIN_DECLS

/* Draws very many translucent lines so that the picture is a function of the set of lines alone: not of their order, nor
 * of how many heads are on, nor of rounding after each line as when they are painted one over the other in eight bits.
 *
 * Lines are collected in layers, one for each head. A layer keeps for each pixel its transmittance T = Π (1 − opacity ·
 * coverage) in floating point. The picture's opacity is 1 − Π T over all layers, its colour the mean of the layers'
 * colours in OKLab weighted by optical depth −ln T. A single line comes out as cairo strokes it; many faint lines of one head keep
 * its hue; equal heads in different colours give their mean, whichever was drawn last.
 *
 * Coverage is that of a box filter across the line: clamp (width / 2 + ½ − distance), within about 0.05 of the exact
 * area of a pixel under the stroke. */
typedef struct _HlLineRaster HlLineRaster;

/* A picture of @width × @height pixels. Lines are given in user units: pixel = (user − origin) × scale. */
HlLineRaster    *hl_line_raster_new       (int                width,
                                           int                height,
                                           double             origin_x,
                                           double             origin_y,
                                           double             scale_x,
                                           double             scale_y) G_GNUC_WARN_UNUSED_RESULT;
void             hl_line_raster_free      (HlLineRaster      *self);

/* The part of user space that the picture covers: what lies outside need not be added. */
void             hl_line_raster_get_area  (HlLineRaster      *self,
                                           HlRect            *area);

/* Adds a straight line to the current layer. @width is in user units. */
void             hl_line_raster_add_line  (HlLineRaster      *self,
                                           double             x0,
                                           double             y0,
                                           double             x1,
                                           double             y1,
                                           double             width,
                                           double             opacity);
/* Adds half an ellipse from (@x, @y0) to (@x, @y1) whose furthest point is at @x + @bulge; negative: to the left. */
void             hl_line_raster_add_arc   (HlLineRaster      *self,
                                           double             x,
                                           double             y0,
                                           double             y1,
                                           double             bulge,
                                           double             width,
                                           double             opacity);
/* Ends the current layer: its lines have @colour. The next line begins a new one. */
void             hl_line_raster_end_layer (HlLineRaster      *self,
                                           HlColour           colour);
/* The picture as premultiplied ARGB32. The raster cannot be added to after that. */
cairo_surface_t *hl_line_raster_finish    (HlLineRaster      *self) G_GNUC_WARN_UNUSED_RESULT;

/* Adds the lines of @layer. May be called several times for each layer and from two threads at once, each with a raster
 * of its own that covers a part of the picture. */
typedef void   (*HlLineFunc)              (HlLineRaster      *raster,
                                           guint              layer,
                                           gpointer           data);

/* Draws on an image surface, inside @area (user units) and the clip of @cr, at the resolution of the device, in bands so
 * that memory stays bounded. Layer i has colours[i]. @n_lines, an estimate, decides whether a second thread pays.
 * Returns FALSE, and draws nothing, where @cr has no pixels or is turned. */
gboolean         hl_line_raster_paint     (cairo_t           *cr,
                                           const HlRect      *area,
                                           const HlColour    *colours,
                                           guint              n_layers,
                                           gsize              n_lines,
                                           HlLineFunc         func,
                                           gpointer           data);

/* The same as paths, for surfaces without pixels. Lines of several layers between the same points are one path in their mean
 * colour, so that it looks as hl_line_raster_paint() draws it and not as the layer painted last. */
void             hl_line_raster_stroke    (cairo_t           *cr,
                                           const HlRect      *area,
                                           const HlColour    *colours,
                                           guint              n_layers,
                                           HlLineFunc         func,
                                           gpointer           data);

/* The same as add_line, pixel by pixel as the definition says: for tests. */
void             hl_line_raster_add_line_plain (HlLineRaster *self,
                                           double             x0,
                                           double             y0,
                                           double             x1,
                                           double             y1,
                                           double             width,
                                           double             opacity);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HlLineRaster, hl_line_raster_free)

G_END_DECLS
