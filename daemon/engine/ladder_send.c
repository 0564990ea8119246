#include "daemon/engine/ladder_send.h"

#include "daemon/engine/arm.h"
#include "daemon/engine/due.h"
#include "daemon/engine/ladder_items.h"
#include "daemon/engine/ladder_why.h"
#include "daemon/engine/names.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/case_row.h"

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

void targets_gather(struct engine *engine, struct work *work, const struct rd_targets *targets,
        struct told *told)
{
    for (size_t i = 0; i < targets->count; i++) {
        const struct rd_target *target = &targets->at[i];
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

enum rd_severity rung_severity(const struct work *work, uint8_t rung)
{
    enum rd_severity severity = ladder_of(work)->rungs[rung].severity;
    static const enum rd_severity of_level[] = {RD_INFO, RD_WARNING, RD_HIGH, RD_CRITICAL};
    bool raises = work->row->kind == CASE_CONTACT || work->row->kind == CASE_COMPLAINT;
    enum rd_severity level = of_level[work->row->level];
    return raises && rung == 0 && level > severity ? level : severity;
}

static bool is_closed(struct engine *engine, uint32_t unit)
{
    return !rd_calendar_is_open(unit_calendar(engine, unit), engine->now.wall);
}

bool call_is_to_hold(struct engine *engine, struct work *work, const struct rung_call *call)
{
    const struct rd_calendar *calendar = unit_calendar(engine, call->unit);
    return call_may_wait(work, call) && is_closed(engine, call->unit) &&
           rd_calendar_next_opening(calendar, engine->now.wall) != RD_TIME_NONE;
}

void call_ask(struct engine *engine, struct work *work, struct rung_call *call)
{
    const struct rd_plan_rung *plan = &ladder_of(work)->rungs[call->rung];
    call->sent = call->notified = engine->now;
    call->renotified = 0;
    call->has_ack = plan->has_ack_within;
    call->ack = plan->ack_within;
    call->counts_working = plan->counts_working && !call->is_stand_in;
    call->calendar = name_number(engine, unit_calendar(engine, work->row->unit)->name);
}

void call_send(struct engine *engine, struct work *work, struct rung_call *call,
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
    call->notified = alert_told_at(engine, work, &draft); /* a storm's bundle will carry it */
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

void call_send_first(struct engine *engine, struct work *work, struct rung_call *call,
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
    call_send(engine, work, call, &draft);
}

struct alert_draft rung_form(
        struct engine *engine, struct work *work, uint8_t rung, uint16_t skipped, struct told *told)
{
    const struct rd_plan_ladder *plan = ladder_of(work);
    struct alert_draft form = alert_draft_of(RD_ALERT_LADDER_RUNG, RD_INFO, 0);
    uint32_t *skips = RD_ARENA_ARRAY(&engine->arena, uint32_t, RD_RUNGS_MAX);
    targets_gather(engine, work, &plan->rungs[rung].notify, told);
    for (uint8_t i = 0; i < rung; i++) {
        if (has_bit(skipped, (uint32_t)i)) {
            skips[form.skipped_count++] = i + 1U;
            targets_gather(engine, work, &plan->rungs[i].notify, told);
        }
    }
    form.skipped = skips;
    form.why = rung_why(engine, work, rung);
    form.is_why_said = rung_is_by_hand(engine);
    if (told->empty.len > 0) {
        form.extra = (struct rd_reason){.code = RD_STR("empty_target"), .detail = told->empty};
    }
    return form;
}

void calls_forget(struct case_ladder *ladder, uint8_t rung)
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

bool ladder_has_call(const struct case_ladder *ladder, uint8_t rung, uint32_t unit)
{
    for (uint32_t i = 0; i < ladder->call_count; i++) {
        if (ladder->calls[i].rung == rung && ladder->calls[i].unit == unit) {
            return true;
        }
    }
    return false;
}

/* Answers to a rung that was sent again still satisfy it: of these the oldest is given up. Others
 * are no more than all rungs have targets. */
static void drop_oldest(struct case_ladder *ladder)
{
    uint32_t at = 0;
    while (at < ladder->call_count && !ladder->calls[at].is_old) {
        at++;
    }
    for (uint32_t i = at; i + 1 < ladder->call_count; i++) {
        ladder->calls[i] = ladder->calls[i + 1];
    }
    ladder->call_count -= at < ladder->call_count ? 1U : 0U;
}

void call_keep(struct engine *engine, struct work *work, const struct rung_call *call)
{
    struct case_ladder *ladder = &work->row->ladder;
    if (ladder->call_count == CASE_CALLS_MAX) {
        drop_oldest(ladder);
    }
    if (ladder->call_count < CASE_CALLS_MAX) {
        *case_row_add_call(work->row, &engine->arena) = *call;
    }
}

struct rung_call call_fresh(const struct engine *engine, uint8_t rung, enum rd_severity severity)
{
    return (struct rung_call){.rung = rung,
            .severity = (uint8_t)severity,
            .sent = engine->now,
            .notified = engine->now,
            .leased = {RD_TIME_NONE, RD_TIME_NONE}};
}

void call_begin(struct engine *engine, struct work *work, const struct rung_call *like,
        const struct alert_draft *form)
{
    struct rung_call call = *like;
    call.is_held = !engine->is_quiet && call_is_to_hold(engine, work, &call);
    if (!call.is_held) {
        call_ask(engine, work, &call);
        call_send_first(engine, work, &call, form);
    }
    /* A case that was taken over quietly sent no alert, so there is no answer to wait for. */
    if (call.is_held || (call.has_ack && !engine->is_quiet)) {
        call_keep(engine, work, &call);
    }
}

static bool is_asked(const struct case_ladder *ladder, uint8_t rung, uint32_t unit)
{
    for (uint32_t i = 0; i < ladder->call_count; i++) {
        const struct rung_call *call = &ladder->calls[i];
        if (call->rung == rung && call->unit == unit && !call->is_old) {
            return true;
        }
    }
    return false;
}

bool rung_is_on_duty(struct engine *engine, struct work *work, uint8_t rung,
        const struct told *asked, uint32_t unit)
{
    struct told closed = {0};
    bool is_one_closed = false;
    for (size_t i = 0; i < asked->count; i++) {
        is_one_closed = is_one_closed || is_closed(engine, asked->unit[i]);
    }
    if (is_one_closed) {
        targets_gather(engine, work, &ladder_of(work)->rungs[rung].closed, &closed);
    }
    bool is_there = false;
    for (size_t i = 0; i < closed.count; i++) {
        bool is_asked_too = false;
        for (size_t k = 0; k < asked->count; k++) {
            is_asked_too = is_asked_too || asked->unit[k] == closed.unit[i];
        }
        if (!is_asked_too) {
            return false; /* somebody else is told at once */
        }
        is_there = is_there || closed.unit[i] == unit;
    }
    return is_there;
}

void rung_stand_in(struct engine *engine, struct work *work, const struct rung_call *like,
        const struct alert_draft *form, const struct told *asked)
{
    const struct rd_targets *closed = &ladder_of(work)->rungs[like->rung].closed;
    struct alert_draft draft = *form;
    for (size_t i = 0; i < asked->count && closed->count > 0 && draft.stands_in == 0; i++) {
        draft.stands_in = is_closed(engine, asked->unit[i]) ? asked->unit[i] : 0;
    }
    if (draft.stands_in == 0) {
        return;
    }
    struct told told = *asked; /* each unit once, those that the rung asks included */
    targets_gather(engine, work, closed, &told);
    struct rung_call call = *like;
    call.is_stand_in = true;
    for (size_t i = asked->count; i < told.count; i++) {
        call.unit = told.unit[i];
        if (!is_asked(&work->row->ladder, like->rung, call.unit)) {
            call_begin(engine, work, &call, &draft);
        }
    }
}
