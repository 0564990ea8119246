/* tools/train/history.h — the past, row by row: a first contact as the daemon saw it, and how it
 * ended.
 *
 * Rows come from an export by a mapping (redress-send(1)), with the outcome in a column of it, or
 * from a daemon's state directory: the events from its journal as they came, so that nothing learnt
 * later is in them, the outcomes from its store. What is read twice gives the same rows. */
#pragma once

#include "common/wire/event.h"
#include "tools/send/input.h"

enum outcome { OUTCOME_UNKNOWN, OUTCOME_NO, OUTCOME_YES };
/* Of a state directory. */
enum ending {
    ENDING_GROWN,
    ENDING_DISPUTED,
    ENDING_ESCALATED,
    ENDING_BREACHED,
    ENDING_ANY,
    ENDING_TENDED
};

enum { HISTORY_VALUES_MAX = 16 };

struct history_options {
    const char *path; /* of the export, or of the state directory */
    bool is_state;
    /* An export: */
    enum input_format format;
    const struct mapping *mapping;
    size_t label_column;                      /* of the mapping's */
    const char *positive[HISTORY_VALUES_MAX]; /* any of these is a yes, an empty one unknown */
    size_t positive_count;
    /* A state: */
    enum ending ending;
    int64_t follow_up_us; /* a contact younger than it may grow yet */
};

struct history_row {
    uint64_t number;  /* of the row, from 1; of the event, for a state */
    const char *what; /* -EBADMSG: why it is none */
    enum outcome outcome;
    rd_time time;
    const struct rd_event *event; /* borrowed until the next one */
};

struct history;
/* NULL: said. */
struct history *history_open(const struct history_options *options);
void history_close(struct history *history); /* NULL: nothing */
/* Returns 1 for a row, 0 at the end, -EBADMSG for a bad row (the next one can be read), another
 * -errno after printing the error. */
RD_MUST_USE int history_next(struct history *history, struct history_row *ret_row);

/* What a scorecard asks of an event at its first contact; `context` is a struct rd_event. */
struct rd_value event_lookup(const void *context, struct rd_str name);

/* ---- a state directory, for history.c ---- */
struct past;
struct past *past_open(const struct history_options *options);
void past_close(struct past *past);
int past_next(struct past *past, struct history_row *ret_row);
