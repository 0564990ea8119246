/* daemon/engine/take.h — an event on its way into a case: target.c finds what it is about, take_*.c
 * do what its type says, step.c leads. */
#pragma once

#include "common/wire/event_table.h"
#include "daemon/engine/assess.h"
#include "daemon/engine/known.h"
#include "daemon/engine/lifecycle.h"

struct take;
/* False: refused, *take->reject filled; all that was done is undone. */
typedef bool take_fn(struct engine *engine, struct take *take);

/* What the engine knows of an event's type: a row of event_rows.h. */
struct event_rule {
    take_fn *find; /* finds what it is about (target.h); NULL: nothing that exists before */
    take_fn *take; /* what it does */
    struct lifecycle_row lifecycle; /* of the case it is about */
    enum rd_moment moment;          /* of its case, at its own time; RD_MOMENT_COUNT: none */
    rd_key_set keeps;               /* of its data, as attributes of its case */
    unsigned flags;
};
enum {
    EVENT_IS_RELIEF = 1,    /* it lightens the load: taken while other events are answered busy */
    EVENT_LEAVES_LEASE = 2, /* it is no work on the case: an acknowledgement still lapses */
    EVENT_HAS_TEXT = 4,     /* what its text says may raise the level of its case */
    EVENT_IS_MATCHED = 8,   /* by what it keeps policies are matched again */
};

struct take {
    const struct event_rule *rule;
    enum known known;    /* what known_look() found of it */
    struct work *work;   /* the case it names; NULL: none, or one to be opened */
    uint32_t unit;       /* data.unit; 0: absent */
    uint32_t asker;      /* data.asker; 0: absent */
    uint32_t respondent; /* data.respondent; 0: absent */
    struct work *grows;  /* the contact a complaint grows from; NULL */
    struct work *bears;  /* the open contact whose subject a complaint has; NULL */
    struct work *into;   /* of case.merged; of case.rectified the duty that it decides */
    uint64_t merged;     /* the case whose subject it bears, where `work` took its place; 0 */
    struct work *others[RD_OPEN_CASES_MAX]; /* further open cases of its customer (recontact.h) */
    size_t other_count;
    struct work *joins;  /* the open case that a contact joins at or above the level; NULL */
    struct work *joined; /* it did */
    const struct rd_alert *alert; /* of alert.acknowledged */
    struct work *asked;           /* the case that alert is about; NULL */
    enum lifecycle lifecycle;
    enum case_state to; /* where the table moves the case */
    struct rd_reject *reject;
    uint64_t case_number;            /* for the receipt: named or opened */
    struct work *touched;            /* whose due timers fire afterwards */
    uint64_t silence;                /* the one it created; 0: none */
    struct rd_str roster;            /* the one it overrode; empty: none */
    struct rd_str noted;             /* a word of common/wire/receipt.h; empty: none */
    const struct approval *approval; /* of approval.given: what waits for it */
    bool has_recurred;               /* the cause was mended at its unit not long ago */
    bool has_reopened;               /* the case was closed or decided, and goes on */
    bool is_assessed;
    struct rd_warning warning; /* if is_assessed */
    enum rd_level text_level;  /* of a contact: by its text alone */
    uint32_t assessed_unit;
};
