#include "daemon/store/store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "daemon/store/checkpoint.h"
#include "daemon/store/dbenv.h"
#include "daemon/store/filter.h"
#include "daemon/store/room.h"
#include "daemon/store/view.h"

struct store {
    struct dbenv env;
    uint64_t seed;
    struct store_view *live;         /* NULL: read only */
    struct checkpoint *checkpoint;   /* NULL: read only */
    struct filter *filter;           /* NULL: read only */
    struct overlay *active, *sealed; /* those of the live view */
    uint64_t checkpoints;
    uint64_t lives;       /* active overlays so far */
    uint64_t rows, pages; /* of the last checkpoint that tells what rows cost */
};

/* The next checkpoint's pages are estimated from the last one. COST_ROWS_MIN: fewer rows
 * misestimate the pages of a row. It is low enough for a checkpoint that was sized for the longest
 * rows, of some twenty pages, so that the estimate falls again when those become rare. COST_TIMES:
 * many times the rows share pages that these did not, so the estimate extends no further. Beyond
 * that a row counts as a quarter of a page, which is rather high: sealing too early costs
 * little. */
enum { COST_ROWS_MIN = 256, COST_TIMES = 8, COST_ROWS_GUESSED = 4 };

const struct dbenv *room_env(const struct store *store)
{
    return &store->env;
}

uint64_t room_seed(const struct store *store)
{
    return store->seed;
}

static int live_open(struct store *store)
{
    int r = view_new(&store->env, store->seed, &store->live);
    if (r < 0) {
        return r;
    }
    store->active = overlay_new();
    store->active->life = ++store->lives;
    store->live->active = store->active;
    r = checkpoint_open(&store->env, &store->checkpoint);
    if (r == 0) {
        r = filter_open(&store->env, store->seed, 0, &store->filter);
    }
    store->live->filter = store->filter;
    return r;
}

int store_open(
        const struct store_options *options, struct store **ret_store, char ret_what[static 256])
{
    struct store *store = calloc(1, sizeof *store);
    if (store == NULL) {
        rd_oom();
    }
    ssize_t n = getrandom(&store->seed, sizeof store->seed, 0);
    RD_ASSERT(n == sizeof store->seed);
    int r = dbenv_open(&store->env, options, ret_what);
    if (r == 0 && !options->read_only) {
        r = live_open(store);
        if (r < 0) {
            (void)snprintf(ret_what, 256, "opening the state: %s", strerror(-r));
        }
    }
    if (r < 0) {
        store_close(store);
        return r;
    }
    *ret_store = store;
    return 0;
}

void store_close(struct store *store)
{
    if (store == NULL) {
        return;
    }
    checkpoint_close(store->checkpoint);
    filter_close(store->filter);
    view_free(store->live);
    overlay_free(store->active);
    overlay_free(store->sealed);
    dbenv_close(&store->env);
    free(store);
}

struct store_view *store_live(struct store *store)
{
    return store->live;
}

bool store_seal(struct store *store)
{
    struct store_view *live = store->live;
    RD_ASSERT(live != NULL);
    if (store->sealed != NULL) {
        checkpoint_again(store->checkpoint);
        return false;
    }
    RD_ASSERT(!store->active->is_marked);
    RD_ASSERT(live->open_scans == 0);
    store->sealed = store->active;
    store->active = checkpoint_spare(store->checkpoint);
    store->active->life = ++store->lives;
    live->sealed = store->sealed;
    live->active = store->active;
    checkpoint_ask(store->checkpoint, store->sealed);
    return true;
}

bool store_is_checkpointing(const struct store *store)
{
    return store->sealed != NULL;
}

int store_fd(const struct store *store)
{
    return checkpoint_fd(store->checkpoint);
}

static void note_cost(struct store *store)
{
    uint64_t rows;
    uint64_t pages;
    checkpoint_cost(store->checkpoint, &rows, &pages);
    if (rows >= COST_ROWS_MIN && pages > 0) {
        store->rows = rows;
        store->pages = pages;
    }
}

uint64_t store_dirty_pages(const struct store *store)
{
    uint64_t rows = store_dirty_rows(store->live);
    uint64_t told = rows < COST_TIMES * store->rows ? rows : COST_TIMES * store->rows;
    uint64_t pages = store->rows > 0 ? told * store->pages / store->rows : 0;
    return pages + (rows - told) / COST_ROWS_GUESSED;
}

int store_checkpointed(struct store *store)
{
    int error = 0;
    enum checkpoint_state state = checkpoint_take(store->checkpoint, &error);
    switch (state) {
    case CHECKPOINT_IDLE:
    case CHECKPOINT_ASKED:
        return 0;
    case CHECKPOINT_FULL:
    case CHECKPOINT_BROKEN:
        return error;
    case CHECKPOINT_DONE:
        break;
    }
    note_cost(store);
    /* If a side view still reads the overlay, that view frees it. */
    bool is_ours = overlay_give_up(store->sealed);
    checkpoint_empty(store->checkpoint, is_ours ? store->sealed : overlay_new());
    store->sealed = store->live->sealed = NULL;
    store->checkpoints++;
    int r = view_renew(store->live);
    if (r == 0) {
        filter_grow(store->filter, store->active);
    }
    return r;
}

/* Until the sealed overlay, if there is one, is in LMDB. */
static int store_settle(struct store *store)
{
    if (store->sealed == NULL) {
        return 0;
    }
    checkpoint_again(store->checkpoint);
    checkpoint_wait(store->checkpoint);
    return store_checkpointed(store);
}

int store_flush(struct store *store)
{
    int r = store_settle(store);
    if (r < 0) {
        return r;
    }
    bool is_sealed = store_seal(store);
    RD_ASSERT(is_sealed);
    checkpoint_wait(store->checkpoint);
    return store_checkpointed(store);
}

uint64_t store_checkpoints(const struct store *store)
{
    return store->checkpoints;
}

void store_measure(struct store *store, struct store_use *ret_use)
{
    int r = dbenv_measure(&store->env, ret_use);
    if (r < 0) {
        *ret_use = (struct store_use){0};
    }
}
