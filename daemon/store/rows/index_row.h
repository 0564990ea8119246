/* daemon/store/rows/index_row.h — tables `subjects`, `by_key`, `unit_cases`, `units`,
 * `configs`: how a case is found, what is counted per unit, the configurations cases live under.
 *
 * subjects: the text → case u64, the newest that bore it; or, of a customer who is forgotten, 02
 * and the text's digest (16 bytes) → case u64. Example: "T-1" → 0000000000000007. by_key
 * (by_key.h): the cases of a customer → kind u8 (case_row.h). unit_cases: unit u32, case u64 → kind
 * u8; cases that are neither closed nor grown. Case 0 → how many they are of each kind, u64 each;
 * no such row: none. units: unit u32 → seq u64 of its newest alert in the prev chain, u32 cases
 * taken over quietly; then, only where alerts.storm has counted: when the open bundle ends (i64),
 * its first alert u64, count u64, severity u8, and i64 each: when the newest alerts went that a
 * storm counts. configs: id u32 → hash (32 bytes), tree. */
#pragma once

#include "common/base/base.h"
#include "common/time/utime.h"
#include "daemon/store/store.h"

uint64_t subject_find(struct store_view *view, struct rd_str subject); /* 0: none */
void subject_put(struct store_view *view, struct rd_str subject, uint64_t case_number);
/* Where it is that case's: still found, and read nowhere any more. */
void subject_hide(struct store_view *view, struct rd_str subject, uint64_t case_number);
/* Where it is that case's. */
void subject_del(struct store_view *view, struct rd_str subject, uint64_t case_number);

void customer_case_put(
        struct store_view *view, const uint8_t digest[static 16], uint64_t number, uint8_t kind);
void customer_case_del(struct store_view *view, const uint8_t digest[static 16], uint64_t number);
/* The newest case of the customer below `before` (0: of all); 0: none. */
uint64_t customer_case_before(struct store_view *view, const uint8_t digest[static 16],
        uint64_t before, uint8_t *ret_kind);

/* His cases that are neither closed nor grown; duties are none of them. */
void customer_open_put(
        struct store_view *view, const uint8_t digest[static 16], uint64_t number, uint8_t kind);
void customer_open_del(
        struct store_view *view, const uint8_t digest[static 16], uint64_t number, uint8_t kind);
/* Of one kind the oldest above `after`, or the newest below `before` (0: of all); 0: none. */
uint64_t customer_open_after(
        struct store_view *view, const uint8_t digest[static 16], uint8_t kind, uint64_t after);
uint64_t customer_open_before(
        struct store_view *view, const uint8_t digest[static 16], uint8_t kind, uint64_t before);

void unit_case_put(struct store_view *view, uint32_t unit, uint64_t number, uint8_t kind);
void unit_case_del(struct store_view *view, uint32_t unit, uint64_t number);
/* The next open case of the unit behind `after`; 0: none. */
uint64_t unit_case_after(struct store_view *view, uint32_t unit, uint64_t after);
/* How many are open with the unit, without a look at them; and of each kind. */
enum { UNIT_CASE_KINDS = 3 };
uint64_t unit_case_count(struct store_view *view, uint32_t unit);
void unit_case_counts(
        struct store_view *view, uint32_t unit, uint64_t ret_counts[static UNIT_CASE_KINDS]);
/* Those behind `after` by number, up to `max`; returns how many are in ret_numbers. */
size_t unit_cases_after(
        struct store_view *view, uint32_t unit, uint64_t after, uint64_t *ret_numbers, size_t max);

enum { UNIT_RECENT_MAX = 1000, UNIT_RECENT_BYTES = 8 };

struct unit_row {
    uint64_t last_alert;
    uint32_t taken_over;  /* cases taken quietly and not told of yet */
    rd_time bundle_until; /* steady: when the open bundle is sent; RD_TIME_NONE: none is open */
    uint64_t bundle_first, bundle_count; /* number of its first alert, and how many */
    uint8_t bundle_severity;             /* the highest in it */
    struct rd_str recent; /* UNIT_RECENT_BYTES each, steady, ascending; borrowed as store_get() */
};
/* The i-th of `recent`, and one more behind those in `bytes`. */
rd_time unit_recent_at(struct rd_str recent, size_t i);
void unit_recent_write(uint8_t bytes[static UNIT_RECENT_BYTES], rd_time at);
struct unit_row unit_row_get(struct store_view *view, uint32_t unit);
void unit_row_put(struct store_view *view, uint32_t unit, const struct unit_row *row);

bool config_row_get(struct store_view *view, uint32_t id, struct rd_str *ret_tree);
void config_row_put(
        struct store_view *view, uint32_t id, const uint8_t hash[static 32], struct rd_str tree);
