/* Makes a dump of the size asked for, as a model of causal attention with heads of 64 dimensions would leave it:
 *
 *   make-dumps [--bertviz] LAYERSxHEADSxTOKENS FILE
 *
 * Queries, keys and values are pseudo-random and the same on every machine; attention is the softmax of q·k / 8. A
 * safetensors file in Headlight's own layout, or with --bertviz the attention as a page of BertViz's head view has it:
 * JSON with the digits that Python prints, twice. Nothing larger than one layer is held in memory.
 */

#include <gio/gio.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DIMENSION 64

typedef struct
{
  guint   n_layers;
  guint   n_heads;
  guint   n_tokens;
  float  *queries;    /* [head][token][dimension] */
  float  *keys;
  float  *values;
  float  *attention;  /* [head][query][key] */
  guint32 seed;
} Model;

static const char * const words[] = {
  "the", "##s", "of", "and", "attention", "layer", ",", "heads", "##ing", "look", "at", "words", "that", ".", "café",
  "matter", "##ness", "long", "before", "they", "meet", "“", "so", "”", "日本", "said",
};

static float
next_number (Model *model)
{
  model->seed = model->seed * 1664525u + 1013904223u;

  /* Uniform of variance 1. */
  return ((float) (model->seed >> 8) / 8388608.0f - 1.0f) * 1.7320508f;
}

static gsize
count_vectors (const Model *model)
{
  return (gsize) model->n_heads * model->n_tokens * DIMENSION;
}

static gsize
count_weights (const Model *model)
{
  return (gsize) model->n_heads * model->n_tokens * model->n_tokens;
}

static void
compute_row (const float *query,
             const float *keys,
             guint        n_seen,
             guint        n_tokens,
             float       *row)
{
  float largest = -INFINITY;
  float sum = 0;

  for (guint key = 0; key < n_seen; key++)
    {
      float score = 0;

      for (guint d = 0; d < DIMENSION; d++)
        score += query[d] * keys[key * DIMENSION + d];

      row[key] = score / 8;
      largest = MAX (largest, row[key]);
    }

  for (guint key = 0; key < n_seen; key++)
    sum += row[key] = expf (row[key] - largest);

  for (guint key = 0; key < n_tokens; key++)
    row[key] = key < n_seen ? row[key] / sum : 0;
}

/* A layer depends on its number alone, so that the page can be written twice. */
static void
compute_layer (Model *model,
               guint  layer)
{
  gsize n = model->n_tokens;

  model->seed = 12345 + layer * 977;

  for (gsize i = 0; i < count_vectors (model); i++)
    {
      model->queries[i] = next_number (model);
      model->keys[i] = next_number (model);
      model->values[i] = next_number (model);
    }

  for (gsize head = 0; head < model->n_heads; head++)
    for (gsize query = 0; query < n; query++)
      compute_row (model->queries + (head * n + query) * DIMENSION, model->keys + head * n * DIMENSION,
                   (guint) query + 1, (guint) n, model->attention + (head * n + query) * n);
}

static void
write_all (FILE          *file,
           gconstpointer  data,
           gsize          size)
{
  if (fwrite (data, 1, size, file) != size)
    {
      perror ("make-dumps");
      exit (1);
    }
}

static void
write_text (FILE       *file,
            const char *text)
{
  write_all (file, text, strlen (text));
}

static const char *
get_word (guint token)
{
  return token == 0 ? "[CLS]" : words[(token * 7 + token / 11) % G_N_ELEMENTS (words)];
}

static void
append_tensor (GString    *header,
               const char *name,
               guint       layer,
               const char *shape,
               gsize       n_elements,
               gsize      *position)
{
  gsize end = *position + n_elements * sizeof (float);

  g_string_append_printf (header, ",\"instances.0.%s.%u\":{\"dtype\":\"F32\",\"shape\":%s,\"data_offsets\":[%"
                          G_GSIZE_FORMAT ",%" G_GSIZE_FORMAT "]}", name, layer, shape, *position, end);
  *position = end;
}

static void
write_safetensors (Model *model,
                   FILE  *file)
{
  g_autoptr (GString) header = g_string_new ("{\"__metadata__\":{\"headlight.version\":\"1\",\"title\":\"Generated\","
                                             "\"instances.0.kind\":\"decoder\",\"instances.0.causal\":\"true\","
                                             "\"instances.0.tokens\":\"[");
  g_autofree char *square = g_strdup_printf ("[%u,%u,%u]", model->n_heads, model->n_tokens, model->n_tokens);
  g_autofree char *vectors = g_strdup_printf ("[%u,%u,%d]", model->n_heads, model->n_tokens, DIMENSION);
  gsize position = 0;
  guint64 length;

  for (guint token = 0; token < model->n_tokens; token++)
    g_string_append_printf (header, "%s\\\"%s\\\"", token > 0 ? "," : "", get_word (token));

  g_string_append (header, "]\"}");

  for (guint layer = 0; layer < model->n_layers; layer++)
    {
      append_tensor (header, "attention", layer, square, count_weights (model), &position);
      append_tensor (header, "queries", layer, vectors, count_vectors (model), &position);
      append_tensor (header, "keys", layer, vectors, count_vectors (model), &position);
      append_tensor (header, "values", layer, vectors, count_vectors (model), &position);
    }

  g_string_append_c (header, '}');
  while (header->len % 8 != 0)
    g_string_append_c (header, ' ');

  length = GUINT64_TO_LE ((guint64) header->len);
  write_all (file, &length, sizeof length);
  write_all (file, header->str, header->len);

  for (guint layer = 0; layer < model->n_layers; layer++)
    {
      compute_layer (model, layer);
      write_all (file, model->attention, count_weights (model) * sizeof (float));
      write_all (file, model->queries, count_vectors (model) * sizeof (float));
      write_all (file, model->keys, count_vectors (model) * sizeof (float));
      write_all (file, model->values, count_vectors (model) * sizeof (float));
    }
}

/* A float as Python prints it, which takes it for a double. */
static void
write_number (FILE  *file,
              float  value)
{
  char buffer[G_ASCII_DTOSTR_BUF_SIZE];

  write_text (file, value == 0 ? "0.0" : g_ascii_dtostr (buffer, sizeof buffer, (double) value));
}

static void
write_tokens (Model *model,
              FILE  *file)
{
  for (guint token = 0; token < model->n_tokens; token++)
    {
      const char *separator = token > 0 ? ", \"" : "\"";

      write_text (file, separator);

      /* json.dumps() writes ASCII alone. */
      for (const char *p = get_word (token); *p != '\0'; p = g_utf8_next_char (p))
        {
          gunichar character = g_utf8_get_char (p);
          g_autofree char *escape = character < 0x80 ? g_strdup_printf ("%c", (char) character)
                                                     : g_strdup_printf ("\\u%04x", character);

          write_text (file, escape);
        }

      write_text (file, "\"");
    }
}

static void
write_parameters (Model *model,
                  FILE  *file)
{
  gsize n = model->n_tokens;

  write_text (file, "{\"attention\": [{\"name\": null, \"attn\": [");

  for (guint layer = 0; layer < model->n_layers; layer++)
    {
      compute_layer (model, layer);
      write_text (file, layer > 0 ? ", [" : "[");

      for (gsize head = 0; head < model->n_heads; head++)
        {
          write_text (file, head > 0 ? ", [" : "[");

          for (gsize query = 0; query < n; query++)
            {
              write_text (file, query > 0 ? ", [" : "[");

              for (gsize key = 0; key < n; key++)
                {
                  if (key > 0)
                    write_text (file, ", ");
                  write_number (file, model->attention[(head * n + query) * n + key]);
                }

              write_text (file, "]");
            }

          write_text (file, "]");
        }

      write_text (file, "]");
    }

  write_text (file, "], \"left_text\": [");
  write_tokens (model, file);
  write_text (file, "], \"right_text\": [");
  write_tokens (model, file);
  write_text (file, "]}], \"default_filter\": \"0\", \"root_div_id\": \"bertviz-0123456789abcdef0123456789abcdef\", "
                    "\"layer\": null, \"heads\": null, \"include_layers\": [");

  for (guint layer = 0; layer < model->n_layers; layer++)
    {
      g_autofree char *number = g_strdup_printf ("%s%u", layer > 0 ? ", " : "", layer);

      write_text (file, number);
    }

  write_text (file, "]}");
}

static void
write_page (Model *model,
            FILE  *file)
{
  write_text (file, "<script src=\"https://cdnjs.cloudflare.com/ajax/libs/require.js/2.3.6/require.min.js\"></script>\n"
                    "<div id=\"bertviz-0123456789abcdef0123456789abcdef\" style=\"font-family:sans-serif\"></div>\n"
                    "<script>\nrequire(['jquery', 'd3'], function ($, d3) {\n  const params = ");
  write_parameters (model, file);
  write_text (file, "; // ");
  write_parameters (model, file);
  write_text (file, " once more\n});\n</script>\n");
}

int
main (int    argc,
      char **argv)
{
  gboolean bertviz = argc == 4 && strcmp (argv[1], "--bertviz") == 0;
  Model model = { 0 };
  g_autofree char *unfinished = NULL;
  FILE *file;

  if ((argc != 3 && !bertviz) ||
      sscanf (argv[argc - 2], "%ux%ux%u", &model.n_layers, &model.n_heads, &model.n_tokens) != 3 ||
      model.n_layers == 0 || model.n_heads == 0 || model.n_tokens == 0 || model.n_layers > 1000 ||
      model.n_heads > 1000 || model.n_tokens > 100000)
    {
      fprintf (stderr, "Usage: make-dumps [--bertviz] LAYERSxHEADSxTOKENS FILE\n");
      return 2;
    }

  /* Under its name there is only what is complete. */
  unfinished = g_strconcat (argv[argc - 1], ".part", NULL);
  file = fopen (unfinished, "wb");

  if (file == NULL)
    {
      perror (unfinished);
      return 1;
    }

  model.queries = g_new (float, count_vectors (&model));
  model.keys = g_new (float, count_vectors (&model));
  model.values = g_new (float, count_vectors (&model));
  model.attention = g_new (float, count_weights (&model));

  if (bertviz)
    write_page (&model, file);
  else
    write_safetensors (&model, file);

  g_free (model.queries);
  g_free (model.keys);
  g_free (model.values);
  g_free (model.attention);

  if (fclose (file) != 0 || rename (unfinished, argv[argc - 1]) != 0)
    {
      perror (argv[argc - 1]);
      return 1;
    }

  return 0;
}
