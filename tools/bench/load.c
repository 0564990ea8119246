#include "tools/bench/load.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "common/client/producer.h"
#include "tools/bench/event.h"

/* Updates go to the cases opened last, of all producers together so many. */
enum { HOT_CASES = 50000, TURN_US = 100000 };
/* At a fixed rate an event that leaves later than this after its instant is measured from that
 * instant: who waits because the daemon stalls counts too. Below it, it was our own waiting. */
enum { SLIP_US = 2000 };

struct load {
    const struct bench_run *run;
    uint64_t number, events;
    pthread_t thread;
    char source[LOAD_TEXT_MAX];
    struct rd_producer *producer;
    struct rd_buf buf;
    uint64_t next;            /* index of the event to send next */
    int64_t begun_us;         /* at a fixed rate, event 0's instant */
    uint64_t sent_measured;   /* events sent after the warm-up */
    uint64_t opened, hot_max; /* cases accepted so far; room of hot */
    uint64_t *hot;            /* indices of the openings accepted last */
    uint64_t random;
    int status;
    struct bench_counts counts;
    _Atomic uint64_t next_seen; /* `next`, for other threads */
    uint8_t kinds[BENCH_SENT_ROOM];
    _Atomic int64_t sent_us[BENCH_SENT_ROOM];
};

static size_t slot_of(uint64_t index)
{
    return (size_t)(index & (BENCH_SENT_ROOM - 1));
}

int64_t load_sent_us(struct load *load, uint64_t index)
{
    int64_t sent = atomic_load(&load->sent_us[slot_of(index)]);
    uint64_t next = atomic_load(&load->next_seen);
    return index < next && next - index < BENCH_SENT_ROOM ? sent : 0;
}

static void say_rejected(struct load *load, const struct rd_receipt *receipt)
{
    if (load->counts.rejected == 0 && receipt->error != NULL) {
        say_error("an event was rejected: %s %s: %s", receipt->error->code, receipt->error->field,
                receipt->error->message);
    }
    load->counts.rejected++;
}

static void on_settled(void *context, uint64_t tag, const struct rd_receipt *receipt)
{
    struct load *load = context;
    struct bench_counts *counts = &load->counts;
    int64_t now = steady_us();
    int64_t sent = atomic_load_explicit(&load->sent_us[slot_of(tag)], memory_order_relaxed);
    counts->last_us = now;
    if (receipt->status == RD_REJECTED) {
        say_rejected(load, receipt);
        return;
    }
    counts->duplicate += receipt->status == RD_DUPLICATE ? 1 : 0;
    counts->accepted += receipt->status == RD_ACCEPTED ? 1 : 0;
    if (load_opens((enum load_kind)load->kinds[slot_of(tag)])) {
        load->hot[load->opened++ % load->hot_max] = tag;
    }
    if (sent >= load->run->from_us) {
        rd_hist_record(&counts->receipts, (uint64_t)(now - sent));
    }
    /* With a number of events those count that were sent after the warm-up, with a duration those
     * that were answered within it. */
    bool is_timed = load->run->until_us != INT64_MAX;
    bool is_in = is_timed ? now >= load->run->from_us && now < load->run->until_us
                          : sent >= load->run->from_us;
    counts->measured += is_in && receipt->status == RD_ACCEPTED ? 1 : 0;
}

static uint64_t pick_hot(struct load *load)
{
    load->random ^= load->random << 13;
    load->random ^= load->random >> 7;
    load->random ^= load->random << 17;
    uint64_t room = load->opened < load->hot_max ? load->opened : load->hot_max;
    return load->hot[load->random % room];
}

/* The instant of the next event at a fixed rate; 0: there is none. */
static int64_t instant_us(const struct load *load)
{
    const struct bench_options *options = load->run->options;
    if (options->rate == 0) {
        return 0;
    }
    return load->begun_us +
           (int64_t)((double)load->next * 1e6 * (double)options->producers / (double)options->rate);
}

/* -EAGAIN: the window is full. */
static int put(struct load *load)
{
    const struct bench_options *options = load->run->options;
    char id[LOAD_TEXT_MAX];
    struct load_event event = {
            .kind = load_kind_of(options->mix, load->next),
            .index = load->next,
            .person = load->next * options->producers + load->number,
            .sequence = options->has_sequence ? load->next + 1 : 0,
            .bytes = options->bytes,
            .time = load_time_of(&options->seed, load->next),
            .source = load->source,
            .id = id,
    };
    if (load_is_update(event.kind) && load->opened == 0) {
        event.kind = LOAD_COMPLAINT;
    }
    if (load_is_update(event.kind)) {
        event.about = pick_hot(load);
    }
    load_id(id, load->number, load->next);
    load_pack(&load->buf, &event);
    RD_ASSERT(load->buf.error == 0);
    int64_t now = steady_us(), instant = instant_us(load);
    now = instant != 0 && now - instant > SLIP_US ? instant : now;
    atomic_store(&load->sent_us[slot_of(load->next)], now);
    load->kinds[slot_of(load->next)] = (uint8_t)event.kind;
    int r = rd_producer_put(load->producer, rd_str_of(id), rd_buf_str(&load->buf), load->next);
    if (r == 0) {
        load->sent_measured += now >= load->run->from_us ? 1 : 0;
        atomic_store(&load->next_seen, ++load->next);
    }
    return r;
}

static bool is_over(const struct load *load)
{
    return atomic_load_explicit(load->run->is_stop, memory_order_relaxed) ||
           steady_us() >= load->run->until_us ||
           (load->events != 0 && load->sent_measured >= load->events);
}

static int fill(struct load *load)
{
    int r = 0;
    while (r == 0 && rd_producer_in_flight(load->producer) < load->run->options->window &&
            instant_us(load) <= steady_us() && !is_over(load)) {
        r = put(load);
    }
    return r == -EAGAIN ? 0 : r;
}

/* Until the next event's instant, if its turn is not limited by receipts. */
static int64_t wait_us(const struct load *load)
{
    int64_t instant = instant_us(load), left = instant - steady_us();
    bool is_full = rd_producer_in_flight(load->producer) >= load->run->options->window;
    if (instant == 0 || is_full || left > TURN_US) {
        return TURN_US;
    }
    return left > 0 ? left : 0;
}

static int turn(struct load *load)
{
    int r = rd_producer_turn(load->producer, wait_us(load));
    if (r < 0 && r != -EINTR) {
        say_error("the intake: %s", strerror(-r));
        return r == -EPROTO ? STATUS_REFUSED : STATUS_UNREACHABLE;
    }
    if (rd_producer_silent_us(load->producer) > load->run->options->wait_us) {
        say_error("no answer from %s", load->run->options->ends.intake);
        return STATUS_UNREACHABLE;
    }
    return STATUS_OK;
}

/* With nothing in flight there is nothing to hear of. */
static void await_instant(const struct load *load)
{
    int64_t left = wait_us(load);
    struct timespec span = {.tv_nsec = (long)left * 1000}; /* at most TURN_US */
    (void)ppoll(NULL, 0, &span, NULL);
}

static void *run_load(void *context)
{
    struct load *load = context;
    int status = STATUS_OK;
    load->begun_us = steady_us();
    do {
        int r = fill(load);
        if (r < 0) {
            say_error("an event cannot be sent: %s", strerror(-r));
            status = STATUS_REFUSED;
        } else if (rd_producer_in_flight(load->producer) > 0) {
            status = turn(load);
        } else if (load->run->options->rate != 0) {
            await_instant(load);
        }
    } while (status == STATUS_OK && (rd_producer_in_flight(load->producer) > 0 || !is_over(load)));
    if (status != STATUS_OK) {
        atomic_store(load->run->is_stop, true);
    }
    struct rd_producer_counts counts = rd_producer_counts(load->producer);
    load->counts.busy = counts.busy;
    load->counts.retried = counts.retried;
    load->counts.sent = load->next;
    load->status = status == STATUS_OK && load->counts.rejected > 0 ? STATUS_REFUSED : status;
    /* A ZeroMQ socket must not be left to another thread. */
    rd_producer_close(load->producer);
    load->producer = NULL;
    return NULL;
}

static int open_producer(struct load *load)
{
    const struct bench_options *options = load->run->options;
    struct rd_producer_options producer = {
            .endpoint = options->ends.intake,
            .window = options->window,
            .batch = options->batch,
            .context = load,
            .settled = on_settled,
    };
    return rd_producer_open(load->run->client, &producer, &load->producer);
}

struct load *load_start(const struct bench_run *run, uint64_t number, uint64_t events)
{
    struct load *load = calloc(1, sizeof *load);
    if (load == NULL) {
        rd_oom();
    }
    load->run = run;
    load->number = number;
    load->events = events;
    load->random = (number + 1) * UINT64_C(0x9E3779B97F4A7C15);
    load->hot_max = HOT_CASES / run->options->producers;
    load->hot = calloc(load->hot_max, sizeof *load->hot);
    if (load->hot == NULL) {
        rd_oom();
    }
    rd_buf_init(&load->buf, (size_t)2 * BENCH_BYTES_MAX);
    load_source(load->source, run->number, number);
    int r = open_producer(load);
    if (r == 0) {
        r = -pthread_create(&load->thread, NULL, run_load, load);
    }
    if (r < 0) {
        say_error("%s: %s", run->options->ends.intake, strerror(-r));
        rd_producer_close(load->producer);
        load->producer = NULL;
        load_free(load);
        return NULL;
    }
    return load;
}

int load_join(struct load *load, struct bench_counts *ret_counts)
{
    (void)pthread_join(load->thread, NULL);
    *ret_counts = load->counts;
    return load->status;
}

void load_free(struct load *load)
{
    if (load == NULL) {
        return;
    }
    rd_buf_done(&load->buf);
    free(load->hot);
    free(load);
}
