#include "config.h"

#include "hl-heads-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "hl-labels.h"

/* How far an arc reaches: less than its height would ask for, so that short ones can be seen beside long ones. */
static double
get_bulge (HlHeadsFigure *self,
           guint          query,
           guint          key)
{
  const HlHeadsSide *rows = &self->sides[HL_SIDE_QUERY];
  double distance = fabs (rows->y[query] - rows->y[key]);
  double least = 0.6 * self->row_height;
  double most = MAX (self->arc_room - hl_style_grid (self->base.style, 1), least);

  return least + (most - least) * pow (distance / MAX (self->max_distance, 1), 0.7);
}

/* A token's arc to itself: a short line out of its label. */
#define SELF_LENGTH 0.5 /* rows */

void
hl_heads_add_line (HlHeadsFigure *self,
                   HlLineRaster  *raster,
                   double         from_x,
                   double         to_x,
                   guint          query,
                   guint          key,
                   double         width,
                   double         opacity)
{
  double y0 = self->sides[HL_SIDE_QUERY].y[query], y1 = self->sides[HL_SIDE_KEY].y[key];

  if (!self->arcs)
    hl_line_raster_add_line (raster, from_x, y0, to_x, y1, width, opacity);
  else if (query == key)
    hl_line_raster_add_line (raster, to_x, y0, to_x + SELF_LENGTH * self->row_height, y0, width, opacity);
  else if (key < query)
    hl_line_raster_add_arc (raster, to_x, y0, y1, get_bulge (self, query, key), width, opacity);
  else
    hl_line_raster_add_arc (raster, from_x, y0, y1, -get_bulge (self, query, key), width, opacity);
}

void
hl_heads_trace_line (HlHeadsFigure *self,
                     cairo_t       *cr,
                     guint          query,
                     guint          key)
{
  double y0 = self->sides[HL_SIDE_QUERY].y[query], y1 = self->sides[HL_SIDE_KEY].y[key];
  cairo_matrix_t matrix;

  if (!self->arcs)
    {
      cairo_move_to (cr, self->from_x, y0);
      cairo_line_to (cr, self->to_x, y1);
    }
  else if (query == key)
    {
      cairo_move_to (cr, self->to_x, y0);
      cairo_line_to (cr, self->to_x + SELF_LENGTH * self->row_height, y0);
    }
  else
    {
      cairo_get_matrix (cr, &matrix);
      cairo_translate (cr, key < query ? self->to_x : self->from_x, (y0 + y1) / 2);
      cairo_scale (cr, (key < query ? 1 : -1) * get_bulge (self, query, key), fabs (y1 - y0) / 2);
      cairo_new_sub_path (cr);
      cairo_arc (cr, 0, 0, 1, -G_PI_2, G_PI_2);
      cairo_set_matrix (cr, &matrix);
    }
}

static void
add_lines (HlLineRaster *raster,
           guint         layer,
           gpointer      data)
{
  HlHeadsFigure *self = data;
  const HlHeadsHead *head = &self->heads[layer];
  const double *queries = self->sides[HL_SIDE_QUERY].y, *keys = self->sides[HL_SIDE_KEY].y;
  HlRect area;
  double top, bottom;

  hl_line_raster_get_area (raster, &area);
  top = area.y - self->line_width;
  bottom = area.y + area.height + self->line_width;
  for (gsize i = 0; i < head->n_lines; i++)
    {
      const HlHeadsLine *line = &head->lines[i];
      double y0 = queries[line->query], y1 = keys[line->key];

      if ((y0 < top && y1 < top) || (y0 > bottom && y1 > bottom))
        continue;
      hl_heads_add_line (self, raster, self->from_x, self->to_x, line->query, line->key, self->line_width, line->weight);
    }
}

static void
draw_lines (HlHeadsFigure *self,
            cairo_t       *cr)
{
  g_autofree HlColour *colours = g_new (HlColour, MAX (self->n_heads, 1));
  double scale = 300.0 / 96, scale_x, scale_y;
  cairo_surface_t *surface;
  cairo_t *image;

  if (self->n_lines == 0 || !(self->field.width > 0) || !(self->field.height > 0))
    return;
  for (guint head = 0; head < self->n_heads; head++)
    colours[head] = self->heads[head].colour;

  if (hl_line_raster_paint (cr, &self->field, colours, self->n_heads, self->n_lines, add_lines, self))
    return;
  if (hl_figure_has_pixels (cr, &scale_x, &scale_y) || self->n_lines <= HL_HEADS_MAX_PATHS)
    {
      hl_line_raster_stroke (cr, &self->field, colours, self->n_heads, add_lines, self);
      return;
    }

  /* Too many for a vector file: one picture at 300 dpi in their place, less where it would be larger than cairo has. */
  scale = MIN (scale, 32000 / MAX (self->field.width, self->field.height));
  surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int) ceil (self->field.width * scale),
                                        (int) ceil (self->field.height * scale));
  image = cairo_create (surface);
  cairo_scale (image, scale, scale);
  cairo_translate (image, -self->field.x, -self->field.y);
  hl_line_raster_paint (image, &self->field, colours, self->n_heads, self->n_lines, add_lines, self);
  cairo_destroy (image);
  cairo_save (cr);
  cairo_translate (cr, self->field.x, self->field.y);
  cairo_scale (cr, 1 / scale, 1 / scale);
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_paint (cr);
  cairo_restore (cr);
  cairo_surface_destroy (surface);
}

void
hl_heads_draw_label (HlHeadsFigure *self,
                     cairo_t       *cr,
                     HlSide         side,
                     guint          row,
                     HlColour       colour)
{
  const HlHeadsSide *rows = &self->sides[side];
  g_autofree char *label = hl_heads_dup_label (self, side, row);

  hl_text_draw (cr, self->base.style, label, self->text_size, HL_TEXT_REGULAR, colour,
                rows->column.x + rows->align * rows->column.width, rows->y[row], rows->align, rows->column.width);
}

static void
draw_labels (HlHeadsFigure *self,
             cairo_t       *cr,
             HlSide         side,
             const HlRect  *clip)
{
  const HlHeadsSide *rows = &self->sides[side];
  HlStyle *style = self->base.style;
  HlColour muted = hl_colour_mix (style->background, style->foreground, 0.45);
  g_auto (HlLabels) labels;

  hl_labels_init (&labels, style, self->text_size, HL_TEXT_REGULAR);
  for (guint row = 0; row < rows->n; row++)
    {
      HlRect bounds = hl_heads_get_row (self, side, row);
      g_autofree char *label = NULL;

      if (!hl_rect_intersects (&bounds, clip))
        continue;
      label = hl_heads_dup_label (self, side, row);
      hl_labels_draw (&labels, cr, label, rows->muted[row] ? muted : style->foreground,
                      rows->column.x + rows->align * rows->column.width, rows->y[row], rows->align, rows->column.width);
    }
}

/* A letter and a hairline along the rows of each segment, outside the labels. */
static void
draw_segments (HlHeadsFigure *self,
               cairo_t       *cr,
               HlSide         side)
{
  HlStyle *style = self->base.style;
  const HlHeadsSide *rows = &self->sides[side];
  HlTokens *tokens = hl_state_get_tokens (self->base.state, side);
  double x = self->mark_x[side];
  guint first = 0;

  if (!hl_tokens_has_segments (tokens) || rows->n == 0)
    return;

  for (guint row = 1; row <= rows->n; row++)
    if (row == rows->n || hl_tokens_get (tokens, rows->tokens[row])->segment !=
                            hl_tokens_get (tokens, rows->tokens[first])->segment)
      {
        const char *letter = hl_tokens_get (tokens, rows->tokens[first])->segment == 0 ? "A" : "B";
        double top = rows->y[first] - self->row_height / 2 + 2, bottom = rows->y[row - 1] + self->row_height / 2 - 2;

        hl_text_draw (cr, style, letter, HL_TEXT_CAPTION, HL_TEXT_REGULAR, style->dim, x, rows->y[first], 0.5, 0);
        hl_colour_set (cr, style->hairline);
        cairo_rectangle (cr, floor (x), top + self->row_height, 1, MAX (bottom - top - self->row_height, 0));
        cairo_fill (cr);
        first = row;
      }
}

static void
draw_chips (HlHeadsFigure *self,
            cairo_t       *cr)
{
  HlStyle *style = self->base.style;

  for (guint i = 0; i < self->n_heads; i++)
    {
      const HlHeadsHead *head = &self->heads[i];
      const HlRect *chip = &head->chip;

      if (head->on)
        {
          hl_rounded_rectangle (cr, chip->x, chip->y, chip->width, chip->height, hl_style_grid (style, 0.5));
          hl_colour_set (cr, head->colour);
          cairo_fill (cr);
        }
      else
        {
          hl_rounded_rectangle (cr, chip->x + 0.5, chip->y + 0.5, chip->width - 1, chip->height - 1,
                                hl_style_grid (style, 0.5));
          hl_colour_set (cr, hl_colour_mix (style->background, head->colour, 0.10));
          cairo_fill_preserve (cr);
          hl_colour_set (cr, hl_colour_mix (style->background, head->colour, 0.45));
          cairo_set_line_width (cr, 1);
          cairo_stroke (cr);
        }
      hl_text_draw (cr, style, head->number, HL_TEXT_CAPTION, HL_TEXT_NUMBERS,
                    head->on ? hl_style_text_on (style, head->colour) : style->dim,
                    chip->x + chip->width / 2, chip->y + chip->height / 2, 0.5, 0);
    }
}

/* Opacity is weight: a ramp from 0 to 1 in the colour of text, since each head has its own. */
static void
draw_legend (HlHeadsFigure *self,
             cairo_t       *cr)
{
  HlStyle *style = self->base.style;
  g_autofree char *count = hl_heads_dup_count (self);
  double middle = self->legend_y, x = self->legend_x, length = hl_style_grid (style, 10), space = hl_style_grid (style, 0.5);
  cairo_pattern_t *ramp;

  x += hl_text_draw (cr, style, "0", HL_TEXT_CAPTION, HL_TEXT_NUMBERS, style->dim, x, middle, 0, 0) + space;
  ramp = cairo_pattern_create_linear (x, 0, x + length, 0);
  cairo_pattern_add_color_stop_rgba (ramp, 0, style->foreground.red, style->foreground.green, style->foreground.blue, 0);
  cairo_pattern_add_color_stop_rgba (ramp, 1, style->foreground.red, style->foreground.green, style->foreground.blue, 1);
  cairo_set_source (cr, ramp);
  cairo_rectangle (cr, x, middle - self->line_width, length, 2 * self->line_width);
  cairo_fill (cr);
  cairo_pattern_destroy (ramp);
  x += length + space;
  x += hl_text_draw (cr, style, "1", HL_TEXT_CAPTION, HL_TEXT_NUMBERS, style->dim, x, middle, 0, 0) + 4 * space;
  hl_text_draw (cr, style, count, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, style->dim, x, middle, 0,
                MAX (self->header.x + self->header.width - x, 1));
}

/* What the columns, or the two sides of the arcs, are. */
static void
draw_headings (HlHeadsFigure *self,
               cairo_t       *cr)
{
  HlStyle *style = self->base.style;
  const HlRect *queries = &self->sides[HL_SIDE_QUERY].column, *keys = &self->sides[HL_SIDE_KEY].column;

  if (!self->arcs)
    {
      hl_text_draw (cr, style, _("Queries"), HL_TEXT_CAPTION, HL_TEXT_REGULAR, style->dim, queries->x + queries->width,
                    self->headings_y, 1, 0);
      hl_text_draw (cr, style, _("Keys"), HL_TEXT_CAPTION, HL_TEXT_REGULAR, style->dim, keys->x, self->headings_y, 0, 0);
      return;
    }

  hl_text_draw (cr, style, _("To earlier keys"), HL_TEXT_CAPTION, HL_TEXT_REGULAR, style->dim, self->to_x,
                self->headings_y, 0, 0);
  if (self->both_ways)
    hl_text_draw (cr, style, _("To later keys"), HL_TEXT_CAPTION, HL_TEXT_REGULAR, style->dim,
                  self->from_x - self->number_width - self->strip_width, self->headings_y, 1, 0);
}

void
hl_heads_draw (HlFigure     *figure,
               cairo_t      *cr,
               const HlRect *clip)
{
  HlHeadsFigure *self = (HlHeadsFigure *) figure;
  g_autofree char *title = hl_heads_dup_title (self);
  double line_height;

  hl_text_measure (figure->style, title, HL_TEXT_LABEL, HL_TEXT_BOLD, NULL, &line_height);
  hl_text_draw (cr, figure->style, title, HL_TEXT_LABEL, HL_TEXT_BOLD, figure->style->foreground, self->header.x,
                self->header.y + ceil (line_height) / 2, 0, self->header.width);
  if (!self->single)
    {
      draw_legend (self, cr);
      draw_chips (self, cr);
    }
  draw_headings (self, cr);
  draw_segments (self, cr, HL_SIDE_QUERY);
  if (!self->arcs)
    draw_segments (self, cr, HL_SIDE_KEY);
  draw_lines (self, cr);
  draw_labels (self, cr, HL_SIDE_QUERY, clip);
  if (!self->arcs)
    draw_labels (self, cr, HL_SIDE_KEY, clip);
}
