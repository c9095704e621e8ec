#include "hl-instance.h"

struct _HlInstance
{
  GObject parent_instance;

  guint   index;
  char   *title;       /* (nullable) until the index is known */
  char   *text;
  gsize   n_tokens;
  char   *class_name;  /* (nullable) */
  double  probability;
  int     correct;
};

G_DEFINE_FINAL_TYPE (HlInstance, hl_instance, G_TYPE_OBJECT)

static void
hl_instance_finalize (GObject *object)
{
  HlInstance *self = HL_INSTANCE (object);

  g_free (self->title);
  g_free (self->text);
  g_free (self->class_name);

  G_OBJECT_CLASS (hl_instance_parent_class)->finalize (object);
}

static void
hl_instance_class_init (HlInstanceClass *klass)
{
  G_OBJECT_CLASS (klass)->finalize = hl_instance_finalize;
}

static void
hl_instance_init (HlInstance *self)
{
}

HlInstance *
hl_instance_new (const char *title,
                 const char *text,
                 gsize       n_tokens,
                 const char *class_name,
                 double      probability,
                 int         correct)
{
  HlInstance *self = g_object_new (HL_TYPE_INSTANCE, NULL);

  self->title = g_strdup (title);
  self->text = g_strdup (text != NULL ? text : "");
  self->n_tokens = n_tokens;
  self->class_name = g_strdup (class_name);
  self->probability = probability;
  self->correct = correct;

  return self;
}

guint
hl_instance_get_index (HlInstance *self)
{
  return self->index;
}

void
hl_instance_set_index (HlInstance *self,
                       guint       index)
{
  self->index = index;
  if (self->title == NULL)
    self->title = g_strdup_printf ("Instance %u", index);
}

const char *
hl_instance_get_title (HlInstance *self)
{
  return self->title;
}

const char *
hl_instance_get_text (HlInstance *self)
{
  return self->text;
}

gsize
hl_instance_get_n_tokens (HlInstance *self)
{
  return self->n_tokens;
}

const char *
hl_instance_get_class_name (HlInstance *self)
{
  return self->class_name;
}

double
hl_instance_get_probability (HlInstance *self)
{
  return self->probability;
}

int
hl_instance_get_correct (HlInstance *self)
{
  return self->correct;
}
