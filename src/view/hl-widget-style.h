#pragma once

#include <adwaita.h>

#include "hl-style.h"

G_BEGIN_DECLS

/* The style of figures inside @widget: theme and contrast of the desktop, background, text and accent by the names the
 * theme gives them, font and text scale of the widget. Ask again on css_changed. */
HlStyle *hl_style_new_for_widget (GtkWidget *widget) G_GNUC_WARN_UNUSED_RESULT;

/* TRUE if figures look the same in both. */
gboolean hl_widget_style_equal   (const HlStyle *a,
                                  const HlStyle *b);

G_END_DECLS
