#include "daemon/engine/step.h"

#include <inttypes.h>
#include <stdio.h>

#include "daemon/engine/approvals.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/aside.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/codes.h"
#include "daemon/engine/contacts.h"
#include "daemon/engine/events.h"
#include "daemon/engine/facts.h"
#include "daemon/engine/figures.h"
#include "daemon/engine/fire.h"
#include "daemon/engine/housekeeping.h"
#include "daemon/engine/known.h"
#include "daemon/engine/ladder.h"
#include "daemon/engine/ledger.h"
#include "daemon/engine/names.h"
#include "daemon/engine/recontact.h"
#include "daemon/engine/record.h"
#include "daemon/engine/rest.h"
#include "daemon/engine/schedules.h"
#include "daemon/engine/silences.h"
#include "daemon/engine/state.h"
#include "daemon/engine/sweep.h"
#include "daemon/engine/take.h"
#include "daemon/engine/takeover.h"
#include "daemon/engine/target.h"
#include "daemon/engine/texts.h"
#include "daemon/engine/units.h"
#include "daemon/engine/watches.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/meta_row.h"
#include "daemon/store/rows/source_row.h"
#include "daemon/store/rows/timer_row.h"
#include "daemon/store/rows/window_row.h"

/* The step (daemon/README.md): one record under one time. */

enum { STALE_MAX = 16384 };

void record_end(struct engine *engine)
{
    if (engine->counters.has_taken_over && !engine->is_quiet) {
        takeover_tell(engine);
    }
    if (engine->counters.wall <= 0) {
        watches_configure(engine); /* by the first record that has a time */
        schedules_configure(engine);
    }
    engine->counters.wall = engine->now.wall;
    engine->counters.steady = engine->now.steady;
    housekeeping_step(engine);
    figures_save(engine); /* forgetting, next, saves cases and leaves their figures as they are */
    rest_step(engine);
    cases_save(engine);
    next_settle(engine);
    engine->event = NULL;
    engine->sender = NULL;
}

/* ---- events ---- */

/* Two events under one id: the source's counter has begun anew, or an export was corrected. */
static void refuse_other(struct engine *engine, const struct rd_event *event,
        const struct source_first *first, struct rd_reject *reject)
{
    char of_case[48] = "";
    if (first->case_number != 0 &&
            engine_reaches(engine->sender->sees, engine->view, first->case_number)) {
        (void)snprintf(of_case, sizeof of_case, " of case %" PRIu64, first->case_number);
    }
    bool is_type = first->type == (uint8_t)event->type;
    (void)rd_reject_set(reject, "conflict", "id",
            "event %" PRIu64 " (%s%s) had this id first and %s: give what is new an id of its own",
            first->seq, rd_event_type_name((enum rd_event_type)first->type), of_case,
            is_type ? "says something else in its subject or data" : "is of another type");
}

/* Answers with the receipt of the first time, if the same key asks. */
static const struct rd_warning *stored_warning(struct engine *engine, uint64_t seq)
{
    struct ledger_row ledger;
    if (!ledger_row_get(engine->view, seq, &ledger) ||
            !rd_str_eq(ledger.sender, engine->sender->name)) {
        return NULL;
    }
    struct rd_warning *warning = RD_ARENA_ARRAY(&engine->arena, struct rd_warning, 1);
    struct rd_str packed = rd_arena_dup(&engine->arena, ledger.warning);
    return rd_warning_open(packed, &engine->arena, warning) == 0 ? warning : NULL;
}

/* Who repeats another's event, word for word, is not told which case that was about. */
static uint64_t told_case(struct engine *engine, uint64_t case_number)
{
    const struct engine_reach *reach = engine->sender->reach;
    bool is_told = reach == NULL || engine_reaches(reach, engine->view, case_number);
    return is_told ? case_number : 0;
}

/* KNOWN_NEW and KNOWN_CONFLICT are not answered: the event goes on. */
static enum known answer_known(struct engine *engine, const struct rd_event *event,
        struct rd_receipt *receipt, struct rd_reject *reject)
{
    struct source_first first = {0};
    enum known known = known_look(engine, event, &first);
    switch (known) {
    case KNOWN_NEW:
        return known;
    case KNOWN_DUPLICATE:
        receipt->status = RD_DUPLICATE;
        receipt->seq = first.seq;
        receipt->case_number = told_case(engine, first.case_number);
        receipt->waits = approval_waits(engine, first.seq);
        break;
    case KNOWN_OTHER:
        refuse_other(engine, event, &first, reject);
        break;
    case KNOWN_CONFLICT: /* comes after future_time, unknown_unit and unknown_case in the protocol's
                            order */
        return known;
    case KNOWN_STALE:
        (void)rd_reject_set(reject, "stale_sequence", "sequence",
                "sequence %llu is older than what is remembered of this source; after a producer "
                "was rebuilt an operator sends source.reset",
                (unsigned long long)event->sequence);
        break;
    }
    if (reject->code != NULL) {
        receipt->status = RD_REJECTED;
        receipt->error = reject;
    }
    if (receipt->status == RD_DUPLICATE) {
        receipt->warning = stored_warning(engine, first.seq);
    }
    return known;
}

static bool goes_on(enum known known)
{
    return known == KNOWN_NEW || known == KNOWN_CONFLICT;
}

static struct rd_reject *fresh_reject(struct engine *engine)
{
    return RD_ARENA_ARRAY(&engine->arena, struct rd_reject, 1);
}

/* During the start grace only what another configuration changes. */
static void fire_one(struct engine *engine, struct work *work)
{
    if (!engine->at.is_grace) {
        timers_fire_of_case(engine, work->row->number);
    } else if (sweep_awaits(engine, work->row->number)) {
        sweep_case(engine, work);
        work->is_dirty = true; /* row->swept lets the sweep skip it later */
    }
}

static void fire_named(struct engine *engine, const struct take *take)
{
    if (take->work != NULL) {
        fire_one(engine, take->work);
    }
    if (take->asked != NULL) {
        fire_one(engine, take->asked);
    }
    if (take->into != NULL) {
        fire_one(engine, take->into);
    }
    struct contacts growing = contacts_growing(engine, take);
    for (size_t i = 0; i < growing.count; i++) { /* they end with the complaint */
        fire_one(engine, growing.at[i]);
    }
    for (size_t i = 0; i < take->other_count; i++) { /* they hear of the event */
        fire_one(engine, take->others[i]);
    }
    if (take->joins != NULL) {
        fire_one(engine, take->joins);
    }
    for (size_t i = 0; i < engine->work_count; i++) {
        engine->works[i]->first_alert =
                0; /* an alert for an overdue limit is not caused by this event */
    }
    engine->cause = NULL;
    engine->cause_due = RD_TIME_NONE;
}

/* Then those due that the event itself made on its case, or on another of the customer's. */
static void fire_touched(struct engine *engine, const struct take *take)
{
    struct work *touched = take->touched != NULL ? take->touched : take->work;
    if (engine->at.is_grace) {
        return;
    }
    engine->event_is_cause = true;
    if (touched != NULL) {
        timers_fire_of_case(engine, touched->row->number);
    }
    for (size_t i = 0; i < take->other_count; i++) {
        if (take->others[i] != touched) {
            timers_fire_of_case(engine, take->others[i]->row->number);
        }
    }
    if (take->into != NULL) {
        timers_fire_of_case(engine, take->into->row->number);
    }
}

static void finish_assessment(struct engine *engine, struct take *take)
{
    struct rd_warning *warning = &take->warning;
    const struct work *work = take->touched != NULL ? take->touched : take->work;
    if (work != NULL) {
        warning->alert = work->first_alert;
    }
    ledger_note(engine, take->assessed_unit, take->case_number, warning);
}

/* A known sequence under another id. */
static bool is_conflict(struct engine *engine, struct take *take)
{
    const struct rd_event *event = engine->event;
    if (take->known != KNOWN_CONFLICT) {
        return false;
    }
    *take->reject = (struct rd_reject){0}; /* before a conflict of the subject */
    (void)rd_reject_set(take->reject, "conflict", "sequence",
            "sequence %llu of this source was taken with another id",
            (unsigned long long)event->sequence);
    return true;
}

bool step_apply(struct engine *engine, struct take *take)
{
    if (!codes_take(engine, take->reject)) {
        return false;
    }
    const struct rd_event *event = engine->event;
    bool is_found = target_find(engine, take);
    struct rd_str code = rd_str_of(take->reject->code);
    bool comes_first =
            is_found || rd_str_is(code, "conflict") || rd_str_is(code, "illegal_transition");
    if ((comes_first && is_conflict(engine, take)) || !is_found) {
        return false;
    }
    recontact_find(engine, take);
    fire_named(engine, take);
    if (!target_check(engine, take)) {
        return false;
    }
    engine->is_quiet = engine->is_quiet || event->is_quiet;
    if (take->work != NULL && (take->rule->flags & EVENT_LEAVES_LEASE) == 0) {
        ladder_keep(engine, take->work);
    }
    if (!take->rule->take(engine, take) || !facts_note(engine, take)) {
        return false;
    }
    if ((take->rule->flags & EVENT_HAS_TEXT) != 0) {
        text_take(engine, take);
    }
    recontact_note(engine, take);
    if (take->work != NULL) {
        ladder_arm(engine, take->work);
    }
    fire_touched(engine, take);
    return true;
}

static void note_ignored(const struct rd_event *event, struct rd_receipt *receipt)
{
    receipt->ignored = event->ignored;
    receipt->ignored_count = event->ignored_count < RD_EVENT_IGNORED_MAX ? event->ignored_count
                                                                         : RD_EVENT_IGNORED_MAX;
}

static void accept(struct engine *engine, struct take *take, struct rd_receipt *receipt)
{
    engine->counters.event_seq = engine->seq;
    if (take->is_assessed) {
        finish_assessment(engine, take);
        struct rd_warning *warning = RD_ARENA_ARRAY(&engine->arena, struct rd_warning, 1);
        *warning = take->warning;
        receipt->warning = warning;
    }
    known_take(engine, engine->event, take->case_number);
    receipt->status = RD_ACCEPTED;
    receipt->seq = engine->seq;
    receipt->case_number = take->case_number;
    receipt->silence = take->silence;
    receipt->open_cases = recontact_list(engine, take);
    receipt->open_case_count = take->other_count;
    receipt->roster = take->roster;
    receipt->noted = take->noted;
    note_ignored(engine->event, receipt);
    record_end(engine);
}

/* An event that waits for a second person changes nothing except that it waits; timers already due
 * on its case fire all the same. */
static bool apply_later(struct engine *engine, struct take *take)
{
    if (!target_find(engine, take)) {
        return false;
    }
    fire_named(engine, take);
    engine->is_quiet = engine->event->is_quiet;
    engine->effect = RD_EVENT_TYPE_COUNT;
    return approval_wait(engine, take);
}

static void undo(struct engine *engine, const struct counters *before)
{
    store_undo(engine->view);
    if (engine->is_aside_changed) {
        aside_load(engine);
    }
    next_undo(engine);
    if (engine->counters.names != before->names || engine->has_hidden_names) {
        names_forget(engine);
    }
    engine->counters = *before;
    silences_undo(engine);
    engine->alert_count = 0;
    engine->work_count = 0;
    engine->event = NULL;
}

struct attempt {
    const struct engine_time *at;
    const struct engine_sender *sender;
    const struct rd_event *event;
    enum known known;
};

/* Under a mark, which stays open. */
static bool attempt(struct engine *engine, const struct attempt *what,
        bool (*apply)(struct engine *engine, struct take *take), struct take *take)
{
    record_begin(engine, what->at);
    *take = (struct take){.rule = event_rule(what->event->type),
            .known = what->known,
            .reject = fresh_reject(engine)};
    engine->event = what->event;
    engine->sender = what->sender;
    engine->seq = engine->counters.event_seq + 1;
    engine->effect = what->event->type;
    rd_time own = what->event->time == RD_TIME_NONE || what->event->time > engine->now.wall
                          ? engine->now.wall
                          : what->event->time;
    engine->own = instant_of(engine, own);
    store_mark(engine->view);
    return apply(engine, take);
}

void engine_event(struct engine *engine, const struct engine_time *at,
        const struct engine_sender *sender, const struct rd_event *event,
        struct rd_receipt *ret_receipt)
{
    RD_ASSERT(engine->plan != NULL);
    record_begin(engine, at);
    engine->sender = sender;
    struct counters before = engine->counters;
    *ret_receipt = (struct rd_receipt){.id = event->id, .term = engine->counters.term};
    enum known known = answer_known(engine, event, ret_receipt, fresh_reject(engine));
    if (!goes_on(known)) {
        return;
    }
    const struct attempt what = {.at = at, .sender = sender, .event = event, .known = known};
    struct take take;
    bool is_taken = attempt(engine, &what, step_apply, &take);
    if (is_taken && approval_is_owed(engine, event->type)) {
        undo(engine, &before);
        is_taken = attempt(engine, &what, apply_later, &take);
        ret_receipt->waits = is_taken;
    }
    if (is_taken) {
        accept(engine, &take, ret_receipt);
        store_keep(engine->view);
        return;
    }
    RD_ASSERT(take.reject->code != NULL);
    undo(engine, &before);
    ret_receipt->status = RD_REJECTED;
    ret_receipt->error = take.reject;
}

bool engine_is_known(struct engine *engine, const struct engine_sender *sender,
        const struct rd_event *event, struct rd_receipt *ret_receipt)
{
    RD_ASSERT(engine->plan != NULL);
    struct engine_time at = {.wall = engine->counters.wall, .steady = engine->counters.steady};
    record_begin(engine, &at);
    engine->sender = sender;
    struct rd_receipt receipt = {.id = event->id, .term = engine->counters.term};
    if (goes_on(answer_known(engine, event, &receipt, fresh_reject(engine)))) {
        return false;
    }
    *ret_receipt = receipt;
    return true;
}

bool engine_has_number(struct engine *engine, const struct rd_event *event)
{
    struct source_first first;
    return known_look(engine, event, &first) == KNOWN_CONFLICT;
}

/* ---- ticks ---- */

uint32_t engine_tick(struct engine *engine, const struct engine_time *at)
{
    RD_ASSERT(engine->plan != NULL);
    record_begin(engine, at);
    struct timer_row row;
    rd_time wall;
    uint32_t fired = 0, stale = 0, cost = 0;
    bool has_only_rest = true;
    while (cost < ENGINE_TICK_MAX && stale < STALE_MAX && next_first(engine, &row, &wall) &&
            wall <= engine->now.wall) {
        if (timer_is_live(engine, &row)) {
            timer_fire(engine, &row);
            fired++;
            cost += timer_cost(&row);
            has_only_rest = has_only_rest && row.kind == TIMER_REST;
        } else {
            stale++;
        }
        /* It may be armed for the same instant again: two alerts held for one opening. */
        if (!timer_is_live(engine, &row)) {
            next_remove(engine, &row);
        } else {
            RD_ASSERT(!timer_comes_on(&row));
        }
        if (engine->work_count > WORKS_MAX / 2) {
            figures_save(engine);
            cases_save(engine);
        }
    }
    if (fired == 0 && stale == 0) {
        return 0;
    }
    /* A tick that only removed stale rows or forgot cases must not set off the digests of a
     * takeover. */
    engine->is_quiet = fired == 0 || (has_only_rest && !engine->counters.is_telling);
    record_end(engine);
    return fired > 0 ? fired : 1;
}
