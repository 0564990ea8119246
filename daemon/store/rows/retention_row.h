/* daemon/store/rows/retention_row.h — row "retention" of table `meta`: how far the walk over what
 * is kept no longer has come. There from the first walk on.
 *
 * Value: version u8 = 1, day i32 (big-endian), stage u8, case and its last one u64 each, texts from
 * and until i64 each, work u8, number, entry u64 each, customer 16 bytes, then the key behind which
 * a table goes on. */
#pragma once

#include "common/base/digest.h"
#include "common/time/utime.h"
#include "daemon/store/store.h"

enum retention_stage { /* a format */
    RETENTION_CASES,
    RETENTION_CONTRACTS,
    RETENTION_SILENCES,
    RETENTION_SOURCES,
    RETENTION_DONE
};
enum retention_work { /* a format: what is done to the history at hand */
    RETENTION_NOTHING,
    RETENTION_TEXTS, /* it loses its texts */
    RETENTION_ALL    /* its case is gone */
};
enum { RETENTION_KEY_MAX = STORE_KEY_MAX };

struct retention_row {
    int32_t day; /* UTC, that the walk is of */
    enum retention_stage stage;
    uint64_t at, last;               /* the case looked at last, and the last one to look at */
    rd_time texts_from, texts_until; /* histories whose newest entry lies between lose texts now */
    enum retention_work work;
    uint64_t number, entry;            /* of the case at hand, and the next entry of its history */
    uint8_t customer[RD_DIGEST_BYTES]; /* of that case; zeros: it had none */
    struct rd_str key;                 /* of the row looked at last; empty: none yet */
};

/* False: no walk has begun, *ret_row untouched. `key` borrowed as store_get(). */
bool retention_row_get(struct store_view *view, struct retention_row *ret_row);
void retention_row_put(struct store_view *view, const struct retention_row *row);
