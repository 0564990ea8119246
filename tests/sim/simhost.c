/* tests/sim/simhost.c — the engine behind a pipe: frames of commands in, frames of answers out.
 *
 * A frame is a length of 4 bytes (big-endian) and MessagePack: an array of commands, each an array
 * whose first element names it; the answer has one element for each. tests/sim/README.md lists the
 * commands. Usage: simhost DIR (made, and emptied). */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/time/civil.h"
#include "daemon/store/rows/counter_row.h"
#include "daemon/store/rows/name_row.h"
#include "tests/sim/simworld.h"

enum { FRAME_BYTES_MAX = 64 * 1024 * 1024 };

struct host {
    const char *dir;
    struct world *world;
    struct rd_tree *tree;
    struct rd_buf in, out;
};

static struct engine_time time_of(rd_node command, uint32_t index)
{
    return (struct engine_time){
            .wall = rd_node_int(rd_node_at(command, index)),
            .steady = rd_node_int(rd_node_at(command, index + 1)),
    };
}

static void answer_what(struct host *host, const char *what)
{
    if (what[0] == '\0') {
        rd_pack_nil(&host->out);
    } else {
        rd_pack_cstr(&host->out, what);
    }
}

static void do_reset(struct host *host, rd_node command)
{
    (void)command;
    world_free(host->world);
    host->world = world_new(host->dir);
    rd_pack_nil(&host->out);
}

static void do_configure(struct host *host, rd_node command)
{
    struct engine_time at = time_of(command, 1);
    char what[WORLD_WHAT_MAX];
    world_configure(host->world, &at, rd_node_str(rd_node_at(command, 3)), what);
    answer_what(host, what);
}

static void do_event(struct host *host, rd_node command)
{
    struct engine_time at = time_of(command, 1);
    at.is_grace = rd_node_bool(rd_node_at(command, 3));
    struct engine_sender sender = {
            .name = rd_node_str(rd_node_at(command, 4)),
            .unit = rd_node_str(rd_node_at(command, 5)),
    };
    world_event(host->world, &at, &sender, rd_node_bin(rd_node_at(command, 6)), &host->out);
}

static void do_tick(struct host *host, rd_node command)
{
    struct engine_time at = time_of(command, 1);
    at.is_grace = rd_node_bool(rd_node_at(command, 3));
    world_tick(host->world, &at, &host->out);
}

static void do_next(struct host *host, rd_node command)
{
    struct engine_time at = time_of(command, 1);
    rd_time due = engine_next_due(world_engine(host->world), &at);
    if (due == RD_TIME_NONE) {
        rd_pack_nil(&host->out);
    } else {
        rd_pack_int(&host->out, due);
    }
}

static void do_flush(struct host *host, rd_node command)
{
    (void)command;
    world_flush(host->world);
    rd_pack_nil(&host->out);
}

static void do_seal(struct host *host, rd_node command)
{
    (void)command;
    world_seal(host->world);
    rd_pack_nil(&host->out);
}

static void do_crash(struct host *host, rd_node command)
{
    (void)command;
    char what[WORLD_WHAT_MAX];
    world_crash(host->world, what);
    answer_what(host, what);
}

static void do_mark(struct host *host, rd_node command)
{
    (void)command;
    world_mark(host->world);
    rd_pack_nil(&host->out);
}

static void do_cut(struct host *host, rd_node command)
{
    char what[WORLD_WHAT_MAX];
    world_cut(host->world, (uint64_t)rd_node_int(rd_node_at(command, 3)), what);
    answer_what(host, what);
}

static void do_replay(struct host *host, rd_node command)
{
    (void)command;
    char what[WORLD_WHAT_MAX];
    world_replay(host->world, what);
    answer_what(host, what);
}

static void do_counts(struct host *host, rd_node command)
{
    (void)command;
    struct engine_counts counts = engine_counts(world_engine(host->world));
    rd_pack_map(&host->out, 6);
    rd_pack_cstr(&host->out, "records");
    rd_pack_uint(&host->out, world_records(host->world));
    rd_pack_cstr(&host->out, "event_seq");
    rd_pack_uint(&host->out, counts.event_seq);
    rd_pack_cstr(&host->out, "alert_seq");
    rd_pack_uint(&host->out, counts.alert_seq);
    rd_pack_cstr(&host->out, "case_number");
    rd_pack_uint(&host->out, counts.case_number);
    rd_pack_cstr(&host->out, "open_cases");
    rd_pack_uint(&host->out, counts.open_cases);
    rd_pack_cstr(&host->out, "armed_timers");
    rd_pack_uint(&host->out, counts.armed_timers);
}

/* The counters by day, of all: what, unit, day, how many. */
static void do_figures(struct host *host, rd_node command)
{
    struct store_view *view = world_view(host->world);
    struct counter_scan scan;
    struct counter_cell cell;
    uint32_t count = 0;
    size_t mark = rd_pack_array_begin(&host->out);
    (void)command;
    counter_scan_begin(&scan, view, COUNTER_DAYS, RD_DIM_ALL, INT32_MIN + 1, INT32_MAX);
    while (counter_scan_next(&scan, &cell)) {
        char day[RD_DATE_TEXT_MAX];
        rd_day_format((rd_day)scan.key.period, day);
        rd_pack_array(&host->out, 4);
        rd_pack_cstr(&host->out, rd_counter_name((enum rd_counter)cell.counter));
        rd_pack_str(&host->out, name_text(view, scan.key.unit));
        rd_pack_cstr(&host->out, day);
        rd_pack_int(&host->out, cell.sum);
        count++;
    }
    counter_scan_end(&scan);
    rd_pack_array_end(&host->out, mark, count);
}

static void do_check(struct host *host, rd_node command)
{
    (void)command;
    struct engine_proof proof = {0};
    while (!engine_check(world_engine(host->world), &proof, 1000)) {
    }
    answer_what(host, proof.first);
}

struct command {
    const char *name;
    void (*run)(struct host *host, rd_node command);
};

static const struct command COMMANDS[] = {
        {"reset", do_reset},
        {"configure", do_configure},
        {"event", do_event},
        {"tick", do_tick},
        {"next", do_next},
        {"flush", do_flush},
        {"seal", do_seal},
        {"crash", do_crash},
        {"mark", do_mark},
        {"cut", do_cut},
        {"replay", do_replay},
        {"counts", do_counts},
        {"check", do_check},
        {"figures", do_figures},
};

static bool run(struct host *host, rd_node command)
{
    struct rd_str name = rd_node_str(rd_node_at(command, 0));
    for (size_t i = 0; i < RD_COUNT(COMMANDS); i++) {
        if (rd_str_is(name, COMMANDS[i].name)) {
            COMMANDS[i].run(host, command);
            return true;
        }
    }
    (void)fprintf(stderr, "simhost: no command \"%.*s\"\n", RD_FMT(name));
    return false;
}

/* 1: a frame is in host->in; 0: the pipe ended; -1: half a frame, or too large a one. */
static int read_frame(struct host *host)
{
    uint8_t head[4];
    size_t got = fread(head, 1, sizeof(head), stdin);
    if (got == 0) {
        return 0;
    }
    uint32_t size =
            (uint32_t)head[0] << 24 | (uint32_t)head[1] << 16 | (uint32_t)head[2] << 8 | head[3];
    if (got != sizeof(head) || size > FRAME_BYTES_MAX) {
        return -1;
    }
    rd_buf_reset(&host->in);
    uint8_t *room = rd_buf_extend(&host->in, size);
    return room != NULL && fread(room, 1, size, stdin) == size ? 1 : -1;
}

static bool write_frame(struct host *host)
{
    struct rd_str out = rd_buf_str(&host->out);
    uint8_t head[4] = {(uint8_t)(out.len >> 24), (uint8_t)(out.len >> 16), (uint8_t)(out.len >> 8),
            (uint8_t)out.len};
    return host->out.error == 0 && fwrite(head, 1, sizeof(head), stdout) == sizeof(head) &&
           fwrite(out.ptr, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
}

static bool serve(struct host *host)
{
    int got;
    while ((got = read_frame(host)) == 1) {
        rd_node commands;
        const char *what = NULL;
        if (rd_tree_read(host->tree, rd_buf_str(&host->in), &commands, &what) != 0) {
            (void)fprintf(stderr, "simhost: a frame that is not MessagePack: %s\n", what);
            return false;
        }
        rd_buf_reset(&host->out);
        rd_pack_array(&host->out, rd_node_count(commands));
        for (uint32_t i = 0; i < rd_node_count(commands); i++) {
            if (!run(host, rd_node_at(commands, i))) {
                return false;
            }
        }
        if (!write_frame(host)) {
            return false;
        }
    }
    return got == 0;
}

int main(int argc, char **argv)
{
    if (argc != 2) {
        (void)fprintf(stderr, "usage: simhost DIR\n");
        return 2;
    }
    struct host host = {.dir = argv[1], .tree = rd_tree_new()};
    rd_buf_init(&host.in, FRAME_BYTES_MAX);
    rd_buf_init(&host.out, FRAME_BYTES_MAX);
    host.world = world_new(host.dir);
    bool is_good = serve(&host);
    world_free(host.world);
    rd_buf_done(&host.in);
    rd_buf_done(&host.out);
    rd_tree_free(host.tree);
    return is_good ? 0 : 1;
}
