/* daemon/store/raw.h — rows of a store of any version, as bytes: tables by their names, keys and
 * values as they lie, the checksums taken off and put on. The rows are not interpreted.
 *
 * For snapshots, and for bringing a state of an older version forward. LMDB's errors come as
 * store_errno() makes them. */
#pragma once

#include <lmdb.h>

#include "daemon/store/store.h"

enum { RAW_NAME_MAX = 64, RAW_TABLES_MAX = 64 };

/* ---- reading: one LMDB snapshot ---- */

struct raw {
    MDB_env *env;
    MDB_txn *txn;
    bool is_own; /* the environment was opened here */
    size_t count;
    char names[RAW_TABLES_MAX][RAW_NAME_MAX]; /* of the tables, as memcmp orders them */
    MDB_dbi dbis[RAW_TABLES_MAX];
};

/* Of an environment that is open, by a transaction of its own; it stays the caller's. */
RD_MUST_USE int raw_begin(struct raw *raw, MDB_env *env);
/* Of a store that nobody has open; the caller holds its lock and has let the audit look at it. */
RD_MUST_USE int raw_open(struct raw *raw, const char *dir);
void raw_end(struct raw *raw); /* zeroed or begun */

/* Each row of a table in key order. 0, the first that `row` returns below 0, -EBADMSG (a checksum
 * does not fit; where, in ret_what), -errno. */
typedef int raw_row(void *arg, struct rd_str key, struct rd_str value);
RD_MUST_USE int raw_each(
        struct raw *raw, size_t table, raw_row *row, void *arg, char ret_what[static 256]);
/* A row of a table of that name. 0, -ENOENT, -EBADMSG, -errno; borrowed until raw_end(). */
RD_MUST_USE int raw_get(
        struct raw *raw, const char *table, struct rd_str key, struct rd_str *ret_value);

/* ---- making a store's file: rows in key order, table after table ---- */

struct raw_file {
    int dir_fd;
    char name[RAW_NAME_MAX]; /* in that folder, until raw_file_end() gives it its own */
    MDB_env *env;
    MDB_txn *txn;
    MDB_cursor *cursor;
    char table[RAW_NAME_MAX];
    uint64_t seed, bytes; /* of the rows since the last commit */
};

/* `name`.mdb in the folder, instead of what was left of an earlier try. */
RD_MUST_USE int raw_file_begin(struct raw_file *file, const char *dir, const char *name);
RD_MUST_USE int raw_file_put(
        struct raw_file *file, const char *table, struct rd_str key, struct rd_str value);
/* Begins a table, which will exist even without rows. */
RD_MUST_USE int raw_file_table(struct raw_file *file, const char *table);
/* Syncs and closes the file, then renames it to data.mdb atomically. The file before is kept as
 * `old`.mdb, if `old` is not NULL. -EEXIST: another file has that name. */
RD_MUST_USE int raw_file_end(struct raw_file *file, const char *old);
void raw_file_drop(struct raw_file *file); /* not ended: removed. Accepts a zeroed one */
