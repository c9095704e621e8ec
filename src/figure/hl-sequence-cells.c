#include "config.h"

#include "hl-sequence-private.h"

#include <math.h>

/* The size of lanes' names, relative to that of tokens, may shrink this far with the lanes. */
#define MIN_LANE_NAME 0.52

/* Drawing of running text with its grounds and lanes, and finding one's way in it. Lines and positions are those of
 * hl-sequence-lines.c. */

HlColour
hl_sequence_ground_hue (HlFigure             *figure,
                        const HlSequenceData *data)
{
  if (data->ground_head >= 0)
    return hl_figure_head_colour (figure, (guint) data->ground_head);
  /* The aggregate of one head is that head; of several it has the colour of none. */
  if (data->n_lanes == 1)
    return hl_figure_head_colour (figure, data->heads[0]);

  return hl_colour_mix (figure->style->background, figure->style->foreground, 0.72);
}

/* Over the lane's quiet ground: on a light theme never lighter than it, on a dark one never darker. */
HlColour
hl_sequence_lane_colour (const HlStyle *style,
                         HlColour       colour,
                         double         intensity)
{
  HlColour ramp = hl_style_ramp (style, colour, intensity);
  HlColour shade = style->shade;

  if (!(intensity > 0.0))
    return shade;
  if (hl_style_is_dark (style))
    return (HlColour) { MAX (ramp.red, shade.red), MAX (ramp.green, shade.green), MAX (ramp.blue, shade.blue), 1 };

  return (HlColour) { MIN (ramp.red, shade.red), MIN (ramp.green, shade.green), MIN (ramp.blue, shade.blue), 1 };
}

void
hl_sequence_draw_hatch (cairo_t       *cr,
                        const HlStyle *style,
                        const HlRect  *rect,
                        double         strength)
{
  double step = 4 * hl_sequence_unit (style);

  cairo_save (cr);
  cairo_rectangle (cr, rect->x, rect->y, rect->width, rect->height);
  cairo_clip (cr);
  for (double x = rect->x - rect->height; x < rect->x + rect->width; x += step)
    {
      cairo_move_to (cr, x, rect->y + rect->height);
      cairo_line_to (cr, x + rect->height, rect->y);
    }
  hl_colour_set (cr, hl_colour_mix (style->background, style->foreground, strength));
  cairo_set_line_width (cr, hl_sequence_unit (style));
  cairo_stroke (cr);
  cairo_restore (cr);
}

/* A rectangle whose left and right corners are round where asked for. */
static void
add_cell_path (cairo_t      *cr,
               const HlRect *rect,
               double        radius,
               gboolean      round_left,
               gboolean      round_right)
{
  double left = round_left ? MIN (radius, rect->width / 2) : 0.0;
  double right = round_right ? MIN (radius, rect->width / 2) : 0.0;
  double x = rect->x, y = rect->y;
  double end = rect->x + rect->width, bottom = rect->y + rect->height;

  cairo_new_sub_path (cr);
  cairo_arc (cr, end - right, y + right, right, -G_PI_2, 0);
  cairo_arc (cr, end - right, bottom - right, right, 0, G_PI_2);
  cairo_arc (cr, x + left, bottom - left, left, G_PI_2, G_PI);
  cairo_arc (cr, x + left, y + left, left, G_PI, 3 * G_PI_2);
  cairo_close_path (cr);
}

static gboolean
has_ground (const HlSequenceBlock *self)
{
  return self->data != NULL && !self->data->waiting && self->data->ground != NULL;
}

/* The colour behind a cell's text. */
static HlColour
find_ground (const HlSequenceBlock *self,
             HlFigure              *figure,
             HlColour               hue,
             gsize                  cell)
{
  const HlSequenceData *data = self->data;
  double intensity;

  if (!has_ground (self) || !data->shown[cell])
    return figure->style->background;
  intensity = hl_sequence_data_intensity (data, data->ground[cell], data->ground_top);
  if (isnan (intensity) || data->ground[cell] < 0)
    return figure->style->background;

  return hl_style_ramp (figure->style, hue, intensity);
}

static void
draw_ground (const HlSequenceBlock *self,
             HlFigure              *figure,
             cairo_t               *cr,
             const HlSequenceRun   *run,
             const HlRect          *rect,
             gsize                  cell,
             HlColour               hue)
{
  const HlSequenceData *data = self->data;
  const HlSequenceCell *place = &self->places[cell];
  gboolean first = place->offset <= 0.0;
  gboolean last = place->offset + place->width >= run->width;
  double px = hl_sequence_unit (figure->style);
  double intensity;

  if (!has_ground (self) || !data->shown[cell])
    return;

  intensity = hl_sequence_data_intensity (data, data->ground[cell], data->ground_top);
  if (isnan (intensity))
    {
      hl_sequence_draw_hatch (cr, figure->style, rect, 0.22);
    }
  else if (data->ground[cell] < 0)
    {
      HlRect inner = { rect->x + px, rect->y + px, MAX (rect->width - 2 * px, px), rect->height - 2 * px };

      add_cell_path (cr, &inner, 3 * px, TRUE, TRUE);
      hl_colour_set (cr, hl_style_ramp (figure->style, hue, intensity));
      cairo_set_line_width (cr, 2 * px);
      cairo_stroke (cr);
    }
  else if (intensity > 0)
    {
      add_cell_path (cr, rect, 3 * px, first, last);
      hl_colour_set (cr, find_ground (self, figure, hue, cell));
      cairo_fill (cr);
    }
}

static void
add_colour (PangoAttrList *attributes,
            HlColour       colour,
            guint          begin,
            guint          end)
{
  PangoAttribute *attribute = pango_attr_foreground_new ((guint16) (colour.red * 65535),
                                                         (guint16) (colour.green * 65535),
                                                         (guint16) (colour.blue * 65535));

  attribute->start_index = begin;
  attribute->end_index = end;
  pango_attr_list_insert (attributes, attribute);
}

static HlColour
find_text_colour (const HlSequenceBlock *self,
                  HlFigure              *figure,
                  HlColour               hue,
                  gsize                  cell)
{
  HlColour ground = find_ground (self, figure, hue, cell);
  gboolean faint = hl_tokens_get (self->cells.tokens, self->cells.first[cell])->special ||
                   (self->data != NULL && !self->data->shown[cell]);
  double intensity = has_ground (self) && self->data->shown[cell] ?
                     hl_sequence_data_intensity (self->data, self->data->ground[cell], self->data->ground_top) : 0.0;

  /* What is no word of the text steps back, as long as its ground lets it. */
  if (faint && !(intensity > 0.3))
    return figure->style->dim;

  return hl_style_text_on (figure->style, ground);
}

static void
draw_run (HlSequenceBlock *self,
          HlFigure        *figure,
          cairo_t         *cr,
          gsize            index,
          double           y)
{
  const HlSequenceRun *run = &g_array_index (self->runs, HlSequenceRun, index);
  HlColour hue = has_ground (self) ? hl_sequence_ground_hue (figure, self->data) : figure->style->foreground;
  g_autoptr (PangoLayout) layout = hl_text_layout (figure->style, run->text, HL_TEXT_TOKEN, HL_TEXT_REGULAR);
  g_autoptr (PangoAttrList) attributes = pango_attr_list_new ();
  double px = hl_sequence_unit (figure->style);

  for (gsize cell = run->first; cell < run->end; cell++)
    {
      HlRect rect = hl_sequence_block_cell (self, cell);

      draw_ground (self, figure, cr, run, &rect, cell, hue);
      add_colour (attributes, find_text_colour (self, figure, hue, cell), self->places[cell].begin,
                  self->places[cell].end);
    }

  pango_layout_set_attributes (layout, attributes);
  if (run->text_width > 0)
    {
      pango_layout_set_ellipsize (layout, PANGO_ELLIPSIZE_END);
      pango_layout_set_width (layout, (int) (run->text_width * PANGO_SCALE));
    }
  cairo_move_to (cr, run->x + run->text_x, y + self->baseline - (double) pango_layout_get_baseline (layout) / PANGO_SCALE);
  hl_colour_set (cr, figure->style->foreground);
  pango_cairo_show_layout (cr, layout);
  cairo_new_path (cr);

  /* Boundaries inside: a notch between the pieces of a word, a gap between what merely touches. */
  if (self->spaces_are_tokens)
    return;
  for (gsize cell = run->first; cell < run->end; cell++)
    {
      const HlSequenceCell *place = &self->places[cell];
      const HlSequenceCell *before = cell > 0 ? place - 1 : NULL;
      double x;

      if (before == NULL || before->line != place->line || (cell == run->first && !place->continues))
        continue;
      x = before->x < place->x ? place->x : place->x + place->width;
      if (place->continues)
        {
          hl_colour_set (cr, hl_colour_with_alpha (find_text_colour (self, figure, hue, cell), 0.5));
          cairo_rectangle (cr, x - px / 2, y + self->text_height - 3 * px, px, 3 * px);
        }
      else
        {
          hl_colour_set (cr, figure->style->background);
          cairo_rectangle (cr, x - px / 2, y, px, self->text_height);
        }
      cairo_fill (cr);
    }
}

static HlRect
lane_rect (const HlSequenceBlock *self,
           const HlSequenceLine  *line,
           gsize                  lane)
{
  return (HlRect) { line->left, line->y + self->lane_top + lane * self->lane_pitch, line->right - line->left,
                    self->lane_height };
}

static void
draw_lane (HlSequenceBlock      *self,
           HlFigure             *figure,
           cairo_t              *cr,
           const HlSequenceLine *line,
           gsize                 lane)
{
  const HlSequenceData *data = self->data;
  const HlStyle *style = figure->style;
  HlColour colour = hl_figure_head_colour (figure, data->heads[lane]);
  const float *values = data->values + lane * data->cells.n;
  HlRect rect = lane_rect (self, line, lane);
  double px = hl_sequence_unit (style);
  double seam = self->spaces_are_tokens ? 0.0 : px;

  for (gsize cell = line->first; cell < line->end; cell++)
    {
      double intensity = data->shown[cell] && !data->waiting
                           ? hl_sequence_data_intensity (data, values[cell], data->tops[lane]) : 0.0;

      rect.x = self->places[cell].x;
      rect.width = MAX (self->places[cell].width - seam, px);
      cairo_rectangle (cr, rect.x, rect.y, rect.width, rect.height);
      hl_colour_set (cr, hl_sequence_lane_colour (style, colour, intensity));
      cairo_fill (cr);
      if (isnan (intensity))
        {
          hl_sequence_draw_hatch (cr, style, &rect, 0.4);
        }
      else if (values[cell] < 0 && intensity > 0)
        {
          double inset = MIN (px, rect.height / 3);

          cairo_rectangle (cr, rect.x + inset, rect.y + inset, MAX (rect.width - 2 * inset, 0), rect.height - 2 * inset);
          hl_colour_set (cr, style->background);
          cairo_fill (cr);
        }
    }
}

/* Names in the margin, as many as have room, and each lane's colour at full strength beside them. */
static void
draw_margin (HlSequenceBlock      *self,
             HlFigure             *figure,
             cairo_t              *cr,
             const HlSequenceLine *line)
{
  const HlSequenceData *data = self->data;
  const HlStyle *style = figure->style;
  double px = hl_sequence_unit (style);
  double key = MIN (3 * px, self->margin_width);
  double room = self->margin_width - key - 8 * px;
  double key_x = line->rtl ? line->margin_x + 4 * px : line->margin_x + self->margin_width - key - 4 * px;
  double name_x = line->rtl ? key_x + key + 4 * px : line->margin_x + room;
  double size = CLAMP (0.9 * self->lane_pitch / style->font_size, MIN_LANE_NAME, HL_TEXT_CAPTION);
  gsize step = (gsize) MAX (1.0, ceil (style->font_size * size / self->lane_pitch));

  for (gsize lane = 0; lane < data->n_lanes; lane++)
    {
      HlRect rect = lane_rect (self, line, lane);
      gboolean chosen = data->ground_head == (int) data->heads[lane];

      cairo_rectangle (cr, key_x, rect.y, key, rect.height);
      hl_colour_set (cr, hl_figure_head_colour (figure, data->heads[lane]));
      cairo_fill (cr);

      if (room >= 6 * px && lane % step == 0)
        {
          g_autofree char *name = hl_state_dup_head_name (figure->state, data->heads[lane]);

          hl_text_draw (cr, style, name, size, chosen ? HL_TEXT_BOLD : HL_TEXT_NUMBERS,
                        chosen ? style->foreground : style->dim, name_x, rect.y + rect.height / 2,
                        line->rtl ? 0.0 : 1.0, room);
        }
    }
}

void
hl_sequence_block_draw (HlSequenceBlock *self,
                        HlFigure        *figure,
                        cairo_t         *cr,
                        const HlRect    *clip)
{
  const HlStyle *style = figure->style;

  if (self->heading != NULL)
    hl_text_draw (cr, style, self->heading, HL_TEXT_LABEL, HL_TEXT_BOLD, style->dim,
                  self->bounds.x + 3 * hl_sequence_unit (style), self->heading_y, 0.0, self->bounds.width);

  for (guint l = 0; l < self->lines->len; l++)
    {
      const HlSequenceLine *line = &g_array_index (self->lines, HlSequenceLine, l);
      gsize n_lanes = self->data != NULL && self->lane_pitch > 0 ? self->data->n_lanes : 0;
      HlRect rect = { 0, line->y, figure->width, self->lane_top + n_lanes * self->lane_pitch };

      if (!hl_rect_intersects (&rect, clip))
        continue;
      for (gsize run = line->first_run; run < line->end_run; run++)
        draw_run (self, figure, cr, run, line->y);
      for (gsize lane = 0; lane < n_lanes && !self->data->waiting; lane++)
        draw_lane (self, figure, cr, line, lane);
      if (n_lanes > 0 && self->margin_width > 0)
        draw_margin (self, figure, cr, line);
      /* What to do stands where its effect will be. */
      if (self->hint != NULL && l == 0 && n_lanes > 0)
        hl_text_draw (cr, style, self->hint, HL_TEXT_LABEL, HL_TEXT_BOLD, style->dim,
                      line->rtl ? line->right : line->left + 3 * hl_sequence_unit (style),
                      line->y + self->lane_top + MAX (n_lanes * self->lane_pitch, style->font_size) / 2,
                      line->rtl ? 1.0 : 0.0, line->right - line->left);
    }
}

static HlElement
make_element (const HlSequenceBlock *self,
              HlSequenceKind         kind,
              gsize                  cell,
              guint                  head)
{
  return (HlElement) { kind, (int) self->cells.first[cell], (int) self->cells.side, (int) head };
}

/* The cell of @line at @x, or within half a gap of it; -1 for none. */
static gssize
find_cell (const HlSequenceBlock *self,
           const HlSequenceLine  *line,
           double                 x,
           double                 reach)
{
  gssize best = -1;
  double nearest = reach;

  for (gsize cell = line->first; cell < line->end; cell++)
    {
      const HlSequenceCell *place = &self->places[cell];
      double distance = x < place->x ? place->x - x : x >= place->x + place->width ? x - place->x - place->width : -1;

      if (distance < 0)
        return (gssize) cell;
      if (distance < nearest)
        {
          nearest = distance;
          best = (gssize) cell;
        }
    }

  return best;
}

HlElement
hl_sequence_block_pick (HlSequenceBlock *self,
                        double           x,
                        double           y)
{
  gsize low = 0, high = self->lines->len;
  const HlSequenceLine *line;
  gsize n_lanes = self->data != NULL && self->lane_pitch > 0 ? self->data->n_lanes : 0;
  double down;
  gssize cell;

  while (low < high)
    {
      gsize middle = (low + high) / 2;

      if (g_array_index (self->lines, HlSequenceLine, middle).y <= y)
        low = middle + 1;
      else
        high = middle;
    }
  if (low == 0)
    return HL_ELEMENT_NONE;

  line = &g_array_index (self->lines, HlSequenceLine, low - 1);
  down = y - line->y;
  cell = find_cell (self, line, x, 3.0);
  if (down < self->text_height)
    return cell >= 0 ? make_element (self, HL_SEQUENCE_TOKEN, (gsize) cell, 0) : HL_ELEMENT_NONE;

  down -= self->lane_top;
  if (down >= 0 && down < n_lanes * self->lane_pitch)
    {
      guint head = self->data->heads[MIN ((gsize) (down / self->lane_pitch), n_lanes - 1)];

      if (cell >= 0)
        return make_element (self, HL_SEQUENCE_VALUE, (gsize) cell, head);
      if (x >= line->margin_x && x < line->margin_x + self->margin_width)
        return (HlElement) { HL_SEQUENCE_LANE, (int) head, (int) low - 1, 0 };
    }

  return HL_ELEMENT_NONE;
}

static gssize
get_cell (const HlSequenceBlock *self,
          HlElement              element)
{
  if (element.j != (int) self->cells.side || element.i < 0 ||
      (gsize) element.i >= hl_tokens_get_length (self->cells.tokens))
    return -1;

  return (gssize) self->cells.cell_of[element.i];
}

gboolean
hl_sequence_block_bounds (HlSequenceBlock *self,
                          HlElement        element,
                          HlRect          *bounds)
{
  gssize cell;
  int lane;

  if (element.kind == HL_SEQUENCE_LANE)
    {
      if (self->data == NULL || self->lane_pitch <= 0 || self->margin_width <= 0 || element.i < 0 || element.j < 0 ||
          (guint) element.j >= self->lines->len)
        return FALSE;
      lane = hl_sequence_data_find_lane (self->data, (guint) element.i);
      if (lane < 0)
        return FALSE;
      *bounds = lane_rect (self, &g_array_index (self->lines, HlSequenceLine, element.j), (gsize) lane);
      bounds->x = g_array_index (self->lines, HlSequenceLine, element.j).margin_x;
      bounds->width = self->margin_width;
      return TRUE;
    }

  cell = get_cell (self, element);
  if (cell < 0)
    return FALSE;
  if (element.kind == HL_SEQUENCE_TOKEN)
    {
      *bounds = hl_sequence_block_cell (self, (gsize) cell);
      return TRUE;
    }
  if (element.kind != HL_SEQUENCE_VALUE || self->data == NULL || self->lane_pitch <= 0)
    return FALSE;

  lane = hl_sequence_data_find_lane (self->data, (guint) element.k);
  if (lane < 0)
    return FALSE;
  *bounds = lane_rect (self, &g_array_index (self->lines, HlSequenceLine, self->places[cell].line), (gsize) lane);
  bounds->x = self->places[cell].x;
  bounds->width = self->places[cell].width;

  return TRUE;
}

static HlElement
move_between_lines (HlSequenceBlock *self,
                    HlElement        element,
                    gsize            cell,
                    int              step)
{
  const HlSequenceCell *place = &self->places[cell];
  gssize target = (gssize) place->line + step;
  gssize found;

  if (target < 0 || target >= (gssize) self->lines->len)
    return element;
  found = find_cell (self, &g_array_index (self->lines, HlSequenceLine, target), place->x + place->width / 2, G_MAXDOUBLE);

  return found < 0 ? element : make_element (self, element.kind, (gsize) found, (guint) element.k);
}

static HlElement
move_between_lanes (HlSequenceBlock *self,
                    HlElement        element,
                    int              step)
{
  int lane = hl_sequence_data_find_lane (self->data, (guint) (element.kind == HL_SEQUENCE_LANE ? element.i : element.k)) +
             step;
  gsize n_lines = self->lines->len;

  if (element.kind == HL_SEQUENCE_VALUE)
    {
      if (lane < 0)
        return (HlElement) { HL_SEQUENCE_TOKEN, element.i, element.j, 0 };
      if (lane < (int) self->data->n_lanes)
        element.k = (int) self->data->heads[lane];
      return element;
    }

  if (lane < 0 && element.j > 0)
    {
      element.j--;
      lane = (int) self->data->n_lanes - 1;
    }
  else if (lane >= (int) self->data->n_lanes && element.j + 1 < (int) n_lines)
    {
      element.j++;
      lane = 0;
    }
  if (lane >= 0 && lane < (int) self->data->n_lanes)
    element.i = (int) self->data->heads[lane];

  return element;
}

HlElement
hl_sequence_block_neighbour (HlSequenceBlock *self,
                             HlElement        element,
                             HlDirection      direction)
{
  gssize cell = element.kind == HL_SEQUENCE_LANE ? 0 : get_cell (self, element);
  HlRect bounds;
  gboolean rtl;
  int step;

  if (cell < 0 || !hl_sequence_block_bounds (self, element, &bounds))
    return HL_ELEMENT_NONE;

  if (element.kind == HL_SEQUENCE_LANE)
    {
      if (direction == HL_DIRECTION_UP || direction == HL_DIRECTION_DOWN)
        return move_between_lanes (self, element, direction == HL_DIRECTION_UP ? -1 : 1);
      if (direction == HL_DIRECTION_FIRST)
        return (HlElement) { HL_SEQUENCE_LANE, (int) self->data->heads[0], 0, 0 };
      if (direction == HL_DIRECTION_LAST)
        return (HlElement) { HL_SEQUENCE_LANE, (int) self->data->heads[self->data->n_lanes - 1],
                             (int) self->lines->len - 1, 0 };
      return element;
    }

  switch (direction)
    {
    case HL_DIRECTION_LEFT:
    case HL_DIRECTION_RIGHT:
      /* The arrow keys follow the eye: in a line that runs to the left, Left leads on. */
      rtl = g_array_index (self->lines, HlSequenceLine, self->places[cell].line).rtl;
      step = (direction == HL_DIRECTION_RIGHT) != rtl ? 1 : -1;
      return make_element (self, element.kind, (gsize) CLAMP (cell + step, 0, (gssize) self->cells.n - 1),
                           (guint) element.k);

    case HL_DIRECTION_UP:
    case HL_DIRECTION_DOWN:
      step = direction == HL_DIRECTION_UP ? -1 : 1;
      return element.kind == HL_SEQUENCE_VALUE ? move_between_lanes (self, element, step)
                                               : move_between_lines (self, element, (gsize) cell, step);

    case HL_DIRECTION_FIRST:
      return make_element (self, element.kind, 0, (guint) element.k);

    case HL_DIRECTION_LAST:
      return make_element (self, element.kind, self->cells.n - 1, (guint) element.k);

    case HL_DIRECTION_NEXT:
    case HL_DIRECTION_PREVIOUS:
    default:
      return HL_ELEMENT_NONE;
    }
}
