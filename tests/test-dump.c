#include "hl-dump.h"

#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "assert-sentence.h"
#include "hl-format-private.h"
#include "hl-safetensors.h"

/* Deterministic values that look like attention: rows sum to 1. */
static HlTensor *
make_attention (guint        rank,
                const gsize *shape,
                guint32      seed)
{
  gsize n_keys = shape[rank - 1];
  gsize n = 1;
  float *values;

  for (guint axis = 0; axis < rank; axis++)
    n *= shape[axis];

  values = g_new (float, n);

  for (gsize row = 0; row < n / n_keys; row++)
    {
      float sum = 0;

      for (gsize key = 0; key < n_keys; key++)
        {
          seed = seed * 1664525u + 1013904223u;
          values[row * n_keys + key] = 0.01f + (float) (seed >> 16) / 65536.0f;
          sum += values[row * n_keys + key];
        }

      for (gsize key = 0; key < n_keys; key++)
        values[row * n_keys + key] /= sum;
    }

  return hl_tensor_new_take_f32 (rank, shape, values);
}

#define SHAPE(...) G_N_ELEMENTS (((const gsize[]) { __VA_ARGS__ })), (const gsize[]) { __VA_ARGS__ }

static void
add (HlContainer *container,
     const char  *name,
     guint        rank,
     const gsize *shape)
{
  g_autoptr (HlTensor) tensor = make_attention (rank, shape, (guint32) g_str_hash (name));

  hl_container_add_tensor (container, name, tensor);
}

static void
add_values (HlContainer *container,
            const char  *name,
            guint        rank,
            const gsize *shape,
            const float *values)
{
  gsize n = 1;
  g_autoptr (HlTensor) tensor = NULL;

  for (guint axis = 0; axis < rank; axis++)
    n *= shape[axis];

  tensor = hl_tensor_new_take_f32 (rank, shape, g_memdup2 (values, MAX (n, 1) * sizeof (float)));
  hl_container_add_tensor (container, name, tensor);
}

static GBytes *
to_bytes (HlContainer *container)
{
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr (GError) error = NULL;

  hl_safetensors_write (container, stream, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_close (stream, NULL, NULL);

  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (stream));
}

static HlDocument *
to_document (HlContainer *container)
{
  g_autoptr (GBytes) bytes = to_bytes (container);
  g_autoptr (GError) error = NULL;
  HlDocument *document = hl_format_read (bytes, "a.safetensors", NULL, NULL, NULL, &error);

  g_assert_no_error (error);

  return document;
}

static HlTrace *
to_trace (HlContainer *container)
{
  g_autoptr (HlDocument) document = to_document (container);
  g_autoptr (GError) error = NULL;
  HlTrace *trace;

  g_assert_cmpuint (hl_document_get_n_instances (document), ==, 1);
  trace = hl_document_load (document, 0, NULL, &error);
  g_assert_no_error (error);

  return trace;
}

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

/* --- Round trips --- */

static HlTokens *
make_tokens (const char         *input,
             const char * const *strings,
             gsize               n)
{
  return hl_tokens_new_from_strings (input, strings, n, n);
}

static HlAttention *
make_dense (HlAttentionKind  kind,
            HlTokens        *queries,
            HlTokens        *keys,
            gsize            n_layers,
            guint32          seed)
{
  g_autoptr (GPtrArray) layers = g_ptr_array_new_with_free_func ((GDestroyNotify) hl_tensor_unref);
  g_autoptr (GError) error = NULL;
  HlAttention *attention;

  for (gsize layer = 0; layer < n_layers; layer++)
    g_ptr_array_add (layers, make_attention (SHAPE (1 + layer % 3, hl_tokens_get_length (queries),
                                                    hl_tokens_get_length (keys)), seed + (guint32) layer));

  attention = hl_attention_new_dense (kind, queries, keys, (HlTensor * const *) layers->pdata, n_layers, &error);
  g_assert_no_error (error);

  return attention;
}

static HlProjections *
make_projections (gsize    n_layers,
                  gsize    n_heads,
                  gsize    n_queries,
                  gsize    n_keys,
                  gboolean values,
                  double   scale)
{
  g_autoptr (GPtrArray) tensors = g_ptr_array_new_with_free_func ((GDestroyNotify) hl_tensor_unref);
  g_autoptr (GError) error = NULL;
  HlProjections *projections;
  HlTensor **all;

  for (gsize layer = 0; layer < n_layers; layer++)
    g_ptr_array_add (tensors, make_attention (SHAPE (n_heads, n_queries, 6), (guint32) layer));
  for (gsize layer = 0; layer < n_layers; layer++)
    g_ptr_array_add (tensors, make_attention (SHAPE (1, n_keys, 6), 100 + (guint32) layer));
  for (gsize layer = 0; layer < n_layers; layer++)
    g_ptr_array_add (tensors, make_attention (SHAPE (1, n_keys, 7), 200 + (guint32) layer));

  all = (HlTensor **) tensors->pdata;
  projections = hl_projections_new (all, all + n_layers, values ? all + 2 * n_layers : NULL, n_layers, scale, &error);
  g_assert_no_error (error);

  return projections;
}

static const char * const english[] = { "[CLS]", "\"quoted\"", "back\\slash", "new\nline", "café", "😀", "", "[SEP]" };
static const char * const german[] = { "<s>", "▁Haus", "tür" };

static HlTrace *
make_plain (void)
{
  HlTrace *trace = hl_trace_new ("Plain “title”");
  g_autoptr (HlTokens) tokens = make_tokens ("the input", english, 8);
  g_autoptr (HlAttention) attention = make_dense (HL_ATTENTION_SELF, tokens, tokens, 4, 1);

  hl_trace_add_attention (trace, attention);
  hl_trace_set_text (trace, "the input");
  hl_trace_set_metadata (trace, "model", "bert-base-uncased");
  hl_trace_set_metadata (trace, "source", "tab\there");
  hl_trace_set_metadata (trace, "attention.0", "no tensor");
  hl_trace_set_metadata (trace, "", "");
  hl_trace_add_note (trace, "A note.");
  hl_trace_add_note (trace, "");

  return trace;
}

static HlTrace *
make_numbered (void)
{
  HlTrace *trace = hl_trace_new (NULL);
  g_autoptr (HlTokens) tokens = make_tokens (NULL, german, 3);
  g_autoptr (HlAttention) attention = make_dense (HL_ATTENTION_ENCODER, tokens, tokens, 3, 2);
  g_autoptr (HlProjections) projections = NULL;
  g_autoptr (HlAttention) with = NULL;
  g_autoptr (HlTensor) layer = make_attention (SHAPE (2, 3, 3), 3);
  g_autoptr (GError) error = NULL;

  /* Text of the instance, but none of the tokens. */
  hl_trace_set_text (trace, "Haustür");
  hl_attention_set_layer_numbers (attention, (const guint[]) { 9, 4, 11 });
  hl_attention_set_head_numbers (attention, (const guint[]) { 0, 5, 2 });
  hl_trace_add_attention (trace, attention);

  /* A second one of the same kind, stored with its projections. */
  with = hl_attention_new_dense (HL_ATTENTION_ENCODER, tokens, tokens, &layer, 1, &error);
  g_assert_no_error (error);
  projections = make_projections (1, 2, 3, 3, FALSE, 0);
  g_assert_true (hl_attention_set_projections (with, projections, &error));
  hl_trace_add_attention (trace, with);

  return trace;
}

static HlTrace *
make_encoder_decoder (void)
{
  HlTrace *trace = hl_trace_new ("Translation");
  g_autoptr (HlTokens) left = make_tokens ("Eine Haustür", german, 3);
  g_autoptr (HlTokens) right = make_tokens ("other", english, 8);
  g_autoptr (HlProjections) own = make_projections (2, 3, 3, 3, TRUE, 0.3);
  g_autoptr (HlProjections) across = make_projections (2, 4, 3, 8, FALSE, 1.0);
  g_autoptr (HlAttention) cross = NULL;
  g_autoptr (HlAttention) decoder = NULL;
  g_autoptr (HlAttention) encoder = make_dense (HL_ATTENTION_ENCODER, right, right, 2, 5);
  g_autoptr (GError) error = NULL;

  cross = hl_attention_new_projected (HL_ATTENTION_CROSS, left, right, across, FALSE, &error);
  g_assert_no_error (error);
  decoder = hl_attention_new_projected (HL_ATTENTION_DECODER, left, left, own, FALSE, &error);
  g_assert_no_error (error);
  hl_trace_add_attention (trace, cross);
  hl_trace_add_attention (trace, decoder);
  hl_trace_add_attention (trace, encoder);
  hl_trace_set_text (trace, "A front door");

  return trace;
}

static HlTrace *
make_causal (void)
{
  HlTrace *trace = hl_trace_new (NULL);
  g_autoptr (HlTokens) tokens = make_tokens (NULL, german, 3);
  g_autoptr (HlProjections) projections = make_projections (3, 2, 3, 3, TRUE, 0);
  g_autoptr (HlAttention) attention = hl_attention_new_projected (HL_ATTENTION_SELF, tokens, tokens, projections, TRUE,
                                                                  NULL);

  hl_attention_set_layer_numbers (attention, (const guint[]) { 1, 2, 3 });
  hl_trace_add_attention (trace, attention);

  return trace;
}

static HlTrace *
make_scores (HlTask task)
{
  HlTrace *trace = hl_trace_new ("Scores");
  g_autoptr (HlTokens) tokens = make_tokens ("the input", english, 8);
  g_autoptr (HlTokens) other = make_tokens (NULL, german, 3);
  g_autoptr (HlScores) first = hl_scores_new (NULL, tokens);
  g_autoptr (HlScores) second = hl_scores_new ("Saliency", other);
  g_autoptr (HlScores) third = hl_scores_new ("Empty", other);
  g_autoptr (HlPrediction) prediction = hl_prediction_new (task);

  hl_trace_set_text (trace, "the input");
  hl_scores_add_channel (first, "Head 1", (const float[]) { 0, 1, -1, NAN, 1e-30f, 3e38f, -0.0f, 0.1f }, -1, TRUE);
  hl_scores_add_channel (first, "Head \"2\"", (const float[8]) { 0 }, 0x1a2b3c, FALSE);
  hl_scores_add_channel (second, "", (const float[]) { 1, 2, 3 }, 0, TRUE);
  hl_trace_add_scores (trace, first);
  hl_trace_add_scores (trace, second);
  hl_trace_add_scores (trace, third);

  if (task == HL_TASK_REGRESSION)
    hl_prediction_set_values (prediction, 0.1 + 0.2, -1e300);
  else
    {
      hl_prediction_add_class (prediction, &(HlClass) { "no", "Denial", 1.0 / 3, FALSE, TRUE });
      hl_prediction_add_class (prediction, &(HlClass) { "yes", NULL, 2.0 / 3, TRUE, task == HL_TASK_MULTI_LABEL });
      hl_prediction_add_class (prediction, &(HlClass) { "", "", NAN, FALSE, FALSE });
      hl_prediction_add_class (prediction, &(HlClass) { "far", NULL, INFINITY, FALSE, FALSE });
      hl_prediction_set_note (prediction, "From elsewhere");
    }

  hl_trace_set_prediction (trace, prediction);

  return trace;
}

static HlDocument *
save_and_open (HlTrace * const *traces,
               gsize            n,
               const char      *title)
{
  g_autofree char *path = NULL;
  g_autoptr (GFile) file = NULL;
  g_autoptr (GError) error = NULL;
  HlDocument *document;
  int fd = g_file_open_tmp ("headlight-XXXXXX.safetensors", &path, &error);

  g_assert_no_error (error);
  g_close (fd, NULL);
  file = g_file_new_for_path (path);
  g_assert_true (hl_dump_write (traces, n, title, file, NULL, &error));
  g_assert_no_error (error);
  document = hl_format_open (file, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_remove (path);

  return document;
}

static void
test_round_trip (void)
{
  HlTrace *traces[] = {
    make_plain (),
    make_numbered (),
    make_encoder_decoder (),
    make_causal (),
    make_scores (HL_TASK_CLASSIFICATION),
    make_scores (HL_TASK_MULTI_LABEL),
    make_scores (HL_TASK_REGRESSION),
  };
  const gsize n = G_N_ELEMENTS (traces);
  g_autoptr (HlDocument) document = save_and_open (traces, n, "All “kinds”");

  g_assert_cmpuint (hl_document_get_n_instances (document), ==, n);
  g_assert_cmpstr (hl_document_get_title (document), ==, "All “kinds”");
  g_assert_cmpuint (g_strv_length ((char **) hl_document_get_notes (document)), ==, 0);

  for (gsize i = 0; i < n; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (HlTrace) trace = hl_document_load (document, (guint) i, NULL, &error);

      g_assert_no_error (error);
      if (!hl_trace_equal (trace, traces[i]))
        g_error ("Trace %" G_GSIZE_FORMAT " does not come back equal", i);
      /* The comparison itself must be able to fail. */
      g_assert_false (hl_trace_equal (trace, traces[(i + 1) % n]));
    }

  for (gsize i = 0; i < n; i++)
    hl_trace_unref (traces[i]);
}

/* What other programs wrote survives being saved here: each file's first instances, into one dump and back. */
static void
assert_survives (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GPtrArray) traces = g_ptr_array_new_with_free_func ((GDestroyNotify) hl_trace_unref);
  g_autoptr (HlDocument) document = hl_format_open (file, NULL, NULL, NULL, NULL);
  g_autoptr (HlDocument) again = NULL;

  for (guint i = 0; document != NULL && i < MIN (hl_document_get_n_instances (document), 3); i++)
    {
      HlTrace *trace = hl_document_load (document, i, NULL, NULL);

      if (trace != NULL)
        g_ptr_array_add (traces, trace);
    }

  g_test_message ("%s: %u", path, traces->len);

  if (traces->len == 0)
    return;

  again = save_and_open ((HlTrace * const *) traces->pdata, traces->len, NULL);
  g_assert_cmpuint (hl_document_get_n_instances (again), ==, traces->len);

  for (guint i = 0; i < traces->len; i++)
    {
      g_autoptr (GError) error = NULL;
      g_autoptr (HlTrace) trace = hl_document_load (again, i, NULL, &error);

      g_assert_no_error (error);
      if (!hl_trace_equal (trace, g_ptr_array_index (traces, i)))
        g_error ("Instance %u of %s does not come back equal", i, path);
    }
}

static guint
walk (const char *folder,
      guint       most)
{
  g_autoptr (GDir) dir = g_dir_open (folder, 0, NULL);
  const char *name;
  guint n = 0;

  while (dir != NULL && n < most && (name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *path = g_build_filename (folder, name, NULL);
      GStatBuf status;

      if (g_file_test (path, G_FILE_TEST_IS_DIR))
        n += walk (path, most - n);
      else if (g_stat (path, &status) == 0 && status.st_size < 6 << 20)
        {
          assert_survives (path);
          n++;
        }
    }

  return n;
}

static void
test_other_formats (void)
{
  static const char * const folders[] = { "attviz/good", "bertviz/good", "neatvision/good" };

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", folders[i], NULL);

      g_assert_cmpuint (walk (path, 1000), >, 0);
    }
}

static void
test_real (void)
{
  static const char * const folders[] = { "data/attviz", "data/bertviz", "data/neat-vision" };
  const char *shared = g_getenv ("HEADLIGHT_SHARED");

  for (guint i = 0; i < G_N_ELEMENTS (folders); i++)
    {
      g_autofree char *path = g_build_filename (shared != NULL ? shared : "", folders[i], NULL);

      if (!g_file_test (path, G_FILE_TEST_IS_DIR))
        {
          g_test_skip ("The folder of real files is not there");
          return;
        }

      g_assert_cmpuint (walk (path, 40), >, 0);
    }
}

/* Any difference at all is seen. */
static void
test_equal (void)
{
  g_autoptr (HlTrace) a = make_plain ();
  g_autoptr (HlTrace) b = make_plain ();
  g_autoptr (HlTrace) c = make_scores (HL_TASK_CLASSIFICATION);
  g_autoptr (HlTrace) d = make_scores (HL_TASK_CLASSIFICATION);

  g_assert_true (hl_trace_equal (a, b));
  hl_trace_set_metadata (b, "more", "");
  g_assert_false (hl_trace_equal (a, b));
  hl_trace_set_metadata (a, "more", "");
  g_assert_true (hl_trace_equal (a, b));
  hl_trace_add_note (b, "x");
  g_assert_false (hl_trace_equal (a, b));

  g_assert_true (hl_trace_equal (c, d));
  hl_scores_add_channel (hl_trace_get_scores (d, 1), "more", (const float[]) { 1, 2, 3 }, -1, TRUE);
  g_assert_false (hl_trace_equal (c, d));
  hl_scores_add_channel (hl_trace_get_scores (c, 1), "more", (const float[]) { 1, 2, 4 }, -1, TRUE);
  g_assert_false (hl_trace_equal (c, d));
}

static void
test_write_errors (void)
{
  g_autoptr (HlTrace) empty = hl_trace_new ("Empty");
  g_autoptr (HlTrace) plain = make_plain ();
  g_autoptr (GFile) nowhere = g_file_new_for_path ("/nonexistent/folder/a.safetensors");
  g_autoptr (GError) error = NULL;

  g_assert_false (hl_dump_write (&empty, 1, NULL, nowhere, NULL, &error));
  g_assert_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY);
  assert_sentence (error);
  g_clear_error (&error);

  g_assert_false (hl_dump_write (&plain, 1, NULL, nowhere, NULL, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND);
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

  for (guint i = 0; i < G_N_ELEMENTS (bad_texts); i++)
    {
      g_autofree char *path = g_strconcat ("/dump/bad-text/", bad_texts[i].name, NULL);

      g_test_add_data_func (path, &bad_texts[i], test_bad_text);
    }

  g_test_add_func ("/dump/bad-tensors", test_bad_tensors);
  g_test_add_func ("/dump/not-finite", test_not_finite);
  g_test_add_func ("/dump/beyond", test_beyond);
  g_test_add_func ("/dump/cancelled", test_cancelled);
  g_test_add_func ("/dump/round-trip", test_round_trip);
  g_test_add_func ("/dump/other-formats", test_other_formats);
  g_test_add_func ("/dump/real", test_real);
  g_test_add_func ("/dump/equal", test_equal);
  g_test_add_func ("/dump/write-errors", test_write_errors);
  g_test_add_func ("/dump/truncated", test_truncated);
  g_test_add_func ("/dump/damaged-json", test_damaged_json);
  g_test_add_func ("/dump/many", test_many);

  return g_test_run ();
}
