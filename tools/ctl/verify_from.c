#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "daemon/engine/engine.h"
#include "daemon/store/shelf.h"
#include "tools/ctl/verify.h"

enum { LOAD_BYTES = 32 * 1024 * 1024 };

bool verify_from_nothing(struct journal *journal)
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

bool verify_from_find(
        const char *dir, struct journal *journal, uint64_t position, char ret_path[static PATH_MAX])
{
    struct shelf shelf;
    if (shelf_read(dir, &shelf) < 0) {
        return false;
    }
    bool is_found = false;
    for (size_t i = 0; i < shelf.count && !is_found; i++) {
        const struct snapshot_head *head = &shelf.items[i].head;
        struct journal_damage damage;
        uint8_t chain[SNAPSHOT_HASH];
        is_found = head->numbers.engine == ENGINE_NUMBER && head->numbers.schema == STORE_SCHEMA &&
                   head->numbers.position <= position &&
                   journal_chain(journal, head->numbers.position, chain, &damage) == 0 &&
                   memcmp(chain, head->chain, sizeof chain) == 0;
        if (is_found) {
            (void)snprintf(ret_path, PATH_MAX, "%.4000s/%s", dir, shelf.items[i].name);
        }
    }
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

int verify_from_load(const char *path, struct store *store, struct snapshot_head *ret_head,
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
