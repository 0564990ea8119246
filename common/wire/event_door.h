/* common/wire/event_door.h — what the door checks of an event's instants, before the engine sees
 * it.
 *
 * One function for intake and for event.check, so that both give the same answer. The checks depend
 * on the machine's clock and on the edge's configuration, so a replay does not repeat them.
 * Source: redress-protocol(7) "Checks". */
#pragma once

#include "common/wire/event.h"

struct rd_event_limits {
    int64_t oldest_us;  /* limits.oldest: how far back `time` and `received` may lie */
    int64_t silence_us; /* limits.silence: how long a silence may hold */
};

/* True: the event may go on to the engine. False: *reject is set. `now`: the daemon's clock, or
 * RD_TIME_NONE where time comes from events, which future_time and past_time do not apply to.
 * The caller has looked for a duplicate before, which has precedence. */
bool rd_event_check_door(const struct rd_event *event, rd_time now,
        const struct rd_event_limits *limits, struct rd_reject *reject);
/* The same of a silence alone: it ends after `now` and within limits.silence. */
bool rd_event_check_silence(const struct rd_event *event, rd_time now,
        const struct rd_event_limits *limits, struct rd_reject *reject);
