#include "hl-scores.h"

typedef struct
{
  char    *name;
  float   *values;  /* [token] */
  gint32   colour;
  gboolean visible;
  gboolean derived; /* from other channels of the set */
} Channel;

struct _HlScores
{
  gatomicrefcount ref_count;
  char           *name;      /* (nullable) */
  HlTokens       *tokens;
  GArray         *channels;  /* of Channel */
};

static void
channel_clear (gpointer data)
{
  Channel *channel = data;

  g_free (channel->name);
  g_free (channel->values);
}

HlScores *
hl_scores_new (const char *name,
               HlTokens   *tokens)
{
  HlScores *self = g_new0 (HlScores, 1);

  g_atomic_ref_count_init (&self->ref_count);
  self->name = g_strdup (name);
  self->tokens = hl_tokens_ref (tokens);
  self->channels = g_array_new (FALSE, FALSE, sizeof (Channel));
  g_array_set_clear_func (self->channels, channel_clear);

  return self;
}

HlScores *
hl_scores_ref (HlScores *self)
{
  g_atomic_ref_count_inc (&self->ref_count);

  return self;
}

void
hl_scores_unref (HlScores *self)
{
  if (!g_atomic_ref_count_dec (&self->ref_count))
    return;

  g_free (self->name);
  hl_tokens_unref (self->tokens);
  g_array_unref (self->channels);
  g_free (self);
}

void
hl_scores_add_channel (HlScores    *self,
                       const char  *name,
                       const float *values,
                       gint32       colour,
                       gboolean     visible)
{
  gsize n = hl_tokens_get_length (self->tokens);
  Channel channel = {
    .name = g_strdup (name),
    .values = g_new (float, n + 1),
    .colour = colour,
    .visible = visible,
  };

  for (gsize i = 0; i < n; i++)
    channel.values[i] = values[i];
  g_array_append_val (self->channels, channel);
}

void
hl_scores_mark_derived (HlScores *self)
{
  g_return_if_fail (self->channels->len > 0);

  g_array_index (self->channels, Channel, self->channels->len - 1).derived = TRUE;
}

const char *
hl_scores_get_name (HlScores *self)
{
  return self->name;
}

HlTokens *
hl_scores_get_tokens (HlScores *self)
{
  return self->tokens;
}

gsize
hl_scores_get_n_channels (HlScores *self)
{
  return self->channels->len;
}

static const Channel *
get_channel (HlScores *self,
             gsize     channel)
{
  g_assert (channel < self->channels->len);

  return &g_array_index (self->channels, Channel, channel);
}

const char *
hl_scores_get_channel_name (HlScores *self,
                            gsize     channel)
{
  return get_channel (self, channel)->name;
}

gint32
hl_scores_get_colour (HlScores *self,
                      gsize     channel)
{
  return get_channel (self, channel)->colour;
}

gboolean
hl_scores_is_visible (HlScores *self,
                      gsize     channel)
{
  return get_channel (self, channel)->visible;
}

gboolean
hl_scores_is_derived (HlScores *self,
                      gsize     channel)
{
  return get_channel (self, channel)->derived;
}

const float *
hl_scores_get_values (HlScores *self,
                      gsize     channel)
{
  return get_channel (self, channel)->values;
}
