/* From a file to the first trace: the document indexed, and its first instance decoded and looked through.
 *
 * bench-open FOLDER MAKE-DUMPS: makes the dumps in FOLDER where missing, and runs itself for each, so that the peak of
 * memory is each one's own. bench-open FILE: one dump, once.
 *
 * Files are in the page cache, as the program has just made or read them. The peak counts pages of the mapped file;
 * what is really the program's own is “heap”, which is what it holds while the trace is shown.
 */

#include <glib/gstdio.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "hl-format.h"

#define N_RUNS 5

typedef struct
{
  double wall; /* ms */
  double cpu;
} Clock;

static Clock
get_clock (void)
{
  struct rusage usage;

  getrusage (RUSAGE_SELF, &usage);

  return (Clock) {
    (double) g_get_monotonic_time () / 1e3,
    (double) (usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1e3 +
    (double) (usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / 1e3,
  };
}

static Clock
since (Clock start)
{
  Clock now = get_clock ();

  return (Clock) { now.wall - start.wall, now.cpu - start.cpu };
}

/* In MiB; @field as in /proc/self/status. */
static double
read_status (const char *field)
{
  g_autofree char *text = NULL;
  const char *line;

  if (!g_file_get_contents ("/proc/self/status", &text, NULL, NULL) || (line = strstr (text, field)) == NULL)
    return 0;

  return g_ascii_strtod (line + strlen (field), NULL) / 1024;
}

/* Prints "wall cpu" of opening and of loading, peak and heap, for the parent to read. */
static int
open_one (const char *path)
{
  g_autoptr (GFile) file = g_file_new_for_path (path);
  g_autoptr (GError) error = NULL;
  g_autoptr (HlDocument) document = NULL;
  g_autoptr (HlTrace) trace = NULL;
  Clock start = get_clock ();
  Clock open, load;

  document = hl_format_open (file, NULL, NULL, NULL, &error);
  g_assert_no_error (error);
  open = since (start);

  start = get_clock ();
  trace = hl_document_load (document, 0, NULL, &error);
  g_assert_no_error (error);
  load = since (start);

  printf ("%g %g %g %g %g %g\n", open.wall, open.cpu, load.wall, load.cpu, read_status ("VmHWM:"),
          read_status ("RssAnon:"));

  return 0;
}

static void
run (const char * const *command,
     char              **output)
{
  g_autoptr (GError) error = NULL;
  int status;

  g_spawn_sync (NULL, (char **) command, NULL, G_SPAWN_DEFAULT, NULL, NULL, output, NULL, &status, &error);
  g_assert_no_error (error);
  g_spawn_check_wait_status (status, &error);
  g_assert_no_error (error);
}

/* The best of the runs, by wall-clock time of the whole: others only show what else the machine did. */
static void
bench_file (const char *program,
            const char *path)
{
  g_autofree char *name = g_path_get_basename (path);
  double best[6] = { 1e9, 0, 1e9, 0, 0, 0 };
  GStatBuf status;
  double size;

  g_assert_cmpint (g_stat (path, &status), ==, 0);
  size = (double) status.st_size / 1e6;

  for (guint i = 0; i < N_RUNS; i++)
    {
      g_autofree char *output = NULL;
      double now[6];

      run ((const char *[]) { program, path, NULL }, &output);
      g_assert_cmpint (sscanf (output, "%lf %lf %lf %lf %lf %lf", &now[0], &now[1], &now[2], &now[3], &now[4], &now[5]),
                       ==, 6);

      if (now[0] + now[2] < best[0] + best[2])
        memcpy (best, now, sizeof best);
    }

  printf ("%-24s %8.1f %9.1f /%7.1f %9.1f /%7.1f %8.0f %8.0f %7.1f\n", name, size, best[0], best[1], best[2], best[3],
          size * 1e3 / (best[0] + best[2]), best[4], best[5]);
  fflush (stdout);
}

int
main (int    argc,
      char **argv)
{
  static const struct
  {
    const char *shape;
    gboolean    bertviz; /* also as a page */
  } dumps[] = {
    { "12x12x16", TRUE }, { "12x12x64", TRUE }, { "12x12x128", TRUE }, { "12x12x256", TRUE }, { "12x12x512", FALSE },
    { "24x16x128", FALSE },
  };

  if (argc == 2)
    return open_one (argv[1]);

  g_assert_cmpint (argc, ==, 3);
  g_assert_cmpint (g_mkdir_with_parents (argv[1], 0755), ==, 0);
  printf ("wall / CPU in ms, best of %d, files in the page cache\n", N_RUNS);
  printf ("%-24s %8s %18s %18s %8s %8s %7s\n", "layers × heads × tokens", "MB", "index", "first trace", "MB/s",
          "peak MiB", "heap");

  for (guint page = 0; page < 2; page++)
    for (guint i = 0; i < G_N_ELEMENTS (dumps); i++)
      {
        g_autofree char *name = g_strconcat (dumps[i].shape, page ? ".html" : ".safetensors", NULL);
        g_autofree char *path = g_build_filename (argv[1], name, NULL);

        if (page && !dumps[i].bertviz)
          continue;

        if (!g_file_test (path, G_FILE_TEST_EXISTS))
          {
            if (page)
              run ((const char *[]) { argv[2], "--bertviz", dumps[i].shape, path, NULL }, NULL);
            else
              run ((const char *[]) { argv[2], dumps[i].shape, path, NULL }, NULL);
          }

        bench_file (argv[0], path);
      }

  return 0;
}
