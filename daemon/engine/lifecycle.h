/* daemon/engine/lifecycle.h — which event may come to a case in which state, and where it moves it.
 */
#pragma once

#include "daemon/engine/state.h"

enum lifecycle { LIFECYCLE_ILLEGAL, LIFECYCLE_SAME, LIFECYCLE_MOVES, LIFECYCLE_LATE };
/* What the table says of an event on a case; LATE: allowed only with own time ≤ closing. */
enum lifecycle lifecycle_of(enum rd_event_type type, enum case_kind kind, enum case_state state,
        enum case_state *ret_to);
