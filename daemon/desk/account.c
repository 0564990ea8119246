#include "daemon/desk/account.h"

#include "daemon/desk/case_clocks.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/name_row.h"

enum { STEPS_MAX = 4096, ENTRIES_MAX = 1000 * 1000 };

struct maker {
    struct method_call *call;
    struct account *account;
    struct rd_hidden hidden; /* of the case, to whoever asks */
    rd_time asked;           /* RD_TIME_MAX: now, whatever the row says */
    struct account_step *steps;
    uint64_t *entries; /* of the case's history, oldest first */
    size_t entry_count;
    rd_time start;    /* wall; on the steady scale's wall where the clock runs there */
    rd_time reopened; /* the last reopening until then */
    bool is_stopped;  /* the run of a clock with `again` that is looked at */
};

static void step(struct maker *maker, rd_time time, struct rd_str what)
{
    struct account *account = maker->account;
    if (account->step_count == STEPS_MAX) {
        return;
    }
    size_t at = account->step_count++;
    for (; at > 0 && maker->steps[at - 1].time > time; at--) {
        maker->steps[at] = maker->steps[at - 1];
    }
    maker->steps[at] = (struct account_step){.time = time, .what = what};
}

#define STEP(maker, time, ...)                                                                     \
    step((maker), (time), rd_arena_printf((maker)->call->arena, __VA_ARGS__))

/* ---- history ---- */

/* The clock that an extension moved, by the alert that told of it; empty: nothing tells. */
static struct rd_str moved_by(struct method_call *call, uint64_t case_number, uint64_t seq)
{
    struct rd_str found = {0};
    for (uint64_t at = 0;
            found.len == 0 && (at = alert_row_next_of_case(call->view, case_number, at)) != 0;) {
        struct alert_row row;
        struct rd_alert alert;
        if (alert_row_get(call->view, at, &row) &&
                rd_alert_open(row.packed, call->arena, &alert) == 0 &&
                alert.type == RD_ALERT_CLOCK_MOVED && alert.cause_seq == seq) {
            found = rd_arena_dup(call->arena, alert.clock);
        }
    }
    return found;
}

static bool starts_when_received(const struct rd_plan_clock *definition)
{
    return (definition->starts & 1U << RD_MOMENT_RECEIVED) != 0;
}

/* A decision is a contact, and a contact an acknowledgement. */
static bool is_or_implies(enum rd_moment moment, enum rd_moment other)
{
    return moment == other ||
           (other == RD_MOMENT_ACKNOWLEDGED && moment == RD_MOMENT_CUSTOMER_CONTACTED) ||
           (moment == RD_MOMENT_DECIDED &&
                   (other == RD_MOMENT_ACKNOWLEDGED || other == RD_MOMENT_CUSTOMER_CONTACTED));
}

/* A clock with `again` that was stopped begins a run of its own at the next of its starts. */
static void take_run(struct maker *maker, const struct history_row *entry)
{
    const struct rd_plan_clock *definition = maker->account->definition;
    enum rd_moment moment = RD_MOMENT_RECONTACT;
    bool is_moment = entry->what == HISTORY_RECONTACT ||
                     (entry->what == HISTORY_EVENT &&
                             engine_event_moment((enum rd_event_type)entry->code, &moment));
    if (!is_moment || !definition->starts_again || entry->time > maker->account->at) {
        return;
    }
    if (is_or_implies(moment, definition->stop)) {
        maker->is_stopped = maker->is_stopped || entry->time >= maker->start;
    } else if (maker->is_stopped && (definition->starts & 1U << moment) != 0) {
        maker->is_stopped = false;
        maker->start = entry->time;
        maker->account->extensions = 0;
        STEP(maker, entry->time, "%s: starts again, as its last run was stopped",
                rd_moment_name(moment));
    }
}

/* The case's own times, oldest first as they were taken: what of them moved this clock. */
static void take_entry(struct maker *maker, const struct history_row *entry)
{
    struct account *account = maker->account;
    const struct rd_plan_clock *definition = account->definition;
    enum rd_moment moment;
    if (entry->what == HISTORY_POLICY && entry->time > maker->asked) {
        STEP(maker, entry->time,
                "policy %.*s from here on: the steps above are explained by its rule",
                RD_FMT(entry->note));
    }
    struct rd_str ours =
            rd_arena_printf(maker->call->arena, "calendar-changed %.*s", RD_FMT(definition->name));
    if (entry->what == HISTORY_CLOCK && entry->time <= account->at &&
            rd_str_eq(entry->note, ours)) {
        STEP(maker, entry->time, "%.*s", RD_FMT(entry->note));
    }
    if (entry->what == HISTORY_RECEIVED && entry->time <= account->at &&
            starts_when_received(definition)) {
        STEP(maker, entry->time, "the date of receipt was corrected; before it was %.*s",
                RD_FMT(entry->note));
    }
    if (entry->what != HISTORY_EVENT || entry->time > account->at) {
        return;
    }
    if (entry->code == RD_EVENT_EXTENDED) {
        struct rd_str moved = moved_by(maker->call, account->row->number, entry->seq);
        bool has_any = account->clock->extensions > 0 || definition->starts_again;
        bool is_ours = rd_str_eq(moved, definition->name) || (moved.len == 0 && has_any);
        if (is_ours && account->extensions < definition->extension_count) {
            char limit[RD_LIMIT_TEXT_MAX];
            rd_limit_format(definition->extensions[account->extensions++].limit, limit);
            STEP(maker, entry->time, "extension %u of %zu: %s from the start instead%s%.*s",
                    (unsigned)account->extensions, definition->extension_count, limit,
                    entry->note.len > 0 ? ": " : "", RD_FMT(entry->note));
        }
    } else if (entry->code == RD_EVENT_REOPENED && definition->restarts_on_reopen) {
        maker->start = entry->time;
        account->extensions = 0;
        STEP(maker, entry->time, "reopened: starts anew (on_reopen restart)");
    } else if (engine_event_moment((enum rd_event_type)entry->code, &moment) &&
               (definition->restart_on >> moment & 1U) != 0 && entry->time > maker->start) {
        maker->start = entry->time;
        account->extensions = 0;
        STEP(maker, entry->time, "%s: starts anew with its first limit", rd_moment_name(moment));
    }
}

static bool reopens(uint32_t type)
{
    return type == RD_EVENT_REOPENED || type == RD_EVENT_REVIEW_REQUESTED ||
           type == RD_EVENT_FORWARDED;
}

/* Of those until then; RD_TIME_NONE: none. */
static rd_time last_reopening(const struct maker *maker)
{
    const struct case_row *row = maker->account->row;
    rd_time last = RD_TIME_NONE;
    struct history_row entry;
    for (size_t i = 0; row->reopened > 0 && i < maker->entry_count; i++) {
        if (history_row_get(maker->call->view, maker->entries[i], &entry) &&
                entry.what == HISTORY_EVENT && reopens(entry.code) && entry.time <= maker->asked &&
                entry.time > last) {
            last = entry.time;
        }
    }
    return last;
}

static void take_history(struct maker *maker)
{
    for (size_t i = 0; i < maker->entry_count; i++) {
        struct history_row entry;
        if (history_row_get(maker->call->view, maker->entries[i], &entry)) {
            entry.note = rd_arena_dup(maker->call->arena, entry.note);
            take_run(maker, &entry);
            take_entry(maker, &entry);
        }
    }
}

/* ---- start ---- */

/* The date of receipt as it was known then: what the first later correction says it was before. */
static rd_time received_then(struct maker *maker)
{
    const struct case_row *row = maker->account->row;
    rd_time then = row->moments[RD_MOMENT_RECEIVED].wall;
    struct history_row entry;
    for (size_t i = 0; i < maker->entry_count; i++) {
        if (history_row_get(maker->call->view, maker->entries[i], &entry) &&
                entry.what == HISTORY_RECEIVED && entry.time > maker->asked) {
            int r = rd_time_parse(entry.note, &then);
            RD_ASSERT(r == 0); /* the engine wrote it */
            break;
        }
    }
    return then;
}

static rd_time first_start(struct maker *maker)
{
    const struct rd_plan_clock *definition = maker->account->definition;
    const struct case_clock *clock = maker->account->clock;
    bool is_moved = definition->restart_on != 0 || definition->restarts_on_reopen ||
                    definition->starts_again;
    rd_time start = clock->start.wall;
    const struct case_row *row = maker->account->row;
    rd_time moment = definition->start_attribute.len == 0
                             ? row->moments[case_row_first_moment(
                                                    row, definition->starts, definition->start)]
                                       .wall
                             : RD_TIME_NONE;
    if (starts_when_received(definition)) {
        rd_time then = received_then(maker);
        start = start == moment ? then : start;
        moment = then;
    }
    return is_moved && moment != RD_TIME_NONE && moment < start ? moment : start;
}

/* ---- pauses ---- */

static bool takes_reason(const struct rd_plan_clock *definition, struct rd_str reason)
{
    bool takes = definition->pauses_for_all;
    for (size_t i = 0; i < definition->pause_reasons.count && !takes; i++) {
        takes = rd_str_eq(definition->pause_reasons.at[i], reason);
    }
    return takes;
}

/* Into the sorted list; what touches or overlaps becomes one stretch. */
static size_t stretch_add(struct rd_stretch *list, size_t count, struct rd_stretch fresh)
{
    size_t at = count;
    for (; at > 0 && list[at - 1].begin > fresh.begin; at--) {
        list[at] = list[at - 1];
    }
    list[at] = fresh;
    size_t kept = 0;
    for (size_t i = 1; i <= count; i++) {
        if (list[i].begin > list[kept].end) {
            list[++kept] = list[i];
        } else if (list[i].end > list[kept].end) {
            list[kept].end = list[i].end;
        }
    }
    return kept + 1;
}

static void take_pauses(struct maker *maker)
{
    struct account *account = maker->account;
    const struct case_row *row = account->row;
    struct method_call *call = maker->call;
    struct rd_why_pause *pauses =
            RD_ARENA_ARRAY(call->arena, struct rd_why_pause, row->pause_count + 1);
    struct rd_stretch *list = RD_ARENA_ARRAY(call->arena, struct rd_stretch, row->pause_count + 1);
    struct rd_why *why = &account->why;
    for (uint32_t i = 0; i < row->pause_count; i++) {
        const struct case_pause *pause = &row->pauses[i];
        struct rd_str reason = rd_arena_dup(call->arena, name_text(call->view, pause->reason));
        struct rd_str shown = rd_mask_text(reason, &maker->hidden, call->arena);
        bool is_open = pause->end.wall == RD_TIME_NONE || pause->end.wall > account->at;
        if (pause->begin.wall > account->at || !takes_reason(account->definition, reason)) {
            continue;
        }
        bool on_steady = account->clock->is_steady;
        rd_time begin = on_steady ? wall_of(call, pause->begin.steady, true) : pause->begin.wall;
        rd_time end = is_open     ? RD_TIME_MAX
                      : on_steady ? wall_of(call, pause->end.steady, true)
                                  : pause->end.wall;
        STEP(maker, begin, "paused for %.*s", RD_FMT(shown));
        if (!is_open) {
            STEP(maker, end, "%.*s ends", RD_FMT(shown));
        }
        if (end <= maker->start) {
            continue;
        }
        begin = begin > maker->start ? begin : maker->start;
        pauses[why->pause_count++] =
                (struct rd_why_pause){.begin = begin, .end = end, .reason = shown};
        why->stretch_count = stretch_add(
                list, why->stretch_count, (struct rd_stretch){.begin = begin, .end = end});
        account->is_paused = account->is_paused || is_open;
    }
    why->pauses = pauses;
    why->stretches = list;
}

/* ---- due and state ---- */

static struct rd_limit limit_of(const struct account *account)
{
    const struct rd_plan_clock *definition = account->definition;
    return account->extensions > 0 ? definition->extensions[account->extensions - 1].limit
                                   : definition->limit;
}

/* The end of the day of grace that a reopening gave; RD_TIME_NONE: none did. Pauses move it. */
static rd_time grace_end(const struct case_clock *clock, const struct rd_why *why)
{
    if (clock->graced_at == RD_TIME_NONE) {
        return RD_TIME_NONE;
    }
    struct rd_why grace = *why;
    grace.start = clock->graced_at;
    grace.limit = (struct rd_limit){.unit = RD_LIMIT_BUSINESS_DAYS, .count = 1};
    grace.counts_working = grace.at_closing = false;
    grace.roll = RD_ROLL_NONE;
    return rd_why_due(&grace).due;
}

static void derive(struct maker *maker)
{
    struct account *account = maker->account;
    const struct rd_plan_clock *definition = account->definition;
    account->why.calendar = account->calendar;
    account->why.start = maker->start;
    account->why.counts_working = definition->counts_working;
    account->why.at_closing = definition->at_closing;
    account->why.roll = definition->roll;
    account->why.limit = limit_of(account);
    account->has_limit = true;
    if (maker->asked == RD_TIME_MAX) { /* the row knows how many are its own */
        account->extensions = account->clock->extensions;
        account->why.limit = limit_of(account);
    }
    rd_time due = rd_why_due(&account->why).due;
    rd_time later = grace_end(account->clock, &account->why);
    if (later != RD_TIME_NONE && maker->reopened != RD_TIME_NONE && due < later) {
        STEP(maker, maker->reopened,
                "reopened with its due past: due with the end of the next working day");
        due = later;
    }
    account->due = due < RD_TIME_MAX ? due : RD_TIME_NONE;
}

/* When it stopped or was breached, until then; one that runs again after a reopening keeps its. */
static rd_time stop_of(const struct maker *maker)
{
    const struct case_clock *clock = maker->account->clock;
    bool goes_on = clock->state == CLOCK_RUNNING && maker->reopened != RD_TIME_NONE &&
                   maker->reopened >= clock->stopped;
    return clock->stopped != RD_TIME_NONE && clock->stopped <= maker->asked && !goes_on
                   ? clock->stopped
                   : RD_TIME_NONE;
}

static const char *state_of(const struct maker *maker)
{
    static const char *const NAMES[] = {
            "waiting", "running", "stopped", "late", "breached", "ended", "unused"};
    const struct account *account = maker->account;
    const struct case_clock *clock = account->clock;
    RD_ASSERT((size_t)clock->state < RD_COUNT(NAMES));
    bool has_stopped = stop_of(maker) != RD_TIME_NONE;
    if (has_stopped && clock->state == CLOCK_LATE) {
        rd_time stop = account->row->moments[account->definition->stop].wall;
        return stop != RD_TIME_NONE && stop <= maker->asked ? "late" : "breached";
    }
    if (maker->is_stopped && !has_stopped) { /* between two runs of a clock with `again` */
        return "stopped";
    }
    if (has_stopped) {
        return NAMES[clock->state == CLOCK_RUNNING ? CLOCK_ENDED : clock->state];
    }
    if (account->is_paused) {
        return "paused";
    }
    bool is_past = account->due != RD_TIME_NONE && account->due <= maker->asked;
    return is_past && maker->asked < RD_TIME_MAX ? "breached" : "running";
}

void account_make(struct method_call *call, const struct case_row *row,
        const struct case_clock *clock, rd_time at, struct account *ret)
{
    const struct rd_plan *own = engine_plan_of(call->engine, row->config);
    *ret = (struct account){.row = row,
            .clock = clock,
            .definition = &own->policies[row->policy].clocks[clock->definition],
            .due = RD_TIME_NONE,
            .state = "waiting"};
    struct maker maker = {.call = call,
            .account = ret,
            .hidden = hidden_of_case(call, row->number, call->arena),
            .asked = at != RD_TIME_NONE ? at : RD_TIME_MAX,
            .steps = RD_ARENA_ARRAY(call->arena, struct account_step, STEPS_MAX),
            .reopened = RD_TIME_NONE};
    maker.entry_count =
            history_row_chain(call->view, row->history, ENTRIES_MAX, call->arena, &maker.entries);
    ret->steps = maker.steps;
    ret->calendar = clock_calendar(call, row, clock);
    ret->at = maker.asked < RD_TIME_MAX ? maker.asked : call->counts.wall;
    if (clock->state == CLOCK_WAITING || first_start(&maker) > ret->at) {
        return;
    }
    maker.reopened = last_reopening(&maker);
    if (stop_of(&maker) != RD_TIME_NONE && clock->stopped < ret->at) {
        ret->at = clock->stopped;
    }
    maker.start = first_start(&maker);
    take_history(&maker);
    if (maker.asked == RD_TIME_MAX) {
        maker.start = clock->start.wall;
    }
    bool is_present = maker.start == clock->start.wall;
    if (is_present && clock->is_steady) {
        maker.start = wall_of(call, clock->start.steady, true);
    }
    if (ret->definition->has_limit) {
        take_pauses(&maker);
        derive(&maker);
    } else {
        ret->due = clock->due;
    }
    ret->state = state_of(&maker);
}

/* ---- what a pause holds ---- */

rd_time account_held_since(const struct account *account)
{
    const struct rd_why *why = &account->why;
    RD_ASSERT(account->is_paused && why->stretch_count > 0);
    return why->stretches[why->stretch_count - 1].begin;
}

rd_time account_due_if_resumed(
        struct method_call *call, const struct account *account, rd_time resumed)
{
    struct rd_why why = account->why;
    struct rd_stretch *stretches =
            RD_ARENA_ARRAY(call->arena, struct rd_stretch, why.stretch_count + 1);
    for (size_t i = 0; i < why.stretch_count; i++) {
        stretches[i] = why.stretches[i];
        if (stretches[i].end >= RD_TIME_MAX) {
            bool is_before = resumed < stretches[i].begin;
            stretches[i].end = is_before ? stretches[i].begin : resumed;
        }
    }
    why.stretches = stretches;
    rd_time due = rd_why_due(&why).due, later = grace_end(account->clock, &why);
    due = later != RD_TIME_NONE && due < later ? later : due;
    return due < RD_TIME_MAX ? due : RD_TIME_NONE;
}
