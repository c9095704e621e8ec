#pragma once

#include "hl-document.h"

G_BEGIN_DECLS

/* neat-vision keeps class names apart from the data, in a file of their own. */

/* Does the content look like class names: { "0": { "name": …, "desc": … }, … }? Cheap, as HlFormat's probe. */
gboolean hl_neatvision_is_labels    (GBytes      *bytes);

/* Gives the classes of @document, which must be a neat-vision file of some classes, the names in @labels: traces and
 * the entries of the list change, notes say which class has none. What is wrong with the names leaves the document as it
 * was. From the main thread. */
gboolean hl_neatvision_apply_labels (HlDocument  *document,
                                     GBytes      *labels,
                                     GError     **error);

G_END_DECLS
