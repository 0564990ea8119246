/* daemon/desk/method.h — what a method of the desk is given, and the table of them. This room only.
 *
 * A method writes exactly one object: a map whose first key is as_of (method_begin() writes it). It
 * returns false with an error set instead; then what it wrote is taken back. */
#pragma once

#include "common/base/nearest.h"
#include "common/wire/rpc.h"
#include "daemon/config/rights.h"
#include "daemon/desk/desk.h"

/* The proof in the background: the last whole pass over all cases, and how far the next one is. */
struct desk_proof {
    rd_time finished;       /* the daemon's time; RD_TIME_NONE: none yet */
    uint64_t cases, faults; /* of it */
    char first[256];        /* its first fault */
    bool is_told;           /* operators heard of a fault, and no pass was without since */
    uint64_t record, finished_record; /* checkpointed when the pass began, when the last one did */
    struct engine_proof pass;         /* the one under way */
};

struct method_call {
    const struct desk_options *options;
    const struct desk_proof *proof;
    struct store_view *view;      /* the tables: as shown, or of the last checkpoint */
    struct engine_counts counts;  /* of those tables */
    bool is_stale;                /* of the last checkpoint */
    const struct desk_live *live; /* of a fresh view: never older than that */
    struct engine *engine;        /* after method_needs_engine(): over that view */
    struct engine **engine_slot;  /* the desk's, kept from answer to answer */
    struct rd_arena *arena;       /* of the answer */
    const struct rd_plan *plan;   /* of live's configuration */
    struct rights rights;         /* of whoever asks */
    rd_node params;               /* a map, or NULL */
    struct rd_buf *reply;
    uint32_t rows;          /* of a list, that were told */
    const char *error_code; /* NULL: none */
    char error_message[384];
    uint64_t oldest;  /* with `gone` of a list */
    rd_time earliest; /* with `gone` of an instant; 0: not that */
    bool is_working;  /* it is being worked out: no error, the question comes again */
};

typedef bool method_fn(struct method_call *call);

/* What of an answer a unit is given, or whoever may not see all. */
enum method_cut {
    CUT_NOTHING, /* whoever may ask is told all of it */
    CUT_CASES,   /* of cases of its units, and those they were alerted about */
    CUT_UNITS,   /* of its units */
    CUT_ASKED,   /* a unit of its own must be asked for */
    CUT_SOURCES, /* of its own sources, where it does not see every unit */
    CUT_RIGHTS,  /* by what it may send, or hear */
};
enum {
    ASKS_PRODUCER = CONFIG_ROLE_PRODUCER,
    ASKS_UNIT = CONFIG_ROLE_UNIT,
    ASKS_OPERATOR = CONFIG_ROLE_OPERATOR,
    ASKS_VIEWER = CONFIG_ROLE_VIEWER,
    ASKS_READER = ASKS_UNIT | ASKS_OPERATOR | ASKS_VIEWER,
    ASKS_OVERSEER = ASKS_OPERATOR | ASKS_VIEWER,
    ASKS_ANY = ASKS_READER | ASKS_PRODUCER,
};

/* What a parameter may be; the last ones are names of a closed list. */
enum param_type {
    PARAM_UINT,
    PARAM_BOOL,
    PARAM_ID, /* what an event may have as its subject */
    PARAM_TEXT,
    PARAM_TEXTS,         /* an array */
    PARAM_TEXT_OR_TEXTS, /* one, or an array */
    PARAM_TIME,
    PARAM_DATE,
    PARAM_BOOL_OR_TEXT,
    PARAM_EVENT,
    PARAM_UNIT, /* or a path above units */
    PARAM_STATE,
    PARAM_LEVEL,
    PARAM_KIND,
    PARAM_ASSESSED, /* a kind of which the ledger tells, or any */
    PARAM_CLOCK,
    PARAM_POLICY,
    PARAM_SORT,
    PARAM_COUNT_BY,
    PARAM_ROSTER,
    PARAM_DUTY_STATE,
    PARAM_DUTY_BY,
    PARAM_EVERY,
    PARAM_LANGUAGE,
};
struct param {
    const char *name;
    enum param_type type;
};

enum { METHOD_PARAMS_MAX = 40 };
/* A row of methods.c: the manual, the check of parameters and the suggestions come from it. */
struct method {
    const char *name;
    unsigned roles; /* that may ask it */
    enum method_cut cut;
    method_fn *answer;
    struct param params[METHOD_PARAMS_MAX]; /* up to one without a name */
};
const struct method *method_at(size_t index);         /* NULL: there are no more */
const struct method *method_find(struct rd_str name); /* NULL: there is none of that name */

/* ---- call.c: what every method uses ---- */

/* Begins the result map; `pairs` of the caller follow. Returns the mark for method_end(). */
size_t method_begin(struct method_call *call);
void method_end(struct method_call *call, size_t mark, uint32_t pairs);
/* The engine over the view, its counters fresh; what it changes is thrown away. False: error set.
 */
bool method_needs_engine(struct method_call *call);
/* Returns false, for "return method_fail(…)". */
bool method_fail(struct method_call *call, const char *code, const char *format, ...)
        RD_PRINTF(3, 4);

/* `gone`, by the number of the oldest alert that is kept. */
bool method_gone(struct method_call *call, uint64_t oldest);
/* Steady to wall at the offset of the checkpoint. */
rd_time wall_of(const struct method_call *call, rd_time time, bool is_steady);

/* (then.c) From now on the call is over the state as it was at an instant: another view, another
 * configuration, other counts. For methods that need no engine. False: error set, or is_working. */
RD_MUST_USE bool method_go_back(struct method_call *call, rd_time at);

/* The methods, by the file they stand in. */
method_fn status_answer, metrics_answer;                              /* status.c */
method_fn case_get_answer, case_list_answer;                          /* cases.c */
method_fn erasure_status_answer;                                      /* erasures.c */
method_fn explain_answer;                                             /* explain.c */
method_fn feed_replay_answer, feed_unacked_answer, feed_check_answer; /* feed.c */
method_fn timer_list_answer;                                          /* timers.c */
method_fn journal_read_answer;                                        /* journal.c */
method_fn dead_list_answer, source_list_answer, silence_list_answer;  /* lists.c */
method_fn approval_list_answer;                                       /* approvals.c */
method_fn contract_list_answer;                                       /* contracts.c */
method_fn duty_list_answer;                                           /* duties.c */
method_fn round_list_answer;                                          /* rounds.c */
method_fn chase_list_answer, panel_list_answer;                       /* chases.c */
method_fn roster_list_answer;                                         /* rosters.c */
method_fn digest_get_answer;                                          /* digests.c */
method_fn codes_unknown_answer;                                       /* codes.c */
method_fn quarantine_list_answer;                                     /* quarantine.c */
method_fn notice_list_answer, units_answer;                           /* lists.c */
method_fn contact_list_answer, warnings_answer;                       /* contacts.c */
method_fn report_answer, figures_answer;                              /* report.c */
method_fn restated_answer;                                            /* restated.c */
method_fn event_check_answer, check_answer, config_get_answer;        /* engine_calls.c */
