#include "tools/shared/json.h"

#include <errno.h>
#include <string.h>

#include "tools/shared/say.h"

void json_freep(json_t **value)
{
    json_decref(*value);
    *value = NULL;
}

json_t *json_text(struct rd_str text)
{
    json_t *made = json_stringn(text.ptr != NULL ? text.ptr : "", text.len);
    return made != NULL ? made : json_null();
}

static json_t *of_time(rd_time time)
{
    char text[RD_TIME_TEXT_MAX];
    if (time == RD_TIME_NONE) {
        return json_null();
    }
    rd_time_format(time, text);
    return json_string(text);
}

static json_t *of_bytes(struct rd_str bytes)
{
    static const char digits[] = "0123456789abcdef";
    struct rd_buf text;
    rd_buf_init(&text, 2 * bytes.len + 1);
    for (size_t i = 0; i < bytes.len; i++) {
        unsigned char byte = (unsigned char)bytes.ptr[i];
        rd_buf_put_u8(&text, (uint8_t)digits[byte >> 4]);
        rd_buf_put_u8(&text, (uint8_t)digits[byte & 15]);
    }
    json_t *made = json_text(rd_buf_str(&text));
    rd_buf_done(&text);
    return made;
}

static json_t *of_scalar(rd_node node)
{
    switch (rd_node_type(node)) {
    case RD_NODE_BOOL:
        return json_boolean(rd_node_bool(node));
    case RD_NODE_UINT: {
        uint64_t value = rd_node_uint(node);
        return json_integer(value <= INT64_MAX ? (json_int_t)value : INT64_MAX);
    }
    case RD_NODE_INT:
        return json_integer(rd_node_int(node));
    case RD_NODE_STR:
        return json_text(rd_node_str(node));
    case RD_NODE_BIN:
        return of_bytes(rd_node_bin(node));
    case RD_NODE_TIME:
        return of_time(rd_node_time(node));
    case RD_NODE_NONE:
    case RD_NODE_NIL:
    case RD_NODE_FLOAT:
    case RD_NODE_EXT:
    case RD_NODE_ARRAY:
    case RD_NODE_MAP:
        break;
    }
    return json_null();
}

static json_t *of_node(rd_node node, unsigned depth);

/* An event travels as the bytes it was taken as: they are told as the map that they pack. */
static json_t *of_event(struct rd_str bytes)
{
    struct rd_tree *tree RD_CLEANUP(rd_tree_freep)
    = rd_tree_new();
    rd_node root = NULL;
    bool is_map = rd_tree_read(tree, bytes, &root, NULL) == 0 && rd_node_type(root) == RD_NODE_MAP;
    return is_map ? of_node(root, 0) : of_bytes(bytes);
}

static void set_pair(json_t *object, struct rd_str key, rd_node value, unsigned depth)
{
    bool is_event = rd_node_type(value) == RD_NODE_BIN &&
                    (rd_str_is(key, "event") || rd_str_is(key, "body"));
    json_t *made = is_event ? of_event(rd_node_bin(value)) : of_node(value, depth);
    struct rd_buf name; /* jansson takes a key by its NUL */
    rd_buf_init(&name, key.len + 2);
    rd_buf_put_text(&name, key);
    rd_buf_put_u8(&name, 0);
    (void)json_object_set_new(object, (const char *)name.ptr, made);
    rd_buf_done(&name);
}

static json_t *of_node(rd_node node, unsigned depth)
{
    RD_ASSERT(depth <= RD_PACK_DEPTH_MAX); /* the scan passed no deeper one */
    json_t *made = NULL;
    if (rd_node_type(node) == RD_NODE_ARRAY) {
        made = json_array();
        for (uint32_t i = 0; i < rd_node_count(node); i++) {
            (void)json_array_append_new(made, of_node(rd_node_at(node, i), depth + 1));
        }
        return made;
    }
    if (rd_node_type(node) == RD_NODE_MAP) {
        made = json_object();
        for (uint32_t i = 0; i < rd_node_count(node); i++) {
            struct rd_str key;
            rd_node value = rd_node_pair(node, i, &key);
            set_pair(made, key, value, depth + 1);
        }
        return made;
    }
    return of_scalar(node);
}

json_t *json_of_node(rd_node node)
{
    json_t *made = of_node(node, 0);
    if (made == NULL) {
        rd_oom();
    }
    return made;
}

static int pack_value(struct rd_buf *buf, const json_t *value, unsigned depth, const char **what)
{
    if (depth > RD_PACK_DEPTH_MAX) {
        *what = "nested too deep";
        return -EINVAL;
    }
    int r = 0;
    switch (json_typeof(value)) {
    case JSON_OBJECT: {
        rd_pack_map(buf, (uint32_t)json_object_size(value));
        const char *key;
        json_t *member;
        json_object_foreach((json_t *)(uintptr_t)value, key, member)
        {
            rd_pack_cstr(buf, key);
            r = r < 0 ? r : pack_value(buf, member, depth + 1, what);
        }
        return r;
    }
    case JSON_ARRAY:
        rd_pack_array(buf, (uint32_t)json_array_size(value));
        for (size_t i = 0; i < json_array_size(value) && r == 0; i++) {
            r = pack_value(buf, json_array_get(value, i), depth + 1, what);
        }
        return r;
    case JSON_STRING:
        rd_pack_str(buf,
                (struct rd_str){.ptr = json_string_value(value), .len = json_string_length(value)});
        return 0;
    case JSON_INTEGER:
        rd_pack_int(buf, json_integer_value(value));
        return 0;
    case JSON_REAL:
        *what = "a number with a fraction: write it as text, \"12.50\"";
        return -EINVAL;
    case JSON_TRUE:
    case JSON_FALSE:
        rd_pack_bool(buf, json_is_true(value));
        return 0;
    case JSON_NULL:
        rd_pack_nil(buf);
        return 0;
    }
    RD_UNREACHABLE("a JSON type");
}

int json_pack_value(struct rd_buf *buf, const json_t *value, const char **ret_what)
{
    return pack_value(buf, value, 1, ret_what);
}

static bool has_printed;

bool json_has_printed(void)
{
    return has_printed;
}

void json_print(FILE *out, json_t *value, bool is_indented)
{
    has_printed = has_printed || out == stdout;
    (void)json_dumpf(
            value, out, JSON_ENCODE_ANY | (is_indented ? JSON_INDENT(2) : (size_t)JSON_COMPACT));
    (void)fputc('\n', out);
    json_decref(value);
}

json_t *json_read_text(const char *name, struct rd_str text)
{
    json_error_t where;
    json_t *made =
            json_loadb(text.ptr != NULL ? text.ptr : "", text.len, JSON_REJECT_DUPLICATES, &where);
    if (made == NULL) {
        say_error("%s:%d:%d: %s", name, where.line, where.column, where.text);
    }
    return made;
}

json_t *json_read_file(const char *path, size_t limit)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL) {
        say_error("%s: %s", path, strerror(errno));
        return NULL;
    }
    struct rd_buf text;
    rd_buf_init(&text, limit);
    char block[4096];
    errno = 0;
    for (size_t got; text.error == 0 && (got = fread(block, 1, sizeof block, file)) > 0;) {
        rd_buf_put(&text, block, got);
    }
    int error = text.error != 0 ? EFBIG : ferror(file) == 0 ? 0 : errno != 0 ? errno : EIO;
    (void)fclose(file);
    json_t *made = NULL;
    if (error != 0) {
        say_error("%s: %s", path, strerror(error));
    } else {
        made = json_read_text(path, rd_buf_str(&text));
    }
    rd_buf_done(&text);
    return made;
}
