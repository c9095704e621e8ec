#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Each takes its own name as the first argument and returns the exit status. */

int hl_cli_info    (int          argc,
                    char       **argv,
                    const char  *summary);
int hl_cli_table   (int          argc,
                    char       **argv,
                    const char  *summary);
int hl_cli_render  (int          argc,
                    char       **argv,
                    const char  *summary);
int hl_cli_convert (int          argc,
                    char       **argv,
                    const char  *summary);

G_END_DECLS
