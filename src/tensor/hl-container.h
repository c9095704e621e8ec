#pragma once

#include "hl-tensor.h"

G_BEGIN_DECLS

/* What a tensor file holds: named tensors and string lists in the file's order, and string metadata. */
typedef struct _HlContainer HlContainer;

HlContainer        *hl_container_new                (void);
HlContainer        *hl_container_ref                (HlContainer        *self);
void                hl_container_unref              (HlContainer        *self);

/* A name added twice replaces the former entry. */
void                hl_container_add_tensor         (HlContainer        *self,
                                                     const char         *name,
                                                     HlTensor           *tensor);
void                hl_container_add_strings        (HlContainer        *self,
                                                     const char         *name,
                                                     const char * const *strings);
void                hl_container_set_metadata       (HlContainer        *self,
                                                     const char         *key,
                                                     const char         *value);

/* Names of tensors and string lists, in the order of the file; NULL-terminated, owned by the container and valid until
 * it is changed. */
const char * const *hl_container_get_names          (HlContainer        *self);
const char * const *hl_container_get_metadata_keys  (HlContainer        *self);

/* (transfer none): NULL if there is no such entry. */
HlTensor           *hl_container_get_tensor         (HlContainer        *self,
                                                     const char         *name);
const char * const *hl_container_get_strings        (HlContainer        *self,
                                                     const char         *name);
const char         *hl_container_get_metadata       (HlContainer        *self,
                                                     const char         *key);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HlContainer, hl_container_unref)

G_END_DECLS
