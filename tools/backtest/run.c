#include "tools/backtest/run.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "common/wire/pack.h"
#include "tools/backtest/ahead.h"
#include "tools/backtest/tally.h"
#include "tools/shared/ends.h"
#include "tools/shared/progress.h"

enum { LOOK_EVERY = 256, NAMES_BYTES_MAX = 64 * 1024 * 1024, MEASURE_AT_ONCE = 100000 };
/* What changed since the last checkpoint: sealed above the first, waited for above the second. */
#define DIRTY_BYTES     ((uint64_t)32 << 20)
#define DIRTY_BYTES_MAX ((uint64_t)384 << 20)
#define MAP_BYTES       ((uint64_t)256 << 30)

struct runner {
    struct run *run;
    const struct run_options *options;
};

/* An event, decoded by the thread that reads ahead. */
struct read_event {
    const struct history_event *made;
    struct rd_tree *tree;
    struct rd_event event;
};

struct decoder {
    const struct history *history;
    size_t next;
};

static bool fail(const char *what, int r)
{
    say_error("%s: %s", what, strerror(-r));
    return false;
}

/* ---- the store is kept small ---- */

static bool relieve(struct run *run)
{
    struct store_view *view = store_live(run->store);
    int r = store_view_error(view);
    uint64_t dirty = store_dirty_bytes(view);
    if (r < 0 || dirty < DIRTY_BYTES) {
        return r == 0 || fail(run->scratch.path, r);
    }
    if (store_is_checkpointing(run->store)) {
        struct pollfd ended = {.fd = store_fd(run->store), .events = POLLIN};
        int timeout = dirty < DIRTY_BYTES_MAX ? 0 : -1;
        if (poll(&ended, 1, timeout) != 1) {
            return true;
        }
        r = store_checkpointed(run->store);
    }
    if (r == 0 && !store_is_checkpointing(run->store)) {
        engine_note_position(run->engine, run->records);
        (void)store_seal(run->store);
    }
    return r == 0 || fail(run->scratch.path, r);
}

/* ---- the step ---- */

/* Ticks at each due instant up to `until`. */
static bool tick_until(struct run *run, rd_time until)
{
    for (;;) {
        rd_time told = run->told != RD_TIME_NONE ? run->told : until;
        struct engine_time at = {.wall = told, .steady = told};
        rd_time due = engine_next_due(run->engine, &at);
        if (due == RD_TIME_NONE || due > until) {
            return true;
        }
        at.wall = at.steady = due > told ? due : told;
        uint32_t fired = engine_tick(run->engine, &at);
        if (fired == 0) {
            say_error("a due timer did not fire: please report this");
            return false;
        }
        run->told = at.wall;
        run->ticks++;
        run->fired += fired;
        run->records++;
        tally_alerts(run);
        if (run->ticks % LOOK_EVERY == 0 && !relieve(run)) {
            return false;
        }
    }
}

static bool decode_next(void *context, void *slot)
{
    struct decoder *decoder = context;
    struct read_event *read = slot;
    struct rd_reject reject = {0};
    if (decoder->next == decoder->history->count) {
        return false;
    }
    if (read->tree == NULL) {
        read->tree = rd_tree_new();
    }
    read->made = &decoder->history->events[decoder->next++];
    bool is_good = rd_event_decode(
            read->tree, read->made->bytes, RD_EVENT_BYTES_DEFAULT, &read->event, &reject);
    RD_ASSERT(is_good); /* as when the history was read */
    return true;
}

static void decode_done(void *slot)
{
    rd_tree_free(((struct read_event *)slot)->tree);
}

static bool apply(struct run *run, const struct read_event *read)
{
    const struct history_event *made = read->made;
    struct rd_receipt receipt;
    struct engine_sender sender = {0};
    if (!tick_until(run, made->time)) {
        return false;
    }
    rd_time wall = run->told != RD_TIME_NONE && run->told > made->time ? run->told : made->time;
    struct engine_time at = {.wall = wall, .steady = wall};
    engine_event(run->engine, &at, &sender, &read->event, &receipt);
    if (receipt.status == RD_ACCEPTED) {
        run->told = wall;
        run->records++;
    }
    tally_event(run, made, &read->event, &receipt);
    tally_alerts(run);
    return true;
}

static bool apply_all(struct runner *runner, struct ahead *ahead)
{
    const struct history *history = runner->options->history;
    struct progress progress = progress_begin("running", runner->options->has_progress);
    const struct read_event *read;
    bool is_good = true;
    for (size_t i = 0; is_good && (read = ahead_next(ahead)) != NULL; i++) {
        is_good = apply(runner->run, read);
        if (i % LOOK_EVERY == LOOK_EVERY - 1) {
            progress_show(&progress, i + 1, history->count);
            is_good = is_good && *runner->options->stop == 0 && relieve(runner->run);
        }
    }
    rd_time until = runner->options->until;
    if (is_good && until != RD_TIME_NONE) {
        is_good = tick_until(runner->run, until);
    }
    progress_end(&progress);
    return is_good;
}

static bool run_events(struct runner *runner)
{
    struct decoder decoder = {.history = runner->options->history};
    struct ahead *ahead = NULL;
    struct ahead_work work = {.slot_bytes = sizeof(struct read_event),
            .fill = decode_next,
            .done = decode_done,
            .context = &decoder};
    int r = ahead_begin(&work, &ahead);
    if (r < 0) {
        return fail("a thread", r);
    }
    bool is_good = apply_all(runner, ahead);
    ahead_end(ahead);
    return is_good;
}

/* ---- begin and end ---- */

static bool open_all(struct run *run)
{
    char what[256] = "";
    uint32_t number;
    int r = scratch_make(&run->scratch);
    if (r < 0) {
        return fail("a folder for the time of the run", r);
    }
    struct store_options options = {.dir = run->scratch.path, .map_bytes_max = MAP_BYTES};
    r = store_open(&options, &run->store, what);
    if (r < 0) {
        say_error("%s: %s", run->scratch.path, what);
        return false;
    }
    /* The engine writes them for the desk and reads neither. */
    store_discard(store_live(run->store),
            UINT64_C(1) << STORE_HISTORY | UINT64_C(1) << STORE_ALERTS_BY_UNIT);
    r = engine_open(store_live(run->store), &run->engine, &number);
    return r == 0 || fail(run->scratch.path, r);
}

static bool configure(struct run *run, const struct history *history)
{
    rd_time begin = history->count > 0 ? history->events[0].time : 0;
    struct engine_time at = {.wall = begin, .steady = begin};
    int r = engine_configure(run->engine, &at, run->config->tree);
    run->records++;
    return r == 0 || fail("the configuration", r);
}

static void measure_ledger(struct run *run)
{
    struct measure_filter all = {.since = RD_TIME_NONE, .until = RD_TIME_NONE};
    run->measure.arena = &run->arena;
    for (uint64_t after = 0;;) {
        after = engine_measure(run->engine, &all, after, MEASURE_AT_ONCE, &run->measure);
        if (after == 0) {
            return;
        }
    }
}

bool run_history(
        const struct config *config, const struct run_options *options, struct run *ret_run)
{
    struct run *run = ret_run;
    *run = (struct run){.config = config, .told = RD_TIME_NONE};
    rd_arena_init(&run->arena, NAMES_BYTES_MAX);
    tally_begin(run);
    struct runner runner = {.run = run, .options = options};
    bool is_good = open_all(run) && configure(run, options->history) && run_events(&runner);
    if (is_good) {
        tally_cases(run);
        measure_ledger(run);
        int r = store_view_error(store_live(run->store));
        is_good = r == 0 || fail(run->scratch.path, r);
    }
    return is_good;
}

void run_done(struct run *run)
{
    engine_close(run->engine);
    store_close(run->store);
    scratch_remove(&run->scratch);
    free(run->units);
    free(run->clocks);
    free(run->codes);
    free(run->rejects);
    rd_arena_done(&run->arena);
}
