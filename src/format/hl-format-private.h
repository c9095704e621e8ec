#pragma once

#include "hl-format.h"

G_BEGIN_DECLS

/* The readers, each defined in the file of its name. A reader that lands adds itself to the table in hl-format.c. */
extern const HlFormat hl_attviz_format;     /* hl-attviz.c */
extern const HlFormat hl_bertviz_format;    /* hl-bertviz.c */
extern const HlFormat hl_dump_format;       /* hl-dump.c: safetensors */
extern const HlFormat hl_neatvision_format; /* hl-neatvision.c */
extern const HlFormat hl_numpy_format;      /* hl-dump.c: npy, npz */

/* Continues “The file seems to be …” for content that no reader knows, from its first bytes. */
const char *hl_format_guess (GBytes *bytes);

G_END_DECLS
