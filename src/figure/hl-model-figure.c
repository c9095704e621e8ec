#include "config.h"

#include "hl-model-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

#include "hl-head-statistics.h"

/* A description reads a whole head: not one of more weights than this, which would keep the pointer waiting. */
#define MAX_DESCRIBED 4000000

static const char *
missing (const HlState *state)
{
  HlAttention *attention = hl_state_get_attention (state);

  if (attention == NULL)
    return _("This file holds scores of tokens, but not which token attends to which.");
  if (hl_attention_get_max_heads (attention) == 0)
    return _("This file has no heads.");

  return NULL;
}

static HlElement
make_tile (gsize layer,
           gsize head)
{
  return (HlElement) { HL_MODEL_TILE, (int) layer, (int) head, 0 };
}

static HlElement
pick (HlFigure *figure,
      double    x,
      double    y)
{
  HlModelFigure *self = (HlModelFigure *) figure;

  if (self->panel != NULL && hl_rect_contains (&self->panel_rect, x, y))
    {
      if (hl_rect_contains (&self->close_rect, x, y))
        return (HlElement) { HL_MODEL_CLOSE, 0, 0, 0 };

      return hl_figure_pick (self->panel, x - self->panel_rect.x, y - self->panel_rect.y);
    }

  /* Gaps between tiles belong to the tile before, so that the pointer does not lose them on its way. */
  if (x >= self->left && y >= self->top)
    {
      int layer = (int) MIN ((y - self->top) / self->pitch_y, G_MAXINT - 1);
      int head = (int) MIN ((x - self->left) / self->pitch_x, G_MAXINT - 1);

      if (hl_model_has_tile (self, layer, head))
        return make_tile ((gsize) layer, (gsize) head);
    }

  return self->panel != NULL ? (HlElement) { HL_MODEL_OUTSIDE, 0, 0, 0 } : HL_ELEMENT_NONE;
}

static gboolean
get_bounds (HlFigure  *figure,
            HlElement  element,
            HlRect    *bounds)
{
  HlModelFigure *self = (HlModelFigure *) figure;

  switch (element.kind)
    {
    case HL_MODEL_TILE:
      if (!hl_model_has_tile (self, element.i, element.j))
        return FALSE;
      *bounds = hl_model_get_tile (self, (gsize) element.i, (gsize) element.j);
      return TRUE;

    case HL_MODEL_TOKEN:
      if (self->panel == NULL || !hl_figure_get_bounds (self->panel, element, bounds))
        return FALSE;
      bounds->x += self->panel_rect.x;
      bounds->y += self->panel_rect.y;
      return TRUE;

    case HL_MODEL_CLOSE:
      *bounds = self->close_rect;
      return self->panel != NULL;

    default:
      return FALSE;
    }
}

static HlElement
enter_panel (HlModelFigure *self)
{
  HlElement first = hl_figure_neighbour (self->panel, HL_ELEMENT_NONE, HL_DIRECTION_FIRST);

  return first.kind != 0 ? first : (HlElement) { HL_MODEL_CLOSE, 0, 0, 0 };
}

static HlElement
get_neighbour_of_tile (HlModelFigure *self,
                       int            layer,
                       int            head,
                       HlDirection    direction)
{
  int next_layer = layer, next_head = head;

  switch (direction)
    {
    case HL_DIRECTION_LEFT:
      next_head--;
      break;
    case HL_DIRECTION_RIGHT:
      next_head++;
      break;
    case HL_DIRECTION_UP:
    case HL_DIRECTION_DOWN:
      next_layer += direction == HL_DIRECTION_DOWN ? 1 : -1;
      /* A layer may have fewer heads, down to none. */
      while (next_layer >= 0 && next_layer < (int) self->n_layers &&
             hl_attention_get_n_heads (self->attention, (gsize) next_layer) == 0)
        next_layer += direction == HL_DIRECTION_DOWN ? 1 : -1;
      if (next_layer >= 0 && next_layer < (int) self->n_layers)
        next_head = MIN (head, (int) hl_attention_get_n_heads (self->attention, (gsize) next_layer) - 1);
      break;
    case HL_DIRECTION_FIRST:
      next_head = 0;
      break;
    case HL_DIRECTION_LAST:
      next_head = (int) hl_attention_get_n_heads (self->attention, (gsize) layer) - 1;
      break;
    case HL_DIRECTION_NEXT:
      return self->panel != NULL ? enter_panel (self) : HL_ELEMENT_NONE;
    case HL_DIRECTION_PREVIOUS:
    default:
      return HL_ELEMENT_NONE;
    }

  return hl_model_has_tile (self, next_layer, next_head) ? make_tile ((gsize) next_layer, (gsize) next_head)
                                                         : make_tile ((gsize) layer, (gsize) head);
}

/* Where the keyboard begins: at the head shown. */
static HlElement
get_first_tile (HlModelFigure *self)
{
  const HlState *state = self->base.state;

  if (hl_model_has_tile (self, (int) state->layer, (int) state->head))
    return make_tile (state->layer, state->head);
  for (gsize layer = 0; layer < self->n_layers; layer++)
    if (hl_attention_get_n_heads (self->attention, layer) > 0)
      return make_tile (layer, 0);

  return HL_ELEMENT_NONE;
}

static HlElement
neighbour (HlFigure    *figure,
           HlElement    element,
           HlDirection  direction)
{
  HlModelFigure *self = (HlModelFigure *) figure;
  HlElement next;

  if (element.kind == HL_MODEL_TILE && hl_model_has_tile (self, element.i, element.j))
    return get_neighbour_of_tile (self, element.i, element.j, direction);
  if (self->panel == NULL || (element.kind != HL_MODEL_TOKEN && element.kind != HL_MODEL_CLOSE))
    return get_first_tile (self);

  if (element.kind == HL_MODEL_CLOSE)
    {
      if (direction == HL_DIRECTION_NEXT)
        return HL_ELEMENT_NONE;
      if (direction == HL_DIRECTION_PREVIOUS || direction == HL_DIRECTION_DOWN || direction == HL_DIRECTION_LEFT)
        {
          next = enter_panel (self);
          return next.kind == HL_MODEL_TOKEN || direction != HL_DIRECTION_PREVIOUS ? next : get_first_tile (self);
        }
      return element;
    }

  next = hl_figure_neighbour (self->panel, element, direction);
  if (next.kind == 0)
    return direction == HL_DIRECTION_NEXT ? (HlElement) { HL_MODEL_CLOSE, 0, 0, 0 } : get_first_tile (self);

  return next;
}

static char *
describe_tile (HlModelFigure *self,
               gsize          layer,
               gsize          head)
{
  GString *text = g_string_new (NULL);
  gsize n_queries = hl_attention_get_n_queries (self->attention), n_keys = hl_attention_get_n_keys (self->attention);
  double statistics[HL_N_HEAD_STATISTICS];

  g_string_append_printf (text, _("Layer %u, head %u"), hl_attention_get_layer_number (self->attention, layer),
                          hl_attention_get_head_number (self->attention, head));
  if (n_queries == 0 || n_keys == 0 || (double) n_queries * n_keys > MAX_DESCRIBED)
    return g_string_free (text, FALSE);

  hl_head_statistics_compute (self->attention, layer, head, statistics);
  for (guint i = 0; i < HL_N_HEAD_STATISTICS; i++)
    {
      /* The largest first, and what does not exist not at all. */
      guint which = i == 0 ? HL_HEAD_STATISTIC_MAXIMUM : i - 1;
      g_autofree char *number = hl_text_number (statistics[which]);

      if (!isnan (statistics[which]))
        g_string_append_printf (text, "\n%s %s", hl_head_statistic_get_name (which), number);
    }

  return g_string_free (text, FALSE);
}

static char *
describe (HlFigure  *figure,
          HlElement  element)
{
  HlModelFigure *self = (HlModelFigure *) figure;

  switch (element.kind)
    {
    case HL_MODEL_TILE:
      return hl_model_has_tile (self, element.i, element.j) ? describe_tile (self, (gsize) element.i, (gsize) element.j)
                                                            : NULL;
    case HL_MODEL_TOKEN:
      return self->panel != NULL ? hl_figure_describe (self->panel, element) : NULL;
    case HL_MODEL_CLOSE:
      return g_strdup (_("Close the enlarged head"));
    default:
      return NULL;
    }
}

static char *
summarise (HlFigure *figure)
{
  HlModelFigure *self = (HlModelFigure *) figure;
  gsize n_queries = hl_attention_get_n_queries (self->attention), n_keys = hl_attention_get_n_keys (self->attention);
  g_autofree char *queries = hl_text_count (n_queries), *keys = hl_text_count (n_keys);
  gboolean is_ragged = FALSE;
  GString *text = g_string_new (NULL);

  for (gsize layer = 0; layer < self->n_layers; layer++)
    is_ragged |= hl_attention_get_n_heads (self->attention, layer) != self->n_heads;
  g_string_append_printf (text, is_ragged ? _("%" G_GSIZE_FORMAT " layers of up to %" G_GSIZE_FORMAT " heads")
                                          : _("%" G_GSIZE_FORMAT " layers × %" G_GSIZE_FORMAT " heads"),
                          self->n_layers, self->n_heads);
  g_string_append_printf (text, _(", each %s queries × %s keys. Layers and heads count from 0."), queries, keys);
  if (self->pools->n_rows < n_queries || self->pools->n_columns < n_keys)
    g_string_append_printf (text, self->lines
                                    ? _(" Each tile is made of %" G_GSIZE_FORMAT " × %" G_GSIZE_FORMAT
                                        " cells, whose lines lie one over another.")
                                    : _(" Each tile is made of %" G_GSIZE_FORMAT " × %" G_GSIZE_FORMAT
                                        " cells, each as strong as the largest weight in it."),
                            self->pools->n_rows, self->pools->n_columns);
  if (self->lines && self->n_lines > HL_MODEL_MAX_PATHS)
    g_string_append_printf (text, " %s", _("In a vector file the lines are pictures of 300 dots an inch."));

  return g_string_free (text, FALSE);
}

static void
hover (HlFigure    *figure,
       HlElement    element,
       HlSelection *selection)
{
  HlModelFigure *self = (HlModelFigure *) figure;
  HlHover what = HL_HOVER_NONE;

  if (element.kind == HL_MODEL_TOKEN && self->panel != NULL)
    {
      hl_figure_hover (self->panel, element, selection);
      return;
    }
  if (element.kind == HL_MODEL_TILE)
    {
      what.layer = element.i;
      what.head = element.j;
    }
  hl_selection_set_hover (selection, &what);
}

static gboolean
activate (HlFigure    *figure,
          HlElement    element,
          HlGesture    gesture,
          HlSelection *selection)
{
  HlModelFigure *self = (HlModelFigure *) figure;

  switch (element.kind)
    {
    case HL_MODEL_TILE:
      {
        const HlState *state = hl_selection_get_state (selection);
        gboolean open = self->panel != NULL && self->panel_layer == (guint) element.i &&
                        self->panel_head == (guint) element.j && state->enlarged;

        if (!hl_model_has_tile (self, element.i, element.j))
          return FALSE;
        hl_selection_set_head (selection, (guint) element.i, (guint) element.j);
        /* A second click on the tile that is enlarged closes it; on another, moves on to that. */
        if (gesture == HL_GESTURE_DOUBLE || open)
          hl_selection_set_enlarged (selection, !open);
        return TRUE;
      }
    case HL_MODEL_TOKEN:
      return self->panel != NULL && hl_figure_activate (self->panel, element, gesture, selection);
    case HL_MODEL_CLOSE:
    case HL_MODEL_OUTSIDE:
      hl_selection_set_enlarged (selection, FALSE);
      return TRUE;
    default:
      return FALSE;
    }
}

/* A line for each head: what one number can say of it. */
static void
write_csv (HlFigure *figure,
           GString  *csv)
{
  HlModelFigure *self = (HlModelFigure *) figure;

  g_string_append (csv, "layer,head,entropy,distance,first,previous,next,self,special,maximum\n");
  for (gsize layer = 0; layer < self->n_layers; layer++)
    for (gsize head = 0; head < hl_attention_get_n_heads (self->attention, layer); head++)
      {
        double statistics[HL_N_HEAD_STATISTICS];

        hl_head_statistics_compute (self->attention, layer, head, statistics);
        g_string_append_printf (csv, "%u,%u,", hl_attention_get_layer_number (self->attention, layer),
                                hl_attention_get_head_number (self->attention, head));
        for (guint i = 0; i < HL_N_HEAD_STATISTICS; i++)
          hl_csv_append_number (csv, statistics[i], i + 1 < HL_N_HEAD_STATISTICS ? ',' : '\n');
      }
}

/* The enlarged head is part of the picture. */
static HlChange
depends (const HlState *state)
{
  return state->enlarged ? HL_CHANGE_LAYER | HL_CHANGE_HEAD | HL_CHANGE_WORDS : 0;
}

const HlFigureClass hl_model_figure_class = {
  .view = HL_VIEW_MODEL,
  .title = N_("Model"),
  .dependence = HL_CHANGE_ATTENTION | HL_CHANGE_FILTER | HL_CHANGE_COLOURS | HL_CHANGE_THUMBNAIL | HL_CHANGE_ENLARGED,
  .size = sizeof (HlModelFigure),
  .layout = hl_model_layout,
  .inherit = hl_model_inherit,
  .depends = depends,
  .finalize = hl_model_finalize,
  .draw = hl_model_draw,
  .overlay = hl_model_overlay,
  .pick = pick,
  .neighbour = neighbour,
  .bounds = get_bounds,
  .describe = describe,
  .summarise = summarise,
  .hover = hover,
  .activate = activate,
  .csv = write_csv,
  .missing = missing,
};
