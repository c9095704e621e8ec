#include "config.h"

#include "hl-sequence-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Draws what the model predicted and puts it into words; hl-sequence-classes.c says where. */

static HlColour
class_colour (const HlSequenceClasses *self,
              const HlStyle           *style,
              gsize                    class_)
{
  return hl_style_class_colour (style, (guint) class_, (guint) self->n);
}

void
hl_sequence_add_round_path (cairo_t      *cr,
                            const HlRect *rect,
                            double        radius)
{
  cairo_new_sub_path (cr);
  cairo_arc (cr, rect->x + rect->width - radius, rect->y + radius, radius, -G_PI_2, 0);
  cairo_arc (cr, rect->x + rect->width - radius, rect->y + rect->height - radius, radius, 0, G_PI_2);
  cairo_arc (cr, rect->x + radius, rect->y + rect->height - radius, radius, G_PI_2, G_PI);
  cairo_arc (cr, rect->x + radius, rect->y + radius, radius, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

static void
draw_bar (HlSequenceClasses *self,
          const HlStyle     *style,
          cairo_t           *cr)
{
  double px = hl_sequence_unit (style);

  cairo_save (cr);
  hl_sequence_add_round_path (cr, &self->bar, 5 * px);
  cairo_clip (cr);
  hl_colour_set (cr, style->hover);
  cairo_paint (cr);
  for (gsize i = 0; i < self->n; i++)
    {
      const HlRect *rect = &self->segments[i];
      const HlClass *class_ = hl_prediction_get_class (self->prediction, i);
      HlColour colour = class_colour (self, style, i);
      double width;

      if (rect->width <= 0)
        continue;
      /* A hairline of the ground keeps neighbours apart where both are wide enough to spare it. */
      cairo_rectangle (cr, rect->x, rect->y, rect->width - (rect->width > 4 * px ? px : 0), rect->height);
      hl_colour_set (cr, colour);
      cairo_fill (cr);
      if (rect->width < 24 * px)
        continue;
      hl_text_measure (style, class_->name, HL_TEXT_LABEL, HL_TEXT_REGULAR, &width, NULL);
      if (width + 10 * px <= rect->width)
        hl_text_draw (cr, style, class_->name, HL_TEXT_LABEL, HL_TEXT_REGULAR, hl_style_text_on (style, colour),
                      rect->x + rect->width / 2, rect->y + rect->height / 2, 0.5, 0);
    }
  cairo_restore (cr);
}

/* A bar on its track with, for classes that hold each on its own, the threshold at one half. */
static void
draw_track (HlSequenceClasses *self,
            const HlStyle     *style,
            cairo_t           *cr,
            gsize              class_,
            double             x,
            double             y,
            double             width,
            gboolean           threshold)
{
  double px = hl_sequence_unit (style);
  double probability = hl_prediction_get_class (self->prediction, class_)->probability;
  HlRect track = { x, y - 4 * px, width, 8 * px };

  if (isnan (probability))
    {
      hl_sequence_draw_hatch (cr, style, &track, 0.4);
      return;
    }
  hl_colour_set (cr, style->hover);
  cairo_rectangle (cr, track.x, track.y, track.width, track.height);
  cairo_fill (cr);
  hl_colour_set (cr, class_colour (self, style, class_));
  cairo_rectangle (cr, track.x, track.y, track.width * CLAMP (probability, 0.0, 1.0), track.height);
  cairo_fill (cr);
  if (threshold)
    {
      hl_colour_set (cr, style->foreground);
      cairo_rectangle (cr, round (x + width / 2) - px / 2, track.y - 2 * px, px, track.height + 4 * px);
      cairo_fill (cr);
    }
}

/* How label and prediction of one class go together, in a word beside its sign; NULL where there is nothing to say. */
static const char *
get_mark (const HlClass *class_,
          int            correct,
          gboolean       brief,
          HlColour      *colour,
          const HlStyle *style)
{
  *colour = style->dim;
  if (correct < 0)
    return class_->predicted ? _("predicted") : class_->labelled ? _("labelled") : NULL;
  if (class_->predicted && class_->labelled)
    {
      *colour = style->good;
      return brief ? _("✓") : _("✓ predicted, labelled");
    }
  if (class_->predicted)
    {
      *colour = style->bad;
      return brief ? _("✗ extra") : _("✗ predicted, not labelled");
    }
  if (class_->labelled)
    {
      *colour = style->bad;
      return brief ? _("✗ missed") : _("✗ labelled, not predicted");
    }

  return NULL;
}

static void
draw_own_bars (HlSequenceClasses *self,
               const HlStyle     *style,
               cairo_t           *cr)
{
  double px = hl_sequence_unit (style);
  int correct = hl_prediction_is_correct (self->prediction);

  for (gsize i = 0; i < self->n; i++)
    {
      const HlRect *rect = &self->segments[i];
      const HlClass *class_ = hl_prediction_get_class (self->prediction, i);
      double y = rect->y + rect->height / 2;
      double bar = MAX (rect->width - self->name_width - 64 * px, 20 * px);
      HlColour colour;
      const char *mark = get_mark (class_, correct, TRUE, &colour, style);
      gboolean strong = class_->predicted || class_->labelled;

      if (rect->width <= 0)
        continue;
      hl_text_draw (cr, style, class_->name, HL_TEXT_LABEL, HL_TEXT_REGULAR, strong ? style->foreground : style->dim,
                    rect->x, y, 0.0, self->name_width);
      draw_track (self, style, cr, i, rect->x + self->name_width + 6 * px, y, bar, TRUE);
      if (mark != NULL)
        hl_text_draw (cr, style, mark, HL_TEXT_CAPTION, HL_TEXT_REGULAR, colour,
                      rect->x + self->name_width + bar + 12 * px, y, 0.0, 64 * px);
    }
}

static void
draw_regression (HlSequenceClasses *self,
                 const HlStyle     *style,
                 cairo_t           *cr)
{
  double px = hl_sequence_unit (style);
  double predicted = hl_prediction_get_predicted_value (self->prediction);
  double label = hl_prediction_get_label_value (self->prediction);
  g_autofree char *low = hl_text_number (self->low);
  g_autofree char *high = hl_text_number (self->high);
  double y = round (self->bar.y + self->bar.height / 2);
  double x = self->bar.x + 20 * px;
  double width = MAX (self->bar.width - 44 * px, 1);
  double at_prediction = x + width * (predicted - self->low) / (self->high - self->low);
  double at_label = x + width * (label - self->low) / (self->high - self->low);

  hl_text_draw (cr, style, low, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, style->dim, x - 8 * px, y, 1.0, 0);
  hl_text_draw (cr, style, high, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, style->dim, x + width + 8 * px, y, 0.0, 0);
  hl_colour_set (cr, style->hairline);
  cairo_rectangle (cr, x, y - px, width, 2 * px);
  cairo_fill (cr);

  if (isfinite (predicted) && isfinite (label))
    {
      hl_colour_set (cr, style->dim);
      cairo_rectangle (cr, MIN (at_label, at_prediction), y - 1.5 * px, fabs (at_label - at_prediction), 3 * px);
      cairo_fill (cr);
    }
  /* The label is a line across, the prediction a dot: told apart without colour. */
  if (isfinite (label))
    {
      hl_colour_set (cr, style->foreground);
      cairo_rectangle (cr, at_label - px, y - 8 * px, 2 * px, 16 * px);
      cairo_fill (cr);
    }
  if (isfinite (predicted))
    {
      cairo_arc (cr, at_prediction, y, 5 * px, 0, 2 * G_PI);
      hl_colour_set (cr, hl_style_class_colour (style, 0, 1));
      cairo_fill_preserve (cr);
      hl_colour_set (cr, style->background);
      cairo_set_line_width (cr, 1.5 * px);
      cairo_stroke (cr);
    }
}

static void
draw_table (HlSequenceClasses *self,
            const HlStyle     *style,
            cairo_t           *cr)
{
  double px = hl_sequence_unit (style);
  gboolean own = hl_prediction_get_task (self->prediction) == HL_TASK_MULTI_LABEL;
  int correct = hl_prediction_is_correct (self->prediction);
  double names = 0.0;
  double marks = 0.0;
  double x = self->table.x;
  double end = self->table.x + self->table.width;
  double bar = CLAMP (self->table.width * 0.2, 40 * px, 180 * px);

  for (gsize row = 0; row < self->n_rows; row++)
    {
      const HlClass *class_ = hl_prediction_get_class (self->prediction, self->rows[row]);
      HlColour colour;
      const char *mark = get_mark (class_, correct, FALSE, &colour, style);
      double width;

      hl_text_measure (style, class_->name, HL_TEXT_LABEL, HL_TEXT_BOLD, &width, NULL);
      names = MAX (names, width);
      if (mark != NULL)
        {
          hl_text_measure (style, mark, HL_TEXT_LABEL, HL_TEXT_REGULAR, &width, NULL);
          marks = MAX (marks, ceil (width));
        }
    }
  names = MIN (ceil (names), self->table.width * 0.25);

  for (gsize row = 0; row < self->n_rows; row++)
    {
      gsize i = self->rows[row];
      const HlClass *class_ = hl_prediction_get_class (self->prediction, i);
      g_autofree char *percent = hl_text_percent (class_->probability);
      double y = self->table.y + (row + 0.5) * self->row_height;
      HlRect swatch = { x, y - 5 * px, 10 * px, 10 * px };
      double at = x + 16 * px;
      HlColour colour;
      const char *mark = get_mark (class_, correct, FALSE, &colour, style);

      hl_colour_set (cr, class_colour (self, style, i));
      hl_sequence_add_round_path (cr, &swatch, 2 * px);
      cairo_fill (cr);
      hl_text_draw (cr, style, class_->name, HL_TEXT_LABEL, class_->predicted ? HL_TEXT_BOLD : HL_TEXT_REGULAR,
                    style->foreground, at, y, 0.0, names);
      at += names + 12 * px;
      draw_track (self, style, cr, i, at, y, bar, own);
      at += bar + 56 * px;
      hl_text_draw (cr, style, percent, HL_TEXT_LABEL, HL_TEXT_NUMBERS, style->foreground, at, y, 1.0, 0);
      at += 14 * px;
      if (mark != NULL)
        hl_text_draw (cr, style, mark, HL_TEXT_LABEL, HL_TEXT_REGULAR, colour, at, y, 0.0, MAX (end - at, 1));
      at += marks + 14 * px;
      if (class_->description != NULL && strcmp (class_->description, class_->name) != 0 && at + 40 * px < end)
        hl_text_draw (cr, style, class_->description, HL_TEXT_LABEL, HL_TEXT_REGULAR, style->dim, at, y, 0.0, end - at);
    }
  if (self->n > self->n_rows)
    {
      g_autofree char *rest = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "and %" G_GSIZE_FORMAT " more",
                                                            "and %" G_GSIZE_FORMAT " more", self->n - self->n_rows),
                                               self->n - self->n_rows);

      hl_text_draw (cr, style, rest, HL_TEXT_LABEL, HL_TEXT_REGULAR, style->dim, x + 16 * px,
                    self->table.y + (self->n_rows + 0.5) * self->row_height, 0.0, 0);
    }
}

void
hl_sequence_classes_draw (HlSequenceClasses *self,
                          const HlState     *state,
                          const HlStyle     *style,
                          cairo_t           *cr)
{
  HlTask task;
  double px = hl_sequence_unit (style);

  if (self->prediction == NULL)
    return;

  task = hl_prediction_get_task (self->prediction);
  if (task == HL_TASK_CLASSIFICATION)
    draw_bar (self, style, cr);
  else if (task == HL_TASK_MULTI_LABEL)
    draw_own_bars (self, style, cr);
  else
    draw_regression (self, style, cr);
  hl_sequence_classes_draw_sentence (self, style, cr);

  if (self->details.width > 0)
    {
      double y = self->details.y + self->details.height / 2;
      double x = self->details.x + 4 * px;
      double turn = state->show_classes ? -1 : 1;

      x += hl_text_draw (cr, style, _("Details"), HL_TEXT_LABEL, HL_TEXT_REGULAR, style->dim, x, y, 0.0, 0) + 5 * px;
      cairo_move_to (cr, x, y - turn * 2 * px);
      cairo_line_to (cr, x + 3.5 * px, y + turn * 2 * px);
      cairo_line_to (cr, x + 7 * px, y - turn * 2 * px);
      hl_colour_set (cr, style->dim);
      cairo_set_line_width (cr, 1.5 * px);
      cairo_stroke (cr);
    }
  if (self->n_rows > 0)
    draw_table (self, style, cr);
}

char *
hl_sequence_classes_describe (HlSequenceClasses *self,
                              HlElement          element)
{
  const HlClass *class_;
  g_autoptr (GString) text = NULL;
  g_autofree char *percent = NULL;

  if (self->prediction == NULL)
    return NULL;
  if (element.kind == HL_SEQUENCE_DETAILS)
    return g_strdup_printf (self->n_rows > 0 ? _("Hide the table of %" G_GSIZE_FORMAT " classes")
                                             : _("Show a table of all %" G_GSIZE_FORMAT " classes"), self->n);
  if (element.i < 0 || (gsize) element.i >= self->n)
    return NULL;

  class_ = hl_prediction_get_class (self->prediction, (gsize) element.i);
  percent = hl_text_percent (class_->probability);
  text = g_string_new (NULL);
  if (isnan (class_->probability))
    g_string_append_printf (text, _("Class %d “%s”: no probability known"), element.i, class_->name);
  else
    g_string_append_printf (text, _("Class %d “%s”: probability %s (%.9g)"), element.i, class_->name, percent,
                            class_->probability);
  if (class_->predicted)
    g_string_append (text, _(", predicted"));
  if (class_->labelled)
    g_string_append (text, _(", labelled in the file"));
  if (class_->description != NULL)
    g_string_append_printf (text, "\n%s", class_->description);

  return g_strdup (text->str);
}
