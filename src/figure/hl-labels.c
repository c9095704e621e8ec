#include "config.h"

#include "hl-labels.h"

typedef struct
{
  PangoLayout *layout;
  int          width;     /* Pango units, as drawn */
  int          height;
  int          natural;   /* without an ellipsis */
  int          max_width; /* that the layout is set to, 0: none */
} Label;

static void
label_free (gpointer data)
{
  Label *label = data;

  g_object_unref (label->layout);
  g_free (label);
}

void
hl_labels_init (HlLabels      *self,
                const HlStyle *style,
                double         size,
                HlTextFace     face)
{
  self->style = style;
  self->size = size;
  self->face = face;
  self->layouts = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, label_free);
}

void
hl_labels_clear (HlLabels *self)
{
  g_clear_pointer (&self->layouts, g_hash_table_unref);
}

static Label *
look_up (HlLabels   *self,
         const char *text)
{
  Label *label = g_hash_table_lookup (self->layouts, text);

  if (label == NULL)
    {
      label = g_new0 (Label, 1);
      label->layout = hl_text_layout (self->style, text, self->size, self->face);
      pango_layout_get_size (label->layout, &label->natural, &label->height);
      label->width = label->natural;
      g_hash_table_insert (self->layouts, g_strdup (text), label);
    }

  return label;
}

double
hl_labels_draw (HlLabels   *self,
                cairo_t    *cr,
                const char *text,
                HlColour    colour,
                double      x,
                double      y,
                double      align,
                double      max_width)
{
  Label *label = look_up (self, text);
  int wanted = max_width > 0 && label->natural > max_width * PANGO_SCALE ? (int) (max_width * PANGO_SCALE) : 0;

  if (wanted != label->max_width)
    {
      pango_layout_set_ellipsize (label->layout, wanted > 0 ? PANGO_ELLIPSIZE_END : PANGO_ELLIPSIZE_NONE);
      pango_layout_set_width (label->layout, wanted > 0 ? wanted : -1);
      pango_layout_get_size (label->layout, &label->width, &label->height);
      label->max_width = wanted;
    }

  hl_colour_set (cr, colour);
  cairo_move_to (cr, x - align * label->width / PANGO_SCALE, y - 0.5 * label->height / PANGO_SCALE);
  pango_cairo_show_layout (cr, label->layout);
  cairo_new_path (cr);

  return (double) label->width / PANGO_SCALE;
}
