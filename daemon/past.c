#include "daemon/past.h"

#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "daemon/log.h"
#include "daemon/replay.h"
#include "daemon/replay_from.h"
#include "daemon/store/background.h"

enum { PATH_BYTES_MAX = 4096, FLUSH_BYTES = 32 * 1024 * 1024, SPACE_EVERY = 16 * 1024 };
#define MAP_BYTES (UINT64_C(64) << 30) /* address space, not memory */

struct past {
    char state[PATH_BYTES_MAX], dir[PATH_BYTES_MAX], journal_dir[PATH_BYTES_MAX];
    struct journal *journal;
    pthread_t thread;
    bool is_running;
    atomic_bool is_done, is_stopping;
    atomic_uint_fast64_t record; /* replayed so far */
    /* the thread's while it runs, else the desk's */
    rd_time at; /* what is, or was last, asked for */
    char snapshots[PATH_BYTES_MAX];
    struct store *store; /* NULL: there is no such state */
    struct engine *engine;
    struct rd_tree *tree;
    uint64_t position; /* of its last record */
    rd_time reached;   /* it has all records up to this instant */
    enum desk_past outcome;
    rd_time earliest;
    char error[256];
    /* the desk's */
    bool has_outcome;
    uint32_t unserved; /* asks for another instant that wait yet */
    uint32_t idle;     /* looks since it was asked for */
};

struct past *past_new(const char *state, struct journal *journal)
{
    struct past *past = calloc(1, sizeof *past);
    if (past == NULL) {
        rd_oom();
    }
    (void)snprintf(past->state, sizeof past->state, "%.4000s", state);
    (void)snprintf(past->dir, sizeof past->dir, "%.4000s/past", state);
    (void)snprintf(past->journal_dir, sizeof past->journal_dir, "%.4000s/journal", state);
    past->journal = journal;
    past->tree = rd_tree_new();
    return past;
}

/* ---- the scratch store ---- */

static void drop(struct past *past)
{
    engine_close(past->engine);
    store_close(past->store);
    past->engine = NULL;
    past->store = NULL;
}

void past_free(struct past *past)
{
    if (past == NULL) {
        return;
    }
    if (past->is_running) {
        atomic_store(&past->is_stopping, true);
        int r = pthread_join(past->thread, NULL);
        RD_ASSERT(r == 0);
    }
    drop(past);
    rd_tree_free(past->tree);
    free(past);
}

static enum desk_past fail(struct past *past, int error, const char *what)
{
    (void)snprintf(past->error, sizeof past->error, "%.120s%s%.100s", what, error != 0 ? ": " : "",
            error != 0 ? strerrordesc_np(-error) : "");
    drop(past);
    return DESK_PAST_FAILED;
}

/* Also what a crash has left there. */
static void remove_names(const struct past *past)
{
    static const char *const names[] = {"data.mdb", "lock.mdb"};
    for (size_t i = 0; i < RD_COUNT(names); i++) {
        char path[PATH_BYTES_MAX + 16];
        (void)snprintf(path, sizeof path, "%s/%s", past->dir, names[i]);
        (void)unlink(path);
    }
    (void)rmdir(past->dir);
}

static bool has_room(const struct past *past)
{
    struct statvfs about;
    return statvfs(past->state, &about) == 0 &&
           (uint64_t)about.f_bavail * about.f_frsize >= PAST_RESERVE_BYTES;
}

static enum desk_past flush(struct past *past)
{
    engine_note_position(past->engine, past->position);
    int r = store_flush(past->store);
    return r < 0 ? fail(past, r, "the scratch store cannot be written") : DESK_PAST_READY;
}

/* `path`: a snapshot to begin with; NULL: with nothing. */
static enum desk_past open_store(struct past *past, const char *path)
{
    char what[256] = "";
    uint32_t number = 0;
    struct snapshot_head head = {.numbers = {.position = 0}};
    struct store_options options = {
            .dir = past->dir, .map_bytes_max = MAP_BYTES, .is_scratch = true};
    remove_names(past);
    int r = store_open(&options, &past->store, what);
    remove_names(past);
    if (r == 0 && path != NULL) {
        r = replay_from_load(path, past->store, &head, what);
    }
    if (r == 0) {
        r = engine_open(store_live(past->store), &past->engine, &number);
    }
    past->position = head.numbers.position;
    return r < 0 ? fail(past, r,
                           what[0] != '\0' ? what
                           : path != NULL  ? path
                                           : past->dir)
                 : DESK_PAST_READY;
}

/* ---- where to begin ---- */

/* What of the journal is there now; the one that is written tells no chains beside the writing. */
static struct journal *open_journal(const struct past *past)
{
    struct journal *journal = NULL;
    struct journal_damage damage;
    struct journal_options options = {.dir = past->journal_dir, .read_only = true};
    return journal_open(&options, &journal, &damage) == 0 ? journal : NULL;
}

static rd_time sooner(rd_time one, rd_time other)
{
    return one == RD_TIME_NONE || (other != RD_TIME_NONE && other < one) ? other : one;
}

/* `first`: the time of the journal's first record, where all can be replayed from there; or
 * RD_TIME_NONE. */
static enum desk_past gone(struct past *past, rd_time first)
{
    struct replay_snapshot next;
    struct replay_wish wish = {.dir = past->snapshots,
            .position = UINT64_MAX,
            .after = past->at,
            .until = RD_TIME_MAX};
    struct journal *journal = open_journal(past);
    past->earliest = first;
    if (journal != NULL && replay_from_find(journal, &wish, &next)) {
        past->earliest = sooner(first, next.wall);
    }
    if (journal != NULL) {
        journal_close(journal);
    }
    drop(past);
    return DESK_PAST_GONE;
}

/* The newest snapshot before it; what was made last, where that is newer; or nothing. */
static enum desk_past begin(struct past *past)
{
    struct replay_snapshot snapshot;
    struct journal *journal = open_journal(past);
    if (journal == NULL) {
        return fail(past, 0, "the journal cannot be read");
    }
    if (past->store != NULL && past->reached > past->at) {
        drop(past);
    }
    struct replay_wish wish = {.dir = past->snapshots,
            .position = journal_last(journal),
            .after = past->store != NULL ? past->reached : RD_TIME_NONE,
            .until = past->at,
            .wants_newest = true};
    bool is_found = replay_from_find(journal, &wish, &snapshot);
    bool is_whole = replay_from_nothing(journal);
    journal_close(journal);
    if (!is_found && past->store != NULL) {
        return DESK_PAST_READY;
    }
    drop(past);
    return is_found || is_whole ? open_store(past, is_found ? snapshot.path : NULL)
                                : gone(past, RD_TIME_NONE);
}

/* ---- the replay ---- */

/* One record, and what it takes that the store stays small and the disk has room. */
static enum desk_past apply(struct past *past, const struct journal_record *record)
{
    struct replay_step step;
    bool is_lost =
            (record->kind == JOURNAL_EVENT && record->is_erased) || record->engine != ENGINE_NUMBER;
    if (is_lost) {
        return gone(past, RD_TIME_NONE);
    }
    const char *why = replay_record(past->engine, past->tree, record, &step);
    if (why != NULL) {
        return fail(past, 0, why);
    }
    past->position = record->number;
    atomic_store(&past->record, record->number);
    if (record->number % SPACE_EVERY == 0 && !has_room(past)) {
        return fail(past, 0, "the disk has no room for it");
    }
    return store_dirty_bytes(store_live(past->store)) >= FLUSH_BYTES ? flush(past)
                                                                     : DESK_PAST_READY;
}

/* Up to the last record of that instant. */
static enum desk_past replay(struct past *past)
{
    RD_CLEANUP(journal_cursor_closep)
    struct journal_cursor *cursor = NULL;
    struct journal_damage damage = {.text = ""};
    struct journal_record record;
    enum desk_past outcome = DESK_PAST_READY;
    int r = journal_cursor_open(past->journal, past->position, &cursor);
    while (r == 0 && outcome == DESK_PAST_READY) {
        if (atomic_load(&past->is_stopping)) {
            return fail(past, 0, "the daemon is being stopped");
        }
        r = journal_cursor_next(cursor, &record, &damage);
        if (r != 1) {
            break;
        }
        r = 0;
        if (record.wall > past->at) {
            bool is_before_all = past->position == 0;
            return is_before_all ? gone(past, record.wall) : flush(past);
        }
        outcome = apply(past, &record);
    }
    if (r == -ENOENT) {
        return gone(past, RD_TIME_NONE);
    }
    if (r < 0) {
        return fail(past, r, damage.text[0] != '\0' ? damage.text : "the journal");
    }
    return outcome == DESK_PAST_READY ? flush(past) : outcome;
}

static void *run(void *arg)
{
    struct past *past = arg;
    background_thread(BACKGROUND_CHECKPOINT);
    enum desk_past outcome =
            has_room(past) ? begin(past) : fail(past, 0, "the disk has no room for it");
    if (outcome == DESK_PAST_READY) {
        outcome = replay(past);
    }
    past->reached = past->at;
    past->outcome = outcome;
    atomic_store(&past->is_done, true);
    return NULL;
}

/* ---- the desk's side ---- */

static void start(struct past *past, const struct desk_past_wish *wish)
{
    past->at = wish->at;
    (void)snprintf(past->snapshots, sizeof past->snapshots, "%.4000s%s",
            wish->snapshots != NULL ? wish->snapshots : past->state,
            wish->snapshots != NULL ? "" : "/snapshots");
    atomic_store(&past->is_done, false);
    atomic_store(&past->record, 0);
    past->has_outcome = false;
    /* No thread to be had: the next ask tries again. */
    past->is_running = pthread_create(&past->thread, NULL, run, past) == 0;
}

/* True: nothing is under way. */
static bool has_ended(struct past *past)
{
    if (past->is_running && atomic_load(&past->is_done)) {
        int r = pthread_join(past->thread, NULL);
        RD_ASSERT(r == 0);
        past->is_running = false;
        past->has_outcome = true;
        past->unserved = PAST_UNSERVED_ASKS;
        past->idle = 0;
        if (past->outcome == DESK_PAST_FAILED) {
            log_warning("desk", "an earlier state could not be made", "error=\"%s\"", past->error);
        }
    }
    return !past->is_running;
}

static enum desk_past serve(struct past *past, struct desk_past_state *ret_state)
{
    past->unserved = 0;
    past->idle = 0;
    past->has_outcome = past->outcome == DESK_PAST_READY; /* what was gone is looked for anew */
    *ret_state = (struct desk_past_state){.earliest = past->earliest, .error = past->error};
    if (past->outcome == DESK_PAST_READY) {
        ret_state->view = store_live(past->store);
        ret_state->plan = engine_plan(past->engine);
        ret_state->counts = engine_counts(past->engine);
        ret_state->counts.wall = past->at;
    }
    return past->outcome;
}

enum desk_past past_ask(
        void *context, const struct desk_past_wish *wish, struct desk_past_state *ret_state)
{
    struct past *past = context;
    *ret_state = (struct desk_past_state){.record = atomic_load(&past->record)};
    if (!has_ended(past)) {
        return DESK_PAST_WORKING;
    }
    if (past->has_outcome && past->at == wish->at) {
        return serve(past, ret_state);
    }
    if (past->has_outcome && past->unserved > 0) { /* who asked for it first gets it first */
        past->unserved--;
        return DESK_PAST_WORKING;
    }
    start(past, wish);
    return DESK_PAST_WORKING;
}

void past_look(struct past *past)
{
    if (has_ended(past) && past->store != NULL && ++past->idle > PAST_IDLE_LOOKS) {
        drop(past);
        past->has_outcome = false;
    }
}
