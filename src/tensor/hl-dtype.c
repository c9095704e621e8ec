#include "hl-dtype.h"

#include <float.h>
#include <math.h>
#include <string.h>

static const guint8 sizes[] = {
  [HL_DTYPE_BOOL] = 1,
  [HL_DTYPE_U8] = 1,
  [HL_DTYPE_I8] = 1,
  [HL_DTYPE_U16] = 2,
  [HL_DTYPE_I16] = 2,
  [HL_DTYPE_U32] = 4,
  [HL_DTYPE_I32] = 4,
  [HL_DTYPE_U64] = 8,
  [HL_DTYPE_I64] = 8,
  [HL_DTYPE_F16] = 2,
  [HL_DTYPE_BF16] = 2,
  [HL_DTYPE_F32] = 4,
  [HL_DTYPE_F64] = 8,
};

gsize
hl_dtype_get_size (HlDType dtype)
{
  g_return_val_if_fail (dtype < G_N_ELEMENTS (sizes), 0);

  return sizes[dtype];
}

/* Loads by memcpy(), because @src may lie anywhere in a file; compilers turn it into one plain load. */
static inline guint16
load_u16 (const guint8 *src)
{
  guint16 value;

  memcpy (&value, src, sizeof value);

  return GUINT16_FROM_LE (value);
}

static inline guint32
load_u32 (const guint8 *src)
{
  guint32 value;

  memcpy (&value, src, sizeof value);

  return GUINT32_FROM_LE (value);
}

static inline guint64
load_u64 (const guint8 *src)
{
  guint64 value;

  memcpy (&value, src, sizeof value);

  return GUINT64_FROM_LE (value);
}

static inline float
float_from_bits (guint32 bits)
{
  float value;

  memcpy (&value, &bits, sizeof value);

  return value;
}

static inline double
load_double (const guint8 *src)
{
  guint64 bits = load_u64 (src);
  double value;

  memcpy (&value, &bits, sizeof value);

  return value;
}

static inline float
double_to_float (double value)
{
  if (isfinite (value))
    return (float) CLAMP (value, -(double) FLT_MAX, (double) FLT_MAX);

  return (float) value;
}

/* Exact for every half. The exponent is moved by integer arithmetic; a subnormal half gets an implicit one that a
 * subtraction takes away again, which also normalises it. No branch and no subnormal float on the way: small attention
 * weights are subnormal halves, and a float unit is a hundred times slower on subnormals. */
static inline float
half_to_float (guint16 half)
{
  guint32 magnitude = (guint32) (half & 0x7fff) << 13;
  guint32 exponent = magnitude & 0x0f800000;
  guint32 is_subnormal = -(guint32) (exponent == 0);
  guint32 is_special = -(guint32) (exponent == 0x0f800000);
  float value;
  guint32 bits;

  magnitude += 112u << 23;
  magnitude += is_special & (112u << 23);
  magnitude += is_subnormal & (1u << 23);
  value = float_from_bits (magnitude) - float_from_bits (is_subnormal & (113u << 23));
  memcpy (&bits, &value, sizeof bits);

  return float_from_bits (bits | ((guint32) (half & 0x8000) << 16));
}

void
hl_dtype_to_f32 (HlDType       dtype,
                 gconstpointer src,
                 gsize         n,
                 float        *dst)
{
  const guint8 *bytes = src;

  g_return_if_fail (dtype < G_N_ELEMENTS (sizes));

  if (n == 0)
    return;

  g_return_if_fail (src != NULL && dst != NULL);

  switch (dtype)
    {
    case HL_DTYPE_BOOL:
      for (gsize i = 0; i < n; i++)
        dst[i] = bytes[i] != 0;
      break;

    case HL_DTYPE_U8:
      for (gsize i = 0; i < n; i++)
        dst[i] = bytes[i];
      break;

    case HL_DTYPE_I8:
      for (gsize i = 0; i < n; i++)
        dst[i] = (gint8) bytes[i];
      break;

    case HL_DTYPE_U16:
      for (gsize i = 0; i < n; i++)
        dst[i] = load_u16 (bytes + 2 * i);
      break;

    case HL_DTYPE_I16:
      for (gsize i = 0; i < n; i++)
        dst[i] = (gint16) load_u16 (bytes + 2 * i);
      break;

    case HL_DTYPE_U32:
      for (gsize i = 0; i < n; i++)
        dst[i] = (float) load_u32 (bytes + 4 * i);
      break;

    case HL_DTYPE_I32:
      for (gsize i = 0; i < n; i++)
        dst[i] = (float) (gint32) load_u32 (bytes + 4 * i);
      break;

    case HL_DTYPE_U64:
      for (gsize i = 0; i < n; i++)
        dst[i] = (float) load_u64 (bytes + 8 * i);
      break;

    case HL_DTYPE_I64:
      for (gsize i = 0; i < n; i++)
        dst[i] = (float) (gint64) load_u64 (bytes + 8 * i);
      break;

    case HL_DTYPE_F16:
      for (gsize i = 0; i < n; i++)
        dst[i] = half_to_float (load_u16 (bytes + 2 * i));
      break;

    case HL_DTYPE_BF16:
      for (gsize i = 0; i < n; i++)
        dst[i] = float_from_bits ((guint32) load_u16 (bytes + 2 * i) << 16);
      break;

    case HL_DTYPE_F32:
      if (G_BYTE_ORDER == G_LITTLE_ENDIAN)
        memcpy (dst, bytes, n * sizeof *dst);
      else
        for (gsize i = 0; i < n; i++)
          dst[i] = float_from_bits (load_u32 (bytes + 4 * i));
      break;

    case HL_DTYPE_F64:
      for (gsize i = 0; i < n; i++)
        dst[i] = double_to_float (load_double (bytes + 8 * i));
      break;

    default:
      g_assert_not_reached ();
    }
}
