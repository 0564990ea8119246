/* daemon/taking.h — one event on its way in: the door's checks, the engine, the journal. */
#pragma once

#include "daemon/edge.h"

struct taking {
    struct rd_str frame;
    struct rd_event event;
    struct rd_reject reject;
    struct rd_receipt receipt;
    struct rights rights;       /* of its sender */
    const struct rights *asker; /* whom its receipt is sent to; NULL: the sender */
    struct engine_reach reach, sight;
    struct engine_sender sender;
    struct rd_open_case open[RD_OPEN_CASES_MAX];
    bool is_decoded, is_adjusted;
};

enum taking_verdict {
    TAKING_FIT,     /* the engine is asked next */
    TAKING_REFUSED, /* by a check of the door, or known: the receipt is filled */
    TAKING_LATER    /* time comes from events, and timers that are due before it were left at
                     * `stop_us`; nothing was done with it */
};

/* All but the event and the open cases, which are large and not read before they are filled. */
void taking_begin(struct taking *taking, struct rd_str frame);
/* Decodes it, unless it is in quarantine, and notes it as what is at work in the turn. */
void taking_read(struct edge *edge, struct taking *taking);
/* The receipt becomes that of `reject`. */
void taking_refuse(struct taking *taking);
/* The checks of the door that stand before and between the engine's. */
enum taking_verdict taking_check(struct edge *edge, struct taking *taking, int64_t stop_us);
/* Applies one that is fit; an accepted one is journalled. */
void taking_apply(struct edge *edge, struct taking *taking);
