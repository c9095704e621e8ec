#include "config.h"

#include "hl-model-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "hl-cells.h"
#include "hl-labels.h"
#include "hl-line-raster.h"

/* How much of a tile stays whose head is off in the layer shown. */
#define QUIET 0.3

/* Colours that the legend of matrices goes through: their ramp is no straight line in sRGB. */
#define LEGEND_STEPS 16

/* One tile's lines: from cell row to cell column, all those between two cells as one. */
typedef struct
{
  HlModelFigure *self;
  HlRect         rect;
  const float   *depths;
} TileLines;

static inline double
get_middle (double start,
            double length,
            gsize  cell,
            gsize  n)
{
  return start + length * (cell + 0.5) / n;
}

static void
add_lines (HlLineRaster *raster,
           guint         layer,
           gpointer      data)
{
  const TileLines *tile = data;
  const HlModelPools *pools = tile->self->pools;
  const float *depth = tile->depths;
  double right = tile->rect.x + tile->rect.width;

  for (gsize row = 0; row < pools->n_rows; row++)
    for (gsize column = 0; column < pools->n_columns; column++, depth++)
      if (*depth >= HL_MODEL_LEAST_OPACITY)
        hl_line_raster_add_line (raster, tile->rect.x, get_middle (tile->rect.y, tile->rect.height, row, pools->n_rows),
                                 right, get_middle (tile->rect.y, tile->rect.height, column, pools->n_columns),
                                 tile->self->line_width, hl_pool_get_opacity (*depth));
}

static void
draw_lines (HlModelFigure *self,
            cairo_t       *cr,
            const HlRect  *rect,
            const float   *depths,
            HlColour       colour)
{
  double scale = 300.0 / 96, scale_x, scale_y;
  TileLines tile = { self, { rect->x + 1, rect->y + 1, rect->width - 2, rect->height - 2 }, depths };
  cairo_surface_t *surface;
  cairo_t *image;

  if (hl_line_raster_paint (cr, rect, &colour, 1, 0, add_lines, &tile))
    return;
  if (hl_figure_has_pixels (cr, &scale_x, &scale_y) || self->n_lines <= HL_MODEL_MAX_PATHS)
    {
      hl_line_raster_stroke (cr, rect, &colour, 1, add_lines, &tile);
      return;
    }

  surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int) ceil (rect->width * scale),
                                        (int) ceil (rect->height * scale));
  image = cairo_create (surface);
  cairo_scale (image, scale, scale);
  cairo_translate (image, -rect->x, -rect->y);
  hl_line_raster_paint (image, rect, &colour, 1, 0, add_lines, &tile);
  cairo_destroy (image);
  cairo_save (cr);
  cairo_translate (cr, rect->x, rect->y);
  cairo_scale (cr, 1 / scale, 1 / scale);
  cairo_set_source_surface (cr, surface, 0, 0);
  cairo_paint (cr);
  cairo_restore (cr);
  cairo_surface_destroy (surface);
}

typedef struct
{
  const float  *weights;
  gsize         n_columns;
  const HlRamp *ramp;
} TileCells;

static void
read_cells (gpointer  data,
            gsize     row,
            gsize     column,
            gsize     n,
            guint32  *out)
{
  const TileCells *tile = data;

  for (gsize i = 0; i < n; i++)
    {
      float weight = tile->weights[row * tile->n_columns + column + i];

      out[i] = weight > 0 ? hl_ramp_get (tile->ramp, weight) : 0;
    }
}

static void
draw_cells (HlModelFigure *self,
            cairo_t       *cr,
            const HlRect  *rect,
            const HlRect  *clip,
            const float   *weights,
            const HlRamp  *ramp)
{
  TileCells tile = { weights, self->pools->n_columns, ramp };
  HlCells cells = {
    .x = rect->x,
    .y = rect->y,
    .cell_width = rect->width / self->pools->n_columns,
    .row_height = rect->height / self->pools->n_rows,
    .n_rows = self->pools->n_rows,
    .n_columns = self->pools->n_columns,
  };

  hl_cells_draw (&cells, cr, clip, read_cells, &tile);
}

static void
draw_tiles (HlModelFigure *self,
            cairo_t       *cr,
            const HlRect  *clip)
{
  HlStyle *style = self->base.style;

  /* Column by column: a head has one colour in all layers. */
  for (gsize head = 0; head < self->n_heads; head++)
    {
      HlColour colour = hl_figure_head_colour (&self->base, (guint) head);
      HlRamp ramp;

      if (!self->lines)
        hl_ramp_init (&ramp, style, colour);
      for (gsize layer = 0; layer < self->n_layers; layer++)
        {
          HlRect rect = hl_model_get_tile (self, layer, head);
          const float *cells;

          if (!hl_model_has_tile (self, (int) layer, (int) head) || !hl_rect_intersects (&rect, clip))
            continue;

          hl_colour_set (cr, style->shade);
          cairo_rectangle (cr, rect.x, rect.y, rect.width, rect.height);
          cairo_fill (cr);
          cells = self->pools->cells[layer * self->pools->n_heads + head];
          if (cells == NULL)
            continue;
          if (self->lines)
            draw_lines (self, cr, &rect, cells, colour);
          else
            draw_cells (self, cr, &rect, clip, cells, &ramp);
        }
    }
}

static void
draw_number (HlModelFigure *self,
             cairo_t       *cr,
             gsize          layer,
             gboolean       bold)
{
  char number[16];

  g_snprintf (number, sizeof number, "%u", hl_attention_get_layer_number (self->attention, layer));
  hl_text_draw (cr, self->base.style, number, HL_TEXT_LABEL, bold ? HL_TEXT_BOLD : HL_TEXT_NUMBERS,
                bold ? self->base.style->foreground : self->base.style->dim,
                self->left - hl_style_grid (self->base.style, 1), self->top + layer * self->pitch_y + self->tile_height / 2,
                1, 0);
}

/* Title and legend, then the numbers of heads above and of layers beside the grid. */
static void
draw_axes (HlModelFigure *self,
           cairo_t       *cr)
{
  HlStyle *style = self->base.style;
  double margin = hl_style_grid (style, 2), line_height, middle, x, end;
  double length = hl_style_grid (style, 10), least;
  HlColour colour = self->lines ? style->foreground : hl_figure_head_colour (&self->base, self->base.state->head);
  cairo_pattern_t *ramp;
  g_auto (HlLabels) labels;

  hl_text_measure (style, "0", HL_TEXT_LABEL, HL_TEXT_BOLD, NULL, &line_height);
  line_height = ceil (line_height);
  middle = hl_style_grid (style, 1.5) + line_height / 2;
  least = margin + hl_text_draw (cr, style, _("Layers ↓ Heads →"), HL_TEXT_LABEL, HL_TEXT_BOLD, style->foreground, margin,
                                 middle, 0, 0);

  /* The legend ends where the tiles do, if that is far enough from the title. */
  hl_text_measure (style, _("1 weight"), HL_TEXT_CAPTION, HL_TEXT_NUMBERS, &x, NULL);
  least += hl_style_grid (style, 5) + length + x;
  end = self->left + (self->n_heads - 1) * self->pitch_x + self->tile_width;
  end = MIN (MAX (end, least), self->base.room_width - margin);
  hl_text_draw (cr, style, _("1 weight"), HL_TEXT_CAPTION, HL_TEXT_NUMBERS, style->dim, end, middle, 1, 0);
  x = end - x - length - hl_style_grid (style, 0.5);
  ramp = cairo_pattern_create_linear (x, 0, x + length, 0);
  for (guint i = 0; i <= LEGEND_STEPS; i++)
    {
      double value = (double) i / LEGEND_STEPS;
      HlColour step = self->lines ? hl_colour_with_alpha (colour, value) : hl_style_ramp (style, colour, value);

      cairo_pattern_add_color_stop_rgba (ramp, value, step.red, step.green, step.blue, step.alpha);
    }
  cairo_set_source (cr, ramp);
  cairo_rectangle (cr, x, middle - hl_style_grid (style, 0.25), length, hl_style_grid (style, 0.5));
  cairo_fill (cr);
  cairo_pattern_destroy (ramp);
  hl_text_draw (cr, style, "0", HL_TEXT_CAPTION, HL_TEXT_NUMBERS, style->dim, x - hl_style_grid (style, 0.5), middle, 1, 0);

  middle = self->top - hl_style_grid (style, 0.5) - line_height / 2;
  hl_labels_init (&labels, style, HL_TEXT_LABEL, HL_TEXT_NUMBERS);
  for (gsize head = 0; head < self->n_heads; head += self->step_x)
    {
      char number[16];

      g_snprintf (number, sizeof number, "%u", hl_attention_get_head_number (self->attention, head));
      hl_labels_draw (&labels, cr, number, style->dim, self->left + head * self->pitch_x + self->tile_width / 2, middle, 0.5,
                      0);
    }
  for (gsize layer = 0; layer < self->n_layers; layer += self->step_y)
    draw_number (self, cr, layer, FALSE);
}

static void
draw_panel (HlModelFigure *self,
            cairo_t       *cr,
            const HlRect  *clip)
{
  HlStyle *style = self->base.style;
  const HlRect *rect = &self->panel_rect, *button = &self->close_rect;
  double radius = hl_style_grid (style, 1), cross = button->width * 0.22;
  double x = button->x + button->width / 2, y = button->y + button->height / 2;
  HlRect inside = { clip->x - rect->x, clip->y - rect->y, clip->width, clip->height };

  if (!hl_rect_intersects (rect, clip))
    return;

  cairo_save (cr);
  hl_rounded_rectangle (cr, rect->x, rect->y, rect->width, rect->height, radius);
  cairo_clip (cr);
  cairo_translate (cr, rect->x, rect->y);
  hl_figure_draw (self->panel, cr, &inside);
  cairo_restore (cr);

  hl_rounded_rectangle (cr, rect->x + 0.5, rect->y + 0.5, rect->width - 1, rect->height - 1, radius);
  hl_colour_set (cr, hl_figure_head_colour (&self->base, self->panel_head));
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);

  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  hl_colour_set (cr, style->dim);
  cairo_move_to (cr, x - cross, y - cross);
  cairo_line_to (cr, x + cross, y + cross);
  cairo_move_to (cr, x + cross, y - cross);
  cairo_line_to (cr, x - cross, y + cross);
  cairo_stroke (cr);
}

void
hl_model_draw (HlFigure     *figure,
               cairo_t      *cr,
               const HlRect *clip)
{
  HlModelFigure *self = (HlModelFigure *) figure;

  draw_axes (self, cr);
  draw_tiles (self, cr, clip);
  if (self->panel != NULL)
    draw_panel (self, cr, clip);
}

static void
draw_frame (HlModelFigure *self,
            cairo_t       *cr,
            const HlRect  *rect,
            HlColour       colour,
            double         width)
{
  double out = width / 2;

  hl_rounded_rectangle (cr, rect->x - out, rect->y - out, rect->width + 2 * out, rect->height + 2 * out, 2);
  hl_colour_set (cr, colour);
  cairo_set_line_width (cr, width);
  cairo_stroke (cr);
}

/* The layer and head that other views show, and what the pointer is on. */
static void
draw_grid_overlay (HlModelFigure *self,
                   cairo_t       *cr,
                   HlState       *state)
{
  HlStyle *style = self->base.style;
  HlRect rect;

  if (state->layer < self->n_layers)
    {
      /* The number is drawn anew, bold, also where there was none for want of room. */
      hl_colour_set (cr, style->background);
      cairo_rectangle (cr, 0, self->top + state->layer * self->pitch_y - 2, self->left - 2, self->tile_height + 4);
      cairo_fill (cr);
      draw_number (self, cr, state->layer, TRUE);

      hl_colour_set (cr, hl_colour_with_alpha (style->background, 1 - QUIET));
      for (guint head = 0; head < hl_attention_get_n_heads (self->attention, state->layer); head++)
        if (head < HL_MAX_HEADS && !hl_head_set_has (&state->heads, head))
          {
            rect = hl_model_get_tile (self, state->layer, head);
            cairo_rectangle (cr, rect.x, rect.y, rect.width, rect.height);
          }
      cairo_fill (cr);
    }

  if (hl_model_has_tile (self, (int) state->layer, (int) state->head))
    {
      rect = hl_model_get_tile (self, state->layer, state->head);
      draw_frame (self, cr, &rect, style->accent, 2);
    }
  if (hl_model_has_tile (self, state->hover.layer, state->hover.head))
    {
      rect = hl_model_get_tile (self, (gsize) state->hover.layer, (gsize) state->hover.head);
      draw_frame (self, cr, &rect, style->dim, 1.5);
    }
}

void
hl_model_overlay (HlFigure     *figure,
                  cairo_t      *cr,
                  HlState      *state,
                  HlElement     focus,
                  const HlRect *clip)
{
  HlModelFigure *self = (HlModelFigure *) figure;
  const HlRect *panel = &self->panel_rect;
  HlRect inside = { clip->x - panel->x, clip->y - panel->y, clip->width, clip->height }, bounds;

  cairo_save (cr);
  if (self->panel != NULL)
    {
      /* What is in the panel's place lies under it. */
      cairo_rectangle (cr, 0, 0, figure->width, figure->height);
      cairo_rectangle (cr, panel->x + panel->width, panel->y, -panel->width, panel->height);
      cairo_clip (cr);
    }
  draw_grid_overlay (self, cr, state);
  if (focus.kind == HL_MODEL_TILE && hl_figure_get_bounds (figure, focus, &bounds))
    {
      bounds = (HlRect) { bounds.x - 2, bounds.y - 2, bounds.width + 4, bounds.height + 4 };
      draw_frame (self, cr, &bounds, figure->style->foreground, 1.5);
    }
  cairo_restore (cr);

  if (self->panel == NULL)
    return;
  cairo_save (cr);
  cairo_translate (cr, panel->x, panel->y);
  hl_figure_draw_overlay (self->panel, cr, state, focus.kind == HL_MODEL_TOKEN ? focus : HL_ELEMENT_NONE, &inside);
  cairo_restore (cr);
  if (focus.kind == HL_MODEL_CLOSE)
    draw_frame (self, cr, &self->close_rect, figure->style->accent, 2);
}
