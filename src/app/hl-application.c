#include "config.h"

#include "hl-application.h"

#include <glib/gi18n-lib.h>
#include <stdlib.h>

#include "hl-examples.h"
#include "hl-resources.h"
#include "hl-window.h"

struct _HlApplication
{
  AdwApplication parent_instance;
};

G_DEFINE_FINAL_TYPE (HlApplication, hl_application, ADW_TYPE_APPLICATION)

static void
quit_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GList *windows = g_list_copy (gtk_application_get_windows (user_data));

  /* Each saves its state. */
  for (GList *l = windows; l; l = l->next)
    gtk_window_close (l->data);
  g_list_free (windows);
}

static void
new_window_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  GtkWidget *window = hl_window_new (user_data);

  hl_window_open_example (HL_WINDOW (window), "decoder");
  gtk_window_present (GTK_WINDOW (window));
}

static void
about_cb (GSimpleAction *action, GVariant *parameter, gpointer user_data)
{
  adw_show_about_window (gtk_application_get_active_window (user_data),
                         "application-name", _("Headlight"),
                         "application-icon", HL_APP_ID,
                         "version", HL_VERSION,
                         "developer-name", _("The Headlight contributors"),
                         "comments", _("Shows what a transformer attends to."),
                         "license-type", GTK_LICENSE_GPL_3_0,
                         /* Translators: your names, one a line. */
                         "translator-credits", _("translator-credits"),
                         NULL);
}

static const GActionEntry entries[] = {
  { "quit", quit_cb },
  { "new-window", new_window_cb },
  { "about", about_cb },
};

static const struct
{
  const char *action;
  const char *accels[3];
} accels[] = {
  { "app.quit", { "<Control>q" } },
  { "app.new-window", { "<Control>n" } },
  { "window.close", { "<Control>w" } },
  { "win.open", { "<Control>o" } },
  { "win.save-dump", { "<Control>s" } },
  { "win.find", { "<Control>f" } },
  { "win.sidebar", { "F9" } },
  { "win.undo", { "<Control>z" } },
  { "win.redo", { "<Control><Shift>z", "<Control>y" } },
  { "win.zoom-in", { "<Control>plus", "<Control>equal" } },
  { "win.zoom-out", { "<Control>minus" } },
  { "win.zoom-fit", { "<Control>0" } },
  { "win.step-instance(-1)", { "<Control>Page_Up" } },
  { "win.step-instance(1)", { "<Control>Page_Down" } },
  { "win.show-help-overlay", { "<Control>question" } },
};

static void
hl_application_startup (GApplication *application)
{
  g_set_application_name (_("Headlight"));
  hl_register_resource ();
  hl_examples_register_resource ();

  G_APPLICATION_CLASS (hl_application_parent_class)->startup (application);

  g_action_map_add_action_entries (G_ACTION_MAP (application), entries, G_N_ELEMENTS (entries), application);
  for (gsize i = 0; i < G_N_ELEMENTS (accels); i++)
    gtk_application_set_accels_for_action (GTK_APPLICATION (application), accels[i].action, accels[i].accels);
  gtk_window_set_default_icon_name (HL_APP_ID);
}

/* What the application answers without a window has been answered; the rest needs a display. */
static int
hl_application_handle_local_options (GApplication *application, GVariantDict *options)
{
  if (gtk_init_check ())
    return -1;

  g_printerr ("headlight: %s\n",
              _("There is no display to open a window on; “headlight --help” lists what works without."));

  return EXIT_FAILURE;
}

/* A first-time user sees something that works, not an empty window. */
static void
hl_application_activate (GApplication *application)
{
  GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

  if (window == NULL)
    {
      window = GTK_WINDOW (hl_window_new (ADW_APPLICATION (application)));
      hl_window_open_example (HL_WINDOW (window), "decoder");
    }
  gtk_window_present (window);
}

static void
hl_application_open (GApplication *application, GFile **files, int n_files, const char *hint)
{
  for (int i = 0; i < n_files; i++)
    {
      GtkWindow *window = gtk_application_get_active_window (GTK_APPLICATION (application));

      if (!HL_IS_WINDOW (window) || !hl_window_is_pristine (HL_WINDOW (window)))
        window = GTK_WINDOW (hl_window_new (ADW_APPLICATION (application)));
      hl_window_open (HL_WINDOW (window), files[i]);
      gtk_window_present (window);
    }
}

static void
hl_application_class_init (HlApplicationClass *klass)
{
  GApplicationClass *application_class = G_APPLICATION_CLASS (klass);

  application_class->handle_local_options = hl_application_handle_local_options;
  application_class->startup = hl_application_startup;
  application_class->activate = hl_application_activate;
  application_class->open = hl_application_open;
}

static void
hl_application_init (HlApplication *self)
{
}

HlApplication *
hl_application_new (void)
{
  return g_object_new (HL_TYPE_APPLICATION,
                       "application-id", HL_APP_ID,
                       "flags", G_APPLICATION_HANDLES_OPEN,
                       "resource-base-path", "/io/github/headlight/Headlight",
                       NULL);
}
