/* daemon/store/rows/history_row.h — table `history`: what happened to a case, in order; appended.
 *
 * Key: number u64, counted from 1 over all cases: entries of old cases stand with those of new ones
 * at the end of the table, so that a checkpoint writes few pages for many. Value: version u8 = 3,
 * what u8, code varint, time (own), taken, seq varint, by, sender, note, varint by how much the
 * number of the case's entry before is smaller (0: it is the first). The case's row has its newest.
 */
#pragma once

#include "common/base/arena.h"
#include "common/base/base.h"
#include "common/time/utime.h"
#include "daemon/store/store.h"

enum history_what {
    HISTORY_EVENT = 1,     /* code: event type; seq: the event's; by, note: from its data; sender */
    HISTORY_ALERT = 2,     /* code: alert type; seq: the alert's; by: unit path */
    HISTORY_WITHHELD = 3,  /* code: alert type; by: unit path; note: the rule that withheld it */
    HISTORY_RESUMED = 4,   /* a pause ended by its `until`; note: reason */
    HISTORY_JOINED = 5,    /* code: event type; seq; note: subject of the contact that joined */
    HISTORY_CLOCK = 6,     /* note: "calendar-changed NAME", "extended NAME": the clock */
    HISTORY_POLICY = 7,    /* note: the policy that applies from here */
    HISTORY_LATE = 8,      /* an event after closing whose own time is before: history only */
    HISTORY_MOVED = 9,     /* another configuration: its unit is gone; by: that unit's path */
    HISTORY_RECEIVED = 10, /* its date of receipt was corrected; note: what it was, RFC 3339 */
    HISTORY_RECONTACT = 11, /* code: event type; seq; note: its subject; the customer came again */
    HISTORY_LIMIT = 12,     /* a limit of the case was met; note: which, and what came of it */
    HISTORY_SCHEDULED = 13, /* a duty that the schedule opened; note: its period */
};

struct history_row {
    enum history_what what;
    uint32_t code;
    rd_time time, taken;
    uint64_t seq;
    struct rd_str by;     /* who acted, as the event says it; else as above */
    struct rd_str sender; /* of an event: name of the key that sent it; empty without security */
    struct rd_str note;
    uint64_t before; /* number of the case's entry before; 0: none */
};

void history_row_put(struct store_view *view, uint64_t number, const struct history_row *row);
void history_row_del(struct store_view *view, uint64_t number);
/* Texts borrowed as store_get(). */
bool history_row_get(struct store_view *view, uint64_t number, struct history_row *ret_row);
/* The entries of a case up to `newest`, at most the newest `max`, oldest first: their numbers, in
 * `arena`. How many. */
size_t history_row_chain(struct store_view *view, uint64_t newest, size_t max,
        struct rd_arena *arena, uint64_t **ret_numbers);
