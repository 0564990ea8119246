/* daemon/store/rows/case_row.h — table `cases`: where a case stands; rewritten at each change.
 *
 * Key: case number, 8 bytes. What a case is about (attributes, texts, the warning) is in
 * attribute_row.h, what happened in history_row.h: this row stays small because it is hot.
 *
 * Value: version u8 = 5, then the fields in the order of struct case_row, numbers as varints, times
 * as zigzag varints of µs (RD_TIME_NONE as such), flags gathered in a varint, arrays with their
 * count before them. Example, an open contact of unit 3 without clocks: test_rows.c holds it in
 * hex.
 *
 * Two scales (daemon/README.md): every `_steady` field is the same instant on the steady scale. */
#pragma once

#include "common/base/arena.h"
#include "common/plan/plan.h"
#include "common/wire/event.h"
#include "daemon/store/store.h"

enum case_kind { CASE_CONTACT, CASE_COMPLAINT, CASE_DUTY };
enum case_state { CASE_OPEN, CASE_ASSIGNED, CASE_HANDLING, CASE_DECIDED, CASE_CLOSED, CASE_GROWN };
const char *case_kind_name(enum case_kind kind);
const char *case_state_name(enum case_state state);

struct instant { /* one moment on both scales */
    rd_time wall, steady;
};
#define INSTANT_NONE ((struct instant){RD_TIME_NONE, RD_TIME_NONE})

enum clock_state {
    CLOCK_WAITING,  /* its start has not come */
    CLOCK_RUNNING,  /* or paused: a reason of it is open */
    CLOCK_STOPPED,  /* its stop came in time */
    CLOCK_LATE,     /* its stop came after the breach */
    CLOCK_BREACHED, /* due passed, no stop yet */
    CLOCK_ENDED,    /* ended by closing before its due */
    CLOCK_UNUSED,   /* `when` did not match at its start, or its pack version does not apply */
};

/* A unit that was told of a breach, or waits for its opening to be told. */
struct breach_call {
    uint32_t unit;
    bool is_held;
    uint64_t seq; /* the newest alert that it got; 0: none */
};
enum { CLOCK_CALLS_MAX = 32 };

struct case_clock {
    enum clock_state state;
    uint8_t definition;      /* index into the policy's clocks */
    uint8_t extensions;      /* taken */
    uint16_t reminders_sent; /* bits */
    bool is_steady;          /* due is on the steady scale */
    bool is_provisional;
    bool is_restarted;    /* by new facts or a reopening: `received` does not move it */
    bool is_graced;       /* its day of grace after a reopening was given */
    bool was_breached;    /* in a run before the present one */
    struct instant start; /* own time of what started it */
    rd_time due;          /* on its scale; in a pause what it was before, RD_TIME_NONE if it
                             started in it */
    rd_time graced_at;    /* wall: of the reopening that gives it one more working day; RD_TIME_NONE
                           */
    rd_time armed;        /* its one timer; RD_TIME_NONE: none */
    bool is_armed_steady; /* the scale of `armed` */
    rd_time stopped;      /* wall: own time of the stop; of a breach that has none, its due */
    uint32_t calendar;    /* name id; 0: none */
    struct instant told;  /* the newest telling of its breach; wall RD_TIME_NONE: not breached */
    uint32_t repeated;    /* tellings after the first */
    struct breach_call *calls; /* of the present breach, in the order told; the oldest goes first */
    uint32_t call_count;       /* room for CLOCK_CALLS_MAX, where it is not 0 */
};

struct case_pause {
    uint32_t reason;           /* name id */
    struct instant begin, end; /* end.wall RD_TIME_NONE: open */
    rd_time until;             /* wall; RD_TIME_NONE: none */
    rd_time armed;             /* wall */
};

/* A rung's alert to one unit: held for its opening, withheld, or sent and asking for an answer. One
 * that asks for none is forgotten when it is sent. */
struct rung_call {
    uint8_t rung; /* from 0 */
    uint8_t severity;
    bool is_held;   /* waits for its unit's opening */
    bool is_missed; /* its ack_within passed, or needs not be waited for any more */
    bool is_acked;
    bool is_old;         /* its rung was sent again: an answer still satisfies the rung, no more */
    bool is_after_until; /* fired by hand on a ladder that had stopped: it asks all the same */
    bool is_passed_on;   /* taken over from the case's unit before; keeps the first `sent` */
    bool is_passing;     /* held, to be taken over at the opening */
    bool is_stand_in;    /* asked as somebody whom its rung asks was closed: nothing holds it */
    bool is_again;       /* fired by hand when a later rung had fired, and none has since */
    bool has_ack, counts_working;
    uint8_t renotified;
    uint16_t skipped;        /* bits: rungs skipped for it, while it is held */
    uint32_t unit;           /* asked */
    uint32_t calendar;       /* name id: the case unit's when it was sent */
    uint64_t seq;            /* the newest alert of the chain; 0: held or withheld */
    uint64_t before;         /* passed on: the alert of the unit before, until it is told; 0 */
    struct rd_limit ack;     /* ack_within of the policy it was sent under */
    struct instant sent;     /* ack counts from here */
    struct instant notified; /* the newest of the chain; while held: when it was decided */
    struct instant leased;   /* ack_lease counts from here; wall RD_TIME_NONE: it was kept */
};

enum ladder_state { LADDER_NONE, LADDER_RUNNING, LADDER_STOPPED };
struct case_ladder {
    enum ladder_state state;
    struct instant start;    /* with the next two also when the policy has no ladder */
    uint32_t begun;          /* moments taken by then: `until` among later ones stops it */
    uint32_t calendar;       /* name id; of the case's unit when it started */
    uint16_t fired;          /* bits: rungs that fired, were skipped or jumped over */
    bool is_exhausted;       /* operators were told */
    struct rung_call *calls; /* in the order decided */
    uint32_t call_count, call_room;
    rd_time armed_wall, armed_steady; /* the earliest pending instant on each scale */
};

struct open_alert { /* asked for an acknowledgement and has none */
    uint64_t seq;
    uint32_t unit;
    uint8_t severity;
};

struct case_chase {
    uint32_t asker, asked; /* unit numbers; asker 0: operators */
    uint64_t entry;        /* of the history: the event that asked */
    rd_time answer_by;
    rd_time armed; /* wall; RD_TIME_NONE: answered or missed */
    bool is_answered, is_missed;
};

struct case_notice {
    uint32_t code; /* name id */
    bool is_given;
    rd_time armed; /* wall: reminder at closing of the next business day */
};

enum mediation_state {
    MEDIATION_NONE,
    MEDIATION_CALLED,
    MEDIATION_ACCEPTED,
    MEDIATION_DECLINED,
    MEDIATION_SETTLED,
    MEDIATION_FAILED,
    MEDIATION_EXECUTED,
};

enum {
    CASE_PAUSES_MAX = 512,
    CASE_CHASES_MAX = 64,
    CASE_NOTICES_MAX = 32,
    CASE_ALERTS_MAX = 256,
    CASE_CALLS_MAX = RD_RUNGS_MAX * RD_TARGETS_MAX
};

struct case_row {
    uint64_t number;
    enum case_kind kind;
    enum case_state state;
    uint32_t config, policy;               /* configuration id, index of the policy in it */
    uint32_t unit, respondent, first_unit; /* unit numbers */
    rd_time opened, received, closed;      /* own times; closed RD_TIME_NONE: not */
    uint64_t opened_seq;
    uint32_t transfers, reopened, contacts;
    uint32_t recontacts;  /* contacts, complaints and letters of its customer since it was opened */
    rd_time recontacted;  /* own time of the newest of them; RD_TIME_NONE: none */
    rd_time begun_again;  /* own time of the one that last began the ladder anew; RD_TIME_NONE */
    uint64_t history;     /* number of its newest entry */
    uint16_t rungs_fired; /* bits: of any ladder it had, for what became of it */
    uint32_t swept;       /* the configuration whose calendars it took before its turn; 0 */
    enum rd_level level;
    int32_t score;
    enum mediation_state mediation;
    bool panel_open, review_open, is_regulator, was_acknowledged, was_decided, was_defused;
    bool is_first_told;                      /* warning.first_contact is out, or need not go */
    bool is_quiet;                           /* the record at work takes it quietly; not kept */
    uint64_t gone_into;                      /* case it grew into, or was merged into; 0 */
    struct instant moments[RD_MOMENT_COUNT]; /* own time of the first; wall RD_TIME_NONE */
    /* Moments of a case are counted as they are taken, from 1: places of the first and the newest
     * of each; 0: none. */
    uint32_t first_place[RD_MOMENT_COUNT], last_place[RD_MOMENT_COUNT], moment_count;
    uint8_t clock_count;
    struct case_clock clocks[RD_CLOCKS_MAX];
    struct case_ladder ladder;
    struct case_pause *pauses;
    uint32_t pause_count, pause_room;
    struct case_chase *chases;
    uint32_t chase_count, chase_room;
    struct case_notice *notices; /* room for CASE_NOTICES_MAX */
    uint32_t notice_count;
    struct open_alert *alerts; /* by seq */
    uint32_t alert_count, alert_room;
};

/* Of the moments (bits) the one that was taken first; `otherwise` where none has come. */
enum rd_moment case_row_first_moment(
        const struct case_row *row, uint32_t moments, enum rd_moment otherwise);

struct case_row *case_row_new(struct rd_arena *arena);
/* One more at the end of a list, grown in `arena` where it must be. The caller keeps to the maxima.
 */
struct case_pause *case_row_add_pause(struct case_row *row, struct rd_arena *arena);
struct case_chase *case_row_add_chase(struct case_row *row, struct rd_arena *arena);
struct open_alert *case_row_add_alert(struct case_row *row, struct rd_arena *arena);
struct rung_call *case_row_add_call(struct case_row *row, struct rd_arena *arena);
struct breach_call *case_row_add_breach_call(struct case_clock *clock, struct rd_arena *arena);
bool case_row_get(struct store_view *view, uint64_t number, struct rd_arena *arena,
        struct case_row **ret_row);
void case_row_put(struct store_view *view, const struct case_row *row);
void case_row_del(struct store_view *view, uint64_t number);
/* For tests and tools. Decode: 0 or -EBADMSG. */
void case_row_encode(struct rd_buf *buf, const struct case_row *row);
RD_MUST_USE int case_row_decode(struct rd_str bytes, struct rd_arena *arena, struct case_row *row);
