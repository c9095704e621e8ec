#pragma once

#include <glib.h>

/* Asserts that @error is fit for a user: one sentence, on one line. */
static inline void
assert_sentence (const GError *error)
{
  g_assert_nonnull (error);
  g_assert_true (g_utf8_validate (error->message, -1, NULL));
  g_assert_cmpuint (strlen (error->message), >, 20);
  g_assert_cmpuint (strlen (error->message), <, 700);
  g_assert_null (strchr (error->message, '\n'));
  g_assert_true (g_str_has_suffix (error->message, "."));
  g_assert_true (g_unichar_isupper (g_utf8_get_char (error->message)));
}
