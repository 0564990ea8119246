#include "daemon/config/node.h"

#include <inttypes.h>
#include <string.h>

#include "common/wire/pack.h"

struct config_node *config_node_new(
        struct rd_arena *arena, enum config_kind kind, const struct config_node *like)
{
    struct config_node *node = rd_arena_zalloc(arena, sizeof *node);
    node->kind = kind;
    if (like != NULL) {
        node->mark = like->mark;
        node->path = like->path;
    }
    return node;
}

struct config_node *config_node_str(
        struct rd_arena *arena, struct rd_str text, const struct config_node *like)
{
    struct config_node *node = config_node_new(arena, CONFIG_STR, like);
    node->text = text;
    return node;
}

struct config_node *config_node_int(
        struct rd_arena *arena, int64_t value, const struct config_node *like)
{
    struct config_node *node = config_node_new(arena, CONFIG_INT, like);
    node->integer = value;
    node->text = rd_arena_printf(arena, "%" PRId64, value);
    return node;
}

struct config_node *config_node_bool(
        struct rd_arena *arena, bool value, const struct config_node *like)
{
    struct config_node *node = config_node_new(arena, CONFIG_BOOL, like);
    node->integer = value;
    node->text = value ? RD_STR("true") : RD_STR("false");
    return node;
}

struct config_node *config_node_copy(struct rd_arena *arena, const struct config_node *node)
{
    struct config_node *copy = rd_arena_zalloc(arena, sizeof *copy);
    *copy = *node;
    copy->count = copy->cap = 0;
    copy->items = NULL;
    copy->keys = NULL;
    copy->key_marks = NULL;
    for (uint32_t i = 0; i < node->count; i++) {
        if (node->kind == CONFIG_MAP) {
            config_node_append(arena, copy, node->keys[i], node->items[i]);
            copy->key_marks[i] = node->key_marks[i];
        } else {
            config_node_add(arena, copy, node->items[i]);
        }
    }
    return copy;
}

void config_node_mark(struct config_node *node, struct config_mark mark)
{
    node->mark = mark;
    for (uint32_t i = 0; i < node->count; i++) {
        config_node_mark(node->items[i], mark);
        if (node->kind == CONFIG_MAP) {
            node->key_marks[i] = mark;
        }
    }
}

/* Arenas do not reallocate: arrays double, what is left behind goes with the arena. */
static void grow(struct rd_arena *arena, struct config_node *node)
{
    if (node->count < node->cap) {
        return;
    }
    uint32_t cap = node->cap > 0 ? node->cap * 2 : 4;
    struct config_node **items = RD_ARENA_ARRAY(arena, struct config_node *, cap);
    if (node->count > 0) {
        memcpy(items, node->items, sizeof *items * node->count);
    }
    node->items = items;
    if (node->kind == CONFIG_MAP) {
        struct rd_str *keys = RD_ARENA_ARRAY(arena, struct rd_str, cap);
        struct config_mark *marks = RD_ARENA_ARRAY(arena, struct config_mark, cap);
        if (node->count > 0) {
            memcpy(keys, node->keys, sizeof *keys * node->count);
            memcpy(marks, node->key_marks, sizeof *marks * node->count);
        }
        node->keys = keys;
        node->key_marks = marks;
    }
    node->cap = cap;
}

void config_node_add(struct rd_arena *arena, struct config_node *list, struct config_node *item)
{
    RD_ASSERT(list->kind == CONFIG_LIST);
    grow(arena, list);
    list->items[list->count++] = item;
}

void config_node_append(struct rd_arena *arena, struct config_node *map, struct rd_str key,
        struct config_node *value)
{
    RD_ASSERT(map->kind == CONFIG_MAP);
    grow(arena, map);
    map->keys[map->count] = key;
    map->key_marks[map->count] = value->mark;
    map->items[map->count++] = value;
}

void config_node_set(struct rd_arena *arena, struct config_node *map, struct rd_str key,
        struct config_node *value)
{
    RD_ASSERT(map->kind == CONFIG_MAP);
    for (uint32_t i = 0; i < map->count; i++) {
        if (rd_str_eq(map->keys[i], key)) {
            map->items[i] = value;
            return;
        }
    }
    config_node_append(arena, map, key, value);
}

void config_node_put(
        struct rd_arena *arena, struct config_node *map, const char *key, struct config_node *value)
{
    config_node_set(arena, map, rd_str_of(key), value);
}

void config_node_rename(
        struct config_node *map, const char *key, const char *as, struct config_node *value)
{
    for (uint32_t i = 0; i < map->count; i++) {
        if (rd_str_is(map->keys[i], key)) {
            map->keys[i] = rd_str_of(as);
            map->items[i] = value;
        }
    }
}

void config_node_drop(struct config_node *map, const char *key)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < map->count; i++) {
        if (!rd_str_is(map->keys[i], key)) {
            map->keys[kept] = map->keys[i];
            map->key_marks[kept] = map->key_marks[i];
            map->items[kept++] = map->items[i];
        }
    }
    map->count = kept;
}

struct config_node *config_node_get(const struct config_node *map, struct rd_str key)
{
    if (map == NULL || map->kind != CONFIG_MAP) {
        return NULL;
    }
    for (uint32_t i = 0; i < map->count; i++) {
        if (rd_str_eq(map->keys[i], key)) {
            return map->items[i];
        }
    }
    return NULL;
}

struct config_node *config_node_find(const struct config_node *map, const char *key)
{
    return config_node_get(map, rd_str_of(key));
}

const struct config_node *config_node_at(const struct config_node *root, const char *path)
{
    const struct config_node *node = root;
    while (node != NULL && *path != '\0') {
        size_t len = strcspn(path, ".");
        node = config_node_get(node, (struct rd_str){.ptr = path, .len = len});
        path += len + (path[len] == '.');
    }
    return node;
}

struct rd_str config_node_text(const struct config_node *map, const char *key)
{
    const struct config_node *node = config_node_find(map, key);
    return node != NULL && config_node_is_scalar(node) ? node->text : (struct rd_str){0};
}

bool config_node_is_scalar(const struct config_node *node)
{
    return node->kind == CONFIG_STR || node->kind == CONFIG_INT || node->kind == CONFIG_BOOL;
}

struct rd_str config_path_key(struct rd_arena *arena, struct rd_str path, struct rd_str key)
{
    return path.len == 0 ? rd_arena_dup(arena, key)
                         : rd_arena_printf(arena, "%.*s.%.*s", RD_FMT(path), RD_FMT(key));
}

struct rd_str config_path_index(struct rd_arena *arena, struct rd_str path, uint32_t index)
{
    return rd_arena_printf(arena, "%.*s[%" PRIu32 "]", RD_FMT(path), index);
}

/* The child of `node` that `path` begins with; *ret_used how many bytes of it that took. Keys may
 * hold dots themselves ("warning.first_contact"): the longest that fits. */
static const struct config_node *step(
        const struct config_node *node, struct rd_str path, size_t *ret_used)
{
    const struct config_node *best = NULL;
    if (node->kind == CONFIG_LIST && path.len > 2 && path.ptr[0] == '[') {
        uint64_t index = 0;
        size_t at = 1;
        while (at < path.len && path.ptr[at] >= '0' && path.ptr[at] <= '9' && index < UINT32_MAX) {
            index = index * 10 + (uint64_t)(path.ptr[at++] - '0');
        }
        if (at < path.len && path.ptr[at] == ']' && index < node->count) {
            *ret_used = at + 1;
            best = node->items[index];
        }
    } else if (node->kind == CONFIG_MAP) {
        size_t dot = path.len > 0 && path.ptr[0] == '.' ? 1 : 0;
        size_t longest = 0;
        for (uint32_t i = 0; i < node->count; i++) {
            size_t end = dot + node->keys[i].len;
            bool fits = end <= path.len && node->keys[i].len > 0 &&
                        memcmp(path.ptr + dot, node->keys[i].ptr, node->keys[i].len) == 0 &&
                        (end == path.len || path.ptr[end] == '.' || path.ptr[end] == '[');
            if (fits && end > longest) {
                longest = end;
                best = node->items[i];
            }
        }
        *ret_used = longest;
    }
    return best;
}

const struct config_node *config_node_walk(
        const struct config_node *root, struct rd_str path, struct rd_str *ret_rest)
{
    while (path.len > 0) {
        size_t used = 0;
        const struct config_node *next = step(root, path, &used);
        if (next == NULL) {
            break;
        }
        root = next;
        path.ptr += used;
        path.len -= used;
    }
    *ret_rest = path;
    return root;
}

static void pack_scalar(struct rd_buf *buf, const struct config_node *node)
{
    switch (node->kind) {
    case CONFIG_NULL:
        rd_pack_nil(buf);
        break;
    case CONFIG_BOOL:
        rd_pack_bool(buf, node->integer != 0);
        break;
    case CONFIG_INT:
        rd_pack_int(buf, node->integer);
        break;
    case CONFIG_STR:
        rd_pack_str(buf, node->text);
        break;
    case CONFIG_RAW:
        rd_buf_put_text(buf, node->text);
        break;
    case CONFIG_LIST:
    case CONFIG_MAP:
        RD_UNREACHABLE("a container is no scalar");
    }
}

static void pack_at(struct rd_buf *buf, const struct config_node *node, unsigned depth)
{
    RD_ASSERT(depth <= CONFIG_DEPTH_MAX + 8);
    if (node->kind == CONFIG_LIST) {
        rd_pack_array(buf, node->count);
    } else if (node->kind == CONFIG_MAP) {
        rd_pack_map(buf, node->count);
    } else {
        pack_scalar(buf, node);
        return;
    }
    for (uint32_t i = 0; i < node->count; i++) {
        if (node->kind == CONFIG_MAP) {
            rd_pack_str(buf, node->keys[i]);
        }
        pack_at(buf, node->items[i], depth + 1);
    }
}

void config_node_pack(struct rd_buf *buf, const struct config_node *node)
{
    pack_at(buf, node, 1);
}
