#include "hl-selection.h"

#include <string.h>

static HlTrace *
make_trace (gsize n_layers,
            gsize n_heads,
            gsize n_tokens,
            gboolean cross)
{
  g_autoptr (HlTrace) trace = hl_trace_new (NULL);
  g_autofree HlToken *tokens = g_new0 (HlToken, n_tokens);
  g_autofree HlTensor **layers = g_new (HlTensor *, n_layers);
  g_autoptr (HlTokens) queries = NULL;
  g_autoptr (HlTokens) keys = NULL;
  g_autoptr (HlAttention) attention = NULL;
  gsize n_keys = cross ? n_tokens - 1 : n_tokens;

  for (gsize i = 0; i < n_tokens; i++)
    tokens[i] = (HlToken) { .text = "t", .word = (gint32) i, .segment = i >= n_tokens / 2, .special = i == 0 };
  queries = hl_tokens_new (NULL, tokens, n_tokens);
  keys = hl_tokens_new (NULL, tokens, n_keys);
  for (gsize i = 0; i < n_layers; i++)
    layers[i] = hl_tensor_new_take_f32 (3, (gsize[]) { n_heads, n_tokens, n_keys },
                                        g_new0 (float, n_heads * n_tokens * n_keys));
  attention = hl_attention_new_dense (cross ? HL_ATTENTION_CROSS : HL_ATTENTION_SELF, queries, cross ? keys : queries,
                                      layers, n_layers, NULL);
  g_assert_nonnull (attention);
  hl_trace_add_attention (trace, attention);
  for (gsize i = 0; i < n_layers; i++)
    hl_tensor_unref (layers[i]);

  return g_steal_pointer (&trace);
}

static guint changes;
static guint n_signals;

static void
changed_cb (HlSelection *selection,
            guint        change)
{
  changes |= change;
  n_signals++;
}

static HlSelection *
make_selection (void)
{
  g_autoptr (HlTrace) trace = make_trace (3, 4, 6, FALSE);
  HlSelection *selection = hl_selection_new ();

  hl_selection_set_trace (selection, trace, 0);
  g_signal_connect (selection, "changed", G_CALLBACK (changed_cb), NULL);
  changes = n_signals = 0;

  return selection;
}

static void
test_heads (void)
{
  g_autoptr (HlSelection) selection = make_selection ();

  g_assert_cmpuint (hl_head_set_count (&hl_selection_get_state (selection)->heads, 4), ==, 4);
  hl_selection_toggle_head (selection, 1);
  g_assert_cmpuint (changes, ==, HL_CHANGE_HEADS);
  g_assert_false (hl_head_set_has (&hl_selection_get_state (selection)->heads, 1));
  hl_selection_solo_head (selection, 2);
  g_assert_cmpuint (hl_head_set_count (&hl_selection_get_state (selection)->heads, 4), ==, 1);
  g_assert_cmpuint (hl_selection_get_state (selection)->head, ==, 2);

  /* The last head stays on, and nothing is told when nothing changed. */
  n_signals = 0;
  hl_selection_toggle_head (selection, 2);
  g_assert_cmpuint (n_signals, ==, 0);
  g_assert_true (hl_head_set_has (&hl_selection_get_state (selection)->heads, 2));

  hl_selection_solo_head (selection, 2);
  g_assert_cmpuint (hl_head_set_count (&hl_selection_get_state (selection)->heads, 4), ==, 4);
}

static void
test_clamp (void)
{
  g_autoptr (HlSelection) selection = make_selection ();

  hl_selection_set_layer (selection, 99);
  g_assert_cmpuint (hl_selection_get_state (selection)->layer, ==, 2);
  hl_selection_set_layer (selection, -5);
  g_assert_cmpuint (hl_selection_get_state (selection)->layer, ==, 0);
  hl_selection_set_head (selection, 1, 77);
  g_assert_cmpuint (hl_selection_get_state (selection)->head, ==, 3);
  hl_selection_toggle_pin (selection, HL_SIDE_QUERY, 6);
  g_assert_cmpuint (hl_selection_get_state (selection)->n_pins, ==, 0);
  hl_selection_set_threshold (selection, 3);
  g_assert_cmpfloat (hl_selection_get_state (selection)->threshold, ==, 1);
  hl_selection_set_channel (selection, HL_CHANNEL_OWN);
  g_assert_cmpint (hl_selection_get_state (selection)->channel, ==, HL_CHANNEL_RECEIVED);
}

static void
test_pins (void)
{
  g_autoptr (HlSelection) selection = make_selection ();
  HlState *state;

  hl_selection_toggle_pin (selection, HL_SIDE_QUERY, 1);
  hl_selection_toggle_pin (selection, HL_SIDE_KEY, 1);
  hl_selection_toggle_pin (selection, HL_SIDE_QUERY, 3);
  state = hl_selection_get_state (selection);
  g_assert_cmpuint (state->n_pins, ==, 3);
  g_assert_cmpuint (hl_state_count_pins (state, HL_SIDE_QUERY), ==, 2);
  hl_selection_toggle_pin (selection, HL_SIDE_QUERY, 1);
  g_assert_false (hl_state_has_pin (hl_selection_get_state (selection), HL_SIDE_QUERY, 1));
  hl_selection_set_pin (selection, HL_SIDE_QUERY, 5);
  state = hl_selection_get_state (selection);
  g_assert_cmpuint (state->n_pins, ==, 2);
  g_assert_true (hl_state_has_pin (state, HL_SIDE_QUERY, 5));
  g_assert_true (hl_state_has_pin (state, HL_SIDE_KEY, 1));
  hl_selection_clear_pins (selection);
  g_assert_cmpuint (hl_selection_get_state (selection)->n_pins, ==, 0);
}

/* A worker may hold a state while the window goes on. */
static void
test_immutable (void)
{
  g_autoptr (HlSelection) selection = make_selection ();
  g_autoptr (HlState) held = hl_state_ref (hl_selection_get_state (selection));

  hl_selection_toggle_pin (selection, HL_SIDE_QUERY, 1);
  hl_selection_set_layer (selection, 2);
  g_assert_cmpuint (held->n_pins, ==, 0);
  g_assert_cmpuint (held->layer, ==, 0);
}

static void
test_undo (void)
{
  g_autoptr (HlSelection) selection = make_selection ();

  g_assert_false (hl_selection_can_undo (selection));
  hl_selection_set_layer (selection, 1);
  hl_selection_set_hover (selection, &(HlHover) { .query = 2, .key = -1, .layer = -1, .head = -1 });
  hl_selection_set_layer (selection, 2);
  hl_selection_undo (selection);
  g_assert_cmpuint (hl_selection_get_state (selection)->layer, ==, 1);
  /* The pointer is where it is. */
  g_assert_cmpint (hl_selection_get_state (selection)->hover.query, ==, 2);
  hl_selection_undo (selection);
  g_assert_cmpuint (hl_selection_get_state (selection)->layer, ==, 0);
  g_assert_false (hl_selection_can_undo (selection));
  hl_selection_redo (selection);
  hl_selection_redo (selection);
  g_assert_cmpuint (hl_selection_get_state (selection)->layer, ==, 2);
  g_assert_false (hl_selection_can_redo (selection));
  hl_selection_undo (selection);
  hl_selection_set_head (selection, 0, 1);
  g_assert_false (hl_selection_can_redo (selection));
}

static void
test_trace (void)
{
  g_autoptr (HlSelection) selection = make_selection ();
  g_autoptr (HlTrace) alike = make_trace (3, 4, 9, FALSE);
  g_autoptr (HlTrace) other = make_trace (2, 8, 5, TRUE);

  hl_selection_set_head (selection, 2, 3);
  hl_selection_toggle_head (selection, 0);
  hl_selection_toggle_pin (selection, HL_SIDE_QUERY, 1);
  hl_selection_set_trace (selection, alike, 1);
  g_assert_cmpuint (hl_selection_get_state (selection)->layer, ==, 2);
  g_assert_cmpuint (hl_selection_get_state (selection)->head, ==, 3);
  g_assert_false (hl_head_set_has (&hl_selection_get_state (selection)->heads, 0));
  g_assert_cmpuint (hl_selection_get_state (selection)->n_pins, ==, 0);

  hl_selection_set_merge_words (selection, TRUE);
  hl_selection_set_trace (selection, other, 0);
  g_assert_cmpuint (hl_selection_get_state (selection)->layer, ==, 0);
  g_assert_cmpuint (hl_head_set_count (&hl_selection_get_state (selection)->heads, 8), ==, 8);
  g_assert_true (hl_selection_get_state (selection)->merge_words);
  g_assert_false (hl_selection_can_undo (selection));
}

/* A file may say what to show first, in the model's numbers; nonsense is left out. */
static void
test_wishes (void)
{
  g_autoptr (HlTrace) trace = make_trace (3, 4, 6, FALSE);
  g_autoptr (HlTrace) nonsense = make_trace (3, 4, 6, FALSE);
  g_autoptr (HlState) state = NULL;
  g_autoptr (HlState) plain = NULL;

  hl_attention_set_layer_numbers (hl_trace_get_attention (trace, 0), (guint[]) { 4, 8, 11 });
  hl_trace_set_metadata (trace, "layer", "8");
  hl_trace_set_metadata (trace, "heads", "1, 3");
  hl_trace_set_metadata (trace, "head", "3");
  hl_trace_set_metadata (trace, "query", "2,77");
  state = hl_state_new (trace, 0);
  g_assert_cmpuint (state->layer, ==, 1);
  g_assert_cmpuint (state->head, ==, 3);
  g_assert_cmpuint (hl_head_set_count (&state->heads, 4), ==, 2);
  g_assert_true (hl_head_set_has (&state->heads, 1));
  g_assert_cmpuint (state->n_pins, ==, 1);
  g_assert_true (hl_state_has_pin (state, HL_SIDE_QUERY, 2));

  hl_trace_set_metadata (nonsense, "layer", "last");
  hl_trace_set_metadata (nonsense, "heads", "99999999999999999999,x");
  hl_trace_set_metadata (nonsense, "head", "-1");
  plain = hl_state_new (nonsense, 0);
  g_assert_cmpuint (plain->layer, ==, 0);
  g_assert_cmpuint (plain->head, ==, 0);
  g_assert_cmpuint (hl_head_set_count (&plain->heads, 4), ==, 4);
  g_assert_cmpuint (plain->n_pins, ==, 0);
}

static void
test_colours (void)
{
  g_autoptr (HlSelection) selection = make_selection ();

  hl_selection_set_colour (selection, 2, 0x123456);
  g_assert_cmpuint (changes, ==, HL_CHANGE_COLOURS);
  g_assert_cmpint (hl_selection_get_state (selection)->colours[2], ==, 0x123456);
  g_assert_cmpint (hl_selection_get_state (selection)->colours[1], ==, -1);
  hl_selection_reset_colours (selection);
  g_assert_null (hl_selection_get_state (selection)->colours);
  hl_selection_undo (selection);
  g_assert_cmpint (hl_selection_get_state (selection)->colours[2], ==, 0x123456);
}

static void
test_filter (void)
{
  g_autoptr (HlSelection) selection = make_selection ();
  HlState *state;

  hl_selection_set_filter (selection, HL_FILTER_AB);
  hl_selection_set_hide_special (selection, TRUE);
  state = hl_selection_get_state (selection);
  g_assert_false (hl_state_shows_query (state, 0));
  g_assert_true (hl_state_shows_query (state, 1));
  g_assert_false (hl_state_shows_query (state, 3));
  g_assert_false (hl_state_shows_key (state, 2));
  g_assert_true (hl_state_shows_key (state, 3));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/selection/heads", test_heads);
  g_test_add_func ("/selection/clamp", test_clamp);
  g_test_add_func ("/selection/pins", test_pins);
  g_test_add_func ("/selection/immutable", test_immutable);
  g_test_add_func ("/selection/undo", test_undo);
  g_test_add_func ("/selection/trace", test_trace);
  g_test_add_func ("/selection/wishes", test_wishes);
  g_test_add_func ("/selection/colours", test_colours);
  g_test_add_func ("/selection/filter", test_filter);

  return g_test_run ();
}
