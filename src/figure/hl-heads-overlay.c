#include "config.h"

#include "hl-heads-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>
#include <string.h>

/* What stays of the lines under an overlay. */
#define QUIET 0.1

/* Values are written beside the strongest tokens. */
#define N_NUMBERS 10

/* The weights of more pairs than this are not read anew for a head that is off and hovered. */
#define MAX_PREVIEW (1 << 20)

/* Rows of one side that are pinned or hovered, and what they attend to or receive. */
typedef struct
{
  guint  *rows;
  guint   n_rows;
  float  *weights;   /* [head shown][source][unit of the other side] */
  gsize   n_units;   /* of the other side */
  float  *totals;    /* [head shown][row of the other side], sums over sources */
} Sources;

typedef struct
{
  HlHeadsFigure *self;
  guint         *heads;      /* shown here: those that are on, or the one hovered */
  guint          n_heads;
  Sources        sources[2]; /* by side */
  gboolean       hovers_head;
  int            weight_query; /* rows of a hovered weight, −1 */
  int            weight_key;
  double         from_x;
  double         to_x;
  double         strip;      /* width of a head's box; 0: no room */
} Overlay;

static void
find_heads (Overlay *overlay,
            HlState *state)
{
  HlHeadsFigure *self = overlay->self;
  int hovered = state->hover.head;

  overlay->heads = g_new (guint, MAX (self->n_heads, 1));
  if (self->single)
    {
      overlay->heads[overlay->n_heads++] = self->only;
      return;
    }
  overlay->hovers_head = hovered >= 0 && hovered < (int) self->n_heads &&
                         (state->hover.layer < 0 || state->hover.layer == (int) self->layer);
  if (overlay->hovers_head)
    {
      overlay->heads[overlay->n_heads++] = (guint) hovered;
      return;
    }
  for (guint head = 0; head < self->n_heads; head++)
    if (hl_head_set_has (&state->heads, head))
      overlay->heads[overlay->n_heads++] = head;
}

static void
add_source (Overlay *overlay,
            HlSide   side,
            int      token)
{
  const HlHeadsSide *rows = &overlay->self->sides[side];
  Sources *sources = &overlay->sources[side];
  int row = token >= 0 ? rows->rows[token] : -1;

  if (row < 0)
    return;
  for (guint i = 0; i < sources->n_rows; i++)
    if (sources->rows[i] == (guint) row)
      return;
  sources->rows[sources->n_rows++] = (guint) row;
}

static gboolean
is_source (const Overlay *overlay,
           HlSide         side,
           guint          row)
{
  const Sources *sources = &overlay->sources[side];

  for (guint i = 0; i < sources->n_rows; i++)
    if (sources->rows[i] == row)
      return TRUE;

  return FALSE;
}

/* Reads what the sources of one side give or receive. */
static void
read_sources (Overlay *overlay,
              HlSide   side)
{
  HlHeadsFigure *self = overlay->self;
  Sources *sources = &overlay->sources[side];
  const HlHeadsSide *own = &self->sides[side], *others = &self->sides[!side];
  float *at;

  sources->n_units = hl_heads_get_n_units (self, !side);
  sources->weights = g_new (float, (gsize) overlay->n_heads * sources->n_rows * sources->n_units + 1);
  sources->totals = g_new0 (float, (gsize) overlay->n_heads * others->n + 1);
  at = sources->weights;
  for (guint i = 0; i < overlay->n_heads; i++)
    for (guint j = 0; j < sources->n_rows; j++)
      {
        guint row = sources->rows[j];

        if (side == HL_SIDE_QUERY)
          hl_heads_read (self, self->layer, overlay->heads[i], own->units[row], 1, 0, sources->n_units, at);
        else
          hl_heads_read (self, self->layer, overlay->heads[i], 0, sources->n_units, own->units[row], 1, at);
        for (guint other = 0; other < others->n; other++)
          {
            float weight = at[others->units[other]];

            if (weight >= self->base.state->threshold && weight > 0 && !own->muted[row] && !others->muted[other])
              sources->totals[(gsize) i * others->n + other] += weight;
          }
        at += sources->n_units;
      }
}

static void
add_row (HlLineRaster *raster,
         Overlay      *overlay,
         guint         query,
         guint         key,
         double        weight)
{
  hl_heads_add_line (overlay->self, raster, overlay->from_x, overlay->to_x, query, key, overlay->self->line_width, weight);
}

/* All lines of a head: those of the figure, or read anew where it has none. */
static void
add_head (HlLineRaster *raster,
          Overlay      *overlay,
          guint         index)
{
  HlHeadsFigure *self = overlay->self;
  const HlHeadsHead *head = &self->heads[index];
  const HlHeadsSide *queries = &self->sides[HL_SIDE_QUERY], *keys = &self->sides[HL_SIDE_KEY];
  gsize n_units = hl_heads_get_n_units (self, HL_SIDE_KEY);
  g_autofree float *weights = NULL;

  for (gsize i = 0; i < head->n_lines; i++)
    add_row (raster, overlay, head->lines[i].query, head->lines[i].key, head->lines[i].weight);
  if (head->on || (gsize) queries->n * n_units > MAX_PREVIEW)
    return;

  weights = g_new (float, n_units + 1);
  for (guint query = 0; query < queries->n; query++)
    {
      if (queries->muted[query])
        continue;
      hl_heads_read (self, self->layer, index, queries->units[query], 1, 0, n_units, weights);
      for (guint key = 0; key < keys->n; key++)
        if (weights[keys->units[key]] >= self->least && !keys->muted[key])
          add_row (raster, overlay, query, key, weights[keys->units[key]]);
    }
}

static void
add_lines (HlLineRaster *raster,
           guint         layer,
           gpointer      data)
{
  Overlay *overlay = data;
  HlHeadsFigure *self = overlay->self;
  double least = MAX (self->base.state->threshold, 1.0 / 255);

  if (overlay->weight_query >= 0)
    return;
  if (overlay->sources[0].n_rows == 0 && overlay->sources[1].n_rows == 0)
    {
      add_head (raster, overlay, overlay->heads[layer]);
      return;
    }

  for (HlSide side = HL_SIDE_QUERY; side <= HL_SIDE_KEY; side++)
    {
      const Sources *sources = &overlay->sources[side];
      const HlHeadsSide *own = &self->sides[side], *others = &self->sides[!side];

      for (guint j = 0; j < sources->n_rows; j++)
        {
          const float *weights = sources->weights + ((gsize) layer * sources->n_rows + j) * sources->n_units;
          guint row = sources->rows[j];

          if (own->muted[row])
            continue;
          for (guint other = 0; other < others->n; other++)
            {
              float weight = weights[others->units[other]];

              if (!(weight >= least) || others->muted[other])
                continue;
              if (side == HL_SIDE_QUERY)
                add_row (raster, overlay, row, other, weight);
              else if (!is_source (overlay, HL_SIDE_QUERY, other))
                add_row (raster, overlay, other, row, weight);
            }
        }
    }
}

/* The one line of a hovered weight, twice as wide, over a hairline that shows where it is even if it is faint, and the value,
 * or the sum over heads. */
static void
draw_weight (Overlay *overlay,
             cairo_t *cr)
{
  HlHeadsFigure *self = overlay->self;
  guint query = (guint) overlay->weight_query, key = (guint) overlay->weight_key;
  const HlHeadsSide *keys = &self->sides[HL_SIDE_KEY];
  g_autofree char *number = NULL;
  double sum = 0;
  float weight;

  cairo_set_line_cap (cr, CAIRO_LINE_CAP_ROUND);
  cairo_set_line_width (cr, hl_style_grid (self->base.style, 1.0 / 6));
  hl_colour_set (cr, self->base.style->hairline);
  hl_heads_trace_line (self, cr, query, key);
  cairo_stroke (cr);
  cairo_set_line_width (cr, 2 * self->line_width);
  for (guint i = 0; i < overlay->n_heads; i++)
    {
      hl_heads_read (self, self->layer, overlay->heads[i], self->sides[HL_SIDE_QUERY].units[query], 1,
                     self->sides[HL_SIDE_KEY].units[key], 1, &weight);
      if (!(weight > 0))
        continue;
      sum += weight;
      hl_colour_set (cr, hl_colour_with_alpha (self->heads[overlay->heads[i]].colour, MIN (weight, 1)));
      hl_heads_trace_line (self, cr, query, key);
      cairo_stroke (cr);
    }

  number = hl_text_number (sum);
  if (self->arcs)
    hl_text_draw (cr, self->base.style, number, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, self->base.style->foreground,
                  keys->column.x - hl_style_grid (self->base.style, 1), keys->y[key], 1, 0);
  else
    hl_text_draw (cr, self->base.style, number, HL_TEXT_CAPTION, HL_TEXT_NUMBERS, self->base.style->foreground,
                  keys->column.x + keys->column.width + self->number_width, keys->y[key], 1, 0);
}

static double
get_total (const Overlay *overlay,
           HlSide         side,
           guint          other)
{
  const Sources *sources = &overlay->sources[side];
  double total = 0;

  for (guint i = 0; i < overlay->n_heads; i++)
    total += sources->totals[(gsize) i * overlay->self->sides[!side].n + other];

  return total;
}

/* Beside each token of the side opposite to the sources: a box for each head, as strong as the weight, and the values of
 * the strongest, summed over heads and sources. */
static void
draw_shading (Overlay      *overlay,
              cairo_t      *cr,
              HlSide        side,
              const HlRect *clip)
{
  HlHeadsFigure *self = overlay->self;
  HlStyle *style = self->base.style;
  const Sources *sources = &overlay->sources[side];
  const HlHeadsSide *others = &self->sides[!side];
  double width = overlay->strip * overlay->n_heads, strongest[N_NUMBERS] = { 0 };
  double left, number_x;
  g_autofree char *caption = NULL;

  if (self->arcs)
    {
      left = self->from_x - width;
      number_x = left - hl_style_grid (style, 0.5);
    }
  else if (side == HL_SIDE_QUERY)
    {
      left = self->to_x - width;
      number_x = others->column.x + others->column.width + self->number_width;
    }
  else
    {
      left = self->from_x;
      number_x = others->column.x - hl_style_grid (style, 0.5);
    }

  for (guint other = 0; other < others->n; other++)
    {
      double total = get_total (overlay, side, other);

      for (guint i = 0; i < N_NUMBERS; i++)
        if (total > strongest[i])
          {
            memmove (&strongest[i + 1], &strongest[i], (N_NUMBERS - 1 - i) * sizeof *strongest);
            strongest[i] = total;
            break;
          }
    }

  for (guint other = 0; other < others->n; other++)
    {
      HlRect row = hl_heads_get_row (self, !side, other);
      double total;

      row.x = MIN (left, number_x - self->number_width);
      row.width = self->base.width;
      if (!hl_rect_intersects (&row, clip))
        continue;

      if (overlay->strip > 0)
        for (guint i = 0; i < overlay->n_heads; i++)
          {
            double value = sources->totals[(gsize) i * others->n + other];

            if (value < 1.0 / 255)
              continue;
            hl_colour_set (cr, hl_style_ramp (style, self->heads[overlay->heads[i]].colour, value));
            cairo_rectangle (cr, left + i * overlay->strip, row.y + 1, overlay->strip, row.height - 2);
            cairo_fill (cr);
          }

      total = get_total (overlay, side, other);
      if (total >= strongest[N_NUMBERS - 1] && total >= 0.01 * strongest[0] && total > 0)
        {
          g_autofree char *number = hl_text_number (total);

          hl_text_draw (cr, style, number, HL_TEXT_CAPTION, HL_TEXT_NUMBERS,
                        total == strongest[0] ? style->foreground : style->dim, number_x, others->y[other], 1, 0);
        }
    }

  if (overlay->n_heads == 1)
    caption = g_strdup_printf (_("head %s"), self->heads[overlay->heads[0]].number);
  else
    /* Translators: above a column of sums over this many heads. */
    caption = g_strdup_printf (g_dngettext (GETTEXT_PACKAGE, "Σ %u head", "Σ %u heads", overlay->n_heads),
                               overlay->n_heads);
  if (self->arcs)
    hl_text_draw (cr, style, caption, HL_TEXT_CAPTION, HL_TEXT_REGULAR, style->dim, others->column.x + others->column.width,
                  self->headings_y, 1, 0);
  else
    hl_text_draw (cr, style, caption, HL_TEXT_CAPTION, HL_TEXT_REGULAR, style->dim,
                  side == HL_SIDE_QUERY ? self->to_x : self->from_x, self->headings_y, side == HL_SIDE_QUERY ? 1 : 0, 0);
}

/* A label on a ground, over the one that the figure drew. */
static void
draw_ground (Overlay *overlay,
             cairo_t *cr,
             HlSide   side,
             int      row,
             gboolean pinned)
{
  HlHeadsFigure *self = overlay->self;
  HlStyle *style = self->base.style;
  HlRect bounds;
  double space = hl_style_grid (style, 0.5), bar = hl_style_grid (style, 0.5);

  if (row < 0)
    return;

  bounds = hl_heads_get_row (self, side, (guint) row);
  hl_rounded_rectangle (cr, bounds.x - space, bounds.y, bounds.width + 2 * space, bounds.height, space);
  hl_colour_set (cr, pinned ? hl_colour_mix (style->background, style->accent, 0.18) : style->hover);
  cairo_fill (cr);
  if (pinned)
    {
      double x = self->sides[side].align > 0.5 ? bounds.x + bounds.width + space : bounds.x - space - bar;

      hl_rounded_rectangle (cr, x, bounds.y + 1, bar, bounds.height - 2, bar / 2);
      hl_colour_set (cr, style->accent);
      cairo_fill (cr);
    }
  hl_heads_draw_label (self, cr, side, (guint) row, style->foreground);
}

static void
draw_grounds (Overlay *overlay,
              cairo_t *cr,
              HlState *state)
{
  HlHeadsFigure *self = overlay->self;
  const HlHover *hover = &state->hover;
  int query = hover->query >= 0 ? self->sides[HL_SIDE_QUERY].rows[hover->query] : -1;
  int key = hover->key >= 0 ? self->sides[HL_SIDE_KEY].rows[hover->key] : -1;

  for (guint i = 0; i < state->n_pins; i++)
    draw_ground (overlay, cr, state->pins[i].side, self->sides[state->pins[i].side].rows[state->pins[i].token], TRUE);
  if (query >= 0 && !hl_state_has_pin (state, HL_SIDE_QUERY, (guint) hover->query))
    draw_ground (overlay, cr, HL_SIDE_QUERY, query, FALSE);
  if (key >= 0 && !hl_state_has_pin (state, HL_SIDE_KEY, (guint) hover->key))
    draw_ground (overlay, cr, HL_SIDE_KEY, key, FALSE);
}

static void
draw_ring (HlHeadsFigure *self,
           cairo_t       *cr,
           const HlRect  *bounds,
           HlColour       colour)
{
  double out = 2;

  hl_rounded_rectangle (cr, bounds->x - out, bounds->y - out, bounds->width + 2 * out, bounds->height + 2 * out,
                        hl_style_grid (self->base.style, 0.5) + out);
  hl_colour_set (cr, colour);
  cairo_set_line_width (cr, 1.5);
  cairo_stroke (cr);
}

static void
draw_lines (Overlay      *overlay,
            cairo_t      *cr,
            const HlRect *clip)
{
  HlHeadsFigure *self = overlay->self;
  g_autofree HlColour *colours = g_new (HlColour, overlay->n_heads + 1);
  HlRect field = self->field;
  double cap = ceil (self->line_width); /* round ends reach out of the field */
  guint n_sides = (overlay->sources[0].n_rows > 0) + (overlay->sources[1].n_rows > 0);

  if (!hl_rect_intersects (&field, clip))
    return;

  /* Between the columns the boxes take the place of the lines' last part. */
  overlay->strip = MIN (hl_style_grid (self->base.style, 1.2),
                        (self->arcs ? self->strip_width : 0.3 * field.width) / MAX (overlay->n_heads, 1));
  overlay->from_x = self->from_x;
  overlay->to_x = self->to_x;
  if (self->arcs && n_sides > 0)
    overlay->from_x -= self->strip_width + self->number_width + hl_style_grid (self->base.style, 1);
  if (!self->arcs && n_sides > 0)
    {
      double width = overlay->strip * overlay->n_heads + hl_style_grid (self->base.style, 0.5);

      if (overlay->sources[HL_SIDE_QUERY].n_rows > 0)
        overlay->to_x -= width;
      if (overlay->sources[HL_SIDE_KEY].n_rows > 0)
        overlay->from_x += width;
    }

  hl_colour_set (cr, hl_colour_with_alpha (self->base.style->background, 1 - QUIET));
  cairo_rectangle (cr, field.x - cap, field.y, field.width + 2 * cap, field.height);
  if (self->arcs && self->both_ways)
    cairo_rectangle (cr, self->to_x - cap, field.y, self->from_x - self->to_x + 2 * cap, field.height); /* leaves out labels */
  cairo_fill (cr);
  /* Boxes and numbers lie on a clean ground. */
  hl_colour_set (cr, self->base.style->background);
  if (self->arcs && overlay->from_x < self->from_x)
    cairo_rectangle (cr, overlay->from_x, field.y, self->from_x + cap - overlay->from_x, field.height);
  else if (overlay->from_x > self->from_x)
    cairo_rectangle (cr, self->from_x - cap, field.y, overlay->from_x - self->from_x + cap, field.height);
  if (overlay->to_x < self->to_x)
    cairo_rectangle (cr, overlay->to_x, field.y, self->to_x + cap - overlay->to_x, field.height);
  cairo_fill (cr);

  for (guint i = 0; i < overlay->n_heads; i++)
    colours[i] = self->heads[overlay->heads[i]].colour;
  if (overlay->weight_query >= 0)
    draw_weight (overlay, cr);
  else if (!hl_line_raster_paint (cr, &field, colours, overlay->n_heads, 0, add_lines, overlay))
    hl_line_raster_stroke (cr, &field, colours, overlay->n_heads, add_lines, overlay);
}

void
hl_heads_overlay (HlFigure     *figure,
                  cairo_t      *cr,
                  HlState      *state,
                  HlElement     focus,
                  const HlRect *clip)
{
  HlHeadsFigure *self = (HlHeadsFigure *) figure;
  Overlay overlay = { .self = self, .weight_query = -1, .weight_key = -1 };
  const HlHover *hover = &state->hover;
  HlRect bounds;

  find_heads (&overlay, state);
  for (guint side = 0; side < 2; side++)
    overlay.sources[side].rows = g_new (guint, state->n_pins + 1);

  if (hover->query >= 0 && hover->key >= 0)
    {
      overlay.weight_query = self->sides[HL_SIDE_QUERY].rows[hover->query];
      overlay.weight_key = self->sides[HL_SIDE_KEY].rows[hover->key];
      if (overlay.weight_key < 0)
        overlay.weight_query = -1;
    }
  else
    {
      for (guint i = 0; i < state->n_pins; i++)
        add_source (&overlay, state->pins[i].side, (int) state->pins[i].token);
      add_source (&overlay, HL_SIDE_QUERY, hover->query);
      add_source (&overlay, HL_SIDE_KEY, hover->key);
    }
  for (HlSide side = HL_SIDE_QUERY; side <= HL_SIDE_KEY; side++)
    if (overlay.sources[side].n_rows > 0)
      read_sources (&overlay, side);

  if (overlay.sources[0].n_rows > 0 || overlay.sources[1].n_rows > 0 || overlay.hovers_head || overlay.weight_query >= 0)
    draw_lines (&overlay, cr, clip);
  for (HlSide side = HL_SIDE_QUERY; side <= HL_SIDE_KEY; side++)
    if (overlay.sources[side].n_rows > 0 && (!self->arcs || side == HL_SIDE_QUERY || overlay.sources[0].n_rows == 0))
      draw_shading (&overlay, cr, side, clip);
  draw_grounds (&overlay, cr, state);

  if (state->head < self->n_heads && !self->single)
    draw_ring (self, cr, &self->heads[state->head].chip, figure->style->foreground);
  if (overlay.hovers_head)
    draw_ring (self, cr, &self->heads[hover->head].chip, figure->style->dim);
  if (hl_figure_get_bounds (figure, focus, &bounds))
    draw_ring (self, cr, &bounds, figure->style->accent);

  for (guint side = 0; side < 2; side++)
    {
      g_free (overlay.sources[side].rows);
      g_free (overlay.sources[side].weights);
      g_free (overlay.sources[side].totals);
    }
  g_free (overlay.heads);
}
