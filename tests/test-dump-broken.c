#include <math.h>
#include <string.h>

#include "assert-sentence.h"
#include "dump-fixture.h"

/* Dumps that cannot be read, or not for long: each is refused in one sentence. */

/* A file of one tensor "attention" [1, 1, 2, 2] with one text more, or with what replaces the tensor. */
typedef struct
{
  const char *name;
  const char *key;
  const char *value;
  int         code;
  const char *says;
} BadText;

static const BadText bad_texts[] = {
  { "tokens-short", "tokens", "[\"a\"]", HL_FORMAT_ERROR_SHAPE, "“tokens” has 1 tokens" },
  { "tokens-long", "tokens", "[\"a\",\"b\",\"c\"]", HL_FORMAT_ERROR_SHAPE, "2" },
  { "tokens-text", "tokens", "a b", HL_FORMAT_ERROR_SYNTAX, "JSON" },
  { "tokens-object", "tokens", "{}", HL_FORMAT_ERROR_SYNTAX, "JSON array of tokens" },
  { "tokens-cut", "tokens", "[\"a\",\"b\"", HL_FORMAT_ERROR_TRUNCATED, "“tokens” ends after byte 8" },
  { "tokens-number", "tokens", "[1,2]", HL_FORMAT_ERROR_VALUE, "Element 0" },
  { "tokens-null", "tokens", "[\"a\",null]", HL_FORMAT_ERROR_VALUE, "Element 1" },
  { "tokens-no-text", "tokens", "[\"a\",{\"id\":3}]", HL_FORMAT_ERROR_VALUE, "Element 1" },
  { "tokens-text-number", "tokens", "[\"a\",{\"text\":3}]", HL_FORMAT_ERROR_VALUE, "Element 1" },
  { "tokens-comment", "tokens", "[/* [[[[ */\"a\",\"b\"]", HL_FORMAT_ERROR_SYNTAX, "At byte 1 of the text “tokens”" },
  { "tokens-quotes", "tokens", "['a','b']", HL_FORMAT_ERROR_SYNTAX, "At byte 1 of the text “tokens”" },
  { "tokens-deep", "tokens", "[[[[[[[[[[]]]]]]]]]]", HL_FORMAT_ERROR_SYNTAX, "deeper" },
  { "tokens-nan", "tokens", "[NaN]", HL_FORMAT_ERROR_VALUE, "Element 0" },
  { "tokens-behind", "tokens", "[\"a\",\"b\"] x", HL_FORMAT_ERROR_SYNTAX, "At byte 10" },
  { "tokens-word", "tokens", "[tokens]", HL_FORMAT_ERROR_SYNTAX, "At byte 1" },
  { "classes-number", "classes", "[1]", HL_FORMAT_ERROR_VALUE, "Element 0" },
  { "classes-object", "classes", "{}", HL_FORMAT_ERROR_SYNTAX, "JSON array" },
  { "classes-unnamed", "classes", "[{\"probability\":1}]", HL_FORMAT_ERROR_VALUE, "Element 0" },
  { "kind", "kind", "sideways", HL_FORMAT_ERROR_VALUE, "sideways" },
  { "causal", "causal", "maybe", HL_FORMAT_ERROR_VALUE, "neither" },
  { "task", "task", "guessing", HL_FORMAT_ERROR_VALUE, "guessing" },
  { "layers", "layers", "[1,2]", HL_FORMAT_ERROR_SHAPE, "2 numbers" },
  { "layers-negative", "layers", "[-1]", HL_FORMAT_ERROR_VALUE, "whole number" },
  { "heads-fraction", "heads", "[0.5]", HL_FORMAT_ERROR_VALUE, "whole number" },
  { "heads-huge", "heads", "[99999999999999999999]", HL_FORMAT_ERROR_VALUE, "whole number" },
  { "notes", "notes", "[3]", HL_FORMAT_ERROR_VALUE, "Element 0" },
  { "predicted-value", "predicted_value", "much", HL_FORMAT_ERROR_VALUE, "number" },
};

/* Opens and loads; returns the error of whichever fails. */
static GError *
get_error (GBytes *bytes)
{
  GError *error = NULL;
  g_autoptr (HlDocument) document = hl_format_read (bytes, "a.safetensors", NULL, NULL, NULL, &error);

  for (guint i = 0; document != NULL && error == NULL && i < hl_document_get_n_instances (document); i++)
    {
      g_autoptr (HlTrace) trace = hl_document_load (document, i, NULL, &error);

      g_assert_true ((trace == NULL) == (error != NULL));
    }

  return error;
}

static void
assert_error (HlContainer *container,
              int          code,
              const char  *says)
{
  g_autoptr (GBytes) bytes = to_bytes (container);
  g_autoptr (GError) error = get_error (bytes);

  g_assert_error (error, HL_FORMAT_ERROR, code);
  assert_sentence (error);

  if (strstr (error->message, says) == NULL)
    g_error ("“%s” does not say “%s”", error->message, says);
}

static void
test_bad_text (gconstpointer data)
{
  const BadText *bad = data;
  g_autoptr (HlContainer) container = hl_container_new ();

  add (container, "attention", SHAPE (1, 1, 2, 2));
  hl_container_set_metadata (container, bad->key, bad->value);
  assert_error (container, bad->code, bad->says);
}

static void
test_bad_tensors (void)
{
  static const struct
  {
    const char *names[3];
    guint       ranks[3];
    gsize       shapes[3][6];
    int         code;
    const char *says;
  } cases[] = {
    { { "attention" }, { 1 }, { { 4 } }, HL_FORMAT_ERROR_SHAPE, "[4]" },
    { { "attention" }, { 6 }, { { 1, 1, 1, 1, 2, 2 } }, HL_FORMAT_ERROR_SHAPE, "[1, 1, 1, 1, 2, 2]" },
    { { "attention.0" }, { 5 }, { { 1, 1, 1, 2, 2 } }, HL_FORMAT_ERROR_SHAPE, "heads" },
    { { "attention" }, { 4 }, { { 1000000000000, 0, 2, 2 } }, HL_FORMAT_ERROR_EMPTY, "empty" },
    { { "attention" }, { 5 }, { { 1, 1000000000, 0, 2, 2 } }, HL_FORMAT_ERROR_EMPTY, "empty" },
    { { "attention.0", "attention.1" }, { 3, 3 }, { { 1, 2, 2 }, { 1, 3, 3 } }, HL_FORMAT_ERROR_SHAPE, "layer 1" },
    { { "attention.0", "attn_0" }, { 3, 3 }, { { 1, 2, 2 }, { 1, 2, 2 } }, HL_FORMAT_ERROR_SHAPE, "twice" },
    { { "attention", "attention.1" }, { 4, 3 }, { { 2, 1, 2, 2 }, { 1, 2, 2 } }, HL_FORMAT_ERROR_SHAPE, "twice" },
    { { "attention", "encoder.attention" }, { 5, 5 }, { { 1, 2, 1, 2, 2 }, { 1, 3, 1, 2, 2 } }, HL_FORMAT_ERROR_SHAPE,
      "batch of 3" },
    { { "attention", "instances.0.attention" }, { 4, 4 }, { { 1, 1, 2, 2 }, { 1, 1, 2, 2 } }, HL_FORMAT_ERROR_SHAPE,
      "belongs to no instance" },
    { { "instances.3.attention" }, { 5 }, { { 1, 2, 1, 2, 2 } }, HL_FORMAT_ERROR_SHAPE, "Instance 3" },
    { { "queries" }, { 4 }, { { 1, 1, 2, 2 } }, HL_FORMAT_ERROR_EMPTY, "neither" },
    { { "q.0", "k.1" }, { 3, 3 }, { { 1, 2, 2 }, { 1, 2, 2 } }, HL_FORMAT_ERROR_SHAPE, "layers" },
    { { "q", "k" }, { 4, 4 }, { { 1, 1, 2, 3 }, { 1, 1, 2, 2 } }, HL_FORMAT_ERROR_SHAPE, "one dimension" },
    { { "q", "k" }, { 4, 4 }, { { 1, 3, 2, 2 }, { 1, 2, 2, 2 } }, HL_FORMAT_ERROR_SHAPE, "multiple" },
    { { "q", "k", "v" }, { 4, 4, 4 }, { { 1, 2, 2, 2 }, { 1, 2, 2, 2 }, { 1, 2, 3, 2 } }, HL_FORMAT_ERROR_SHAPE,
      "value for each key" },
    { { "attention", "q", "k" }, { 4, 4, 4 }, { { 1, 2, 2, 2 }, { 1, 2, 3, 2 }, { 1, 2, 3, 2 } },
      HL_FORMAT_ERROR_SHAPE, "do not fit" },
    { { "attention", "q", "k" }, { 4, 4, 4 }, { { 1, 2, 2, 2 }, { 2, 2, 2, 2 }, { 2, 2, 2, 2 } },
      HL_FORMAT_ERROR_SHAPE, "layers" },
    { { "attention", "logits" }, { 4, 2 }, { { 1, 2, 2, 2 }, { 0, 3 } }, HL_FORMAT_ERROR_SHAPE, "logits" },
    { { "scores" }, { 3 }, { { 1, 2, 2 } }, HL_FORMAT_ERROR_SHAPE, "channels" },
    { { "scores" }, { 2 }, { { 100000000000, 0 } }, HL_FORMAT_ERROR_SHAPE, "channels" },
    { { "bert.embeddings.weight", "bert.pooler.bias" }, { 2, 1 }, { { 2, 2 }, { 2 } }, HL_FORMAT_ERROR_EMPTY,
      "model's weights" },
    { { "foo", "bar" }, { 2, 1 }, { { 2, 2 }, { 2 } }, HL_FORMAT_ERROR_EMPTY, "“foo”, “bar”" },
    { { NULL }, { 0 }, { { 0 } }, HL_FORMAT_ERROR_EMPTY, "no tensors" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HlContainer) container = hl_container_new ();

      for (guint k = 0; k < 3 && cases[i].names[k] != NULL; k++)
        {
          gsize n = 1;

          for (guint axis = 0; axis < cases[i].ranks[k]; axis++)
            n *= cases[i].shapes[k][axis];

          if (n > 0)
            add (container, cases[i].names[k], cases[i].ranks[k], cases[i].shapes[k]);
          else
            add_values (container, cases[i].names[k], cases[i].ranks[k], cases[i].shapes[k], (const float[]) { 0 });
        }

      assert_error (container, cases[i].code, cases[i].says);
    }
}

static void
test_not_finite (void)
{
  static const struct
  {
    float       value;
    const char *says;
  } values[] = { { NAN, "NaN" }, { INFINITY, "infinity" }, { -INFINITY, "minus infinity" } };
  static const char * const names[] = { "attention.1", "queries.1", "keys.1", "values.1" };

  for (guint i = 0; i < G_N_ELEMENTS (values); i++)
    for (guint k = 0; k < G_N_ELEMENTS (names); k++)
      {
        g_autoptr (HlContainer) container = hl_container_new ();
        float numbers[2 * 3 * 3] = { 0 };

        for (guint layer = 0; layer < 2; layer++)
          for (guint field = 0; field < G_N_ELEMENTS (names); field++)
            {
              g_autofree char *name = g_strdup (names[field]);

              name[strlen (name) - 1] = (char) ('0' + layer);
              add (container, name, SHAPE (2, 3, 3));
            }

        numbers[9 + 2 * 3 + 1] = values[i].value;
        add_values (container, names[k], SHAPE (2, 3, 3), numbers);
        assert_error (container, HL_FORMAT_ERROR_VALUE, "[1, 2, 1]");
        assert_error (container, HL_FORMAT_ERROR_VALUE, values[i].says);
        assert_error (container, HL_FORMAT_ERROR_VALUE, names[k]);
      }
}

static void
test_cancelled (void)
{
  g_autoptr (HlContainer) container = hl_container_new ();
  g_autoptr (HlDocument) document = NULL;
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;

  add (container, "attention", SHAPE (1, 1, 2, 2));
  document = to_document (container);
  g_cancellable_cancel (cancellable);
  g_assert_null (hl_document_load (document, 0, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_truncated (void)
{
  g_autoptr (HlContainer) container = hl_container_new ();
  g_autoptr (GBytes) bytes = NULL;

  add (container, "instances.0.attention.0", SHAPE (1, 2, 2));
  hl_container_set_metadata (container, "instances.0.tokens", "[\"a\",\"b\"]");
  hl_container_set_metadata (container, "instances.0.classes", "[{\"name\":\"a\",\"probability\":1}]");
  bytes = to_bytes (container);

  for (gsize length = 0; length < g_bytes_get_size (bytes); length++)
    {
      g_autoptr (GBytes) part = g_bytes_new (g_bytes_get_data (bytes, NULL), length);
      g_autoptr (GError) error = get_error (part);

      g_assert_nonnull (error);
      assert_sentence (error);
    }
}

/* Damage inside the JSON texts: read or refused, never worse. */
static void
test_damaged_json (void)
{
  static const char * const texts[] = {
    "{\"input\":\"a b\",\"tokens\":[{\"text\":\"a\",\"id\":1,\"start\":0,\"end\":1,\"word\":0},\"b\"]}",
    "[{\"name\":\"x\",\"probability\":0.5,\"labelled\":true},\"y\"]",
  };
  static const char * const keys[] = { "tokens", "classes" };
  static const char replacements[] = "\"\\[]{},:0-n'/#\x01\x7f";

  for (guint i = 0; i < G_N_ELEMENTS (texts); i++)
    for (gsize position = 0; position < strlen (texts[i]); position++)
      for (const char *r = replacements; *r != '\0'; r++)
        {
          g_autoptr (HlContainer) container = hl_container_new ();
          g_autofree char *text = g_strdup (texts[i]);
          g_autoptr (GBytes) bytes = NULL;
          g_autoptr (GError) error = NULL;

          text[position] = *r;
          add (container, "attention", SHAPE (1, 1, 2, 2));
          hl_container_set_metadata (container, keys[i], text);
          bytes = to_bytes (container);
          error = get_error (bytes);

          if (error != NULL)
            assert_sentence (error);
        }
}

/* An instance for each few bytes, and groups without end: opening must stay quick. */
static void
test_many (void)
{
  g_autoptr (HlContainer) container = hl_container_new ();
  g_autoptr (HlContainer) parts = hl_container_new ();
  g_autoptr (HlDocument) document = NULL;

  for (guint i = 0; i < 20000; i++)
    {
      g_autofree char *name = g_strdup_printf ("instances.%u.attention", i * 50);

      add (container, name, SHAPE (1, 1));
    }

  document = to_document (container);
  g_assert_cmpuint (hl_document_get_n_instances (document), ==, 20000);

  for (guint i = 0; i < 20000; i++)
    {
      g_autofree char *name = g_strdup_printf ("part.%u.attention", i);

      add (parts, name, SHAPE (1, 1));
    }

  assert_error (parts, HL_FORMAT_ERROR_VALUE, "256");
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (guint i = 0; i < G_N_ELEMENTS (bad_texts); i++)
    {
      g_autofree char *path = g_strconcat ("/dump/bad-text/", bad_texts[i].name, NULL);

      g_test_add_data_func (path, &bad_texts[i], test_bad_text);
    }

  g_test_add_func ("/dump/bad-tensors", test_bad_tensors);
  g_test_add_func ("/dump/not-finite", test_not_finite);
  g_test_add_func ("/dump/cancelled", test_cancelled);
  g_test_add_func ("/dump/truncated", test_truncated);
  g_test_add_func ("/dump/damaged-json", test_damaged_json);
  g_test_add_func ("/dump/many", test_many);

  return g_test_run ();
}
