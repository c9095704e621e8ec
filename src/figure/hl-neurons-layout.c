#include "config.h"

#include "hl-neurons-figure.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Distances in units of the grid. */
#define MARGIN 2
#define MIN_GAP 1.5
#define MAX_GAP 3.5
#define LINK_WIDTH 4
#define MIN_NAME 9
#define MAX_NAME 22
#define MIN_STRIP 6      /* room for a header over very few neurons */
#define MAX_STRIP 80
#define MAX_NEURON 4
#define MAX_BAR 18
#define MIN_ROW 1.8
#define MAX_ROW (28 / 6.0)

/* A room lower than this is for the rows. */
#define LOW_ROOM 50

/* The longest names decide on the names' column; so many are measured. */
#define MEASURED_NAMES 16

/* What is given up in turn as the room gets narrower: first what is there twice, at last all strips. */
typedef struct
{
  gboolean has_last_names;
  gboolean has_numbers;
  gboolean has_values;
  gboolean has_products;
  gboolean has_queries;
  gboolean has_keys;
  double   min_strip; /* grid units that a strip must get, if that many are to be had */
  double   min_bar;
} Arrangement;

static const Arrangement arrangements[] = {
  { TRUE, TRUE, TRUE, TRUE, TRUE, TRUE, 20, 10 },
  { FALSE, TRUE, TRUE, TRUE, TRUE, TRUE, 20, 8 },
  { FALSE, FALSE, TRUE, TRUE, TRUE, TRUE, 20, 6 },
  { FALSE, TRUE, TRUE, TRUE, TRUE, TRUE, 0, 5 },
  { FALSE, FALSE, TRUE, TRUE, TRUE, TRUE, 0, 5 },
  { FALSE, FALSE, FALSE, TRUE, TRUE, TRUE, 0, 5 },
  { FALSE, FALSE, FALSE, FALSE, TRUE, TRUE, 0, 5 },
  { FALSE, FALSE, FALSE, FALSE, FALSE, TRUE, 0, 5 },
  { FALSE, FALSE, FALSE, FALSE, FALSE, FALSE, 0, 5 },
};

/* What is given up in turn as the room gets lower, before rows are too many to be in sight at once. */
typedef struct
{
  gboolean has_caption; /* else its words are in the summary alone */
  gboolean has_sums;
  double   title_gap;   /* grid units between a title and the headers, */
  double   name;        /* in these down to a column's name, */
  double   ramp;        /* its legend, */
  double   number;      /* that one's numbers, */
  double   bottom;      /* and all that ends; */
  double   gap;         /* from there to the rows, */
  double   end;         /* and below them */
  double   enough;      /* for a row in a low room */
} Stacking;

static const Stacking stackings[] = {
  { TRUE, TRUE, 2, 1.5, 3.25, 5.6, 7, 2, 2, 2.8 },
  { FALSE, TRUE, 1.8, 1.25, 2.7, 4.4, 5.5, 1, 1, 2.3 },
  { FALSE, FALSE, 1.6, 1.25, 2.7, 4.4, 5.5, 0.5, 1, MIN_ROW },
};

static const int strips[HL_N_COLUMNS] = {
  [HL_COLUMN_QUERY_NAME] = -1,
  [HL_COLUMN_QUERY] = HL_STRIP_QUERY,
  [HL_COLUMN_LINK] = -1,
  [HL_COLUMN_KEY_NAME] = -1,
  [HL_COLUMN_KEY] = HL_STRIP_KEY,
  [HL_COLUMN_PRODUCT] = HL_STRIP_PRODUCT,
  [HL_COLUMN_SCORE] = -1,
  [HL_COLUMN_SOFTMAX] = -1,
  [HL_COLUMN_LAST_NAME] = -1,
  [HL_COLUMN_VALUE] = HL_STRIP_VALUE,
};

int
hl_column_get_strip (HlColumn column)
{
  return strips[column];
}

HlColumn
hl_strip_get_column (HlStrip strip)
{
  static const HlColumn columns[HL_N_STRIPS] = { HL_COLUMN_QUERY, HL_COLUMN_KEY, HL_COLUMN_PRODUCT, HL_COLUMN_VALUE };

  return columns[strip];
}

static gboolean
is_bar (HlColumn column)
{
  return column == HL_COLUMN_SCORE || column == HL_COLUMN_SOFTMAX;
}

static gboolean
is_name (HlColumn column)
{
  return column == HL_COLUMN_QUERY_NAME || column == HL_COLUMN_KEY_NAME || column == HL_COLUMN_LAST_NAME;
}

/* The widths that columns have to choose from. */
typedef struct
{
  double name;    /* px */
  double bar;     /* without numbers */
  double number;  /* beside a bar, 0 without */
  double gap;     /* between columns */
  int    neuron;  /* px a neuron: whole, so that all are equally wide */
} Widths;

static gboolean
has_column (const HlNeuronsFigure *self,
            const Arrangement     *arrangement,
            HlColumn               column)
{
  switch (column)
    {
    case HL_COLUMN_QUERY:
      return arrangement->has_queries;

    case HL_COLUMN_KEY:
      return arrangement->has_keys;

    case HL_COLUMN_PRODUCT:
      return arrangement->has_products;

    case HL_COLUMN_VALUE:
      return arrangement->has_values && self->numbers->n_values > 0;

    case HL_COLUMN_LAST_NAME:
      return arrangement->has_last_names;

    case HL_COLUMN_QUERY_NAME:
    case HL_COLUMN_LINK:
    case HL_COLUMN_KEY_NAME:
    case HL_COLUMN_SCORE:
    case HL_COLUMN_SOFTMAX:
    default:
      return TRUE;
    }
}

/* Places the columns from left to right; returns the width that they take. */
static double
place_columns (HlNeuronsFigure   *self,
               const Arrangement *arrangement,
               const Widths      *widths)
{
  double x = floor (MARGIN * self->unit);
  double gap = widths->gap;

  for (HlColumn column = 0; column < HL_N_COLUMNS; column++)
    {
      HlColumnBox *box = &self->columns[column];
      int strip = strips[column];

      box->is_shown = has_column (self, arrangement, column);
      if (!box->is_shown)
        continue;

      if (strip >= 0)
        {
          box->graph = (double) widths->neuron * hl_neurons_get_width (self->numbers, strip);
          box->width = MAX (box->graph, floor (MIN_STRIP * self->unit));
        }
      else if (is_bar (column))
        {
          box->graph = widths->bar;
          box->width = widths->bar + widths->number;
        }
      else if (is_name (column))
        {
          box->graph = box->width = widths->name;
        }
      else
        {
          box->graph = box->width = floor (LINK_WIDTH * self->unit);
        }

      /* Lines start and end without a gap. */
      if (column == HL_COLUMN_LINK)
        x -= gap;
      box->x = x;
      x += box->width + (column == HL_COLUMN_LINK ? 0 : gap);
    }

  return x - gap + floor (MARGIN * self->unit);
}

static gboolean
try_widths (HlNeuronsFigure   *self,
            const Arrangement *arrangement,
            double             room,
            Widths            *widths,
            const Widths      *wider)
{
  if (place_columns (self, arrangement, wider) > room)
    return FALSE;

  *widths = *wider;

  return TRUE;
}

/* Gives what is left of @room to names, gaps and bars, a step each in turn. */
static void
spread (HlNeuronsFigure   *self,
        const Arrangement *arrangement,
        double             room,
        double             natural_name,
        Widths            *widths)
{
  gboolean has_grown = TRUE;

  while (has_grown)
    {
      Widths wider;

      has_grown = FALSE;

      wider = *widths;
      wider.name += 2;
      if (wider.name <= natural_name + 1)
        has_grown |= try_widths (self, arrangement, room, widths, &wider);

      wider = *widths;
      wider.gap += 1;
      if (wider.gap <= MAX_GAP * self->unit)
        has_grown |= try_widths (self, arrangement, room, widths, &wider);

      wider = *widths;
      wider.bar += 4;
      if (wider.bar <= MAX_BAR * self->unit)
        has_grown |= try_widths (self, arrangement, room, widths, &wider);
    }

  place_columns (self, arrangement, widths);
}

/* Finds the widest neurons with which @arrangement fits, shrinking names and bars where even one pixel a neuron is too
 * much beside them. */
static gboolean
fit (HlNeuronsFigure   *self,
     const Arrangement *arrangement,
     double             natural_name,
     double             room)
{
  gsize widest = MAX (self->numbers->n_neurons, self->numbers->n_values);
  int max_neuron = MAX (MIN (MAX_NEURON * self->unit, floor (MAX_STRIP * self->unit / widest)), 1);
  int min_neuron = CLAMP (ceil (arrangement->min_strip * self->unit / widest), 1, max_neuron);
  double number = 0;
  Widths widths;

  if (arrangement->has_numbers)
    {
      hl_text_measure (self->base.style, "−00.00", HL_TEXT_LABEL, HL_TEXT_NUMBERS, &number, NULL);
      number = ceil (number + self->unit);
    }

  self->has_numbers = arrangement->has_numbers;
  widths = (Widths) { natural_name, floor (arrangement->min_bar * self->unit), number, floor (MIN_GAP * self->unit), max_neuron };

  for (; widths.neuron >= min_neuron; widths.neuron--)
    {
      double left = room - place_columns (self, arrangement, &widths);

      if (left >= 0)
        {
          spread (self, arrangement, room, natural_name, &widths);
          return TRUE;
        }
    }

  /* One pixel a neuron is too much beside whole names. */
  widths.neuron = min_neuron;
  widths.name = MIN (natural_name, floor (MIN_NAME * self->unit));
  if (place_columns (self, arrangement, &widths) > room)
    return FALSE;

  spread (self, arrangement, room, natural_name, &widths);

  return TRUE;
}

static int
compare_lengths (gconstpointer a,
                 gconstpointer b)
{
  const char * const *x = a, * const *y = b;

  return (int) g_utf8_strlen (*y, 64) - (int) g_utf8_strlen (*x, 64);
}

static double
measure_names (HlNeuronsFigure *self)
{
  HlNeurons *numbers = self->numbers;
  g_autoptr (GPtrArray) names = g_ptr_array_new ();
  double widest = 0;

  for (gsize i = 0; i < numbers->n_query_rows; i++)
    g_ptr_array_add (names, (char *) hl_tokens_get (numbers->query_tokens, numbers->queries[i])->surface);
  if (numbers->key_tokens != numbers->query_tokens)
    for (gsize i = 0; i < numbers->n_key_rows; i++)
      g_ptr_array_add (names, (char *) hl_tokens_get (numbers->key_tokens, numbers->keys[i])->surface);
  g_ptr_array_sort (names, compare_lengths);

  for (guint i = 0; i < MIN (names->len, MEASURED_NAMES); i++)
    {
      double width;

      hl_text_measure (self->base.style, g_ptr_array_index (names, i), self->name_size, HL_TEXT_BOLD, &width, NULL);
      widest = MAX (widest, width);
    }

  return CLAMP (ceil (widest) + self->unit, ceil (5 * self->unit), floor (MAX_NAME * self->unit));
}

char *
hl_neurons_figure_dup_score_name (HlNeuronsFigure *self)
{
  g_autofree char *scale = NULL;

  if (hl_neurons_is_scaled_by_dimension (self->numbers))
    return g_strdup ("q · k/√d");

  scale = hl_text_number (self->numbers->scale);

  return g_strdup_printf ("q · k · %s", scale);
}

static void
write_title (HlNeuronsFigure *self)
{
  const HlState *state = self->base.state;
  HlAttention *attention = hl_state_get_attention (state);
  HlNeurons *numbers = self->numbers;
  GString *title = g_string_new (NULL);

  g_string_append_printf (title, _("Layer %u · head %u"), hl_attention_get_layer_number (attention, state->layer),
                          hl_attention_get_head_number (attention, state->head));
  if (numbers->has_query)
    {
      g_string_append (title, " · ");
      g_string_append_printf (title, _("query %u “%s”"), numbers->query,
                              hl_tokens_get (numbers->query_tokens, numbers->query)->surface);
    }
  g_string_append_printf (title, " · d = %" G_GSIZE_FORMAT, numbers->n_neurons);

  self->title = g_string_free (title, FALSE);
  if (!numbers->is_pinned)
    self->hint = g_strdup (_("Click a token to pin it"));
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
append_missing_columns (HlNeuronsFigure *self,
                        GString         *caption)
{
  static const struct { HlColumn column; const char *name; } names[] = {
    { HL_COLUMN_QUERY, "q" }, { HL_COLUMN_KEY, "k" }, { HL_COLUMN_PRODUCT, "q × k" }, { HL_COLUMN_VALUE, "v" },
  };
  g_autoptr (GString) list = g_string_new (NULL);

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    if (!self->columns[names[i].column].is_shown
        && (names[i].column != HL_COLUMN_VALUE || self->numbers->n_values > 0))
      g_string_append_printf (list, "%s%s", list->len > 0 ? ", " : "", names[i].name);

  if (list->len > 0)
    append_sentence (caption, g_strdup_printf (_("Not enough width for %s."), list->str));
}

static void
write_caption (HlNeuronsFigure *self)
{
  HlNeurons *numbers = self->numbers;
  GString *caption = g_string_new (NULL);
  gsize n_hidden = numbers->n_keys - numbers->n_key_rows;

  if (!numbers->is_pinned && self->hint == NULL)
    append_sentence (caption, g_strdup_printf ("%s.", _("Click a token to pin it")));

  append_sentence (caption, g_strdup (_("Blue is positive, orange negative; in each column colours are full from the "
                                        "99.5th percentile of |⁠value⁠| on.")));
  if (numbers->is_sorted)
    append_sentence (caption, g_strdup (_("Neurons of q and k in the order of Σ α·q·k over all keys, largest first.")));
  if (numbers->has_query && self->has_sums)
    append_sentence (caption, g_strdup (_("The row Σ α· is the sum over all keys, each with its softmax weight α.")));
  if (n_hidden > 0 && numbers->has_query)
    {
      g_autofree char *weight = hl_text_number (numbers->hidden_weight);

      append_sentence (caption, g_strdup_printf (ngettext ("%" G_GSIZE_FORMAT " hidden key holds %s of the weight.",
                                                           "%" G_GSIZE_FORMAT " hidden keys hold %s of the weight.",
                                                           n_hidden), n_hidden, weight));
    }
  if (!(numbers->disagreement <= HL_NEURONS_TOLERANCE))
    {
      g_autofree char *difference = hl_text_number (numbers->disagreement);
      g_autofree char *name = hl_neurons_figure_dup_score_name (self);

      append_sentence (caption, g_strdup_printf (_("The weights in the file differ from softmax(%s) by up to %s: the "
                                                   "model adds something that the file does not hold."),
                                                 name, difference));
    }
  append_missing_columns (self, caption);
  append_sentence (caption, g_strdup (_("Layers, heads and neurons count from 0.")));

  g_free (self->caption);
  self->caption = g_string_free (caption, FALSE);
}

static void
find_score_range (HlNeuronsFigure *self)
{
  HlNeurons *numbers = self->numbers;

  for (gsize row = 0; numbers->has_query && row < numbers->n_key_rows; row++)
    {
      guint key = numbers->keys[row];

      if (numbers->masked[key] || !isfinite (numbers->scores[key]))
        continue;

      self->score_low = MIN (self->score_low, numbers->scores[key]);
      self->score_high = MAX (self->score_high, numbers->scores[key]);
    }

  if (self->score_low == self->score_high)
    self->score_high = 1;
}

static void
place_cells (HlNeuronsFigure *self)
{
  HlNeurons *numbers = self->numbers;

  for (HlStrip strip = 0; strip < HL_N_STRIPS; strip++)
    {
      const HlColumnBox *box = &self->columns[hl_strip_get_column (strip)];
      gsize n = hl_neurons_get_width (numbers, strip);

      if (!box->is_shown || n == 0)
        continue;

      self->cells[strip] = (HlCells) {
        .x = box->x,
        .y = self->rows_y,
        .cell_width = box->graph / n,
        .row_height = self->row_height,
        .gap = self->row_gap,
        .n_rows = strip == HL_STRIP_QUERY ? numbers->n_query_rows : numbers->n_key_rows,
        .n_columns = n,
      };
      if (numbers->sums[strip] != NULL && numbers->has_query && self->has_sums)
        {
          self->sums[strip] = self->cells[strip];
          self->sums[strip].y = self->sum_y;
          self->sums[strip].n_rows = 1;
        }
    }
}

/* Places all that has a height; returns the height that a row gets, at most, for all of them to be in sight. */
static double
stack (HlNeuronsFigure *self,
       const Stacking  *stacking)
{
  HlNeurons *numbers = self->numbers;
  gsize n_rows = MAX (numbers->n_query_rows, numbers->n_key_rows);
  double unit = self->unit;
  double end = round (stacking->end * unit);
  double caption_height = 0, title_height, room;

  hl_text_measure (self->base.style, self->title, HL_TEXT_LABEL, HL_TEXT_BOLD, NULL, &title_height);
  self->has_sums = stacking->has_sums;
  write_caption (self);
  if (stacking->has_caption)
    caption_height = hl_text_measure_paragraph (self->base.style, self->caption, HL_TEXT_CAPTION,
                                                 self->base.width - 2 * MARGIN * self->unit) + round (2 * unit);

  self->title_y = round (1.5 * unit + title_height / 2);
  self->header_y = round (self->title_y + stacking->title_gap * unit);
  self->name_y = stacking->name * unit;
  self->ramp_y = stacking->ramp * unit;
  self->number_y = stacking->number * unit;
  self->header_bottom = round (self->header_y + stacking->bottom * unit);
  self->sum_y = round (self->header_bottom + stacking->gap * unit);
  self->rows_y = self->sum_y + (self->has_sums ? round (1.5 * unit) : 0);

  room = floor ((self->base.room_height - self->rows_y - end - caption_height) / (n_rows + (self->has_sums ? 1 : 0)));
  self->row_height = CLAMP (room, ceil (MIN_ROW * unit), floor (MAX_ROW * unit));
  self->row_gap = self->row_height > 2.5 * unit ? 2 : 1;
  if (self->has_sums)
    self->rows_y += self->row_height;
  self->base.height = self->rows_y + n_rows * self->row_height + caption_height + end;
  self->caption_y = stacking->has_caption ? self->rows_y + n_rows * self->row_height + round (2 * unit) : 0;

  return room;
}

static void
place_rows (HlNeuronsFigure *self)
{
  gboolean is_low = self->base.room_height < LOW_ROOM * self->unit;
  guint last = G_N_ELEMENTS (stackings) - 1;
  guint i = 0;

  /* Rows that are too many in any case, in a room that is not low, lose nothing by what stands around them. */
  while (stack (self, &stackings[i]) < (is_low ? stackings[i].enough : MIN_ROW) * self->unit && i < last)
    i++;
  if (!is_low && i == last && self->base.height > self->base.room_height)
    stack (self, &stackings[0]);

  self->name_size = CLAMP (self->row_height / (1.45 * self->base.style->font_size), 0.5, 0.95);
  self->number_size = MIN (self->name_size, HL_TEXT_LABEL);
}

void
hl_neurons_figure_layout (HlFigure     *figure,
                          GCancellable *cancellable)
{
  HlNeuronsFigure *self = (HlNeuronsFigure *) figure;
  double title_width, hint_width = 0;
  double natural_name;
  guint i = 0;

  self->numbers = hl_neurons_new (figure->state, cancellable);
  if (self->numbers == NULL)
    return;

  self->unit = hl_style_grid (figure->style, 1);
  self->name_size = 0.95;
  find_score_range (self);

  natural_name = measure_names (self);
  while (!fit (self, &arrangements[i], natural_name, figure->room_width) && i + 1 < G_N_ELEMENTS (arrangements))
    i++;
  for (HlColumn column = 0; column < HL_N_COLUMNS; column++)
    if (self->columns[column].is_shown)
      figure->width = MAX (figure->width, self->columns[column].x + self->columns[column].width + MARGIN * self->unit);

  write_title (self);
  hl_text_measure (figure->style, self->title, HL_TEXT_LABEL, HL_TEXT_BOLD, &title_width, NULL);
  if (self->hint != NULL)
    hl_text_measure (figure->style, self->hint, HL_TEXT_CAPTION, HL_TEXT_REGULAR, &hint_width, NULL);
  self->title_width = figure->width - 2 * MARGIN * self->unit;

  if (title_width + hint_width + 4 * self->unit > self->title_width)
    g_clear_pointer (&self->hint, g_free);

  place_rows (self);
  place_cells (self);
}
