#pragma once

#include <adwaita.h>

#include "hl-instance.h"

G_BEGIN_DECLS

/* One instance in the list: its name and length, what the model said and whether that is right, and how it begins. */
#define HL_TYPE_INSTANCE_ROW (hl_instance_row_get_type ())
G_DECLARE_FINAL_TYPE (HlInstanceRow, hl_instance_row, HL, INSTANCE_ROW, GtkWidget)

GtkWidget *hl_instance_row_new          (void);
void       hl_instance_row_set_instance (HlInstanceRow *self,
                                         HlInstance    *instance); /* (nullable) */

G_END_DECLS
