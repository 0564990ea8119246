#include "common/wire/pack.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <msgpack.h>

/* One chunk holds the objects of an event of some 300 bytes; msgpack-c keeps the first over a
 * clear. */
enum { ZONE_CHUNK_BYTES = 16 * 1024, TIMESTAMP = -1 };

struct rd_tree {
    msgpack_zone zone;
    msgpack_object root;
    struct rd_pack_told told; /* of the last read */
};

struct rd_tree *rd_tree_new(void)
{
    struct rd_tree *tree = malloc(sizeof *tree);
    if (tree == NULL || !msgpack_zone_init(&tree->zone, ZONE_CHUNK_BYTES)) {
        rd_oom();
    }
    tree->root = (msgpack_object){.type = MSGPACK_OBJECT_NIL};
    tree->told = (struct rd_pack_told){0};
    return tree;
}

void rd_tree_free(struct rd_tree *tree)
{
    if (tree != NULL) {
        msgpack_zone_destroy(&tree->zone);
        free(tree);
    }
}

void rd_tree_freep(struct rd_tree **tree)
{
    rd_tree_free(*tree);
    *tree = NULL;
}

const char *rd_tree_bad_path(const struct rd_tree *tree)
{
    return tree->told.bad_path;
}

void *rd_tree_alloc(struct rd_tree *tree, size_t size)
{
    void *memory = msgpack_zone_malloc(&tree->zone, size);
    if (memory == NULL) {
        rd_oom();
    }
    return memory;
}

int rd_tree_read(
        struct rd_tree *tree, struct rd_str bytes, rd_node *ret_root, const char **ret_what)
{
    int r = rd_pack_scan_telling(bytes, ret_what, &tree->told);
    if (r != 0 && r != -EILSEQ) {
        return r;
    }
    size_t end = 0;
    msgpack_zone_clear(&tree->zone);
    /* The form that takes a zone of ours: msgpack_unpack_next() makes a new one each time. */
    msgpack_unpack_return got =
            msgpack_unpack(bytes.ptr, bytes.len, &end, &tree->zone, &tree->root);
    if (got == MSGPACK_UNPACK_NOMEM_ERROR) {
        rd_oom();
    }
    RD_ASSERT(got == MSGPACK_UNPACK_SUCCESS); /* what passed the scan is an object … */
    RD_ASSERT(end == bytes.len);              /* … and one only */
    *ret_root = &tree->root;
    return r;
}

/* Makes an integer of a float that is one, by its bits, so that nothing is rounded. */
static bool unify_float(msgpack_object *object)
{
    enum { FRACTION_BITS = 52, BIAS = 1023, EXPONENT_MASK = 0x7ff };
    uint64_t bits = rd_node_float_bits(object);
    bool is_negative = bits >> 63 != 0;
    int exponent = (int)(bits >> FRACTION_BITS & EXPONENT_MASK) - BIAS;
    uint64_t fraction = (bits & ((UINT64_C(1) << FRACTION_BITS) - 1)), value = 0;
    if (bits << 1 == 0) {
        exponent = 0; /* either zero */
    } else if (exponent < 0 || exponent > 63) {
        return false;
    } else if (exponent >= FRACTION_BITS) {
        value = (fraction | UINT64_C(1) << FRACTION_BITS) << (exponent - FRACTION_BITS);
    } else if (fraction << (64 - FRACTION_BITS + exponent) != 0) {
        return false;
    } else {
        value = (fraction | UINT64_C(1) << FRACTION_BITS) >> (FRACTION_BITS - exponent);
    }
    if (!is_negative || value == 0) {
        *object = (msgpack_object){.type = MSGPACK_OBJECT_POSITIVE_INTEGER, .via = {.u64 = value}};
        return true;
    }
    if (value > (uint64_t)INT64_MAX + 1) {
        return false;
    }
    *object = (msgpack_object){
            .type = MSGPACK_OBJECT_NEGATIVE_INTEGER, .via = {.i64 = (int64_t)(0 - value)}};
    return true;
}

static bool unify(msgpack_object *object)
{
    bool is_changed = false;
    switch (object->type) {
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        return unify_float(object);
    case MSGPACK_OBJECT_BIN: {
        msgpack_object_bin bin = object->via.bin;
        if (!rd_pack_is_utf8((struct rd_str){.ptr = bin.ptr, .len = bin.size})) {
            return false;
        }
        *object = (msgpack_object){
                .type = MSGPACK_OBJECT_STR, .via = {.str = {.size = bin.size, .ptr = bin.ptr}}};
        return true;
    }
    case MSGPACK_OBJECT_ARRAY:
        for (uint32_t i = 0; i < object->via.array.size; i++) {
            is_changed |= unify(&object->via.array.ptr[i]);
        }
        return is_changed;
    case MSGPACK_OBJECT_MAP:
        for (uint32_t i = 0; i < object->via.map.size; i++) {
            is_changed |= unify(&object->via.map.ptr[i].key);
            is_changed |= unify(&object->via.map.ptr[i].val);
        }
        return is_changed;
    case MSGPACK_OBJECT_NIL:
    case MSGPACK_OBJECT_BOOLEAN:
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
    case MSGPACK_OBJECT_STR:
    case MSGPACK_OBJECT_EXT:
        return false;
    }
    RD_UNREACHABLE("msgpack-c's types are all named");
}

bool rd_tree_unify(struct rd_tree *tree)
{
    return tree->told.has_other_forms && unify(&tree->root);
}

const char *rd_node_words(rd_node node)
{
    static const char *const words[] = {
            [RD_NODE_NONE] = "nothing",
            [RD_NODE_NIL] = "nil",
            [RD_NODE_BOOL] = "true or false",
            [RD_NODE_UINT] = "a whole number",
            [RD_NODE_INT] = "a whole number",
            [RD_NODE_FLOAT] = "a float",
            [RD_NODE_STR] = "text",
            [RD_NODE_BIN] = "binary",
            [RD_NODE_ARRAY] = "an array",
            [RD_NODE_MAP] = "a map",
            [RD_NODE_TIME] = "a timestamp",
            [RD_NODE_EXT] = "an extension",
    };
    return words[rd_node_type(node)];
}

enum rd_node_type rd_node_type(rd_node node)
{
    if (node == NULL) {
        return RD_NODE_NONE;
    }
    switch (node->type) {
    case MSGPACK_OBJECT_NIL:
        return RD_NODE_NIL;
    case MSGPACK_OBJECT_BOOLEAN:
        return RD_NODE_BOOL;
    case MSGPACK_OBJECT_POSITIVE_INTEGER:
        return RD_NODE_UINT;
    case MSGPACK_OBJECT_NEGATIVE_INTEGER:
        return RD_NODE_INT;
    case MSGPACK_OBJECT_FLOAT32:
    case MSGPACK_OBJECT_FLOAT64:
        return RD_NODE_FLOAT;
    case MSGPACK_OBJECT_STR:
        return RD_NODE_STR;
    case MSGPACK_OBJECT_BIN:
        return RD_NODE_BIN;
    case MSGPACK_OBJECT_ARRAY:
        return RD_NODE_ARRAY;
    case MSGPACK_OBJECT_MAP:
        return RD_NODE_MAP;
    case MSGPACK_OBJECT_EXT:
        return node->via.ext.type == TIMESTAMP ? RD_NODE_TIME : RD_NODE_EXT;
    }
    RD_UNREACHABLE("msgpack-c's types are all named");
}

/* Inline, as each node of an event is asked for its type several times. */
static inline bool is_of(rd_node node, msgpack_object_type type)
{
    return node != NULL && node->type == type;
}

bool rd_node_bool(rd_node node)
{
    return is_of(node, MSGPACK_OBJECT_BOOLEAN) && node->via.boolean;
}

uint64_t rd_node_uint(rd_node node)
{
    return is_of(node, MSGPACK_OBJECT_POSITIVE_INTEGER) ? node->via.u64 : 0;
}

int64_t rd_node_int(rd_node node)
{
    if (rd_node_type(node) == RD_NODE_INT) {
        return node->via.i64;
    }
    uint64_t value = rd_node_uint(node);
    return value > INT64_MAX ? INT64_MAX : (int64_t)value;
}

struct rd_str rd_node_str(rd_node node)
{
    if (!is_of(node, MSGPACK_OBJECT_STR)) {
        return (struct rd_str){0};
    }
    return (struct rd_str){.ptr = node->via.str.ptr, .len = node->via.str.size};
}

struct rd_str rd_node_bin(rd_node node)
{
    if (!is_of(node, MSGPACK_OBJECT_BIN)) {
        return (struct rd_str){0};
    }
    return (struct rd_str){.ptr = node->via.bin.ptr, .len = node->via.bin.size};
}

struct rd_str rd_node_ext(rd_node node)
{
    if (rd_node_type(node) != RD_NODE_EXT) {
        return (struct rd_str){0};
    }
    return (struct rd_str){.ptr = node->via.ext.ptr, .len = node->via.ext.size};
}

uint64_t rd_node_float_bits(rd_node node)
{
    uint64_t bits = 0;
    if (rd_node_type(node) == RD_NODE_FLOAT) {
        memcpy(&bits, &node->via.f64, sizeof bits);
    }
    return bits;
}

rd_time rd_node_time(rd_node node)
{
    msgpack_timestamp stamp;
    if (rd_node_type(node) != RD_NODE_TIME || !msgpack_object_to_timestamp(node, &stamp)) {
        return RD_TIME_NONE;
    }
    int64_t seconds_min = RD_TIME_MIN / RD_SECOND_US, seconds_max = RD_TIME_MAX / RD_SECOND_US;
    if (stamp.tv_sec < seconds_min || stamp.tv_sec > seconds_max) {
        return RD_TIME_NONE;
    }
    return stamp.tv_sec * RD_SECOND_US + stamp.tv_nsec / 1000;
}

uint32_t rd_node_count(rd_node node)
{
    switch (rd_node_type(node)) {
    case RD_NODE_ARRAY:
        return node->via.array.size;
    case RD_NODE_MAP:
        return node->via.map.size;
    case RD_NODE_NONE:
    case RD_NODE_NIL:
    case RD_NODE_BOOL:
    case RD_NODE_UINT:
    case RD_NODE_INT:
    case RD_NODE_FLOAT:
    case RD_NODE_STR:
    case RD_NODE_BIN:
    case RD_NODE_TIME:
    case RD_NODE_EXT:
        return 0;
    }
    RD_UNREACHABLE("the types are all named");
}

rd_node rd_node_at(rd_node array, uint32_t index)
{
    if (!is_of(array, MSGPACK_OBJECT_ARRAY) || index >= array->via.array.size) {
        return NULL;
    }
    return &array->via.array.ptr[index];
}

/* The scan lets only texts pass as keys, and bins that are text. */
static inline struct rd_str key_text(rd_node key)
{
    return key->type == MSGPACK_OBJECT_STR
                   ? (struct rd_str){.ptr = key->via.str.ptr, .len = key->via.str.size}
                   : rd_node_bin(key);
}

rd_node rd_node_pair(rd_node map, uint32_t index, struct rd_str *ret_key)
{
    if (!is_of(map, MSGPACK_OBJECT_MAP) || index >= map->via.map.size) {
        return NULL;
    }
    const msgpack_object_kv *pair = &map->via.map.ptr[index];
    *ret_key = key_text(&pair->key);
    return &pair->val;
}

rd_node rd_node_find(rd_node map, const char *key)
{
    if (!is_of(map, MSGPACK_OBJECT_MAP)) {
        return NULL;
    }
    size_t len = strlen(key);
    for (uint32_t i = 0; i < map->via.map.size; i++) {
        const msgpack_object_kv *pair = &map->via.map.ptr[i];
        struct rd_str text = key_text(&pair->key);
        if (text.len == len && memcmp(text.ptr, key, len) == 0) {
            return &pair->val;
        }
    }
    return NULL;
}
