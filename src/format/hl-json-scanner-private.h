#pragma once

/* What the parts of the scanner share. */

#include "hl-format.h"
#include "hl-json-scanner.h"

G_BEGIN_DECLS

/* How much text lies between two looks at progress and cancellable: a fraction of a frame. */
#define HL_JSON_TICK (256 * 1024)

void     hl_json_scanner_tick          (HlJsonScanner *self);

/* Says what is at the cursor instead of @expected, which is worded as "a string was". */
void     hl_json_scanner_fail_expected (HlJsonScanner *self,
                                        const char    *expected);

/* The cursor is at the quotation mark that opens a string. */
gboolean hl_json_scanner_skip_string   (HlJsonScanner *self);

static inline void
hl_json_scanner_maybe_tick (HlJsonScanner *self)
{
  if (G_UNLIKELY (self->tick != NULL && self->at >= self->tick))
    hl_json_scanner_tick (self);
}

static inline void
hl_json_scanner_skip_space (HlJsonScanner *self)
{
  const char *p = self->at;

  while (p < self->end && (*p == ' ' || *p == '\n' || *p == '\r' || *p == '\t'))
    p++;
  self->at = p;
}

/* Steps over @c after white space. */
static inline gboolean
hl_json_scanner_accept (HlJsonScanner *self,
                        char           c)
{
  hl_json_scanner_skip_space (self);
  if (self->at == self->end || *self->at != c)
    return FALSE;
  self->at++;

  return TRUE;
}

G_END_DECLS
