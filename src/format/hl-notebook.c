#include "hl-notebook.h"

#include <string.h>

typedef struct
{
  GArray *texts;
  guint   cell;
  guint   output;
} Walk;

static void
add_text (Walk  *walk,
          gssize position)
{
  HlNotebookText text = { walk->cell, walk->output, (gsize) position };

  if (position >= 0)
    g_array_append_val (walk->texts, text);
}

static void
walk_data (HlJsonScanner *scanner,
           Walk          *walk)
{
  g_autoptr (GString) key = g_string_new (NULL);
  gssize script = -1;
  gssize html = -1;

  hl_json_scanner_open_object (scanner);
  while (hl_json_scanner_next_member (scanner, key))
    {
      hl_json_scanner_peek (scanner);
      if (strcmp (key->str, "application/javascript") == 0)
        script = (gssize) hl_json_scanner_get_position (scanner);
      else if (strcmp (key->str, "text/html") == 0)
        html = (gssize) hl_json_scanner_get_position (scanner);
      hl_json_scanner_skip (scanner);
    }
  add_text (walk, script);
  add_text (walk, html);
}

static void
walk_outputs (HlJsonScanner *scanner,
              Walk          *walk)
{
  g_autoptr (GString) key = g_string_new (NULL);

  walk->output = 0;
  hl_json_scanner_open_list (scanner);
  while (hl_json_scanner_next_entry (scanner))
    {
      hl_json_scanner_open_object (scanner);
      while (hl_json_scanner_next_member (scanner, key))
        {
          if (strcmp (key->str, "data") == 0)
            walk_data (scanner, walk);
          else
            hl_json_scanner_skip (scanner);
        }
      walk->output++;
    }
}

static void
walk_cells (HlJsonScanner *scanner,
            Walk          *walk)
{
  g_autoptr (GString) key = g_string_new (NULL);

  scanner->context = "cells";
  hl_json_scanner_open_list (scanner);
  while (hl_json_scanner_next_entry (scanner))
    {
      hl_json_scanner_open_object (scanner);
      while (hl_json_scanner_next_member (scanner, key))
        {
          if (strcmp (key->str, "outputs") == 0)
            walk_outputs (scanner, walk);
          else
            hl_json_scanner_skip (scanner);
        }
      walk->cell++;
    }
  scanner->context = NULL;
}

GArray *
hl_notebook_list_texts (HlJsonScanner *scanner)
{
  Walk walk = { g_array_new (FALSE, FALSE, sizeof (HlNotebookText)), 0, 0 };
  g_autoptr (GString) key = g_string_new (NULL);

  hl_json_scanner_open_object (scanner);
  while (hl_json_scanner_next_member (scanner, key))
    {
      if (strcmp (key->str, "cells") == 0)
        walk_cells (scanner, &walk);
      else
        hl_json_scanner_skip (scanner);
    }
  hl_json_scanner_expect_end (scanner);

  return walk.texts;
}

GBytes *
hl_notebook_read_text (HlJsonScanner *scanner,
                       gsize          position,
                       gsize          limit)
{
  GString *text = g_string_new (NULL);

  hl_json_scanner_seek (scanner, position);
  if (hl_json_scanner_peek (scanner) == HL_JSON_LIST)
    {
      hl_json_scanner_open_list (scanner);
      while (text->len < limit && hl_json_scanner_next_entry (scanner))
        hl_json_scanner_append_string (scanner, text, limit);
    }
  else
    {
      hl_json_scanner_append_string (scanner, text, limit);
    }

  return g_string_free_to_bytes (text);
}
