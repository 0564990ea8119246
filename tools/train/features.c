/* Which attributes may be learned from. */
#include <string.h>

#include "common/plan/plan.h"
#include "common/wire/event_table.h"
#include "tools/shared/ends.h"
#include "tools/train/options.h"

/* Who, not what: a card of names learns people by heart. Only when asked for. */
static const char *const PERSONAL[] = {
        "customer", "contract", "phone", "seller", "contact", "regulator_ref", "handler"};
/* A state has no mapping that says what there is. */
static const char *const USUAL[] = {
        "kind", "channel", "unit", "product", "issue", "age", "amount", "currency", "tags", "text"};
/* The case's own: there is none yet when a first contact is weighed, or only the daemon knows. */
static const char *const LATER[] = {
        "contacts", "transfers", "reopened", "regulator", "contract.screened"};

static bool is_one_of(struct rd_str name, const char *const *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (rd_str_is(name, names[i])) {
            return true;
        }
    }
    return false;
}

/* Whether a value of it can be a feature. */
static bool is_usable(struct rd_str name)
{
    enum rd_event_key key;
    if (!rd_plan_is_attribute(name) || is_one_of(name, LATER, RD_COUNT(LATER))) {
        return false;
    }
    if (rd_event_key_parse(name, &key) < 0) {
        return true;
    }
    enum rd_key_kind kind = rd_key_rule(key)->kind;
    bool is_time = kind == RD_KIND_TIME || kind == RD_KIND_DUE || kind == RD_KIND_DATE;
    return !is_time && kind != RD_KIND_ATTRS && kind != RD_KIND_MATCH;
}

static bool uses_column(const struct rule *rule, size_t column)
{
    for (size_t i = 0; i < rule->part_count; i++) {
        if (rule->parts[i].kind == PART_COLUMN && rule->parts[i].column == column) {
            return true;
        }
    }
    for (size_t i = 0; i < rule->child_count; i++) {
        if (uses_column(&rule->children[i], column)) {
            return true;
        }
    }
    return false;
}

static bool add(struct dataset *dataset, struct rd_str name)
{
    if (rd_str_is(name, "text")) {
        dataset->reads_text = true;
        return true;
    }
    for (size_t i = 0; i < dataset->attribute_count; i++) {
        if (rd_str_eq(dataset->attributes[i], name)) {
            return true;
        }
    }
    return dataset_add_attribute(dataset, name);
}

/* One that was asked for by name: nothing of it is left out in silence. */
static bool add_named(const struct options *options, struct dataset *dataset, struct rd_str name)
{
    if (!is_usable(name)) {
        say_error("--features: \"%.*s\": no attribute that a scorecard can use", RD_FMT(name));
        return false;
    }
    if (options->mapping == NULL || rd_str_is(name, "kind")) {
        return add(dataset, name);
    }
    const struct rule *rule = mapping_data_rule(options->mapping, name);
    if (rule == NULL && rd_str_is(name, "age")) {
        rule = mapping_data_rule(options->mapping, RD_STR("birth_year"));
    }
    if (rule == NULL) {
        say_error("--features: the mapping makes no \"%.*s\"", RD_FMT(name));
        return false;
    }
    if (rule->is_after) {
        say_error("--features: \"%.*s\" is known only after the first contact: the mapping says so",
                RD_FMT(name));
        return false;
    }
    if (uses_column(rule, options->history.label_column)) {
        say_error(
                "--features: \"%.*s\" is made of the column that is to be foretold", RD_FMT(name));
        return false;
    }
    return add(dataset, name);
}

static bool add_list(const struct options *options, struct dataset *dataset)
{
    struct rd_str rest = rd_str_of(options->features);
    while (rest.len > 0) {
        const char *comma = memchr(rest.ptr, ',', rest.len);
        size_t len = comma != NULL ? (size_t)(comma - rest.ptr) : rest.len;
        if (!add_named(options, dataset, (struct rd_str){rest.ptr, len})) {
            return false;
        }
        len += comma != NULL;
        rest = (struct rd_str){rest.ptr + len, rest.len - len};
    }
    return true;
}

static bool add_rule(
        const struct options *options, struct dataset *dataset, const struct rule *rule)
{
    struct rd_str name = rd_str_of(rule->path + strlen("data."));
    if (rule->kind == RULE_MAP) {
        for (size_t i = 0; i < rule->child_count; i++) {
            if (!add_rule(options, dataset, &rule->children[i])) {
                return false;
            }
        }
        return true;
    }
    if (rd_str_is(name, "birth_year")) {
        name = RD_STR("age");
    }
    bool is_left_out = !is_usable(name) || is_one_of(name, PERSONAL, RD_COUNT(PERSONAL)) ||
                       rule->is_after || uses_column(rule, options->history.label_column);
    return is_left_out || add(dataset, name);
}

bool options_features(const struct options *options, struct dataset *dataset)
{
    if (options->features != NULL) {
        return add_list(options, dataset);
    }
    if (options->mapping == NULL) {
        for (size_t i = 0; i < RD_COUNT(USUAL); i++) {
            if (!add(dataset, rd_str_of(USUAL[i]))) {
                return false;
            }
        }
        return true;
    }
    const struct rule *envelope = &options->mapping->envelope;
    for (size_t i = 0; i < envelope->child_count; i++) {
        const struct rule *data = &envelope->children[i];
        for (size_t k = 0; strcmp(data->key, "data") == 0 && k < data->child_count; k++) {
            if (!add_rule(options, dataset, &data->children[k])) {
                return false;
            }
        }
    }
    return true;
}
