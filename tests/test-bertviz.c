#include "broken-files.h"

#include <math.h>

#include "hl-bertviz-private.h"
#include "hl-format-private.h"

static char *
load_file (const char *kind,
           const char *name,
           gsize      *length)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "bertviz", kind, name, NULL);
  char *data;
  GError *error = NULL;

  g_file_get_contents (path, &data, length, &error);
  g_assert_no_error (error);

  return data;
}

static HlDocument *
open_document (const char  *kind,
               const char  *name,
               GError     **error)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "bertviz", kind, name, NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);

  return hl_format_open (file, NULL, NULL, NULL, error);
}

/* The only or the @index-th instance of a good file. */
static HlTrace *
open_trace (const char *name,
            guint       index)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (HlDocument) document = open_document ("good", name, &error);
  HlTrace *trace;

  g_assert_no_error (error);
  g_assert_cmpstr (hl_document_get_format (document), ==, "BertViz");
  trace = hl_document_load (document, index, NULL, &error);
  g_assert_no_error (error);

  return trace;
}

typedef struct
{
  const char *name;
  guint       n_instances;
  guint       index;
  const char *title;
  const char *text;
  HlAttentionKind kind;      /* of the first attention, as is what follows */
  gsize       n_layers, n_heads, n_queries, n_keys;
  gsize       segment_b;     /* 0: none */
} Good;

static const Good good_files[] = {
  { "a0.json", 1, 0, "Attention · 2 layers × 2 heads · 7 tokens", NULL, HL_ATTENTION_SELF, 2, 2, 7, 7, 4 },
  { "a1.json", 1, 0, "Attention · 2 layers × 2 heads · 7 tokens", NULL, HL_ATTENTION_SELF, 2, 2, 7, 7, 4 },
  { "a-flat.json", 1, 0, "Attention · 1 layer × 2 heads · 3 tokens", "x y!", HL_ATTENTION_SELF, 1, 2, 3, 3, 0 },
  { "b.json", 1, 0, "Attention · 2 layers × 2 heads · 7 tokens", NULL, HL_ATTENTION_SELF, 2, 2, 7, 7, 4 },
  { "b-empty-second.json", 1, 0, "Attention · 2 layers × 2 heads · 4 tokens", "[CLS] the cat [SEP]", HL_ATTENTION_SELF, 2, 2, 4, 4, 0 },
  { "c-model.json", 1, 0, "Model view · 2 layers × 2 heads · 4 tokens", NULL, HL_ATTENTION_SELF, 2, 2, 4, 4, 0 },
  { "neuron.json", 1, 0, "Neuron view · 1 layer × 1 head · 2 tokens", "Hi there", HL_ATTENTION_SELF, 1, 1, 2, 2, 0 },
  { "d-encoder-decoder.json", 1, 0, "Head view · encoder–decoder · 2 × 3, 1 × 2, 1 × 2 layers × heads · 3 → 4 tokens", "a b </s> → c de </s>",
    HL_ATTENTION_ENCODER, 2, 3, 3, 3, 0 },
  { "d-cross-only.json", 1, 0, "Attention · 1 layer × 2 heads · 3 → 4 tokens", "a b </s> → c de </s>", HL_ATTENTION_CROSS, 1, 2, 4, 3, 0 },
  { "e-head.html", 1, 0, "Head view · 2 layers × 2 heads · 3 tokens", "a </script> PYTHON_PARAMS", HL_ATTENTION_SELF, 2, 2, 3, 3, 0 },
  { "e-model-then-neuron.html", 2, 0, "Model view · 2 layers × 2 heads · 2 tokens", NULL, HL_ATTENTION_SELF, 2, 2, 2, 2, 0 },
  { "e-model-then-neuron.html", 2, 1, "Neuron view · 1 layer × 1 head · 2 tokens", "Hi there", HL_ATTENTION_SELF, 1, 1, 2, 2, 0 },
  { "e-pair.json", 1, 0, "Head view · 2 layers × 2 heads · 7 tokens", NULL, HL_ATTENTION_SELF, 2, 2, 7, 7, 4 },
  { "script.js", 1, 0, "Attention · 2 layers × 2 heads · 4 tokens", NULL, HL_ATTENTION_SELF, 2, 2, 4, 4, 0 },
  { "bom-and-space.json", 1, 0, "Attention · 1 layer × 1 head · 2 tokens", NULL, HL_ATTENTION_SELF, 1, 1, 2, 2, 0 },
  { "row-sums.json", 1, 0, "Attention · 1 layer × 1 head · 2 tokens", NULL, HL_ATTENTION_SELF, 1, 1, 2, 2, 0 },
  { "uneven-blocks.json", 1, 0, "Attention · 2 layers × 2 heads · 4 tokens", NULL, HL_ATTENTION_SELF, 2, 2, 4, 4, 0 },
  { "notebook.ipynb", 3, 0, "Cell 2, output 2: attention", "[CLS] the cat [SEP]", HL_ATTENTION_SELF, 2, 2, 4, 4, 0 },
  { "notebook.ipynb", 3, 1, "Cell 2, output 3: attention", "[CLS] the cat [SEP]", HL_ATTENTION_SELF, 2, 2, 4, 4, 0 },
  { "notebook.ipynb", 3, 2, "Cell 3, output 3: head view", "a </script> PYTHON_PARAMS", HL_ATTENTION_SELF, 2, 2, 3, 3, 0 },
};

static void
test_good (gconstpointer data)
{
  const Good *good = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (HlDocument) document = open_document ("good", good->name, &error);
  g_autoptr (HlTrace) trace = NULL;
  HlInstance *instance;
  HlAttention *attention;
  HlTokens *tokens;

  g_assert_no_error (error);
  g_assert_cmpuint (hl_document_get_n_instances (document), ==, good->n_instances);
  instance = hl_document_get_instance (document, good->index);
  g_assert_cmpstr (hl_instance_get_title (instance), ==, good->title);
  if (good->text != NULL)
    g_assert_cmpstr (hl_instance_get_text (instance), ==, good->text);

  trace = hl_document_load (document, good->index, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstr (hl_trace_get_title (trace), ==, good->title);
  attention = hl_trace_get_attention (trace, 0);
  g_assert_cmpint (hl_attention_get_kind (attention), ==, good->kind);
  g_assert_cmpuint (hl_attention_get_n_layers (attention), ==, good->n_layers);
  g_assert_cmpuint (hl_attention_get_n_heads (attention, 0), ==, good->n_heads);
  g_assert_cmpuint (hl_attention_get_n_queries (attention), ==, good->n_queries);
  g_assert_cmpuint (hl_attention_get_n_keys (attention), ==, good->n_keys);
  if (good->n_queries == good->n_keys)
    g_assert_true (hl_attention_get_queries (attention) == hl_attention_get_keys (attention));

  tokens = hl_attention_get_queries (attention);
  g_assert_cmpint (hl_tokens_has_segments (tokens), ==, good->segment_b > 0);
  for (gsize i = 0; i < good->n_queries; i++)
    g_assert_cmpint (hl_tokens_get (tokens, i)->segment, ==, good->segment_b > 0 && i >= good->segment_b);
}

/* The small files have the same weights, of quarters, turned by layer, head and query. */
static void
assert_weights (HlAttention *attention)
{
  gsize n_keys = hl_attention_get_n_keys (attention);
  g_autofree float *row = g_new (float, n_keys);

  for (gsize layer = 0; layer < hl_attention_get_n_layers (attention); layer++)
    for (gsize head = 0; head < hl_attention_get_n_heads (attention, layer); head++)
      for (gsize query = 0; query < hl_attention_get_n_queries (attention); query++)
        {
          hl_attention_read_row (attention, layer, head, query, row);
          row[(layer + head + query + 1) % n_keys] -= 0.75f;
          row[(layer + 2 * head + query) % n_keys] -= 0.25f;
          for (gsize key = 0; key < n_keys; key++)
            g_assert_cmpfloat (row[key], ==, 0);
        }
}

static void
test_weights (void)
{
  static const char * const names[] = {
    "a0.json", "a1.json", "a-flat.json", "b.json", "b-empty-second.json", "c-model.json", "d-encoder-decoder.json",
    "d-cross-only.json", "e-head.html", "e-model-then-neuron.html", "e-pair.json", "script.js", "uneven-blocks.json",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (HlTrace) trace = open_trace (names[i], 0);

      for (gsize k = 0; k < hl_trace_get_n_attentions (trace); k++)
        assert_weights (hl_trace_get_attention (trace, k));
    }
  for (guint i = 0; i < 3; i++)
    {
      g_autoptr (HlTrace) trace = open_trace ("notebook.ipynb", i);

      assert_weights (hl_trace_get_attention (trace, 0));
    }
}

static void
test_encoder_decoder (void)
{
  g_autoptr (HlTrace) trace = open_trace ("d-encoder-decoder.json", 0);
  HlAttention *encoder = hl_trace_get_attention (trace, 0);
  HlAttention *decoder = hl_trace_get_attention (trace, 1);
  HlAttention *cross = hl_trace_get_attention (trace, 2);

  g_assert_cmpuint (hl_trace_get_n_attentions (trace), ==, 3);
  g_assert_cmpint (hl_attention_get_kind (decoder), ==, HL_ATTENTION_DECODER);
  g_assert_cmpint (hl_attention_get_kind (cross), ==, HL_ATTENTION_CROSS);
  g_assert_cmpuint (hl_attention_get_n_layers (decoder), ==, 1);
  g_assert_cmpuint (hl_attention_get_n_heads (decoder, 0), ==, 2);
  g_assert_true (hl_attention_get_queries (cross) == hl_attention_get_queries (decoder));
  g_assert_true (hl_attention_get_keys (cross) == hl_attention_get_queries (encoder));
  g_assert_true (hl_trace_get_tokens (trace) == hl_attention_get_queries (encoder));
  g_assert_null (hl_trace_get_notes (trace)[0]);
}

static void
test_numbers (void)
{
  g_autoptr (HlTrace) head = open_trace ("e-head.html", 0);
  g_autoptr (HlTrace) model = open_trace ("e-model-then-neuron.html", 0);
  g_autoptr (HlTrace) plain = open_trace ("a0.json", 0);
  HlAttention *attention = hl_trace_get_attention (head, 0);

  g_assert_cmpuint (hl_attention_get_layer_number (attention, 0), ==, 3);
  g_assert_cmpuint (hl_attention_get_layer_number (attention, 1), ==, 7);
  g_assert_cmpuint (hl_attention_get_head_number (attention, 1), ==, 1);
  g_assert_cmpstr (hl_trace_get_metadata (head, "layer"), ==, "7");
  g_assert_cmpstr (hl_trace_get_metadata (head, "heads"), ==, "1,3");
  g_assert_cmpstr (hl_trace_get_metadata (head, "view"), ==, "head view");

  attention = hl_trace_get_attention (model, 0);
  g_assert_cmpuint (hl_attention_get_layer_number (attention, 1), ==, 5);
  g_assert_cmpuint (hl_attention_get_head_number (attention, 0), ==, 2);
  g_assert_cmpuint (hl_attention_get_head_number (attention, 1), ==, 9);
  g_assert_null (hl_trace_get_metadata (model, "layer"));
  g_assert_null (hl_trace_get_metadata (model, "heads"));
  g_assert_cmpstr (hl_trace_get_metadata (model, "view"), ==, "model view");
  g_assert_cmpstr (hl_trace_get_metadata (plain, "view"), ==, "attention");
}

static void
test_tokens (void)
{
  g_autoptr (HlTrace) odd = open_trace ("bom-and-space.json", 0);
  g_autoptr (HlTrace) wide = open_trace ("e-model-then-neuron.html", 0);
  HlTokens *tokens = hl_trace_get_tokens (odd);

  g_assert_cmpstr (hl_tokens_get (tokens, 0)->text, ==, "\u2400");
  g_assert_cmpstr (hl_tokens_get (tokens, 1)->text, ==, "é\xef\xbf\xbd");
  tokens = hl_trace_get_tokens (wide);
  g_assert_cmpstr (hl_tokens_get (tokens, 0)->text, ==, "\xf0\x9f\x98\x80");
  g_assert_cmpstr (hl_tokens_get (tokens, 1)->text, ==, "中");
}

static void
test_neuron (void)
{
  g_autoptr (HlTrace) trace = open_trace ("neuron.json", 0);
  HlAttention *attention = hl_trace_get_attention (trace, 0);
  HlProjections *projections = hl_attention_get_projections (attention);
  const float expected[] = { 1, -2, 3.5f, 0.25f, 1e-5f, -0.0f };
  float keys[6];

  g_assert_true (hl_attention_is_causal (attention));
  g_assert_nonnull (projections);
  g_assert_false (hl_projections_has (projections, HL_PROJECTION_VALUE));
  g_assert_cmpuint (hl_projections_get_dimension (projections, HL_PROJECTION_KEY, 0), ==, 3);
  g_assert_cmpfloat_with_epsilon (hl_projections_get_scale (projections, 0), 1 / sqrt (3), 1e-9);
  hl_projections_read (projections, HL_PROJECTION_KEY, 0, 0, 0, 2, keys);
  g_assert_cmpmem (keys, sizeof keys, expected, sizeof expected);
  g_assert_cmpstr (hl_trace_get_metadata (trace, "layer"), ==, "0");
  g_assert_cmpstr (hl_trace_get_metadata (trace, "heads"), ==, "0");
}

static void
test_notes (void)
{
  g_autoptr (HlTrace) sums = open_trace ("row-sums.json", 0);
  g_autoptr (HlTrace) blocks = open_trace ("uneven-blocks.json", 0);
  g_autoptr (HlTrace) plain = open_trace ("e-pair.json", 0);
  g_autoptr (HlDocument) notebook = open_document ("good", "notebook.ipynb", NULL);
  float row[2];

  g_assert_cmpuint (g_strv_length ((char **) hl_trace_get_notes (sums)), ==, 1);
  g_assert_nonnull (strstr (hl_trace_get_notes (sums)[0], "1 of 2 rows"));
  g_assert_nonnull (strstr (hl_trace_get_notes (sums)[0], "0.75, in layer 0, head 0, token 0"));
  hl_attention_read_row (hl_trace_get_attention (sums, 0), 0, 0, 0, row);
  g_assert_cmpfloat (row[0], ==, 0.5f);
  g_assert_cmpfloat (row[1], ==, 0.25f);

  g_assert_cmpuint (g_strv_length ((char **) hl_trace_get_notes (blocks)), ==, 1);
  g_assert_nonnull (strstr (hl_trace_get_notes (blocks)[0], "“bb” has 1 × 1 tokens"));
  g_assert_null (hl_trace_get_notes (plain)[0]);

  g_assert_cmpuint (g_strv_length ((char **) hl_document_get_notes (notebook)), ==, 1);
  g_assert_true (g_str_has_prefix (hl_document_get_notes (notebook)[0], "Cell 3, output 2 was left out. The matrix"));
}

typedef struct
{
  const char *name;
  int         code;
  const char *message;
} Bad;

static const Bad bad_files[] = {
  { "attention-block-number.json", HL_FORMAT_ERROR_SYNTAX, "At byte 47 of the file, inside “attention.all”, there is “3” where an object was expected." },
  { "attention-empty.json", HL_FORMAT_ERROR_EMPTY, "The object at byte 0 of the file holds no attention." },
  { "attention-number.json", HL_FORMAT_ERROR_SYNTAX, "At byte 39 of the file, inside “attention”, there is “3” where an object was expected." },
  { "blocks-without-all.json", HL_FORMAT_ERROR_SHAPE, "The object at byte 0 of the file holds the blocks “aa”, “bb”, “ab”, “ba”, but none of all tokens to all tokens (“all”)." },
  { "claim.json", HL_FORMAT_ERROR_SHAPE, "The lists from byte 9 to byte 2418 of the file, inside “attn”, are not all as long as the first of them." },
  { "cut-after-value.json", HL_FORMAT_ERROR_TRUNCATED, "The file ends after byte 88 where “,” or “}” was expected." },
  { "cut-in-matrix.json", HL_FORMAT_ERROR_TRUNCATED, "The file ends after byte 30, inside “attn”, where the end of a list was expected." },
  { "cut-in-number.json", HL_FORMAT_ERROR_TRUNCATED, "The file ends after byte 20, inside “attn”, where the end of a list was expected." },
  { "cut-in-string.json", HL_FORMAT_ERROR_TRUNCATED, "The file ends after byte 58, inside “left_text”, where a string was expected." },
  { "deep.json", HL_FORMAT_ERROR_SYNTAX, "At byte 274 of the file lists and objects are nested more than 256 deep." },
  { "few-tokens.json", HL_FORMAT_ERROR_SHAPE, "The matrix “attn” at byte 9 of the file has 2 rows, but “left_text” at byte 52 has 1 token." },
  { "five-deep.json", HL_FORMAT_ERROR_SHAPE, "The matrix “attn” at byte 9 of the file is nested 5 deep; 4 levels were expected, for layers, heads and two sides." },
  { "infinity.json", HL_FORMAT_ERROR_VALUE, "At byte 30 of the file, “attn[0][0][1][1]” is infinite where a finite number was expected." },
  { "keys-other-dimension.json", HL_FORMAT_ERROR_SHAPE, "The queries at byte 101 of the file are 1 × 1 × 2 × 1 and the keys at byte 129 1 × 1 × 2 × 2, which does not fit the attention of 1 × 1 × 2 × 2." },
  { "keys-other-heads.json", HL_FORMAT_ERROR_SHAPE, "The queries at byte 101 of the file are 1 × 1 × 2 × 1 and the keys at byte 129 1 × 2 × 2 × 1, which does not fit the attention of 1 × 1 × 2 × 2." },
  { "layer-negative.json", HL_FORMAT_ERROR_VALUE, "The number before byte 84 of the file, inside “include_layers”, is -1, which cannot be the number of a layer or head." },
  { "layer-text.json", HL_FORMAT_ERROR_SYNTAX, "At byte 72 of the file, inside “layer”, there is a string where a whole number was expected." },
  { "leading-zero.json", HL_FORMAT_ERROR_SYNTAX, "At byte 26 of the file, inside “attn”, there is “1” where a number was expected." },
  { "long-row.json", HL_FORMAT_ERROR_SHAPE, "The list at byte 24 of the file, inside “attn”, has more than 2 entries where those before it have 2." },
  { "many-tokens.json", HL_FORMAT_ERROR_SHAPE, "The matrix “attn” at byte 9 of the file has 2 columns, but “right_text” at byte 78 has 3 tokens." },
  { "matrix-null-row.json", HL_FORMAT_ERROR_SYNTAX, "At byte 24 of the file, inside “attn”, there is “n” where a list was expected." },
  { "missing-comma.json", HL_FORMAT_ERROR_SYNTAX, "At byte 63 of the file there is a string where “,” or “}” was expected." },
  { "more-after-end.json", HL_FORMAT_ERROR_SYNTAX, "At byte 90 of the file there is “{” where the end was expected." },
  { "nan.json", HL_FORMAT_ERROR_VALUE, "At byte 25 of the file, “attn[0][0][1][0]” is NaN where a finite number was expected." },
  { "no-attn.json", HL_FORMAT_ERROR_SHAPE, "The object at byte 0 of the file has no “attn”." },
  { "no-layers.json", HL_FORMAT_ERROR_EMPTY, "The matrix “attn” at byte 9 of the file holds no numbers: its shape is 0." },
  { "no-left-text.json", HL_FORMAT_ERROR_SHAPE, "The object at byte 0 of the file has no “left_text”." },
  { "no-tokens.json", HL_FORMAT_ERROR_EMPTY, "The matrix “attn” at byte 9 of the file holds no numbers: its shape is 1 × 1 × 0." },
  { "notebook-cells-number.ipynb", HL_FORMAT_ERROR_SYNTAX, "At byte 25 of the file, inside “cells”, there is “3” where a list was expected." },
  { "notebook-cut.ipynb", HL_FORMAT_ERROR_TRUNCATED, "The file ends after byte 150, inside “cells”, where the end of a string was expected." },
  { "notebook-script-cut.ipynb", HL_FORMAT_ERROR_TRUNCATED, "The text in output 1 of cell 1 ends after byte 120, inside “all.attn”, where the end of a list was expected." },
  { "notebook-without-view.ipynb", HL_FORMAT_ERROR_EMPTY, "No output of this notebook holds a BertViz view; it may have been saved before its cells were run." },
  { "number-string.json", HL_FORMAT_ERROR_SYNTAX, "At byte 25 of the file, inside “attn”, there is a string where a number or a list was expected." },
  { "page-cut.html", HL_FORMAT_ERROR_TRUNCATED, "The file ends after byte 200, inside “attention[0].attn”, where the end of a list was expected." },
  { "page-damaged.html", HL_FORMAT_ERROR_SHAPE, "The object “attention[0]” at byte 121 of the file has no “left_text”." },
  { "page-without-view.html", HL_FORMAT_ERROR_EMPTY, "This page holds no BertViz view: no “params = {…}” was found in it." },
  { "queries-nan.json", HL_FORMAT_ERROR_VALUE, "At byte 112 of the file, “queries[0][0][1][0]” is NaN where a finite number was expected." },
  { "queries-without-keys.json", HL_FORMAT_ERROR_SHAPE, "The object at byte 0 of the file has no “keys”." },
  { "ragged-heads.json", HL_FORMAT_ERROR_SHAPE, "The list at byte 37 of the file, inside “attn”, has 1 entry where those before it have 2." },
  { "ragged-rows.json", HL_FORMAT_ERROR_SHAPE, "The list at byte 24 of the file, inside “attn”, has 1 entry where those before it have 2." },
  { "three-deep.json", HL_FORMAT_ERROR_SHAPE, "The matrix “attn” at byte 9 of the file is nested 3 deep; 4 levels were expected, for layers, heads and two sides." },
  { "token-not-utf8.json", HL_FORMAT_ERROR_SYNTAX, "The string at byte 53 of the file is not UTF-8." },
  { "token-number.json", HL_FORMAT_ERROR_SYNTAX, "At byte 58 of the file, inside “left_text”, there is “7” where a string was expected." },
  { "tokens-not-list.json", HL_FORMAT_ERROR_SYNTAX, "At byte 52 of the file, inside “left_text”, there is a string where a list was expected." },
  { "too-large.json", HL_FORMAT_ERROR_VALUE, "At byte 25 of the file, “attn[0][0][1][0]” is too large for a 32-bit number where a finite number was expected." },
  { "unknown-parts.json", HL_FORMAT_ERROR_SHAPE, "The object at byte 0 of the file holds the blocks “One”, “Two”, but none of all tokens to all tokens (“All”)." },
};

static void
test_bad (gconstpointer data)
{
  const Bad *bad = data;
  g_autoptr (GError) error = NULL;
  g_autoptr (HlDocument) document = open_document ("bad", bad->name, &error);

  if (document != NULL)
    g_assert_null (hl_document_load (document, 0, NULL, &error));
  assert_sentence (error);
  g_assert_error (error, HL_FORMAT_ERROR, bad->code);
  g_assert_cmpstr (error->message, ==, bad->message);
}

/* Every bad file on disk is in the table. */
static void
test_bad_listed (void)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "bertviz", "bad", NULL);
  g_autoptr (GDir) folder = g_dir_open (path, 0, NULL);
  const char *name;
  gsize n = 0;

  while ((name = g_dir_read_name (folder)) != NULL)
    {
      gboolean found = FALSE;

      for (gsize i = 0; i < G_N_ELEMENTS (bad_files); i++)
        found |= strcmp (bad_files[i].name, name) == 0;
      if (!found)
        g_error ("%s is in no table", name);
      n++;
    }
  g_assert_cmpuint (n, ==, G_N_ELEMENTS (bad_files));
}

/* Until where nothing may be missing: white space after a JSON file may, and of a page all that comes after its first
 * object, the first of two copies. */
static gsize
find_complete (const char *name,
               const char *data,
               gsize       length)
{
  gsize complete = length;

  if (g_str_has_suffix (name, ".html"))
    complete = (gsize) (strstr (data, "root_div_id") - data);
  else if (g_str_has_suffix (name, ".js"))
    complete = (gsize) (g_strrstr_len (data, (gssize) length, ";") - data);
  while (complete > 0 && g_ascii_isspace (data[complete - 1]))
    complete--;

  return complete;
}

static void
test_cut (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (good_files); i++)
    {
      const char *name = good_files[i].name;
      gsize length, complete;
      g_autofree char *data = load_file ("good", name, &length);

      if (good_files[i].index > 0)
        continue;
      complete = find_complete (name, data, length);
      assert_cuts (&hl_bertviz_format, data, length, complete, length, 0);
    }
}

static void
test_corrupt (void)
{
  for (gsize i = 0; i < G_N_ELEMENTS (good_files); i++)
    {
      gsize length;
      g_autofree char *data = load_file ("good", good_files[i].name, &length);

      if (good_files[i].index == 0)
        assert_corruptions (&hl_bertviz_format, data, length, 2000);
    }
}

static void
test_probe (void)
{
  static const struct { const char *text; gboolean known; } texts[] = {
    { "[{\"text\": [\"a\"], \"attention\": [0.1]}]", FALSE },
    { "{\"0\": {\"text\": \"a\"}}", FALSE },
    { "{\"text\": \"a\", \"attention\": [0.1]}", FALSE },
    { "{\"attention\": 3}", FALSE },
    { "{\"a\": 3}", FALSE },
    { "{\"default_filter\": \"0\"", TRUE },
    { "{\"metadata\": {}, \"nbformat\": 4}", TRUE },
    { "{\"metadata\": {}, \"format\": 4}", FALSE },
    { " {\"attention\": [ {", TRUE },
    { "<svg xmlns=\"x\"/>", FALSE },
    { "<!doctype HTML><p>", TRUE },
    { "<", FALSE },
    { "{", FALSE },
    { "", FALSE },
    { "   ", FALSE },
    { "var params={\"attention\"", TRUE },
    { "varparams={", FALSE },
    { "params = {", FALSE },
    { "const params == {", FALSE },
    { "const params = window.bertviz_params", FALSE },
    { "window.attention={", TRUE },
    { "window.attention\n=\n{", TRUE },
    { "={", FALSE },
    { "window.attention={\0", TRUE },
  };
  static const char binary[] = "window.attention={\0\0";

  for (gsize i = 0; i < G_N_ELEMENTS (texts); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (texts[i].text, strlen (texts[i].text));

      if (hl_bertviz_format.probe (bytes) != texts[i].known)
        g_error ("%s: %d", texts[i].text, !texts[i].known);
    }
  {
    g_autoptr (GBytes) bytes = g_bytes_new (binary, sizeof binary);

    g_assert_false (hl_bertviz_format.probe (bytes));
  }
}

static void
test_cancel (void)
{
  static const char * const names[] = { "a0.json", "e-head.html", "notebook.ipynb" };

  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gsize length;
      g_autofree char *data = load_file ("good", names[i], &length);
      g_autoptr (GBytes) bytes = g_bytes_new (data, length);
      g_autoptr (GCancellable) cancellable = g_cancellable_new ();
      g_autoptr (GError) error = NULL;
      g_autoptr (HlDocument) document = hl_bertviz_format.read (bytes, "test", NULL, NULL, cancellable, &error);

      g_assert_no_error (error);
      g_cancellable_cancel (cancellable);
      g_assert_null (hl_document_load (document, 0, cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
      g_clear_error (&error);
      g_assert_null (hl_bertviz_format.read (bytes, "test", NULL, NULL, cancellable, &error));
      g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
    }
}

/* Many beginnings of objects that never end: each byte is looked at once. */
static void
test_no_quadratic (void)
{
  static const char * const pieces[] = {
    "var params={\"attention\":[{\"attn\":[[[[0 ", "var params={\"a\":{\"attn\":[0 ", "var params={\"x\":[", "=   ", "window.params={\"",
    "var params={\"attention\":{}} ",
  };

  for (gsize i = 0; i < G_N_ELEMENTS (pieces); i++)
    for (guint ending = 0; ending < 2; ending++)
      {
        g_autoptr (GString) text = g_string_new ("<script>");

        while (text->len < 2000000)
          g_string_append (text, pieces[i]);
        g_string_append (text, ending == 0 ? "" : "]\"}");
        read_broken (&hl_bertviz_format, text->str, text->len, G_MAXUINT);
      }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  for (gsize i = 0; i < G_N_ELEMENTS (good_files); i++)
    {
      g_autofree char *path = g_strdup_printf ("/bertviz/good/%s/%u", good_files[i].name, good_files[i].index);

      g_test_add_data_func (path, &good_files[i], test_good);
    }
  g_test_add_func ("/bertviz/weights", test_weights);
  g_test_add_func ("/bertviz/encoder-decoder", test_encoder_decoder);
  g_test_add_func ("/bertviz/numbers", test_numbers);
  g_test_add_func ("/bertviz/tokens", test_tokens);
  g_test_add_func ("/bertviz/neuron", test_neuron);
  g_test_add_func ("/bertviz/notes", test_notes);
  for (gsize i = 0; i < G_N_ELEMENTS (bad_files); i++)
    {
      g_autofree char *path = g_strdup_printf ("/bertviz/bad/%s", bad_files[i].name);

      g_test_add_data_func (path, &bad_files[i], test_bad);
    }
  g_test_add_func ("/bertviz/bad-listed", test_bad_listed);
  g_test_add_func ("/bertviz/probe", test_probe);
  g_test_add_func ("/bertviz/cancel", test_cancel);
  g_test_add_func ("/bertviz/cut", test_cut);
  g_test_add_func ("/bertviz/corrupt", test_corrupt);
  g_test_add_func ("/bertviz/no-quadratic", test_no_quadratic);

  return g_test_run ();
}
