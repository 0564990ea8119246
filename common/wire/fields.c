#include "common/wire/fields.h"

#include <errno.h>

struct rd_fields rd_fields_of(rd_node node)
{
    bool is_map = rd_node_type(node) == RD_NODE_MAP;
    return (struct rd_fields){.map = is_map ? node : NULL, .error = is_map ? 0 : -EBADMSG};
}

void rd_fields_fail(struct rd_fields *fields)
{
    fields->error = -EBADMSG;
    fields->map = NULL;
}

/* NULL where it is absent, or is none of the two types. */
static rd_node get(
        struct rd_fields *fields, const char *key, enum rd_node_type type, enum rd_node_type other)
{
    rd_node node = rd_node_find(fields->map, key);
    if (node != NULL && rd_node_type(node) != type && rd_node_type(node) != other) {
        rd_fields_fail(fields);
        return NULL;
    }
    return node;
}

uint64_t rd_fields_uint(struct rd_fields *fields, const char *key, uint64_t max)
{
    uint64_t value = rd_node_uint(get(fields, key, RD_NODE_UINT, RD_NODE_UINT));
    if (value > max) {
        rd_fields_fail(fields);
        return 0;
    }
    return value;
}

int64_t rd_fields_int(struct rd_fields *fields, const char *key, int64_t min, int64_t max)
{
    RD_ASSERT(min <= 0);
    RD_ASSERT(max >= 0);
    int64_t value = rd_node_int(get(fields, key, RD_NODE_UINT, RD_NODE_INT));
    if (value < min || value > max) {
        rd_fields_fail(fields);
        return 0;
    }
    return value;
}

bool rd_fields_bool(struct rd_fields *fields, const char *key)
{
    return rd_node_bool(get(fields, key, RD_NODE_BOOL, RD_NODE_BOOL));
}

struct rd_str rd_fields_str(struct rd_fields *fields, const char *key)
{
    return rd_node_str(get(fields, key, RD_NODE_STR, RD_NODE_STR));
}

rd_time rd_fields_time(struct rd_fields *fields, const char *key)
{
    rd_node node = get(fields, key, RD_NODE_TIME, RD_NODE_TIME);
    rd_time time = rd_node_time(node);
    if (node != NULL && time == RD_TIME_NONE) {
        rd_fields_fail(fields);
    }
    return time;
}

rd_node rd_fields_array(struct rd_fields *fields, const char *key)
{
    return get(fields, key, RD_NODE_ARRAY, RD_NODE_ARRAY);
}

rd_node rd_fields_map(struct rd_fields *fields, const char *key)
{
    return get(fields, key, RD_NODE_MAP, RD_NODE_MAP);
}

const struct rd_str *rd_fields_strs(
        struct rd_fields *fields, const char *key, struct rd_arena *arena, size_t *ret_count)
{
    rd_node array = rd_fields_array(fields, key);
    uint32_t count = rd_node_count(array);
    struct rd_str *texts = count > 0 ? RD_ARENA_ARRAY(arena, struct rd_str, count) : NULL;
    for (uint32_t i = 0; i < count; i++) {
        if (rd_node_type(rd_node_at(array, i)) != RD_NODE_STR) {
            rd_fields_fail(fields);
            return NULL;
        }
        texts[i] = rd_node_str(rd_node_at(array, i));
    }
    *ret_count = count;
    return texts;
}
