#pragma once

#include <adwaita.h>

#include "hl-document.h"

G_BEGIN_DECLS

/* The instances of a document, to search and to choose from. Signal "instance-activated" (guint index). */
#define HL_TYPE_SIDEBAR (hl_sidebar_get_type ())
G_DECLARE_FINAL_TYPE (HlSidebar, hl_sidebar, HL, SIDEBAR, GtkWidget)

void  hl_sidebar_set_document (HlSidebar  *self,
                               HlDocument *document); /* (nullable) */
/* Marks the instance shown, without a signal. */
void  hl_sidebar_set_current  (HlSidebar  *self,
                               guint       index);
/* Puts the cursor into the search entry. */
void  hl_sidebar_find         (HlSidebar  *self);

void  hl_sidebar_set_search   (HlSidebar  *self,
                               const char *text);
guint hl_sidebar_get_n_shown  (HlSidebar  *self);
/* What is listed, with the one that is marked: marking another shows it. (transfer none) */
GtkSingleSelection *hl_sidebar_get_model (HlSidebar *self);

G_END_DECLS
