#include "daemon/store/flush.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/base/num.h"
#include "daemon/store/errors.h"
#include "daemon/store/row_sum.h"

/* LMDB returns EIO for a short write, which is what a disk does that has just become full. If less
 * than this is left, the error is treated as a full disk. */
enum { FULL_BYTES = 1024 * 1024, PAGE_BYTES = 4096 };

enum { READERS_EVERY = 16 }; /* checkpoints */

void flush_done(struct flush *flush)
{
    free(flush->items);
    *flush = (struct flush){0};
}

/* The table's rows in key order in flush->items; returns how many. */
static size_t table_sort(struct flush *flush, const struct overlay_table *table)
{
    if (table->count > flush->cap) {
        free(flush->items);
        flush->cap = table->count + table->count / 4;
        flush->items = malloc(flush->cap * sizeof *flush->items);
        if (flush->items == NULL) {
            rd_oom();
        }
    }
    bool is_sorted = true;
    for (size_t i = 0; i < table->count; i++) {
        flush->items[i] = rowtree_item_of(table->rows[i]);
        is_sorted = is_sorted &&
                    (i == 0 || rowtree_item_cmp(&flush->items[i - 1], &flush->items[i]) < 0);
    }
    if (!is_sorted) {
        qsort(flush->items, table->count, sizeof *flush->items, rowtree_item_cmp);
    }
    return table->count;
}

static int row_delete(MDB_cursor *cursor, MDB_val *key)
{
    MDB_val value;
    int r = mdb_cursor_get(cursor, key, &value, MDB_SET);
    if (r == 0) {
        r = mdb_cursor_del(cursor, 0);
    }
    return r == MDB_NOTFOUND ? 0 : r; /* put and deleted since the last checkpoint */
}

/* Writes the row, followed by its checksum. */
static int row_write(MDB_cursor *cursor, const struct row *row, uint64_t seed, unsigned flags)
{
    MDB_val key = {.mv_data = (void *)(uintptr_t)row->key, .mv_size = row->key_len};
    MDB_val value = {.mv_size = row->value_len + (size_t)ROW_SUM_BYTES};
    int r = mdb_cursor_put(cursor, &key, &value, flags | MDB_RESERVE);
    if (r == 0) {
        uint8_t *at = value.mv_data;
        struct rd_str bare = row_value(row);
        if (bare.len > 0) {
            memcpy(at, bare.ptr, bare.len);
        }
        row_sum_put(row_sum(seed, row_key(row), bare), at + bare.len);
    }
    return r;
}

static int rows_write(
        MDB_cursor *cursor, const struct rowtree_item *items, size_t count, uint64_t seed)
{
    MDB_val last;
    MDB_val value;
    int r = mdb_cursor_get(cursor, &last, &value, MDB_LAST);
    bool is_empty = r == MDB_NOTFOUND;
    if (r != 0 && !is_empty) {
        return r;
    }
    /* Counts the items that are not greater than every key of the table: only the others can be
     * appended. `last` is invalid after the first put. */
    size_t inside = 0;
    size_t high = is_empty ? 0 : count;
    while (inside < high) {
        size_t middle = inside + (high - inside) / 2;
        struct rd_str end = {.ptr = last.mv_data, .len = last.mv_size};
        if (rd_str_cmp(row_key(items[middle].row), end) <= 0) {
            inside = middle + 1;
        } else {
            high = middle;
        }
    }
    r = 0;
    for (size_t i = 0; i < count && r == 0; i++) {
        struct row *row = items[i].row;
        MDB_val key = {.mv_data = row->key, .mv_size = row->key_len};
        if (row->state == ROW_VALUE) {
            r = row_write(cursor, row, seed, i < inside ? 0U : MDB_APPEND);
        } else if (row->state == ROW_TOMBSTONE && i < inside) {
            r = row_delete(cursor, &key);
        }
    }
    return r;
}

static int table_write(MDB_txn *txn, const struct dbenv *env, enum store_table table,
        const struct rowtree_item *items, size_t count)
{
    MDB_cursor *cursor = NULL;
    int r = mdb_cursor_open(txn, env->dbis[table], &cursor);
    if (r != 0) {
        return r;
    }
    r = rows_write(cursor, items, count, env->seeds[table]);
    mdb_cursor_close(cursor);
    return r;
}

/* Bytes that this thread has written so far, by proc_pid_io(5): LMDB does not report how many pages
 * a transaction takes, with branch pages and its free list. False: the kernel does not say. */
static bool bytes_written(uint64_t *ret_bytes)
{
    static const char name[] = "wchar: ";
    char text[512];
    int fd = open("/proc/thread-self/io", O_RDONLY | O_CLOEXEC);
    if (fd < 0) {
        return false;
    }
    ssize_t size = read(fd, text, sizeof text - 1);
    (void)close(fd);
    text[size > 0 ? size : 0] = '\0';
    const char *at = strstr(text, name);
    if (at == NULL) {
        return false;
    }
    at += strlen(name);
    return rd_u64_parse((struct rd_str){.ptr = at, .len = strcspn(at, "\n")}, ret_bytes) == 0;
}

/* A tool that was killed beside the daemon leaves its snapshot open, and then no page freed since
 * can be reused. This lets LMDB search its reader table, which has a fixed size, for dead
 * processes. */
static void clear_dead_readers(struct flush *flush, const struct dbenv *env)
{
    if (flush->count++ % READERS_EVERY == 0) {
        int dead = 0;
        int r = mdb_reader_check(env->env, &dead);
        (void)r; /* if the table cannot be read, the next transaction reports it */
    }
}

int flush_overlay(struct flush *flush, const struct dbenv *env, const struct overlay *overlay)
{
    MDB_txn *txn = NULL;
    uint64_t before;
    uint64_t after;
    bool is_told = bytes_written(&before);
    flush->rows = 0;
    clear_dead_readers(flush, env);
    int r = mdb_txn_begin(env->env, NULL, 0, &txn);
    for (int i = 0; i < STORE_TABLE_COUNT && r == 0; i++) {
        if (overlay->tables[i].count > 0) {
            size_t count = table_sort(flush, &overlay->tables[i]);
            r = table_write(txn, env, (enum store_table)i, flush->items, count);
            flush->rows += count;
        }
    }
    if (r == 0) {
        r = mdb_txn_commit(txn);
    } else if (txn != NULL) {
        mdb_txn_abort(txn);
    }
    is_told = is_told && bytes_written(&after);
    flush->pages = is_told ? (after - before) / PAGE_BYTES : 0;
    if (r == EIO && dbenv_free_bytes(env) < FULL_BYTES) {
        return -ENOSPC;
    }
    return store_errno(r);
}
