#include "hl-tensor.h"

#include <string.h>

G_DEFINE_QUARK (hl-tensor-error-quark, hl_tensor_error)

/* Characters that break a line or turn the writing direction of what follows. */
static gboolean
is_disruptive (gunichar character)
{
  return g_unichar_iscntrl (character) || character == 0x2028 || character == 0x2029 ||
         (character >= 0x202a && character <= 0x202e) || (character >= 0x2066 && character <= 0x2069);
}

void
hl_tensor_error_tidy (GError **error)
{
  g_autofree char *valid = NULL;
  GString *tidy;

  if (error == NULL || *error == NULL)
    return;

  valid = g_utf8_make_valid ((*error)->message, -1);
  tidy = g_string_sized_new (strlen (valid));

  for (const char *p = valid; *p != '\0'; p = g_utf8_next_char (p))
    g_string_append_unichar (tidy, is_disruptive (g_utf8_get_char (p)) ? 0xfffd : g_utf8_get_char (p));

  g_free ((*error)->message);
  (*error)->message = g_string_free (tidy, FALSE);
}

struct _HlTensor
{
  HlDType       dtype;
  guint         rank;
  gsize         shape[HL_TENSOR_MAX_RANK];
  gsize         n_elements;
  GBytes       *bytes;  /* kept for @data's sake */
  const guint8 *data;   /* need not be aligned */
};

/* The product of @shape, or FALSE if it or its size in bytes does not fit a gsize. A zero anywhere makes it zero, but
 * only after the other dimensions have been multiplied too: [0, 2^60, 2^60] could otherwise be indexed into a part
 * whose size overflows. */
static gboolean
count_elements (HlDType      dtype,
                guint        rank,
                const gsize *shape,
                gsize       *n_elements,
                gsize       *n_bytes)
{
  gsize product = 1;
  gboolean empty = FALSE;

  for (guint axis = 0; axis < rank; axis++)
    {
      if (shape[axis] == 0)
        empty = TRUE;
      else if (!g_size_checked_mul (&product, product, shape[axis]))
        return FALSE;
    }

  if (!g_size_checked_mul (n_bytes, product, hl_dtype_get_size (dtype)))
    return FALSE;

  *n_elements = empty ? 0 : product;
  *n_bytes = empty ? 0 : *n_bytes;

  return TRUE;
}

static char *
describe_shape (guint        rank,
                const gsize *shape)
{
  GString *string = g_string_new ("[");

  for (guint axis = 0; axis < rank; axis++)
    g_string_append_printf (string, "%s%" G_GSIZE_FORMAT, axis > 0 ? ", " : "", shape[axis]);

  g_string_append_c (string, ']');

  return g_string_free (string, FALSE);
}

/* Takes @bytes. */
static HlTensor *
new_internal (HlDType       dtype,
              guint         rank,
              const gsize  *shape,
              gsize         n_elements,
              GBytes       *bytes,
              const guint8 *data)
{
  HlTensor *self = g_atomic_rc_box_new0 (HlTensor);

  self->dtype = dtype;
  self->rank = rank;
  for (guint axis = 0; axis < rank; axis++)
    self->shape[axis] = shape[axis];
  self->n_elements = n_elements;
  self->bytes = bytes;
  self->data = data;

  return self;
}

HlTensor *
hl_tensor_new (HlDType      dtype,
               guint        rank,
               const gsize *shape,
               GBytes      *bytes,
               gsize        offset,
               GError     **error)
{
  const guint8 *data;
  gsize size, n_elements, n_bytes;

  g_return_val_if_fail (bytes != NULL, NULL);
  g_return_val_if_fail (shape != NULL || rank == 0, NULL);

  if (rank > HL_TENSOR_MAX_RANK)
    {
      g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_SHAPE,
                   "A tensor of %u dimensions is more than the %d that Headlight reads.", rank, HL_TENSOR_MAX_RANK);
      return NULL;
    }

  if (!count_elements (dtype, rank, shape, &n_elements, &n_bytes))
    {
      g_autofree char *text = describe_shape (rank, shape);

      g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_SHAPE,
                   "The shape %s is larger than any file can be.", text);
      return NULL;
    }

  data = g_bytes_get_data (bytes, &size);

  if (offset > size || n_bytes > size - offset)
    {
      g_autofree char *text = describe_shape (rank, shape);

      g_set_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_TRUNCATED,
                   "The file ends after byte %'" G_GSIZE_FORMAT ", but a tensor %s at byte %'" G_GSIZE_FORMAT
                   " needs %'" G_GSIZE_FORMAT " bytes.",
                   size, text, offset, n_bytes);
      return NULL;
    }

  return new_internal (dtype, rank, shape, n_elements, g_bytes_ref (bytes), data != NULL ? data + offset : NULL);
}

HlTensor *
hl_tensor_new_take_f32 (guint        rank,
                        const gsize *shape,
                        float       *values)
{
  gsize n_elements, n_bytes;
  GBytes *bytes;

  g_return_val_if_fail (rank <= HL_TENSOR_MAX_RANK, NULL);
  g_return_val_if_fail (shape != NULL || rank == 0, NULL);

  if (!count_elements (HL_DTYPE_F32, rank, shape, &n_elements, &n_bytes))
    g_error ("hl_tensor_new_take_f32: the shape overflows");

  g_return_val_if_fail (values != NULL || n_elements == 0, NULL);

  bytes = g_bytes_new_take (values, n_bytes);

  return new_internal (HL_DTYPE_F32, rank, shape, n_elements, bytes, (const guint8 *) values);
}

HlTensor *
hl_tensor_ref (HlTensor *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  HlTensor *self = data;

  g_bytes_unref (self->bytes);
}

void
hl_tensor_unref (HlTensor *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear);
}

HlDType
hl_tensor_get_dtype (HlTensor *self)
{
  g_return_val_if_fail (self != NULL, HL_DTYPE_F32);

  return self->dtype;
}

guint
hl_tensor_get_rank (HlTensor *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->rank;
}

gsize
hl_tensor_get_dim (HlTensor *self,
                   guint     axis)
{
  g_return_val_if_fail (self != NULL, 0);
  g_return_val_if_fail (axis < self->rank, 0);

  return self->shape[axis];
}

gsize
hl_tensor_get_n_elements (HlTensor *self)
{
  g_return_val_if_fail (self != NULL, 0);

  return self->n_elements;
}

char *
hl_tensor_describe_shape (HlTensor *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return describe_shape (self->rank, self->shape);
}

HlTensor *
hl_tensor_index (HlTensor *self,
                 gsize     index)
{
  gsize n_elements;
  const guint8 *data;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (self->rank > 0, NULL);
  g_return_val_if_fail (index < self->shape[0], NULL);

  n_elements = self->n_elements / self->shape[0];
  data = self->data;

  /* An empty tensor may have no address to count from. */
  if (n_elements > 0)
    data += index * n_elements * hl_dtype_get_size (self->dtype);

  return new_internal (self->dtype, self->rank - 1, self->shape + 1, n_elements, g_bytes_ref (self->bytes), data);
}

HlTensor *
hl_tensor_reshape (HlTensor    *self,
                   guint        rank,
                   const gsize *shape)
{
  gsize n_elements, n_bytes;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (rank <= HL_TENSOR_MAX_RANK, NULL);
  g_return_val_if_fail (shape != NULL || rank == 0, NULL);

  if (!count_elements (self->dtype, rank, shape, &n_elements, &n_bytes) || n_elements != self->n_elements)
    return NULL;

  return new_internal (self->dtype, rank, shape, n_elements, g_bytes_ref (self->bytes), self->data);
}

void
hl_tensor_read_f32 (HlTensor *self,
                    gsize     first,
                    gsize     n,
                    float    *out)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (first <= self->n_elements && n <= self->n_elements - first);

  if (n > 0)
    hl_dtype_to_f32 (self->dtype, self->data + first * hl_dtype_get_size (self->dtype), n, out);
}

gconstpointer
hl_tensor_peek_data (HlTensor *self,
                     gsize    *size)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (size != NULL, NULL);

  *size = self->n_elements * hl_dtype_get_size (self->dtype);

  return *size > 0 ? self->data : NULL;
}

const float *
hl_tensor_peek_f32 (HlTensor *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  if (G_BYTE_ORDER != G_LITTLE_ENDIAN || self->dtype != HL_DTYPE_F32 || self->data == NULL ||
      (guintptr) self->data % G_ALIGNOF (float) != 0)
    return NULL;

  return (const float *) (gconstpointer) self->data;
}
