/* daemon/engine/engine.h — the deterministic heart: (tables, time, record) → tables', receipt,
 * alerts.
 *
 * No clock, socket, file, thread, log, random number or float in here, and no idea of batches or
 * turns: records only. The edge journals what it applies; a replay applies what was journalled; the
 * back-test and the simulator apply what they like. Same tables, same records: same bytes.
 *
 * The step (daemon/README.md): T = max(T, last T). An event first fires the due timers
 * of the case it names, is applied, then fires those due that it made on that case. A tick fires at
 * most 1,024 of the timers due, in order. An event that is refused, or was taken before, leaves no
 * trace: all it did is undone (store_mark/undo), and the edge does not journal it. */
#pragma once

#include "common/plan/plan.h"
#include "common/time/utime.h"
#include "common/wire/alert.h"
#include "common/wire/event.h"
#include "common/wire/receipt.h"
#include "daemon/store/store.h"

/* Raised whenever the same records may give other results than before. */
enum { ENGINE_NUMBER = 13, ENGINE_TICK_MAX = 1024 };

struct engine;

struct engine_time {
    rd_time wall, steady;
    bool is_grace; /* within the start grace: no timer fires */
};

/* Which units' cases a sender may act on. A case that it may not is to it as if there were none; of
 * use at a door alone, as a journal has what was taken. */
struct engine_reach {
    bool (*covers)(const void *context, struct rd_str unit_path);
    const void *context;
};
/* The case is of such a unit, or one of them was alerted about it. */
bool engine_reaches(
        const struct engine_reach *reach, struct store_view *view, uint64_t case_number);

struct engine_sender {
    const struct engine_reach *reach; /* that it acts on; NULL: every case */
    const struct engine_reach *sees;  /* whose numbers it is told; NULL: every case */
    struct rd_str name;               /* of the key; empty without security */
    struct rd_str unit;   /* path of the unit the key belongs to; empty: an operator or a system */
    struct rd_str person; /* whose key it is, where the configuration says so; else empty */
};
/* As kept in a journal record: name, NUL, unit, and where there is one NUL, person. */
void engine_sender_pack(struct rd_buf *buf, const struct engine_sender *sender);
struct engine_sender engine_sender_of(struct rd_str packed);

/* Reads the counters and the present configuration (if any) from the tables. 0, -EPROTO (a state of
 * another engine number: *ret_number), -EBADMSG. The view must outlive the engine. */
RD_MUST_USE int engine_open(
        struct store_view *view, struct engine **ret_engine, uint32_t *ret_number);
void engine_close(struct engine *engine);

/* What the last engine_* call that applies decided to tell; valid until the next one. */
const struct rd_alert *engine_alerts(const struct engine *engine, size_t *ret_count);

/* A configuration record. 0; -EBADMSG (not a tree this engine reads). The first record of a state
 * must be one. A tree equal to the present one does nothing. */
RD_MUST_USE int engine_configure(
        struct engine *engine, const struct engine_time *at, struct rd_str tree);
const struct rd_plan *engine_plan(const struct engine *engine); /* NULL before the first */
/* True if `tree` could be taken over now; else *ret_what says why (a unit that goes away while it
 * has open cases, with their numbers). */
bool engine_may_configure(
        struct engine *engine, const struct rd_plan *plan, char ret_what[static 512]);

/* Applies an event. status RD_ACCEPTED: applied, to be journalled; *ret_receipt has seq. Any other:
 * nothing changed. The receipt's arrays live until the next call. `event.time` may be in the
 * future: the door has already refused or adjusted (rd_event.time changed, adjusted_time set by
 * it). */
void engine_event(struct engine *engine, const struct engine_time *at,
        const struct engine_sender *sender, const struct rd_event *event,
        struct rd_receipt *ret_receipt);
/* It lightens the load (answers, decides, closes): taken while other events are answered busy. */
bool engine_event_is_relief(enum rd_event_type type);
/* What the last event accepted has done: its own type, that of the event that it approved;
 * RD_EVENT_TYPE_COUNT: nothing yet, as it waits for an approval. */
enum rd_event_type engine_effect(const struct engine *engine);
/* The moment of its case that an event of this type is. False: none. */
bool engine_event_moment(enum rd_event_type type, enum rd_moment *ret_moment);
/* Would the receipt be a duplicate, a conflict on the id, or stale_sequence? For the door's order
 * of checks: future_time stands behind them. True: *ret_receipt is that answer. */
bool engine_is_known(struct engine *engine, const struct engine_sender *sender,
        const struct rd_event *event, struct rd_receipt *ret_receipt);
/* Its sequence was taken with another id: it would be refused as a conflict. */
bool engine_has_number(struct engine *engine, const struct rd_event *event);

/* Fires at most ENGINE_TICK_MAX timers due. Returns how many fired; 0 changes nothing but last T.
 */
uint32_t engine_tick(struct engine *engine, const struct engine_time *at);
/* What the daemon itself has found and tells operators: an alert by a record of its own, so that a
 * replay tells the same. Its body: type u8, severity u8, code and detail behind their lengths. */
struct engine_tell {
    enum rd_alert_type type;
    enum rd_severity severity;
    struct rd_str code, detail; /* the alert's one reason */
};
/* A code of RD_ALERT_STATE_CHECK_FAILED that tells nobody: the term is one more from here on. */
#define ENGINE_TELL_RESTORED RD_STR("restored")
void engine_tell_pack(struct rd_buf *buf, const struct engine_tell *tell);
/* 0 or -EBADMSG; texts borrowed. */
RD_MUST_USE int engine_tell_unpack(struct rd_str bytes, struct engine_tell *ret_tell);
void engine_tell(
        struct engine *engine, const struct engine_time *at, const struct engine_tell *tell);

/* Erasure on the disks, which the edge does: the newest event customer.forgotten whose rows are
 * rewritten, and which waits for it; 0: none does. */
uint64_t engine_erasure_waits(struct engine *engine);
/* It is done, by a record of its own. Its body: version u8 = 1, job u64, record u64 and digest 32
 * bytes of the snapshot that was kept (zeros: nothing was found, and no body went), count of erased
 * bodies varint, then each one's record number less that of the one before, varints. */
struct engine_erased {
    uint64_t job, record;
    uint8_t digest[32];
    const uint64_t *bodies; /* ascending; what is erased by now, by earlier jobs too */
    size_t body_count;
};
void engine_erased_pack(struct rd_buf *buf, const struct engine_erased *erased);
/* 0 or -EBADMSG; the numbers in `arena`. */
RD_MUST_USE int engine_erased_unpack(
        struct rd_str bytes, struct rd_arena *arena, struct engine_erased *ret_erased);
RD_MUST_USE int engine_erased(
        struct engine *engine, const struct engine_time *at, struct rd_str body);

/* Cases that are set aside: their timers stand still, since one of them ended a process. It comes
 * by engine_tell() of RD_ALERT_CASE_QUARANTINED, whose detail is the number, and ends by
 * case.reapplied; so a replay does the same. One too many is not set aside. */
enum { ENGINE_ASIDE_MAX = 64 };
size_t engine_aside(const struct engine *engine, const uint64_t **ret_numbers);
/* From now on *at_work is the case whose timer is being fired, or 0. NULL: no longer. */
void engine_watch(struct engine *engine, uint64_t *at_work);

/* When the next timer is due, on the wall scale at the present offset; RD_TIME_NONE: none. Stale
 * timers at the head are skipped (and left). */
rd_time engine_next_due(struct engine *engine, const struct engine_time *at);

/* Puts counters and the record's number into META, before a seal: after it the tables say that all
 * up to `record` is in them. */
void engine_note_position(struct engine *engine, uint64_t record);
uint64_t engine_position(struct engine *engine); /* as read at open */

/* Of a state that an older version made: counts what the case counts for, as its row, attributes
 * and history tell; what only events told, decisions' amounts say, is not known any more. */
void engine_recount(struct engine *engine, uint64_t number);
/* Of such a state, too: what the lists of duties, and of rounds of screening, need. */
void engine_reindex_duty(struct engine *engine, uint64_t number);
void engine_recount_round(struct engine *engine, struct rd_str contract);

struct engine_counts {
    uint64_t event_seq, alert_seq, case_number; /* the last ones given */
    uint64_t open_cases, armed_timers;
    uint64_t term;
    rd_time wall, steady; /* last T */
};
struct engine_counts engine_counts(const struct engine *engine);

/* ---- for side views: the desk's questions ---- */
/* After the view was renewed: reads counters, configuration and silences again. Errors as open. */
RD_MUST_USE int engine_refresh(struct engine *engine);
/* The armed timers in firing order, dues on the wall scale at the present offset. `cursor` begins
 * zeroed. False: no more. */
struct engine_timer {
    rd_time due;
    const char *kind; /* "clock", "ladder", "pause", "chase", "notice", "bundle", "source", … */
    uint64_t case_number; /* 0: of no case */
    struct rd_str
            name; /* the clock's, source's, a bundle's unit; else empty; until the next call */
    uint32_t slot;
    uint32_t unit; /* name number of the case's unit; 0 */
};
struct engine_timer_cursor {
    bool has_begun[2];
    rd_time due[2];
    uint8_t key[2][24];
    uint64_t passed; /* rows so far, those too that are armed no more */
    bool has_ended;
};
/* Passes over so many rows without a look at whose they are. */
void engine_timer_skip(struct engine *engine, struct engine_timer_cursor *cursor, uint64_t count);
/* False: there is no more (cursor->has_ended), or cursor->passed has come to `until`. */
bool engine_timer_next(struct engine *engine, struct engine_timer_cursor *cursor, uint64_t until,
        struct engine_timer *ret_timer);
/* The policy text a case lives under; borrowed for as long as the engine stays open. */
const struct rd_plan *engine_plan_of(struct engine *engine, uint32_t config);

/* Where an open case stands: as it is; as the present configuration leaves it; as if it were told
 * to take that configuration's policies. Nothing is changed. False: there is no such open case. */
enum engine_outlook_as { OUTLOOK_AS_IS, OUTLOOK_SWEPT, OUTLOOK_REAPPLIED };
struct engine_outlook_clock {
    struct rd_str name;
    rd_time due; /* wall */
    bool is_provisional;
};
struct engine_outlook { /* texts until the engine's next call */
    struct rd_str subject, unit, policy;
    struct engine_outlook_clock clocks[RD_CLOCKS_MAX]; /* those that run and have a due */
    size_t clock_count;
    uint32_t rung; /* the next one by its time, from 1; 0: none */
    rd_time rung_due;
    uint32_t held; /* the rung whose alert waits for its unit's opening, the earliest; 0: none */
    rd_time held_due;
};
bool engine_outlook(struct engine *engine, uint64_t number, enum engine_outlook_as as,
        struct engine_outlook *ret_outlook);

/* What is to come at units by the calendar, and whose turn the rosters have, under the present
 * configuration. `what`: "report", "report then", "unread", "digest", "duty", "duty due",
 * "turn", "next turn" and, where somebody stands in now or later, "turn then": the first turn of
 * the round itself behind both. Texts until the function returns. */
struct engine_upcoming {
    const char *what;
    struct rd_str unit; /* path; empty: of a roster */
    struct rd_str name; /* a digest's "day", "week" or "month", a duty's or a roster's code */
    struct rd_str who;  /* path of the unit that has the turn; empty: nobody, or not of a roster */
    rd_time at;         /* a "turn" ends then, the others begin; RD_TIME_NONE: nothing is to come */
};
typedef void engine_upcoming_fn(void *user, const struct engine_upcoming *upcoming);
/* Changes nothing. */
void engine_upcoming_each(struct engine *engine, engine_upcoming_fn *fn, void *user);
/* Who stands in for a turn of a roster of `plan`, now or later, and no more under it: the present
 * configuration has the unit, `plan` has not. `what` "stand-in", `name` the roster, `who` the unit,
 * `at` the end. Changes nothing. */
void engine_stand_ins_lost(
        struct engine *engine, const struct rd_plan *plan, engine_upcoming_fn *fn, void *user);

/* Property 7: every open clock and ladder has exactly one armed timer, every timer belongs to one.
 * A pass looks at all cases, up to `limit` of them a call. If no record was taken since it began it
 * also counts the timers that cases, sources, bundles and the sweep have armed, and compares them
 * with the number that is kept. Begins zeroed. */
struct engine_proof {
    uint64_t cursor;         /* the case looked at last; 0: a pass begins, or has ended */
    uint64_t position;       /* record when it began */
    uint64_t looked, faults; /* cases so far, and what was wrong */
    uint64_t armed;
    char first[256]; /* the first fault */
};
/* True: the pass has ended, its results stand until the next call. */
bool engine_check(struct engine *engine, struct engine_proof *proof, uint32_t limit);
