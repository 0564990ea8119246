#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire/event_table.h"
#include "tools/send/loader.h"
#include "tools/shared/ends.h"
#include "tools/shared/file.h"
#include "tools/shared/json.h"

enum { ARENA_BYTES_MAX = 512 * 1024 * 1024, CHILDREN_MAX = 256 };

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
    return true;
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

/* ---- the file ---- */

static bool read_dates(struct loader *loader, const char *text)
{
    static const char *const names[] = {"ymd", "mdy", "dmy"};
    for (size_t i = 0; i < RD_COUNT(names); i++) {
        if (text != NULL && strcmp(text, names[i]) == 0) {
            loader->mapping->moment.order = (enum date_order)i;
            return true;
        }
    }
    return loader_fail(loader, "dates: give \"ymd\", \"mdy\" or \"dmy\"");
}

static bool read_setting(struct loader *loader, const char *key, const json_t *value)
{
    struct mapping *mapping = loader->mapping;
    const char *text = json_string_value(value);
    if (strcmp(key, "about") == 0 || strcmp(key, "event") == 0 || strcmp(key, "lookups") == 0 ||
            strcmp(key, "then") == 0 || strcmp(key, "outcome") == 0) {
        return true; /* for people; read after the lookups; read before all else; read behind */
    }
    if (strcmp(key, "zone") == 0) {
        return loader_zone(loader, text);
    }
    if (strcmp(key, "time_of_day") == 0) {
        return (text != NULL &&
                       moment_parse_clock(rd_str_of(text), &mapping->moment.time_of_day_s) == 0) ||
               loader_fail(loader, "time_of_day: give a time such as \"12:00\"");
    }
    if (strcmp(key, "dates") == 0) {
        return read_dates(loader, text);
    }
    if (strcmp(key, "delimiter") == 0) {
        if (text == NULL || strlen(text) != 1 || strchr("\"\r\n", text[0]) != NULL) {
            return loader_fail(loader, "delimiter: give one character");
        }
        mapping->delimiter = text[0];
        return true;
    }
    if (strcmp(key, "encoding") == 0) {
        return (text != NULL && encoding_parse(text, &mapping->encoding) == 0) ||
               loader_fail(loader, "encoding: give \"auto\", \"utf-8\", \"gb18030\" or \"utf-16\"");
    }
    if (strcmp(key, "sheet") == 0 && text != NULL) {
        mapping->sheet = loader_keep(loader, text);
        return true;
    }
    if (strcmp(key, "header") == 0 && json_is_integer(value) && json_integer_value(value) > 0) {
        mapping->header = (uint64_t)json_integer_value(value);
        return true;
    }
    if (strcmp(key, "sequence") == 0 && json_is_boolean(value)) {
        mapping->has_sequence = json_is_true(value);
        return true;
    }
    return loader_fail(loader, "\"%.60s\" has no place in a mapping, or not such a value", key);
}

static bool read_all(struct loader *loader, const json_t *root)
{
    const char *key;
    json_t *value;
    if (!json_is_object(root) || !json_is_object(json_object_get(root, "event"))) {
        return loader_fail(loader, "a mapping is a map with the key \"event\", a map");
    }
    json_object_foreach(json_object_get(root, "lookups"), key, value)
    {
        if (!loader_lookup(loader, key, value)) {
            return false;
        }
    }
    json_object_foreach((json_t *)(uintptr_t)root, key, value)
    {
        if (!read_setting(loader, key, value)) {
            return false;
        }
    }
    return loader_event(
                   loader, "event", json_object_get(root, "event"), &loader->mapping->envelope) &&
           loader_history(loader, root);
}

static struct mapping *build(const json_t *root, const char *folder, char what[static WHAT_MAX])
{
    struct mapping *mapping = calloc(1, sizeof *mapping);
    if (mapping == NULL) {
        rd_oom();
    }
    rd_arena_init(&mapping->arena, ARENA_BYTES_MAX);
    what[0] = '\0';
    struct loader loader = {.mapping = mapping, .folder = folder, .what = what};
    if (!read_all(&loader, root)) {
        mapping_free(mapping);
        return NULL;
    }
    return mapping;
}

struct mapping *mapping_parse(struct rd_str text, char ret_what[static 256])
{
    json_error_t where;
    json_t *root RD_CLEANUP(json_freep)
    = json_loadb(text.ptr, text.len, JSON_REJECT_DUPLICATES, &where);
    if (root == NULL) {
        (void)snprintf(ret_what, WHAT_MAX, "%d:%d: %s", where.line, where.column, where.text);
        return NULL;
    }
    return build(root, NULL, ret_what);
}

/* JSON with lines for people: those that begin with "//" are passed over. NULL: said. */
static json_t *read_commented(const char *path)
{
    char *text = malloc(MAPPING_FILE_BYTES_MAX + 1);
    if (text == NULL) {
        rd_oom();
    }
    json_t *root = NULL;
    int len = file_read(path, text, MAPPING_FILE_BYTES_MAX + 1);
    if (len < 0) {
        say_error("%s: %s", path, strerror(-len));
    } else {
        bool is_comment = false, is_start = true;
        for (int i = 0; i < len; i++) {
            is_comment = text[i] != '\n' &&
                         (is_comment || (is_start && text[i] == '/' && text[i + 1] == '/'));
            is_start = text[i] == '\n' || (is_start && strchr(" \t", text[i]) != NULL);
            text[i] = is_comment ? ' ' : text[i];
        }
        root = json_read_text(path, (struct rd_str){.ptr = text, .len = (size_t)len});
    }
    free(text);
    return root;
}

struct mapping *mapping_load(const char *path)
{
    json_t *root RD_CLEANUP(json_freep)
    = read_commented(path);
    if (root == NULL) {
        return NULL;
    }
    char folder[4096], what[WHAT_MAX];
    const char *slash = strrchr(path, '/');
    int length = slash != NULL ? (int)(slash - path) + 1 : 0;
    (void)snprintf(folder, sizeof folder, "%.*s", length, path);
    struct mapping *mapping = build(root, folder, what);
    if (mapping == NULL) {
        say_error("%s: %s", path, what);
    }
    return mapping;
}

bool mapping_add_column(struct mapping *mapping, const char *name, size_t *ret_column)
{
    char what[WHAT_MAX] = "";
    struct loader loader = {.mapping = mapping, .what = what};
    return loader_column(&loader, rd_str_of(loader_keep(&loader, name)), ret_column);
}

static const struct rule *child_of(const struct rule *rule, struct rd_str key)
{
    for (size_t i = 0; rule != NULL && i < rule->child_count; i++) {
        if (rule->children[i].key != NULL && rd_str_is(key, rule->children[i].key)) {
            return &rule->children[i];
        }
    }
    return NULL;
}

const struct rule *mapping_data_rule(const struct mapping *mapping, struct rd_str attribute)
{
    const struct rule *data = child_of(&mapping->envelope, RD_STR("data"));
    const char *dot = attribute.len > 0 ? memchr(attribute.ptr, '.', attribute.len) : NULL;
    if (dot == NULL) {
        return child_of(data, attribute);
    }
    size_t len = (size_t)(dot - attribute.ptr);
    struct rd_str rest = {dot + 1, attribute.len - len - 1};
    return child_of(child_of(data, (struct rd_str){attribute.ptr, len}), rest);
}

void mapping_free(struct mapping *mapping)
{
    if (mapping != NULL) {
        for (size_t i = 0; i < mapping->lookup_count; i++) {
            lookup_free(mapping->lookups[i].table);
        }
        rd_arena_done(&mapping->arena);
        free(mapping);
    }
}

void mapping_freep(struct mapping **mapping)
{
    mapping_free(*mapping);
    *mapping = NULL;
}
