#pragma once

#include "hl-tokens.h"

G_BEGIN_DECLS

/* Finds @tokens, whose text and special are set, in @input in their order, and sets their start and end, in characters;
 * -1 where a token is not found. Spellings may differ in case and accents, as uncased vocabularies do it.
 *
 * One odd token must spoil nothing after it: a token that does not follow the last one found right away is looked for
 * a short way ahead only, and believed only if the token after it follows there. O(n), whatever the input. */
void hl_token_spans_find (const char *input,
                          HlToken    *tokens,  /* [n] */
                          gsize       n);

G_END_DECLS
