#include "daemon/engine/pauses.h"

#include "common/plan/masks.h"
#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/clocks.h"
#include "daemon/engine/due.h"
#include "daemon/engine/ladder.h"
#include "daemon/engine/names.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/timer_row.h"

static struct timer_row timer_of(const struct work *work, const struct case_pause *pause)
{
    return (struct timer_row){.is_service = true,
            .kind = TIMER_PAUSE,
            .owner = work->row->number,
            .slot = (uint16_t)(pause - work->row->pauses)};
}

/* When an open pause is to be reported as long: by the limit of its reason, else by the common
 * one. */
static rd_time long_after(
        struct engine *engine, struct work *work, struct rd_str reason, struct instant begin)
{
    const struct rd_plan_policy *policy = case_policy(work);
    size_t at = 0;
    while (at + 1 < policy->pause_limit_count &&
            !rd_str_eq(policy->pause_limits[at].reason, reason)) {
        at++;
    }
    struct waits waits = {
            .limit = policy->pause_limits[at].limit, .on_wall = true, .at_closing = true};
    const struct rd_calendar *calendar = unit_calendar(engine, work->row->unit);
    return due_after(engine, calendar, &waits, begin, &(struct stretches){0}).at;
}

bool pause_is_long(struct engine *engine, struct work *work, const struct case_pause *pause)
{
    if (pause->end.wall != RD_TIME_NONE) {
        return false;
    }
    rd_time told = long_after(engine, work, name_shown(engine, pause->reason), pause->begin);
    return told != RD_TIME_NONE && told <= engine->now.wall;
}

bool pauses_are_full(const struct work *work, struct rd_reject *reject)
{
    return work->row->pause_count == CASE_PAUSES_MAX &&
           !rd_reject_set(reject, "illegal_transition", "",
                   "the case has been paused %d times, which is the most, as every pause stays in "
                   "its limits: give an extension, or register the matter anew",
                   CASE_PAUSES_MAX);
}

/* The caller made sure that there is room and that the reason is not open. */
void pause_begin(struct engine *engine, struct work *work, struct rd_str reason, struct instant at,
        rd_time until)
{
    struct case_pause *pause = case_row_add_pause(work->row, &engine->arena);
    *pause = (struct case_pause){.reason = name_number(engine, reason),
            .begin = at,
            .end = {RD_TIME_NONE, RD_TIME_NONE},
            .until = until,
            .armed = RD_TIME_NONE};
    rd_time told = long_after(engine, work, reason, at);
    bool is_told_first = told != RD_TIME_NONE && (until == RD_TIME_NONE || told < until);
    timer_arm(engine, &pause->armed, is_told_first ? told : until, timer_of(work, pause));
    clocks_rest(engine, work);
    ladder_arm(engine, work);
    work->is_dirty = true;
}

static void close_pause(
        struct engine *engine, struct work *work, struct case_pause *pause, struct instant at)
{
    pause->end.wall = at.wall < pause->begin.wall ? pause->begin.wall : at.wall;
    pause->end.steady = at.steady < pause->begin.steady ? pause->begin.steady : at.steady;
    timer_arm(engine, &pause->armed, RD_TIME_NONE, timer_of(work, pause));
    work->is_dirty = true;
}

void pause_end(
        struct engine *engine, struct work *work, struct case_pause *pause, struct instant at)
{
    close_pause(engine, work, pause, at);
    clocks_derive(engine, work);
    ladder_arm(engine, work);
}

void pauses_end_all(struct engine *engine, struct work *work, struct instant at)
{
    for (uint32_t i = 0; i < work->row->pause_count; i++) {
        if (work->row->pauses[i].end.wall == RD_TIME_NONE) {
            close_pause(engine, work, &work->row->pauses[i], at);
        }
    }
}

/* The pause goes on; its length is reported once. */
static void tell_long(struct engine *engine, struct work *work, struct case_pause *pause)
{
    timer_arm(engine, &pause->armed, pause->until, timer_of(work, pause));
    work->is_dirty = true;
    struct alert_draft draft =
            alert_draft_of(RD_ALERT_CASE_PAUSE_LONG, RD_WARNING, work->row->unit);
    draft.key = name_shown(engine, pause->reason);
    draft.is_key_said = !rd_plan_names(engine->plan, RD_KEY_REASON, draft.key);
    draft.is_late = true;
    (void)alert_send(engine, work, &draft);
    draft.unit = unit_above(engine, work->row->unit, 1);
    if (draft.unit != 0) {
        (void)alert_send(engine, work, &draft);
    }
}

void pause_fire(struct engine *engine, struct work *work, uint16_t slot)
{
    struct case_pause *pause = &work->row->pauses[slot];
    RD_ASSERT(pause->end.wall == RD_TIME_NONE && pause->armed <= engine->now.wall);
    struct rd_str reason = name_shown(engine, pause->reason);
    engine->cause = "pause";
    engine->cause_name = reason;
    if (pause->armed != pause->until) {
        tell_long(engine, work, pause);
        return;
    }
    pause_end(engine, work, pause, instant_of(engine, pause->until));
    case_history(engine, work,
            &(struct history_row){.what = HISTORY_RESUMED,
                    .time = pause->until,
                    .taken = engine->now.wall,
                    .seq = engine->seq,
                    .note = reason});
    struct alert_draft draft = alert_draft_of(RD_ALERT_CASE_RESUMED, RD_INFO, work->row->unit);
    draft.is_late = true;
    (void)alert_send(engine, work, &draft);
}
