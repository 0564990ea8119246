#include "daemon/desk/showing.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>

enum place { WITH_NOBODY, WITH_TURN, WITH_DESK };

struct showing {
    struct store_view *view; /* of whoever has it */
    pthread_mutex_t lock;
    enum place place;
    uint64_t asked, covered; /* numbers of questions: the last one, and of the view */
    struct engine_counts counts;
    _Atomic bool wants_checkpoint;
};

static void lock(struct showing *showing)
{
    int r = pthread_mutex_lock(&showing->lock);
    RD_ASSERT(r == 0);
}

static void unlock(struct showing *showing)
{
    int r = pthread_mutex_unlock(&showing->lock);
    RD_ASSERT(r == 0);
}

int showing_new(struct store *store, struct showing **ret_showing)
{
    struct showing *showing = calloc(1, sizeof *showing);
    if (showing == NULL) {
        rd_oom();
    }
    int r = store_side_open(store, &showing->view);
    if (r < 0) {
        free(showing);
        return r;
    }
    store_side_rest(showing->view);
    r = pthread_mutex_init(&showing->lock, NULL);
    RD_ASSERT(r == 0);
    *ret_showing = showing;
    return 0;
}

void showing_free(struct showing *showing)
{
    if (showing == NULL) {
        return;
    }
    store_side_close(showing->view);
    int r = pthread_mutex_destroy(&showing->lock);
    RD_ASSERT(r == 0);
    free(showing);
}

uint64_t showing_ask(struct showing *showing)
{
    lock(showing);
    uint64_t number = ++showing->asked;
    unlock(showing);
    return number;
}

uint64_t showing_look(struct showing *showing)
{
    lock(showing);
    uint64_t covered = showing->place == WITH_DESK ? showing->covered : 0;
    unlock(showing);
    return covered;
}

struct store_view *showing_view(struct showing *showing, struct engine_counts *ret_counts)
{
    *ret_counts = showing->counts;
    return showing->view;
}

static void put_at(struct showing *showing, enum place from, enum place to)
{
    lock(showing);
    RD_ASSERT(showing->place == from);
    showing->place = to;
    unlock(showing);
}

void showing_return(struct showing *showing)
{
    store_side_rest(showing->view);
    put_at(showing, WITH_DESK, WITH_NOBODY);
}

bool showing_take(
        struct showing *showing, struct store_view *live, const struct engine_counts *counts)
{
    lock(showing);
    bool is_taken = showing->place == WITH_NOBODY && showing->asked > showing->covered &&
                    store_side_show(showing->view, live) == 0;
    if (is_taken) {
        showing->place = WITH_TURN;
        showing->covered = showing->asked;
        showing->counts = *counts;
    }
    unlock(showing);
    return is_taken;
}

void showing_hand(struct showing *showing)
{
    put_at(showing, WITH_TURN, WITH_DESK);
}

void showing_want_checkpoint(struct showing *showing)
{
    atomic_store(&showing->wants_checkpoint, true);
}

bool showing_is_checkpoint_wanted(struct showing *showing)
{
    return atomic_exchange(&showing->wants_checkpoint, false);
}
