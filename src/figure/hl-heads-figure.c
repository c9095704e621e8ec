#include "config.h"

#include "hl-heads-private.h"

#include <glib/gi18n-lib.h>
#include <math.h>

/* Partners named in a description. */
#define N_PARTNERS 3

/* Beyond this many pairs only the lines drawn are exported. */
#define MAX_CSV_PAIRS 20000000

static const char *
missing (const HlState *state)
{
  HlAttention *attention = hl_state_get_attention (state);

  if (attention == NULL)
    return _("This file holds scores of tokens, but not which token attends to which.");
  if (hl_attention_get_n_layers (attention) == 0 || hl_attention_get_n_heads (attention, state->layer) == 0)
    return _("This layer has no heads.");

  return NULL;
}

static HlElement
make_chip (guint head)
{
  return (HlElement) { HL_HEADS_CHIP, (int) head, 0, 0 };
}

/* The first chip, where there are any. */
static HlElement
get_first_chip (HlHeadsFigure *self)
{
  return !self->single ? make_chip (0) : HL_ELEMENT_NONE;
}

static HlElement
make_token (HlHeadsFigure *self,
            HlSide         side,
            guint          row)
{
  return (HlElement) { HL_HEADS_TOKEN, (int) side, (int) self->sides[side].tokens[row], 0 };
}

/* The row of a token element, or −1. */
static int
get_row (HlHeadsFigure *self,
         HlElement      element)
{
  if (element.kind != HL_HEADS_TOKEN || element.j < 0 ||
      element.j >= (int) hl_tokens_get_length (hl_state_get_tokens (self->base.state, (HlSide) element.i)))
    return -1;

  return self->sides[element.i].rows[element.j];
}

/* The row whose middle is nearest to @y. */
static guint
find_row (const HlHeadsSide *rows,
          double             y)
{
  guint low = 0, high = rows->n;

  while (high - low > 1)
    {
      guint middle = (low + high) / 2;

      if (rows->y[middle] <= y)
        low = middle;
      else
        high = middle;
    }
  if (low + 1 < rows->n && rows->y[low + 1] - y < y - rows->y[low])
    low++;

  return low;
}

static HlElement
pick (HlFigure *figure,
      double    x,
      double    y)
{
  HlHeadsFigure *self = (HlHeadsFigure *) figure;
  double space = hl_style_grid (figure->style, 1);

  for (guint head = 0; head < self->n_heads && !self->single; head++)
    if (hl_rect_contains (&self->heads[head].chip, x, y))
      return make_chip (head);

  for (HlSide side = HL_SIDE_QUERY; side <= (self->arcs ? HL_SIDE_QUERY : HL_SIDE_KEY); side++)
    {
      const HlHeadsSide *rows = &self->sides[side];
      HlRect row;
      guint nearest;

      if (rows->n == 0 || x < rows->column.x - space || x >= rows->column.x + rows->column.width + space)
        continue;
      nearest = find_row (rows, y);
      row = hl_heads_get_row (self, side, nearest);
      if (y >= row.y && y < row.y + row.height)
        return make_token (self, side, nearest);
    }

  return HL_ELEMENT_NONE;
}

static gboolean
get_bounds (HlFigure  *figure,
            HlElement  element,
            HlRect    *bounds)
{
  HlHeadsFigure *self = (HlHeadsFigure *) figure;
  int row = get_row (self, element);

  if (element.kind == HL_HEADS_CHIP && element.i >= 0 && element.i < (int) self->n_heads)
    {
      *bounds = self->heads[element.i].chip;
      return TRUE;
    }
  if (row < 0)
    return FALSE;

  *bounds = hl_heads_get_row (self, (HlSide) element.i, (guint) row);

  return TRUE;
}

/* Chips in the same column of the row above or below; −1 if there is none. */
static int
step_chips (HlHeadsFigure *self,
            int            head,
            int            direction)
{
  const HlRect *from = &self->heads[head].chip;

  for (int i = head + direction; i >= 0 && i < (int) self->n_heads; i += direction)
    {
      const HlRect *chip = &self->heads[i].chip;

      /* The last row may be shorter. */
      if (chip->y != from->y && (chip->x == from->x || (i == (int) self->n_heads - 1 && chip->x < from->x)))
        return i;
    }

  return -1;
}

static HlElement
get_first_token (HlHeadsFigure *self)
{
  if (self->sides[HL_SIDE_QUERY].n > 0)
    return make_token (self, HL_SIDE_QUERY, 0);
  if (!self->arcs && self->sides[HL_SIDE_KEY].n > 0)
    return make_token (self, HL_SIDE_KEY, 0);

  return HL_ELEMENT_NONE;
}

static HlElement
get_neighbour_of_chip (HlHeadsFigure *self,
                       int            head,
                       HlDirection    direction)
{
  int last = (int) self->n_heads - 1, next = head;

  switch (direction)
    {
    case HL_DIRECTION_LEFT:
      next = MAX (head - 1, 0);
      break;
    case HL_DIRECTION_RIGHT:
      next = MIN (head + 1, last);
      break;
    case HL_DIRECTION_UP:
      next = step_chips (self, head, -1);
      break;
    case HL_DIRECTION_DOWN:
      next = step_chips (self, head, 1);
      if (next < 0)
        {
          HlElement token = get_first_token (self);

          return token.kind != 0 ? token : make_chip ((guint) head);
        }
      break;
    case HL_DIRECTION_FIRST:
      next = 0;
      break;
    case HL_DIRECTION_LAST:
      next = last;
      break;
    case HL_DIRECTION_NEXT:
      return get_first_token (self);
    case HL_DIRECTION_PREVIOUS:
      return HL_ELEMENT_NONE;
    default:
      break;
    }

  return make_chip ((guint) (next < 0 ? head : next));
}

static HlElement
neighbour (HlFigure    *figure,
           HlElement    element,
           HlDirection  direction)
{
  HlHeadsFigure *self = (HlHeadsFigure *) figure;
  int row = get_row (self, element);
  HlSide side = (HlSide) element.i;
  const HlHeadsSide *rows;

  if (element.kind == HL_HEADS_CHIP && element.i >= 0 && element.i < (int) self->n_heads)
    return get_neighbour_of_chip (self, element.i, direction);
  if (row < 0)
    return !self->single ? make_chip (0) : get_first_token (self);

  rows = &self->sides[side];
  switch (direction)
    {
    case HL_DIRECTION_UP:
      if (row > 0)
        return make_token (self, side, (guint) row - 1);
      return !self->single ? make_chip (0) : element;
    case HL_DIRECTION_DOWN:
      return make_token (self, side, MIN ((guint) row + 1, rows->n - 1));
    case HL_DIRECTION_LEFT:
    case HL_DIRECTION_RIGHT:
      {
        HlSide other = direction == HL_DIRECTION_LEFT ? HL_SIDE_QUERY : HL_SIDE_KEY;

        if (self->arcs || other == side || self->sides[other].n == 0)
          return element;

        return make_token (self, other, find_row (&self->sides[other], rows->y[row]));
      }
    case HL_DIRECTION_FIRST:
      return make_token (self, side, 0);
    case HL_DIRECTION_LAST:
      return make_token (self, side, rows->n - 1);
    case HL_DIRECTION_NEXT:
      if (side == HL_SIDE_QUERY && !self->arcs && self->sides[HL_SIDE_KEY].n > 0)
        return make_token (self, HL_SIDE_KEY, 0);
      return HL_ELEMENT_NONE;
    case HL_DIRECTION_PREVIOUS:
      if (side == HL_SIDE_KEY && self->sides[HL_SIDE_QUERY].n > 0)
        return make_token (self, HL_SIDE_QUERY, 0);
      return get_first_chip (self);
    default:
      return element;
    }
}

/* "“The” 2.71, “fox” 1.2, “quick” 0.31": the strongest partners of a row, weights summed over the heads that are on. */
static char *
describe_partners (HlHeadsFigure *self,
                   HlSide         side,
                   guint          row)
{
  const HlHeadsSide *own = &self->sides[side], *others = &self->sides[!side];
  gsize n_units = hl_heads_get_n_units (self, !side);
  g_autofree float *weights = g_new (float, n_units + 1);
  g_autofree double *sums = g_new0 (double, others->n + 1);
  g_autoptr (GString) text = g_string_new (NULL);

  for (guint head = 0; head < self->n_heads; head++)
    {
      if (!self->heads[head].on)
        continue;
      if (side == HL_SIDE_QUERY)
        hl_heads_read (self, self->layer, head, own->units[row], 1, 0, n_units, weights);
      else
        hl_heads_read (self, self->layer, head, 0, n_units, own->units[row], 1, weights);
      for (guint other = 0; other < others->n; other++)
        if (!isnan (weights[others->units[other]]))
          sums[other] += weights[others->units[other]];
    }

  for (guint i = 0; i < N_PARTNERS; i++)
    {
      guint best = 0;

      for (guint other = 1; other < others->n; other++)
        if (sums[other] > sums[best])
          best = other;
      if (others->n == 0 || !(sums[best] > 0))
        break;
      {
        g_autofree char *label = hl_heads_dup_label (self, !side, best);
        g_autofree char *number = hl_text_number (sums[best]);

        g_string_append_printf (text, "%s“%s” %s", i > 0 ? ", " : "", label, number);
      }
      sums[best] = 0;
    }

  return text->len > 0 ? g_strdup (text->str) : NULL;
}

static char *
describe_token (HlHeadsFigure *self,
                HlSide         side,
                guint          row)
{
  g_autofree char *label = hl_heads_dup_label (self, side, row);
  g_autofree char *partners = describe_partners (self, side, row);
  GString *text = g_string_new (NULL);
  guint n = (guint) hl_tokens_get_length (hl_state_get_tokens (self->base.state, side));

  if (side == HL_SIDE_QUERY)
    /* Translators: a token, its index from 0, and how many there are. */
    g_string_append_printf (text, _("“%s”, query %u of %u"), label, self->sides[side].tokens[row], n);
  else
    g_string_append_printf (text, _("“%s”, key %u of %u"), label, self->sides[side].tokens[row], n);
  g_string_append_c (text, '\n');

  if (partners == NULL)
    g_string_append (text, side == HL_SIDE_QUERY ? _("Attends to nothing shown") : _("Receives nothing"));
  else if (side == HL_SIDE_QUERY)
    g_string_append_printf (text, _("Attends to %s"), partners);
  else
    g_string_append_printf (text, _("Receives from %s"), partners);

  if (partners != NULL && self->n_on > 1)
    {
      g_string_append_c (text, '\n');
      g_string_append_printf (text, g_dngettext (GETTEXT_PACKAGE, "Sums over %u head", "Sums over %u heads", self->n_on),
                              self->n_on);
    }
  else if (partners != NULL)
    {
      for (guint head = 0; head < self->n_heads; head++)
        if (self->heads[head].on)
          {
            g_string_append_c (text, '\n');
            g_string_append_printf (text, _("Weights of head %s"), self->heads[head].number);
          }
    }

  return g_string_free (text, FALSE);
}

static char *
describe (HlFigure  *figure,
          HlElement  element)
{
  HlHeadsFigure *self = (HlHeadsFigure *) figure;
  int row = get_row (self, element);

  if (element.kind == HL_HEADS_CHIP && element.i >= 0 && element.i < (int) self->n_heads)
    return g_strdup_printf (self->heads[element.i].on ? _("Head %s, on") : _("Head %s, off"),
                            self->heads[element.i].number);
  if (row >= 0)
    return describe_token (self, (HlSide) element.i, (guint) row);

  return NULL;
}

static char *
summarise (HlFigure *figure)
{
  HlHeadsFigure *self = (HlHeadsFigure *) figure;
  g_autofree char *title = hl_heads_dup_title (self), *count = hl_heads_dup_count (self);
  g_autofree char *n_queries = hl_text_count (self->sides[HL_SIDE_QUERY].n);
  g_autofree char *n_keys = hl_text_count (self->sides[HL_SIDE_KEY].n);
  GString *text = g_string_new (NULL);

  g_string_append (text, title);
  if (self->n_on == self->n_heads && self->n_heads > 1)
    g_string_append_printf (text, _(", all %u heads"), self->n_heads);
  else if (self->n_on == 1)
    for (guint head = 0; head < self->n_heads; head++)
      {
        if (self->heads[head].on)
          g_string_append_printf (text, _(", head %s"), self->heads[head].number);
      }
  else
    g_string_append_printf (text, _(", %u of %u heads"), self->n_on, self->n_heads);
  g_string_append_printf (text, _(": %s, from %s queries to %s keys. Opacity is weight; layers, heads and tokens count "
                                  "from 0."),
                          count, n_queries, n_keys);
  if (self->fell_back)
    g_string_append_printf (text, " %s", _("Drawn in columns, as arcs need queries and keys to be the same tokens."));
  if (self->n_lines > HL_HEADS_MAX_PATHS)
    g_string_append_printf (text, " %s", _("In a vector file these lines are one picture of 300 dots an inch."));

  return g_string_free (text, FALSE);
}

static void
hover (HlFigure    *figure,
       HlElement    element,
       HlSelection *selection)
{
  HlHeadsFigure *self = (HlHeadsFigure *) figure;
  HlHover what = HL_HOVER_NONE;

  if (element.kind == HL_HEADS_CHIP)
    {
      what.layer = (int) self->layer;
      what.head = element.i;
    }
  else if (element.i == HL_SIDE_QUERY)
    {
      what.query = element.j;
    }
  else
    {
      what.key = element.j;
    }
  hl_selection_set_hover (selection, &what);
}

static gboolean
activate (HlFigure    *figure,
          HlElement    element,
          HlGesture    gesture,
          HlSelection *selection)
{
  HlHeadsFigure *self = (HlHeadsFigure *) figure;

  if (element.kind == HL_HEADS_CHIP)
    {
      if (gesture == HL_GESTURE_CLICK)
        hl_selection_toggle_head (selection, (guint) element.i);
      else if (gesture == HL_GESTURE_DOUBLE)
        hl_selection_solo_head (selection, (guint) element.i);
      else
        hl_selection_set_head (selection, (guint) self->layer, (guint) element.i);
      return TRUE;
    }
  if (get_row (self, element) < 0)
    return FALSE;

  /* With arcs a token is query and key at once: Ctrl+click pins it as the latter. */
  if (gesture == HL_GESTURE_DOUBLE)
    hl_selection_set_pin (selection, (HlSide) element.i, (guint) element.j);
  else
    hl_selection_toggle_pin (selection, gesture == HL_GESTURE_EXTEND && self->arcs ? HL_SIDE_KEY : (HlSide) element.i,
                             (guint) element.j);

  return TRUE;
}

static void
append_row (HlHeadsFigure      *self,
            GString            *csv,
            guint               head,
            guint               query,
            const char * const *labels[2],
            guint               key,
            float               weight)
{
  g_string_append_printf (csv, "%u,%s,%u,", hl_attention_get_layer_number (self->attention, self->layer),
                          self->heads[head].number, self->sides[HL_SIDE_QUERY].units[query]);
  hl_csv_append (csv, labels[HL_SIDE_QUERY][query], ',');
  g_string_append_printf (csv, "%u,", self->sides[HL_SIDE_KEY].units[key]);
  hl_csv_append (csv, labels[HL_SIDE_KEY][key], ',');
  hl_csv_append_number (csv, weight, '\n');
}

static void
write_csv (HlFigure *figure,
           GString  *csv)
{
  HlHeadsFigure *self = (HlHeadsFigure *) figure;
  const HlHeadsSide *queries = &self->sides[HL_SIDE_QUERY], *keys = &self->sides[HL_SIDE_KEY];
  gsize n_keys = hl_heads_get_n_units (self, HL_SIDE_KEY);
  gboolean all = (double) self->n_on * queries->n * keys->n <= MAX_CSV_PAIRS;
  g_autofree float *weights = g_new (float, n_keys + 1);
  g_auto (GStrv) query_labels = g_new0 (char *, queries->n + 1), key_labels = g_new0 (char *, keys->n + 1);
  const char * const *labels[2] = { (const char * const *) query_labels, (const char * const *) key_labels };

  for (guint row = 0; row < queries->n; row++)
    query_labels[row] = hl_heads_dup_label (self, HL_SIDE_QUERY, row);
  for (guint row = 0; row < keys->n; row++)
    key_labels[row] = hl_heads_dup_label (self, HL_SIDE_KEY, row);

  g_string_append (csv, "layer,head,query,query_token,key,key_token,weight\n");
  for (guint head = 0; head < self->n_heads; head++)
    {
      if (!self->heads[head].on)
        continue;
      for (gsize i = 0; !all && i < self->heads[head].n_lines; i++)
        append_row (self, csv, head, self->heads[head].lines[i].query, labels, self->heads[head].lines[i].key,
                    self->heads[head].lines[i].weight);
      for (guint query = 0; all && query < queries->n; query++)
        {
          if (queries->muted[query])
            continue;
          hl_heads_read (self, self->layer, head, queries->units[query], 1, 0, n_keys, weights);
          for (guint key = 0; key < keys->n; key++)
            if (!keys->muted[key] && !(weights[keys->units[key]] < figure->state->threshold))
              append_row (self, csv, head, query, labels, key, weights[keys->units[key]]);
        }
    }
}

static void
prepare_one (HlFigure      *figure,
             gconstpointer  data)
{
  HlHeadsFigure *self = (HlHeadsFigure *) figure;

  self->single = TRUE;
  self->only = *(const guint *) data;
}

HlFigure *
hl_heads_figure_build_one (HlState      *state,
                           guint         head,
                           HlStyle      *style,
                           double        width,
                           double        height,
                           GCancellable *cancellable)
{
  return hl_figure_build_prepared (&hl_heads_figure_class, state, style, width, height, prepare_one, &head, cancellable);
}

const HlFigureClass hl_heads_figure_class = {
  .view = HL_VIEW_HEADS,
  .title = N_("Heads"),
  .dependence = HL_CHANGE_ATTENTION | HL_CHANGE_LAYER | HL_CHANGE_HEADS | HL_CHANGE_COLOURS | HL_CHANGE_FILTER |
                HL_CHANGE_LAYOUT | HL_CHANGE_WORDS,
  .size = sizeof (HlHeadsFigure),
  .layout = hl_heads_layout,
  .finalize = hl_heads_finalize,
  .draw = hl_heads_draw,
  .overlay = hl_heads_overlay,
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
