#include "config.h"

#include "hl-sequence-private.h"

#include <math.h>
#include <string.h>

/* Running text of cells: shaping, line breaks, bidirectional order. Cells that touch are shaped as one run, so that
 * scripts whose letters join do, and a line breaks only between runs. Drawing is in hl-sequence-cells.c. */

/* A cell narrower than this, in px of the default size, cannot be pointed at. */
#define NARROWEST_CELL 2.5
#define NARROWEST_RUN 9.0
#define PADDING 3.0
#define TIGHT_PADDING 1.0
#define WORD_GAP 2.0

typedef enum
{
  JOINT_SPACE, /* a space before the cell */
  JOINT_TOUCH, /* none */
  JOINT_PIECE, /* none, and it goes on with the word */
} Joint;

static gboolean
is_ideographic (gunichar character)
{
  switch (g_unichar_get_script (character))
    {
    case G_UNICODE_SCRIPT_HAN:
    case G_UNICODE_SCRIPT_HIRAGANA:
    case G_UNICODE_SCRIPT_KATAKANA:
    case G_UNICODE_SCRIPT_BOPOMOFO:
      return TRUE;

    default:
      /* CJK punctuation and full-width forms belong to no script. */
      return (character >= 0x3000 && character <= 0x303f) || (character >= 0xff00 && character <= 0xffef);
    }
}

/* Character-level text has its spaces as tokens: none is to be put between others. */
static gboolean
has_space_tokens (HlTokens *tokens)
{
  gboolean space = FALSE;

  for (gsize i = 0; i < hl_tokens_get_length (tokens); i++)
    {
      const char *text = hl_tokens_get (tokens, i)->text;

      if (strcmp (text, " ") == 0)
        space = TRUE;
      else if (text[0] == ' ' || g_str_has_prefix (text, "##") || g_str_has_prefix (text, "\u2581") ||
               g_str_has_prefix (text, "\u0120"))
        return FALSE;
    }

  return space;
}

static Joint
find_joint (HlSequenceBlock *self,
            gsize            cell)
{
  HlTokens *tokens = self->cells.tokens;
  gsize index = self->cells.first[cell];
  const HlToken *before = hl_tokens_get (tokens, index - 1);
  const HlToken *after = hl_tokens_get (tokens, index);

  if (self->spaces_are_tokens)
    return JOINT_TOUCH;
  if (before->special || after->special)
    return JOINT_SPACE;
  if (hl_tokens_get_word_of (tokens, index - 1) == hl_tokens_get_word_of (tokens, index))
    return JOINT_PIECE;
  if (before->end >= 0 && after->start >= 0)
    return after->start > before->end ? JOINT_SPACE : JOINT_TOUCH;
  if (is_ideographic (g_utf8_get_char (g_utf8_prev_char (before->surface + strlen (before->surface)))) &&
      is_ideographic (g_utf8_get_char (after->surface)))
    return JOINT_TOUCH;

  return JOINT_SPACE;
}

static gboolean
ends_line (HlSequenceBlock *self,
           gsize            cell)
{
  HlTokens *tokens = self->cells.tokens;

  for (guint token = self->cells.first[cell]; token < self->cells.first[cell + 1]; token++)
    if (strpbrk (hl_tokens_get (tokens, token)->surface, "\n\r") != NULL ||
        strpbrk (hl_tokens_get (tokens, token)->text, "\n\r") != NULL)
      return TRUE;

  return FALSE;
}

/* The first letter that has a direction decides on a paragraph's. "[CLS]" is no letter of the text. */
static PangoDirection
find_direction (HlSequenceBlock *self,
                gsize            first,
                gsize            end)
{
  g_autoptr (GString) text = g_string_new (NULL);
  PangoDirection direction = PANGO_DIRECTION_NEUTRAL;
  guint8 *levels;

  for (guint token = self->cells.first[first]; token < self->cells.first[end]; token++)
    if (!hl_tokens_get (self->cells.tokens, token)->special)
      g_string_append (text, hl_tokens_get (self->cells.tokens, token)->surface);
  levels = pango_log2vis_get_embedding_levels (text->str, (int) text->len, &direction);
  g_free (levels);

  return direction == PANGO_DIRECTION_RTL ? PANGO_DIRECTION_RTL : PANGO_DIRECTION_LTR;
}

/* Cuts cells [first, end) of one paragraph into runs: where there is a space, and where a line may break. */
static void
add_runs (HlSequenceBlock *self,
          gsize            first,
          gsize            end)
{
  g_autoptr (GString) text = g_string_new (NULL);
  g_autofree guint *begins = g_new (guint, end - first + 1);
  g_autofree guint *characters = g_new (guint, end - first + 1);
  g_autofree Joint *joints = g_new (Joint, end - first + 1);
  g_autofree PangoLogAttr *breaks = NULL;
  g_autofree guint8 *levels = NULL;
  PangoDirection direction = find_direction (self, first, end);
  guint n_characters = 0;

  for (gsize cell = first; cell < end; cell++)
    {
      gsize before = text->len;

      joints[cell - first] = cell == first ? JOINT_SPACE : find_joint (self, cell);
      if (joints[cell - first] == JOINT_SPACE && cell > first)
        {
          g_string_append_c (text, ' ');
          before++;
          n_characters++;
        }
      begins[cell - first] = (guint) text->len;
      characters[cell - first] = n_characters;
      for (guint token = self->cells.first[cell]; token < self->cells.first[cell + 1]; token++)
        {
          g_autofree char *display = hl_sequence_dup_display (hl_tokens_get (self->cells.tokens, token),
                                                              self->spaces_are_tokens);

          g_string_append (text, display);
        }
      n_characters += (guint) g_utf8_strlen (text->str + before, (gssize) (text->len - before));
      self->places[cell].begin = begins[cell - first];
      self->places[cell].end = (guint) text->len;
      self->places[cell].continues = joints[cell - first] == JOINT_PIECE;
    }

  levels = pango_log2vis_get_embedding_levels (text->str, (int) text->len, &direction);
  breaks = g_new0 (PangoLogAttr, n_characters + 1);
  pango_get_log_attrs (text->str, (int) text->len, -1, pango_language_get_default (), breaks, (int) n_characters + 1);

  for (gsize cell = first; cell < end;)
    {
      HlSequenceRun run = { .first = cell, .rtl = direction == PANGO_DIRECTION_RTL };
      gsize k = cell - first;
      guint origin = begins[k];

      run.space = cell > first && joints[k] == JOINT_SPACE;
      run.tight = cell > first && !run.space;
      run.may_break = cell == first || run.space || breaks[characters[k]].is_line_break;
      run.level = levels != NULL && characters[k] < n_characters ? levels[characters[k]] : 0;

      for (cell++; cell < end; cell++)
        {
          k = cell - first;
          if (joints[k] == JOINT_SPACE || (joints[k] == JOINT_TOUCH && breaks[characters[k]].is_line_break))
            break;
        }
      run.end = cell;
      run.text = g_strndup (text->str + origin, self->places[cell - 1].end - origin);
      run.must_break = cell == end;
      for (gsize i = run.first; i < run.end; i++)
        {
          self->places[i].begin -= origin;
          self->places[i].end -= origin;
        }
      g_array_append_val (self->runs, run);
    }
}

/* Where each cell of a shaped run lies. FALSE if they do not lie side by side, each wide enough to be seen: marks that
 * combine over a boundary, or both directions in one run. */
static gboolean
place_cells (HlSequenceBlock     *self,
             const HlSequenceRun *run,
             PangoLayout         *layout,
             double               narrowest)
{
  PangoLayoutLine *line = pango_layout_get_line_readonly (layout, 0);
  double covered = 0.0;
  int width;

  pango_layout_get_size (layout, &width, NULL);
  for (gsize i = run->first; i < run->end; i++)
    {
      HlSequenceCell *cell = &self->places[i];
      g_autofree int *ranges = NULL;
      int n_ranges;

      pango_layout_line_get_x_ranges (line, (int) cell->begin, (int) cell->end, &ranges, &n_ranges);
      if (n_ranges != 1)
        return FALSE;
      cell->offset = (double) ranges[0] / PANGO_SCALE;
      cell->width = (double) (ranges[1] - ranges[0]) / PANGO_SCALE;
      if (cell->width < narrowest)
        return FALSE;
      covered += cell->width;
    }

  return fabs (covered - (double) width / PANGO_SCALE) < 0.5;
}

/* Replaces run @index by one for each of its cells. */
static void
split_run (HlSequenceBlock *self,
           gsize            index,
           gboolean         may_break)
{
  HlSequenceRun run = g_array_index (self->runs, HlSequenceRun, index);
  g_autoptr (GArray) parts = g_array_new (FALSE, FALSE, sizeof (HlSequenceRun));

  for (gsize i = run.first; i < run.end; i++)
    {
      HlSequenceCell *cell = &self->places[i];
      HlSequenceRun part = run;

      part.first = i;
      part.end = i + 1;
      part.text = g_strndup (run.text + cell->begin, cell->end - cell->begin);
      part.space = run.space && i == run.first;
      part.tight = run.tight || i > run.first;
      part.may_break = i == run.first ? run.may_break : may_break;
      part.must_break = run.must_break && i + 1 == run.end;
      cell->end -= cell->begin;
      cell->begin = 0;
      g_array_append_val (parts, part);
    }
  g_free (run.text);
  g_array_remove_index (self->runs, (guint) index);
  g_array_insert_vals (self->runs, (guint) index, parts->data, parts->len);
}

/* Shapes all runs. A word comes again and again: its width is asked for once. Boundaries are rounded so that the grounds of
 * neighbours meet without a seam. */
static gboolean
shape (HlSequenceBlock *self,
       const HlStyle   *style,
       double           narrowest_line,
       GCancellable    *cancellable)
{
  g_autoptr (GHashTable) widths = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  double px = hl_sequence_unit (style);

  for (guint r = 0; r < self->runs->len; r++)
    {
      HlSequenceRun *run = &g_array_index (self->runs, HlSequenceRun, r);
      gboolean last = r + 1 == self->runs->len || run->must_break;
      gboolean tight_after = !last && g_array_index (self->runs, HlSequenceRun, r + 1).tight;
      double left = self->spaces_are_tokens ? 0.0 : px * (run->tight ? TIGHT_PADDING : PADDING);
      double right = self->spaces_are_tokens ? 0.0 : px * (tight_after ? TIGHT_PADDING : PADDING);
      const double *known = run->end == run->first + 1 ? g_hash_table_lookup (widths, run->text) : NULL;
      double width;

      if (r % 64 == 0 && g_cancellable_is_cancelled (cancellable))
        return FALSE;

      if (run->rtl)
        {
          double swap = left;

          left = right;
          right = swap;
        }

      if (known != NULL)
        {
          width = *known;
        }
      else
        {
          g_autoptr (PangoLayout) layout = hl_text_layout (style, run->text, HL_TEXT_TOKEN, HL_TEXT_REGULAR);
          int w;

          if (run->end > run->first + 1 && !place_cells (self, run, layout, px * NARROWEST_CELL))
            {
              split_run (self, r, FALSE);
              r--;
              continue;
            }
          pango_layout_get_size (layout, &w, NULL);
          width = (double) w / PANGO_SCALE;
          if (run->end == run->first + 1)
            g_hash_table_insert (widths, g_strdup (run->text), g_memdup2 (&width, sizeof width));
        }

      run->width = ceil (MAX (width + left + right,
                              px * (self->spaces_are_tokens ? NARROWEST_CELL : run->tight || tight_after ?
                                    NARROWEST_RUN / 2 : NARROWEST_RUN)));
      run->text_x = left + (run->width - left - right - width) / 2;
      run->text_width = 0.0;

      if (run->width > narrowest_line && run->end > run->first + 1)
        {
          split_run (self, r, TRUE);
          r--;
          continue;
        }
      if (run->width > narrowest_line)
        {
          run->width = floor (narrowest_line);
          run->text_x = left;
          run->text_width = MAX (run->width - left - right, 1.0);
        }

      if (run->end == run->first + 1)
        {
          self->places[run->first].offset = 0.0;
          self->places[run->first].width = run->width;
        }
      for (gsize i = run->first; i < run->end && run->end > run->first + 1; i++)
        {
          HlSequenceCell *cell = &self->places[i];
          double begin = cell->offset <= 0.01 ? 0.0 : round (cell->offset + run->text_x);
          double end = cell->offset + cell->width >= width - 0.01 ? run->width :
                       round (cell->offset + cell->width + run->text_x);

          cell->offset = begin;
          cell->width = end - begin;
        }
    }

  return TRUE;
}

/* The lines' common height: that of the style's font, or what fallback fonts need, up to half as much again. */
static void
measure_height (HlSequenceBlock *self,
                const HlStyle   *style)
{
  double px = hl_sequence_unit (style);
  double ascent = 0.0;
  double descent = 0.0;
  g_autoptr (GHashTable) scripts = g_hash_table_new (NULL, NULL);

  for (guint r = 0; r <= self->runs->len; r++)
    {
      /* The first run is the style's own font: "x" measures it. */
      const char *text = r == 0 ? "x" : g_array_index (self->runs, HlSequenceRun, r - 1).text;
      GUnicodeScript script = g_unichar_get_script (g_utf8_get_char (text));
      g_autoptr (PangoLayout) layout = NULL;
      double a, d;
      int height;

      /* One run a script is enough, more would cost as much as shaping. */
      if (r > 0 && !g_hash_table_add (scripts, GINT_TO_POINTER (script + 1)))
        continue;
      layout = hl_text_layout (style, text, HL_TEXT_TOKEN, HL_TEXT_REGULAR);
      pango_layout_get_size (layout, NULL, &height);
      a = (double) pango_layout_get_baseline (layout) / PANGO_SCALE;
      d = (double) height / PANGO_SCALE - a;
      ascent = r == 0 ? a : CLAMP (a, ascent, MAX (ascent, style->font_size * 1.35));
      descent = r == 0 ? d : CLAMP (d, descent, MAX (descent, style->font_size * 0.6));
    }
  self->text_height = ceil (ascent + descent + px);
  self->baseline = round (ascent + px / 2);
}

gboolean
hl_sequence_block_init (HlSequenceBlock *self,
                        const HlStyle   *style,
                        HlSide           side,
                        HlTokens        *tokens,
                        gboolean         merge,
                        double           narrowest,
                        GCancellable    *cancellable)
{
  gsize first = 0;

  hl_sequence_cells_init (&self->cells, side, tokens, merge);
  self->places = g_new0 (HlSequenceCell, self->cells.n + 1);
  self->runs = g_array_new (FALSE, TRUE, sizeof (HlSequenceRun));
  self->lines = g_array_new (FALSE, TRUE, sizeof (HlSequenceLine));
  self->spaces_are_tokens = !merge && has_space_tokens (tokens);

  for (gsize cell = 0; cell < self->cells.n; cell++)
    if (ends_line (self, cell) || cell + 1 == self->cells.n)
      {
        add_runs (self, first, cell + 1);
        first = cell + 1;
      }
  measure_height (self, style);

  return shape (self, style, MAX (narrowest, 1.0), cancellable);
}

void
hl_sequence_block_clear (HlSequenceBlock *self)
{
  for (guint r = 0; self->runs != NULL && r < self->runs->len; r++)
    g_free (g_array_index (self->runs, HlSequenceRun, r).text);
  g_clear_pointer (&self->runs, g_array_unref);
  g_clear_pointer (&self->lines, g_array_unref);
  g_clear_pointer (&self->places, g_free);
  hl_sequence_cells_clear (&self->cells);
}

typedef struct
{
  double width;
  guint8 level;
  int    run;   /* -1: a space */
} Item;

static void
reverse (Item  *items,
         gsize  first,
         gsize  end)
{
  for (; first + 1 < end; first++, end--)
    {
      Item item = items[first];

      items[first] = items[end - 1];
      items[end - 1] = item;
    }
}

/* Rule L2 of the Unicode bidirectional algorithm: from the highest level down to the lowest odd one, reverse every
 * stretch at that level or higher. */
static void
reorder (Item  *items,
         gsize  n)
{
  guint8 highest = 0;

  for (gsize i = 0; i < n; i++)
    highest = MAX (highest, items[i].level);

  for (guint8 level = highest; level > 0; level--)
    for (gsize i = 0; i < n;)
      {
        gsize end = i;

        while (end < n && items[end].level >= level)
          end++;
        reverse (items, i, end);
        i = MAX (end, i + 1);
      }
}

/* Puts the runs [first, end) on a line, in visual order. */
static void
place_line (HlSequenceBlock *self,
            HlSequenceLine  *line,
            double           gap)
{
  gsize first = line->first_run;
  gsize end = line->end_run;
  g_autofree Item *items = g_new (Item, 2 * (end - first) + 1);
  gsize n = 0;
  double total = 0.0;
  double x;

  for (gsize r = first; r < end; r++)
    {
      HlSequenceRun *run = &g_array_index (self->runs, HlSequenceRun, r);

      if (run->space && r > first)
        {
          guint8 before = g_array_index (self->runs, HlSequenceRun, r - 1).level;

          items[n++] = (Item) { gap, MIN (before, run->level), -1 };
          total += gap;
        }
      items[n++] = (Item) { run->width, run->level, (int) r };
      total += run->width;
    }
  reorder (items, n);

  x = line->rtl ? line->right - total : line->left;
  for (gsize i = 0; i < n; i++)
    {
      if (items[i].run >= 0)
        {
          HlSequenceRun *run = &g_array_index (self->runs, HlSequenceRun, items[i].run);

          run->x = x;
          for (gsize cell = run->first; cell < run->end; cell++)
            {
              self->places[cell].x = x + self->places[cell].offset;
              self->places[cell].run = (gsize) items[i].run;
              self->places[cell].line = self->lines->len;
            }
        }
      x += items[i].width;
    }
}

static double
right_edge (const HlSequenceColumn *column,
            double                  top,
            double                  bottom)
{
  if (column->hole.width > 0 && top < column->hole.y + column->hole.height && bottom > column->hole.y)
    return column->hole.x;

  return column->right;
}

void
hl_sequence_block_flow (HlSequenceBlock        *self,
                        const HlStyle          *style,
                        const HlSequenceColumn *column,
                        double                  y,
                        double                  lane_pitch,
                        double                  lane_height)
{
  double px = hl_sequence_unit (style);
  double gap = round (WORD_GAP * px);
  gsize n_lanes = self->data != NULL && lane_pitch > 0 ? self->data->n_lanes : 0;
  double lanes = n_lanes * lane_pitch;
  double height = self->text_height + (n_lanes > 0 ? ceil (2 * px) + ceil (lanes) : 0);
  double leading = ceil ((n_lanes > 0 ? 8 : 4) * px);
  gsize run = 0;

  self->bounds = (HlRect) { column->left, y, column->right - column->left, 0 };
  self->lane_pitch = lane_pitch;
  self->lane_height = lane_height;
  self->lane_top = self->text_height + ceil (2 * px);
  g_array_set_size (self->lines, 0);

  while (run < self->runs->len)
    {
      HlSequenceLine line = { .y = y, .first_run = run, .left = column->left };
      gsize good = run;
      gsize r;
      double x = 0.0;
      double room;

      line.right = floor (right_edge (column, y, y + height));
      line.rtl = g_array_index (self->runs, HlSequenceRun, run).rtl;
      line.margin_x = line.rtl ? line.right - self->margin_width : line.left;
      if (line.rtl)
        line.right -= self->margin_width;
      else
        line.left += self->margin_width;
      room = line.right - line.left;

      /* @good: the last place where the line may end. */
      for (r = run; r < self->runs->len; r++)
        {
          HlSequenceRun *next = &g_array_index (self->runs, HlSequenceRun, r);
          double advance = next->width + (next->space && r > run ? gap : 0);

          if (next->may_break)
            good = r;
          if (x + advance > room && r > run)
            break;
          x += advance;
          if (next->must_break)
            {
              good = ++r;
              break;
            }
        }
      if (r == self->runs->len)
        good = r;
      /* What is glued together and longer than a line is broken where it ends. */
      line.end_run = good > run ? good : r;
      line.first = g_array_index (self->runs, HlSequenceRun, run).first;
      line.end = g_array_index (self->runs, HlSequenceRun, line.end_run - 1).end;
      place_line (self, &line, gap);
      g_array_append_val (self->lines, line);
      run = line.end_run;
      y += height + leading;
    }
  if (self->lines->len > 0)
    y -= leading;
  self->bounds.height = y - self->bounds.y;
}

HlRect
hl_sequence_block_cell (HlSequenceBlock *self,
                        gsize            cell)
{
  const HlSequenceCell *place = &self->places[cell];
  const HlSequenceLine *line = &g_array_index (self->lines, HlSequenceLine, place->line);

  return (HlRect) { place->x, line->y, place->width, self->text_height };
}
