#include "config.h"

#include "hl-cli.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "hl-cli-commands.h"

typedef struct
{
  const char *name;
  const char *summary;
  int       (*run) (int argc, char **argv, const char *summary);
} Command;

static const Command commands[] = {
  { "info", N_("Print what a file holds"), hl_cli_info },
  { "table", N_("Print the numbers behind a view as CSV"), hl_cli_table },
  { "render", N_("Draw a view as PDF, SVG or PNG"), hl_cli_render },
  { "convert", N_("Save instances as Headlight’s own dump"), hl_cli_convert },
};

static const Command *
find_command (const char *word)
{
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    if (strcmp (commands[i].name, word) == 0)
      return &commands[i];

  return NULL;
}

gboolean
hl_cli_knows (const char *word)
{
  return find_command (word) != NULL;
}

int
hl_cli_main (int    argc,
             char **argv)
{
  const Command *command;

  g_return_val_if_fail (argc >= 2, HL_CLI_USAGE);

  command = find_command (argv[1]);
  g_return_val_if_fail (command != NULL, HL_CLI_USAGE);

  return command->run (argc - 1, argv + 1, _(command->summary));
}

char *
hl_cli_dup_help (void)
{
  GString *help = g_string_new (_("Without a window:"));

  g_string_append_c (help, '\n');
  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    g_string_append_printf (help, "  headlight %-8s %s\n", commands[i].name, _(commands[i].summary));
  g_string_append (help, _("“headlight COMMAND --help” lists the options of a command."));

  return g_string_free (help, FALSE);
}
