/* daemon/config/node.h — a value of a configuration with the place it was written at.
 *
 * What the YAML reader gives, the schema checks and the builders turn into the engine's tree. All
 * in the load's arena; children are pointers, so that a tree can be built of parts of another.
 * `path` is what a message says ("policies[2].clocks[0].limit"), within the file of the mark. */
#pragma once

#include "common/base/arena.h"
#include "common/base/base.h"
#include "common/base/buf.h"

enum config_kind {
    CONFIG_NULL,
    CONFIG_BOOL, /* integer 0, 1; text as written */
    CONFIG_INT,  /* text as written */
    CONFIG_STR,
    CONFIG_LIST,
    CONFIG_MAP,
    CONFIG_RAW, /* text: one MessagePack object, compiled */
};

struct config_mark {
    const struct config_file *file; /* NULL: a default, without a place */
    uint32_t line, column;          /* from 1 */
};

struct config_node {
    enum config_kind kind;
    struct config_mark mark;
    struct rd_str path, text;
    int64_t integer;
    uint32_t count, cap;
    struct config_node **items;
    struct rd_str *keys;           /* of a MAP */
    struct config_mark *key_marks; /* of a MAP */
};

enum { CONFIG_DEPTH_MAX = 24 };

struct config_node *config_node_new(
        struct rd_arena *arena, enum config_kind kind, const struct config_node *like);
struct config_node *config_node_str(
        struct rd_arena *arena, struct rd_str text, const struct config_node *like);
struct config_node *config_node_int(
        struct rd_arena *arena, int64_t value, const struct config_node *like);
struct config_node *config_node_bool(
        struct rd_arena *arena, bool value, const struct config_node *like);

/* The node itself anew; children are shared. */
struct config_node *config_node_copy(struct rd_arena *arena, const struct config_node *node);

/* Gives it and all below it that place: of what was not written by anybody. */
void config_node_mark(struct config_node *node, struct config_mark mark);

void config_node_add(struct rd_arena *arena, struct config_node *list, struct config_node *item);
/* Adds behind the last, without a look whether the key stands there already. */
void config_node_append(struct rd_arena *arena, struct config_node *map, struct rd_str key,
        struct config_node *value);
/* Adds or, where the key stands there, replaces. */
void config_node_set(struct rd_arena *arena, struct config_node *map, struct rd_str key,
        struct config_node *value);
void config_node_put(struct rd_arena *arena, struct config_node *map, const char *key,
        struct config_node *value);
/* The value of `key` goes away and `value` stands in its place as `as`. */
void config_node_rename(
        struct config_node *map, const char *key, const char *as, struct config_node *value);
void config_node_drop(struct config_node *map, const char *key);

/* NULL where absent, or where `map` is no map (or NULL). */
struct config_node *config_node_find(const struct config_node *map, const char *key);
struct config_node *config_node_get(const struct config_node *map, struct rd_str key);
/* The value at a path through maps alone, as a row of the schema has it ("limits.dedup"). */
const struct config_node *config_node_at(const struct config_node *root, const char *path);
/* Empty where absent. */
struct rd_str config_node_text(const struct config_node *map, const char *key);
bool config_node_is_scalar(const struct config_node *node);

/* "a.b" of a parent's path and a key, "a[3]" of one and an index. */
struct rd_str config_path_key(struct rd_arena *arena, struct rd_str path, struct rd_str key);
struct rd_str config_path_index(struct rd_arena *arena, struct rd_str path, uint32_t index);

/* The deepest node on the way of `path` ("policies[2].clocks[0].limit") from `root`; *ret_rest is
 * what of the path it did not find ("" if all). For paths of rd_plan_read(). */
const struct config_node *config_node_walk(
        const struct config_node *root, struct rd_str path, struct rd_str *ret_rest);

/* As MessagePack. */
void config_node_pack(struct rd_buf *buf, const struct config_node *node);
