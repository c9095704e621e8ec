#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* The application's settings. Installed, they are the desktop's; run from the build folder, the schema beside the
 * executable's folder is used; NULL where there is no schema at all: then nothing is remembered. (transfer full) */
GSettings *hl_settings_new (void) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
