#include "common/wire/event_content.h"

#include <string.h>

#include "common/base/digest.h"

/* Kinds of values, so that the text "5" and the number 5 differ. Part of the format. */
enum tag {
    TAG_TEXT = 1,
    TAG_INTEGER,
    TAG_BOOL,
    TAG_TIME,
    TAG_DATE,
    TAG_MONEY,
    TAG_FLOAT,
    TAG_BIN,
    TAG_EXT,
    TAG_LIST,
    TAG_MAP,
};

static const uint64_t SPREAD = UINT64_C(0x9e3779b97f4a7c15); /* 2^64 over the golden ratio */

static uint64_t seed_of(uint64_t seed, enum tag tag)
{
    return seed + SPREAD * (uint64_t)tag;
}

static uint64_t of_text(uint64_t seed, enum tag tag, struct rd_str text)
{
    return rd_digest_word(text, seed_of(seed, tag));
}

static uint64_t of_word(uint64_t seed, enum tag tag, uint64_t word)
{
    uint64_t big = __builtin_bswap64(word);
    return rd_digest_word(
            (struct rd_str){.ptr = (const char *)&big, .len = sizeof big}, seed_of(seed, tag));
}

static bool says_nothing(rd_node node)
{
    switch (rd_node_type(node)) {
    case RD_NODE_NONE:
    case RD_NODE_NIL:
        return true;
    case RD_NODE_STR:
        return rd_node_str(node).len == 0;
    case RD_NODE_ARRAY:
    case RD_NODE_MAP: {
        bool is_map = rd_node_type(node) == RD_NODE_MAP;
        for (uint32_t i = 0; i < rd_node_count(node); i++) {
            struct rd_str name;
            if (!says_nothing(is_map ? rd_node_pair(node, i, &name) : rd_node_at(node, i))) {
                return false;
            }
        }
        return true;
    }
    case RD_NODE_BOOL:
    case RD_NODE_UINT:
    case RD_NODE_INT:
    case RD_NODE_FLOAT:
    case RD_NODE_BIN:
    case RD_NODE_TIME:
    case RD_NODE_EXT:
        return false;
    }
    RD_UNREACHABLE("the types are all named");
}

static uint64_t of_node(uint64_t seed, rd_node node);

static uint64_t of_map(uint64_t seed, rd_node map)
{
    uint64_t sum = 0;
    for (uint32_t i = 0; i < rd_node_count(map); i++) {
        struct rd_str name;
        rd_node value = rd_node_pair(map, i, &name);
        sum += rd_content_other(name, value);
    }
    return of_word(seed, TAG_MAP, sum);
}

static uint64_t of_list(uint64_t seed, rd_node list)
{
    uint64_t chain = 0;
    for (uint32_t i = 0; i < rd_node_count(list); i++) {
        rd_node node = rd_node_at(list, i);
        chain = says_nothing(node) ? chain : of_node(chain, node);
    }
    return of_word(seed, TAG_LIST, chain);
}

static uint64_t of_node(uint64_t seed, rd_node node)
{
    switch (rd_node_type(node)) {
    case RD_NODE_NONE:
    case RD_NODE_NIL:
        return 0;
    case RD_NODE_BOOL:
        return of_word(seed, TAG_BOOL, rd_node_bool(node) ? 1 : 0);
    case RD_NODE_UINT:
        return of_word(seed, TAG_INTEGER, rd_node_uint(node));
    case RD_NODE_INT:
        return of_word(seed, TAG_INTEGER, (uint64_t)rd_node_int(node));
    case RD_NODE_FLOAT:
        return of_word(seed, TAG_FLOAT, rd_node_float_bits(node));
    case RD_NODE_STR:
        return of_text(seed, TAG_TEXT, rd_node_str(node));
    case RD_NODE_BIN:
        return of_text(seed, TAG_BIN, rd_node_bin(node));
    case RD_NODE_TIME:
        return of_word(seed, TAG_TIME, (uint64_t)rd_node_time(node));
    case RD_NODE_EXT:
        return of_text(seed, TAG_EXT, rd_node_ext(node));
    case RD_NODE_ARRAY:
        return of_list(seed, node);
    case RD_NODE_MAP:
        return of_map(seed, node);
    }
    RD_UNREACHABLE("the types are all named");
}

uint64_t rd_content_other(struct rd_str name, rd_node node)
{
    return says_nothing(node) ? 0 : of_node(of_text(0, TAG_TEXT, name), node);
}

uint64_t rd_content_value(enum rd_event_key key, const struct rd_value *value, rd_node node)
{
    uint64_t seed = SPREAD * ((uint64_t)key + 1), word = (uint64_t)value->integer;
    switch (value->type) {
    case RD_NIL:
        return 0;
    case RD_VALUE_STR:
        return of_text(seed, TAG_TEXT, value->bytes);
    case RD_VALUE_UINT:
    case RD_VALUE_INT:
        return of_word(seed, TAG_INTEGER, word);
    case RD_VALUE_BOOL:
        return of_word(seed, TAG_BOOL, word);
    case RD_VALUE_TIME:
        return of_word(seed, TAG_TIME, word);
    case RD_VALUE_DATE:
        return of_word(seed, TAG_DATE, word);
    case RD_VALUE_MONEY:
        return of_word(seed, TAG_MONEY, word);
    case RD_VALUE_LIST:
    case RD_VALUE_MAP:
        return says_nothing(node) ? 0 : of_node(seed, node);
    }
    RD_UNREACHABLE("the types are all named");
}

uint64_t rd_content_of(const struct rd_event *event, uint64_t sum)
{
    return of_text(sum + SPREAD * ((uint64_t)event->type + 1), TAG_TEXT, event->subject);
}
