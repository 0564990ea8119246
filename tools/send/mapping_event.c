/* tools/send/mapping_event.c — the rules that make an event of a row. */
#include <string.h>

#include "common/wire/event_table.h"
#include "tools/send/amount.h"
#include "tools/send/loader.h"
#include "tools/shared/json.h"

enum { CHILDREN_MAX = 256 };

static bool keep_rules(
        struct loader *loader, struct rule *rule, struct rule *children, size_t count)
{
    struct rule *kept = RD_ARENA_ARRAY(&loader->mapping->arena, struct rule, count + 1);
    memcpy(kept, children, count * sizeof children[0]);
    rule->children = kept;
    rule->child_count = count;
    return true;
}

/* ---- rules ---- */

static bool read_as(struct loader *loader, const char *text, struct rule *rule)
{
    static const char *const names[] = {
            "text", "integer", "boolean", "time", "date", "list", "money"};
    for (size_t i = 0; i < RD_COUNT(names); i++) {
        if (strcmp(text, names[i]) == 0) {
            rule->as = (enum rule_as)i;
            return true;
        }
    }
    return loader_fail(loader,
            "%s: as \"%.40s\": give text, integer, boolean, time, date, "
            "list or money",
            rule->path, text);
}

static bool check_unit(struct loader *loader, const struct rule *rule)
{
    return rule->in.len == 0 || (rule->as == AS_MONEY && amount_is_unit(rule->in)) ||
           loader_fail(loader, "%s: in \"%.*s\": give 千元, 万元, 百万元 or 亿元, of a sum",
                   rule->path, RD_FMT(rule->in));
}

static bool find_lookup(struct loader *loader, const char *name, struct rule *rule)
{
    for (size_t i = 0; i < loader->mapping->lookup_count; i++) {
        if (strcmp(loader->mapping->lookups[i].name, name) == 0) {
            rule->lookup = &loader->mapping->lookups[i];
            return true;
        }
    }
    return loader_fail(loader, "%s: there is no lookup \"%.60s\"", rule->path, name);
}

static bool read_source(struct loader *loader, const json_t *object, struct rule *rule)
{
    const json_t *column = json_object_get(object, "column");
    const json_t *text = json_object_get(object, "text");
    if (json_is_string(text) && column == NULL) {
        return loader_template(loader, text, rule);
    }
    if (!json_is_string(column) || text != NULL) {
        return loader_fail(loader, "%s: give either \"column\" or \"text\"", rule->path);
    }
    struct part *part = RD_ARENA_ARRAY(&loader->mapping->arena, struct part, 1);
    part->kind = PART_COLUMN;
    rule->kind = RULE_TEXT;
    rule->parts = part;
    rule->part_count = 1;
    return loader_column(loader, rd_str_of(json_string_value(column)), &part->column);
}

/* {"column": …} or {"text": …}, with what is to be done to it. */
static bool read_object(struct loader *loader, const json_t *object, struct rule *rule)
{
    const char *key;
    json_t *value;
    if (!read_source(loader, object, rule)) {
        return false;
    }
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        const char *text = json_string_value(value);
        bool is_good = true;
        if (strcmp(key, "required") == 0 && json_is_boolean(value)) {
            rule->is_required = json_is_true(value);
        } else if (strcmp(key, "after") == 0 && json_is_boolean(value)) {
            rule->is_after = json_is_true(value);
        } else if (strcmp(key, "as") == 0 && text != NULL) {
            is_good = read_as(loader, text, rule);
        } else if (strcmp(key, "lookup") == 0 && text != NULL) {
            is_good = find_lookup(loader, text, rule);
        } else if (strcmp(key, "contains") == 0 && text != NULL) {
            rule->contains = rd_str_of(loader_keep(loader, text));
            rule->as = AS_BOOLEAN;
        } else if (strcmp(key, "in") == 0 && text != NULL) {
            rule->in = rd_str_of(loader_keep(loader, text));
        } else if (strcmp(key, "split") == 0 && text != NULL) {
            rule->split = rd_str_of(loader_keep(loader, text));
        } else if (strcmp(key, "column") != 0 && strcmp(key, "text") != 0) {
            is_good = loader_fail(loader, "%s: \"%.40s\" has no place there, or not such a value",
                    rule->path, key);
        }
        if (!is_good) {
            return false;
        }
    }
    return check_unit(loader, rule);
}

static bool read_constant(struct loader *loader, const json_t *value, struct rule *rule)
{
    struct rd_buf packed;
    const char *what = NULL;
    rd_buf_init(&packed, MAPPING_FILE_BYTES_MAX);
    bool is_good = json_pack_value(&packed, value, &what) == 0 && packed.error == 0;
    if (is_good) {
        rule->kind = RULE_CONSTANT;
        rule->constant = rd_arena_dup(&loader->mapping->arena, rd_buf_str(&packed));
    } else {
        (void)loader_fail(loader, "%s: %s", rule->path, what != NULL ? what : "too long");
    }
    rd_buf_done(&packed);
    return is_good;
}

/* A value of any kind but a list or a map. */
static bool read_value(struct loader *loader, const json_t *value, struct rule *rule)
{
    if (json_is_string(value)) {
        return loader_template(loader, value, rule);
    }
    if (json_is_object(value)) {
        return read_object(loader, value, rule);
    }
    if (json_is_integer(value) || json_is_boolean(value)) {
        return read_constant(loader, value, rule);
    }
    return loader_fail(
            loader, "%s: give a text, a whole number, true, false, or {\"column\": …}", rule->path);
}

static bool read_list(struct loader *loader, const json_t *array, struct rule *rule)
{
    struct rule children[CHILDREN_MAX] = {0};
    size_t count = json_array_size(array);
    if (count > CHILDREN_MAX) {
        return loader_fail(loader, "%s: more than %d items", rule->path, CHILDREN_MAX);
    }
    for (size_t i = 0; i < count; i++) {
        children[i].path = rule->path;
        if (!read_value(loader, json_array_get(array, i), &children[i])) {
            return false;
        }
    }
    rule->kind = RULE_LIST;
    return keep_rules(loader, rule, children, count);
}

/* A map of values: `attributes`. */
static bool read_attributes(struct loader *loader, const json_t *object, struct rule *rule)
{
    struct rule children[CHILDREN_MAX] = {0};
    size_t count = 0;
    const char *key;
    json_t *value;
    if (!json_is_object(object) || json_object_size(object) > CHILDREN_MAX) {
        return loader_fail(loader, "%s: give a map of at most %d values", rule->path, CHILDREN_MAX);
    }
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        struct rule *child = &children[count++];
        child->key = loader_keep(loader, key);
        child->path = rd_arena_printf(&loader->mapping->arena, "%s.%s", rule->path, key).ptr;
        if (!read_value(loader, value, child)) {
            return false;
        }
    }
    rule->kind = RULE_MAP;
    return keep_rules(loader, rule, children, count);
}

static bool read_data_key(struct loader *loader, const json_t *value, struct rule *rule)
{
    static const enum rule_as as_of_kind[] = {
            [RD_KIND_STR] = AS_TEXT,
            [RD_KIND_UINT] = AS_INTEGER,
            [RD_KIND_BOOL] = AS_BOOLEAN,
            [RD_KIND_TIME] = AS_TIME,
            [RD_KIND_DUE] = AS_TIME,
            [RD_KIND_DATE] = AS_DATE,
            [RD_KIND_MONEY] = AS_MONEY,
            [RD_KIND_STRS] = AS_LIST,
            [RD_KIND_CODE] = AS_TEXT,
    };
    enum rd_event_key key;
    bool is_known = rd_event_key_parse(rd_str_of(rule->key), &key) == 0;
    enum rd_key_kind kind = is_known ? rd_key_rule(key)->kind : RD_KIND_STR;
    if (kind == RD_KIND_ATTRS || kind == RD_KIND_MATCH) {
        return read_attributes(loader, value, rule);
    }
    if (json_is_array(value)) {
        return read_list(loader, value, rule);
    }
    rule->as = as_of_kind[kind];
    rule->is_needed =
            is_known && (key == RD_KEY_CUSTOMER || key == RD_KEY_CHANNEL || key == RD_KEY_UNIT);
    rule->is_code = is_known && (key == RD_KEY_CUSTOMER || key == RD_KEY_CONTRACT ||
                                        key == RD_KEY_PHONE || key == RD_KEY_SELLER ||
                                        key == RD_KEY_REF || key == RD_KEY_REGULATOR_REF ||
                                        key == RD_KEY_CONTACT || key == RD_KEY_PERSON);
    return read_value(loader, value, rule);
}

static bool read_data(struct loader *loader, const json_t *object, struct rule *rule)
{
    struct rule children[CHILDREN_MAX] = {0};
    size_t count = 0;
    const char *key;
    json_t *value;
    if (!json_is_object(object) || json_object_size(object) > CHILDREN_MAX) {
        return loader_fail(loader, "event.data: give a map of at most %d values", CHILDREN_MAX);
    }
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        struct rule *child = &children[count++];
        child->key = loader_keep(loader, key);
        child->path = rd_arena_printf(&loader->mapping->arena, "data.%s", key).ptr;
        if (!read_data_key(loader, value, child)) {
            return false;
        }
    }
    rule->kind = RULE_MAP;
    return keep_rules(loader, rule, children, count);
}

bool loader_event(
        struct loader *loader, const char *path, const json_t *object, struct rule *envelope)
{
    static const char *const known[] = {
            "id", "source", "type", "subject", "time", "specversion", "data"};
    enum { ID = 0, SUBJECT = 3, TIME = 4, DATA = 6 };
    struct rule children[RD_COUNT(known)] = {0};
    size_t count = 0;
    const char *key;
    json_t *value;
    json_object_foreach((json_t *)(uintptr_t)object, key, value)
    {
        size_t which = 0;
        while (which < RD_COUNT(known) && strcmp(known[which], key) != 0) {
            which++;
        }
        if (which == RD_COUNT(known)) {
            return loader_fail(loader, "%s.%.60s: there is no such key of an event", path, key);
        }
        struct rule *child = &children[count++];
        child->key = child->path = known[which];
        child->as = which == TIME ? AS_TIME : AS_TEXT;
        child->is_code = which == ID || which == SUBJECT;
        if (which == DATA ? !read_data(loader, value, child) : !read_value(loader, value, child)) {
            return false;
        }
    }
    for (size_t i = 0; i < 3; i++) {
        if (json_object_get(object, known[i]) == NULL) {
            return loader_fail(loader, "%s.%s is missing", path, known[i]);
        }
    }
    envelope->kind = RULE_MAP;
    envelope->path = path;
    return keep_rules(loader, envelope, children, count);
}
