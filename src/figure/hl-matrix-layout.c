#include "config.h"

#include "hl-matrix-figure.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Distances in units of the grid. */
#define MARGIN 2
#define LABEL_GAP 1
#define MAX_LABEL 20
#define MAX_KEY_LABEL 0.28 /* of the room's height */
#define MAX_FIT_CELL 10
#define MAX_CELL (44 / 6.0)
#define LEGEND_RAMP 18
#define COMPACT_RAMP 10

/* A room lower than this is for the matrix: title and legend share a line, and what the caption says is in the summary. */
#define COMPACT_HEIGHT 50

/* How much longer one side of a cell may be, for as many queries as keys; in a low and wide room, so that there are more
 * pixels to each and labels can lie flat. */
#define MAX_ASPECT 1.25
#define MAX_COMPACT_ASPECT 2
#define MAX_FLAT_ASPECT 3.2
#define LARGEST_ASPECT 8
#define LOW_CELL 3.5

/* Cells of at least this many px are whole pixels large, so that all are equal. */
#define MIN_WHOLE_CELL 6

/* Line height of text relative to its size. */
#define LINE 1.3
#define MIN_LABEL 0.55
#define MIN_THINNED_LABEL 0.62 /* where labels are few, smaller ones are no gain */
#define MAX_LABEL_SIZE 0.95

/* The longest labels decide on their room; so many are measured. */
#define MEASURED_LABELS 16

/* Cells that stand for several weights are computed when the figure is built, as long as they are no more than this. */
#define MAX_LEVELS (16 * 1024 * 1024)

static void
init_axis (HlMatrixAxis  *axis,
           const HlState *state,
           HlSide         side)
{
  gsize n;

  axis->tokens = hl_tokens_ref (hl_state_get_tokens (state, side));
  n = hl_tokens_get_length (axis->tokens);
  axis->shown = g_new (guint, n + 1);
  axis->place_of = g_new (int, n + 1);

  for (gsize i = 0; i < n; i++)
    {
      gboolean is_shown = side == HL_SIDE_QUERY ? hl_state_shows_query (state, i) : hl_state_shows_key (state, i);

      axis->place_of[i] = is_shown ? (int) axis->n : -1;
      if (is_shown)
        axis->shown[axis->n++] = i;
    }
}

char *
hl_matrix_figure_dup_label (const HlMatrixAxis *axis,
                            gsize               place)
{
  const char *name = hl_tokens_get (axis->tokens, axis->shown[place])->surface;

  if (axis->step == 1)
    return g_strdup (name);

  return g_strdup_printf ("%u %s", axis->shown[place], name);
}

static int
compare_lengths (gconstpointer a,
                 gconstpointer b)
{
  const char * const *x = a, * const *y = b;

  return (int) g_utf8_strlen (*y, 64) - (int) g_utf8_strlen (*x, 64);
}

/* The widest label, at the size that labels of at least @size get. */
static double
measure_labels (HlMatrixFigure     *self,
                const HlMatrixAxis *axis)
{
  g_autoptr (GPtrArray) labels = g_ptr_array_new_with_free_func (g_free);
  double widest = 0;

  for (gsize place = 0; place < axis->n; place += axis->step)
    g_ptr_array_add (labels, hl_matrix_figure_dup_label (axis, place));
  g_ptr_array_sort (labels, compare_lengths);

  for (guint i = 0; i < MIN (labels->len, MEASURED_LABELS); i++)
    {
      double width;

      hl_text_measure (self->base.style, g_ptr_array_index (labels, i), axis->label_size, HL_TEXT_BOLD, &width, NULL);
      widest = MAX (widest, width);
    }

  return ceil (widest);
}

/* Size and density of labels along an axis whose tokens take axis->cell px. */
static void
scale_labels (HlMatrixFigure *self,
              HlMatrixAxis   *axis)
{
  static const guint steps[] = { 1, 2, 5 };
  double font_size = self->base.style->font_size;
  double line = MIN_THINNED_LABEL * LINE * font_size;
  gsize decade = 1;

  axis->label_size = CLAMP (axis->cell / (LINE * font_size), MIN_LABEL, MAX_LABEL_SIZE);
  axis->step = 1;
  if (axis->cell >= 0.85 * MIN_LABEL * LINE * font_size)
    return;

  axis->label_size = MIN_THINNED_LABEL;
  for (guint i = 0; axis->step * axis->cell < 1.3 * line && axis->step < axis->n; i++)
    {
      if (i > 0 && i % G_N_ELEMENTS (steps) == 0)
        decade *= 10;
      axis->step = decade * steps[i % G_N_ELEMENTS (steps)];
    }
}

/* Both axes alike, where all their tokens have labels. */
static void
scale_both_labels (HlMatrixFigure *self)
{
  double size, room;

  scale_labels (self, &self->queries);
  scale_labels (self, &self->keys);
  if (self->queries.step > 1 || self->keys.step > 1)
    return;

  size = MIN (self->queries.label_size, self->keys.label_size);
  self->queries.label_size = self->keys.label_size = size;
  if (!self->wants_flat || self->queries.cell > LOW_CELL * self->unit)
    return;

  /* Rows so low gain from labels that lie flat, be they small. A little less than what fits, as widths do not quite scale. */
  room = self->keys.cell - floor (LABEL_GAP * self->unit);
  size *= MIN (0.97 * (room - 1) / measure_labels (self, &self->keys), 1);
  if (size >= MIN_LABEL)
    self->queries.label_size = self->keys.label_size = size;
}

static double
round_cell (double cell)
{
  return cell >= MIN_WHOLE_CELL ? floor (cell) : cell;
}

/* Cells as large as the room allows, times the zoom. */
static void
size_cells (HlMatrixFigure *self,
            double          width,
            double          height)
{
  double unit = self->unit;
  double max_fit = floor (MAX_FIT_CELL * unit);
  double max_cell = floor (MAX_CELL * unit);
  double n_keys = MAX (self->keys.n, 1), n_queries = MAX (self->queries.n, 1);
  double aspect = MIN (self->aspect * MAX (n_keys, n_queries) / MIN (n_keys, n_queries), LARGEST_ASPECT);
  double cell_width = CLAMP (width / n_keys, 1e-3, max_fit);
  double cell_height = CLAMP (height / n_queries, 1e-3, max_fit);
  double zoom;

  cell_width = MIN (cell_width, cell_height * aspect);
  cell_height = MIN (cell_height, cell_width * aspect);

  self->max_zoom = MAX (max_cell / MIN (cell_width, cell_height), 1);
  zoom = CLAMP (self->base.state->zoom, 1, self->max_zoom);

  self->keys.cell = round_cell (CLAMP (cell_width * zoom, cell_width, MAX (max_cell, cell_width)));
  self->queries.cell = round_cell (CLAMP (cell_height * zoom, cell_height, MAX (max_cell, cell_height)));
}

/* Labels need room that cells then lack, and smaller cells have smaller or fewer labels: a few rounds settle it. */
static void
place_plot (HlMatrixFigure *self,
            double          top,
            double          bottom)
{
  double unit = self->unit;
  double margin = self->margin;
  double gap = floor (LABEL_GAP * unit);
  double max_row_label = floor (MIN (MAX_LABEL * unit, self->base.room_width * 0.3));
  double max_column_label = floor (MIN (MAX_LABEL * unit, self->base.room_height * MAX_KEY_LABEL));
  double line;

  self->queries.label_room = max_row_label / 2;
  self->keys.label_room = max_column_label / 2;

  for (guint round_ = 0; round_ < 3; round_++)
    {
      double x = margin + self->queries.label_room + gap;
      double y = top + self->keys.label_room + gap;

      self->plot.x = x;
      self->plot.y = y;
      size_cells (self, self->base.room_width - x - margin, self->base.room_height - y - bottom);
      scale_both_labels (self);

      self->queries.label_room = CLAMP (measure_labels (self, &self->queries), ceil (6 * unit), max_row_label);
      self->keys.label_room = measure_labels (self, &self->keys);
      self->keys.is_flat = self->keys.step == 1 && self->keys.label_room + gap <= self->keys.cell;
      line = ceil (self->keys.label_size * LINE * self->base.style->font_size);
      self->keys.label_room = self->keys.is_flat ? line : CLAMP (self->keys.label_room, line, max_column_label);
    }

  /* The labels' room has the last word: what it takes more than a round before, cells give. */
  self->plot.x = margin + self->queries.label_room + gap;
  self->plot.y = top + self->keys.label_room + gap;
  size_cells (self, self->base.room_width - self->plot.x - margin, self->base.room_height - self->plot.y - bottom);
  scale_both_labels (self);
  self->plot.width = self->keys.n * self->keys.cell;
  self->plot.height = self->queries.n * self->queries.cell;
}

/* In a low room, cells as wide as flat labels need, else somewhat wider than high, as long as each can be made out. */
static void
find_aspect (HlMatrixFigure *self,
             double          top,
             double          bottom)
{
  static const double aspects[] = { MAX_FLAT_ASPECT, MAX_COMPACT_ASPECT, MAX_ASPECT };

  for (guint i = self->is_compact ? 0 : G_N_ELEMENTS (aspects) - 1; i < G_N_ELEMENTS (aspects); i++)
    {
      self->aspect = aspects[i];
      self->wants_flat = aspects[i] == MAX_FLAT_ASPECT;
      place_plot (self, top, bottom);
      if (i == 0 ? self->keys.is_flat : self->queries.cell >= MIN_WHOLE_CELL)
        break;
    }
}

static void
place_cells (HlMatrixFigure *self)
{
  gsize n_rows = self->queries.n, n_columns = self->keys.n;

  if (n_rows == 0 || n_columns == 0)
    return;

  if (self->queries.cell < 1)
    n_rows = MAX (MIN ((gsize) self->plot.height, n_rows), 1);
  if (self->keys.cell < 1)
    n_columns = MAX (MIN ((gsize) self->plot.width, n_columns), 1);

  self->cells = (HlCells) {
    .x = self->plot.x,
    .y = self->plot.y,
    .cell_width = self->plot.width / n_columns,
    .row_height = self->plot.height / n_rows,
    .n_rows = n_rows,
    .n_columns = n_columns,
  };
}

/* FALSE if cancelled. */
static gboolean
compute_levels (HlMatrixFigure *self,
                GCancellable   *cancellable)
{
  const HlCells *cells = &self->cells;
  gsize n_levels = cells->n_rows * cells->n_columns;
  g_autofree guint8 *levels = NULL;

  if ((cells->n_rows == self->queries.n && cells->n_columns == self->keys.n) || n_levels > MAX_LEVELS)
    return TRUE;

  levels = g_new (guint8, n_levels);
  for (gsize row = 0; row < cells->n_rows; row++)
    {
      if (g_cancellable_is_cancelled (cancellable))
        return FALSE;
      hl_matrix_figure_read_levels (self, row, 0, cells->n_columns, levels + row * cells->n_columns);
    }
  self->levels = g_steal_pointer (&levels);

  return TRUE;
}

void
hl_matrix_figure_get_legend (HlMatrixFigure  *self,
                             const char     **low,
                             const char     **high)
{
  *low = self->base.state->scale == HL_SCALE_LOG ? "≤ 0.0001" : "0";
  *high = self->base.state->scale == HL_SCALE_ROW ? _("row’s largest") : "1";
}

static void
write_title (HlMatrixFigure *self)
{
  const HlState *state = self->base.state;
  HlAttention *attention = hl_state_get_attention (state);

  g_autofree char *n_queries = hl_text_count (self->queries.n), *n_keys = hl_text_count (self->keys.n);

  self->title = g_strdup_printf (_("Layer %u · head %u · %s × %s"),
                                 hl_attention_get_layer_number (attention, state->layer),
                                 hl_attention_get_head_number (attention, state->head), n_queries, n_keys);
}

static void
append_sentence (GString *caption,
                 char    *sentence)
{
  if (caption->len > 0)
    g_string_append_c (caption, ' ');
  g_string_append (caption, sentence);
  g_free (sentence);
}

static void
write_caption (HlMatrixFigure *self)
{
  const HlState *state = self->base.state;
  GString *caption = g_string_new (NULL);
  gsize n_hidden_queries = hl_tokens_get_length (self->queries.tokens) - self->queries.n;
  gsize n_hidden_keys = hl_tokens_get_length (self->keys.tokens) - self->keys.n;

  append_sentence (caption, g_strdup (_("Rows are queries, columns are keys.")));
  if (self->queries.n == 0 || self->keys.n == 0)
    append_sentence (caption, g_strdup (_("The filter hides all of them.")));
  if (self->is_causal)
    append_sentence (caption, g_strdup (_("Shaded: masked, the key comes after the query.")));
  if (state->scale == HL_SCALE_LOG)
    append_sentence (caption, g_strdup (_("Logarithmic scale.")));
  if (state->scale == HL_SCALE_ROW)
    append_sentence (caption, g_strdup (_("Each row is divided by its largest weight.")));
  if (state->threshold > 0)
    {
      g_autofree char *threshold = hl_text_number (state->threshold);

      append_sentence (caption, g_strdup_printf (_("Weights below %s are blank."), threshold));
    }
  if (n_hidden_queries > 0 || n_hidden_keys > 0)
    {
      g_autofree char *n_queries = hl_text_count (n_hidden_queries), *n_keys = hl_text_count (n_hidden_keys);

      append_sentence (caption, g_strdup_printf (_("Hidden: %s queries, %s keys."), n_queries, n_keys));
    }
  if (self->cells.n_rows > 0 && (self->cells.n_rows < self->queries.n || self->cells.n_columns < self->keys.n))
    append_sentence (caption,
                     g_strdup_printf (_("Each pixel is the largest of up to %" G_GSIZE_FORMAT " × %" G_GSIZE_FORMAT
                                        " weights."),
                                      (self->queries.n + self->cells.n_rows - 1) / self->cells.n_rows,
                                      (self->keys.n + self->cells.n_columns - 1) / self->cells.n_columns));
  append_sentence (caption, g_strdup (_("Layers, heads and tokens count from 0.")));

  g_free (self->caption);
  self->caption = g_string_free (caption, FALSE);
}

/* On the title's line at the right, or below the title where that is too narrow. Returns where what follows begins. */
static double
place_legend (HlMatrixFigure *self)
{
  HlStyle *style = self->base.style;
  double unit = self->unit;
  double margin = self->margin;
  double title_width, title_height, low_width, high_width, width;
  const char *low, *high;

  hl_matrix_figure_get_legend (self, &low, &high);
  hl_text_measure (style, self->title, HL_TEXT_LABEL, HL_TEXT_BOLD, &title_width, &title_height);
  hl_text_measure (style, low, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, &low_width, NULL);
  hl_text_measure (style, high, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, &high_width, NULL);

  self->legend_width = floor ((self->is_compact ? COMPACT_RAMP : LEGEND_RAMP) * unit);
  width = low_width + high_width + self->legend_width + 2 * unit;
  self->title_y = round (1.5 * unit + title_height / 2);
  self->legend_y = self->title_y;
  self->legend_x = self->base.room_width - margin - width;

  self->head_width = title_width + 3 * unit + width;
  if (self->legend_x < margin + title_width + 3 * unit)
    {
      self->legend_x = margin;
      self->legend_y = self->title_y + 4 * unit;
    }
  self->legend_ramp = floor (self->legend_x + low_width + unit);

  return round (self->legend_y + (self->is_compact ? 2 : 3) * unit);
}

/* Above the matrix where that ends before the room does. */
static void
align_legend (HlMatrixFigure *self)
{
  double end = MAX (self->plot.x + self->plot.width, self->margin + self->head_width);
  double shift = self->base.room_width - self->margin - end;

  if (self->legend_y == self->title_y && shift > 0)
    {
      self->legend_x -= shift;
      self->legend_ramp = floor (self->legend_ramp - shift);
    }
}

void
hl_matrix_figure_layout (HlFigure     *figure,
                         GCancellable *cancellable)
{
  HlMatrixFigure *self = (HlMatrixFigure *) figure;
  HlAttention *attention = hl_state_get_attention (figure->state);
  double caption_height, top;
  gboolean has_caption;

  self->unit = hl_style_grid (figure->style, 1);
  self->margin = floor (MARGIN * self->unit);
  self->is_compact = figure->room_height < COMPACT_HEIGHT * self->unit;
  self->is_causal = hl_attention_is_causal (attention);
  init_axis (&self->queries, figure->state, HL_SIDE_QUERY);
  init_axis (&self->keys, figure->state, HL_SIDE_KEY);
  write_title (self);
  top = place_legend (self);
  /* Where nothing is left to show, the caption says why. */
  has_caption = !self->is_compact || self->queries.n == 0 || self->keys.n == 0;

  /* Whether several weights share a pixel, the caption tells, and takes room for it. */
  for (guint round_ = 0; round_ < 2; round_++)
    {
      write_caption (self);
      caption_height = has_caption ? hl_text_measure_paragraph (self->base.style, self->caption, HL_TEXT_CAPTION,
                                                                    self->base.room_width - 2 * self->margin) + round (3 * self->unit) : 0;
      find_aspect (self, top, caption_height + round (1.5 * self->unit));
      place_cells (self);
    }

  align_legend (self);
  if (has_caption)
    self->caption_y = round (self->plot.y + self->plot.height + 2 * self->unit);
  figure->width = MAX (figure->width, self->plot.x + self->plot.width + self->margin);
  figure->height = MAX (figure->height, self->plot.y + self->plot.height + caption_height + round (1.5 * self->unit));

  if (figure->state->scale == HL_SCALE_ROW && !hl_matrix_figure_find_row_scales (self, cancellable))
    return;

  compute_levels (self, cancellable);
}
