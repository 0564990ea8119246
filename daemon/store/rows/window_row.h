/* daemon/store/rows/window_row.h — tables `by_key`, `latches`, `patterns`, `ledger`, `expiry`:
 * what assessments count, and what became of the contacts assessed.
 *
 * by_key (by_key.h): the members of windows, the newest of each distinct value, and the contacts of
 * a customer by time. latches: window digest u64, key digest → empty; there while the pattern has
 * been published. patterns: seq u64 of the alert that published one → window digest u64, key
 * digest, time i64. ledger: event seq u64 → version u8 = 1, flags u8 (1 contact, 2 complained, 4
 * text, 8 the name of the key that sent it follows), level u8, unit u32, time i64, complained time
 * i64, case u64, customer digest, with flag 8 that name behind its length, packed warning. expiry:
 * day u32 (+ 2^31), event seq u64, place u8 → table u8, key: what goes on that day; or u8 = 255 and
 * keys of `by_key`, each behind its length u8. */
#pragma once

#include "common/time/utime.h"
#include "common/wire/receipt.h"
#include "daemon/store/store.h"

struct window_member {
    uint64_t window;
    uint8_t key[16];
    rd_time time;
    uint64_t seq;
    bool has_distinct;
    uint8_t distinct[16];
};
/* Puts it, and returns its key bytes for the expiry table in ret_key. */
struct row_key;
void window_member_put(
        struct store_view *view, const struct window_member *member, struct row_key *ret_key);
/* How many members of self's key have from < time ≤ self's, itself not among them yet; with a
 * distinct value: how many different ones, and whether self's is one of them (*ret_has_own).
 * Counting stops at `max`, so that a key of millions costs no more than that; of distinct values
 * each whose newest member is in the window, or younger than self, costs a look. */
uint32_t window_count(struct store_view *view, const struct window_member *self, rd_time from,
        uint32_t max, bool *ret_has_own);
/* The next member of a key behind `at` (its bytes; empty: the first), by distinct value, then time.
 * False: no more. */
bool window_next(struct store_view *view, uint64_t window, const uint8_t key[static 16],
        struct row_key *at, rd_time *ret_time, uint64_t *ret_seq);

bool latch_is_set(struct store_view *view, uint64_t window, const uint8_t key[static 16]);
void latch_set(struct store_view *view, uint64_t window, const uint8_t key[static 16], bool is_set);
/* Which key of which window an alert published, and the time of the member that it came of. */
void pattern_put(struct store_view *view, uint64_t alert, const struct window_member *member);
bool pattern_get(struct store_view *view, uint64_t alert, uint64_t *ret_window,
        uint8_t ret_key[static 16], rd_time *ret_time);

struct ledger_row {
    bool is_contact;
    bool is_text;       /* of a later event, assessed by itself: no contact and no complaint */
    rd_time complained; /* own time of the complaint that came within follow_up; RD_TIME_NONE */
    enum rd_level level;
    uint32_t unit;
    rd_time time;
    uint64_t case_number;
    uint8_t customer[16];
    struct rd_str sender;  /* name of the key that sent it; empty without security */
    struct rd_str warning; /* packed */
};
void ledger_row_put(struct store_view *view, uint64_t seq, const struct ledger_row *row);
bool ledger_row_get(struct store_view *view, uint64_t seq, struct ledger_row *ret_row);
void ledger_row_decode(
        struct rd_str value, struct ledger_row *ret_row); /* asserts that it is one */
void ledger_index(struct store_view *view, const struct ledger_row *row, uint64_t seq,
        struct row_key *ret_key);
/* The newest contact of the customer before (time, seq), which are moved to it; false: none. */
bool ledger_before(
        struct store_view *view, const uint8_t customer[static 16], rd_time *time, uint64_t *seq);

void expiry_put(struct store_view *view, int32_t day, uint64_t seq, uint8_t place,
        enum store_table table, struct rd_str key);
/* Several keys of `by_key` in one row. */
void expiry_put_members(struct store_view *view, int32_t day, uint64_t seq, uint8_t place,
        const struct row_key *keys, size_t count);
/* A customer whose cases are being forgotten: those up to `last`. A queue before all days, by seq.
 */
struct forgotten {
    uint64_t seq; /* of the event that asks for it */
    uint8_t customer[16];
    uint64_t last;
};
void forgotten_put(struct store_view *view, const struct forgotten *forgotten);
void forgotten_del(struct store_view *view, const struct forgotten *forgotten);
bool forgotten_first(struct store_view *view, struct forgotten *ret_forgotten);

/* Removes up to `limit` rows whose day is before `day`; returns how many. `from` is where to begin,
 * empty at first, and is moved: rows deleted since the last checkpoint are passed over one by one,
 * and nothing is put before a day that has been swept. */
uint32_t expiry_sweep(struct store_view *view, int32_t day, uint32_t limit, struct row_key *from);
