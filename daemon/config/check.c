#include "daemon/config/check.h"

#include <inttypes.h>
#include <string.h>

#include "daemon/config/absent.h"

static struct config_node *check_value(struct config_load *load, const struct config_row *row,
        const char *path, const struct config_node *node);

static const char *kind_name(const struct config_node *node)
{
    switch (node->kind) {
    case CONFIG_NULL:
        return "empty";
    case CONFIG_BOOL:
        return "true or false";
    case CONFIG_INT:
        return "a number";
    case CONFIG_STR:
        return "a text";
    case CONFIG_LIST:
        return "a list";
    case CONFIG_MAP:
        return "a map";
    case CONFIG_RAW:
        break;
    }
    return "something else";
}

static const char *joined(struct config_load *load, const char *path, const char *more)
{
    return rd_arena_printf(load->arena, "%s%s", path, more).ptr;
}

static void fault_unknown(
        struct config_load *load, const char *path, const struct config_node *node, uint32_t at)
{
    struct rd_nearest nearest = rd_nearest_of(node->keys[at]);
    const struct config_row *row;
    for (size_t i = 0; (row = config_row_at(i)) != NULL; i++) {
        const char *key;
        if (config_row_is_child(row, path, &key)) {
            rd_nearest_try(&nearest, rd_str_of(key));
        }
    }
    config_fault_mark(load, node->key_marks[at], node->items[at]->path, "no such key%s",
            config_nearest_hint(load, &nearest));
}

static struct config_node *make_default(struct config_load *load, const struct config_row *row,
        const char *path, const char *key, const struct config_node *parent)
{
    struct rd_str text = rd_str_of(row->otherwise);
    struct rd_str at = config_path_key(load->arena, parent->path, rd_str_of(key));
    struct config_node *node;
    if (text.ptr[0] == '[' || text.ptr[0] == '{') {
        node = config_yaml_read(load, text, NULL, at);
        RD_ASSERT(node != NULL);
    } else {
        node = config_node_new(load->arena, CONFIG_STR, NULL);
        node->path = at;
        node->text = text;
        config_scalar_type(node, true);
    }
    config_node_mark(node, parent->mark);
    struct config_node *checked = check_value(load, row, path, node);
    config_node_mark(checked, parent->mark);
    return checked;
}

struct config_node *config_default(struct config_load *load, const struct config_row *row,
        const char *key, const struct config_node *parent)
{
    return make_default(load, row, row->path, key, parent);
}

/* A clock that comes from a pack takes what it does not say from there, not from the defaults. */
static bool takes_defaults(const char *path, const struct config_node *node)
{
    return strcmp(path, "policies[].clocks[]") != 0 || config_node_find(node, "use") == NULL;
}

static void note_absent(
        struct config_load *load, const struct config_row *row, const struct config_node *given)
{
    const struct config_absent *absent = config_absent_find(CONFIG_ABSENT_KEY, row->path);
    if (absent != NULL && given->mark.file != NULL) {
        config_note_at(load, given, "is not there yet: %s", absent->what);
    }
}

static struct config_node *check_map(
        struct config_load *load, const char *path, const struct config_node *node)
{
    struct config_node *out = config_node_new(load->arena, CONFIG_MAP, node);
    for (uint32_t i = 0; i < node->count; i++) {
        if (config_row_child(path, node->keys[i]) == NULL) {
            fault_unknown(load, path, node, i);
        }
    }
    bool with_defaults = takes_defaults(path, node);
    const struct config_row *row;
    for (size_t i = 0; (row = config_row_at(i)) != NULL; i++) {
        const char *key;
        if (!config_row_is_child(row, path, &key)) {
            continue;
        }
        const struct config_node *given = config_node_find(node, key);
        if (given != NULL) {
            note_absent(load, row, given);
            config_node_append(
                    load->arena, out, rd_str_of(key), check_value(load, row, row->path, given));
        } else if ((row->flags & CONFIG_REQUIRED) != 0 && with_defaults) {
            config_fault_mark(load, node->mark,
                    config_path_key(load->arena, node->path, rd_str_of(key)), "is required%s%s",
                    row->doc != NULL ? ": " : "", row->doc != NULL ? row->doc : "");
        } else if (row->otherwise != NULL && with_defaults) {
            config_node_append(load->arena, out, rd_str_of(key),
                    make_default(load, row, row->path, key, node));
        }
    }
    return out;
}

static void check_count(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    if ((int64_t)node->count < row->min || (row->max > 0 && (int64_t)node->count > row->max)) {
        config_fault_at(load, node, "%" PRIu32 " elements; it takes %" PRId64 " to %" PRId64,
                node->count, row->min, row->max);
    }
}

static struct config_node *check_list(struct config_load *load, const struct config_row *row,
        const char *path, const struct config_node *node)
{
    struct config_node *out = config_node_new(load->arena, CONFIG_LIST, node);
    const char *below = joined(load, path, "[]");
    const struct config_row *element = config_row_find(below);
    RD_ASSERT(element != NULL);
    if (node->kind != CONFIG_LIST) {
        config_node_add(load->arena, out, check_value(load, element, below, node));
        return out;
    }
    check_count(load, row, node);
    for (uint32_t i = 0; i < node->count; i++) {
        config_node_add(load->arena, out, check_value(load, element, below, node->items[i]));
    }
    return out;
}

static struct config_node *check_names(struct config_load *load, const struct config_row *row,
        const char *path, const struct config_node *node)
{
    struct config_node *out = config_node_new(load->arena, CONFIG_MAP, node);
    const char *below = joined(load, path, ".*");
    const struct config_row *value = config_row_find(below);
    RD_ASSERT(value != NULL);
    check_count(load, row, node);
    for (uint32_t i = 0; i < node->count; i++) {
        if (node->keys[i].len == 0) {
            config_fault_mark(load, node->key_marks[i], node->path, "holds an empty name");
        }
        struct config_node *item = check_value(load, value, below, node->items[i]);
        config_node_append(load->arena, out, node->keys[i], item);
        out->key_marks[i] = node->key_marks[i];
    }
    return out;
}

/* The map that stands in a file of its own; paths in messages begin anew there. */
static const struct config_node *file_map(struct config_load *load, const struct config_node *node)
{
    struct rd_str path = config_input_path_of(load, node->text);
    struct rd_str text;
    if (!config_file_read(load, node, path, &text)) {
        return NULL;
    }
    const struct config_file *file = config_file_new(load, path);
    struct config_node *root = config_yaml_read(load, text, file, (struct rd_str){0});
    if (root != NULL && root->kind != CONFIG_MAP) {
        config_fault_at(load, root, "the file holds %s and must hold a map", kind_name(root));
        return NULL;
    }
    return root;
}

static struct config_node *check_file_map(struct config_load *load, const struct config_row *row,
        const char *path, const struct config_node *node)
{
    const struct config_node *map = node->kind == CONFIG_MAP ? node : file_map(load, node);
    if (map == NULL) {
        return config_node_new(load->arena, CONFIG_MAP, node);
    }
    return config_row_find(joined(load, path, ".*")) != NULL ? check_names(load, row, path, map)
                                                             : check_map(load, path, map);
}

static struct config_node *check_match(struct config_load *load, const struct config_node *node)
{
    struct config_node *out = config_node_new(load->arena, CONFIG_MAP, node);
    for (uint32_t i = 0; i < node->count; i++) {
        struct config_node *test = node->items[i];
        bool is_good = config_node_is_scalar(test);
        if (test->kind == CONFIG_LIST) {
            is_good = test->count > 0;
            for (uint32_t k = 0; k < test->count; k++) {
                is_good = is_good && config_node_is_scalar(test->items[k]);
            }
        }
        if (!is_good) {
            config_fault_at(load, test,
                    "%s: a test is a text, a number, true or false, "
                    "or a list of these",
                    kind_name(test));
            test = config_node_str(load->arena, RD_STR(""), test);
        }
        config_node_append(load->arena, out, node->keys[i], test);
        out->key_marks[i] = node->key_marks[i];
    }
    return out;
}

/* "product+unit", [product, unit] or customer: a list of attributes. */
static struct config_node *check_attributes(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    static const struct config_row attribute = {.type = CONFIG_T_ATTRIBUTE};
    struct config_node *out = config_node_new(load->arena, CONFIG_LIST, node);
    if (node->kind == CONFIG_LIST) {
        for (uint32_t i = 0; i < node->count; i++) {
            config_node_add(
                    load->arena, out, check_value(load, &attribute, row->path, node->items[i]));
        }
    } else {
        struct rd_str rest = node->text;
        for (bool more = true; more;) {
            const char *plus = rest.len > 0 ? memchr(rest.ptr, '+', rest.len) : NULL;
            more = plus != NULL;
            struct rd_str part = {rest.ptr, more ? (size_t)(plus - rest.ptr) : rest.len};
            config_node_add(load->arena, out,
                    check_value(
                            load, &attribute, row->path, config_node_str(load->arena, part, node)));
            if (more) { /* an empty value has no bytes to step over */
                rest.ptr += part.len + 1;
                rest.len -= part.len + 1;
            }
        }
    }
    if (out->count < 1 || out->count > 4) {
        config_fault_at(load, node, "%" PRIu32 " attributes; it takes 1 to 4", out->count);
    }
    return out;
}

/* {ancestor: 2} and "ancestor: 2", {roster: night} and "roster: night" are the same, as YAML writes
 * the one in a list without quotes. */
static const struct config_node *flattened(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    const char *key = row->type == CONFIG_T_TARGET ? "ancestor" : "attribute";
    bool is_map = (row->type == CONFIG_T_TARGET || row->type == CONFIG_T_START) &&
                  node->kind == CONFIG_MAP && node->count == 1 &&
                  config_node_is_scalar(node->items[0]);
    if (is_map && row->type == CONFIG_T_TARGET && rd_str_is(node->keys[0], "roster")) {
        key = "roster";
    }
    if (!is_map || !rd_str_is(node->keys[0], key)) {
        return node;
    }
    return config_node_str(load->arena,
            rd_arena_printf(load->arena, "%s: %.*s", key, RD_FMT(node->items[0]->text)), node);
}

static struct config_node *check_scalar(
        struct config_load *load, const struct config_row *row, const struct config_node *given)
{
    const struct config_node *node = flattened(load, row, given);
    if (!config_node_is_scalar(node)) {
        config_fault_at(load, node, "%s; here stands a single value%s%s", kind_name(node),
                row->doc != NULL ? ": " : "", row->doc != NULL ? row->doc : "");
        return config_node_str(load->arena, RD_STR(""), node);
    }
    struct config_node *out = config_check_scalar(load, row, node);
    return out != NULL ? out : config_node_str(load->arena, node->text, node);
}

/* ADDRESS and {at: ADDRESS} are the same. */
static const struct config_node *lengthened(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    if ((row->flags & CONFIG_SHORT) == 0 || !config_node_is_scalar(node)) {
        return node;
    }
    struct config_node *map = config_node_new(load->arena, CONFIG_MAP, node);
    struct config_node *at = config_node_copy(load->arena, node);
    config_node_append(load->arena, map, RD_STR("at"), at);
    map->key_marks[0] = node->mark;
    return map;
}

static bool wants_map(const struct config_row *row, const struct config_node *node)
{
    return row->type == CONFIG_T_MAP || row->type == CONFIG_T_NAMES ||
           row->type == CONFIG_T_MATCH ||
           (row->type == CONFIG_T_FILE_MAP && !config_node_is_scalar(node));
}

static struct config_node *check_shape(struct config_load *load, const struct config_row *row,
        const char *path, const struct config_node *node)
{
    if (row->type == CONFIG_T_MAP) {
        return check_map(load, path, node);
    }
    if (row->type == CONFIG_T_LIST) {
        return check_list(load, row, path, node);
    }
    if (row->type == CONFIG_T_NAMES) {
        return check_names(load, row, path, node);
    }
    if (row->type == CONFIG_T_FILE_MAP) {
        return check_file_map(load, row, path, node);
    }
    if (row->type == CONFIG_T_MATCH) {
        return check_match(load, node);
    }
    if (row->type == CONFIG_T_ATTRIBUTES) {
        return check_attributes(load, row, node);
    }
    if (row->type == CONFIG_T_ANY) {
        struct config_node *copy = config_node_new(load->arena, node->kind, node);
        *copy = *node;
        return copy;
    }
    return check_scalar(load, row, node);
}

static struct config_node *check_value(struct config_load *load, const struct config_row *row,
        const char *path, const struct config_node *node)
{
    if (row->type == CONFIG_T_LIKE) {
        path = row->choices;
        row = config_row_find(path);
        RD_ASSERT(row != NULL);
    }
    node = lengthened(load, row, node);
    if (wants_map(row, node) && node->kind != CONFIG_MAP) {
        config_fault_at(load, node, "%s; here stands a map of keys and values", kind_name(node));
        return config_node_new(load->arena, CONFIG_MAP, node);
    }
    bool may_stand_alone = (row->flags & CONFIG_ONE) != 0 && node->kind != CONFIG_NULL;
    if (row->type == CONFIG_T_LIST && node->kind != CONFIG_LIST && !may_stand_alone) {
        config_fault_at(load, node, "%s; here stands a list", kind_name(node));
        return config_node_new(load->arena, CONFIG_LIST, node);
    }
    return check_shape(load, row, path, node);
}

struct config_node *config_check(struct config_load *load, const struct config_node *root)
{
    return check_map(load, "", root);
}

struct config_node *config_check_only(
        struct config_load *load, const struct config_node *root, const char *key)
{
    const struct config_row *row = config_row_find(key);
    const struct config_node *given = config_node_find(root, key);
    RD_ASSERT(row != NULL);
    struct config_node *out = config_node_new(load->arena, CONFIG_MAP, root);
    if (given != NULL) {
        config_node_append(
                load->arena, out, rd_str_of(key), check_value(load, row, row->path, given));
    }
    return out;
}
