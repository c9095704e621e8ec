#pragma once

#include "hl-json-scanner.h"

G_BEGIN_DECLS

/* What readers of hand-made JSON ask of the scanner beyond what it gives: more lenient, and in doubles. All return FALSE
 * when the scanner has failed. */

/* A string as text: zero bytes, which would end it, become U+FFFD. @text is replaced. */
gboolean hl_json_read_text          (HlJsonScanner *scanner,
                                     GString       *text);

/* A list of strings, with hl_json_read_text(). Adds to @strings, which owns what is in it; adds nothing if that is NULL, but
 * counts. */
gboolean hl_json_read_texts         (HlJsonScanner *scanner,
                                     GString       *buffer,
                                     GPtrArray     *strings,  /* (nullable) */
                                     gsize         *n);

/* A number in full precision. @is_fraction (nullable): is it written with a point or an exponent? */
gboolean hl_json_read_double        (HlJsonScanner *scanner,
                                     double        *value,
                                     gboolean      *is_fraction);

/* A number, a string that holds one, or null. @value is NaN for what is no number: null, other strings, NaN itself. */
gboolean hl_json_read_loose_double  (HlJsonScanner *scanner,
                                     GString       *buffer,
                                     double        *value);

/* A name: a string or a number, which is @text as it is written; null gives an empty text. Names are of one line: control
 * characters become spaces. */
gboolean hl_json_read_loose_text    (HlJsonScanner *scanner,
                                     GString       *text);

/* The beginning of @text, cut at a character, for lists. */
char    *hl_json_dup_preview        (const char    *text);

G_END_DECLS
