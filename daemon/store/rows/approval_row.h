/* daemon/store/rows/approval_row.h — table `approvals`: events that wait for a second person.
 *
 * Key: the event's seq u64. Value: version u8 = 1, type u8, flags u8 (1 quiet), own time i64, taken
 * i64, armed i64, lapses i64, case, alert, unit number: varints, sender, source, event: each behind
 * its length. Example, seq 5, a `silence.created` (39) of the operators, own time and taken 0,
 * armed and lapsing at 1 µs, of no case, alert 2, sender "a" 00, source "s", event c0:
 * 0000000000000005 → 01 27 00 8000000000000000 8000000000000000 8000000000000001 8000000000000001
 * 00 02 00 026100 0173 01c0. */
#pragma once

#include "common/time/utime.h"
#include "daemon/store/store.h"

struct approval_row {
    uint8_t type; /* enum rd_event_type */
    bool is_quiet;
    rd_time own, taken;   /* when it happened, when it was taken; wall */
    rd_time armed;        /* when it lapses, on the steady scale */
    rd_time lapses;       /* the same on the wall, as it was when the event was taken */
    uint64_t case_number; /* 0: about no case */
    uint64_t alert;       /* seq of its approval.owed; 0: none was sent */
    uint32_t unit;        /* name number of the case's unit then; 0 */
    struct rd_str sender; /* engine_sender_pack() */
    struct rd_str source;
    struct rd_str event; /* as it came */
};

void approval_row_put(struct store_view *view, uint64_t seq, const struct approval_row *row);
/* Texts borrowed as store_get(). */
bool approval_row_get(struct store_view *view, uint64_t seq, struct approval_row *ret_row);
void approval_row_del(struct store_view *view, uint64_t seq);
/* A row as a scan of the table gives it; its seq. */
uint64_t approval_row_read(struct rd_str key, struct rd_str value, struct approval_row *ret_row);
