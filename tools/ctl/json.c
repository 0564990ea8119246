#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include <jansson.h>

#include "tools/ctl/print.h"

/* A text that is no UTF-8 cannot come from the daemon; where it does, null stands for it. */
static json_t *of_text(struct rd_str text)
{
    json_t *made = json_stringn(text.ptr != NULL ? text.ptr : "", text.len);
    return made != NULL ? made : json_null();
}

static json_t *of_time(rd_node node)
{
    char text[RD_TIME_TEXT_MAX];
    rd_time time = rd_node_time(node);
    if (time == RD_TIME_NONE) {
        return json_null();
    }
    rd_time_format(time, text);
    return json_string(text);
}

static json_t *of_bytes(struct rd_str bytes)
{
    struct rd_buf hex;
    rd_buf_init(&hex, 2 * bytes.len + 2);
    for (size_t i = 0; i < bytes.len; i++) {
        rd_buf_printf(&hex, "%02x", (unsigned char)bytes.ptr[i]);
    }
    json_t *made = of_text(rd_buf_str(&hex));
    rd_buf_done(&hex);
    return made;
}

static json_t *of_node(rd_node node);

static json_t *of_map(rd_node node)
{
    json_t *made = json_object();
    for (uint32_t i = 0; i < rd_node_count(node); i++) {
        struct rd_str key;
        rd_node value = rd_node_pair(node, i, &key);
        struct rd_buf name; /* jansson takes a key by its NUL */
        rd_buf_init(&name, key.len + 2);
        rd_buf_put_text(&name, key);
        rd_buf_put_u8(&name, 0);
        (void)json_object_set_new(made, (const char *)name.ptr, of_node(value));
        rd_buf_done(&name);
    }
    return made;
}

static json_t *of_array(rd_node node)
{
    json_t *made = json_array();
    for (uint32_t i = 0; i < rd_node_count(node); i++) {
        (void)json_array_append_new(made, of_node(rd_node_at(node, i)));
    }
    return made;
}

/* What passed the scan is at most RD_PACK_DEPTH_MAX deep. */
static json_t *of_node(rd_node node)
{
    switch (rd_node_type(node)) {
    case RD_NODE_BOOL:
        return json_boolean(rd_node_bool(node));
    case RD_NODE_UINT:
    case RD_NODE_INT:
        return json_integer(rd_node_int(node));
    case RD_NODE_STR:
        return of_text(rd_node_str(node));
    case RD_NODE_BIN:
        return of_bytes(rd_node_bin(node));
    case RD_NODE_TIME:
        return of_time(node);
    case RD_NODE_ARRAY:
        return of_array(node);
    case RD_NODE_MAP:
        return of_map(node);
    case RD_NODE_NONE:
    case RD_NODE_NIL:
    case RD_NODE_FLOAT:
    case RD_NODE_EXT:
        return json_null();
    }
    RD_UNREACHABLE("the types are all named");
}

void print_json(FILE *out, rd_node node)
{
    json_t *made = of_node(node);
    if (made == NULL) {
        rd_oom();
    }
    (void)json_dumpf(made, out, JSON_ENCODE_ANY | JSON_COMPACT);
    (void)fputc('\n', out);
    json_decref(made);
}

/* ---- the other way ---- */

static bool pack_value(struct rd_buf *buf, json_t *value)
{
    const char *key;
    json_t *member;
    size_t index;
    bool is_good = true;
    switch (json_typeof(value)) {
    case JSON_OBJECT:
        rd_pack_map(buf, (uint32_t)json_object_size(value));
        json_object_foreach(value, key, member)
        {
            rd_pack_cstr(buf, key);
            is_good = pack_value(buf, member) && is_good;
        }
        return is_good;
    case JSON_ARRAY:
        rd_pack_array(buf, (uint32_t)json_array_size(value));
        json_array_foreach(value, index, member)
        {
            is_good = pack_value(buf, member) && is_good;
        }
        return is_good;
    case JSON_STRING:
        rd_pack_str(buf,
                (struct rd_str){.ptr = json_string_value(value), .len = json_string_length(value)});
        return true;
    case JSON_INTEGER:
        rd_pack_int(buf, json_integer_value(value));
        return true;
    case JSON_TRUE:
    case JSON_FALSE:
        rd_pack_bool(buf, json_is_true(value));
        return true;
    case JSON_NULL:
        rd_pack_nil(buf);
        return true;
    case JSON_REAL:
        return false;
    }
    RD_UNREACHABLE("the types are all named");
}

bool json_to_pack(struct rd_str text, struct rd_buf *buf, char room[static 256])
{
    json_error_t where;
    json_t *value =
            json_loadb(text.ptr != NULL ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES, &where);
    if (value == NULL) {
        (void)snprintf(
                room, 256, "line %d, column %d: %.200s", where.line, where.column, where.text);
        return false;
    }
    bool is_good = pack_value(buf, value);
    if (!is_good) {
        (void)snprintf(room, 256, "a number with a fraction: write an amount as text, \"12.50\"");
    }
    json_decref(value);
    return is_good;
}
