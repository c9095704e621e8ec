#pragma once

#include "hl-safetensors.h"

G_BEGIN_DECLS

#define HL_SAFETENSORS_MAX_HEADER 100000000

/* A cursor in the header of a safetensors file, which needs so little of JSON that what follows knows no more than it. */
typedef struct
{
  const char *start; /* of the file, so that positions in messages are the file's */
  const char *p;
  const char *end;
} HlHeader;

/* Says that @what was expected where the cursor is. Returns FALSE. */
gboolean    hl_header_fail            (HlHeader    *header,
                                       GError     **error,
                                       const char  *what);
void        hl_header_skip_space      (HlHeader    *header);
/* Steps over spaces, and over @c if it comes next. */
gboolean    hl_header_accept          (HlHeader    *header,
                                       char         c);
/* Reads a string; NULL if none comes next, which is @what was expected. */
char       *hl_header_scan_string     (HlHeader    *header,
                                       const char  *what,
                                       GError     **error);
/* Reads a list of at most @max numbers. */
gboolean    hl_header_scan_sizes      (HlHeader    *header,
                                       guint64     *values,
                                       guint        max,
                                       guint       *n,
                                       GError     **error);

/* "F32" */
const char *hl_safetensors_dtype_name (HlDType dtype);

G_END_DECLS
