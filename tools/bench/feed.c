#include "tools/bench/feed.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/client/subscriber.h"
#include "tools/bench/event.h"

enum { TURN_US = 100000, LAST_US = 1200000, END_US = 20000000 };

struct feed_watch {
    const struct bench_run *run;
    pthread_t thread;
    sem_t is_heard;
    struct rd_subscriber *subscriber;
    struct load *const *loads;
    _Atomic size_t load_count; /* written after loads */
    _Atomic int64_t ended_us;  /* 0: not yet */
    uint64_t last_seq, alerts;
    int status;
    struct rd_hist hist;
};

static int on_alert(void *context, const struct rd_alert *alert, rd_node map)
{
    struct feed_watch *watch = context;
    uint64_t number, index;
    char source[LOAD_TEXT_MAX];
    (void)map;
    watch->last_seq = alert->seq;
    if (!load_id_parse(alert->cause_id, &number, &index) ||
            number >= atomic_load(&watch->load_count)) {
        return 0;
    }
    load_source(source, watch->run->number, number);
    if (!rd_str_is(alert->cause_source, source)) {
        return 0;
    }
    watch->alerts++;
    int64_t sent = load_sent_us(watch->loads[number], index);
    if (sent != 0 && sent >= watch->run->from_us) {
        rd_hist_record(&watch->hist, (uint64_t)(steady_us() - sent));
    }
    return 0;
}

static bool is_over(struct feed_watch *watch)
{
    int64_t ended = atomic_load(&watch->ended_us), now = steady_us();
    uint64_t head;
    if (ended == 0 || now < ended + LAST_US) {
        return false;
    }
    /* A heartbeat came since, and there is nothing before it that was not given. */
    bool has_all = rd_subscriber_heartbeat(watch->subscriber, &head) && head <= watch->last_seq;
    return has_all || watch->alerts == 0 || now > ended + END_US;
}

static void *run_feed(void *context)
{
    struct feed_watch *watch = context;
    bool is_told = false;
    uint64_t head;
    while (watch->status == STATUS_OK && !is_over(watch)) {
        int r = rd_subscriber_turn(watch->subscriber, TURN_US);
        if (r < 0 && r != -EINTR) {
            say_error("the feed: %s",
                    r == -EREMOTEIO ? rd_subscriber_error(watch->subscriber) : strerror(-r));
            watch->status = STATUS_REFUSED;
            atomic_store(watch->run->is_stop, true);
        }
        if (!is_told && rd_subscriber_heartbeat(watch->subscriber, &head)) {
            is_told = true;
            (void)sem_post(&watch->is_heard);
        }
    }
    rd_subscriber_close(watch->subscriber);
    return NULL;
}

static void end(struct feed_watch *watch)
{
    (void)pthread_join(watch->thread, NULL);
    (void)sem_destroy(&watch->is_heard);
}

struct feed_watch *feed_watch_start(const struct bench_run *run)
{
    struct feed_watch *watch = calloc(1, sizeof *watch);
    struct rd_subscriber_options options = {
            .feed = run->options->ends.feed,
            .desk = run->options->ends.desk,
            .cursor = RD_SUBSCRIBER_FROM_NOW,
            .context = watch,
            .alert = on_alert,
    };
    if (watch == NULL) {
        rd_oom();
    }
    watch->run = run;
    (void)sem_init(&watch->is_heard, 0, 0);
    int r = rd_subscriber_open(run->client, &options, &watch->subscriber);
    if (r == 0 && (r = -pthread_create(&watch->thread, NULL, run_feed, watch)) < 0) {
        rd_subscriber_close(watch->subscriber);
    }
    if (r < 0) {
        say_error("%s: %s", run->options->ends.feed, strerror(-r));
        free(watch);
        return NULL;
    }
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += run->options->wait_us / RD_SECOND_US + 1;
    while ((r = sem_timedwait(&watch->is_heard, &until)) < 0 && errno == EINTR &&
            !atomic_load(run->is_stop)) {
    }
    if (r < 0) {
        say_error("no heartbeat from %s", run->options->ends.feed);
        atomic_store(&watch->ended_us, 1);
        end(watch);
        free(watch);
        return NULL;
    }
    return watch;
}

void feed_watch_loads(struct feed_watch *watch, struct load *const *loads, size_t count)
{
    watch->loads = loads;
    atomic_store(&watch->load_count, count);
}

int feed_watch_end(struct feed_watch *watch, struct rd_hist *ret_hist, uint64_t *ret_alerts)
{
    atomic_store(&watch->ended_us, steady_us());
    end(watch);
    *ret_hist = watch->hist;
    *ret_alerts = watch->alerts;
    int status = watch->status;
    free(watch);
    return status;
}
