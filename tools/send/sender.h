/* tools/send/sender.h — the run of redress-send: rows in, events out, receipts counted. */
#pragma once

#include <signal.h>
#include <stdio.h>

#include "common/client/producer.h"
#include "tools/send/input.h"
#include "tools/send/rejects.h"
#include "tools/send/rows.h"
#include "tools/shared/ends.h"

struct send_options {
    struct ends ends;
    const char *input_path, *state_path, *rejects_path, *receipts_path;
    enum input_format format;
    const struct mapping *mapping;
    uint64_t window, batch;
    uint64_t rate; /* events a second; 0: as fast as it goes */
    int64_t wait_us;
    bool in_order, is_quiet, is_check, has_progress, has_corrections;
    const volatile sig_atomic_t *signal; /* not 0: stop */
};

struct send_tally {
    uint64_t rows;                          /* of the input; the sum of what follows */
    uint64_t accepted, duplicate, rejected; /* by the daemon */
    uint64_t bad;                           /* rows that made no event, or none to send */
    uint64_t known;                         /* passed over: taken in an earlier run */
    struct input_passed passed;             /* passed over: they say nothing */
    uint64_t differing; /* of `rejected`: taken before, and said something else then */
    uint64_t corrected; /* of `accepted`: those, sent as corrections */
    uint64_t warned;    /* receipts with a level above none */
    struct rd_producer_counts counts;
    struct row_mark mark;
    bool has_begun; /* the counts say something */
    bool is_whole;  /* the input was read to its end, and every row has its answer */
};

/* Both: an exit status. What went wrong is said. */
int send_run(const struct send_options *options, struct send_tally *ret_tally);
/* Sends nothing: asks the desk what each receipt would say, or, where there is no daemon and none
 * was named, only decodes. */
int send_check(const struct send_options *options, struct send_tally *ret_tally);
