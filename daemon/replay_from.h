/* daemon/replay_from.h — what a replay begins with: nothing, or a snapshot that the journal leads
 * on from. For `redressctl verify`, for the state as it was at an instant, and for who keeps
 * snapshots: a folder of them may have some of another journal, or of this one as it went on before
 * a backup was put back. */
#pragma once

#include <limits.h>

#include "daemon/journal/journal.h"
#include "daemon/store/snapshot.h"

/* The journal has all records, and this engine wrote the first of them. */
bool replay_from_nothing(struct journal *journal);

enum replay_kin {
    REPLAY_KIN_OURS,   /* the journal has the record that it ends with */
    REPLAY_KIN_OTHER,  /* it has another one of that number, or does not go so far */
    REPLAY_KIN_UNKNOWN /* it ends before the journal's oldest record, or that cannot be read there
                        */
};
/* Does a snapshot belong to the journal? */
enum replay_kin replay_from_kin(struct journal *journal, const struct snapshot_head *head);

struct replay_snapshot {
    char path[PATH_MAX];
    uint64_t position; /* its last record, */
    rd_time wall;      /* and that one's time */
};
/* Of the snapshots in the folder that are of this engine and that the journal has the end of: those
 * up to record `position`, with a time > `after` and ≤ `until`; the newest of them, or the oldest.
 */
struct replay_wish {
    const char *dir;
    uint64_t position;
    rd_time after, until;
    bool wants_newest;
};
bool replay_from_find(struct journal *journal, const struct replay_wish *wish,
        struct replay_snapshot *ret_snapshot);
/* Its rows into an empty store. 0, -EPROTO (of another schema), -EBADMSG, -errno; ret_what says
 * more. */
RD_MUST_USE int replay_from_load(const char *path, struct store *store,
        struct snapshot_head *ret_head, char ret_what[static 256]);
