/* tools/send/loader.h — a mapping while it is read from JSON; for mapping_load.c, its templates
 * and what a history has more.
 */
#pragma once

#include <jansson.h>

#include "tools/send/mapping.h"

enum { WHAT_MAX = 256 };

struct loader {
    struct mapping *mapping;
    const char *folder; /* of the lookups; NULL: there are none to be read */
    char *what;         /* WHAT_MAX; the first error */
};

/* Keeps the first one; false, for "return loader_fail(…)". */
bool loader_fail(struct loader *loader, const char *format, ...) RD_PRINTF(2, 3);
const char *loader_keep(struct loader *loader, const char *text); /* in the mapping's arena */
/* The column's place in mapping->columns; a new one at its end. */
bool loader_column(struct loader *loader, struct rd_str name, size_t *ret_column);
/* "case-{line}" into parts; `value` is a JSON string. */
bool loader_template(struct loader *loader, const json_t *value, struct rule *rule);
/* The rules of an event's keys; `path` names it in messages. */
bool loader_event(
        struct loader *loader, const char *path, const json_t *object, struct rule *envelope);
/* One of `lookups`. */
bool loader_lookup(struct loader *loader, const char *name, const json_t *object);
/* A named zone, or an offset. */
bool loader_zone(struct loader *loader, const char *text);
/* What only a history has: `then`, `outcome` of the mapping. */
bool loader_history(struct loader *loader, const json_t *root);
