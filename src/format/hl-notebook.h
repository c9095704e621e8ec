#pragma once

#include "hl-json-scanner.h"

G_BEGIN_DECLS

/* What the cells of a Jupyter notebook (.ipynb, nbformat 4) put out as script or HTML:
 *
 *   {"cells": [{"outputs": [{"data": {"application/javascript": TEXT, "text/html": TEXT}}]}]}
 *
 * TEXT is a string, or a list of strings that are to be joined. */
typedef struct
{
  guint cell;      /* from 0, over cells of all kinds */
  guint output;    /* from 0, in its cell */
  gsize position;  /* of TEXT */
} HlNotebookText;

/* Lists them in the order of the file; a script comes before the HTML of the same output, whatever their order. The
 * scanner is at the beginning of the file and may fail. */
GArray   *hl_notebook_list_texts (HlJsonScanner *scanner);

/* TEXT at @position, without escapes; if @limit is less than its length, about that many bytes from its beginning. */
GBytes   *hl_notebook_read_text  (HlJsonScanner *scanner,
                                  gsize          position,
                                  gsize          limit);

G_END_DECLS
