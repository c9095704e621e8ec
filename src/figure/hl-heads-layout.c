#include "config.h"

#include "hl-heads-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

#include "hl-words.h"

/* A line fainter than this cannot be seen in eight bits. */
#define LEAST_OPACITY (1.0 / 255)

/* What is kept at most: beyond, the least weight drawn is raised, and the figure says so. */
#define MAX_LINES 2000000

/* Weights read at a time. */
#define BLOCK (1 << 16)

/* Labels are measured until the widest is found for sure or this many have been. */
#define N_MEASURED 24

gsize
hl_heads_get_n_units (HlHeadsFigure *self,
                      HlSide         side)
{
  HlTokens *tokens = hl_state_get_tokens (self->base.state, side);

  return self->words ? hl_tokens_get_n_words (tokens) : hl_tokens_get_length (tokens);
}

void
hl_heads_read (HlHeadsFigure *self,
               gsize          layer,
               guint          head,
               gsize          query,
               gsize          n_queries,
               gsize          key,
               gsize          n_keys,
               float         *out)
{
  if (self->words)
    hl_words_read (self->attention, layer, head, query, n_queries, key, n_keys, out);
  else
    hl_attention_read (self->attention, layer, head, query, n_queries, key, n_keys, out);
}

char *
hl_heads_dup_label (HlHeadsFigure *self,
                    HlSide         side,
                    guint          row)
{
  HlTokens *tokens = hl_state_get_tokens (self->base.state, side);

  if (self->words)
    return hl_tokens_dup_word (tokens, self->sides[side].units[row]);

  return g_strdup (hl_tokens_get (tokens, self->sides[side].tokens[row])->surface);
}

HlRect
hl_heads_get_row (HlHeadsFigure *self,
                  HlSide         side,
                  guint          row)
{
  const HlHeadsSide *rows = &self->sides[side];

  return (HlRect) { rows->column.x, rows->y[row] - self->row_height / 2, rows->column.width, self->row_height };
}

char *
hl_heads_dup_title (HlHeadsFigure *self)
{
  guint number = hl_attention_get_layer_number (self->attention, self->layer);

  if (self->single)
    return g_strdup_printf (_("Layer %u · head %s"), number, self->heads[self->only].number);

  switch (hl_attention_get_kind (self->attention))
    {
    case HL_ATTENTION_ENCODER:
      /* Translators: the layer shown, then whose tokens attend to whose. */
      return g_strdup_printf (_("Layer %u · encoder"), number);
    case HL_ATTENTION_DECODER:
      return g_strdup_printf (_("Layer %u · decoder"), number);
    case HL_ATTENTION_CROSS:
      return g_strdup_printf (_("Layer %u · cross"), number);
    case HL_ATTENTION_SELF:
    default:
      return g_strdup_printf (_("Layer %u"), number);
    }
}

char *
hl_heads_dup_count (HlHeadsFigure *self)
{
  g_autofree char *n_lines = hl_text_count (self->n_lines), *n_pairs = hl_text_count (self->n_pairs);
  char least[G_ASCII_DTOSTR_BUF_SIZE];

  g_ascii_formatd (least, sizeof least, "%.2g", self->least);

  /* Translators: lines drawn of lines that there are. */
  return g_strdup_printf (_("%s of %s lines, weights ≥ %s"), n_lines, n_pairs, least);
}

/* Which tokens or words have a row. A filter takes the others out; special tokens that are not to have lines stay. */
static void
find_rows (HlHeadsFigure *self,
           HlSide         side)
{
  HlState *state = self->base.state;
  HlTokens *tokens = hl_state_get_tokens (state, side);
  HlHeadsSide *rows = &self->sides[side];
  gsize n_units = hl_heads_get_n_units (self, side);
  g_autoptr (HlState) filter = hl_state_copy (state);

  filter->hide_special = FALSE;
  rows->tokens = g_new (guint, n_units);
  rows->units = g_new (guint, n_units);
  rows->muted = g_new (guint8, n_units);
  rows->y = g_new (double, n_units);
  rows->rows = g_new (int, hl_tokens_get_length (tokens));
  for (gsize unit = 0; unit < n_units; unit++)
    {
      gsize first = unit, end = unit + 1;
      gboolean shown;

      if (self->words)
        hl_tokens_get_word_range (tokens, unit, &first, &end);
      shown = side == HL_SIDE_QUERY ? hl_state_shows_query (filter, first) : hl_state_shows_key (filter, first);
      for (gsize token = first; token < end; token++)
        rows->rows[token] = shown ? (int) rows->n : -1;
      if (!shown)
        continue;

      rows->tokens[rows->n] = (guint) first;
      rows->units[rows->n] = (guint) unit;
      rows->muted[rows->n] = state->hide_special && hl_tokens_get (tokens, first)->special;
      rows->n++;
    }
}

/* Lines of a head that is on, from weights that are drawn. */
static void
gather_lines (HlHeadsFigure *self,
              guint          head,
              GCancellable  *cancellable)
{
  const HlHeadsSide *queries = &self->sides[HL_SIDE_QUERY], *keys = &self->sides[HL_SIDE_KEY];
  gsize n_keys = hl_heads_get_n_units (self, HL_SIDE_KEY);
  gsize n_block = CLAMP (BLOCK / MAX (n_keys, 1), 1, 256);
  g_autofree float *weights = g_new (float, n_block * MAX (n_keys, 1));
  g_autoptr (GArray) lines = g_array_new (FALSE, FALSE, sizeof (HlHeadsLine));
  guint row = 0;

  while (row < queries->n && !g_cancellable_is_cancelled (cancellable))
    {
      gsize first = queries->units[row];
      guint end = row;

      /* Rows in one block: the units between them are read with them. */
      while (end < queries->n && queries->units[end] - first < n_block)
        end++;
      hl_heads_read (self, self->layer, head, first, queries->units[end - 1] - first + 1, 0, n_keys, weights);
      for (; row < end; row++)
        {
          const float *at = weights + (queries->units[row] - first) * n_keys;

          if (queries->muted[row])
            continue;
          for (guint key = 0; key < keys->n; key++)
            {
              float weight = at[keys->units[key]];

              if (!(weight > 0) || keys->muted[key])
                continue;
              self->n_pairs++;
              if (weight >= self->least)
                {
                  HlHeadsLine line = { row, key, weight };

                  g_array_append_val (lines, line);
                }
            }
        }
      /* A head by itself must not take more than all may. */
      if (lines->len > MAX_LINES)
        {
          guint n = 0;

          self->least *= 1.5;
          for (guint i = 0; i < lines->len; i++)
            if (g_array_index (lines, HlHeadsLine, i).weight >= self->least)
              g_array_index (lines, HlHeadsLine, n++) = g_array_index (lines, HlHeadsLine, i);
          g_array_set_size (lines, n);
        }
    }
  self->heads[head].lines = (HlHeadsLine *) (gpointer) g_array_steal (lines, &self->heads[head].n_lines);
}

static void
gather_all_lines (HlHeadsFigure *self,
                  GCancellable  *cancellable)
{
  self->least = MAX (self->base.state->threshold, LEAST_OPACITY);
  for (guint head = 0; head < self->n_heads; head++)
    {
      gsize total = 0;

      if (self->heads[head].on)
        gather_lines (self, head, cancellable);

      /* The same least weight for all heads. */
      do
        {
          if (total > MAX_LINES)
            self->least *= 1.5;
          total = 0;
          for (guint other = 0; other <= head; other++)
            {
              HlHeadsHead *entry = &self->heads[other];
              gsize n = 0;

              for (gsize i = 0; i < entry->n_lines; i++)
                if (entry->lines[i].weight >= self->least)
                  entry->lines[n++] = entry->lines[i];
              entry->n_lines = n;
              total += n;
            }
        }
      while (total > MAX_LINES);
      self->n_lines = total;
    }
}

static double
measure_labels (HlHeadsFigure *self,
                HlSide         side)
{
  const HlHeadsSide *rows = &self->sides[side];
  guint longest[N_MEASURED];
  glong lengths[N_MEASURED];
  guint n = 0;
  double widest = 0;

  /* Candidates are those with the most characters. */
  for (guint row = 0; row < rows->n; row++)
    {
      g_autofree char *label = hl_heads_dup_label (self, side, row);
      glong length = g_utf8_strlen (label, 200);
      guint place = n;

      while (place > 0 && lengths[place - 1] < length)
        place--;
      if (place >= N_MEASURED)
        continue;
      n = MIN (n + 1, N_MEASURED);
      memmove (&longest[place + 1], &longest[place], (n - 1 - place) * sizeof *longest);
      memmove (&lengths[place + 1], &lengths[place], (n - 1 - place) * sizeof *lengths);
      longest[place] = row;
      lengths[place] = length;
    }

  for (guint i = 0; i < n; i++)
    {
      g_autofree char *label = hl_heads_dup_label (self, side, longest[i]);
      double width;

      hl_text_measure (self->base.style, label, self->text_size, HL_TEXT_REGULAR, &width, NULL);
      widest = MAX (widest, width);
    }

  return ceil (widest) + 1;
}

/* The header: title and legend, then the chips, then the headings of the columns. Returns where the rows begin. */
static double
layout_header (HlHeadsFigure *self)
{
  HlStyle *style = self->base.style;
  g_autofree char *title = hl_heads_dup_title (self), *count = hl_heads_dup_count (self);
  double margin = hl_style_grid (style, 2), gap = hl_style_grid (style, 0.5);
  double right = self->base.width - margin;
  double title_width, count_width, line_height, chip_height = hl_style_grid (style, 3), x = margin, y;
  double chip_width = hl_style_grid (style, 4);

  hl_text_measure (style, title, HL_TEXT_LABEL, HL_TEXT_BOLD, &title_width, &line_height);
  hl_text_measure (style, count, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, &count_width, NULL);
  line_height = ceil (line_height);
  y = hl_style_grid (style, 1.5);
  self->header = (HlRect) { margin, y, right - margin, line_height };

  /* The legend: a ramp as long as ten grid units with its two ends, then the count. Under the title where the room is
   * narrow. */
  if (self->single)
    {
      y += line_height + hl_style_grid (style, 1);
      self->headings_y = y + line_height / 2;
      return y + line_height + hl_style_grid (style, 0.5);
    }
  count_width += hl_style_grid (style, 10 + 6);
  self->legend_x = right - count_width;
  self->legend_y = y + line_height / 2;
  if (self->legend_x < margin + title_width + hl_style_grid (style, 3))
    {
      self->legend_x = margin;
      self->legend_y += line_height + gap;
      self->header.height += line_height + gap;
    }
  y += self->header.height + hl_style_grid (style, 1);

  for (guint head = 0; head < self->n_heads; head++)
    {
      double width;

      hl_text_measure (style, self->heads[head].number, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, &width, NULL);
      chip_width = MAX (chip_width, ceil (width + hl_style_grid (style, 1.5)));
    }
  for (guint head = 0; head < self->n_heads; head++)
    {
      if (x + chip_width > right && x > margin)
        {
          x = margin;
          y += chip_height + gap;
        }
      self->heads[head].chip = (HlRect) { x, y, chip_width, chip_height };
      x += chip_width + gap;
    }
  if (self->n_heads > 0)
    y += chip_height + hl_style_grid (style, 1.5);

  self->headings_y = y + line_height / 2;

  return y + line_height + hl_style_grid (style, 0.5);
}

/* Places the rows from @top down; B's begin a little lower. Returns where they end. */
static double
place_rows (HlHeadsFigure *self,
            HlSide         side,
            double         top)
{
  HlHeadsSide *rows = &self->sides[side];
  HlTokens *tokens = hl_state_get_tokens (self->base.state, side);
  double y = top;

  for (guint row = 0; row < rows->n; row++)
    {
      if (row > 0 && hl_tokens_get (tokens, rows->tokens[row])->segment !=
                       hl_tokens_get (tokens, rows->tokens[row - 1])->segment)
        y += floor (hl_style_grid (self->base.style, 1.5));
      rows->y[row] = y + self->row_height / 2;
      y += self->row_height;
    }

  return y;
}

static void
layout_columns (HlHeadsFigure *self,
                double         top,
                double         bottom)
{
  HlStyle *style = self->base.style;
  double margin = hl_style_grid (style, 2), space = hl_style_grid (style, 1);
  double width = self->base.width - 2 * margin - 2 * self->number_width - 2 * space;
  double widest = MAX (measure_labels (self, HL_SIDE_QUERY), measure_labels (self, HL_SIDE_KEY));
  double column = MIN (widest, floor (width * 0.32));
  double gap = MIN (width - 2 * column, hl_style_grid (style, 80));
  double left = floor ((self->base.width - gap) / 2);

  self->from_x = left;
  self->to_x = left + gap;
  self->field = (HlRect) { left, top, gap, bottom - top };
  self->sides[HL_SIDE_QUERY].column = (HlRect) { left - space - column, top, column, bottom - top };
  self->sides[HL_SIDE_QUERY].align = 1;
  self->sides[HL_SIDE_KEY].column = (HlRect) { self->to_x + space, top, column, bottom - top };
  self->sides[HL_SIDE_KEY].align = 0;
  /* The middle of a letter, which must not touch a value. */
  self->mark_x[HL_SIDE_QUERY] = left - space - column - self->number_width - space * 7 / 6;
  self->mark_x[HL_SIDE_KEY] = self->to_x + space + column + self->number_width + space * 7 / 6;
}

static void
layout_arcs (HlHeadsFigure *self,
             double         top,
             double         bottom)
{
  HlStyle *style = self->base.style;
  HlHeadsSide *rows = &self->sides[HL_SIDE_QUERY];
  double margin = hl_style_grid (style, 2), space = hl_style_grid (style, 1);
  double extra = self->number_width + self->strip_width + 3 * space;
  double width = self->base.width - 2 * margin;
  double column = MIN (measure_labels (self, HL_SIDE_QUERY), floor (width * 0.3));
  double arcs = MIN ((width - column - extra) / (self->both_ways ? 2 : 1), hl_style_grid (style, 80));
  double left = floor ((self->base.width - (self->both_ways ? 2 : 1) * arcs - column - extra) / 2);

  /* Left of the labels there is room for what an overlay writes; arcs to later keys make way for it then. */
  self->field.x = left;
  self->mark_x[HL_SIDE_QUERY] = self->mark_x[HL_SIDE_KEY] = left + (self->both_ways ? -space * 7 / 6 : space);
  if (self->both_ways)
    left += arcs;
  self->from_x = left + extra - space;
  rows->column = (HlRect) { left + extra, top, column, bottom - top };
  rows->align = 1;
  self->to_x = rows->column.x + column + space;
  self->arc_room = arcs;
  if (!self->both_ways)
    self->field.x = self->to_x;
  self->field = (HlRect) { self->field.x, top, self->to_x + arcs - self->field.x, bottom - top };
  self->sides[HL_SIDE_KEY].column = rows->column;
  self->sides[HL_SIDE_KEY].align = 1;
  self->max_distance = rows->n > 1 ? rows->y[rows->n - 1] - rows->y[0] : 1;
}

/* Whether arcs are needed on both sides. */
static gboolean
looks_ahead (HlHeadsFigure *self)
{
  if (hl_attention_is_causal (self->attention))
    return FALSE;
  for (guint head = 0; head < self->n_heads; head++)
    for (gsize i = 0; i < self->heads[head].n_lines; i++)
      if (self->heads[head].lines[i].key > self->heads[head].lines[i].query)
        return TRUE;

  return FALSE;
}

/* Arcs need a query's row to be a key's as well: the same tokens, and none left out on one side only. */
static gboolean
can_have_arcs (HlHeadsFigure *self)
{
  HlState *state = self->base.state;

  if (hl_attention_get_kind (self->attention) == HL_ATTENTION_CROSS || state->filter == HL_FILTER_AB ||
      state->filter == HL_FILTER_BA)
    return FALSE;

  return hl_tokens_equal (hl_state_get_tokens (state, HL_SIDE_QUERY), hl_state_get_tokens (state, HL_SIDE_KEY));
}

void
hl_heads_layout (HlFigure     *figure,
                 GCancellable *cancellable)
{
  HlHeadsFigure *self = (HlHeadsFigure *) figure;
  HlState *state = figure->state;
  HlStyle *style = figure->style;
  double normal = round (hl_style_grid (style, 11.0 / 3)), smallest = round (hl_style_grid (style, 8.0 / 3));
  double largest = round (hl_style_grid (style, 5));
  double top, bottom, room, pitch;
  guint n_rows;

  if (!self->single)
    figure->width = MAX (figure->room_width, hl_style_grid (style, 44));
  self->attention = hl_state_get_attention (state);
  self->layer = state->layer;
  self->words = state->merge_words;
  self->n_heads = (guint) MIN (hl_attention_get_n_heads (self->attention, self->layer), HL_MAX_HEADS);
  self->heads = g_new0 (HlHeadsHead, MAX (self->n_heads, 1));
  for (guint head = 0; head < self->n_heads; head++)
    {
      self->heads[head].on = !self->single ? hl_head_set_has (&state->heads, head) : self->only == head;
      self->heads[head].colour = hl_figure_head_colour (figure, head);
      self->heads[head].number = g_strdup_printf ("%u", hl_attention_get_head_number (self->attention, head));
      self->n_on += self->heads[head].on;
    }
  self->line_width = hl_style_grid (style, 0.25);
  hl_text_measure (style, "0.0000", HL_TEXT_CAPTION, HL_TEXT_NUMBERS, &self->number_width, NULL);
  self->number_width = ceil (self->number_width);

  find_rows (self, HL_SIDE_QUERY);
  find_rows (self, HL_SIDE_KEY);
  gather_all_lines (self, cancellable);
  if (g_cancellable_is_cancelled (cancellable))
    return;

  self->arcs = state->layout == HL_LAYOUT_ARCS && !self->single && can_have_arcs (self);
  self->fell_back = state->layout == HL_LAYOUT_ARCS && !self->single && !self->arcs;
  self->both_ways = self->arcs && looks_ahead (self);
  self->strip_width = self->arcs ? MIN (self->n_on * hl_style_grid (style, 1), hl_style_grid (style, 10)) : 0;

  /* Rows grow and shrink to fit the room as far as they hang together and their text stays readable; then the figure
   * grows. */
  top = ceil (layout_header (self));
  n_rows = MAX (self->sides[HL_SIDE_QUERY].n, self->sides[HL_SIDE_KEY].n);
  room = figure->room_height - top - hl_style_grid (style, 2);
  pitch = n_rows > 0 ? floor (room / n_rows) : normal;
  if (hl_tokens_has_segments (hl_state_get_tokens (state, HL_SIDE_QUERY)))
    pitch = n_rows > 0 ? floor ((room - 2 * hl_style_grid (style, 1.5)) / n_rows) : normal;
  self->row_height = CLAMP (pitch, smallest, largest);
  self->text_size = CLAMP (self->row_height / normal * 1.08, 0.8, 1.0);
  bottom = MAX (place_rows (self, HL_SIDE_QUERY, top), place_rows (self, HL_SIDE_KEY, top));

  if (self->arcs)
    layout_arcs (self, top, bottom);
  else
    layout_columns (self, top, bottom);

  figure->height = bottom + hl_style_grid (style, 2);
}

void
hl_heads_finalize (HlFigure *figure)
{
  HlHeadsFigure *self = (HlHeadsFigure *) figure;

  for (guint head = 0; head < self->n_heads; head++)
    {
      g_free (self->heads[head].number);
      g_free (self->heads[head].lines);
    }
  g_free (self->heads);
  for (guint side = 0; side < 2; side++)
    {
      g_free (self->sides[side].tokens);
      g_free (self->sides[side].units);
      g_free (self->sides[side].muted);
      g_free (self->sides[side].y);
      g_free (self->sides[side].rows);
    }
}
