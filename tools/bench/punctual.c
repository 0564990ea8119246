#include <errno.h>
#include <string.h>
#include <time.h>

#include "common/base/num.h"
#include "common/client/subscriber.h"
#include "tools/bench/event.h"
#include "tools/bench/timers.h"

enum { TURN_US = 100000 };
#define AHEAD_US (2 * RD_SECOND_US) /* time to open the cases in */

struct punctual {
    const struct bench_run *run;
    struct rd_hist *late;
    uint64_t heard;
};

static rd_time wall_us(void)
{
    struct timespec at;
    (void)clock_gettime(CLOCK_REALTIME, &at);
    return (rd_time)at.tv_sec * RD_SECOND_US + at.tv_nsec / 1000;
}

/* Whether a subject, source-index, is of this run, and which. */
static bool index_of(const struct punctual *punctual, struct rd_str subject, uint64_t *ret_index)
{
    char source[LOAD_TEXT_MAX];
    load_source(source, punctual->run->number, 0);
    struct rd_str head = rd_str_of(source);
    if (!rd_str_starts(subject, head) || subject.len < head.len + 2) {
        return false;
    }
    struct rd_str digits = {.ptr = subject.ptr + head.len + 1, .len = subject.len - head.len - 1};
    return rd_u64_parse(digits, ret_index) == 0;
}

static int on_alert(void *context, const struct rd_alert *alert, rd_node map)
{
    struct punctual *punctual = context;
    uint64_t index;
    (void)map;
    /* Not the warning that a known customer's complaint may give at once. */
    if (alert->rung == 0 || !index_of(punctual, alert->subject, &index)) {
        return 0;
    }
    int64_t late_us = wall_us() - load_due_of(&punctual->run->options->seed, index);
    rd_hist_record(punctual->late, late_us > 0 ? (uint64_t)late_us : 0);
    return ++punctual->heard == TIMERS_PUNCTUAL ? 1 : 0;
}

static int fail(const struct bench_options *options, int r)
{
    say_error("%s: %s", options->ends.feed, strerror(-r));
    return STATUS_REFUSED;
}

/* Turns until `is_heard`, a heartbeat or all alerts. */
static int turn_until(struct rd_subscriber *subscriber, const struct punctual *punctual, bool all)
{
    int64_t until_us = steady_us() + punctual->run->options->wait_us;
    uint64_t head;
    for (;;) {
        bool is_over = all ? punctual->heard == TIMERS_PUNCTUAL
                           : rd_subscriber_heartbeat(subscriber, &head);
        if (is_over) {
            return STATUS_OK;
        }
        int r = rd_subscriber_turn(subscriber, TURN_US);
        if (r < 0 && (r != -EINTR || atomic_load(punctual->run->is_stop))) {
            return fail(punctual->run->options, r);
        }
        if (steady_us() > until_us) {
            return fail(punctual->run->options, -ETIMEDOUT);
        }
    }
}

static int open_and_hear(struct bench_run *run, struct bench_options *options,
        struct rd_subscriber *subscriber, struct punctual *punctual)
{
    static struct report report; /* only the status counts */
    int status = turn_until(subscriber, punctual, false);
    if (status == STATUS_OK) {
        rd_time now = wall_us();
        options->seed = (struct bench_seed){.due_every = 1, .at = now, .due = now + AHEAD_US};
        status = bench_run_loads(run, NULL, &report);
    }
    return status == STATUS_OK ? turn_until(subscriber, punctual, true) : status;
}

int timers_punctual(
        const struct bench_options *options, atomic_bool *is_stop, struct rd_hist *ret_late)
{
    struct bench_options own = *options;
    own.mix = BENCH_MIX_PENDING;
    own.events = TIMERS_PUNCTUAL;
    own.warm_up_us = 0;
    own.rate = 0;
    own.producers = 1;
    struct bench_run run = {.options = &own, .is_stop = is_stop, .number = bench_run_number()};
    struct punctual punctual = {.run = &run, .late = ret_late};
    struct rd_subscriber *subscriber = NULL;
    struct rd_subscriber_options listen = {
            .feed = options->ends.feed,
            .desk = options->ends.desk,
            .cursor = RD_SUBSCRIBER_FROM_NOW,
            .context = &punctual,
            .alert = on_alert,
    };
    int r = rd_client_open(&run.client);
    if (r < 0) {
        return fail(options, r);
    }
    r = rd_subscriber_open(run.client, &listen, &subscriber);
    int status = r < 0 ? fail(options, r) : open_and_hear(&run, &own, subscriber, &punctual);
    rd_subscriber_close(subscriber);
    rd_client_close(run.client);
    return status;
}
