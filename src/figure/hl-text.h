#pragma once

#include <pango/pangocairo.h>

#include "hl-style.h"

G_BEGIN_DECLS

/* The one way to text in figures. Contexts and font maps belong to the calling thread. Sizes are relative to the
 * style's token size. */

#define HL_TEXT_TOKEN   1.0
#define HL_TEXT_LABEL   0.82 /* axis labels, legends, numbers */
#define HL_TEXT_CAPTION 0.72

typedef enum
{
  HL_TEXT_REGULAR,
  HL_TEXT_BOLD,
  HL_TEXT_NUMBERS, /* tabular figures */
} HlTextFace;

/* A layout to measure or place by hand; no markup is ever read from @text, line breaks and control characters are
 * shown as symbols. */
PangoLayout *hl_text_layout  (const HlStyle *style,
                              const char    *text,
                              double         size,
                              HlTextFace     face) G_GNUC_WARN_UNUSED_RESULT;

/* Logical size in px. */
void         hl_text_measure (const HlStyle *style,
                              const char    *text,
                              double         size,
                              HlTextFace     face,
                              double        *width,
                              double        *height);

/* Draws one line, vertically centred on @y, its left edge at x (@align 0), its middle (0.5) or its right edge (1). A
 * line wider than @max_width (0: no limit) ends in an ellipsis. Returns the width drawn. */
double       hl_text_draw    (cairo_t       *cr,
                              const HlStyle *style,
                              const char    *text,
                              double         size,
                              HlTextFace     face,
                              HlColour       colour,
                              double         x,
                              double         y,
                              double         align,
                              double         max_width);

/* A layout of a formula: "a_ij" with both letters after "_" as a subscript, whatever the font holds. */
PangoLayout *hl_text_formula (const HlStyle *style,
                              const char    *formula,
                              double         size) G_GNUC_WARN_UNUSED_RESULT;

/* "1,836": thousands grouped, as the decimal point is always "." */
char        *hl_text_count   (guint64        n) G_GNUC_WARN_UNUSED_RESULT;

/* Text broken into lines of @width: how high it is, whole px, and drawn with its upper left corner at (@x, @y). */
double       hl_text_measure_paragraph (const HlStyle *style,
                                        const char    *text,
                                        double         size,
                                        double         width);
void         hl_text_draw_paragraph    (cairo_t       *cr,
                                        const HlStyle *style,
                                        const char    *text,
                                        double         size,
                                        HlColour       colour,
                                        double         x,
                                        double         y,
                                        double         width);

/* "0.123", "1", "3.1e-05": the shortest that shows three significant digits; never locale-dependent. */
char        *hl_text_number  (double         value) G_GNUC_WARN_UNUSED_RESULT;

/* "48.7 %" of a share of 1, "–" for NaN; nothing that is not 0 or 1 is written like it. */
char        *hl_text_percent (double         probability) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
