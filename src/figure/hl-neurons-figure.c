#include "config.h"

#include "hl-neurons-figure.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "hl-labels.h"

/* Below this, a line's opacity rounds to nothing. */
#define MIN_LINK_WEIGHT (0.5 / 255)

static const char *
missing (const HlState *state)
{
  HlAttention *attention = hl_state_get_attention (state);

  if (attention == NULL)
    return _("This file holds scores of tokens but no attention, so there are no queries and keys to show.");

  if (hl_attention_get_projections (attention) == NULL)
    return _("This file holds no queries and keys. Save them with the weights, as BertViz’s neuron view does, to see "
             "how each weight comes about.");

  if (hl_attention_get_n_layers (attention) == 0 || hl_attention_get_n_heads (attention, state->layer) == 0)
    return _("This file holds no layer with heads.");

  if (hl_attention_get_n_queries (attention) == 0 || hl_attention_get_n_keys (attention) == 0)
    return _("This text has no tokens.");

  return NULL;
}

static void
finalize (HlFigure *figure)
{
  HlNeuronsFigure *self = (HlNeuronsFigure *) figure;

  hl_neurons_free (self->numbers);
  g_free (self->title);
  g_free (self->hint);
  g_free (self->caption);
}

static void
set_hairline (HlNeuronsFigure *self,
              cairo_t         *cr)
{
  hl_colour_set (cr, self->base.style->hairline);
  cairo_set_line_width (cr, 1);
}

static void
draw_title (HlNeuronsFigure *self,
            cairo_t         *cr)
{
  HlStyle *style = self->base.style;
  double x = self->columns[HL_COLUMN_QUERY_NAME].x;

  hl_text_draw (cr, style, self->title, HL_TEXT_LABEL, HL_TEXT_BOLD, style->foreground, x, self->title_y, 0,
                self->title_width);
  if (self->hint != NULL)
    hl_text_draw (cr, style, self->hint, HL_TEXT_CAPTION, HL_TEXT_REGULAR, style->dim, x + self->title_width,
                  self->title_y, 1, 0);
}

/* A number as it stands in a legend, or with a fixed number of decimals in a column: few digits, a true minus. */
static char *
format_short (double   value,
              gboolean is_in_column)
{
  g_autofree char *number = NULL;
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];
  double magnitude = fabs (value);

  if (!isfinite (value) || (value == 0 && !is_in_column))
    number = hl_text_number (value);
  else if (magnitude >= 1e5 || (magnitude < 0.01 && magnitude > 0 && !is_in_column))
    number = g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.0e", magnitude));
  else
    number = g_strdup (g_ascii_formatd (buffer, sizeof buffer,
                                        magnitude >= 100 ? "%.0f" : magnitude >= 10 ? "%.1f" : "%.2f", magnitude));

  return g_strconcat (value < 0 && isfinite (value) ? "−" : "", number, NULL);
}

/* Never "0.000" for what is not 0. */
static char *
format_weight (double weight)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  if (isnan (weight))
    return hl_text_number (weight);
  if (weight == 0)
    return g_strdup ("0");
  if (weight < 0.0005)
    return g_strdup ("<.001");

  return g_strdup (g_ascii_formatd (buffer, sizeof buffer, "%.3f", weight));
}

static double
get_score_x (HlNeuronsFigure *self,
             double           score)
{
  const HlColumnBox *box = &self->columns[HL_COLUMN_SCORE];

  score = CLAMP (score, self->score_low, self->score_high);

  return box->x + box->graph * (score - self->score_low) / (self->score_high - self->score_low);
}

/* The two-sided ramp from the strongest orange to the strongest blue, as smooth as the strips. */
static void
draw_ramp (HlNeuronsFigure *self,
           cairo_t         *cr,
           double           x,
           double           y,
           double           width,
           double           height)
{
  HlStyle *style = self->base.style;
  cairo_pattern_t *pattern = cairo_pattern_create_linear (x, 0, x + width, 0);

  for (int i = -8; i <= 8; i++)
    {
      HlColour colour = hl_style_ramp (style, i < 0 ? style->negative : style->positive, abs (i) / 8.0);

      cairo_pattern_add_color_stop_rgb (pattern, (i + 8) / 16.0, colour.red, colour.green, colour.blue);
    }
  cairo_set_source (cr, pattern);
  cairo_rectangle (cr, x, y, width, height);
  cairo_fill (cr);
  cairo_pattern_destroy (pattern);
}

static void
draw_header (HlNeuronsFigure *self,
             cairo_t         *cr,
             HlColumn         column,
             const char      *name,
             const char      *long_name,
             const char      *low,
             const char      *high)
{
  HlStyle *style = self->base.style;
  const HlColumnBox *box = &self->columns[column];
  double unit = self->unit;
  double size = HL_TEXT_LABEL;
  double width;

  if (!box->is_shown)
    return;

  /* Rather small than short. */
  hl_text_measure (style, long_name, size, HL_TEXT_REGULAR, &width, NULL);
  if (width > box->width)
    {
      hl_text_measure (style, long_name, HL_TEXT_CAPTION, HL_TEXT_REGULAR, &width, NULL);
      if (width <= box->width)
        size = HL_TEXT_CAPTION;
    }
  hl_text_draw (cr, style, width <= box->width ? long_name : name, size, HL_TEXT_REGULAR, style->foreground, box->x,
                self->header_y + self->name_y, 0, box->width);

  if (hl_column_get_strip (column) >= 0)
    {
      draw_ramp (self, cr, box->x, round (self->header_y + self->ramp_y), box->graph, round (unit * 2 / 3));
    }
  else
    {
      double y = round (self->header_y + self->ramp_y + 0.75 * unit) - 0.5;

      set_hairline (self, cr);
      cairo_move_to (cr, box->x, y);
      cairo_rel_line_to (cr, box->graph, 0);
      cairo_stroke (cr);
    }

  /* Both ends' numbers, or that of the longer side alone where they would touch. */
  if (low != NULL)
    {
      double low_width, high_width;
      double y = self->header_y + self->number_y;
      double end = box->x + box->graph;

      hl_text_measure (style, low, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, &low_width, NULL);
      hl_text_measure (style, high, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, &high_width, NULL);
      if (low_width + high_width + unit / 2 <= box->graph)
        {
          hl_text_draw (cr, style, low, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, style->dim, box->x, y, 0, 0);
          hl_text_draw (cr, style, high, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, style->dim, end, y, 1, 0);
        }
      else if (hl_column_get_strip (column) >= 0)
        {
          g_autofree char *both = g_strconcat ("±", high, NULL);

          hl_text_draw (cr, style, both, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, style->dim, box->x, y, 0, box->width);
        }
      else
        {
          gboolean is_low = column == HL_COLUMN_SCORE && -self->score_low > self->score_high;

          hl_text_draw (cr, style, is_low ? low : high, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, style->dim,
                        is_low ? box->x : end, y, is_low ? 0 : 1, box->graph);
        }
    }
}

void
hl_neurons_figure_draw_headers (HlNeuronsFigure *self,
                                cairo_t         *cr)
{
  static const char *long_names[HL_N_STRIPS] = { N_("Query q"), N_("Key k"), N_("q × k, each neuron"), N_("Value v") };
  static const char *names[HL_N_STRIPS] = { "q", "k", "q × k", "v" };
  g_autofree char *score_name = hl_neurons_figure_dup_score_name (self);
  g_autofree char *score_low = format_short (self->score_low, FALSE);
  g_autofree char *score_high = format_short (self->score_high, FALSE);

  for (HlStrip strip = 0; strip < HL_N_STRIPS; strip++)
    {
      g_autofree char *low = format_short (-self->numbers->limits[strip], FALSE);
      g_autofree char *high = format_short (self->numbers->limits[strip], FALSE);

      draw_header (self, cr, hl_strip_get_column (strip), names[strip], _(long_names[strip]), low, high);
    }

  draw_header (self, cr, HL_COLUMN_SCORE, "q · k", score_name, score_low, score_high);
  draw_header (self, cr, HL_COLUMN_SOFTMAX, "α", _("Softmax α"), "0", "1");
}

/* What the painter of strips asks for. */
typedef struct
{
  HlNeuronsFigure *self;
  HlStrip          strip;
  gboolean         is_sum;
  HlRamp           positive;
  HlRamp           negative;
} Strips;

static inline guint32
get_colour (const Strips *strips,
            double        value,
            double        factor)
{
  if (isnan (value))
    return 0;

  return hl_ramp_get (value < 0 ? &strips->negative : &strips->positive, fabs (value) * factor);
}

static void
read_strip (gpointer  data,
            gsize     row,
            gsize     column,
            gsize     n,
            guint32  *out)
{
  const Strips *strips = data;
  const HlNeurons *numbers = strips->self->numbers;
  double factor = 1 / numbers->limits[strips->strip];
  const guint *keys = strips->strip == HL_STRIP_QUERY ? numbers->queries : numbers->keys;
  guint token = strips->is_sum ? 0 : keys[row];

  for (gsize i = 0; i < n; i++)
    {
      gsize neuron = hl_neurons_get_neuron (numbers, strips->strip, column + i);
      double value = strips->is_sum ? numbers->sums[strips->strip][neuron]
                                    : hl_neurons_get_value (numbers, strips->strip, token, neuron);

      out[i] = get_colour (strips, value, factor);
    }
}

static void
draw_strips (HlNeuronsFigure *self,
             cairo_t         *cr,
             const HlRect    *clip)
{
  HlStyle *style = self->base.style;
  g_autofree Strips *strips = g_new0 (Strips, 1);

  strips->self = self;
  hl_ramp_init (&strips->positive, style, style->positive);
  hl_ramp_init (&strips->negative, style, style->negative);

  for (HlStrip strip = 0; strip < HL_N_STRIPS; strip++)
    {
      strips->strip = strip;
      strips->is_sum = FALSE;
      hl_cells_draw (&self->cells[strip], cr, clip, read_strip, strips);
      strips->is_sum = TRUE;
      hl_cells_draw (&self->sums[strip], cr, clip, read_strip, strips);
    }
}

/* Rows of one side that @clip touches: [first, end). */
static void
find_rows (HlNeuronsFigure *self,
           const HlRect    *clip,
           gsize            n_rows,
           gsize           *first,
           gsize           *end)
{
  double top = clip != NULL ? (clip->y - self->rows_y) / self->row_height : 0;
  double bottom = clip != NULL ? (clip->y + clip->height - self->rows_y) / self->row_height : n_rows;

  *first = top > 0 ? MIN ((gsize) top, n_rows) : 0;
  *end = bottom > 0 ? MIN ((gsize) ceil (bottom), n_rows) : 0;
  *end = MAX (*end, *first);
}

static double
get_row_middle (HlNeuronsFigure *self,
                gsize            row)
{
  return self->rows_y + row * self->row_height + (self->row_height - self->row_gap) / 2;
}

static void
draw_query_ground (HlNeuronsFigure *self,
                   cairo_t         *cr)
{
  HlNeurons *numbers = self->numbers;
  HlStyle *style = self->base.style;
  const HlColumnBox *names = &self->columns[HL_COLUMN_QUERY_NAME];
  const HlColumnBox *strip = &self->columns[HL_COLUMN_QUERY];
  int row = numbers->row_of_query[numbers->query];
  double x = names->x - self->unit;
  double y = self->rows_y + row * self->row_height - 1;
  double height = self->row_height - self->row_gap + 2;
  double end = strip->is_shown ? strip->x + strip->graph + 2 : names->x + names->width + self->unit;

  hl_colour_set (cr, style->hover);
  cairo_rectangle (cr, x, y, end - x, height);
  cairo_fill (cr);

  if (numbers->is_pinned)
    {
      hl_colour_set (cr, style->accent);
      cairo_rectangle (cr, x, y, round (self->unit / 2), height);
      cairo_fill (cr);
    }
}

static void
draw_names (HlNeuronsFigure *self,
            cairo_t         *cr,
            const HlRect    *clip)
{
  HlNeurons *numbers = self->numbers;
  HlStyle *style = self->base.style;
  const HlColumnBox *query = &self->columns[HL_COLUMN_QUERY_NAME];
  const HlColumnBox *key = &self->columns[HL_COLUMN_KEY_NAME];
  const HlColumnBox *last = &self->columns[HL_COLUMN_LAST_NAME];
  g_auto (HlLabels) labels = { NULL };
  gsize first, end;

  hl_labels_init (&labels, style, self->name_size, HL_TEXT_REGULAR);

  find_rows (self, clip, numbers->n_query_rows, &first, &end);
  for (gsize row = first; row < end; row++)
    {
      const char *name = hl_tokens_get (numbers->query_tokens, numbers->queries[row])->surface;
      double y = get_row_middle (self, row);

      if (numbers->has_query && numbers->queries[row] == numbers->query)
        hl_text_draw (cr, style, name, self->name_size, HL_TEXT_BOLD, style->foreground, query->x + query->width, y, 1,
                      query->width);
      else
        hl_labels_draw (&labels, cr, name, style->dim, query->x + query->width, y, 1, query->width);
    }

  find_rows (self, clip, numbers->n_key_rows, &first, &end);
  for (gsize row = first; row < end; row++)
    {
      guint token = numbers->keys[row];
      const char *name = hl_tokens_get (numbers->key_tokens, token)->surface;
      HlColour colour = numbers->masked[token] ? hl_colour_mix (style->background, style->dim, 0.6) : style->foreground;
      double y = get_row_middle (self, row);

      hl_labels_draw (&labels, cr, name, colour, key->x + key->width, y, 1, key->width);
      if (last->is_shown)
        hl_labels_draw (&labels, cr, name, colour, last->x, y, 0, last->width);
    }
}

static void
draw_bar (cairo_t  *cr,
          HlColour  colour,
          double    from,
          double    to,
          double    y,
          double    height)
{
  hl_colour_set (cr, colour);
  cairo_rectangle (cr, MIN (from, to), y, fabs (to - from), height);
  cairo_fill (cr);
}

static void
draw_bars (HlNeuronsFigure *self,
           cairo_t         *cr,
           const HlRect    *clip)
{
  HlNeurons *numbers = self->numbers;
  HlStyle *style = self->base.style;
  HlColour head = hl_figure_head_colour (&self->base, self->base.state->head);
  const HlColumnBox *scores = &self->columns[HL_COLUMN_SCORE];
  const HlColumnBox *weights = &self->columns[HL_COLUMN_SOFTMAX];
  double bar_height = MAX (round ((self->row_height - self->row_gap) * 0.6), 3);
  double zero = get_score_x (self, 0);
  g_auto (HlLabels) labels = { NULL };
  gsize first, end;

  hl_labels_init (&labels, style, self->number_size, HL_TEXT_NUMBERS);
  find_rows (self, clip, numbers->n_key_rows, &first, &end);

  for (gsize row = first; row < end; row++)
    {
      guint key = numbers->keys[row];
      double y = get_row_middle (self, row);
      double top = round (y - bar_height / 2);
      double weight = numbers->weights[key];

      if (numbers->masked[key])
        continue;

      if (isfinite (numbers->scores[key]))
        draw_bar (cr, numbers->scores[key] < 0 ? style->negative : style->positive, zero,
                  get_score_x (self, numbers->scores[key]), top, bar_height);
      if (weight > 0)
        draw_bar (cr, head, weights->x, weights->x + weights->graph * MIN (weight, 1), top, bar_height);

      if (self->has_numbers)
        {
          g_autofree char *score = format_short (numbers->scores[key], TRUE);
          g_autofree char *share = format_weight (weight);

          hl_labels_draw (&labels, cr, score, style->dim, scores->x + scores->width, y, 1, 0);
          hl_labels_draw (&labels, cr, share, weight >= 0.0005 ? style->foreground : style->dim,
                          weights->x + weights->width, y, 1, 0);
        }
    }

  set_hairline (self, cr);
  for (guint i = 0; i < 2; i++)
    {
      double x = i == 0 ? zero : weights->x;

      cairo_move_to (cr, floor (x) + 0.5, self->rows_y);
      cairo_line_to (cr, floor (x) + 0.5, self->rows_y + numbers->n_key_rows * self->row_height - self->row_gap);
    }
  cairo_stroke (cr);
}

/* The weighted sums' row: what is no strip. */
static void
draw_sums (HlNeuronsFigure *self,
           cairo_t         *cr)
{
  HlNeurons *numbers = self->numbers;
  HlStyle *style = self->base.style;
  const HlColumnBox *name = &self->columns[HL_COLUMN_KEY_NAME];
  const HlColumnBox *scores = &self->columns[HL_COLUMN_SCORE];
  double y = self->sum_y + (self->row_height - self->row_gap) / 2;
  double end = 0;

  hl_text_draw (cr, style, "Σ α ·", self->name_size, HL_TEXT_REGULAR, style->foreground, name->x + name->width, y, 1,
                name->width);

  if (self->has_numbers)
    {
      g_autofree char *mean = format_short (numbers->mean_score, TRUE);

      hl_text_draw (cr, style, mean, self->number_size, HL_TEXT_NUMBERS, style->dim, scores->x + scores->width, y, 1, 0);
    }

  for (HlColumn column = 0; column < HL_N_COLUMNS; column++)
    if (self->columns[column].is_shown)
      end = self->columns[column].x + self->columns[column].width;

  set_hairline (self, cr);
  cairo_move_to (cr, name->x, self->sum_y + self->row_height + floor (self->unit / 2) + 0.5);
  cairo_line_to (cr, end, self->sum_y + self->row_height + floor (self->unit / 2) + 0.5);
  cairo_stroke (cr);
}

void
hl_neurons_figure_trace_link (HlNeuronsFigure *self,
                              cairo_t         *cr,
                              int              key_row)
{
  const HlColumnBox *box = &self->columns[HL_COLUMN_LINK];
  HlNeurons *numbers = self->numbers;
  double from = get_row_middle (self, numbers->row_of_query[numbers->query]);
  double to = get_row_middle (self, key_row);
  double end = box->x + box->width - self->unit;
  double middle = (box->x + end) / 2;

  cairo_move_to (cr, box->x + 2, from);
  cairo_curve_to (cr, middle, from, middle, to, end, to);
}

static void
draw_links (HlNeuronsFigure *self,
            cairo_t         *cr,
            const HlRect    *clip)
{
  HlNeurons *numbers = self->numbers;
  HlColour head = hl_figure_head_colour (&self->base, self->base.state->head);
  double from = get_row_middle (self, numbers->row_of_query[numbers->query]);
  const HlColumnBox *box = &self->columns[HL_COLUMN_LINK];

  cairo_set_line_width (cr, 1.5);
  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);

  for (gsize row = 0; row < numbers->n_key_rows; row++)
    {
      double weight = numbers->weights[numbers->keys[row]];
      double to = get_row_middle (self, row);
      HlRect extent = { box->x, MIN (from, to) - 1, box->width, fabs (to - from) + 2 };

      if (!(weight >= MAX (self->base.state->threshold, MIN_LINK_WEIGHT)) || !hl_rect_intersects (&extent, clip))
        continue;

      hl_colour_set (cr, hl_colour_with_alpha (head, MIN (weight, 1)));
      hl_neurons_figure_trace_link (self, cr, row);
      cairo_stroke (cr);
    }
}

static void
draw (HlFigure     *figure,
      cairo_t      *cr,
      const HlRect *clip)
{
  HlNeuronsFigure *self = (HlNeuronsFigure *) figure;

  draw_title (self, cr);
  hl_neurons_figure_draw_headers (self, cr);

  if (self->numbers->has_query)
    {
      draw_query_ground (self, cr);
      if (self->has_sums)
        draw_sums (self, cr);
      draw_links (self, cr, clip);
    }

  draw_strips (self, cr, clip);
  draw_names (self, cr, clip);

  if (self->numbers->has_query)
    draw_bars (self, cr, clip);

  if (self->caption_y > 0)
    hl_text_draw_paragraph (cr, self->base.style, self->caption, HL_TEXT_CAPTION, self->base.style->dim,
                            self->columns[HL_COLUMN_QUERY_NAME].x, self->caption_y, self->title_width);
}

const HlFigureClass hl_neurons_figure_class = {
  .view = HL_VIEW_NEURONS,
  .title = N_("Neurons"),
  .dependence = HL_CHANGE_TRACE | HL_CHANGE_ATTENTION | HL_CHANGE_LAYER | HL_CHANGE_HEAD | HL_CHANGE_COLOURS
                | HL_CHANGE_PINS | HL_CHANGE_FILTER | HL_CHANGE_NEURONS,
  .size = sizeof (HlNeuronsFigure),
  .layout = hl_neurons_figure_layout,
  .finalize = finalize,
  .draw = draw,
  .overlay = hl_neurons_figure_overlay,
  .pick = hl_neurons_figure_pick,
  .neighbour = hl_neurons_figure_neighbour,
  .bounds = hl_neurons_figure_bounds,
  .describe = hl_neurons_figure_describe,
  .summarise = hl_neurons_figure_summarise,
  .hover = hl_neurons_figure_hover,
  .activate = hl_neurons_figure_activate,
  .csv = hl_neurons_figure_csv,
  .missing = missing,
};
