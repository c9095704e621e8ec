#include "config.h"

#include "hl-cli-options.h"

#include <glib/gi18n-lib.h>
#include <string.h>

#include "hl-cli.h"
#include "hl-figure-enums.h"
#include "hl-format.h"
#include "hl-neatvision.h"

int
hl_cli_complain (int         status,
                 const char *format,
                 ...)
{
  g_autofree char *message = NULL;
  va_list args;

  va_start (args, format);
  message = g_strdup_vprintf (format, args);
  va_end (args);
  /* One line, whatever a file has in its names. */
  g_strdelimit (message, "\n\r", ' ');
  g_printerr ("headlight: %s\n", message);

  return status;
}

void
hl_cli_options_clear (HlCliOptions *self)
{
  g_free (self->kind);
  g_free (self->heads);
  g_free (self->query);
  g_free (self->key);
  g_free (self->filter);
  g_free (self->channel);
  g_free (self->highlight);
  g_free (self->aggregate);
  g_free (self->scale);
  g_free (self->layout);
  g_free (self->thumbnails);
  g_free (self->labels);
  g_free (self->view);
  g_free (self->theme);
  g_free (self->size);
  g_free (self->font);
  g_free (self->output);
  g_strfreev (self->files);
}

static void
add_entries (GOptionContext   *context,
             HlCliOptions     *self,
             HlCliOptionGroup  groups)
{
  const GOptionEntry instance_entries[] = {
    { "instance", 'i', 0, G_OPTION_ARG_INT, &self->instance, N_("Which instance of the file, from 0"), N_("N") },
    { "labels", 0, 0, G_OPTION_ARG_FILENAME, &self->labels, N_("Class names of a neat-vision file"), N_("FILE") },
    { NULL }
  };
  const GOptionEntry view_entries[] = {
    { "view", 'v', 0, G_OPTION_ARG_STRING, &self->view, N_("sequence, heads, model, neurons or matrix"), N_("VIEW") },
    { NULL }
  };
  const GOptionEntry state_entries[] = {
    { "kind", 0, 0, G_OPTION_ARG_STRING, &self->kind, N_("Attention: self, encoder, decoder or cross"), N_("KIND") },
    { "layer", 'l', 0, G_OPTION_ARG_INT, &self->layer, N_("Layer, from 0"), N_("N") },
    { "head", 0, 0, G_OPTION_ARG_INT, &self->head, N_("The one head of matrix and neuron view, from 0"), N_("N") },
    { "heads", 0, 0, G_OPTION_ARG_STRING, &self->heads, N_("Heads switched on: all, or numbers and ranges"), "0,3,5-7" },
    { "query", 'q', 0, G_OPTION_ARG_STRING, &self->query, N_("Pinned query tokens: numbers from 0, or texts"), N_("TOKENS") },
    { "key", 'k', 0, G_OPTION_ARG_STRING, &self->key, N_("Pinned key tokens"), N_("TOKENS") },
    { "filter", 0, 0, G_OPTION_ARG_STRING, &self->filter, N_("Sentence pair: all, aa, ab, ba or bb"), N_("FILTER") },
    { "threshold", 0, 0, G_OPTION_ARG_DOUBLE, &self->threshold, N_("Leave out weights below"), N_("WEIGHT") },
    { "hide-special", 0, 0, G_OPTION_ARG_NONE, &self->hide_special, N_("Leave out special tokens"), NULL },
    { "channel", 0, 0, G_OPTION_ARG_STRING, &self->channel, N_("One number a token: self, received, from, to or own"), N_("CHANNEL") },
    { "highlight", 0, 0, G_OPTION_ARG_STRING, &self->highlight, N_("What colours the text: a head, or “aggregate”"), N_("HEAD") },
    { "aggregate", 0, 0, G_OPTION_ARG_STRING, &self->aggregate, N_("Over heads: mean, std, max, min, max-min or entropy"), N_("NAME") },
    { "scale", 0, 0, G_OPTION_ARG_STRING, &self->scale, N_("linear, log or row"), N_("SCALE") },
    { "layout", 0, 0, G_OPTION_ARG_STRING, &self->layout, N_("Head view: columns or arcs"), N_("LAYOUT") },
    { "thumbnails", 0, 0, G_OPTION_ARG_STRING, &self->thumbnails, N_("Model view: lines or matrix"), N_("KIND") },
    { "enlarge", 0, 0, G_OPTION_ARG_NONE, &self->enlarge, N_("Model view: show the one head large, over the grid"), NULL },
    { "merge-words", 0, 0, G_OPTION_ARG_NONE, &self->merge_words, N_("Merge subwords into words"), NULL },
    { "sort-neurons", 0, 0, G_OPTION_ARG_NONE, &self->sort_neurons, N_("Neurons by contribution"), NULL },
    { NULL }
  };
  const GOptionEntry look_entries[] = {
    { "theme", 0, 0, G_OPTION_ARG_STRING, &self->theme, N_("print, light, dark, high-contrast or high-contrast-dark"), N_("THEME") },
    { "size", 0, 0, G_OPTION_ARG_STRING, &self->size, N_("The room in px, mm, in or pt: 480x320, 84mmx60mm"), N_("WxH") },
    { "font", 0, 0, G_OPTION_ARG_STRING, &self->font, N_("Font family"), N_("FAMILY") },
    { "font-size", 0, 0, G_OPTION_ARG_DOUBLE, &self->font_size, N_("Size of tokens in points"), N_("PT") },
    { "resolution", 0, 0, G_OPTION_ARG_DOUBLE, &self->resolution, N_("PNG: pixels for each px of 1/96 inch"), N_("FACTOR") },
    { NULL }
  };
  const GOptionEntry output_entries[] = {
    { "output", 'o', 0, G_OPTION_ARG_FILENAME, &self->output, N_("Where to write"), N_("FILE") },
    { NULL }
  };
  const GOptionEntry json_entries[] = {
    { "json", 0, 0, G_OPTION_ARG_NONE, &self->json, N_("JSON, for programs"), NULL },
    { NULL }
  };
  const GOptionEntry file_entries[] = {
    { G_OPTION_REMAINING, 0, 0, G_OPTION_ARG_FILENAME_ARRAY, &self->files, NULL, N_("FILE") },
    { NULL }
  };

  g_option_context_add_main_entries (context, file_entries, GETTEXT_PACKAGE);
  if (groups & HL_CLI_OPTION_VIEW)
    g_option_context_add_main_entries (context, view_entries, GETTEXT_PACKAGE);
  if (groups & HL_CLI_OPTION_OUTPUT)
    g_option_context_add_main_entries (context, output_entries, GETTEXT_PACKAGE);
  if (groups & HL_CLI_OPTION_JSON)
    g_option_context_add_main_entries (context, json_entries, GETTEXT_PACKAGE);
  if (groups & HL_CLI_OPTION_INSTANCE)
    g_option_context_add_main_entries (context, instance_entries, GETTEXT_PACKAGE);
  if (groups & HL_CLI_OPTION_STATE)
    g_option_context_add_main_entries (context, state_entries, GETTEXT_PACKAGE);
  if (groups & HL_CLI_OPTION_LOOK)
    g_option_context_add_main_entries (context, look_entries, GETTEXT_PACKAGE);
}

gboolean
hl_cli_options_parse (HlCliOptions      *self,
                      const char        *summary,
                      HlCliOptionGroup   groups,
                      int                argc,
                      char             **argv,
                      int               *status)
{
  g_autoptr (GOptionContext) context = g_option_context_new (NULL);
  g_autoptr (GError) error = NULL;
  g_auto (GStrv) words = g_new0 (char *, (gsize) argc + 1);
  gboolean help = FALSE;

  *self = (HlCliOptions) { .instance = -1, .layer = -1, .head = -1 };
  for (int i = 0; i < argc; i++)
    {
      words[i] = g_strdup (argv[i]);
      help |= strcmp (argv[i], "--help") == 0 || strcmp (argv[i], "-h") == 0;
    }

  g_option_context_set_translation_domain (context, GETTEXT_PACKAGE);
  g_option_context_set_summary (context, summary);
  /* GOption's own --help exits; help is printed below instead. */
  g_option_context_set_help_enabled (context, FALSE);
  add_entries (context, self, groups);

  if (help)
    {
      g_autofree char *program = g_strconcat ("headlight ", argv[0], NULL);
      g_autofree char *text = NULL;

      g_set_prgname (program);
      text = g_option_context_get_help (context, TRUE, NULL);
      g_print ("%s", text);
      *status = HL_CLI_OK;
      return FALSE;
    }
  if (!g_option_context_parse_strv (context, &words, &error))
    {
      *status = hl_cli_complain (HL_CLI_USAGE, "%s", error->message);
      return FALSE;
    }
  if (self->files == NULL || g_strv_length (self->files) != 1)
    {
      *status = hl_cli_complain (HL_CLI_USAGE, _("“%s” takes one file; “headlight %s --help” says more."), argv[0], argv[0]);
      return FALSE;
    }

  return TRUE;
}

static gboolean
apply_labels (HlCliOptions *self,
              HlDocument   *document,
              int          *status)
{
  g_autoptr (GFile) file = NULL;
  g_autoptr (GBytes) bytes = NULL;
  g_autoptr (GError) error = NULL;

  if (self->labels == NULL)
    return TRUE;

  file = g_file_new_for_commandline_arg (self->labels);
  bytes = g_file_load_bytes (file, NULL, NULL, &error);
  if (bytes != NULL && hl_neatvision_apply_labels (document, bytes, &error))
    return TRUE;

  *status = hl_cli_complain (HL_CLI_BAD, "%s: %s", self->labels, error->message);

  return FALSE;
}

HlDocument *
hl_cli_options_open (HlCliOptions *self,
                     int          *status)
{
  g_autoptr (GFile) file = g_file_new_for_commandline_arg (self->files[0]);
  g_autoptr (GError) error = NULL;
  g_autoptr (HlDocument) document = hl_format_open (file, NULL, NULL, NULL, &error);

  if (document == NULL)
    *status = hl_cli_complain (HL_CLI_BAD, "%s: %s", self->files[0], error->message);
  else if (apply_labels (self, document, status))
    return g_steal_pointer (&document);

  return NULL;
}

HlTrace *
hl_cli_options_load (HlCliOptions *self,
                     HlDocument   *document,
                     int          *status)
{
  g_autoptr (GError) error = NULL;
  guint n = hl_document_get_n_instances (document);
  int instance = MAX (self->instance, 0);
  HlTrace *trace;

  if (self->instance < -1 || (guint) instance >= n)
    {
      *status = hl_cli_complain (HL_CLI_BAD, _("%s: there is no instance %d; the file has %u, counted from 0."),
                                 self->files[0], self->instance, n);
      return NULL;
    }

  trace = hl_document_load (document, (guint) instance, NULL, &error);
  if (trace == NULL)
    *status = hl_cli_complain (HL_CLI_BAD, "%s: %s", self->files[0], error->message);

  return trace;
}

gboolean
hl_cli_parse_nick (GType       type,
                   const char *option,
                   const char *nick,
                   int        *value,
                   int        *status)
{
  g_autoptr (GEnumClass) klass = g_type_class_ref (type);
  g_autoptr (GString) list = NULL;
  GEnumValue *found;

  if (nick == NULL)
    return TRUE;

  found = g_enum_get_value_by_nick (klass, nick);
  if (found != NULL)
    {
      *value = found->value;
      return TRUE;
    }

  list = g_string_new (NULL);
  for (guint i = 0; i < klass->n_values; i++)
    g_string_append_printf (list, "%s%s", i > 0 ? ", " : "", klass->values[i].value_nick);
  *status = hl_cli_complain (HL_CLI_USAGE, _("--%s “%s” is none of %s."), option, nick, list->str);

  return FALSE;
}

/* "480x320", "84mm x 60mm": px of 1/96 inch unless said otherwise. */
static gboolean
parse_size (const char *text,
            double      size[2])
{
  static const struct { const char *unit; double px; } units[] = {
    { "px", 1 }, { "mm", 96 / 25.4 }, { "cm", 96 / 2.54 }, { "in", 96 }, { "pt", 96.0 / 72 },
  };
  const char *p = text;

  for (int i = 0; i < 2; i++)
    {
      char *end;

      if (i == 1)
        {
          if (*p != 'x' && !g_str_has_prefix (p, "×"))
            return FALSE;
          p = g_utf8_next_char (p);
        }
      size[i] = g_ascii_strtod (p, &end);
      if (end == p)
        return FALSE;
      p = end;
      for (gsize k = 0; k < G_N_ELEMENTS (units); k++)
        if (g_str_has_prefix (p, units[k].unit))
          {
            size[i] *= units[k].px;
            p += strlen (units[k].unit);
            break;
          }
      while (*p == ' ')
        p++;
      if (!(size[i] >= 16 && size[i] <= 32767))
        return FALSE;
    }

  return *p == '\0';
}

HlFigure *
hl_cli_options_build (HlCliOptions *self,
                      HlState      *state,
                      int          *status)
{
  static const double rooms[HL_N_VIEWS][2] = {
    [HL_VIEW_SEQUENCE] = { 900, 320 },
    [HL_VIEW_HEADS] = { 480, 600 },
    [HL_VIEW_MODEL] = { 900, 720 },
    [HL_VIEW_NEURONS] = { 960, 560 },
    [HL_VIEW_MATRIX] = { 640, 640 },
  };
  g_autoptr (HlStyle) style = NULL;
  int view = 0, theme = HL_THEME_PRINT;
  double size[2];

  if (self->view == NULL)
    {
      *status = hl_cli_complain (HL_CLI_USAGE, _("--view is missing: sequence, heads, model, neurons or matrix."));
      return NULL;
    }
  if (!hl_cli_parse_nick (HL_TYPE_VIEW, "view", self->view, &view, status) ||
      !hl_cli_parse_nick (HL_TYPE_THEME, "theme", self->theme, &theme, status))
    return NULL;

  memcpy (size, rooms[view], sizeof size);
  if (self->size != NULL && !parse_size (self->size, size))
    {
      *status = hl_cli_complain (HL_CLI_USAGE,
                                 _("--size “%s” must be like 480x320 or 84mmx60mm, each side between 16 and 32,767 px."),
                                 self->size);
      return NULL;
    }
  if (!(self->font_size >= 0 && self->font_size <= 200) || !(self->resolution >= 0 && self->resolution <= 64))
    {
      *status = hl_cli_complain (HL_CLI_USAGE, _("--font-size must lie between 0 and 200, --resolution between 0 and 64."));
      return NULL;
    }

  style = hl_style_new ((HlTheme) theme, self->font, self->font_size * 96 / 72);

  return hl_figure_build ((HlView) view, state, style, size[0], size[1], NULL);
}
