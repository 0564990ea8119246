#include "daemon/engine/unread.h"

#include "daemon/engine/due.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/alert_row.h"

/* The timer is armed by the first alert that waits, and looks again when it fires: alerts that are
 * acknowledged meanwhile arm nothing, else each would leave a stale timer behind. */

bool unread_is_watched(struct engine *engine, uint32_t unit)
{
    return engine->plan->supervision.unread.is_set && watch_unit(engine, unit) != RD_NO_INDEX;
}

/* When an alert of this time will have been unread for too long, on the wall scale. */
static rd_time due_of(struct engine *engine, uint32_t unit, rd_time time)
{
    const struct rd_plan_unread *unread = &engine->plan->supervision.unread;
    struct waits waits = {.limit = unread->after,
            .counts_working = unread->counts_working,
            .on_wall = true,
            .at_closing = true};
    struct stretches none = {0};
    struct instant from = {time, time};
    return due_after(engine, unit_calendar(engine, unit), &waits, from, &none).at;
}

rd_time unread_since(struct engine *engine, uint32_t unit)
{
    struct alert_row alert;
    uint64_t seq = alert_row_oldest_awaited(engine->view, unit);
    return seq != 0 && alert_row_get(engine->view, seq, &alert) ? alert.time : RD_TIME_NONE;
}

rd_time unread_opening(struct engine *engine, uint32_t unit, rd_day day)
{
    const struct rd_calendar *calendar = unit_calendar(engine, unit);
    static const struct rd_day_time opening = {.base = RD_DAY_OPENING};
    rd_day next = rd_calendar_working_after(calendar, day);
    return next != RD_DAY_NONE ? rd_day_time_at(calendar, next, &opening) : RD_TIME_NONE;
}

rd_time unread_next(struct engine *engine, uint32_t unit, const struct watch_row *row)
{
    rd_time oldest = unread_since(engine, unit);
    if (oldest == RD_TIME_NONE) {
        return RD_TIME_NONE;
    }
    rd_time due = due_of(engine, unit, oldest);
    rd_time from = row->done != RD_DAY_NONE ? unread_opening(engine, unit, row->done) : due;
    return from == RD_TIME_NONE || due == RD_TIME_NONE || due > from ? due : from;
}

void unread_watch(struct engine *engine, uint32_t unit)
{
    struct watch_row row = watch_get(engine, unit, WATCH_UNREAD);
    bool is_due = row.armed != RD_TIME_NONE && row.armed <= engine->now.wall;
    if (unread_is_watched(engine, unit) && !is_due) {
        rd_time due = unread_next(engine, unit, &row);
        if (due != RD_TIME_NONE || row.armed != RD_TIME_NONE) {
            watch_arm(engine, unit, WATCH_UNREAD, &row, due);
        }
    }
}

void unread_note(struct engine *engine, uint32_t unit)
{
    if (!unread_is_watched(engine, unit)) {
        return;
    }
    struct watch_row row = watch_get(engine, unit, WATCH_UNREAD);
    if (row.armed == RD_TIME_NONE) {
        watch_arm(engine, unit, WATCH_UNREAD, &row, unread_next(engine, unit, &row));
    }
}
