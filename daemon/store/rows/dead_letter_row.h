/* daemon/store/rows/dead_letter_row.h — rejected events, whole, with error and sender.
 *
 * Table DEAD_LETTERS: outside the compared state; what a kill takes from it daemon/deadbox.h gives
 * back. Bounded by number and bytes: the oldest go first. Numbers go up by one and are never used
 * again while a newer one is kept.
 *
 *   key:   number u64
 *   value: version u8 = 1, taken i64 (8 bytes, sign flipped), then varint-counted: sender, source,
 *          id, code, field, message, event
 *   e.g.  0000000000000007 → 01 80060a24181e4000 06"key\0xj" 03"crm" 02"e1" 0c"unknown_unit"
 *         09"data.unit" 13"there is no unit d9" 05 81a2696401 */
#pragma once

#include "common/base/buf.h"
#include "common/time/utime.h"
#include "daemon/store/store.h"

struct dead_letter {
    uint64_t number;
    rd_time taken;
    struct rd_str sender;     /* as in a journal record */
    struct rd_str source, id; /* empty: could not be read */
    struct rd_str code, field, message;
    struct rd_str event; /* as it came */
};

struct dead_letters {
    struct store_view *view;
    uint64_t first, last; /* numbers kept; last < first: none */
    uint64_t kept_max;
    uint64_t bytes, bytes_max; /* of the rows; the maximum is UINT64_MAX at first */
    struct rd_buf row;
};

void dead_letters_open(struct dead_letters *letters, struct store_view *view, uint64_t kept_max);
void dead_letters_close(struct dead_letters *letters);
/* Gives it the next number and drops the oldest ones beyond kept_max (which may change) and
 * bytes_max, but never this one. Its row, borrowed until the next one; empty where kept_max is 0.
 */
struct rd_str dead_letters_add(struct dead_letters *letters, const struct dead_letter *letter);
/* The letter of that number, borrowed as store_get(). False: it is not kept. */
bool dead_letters_get(
        const struct dead_letters *letters, uint64_t number, struct dead_letter *ret_letter);
/* Puts a row back under its number, which is greater than any in the table. 0, -EBADMSG: no row. */
RD_MUST_USE int dead_letters_restore(
        struct dead_letters *letters, uint64_t number, struct rd_str row);

void dead_letter_pack(struct rd_buf *buf, const struct dead_letter *letter);
/* 0 or -EBADMSG; texts are borrowed from the row. */
RD_MUST_USE int dead_letter_unpack(
        struct rd_str key, struct rd_str row, struct dead_letter *ret_letter);
