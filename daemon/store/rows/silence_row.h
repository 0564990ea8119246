/* daemon/store/rows/silence_row.h — table `silences`: matchers of alerts that are withheld.
 *
 * Key: number u64, from 1. Value: version u8 = 2, until i64, ended u8, created i64, armed i64, by,
 * reason, matchers (MessagePack), and where a digest is under way its unit varint (0: none), the
 * highest severity u8, the case counted last, how many, how many of them are listed, the listed
 * ones; varints. Example,
 * number 2, until 1 µs, created 0, armed for 1 µs, by "li", reason "r", matchers an empty map:
 * 0000000000000002 → 02 8000000000000001 00 8000000000000000 8000000000000001 026c69 0172 0180 00.
 */
#pragma once

#include "common/time/utime.h"
#include "daemon/store/store.h"

enum { SILENCE_LISTED_MAX = 50 };

/* What a unit is told of when it has ended, as far as it has been looked through. */
struct silence_digest {
    uint32_t unit;    /* 0: none is under way */
    uint8_t severity; /* the highest that was withheld */
    uint64_t last;    /* the case counted last */
    uint64_t count;
    size_t listed;
    uint64_t cases[SILENCE_LISTED_MAX];
};

struct silence_row {
    rd_time until;
    bool is_ended; /* before its time, by silence.ended */
    rd_time created;
    rd_time armed; /* wall: when what it withheld is told; RD_TIME_NONE: it was */
    struct rd_str by, reason;
    struct rd_str matchers; /* as they came in the event */
    struct silence_digest digest;
};

void silence_row_put(struct store_view *view, uint64_t number, const struct silence_row *row);
/* Texts borrowed as store_get(). */
bool silence_row_get(struct store_view *view, uint64_t number, struct silence_row *ret_row);
void silence_row_del(struct store_view *view, uint64_t number);
/* A row as a scan of the table gives it; its number. */
uint64_t silence_row_read(struct rd_str key, struct rd_str value, struct silence_row *ret_row);
