#include "tools/backtest/ahead.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>

/* The threads meet once a block, not once a slot. */
enum { BLOCKS = 4, BLOCK_SLOTS = 128 };

struct ahead {
    struct ahead_work work;
    pthread_t thread;
    sem_t filled, empty; /* blocks */
    atomic_bool is_stopping;
    size_t counts[BLOCKS]; /* filled slots; fewer than all: the last block */
    size_t block, next;    /* the reader's */
    bool is_begun;
    uint8_t *slots;
};

static void *slot_at(const struct ahead *ahead, size_t block, size_t i)
{
    return ahead->slots + (block * BLOCK_SLOTS + i) * ahead->work.slot_bytes;
}

static void await(sem_t *semaphore)
{
    while (sem_wait(semaphore) < 0) {
        RD_ASSERT(errno == EINTR);
    }
}

static void *run(void *context)
{
    struct ahead *ahead = context;
    for (size_t block = 0;; block = (block + 1) % BLOCKS) {
        await(&ahead->empty);
        size_t count = 0;
        while (count < BLOCK_SLOTS && !atomic_load(&ahead->is_stopping) &&
                ahead->work.fill(ahead->work.context, slot_at(ahead, block, count))) {
            count++;
        }
        ahead->counts[block] = count;
        (void)sem_post(&ahead->filled);
        if (count < BLOCK_SLOTS) {
            return NULL;
        }
    }
}

/* Signals are for the thread that looks at them. */
static int start(struct ahead *ahead)
{
    sigset_t all, before;
    (void)sigfillset(&all);
    int r = pthread_sigmask(SIG_SETMASK, &all, &before);
    RD_ASSERT(r == 0);
    int started = pthread_create(&ahead->thread, NULL, run, ahead);
    r = pthread_sigmask(SIG_SETMASK, &before, NULL);
    RD_ASSERT(r == 0);
    return -started;
}

static void release(struct ahead *ahead)
{
    (void)sem_destroy(&ahead->filled);
    (void)sem_destroy(&ahead->empty);
    free(ahead->slots);
    free(ahead);
}

int ahead_begin(const struct ahead_work *work, struct ahead **ret_ahead)
{
    struct ahead *ahead = calloc(1, sizeof *ahead);
    uint8_t *slots = calloc((size_t)BLOCKS * BLOCK_SLOTS, work->slot_bytes);
    if (ahead == NULL || slots == NULL) {
        rd_oom();
    }
    ahead->work = *work;
    ahead->slots = slots;
    (void)sem_init(&ahead->filled, 0, 0);
    (void)sem_init(&ahead->empty, 0, BLOCKS);
    int r = start(ahead);
    if (r < 0) {
        release(ahead);
        return r;
    }
    *ret_ahead = ahead;
    return 0;
}

void *ahead_next(struct ahead *ahead)
{
    if (!ahead->is_begun) {
        await(&ahead->filled);
        ahead->is_begun = true;
    }
    if (ahead->next == BLOCK_SLOTS) {
        (void)sem_post(&ahead->empty);
        ahead->block = (ahead->block + 1) % BLOCKS;
        ahead->next = 0;
        await(&ahead->filled);
    }
    if (ahead->next == ahead->counts[ahead->block]) {
        return NULL; /* the last block: the thread ends with it */
    }
    return slot_at(ahead, ahead->block, ahead->next++);
}

void ahead_end(struct ahead *ahead)
{
    if (ahead == NULL) {
        return;
    }
    atomic_store(&ahead->is_stopping, true);
    (void)sem_post(&ahead->empty); /* it may wait for one: this it leaves unfilled, and ends */
    int r = pthread_join(ahead->thread, NULL);
    RD_ASSERT(r == 0);
    for (size_t i = 0; i < (size_t)BLOCKS * BLOCK_SLOTS; i++) {
        ahead->work.done(slot_at(ahead, 0, i));
    }
    release(ahead);
}
