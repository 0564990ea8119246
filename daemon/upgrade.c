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
#include "daemon/upgrade_steps.h"

enum { LOOK_EVERY = 4096, ROW_BYTES_MAX = 64 * 1024 * 1024, HASH = SNAPSHOT_HASH };
#define EXTEND_US (60 * RD_SECOND_US)

struct upgrade {
    struct edge *edge;
    struct store_numbers from;
    char store[KEEPER_PATH_MAX], made[KEEPER_PATH_MAX], snapshots[KEEPER_PATH_MAX];
    int lock_fd;
    struct raw raw;
    struct raw_file file;
    uint8_t chain[HASH]; /* of the position */
    struct snapshot_sum before;
    struct upgrade_row row;
    struct rd_buf made_before; /* where the value lies that the step before made */
    uint64_t rows;
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
    r = store_audit(upgrade->store, upgrade->what);
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

/* ---- the snapshot ---- */

static bool goes_on(void *arg)
{
    struct upgrade *upgrade = arg;
    int64_t now_us = clock_ticks_us();
    if (now_us - upgrade->told_us > RD_SECOND_US) {
        upgrade->told_us = now_us;
        notify_send(&upgrade->edge->notify,
                "EXTEND_TIMEOUT_USEC=%" PRId64
                "\nSTATUS=bringing the state of engine %u forward, %" PRIu64 " rows",
                (int64_t)EXTEND_US, upgrade->from.engine, upgrade->rows);
    }
    return true;
}

static int make_snapshot(struct upgrade *upgrade)
{
    struct snapshot_way way = {.goes_on = goes_on, .arg = upgrade, .chain = upgrade->chain};
    int r = raw_open(&upgrade->raw, upgrade->store);
    if (r == 0) {
        r = shelf_put_raw(&upgrade->raw, upgrade->snapshots, &way, &upgrade->before, upgrade->what);
    }
    if (r < 0 && upgrade->what[0] == '\0') {
        (void)snprintf(upgrade->what, sizeof upgrade->what, "%.200s: %s", upgrade->snapshots,
                strerrordesc_np(-r));
    }
    if (r < 0) {
        return log_refusal(upgrade,
                "no snapshot of the older state can be made, so it is left as it is", EX_IOERR);
    }
    char name[SHELF_NAME_MAX];
    shelf_name(upgrade->from.position, name);
    log_notice("upgrade", "a snapshot of the older state was made: the way back",
            "file=\"%s/%s\" rows=%" PRIu64 " bytes=%" PRIu64, upgrade->snapshots, name,
            upgrade->before.rows, upgrade->before.bytes);
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
        r = raw_file_put(&upgrade->file, row->table, row->key, row->value);
    }
    if (++upgrade->rows % LOOK_EVERY == 0) {
        (void)goes_on(upgrade);
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
    int r = 0;
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

/* The steps' second phases, in their order. */
static int finish_steps(struct upgrade *upgrade, struct store *store)
{
    uint32_t engine = upgrade->from.engine, schema = upgrade->from.schema;
    const struct upgrade_step *step;
    int r = 0;
    while ((step = upgrade_step_from(engine, schema)) != NULL && r == 0) {
        r = step->finish != NULL ? step->finish(store) : 0;
        engine = step->to_engine;
        schema = step->to_schema;
    }
    r = r == 0 ? store_flush(store) : r;
    return r == 0 ? store_view_error(store_live(store)) : r;
}

/* On the store that was made, which is opened as this program's: so it is one. */
static int finish_rows(struct upgrade *upgrade)
{
    struct store *store = NULL;
    struct store_options options = {
            .dir = upgrade->made, .map_bytes_max = upgrade->edge->config->map_size_bytes};
    int r = store_open(&options, &store, upgrade->what);
    if (r == 0) {
        r = finish_steps(upgrade, store);
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
    char path[KEEPER_PATH_MAX];
    (void)snprintf(path, sizeof path, "%.4000s/data.mdb", upgrade->made);
    int r = renameat(AT_FDCWD, path, upgrade->lock_fd, "data.mdb") == 0 ? 0 : -errno;
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

static int bring_forward(struct upgrade *upgrade)
{
    int64_t begun_us = clock_ticks_us();
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
    r = r == 0 ? finish_rows(upgrade) : r;
    r = r == 0 ? take_place(upgrade) : r;
    if (r < 0 && upgrade->what[0] == '\0') {
        (void)snprintf(upgrade->what, sizeof upgrade->what, "%s", strerrordesc_np(-r));
    }
    if (r < 0) {
        return log_refusal(upgrade,
                "the older state cannot be brought forward, and is left as it is",
                r == -EBADMSG ? EX_DATAERR : EX_IOERR);
    }
    struct edge_switch *switched = &upgrade->edge->switched;
    *switched = (struct edge_switch){.is_known = true, .from = upgrade->from};
    memcpy(switched->before, upgrade->before.digest, sizeof switched->before);
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
        status = make_snapshot(&upgrade);
    }
    if (status == 0) {
        status = bring_forward(&upgrade);
    }
    raw_end(&upgrade.raw);
    if (upgrade.lock_fd >= 0) {
        (void)close(upgrade.lock_fd);
    }
    return status;
}

/* ---- the record ---- */

/* The newest record, if there is one. */
static int last_record(struct edge *edge, uint32_t *ret_engine, struct journal_damage *damage)
{
    RD_CLEANUP(journal_cursor_closep)
    struct journal_cursor *cursor = NULL;
    struct journal_record record;
    uint64_t last = journal_last(edge->journal);
    if (journal_first(edge->journal) == 0) {
        return 0;
    }
    int r = journal_cursor_open(edge->journal, last - 1, &cursor);
    if (r == 0) {
        r = journal_cursor_next(cursor, &record, damage);
    }
    if (r > 0) {
        *ret_engine = record.engine;
    }
    return r > 0 ? 0 : r;
}

/* Of the older state, as the snapshot before the upgrade has it; zeros: that is not there. An
 * upgrade that a crash kept from its record is found by the start after it. */
static void digest_before(struct edge *edge, uint64_t position, struct store_numbers *ret_numbers,
        uint8_t ret_digest[static HASH])
{
    char dir[KEEPER_PATH_MAX], what[256];
    struct shelf shelf;
    keeper_folder(edge, dir);
    memset(ret_digest, 0, HASH);
    if (edge->switched.is_known) {
        *ret_numbers = edge->switched.from;
        memcpy(ret_digest, edge->switched.before, HASH);
        return;
    }
    if (shelf_read(dir, &shelf) < 0) {
        return;
    }
    for (size_t i = 0; i < shelf.count; i++) {
        const struct snapshot_head *head = &shelf.items[i].head;
        struct snapshot_sum sum;
        if (head->numbers.position != position || head->numbers.engine == ENGINE_NUMBER) {
            continue;
        }
        int fd = shelf_open(dir, &shelf.items[i]);
        if (fd >= 0 && snapshot_read(fd, NULL, NULL, &sum, what) == 0) {
            memcpy(ret_digest, sum.digest, HASH);
            *ret_numbers = head->numbers;
        }
        if (fd >= 0) {
            (void)close(fd);
        }
    }
    shelf_done(&shelf);
}

static void put_bytes(struct rd_buf *buf, const char *key, const uint8_t bytes[static HASH])
{
    rd_pack_cstr(buf, key);
    rd_pack_bin(buf, (struct rd_str){(const char *)bytes, HASH});
}

static void put_number(struct rd_buf *buf, const char *key, uint64_t value)
{
    rd_pack_cstr(buf, key);
    rd_pack_uint(buf, value);
}

int upgrade_note(struct edge *edge)
{
    uint32_t engine = ENGINE_NUMBER;
    struct journal_damage damage = {.text = ""};
    uint8_t before[HASH], after[HASH];
    int r = last_record(edge, &engine, &damage);
    if (r == 0 && engine >= ENGINE_NUMBER) {
        return 0;
    }
    struct store_numbers numbers = {.engine = engine};
    digest_before(edge, journal_last(edge->journal), &numbers, before);
    r = r == 0 ? store_digest(edge->store, after) : r;
    if (r < 0) {
        log_err("upgrade", "the record of the switch cannot be written", "error=\"%s\" what=\"%s\"",
                strerrordesc_np(-r), damage.text);
        return EX_IOERR;
    }
    struct engine_time at = edge_time(edge);
    rd_buf_reset(&edge->alert);
    rd_pack_map(&edge->alert, 6);
    put_number(&edge->alert, "from_engine", numbers.engine);
    put_number(&edge->alert, "from_schema", numbers.schema);
    put_number(&edge->alert, "engine", ENGINE_NUMBER);
    put_number(&edge->alert, "schema", STORE_SCHEMA);
    put_bytes(&edge->alert, "before", before);
    put_bytes(&edge->alert, "after", after);
    uint64_t record = edge_append(edge, &at,
            (struct journal_record){.kind = JOURNAL_SWITCH, .body = rd_buf_str(&edge->alert)});
    log_notice("upgrade", "from here on the journal is another engine's",
            "record=%" PRIu64 " from_engine=%u engine=%d", record, numbers.engine, ENGINE_NUMBER);
    return 0;
}
