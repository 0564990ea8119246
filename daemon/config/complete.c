#include "daemon/config/complete.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/wire/pack.h"
#include "daemon/config/build.h"
#include "daemon/config/check.h"

/* Sections whose tree is not the language's any more: compiled, or built of files. */
static const char *const compiled[] = {"units", "calendars", "assessment.scorecard"};

static struct config_node *complete(struct config_load *load, const struct config_row *row,
        const char *path, struct config_node *node);

/* ---- MessagePack to nodes ---- */

static struct config_node *raw_of(struct config_load *load, rd_node from)
{
    struct rd_buf buf;
    rd_buf_init(&buf, CONFIG_TREE_BYTES_MAX);
    rd_pack_node(&buf, from);
    struct config_node *node = config_node_new(load->arena, CONFIG_RAW, NULL);
    node->text = rd_arena_dup(load->arena, rd_buf_str(&buf));
    rd_buf_done(&buf);
    return node;
}

static struct config_node *scalar_of(struct config_load *load, rd_node from)
{
    switch (rd_node_type(from)) {
    case RD_NODE_STR:
        return config_node_str(load->arena, rd_arena_dup(load->arena, rd_node_str(from)), NULL);
    case RD_NODE_BOOL:
        return config_node_bool(load->arena, rd_node_bool(from), NULL);
    case RD_NODE_UINT:
    case RD_NODE_INT:
        return config_node_int(load->arena, rd_node_int(from), NULL);
    case RD_NODE_NONE:
    case RD_NODE_NIL:
    case RD_NODE_FLOAT:
    case RD_NODE_BIN:
    case RD_NODE_ARRAY:
    case RD_NODE_MAP:
    case RD_NODE_TIME:
    case RD_NODE_EXT:
        break;
    }
    return raw_of(load, from);
}

static struct config_node *node_of(struct config_load *load, rd_node from, unsigned depth)
{
    struct config_node *node;
    if (depth == CONFIG_DEPTH_MAX) {
        return raw_of(load, from);
    }
    if (rd_node_type(from) == RD_NODE_MAP) {
        node = config_node_new(load->arena, CONFIG_MAP, NULL);
        for (uint32_t i = 0; i < rd_node_count(from); i++) {
            struct rd_str key = {0};
            rd_node value = rd_node_pair(from, i, &key);
            config_node_append(load->arena, node, rd_arena_dup(load->arena, key),
                    node_of(load, value, depth + 1));
        }
        return node;
    }
    if (rd_node_type(from) == RD_NODE_ARRAY) {
        node = config_node_new(load->arena, CONFIG_LIST, NULL);
        for (uint32_t i = 0; i < rd_node_count(from); i++) {
            config_node_add(load->arena, node, node_of(load, rd_node_at(from, i), depth + 1));
        }
        return node;
    }
    return scalar_of(load, from);
}

/* ---- what is missing ---- */

static bool is_compiled(const char *path)
{
    for (size_t i = 0; i < RD_COUNT(compiled); i++) {
        if (strcmp(compiled[i], path) == 0) {
            return true;
        }
    }
    return false;
}

static struct config_node *complete_map(
        struct config_load *load, const char *path, const struct config_node *node)
{
    struct config_node *out = config_node_new(load->arena, CONFIG_MAP, node);
    const struct config_row *row;
    for (size_t i = 0; (row = config_row_at(i)) != NULL; i++) {
        const char *key;
        if (!config_row_is_child(row, path, &key)) {
            continue;
        }
        struct config_node *given = config_node_find(node, key);
        if (given != NULL) {
            config_node_append(
                    load->arena, out, rd_str_of(key), complete(load, row, row->path, given));
        } else if (row->otherwise != NULL && (row->flags & CONFIG_EDGE) == 0 &&
                   !is_compiled(row->path) && path[0] != '\0') {
            config_node_append(
                    load->arena, out, rd_str_of(key), config_default(load, row, key, out));
        }
    }
    for (uint32_t i = 0; i < node->count; i++) { /* what the builders put there */
        if (config_row_child(path, node->keys[i]) == NULL) {
            config_node_append(load->arena, out, node->keys[i], node->items[i]);
        }
    }
    return out;
}

/* Elements of a list, or values of names; sources are names in the language and a list in the tree.
 */
static struct config_node *complete_each(
        struct config_load *load, const char *below, const struct config_node *node)
{
    struct config_node *out = config_node_copy(load->arena, node);
    const struct config_row *element = config_row_find(below);
    out->items = RD_ARENA_ARRAY(load->arena, struct config_node *, node->count + 1);
    for (uint32_t i = 0; i < node->count; i++) {
        out->items[i] =
                element != NULL ? complete(load, element, below, node->items[i]) : node->items[i];
    }
    out->cap = node->count + 1;
    return out;
}

static struct config_node *complete(struct config_load *load, const struct config_row *row,
        const char *path, struct config_node *node)
{
    bool is_list = row->type == CONFIG_T_LIST && node->kind == CONFIG_LIST;
    bool is_names =
            row->type == CONFIG_T_NAMES && (node->kind == CONFIG_MAP || node->kind == CONFIG_LIST);
    if (is_compiled(path)) {
        return node;
    }
    if (row->type == CONFIG_T_MAP && node->kind == CONFIG_MAP) {
        return complete_map(load, path, node);
    }
    if (row->type == CONFIG_T_LIKE) {
        const struct config_row *like = config_row_find(row->choices);
        return like != NULL ? complete(load, like, like->path, node) : node;
    }
    if (row->type == CONFIG_T_LIST && node->kind != CONFIG_LIST && (row->flags & CONFIG_ONE) != 0) {
        /* What was one value once is the only one of a list. */
        struct config_node *list = config_node_new(load->arena, CONFIG_LIST, NULL);
        config_node_add(load->arena, list, node);
        return list;
    }
    if (is_list || is_names) {
        const char *more = is_list ? "[]" : ".*";
        return complete_each(load, rd_arena_printf(load->arena, "%s%s", path, more).ptr, node);
    }
    return node;
}

/* Sections that the language has got since, as a configuration without them compiles: what is names
 * in the language may be a list in the tree. */
static void complete_root(struct config_load *load, struct config_node *out)
{
    static const char nothing[] = "redress: 1\nunits: {id: a, name: A}\n";
    RD_CLEANUP(config_freep)
    struct config *config = NULL;
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *memory = rd_tree_new();
    struct config_errors errors = {0};
    rd_node root = NULL;
    int r = config_parse(rd_str_of(nothing), "defaults", NULL, &config, &errors);
    RD_ASSERT(r == 0);
    r = rd_tree_read(memory, config->tree, &root, NULL);
    RD_ASSERT(r == 0);
    for (uint32_t i = 0; i < rd_node_count(root); i++) {
        struct rd_str key = {0};
        rd_node value = rd_node_pair(root, i, &key);
        const char *name = rd_arena_dup(load->arena, key).ptr;
        if (config_node_get(out, key) == NULL && !is_compiled(name)) {
            config_node_append(
                    load->arena, out, rd_arena_dup(load->arena, key), node_of(load, value, 0));
        }
    }
}

static int read_back(struct rd_str tree, char ret_what[static 256])
{
    struct rd_plan *plan = NULL;
    struct rd_plan_error error = {.path = ""};
    size_t count = 0;
    if (rd_plan_read(tree, &plan, &error, 1, &count) < 0) {
        (void)snprintf(ret_what, 256, "%.120s: %.120s", error.path, error.message);
        return -EBADMSG;
    }
    rd_plan_free(plan);
    return 0;
}

int config_complete(struct rd_str tree, struct rd_buf *buf, char ret_what[static 256])
{
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *memory = rd_tree_new();
    rd_node root = NULL;
    const char *what = NULL;
    if (rd_tree_read(memory, tree, &root, &what) < 0 || rd_node_type(root) != RD_NODE_MAP) {
        (void)snprintf(ret_what, 256, "it is no map of MessagePack: %.100s",
                what != NULL ? what : "another kind");
        return -EBADMSG;
    }
    struct rd_arena arena;
    rd_arena_init(&arena, CONFIG_ARENA_BYTES_MAX);
    struct config_load load = {.arena = &arena};
    struct config_node *old = node_of(&load, root, 0);
    complete_root(&load, old);
    struct config_node *out = complete_map(&load, "", old);
    struct config_node *alerts = config_node_find(out, "alerts");
    if (alerts != NULL) { /* each type of alert has a title; some types are new */
        config_node_put(&arena, alerts, "titles", config_build_titles(&load, alerts));
    }
    rd_buf_reset(buf);
    config_node_pack(buf, out);
    struct config_errors errors = {0};
    config_faults_write(&load, &errors);
    RD_ASSERT(errors.count == 0); /* defaults have none */
    config_errors_done(&errors);
    rd_arena_done(&arena);
    return buf->error < 0 ? -EBADMSG : read_back(rd_buf_str(buf), ret_what);
}
