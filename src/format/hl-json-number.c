/* Decimal to float, exact and quick.
 *
 * What counts is (float) of the double nearest to the text. A double that is off by a few units in its last place gives
 * the same float unless it lies within as many units of the middle between two floats, where the rounding would change
 * sides. So the common case is one multiplication of the digits by a power of ten; the rare number too close to such a
 * middle (one in 16 million, if numbers were random; none of those that were floats before they were printed), and
 * those beyond the normal floats, go the long way through g_ascii_strtod().
 *
 * The error: digits → double ½ unit, power of ten ½ unit, product ½ unit, digits after the 19th less than that; each
 * relative, so at most twice as many units in the last place of the result, and another ½ in strtod() itself. That is
 * below 6; MARGIN is 16.
 */

#include "hl-json-number.h"

#include <float.h>
#include <math.h>
#include <string.h>

#define LOWEST_POWER  -64
#define HIGHEST_POWER 40
#define MARGIN        16

/* Each within half a unit in the last place: the compiler rounds correctly. */
static const double powers_of_ten[HIGHEST_POWER - LOWEST_POWER + 1] = {
  1e-64, 1e-63, 1e-62, 1e-61, 1e-60, 1e-59, 1e-58, 1e-57, 1e-56, 1e-55, 1e-54, 1e-53, 1e-52, 1e-51, 1e-50, 1e-49,
  1e-48, 1e-47, 1e-46, 1e-45, 1e-44, 1e-43, 1e-42, 1e-41, 1e-40, 1e-39, 1e-38, 1e-37, 1e-36, 1e-35, 1e-34, 1e-33,
  1e-32, 1e-31, 1e-30, 1e-29, 1e-28, 1e-27, 1e-26, 1e-25, 1e-24, 1e-23, 1e-22, 1e-21, 1e-20, 1e-19, 1e-18, 1e-17,
  1e-16, 1e-15, 1e-14, 1e-13, 1e-12, 1e-11, 1e-10, 1e-9, 1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2, 1e-1,
  1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20,
  1e21, 1e22, 1e23, 1e24, 1e25, 1e26, 1e27, 1e28, 1e29, 1e30, 1e31, 1e32, 1e33, 1e34, 1e35, 1e36, 1e37, 1e38, 1e39,
  1e40,
};

static inline gboolean
is_digit (char c)
{
  return (guchar) (c - '0') < 10;
}

/* Eight digits at once, in the eight bytes of a word whose lowest byte is the first of the text. */

static inline guint64
load_word (const char *text)
{
  guint64 word;

  memcpy (&word, text, sizeof word);

  return GUINT64_FROM_LE (word);
}

/* A digit has the upper half 3, and still has it with 6 added; bytes of 0x80 and more fail the first of both, so that
 * no sum carries into the next byte unnoticed. */
static inline gboolean
is_eight_digits (guint64 word)
{
  const guint64 upper = G_GUINT64_CONSTANT (0xf0f0f0f0f0f0f0f0);
  const guint64 three = G_GUINT64_CONSTANT (0x3030303030303030);
  const guint64 six = G_GUINT64_CONSTANT (0x0606060606060606);

  return (word & upper) == three && ((word + six) & upper) == three;
}

/* Neighbours are joined: digits to pairs, pairs to fours, fours to eight. */
static inline guint32
convert_eight_digits (guint64 word)
{
  word -= G_GUINT64_CONSTANT (0x3030303030303030);
  word = (word * 10 + (word >> 8)) & G_GUINT64_CONSTANT (0x00ff00ff00ff00ff);
  word = (word * 100 + (word >> 16)) & G_GUINT64_CONSTANT (0x0000ffff0000ffff);

  return (guint32) (word * 10000 + (word >> 32));
}

static float
convert_slowly (const char *text,
                gsize       length)
{
  char buffer[128];
  g_autofree char *copy = NULL;

  /* strtod() must see where the number ends, and a mapped file has no zero byte there. */
  if (length < sizeof buffer)
    {
      memcpy (buffer, text, length);
      buffer[length] = '\0';
      return (float) g_ascii_strtod (buffer, NULL);
    }
  copy = g_strndup (text, length);

  return (float) g_ascii_strtod (copy, NULL);
}

/* TRUE, and *@value the float, unless @approximate is too close to where the rounding changes or no normal float. */
static inline gboolean
round_to_float (double  approximate,
                float  *value)
{
  const guint64 dropped = (G_GUINT64_CONSTANT (1) << (DBL_MANT_DIG - FLT_MANT_DIG)) - 1;
  const guint64 middle = (dropped + 1) / 2;
  guint64 bits;

  if (!(approximate > 2 * (double) FLT_MIN && approximate < (double) FLT_MAX / 2))
    return FALSE;

  memcpy (&bits, &approximate, sizeof bits);
  if ((bits & dropped) - (middle - MARGIN) <= 2 * MARGIN)
    return FALSE;

  *value = (float) approximate;

  return TRUE;
}

static const char *
scan_name (const char  *text,
           const char  *end,
           float       *value,
           const char **failed)
{
  static const struct { const char *name; float value; } names[] = {
    { "NaN", NAN }, { "Infinity", INFINITY }, { "-Infinity", -INFINITY },
  };

  *failed = text;
  for (gsize i = 0; i < G_N_ELEMENTS (names); i++)
    {
      gsize length = strlen (names[i].name);
      gsize there = MIN (length, (gsize) (end - text));

      if (there == 0 || memcmp (text, names[i].name, there) != 0)
        continue;
      if (there < length)
        {
          /* A single minus that the text ends with is reported the same way: at the end. */
          *failed = end;
          return NULL;
        }
      *value = names[i].value;
      return text + length;
    }

  return NULL;
}

const char *
hl_json_number_scan (const char  *text,
                     const char  *end,
                     float       *value,
                     const char **failed)
{
  const char *p = text;
  const char *digits;
  guint64 mantissa = 0;
  gint64 power = 0;
  gboolean negative = FALSE;
  float magnitude;

  if (p < end && *p == '-')
    {
      negative = TRUE;
      p++;
    }
  if (p == end || !is_digit (*p))
    {
      const char *after = scan_name (text, end, value, failed);

      if (after == NULL && *failed == text && negative)
        *failed = p;
      return after;
    }

  if (*p == '0')
    {
      p++;
      if (p < end && is_digit (*p))
        {
          *failed = p;
          return NULL;
        }
    }
  else
    {
      /* One more digit fits as long as the mantissa is below 10¹⁸; digits that do not fit are only counted. */
      for (; p < end && is_digit (*p); p++)
        {
          if (mantissa < G_GUINT64_CONSTANT (1000000000000000000))
            mantissa = mantissa * 10 + (guint64) (*p - '0');
          else
            power++;
        }
    }

  if (p < end && *p == '.')
    {
      p++;
      digits = p;
      /* Eight more digits fit as long as the mantissa is below 10¹¹. */
      while (end - p >= 8 && mantissa < G_GUINT64_CONSTANT (100000000000))
        {
          guint64 word = load_word (p);

          if (!is_eight_digits (word))
            break;
          mantissa = mantissa * 100000000 + convert_eight_digits (word);
          power -= 8;
          p += 8;
        }
      for (; p < end && is_digit (*p); p++)
        {
          if (mantissa >= G_GUINT64_CONSTANT (1000000000000000000))
            continue;
          mantissa = mantissa * 10 + (guint64) (*p - '0');
          power--;
        }
      if (p == digits)
        {
          *failed = p;
          return NULL;
        }
    }

  if (p < end && (*p == 'e' || *p == 'E'))
    {
      gboolean negative_exponent = FALSE;
      gint64 exponent = 0;

      p++;
      if (p < end && (*p == '-' || *p == '+'))
        {
          negative_exponent = *p == '-';
          p++;
        }
      if (p == end || !is_digit (*p))
        {
          *failed = p;
          return NULL;
        }
      for (; p < end && is_digit (*p); p++)
        if (exponent < 1000000000)
          exponent = exponent * 10 + (*p - '0');
      power += negative_exponent ? -exponent : exponent;
    }

  if (mantissa == 0)
    {
      magnitude = 0;
    }
  else if (power < LOWEST_POWER || power > HIGHEST_POWER ||
           !round_to_float ((double) mantissa * powers_of_ten[power - LOWEST_POWER], &magnitude))
    {
      *value = convert_slowly (text, (gsize) (p - text));
      return p;
    }

  *value = negative ? -magnitude : magnitude;

  return p;
}
