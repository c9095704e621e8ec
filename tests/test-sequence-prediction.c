#include <math.h>
#include <string.h>

#include "sequence-fixture.h"

/* The sequence view's prediction: the bar of classes, its table and its sentence. */

static void
add_class (HlPrediction *prediction,
           const char   *name,
           double        probability,
           gboolean      predicted,
           gboolean      labelled)
{
  const HlClass class_ = { name, "what it means", probability, predicted, labelled };

  hl_prediction_add_class (prediction, &class_);
}

static HlFigure *
build_with_prediction (HlPrediction *prediction,
                       double        width,
                       gboolean      open)
{
  static const char * const strings[] = { "some", "text" };
  g_autoptr (HlTrace) trace = make_trace_from_strings (strings, 2, 2);
  g_autoptr (HlState) base = NULL;
  g_autoptr (HlState) state = NULL;

  hl_trace_set_prediction (trace, prediction);
  base = hl_state_new (trace, 0);
  state = hl_state_copy (base);
  state->show_classes = open;

  return build (state, width, 400);
}

static void
assert_classes (HlFigure *figure,
                gsize     n_rows)
{
  HlSequenceClasses *classes = &look_into (figure)->classes;
  HlRect rect;

  assert_invariants (figure);
  g_assert_cmpuint (classes->n_rows, ==, n_rows);
  for (gsize i = 0; i < classes->n; i++)
    {
      HlElement element = { HL_SEQUENCE_CLASS, (int) i, 0, 0 };

      if (hl_figure_get_bounds (figure, element, &rect))
        assert_shown (figure, element);
    }
  for (gsize row = 0; row < n_rows; row++)
    {
      assert_shown (figure, (HlElement) { HL_SEQUENCE_CLASS_ROW, (int) classes->rows[row], 0, 0 });
      if (row > 0)
        g_assert_cmpfloat (hl_prediction_get_class (classes->prediction, classes->rows[row])->probability, <=,
                           hl_prediction_get_class (classes->prediction, classes->rows[row - 1])->probability);
    }
}

static void
test_class_bar (void)
{
  static const struct { const char *name; double probability; } four[] = {
    { "business", 0.06 }, { "entertainment", 0.36 }, { "politics", 0.505 }, { "sport", 0.075 },
  };
  static const double widths[] = { 1240, 400 };

  for (gsize w = 0; w < G_N_ELEMENTS (widths); w++)
    for (int label = -1; label < 4; label++)
      {
        g_autoptr (HlPrediction) prediction = hl_prediction_new (HL_TASK_CLASSIFICATION);
        g_autoptr (HlFigure) figure = NULL;
        g_autofree char *sentence = NULL;
        HlSequenceClasses *classes;

        for (int i = 0; i < 4; i++)
          add_class (prediction, four[i].name, four[i].probability, i == 2, i == label);
        figure = build_with_prediction (prediction, widths[w], TRUE);
        classes = &look_into (figure)->classes;
        assert_classes (figure, 4);
        assert_shown (figure, (HlElement) { HL_SEQUENCE_DETAILS, 0, 0, 0 });
        sentence = hl_sequence_classes_dup_sentence (classes);
        g_assert_true (g_str_has_prefix (sentence, "politics 50.5\u202f%"));
        g_assert_true ((strstr (sentence, "✓") != NULL) == (label == 2));
        g_assert_true ((strstr (sentence, "✗") != NULL) == (label >= 0 && label != 2));
        /* Segments are in proportion and fill the bar. */
        g_assert_cmpfloat_with_epsilon (classes->segments[1].width / classes->bar.width, 0.36, 1e-6);
        g_assert_cmpfloat_with_epsilon (classes->segments[3].x + classes->segments[3].width,
                                        classes->bar.x + classes->bar.width, 1e-6);
      }
}

/* Many classes, some without a probability, more than sums to one, and the true one far down. */
static void
test_many_classes (void)
{
  g_autoptr (HlPrediction) prediction = hl_prediction_new (HL_TASK_CLASSIFICATION);
  g_autoptr (HlFigure) figure = NULL;
  HlSequenceClasses *classes;
  gboolean found = FALSE;

  for (int i = 0; i < 60; i++)
    {
      g_autofree char *name = g_strdup_printf ("Class with a rather long name %d", i);

      add_class (prediction, name, i == 7 ? 0.9 : 0.03 - i * 0.0001, i == 7, i == 50);
    }
  figure = build_with_prediction (prediction, 800, TRUE);
  classes = &look_into (figure)->classes;
  assert_classes (figure, HL_SEQUENCE_TABLE_ROWS);
  for (gsize row = 0; row < classes->n_rows; row++)
    found |= classes->rows[row] == 50;
  g_assert_true (found);
  g_assert_cmpfloat (classes->segments[59].x + classes->segments[59].width, <=, classes->bar.x + classes->bar.width + 1e-6);
}

static void
test_multi_label (void)
{
  static const gsize counts[] = { 1, 7, 11, 80 };

  for (gsize c = 0; c < G_N_ELEMENTS (counts); c++)
    for (int open = 0; open < 2; open++)
      {
        g_autoptr (HlPrediction) prediction = hl_prediction_new (HL_TASK_MULTI_LABEL);
        g_autoptr (HlFigure) figure = NULL;
        HlSequenceClasses *classes;
        HlRect rect;

        for (gsize i = 0; i < counts[c]; i++)
          {
            g_autofree char *name = g_strdup_printf ("c%" G_GSIZE_FORMAT, i);

            add_class (prediction, name, (double) (i * 37 % 101) / 101, i % 5 == 0, i % 7 == 0);
          }
        figure = build_with_prediction (prediction, 700, open);
        classes = &look_into (figure)->classes;
        assert_classes (figure, open ? MIN (counts[c], HL_SEQUENCE_TABLE_ROWS) : 0);
        /* What was predicted or is true has a bar, however many classes there are. */
        for (gsize i = 0; i < counts[c]; i++)
          if (i % 5 == 0 || i % 7 == 0)
            g_assert_true (hl_figure_get_bounds (figure, (HlElement) { HL_SEQUENCE_CLASS, (int) i, 0, 0 }, &rect));
        g_assert_cmpfloat (classes->rect.height, <, hl_figure_get_height (figure));
      }
}

static void
test_regression (void)
{
  static const double values[][2] = { { 0.4, 0.3 }, { -3, 7 }, { 0.5, NAN }, { NAN, 0.5 }, { NAN, NAN } };

  for (gsize i = 0; i < G_N_ELEMENTS (values); i++)
    {
      g_autoptr (HlPrediction) prediction = hl_prediction_new (HL_TASK_REGRESSION);
      g_autoptr (HlFigure) figure = NULL;
      HlSequenceClasses *classes;
      g_autofree char *sentence = NULL;

      hl_prediction_set_values (prediction, values[i][0], values[i][1]);
      figure = build_with_prediction (prediction, 700, TRUE);
      classes = &look_into (figure)->classes;
      assert_classes (figure, 0);
      g_assert_cmpfloat (classes->low, <=, 0);
      g_assert_cmpfloat (classes->high, >=, 1);
      sentence = hl_sequence_classes_dup_sentence (classes);
      g_assert_true ((strstr (sentence, "error 0.1") != NULL) == (i == 0));
      g_assert_true ((strstr (sentence, "error 10") != NULL) == (i == 1));
    }
}

/* Tab goes through all groups once and back. */
static void
test_groups (void)
{
  g_autoptr (HlPrediction) prediction = hl_prediction_new (HL_TASK_CLASSIFICATION);
  g_autoptr (HlFigure) figure = NULL;
  static const guint kinds[] = { HL_SEQUENCE_CLASS, HL_SEQUENCE_TOKEN, HL_SEQUENCE_LANE, HL_SEQUENCE_POINT };
  HlElement element = HL_ELEMENT_NONE;

  add_class (prediction, "a", 0.25, FALSE, FALSE);
  add_class (prediction, "b", 0.75, TRUE, FALSE);
  figure = build_with_prediction (prediction, 1100, FALSE);
  for (gsize i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      element = hl_figure_neighbour (figure, element, HL_DIRECTION_NEXT);
      g_assert_cmpuint (element.kind, ==, kinds[i]);
      assert_shown (figure, element);
    }
  g_assert_cmpuint (hl_figure_neighbour (figure, element, HL_DIRECTION_NEXT).kind, ==, 0);
  for (gsize i = G_N_ELEMENTS (kinds) - 1; i > 0; i--)
    {
      element = hl_figure_neighbour (figure, element, HL_DIRECTION_PREVIOUS);
      g_assert_cmpuint (element.kind, ==, kinds[i - 1]);
    }
  element = hl_figure_neighbour (figure, element, HL_DIRECTION_RIGHT);
  g_assert_cmpuint (element.kind, ==, HL_SEQUENCE_CLASS);
  element = hl_figure_neighbour (figure, element, HL_DIRECTION_RIGHT);
  g_assert_cmpuint (element.kind, ==, HL_SEQUENCE_DETAILS);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/sequence/class-bar", test_class_bar);
  g_test_add_func ("/sequence/many-classes", test_many_classes);
  g_test_add_func ("/sequence/multi-label", test_multi_label);
  g_test_add_func ("/sequence/regression", test_regression);
  g_test_add_func ("/sequence/groups", test_groups);

  return g_test_run ();
}
