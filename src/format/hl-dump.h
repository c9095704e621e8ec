#pragma once

#include <gio/gio.h>

#include "hl-trace.h"

G_BEGIN_DECLS

/* Writes @traces as one safetensors file that holds all there is to them; @title (nullable) is of the whole. The file
 * is replaced as a whole, or left as it was on any error. */
gboolean    hl_dump_write              (HlTrace * const  *traces,
                                        gsize             n_traces,
                                        const char       *title,
                                        GFile            *file,
                                        GCancellable     *cancellable,
                                        GError          **error);

/* A short program in Python that saves a model's attention for Headlight, for help texts. */
const char *hl_dump_get_python_snippet (void);

G_END_DECLS
