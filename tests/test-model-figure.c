/* The model view: tiles against themselves and against the weights, the enlarged head, what is handed on between figures. */

#include "config.h"

#include <math.h>
#include <string.h>

#include "figure-fixture.h"
#include "hl-heads-private.h"
#include "hl-model-private.h"

/* @n_heads: of each layer, ends with -1. Head h of layer l attends from every query to the one key (l + h) mod n. */
static void
open_shape (Fixture   *fixture,
            const int *n_heads,
            gsize      n_queries,
            gsize      n_keys,
            double     width,
            double     height)
{
  g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);
  g_autoptr (GPtrArray) layers = g_ptr_array_new_with_free_func ((GDestroyNotify) hl_tensor_unref);
  g_autoptr (HlTokens) queries = NULL, keys = NULL;
  g_autoptr (GError) error = NULL;
  g_autoptr (HlAttention) attention = NULL;
  HlTrace *trace;

  for (gsize i = 0; i < MAX (n_queries, n_keys); i++)
    g_ptr_array_add (strings, g_strdup_printf ("w%" G_GSIZE_FORMAT, i));
  g_ptr_array_add (strings, NULL);
  queries = hl_tokens_new_from_strings (NULL, (const char * const *) strings->pdata, n_queries, n_queries);
  keys = hl_tokens_new_from_strings (NULL, (const char * const *) strings->pdata, n_keys, n_keys);

  for (gsize layer = 0; n_heads[layer] >= 0; layer++)
    {
      gsize shape[] = { (gsize) n_heads[layer], n_queries, n_keys };
      float *values = g_new0 (float, shape[0] * n_queries * n_keys + 1);

      for (gsize head = 0; head < shape[0]; head++)
        for (gsize query = 0; query < n_queries && n_keys > 0; query++)
          values[(head * n_queries + query) * n_keys + (layer + head) % n_keys] = 0.5f;
      g_ptr_array_add (layers, hl_tensor_new_take_f32 (3, shape, values));
    }
  attention = hl_attention_new_dense (HL_ATTENTION_CROSS, queries, keys, (HlTensor **) layers->pdata, layers->len, &error);
  g_assert_no_error (error);

  trace = hl_trace_new (NULL);
  hl_trace_add_attention (trace, attention);
  fixture_open (fixture, HL_VIEW_MODEL, trace, width, height);
}

static HlModelFigure *
get_figure (Fixture *fixture)
{
  return (HlModelFigure *) fixture->figure;
}

static gsize
count_tiles (HlModelFigure *self)
{
  gsize n = 0;

  for (gsize layer = 0; layer < self->n_layers; layer++)
    n += hl_attention_get_n_heads (self->attention, layer);

  return n;
}

/* Elements under the enlarged head are reached by the keyboard and found by pick only beside it. */
static void
check_elements (Fixture *fixture)
{
  HlModelFigure *self = get_figure (fixture);
  g_autoptr (GArray) found = walk (fixture->figure);
  gsize expected = count_tiles (self);

  if (self->panel != NULL)
    expected += 1 + hl_attention_get_n_queries (self->attention) + hl_attention_get_n_keys (self->attention);
  g_assert_cmpuint (found->len, ==, expected);
  for (guint i = 0; i < found->len; i++)
    {
      HlElement element = g_array_index (found, HlElement, i);
      HlRect bounds;
      double x, y;

      assert_described (fixture->figure, element, &bounds);
      x = bounds.x + bounds.width / 2;
      y = bounds.y + bounds.height / 2;
      if (self->panel == NULL || element.kind != HL_MODEL_TILE || !hl_rect_contains (&self->panel_rect, x, y))
        g_assert_true (hl_element_equal (hl_figure_pick (fixture->figure, x, y), element));
    }
}

static void
test_elements (void)
{
  const int square[] = { 4, 4, 4, -1 }, ragged[] = { 2, 5, 0, 3, -1 };
  const double rooms[][2] = { { 480, 700 }, { 800, 600 }, { 100, 90 } };

  for (guint i = 0; i < G_N_ELEMENTS (rooms); i++)
    for (guint options = 0; options < 8; options++)
      {
        g_auto (Fixture) fixture = { NULL };

        open_shape (&fixture, options & 1 ? ragged : square, 7, 5, rooms[i][0], rooms[i][1]);
        fixture.state->thumbnail = options & 2 ? HL_THUMBNAIL_MATRIX : HL_THUMBNAIL_LINES;
        fixture.state->enlarged = (options & 4) != 0;
        fixture.state->layer = 1;
        fixture.state->head = 3;
        rebuild (&fixture, rooms[i][0], rooms[i][1]);
        g_assert_cmpint (get_figure (&fixture)->panel != NULL, ==, fixture.state->enlarged);
        check_elements (&fixture);
      }
}

/* In a room that is large enough nothing sticks out; in a small one tiles stay as large as a finger's width of pixels. */
static void
test_room (void)
{
  const int heads[] = { 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, 12, -1 };
  g_auto (Fixture) fixture = { NULL };

  open_shape (&fixture, heads, 16, 16, 480, 700);
  g_assert_cmpfloat (hl_figure_get_width (fixture.figure), ==, 480);
  g_assert_cmpfloat (hl_figure_get_height (fixture.figure), ==, 700);
  rebuild (&fixture, 100, 100);
  g_assert_cmpfloat (get_figure (&fixture)->pitch_x, >=, 20);
  g_assert_cmpfloat (get_figure (&fixture)->pitch_y, >=, 20);
  g_assert_cmpfloat (hl_figure_get_width (fixture.figure), >, 240);
}

/* A tile holds its head's weights: the column of the one key in the head's colour, at half strength; nothing elsewhere. */
static void
test_matrix_pixels (void)
{
  const int heads[] = { 3, 3, -1 };
  g_auto (Fixture) fixture = { NULL };
  cairo_surface_t *surface;

  open_shape (&fixture, heads, 4, 4, 480, 400);
  fixture.state->thumbnail = HL_THUMBNAIL_MATRIX;
  rebuild (&fixture, 480, 400);
  surface = draw_image (fixture.figure, NULL);
  for (gsize layer = 0; layer < 2; layer++)
    for (gsize head = 0; head < 3; head++)
      for (gsize key = 0; key < 4; key++)
        {
          HlRect tile = hl_model_get_tile (get_figure (&fixture), layer, head);
          HlColour colour = hl_figure_head_colour (fixture.figure, (guint) head);
          guint32 pixel = get_pixel (surface, tile.x + tile.width * (key + 0.5) / 4, tile.y + tile.height / 2 + 3);

          g_assert_true (is_near (pixel, key == (layer + head) % 4 ? hl_style_ramp (fixture.style, colour, 0.5)
                                                                   : fixture.style->shade, 3));
        }
  cairo_surface_destroy (surface);
}

/* Lines run together at the key's place on the right edge, and nowhere else there. */
static void
test_line_pixels (void)
{
  const int heads[] = { 3, 3, -1 };
  g_auto (Fixture) fixture = { NULL };
  cairo_surface_t *surface;

  open_shape (&fixture, heads, 4, 4, 480, 400);
  surface = draw_image (fixture.figure, NULL);
  for (gsize layer = 0; layer < 2; layer++)
    for (gsize head = 0; head < 3; head++)
      for (gsize key = 0; key < 4; key++)
        {
          HlRect tile = hl_model_get_tile (get_figure (&fixture), layer, head);
          guint32 pixel = get_pixel (surface, tile.x + tile.width - 3, tile.y + 1 + (tile.height - 2) * (key + 0.5) / 4);

          g_assert_cmpint (is_near (pixel, fixture.style->shade, 3), ==, key != (layer + head) % 4);
        }
  cairo_surface_destroy (surface);
}

static void
test_overlay (void)
{
  const int heads[] = { 3, 3, -1 };
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (HlState) newer = NULL;
  cairo_surface_t *surface;
  HlRect tile;

  open_shape (&fixture, heads, 4, 4, 480, 400);
  newer = hl_state_copy (fixture.state);
  newer->layer = 1;
  newer->head = 2;
  newer->hover.layer = 0;
  newer->hover.head = 1;
  surface = draw_image (fixture.figure, newer);
  tile = hl_model_get_tile (get_figure (&fixture), 1, 2);
  g_assert_true (is_near (get_pixel (surface, tile.x - 1, tile.y + 20), fixture.style->accent, 3));
  tile = hl_model_get_tile (get_figure (&fixture), 0, 0);
  g_assert_false (is_near (get_pixel (surface, tile.x - 1, tile.y + 20), fixture.style->accent, 3));
  cairo_surface_destroy (surface);
}

/* What is costly goes from one figure to the next while it is true, and no longer. */
static void
test_inherit (void)
{
  const int heads[] = { 3, 3, -1 };
  g_auto (Fixture) fixture = { NULL };
  HlModelPools *pools;

  open_shape (&fixture, heads, 4, 4, 480, 400);
  pools = get_figure (&fixture)->pools;
  fixture.state->enlarged = TRUE;
  rebuild (&fixture, 480, 400);
  g_assert_true (get_figure (&fixture)->pools == pools);
  fixture.state->head = 2;
  rebuild (&fixture, 500, 420);
  g_assert_true (get_figure (&fixture)->pools == pools);
  g_assert_cmpuint (get_figure (&fixture)->panel_head, ==, 2);
  fixture.state->threshold = 0.6;
  rebuild (&fixture, 500, 420);
  g_assert_cmpuint (get_figure (&fixture)->n_lines, ==, 0);
  fixture.state->threshold = 0.4;
  rebuild (&fixture, 500, 420);
  g_assert_cmpuint (get_figure (&fixture)->n_lines, ==, 6 * 4);
  fixture.state->thumbnail = HL_THUMBNAIL_MATRIX;
  rebuild (&fixture, 500, 420);
  g_assert_cmpfloat (get_figure (&fixture)->pools->cells[0][0], ==, 0.5);
}

static void
test_depends (void)
{
  g_autoptr (HlState) state = hl_state_new (NULL, 0);

  g_assert_cmpuint (hl_view_get_dependence_in (HL_VIEW_MODEL, state) & HL_CHANGE_HEAD, ==, 0);
  state->enlarged = TRUE;
  g_assert_cmpuint (hl_view_get_dependence_in (HL_VIEW_MODEL, state) & HL_CHANGE_HEAD, !=, 0);
}

static void
test_activate (void)
{
  const int heads[] = { 3, 3, -1 };
  const HlElement tile = { HL_MODEL_TILE, 1, 2, 0 }, other = { HL_MODEL_TILE, 0, 1, 0 };
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (HlSelection) selection = hl_selection_new ();
  const HlState *state;

#define FOLLOW() \
  hl_state_unref (fixture.state); \
  fixture.state = hl_state_ref (hl_selection_get_state (selection)); \
  state = fixture.state; \
  rebuild (&fixture, 480, 400)

  open_shape (&fixture, heads, 4, 4, 480, 400);
  hl_selection_set_trace (selection, fixture.trace, 0);

  g_assert_true (hl_figure_activate (fixture.figure, tile, HL_GESTURE_CLICK, selection));
  FOLLOW ();
  g_assert_cmpuint (state->layer, ==, 1);
  g_assert_cmpuint (state->head, ==, 2);
  g_assert_false (state->enlarged);

  g_assert_true (hl_figure_activate (fixture.figure, tile, HL_GESTURE_DOUBLE, selection));
  FOLLOW ();
  g_assert_true (state->enlarged);
  g_assert_nonnull (get_figure (&fixture)->panel);

  /* A click on another tile moves on to it, a second one on its own closes. */
  g_assert_true (hl_figure_activate (fixture.figure, other, HL_GESTURE_CLICK, selection));
  FOLLOW ();
  g_assert_true (state->enlarged);
  g_assert_cmpuint (get_figure (&fixture)->panel_head, ==, 1);
  g_assert_true (hl_figure_activate (fixture.figure, other, HL_GESTURE_CLICK, selection));
  FOLLOW ();
  g_assert_false (state->enlarged);

  /* Tokens in the enlarged head are those of every other view. */
  hl_selection_set_enlarged (selection, TRUE);
  FOLLOW ();
  g_assert_true (hl_figure_activate (fixture.figure, (HlElement) { HL_MODEL_TOKEN, HL_SIDE_QUERY, 2, 0 }, HL_GESTURE_CLICK,
                                     selection));
  FOLLOW ();
  g_assert_true (hl_state_has_pin (state, HL_SIDE_QUERY, 2));
  hl_figure_hover (fixture.figure, (HlElement) { HL_MODEL_TOKEN, HL_SIDE_KEY, 1, 0 }, selection);
  FOLLOW ();
  g_assert_cmpint (state->hover.key, ==, 1);
  cairo_surface_destroy (draw_image (fixture.figure, fixture.state));
  hl_figure_hover (fixture.figure, tile, selection);
  FOLLOW ();
  g_assert_cmpint (state->hover.layer, ==, 1);
  g_assert_cmpint (state->hover.head, ==, 2);

  g_assert_true (hl_figure_activate (fixture.figure, (HlElement) { HL_MODEL_OUTSIDE, 0, 0, 0 }, HL_GESTURE_CLICK,
                                     selection));
  FOLLOW ();
  g_assert_false (state->enlarged);
  hl_selection_undo (selection);
  FOLLOW ();
  g_assert_true (state->enlarged);
  g_assert_true (hl_figure_activate (fixture.figure, (HlElement) { HL_MODEL_CLOSE, 0, 0, 0 }, HL_GESTURE_CLICK, selection));
  FOLLOW ();
  g_assert_false (state->enlarged);
#undef FOLLOW
}

static void
test_describe (void)
{
  const int heads[] = { 3, 3, -1 };
  g_auto (Fixture) fixture = { NULL };
  g_autofree char *tile = NULL, *summary = NULL;
  g_autoptr (GString) csv = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;

  open_shape (&fixture, heads, 4, 4, 480, 400);
  tile = hl_figure_describe (fixture.figure, (HlElement) { HL_MODEL_TILE, 1, 2, 0 });
  g_assert_true (g_str_has_prefix (tile, "Layer 1, head 2\n"));
  g_assert_nonnull (strstr (tile, " 0.5"));
  summary = hl_figure_summarise (fixture.figure);
  g_assert_nonnull (strstr (summary, "2 layers × 3 heads"));

  hl_figure_write_csv (fixture.figure, csv);
  lines = g_strsplit (csv->str, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 1 + 6 + 1);
  g_assert_true (g_str_has_prefix (lines[0], "layer,head,entropy,"));
  g_assert_true (g_str_has_prefix (lines[6], "1,2,"));
  g_assert_true (g_str_has_suffix (lines[6], ",0.5"));
}

/* Dumps of some layers only: numbers are the model's. */
static void
test_numbers (void)
{
  const int heads[] = { 2, 2, -1 };
  const guint layers[] = { 4, 11 }, head_numbers[] = { 3, 7 };
  g_auto (Fixture) fixture = { NULL };
  g_autofree char *tile = NULL;

  open_shape (&fixture, heads, 4, 4, 480, 400);
  hl_attention_set_layer_numbers (get_figure (&fixture)->attention, layers);
  hl_attention_set_head_numbers (get_figure (&fixture)->attention, head_numbers);
  tile = hl_figure_describe (fixture.figure, (HlElement) { HL_MODEL_TILE, 1, 0, 0 });
  g_assert_true (g_str_has_prefix (tile, "Layer 11, head 3"));
}

static void
test_shapes (void)
{
  const int one[] = { 1, -1 }, none[] = { 0, -1 }, many[] = { 64, 64, 64, 64, 64, 64, 64, 64, -1 };
  const struct
  {
    const int *heads;
    gsize      n_queries;
    gsize      n_keys;
  } shapes[] = { { one, 1, 1 }, { one, 0, 0 }, { none, 3, 3 }, { many, 3, 2 }, { one, 8000, 3 }, { one, 3, 1000 },
                 { one, 300, 300 }, { one, 0, 4 }, { one, 4, 0 } };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (guint options = 0; options < 4; options++)
      {
        g_auto (Fixture) fixture = { NULL };
        g_autofree char *summary = NULL;

        open_shape (&fixture, shapes[i].heads, shapes[i].n_queries, shapes[i].n_keys, 480, 300);
        fixture.state->thumbnail = options & 1 ? HL_THUMBNAIL_MATRIX : HL_THUMBNAIL_LINES;
        fixture.state->enlarged = (options & 2) != 0;
        rebuild (&fixture, 480, 300);
        cairo_surface_destroy (draw_image (fixture.figure, fixture.state));
        summary = hl_figure_summarise (fixture.figure);
        g_assert_nonnull (summary);
      }
}

static void
test_cancelled (void)
{
  const int heads[] = { 3, -1 };
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  open_shape (&fixture, heads, 4, 4, 480, 400);
  g_cancellable_cancel (cancellable);
  g_assert_null (hl_figure_build (HL_VIEW_MODEL, fixture.state, fixture.style, 480, 400, cancellable));
  g_assert_null (hl_figure_rebuild (fixture.figure, HL_VIEW_MODEL, fixture.state, fixture.style, 480, 400, cancellable));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/model-figure/elements", test_elements);
  g_test_add_func ("/model-figure/room", test_room);
  g_test_add_func ("/model-figure/matrix-pixels", test_matrix_pixels);
  g_test_add_func ("/model-figure/line-pixels", test_line_pixels);
  g_test_add_func ("/model-figure/overlay", test_overlay);
  g_test_add_func ("/model-figure/inherit", test_inherit);
  g_test_add_func ("/model-figure/depends", test_depends);
  g_test_add_func ("/model-figure/activate", test_activate);
  g_test_add_func ("/model-figure/describe", test_describe);
  g_test_add_func ("/model-figure/numbers", test_numbers);
  g_test_add_func ("/model-figure/shapes", test_shapes);
  g_test_add_func ("/model-figure/cancelled", test_cancelled);

  return g_test_run ();
}
