#include <json-glib/json-glib.h>
#include <math.h>

#include "hl-aggregate.h"

static const char *golden_names[HL_N_AGGREGATES] = { "mean", "std", "max", "min", "max_min", "entropy" };

static float
aggregate_one (HlAggregate  aggregate,
               const float *values,
               gsize        n)
{
  g_autofree const float **channels = g_new (const float *, n);
  float out;

  for (gsize i = 0; i < n; i++)
    channels[i] = values + i;

  hl_aggregate_compute (aggregate, channels, n, 1, &out);
  return out;
}

static void
test_small (void)
{
  const float values[] = { 0.1f, 0.2f, 0.6f };

  g_assert_cmpfloat_with_epsilon (aggregate_one (HL_AGGREGATE_MEAN, values, 3), 0.3, 1e-6);
  g_assert_cmpfloat_with_epsilon (aggregate_one (HL_AGGREGATE_STD, values, 3), sqrt (0.14 / 3), 1e-6);
  g_assert_cmpfloat_with_epsilon (aggregate_one (HL_AGGREGATE_MAX, values, 3), 0.6, 1e-6);
  g_assert_cmpfloat_with_epsilon (aggregate_one (HL_AGGREGATE_MIN, values, 3), 0.1, 1e-6);
  g_assert_cmpfloat_with_epsilon (aggregate_one (HL_AGGREGATE_RANGE, values, 3), 0.5, 1e-6);
  g_assert_cmpfloat_with_epsilon (aggregate_one (HL_AGGREGATE_ENTROPY, values, 3), log (3) / 3, 1e-6);
}

/* The bins are those of floor (100 · x) in doubles, for x as a file with two decimals wrote it. */
static void
test_bins (void)
{
  const double two_thirds = -(2 / 3.0 * log (2 / 3.0) + 1 / 3.0 * log (1 / 3.0)) / 2;
  const float falls[] = { 0.29f, 0.28f, 0.27f };   /* 28, 28, 27 */
  const float stays[] = { 0.01f, 0.012f, 0.02f };  /* 1, 1, 2 */
  const float tricky[] = { 0.58f, 0.575f, 0.56f }; /* 57, 57, 56 */
  const float equal[] = { 0.3f, 0.3f, 0.3f };

  g_assert_cmpfloat_with_epsilon (aggregate_one (HL_AGGREGATE_ENTROPY, falls, 3), two_thirds, 1e-6);
  g_assert_cmpfloat_with_epsilon (aggregate_one (HL_AGGREGATE_ENTROPY, stays, 3), two_thirds, 1e-6);
  g_assert_cmpfloat_with_epsilon (aggregate_one (HL_AGGREGATE_ENTROPY, tricky, 3), two_thirds, 1e-6);
  g_assert_false (signbit (aggregate_one (HL_AGGREGATE_ENTROPY, equal, 3)));
  g_assert_cmpfloat (aggregate_one (HL_AGGREGATE_ENTROPY, equal, 3), ==, 0);
}

static void
test_odd_values (void)
{
  const float holes[] = { 0.1f, NAN, 0.6f };
  const float huge[] = { -INFINITY, 3e38f, 1e-45f };
  g_autofree float *many = g_new (float, 1000);

  for (HlAggregate aggregate = 0; aggregate < HL_N_AGGREGATES; aggregate++)
    {
      g_assert_true (isnan (aggregate_one (aggregate, holes, 3)));
      g_assert_true (isnan (aggregate_one (aggregate, NULL, 0)));
    }

  g_assert_cmpfloat (aggregate_one (HL_AGGREGATE_MAX, huge, 3), ==, 3e38f);
  g_assert_cmpfloat_with_epsilon (aggregate_one (HL_AGGREGATE_ENTROPY, huge, 3), log (3) / 3, 1e-6);

  /* More channels than fit on the stack, in no order: bins 0 … 99, ten of each. */
  for (guint i = 0; i < 1000; i++)
    many[i] = (i * 37 % 100 + 0.5f) / 100;
  g_assert_cmpfloat_with_epsilon (aggregate_one (HL_AGGREGATE_ENTROPY, many, 1000), log (100) / 100, 1e-6);
}

static void
test_names (void)
{
  for (HlAggregate aggregate = 0; aggregate < HL_N_AGGREGATES; aggregate++)
    {
      g_assert_cmpstr (hl_aggregate_get_name (aggregate), !=, NULL);
      g_assert_cmpstr (hl_aggregate_get_formula (aggregate), !=, NULL);
    }
}

static JsonNode *
load_json (const char *folder,
           const char *name)
{
  g_autofree char *path = g_build_filename (g_getenv ("HEADLIGHT_SHARED"), "data", folder, name, NULL);
  g_autoptr (JsonParser) parser = json_parser_new_immutable ();
  g_autoptr (GError) error = NULL;

  if (!g_file_test (path, G_FILE_TEST_EXISTS))
    return NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);

  return json_node_ref (json_parser_get_root (parser));
}

static void
check_entry (JsonObject *entry,
             JsonObject *instance)
{
  JsonObject *set = json_array_get_object_element (json_object_get_array_member (instance, "sets"), 0);
  JsonArray *vectors = json_object_get_array_member (set, "attention_vectors");
  gsize n_tokens = json_array_get_length (json_object_get_array_member (set, "tokens"));
  gsize n = json_array_get_length (vectors);
  g_autofree float *values = g_new (float, n * n_tokens);
  g_autofree float *out = g_new (float, n_tokens);
  g_autofree const float **channels = g_new (const float *, n);

  g_assert_cmpint (json_object_get_int_member (entry, "n_vectors"), ==, n);

  for (gsize i = 0; i < n; i++)
    {
      JsonObject *vector = json_array_get_object_element (vectors, i);
      JsonArray *numbers = json_object_get_array_member (vector, "vectors");

      for (gsize j = 0; j < n_tokens; j++)
        values[i * n_tokens + j] = g_ascii_strtod (json_array_get_string_element (numbers, j), NULL);
      channels[i] = values + i * n_tokens;
    }

  for (HlAggregate aggregate = 0; aggregate < HL_N_AGGREGATES; aggregate++)
    {
      JsonArray *expected = json_object_get_array_member (entry, golden_names[aggregate]);

      g_assert_cmpuint (json_array_get_length (expected), ==, n_tokens);
      hl_aggregate_compute (aggregate, channels, n, n_tokens, out);
      for (gsize j = 0; j < n_tokens; j++)
        g_assert_cmpfloat_with_epsilon (out[j], json_array_get_double_element (expected, j), 1e-6);
    }
}

/* AttViz's own code, run on its own examples. */
static void
test_golden (void)
{
  g_autoptr (JsonNode) golden = load_json ("golden", "attviz_aggregates_from_node.json");
  JsonArray *entries;
  guint n_checked = 0;

  if (golden == NULL)
    {
      g_test_skip ("The folder of real files is missing");
      return;
    }

  entries = json_node_get_array (golden);
  for (guint i = 0; i < json_array_get_length (entries); i++)
    {
      JsonObject *entry = json_array_get_object_element (entries, i);
      guint instance = json_object_get_int_member (entry, "instance");
      g_autoptr (JsonNode) file = load_json ("attviz", json_object_get_string_member (entry, "file"));

      if (file == NULL)
        continue;

      check_entry (entry, json_array_get_object_element (json_node_get_array (file), instance));
      n_checked++;
    }

  g_assert_cmpuint (n_checked, >=, 2);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/aggregate/small", test_small);
  g_test_add_func ("/aggregate/bins", test_bins);
  g_test_add_func ("/aggregate/odd-values", test_odd_values);
  g_test_add_func ("/aggregate/names", test_names);
  g_test_add_func ("/aggregate/golden", test_golden);

  return g_test_run ();
}
