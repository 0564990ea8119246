/* daemon/store/rows/meta_row.h — row "engine" of table `meta`: the counters of the tables.
 *
 * Value: version u8 = 3, then the counters in the order of the struct: varints, times as 8 bytes,
 * bools as one. (Other rows of `meta`: "schema", of dbenv.c; "alerts_gone", of alert_row.h;
 * "retention", of retention_row.h.)
 *
 * Row "chain": version u8 = 1, u64 the position, 32 bytes the journal's chain hash of that record:
 * which journal the tables belong to. Example, after record 17:
 *   01 0000000000000011 2222…22 */
#pragma once

#include "common/time/utime.h"
#include "daemon/store/store.h"

/* Written before a checkpoint. */
struct counters {
    uint64_t position; /* record */
    uint64_t event_seq, alert_seq, case_number, silence_number, history;
    uint64_t open_cases, armed_timers, term;
    uint32_t names, config, engine_number;
    rd_time wall, steady; /* last T */
    int32_t swept_day;    /* of the last housekeeping */
    bool is_sweeping;     /* it has not come to its end */
    bool has_taken_over;  /* cases were taken quietly and digest.takeover has not gone */
    bool is_telling;      /* it has gone to some units: others follow, by the timer */
    rd_time rest_due;     /* of what goes on in shares (rest.h); RD_TIME_NONE: nothing does */
    rd_time sweep_due;    /* of the sweep over cases after a configuration; RD_TIME_NONE: none */
    uint64_t sweep_next, sweep_last;
    uint32_t sweep_config; /* that began it */
};

/* False: the state is new, *ret_counters untouched. */
bool meta_row_get(struct store_view *view, struct counters *ret_counters);
void meta_row_put(struct store_view *view, const struct counters *counters);

enum { META_CHAIN_BYTES = 32 };
void meta_chain_put(
        struct store_view *view, uint64_t position, const uint8_t chain[static META_CHAIN_BYTES]);
/* False: there is none, or it is of another position than `position`. */
bool meta_chain_get(
        struct store_view *view, uint64_t position, uint8_t ret_chain[static META_CHAIN_BYTES]);
