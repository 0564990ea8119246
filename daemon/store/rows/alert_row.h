/* daemon/store/rows/alert_row.h — tables `alerts`, `alerts_by_unit`, `alerts_by_case`, `unacked`.
 *
 * alerts: seq u64 → version u8 = 2, flags u8 (1 acknowledged, 2 bundled), unit u32 (name number),
 * time i64, case varint (0: of none), superseded_by varint, acknowledged time, by, then the packed
 * alert (alert.h), customer unmasked.
 *
 * alerts_by_unit: unit u32, seq u64 → flags u8 (2: bundled, outside the prev chain).
 *
 * alerts_by_case: case u64, seq u64 → empty.
 *
 * unacked: unit u32, seq u64 → empty; alerts that asked for an acknowledgement and have none.
 * Seq 0 → how many they are, u64; no such row: none. */
#pragma once

#include "common/wire/alert.h"
#include "daemon/store/store.h"

enum { ALERT_ACKED = 1, ALERT_BUNDLED = 2 };

struct alert_row {
    uint8_t flags;
    uint32_t unit;
    rd_time time;           /* of the alert, */
    uint64_t case_number;   /* and its case: also in `packed` */
    uint64_t superseded_by; /* 0: none */
    rd_time acked;
    struct rd_str acked_by;
    struct rd_str packed;
};

void alert_row_put(struct store_view *view, uint64_t seq, const struct alert_row *row);
/* Texts borrowed as store_get(). */
bool alert_row_get(struct store_view *view, uint64_t seq, struct alert_row *ret_row);
void alert_row_index(
        struct store_view *view, uint64_t seq, uint32_t unit, uint64_t case_number, uint8_t flags);
void alert_row_await(struct store_view *view, uint32_t unit, uint64_t seq);  /* into unacked */
void alert_row_settle(struct store_view *view, uint32_t unit, uint64_t seq); /* out of it */
uint64_t alert_rows_awaited(struct store_view *view, uint32_t unit);         /* how many */
uint64_t alert_row_oldest_awaited(struct store_view *view, uint32_t unit);   /* 0: none */
bool alert_row_is_awaited(struct store_view *view, uint32_t unit, uint64_t seq);
/* The row and its index; it is not awaited. */
void alert_row_drop(struct store_view *view, uint64_t seq, uint32_t unit, uint64_t case_number);
/* The alert up to which all are gone but those that are still awaited; in `meta`. */
uint64_t alert_rows_gone(struct store_view *view);
void alert_rows_set_gone(struct store_view *view, uint64_t seq);
/* Numbers of the unit's bundled alerts from `first` on, at most `max`, into `ret_seqs`; returns how
 * many. */
size_t alert_row_bundled(
        struct store_view *view, uint32_t unit, uint64_t first, size_t max, uint64_t *ret_seqs);
/* The next alert of a case behind `after`; 0: none. */
uint64_t alert_row_next_of_case(struct store_view *view, uint64_t case_number, uint64_t after);
