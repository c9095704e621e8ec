#pragma once

#include "hl-dtype.h"

G_BEGIN_DECLS

#define HL_TENSOR_MAX_RANK 8

#define HL_TENSOR_ERROR (hl_tensor_error_quark ())

typedef enum
{
  HL_TENSOR_ERROR_SHAPE,     /* rank or dimensions impossible, or not what the bytes hold */
  HL_TENSOR_ERROR_TRUNCATED, /* the file ends before the data does */
  HL_TENSOR_ERROR_FORMAT,    /* not the format it claims to be */
  HL_TENSOR_ERROR_UNSUPPORTED,
} HlTensorError;

GQuark hl_tensor_error_quark (void);

/* Makes the message one line of valid UTF-8, whatever names of a file it quotes and wherever it cuts them. @error:
 * NULL, or as g_set_error() leaves it. */
void   hl_tensor_error_tidy  (GError **error);

/* An n-dimensional array, row-major and contiguous, over bytes that it keeps alive: of a mapped file or in memory.
 * Immutable and reference counted; may be read from any thread. */
typedef struct _HlTensor HlTensor;

/* @offset: where in @bytes the first element lies, in bytes. Fails when @bytes is too short for @shape. */
HlTensor    *hl_tensor_new            (HlDType       dtype,
                                       guint         rank,
                                       const gsize  *shape,
                                       GBytes       *bytes,
                                       gsize         offset,
                                       GError      **error) G_GNUC_WARN_UNUSED_RESULT;

/* Takes @values, allocated with g_malloc(); it must hold the product of @shape elements. */
HlTensor    *hl_tensor_new_take_f32   (guint         rank,
                                       const gsize  *shape,
                                       float        *values) G_GNUC_WARN_UNUSED_RESULT;

HlTensor    *hl_tensor_ref            (HlTensor     *self);
void         hl_tensor_unref          (HlTensor     *self);

HlDType      hl_tensor_get_dtype      (HlTensor     *self);
guint        hl_tensor_get_rank       (HlTensor     *self);
gsize        hl_tensor_get_dim        (HlTensor     *self,
                                       guint         axis);
gsize        hl_tensor_get_n_elements (HlTensor     *self);

/* "[12, 12, 17, 17]", for messages. */
char        *hl_tensor_describe_shape (HlTensor     *self);

/* The @index-th part along the first axis, of one rank less. Shares the bytes. */
HlTensor    *hl_tensor_index          (HlTensor     *self,
                                       gsize         index) G_GNUC_WARN_UNUSED_RESULT;

/* The same elements in another shape with as many elements; NULL if the count differs. Shares the bytes. */
HlTensor    *hl_tensor_reshape        (HlTensor     *self,
                                       guint         rank,
                                       const gsize  *shape) G_GNUC_WARN_UNUSED_RESULT;

/* Reads @n elements from the @first-th on, in row-major order, as float. */
void         hl_tensor_read_f32       (HlTensor     *self,
                                       gsize         first,
                                       gsize         n,
                                       float        *out);

/* The elements as they are stored: little-endian, row-major, not necessarily aligned. NULL if there are none. */
gconstpointer hl_tensor_peek_data     (HlTensor     *self,
                                       gsize        *size);  /* in bytes */

/* The elements in place if they are floats aligned as C wants them, else NULL. */
const float *hl_tensor_peek_f32       (HlTensor     *self);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (HlTensor, hl_tensor_unref)

G_END_DECLS
