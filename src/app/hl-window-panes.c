#include "config.h"

#include "hl-window-private.h"

/* In the order of the struct's dividers: by the pane that comes first, with its share of both. */
static const struct
{
  const char *name;
  const char *id;
  double      share;
} dividers[HL_N_DIVIDERS] = {
  { "sequence", "divider_sequence", 0.34 },
  { "heads", "divider_heads", 0.30 },
  { "model", "divider_model", 0.52 },
  { "neurons", "divider_neurons", 0.50 },
};

#define NEURONS 3

static int
get_extent (GtkPaned *paned)
{
  return gtk_orientable_get_orientation (GTK_ORIENTABLE (paned)) == GTK_ORIENTATION_HORIZONTAL
             ? gtk_widget_get_width (GTK_WIDGET (paned))
             : gtk_widget_get_height (GTK_WIDGET (paned));
}

static void
read_shares (HlWindow *self)
{
  for (int i = 0; i < HL_N_DIVIDERS; i++)
    if (get_extent (self->dividers[i]) > 0 && !(i == NEURONS && self->neurons_shrunk))
      self->shares[i] = gtk_paned_get_position (self->dividers[i]) / (double) get_extent (self->dividers[i]);
}

/* The size of a paned is known once it has its first room; from then on it keeps the proportion by itself. */
static void
first_room_cb (GtkPaned *paned, GParamSpec *pspec, HlWindow *self)
{
  int max;

  g_object_get (paned, "max-position", &max, NULL);
  if (max == G_MAXINT || get_extent (paned) <= 0)
    return;

  g_signal_handlers_disconnect_by_func (paned, first_room_cb, self);
  for (int i = 0; i < HL_N_DIVIDERS; i++)
    if (self->dividers[i] == paned)
      gtk_paned_set_position (paned, i == NEURONS && self->neurons_shrunk
                                         ? 0
                                         : (int) (self->shares[i] * get_extent (paned) + 0.5));
}

void
hl_window_class_init_panes (GtkWidgetClass *widget_class)
{
  for (gsize i = 0; i < HL_N_DIVIDERS; i++)
    gtk_widget_class_bind_template_child_full (widget_class, dividers[i].id, FALSE,
                                               (gssize) (G_STRUCT_OFFSET (HlWindow, dividers) + i * sizeof (GtkPaned *)));
}

void
hl_window_init_panes (HlWindow *self)
{
  g_autoptr (GVariant) saved = self->settings ? g_settings_get_value (self->settings, "pane-positions") : NULL;

  for (int i = 0; i < HL_N_DIVIDERS; i++)
    {
      double share = dividers[i].share;

      if (saved)
        g_variant_lookup (saved, dividers[i].name, "d", &share);
      self->shares[i] = CLAMP (share, 0.05, 0.95);
      g_signal_connect (self->dividers[i], "notify::max-position", G_CALLBACK (first_room_cb), self);
    }
}

void
hl_window_save_panes (HlWindow *self)
{
  g_auto (GVariantBuilder) builder = G_VARIANT_BUILDER_INIT (G_VARIANT_TYPE ("a{sd}"));

  if (self->settings == NULL || !gtk_widget_get_realized (GTK_WIDGET (self)))
    return;

  if (self->alone == NULL)
    read_shares (self);
  for (int i = 0; i < HL_N_DIVIDERS; i++)
    g_variant_builder_add (&builder, "{sd}", dividers[i].name, self->shares[i]);
  g_settings_set_value (self->settings, "pane-positions", g_variant_builder_end (&builder));
}

/* Without queries and keys the neuron view only says so: the matrix gets its room. */
static void
update_neurons (HlWindow *self)
{
  HlAttention *attention = hl_state_get_attention (hl_selection_get_state (self->selection));
  GtkPaned *paned = self->dividers[NEURONS];
  gboolean shrunk = attention && hl_attention_get_projections (attention) == NULL;

  if (shrunk == self->neurons_shrunk)
    return;

  if (shrunk && get_extent (paned) > 0)
    self->shares[NEURONS] = gtk_paned_get_position (paned) / (double) get_extent (paned);
  self->neurons_shrunk = shrunk;
  gtk_paned_set_resize_start_child (paned, !shrunk);
  if (get_extent (paned) > 0)
    gtk_paned_set_position (paned, shrunk ? 0 : (int) (self->shares[NEURONS] * get_extent (paned) + 0.5));
}

/* One pane has the window: because it was asked for, or because the others would have nothing to show. */
void
hl_window_update_panes (HlWindow *self)
{
  const HlState *state = hl_selection_get_state (self->selection);
  HlPane *alone = self->maximised;

  update_neurons (self);
  if (alone == NULL && state->trace && hl_trace_get_n_attentions (state->trace) == 0)
    alone = self->panes[HL_VIEW_SEQUENCE];
  if (alone == self->alone)
    return;

  if (self->alone == NULL)
    read_shares (self);
  self->alone = alone;

  for (int i = 0; i < HL_N_DIVIDERS; i++)
    {
      GtkWidget *start = gtk_paned_get_start_child (self->dividers[i]);
      GtkWidget *end = gtk_paned_get_end_child (self->dividers[i]);

      /* What the pane does not lie in makes room. */
      gtk_widget_set_visible (start, alone == NULL || GTK_WIDGET (alone) == start ||
                                         gtk_widget_is_ancestor (GTK_WIDGET (alone), start));
      gtk_widget_set_visible (end, alone == NULL || GTK_WIDGET (alone) == end ||
                                       gtk_widget_is_ancestor (GTK_WIDGET (alone), end));
    }
}

void
hl_window_maximise (HlWindow *self, HlPane *pane)
{
  if (self->maximised == pane)
    return;

  if (self->maximised)
    hl_pane_set_maximised (self->maximised, FALSE);
  self->maximised = pane;
  hl_window_update_panes (self);

  if (pane)
    {
      hl_pane_set_maximised (pane, TRUE);
      gtk_widget_grab_focus (GTK_WIDGET (hl_pane_get_figure_view (pane)));
    }
  hl_window_update_actions (self);
}
