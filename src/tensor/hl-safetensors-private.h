#pragma once

#include "hl-safetensors.h"

G_BEGIN_DECLS

#define HL_SAFETENSORS_MAX_HEADER 100000000

/* "F32" */
const char *hl_safetensors_dtype_name (HlDType dtype);

G_END_DECLS
