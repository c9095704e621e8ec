#include <math.h>
#include <string.h>

#include "hl-format.h"
#include "sequence-fixture.h"
#include "shared-files.h"

/* The sequence view: layout, hit testing and the numbers behind its colours. */

/* Rows of a softmax that differ by head: head h of token q looks mostly at token (q + h) mod keys. */
static HlTrace *
make_attention_trace (HlTokens        *queries,
                      HlTokens        *keys,
                      HlAttentionKind  kind,
                      gsize            n_heads)
{
  gsize shape[3] = { n_heads, hl_tokens_get_length (queries), hl_tokens_get_length (keys) };
  float *weights = g_new0 (float, shape[0] * shape[1] * shape[2]);
  g_autoptr (HlTensor) tensor = NULL;
  g_autoptr (HlAttention) attention = NULL;
  g_autoptr (GError) error = NULL;
  HlTrace *trace = hl_trace_new ("Test");

  for (gsize head = 0; head < n_heads; head++)
    for (gsize query = 0; query < shape[1]; query++)
      for (gsize key = 0; key < shape[2]; key++)
        weights[(head * shape[1] + query) * shape[2] + key] = key == (query + head) % shape[2] ? 0.75f
                                                                : 0.25f / (shape[2] > 1 ? shape[2] - 1 : 1);
  tensor = hl_tensor_new_take_f32 (3, shape, weights);
  attention = hl_attention_new_dense (kind, queries, keys, &tensor, 1, &error);
  g_assert_no_error (error);
  hl_trace_add_attention (trace, attention);

  return trace;
}

static void
test_layout (void)
{
  static const double widths[] = { 1240, 620, 300, 90 };
  static const gsize lanes[] = { 1, 3, 12, 40 };

  for (gsize w = 0; w < G_N_ELEMENTS (widths); w++)
    for (gsize n = 0; n < G_N_ELEMENTS (lanes); n++)
      {
        g_autoptr (HlTrace) trace = make_long_trace (60, lanes[n]);
        g_autoptr (HlState) state = hl_state_new (trace, 0);
        g_autoptr (HlFigure) figure = build (state, widths[w], 260);

        assert_invariants (figure);
      }
}

/* In left-to-right text, going through the tokens goes right along a line and down from line to line. */
static void
test_reading_order (void)
{
  g_autoptr (HlTrace) trace = make_long_trace (120, 2);
  g_autoptr (HlState) state = hl_state_new (trace, 0);
  g_autoptr (HlFigure) figure = build (state, 620, 400);
  HlElement element = { HL_SEQUENCE_TOKEN, 0, HL_SIDE_QUERY, 0 };
  HlRect before, after;

  g_assert_true (hl_figure_get_bounds (figure, element, &before));
  for (int token = 1; token < 120; token++)
    {
      element = hl_figure_neighbour (figure, element, HL_DIRECTION_RIGHT);
      g_assert_cmpint (element.i, ==, token);
      g_assert_true (hl_figure_get_bounds (figure, element, &after));
      g_assert_true (after.y > before.y || (after.y == before.y && after.x >= before.x + before.width - 0.01));
      before = after;
    }
  g_assert_true (hl_element_equal (hl_figure_neighbour (figure, element, HL_DIRECTION_RIGHT), element));
  element = hl_figure_neighbour (figure, element, HL_DIRECTION_UP);
  g_assert_true (hl_figure_get_bounds (figure, element, &after));
  g_assert_cmpfloat (after.y, <, before.y);
  element = hl_figure_neighbour (figure, element, HL_DIRECTION_FIRST);
  g_assert_cmpint (element.i, ==, 0);
}

static void
test_right_to_left (void)
{
  static const char * const strings[] = { "[CLS]", "شكرا", "جزيل", "##ا", "GPT", "two", "لك", "[SEP]" };
  g_autoptr (HlTrace) trace = make_trace_from_strings (strings, G_N_ELEMENTS (strings), 2);
  g_autoptr (HlState) state = hl_state_new (trace, 0);
  g_autoptr (HlFigure) figure = build (state, 900, 300);
  HlSequenceBlock *block = &look_into (figure)->blocks[0];
  HlElement element = { HL_SEQUENCE_TOKEN, 0, HL_SIDE_QUERY, 0 };
  HlRect rects[G_N_ELEMENTS (strings)];

  assert_invariants (figure);
  g_assert_cmpuint (block->lines->len, ==, 1);
  g_assert_true (g_array_index (block->lines, HlSequenceLine, 0).rtl);
  for (gsize i = 0; i < G_N_ELEMENTS (strings); i++)
    rects[i] = hl_sequence_block_cell (block, i);
  /* The text runs to the left, what is Latin in it to the right, and a split word joins without a gap. */
  g_assert_cmpfloat (rects[0].x, >, rects[1].x);
  g_assert_cmpfloat (rects[1].x, >, rects[2].x);
  g_assert_cmpfloat_with_epsilon (rects[3].x + rects[3].width, rects[2].x, 0.01);
  g_assert_cmpfloat (rects[4].x, <, rects[5].x);
  g_assert_cmpfloat (rects[5].x, <, rects[3].x);
  g_assert_cmpfloat (rects[6].x, <, rects[4].x);
  g_assert_cmpfloat (rects[7].x, <, rects[6].x);
  /* The arrow keys follow the eye, through the tokens in reading order. */
  for (int token = 1; token < (int) G_N_ELEMENTS (strings); token++)
    {
      element = hl_figure_neighbour (figure, element, HL_DIRECTION_LEFT);
      g_assert_cmpint (element.i, ==, token);
    }
}

/* An Arabic word within English keeps its place, and two of them their own order. */
static void
test_embedded_direction (void)
{
  static const char * const strings[] = { "say", "شكرا", "جزيلا", "now" };
  g_autoptr (HlTrace) trace = make_trace_from_strings (strings, G_N_ELEMENTS (strings), 2);
  g_autoptr (HlState) state = hl_state_new (trace, 0);
  g_autoptr (HlFigure) figure = build (state, 900, 300);
  HlSequenceBlock *block = &look_into (figure)->blocks[0];

  assert_invariants (figure);
  g_assert_false (g_array_index (block->lines, HlSequenceLine, 0).rtl);
  g_assert_cmpfloat (hl_sequence_block_cell (block, 0).x, <, hl_sequence_block_cell (block, 2).x);
  g_assert_cmpfloat (hl_sequence_block_cell (block, 2).x, <, hl_sequence_block_cell (block, 1).x);
  g_assert_cmpfloat (hl_sequence_block_cell (block, 1).x, <, hl_sequence_block_cell (block, 3).x);
}

static void
test_scripts (void)
{
  static const char * const strings[] = { "[CLS]", "我", "喜", "欢", "日本語", "😀", "👩‍👩‍👧", "e", "##\u0301",
                                          "x\ny", "\n", "\t", "<b>&amp;", "",
                                          "\u2028", "[SEP]" };
  g_autofree char *endless = g_strnfill (3000, 'w');
  g_autofree const char **all = g_new0 (const char *, G_N_ELEMENTS (strings) + 1);
  g_autoptr (HlTrace) trace = NULL;
  g_autoptr (HlState) state = NULL;
  g_autoptr (HlFigure) figure = NULL;
  HlSequenceBlock *block;

  memcpy (all, strings, sizeof strings);
  all[G_N_ELEMENTS (strings)] = endless;
  trace = make_trace_from_strings (all, G_N_ELEMENTS (strings) + 1, 3);
  state = hl_state_new (trace, 0);
  figure = build (state, 500, 300);
  assert_invariants (figure);

  block = &look_into (figure)->blocks[0];
  /* Ideographs follow each other without the space of a word; a line break in a token ends the line after it. */
  g_assert_cmpfloat_with_epsilon (hl_sequence_block_cell (block, 1).x + hl_sequence_block_cell (block, 1).width,
                                  hl_sequence_block_cell (block, 2).x, 0.01);
  g_assert_cmpuint (block->places[9].line + 1, ==, block->places[10].line);
  g_assert_cmpuint (block->places[10].line + 1, ==, block->places[11].line);
}

/* A text whose spaces are tokens looks like text: words stay together, and a space is as narrow as a space. */
static void
test_characters (void)
{
  static const char text[] = "a cat sat on the mat and looked at the other cat for a very long time indeed";
  gsize n = strlen (text);
  g_auto (GStrv) strings = g_new0 (char *, n + 1);
  g_autoptr (HlTrace) trace = NULL;
  g_autoptr (HlState) state = NULL;
  g_autoptr (HlFigure) figure = NULL;
  HlSequenceBlock *block;

  for (gsize i = 0; i < n; i++)
    strings[i] = g_strndup (text + i, 1);
  trace = make_trace_from_strings ((const char * const *) strings, n, 1);
  state = hl_state_new (trace, 0);
  figure = build (state, 240, 300);
  assert_invariants (figure);
  block = &look_into (figure)->blocks[0];
  g_assert_true (block->spaces_are_tokens);
  g_assert_cmpuint (block->lines->len, >, 1);
  for (gsize i = 1; i < n; i++)
    {
      if (text[i - 1] != ' ')
        g_assert_cmpuint (block->places[i].line, ==, block->places[i - 1].line);
      if (text[i] == ' ')
        g_assert_cmpfloat (block->places[i].width, <, 8);
    }
}

/* Character offsets decide where spaces are: "word," has none. */
static void
test_spaces_from_input (void)
{
  static const char * const strings[] = { "Well", ",", "(", "yes", ")" };
  g_autoptr (HlTokens) tokens = make_tokens ("Well, (yes)", strings, G_N_ELEMENTS (strings));
  g_autoptr (HlTrace) trace = make_trace (tokens, 2);
  g_autoptr (HlState) state = hl_state_new (trace, 0);
  g_autoptr (HlFigure) figure = build (state, 900, 300);
  HlSequenceBlock *block = &look_into (figure)->blocks[0];
  static const gboolean touches[] = { FALSE, TRUE, FALSE, TRUE, TRUE };

  assert_invariants (figure);
  for (gsize i = 1; i < G_N_ELEMENTS (strings); i++)
    {
      double gap = block->places[i].x - block->places[i - 1].x - block->places[i - 1].width;

      if (touches[i])
        g_assert_cmpfloat_with_epsilon (gap, 0, 0.01);
      else
        g_assert_cmpfloat (gap, >, 1);
    }
}

/* Every cell of every lane has the colour that the ramp gives its value; so has the ground of a blank token. */
static void
check_colours (HlState *state,
               HlTheme  theme)
{
  g_autoptr (HlStyle) style = hl_style_new (theme, NULL, 0);
  g_autoptr (HlFigure) figure = hl_figure_build (HL_VIEW_SEQUENCE, state, style, 900, 700, NULL);
  HlSequenceFigure *self = look_into (figure);
  const HlSequenceData *data = &self->data;
  cairo_surface_t *surface = draw_image (figure, NULL);

  for (gsize lane = 0; lane < data->n_lanes; lane++)
    for (gsize cell = 0; cell < data->cells.n; cell++)
      {
        HlElement element = { HL_SEQUENCE_VALUE, (int) data->cells.first[cell], (int) data->cells.side,
                              (int) data->heads[lane] };
        double value = data->values[lane * data->cells.n + cell];
        double intensity = hl_sequence_data_intensity (data, value, data->tops[lane]);
        HlRect rect;

        if (isnan (value))
          continue;
        g_assert_true (hl_figure_get_bounds (figure, element, &rect));
        g_assert_true (is_near (get_pixel (surface, rect.x + rect.width / 2, rect.y + rect.height / 2),
                                hl_sequence_lane_colour (style, hl_figure_head_colour (figure, data->heads[lane]), intensity),
                                1));
      }
  for (gsize cell = 0; cell < data->cells.n; cell++)
    {
      HlRect rect = hl_sequence_block_cell (&self->blocks[0], cell);

      /* The upper edge is above every letter here. */
      if (isfinite (data->ground[cell]))
        g_assert_true (is_near (get_pixel (surface, rect.x + rect.width / 2, rect.y + 1),
                                hl_style_ramp (style, hl_sequence_ground_hue (figure, data),
                                               hl_sequence_data_intensity (data, data->ground[cell], data->ground_top)),
                                1));
    }
  cairo_surface_destroy (surface);
}

static void
test_colours (void)
{
  static const char * const strings[] = { "axe", "no", "sum", "an", "err", "us" };
  static const HlScale scales[] = { HL_SCALE_LINEAR, HL_SCALE_LOG, HL_SCALE_ROW };
  g_autoptr (HlTrace) trace = make_trace_from_strings (strings, G_N_ELEMENTS (strings), 4);

  for (gsize i = 0; i < G_N_ELEMENTS (scales); i++)
    for (int highlight = -1; highlight < 4; highlight += 2)
      {
        g_autoptr (HlState) base = hl_state_new (trace, 0);
        g_autoptr (HlState) state = hl_state_copy (base);

        state->scale = scales[i];
        state->highlight = highlight;
        check_colours (state, HL_THEME_LIGHT);
        check_colours (state, HL_THEME_DARK);
      }
}

/* Known numbers: absolute up to one, pale channels to their maximum, log from the smallest, rows by their largest. */
static void
test_scales (void)
{
  static const char * const strings[] = { "a", "b", "c", "d" };
  static const float weights[] = { 0.0f, 0.001f, 0.1f, 1.0f };
  static const float pale[] = { 0.1f, 0.2f, 0.3f, 0.4f };
  g_autoptr (HlTokens) tokens = make_tokens (NULL, strings, 4);

  for (int which = 0; which < 2; which++)
    {
      g_autoptr (HlScores) scores = hl_scores_new (NULL, tokens);
      g_autoptr (HlTrace) trace = hl_trace_new (NULL);
      g_autoptr (HlState) base = NULL;

      hl_scores_add_channel (scores, "x", which == 0 ? weights : pale, -1, TRUE);
      hl_trace_add_scores (trace, scores);
      base = hl_state_new (trace, 0);

      for (HlScale scale = HL_SCALE_LINEAR; scale <= HL_SCALE_ROW; scale++)
        {
          g_autoptr (HlState) state = hl_state_copy (base);
          g_autoptr (HlFigure) figure = NULL;
          const HlSequenceData *data;

          state->scale = scale;
          figure = build (state, 600, 300);
          data = &look_into (figure)->data;
          cairo_surface_destroy (draw_image (figure, hl_figure_get_state (figure)));
          if (which == 1)
            {
              if (scale != HL_SCALE_LOG)
                g_assert_cmpfloat_with_epsilon (hl_sequence_data_intensity (data, 0.2, data->tops[0]), 0.5, 1e-6);
              continue;
            }
          g_assert_cmpfloat (hl_sequence_data_intensity (data, 0.0, data->tops[0]), ==, 0);
          g_assert_cmpfloat_with_epsilon (hl_sequence_data_intensity (data, 1.0, data->tops[0]), 1, 1e-6);
          g_assert_cmpfloat_with_epsilon (hl_sequence_data_intensity (data, 0.1f, data->tops[0]),
                                          scale == HL_SCALE_LOG ? 0.1 + 0.9 * 2.0 / 3.0 : 0.1, 1e-6);
        }
    }
}

/* Whatever the aggregate, one channel is shown as it is, and once. */
static void
test_one_channel (void)
{
  static const char * const strings[] = { "a", "b", "c" };
  g_autoptr (HlTrace) trace = make_trace_from_strings (strings, 3, 1);
  g_autoptr (HlState) base = hl_state_new (trace, 0);

  for (HlAggregate aggregate = HL_AGGREGATE_MEAN; aggregate <= HL_AGGREGATE_ENTROPY; aggregate++)
    {
      g_autoptr (HlState) state = hl_state_copy (base);
      g_autoptr (HlFigure) figure = NULL;
      const HlSequenceData *data;

      state->aggregate = aggregate;
      figure = build (state, 600, 300);
      data = &look_into (figure)->data;
      g_assert_false (look_into (figure)->has_lanes);
      g_assert_cmpmem (data->ground, 3 * sizeof (float), data->values, 3 * sizeof (float));
      g_assert_cmpfloat (data->ground_top, ==, 1);
      assert_invariants (figure);
    }
}

/* A zero lies on the floor of the log plot, below the smallest number and inside the figure. */
static void
test_log_plot (void)
{
  static const char * const strings[] = { "a", "b", "c" };
  static const float values[] = { 0.0f, 0.001f, 0.5f };
  g_autoptr (HlTokens) tokens = make_tokens (NULL, strings, 3);
  g_autoptr (HlScores) scores = hl_scores_new (NULL, tokens);
  g_autoptr (HlTrace) trace = hl_trace_new (NULL);
  g_autoptr (HlState) base = NULL;
  g_autoptr (HlState) state = NULL;
  g_autoptr (HlFigure) figure = NULL;
  HlSequencePlot *plot;

  hl_scores_add_channel (scores, "x", values, -1, TRUE);
  hl_scores_add_channel (scores, "y", values, -1, TRUE);
  hl_trace_add_scores (trace, scores);
  base = hl_state_new (trace, 0);
  state = hl_state_copy (base);
  state->scale = HL_SCALE_LOG;
  /* Both channels are equal: the deviation is zero everywhere. */
  for (HlAggregate aggregate = HL_AGGREGATE_MEAN; aggregate <= HL_AGGREGATE_ENTROPY; aggregate++)
    {
      g_autoptr (HlFigure) each = NULL;

      state->aggregate = aggregate;
      each = build (state, 1100, 300);
      assert_invariants (each);
    }
  state->aggregate = HL_AGGREGATE_MEAN;
  figure = build (state, 1100, 300);
  plot = &look_into (figure)->plot;
  g_assert_true (plot->log);
  g_assert_cmpfloat (hl_sequence_plot_y (plot, 0), ==, plot->floor);
  g_assert_cmpfloat (hl_sequence_plot_y (plot, 0.001), <, plot->floor);
  g_assert_cmpfloat (hl_sequence_plot_y (plot, 0.5), <, hl_sequence_plot_y (plot, 0.001));
  g_assert_cmpfloat (hl_sequence_plot_y (plot, 0.5), >=, plot->frame.y);
  g_assert_cmpfloat (plot->floor, <, plot->rect.y + plot->rect.height);
}

static void
test_missing_values (void)
{
  static const char * const strings[] = { "a", "b", "c" };
  const float values[] = { 0.5f, NAN, -0.25f };
  const float none[] = { NAN, NAN, NAN };
  g_autoptr (HlTokens) tokens = make_tokens (NULL, strings, 3);
  g_autoptr (HlScores) scores = hl_scores_new (NULL, tokens);
  g_autoptr (HlTrace) trace = hl_trace_new (NULL);
  g_autoptr (HlState) base = NULL;

  hl_scores_add_channel (scores, "x", values, -1, TRUE);
  hl_scores_add_channel (scores, "y", none, -1, TRUE);
  hl_trace_add_scores (trace, scores);
  base = hl_state_new (trace, 0);

  for (HlScale scale = HL_SCALE_LINEAR; scale <= HL_SCALE_ROW; scale++)
    for (int highlight = -1; highlight < 2; highlight++)
      {
        g_autoptr (HlState) state = hl_state_copy (base);
        g_autoptr (HlFigure) figure = NULL;
        g_autofree char *text = NULL;

        state->scale = scale;
        state->highlight = highlight;
        figure = build (state, 600, 300);
        assert_invariants (figure);
        text = hl_figure_describe (figure, (HlElement) { HL_SEQUENCE_VALUE, 1, HL_SIDE_QUERY, 0 });
        g_assert_nonnull (strstr (text, "no value"));
      }
}

static void
test_words (void)
{
  static const char * const strings[] = { "[CLS]", "w", "##mc", "profits", "[SEP]" };
  g_autoptr (HlTokens) tokens = make_tokens (NULL, strings, G_N_ELEMENTS (strings));
  g_autoptr (HlTrace) trace = make_trace (tokens, 1);
  g_autoptr (HlTrace) attended = make_attention_trace (tokens, tokens, HL_ATTENTION_SELF, 2);
  g_autoptr (HlState) base = hl_state_new (trace, 0);
  g_autoptr (HlState) state = hl_state_copy (base);
  g_autoptr (HlFigure) split = build (base, 600, 300);
  g_autoptr (HlFigure) merged = NULL;
  const HlSequenceData *data;
  g_autofree char *text = NULL;

  text = hl_figure_describe (split, (HlElement) { HL_SEQUENCE_TOKEN, 2, HL_SIDE_QUERY, 0 });
  g_assert_nonnull (strstr (text, "Token 2 “##mc”, word “wmc”"));

  state->merge_words = TRUE;
  merged = build (state, 600, 300);
  assert_invariants (merged);
  data = &look_into (merged)->data;
  g_assert_cmpuint (data->cells.n, ==, 4);
  /* (2 + 3) / 2 of 5: what a token has by itself is averaged. */
  g_assert_cmpfloat_with_epsilon (data->values[1], 0.5, 1e-6);
  g_assert_cmpfloat_with_epsilon (data->values[2], 0.8, 1e-6);
  /* Either token stands for its word. */
  g_clear_pointer (&text, g_free);
  text = hl_figure_describe (merged, (HlElement) { HL_SEQUENCE_TOKEN, 2, HL_SIDE_QUERY, 0 });
  g_assert_nonnull (strstr (text, "“wmc”"));

  /* What keys receive adds up: all words together still receive one. */
  {
    g_autoptr (HlState) received_base = hl_state_new (attended, 0);
    g_autoptr (HlState) received = hl_state_copy (received_base);
    g_autoptr (HlFigure) figure = NULL;
    double sum = 0;

    received->channel = HL_CHANNEL_RECEIVED;
    received->merge_words = TRUE;
    figure = build (received, 600, 300);
    assert_invariants (figure);
    data = &look_into (figure)->data;
    g_assert_cmpuint (data->cells.n, ==, 4);
    for (gsize cell = 0; cell < 4; cell++)
      sum += data->values[cell];
    g_assert_cmpfloat_with_epsilon (sum, 1, 1e-5);
  }
}

static void
test_attention (void)
{
  static const char * const left[] = { "der", "Hund", "bellt", "</s>" };
  static const char * const right[] = { "the", "dog", "bark", "##s", "loud", "</s>" };
  g_autoptr (HlTokens) queries = make_tokens (NULL, left, G_N_ELEMENTS (left));
  g_autoptr (HlTokens) keys = make_tokens (NULL, right, G_N_ELEMENTS (right));
  g_autoptr (HlTrace) cross = make_attention_trace (queries, keys, HL_ATTENTION_CROSS, 3);
  g_autoptr (HlTrace) self_trace = make_attention_trace (keys, keys, HL_ATTENTION_SELF, 3);

  for (int which = 0; which < 2; which++)
    for (HlChannel channel = HL_CHANNEL_SELF; channel <= HL_CHANNEL_TO_PIN; channel++)
      for (int pinned = 0; pinned < 2; pinned++)
        {
          g_autoptr (HlState) base = hl_state_new (which == 0 ? cross : self_trace, 0);
          g_autoptr (HlState) state = hl_state_copy (base);
          const HlPin pins[] = { { HL_SIDE_QUERY, 1 }, { HL_SIDE_KEY, 2 } };
          g_autoptr (HlFigure) figure = NULL;
          HlSequenceFigure *self;
          g_autofree char *summary = NULL;
          gboolean waits = !pinned && (channel == HL_CHANNEL_FROM_PIN || channel == HL_CHANNEL_TO_PIN);

          state->channel = channel;
          if (pinned)
            hl_state_set_pins (state, pins, 2);
          state->hover.query = 1;
          state->hover.head = 1;
          figure = build (state, 1100, 300);
          self = look_into (figure);
          g_assert_cmpuint (self->n_blocks, ==, which == 0 ? 2 : 1);
          g_assert_cmpint (self->data.waiting, ==, waits);
          g_assert_cmpint (self->has_plot, ==, !waits);
          g_assert_true ((hl_sequence_get_hint (self) != NULL) == waits);
          g_assert_cmpuint (self->data.cells.side, ==, hl_channel_is_on_keys (channel) ? HL_SIDE_KEY : HL_SIDE_QUERY);
          assert_invariants (figure);
          summary = hl_figure_summarise (figure);
          if (waits)
            g_assert_nonnull (strstr (summary, hl_sequence_get_hint (self)));
          if (channel == HL_CHANNEL_FROM_PIN && pinned)
            g_assert_cmpfloat_with_epsilon (self->data.values[1], 0.75, 1e-6);
        }
}

static void
test_gestures (void)
{
  static const char * const strings[] = { "a", "b", "c", "d" };
  g_autoptr (HlTokens) tokens = make_tokens (NULL, strings, 4);
  g_autoptr (HlTrace) trace = make_attention_trace (tokens, tokens, HL_ATTENTION_SELF, 3);
  g_autoptr (HlSelection) selection = hl_selection_new ();
  g_autoptr (HlFigure) figure = NULL;
  HlState *state;
  HlElement token = { HL_SEQUENCE_TOKEN, 2, HL_SIDE_KEY, 0 };

  hl_selection_set_trace (selection, trace, 0);
  figure = build (hl_selection_get_state (selection), 1100, 300);

  hl_figure_hover (figure, token, selection);
  g_assert_cmpint (hl_selection_get_state (selection)->hover.query, ==, 2);
  hl_figure_hover (figure, (HlElement) { HL_SEQUENCE_VALUE, 1, HL_SIDE_KEY, 2 }, selection);
  g_assert_cmpint (hl_selection_get_state (selection)->hover.head, ==, 2);
  g_assert_cmpint (hl_selection_get_state (selection)->hover.layer, ==, 0);
  hl_figure_hover (figure, HL_ELEMENT_NONE, selection);
  g_assert_cmpint (hl_selection_get_state (selection)->hover.query, ==, -1);

  g_assert_true (hl_figure_activate (figure, token, HL_GESTURE_CLICK, selection));
  g_assert_true (hl_state_has_pin (hl_selection_get_state (selection), HL_SIDE_QUERY, 2));
  g_assert_true (hl_figure_activate (figure, token, HL_GESTURE_EXTEND, selection));
  g_assert_true (hl_state_has_pin (hl_selection_get_state (selection), HL_SIDE_KEY, 2));
  g_assert_true (hl_figure_activate (figure, token, HL_GESTURE_CLICK, selection));
  g_assert_false (hl_state_has_pin (hl_selection_get_state (selection), HL_SIDE_QUERY, 2));

  g_assert_true (hl_figure_activate (figure, (HlElement) { HL_SEQUENCE_LANE, 1, 0, 0 }, HL_GESTURE_CLICK, selection));
  g_assert_cmpint (hl_selection_get_state (selection)->highlight, ==, 1);
  g_assert_true (hl_figure_activate (figure, (HlElement) { HL_SEQUENCE_LANE, 1, 0, 0 }, HL_GESTURE_CLICK, selection));
  g_assert_cmpint (hl_selection_get_state (selection)->highlight, ==, -1);
  g_assert_true (hl_figure_activate (figure, (HlElement) { HL_SEQUENCE_LANE, 1, 0, 0 }, HL_GESTURE_DOUBLE, selection));
  state = hl_selection_get_state (selection);
  g_assert_cmpuint (hl_head_set_count (&state->heads, 3), ==, 1);
  g_assert_true (hl_head_set_has (&state->heads, 1));
}

/* Whatever stale element an older figure leaves behind, nothing breaks. */
static void
test_stale_elements (void)
{
  static const char * const strings[] = { "a", "b" };
  static const int numbers[] = { -1, 0, 2, 1000000, G_MAXINT, G_MININT };
  g_autoptr (HlTrace) trace = make_trace_from_strings (strings, 2, 2);
  g_autoptr (HlState) state = hl_state_new (trace, 0);
  g_autoptr (HlFigure) figure = build (state, 500, 300);
  HlRect rect;

  for (guint kind = 0; kind < 10; kind++)
    for (gsize i = 0; i < G_N_ELEMENTS (numbers); i++)
      for (gsize j = 0; j < G_N_ELEMENTS (numbers); j++)
        {
          HlElement element = { kind, numbers[i], numbers[j], numbers[(i + j) % G_N_ELEMENTS (numbers)] };
          g_autofree char *text = hl_figure_describe (figure, element);

          (void) hl_figure_get_bounds (figure, element, &rect);
          for (HlDirection direction = HL_DIRECTION_LEFT; direction <= HL_DIRECTION_PREVIOUS; direction++)
            (void) hl_figure_neighbour (figure, element, direction);
        }
  for (double x = -50; x < 600; x += 7)
    for (double y = -50; y < 400; y += 7)
      (void) hl_figure_pick (figure, x, y);
}

static void
test_degenerate (void)
{
  static const char * const one[] = { "alone" };
  static const char * const nothing[] = { NULL };
  g_autoptr (HlTrace) single = make_trace_from_strings (one, 1, 3);
  g_autoptr (HlTrace) empty = make_trace_from_strings (nothing, 0, 3);
  g_autoptr (HlTrace) bare = hl_trace_new ("Bare");
  g_autoptr (HlTokens) tokens = make_tokens (NULL, one, 1);
  g_autoptr (HlTrace) no_channels = make_trace (tokens, 0);
  HlTrace *traces[] = { single, empty, bare, no_channels };

  for (gsize i = 0; i < G_N_ELEMENTS (traces); i++)
    for (double width = 1; width < 2000; width *= 3)
      {
        g_autoptr (HlState) state = hl_state_new (traces[i], 0);
        g_autoptr (HlFigure) figure = build (state, width, 200);
        g_autofree char *summary = hl_figure_summarise (figure);
        g_autoptr (GString) csv = g_string_new (NULL);

        g_assert_nonnull (figure);
        g_assert_cmpuint (strlen (summary), >, 0);
        cairo_surface_destroy (draw_image (figure, hl_figure_get_state (figure)));
        hl_figure_write_csv (figure, csv);
        if (i == 0 && width > 300)
          assert_invariants (figure);
      }
}

/* In a low pane of a small window a short text and its plot stand side by side, both in sight; with more room lanes grow.
 * What is told first is what tells most. */
static void
test_low_room (void)
{
  g_autoptr (HlTrace) trace = make_long_trace (5, 12);
  g_autoptr (HlState) state = hl_state_new (trace, 0);
  g_autoptr (HlFigure) low = build (state, 860, 134);
  g_autoptr (HlFigure) high = build (state, 860, 600);
  g_autofree char *summary = hl_figure_summarise (low);

  g_assert_cmpfloat (hl_figure_get_height (low), <=, 134);
  g_assert_true (look_into (low)->has_plot);
  g_assert_cmpfloat (look_into (low)->plot.rect.x, >, 430);
  g_assert_cmpfloat (look_into (high)->blocks[0].lane_pitch, >, look_into (low)->blocks[0].lane_pitch);
  g_assert_true (g_str_has_prefix (summary, "Strongest at “"));
  g_assert_true (g_str_has_suffix (summary, "5 tokens"));
  assert_invariants (low);
}

static void
test_cancel (void)
{
  g_autoptr (HlTrace) trace = make_long_trace (200, 3);
  g_autoptr (HlState) state = hl_state_new (trace, 0);
  g_autoptr (HlStyle) style = hl_style_new (HL_THEME_LIGHT, NULL, 0);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  g_assert_null (hl_figure_build (HL_VIEW_SEQUENCE, state, style, 900, 300, cancellable));
}

static void
test_csv (void)
{
  static const char * const strings[] = { "say", "\"hi\"", ",", "[SEP]" };
  g_autoptr (HlTokens) tokens = make_tokens ("say \"hi\",", strings, 4);
  g_autoptr (HlTrace) trace = make_trace (tokens, 2);
  g_autoptr (HlState) state = hl_state_new (trace, 0);
  g_autoptr (HlFigure) figure = build (state, 900, 300);
  g_autoptr (GString) csv = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;

  hl_figure_write_csv (figure, csv);
  lines = g_strsplit (csv->str, "\n", -1);
  g_assert_cmpuint (g_strv_length (lines), ==, 6);
  g_assert_cmpstr (lines[0], ==, "index,token,start,end,segment,special,0,1,mean,std,max,min,max-min,entropy");
  g_assert_true (g_str_has_prefix (lines[1], "0,say,0,3,A,0,0.125,0.25,0.1875,0.0625,0.25,0.125,0.125,"));
  g_assert_true (g_str_has_prefix (lines[2], "1,\"\"\"hi\"\"\",4,8,A,0,0.25,0.5,"));
  g_assert_true (g_str_has_prefix (lines[3], "2,\",\",8,9,A,0,"));
  g_assert_true (g_str_has_prefix (lines[4], "3,[SEP],,,A,1,0.5,1,"));
  g_assert_cmpstr (lines[5], ==, "");
}

/* What AttViz added to the file as an aggregate is shown, but not aggregated again, unless there is nothing else. */
static void
test_derived (void)
{
  static const char * const strings[] = { "a" };
  const float values[] = { 0.125f, 0.375f, 0.25f };
  g_autoptr (HlTokens) tokens = make_tokens ("a", strings, 1);

  for (gsize first = 0; first < 3; first += 2)
    {
      g_autoptr (HlScores) scores = hl_scores_new (NULL, tokens);
      g_autoptr (HlTrace) trace = hl_trace_new ("Test");
      g_autoptr (HlState) state = NULL;
      g_autoptr (HlFigure) figure = NULL;
      g_autoptr (GString) csv = g_string_new (NULL);

      for (gsize i = first; i < 3; i++)
        hl_scores_add_channel (scores, "x", values + i, -1, TRUE);
      hl_scores_mark_derived (scores);
      hl_trace_add_scores (trace, scores);
      state = hl_state_new (trace, 0);
      figure = build (state, 900, 300);

      hl_figure_write_csv (figure, csv);
      g_assert_nonnull (strstr (csv->str, first == 0 ? "0,a,0,1,A,0,0.125,0.375,0.25,0.25,0.125,0.375,0.125,0.25,"
                                                     : "0,a,0,1,A,0,0.25,0.25,0,0.25,0.25,0,0"));
    }
}

/* A figure of the size that the contract names, in a time that a frame can wait for. The bound is generous: sanitizers
 * and busy machines are slower. */
static void
test_large (void)
{
  g_autoptr (HlTrace) trace = make_long_trace (512, 12);
  g_autoptr (HlState) state = hl_state_new (trace, 0);
  g_autoptr (HlFigure) first = build (state, 1240, 260);
  gint64 start = g_get_monotonic_time ();
  g_autoptr (HlFigure) figure = build (state, 1240, 260);
  double elapsed = (g_get_monotonic_time () - start) / 1000.0;

  g_test_message ("512 tokens × 12 lanes laid out in %.1f ms", elapsed);
  g_assert_cmpfloat (elapsed, <, 1000);
}

/* Files of the tools that this view takes the place of: every instance that is long or odd, in two rooms. */
static void
check_file (const char *path,
            guint       stride)
{
  g_autofree char *full = find_shared (path);
  g_autoptr (GFile) file = NULL;
  g_autoptr (HlDocument) document = NULL;
  g_autoptr (GError) error = NULL;

  if (full == NULL)
    return;

  file = g_file_new_for_path (full);
  document = hl_format_open (file, NULL, NULL, NULL, &error);
  g_assert_no_error (error);

  for (guint i = 0; i < hl_document_get_n_instances (document); i += stride)
    {
      g_autoptr (HlTrace) trace = hl_document_load (document, i, NULL, &error);
      g_autoptr (HlState) state = NULL;
      g_autoptr (HlFigure) wide = NULL;
      g_autoptr (HlFigure) narrow = NULL;

      g_assert_no_error (error);
      state = hl_state_new (trace, i);
      wide = build (state, 1240, 260);
      assert_invariants (wide);
      narrow = build (state, 420, 700);
      assert_invariants (narrow);
    }
}

static void
test_attviz_file (void)
{
  check_file ("data/attviz/example_bbc_explanations.json", 19);
}

static void
test_neatvision_files (void)
{
  check_file ("data/neat-vision/ntua-slp_semeval2018_task1_e-c_dev.json", 61);
  check_file ("data/neat-vision/ntua-slp_semeval2018_task1_ei-reg_joy_dev.json", 61);
  check_file ("data/neat-vision/ntua-slp_semeval2018_task3_b_char_gold.json", 61);
}

static void
test_bertviz_file (void)
{
  check_file ("data/bertviz/bert-base-uncased__head__L12H12T19__A0__4ca3f130.json", 1);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sequence/layout", test_layout);
  g_test_add_func ("/sequence/low-room", test_low_room);
  g_test_add_func ("/sequence/reading-order", test_reading_order);
  g_test_add_func ("/sequence/right-to-left", test_right_to_left);
  g_test_add_func ("/sequence/embedded-direction", test_embedded_direction);
  g_test_add_func ("/sequence/scripts", test_scripts);
  g_test_add_func ("/sequence/characters", test_characters);
  g_test_add_func ("/sequence/spaces-from-input", test_spaces_from_input);
  g_test_add_func ("/sequence/colours", test_colours);
  g_test_add_func ("/sequence/scales", test_scales);
  g_test_add_func ("/sequence/one-channel", test_one_channel);
  g_test_add_func ("/sequence/log-plot", test_log_plot);
  g_test_add_func ("/sequence/missing-values", test_missing_values);
  g_test_add_func ("/sequence/words", test_words);
  g_test_add_func ("/sequence/attention", test_attention);
  g_test_add_func ("/sequence/gestures", test_gestures);
  g_test_add_func ("/sequence/stale-elements", test_stale_elements);
  g_test_add_func ("/sequence/degenerate", test_degenerate);
  g_test_add_func ("/sequence/cancel", test_cancel);
  g_test_add_func ("/sequence/csv", test_csv);
  g_test_add_func ("/sequence/derived", test_derived);
  g_test_add_func ("/sequence/large", test_large);
  g_test_add_func ("/sequence/attviz-file", test_attviz_file);
  g_test_add_func ("/sequence/neat-vision-files", test_neatvision_files);
  g_test_add_func ("/sequence/bertviz-file", test_bertviz_file);

  return g_test_run ();
}
