#pragma once

#include <adwaita.h>

G_BEGIN_DECLS

/* Shows the program that makes a dump, to copy. */
#define HL_TYPE_RECIPE_WINDOW (hl_recipe_window_get_type ())
G_DECLARE_FINAL_TYPE (HlRecipeWindow, hl_recipe_window, HL, RECIPE_WINDOW, AdwWindow)

GtkWidget *hl_recipe_window_new (GtkWindow *parent);

G_END_DECLS
