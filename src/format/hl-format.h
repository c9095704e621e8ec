#pragma once

/* format/: readers and writers of dumps; one file a format, and one table of them all. May use tensor/, trace/ and
 * json-glib.
 *
 * Reading order: hl-format.h (the table), then any reader; each begins with the layout of its file.
 */

#include "hl-document.h"

G_BEGIN_DECLS

#define HL_FORMAT_ERROR (hl_format_error_quark ())

typedef enum
{
  HL_FORMAT_ERROR_UNKNOWN,   /* no reader knows the content */
  HL_FORMAT_ERROR_TRUNCATED, /* the file ends too early */
  HL_FORMAT_ERROR_SYNTAX,    /* the text or bytes are not what the format says */
  HL_FORMAT_ERROR_SHAPE,     /* sizes do not fit together */
  HL_FORMAT_ERROR_VALUE,     /* a number or string that cannot be */
  HL_FORMAT_ERROR_EMPTY,     /* nothing in it to show */
} HlFormatError;

GQuark hl_format_error_quark (void);

typedef struct
{
  const char         *id;         /* "bertviz" */
  const char         *name;       /* "BertViz" */
  const char * const *patterns;   /* "*.html" …: for the file dialog only, never to choose a reader */

  /* Does the content look like this format? Cheap: may look at the beginning and at a few places, never allocates in
   * proportion to the file. */
  gboolean          (*probe)      (GBytes                *bytes);

  /* Indexes the file. @bytes may be mapped and is kept as long as the document lives. @progress (nullable) is called
   * with bytes done and in all, from the calling thread. */
  HlDocument       *(*read)       (GBytes                *bytes,
                                   const char            *title,
                                   GFileProgressCallback  progress,
                                   gpointer               progress_data,
                                   GCancellable          *cancellable,
                                   GError               **error);
} HlFormat;

/* All formats, in the order they are asked. */
const HlFormat * const *hl_formats_get (gsize *n_formats);

/* Maps @file (or loads it, where it has no path) and reads it with the first format that knows its content. */
HlDocument *hl_format_open             (GFile                 *file,
                                        GFileProgressCallback  progress,
                                        gpointer               progress_data,
                                        GCancellable          *cancellable,
                                        GError               **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same for content that is in memory already. @title: what to call it. */
HlDocument *hl_format_read             (GBytes                *bytes,
                                        const char            *title,
                                        GFileProgressCallback  progress,
                                        gpointer               progress_data,
                                        GCancellable          *cancellable,
                                        GError               **error) G_GNUC_WARN_UNUSED_RESULT;

G_END_DECLS
