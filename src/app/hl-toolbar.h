#pragma once

#include <adwaita.h>

#include "hl-selection.h"

G_BEGIN_DECLS

/* The controls that all views follow: kind of attention, layer, segments, threshold, tokens. */
#define HL_TYPE_TOOLBAR (hl_toolbar_get_type ())
G_DECLARE_FINAL_TYPE (HlToolbar, hl_toolbar, HL, TOOLBAR, GtkWidget)

void         hl_toolbar_set_selection (HlToolbar   *self,
                                       HlSelection *selection);

G_END_DECLS
