#include <gio/gio.h>
#include <glib/gstdio.h>
#include <math.h>
#include <string.h>

#include "assert-sentence.h"
#include "hl-safetensors.h"
#include "shared-files.h"

/* A file with this header and @n_data bytes 0, 1, 2, … of data. */
static GBytes *
make_file (const char *header,
           gsize       header_length,
           gsize       n_data)
{
  GByteArray *file = g_byte_array_new ();
  guint64 length = GUINT64_TO_LE ((guint64) header_length);

  g_byte_array_append (file, (const guint8 *) &length, 8);
  g_byte_array_append (file, (const guint8 *) header, header_length);

  for (gsize i = 0; i < n_data; i++)
    {
      guint8 byte = (guint8) i;

      g_byte_array_append (file, &byte, 1);
    }

  return g_byte_array_free_to_bytes (file);
}

#define A_HEADER                                                                                            \
  "{\"__metadata__\":{\"title\":\"caf\\u00e9 \\ud83d\\ude00\",\"b\\n\":\"\"},"                              \
  "\"b\":{\"shape\":[2,1],\"data_offsets\":[4, 12],\"dtype\":\"F32\"},"                                     \
  "\"empty\":{\"dtype\":\"I64\",\"shape\":[3,0],\"data_offsets\":[4,4]},"                                   \
  "\"a\":{\"dtype\":\"F16\",\"shape\":[2],\"data_offsets\":[0,4]},"                                         \
  "\"scalar\":{\"dtype\":\"U8\",\"shape\":[],\"data_offsets\":[12,13]}}   "

static void
test_read (void)
{
  g_autoptr (GBytes) bytes = make_file (A_HEADER, strlen (A_HEADER), 13);
  g_autoptr (GError) error = NULL;
  g_autoptr (HlContainer) container = hl_safetensors_read (bytes, &error);
  const guint8 *data = g_bytes_get_data (bytes, NULL);
  HlTensor *b;
  gsize size;
  float value;

  g_assert_no_error (error);
  g_assert_true (hl_safetensors_probe (bytes));
  g_assert_cmpstrv (hl_container_get_names (container), ((const char *[]) { "b", "empty", "a", "scalar", NULL }));
  g_assert_cmpstrv (hl_container_get_metadata_keys (container), ((const char *[]) { "title", "b\n", NULL }));
  g_assert_cmpstr (hl_container_get_metadata (container, "title"), ==, "café 😀");

  b = hl_container_get_tensor (container, "b");
  g_assert_cmpuint (hl_tensor_get_rank (b), ==, 2);
  g_assert_true (hl_tensor_peek_data (b, &size) == data + 8 + strlen (A_HEADER) + 4);
  g_assert_cmpuint (size, ==, 8);

  hl_tensor_read_f32 (hl_container_get_tensor (container, "scalar"), 0, 1, &value);
  g_assert_cmpfloat (value, ==, 12.0f);
}

static void
test_truncated (void)
{
  g_autoptr (GBytes) bytes = make_file (A_HEADER, strlen (A_HEADER), 13);
  gsize size = g_bytes_get_size (bytes);

  for (gsize length = 0; length < size; length++)
    {
      /* A copy, so that a sanitizer sees every read past the end. */
      g_autoptr (GBytes) part = g_bytes_new (g_bytes_get_data (bytes, NULL), length);
      g_autoptr (GError) error = NULL;

      hl_safetensors_probe (part);
      g_assert_null (hl_safetensors_read (part, &error));
      g_assert_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_TRUNCATED);
      assert_sentence (error);
    }
}

/* Every single byte replaced by others: reads or refuses, but never misbehaves. */
static void
test_corrupt (void)
{
  static const char replacements[] = "\0\xff\"{}[],:9-\\e";
  g_autoptr (GBytes) bytes = make_file (A_HEADER, strlen (A_HEADER), 13);
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  for (gsize i = 0; i < size - 13; i++)
    for (gsize k = 0; k < sizeof replacements - 1; k++)
      {
        g_autofree guint8 *copy = g_memdup2 (data, size);
        g_autoptr (GBytes) changed = NULL;
        g_autoptr (HlContainer) container = NULL;
        g_autoptr (GError) error = NULL;

        copy[i] = (guint8) replacements[k];
        changed = g_bytes_new_take (g_steal_pointer (&copy), size);
        container = hl_safetensors_read (changed, &error);

        if (container == NULL)
          assert_sentence (error);
      }
}

#define T(name, dtype, shape, offsets) \
  "\"" name "\":{\"dtype\":\"" dtype "\",\"shape\":" shape ",\"data_offsets\":" offsets "}"

static const struct
{
  const char *name;
  const char *header;
  gsize       n_data;
  int         code;
  const char *says; /* a part of the sentence */
} bad[] = {
  { "empty", "", 0, HL_TENSOR_ERROR_FORMAT, "byte 8" },
  { "not-json", "dtype", 0, HL_TENSOR_ERROR_FORMAT, "byte 8" },
  { "array", "[]", 0, HL_TENSOR_ERROR_FORMAT, "byte 8" },
  { "open", "{", 0, HL_TENSOR_ERROR_FORMAT, "name of a tensor" },
  { "trailing-comma", "{" T ("a", "U8", "[1]", "[0,1]") ",}", 1, HL_TENSOR_ERROR_FORMAT, "name of a tensor" },
  { "behind", "{}{}", 0, HL_TENSOR_ERROR_FORMAT, "nothing but spaces" },
  { "overlap", "{" T ("a", "U8", "[4]", "[0,4]") "," T ("b", "U8", "[4]", "[2,6]") "}", 6, HL_TENSOR_ERROR_FORMAT,
    "“b” begins at byte 2 of the data, inside another" },
  { "same", "{" T ("a", "U8", "[4]", "[0,4]") "," T ("b", "U8", "[4]", "[0,4]") "}", 4, HL_TENSOR_ERROR_FORMAT,
    "inside another" },
  { "hole", "{" T ("a", "U8", "[4]", "[0,4]") "," T ("b", "U8", "[2]", "[6,8]") "}", 8, HL_TENSOR_ERROR_FORMAT,
    "nothing uses the bytes from byte 4" },
  { "hole-first", "{" T ("a", "U8", "[4]", "[1,5]") "}", 5, HL_TENSOR_ERROR_FORMAT, "nothing uses" },
  { "hole-last", "{" T ("a", "U8", "[4]", "[0,4]") "}", 5, HL_TENSOR_ERROR_FORMAT, "ends at byte 4" },
  { "backward", "{" T ("a", "U8", "[4]", "[4,0]") "}", 4, HL_TENSOR_ERROR_FORMAT, "before it begins" },
  { "negative", "{" T ("a", "U8", "[4]", "[-4,0]") "}", 4, HL_TENSOR_ERROR_FORMAT, "not negative" },
  { "negative-dim", "{" T ("a", "U8", "[-1]", "[0,4]") "}", 4, HL_TENSOR_ERROR_FORMAT, "not negative" },
  { "fraction", "{" T ("a", "U8", "[4.0]", "[0,4]") "}", 4, HL_TENSOR_ERROR_FORMAT, "expected" },
  { "exponent", "{" T ("a", "U8", "[4e0]", "[0,4]") "}", 4, HL_TENSOR_ERROR_FORMAT, "expected" },
  { "three-offsets", "{" T ("a", "U8", "[4]", "[0,4,4]") "}", 4, HL_TENSOR_ERROR_FORMAT, "two offsets" },
  { "one-offset", "{" T ("a", "U8", "[4]", "[4]") "}", 4, HL_TENSOR_ERROR_FORMAT, "two offsets" },
  { "rank-9", "{" T ("a", "U8", "[1,1,1,1,1,1,1,1,1]", "[0,1]") "}", 1, HL_TENSOR_ERROR_FORMAT, "eight" },
  { "huge-shape", "{" T ("a", "F32", "[4611686018427387904,4]", "[0,4]") "}", 4, HL_TENSOR_ERROR_SHAPE, "“a”" },
  { "huge-number", "{" T ("a", "F32", "[99999999999999999999999]", "[0,4]") "}", 4, HL_TENSOR_ERROR_FORMAT, "2^63" },
  { "claims-more", "{" T ("a", "F32", "[1000000,1000000]", "[0,4]") "}", 4, HL_TENSOR_ERROR_TRUNCATED, "“a”" },
  { "shape-small", "{" T ("a", "F32", "[2]", "[0,4]") "}", 4, HL_TENSOR_ERROR_TRUNCATED, "“a”" },
  { "shape-other", "{" T ("a", "F32", "[1]", "[0,8]") "}", 8, HL_TENSOR_ERROR_SHAPE, "needs 4 bytes" },
  { "past-end", "{" T ("a", "U8", "[9]", "[0,9]") "}", 8, HL_TENSOR_ERROR_TRUNCATED, "inside the tensor “a”" },
  { "far-past-end", "{" T ("a", "U8", "[1]", "[99,100]") "}", 8, HL_TENSOR_ERROR_TRUNCATED, "before the tensor “a”" },
  { "twice", "{" T ("a", "U8", "[1]", "[0,1]") "," T ("a", "U8", "[1]", "[1,2]") "}", 2, HL_TENSOR_ERROR_FORMAT,
    "“a” twice" },
  { "metadata-twice", "{\"__metadata__\":{},\"__metadata__\":{}}", 0, HL_TENSOR_ERROR_FORMAT, "twice" },
  { "key-twice", "{\"__metadata__\":{\"k\":\"\",\"k\":\"\"}}", 0, HL_TENSOR_ERROR_FORMAT, "“k” twice" },
  { "metadata-number", "{\"__metadata__\":{\"k\":1}}", 0, HL_TENSOR_ERROR_FORMAT, "a string" },
  { "metadata-deep", "{\"__metadata__\":{\"k\":{\"k\":{}}}}", 0, HL_TENSOR_ERROR_FORMAT, "a string" },
  { "shape-twice", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"shape\":[1],\"data_offsets\":[0,1]}}", 1,
    HL_TENSOR_ERROR_FORMAT, "each once" },
  { "offsets-missing", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, HL_TENSOR_ERROR_FORMAT, "lacks" },
  { "dtype-missing", "{\"a\":{\"shape\":[1],\"data_offsets\":[0,1]}}", 1, HL_TENSOR_ERROR_FORMAT, "lacks" },
  { "other-key", "{\"a\":{\"strides\":[1]}}", 1, HL_TENSOR_ERROR_FORMAT, "each once" },
  { "dtype-unknown", "{" T ("a", "F8_E4M3", "[1]", "[0,1]") "}", 1, HL_TENSOR_ERROR_UNSUPPORTED, "F8_E4M3" },
  { "disruptive", "{" T ("a\\nb\\u202e\\u0007", "F8_E4M3", "[1]", "[0,1]") "}", 1, HL_TENSOR_ERROR_UNSUPPORTED,
    "a\uFFFDb\uFFFD\uFFFD" },
  { "utf8", "{\"\xff\":{}}", 0, HL_TENSOR_ERROR_FORMAT, "UTF-8 at byte 10" },
  { "surrogate", "{\"\\ud800\":{}}", 0, HL_TENSOR_ERROR_FORMAT, "escape" },
  { "surrogate-low", "{\"\\udc00\":{}}", 0, HL_TENSOR_ERROR_FORMAT, "escape" },
  { "surrogate-pair", "{\"\\ud800\\u0041\":{}}", 0, HL_TENSOR_ERROR_FORMAT, "escape" },
  { "nul-escape", "{\"\\u0000\":{}}", 0, HL_TENSOR_ERROR_FORMAT, "escape" },
  { "bad-escape", "{\"\\x\":{}}", 0, HL_TENSOR_ERROR_FORMAT, "escape" },
  { "control", "{\"a\nb\":{}}", 0, HL_TENSOR_ERROR_FORMAT, "control" },
};

static void
test_bad (gconstpointer data)
{
  guint i = GPOINTER_TO_UINT (data);
  g_autoptr (GBytes) bytes = make_file (bad[i].header, strlen (bad[i].header), bad[i].n_data);
  g_autoptr (GError) error = NULL;

  g_assert_null (hl_safetensors_read (bytes, &error));
  g_assert_error (error, HL_TENSOR_ERROR, bad[i].code);
  assert_sentence (error);

  if (strstr (error->message, bad[i].says) == NULL)
    g_error ("“%s” does not say “%s”", error->message, bad[i].says);
}

/* Lengths that the header cannot have, in a file of a few bytes. */
static void
test_lengths (void)
{
  static const guint64 lengths[] = { 3, 1000, 100000000, 100000001, G_MAXINT64, G_MAXUINT64 };

  for (guint i = 0; i < G_N_ELEMENTS (lengths); i++)
    {
      guint64 length = GUINT64_TO_LE (lengths[i]);
      char file[10] = "........{}";
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;

      memcpy (file, &length, 8);
      bytes = g_bytes_new (file, sizeof file);
      g_assert_null (hl_safetensors_read (bytes, &error));
      if (lengths[i] > 100000000)
        g_assert_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_FORMAT);
      else
        g_assert_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_TRUNCATED);
      assert_sentence (error);
    }
}

/* A header that is nothing but brackets must not use the stack up. */
static void
test_deep (void)
{
  const gsize n = 1000000;
  g_autofree char *header = g_malloc (n);
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  memset (header, '[', n);
  memcpy (header, "{\"a\":", 5);
  bytes = make_file (header, n, 0);
  g_assert_null (hl_safetensors_read (bytes, &error));
  assert_sentence (error);
}

static void
test_nul_in_header (void)
{
  static const char header[] = "{\"a\0b\":{}}";
  g_autoptr (GBytes) bytes = make_file (header, sizeof header - 1, 0);
  g_autoptr (GError) error = NULL;

  g_assert_null (hl_safetensors_read (bytes, &error));
  g_assert_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_FORMAT);
}

static HlContainer *
make_container (void)
{
  HlContainer *container = hl_container_new ();
  g_autoptr (GBytes) halves = g_bytes_new ("\0\x3c\0\x40\0\x42", 6);
  g_autoptr (HlTensor) half = hl_tensor_new (HL_DTYPE_F16, 1, (gsize[]) { 3 }, halves, 0, NULL);
  g_autoptr (HlTensor) empty = hl_tensor_new (HL_DTYPE_F64, 1, (gsize[]) { 0 }, halves, 0, NULL);
  g_autoptr (HlTensor) single = NULL;
  float *values = g_new (float, 2);

  values[0] = 0.25f;
  values[1] = -INFINITY;
  single = hl_tensor_new_take_f32 (2, (gsize[]) { 1, 2 }, values);

  hl_container_add_tensor (container, "half \"ü\"", half);
  hl_container_add_tensor (container, "empty", empty);
  hl_container_add_tensor (container, "single", single);
  hl_container_set_metadata (container, "tokens", "[\"a\\nb\"]\t\x01\x7f");
  hl_container_set_metadata (container, "", "");

  return container;
}

static void
assert_containers_equal (HlContainer *a,
                         HlContainer *b)
{
  const char * const *names = hl_container_get_names (a);
  const char * const *keys = hl_container_get_metadata_keys (a);

  g_assert_cmpstrv (names, hl_container_get_names (b));
  g_assert_cmpstrv (keys, hl_container_get_metadata_keys (b));

  for (gsize i = 0; keys[i] != NULL; i++)
    g_assert_cmpstr (hl_container_get_metadata (a, keys[i]), ==, hl_container_get_metadata (b, keys[i]));

  for (gsize i = 0; names[i] != NULL; i++)
    {
      HlTensor *x = hl_container_get_tensor (a, names[i]);
      HlTensor *y = hl_container_get_tensor (b, names[i]);
      g_autofree char *x_shape = hl_tensor_describe_shape (x);
      g_autofree char *y_shape = hl_tensor_describe_shape (y);
      gsize x_size, y_size;
      gconstpointer x_data = hl_tensor_peek_data (x, &x_size);
      gconstpointer y_data = hl_tensor_peek_data (y, &y_size);

      g_assert_cmpstr (x_shape, ==, y_shape);
      g_assert_cmpint (hl_tensor_get_dtype (x), ==, hl_tensor_get_dtype (y));
      g_assert_cmpmem (x_data, x_size, y_data, y_size);
    }
}

static HlContainer *
load (const char *path)
{
  g_autoptr (GError) error = NULL;
  g_autoptr (GMappedFile) map = g_mapped_file_new (path, FALSE, &error);
  g_autoptr (GBytes) bytes = NULL;
  HlContainer *container;

  g_assert_no_error (error);
  bytes = g_mapped_file_get_bytes (map);
  container = hl_safetensors_read (bytes, &error);
  g_assert_no_error (error);

  return container;
}

static void
test_write (void)
{
  g_autoptr (HlContainer) container = make_container ();
  g_autoptr (HlContainer) again = NULL;
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr (GError) error = NULL;
  g_autoptr (GBytes) bytes = NULL;

  g_assert_true (hl_safetensors_write (container, stream, NULL, &error));
  g_assert_no_error (error);
  g_output_stream_close (stream, NULL, NULL);
  bytes = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (stream));
  g_assert_true (hl_safetensors_probe (bytes));
  again = hl_safetensors_read (bytes, &error);
  g_assert_no_error (error);
  assert_containers_equal (container, again);
  g_assert_nonnull (hl_tensor_peek_f32 (hl_container_get_tensor (again, "single")));
}

static void
test_save (void)
{
  g_autoptr (HlContainer) container = make_container ();
  g_autoptr (HlContainer) first = NULL;
  g_autoptr (HlContainer) second = NULL;
  g_autoptr (GCancellable) cancelled = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("headlight-XXXXXX", &error);
  g_autofree char *path = g_build_filename (folder, "a.safetensors", NULL);
  g_autofree char *link = g_build_filename (folder, "link.safetensors", NULL);
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GFile) link_file = g_file_new_for_path (link);
  g_autoptr (GDir) dir = NULL;
  const char *name;
  guint n_files = 0;
  GStatBuf status;

  g_assert_true (hl_safetensors_save (container, file, NULL, &error));
  g_assert_no_error (error);
  first = load (path);
  assert_containers_equal (container, first);
  g_assert_cmpint (g_chmod (path, 0600), ==, 0);

  /* Over the file that is mapped, through a link to it. */
  g_assert_true (g_file_make_symbolic_link (link_file, "a.safetensors", NULL, &error));
  hl_container_set_metadata (first, "more", "…");
  g_assert_true (hl_safetensors_save (first, link_file, NULL, &error));
  g_assert_no_error (error);
  second = load (path);
  assert_containers_equal (first, second);
  g_assert_true (g_file_test (link, G_FILE_TEST_IS_SYMLINK));
  g_assert_cmpint (g_stat (path, &status), ==, 0);
  g_assert_cmpint (status.st_mode & 0777, ==, 0600);

  /* Nothing happens to the file when saving fails. */
  g_cancellable_cancel (cancelled);
  g_assert_false (hl_safetensors_save (container, file, cancelled, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
  g_clear_pointer (&second, hl_container_unref);
  second = load (path);
  assert_containers_equal (first, second);

  dir = g_dir_open (folder, 0, NULL);
  while ((name = g_dir_read_name (dir)) != NULL)
    {
      g_autofree char *child = g_build_filename (folder, name, NULL);

      n_files++;
      g_assert_cmpint (g_remove (child), ==, 0);
    }
  g_assert_cmpuint (n_files, ==, 2);
  g_assert_cmpint (g_rmdir (folder), ==, 0);
}

static void
test_real (void)
{
  static const char * const files[] = {
    "models/bart-g2p-us/model.safetensors",
    "models/stories260k-llama/model.safetensors",
    "data/bertviz/emitted/gpt2/model.safetensors",
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autofree char *path = find_shared (files[i]);
      g_autoptr (HlContainer) container = NULL;
      g_autoptr (HlContainer) again = NULL;
      g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();
      g_autoptr (GBytes) bytes = NULL;
      g_autoptr (GError) error = NULL;

      if (path == NULL)
        return;

      container = load (path);
      g_assert_nonnull (hl_container_get_names (container)[0]);
      g_assert_true (hl_safetensors_write (container, stream, NULL, &error));
      g_output_stream_close (stream, NULL, NULL);
      bytes = g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (stream));
      again = hl_safetensors_read (bytes, &error);
      g_assert_no_error (error);
      assert_containers_equal (container, again);
    }
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/safetensors/read", test_read);
  g_test_add_func ("/safetensors/truncated", test_truncated);
  g_test_add_func ("/safetensors/corrupt", test_corrupt);
  g_test_add_func ("/safetensors/lengths", test_lengths);
  g_test_add_func ("/safetensors/deep", test_deep);
  g_test_add_func ("/safetensors/nul", test_nul_in_header);

  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autofree char *path = g_strconcat ("/safetensors/bad/", bad[i].name, NULL);

      g_test_add_data_func (path, GUINT_TO_POINTER (i), test_bad);
    }

  g_test_add_func ("/safetensors/write", test_write);
  g_test_add_func ("/safetensors/save", test_save);
  g_test_add_func ("/safetensors/real", test_real);

  return g_test_run ();
}
