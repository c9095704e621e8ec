#include "config.h"

#include "hl-sequence-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Where what the model predicted lies: the bar of class probabilities, a small bar a class where several may hold, the
 * line of a regression, and the table of all classes. hl-sequence-prediction.c draws it and says it. */

/* Classes of a multi-label prediction that have a bar of their own without the table. */
#define MAX_OWN_BARS 24

/* Sorts classes by falling probability, unknown ones last, equal ones as in the file. */
static int
compare_classes (gconstpointer a,
                 gconstpointer b,
                 gpointer      data)
{
  HlPrediction *prediction = data;
  guint x = *(const guint *) a;
  guint y = *(const guint *) b;
  double p = hl_prediction_get_class (prediction, x)->probability;
  double q = hl_prediction_get_class (prediction, y)->probability;

  if (isnan (p) != isnan (q))
    return isnan (p) ? 1 : -1;
  if (p != q && !isnan (p))
    return p > q ? -1 : 1;

  return x < y ? -1 : x > y;
}

static guint *
sort_classes (HlPrediction *prediction,
              gsize         n)
{
  guint *order = g_new (guint, n + 1);

  for (gsize i = 0; i < n; i++)
    order[i] = (guint) i;
  g_qsort_with_data (order, (int) n, sizeof *order, compare_classes, prediction);

  return order;
}

/* Segments in the order of the file. Shares are the probabilities; only where these sum to more than one, which no
 * softmax gives, are they made smaller. */
static void
layout_segments (HlSequenceClasses *self)
{
  double x = self->bar.x;

  for (gsize i = 0; i < self->n; i++)
    {
      double probability = hl_prediction_get_class (self->prediction, i)->probability;

      self->shares[i] = isfinite (probability) ? MAX (probability, 0.0) : 0.0;
      self->sum += self->shares[i];
    }
  for (gsize i = 0; i < self->n; i++)
    {
      double width = self->bar.width * self->shares[i] / MAX (self->sum, 1.0);

      self->segments[i] = (HlRect) { x, self->bar.y, width, self->bar.height };
      x += width;
    }
}

/* A grid of small bars, one a class, in the order of the file; of very many classes those that matter. */
static double
layout_own_bars (HlSequenceClasses *self,
                 const HlStyle     *style,
                 double             x,
                 double             y,
                 double             width)
{
  double px = hl_sequence_unit (style);
  g_autofree guint *order = sort_classes (self->prediction, self->n);
  g_autofree gboolean *chosen = g_new0 (gboolean, self->n + 1);
  gsize n_chosen = 0, n_columns, n_rows, k = 0;
  double cell;

  self->name_width = 0.0;
  for (gsize rank = 0; rank < self->n; rank++)
    {
      const HlClass *class_ = hl_prediction_get_class (self->prediction, order[rank]);
      double name;

      self->shares[order[rank]] = class_->probability;
      if (self->n > MAX_OWN_BARS && n_chosen >= MAX_OWN_BARS && !class_->predicted && !class_->labelled)
        continue;
      chosen[order[rank]] = TRUE;
      n_chosen++;
      hl_text_measure (style, class_->name, HL_TEXT_LABEL, HL_TEXT_REGULAR, &name, NULL);
      self->name_width = MAX (self->name_width, ceil (name));
    }
  if (n_chosen == 0)
    return y;

  self->name_width = MIN (self->name_width, 110 * px);
  cell = self->name_width + 126 * px;
  n_columns = (gsize) CLAMP (floor (width / cell), 1, n_chosen);
  n_rows = (n_chosen + n_columns - 1) / n_columns;
  n_columns = (n_chosen + n_rows - 1) / n_rows;
  cell = MIN (cell, width / n_columns);
  for (gsize i = 0; i < self->n; i++)
    if (chosen[i])
      {
        self->segments[i] = (HlRect) { x + (k / n_rows) * cell, y + (k % n_rows) * self->row_height,
                                       cell - 10 * px, self->row_height };
        k++;
      }

  return y + n_rows * self->row_height + 2 * px;
}

/* What was predicted or is true belongs into the table, however improbable: it takes the place of the last rows that
 * are neither. */
static void
promote_marked (HlSequenceClasses *self)
{
  gsize end = self->n_rows;

  for (gsize rank = self->n_rows; rank < self->n; rank++)
    {
      const HlClass *class_ = hl_prediction_get_class (self->prediction, self->rows[rank]);
      guint promoted = self->rows[rank];
      gsize row = end;

      if (!class_->predicted && !class_->labelled)
        continue;
      while (row > 0 && (hl_prediction_get_class (self->prediction, self->rows[row - 1])->predicted ||
                         hl_prediction_get_class (self->prediction, self->rows[row - 1])->labelled))
        row--;
      if (row == 0)
        return;
      /* The order stays that of falling probability. */
      memmove (self->rows + row - 1, self->rows + row, (self->n_rows - row) * sizeof *self->rows);
      self->rows[self->n_rows - 1] = promoted;
      end = row - 1;
    }
}

static double
layout_table (HlSequenceClasses *self,
              double             x,
              double             y,
              double             width)
{
  gsize n_lines;

  self->rows = sort_classes (self->prediction, self->n);
  self->n_rows = MIN (self->n, HL_SEQUENCE_TABLE_ROWS);
  promote_marked (self);
  n_lines = self->n_rows + (self->n > self->n_rows);
  self->table = (HlRect) { x, y, width, n_lines * self->row_height };

  return y + self->table.height;
}

void
hl_sequence_classes_init (HlSequenceClasses *self,
                          const HlState     *state,
                          const HlStyle     *style,
                          double             x,
                          double             y,
                          double             width)
{
  double px = hl_sequence_unit (style);
  double row = ceil (style->font_size * 1.45);
  double bottom, toggle = 0.0;
  gboolean wide = width >= 640 * px;
  HlTask task;

  self->rect = (HlRect) { x, y, width, 0 };
  self->row_height = row;
  self->prediction = state->trace != NULL ? hl_trace_get_prediction (state->trace) : NULL;
  if (self->prediction == NULL)
    return;

  task = hl_prediction_get_task (self->prediction);
  self->n = hl_prediction_get_n_classes (self->prediction);
  if (self->n == 0 && task != HL_TASK_REGRESSION)
    {
      self->prediction = NULL;
      return;
    }
  self->shares = g_new0 (double, self->n + 1);
  self->segments = g_new0 (HlRect, self->n + 1);

  /* On paper there is nothing to press. */
  if (task != HL_TASK_REGRESSION && style->theme != HL_THEME_PRINT)
    {
      hl_text_measure (style, _("Details"), HL_TEXT_LABEL, HL_TEXT_REGULAR, &toggle, NULL);
      toggle = ceil (toggle + 22 * px);
    }
  if (task == HL_TASK_MULTI_LABEL)
    {
      self->sentence = (HlRect) { x, y, MAX (width - toggle, 1), row };
      bottom = y + row;
    }
  else
    {
      double bar = wide ? round (MIN (0.4 * width, 440 * px)) : width;

      self->bar = (HlRect) { x, y, bar, row };
      self->sentence = wide ? (HlRect) { x + bar + 12 * px, y, MAX (width - bar - 12 * px - toggle, 1), row }
                            : (HlRect) { x, y + row + 4 * px, MAX (width - toggle, 1), row };
      bottom = self->sentence.y + row;
    }

  /* The toggle follows the sentence, where the eye is. */
  self->sentence.width = MIN (self->sentence.width,
                              ceil (hl_sequence_classes_measure_sentence (self, style)) + 12 * px);
  if (toggle > 0)
    self->details = (HlRect) { self->sentence.x + self->sentence.width, self->sentence.y, toggle, row };

  if (task == HL_TASK_CLASSIFICATION)
    layout_segments (self);
  else if (task == HL_TASK_MULTI_LABEL)
    bottom = layout_own_bars (self, style, x, bottom + 2 * px, width);
  else
    {
      double a = hl_prediction_get_predicted_value (self->prediction);
      double b = hl_prediction_get_label_value (self->prediction);

      self->low = floor (fmin (0.0, fmin (a, b)));
      self->high = ceil (fmax (1.0, fmax (a, b)));
    }
  if (state->show_classes && task != HL_TASK_REGRESSION)
    bottom = layout_table (self, x, bottom + 6 * px, width);

  self->rect.height = ceil (bottom - y);
}

void
hl_sequence_classes_clear (HlSequenceClasses *self)
{
  g_clear_pointer (&self->shares, g_free);
  g_clear_pointer (&self->segments, g_free);
  g_clear_pointer (&self->rows, g_free);
}

/* A segment thinner than this can be read in the table only. */
static gboolean
is_pickable (const HlSequenceClasses *self,
             gsize                    class_)
{
  return self->segments != NULL && class_ < self->n && self->segments[class_].width >= 2.0;
}

static HlRect
row_rect (const HlSequenceClasses *self,
          gsize                    row)
{
  return (HlRect) { self->table.x, self->table.y + row * self->row_height, self->table.width, self->row_height };
}

HlElement
hl_sequence_classes_pick (HlSequenceClasses *self,
                          double             x,
                          double             y)
{
  if (self->prediction == NULL)
    return HL_ELEMENT_NONE;

  if (hl_rect_contains (&self->details, x, y))
    return (HlElement) { HL_SEQUENCE_DETAILS, 0, 0, 0 };
  for (gsize i = 0; i < self->n; i++)
    if (is_pickable (self, i) && hl_rect_contains (&self->segments[i], x, y))
      return (HlElement) { HL_SEQUENCE_CLASS, (int) i, 0, 0 };
  for (gsize row = 0; row < self->n_rows; row++)
    {
      HlRect rect = row_rect (self, row);

      if (hl_rect_contains (&rect, x, y))
        return (HlElement) { HL_SEQUENCE_CLASS_ROW, (int) self->rows[row], 0, 0 };
    }

  return HL_ELEMENT_NONE;
}

static gssize
find_row (const HlSequenceClasses *self,
          int                      class_)
{
  for (gsize row = 0; row < self->n_rows; row++)
    if ((int) self->rows[row] == class_)
      return (gssize) row;

  return -1;
}

gboolean
hl_sequence_classes_bounds (HlSequenceClasses *self,
                            HlElement          element,
                            HlRect            *bounds)
{
  gssize row;

  switch (element.kind)
    {
    case HL_SEQUENCE_DETAILS:
      *bounds = self->details;
      return self->details.width > 0;

    case HL_SEQUENCE_CLASS:
      if (element.i < 0 || !is_pickable (self, (gsize) element.i))
        return FALSE;
      *bounds = self->segments[element.i];
      return TRUE;

    case HL_SEQUENCE_CLASS_ROW:
      row = find_row (self, element.i);
      if (row < 0)
        return FALSE;
      *bounds = row_rect (self, (gsize) row);
      return TRUE;

    default:
      return FALSE;
    }
}

/* The next segment that can be pointed at, from class @class_ on in steps of @step; -1 where there is none. */
static int
find_segment (const HlSequenceClasses *self,
              int                      class_,
              int                      step)
{
  for (; class_ >= 0 && class_ < (int) self->n; class_ += step)
    if (is_pickable (self, (gsize) class_))
      return class_;

  return -1;
}

HlElement
hl_sequence_classes_neighbour (HlSequenceClasses *self,
                               HlElement          element,
                               HlDirection        direction)
{
  HlElement details = { HL_SEQUENCE_DETAILS, 0, 0, 0 };
  int last = find_segment (self, (int) self->n - 1, -1);
  int first = find_segment (self, 0, 1);
  gssize row;
  int found;

  if (element.kind == HL_SEQUENCE_CLASS_ROW)
    {
      row = find_row (self, element.i);
      if (row < 0)
        return HL_ELEMENT_NONE;
      if (direction == HL_DIRECTION_UP && row == 0)
        return self->details.width > 0 ? details : element;
      if (direction == HL_DIRECTION_FIRST)
        row = 0;
      else if (direction == HL_DIRECTION_LAST)
        row = (gssize) self->n_rows - 1;
      else if (direction == HL_DIRECTION_UP || direction == HL_DIRECTION_DOWN)
        row = CLAMP (row + (direction == HL_DIRECTION_UP ? -1 : 1), 0, (gssize) self->n_rows - 1);
      element.i = (int) self->rows[row];
      return element;
    }

  switch (direction)
    {
    case HL_DIRECTION_FIRST:
      return first >= 0 ? (HlElement) { HL_SEQUENCE_CLASS, first, 0, 0 } : details;

    case HL_DIRECTION_LAST:
      return self->details.width > 0 || last < 0 ? details : (HlElement) { HL_SEQUENCE_CLASS, last, 0, 0 };

    case HL_DIRECTION_LEFT:
      found = element.kind == HL_SEQUENCE_DETAILS ? last : find_segment (self, element.i - 1, -1);
      return found >= 0 ? (HlElement) { HL_SEQUENCE_CLASS, found, 0, 0 } : element;

    case HL_DIRECTION_RIGHT:
      if (element.kind == HL_SEQUENCE_DETAILS)
        return element;
      found = find_segment (self, element.i + 1, 1);
      if (found < 0)
        return self->details.width > 0 ? details : element;
      return (HlElement) { HL_SEQUENCE_CLASS, found, 0, 0 };

    case HL_DIRECTION_DOWN:
      if (self->n_rows > 0)
        return (HlElement) { HL_SEQUENCE_CLASS_ROW, (int) self->rows[0], 0, 0 };
      return element;

    case HL_DIRECTION_UP:
      return element;

    case HL_DIRECTION_NEXT:
    case HL_DIRECTION_PREVIOUS:
    default:
      return HL_ELEMENT_NONE;
    }
}
