/* daemon/config/build_units.c — the tree of units laid flat; patterns of units unfolded. */
#include <string.h>

#include "daemon/config/build.h"

static void put_or_empty(struct config_load *load, struct config_node *into,
        const struct config_node *from, const char *key)
{
    struct config_node *value = config_node_find(from, key);
    if (value == NULL) {
        value = config_node_str(load->arena, RD_STR(""), from);
    }
    config_node_put(load->arena, into, key, value);
}

/* Depth is bounded by that of the document. */
static void flatten(struct config_load *load, struct config_node *list,
        const struct config_node *unit, struct rd_str above, struct config_node *calendar)
{
    if (unit->kind != CONFIG_MAP) {
        return;
    }
    struct rd_str id = config_node_text(unit, "id");
    struct rd_str path =
            above.len > 0 ? rd_arena_printf(load->arena, "%.*s/%.*s", RD_FMT(above), RD_FMT(id))
                          : id;
    struct config_node *own = config_node_find(unit, "calendar");
    calendar = own != NULL ? own : calendar;

    struct config_node *out = config_node_new(load->arena, CONFIG_MAP, unit);
    config_node_put(load->arena, out, "path", config_node_str(load->arena, path, unit));
    put_or_empty(load, out, unit, "id");
    struct config_node *name = config_node_find(unit, "name");
    config_node_put(
            load->arena, out, "name", name != NULL ? name : config_node_str(load->arena, id, unit));
    config_node_put(load->arena, out, "calendar",
            calendar != NULL ? calendar : config_node_str(load->arena, RD_STR("default"), unit));
    put_or_empty(load, out, unit, "authority");
    put_or_empty(load, out, unit, "moved_to");
    struct config_node *liaisons = config_node_find(unit, "liaisons");
    config_node_put(load->arena, out, "liaisons",
            liaisons != NULL ? liaisons : config_node_new(load->arena, CONFIG_LIST, unit));
    config_node_add(load->arena, list, out);

    const struct config_node *below = config_node_find(unit, "units");
    for (uint32_t i = 0; below != NULL && below->kind == CONFIG_LIST && i < below->count; i++) {
        flatten(load, list, below->items[i], path, calendar);
    }
}

struct config_node *config_build_units(struct config_load *load, const struct config_node *root)
{
    const struct config_node *units = config_node_find(root, "units");
    struct config_node *list =
            config_node_new(load->arena, CONFIG_LIST, units != NULL ? units : root);
    list->path = RD_STR("units");
    if (units != NULL) {
        flatten(load, list, units, (struct rd_str){0}, NULL);
    }
    return list;
}

static struct rd_str head(struct rd_str path)
{
    const char *slash = path.len > 0 ? memchr(path.ptr, '/', path.len) : NULL;
    return (struct rd_str){path.ptr, slash != NULL ? (size_t)(slash - path.ptr) : path.len};
}

static struct rd_str tail(struct rd_str path)
{
    size_t used = head(path).len;
    used += used < path.len;
    return (struct rd_str){path.ptr + used, path.len - used};
}

/* "*" within a part stands for any letters of it. */
static bool part_fits(struct rd_str pattern, struct rd_str part)
{
    size_t p = 0;
    size_t t = 0;
    size_t star = SIZE_MAX;
    size_t back = 0;
    while (t < part.len) {
        if (p < pattern.len && pattern.ptr[p] == '*') {
            star = p++;
            back = t;
        } else if (p < pattern.len && pattern.ptr[p] == part.ptr[t]) {
            p++;
            t++;
        } else if (star != SIZE_MAX) {
            p = star + 1;
            t = ++back;
        } else {
            return false;
        }
    }
    while (p < pattern.len && pattern.ptr[p] == '*') {
        p++;
    }
    return p == pattern.len;
}

/* "**" stands for any number of parts; parts are at most 16, so the recursion is short. */
static bool path_fits(struct rd_str pattern, struct rd_str path)
{
    if (pattern.len == 0 || path.len == 0) {
        return path.len == 0 && (pattern.len == 0 || rd_str_is(pattern, "**"));
    }
    if (rd_str_is(head(pattern), "**")) {
        return tail(pattern).len == 0 || path_fits(tail(pattern), path) ||
               path_fits(pattern, tail(path));
    }
    return part_fits(head(pattern), head(path)) && path_fits(tail(pattern), tail(path));
}

static bool is_gone(const struct config_node *unit)
{
    return config_node_text(unit, "moved_to").len > 0;
}

static bool unit_fits(struct rd_str pattern, const struct config_node *unit)
{
    bool is_id = memchr(pattern.ptr, '/', pattern.len) == NULL &&
                 memchr(pattern.ptr, '*', pattern.len) == NULL;
    return path_fits(pattern, config_node_text(unit, "path")) ||
           (is_id && rd_str_eq(pattern, config_node_text(unit, "id")));
}

/* Several "**" in one pattern would make the match slow. */
static bool is_simple(struct rd_str pattern)
{
    unsigned doubles = 0;
    for (struct rd_str rest = pattern; rest.len > 0; rest = tail(rest)) {
        doubles += rd_str_is(head(rest), "**");
    }
    return doubles <= 2;
}

/* None that still has work fits. `gone`: one that fits and has it no more; NULL: none does. */
static void refuse_pattern(
        struct config_load *load, const struct config_node *pattern, const struct config_node *gone)
{
    if (gone == NULL) {
        config_fault_at(load, pattern, "\"%.*s\": no such unit", CONFIG_QUOTED(pattern->text));
        return;
    }
    config_fault_at(load, pattern,
            "\"%.*s\": %.*s has moved_to %.*s: name the unit that has the work",
            CONFIG_QUOTED(pattern->text), CONFIG_QUOTED(config_node_text(gone, "path")),
            CONFIG_QUOTED(config_node_text(gone, "moved_to")));
}

struct config_node *config_unfold_units(
        struct config_load *load, const struct config_node *units, const struct config_node *list)
{
    struct config_node *out = config_node_new(load->arena, CONFIG_LIST, list);
    bool *is_named = RD_ARENA_ARRAY(load->arena, bool, units->count + 1);
    for (uint32_t i = 0; i < list->count; i++) {
        const struct config_node *pattern = list->items[i];
        const struct config_node *gone = NULL;
        uint32_t fits = 0;
        if (pattern->text.len == 0 || !is_simple(pattern->text)) {
            config_fault_at(load, pattern, "at most two \"**\"");
            continue;
        }
        for (uint32_t k = 0; k < units->count; k++) {
            if (!unit_fits(pattern->text, units->items[k])) {
                continue;
            }
            is_named[k] = !is_gone(units->items[k]) || is_named[k];
            fits += !is_gone(units->items[k]);
            gone = gone == NULL && is_gone(units->items[k]) ? units->items[k] : gone;
        }
        if (fits == 0) {
            refuse_pattern(load, pattern, gone);
        }
    }
    for (uint32_t k = 0; k < units->count; k++) {
        if (is_named[k]) {
            config_node_add(load->arena, out,
                    config_node_str(load->arena, config_node_text(units->items[k], "path"), list));
        }
    }
    return out;
}

/* Units stand in pre-order: what is below one follows it. */
static bool has_units_below(const struct config_node *units, uint32_t at)
{
    struct rd_str path = config_node_text(units->items[at], "path");
    for (uint32_t i = at + 1; i < units->count; i++) {
        struct rd_str below = config_node_text(units->items[i], "path");
        if (!rd_str_starts(below, path) || below.len == path.len || below.ptr[path.len] != '/') {
            return false;
        }
        if (!is_gone(units->items[i])) {
            return true;
        }
    }
    return false;
}

struct config_node *config_leaf_units(struct config_load *load, const struct config_node *units)
{
    struct config_node *out = config_node_new(load->arena, CONFIG_LIST, units);
    for (uint32_t i = 0; i < units->count; i++) {
        const struct config_node *unit = units->items[i];
        if (!is_gone(unit) && !has_units_below(units, i)) {
            config_node_add(load->arena, out,
                    config_node_str(load->arena, config_node_text(unit, "path"), unit));
        }
    }
    return out;
}
