#include "config.h"

#include "hl-settings.h"

/* Where meson puts the compiled schema of a build that is not installed, seen from the executable. */
static GSettingsSchemaSource *
open_uninstalled (void)
{
  g_autofree char *executable = g_file_read_link ("/proc/self/exe", NULL);
  g_autofree char *folder = NULL;
  g_autofree char *schemas = NULL;

  if (executable == NULL)
    return NULL;

  folder = g_path_get_dirname (executable);
  schemas = g_build_filename (folder, "..", "data", NULL);

  return g_settings_schema_source_new_from_directory (schemas, g_settings_schema_source_get_default (), TRUE, NULL);
}

GSettings *
hl_settings_new (void)
{
  GSettingsSchemaSource *installed = g_settings_schema_source_get_default ();
  g_autoptr (GSettingsSchemaSource) uninstalled = NULL;
  g_autoptr (GSettingsSchema) schema = NULL;

  if (installed)
    schema = g_settings_schema_source_lookup (installed, HL_APP_ID, TRUE);

  if (schema == NULL && (uninstalled = open_uninstalled ()))
    schema = g_settings_schema_source_lookup (uninstalled, HL_APP_ID, TRUE);

  return schema ? g_settings_new_full (schema, NULL, NULL) : NULL;
}
