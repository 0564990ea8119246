#include "daemon/engine/cases.h"
#include "daemon/engine/counters.h"
#include "daemon/engine/event_rows.h"
#include "daemon/engine/known.h"
#include "daemon/engine/ladder.h"
#include "daemon/engine/lifecycle.h"
#include "daemon/engine/names.h"
#include "daemon/engine/record.h"
#include "daemon/engine/reports.h"
#include "daemon/engine/screening.h"
#include "daemon/engine/silences.h"
#include "daemon/engine/state.h"
#include "daemon/engine/take.h"
#include "daemon/engine/take_shared.h"
#include "daemon/engine/unit_days.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/roster_row.h"
#include "daemon/store/rows/screened_row.h"

/* Events about alerts, silences, contracts, units, sources: not about one case that they name. */

static bool is_own_call(const struct rd_alert *alert)
{
    return alert->type == RD_ALERT_LADDER_RUNG || alert->type == RD_ALERT_LADDER_RENOTIFY ||
           alert->type == RD_ALERT_FIRST_CONTACT;
}

bool take_alert_acknowledged(struct engine *engine, struct take *take)
{
    struct rd_str by = event_str(engine, RD_KEY_BY);
    struct work *work = take->asked;
    uint64_t seq = take->alert->seq;
    struct alert_row row;
    bool is_known = alert_row_get(engine->view, seq, &row);
    RD_ASSERT(is_known); /* target_find looked */
    if (work == NULL) {
        row.packed = rd_arena_dup(&engine->arena, row.packed);
        row.flags |= ALERT_ACKED;
        row.acked = engine->own.wall;
        row.acked_by = by;
        alert_row_put(engine->view, seq, &row);
        return true;
    }
    uint32_t unit = row.unit;
    take->case_number = take->alert->case_number;
    take->touched = work;
    (void)case_ack_alert(engine, work, seq, by);
    enum case_state to;
    enum lifecycle cell =
            lifecycle_of(&take->rule->lifecycle, work->row->kind, work->row->state, &to);
    bool is_open = cell == LIFECYCLE_SAME || cell == LIFECYCLE_MOVES;
    if (unit == work->row->unit && is_own_call(take->alert) && is_open &&
            !work->row->was_acknowledged) {
        work->row->state = to;
        take_acknowledge(engine, work);
    }
    case_history_event(engine, work, HISTORY_EVENT);
    return true;
}

bool take_silence_created(struct engine *engine, struct take *take)
{
    if (!silence_create(engine, take->reject, &take->silence)) {
        return false;
    }
    char until[RD_TIME_TEXT_MAX];
    rd_time_format(engine->event->data[RD_KEY_UNTIL].integer, until);
    struct rd_str by = event_str(engine, RD_KEY_BY), reason = event_str(engine, RD_KEY_REASON);
    struct alert_draft draft = alert_draft_of(RD_ALERT_SILENCE_CREATED, RD_INFO, NAME_OPS);
    draft.extra = (struct rd_reason){.code = rd_arena_printf(&engine->arena, "silence.%llu",
                                             (unsigned long long)take->silence),
            .detail = rd_arena_printf(
                    &engine->arena, "until %s, by %.*s: %.*s", until, RD_FMT(by), RD_FMT(reason))};
    draft.is_extra_said = true;
    draft.since = engine->event->data[RD_KEY_UNTIL].integer;
    (void)alert_send(engine, NULL, &draft);
    return true;
}

bool take_silence_ended(struct engine *engine, struct take *take)
{
    (void)take;
    silence_end(engine, (uint64_t)engine->event->data[RD_KEY_SILENCE].integer);
    return true;
}

/* A contract counts once a round: screening it again replaces what it counted for. */
bool take_screened(struct engine *engine, struct take *take)
{
    struct screened_row before = {.seq = 0};
    struct rd_str contract = event_str(engine, RD_KEY_CONTRACT);
    if (screened_row_get(engine->view, contract, &before) &&
            rd_str_eq(before.round, event_str(engine, RD_KEY_ROUND))) {
        before.risk = rd_arena_dup(&engine->arena, before.risk);
        before.round = rd_arena_dup(&engine->arena, before.round);
        screening_count(engine, &before, -1);
    }
    struct screened_row row = {.risk = event_str(engine, RD_KEY_RISK),
            .round = event_str(engine, RD_KEY_ROUND),
            .unit = take->unit,
            .held = take->work != NULL ? take->work->row->unit : take->unit,
            .time = engine->own.wall,
            .cleared = RD_TIME_NONE,
            .seq = engine->seq};
    screening_own(engine, &before, &row);
    screening_count(engine, &row, 1);
    screened_row_put(engine->view, contract, &row);
    screening_follow(engine, take);
    return true;
}

/* Whose report it is: one by the path of a unit that was moved into another is not the other's own,
 * which has to report the day itself. */
static uint32_t reporter(struct engine *engine, const struct take *take)
{
    int32_t named = rd_plan_unit_find(engine->plan, event_str(engine, RD_KEY_UNIT));
    RD_ASSERT(named != RD_NO_INDEX); /* target_find looked */
    return report_is_owed(engine, take->unit) ? unit_number(engine, named) : take->unit;
}

bool take_unit_reported(struct engine *engine, struct take *take)
{
    rd_day day = (rd_day)engine->event->data[RD_KEY_DATE].integer;
    rd_day today = rd_calendar_day(unit_calendar(engine, take->unit), engine->now.wall);
    if (day > today) { /* numbers that nobody can know, and the day's own would not be asked for */
        char text[RD_DATE_TEXT_MAX];
        rd_day_format(today, text);
        return rd_reject_set(take->reject, "bad_value", "data.date",
                "that day has not begun: where the unit is it is %s", text);
    }
    report_take(engine, reporter(engine, take), day);
    return true;
}

bool take_roster_overridden(struct engine *engine, struct take *take)
{
    const struct rd_value *data = engine->event->data;
    struct rd_str name = event_str(engine, RD_KEY_ROSTER);
    uint32_t roster = name_number(engine, name);
    rd_time from = data[RD_KEY_FROM].integer, now = engine->now.wall;
    if (data[RD_KEY_UNTIL].integer <= now) {
        return rd_reject_set(take->reject, "bad_value", "data.until",
                "that span is over: who had the turn then stays as it was");
    }
    if (roster_row_is_full(engine->view, roster, engine->now.wall)) {
        return rd_reject_set(take->reject, "bad_value", "data.roster",
                "%d spans of this roster have not ended: no more can be taken over",
                ROSTER_STANDING_MAX);
    }
    roster_row_put(engine->view, &(struct roster_row){.roster = roster,
                                         .unit = take->unit,
                                         .from = from > now ? from : now,
                                         .until = data[RD_KEY_UNTIL].integer,
                                         .seq = engine->seq,
                                         .by = event_str(engine, RD_KEY_BY)});
    take->roster = name;
    return true;
}

bool take_source_reset(struct engine *engine, struct take *take)
{
    (void)take;
    known_reset(engine, event_str(engine, RD_KEY_SOURCE));
    return true;
}

/* The edge believes the step of its clock from here on, or looks again at what is in quarantine;
 * nothing of the state depends on it. */
bool take_for_edge(struct engine *engine, struct take *take)
{
    (void)engine;
    (void)take;
    return true;
}
