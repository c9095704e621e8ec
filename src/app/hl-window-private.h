#pragma once

#include "hl-sidebar.h"
#include "hl-toolbar.h"
#include "hl-window.h"

G_BEGIN_DECLS

#define HL_N_DIVIDERS 4

struct _HlWindow
{
  AdwApplicationWindow parent_instance;

  GSettings      *settings;  /* (nullable) */
  HlSelection    *selection;
  HlDocument     *document;  /* (nullable) */
  GFile          *file;      /* (nullable) of the document */
  gboolean        example;   /* the document is one of the application's own */

  /* One thing is opened or loaded at a time; another request cancels it. */
  GCancellable   *cancellable;
  guint           progress_id;
  int            *permille;  /* done, of what is under way; atomic, the thread writes it */

  double          shares[HL_N_DIVIDERS]; /* of the first child of each divider */
  gboolean        placed;    /* the dividers have been, once */
  gboolean        neurons_shrunk; /* there are none: the pane is as small as it gets */
  HlPane         *maximised; /* (nullable) */
  HlPane         *alone;     /* (nullable): the maximised one, or the only one with something to show */

  GtkWidget      *header_bar;
  AdwWindowTitle *title;
  GtkWidget      *navigation;
  GtkWidget      *sidebar_button;
  AdwSplitButton *open_button;
  GtkMenuButton  *notes_button;
  GtkBox         *notes_box;
  GtkRevealer    *error_revealer;
  GtkLabel       *error_label;
  GtkExpander    *error_expander;
  GtkLabel       *error_details;
  GtkRevealer    *progress_revealer;
  GtkLabel       *progress_label;
  GtkProgressBar *progress_bar;
  GtkRevealer    *hint_revealer;
  GtkLabel       *hint_label;
  AdwFlap        *flap;
  HlSidebar      *sidebar;
  GtkStack       *stack;
  HlToolbar      *toolbar;
  GtkPaned       *dividers[HL_N_DIVIDERS];
  HlPane         *panes[HL_N_VIEWS];
};

/* -actions.c */
void hl_window_class_init_actions (GtkWidgetClass *widget_class);
void hl_window_init_actions       (HlWindow       *self);
void hl_window_update_actions     (HlWindow       *self);

/* -opening.c */
void hl_window_init_opening       (HlWindow       *self);
void hl_window_ask_file           (HlWindow       *self);
void hl_window_cancel             (HlWindow       *self);

/* -panes.c */
void hl_window_class_init_panes   (GtkWidgetClass *widget_class);
void hl_window_init_panes         (HlWindow       *self);
void hl_window_place_panes        (HlWindow       *self);
void hl_window_save_panes         (HlWindow       *self);
void hl_window_update_panes       (HlWindow       *self);
void hl_window_maximise           (HlWindow       *self,
                                   HlPane         *pane);  /* NULL: all */

/* -saving.c */
void hl_window_export             (HlWindow       *self,
                                   HlView          view);
void hl_window_export_to          (HlWindow       *self,
                                   HlView          view,
                                   GFile          *file);  /* PDF, SVG or PNG, by its name */
void hl_window_save_dump          (HlWindow       *self);
void hl_window_save_dump_to       (HlWindow       *self,
                                   GFile          *file);

/* hl-window.c */
void hl_window_set_document       (HlWindow       *self,
                                   HlDocument     *document,
                                   GFile          *file,
                                   HlTrace        *trace);
void hl_window_show_error         (HlWindow       *self,
                                   const char     *sentence,
                                   const char     *details);

/* In hl-window-colours.c: asks for the colour of the head shown. */
void hl_window_ask_colour         (HlWindow       *self);

G_END_DECLS
