#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire/event_table.h"
#include "tools/send/loader.h"
#include "tools/shared/ends.h"
#include "tools/shared/file.h"
#include "tools/shared/json.h"

enum { ARENA_BYTES_MAX = 512 * 1024 * 1024 };

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

/* What is not to be found by looking at the file. */
static bool read_table_setting(struct loader *loader, const char *key, const json_t *value)
{
    struct mapping *mapping = loader->mapping;
    const char *text = json_string_value(value);
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
    if (strcmp(key, "header_lines") == 0) {
        json_int_t lines = json_is_integer(value) ? json_integer_value(value) : 0;
        mapping->header_lines = lines == 2 ? 2 : 1;
        return lines == 1 || lines == 2 ||
               loader_fail(loader, "header_lines: give 1 or 2: how many lines have the names");
    }
    if (strcmp(key, "merged") == 0) {
        mapping->fills_merged = text != NULL && strcmp(text, "each") == 0;
        return (text != NULL && (mapping->fills_merged || strcmp(text, "first") == 0)) ||
               loader_fail(loader, "merged: give \"first\" or \"each\": which rows have the value "
                                   "of a cell that is merged over several");
    }
    return loader_fail(loader, "\"%.60s\" has no place in a mapping, or not such a value", key);
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
    if (strcmp(key, "sequence") == 0 && json_is_boolean(value)) {
        mapping->has_sequence = json_is_true(value);
        return true;
    }
    return read_table_setting(loader, key, value);
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
    if (loader->mapping->header_lines == 2 && loader->mapping->header == 0) {
        return loader_fail(loader, "header_lines: 2 wants \"header\", the upper of the two");
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

/* JSON with lines for people: those that begin with "//" are passed over. NULL: the error was
 * printed. */
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
        return NULL;
    }
    mapping_tell_unknown(mapping, path);
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
