#pragma once

#include <adwaita.h>

#include "hl-selection.h"

G_BEGIN_DECLS

/* A drop-down for one field of the selection. Offers what the trace has, hides where there is nothing to choose.
 *
 * In a .ui file, "field" is one of attention, scores, filter, channel, aggregate, scale. */
#define HL_TYPE_CHOICE (hl_choice_get_type ())
G_DECLARE_FINAL_TYPE (HlChoice, hl_choice, HL, CHOICE, GtkWidget)

void         hl_choice_set_selection (HlChoice    *self,
                                      HlSelection *selection);

G_END_DECLS
