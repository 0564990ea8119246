/* daemon/engine/known.h — what was taken before: by sequence or by id; gaps in a source's sequence.
 */
#pragma once

#include "daemon/engine/state.h"

struct source_first;

enum known {
    KNOWN_NEW,
    KNOWN_DUPLICATE,
    KNOWN_OTHER,    /* the id is known, with another content */
    KNOWN_CONFLICT, /* the number is known, with another id */
    KNOWN_STALE
};
/* *ret_first is the event that was first: of KNOWN_DUPLICATE and KNOWN_OTHER. */
enum known known_look(
        struct engine *engine, const struct rd_event *event, struct source_first *ret_first);
void known_take(struct engine *engine, const struct rd_event *event, uint64_t case_number);
void known_reset(struct engine *engine, struct rd_str source);
bool known_timer_is_live(struct engine *engine, const struct timer_row *row);
void known_fire(struct engine *engine, const struct timer_row *row);
