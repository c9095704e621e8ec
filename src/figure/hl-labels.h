#pragma once

#include "hl-text.h"

G_BEGIN_DECLS

/* Many short texts in one size, of which many are equal: each is shaped once. Lives on the stack of one drawing; not for
 * more than one thread. */
typedef struct
{
  const HlStyle *style;
  double         size;
  HlTextFace     face;
  GHashTable    *layouts; /* text → Label */
} HlLabels;

void   hl_labels_init  (HlLabels      *self,
                        const HlStyle *style,
                        double         size,
                        HlTextFace     face);
void   hl_labels_clear (HlLabels      *self);

/* As hl_text_draw(). */
double hl_labels_draw  (HlLabels      *self,
                        cairo_t       *cr,
                        const char    *text,
                        HlColour       colour,
                        double         x,
                        double         y,
                        double         align,
                        double         max_width);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HlLabels, hl_labels_clear)

G_END_DECLS
