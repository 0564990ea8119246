/* daemon/replay.h — what a record of the journal does to a state: the one place from which a start,
 * `redressctl verify` and the simulator take it, so that they cannot differ. */
#pragma once

#include "daemon/engine/engine.h"
#include "daemon/journal/journal.h"

struct replay_step {
    bool is_applied; /* engine_alerts() are this record's; false: a record for people alone */
    uint32_t fired;  /* timers, by a tick */
};
/* Applies the record under its own time, as it was applied first. `tree` is scratch. NULL; else why
 * it cannot be, as a sentence for operators, and the state is of no use any more. */
RD_MUST_USE const char *replay_record(struct engine *engine, struct rd_tree *tree,
        const struct journal_record *record, struct replay_step *ret_step);

/* An event's own time against the daemon's, as the door applies and a replay repeats it: cut to
 * `now` if it is ahead. True: the event was changed. */
bool replay_adjust_time(struct rd_event *event, rd_time now);
