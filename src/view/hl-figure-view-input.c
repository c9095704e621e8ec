#include "config.h"

#include "hl-figure-view-private.h"

#include <math.h>

/* Room kept around an element that the keyboard goes to, px. */
#define SCROLL_PADDING 12

static void
point_at (HlFigureView *self, HlElement element)
{
  self->pointed = element;
  gtk_widget_set_cursor_from_name (GTK_WIDGET (self), element.kind ? "pointer" : NULL);
  hl_figure_hover (self->figure, element, self->selection);
}

void
hl_figure_view_point (HlFigureView *self, double x, double y)
{
  HlElement element;
  gboolean was_in;

  g_return_if_fail (HL_IS_FIGURE_VIEW (self));

  /* GTK repeats the place where the pointer rests, after layout for one: that must not take over from the keyboard. */
  if (self->by_keyboard && x == self->pointer_x && y == self->pointer_y)
    return;

  was_in = self->pointer_in;
  self->by_keyboard = FALSE;
  self->pointer_in = TRUE;
  self->pointer_x = x;
  self->pointer_y = y;

  if (!hl_figure_view_is_current (self))
    return;

  element = hl_figure_pick (self->figure, x + hl_figure_view_get_x (self), y + hl_figure_view_get_y (self));
  if (!was_in || !hl_element_equal (element, self->pointed))
    {
      point_at (self, element);
      gtk_widget_trigger_tooltip_query (GTK_WIDGET (self));
    }
}

void
hl_figure_view_leave (HlFigureView *self)
{
  g_return_if_fail (HL_IS_FIGURE_VIEW (self));

  if (self->by_keyboard)
    return;

  self->pointer_in = FALSE;
  self->pointed = HL_ELEMENT_NONE;
  gtk_widget_set_cursor (GTK_WIDGET (self), NULL);
  if (self->selection)
    hl_selection_set_hover (self->selection, NULL);
}

void
hl_figure_view_repoint (HlFigureView *self)
{
  if (!self->pointer_in || !hl_figure_view_is_current (self))
    return;

  point_at (self, hl_figure_pick (self->figure, self->pointer_x + hl_figure_view_get_x (self),
                                  self->pointer_y + hl_figure_view_get_y (self)));
}

gboolean
hl_figure_view_press (HlFigureView *self, double x, double y, HlGesture gesture)
{
  HlElement element;

  g_return_val_if_fail (HL_IS_FIGURE_VIEW (self), FALSE);

  if (!hl_figure_view_is_current (self))
    return FALSE;

  element = hl_figure_pick (self->figure, x + hl_figure_view_get_x (self), y + hl_figure_view_get_y (self));
  self->focus = element;
  hl_figure_view_describe (self);

  return element.kind && hl_figure_activate (self->figure, element, gesture, self->selection);
}

static void
reveal (GtkAdjustment *adjustment, double start, double length)
{
  if (adjustment)
    gtk_adjustment_clamp_page (adjustment, start - SCROLL_PADDING, start + length + SCROLL_PADDING);
}

static void
set_focus_element (HlFigureView *self, HlElement element)
{
  HlRect bounds;

  self->focus = element;
  /* The keyboard now says what is hovered, until the pointer moves. */
  self->by_keyboard = TRUE;
  self->pointer_in = FALSE;
  self->pointed = HL_ELEMENT_NONE;

  if (hl_figure_get_bounds (self->figure, element, &bounds))
    {
      reveal (self->hadjustment, bounds.x, bounds.width);
      reveal (self->vadjustment, bounds.y, bounds.height);
    }
  hl_figure_hover (self->figure, element, self->selection);
  hl_figure_view_describe (self);
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

gboolean
hl_figure_view_move_focus (HlFigureView *self, HlDirection direction)
{
  HlElement element;

  g_return_val_if_fail (HL_IS_FIGURE_VIEW (self), FALSE);

  if (!hl_figure_view_is_current (self))
    return FALSE;

  element = hl_figure_neighbour (self->figure, self->focus, direction);
  if (element.kind == 0)
    return FALSE;

  set_focus_element (self, element);

  return TRUE;
}

HlElement
hl_figure_view_get_focus (HlFigureView *self)
{
  g_return_val_if_fail (HL_IS_FIGURE_VIEW (self), HL_ELEMENT_NONE);

  return self->focus;
}

static void
motion_cb (GtkEventControllerMotion *controller, double x, double y, HlFigureView *self)
{
  hl_figure_view_point (self, x, y);
}

static void
leave_cb (GtkEventControllerMotion *controller, HlFigureView *self)
{
  hl_figure_view_leave (self);
}

static void
press (HlFigureView *self, GtkGesture *gesture, int n_press, double x, double y)
{
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (gesture));
  HlGesture what = HL_GESTURE_CLICK;

  if (state & GDK_CONTROL_MASK)
    what = HL_GESTURE_EXTEND;
  else if (n_press % 2 == 0)
    what = HL_GESTURE_DOUBLE;

  gtk_widget_grab_focus (GTK_WIDGET (self));
  hl_figure_view_press (self, x, y, what);
}

static gboolean
is_touch (GtkGesture *gesture)
{
  return gtk_gesture_single_get_current_sequence (GTK_GESTURE_SINGLE (gesture)) != NULL;
}

/* A button answers when it goes down; a finger only when it goes up, for it may be about to scroll. */
static void
pressed_cb (GtkGesture *gesture, int n_press, double x, double y, HlFigureView *self)
{
  if (!is_touch (gesture))
    press (self, gesture, n_press, x, y);
}

static void
released_cb (GtkGesture *gesture, int n_press, double x, double y, HlFigureView *self)
{
  if (is_touch (gesture) && n_press > 0)
    press (self, gesture, n_press, x, y);
}

static void
step_layer (HlFigureView *self, int step)
{
  const HlState *state;

  if (self->selection == NULL)
    return;

  state = hl_selection_get_state (self->selection);
  hl_selection_set_layer (self->selection, (int) state->layer + step);
}

void
hl_figure_view_zoom (HlFigureView *self, double factor, double x, double y)
{
  double zoom;

  g_return_if_fail (HL_IS_FIGURE_VIEW (self));

  if (!hl_figure_view_is_current (self) || (hl_view_get_dependence (self->view) & HL_CHANGE_ZOOM) == 0)
    return;

  /* What lies under (x, y) stays there when the new figure comes. */
  self->anchored = TRUE;
  self->anchor_x = x;
  self->anchor_y = y;
  zoom = hl_selection_get_state (self->selection)->zoom * factor;
  hl_selection_set_zoom (self->selection, zoom);
}

void
hl_figure_view_zoom_centre (HlFigureView *self, double factor)
{
  hl_figure_view_zoom (self, factor, gtk_widget_get_width (GTK_WIDGET (self)) / 2.0,
                       gtk_widget_get_height (GTK_WIDGET (self)) / 2.0);
}

static void
pinch_begin_cb (GtkGesture *gesture, GdkEventSequence *sequence, HlFigureView *self)
{
  self->pinched = 1;
}

static void
pinch_cb (GtkGestureZoom *gesture, double scale, HlFigureView *self)
{
  double x, y;

  gtk_gesture_get_bounding_box_center (GTK_GESTURE (gesture), &x, &y);
  hl_figure_view_zoom (self, scale / self->pinched, x, y);
  self->pinched = scale;
}

static gboolean
scroll_cb (GtkEventControllerScroll *controller, double dx, double dy, HlFigureView *self)
{
  GdkModifierType state = gtk_event_controller_get_current_event_state (GTK_EVENT_CONTROLLER (controller));
  int steps;

  if ((state & GDK_CONTROL_MASK) && (hl_view_get_dependence (self->view) & HL_CHANGE_ZOOM))
    {
      hl_figure_view_zoom (self, pow (1.25, -dy), self->pointer_x, self->pointer_y);
      return GDK_EVENT_STOP;
    }

  if (self->selection == NULL || (state & GDK_ALT_MASK) == 0)
    {
      self->scrolled = 0;
      return GDK_EVENT_PROPAGATE;
    }

  /* Touchpads send fractions of a step. Where Alt turns wheels sideways, dx has it. */
  self->scrolled += dy != 0 ? dy : dx;
  steps = (int) self->scrolled;
  self->scrolled -= steps;
  if (steps != 0)
    step_layer (self, steps);

  return GDK_EVENT_STOP;
}

/* Without an element to go to, arrows scroll. */
static void
scroll_by (GtkAdjustment *adjustment, double pages)
{
  if (adjustment)
    gtk_adjustment_set_value (adjustment, gtk_adjustment_get_value (adjustment) +
                                              pages * gtk_adjustment_get_page_size (adjustment));
}

static gboolean
move_cb (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  HlFigureView *self = HL_FIGURE_VIEW (widget);
  HlDirection direction = g_variant_get_int32 (args);

  if (hl_figure_view_move_focus (self, direction) || self->focus.kind)
    return TRUE;

  switch (direction)
    {
    case HL_DIRECTION_LEFT:
      scroll_by (self->hadjustment, -0.1);
      break;
    case HL_DIRECTION_RIGHT:
      scroll_by (self->hadjustment, 0.1);
      break;
    case HL_DIRECTION_UP:
      scroll_by (self->vadjustment, -0.1);
      break;
    case HL_DIRECTION_DOWN:
      scroll_by (self->vadjustment, 0.1);
      break;
    default:
      return FALSE;
    }

  return TRUE;
}

static gboolean
page_cb (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  HlFigureView *self = HL_FIGURE_VIEW (widget);
  int step = g_variant_get_int32 (args);

  if (self->view == HL_VIEW_HEADS)
    step_layer (self, step);
  else
    scroll_by (self->vadjustment, step * 0.9);

  return TRUE;
}

static gboolean
activate_cb (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  HlFigureView *self = HL_FIGURE_VIEW (widget);

  if (!hl_figure_view_is_current (self) || self->focus.kind == 0)
    return FALSE;

  hl_figure_activate (self->figure, self->focus, g_variant_get_int32 (args), self->selection);

  return TRUE;
}

/* Escape goes on to the window where there is nothing to clear. */
static gboolean
escape_cb (GtkWidget *widget, GVariant *args, gpointer user_data)
{
  HlFigureView *self = HL_FIGURE_VIEW (widget);

  if (self->selection == NULL)
    return FALSE;
  if (self->view == HL_VIEW_MODEL && hl_selection_get_state (self->selection)->enlarged)
    {
      hl_selection_set_enlarged (self->selection, FALSE);
      return TRUE;
    }
  if (hl_selection_get_state (self->selection)->n_pins == 0)
    return FALSE;

  hl_selection_clear_pins (self->selection);

  return TRUE;
}

/* Tab walks through the groups of elements before it leaves. */
static gboolean
hl_figure_view_focus (GtkWidget *widget, GtkDirectionType direction)
{
  HlFigureView *self = HL_FIGURE_VIEW (widget);
  gboolean tab = direction == GTK_DIR_TAB_FORWARD || direction == GTK_DIR_TAB_BACKWARD;

  if (!gtk_widget_is_focus (widget))
    return gtk_widget_grab_focus (widget);

  return tab && hl_figure_view_move_focus (self, direction == GTK_DIR_TAB_FORWARD ? HL_DIRECTION_NEXT
                                                                                 : HL_DIRECTION_PREVIOUS);
}

static void
focus_enter_cb (GtkEventControllerFocus *controller, HlFigureView *self)
{
  if (gtk_widget_has_visible_focus (GTK_WIDGET (self)) && hl_figure_view_is_current (self))
    {
      if (self->focus.kind)
        set_focus_element (self, self->focus);
      else
        hl_figure_view_move_focus (self, HL_DIRECTION_FIRST);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
focus_leave_cb (GtkEventControllerFocus *controller, HlFigureView *self)
{
  if (self->by_keyboard)
    {
      self->by_keyboard = FALSE;
      hl_figure_view_leave (self);
    }
  gtk_widget_queue_draw (GTK_WIDGET (self));
}

static void
clear_pins (GtkWidget *widget, const char *name, GVariant *parameter)
{
  HlFigureView *self = HL_FIGURE_VIEW (widget);

  if (self->selection)
    hl_selection_clear_pins (self->selection);
}

static void
copy_numbers (GtkWidget *widget, const char *name, GVariant *parameter)
{
  HlFigureView *self = HL_FIGURE_VIEW (widget);
  g_autoptr (GString) csv = g_string_new (NULL);

  if (self->figure == NULL)
    return;

  hl_figure_write_csv (self->figure, csv);
  gdk_clipboard_set_text (gtk_widget_get_clipboard (widget), csv->str);
}

void
hl_figure_view_class_init_input (GtkWidgetClass *widget_class)
{
  static const struct
  {
    guint        keys[2];
    HlDirection  direction;
  } moves[] = {
    { { GDK_KEY_Left, GDK_KEY_KP_Left }, HL_DIRECTION_LEFT },
    { { GDK_KEY_Right, GDK_KEY_KP_Right }, HL_DIRECTION_RIGHT },
    { { GDK_KEY_Up, GDK_KEY_KP_Up }, HL_DIRECTION_UP },
    { { GDK_KEY_Down, GDK_KEY_KP_Down }, HL_DIRECTION_DOWN },
    { { GDK_KEY_Home, GDK_KEY_KP_Home }, HL_DIRECTION_FIRST },
    { { GDK_KEY_End, GDK_KEY_KP_End }, HL_DIRECTION_LAST },
  };
  static const guint activators[] = { GDK_KEY_Return, GDK_KEY_KP_Enter, GDK_KEY_space };

  widget_class->focus = hl_figure_view_focus;

  for (gsize i = 0; i < G_N_ELEMENTS (moves); i++)
    for (gsize j = 0; j < G_N_ELEMENTS (moves[i].keys); j++)
      gtk_widget_class_add_binding (widget_class, moves[i].keys[j], 0, move_cb, "i", moves[i].direction);

  for (gsize i = 0; i < G_N_ELEMENTS (activators); i++)
    {
      gtk_widget_class_add_binding (widget_class, activators[i], 0, activate_cb, "i", HL_GESTURE_CLICK);
      gtk_widget_class_add_binding (widget_class, activators[i], GDK_SHIFT_MASK, activate_cb, "i", HL_GESTURE_DOUBLE);
      gtk_widget_class_add_binding (widget_class, activators[i], GDK_CONTROL_MASK, activate_cb, "i",
                                    HL_GESTURE_EXTEND);
    }

  gtk_widget_class_add_binding (widget_class, GDK_KEY_Page_Up, 0, page_cb, "i", -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Page_Down, 0, page_cb, "i", 1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_KP_Page_Up, 0, page_cb, "i", -1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_KP_Page_Down, 0, page_cb, "i", 1);
  gtk_widget_class_add_binding (widget_class, GDK_KEY_Escape, 0, escape_cb, NULL);

  gtk_widget_class_install_action (widget_class, "view.clear-pins", NULL, clear_pins);
  gtk_widget_class_install_action (widget_class, "view.copy-numbers", NULL, copy_numbers);
  gtk_widget_class_add_binding_action (widget_class, GDK_KEY_c, GDK_CONTROL_MASK, "view.copy-numbers", NULL);
}

void
hl_figure_view_init_input (HlFigureView *self)
{
  GtkWidget *widget = GTK_WIDGET (self);
  GtkEventController *motion = gtk_event_controller_motion_new ();
  GtkEventController *focus = gtk_event_controller_focus_new ();
  GtkEventController *scroll = gtk_event_controller_scroll_new (GTK_EVENT_CONTROLLER_SCROLL_BOTH_AXES);
  GtkGesture *click = gtk_gesture_click_new ();
  GtkGesture *pinch = gtk_gesture_zoom_new ();

  g_signal_connect (motion, "enter", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "motion", G_CALLBACK (motion_cb), self);
  g_signal_connect (motion, "leave", G_CALLBACK (leave_cb), self);
  g_signal_connect (focus, "enter", G_CALLBACK (focus_enter_cb), self);
  g_signal_connect (focus, "leave", G_CALLBACK (focus_leave_cb), self);
  g_signal_connect (scroll, "scroll", G_CALLBACK (scroll_cb), self);
  g_signal_connect (click, "pressed", G_CALLBACK (pressed_cb), self);
  g_signal_connect (click, "released", G_CALLBACK (released_cb), self);
  g_signal_connect (pinch, "begin", G_CALLBACK (pinch_begin_cb), self);
  g_signal_connect (pinch, "scale-changed", G_CALLBACK (pinch_cb), self);

  gtk_widget_add_controller (widget, motion);
  gtk_widget_add_controller (widget, focus);
  gtk_widget_add_controller (widget, scroll);
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (click));
  gtk_widget_add_controller (widget, GTK_EVENT_CONTROLLER (pinch));
}
