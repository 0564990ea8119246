#include "daemon/engine/sweep.h"

#include <string.h>

#include "common/plan/calendar_pack.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/clock_timer.h"
#include "daemon/engine/clocks.h"
#include "daemon/engine/due.h"
#include "daemon/engine/ladder.h"
#include "daemon/engine/state.h"
#include "daemon/engine/take_shared.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/meta_row.h"
#include "daemon/store/rows/timer_row.h"

/* What another configuration changes for cases that are there already: calendars, the calendars of
 * units, units that are gone. A timer at the instant of the configuration's record looks at some
 * cases each time it fires, in the order of their numbers, up to the last one opened before; an
 * event that names a case whose turn has not come takes that first. So nobody waits, and every case
 * has been looked at before anything fires that is due later than the configuration. */

enum { SWEEP_CASES = 8, CALENDAR_BYTES_MAX = 64 * 1024 * 1024 };

static bool is_same_calendar(const struct rd_calendar *a, const struct rd_calendar *b)
{
    RD_CLEANUP(rd_buf_done)
    struct rd_buf one;
    RD_CLEANUP(rd_buf_done)
    struct rd_buf other;
    rd_buf_init(&one, CALENDAR_BYTES_MAX);
    rd_buf_init(&other, CALENDAR_BYTES_MAX);
    rd_calendar_pack(&one, a);
    rd_calendar_pack(&other, b);
    RD_ASSERT(one.error == 0 && other.error == 0);
    return rd_str_eq(rd_buf_str(&one), rd_buf_str(&other));
}

/* Whether the new configuration has every calendar of the old one unchanged, and every unit still
 * goes by the same. An additional calendar changes nothing for existing cases. */
static bool changes_calendars(const struct rd_plan *old, const struct rd_plan *fresh)
{
    for (size_t i = 0; i < old->calendar_count; i++) {
        const struct rd_calendar *found = NULL;
        for (size_t k = 0; k < fresh->calendar_count; k++) {
            if (rd_str_eq(fresh->calendars[k].name, old->calendars[i].name)) {
                found = &fresh->calendars[k];
            }
        }
        if (found == NULL || !is_same_calendar(&old->calendars[i], found)) {
            return true;
        }
    }
    for (size_t i = 0; i < old->unit_count; i++) {
        int32_t at = rd_plan_unit_find(fresh, old->units[i].path);
        if (at != RD_NO_INDEX && !rd_str_eq(fresh->calendars[fresh->units[at].calendar].name,
                                         old->calendars[old->units[i].calendar].name)) {
            return true;
        }
    }
    return false;
}

static bool moves_units(const struct rd_plan *plan)
{
    for (size_t i = 0; i < plan->unit_count; i++) {
        if (plan->units[i].moved_to.len > 0) {
            return true;
        }
    }
    return false;
}

static void arm(struct engine *engine, rd_time due)
{
    timer_arm(engine, &engine->counters.sweep_due, due,
            (struct timer_row){.is_service = true, .kind = TIMER_SWEEP});
}

void sweep_begin(struct engine *engine, const struct rd_plan *old)
{
    struct counters *counters = &engine->counters;
    if (old == NULL || counters->case_number == 0 ||
            !(changes_calendars(old, engine->plan) || moves_units(engine->plan))) {
        return;
    }
    counters->sweep_next = 1;
    counters->sweep_last = counters->case_number;
    counters->sweep_config = counters->config;
    arm(engine, counters->wall);
}

static void note_changed(struct engine *engine, struct work *work, const struct case_clock *clock)
{
    struct rd_str name = clock_definition(work, clock)->name;
    case_history(engine, work,
            &(struct history_row){.what = HISTORY_CLOCK,
                    .time = engine->now.wall,
                    .taken = engine->now.wall,
                    .note = rd_arena_printf(
                            &engine->arena, "calendar-changed %.*s", RD_FMT(name))});
}

/* The history says where it was; a reorganisation is no transfer. */
static void leave_gone_unit(struct engine *engine, struct work *work)
{
    uint32_t before = work->row->unit, unit = unit_present(engine, before);
    if (unit == before || case_is_over(work)) {
        return;
    }
    case_history_moved(engine, work, before, engine->now.wall);
    case_move(engine, work, unit, engine->now, NULL);
}

/* Of a case that is over. */
static bool has_live_clock(const struct work *work)
{
    const struct case_row *row = work->row;
    for (size_t i = 0; i < row->clock_count; i++) {
        const struct case_clock *clock = &row->clocks[i];
        if (clock->state == CLOCK_RUNNING ||
                (clock->state == CLOCK_BREACHED && clock_definition(work, clock)->outlives_close)) {
            return true;
        }
    }
    return false;
}

void sweep_case(struct engine *engine, struct work *work)
{
    struct case_row *row = work->row;
    row->swept = engine->counters.sweep_config;
    if (case_is_over(work) && !has_live_clock(work)) {
        return;
    }
    struct case_clock before[RD_CLOCKS_MAX];
    memcpy(before, row->clocks, sizeof before[0] * row->clock_count);
    const char *cause = engine->cause;
    struct rd_str cause_name = engine->cause_name;
    engine->cause = "configuration";
    engine->cause_name = (struct rd_str){0};
    leave_gone_unit(engine, work);
    engine->cause = "calendar";
    clocks_revise(engine, work);
    for (size_t i = 0; i < row->clock_count; i++) {
        const struct case_clock *clock = &row->clocks[i];
        if (clock->due != before[i].due || clock->is_provisional != before[i].is_provisional) {
            note_changed(engine, work, clock);
        }
    }
    ladder_arm(engine, work);
    engine->cause = cause;
    engine->cause_name = cause_name;
}

bool sweep_timer_is_live(const struct engine *engine, const struct timer_row *row)
{
    return !row->is_steady && engine->counters.sweep_due == row->due;
}

void sweep_fire(struct engine *engine)
{
    struct counters *counters = &engine->counters;
    for (int i = 0; i < SWEEP_CASES && counters->sweep_next <= counters->sweep_last; i++) {
        struct work *work = case_open(engine, counters->sweep_next);
        if (work != NULL) {
            sweep_case(engine, work);
        }
        counters->sweep_next++;
    }
    if (counters->sweep_next > counters->sweep_last) {
        arm(engine, RD_TIME_NONE);
    }
}
