#include "config.h"

#include "hl-recipe-window.h"

#include <glib/gi18n-lib.h>

#include "hl-dump.h"

struct _HlRecipeWindow
{
  AdwWindow        parent_instance;

  AdwToastOverlay *toast_overlay;
  GtkWidget       *copy_button;
  GtkLabel        *program;
};

G_DEFINE_FINAL_TYPE (HlRecipeWindow, hl_recipe_window, ADW_TYPE_WINDOW)

static void
copy (GtkWidget *widget, const char *name, GVariant *parameter)
{
  HlRecipeWindow *self = HL_RECIPE_WINDOW (widget);

  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), hl_dump_get_python_snippet ());
  adw_toast_overlay_add_toast (self->toast_overlay, adw_toast_new (_("Copied")));
}

static void
hl_recipe_window_class_init (HlRecipeWindowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/headlight/Headlight/ui/hl-recipe-window.ui");
  gtk_widget_class_bind_template_child (widget_class, HlRecipeWindow, toast_overlay);
  gtk_widget_class_bind_template_child (widget_class, HlRecipeWindow, copy_button);
  gtk_widget_class_bind_template_child (widget_class, HlRecipeWindow, program);
  gtk_widget_class_install_action (widget_class, "recipe.copy", NULL, copy);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_Escape, 0, "window.close", NULL);
}

static void
hl_recipe_window_init (HlRecipeWindow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_label_set_label (self->program, hl_dump_get_python_snippet ());
  /* Not the label, whose whole text would be selected. */
  gtk_window_set_focus (GTK_WINDOW (self), self->copy_button);
}

GtkWidget *
hl_recipe_window_new (GtkWindow *parent)
{
  return g_object_new (HL_TYPE_RECIPE_WINDOW, "transient-for", parent, NULL);
}
