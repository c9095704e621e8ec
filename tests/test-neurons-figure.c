/* The neuron view: the numbers against their definition and against real files, the geometry against itself, the colours
 * against the ramp. */

#include "config.h"

#include "figure-fixture.h"
#include "hl-format.h"
#include "hl-neurons-figure.h"
#include "random-projections.h"
#include "shared-files.h"

static const RandomShape plain = { 9, 9, 8, 6, 4, 2, TRUE };

static void
open_shape (Fixture           *fixture,
            const RandomShape *shape,
            double             width,
            double             height)
{
  fixture_open (fixture, HL_VIEW_NEURONS, make_random_trace (shape), width, height);
}

static HlNeuronsFigure *
get_figure (Fixture *fixture)
{
  return (HlNeuronsFigure *) fixture->figure;
}

static void
pin (Fixture *fixture,
     guint    query)
{
  HlPin pins[] = { { HL_SIDE_KEY, 0 }, { HL_SIDE_QUERY, query } };

  hl_state_set_pins (fixture->state, pins, G_N_ELEMENTS (pins));
}

static void
test_numbers (void)
{
  g_auto (Fixture) fixture = { NULL };
  HlNeurons *numbers;
  HlProjections *projections;
  float q[8], k[9 * 8], v[9 * 6];
  double weights[9] = { 0 }, sum = 0, mean = 0;

  open_shape (&fixture, &plain, 800, 600);
  fixture.state->head = 3;
  pin (&fixture, 5);
  rebuild (&fixture, 800, 600);
  numbers = get_figure (&fixture)->numbers;

  /* Head 3 of 4 shares the keys of key head 1 of 2: reading through the projections says which. */
  projections = hl_attention_get_projections (hl_state_get_attention (fixture.state));
  hl_projections_read (projections, HL_PROJECTION_QUERY, 0, 3, 5, 1, q);
  hl_projections_read (projections, HL_PROJECTION_KEY, 0, 3, 0, 9, k);
  hl_projections_read (projections, HL_PROJECTION_VALUE, 0, 3, 0, 9, v);

  g_assert_true (numbers->is_pinned);
  g_assert_cmpuint (numbers->query, ==, 5);

  for (gsize key = 0; key < 9; key++)
    {
      double score = 0;

      for (gsize i = 0; i < 8; i++)
        score += (double) q[i] * k[key * 8 + i];
      score /= sqrt (8);
      g_assert_cmpfloat_with_epsilon (numbers->scores[key], score, 1e-9);
      g_assert_cmpint (numbers->masked[key], ==, key > 5);
      if (key <= 5)
        sum += weights[key] = exp (score);
    }

  for (gsize key = 0; key < 9; key++)
    {
      weights[key] /= sum;
      mean += weights[key] * numbers->scores[key];
      g_assert_cmpfloat_with_epsilon (numbers->weights[key], weights[key], 1e-6);
    }

  g_assert_cmpfloat_with_epsilon (numbers->mean_score, mean, 1e-5);
  g_assert_cmpfloat (numbers->disagreement, <, 1e-6);

  for (gsize i = 0; i < 6; i++)
    {
      double output = 0;

      for (gsize key = 0; key < 9; key++)
        output += weights[key] * v[key * 6 + i];
      g_assert_cmpfloat_with_epsilon (numbers->sums[HL_STRIP_VALUE][i], output, 1e-5);
    }

  /* The neurons' contributions are all of the mean score. */
  sum = 0;
  for (gsize i = 0; i < 8; i++)
    sum += numbers->sums[HL_STRIP_PRODUCT][i] * numbers->scale;
  g_assert_cmpfloat_with_epsilon (sum, mean, 1e-5);

  g_assert_true (isnan (hl_neurons_get_value (numbers, HL_STRIP_PRODUCT, 7, 0)));
}

static void
test_limits (void)
{
  g_auto (Fixture) fixture = { NULL };
  HlNeurons *numbers;
  gsize beyond = 0, n;

  open_shape (&fixture, &(RandomShape) { 40, 40, 32, 0, 1, 1, FALSE }, 800, 600);
  numbers = get_figure (&fixture)->numbers;
  n = numbers->n_keys * numbers->n_neurons;

  for (gsize i = 0; i < n; i++)
    beyond += fabsf (numbers->vectors[HL_STRIP_KEY][i]) > numbers->limits[HL_STRIP_KEY];

  g_assert_cmpuint (beyond, >=, (gsize) (n * 0.004));
  g_assert_cmpuint (beyond, <=, (gsize) (n * 0.006));
}

static void
test_sorted (void)
{
  g_auto (Fixture) fixture = { NULL };
  HlNeurons *numbers;

  open_shape (&fixture, &(RandomShape) { 12, 12, 33, 5, 1, 1, TRUE }, 900, 600);
  fixture.state->sort_neurons = TRUE;
  pin (&fixture, 7);
  rebuild (&fixture, 900, 600);
  numbers = get_figure (&fixture)->numbers;

  for (gsize i = 0; i < 33; i++)
    {
      g_assert_cmpuint (numbers->positions[numbers->neurons[i]], ==, i);
      if (i > 0)
        g_assert_cmpfloat (numbers->sums[HL_STRIP_PRODUCT][numbers->neurons[i - 1]], >=,
                           numbers->sums[HL_STRIP_PRODUCT][numbers->neurons[i]]);
    }

  /* Values have neurons of their own. */
  g_assert_cmpuint (hl_neurons_get_neuron (numbers, HL_STRIP_VALUE, 3), ==, 3);
  g_assert_nonnull (strstr (get_figure (&fixture)->caption, "Σ α·q·k"));
}

static void
test_disagreement (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autofree char *summary = NULL;
  HlTrace *trace = make_random_trace (&plain);
  g_autoptr (HlTrace) other = hl_trace_new ("other");
  HlAttention *source = hl_trace_get_attention (trace, 0);
  g_autoptr (HlAttention) attention = NULL;
  g_autoptr (HlTensor) tensor = NULL;
  g_autoptr (GError) error = NULL;
  gsize shape[] = { 4, 9, 9 };
  float *weights = g_new (float, 4 * 9 * 9);

  /* As a model with a position bias would have it: the weights are not those of q and k alone. */
  for (gsize i = 0; i < 4 * 9 * 9; i++)
    weights[i] = i % 9 <= i / 9 % 9 ? 1.0 / (i / 9 % 9 + 1) : 0;
  tensor = hl_tensor_new_take_f32 (3, shape, weights);
  attention = hl_attention_new_dense (HL_ATTENTION_SELF, hl_attention_get_queries (source),
                                      hl_attention_get_keys (source), &tensor, 1, &error);
  g_assert_no_error (error);
  g_assert_true (hl_attention_set_projections (attention, hl_attention_get_projections (source), &error));
  hl_trace_add_attention (other, attention);

  fixture_open (&fixture, HL_VIEW_NEURONS, hl_trace_ref (other), 800, 600);
  g_assert_cmpfloat (get_figure (&fixture)->numbers->disagreement, >, HL_NEURONS_TOLERANCE);
  summary = hl_figure_summarise (fixture.figure);
  g_assert_nonnull (strstr (summary, "differ from softmax(q · k/√d)"));

  hl_trace_unref (trace);
}

/* Every column lies beside the one before, within the figure; nothing narrower than a pixel a neuron. */
static void
check_columns (HlNeuronsFigure *self)
{
  double end = 0;

  for (HlColumn column = 0; column < HL_N_COLUMNS; column++)
    {
      const HlColumnBox *box = &self->columns[column];
      int strip = hl_column_get_strip (column);

      if (!box->is_shown)
        continue;

      g_assert_cmpfloat (box->x, >=, end);
      g_assert_cmpfloat (box->graph, <=, box->width);
      if (strip >= 0)
        g_assert_cmpfloat (box->graph, >=, hl_neurons_get_width (self->numbers, strip));
      end = box->x + box->width;
    }

  g_assert_cmpfloat (end, <=, self->base.width);
}

static void
test_layout (void)
{
  static const gsize dimensions[] = { 1, 8, 64, 80, 128, 256 };

  for (guint i = 0; i < G_N_ELEMENTS (dimensions); i++)
    {
      g_auto (Fixture) fixture = { NULL };
      gsize d = dimensions[i];

      open_shape (&fixture, &(RandomShape) { 16, 16, d, d, 1, 1, TRUE }, 1100, 600);
      if (d <= 128)
        g_assert_true (get_figure (&fixture)->has_numbers);
      if (d <= 64)
        g_assert_true (get_figure (&fixture)->columns[HL_COLUMN_LAST_NAME].is_shown);

      for (double width = 300; width <= 1500; width += 20)
        {
          rebuild (&fixture, width, 500);
          check_columns (get_figure (&fixture));
          g_assert_cmpfloat (fixture.figure->width, ==, width);
          g_assert_cmpfloat (get_figure (&fixture)->row_height, >=, 11);
          g_assert_cmpfloat (get_figure (&fixture)->row_height, <=, 28);
          if (width >= 480 && d <= 64)
            g_assert_true (get_figure (&fixture)->columns[HL_COLUMN_PRODUCT].is_shown);
        }
    }
}

static void
test_room_is_used (void)
{
  g_auto (Fixture) fixture = { NULL };

  open_shape (&fixture, &(RandomShape) { 20, 20, 16, 0, 1, 1, TRUE }, 700, 2000);
  g_assert_cmpfloat (get_figure (&fixture)->row_height, ==, 28);
  g_assert_cmpfloat (fixture.figure->height, ==, 2000);

  rebuild (&fixture, 700, 200);
  g_assert_cmpfloat (get_figure (&fixture)->row_height, ==, 11);
  g_assert_cmpfloat (fixture.figure->height, >, 200);
}

static void
test_pick (void)
{
  g_auto (Fixture) fixture = { NULL };
  HlRect bounds;

  open_shape (&fixture, &plain, 1200, 600);
  fixture.state->sort_neurons = TRUE;
  pin (&fixture, 4);
  rebuild (&fixture, 1200, 600);

  for (HlColumn column = 0; column < HL_N_COLUMNS; column++)
    {
      int strip = hl_column_get_strip (column);
      int n = strip >= 0 ? (int) hl_neurons_get_width (get_figure (&fixture)->numbers, strip) : 1;

      if (column == HL_COLUMN_LINK)
        continue;

      for (int token = 0; token < 9; token++)
        for (int neuron = 0; neuron < n; neuron++)
          assert_element (fixture.figure, (HlElement) { column + 1, token, neuron, 0 });

      for (int neuron = 0; neuron < n; neuron++)
        if (column == HL_COLUMN_SCORE || (strip >= 0 && strip != HL_STRIP_QUERY))
          assert_element (fixture.figure, (HlElement) { HL_ELEMENT_SUM, column, neuron, 0 });
    }

  g_assert_cmpuint (hl_figure_pick (fixture.figure, 1, 1).kind, ==, 0);
  g_assert_false (hl_figure_get_bounds (fixture.figure, (HlElement) { 1, 9, 0, 0 }, &bounds));
  g_assert_false (hl_figure_get_bounds (fixture.figure, (HlElement) { 2, 0, 8, 0 }, &bounds));
  g_assert_false (hl_figure_get_bounds (fixture.figure, (HlElement) { 99, 0, 0, 0 }, &bounds));
  g_assert_null (hl_figure_describe (fixture.figure, (HlElement) { 1, -1, 0, 0 }));
}

static void
test_neighbour (void)
{
  g_auto (Fixture) fixture = { NULL };
  HlElement element;
  guint n_steps = 0;

  open_shape (&fixture, &plain, 1200, 600);
  element = hl_figure_neighbour (fixture.figure, HL_ELEMENT_NONE, HL_DIRECTION_NEXT);
  g_assert_true (hl_element_equal (element, (HlElement) { HL_COLUMN_QUERY_NAME + 1, 0, 0, 0 }));

  /* To the right through names, 8 q, name, 8 k, 8 q × k, two bars, name and 6 v, then no further. */
  for (;;)
    {
      HlElement next = hl_figure_neighbour (fixture.figure, element, HL_DIRECTION_RIGHT);

      if (hl_element_equal (next, element))
        break;
      element = next;
      g_assert_cmpuint (++n_steps, <, 100);
    }
  g_assert_cmpuint (n_steps, ==, 8 + 1 + 8 + 8 + 2 + 1 + 6);

  element = hl_figure_neighbour (fixture.figure, element, HL_DIRECTION_UP);
  g_assert_cmpuint (element.kind, ==, HL_ELEMENT_SUM);
  element = hl_figure_neighbour (fixture.figure, element, HL_DIRECTION_UP);
  g_assert_cmpuint (element.kind, ==, HL_ELEMENT_SUM);
  element = hl_figure_neighbour (fixture.figure, element, HL_DIRECTION_DOWN);
  g_assert_true (hl_element_equal (element, (HlElement) { HL_COLUMN_VALUE + 1, 0, 5, 0 }));
  element = hl_figure_neighbour (fixture.figure, element, HL_DIRECTION_FIRST);
  g_assert_cmpint (element.j, ==, 0);
  g_assert_cmpuint (hl_figure_neighbour (fixture.figure, element, HL_DIRECTION_NEXT).kind, ==, 0);

  for (n_steps = 0; element.kind != 0; n_steps++)
    {
      element = hl_figure_neighbour (fixture.figure, element, HL_DIRECTION_PREVIOUS);
      g_assert_cmpuint (n_steps, <, 20);
    }
  g_assert_cmpuint (n_steps, ==, 9);
}

static void
test_describe (void)
{
  g_auto (Fixture) fixture = { NULL };
  HlNeurons *numbers;
  g_autofree char *product = NULL;
  g_autofree char *masked = NULL;
  g_autofree char *expected = NULL;
  g_autofree char *q = NULL;
  g_autofree char *k = NULL;
  g_autofree char *qk = NULL;
  g_autofree char *share = NULL;
  g_autofree char *score = NULL;
  g_autofree char *weight = NULL;
  double value;

  open_shape (&fixture, &plain, 1200, 600);
  pin (&fixture, 5);
  rebuild (&fixture, 1200, 600);
  numbers = get_figure (&fixture)->numbers;

  value = hl_neurons_get_value (numbers, HL_STRIP_PRODUCT, 2, 7);
  q = hl_text_number (numbers->vectors[HL_STRIP_QUERY][5 * 8 + 7]);
  k = hl_text_number (numbers->vectors[HL_STRIP_KEY][2 * 8 + 7]);
  qk = hl_text_number (value);
  share = hl_text_number (value / sqrt (8));
  score = hl_text_number (numbers->scores[2]);
  weight = hl_text_number (numbers->weights[2]);
  expected = g_strdup_printf ("key 2 “w2”, neuron 7: q %s × k %s = %s; contributes %s to q · k/√d = %s; softmax %s", q,
                              k, qk, share, score, weight);
  product = hl_figure_describe (fixture.figure, (HlElement) { HL_COLUMN_PRODUCT + 1, 2, 7, 0 });
  g_assert_cmpstr (product, ==, expected);

  masked = hl_figure_describe (fixture.figure, (HlElement) { HL_COLUMN_SCORE + 1, 8, 0, 0 });
  g_assert_cmpstr (masked, ==, "query 5 “w5” → key 8 “w8”: masked, the key comes after the query");
}

/* The middle of each cell has the ramp's colour, and what is masked the ground's. */
static void
test_colours (void)
{
  g_auto (Fixture) fixture = { NULL };
  HlNeuronsFigure *self;
  cairo_surface_t *surface;
  HlRamp positive, negative;

  open_shape (&fixture, &plain, 1200, 600);
  pin (&fixture, 5);
  rebuild (&fixture, 1200, 600);
  self = get_figure (&fixture);
  surface = draw_image (fixture.figure, fixture.state);
  hl_ramp_init (&positive, fixture.style, fixture.style->positive);
  hl_ramp_init (&negative, fixture.style, fixture.style->negative);

  for (HlStrip strip = 0; strip < HL_N_STRIPS; strip++)
    for (gsize token = 0; token < 9; token++)
      for (gsize neuron = 0; neuron < hl_neurons_get_width (self->numbers, strip); neuron++)
        {
          HlElement element = { hl_strip_get_column (strip) + 1, token, neuron, 0 };
          double value = hl_neurons_get_value (self->numbers, strip, token, neuron);
          guint32 expected = hl_cells_pack (fixture.style->background);
          HlRect bounds;

          if (!isnan (value))
            expected = hl_ramp_get (value < 0 ? &negative : &positive, fabs (value) / self->numbers->limits[strip]);
          g_assert_true (hl_figure_get_bounds (fixture.figure, element, &bounds));
          g_assert_cmphex (get_pixel (surface, bounds.x + bounds.width / 2, bounds.y + bounds.height / 2), ==, expected);
        }

  /* Nor has a masked key bars. */
  for (double x = self->columns[HL_COLUMN_SCORE].x + 1; x < self->columns[HL_COLUMN_SCORE].x + 10; x++)
    g_assert_cmphex (get_pixel (surface, x, self->rows_y + 8.5 * self->row_height), ==,
                     hl_cells_pack (fixture.style->background));

  cairo_surface_destroy (surface);
}

/* Scrolled away, the columns' headers are drawn again at the upper edge; at the top they are not. */
static void
test_headers_stay (void)
{
  g_auto (Fixture) fixture = { NULL };
  HlRect clip = { 0, 900, 800, 300 };
  double x, y;

  open_shape (&fixture, &(RandomShape) { 120, 120, 64, 0, 1, 1, TRUE }, 800, 300);
  x = get_figure (&fixture)->columns[HL_COLUMN_KEY].x + 1;
  /* The ramp's left end is the strongest orange. */
  y = 6 + round (get_figure (&fixture)->header_y + 3.25 * 6) - get_figure (&fixture)->header_y + 1;

  for (guint is_scrolled = 0; is_scrolled < 2; is_scrolled++)
    {
      cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 800, 300);
      cairo_t *cr = cairo_create (surface);

      clip.y = is_scrolled ? 900 : 0;
      cairo_translate (cr, 0, -clip.y);
      hl_figure_draw_overlay (fixture.figure, cr, fixture.state, HL_ELEMENT_NONE, &clip);
      g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
      cairo_destroy (cr);
      cairo_surface_flush (surface);
      g_assert_cmpint (get_pixel (surface, x, y) != 0, ==, is_scrolled);
      g_assert_cmpint (get_pixel (surface, 1, 1) != 0, ==, is_scrolled);
      g_assert_cmphex (get_pixel (surface, 1, 299), ==, 0);
      cairo_surface_destroy (surface);
    }
}

static void
test_degenerate (void)
{
  static const RandomShape shapes[] = {
    { 1, 1, 1, 0, 1, 1, TRUE },  { 1, 1, 64, 64, 1, 1, FALSE }, { 3, 11, 4, 2, 2, 1, FALSE },
    { 11, 3, 4, 0, 2, 2, FALSE }, { 2, 2, 300, 300, 1, 1, TRUE }, { 5, 5, 1, 1, 1, 1, TRUE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (guint wide = 0; wide < 2; wide++)
      {
        g_auto (Fixture) fixture = { NULL };
        g_autoptr (GString) csv = g_string_new (NULL);
        g_autofree char *summary = NULL;
        cairo_surface_t *surface;

        open_shape (&fixture, &shapes[i], wide ? 1200 : 120, wide ? 700 : 80);
        check_columns (get_figure (&fixture));
        surface = draw_image (fixture.figure, fixture.state);
        cairo_surface_destroy (surface);
        summary = hl_figure_summarise (fixture.figure);
        g_assert_nonnull (summary);
        hl_figure_write_csv (fixture.figure, csv);
        g_assert_null (strstr (csv->str, "nan"));
        assert_element (fixture.figure, (HlElement) { HL_COLUMN_KEY_NAME + 1, shapes[i].n_keys - 1, 0, 0 });
      }
}

static void
test_missing (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autofree char *summary = NULL;

  open_shape (&fixture, &(RandomShape) { 0, 0, 4, 0, 1, 1, FALSE }, 400, 300);
  g_assert_nonnull (fixture.figure->message);
  fixture_clear (&fixture);

  fixture_open (&fixture, HL_VIEW_NEURONS, hl_trace_new ("empty"), 400, 300);
  summary = hl_figure_summarise (fixture.figure);
  g_assert_nonnull (strstr (summary, "no attention"));
}

/* NaN and infinity in the file reach neither the geometry nor cairo. */
static void
test_not_finite (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autofree char *summary = NULL;
  HlTrace *trace = make_random_trace (&plain);
  HlProjections *projections = hl_attention_get_projections (hl_trace_get_attention (trace, 0));
  HlTensor *keys = hl_projections_get_tensor (projections, HL_PROJECTION_KEY, 0);
  float *values = (float *) hl_tensor_peek_f32 (keys);
  cairo_surface_t *surface;

  values[3] = NAN;
  values[12] = INFINITY;
  fixture_open (&fixture, HL_VIEW_NEURONS, trace, 900, 500);
  surface = draw_image (fixture.figure, fixture.state);
  cairo_surface_destroy (surface);
  for (HlStrip strip = 0; strip < HL_N_STRIPS; strip++)
    g_assert_true (isfinite (get_figure (&fixture)->numbers->limits[strip]));
  g_assert_true (isfinite (get_figure (&fixture)->score_low) && isfinite (get_figure (&fixture)->score_high));
  summary = hl_figure_summarise (fixture.figure);
  g_assert_nonnull (summary);
}

static void
test_hidden (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autofree char *summary = NULL;
  HlNeurons *numbers;

  open_shape (&fixture, &plain, 900, 500);
  fixture.state->hide_special = TRUE;
  pin (&fixture, 0);
  rebuild (&fixture, 900, 500);
  numbers = get_figure (&fixture)->numbers;

  /* The pinned [CLS] is hidden: the view falls back to the last query, and says what the hidden key holds. */
  g_assert_cmpuint (numbers->n_key_rows, ==, 8);
  g_assert_false (numbers->is_pinned);
  g_assert_cmpuint (numbers->query, ==, 8);
  g_assert_cmpfloat_with_epsilon (numbers->hidden_weight, numbers->weights[0], 1e-9);
  summary = hl_figure_summarise (fixture.figure);
  g_assert_nonnull (strstr (summary, "1 hidden key holds"));
}

static void
test_activate (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (HlSelection) selection = hl_selection_new ();
  HlState *state;

  open_shape (&fixture, &plain, 1200, 600);
  hl_selection_set_trace (selection, fixture.trace, 0);

  g_assert_true (hl_figure_activate (fixture.figure, (HlElement) { HL_COLUMN_QUERY_NAME + 1, 3, 0, 0 }, HL_GESTURE_CLICK,
                                     selection));
  g_assert_true (hl_figure_activate (fixture.figure, (HlElement) { HL_COLUMN_QUERY + 1, 6, 2, 0 }, HL_GESTURE_CLICK,
                                     selection));
  state = hl_selection_get_state (selection);
  g_assert_cmpuint (hl_state_count_pins (state, HL_SIDE_QUERY), ==, 1);
  g_assert_true (hl_state_has_pin (state, HL_SIDE_QUERY, 6));

  g_assert_true (hl_figure_activate (fixture.figure, (HlElement) { HL_COLUMN_KEY_NAME + 1, 2, 0, 0 }, HL_GESTURE_CLICK,
                                     selection));
  g_assert_true (hl_state_has_pin (hl_selection_get_state (selection), HL_SIDE_KEY, 2));

  hl_figure_hover (fixture.figure, (HlElement) { HL_COLUMN_PRODUCT + 1, 2, 5, 0 }, selection);
  state = hl_selection_get_state (selection);
  g_assert_cmpint (state->hover.query, ==, 8);
  g_assert_cmpint (state->hover.key, ==, 2);
  g_assert_cmpint (state->hover.neuron, ==, 5);
  g_assert_cmpint (state->hover.value, ==, -1);

  hl_figure_hover (fixture.figure, HL_ELEMENT_NONE, selection);
  g_assert_cmpint (hl_selection_get_state (selection)->hover.neuron, ==, -1);
}

static void
test_csv (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (GString) csv = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;
  HlNeurons *numbers;

  open_shape (&fixture, &plain, 500, 300);
  pin (&fixture, 6);
  rebuild (&fixture, 500, 300);
  numbers = get_figure (&fixture)->numbers;
  hl_figure_write_csv (fixture.figure, csv);
  lines = g_strsplit (csv->str, "\n", -1);

  g_assert_cmpuint (g_strv_length (lines), ==, 1 + 9 + 1);
  g_assert_true (g_str_has_prefix (lines[0], "query,query token,key,key token,masked,score,softmax,q0*k0,q1*k1,"));

  for (gsize key = 0; key < 9; key++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[1 + key], ",", -1);
      double sum = 0;

      g_assert_cmpuint (g_strv_length (fields), ==, 7 + 8);
      g_assert_cmpstr (fields[0], ==, "6");
      g_assert_cmpint (atoi (fields[2]), ==, key);
      g_assert_cmpstr (fields[4], ==, key > 6 ? "1" : "0");
      g_assert_cmpfloat ((float) g_ascii_strtod (fields[6], NULL), ==, numbers->weights[key]);
      if (key > 6)
        {
          g_assert_cmpstr (fields[5], ==, "");
          g_assert_cmpstr (fields[7], ==, "");
          continue;
        }
      for (gsize i = 0; i < 8; i++)
        sum += g_ascii_strtod (fields[7 + i], NULL);
      g_assert_cmpfloat_with_epsilon (sum / sqrt (8), g_ascii_strtod (fields[5], NULL), 1e-6);
    }
}

static void
test_vector_surfaces (void)
{
  g_auto (Fixture) fixture = { NULL };

  /* 300 × 300 cells are past the limit for rectangles. */
  for (guint large = 0; large < 2; large++)
    {
      cairo_surface_t *surface = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
      cairo_t *cr = cairo_create (surface);

      fixture_clear (&fixture);
      open_shape (&fixture, &(RandomShape) { large ? 300 : 9, large ? 300 : 9, large ? 300 : 8, 0, 1, 1, FALSE }, 900,
                  600);
      hl_figure_draw (fixture.figure, cr, NULL);
      g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
      cairo_destroy (cr);
      cairo_surface_destroy (surface);
    }
}

static void
test_cancelled (void)
{
  g_autoptr (HlTrace) trace = make_random_trace (&plain);
  g_autoptr (HlState) state = hl_state_new (trace, 0);
  g_autoptr (HlStyle) style = hl_style_new (HL_THEME_DARK, NULL, 0);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  g_assert_null (hl_figure_build (HL_VIEW_NEURONS, state, style, 500, 400, cancellable));
}

/* What BertViz saved must be what q, k and the scale give. */
static void
test_real_file (gconstpointer data)
{
  g_autofree char *name = g_build_filename ("data", "bertviz", data, NULL);
  g_autofree char *path = find_shared (name);
  g_autoptr (GFile) file = NULL;
  g_autoptr (HlDocument) document = NULL;
  g_autoptr (GError) error = NULL;
  HlAttention *attention;
  g_auto (Fixture) fixture = { NULL };

  if (path == NULL)
    return;

  file = g_file_new_for_path (path);
  document = hl_format_open (file, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  fixture_open (&fixture, HL_VIEW_NEURONS, hl_document_load (document, 0, NULL, &error), 1100, 600);
  g_assert_no_error (error);
  g_assert_null (fixture.figure->message);
  attention = hl_state_get_attention (fixture.state);

  for (gsize layer = 0; layer < hl_attention_get_n_layers (attention); layer++)
    for (gsize head = 0; head < hl_attention_get_n_heads (attention, layer); head++)
      for (gsize query = 0; query < hl_attention_get_n_queries (attention); query++)
        {
          g_autoptr (HlNeurons) numbers = NULL;

          fixture.state->layer = layer;
          fixture.state->head = head;
          pin (&fixture, query);
          numbers = hl_neurons_new (fixture.state, NULL);
          g_assert_cmpfloat (numbers->disagreement, <, 1e-5);
        }
}

/* In a low room rows shrink and what stands around them goes before any of them is out of sight. */
static void
test_low_room (void)
{
  static const struct { double height; gboolean has_caption, has_sums; } rooms[] = {
    { 420, TRUE, TRUE }, { 240, FALSE, TRUE }, { 182, FALSE, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (rooms); i++)
    {
      g_auto (Fixture) fixture = { NULL };
      HlNeuronsFigure *self;

      open_shape (&fixture, &(RandomShape) { 9, 9, 64, 0, 1, 1, TRUE }, 422, rooms[i].height);
      self = get_figure (&fixture);
      g_assert_cmpfloat (hl_figure_get_height (fixture.figure), ==, rooms[i].height);
      g_assert_cmpfloat (self->row_height, >=, 11);
      g_assert_cmpint (self->caption_y > 0, ==, rooms[i].has_caption);
      g_assert_cmpint (self->has_sums, ==, rooms[i].has_sums);
      g_assert_cmpint (strstr (self->caption, "The row Σ α·") != NULL, ==, rooms[i].has_sums);
      if (!self->has_sums)
        {
          HlElement first = { HL_COLUMN_KEY + 1, 0, 3, 0 };

          g_assert_cmpuint (hl_figure_neighbour (fixture.figure, first, HL_DIRECTION_UP).kind, ==, HL_COLUMN_KEY + 1);
          g_assert_cmpuint (self->sums[HL_STRIP_KEY].n_rows, ==, 0);
        }
    }
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/neurons/numbers", test_numbers);
  g_test_add_func ("/neurons/limits", test_limits);
  g_test_add_func ("/neurons/sorted", test_sorted);
  g_test_add_func ("/neurons/disagreement", test_disagreement);
  g_test_add_func ("/neurons/layout", test_layout);
  g_test_add_func ("/neurons/room-is-used", test_room_is_used);
  g_test_add_func ("/neurons/low-room", test_low_room);
  g_test_add_func ("/neurons/pick", test_pick);
  g_test_add_func ("/neurons/neighbour", test_neighbour);
  g_test_add_func ("/neurons/describe", test_describe);
  g_test_add_func ("/neurons/colours", test_colours);
  g_test_add_func ("/neurons/headers-stay", test_headers_stay);
  g_test_add_func ("/neurons/degenerate", test_degenerate);
  g_test_add_func ("/neurons/missing", test_missing);
  g_test_add_func ("/neurons/not-finite", test_not_finite);
  g_test_add_func ("/neurons/hidden", test_hidden);
  g_test_add_func ("/neurons/activate", test_activate);
  g_test_add_func ("/neurons/csv", test_csv);
  g_test_add_func ("/neurons/vector-surfaces", test_vector_surfaces);
  g_test_add_func ("/neurons/cancelled", test_cancelled);
  g_test_add_data_func ("/neurons/real/gpt2", "gpt2__neuron__L12H12T9__A-flat__65e31182.json", test_real_file);
  g_test_add_data_func ("/neurons/real/emitted-gpt2", "emitted/gpt2/neuron.html", test_real_file);
  g_test_add_data_func ("/neurons/real/emitted-bert", "emitted/bert/neuron.html", test_real_file);
  g_test_add_data_func ("/neurons/real/emitted-pair", "emitted/roberta/neuron_pair.html", test_real_file);

  return g_test_run ();
}
