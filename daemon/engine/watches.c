#include "daemon/engine/watches.h"

#include "daemon/engine/digests.h"
#include "daemon/engine/reports.h"
#include "daemon/engine/state.h"
#include "daemon/engine/unit_days.h"
#include "daemon/engine/units.h"
#include "daemon/engine/unread.h"
#include "daemon/engine/unread_fire.h"
#include "daemon/engine/watch.h"
#include "daemon/store/rows/timer_row.h"
#include "daemon/store/rows/watch_row.h"

static bool is_wanted(struct engine *engine, uint32_t unit, uint16_t slot)
{
    switch (slot) {
    case WATCH_REPORT:
    case WATCH_REPORT_THEN:
        return report_is_owed(engine, unit);
    case WATCH_UNREAD:
        return unread_is_watched(engine, unit);
    default:
        return digest_is_wanted(engine, unit, slot);
    }
}

static void drop_unwanted(struct engine *engine)
{
    uint32_t unit = 0;
    uint16_t slot = 0;
    for (bool is_first = true; watch_row_next(engine->view, is_first, &unit, &slot);
            is_first = false) {
        if (!is_wanted(engine, unit, slot)) {
            watch_drop(engine, unit, slot);
        }
    }
}

void watches_configure(struct engine *engine)
{
    if (engine->now.wall <= 0) {
        return; /* by the events' own clock no time was yet */
    }
    drop_unwanted(engine);
    for (size_t i = 0; i < engine->plan->unit_count; i++) {
        uint32_t unit = unit_number(engine, (int32_t)i);
        if (watch_unit(engine, unit) != RD_NO_INDEX) {
            report_watch(engine, unit);
            unread_watch(engine, unit);
            digests_watch(engine, unit);
        }
    }
}

bool watch_timer_is_live(struct engine *engine, const struct timer_row *row)
{
    struct watch_row watch;
    return !row->is_steady &&
           watch_row_get(engine->view, (uint32_t)row->owner, row->slot, &watch) &&
           watch.armed == row->due;
}

void watch_fire(struct engine *engine, const struct timer_row *timer)
{
    uint32_t unit = (uint32_t)timer->owner;
    struct watch_row row = watch_get(engine, unit, timer->slot);
    engine->cause = "unit-day";
    engine->cause_name = (struct rd_str){0};
    switch (timer->slot) {
    case WATCH_REPORT:
    case WATCH_REPORT_THEN:
        report_fire(engine, unit, timer->slot, &row);
        break;
    case WATCH_UNREAD:
        unread_fire(engine, unit, &row);
        break;
    default:
        digest_fire(engine, unit, timer->slot, &row);
        break;
    }
}

uint64_t watches_armed(struct engine *engine)
{
    uint64_t armed = 0;
    uint32_t unit = 0;
    uint16_t slot = 0;
    for (bool is_first = true; watch_row_next(engine->view, is_first, &unit, &slot);
            is_first = false) {
        armed += watch_get(engine, unit, slot).armed != RD_TIME_NONE;
    }
    return armed;
}
