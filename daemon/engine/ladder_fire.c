#include "daemon/engine/ladder_fire.h"

#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/due.h"
#include "daemon/engine/ladder.h"
#include "daemon/engine/ladder_items.h"
#include "daemon/engine/names.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/name_row.h"

struct told { /* units a rung tells, each once */
    uint32_t unit[RD_TARGETS_MAX];
    size_t count;
    struct rd_str empty; /* name of a target that is nobody */
};

static struct rd_str target_name(struct engine *engine, const struct rd_target *target)
{
    switch (target->kind) {
    case RD_TARGET_UNIT:
        return RD_STR("unit");
    case RD_TARGET_PARENT:
        return RD_STR("parent");
    case RD_TARGET_FIRST:
        return RD_STR("first");
    case RD_TARGET_ANCESTOR:
        return rd_arena_printf(&engine->arena, "ancestor: %u", (unsigned)target->steps);
    case RD_TARGET_NAMED:
        return RD_STR("named unit");
    case RD_TARGET_ROSTER:
        return RD_STR("roster");
    }
    RD_UNREACHABLE("target kind");
}

static void gather(struct engine *engine, struct work *work, const struct rd_plan_rung *rung,
        struct told *told)
{
    for (size_t i = 0; i < rung->notify.count; i++) {
        const struct rd_target *target = &rung->notify.at[i];
        uint32_t unit = target_unit(engine, work, target);
        if (unit == 0) {
            told->empty = target_name(engine, target);
            continue;
        }
        bool is_new = true;
        for (size_t k = 0; k < told->count; k++) {
            is_new = is_new && told->unit[k] != unit;
        }
        if (is_new && told->count < RD_COUNT(told->unit)) {
            told->unit[told->count++] = unit;
        }
    }
}

/* An assessment may only raise: the first rung of a complaint, and a contact's warning. */
static enum rd_severity raised(const struct work *work, uint8_t rung, enum rd_severity severity)
{
    static const enum rd_severity of_level[] = {RD_INFO, RD_WARNING, RD_HIGH, RD_CRITICAL};
    bool raises = work->row->kind == CASE_CONTACT || work->row->kind == CASE_COMPLAINT;
    enum rd_severity level = of_level[work->row->level];
    return raises && rung == 0 && level > severity ? level : severity;
}

/* Whether it waits for its unit's opening. A calendar that never opens again holds nothing. */
static bool is_to_hold(struct engine *engine, struct work *work, const struct rung_call *call)
{
    const struct rd_calendar *calendar = unit_calendar(engine, call->unit);
    return ladder_of(work)->rungs[call->rung].holds_for_opening && call->severity != RD_CRITICAL &&
           !rd_calendar_is_open(calendar, engine->now.wall) &&
           rd_calendar_next_opening(calendar, engine->now.wall) != RD_TIME_NONE;
}

/* Fixes the acknowledgement limit when the rung's first alert goes out. */
static void ask(struct engine *engine, struct work *work, struct rung_call *call)
{
    const struct rd_plan_rung *plan = &ladder_of(work)->rungs[call->rung];
    call->sent = call->notified = engine->now;
    call->renotified = 0;
    call->has_ack = plan->has_ack_within;
    call->ack = plan->ack_within;
    call->counts_working = plan->counts_working;
    call->calendar = name_number(engine, unit_calendar(engine, work->row->unit)->name);
}

static void send_call(struct engine *engine, struct work *work, struct rung_call *call,
        const struct alert_draft *form)
{
    struct alert_draft draft = *form;
    const struct rd_plan_rung *rung = &ladder_of(work)->rungs[call->rung];
    draft.unit = call->unit;
    draft.rung = call->rung + 1U;
    draft.rung_name = rung->name;
    draft.title = rung->title;
    draft.severity = (enum rd_severity)call->severity;
    draft.carries_warning = call->rung == 0;
    draft.is_ladder = true;
    draft.is_late = true;
    draft.supersedes = draft.type == RD_ALERT_LADDER_RENOTIFY ? call->seq : call->before;
    call->notified = alert_told_at(engine, work, &draft); /* a bundle tells of it later */
    if (draft.type != RD_ALERT_LADDER_RENOTIFY && !call->is_passed_on) {
        call->sent = call->notified;
    }
    if (call->has_ack) {
        struct due due = call_answer_due(engine, work, call);
        draft.ack_by = timer_wall(engine, due.at, due.is_steady);
    }
    uint64_t seq = alert_send(engine, work, &draft);
    if (seq != 0) {
        call->seq = seq;
        call->before = 0;
    }
}

/* A rung's alert for the first time; a contact's own unit gets it as the warning. */
static void send_first(struct engine *engine, struct work *work, struct rung_call *call,
        const struct alert_draft *form)
{
    struct alert_draft draft = *form;
    bool is_warning = work->row->kind == CASE_CONTACT &&
                      ladder_of(work)->rungs[call->rung].after.count == 0 &&
                      call->unit == work->row->unit && !work->row->is_first_told;
    if (is_warning) {
        draft.type = RD_ALERT_FIRST_CONTACT;
        work->row->is_first_told = true;
    }
    send_call(engine, work, call, &draft);
}

/* The alert's form: rungs skipped for it, and a target that is nobody. Gathers its units. */
static struct alert_draft form_of(
        struct engine *engine, struct work *work, uint8_t rung, uint16_t skipped, struct told *told)
{
    const struct rd_plan_ladder *plan = ladder_of(work);
    struct alert_draft form = alert_draft_of(RD_ALERT_LADDER_RUNG, RD_INFO, 0);
    uint32_t *skips = RD_ARENA_ARRAY(&engine->arena, uint32_t, RD_RUNGS_MAX);
    gather(engine, work, &plan->rungs[rung], told);
    for (uint8_t i = 0; i < rung; i++) {
        if (has_bit(skipped, (uint32_t)i)) {
            skips[form.skipped_count++] = i + 1U;
            gather(engine, work, &plan->rungs[i], told);
        }
    }
    form.skipped = skips;
    if (told->empty.len > 0) {
        form.extra = (struct rd_reason){.code = RD_STR("empty_target"), .detail = told->empty};
    }
    return form;
}

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

/* A rung that is sent again: of its alerts only those that still ask are kept, as old ones. */
static void forget_calls(struct case_ladder *ladder, uint8_t rung)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < ladder->call_count; i++) {
        struct rung_call call = ladder->calls[i];
        bool is_same = call.rung == rung;
        call.is_old = call.is_old || is_same;
        bool asks = call.has_ack && !call.is_acked && !call.is_held && call.seq != 0;
        if (!is_same || asks) {
            ladder->calls[kept++] = call;
        }
    }
    ladder->call_count = kept;
}

/* One alert of the rung: held, or sent and kept while it asks for something. */
static void call_unit(struct engine *engine, struct work *work, const struct rung_call *like,
        const struct alert_draft *form)
{
    struct rung_call call = *like;
    call.is_held = !engine->is_quiet && is_to_hold(engine, work, &call);
    if (!call.is_held) {
        ask(engine, work, &call);
        send_first(engine, work, &call, form);
    }
    /* Taken quietly nobody was told, and nobody is waited for. */
    bool is_kept = call.is_held || (call.has_ack && !engine->is_quiet);
    if (is_kept && work->row->ladder.call_count < CASE_CALLS_MAX) {
        *case_row_add_call(work->row, &engine->arena) = call;
    }
}

/* Fires `rung`; `skipped` ones fired with it tell their units by the same alert. */
static void fire_rung(struct engine *engine, struct work *work, uint8_t rung, uint16_t skipped)
{
    struct case_ladder *ladder = &work->row->ladder;
    struct told told = {0};
    struct alert_draft form = form_of(engine, work, rung, skipped, &told);
    ladder->fired = (uint16_t)(ladder->fired | skipped | 1U << rung);
    work->row->rungs_fired |= ladder->fired;
    if (told.count == 0) {
        if (!ladder_escalate(engine, work, rung + 2U)) {
            exhausted(engine, work);
        }
        return;
    }
    forget_calls(ladder, rung);
    struct rung_call like = {.rung = rung,
            .is_after_until = ladder->state == LADDER_STOPPED,
            .severity = (uint8_t)raised(work, rung, ladder_of(work)->rungs[rung].severity),
            .skipped = skipped,
            .sent = engine->now,
            .notified = engine->now,
            .leased = {RD_TIME_NONE, RD_TIME_NONE}};
    for (size_t i = 0; i < told.count; i++) {
        like.unit = told.unit[i];
        call_unit(engine, work, &like, &form);
    }
}

/* By time: of those that are due the highest, the others skipped. Never below `least`. */
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
        struct alert_draft draft = alert_draft_of(
                RD_ALERT_FIRST_CONTACT, raised(work, 0, plan->rungs[0].severity), work->row->unit);
        draft.carries_warning = true;
        draft.is_late = true;
        work->row->is_first_told = true;
        (void)alert_send(engine, work, &draft);
    }
    fire_rung(engine, work, highest, skipped);
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
    fire_rung(engine, work, rung, 0);
    ladder_arm(engine, work);
    return true;
}

/* ---- passing on ---- */

static bool has_call(const struct case_ladder *ladder, uint8_t rung, uint32_t unit)
{
    for (uint32_t i = 0; i < ladder->call_count; i++) {
        if (ladder->calls[i].rung == rung && ladder->calls[i].unit == unit) {
            return true;
        }
    }
    return false;
}

/* Time to answer counts from `at` where the case is passed on for the first time; from the second
 * on it goes on running, so that passing to and fro gains nobody time. */
static void send_passed(
        struct engine *engine, struct work *work, struct rung_call *call, struct instant at)
{
    struct alert_draft form = alert_draft_of(RD_ALERT_LADDER_RUNG, RD_INFO, 0);
    if (!call->is_passed_on) {
        ask(engine, work, call);
        call->sent = at;
        call->is_passed_on = true;
    }
    send_call(engine, work, call, &form);
}

static void pass_on(
        struct engine *engine, struct work *work, struct rung_call call, struct instant at)
{
    call.unit = work->row->unit;
    call.before = call.seq != 0 ? call.seq : call.before;
    call.seq = 0;
    call.is_missed = false;
    call.renotified = 0;
    call.skipped = 0;
    call.notified = engine->now;
    call.is_held = call.is_passing = is_to_hold(engine, work, &call);
    if (!call.is_held) {
        rd_time cause_due = engine->cause_due;
        engine->cause_due = RD_TIME_NONE; /* also where a sweep moves the case: no timer is late */
        send_passed(engine, work, &call, at);
        engine->cause_due = cause_due;
    }
    if (call.has_ack && work->row->ladder.call_count < CASE_CALLS_MAX) {
        *case_row_add_call(work->row, &engine->arena) = call;
    }
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
        if (call.unit == before && call.is_held && !has_call(ladder, call.rung, work->row->unit)) {
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
    if (asked != NULL && !has_call(ladder, passed.rung, work->row->unit)) {
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
    gather(engine, work, &plan->rungs[0], &told);
    struct rung_call call = {
            .unit = work->row->unit, .severity = (uint8_t)raised(work, 0, plan->rungs[0].severity)};
    for (size_t i = 0; i < told.count; i++) {
        if (told.unit[i] == call.unit) {
            return !is_to_hold(engine, work, &call);
        }
    }
    return false;
}

static void release_held(struct engine *engine, struct work *work, uint16_t place)
{
    struct case_ladder *ladder = &work->row->ladder;
    struct rung_call call = ladder->calls[place];
    struct told told = {0};
    struct alert_draft form = form_of(engine, work, call.rung, call.skipped, &told);
    call.is_held = false;
    call.skipped = 0;
    if (call.is_passing) {
        call.is_passing = false;
        send_passed(engine, work, &call, engine->now);
    } else {
        ask(engine, work, &call);
        send_first(engine, work, &call, &form);
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
    send_call(engine, work, call, &form);
}

/* Asked again, as if for the first time; what `until` had stopped goes on. */
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
    ask(engine, work, call);
    send_call(engine, work, call, &form);
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
    engine->cause_name = rd_arena_printf(&engine->arena, "%u", rung + 1);
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
