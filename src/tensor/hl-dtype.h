#pragma once

/* tensor/: mapped files, element types, and the containers that hold tensors. Knows nothing of attention and depends
 * on GLib, GIO and libarchive alone.
 *
 * Reading order: hl-dtype.h, hl-tensor.h, hl-container.h, then one file for each container format.
 */

#include <glib.h>

G_BEGIN_DECLS

/* The type of one stored element. Data is little-endian wherever a tensor holds it. */
typedef enum
{
  HL_DTYPE_BOOL,
  HL_DTYPE_U8,
  HL_DTYPE_I8,
  HL_DTYPE_U16,
  HL_DTYPE_I16,
  HL_DTYPE_U32,
  HL_DTYPE_I32,
  HL_DTYPE_U64,
  HL_DTYPE_I64,
  HL_DTYPE_F16,
  HL_DTYPE_BF16,
  HL_DTYPE_F32,
  HL_DTYPE_F64,
} HlDType;

gsize hl_dtype_get_size (HlDType dtype); /* bytes of one element */

/* Converts @n elements at @src, which need not be aligned, to float. Values that a float cannot hold become the nearest
 * one; infinities and NaN stay what they are. */
void  hl_dtype_to_f32   (HlDType        dtype,
                         gconstpointer  src,
                         gsize          n,
                         float         *dst);

G_END_DECLS
