/* How fast the engine is alone: store and engine, no journal, no socket. Prints JSON.
 * Usage: bench_engine CONFIG.yaml [EVENTS]
 * The mix: half complaints, a quarter acknowledgements, a quarter notes on existing cases. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/num.h"
#include "daemon/config/config.h"
#include "daemon/engine/engine.h"
#include "tests/scratch.h"

enum { SEAL_EVERY = 100000 };

static double seconds(void)
{
    struct timespec at;
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void put_event(struct rd_buf *buf, uint64_t i, uint64_t cases)
{
    static const char *const types[] = {
            "complaint.registered", "case.acknowledged", "complaint.registered", "case.noted"};
    const char *type = types[i % 4];
    char text[64];
    bool opens = i % 2 == 0;
    uint64_t number = opens ? i : i * 7919 % (cases > 0 ? cases : 1) * 2;
    rd_buf_reset(buf);
    rd_pack_map(buf, 6);
    rd_pack_cstr(buf, "id");
    (void)snprintf(text, sizeof text, "e-%" PRIu64, i);
    rd_pack_cstr(buf, text);
    rd_pack_cstr(buf, "source");
    rd_pack_cstr(buf, "crm");
    rd_pack_cstr(buf, "type");
    rd_pack_cstr(buf, type);
    rd_pack_cstr(buf, "sequence");
    rd_pack_uint(buf, i + 1);
    rd_pack_cstr(buf, "subject");
    (void)snprintf(text, sizeof text, "T-%" PRIu64, number);
    rd_pack_cstr(buf, text);
    rd_pack_cstr(buf, "data");
    if (!opens) {
        rd_pack_map(buf, 2);
        rd_pack_cstr(buf, "by");
        rd_pack_cstr(buf, "clerk 7");
        rd_pack_cstr(buf, "text");
        rd_pack_cstr(buf, "rang twice, nobody answered; again after lunch");
        return;
    }
    rd_pack_map(buf, 7);
    rd_pack_cstr(buf, "customer");
    (void)snprintf(text, sizeof text, "C-%" PRIu64, i * 31 % 1000003);
    rd_pack_cstr(buf, text);
    rd_pack_cstr(buf, "channel");
    rd_pack_cstr(buf, "phone");
    rd_pack_cstr(buf, "unit");
    rd_pack_cstr(buf, i % 3 == 0 ? "xj/urumqi/d3" : "xj/yining");
    rd_pack_cstr(buf, "product");
    rd_pack_cstr(buf, "universal-life");
    rd_pack_cstr(buf, "phone");
    (void)snprintf(text, sizeof text, "138%08" PRIu64, i * 17 % 100000000);
    rd_pack_cstr(buf, text);
    rd_pack_cstr(buf, "age");
    rd_pack_uint(buf, 30 + i % 50);
    rd_pack_cstr(buf, "text");
    rd_pack_cstr(buf, "he says nobody told him about the fee, wants a refund and will call again");
}

struct bench {
    struct store *store;
    struct engine *engine;
    struct rd_buf buf;
    struct rd_tree *tree;
    struct engine_time at;
    uint64_t accepted, alerts, fired;
    double last;
};

static void count_alerts(struct bench *bench)
{
    size_t count;
    (void)engine_alerts(bench->engine, &count);
    bench->alerts += count;
}

static int apply_one(struct bench *bench, uint64_t i)
{
    struct rd_event event;
    struct rd_reject reject = {0};
    struct rd_receipt receipt;
    struct engine_sender sender = {0};
    bench->at.wall += 100;
    bench->at.steady += 100;
    put_event(&bench->buf, i, i / 2);
    if (!rd_event_decode(bench->tree, rd_buf_str(&bench->buf), 65536, &event, &reject)) {
        (void)fprintf(stderr, "%s: %s\n", reject.code, reject.message);
        return 1;
    }
    engine_event(bench->engine, &bench->at, &sender, &event, &receipt);
    bench->accepted += receipt.status == RD_ACCEPTED ? 1 : 0;
    count_alerts(bench);
    if (i % 64 == 63 && engine_next_due(bench->engine, &bench->at) <= bench->at.wall) {
        bench->fired += engine_tick(bench->engine, &bench->at);
        count_alerts(bench);
    }
    return 0;
}

static int seal(struct bench *bench, uint64_t i)
{
    int r = store_is_checkpointing(bench->store) ? store_flush(bench->store) : 0;
    engine_note_position(bench->engine, i + 1);
    (void)store_seal(bench->store);
    double now = seconds();
    (void)fprintf(stderr, "%.0f/s\n", SEAL_EVERY / (now - bench->last));
    bench->last = now;
    return r;
}

static int run(struct bench *bench, uint64_t count)
{
    int r = 0;
    double begin = bench->last = seconds();
    for (uint64_t i = 0; i < count && r == 0; i++) {
        r = apply_one(bench, i);
        if (r == 0 && i % SEAL_EVERY == SEAL_EVERY - 1) {
            r = seal(bench, i);
        } else if (i % 1000 == 0 && store_is_checkpointing(bench->store)) {
            struct pollfd ended = {.fd = store_fd(bench->store), .events = POLLIN};
            r = poll(&ended, 1, 0) == 1 ? store_checkpointed(bench->store) : 0;
        }
    }
    double taken = seconds() - begin;
    (void)printf("{\"events\": %" PRIu64 ", \"accepted\": %" PRIu64 ", \"alerts\": %" PRIu64
                 ", \"fired\": %" PRIu64 ", \"seconds\": %.3f, \"per_second\": %.0f}\n",
            count, bench->accepted, bench->alerts, bench->fired, taken, (double)count / taken);
    return r;
}

int main(int argc, char **argv)
{
    uint64_t count = 400000;
    struct config_errors errors = {0};
    struct config *config;
    char what[256];
    uint32_t number;
    if (argc < 2 || config_load(argv[1], &config, &errors) != 0 ||
            (argc > 2 && rd_u64_parse(rd_str_of(argv[2]), &count) != 0)) {
        (void)fprintf(stderr, "usage: bench_engine CONFIG.yaml [EVENTS]\n");
        return 1;
    }
    struct bench bench = {.tree = rd_tree_new(), .at.wall = INT64_C(1758528000) * RD_SECOND_US};
    struct scratch scratch = scratch_make();
    struct store_options options = {.dir = scratch.path, .map_bytes_max = UINT64_C(64) << 30};
    rd_buf_init(&bench.buf, 65536);
    int r = store_open(&options, &bench.store, what);
    r = r == 0 ? engine_open(store_live(bench.store), &bench.engine, &number) : r;
    r = r == 0 ? engine_configure(bench.engine, &bench.at, config->tree) : r;
    r = r == 0 ? run(&bench, count) : r;
    engine_close(bench.engine);
    store_close(bench.store);
    rd_tree_free(bench.tree);
    rd_buf_done(&bench.buf);
    config_free(config);
    scratch_remove(&scratch);
    return r == 0 ? 0 : 1;
}
