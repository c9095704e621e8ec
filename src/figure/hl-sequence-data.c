#include "config.h"

#include "hl-sequence-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* Below this, weights that sum to one over the tokens would all look the same: their scale ends at their own maximum. */
#define PALE 0.5

char *
hl_sequence_dup_display (const HlToken *token,
                         gboolean       spaces_are_tokens)
{
  const char *surface = token->surface;
  GString *display;

  if (spaces_are_tokens && strcmp (token->text, " ") == 0)
    return g_strdup (" ");

  display = g_string_sized_new (16);
  for (const char *p = surface; *p != '\0'; p = g_utf8_next_char (p))
    {
      gunichar character = g_utf8_get_char (p);

      if (character == '\n' || character == 0x2028 || character == 0x2029 || character == '\r')
        g_string_append (display, "\u21b5");
      else if (character == '\t')
        g_string_append (display, "\u21e5");
      else if (character < 0x20)
        g_string_append_unichar (display, 0x2400 + character);
      else if (character == 0x7f || (character >= 0x80 && character < 0xa0))
        g_string_append (display, "\u2421");
      else
        g_string_append_unichar (display, character);
    }
  if (display->len == 0)
    g_string_append (display, "\u2205");

  return g_string_free (display, FALSE);
}

void
hl_sequence_cells_init (HlSequenceCells *self,
                        HlSide           side,
                        HlTokens        *tokens,
                        gboolean         merge)
{
  gsize n_tokens = hl_tokens_get_length (tokens);

  self->side = side;
  self->tokens = hl_tokens_ref (tokens);
  self->n = merge ? hl_tokens_get_n_words (tokens) : n_tokens;
  self->first = g_new (guint, self->n + 1);
  self->cell_of = g_new (guint, n_tokens + 1);

  for (gsize cell = 0; cell < self->n; cell++)
    {
      gsize first = cell;
      gsize end = cell + 1;

      if (merge)
        hl_tokens_get_word_range (tokens, cell, &first, &end);
      self->first[cell] = (guint) first;
      for (gsize token = first; token < end; token++)
        self->cell_of[token] = (guint) cell;
    }
  self->first[self->n] = (guint) n_tokens;
}

void
hl_sequence_cells_clear (HlSequenceCells *self)
{
  g_clear_pointer (&self->tokens, hl_tokens_unref);
  g_clear_pointer (&self->first, g_free);
  g_clear_pointer (&self->cell_of, g_free);
  self->n = 0;
}

char *
hl_sequence_cells_dup_text (const HlSequenceCells *self,
                            gsize                  cell)
{
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint token = self->first[cell]; token < self->first[cell + 1]; token++)
    {
      g_autofree char *display = hl_sequence_dup_display (hl_tokens_get (self->tokens, token), FALSE);

      g_string_append (text, display);
    }

  return g_strdup (text->str);
}

/* A channel of the file that shares one total among the tokens, as neat-vision's, adds up over the pieces of a word; one
 * that says something of each token by itself, as AttViz's, is averaged. */
static gboolean
shares_one_total (const float *values,
                  gsize        n)
{
  double sum = 0.0;

  for (gsize i = 0; i < n; i++)
    sum += values[i];

  return fabs (sum - 1.0) < 0.01;
}

void
hl_sequence_data_compute (HlSequenceData *self,
                          guint           head,
                          float          *out)
{
  const HlState *state = self->state;
  HlTokens *tokens = self->cells.tokens;

  if (self->attention != NULL)
    {
      HlSide pin_side = hl_channel_is_on_keys (state->channel) ? HL_SIDE_QUERY : HL_SIDE_KEY;
      g_autofree guint *pins = g_new (guint, state->n_pins + 1);
      gsize n_pins = 0;

      for (guint i = 0; i < state->n_pins; i++)
        if (state->pins[i].side == pin_side)
          pins[n_pins++] = state->pins[i].token;
      if (state->merge_words)
        hl_words_compute_channel (state->channel, self->attention, state->layer, head, pins, n_pins, out);
      else
        hl_channel_compute (state->channel, self->attention, state->layer, head, pins, n_pins, out);
    }
  else
    {
      const float *values = hl_scores_get_values (self->scores, head);
      gsize n_tokens = hl_tokens_get_length (tokens);

      if (!state->merge_words)
        memcpy (out, values, n_tokens * sizeof (float));
      else if (shares_one_total (values, n_tokens))
        hl_words_reduce_keys (tokens, values, out);
      else
        hl_words_reduce_queries (tokens, values, out);
    }
}

static double
find_largest (const float *values,
              gsize        n)
{
  double largest = 0.0;

  for (gsize i = 0; i < n; i++)
    if (isfinite (values[i]))
      largest = MAX (largest, fabs (values[i]));

  return largest;
}

/* The value at full strength. It is found over all heads of the layer and all channels of the set, on or not: no weight
 * changes its looks when another head is switched. Returns 0 if cancelled. */
static double
find_top (HlSequenceData *self,
          GCancellable   *cancellable)
{
  gsize n_heads = hl_state_get_n_heads (self->state);
  double largest = 0.0;

  if (self->attention != NULL && self->state->channel == HL_CHANNEL_FROM_PIN)
    return MAX (1, hl_state_count_pins (self->state, HL_SIDE_QUERY));
  if (self->attention != NULL && self->state->channel != HL_CHANNEL_RECEIVED)
    return 1.0;

  for (gsize head = 0; head < n_heads; head++)
    {
      g_autofree float *values = NULL;
      int lane = hl_sequence_data_find_lane (self, (guint) head);

      if (g_cancellable_is_cancelled (cancellable))
        return 0.0;
      if (lane < 0)
        {
          values = g_new0 (float, self->cells.n + 1);
          hl_sequence_data_compute (self, (guint) head, values);
        }
      largest = MAX (largest, find_largest (lane < 0 ? values : self->values + lane * self->cells.n, self->cells.n));
      /* Nor when the pieces of words are merged, as far as sums allow. */
      if (self->scores != NULL && self->state->merge_words)
        largest = MAX (largest, find_largest (hl_scores_get_values (self->scores, head),
                                              hl_tokens_get_length (self->cells.tokens)));
    }

  return largest > 0.0 && (largest < PALE || largest > 1.0) ? largest : 1.0;
}

static void
measure (HlSequenceData *self,
         const float    *values)
{
  for (gsize cell = 0; cell < self->cells.n; cell++)
    {
      double value = values[cell];

      if (!isfinite (value))
        {
          self->has_nan = TRUE;
          continue;
        }
      if (!self->shown[cell])
        continue;
      if (value < 0.0)
        self->has_negative = TRUE;
      value = fabs (value);
      self->largest = MAX (self->largest, value);
      if (value > 0.0 && value >= self->state->threshold && (self->smallest == 0.0 || value < self->smallest))
        self->smallest = value;
    }
}

static void
compute_aggregates (HlSequenceData *self)
{
  gsize n = self->cells.n;
  g_autofree const float **lanes = g_new (const float *, self->n_lanes + 1);
  gsize n_lanes = hl_sequence_data_list_sources (self, lanes);

  self->aggregate = g_new0 (float, n + 1);
  self->lowest = g_new0 (float, n + 1);
  self->highest = g_new0 (float, n + 1);
  if (self->n_lanes == 0 || n == 0)
    return;

  self->n_sources = n_lanes;
  /* Over one head there is nothing to aggregate: its deviation would be an empty picture. */
  if (self->n_lanes == 1)
    memcpy (self->aggregate, self->values, n * sizeof (float));
  else
    hl_aggregate_compute (self->state->aggregate, lanes, n_lanes, n, self->aggregate);

  /* The band spans what values there are, even where one is missing and the aggregate with it. */
  for (gsize cell = 0; cell < n; cell++)
    {
      self->lowest[cell] = self->highest[cell] = NAN;
      for (gsize lane = 0; lane < n_lanes; lane++)
        {
          float value = lanes[lane][cell];

          if (!isfinite (value))
            continue;
          if (isnan (self->lowest[cell]) || value < self->lowest[cell])
            self->lowest[cell] = value;
          if (isnan (self->highest[cell]) || value > self->highest[cell])
            self->highest[cell] = value;
        }
    }
}

static void
choose_ground (HlSequenceData *self)
{
  const HlState *state = self->state;
  gsize n = self->cells.n;
  double largest;

  self->ground_head = state->highlight >= 0 && (gsize) state->highlight < hl_state_get_n_heads (state) ?
                      state->highlight : -1;
  self->ground = g_new0 (float, n + 1);
  if (self->ground_head >= 0)
    hl_sequence_data_compute (self, (guint) self->ground_head, self->ground);
  else
    memcpy (self->ground, self->aggregate, n * sizeof (float));

  largest = find_largest (self->ground, n);
  self->ground_top = self->top;
  if (self->ground_head < 0 && self->n_lanes > 1 &&
      (state->aggregate == HL_AGGREGATE_STD || state->aggregate == HL_AGGREGATE_ENTROPY ||
       state->aggregate == HL_AGGREGATE_RANGE))
    {
      /* What is no weight has no natural end: an entropy here is never above 0.37. */
      if (state->aggregate != HL_AGGREGATE_RANGE || largest > self->top)
        self->ground_top = largest;
    }
  if (state->scale == HL_SCALE_ROW)
    self->ground_top = largest;
  if (self->ground_top <= 0.0)
    self->ground_top = 1.0;
}

gboolean
hl_sequence_data_init (HlSequenceData *self,
                       HlState        *state,
                       GCancellable   *cancellable)
{
  gboolean own = hl_state_shows_scores (state);
  HlSide side = !own && hl_channel_is_on_keys (state->channel) ? HL_SIDE_KEY : HL_SIDE_QUERY;
  HlTokens *tokens;
  gsize n_heads = hl_state_get_n_heads (state);
  gsize n;

  self->state = state;
  self->scores = own ? hl_state_get_scores (state) : NULL;
  self->attention = own ? NULL : hl_state_get_attention (state);
  tokens = self->scores != NULL ? hl_scores_get_tokens (self->scores) : hl_state_get_tokens (state, side);
  hl_sequence_cells_init (&self->cells, side, tokens, state->merge_words);
  n = self->cells.n;

  self->shown = g_new (guint8, n + 1);
  for (gsize cell = 0; cell < n; cell++)
    {
      self->shown[cell] = own;
      for (guint token = self->cells.first[cell]; token < self->cells.first[cell + 1] && !own; token++)
        if (side == HL_SIDE_KEY ? hl_state_shows_key (state, token) : hl_state_shows_query (state, token))
          self->shown[cell] = TRUE;
      if (own && state->hide_special)
        self->shown[cell] = !hl_tokens_get (tokens, self->cells.first[cell])->special;
    }

  self->waiting = self->attention != NULL &&
                  ((state->channel == HL_CHANNEL_FROM_PIN && hl_state_count_pins (state, HL_SIDE_QUERY) == 0) ||
                   (state->channel == HL_CHANNEL_TO_PIN && hl_state_count_pins (state, HL_SIDE_KEY) == 0));

  self->heads = g_new (guint, n_heads + 1);
  if (self->attention != NULL || self->scores != NULL)
    for (gsize head = 0; head < MIN (n_heads, HL_MAX_HEADS); head++)
      if (hl_head_set_has (&state->heads, head))
        self->heads[self->n_lanes++] = (guint) head;

  self->values = g_new0 (float, self->n_lanes * n + 1);
  self->tops = g_new (double, self->n_lanes + 1);
  for (gsize lane = 0; lane < self->n_lanes && !self->waiting; lane++)
    {
      if (g_cancellable_is_cancelled (cancellable))
        return FALSE;
      hl_sequence_data_compute (self, self->heads[lane], self->values + lane * n);
    }
  self->top = find_top (self, cancellable);
  for (gsize lane = 0; lane < self->n_lanes; lane++)
    {
      self->tops[lane] = self->top;
      if (state->scale == HL_SCALE_ROW)
        self->tops[lane] = find_largest (self->values + lane * n, n);
      if (self->tops[lane] <= 0.0)
        self->tops[lane] = 1.0;
      measure (self, self->values + lane * n);
    }
  compute_aggregates (self);
  choose_ground (self);
  measure (self, self->ground);

  return !g_cancellable_is_cancelled (cancellable);
}

void
hl_sequence_data_clear (HlSequenceData *self)
{
  hl_sequence_cells_clear (&self->cells);
  g_free (self->heads);
  g_free (self->values);
  g_free (self->tops);
  g_free (self->ground);
  g_free (self->aggregate);
  g_free (self->lowest);
  g_free (self->highest);
  g_free (self->shown);
  memset (self, 0, sizeof *self);
}

double
hl_sequence_data_intensity (const HlSequenceData *self,
                            double                value,
                            double                top)
{
  double size = fabs (value);

  if (!isfinite (value))
    return NAN;
  if (size == 0.0 || size < self->state->threshold)
    return 0.0;

  if (self->state->scale == HL_SCALE_LOG)
    {
      if (self->smallest <= 0.0 || top <= self->smallest)
        return 1.0;
      return HL_SEQUENCE_FAINTEST + (1.0 - HL_SEQUENCE_FAINTEST) *
             CLAMP ((log (size) - log (self->smallest)) / (log (top) - log (self->smallest)), 0.0, 1.0);
    }

  return MIN (size / top, 1.0);
}

char *
hl_sequence_data_dup_head (const HlSequenceData *self,
                           guint                 head)
{
  g_autofree char *name = hl_state_dup_head_name (self->state, head);

  if (self->attention != NULL)
    return g_strdup_printf (_("Head %s"), name);
  /* Channels that are bare numbers need a noun beside them. */
  if (name[0] != '\0' && strspn (name, "0123456789") == strlen (name))
    return g_strdup_printf (_("Channel %s"), name);

  return g_steal_pointer (&name);
}

const char *
hl_sequence_data_get_phrase (const HlSequenceData *self)
{
  if (self->attention == NULL)
    return _("value in the file");

  switch (self->state->channel)
    {
    case HL_CHANNEL_SELF:
      return _("attention to itself");
    case HL_CHANNEL_RECEIVED:
      return _("attention received (mean over queries)");
    case HL_CHANNEL_FROM_PIN:
      return _("attention from the pinned tokens");
    case HL_CHANNEL_TO_PIN:
      return _("attention to the pinned tokens");
    case HL_CHANNEL_OWN:
    default:
      return _("value in the file");
    }
}

gsize
hl_sequence_data_list_sources (const HlSequenceData  *self,
                               const float          **lanes)
{
  gsize n_sources = 0;

  for (gsize lane = 0; lane < self->n_lanes; lane++)
    if (self->scores == NULL || !hl_scores_is_derived (self->scores, self->heads[lane]))
      lanes[n_sources++] = self->values + lane * self->cells.n;

  if (n_sources > 0)
    return n_sources;

  for (gsize lane = 0; lane < self->n_lanes; lane++)
    lanes[lane] = self->values + lane * self->cells.n;

  return self->n_lanes;
}

int
hl_sequence_data_find_lane (const HlSequenceData *self,
                            guint                 head)
{
  for (gsize lane = 0; lane < self->n_lanes; lane++)
    if (self->heads[lane] == head)
      return (int) lane;

  return -1;
}
