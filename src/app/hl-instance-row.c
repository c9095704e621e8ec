#include "config.h"

#include "hl-instance-row.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "hl-text.h"

/* Characters of a text that a row can show. */
#define PREVIEW 120

struct _HlInstanceRow
{
  GtkWidget parent_instance;

  GtkLabel *title;
  GtkLabel *length;
  GtkLabel *preview;
  GtkWidget *verdict;
  GtkImage *mark;
  GtkLabel *class_name;
};

G_DEFINE_FINAL_TYPE (HlInstanceRow, hl_instance_row, GTK_TYPE_WIDGET)

static void
set_preview (HlInstanceRow *self, const char *text)
{
  g_autofree char *beginning = NULL;

  beginning = text ? g_utf8_substring (text, 0, MIN (g_utf8_strlen (text, -1), PREVIEW)) : g_strdup ("");
  g_strdelimit (beginning, "\n\r\t", ' ');
  gtk_label_set_label (self->preview, g_strstrip (beginning));
  gtk_widget_set_visible (GTK_WIDGET (self->preview), *beginning != '\0');
}

static void
set_mark (HlInstanceRow *self, int correct)
{
  const char *label = correct == 1 ? _("Correct") : _("Wrong");

  gtk_widget_set_visible (GTK_WIDGET (self->mark), correct != -1);
  if (correct == -1)
    return;

  gtk_image_set_from_icon_name (self->mark, correct == 1 ? "object-select-symbolic" : "window-close-symbolic");
  gtk_widget_remove_css_class (GTK_WIDGET (self->mark), correct == 1 ? "error" : "success");
  gtk_widget_add_css_class (GTK_WIDGET (self->mark), correct == 1 ? "success" : "error");
  gtk_widget_set_tooltip_text (GTK_WIDGET (self->mark), label);
  gtk_accessible_update_property (GTK_ACCESSIBLE (self->mark), GTK_ACCESSIBLE_PROPERTY_LABEL, label, -1);
}

static void
set_class (HlInstanceRow *self, const char *name, double probability)
{
  g_autofree char *percent = hl_text_percent (probability);
  g_autofree char *label = NULL;

  if (name && !isnan (probability))
    label = g_strdup_printf ("%s %s", name, percent);
  else
    label = g_strdup (name ? name : "");
  gtk_label_set_label (self->class_name, label);
}

static void
hl_instance_row_dispose (GObject *object)
{
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (object))))
    gtk_widget_unparent (child);

  G_OBJECT_CLASS (hl_instance_row_parent_class)->dispose (object);
}

static void
hl_instance_row_class_init (HlInstanceRowClass *klass)
{
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  G_OBJECT_CLASS (klass)->dispose = hl_instance_row_dispose;

  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/headlight/Headlight/ui/hl-instance-row.ui");
  gtk_widget_class_bind_template_child (widget_class, HlInstanceRow, title);
  gtk_widget_class_bind_template_child (widget_class, HlInstanceRow, length);
  gtk_widget_class_bind_template_child (widget_class, HlInstanceRow, preview);
  gtk_widget_class_bind_template_child (widget_class, HlInstanceRow, verdict);
  gtk_widget_class_bind_template_child (widget_class, HlInstanceRow, mark);
  gtk_widget_class_bind_template_child (widget_class, HlInstanceRow, class_name);
}

static void
hl_instance_row_init (HlInstanceRow *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
}

GtkWidget *
hl_instance_row_new (void)
{
  return g_object_new (HL_TYPE_INSTANCE_ROW, NULL);
}

void
hl_instance_row_set_instance (HlInstanceRow *self, HlInstance *instance)
{
  g_autofree char *length = NULL;
  const char *class_name;
  int correct;

  g_return_if_fail (HL_IS_INSTANCE_ROW (self));

  if (instance == NULL)
    return;

  length = g_strdup_printf (ngettext ("%zu token", "%zu tokens", hl_instance_get_n_tokens (instance)),
                            hl_instance_get_n_tokens (instance));
  class_name = hl_instance_get_class_name (instance);
  correct = hl_instance_get_correct (instance);

  gtk_label_set_label (self->title, hl_instance_get_title (instance));
  gtk_label_set_label (self->length, length);
  set_preview (self, hl_instance_get_text (instance));
  set_class (self, class_name, hl_instance_get_probability (instance));
  set_mark (self, correct);
  gtk_widget_set_visible (self->verdict, class_name != NULL || correct != -1);
}
