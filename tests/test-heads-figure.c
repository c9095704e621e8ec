/* The head view: geometry against itself, lines and shading against the weights, what pointing does to the selection. */

#include "config.h"

#include <math.h>
#include <string.h>

#include "figure-fixture.h"
#include "hl-heads-private.h"
#include "hl-words.h"

/* weight (layer, head, query, key) */
typedef double (*Weight) (gsize layer,
                          gsize head,
                          gsize query,
                          gsize key);

static double
spread (gsize layer,
        gsize head,
        gsize query,
        gsize key)
{
  return key > query ? 0 : (1 + (layer * 7 + head * 5 + query * 3 + key * 11) % 13) / 14.0;
}

static double
only_one (gsize layer,
          gsize head,
          gsize query,
          gsize key)
{
  return head == 0 && query == 1 && key == 1 ? 0.5 : 0;
}

static HlTokens *
make_tokens (gsize n,
             gsize segment_b_start)
{
  g_autoptr (GPtrArray) strings = g_ptr_array_new_with_free_func (g_free);

  for (gsize i = 0; i < n; i++)
    g_ptr_array_add (strings, i == 0 ? g_strdup ("[CLS]") : i % 4 == 3 ? g_strdup ("##ing")
                                                          : g_strdup_printf ("w%" G_GSIZE_FORMAT, i));
  g_ptr_array_add (strings, NULL);

  return hl_tokens_new_from_strings (NULL, (const char * const *) strings->pdata, n, MIN (segment_b_start, n));
}

static void
open_shape (Fixture         *fixture,
            HlAttentionKind  kind,
            gsize            n_layers,
            gsize            n_heads,
            gsize            n_queries,
            gsize            n_keys,
            Weight           weight)
{
  g_autoptr (HlTokens) queries = make_tokens (n_queries, 5);
  g_autoptr (HlTokens) keys = kind == HL_ATTENTION_CROSS ? make_tokens (n_keys, n_keys) : hl_tokens_ref (queries);
  g_autoptr (GPtrArray) layers = g_ptr_array_new_with_free_func ((GDestroyNotify) hl_tensor_unref);
  g_autoptr (GError) error = NULL;
  g_autoptr (HlAttention) attention = NULL;
  HlTrace *trace;
  gsize shape[] = { n_heads, n_queries, n_keys };

  for (gsize layer = 0; layer < n_layers; layer++)
    {
      float *values = g_new (float, n_heads * n_queries * n_keys + 1);

      for (gsize head = 0; head < n_heads; head++)
        for (gsize query = 0; query < n_queries; query++)
          for (gsize key = 0; key < n_keys; key++)
            values[(head * n_queries + query) * n_keys + key] = (float) weight (layer, head, query, key);
      g_ptr_array_add (layers, hl_tensor_new_take_f32 (3, shape, values));
    }
  attention = hl_attention_new_dense (kind, queries, keys, (HlTensor **) layers->pdata, n_layers, &error);
  g_assert_no_error (error);

  trace = hl_trace_new (NULL);
  hl_trace_add_attention (trace, attention);
  fixture_open (fixture, HL_VIEW_HEADS, trace, 480, 500);
}

static HlHeadsFigure *
get_figure (Fixture *fixture)
{
  return (HlHeadsFigure *) fixture->figure;
}

/* The colour that paint of @opacity gives over the background. */
static HlColour
over_background (Fixture  *fixture,
                 HlColour  colour,
                 double    opacity)
{
  const HlColour *ground = &fixture->style->background;

  return (HlColour) { ground->red + (colour.red - ground->red) * opacity,
                      ground->green + (colour.green - ground->green) * opacity,
                      ground->blue + (colour.blue - ground->blue) * opacity, 1 };
}

/* Every chip and every token that is shown can be reached, is where pick finds it, and has something to say. */
static void
check_elements (Fixture *fixture)
{
  HlHeadsFigure *self = get_figure (fixture);
  g_autoptr (GArray) found = walk (fixture->figure);
  guint expected = self->n_heads + self->sides[HL_SIDE_QUERY].n + (self->arcs ? 0 : self->sides[HL_SIDE_KEY].n);

  g_assert_cmpuint (found->len, ==, expected);
  for (guint i = 0; i < found->len; i++)
    assert_element (fixture->figure, g_array_index (found, HlElement, i));
  g_assert_cmpuint (hl_figure_pick (fixture->figure, -5, -5).kind, ==, 0);
}

static void
test_elements (void)
{
  const double widths[] = { 480, 800, 200, 60 };

  for (guint layout = 0; layout < 2; layout++)
    for (guint words = 0; words < 2; words++)
      for (guint i = 0; i < G_N_ELEMENTS (widths); i++)
        {
          g_auto (Fixture) fixture = { NULL };

          open_shape (&fixture, HL_ATTENTION_SELF, 2, 12, 11, 11, spread);
          fixture.state->layout = layout;
          fixture.state->merge_words = words;
          rebuild (&fixture, widths[i], 300);
          g_assert_cmpint (get_figure (&fixture)->arcs, ==, layout == HL_LAYOUT_ARCS);
          check_elements (&fixture);
        }
}

static void
test_filter (void)
{
  const HlFilter filters[] = { HL_FILTER_ALL, HL_FILTER_AA, HL_FILTER_AB, HL_FILTER_BA, HL_FILTER_BB };
  const guint counts[][2] = { { 11, 11 }, { 5, 5 }, { 5, 6 }, { 6, 5 }, { 6, 6 } };

  for (guint i = 0; i < G_N_ELEMENTS (filters); i++)
    for (guint layout = 0; layout < 2; layout++)
      {
        g_auto (Fixture) fixture = { NULL };
        HlHeadsFigure *self;

        open_shape (&fixture, HL_ATTENTION_SELF, 1, 3, 11, 11, spread);
        fixture.state->filter = filters[i];
        fixture.state->layout = layout;
        rebuild (&fixture, 480, 500);
        self = get_figure (&fixture);
        g_assert_cmpuint (self->sides[HL_SIDE_QUERY].n, ==, counts[i][0]);
        g_assert_cmpuint (self->sides[HL_SIDE_KEY].n, ==, counts[i][1]);
        if (filters[i] == HL_FILTER_AB || filters[i] == HL_FILTER_BA)
          g_assert_false (self->arcs);
        check_elements (&fixture);
        for (guint row = 0; row < self->sides[HL_SIDE_QUERY].n; row++)
          g_assert_true (hl_state_shows_query (fixture.state, self->sides[HL_SIDE_QUERY].tokens[row]));
      }
}

/* The lines are those weights of heads that are on that reach the threshold, and the count says so. */
static void
test_lines (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autofree char *count = NULL;
  HlHeadsFigure *self;
  gsize n = 0, n_pairs = 0;

  open_shape (&fixture, HL_ATTENTION_SELF, 2, 4, 9, 9, spread);
  fixture.state->layer = 1;
  fixture.state->threshold = 0.4;
  hl_head_set_put (&fixture.state->heads, 2, FALSE);
  rebuild (&fixture, 480, 500);
  self = get_figure (&fixture);

  for (gsize head = 0; head < 4; head++)
    {
      gsize own = 0;

      for (gsize query = 0; query < 9; query++)
        for (gsize key = 0; key < 9; key++)
          {
            n_pairs += head != 2 && spread (1, head, query, key) > 0;
            own += head != 2 && (float) spread (1, head, query, key) >= 0.4f;
          }
      g_assert_cmpuint (self->heads[head].n_lines, ==, own);
      for (gsize i = 0; i < own; i++)
        {
          const HlHeadsLine *line = &self->heads[head].lines[i];

          g_assert_cmpfloat_with_epsilon (line->weight, spread (1, head, line->query, line->key), 1e-6);
        }
      n += own;
    }
  g_assert_cmpuint (self->n_lines, ==, n);
  g_assert_cmpuint (self->n_pairs, ==, n_pairs);
  count = hl_heads_dup_count (self);
  g_assert_nonnull (strstr (count, "0.4"));
}

static void
test_special (void)
{
  g_auto (Fixture) fixture = { NULL };
  HlHeadsFigure *self;

  open_shape (&fixture, HL_ATTENTION_SELF, 1, 2, 9, 9, spread);
  fixture.state->hide_special = TRUE;
  rebuild (&fixture, 480, 500);
  self = get_figure (&fixture);
  g_assert_cmpuint (self->sides[HL_SIDE_KEY].n, ==, 9);
  g_assert_true (self->sides[HL_SIDE_KEY].muted[0]);
  for (gsize i = 0; i < self->heads[0].n_lines; i++)
    g_assert_cmpuint (self->heads[0].lines[i].key, !=, 0);
  check_elements (&fixture);
}

/* A weight of 0.5 is half the colour, whether one head is on or ten. */
static void
test_half_tone (void)
{
  for (guint n_heads = 1; n_heads <= 10; n_heads += 9)
    {
      g_auto (Fixture) fixture = { NULL };
      HlHeadsFigure *self;
      cairo_surface_t *surface;
      double y;

      open_shape (&fixture, HL_ATTENTION_SELF, 1, n_heads, 4, 4, only_one);
      self = get_figure (&fixture);
      surface = draw_image (fixture.figure, NULL);
      y = self->sides[HL_SIDE_QUERY].y[1];
      /* The line is 1.5 px: one row of pixels is covered fully only where the middle lies on it; two together make 1.5. */
      {
        guint32 above = get_pixel (surface, self->field.x + 50, y - 1), below = get_pixel (surface, self->field.x + 50, y);

        if (y == floor (y))
          {
            g_assert_true (is_near (above, over_background (&fixture, self->heads[0].colour, 0.375), 3));
            g_assert_true (is_near (below, over_background (&fixture, self->heads[0].colour, 0.375), 3));
          }
        else
          {
            g_assert_true (is_near (below, over_background (&fixture, self->heads[0].colour, 0.5), 3));
          }
      }
      g_assert_true (is_near (get_pixel (surface, self->field.x + 50, self->sides[HL_SIDE_QUERY].y[2]),
                              fixture.style->background, 0));
      cairo_surface_destroy (surface);
    }
}

/* Hovering a token leaves its lines alone and shades the other side by head. */
static void
test_overlay (void)
{
  for (HlSide side = HL_SIDE_QUERY; side <= HL_SIDE_KEY; side++)
    {
      g_auto (Fixture) fixture = { NULL };
      g_autoptr (HlState) hovered = NULL;
      HlHeadsFigure *self;
      cairo_surface_t *surface;
      double strip, x, y;

      open_shape (&fixture, HL_ATTENTION_SELF, 1, 2, 4, 4, only_one);
      self = get_figure (&fixture);
      hovered = hl_state_copy (fixture.state);
      if (side == HL_SIDE_QUERY)
        hovered->hover.query = 1;
      else
        hovered->hover.key = 1;
      surface = draw_image (fixture.figure, hovered);

      strip = hl_style_grid (fixture.style, 1.2);
      x = side == HL_SIDE_QUERY ? self->to_x - 2 * strip : self->from_x;
      y = self->sides[!side].y[1];
      g_assert_true (is_near (get_pixel (surface, x + strip / 2, y),
                              hl_style_ramp (fixture.style, self->heads[0].colour, 0.5), 1));
      g_assert_true (is_near (get_pixel (surface, x + 1.5 * strip, y), fixture.style->background, 0));
      g_assert_true (is_near (get_pixel (surface, x + strip / 2, self->sides[!side].y[2]), fixture.style->background, 0));
      cairo_surface_destroy (surface);
    }
}

/* Every state of hover and pins draws, on pixels and as a vector. */
static void
test_states (void)
{
  for (guint i = 0; i < 64; i++)
    {
      g_auto (Fixture) fixture = { NULL };
      g_autoptr (HlState) state = NULL;
      const HlPin pins[] = { { HL_SIDE_QUERY, 2 }, { HL_SIDE_KEY, 3 }, { HL_SIDE_QUERY, 6 } };
      cairo_surface_t *surface, *recording;
      cairo_t *cr;

      open_shape (&fixture, HL_ATTENTION_SELF, 1, 3, 9, 9, spread);
      fixture.state->layout = i & 1 ? HL_LAYOUT_ARCS : HL_LAYOUT_COLUMNS;
      fixture.state->merge_words = (i & 2) != 0;
      rebuild (&fixture, 480, 400);
      state = hl_state_copy (fixture.state);
      if (i & 4)
        state->hover.query = 4;
      if (i & 8)
        state->hover.key = 3;
      if (i & 16)
        hl_state_set_pins (state, pins, G_N_ELEMENTS (pins));
      if (i & 32)
        state->hover.head = 1;
      hl_head_set_put (&state->heads, 1, FALSE);
      surface = draw_image (fixture.figure, state);
      cairo_surface_destroy (surface);

      recording = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
      cr = cairo_create (recording);
      hl_figure_draw (fixture.figure, cr, NULL);
      hl_figure_draw_overlay (fixture.figure, cr, state, HL_ELEMENT_NONE, NULL);
      g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
      cairo_destroy (cr);
      cairo_surface_destroy (recording);
    }
}

static void
test_activate (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (HlSelection) selection = hl_selection_new ();
  const HlState *state;

  open_shape (&fixture, HL_ATTENTION_SELF, 2, 4, 9, 9, spread);
  hl_selection_set_trace (selection, fixture.trace, 0);

#define ACTIVATE(kind, i, j, gesture) \
  g_assert_true (hl_figure_activate (fixture.figure, (HlElement) { kind, i, j, 0 }, gesture, selection)); \
  state = hl_selection_get_state (selection)

  ACTIVATE (HL_HEADS_CHIP, 2, 0, HL_GESTURE_CLICK);
  g_assert_false (hl_head_set_has (&state->heads, 2));
  ACTIVATE (HL_HEADS_CHIP, 1, 0, HL_GESTURE_DOUBLE);
  g_assert_cmpuint (hl_head_set_count (&state->heads, 4), ==, 1);
  g_assert_true (hl_head_set_has (&state->heads, 1));
  ACTIVATE (HL_HEADS_CHIP, 1, 0, HL_GESTURE_DOUBLE);
  g_assert_cmpuint (hl_head_set_count (&state->heads, 4), ==, 4);
  ACTIVATE (HL_HEADS_CHIP, 3, 0, HL_GESTURE_EXTEND);
  g_assert_cmpuint (state->head, ==, 3);
  g_assert_cmpuint (state->layer, ==, 0);

  ACTIVATE (HL_HEADS_TOKEN, HL_SIDE_QUERY, 4, HL_GESTURE_CLICK);
  ACTIVATE (HL_HEADS_TOKEN, HL_SIDE_QUERY, 5, HL_GESTURE_CLICK);
  g_assert_cmpuint (hl_state_count_pins (state, HL_SIDE_QUERY), ==, 2);
  ACTIVATE (HL_HEADS_TOKEN, HL_SIDE_KEY, 1, HL_GESTURE_CLICK);
  g_assert_true (hl_state_has_pin (state, HL_SIDE_KEY, 1));
  ACTIVATE (HL_HEADS_TOKEN, HL_SIDE_QUERY, 5, HL_GESTURE_CLICK);
  g_assert_false (hl_state_has_pin (state, HL_SIDE_QUERY, 5));
  ACTIVATE (HL_HEADS_TOKEN, HL_SIDE_QUERY, 7, HL_GESTURE_DOUBLE);
  g_assert_cmpuint (hl_state_count_pins (state, HL_SIDE_QUERY), ==, 1);
  g_assert_true (hl_state_has_pin (state, HL_SIDE_QUERY, 7));

  hl_figure_hover (fixture.figure, (HlElement) { HL_HEADS_TOKEN, HL_SIDE_KEY, 3, 0 }, selection);
  state = hl_selection_get_state (selection);
  g_assert_cmpint (state->hover.key, ==, 3);
  g_assert_cmpint (state->hover.query, ==, -1);
  hl_figure_hover (fixture.figure, (HlElement) { HL_HEADS_CHIP, 2, 0, 0 }, selection);
  state = hl_selection_get_state (selection);
  g_assert_cmpint (state->hover.head, ==, 2);
  g_assert_cmpint (state->hover.layer, ==, 0);
#undef ACTIVATE
}

static void
test_describe (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autofree char *query = NULL, *key = NULL, *summary = NULL;

  open_shape (&fixture, HL_ATTENTION_SELF, 1, 3, 4, 4, only_one);
  query = hl_figure_describe (fixture.figure, (HlElement) { HL_HEADS_TOKEN, HL_SIDE_QUERY, 1, 0 });
  g_assert_nonnull (strstr (query, "“w1”, query 1 of 4"));
  g_assert_nonnull (strstr (query, "“w1” 0.5"));
  key = hl_figure_describe (fixture.figure, (HlElement) { HL_HEADS_TOKEN, HL_SIDE_KEY, 2, 0 });
  g_assert_nonnull (strstr (key, "Receives nothing"));
  summary = hl_figure_summarise (fixture.figure);
  g_assert_nonnull (strstr (summary, "all 3 heads"));
}

static void
test_csv (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (GString) csv = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;
  guint n = 1;

  open_shape (&fixture, HL_ATTENTION_SELF, 2, 3, 6, 6, spread);
  fixture.state->layer = 1;
  hl_head_set_put (&fixture.state->heads, 1, FALSE);
  rebuild (&fixture, 480, 400);
  hl_figure_write_csv (fixture.figure, csv);
  lines = g_strsplit (csv->str, "\n", -1);
  g_assert_cmpstr (lines[0], ==, "layer,head,query,query_token,key,key_token,weight");
  for (guint head = 0; head < 3; head += 2)
    for (guint query = 0; query < 6; query++)
      for (guint key = 0; key < 6; key++, n++)
        {
          g_auto (GStrv) fields = g_strsplit (lines[n], ",", -1);

          g_assert_cmpuint (g_strv_length (fields), ==, 7);
          g_assert_cmpstr (fields[0], ==, "1");
          g_assert_cmpint (atoi (fields[1]), ==, (int) head);
          g_assert_cmpint (atoi (fields[2]), ==, (int) query);
          g_assert_cmpint (atoi (fields[4]), ==, (int) key);
          g_assert_true ((float) g_ascii_strtod (fields[6], NULL) == (float) spread (1, head, query, key));
        }
  g_assert_cmpstr (lines[n], ==, "");
}

/* Merged words have the weights of hl_words_read(). */
static void
test_words (void)
{
  g_auto (Fixture) fixture = { NULL };
  HlHeadsFigure *self;

  open_shape (&fixture, HL_ATTENTION_SELF, 1, 2, 11, 11, spread);
  fixture.state->merge_words = TRUE;
  rebuild (&fixture, 480, 400);
  self = get_figure (&fixture);
  g_assert_cmpuint (self->sides[HL_SIDE_QUERY].n, <, 11);
  /* Both pieces of a word are one row. */
  g_assert_cmpint (self->sides[HL_SIDE_QUERY].rows[2], ==, self->sides[HL_SIDE_QUERY].rows[3]);
  for (gsize i = 0; i < self->heads[1].n_lines; i++)
    {
      const HlHeadsLine *line = &self->heads[1].lines[i];
      float weight;

      hl_words_read (self->attention, 0, 1, self->sides[HL_SIDE_QUERY].units[line->query], 1,
                     self->sides[HL_SIDE_KEY].units[line->key], 1, &weight);
      g_assert_cmpfloat (weight, ==, line->weight);
    }
}

static void
test_fall_back (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autofree char *summary = NULL;

  open_shape (&fixture, HL_ATTENTION_CROSS, 1, 3, 4, 7, spread);
  fixture.state->layout = HL_LAYOUT_ARCS;
  rebuild (&fixture, 480, 400);
  g_assert_false (get_figure (&fixture)->arcs);
  summary = hl_figure_summarise (fixture.figure);
  g_assert_nonnull (strstr (summary, "columns"));
  check_elements (&fixture);
}

/* Rows shrink to fit the room before the figure grows. */
static void
test_room (void)
{
  g_auto (Fixture) fixture = { NULL };

  open_shape (&fixture, HL_ATTENTION_SELF, 1, 3, 20, 20, spread);
  rebuild (&fixture, 480, 440);
  g_assert_cmpfloat (hl_figure_get_height (fixture.figure), ==, 440);
  g_assert_cmpfloat (get_figure (&fixture)->row_height, <, 22);
  rebuild (&fixture, 480, 200);
  g_assert_cmpfloat (get_figure (&fixture)->row_height, ==, 16);
  g_assert_cmpfloat (hl_figure_get_height (fixture.figure), >, 320);
  rebuild (&fixture, 480, 1000);
  g_assert_cmpfloat (get_figure (&fixture)->row_height, ==, 30);
}

static void
test_degenerate (void)
{
  const gsize shapes[][4] = { /* heads, queries, keys, room */
    { 1, 1, 1, 480 }, { 3, 0, 0, 480 }, { 0, 3, 3, 480 }, { 64, 2, 5, 100 }, { 2, 5, 0, 1 }, { 2, 0, 5, 300 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (guint layout = 0; layout < 2; layout++)
      {
        g_auto (Fixture) fixture = { NULL };
        g_autofree char *summary = NULL;
        g_autoptr (GString) csv = g_string_new (NULL);
        g_autoptr (HlState) state = NULL;

        open_shape (&fixture, HL_ATTENTION_CROSS, 1, shapes[i][0], shapes[i][1], shapes[i][2], spread);
        fixture.state->layout = layout;
        rebuild (&fixture, shapes[i][3], shapes[i][3]);
        state = hl_state_copy (fixture.state);
        state->hover.query = shapes[i][1] > 0 ? 0 : -1;
        cairo_surface_destroy (draw_image (fixture.figure, state));
        summary = hl_figure_summarise (fixture.figure);
        g_assert_nonnull (summary);
        hl_figure_write_csv (fixture.figure, csv);
        if (shapes[i][0] > 0)
          check_elements (&fixture);
      }
}

static double
broken (gsize layer,
        gsize head,
        gsize query,
        gsize key)
{
  const double values[] = { NAN, INFINITY, -INFINITY, -1, 2, 1e-30 };

  return values[(query + key) % G_N_ELEMENTS (values)];
}

static void
test_broken_weights (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (HlState) state = NULL;

  open_shape (&fixture, HL_ATTENTION_SELF, 1, 2, 7, 7, broken);
  state = hl_state_copy (fixture.state);
  state->hover.query = 2;
  cairo_surface_destroy (draw_image (fixture.figure, state));
  check_elements (&fixture);
}

static void
test_cancelled (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  open_shape (&fixture, HL_ATTENTION_SELF, 1, 2, 7, 7, spread);
  g_cancellable_cancel (cancellable);
  g_assert_null (hl_figure_build (HL_VIEW_HEADS, fixture.state, fixture.style, 480, 400, cancellable));
}

/* What several threads draw of one figure is the same. */
static gpointer
draw_thread (gpointer figure)
{
  return draw_image (figure, NULL);
}

static void
test_threads (void)
{
  g_auto (Fixture) fixture = { NULL };
  GThread *threads[3];
  cairo_surface_t *images[3];

  open_shape (&fixture, HL_ATTENTION_SELF, 1, 12, 40, 40, spread);
  for (guint i = 0; i < 3; i++)
    threads[i] = g_thread_new ("draw", draw_thread, fixture.figure);
  for (guint i = 0; i < 3; i++)
    images[i] = g_thread_join (threads[i]);
  for (guint i = 1; i < 3; i++)
    g_assert_cmpint (memcmp (cairo_image_surface_get_data (images[0]), cairo_image_surface_get_data (images[i]),
                             (gsize) cairo_image_surface_get_stride (images[0]) *
                             (gsize) cairo_image_surface_get_height (images[0])), ==, 0);
  for (guint i = 0; i < 3; i++)
    cairo_surface_destroy (images[i]);
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/heads-figure/elements", test_elements);
  g_test_add_func ("/heads-figure/filter", test_filter);
  g_test_add_func ("/heads-figure/lines", test_lines);
  g_test_add_func ("/heads-figure/special", test_special);
  g_test_add_func ("/heads-figure/half-tone", test_half_tone);
  g_test_add_func ("/heads-figure/overlay", test_overlay);
  g_test_add_func ("/heads-figure/states", test_states);
  g_test_add_func ("/heads-figure/activate", test_activate);
  g_test_add_func ("/heads-figure/describe", test_describe);
  g_test_add_func ("/heads-figure/csv", test_csv);
  g_test_add_func ("/heads-figure/words", test_words);
  g_test_add_func ("/heads-figure/fall-back", test_fall_back);
  g_test_add_func ("/heads-figure/room", test_room);
  g_test_add_func ("/heads-figure/degenerate", test_degenerate);
  g_test_add_func ("/heads-figure/broken-weights", test_broken_weights);
  g_test_add_func ("/heads-figure/cancelled", test_cancelled);
  g_test_add_func ("/heads-figure/threads", test_threads);

  return g_test_run ();
}
