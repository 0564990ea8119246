/* daemon/store/rows/tally_row.h — table `tallies`: what happened at a unit on a day, for its
 * digests, and which alert a digest was.
 *
 * 01, unit u32 (name number), day u32 (sign bit flipped) → version u8 = 1, then TALLY_COUNT varints
 * in the order of enum tally. 02, unit u32, every u8, day u32 → the alert's seq u64; 0: it was made
 * and not sent. Examples, unit 2, day 1, one case opened, and its daily digest, alert 3:
 * 01 00000002 80000001 → 01 01 00 00 00 00 00 00 00 00,
 * 02 00000002 00 80000001 → 0000000000000003. */
#pragma once

#include "common/time/civil.h"
#include "daemon/store/store.h"

enum tally { /* a format: append only */
    TALLY_OPENED,
    TALLY_CLOSED,
    TALLY_RECONTACTS,
    TALLY_CHASES, /* questions put to the unit */
    TALLY_WATCH,  /* first contacts by the level of their warning */
    TALLY_HIGH,
    TALLY_CRITICAL,
    TALLY_ACTED,     /* first contacts on which somebody acted for the first time */
    TALLY_PREEMPTED, /* first contacts that ended settled */
    TALLY_COUNT
};

/* Adds to the unit's day. */
void tally_row_add(
        struct store_view *view, uint32_t unit, rd_day day, const uint64_t counts[TALLY_COUNT]);
/* Adds the days `first` to `last` of the unit to `sums`; returns how many rows there were. */
size_t tally_rows_sum(struct store_view *view, uint32_t unit, rd_day first, rd_day last,
        uint64_t sums[TALLY_COUNT]);
/* The unit's first day from `from` on. False: there is none. */
bool tally_row_next(struct store_view *view, uint32_t unit, rd_day from, rd_day *ret_day,
        uint64_t ret_counts[TALLY_COUNT]);
void tally_row_del(struct store_view *view, uint32_t unit, rd_day day);

/* `every` as in enum rd_digest_every. */
void digest_row_put(
        struct store_view *view, uint32_t unit, uint8_t every, rd_day day, uint64_t seq);
bool digest_row_get(
        struct store_view *view, uint32_t unit, uint8_t every, rd_day day, uint64_t *ret_seq);
/* The unit's oldest or newest of this `every`. False: there is none. */
bool digest_row_oldest(struct store_view *view, uint32_t unit, uint8_t every, rd_day *ret_day);
bool digest_row_newest(struct store_view *view, uint32_t unit, uint8_t every, rd_day *ret_day);
void digest_row_del(struct store_view *view, uint32_t unit, uint8_t every, rd_day day);
