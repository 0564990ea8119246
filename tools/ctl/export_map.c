/* export: a regulator's file. A mapping, a JSON file, says which cases of a period are rows, and
 * what stands in each column; the desk is asked, case by case. */
#include "tools/ctl/export_map.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/time/period.h"

enum { PAGE_ROWS = 1000, PARAMS_BYTES_MAX = 4096, FIELD_MAX = 128 };

/* ---- a cell ---- */

static struct rd_str day_text(struct export_map *map, rd_time time)
{
    char text[RD_DATE_TEXT_MAX];
    rd_day_format((rd_day)((time + local_offset(time) * RD_SECOND_US) / RD_DAY_US), text);
    return rd_arena_dup(&map->grid.arena, rd_str_of(text));
}

static struct rd_str plain(struct export_map *map, const struct column *column, rd_node node)
{
    char text[RD_TIME_TEXT_MAX];
    switch (rd_node_type(node)) {
    case RD_NODE_STR:
        return rd_node_str(node);
    case RD_NODE_UINT:
    case RD_NODE_INT:
        return rd_arena_printf(&map->grid.arena, "%" PRId64, rd_node_int(node));
    case RD_NODE_BOOL:
        return rd_node_bool(node) ? RD_STR("true") : RD_STR("false");
    case RD_NODE_TIME:
        if (column->as != NULL && strcmp(column->as, "date") == 0) {
            return day_text(map, rd_node_time(node));
        }
        rd_time_format_at(rd_node_time(node), local_offset(rd_node_time(node)), text);
        return rd_arena_dup(&map->grid.arena, rd_str_of(text));
    case RD_NODE_NONE:
    case RD_NODE_NIL:
    case RD_NODE_FLOAT:
    case RD_NODE_BIN:
    case RD_NODE_ARRAY:
    case RD_NODE_MAP:
    case RD_NODE_EXT:
        break;
    }
    return (struct rd_str){0};
}

/* clock.NAME.FIELD of the case. */
static rd_node clock_node(rd_node one, const char *path)
{
    const char *dot = strrchr(path, '.');
    struct rd_str name = {path + 6, (size_t)(dot - path - 6)};
    rd_node clocks = rd_node_find(one, "clocks");
    for (uint32_t i = 0; i < rd_node_count(clocks); i++) {
        rd_node clock = rd_node_at(clocks, i);
        if (rd_str_eq(rd_node_str(rd_node_find(clock, "clock")), name)) {
            return rd_node_find(clock, dot + 1);
        }
    }
    return NULL;
}

static rd_node node_of(rd_node one, const char *path)
{
    if (strncmp(path, "clock.", 6) == 0) {
        return clock_node(one, path);
    }
    if (strncmp(path, "attributes.", 11) != 0) {
        return rd_node_find(one, path);
    }
    rd_node attributes = rd_node_find(one, "attributes");
    return strncmp(path + 11, "attributes.", 11) == 0
                   ? rd_node_find(rd_node_find(attributes, "attributes"), path + 22)
                   : rd_node_find(attributes, path + 11);
}

static void note_uncoded(struct export_map *map, struct column *column, struct rd_str value)
{
    for (size_t i = 0; i < column->uncoded_count; i++) {
        if (rd_str_eq(column->uncoded[i], value)) {
            return;
        }
    }
    if (column->uncoded_count < COLUMN_UNCODED_MAX) {
        column->uncoded[column->uncoded_count++] = rd_arena_dup(&map->grid.arena, value);
    }
}

/* A coded value by its name or by the regulator's own code; one that has none stays. */
static struct rd_str coded(
        struct export_map *map, struct column *column, const char *from, struct rd_str value)
{
    const json_t *values =
            json_object_get(json_object_get(map->codes, from + strlen("attributes.")), "values");
    char key[FIELD_MAX * 2];
    (void)snprintf(key, sizeof key, "%.*s", RD_FMT(value));
    const char *found =
            json_string_value(json_object_get(json_object_get(values, key), column->code));
    if (found == NULL && strcmp(column->code, "regulator") == 0) {
        note_uncoded(map, column, value);
    }
    return found != NULL ? rd_str_of(found) : value;
}

/* Of the first path that has a value. */
static struct rd_str value_of(struct export_map *map, struct column *column, rd_node one)
{
    struct rd_str value = {0};
    for (size_t i = 0; i < column->from_count && value.len == 0; i++) {
        rd_node node = node_of(one, column->from[i]);
        bool is_clock = strncmp(column->from[i], "clock.", 6) == 0;
        column->has_clock = column->has_clock || (is_clock && node != NULL);
        value = plain(map, column, node);
        if (column->code != NULL && value.len > 0) {
            value = coded(map, column, column->from[i], value);
        }
    }
    return value;
}

static struct rd_str cell_of(struct export_map *map, struct column *column, rd_node one)
{
    if (column->text != NULL) {
        return rd_str_of(column->text);
    }
    struct rd_str value = value_of(map, column, one);
    char key[FIELD_MAX * 2];
    (void)snprintf(key, sizeof key, "%.*s", RD_FMT(value));
    const char *mapped = json_string_value(json_object_get(column->values, key));
    bool is_lost = column->values != NULL ? mapped == NULL : value.len == 0;
    if (is_lost && column->otherwise != NULL) {
        return rd_str_of(column->otherwise);
    }
    return mapped != NULL ? rd_str_of(mapped) : value;
}

/* ---- the cases ---- */

static bool is_within(const struct export_map *map, rd_node row)
{
    rd_node node = rd_node_find(row, map->date);
    if (rd_node_type(node) != RD_NODE_TIME) {
        return false;
    }
    rd_time time = rd_node_time(node);
    rd_day day = (rd_day)((time + local_offset(time) * RD_SECOND_US) / RD_DAY_US);
    return day >= map->from && day <= map->to;
}

static enum exit_status take_case(
        struct export_map *map, struct ctl_answer *answer, uint64_t number)
{
    struct rd_buf params;
    rd_buf_init(&params, PARAMS_BYTES_MAX);
    rd_pack_map(&params, 1);
    rd_pack_cstr(&params, "case");
    rd_pack_uint(&params, number);
    enum exit_status status = ctl_ask(map->ctl, "case.get", &params, answer);
    rd_buf_done(&params);
    bool is_of_it = status == STATUS_OK && is_within(map, answer->got.result);
    bool is_merged = is_of_it &&
                     rd_node_type(rd_node_find(answer->got.result, "merged_into")) != RD_NODE_NONE;
    if (is_merged && !map->has_merged) {
        map->merged++;
    } else if (is_of_it) {
        map->rows++;
        for (size_t i = 0; i < map->column_count; i++) {
            grid_add(&map->grid, cell_of(map, &map->columns[i], answer->got.result));
        }
    }
    return status;
}

static void put_list_params(const struct export_map *map, struct rd_buf *params, uint64_t after)
{
    const char *unit = ctl_option(map->ctl, "unit");
    rd_pack_map(params, unit != NULL ? 4 : 3);
    rd_pack_cstr(params, "kind");
    rd_pack_cstr(params, map->kind);
    rd_pack_cstr(params, "limit");
    rd_pack_uint(params, PAGE_ROWS);
    rd_pack_cstr(params, "after");
    rd_pack_uint(params, after);
    if (unit != NULL) {
        rd_pack_cstr(params, "unit");
        rd_pack_cstr(params, unit);
    }
}

/* Whether the case may be one is known of its row, but for the decision. */
static bool may_be(const struct export_map *map, rd_node row)
{
    return strcmp(map->date, "decided") == 0 || is_within(map, row);
}

static enum exit_status take_all(struct export_map *map)
{
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer list = {0};
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer one = {0};
    enum exit_status status = STATUS_OK;
    uint64_t after = 0;
    do {
        struct rd_buf params;
        rd_buf_init(&params, PARAMS_BYTES_MAX);
        put_list_params(map, &params, after);
        status = ctl_ask(map->ctl, "case.list", &params, &list);
        rd_buf_done(&params);
        rd_node rows = status == STATUS_OK ? rd_node_find(list.got.result, "rows") : NULL;
        for (uint32_t i = 0; status == STATUS_OK && i < rd_node_count(rows); i++) {
            rd_node row = rd_node_at(rows, i);
            if (may_be(map, row)) {
                status = take_case(map, &one, rd_node_uint(rd_node_find(row, "case")));
            }
        }
        after = status == STATUS_OK ? rd_node_uint(rd_node_find(list.got.result, "next")) : 0;
    } while (after != 0);
    return status;
}

static enum exit_status ask_codes(struct export_map *map)
{
    RD_CLEANUP(ctl_answer_done)
    struct ctl_answer answer = {0};
    enum exit_status status = ctl_ask(map->ctl, "config.get", NULL, &answer);
    if (status == STATUS_OK) {
        rd_node config = rd_node_find(answer.got.result, "config");
        map->codes = json_of_node(rd_node_find(config, "codes"));
    }
    return status;
}

/* ---- the verb ---- */

static void print_rows(const struct export_map *map)
{
    json_t *rows = json_array();
    for (size_t at = 0; at < map->grid.count; at += map->column_count) {
        json_t *row = json_object();
        for (size_t i = 0; i < map->column_count; i++) {
            (void)json_object_set_new(
                    row, map->columns[i].head, json_text(map->grid.cells[at + i]));
        }
        (void)json_array_append_new(rows, row);
    }
    json_t *whole = json_object();
    (void)json_object_set_new(whole, "rows", rows);
    json_print(stdout, whole, false);
}

static bool take_period(const struct ctl *ctl, const char *name, struct rd_period *ret_period)
{
    const char *text = ctl_option(ctl, name);
    if (text == NULL || rd_period_parse(rd_str_of(text), ret_period) < 0) {
        say_error("--%s: %s; write a day, month, quarter, half or year: 2026-03-31, 2026-Q1", name,
                text != NULL ? text : "is missing");
        return false;
    }
    return true;
}

/* From the beginning of the one to the end of the other. */
static bool take_span(const struct ctl *ctl, struct export_map *map)
{
    struct rd_period from, to;
    if (!take_period(ctl, "from", &from)) {
        return false;
    }
    to = from;
    if (ctl_option(ctl, "to") != NULL && !take_period(ctl, "to", &to)) {
        return false;
    }
    map->from = from.first;
    map->to = to.last;
    return true;
}

static bool is_of_clocks(const struct column *column)
{
    for (size_t i = 0; i < column->from_count; i++) {
        if (strncmp(column->from[i], "clock.", 6) != 0) {
            return false;
        }
    }
    return column->from_count > 0;
}

static void say_uncoded(const struct export_map *map, size_t index)
{
    enum { LINE_BYTES_MAX = 4096 };
    const struct column *column = &map->columns[index];
    struct rd_buf line;
    rd_buf_init(&line, LINE_BYTES_MAX);
    for (size_t i = 0; i < column->uncoded_count; i++) {
        rd_buf_printf(&line, "%s%.*s", i > 0 ? ", " : "", RD_FMT(column->uncoded[i]));
    }
    say_error("columns[%zu] (%s): written as they are, as codes gives them no regulator: %.*s%s",
            index, column->head, RD_FMT(rd_buf_str(&line)),
            column->uncoded_count == COLUMN_UNCODED_MAX ? ", and maybe more" : "");
    rd_buf_done(&line);
}

/* What stands in the file, or is missing in it, otherwise than one would take it for. */
static void say_what_to_look_at(const struct export_map *map)
{
    if (map->merged > 0) {
        say_error("%" PRIu64 " more %s; \"merged\": true in the map keeps them", map->merged,
                map->merged == 1 ? "was merged into another and is no row"
                                 : "were merged into others and are no rows");
    }
    for (size_t i = 0; i < map->column_count && map->rows > 0; i++) {
        const struct column *column = &map->columns[i];
        if (is_of_clocks(column) && !column->has_clock) {
            say_error("columns[%zu] (%s): empty: no row has a clock of %s%s", i, column->head,
                    column->from[0], column->from_count > 1 ? " and the other ones named" : "");
        }
        if (column->uncoded_count > 0) {
            say_uncoded(map, i);
        }
    }
}

/* Of several: a kind that is none is refused by the desk. */
static const char *kinds_of(const struct export_map *map)
{
    return strcmp(map->kind, "duty") == 0      ? "duties"
           : strcmp(map->kind, "contact") == 0 ? "contacts"
                                               : "complaints";
}

static enum exit_status run(struct export_map *map)
{
    bool needs_codes = false;
    for (size_t i = 0; i < map->column_count; i++) {
        (void)grid_column(&map->grid, rd_str_of(map->columns[i].head), false);
        needs_codes = needs_codes || map->columns[i].code != NULL;
    }
    enum exit_status status = needs_codes ? ask_codes(map) : STATUS_OK;
    status = status == STATUS_OK ? take_all(map) : status;
    if (status == STATUS_OK && map->ctl->is_json) {
        print_rows(map);
    } else if (status == STATUS_OK) {
        grid_print_csv(&map->grid, stdout, ctl_option(map->ctl, "bom") != NULL);
        say_error("%" PRIu64 " %s: %s %s in the period", map->rows, map->rows == 1 ? "row" : "rows",
                kinds_of(map), map->date);
    }
    if (status == STATUS_OK) {
        say_what_to_look_at(map);
    }
    return status;
}

enum exit_status ctl_export(struct ctl *ctl)
{
    struct export_map map = {.ctl = ctl, .path = ctl_option(ctl, "map")};
    if (map.path == NULL) {
        say_error("export wants --map: which file of whom; see tools/examples/returns");
        return ctl_usage(ctl);
    }
    if (!take_span(ctl, &map)) {
        return STATUS_USAGE;
    }
    grid_init(&map.grid);
    enum exit_status status = export_read_map(&map) ? run(&map) : STATUS_USAGE;
    grid_done(&map.grid);
    json_freep(&map.codes);
    json_freep(&map.map);
    return status;
}
