/* daemon/store/rows/timer_row.h — tables `timers_wall`, `timers_steady`: what is due, in order.
 *
 * Key: due (sign flipped, u64), kind u8, class u8 (0 statutory, 1 service; of a duty 2: an
 * approval, which is told apart by that), owner u64, slot u16 as two bytes; the value is empty.
 * Deleted lazily: a row whose owner names another instant is stale; a tick that walks over it
 * removes it. Example: due 1970-01-01T00:00:01Z on case 7's clock 2, service: 80000000000f4240 01
 * 01 0000000000000007 0002. */
#pragma once

#include "common/time/utime.h"
#include "daemon/store/store.h"

enum timer_kind { /* the order of equal dues (redress-events(7), "Order of timers") */
    TIMER_CLOCK = 1,
    TIMER_LADDER = 2,
    TIMER_PAUSE = 3,
    TIMER_CHASE = 4,
    TIMER_NOTICE = 5,
    TIMER_SILENCE = 6,
    TIMER_BUNDLE = 7,
    TIMER_UNIT_DAY = 8,
    TIMER_DUTY = 9,
    TIMER_SOURCE = 10,
    TIMER_SWEEP = 11,    /* owner 0 */
    TIMER_REST = 12,     /* owner 0 */
    TIMER_APPROVAL = 13, /* owner: the event's seq; among equal dues behind TIMER_DUTY */
};

struct timer_row {
    rd_time due; /* on its scale */
    bool is_steady, is_service;
    enum timer_kind kind;
    uint64_t owner; /* case number, or number of the source, … */
    uint16_t slot;
};

void timer_row_put(struct store_view *view, const struct timer_row *row);
void timer_row_del(struct store_view *view, const struct timer_row *row);
/* The first row of a scale at or behind `from` (NULL: of all). False: none. */
bool timer_row_first(struct store_view *view, bool is_steady, const struct timer_row *from,
        struct timer_row *ret_row);
/* The order of firing, dues given on one scale; <0, 0, >0. */
int timer_row_cmp(
        const struct timer_row *a, rd_time due_a, const struct timer_row *b, rd_time due_b);
