#pragma once

#include "hl-figure.h"

G_BEGIN_DECLS

#define HL_EXPORT_ERROR (hl_export_error_quark ())

typedef enum
{
  HL_EXPORT_ERROR_SIZE,   /* larger than the format or the memory allows */
  HL_EXPORT_ERROR_FORMAT, /* no such format */
} HlExportError;

GQuark hl_export_error_quark (void);

typedef enum
{
  HL_EXPORT_PDF, /*< nick=pdf >*/
  HL_EXPORT_SVG, /*< nick=svg >*/
  HL_EXPORT_PNG, /*< nick=png >*/
} HlExportFormat;

typedef struct
{
  HlExportFormat  format;
  double          scale;  /* PNG: device pixels for each px of 1/96 inch; 0 means 1 */
  HlState        *state;  /* whose pins and hover are drawn over the figure; NULL: those of the figure's own state */
  const char     *title;  /* PDF metadata (nullable) */
} HlExportOptions;

/* Chooses by the ending of @name; fails with a sentence that names the endings known. */
gboolean hl_export_format_from_name (const char             *name,
                                     HlExportFormat         *format,
                                     GError                **error);

/* Writes the whole figure, whatever part of it is on screen: one px of the figure is 1/96 inch. Blocks. */
gboolean hl_figure_export           (HlFigure               *self,
                                     const HlExportOptions  *options,
                                     GOutputStream          *stream,
                                     GCancellable           *cancellable,
                                     GError                **error);

/* The same into a file, which is replaced only when all is written. */
gboolean hl_figure_export_to_file   (HlFigure               *self,
                                     const HlExportOptions  *options,
                                     GFile                  *file,
                                     GCancellable           *cancellable,
                                     GError                **error);

G_END_DECLS
