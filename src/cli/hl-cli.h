#pragma once

/* cli/: what Headlight does without a window. May use everything but view/ and app/.
 *
 * Reading order: hl-cli.h, hl-cli-options.h (the words that all commands share), then one file for each command.
 */

#include <glib.h>

G_BEGIN_DECLS

#define HL_CLI_OK    0
#define HL_CLI_BAD   1 /* the input cannot be read, or does not hold what was asked for: one line on stderr */
#define HL_CLI_USAGE 2 /* the command line makes no sense */

/* TRUE if @word is a command: "info", "table" … */
gboolean hl_cli_knows    (const char  *word);

/* @argv: the program, the command, its options and files; in the locale's encoding, as main() gets it. Returns the exit
 * status. */
int      hl_cli_main     (int          argc,
                          char       **argv);

/* What "headlight --help" says of the commands. */
char    *hl_cli_dup_help (void);

G_END_DECLS
