#include "config.h"

#include "hl-cli-commands.h"

#include <glib/gi18n-lib.h>

#include "hl-cli-options.h"
#include "hl-cli.h"
#include "hl-dump.h"

/* All instances of the file, or the one of --instance. */
int
hl_cli_convert (int          argc,
                char       **argv,
                const char  *summary)
{
  g_auto (HlCliOptions) options = { 0 };
  g_autoptr (HlDocument) document = NULL;
  g_autoptr (GPtrArray) traces = g_ptr_array_new_with_free_func ((GDestroyNotify) hl_trace_unref);
  g_autoptr (GFile) file = NULL;
  g_autoptr (GError) error = NULL;
  int status = HL_CLI_OK;
  guint first, end;

  if (!hl_cli_options_parse (&options, summary, HL_CLI_OPTION_INSTANCE | HL_CLI_OPTION_OUTPUT, argc, argv, &status))
    return status;
  if (options.output == NULL || !g_str_has_suffix (options.output, ".safetensors"))
    return hl_cli_complain (HL_CLI_USAGE, _("--output must be a name that ends in .safetensors."));
  document = hl_cli_options_open (&options, &status);
  if (document == NULL)
    return status;

  first = options.instance < 0 ? 0 : (guint) options.instance;
  end = options.instance < 0 ? hl_document_get_n_instances (document) : first + 1;
  for (guint i = first; i < end; i++)
    {
      HlTrace *trace;

      options.instance = (int) i;
      trace = hl_cli_options_load (&options, document, &status);
      if (trace == NULL)
        return status;
      g_ptr_array_add (traces, trace);
    }

  file = g_file_new_for_commandline_arg (options.output);
  if (!hl_dump_write ((HlTrace * const *) traces->pdata, traces->len, hl_document_get_title (document), file, NULL, &error))
    return hl_cli_complain (HL_CLI_BAD, "%s", error->message);

  return HL_CLI_OK;
}
