#include "daemon/upgrade.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/keeper.h"
#include "daemon/store/raw.h"
#include "daemon/store/shelf.h"
#include "daemon/store/snapshot_parts.h"
#include "daemon/upgrade_snapshot.h"
#include "daemon/upgrade_steps.h"

enum { LOOK_EVERY = 4096, ROW_BYTES_MAX = 64 * 1024 * 1024 };
#define EXTEND_US (60 * RD_SECOND_US)

struct upgrade {
    struct edge *edge;
    struct store_numbers from;
    char store[KEEPER_PATH_MAX], made[KEEPER_PATH_MAX], snapshots[KEEPER_PATH_MAX];
    int lock_fd;
    struct raw raw;
    struct raw_file file;
    uint8_t chain[SNAPSHOT_HASH]; /* of the position */
    struct upgrade_snapshot snapshot;
    struct upgrade_row row;
    struct rd_buf made_before; /* where the value lies that the step before made */
    uint64_t rows;
    struct sums after; /* of the rows that were made */
    int64_t told_us;
    char what[256];
};

/* ---- looking at what there is ---- */

static int log_refusal(const struct upgrade *upgrade, const char *msg, int status)
{
    log_err("upgrade", msg,
            "dir=\"%s\" engine=%u schema=%u this_engine=%d this_schema=%d what=\"%s\"",
            upgrade->store, upgrade->from.engine, upgrade->from.schema, ENGINE_NUMBER, STORE_SCHEMA,
            upgrade->what);
    return status;
}

static int lock_and_audit(struct upgrade *upgrade)
{
    upgrade->lock_fd = open(upgrade->store, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = upgrade->lock_fd >= 0 && flock(upgrade->lock_fd, LOCK_EX | LOCK_NB) == 0 ? 0 : -errno;
    if (r < 0) {
        (void)snprintf(upgrade->what, sizeof upgrade->what, "%s", strerrordesc_np(-r));
        return log_refusal(upgrade, "the older store cannot be locked",
                r == -EWOULDBLOCK ? EX_UNAVAILABLE : EX_IOERR);
    }
    r = store_audit(upgrade->store, false, upgrade->what);
    if (r < 0) {
        return log_refusal(upgrade,
                "the older store is damaged: put back a backup of it, or start the older redress, "
                "which says what helps",
                r == -EBADMSG ? EX_DATAERR : EX_IOERR);
    }
    return 0;
}

/* What the older redress did not put into its store only that one can apply. */
static int check_journal(struct upgrade *upgrade, const char *state)
{
    char path[KEEPER_PATH_MAX];
    struct journal *journal = NULL;
    struct journal_damage damage = {.text = ""};
    (void)snprintf(path, sizeof path, "%.4000s/journal", state);
    int r = journal_open(
            &(struct journal_options){.dir = path, .read_only = true}, &journal, &damage);
    uint64_t last = r == 0 ? journal_last(journal) : 0;
    bool is_whole = r == 0 && last == upgrade->from.position;
    if (r == 0 && is_whole) {
        r = journal_chain(journal, last, upgrade->chain, &damage);
    }
    journal_close(journal);
    if (r < 0) {
        (void)snprintf(upgrade->what, sizeof upgrade->what, "%.250s", damage.text);
        return log_refusal(upgrade, "the journal of the older state cannot be read",
                r == -EBADMSG ? EX_DATAERR : EX_IOERR);
    }
    if (!is_whole) {
        (void)snprintf(upgrade->what, sizeof upgrade->what,
                "the journal ends at record %" PRIu64 ", the store at %" PRIu64, last,
                upgrade->from.position);
        return log_refusal(upgrade,
                "the older redress was not stopped in order: start that version once more and stop "
                "it (systemctl stop redress); then this one brings its state forward. Nothing was "
                "changed",
                EX_CONFIG);
    }
    return 0;
}

/* ---- the snapshot, made while the rows are ---- */

static void tell_manager(struct upgrade *upgrade)
{
    int64_t now_us = clock_ticks_us();
    if (now_us - upgrade->told_us > RD_SECOND_US) {
        upgrade->told_us = now_us;
        notify_send(&upgrade->edge->notify,
                "EXTEND_TIMEOUT_USEC=%" PRId64
                "\nSTATUS=bringing the state of engine %u forward, %" PRIu64 " rows",
                (int64_t)EXTEND_US, upgrade->from.engine, upgrade->rows);
    }
}

static int end_snapshot(struct upgrade *upgrade)
{
    struct upgrade_snapshot *snapshot = &upgrade->snapshot;
    while (!upgrade_snapshot_wait(snapshot)) {
        tell_manager(upgrade);
    }
    if (snapshot->result < 0) {
        (void)snprintf(upgrade->what, sizeof upgrade->what, "%.250s", snapshot->what);
        return log_refusal(upgrade,
                "no snapshot of the older state can be made, so it is left as it is", EX_IOERR);
    }
    char name[SHELF_NAME_MAX];
    shelf_name(upgrade->from.position, name);
    log_notice("upgrade", "a snapshot of the older state was made: the way back",
            "file=\"%s/%s\" rows=%" PRIu64 " bytes=%" PRIu64, upgrade->snapshots, name,
            snapshot->sum.rows, snapshot->sum.bytes);
    return 0;
}

/* ---- the rows ---- */

static bool is_meta(const struct upgrade_row *row, const char *key)
{
    return strcmp(row->table, "meta") == 0 && rd_str_eq(row->key, rd_str_of(key));
}

static int row_convert(struct upgrade *upgrade)
{
    struct upgrade_row *row = &upgrade->row;
    uint32_t engine = upgrade->from.engine, schema = upgrade->from.schema;
    const struct upgrade_step *step;
    while ((step = upgrade_step_from(engine, schema)) != NULL && !row->is_dropped) {
        struct rd_buf made = row->room;
        row->room = upgrade->made_before;
        upgrade->made_before = made;
        rd_buf_reset(&row->room);
        int r = step->row != NULL ? step->row(row) : 0;
        if (r < 0) {
            return r;
        }
        engine = step->to_engine;
        schema = step->to_schema;
    }
    if (is_meta(row, "engine")) {
        return upgrade_counters(row, ENGINE_NUMBER);
    }
    if (is_meta(row, "schema")) {
        rd_buf_reset(&row->room);
        rd_buf_put_u8(&row->room, 1);
        rd_buf_put_u32(&row->room, STORE_SCHEMA);
        row->value = rd_buf_str(&row->room);
    }
    return 0;
}

static int take_row(void *arg, struct rd_str key, struct rd_str value)
{
    struct upgrade *upgrade = arg;
    struct upgrade_row *row = &upgrade->row;
    row->key = key;
    row->value = value;
    row->is_dropped = false;
    int r = row_convert(upgrade);
    if (r == 0 && !row->is_dropped) {
        sums_row(&upgrade->after, row->table, row->key, row->value);
        r = raw_file_put(&upgrade->file, row->table, row->key, row->value);
    }
    if (++upgrade->rows % LOOK_EVERY == 0) {
        tell_manager(upgrade);
    }
    if (r == -EBADMSG) {
        (void)snprintf(upgrade->what, sizeof upgrade->what,
                "table %s, row %" PRIu64 " of all: %.150s", row->table, upgrade->rows,
                row->what[0] != '\0' ? row->what : "it is not as that version wrote it");
    }
    return r;
}

static int write_rows(struct upgrade *upgrade)
{
    int r = raw_open(&upgrade->raw, upgrade->store);
    sums_begin_rows(&upgrade->after);
    rd_buf_init(&upgrade->row.room, ROW_BYTES_MAX);
    rd_buf_init(&upgrade->made_before, ROW_BYTES_MAX);
    for (size_t i = 0; i < upgrade->raw.count && r == 0; i++) {
        upgrade->row.table = upgrade->raw.names[i];
        r = raw_file_table(&upgrade->file, upgrade->raw.names[i]);
        r = r == 0 ? raw_each(&upgrade->raw, i, take_row, upgrade, upgrade->what) : r;
    }
    for (int i = 0; i < STORE_TABLE_COUNT && r == 0; i++) { /* those that are new */
        r = raw_file_table(&upgrade->file, store_table_name((enum store_table)i));
    }
    rd_buf_done(&upgrade->row.room);
    rd_buf_done(&upgrade->made_before);
    return r;
}

/* The second phases of the way's steps, in their order; *ret_is_any: there is one. With no store
 * they are only looked for. */
static int finish_steps(struct upgrade *upgrade, struct store *store, bool *ret_is_any)
{
    uint32_t engine = upgrade->from.engine, schema = upgrade->from.schema;
    const struct upgrade_step *step;
    int r = 0;
    *ret_is_any = false;
    while ((step = upgrade_step_from(engine, schema)) != NULL && r == 0) {
        *ret_is_any = *ret_is_any || step->finish != NULL;
        r = store != NULL && step->finish != NULL ? step->finish(store) : 0;
        engine = step->to_engine;
        schema = step->to_schema;
    }
    return r;
}

/* Where no step has a second phase the rows that were written are all: their digest is known. */
static int finish_rows(struct upgrade *upgrade)
{
    struct edge_switch *switched = &upgrade->edge->switched;
    struct store *store = NULL;
    struct store_options options = {
            .dir = upgrade->made, .map_bytes_max = upgrade->edge->config->map_size_bytes};
    bool is_any;
    int r = finish_steps(upgrade, NULL, &is_any);
    if (r < 0 || !is_any) {
        gather_end(&upgrade->after.rows, switched->after);
        switched->has_after = r == 0;
        return r;
    }
    r = store_open(&options, &store, upgrade->what);
    if (r == 0) {
        r = finish_steps(upgrade, store, &is_any);
        r = r == 0 ? store_flush(store) : r;
        r = r == 0 ? store_view_error(store_live(store)) : r;
        store_close(store);
    }
    return r;
}

/* What an earlier try left, and the folder. */
static int empty_folder(const char *dir)
{
    static const char *const names[] = {"data.mdb", "lock.mdb", "upgrade.mdb"};
    char path[KEEPER_PATH_MAX];
    for (size_t i = 0; i < RD_COUNT(names); i++) {
        (void)snprintf(path, sizeof path, "%.4000s/%s", dir, names[i]);
        if (unlink(path) != 0 && errno != ENOENT && errno != ENOTDIR) {
            return -errno;
        }
    }
    return 0;
}

void upgrade_clear(const char *state)
{
    char path[KEEPER_PATH_MAX];
    (void)snprintf(path, sizeof path, "%.4000s/upgrade", state);
    if (access(path, F_OK) == 0 && empty_folder(path) == 0) {
        (void)rmdir(path);
    }
}

static int make_folder(struct upgrade *upgrade)
{
    int r = empty_folder(upgrade->made);
    if (r < 0) {
        return r;
    }
    return mkdir(upgrade->made, S_IRWXU) == 0 || errno == EEXIST ? 0 : -errno;
}

/* From here on the state is the new one. */
static int take_place(struct upgrade *upgrade)
{
    int made_fd = open(upgrade->made, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (made_fd < 0) {
        return -errno;
    }
    int r = renameat(made_fd, "data.mdb", upgrade->lock_fd, "data.mdb") == 0 ? 0 : -errno;
    (void)close(made_fd);
    if (r == 0 && unlinkat(upgrade->lock_fd, "lock.mdb", 0) != 0 && errno != ENOENT) {
        r = -errno;
    }
    if (r == 0 && fsync(upgrade->lock_fd) != 0) {
        r = -errno;
    }
    if (r == 0) {
        r = empty_folder(upgrade->made);
        (void)rmdir(upgrade->made);
    }
    return r;
}

static int make_store(struct upgrade *upgrade)
{
    int r = make_folder(upgrade);
    r = r == 0 ? raw_file_begin(&upgrade->file, upgrade->made, "upgrade") : r;
    if (r == 0) {
        r = write_rows(upgrade);
        if (r == 0) {
            r = raw_file_end(&upgrade->file, NULL);
        } else {
            raw_file_drop(&upgrade->file);
        }
    }
    raw_end(&upgrade->raw);
    return r == 0 ? finish_rows(upgrade) : r;
}

/* What was made goes; the state is as it was. */
static void unmake(const struct upgrade *upgrade)
{
    (void)empty_folder(upgrade->made);
    (void)rmdir(upgrade->made);
}

static int refuse(struct upgrade *upgrade, int r)
{
    unmake(upgrade);
    if (upgrade->what[0] == '\0') {
        (void)snprintf(upgrade->what, sizeof upgrade->what, "%s", strerrordesc_np(-r));
    }
    return log_refusal(upgrade, "the older state cannot be brought forward, and is left as it is",
            r == -EBADMSG ? EX_DATAERR : EX_IOERR);
}

/* The made store takes its place when the snapshot, too, is on the disk: not before. */
static int bring_forward(struct upgrade *upgrade)
{
    int64_t begun_us = clock_ticks_us();
    upgrade_snapshot_begin(&upgrade->snapshot, upgrade->store, upgrade->snapshots, upgrade->chain);
    int r = make_store(upgrade);
    if (r < 0) {
        upgrade_snapshot_cancel(&upgrade->snapshot);
        return refuse(upgrade, r);
    }
    int status = end_snapshot(upgrade);
    if (status != 0) {
        unmake(upgrade);
        return status;
    }
    r = take_place(upgrade);
    if (r < 0) {
        return refuse(upgrade, r);
    }
    struct edge_switch *switched = &upgrade->edge->switched;
    switched->is_known = true;
    switched->from = upgrade->from;
    memcpy(switched->before, upgrade->snapshot.sum.digest, sizeof switched->before);
    log_notice("upgrade",
            "the state was brought forward. The way back: redressctl restore FILE DIR makes the "
            "older one of the snapshot, and the older redressd --state DIR starts on it",
            "engine=%u schema=%u this_engine=%d this_schema=%d rows=%" PRIu64 " ms=%" PRId64,
            upgrade->from.engine, upgrade->from.schema, ENGINE_NUMBER, STORE_SCHEMA, upgrade->rows,
            (clock_ticks_us() - begun_us) / 1000);
    return 0;
}

int upgrade_state(struct edge *edge, const char *state, const struct store_numbers *numbers)
{
    struct upgrade upgrade = {.edge = edge, .from = *numbers, .lock_fd = -1};
    (void)snprintf(upgrade.store, sizeof upgrade.store, "%.4000s/store", state);
    (void)snprintf(upgrade.made, sizeof upgrade.made, "%.4000s/upgrade", state);
    keeper_folder(edge, upgrade.snapshots);
    if (!upgrade_has_way(numbers->engine, numbers->schema)) {
        (void)snprintf(upgrade.what, sizeof upgrade.what,
                "redressd(8), UPGRADES, has the versions from which steps lead here; the journal "
                "is readable: redressctl check-journal %.120s/journal",
                state);
        return log_refusal(&upgrade,
                "the state is of a version that this one cannot bring forward: install that one "
                "again, or one between. Nothing is damaged, and nothing was changed",
                EX_CONFIG);
    }
    int status = lock_and_audit(&upgrade);
    if (status == 0) {
        status = check_journal(&upgrade, state);
    }
    if (status == 0) {
        status = bring_forward(&upgrade);
    }
    if (upgrade.lock_fd >= 0) {
        (void)close(upgrade.lock_fd);
    }
    return status;
}
