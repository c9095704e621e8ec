/* What the scanner takes for text as BertViz writes it, against g_ascii_strtod() over the same numbers. */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "hl-json-scanner.h"

#define N_LAYERS 12
#define N_HEADS  12

static double
get_cpu_time (void)
{
  struct timespec time;

  clock_gettime (CLOCK_PROCESS_CPUTIME_ID, &time);

  return (double) time.tv_sec + (double) time.tv_nsec * 1e-9;
}

/* [layer][head][token][token]; rows of softmax-like floats printed as doubles, above the diagonal 0.0 if @causal. */
static GString *
make_text (gsize    n_tokens,
           gboolean causal)
{
  GString *text = g_string_new (NULL);
  guint32 state = 1;
  char number[32];

  for (gsize row = 0; row < N_LAYERS * N_HEADS * n_tokens; row++)
    {
      gsize query = row % n_tokens;
      gsize head = row / n_tokens % N_HEADS;

      g_string_append (text, row == 0 ? "[[[" : query > 0 ? "], " : head > 0 ? "]], [" : "]]], [[");
      for (gsize key = 0; key < n_tokens; key++)
        {
          float value;

          state = state * 1664525 + 1013904223;
          value = (float) (state >> 8) / 16777216.0f;
          value = value * value * value / (float) n_tokens;
          /* Python prints the fewest digits that give the double back: 17 for most floats. */
          g_ascii_formatd (number, sizeof number, "%.17g", value);
          g_string_append_printf (text, "%s%s", key > 0 ? ", " : "[", causal && key > query ? "0.0" : number);
        }
    }
  g_string_append (text, "]]]]");

  return text;
}

static void
report (const char *what,
        double      seconds,
        gsize       n_bytes,
        gsize       n_numbers)
{
  g_print ("  %-28s %8.1f ms %8.0f MB/s %8.1f ns/number\n", what, seconds * 1e3, (double) n_bytes / seconds / 1e6,
           seconds * 1e9 / (double) n_numbers);
}

static void
bench (const char *name,
       gsize       n_tokens,
       gboolean    causal)
{
  g_autoptr (GString) text = make_text (n_tokens, causal);
  g_auto (HlJsonScanner) scanner = { 0 };
  g_autofree float *values = NULL;
  HlJsonArray array;
  double measured, converted, begin;
  double sum = 0;
  gsize n;

  hl_json_scanner_init (&scanner, text->str, text->len, "text");
  begin = get_cpu_time ();
  hl_json_scanner_measure_array (&scanner, &array);
  measured = get_cpu_time () - begin;
  n = hl_json_array_get_size (&array);
  values = g_new0 (float, n);

  begin = get_cpu_time ();
  hl_json_scanner_read_array (&scanner, &array, values);
  converted = get_cpu_time () - begin;
  g_assert_no_error (scanner.error);

  g_print ("%s: %d layers x %d heads x %zu tokens, %zu numbers in %.1f MB\n", name, N_LAYERS, N_HEADS, n_tokens, n,
           (double) text->len / 1e6);
  report ("measure", measured, text->len, n);
  report ("convert", converted, text->len, n);

  begin = get_cpu_time ();
  for (char *p = text->str; *p != '\0';)
    {
      if (g_ascii_isdigit (*p))
        sum += g_ascii_strtod (p, &p);
      else
        p++;
    }
  report ("g_ascii_strtod", get_cpu_time () - begin, text->len, n);
  for (gsize i = 0; i < n; i++)
    sum -= values[i];
  g_print ("  difference of the sums: %g\n", sum);
}

int
main (void)
{
  bench ("full", 32, FALSE);
  bench ("full", 128, FALSE);
  bench ("causal", 128, TRUE);

  return EXIT_SUCCESS;
}
