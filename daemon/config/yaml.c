/* daemon/config/yaml.c — one YAML document as nodes with their places. */
#include <stdlib.h>
#include <string.h>

#include <yaml.h>

#include "common/base/num.h"
#include "daemon/config/load.h"

enum { NEST_MAX = 2 * CONFIG_DEPTH_MAX, ANCHORS_MAX = 1000, DIRECTIVES_MAX = 16 };

struct reader {
    struct config_load *load;
    struct rd_str text;
    const struct config_file *file;
    yaml_document_t document;
    bool is_full; /* said already that it is too large or too deep */
};

static struct config_mark mark_of(const struct reader *reader, yaml_mark_t mark)
{
    return (struct config_mark){
            .file = reader->file,
            .line = (uint32_t)mark.line + 1,
            .column = (uint32_t)mark.column + 1,
    };
}

void config_scalar_type(struct config_node *node, bool is_plain)
{
    node->kind = CONFIG_STR;
    if (!is_plain) {
        return;
    }
    struct rd_str text = node->text;
    int64_t value;
    if (text.len == 0 || rd_str_is(text, "~") || rd_str_is(text, "null")) {
        node->kind = CONFIG_NULL;
    } else if (rd_str_is(text, "true") || rd_str_is(text, "false")) {
        node->kind = CONFIG_BOOL;
        node->integer = rd_str_is(text, "true");
    } else if (rd_i64_parse(text, &value) == 0) {
        node->kind = CONFIG_INT;
        node->integer = value;
    }
}

/* Control characters have no business in names, templates and paths. */
static void check_text(struct reader *reader, const struct config_node *node)
{
    for (size_t i = 0; i < node->text.len; i++) {
        unsigned char c = (unsigned char)node->text.ptr[i];
        if ((c < 0x20 && c != '\n' && c != '\t') || c == 0x7f) {
            config_fault_at(reader->load, node, "holds a control character (\\x%02x)", c);
            return;
        }
    }
}

static struct config_node *read_node(
        struct reader *reader, int id, struct rd_str path, unsigned depth);

static struct config_node *read_scalar(
        struct reader *reader, const yaml_node_t *from, struct config_node *node)
{
    node->text = rd_arena_dup(reader->load->arena,
            (struct rd_str){(const char *)from->data.scalar.value, from->data.scalar.length});
    config_scalar_type(node, from->data.scalar.style == YAML_PLAIN_SCALAR_STYLE);
    check_text(reader, node);
    return node;
}

static struct config_node *read_list(
        struct reader *reader, const yaml_node_t *from, struct config_node *node, unsigned depth)
{
    node->kind = CONFIG_LIST;
    const yaml_node_item_t *item = from->data.sequence.items.start;
    for (uint32_t i = 0; item < from->data.sequence.items.top && !reader->is_full; item++, i++) {
        struct rd_str path = config_path_index(reader->load->arena, node->path, i);
        config_node_add(reader->load->arena, node, read_node(reader, *item, path, depth + 1));
    }
    return node;
}

struct key_at {
    struct rd_str key;
    uint32_t index;
};

static int by_key(const void *a, const void *b)
{
    const struct key_at *x = a;
    const struct key_at *y = b;
    int order = rd_str_cmp(x->key, y->key);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

/* The first stays: whoever reads the map after this is not to find the same fault again. */
static void drop_doubles(struct config_node *map, const bool *are_doubles)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < map->count; i++) {
        if (!are_doubles[i]) {
            map->keys[kept] = map->keys[i];
            map->key_marks[kept] = map->key_marks[i];
            map->items[kept++] = map->items[i];
        }
    }
    map->count = kept;
}

static void check_doubles(struct reader *reader, struct config_node *map)
{
    if (map->count < 2) {
        return;
    }
    struct key_at *keys = calloc(map->count, sizeof *keys);
    bool *are_doubles = calloc(map->count, sizeof *are_doubles);
    if (keys == NULL || are_doubles == NULL) {
        rd_oom();
    }
    for (uint32_t i = 0; i < map->count; i++) {
        keys[i] = (struct key_at){map->keys[i], i};
    }
    qsort(keys, map->count, sizeof *keys, by_key);
    uint32_t first = 0;
    for (uint32_t i = 1; i < map->count; i++) {
        if (rd_str_eq(keys[i].key, keys[first].key)) {
            uint32_t second = keys[i].index;
            config_fault_mark(reader->load, map->key_marks[second], map->items[second]->path,
                    "this key stands twice; the first is at line %u",
                    map->key_marks[keys[first].index].line);
            are_doubles[second] = true;
        } else {
            first = i;
        }
    }
    drop_doubles(map, are_doubles);
    free(are_doubles);
    free(keys);
}

bool config_is_key(struct rd_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if ((uint8_t)text.ptr[i] < 0x20 || text.ptr[i] == 0x7f) {
            return false;
        }
    }
    return text.len <= CONFIG_KEY_BYTES_MAX;
}

static bool is_key(const yaml_node_t *key)
{
    return key != NULL && key->type == YAML_SCALAR_NODE &&
           config_is_key((struct rd_str){
                   .ptr = (const char *)key->data.scalar.value, .len = key->data.scalar.length});
}

static struct config_node *read_map(
        struct reader *reader, const yaml_node_t *from, struct config_node *node, unsigned depth)
{
    struct config_load *load = reader->load;
    node->kind = CONFIG_MAP;
    const yaml_node_pair_t *pair = from->data.mapping.pairs.start;
    for (; pair < from->data.mapping.pairs.top && !reader->is_full; pair++) {
        const yaml_node_t *key = yaml_document_get_node(&reader->document, pair->key);
        if (!is_key(key)) {
            config_fault_mark(load,
                    mark_of(reader, key != NULL ? key->start_mark : from->start_mark), node->path,
                    "a key must be a word or a text of at most %d bytes",
                    (int)CONFIG_KEY_BYTES_MAX);
            continue;
        }
        struct rd_str name = rd_arena_dup(load->arena,
                (struct rd_str){(const char *)key->data.scalar.value, key->data.scalar.length});
        struct rd_str path = config_path_key(load->arena, node->path, name);
        struct config_node *value = read_node(reader, pair->value, path, depth + 1);
        config_node_append(load->arena, node, name, value);
        node->key_marks[node->count - 1] = mark_of(reader, key->start_mark);
    }
    check_doubles(reader, node);
    return node;
}

/* Aliases make the document a graph: the count of nodes bounds what it unfolds to, the depth bounds
 * a node that holds itself. */
static struct config_node *read_node(
        struct reader *reader, int id, struct rd_str path, unsigned depth)
{
    const yaml_node_t *from = yaml_document_get_node(&reader->document, id);
    struct config_node *node = config_node_new(reader->load->arena, CONFIG_NULL, NULL);
    node->path = path;
    if (from == NULL || reader->is_full) {
        return node;
    }
    node->mark = mark_of(reader, from->start_mark);
    if (depth > CONFIG_DEPTH_MAX) {
        config_fault_at(reader->load, node, "is nested deeper than %d", (int)CONFIG_DEPTH_MAX);
        reader->is_full = true;
        return node;
    }
    if (++reader->load->nodes > CONFIG_NODES_MAX) {
        config_fault_at(
                reader->load, node, "more than %d values, aliases unfolded", (int)CONFIG_NODES_MAX);
        reader->is_full = true;
        return node;
    }
    switch (from->type) {
    case YAML_SCALAR_NODE:
        return read_scalar(reader, from, node);
    case YAML_SEQUENCE_NODE:
        return read_list(reader, from, node, depth);
    case YAML_MAPPING_NODE:
        return read_map(reader, from, node, depth);
    case YAML_NO_NODE:
        break;
    }
    return node;
}

/* The reader of bytes knows an offset only. */
static struct config_mark mark_of_offset(const struct reader *reader, size_t offset)
{
    struct config_mark mark = {.file = reader->file, .line = 1, .column = 1};
    for (size_t i = 0; i < offset && i < reader->text.len; i++) {
        unsigned char c = (unsigned char)reader->text.ptr[i];
        mark.column += (c & 0xc0) != 0x80;
        if (c == '\n') {
            mark.line++;
            mark.column = 1;
        }
    }
    return mark;
}

static void tell_parse_error(struct reader *reader, const yaml_parser_t *parser)
{
    struct config_mark mark = parser->error == YAML_READER_ERROR
                                      ? mark_of_offset(reader, parser->problem_offset)
                                      : mark_of(reader, parser->problem_mark);
    const char *context = parser->context != NULL ? parser->context : "";
    const char *problem = parser->problem != NULL ? parser->problem : "cannot be read";
    config_fault_mark(reader->load, mark, (struct rd_str){0}, "not YAML: %s%s%s", context,
            *context != '\0' ? ": " : "", problem);
}

static struct config_node *read_document(
        struct reader *reader, yaml_parser_t *parser, struct rd_str base)
{
    if (!yaml_parser_load(parser, &reader->document)) {
        tell_parse_error(reader, parser);
        return NULL;
    }
    struct config_node *root = NULL;
    if (yaml_document_get_root_node(&reader->document) == NULL) {
        config_fault_mark(
                reader->load, (struct config_mark){reader->file, 1, 1}, base, "the file is empty");
    } else {
        root = read_node(reader, 1, base, 1);
        root = reader->is_full ? NULL : root;
    }
    yaml_document_delete(&reader->document);
    return root;
}

/* Nothing may follow the first document. */
static void check_end(struct reader *reader, yaml_parser_t *parser)
{
    if (!yaml_parser_load(parser, &reader->document)) {
        tell_parse_error(reader, parser);
        return;
    }
    const yaml_node_t *second = yaml_document_get_root_node(&reader->document);
    if (second != NULL) {
        config_fault_mark(reader->load, mark_of(reader, second->start_mark), (struct rd_str){0},
                "a second document begins here; a file holds one");
    }
    yaml_document_delete(&reader->document);
}

static void parser_begin(yaml_parser_t *parser, struct rd_str text)
{
    if (!yaml_parser_initialize(parser)) {
        rd_oom();
    }
    yaml_parser_set_encoding(parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(parser, (const unsigned char *)text.ptr, text.len);
}

static bool has_anchor(const yaml_event_t *event)
{
    return (event->type == YAML_SCALAR_EVENT && event->data.scalar.anchor != NULL) ||
           (event->type == YAML_SEQUENCE_START_EVENT &&
                   event->data.sequence_start.anchor != NULL) ||
           (event->type == YAML_MAPPING_START_EVENT && event->data.mapping_start.anchor != NULL);
}

static bool is_start(const yaml_event_t *event)
{
    return event->type == YAML_SEQUENCE_START_EVENT || event->type == YAML_MAPPING_START_EVENT;
}

static bool is_end(const yaml_event_t *event)
{
    return event->type == YAML_SEQUENCE_END_EVENT || event->type == YAML_MAPPING_END_EVENT;
}

/* What is open and what was seen so far in a first look at a text. */
struct tally {
    int depth, anchors;
};

/* False, and a fault, where the event is one too many. */
static bool tally_event(struct reader *reader, struct tally *tally, const yaml_event_t *event)
{
    tally->depth += is_start(event) - is_end(event);
    tally->anchors += has_anchor(event);
    struct config_mark mark = mark_of(reader, event->start_mark);
    if (tally->depth > NEST_MAX) {
        config_fault_mark(reader->load, mark, (struct rd_str){0}, "is nested deeper than %d",
                (int)CONFIG_DEPTH_MAX);
    } else if (tally->anchors > ANCHORS_MAX) {
        config_fault_mark(
                reader->load, mark, (struct rd_str){0}, "more than %d anchors", (int)ANCHORS_MAX);
    } else {
        return true;
    }
    return false;
}

static bool has_few_directives(struct reader *reader)
{
    int count = 0;
    for (size_t i = 0; i < reader->text.len; i++) {
        count += reader->text.ptr[i] == '%' && (i == 0 || reader->text.ptr[i - 1] == '\n');
    }
    if (count > DIRECTIVES_MAX) {
        config_fault_mark(reader->load, (struct config_mark){reader->file, 1, 1},
                (struct rd_str){0}, "more than %d lines begin with %%", (int)DIRECTIVES_MAX);
    }
    return count <= DIRECTIVES_MAX;
}

/* libyaml looks at every open bracket again for each token, at every anchor for each anchor, at
 * every directive for each directive: a hundred thousand of them take it half a minute. So they are
 * counted before, event by event. A file that goes a little too deep is left to read_node(), which
 * knows the path. */
static bool is_bounded(struct reader *reader)
{
    struct tally tally = {0};
    if (!has_few_directives(reader)) {
        return false;
    }
    yaml_parser_t parser;
    parser_begin(&parser, reader->text);
    bool is_good = true, is_over = false;
    while (is_good && !is_over) {
        yaml_event_t event;
        if (!yaml_parser_parse(&parser, &event)) {
            break; /* read_document() finds the same */
        }
        is_over = event.type == YAML_STREAM_END_EVENT;
        is_good = tally_event(reader, &tally, &event);
        yaml_event_delete(&event);
    }
    yaml_parser_delete(&parser);
    return is_good;
}

struct config_node *config_yaml_read(struct config_load *load, struct rd_str text,
        const struct config_file *file, struct rd_str base)
{
    if (rd_str_starts(text, RD_STR("\xef\xbb\xbf"))) { /* as some editors begin a file */
        text = (struct rd_str){text.ptr + 3, text.len - 3};
    }
    struct reader reader = {.load = load, .text = text, .file = file};
    if (!is_bounded(&reader)) {
        return NULL;
    }
    yaml_parser_t parser;
    parser_begin(&parser, text);
    struct config_node *root = read_document(&reader, &parser, base);
    if (root != NULL) {
        check_end(&reader, &parser);
    }
    yaml_parser_delete(&parser);
    return root;
}
