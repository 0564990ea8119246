/* daemon/store/rows/round_row.h — table `rounds`: how far a unit is with a round of screening.
 *
 * Key: the unit's name number u32, digest of the round (16 bytes). Value: version u8 = 1, screened,
 * at_risk, cleared (varints), the own times of its first and newest screening (i64 each), round.
 * Example, unit 2, five screened, two at risk, one cleared, from 1 to 3 µs, round "r":
 * 00000002 DIGEST → 01 05 02 01 8000000000000001 8000000000000003 0172. */
#pragma once

#include "common/base/digest.h"
#include "common/time/utime.h"
#include "daemon/store/store.h"

struct round_row {
    uint64_t screened, at_risk, cleared; /* contracts; a further screening of one replaces it */
    rd_time first, newest;
    struct rd_str round;
};

void round_row_put(struct store_view *view, uint32_t unit,
        const uint8_t digest[static RD_DIGEST_BYTES], const struct round_row *row);
/* The round's text borrowed as store_get(). */
bool round_row_get(struct store_view *view, uint32_t unit,
        const uint8_t digest[static RD_DIGEST_BYTES], struct round_row *ret_row);
struct round_row round_row_read(struct rd_str value); /* of a scan */
