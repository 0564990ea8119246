/* common/plan/plan_units.c — the organisation and its calendars. */
#include <inttypes.h>
#include <stdlib.h>

#include "common/base/num.h"
#include "common/plan/calendar_pack.h"
#include "common/plan/plan_reader.h"

enum { UNITS_MAX = 20000, CALENDARS_MAX = 300, UNIT_DEPTH_MAX = 16, UNIT_PATH_MAX = 255 };

void plan_read_calendars(struct plan_reader *r, rd_node root)
{
    rd_node list = plan_array(r, root, "calendars", CALENDARS_MAX);
    uint32_t count = rd_node_count(list);
    struct rd_calendar *calendars = RD_ARENA_ARRAY(r->arena, struct rd_calendar, count);
    for (uint32_t i = 0; i < count; i++) {
        size_t at = plan_enter_at(r, "calendars", i);
        if (rd_calendar_unpack(rd_node_at(list, i), r->arena, &calendars[i]) < 0) {
            plan_fault(r, NULL, "not a compiled calendar");
        } else {
            plan_distinct(r, "name", &calendars[0].name, sizeof *calendars, i);
        }
        plan_leave(r, at);
    }
    r->plan->calendars = calendars;
    r->plan->calendar_count = count;
}

int32_t plan_calendar(struct plan_reader *r, rd_node map, const char *key)
{
    struct rd_str name = plan_text(r, map, key);
    for (size_t i = 0; i < r->plan->calendar_count; i++) {
        if (rd_str_eq(r->plan->calendars[i].name, name)) {
            return (int32_t)i;
        }
    }
    if (name.len > 0) {
        plan_fault(r, key, "\"%.*s\": no such calendar", RD_FMT(name));
    }
    return RD_NO_INDEX;
}

static bool is_id(struct rd_str id)
{
    for (size_t i = 0; i < id.len; i++) {
        char c = id.ptr[i];
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-')) {
            return false;
        }
    }
    return id.len >= 1 && id.len <= 32;
}

/* Units stand in pre-order: the parent is the last one seen a level higher. */
struct walk {
    int32_t last[UNIT_DEPTH_MAX];
    size_t depth; /* of the unit before */
};

static void read_place(
        struct plan_reader *r, struct walk *walk, struct rd_plan_unit *units, int32_t index)
{
    struct rd_plan_unit *unit = &units[index];
    size_t depth = 0;
    for (size_t i = 0; i < unit->path.len; i++) {
        depth += unit->path.ptr[i] == '/';
    }
    unit->parent = RD_NO_INDEX;
    bool is_placed = index == 0 ? depth == 0 : depth >= 1 && depth <= walk->depth + 1;
    if (!is_placed || depth >= UNIT_DEPTH_MAX || unit->path.len > UNIT_PATH_MAX) {
        plan_fault(r, NULL,
                "stands deeper than %d units, or not below its parent, or its path is "
                "longer than %d bytes",
                (int)UNIT_DEPTH_MAX, (int)UNIT_PATH_MAX);
        return;
    }
    struct rd_str above = {0};
    if (index > 0) {
        unit->parent = walk->last[depth - 1];
        above = units[unit->parent].path;
    }
    size_t id_at = above.len + (index > 0);
    if (unit->path.len != id_at + unit->id.len || !rd_str_starts(unit->path, above) ||
            !rd_str_eq((struct rd_str){unit->path.ptr + id_at, unit->id.len}, unit->id)) {
        plan_fault(r, "path", "must be the parent's path, \"/\" and the id");
    }
    walk->last[depth] = index;
    walk->depth = depth;
}

static void read_unit(struct plan_reader *r, rd_node map, struct rd_plan_unit *unit)
{
    unit->path = plan_text(r, map, "path");
    unit->id = plan_text(r, map, "id");
    unit->name = plan_text(r, map, "name");
    unit->calendar = plan_calendar(r, map, "calendar");
    unit->moved_to = plan_text_or_none(r, map, "moved_to");
    unit->authority = -1;
    struct rd_str authority = plan_text_or_none(r, map, "authority");
    if (authority.len > 0 &&
            (rd_money_parse(authority, &unit->authority) < 0 || unit->authority < 0)) {
        plan_fault(r, "authority", "\"%.*s\": not an amount", RD_FMT(authority));
    }
    if (unit->id.len > 0 && !is_id(unit->id)) {
        plan_fault(r, "id", "\"%.*s\": 1 to 32 of the letters a-z, digits, \"_\" and \"-\"",
                RD_FMT(unit->id));
    } else if (rd_str_is(unit->id, "unit") || rd_str_is(unit->id, "parent") ||
               rd_str_is(unit->id, "first")) {
        plan_fault(r, "id", "\"%.*s\" is a word of the language; name the unit otherwise",
                RD_FMT(unit->id));
    }
}

static int by_name(const void *a, const void *b)
{
    const struct plan_name *x = a;
    const struct plan_name *y = b;
    int order = rd_str_cmp(x->name, y->name);
    return order != 0 ? order : (x->index > y->index) - (x->index < y->index);
}

static void index_units(struct plan_reader *r)
{
    size_t count = r->plan->unit_count;
    struct plan_name *paths = RD_ARENA_ARRAY(r->arena, struct plan_name, count);
    struct plan_name *ids = RD_ARENA_ARRAY(r->arena, struct plan_name, count);
    for (size_t i = 0; i < count; i++) {
        paths[i] = (struct plan_name){r->plan->units[i].path, (int32_t)i};
        ids[i] = (struct plan_name){r->plan->units[i].id, (int32_t)i};
    }
    qsort(paths, count, sizeof *paths, by_name);
    qsort(ids, count, sizeof *ids, by_name);
    for (size_t i = 1; i < count; i++) {
        if (rd_str_eq(paths[i].name, paths[i - 1].name)) {
            size_t at = plan_enter_at(r, "units", (uint32_t)paths[i].index);
            plan_fault(r, "id", "\"%.*s\" stands twice: two units have the path %.*s",
                    RD_FMT(r->plan->units[paths[i].index].id), RD_FMT(paths[i].name));
            plan_leave(r, at);
        }
    }
    r->whole->paths = paths;
    r->whole->ids = ids;
}

/* Parents come first: one whose own name is shared is called by its label, too. */
static void label_units(struct plan_reader *r, struct rd_plan_unit *units, size_t count)
{
    struct plan_name *names = RD_ARENA_ARRAY(r->arena, struct plan_name, count);
    bool *is_shared = RD_ARENA_ARRAY(r->arena, bool, count);
    for (size_t i = 0; i < count; i++) {
        names[i] = (struct plan_name){units[i].name, (int32_t)i};
    }
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 1; i < count; i++) {
        if (rd_str_eq(names[i].name, names[i - 1].name)) {
            is_shared[names[i].index] = is_shared[names[i - 1].index] = true;
        }
    }
    for (size_t i = 0; i < count; i++) {
        bool is_below = is_shared[i] && units[i].parent != RD_NO_INDEX;
        units[i].label =
                !is_below ? units[i].name
                          : rd_arena_printf(r->arena, "%.*s/%.*s",
                                    RD_FMT(units[units[i].parent].label), RD_FMT(units[i].name));
    }
}

static void check_moves(struct plan_reader *r)
{
    for (size_t i = 0; i < r->plan->unit_count; i++) {
        const struct rd_plan_unit *unit = &r->plan->units[i];
        if (unit->moved_to.len == 0) {
            continue;
        }
        int32_t to = rd_plan_unit_find(r->plan, unit->moved_to);
        size_t at = plan_enter_at(r, "units", (uint32_t)i);
        if (to == RD_NO_INDEX) {
            plan_fault(r, "moved_to", "\"%.*s\": no such unit", RD_FMT(unit->moved_to));
        } else if ((size_t)to == i || r->plan->units[to].moved_to.len > 0) {
            plan_fault(r, "moved_to", "\"%.*s\" is gone itself; name the unit that has the cases",
                    RD_FMT(unit->moved_to));
        }
        plan_leave(r, at);
    }
}

void plan_read_units(struct plan_reader *r, rd_node root)
{
    rd_node list = plan_array(r, root, "units", UNITS_MAX);
    uint32_t count = rd_node_count(list);
    struct rd_plan_unit *units = RD_ARENA_ARRAY(r->arena, struct rd_plan_unit, count);
    struct walk walk = {.depth = 0};
    if (count == 0) {
        plan_fault(r, "units", "at least one unit");
    }
    for (uint32_t i = 0; i < count; i++) {
        size_t at = plan_enter_at(r, "units", i);
        read_unit(r, rd_node_at(list, i), &units[i]);
        read_place(r, &walk, units, (int32_t)i);
        plan_leave(r, at);
    }
    r->plan->units = units;
    r->plan->unit_count = count;
    index_units(r);
    label_units(r, units, count);
    check_moves(r);
}
