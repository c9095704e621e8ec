#include "hl-dump.h"

#include <math.h>
#include <string.h>

#include "dump-fixture.h"

/* Dumps in the many ways people save them: what is found, and what is said of it. */

/* The value of @tensor at @index is the weight that the attention has. */
static void
assert_weight (HlAttention *attention,
               gsize        layer,
               gsize        head,
               gsize        query,
               gsize        key,
               HlTensor    *tensor,
               gsize        index)
{
  float weight, stored;

  hl_attention_read (attention, layer, head, query, 1, key, 1, &weight);
  hl_tensor_read_f32 (tensor, index, 1, &stored);
  g_assert_cmpfloat (weight, ==, stored);
}

static void
assert_size (HlAttention *attention,
             gsize        n_layers,
             gsize        n_heads,
             gsize        n_queries,
             gsize        n_keys)
{
  g_assert_cmpuint (hl_attention_get_n_layers (attention), ==, n_layers);
  g_assert_cmpuint (hl_attention_get_max_heads (attention), ==, n_heads);
  g_assert_cmpuint (hl_attention_get_n_queries (attention), ==, n_queries);
  g_assert_cmpuint (hl_attention_get_n_keys (attention), ==, n_keys);
}

static const char *
get_token (HlTrace *trace,
           gsize    index)
{
  return hl_tokens_get (hl_trace_get_tokens (trace), index)->text;
}

/* One array in the many ways people save it: [2 layers][3 heads][4][4]. */
static void
test_stacked (void)
{
  static const struct
  {
    const char *name;
    guint       rank;
    gsize       shape[5];
    gsize       n_layers, n_heads;
  } cases[] = {
    { "attention", 4, { 2, 3, 4, 4 }, 2, 3 },
    { "attentions", 4, { 2, 3, 4, 4 }, 2, 3 },
    { "attn", 4, { 2, 3, 4, 4 }, 2, 3 },
    { "arr_0", 4, { 2, 3, 4, 4 }, 2, 3 },
    { "Attention_Weights", 4, { 2, 3, 4, 4 }, 2, 3 },
    { "attention", 5, { 2, 1, 3, 4, 4 }, 2, 3 },
    { "attention", 4, { 1, 3, 4, 4 }, 1, 3 },
    { "attention", 3, { 3, 4, 4 }, 1, 3 },
    { "attention", 2, { 4, 4 }, 1, 1 },
    { "arr_0", 3, { 3, 4, 4 }, 1, 3 },
    { "attention.0", 3, { 3, 4, 4 }, 1, 3 },
    { "attention.0", 4, { 1, 3, 4, 4 }, 1, 3 },
    { "attention.0", 2, { 4, 4 }, 1, 1 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (HlContainer) container = hl_container_new ();
      g_autoptr (HlTrace) trace = NULL;
      HlAttention *attention;
      HlTensor *tensor;

      add (container, cases[i].name, cases[i].rank, cases[i].shape);
      trace = to_trace (container);
      attention = hl_trace_get_attention (trace, 0);
      tensor = hl_container_get_tensor (container, cases[i].name);
      assert_size (attention, cases[i].n_layers, cases[i].n_heads, 4, 4);
      g_assert_cmpint (hl_attention_get_kind (attention), ==, HL_ATTENTION_SELF);
      assert_weight (attention, cases[i].n_layers - 1, cases[i].n_heads - 1, 2, 1, tensor,
                     hl_tensor_get_n_elements (tensor) - 16 + 2 * 4 + 1);

      g_assert_cmpstr (get_token (trace, 3), ==, "3");
      g_assert_cmpuint (g_strv_length ((char **) hl_trace_get_notes (trace)), ==, 1);
      g_assert_true (g_str_has_suffix (hl_trace_get_notes (trace)[0], "."));
    }
}

static void
test_layers (void)
{
  static const char * const patterns[] = {
    "attention.%u", "attn_%u", "attention_%u", "layer_%u", "layer%u", "arr_%u", "layers.%u.attn", "self_attention/%u",
    "ATTN-%u",
  };

  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_autoptr (HlContainer) container = hl_container_new ();
      g_autoptr (HlTrace) trace = NULL;
      HlAttention *attention;

      /* Out of order, and with more than ten: neither the file's nor the alphabet's order is that of the layers. */
      for (guint k = 0; k < 12; k++)
        {
          g_autoptr (GString) name = g_string_new (patterns[i]);
          g_autofree char *number = g_strdup_printf ("%u", (k * 5) % 12);

          g_string_replace (name, "%u", number, 1);
          add (container, name->str, SHAPE (1 + (k * 5) % 12 % 3, 2, 2));
        }

      trace = to_trace (container);
      attention = hl_trace_get_attention (trace, 0);
      assert_size (attention, 12, 3, 2, 2);

      for (guint layer = 0; layer < 12; layer++)
        {
          g_autoptr (GString) name = g_string_new (patterns[i]);
          g_autofree char *number = g_strdup_printf ("%u", layer);

          g_string_replace (name, "%u", number, 1);
          g_assert_cmpuint (hl_attention_get_n_heads (attention, layer), ==, 1 + layer % 3);
          g_assert_cmpuint (hl_attention_get_layer_number (attention, layer), ==, layer);
          assert_weight (attention, layer, 0, 1, 0, hl_container_get_tensor (container, name->str), 2);
        }
    }
}

/* Only some of the layers: their names say which. */
static void
test_layer_numbers (void)
{
  g_autoptr (HlContainer) container = hl_container_new ();
  g_autoptr (HlTrace) trace = NULL;
  HlAttention *attention;

  add (container, "attention.11", SHAPE (2, 3, 3));
  add (container, "attention.4", SHAPE (2, 3, 3));
  hl_container_set_metadata (container, "heads", "[7, 9]");
  trace = to_trace (container);
  attention = hl_trace_get_attention (trace, 0);
  g_assert_cmpuint (hl_attention_get_layer_number (attention, 0), ==, 4);
  g_assert_cmpuint (hl_attention_get_layer_number (attention, 1), ==, 11);
  g_assert_cmpuint (hl_attention_get_head_number (attention, 1), ==, 9);
  assert_weight (attention, 1, 0, 0, 1, hl_container_get_tensor (container, "attention.11"), 1);
}

static void
test_encoder_decoder (void)
{
  static const char * const names[][3] = {
    { "encoder.attention", "decoder.attention", "cross.attention" },
    { "encoder_attentions", "decoder_attentions", "cross_attentions" },
    { "encoder.self_attn", "decoder.self_attn", "decoder.cross_attn" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (HlContainer) container = hl_container_new ();
      g_autoptr (HlTrace) trace = NULL;
      HlAttention *cross;

      add (container, names[i][0], SHAPE (2, 1, 2, 5, 5));
      add (container, names[i][1], SHAPE (2, 1, 2, 3, 3));
      add (container, names[i][2], SHAPE (2, 1, 2, 3, 5));
      hl_container_set_metadata (container, "encoder.tokens", "[\"▁The\",\"▁cat\",\"▁sat\",\".\",\"</s>\"]");
      hl_container_set_metadata (container, "decoder.tokens", "[\"<pad>\",\"▁Die\",\"▁Katze\"]");
      hl_container_set_metadata (container, "text", "The cat sat.");
      trace = to_trace (container);

      g_assert_cmpuint (hl_trace_get_n_attentions (trace), ==, 3);
      g_assert_cmpint (hl_trace_find_attention (trace, HL_ATTENTION_ENCODER), ==, 0);
      g_assert_cmpint (hl_trace_find_attention (trace, HL_ATTENTION_DECODER), ==, 1);
      g_assert_cmpint (hl_trace_find_attention (trace, HL_ATTENTION_CROSS), ==, 2);
      cross = hl_trace_get_attention (trace, 2);
      assert_size (cross, 2, 2, 3, 5);
      g_assert_cmpstr (hl_tokens_get (hl_attention_get_queries (cross), 2)->text, ==, "▁Katze");
      g_assert_cmpstr (hl_tokens_get (hl_attention_get_keys (cross), 2)->text, ==, "▁sat");
      g_assert_cmpint (hl_tokens_get (hl_attention_get_keys (cross), 2)->start, ==, 8);
      g_assert_cmpstr (hl_tokens_get_input (hl_attention_get_keys (cross)), ==, "The cat sat.");
      g_assert_null (hl_tokens_get_input (hl_attention_get_queries (cross)));
      g_assert_cmpuint (g_strv_length ((char **) hl_trace_get_notes (trace)), ==, 0);
      assert_weight (cross, 1, 1, 2, 4, hl_container_get_tensor (container, names[i][2]), 59);
    }
}

static void
test_left_right (void)
{
  g_autoptr (HlContainer) container = hl_container_new ();
  g_autoptr (HlTrace) trace = NULL;
  HlAttention *attention;

  add (container, "attention", SHAPE (1, 1, 2, 3));
  hl_container_set_metadata (container, "kind", "cross");
  hl_container_set_metadata (container, "left_tokens", "[\"a\",\"b\"]");
  hl_container_set_metadata (container, "right_tokens", "[\"c\",\"d\",\"e\"]");
  trace = to_trace (container);
  attention = hl_trace_get_attention (trace, 0);
  g_assert_cmpint (hl_attention_get_kind (attention), ==, HL_ATTENTION_CROSS);
  g_assert_cmpstr (hl_tokens_get (hl_attention_get_queries (attention), 1)->text, ==, "b");
  g_assert_cmpstr (hl_tokens_get (hl_attention_get_keys (attention), 2)->text, ==, "e");
}

static void
test_batch (void)
{
  static const char * const patterns[] = { "attention", "attention.0" };

  for (guint i = 0; i < G_N_ELEMENTS (patterns); i++)
    {
      g_autoptr (HlContainer) container = hl_container_new ();
      g_autoptr (HlDocument) document = NULL;
      float segments[6] = { 0, 0, 1, 0, 1, 1 };
      float ids[6] = { 101, 7, 8, 101, 9, 30521 };
      float logits[4] = { 0, 0, 0, 100 };

      if (i == 0)
        add (container, patterns[i], SHAPE (1, 2, 4, 3, 3));
      else
        add (container, patterns[i], SHAPE (2, 4, 3, 3));

      add_values (container, "token_type_ids", SHAPE (2, 3), segments);
      add_values (container, "input_ids", SHAPE (2, 3), ids);
      add_values (container, "logits", SHAPE (2, 2), logits);
      hl_container_set_metadata (container, "classes", "[\"no\",\"yes\"]");
      document = to_document (container);
      g_assert_cmpuint (hl_document_get_n_instances (document), ==, 2);

      for (guint k = 0; k < 2; k++)
        {
          g_autoptr (GError) error = NULL;
          g_autoptr (HlTrace) trace = hl_document_load (document, k, NULL, &error);
          HlTokens *tokens;

          g_assert_no_error (error);
          assert_size (hl_trace_get_attention (trace, 0), 1, 4, 3, 3);
          assert_weight (hl_trace_get_attention (trace, 0), 0, 3, 1, 2,
                         hl_container_get_tensor (container, patterns[i]), k * 36 + 3 * 9 + 5);
          tokens = hl_trace_get_tokens (trace);
          g_assert_cmpint (hl_tokens_get (tokens, 1)->segment, ==, k == 0 ? 0 : 1);
          g_assert_cmpint (hl_tokens_get (tokens, 2)->id, ==, k == 0 ? 8 : 30521);
          g_assert_cmpfloat (hl_prediction_get_class (hl_trace_get_prediction (trace), 1)->probability, ==,
                             k == 0 ? 0.5 : 1.0);
          g_assert_cmpstr (hl_prediction_get_class (hl_trace_get_prediction (trace), 1)->name, ==, "yes");
          g_assert_nonnull (strstr (hl_prediction_get_note (hl_trace_get_prediction (trace)), "oftmax"));
        }

      g_assert_cmpstr (hl_instance_get_class_name (hl_document_get_instance (document, 1)), ==, "yes");
    }
}

/* The weights computed from queries and keys are the softmax of q·k·scale. */
static void
test_projected (void)
{
  static const float q[4] = { 1, 2, 3, -1 }; /* [token][dimension] */
  static const float k[4] = { 0.5f, 0, 1, 1 };
  static const char * const names[][2] = { { "queries.0", "keys.0" }, { "q", "k" }, { "Q_0", "K_0" } };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    for (guint causal = 0; causal < 2; causal++)
      {
        g_autoptr (HlContainer) container = hl_container_new ();
        g_autoptr (HlTrace) trace = NULL;
        HlAttention *attention;
        float row[2];

        add_values (container, names[i][0], SHAPE (1, 1, 2, 2), q);
        add_values (container, names[i][1], SHAPE (1, 1, 2, 2), k);
        hl_container_set_metadata (container, "scale", "0.25");
        hl_container_set_metadata (container, "causal", causal ? "true" : "false");
        trace = to_trace (container);
        attention = hl_trace_get_attention (trace, 0);
        assert_size (attention, 1, 1, 2, 2);
        g_assert_cmpint (hl_attention_is_causal (attention), ==, (int) causal);
        g_assert_cmpfloat (hl_projections_get_scale (hl_attention_get_projections (attention), 0), ==, 0.25);
        hl_attention_read_row (attention, 0, 0, 0, row);
        g_assert_cmpfloat_with_epsilon (row[0], causal ? 1 : 1 / (1 + exp (0.25 * (3 - 0.5))), 1e-6);
        hl_attention_read_row (attention, 0, 0, 1, row);
        g_assert_cmpfloat_with_epsilon (row[0], 1 / (1 + exp (0.25 * (2 - 1.5))), 1e-6);
      }
}

static void
test_dense_with_projections (void)
{
  g_autoptr (HlContainer) container = hl_container_new ();
  g_autoptr (HlTrace) trace = NULL;
  HlProjections *projections;

  add (container, "attention", SHAPE (2, 4, 3, 3));
  add (container, "queries", SHAPE (2, 4, 3, 5));
  add (container, "keys", SHAPE (2, 2, 3, 5));
  add (container, "values", SHAPE (2, 2, 3, 5));
  trace = to_trace (container);
  projections = hl_attention_get_projections (hl_trace_get_attention (trace, 0));
  g_assert_nonnull (projections);
  g_assert_true (hl_projections_has (projections, HL_PROJECTION_VALUE));
  g_assert_nonnull (hl_attention_get_stored (hl_trace_get_attention (trace, 0), 1));
  g_assert_cmpfloat_with_epsilon (hl_projections_get_scale (projections, 0), 1 / sqrt (5), 1e-12);
}

/* As Headlight's own example has it. */
static void
test_own (void)
{
  g_autoptr (HlContainer) container = hl_container_new ();
  g_autoptr (HlDocument) document = NULL;
  g_autoptr (HlTrace) trace = NULL;
  g_autoptr (GError) error = NULL;
  HlInstance *instance;
  const HlToken *token;
  HlPrediction *prediction;

  hl_container_set_metadata (container, "headlight.version", "1");
  hl_container_set_metadata (container, "title", "Little reviews");
  hl_container_set_metadata (container, "model", "Example encoder");
  hl_container_set_metadata (container, "kind", "encoder");

  for (guint i = 0; i < 11; i++)
    {
      const struct
      {
        const char *key;
        const char *value;
      } texts[] = {
        { "title", "One" },
        { "text", "Ab cd." },
        { "tokens", "[{\"text\":\"[CLS]\",\"id\":1,\"start\":null,\"end\":null,\"word\":null,\"segment\":0,"
                    "\"special\":true},"
                    "{\"text\":\"ab\",\"id\":5,\"start\":0,\"end\":2,\"word\":0,\"segment\":0,\"special\":false},"
                    "{\"text\":\"##cd\",\"id\":6,\"start\":3,\"end\":5,\"word\":0,\"segment\":1}]" },
        { "causal", "false" },
        { "scale", "0.25" },
        { "classes", "[{\"name\":\"bad\",\"probability\":0.25},{\"name\":\"good\",\"probability\":0.75}]" },
        { "label", "bad" },
      };

      for (guint k = 0; k < G_N_ELEMENTS (texts); k++)
        {
          g_autofree char *key = g_strdup_printf ("instances.%u.%s", i, texts[k].key);

          hl_container_set_metadata (container, key, texts[k].value);
        }

      for (guint layer = 0; layer < 2; layer++)
        {
          g_autofree char *attention = g_strdup_printf ("instances.%u.attention.%u", i, layer);
          g_autofree char *queries = g_strdup_printf ("instances.%u.queries.%u", i, layer);
          g_autofree char *keys = g_strdup_printf ("instances.%u.keys.%u", i, layer);

          add (container, attention, SHAPE (2, 3, 3));
          add (container, queries, SHAPE (2, 3, 4));
          add (container, keys, SHAPE (2, 3, 4));
        }
    }

  document = to_document (container);
  g_assert_cmpstr (hl_document_get_title (document), ==, "Little reviews");
  g_assert_cmpuint (hl_document_get_n_instances (document), ==, 11);
  g_assert_cmpuint (g_strv_length ((char **) hl_document_get_notes (document)), ==, 0);

  instance = hl_document_get_instance (document, 10);
  g_assert_cmpstr (hl_instance_get_title (instance), ==, "One");
  g_assert_cmpstr (hl_instance_get_text (instance), ==, "Ab cd.");
  g_assert_cmpuint (hl_instance_get_n_tokens (instance), ==, 3);
  g_assert_cmpstr (hl_instance_get_class_name (instance), ==, "good");
  g_assert_cmpfloat (hl_instance_get_probability (instance), ==, 0.75);
  g_assert_cmpint (hl_instance_get_correct (instance), ==, 0);

  trace = hl_document_load (document, 10, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpint (hl_attention_get_kind (hl_trace_get_attention (trace, 0)), ==, HL_ATTENTION_ENCODER);
  g_assert_cmpstr (hl_trace_get_metadata (trace, "model"), ==, "Example encoder");
  assert_weight (hl_trace_get_attention (trace, 0), 1, 1, 2, 2,
                 hl_container_get_tensor (container, "instances.10.attention.1"), 17);

  token = hl_tokens_get (hl_trace_get_tokens (trace), 0);
  g_assert_true (token->special);
  g_assert_cmpint (token->word, ==, -1);
  g_assert_cmpint (token->start, ==, -1);
  token = hl_tokens_get (hl_trace_get_tokens (trace), 2);
  g_assert_cmpstr (token->text, ==, "##cd");
  g_assert_cmpstr (token->surface, ==, "cd");
  g_assert_cmpint (token->id, ==, 6);
  g_assert_cmpint (token->start, ==, 3);
  g_assert_cmpint (token->end, ==, 5);
  g_assert_cmpint (token->word, ==, 0);
  g_assert_cmpint (token->segment, ==, 1);
  g_assert_false (token->special);

  prediction = hl_trace_get_prediction (trace);
  g_assert_cmpint (hl_prediction_get_label (prediction), ==, 0);
  g_assert_cmpint (hl_prediction_get_best (prediction), ==, 1);
}

static void
test_unknown_names (void)
{
  g_autoptr (HlContainer) container = hl_container_new ();
  g_autoptr (HlDocument) document = NULL;

  add (container, "attention", SHAPE (1, 1, 2, 2));
  add (container, "hidden_states", SHAPE (2, 2));
  add (container, "embeddings.word.weight", SHAPE (2, 2));
  hl_container_set_metadata (container, "format", "pt");
  document = to_document (container);
  g_assert_cmpuint (g_strv_length ((char **) hl_document_get_notes (document)), ==, 1);
  g_assert_nonnull (strstr (hl_document_get_notes (document)[0], "“hidden_states”"));
}

/* What numpy's savez() makes of the ways to call it, with and without names; tests/data/npz/make.py wrote them. */
static void
test_numpy (void)
{
  static const struct
  {
    const char *name;
    gboolean    has_tokens;
    gboolean    has_text;
  } files[] = { { "snippet.npz", TRUE, TRUE }, { "arguments.npz", TRUE, FALSE }, { "positional.npz", FALSE, FALSE } };
  float first = 0;

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "npz", "good", files[i].name, NULL);
      g_autoptr (GFile) file = g_file_new_for_path (path);
      g_autoptr (GError) error = NULL;
      g_autoptr (HlDocument) document = hl_format_open (file, NULL, NULL, NULL, &error);
      g_autoptr (HlTrace) trace = NULL;
      float row[5];

      g_assert_no_error (error);
      g_assert_cmpuint (hl_document_get_n_instances (document), ==, 1);
      g_assert_cmpstr (hl_document_get_title (document), ==, files[i].name);
      trace = hl_document_load (document, 0, NULL, &error);
      g_assert_no_error (error);
      assert_size (hl_trace_get_attention (trace, 0), 2, 3, 5, 5);
      g_assert_cmpstr (get_token (trace, 2), ==, files[i].has_tokens ? "cat" : "2");
      g_assert_cmpstr (hl_trace_get_text (trace), ==, files[i].has_text ? "The cat sat" : NULL);
      g_assert_cmpstr (hl_trace_get_metadata (trace, "model"), ==, files[i].has_text ? "bert-base-uncased" : NULL);

      /* The same numbers in all three. */
      hl_attention_read_row (hl_trace_get_attention (trace, 0), 1, 2, 4, row);
      g_assert_cmpfloat_with_epsilon (row[0] + row[1] + row[2] + row[3] + row[4], 1, 1e-6);
      g_assert_true (i == 0 || row[0] == first);
      first = row[0];
    }
}

/* What is shown to users must name what is read. */
static void
test_snippet (void)
{
  const char *snippet = hl_dump_get_python_snippet ();

  g_assert_true (g_utf8_validate (snippet, -1, NULL));
  g_assert_nonnull (strstr (snippet, "attention="));
  g_assert_nonnull (strstr (snippet, "tokens="));
  g_assert_nonnull (strstr (snippet, "text="));
  g_assert_true (g_str_has_suffix (snippet, ")\n"));
}

static void
test_beyond (void)
{
  g_autoptr (HlContainer) container = hl_container_new ();
  g_autoptr (HlTrace) trace = NULL;

  add_values (container, "attention", SHAPE (1, 1, 2, 2), (const float[]) { -0.0f, 1.001f, -0.5f, 7 });
  hl_container_set_metadata (container, "tokens", "[\"a\",\"b\"]");
  trace = to_trace (container);
  g_assert_cmpuint (g_strv_length ((char **) hl_trace_get_notes (trace)), ==, 1);
  g_assert_true (g_str_has_prefix (hl_trace_get_notes (trace)[0], "2 of the stored weights"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/dump/stacked", test_stacked);
  g_test_add_func ("/dump/layers", test_layers);
  g_test_add_func ("/dump/layer-numbers", test_layer_numbers);
  g_test_add_func ("/dump/encoder-decoder", test_encoder_decoder);
  g_test_add_func ("/dump/left-right", test_left_right);
  g_test_add_func ("/dump/batch", test_batch);
  g_test_add_func ("/dump/projected", test_projected);
  g_test_add_func ("/dump/dense-with-projections", test_dense_with_projections);
  g_test_add_func ("/dump/own", test_own);
  g_test_add_func ("/dump/unknown-names", test_unknown_names);
  g_test_add_func ("/dump/numpy", test_numpy);
  g_test_add_func ("/dump/snippet", test_snippet);
  g_test_add_func ("/dump/beyond", test_beyond);

  return g_test_run ();
}
