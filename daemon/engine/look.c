#include <string.h>

#include "daemon/engine/arm.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/clock_timer.h"
#include "daemon/engine/fire.h"
#include "daemon/engine/names.h"
#include "daemon/engine/plans.h"
#include "daemon/engine/schedules.h"
#include "daemon/engine/state.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/timer_row.h"

/* What the desk asks of the engine: nothing here changes a row. */

const struct rd_plan *engine_plan_of(struct engine *engine, uint32_t config)
{
    return plan_of(engine, config);
}

static const char *kind_name(enum timer_kind kind)
{
    static const char *const names[] = {"", "clock", "ladder", "pause", "chase", "notice",
            "silence", "bundle", "unit-day", "duty", "source", "sweep", "rest", "approval"};
    RD_ASSERT((size_t)kind < RD_COUNT(names));
    return names[kind];
}

/* The row after the last one given on a scale, which the cursor remembers. */
static bool next_row(struct engine *engine, const struct engine_timer_cursor *cursor,
        bool is_steady, struct timer_row *ret_row)
{
    if (!cursor->has_begun[is_steady]) {
        return timer_row_first(engine->view, is_steady, NULL, ret_row);
    }
    struct timer_row from = {.is_steady = is_steady, .due = cursor->due[is_steady]};
    const uint8_t *key = cursor->key[is_steady];
    from.kind = (enum timer_kind)key[0];
    from.is_service = key[1] != 0;
    memcpy(&from.owner, key + 2, sizeof from.owner);
    memcpy(&from.slot, key + 10, sizeof from.slot);
    from.slot++; /* slots are far from their end */
    return timer_row_first(engine->view, is_steady, &from, ret_row);
}

static void keep_row(struct engine_timer_cursor *cursor, const struct timer_row *row)
{
    uint8_t *key = cursor->key[row->is_steady];
    cursor->has_begun[row->is_steady] = true;
    cursor->due[row->is_steady] = row->due;
    key[0] = (uint8_t)row->kind;
    key[1] = row->is_service ? 1 : 0;
    memcpy(key + 2, &row->owner, sizeof row->owner);
    memcpy(key + 10, &row->slot, sizeof row->slot);
}

static void describe(struct engine *engine, const struct timer_row *row, struct engine_timer *timer)
{
    *timer = (struct engine_timer){.due = timer_wall(engine, row->due, row->is_steady),
            .kind = kind_name(row->kind),
            .slot = row->slot};
    if (row->kind == TIMER_SOURCE || row->kind == TIMER_BUNDLE || row->kind == TIMER_UNIT_DAY) {
        timer->name = name_shown(engine, (uint32_t)row->owner);
        timer->unit = row->kind != TIMER_SOURCE ? (uint32_t)row->owner : 0;
        return;
    }
    if (row->kind == TIMER_DUTY) {
        timer->name = name_shown(engine, schedule_duty(row));
        timer->unit = schedule_unit(row);
        return;
    }
    if (row->kind == TIMER_SILENCE || row->kind == TIMER_SWEEP || row->kind == TIMER_REST ||
            row->kind == TIMER_APPROVAL) {
        return;
    }
    struct work *work = case_open(engine, row->owner);
    timer->case_number = row->owner;
    timer->unit = work->row->unit;
    if (row->kind == TIMER_CLOCK) {
        timer->name = clock_definition(work, &work->row->clocks[row->slot])->name;
    }
}

/* The next row of both scales, live or not. False: there is none. */
static bool pass_row(
        struct engine *engine, struct engine_timer_cursor *cursor, struct timer_row *ret_row)
{
    struct timer_row row = {0}, other;
    bool has_wall = next_row(engine, cursor, false, &row);
    if (next_row(engine, cursor, true, &other) &&
            (!has_wall || timer_row_cmp(&other, timer_wall(engine, other.due, true), &row,
                                  row.due) < 0)) {
        row = other;
    } else if (!has_wall) {
        cursor->has_ended = true;
        return false;
    }
    keep_row(cursor, &row);
    cursor->passed++;
    *ret_row = row;
    return true;
}

void engine_timer_skip(struct engine *engine, struct engine_timer_cursor *cursor, uint64_t count)
{
    struct timer_row row;
    engine->now = (struct instant){engine->counters.wall, engine->counters.steady};
    for (uint64_t i = 0; i < count && pass_row(engine, cursor, &row); i++) {
    }
}

bool engine_timer_next(struct engine *engine, struct engine_timer_cursor *cursor, uint64_t until,
        struct engine_timer *ret_timer)
{
    struct timer_row row;
    engine->now = (struct instant){engine->counters.wall, engine->counters.steady};
    while (cursor->passed < until && pass_row(engine, cursor, &row)) {
        engine->work_count = 0;
        rd_arena_reset(&engine->arena);
        if (timer_is_live(engine, &row)) {
            describe(engine, &row, ret_timer);
            return true;
        }
    }
    return false;
}
