/* daemon/config/word.c — values that name something: attributes, units, moments, sockets, files. */
#include <errno.h>
#include <inttypes.h>
#include <string.h>

#include "common/base/num.h"
#include "common/plan/plan.h"
#include "daemon/config/calendar_build.h"
#include "daemon/config/check.h"

static struct config_node *same_text(struct config_load *load, const struct config_node *node)
{
    return config_node_str(load->arena, node->text, node);
}

static struct config_node *attribute_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    (void)row;
    if (!rd_plan_is_attribute(node->text)) {
        struct rd_nearest nearest = rd_nearest_of(node->text);
        struct rd_str name;
        for (size_t i = 0; (name = rd_plan_attribute_at(i)).len > 0; i++) {
            rd_nearest_try(&nearest, name);
        }
        config_fault_at(load, node,
                "\"%.*s\": no attribute of a case; a firm's own are written attributes.NAME%s",
                CONFIG_QUOTED(node->text), config_nearest_hint(load, &nearest));
        return NULL;
    }
    return same_text(load, node);
}

/* A path or an id: ids joined by "/". */
static bool is_unit_name(struct rd_str text, bool with_stars)
{
    size_t part = 0;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        bool is_letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
                         (with_stars && c == '*');
        if (c == '/' ? part == 0 : !is_letter) {
            return false;
        }
        part = c == '/' ? 0 : part + 1;
    }
    return part > 0 && text.len <= 255;
}

static struct config_node *unit_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    bool with_stars = row->type == CONFIG_T_UNITS;
    if (!is_unit_name(node->text, with_stars)) {
        config_fault_at(load, node, "\"%.*s\": not a unit; write its path, for instance %s",
                CONFIG_QUOTED(node->text),
                with_stars ? "xj/urumqi, \"xj/*\" or \"**\"" : "xj/urumqi");
        return NULL;
    }
    return same_text(load, node);
}

static struct config_node *target_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    (void)row;
    struct rd_str rest = node->text;
    if (rd_str_starts(rest, RD_STR("ancestor:"))) {
        rest = (struct rd_str){rest.ptr + 9, rest.len - 9};
        while (rest.len > 0 && rest.ptr[0] == ' ') {
            rest = (struct rd_str){rest.ptr + 1, rest.len - 1};
        }
        uint64_t steps;
        if (rd_u64_parse(rest, &steps) < 0 || steps < 1 || steps > 16) {
            config_fault_at(load, node, "\"%.*s\": an ancestor is 1 to 16 steps above",
                    CONFIG_QUOTED(node->text));
            return NULL;
        }
        return config_node_str(
                load->arena, rd_arena_printf(load->arena, "ancestor: %" PRIu64, steps), node);
    }
    if (rd_str_starts(rest, RD_STR("roster:"))) {
        rest = (struct rd_str){rest.ptr + 7, rest.len - 7};
        while (rest.len > 0 && rest.ptr[0] == ' ') {
            rest = (struct rd_str){rest.ptr + 1, rest.len - 1};
        }
        return config_node_str(
                load->arena, rd_arena_printf(load->arena, "roster: %.*s", RD_FMT(rest)), node);
    }
    if (!is_unit_name(rest, false)) {
        config_fault_at(load, node,
                "\"%.*s\": not a target; write unit, parent, first, \"ancestor: 2\" or a unit's "
                "path",
                CONFIG_QUOTED(node->text));
        return NULL;
    }
    return same_text(load, node);
}

static const char *moment_hint(struct config_load *load, struct rd_str text)
{
    struct rd_nearest nearest = rd_nearest_of(text);
    for (int i = 0; i < RD_MOMENT_COUNT; i++) {
        rd_nearest_try(&nearest, rd_str_of(rd_moment_name((enum rd_moment)i)));
    }
    return config_nearest_hint(load, &nearest);
}

static struct config_node *moment_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    (void)row;
    enum rd_moment moment;
    if (rd_moment_parse(node->text, &moment) < 0) {
        config_fault_at(load, node,
                "\"%.*s\": nothing that happens to a case; write for instance acknowledged, "
                "decided or closed%s",
                CONFIG_QUOTED(node->text), moment_hint(load, node->text));
        return NULL;
    }
    return same_text(load, node);
}

static struct config_node *start_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    struct rd_str rest = node->text;
    if (!rd_str_starts(rest, RD_STR("attribute:"))) {
        return moment_value(load, row, node);
    }
    rest = (struct rd_str){rest.ptr + 10, rest.len - 10};
    while (rest.len > 0 && rest.ptr[0] == ' ') {
        rest = (struct rd_str){rest.ptr + 1, rest.len - 1};
    }
    struct config_node *name = attribute_value(load, row, config_node_str(load->arena, rest, node));
    return name == NULL
                   ? NULL
                   : config_node_str(load->arena,
                             rd_arena_printf(load->arena, "attribute: %.*s", RD_FMT(rest)), node);
}

enum { IPC_PATH_MAX = 107 }; /* sockaddr_un */

static struct config_node *ipc_value(struct config_load *load, const struct config_node *node)
{
    struct rd_str path = {node->text.ptr + 6, node->text.len - 6};
    if (path.len > 0 && path.ptr[0] != '@' && load->folder != NULL) {
        path = config_path_of(load, path);
    }
    if (path.len == 0 || path.len > IPC_PATH_MAX) {
        config_fault_at(load, node, "\"%.*s\": the path of a socket is 1 to %d bytes long",
                CONFIG_QUOTED(node->text), (int)IPC_PATH_MAX);
        return NULL;
    }
    return config_node_str(
            load->arena, rd_arena_printf(load->arena, "ipc://%.*s", RD_FMT(path)), node);
}

static struct config_node *endpoint_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    (void)row;
    struct rd_str text = node->text;
    if (rd_str_starts(text, RD_STR("ipc://"))) {
        return ipc_value(load, node);
    }
    const char *colon = text.len > 6 ? memrchr(text.ptr + 6, ':', text.len - 6) : NULL;
    bool is_good = rd_str_starts(text, RD_STR("tcp://")) && colon != NULL && colon > text.ptr + 6 &&
                   text.len <= 255;
    if (is_good) {
        struct rd_str port = {colon + 1, text.len - (size_t)(colon + 1 - text.ptr)};
        uint64_t number;
        is_good = rd_str_is(port, "*") ||
                  (rd_u64_parse(port, &number) == 0 && number >= 1 && number <= 65535);
    }
    for (size_t i = 0; is_good && i < text.len; i++) {
        is_good = text.ptr[i] > ' ' && text.ptr[i] != 0x7f;
    }
    if (!is_good) {
        config_fault_at(load, node,
                "\"%.*s\": not an endpoint; write ipc://PATH or tcp://HOST:PORT",
                CONFIG_QUOTED(text));
        return NULL;
    }
    return same_text(load, node);
}

static struct config_node *file_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    bool is_state =
            strcmp(row->path, "state") == 0; /* a folder the daemon makes, not one we read */
    if (node->text.len == 0 || node->text.len > 4000) {
        config_fault_at(load, node, "a path is 1 to 4000 bytes long");
        return NULL;
    }
    if (load->folder == NULL && !is_state) {
        config_fault_at(
                load, node, "\"%.*s\": no files can be named here", CONFIG_QUOTED(node->text));
        return NULL;
    }
    struct rd_str path =
            is_state ? config_path_of(load, node->text) : config_input_path_of(load, node->text);
    return config_node_str(load->arena, path, node);
}

static struct config_node *zone_value(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    (void)row;
    if (!config_zone_name_valid(node->text)) {
        config_fault_at(load, node,
                "\"%.*s\": not a time zone; write its IANA name, for instance Asia/Shanghai",
                CONFIG_QUOTED(node->text));
        return NULL;
    }
    return same_text(load, node);
}

struct config_node *config_check_word(
        struct config_load *load, const struct config_row *row, const struct config_node *node)
{
    static config_value_fn *const OF[] = {
            [CONFIG_T_ATTRIBUTE] = attribute_value,
            [CONFIG_T_TARGET] = target_value,
            [CONFIG_T_UNIT] = unit_value,
            [CONFIG_T_UNITS] = unit_value,
            [CONFIG_T_MOMENT] = moment_value,
            [CONFIG_T_START] = start_value,
            [CONFIG_T_ENDPOINT] = endpoint_value,
            [CONFIG_T_FILE] = file_value,
            [CONFIG_T_ZONE] = zone_value,
    };
    RD_ASSERT(row->type < RD_COUNT(OF) && OF[row->type] != NULL);
    return OF[row->type](load, row, node);
}
