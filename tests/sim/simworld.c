/* tests/sim/simworld.c — see simworld.h. */
#include "tests/sim/simworld.h"

#include <errno.h>
#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "daemon/config/config.h"
#include "daemon/replay.h"
#include "tests/sim/simcut.h"

enum { OUT_BYTES_MAX = 64 * 1024 * 1024, PATH_BYTES_MAX = 512, FTW_FILES = 16 };

struct told { /* an alert's bytes, by its number */
    char *ptr;
    size_t len;
};

struct world {
    char dir[PATH_BYTES_MAX];
    struct store *store;
    struct journal *journal;
    struct engine *engine;
    struct rd_tree *tree;
    struct rd_buf scratch;
    struct told *told; /* told[seq - 1] */
    size_t told_count, told_room;
    struct cut *mark; /* the journal's files as they were; NULL: no mark */
};

static _Noreturn void die(const char *what, int error)
{
    (void)fprintf(stderr, "simhost: %s: %s\n", what, strerror(-error));
    exit(2);
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *where)
{
    (void)info;
    (void)kind;
    (void)where;
    return remove(path);
}

static void empty_dir(const char *dir)
{
    if (nftw(dir, remove_entry, FTW_FILES, FTW_DEPTH | FTW_PHYS) != 0 && errno != ENOENT) {
        die(dir, -errno);
    }
    if (mkdir(dir, S_IRWXU) != 0) {
        die(dir, -errno);
    }
}

static void path_below(const char *dir, const char *name, char ret_path[static PATH_BYTES_MAX])
{
    int len = snprintf(ret_path, PATH_BYTES_MAX, "%s/%s", dir, name);
    RD_ASSERT(len > 0 && len < PATH_BYTES_MAX);
}

static struct store *open_store(const char *dir, const char *name)
{
    char path[PATH_BYTES_MAX];
    path_below(dir, name, path);
    struct store_options options = {.dir = path, .map_bytes_max = UINT64_C(1) << 30};
    struct store *store = NULL;
    char what[256] = "";
    int error = store_open(&options, &store, what);
    if (error != 0) {
        (void)fprintf(stderr, "simhost: store: %s\n", what);
        die(path, error);
    }
    return store;
}

static struct engine *open_engine(struct store *store)
{
    struct engine *engine = NULL;
    uint32_t number = 0;
    int error = engine_open(store_live(store), &engine, &number);
    if (error != 0) {
        die("engine_open", error);
    }
    return engine;
}

static void open_all(struct world *world)
{
    char path[PATH_BYTES_MAX];
    path_below(world->dir, "journal", path);
    struct journal_options options = {.dir = path, .segment_bytes = 1024 * 1024};
    struct journal_damage damage = {.text = ""};
    int error = journal_open(&options, &world->journal, &damage);
    if (error != 0) {
        (void)fprintf(stderr, "simhost: journal: %s\n", damage.text);
        die(path, error);
    }
    world->store = open_store(world->dir, "state");
    world->engine = open_engine(world->store);
}

static void close_all(struct world *world)
{
    engine_close(world->engine);
    store_close(world->store);
    journal_close(world->journal);
}

struct world *world_new(const char *dir)
{
    struct world *world = calloc(1, sizeof(*world));
    if (world == NULL) {
        rd_oom();
    }
    (void)snprintf(world->dir, sizeof(world->dir), "%s", dir);
    empty_dir(world->dir);
    world->tree = rd_tree_new();
    rd_buf_init(&world->scratch, OUT_BYTES_MAX);
    open_all(world);
    return world;
}

static void forget_told(struct world *world, size_t kept)
{
    while (world->told_count > kept) {
        free(world->told[--world->told_count].ptr);
    }
}

void world_free(struct world *world)
{
    if (world == NULL) {
        return;
    }
    close_all(world);
    cut_free(world->mark);
    forget_told(world, 0);
    free(world->told);
    rd_buf_done(&world->scratch);
    rd_tree_free(world->tree);
    free(world);
}

struct engine *world_engine(struct world *world)
{
    return world->engine;
}

struct store_view *world_view(struct world *world)
{
    return store_live(world->store);
}

/* ---- alerts told ---- */
static void keep_told(struct world *world, struct rd_str bytes)
{
    if (world->told_count == world->told_room) {
        world->told_room = world->told_room * 2 + 64;
        world->told = realloc(world->told, world->told_room * sizeof(*world->told));
        if (world->told == NULL) {
            rd_oom();
        }
    }
    char *copy = malloc(bytes.len);
    if (copy == NULL) {
        rd_oom();
    }
    memcpy(copy, bytes.ptr, bytes.len);
    world->told[world->told_count++] = (struct told){.ptr = copy, .len = bytes.len};
}

static void tell(struct world *world, struct rd_buf *out)
{
    size_t count = 0;
    const struct rd_alert *alerts = engine_alerts(world->engine, &count);
    rd_pack_array(out, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        rd_buf_reset(&world->scratch);
        rd_alert_pack(&world->scratch, &alerts[i]);
        keep_told(world, rd_buf_str(&world->scratch));
        rd_alert_pack(out, &alerts[i]);
    }
}

/* Alerts that a replayed record gave, against those first told. */
static void compare_alerts(struct world *world, struct engine *engine, uint64_t record,
        char ret_what[static WORLD_WHAT_MAX])
{
    size_t count = 0;
    const struct rd_alert *alerts = engine_alerts(engine, &count);
    for (size_t i = 0; i < count && ret_what[0] == '\0'; i++) {
        rd_buf_reset(&world->scratch);
        rd_alert_pack(&world->scratch, &alerts[i]);
        struct rd_str now = rd_buf_str(&world->scratch);
        uint64_t seq = alerts[i].seq;
        if (seq == 0 || seq > world->told_count) {
            (void)snprintf(ret_what, WORLD_WHAT_MAX, "record %llu: alert %llu (%s) was never told",
                    (unsigned long long)record, (unsigned long long)seq,
                    rd_alert_type_name(alerts[i].type));
            return;
        }
        struct told *then = &world->told[seq - 1];
        if (!rd_str_eq(now, (struct rd_str){.ptr = then->ptr, .len = then->len})) {
            (void)snprintf(ret_what, WORLD_WHAT_MAX,
                    "record %llu: alert %llu (%s to %.*s) has other bytes than when it was told",
                    (unsigned long long)record, (unsigned long long)seq,
                    rd_alert_type_name(alerts[i].type), RD_FMT(alerts[i].unit));
        }
    }
}

/* ---- records ---- */
static void append(struct world *world, enum journal_kind kind, const struct engine_time *at,
        struct rd_str sender, struct rd_str body)
{
    struct journal_record record = {
            .event_seq = engine_counts(world->engine).event_seq,
            .kind = kind,
            .flags = at->is_grace ? JOURNAL_FLAG_GRACE : 0,
            .engine = ENGINE_NUMBER,
            .wall = at->wall,
            .steady = at->steady,
            .sender = sender,
            .body = body,
    };
    (void)journal_append(world->journal, &record);
}

void world_configure(struct world *world, const struct engine_time *at, struct rd_str text,
        char ret_what[static WORLD_WHAT_MAX])
{
    struct config *config = NULL;
    struct config_errors errors = {0};
    ret_what[0] = '\0';
    if (config_parse(text, "sim", NULL, &config, &errors) != 0) {
        (void)snprintf(ret_what, WORLD_WHAT_MAX, "%s",
                errors.count > 0 ? errors.lines[0] : "config_parse failed without a word");
        config_errors_done(&errors);
        return;
    }
    config_errors_done(&errors);
    const struct rd_plan *present = engine_plan(world->engine);
    if (present == NULL || !rd_str_eq(present->tree, config->tree)) {
        if (present != NULL && !engine_may_configure(world->engine, config->plan, ret_what)) {
            config_free(config);
            return;
        }
        int error = engine_configure(world->engine, at, config->tree);
        if (error != 0) {
            (void)snprintf(ret_what, WORLD_WHAT_MAX, "engine_configure: %s", strerror(-error));
        } else {
            append(world, JOURNAL_CONFIG, at, RD_STR(""), config->tree);
        }
    }
    config_free(config);
}

/* What the door does with an own time ahead of the clock. True: go on. */
static bool door_time(struct engine *engine, const struct engine_time *at,
        const struct engine_sender *sender, struct rd_event *event, struct rd_receipt *ret_receipt,
        struct rd_reject *reject)
{
    if (event->time == RD_TIME_NONE || event->time <= at->wall) {
        return true;
    }
    if (engine_is_known(engine, sender, event, ret_receipt)) {
        return false;
    }
    if (event->time > at->wall + RD_DAY_US) {
        (void)rd_reject_set(reject, "future_time", "time", "more than a day ahead");
        *ret_receipt = (struct rd_receipt){.id = event->id, .status = RD_REJECTED, .error = reject};
        return false;
    }
    (void)replay_adjust_time(event, at->wall);
    return true;
}

static bool decode_and_apply(struct world *world, struct engine *engine,
        const struct engine_time *at, const struct engine_sender *sender, struct rd_str bytes,
        struct rd_buf *receipt_out)
{
    struct rd_event event;
    struct rd_reject reject = {0};
    struct rd_receipt receipt = {0};
    bool was_adjusted = false;
    bool is_accepted = false;
    if (!rd_event_decode(world->tree, bytes, RD_EVENT_BYTES_DEFAULT, &event, &reject)) {
        receipt = (struct rd_receipt){.id = event.id, .status = RD_REJECTED, .error = &reject};
    } else {
        rd_time own = event.time;
        if (door_time(engine, at, sender, &event, &receipt, &reject)) {
            was_adjusted = own != event.time;
            engine_event(engine, at, sender, &event, &receipt);
            is_accepted = receipt.status == RD_ACCEPTED;
            receipt.adjusted_time = was_adjusted && is_accepted;
        }
    }
    if (receipt_out != NULL) {
        rd_receipt_pack(receipt_out, &receipt);
    }
    return is_accepted;
}

void world_event(struct world *world, const struct engine_time *at,
        const struct engine_sender *sender, struct rd_str bytes, struct rd_buf *out)
{
    rd_pack_array(out, 2);
    if (!decode_and_apply(world, world->engine, at, sender, bytes, out)) {
        rd_pack_array(out, 0);
        return;
    }
    struct rd_buf packed;
    rd_buf_init(&packed, JOURNAL_SENDER_MAX);
    engine_sender_pack(&packed, sender);
    append(world, JOURNAL_EVENT, at, rd_buf_str(&packed), bytes);
    rd_buf_done(&packed);
    tell(world, out);
}

void world_tick(struct world *world, const struct engine_time *at, struct rd_buf *out)
{
    uint32_t fired = engine_tick(world->engine, at);
    rd_pack_array(out, 2);
    rd_pack_uint(out, fired);
    if (fired > 0) {
        append(world, JOURNAL_TICK, at, RD_STR(""), RD_STR(""));
    }
    tell(world, out);
}

void world_flush(struct world *world)
{
    int error = journal_flush(world->journal);
    if (error != 0) {
        die("journal_flush", error);
    }
    if (store_is_checkpointing(world->store)) {
        error = store_flush(world->store);
    }
    engine_note_position(world->engine, journal_last(world->journal));
    error = error != 0 ? error : store_flush(world->store);
    if (error != 0) {
        die("store_flush", error);
    }
}

void world_seal(struct world *world)
{
    int error = journal_flush(world->journal);
    if (error != 0) {
        die("journal_flush", error);
    }
    if (store_is_checkpointing(world->store)) {
        return;
    }
    engine_note_position(world->engine, journal_last(world->journal));
    (void)store_seal(world->store);
}

/* Applies the journal's records after `after`. */
static void apply_journal(struct world *world, struct engine *engine, uint64_t after,
        char ret_what[static WORLD_WHAT_MAX])
{
    struct journal_cursor *cursor = NULL;
    int error = journal_cursor_open(world->journal, after, &cursor);
    if (error != 0) {
        die("journal_cursor_open", error);
    }
    struct journal_record record;
    struct journal_damage damage = {.text = ""};
    while ((error = journal_cursor_next(cursor, &record, &damage)) == 1) {
        struct replay_step step;
        const char *why = replay_record(engine, world->tree, &record, &step);
        if (why != NULL) {
            (void)snprintf(ret_what, WORLD_WHAT_MAX, "record %llu: %s",
                    (unsigned long long)record.number, why);
            break;
        }
        if (step.is_applied) {
            compare_alerts(world, engine, record.number, ret_what);
        }
    }
    if (error < 0) {
        (void)fprintf(stderr, "simhost: %s\n", damage.text);
        die("journal_cursor_next", error);
    }
    journal_cursor_close(cursor);
}

void world_crash(struct world *world, char ret_what[static WORLD_WHAT_MAX])
{
    ret_what[0] = '\0';
    int error = journal_flush(world->journal);
    if (error != 0) {
        die("journal_flush", error);
    }
    struct engine_counts before = engine_counts(world->engine);
    close_all(world);
    open_all(world);
    apply_journal(world, world->engine, engine_position(world->engine), ret_what);
    struct engine_counts after = engine_counts(world->engine);
    if (ret_what[0] == '\0' &&
            (before.event_seq != after.event_seq || before.alert_seq != after.alert_seq ||
                    before.case_number != after.case_number ||
                    before.open_cases != after.open_cases ||
                    before.armed_timers != after.armed_timers)) {
        (void)snprintf(ret_what, WORLD_WHAT_MAX,
                "counts differ after a crash: alerts %llu, %llu; open %llu, %llu; timers %llu, "
                "%llu",
                (unsigned long long)before.alert_seq, (unsigned long long)after.alert_seq,
                (unsigned long long)before.open_cases, (unsigned long long)after.open_cases,
                (unsigned long long)before.armed_timers, (unsigned long long)after.armed_timers);
    }
}

uint64_t world_records(struct world *world)
{
    return journal_last(world->journal);
}

void world_mark(struct world *world)
{
    char path[PATH_BYTES_MAX];
    world_flush(world);
    path_below(world->dir, "journal", path);
    cut_free(world->mark);
    world->mark = cut_begin(path);
}

void world_cut(struct world *world, uint64_t permille, char ret_what[static WORLD_WHAT_MAX])
{
    RD_ASSERT(world->mark != NULL);
    ret_what[0] = '\0';
    int error = journal_flush(world->journal);
    if (error != 0) {
        die("journal_flush", error);
    }
    close_all(world);
    cut_apply(world->mark, permille);
    cut_free(world->mark);
    world->mark = NULL;
    open_all(world);
    apply_journal(world, world->engine, engine_position(world->engine), ret_what);
    forget_told(world, engine_counts(world->engine).alert_seq);
}

/* Names the first table whose rows differ. */
static void compare_tables(
        struct store *live, struct store *fresh, char ret_what[static WORLD_WHAT_MAX])
{
    uint64_t all = (UINT64_C(1) << STORE_TABLE_COUNT) - 1;
    for (int table = 0; table < STORE_TABLE_COUNT; table++) {
        uint64_t bit = UINT64_C(1) << table;
        uint8_t a[32], b[32];
        if (table == STORE_DEAD_LETTERS) {
            continue;
        }
        int error = store_hash(store_live(live), all & ~bit, a);
        error = error != 0 ? error : store_hash(store_live(fresh), all & ~bit, b);
        if (error != 0) {
            die("store_hash", error);
        }
        if (memcmp(a, b, sizeof(a)) != 0) {
            size_t len = strlen(ret_what);
            (void)snprintf(ret_what + len, WORLD_WHAT_MAX - len, "%s%s",
                    len == 0 ? "rows differ after a replay from record 1: " : " ",
                    store_table_name((enum store_table)table));
        }
    }
}

void world_replay(struct world *world, char ret_what[static WORLD_WHAT_MAX])
{
    ret_what[0] = '\0';
    int error = journal_flush(world->journal);
    if (error != 0) {
        die("journal_flush", error);
    }
    char path[PATH_BYTES_MAX];
    path_below(world->dir, "replay", path);
    empty_dir(path);
    struct store *store = open_store(world->dir, "replay");
    struct engine *engine = open_engine(store);
    apply_journal(world, engine, 0, ret_what);
    engine_note_position(engine, journal_last(world->journal));
    engine_note_position(world->engine, journal_last(world->journal));
    if (ret_what[0] == '\0') {
        compare_tables(world->store, store, ret_what);
    }
    engine_close(engine);
    store_close(store);
}
