/* daemon/engine/approvals.h — four eyes: an event that takes two persons waits until the second one
 * says yes (approval.given), or lapses. */
#pragma once

#include "daemon/engine/take.h"

enum { APPROVALS_MAX = 1000 }; /* that wait at a time */

struct timer_row;
struct work;

/* What waits, found by approval.given: the event as it came, under what it is to be applied. */
struct approval {
    uint64_t seq;
    rd_time own;
    struct engine_sender sender;
    struct rd_event event;
};

/* The configuration wants a second person for events of this type. */
bool approval_is_owed(const struct engine *engine, enum rd_event_type type);
/* Lets the event at work wait and alerts operators. False: too many events wait. */
bool approval_wait(struct engine *engine, struct take *take);
/* Whether the event of this number still waits. */
bool approval_waits(struct engine *engine, uint64_t seq);
/* What waits under this number, in the record's arena; its event until the next call. False:
 * nothing does. */
bool approval_find(struct engine *engine, uint64_t seq, struct approval *ret_approval);
/* Removes an event that waits. */
void approval_end(struct engine *engine, uint64_t seq);
/* The same for want of a second person: operators are told, by an alert about `work` (NULL: about
 * no case), and its number is kept for an erasure of `customer` (NULL: nobody's). */
void approval_lapse(
        struct engine *engine, uint64_t seq, struct work *work, const uint8_t *customer);
bool approval_timer_is_live(struct engine *engine, const struct timer_row *row);
void approval_fire(struct engine *engine, const struct timer_row *row);
/* How many timers those that wait have armed. */
uint64_t approvals_armed(struct engine *engine);
