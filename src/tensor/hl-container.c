#include "hl-container.h"

/* An entry holds either of the two. */
typedef struct
{
  HlTensor *tensor;
  GStrv     strings;
} Entry;

struct _HlContainer
{
  GHashTable *entries;       /* name → Entry; owns both */
  GPtrArray  *names;         /* in order, NULL-terminated; borrowed from @entries */
  GHashTable *metadata;      /* key → value; owns both */
  GPtrArray  *metadata_keys; /* in order, NULL-terminated; borrowed from @metadata */
};

static void
entry_free (gpointer data)
{
  Entry *entry = data;

  g_clear_pointer (&entry->tensor, hl_tensor_unref);
  g_strfreev (entry->strings);
  g_free (entry);
}

static GPtrArray *
new_list (void)
{
  GPtrArray *list = g_ptr_array_new ();

  g_ptr_array_add (list, NULL);

  return list;
}

/* Keeps the terminating NULL last. */
static void
append (GPtrArray *list,
        char      *string)
{
  g_ptr_array_index (list, list->len - 1) = string;
  g_ptr_array_add (list, NULL);
}

HlContainer *
hl_container_new (void)
{
  HlContainer *self = g_atomic_rc_box_new0 (HlContainer);

  self->entries = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, entry_free);
  self->names = new_list ();
  self->metadata = g_hash_table_new_full (g_str_hash, g_str_equal, g_free, g_free);
  self->metadata_keys = new_list ();

  return self;
}

HlContainer *
hl_container_ref (HlContainer *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return g_atomic_rc_box_acquire (self);
}

static void
clear (gpointer data)
{
  HlContainer *self = data;

  g_ptr_array_unref (self->names);
  g_hash_table_unref (self->entries);
  g_ptr_array_unref (self->metadata_keys);
  g_hash_table_unref (self->metadata);
}

void
hl_container_unref (HlContainer *self)
{
  g_return_if_fail (self != NULL);

  g_atomic_rc_box_release_full (self, clear);
}

/* The table keeps the key it has when a value is replaced, so the list's pointer to it stays good. */
static void
insert (GHashTable *table,
        GPtrArray  *list,
        const char *key,
        gpointer    value)
{
  char *copy;

  if (g_hash_table_contains (table, key))
    {
      g_hash_table_insert (table, g_strdup (key), value);
      return;
    }

  copy = g_strdup (key);
  g_hash_table_insert (table, copy, value);
  append (list, copy);
}

void
hl_container_add_tensor (HlContainer *self,
                         const char  *name,
                         HlTensor    *tensor)
{
  Entry *entry;

  g_return_if_fail (self != NULL);
  g_return_if_fail (name != NULL);
  g_return_if_fail (tensor != NULL);

  entry = g_new0 (Entry, 1);
  entry->tensor = hl_tensor_ref (tensor);
  insert (self->entries, self->names, name, entry);
}

void
hl_container_add_strings (HlContainer        *self,
                          const char         *name,
                          const char * const *strings)
{
  Entry *entry;

  g_return_if_fail (self != NULL);
  g_return_if_fail (name != NULL);
  g_return_if_fail (strings != NULL);

  entry = g_new0 (Entry, 1);
  entry->strings = g_strdupv ((char **) strings);
  insert (self->entries, self->names, name, entry);
}

void
hl_container_set_metadata (HlContainer *self,
                           const char  *key,
                           const char  *value)
{
  g_return_if_fail (self != NULL);
  g_return_if_fail (key != NULL);
  g_return_if_fail (value != NULL);

  insert (self->metadata, self->metadata_keys, key, g_strdup (value));
}

const char * const *
hl_container_get_names (HlContainer *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (const char * const *) self->names->pdata;
}

const char * const *
hl_container_get_metadata_keys (HlContainer *self)
{
  g_return_val_if_fail (self != NULL, NULL);

  return (const char * const *) self->metadata_keys->pdata;
}

HlTensor *
hl_container_get_tensor (HlContainer *self,
                         const char  *name)
{
  Entry *entry;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  entry = g_hash_table_lookup (self->entries, name);

  return entry != NULL ? entry->tensor : NULL;
}

const char * const *
hl_container_get_strings (HlContainer *self,
                          const char  *name)
{
  Entry *entry;

  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (name != NULL, NULL);

  entry = g_hash_table_lookup (self->entries, name);

  return entry != NULL ? (const char * const *) entry->strings : NULL;
}

const char *
hl_container_get_metadata (HlContainer *self,
                           const char  *key)
{
  g_return_val_if_fail (self != NULL, NULL);
  g_return_val_if_fail (key != NULL, NULL);

  return g_hash_table_lookup (self->metadata, key);
}
