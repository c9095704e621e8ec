/* Nested lists of numbers: measured first, so that the memory is known and proven, then converted straight into it. */

#include <math.h>
#include <string.h>

#include "hl-json-number.h"
#include "hl-json-scanner-private.h"

gsize
hl_json_array_get_size (const HlJsonArray *array)
{
  gsize size = array->rank > 0 ? 1 : 0;

  for (guint level = 0; level < array->rank; level++)
    size *= array->dims[level];

  return size;
}

static void
fail_uneven (HlJsonScanner *self,
             gsize          position,
             gboolean       more,
             gsize          size,
             gsize          expected)
{
  hl_json_scanner_fail (self, HL_FORMAT_ERROR_SHAPE,
                        "The list at byte %" G_GSIZE_FORMAT " of the %s, inside “%s”, has %s%" G_GSIZE_FORMAT
                        " %s where those before it have %" G_GSIZE_FORMAT ".",
                        position, self->source, self->context != NULL ? self->context : "the top level",
                        more ? "more than " : "", size, size == 1 ? "entry" : "entries", expected);
}

typedef struct
{
  HlJsonArray *array;
  guint        deepest;  /* levels seen */
  guint        known;    /* a bit for each level whose size is known */
} Measure;

/* The cursor is after the bracket that opens a list on @level, which is not empty and begins with a number. */
static void
measure_row (HlJsonScanner *self,
             Measure       *measure,
             guint          level)
{
  const char *begin = self->at;
  const char *close = memchr (begin, ']', (gsize) (self->end - begin));
  gsize position = (gsize) (begin - self->start) - 1;

  if (close == NULL)
    {
      self->at = self->end;
      hl_json_scanner_fail_expected (self, "the end of a list was");
      return;
    }
  self->at = close + 1;

  if (measure->array->rank != 0 && measure->array->rank != level + 1)
    {
      hl_json_scanner_fail (self, HL_FORMAT_ERROR_SHAPE,
                            "The list at byte %" G_GSIZE_FORMAT " of the %s, inside “%s”, holds numbers where those "
                            "before it hold lists.",
                            position, self->source, self->context != NULL ? self->context : "the top level");
      return;
    }
  measure->array->rank = level + 1;
  if ((measure->known >> level & 1) == 0)
    {
      gsize size = 1;

      for (const char *p = begin; (p = memchr (p, ',', (gsize) (close - p))) != NULL; p++)
        size++;
      measure->array->dims[level] = size;
      measure->known |= 1u << level;
    }
  else if (measure->array->dims[level] == 0)
    {
      hl_json_scanner_fail (self, HL_FORMAT_ERROR_SHAPE,
                            "The list at byte %" G_GSIZE_FORMAT " of the %s, inside “%s”, has entries where those "
                            "before it have none.",
                            position, self->source, self->context != NULL ? self->context : "the top level");
    }
}

/* Recursion is bounded by the greatest rank. */
static void
measure_list (HlJsonScanner *self,
              Measure       *measure,
              guint          level)
{
  gsize position, size;

  hl_json_scanner_skip_space (self);
  position = hl_json_scanner_get_position (self);
  if (level == HL_JSON_MAX_RANK)
    {
      hl_json_scanner_fail (self, HL_FORMAT_ERROR_SHAPE,
                            "At byte %" G_GSIZE_FORMAT " of the %s lists of numbers are nested more than %d deep.",
                            position, self->source, HL_JSON_MAX_RANK);
      return;
    }
  if (!hl_json_scanner_open_list (self))
    return;

  measure->deepest = MAX (measure->deepest, level + 1);
  switch (hl_json_scanner_peek (self))
    {
    case HL_JSON_NUMBER:
      measure_row (self, measure, level);
      self->depth--;
      self->first = FALSE;
      hl_json_scanner_maybe_tick (self);
      return;
    case HL_JSON_NONE:
      if (self->at < self->end && *self->at == ']')
        break;
      G_GNUC_FALLTHROUGH;
    case HL_JSON_OBJECT:
    case HL_JSON_STRING:
    case HL_JSON_BOOLEAN:
    case HL_JSON_NULL:
      hl_json_scanner_fail_expected (self, "a number or a list was");
      return;
    case HL_JSON_LIST:
    default:
      break;
    }

  for (size = 0; hl_json_scanner_next_entry (self); size++)
    measure_list (self, measure, level + 1);
  if (self->error != NULL)
    return;

  if ((measure->known >> level & 1) != 0 && measure->array->dims[level] != size)
    fail_uneven (self, position, FALSE, size, measure->array->dims[level]);
  measure->array->dims[level] = size;
  measure->known |= 1u << level;
}

gboolean
hl_json_scanner_measure_array (HlJsonScanner *self,
                               HlJsonArray   *array)
{
  Measure measure = { .array = array };
  gsize n_numbers = 1;
  gboolean fits = TRUE;

  *array = (HlJsonArray) { 0 };
  if (self->error != NULL)
    return FALSE;

  hl_json_scanner_skip_space (self);
  array->position = hl_json_scanner_get_position (self);
  measure_list (self, &measure, 0);
  if (self->error != NULL)
    return FALSE;

  array->end = hl_json_scanner_get_position (self);
  array->rank = MAX (array->rank, measure.deepest);

  /* A digit and a comma or bracket are the least that a number takes. More numbers than that can only come from a first
   * row longer than others, and must not be believed. */
  for (guint level = 0; level < array->rank; level++)
    fits = fits && g_size_checked_mul (&n_numbers, n_numbers, array->dims[level]);
  if (!fits || n_numbers > (array->end - array->position) / 2)
    {
      hl_json_scanner_fail (self, HL_FORMAT_ERROR_SHAPE,
                            "The lists from byte %" G_GSIZE_FORMAT " to byte %" G_GSIZE_FORMAT " of the %s, inside “%s”, "
                            "are not all as long as the first of them.",
                            array->position, array->end, self->source,
                            self->context != NULL ? self->context : "the top level");
      return FALSE;
    }

  return TRUE;
}

/* "[0][3][5]": where the @index-th number of @array is. */
static char *
describe_index (const HlJsonArray *array,
                gsize              index)
{
  GString *text = g_string_new (NULL);
  gsize below = hl_json_array_get_size (array);

  for (guint level = 0; level < array->rank; level++)
    {
      below /= array->dims[level];
      g_string_append_printf (text, "[%" G_GSIZE_FORMAT "]", index / below);
      index %= below;
    }

  return g_string_free (text, FALSE);
}

static void
fail_not_finite (HlJsonScanner     *self,
                 const HlJsonArray *array,
                 gsize              index)
{
  g_autofree char *where = describe_index (array, index);
  char first = *self->at == '-' ? self->at[1] : *self->at;

  hl_json_scanner_fail (self, HL_FORMAT_ERROR_VALUE,
                        "At byte %" G_GSIZE_FORMAT " of the %s, “%s%s” is %s where a finite number was expected.",
                        hl_json_scanner_get_position (self), self->source,
                        self->context != NULL ? self->context : "", where,
                        first == 'N' ? "NaN" : first == 'I' ? "infinite" : "too large for a 32-bit number");
}

/* The hot loop: @n numbers in brackets. */
static void
read_row (HlJsonScanner     *self,
          const HlJsonArray *array,
          float             *out,
          gsize              index)
{
  const gsize n = array->dims[array->rank - 1];
  const char *end = self->end;
  const char *p, *failed;
  gsize position;

  hl_json_scanner_skip_space (self);
  position = hl_json_scanner_get_position (self);
  if (!hl_json_scanner_accept (self, '['))
    {
      hl_json_scanner_fail_expected (self, "a list was");
      return;
    }

  p = self->at;
  for (gsize i = 0; i < n; i++)
    {
      const char *after;

      if (p < end && *p == ' ')
        p++;
      after = hl_json_number_scan (p, end, &out[i], &failed);
      if (G_UNLIKELY (after == NULL))
        {
          /* White space of other kinds is rare enough to be found out about here. */
          self->at = p;
          hl_json_scanner_skip_space (self);
          after = hl_json_number_scan (self->at, end, &out[i], &failed);
          if (after == NULL)
            {
              self->at = failed;
              hl_json_scanner_fail_expected (self, "a number was");
              return;
            }
          p = self->at;
        }
      if (G_UNLIKELY (!isfinite (out[i])))
        {
          self->at = p;
          fail_not_finite (self, array, index + i);
          return;
        }

      p = after;
      if (G_LIKELY (p < end && *p == ',' && i + 1 < n))
        {
          p++;
          continue;
        }
      self->at = p;
      hl_json_scanner_skip_space (self);
      p = self->at;
      if (p < end && *p == ',' && i + 1 < n)
        {
          p++;
          continue;
        }
      if (p < end && *p == ']' && i + 1 < n)
        {
          fail_uneven (self, position, FALSE, i + 1, n);
          return;
        }
      if (p < end && *p == ',')
        {
          fail_uneven (self, position, TRUE, n, n);
          return;
        }
      if (p == end || *p != ']')
        {
          hl_json_scanner_fail_expected (self, "“,” or “]” was");
          return;
        }
    }
  self->at = p + 1;
}

static void
fail_changed (HlJsonScanner *self)
{
  hl_json_scanner_fail (self, HL_FORMAT_ERROR_SHAPE, "The %s was changed while it was read.", self->source);
}

static void
read_list (HlJsonScanner     *self,
           const HlJsonArray *array,
           guint              level,
           gsize              size,
           float             *out,
           gsize             *index)
{
  if (level + 1 == array->rank)
    {
      /* A mapped file may be changed by others after it was measured: what is written stays within what was allocated. */
      if (*index == size)
        {
          fail_changed (self);
          return;
        }
      read_row (self, array, out + *index, *index);
      *index += array->dims[level];
      hl_json_scanner_maybe_tick (self);
      return;
    }

  hl_json_scanner_open_list (self);
  while (hl_json_scanner_next_entry (self))
    read_list (self, array, level + 1, size, out, index);
}

gboolean
hl_json_scanner_read_array (HlJsonScanner     *self,
                            const HlJsonArray *array,
                            float             *out)
{
  const gsize size = hl_json_array_get_size (array);
  gsize index = 0;

  if (self->error != NULL)
    return FALSE;

  /* The lengths of all lists but the innermost have been checked, and a list without entries has nothing to read. */
  hl_json_scanner_seek (self, array->position);
  if (size > 0)
    read_list (self, array, 0, size, out, &index);
  if (index != size)
    fail_changed (self);

  return self->error == NULL;
}
