#include "tools/bench/fan.h"

#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <zmq.h>

#include "common/wire/pack.h"

enum { TURN_MS = 100, BEATS_AFTER = 2, END_US = 20000000, RECEIVE_MAX = 1000000 };

struct fan_one {
    struct fan *fan;
    pthread_t thread;
    void *socket;
    uint64_t first_seq, last_seq; /* of heartbeats */
    uint64_t delivered, measured, beats_after;
    int64_t last_us;
    bool is_heard;
};

struct fan {
    const struct bench_run *run;
    void *context;
    sem_t is_heard;
    _Atomic int64_t ended_us; /* 0: not yet */
    size_t count;
    struct fan_one ones[BENCH_SUBSCRIBERS_MAX];
};

/* The number in a heartbeat; false: it is none. */
static bool beat_of(rd_node map, uint64_t *ret_seq)
{
    rd_node seq = rd_node_find(map, "seq");
    if (seq == NULL) {
        return false;
    }
    *ret_seq = rd_node_uint(seq);
    return true;
}

static void on_beat(struct fan_one *one, struct rd_tree *tree, struct rd_str body)
{
    uint64_t seq = 0;
    const char *what;
    rd_node map;
    if (rd_tree_read(tree, body, &map, &what) < 0 || !beat_of(map, &seq)) {
        return;
    }
    one->last_seq = seq;
    if (!one->is_heard) {
        one->is_heard = true;
        one->first_seq = seq;
        one->delivered = 0; /* what came before is not between heartbeats */
        (void)sem_post(&one->fan->is_heard);
    }
    one->beats_after += atomic_load(&one->fan->ended_us) != 0 ? 1 : 0;
}

/* One message of two frames. False: none waits. */
static bool take(struct fan_one *one, struct rd_tree *tree)
{
    static const struct rd_str beat = RD_STR("~heartbeat");
    const struct bench_run *run = one->fan->run;
    zmq_msg_t topic, body;
    (void)zmq_msg_init(&topic);
    (void)zmq_msg_init(&body);
    bool is_there = zmq_msg_recv(&topic, one->socket, 0) >= 0;
    if (is_there && zmq_msg_more(&topic) && zmq_msg_recv(&body, one->socket, 0) >= 0) {
        struct rd_str name = {.ptr = zmq_msg_data(&topic), .len = zmq_msg_size(&topic)};
        if (rd_str_eq(name, beat)) {
            on_beat(one, tree,
                    (struct rd_str){.ptr = zmq_msg_data(&body), .len = zmq_msg_size(&body)});
        } else {
            one->last_us = steady_us();
            one->delivered++;
            one->measured += one->last_us >= run->from_us && one->last_us < run->until_us ? 1 : 0;
        }
    }
    (void)zmq_msg_close(&body);
    (void)zmq_msg_close(&topic);
    return is_there;
}

static bool is_over(const struct fan_one *one)
{
    int64_t ended = atomic_load(&one->fan->ended_us);
    return ended != 0 && (one->beats_after >= BEATS_AFTER || steady_us() > ended + END_US);
}

static void *run_one(void *context)
{
    struct fan_one *one = context;
    struct rd_tree *tree = rd_tree_new();
    while (!is_over(one)) {
        (void)take(one, tree); /* none: TURN_MS is over, or a signal came */
    }
    rd_tree_free(tree);
    (void)zmq_close(one->socket);
    return NULL;
}

static bool open_socket(struct fan *fan, struct fan_one *one)
{
    const int turn_ms = TURN_MS, receive_max = RECEIVE_MAX, linger = 0;
    one->fan = fan;
    one->socket = zmq_socket(fan->context, ZMQ_SUB);
    if (one->socket == NULL ||
            zmq_setsockopt(one->socket, ZMQ_RCVTIMEO, &turn_ms, sizeof turn_ms) < 0 ||
            zmq_setsockopt(one->socket, ZMQ_RCVHWM, &receive_max, sizeof receive_max) < 0 ||
            zmq_setsockopt(one->socket, ZMQ_LINGER, &linger, sizeof linger) < 0 ||
            zmq_setsockopt(one->socket, ZMQ_SUBSCRIBE, "", 0) < 0 ||
            zmq_connect(one->socket, fan->run->options->ends.feed) < 0) {
        say_error("%s: %s", fan->run->options->ends.feed, zmq_strerror(errno));
        (void)zmq_close(one->socket);
        return false;
    }
    return true;
}

static void stop(struct fan *fan)
{
    for (size_t i = 0; i < fan->count; i++) {
        (void)pthread_join(fan->ones[i].thread, NULL);
    }
    (void)zmq_ctx_term(fan->context);
    (void)sem_destroy(&fan->is_heard);
}

static bool await_all(struct fan *fan)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += fan->run->options->wait_us / RD_SECOND_US + 1;
    for (size_t heard = 0; heard < fan->count;) {
        int r = sem_timedwait(&fan->is_heard, &until);
        if (r < 0 && (errno != EINTR || atomic_load(fan->run->is_stop))) {
            say_error("no heartbeat from %s", fan->run->options->ends.feed);
            return false;
        }
        heard += r == 0 ? 1 : 0;
    }
    return true;
}

struct fan *fan_start(const struct bench_run *run)
{
    struct fan *fan = calloc(1, sizeof *fan);
    if (fan == NULL) {
        rd_oom();
    }
    fan->run = run;
    fan->context = zmq_ctx_new();
    (void)sem_init(&fan->is_heard, 0, 0);
    bool is_good = fan->context != NULL;
    while (is_good && fan->count < run->options->subscribers) {
        struct fan_one *one = &fan->ones[fan->count];
        is_good = open_socket(fan, one) && pthread_create(&one->thread, NULL, run_one, one) == 0;
        fan->count += is_good ? 1 : 0;
    }
    if (!is_good || !await_all(fan)) {
        atomic_store(&fan->ended_us, 1);
        stop(fan);
        free(fan);
        return NULL;
    }
    return fan;
}

void fan_end(struct fan *fan, struct fan_counts *ret_counts)
{
    struct fan_counts counts = {0};
    atomic_store(&fan->ended_us, steady_us());
    stop(fan);
    for (size_t i = 0; i < fan->count; i++) {
        const struct fan_one *one = &fan->ones[i];
        uint64_t published = one->last_seq - one->first_seq;
        counts.delivered += one->delivered;
        counts.measured += one->measured;
        counts.lost += published > one->delivered ? published - one->delivered : 0;
        counts.last_us = one->last_us > counts.last_us ? one->last_us : counts.last_us;
    }
    free(fan);
    *ret_counts = counts;
}
