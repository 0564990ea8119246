/* daemon/engine/internal.h — what the engine's files share: the record at work and the cases in it.
 *
 * Nothing here outlives a record but the loaded configurations, the scratch of the term search and
 * the hints where timers begin; none of these is state: dropping them changes no result. */
#pragma once

#include "common/digest.h"
#include "daemon/engine/engine.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/key.h"
#include "daemon/store/rows/timer_row.h"

enum { PLANS_MAX = 64, WORKS_MAX = 64, RECORD_BYTES_MAX = 256 * 1024 * 1024 };

/* Counters of the tables, in one row of `meta` (meta.c), written before a checkpoint. */
struct counters {
    uint64_t position; /* record */
    uint64_t event_seq, alert_seq, case_number, silence_number, history;
    uint64_t open_cases, armed_timers, term;
    uint32_t names, config, engine_number;
    rd_time wall, steady; /* last T */
    int32_t swept_day;    /* of the last housekeeping */
    bool is_sweeping;     /* it has not come to its end */
    bool has_taken_over;  /* cases were taken quietly and digest.takeover has not gone */
    rd_time sweep_due;    /* of the sweep over cases after a configuration; RD_TIME_NONE: none */
    uint64_t sweep_next, sweep_last;
    uint32_t sweep_config; /* that began it */
};

struct custom { /* the last `attributes` that were looked into: a copy, and its map */
    struct rd_buf bytes;
    struct rd_tree *tree;
    rd_node map;
    bool is_read;
};

struct loaded_plan {
    uint32_t id;
    struct rd_plan *plan;
};

/* A case in the record at work. */
struct work {
    struct case_row *row;
    struct attribute_row *attributes; /* NULL: not read yet */
    const struct rd_warning *warning; /* given in this record; NULL: the kept one */
    bool is_dirty, are_attributes_dirty;
    const struct rd_plan *plan; /* of its policy */
    uint64_t first_alert;       /* the first one of this record to its own unit; 0 */
};

struct silence {
    uint64_t number;
    rd_time until;
    struct rd_match *match;
};

/* Where the timers of a scale begin (next.c): no live timer stands before `live`, no row at all
 * before `swept`, but those of `early`. */
enum { EARLY_MAX = 16 };
struct timer_hint {
    struct timer_row live, swept;
    bool has_live, has_swept;
    struct timer_row early[EARLY_MAX]; /* all before `live`; some of them no longer armed */
    bool is_gone[EARLY_MAX];           /* its row was removed in the record at work */
    size_t early_count;
};

enum { CONTACTS_MAX = 24 };
struct contacts {
    struct work *at[CONTACTS_MAX + 2]; /* two more: those that a complaint itself names */
    size_t count;
};

struct engine {
    struct store_view *view;
    struct rd_arena arena; /* the record's */
    struct counters counters;
    struct loaded_plan plans[PLANS_MAX];
    size_t plan_count;
    const struct rd_plan *plan; /* the present one */
    struct names *names;
    struct rd_terms_scratch *terms_scratch;
    bool *terms_found;
    uint32_t *terms_end;
    struct rd_arena silences_arena;
    struct silence *silences;
    size_t silence_count;
    struct timer_hint hints[2]; /* by scale */
    struct custom custom;
    struct row_key expired; /* no row of `expiry` stands before it */
    uint64_t alerts_gone;   /* as alert_rows_gone() */

    /* the record at work */
    struct engine_time at;
    struct instant now;
    const struct rd_event *event; /* NULL in a tick */
    const struct engine_sender *sender;
    struct instant own;                /* the event's own time */
    uint8_t customer[RD_DIGEST_BYTES]; /* the event's, if has_customer */
    bool has_customer;
    struct contacts contacts; /* of its customer, if has_contacts: looked up once a record */
    bool has_contacts;
    uint64_t seq; /* the event's number to be */
    bool is_quiet;
    const char *cause; /* the timer that fires: "clock", "rung", …; NULL: the event */
    struct rd_str cause_name;
    rd_time cause_due;   /* wall: what is being late */
    bool event_is_cause; /* timers fire that the event itself made */
    struct rd_alert *alerts;
    size_t alert_count, alert_room;
    struct work *works[WORKS_MAX];
    size_t work_count;
};

static inline bool has_bit(uint32_t bits, uint32_t place)
{
    return (bits >> place & 1U) != 0;
}

/* ---- step.c ---- */
void record_begin(struct engine *engine, const struct engine_time *at);
void record_end(struct engine *engine);

/* ---- housekeeping.c ---- */
void housekeeping_step(struct engine *engine); /* at the end of each record */
/* It asks for no acknowledgement any more. */
void alert_settle(struct engine *engine, uint32_t unit, uint64_t seq);

/* ---- sweep.c ---- */
void sweep_begin(
        struct engine *engine, const struct rd_plan *old);       /* the plan was `old` (or NULL) */
bool sweep_awaits(const struct engine *engine, uint64_t number); /* the case's turn has not come */
/* The configuration whose calendars a case still goes by: its turn has not come; NULL: the present
 * one's. */
const struct rd_plan *sweep_old_plan(struct engine *engine, const struct work *work);
void sweep_case(struct engine *engine, struct work *work); /* idempotent */
bool sweep_timer_is_live(const struct engine *engine, const struct timer_row *row);
void sweep_fire(struct engine *engine);

/* ---- meta.c ---- */
bool meta_read(struct store_view *view, struct counters *ret_counters);
void meta_write(struct store_view *view, const struct counters *counters);

/* ---- engine.c ---- */
const struct rd_plan *plan_of(struct engine *engine, uint32_t id);

/* ---- cases.c ---- */
struct work *case_open(struct engine *engine, uint64_t number); /* NULL: no such case */
struct work *case_create(struct engine *engine, enum case_kind kind);
struct attribute_row *case_attributes(struct engine *engine, struct work *work);
void cases_save(struct engine *engine); /* all dirty ones, and forgets them */
void case_history(struct engine *engine, struct work *work, const struct history_row *row);
void case_history_event(struct engine *engine, struct work *work, enum history_what what);
/* Another configuration has moved it from the unit `before`, which is gone. */
void case_history_moved(struct engine *engine, struct work *work, uint32_t before, rd_time time);
bool case_is_over(const struct work *work); /* closed or grown */
const struct rd_plan_policy *case_policy(const struct work *work);
/* rd_lookup_fn over a struct subject_of_match. */
struct attribute_view {
    struct engine *engine;
    const struct rd_value *values; /* by key */
    struct rd_str kind;
    const struct case_row *row; /* NULL: no case yet */
    bool is_regulator;
    rd_time received;
};
struct attribute_view case_view(struct engine *engine, struct work *work);
struct rd_value attribute_lookup(const void *context, struct rd_str name);
bool attributes_are_regulators(struct engine *engine, const struct rd_value *values);

/* ---- names.c ---- */
struct names;
struct names *names_new(void);
void names_free(struct names *names);     /* accepts NULL */
void names_forget(struct engine *engine); /* names were taken back, or the plan is another */
uint32_t name_number(struct engine *engine, struct rd_str text); /* given, if there is none */
uint32_t name_known(struct engine *engine, struct rd_str text);  /* 0: none */
/* The text, for the time of the record; empty for 0. */
struct rd_str name_shown(struct engine *engine, uint32_t number);
int32_t unit_index(struct engine *engine, uint32_t number); /* RD_NO_INDEX: not in the plan */

/* ---- units.c ---- */
uint32_t unit_number(struct engine *engine, int32_t index); /* of the present plan's unit */
uint32_t unit_above(struct engine *engine, uint32_t number, uint32_t steps); /* 0: none */
const struct rd_calendar *unit_calendar(struct engine *engine, uint32_t number);
const struct rd_calendar *calendar_named(struct engine *engine, struct work *work, uint32_t name);
/* Itself; or the one that has its cases, where it is gone (moved_to). */
uint32_t unit_present(struct engine *engine, uint32_t number);
/* The unit a target means for a case; 0: empty. */
uint32_t target_unit(struct engine *engine, struct work *work, const struct rd_target *target);

/* ---- timers.c ---- */
/* Arms `fresh` in place of *armed (either may be RD_TIME_NONE), both on the row's scale. */
void timer_arm(struct engine *engine, rd_time *armed, rd_time fresh, struct timer_row row);
rd_time timer_wall(const struct engine *engine, rd_time time, bool is_steady);
rd_time scale_now(const struct engine *engine, bool is_steady);
struct instant instant_of(const struct engine *engine, rd_time wall);
/* True if the row's owner is armed for just this. Loads the case. */
bool timer_is_live(struct engine *engine, const struct timer_row *row);
void timer_fire(struct engine *engine, const struct timer_row *row);
/* Fires those of one case that are due, in order. */
void timers_fire_of_case(struct engine *engine, uint64_t number);

/* ---- next.c ---- */
/* A row was put: it may be the first one now. */
void next_armed(struct engine *engine, const struct timer_row *row);
/* A timer has fired: its row goes. */
void next_remove(struct engine *engine, const struct timer_row *row);
/* At the end of a record, its cases saved: keeps the hints short. */
void next_settle(struct engine *engine);
/* The record's writes were undone. */
void next_undo(struct engine *engine);
/* The earliest row of both scales, live or not, dues compared on the wall at the present offset. */
bool next_first(struct engine *engine, struct timer_row *ret_row, rd_time *ret_wall);

/* ---- due.c ---- */
struct due {
    rd_time at; /* on its scale; RD_TIME_NONE: not computable (an attribute is missing) */
    bool is_steady, is_provisional;
};
enum { STRETCHES_MAX = CASE_PAUSES_MAX + 1 };
struct waits { /* a limit and where it counts */
    struct rd_limit limit;
    bool counts_working, on_wall, at_closing;
    enum rd_roll roll;
    const struct rd_calendar *calendar;
};
struct spans { /* sorted, apart from each other */
    size_t count;
    rd_time *begin, *end;
};
struct stretches {
    struct spans wall, steady;
};
struct due due_after(struct engine *engine, const struct waits *waits, struct instant start,
        const struct stretches *stretches);
/* Ended pauses of the case that `clock` takes (NULL: all), clipped at `from`, on both scales. */
struct stretches case_stretches(struct engine *engine, const struct work *work,
        const struct rd_plan_clock *clock, struct instant from);
bool pause_counts(struct engine *engine, const struct rd_plan_clock *clock, uint32_t reason);
bool clock_is_paused(
        struct engine *engine, const struct work *work, const struct rd_plan_clock *clock);

/* ---- clocks.c ---- */
const struct rd_plan_clock *clock_definition(
        const struct work *work, const struct case_clock *clock);
/* Waiting ones whose start has come; is_anew: because the policy is another now. */
void clocks_begin(struct engine *engine, struct work *work, bool is_anew);
/* What has happened already counts for a clock that begins: its stop may have come since its start.
 * `closed` is no stop while the case is open; a clock begins only when its due date, or its start,
 * is known: what came before is no answer to it, unless it was known under another policy. */
bool clock_is_past(struct engine *engine, const struct case_row *row,
        const struct rd_plan_clock *definition, bool is_anew);
/* A moment came: starts, stops, restarts. Records its first time. */
void clocks_moment(
        struct engine *engine, struct work *work, enum rd_moment moment, struct instant at);
void clocks_close(struct engine *engine, struct work *work, struct instant at);
void clocks_reopen(struct engine *engine, struct work *work, struct instant at);
/* Derives all that run and are not paused; tells `clock.moved` of those whose due changed. */
void clocks_derive(struct engine *engine, struct work *work);
void clocks_rest(struct engine *engine, struct work *work);   /* a pause began */
void clocks_resume(struct engine *engine, struct work *work); /* a pause ended */
void clock_derive(struct engine *engine, struct work *work, struct case_clock *clock);
void clock_arm(struct engine *engine, struct work *work, struct case_clock *clock);
void clock_fire(struct engine *engine, struct work *work, uint16_t slot);
void clocks_drop(struct engine *engine, struct work *work); /* disarms all: closed for good */
struct case_clock *clock_named(struct engine *engine, struct work *work, struct rd_str name);
bool clock_extend(struct engine *engine, struct work *work, struct case_clock *clock,
        struct rd_reject *reject);
void clock_stop(struct engine *engine, struct work *work, struct case_clock *clock,
        struct instant at, enum clock_state in_time);

/* ---- clocks_tell.c ---- */
struct alert_draft clock_draft(struct engine *engine, struct work *work,
        const struct case_clock *clock, enum rd_alert_type type);
void clock_breach(struct engine *engine, struct work *work, struct case_clock *clock);
/* It was none: those who were told are told so. */
void clock_correct(struct engine *engine, struct work *work, struct case_clock *clock);
void clock_tell_horizon(struct engine *engine, struct work *work, struct case_clock *clock);

/* ---- reminders.c ---- */
/* The instant of a reminder on the clock's scale; RD_TIME_NONE: never. */
rd_time reminder_at(
        struct engine *engine, struct work *work, const struct case_clock *clock, size_t i);
/* At a breach: none of those that had an instant is sent any more. */
void reminders_drop(struct engine *engine, struct work *work, struct case_clock *clock);

/* ---- ladder.c, ladder_items.c, ladder_fire.c ---- */
void ladder_start(struct engine *engine, struct work *work, struct instant at);
void ladder_stop(struct engine *engine, struct work *work); /* until came */
void ladder_end(struct engine *engine, struct work *work);  /* the case is over */
void ladder_moment(struct engine *engine, struct work *work, enum rd_moment moment);
void ladder_arm(struct engine *engine, struct work *work);
void ladder_fire(struct engine *engine, struct work *work);
/* The case left the unit `before`. */
void ladder_moved(struct engine *engine, struct work *work, uint32_t before, struct instant at);
void ladder_keep(struct engine *engine, struct work *work); /* an event keeps leases */
/* Fires rung `to` (from 1; 0: the next unfired one). False: none left. */
bool ladder_escalate(struct engine *engine, struct work *work, uint32_t to);
enum item_kind { ITEM_NONE, ITEM_RUNG, ITEM_HELD, ITEM_MISSED, ITEM_RENOTIFY, ITEM_LEASE };
struct ladder_item {
    enum item_kind kind;
    uint16_t place; /* rung, or index into the ladder's calls */
    rd_time at;     /* on its scale */
    bool is_steady;
};
const struct rd_plan_ladder *ladder_of(const struct work *work);
/* The earliest pending item, overall; and the earliest instant on each scale. */
struct ladder_item ladder_next(struct engine *engine, struct work *work, rd_time ret_at[static 2]);
struct due rung_due(struct engine *engine, struct work *work, uint8_t rung);
/* When the call's acknowledgement is overdue. */
struct due call_answer_due(struct engine *engine, struct work *work, const struct rung_call *call);
bool rung_is_satisfied(const struct case_ladder *ladder, uint8_t rung);
void ladder_go_on(struct engine *engine, struct work *work); /* another policy: is until past? */
/* Acknowledges what is open: of one unit (0: all). */
void case_acks(struct engine *engine, struct work *work, uint32_t unit, struct rd_str by);
bool case_ack_alert(struct engine *engine, struct work *work, uint64_t seq, struct rd_str by);

/* ---- pauses.c ---- */
struct case_pause *pause_open(struct work *work, uint32_t reason);
bool case_is_paused(const struct work *work);
void pause_begin(struct engine *engine, struct work *work, struct rd_str reason, struct instant at,
        rd_time until);
void pause_end(
        struct engine *engine, struct work *work, struct case_pause *pause, struct instant at);
void pauses_end_all(struct engine *engine, struct work *work, struct instant at);
void pause_fire(struct engine *engine, struct work *work, uint16_t slot);

/* ---- chases.c, notices.c ---- */
void chase_open(
        struct engine *engine, struct work *work, uint32_t asker, uint32_t asked, rd_time by);
bool chase_answer(struct engine *engine, struct work *work, struct instant at);
void chase_fire(struct engine *engine, struct work *work, uint16_t slot);
void chases_drop(struct engine *engine, struct work *work);
void notices_tell(
        struct engine *engine, const struct attribute_view *view, struct rd_warning *warning);
void notices_owe(struct engine *engine, struct work *work, const struct rd_warning *warning);
void notices_close(struct engine *engine, struct work *work);
bool notice_give(struct engine *engine, struct work *work, struct rd_str code);
void notice_fire(struct engine *engine, struct work *work, uint16_t slot);

/* ---- alerts.c, titles.c ---- */
struct alert_draft {
    enum rd_alert_type type;
    enum rd_severity severity;
    uint32_t unit;
    uint32_t rung;
    const uint32_t *skipped;
    size_t skipped_count;
    const struct case_clock *clock;
    struct rd_str clock_name;
    rd_time due; /* RD_TIME_NONE */
    bool is_provisional;
    rd_time ack_by; /* RD_TIME_NONE */
    bool carries_warning, never_withheld, is_ladder, is_reminder, is_late;
    uint64_t supersedes;
    const uint64_t *grouped;
    size_t grouped_count;
    uint64_t count;
    struct rd_reason extra; /* code empty: none */
    struct rd_str title;    /* a template of its own; empty: the type's */
    uint32_t days;          /* of a window, for the title */
};
struct alert_draft alert_draft_of(
        enum rd_alert_type type, enum rd_severity severity, uint32_t unit);
/* Numbers and keeps it; 0: withheld (in the case's history) or quiet. `work` NULL: about no case.
 */
uint64_t alert_send(struct engine *engine, struct work *work, const struct alert_draft *draft);
/* When its unit is told of it: now, or when the bundle ends that it would go into. */
struct instant alert_told_at(
        struct engine *engine, struct work *work, const struct alert_draft *draft);
struct rd_str alert_title(
        struct engine *engine, const struct rd_alert *alert, const struct alert_draft *draft);

/* ---- storm.c ---- */
struct unit_row;
/* Steady: when the bundle ends that an alert of this draft would go into; RD_TIME_NONE: none. */
rd_time storm_end(struct engine *engine, const struct alert_draft *draft);
/* Counts an alert that is being sent, in its unit's row. True: a bundle takes it. */
bool storm_note(struct engine *engine, const struct alert_draft *draft, uint64_t seq,
        struct unit_row *unit);
bool storm_timer_is_live(struct engine *engine, const struct timer_row *row);
void storm_fire(struct engine *engine, const struct timer_row *row);

/* ---- silences.c ---- */
void silences_load(struct engine *engine);
bool silences_are_full(struct engine *engine); /* as many hold as are taken */
uint64_t silence_create(struct engine *engine);
bool silence_exists(struct engine *engine, uint64_t number);
void silence_end(struct engine *engine, uint64_t number);
bool silence_covers(struct engine *engine, struct work *work, const struct alert_draft *draft);

/* ---- known.c ---- */
enum known { KNOWN_NEW, KNOWN_DUPLICATE, KNOWN_CONFLICT, KNOWN_STALE };
enum known known_look(
        struct engine *engine, const struct rd_event *event, uint64_t *ret_seq, uint64_t *ret_case);
void known_take(struct engine *engine, const struct rd_event *event, uint64_t case_number);
void known_reset(struct engine *engine, struct rd_str source);
bool known_timer_is_live(struct engine *engine, const struct timer_row *row);
void known_fire(struct engine *engine, const struct timer_row *row);

/* ---- silent.c ---- */
struct source_row;
/* Arms what the present configuration watches. */
void sources_watch(struct engine *engine);
void source_spoke(struct engine *engine, struct rd_str name, struct source_row *source);
bool silent_timer_is_live(const struct source_row *source, const struct timer_row *row);
void silent_fire(struct engine *engine, struct rd_str name, struct source_row *source);

/* ---- assess.c, windows.c, ledger.c ---- */
struct assessment {
    struct rd_warning warning;
    struct rd_str packed; /* the warning, as kept */
};
void assess(struct engine *engine, const struct attribute_view *view, uint32_t unit,
        struct assessment *ret);
struct points { /* gathers reasons and actions */
    struct rd_reason *reasons;
    size_t reason_count, reason_room;
    const struct rd_texts **actions; /* per reason; NULL: none */
    int64_t sum;
};
void points_add(struct engine *engine, struct points *points, struct rd_str code, int32_t amount,
        struct rd_str detail, const struct rd_texts *actions);
void windows_count(struct engine *engine, const struct attribute_view *view, uint32_t unit,
        struct points *points);
void ledger_note(struct engine *engine, uint32_t unit, uint64_t case_number,
        const struct assessment *assessment);
void ledger_grown(struct engine *engine, const struct case_row *contact, rd_time at);
void ledger_complained(struct engine *engine, rd_time at);

const uint8_t *customer_digest(struct engine *engine);

/* ---- policy.c ---- */
/* Matches in the present configuration, sets config, policy, clocks, ladder. */
void policy_apply(struct engine *engine, struct work *work);
/* Again, for an open case: clocks of the same name keep start, the ladder keeps start and rung. */
/* False: the policy is the same one. */
bool policy_reapply(struct engine *engine, struct work *work);
bool policy_names(const struct rd_plan *plan, struct rd_str attribute);
bool policy_watches(const struct rd_plan *plan, enum rd_event_key key);

/* ---- lifecycle.c ---- */
enum lifecycle { LIFECYCLE_ILLEGAL, LIFECYCLE_SAME, LIFECYCLE_MOVES, LIFECYCLE_LATE };
/* What the table says of an event on a case; LATE: allowed only with own time ≤ closing. */
enum lifecycle lifecycle_of(enum rd_event_type type, enum case_kind kind, enum case_state state,
        enum case_state *ret_to);
