#include "config.h"

#include "hl-window-private.h"

/* Dividers by the pane that comes first. */
enum
{
  SEQUENCE,
  HEADS,
  MODEL,
  NEURONS,
};

/* With the share that the first pane has of both. */
static const struct
{
  const char *name;
  const char *id;
  double      share;
} dividers[HL_N_DIVIDERS] = {
  [SEQUENCE] = { "sequence", "divider_sequence", 0.33 },
  [HEADS] = { "heads", "divider_heads", 0.30 },
  [MODEL] = { "model", "divider_model", 0.52 },
  [NEURONS] = { "neurons", "divider_neurons", 0.48 },
};

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

static int
get_natural_size (GtkWidget *widget, GtkOrientation orientation)
{
  int natural;

  gtk_widget_measure (widget, orientation, -1, NULL, &natural, NULL, NULL);

  return natural;
}

/* The panes are about to be seen for the first time. Their room has to be foretold: moving a divider once it is known
 * would be seen, and from within its allocation is not allowed. From then on a divider keeps its share by itself. */
void
hl_window_place_panes (HlWindow *self)
{
  int width = gtk_widget_get_width (GTK_WIDGET (self->flap));
  int height = gtk_widget_get_height (GTK_WIDGET (self->flap));
  int position;

  if (self->placed)
    return;

  self->placed = TRUE;
  if (width <= 0 || height <= 0)
    {
      gtk_window_get_default_size (GTK_WINDOW (self), &width, &height);
      height -= get_natural_size (self->header_bar, GTK_ORIENTATION_VERTICAL);
    }
  if (adw_flap_get_reveal_flap (self->flap))
    width -= get_natural_size (GTK_WIDGET (self->sidebar), GTK_ORIENTATION_HORIZONTAL);
  height -= get_natural_size (GTK_WIDGET (self->toolbar), GTK_ORIENTATION_VERTICAL);
  height -= get_natural_size (GTK_WIDGET (self->hint_revealer), GTK_ORIENTATION_VERTICAL);

  position = (int) (self->shares[SEQUENCE] * height);
  gtk_paned_set_position (self->dividers[SEQUENCE], position);
  gtk_paned_set_position (self->dividers[NEURONS],
                          self->neurons_shrunk ? 0 : (int) (self->shares[NEURONS] * (height - position)));
  position = (int) (self->shares[HEADS] * width);
  gtk_paned_set_position (self->dividers[HEADS], position);
  gtk_paned_set_position (self->dividers[MODEL], (int) (self->shares[MODEL] * (width - position)));
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
    {
      gtk_paned_set_position (paned, shrunk ? 0 : (int) (self->shares[NEURONS] * get_extent (paned) + 0.5));
      /* GTK 4.8 allocates a paned by itself after that, and may then draw its parents before they have their turn. */
      gtk_widget_queue_resize (GTK_WIDGET (paned));
    }
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
