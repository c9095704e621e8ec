#include "hl-trace.h"

#include <stdlib.h>
#include <string.h>

struct _HlTrace
{
  gatomicrefcount ref_count;
  char           *title;       /* (nullable) */
  char           *text;        /* (nullable) */
  GPtrArray      *attentions;
  GPtrArray      *scores;
  HlPrediction   *prediction;  /* (nullable) */
  GPtrArray      *notes;       /* NULL-terminated */
  GHashTable     *metadata;
};

HlTrace *
hl_trace_new (const char *title)
{
  HlTrace *self = g_new0 (HlTrace, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->title = g_strdup (title);
  self->attentions = g_ptr_array_new_with_free_func ((GDestroyNotify) hl_attention_unref);
  self->scores = g_ptr_array_new_with_free_func ((GDestroyNotify) hl_scores_unref);
  self->notes = g_ptr_array_new_with_free_func (g_free);
  g_ptr_array_add (self->notes, NULL);
  self->metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);

  return self;
}

HlTrace *
hl_trace_ref (HlTrace *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
hl_trace_unref (HlTrace *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->title);
  g_free (self->text);
  g_ptr_array_unref (self->attentions);
  g_ptr_array_unref (self->scores);
  g_clear_pointer (&self->prediction, hl_prediction_unref);
  g_ptr_array_unref (self->notes);
  g_hash_table_unref (self->metadata);
  g_free (self);
}

void
hl_trace_add_attention (HlTrace     *self,
                        HlAttention *attention)
{
  g_ptr_array_add (self->attentions, hl_attention_ref (attention));
}

void
hl_trace_add_scores (HlTrace  *self,
                     HlScores *scores)
{
  g_ptr_array_add (self->scores, hl_scores_ref (scores));
}

void
hl_trace_set_prediction (HlTrace      *self,
                         HlPrediction *prediction)
{
  hl_prediction_ref (prediction);
  g_clear_pointer (&self->prediction, hl_prediction_unref);
  self->prediction = prediction;
}

void
hl_trace_set_text (HlTrace    *self,
                   const char *text)
{
  g_free (self->text);
  self->text = g_strdup (text);
}

void
hl_trace_add_note (HlTrace    *self,
                   const char *note)
{
  g_ptr_array_insert (self->notes, (int) self->notes->len - 1, g_strdup (note));
}

void
hl_trace_add_note_printf (HlTrace    *self,
                          const char *format,
                          ...)
{
  g_autofree char *note = NULL;
  va_list arguments;

  va_start (arguments, format);
  note = g_strdup_vprintf (format, arguments);
  va_end (arguments);
  hl_trace_add_note (self, note);
}

void
hl_trace_set_metadata (HlTrace    *self,
                       const char *key,
                       const char *value)
{
  g_hash_table_insert (self->metadata, g_strdup (key), g_strdup (value));
}

const char *
hl_trace_get_title (HlTrace *self)
{
  return self->title;
}

const char *
hl_trace_get_text (HlTrace *self)
{
  return self->text;
}

gsize
hl_trace_get_n_attentions (HlTrace *self)
{
  return self->attentions->len;
}

HlAttention *
hl_trace_get_attention (HlTrace *self,
                        gsize    index)
{
  g_return_val_if_fail (index < self->attentions->len, NULL);

  return g_ptr_array_index (self->attentions, index);
}

gsize
hl_trace_get_n_scores (HlTrace *self)
{
  return self->scores->len;
}

HlScores *
hl_trace_get_scores (HlTrace *self,
                     gsize    index)
{
  g_return_val_if_fail (index < self->scores->len, NULL);

  return g_ptr_array_index (self->scores, index);
}

HlPrediction *
hl_trace_get_prediction (HlTrace *self)
{
  return self->prediction;
}

const char * const *
hl_trace_get_notes (HlTrace *self)
{
  return (const char * const *) self->notes->pdata;
}

const char *
hl_trace_get_metadata (HlTrace    *self,
                       const char *key)
{
  return g_hash_table_lookup (self->metadata, key);
}

static int
compare_keys (gconstpointer a,
              gconstpointer b)
{
  return strcmp (*(const char * const *) a, *(const char * const *) b);
}

const char **
hl_trace_get_metadata_keys (HlTrace *self)
{
  guint n;
  gpointer *keys = g_hash_table_get_keys_as_array (self->metadata, &n);

  qsort (keys, n, sizeof *keys, compare_keys);

  return (const char **) keys;
}

gssize
hl_trace_find_attention (HlTrace         *self,
                         HlAttentionKind  kind)
{
  for (gsize i = 0; i < self->attentions->len; i++)
    if (hl_attention_get_kind (hl_trace_get_attention (self, i)) == kind)
      return (gssize) i;

  return -1;
}

HlTokens *
hl_trace_get_tokens (HlTrace *self)
{
  if (self->attentions->len > 0)
    return hl_attention_get_queries (hl_trace_get_attention (self, 0));
  if (self->scores->len > 0)
    return hl_scores_get_tokens (hl_trace_get_scores (self, 0));

  return NULL;
}
