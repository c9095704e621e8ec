#include "hl-dump-private.h"

#include <math.h>
#include <string.h>

/* Fits the second-level cache, so that converting and looking are one pass over memory. */
#define CHUNK 32768

/* Between chunks that take milliseconds. */
#define CHUNKS_PER_CHECK 64

static gboolean
fail_value (HlTensor    *tensor,
            const char  *key,
            gsize        index,
            float        value,
            GError     **error)
{
  g_autoptr (GString) position = g_string_new (NULL);
  gsize rest = index;

  for (guint axis = hl_tensor_get_rank (tensor); axis-- > 0;)
    {
      g_autofree char *text = g_strdup_printf ("%" G_GSIZE_FORMAT "%s", rest % hl_tensor_get_dim (tensor, axis),
                                               position->len > 0 ? ", " : "");

      g_string_prepend (position, text);
      rest /= hl_tensor_get_dim (tensor, axis);
    }

  g_set_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_VALUE,
               "The tensor “%.200s” has %s at [%s]; every value must be a finite number.", key,
               isnan (value) ? "no number (NaN)" : value > 0 ? "infinity" : "minus infinity", position->str);

  return FALSE;
}

/* Is any value below 0, above 1 + 2^-7, infinite or NaN? Floats from 0 on compare like their bits, and all the others
 * are larger as bits: one comparison says it all. */
static gboolean
any_beyond (const float *values,
            gsize        n)
{
  guint32 any = 0;

  for (gsize i = 0; i < n; i++)
    {
      guint32 bits;

      memcpy (&bits, &values[i], sizeof bits);
      any |= bits > 0x3f810000;
    }

  return any != 0;
}

static gboolean
any_not_finite (const float *values,
                gsize        n)
{
  guint32 any = 0;

  for (gsize i = 0; i < n; i++)
    {
      guint32 bits;

      memcpy (&bits, &values[i], sizeof bits);
      any |= (bits & 0x7f800000) == 0x7f800000;
    }

  return any != 0;
}

gboolean
hl_dump_scan (HlTensor      *tensor,
              const char    *key,
              gsize         *n_beyond,
              GCancellable  *cancellable,
              GError       **error)
{
  gsize n_elements = hl_tensor_get_n_elements (tensor);
  const float *in_place = hl_tensor_peek_f32 (tensor);
  g_autofree float *buffer = in_place == NULL ? g_new (float, CHUNK) : NULL;
  guint n_chunks = 0;

  for (gsize first = 0; first < n_elements; first += CHUNK)
    {
      gsize n = MIN (CHUNK, n_elements - first);
      const float *values = in_place != NULL ? in_place + first : buffer;

      if (n_chunks++ % CHUNKS_PER_CHECK == 0 && g_cancellable_set_error_if_cancelled (cancellable, error))
        return FALSE;

      if (in_place == NULL)
        hl_tensor_read_f32 (tensor, first, n, buffer);

      if (n_beyond != NULL ? !any_beyond (values, n) : !any_not_finite (values, n))
        continue;

      for (gsize i = 0; i < n; i++)
        {
          if (!isfinite (values[i]))
            return fail_value (tensor, key, first + i, values[i], error);
          if (n_beyond != NULL && (values[i] < -0.0078125f || values[i] > 1.0078125f))
            (*n_beyond)++;
        }
    }

  return TRUE;
}
