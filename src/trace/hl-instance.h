#pragma once

#include <glib-object.h>

G_BEGIN_DECLS

/* One entry of a document's list: what the index knows before the instance is decoded. */
#define HL_TYPE_INSTANCE (hl_instance_get_type ())
G_DECLARE_FINAL_TYPE (HlInstance, hl_instance, HL, INSTANCE, GObject)

/* @title may be NULL; @text is the input or its beginning; @class_name (nullable) the predicted class;
 * @probability NaN if unknown; @correct 1, 0 or -1 as in hl_prediction_is_correct(). */
HlInstance *hl_instance_new             (const char *title,
                                         const char *text,
                                         gsize       n_tokens,
                                         const char *class_name,
                                         double      probability,
                                         int         correct);

guint       hl_instance_get_index       (HlInstance *self);
void        hl_instance_set_index       (HlInstance *self, /* by the document that takes it */
                                         guint       index);
const char *hl_instance_get_title       (HlInstance *self); /* never NULL: "Instance 3" at least */
const char *hl_instance_get_text        (HlInstance *self);
gsize       hl_instance_get_n_tokens    (HlInstance *self);
const char *hl_instance_get_class_name  (HlInstance *self);
double      hl_instance_get_probability (HlInstance *self);
int         hl_instance_get_correct     (HlInstance *self);

G_END_DECLS
