#include "hl-dump-json.h"

#include <math.h>
#include <string.h>

#include "hl-format.h"
#include "hl-json-values.h"

/* There is a node for each value. */
#define MAX_LENGTH (32 << 20)

/* An object of a list of objects is all that is needed. */
#define MAX_DEPTH 8

gboolean
hl_dump_json_is (const char *text)
{
  while (g_ascii_isspace (*text))
    text++;

  return *text == '[' || *text == '{';
}

static JsonNode *build_value (HlJsonScanner *scanner,
                              guint          depth);

static JsonNode *
build_object (HlJsonScanner *scanner,
              guint          depth)
{
  g_autoptr (GString) key = g_string_new (NULL);
  g_autoptr (JsonObject) object = json_object_new ();

  hl_json_scanner_open_object (scanner);

  while (hl_json_scanner_next_member (scanner, key))
    {
      JsonNode *value = build_value (scanner, depth + 1);

      if (value == NULL)
        return NULL;

      json_object_set_member (object, key->str, value);
    }

  return json_node_init_object (json_node_alloc (), object);
}

static JsonNode *
build_array (HlJsonScanner *scanner,
             guint          depth)
{
  g_autoptr (JsonArray) array = json_array_new ();

  hl_json_scanner_open_list (scanner);

  while (hl_json_scanner_next_entry (scanner))
    {
      JsonNode *value = build_value (scanner, depth + 1);

      if (value == NULL)
        return NULL;

      json_array_add_element (array, value);
    }

  return json_node_init_array (json_node_alloc (), array);
}

static JsonNode *
build_string (HlJsonScanner *scanner)
{
  g_autoptr (GString) string = g_string_new (NULL);

  return hl_json_read_text (scanner, string) ? json_node_init_string (json_node_alloc (), string->str) : NULL;
}

static JsonNode *
build_number (HlJsonScanner *scanner)
{
  gboolean is_fraction = FALSE;
  double value;

  if (!hl_json_read_double (scanner, &value, &is_fraction))
    return NULL;

  /* Whole numbers beyond are no ids or positions, and a double does not hold them all. */
  if (!is_fraction && fabs (value) < 9007199254740992.0)
    return json_node_init_int (json_node_alloc (), (gint64) value);

  return hl_dump_json_new_double (value);
}

static JsonNode *
build_value (HlJsonScanner *scanner,
             guint          depth)
{
  gboolean flag = FALSE;

  if (depth > MAX_DEPTH)
    {
      hl_json_scanner_fail (scanner, HL_FORMAT_ERROR_SYNTAX,
                            "At byte %" G_GSIZE_FORMAT " of the %s, lists and objects nest deeper than %d levels.",
                            hl_json_scanner_get_position (scanner), scanner->source, MAX_DEPTH);
      return NULL;
    }

  switch (hl_json_scanner_peek (scanner))
    {
    case HL_JSON_OBJECT:
      return build_object (scanner, depth);
    case HL_JSON_LIST:
      return build_array (scanner, depth);
    case HL_JSON_STRING:
      return build_string (scanner);
    case HL_JSON_NUMBER:
      return build_number (scanner);
    case HL_JSON_NULL:
      return hl_json_scanner_read_null (scanner) ? json_node_init_null (json_node_alloc ()) : NULL;
    case HL_JSON_BOOLEAN:
    case HL_JSON_NONE:
    default:
      /* Where no value begins, this says so. */
      return hl_json_scanner_read_boolean (scanner, &flag) ? json_node_init_boolean (json_node_alloc (), flag) : NULL;
    }
}

/* A tree, as texts are small; but read by our own scanner, which is strict and has no stack to exhaust. */
static JsonNode *
parse (const char *text,
       const char *key,
       GError    **error)
{
  g_autofree char *source = g_strdup_printf ("text “%.200s”", key);
  g_auto (HlJsonScanner) scanner = { NULL };
  g_autoptr (JsonNode) node = NULL;
  gsize length = strlen (text);

  if (length > MAX_LENGTH)
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_VALUE,
                   "The text “%.200s” has %'" G_GSIZE_FORMAT " bytes of JSON; Headlight reads %'d.", key, length,
                   MAX_LENGTH);
      return NULL;
    }

  hl_json_scanner_init (&scanner, text, length, source);
  node = build_value (&scanner, 0);

  if (node != NULL)
    hl_json_scanner_expect_end (&scanner);
  if (!hl_json_scanner_check (&scanner, error))
    return NULL;

  return g_steal_pointer (&node);
}

JsonNode *
hl_dump_json_parse (const char *text,
                    const char *key,
                    GError    **error)
{
  g_autoptr (JsonNode) node = parse (text, key, error);

  if (node == NULL)
    return NULL;

  if (!JSON_NODE_HOLDS_ARRAY (node))
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SYNTAX, "The text “%.200s” is not a JSON array.", key);
      return NULL;
    }

  return g_steal_pointer (&node);
}

static gboolean
is_string (JsonNode *node)
{
  return JSON_NODE_HOLDS_VALUE (node) && json_node_get_value_type (node) == G_TYPE_STRING;
}

const char *
hl_dump_json_get_string (JsonObject *object,
                         const char *name)
{
  JsonNode *node = json_object_get_member (object, name);

  return node != NULL && is_string (node) ? json_node_get_string (node) : NULL;
}

double
hl_dump_json_get_double (JsonObject *object,
                         const char *name,
                         double      fallback)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return fallback;

  if (is_string (node))
    {
      const char *string = json_node_get_string (node);

      return strcmp (string, "Infinity") == 0 ? (double) INFINITY
                                              : strcmp (string, "-Infinity") == 0 ? -(double) INFINITY : fallback;
    }

  return json_node_get_double (node);
}

gint64
hl_dump_json_get_int (JsonObject *object,
                      const char *name,
                      gint64      fallback)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return fallback;

  return json_node_get_value_type (node) == G_TYPE_INT64 ? json_node_get_int (node) : fallback;
}

gboolean
hl_dump_json_get_boolean (JsonObject *object,
                          const char *name,
                          gboolean    fallback)
{
  JsonNode *node = json_object_get_member (object, name);

  if (node == NULL || !JSON_NODE_HOLDS_VALUE (node))
    return fallback;

  if (json_node_get_value_type (node) == G_TYPE_INT64)
    return json_node_get_int (node) != 0;

  return json_node_get_value_type (node) == G_TYPE_BOOLEAN ? json_node_get_boolean (node) : fallback;
}

JsonNode *
hl_dump_json_new_double (double value)
{
  JsonNode *node = json_node_alloc ();

  if (isnan (value))
    return json_node_init_null (node);
  if (isinf (value))
    return json_node_init_string (node, value > 0 ? "Infinity" : "-Infinity");

  return json_node_init_double (node, value);
}

char *
hl_dump_json_to_string (JsonNode *node)
{
  g_autoptr (JsonGenerator) generator = json_generator_new ();

  json_generator_set_root (generator, node);

  return json_generator_to_data (generator, NULL);
}

static gboolean
fail_element (GError    **error,
              const char *key,
              guint       index,
              const char *what)
{
  g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_VALUE, "Element %u of the list “%.200s” is not %s.", index, key,
               what);

  return FALSE;
}

/* Escapes can say what UTF-8 cannot. */
static gboolean
is_valid_string (JsonNode *node)
{
  return is_string (node) && g_utf8_validate (json_node_get_string (node), -1, NULL);
}

GStrv
hl_dump_json_strings (const char *text,
                      const char *key,
                      GError    **error)
{
  g_autoptr (JsonNode) node = hl_dump_json_parse (text, key, error);
  g_autoptr (GStrvBuilder) builder = g_strv_builder_new ();
  JsonArray *array;

  if (node == NULL)
    return NULL;

  array = json_node_get_array (node);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);

      if (!is_valid_string (element))
        {
          fail_element (error, key, i, "a string");
          return NULL;
        }

      g_strv_builder_add (builder, json_node_get_string (element));
    }

  return g_strv_builder_end (builder);
}

GArray *
hl_dump_json_numbers (const char *text,
                      const char *key,
                      GError    **error)
{
  g_autoptr (JsonNode) node = hl_dump_json_parse (text, key, error);
  g_autoptr (GArray) numbers = g_array_new (FALSE, FALSE, sizeof (guint));
  JsonArray *array;

  if (node == NULL)
    return NULL;

  array = json_node_get_array (node);

  for (guint i = 0; i < json_array_get_length (array); i++)
    {
      JsonNode *element = json_array_get_element (array, i);
      gint64 value = JSON_NODE_HOLDS_VALUE (element) && json_node_get_value_type (element) == G_TYPE_INT64
                     ? json_node_get_int (element) : -1;
      guint number = (guint) value;

      if (value < 0 || value > 999999)
        {
          fail_element (error, key, i, "a whole number from 0 to 999,999");
          return NULL;
        }

      g_array_append_val (numbers, number);
    }

  return g_steal_pointer (&numbers);
}

/* Whatever the object says overrides what its text alone lets one guess. */
static void
override_token (HlToken    *token,
                JsonObject *object,
                const char *text,
                glong       input_length)
{
  const char *surface = hl_dump_json_get_string (object, "surface");

  /* Without a surface the text is a bare string of a vocabulary, which may have to be decoded. */
  if (surface != NULL)
    {
      token->text = text;
      token->surface = surface;
    }

  token->id = (gint32) CLAMP (hl_dump_json_get_int (object, "id", token->id), -1, G_MAXINT32);
  token->start = (gint32) CLAMP (hl_dump_json_get_int (object, "start", token->start), -1, G_MAXINT32);
  token->end = (gint32) CLAMP (hl_dump_json_get_int (object, "end", token->end), -1, G_MAXINT32);
  token->segment = (guint8) CLAMP (hl_dump_json_get_int (object, "segment", token->segment), 0, G_MAXUINT8);
  token->special = hl_dump_json_get_boolean (object, "special", token->special);
  token->word = (gint32) CLAMP (hl_dump_json_get_int (object, "word", token->word), -1, G_MAXINT32);

  if (token->end < token->start || token->start < 0 || token->end > input_length)
    token->start = token->end = -1;
}

static HlTokens *
tokens_from_array (JsonArray  *array,
                   const char *key,
                   const char *input,
                   GError    **error)
{
  guint n = json_array_get_length (array);
  g_autofree const char **strings = g_new0 (const char *, n + 1);
  g_autofree HlToken *copies = NULL;
  g_autoptr (HlTokens) guessed = NULL;
  glong input_length = input != NULL ? g_utf8_strlen (input, -1) : G_MAXINT32;
  gboolean any_object = FALSE;

  for (guint i = 0; i < n; i++)
    {
      JsonNode *element = json_array_get_element (array, i);

      if (JSON_NODE_HOLDS_OBJECT (element))
        {
          JsonObject *object = json_node_get_object (element);
          JsonNode *text = json_object_get_member (object, "text");
          JsonNode *surface = json_object_get_member (object, "surface");

          any_object = TRUE;
          element = surface == NULL || !is_string (surface) || is_valid_string (surface) ? text : NULL;
        }

      if (element == NULL || !is_valid_string (element))
        {
          fail_element (error, key, i, "a string, nor an object with a valid “text”");
          return NULL;
        }

      strings[i] = json_node_get_string (element);
    }

  guessed = hl_tokens_new_from_strings (input, strings, n, n);

  if (!any_object)
    return g_steal_pointer (&guessed);

  copies = g_new0 (HlToken, n + 1);

  for (guint i = 0; i < n; i++)
    {
      JsonNode *element = json_array_get_element (array, i);

      copies[i] = *hl_tokens_get (guessed, i);

      if (JSON_NODE_HOLDS_OBJECT (element))
        override_token (&copies[i], json_node_get_object (element), strings[i], input_length);
    }

  return hl_tokens_new (input, copies, n);
}

HlTokens *
hl_dump_json_tokens (const char *text,
                     const char *key,
                     const char *input,
                     GError    **error)
{
  g_autoptr (JsonNode) node = parse (text, key, error);
  JsonNode *list = node;

  if (node == NULL)
    return NULL;

  if (JSON_NODE_HOLDS_OBJECT (node))
    {
      list = json_object_get_member (json_node_get_object (node), "tokens");
      input = hl_dump_json_get_string (json_node_get_object (node), "input");
    }

  if (list == NULL || !JSON_NODE_HOLDS_ARRAY (list) || (input != NULL && !g_utf8_validate (input, -1, NULL)))
    {
      g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SYNTAX, "The text “%.200s” is not a JSON array of tokens.",
                   key);
      return NULL;
    }

  return tokens_from_array (json_node_get_array (list), key, input, error);
}

char *
hl_dump_tokens_to_json (HlTokens *tokens,
                        gboolean  with_input)
{
  g_autoptr (JsonBuilder) builder = json_builder_new ();
  g_autoptr (JsonNode) root = NULL;

  if (with_input)
    {
      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "input");
      json_builder_add_string_value (builder, hl_tokens_get_input (tokens));
      json_builder_set_member_name (builder, "tokens");
    }

  json_builder_begin_array (builder);

  for (gsize i = 0; i < hl_tokens_get_length (tokens); i++)
    {
      const HlToken *token = hl_tokens_get (tokens, i);

      json_builder_begin_object (builder);
      json_builder_set_member_name (builder, "text");
      json_builder_add_string_value (builder, token->text);
      json_builder_set_member_name (builder, "surface");
      json_builder_add_string_value (builder, token->surface);
      json_builder_set_member_name (builder, "id");
      json_builder_add_int_value (builder, token->id);
      json_builder_set_member_name (builder, "start");
      json_builder_add_int_value (builder, token->start);
      json_builder_set_member_name (builder, "end");
      json_builder_add_int_value (builder, token->end);
      json_builder_set_member_name (builder, "word");
      json_builder_add_int_value (builder, token->word);
      json_builder_set_member_name (builder, "segment");
      json_builder_add_int_value (builder, token->segment);
      json_builder_set_member_name (builder, "special");
      json_builder_add_boolean_value (builder, token->special);
      json_builder_end_object (builder);
    }

  json_builder_end_array (builder);

  if (with_input)
    json_builder_end_object (builder);

  root = json_builder_get_root (builder);

  return hl_dump_json_to_string (root);
}
