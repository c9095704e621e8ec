#pragma once

#include "hl-document.h"
#include "hl-figure.h"

G_BEGIN_DECLS

/* The words that all commands share: what is shown of a file, and how it looks. Strings are as typed, NULL where the
 * option was not given. */
typedef struct
{
  /* what is shown */
  int       instance;   /* -1 not given */
  char     *kind;
  int       layer;      /* number, -1 not given */
  int       head;       /* number, -1 not given */
  char     *heads;
  char     *query;
  char     *key;
  char     *filter;
  char     *channel;
  char     *highlight;
  char     *aggregate;
  char     *scale;
  char     *layout;
  char     *thumbnails;
  double    threshold;
  gboolean  hide_special;
  gboolean  enlarge;
  gboolean  merge_words;
  gboolean  sort_neurons;
  char     *labels;

  /* how it looks */
  char     *view;
  char     *theme;
  char     *size;
  char     *font;
  double    font_size;  /* points, 0 not given */
  double    resolution; /* PNG: device pixels a px, 0 not given */

  /* where it goes */
  char     *output;
  gboolean  json;

  char    **files;
} HlCliOptions;

typedef enum
{
  HL_CLI_OPTION_INSTANCE = 1 << 0,
  HL_CLI_OPTION_STATE    = 1 << 1, /* layer, heads … */
  HL_CLI_OPTION_VIEW     = 1 << 2,
  HL_CLI_OPTION_LOOK     = 1 << 3, /* theme, size … */
  HL_CLI_OPTION_OUTPUT   = 1 << 4,
  HL_CLI_OPTION_JSON     = 1 << 5,
} HlCliOptionGroup;

/* Parses @argv, the command first, for a command that takes @groups and exactly one file. If it returns FALSE all is
 * said already, and @status is the exit status; --help is such a case too. */
gboolean    hl_cli_options_parse     (HlCliOptions      *self,
                                      const char        *summary,
                                      HlCliOptionGroup   groups,
                                      int                argc,
                                      char             **argv,
                                      int               *status);
void        hl_cli_options_clear     (HlCliOptions      *self);

/* Each of these takes the next step from file to figure. On failure it has said one line, @status is the exit status, and
 * it returns NULL. */
HlDocument *hl_cli_options_open      (HlCliOptions      *self,
                                      int               *status);
HlTrace    *hl_cli_options_load      (HlCliOptions      *self,
                                      HlDocument        *document,
                                      int               *status);
HlState    *hl_cli_options_get_state (HlCliOptions      *self,
                                      HlTrace           *trace,
                                      int               *status);
HlFigure   *hl_cli_options_build     (HlCliOptions      *self,
                                      HlState           *state,
                                      int               *status);

/* Sets @value to the value of the enumeration @type that is called @nick; leaves it alone where @nick is NULL. @option is
 * the option's name without dashes, for the message. */
gboolean    hl_cli_parse_nick        (GType              type,
                                      const char        *option,
                                      const char        *nick,
                                      int               *value,
                                      int               *status);

/* One line on stderr: "headlight: …". Returns @status. */
int         hl_cli_complain          (int                status,
                                      const char        *format,
                                      ...) G_GNUC_PRINTF (2, 3);

G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (HlCliOptions, hl_cli_options_clear)

G_END_DECLS
