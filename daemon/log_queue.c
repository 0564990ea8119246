#include "daemon/log_queue.h"

#include <pthread.h>
#include <signal.h>
#include <string.h>
#include <time.h>

#include "daemon/clock.h"

#define CLOSE_WAIT_US RD_SECOND_US

struct entry {
    enum log_level level;
    char text[LOG_QUEUE_LINE_MAX];
};

static struct {
    pthread_mutex_t lock;
    pthread_cond_t wake, moved; /* there is a line; a line was written */
    pthread_t thread;
    log_queue_write_fn *write;
    struct entry lines[LOG_QUEUE_LINES];
    size_t first, count;
    uint64_t left_out;
    bool is_stopping, is_done;
} queue = {.lock = PTHREAD_MUTEX_INITIALIZER,
        .wake = PTHREAD_COND_INITIALIZER,
        .moved = PTHREAD_COND_INITIALIZER};

/* Writes the oldest line without the lock, which is held on entry and return. */
static void write_first(void)
{
    struct entry entry = queue.lines[queue.first];
    uint64_t left_out = queue.left_out;
    queue.first = (queue.first + 1) % LOG_QUEUE_LINES;
    queue.count--;
    queue.left_out = 0;
    pthread_mutex_unlock(&queue.lock);
    queue.write(entry.level, entry.text, 0);
    if (left_out > 0) {
        queue.write(LOG_LEVEL_WARNING, "", left_out);
    }
    pthread_mutex_lock(&queue.lock);
}

static void *run(void *arg)
{
    (void)arg;
    pthread_mutex_lock(&queue.lock);
    while (queue.count > 0 || !queue.is_stopping) {
        if (queue.count == 0) {
            pthread_cond_wait(&queue.wake, &queue.lock);
        } else {
            write_first();
        }
    }
    queue.is_done = true;
    pthread_cond_signal(&queue.moved);
    pthread_mutex_unlock(&queue.lock);
    return NULL;
}

int log_queue_open(log_queue_write_fn *write)
{
    sigset_t all, before;
    queue.write = write;
    queue.is_stopping = queue.is_done = false;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the turn's */
    int r = -pthread_create(&queue.thread, NULL, run, NULL);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return r;
}

bool log_queue_add(enum log_level level, const char *text)
{
    pthread_mutex_lock(&queue.lock);
    bool has_room = queue.count < LOG_QUEUE_LINES;
    if (has_room) {
        struct entry *entry = &queue.lines[(queue.first + queue.count++) % LOG_QUEUE_LINES];
        entry->level = level;
        size_t len = strlen(text);
        RD_ASSERT(len < sizeof entry->text);
        memcpy(entry->text, text, len + 1);
        pthread_cond_signal(&queue.wake);
    } else {
        queue.left_out++;
    }
    pthread_mutex_unlock(&queue.lock);
    return has_room;
}

bool log_queue_close(void)
{
    int64_t until_us = clock_ticks_us() + CLOSE_WAIT_US;
    struct timespec until = {
            .tv_sec = until_us / RD_SECOND_US, .tv_nsec = (long)(until_us % RD_SECOND_US) * 1000};
    pthread_mutex_lock(&queue.lock);
    queue.is_stopping = true;
    pthread_cond_signal(&queue.wake);
    int r = 0;
    while (!queue.is_done && r == 0) {
        r = pthread_cond_clockwait(&queue.moved, &queue.lock, CLOCK_MONOTONIC, &until);
    }
    bool is_done = queue.is_done;
    pthread_mutex_unlock(&queue.lock);
    if (is_done) {
        (void)pthread_join(queue.thread, NULL);
    } else { /* it waits for a reader who does not come; the process ends without it */
        (void)pthread_detach(queue.thread);
    }
    return is_done;
}
