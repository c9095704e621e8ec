#include "config.h"

#include "hl-window-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#define HEAD_KEY "headlight-head"

static gint32
to_rgb (const GdkRGBA *colour)
{
  return (gint32) lround (colour->red * 255) << 16 | (gint32) lround (colour->green * 255) << 8 |
         (gint32) lround (colour->blue * 255);
}

static void
response_cb (GtkDialog *dialog, int response, HlWindow *self)
{
  guint head = GPOINTER_TO_UINT (g_object_get_data (G_OBJECT (dialog), HEAD_KEY));
  GdkRGBA colour;

  if (response == GTK_RESPONSE_OK && head < hl_state_get_n_heads (hl_selection_get_state (self->selection)))
    {
      gtk_color_chooser_get_rgba (GTK_COLOR_CHOOSER (dialog), &colour);
      hl_selection_set_colour (self->selection, head, to_rgb (&colour));
    }
  gtk_window_destroy (GTK_WINDOW (dialog));
}

/* The head that the figures name: the one of matrix and neuron view, or where there are only channels, the one that
 * colours the text, else the first. */
static guint
get_head (HlWindow *self)
{
  const HlState *state = hl_selection_get_state (self->selection);

  if (!hl_state_shows_scores (state))
    return state->head;

  return (guint) MAX (state->highlight, 0);
}

void
hl_window_ask_colour (HlWindow *self)
{
  const HlState *state = hl_selection_get_state (self->selection);
  HlFigure *figure = hl_figure_view_get_figure (hl_pane_get_figure_view (self->panes[HL_VIEW_SEQUENCE]));
  guint head = get_head (self);
  g_autofree char *name = NULL;
  g_autofree char *title = NULL;
  GtkWidget *dialog;

  if (head >= hl_state_get_n_heads (state))
    return;

  name = hl_state_dup_head_name (state, head);
  title = g_strdup_printf (hl_state_shows_scores (state) ? _("Colour of Channel “%s”") : _("Colour of Head %s"), name);
  dialog = gtk_color_chooser_dialog_new (title, GTK_WINDOW (self));
  gtk_window_set_modal (GTK_WINDOW (dialog), TRUE);
  gtk_color_chooser_set_use_alpha (GTK_COLOR_CHOOSER (dialog), FALSE);
  if (figure)
    {
      HlColour colour = hl_figure_head_colour (figure, head);

      gtk_color_chooser_set_rgba (GTK_COLOR_CHOOSER (dialog),
                                  &(GdkRGBA) { (float) colour.red, (float) colour.green, (float) colour.blue, 1 });
    }
  g_object_set_data (G_OBJECT (dialog), HEAD_KEY, GUINT_TO_POINTER (head));
  g_signal_connect_object (dialog, "response", G_CALLBACK (response_cb), self, 0);
  gtk_window_present (GTK_WINDOW (dialog));
}
