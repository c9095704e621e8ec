#pragma once

#include "hl-container.h"

G_BEGIN_DECLS

gboolean hl_npy_probe (GBytes       *bytes);

/* Adds the array in @bytes, one whole .npy file, to @container: numbers as a tensor that shares the bytes where numpy
 * has stored them as HlTensor wants them, strings as a list in row-major order (their shape is not kept). */
gboolean hl_npy_read  (GBytes       *bytes,
                       HlContainer  *container,
                       const char   *name,
                       GError      **error);

G_END_DECLS
