#include <stdio.h>

#include "tools/send/loader.h"

/* Tables of a mapping: files beside it, or pairs in it. */

static struct lookup *read_file(struct loader *loader, const char *file)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s%s", file[0] == '/' ? "" : loader->folder, file);
    return lookup_read(path, &loader->mapping->arena);
}

/* The table in the mapping itself. NULL: a value of it is no text. */
static struct lookup *read_table(struct loader *loader, const json_t *table)
{
    const char *key;
    json_t *value;
    struct lookup *lookup = lookup_new();
    json_object_foreach((json_t *)(uintptr_t)table, key, value)
    {
        if (!json_is_string(value)) {
            lookup_free(lookup);
            return NULL;
        }
        lookup_add(lookup, rd_str_of(loader_keep(loader, key)),
                rd_str_of(loader_keep(loader, json_string_value(value))));
    }
    lookup_sort(lookup);
    return lookup;
}

bool loader_lookup(struct loader *loader, const char *name, const json_t *object)
{
    struct mapping *mapping = loader->mapping;
    const char *file = json_string_value(json_object_get(object, "file"));
    const char *otherwise = json_string_value(json_object_get(object, "otherwise"));
    const json_t *table = json_object_get(object, "table");
    bool has_table = json_is_object(table);
    if ((file == NULL) == !has_table || mapping->lookup_count == MAPPING_LOOKUPS_MAX) {
        return loader_fail(loader,
                "lookups.%.60s: give a \"file\" or a \"table\"; at most %d lookups", name,
                MAPPING_LOOKUPS_MAX);
    }
    if (loader->folder == NULL && !has_table) {
        return loader_fail(loader, "lookups.%.60s: no files here", name);
    }
    struct mapping_lookup *lookup = &mapping->lookups[mapping->lookup_count];
    lookup->name = loader_keep(loader, name);
    lookup->otherwise = (struct rd_str){0};
    if (otherwise != NULL) {
        lookup->otherwise = rd_str_of(loader_keep(loader, otherwise));
    }
    lookup->table = has_table ? read_table(loader, table) : read_file(loader, file);
    if (lookup->table == NULL) {
        return loader_fail(loader, "lookups.%.60s could not be read", name);
    }
    mapping->lookup_count++;
    return true;
}
