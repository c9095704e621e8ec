#include "config.h"

#include "hl-sidebar.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "hl-instance-row.h"

/* Which instances the drop-down lets through. */
enum
{
  SHOW_ALL,
  SHOW_CORRECT,
  SHOW_WRONG,
};

struct _HlSidebar
{
  GtkWidget           parent_instance;

  HlDocument         *document;
  char               *needle;      /* case folded, (nullable) */
  gboolean            updating;

  GtkEditable        *search_entry;
  GtkDropDown        *show_drop_down;
  GtkListView        *list_view;
  GtkFilterListModel *filter_model;
  GtkCustomFilter    *filter;
  GtkSingleSelection *single_selection;
  GtkStack           *stack;
  GtkLabel           *count_label;
};

enum
{
  SIGNAL_INSTANCE_ACTIVATED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

G_DEFINE_FINAL_TYPE (HlSidebar, hl_sidebar, GTK_TYPE_WIDGET)

static gboolean
contains (const char *text, const char *needle)
{
  g_autofree char *folded = text ? g_utf8_casefold (text, -1) : NULL;

  return folded && strstr (folded, needle) != NULL;
}

static gboolean
match (gpointer item, gpointer user_data)
{
  HlSidebar *self = user_data;
  HlInstance *instance = item;
  guint show = gtk_drop_down_get_selected (self->show_drop_down);

  if (show == SHOW_CORRECT && hl_instance_get_correct (instance) != 1)
    return FALSE;
  if (show == SHOW_WRONG && hl_instance_get_correct (instance) != 0)
    return FALSE;

  return self->needle == NULL || contains (hl_instance_get_title (instance), self->needle) ||
         contains (hl_instance_get_text (instance), self->needle) ||
         contains (hl_instance_get_class_name (instance), self->needle);
}

static void
update_count (HlSidebar *self)
{
  guint n = g_list_model_get_n_items (G_LIST_MODEL (self->filter_model));
  guint all = self->document ? hl_document_get_n_instances (self->document) : 0;
  g_autofree char *label = NULL;

  if (n < all)
    label = g_strdup_printf (_("%u of %u instances"), n, all);
  else
    label = g_strdup_printf (ngettext ("%u instance", "%u instances", all), all);
  gtk_label_set_label (self->count_label, label);
  gtk_stack_set_visible_child_name (self->stack, n > 0 || all == 0 ? "list" : "none");
}

/* Searching and reloading the list must not choose another instance. */
static void
refilter (HlSidebar *self)
{
  self->updating = TRUE;
  gtk_filter_changed (GTK_FILTER (self->filter), GTK_FILTER_CHANGE_DIFFERENT);
  self->updating = FALSE;
  update_count (self);
}

static void
search_changed_cb (GtkSearchEntry *entry, HlSidebar *self)
{
  const char *text = gtk_editable_get_text (GTK_EDITABLE (entry));

  g_clear_pointer (&self->needle, g_free);
  if (*text)
    self->needle = g_utf8_casefold (text, -1);
  refilter (self);
}

static void
show_cb (GtkDropDown *drop_down, GParamSpec *pspec, HlSidebar *self)
{
  if (!self->updating)
    refilter (self);
}

static void
selected_cb (GtkSingleSelection *selection, GParamSpec *pspec, HlSidebar *self)
{
  HlInstance *instance = gtk_single_selection_get_selected_item (selection);

  if (!self->updating && instance)
    g_signal_emit (self, signals[SIGNAL_INSTANCE_ACTIVATED], 0, hl_instance_get_index (instance));
}

static void
setup_cb (GtkSignalListItemFactory *factory, GtkListItem *item, HlSidebar *self)
{
  gtk_list_item_set_child (item, hl_instance_row_new ());
}

static void
bind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, HlSidebar *self)
{
  hl_instance_row_set_instance (HL_INSTANCE_ROW (gtk_list_item_get_child (item)), gtk_list_item_get_item (item));
}

static void
unbind_cb (GtkSignalListItemFactory *factory, GtkListItem *item, HlSidebar *self)
{
  hl_instance_row_set_instance (HL_INSTANCE_ROW (gtk_list_item_get_child (item)), NULL);
}

/* Escape empties the entry, then goes back to the list. */
static void
stop_search_cb (GtkSearchEntry *entry, HlSidebar *self)
{
  gtk_editable_set_text (GTK_EDITABLE (entry), "");
  gtk_widget_grab_focus (GTK_WIDGET (self->list_view));
}

static void
hl_sidebar_dispose (GObject *object)
{
  HlSidebar *self = HL_SIDEBAR (object);
  GtkWidget *child;

  while ((child = gtk_widget_get_first_child (GTK_WIDGET (self))))
    gtk_widget_unparent (child);
  g_clear_object (&self->document);

  G_OBJECT_CLASS (hl_sidebar_parent_class)->dispose (object);
}

static void
hl_sidebar_finalize (GObject *object)
{
  g_free (HL_SIDEBAR (object)->needle);

  G_OBJECT_CLASS (hl_sidebar_parent_class)->finalize (object);
}

static void
hl_sidebar_class_init (HlSidebarClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->dispose = hl_sidebar_dispose;
  object_class->finalize = hl_sidebar_finalize;

  signals[SIGNAL_INSTANCE_ACTIVATED] = g_signal_new ("instance-activated", G_TYPE_FROM_CLASS (klass),
                                                     G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL, G_TYPE_NONE, 1,
                                                     G_TYPE_UINT);

  gtk_widget_class_set_css_name (widget_class, "instances");
  gtk_widget_class_set_template_from_resource (widget_class, "/io/github/headlight/Headlight/ui/hl-sidebar.ui");
  gtk_widget_class_bind_template_child (widget_class, HlSidebar, search_entry);
  gtk_widget_class_bind_template_child (widget_class, HlSidebar, show_drop_down);
  gtk_widget_class_bind_template_child (widget_class, HlSidebar, list_view);
  gtk_widget_class_bind_template_child (widget_class, HlSidebar, filter_model);
  gtk_widget_class_bind_template_child (widget_class, HlSidebar, filter);
  gtk_widget_class_bind_template_child (widget_class, HlSidebar, single_selection);
  gtk_widget_class_bind_template_child (widget_class, HlSidebar, stack);
  gtk_widget_class_bind_template_child (widget_class, HlSidebar, count_label);
  gtk_widget_class_bind_template_callback (widget_class, search_changed_cb);
  gtk_widget_class_bind_template_callback (widget_class, stop_search_cb);
  gtk_widget_class_bind_template_callback (widget_class, show_cb);
  gtk_widget_class_bind_template_callback (widget_class, selected_cb);
  gtk_widget_class_bind_template_callback (widget_class, setup_cb);
  gtk_widget_class_bind_template_callback (widget_class, bind_cb);
  gtk_widget_class_bind_template_callback (widget_class, unbind_cb);
}

static void
hl_sidebar_init (HlSidebar *self)
{
  gtk_widget_init_template (GTK_WIDGET (self));
  gtk_custom_filter_set_filter_func (self->filter, match, self, NULL);
}

void
hl_sidebar_set_document (HlSidebar *self, HlDocument *document)
{
  gboolean judged = FALSE;

  g_return_if_fail (HL_IS_SIDEBAR (self));

  g_set_object (&self->document, document);

  for (guint i = 0; document && i < hl_document_get_n_instances (document) && !judged; i++)
    judged = hl_instance_get_correct (hl_document_get_instance (document, i)) != -1;

  self->updating = TRUE;
  gtk_editable_set_text (self->search_entry, "");
  gtk_drop_down_set_selected (self->show_drop_down, SHOW_ALL);
  gtk_widget_set_visible (GTK_WIDGET (self->show_drop_down), judged);
  gtk_filter_list_model_set_model (self->filter_model, G_LIST_MODEL (document));
  self->updating = FALSE;
  refilter (self);
}

void
hl_sidebar_set_current (HlSidebar *self, guint index)
{
  GListModel *model;

  g_return_if_fail (HL_IS_SIDEBAR (self));

  model = G_LIST_MODEL (self->filter_model);
  self->updating = TRUE;
  gtk_single_selection_set_selected (self->single_selection, GTK_INVALID_LIST_POSITION);
  for (guint i = 0; i < g_list_model_get_n_items (model); i++)
    {
      g_autoptr (HlInstance) instance = g_list_model_get_item (model, i);

      if (hl_instance_get_index (instance) != index)
        continue;

      gtk_single_selection_set_selected (self->single_selection, i);
      if (gtk_widget_get_mapped (GTK_WIDGET (self->list_view)))
        gtk_widget_activate_action (GTK_WIDGET (self->list_view), "list.scroll-to-item", "u", i);
      break;
    }
  self->updating = FALSE;
}

void
hl_sidebar_find (HlSidebar *self)
{
  g_return_if_fail (HL_IS_SIDEBAR (self));

  gtk_widget_grab_focus (GTK_WIDGET (self->search_entry));
}

void
hl_sidebar_set_search (HlSidebar *self, const char *text)
{
  g_return_if_fail (HL_IS_SIDEBAR (self));

  gtk_editable_set_text (self->search_entry, text);
  /* The entry waits for more letters to come. */
  search_changed_cb (GTK_SEARCH_ENTRY (self->search_entry), self);
}

guint
hl_sidebar_get_n_shown (HlSidebar *self)
{
  g_return_val_if_fail (HL_IS_SIDEBAR (self), 0);

  return g_list_model_get_n_items (G_LIST_MODEL (self->filter_model));
}

GtkSingleSelection *
hl_sidebar_get_model (HlSidebar *self)
{
  g_return_val_if_fail (HL_IS_SIDEBAR (self), NULL);

  return self->single_selection;
}
