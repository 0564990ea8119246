/* daemon/engine/state.h — the engine and the record at work, as its files share them.
 *
 * What outlives a record are the loaded configurations, the scratch of the term search and the
 * hints where timers begin. None of it is state: dropping it changes no result. */
#pragma once

#include "common/base/digest.h"
#include "daemon/engine/engine.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/key.h"
#include "daemon/store/rows/meta_row.h"
#include "daemon/store/rows/timer_row.h"

enum { PLANS_MAX = 64, WORKS_MAX = 64, RECORD_BYTES_MAX = 256 * 1024 * 1024 };

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
    const struct rd_plan *plan;  /* of its policy */
    uint64_t first_alert;        /* the first one of this record to its own unit; 0 */
    struct counted_row *figures; /* NULL: not read yet (figures.h) */
    bool has_fact;               /* and there is something new in it */
};

struct silence {
    uint64_t number;
    rd_time until;
    struct rd_match *match;
    struct rd_arena memory; /* of match */
};

/* Where the timers of a scale begin (arm.h): no live timer stands before `live`, no row at all
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
    bool has_hidden_names; /* the record at work did */
    struct rd_terms_scratch *terms_scratch;
    struct silence *silences; /* that hold, by number */
    size_t silence_count;
    bool has_forgotten_all; /* nothing is left in the queue of forget.c; false: not looked yet */
    bool may_be_ready;      /* a job of the table `erasures` may wait for the edge */
    bool has_ended_silence; /* since the last undo: one that holds again may be missing in memory */
    uint64_t silences_read; /* number of the newest in the tables when they were read */
    struct timer_hint hints[2]; /* by scale */
    uint64_t *timer_at_work;    /* where the caller reads it; NULL: nobody does */
    uint64_t aside[ENGINE_ASIDE_MAX];
    bool is_aside_changed; /* by the record at work */
    size_t aside_count;    /* cases whose timers stand still; row "aside" of `meta` */
    struct custom custom;
    struct rd_tree *approval_tree; /* of the event that an approval lets go on */
    struct pending *pending;       /* counts that are in no row yet (counters.h) */
    struct row_key expired;        /* no row of `expiry` stands before it */
    uint64_t alerts_gone;          /* as alert_rows_gone() */
    int32_t retained_day; /* UTC day whose walk of retention.c has ended; 0: not looked yet */

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
    uint64_t seq;              /* the event's number to be */
    enum rd_event_type effect; /* engine_effect() */
    bool is_quiet;
    size_t silence_budget; /* what silences may still cost, of the event or the timer at work */
    const char *cause;     /* the timer that fires: "clock", "rung", …; NULL: the event */
    struct rd_str cause_name;
    rd_time cause_due; /* wall: what is being late */
    /* The timer that fires, where each of its firings must come on: it is never armed again for an
     * instant that is not later than its own (timer_arm()). NULL: none, or one that does a share of
     * its work at a time, and whose own list or count bounds it. */
    const struct timer_row *comes_on;
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
