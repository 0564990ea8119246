#include <string.h>

#include "tools/send/loader.h"

/* What a mapping says of a history: further events of a row, and what became of its case. For
 * redress-backtest; redress-send leaves both alone. */

static bool read_then(struct loader *loader, const json_t *array)
{
    struct mapping *mapping = loader->mapping;
    size_t count = json_array_size(array);
    if (!json_is_array(array) || count > MAPPING_THEN_MAX) {
        return loader_fail(loader, "then: give a list of at most %d events", MAPPING_THEN_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        const json_t *event = json_array_get(array, i);
        const char *path = rd_arena_printf(&mapping->arena, "then[%zu]", i).ptr;
        if (!json_is_object(event) || json_object_get(event, "time") == NULL) {
            return loader_fail(loader, "%s: give an event, with its time", path);
        }
        if (!loader_event(loader, path, event, &mapping->then[i])) {
            return false;
        }
    }
    mapping->then_count = count;
    return true;
}

static bool read_values(struct loader *loader, const json_t *array, const char *key,
        struct rd_str values[static MAPPING_OUTCOMES_MAX], size_t *ret_count)
{
    size_t count = json_array_size(array);
    for (size_t i = 0; i < count && i < MAPPING_OUTCOMES_MAX; i++) {
        const char *text = json_string_value(json_array_get(array, i));
        if (text == NULL) {
            return loader_fail(loader, "outcome.%s: give a list of texts", key);
        }
        values[i] = rd_str_of(loader_keep(loader, text));
    }
    *ret_count = count;
    return (count > 0 && count <= MAPPING_OUTCOMES_MAX) ||
           loader_fail(
                   loader, "outcome.%s: give a list of 1 to %d texts", key, MAPPING_OUTCOMES_MAX);
}

static bool read_outcome(struct loader *loader, const json_t *object)
{
    struct mapping_outcome *outcome = &loader->mapping->outcome;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        if (strcmp(key, "column") != 0 && strcmp(key, "yes") != 0 && strcmp(key, "no") != 0) {
            return loader_fail(loader, "outcome.%.60s has no place there", key);
        }
    }
    const char *column = json_string_value(json_object_get(object, "column"));
    if (column == NULL) {
        return loader_fail(loader, "outcome: give \"column\", \"yes\" and \"no\"");
    }
    outcome->is_set = true;
    return loader_column(loader, rd_str_of(column), &outcome->column) &&
           read_values(loader, json_object_get(object, "yes"), "yes", outcome->yes,
                   &outcome->yes_count) &&
           read_values(
                   loader, json_object_get(object, "no"), "no", outcome->no, &outcome->no_count);
}

bool loader_history(struct loader *loader, const json_t *root)
{
    const json_t *then = json_object_get(root, "then");
    const json_t *outcome = json_object_get(root, "outcome");
    return (then == NULL || read_then(loader, then)) &&
           (outcome == NULL || read_outcome(loader, outcome));
}
