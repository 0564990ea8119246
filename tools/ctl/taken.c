#include <inttypes.h>
#include <string.h>

#include "common/wire/event_words.h"
#include "tools/ctl/print.h"
#include "tools/shared/table.h"

/* Events as they were taken or refused, for people: who, what, about which case, and the data in
 * words instead of bytes. */

enum { ROWS_BYTES_MAX = 64 * 1024 * 1024 };

static void put_if(struct rd_buf *buf, uint32_t *pairs, const char *key, rd_node node)
{
    if (node != NULL && rd_node_type(node) != RD_NODE_NIL && rd_node_type(node) != RD_NODE_NONE) {
        rd_pack_cstr(buf, key);
        rd_pack_node(buf, node);
        (*pairs)++;
    }
}

static void put_map(struct rd_buf *buf, uint32_t *pairs, rd_node map)
{
    for (uint32_t i = 0; i < rd_node_count(map); i++) {
        struct rd_str key;
        rd_node value = rd_node_pair(map, i, &key);
        rd_pack_str(buf, key);
        rd_pack_node(buf, value);
        (*pairs)++;
    }
}

/* In words where a language is asked for; a type that there is not, as it came. */
static void put_type(struct rd_buf *buf, uint32_t *pairs, rd_node node, const char *lang)
{
    enum rd_event_type type;
    if (lang == NULL || rd_event_type_parse(rd_node_str(node), &type) < 0) {
        put_if(buf, pairs, "type", node);
        return;
    }
    rd_pack_cstr(buf, "type");
    rd_pack_cstr(buf, rd_event_type_words(type, strcmp(lang, "zh-CN") == 0));
    (*pairs)++;
}

/* A refused frame may be anything: what is no event shows its first bytes. */
static void put_event(struct rd_buf *buf, uint32_t *pairs, rd_node row, const char *lang)
{
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    rd_node event = NULL;
    rd_node bytes = rd_node_find(row, "event");
    if (rd_tree_read(tree, rd_node_bin(bytes), &event, NULL) != 0 ||
            rd_node_type(event) != RD_NODE_MAP) {
        put_if(buf, pairs, "data", bytes);
        return;
    }
    put_type(buf, pairs, rd_node_find(event, "type"), lang);
    put_if(buf, pairs, "subject", rd_node_find(event, "subject"));
    put_if(buf, pairs, "source", rd_node_find(event, "source"));
    rd_node data = rd_node_find(event, "data");
    if (rd_node_type(data) == RD_NODE_MAP) {
        rd_pack_cstr(buf, "data");
        size_t mark = rd_pack_map_begin(buf);
        uint32_t inner = 0;
        put_map(buf, &inner, data);
        rd_pack_map_end(buf, mark, inner);
        (*pairs)++;
    }
}

/* "bad_value data.age: what is to be mended". */
static void put_error(struct rd_buf *buf, uint32_t *pairs, rd_node error)
{
    if (rd_node_type(error) != RD_NODE_MAP) {
        return;
    }
    struct rd_str code = rd_node_str(rd_node_find(error, "code"));
    struct rd_str field = rd_node_str(rd_node_find(error, "field"));
    struct rd_str message = rd_node_str(rd_node_find(error, "message"));
    struct rd_buf text;
    uint8_t room[1024];
    rd_buf_init_in(&text, room, sizeof room, sizeof room * 4);
    rd_buf_printf(&text, "%.*s%s%.*s: %.*s", RD_FMT(code), field.len > 0 ? " " : "", RD_FMT(field),
            RD_FMT(message));
    rd_pack_cstr(buf, "error");
    rd_pack_str(buf, rd_buf_str(&text));
    rd_buf_done(&text);
    (*pairs)++;
}

void print_taken(FILE *out, rd_node result, const char *lang)
{
    static const char *const keys[] = {"number", "seq", "taken", "sender", "by"};
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf;
    rd_node rows = rd_node_find(result, "rows"), made = NULL;
    rd_buf_init(&buf, ROWS_BYTES_MAX);
    rd_pack_array(&buf, rd_node_count(rows));
    for (uint32_t i = 0; i < rd_node_count(rows); i++) {
        rd_node row = rd_node_at(rows, i);
        size_t mark = rd_pack_map_begin(&buf);
        uint32_t pairs = 0;
        for (size_t k = 0; k < RD_COUNT(keys); k++) {
            put_if(&buf, &pairs, keys[k], rd_node_find(row, keys[k]));
        }
        put_event(&buf, &pairs, row, lang);
        put_error(&buf, &pairs, rd_node_find(row, "error"));
        rd_pack_map_end(&buf, mark, pairs);
    }
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    if (rd_tree_read(tree, rd_buf_str(&buf), &made, NULL) == 0) {
        bool is_dead = rd_node_find(rd_node_at(rows, 0), "number") != NULL;
        print_table(out, style_in(out, lang), made,
                is_dead ? "number taken error ?type ?subject ?source ?sender ?data"
                        : "seq taken type ?subject by ?sender ?source ?data");
    }
}
