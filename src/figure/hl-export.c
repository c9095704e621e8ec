#include "config.h"

#include "hl-export.h"

#include <cairo-pdf.h>
#include <cairo-svg.h>
#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#define POINTS_PER_PX 0.75

/* Cairo's limit for an image, and ours for its memory: 256 million pixels are a gigabyte. */
#define MAX_SIDE 32767
#define MAX_PIXELS (256.0 * 1024 * 1024)

G_DEFINE_QUARK (hl-export-error-quark, hl_export_error)

gboolean
hl_export_format_from_name (const char      *name,
                            HlExportFormat  *format,
                            GError         **error)
{
  g_autofree char *lower = g_ascii_strdown (name, -1);

  if (g_str_has_suffix (lower, ".pdf"))
    *format = HL_EXPORT_PDF;
  else if (g_str_has_suffix (lower, ".svg"))
    *format = HL_EXPORT_SVG;
  else if (g_str_has_suffix (lower, ".png"))
    *format = HL_EXPORT_PNG;
  else
    {
      g_set_error (error, HL_EXPORT_ERROR, HL_EXPORT_ERROR_FORMAT,
                   _("The name “%s” must end in .pdf, .svg or .png."), name);
      return FALSE;
    }

  return TRUE;
}

/* Where cairo's bytes go. Cairo knows only that writing failed: why is kept here. */
typedef struct
{
  GOutputStream *stream;
  GCancellable  *cancellable;
  GError        *error;
} Sink;

static cairo_status_t
write_cb (void                *closure,
          const unsigned char *data,
          unsigned int         length)
{
  Sink *sink = closure;

  if (sink->error != NULL ||
      !g_output_stream_write_all (sink->stream, data, length, NULL, sink->cancellable, &sink->error))
    return CAIRO_STATUS_WRITE_ERROR;

  return CAIRO_STATUS_SUCCESS;
}

static cairo_surface_t *
create_surface (const HlExportOptions *options,
                double                 width,
                double                 height,
                double                 scale,
                Sink                  *sink)
{
  cairo_surface_t *surface;

  switch (options->format)
    {
    case HL_EXPORT_PDF:
      surface = cairo_pdf_surface_create_for_stream (write_cb, sink, width * POINTS_PER_PX, height * POINTS_PER_PX);
      cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_CREATOR, "Headlight " HL_VERSION);
      if (options->title != NULL)
        cairo_pdf_surface_set_metadata (surface, CAIRO_PDF_METADATA_TITLE, options->title);
      return surface;

    case HL_EXPORT_SVG:
      surface = cairo_svg_surface_create_for_stream (write_cb, sink, width, height);
      cairo_svg_surface_set_document_unit (surface, CAIRO_SVG_UNIT_PX);
      return surface;

    case HL_EXPORT_PNG:
    default:
      return cairo_image_surface_create (CAIRO_FORMAT_RGB24, (int) ceil (width * scale), (int) ceil (height * scale));
    }
}

gboolean
hl_figure_export (HlFigure               *self,
                  const HlExportOptions  *options,
                  GOutputStream          *stream,
                  GCancellable           *cancellable,
                  GError                **error)
{
  double width = hl_figure_get_width (self);
  double height = hl_figure_get_height (self);
  double scale = options->scale > 0 ? options->scale : 1;
  Sink sink = { stream, cancellable, NULL };
  cairo_surface_t *surface;
  cairo_status_t status;
  cairo_t *cr;

  if (options->format == HL_EXPORT_PNG &&
      (width * scale > MAX_SIDE || height * scale > MAX_SIDE || width * scale * height * scale > MAX_PIXELS))
    {
      g_set_error (error, HL_EXPORT_ERROR, HL_EXPORT_ERROR_SIZE,
                   _("A picture of %.0f × %.0f pixels is too large for PNG; choose a smaller scale, or SVG or PDF."),
                   width * scale, height * scale);
      return FALSE;
    }
  if (g_cancellable_set_error_if_cancelled (cancellable, error))
    return FALSE;

  surface = create_surface (options, width, height, scale, &sink);
  cr = cairo_create (surface);
  if (options->format == HL_EXPORT_PDF)
    cairo_scale (cr, POINTS_PER_PX, POINTS_PER_PX);
  else if (options->format == HL_EXPORT_PNG)
    cairo_scale (cr, scale, scale);
  hl_figure_draw (self, cr, NULL);
  hl_figure_draw_overlay (self, cr, options->state != NULL ? options->state : hl_figure_get_state (self),
                          HL_ELEMENT_NONE, NULL);
  status = cairo_status (cr);
  cairo_destroy (cr);

  if (status == CAIRO_STATUS_SUCCESS && options->format == HL_EXPORT_PNG)
    status = cairo_surface_write_to_png_stream (surface, write_cb, &sink);
  cairo_surface_finish (surface);
  if (status == CAIRO_STATUS_SUCCESS)
    status = cairo_surface_status (surface);
  cairo_surface_destroy (surface);

  if (sink.error != NULL)
    {
      g_propagate_error (error, sink.error);
      return FALSE;
    }
  if (status != CAIRO_STATUS_SUCCESS)
    {
      g_set_error (error, HL_EXPORT_ERROR, HL_EXPORT_ERROR_SIZE, _("The figure could not be drawn: %s."),
                   cairo_status_to_string (status));
      return FALSE;
    }

  return TRUE;
}

gboolean
hl_figure_export_to_file (HlFigure               *self,
                          const HlExportOptions  *options,
                          GFile                  *file,
                          GCancellable           *cancellable,
                          GError                **error)
{
  g_autoptr (GFileOutputStream) stream = NULL;
  g_autoptr (GCancellable) abandon = NULL;

  stream = g_file_replace (file, NULL, FALSE, G_FILE_CREATE_REPLACE_DESTINATION, cancellable, error);
  if (stream == NULL)
    return FALSE;

  if (hl_figure_export (self, options, G_OUTPUT_STREAM (stream), cancellable, error))
    return g_output_stream_close (G_OUTPUT_STREAM (stream), cancellable, error);

  /* Closing would put the half-written file in place; a cancelled close throws it away. */
  abandon = g_cancellable_new ();
  g_cancellable_cancel (abandon);
  g_output_stream_close (G_OUTPUT_STREAM (stream), abandon, NULL);

  return FALSE;
}
