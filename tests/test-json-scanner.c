#include <math.h>
#include <string.h>

#include "assert-sentence.h"
#include "hl-format.h"
#include "hl-json-number.h"
#include "hl-json-scanner.h"

static void
assert_number (const char *text)
{
  const char *end = text + strlen (text);
  const char *failed = NULL;
  float value = -1;
  float expected = (float) g_ascii_strtod (text, NULL);
  g_autofree char *exact = g_memdup2 (text, strlen (text)); /* so that ASan sees a step too far */

  g_assert_true (hl_json_number_scan (text, end, &value, &failed) == end);
  if (memcmp (&value, &expected, sizeof value) != 0)
    g_error ("%s is %a, must be %a", text, value, expected);
  g_assert_true (hl_json_number_scan (exact, exact + strlen (text), &value, &failed) == exact + strlen (text));
  g_assert_true (memcmp (&value, &expected, sizeof value) == 0);
}

/* PCG (O'Neill 2014), so that each run sees the same numbers. */
static guint32
next_random (guint64 *state)
{
  guint64 old = *state;
  guint32 shifted, turn;

  *state = old * G_GUINT64_CONSTANT (6364136223846793005) + G_GUINT64_CONSTANT (1442695040888963407);
  shifted = (guint32) (((old >> 18) ^ old) >> 27);
  turn = (guint32) (old >> 59);

  return shifted >> turn | shifted << (-turn & 31);
}

static void
test_number_floats (void)
{
  guint64 state = 1;
  char text[64];

  /* Floats printed as doubles, as Python does. */
  for (int i = 0; i < 200000; i++)
    {
      guint32 bits = next_random (&state);
      float value;

      memcpy (&value, &bits, sizeof value);
      if (!isfinite (value))
        continue;
      g_ascii_formatd (text, sizeof text, "%.17g", value);
      assert_number (text);
      g_ascii_formatd (text, sizeof text, "%.9g", value);
      assert_number (text);
    }
  for (int i = 0; i < 200000; i++)
    {
      float value = (float) next_random (&state) / (float) G_MAXUINT32;

      g_ascii_formatd (text, sizeof text, "%.17f", value);
      assert_number (text);
      g_ascii_formatd (text, sizeof text, "%.22f", value * value * value);
      assert_number (text);
    }
}

/* Doubles at and around the middle between two floats, where rounding twice shows. */
static void
test_number_middles (void)
{
  guint64 state = 2;
  char text[1200];

  for (int i = 0; i < 100000; i++)
    {
      guint64 bits = (guint64) next_random (&state) << 32;
      int off = (int) (next_random (&state) % 65) - 32;
      double value;

      bits = (bits & ~G_GUINT64_CONSTANT (0x1fffffff)) | G_GUINT64_CONSTANT (0x10000000);
      bits += (guint64) (gint64) off;
      memcpy (&value, &bits, sizeof value);
      if (!isfinite (value))
        continue;
      g_ascii_formatd (text, sizeof text, "%.17g", value);
      assert_number (text);
      /* One digit too few or too many, so that strtod() rounds as well. */
      g_ascii_formatd (text, sizeof text, "%.16g", value);
      assert_number (text);
      g_ascii_formatd (text, sizeof text, "%.25g", value);
      assert_number (text);
    }
}

static void
test_number_special (void)
{
  static const char * const texts[] = {
    "0", "-0", "0.0", "-0.0", "0e5", "1", "-1", "10", "1.0", "1e0", "1E+2", "1e-2", "0.1", "123456789", "16777216", "16777217",
    "16777217.0000000001", "16777219", "3.4028234663852886e+38", "3.4028235677973366e+38", "3.4028235677973364e+38",
    "1e38", "1e39", "1e308", "1e309", "1e400", "-1e400", "1e-37", "1.1754943508222875e-38", "1.1754942807573643e-38",
    "1e-45", "7e-46", "7.1e-46", "1e-50", "1e-320", "1e-400", "1e99999999999999999999", "1e-99999999999999999999",
    "0e99999999999999999999", "12345678901234567890", "1234567890123456789012345678901234567890",
    "0.00000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000000001",
    "0.1000000000000000055511151231257827021181583404541015625",
    "1000000000000000000000000000000000000000000000000000000000000000000000000000e-75",
    "0.50000002980232238769531250000000000000000000000000000000000000000000000001",
    "0.5000000298023223876953125", "0.50000008940696716308593750", "9999999999999999999", "99999999999999999999",
    "0.00000000123456789012345678901234567890", "1.00000000", "1.000000000000000000000000000",
  };
  g_autoptr (GString) digits = g_string_new ("0.");
  const char *failed;
  float value;

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    assert_number (texts[i]);

  for (int i = 0; i < 3000; i++)
    g_string_append_c (digits, (char) ('0' + i * 7 % 10));
  assert_number (digits->str);

  g_assert_nonnull (hl_json_number_scan ("NaN", "NaN" + 3, &value, &failed));
  g_assert_true (isnan (value));
  {
    const char *text = "-Infinity, Infinity";

    g_assert_true (hl_json_number_scan (text, text + 9, &value, &failed) == text + 9);
    g_assert_true (isinf (value) && value < 0);
    g_assert_true (hl_json_number_scan (text + 11, text + 19, &value, &failed) == text + 19);
    g_assert_true (isinf (value) && value > 0);
  }
}

static void
test_number_grammar (void)
{
  static const struct { const char *text; gsize failed; } bad[] = {
    { "", 0 }, { "-", 1 }, { "+1", 0 }, { ".5", 0 }, { "-.5", 1 }, { "1.", 2 }, { "1.e5", 2 }, { "1e", 2 }, { "1e+", 3 },
    { "1e-x", 3 }, { "01", 1 }, { "00", 1 }, { "-01", 2 }, { "x", 0 }, { "-x", 1 }, { "nan", 0 }, { "Nan", 0 },
    { "Na", 2 }, { "Inf", 3 }, { "Infx", 0 }, { "-In", 3 }, { "\"1\"", 0 }, { "]", 0 },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      const char *failed = NULL;
      float value;

      g_assert_null (hl_json_number_scan (bad[i].text, bad[i].text + strlen (bad[i].text), &value, &failed));
      g_assert_cmpint (failed - bad[i].text, ==, (gssize) bad[i].failed);
    }
}

static void
test_strings (void)
{
  static const struct { const char *text; const char *string; gssize length; } good[] = {
    { "\"\"", "", -1 },
    { "  \"a b\"", "a b", -1 },
    { "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t", -1 },
    { "\"\\u0120x\\u2581\"", "\u0120x\u2581", -1 },
    { "\"\\ud83d\\ude00\"", "\xf0\x9f\x98\x80", -1 },
    { "\"\\uD83D\\uDE00!\"", "\xf0\x9f\x98\x80!", -1 },
    { "\"\\ud83d\"", "\xef\xbf\xbd", -1 },
    { "\"\\ud83dx\"", "\xef\xbf\xbdx", -1 },
    { "\"\\ud83d\\u0041\"", "\xef\xbf\xbd" "A", -1 },
    { "\"\\ud83d\\ud83d\\ude00\"", "\xef\xbf\xbd\xf0\x9f\x98\x80", -1 },
    { "\"\\ude00\"", "\xef\xbf\xbd", -1 },
    { "\"a\\u0000b\"", "a\0b", 3 },
    { "\"\xe2\x96\x81é\"", "\xe2\x96\x81é", -1 },
    { "\"</script>\"", "</script>", -1 },
  };
  static const struct { const char *text; int code; } bad[] = {
    { "", HL_FORMAT_ERROR_TRUNCATED }, { "\"", HL_FORMAT_ERROR_TRUNCATED }, { "\"a", HL_FORMAT_ERROR_TRUNCATED },
    { "\"a\\", HL_FORMAT_ERROR_TRUNCATED }, { "\"a\\\"", HL_FORMAT_ERROR_TRUNCATED },
    { "\"\\u00", HL_FORMAT_ERROR_TRUNCATED }, { "\"\\ud83d\\", HL_FORMAT_ERROR_TRUNCATED },
    { "\"\\ud83d\\ude", HL_FORMAT_ERROR_TRUNCATED },
    { "\"\\x\"", HL_FORMAT_ERROR_SYNTAX }, { "\"\\u00g0\"", HL_FORMAT_ERROR_SYNTAX }, { "\"a\nb\"", HL_FORMAT_ERROR_SYNTAX },
    { "'a'", HL_FORMAT_ERROR_SYNTAX }, { "3", HL_FORMAT_ERROR_SYNTAX }, { "\"\xff\"", HL_FORMAT_ERROR_SYNTAX },
    { "\"\\u0000\xc3\"", HL_FORMAT_ERROR_SYNTAX },
  };
  g_autoptr (GString) string = g_string_new ("before");

  for (gsize i = 0; i < G_N_ELEMENTS (good); i++)
    {
      g_auto (HlJsonScanner) scanner = { 0 };
      gsize length = good[i].length < 0 ? strlen (good[i].string) : (gsize) good[i].length;

      hl_json_scanner_init (&scanner, good[i].text, strlen (good[i].text), "text");
      g_assert_true (hl_json_scanner_read_string (&scanner, string));
      g_assert_cmpmem (string->str, string->len, good[i].string, length);
      g_assert_true (hl_json_scanner_expect_end (&scanner));

      hl_json_scanner_seek (&scanner, 0);
      g_assert_true (hl_json_scanner_skip (&scanner));
      g_assert_true (hl_json_scanner_expect_end (&scanner));
    }

  for (gsize i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_auto (HlJsonScanner) scanner = { 0 };
      g_autoptr (GError) error = NULL;
      g_autofree char *exact = g_memdup2 (bad[i].text, MAX (strlen (bad[i].text), 1));

      hl_json_scanner_init (&scanner, exact, strlen (bad[i].text), "text");
      g_assert_false (hl_json_scanner_read_string (&scanner, string));
      g_assert_false (hl_json_scanner_check (&scanner, &error));
      g_assert_error (error, HL_FORMAT_ERROR, bad[i].code);
      assert_sentence (error);
    }
}

static void
test_walk (void)
{
  const char *text = "\xef\xbb\xbf { \"a\" : [1, -2 ,[ ] ,{}], \"b\": {\"c\": true, \"d\": null} , \"e\":false, \"f\": \"x\" } ";
  g_auto (HlJsonScanner) scanner = { 0 };
  g_autoptr (GString) key = g_string_new (NULL);
  g_autoptr (GString) keys = g_string_new (NULL);
  gint64 integer;
  gboolean boolean;

  hl_json_scanner_init (&scanner, text, strlen (text), "text");
  g_assert_cmpint (hl_json_scanner_peek (&scanner), ==, HL_JSON_OBJECT);
  g_assert_true (hl_json_scanner_open_object (&scanner));
  while (hl_json_scanner_next_member (&scanner, key))
    {
      g_string_append (keys, key->str);
      if (strcmp (key->str, "a") == 0)
        {
          g_assert_true (hl_json_scanner_open_list (&scanner));
          g_assert_true (hl_json_scanner_next_entry (&scanner));
          g_assert_true (hl_json_scanner_read_integer (&scanner, &integer));
          g_assert_cmpint (integer, ==, 1);
          g_assert_true (hl_json_scanner_next_entry (&scanner));
          g_assert_true (hl_json_scanner_read_integer (&scanner, &integer));
          g_assert_cmpint (integer, ==, -2);
          g_assert_true (hl_json_scanner_next_entry (&scanner));
          g_assert_true (hl_json_scanner_open_list (&scanner));
          g_assert_false (hl_json_scanner_next_entry (&scanner));
          g_assert_true (hl_json_scanner_next_entry (&scanner));
          g_assert_true (hl_json_scanner_skip (&scanner));
          g_assert_false (hl_json_scanner_next_entry (&scanner));
        }
      else if (strcmp (key->str, "e") == 0)
        {
          g_assert_true (hl_json_scanner_read_boolean (&scanner, &boolean));
          g_assert_false (boolean);
        }
      else
        {
          g_assert_false (hl_json_scanner_read_null (&scanner));
          g_assert_true (hl_json_scanner_skip (&scanner));
        }
    }
  g_assert_true (hl_json_scanner_expect_end (&scanner));
  g_assert_cmpstr (keys->str, ==, "abef");
  g_assert_no_error (scanner.error);
}

/* Whatever is cut off, it is said; and nothing after the end is looked at. */
static void
test_skip_cut (void)
{
  const char *text = "{\"a\": [1.5e-7, -2, [], {}, \"\\u00e9\\\"\"], \"b\": {\"c\": true, \"d\": null, \"e\": NaN}, \"f\": -Infinity}";

  for (gsize length = 0; length <= strlen (text); length++)
    {
      g_auto (HlJsonScanner) scanner = { 0 };
      g_autoptr (GError) error = NULL;
      g_autofree char *exact = g_memdup2 (text, MAX (length, 1));

      hl_json_scanner_init (&scanner, exact, length, "text");
      g_assert_true (hl_json_scanner_skip (&scanner) == (length == strlen (text)));
      if (hl_json_scanner_check (&scanner, &error))
        continue;
      g_assert_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_TRUNCATED);
      assert_sentence (error);
    }
}

static void
test_skip_bad (void)
{
  static const char * const texts[] = {
    "[1 2]", "[1,]", "[,1]", "{\"a\" 1}", "{\"a\":1,}", "{a:1}", "{1:1}", "[1}", "{\"a\":1]", "]", "tru", "truth", "nul ",
    "[01]", "'a'", "{\"a\":}", "/", "[\"\\\"]",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_auto (HlJsonScanner) scanner = { 0 };
      g_autoptr (GError) error = NULL;

      hl_json_scanner_init (&scanner, texts[i], strlen (texts[i]), "text");
      if (hl_json_scanner_skip (&scanner) && hl_json_scanner_expect_end (&scanner))
        g_error ("%s was taken for JSON", texts[i]);
      g_assert_false (hl_json_scanner_check (&scanner, &error));
      assert_sentence (error);
      /* Errors stick. */
      g_assert_true (hl_json_scanner_check (&scanner, NULL));
    }
}

static void
test_depth (void)
{
  for (gsize depth = HL_JSON_MAX_DEPTH; depth <= HL_JSON_MAX_DEPTH + 1; depth++)
    {
      g_autoptr (GString) text = g_string_new (NULL);
      g_auto (HlJsonScanner) scanner = { 0 };
      g_autoptr (GError) error = NULL;

      for (gsize i = 0; i < depth; i++)
        g_string_append (text, i % 2 == 0 ? "[" : "{\"\":");
      g_string_append (text, "0");
      for (gsize i = depth; i-- > 0;)
        g_string_append_c (text, i % 2 == 0 ? ']' : '}');

      hl_json_scanner_init (&scanner, text->str, text->len, "text");
      g_assert_true (hl_json_scanner_skip (&scanner) == (depth == HL_JSON_MAX_DEPTH));
      if (depth > HL_JSON_MAX_DEPTH)
        {
          g_assert_false (hl_json_scanner_check (&scanner, &error));
          g_assert_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SYNTAX);
          assert_sentence (error);
        }
    }
}

static void
test_array (void)
{
  const char *text = "[[[1, 2.5,3], [4 , 5,6]] ,\n[ [7,8,9],\t[10, 11, -12e0 ] ] ]  ";
  const float expected[] = { 1, 2.5f, 3, 4, 5, 6, 7, 8, 9, 10, 11, -12 };
  g_auto (HlJsonScanner) scanner = { 0 };
  HlJsonArray array;
  float values[12];

  hl_json_scanner_init (&scanner, text, strlen (text), "text");
  g_assert_true (hl_json_scanner_measure_array (&scanner, &array));
  g_assert_cmpuint (array.rank, ==, 3);
  g_assert_cmpuint (array.dims[0], ==, 2);
  g_assert_cmpuint (array.dims[1], ==, 2);
  g_assert_cmpuint (array.dims[2], ==, 3);
  g_assert_cmpuint (array.position, ==, 0);
  g_assert_cmpuint (array.end, ==, strlen (text) - 2);
  g_assert_true (hl_json_scanner_expect_end (&scanner));

  g_assert_true (hl_json_scanner_read_array (&scanner, &array, values));
  g_assert_cmpmem (values, sizeof values, expected, sizeof expected);
}

static void
test_array_empty (void)
{
  static const struct { const char *text; guint rank; gsize last; } arrays[] = {
    { "[]", 1, 0 }, { "[[], []]", 2, 0 }, { "[[[], [ ]], [[], []]]", 3, 0 }, { "[[[]]]", 3, 0 }, { "[[[0]]]", 3, 1 },
  };
  float value = 7;

  for (gsize i = 0; i < G_N_ELEMENTS (arrays); i++)
    {
      g_auto (HlJsonScanner) scanner = { 0 };
      HlJsonArray array;

      hl_json_scanner_init (&scanner, arrays[i].text, strlen (arrays[i].text), "text");
      g_assert_true (hl_json_scanner_measure_array (&scanner, &array));
      g_assert_cmpuint (array.rank, ==, arrays[i].rank);
      g_assert_cmpuint (array.dims[array.rank - 1], ==, arrays[i].last);
      g_assert_cmpuint (hl_json_array_get_size (&array), ==, arrays[i].last);
      g_assert_true (hl_json_scanner_read_array (&scanner, &array, &value));
    }
}

static void
test_array_bad (void)
{
  static const struct { const char *text; int code; const char *part; } arrays[] = {
    { "[[1, 2], [3]]", HL_FORMAT_ERROR_SHAPE, "The list at byte 9 of the text, inside “m”, has 1 entry where those before it have 2." },
    { "[[1], [2, 3]]", HL_FORMAT_ERROR_SHAPE, "The list at byte 6 of the text, inside “m”, has more than 1 entry where those before it have 1." },
    { "[[[1], [2]], [[3]]]", HL_FORMAT_ERROR_SHAPE, "The list at byte 13 of the text, inside “m”, has 1 entry where those before it have 2." },
    { "[[1], []]", HL_FORMAT_ERROR_SHAPE, "has 0 entries where those before it have 1" },
    { "[[], [1]]", HL_FORMAT_ERROR_SHAPE, "has entries where those before it have none" },
    { "[[[1]], [2]]", HL_FORMAT_ERROR_SHAPE, "holds numbers where those before it hold lists" },
    { "[[1], [[2]]]", HL_FORMAT_ERROR_SHAPE, "holds numbers where those before it hold lists" },
    { "[[1], 2]", HL_FORMAT_ERROR_SYNTAX, "At byte 6 of the text, inside “m”, there is “2” where a list was expected." },
    { "[[1, [2]]]", HL_FORMAT_ERROR_SYNTAX, NULL },
    { "[[1, \"2\"]]", HL_FORMAT_ERROR_SYNTAX, "At byte 5 of the text, inside “m”, there is a string where a number was expected." },
    { "[\"2\"]", HL_FORMAT_ERROR_SYNTAX, "a number or a list was expected" },
    { "[[1 2]]", HL_FORMAT_ERROR_SYNTAX, "there is “2” where “,” or “]” was expected" },
    { "[[1,, 2]]", HL_FORMAT_ERROR_SYNTAX, "there is “,” where a number was expected" },
    { "[[1, ]]", HL_FORMAT_ERROR_SYNTAX, "there is “]” where a number was expected" },
    { "[[1, NaN]]", HL_FORMAT_ERROR_VALUE, "At byte 5 of the text, “m[0][1]” is NaN where a finite number was expected." },
    { "[[1],[Infinity]]", HL_FORMAT_ERROR_VALUE, "“m[1][0]” is infinite" },
    { "[[1,2],[3,-Infinity]]", HL_FORMAT_ERROR_VALUE, "“m[1][1]” is infinite" },
    { "[[1e39]]", HL_FORMAT_ERROR_VALUE, "“m[0][0]” is too large for a 32-bit number" },
    { "[[[[[[[1]]]]]]]", HL_FORMAT_ERROR_SHAPE, "nested more than 6 deep" },
    { "3", HL_FORMAT_ERROR_SYNTAX, "there is “3” where a list was expected" },
    { "null", HL_FORMAT_ERROR_SYNTAX, "a list was expected" },
    { "[[null]]", HL_FORMAT_ERROR_SYNTAX, "a number or a list was expected" },
  };

  for (gsize i = 0; i < G_N_ELEMENTS (arrays); i++)
    {
      g_auto (HlJsonScanner) scanner = { 0 };
      g_autoptr (GError) error = NULL;
      HlJsonArray array;
      float values[32];

      hl_json_scanner_init (&scanner, arrays[i].text, strlen (arrays[i].text), "text");
      scanner.context = "m";
      if (hl_json_scanner_measure_array (&scanner, &array))
        {
          g_assert_cmpuint (hl_json_array_get_size (&array), <=, G_N_ELEMENTS (values));
          if (hl_json_scanner_read_array (&scanner, &array, values))
            g_error ("%s was read", arrays[i].text);
        }
      g_assert_false (hl_json_scanner_check (&scanner, &error));
      assert_sentence (error);
      g_assert_error (error, HL_FORMAT_ERROR, arrays[i].code);
      if (arrays[i].part != NULL && strstr (error->message, arrays[i].part) == NULL)
        g_error ("%s: “%s” does not say “%s”", arrays[i].text, error->message, arrays[i].part);
    }
}

/* A first row that is longer than all others stands for far more numbers than there are. */
static void
test_array_claim (void)
{
  g_autoptr (GString) text = g_string_new ("[[0");
  g_auto (HlJsonScanner) scanner = { 0 };
  g_autoptr (GError) error = NULL;
  HlJsonArray array;

  for (int i = 1; i < 10000; i++)
    g_string_append (text, ",0");
  for (int i = 1; i < 10000; i++)
    g_string_append (text, "],[0");
  g_string_append (text, "]]");

  hl_json_scanner_init (&scanner, text->str, text->len, "text");
  g_assert_false (hl_json_scanner_measure_array (&scanner, &array));
  g_assert_false (hl_json_scanner_check (&scanner, &error));
  g_assert_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_SHAPE);
  assert_sentence (error);
}

static void
count_progress (goffset  done,
                goffset  all,
                gpointer data)
{
  goffset *last = data;

  g_assert_cmpint (done, >=, *last);
  g_assert_cmpint (done, <=, all);
  *last = done;
}

static void
test_watch (void)
{
  g_autoptr (GString) text = g_string_new ("{\"a\":[[0");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_auto (HlJsonScanner) scanner = { 0 };
  g_autofree float *values = NULL;
  HlJsonArray array;
  goffset last = 0;

  for (int i = 0; i < 20000; i++)
    g_string_append (text, ", 0.1, 0.2, 0.3, 0.4], [0");
  g_string_append (text, ", 0.1, 0.2, 0.3, 0.4]], \"b\":\"");
  for (int i = 0; i < 100000; i++)
    g_string_append (text, "0123456789\\n");
  g_string_append (text, "\"}");

  hl_json_scanner_init (&scanner, text->str, text->len, "text");
  hl_json_scanner_watch (&scanner, count_progress, &last, cancellable);
  g_assert_true (hl_json_scanner_skip (&scanner));
  g_assert_cmpint (last, >, (goffset) text->len / 4);

  hl_json_scanner_seek (&scanner, 5);
  last = 0;
  g_assert_true (hl_json_scanner_measure_array (&scanner, &array));
  g_assert_cmpint (last, >, 0);
  values = g_new (float, hl_json_array_get_size (&array));
  last = 0;
  g_assert_true (hl_json_scanner_read_array (&scanner, &array, values));
  g_assert_cmpint (last, >, 0);

  g_cancellable_cancel (cancellable);
  g_assert_false (hl_json_scanner_read_array (&scanner, &array, values));
  g_assert_false (hl_json_scanner_check (&scanner, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_error (&error);
  hl_json_scanner_seek (&scanner, 0);
  g_assert_false (hl_json_scanner_skip (&scanner));
  g_assert_false (hl_json_scanner_check (&scanner, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/json-scanner/number/floats", test_number_floats);
  g_test_add_func ("/json-scanner/number/middles", test_number_middles);
  g_test_add_func ("/json-scanner/number/special", test_number_special);
  g_test_add_func ("/json-scanner/number/grammar", test_number_grammar);
  g_test_add_func ("/json-scanner/strings", test_strings);
  g_test_add_func ("/json-scanner/walk", test_walk);
  g_test_add_func ("/json-scanner/skip/cut", test_skip_cut);
  g_test_add_func ("/json-scanner/skip/bad", test_skip_bad);
  g_test_add_func ("/json-scanner/depth", test_depth);
  g_test_add_func ("/json-scanner/array/shape", test_array);
  g_test_add_func ("/json-scanner/array/empty", test_array_empty);
  g_test_add_func ("/json-scanner/array/bad", test_array_bad);
  g_test_add_func ("/json-scanner/array/claim", test_array_claim);
  g_test_add_func ("/json-scanner/watch", test_watch);

  return g_test_run ();
}
