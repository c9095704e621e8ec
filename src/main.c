#include "config.h"

#include <gio/gio.h>
#include <glib/gi18n.h>
#include <locale.h>
#include <string.h>

#include "hl-cli.h"

#if HL_WITH_WINDOW
#include "hl-application.h"
#endif

/* Commands need no display and must not start GTK; everything else is the application's. */
int
main (int   argc,
      char *argv[])
{
  setlocale (LC_ALL, "");
  bindtextdomain (GETTEXT_PACKAGE, HL_LOCALE_DIR);
  bind_textdomain_codeset (GETTEXT_PACKAGE, "UTF-8");
  textdomain (GETTEXT_PACKAGE);

  if (argc > 1 && hl_cli_knows (argv[1]))
    return hl_cli_main (argc, argv);
  if (argc == 2 && strcmp (argv[1], "--version") == 0)
    {
      g_print ("Headlight %s\n", HL_VERSION);
      return HL_CLI_OK;
    }

#if HL_WITH_WINDOW
  {
    g_autoptr (HlApplication) application = hl_application_new ();
    g_autofree char *help = hl_cli_dup_help ();

    g_application_set_option_context_description (G_APPLICATION (application), help);

    return g_application_run (G_APPLICATION (application), argc, argv);
  }
#else
  {
    g_autofree char *help = hl_cli_dup_help ();

    g_print ("%s\n", help);

    return argc > 1 && (strcmp (argv[1], "--help") == 0 || strcmp (argv[1], "-h") == 0) ? HL_CLI_OK : HL_CLI_USAGE;
  }
#endif
}
