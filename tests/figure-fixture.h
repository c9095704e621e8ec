#pragma once

#include "hl-figure.h"

/* What the tests of figures share: a figure with what it was built from, its pictures, and what holds for every element
 * of every figure. */

typedef struct
{
  HlTrace  *trace;
  HlState  *state;
  HlStyle  *style;
  HlFigure *figure;
  HlView    view;
} Fixture;

/* Builds the figure again after the state was changed, by way of the former one as a window does. */
static inline void
rebuild (Fixture *fixture,
         double   width,
         double   height)
{
  HlFigure *former = fixture->figure;

  fixture->figure = hl_figure_rebuild (former, fixture->view, fixture->state, fixture->style, width, height, NULL);
  g_clear_pointer (&former, hl_figure_unref);
}

/* Takes @trace over. */
static inline void
fixture_open (Fixture *fixture,
              HlView   view,
              HlTrace *trace,
              double   width,
              double   height)
{
  fixture->view = view;
  fixture->trace = trace;
  fixture->state = hl_state_new (trace, 0);
  fixture->style = hl_style_new (HL_THEME_LIGHT, NULL, 0);
  rebuild (fixture, width, height);
}

static inline void
fixture_clear (Fixture *fixture)
{
  g_clear_pointer (&fixture->figure, hl_figure_unref);
  g_clear_pointer (&fixture->state, hl_state_unref);
  g_clear_pointer (&fixture->style, hl_style_unref);
  g_clear_pointer (&fixture->trace, hl_trace_unref);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Fixture, fixture_clear)

/* The figure on pixels, with what @overlay (nullable) points at; of a very long one, the upper part. */
static inline cairo_surface_t *
draw_image (HlFigure *figure,
            HlState  *overlay)
{
  cairo_surface_t *surface = cairo_image_surface_create (CAIRO_FORMAT_ARGB32, (int) hl_figure_get_width (figure),
                                                         (int) MIN (hl_figure_get_height (figure), 3000));
  cairo_t *cr = cairo_create (surface);

  hl_figure_draw (figure, cr, NULL);
  if (overlay != NULL)
    hl_figure_draw_overlay (figure, cr, overlay, HL_ELEMENT_NONE, NULL);
  g_assert_cmpint (cairo_status (cr), ==, CAIRO_STATUS_SUCCESS);
  cairo_destroy (cr);
  cairo_surface_flush (surface);

  return surface;
}

static inline guint32
get_pixel (cairo_surface_t *surface,
           double           x,
           double           y)
{
  const guint8 *data = cairo_image_surface_get_data (surface);

  return *(const guint32 *) (gconstpointer) (data + (gsize) y * cairo_image_surface_get_stride (surface)
                                             + 4 * (gsize) x);
}

/* Is no part of the colour further than @tolerance from @colour? */
static inline gboolean
is_near (guint32  pixel,
         HlColour colour,
         int      tolerance)
{
  return ABS ((int) (pixel >> 16 & 0xff) - (int) (colour.red * 255)) <= tolerance &&
         ABS ((int) (pixel >> 8 & 0xff) - (int) (colour.green * 255)) <= tolerance &&
         ABS ((int) (pixel & 0xff) - (int) (colour.blue * 255)) <= tolerance;
}

/* @element lies within the figure and has something to say. */
static inline void
assert_described (HlFigure  *figure,
                  HlElement  element,
                  HlRect    *bounds)
{
  g_autofree char *description = hl_figure_describe (figure, element);

  g_assert_nonnull (description);
  g_assert_cmpstr (description, !=, "");
  g_assert_true (g_utf8_validate (description, -1, NULL));
  g_assert_true (hl_figure_get_bounds (figure, element, bounds));
  g_assert_cmpfloat (bounds->x, >=, 0);
  g_assert_cmpfloat (bounds->y, >=, 0);
  g_assert_cmpfloat (bounds->x + bounds->width, <=, hl_figure_get_width (figure));
  g_assert_cmpfloat (bounds->y + bounds->height, <=, hl_figure_get_height (figure));
}

/* The same, and the pointer finds it there. */
static inline void
assert_element (HlFigure  *figure,
                HlElement  element)
{
  HlRect bounds;
  HlElement found;

  assert_described (figure, element, &bounds);
  found = hl_figure_pick (figure, bounds.x + bounds.width / 2, bounds.y + bounds.height / 2);
  g_assert_cmpuint (found.kind, ==, element.kind);
  g_assert_cmpint (found.i, ==, element.i);
  g_assert_cmpint (found.j, ==, element.j);
  g_assert_cmpint (found.k, ==, element.k);
}

static inline gboolean
contains_element (GArray    *elements,
                  HlElement  element)
{
  for (guint i = 0; i < elements->len; i++)
    if (hl_element_equal (g_array_index (elements, HlElement, i), element))
      return TRUE;

  return FALSE;
}

/* All elements that arrow keys and Tab reach from the first on. */
static inline GArray *
walk (HlFigure *figure)
{
  GArray *found = g_array_new (FALSE, FALSE, sizeof (HlElement));
  HlElement first = hl_figure_neighbour (figure, HL_ELEMENT_NONE, HL_DIRECTION_FIRST);

  if (first.kind != 0)
    g_array_append_val (found, first);
  for (guint i = 0; i < found->len; i++)
    for (HlDirection direction = HL_DIRECTION_LEFT; direction <= HL_DIRECTION_PREVIOUS; direction++)
      {
        HlElement next = hl_figure_neighbour (figure, g_array_index (found, HlElement, i), direction);

        if (next.kind != 0 && !contains_element (found, next))
          g_array_append_val (found, next);
      }

  return found;
}
