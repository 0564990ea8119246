#include "common/wire/event_value.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "common/base/num.h"
#include "common/time/civil.h"

enum { DATE_BYTES = 10, U64_DIGITS = 20 };

static bool refuse(
        struct rd_reject *reject, const char *code, enum rd_event_key key, const char *wants)
{
    char field[sizeof reject->field];
    (void)snprintf(field, sizeof field, "data.%s", rd_event_key_name(key));
    return rd_reject_set(reject, code, field, "\"%s\" must be %s", rd_event_key_name(key), wants);
}

static bool refuse_type(
        struct rd_reject *reject, enum rd_event_key key, rd_node came, const char *wants)
{
    char field[sizeof reject->field];
    (void)snprintf(field, sizeof field, "data.%s", rd_event_key_name(key));
    return rd_reject_set(reject, "bad_type", field, "\"%s\" must be %s; here is %s",
            rd_event_key_name(key), wants, rd_node_words(came));
}

/* The path of a value within a map: "data.attributes.vip". */
static void put_path(char field[static sizeof((struct rd_reject *)0)->field], enum rd_event_key key,
        struct rd_str name)
{
    bool has_room = name.len > 0 && name.len <= RD_NAME_BYTES_MAX && rd_pack_is_utf8(name);
    (void)snprintf(field, sizeof((struct rd_reject *)0)->field, "data.%s%s%.*s",
            rd_event_key_name(key), has_room ? "." : "", has_room ? (int)name.len : 0, name.ptr);
}

static bool refuse_within(struct rd_reject *reject, enum rd_event_key key, struct rd_str name)
{
    char field[sizeof reject->field];
    put_path(field, key, name);
    return rd_reject_set(reject, "bad_value", field,
            "a value of \"%s\" must be text of 1 to %d bytes, or an integer that fits 64 bits",
            rd_event_key_name(key), RD_ITEM_BYTES_MAX);
}

static bool refuse_type_within(struct rd_reject *reject, enum rd_event_key key, struct rd_str name,
        rd_node came, const char *wants)
{
    char field[sizeof reject->field];
    put_path(field, key, name);
    return rd_reject_set(reject, "bad_type", field, "a value of \"%s\" must be %s; here is %s",
            rd_event_key_name(key), wants, rd_node_words(came));
}

/* ---- absence ---- */
static bool may_be_text(enum rd_key_kind kind)
{
    switch (kind) {
    case RD_KIND_STR:
    case RD_KIND_CODE:
    case RD_KIND_TIME:
    case RD_KIND_DUE:
    case RD_KIND_DATE:
    case RD_KIND_MONEY:
        return true;
    case RD_KIND_UINT:
    case RD_KIND_BOOL:
    case RD_KIND_STRS:
    case RD_KIND_ATTRS:
    case RD_KIND_MATCH:
        return false;
    }
    RD_UNREACHABLE("the kinds are all named");
}

static bool is_empty_text(rd_node node)
{
    return rd_node_type(node) == RD_NODE_STR && rd_node_str(node).len == 0;
}

bool rd_value_is_absent(enum rd_event_key key, bool is_required, rd_node node)
{
    enum rd_node_type type = rd_node_type(node);
    return type == RD_NODE_NIL || (type == RD_NODE_STR && rd_node_str(node).len == 0 &&
                                          !is_required && may_be_text(rd_key_rule(key)->kind));
}

/* An element of a list of texts, or a value of `attributes`. This does not apply to matchers: a
 * silence that lost one of its conditions would withhold more than was meant. */
static bool is_absent_within(enum rd_event_key key, rd_node node)
{
    return rd_key_rule(key)->kind != RD_KIND_MATCH &&
           (rd_node_type(node) == RD_NODE_NIL || is_empty_text(node));
}

/* ---- types ---- */
static bool is_scalar(enum rd_node_type type)
{
    return type == RD_NODE_STR || type == RD_NODE_UINT || type == RD_NODE_INT ||
           type == RD_NODE_BOOL;
}

static bool check_strs(enum rd_event_key key, rd_node array, struct rd_reject *reject)
{
    uint32_t count = rd_node_count(array);
    for (uint32_t i = 0; i < count; i++) {
        rd_node node = rd_node_at(array, i);
        if (rd_node_type(node) != RD_NODE_STR && !is_absent_within(key, node)) {
            return refuse_type_within(reject, key, (struct rd_str){0}, node, "text");
        }
    }
    return rd_node_type(array) == RD_NODE_ARRAY ||
           refuse_type(reject, key, array, "an array of texts");
}

static bool check_matcher(
        enum rd_event_key key, struct rd_str name, rd_node array, struct rd_reject *reject)
{
    static const char *const wants = "text, a whole number, true or false, or an array of these";
    if (rd_node_type(array) != RD_NODE_ARRAY) {
        return refuse_type_within(reject, key, name, array, wants);
    }
    uint32_t count = rd_node_count(array);
    for (uint32_t i = 0; i < count; i++) {
        rd_node node = rd_node_at(array, i);
        if (!is_scalar(rd_node_type(node))) {
            return refuse_type_within(reject, key, name, node, wants);
        }
    }
    return true;
}

static bool check_map(enum rd_event_key key, rd_node map, bool is_match, struct rd_reject *reject)
{
    if (rd_node_type(map) != RD_NODE_MAP) {
        return refuse_type(reject, key, map, "a map");
    }
    uint32_t count = rd_node_count(map);
    for (uint32_t i = 0; i < count; i++) {
        struct rd_str name;
        rd_node node = rd_node_pair(map, i, &name);
        if (is_scalar(rd_node_type(node)) || is_absent_within(key, node)) {
            continue;
        }
        if (!is_match) {
            return refuse_type_within(
                    reject, key, name, node, "text, a whole number, true or false");
        }
        if (!check_matcher(key, name, node, reject)) {
            return false;
        }
    }
    return true;
}

bool rd_value_check_type(
        enum rd_event_key key, const struct rd_data *data, struct rd_reject *reject)
{
    enum rd_node_type type = rd_node_type(data->node);
    bool is_text = type == RD_NODE_STR, is_integer = type == RD_NODE_UINT || type == RD_NODE_INT;
    switch (rd_key_rule(key)->kind) {
    case RD_KIND_STR:
        if (rd_key_takes_number(key)) {
            return is_text || is_integer ||
                   refuse_type(reject, key, data->node, "a case's number or subject");
        }
        return is_text || refuse_type(reject, key, data->node, "text");
    case RD_KIND_CODE:
        return is_text || refuse_type(reject, key, data->node, "text");
    case RD_KIND_UINT:
        return is_integer || refuse_type(reject, key, data->node, "a whole number");
    case RD_KIND_BOOL:
        return type == RD_NODE_BOOL || refuse_type(reject, key, data->node, "true or false");
    case RD_KIND_TIME:
    case RD_KIND_DUE:
        return is_text || type == RD_NODE_TIME ||
               refuse_type(reject, key, data->node,
                       "a MessagePack timestamp or RFC 3339 text with an offset");
    case RD_KIND_DATE:
        return is_text || refuse_type(reject, key, data->node, "text such as \"2025-09-22\"");
    case RD_KIND_MONEY:
        return is_text || is_integer ||
               refuse_type(reject, key, data->node,
                       "decimal text such as \"29730000.00\" or an integer of whole units");
    case RD_KIND_STRS:
        return check_strs(key, data->node, reject);
    case RD_KIND_ATTRS:
        return check_map(key, data->node, false, reject);
    case RD_KIND_MATCH:
        return check_map(key, data->node, true, reject);
    }
    RD_UNREACHABLE("the kinds are all named");
}

/* ---- values ---- */
bool rd_value_time(rd_node node, rd_time *ret_time)
{
    if (rd_node_type(node) == RD_NODE_STR) {
        return rd_time_parse(rd_node_str(node), ret_time) == 0;
    }
    rd_time time = rd_node_time(node);
    if (time == RD_TIME_NONE) {
        return false;
    }
    *ret_time = time;
    return true;
}

static bool read_due(
        enum rd_event_key key, rd_node node, struct rd_value *ret_value, struct rd_reject *reject)
{
    struct rd_str text = rd_node_str(node);
    rd_day day;
    rd_time time;
    if (text.len == DATE_BYTES && rd_day_parse(text, &day) == 0) {
        *ret_value = (struct rd_value){.type = RD_VALUE_DATE, .integer = day};
        return true;
    }
    if (rd_value_time(node, &time)) {
        *ret_value = (struct rd_value){.type = RD_VALUE_TIME, .integer = time};
        return true;
    }
    return refuse(reject, "bad_value", key,
            "an instant with an offset, or a date such as \"2025-09-22\"");
}

static bool read_uint(
        enum rd_event_key key, rd_node node, struct rd_value *ret_value, struct rd_reject *reject)
{
    struct rd_key_range range = rd_key_range(key);
    uint64_t value = rd_node_uint(node);
    if (rd_node_type(node) != RD_NODE_UINT || value < range.min || value > range.max) {
        char wants[80];
        (void)snprintf(wants, sizeof wants, "from %" PRIu64 " to %" PRIu64, range.min, range.max);
        return refuse(reject, "bad_value", key, wants);
    }
    *ret_value = (struct rd_value){.type = RD_VALUE_UINT, .integer = (int64_t)value};
    return true;
}

static bool read_money(
        enum rd_event_key key, rd_node node, struct rd_value *ret_value, struct rd_reject *reject)
{
    int64_t hundredths = 0;
    bool is_read = false;
    if (rd_node_type(node) == RD_NODE_STR) {
        is_read = rd_money_parse(rd_node_str(node), &hundredths) == 0;
    } else if (rd_node_type(node) == RD_NODE_INT || rd_node_uint(node) <= INT64_MAX) {
        is_read = rd_money_of_units(rd_node_int(node), &hundredths) == 0;
    }
    if (!is_read) {
        return refuse(reject, "bad_value", key,
                "a sum with at most two places that fits 64 bits in hundredths");
    }
    if (hundredths < 0 && !rd_key_is_signed(key)) {
        return refuse(reject, "bad_value", key, "0 or more");
    }
    *ret_value = (struct rd_value){.type = RD_VALUE_MONEY, .integer = hundredths};
    return true;
}

static bool read_code(const struct rd_value_place *place, const char *const *codes,
        struct rd_str text, struct rd_reject *reject)
{
    char wants[128] = "one of";
    size_t len = strlen(wants);
    for (size_t i = 0; codes[i] != NULL; i++) {
        if (rd_str_is(text, codes[i])) {
            return true;
        }
        (void)snprintf(wants + len, sizeof wants - len, "%s %s", i > 0 ? "," : "", codes[i]);
        len = strlen(wants);
    }
    return refuse(reject, "bad_value", place->key, wants);
}

static bool read_str(const struct rd_value_place *place, rd_node node, struct rd_value *ret_value,
        struct rd_reject *reject)
{
    struct rd_str text = rd_node_str(node);
    uint32_t limit = rd_key_rule(place->key)->limit;
    const char *const *codes = rd_key_codes(place->type, place->key);
    if (text.len == 0 || text.len > limit) {
        char wants[80];
        (void)snprintf(wants, sizeof wants, "text of 1 to %" PRIu32 " bytes; here are %zu", limit,
                text.len);
        return refuse(reject, "bad_value", place->key, wants);
    }
    if (codes != NULL && !read_code(place, codes, text, reject)) {
        return false;
    }
    *ret_value = (struct rd_value){.type = RD_VALUE_STR, .bytes = text};
    return true;
}

/* A case number where a subject may stand too. */
static bool read_number(const struct rd_value_place *place, rd_node node,
        struct rd_value *ret_value, struct rd_reject *reject)
{
    struct rd_value value;
    if (!read_uint(place->key, node, &value, reject)) {
        return false;
    }
    char *digits = rd_tree_alloc(place->tree, U64_DIGITS + 1);
    int len = snprintf(digits, U64_DIGITS + 1, "%" PRId64, value.integer);
    value.bytes = (struct rd_str){.ptr = digits, .len = (size_t)len};
    *ret_value = value;
    return true;
}

static bool is_item(rd_node node)
{
    switch (rd_node_type(node)) {
    case RD_NODE_STR:
        return rd_node_str(node).len > 0 && rd_node_str(node).len <= RD_ITEM_BYTES_MAX;
    case RD_NODE_UINT:
        return rd_node_uint(node) <= INT64_MAX;
    case RD_NODE_ARRAY: {
        uint32_t count = rd_node_count(node);
        for (uint32_t i = 0; i < count; i++) {
            if (rd_node_type(rd_node_at(node, i)) == RD_NODE_ARRAY ||
                    !is_item(rd_node_at(node, i))) {
                return false;
            }
        }
        return count > 0;
    }
    case RD_NODE_INT:
    case RD_NODE_BOOL:
        return true;
    case RD_NODE_NONE:
    case RD_NODE_NIL:
    case RD_NODE_FLOAT:
    case RD_NODE_BIN:
    case RD_NODE_MAP:
    case RD_NODE_TIME:
    case RD_NODE_EXT:
        break;
    }
    RD_UNREACHABLE("the types were checked");
}

/* The collection without what counts as absent, in the shortest forms: what the engine and its rows
 * read. It is never longer than what came. */
static struct rd_str pack_plain(
        const struct rd_value_place *place, rd_node node, uint32_t kept, size_t came_bytes)
{
    struct rd_buf buf;
    bool is_map = rd_node_type(node) == RD_NODE_MAP;
    rd_buf_init_in(&buf, rd_tree_alloc(place->tree, came_bytes), came_bytes, came_bytes);
    if (is_map) {
        rd_pack_map(&buf, kept);
    } else {
        rd_pack_array(&buf, kept);
    }
    uint32_t count = rd_node_count(node);
    for (uint32_t i = 0; i < count; i++) {
        struct rd_str name = {0};
        rd_node value = is_map ? rd_node_pair(node, i, &name) : rd_node_at(node, i);
        if (is_absent_within(place->key, value)) {
            continue;
        }
        if (is_map) {
            rd_pack_str(&buf, name);
        }
        rd_pack_node(&buf, value);
    }
    RD_ASSERT(buf.error == 0);
    return rd_buf_str(&buf);
}

static bool check_element(enum rd_event_key key, bool is_map, struct rd_str name, rd_node node,
        struct rd_reject *reject)
{
    if (is_map && (name.len == 0 || name.len > RD_NAME_BYTES_MAX)) {
        return refuse(reject, "bad_value", key, "a map whose keys have 1 to 64 bytes");
    }
    return is_item(node) || refuse_within(reject, key, name);
}

static bool read_collection(const struct rd_value_place *place, const struct rd_data *data,
        struct rd_value *ret_value, struct rd_reject *reject)
{
    enum rd_event_key key = place->key;
    bool is_map = rd_node_type(data->node) == RD_NODE_MAP;
    uint32_t count = rd_node_count(data->node), kept = 0, limit = rd_key_rule(key)->limit;
    for (uint32_t i = 0; i < count && count <= limit; i++) {
        struct rd_str name = {0};
        rd_node node = is_map ? rd_node_pair(data->node, i, &name) : rd_node_at(data->node, i);
        if (is_absent_within(key, node)) {
            continue;
        }
        if (!check_element(key, is_map, name, node, reject)) {
            return false;
        }
        kept++;
    }
    if (count > limit || (kept == 0 && place->is_required)) {
        char wants[64];
        (void)snprintf(wants, sizeof wants, "%s with %s%" PRIu32 " elements",
                is_map ? "a map" : "an array", place->is_required ? "1 to " : "at most ", limit);
        return refuse(reject, "bad_value", key, wants);
    }
    struct rd_str bytes = {.ptr = data->start, .len = (size_t)(place->end - data->start)};
    bytes.len = rd_pack_span(bytes);
    if (place->is_unified || kept < count) {
        bytes = pack_plain(place, data->node, kept, bytes.len);
    }
    *ret_value = (struct rd_value){.type = is_map ? RD_VALUE_MAP : RD_VALUE_LIST, .bytes = bytes};
    return true;
}

bool rd_value_read(const struct rd_value_place *place, const struct rd_data *data,
        struct rd_value *ret_value, struct rd_reject *reject)
{
    enum rd_event_key key = place->key;
    rd_day day;
    rd_time time;
    switch (rd_key_rule(key)->kind) {
    case RD_KIND_STR:
    case RD_KIND_CODE:
        return rd_node_type(data->node) == RD_NODE_STR
                       ? read_str(place, data->node, ret_value, reject)
                       : read_number(place, data->node, ret_value, reject);
    case RD_KIND_UINT:
        return read_uint(key, data->node, ret_value, reject);
    case RD_KIND_BOOL:
        *ret_value = (struct rd_value){
                .type = RD_VALUE_BOOL, .integer = rd_node_bool(data->node) ? 1 : 0};
        return true;
    case RD_KIND_TIME:
        if (!rd_value_time(data->node, &time)) {
            return refuse(reject, "bad_value", key,
                    "an instant of the years 1 to 9999, with an offset where it is text");
        }
        *ret_value = (struct rd_value){.type = RD_VALUE_TIME, .integer = time};
        return true;
    case RD_KIND_DUE:
        return read_due(key, data->node, ret_value, reject);
    case RD_KIND_DATE:
        if (rd_day_parse(rd_node_str(data->node), &day) != 0) {
            return refuse(reject, "bad_value", key, "a date such as \"2025-09-22\"");
        }
        *ret_value = (struct rd_value){.type = RD_VALUE_DATE, .integer = day};
        return true;
    case RD_KIND_MONEY:
        return read_money(key, data->node, ret_value, reject);
    case RD_KIND_STRS:
    case RD_KIND_ATTRS:
    case RD_KIND_MATCH:
        return read_collection(place, data, ret_value, reject);
    }
    RD_UNREACHABLE("the kinds are all named");
}
