#include "daemon/engine/ladder_fire.h"

#include "common/base/num.h"
#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/due.h"
#include "daemon/engine/ladder.h"
#include "daemon/engine/ladder_items.h"
#include "daemon/engine/ladder_pass.h"
#include "daemon/engine/ladder_send.h"
#include "daemon/engine/names.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/name_row.h"

static void exhausted(struct engine *engine, struct work *work)
{
    if (work->row->ladder.is_exhausted) {
        return;
    }
    work->row->ladder.is_exhausted = true;
    struct alert_draft draft = alert_draft_of(RD_ALERT_LADDER_EXHAUSTED, RD_WARNING, NAME_OPS);
    draft.is_late = true;
    (void)alert_send(engine, work, &draft);
}

struct firing {
    uint8_t rung;
    uint16_t skipped; /* bits: rungs whose units are told by the same alert */
    bool is_by_hand;
};
static void fire_rung(struct engine *engine, struct work *work, struct firing firing);

/* No target of the rung exists any more: fires the next rung that has not fired. */
static void fire_next(struct engine *engine, struct work *work, struct firing firing)
{
    uint8_t next = (uint8_t)(firing.rung + 1);
    while (next < ladder_of(work)->rung_count && has_bit(work->row->ladder.fired, next)) {
        next++;
    }
    if (next < ladder_of(work)->rung_count) {
        fire_rung(engine, work, (struct firing){.rung = next, .is_by_hand = firing.is_by_hand});
    } else {
        exhausted(engine, work);
    }
}

static void fire_rung(struct engine *engine, struct work *work, struct firing firing)
{
    struct case_ladder *ladder = &work->row->ladder;
    uint8_t rung = firing.rung;
    uint16_t skipped = firing.skipped;
    struct told told = {0};
    struct alert_draft form = rung_form(engine, work, rung, skipped, &told);
    ladder->fired = (uint16_t)(ladder->fired | skipped | 1U << rung);
    work->row->rungs_fired |= ladder->fired;
    if (told.count == 0) {
        fire_next(engine, work, firing);
        return;
    }
    calls_forget(ladder, rung);
    for (uint32_t i = 0; i < ladder->call_count; i++) { /* the next rung ends re-notifications */
        ladder->calls[i].is_again = ladder->calls[i].is_again && ladder->calls[i].rung > rung;
    }
    struct rung_call like = call_fresh(engine, rung, rung_severity(work, rung));
    like.is_after_until = ladder->state == LADDER_STOPPED;
    like.is_again = firing.is_by_hand && ladder->fired >> (rung + 1U) != 0;
    like.skipped = skipped;
    for (size_t i = 0; i < told.count; i++) {
        like.unit = told.unit[i];
        like.is_stand_in = rung_is_on_duty(engine, work, rung, &told, like.unit);
        call_begin(engine, work, &like, &form);
    }
    like.is_stand_in = false;
    rung_stand_in(engine, work, &like, &form, &told);
}

/* Fires by time the highest rung that is due and skips the lower ones: after a downtime a unit gets
 * one alert, not one a rung. Never a rung below `least`. */
static void fire_due(struct engine *engine, struct work *work, uint8_t least)
{
    struct case_ladder *ladder = &work->row->ladder;
    const struct rd_plan_ladder *plan = ladder_of(work);
    uint16_t due = 0;
    uint8_t highest = least;
    engine->cause_due = engine->cause_due == RD_TIME_NONE ? engine->now.wall : engine->cause_due;
    for (uint8_t i = 0; i < plan->rung_count; i++) {
        if (has_bit(ladder->fired, (uint32_t)i)) {
            continue;
        }
        struct due at = rung_due(engine, work, i);
        if (at.at != RD_TIME_NONE && timer_wall(engine, at.at, at.is_steady) <= engine->now.wall) {
            due = (uint16_t)(due | 1U << i);
            if (i > highest) {
                highest = i;
                engine->cause_due = timer_wall(engine, at.at, at.is_steady);
            }
        }
    }
    uint16_t below = (uint16_t)((1U << highest) - 1U);
    uint16_t skipped = (uint16_t)((due | 1U << least) & below);
    skipped = (uint16_t)(skipped & ~ladder->fired);
    bool tells_first = work->row->kind == CASE_CONTACT && !work->row->is_first_told &&
                       (skipped & 1U) != 0 && plan->rungs[0].after.count == 0;
    if (tells_first) {
        struct alert_draft draft =
                alert_draft_of(RD_ALERT_FIRST_CONTACT, rung_severity(work, 0), work->row->unit);
        draft.carries_warning = true;
        draft.is_late = true;
        work->row->is_first_told = true;
        (void)alert_send(engine, work, &draft);
    }
    fire_rung(engine, work, (struct firing){.rung = highest, .skipped = skipped});
}

bool ladder_escalate(struct engine *engine, struct work *work, uint32_t to)
{
    struct case_ladder *ladder = &work->row->ladder;
    const struct rd_plan_ladder *plan = ladder_of(work);
    if (ladder->state == LADDER_NONE) {
        return false;
    }
    if (to == 0) {
        to = 1;
        while (to <= plan->rung_count && has_bit(ladder->fired, to - 1)) {
            to++;
        }
    }
    if (to > plan->rung_count) {
        return false;
    }
    uint8_t rung = (uint8_t)(to - 1);
    ladder->fired = (uint16_t)(ladder->fired | ((1U << rung) - 1U)); /* jumped over */
    ladder->is_exhausted = false;
    fire_rung(engine, work, (struct firing){.rung = rung, .is_by_hand = true});
    ladder_arm(engine, work);
    return true;
}

static void release_held(struct engine *engine, struct work *work, uint16_t place)
{
    struct case_ladder *ladder = &work->row->ladder;
    struct rung_call call = ladder->calls[place];
    struct told told = {0};
    struct alert_draft form = rung_form(engine, work, call.rung, call.skipped, &told);
    call.is_held = false;
    call.skipped = 0;
    if (call.is_passing) {
        call.is_passing = false;
        call_send_passed(engine, work, &call, engine->now);
    } else {
        call_ask(engine, work, &call);
        call_send_first(engine, work, &call, &form);
    }
    ladder->calls[place] = call;
    if (!call.has_ack) {
        ladder->call_count--;
        for (uint32_t i = place; i < ladder->call_count; i++) {
            ladder->calls[i] = ladder->calls[i + 1];
        }
    }
}

static void missed(struct engine *engine, struct work *work, uint16_t place)
{
    struct case_ladder *ladder = &work->row->ladder;
    uint8_t rung = ladder->calls[place].rung;
    for (uint32_t i = 0; i < ladder->call_count; i++) {
        ladder->calls[i].is_missed = ladder->calls[i].is_missed || ladder->calls[i].rung == rung;
    }
    if ((size_t)rung + 1 >= ladder_of(work)->rung_count) {
        exhausted(engine, work);
    } else if (ladder->state == LADDER_RUNNING) {
        fire_due(engine, work, (uint8_t)(rung + 1));
    } else {
        (void)ladder_escalate(engine, work, rung + 2U);
    }
}

static void renotify(struct engine *engine, struct work *work, uint16_t place)
{
    struct rung_call *call = &work->row->ladder.calls[place];
    struct alert_draft form = alert_draft_of(RD_ALERT_LADDER_RENOTIFY, RD_INFO, 0);
    call->renotified++;
    call_send(engine, work, call, &form);
}

/* Sends the rung again as if for the first time; a ladder that `until` had stopped goes on. */
static void lapse(struct engine *engine, struct work *work, uint16_t place)
{
    struct case_ladder *ladder = &work->row->ladder;
    struct rung_call *call = &ladder->calls[place];
    struct alert_draft form = alert_draft_of(RD_ALERT_LADDER_RUNG, RD_INFO, 0);
    call->is_acked = call->is_missed = call->is_after_until = call->is_passed_on = false;
    call->leased = INSTANT_NONE;
    call->seq = call->before = 0;
    ladder->state = LADDER_RUNNING;
    ladder->begun = work->row->moment_count;
    call_ask(engine, work, call);
    call_send(engine, work, call, &form);
}

void ladder_fire(struct engine *engine, struct work *work)
{
    rd_time at[2];
    struct ladder_item item = ladder_next(engine, work, at);
    if (item.kind == ITEM_NONE || timer_wall(engine, item.at, item.is_steady) > engine->now.wall) {
        ladder_arm(engine, work);
        return;
    }
    static const char *const causes[] = {
            "", "rung", "held", "unanswered rung", "renotify", "lease"};
    const struct case_ladder *ladder = &work->row->ladder;
    unsigned rung = item.kind == ITEM_RUNG ? item.place : ladder->calls[item.place].rung;
    engine->cause = causes[item.kind];
    char room[RD_DECIMAL_MAX];
    engine->cause_name = rd_arena_dup(&engine->arena, rd_decimal(rung + 1, 1, room));
    engine->cause_due = timer_wall(engine, item.at, item.is_steady);
    switch (item.kind) {
    case ITEM_RUNG:
        fire_due(engine, work, (uint8_t)item.place);
        break;
    case ITEM_HELD:
        release_held(engine, work, item.place);
        break;
    case ITEM_MISSED:
        missed(engine, work, item.place);
        break;
    case ITEM_RENOTIFY:
        renotify(engine, work, item.place);
        break;
    case ITEM_LEASE:
        lapse(engine, work, item.place);
        break;
    case ITEM_NONE:
        RD_UNREACHABLE("no item");
    }
    ladder_arm(engine, work);
}
