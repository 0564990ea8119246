#include <string.h>

#include "common/base/nearest.h"
#include "common/wire/event_table.h"
#include "tools/send/mapping.h"
#include "tools/shared/ends.h"

/* Keys of `data` that the daemon takes and passes over: most are slips of the pen, and the case
 * would be without what they hold. */

static const struct rule *rule_of(const struct rule *envelope, const char *key)
{
    for (size_t i = 0; i < envelope->child_count; i++) {
        if (strcmp(envelope->children[i].key, key) == 0) {
            return &envelope->children[i];
        }
    }
    return NULL;
}

const char *mapping_place_key(const struct mapping *mapping)
{
    static const char *const keys[] = {"id", "subject"};
    for (size_t i = 0; i < RD_COUNT(keys); i++) {
        const struct rule *rule = rule_of(&mapping->envelope, keys[i]);
        for (size_t j = 0; rule != NULL && j < rule->part_count; j++) {
            if (rule->parts[j].kind == PART_LINE || rule->parts[j].kind == PART_ROW) {
                return keys[i];
            }
        }
    }
    return NULL;
}

/* The type, where it is the same for every row. */
static bool type_of(const struct rule *envelope, enum rd_event_type *ret_type)
{
    const struct rule *rule = rule_of(envelope, "type");
    bool is_fixed = rule != NULL && rule->kind == RULE_TEXT && rule->lookup == NULL &&
                    rule->part_count == 1 && rule->parts[0].kind == PART_LITERAL;
    return is_fixed && rd_event_type_parse(rule->parts[0].literal, ret_type) == 0;
}

static void tell(const char *path, const char *key, const enum rd_event_type *type)
{
    char hint[RD_NEAREST_HINT_MAX];
    struct rd_nearest nearest = rd_nearest_of(rd_str_of(key));
    for (enum rd_event_key known = 0; known < RD_EVENT_KEY_COUNT; known++) {
        if (type == NULL || rd_key_in(rd_type_rule(*type)->allowed, known)) {
            rd_nearest_try(&nearest, rd_str_of(rd_key_rule(known)->name));
        }
    }
    say_error("%s: data.%s: %s%s has no such key: it is sent, and nothing is made of it%s", path,
            key, type != NULL ? rd_event_type_name(*type) : "an event",
            type != NULL ? "" : " of any type", rd_nearest_hint(&nearest, hint));
}

/* Most are slips of the pen, and the case would be without what they hold. */
static void tell_of(const char *path, const struct rule *envelope)
{
    enum rd_event_type type = RD_EVENT_CONTACT_RECEIVED;
    const struct rule *data = rule_of(envelope, "data");
    bool has_type = type_of(envelope, &type);
    for (size_t i = 0; data != NULL && i < data->child_count; i++) {
        enum rd_event_key key;
        bool is_known = rd_event_key_parse(rd_str_of(data->children[i].key), &key) == 0 &&
                        (!has_type || rd_key_in(rd_type_rule(type)->allowed, key));
        if (!is_known) {
            tell(path, data->children[i].key, has_type ? &type : NULL);
        }
    }
}

void mapping_tell_unknown(const struct mapping *mapping, const char *path)
{
    tell_of(path, &mapping->envelope);
    for (size_t i = 0; i < mapping->then_count; i++) {
        tell_of(path, &mapping->then[i]);
    }
}
