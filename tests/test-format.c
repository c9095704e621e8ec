#include "hl-format-private.h"

#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "assert-sentence.h"

static void
test_table (void)
{
  gsize n;
  const HlFormat * const *formats = hl_formats_get (&n);

  g_assert_cmpuint (n, >, 0);

  for (gsize i = 0; i < n; i++)
    {
      g_assert_nonnull (formats[i]->id);
      g_assert_nonnull (formats[i]->name);
      g_assert_nonnull (formats[i]->patterns[0]);
      g_assert_nonnull (formats[i]->probe);
      g_assert_nonnull (formats[i]->read);

      for (gsize k = 0; k < i; k++)
        g_assert_cmpstr (formats[i]->id, !=, formats[k]->id);
    }

  g_assert_null (formats[n]);
}

#define BYTES(string) string, sizeof string - 1

static void
test_unknown (void)
{
  static const struct
  {
    const char *content;
    gsize       size;
    const char *says;
  } cases[] = {
    { BYTES ("GGUF\3\0\0\0"), "weights" },
    { BYTES ("\x80\x04\x95\0\0\0\0"), "pickle" },
    { BYTES ("PK\3\4\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x10\0\0\0archive/data.pkl"), "PyTorch" },
    { BYTES ("PK\3\4\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x05\0\0\0a.txt"), "zip archive" },
    { BYTES ("\x89HDF\r\n\x1a\n"), "HDF5" },
    { BYTES ("\x1f\x8b\x08\0"), "gzip" },
    { BYTES ("\x89PNG\r\n"), "image" },
    { BYTES ("Dear Sir or Madam,\n"), "plain text" },
    { BYTES ("Gr\xc3\xbc\xc3\x9f" "e"), "plain text" },
    { BYTES ("   \n\t "), "blank" },
    { BYTES ("<!DOCTYPE html><html><body>x</body></html>"), "web page" },
    { BYTES ("{\"model_type\": \"bert\"}"), "part of a model" },
    { BYTES ("{\"a\": 1}"), "JSON" },
    { BYTES ("\0\1\2\3\4"), "does not know" },
    { BYTES ("x"), "plain text" },
  };

  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      g_autoptr (GBytes) bytes = g_bytes_new (cases[i].content, cases[i].size);
      g_autoptr (GError) error = NULL;

      if (strstr (hl_format_guess (bytes), cases[i].says) == NULL)
        g_error ("“%s” does not say “%s”", hl_format_guess (bytes), cases[i].says);

      /* A reader may well want to say itself what is wrong with pages and JSON. */
      if (cases[i].content[0] == '<' || cases[i].content[0] == '{')
        continue;

      g_assert_null (hl_format_read (bytes, "it", NULL, NULL, NULL, &error));
      g_assert_error (error, HL_FORMAT_ERROR, HL_FORMAT_ERROR_UNKNOWN);
      assert_sentence (error);

      if (strstr (error->message, cases[i].says) == NULL || strstr (error->message, "Headlight opens") == NULL)
        g_error ("“%s” does not say “%s”", error->message, cases[i].says);
    }
}

static void
test_text_cut (void)
{
  /* A character that the window cuts in two is still text. */
  g_autofree char *text = g_malloc (65537);
  g_autoptr (GBytes) bytes = NULL;

  memset (text, 'a', 65537);
  memcpy (text + 65535, "\xc3\xa9", 2);
  bytes = g_bytes_new (text, 65537);
  g_assert_cmpstr (hl_format_guess (bytes), ==, "plain text");
}

static void
assert_open_error (const char *path,
                   GQuark      domain,
                   int         code,
                   const char *says)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;

  g_assert_null (hl_format_open (file, NULL, NULL, NULL, &error));
  g_assert_error (error, domain, code);
  assert_sentence (error);
  g_assert_nonnull (strstr (error->message, says));
}

static void
test_open_errors (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("headlight-XXXXXX", &error);
  g_autofree char *missing = g_build_filename (folder, "missing.npz", NULL);
  g_autofree char *empty = g_build_filename (folder, "empty.npz", NULL);
  g_autofree char *odd = g_build_filename (folder, "line\nbreak \xff.npz", NULL);

  g_assert_no_error (error);
  g_assert_true (g_file_set_contents (empty, "", 0, NULL));
  g_assert_true (g_file_set_contents (odd, "text", 4, NULL));

  assert_open_error (missing, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "“missing.npz”");
  assert_open_error (folder, G_IO_ERROR, G_IO_ERROR_IS_DIRECTORY, "folder");
  assert_open_error (empty, HL_FORMAT_ERROR, HL_FORMAT_ERROR_EMPTY, "“empty.npz” is empty");
  assert_open_error ("/dev/zero", G_IO_ERROR, G_IO_ERROR_NOT_REGULAR_FILE, "device");
  assert_open_error (odd, HL_FORMAT_ERROR, HL_FORMAT_ERROR_UNKNOWN, "plain text");

  if (geteuid () != 0)
    {
      g_assert_cmpint (g_chmod (odd, 0), ==, 0);
      assert_open_error (odd, G_IO_ERROR, G_IO_ERROR_PERMISSION_DENIED, "ermission");
    }

  g_remove (empty);
  g_remove (odd);
  g_rmdir (folder);
}

/* As in “headlight info <(command)”. */
static gpointer
write_pipe (gpointer data)
{
  static const char text[] = "hello";
  int fd = g_open (data, O_WRONLY, 0);

  g_assert_cmpint (write (fd, text, 5), ==, 5);
  close (fd);

  return NULL;
}

static void
test_pipe (void)
{
  g_autoptr (GError) error = NULL;
  g_autofree char *folder = g_dir_make_tmp ("headlight-XXXXXX", &error);
  g_autofree char *path = g_build_filename (folder, "pipe", NULL);
  GThread *writer;

  g_assert_cmpint (mkfifo (path, 0600), ==, 0);
  writer = g_thread_new ("writer", write_pipe, path);
  assert_open_error (path, HL_FORMAT_ERROR, HL_FORMAT_ERROR_UNKNOWN, "plain text");
  g_thread_join (writer);
  g_remove (path);
  g_rmdir (folder);
}

int
main (int    argc,
      char **argv)
{
  g_test_init (&argc, &argv, NULL);

  g_test_add_func ("/format/table", test_table);
  g_test_add_func ("/format/unknown", test_unknown);
  g_test_add_func ("/format/text-cut", test_text_cut);
  g_test_add_func ("/format/open-errors", test_open_errors);
  g_test_add_func ("/format/pipe", test_pipe);

  return g_test_run ();
}
