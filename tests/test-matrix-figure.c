/* The matrix view and the painter of cells: geometry against itself, colours against the ramp, pooling against its
 * definition, and what is drawn on vector surfaces against what is drawn on pixels. */

#include "config.h"

#include "figure-fixture.h"
#include "hl-matrix-figure.h"
#include "random-projections.h"

static const RandomShape plain = { 9, 9, 4, 0, 2, 2, TRUE };

static void
open_shape (Fixture           *fixture,
            const RandomShape *shape,
            double             width,
            double             height)
{
  fixture_open (fixture, HL_VIEW_MATRIX, make_random_trace (shape), width, height);
}

static HlMatrixFigure *
get_figure (Fixture *fixture)
{
  return (HlMatrixFigure *) fixture->figure;
}

static double
get_weight (Fixture *fixture,
            gsize    query,
            gsize    key)
{
  float weight;

  hl_attention_read (hl_state_get_attention (fixture->state), fixture->state->layer, fixture->state->head, query, 1, key,
                     1, &weight);

  return weight;
}

/* Near a cell's corner there is neither a number nor a line. */
static guint32
get_cell_pixel (Fixture         *fixture,
                cairo_surface_t *surface,
                gsize            query,
                gsize            key)
{
  HlRect bounds;

  g_assert_true (hl_figure_get_bounds (fixture->figure, (HlElement) { HL_MATRIX_CELL, query, key, 0 }, &bounds));

  return get_pixel (surface, bounds.x + 2, bounds.y + 2);
}

static void
test_colours (void)
{
  for (HlScale scale = HL_SCALE_LINEAR; scale <= HL_SCALE_ROW; scale++)
    {
      g_auto (Fixture) fixture = { NULL };
      cairo_surface_t *surface;
      HlRamp ramp;

      open_shape (&fixture, &plain, 500, 500);
      fixture.state->scale = scale;
      fixture.state->threshold = 0.02;
      rebuild (&fixture, 500, 500);
      surface = draw_image (fixture.figure, NULL);
      hl_ramp_init (&ramp, fixture.style, hl_figure_head_colour (fixture.figure, 0));

      for (gsize query = 0; query < 9; query++)
        {
          double largest = 0;

          for (gsize key = 0; key < 9; key++)
            largest = MAX (largest, get_weight (&fixture, query, key));

          for (gsize key = 0; key < 9; key++)
            {
              double weight = get_weight (&fixture, query, key);
              double level = scale == HL_SCALE_LINEAR ? weight
                             : scale == HL_SCALE_ROW  ? weight / largest
                                                      : 1 + log10 (weight) / 4;
              guint32 expected = hl_ramp_get (&ramp, weight < 0.02 ? 0 : level);
              guint32 found = get_cell_pixel (&fixture, surface, query, key);

              if (key > query)
                expected = hl_cells_pack (fixture.style->shade);

              /* A step of the ramp is less than two of a colour's part. */
              for (guint part = 0; part < 4; part++)
                g_assert_cmpint (ABS ((int) (expected >> 8 * part & 0xff) - (int) (found >> 8 * part & 0xff)), <=, 2);
            }
        }

      cairo_surface_destroy (surface);
    }
}

static void
test_pick (void)
{
  static const RandomShape shapes[] = { { 9, 9, 4, 0, 1, 1, TRUE },
                                        { 3, 40, 4, 0, 1, 1, FALSE },
                                        { 700, 5, 4, 0, 1, 1, FALSE },
                                        { 900, 900, 1, 0, 1, 1, TRUE } };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (double zoom = 1; zoom < 100; zoom *= 5)
      {
        g_auto (Fixture) fixture = { NULL };

        open_shape (&fixture, &shapes[i], 640, 500);
        fixture.state->zoom = zoom;
        rebuild (&fixture, 640, 500);

        for (gsize query = 0; query < shapes[i].n_queries; query += 1 + query / 10)
          {
            assert_element (fixture.figure, (HlElement) { HL_MATRIX_QUERY, query, 0, 0 });
            for (gsize key = 0; key < shapes[i].n_keys; key += 1 + key / 10)
              assert_element (fixture.figure, (HlElement) { HL_MATRIX_CELL, query, key, 0 });
          }
        assert_element (fixture.figure, (HlElement) { HL_MATRIX_KEY, shapes[i].n_keys - 1, 0, 0 });
      }
}

static void
test_fits (void)
{
  static const gsize sizes[] = { 1, 2, 5, 16, 64, 200, 512, 1500 };

  for (guint i = 0; i < G_N_ELEMENTS (sizes); i++)
    {
      g_auto (Fixture) fixture = { NULL };

      open_shape (&fixture, &(RandomShape) { sizes[i], sizes[i], 2, 0, 1, 1, FALSE }, 640, 500);

      for (double width = 300; width < 1300; width += 170)
        for (double height = 260; height < 800; height += 170)
          {
            rebuild (&fixture, width, height);
            g_assert_cmpfloat (hl_figure_get_width (fixture.figure), ==, width);
            g_assert_cmpfloat (hl_figure_get_height (fixture.figure), ==, height);
            g_assert_cmpfloat (get_figure (&fixture)->plot.width / get_figure (&fixture)->plot.height, >, 0.7);
            g_assert_cmpfloat (get_figure (&fixture)->plot.width / get_figure (&fixture)->plot.height, <,
                               get_figure (&fixture)->is_compact ? 3.5 : 1.4);
          }
    }
}

/* In a pane of the window as it first opens, all tokens are named and the matrix has most of the room. */
static void
test_low_room (void)
{
  static const struct { gsize n; double width, height; } rooms[] = { { 9, 422, 182 }, { 17, 422, 289 }, { 12, 422, 200 } };

  for (guint i = 0; i < G_N_ELEMENTS (rooms); i++)
    {
      g_auto (Fixture) fixture = { NULL };
      HlMatrixFigure *self;

      open_shape (&fixture, &(RandomShape) { rooms[i].n, rooms[i].n, 2, 0, 1, 1, TRUE }, rooms[i].width, rooms[i].height);
      self = get_figure (&fixture);
      g_assert_cmpfloat (hl_figure_get_height (fixture.figure), ==, rooms[i].height);
      g_assert_cmpfloat (hl_figure_get_width (fixture.figure), ==, rooms[i].width);
      g_assert_true (self->is_compact);
      g_assert_cmpfloat (self->caption_y, ==, 0);
      g_assert_cmpfloat (self->plot.height, >, 0.55 * rooms[i].height);
      g_assert_cmpuint (self->queries.step, ==, 1);
      g_assert_cmpuint (self->keys.step, ==, 1);
      g_assert_cmpfloat (self->queries.label_size, ==, self->keys.label_size);
      g_assert_cmpfloat (self->queries.label_size * self->base.style->font_size, >=, 8);
      g_assert_cmpfloat (self->keys.label_room, <=, 0.28 * rooms[i].height);
    }
}

/* Few keys and many queries in a low room: labels of keys lie flat, rather than standing on a third of its height. */
static void
test_flat_labels (void)
{
  g_auto (Fixture) fixture = { NULL };

  open_shape (&fixture, &(RandomShape) { 14, 7, 2, 0, 1, 1, FALSE }, 422, 289);
  g_assert_true (get_figure (&fixture)->keys.is_flat);
  g_assert_cmpfloat (get_figure (&fixture)->plot.height, >, 0.75 * 289);
  /* The legend ends where the matrix does. */
  g_assert_cmpfloat (get_figure (&fixture)->legend_ramp + get_figure (&fixture)->legend_width, <,
                     get_figure (&fixture)->plot.x + get_figure (&fixture)->plot.width);
}

static void
test_zoom (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (HlSelection) selection = hl_selection_new ();
  HlElement cell = { HL_MATRIX_CELL, 50, 20, 0 };
  double fit;

  open_shape (&fixture, &(RandomShape) { 100, 100, 4, 0, 1, 1, TRUE }, 500, 400);
  hl_selection_set_trace (selection, fixture.trace, 0);
  fit = get_figure (&fixture)->queries.cell;
  g_assert_cmpfloat (hl_matrix_figure_get_max_zoom (fixture.figure), >, 5);

  g_assert_true (hl_figure_activate (fixture.figure, cell, HL_GESTURE_DOUBLE, selection));
  fixture.state->zoom = hl_selection_get_state (selection)->zoom;
  rebuild (&fixture, 500, 400);
  g_assert_cmpfloat (get_figure (&fixture)->queries.cell, >, fit);
  g_assert_cmpfloat (get_figure (&fixture)->queries.cell, >=, 34);
  g_assert_cmpfloat (get_figure (&fixture)->queries.cell, <=, 44);
  g_assert_cmpfloat (hl_figure_get_width (fixture.figure), >, 3400);

  fixture.state->zoom = HL_MAX_ZOOM;
  rebuild (&fixture, 500, 400);
  g_assert_cmpfloat (get_figure (&fixture)->queries.cell, ==, 44);

  g_assert_true (hl_figure_activate (fixture.figure, cell, HL_GESTURE_DOUBLE, selection));
  g_assert_cmpfloat (hl_selection_get_state (selection)->zoom, ==, 1);
  g_assert_false (hl_selection_can_undo (selection));
}

/* Zoomed and scrolled, both axes are drawn again at the edges of what is in sight. */
static void
test_axes_stay (void)
{
  g_auto (Fixture) fixture = { NULL };
  HlRect clip = { 1500, 2000, 500, 400 };

  open_shape (&fixture, &(RandomShape) { 100, 100, 4, 0, 1, 1, TRUE }, 500, 400);
  fixture.state->zoom = HL_MAX_ZOOM;
  rebuild (&fixture, 500, 400);

  for (guint is_scrolled = 0; is_scrolled < 2; is_scrolled++)
    {
      cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 500, 400);
      cairo_t *cr = cairo_create (surface);

      if (!is_scrolled)
        clip.x = clip.y = 0;
      else
        clip = (HlRect) { 1500, 2000, 500, 400 };
      cairo_translate (cr, -clip.x, -clip.y);
      hl_figure_draw_overlay (fixture.figure, cr, fixture.state, HL_ELEMENT_NONE, &clip);
      g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
      cairo_destroy (cr);
      cairo_surface_flush (surface);
      g_assert_cmpint (get_pixel (surface, 1, 200) != 0, ==, is_scrolled);
      g_assert_cmpint (get_pixel (surface, 250, 1) != 0, ==, is_scrolled);
      g_assert_cmphex (get_pixel (surface, 300, 300), ==, 0);
      cairo_surface_destroy (surface);
    }
}

/* Each pixel is the largest weight of those that fall into it: found again by brute force. */
static void
test_pooled (void)
{
  g_auto (Fixture) fixture = { NULL };
  HlMatrixFigure *self;
  gsize n = 700;
  g_autofree float *weights = g_new (float, n);
  g_autofree guint8 *expected = NULL;

  open_shape (&fixture, &(RandomShape) { n, n, 3, 0, 1, 1, FALSE }, 400, 300);
  fixture.state->scale = HL_SCALE_ROW;
  rebuild (&fixture, 400, 300);
  self = get_figure (&fixture);
  g_assert_nonnull (self->levels);
  g_assert_cmpuint (self->cells.n_rows, <, n);
  g_assert_nonnull (strstr (self->caption, "Each pixel is the largest of"));

  expected = g_new0 (guint8, self->cells.n_rows * self->cells.n_columns);
  for (gsize row = 0; row < self->cells.n_rows; row++)
    for (gsize query = row * n / self->cells.n_rows; query < (row + 1) * n / self->cells.n_rows; query++)
      {
        float largest = 0;

        hl_attention_read_row (hl_state_get_attention (fixture.state), 0, 0, query, weights);
        for (gsize key = 0; key < n; key++)
          largest = MAX (largest, weights[key]);
        for (gsize column = 0; column < self->cells.n_columns; column++)
          for (gsize key = column * n / self->cells.n_columns; key < (column + 1) * n / self->cells.n_columns; key++)
            {
              guint8 level = weights[key] / largest * 255 + 0.5;
              guint8 *cell = &expected[row * self->cells.n_columns + column];

              *cell = MAX (*cell, level);
            }
      }

  for (gsize i = 0; i < self->cells.n_rows * self->cells.n_columns; i++)
    g_assert_cmpint (ABS ((int) expected[i] - (int) self->levels[i]), <=, 1);
}

static void
test_describe (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autofree char *cell = NULL;
  g_autofree char *masked = NULL;
  g_autofree char *query = NULL;
  g_autofree char *key = NULL;
  g_autofree char *weight = NULL;
  g_autofree char *expected = NULL;

  open_shape (&fixture, &plain, 500, 400);
  weight = hl_text_number (get_weight (&fixture, 5, 2));
  expected = g_strdup_printf ("query 5 “w5” → key 2 “w2”: %s", weight);
  cell = hl_figure_describe (fixture.figure, (HlElement) { HL_MATRIX_CELL, 5, 2, 0 });
  g_assert_cmpstr (cell, ==, expected);

  masked = hl_figure_describe (fixture.figure, (HlElement) { HL_MATRIX_CELL, 2, 5, 0 });
  g_assert_nonnull (strstr (masked, "masked"));
  query = hl_figure_describe (fixture.figure, (HlElement) { HL_MATRIX_QUERY, 0, 0, 0 });
  g_assert_cmpstr (query, ==, "query 0 “[CLS]” → most to key 0 “[CLS]”: 1");
  key = hl_figure_describe (fixture.figure, (HlElement) { HL_MATRIX_KEY, 0, 0, 0 });
  g_assert_cmpstr (key, ==, "key 0 “[CLS]” ← most from query 0 “[CLS]”: 1");
  g_assert_null (hl_figure_describe (fixture.figure, (HlElement) { HL_MATRIX_CELL, 9, 0, 0 }));
}

static void
test_neighbour (void)
{
  g_auto (Fixture) fixture = { NULL };
  HlElement element;

  open_shape (&fixture, &plain, 500, 400);
  element = hl_figure_neighbour (fixture.figure, HL_ELEMENT_NONE, HL_DIRECTION_NEXT);
  g_assert_true (hl_element_equal (element, (HlElement) { HL_MATRIX_CELL, 0, 0, 0 }));
  element = hl_figure_neighbour (fixture.figure, element, HL_DIRECTION_DOWN);
  element = hl_figure_neighbour (fixture.figure, element, HL_DIRECTION_RIGHT);
  g_assert_true (hl_element_equal (element, (HlElement) { HL_MATRIX_CELL, 1, 1, 0 }));
  element = hl_figure_neighbour (fixture.figure, element, HL_DIRECTION_LAST);
  g_assert_true (hl_element_equal (element, (HlElement) { HL_MATRIX_CELL, 1, 8, 0 }));
  g_assert_true (hl_element_equal (hl_figure_neighbour (fixture.figure, element, HL_DIRECTION_RIGHT), element));
  element = hl_figure_neighbour (fixture.figure, element, HL_DIRECTION_UP);
  element = hl_figure_neighbour (fixture.figure, element, HL_DIRECTION_UP);
  g_assert_true (hl_element_equal (element, (HlElement) { HL_MATRIX_KEY, 8, 0, 0 }));
  element = hl_figure_neighbour (fixture.figure, element, HL_DIRECTION_FIRST);
  g_assert_true (hl_element_equal (element, (HlElement) { HL_MATRIX_KEY, 0, 0, 0 }));
  g_assert_true (hl_element_equal (hl_figure_neighbour (fixture.figure, element, HL_DIRECTION_LEFT), element));
  g_assert_cmpuint (hl_figure_neighbour (fixture.figure, element, HL_DIRECTION_NEXT).kind, ==, 0);
  element = hl_figure_neighbour (fixture.figure, element, HL_DIRECTION_PREVIOUS);
  g_assert_cmpuint (element.kind, ==, HL_MATRIX_QUERY);
  element = hl_figure_neighbour (fixture.figure, element, HL_DIRECTION_PREVIOUS);
  g_assert_cmpuint (element.kind, ==, HL_MATRIX_CELL);
  g_assert_cmpuint (hl_figure_neighbour (fixture.figure, element, HL_DIRECTION_PREVIOUS).kind, ==, 0);
}

static void
test_activate (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (HlSelection) selection = hl_selection_new ();
  HlState *state;

  open_shape (&fixture, &plain, 500, 400);
  hl_selection_set_trace (selection, fixture.trace, 0);

  g_assert_true (hl_figure_activate (fixture.figure, (HlElement) { HL_MATRIX_QUERY, 3, 0, 0 }, HL_GESTURE_CLICK, selection));
  g_assert_true (hl_figure_activate (fixture.figure, (HlElement) { HL_MATRIX_KEY, 1, 0, 0 }, HL_GESTURE_CLICK, selection));
  state = hl_selection_get_state (selection);
  g_assert_true (hl_state_has_pin (state, HL_SIDE_QUERY, 3));
  g_assert_true (hl_state_has_pin (state, HL_SIDE_KEY, 1));

  g_assert_true (hl_figure_activate (fixture.figure, (HlElement) { HL_MATRIX_CELL, 7, 2, 0 }, HL_GESTURE_CLICK, selection));
  state = hl_selection_get_state (selection);
  g_assert_true (hl_state_has_pin (state, HL_SIDE_QUERY, 7));
  g_assert_cmpuint (hl_state_count_pins (state, HL_SIDE_QUERY), ==, 1);

  hl_figure_hover (fixture.figure, (HlElement) { HL_MATRIX_CELL, 7, 2, 0 }, selection);
  state = hl_selection_get_state (selection);
  g_assert_cmpint (state->hover.query, ==, 7);
  g_assert_cmpint (state->hover.key, ==, 2);
  hl_figure_hover (fixture.figure, (HlElement) { HL_MATRIX_KEY, 2, 0, 0 }, selection);
  g_assert_cmpint (hl_selection_get_state (selection)->hover.query, ==, -1);
}

static void
test_csv (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (GString) csv = g_string_new (NULL);
  g_auto (GStrv) lines = NULL;

  open_shape (&fixture, &(RandomShape) { 4, 7, 3, 0, 1, 1, FALSE }, 500, 400);
  fixture.state->hide_special = TRUE;
  fixture.state->threshold = 0.5;
  rebuild (&fixture, 500, 400);
  hl_figure_write_csv (fixture.figure, csv);
  lines = g_strsplit (csv->str, "\n", -1);

  g_assert_cmpstr (lines[0], ==, "query,1:w1,2:w2,3:w3,4:w4,5:w5,6:w6");
  g_assert_cmpuint (g_strv_length (lines), ==, 1 + 3 + 1);
  for (gsize query = 1; query < 4; query++)
    {
      g_auto (GStrv) fields = g_strsplit (lines[query], ",", -1);

      g_assert_cmpuint (g_strv_length (fields), ==, 7);
      for (gsize key = 1; key < 7; key++)
        g_assert_cmpfloat ((float) g_ascii_strtod (fields[key], NULL), ==, (float) get_weight (&fixture, query, key));
    }
}

static void
test_degenerate (void)
{
  static const RandomShape shapes[] = {
    { 1, 1, 1, 0, 1, 1, TRUE }, { 1, 300, 2, 0, 1, 1, FALSE }, { 300, 1, 2, 0, 1, 1, FALSE }, { 2, 3, 1, 0, 1, 1, FALSE },
  };

  for (guint i = 0; i < G_N_ELEMENTS (shapes); i++)
    for (guint size = 0; size < 3; size++)
      {
        static const double rooms[] = { 1, 90, 1200 };
        g_auto (Fixture) fixture = { NULL };
        g_autofree char *summary = NULL;
        cairo_surface_t *surface;

        open_shape (&fixture, &shapes[i], rooms[size], rooms[size]);
        surface = draw_image (fixture.figure, NULL);
        cairo_surface_destroy (surface);
        summary = hl_figure_summarise (fixture.figure);
        g_assert_nonnull (summary);
        g_assert_true (isfinite (hl_figure_get_width (fixture.figure)));
      }
}

static void
test_nothing_shown (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (GString) csv = g_string_new (NULL);
  cairo_surface_t *surface;

  open_shape (&fixture, &plain, 500, 400);
  fixture.state->filter = HL_FILTER_BB;
  rebuild (&fixture, 500, 400);
  surface = draw_image (fixture.figure, NULL);
  cairo_surface_destroy (surface);
  g_assert_cmpuint (hl_figure_pick (fixture.figure, 250, 200).kind, ==, 0);
  g_assert_cmpuint (hl_figure_neighbour (fixture.figure, HL_ELEMENT_NONE, HL_DIRECTION_NEXT).kind, ==, 0);
  g_assert_nonnull (strstr (get_figure (&fixture)->caption, "hides all"));
  hl_figure_write_csv (fixture.figure, csv);
  g_assert_cmpstr (csv->str, ==, "query\n");
}

static void
test_not_finite (void)
{
  g_auto (Fixture) fixture = { NULL };
  g_autoptr (HlTokens) tokens = make_numbered_tokens (3);
  g_autoptr (HlAttention) attention = NULL;
  g_autoptr (HlTensor) tensor = NULL;
  g_autoptr (GError) error = NULL;
  static const gsize shape[] = { 1, 3, 3 };
  static const float numbers[] = { 1, NAN, 0, INFINITY, 0.5, -1, NAN, NAN, NAN };
  HlTrace *trace = hl_trace_new (NULL);

  tensor = hl_tensor_new_take_f32 (3, shape, g_memdup2 (numbers, sizeof numbers));
  attention = hl_attention_new_dense (HL_ATTENTION_SELF, tokens, tokens, &tensor, 1, &error);
  g_assert_no_error (error);
  hl_trace_add_attention (trace, attention);
  fixture_open (&fixture, HL_VIEW_MATRIX, trace, 400, 400);

  for (HlScale scale = HL_SCALE_LINEAR; scale <= HL_SCALE_ROW; scale++)
    {
      cairo_surface_t *surface;

      fixture.state->scale = scale;
      rebuild (&fixture, 400, 400);
      surface = draw_image (fixture.figure, NULL);
      g_assert_cmphex (get_cell_pixel (&fixture, surface, 2, 0), ==, hl_cells_pack (fixture.style->background));
      cairo_surface_destroy (surface);
    }
}

typedef struct
{
  gsize n_reads;
} Reads;

static void
read_checkers (gpointer  data,
               gsize     row,
               gsize     column,
               gsize     n,
               guint32  *out)
{
  Reads *reads = data;

  reads->n_reads++;
  for (gsize i = 0; i < n; i++)
    out[i] = 0xff000000 | (row * 37 % 256) << 8 | ((column + i) * 59 % 256);
}

static cairo_surface_t *
draw_cells (const HlCells *cells,
            gboolean       is_recorded,
            int            width,
            int            height)
{
  cairo_surface_t *image = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, width, height);
  cairo_t *cr = cairo_create (image);
  Reads reads = { 0 };

  if (is_recorded)
    {
      cairo_surface_t *recording = cairo_recording_surface_create (CAIRO_CONTENT_COLOR_ALPHA, NULL);
      cairo_t *recorder = cairo_create (recording);

      hl_cells_draw (cells, recorder, &(HlRect) { 0, 0, width, height }, read_checkers, &reads);
      cairo_destroy (recorder);
      cairo_set_source_surface (cr, recording, 0, 0);
      cairo_paint (cr);
      cairo_surface_destroy (recording);
    }
  else
    {
      hl_cells_draw (cells, cr, NULL, read_checkers, &reads);
      g_assert_cmpuint (reads.n_reads, <=, cells->n_rows);
    }

  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  cairo_surface_flush (image);

  return image;
}

/* The three ways of painting agree in the middle of each cell. */
static void
test_cells (void)
{
  static const HlCells grids[] = {
    { 3, 5, 4, 6, 0, 20, 30 },
    { 3, 5, 7, 9, 2, 12, 9 },
    { 2, 2, 2, 3, 0, 240, 300 },
  };

  for (guint i = 0; i < G_N_ELEMENTS (grids); i++)
    {
      const HlCells *cells = &grids[i];
      cairo_surface_t *pixels = draw_cells (cells, FALSE, 620, 740);
      cairo_surface_t *vectors = draw_cells (cells, TRUE, 620, 740);

      for (gsize row = 0; row < cells->n_rows; row++)
        for (gsize column = 0; column < cells->n_columns; column++)
          {
            HlRect bounds = hl_cells_bounds (cells, row, column);
            double x = bounds.x + bounds.width / 2, y = bounds.y + bounds.height / 2;
            guint32 expected;
            gsize found_row, found_column;
            Reads reads;

            read_checkers (&reads, row, column, 1, &expected);
            g_assert_cmphex (get_pixel (pixels, x, y), ==, expected);
            g_assert_cmphex (get_pixel (vectors, x, y), ==, expected);
            g_assert_true (hl_cells_find (cells, x, y, &found_row, &found_column));
            g_assert_cmpuint (found_row, ==, row);
            g_assert_cmpuint (found_column, ==, column);

            /* Sharp edges: the first and last pixel of a cell are all its own. */
            g_assert_cmphex (get_pixel (pixels, bounds.x, bounds.y), ==, expected);
            g_assert_cmphex (get_pixel (pixels, bounds.x + bounds.width - 1, bounds.y + bounds.height - 1), ==, expected);
            if (cells->gap > 0)
              g_assert_cmphex (get_pixel (pixels, x, bounds.y + bounds.height), ==, 0);
          }

      cairo_surface_destroy (pixels);
      cairo_surface_destroy (vectors);
    }
}

/* Only what the clip shows is read, and the surface's own scale and offset are honoured. */
static void
test_cells_clip (void)
{
  HlCells cells = { 0, 0, 10, 10, 0, 100000, 100000 };
  HlRect clip = { 500000, 700000, 25, 35 };
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, 100, 100);
  cairo_t *cr;
  Reads reads = { 0 };
  guint32 expected;

  cairo_surface_set_device_scale (surface, 2, 2);
  cairo_surface_set_device_offset (surface, 8, 6);
  cr = cairo_create (surface);
  cairo_translate (cr, -clip.x, -clip.y);
  hl_cells_draw (&cells, cr, &clip, read_checkers, &reads);
  g_assert_cmpuint (reads.n_reads, ==, 4);
  cairo_destroy (cr);
  cairo_surface_flush (surface);

  read_checkers (&reads, 70001, 50001, 1, &expected);
  g_assert_cmphex (get_pixel (surface, 8 + 2 * 15, 6 + 2 * 15), ==, expected);
  g_assert_cmphex (get_pixel (surface, 8 + 2 * 10, 6 + 2 * 10), ==, expected);
  read_checkers (&reads, 70000, 50000, 1, &expected);
  g_assert_cmphex (get_pixel (surface, 8 + 2 * 10 - 1, 6 + 2 * 10 - 1), ==, expected);
  cairo_surface_destroy (surface);
}

static void
test_cancelled (void)
{
  g_autoptr (HlTrace) trace = make_random_trace (&(RandomShape) { 900, 900, 2, 0, 1, 1, FALSE });
  g_autoptr (HlState) state = hl_state_new (trace, 0);
  g_autoptr (HlStyle) style = hl_style_new (HL_THEME_DARK, NULL, 0);
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();

  g_cancellable_cancel (cancellable);
  state->scale = HL_SCALE_ROW;
  g_assert_null (hl_figure_build (HL_VIEW_MATRIX, state, style, 500, 400, cancellable));
}

int
main (int   argc,
      char *argv[])
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/matrix/colours", test_colours);
  g_test_add_func ("/matrix/pick", test_pick);
  g_test_add_func ("/matrix/fits", test_fits);
  g_test_add_func ("/matrix/low-room", test_low_room);
  g_test_add_func ("/matrix/flat-labels", test_flat_labels);
  g_test_add_func ("/matrix/zoom", test_zoom);
  g_test_add_func ("/matrix/axes-stay", test_axes_stay);
  g_test_add_func ("/matrix/pooled", test_pooled);
  g_test_add_func ("/matrix/describe", test_describe);
  g_test_add_func ("/matrix/neighbour", test_neighbour);
  g_test_add_func ("/matrix/activate", test_activate);
  g_test_add_func ("/matrix/csv", test_csv);
  g_test_add_func ("/matrix/degenerate", test_degenerate);
  g_test_add_func ("/matrix/nothing-shown", test_nothing_shown);
  g_test_add_func ("/matrix/not-finite", test_not_finite);
  g_test_add_func ("/matrix/cells", test_cells);
  g_test_add_func ("/matrix/cells-clip", test_cells_clip);
  g_test_add_func ("/matrix/cancelled", test_cancelled);

  return g_test_run ();
}
