/* daemon/engine/lifecycle.h — which event may come to a case in which state, and where it moves it.
 */
#pragma once

#include "daemon/engine/state.h"

enum lifecycle { LIFECYCLE_ILLEGAL, LIFECYCLE_SAME, LIFECYCLE_MOVES, LIFECYCLE_LATE };

/* A row of the lifecycle table of redress-events(7), which stands in events.c. A cell for each
 * state: open, assigned, handling, decided, closed, grown.
 *
 *   O A H D C  the state it moves to      -  illegal_transition
 *   =  stays                              l  after closing: history, if its own time is at or
 *                                            before the closing
 * Conditions beyond the state (a pause open, a question owed) are with what takes the event. */
struct lifecycle_row {
    unsigned kinds;    /* bits 1 << enum case_kind */
    const char *cells; /* NULL: the event comes to no case */
};
/* LATE: allowed only with own time ≤ closing. */
enum lifecycle lifecycle_of(const struct lifecycle_row *row, enum case_kind kind,
        enum case_state state, enum case_state *ret_to);
