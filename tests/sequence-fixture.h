#pragma once

#include <string.h>

#include "figure-fixture.h"
#include "hl-sequence-private.h"

/* Traces for the sequence view, and what holds for each of its figures. Figures are looked into by way of their private
 * header: what is asked for are invariants of the layout, which no picture shows as sharply. */

static inline HlTokens *
make_tokens (const char         *input,
             const char * const *strings,
             gsize               n)
{
  return hl_tokens_new_from_strings (input, strings, n, n);
}

/* A trace of own channels: value of channel c at token t is (c + 1) (t + 1) / (channels × tokens), between 0 and 1. */
static inline HlTrace *
make_trace (HlTokens *tokens,
            gsize     n_channels)
{
  HlTrace *trace = hl_trace_new ("Test");
  g_autoptr (HlScores) scores = hl_scores_new (NULL, tokens);
  gsize n = hl_tokens_get_length (tokens);
  g_autofree float *values = g_new0 (float, n + 1);

  for (gsize channel = 0; channel < n_channels; channel++)
    {
      g_autofree char *name = g_strdup_printf ("%" G_GSIZE_FORMAT, channel);

      for (gsize token = 0; token < n; token++)
        values[token] = (float) ((channel + 1) * (token + 1)) / (n_channels * n);
      hl_scores_add_channel (scores, name, values, -1, TRUE);
    }
  hl_trace_add_scores (trace, scores);

  return trace;
}

static inline HlTrace *
make_trace_from_strings (const char * const *strings,
                         gsize               n,
                         gsize               n_channels)
{
  g_autoptr (HlTokens) tokens = make_tokens (NULL, strings, n);

  return make_trace (tokens, n_channels);
}

static inline HlTrace *
make_long_trace (gsize n,
                 gsize n_channels)
{
  static const char * const words[] = { "the", "store", "##house", ",", "incomprehensibilities", "a", "was", ".", "I", "sold" };
  g_autofree const char **strings = g_new (const char *, n + 1);

  for (gsize i = 0; i < n; i++)
    strings[i] = words[(i * 7 + i / 3) % G_N_ELEMENTS (words)];

  return make_trace_from_strings (strings, n, n_channels);
}

static inline HlFigure *
build (HlState *state,
       double   width,
       double   height)
{
  g_autoptr (HlStyle) style = hl_style_new (HL_THEME_LIGHT, NULL, 0);

  return hl_figure_build (HL_VIEW_SEQUENCE, state, style, width, height, NULL);
}

static inline HlSequenceFigure *
look_into (HlFigure *figure)
{
  return (HlSequenceFigure *) figure;
}

static inline gboolean
overlap (HlRect a,
         HlRect b)
{
  const double slack = 0.01;

  return a.x + slack < b.x + b.width && b.x + slack < a.x + a.width && a.y + slack < b.y + b.height &&
         b.y + slack < a.y + a.height;
}

/* No room is too small for this view to show an element that it has. */
static inline void
assert_shown (HlFigure  *figure,
              HlElement  element)
{
  HlRect bounds;

  g_assert_true (hl_figure_get_bounds (figure, element, &bounds));
  g_assert_cmpfloat (bounds.width, >, 0);
  g_assert_cmpfloat (bounds.height, >, 0);
  assert_element (figure, element);
}

/* All that holds for every figure with text. */
static inline void
assert_invariants (HlFigure *figure)
{
  HlSequenceFigure *self = look_into (figure);

  for (gsize b = 0; b < self->n_blocks; b++)
    {
      HlSequenceBlock *block = &self->blocks[b];
      gsize covered = 0;

      for (guint l = 0; l < block->lines->len; l++)
        {
          const HlSequenceLine *line = &g_array_index (block->lines, HlSequenceLine, l);

          g_assert_cmpuint (line->first, ==, covered);
          g_assert_cmpuint (line->end, >, line->first);
          covered = line->end;
          if (l > 0)
            g_assert_cmpfloat (line->y, >=, (line - 1)->y + block->lane_top);
          for (gsize cell = line->first; cell < line->end; cell++)
            {
              HlRect rect = hl_sequence_block_cell (block, cell);

              g_assert_cmpfloat (rect.x, >=, line->left - 0.01);
              g_assert_cmpfloat (rect.x + rect.width, <=, line->right + 0.01);
              if (self->has_plot)
                g_assert_false (overlap (rect, self->plot.rect));
              for (gsize other = line->first; other < cell; other++)
                g_assert_false (overlap (rect, hl_sequence_block_cell (block, other)));
            }
        }
      g_assert_cmpuint (covered, ==, block->cells.n);

      for (gsize cell = 0; cell < block->cells.n; cell++)
        assert_shown (figure, (HlElement) { HL_SEQUENCE_TOKEN, (int) block->cells.first[cell], (int) block->cells.side, 0 });
    }
  for (gsize lane = 0; lane < self->data.n_lanes && self->has_lanes; lane++)
    {
      for (guint l = 0; l < self->blocks[self->value_block].lines->len; l++)
        assert_shown (figure, (HlElement) { HL_SEQUENCE_LANE, (int) self->data.heads[lane], (int) l, 0 });
      for (gsize cell = 0; cell < self->data.cells.n; cell++)
        assert_shown (figure, (HlElement) { HL_SEQUENCE_VALUE, (int) self->data.cells.first[cell],
                                            (int) self->data.cells.side, (int) self->data.heads[lane] });
    }
  for (gsize cell = 0; cell < self->data.cells.n && self->has_plot; cell++)
    assert_shown (figure, (HlElement) { HL_SEQUENCE_POINT, (int) self->data.cells.first[cell],
                                        (int) self->data.cells.side, 0 });
  cairo_surface_destroy (draw_image (figure, hl_figure_get_state (figure)));
}
