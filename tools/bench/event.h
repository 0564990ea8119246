/* tools/bench/event.h — the load: events padded to one size, and the rules they find. */
#pragma once

#include "common/base/buf.h"
#include "tools/bench/bench.h"

enum load_kind {
    LOAD_ALERTED,   /* a complaint whose first rung fires at once */
    LOAD_COMPLAINT, /* one whose first rung is hours away */
    LOAD_PENDING,   /* one whose first rung is LOAD_RUNG_US after its own time */
    LOAD_CONTACT,   /* a contact below the level that opens a case */
    LOAD_ACKNOWLEDGED,
    LOAD_NOTED,
    LOAD_CUSTOMER_CONTACTED,
};

enum { LOAD_TEXT_MAX = 64 };
#define LOAD_RUNG_US (12 * RD_HOUR_US) /* from a LOAD_PENDING to its first rung */

struct load_event {
    enum load_kind kind;
    uint64_t index;    /* of the event, from 0 */
    uint64_t person;   /* whose it is: another for each, so that none has an open case before */
    uint64_t about;    /* for an update: the index of the event that opened the case */
    uint64_t sequence; /* 0: none */
    rd_time time;      /* RD_TIME_NONE: none told */
    size_t bytes;
    const char *source, *id;
};

enum load_kind load_kind_of(enum bench_mix mix, uint64_t index);
bool load_opens(enum load_kind kind); /* a case */
bool load_is_update(enum load_kind kind);
/* When event `index` happened, and when its first rung is due if it is one of those that are. */
rd_time load_time_of(const struct bench_seed *seed, uint64_t index);
rd_time load_due_of(const struct bench_seed *seed, uint64_t index); /* RD_TIME_NONE: hours away */
/* What an alert's cause is matched by. */
void load_source(char ret_text[static LOAD_TEXT_MAX], uint64_t run, uint64_t producer);
void load_id(char ret_text[static LOAD_TEXT_MAX], uint64_t producer, uint64_t index);
/* False: no id of load_id(). */
RD_MUST_USE bool load_id_parse(struct rd_str id, uint64_t *ret_producer, uint64_t *ret_index);
/* Replaces what `buf` holds. */
void load_pack(struct rd_buf *buf, const struct load_event *event);

/* The rest of a configuration, behind `state` and `listen`. */
extern const char bench_rules[];
