#include "daemon/engine/clocks.h"

#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/attributes.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/clock_breach.h"
#include "daemon/engine/clock_due.h"
#include "daemon/engine/clock_timer.h"
#include "daemon/engine/clocks_tell.h"
#include "daemon/engine/due.h"
#include "daemon/engine/names.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/timer_row.h"

/* Sets due and arms. */
static void clock_derive(struct engine *engine, struct work *work, struct case_clock *clock)
{
    RD_ASSERT(clock->state == CLOCK_RUNNING);
    struct due due = clock_due(engine, work, clock, clock->extensions, &PAUSES_ENDED);
    clock->due = due.at;
    clock->is_steady = due.is_steady;
    clock->is_provisional = due.is_provisional;
    clock_arm(engine, work, clock);
    if (due.is_provisional) {
        clock_tell_horizon(engine, work, clock);
    }
}

static void clock_start(
        struct engine *engine, struct work *work, struct case_clock *clock, struct instant at)
{
    const struct rd_plan_clock *definition = clock_definition(work, clock);
    struct attribute_view view = case_view(engine, work);
    if (definition->when != NULL && !rd_match_holds(definition->when, attribute_lookup, &view)) {
        clock->state = CLOCK_UNUSED;
        return;
    }
    clock->state = CLOCK_RUNNING;
    clock->start = at;
    clock->calendar = name_number(engine, unit_calendar(engine, work->row->unit)->name);
    clock->reminders_sent = 0;
    clock->due = RD_TIME_NONE;
    if (clock_is_paused(engine, work, clock)) {
        clock_arm(engine, work, clock); /* its first due is computed at the resume */
        return;
    }
    clock_derive(engine, work, clock);
    if (clock->due == RD_TIME_NONE) { /* the attribute it is due by is missing: it waits for it */
        clock->state = CLOCK_WAITING;
    }
}

static bool version_applies(struct engine *engine, const struct work *work,
        const struct rd_plan_policy *policy, size_t i)
{
    rd_day day = rd_calendar_day(unit_calendar(engine, work->row->unit), work->row->received);
    rd_day from = policy->clock_valid_from[i], until = policy->clock_valid_until[i];
    return (from == RD_DAY_NONE || day >= from) && (until == RD_DAY_NONE || day < until);
}

/* The instant a clock's start point has, if it has come; else its wall is RD_TIME_NONE. */
static struct instant start_point(
        struct engine *engine, struct work *work, const struct rd_plan_clock *definition)
{
    if (definition->start_attribute.len == 0) {
        return work->row
                ->moments[case_row_first_moment(work->row, definition->starts, definition->start)];
    }
    struct attribute_view view = case_view(engine, work);
    struct rd_value value = attribute_lookup(&view, definition->start_attribute);
    return value.type == RD_VALUE_TIME ? instant_of(engine, value.integer) : INSTANT_NONE;
}

/* Whether the clock's stop has come since its start. A clock that begins only now counts what came
 * before it, with two exceptions: `closed` is no stop while the case is open, and a clock whose
 * start or due is an attribute could not be answered before the attribute was known, so only a
 * change of the policy (is_anew) looks back for it. */
static bool clock_is_past(struct engine *engine, const struct case_row *row,
        const struct rd_plan_clock *definition, bool is_anew)
{
    if (definition->stop == RD_MOMENT_CLOSED) {
        return false;
    }
    uint32_t since =
            row->first_place[case_row_first_moment(row, definition->starts, definition->start)];
    struct rd_str attribute = definition->start_attribute.len > 0 ? definition->start_attribute
                                                                  : definition->due_attribute;
    enum rd_event_key key;
    bool is_brought = attribute.len > 0 && rd_event_key_parse(attribute, &key) == 0 &&
                      engine->event != NULL && engine->event->data[key].type != RD_NIL;
    if (is_brought || (attribute.len > 0 && !is_anew)) {
        return false;
    }
    return row->last_place[definition->stop] > since;
}

/* Waiting clocks whose start point has come begin. */
void clocks_begin(struct engine *engine, struct work *work, bool is_anew)
{
    struct case_row *row = work->row;
    for (size_t i = 0; i < row->clock_count; i++) {
        struct case_clock *clock = &row->clocks[i];
        if (clock->state != CLOCK_WAITING) {
            continue;
        }
        const struct rd_plan_clock *definition = clock_definition(work, clock);
        if (!version_applies(engine, work, case_policy(work), clock->definition)) {
            clock->state = CLOCK_UNUSED;
            continue;
        }
        struct instant start = start_point(engine, work, definition);
        if (start.wall != RD_TIME_NONE && (!case_is_over(work) || definition->outlives_close)) {
            clock_start(engine, work, clock, start);
            if (clock->state == CLOCK_RUNNING && clock_is_past(engine, row, definition, is_anew)) {
                clock->state = CLOCK_STOPPED;
                clock->stopped = row->moments[definition->stop].wall;
                clock_arm(engine, work, clock);
            }
        }
    }
}

/* ---- stop, correction ---- */

static void clock_stop(struct engine *engine, struct work *work, struct case_clock *clock,
        struct instant at, enum clock_state in_time)
{
    bool is_breached = clock->state == CLOCK_BREACHED;
    rd_time when = clock->is_steady ? at.steady : at.wall;
    work->is_dirty = true;
    if (clock->state == CLOCK_ENDED && case_is_over(work) && at.wall <= work->row->closed) {
        clock->state = CLOCK_STOPPED; /* it came before the closing: a reopening finds it so */
        clock->stopped = at.wall;
    }
    if (clock->state == CLOCK_RUNNING) { /* half-open: an answer at the due instant is late */
        bool is_paused = clock_is_paused(engine, work, clock);
        is_breached = when >= clock->due && !is_paused;
        if (is_breached) {
            clock_breach(engine, work, clock);
        } else {
            clock->state = in_time;
            clock->stopped = at.wall;
            clock_arm(engine, work, clock);
        }
    }
    if (is_breached || clock->state == CLOCK_LATE) {
        if (when < clock->due) {
            clock->state = in_time;
            clock->stopped = at.wall;
            clock_correct(engine, work, clock);
            return;
        }
        if (in_time == CLOCK_STOPPED && (is_breached || at.wall < clock->stopped)) {
            clock->state = CLOCK_LATE;
            clock->stopped = at.wall;
        }
        breach_rest(engine, work, clock);
    }
}

/* Restarts the clock with its first limit; false: it does not restart. A breach due after the
 * restart's own time is taken back; another of a service clock stays counted, of a statutory one
 * stands. */
static bool clock_restart(
        struct engine *engine, struct work *work, struct case_clock *clock, struct instant at)
{
    bool was_breached = clock->state == CLOCK_BREACHED;
    bool was_none = was_breached && (clock->is_steady ? at.steady : at.wall) < clock->due;
    if (clock->state != CLOCK_RUNNING &&
            !(was_none || (was_breached && !clock_definition(work, clock)->is_statutory))) {
        return false;
    }
    clock->state = CLOCK_RUNNING;
    clock->was_breached = clock->was_breached || (was_breached && !was_none);
    clock->stopped = was_breached ? RD_TIME_NONE : clock->stopped;
    clock->start = at;
    clock->is_restarted = true;
    clock->extensions = 0;
    clock->reminders_sent = 0;
    clock->graced_at = RD_TIME_NONE;
    if (was_none) {
        clock->due = RD_TIME_NONE; /* clock_correct() announces the new due */
        if (!clock_is_paused(engine, work, clock)) {
            clock_derive(engine, work, clock);
        }
        clock_correct(engine, work, clock);
    } else if (was_breached) {
        breach_forget(clock);
        clock_disarm(engine, work, clock);
    }
    return true;
}

/* A clock with `again` that was stopped begins a new run, with its own extensions and breach. */
static void clock_again(
        struct engine *engine, struct work *work, struct case_clock *clock, struct instant at)
{
    const struct rd_plan_clock *definition = clock_definition(work, clock);
    bool is_done = clock->state == CLOCK_STOPPED || clock->state == CLOCK_LATE ||
                   clock->state == CLOCK_UNUSED;
    struct attribute_view view = case_view(engine, work);
    if (!is_done || (case_is_over(work) && !definition->outlives_close) ||
            !version_applies(engine, work, case_policy(work), clock->definition) ||
            (definition->when != NULL &&
                    !rd_match_holds(definition->when, attribute_lookup, &view))) {
        return;
    }
    clock->was_breached = clock->was_breached || clock->state == CLOCK_LATE;
    clock->stopped = clock->graced_at = RD_TIME_NONE;
    clock->extensions = 0;
    clock->is_restarted = true;
    breach_forget(clock);
    clock_start(engine, work, clock, at);
}

void clocks_moment(
        struct engine *engine, struct work *work, enum rd_moment moment, struct instant at)
{
    struct case_row *row = work->row;
    bool is_first = row->moments[moment].wall == RD_TIME_NONE, restarted = false;
    row->last_place[moment] = ++row->moment_count;
    if (is_first) {
        row->moments[moment] = at;
        row->first_place[moment] = row->moment_count;
    }
    work->is_dirty = true;
    for (size_t i = 0; i < row->clock_count; i++) {
        struct case_clock *clock = &row->clocks[i];
        const struct rd_plan_clock *definition = clock_definition(work, clock);
        if (definition->stop == moment && moment != RD_MOMENT_CLOSED &&
                clock->state != CLOCK_WAITING && clock->state != CLOCK_UNUSED) {
            clock_stop(engine, work, clock, at, CLOCK_STOPPED);
        } else if (has_bit(definition->restart_on, (uint32_t)moment)) {
            restarted = clock_restart(engine, work, clock, at) || restarted;
        } else if (definition->starts_again && has_bit(definition->starts, (uint32_t)moment)) {
            clock_again(engine, work, clock, at);
        }
    }
    if (restarted) {
        clocks_derive(engine, work);
    }
    if (is_first) {
        clocks_begin(engine, work, false);
    }
}

static void derive_one(
        struct engine *engine, struct work *work, struct case_clock *clock, bool tells)
{
    if (clock_is_paused(engine, work, clock)) {
        return; /* changes during a pause are announced at the resume */
    }
    rd_time before = clock->due;
    bool was_steady = clock->is_steady;
    clock_derive(engine, work, clock);
    bool has_moved = clock->due != before || clock->is_steady != was_steady;
    if (tells && before != RD_TIME_NONE && has_moved) {
        struct alert_draft draft = clock_draft(engine, work, clock, RD_ALERT_CLOCK_MOVED);
        (void)alert_send(engine, work, &draft);
    }
}

void clocks_close(struct engine *engine, struct work *work, struct instant at)
{
    struct case_row *row = work->row;
    for (size_t i = 0; i < row->clock_count; i++) {
        struct case_clock *clock = &row->clocks[i];
        bool goes_on = clock_definition(work, clock)->outlives_close;
        if (clock->state == CLOCK_RUNNING) { /* closing ended the pauses */
            derive_one(engine, work, clock, goes_on);
        }
        if (!goes_on && (clock->state == CLOCK_RUNNING || clock->state == CLOCK_BREACHED)) {
            clock_stop(engine, work, clock, at, CLOCK_ENDED);
        }
    }
}

void clocks_reopen(struct engine *engine, struct work *work, struct instant at)
{
    struct case_row *row = work->row;
    for (size_t i = 0; i < row->clock_count; i++) {
        struct case_clock *clock = &row->clocks[i];
        const struct rd_plan_clock *definition = clock_definition(work, clock);
        if (definition->restarts_on_reopen && clock->state != CLOCK_WAITING &&
                clock->state != CLOCK_UNUSED && clock->state != CLOCK_RUNNING) {
            clock->was_breached = clock->was_breached || clock->state == CLOCK_BREACHED ||
                                  clock->state == CLOCK_LATE;
            clock->extensions = 0;
            clock->graced_at = RD_TIME_NONE;
            clock->is_restarted = true;
            breach_forget(clock);
            clock_start(engine, work, clock, at);
            continue;
        }
        if (clock->state == CLOCK_BREACHED && !definition->outlives_close) {
            breach_go_on(engine, work, clock, at);
        }
        if (clock->state != CLOCK_ENDED) {
            continue;
        }
        clock->state = CLOCK_RUNNING;
        clock_derive(engine, work, clock);
        if (!clock->is_graced && clock->due != RD_TIME_NONE &&
                timer_wall(engine, clock->due, clock->is_steady) <= at.wall) {
            clock->is_graced = true; /* given once: closing again must not move an overdue case */
            clock->graced_at = at.wall;
            clock_derive(engine, work, clock);
        }
    }
}

void clocks_derive(struct engine *engine, struct work *work)
{
    for (size_t i = 0; i < work->row->clock_count; i++) {
        if (work->row->clocks[i].state == CLOCK_RUNNING) {
            derive_one(engine, work, &work->row->clocks[i], true);
        }
    }
}

/* A clock has breached, and its rule, calendar or start has changed since. First the due is
 * computed with only the pauses begun before the breach, to see whether it moved at all; then with
 * all pauses, an open one as if it ended now. If that due has passed, the breach stands at the new
 * due; else it is taken back. */
static void breach_revise(struct engine *engine, struct work *work, struct case_clock *clock)
{
    rd_time breach = timer_wall(engine, clock->due, clock->is_steady);
    struct pauses_seen seen = {.begun_before = breach, .open_until = engine->now};
    struct due due = clock_due(engine, work, clock, clock->extensions, &seen);
    if (due.at == clock->due && due.is_steady == clock->is_steady) {
        return;
    }
    seen.begun_before = RD_TIME_MAX;
    due = clock_due(engine, work, clock, clock->extensions, &seen);
    if (due.at == RD_TIME_NONE) {
        return;
    }
    clock->due = due.at;
    clock->is_steady = due.is_steady;
    clock->is_provisional = due.is_provisional;
    work->is_dirty = true;
    rd_time wall = timer_wall(engine, due.at, due.is_steady);
    if (wall <= engine->now.wall) {
        clock->stopped = wall;
        return;
    }
    clock->state = CLOCK_RUNNING;
    clock->stopped = RD_TIME_NONE;
    if (clock_is_paused(engine, work, clock)) {
        clock->due = RD_TIME_NONE; /* it is known at the resume */
    }
    clock_correct(engine, work, clock);
}

void clocks_revise(struct engine *engine, struct work *work)
{
    for (size_t i = 0; i < work->row->clock_count; i++) {
        struct case_clock *clock = &work->row->clocks[i];
        if (clock->state == CLOCK_RUNNING) {
            derive_one(engine, work, clock, true);
        } else if (clock->state == CLOCK_BREACHED &&
                   (!case_is_over(work) || clock_definition(work, clock)->outlives_close)) {
            breach_revise(engine, work, clock);
            clock_arm(engine, work, clock); /* the openings that calls wait for may have moved */
        }
    }
}

/* A pause begins: its clocks are disarmed. Dues stay, for the resume to tell what moved. */
void clocks_rest(struct engine *engine, struct work *work)
{
    for (size_t i = 0; i < work->row->clock_count; i++) {
        clock_arm(engine, work, &work->row->clocks[i]);
    }
}

struct case_clock *clock_named(struct engine *engine, struct work *work, struct rd_str name)
{
    (void)engine;
    struct case_clock *found = NULL;
    for (size_t i = 0; i < work->row->clock_count; i++) {
        struct case_clock *clock = &work->row->clocks[i];
        if (rd_str_eq(clock_definition(work, clock)->name, name) &&
                (found == NULL || found->state == CLOCK_UNUSED)) {
            found = clock; /* of a pack's versions the one that applies */
        }
    }
    return found;
}

void clocks_try(const struct work *work, struct rd_nearest *nearest)
{
    for (size_t i = 0; i < work->row->clock_count; i++) {
        rd_nearest_try(nearest, clock_definition(work, &work->row->clocks[i])->name);
    }
}

bool clock_extend(struct engine *engine, struct work *work, struct case_clock *clock,
        struct rd_reject *reject)
{
    const struct rd_plan_clock *definition = clock_definition(work, clock);
    rd_time own = clock->is_steady ? engine->own.steady : engine->own.wall;
    bool is_paused = clock_is_paused(engine, work, clock); /* the due is not known yet */
    if (clock->state != CLOCK_RUNNING || (own >= clock->due && !is_paused)) {
        return rd_reject_set(reject, "illegal_transition", "data.clock",
                "clock %.*s does not run any more: only a running clock is extended",
                RD_FMT(definition->name));
    }
    if (clock->extensions >= definition->extension_count) {
        return rd_reject_set(reject, "illegal_transition", "data.clock",
                "clock %.*s has no extension left in its policy", RD_FMT(definition->name));
    }
    struct pauses_seen seen = {.begun_before = RD_TIME_MAX, .open_until = engine->own};
    struct due present = clock_due(engine, work, clock, clock->extensions, &seen);
    struct due extended = clock_due(engine, work, clock, clock->extensions + 1U, &seen);
    if (timer_wall(engine, extended.at, extended.is_steady) <=
            timer_wall(engine, present.at, present.is_steady)) {
        char text[RD_TIME_TEXT_MAX], due_text[RD_TIME_TEXT_MAX];
        rd_time_format(timer_wall(engine, extended.at, extended.is_steady), text);
        rd_time_format(timer_wall(engine, present.at, present.is_steady), due_text);
        return rd_reject_set(reject, "conflict", "data.clock",
                "the extension of clock %.*s would end at %s, which is no later than its present "
                "due, %s",
                RD_FMT(definition->name), text, due_text);
    }
    const struct rd_plan_extension *extension = &definition->extensions[clock->extensions++];
    derive_one(engine, work, clock, true);
    bool is_told = !extension->must_tell_customer || event_flag(engine, RD_KEY_TOLD_CUSTOMER);
    bool is_approved = extension->approved_by.len == 0 ||
                       rd_str_eq(extension->approved_by, event_str(engine, RD_KEY_APPROVED_BY));
    if (!is_told || !is_approved) {
        uint32_t parent = unit_above(engine, work->row->unit, 1);
        struct alert_draft draft = alert_draft_of(
                RD_ALERT_CASE_OVER_AUTHORITY, RD_WARNING, parent != 0 ? parent : work->row->unit);
        draft.clock_name = definition->name;
        draft.clock_shown = definition->shown;
        (void)alert_send(engine, work, &draft);
    }
    return true;
}
