#include "hl-state.h"

#include <string.h>

typedef struct
{
  HlState         state;      /* first: an HlState* is one of these */
  gatomicrefcount ref_count;
} StateBox;

/* Whole numbers separated by commas, as many as can be read. */
static GArray *
parse_numbers (const char *text)
{
  GArray *numbers = g_array_new (FALSE, FALSE, sizeof (guint));

  while (text != NULL && g_ascii_isdigit (*text))
    {
      char *end;
      guint64 number = g_ascii_strtoull (text, &end, 10);

      if (number > G_MAXINT)
        break;
      g_array_append_val (numbers, ((guint) { (guint) number }));
      if (*end != ',')
        break;
      text = end + 1;
      while (*text == ' ')
        text++;
    }

  return numbers;
}

static gboolean
find_head (HlAttention *attention,
           guint        layer,
           guint        number,
           guint       *head)
{
  for (gsize i = 0; i < MIN (hl_attention_get_n_heads (attention, layer), HL_MAX_HEADS); i++)
    if (hl_attention_get_head_number (attention, i) == number)
      {
        *head = (guint) i;
        return TRUE;
      }

  return FALSE;
}

/* A file may say what to show first: what BertViz was called with, or what its author wants to be seen. Metadata
 * "layer", "heads", "head" are numbers as in the model, "query" and "key" tokens to pin. What is not there is left out. */
static void
apply_wishes (HlState *self)
{
  HlAttention *attention = hl_state_get_attention (self);
  g_autoptr (GArray) layer = parse_numbers (hl_trace_get_metadata (self->trace, "layer"));
  g_autoptr (GArray) heads = parse_numbers (hl_trace_get_metadata (self->trace, "heads"));
  g_autoptr (GArray) head = parse_numbers (hl_trace_get_metadata (self->trace, "head"));
  g_autoptr (GArray) queries = parse_numbers (hl_trace_get_metadata (self->trace, "query"));
  g_autoptr (GArray) keys = parse_numbers (hl_trace_get_metadata (self->trace, "key"));
  g_autoptr (GArray) pins = g_array_new (FALSE, FALSE, sizeof (HlPin));
  HlHeadSet set = { 0 };
  guint found;

  if (attention == NULL || hl_attention_get_n_layers (attention) == 0)
    return;

  for (gsize i = 0; i < hl_attention_get_n_layers (attention) && layer->len > 0; i++)
    if (hl_attention_get_layer_number (attention, i) == g_array_index (layer, guint, 0))
      self->layer = (guint) i;
  for (guint i = 0; i < heads->len; i++)
    if (find_head (attention, self->layer, g_array_index (heads, guint, i), &found))
      hl_head_set_put (&set, found, TRUE);
  if (hl_head_set_count (&set, HL_MAX_HEADS) > 0)
    self->heads = set;
  if (head->len > 0 && find_head (attention, self->layer, g_array_index (head, guint, 0), &found))
    self->head = found;
  for (guint i = 0; i < queries->len; i++)
    g_array_append_val (pins, ((HlPin) { HL_SIDE_QUERY, g_array_index (queries, guint, i) }));
  for (guint i = 0; i < keys->len; i++)
    g_array_append_val (pins, ((HlPin) { HL_SIDE_KEY, g_array_index (keys, guint, i) }));
  hl_state_set_pins (self, (const HlPin *) pins->data, pins->len);
}

HlState *
hl_state_new (HlTrace *trace,
              guint    instance)
{
  StateBox *box = g_new0 (StateBox, 1);
  HlState *self = &box->state;

  g_atomic_ref_count_init (&box->ref_count);
  self->trace = trace != NULL ? hl_trace_ref (trace) : NULL;
  self->instance = instance;
  memset (&self->heads, 0xff, sizeof self->heads);
  self->hover = HL_HOVER_NONE;
  self->highlight = -1;
  self->zoom = 1;
  self->channel = HL_CHANNEL_RECEIVED;
  if (trace != NULL && hl_trace_get_n_attentions (trace) == 0)
    self->channel = HL_CHANNEL_OWN;
  if (trace != NULL)
    apply_wishes (self);
  hl_state_clamp (self);

  return self;
}

HlState *
hl_state_ref (HlState *self)
{
  g_atomic_ref_count_inc (&((StateBox *) self)->ref_count);

  return self;
}

void
hl_state_unref (HlState *self)
{
  if (!g_atomic_ref_count_dec (&((StateBox *) self)->ref_count))
    return;

  g_clear_pointer (&self->trace, hl_trace_unref);
  g_free (self->colours);
  g_free ((HlPin *) self->pins);
  g_free (self);
}

HlState *
hl_state_copy (const HlState *self)
{
  StateBox *box = g_new0 (StateBox, 1);
  HlState *copy = &box->state;

  *copy = *self;
  g_atomic_ref_count_init (&box->ref_count);
  if (self->trace != NULL)
    hl_trace_ref (self->trace);
  copy->colours = g_memdup2 (self->colours, HL_MAX_HEADS * sizeof (gint32));
  copy->pins = g_memdup2 (self->pins, self->n_pins * sizeof (HlPin));

  return copy;
}

void
hl_state_set_pins (HlState     *self,
                   const HlPin *pins,
                   guint        n_pins)
{
  HlPin *copy = g_memdup2 (pins, n_pins * sizeof (HlPin));

  g_free ((HlPin *) self->pins);
  self->pins = copy;
  self->n_pins = n_pins;
}

static gsize
count_tokens (const HlState *self,
              HlSide         side)
{
  HlTokens *tokens = hl_state_get_tokens (self, side);

  return tokens != NULL ? hl_tokens_get_length (tokens) : 0;
}

static void
clamp_hovered_neuron (HlState     *self,
                      HlAttention *attention)
{
  HlProjections *projections = attention != NULL ? hl_attention_get_projections (attention) : NULL;

  if (projections == NULL || self->layer >= hl_projections_get_n_layers (projections))
    {
      self->hover.neuron = -1;
      self->hover.value = -1;
      return;
    }

  if (self->hover.neuron >= (int) hl_projections_get_dimension (projections, HL_PROJECTION_QUERY, self->layer))
    self->hover.neuron = -1;
  if (!hl_projections_has (projections, HL_PROJECTION_VALUE) ||
      self->hover.value >= (int) hl_projections_get_dimension (projections, HL_PROJECTION_VALUE, self->layer))
    self->hover.value = -1;
}

void
hl_state_clamp (HlState *self)
{
  HlTrace *trace = self->trace;
  HlAttention *attention;
  g_autofree HlPin *pins = NULL;
  guint n_pins = 0;
  gsize n_heads;

  self->attention = trace != NULL && hl_trace_get_n_attentions (trace) > 0
                      ? MIN (self->attention, (guint) hl_trace_get_n_attentions (trace) - 1) : 0;
  self->scores = trace != NULL && hl_trace_get_n_scores (trace) > 0
                   ? MIN (self->scores, (guint) hl_trace_get_n_scores (trace) - 1) : 0;

  attention = hl_state_get_attention (self);
  if (attention != NULL && hl_attention_get_n_layers (attention) > 0)
    self->layer = MIN (self->layer, (guint) hl_attention_get_n_layers (attention) - 1);
  else
    self->layer = 0;

  if (trace != NULL)
    {
      if (attention == NULL)
        self->channel = HL_CHANNEL_OWN;
      else if (self->channel == HL_CHANNEL_OWN && hl_trace_get_n_scores (trace) == 0)
        self->channel = HL_CHANNEL_RECEIVED;
    }

  n_heads = hl_state_get_n_heads (self);
  if (attention != NULL && hl_attention_get_n_layers (attention) > 0)
    self->head = MIN (self->head, (guint) MAX (hl_attention_get_n_heads (attention, self->layer), 1) - 1);
  else
    self->head = 0;
  if (n_heads > 0 && hl_head_set_count (&self->heads, (guint) n_heads) == 0)
    memset (&self->heads, 0xff, sizeof self->heads);
  if (self->highlight >= (int) n_heads)
    self->highlight = -1;

  pins = g_new (HlPin, self->n_pins + 1);
  for (guint i = 0; i < self->n_pins; i++)
    if (self->pins[i].token < count_tokens (self, self->pins[i].side))
      pins[n_pins++] = self->pins[i];
  if (n_pins != self->n_pins)
    hl_state_set_pins (self, pins, n_pins);

  if (self->hover.query >= (int) count_tokens (self, HL_SIDE_QUERY))
    self->hover.query = -1;
  if (self->hover.key >= (int) count_tokens (self, HL_SIDE_KEY))
    self->hover.key = -1;

  clamp_hovered_neuron (self, attention);

  self->threshold = CLAMP (self->threshold, 0.0, 1.0);
  self->zoom = self->zoom >= 1 ? MIN (self->zoom, HL_MAX_ZOOM) : 1;
}

HlAttention *
hl_state_get_attention (const HlState *self)
{
  if (self->trace == NULL || self->attention >= hl_trace_get_n_attentions (self->trace))
    return NULL;

  return hl_trace_get_attention (self->trace, self->attention);
}

HlScores *
hl_state_get_scores (const HlState *self)
{
  if (self->trace == NULL || self->scores >= hl_trace_get_n_scores (self->trace))
    return NULL;

  return hl_trace_get_scores (self->trace, self->scores);
}

gboolean
hl_state_shows_scores (const HlState *self)
{
  return self->channel == HL_CHANNEL_OWN && hl_state_get_scores (self) != NULL;
}

HlTokens *
hl_state_get_tokens (const HlState *self,
                     HlSide         side)
{
  HlAttention *attention = hl_state_get_attention (self);
  HlScores *scores = hl_state_get_scores (self);

  if (attention != NULL)
    return side == HL_SIDE_QUERY ? hl_attention_get_queries (attention) : hl_attention_get_keys (attention);

  return scores != NULL ? hl_scores_get_tokens (scores) : NULL;
}

gsize
hl_state_get_n_heads (const HlState *self)
{
  HlAttention *attention = hl_state_get_attention (self);
  gsize n;

  if (attention != NULL && !hl_state_shows_scores (self))
    n = self->layer < hl_attention_get_n_layers (attention) ? hl_attention_get_n_heads (attention, self->layer) : 0;
  else if (hl_state_get_scores (self) != NULL)
    n = hl_scores_get_n_channels (hl_state_get_scores (self));
  else
    n = 0;

  return MIN (n, HL_MAX_HEADS);
}

char *
hl_state_dup_head_name (const HlState *self,
                        gsize          head)
{
  HlAttention *attention = hl_state_get_attention (self);

  g_return_val_if_fail (head < hl_state_get_n_heads (self), NULL);

  if (hl_state_shows_scores (self) || attention == NULL)
    return g_strdup (hl_scores_get_channel_name (hl_state_get_scores (self), head));

  return g_strdup_printf ("%u", hl_attention_get_head_number (attention, head));
}

static gboolean
shows_token (const HlState *self,
             HlTokens      *tokens,
             gsize          index,
             int            segment) /* -1: any */
{
  const HlToken *token = hl_tokens_get (tokens, index);

  if (self->hide_special && token->special)
    return FALSE;

  return segment < 0 || token->segment == segment;
}

gboolean
hl_state_shows_query (const HlState *self,
                      gsize          query)
{
  HlTokens *tokens = hl_state_get_tokens (self, HL_SIDE_QUERY);
  int segment = self->filter == HL_FILTER_ALL ? -1 : self->filter == HL_FILTER_BA || self->filter == HL_FILTER_BB;

  return shows_token (self, tokens, query, segment);
}

gboolean
hl_state_shows_key (const HlState *self,
                    gsize          key)
{
  HlTokens *tokens = hl_state_get_tokens (self, HL_SIDE_KEY);
  int segment = self->filter == HL_FILTER_ALL ? -1 : self->filter == HL_FILTER_AB || self->filter == HL_FILTER_BB;

  return shows_token (self, tokens, key, segment);
}

gboolean
hl_state_has_pin (const HlState *self,
                  HlSide         side,
                  guint          token)
{
  for (guint i = 0; i < self->n_pins; i++)
    if (self->pins[i].side == side && self->pins[i].token == token)
      return TRUE;

  return FALSE;
}

guint
hl_state_count_pins (const HlState *self,
                     HlSide         side)
{
  guint n = 0;

  for (guint i = 0; i < self->n_pins; i++)
    n += self->pins[i].side == side;

  return n;
}

gboolean
hl_head_set_has (const HlHeadSet *set,
                 guint            head)
{
  return head < HL_MAX_HEADS && (set->bits[head / 64] >> (head % 64) & 1) != 0;
}

void
hl_head_set_put (HlHeadSet *set,
                 guint      head,
                 gboolean   on)
{
  guint64 bit = G_GUINT64_CONSTANT (1) << (head % 64);

  g_return_if_fail (head < HL_MAX_HEADS);

  if (on)
    set->bits[head / 64] |= bit;
  else
    set->bits[head / 64] &= ~bit;
}

guint
hl_head_set_count (const HlHeadSet *set,
                   guint            n_heads)
{
  guint n = 0;

  for (guint head = 0; head < n_heads; head++)
    n += hl_head_set_has (set, head);

  return n;
}
