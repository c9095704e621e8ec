#pragma once

#include "hl-format.h"
#include "hl-safetensors.h"

/* Dumps made in memory, and what becomes of them when they are opened. */

/* Deterministic values that look like attention: rows sum to 1. */
static inline HlTensor *
make_attention (guint        rank,
                const gsize *shape,
                guint32      seed)
{
  gsize n_keys = shape[rank - 1];
  gsize n = 1;
  float *values;

  for (guint axis = 0; axis < rank; axis++)
    n *= shape[axis];

  values = g_new (float, n);

  for (gsize row = 0; row < n / n_keys; row++)
    {
      float sum = 0;

      for (gsize key = 0; key < n_keys; key++)
        {
          seed = seed * 1664525u + 1013904223u;
          values[row * n_keys + key] = 0.01f + (float) (seed >> 16) / 65536.0f;
          sum += values[row * n_keys + key];
        }

      for (gsize key = 0; key < n_keys; key++)
        values[row * n_keys + key] /= sum;
    }

  return hl_tensor_new_take_f32 (rank, shape, values);
}

#define SHAPE(...) G_N_ELEMENTS (((const gsize[]) { __VA_ARGS__ })), (const gsize[]) { __VA_ARGS__ }

static inline void
add (HlContainer *container,
     const char  *name,
     guint        rank,
     const gsize *shape)
{
  g_autoptr (HlTensor) tensor = make_attention (rank, shape, (guint32) g_str_hash (name));

  hl_container_add_tensor (container, name, tensor);
}

static inline void
add_values (HlContainer *container,
            const char  *name,
            guint        rank,
            const gsize *shape,
            const float *values)
{
  gsize n = 1;
  g_autoptr (HlTensor) tensor = NULL;

  for (guint axis = 0; axis < rank; axis++)
    n *= shape[axis];

  tensor = hl_tensor_new_take_f32 (rank, shape, g_memdup2 (values, MAX (n, 1) * sizeof (float)));
  hl_container_add_tensor (container, name, tensor);
}

static inline GBytes *
to_bytes (HlContainer *container)
{
  g_autoptr (GOutputStream) stream = g_memory_output_stream_new_resizable ();
  g_autoptr (GError) error = NULL;

  hl_safetensors_write (container, stream, NULL, &error);
  g_assert_no_error (error);
  g_output_stream_close (stream, NULL, NULL);

  return g_memory_output_stream_steal_as_bytes (G_MEMORY_OUTPUT_STREAM (stream));
}

static inline HlDocument *
to_document (HlContainer *container)
{
  g_autoptr (GBytes) bytes = to_bytes (container);
  g_autoptr (GError) error = NULL;
  HlDocument *document = hl_format_read (bytes, "a.safetensors", NULL, NULL, NULL, &error);

  g_assert_no_error (error);

  return document;
}

static inline HlTrace *
to_trace (HlContainer *container)
{
  g_autoptr (HlDocument) document = to_document (container);
  g_autoptr (GError) error = NULL;
  HlTrace *trace;

  g_assert_cmpuint (hl_document_get_n_instances (document), ==, 1);
  trace = hl_document_load (document, 0, NULL, &error);
  g_assert_no_error (error);

  return trace;
}
