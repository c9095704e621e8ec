#include "hl-container.h"

#include <float.h>
#include <math.h>
#include <string.h>

/* The definition of a half, spelled out: the reference for the fast conversion. */
static float
half_reference (guint half)
{
  int exponent = (int) (half >> 10 & 31);
  double mantissa = half & 0x3ff;
  double value;

  if (exponent == 31)
    value = mantissa > 0 ? (double) NAN : (double) INFINITY;
  else if (exponent == 0)
    value = ldexp (mantissa, -24);
  else
    value = ldexp (1024 + mantissa, exponent - 25);

  return (float) (half & 0x8000 ? -value : value);
}

static void
assert_same_float (float a,
                   float b)
{
  if (isnan (b))
    {
      g_assert_true (isnan (a));
      return;
    }

  g_assert_cmpmem (&a, sizeof a, &b, sizeof b);
}

static void
test_half (void)
{
  g_autofree guint16 *halves = g_new (guint16, 65537);
  g_autofree guint8 *odd = g_malloc (65536 * 2 + 1);
  g_autofree float *out = g_new (float, 65536);

  for (guint i = 0; i < 65536; i++)
    halves[i] = GUINT16_TO_LE ((guint16) i);

  /* Odd addresses are what files have. */
  memcpy (odd + 1, halves, 65536 * 2);
  hl_dtype_to_f32 (HL_DTYPE_F16, odd + 1, 65536, out);

  for (guint i = 0; i < 65536; i++)
    assert_same_float (out[i], half_reference (i));
}

static void
test_bfloat (void)
{
  g_autofree guint8 *odd = g_malloc (65536 * 2 + 1);
  g_autofree float *out = g_new (float, 65536);

  for (guint i = 0; i < 65536; i++)
    {
      odd[1 + 2 * i] = i & 255;
      odd[2 + 2 * i] = i >> 8;
    }

  hl_dtype_to_f32 (HL_DTYPE_BF16, odd + 1, 65536, out);

  for (guint i = 0; i < 65536; i++)
    {
      guint32 bits = i << 16;
      float expected;

      memcpy (&expected, &bits, sizeof expected);
      assert_same_float (out[i], expected);
    }
}

static void
test_numbers (void)
{
  static const struct
  {
    HlDType dtype;
    guint8  bytes[8];
    float   expected;
  } cases[] = {
    { HL_DTYPE_BOOL, { 0 }, 0.0f },
    { HL_DTYPE_BOOL, { 2 }, 1.0f },
    { HL_DTYPE_U8, { 255 }, 255.0f },
    { HL_DTYPE_I8, { 255 }, -1.0f },
    { HL_DTYPE_U16, { 1, 255 }, 65281.0f },
    { HL_DTYPE_I16, { 0, 128 }, -32768.0f },
    { HL_DTYPE_U32, { 0, 0, 0, 128 }, 2147483648.0f },
    { HL_DTYPE_I32, { 0, 0, 0, 128 }, -2147483648.0f },
    { HL_DTYPE_U64, { 0, 0, 0, 0, 0, 0, 0, 128 }, 9223372036854775808.0f },
    { HL_DTYPE_I64, { 254, 255, 255, 255, 255, 255, 255, 255 }, -2.0f },
    { HL_DTYPE_F32, { 0, 0, 0x80, 0x3f }, 1.0f },
    { HL_DTYPE_F64, { 0, 0, 0, 0, 0, 0, 0xf0, 0x3f }, 1.0f },
    { HL_DTYPE_F64, { 0, 0, 0, 0, 0, 0, 0xf0, 0x7f }, INFINITY },
    { HL_DTYPE_F64, { 0, 0, 0, 0, 0, 0, 0xf8, 0x7f }, NAN },
    /* 2^1000 is finite, so it must not become infinite. */
    { HL_DTYPE_F64, { 0, 0, 0, 0, 0, 0, 0x70, 0x7e }, FLT_MAX },
    { HL_DTYPE_F64, { 0, 0, 0, 0, 0, 0, 0x70, 0xfe }, -FLT_MAX },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      gsize size = hl_dtype_get_size (cases[i].dtype);
      guint8 odd[1 + 3 * 8];
      float out[3];

      for (guint k = 0; k < 3; k++)
        memcpy (odd + 1 + k * size, cases[i].bytes, size);

      hl_dtype_to_f32 (cases[i].dtype, odd + 1, 3, out);

      for (guint k = 0; k < 3; k++)
        assert_same_float (out[k], cases[i].expected);
    }

  /* Nothing is read or written for no elements. */
  hl_dtype_to_f32 (HL_DTYPE_F32, NULL, 0, NULL);
}

static HlTensor *
counting_tensor (guint        rank,
                 const gsize *shape,
                 gsize        n)
{
  float *values = g_new (float, n);

  for (gsize i = 0; i < n; i++)
    values[i] = i;

  return hl_tensor_new_take_f32 (rank, shape, values);
}

static void
test_tensor (void)
{
  g_autoptr (HlTensor) tensor = counting_tensor (3, (gsize[]) { 2, 3, 4 }, 24);
  g_autoptr (HlTensor) part = hl_tensor_index (tensor, 1);
  g_autoptr (HlTensor) row = hl_tensor_index (part, 2);
  g_autoptr (HlTensor) flat = hl_tensor_reshape (tensor, 2, (gsize[]) { 6, 4 });
  g_autofree char *shape = hl_tensor_describe_shape (tensor);
  float out[4];

  g_assert_cmpstr (shape, ==, "[2, 3, 4]");
  g_assert_cmpuint (hl_tensor_get_n_elements (tensor), ==, 24);
  g_assert_cmpuint (hl_tensor_get_rank (part), ==, 2);
  g_assert_cmpuint (hl_tensor_get_dim (part, 1), ==, 4);
  g_assert_cmpuint (hl_tensor_get_rank (row), ==, 1);

  hl_tensor_read_f32 (row, 0, 4, out);
  g_assert_cmpfloat (out[0], ==, 20.0f);
  hl_tensor_read_f32 (part, 5, 4, out);
  g_assert_cmpfloat (out[3], ==, 20.0f);
  hl_tensor_read_f32 (flat, 20, 4, out);
  g_assert_cmpfloat (out[3], ==, 23.0f);

  g_assert_true (hl_tensor_peek_f32 (row) == hl_tensor_peek_f32 (tensor) + 20);
  g_assert_null (hl_tensor_reshape (tensor, 2, (gsize[]) { 5, 5 }));
  g_assert_null (hl_tensor_reshape (tensor, 3, (gsize[]) { G_MAXSIZE, G_MAXSIZE, 24 }));
}

static void
test_tensor_bytes (void)
{
  static const guint8 data[13] = { 9, 0, 0, 128, 63, 0, 0, 0, 64, 0, 0, 64, 64 };
  g_autoptr (GBytes) bytes = g_bytes_new_static (data, sizeof data);
  g_autoptr (GError) error = NULL;
  g_autoptr (HlTensor) tensor = hl_tensor_new (HL_DTYPE_F32, 1, (gsize[]) { 3 }, bytes, 1, &error);
  g_autoptr (HlTensor) scalar = hl_tensor_new (HL_DTYPE_U8, 0, NULL, bytes, 0, NULL);
  g_autoptr (HlTensor) empty = hl_tensor_new (HL_DTYPE_F32, 2, (gsize[]) { 4, 0 }, bytes, 13, NULL);
  g_autoptr (HlTensor) empty_row = NULL;
  float out[3];

  g_assert_no_error (error);
  hl_tensor_read_f32 (tensor, 0, 3, out);
  g_assert_cmpfloat (out[0], ==, 1.0f);
  g_assert_cmpfloat (out[2], ==, 3.0f);
  if ((guintptr) (data + 1) % G_ALIGNOF (float) != 0)
    g_assert_null (hl_tensor_peek_f32 (tensor));

  g_assert_cmpuint (hl_tensor_get_n_elements (scalar), ==, 1);
  hl_tensor_read_f32 (scalar, 0, 1, out);
  g_assert_cmpfloat (out[0], ==, 9.0f);

  empty_row = hl_tensor_index (empty, 3);
  g_assert_cmpuint (hl_tensor_get_n_elements (empty_row), ==, 0);
  hl_tensor_read_f32 (empty_row, 0, 0, out);
}

static void
test_tensor_errors (void)
{
  static const struct
  {
    guint  rank;
    gsize  shape[9];
    gsize  offset;
    int    code;
  } cases[] = {
    { 1, { 4 }, 1, HL_TENSOR_ERROR_TRUNCATED },
    { 1, { 5 }, 0, HL_TENSOR_ERROR_TRUNCATED },
    { 1, { 0 }, 17, HL_TENSOR_ERROR_TRUNCATED },
    { 1, { 1 }, G_MAXSIZE - 1, HL_TENSOR_ERROR_TRUNCATED },
    { 2, { G_MAXSIZE / 2, 3 }, 0, HL_TENSOR_ERROR_SHAPE },
    { 1, { G_MAXSIZE / 4 + 1 }, 0, HL_TENSOR_ERROR_SHAPE },
    { 3, { 0, G_MAXSIZE, 2 }, 0, HL_TENSOR_ERROR_SHAPE },
    { 9, { 1, 1, 1, 1, 1, 1, 1, 1, 1 }, 0, HL_TENSOR_ERROR_SHAPE },
  };
  g_autoptr (GBytes) bytes = g_bytes_new ("0123456789abcdef", 16);

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GError) error = NULL;
      HlTensor *tensor = hl_tensor_new (HL_DTYPE_F32, cases[i].rank, cases[i].shape, bytes, cases[i].offset, &error);

      g_assert_null (tensor);
      g_assert_error (error, HL_TENSOR_ERROR, cases[i].code);
    }
}

static void
test_container (void)
{
  g_autoptr (HlContainer) container = hl_container_new ();
  g_autoptr (HlTensor) a = counting_tensor (1, (gsize[]) { 2 }, 2);
  g_autoptr (HlTensor) b = counting_tensor (1, (gsize[]) { 3 }, 3);

  g_assert_null (hl_container_get_names (container)[0]);
  hl_container_add_tensor (container, "z", a);
  hl_container_add_strings (container, "tokens", (const char *[]) { "x", "", NULL });
  hl_container_add_tensor (container, "a", a);
  hl_container_add_tensor (container, "z", b);
  hl_container_set_metadata (container, "k2", "v");
  hl_container_set_metadata (container, "k1", "v");
  hl_container_set_metadata (container, "k2", "w");

  g_assert_cmpstrv (hl_container_get_names (container), ((const char *[]) { "z", "tokens", "a", NULL }));
  g_assert_cmpstrv (hl_container_get_metadata_keys (container), ((const char *[]) { "k2", "k1", NULL }));
  g_assert_true (hl_container_get_tensor (container, "z") == b);
  g_assert_null (hl_container_get_tensor (container, "tokens"));
  g_assert_null (hl_container_get_tensor (container, "none"));
  g_assert_cmpstr (hl_container_get_strings (container, "tokens")[0], ==, "x");
  g_assert_null (hl_container_get_strings (container, "a"));
  g_assert_cmpstr (hl_container_get_metadata (container, "k2"), ==, "w");
  g_assert_null (hl_container_get_metadata (container, "k3"));
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/dtype/half", test_half);
  g_test_add_func ("/dtype/bfloat", test_bfloat);
  g_test_add_func ("/dtype/numbers", test_numbers);
  g_test_add_func ("/tensor/views", test_tensor);
  g_test_add_func ("/tensor/bytes", test_tensor_bytes);
  g_test_add_func ("/tensor/errors", test_tensor_errors);
  g_test_add_func ("/container/entries", test_container);

  return g_test_run ();
}
