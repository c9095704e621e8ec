#include "hl-selection.h"

#include <string.h>

/* States kept for undo. They share their traces, so that each costs a few hundred bytes. */
#define MAX_HISTORY 200

struct _HlSelection
{
  GObject    parent_instance;

  HlState   *state;
  GPtrArray *undo;   /* of HlState, the latest last */
  GPtrArray *redo;
};

G_DEFINE_FINAL_TYPE (HlSelection, hl_selection, G_TYPE_OBJECT)

enum
{
  SIGNAL_CHANGED,
  N_SIGNALS,
};

static guint signals[N_SIGNALS];

static void
hl_selection_finalize (GObject *object)
{
  HlSelection *self = HL_SELECTION (object);

  hl_state_unref (self->state);
  g_ptr_array_unref (self->undo);
  g_ptr_array_unref (self->redo);

  G_OBJECT_CLASS (hl_selection_parent_class)->finalize (object);
}

static void
hl_selection_class_init (HlSelectionClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = hl_selection_finalize;

  /* changed: HlChange flags of what differs from the state before. */
  signals[SIGNAL_CHANGED] = g_signal_new ("changed", G_TYPE_FROM_CLASS (klass), G_SIGNAL_RUN_LAST, 0, NULL, NULL, NULL,
                                          G_TYPE_NONE, 1, G_TYPE_UINT);
}

static void
hl_selection_init (HlSelection *self)
{
  self->state = hl_state_new (NULL, 0);
  self->undo = g_ptr_array_new_with_free_func ((GDestroyNotify) hl_state_unref);
  self->redo = g_ptr_array_new_with_free_func ((GDestroyNotify) hl_state_unref);
}

HlSelection *
hl_selection_new (void)
{
  return g_object_new (HL_TYPE_SELECTION, NULL);
}

static gboolean
colours_equal (const HlState *a,
               const HlState *b)
{
  if (a->colours == NULL || b->colours == NULL)
    return a->colours == b->colours;

  return memcmp (a->colours, b->colours, HL_MAX_HEADS * sizeof (gint32)) == 0;
}

static gboolean
pins_equal (const HlState *a,
            const HlState *b)
{
  if (a->n_pins != b->n_pins)
    return FALSE;
  for (guint i = 0; i < a->n_pins; i++)
    if (a->pins[i].side != b->pins[i].side || a->pins[i].token != b->pins[i].token)
      return FALSE;

  return TRUE;
}

HlChange
hl_state_compare (const HlState *a,
                  const HlState *b)
{
  HlChange change = 0;

  if (a->trace != b->trace || a->instance != b->instance)
    change |= HL_CHANGE_TRACE;
  if (a->attention != b->attention || a->scores != b->scores)
    change |= HL_CHANGE_ATTENTION;
  if (a->layer != b->layer)
    change |= HL_CHANGE_LAYER;
  if (a->head != b->head)
    change |= HL_CHANGE_HEAD;
  if (memcmp (&a->heads, &b->heads, sizeof a->heads) != 0)
    change |= HL_CHANGE_HEADS;
  if (!colours_equal (a, b))
    change |= HL_CHANGE_COLOURS;
  if (!pins_equal (a, b))
    change |= HL_CHANGE_PINS;
  if (a->hover.query != b->hover.query || a->hover.key != b->hover.key || a->hover.layer != b->hover.layer ||
      a->hover.head != b->hover.head || a->hover.neuron != b->hover.neuron || a->hover.value != b->hover.value)
    change |= HL_CHANGE_HOVER;
  if (a->filter != b->filter || a->threshold != b->threshold || !a->hide_special != !b->hide_special)
    change |= HL_CHANGE_FILTER;
  if (a->channel != b->channel || a->highlight != b->highlight || a->aggregate != b->aggregate)
    change |= HL_CHANGE_CHANNEL;
  if (a->scale != b->scale)
    change |= HL_CHANGE_SCALE;
  if (a->layout != b->layout)
    change |= HL_CHANGE_LAYOUT;
  if (a->thumbnail != b->thumbnail)
    change |= HL_CHANGE_THUMBNAIL;
  if (!a->enlarged != !b->enlarged)
    change |= HL_CHANGE_ENLARGED;
  if (!a->merge_words != !b->merge_words)
    change |= HL_CHANGE_WORDS;
  if (!a->sort_neurons != !b->sort_neurons)
    change |= HL_CHANGE_NEURONS;
  if (!a->show_classes != !b->show_classes)
    change |= HL_CHANGE_CLASSES;
  if (a->zoom != b->zoom)
    change |= HL_CHANGE_ZOOM;

  return change;
}

/* Replaces the state and tells; takes @state. */
static HlChange
replace (HlSelection *self,
         HlState     *state)
{
  g_autoptr (HlState) former = self->state;
  HlChange change = hl_state_compare (former, state);

  self->state = state;
  if (change != 0)
    g_signal_emit (self, signals[SIGNAL_CHANGED], 0, (guint) change);

  return change;
}

/* The one way in which a setter changes the state: clamps, remembers the former state where the history wants it, tells.
 * Takes @state. */
static void
commit (HlSelection *self,
        HlState     *state)
{
  HlChange change;

  hl_state_clamp (state);
  change = hl_state_compare (self->state, state);
  if ((change & ~(HL_CHANGE_HOVER | HL_CHANGE_ZOOM)) != 0)
    {
      g_ptr_array_set_size (self->redo, 0);
      g_ptr_array_add (self->undo, hl_state_ref (self->state));
      if (self->undo->len > MAX_HISTORY)
        g_ptr_array_remove_index (self->undo, 0);
    }
  replace (self, state);
}

HlState *
hl_selection_get_state (HlSelection *self)
{
  return self->state;
}

/* TRUE if a state of @a means the same on @b: as many layers and heads of the same kinds. */
static gboolean
same_shape (HlTrace *a,
            HlTrace *b)
{
  if (a == NULL || b == NULL || hl_trace_get_n_attentions (a) != hl_trace_get_n_attentions (b) ||
      hl_trace_get_n_scores (a) != hl_trace_get_n_scores (b))
    return FALSE;

  for (gsize i = 0; i < hl_trace_get_n_attentions (a); i++)
    {
      HlAttention *x = hl_trace_get_attention (a, i);
      HlAttention *y = hl_trace_get_attention (b, i);

      if (hl_attention_get_kind (x) != hl_attention_get_kind (y) ||
          hl_attention_get_n_layers (x) != hl_attention_get_n_layers (y) ||
          hl_attention_get_max_heads (x) != hl_attention_get_max_heads (y))
        return FALSE;
    }

  for (gsize i = 0; i < hl_trace_get_n_scores (a); i++)
    if (hl_scores_get_n_channels (hl_trace_get_scores (a, i)) != hl_scores_get_n_channels (hl_trace_get_scores (b, i)))
      return FALSE;

  return TRUE;
}

void
hl_selection_set_trace (HlSelection *self,
                        HlTrace     *trace,
                        guint        instance)
{
  HlState *state;

  if (same_shape (self->state->trace, trace))
    {
      state = hl_state_copy (self->state);
      g_clear_pointer (&state->trace, hl_trace_unref);
      state->trace = hl_trace_ref (trace);
      state->instance = instance;
      hl_state_set_pins (state, NULL, 0);
      state->hover = HL_HOVER_NONE;
      commit (self, state);
      return;
    }

  state = hl_state_new (trace, instance);
  /* What is the viewer's taste and not about this trace stays. */
  state->threshold = self->state->threshold;
  state->hide_special = self->state->hide_special;
  state->aggregate = self->state->aggregate;
  state->scale = self->state->scale;
  state->layout = self->state->layout;
  state->thumbnail = self->state->thumbnail;
  state->merge_words = self->state->merge_words;
  state->sort_neurons = self->state->sort_neurons;
  state->show_classes = self->state->show_classes;
  hl_state_clamp (state);
  g_ptr_array_set_size (self->undo, 0);
  g_ptr_array_set_size (self->redo, 0);
  replace (self, state);
}

void
hl_selection_set_attention (HlSelection *self,
                            guint        index)
{
  HlState *state = hl_state_copy (self->state);

  if (state->attention != index)
    hl_state_set_pins (state, NULL, 0);
  state->attention = index;
  commit (self, state);
}

void
hl_selection_set_scores (HlSelection *self,
                         guint        index)
{
  HlState *state = hl_state_copy (self->state);

  state->scores = index;
  commit (self, state);
}

void
hl_selection_set_layer (HlSelection *self,
                        int          layer)
{
  HlState *state = hl_state_copy (self->state);

  state->layer = (guint) MAX (layer, 0);
  commit (self, state);
}

void
hl_selection_set_head (HlSelection *self,
                       guint        layer,
                       guint        head)
{
  HlState *state = hl_state_copy (self->state);

  state->layer = layer;
  state->head = head;
  commit (self, state);
}

void
hl_selection_toggle_head (HlSelection *self,
                          guint        head)
{
  guint n = (guint) hl_state_get_n_heads (self->state);
  HlState *state;

  if (head >= n || (hl_head_set_has (&self->state->heads, head) && hl_head_set_count (&self->state->heads, n) == 1))
    return;

  state = hl_state_copy (self->state);
  hl_head_set_put (&state->heads, head, !hl_head_set_has (&state->heads, head));
  commit (self, state);
}

void
hl_selection_solo_head (HlSelection *self,
                        guint        head)
{
  guint n = (guint) hl_state_get_n_heads (self->state);
  HlState *state;

  if (head >= n)
    return;

  state = hl_state_copy (self->state);
  if (hl_head_set_has (&state->heads, head) && hl_head_set_count (&state->heads, n) == 1)
    {
      memset (&state->heads, 0xff, sizeof state->heads);
    }
  else
    {
      memset (&state->heads, 0, sizeof state->heads);
      hl_head_set_put (&state->heads, head, TRUE);
      if (!hl_state_shows_scores (state))
        state->head = head;
    }
  commit (self, state);
}

void
hl_selection_set_heads (HlSelection     *self,
                        const HlHeadSet *heads)
{
  HlState *state = hl_state_copy (self->state);

  state->heads = *heads;
  commit (self, state);
}

void
hl_selection_set_colour (HlSelection *self,
                         guint        head,
                         gint32       colour)
{
  HlState *state;

  g_return_if_fail (head < HL_MAX_HEADS);

  state = hl_state_copy (self->state);
  if (state->colours == NULL)
    {
      state->colours = g_new (gint32, HL_MAX_HEADS);
      for (guint i = 0; i < HL_MAX_HEADS; i++)
        state->colours[i] = -1;
    }
  state->colours[head] = colour;
  commit (self, state);
}

void
hl_selection_reset_colours (HlSelection *self)
{
  HlState *state = hl_state_copy (self->state);

  g_clear_pointer (&state->colours, g_free);
  commit (self, state);
}

void
hl_selection_toggle_pin (HlSelection *self,
                         HlSide       side,
                         guint        token)
{
  HlState *state = hl_state_copy (self->state);
  g_autofree HlPin *pins = g_new (HlPin, self->state->n_pins + 1);
  guint n = 0;

  for (guint i = 0; i < self->state->n_pins; i++)
    if (self->state->pins[i].side != side || self->state->pins[i].token != token)
      pins[n++] = self->state->pins[i];
  if (n == self->state->n_pins)
    pins[n++] = (HlPin) { side, token };
  hl_state_set_pins (state, pins, n);
  commit (self, state);
}

void
hl_selection_set_pin (HlSelection *self,
                      HlSide       side,
                      guint        token)
{
  HlState *state = hl_state_copy (self->state);
  g_autofree HlPin *pins = g_new (HlPin, self->state->n_pins + 1);
  guint n = 0;

  for (guint i = 0; i < self->state->n_pins; i++)
    if (self->state->pins[i].side != side)
      pins[n++] = self->state->pins[i];
  pins[n++] = (HlPin) { side, token };
  hl_state_set_pins (state, pins, n);
  commit (self, state);
}

void
hl_selection_clear_pins (HlSelection *self)
{
  HlState *state = hl_state_copy (self->state);

  hl_state_set_pins (state, NULL, 0);
  commit (self, state);
}

void
hl_selection_set_hover (HlSelection   *self,
                        const HlHover *hover)
{
  HlState *state = hl_state_copy (self->state);

  state->hover = hover != NULL ? *hover : HL_HOVER_NONE;
  commit (self, state);
}

void
hl_selection_set_filter (HlSelection *self,
                         HlFilter     filter)
{
  HlState *state = hl_state_copy (self->state);

  state->filter = filter;
  commit (self, state);
}

void
hl_selection_set_threshold (HlSelection *self,
                            double       threshold)
{
  HlState *state = hl_state_copy (self->state);

  state->threshold = threshold;
  commit (self, state);
}

void
hl_selection_set_hide_special (HlSelection *self,
                               gboolean     hide)
{
  HlState *state = hl_state_copy (self->state);

  state->hide_special = hide;
  commit (self, state);
}

void
hl_selection_set_channel (HlSelection *self,
                          HlChannel    channel)
{
  HlState *state = hl_state_copy (self->state);

  state->channel = channel;
  commit (self, state);
}

void
hl_selection_set_highlight (HlSelection *self,
                            int          head)
{
  HlState *state = hl_state_copy (self->state);

  state->highlight = MAX (head, -1);
  commit (self, state);
}

void
hl_selection_set_aggregate (HlSelection *self,
                            HlAggregate  aggregate)
{
  HlState *state = hl_state_copy (self->state);

  state->aggregate = aggregate;
  commit (self, state);
}

void
hl_selection_set_scale (HlSelection *self,
                        HlScale      scale)
{
  HlState *state = hl_state_copy (self->state);

  state->scale = scale;
  commit (self, state);
}

void
hl_selection_set_layout (HlSelection *self,
                         HlLayout     layout)
{
  HlState *state = hl_state_copy (self->state);

  state->layout = layout;
  commit (self, state);
}

void
hl_selection_set_thumbnail (HlSelection *self,
                            HlThumbnail  thumbnail)
{
  HlState *state = hl_state_copy (self->state);

  state->thumbnail = thumbnail;
  commit (self, state);
}

void
hl_selection_set_enlarged (HlSelection *self,
                           gboolean     enlarged)
{
  HlState *state = hl_state_copy (self->state);

  state->enlarged = enlarged;
  commit (self, state);
}

void
hl_selection_set_merge_words (HlSelection *self,
                              gboolean     merge)
{
  HlState *state = hl_state_copy (self->state);

  state->merge_words = merge;
  commit (self, state);
}

void
hl_selection_set_sort_neurons (HlSelection *self,
                               gboolean     sort)
{
  HlState *state = hl_state_copy (self->state);

  state->sort_neurons = sort;
  commit (self, state);
}

void
hl_selection_set_show_classes (HlSelection *self,
                               gboolean     show)
{
  HlState *state = hl_state_copy (self->state);

  state->show_classes = show;
  commit (self, state);
}

void
hl_selection_set_zoom (HlSelection *self,
                       double       zoom)
{
  HlState *state = hl_state_copy (self->state);

  state->zoom = zoom;
  commit (self, state);
}

gboolean
hl_selection_can_undo (HlSelection *self)
{
  return self->undo->len > 0;
}

gboolean
hl_selection_can_redo (HlSelection *self)
{
  return self->redo->len > 0;
}

/* Takes the latest state of @from and puts the present one on @to. The pointer stays where it is, and so does the
 * viewer's distance. */
static void
travel (HlSelection *self,
        GPtrArray   *from,
        GPtrArray   *to)
{
  g_autoptr (HlState) former = NULL;
  HlState *state;

  if (from->len == 0)
    return;

  former = g_ptr_array_steal_index (from, from->len - 1);
  state = hl_state_copy (former);
  state->hover = self->state->hover;
  state->zoom = self->state->zoom;
  hl_state_clamp (state);
  g_ptr_array_add (to, hl_state_ref (self->state));
  replace (self, state);
}

void
hl_selection_undo (HlSelection *self)
{
  travel (self, self->undo, self->redo);
}

void
hl_selection_redo (HlSelection *self)
{
  travel (self, self->redo, self->undo);
}
