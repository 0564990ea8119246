#include "daemon/engine/unread_fire.h"

#include "daemon/engine/alerts.h"
#include "daemon/engine/names.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/engine/unread.h"
#include "daemon/store/rows/alert_row.h"

static void tell(struct engine *engine, uint32_t unit, rd_time since)
{
    const struct rd_calendar *calendar = unit_calendar(engine, unit);
    struct rd_target then = engine->plan->supervision.unread.then;
    struct alert_draft draft =
            alert_draft_of(RD_ALERT_UNIT_UNREAD, RD_WARNING, target_above(engine, unit, &then));
    draft.about = unit;
    draft.count = alert_rows_awaited(engine->view, unit);
    char text[RD_TIME_TEXT_MAX];
    rd_time_format_at(since, rd_calendar_offset_s(calendar, since), text);
    struct rd_str shown = rd_str_of(text);
    if (shown.len >= 16) { /* "2025-09-22T10:00": to the minute is enough for people */
        text[10] = ' ';
        shown.len = 16;
    }
    draft.extra = (struct rd_reason){
            .code = name_shown(engine, unit), .detail = rd_arena_dup(&engine->arena, shown)};
    draft.since = since;
    draft.is_late = true;
    (void)alert_send(engine, NULL, &draft);
}

void unread_fire(struct engine *engine, uint32_t unit, struct watch_row *row)
{
    rd_time due = unread_next(engine, unit, row);
    if (due == RD_TIME_NONE || due > engine->now.wall) {
        watch_arm(engine, unit, WATCH_UNREAD, row, due);
        return;
    }
    engine->cause_name = RD_STR("unread");
    row->done = rd_calendar_day(unit_calendar(engine, unit), engine->now.wall);
    watch_arm(engine, unit, WATCH_UNREAD, row, unread_opening(engine, unit, row->done));
    tell(engine, unit, unread_since(engine, unit));
}
