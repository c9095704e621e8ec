/* Real files: what BertViz wrote for real models since 2018, and for small random models with all values known. */

#include "broken-files.h"

#include <json-glib/json-glib.h>
#include <math.h>

#include "hl-format-private.h"
#include "shared-files.h"

/* NULL, and the test is skipped, where the folder of real files is missing. */
static char *
find_file (const char *name)
{
  g_autofree char *path = g_build_filename ("data", "bertviz", name, NULL);

  return find_shared (path);
}

static HlTrace *
open_trace (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (HlDocument) document = hl_format_open (file, NULL, NULL, NULL, &error);
  HlTrace *trace;

  g_assert_no_error (error);
  g_assert_cmpuint (hl_document_get_n_instances (document), ==, 1);
  g_assert_null (hl_document_get_notes (document)[0]);
  trace = hl_document_load (document, 0, NULL, &error);
  g_assert_no_error (error);

  return trace;
}

static JsonParser *
parse_json (const char *path)
{
  JsonParser *parser = json_parser_new_immutable ();
  GError *error = NULL;

  json_parser_load_from_file (parser, path, &error);
  g_assert_no_error (error);

  return parser;
}

typedef struct
{
  const char *name;
  gsize       n_layers, n_heads, n_tokens;
  gsize       segment_b;  /* 0: none */
  gboolean    is_causal;
  const char *view;
} Params;

static const Params params_files[] = {
  { "bert-base-uncased__head-model__L12H12T15__A2__903b3923.json", 12, 12, 15, 8, FALSE, "attention" },
  { "bert-base-uncased__head__L12H12T11__C__c69805a8.json", 12, 12, 11, 6, FALSE, "head view" },
  { "bert-base-uncased__head__L12H12T19__A0__4ca3f130.json", 12, 12, 19, 8, FALSE, "attention" },
  { "bert-base-uncased__head__L12H12T8__B__ae2dfa21.json", 12, 12, 8, 0, FALSE, "attention" },
  { "bert-base-uncased__model__L12H12T15__A1__d07fc11f.json", 12, 12, 15, 8, FALSE, "attention" },
  { "distilbert-base-uncased__model__L6H12T11__C__237c99b3.json", 6, 12, 11, 0, FALSE, "attention" },
  { "gpt2__head-model__L12H12T12__B__4c45bc98.json", 12, 12, 12, 0, TRUE, "attention" },
  { "gpt2__head-model__L12H12T17__A-flat__41062d51.json", 12, 12, 17, 0, TRUE, "attention" },
  { "gpt2__neuron__L12H12T9__A-flat__65e31182.json", 12, 12, 9, 0, TRUE, "neuron view" },
  { "roberta-base__model__L12H12T16__C__3d313d45.json", 12, 12, 16, 0, FALSE, "model view" },
  { "xlm-mlm-ende-1024__head__L6H8T15__B__d9b5b5d6.json", 6, 8, 15, 0, FALSE, "attention" },
  { "xlnet-large-cased__head-model__L24H16T11__B__044e5673.json", 24, 16, 11, 0, FALSE, "attention" },
};

/* The object that has the whole matrix. */
static JsonObject *
find_whole (JsonParser *parser)
{
  JsonObject *object = json_node_get_object (json_parser_get_root (parser));

  if (json_object_has_member (object, "attention"))
    object = json_object_get_object_member (object, "attention");
  if (json_object_has_member (object, "all"))
    object = json_object_get_object_member (object, "all");

  return object;
}

static JsonArray *
find_array (JsonObject *object,
            const char *name,
            const char *early_name)
{
  return json_object_get_array_member (object, json_object_has_member (object, name) ? name : early_name);
}

/* @array: [layer][head][row][column], equal to the weights to the last bit. */
static void
assert_weights (HlAttention *attention,
                JsonArray   *array)
{
  gsize n_keys = hl_attention_get_n_keys (attention);
  g_autofree float *row = g_new (float, n_keys);

  g_assert_cmpuint (json_array_get_length (array), ==, hl_attention_get_n_layers (attention));
  for (guint layer = 0; layer < json_array_get_length (array); layer++)
    {
      JsonArray *heads = json_array_get_array_element (array, layer);

      g_assert_cmpuint (json_array_get_length (heads), ==, hl_attention_get_n_heads (attention, layer));
      for (guint head = 0; head < json_array_get_length (heads); head++)
        {
          JsonArray *rows = json_array_get_array_element (heads, head);

          g_assert_cmpuint (json_array_get_length (rows), ==, hl_attention_get_n_queries (attention));
          for (guint query = 0; query < json_array_get_length (rows); query++)
            {
              JsonArray *numbers = json_array_get_array_element (rows, query);

              g_assert_cmpuint (json_array_get_length (numbers), ==, n_keys);
              hl_attention_read_row (attention, layer, head, query, row);
              for (guint key = 0; key < n_keys; key++)
                g_assert_true (row[key] == (float) json_array_get_double_element (numbers, key));
            }
        }
    }
}

static void
assert_tokens (HlTokens  *tokens,
               JsonArray *array)
{
  g_assert_cmpuint (hl_tokens_get_length (tokens), ==, json_array_get_length (array));
  for (guint i = 0; i < json_array_get_length (array); i++)
    g_assert_cmpstr (hl_tokens_get (tokens, i)->text, ==, json_array_get_string_element (array, i));
}

/* Rows sum to 1, and nothing was noted. */
static void
assert_plain (HlTrace *trace)
{
  for (gsize i = 0; i < hl_trace_get_n_attentions (trace); i++)
    {
      HlAttention *attention = hl_trace_get_attention (trace, i);
      gsize n_keys = hl_attention_get_n_keys (attention);
      g_autofree float *row = g_new (float, n_keys);

      for (gsize layer = 0; layer < hl_attention_get_n_layers (attention); layer++)
        for (gsize head = 0; head < hl_attention_get_n_heads (attention, layer); head++)
          for (gsize query = 0; query < hl_attention_get_n_queries (attention); query++)
            {
              double sum = 0;

              hl_attention_read_row (attention, layer, head, query, row);
              for (gsize key = 0; key < n_keys; key++)
                sum += row[key];
              g_assert_cmpfloat_with_epsilon (sum, 1, 1e-5);
            }
    }
  g_assert_null (hl_trace_get_notes (trace)[0]);
}

/* The weights are what the queries and keys give (Vaswani et al. 2017, eq. 1). */
static void
assert_softmax (HlAttention *attention)
{
  HlProjections *projections = hl_attention_get_projections (attention);
  g_autoptr (HlAttention) projected = NULL;
  g_autoptr (GError) error = NULL;
  gsize n = hl_attention_get_n_queries (attention);
  g_autofree float *stored = g_new (float, n);
  g_autofree float *computed = g_new (float, n);

  g_assert_nonnull (projections);
  projected = hl_attention_new_projected (HL_ATTENTION_SELF, hl_attention_get_queries (attention),
                                          hl_attention_get_keys (attention), projections,
                                          hl_attention_is_causal (attention), &error);
  g_assert_no_error (error);
  for (gsize layer = 0; layer < hl_attention_get_n_layers (attention); layer++)
    for (gsize head = 0; head < hl_attention_get_n_heads (attention, layer); head++)
      for (gsize query = 0; query < n; query++)
        {
          hl_attention_read_row (attention, layer, head, query, stored);
          hl_attention_read_row (projected, layer, head, query, computed);
          for (gsize key = 0; key < n; key++)
            g_assert_cmpfloat_with_epsilon (stored[key], computed[key], 1e-5);
        }
}

static void
test_params (gconstpointer data)
{
  const Params *params = data;
  g_autofree char *path = find_file (params->name);
  g_autoptr (HlTrace) trace = NULL;
  g_autoptr (JsonParser) parser = NULL;
  JsonObject *whole;
  HlAttention *attention;
  HlTokens *tokens;

  if (path == NULL)
    return;

  trace = open_trace (path);
  parser = parse_json (path);
  whole = find_whole (parser);
  g_assert_cmpuint (hl_trace_get_n_attentions (trace), ==, 1);
  g_assert_cmpstr (hl_trace_get_metadata (trace, "view"), ==, params->view);
  attention = hl_trace_get_attention (trace, 0);
  tokens = hl_attention_get_queries (attention);
  g_assert_cmpint (hl_attention_get_kind (attention), ==, HL_ATTENTION_SELF);
  g_assert_cmpuint (hl_attention_get_n_layers (attention), ==, params->n_layers);
  g_assert_cmpuint (hl_attention_get_max_heads (attention), ==, params->n_heads);
  g_assert_cmpuint (hl_tokens_get_length (tokens), ==, params->n_tokens);
  g_assert_true (hl_attention_get_keys (attention) == tokens);
  g_assert_cmpint (hl_attention_is_causal (attention), ==, params->is_causal);
  for (gsize i = 0; i < params->n_tokens; i++)
    g_assert_cmpint (hl_tokens_get (tokens, i)->segment, ==, params->segment_b > 0 && i >= params->segment_b);

  assert_plain (trace);
  assert_weights (attention, find_array (whole, "attn", "att"));
  assert_tokens (tokens, find_array (whole, "left_text", "top_text"));
  if (json_object_has_member (whole, "queries"))
    assert_softmax (attention);
  else
    g_assert_null (hl_attention_get_projections (attention));
}

static void
test_params_encoder_decoder (void)
{
  g_autofree char *path = find_file ("Helsinki-NLP_opus-mt-en-de__head__L6H8T7__D__5476db1f.json");
  static const HlAttentionKind kinds[] = { HL_ATTENTION_ENCODER, HL_ATTENTION_DECODER, HL_ATTENTION_CROSS };
  g_autoptr (HlTrace) trace = NULL;
  g_autoptr (JsonParser) parser = NULL;
  JsonArray *parts;

  if (path == NULL)
    return;

  trace = open_trace (path);
  parser = parse_json (path);
  parts = json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)), "attention");
  g_assert_cmpuint (hl_trace_get_n_attentions (trace), ==, 3);
  for (guint i = 0; i < 3; i++)
    {
      HlAttention *attention = hl_trace_get_attention (trace, i);
      JsonObject *part = json_array_get_object_element (parts, i);

      g_assert_cmpint (hl_attention_get_kind (attention), ==, kinds[i]);
      assert_weights (attention, json_object_get_array_member (part, "attn"));
      assert_tokens (hl_attention_get_queries (attention), json_object_get_array_member (part, "left_text"));
      assert_tokens (hl_attention_get_keys (attention), json_object_get_array_member (part, "right_text"));
    }
  g_assert_true (hl_attention_get_queries (hl_trace_get_attention (trace, 2)) ==
                 hl_attention_get_queries (hl_trace_get_attention (trace, 1)));
  g_assert_true (hl_attention_get_keys (hl_trace_get_attention (trace, 2)) ==
                 hl_attention_get_queries (hl_trace_get_attention (trace, 0)));
  g_assert_true (hl_attention_is_causal (hl_trace_get_attention (trace, 1)));
  assert_plain (trace);
}

typedef struct
{
  const char *name;
  const char *title;
  const char *same;
} Notebook;

static const Notebook notebooks[] = {
  { "notebooks/bertviz_map_gpt2_2019-03.ipynb", "Cell 5, output 3: attention",
    "gpt2__head-model__L12H12T17__A-flat__41062d51.json" },
  { "notebooks/head_view_bert_2021-02.ipynb", "Cell 3, output 2: head view",
    "bert-base-uncased__head__L12H12T11__C__c69805a8.json" },
  { "notebooks/head_view_encoder_decoder_2021-05.ipynb", "Cell 1, output 3: head view",
    "Helsinki-NLP_opus-mt-en-de__head__L6H8T7__D__5476db1f.json" },
};

static void
test_notebook (gconstpointer data)
{
  const Notebook *notebook = data;
  g_autofree char *path = find_file (notebook->name);
  g_autofree char *same_path = find_file (notebook->same);
  g_autoptr (HlTrace) trace = NULL;
  g_autoptr (HlTrace) same = NULL;

  if (path == NULL || same_path == NULL)
    return;

  trace = open_trace (path);
  same = open_trace (same_path);
  g_assert_cmpstr (hl_trace_get_title (trace), ==, notebook->title);
  g_assert_cmpuint (hl_trace_get_n_attentions (trace), ==, hl_trace_get_n_attentions (same));
  for (gsize i = 0; i < hl_trace_get_n_attentions (same); i++)
    {
      HlAttention *a = hl_trace_get_attention (trace, i);
      HlAttention *b = hl_trace_get_attention (same, i);
      gsize n = hl_attention_get_n_queries (b) * hl_attention_get_n_keys (b);
      g_autofree float *block_a = g_new (float, n);
      g_autofree float *block_b = g_new (float, n);

      g_assert_true (hl_tokens_equal (hl_attention_get_queries (a), hl_attention_get_queries (b)));
      g_assert_true (hl_tokens_equal (hl_attention_get_keys (a), hl_attention_get_keys (b)));
      g_assert_cmpuint (hl_attention_get_n_layers (a), ==, hl_attention_get_n_layers (b));
      for (gsize layer = 0; layer < hl_attention_get_n_layers (b); layer++)
        for (gsize head = 0; head < hl_attention_get_n_heads (b, layer); head++)
          {
            hl_attention_read (a, layer, head, 0, hl_attention_get_n_queries (a), 0, hl_attention_get_n_keys (a), block_a);
            hl_attention_read (b, layer, head, 0, hl_attention_get_n_queries (b), 0, hl_attention_get_n_keys (b), block_b);
            g_assert_cmpmem (block_a, n * sizeof (float), block_b, n * sizeof (float));
          }
    }
}

typedef struct
{
  const char *name;
  const char *reference;  /* folder (nullable: another input) */
  gsize       n_layers, n_heads, n_tokens;
  gsize       segment_b;
  const char *view;
  const char *layer;
  const char *heads;
} Page;

static const Page pages[] = {
  { "emitted/bert/head.html", "bert", 3, 4, 21, 0, "head view", "2", "0,2" },
  { "emitted/bert/head_pair.html", "bert", 3, 4, 21, 9, "head view", NULL, NULL },
  { "emitted/bert/model.html", "bert", 2, 2, 21, 0, "model view", NULL, NULL },
  { "emitted/bert/model_pair.html", "bert", 3, 4, 21, 9, "model view", NULL, NULL },
  { "emitted/bert/neuron.html", NULL, 3, 4, 9, 0, "neuron view", NULL, NULL },
  { "emitted/bert/neuron_pair.html", "bert", 3, 4, 21, 9, "neuron view", "2", "2" },
  { "emitted/gpt2/head.html", "gpt2", 3, 4, 7, 0, "head view", "2", "0,2" },
  { "emitted/gpt2/model.html", "gpt2", 2, 2, 7, 0, "model view", NULL, NULL },
  { "emitted/gpt2/neuron.html", "gpt2", 3, 4, 7, 0, "neuron view", NULL, NULL },
  { "emitted/roberta/head.html", "roberta", 3, 4, 9, 0, "head view", "2", "0,2" },
  { "emitted/roberta/model.html", "roberta", 2, 2, 9, 0, "model view", NULL, NULL },
  { "emitted/roberta/neuron.html", "roberta", 3, 4, 9, 0, "neuron view", NULL, NULL },
  { "emitted/roberta/neuron_pair.html", NULL, 3, 4, 19, 9, "neuron view", "2", "2" },
};

static void
assert_row (const float *row,
            JsonArray   *expected,
            gsize        n)
{
  g_assert_cmpuint (json_array_get_length (expected), ==, n);
  for (guint i = 0; i < n; i++)
    g_assert_cmpfloat_with_epsilon (row[i], json_array_get_double_element (expected, i), 1e-6);
}

/* [layer][head][row] of a reference, by the numbers that layer and head have in the model. */
static JsonArray *
get_reference_row (JsonObject  *reference,
                   const char  *name,
                   HlAttention *attention,
                   gsize        layer,
                   gsize        head,
                   gsize        row)
{
  JsonArray *array = json_object_get_array_member (reference, name);

  array = json_array_get_array_element (array, hl_attention_get_layer_number (attention, layer));
  array = json_array_get_array_element (array, hl_attention_get_head_number (attention, head));

  return json_array_get_array_element (array, (guint) row);
}

static void
assert_reference (HlAttention *attention,
                  const char  *folder)
{
  g_autofree char *name = g_strdup_printf ("emitted/%s/reference.json", folder);
  g_autofree char *path = find_file (name);
  g_autoptr (JsonParser) parser = parse_json (path);
  JsonObject *reference = json_node_get_object (json_parser_get_root (parser));
  HlProjections *projections = hl_attention_get_projections (attention);
  gsize n = hl_attention_get_n_queries (attention);
  float row[64];

  for (gsize layer = 0; layer < hl_attention_get_n_layers (attention); layer++)
    for (gsize head = 0; head < hl_attention_get_n_heads (attention, layer); head++)
      for (gsize token = 0; token < n; token++)
        {
          hl_attention_read_row (attention, layer, head, token, row);
          assert_row (row, get_reference_row (reference, "attn", attention, layer, head, token), n);
          if (projections == NULL)
            continue;
          g_assert_cmpuint (hl_projections_get_dimension (projections, HL_PROJECTION_QUERY, layer), ==, 8);
          hl_projections_read (projections, HL_PROJECTION_QUERY, layer, head, token, 1, row);
          assert_row (row, get_reference_row (reference, "queries", attention, layer, head, token), 8);
          hl_projections_read (projections, HL_PROJECTION_KEY, layer, head, token, 1, row);
          assert_row (row, get_reference_row (reference, "keys", attention, layer, head, token), 8);
        }
}

static void
test_page (gconstpointer data)
{
  const Page *page = data;
  g_autofree char *path = find_file (page->name);
  g_autoptr (HlTrace) trace = NULL;
  HlAttention *attention;
  HlTokens *tokens;

  if (path == NULL)
    return;

  trace = open_trace (path);
  attention = hl_trace_get_attention (trace, 0);
  tokens = hl_trace_get_tokens (trace);
  g_assert_cmpstr (hl_trace_get_metadata (trace, "view"), ==, page->view);
  g_assert_cmpstr (hl_trace_get_metadata (trace, "layer"), ==, page->layer);
  g_assert_cmpstr (hl_trace_get_metadata (trace, "heads"), ==, page->heads);
  g_assert_cmpuint (hl_attention_get_n_layers (attention), ==, page->n_layers);
  g_assert_cmpuint (hl_attention_get_max_heads (attention), ==, page->n_heads);
  g_assert_cmpuint (hl_tokens_get_length (tokens), ==, page->n_tokens);
  g_assert_cmpint (hl_attention_is_causal (attention), ==, strstr (page->name, "gpt2") != NULL);
  for (gsize i = 0; i < page->n_tokens; i++)
    g_assert_cmpint (hl_tokens_get (tokens, i)->segment, ==, page->segment_b > 0 && i >= page->segment_b);
  if (page->n_layers == 2)
    {
      g_assert_cmpuint (hl_attention_get_layer_number (attention, 1), ==, 2);
      g_assert_cmpuint (hl_attention_get_head_number (attention, 0), ==, 2);
    }

  assert_plain (trace);
  if (strcmp (page->view, "neuron view") == 0)
    assert_softmax (attention);
  if (page->reference != NULL)
    assert_reference (attention, page->reference);
}

static void
test_page_encoder_decoder (void)
{
  static const char * const names[] = { "emitted/encdec_head.html", "emitted/encdec_model.html" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autofree char *path = find_file (names[i]);
      g_autoptr (HlTrace) trace = NULL;
      HlAttention *cross;

      if (path == NULL)
        return;

      trace = open_trace (path);
      g_assert_cmpuint (hl_trace_get_n_attentions (trace), ==, 3);
      cross = hl_trace_get_attention (trace, 2);
      g_assert_cmpint (hl_attention_get_kind (cross), ==, HL_ATTENTION_CROSS);
      g_assert_cmpuint (hl_attention_get_n_queries (cross), ==, 6);
      g_assert_cmpuint (hl_attention_get_n_keys (cross), ==, 5);
      g_assert_true (hl_attention_get_queries (cross) == hl_attention_get_queries (hl_trace_get_attention (trace, 1)));
      g_assert_true (hl_attention_get_keys (cross) == hl_trace_get_tokens (trace));
      assert_plain (trace);
    }
}

static void
test_cut_and_corrupt (gconstpointer data)
{
  const char *name = data;
  g_autofree char *path = find_file (name);
  g_autofree char *content = NULL;
  gsize length, complete;

  if (path == NULL)
    return;

  g_assert_true (g_file_get_contents (path, &content, &length, NULL));
  /* Of a page, all that comes after its first object may be missing. */
  complete = g_str_has_suffix (name, ".html") ? (gsize) (strstr (strstr (content, "params = {"), "root_div_id") - content)
                                              : length;
  while (complete > 0 && g_ascii_isspace (content[complete - 1]))
    complete--;
  g_assert_true (read_broken (&hl_bertviz_format, content, length, G_MAXUINT));
  assert_cuts (&hl_bertviz_format, content, length, complete, 200, 300);
  assert_corruptions (&hl_bertviz_format, content, length, 40);
}

int
main (int    argc,
      char **argv)
{
  static const char * const others[] = {
    "Helsinki-NLP_opus-mt-en-de__head__L6H8T7__D__5476db1f.json", "emitted/encdec_head.html", "emitted/encdec_model.html",
  };

  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (params_files); i++)
    {
      g_autofree char *path = g_strdup_printf ("/bertviz-files/params/%s", params_files[i].name);
      g_autofree char *cut_path = g_strdup_printf ("/bertviz-files/cut/%s", params_files[i].name);

      g_test_add_data_func (path, &params_files[i], test_params);
      g_test_add_data_func (cut_path, params_files[i].name, test_cut_and_corrupt);
    }
  g_test_add_func ("/bertviz-files/params/encoder-decoder", test_params_encoder_decoder);
  for (gsize i = 0; i < G_N_ELEMENTS (notebooks); i++)
    {
      g_autofree char *path = g_strdup_printf ("/bertviz-files/%s", notebooks[i].name);
      g_autofree char *cut_path = g_strdup_printf ("/bertviz-files/cut/%s", notebooks[i].name);

      g_test_add_data_func (path, &notebooks[i], test_notebook);
      g_test_add_data_func (cut_path, notebooks[i].name, test_cut_and_corrupt);
    }
  for (gsize i = 0; i < G_N_ELEMENTS (pages); i++)
    {
      g_autofree char *path = g_strdup_printf ("/bertviz-files/%s", pages[i].name);
      g_autofree char *cut_path = g_strdup_printf ("/bertviz-files/cut/%s", pages[i].name);

      g_test_add_data_func (path, &pages[i], test_page);
      g_test_add_data_func (cut_path, pages[i].name, test_cut_and_corrupt);
    }
  g_test_add_func ("/bertviz-files/emitted/encoder-decoder", test_page_encoder_decoder);
  for (gsize i = 0; i < G_N_ELEMENTS (others); i++)
    {
      g_autofree char *path = g_strdup_printf ("/bertviz-files/cut/%s", others[i]);

      g_test_add_data_func (path, others[i], test_cut_and_corrupt);
    }

  return g_test_run ();
}
