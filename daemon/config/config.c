#include "daemon/config/config.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "common/plan/calendar_pack.h"
#include "daemon/config/build.h"
#include "daemon/config/print.h"

enum { PLAN_ERRORS_MAX = 200 };

struct config_memory {
    struct rd_arena arena;
    const struct config_node *root; /* checked, files inlined: what is printed */
};

struct whole {
    struct config config;
    struct config_memory memory;
};

const struct config_node *config_root(const struct config *config)
{
    return config->memory->root;
}

void config_free(struct config *config)
{
    if (config == NULL) {
        return;
    }
    struct whole *whole = (void *)config;
    rd_plan_free(config->plan);
    rd_arena_done(&whole->memory.arena);
    free(whole);
}

void config_freep(struct config **config)
{
    config_free(*config);
    *config = NULL;
}

static struct whole *whole_new(void)
{
    struct whole *whole = calloc(1, sizeof *whole);
    if (whole == NULL) {
        rd_oom();
    }
    rd_arena_init(&whole->memory.arena, CONFIG_ARENA_BYTES_MAX);
    whole->config.memory = &whole->memory;
    return whole;
}

/* Puts what the plan found at the place in the file it came from. */
static void place_error(struct config_load *load, const struct config_node *tree, size_t before,
        const struct rd_plan_error *error)
{
    struct rd_str rest;
    const struct config_node *node = config_node_walk(tree, rd_str_of(error->path), &rest);
    struct rd_str path = node->path;
    if (rest.len > 0) {
        if (path.len == 0 && rest.ptr[0] == '.') { /* of a file of its own */
            rest = (struct rd_str){rest.ptr + 1, rest.len - 1};
        }
        bool has_dot = path.len == 0 || rest.ptr[0] == '.' || rest.ptr[0] == '[';
        path = rd_arena_printf(
                load->arena, "%.*s%s%.*s", RD_FMT(path), has_dot ? "" : ".", RD_FMT(rest));
    }
    if (!config_fault_covers(load, before, node->mark.file, path)) {
        config_fault_mark(load, node->mark, path, "%s", error->message);
    }
}

static void read_plan(
        struct config_load *load, const struct config_node *tree, struct config *config)
{
    struct rd_buf buf;
    rd_buf_init(&buf, CONFIG_TREE_BYTES_MAX);
    config_node_pack(&buf, tree);
    if (buf.error < 0) {
        config_fault_at(load, tree, "is larger than %d MiB when compiled",
                (int)(CONFIG_TREE_BYTES_MAX >> 20));
        rd_buf_done(&buf);
        return;
    }
    struct rd_plan_error *errors =
            RD_ARENA_ARRAY(load->arena, struct rd_plan_error, PLAN_ERRORS_MAX);
    size_t count = 0;
    size_t before = load->fault_count;
    if (rd_plan_read(rd_buf_str(&buf), &config->plan, errors, PLAN_ERRORS_MAX, &count) < 0) {
        for (size_t i = 0; i < count && i < PLAN_ERRORS_MAX; i++) {
            place_error(load, tree, before, &errors[i]);
        }
        load->faults_left_off += count > PLAN_ERRORS_MAX ? count - PLAN_ERRORS_MAX : 0;
        /* A tree is never refused in silence, also where its faults follow from others. */
        RD_ASSERT(load->fault_count > 0);
    } else {
        config->tree = config->plan->tree;
        memcpy(config->hash, config->plan->hash, sizeof config->hash);
        config_note_closed(load, tree, config->plan);
    }
    rd_buf_done(&buf);
}

/* A root unit without a calendar has the one named default; it is written where there is none. */
static void write_calendar(struct config_load *load, struct config_node *root)
{
    static const char TEXT[] = "{timezone: UTC, hours: [{days: mon-fri, open: [\"09:00-17:00\"]}]}";
    struct config_node *units = config_node_find(root, "units");
    struct config_node *calendars = config_node_find(root, "calendars");
    if (units == NULL || units->kind != CONFIG_MAP || config_node_find(units, "calendar") != NULL ||
            config_node_find(calendars, "default") != NULL) {
        return;
    }
    if (calendars == NULL) {
        calendars = config_node_new(load->arena, CONFIG_MAP, units);
        calendars->path = RD_STR("calendars");
        config_node_put(load->arena, root, "calendars", calendars);
    }
    if (calendars->kind == CONFIG_MAP) {
        struct config_node *calendar =
                config_yaml_read(load, RD_STR(TEXT), NULL, RD_STR("calendars.default"));
        RD_ASSERT(calendar != NULL);
        config_node_mark(calendar, units->mark);
        config_node_put(load->arena, calendars, "default", calendar);
    }
}

static void read_all(
        struct config_load *load, struct rd_str text, const char *name, struct whole *whole)
{
    const struct config_file *file = config_file_new(load, rd_str_of(name));
    struct config_node *written = config_yaml_read(load, text, file, (struct rd_str){0});
    if (written == NULL) {
        return;
    }
    if (written->kind != CONFIG_MAP) {
        config_fault_at(load, written, "a configuration is a map; begin with \"redress: 1\"");
        return;
    }
    write_calendar(load, written);
    struct config_node *root = config_check(load, written);
    config_inline(load, root);
    struct config_node *tree = config_build(load, root);
    read_plan(load, tree, &whole->config);
    config_build_edge(load, root, &whole->config);
    whole->memory.root = root;
}

static int finish(struct config_load *load, struct whole *whole, struct config **ret_config,
        struct config_errors *errors)
{
    if (load->fault_count > 0) {
        config_faults_write(load, errors);
        config_free(&whole->config);
        return -EINVAL;
    }
    whole->config.notes = config_notes_write(load);
    *ret_config = &whole->config;
    return 0;
}

int config_parse(struct rd_str text, const char *name, const char *folder,
        struct config **ret_config, struct config_errors *errors)
{
    RD_ASSERT(errors->count == 0 && errors->lines == NULL);
    struct whole *whole = whole_new();
    char real[PATH_MAX];
    struct config_load load = {.arena = &whole->memory.arena};
    if (folder != NULL) {
        load.folder = realpath(folder, real) != NULL ? real : folder;
    }
    if (text.len > CONFIG_FILE_BYTES_MAX) {
        struct config_node place = {.mark = {config_file_new(&load, rd_str_of(name)), 1, 1}};
        config_fault_at(&load, &place, "is larger than %d MiB", CONFIG_FILE_BYTES_MAX >> 20);
    } else {
        read_all(&load, text, name, whole);
    }
    return finish(&load, whole, ret_config, errors);
}

/* The folder of a path, in the arena. */
static const char *folder_of(struct rd_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return ".";
    }
    size_t len = slash == path ? 1 : (size_t)(slash - path);
    return rd_arena_dup(arena, (struct rd_str){path, len}).ptr;
}

int config_load(const char *path, struct config **ret_config, struct config_errors *errors)
{
    RD_ASSERT(errors->count == 0 && errors->lines == NULL);
    struct rd_arena arena;
    rd_arena_init(&arena, CONFIG_FILE_BYTES_MAX * 2);
    struct config_load load = {.arena = &arena};
    struct rd_str text;
    int r = config_file_slurp(&load, path, &text);
    if (r < 0) {
        struct config_node place = {.mark = {config_file_new(&load, rd_str_of(path)), 1, 1}};
        config_fault_at(&load, &place, "%s", r == -EINVAL ? "not a file" : strerrordesc_np(-r));
        config_faults_write(&load, errors);
    } else {
        r = config_parse(text, path, folder_of(&arena, path), ret_config, errors);
    }
    rd_arena_done(&arena);
    return r;
}

/* ---- the calendars alone ---- */

struct calendars_whole {
    struct config_calendars calendars;
    struct config_memory memory;
};

void config_calendars_freep(struct config_calendars **calendars)
{
    if (*calendars != NULL) {
        struct calendars_whole *whole = (void *)*calendars;
        rd_arena_done(&whole->memory.arena);
        free(whole);
        *calendars = NULL;
    }
}

static void read_calendars(struct config_load *load, struct rd_str text, const char *path,
        struct config_calendars *ret)
{
    const struct config_file *file = config_file_new(load, rd_str_of(path));
    struct config_node *written = config_yaml_read(load, text, file, (struct rd_str){0});
    if (written == NULL) {
        return;
    }
    if (written->kind != CONFIG_MAP) {
        config_fault_at(load, written, "a configuration is a map; begin with \"redress: 1\"");
        return;
    }
    write_calendar(load, written);
    struct config_node *list =
            config_build_calendars(load, config_check_only(load, written, "calendars"));
    struct rd_calendar *calendars = RD_ARENA_ARRAY(load->arena, struct rd_calendar, list->count);
    struct rd_tree *tree = rd_tree_new();
    for (uint32_t i = 0; load->fault_count == 0 && i < list->count; i++) {
        rd_node node = NULL;
        if (rd_tree_read(tree, list->items[i]->text, &node, NULL) < 0 ||
                rd_calendar_unpack(node, load->arena, &calendars[i]) < 0) {
            config_fault_at(load, list->items[i], "does not come back as it was compiled");
        }
    }
    rd_tree_free(tree);
    ret->at = calendars;
    ret->count = list->count;
}

int config_calendars_load(
        const char *path, struct config_calendars **ret_calendars, struct config_errors *errors)
{
    RD_ASSERT(errors->count == 0 && errors->lines == NULL);
    struct calendars_whole *whole = calloc(1, sizeof *whole);
    if (whole == NULL) {
        rd_oom();
    }
    struct rd_arena *arena = &whole->memory.arena;
    rd_arena_init(arena, CONFIG_ARENA_BYTES_MAX);
    struct config_calendars *calendars = &whole->calendars;
    calendars->memory = &whole->memory;
    char real[PATH_MAX];
    const char *folder = folder_of(arena, path);
    struct config_load load = {.arena = arena};
    load.folder = realpath(folder, real) != NULL ? real : folder;
    struct rd_str text;
    int r = config_file_slurp(&load, path, &text);
    if (r < 0) {
        struct config_node place = {.mark = {config_file_new(&load, rd_str_of(path)), 1, 1}};
        config_fault_at(&load, &place, "%s", r == -EINVAL ? "not a file" : strerrordesc_np(-r));
    } else {
        read_calendars(&load, text, path, calendars);
        r = load.fault_count > 0 ? -EINVAL : 0;
    }
    if (r < 0) {
        config_faults_write(&load, errors);
        config_calendars_freep(&calendars);
        return r;
    }
    calendars->notes = config_notes_write(&load);
    *ret_calendars = calendars;
    return 0;
}

int config_print(const struct config *config, struct rd_buf *buf)
{
    config_node_print(buf, config->memory->root);
    return buf->error;
}
