#pragma once

#include <json-glib/json-glib.h>

#include "hl-prediction.h"
#include "hl-tokens.h"

G_BEGIN_DECLS

/* JSON in the metadata of a dump. @key: the entry's name, for messages; all errors are HL_FORMAT_ERROR. */

/* An array; fails on anything else. */
JsonNode *hl_dump_json_parse   (const char *text,
                                const char *key,
                                GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* Does @text begin like an array or object? Bare strings are then told from JSON without parsing. */
gboolean  hl_dump_json_is      (const char *text);

/* An array of strings, one of objects as in hl-dump.c, or {"input": …, "tokens": such an array}. */
HlTokens *hl_dump_json_tokens  (const char *text,
                                const char *key,
                                const char *input,
                                GError    **error) G_GNUC_WARN_UNUSED_RESULT;
char     *hl_dump_tokens_to_json (HlTokens *tokens,
                                gboolean    with_input);

/* NULL-terminated. */
GStrv     hl_dump_json_strings (const char *text,
                                const char *key,
                                GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whole numbers from 0 to 999,999. */
GArray   *hl_dump_json_numbers (const char *text,
                                const char *key,
                                GError    **error) G_GNUC_WARN_UNUSED_RESULT;

/* Members of an object: what is not there, null or of another type is @fallback. */
const char *hl_dump_json_get_string  (JsonObject *object,
                                      const char *name);
double      hl_dump_json_get_double  (JsonObject *object,
                                      const char *name,
                                      double      fallback);
gint64      hl_dump_json_get_int     (JsonObject *object,
                                      const char *name,
                                      gint64      fallback);
gboolean    hl_dump_json_get_boolean (JsonObject *object,
                                      const char *name,
                                      gboolean    fallback);

/* A number of any kind as a node: null for NaN, strings for infinities, which JSON lacks. */
JsonNode   *hl_dump_json_new_double  (double      value);

char       *hl_dump_json_to_string   (JsonNode   *node);

G_END_DECLS
