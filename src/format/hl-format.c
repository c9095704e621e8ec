#include "hl-format.h"

G_DEFINE_QUARK (hl-format-error-quark, hl_format_error)
