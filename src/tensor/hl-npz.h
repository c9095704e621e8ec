#pragma once

#include <gio/gio.h>

#include "hl-container.h"

G_BEGIN_DECLS

/* Is @bytes a zip archive whose first member is a .npy file? Looks at its first bytes. */
gboolean     hl_npz_probe (GBytes                 *bytes);

/* Reads every .npy member under its name without the ending. What numpy.savez() wrote is used in place and shares
 * @bytes; what savez_compressed() wrote is decoded, which takes time: @progress (nullable) and @cancellable. */
HlContainer *hl_npz_read  (GBytes                 *bytes,
                           GFileProgressCallback   progress,
                           gpointer                progress_data,
                           GCancellable           *cancellable,
                           GError                **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
