#include "config.h"

#include "hl-sequence-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* The sequence view in words, and its numbers as CSV. */

/* Heads that a description lists one by one. */
#define MAX_LISTED 16

const char *
hl_sequence_get_hint (const HlSequenceFigure *self)
{
  gboolean one_block = self->n_blocks < 2;

  if (!self->data.waiting)
    return NULL;
  if (self->data.state->channel == HL_CHANNEL_FROM_PIN)
    return one_block ? _("Click a token to see what it attends to") : _("Click a query token to see what it attends to");

  return one_block ? _("Ctrl-click a token to see what attends to it") : _("Click a key token to see what attends to it");
}

/* The cells of one side: those of the block that shows it. */
static const HlSequenceCells *
find_cells (HlSequenceFigure *self,
            int               side)
{
  for (gsize i = 0; i < self->n_blocks; i++)
    if ((int) self->blocks[i].cells.side == side)
      return &self->blocks[i].cells;

  return NULL;
}

static gssize
find_cell (const HlSequenceCells *cells,
           int                    token)
{
  if (token < 0 || (gsize) token >= hl_tokens_get_length (cells->tokens))
    return -1;

  return (gssize) cells->cell_of[token];
}

static void
append_name (GString               *text,
             const HlSequenceCells *cells,
             gsize                  cell,
             gboolean               merged)
{
  guint first = cells->first[cell];
  guint last = cells->first[cell + 1] - 1;
  g_autofree char *shown = hl_sequence_cells_dup_text (cells, cell);
  const HlToken *token = hl_tokens_get (cells->tokens, first);
  gsize word, word_first, word_end;

  if (merged && last > first)
    {
      g_string_append_printf (text, _("Word %" G_GSIZE_FORMAT " “%s”, tokens %u to %u"), cell, shown, first, last);
    }
  else
    {
      g_string_append_printf (text, _("Token %u “%s”"), first, token->text);
      word = hl_tokens_get_word_of (cells->tokens, first);
      hl_tokens_get_word_range (cells->tokens, word, &word_first, &word_end);
      if (word_end > word_first + 1)
        {
          g_autofree char *whole = hl_tokens_dup_word (cells->tokens, word);

          g_string_append_printf (text, _(", word “%s”"), whole);
        }
    }
  if (hl_tokens_has_segments (cells->tokens))
    g_string_append_printf (text, _(", segment %s"), token->segment == 0 ? "A" : "B");
  if (token->special)
    g_string_append (text, _(", special"));
}

static void
append_number (GString *text,
               double   value)
{
  g_autofree char *number = hl_text_number (value);

  g_string_append (text, isnan (value) ? _("no value") : number);
}

/* "mean 0.123, minimum 0.001 (head 4), maximum 0.5 (head 3)" and each head by itself. */
static void
append_values (GString        *text,
               HlSequenceData *data,
               gsize           cell)
{
  gsize lowest = 0, highest = 0;
  g_autofree char *aggregate = g_utf8_strdown (hl_aggregate_get_name (data->state->aggregate), -1);

  if (data->n_lanes == 0)
    return;
  g_string_append_printf (text, "\n%s: ", hl_sequence_data_get_phrase (data));
  if (data->n_lanes == 1)
    {
      append_number (text, data->values[cell]);
      return;
    }

  for (gsize lane = 0; lane < data->n_lanes; lane++)
    {
      float value = data->values[lane * data->cells.n + cell];

      if (value == data->lowest[cell] && data->values[lowest * data->cells.n + cell] != data->lowest[cell])
        lowest = lane;
      if (value == data->highest[cell] && data->values[highest * data->cells.n + cell] != data->highest[cell])
        highest = lane;
    }
  g_string_append_printf (text, "%s ", aggregate);
  append_number (text, data->aggregate[cell]);
  if (isfinite (data->lowest[cell]))
    {
      g_autofree char *low_name = hl_sequence_data_dup_head (data, data->heads[lowest]);
      g_autofree char *high_name = hl_sequence_data_dup_head (data, data->heads[highest]);

      g_string_append (text, _(", lowest "));
      append_number (text, data->lowest[cell]);
      g_string_append_printf (text, " (%s)", low_name);
      g_string_append (text, _(", highest "));
      append_number (text, data->highest[cell]);
      g_string_append_printf (text, " (%s)", high_name);
    }
  g_string_append_c (text, '\n');
  for (gsize lane = 0; lane < MIN (data->n_lanes, MAX_LISTED); lane++)
    {
      g_autofree char *name = hl_state_dup_head_name (data->state, data->heads[lane]);

      g_string_append_printf (text, "%s%s: ", lane == 0 ? "" : ", ", name);
      append_number (text, data->values[lane * data->cells.n + cell]);
    }
  if (data->n_lanes > MAX_LISTED)
    g_string_append (text, " …");
}

static char *
describe_cell (HlSequenceFigure *self,
               HlElement         element)
{
  HlSequenceData *data = &self->data;
  const HlSequenceCells *cells = find_cells (self, element.j);
  g_autoptr (GString) text = NULL;
  gssize cell;
  int lane;

  if (cells == NULL)
    return NULL;
  cell = find_cell (cells, element.i);
  if (cell < 0)
    return NULL;

  text = g_string_new (NULL);
  append_name (text, cells, (gsize) cell, data->state->merge_words);
  if (hl_state_has_pin (data->state, HL_SIDE_QUERY, (guint) element.i))
    g_string_append (text, _(", pinned as query"));
  if (hl_state_has_pin (data->state, HL_SIDE_KEY, (guint) element.i))
    g_string_append (text, _(", pinned as key"));

  if (cells->side != data->cells.side)
    return g_strdup (text->str);
  if (data->waiting)
    {
      g_string_append_printf (text, "\n%s", hl_sequence_get_hint (self));
    }
  else if (!data->shown[cell])
    {
      g_string_append_printf (text, "\n%s", _("left out by the filter"));
    }
  else if (element.kind == HL_SEQUENCE_VALUE)
    {
      g_autofree char *name = NULL;

      lane = hl_sequence_data_find_lane (data, (guint) element.k);
      if (lane < 0)
        return NULL;
      name = hl_sequence_data_dup_head (data, (guint) element.k);
      g_string_append_printf (text, "\n%s, %s: ", name, hl_sequence_data_get_phrase (data));
      append_number (text, data->values[(gsize) lane * data->cells.n + (gsize) cell]);
    }
  else
    {
      append_values (text, data, (gsize) cell);
    }

  return g_strdup (text->str);
}

static char *
describe_lane (HlSequenceFigure *self,
               HlElement         element)
{
  HlSequenceData *data = &self->data;
  int lane = element.i >= 0 ? hl_sequence_data_find_lane (data, (guint) element.i) : -1;
  g_autoptr (GString) text = NULL;
  g_autofree char *name = NULL;
  const float *values;
  gssize best = -1;

  if (lane < 0)
    return NULL;
  values = data->values + (gsize) lane * data->cells.n;
  for (gsize cell = 0; cell < data->cells.n; cell++)
    if (data->shown[cell] && isfinite (values[cell]) && (best < 0 || values[cell] > values[best]))
      best = (gssize) cell;

  name = hl_sequence_data_dup_head (data, (guint) element.i);
  text = g_string_new (NULL);
  g_string_append_printf (text, "%s, %s", name, hl_sequence_data_get_phrase (data));
  if (best >= 0 && !data->waiting)
    {
      g_autofree char *token = hl_sequence_cells_dup_text (&data->cells, (gsize) best);

      g_string_append (text, _(": largest "));
      append_number (text, values[best]);
      g_string_append_printf (text, _(" at %" G_GSIZE_FORMAT " “%s”"), (gsize) best, token);
    }
  if (data->ground_head == element.i)
    g_string_append (text, _("; colours the text"));

  return g_strdup (text->str);
}

char *
hl_sequence_describe (HlSequenceFigure *self,
                      HlElement         element)
{
  switch (element.kind)
    {
    case HL_SEQUENCE_TOKEN:
    case HL_SEQUENCE_VALUE:
    case HL_SEQUENCE_POINT:
      return describe_cell (self, element);

    case HL_SEQUENCE_LANE:
      return describe_lane (self, element);

    case HL_SEQUENCE_CLASS:
    case HL_SEQUENCE_CLASS_ROW:
    case HL_SEQUENCE_DETAILS:
      return hl_sequence_classes_describe (&self->classes, element);

    default:
      return NULL;
    }
}

char *
hl_sequence_summarise (HlSequenceFigure *self)
{
  HlSequenceData *data = &self->data;
  g_autoptr (GString) text = g_string_new (NULL);
  gsize n_tokens = hl_tokens_get_length (data->cells.tokens);
  g_autofree char *count = hl_text_count (n_tokens);
  g_autofree char *sentence = hl_sequence_classes_dup_sentence (&self->classes);
  gssize best = -1;

  /* What tells most comes first: there may not be room for more. */
  if (sentence != NULL)
    g_string_append_printf (text, "%s. ", sentence);

  for (gsize cell = 0; cell < data->cells.n; cell++)
    if (data->shown[cell] && isfinite (data->ground[cell]) && (best < 0 || data->ground[cell] > data->ground[best]))
      best = (gssize) cell;
  if (data->waiting)
    {
      g_string_append_printf (text, "%s. ", hl_sequence_get_hint (self));
    }
  else if (best >= 0 && data->n_lanes > 0)
    {
      g_autofree char *token = hl_sequence_cells_dup_text (&data->cells, (gsize) best);

      g_string_append_printf (text, _("Strongest at “%s”, "), token);
      append_number (text, data->ground[best]);
      g_string_append (text, ": ");
    }

  if (data->n_lanes > 0)
    g_string_append_printf (text, g_dngettext (GETTEXT_PACKAGE, "%s, %" G_GSIZE_FORMAT " lane, ",
                                               "%s, %" G_GSIZE_FORMAT " lanes, ", data->n_lanes),
                            hl_sequence_data_get_phrase (data), data->n_lanes);
  if (data->attention != NULL)
    g_string_append_printf (text, _("layer %u, "), hl_attention_get_layer_number (data->attention, data->state->layer));
  g_string_append_printf (text, g_dngettext (GETTEXT_PACKAGE, "%s token", "%s tokens", n_tokens), count);

  return g_strdup (text->str);
}

/* Names of columns are not translated: scripts read them. */
static const char * const aggregate_columns[HL_N_AGGREGATES] = {
  [HL_AGGREGATE_MEAN] = "mean",       [HL_AGGREGATE_STD] = "std",         [HL_AGGREGATE_MAX] = "max",
  [HL_AGGREGATE_MIN] = "min",         [HL_AGGREGATE_RANGE] = "max-min",   [HL_AGGREGATE_ENTROPY] = "entropy",
};

void
hl_sequence_write_csv (HlSequenceFigure *self,
                       GString          *csv)
{
  HlSequenceData *data = &self->data;
  const HlSequenceCells *cells = &data->cells;
  g_autofree const float **sources = g_new (const float *, data->n_lanes + 1);
  g_autofree float *aggregates = g_new0 (float, HL_N_AGGREGATES * cells->n + 1);
  gsize n_sources = hl_sequence_data_list_sources (data, sources);

  g_string_append (csv, "index,token,start,end,segment,special");
  for (gsize lane = 0; lane < data->n_lanes; lane++)
    {
      g_autofree char *name = hl_state_dup_head_name (data->state, data->heads[lane]);
      g_autofree char *column = data->attention != NULL ? g_strdup_printf ("head %s", name) : g_strdup (name);

      g_string_append_c (csv, ',');
      hl_csv_append (csv, column, ',');
      g_string_truncate (csv, csv->len - 1);
    }
  for (gsize i = 0; i < HL_N_AGGREGATES && data->n_lanes > 0; i++)
    {
      g_string_append_printf (csv, ",%s", aggregate_columns[i]);
      hl_aggregate_compute ((HlAggregate) i, sources, n_sources, cells->n, aggregates + i * cells->n);
    }
  g_string_append_c (csv, '\n');

  for (gsize cell = 0; cell < cells->n; cell++)
    {
      const HlToken *first = hl_tokens_get (cells->tokens, cells->first[cell]);
      const HlToken *last = hl_tokens_get (cells->tokens, cells->first[cell + 1] - 1);
      g_autofree char *word = first == last ? g_strdup (first->text) : hl_sequence_cells_dup_text (cells, cell);

      g_string_append_printf (csv, "%u,", cells->first[cell]);
      hl_csv_append (csv, word, ',');
      /* A token without a place in the input has none here either. */
      if (first->start >= 0 && last->end >= 0)
        g_string_append_printf (csv, "%d,%d,", first->start, last->end);
      else
        g_string_append (csv, ",,");
      g_string_append_printf (csv, "%s,%d,", first->segment == 0 ? "A" : "B", first->special ? 1 : 0);
      for (gsize lane = 0; lane < data->n_lanes; lane++)
        hl_csv_append_number (csv, data->values[lane * cells->n + cell], ',');
      for (gsize i = 0; i < HL_N_AGGREGATES && data->n_lanes > 0; i++)
        hl_csv_append_number (csv, aggregates[i * cells->n + cell], ',');
      g_string_truncate (csv, csv->len - 1);
      g_string_append_c (csv, '\n');
    }
}
