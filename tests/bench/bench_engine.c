/* How fast the engine is alone: store and engine, no journal, no socket. Prints JSON.
 * Usage: bench_engine CONFIG.yaml [EVENTS [OPEN_CASES]]
 * The mix: half complaints, a quarter acknowledgements, a quarter notes on existing cases. */
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "daemon/config/config.h"
#include "daemon/engine/engine.h"
#include "tests/scratch.h"

static double seconds(void)
{
    struct timespec at;
    (void)clock_gettime(CLOCK_MONOTONIC, &at);
    return (double)at.tv_sec + (double)at.tv_nsec / 1e9;
}

static void put_event(struct rd_buf *buf, uint64_t i, uint64_t cases)
{
    static const char *const types[] = {"complaint.registered", "case.acknowledged",
            "complaint.registered", "case.noted"};
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

int main(int argc, char **argv)
{
    uint64_t count = argc > 2 ? strtoull(argv[2], NULL, 10) : 400000;
    struct config_errors errors = {0};
    struct config *config;
    struct store *store;
    struct engine *engine;
    char what[256];
    uint32_t number;
    if (argc < 2 || config_load(argv[1], &config, &errors) != 0) {
        (void)fprintf(stderr, "usage: bench_engine CONFIG.yaml [EVENTS]\n");
        return 1;
    }
    struct scratch scratch = scratch_make();
    struct store_options options = {.dir = scratch.path, .map_bytes_max = UINT64_C(64) << 30};
    if (store_open(&options, &store, what) != 0 ||
            engine_open(store_live(store), &engine, &number) != 0) {
        (void)fprintf(stderr, "%s\n", what);
        return 1;
    }
    struct engine_time at = {.wall = INT64_C(1758528000) * RD_SECOND_US, .steady = 0};
    int r = engine_configure(engine, &at, config->tree);
    struct rd_buf buf;
    rd_buf_init(&buf, 65536);
    struct rd_tree *tree = rd_tree_new();
    struct engine_sender sender = {0};
    uint64_t accepted = 0, alerts = 0, ticks = 0;
    double begin = seconds(), last = begin;
    for (uint64_t i = 0; i < count && r == 0; i++) {
        struct rd_event event;
        struct rd_reject reject = {0};
        struct rd_receipt receipt;
        at.wall += 100;
        at.steady += 100;
        put_event(&buf, i, i / 2);
        if (!rd_event_decode(tree, rd_buf_str(&buf), 65536, &event, &reject)) {
            (void)fprintf(stderr, "%s %s\n", reject.code, reject.message);
            return 1;
        }
        engine_event(engine, &at, &sender, &event, &receipt);
        accepted += receipt.status == RD_ACCEPTED ? 1 : 0;
        if (receipt.status != RD_ACCEPTED && i < 20) {
            (void)fprintf(stderr, "%s: %s\n", receipt.error->code, receipt.error->message);
        }
        size_t n;
        (void)engine_alerts(engine, &n);
        alerts += n;
        if (i % 64 == 63 && engine_next_due(engine, &at) <= at.wall) {
            ticks += engine_tick(engine, &at);
            (void)engine_alerts(engine, &n);
            alerts += n;
        }
        if (i % 100000 == 99999) {
            engine_note_position(engine, i + 1);
            r = store_is_checkpointing(store) ? store_flush(store) : 0;
            (void)store_seal(store);
            double now = seconds();
            (void)fprintf(stderr, "%.0f/s\n", 100000 / (now - last));
            last = now;
        } else if (store_is_checkpointing(store) && i % 1000 == 0) {
            struct pollfd ended = {.fd = store_fd(store), .events = POLLIN};
            r = poll(&ended, 1, 0) == 1 ? store_checkpointed(store) : 0;
        }
    }
    double taken = seconds() - begin;
    printf("{\"events\": %" PRIu64 ", \"accepted\": %" PRIu64 ", \"alerts\": %" PRIu64
           ", \"fired\": %" PRIu64 ", \"seconds\": %.3f, \"per_second\": %.0f}\n",
            count, accepted, alerts, ticks, taken, (double)count / taken);
    engine_close(engine);
    store_close(store);
    rd_tree_free(tree);
    rd_buf_done(&buf);
    config_free(config);
    scratch_remove(&scratch);
    return r == 0 ? 0 : 1;
}
