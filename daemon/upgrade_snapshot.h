/* daemon/upgrade_snapshot.h — the snapshot of an older store, made by a thread of its own beside
 * the rows of the new one: both read the old store, which nobody writes. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "daemon/store/snapshot.h"

struct upgrade_snapshot {
    const char *store, *dir; /* folders, borrowed */
    const uint8_t *chain;    /* of its position, borrowed */
    pthread_t thread;
    bool is_running;
    int ended_fd; /* an eventfd that the thread writes last */
    atomic_bool is_unwanted;
    /* once it has ended */
    int result; /* 0 or -errno */
    struct snapshot_sum sum;
    char what[256]; /* why there is none */
};

/* The caller has the store's lock, and keeps it. Without a thread to be had it is made here. */
void upgrade_snapshot_begin(struct upgrade_snapshot *snapshot, const char *store, const char *dir,
        const uint8_t chain[static SNAPSHOT_HASH]);
/* Waits a second at most. True: it has ended. */
bool upgrade_snapshot_wait(struct upgrade_snapshot *snapshot);
/* Ends it, made or not. */
void upgrade_snapshot_cancel(struct upgrade_snapshot *snapshot);
