#include <gio/gio.h>
#include <glib/gstdio.h>
#include <json-glib/json-glib.h>
#include <stdlib.h>
#include <string.h>

/* The program as a user runs it: its words, its output, its exit status. argv[1]: the program. */
static const char *program;

typedef struct
{
  int   status;
  char *out;
  char *err;
} Run;

static void
run_clear (Run *run)
{
  g_free (run->out);
  g_free (run->err);
}

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (Run, run_clear)

static Run
run (const char *first,
     ...)
{
  g_autoptr (GPtrArray) argv = g_ptr_array_new ();
  g_autoptr (GError) error = NULL;
  Run result = { 0 };
  va_list args;
  int wait_status;

  g_ptr_array_add (argv, (char *) program);
  va_start (args, first);
  for (const char *arg = first; arg != NULL; arg = va_arg (args, const char *))
    g_ptr_array_add (argv, (char *) arg);
  va_end (args);
  g_ptr_array_add (argv, NULL);

  g_spawn_sync (NULL, (char **) argv->pdata, NULL, G_SPAWN_DEFAULT, NULL, NULL, &result.out, &result.err, &wait_status,
                &error);
  g_assert_no_error (error);
  g_assert_true (g_spawn_check_wait_status (wait_status, &error) || error->domain == G_SPAWN_EXIT_ERROR);
  result.status = error != NULL ? error->code : 0;

  return result;
}

static gsize
count_lines (const char *text)
{
  gsize n = 0;

  for (const char *p = text; *p != '\0'; p++)
    n += *p == '\n';

  return n;
}

/* A BertViz object of one layer, two heads, three tokens. */
static const char small[] =
  "{\"attention\": [{\"name\": null, \"attn\": [[[[1.0, 0.0, 0.0], [0.25, 0.75, 0.0], [0.5, 0.25, 0.25]],"
  " [[1.0, 0.0, 0.0], [0.5, 0.5, 0.0], [0.125, 0.375, 0.5]]]],"
  " \"left_text\": [\"The\", \" fox\", \" ran\"], \"right_text\": [\"The\", \" fox\", \" ran\"]}],"
  " \"default_filter\": \"0\", \"root_div_id\": \"x\", \"layer\": null, \"heads\": null, \"include_layers\": [4]}";

static char *folder;

static char *
in_folder (const char *name)
{
  return g_build_filename (folder, name, NULL);
}

static char *
write_small (void)
{
  char *path = in_folder ("small.json");

  g_assert_true (g_file_set_contents (path, small, -1, NULL));

  return path;
}

static void
test_info (void)
{
  g_autofree char *path = write_small ();
  g_auto (Run) plain = run ("info", path, NULL);
  g_auto (Run) json = run ("info", "--json", path, NULL);
  g_autoptr (JsonParser) parser = json_parser_new ();
  g_autoptr (GError) error = NULL;
  JsonObject *instance, *attention;

  g_assert_cmpint (plain.status, ==, 0);
  g_assert_nonnull (strstr (plain.out, "BertViz"));
  g_assert_nonnull (strstr (plain.out, "1 layers × 2 heads, 3 queries × 3 keys, causal"));

  g_assert_cmpint (json.status, ==, 0);
  json_parser_load_from_data (parser, json.out, -1, &error);
  g_assert_no_error (error);
  instance = json_array_get_object_element (
    json_object_get_array_member (json_node_get_object (json_parser_get_root (parser)), "instances"), 0);
  g_assert_cmpint (json_object_get_int_member (instance, "tokens"), ==, 3);
  attention = json_array_get_object_element (json_object_get_array_member (instance, "attention"), 0);
  g_assert_cmpint (json_object_get_int_member (attention, "queries"), ==, 3);
  g_assert_cmpint (json_array_get_int_element (json_object_get_array_member (attention, "heads"), 0), ==, 2);
}

/* Layers keep the numbers they have in the model: the file's only layer is 4. */
static void
test_table (void)
{
  g_autofree char *path = write_small ();
  g_auto (Run) matrix = run ("table", path, "--view", "matrix", "--layer", "4", "--head", "1", NULL);
  g_auto (Run) layer = run ("table", path, "--view", "matrix", "--layer", "0", NULL);
  static const char * const views[] = { "sequence", "heads", "model", "matrix" };

  g_assert_cmpstr (matrix.err, ==, "");
  g_assert_cmpint (matrix.status, ==, 0);
  g_assert_nonnull (strstr (matrix.out, "0.125,0.375,0.5"));
  g_assert_cmpint (layer.status, ==, 1);
  g_assert_cmpuint (count_lines (layer.err), ==, 1);

  for (gsize i = 0; i < G_N_ELEMENTS (views); i++)
    {
      g_auto (Run) table = run ("table", path, "--view", views[i], NULL);

      g_assert_cmpint (table.status, ==, 0);
      g_assert_cmpuint (count_lines (table.out), >, 1);
    }
}

static void
test_render (void)
{
  static const struct { const char *name; const char *magic; } formats[] = {
    { "a.pdf", "%PDF-" }, { "a.svg", "<?xml" }, { "a.png", "\x89PNG" },
  };
  static const char * const views[] = { "sequence", "heads", "model", "neurons", "matrix" };
  g_autofree char *path = write_small ();

  for (gsize i = 0; i < G_N_ELEMENTS (formats); i++)
    for (gsize k = 0; k < G_N_ELEMENTS (views); k++)
      {
        g_autofree char *output = in_folder (formats[i].name);
        g_autofree char *contents = NULL;
        g_auto (Run) render = run ("render", path, "--view", views[k], "--query", "2", "--theme", "dark", "-o", output, NULL);
        gsize length;

        g_assert_cmpstr (render.err, ==, "");
        g_assert_cmpint (render.status, ==, 0);
        g_assert_true (g_file_get_contents (output, &contents, &length, NULL));
        g_assert_cmpuint (length, >, 500);
        g_assert_true (g_str_has_prefix (contents, formats[i].magic));
        g_remove (output);
      }
}

/* A dump holds what the file held: the same table comes out of both. */
static void
test_convert (void)
{
  g_autofree char *path = write_small ();
  g_autofree char *output = in_folder ("small.safetensors");
  g_auto (Run) convert = run ("convert", path, "-o", output, NULL);
  g_auto (Run) before = run ("table", path, "--view", "heads", NULL);
  g_auto (Run) after = run ("table", output, "--view", "heads", NULL);
  g_auto (Run) info = run ("info", output, NULL);

  g_assert_cmpstr (convert.err, ==, "");
  g_assert_cmpint (convert.status, ==, 0);
  g_assert_cmpstr (before.out, ==, after.out);
  g_assert_nonnull (strstr (info.out, "1 layers × 2 heads, 3 queries × 3 keys, causal"));
}

/* The physical size asked for is the size of the page. */
static void
test_size (void)
{
  g_autofree char *path = write_small ();
  g_autofree char *output = in_folder ("size.svg");
  g_autofree char *contents = NULL;
  g_auto (Run) render = run ("render", path, "--view", "matrix", "--size", "4inx3in", "-o", output, NULL);

  g_assert_cmpint (render.status, ==, 0);
  g_assert_true (g_file_get_contents (output, &contents, NULL, NULL));
  g_assert_nonnull (strstr (contents, "width=\"384px\" height=\"288px\""));
}

/* Wrong words are 2, a file that is not what was asked for is 1; one line each, and nothing on stdout. */
static void
test_refusals (void)
{
  g_autofree char *path = write_small ();
  g_autofree char *cut = in_folder ("cut.json");
  const struct { int status; const char *argv[8]; } cases[] = {
    { 2, { "info" } },
    { 2, { "info", path, path } },
    { 2, { "info", "--nonsense", path } },
    { 1, { "info", "/nonexistent/file" } },
    { 1, { "info", cut } },
    { 2, { "table", path } },
    { 2, { "table", path, "--view", "pie" } },
    { 2, { "table", path, "--view", "heads", "--filter", "xx" } },
    { 2, { "table", path, "--view", "heads", "--heads", "1," } },
    { 2, { "table", path, "--view", "heads", "--threshold", "7" } },
    { 1, { "table", path, "--view", "heads", "--heads", "0,9" } },
    { 1, { "table", path, "--view", "heads", "--instance", "3" } },
    { 1, { "table", path, "--view", "heads", "--kind", "cross" } },
    { 1, { "table", path, "--view", "heads", "--query", "dog" } },
    { 1, { "table", path, "--view", "neurons" } },
    { 2, { "convert", path } },
    { 2, { "convert", path, "-o", "dump.bin" } },
    { 1, { "convert", path, "--instance", "2", "-o", "/nonexistent/dump.safetensors" } },
    { 2, { "render", path, "--view", "heads" } },
    { 2, { "render", path, "--view", "heads", "-o", "figure.doc" } },
    { 2, { "render", path, "--view", "heads", "--size", "3", "-o", "figure.pdf" } },
    { 1, { "render", path, "--view", "heads", "-o", "/nonexistent/folder/figure.pdf" } },
  };

  g_assert_true (g_file_set_contents (cut, small, 200, NULL));
  for (gsize i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      const char * const *a = cases[i].argv;
      g_auto (Run) result = run (a[0], a[1], a[2], a[3], a[4], a[5], a[6], a[7], NULL);

      g_test_message ("%s %s %s %s %s: %s", a[0], a[1], a[2], a[3], a[4], result.err);
      g_assert_cmpint (result.status, ==, cases[i].status);
      g_assert_cmpuint (count_lines (result.err), ==, 1);
      g_assert_cmpstr (result.out, ==, "");
    }
}

static void
test_help (void)
{
  static const char * const commands[] = { "info", "table", "render", "convert" };

  for (gsize i = 0; i < G_N_ELEMENTS (commands); i++)
    {
      g_auto (Run) help = run (commands[i], "--help", NULL);

      g_assert_cmpint (help.status, ==, 0);
      g_assert_nonnull (strstr (help.out, "FILE"));
      g_assert_cmpstr (help.err, ==, "");
    }
}

int
main (int   argc,
      char *argv[])
{
  g_autoptr (GError) error = NULL;
  int status;

  g_test_init (&argc, &argv, NULL);
  g_assert_cmpint (argc, ==, 2);
  program = argv[1];
  folder = g_dir_make_tmp ("headlight-cli-XXXXXX", &error);
  g_assert_no_error (error);

  g_test_add_func ("/cli/info", test_info);
  g_test_add_func ("/cli/table", test_table);
  g_test_add_func ("/cli/render", test_render);
  g_test_add_func ("/cli/convert", test_convert);
  g_test_add_func ("/cli/size", test_size);
  g_test_add_func ("/cli/refusals", test_refusals);
  g_test_add_func ("/cli/help", test_help);

  status = g_test_run ();
  {
    g_autofree char *remove = g_strdup_printf ("rm -rf '%s'", folder);

    g_assert_cmpint (system (remove), ==, 0);
  }

  return status;
}
