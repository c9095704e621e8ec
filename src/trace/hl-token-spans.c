#include "hl-token-spans.h"

#include <string.h>

/* How far ahead a token is looked for, in bytes: this, and twice the length of the tokens missed since the last one found,
 * but never beyond the maximum. */
#define WINDOW 64
#define MAX_WINDOW 1024

/* So many tokens missed in a row are not of this text; the rest is not looked for. */
#define MAX_MISSED 256

/* A token as it may be spelled in the input. */
typedef struct
{
  const char *text;
  const char *bare;      /* without its mark: the part of @text … */
  gsize       n_bare;    /* … of this length */
  gboolean    is_blank;
} Piece;

static Piece
get_piece (const char *text)
{
  Piece piece = { .text = text, .bare = text };

  if (g_str_has_prefix (text, "##") && text[2] != '\0')
    piece.bare = text + 2;
  else if (g_str_has_prefix (text, "\u0120") || g_str_has_prefix (text, "\u2581"))
    piece.bare = g_utf8_next_char (text);

  while (g_unichar_isspace (g_utf8_get_char (piece.bare)))
    piece.bare = g_utf8_next_char (piece.bare);

  piece.n_bare = strlen (piece.bare);
  if (piece.n_bare > 4 && g_str_has_suffix (piece.bare, "</w>"))
    piece.n_bare -= 4;
  piece.is_blank = piece.n_bare == 0;

  return piece;
}

static gunichar
fold (gunichar character)
{
  gunichar base[G_UNICHAR_MAX_DECOMPOSITION_LENGTH];

  if (character < 0x80)
    return (gunichar) g_ascii_tolower ((char) character);

  g_unichar_fully_decompose (character, FALSE, base, G_N_ELEMENTS (base));

  return g_unichar_tolower (base[0]);
}

static const char *
skip_marks (const char *p)
{
  while (*(const guchar *) p >= 0x80 && g_unichar_type (g_utf8_get_char (p)) == G_UNICODE_NON_SPACING_MARK)
    p = g_utf8_next_char (p);

  return p;
}

/* The end of the match at @p without regard to case and accents, or NULL. */
static const char *
match_folded (const char *p,
              const char *bare,
              gsize       n_bare)
{
  const char *end = bare + n_bare;

  while (bare < end)
    {
      if (*p == '\0' || fold (g_utf8_get_char (p)) != fold (g_utf8_get_char (bare)))
        return NULL;

      p = skip_marks (g_utf8_next_char (p));
      bare = skip_marks (g_utf8_next_char (bare));
    }

  return p;
}

/* The end of @piece where it stands at @p, or NULL. Texts made by joining tokens have the mark too. */
static const char *
match (const char *p,
       Piece       piece)
{
  if (piece.bare != piece.text && piece.text[0] == '#' && g_str_has_prefix (p, piece.text))
    return p + strlen (piece.text);
  if (strncmp (p, piece.bare, piece.n_bare) == 0)
    return p + piece.n_bare;

  return match_folded (p, piece.bare, piece.n_bare);
}

static const char *
skip_space (const char *p)
{
  while (*p != '\0' && g_unichar_isspace (g_utf8_get_char (p)))
    p = g_utf8_next_char (p);

  return p;
}

/* Does the first token after @index that has a spelling follow at @p? So it is said, too, when there is none. */
static gboolean
is_followed (const char    *p,
             const HlToken *tokens,
             gsize          n,
             gsize          index)
{
  for (gsize i = index + 1; i < n; i++)
    {
      Piece piece;

      if (tokens[i].special)
        continue;
      piece = get_piece (tokens[i].text);
      if (piece.is_blank)
        continue;

      return match (skip_space (p), piece) != NULL;
    }

  return TRUE;
}

/* Finds token @index from @cursor on; sets @start and returns the end, or NULL. */
static const char *
find (const char     *cursor,
      const HlToken  *tokens,
      gsize           n,
      gsize           index,
      gsize           window,
      const char    **start)
{
  Piece piece = get_piece (tokens[index].text);
  const char *first = skip_space (cursor);
  const char *end;

  /* A blank is a token only in the text of characters, where it stands right here. */
  if (piece.is_blank)
    {
      *start = cursor;
      return piece.text[0] != '\0' && g_str_has_prefix (cursor, piece.text) ? cursor + strlen (piece.text) : NULL;
    }

  *start = first;
  end = match (first, piece);
  if (end != NULL || *first == '\0')
    return end;

  for (const char *p = g_utf8_next_char (first); *p != '\0' && (gsize) (p - first) <= window; p = g_utf8_next_char (p))
    {
      *start = p;
      end = match (p, piece);
      if (end != NULL && is_followed (end, tokens, n, index))
        return end;
    }

  return NULL;
}

void
hl_token_spans_find (const char *input,
                     HlToken    *tokens,
                     gsize       n)
{
  const char *cursor = input;
  glong position = 0; /* of the cursor, in characters */
  gsize missed = 0;   /* bytes of the tokens missed in a row */
  guint n_missed = 0;

  for (gsize i = 0; i < n; i++)
    {
      const char *start, *end;

      tokens[i].start = tokens[i].end = -1;
      if (tokens[i].special || n_missed == MAX_MISSED)
        continue;

      end = find (cursor, tokens, n, i, MIN (WINDOW + 2 * missed, MAX_WINDOW), &start);
      if (end == NULL)
        {
          missed += strlen (tokens[i].text);
          n_missed++;
          continue;
        }

      position += g_utf8_pointer_to_offset (cursor, start);
      tokens[i].start = (gint32) position;
      position += g_utf8_pointer_to_offset (start, end);
      tokens[i].end = (gint32) position;
      cursor = end;
      missed = 0;
      n_missed = 0;
    }
}
