/* daemon/keeper.h — snapshots of the state and the archive of the journal, by a thread of low
 * priority that runs while there is something to do.
 *
 * Not the checkpoint's thread: while that one wrote a snapshot the tail would grow, and events
 * would be answered busy. A snapshot is read from LMDB beside the checkpoints. What of the journal
 * may go is decided here: up to the oldest snapshot that is kept and belongs to this journal, and,
 * where there is an archive, up to what that has.
 *
 * A state that its journal alone cannot make anew, as after an upgrade or a restore, gets one
 * snapshot even if none are configured: with it there is a way back from a damaged store. */
#pragma once

#include <pthread.h>
#include <stdatomic.h>

#include "common/time/utime.h"
#include "daemon/store/store.h"

enum { KEEPER_PATH_MAX = 4096, KEEPER_FAULT_MAX = 320 };

/* What one run of the thread is to do, and what came of it. */
struct keeper_work {
    char snapshots[KEEPER_PATH_MAX], journal[KEEPER_PATH_MAX], archive[KEEPER_PATH_MAX];
    size_t keep;
    bool wants_snapshot, wants_archive;
    /* what came of it */
    int snapshot_error, archive_error;
    char snapshot_what[256], archive_what[768];
    uint64_t made, rows, bytes; /* of the snapshot: its last record */
    int64_t took_us;
    bool has_looked;                   /* what follows is known */
    uint64_t position, other_position; /* of the newest snapshots of this journal, of another */
    int64_t made_us;                   /* the former, if it is of this engine; 0: it is not */
    bool has_base;     /* a journal of this engine from its first record, or a snapshot */
    uint64_t covered;  /* a kept snapshot has all up to this record; 0: none */
    uint64_t archived; /* the archive has all up to this record */
    unsigned segments; /* archived now */
    bool has_more;     /* segments to archive */
};

/* What fails now: snapshots, or the archive. */
struct keeper_fault {
    char text[KEEPER_FAULT_MAX]; /* for people; "": nothing does */
    int64_t told_us;             /* when operators last heard of it; 0: never */
};

struct keeper {
    pthread_t thread;
    bool is_running, has_looked, has_base, is_damage_told;
    atomic_bool is_done, is_stopping;
    struct store *store;
    struct keeper_work work;                   /* the thread's while it runs */
    int64_t snapshot_due_us, archive_retry_us; /* on clock_ticks_us() */
    uint64_t position;                         /* of the newest snapshot of this journal */
    uint64_t covered, archived;
    uint64_t open_segment; /* the one that was open when the archive was last complete */
    struct keeper_fault no_snapshot, no_archive;
};

struct edge;

/* By the second: takes what came of a run, begins the next one. */
void keeper_beat(struct edge *edge);
/* Releases segments of the journal that are no longer needed; after a checkpoint, and when a
 * snapshot or the archive has got more. */
void keeper_let_go(struct edge *edge);
/* Ends a run that is under way; before store and journal are closed. */
void keeper_close(struct edge *edge);
/* The folder of snapshots, of this configuration. */
void keeper_folder(const struct edge *edge, char ret_path[static KEEPER_PATH_MAX]);
