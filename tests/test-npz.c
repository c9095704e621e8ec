#include <archive.h>
#include <archive_entry.h>
#include <gio/gio.h>
#include <math.h>
#include <string.h>

#include "assert-sentence.h"
#include "hl-npy.h"
#include "hl-npz.h"

static GBytes *
load_file (const char *name)
{
  g_autofree char *path = g_test_build_filename (G_TEST_DIST, "data", "npz", name, NULL);
  g_autoptr (GError) error = NULL;
  g_autoptr (GMappedFile) map = g_mapped_file_new (path, FALSE, &error);

  g_assert_no_error (error);

  return g_mapped_file_get_bytes (map);
}

static HlContainer *
load_npz (const char *name)
{
  g_autoptr (GBytes) bytes = load_file (name);
  g_autoptr (GError) error = NULL;
  HlContainer *container;

  g_assert_true (hl_npz_probe (bytes));
  container = hl_npz_read (bytes, NULL, NULL, NULL, &error);
  g_assert_no_error (error);

  return container;
}

/* [2][3][4] of 0, 1, 2, … */
static void
assert_cube (HlTensor *tensor,
             HlDType   dtype)
{
  g_autofree char *shape = NULL;
  float values[24];

  g_assert_nonnull (tensor);
  shape = hl_tensor_describe_shape (tensor);
  g_assert_cmpstr (shape, ==, "[2, 3, 4]");
  g_assert_cmpint (hl_tensor_get_dtype (tensor), ==, dtype);
  hl_tensor_read_f32 (tensor, 0, 24, values);

  for (guint i = 0; i < 24; i++)
    g_assert_cmpfloat (values[i], ==, dtype == HL_DTYPE_BOOL ? i % 2 : i);
}

static void
test_types (void)
{
  static const struct
  {
    const char *name;
    HlDType     dtype;
  } types[] = {
    { "b1", HL_DTYPE_BOOL }, { "u1", HL_DTYPE_U8 }, { "i1", HL_DTYPE_I8 }, { "u2", HL_DTYPE_U16 },
    { "i2", HL_DTYPE_I16 }, { "u4", HL_DTYPE_U32 }, { "i4", HL_DTYPE_I32 }, { "u8", HL_DTYPE_U64 },
    { "i8", HL_DTYPE_I64 }, { "f2", HL_DTYPE_F16 }, { "f4", HL_DTYPE_F32 }, { "f8", HL_DTYPE_F64 },
  };
  g_autoptr (HlContainer) container = load_npz ("good/types.npz");

  for (guint i = 0; i < G_N_ELEMENTS (types); i++)
    {
      g_autofree char *big = g_strconcat (types[i].name, "_big", NULL);

      assert_cube (hl_container_get_tensor (container, types[i].name), types[i].dtype);

      if (hl_dtype_get_size (types[i].dtype) > 1)
        assert_cube (hl_container_get_tensor (container, big), types[i].dtype);
    }
}

static void
test_orders (void)
{
  g_autoptr (HlContainer) container = load_npz ("good/orders.npz");
  HlTensor *scalar = hl_container_get_tensor (container, "scalar");
  HlTensor *empty = hl_container_get_tensor (container, "empty");
  float value;

  assert_cube (hl_container_get_tensor (container, "fortran"), HL_DTYPE_F32);
  assert_cube (hl_container_get_tensor (container, "fortran_big"), HL_DTYPE_I16);
  g_assert_cmpuint (hl_tensor_get_rank (scalar), ==, 0);
  hl_tensor_read_f32 (scalar, 0, 1, &value);
  g_assert_cmpfloat (value, ==, 7);
  g_assert_cmpuint (hl_tensor_get_n_elements (empty), ==, 0);
  g_assert_cmpuint (hl_tensor_get_dim (empty, 2), ==, 2);
}

static void
test_strings (void)
{
  g_autoptr (HlContainer) container = load_npz ("good/strings.npz");

  g_assert_cmpstrv (hl_container_get_strings (container, "tokens"),
                    ((const char *[]) { "[CLS]", "naïve", "", "日本", "😀", NULL }));
  g_assert_cmpstrv (hl_container_get_strings (container, "big"), ((const char *[]) { "ab", "c", NULL }));
  g_assert_cmpstrv (hl_container_get_strings (container, "bytes"), ((const char *[]) { "ab", "c", "é", NULL }));
  g_assert_cmpstrv (hl_container_get_strings (container, "text"), ((const char *[]) { "One text", NULL }));
  g_assert_cmpstrv (hl_container_get_strings (container, "pairs"), ((const char *[]) { "a", "b", "c", "d", NULL }));
}

static void
test_versions (void)
{
  static const char * const names[] = {
    "good/plain.npy", "good/version1.npy", "good/version2.npy", "good/version3.npy",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GBytes) bytes = load_file (names[i]);
      g_autoptr (HlContainer) container = hl_container_new ();
      g_autoptr (GError) error = NULL;

      g_assert_true (hl_npy_probe (bytes));
      g_assert_true (hl_npy_read (bytes, container, "a", &error));
      g_assert_no_error (error);
      assert_cube (hl_container_get_tensor (container, "a"), HL_DTYPE_F32);
    }
}

/* What is stored is used where it lies in the map. */
static void
test_in_place (void)
{
  g_autoptr (GBytes) bytes = load_file ("good/types.npz");
  g_autoptr (HlContainer) container = hl_npz_read (bytes, NULL, NULL, NULL, NULL);
  gsize map_size, size;
  const guint8 *map = g_bytes_get_data (bytes, &map_size);
  const guint8 *data = hl_tensor_peek_data (hl_container_get_tensor (container, "f4"), &size);

  g_assert_cmpuint (size, ==, 96);
  g_assert_true (data >= map && data + size <= map + map_size);
}

static void
count_progress (goffset  done,
                goffset  all,
                gpointer data)
{
  g_assert_cmpint (done, <=, all);
  (*(guint *) data)++;
}

static void
test_compressed (void)
{
  g_autoptr (GBytes) bytes = load_file ("good/compressed.npz");
  g_autoptr (GCancellable) cancellable = g_cancellable_new ();
  g_autoptr (GError) error = NULL;
  guint n_calls = 0;
  g_autoptr (HlContainer) container = hl_npz_read (bytes, count_progress, &n_calls, cancellable, &error);
  g_autofree float *zeros = g_new (float, 10000);

  g_assert_no_error (error);
  g_assert_cmpuint (n_calls, >, 3);
  assert_cube (hl_container_get_tensor (container, "cube"), HL_DTYPE_F32);
  g_assert_cmpstrv (hl_container_get_strings (container, "tokens"), ((const char *[]) { "a", "b", NULL }));
  hl_tensor_read_f32 (hl_container_get_tensor (container, "zeros"), 0, 10000, zeros);
  g_assert_cmpfloat (zeros[9999], ==, 0);

  g_cancellable_cancel (cancellable);
  g_assert_null (hl_npz_read (bytes, NULL, NULL, cancellable, &error));
  g_assert_error (error, G_IO_ERROR, G_IO_ERROR_CANCELLED);
}

static void
test_truncated (void)
{
  static const char * const names[] = {
    "good/compressed.npz", "good/orders.npz", "good/plain.npy", "good/version2.npy",
  };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GBytes) bytes = load_file (names[i]);
      gboolean npy = g_str_has_suffix (names[i], ".npy");

      for (gsize length = 0; length < g_bytes_get_size (bytes); length++)
        {
          /* A copy, so that a sanitizer sees every read past the end. */
          g_autoptr (GBytes) part = g_bytes_new (g_bytes_get_data (bytes, NULL), length);
          g_autoptr (HlContainer) container = hl_container_new ();
          g_autoptr (GError) error = NULL;

          hl_npy_probe (part);
          hl_npz_probe (part);
          if (npy)
            g_assert_false (hl_npy_read (part, container, "a", &error));
          else
            g_assert_null (hl_npz_read (part, NULL, NULL, NULL, &error));
          g_assert_true (error->domain == HL_TENSOR_ERROR);
          assert_sentence (error);
        }
    }
}

/* Any byte replaced by another: read or refused, never worse. Directories and deflated data have no pattern that a
 * reader could rely on. */
static void
test_damaged (void)
{
  static const char * const names[] = { "good/compressed.npz", "good/snippet.npz", "good/version2.npy" };
  static const guint8 replacements[] = { 0x00, 0x01, 0x7f, 0xff, '\'', '(' };

  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      g_autoptr (GBytes) bytes = load_file (names[i]);
      gsize size = g_bytes_get_size (bytes);

      for (gsize position = 0; position < size; position++)
        for (guint k = 0; k < G_N_ELEMENTS (replacements); k++)
          {
            guint8 *copy = g_memdup2 (g_bytes_get_data (bytes, NULL), size);
            g_autoptr (GBytes) damaged = NULL;
            g_autoptr (HlContainer) container = NULL;
            g_autoptr (GError) error = NULL;

            copy[position] = replacements[k];
            damaged = g_bytes_new_take (copy, size);

            if (g_str_has_suffix (names[i], ".npy"))
              {
                container = hl_container_new ();
                hl_npy_read (damaged, container, "a", &error);
              }
            else
              container = hl_npz_read (damaged, NULL, NULL, NULL, &error);

            if (error != NULL)
              assert_sentence (error);
          }
    }
}

/* A .npy file of version 1 with this header and @n_data bytes 0. */
static GBytes *
make_npy (const char *header,
          gsize       n_data)
{
  GByteArray *file = g_byte_array_new ();
  gsize length = strlen (header);
  guint8 sizes[2] = { length & 255, (guint8) (length >> 8) };

  g_byte_array_append (file, (const guint8 *) "\x93NUMPY\1\0", 8);
  g_byte_array_append (file, sizes, 2);
  g_byte_array_append (file, (const guint8 *) header, (guint) length);
  g_byte_array_set_size (file, file->len + (guint) n_data);
  memset (file->data + file->len - n_data, 0, n_data);

  return g_byte_array_free_to_bytes (file);
}

#define HEADER(descr, shape) "{'descr': " descr ", 'fortran_order': False, 'shape': " shape ", }\n"

static const struct
{
  const char *header;
  gsize       n_data;
  int         code;
  const char *says;
} bad[] = {
  { "", 0, HL_TENSOR_ERROR_FORMAT, "header" },
  { "[]", 0, HL_TENSOR_ERROR_FORMAT, "header" },
  { "{}", 0, HL_TENSOR_ERROR_FORMAT, "each once" },
  { "{'descr': '<f4'}", 0, HL_TENSOR_ERROR_FORMAT, "each once" },
  { "{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': ()}", 4, HL_TENSOR_ERROR_FORMAT, "each once" },
  { "{'descr': '<f4', 'fortran_order': 0, 'shape': ()}", 4, HL_TENSOR_ERROR_FORMAT, "True nor False" },
  { "{'descr': '<f4', 'fortran_order': False, 'shape': (), 'more': 1}", 4, HL_TENSOR_ERROR_FORMAT, "each once" },
  { "{'descr': '<f4', 'fortran_order': False, 'shape': ()} + {}", 4, HL_TENSOR_ERROR_FORMAT, "each once" },
  { "{'descr': __import__('os'), 'fortran_order': False, 'shape': ()}", 4, HL_TENSOR_ERROR_FORMAT, "type" },
  { HEADER ("'<f4'", "(2, 2)"), 15, HL_TENSOR_ERROR_TRUNCATED, "needs 16 bytes" },
  { HEADER ("'<f4'", "(2)"), 8, HL_TENSOR_ERROR_SHAPE, "tuple" },
  { HEADER ("'<f4'", "(-1,)"), 8, HL_TENSOR_ERROR_SHAPE, "negative" },
  { HEADER ("'<f4'", "(2.0,)"), 8, HL_TENSOR_ERROR_SHAPE, "tuple" },
  { HEADER ("'<f4'", "(1,1,1,1,1,1,1,1,2)"), 8, HL_TENSOR_ERROR_SHAPE, "at most 8" },
  { HEADER ("'<f4'", "((((((((((1,),),),),),),),),),)"), 8, HL_TENSOR_ERROR_SHAPE, "tuple" },
  { HEADER ("'<f4'", "(4611686018427387904, 4)"), 8, HL_TENSOR_ERROR_SHAPE, "larger than any file" },
  { HEADER ("'<f4'", "(99999999999999999999,)"), 8, HL_TENSOR_ERROR_SHAPE, "tuple" },
  { HEADER ("'<f4'", "(100000, 100000)"), 8, HL_TENSOR_ERROR_TRUNCATED, "needs" },
  { HEADER ("'>f4'", "(100000, 100000)"), 8, HL_TENSOR_ERROR_TRUNCATED, "needs" },
  { HEADER ("'|O'", "(1,)"), 8, HL_TENSOR_ERROR_UNSUPPORTED, "Python objects" },
  { HEADER ("'<c8'", "(1,)"), 8, HL_TENSOR_ERROR_UNSUPPORTED, "c8" },
  { HEADER ("'<f16'", "(1,)"), 16, HL_TENSOR_ERROR_UNSUPPORTED, "f16" },
  { HEADER ("'<f3'", "(1,)"), 3, HL_TENSOR_ERROR_UNSUPPORTED, "f3" },
  { HEADER ("''", "(1,)"), 4, HL_TENSOR_ERROR_FORMAT, "type" },
  { HEADER ("'<'", "(1,)"), 4, HL_TENSOR_ERROR_FORMAT, "type" },
  { HEADER ("[('a', '<f4')]", "(1,)"), 4, HL_TENSOR_ERROR_UNSUPPORTED, "several fields" },
  { HEADER ("'<U0'", "(100000000000,)"), 0, HL_TENSOR_ERROR_FORMAT, "no characters" },
  { HEADER ("'|S1'", "(100000000000,)"), 8, HL_TENSOR_ERROR_TRUNCATED, "cut short" },
  { HEADER ("'<U4611686018427387904'", "(1,)"), 8, HL_TENSOR_ERROR_SHAPE, "larger than any file" },
  { HEADER ("'<U4611686018427387'", "(99999,)"), 8, HL_TENSOR_ERROR_SHAPE, "larger than any file" },
  { HEADER ("'|S1'", "(5000000,)"), 5000000, HL_TENSOR_ERROR_UNSUPPORTED, "strings" },
};

static void
test_bad_headers (void)
{
  for (guint i = 0; i < G_N_ELEMENTS (bad); i++)
    {
      g_autoptr (GBytes) bytes = make_npy (bad[i].header, bad[i].n_data);
      g_autoptr (HlContainer) container = hl_container_new ();
      g_autoptr (GError) error = NULL;

      g_test_message ("%s", bad[i].header);
      g_assert_false (hl_npy_read (bytes, container, "a", &error));
      g_test_message ("→ %s", error->message);
      g_assert_error (error, HL_TENSOR_ERROR, bad[i].code);
      assert_sentence (error);
      g_assert_nonnull (strstr (error->message, bad[i].says));
      g_assert_null (hl_container_get_names (container)[0]);
    }
}

/* Headers that others than numpy write. */
static void
test_odd_headers (void)
{
  static const char * const headers[] = {
    "{'shape': (2L, 3L, 4L), 'fortran_order': False, 'descr': '<f4'}",
    "{\"descr\":\"<f4\",\"fortran_order\":False,\"shape\":(2,3,4)}",
    "  { 'descr' : '<f4' , 'fortran_order' : False , 'shape' : ( 2 , 3 , 4 , ) , }  \n\n",
  };

  for (guint i = 0; i < G_N_ELEMENTS (headers); i++)
    {
      g_autoptr (GBytes) bytes = make_npy (headers[i], 96);
      g_autoptr (HlContainer) container = hl_container_new ();
      g_autoptr (GError) error = NULL;

      g_assert_true (hl_npy_read (bytes, container, "a", &error));
      g_assert_no_error (error);
      g_assert_cmpuint (hl_tensor_get_n_elements (hl_container_get_tensor (container, "a")), ==, 24);
    }
}

static void
test_invalid_strings (void)
{
  static const char header[] = HEADER ("'<U1'", "(1,)");
  static const char bytes_header[] = HEADER ("'|S2'", "(1,)");
  g_autoptr (HlContainer) container = hl_container_new ();
  g_autoptr (GBytes) zero = make_npy (header, 4);
  g_autoptr (GBytes) zero_bytes = make_npy (bytes_header, 2);
  gsize size = g_bytes_get_size (zero);
  gsize bytes_size = g_bytes_get_size (zero_bytes);
  g_autofree guint8 *surrogate = g_memdup2 (g_bytes_get_data (zero, NULL), size);
  g_autofree guint8 *latin1 = g_memdup2 (g_bytes_get_data (zero_bytes, NULL), bytes_size);
  g_autoptr (GBytes) bad_unicode = NULL;
  g_autoptr (GBytes) bad_utf8 = NULL;
  g_autoptr (GError) error = NULL;

  surrogate[size - 3] = 0xd8;
  bad_unicode = g_bytes_new (surrogate, size);
  g_assert_false (hl_npy_read (bad_unicode, container, "a", &error));
  assert_sentence (error);
  g_clear_error (&error);

  latin1[bytes_size - 2] = 0xe9;
  bad_utf8 = g_bytes_new (latin1, bytes_size);
  g_assert_false (hl_npy_read (bad_utf8, container, "a", &error));
  assert_sentence (error);
}

static void
test_bad_files (void)
{
  static const struct
  {
    const char *name;
    const char *says;
  } files[] = {
    { "bad/objects.npz", "“ragged” holds Python objects" },
    { "bad/fields.npz", "“pairs” has elements of several fields" },
    { "bad/complex.npz", "“c8”" },
    { "bad/times.npz", "“M8”" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (files); i++)
    {
      g_autoptr (GBytes) bytes = load_file (files[i].name);
      g_autoptr (GError) error = NULL;

      g_assert_null (hl_npz_read (bytes, NULL, NULL, NULL, &error));
      g_assert_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_UNSUPPORTED);
      assert_sentence (error);
      g_assert_nonnull (strstr (error->message, files[i].says));
    }
}

/* Adds @n_data zeros as a .npy member of one long string of bytes. */
static void
add_member (struct archive *archive,
            const char     *name,
            gsize           n_data)
{
  g_autofree char *header = g_strdup_printf (HEADER ("'|u1'", "(%" G_GSIZE_FORMAT ",)"), n_data);
  g_autoptr (GBytes) npy = make_npy (header, 0);
  g_autofree guint8 *zeros = g_malloc0 (1 << 20);
  struct archive_entry *entry = archive_entry_new ();
  gsize size;
  gconstpointer data = g_bytes_get_data (npy, &size);

  archive_entry_set_pathname (entry, name);
  archive_entry_set_filetype (entry, AE_IFREG);
  archive_entry_set_size (entry, (gint64) (size + n_data));
  g_assert_cmpint (archive_write_header (archive, entry), ==, ARCHIVE_OK);
  archive_write_data (archive, data, size);

  while (n_data > 0)
    {
      gsize n = MIN (n_data, 1 << 20);

      archive_write_data (archive, zeros, n);
      n_data -= n;
    }

  archive_entry_free (entry);
}

static GBytes *
make_zip (const char         *options,
          const char * const *names,
          gsize               n_data)
{
  struct archive *archive = archive_write_new ();
  gsize capacity = 8 << 20;
  guint8 *buffer = g_malloc (capacity);
  size_t used = 0;

  archive_write_set_format_zip (archive);
  archive_write_set_options (archive, options);
  g_assert_cmpint (archive_write_open_memory (archive, buffer, capacity, &used), ==, ARCHIVE_OK);
  for (gsize i = 0; names[i] != NULL; i++)
    add_member (archive, names[i], n_data);
  archive_write_close (archive);
  archive_write_free (archive);

  return g_bytes_new_take (g_realloc (buffer, used), used);
}

static void
test_names (void)
{
  static const char store[] = "zip:compression=store";
  g_autoptr (GBytes) twice = make_zip (store, (const char *[]) { "a.npy", "a.npy", NULL }, 3);
  g_autoptr (GBytes) other = make_zip (store, (const char *[]) { "x/a.b.npy", "readme.txt", NULL }, 3);
  g_autoptr (GBytes) first_other = make_zip (store, (const char *[]) { "data.pkl", "a.npy", NULL }, 3);
  g_autoptr (HlContainer) container = NULL;
  g_autoptr (GError) error = NULL;

  g_assert_null (hl_npz_read (twice, NULL, NULL, NULL, &error));
  g_assert_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_FORMAT);
  g_assert_nonnull (strstr (error->message, "“a” twice"));
  assert_sentence (error);
  g_clear_error (&error);

  container = hl_npz_read (other, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  g_assert_cmpstrv (hl_container_get_names (container), ((const char *[]) { "x/a.b", NULL }));
  g_assert_false (hl_npz_probe (first_other));
}

/* 96 MB of zeros in less than half a megabyte. */
static void
test_bomb (void)
{
  g_autoptr (GBytes) bytes = make_zip ("zip:compression=deflate,zip:compression-level=1",
                                       (const char *[]) { "a.npy", NULL }, 96 << 20);
  g_autoptr (GError) error = NULL;

  g_assert_cmpuint (g_bytes_get_size (bytes), <, 4 << 20);
  g_assert_null (hl_npz_read (bytes, NULL, NULL, NULL, &error));
  g_assert_error (error, HL_TENSOR_ERROR, HL_TENSOR_ERROR_UNSUPPORTED);
  g_assert_nonnull (strstr (error->message, "uncompressed"));
  assert_sentence (error);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/npz/types", test_types);
  g_test_add_func ("/npz/orders", test_orders);
  g_test_add_func ("/npz/strings", test_strings);
  g_test_add_func ("/npz/versions", test_versions);
  g_test_add_func ("/npz/in-place", test_in_place);
  g_test_add_func ("/npz/compressed", test_compressed);
  g_test_add_func ("/npz/truncated", test_truncated);
  g_test_add_func ("/npz/damaged", test_damaged);
  g_test_add_func ("/npz/bad-headers", test_bad_headers);
  g_test_add_func ("/npz/odd-headers", test_odd_headers);
  g_test_add_func ("/npz/invalid-strings", test_invalid_strings);
  g_test_add_func ("/npz/bad-files", test_bad_files);
  g_test_add_func ("/npz/names", test_names);
  g_test_add_func ("/npz/bomb", test_bomb);

  return g_test_run ();
}
