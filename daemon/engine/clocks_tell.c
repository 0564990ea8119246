#include "daemon/engine/clocks_tell.h"

#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/clock_timer.h"
#include "daemon/engine/names.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/name_row.h"

uint32_t clock_unit(
        struct engine *engine, struct work *work, const struct rd_plan_clock *definition)
{
    /* A review is owned by the level above, the case stays where it is. */
    if (definition->starts == 1U << RD_MOMENT_REVIEW_REQUESTED) {
        uint32_t parent = unit_above(engine, work->row->unit, 1);
        return parent != 0 ? parent : work->row->unit;
    }
    return work->row->unit;
}

struct alert_draft clock_draft(struct engine *engine, struct work *work,
        const struct case_clock *clock, enum rd_alert_type type)
{
    const struct rd_plan_clock *definition = clock_definition(work, clock);
    struct alert_draft draft = alert_draft_of(type, RD_INFO, clock_unit(engine, work, definition));
    draft.clock_name = definition->name;
    draft.clock_shown = definition->shown;
    if (clock->due != RD_TIME_NONE) { /* a reminder that fell into a pause is not sent after it */
        draft.due = timer_wall(engine, clock->due, clock->is_steady);
    }
    draft.is_provisional = clock->is_provisional;
    return draft;
}

/* Drops reminders whose instant has passed. A reminder without an instant stays, as a later due may
 * give it one. */
void reminders_drop(struct engine *engine, struct work *work, struct case_clock *clock)
{
    for (size_t i = 0; i < clock_definition(work, clock)->reminder_count; i++) {
        if (reminder_at(engine, work, clock, i) != RD_TIME_NONE) {
            clock->reminders_sent = (uint16_t)(clock->reminders_sent | 1U << i);
        }
    }
}

/* Once per calendar and horizon: a limit reaches into a year without data. */
void clock_tell_horizon(struct engine *engine, struct work *work, struct case_clock *clock)
{
    const struct rd_calendar *calendar = calendar_named(engine, work, clock->calendar);
    struct rd_str mark = rd_arena_printf(&engine->arena, "calendar.horizon/%.*s/%d",
            RD_FMT(calendar->name), (int)calendar->horizon);
    if (name_known(engine, mark) != 0) {
        return;
    }
    (void)name_number(engine, mark);
    struct alert_draft draft = clock_draft(engine, work, clock, RD_ALERT_CALENDAR_HORIZON);
    draft.unit = NAME_OPS;
    draft.severity = RD_WARNING;
    (void)alert_send(engine, work, &draft);
}
