#include "hl-format-private.h"
#include "hl-neatvision.h"

#include <string.h>

/* How much of the file is looked at. */
#define WINDOW 65536

static const struct
{
  const char *magic;
  gsize       length;
  const char *is;
} magics[] = {
#define MAGIC(bytes) bytes, sizeof bytes - 1
  { MAGIC ("GGUF"), "a model's weights (GGUF) without any attention" },
  { MAGIC ("ggml"), "a model's weights (GGML) without any attention" },
  { MAGIC ("\x89HDF\r\n\x1a\n"), "an HDF5 file" },
  { MAGIC ("\x80\x02"), "a Python pickle or PyTorch file (.pt, .pkl), which can only be read by running it" },
  { MAGIC ("\x80\x03"), "a Python pickle, which can only be read by running it" },
  { MAGIC ("\x80\x04"), "a Python pickle, which can only be read by running it" },
  { MAGIC ("\x80\x05"), "a Python pickle, which can only be read by running it" },
  { MAGIC ("\x1f\x8b"), "compressed with gzip" },
  { MAGIC ("\xfd" "7zXZ"), "compressed with xz" },
  { MAGIC ("\x28\xb5\x2f\xfd"), "compressed with Zstandard" },
  { MAGIC ("BZh"), "compressed with bzip2" },
  { MAGIC ("%PDF-"), "a PDF document" },
  { MAGIC ("\x89PNG"), "an image" },
  { MAGIC ("\xff\xd8\xff"), "an image" },
  { MAGIC ("GIF8"), "an image" },
  { MAGIC ("SQLite format 3"), "a database" },
  { MAGIC ("\x7f" "ELF"), "a program" },
  { MAGIC ("ARROW1"), "an Arrow or Feather table" },
  { MAGIC ("PAR1"), "a Parquet table" },
#undef MAGIC
};

static gboolean
contains (const guint8 *data,
          gsize         size,
          const char   *needle)
{
  gsize length = strlen (needle);

  for (gsize i = 0; i + length <= size; i++)
    if (data[i] == (guint8) needle[0] && memcmp (data + i, needle, length) == 0)
      return TRUE;

  return FALSE;
}

/* Does it begin as UTF-8 without control characters? The last character of the window may be cut. */
static gboolean
is_text (const guint8 *data,
         gsize         size)
{
  const char *end;

  for (gsize i = 0; i < size; i++)
    if (data[i] < ' ' && strchr ("\t\n\r\f", data[i]) == NULL)
      return FALSE;

  return g_utf8_validate_len ((const char *) data, size, &end) ||
         (size == WINDOW && size - (gsize) (end - (const char *) data) < 4);
}

static const char *
guess_text (const guint8 *data,
            gsize         size)
{
  gsize i = 0;

  while (i < size && g_ascii_isspace (data[i]))
    i++;

  if (i == size)
    return "blank";

  if (data[i] == '<')
    return contains (data, size, "<svg") ? "a page or drawing, not a BertViz page with its data"
                                         : "a web page, but not one that holds attention";

  if (data[i] == '{' || data[i] == '[')
    {
      if (contains (data, size, "\"cells\"") || contains (data, size, "\"nbformat\""))
        return "a notebook without the output of BertViz";
      if (contains (data, size, "\"model_type\"") || contains (data, size, "\"weight_map\""))
        return "a part of a model";
      return "JSON, but not of a kind that Headlight knows";
    }

  return "plain text";
}

const char *
hl_format_guess (GBytes *bytes)
{
  gsize size;
  const guint8 *data = g_bytes_get_data (bytes, &size);

  size = MIN (size, WINDOW);

  for (gsize i = 0; i < G_N_ELEMENTS (magics); i++)
    if (size >= magics[i].length && memcmp (data, magics[i].magic, magics[i].length) == 0)
      return magics[i].is;

  if (size >= 4 && memcmp (data, "PK\3\4", 4) == 0)
    return contains (data, MIN (size, 4096), "data.pkl")
           ? "a PyTorch file (.pt), which can only be read by running what is in it"
           : "a zip archive";

  if (hl_neatvision_is_labels (bytes))
    return "a list of class names, which belongs to a neat-vision file";

  if (is_text (data, size))
    return guess_text (data, size);

  return "data of a kind that Headlight does not know";
}
