/* daemon/store/rows/screened_row.h — table `screened`: the last look at a contract before anybody
 * complained of it; and in `by_key` whose contract it is, where an event has said so.
 *
 * Key: the contract. Value: version u8 = 4, risk, round, the unit's name number u32 (0: none),
 * time i64 (own), cleared i64, seq u64 (of the event), customer 16 bytes (digest; zeros: not
 * known), held u32 (0: nobody). Version 3 ends before held, which is its unit then, version 2
 * before the customer. Example, contract "k", risk "high", no round, unit 2, time 1 µs, seq 3, held
 * by 5: 6b → 04 0468696768 00 00000002 8000000000000001 0000000000000000 0000000000000003 00…00
 * 00000005.
 *
 * In by_key (by_key.h): customer, 7, seq u64 → the contract. */
#pragma once

#include "common/base/digest.h"
#include "common/time/utime.h"
#include "daemon/store/store.h"

struct screened_row {
    struct rd_str risk, round;
    uint32_t unit; /* of the event */
    uint32_t held; /* who has the contract: the unit of its duty, or else of the event; counts it */
    rd_time time;
    rd_time cleared; /* when the risk was found gone; RD_TIME_NONE: not */
    uint64_t seq;
    uint8_t customer[RD_DIGEST_BYTES]; /* zeros: nobody has said whose it is */
};

bool screened_row_has_customer(const struct screened_row *row);

/* Both of these keep by_key in step. */
void screened_row_put(
        struct store_view *view, struct rd_str contract, const struct screened_row *row);
void screened_row_del(struct store_view *view, struct rd_str contract);
/* The customer's contract whose event is the oldest. False: there is none. Borrowed as store_get().
 */
bool screened_row_of_customer(struct store_view *view,
        const uint8_t customer[static RD_DIGEST_BYTES], uint64_t *ret_seq,
        struct rd_str *ret_contract);
/* Texts borrowed as store_get(). */
bool screened_row_get(
        struct store_view *view, struct rd_str contract, struct screened_row *ret_row);
