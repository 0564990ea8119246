/* The record of an upgrade: where in the journal another engine begins. */
#include <inttypes.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

#include "daemon/keeper.h"
#include "daemon/store/shelf.h"
#include "daemon/upgrade.h"

enum { HASH = SNAPSHOT_HASH };

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
    if (r == 0 && edge->switched.has_after) {
        memcpy(after, edge->switched.after, HASH);
    } else if (r == 0) {
        r = store_digest(edge->store, after);
    }
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
