#include "daemon/replay_from.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/engine/engine.h"
#include "daemon/store/shelf.h"

enum { LOAD_BYTES = 32 * 1024 * 1024 };

bool replay_from_nothing(struct journal *journal)
{
    RD_CLEANUP(journal_cursor_closep)
    struct journal_cursor *cursor = NULL;
    struct journal_record record;
    struct journal_damage damage;
    if (journal_first(journal) != 1) {
        return journal_last(journal) == 0;
    }
    if (journal_cursor_open(journal, 0, &cursor) < 0) {
        return false;
    }
    int r = journal_cursor_next(cursor, &record, &damage);
    /* What is damaged the replay tells better. */
    return r <= 0 || record.engine == ENGINE_NUMBER;
}

enum replay_kin replay_from_kin(struct journal *journal, const struct snapshot_head *head)
{
    struct journal_damage damage;
    uint8_t chain[SNAPSHOT_HASH];
    if (head->numbers.position > journal_durable(journal)) {
        return REPLAY_KIN_OTHER;
    }
    if (journal_chain(journal, head->numbers.position, chain, &damage) < 0) {
        return REPLAY_KIN_UNKNOWN;
    }
    return memcmp(chain, head->chain, sizeof chain) == 0 ? REPLAY_KIN_OURS : REPLAY_KIN_OTHER;
}

static bool is_wished(
        struct journal *journal, const struct replay_wish *wish, const struct snapshot_head *head)
{
    return head->numbers.engine == ENGINE_NUMBER && head->numbers.schema == STORE_SCHEMA &&
           head->numbers.position <= wish->position && head->wall > wish->after &&
           head->wall <= wish->until && replay_from_kin(journal, head) == REPLAY_KIN_OURS;
}

bool replay_from_find(struct journal *journal, const struct replay_wish *wish,
        struct replay_snapshot *ret_snapshot)
{
    struct shelf shelf;
    if (shelf_read(wish->dir, &shelf) < 0) {
        return false;
    }
    const struct shelf_item *found = NULL;
    for (size_t i = 0; i < shelf.count && found == NULL; i++) {
        const struct shelf_item *item = &shelf.items[wish->wants_newest ? shelf.count - 1 - i : i];
        found = is_wished(journal, wish, &item->head) ? item : NULL;
    }
    if (found != NULL) {
        ret_snapshot->position = found->head.numbers.position;
        ret_snapshot->wall = found->head.wall;
        (void)snprintf(ret_snapshot->path, sizeof ret_snapshot->path, "%.4000s/%s", wish->dir,
                found->name);
    }
    bool is_found = found != NULL;
    shelf_done(&shelf);
    return is_found;
}

static int load_row(void *arg, const char *table, struct rd_str key, struct rd_str value)
{
    struct store *store = arg;
    for (int i = 0; i < STORE_TABLE_COUNT; i++) {
        if (strcmp(store_table_name((enum store_table)i), table) == 0) {
            if (key.len == 0) {
                return 0; /* a store has all its tables */
            }
            store_put(store_live(store), (enum store_table)i, key, value);
            bool is_much = store_dirty_bytes(store_live(store)) >= LOAD_BYTES;
            return is_much ? store_flush(store) : 0;
        }
    }
    return -EBADMSG;
}

int replay_from_load(const char *path, struct store *store, struct snapshot_head *ret_head,
        char ret_what[static 256])
{
    struct snapshot_sum sum;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    int r = snapshot_head_read(fd, ret_head);
    if (r == 0 && ret_head->numbers.schema != STORE_SCHEMA) {
        (void)snprintf(ret_what, 256, "of schema %u, this program has %d", ret_head->numbers.schema,
                STORE_SCHEMA);
        r = -EPROTO;
    }
    if (r == 0 && lseek(fd, 0, SEEK_SET) < 0) {
        r = -errno;
    }
    r = r == 0 ? snapshot_read(fd, load_row, store, &sum, ret_what) : r;
    (void)close(fd);
    return r == 0 ? store_flush(store) : r;
}
