#pragma once

#include <gio/gio.h>

#include "hl-container.h"

G_BEGIN_DECLS

/* Could @bytes be a safetensors file? Looks at the first nine bytes. */
gboolean     hl_safetensors_probe (GBytes         *bytes);

/* The tensors share @bytes, which may be a map of the file: nothing but the header is read. */
HlContainer *hl_safetensors_read  (GBytes         *bytes,
                                   GError        **error) G_GNUC_WARN_UNUSED_RESULT;

/* Writes the tensors and the metadata of @container, which must not hold string lists. */
gboolean     hl_safetensors_write (HlContainer    *container,
                                   GOutputStream  *stream,
                                   GCancellable   *cancellable,
                                   GError        **error);

/* The same to a file, which is replaced as a whole or, on any error, left as it was. It may be the very file that the
 * tensors are mapped from. */
gboolean     hl_safetensors_save  (HlContainer    *container,
                                   GFile          *file,
                                   GCancellable   *cancellable,
                                   GError        **error);

G_END_DECLS
