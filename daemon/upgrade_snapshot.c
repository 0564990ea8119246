#include "daemon/upgrade_snapshot.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "daemon/store/raw.h"
#include "daemon/store/shelf.h"

static bool goes_on(void *arg)
{
    struct upgrade_snapshot *snapshot = arg;
    return !atomic_load(&snapshot->is_unwanted);
}

static void make(struct upgrade_snapshot *snapshot)
{
    struct snapshot_way way = {.goes_on = goes_on, .arg = snapshot, .chain = snapshot->chain};
    struct raw raw;
    int r = raw_open(&raw, snapshot->store);
    if (r == 0) {
        r = shelf_put_raw(&raw, snapshot->dir, &way, &snapshot->sum, snapshot->what);
    }
    raw_end(&raw);
    if (r < 0 && snapshot->what[0] == '\0') {
        (void)snprintf(snapshot->what, sizeof snapshot->what, "%.200s: %s", snapshot->dir,
                strerrordesc_np(-r));
    }
    snapshot->result = r;
}

static void *run(void *arg)
{
    struct upgrade_snapshot *snapshot = arg;
    make(snapshot);
    (void)eventfd_write(snapshot->ended_fd, 1);
    return NULL;
}

void upgrade_snapshot_begin(struct upgrade_snapshot *snapshot, const char *store, const char *dir,
        const uint8_t chain[static SNAPSHOT_HASH])
{
    *snapshot = (struct upgrade_snapshot){.store = store, .dir = dir, .chain = chain};
    sigset_t all, before;
    snapshot->ended_fd = eventfd(0, EFD_CLOEXEC);
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before); /* signals are the turn's */
    snapshot->is_running =
            snapshot->ended_fd >= 0 && pthread_create(&snapshot->thread, NULL, run, snapshot) == 0;
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (!snapshot->is_running) {
        make(snapshot);
    }
}

bool upgrade_snapshot_wait(struct upgrade_snapshot *snapshot)
{
    enum { WAIT_MS = 1000 };
    struct pollfd ended = {.fd = snapshot->ended_fd, .events = POLLIN};
    if (snapshot->is_running && poll(&ended, 1, WAIT_MS) <= 0) {
        return false;
    }
    if (snapshot->is_running) {
        (void)pthread_join(snapshot->thread, NULL);
        snapshot->is_running = false;
    }
    if (snapshot->ended_fd >= 0) {
        (void)close(snapshot->ended_fd);
        snapshot->ended_fd = -1;
    }
    return true;
}

void upgrade_snapshot_cancel(struct upgrade_snapshot *snapshot)
{
    atomic_store(&snapshot->is_unwanted, true);
    while (!upgrade_snapshot_wait(snapshot)) {
        continue;
    }
}
