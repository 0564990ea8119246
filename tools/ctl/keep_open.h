/* tools/ctl/keep_open.h — what `export open` has found to be open, and which events made it. */
#pragma once

#include "daemon/journal/journal.h"
#include "tools/ctl/keep.h"

/* An open case, or one without whose events an open one could not be made again. */
struct open_case {
    uint64_t number;
    uint32_t unit;
    bool is_numbered;            /* its subject has the number of another case */
    bool is_acknowledged;        /* by its own unit */
    size_t subject, subject_len; /* in `subjects` */
};

/* An event that belongs to something open. */
struct open_event {
    uint64_t seq, number; /* of the event; of the case, 0: of none */
    bool is_opening, is_found;
};

struct export
{
    struct store *store;
    struct store_view *view;
    struct journal *journal;
    struct rd_tree *tree;
    uint64_t position;       /* records behind it are in no row yet: all of them are taken */
    struct open_case *cases; /* ascending numbers */
    size_t count, cap;
    struct open_event *wanted; /* by seq */
    size_t wanted_count, wanted_cap;
    size_t *by_subject; /* indexes of `cases`, by subject */
    struct rd_buf subjects;
    rd_time *silences; /* when those that hold were created */
    size_t silence_count;
    rd_time scheduled_due; /* the earliest end of a duty that the schedule opened */
    uint64_t scheduled;    /* how many of them */
    /* of the journal: */
    rd_time last;                              /* the wall time of its last record */
    uint64_t first;                            /* its first event; 0: it has none */
    uint64_t events, erased, acks, unnumbered; /* lines; events that are in none, or not as wanted
                                                */
    size_t silences_found;
};

struct rd_str export_subject(const struct export *export, const struct open_case *one);
const struct open_case *export_case(const struct export *export, uint64_t number); /* or NULL */
/* Prints the events. 0, -EBADMSG (damage), -errno. */
RD_MUST_USE int export_events(struct export *export, struct journal_damage *damage);
