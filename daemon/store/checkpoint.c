#include "daemon/store/checkpoint.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/store/background.h"
#include "daemon/store/flush.h"

struct checkpoint {
    const struct dbenv *env;
    int fd;
    pthread_t thread;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    /* under the lock */
    enum checkpoint_state state;
    int error;
    bool is_closing;
    struct overlay *sealed; /* lent */
    struct overlay *spent;  /* to be emptied */
    struct overlay *spare;  /* empty; NULL while `spent` is being emptied or both are in use */
    /* the thread's own */
    struct flush flush;
};

static void checkpoint_lock(struct checkpoint *checkpoint)
{
    int r = pthread_mutex_lock(&checkpoint->lock);
    RD_ASSERT(r == 0);
}

static void checkpoint_unlock(struct checkpoint *checkpoint)
{
    int r = pthread_mutex_unlock(&checkpoint->lock);
    RD_ASSERT(r == 0);
}

static void wait_change(struct checkpoint *checkpoint)
{
    int r = pthread_cond_wait(&checkpoint->changed, &checkpoint->lock);
    RD_ASSERT(r == 0);
}

static void tell_change(struct checkpoint *checkpoint)
{
    int r = pthread_cond_broadcast(&checkpoint->changed);
    RD_ASSERT(r == 0);
}

static void do_write(struct checkpoint *checkpoint)
{
    const struct overlay *sealed = checkpoint->sealed;
    checkpoint_unlock(checkpoint);
    int r = flush_overlay(&checkpoint->flush, checkpoint->env, sealed);
    checkpoint_lock(checkpoint);
    checkpoint->error = r;
    checkpoint->state = r == 0         ? CHECKPOINT_DONE
                        : r == -ENOSPC ? CHECKPOINT_FULL
                                       : CHECKPOINT_BROKEN;
    tell_change(checkpoint);
    uint64_t one = 1;
    ssize_t n = write(checkpoint->fd, &one, sizeof one);
    RD_ASSERT(n == sizeof one);
}

static void do_empty(struct checkpoint *checkpoint)
{
    struct overlay *spent = checkpoint->spent;
    checkpoint->spent = NULL;
    checkpoint_unlock(checkpoint);
    overlay_reset(spent);
    checkpoint_lock(checkpoint);
    checkpoint->spare = spent;
    tell_change(checkpoint);
}

static void *checkpoint_main(void *arg)
{
    struct checkpoint *checkpoint = arg;
    background_thread(BACKGROUND_CHECKPOINT);
    checkpoint_lock(checkpoint);
    for (;;) {
        if (checkpoint->spent != NULL) {
            do_empty(checkpoint);
        } else if (checkpoint->state == CHECKPOINT_ASKED) {
            do_write(checkpoint);
        } else if (checkpoint->is_closing) {
            break;
        } else {
            wait_change(checkpoint);
        }
    }
    checkpoint_unlock(checkpoint);
    return NULL;
}

/* Signals are for the turn's thread. */
static int thread_start(struct checkpoint *checkpoint)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    int r = pthread_sigmask(SIG_SETMASK, &all, &before);
    RD_ASSERT(r == 0);
    int started = pthread_create(&checkpoint->thread, NULL, checkpoint_main, checkpoint);
    r = pthread_sigmask(SIG_SETMASK, &before, NULL);
    RD_ASSERT(r == 0);
    return -started;
}

int checkpoint_open(const struct dbenv *env, struct checkpoint **ret_checkpoint)
{
    struct checkpoint *checkpoint = calloc(1, sizeof *checkpoint);
    if (checkpoint == NULL) {
        rd_oom();
    }
    checkpoint->env = env;
    checkpoint->spare = overlay_new();
    checkpoint->fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    int r = checkpoint->fd >= 0 ? 0 : -errno;
    if (r == 0) {
        r = -pthread_mutex_init(&checkpoint->lock, NULL);
        RD_ASSERT(r == 0);
        r = -pthread_cond_init(&checkpoint->changed, NULL);
        RD_ASSERT(r == 0);
        r = thread_start(checkpoint);
    }
    if (r < 0) {
        if (checkpoint->fd >= 0) {
            (void)close(checkpoint->fd);
        }
        overlay_free(checkpoint->spare);
        free(checkpoint);
        return r;
    }
    *ret_checkpoint = checkpoint;
    return 0;
}

void checkpoint_close(struct checkpoint *checkpoint)
{
    if (checkpoint == NULL) {
        return;
    }
    checkpoint_lock(checkpoint);
    checkpoint->is_closing = true;
    tell_change(checkpoint);
    checkpoint_unlock(checkpoint);
    int r = pthread_join(checkpoint->thread, NULL);
    RD_ASSERT(r == 0);
    flush_done(&checkpoint->flush);
    overlay_free(checkpoint->spare);
    r = pthread_cond_destroy(&checkpoint->changed);
    RD_ASSERT(r == 0);
    r = pthread_mutex_destroy(&checkpoint->lock);
    RD_ASSERT(r == 0);
    (void)close(checkpoint->fd);
    free(checkpoint);
}

int checkpoint_fd(const struct checkpoint *checkpoint)
{
    return checkpoint->fd;
}

void checkpoint_ask(struct checkpoint *checkpoint, struct overlay *overlay)
{
    checkpoint_lock(checkpoint);
    RD_ASSERT(checkpoint->state == CHECKPOINT_IDLE);
    checkpoint->sealed = overlay;
    checkpoint->state = CHECKPOINT_ASKED;
    tell_change(checkpoint);
    checkpoint_unlock(checkpoint);
}

void checkpoint_again(struct checkpoint *checkpoint)
{
    checkpoint_lock(checkpoint);
    if (checkpoint->state == CHECKPOINT_FULL) {
        checkpoint->state = CHECKPOINT_ASKED;
        tell_change(checkpoint);
    }
    checkpoint_unlock(checkpoint);
}

void checkpoint_wait(struct checkpoint *checkpoint)
{
    checkpoint_lock(checkpoint);
    while (checkpoint->state == CHECKPOINT_ASKED) {
        wait_change(checkpoint);
    }
    checkpoint_unlock(checkpoint);
}

enum checkpoint_state checkpoint_take(struct checkpoint *checkpoint, int *ret_error)
{
    uint64_t ended;
    /* Read under the lock, or a signal sent in between would be lost. */
    checkpoint_lock(checkpoint);
    ssize_t n = read(checkpoint->fd, &ended, sizeof ended);
    (void)n; /* EAGAIN: asked without a sign */
    enum checkpoint_state state = checkpoint->state;
    if (state == CHECKPOINT_DONE) {
        checkpoint->state = CHECKPOINT_IDLE;
        checkpoint->sealed = NULL;
    }
    if (state == CHECKPOINT_FULL || state == CHECKPOINT_BROKEN) {
        *ret_error = checkpoint->error;
    }
    checkpoint_unlock(checkpoint);
    return state;
}

/* The thread idles from the moment its last result was taken until the next checkpoint is asked
 * for. */
void checkpoint_cost(const struct checkpoint *checkpoint, uint64_t *ret_rows, uint64_t *ret_pages)
{
    *ret_rows = checkpoint->flush.rows;
    *ret_pages = checkpoint->flush.pages;
}

void checkpoint_empty(struct checkpoint *checkpoint, struct overlay *overlay)
{
    checkpoint_lock(checkpoint);
    RD_ASSERT(checkpoint->spent == NULL && checkpoint->spare == NULL);
    checkpoint->spent = overlay;
    tell_change(checkpoint);
    checkpoint_unlock(checkpoint);
}

struct overlay *checkpoint_spare(struct checkpoint *checkpoint)
{
    checkpoint_lock(checkpoint);
    while (checkpoint->spare == NULL) {
        wait_change(checkpoint);
    }
    struct overlay *spare = checkpoint->spare;
    checkpoint->spare = NULL;
    checkpoint_unlock(checkpoint);
    return spare;
}
