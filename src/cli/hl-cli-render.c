#include "config.h"

#include "hl-cli-commands.h"

#include <errno.h>
#include <glib/gi18n-lib.h>
#include <stdio.h>

#include "hl-cli-options.h"
#include "hl-cli.h"
#include "hl-export.h"

/* What table and render have in common: from the file to the figure. */
static HlFigure *
build (HlCliOptions *options,
       int          *status)
{
  g_autoptr (HlDocument) document = NULL;
  g_autoptr (HlTrace) trace = NULL;
  g_autoptr (HlState) state = NULL;

  document = hl_cli_options_open (options, status);
  if (document == NULL)
    return NULL;
  trace = hl_cli_options_load (options, document, status);
  if (trace == NULL)
    return NULL;
  state = hl_cli_options_get_state (options, trace, status);
  if (state == NULL)
    return NULL;

  return hl_cli_options_build (options, state, status);
}

int
hl_cli_table (int          argc,
              char       **argv,
              const char  *summary)
{
  g_auto (HlCliOptions) options = { 0 };
  g_autoptr (HlFigure) figure = NULL;
  g_autoptr (GString) csv = g_string_new (NULL);
  g_autoptr (GError) error = NULL;
  int status = HL_CLI_OK;

  if (!hl_cli_options_parse (&options, summary,
                             HL_CLI_OPTION_VIEW | HL_CLI_OPTION_INSTANCE | HL_CLI_OPTION_STATE | HL_CLI_OPTION_OUTPUT,
                             argc, argv, &status))
    return status;
  figure = build (&options, &status);
  if (figure == NULL)
    return status;

  hl_figure_write_csv (figure, csv);
  if (csv->len == 0)
    {
      g_autofree char *why = hl_figure_summarise (figure);

      return hl_cli_complain (HL_CLI_BAD, "%s: %s", options.files[0], why);
    }

  if (options.output != NULL)
    {
      if (!g_file_set_contents (options.output, csv->str, (gssize) csv->len, &error))
        return hl_cli_complain (HL_CLI_BAD, "%s", error->message);
    }
  else if (fwrite (csv->str, 1, csv->len, stdout) != csv->len || fflush (stdout) != 0)
    {
      return hl_cli_complain (HL_CLI_BAD, _("The table could not be written: %s."), g_strerror (errno));
    }

  return HL_CLI_OK;
}

int
hl_cli_render (int          argc,
               char       **argv,
               const char  *summary)
{
  g_auto (HlCliOptions) options = { 0 };
  g_autoptr (HlFigure) figure = NULL;
  g_autoptr (GFile) file = NULL;
  g_autoptr (GError) error = NULL;
  g_autofree char *title = NULL;
  HlExportOptions export = { 0 };
  int status = HL_CLI_OK;

  if (!hl_cli_options_parse (&options, summary,
                             HL_CLI_OPTION_VIEW | HL_CLI_OPTION_INSTANCE | HL_CLI_OPTION_STATE | HL_CLI_OPTION_LOOK |
                             HL_CLI_OPTION_OUTPUT,
                             argc, argv, &status))
    return status;
  if (options.output == NULL)
    return hl_cli_complain (HL_CLI_USAGE, _("--output is missing: a name that ends in .pdf, .svg or .png."));
  if (!hl_export_format_from_name (options.output, &export.format, &error))
    return hl_cli_complain (HL_CLI_USAGE, "%s", error->message);

  figure = build (&options, &status);
  if (figure == NULL)
    return status;

  file = g_file_new_for_commandline_arg (options.output);
  title = g_filename_display_basename (options.files[0]);
  export.scale = options.resolution;
  export.title = title;
  if (!hl_figure_export_to_file (figure, &export, file, NULL, &error))
    return hl_cli_complain (HL_CLI_BAD, "%s", error->message);

  return HL_CLI_OK;
}
