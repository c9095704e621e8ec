#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* One number of JSON text. Returns what follows it; or NULL if there is no number at @text, or one that JSON does not
 * allow, and then *@failed is the first byte that does not fit.
 *
 * *@value is exactly (float) strtod () of the same text. NaN, Infinity and -Infinity are numbers. */
const char *hl_json_number_scan (const char  *text,
                                 const char  *end,
                                 float       *value,
                                 const char **failed);

G_END_DECLS
