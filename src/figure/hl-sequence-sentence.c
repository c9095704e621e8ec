#include "config.h"

#include "hl-sequence-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* What the model predicted and whether that is right, as a sentence: one source for what is drawn and what is said. */

typedef enum
{
  TONE_PLAIN,
  TONE_STRONG,
  TONE_DIM,
  TONE_GOOD,
  TONE_BAD,
  TONE_NOTE, /* small */
} Tone;

/* A stretch of the sentence in one tone. */
typedef struct
{
  char *text;
  Tone  tone;
} Piece;

static void
piece_clear (gpointer data)
{
  g_free (((Piece *) data)->text);
}

static void
add_piece (GArray     *pieces,
           Tone        tone,
           const char *text)
{
  Piece piece = { g_strdup (text), tone };

  g_array_append_val (pieces, piece);
}

/* The names of the classes for which @predicted or else labelled holds, "joy, love"; @n: how many. */
static char *
join_names (HlPrediction *prediction,
            gboolean      predicted,
            gsize        *n)
{
  g_autoptr (GString) names = g_string_new (NULL);

  *n = 0;
  for (gsize i = 0; i < hl_prediction_get_n_classes (prediction); i++)
    {
      const HlClass *class_ = hl_prediction_get_class (prediction, i);

      if (!(predicted ? class_->predicted : class_->labelled))
        continue;
      if ((*n)++ > 0)
        g_string_append (names, ", ");
      g_string_append (names, class_->name);
    }

  return g_strdup (*n > 0 ? names->str : _("no class"));
}

static void
add_verdict (GArray *pieces,
             int     correct)
{
  if (correct == 1)
    add_piece (pieces, TONE_GOOD, " ✓");
  else if (correct == 0)
    add_piece (pieces, TONE_BAD, " ✗");
}

static void
build_classification (HlPrediction *prediction,
                      GArray       *pieces)
{
  gssize best = hl_prediction_get_best (prediction);
  gssize label = hl_prediction_get_label (prediction);
  int correct = hl_prediction_is_correct (prediction);

  if (best < 0)
    {
      add_piece (pieces, TONE_DIM, _("No prediction"));
    }
  else
    {
      const HlClass *class_ = hl_prediction_get_class (prediction, (gsize) best);
      g_autofree char *percent = hl_text_percent (class_->probability);

      add_piece (pieces, TONE_STRONG, class_->name);
      if (!isnan (class_->probability))
        {
          add_piece (pieces, TONE_PLAIN, " ");
          add_piece (pieces, TONE_PLAIN, percent);
        }
    }
  if (label >= 0)
    {
      add_piece (pieces, correct == 0 ? TONE_BAD : TONE_DIM, correct == 0 ? _(" — but labelled ") : _(" — labelled "));
      add_piece (pieces, correct == 0 ? TONE_BAD : TONE_PLAIN, hl_prediction_get_class (prediction, (gsize) label)->name);
      add_verdict (pieces, correct);
    }
}

static void
build_multi_label (HlPrediction *prediction,
                   GArray       *pieces)
{
  gsize n_predicted, n_labelled;
  g_autofree char *predicted = join_names (prediction, TRUE, &n_predicted);
  g_autofree char *labelled = join_names (prediction, FALSE, &n_labelled);
  int correct = hl_prediction_is_correct (prediction);

  add_piece (pieces, n_predicted > 0 ? TONE_STRONG : TONE_PLAIN, predicted);
  if (correct < 0)
    return;
  add_piece (pieces, TONE_DIM, correct == 0 ? _(" — but labelled ") : _(" — labelled "));
  add_piece (pieces, TONE_PLAIN, labelled);
  add_verdict (pieces, correct);
}

static void
build_regression (HlPrediction *prediction,
                  GArray       *pieces)
{
  double predicted = hl_prediction_get_predicted_value (prediction);
  double label = hl_prediction_get_label_value (prediction);
  g_autofree char *a = hl_text_number (predicted);
  g_autofree char *b = hl_text_number (label);
  g_autofree char *error = hl_text_number (fabs (predicted - label));

  add_piece (pieces, TONE_DIM, _("Predicted "));
  add_piece (pieces, TONE_STRONG, a);
  if (isnan (label))
    return;
  add_piece (pieces, TONE_DIM, _(" — labelled "));
  add_piece (pieces, TONE_PLAIN, b);
  if (isnan (predicted))
    return;
  add_piece (pieces, TONE_DIM, _(", error "));
  add_piece (pieces, TONE_PLAIN, error);
}

static GArray *
build_sentence (HlPrediction *prediction)
{
  GArray *pieces = g_array_new (FALSE, TRUE, sizeof (Piece));
  const char *note = hl_prediction_get_note (prediction);

  g_array_set_clear_func (pieces, piece_clear);
  switch (hl_prediction_get_task (prediction))
    {
    case HL_TASK_CLASSIFICATION:
      build_classification (prediction, pieces);
      break;
    case HL_TASK_MULTI_LABEL:
      build_multi_label (prediction, pieces);
      break;
    case HL_TASK_REGRESSION:
    default:
      build_regression (prediction, pieces);
      break;
    }
  if (note != NULL && note[0] != '\0')
    {
      g_autofree char *aside = g_strdup_printf (" · %s", note);

      add_piece (pieces, TONE_NOTE, aside);
    }

  return pieces;
}

char *
hl_sequence_classes_dup_sentence (HlSequenceClasses *self)
{
  g_autoptr (GArray) pieces = NULL;
  g_autoptr (GString) sentence = g_string_new (NULL);

  if (self->prediction == NULL)
    return NULL;
  pieces = build_sentence (self->prediction);
  for (guint i = 0; i < pieces->len; i++)
    g_string_append (sentence, g_array_index (pieces, Piece, i).text);

  return g_strdup (sentence->str);
}

static HlTextFace
get_face (const Piece *piece)
{
  return piece->tone == TONE_STRONG ? HL_TEXT_BOLD : HL_TEXT_REGULAR;
}

static double
get_size (const Piece *piece)
{
  return piece->tone == TONE_NOTE ? HL_TEXT_CAPTION : HL_TEXT_LABEL;
}

/* What stands before a classification's sentence: the colour of the class. */
static double
measure_swatch (HlSequenceClasses *self,
                const HlStyle     *style)
{
  return hl_prediction_get_task (self->prediction) == HL_TASK_CLASSIFICATION &&
         hl_prediction_get_best (self->prediction) >= 0 ? 16 * hl_sequence_unit (style) : 0.0;
}

double
hl_sequence_classes_measure_sentence (HlSequenceClasses *self,
                                      const HlStyle     *style)
{
  g_autoptr (GArray) pieces = build_sentence (self->prediction);
  double total = measure_swatch (self, style);

  for (guint i = 0; i < pieces->len; i++)
    {
      const Piece *piece = &g_array_index (pieces, Piece, i);
      double width;

      hl_text_measure (style, piece->text, get_size (piece), get_face (piece), &width, NULL);
      total += width;
    }

  return total;
}

void
hl_sequence_classes_draw_sentence (HlSequenceClasses *self,
                                   const HlStyle     *style,
                                   cairo_t           *cr)
{
  g_autoptr (GArray) pieces = build_sentence (self->prediction);
  double px = hl_sequence_unit (style);
  double x = self->sentence.x;
  double end = self->sentence.x + self->sentence.width;
  double y = self->sentence.y + self->sentence.height / 2;
  double room = measure_swatch (self, style);

  if (room > 0)
    {
      HlRect swatch = { x, y - 5 * px, 10 * px, 10 * px };

      hl_sequence_add_round_path (cr, &swatch, 2 * px);
      hl_colour_set (cr, hl_style_class_colour (style, (guint) hl_prediction_get_best (self->prediction), (guint) self->n));
      cairo_fill (cr);
      x += room;
    }
  for (guint i = 0; i < pieces->len && x < end - 6 * px; i++)
    {
      const Piece *piece = &g_array_index (pieces, Piece, i);
      HlColour colour = piece->tone == TONE_DIM || piece->tone == TONE_NOTE ? style->dim :
                        piece->tone == TONE_GOOD ? style->good : piece->tone == TONE_BAD ? style->bad : style->foreground;

      x += hl_text_draw (cr, style, piece->text, get_size (piece), get_face (piece), colour, x, y, 0.0, end - x);
    }
}
