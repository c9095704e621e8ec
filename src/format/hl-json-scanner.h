#pragma once

#include <gio/gio.h>

G_BEGIN_DECLS

/* A cursor over JSON text, for files that are mostly numbers: nothing is built but what the caller asks for, and nested
 * lists of numbers go straight into floats. Text may be mapped and need not end in a zero byte.
 *
 * Errors stick: after the first, every function does nothing and returns FALSE, so that callers look once, at the end
 * of what belongs together. Each error says at which byte of the text it is.
 *
 * Beyond JSON, the numbers NaN, Infinity and -Infinity are known, as Python writes them; lists for read_array() and
 * floats must nevertheless be finite. */
typedef struct
{
  const char           *start;         /* bytes are counted from here */
  const char           *at;
  const char           *end;
  const char           *source;        /* what the text is, for messages: "file" */
  const char           *context;       /* what is being read, for messages: "attention.all" (nullable) */
  GError               *error;         /* the first error (nullable) */
  guint                 depth;         /* open lists and objects */
  gboolean              first;         /* nothing of the innermost of them has been read */
  const char           *tick;          /* where to report next; NULL: never */
  GFileProgressCallback progress;
  gpointer              progress_data;
  GCancellable         *cancellable;
} HlJsonScanner;

typedef enum
{
  HL_JSON_NONE,    /* no value begins here */
  HL_JSON_OBJECT,
  HL_JSON_LIST,
  HL_JSON_STRING,
  HL_JSON_NUMBER,  /* also those that are not finite */
  HL_JSON_BOOLEAN,
  HL_JSON_NULL,
} HlJsonType;

#define HL_JSON_MAX_DEPTH 256
#define HL_JSON_MAX_RANK  6

/* A nested list of numbers that has been walked but not converted. */
typedef struct
{
  gsize position;                 /* of its first bracket */
  gsize end;                      /* after its last one */
  guint rank;                     /* 0: there is none */
  gsize dims[HL_JSON_MAX_RANK];
} HlJsonArray;

/* @text and @source must outlive the scanner. A byte order mark is skipped. */
void        hl_json_scanner_init         (HlJsonScanner         *self,
                                          const char            *text,
                                          gsize                  length,
                                          const char            *source);
void        hl_json_scanner_clear        (HlJsonScanner         *self);

/* From now on @progress (nullable) is told the position every few hundred kilobytes, and @cancellable is obeyed. */
void        hl_json_scanner_watch        (HlJsonScanner         *self,
                                          GFileProgressCallback  progress,
                                          gpointer               progress_data,
                                          GCancellable          *cancellable);

gsize       hl_json_scanner_get_position (HlJsonScanner         *self);
/* Goes on at @position, which must be where a value begins that was seen before. */
void        hl_json_scanner_seek         (HlJsonScanner         *self,
                                          gsize                  position);

/* Fails with an HlFormatError @code unless there is an error already. */
void        hl_json_scanner_fail         (HlJsonScanner         *self,
                                          int                    code,
                                          const char            *format,
                                          ...) G_GNUC_PRINTF (3, 4);
/* TRUE if nothing has failed; else hands over the error. */
gboolean    hl_json_scanner_check        (HlJsonScanner         *self,
                                          GError               **error);

/* The type of the value that begins after white space. */
HlJsonType  hl_json_scanner_peek         (HlJsonScanner         *self);

/* Objects and lists: open, then next_member() or next_entry() and the value, until that returns FALSE: at the end,
 * which it steps over, or on error. The key is without escapes. */
gboolean    hl_json_scanner_open_object  (HlJsonScanner         *self);
gboolean    hl_json_scanner_next_member  (HlJsonScanner         *self,
                                          GString               *key);
gboolean    hl_json_scanner_open_list    (HlJsonScanner         *self);
gboolean    hl_json_scanner_next_entry   (HlJsonScanner         *self);

/* @string is replaced; it is UTF-8 and may hold zero bytes. Half a surrogate pair becomes U+FFFD. */
gboolean    hl_json_scanner_read_string  (HlJsonScanner         *self,
                                          GString               *string);
/* The same, but @string is added to and not checked for being UTF-8. When it has @limit bytes or more, the rest is left,
 * and nothing but seek() makes sense after that. */
gboolean    hl_json_scanner_append_string (HlJsonScanner        *self,
                                          GString               *string,
                                          gsize                  limit);
/* A number without fraction or exponent. */
gboolean    hl_json_scanner_read_integer (HlJsonScanner         *self,
                                          gint64                *value);
/* The double nearest to what is written, as a float. Not finite where the text says so or the number is too large. */
gboolean    hl_json_scanner_read_float   (HlJsonScanner         *self,
                                          float                 *value);
gboolean    hl_json_scanner_read_boolean (HlJsonScanner         *self,
                                          gboolean              *value);
/* TRUE, and steps over it, if the value is null. */
gboolean    hl_json_scanner_read_null    (HlJsonScanner         *self);
/* Steps over one value of any type. */
gboolean    hl_json_scanner_skip         (HlJsonScanner         *self);
/* Only white space may be left. */
gboolean    hl_json_scanner_expect_end   (HlJsonScanner         *self);

/* Steps over a nested list of numbers and finds out its shape: one look at each row, none at its numbers. All lists of
 * one level must be of one length; that of the innermost is what the first one has, and read_array() checks the others.
 * dims stand for no more numbers than the text between the brackets has room for. */
gboolean    hl_json_scanner_measure_array (HlJsonScanner        *self,
                                          HlJsonArray           *array);
/* Converts a measured list. @out: product of the dims. Goes on after it in the text,
 * outside of any other list. */
gboolean    hl_json_scanner_read_array   (HlJsonScanner         *self,
                                          const HlJsonArray     *array,
                                          float                 *out);
/* How many numbers @array has. */
gsize       hl_json_array_get_size       (const HlJsonArray     *array);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HlJsonScanner, hl_json_scanner_clear)

G_END_DECLS
