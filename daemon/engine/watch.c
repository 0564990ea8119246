#include "daemon/engine/watch.h"

#include "daemon/engine/arm.h"
#include "daemon/engine/names.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/timer_row.h"
#include "daemon/store/rows/watch_row.h"

struct watch_row watch_get(struct engine *engine, uint32_t unit, uint16_t slot)
{
    struct watch_row row = {.armed = RD_TIME_NONE, .day = RD_DAY_NONE, .done = RD_DAY_NONE};
    if (watch_row_get(engine->view, unit, slot, &row)) {
        row.rest = rd_arena_dup(&engine->arena, row.rest);
    }
    return row;
}

struct timer_row watch_timer(uint32_t unit, uint16_t slot)
{
    return (struct timer_row){
            .is_service = true, .kind = TIMER_UNIT_DAY, .owner = unit, .slot = slot};
}

void watch_arm(
        struct engine *engine, uint32_t unit, uint16_t slot, struct watch_row *row, rd_time due)
{
    timer_arm(engine, &row->armed, due, watch_timer(unit, slot));
    watch_row_put(engine->view, unit, slot, row);
}

int32_t watch_unit(struct engine *engine, uint32_t unit)
{
    int32_t index = unit_index(engine, unit);
    bool is_gone = index == RD_NO_INDEX || engine->plan->units[index].moved_to.len > 0;
    return is_gone ? RD_NO_INDEX : index;
}

void watch_daily(struct engine *engine, uint32_t unit, uint16_t slot, watch_at_fn *at)
{
    struct watch_row row = watch_get(engine, unit, slot);
    if (row.armed != RD_TIME_NONE && row.armed <= engine->now.wall) {
        return;
    }
    const struct rd_calendar *calendar = unit_calendar(engine, unit);
    /* An instant may lie a day behind its day: closing+24h. */
    rd_day day = rd_calendar_day(calendar, engine->now.wall) - 3;
    day = row.done != RD_DAY_NONE && row.done > day ? row.done : day;
    do {
        day = rd_calendar_working_after(calendar, day);
    } while (day != RD_DAY_NONE && at(engine, unit, slot, day) <= engine->now.wall);
    row.day = day;
    watch_arm(engine, unit, slot, &row,
            day != RD_DAY_NONE ? at(engine, unit, slot, day) : RD_TIME_NONE);
}

void watch_drop(struct engine *engine, uint32_t unit, uint16_t slot)
{
    struct watch_row row = watch_get(engine, unit, slot);
    row.rest = (struct rd_str){0};
    watch_arm(engine, unit, slot, &row, RD_TIME_NONE);
}
