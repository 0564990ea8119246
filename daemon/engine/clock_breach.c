#include "daemon/engine/clock_breach.h"

#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/breach_next.h"
#include "daemon/engine/clock_timer.h"
#include "daemon/engine/clocks_tell.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/case_row.h"

struct concerned { /* the units a call is for, each once */
    uint32_t unit[RD_TARGETS_MAX + 1];
    size_t count;
};

static bool is_concerned(const struct concerned *concerned, uint32_t unit)
{
    for (size_t i = 0; i < concerned->count; i++) {
        if (concerned->unit[i] == unit) {
            return true;
        }
    }
    return false;
}

static struct concerned find_concerned(
        struct engine *engine, struct work *work, const struct rd_plan_clock *definition)
{
    struct concerned concerned = {.unit = {clock_unit(engine, work, definition)}, .count = 1};
    for (size_t i = 0; i < definition->breach_notify.count; i++) {
        uint32_t unit = target_unit(engine, work, &definition->breach_notify.at[i]);
        if (unit != 0 && !is_concerned(&concerned, unit)) {
            concerned.unit[concerned.count++] = unit;
        }
    }
    return concerned;
}

static struct breach_call *call_of(struct case_clock *clock, uint32_t unit)
{
    for (uint32_t i = 0; i < clock->call_count; i++) {
        if (clock->calls[i].unit == unit) {
            return &clock->calls[i];
        }
    }
    return NULL;
}

static bool has_held(const struct case_clock *clock)
{
    for (uint32_t i = 0; i < clock->call_count; i++) {
        if (clock->calls[i].is_held) {
            return true;
        }
    }
    return false;
}

/* A call is held for the unit's next opening, unless its calendar never opens again or the severity
 * is the highest. */
static bool is_to_hold(struct engine *engine, const struct rd_plan_clock *definition, uint32_t unit)
{
    const struct rd_calendar *calendar = unit_calendar(engine, unit_present(engine, unit));
    return definition->breach_holds && definition->breach_severity != RD_CRITICAL &&
           !engine->is_quiet && !rd_calendar_is_open(calendar, engine->now.wall) &&
           rd_calendar_next_opening(calendar, engine->now.wall) != RD_TIME_NONE;
}

/* `absent`: the unit that is closed and is stood in for; 0: none. */
static void send(struct engine *engine, struct work *work, struct case_clock *clock,
        struct breach_call *call, bool is_late, uint32_t absent)
{
    const struct rd_plan_clock *definition = clock_definition(work, clock);
    struct alert_draft draft = clock_draft(engine, work, clock, RD_ALERT_CLOCK_BREACH);
    draft.unit = call->unit;
    draft.severity = definition->breach_severity;
    draft.never_withheld = definition->is_statutory;
    draft.is_late = is_late;
    draft.repeated = clock->repeated;
    draft.stands_in = absent;
    draft.supersedes = call->seq;
    uint64_t seq = alert_send(engine, work, &draft);
    call->seq = seq != 0 ? seq : call->seq;
    call->is_held = false;
    clock->told = engine->now;
}

static struct breach_call *call_for(struct engine *engine, struct case_clock *clock, uint32_t unit)
{
    struct breach_call *call = call_of(clock, unit);
    if (call == NULL) {
        call = case_row_add_breach_call(clock, &engine->arena);
        *call = (struct breach_call){.unit = unit};
    }
    return call;
}

/* Those that are told at once while somebody is closed are all concerned themselves, and this is
 * one of them: it is told at once, or nobody would be. */
static bool is_on_duty(struct engine *engine, struct work *work,
        const struct rd_plan_clock *definition, const struct concerned *concerned, uint32_t unit)
{
    bool is_there = false;
    for (size_t i = 0; i < definition->breach_closed.count; i++) {
        uint32_t told = target_unit(engine, work, &definition->breach_closed.at[i]);
        if (told != 0 && !is_concerned(concerned, told)) {
            return false;
        }
        is_there = is_there || told == unit;
    }
    return is_there;
}

/* Calls `unit` now, or holds the call for its opening. */
static void tell(struct engine *engine, struct work *work, struct case_clock *clock,
        const struct concerned *concerned, uint32_t unit, bool is_late)
{
    struct breach_call *call = call_for(engine, clock, unit);
    const struct rd_plan_clock *definition = clock_definition(work, clock);
    if (!is_on_duty(engine, work, definition, concerned, unit) &&
            is_to_hold(engine, definition, unit)) {
        call->is_held = true;
    } else {
        send(engine, work, clock, call, is_late, 0);
    }
}

/* When one of those units is closed, its `closed` targets are called at once instead of waiting for
 * the opening, each once. */
static void tell_stand_ins(struct engine *engine, struct work *work, struct case_clock *clock,
        const struct concerned *concerned, bool is_late)
{
    const struct rd_targets *closed = &clock_definition(work, clock)->breach_closed;
    uint32_t absent = 0; /* the first that is closed: the others stand in for it */
    for (size_t i = 0; i < concerned->count && closed->count > 0 && absent == 0; i++) {
        uint32_t unit = unit_present(engine, concerned->unit[i]);
        bool is_open = rd_calendar_is_open(unit_calendar(engine, unit), engine->now.wall);
        absent = is_open ? 0 : unit;
    }
    struct concerned told = {.count = 0};
    for (size_t i = 0; absent != 0 && i < closed->count; i++) {
        uint32_t unit = target_unit(engine, work, &closed->at[i]);
        if (unit != 0 && !is_concerned(concerned, unit) && !is_concerned(&told, unit)) {
            told.unit[told.count++] = unit;
            send(engine, work, clock, call_for(engine, clock, unit), is_late, absent);
        }
    }
}

static void tell_all(struct engine *engine, struct work *work, struct case_clock *clock)
{
    struct concerned concerned = find_concerned(engine, work, clock_definition(work, clock));
    clock->told = engine->now;
    for (size_t i = 0; i < concerned.count; i++) {
        tell(engine, work, clock, &concerned, concerned.unit[i], clock->repeated == 0);
    }
    tell_stand_ins(engine, work, clock, &concerned, clock->repeated == 0);
    work->is_dirty = true;
}

void clock_breach(struct engine *engine, struct work *work, struct case_clock *clock)
{
    clock->state = CLOCK_BREACHED;
    clock->stopped = timer_wall(engine, clock->due, clock->is_steady);
    breach_forget(clock);
    reminders_drop(engine, work, clock);
    engine->cause_due = clock->stopped;
    tell_all(engine, work, clock);
    clock_arm(engine, work, clock);
}

/* ---- again, and at an opening ---- */

/* Sends the held calls whose unit has opened. A call that no longer concerns its unit is dropped; a
 * unit that came to be concerned meanwhile (the case moved) is called as well. */
static void tell_held(struct engine *engine, struct work *work, struct case_clock *clock)
{
    struct concerned concerned = find_concerned(engine, work, clock_definition(work, clock));
    uint32_t kept = 0;
    for (uint32_t i = 0; i < clock->call_count; i++) {
        struct breach_call call = clock->calls[i];
        if (!call.is_held || is_concerned(&concerned, call.unit)) {
            clock->calls[kept++] = call;
        }
    }
    clock->call_count = kept;
    rd_time since = clock->told.wall;
    /* When no call went out, the next repeat still counts from the one before. */
    bool is_told = false;
    for (size_t i = 0; i < concerned.count; i++) {
        struct breach_call *call = call_of(clock, concerned.unit[i]);
        if (call == NULL) {
            tell(engine, work, clock, &concerned, concerned.unit[i], false);
            is_told = true;
        } else if (call->is_held && breach_opening(engine, work, call, since) <= engine->now.wall) {
            send(engine, work, clock, call, false, 0);
            is_told = true;
        }
    }
    clock->told = is_told ? engine->now : clock->told;
    work->is_dirty = true;
}

void breach_fire(struct engine *engine, struct work *work, struct case_clock *clock)
{
    if (has_held(clock)) {
        tell_held(engine, work, clock);
    } else {
        clock->repeated++;
        tell_all(engine, work, clock);
    }
    clock_arm(engine, work, clock);
}

/* ---- its end ---- */

void breach_rest(struct engine *engine, struct work *work, struct case_clock *clock)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < clock->call_count; i++) {
        struct breach_call call = clock->calls[i];
        call.is_held = false;
        if (call.seq != 0) {
            clock->calls[kept++] = call;
        }
    }
    clock->call_count = kept;
    clock_disarm(engine, work, clock);
}

void breach_go_on(
        struct engine *engine, struct work *work, struct case_clock *clock, struct instant at)
{
    clock->told = at;
    clock_arm(engine, work, clock);
}

void breach_forget(struct case_clock *clock)
{
    clock->told = INSTANT_NONE;
    clock->repeated = 0;
    clock->call_count = 0;
}

void clock_correct(struct engine *engine, struct work *work, struct case_clock *clock)
{
    for (uint32_t i = 0; i < clock->call_count; i++) {
        if (clock->calls[i].seq == 0) {
            continue;
        }
        struct alert_draft draft = clock_draft(engine, work, clock, RD_ALERT_CLOCK_CORRECTED);
        draft.unit = clock->calls[i].unit;
        draft.supersedes = clock->calls[i].seq;
        (void)alert_send(engine, work, &draft);
    }
    breach_forget(clock);
    clock_arm(engine, work, clock);
}

/* ---- its timer ---- */

void clock_fire(struct engine *engine, struct work *work, uint16_t slot)
{
    struct case_clock *clock = &work->row->clocks[slot];
    const struct rd_plan_clock *definition = clock_definition(work, clock);
    RD_ASSERT(clock->armed != RD_TIME_NONE);
    engine->cause = "clock";
    engine->cause_name = definition->name;
    if (clock->state == CLOCK_BREACHED) {
        breach_fire(engine, work, clock);
        return;
    }
    rd_time now = scale_now(engine, clock->is_steady);
    if (clock->armed == clock->due) {
        clock_breach(engine, work, clock);
        return;
    }
    rd_time latest_at = RD_TIME_NONE;
    for (size_t i = 0; i < definition->reminder_count; i++) {
        rd_time at = reminder_at(engine, work, clock, i);
        if (!has_bit(clock->reminders_sent, (uint32_t)i) && at != RD_TIME_NONE && at <= now) {
            clock->reminders_sent = (uint16_t)(clock->reminders_sent | 1U << i);
            latest_at = latest_at == RD_TIME_NONE || at > latest_at ? at : latest_at;
        }
    }
    /* A reminder after the due would only repeat the breach. */
    if (latest_at != RD_TIME_NONE && now < clock->due) {
        engine->cause_due = timer_wall(engine, latest_at, clock->is_steady);
        struct alert_draft draft = clock_draft(engine, work, clock, RD_ALERT_CLOCK_REMINDER);
        draft.severity = RD_WARNING;
        draft.never_withheld = definition->is_statutory;
        draft.is_reminder = true;
        draft.is_late = true;
        (void)alert_send(engine, work, &draft);
    }
    clock_arm(engine, work, clock);
}
