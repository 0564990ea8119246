/* How fast the engine is alone: store and engine, no journal, no socket. Prints JSON.
 * Usage: bench_engine [--config FILE] [--events N] [--seal N]
 * The events are those of redress-bench(1), the configuration too unless one is given; a checkpoint
 * is begun after each N events (100,000). Under valgrind --tool=callgrind the instructions an event
 * costs do not depend on the machine's mood: tests/bench/instructions. */
#include <getopt.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/base/num.h"
#include "daemon/config/config.h"
#include "daemon/engine/engine.h"
#include "tests/scratch.h"
#include "tools/bench/event.h"

enum { HOT_CASES = 50000, CHUNK = 50000, EVENT_BYTES = 300, PATH_BYTES = 256 };

struct bench {
    const char *config_path;
    uint64_t events, seal_every;
    struct store *store;
    struct engine *engine;
    struct rd_tree *tree;
    struct engine_time at;
    uint64_t accepted, alerts, fired, random;
    uint64_t opened[HOT_CASES], opened_count;
    struct rd_buf bytes;    /* one chunk of events */
    size_t ends[CHUNK + 1]; /* where each ends in it */
};

static double seconds(void)
{
    struct timespec at;
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static uint64_t pick_hot(struct bench *bench)
{
    bench->random ^= bench->random << 13;
    bench->random ^= bench->random >> 7;
    bench->random ^= bench->random << 17;
    uint64_t room = bench->opened_count < HOT_CASES ? bench->opened_count : HOT_CASES;
    return bench->opened[bench->random % room];
}

/* Makes the events before they are timed. */
static void fill_chunk(struct bench *bench, uint64_t from, size_t count)
{
    struct rd_buf buf;
    rd_buf_init(&buf, (size_t)2 * BENCH_BYTES_MAX);
    rd_buf_reset(&bench->bytes);
    for (size_t i = 0; i < count; i++) {
        char id[LOAD_TEXT_MAX];
        uint64_t index = from + i;
        load_id(id, 0, index);
        struct load_event event = {.kind = load_kind_of(BENCH_MIX_DEFAULT, index),
                .index = index,
                .person = index,
                .sequence = index + 1,
                .time = RD_TIME_NONE,
                .bytes = EVENT_BYTES,
                .source = "bench",
                .id = id};
        if (load_is_update(event.kind)) {
            event.about = pick_hot(bench);
        } else if (load_opens(event.kind)) {
            bench->opened[bench->opened_count++ % HOT_CASES] = index;
        }
        load_pack(&buf, &event);
        rd_buf_put(&bench->bytes, buf.ptr, buf.len);
        bench->ends[i + 1] = bench->bytes.len;
    }
    RD_ASSERT(buf.error == 0 && bench->bytes.error == 0);
    rd_buf_done(&buf);
}

static void count_alerts(struct bench *bench)
{
    size_t count;
    (void)engine_alerts(bench->engine, &count);
    bench->alerts += count;
}

static int apply_one(struct bench *bench, struct rd_str bytes)
{
    struct rd_event event;
    struct rd_reject reject = {0};
    struct rd_receipt receipt;
    struct engine_sender sender = {0};
    bench->at.wall += 10;
    bench->at.steady += 10;
    if (!rd_event_decode(bench->tree, bytes, BENCH_BYTES_MAX, &event, &reject)) {
        (void)fprintf(stderr, "%s: %s\n", reject.code, reject.message);
        return 1;
    }
    engine_event(bench->engine, &bench->at, &sender, &event, &receipt);
    if (receipt.status != RD_ACCEPTED) {
        (void)fprintf(stderr, "refused: %s\n",
                receipt.status == RD_REJECTED ? receipt.error->message : "duplicate");
        return 1;
    }
    bench->accepted++;
    count_alerts(bench);
    return 0;
}

static int seal(struct bench *bench, uint64_t position)
{
    int r = store_is_checkpointing(bench->store) ? store_flush(bench->store) : 0;
    engine_note_position(bench->engine, position);
    (void)store_seal(bench->store);
    return r;
}

static int end_checkpoint(struct bench *bench)
{
    struct pollfd ended = {.fd = store_fd(bench->store), .events = POLLIN};
    return poll(&ended, 1, 0) == 1 ? store_checkpointed(bench->store) : 0;
}

/* One chunk, from event `from` on. */
static int apply_chunk(struct bench *bench, uint64_t from, size_t count)
{
    int r = 0;
    for (size_t i = 0; i < count && r == 0; i++) {
        uint64_t index = from + i;
        r = apply_one(bench, (struct rd_str){.ptr = (const char *)bench->bytes.ptr + bench->ends[i],
                                     .len = bench->ends[i + 1] - bench->ends[i]});
        if (r == 0 && index % 64 == 63 &&
                engine_next_due(bench->engine, &bench->at) <= bench->at.wall) {
            bench->fired += engine_tick(bench->engine, &bench->at);
            count_alerts(bench);
        }
        if (r == 0 && index % bench->seal_every == bench->seal_every - 1) {
            r = seal(bench, index + 1);
        } else if (r == 0 && index % 64 == 0 && store_is_checkpointing(bench->store)) {
            r = end_checkpoint(bench);
        }
    }
    return r;
}

static int run(struct bench *bench)
{
    int r = 0;
    double taken = 0;
    for (uint64_t from = 0; from < bench->events && r == 0; from += CHUNK) {
        uint64_t left = bench->events - from;
        size_t count = left < CHUNK ? (size_t)left : CHUNK;
        fill_chunk(bench, from, count);
        double begin = seconds();
        r = apply_chunk(bench, from, count);
        taken += seconds() - begin;
    }
    (void)printf("{\"events\": %" PRIu64 ", \"accepted\": %" PRIu64 ", \"alerts\": %" PRIu64
                 ", \"fired\": %" PRIu64 ", \"seconds\": %.3f, \"per_second\": %.0f}\n",
            bench->events, bench->accepted, bench->alerts, bench->fired, taken,
            (double)bench->accepted / taken);
    return r;
}

static bool parse(int argc, char *argv[], struct bench *bench)
{
    static const struct option longs[] = {{"config", required_argument, NULL, 'c'},
            {"events", required_argument, NULL, 'e'}, {"seal", required_argument, NULL, 's'}, {0}};
    bool is_good = true;
    for (int c; (c = getopt_long(argc, argv, "", longs, NULL)) != -1;) {
        switch (c) {
        case 'c':
            bench->config_path = optarg;
            break;
        case 'e':
            is_good = is_good && rd_u64_parse(rd_str_of(optarg), &bench->events) == 0;
            break;
        case 's':
            is_good = is_good && rd_u64_parse(rd_str_of(optarg), &bench->seal_every) == 0;
            break;
        default:
            return false;
        }
    }
    return is_good && optind == argc && bench->seal_every > 0;
}

/* The rules of redress-bench as a file. */
static bool write_rules(const char *path)
{
    FILE *file = fopen(path, "we");
    return file != NULL && fprintf(file, "redress: 1\nstate: state\n%s", bench_rules) > 0 &&
           fclose(file) == 0;
}

static void say_errors(struct config_errors *errors)
{
    for (size_t i = 0; i < errors->count; i++) {
        (void)fprintf(stderr, "bench_engine: %s\n", errors->lines[i]);
    }
    config_errors_done(errors);
}

static int open_all(struct bench *bench, const struct config *config, const char *path)
{
    char what[256];
    uint32_t number;
    struct store_options options = {.dir = path, .map_bytes_max = UINT64_C(8) << 30};
    int r = store_open(&options, &bench->store, what);
    r = r == 0 ? engine_open(store_live(bench->store), &bench->engine, &number) : r;
    return r == 0 ? engine_configure(bench->engine, &bench->at, config->tree) : r;
}

int main(int argc, char **argv)
{
    static struct bench bench = {
            .events = 400000, .seal_every = 100000, .random = 88172645463325252};
    struct config_errors errors = {0};
    struct config *config;
    struct scratch scratch = scratch_make();
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/rules.yaml", scratch.path);
    if (!parse(argc, argv, &bench) || !write_rules(path)) {
        (void)fprintf(stderr, "usage: bench_engine [--config FILE] [--events N] [--seal N]\n");
        scratch_remove(&scratch);
        return 1;
    }
    if (config_load(bench.config_path != NULL ? bench.config_path : path, &config, &errors) != 0) {
        say_errors(&errors);
        scratch_remove(&scratch);
        return 1;
    }
    bench.tree = rd_tree_new();
    bench.at.wall = INT64_C(1758528000) * RD_SECOND_US;
    rd_buf_init(&bench.bytes, (size_t)CHUNK * 1024);
    int r = open_all(&bench, config, scratch.path);
    r = r == 0 ? run(&bench) : r;
    if (r != 0) {
        (void)fprintf(stderr, "bench_engine: %s\n", strerror(-r));
    }
    engine_close(bench.engine);
    store_close(bench.store);
    rd_tree_free(bench.tree);
    rd_buf_done(&bench.bytes);
    config_free(config);
    scratch_remove(&scratch);
    return r == 0 ? 0 : 1;
}
