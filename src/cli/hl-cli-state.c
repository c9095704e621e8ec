#include "config.h"

#include "hl-cli-options.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "hl-analysis-enums.h"
#include "hl-cli.h"
#include "hl-selection-enums.h"
#include "hl-trace-enums.h"

/* From words to a state. Layers, heads and tokens are named as the file numbers them. */

/* A whole number without sign; @end is what follows. */
static gboolean
parse_number (const char  *text,
              const char **end,
              guint       *number)
{
  guint64 value;
  char *stop;

  if (!g_ascii_isdigit (text[0]))
    return FALSE;
  value = g_ascii_strtoull (text, &stop, 10);
  if (value > G_MAXINT)
    return FALSE;
  *number = (guint) value;
  *end = stop;

  return TRUE;
}

/* The index of the head with @number: heads of a dump may be a selection of the model's. */
static gboolean
find_head (const HlState *state,
           guint          number,
           guint         *head,
           int           *status)
{
  HlAttention *attention = hl_state_shows_scores (state) ? NULL : hl_state_get_attention (state);
  gsize n = hl_state_get_n_heads (state);

  for (gsize i = 0; i < n; i++)
    if ((attention != NULL ? hl_attention_get_head_number (attention, i) : i) == number)
      {
        *head = (guint) i;
        return TRUE;
      }

  *status = hl_cli_complain (HL_CLI_BAD, _("There is no head %u; this layer has %u."), number, (guint) n);

  return FALSE;
}

/* "all", or numbers and ranges: "0,3,5-7". */
static gboolean
apply_heads (HlCliOptions *self,
             HlState      *state,
             int          *status)
{
  const char *p = self->heads;

  if (p == NULL || strcmp (p, "all") == 0)
    return TRUE;

  memset (&state->heads, 0, sizeof state->heads);
  while (TRUE)
    {
      guint first, last, head;

      if (!parse_number (p, &p, &first))
        break;
      last = first;
      if (*p == '-' && !parse_number (p + 1, &p, &last))
        break;
      if (last < first || last - first > HL_MAX_HEADS || (*p != ',' && *p != '\0'))
        break;
      for (guint number = first; number <= last; number++)
        {
          if (!find_head (state, number, &head, status))
            return FALSE;
          hl_head_set_put (&state->heads, head, TRUE);
        }
      if (*p == '\0')
        return TRUE;
      p++;
    }

  *status = hl_cli_complain (HL_CLI_USAGE, _("--heads “%s” must be “all” or numbers and ranges like 0,3,5-7."), self->heads);

  return FALSE;
}

/* The one head: --head, else the first of --heads. */
static gboolean
apply_head (HlCliOptions *self,
            HlState      *state,
            int          *status)
{
  if (self->head >= 0)
    return find_head (state, (guint) self->head, &state->head, status);

  for (guint head = 0; head < hl_state_get_n_heads (state) && self->heads != NULL; head++)
    if (hl_head_set_has (&state->heads, head))
      {
        state->head = head;
        break;
      }

  return TRUE;
}

/* Adds pins for a comma-separated list of token numbers or texts; a text means the first token that reads so. */
static gboolean
add_pins (const char *text,
          HlSide      side,
          HlState    *state,
          int        *status)
{
  HlTokens *tokens = hl_state_get_tokens (state, side);
  gsize n = tokens != NULL ? hl_tokens_get_length (tokens) : 0;
  g_autoptr (GArray) pins = g_array_new (FALSE, FALSE, sizeof (HlPin));
  g_auto (GStrv) parts = NULL;

  if (text == NULL)
    return TRUE;

  g_array_append_vals (pins, state->pins, state->n_pins);
  parts = g_strsplit (text, ",", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      const char *end = parts[i];
      HlPin pin = { side, 0 };

      if (!parse_number (parts[i], &end, &pin.token) || *end != '\0')
        for (pin.token = 0; pin.token < n; pin.token++)
          if (strcmp (hl_tokens_get (tokens, pin.token)->surface, parts[i]) == 0)
            break;
      if (pin.token >= n)
        {
          *status = hl_cli_complain (HL_CLI_BAD, _("There is no token “%s” among the %u of this side."), parts[i], (guint) n);
          return FALSE;
        }
      g_array_append_val (pins, pin);
    }
  hl_state_set_pins (state, (const HlPin *) pins->data, pins->len);

  return TRUE;
}

static gboolean
apply_kind (HlCliOptions *self,
            HlState      *state,
            int          *status)
{
  int kind = 0;
  gssize found;

  if (self->kind == NULL)
    return TRUE;
  if (!hl_cli_parse_nick (HL_TYPE_ATTENTION_KIND, "kind", self->kind, &kind, status))
    return FALSE;

  found = hl_trace_find_attention (state->trace, (HlAttentionKind) kind);
  if (found < 0)
    {
      *status = hl_cli_complain (HL_CLI_BAD, _("%s: there is no attention of the kind “%s”."), self->files[0], self->kind);
      return FALSE;
    }
  state->attention = (guint) found;

  return TRUE;
}

static gboolean
apply_layer (HlCliOptions *self,
             HlState      *state,
             int          *status)
{
  HlAttention *attention = hl_state_get_attention (state);
  gsize n_layers = attention != NULL ? hl_attention_get_n_layers (attention) : 0;

  if (self->layer < 0)
    return TRUE;
  for (gsize layer = 0; layer < n_layers; layer++)
    if (hl_attention_get_layer_number (attention, layer) == (guint) self->layer)
      {
        state->layer = (guint) layer;
        return TRUE;
      }

  *status = hl_cli_complain (HL_CLI_BAD, _("%s: there is no layer %d; there are %u, counted from 0."), self->files[0],
                             self->layer, (guint) n_layers);

  return FALSE;
}

static gboolean
apply_highlight (HlCliOptions *self,
                 HlState      *state,
                 int          *status)
{
  const char *end;
  guint number, head;

  if (self->highlight == NULL || strcmp (self->highlight, "aggregate") == 0)
    return TRUE;
  if (!parse_number (self->highlight, &end, &number) || *end != '\0')
    {
      *status = hl_cli_complain (HL_CLI_USAGE, _("--highlight “%s” must be a head's number or “aggregate”."), self->highlight);
      return FALSE;
    }
  if (!find_head (state, number, &head, status))
    return FALSE;
  state->highlight = (int) head;

  return TRUE;
}

HlState *
hl_cli_options_get_state (HlCliOptions *self,
                          HlTrace      *trace,
                          int          *status)
{
  g_autoptr (HlState) state = hl_state_new (trace, (guint) MAX (self->instance, 0));
  int filter = (int) state->filter;
  int channel = (int) state->channel;
  int aggregate = (int) state->aggregate;
  int scale = (int) state->scale;
  int layout = (int) state->layout;
  int thumbnail = (int) state->thumbnail;

  if (!hl_cli_parse_nick (HL_TYPE_FILTER, "filter", self->filter, &filter, status) ||
      !hl_cli_parse_nick (HL_TYPE_CHANNEL, "channel", self->channel, &channel, status) ||
      !hl_cli_parse_nick (HL_TYPE_AGGREGATE, "aggregate", self->aggregate, &aggregate, status) ||
      !hl_cli_parse_nick (HL_TYPE_SCALE, "scale", self->scale, &scale, status) ||
      !hl_cli_parse_nick (HL_TYPE_LAYOUT, "layout", self->layout, &layout, status) ||
      !hl_cli_parse_nick (HL_TYPE_THUMBNAIL, "thumbnails", self->thumbnails, &thumbnail, status))
    return NULL;
  if (!(self->threshold >= 0 && self->threshold <= 1))
    {
      *status = hl_cli_complain (HL_CLI_USAGE, _("--threshold must lie between 0 and 1."));
      return NULL;
    }

  state->filter = (HlFilter) filter;
  state->channel = (HlChannel) channel;
  state->aggregate = (HlAggregate) aggregate;
  state->scale = (HlScale) scale;
  state->layout = (HlLayout) layout;
  state->thumbnail = (HlThumbnail) thumbnail;
  state->threshold = self->threshold;
  state->hide_special = self->hide_special;
  state->enlarged = self->enlarge;
  state->merge_words = self->merge_words;
  state->sort_neurons = self->sort_neurons;

  if (!apply_kind (self, state, status) || !apply_layer (self, state, status))
    return NULL;
  /* What follows counts heads and tokens of what is shown now. */
  hl_state_clamp (state);
  if (self->query != NULL || self->key != NULL)
    hl_state_set_pins (state, NULL, 0);
  if (!apply_heads (self, state, status) || !apply_head (self, state, status) || !apply_highlight (self, state, status) ||
      !add_pins (self->query, HL_SIDE_QUERY, state, status) || !add_pins (self->key, HL_SIDE_KEY, state, status))
    return NULL;
  hl_state_clamp (state);

  return g_steal_pointer (&state);
}
