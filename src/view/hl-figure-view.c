#include "config.h"

#include "hl-figure-view-private.h"

#include <math.h>

#include "hl-widget-style.h"

enum
{
  PROP_0,
  PROP_VIEW,
  PROP_SELECTION,
  PROP_FIGURE,
  PROP_SUMMARY,
  N_PROPS,

  /* of GtkScrollable */
  PROP_HADJUSTMENT = N_PROPS,
  PROP_VADJUSTMENT,
  PROP_HSCROLL_POLICY,
  PROP_VSCROLL_POLICY,
};

static GParamSpec *props[N_PROPS];

static void draw_or_fetch (HlFigureView *self);

G_DEFINE_FINAL_TYPE_WITH_CODE (HlFigureView, hl_figure_view, GTK_TYPE_WIDGET,
                               G_IMPLEMENT_INTERFACE (GTK_TYPE_SCROLLABLE, NULL))

double
hl_figure_view_get_x (HlFigureView *self)
{
  return self->hadjustment ? round (gtk_adjustment_get_value (self->hadjustment)) : 0;
}

double
hl_figure_view_get_y (HlFigureView *self)
{
  return self->vadjustment ? round (gtk_adjustment_get_value (self->vadjustment)) : 0;
}

static HlRect
get_visible (HlFigureView *self)
{
  return (HlRect) {
    hl_figure_view_get_x (self),
    hl_figure_view_get_y (self),
    gtk_widget_get_width (GTK_WIDGET (self)),
    gtk_widget_get_height (GTK_WIDGET (self)),
  };
}

gboolean
hl_figure_view_is_current (HlFigureView *self)
{
  const HlState *shown, *wanted;

  if (self->figure == NULL || self->selection == NULL)
    return FALSE;

  shown = hl_figure_get_state (self->figure);
  wanted = hl_selection_get_state (self->selection);

  /* Another layer makes a figure stale only if it shows one. */
  return (hl_state_compare (shown, wanted) & hl_view_get_dependence_in (self->view, wanted) &
          (HL_CHANGE_TRACE | HL_CHANGE_ATTENTION | HL_CHANGE_LAYER | HL_CHANGE_WORDS)) == 0;
}

/* Asks the worker: for a new figure, or for another region of the one there is. */
static void
request (HlFigureView *self, gboolean rebuild, gboolean abandon)
{
  HlRenderRequest wanted = { NULL };

  if (self->selection == NULL || self->style == NULL || !gtk_widget_get_mapped (GTK_WIDGET (self)) ||
      gtk_widget_get_width (GTK_WIDGET (self)) <= 0 || gtk_widget_get_height (GTK_WIDGET (self)) <= 0)
    {
      self->stale |= rebuild;
      return;
    }

  wanted.figure = rebuild ? NULL : self->figure;
  wanted.former = self->figure;
  wanted.view = self->view;
  wanted.state = hl_selection_get_state (self->selection);
  wanted.style = self->style;
  wanted.width = gtk_widget_get_width (GTK_WIDGET (self));
  wanted.height = gtk_widget_get_height (GTK_WIDGET (self));
  wanted.visible = get_visible (self);
  wanted.scale = gtk_widget_get_scale_factor (GTK_WIDGET (self));

  if (rebuild)
    {
      self->stale = FALSE;
      self->awaiting = TRUE;
    }

  hl_renderer_request (self->renderer, &wanted, abandon);
}

static void
configure_adjustment (GtkAdjustment *adjustment, double room, double extent)
{
  double value;

  if (adjustment == NULL)
    return;

  value = CLAMP (gtk_adjustment_get_value (adjustment), 0, MAX (extent - room, 0));
  gtk_adjustment_configure (adjustment, value, 0, MAX (extent, room), room * 0.1, room * 0.9, room);
}

static void
configure_adjustments (HlFigureView *self)
{
  double width = gtk_widget_get_width (GTK_WIDGET (self));
  double height = gtk_widget_get_height (GTK_WIDGET (self));

  configure_adjustment (self->hadjustment, width, self->figure ? ceil (hl_figure_get_width (self->figure)) : width);
  configure_adjustment (self->vadjustment, height, self->figure ? ceil (hl_figure_get_height (self->figure)) : height);
}

/* The figure for a new room is not there yet, and no scroll bar comes or goes before it is: one that did so for an old
 * figure would flicker, and keep GTK from settling on a layout before it draws. */
static void
follow_room (GtkAdjustment *adjustment, double room)
{
  double extent;

  if (adjustment == NULL)
    return;

  extent = gtk_adjustment_get_upper (adjustment);
  extent = extent > gtk_adjustment_get_page_size (adjustment) ? MAX (extent, room + 1) : room;
  configure_adjustment (adjustment, room, extent);
}

void
hl_figure_view_describe (HlFigureView *self)
{
  g_autofree char *focus = NULL;
  const char *description = self->summary ? self->summary : "";

  if (self->figure && self->focus.kind)
    focus = hl_figure_describe (self->figure, self->focus);

  gtk_accessible_update_property (GTK_ACCESSIBLE (self),
                                  GTK_ACCESSIBLE_PROPERTY_LABEL, hl_view_get_title (self->view),
                                  GTK_ACCESSIBLE_PROPERTY_DESCRIPTION, focus ? focus : description,
                                  GTK_ACCESSIBLE_PROPERTY_VALUE_TEXT, focus ? focus : "",
                                  -1);
}

/* Scrolls so that a share of the former extent is where it was. */
static void
hold (GtkAdjustment *adjustment, double anchor, double former, double extent, double room)
{
  double share;

  if (adjustment == NULL || former <= 0)
    return;

  share = (gtk_adjustment_get_value (adjustment) + anchor) / former;
  gtk_adjustment_configure (adjustment, CLAMP (share * extent - anchor, 0, MAX (extent - room, 0)), 0,
                            MAX (extent, room), room * 0.1, room * 0.9, room);
}

static void
take_figure (HlFigureView *self, HlRenderResult *result)
{
  gboolean other_text = self->figure == NULL || hl_figure_get_state (self->figure)->trace !=
                                                    hl_figure_get_state (result->figure)->trace;
  g_autoptr (HlFigure) former = g_steal_pointer (&self->figure);
  HlRect bounds;

  self->figure = g_steal_pointer (&result->figure);
  if (former && self->anchored && !other_text)
    {
      self->anchored = FALSE;
      hold (self->hadjustment, self->anchor_x, hl_figure_get_width (former), hl_figure_get_width (self->figure),
            gtk_widget_get_width (GTK_WIDGET (self)));
      hold (self->vadjustment, self->anchor_y, hl_figure_get_height (former), hl_figure_get_height (self->figure),
            gtk_widget_get_height (GTK_WIDGET (self)));
    }
  g_free (self->summary);
  self->summary = g_steal_pointer (&result->summary);

  if (self->focus.kind && (other_text || !hl_figure_get_bounds (self->figure, self->focus, &bounds)))
    self->focus = HL_ELEMENT_NONE;

  if (other_text)
    {
      g_autoptr (GtkAdjustment) horizontal = self->hadjustment ? g_object_ref (self->hadjustment) : NULL;
      g_autoptr (GtkAdjustment) vertical = self->vadjustment ? g_object_ref (self->vadjustment) : NULL;

      if (horizontal)
        gtk_adjustment_set_value (horizontal, 0);
      if (vertical)
        gtk_adjustment_set_value (vertical, 0);
    }
}

static void
deliver_cb (HlRenderResult *result, gpointer user_data)
{
  HlFigureView *self = user_data;

  /* Another region of a figure that has been replaced meanwhile. */
  if (!result->rebuilt && result->figure != self->figure)
    return;

  g_object_freeze_notify (G_OBJECT (self));

  g_clear_pointer (&self->picture, hl_picture_unref);
  self->picture = g_steal_pointer (&result->picture);
  self->region = result->region;

  if (result->rebuilt)
    {
      take_figure (self, result);
      self->awaiting = hl_renderer_is_busy (self->renderer);
      configure_adjustments (self);
      hl_figure_view_describe (self);
      hl_figure_view_repoint (self);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_FIGURE]);
      g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SUMMARY]);
    }

  draw_or_fetch (self);
  g_object_thaw_notify (G_OBJECT (self));
}

gboolean
hl_figure_view_is_covered (HlFigureView *self)
{
  HlRect visible;
  double width, height;

  g_return_val_if_fail (HL_IS_FIGURE_VIEW (self), FALSE);

  if (self->figure == NULL)
    return FALSE;

  visible = get_visible (self);
  width = MIN (visible.x + visible.width, hl_figure_get_width (self->figure));
  height = MIN (visible.y + visible.height, hl_figure_get_height (self->figure));

  return self->region.x <= visible.x && self->region.y <= visible.y && self->region.x + self->region.width >= width &&
         self->region.y + self->region.height >= height;
}

/* What the picture has not is fetched; what it has is shown now. */
static void
draw_or_fetch (HlFigureView *self)
{
  gtk_widget_queue_draw (GTK_WIDGET (self));

  if (self->figure && !self->awaiting && !hl_figure_view_is_covered (self))
    request (self, FALSE, FALSE);
}

static void
changed_cb (HlSelection *selection, guint change, HlFigureView *self)
{
  if (change & hl_view_get_dependence_in (self->view, hl_selection_get_state (selection)))
    request (self, TRUE, (change & (HL_CHANGE_TRACE | HL_CHANGE_ATTENTION)) != 0);

  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
value_changed_cb (GtkAdjustment *adjustment, HlFigureView *self)
{
  draw_or_fetch (self);
  hl_figure_view_repoint (self);
}

static void
set_adjustment (HlFigureView *self, GtkAdjustment **field, GtkAdjustment *adjustment, const char *name)
{
  if (adjustment && *field == adjustment)
    return;

  if (*field)
    g_signal_handlers_disconnect_by_func (*field, value_changed_cb, self);
  g_clear_object (field);

  *field = g_object_ref_sink (adjustment ? adjustment : gtk_adjustment_new (0, 0, 0, 0, 0, 0));
  g_signal_connect (*field, "value-changed", G_CALLBACK (value_changed_cb), self);
  configure_adjustments (self);
  g_object_notify (G_OBJECT (self), name);
}

static void
hl_figure_view_snapshot (GtkWidget *widget, GtkSnapshot *snapshot)
{
  HlFigureView *self = HL_FIGURE_VIEW (widget);
  HlRect visible = get_visible (self);

  if (self->style && !hl_figure_view_is_covered (self))
    {
      const HlColour *ground = &self->style->background;

      gtk_snapshot_append_color (snapshot,
                                 &(GdkRGBA) { (float) ground->red, (float) ground->green, (float) ground->blue, 1 },
                                 &GRAPHENE_RECT_INIT (0, 0, (float) visible.width, (float) visible.height));
    }

  if (self->picture)
    hl_picture_append (self->picture, snapshot, hl_figure_view_get_renderer (self),
                       &GRAPHENE_RECT_INIT ((float) (self->region.x - visible.x), (float) (self->region.y - visible.y),
                                            (float) self->region.width, (float) self->region.height));

  if (self->figure)
    hl_figure_view_snapshot_overlay (self, snapshot, &visible);
}

static void
hl_figure_view_measure (GtkWidget *widget, GtkOrientation orientation, int for_size, int *minimum, int *natural,
                        int *minimum_baseline, int *natural_baseline)
{
  *minimum = orientation == GTK_ORIENTATION_HORIZONTAL ? 120 : 72;
  *natural = orientation == GTK_ORIENTATION_HORIZONTAL ? 320 : 200;
}

static void
hl_figure_view_size_allocate (GtkWidget *widget, int width, int height, int baseline)
{
  HlFigureView *self = HL_FIGURE_VIEW (widget);
  HlRect room = { 0 };

  if (self->hadjustment)
    room.width = gtk_adjustment_get_page_size (self->hadjustment);
  if (self->vadjustment)
    room.height = gtk_adjustment_get_page_size (self->vadjustment);

  follow_room (self->hadjustment, width);
  follow_room (self->vadjustment, height);
  if (self->figure == NULL || self->stale || width != (int) room.width || height != (int) room.height)
    request (self, TRUE, FALSE);
}

static void
hl_figure_view_map (GtkWidget *widget)
{
  HlFigureView *self = HL_FIGURE_VIEW (widget);

  GTK_WIDGET_CLASS (hl_figure_view_parent_class)->map (widget);

  if (self->stale)
    request (self, TRUE, FALSE);
}

/* A view nobody sees costs nothing. */
static void
hl_figure_view_unmap (GtkWidget *widget)
{
  HlFigureView *self = HL_FIGURE_VIEW (widget);

  hl_renderer_cancel (self->renderer);
  self->stale |= self->awaiting;
  self->awaiting = FALSE;
  hl_figure_view_leave (self);

  GTK_WIDGET_CLASS (hl_figure_view_parent_class)->unmap (widget);
}

/* Fires on another theme, contrast, font or text scale; also on hover and focus, which change no figure. */
static void
hl_figure_view_css_changed (GtkWidget *widget, GtkCssStyleChange *change)
{
  HlFigureView *self = HL_FIGURE_VIEW (widget);
  g_autoptr (HlStyle) style = NULL;

  GTK_WIDGET_CLASS (hl_figure_view_parent_class)->css_changed (widget, change);

  style = hl_style_new_for_widget (widget);
  if (self->style && hl_widget_style_equal (self->style, style))
    return;

  g_clear_pointer (&self->style, hl_style_unref);
  self->style = g_steal_pointer (&style);
  request (self, TRUE, FALSE);
}

static gboolean
hl_figure_view_query_tooltip (GtkWidget *widget, int x, int y, gboolean keyboard, GtkTooltip *tooltip)
{
  HlFigureView *self = HL_FIGURE_VIEW (widget);
  HlRect visible = get_visible (self);
  g_autofree char *text = NULL;
  HlElement element;
  HlRect bounds;

  if (!hl_figure_view_is_current (self))
    return FALSE;

  element = keyboard ? self->focus : hl_figure_pick (self->figure, x + visible.x, y + visible.y);
  text = element.kind ? hl_figure_describe (self->figure, element) : NULL;
  if (text == NULL)
    return FALSE;

  gtk_tooltip_set_text (tooltip, text);
  if (hl_figure_get_bounds (self->figure, element, &bounds))
    gtk_tooltip_set_tip_area (tooltip, &(GdkRectangle) { (int) (bounds.x - visible.x), (int) (bounds.y - visible.y),
                                                         (int) ceil (bounds.width), (int) ceil (bounds.height) });

  return TRUE;
}

static void
scale_factor_cb (HlFigureView *self)
{
  request (self, TRUE, FALSE);
}

static void
hl_figure_view_get_property (GObject *object, guint id, GValue *value, GParamSpec *pspec)
{
  HlFigureView *self = HL_FIGURE_VIEW (object);

  switch (id)
    {
    case PROP_VIEW:
      g_value_set_uint (value, self->view);
      break;
    case PROP_SELECTION:
      g_value_set_object (value, self->selection);
      break;
    case PROP_FIGURE:
      g_value_set_pointer (value, self->figure);
      break;
    case PROP_SUMMARY:
      g_value_set_string (value, self->summary);
      break;
    case PROP_HADJUSTMENT:
      g_value_set_object (value, self->hadjustment);
      break;
    case PROP_VADJUSTMENT:
      g_value_set_object (value, self->vadjustment);
      break;
    case PROP_HSCROLL_POLICY:
      g_value_set_enum (value, self->hscroll_policy);
      break;
    case PROP_VSCROLL_POLICY:
      g_value_set_enum (value, self->vscroll_policy);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hl_figure_view_set_property (GObject *object, guint id, const GValue *value, GParamSpec *pspec)
{
  HlFigureView *self = HL_FIGURE_VIEW (object);

  switch (id)
    {
    case PROP_VIEW:
      self->view = g_value_get_uint (value);
      break;
    case PROP_SELECTION:
      hl_figure_view_set_selection (self, g_value_get_object (value));
      break;
    case PROP_HADJUSTMENT:
      set_adjustment (self, &self->hadjustment, g_value_get_object (value), "hadjustment");
      break;
    case PROP_VADJUSTMENT:
      set_adjustment (self, &self->vadjustment, g_value_get_object (value), "vadjustment");
      break;
    case PROP_HSCROLL_POLICY:
      self->hscroll_policy = g_value_get_enum (value);
      break;
    case PROP_VSCROLL_POLICY:
      self->vscroll_policy = g_value_get_enum (value);
      break;
    default:
      G_OBJECT_WARN_INVALID_PROPERTY_ID (object, id, pspec);
    }
}

static void
hl_figure_view_constructed (GObject *object)
{
  HlFigureView *self = HL_FIGURE_VIEW (object);

  G_OBJECT_CLASS (hl_figure_view_parent_class)->constructed (object);

  hl_figure_view_describe (self);
}

static void
hl_figure_view_dispose (GObject *object)
{
  HlFigureView *self = HL_FIGURE_VIEW (object);

  hl_figure_view_set_selection (self, NULL);
  g_clear_pointer (&self->renderer, hl_renderer_free);
  if (self->hadjustment)
    g_signal_handlers_disconnect_by_func (self->hadjustment, value_changed_cb, self);
  if (self->vadjustment)
    g_signal_handlers_disconnect_by_func (self->vadjustment, value_changed_cb, self);
  g_clear_object (&self->hadjustment);
  g_clear_object (&self->vadjustment);

  G_OBJECT_CLASS (hl_figure_view_parent_class)->dispose (object);
}

static void
hl_figure_view_finalize (GObject *object)
{
  HlFigureView *self = HL_FIGURE_VIEW (object);

  hl_figure_view_clear_overlay (self);
  g_clear_pointer (&self->figure, hl_figure_unref);
  g_clear_pointer (&self->picture, hl_picture_unref);
  g_clear_pointer (&self->style, hl_style_unref);
  g_free (self->summary);

  G_OBJECT_CLASS (hl_figure_view_parent_class)->finalize (object);
}

static void
hl_figure_view_class_init (HlFigureViewClass *klass)
{
  GObjectClass *object_class = G_OBJECT_CLASS (klass);
  GtkWidgetClass *widget_class = GTK_WIDGET_CLASS (klass);

  object_class->get_property = hl_figure_view_get_property;
  object_class->set_property = hl_figure_view_set_property;
  object_class->constructed = hl_figure_view_constructed;
  object_class->dispose = hl_figure_view_dispose;
  object_class->finalize = hl_figure_view_finalize;
  widget_class->snapshot = hl_figure_view_snapshot;
  widget_class->measure = hl_figure_view_measure;
  widget_class->size_allocate = hl_figure_view_size_allocate;
  widget_class->map = hl_figure_view_map;
  widget_class->unmap = hl_figure_view_unmap;
  widget_class->css_changed = hl_figure_view_css_changed;
  widget_class->query_tooltip = hl_figure_view_query_tooltip;

  props[PROP_VIEW] = g_param_spec_uint ("view", NULL, NULL, 0, HL_N_VIEWS - 1, HL_VIEW_SEQUENCE,
                                        G_PARAM_READWRITE | G_PARAM_CONSTRUCT_ONLY | G_PARAM_STATIC_STRINGS);
  props[PROP_SELECTION] = g_param_spec_object ("selection", NULL, NULL, HL_TYPE_SELECTION,
                                               G_PARAM_READWRITE | G_PARAM_EXPLICIT_NOTIFY | G_PARAM_STATIC_STRINGS);
  props[PROP_FIGURE] = g_param_spec_pointer ("figure", NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  props[PROP_SUMMARY] = g_param_spec_string ("summary", NULL, NULL, NULL, G_PARAM_READABLE | G_PARAM_STATIC_STRINGS);
  g_object_class_install_properties (object_class, N_PROPS, props);

  g_object_class_override_property (object_class, PROP_HADJUSTMENT, "hadjustment");
  g_object_class_override_property (object_class, PROP_VADJUSTMENT, "vadjustment");
  g_object_class_override_property (object_class, PROP_HSCROLL_POLICY, "hscroll-policy");
  g_object_class_override_property (object_class, PROP_VSCROLL_POLICY, "vscroll-policy");

  gtk_widget_class_set_css_name (widget_class, "figureview");
  gtk_widget_class_set_accessible_role (widget_class, GTK_ACCESSIBLE_ROLE_IMG);
  hl_figure_view_class_init_input (widget_class);
}

static void
hl_figure_view_init (HlFigureView *self)
{
  self->renderer = hl_renderer_new (deliver_cb, self);
  self->stale = TRUE;

  gtk_widget_set_overflow (GTK_WIDGET (self), GTK_OVERFLOW_HIDDEN);
  gtk_widget_set_focusable (GTK_WIDGET (self), TRUE);
  gtk_widget_set_has_tooltip (GTK_WIDGET (self), TRUE);
  g_signal_connect (self, "notify::scale-factor", G_CALLBACK (scale_factor_cb), NULL);
  hl_figure_view_init_input (self);
}

GtkWidget *
hl_figure_view_new (HlView view)
{
  return g_object_new (HL_TYPE_FIGURE_VIEW, "view", view, NULL);
}

HlSelection *
hl_figure_view_get_selection (HlFigureView *self)
{
  g_return_val_if_fail (HL_IS_FIGURE_VIEW (self), NULL);

  return self->selection;
}

void
hl_figure_view_set_selection (HlFigureView *self, HlSelection *selection)
{
  g_return_if_fail (HL_IS_FIGURE_VIEW (self));

  if (self->selection == selection)
    return;

  if (self->selection)
    g_clear_signal_handler (&self->changed_id, self->selection);
  g_set_object (&self->selection, selection);

  if (selection)
    {
      self->changed_id = g_signal_connect (selection, "changed", G_CALLBACK (changed_cb), self);
      request (self, TRUE, TRUE);
    }
  g_object_notify_by_pspec (G_OBJECT (self), props[PROP_SELECTION]);
}

HlFigure *
hl_figure_view_get_figure (HlFigureView *self)
{
  g_return_val_if_fail (HL_IS_FIGURE_VIEW (self), NULL);

  return self->figure;
}

const char *
hl_figure_view_get_summary (HlFigureView *self)
{
  g_return_val_if_fail (HL_IS_FIGURE_VIEW (self), NULL);

  return self->summary;
}

gboolean
hl_figure_view_is_settled (HlFigureView *self)
{
  g_return_val_if_fail (HL_IS_FIGURE_VIEW (self), FALSE);

  return self->figure && !self->stale && !self->awaiting && !hl_renderer_is_busy (self->renderer);
}
