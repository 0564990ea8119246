#include "daemon/engine/ladder_pass.h"

#include "daemon/engine/alerts.h"
#include "daemon/engine/ladder.h"
#include "daemon/engine/ladder_items.h"
#include "daemon/engine/ladder_send.h"
#include "daemon/store/rows/case_row.h"

/* A case moves to another unit, and the open questions of its ladder move with it. */

/* Time to answer counts from `at` where the case is passed on for the first time; from the second
 * on it goes on running, so that passing to and fro gains nobody time. */
void call_send_passed(
        struct engine *engine, struct work *work, struct rung_call *call, struct instant at)
{
    struct alert_draft form = alert_draft_of(RD_ALERT_LADDER_RUNG, RD_INFO, 0);
    if (!call->is_passed_on) {
        call_ask(engine, work, call);
        call->sent = at;
        call->is_passed_on = true;
    }
    call_send(engine, work, call, &form);
}

static void pass_on(
        struct engine *engine, struct work *work, struct rung_call call, struct instant at)
{
    struct rung_call stand_in = call_fresh(engine, call.rung, (enum rd_severity)call.severity);
    const struct told asked = {.unit = {work->row->unit}, .count = 1};
    call.unit = work->row->unit;
    call.before = call.seq != 0 ? call.seq : call.before;
    call.seq = 0;
    call.is_missed = false;
    call.renotified = 0;
    call.skipped = 0;
    call.notified = engine->now;
    call.is_stand_in = rung_is_on_duty(engine, work, call.rung, &asked, call.unit);
    call.is_held = call.is_passing = call_is_to_hold(engine, work, &call);
    rd_time cause_due = engine->cause_due;
    engine->cause_due = RD_TIME_NONE; /* also where a sweep moves the case: no timer is late */
    if (!call.is_held) {
        call_send_passed(engine, work, &call, at);
    }
    if (call.has_ack) {
        call_keep(engine, work, &call);
    }
    struct alert_draft form = alert_draft_of(RD_ALERT_LADDER_RUNG, RD_INFO, 0);
    rung_stand_in(engine, work, &stand_in, &form, &asked);
    engine->cause_due = cause_due;
}

void ladder_moved(struct engine *engine, struct work *work, uint32_t before, struct instant at)
{
    struct case_ladder *ladder = &work->row->ladder;
    const struct rd_plan_ladder *plan = ladder_of(work);
    if (ladder->state == LADDER_STOPPED && plan->has_until &&
            plan->until == RD_MOMENT_ACKNOWLEDGED && !work->row->was_decided) {
        ladder_start(engine, work, at);
        return;
    }
    const struct rung_call *asked = ladder->state == LADDER_RUNNING && !engine->is_quiet
                                            ? call_unanswered(work, before)
                                            : NULL;
    struct rung_call passed = asked != NULL ? *asked : (struct rung_call){0};
    uint32_t kept = 0;
    for (uint32_t i = 0; i < ladder->call_count; i++) {
        struct rung_call call = ladder->calls[i];
        bool is_kept = call.unit != before || call.is_acked;
        if (call.unit == before && call.is_held &&
                !ladder_has_call(ladder, call.rung, work->row->unit)) {
            call.unit = work->row->unit;
            call.notified = engine->now;
            call.sent = call.is_passed_on ? call.sent : engine->now;
            is_kept = true;
        }
        if (is_kept) {
            ladder->calls[kept++] = call;
        }
    }
    ladder->call_count = kept;
    if (asked != NULL && !ladder_has_call(ladder, passed.rung, work->row->unit)) {
        pass_on(engine, work, passed, at);
    }
    ladder_arm(engine, work);
}

bool ladder_tells_holder(struct engine *engine, struct work *work)
{
    const struct rd_plan_ladder *plan = ladder_of(work);
    struct told told = {0};
    if (plan->rung_count == 0 || plan->rungs[0].after.count > 0) {
        return false;
    }
    targets_gather(engine, work, &plan->rungs[0].notify, &told);
    struct rung_call call = {.unit = work->row->unit, .severity = (uint8_t)rung_severity(work, 0)};
    for (size_t i = 0; i < told.count; i++) {
        if (told.unit[i] == call.unit) {
            return !call_is_to_hold(engine, work, &call);
        }
    }
    return false;
}
