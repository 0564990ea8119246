#include "daemon/engine/units.h"

#include "daemon/engine/names.h"
#include "daemon/engine/plans.h"
#include "daemon/engine/rosters.h"
#include "daemon/engine/state.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/meta_row.h"
#include "daemon/store/rows/name_row.h"

uint32_t unit_number(struct engine *engine, int32_t index)
{
    RD_ASSERT(index >= 0 && (size_t)index < engine->plan->unit_count);
    return name_number(engine, engine->plan->units[index].path);
}

uint32_t unit_above(struct engine *engine, uint32_t number, uint32_t steps)
{
    struct rd_str path = name_shown(engine, number);
    for (; steps > 0; steps--) {
        size_t len = path.len;
        while (len > 0 && path.ptr[len - 1] != '/') {
            len--;
        }
        if (len == 0) {
            return 0; /* above the root */
        }
        path.len = len - 1;
    }
    /* A copy: giving a number may move what the path points into. */
    return unit_present(engine, name_number(engine, rd_arena_dup(&engine->arena, path)));
}

const struct rd_calendar *unit_calendar(struct engine *engine, uint32_t number)
{
    const struct rd_plan *plan = engine->plan;
    RD_ASSERT(plan->calendar_count > 0);
    int32_t index = unit_index(engine, number);
    if (index == RD_NO_INDEX) {
        index = 0; /* a unit that went away: the root's */
    }
    int32_t calendar = plan->units[index].calendar;
    RD_ASSERT(calendar >= 0 && (size_t)calendar < plan->calendar_count);
    return &plan->calendars[calendar];
}

static const struct rd_calendar *find_calendar(const struct rd_plan *plan, struct rd_str name)
{
    for (size_t i = 0; i < plan->calendar_count; i++) {
        if (rd_str_eq(plan->calendars[i].name, name)) {
            return &plan->calendars[i];
        }
    }
    return NULL;
}

bool sweep_awaits(const struct engine *engine, uint64_t number)
{
    const struct counters *counters = &engine->counters;
    return counters->sweep_due != RD_TIME_NONE && number >= counters->sweep_next &&
           number <= counters->sweep_last;
}

/* The configuration whose calendars still hold for a case that the sweep has not reached; NULL: the
 * present one's. A due that passed before the change is judged by the calendars it was promised
 * under. */
static const struct rd_plan *sweep_old_plan(struct engine *engine, const struct work *work)
{
    const struct counters *counters = &engine->counters;
    bool is_old = sweep_awaits(engine, work->row->number) &&
                  work->row->swept != counters->sweep_config && counters->sweep_config > 1;
    return is_old ? plan_of(engine, counters->sweep_config - 1) : NULL;
}

/* The present data of the calendar a clock began under, or those of before where the case has not
 * been looked at since they changed; else, if it is gone, the case's own. */
const struct rd_calendar *calendar_named(struct engine *engine, struct work *work, uint32_t name)
{
    struct rd_str text = name_shown(engine, name);
    const struct rd_plan *old = sweep_old_plan(engine, work);
    const struct rd_calendar *calendar = find_calendar(old != NULL ? old : engine->plan, text);
    if (calendar == NULL && work->plan != NULL) {
        calendar = find_calendar(work->plan, text);
    }
    return calendar != NULL ? calendar : unit_calendar(engine, work->row->unit);
}

const struct rd_calendar *calendar_waited(struct engine *engine, struct work *work, uint32_t unit)
{
    const struct rd_plan *old = sweep_old_plan(engine, work);
    int32_t index = old != NULL ? rd_plan_unit_find(old, name_shown(engine, unit)) : RD_NO_INDEX;
    return index != RD_NO_INDEX ? &old->calendars[old->units[index].calendar]
                                : unit_calendar(engine, unit);
}

uint32_t unit_present(struct engine *engine, uint32_t number)
{
    int32_t index = number != 0 ? unit_index(engine, number) : RD_NO_INDEX;
    if (index == RD_NO_INDEX || engine->plan->units[index].moved_to.len == 0) {
        return number;
    }
    int32_t to = rd_plan_unit_find(engine->plan, engine->plan->units[index].moved_to);
    RD_ASSERT(to != RD_NO_INDEX); /* the plan was checked */
    return unit_number(engine, to);
}

bool unit_is_within(struct engine *engine, uint32_t unit, uint32_t top)
{
    struct rd_str path = name_shown(engine, unit), prefix = name_shown(engine, top);
    return rd_str_starts(path, prefix) && (path.len == prefix.len || path.ptr[prefix.len] == '/');
}

/* Who has the roster's turn now: by the present configuration, where it still has the roster. */
static uint32_t roster_now(struct engine *engine, const struct rd_plan *plan, int32_t index)
{
    const struct rd_plan_roster *old = &plan->rosters[index];
    const struct rd_plan_roster *present = rd_plan_roster_find(engine->plan, old->name);
    return present != NULL ? roster_unit(engine, engine->plan, present, engine->now.wall)
                           : roster_unit(engine, plan, old, engine->now.wall);
}

static uint32_t unit_of_target(
        struct engine *engine, struct work *work, const struct rd_target *target)
{
    const struct case_row *row = work->row;
    switch (target->kind) {
    case RD_TARGET_UNIT:
        return row->unit;
    case RD_TARGET_PARENT:
        return unit_above(engine, row->unit, 1);
    case RD_TARGET_FIRST:
        return row->first_unit;
    case RD_TARGET_ANCESTOR:
        return unit_above(engine, row->unit, target->steps);
    case RD_TARGET_ROSTER:
        RD_ASSERT(target->unit >= 0 && (size_t)target->unit < work->plan->roster_count);
        return roster_now(engine, work->plan, target->unit);
    case RD_TARGET_NAMED:
        RD_ASSERT(target->unit >= 0 && (size_t)target->unit < work->plan->unit_count);
        return name_number(engine, work->plan->units[target->unit].path);
    }
    RD_UNREACHABLE("target kind");
}

uint32_t target_unit(struct engine *engine, struct work *work, const struct rd_target *target)
{
    return unit_present(engine, unit_of_target(engine, work, target));
}

uint32_t target_above(struct engine *engine, uint32_t unit, const struct rd_target *target)
{
    uint32_t found = unit;
    if (target->kind == RD_TARGET_PARENT || target->kind == RD_TARGET_ANCESTOR) {
        found = unit_above(engine, unit, target->steps);
    } else if (target->kind == RD_TARGET_NAMED) {
        found = unit_number(engine, target->unit);
    } else if (target->kind == RD_TARGET_ROSTER) {
        found = roster_now(engine, engine->plan, target->unit);
    }
    return found != 0 ? unit_present(engine, found) : NAME_OPS;
}

rd_time value_due(struct engine *engine, const struct rd_value *value, uint32_t unit)
{
    if (value->type == RD_VALUE_TIME) {
        return value->integer;
    }
    if (value->type == RD_VALUE_DATE) {
        return rd_calendar_instant(unit_calendar(engine, unit), (rd_day)value->integer, 24 * 60);
    }
    return RD_TIME_NONE;
}
