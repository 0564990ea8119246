#include "daemon/store/rewrite.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <lmdb.h>

#include "daemon/store/errors.h"
#include "daemon/store/store.h"

/* LMDB's own compacting copies branch pages as they are, and these keep keys of deleted rows as
 * separators. Rows that are appended in their order make separators of themselves alone. */

enum { FILE_MODE = 0600, NAME_MAX_BYTES = 64, TABLES_MAX = 2 * STORE_TABLE_COUNT };

struct rewrite {
    MDB_env *from, *to;
    MDB_txn *read, *write;
    MDB_cursor *cursor; /* of the table at work, in `write` */
    MDB_dbi table;      /* the same */
    size_t bytes;       /* since the last commit */
};

static int open_both(struct rewrite *rewrite, const char *dir, const char *path)
{
    MDB_envinfo info;
    int r = mdb_env_create(&rewrite->from);
    r = r == 0 ? mdb_env_set_maxdbs(rewrite->from, TABLES_MAX) : r;
    r = r == 0 ? mdb_env_open(rewrite->from, dir, MDB_RDONLY | MDB_NOLOCK, FILE_MODE) : r;
    r = r == 0 ? mdb_env_info(rewrite->from, &info) : r;
    r = r == 0 ? mdb_env_create(&rewrite->to) : r;
    r = r == 0 ? mdb_env_set_maxdbs(rewrite->to, TABLES_MAX) : r;
    r = r == 0 ? mdb_env_set_mapsize(rewrite->to, info.me_mapsize) : r;
    /* Of no worth until it has its name, which it gets when all of it is on the disk. */
    r = r == 0 ? mdb_env_open(rewrite->to, path, MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC | MDB_NOTLS,
                         FILE_MODE)
               : r;
    r = r == 0 ? mdb_txn_begin(rewrite->from, NULL, MDB_RDONLY, &rewrite->read) : r;
    return r == 0 ? mdb_txn_begin(rewrite->to, NULL, 0, &rewrite->write) : r;
}

static void close_both(struct rewrite *rewrite)
{
    if (rewrite->cursor != NULL) {
        mdb_cursor_close(rewrite->cursor);
    }
    if (rewrite->write != NULL) {
        mdb_txn_abort(rewrite->write);
    }
    if (rewrite->read != NULL) {
        mdb_txn_abort(rewrite->read);
    }
    if (rewrite->to != NULL) {
        mdb_env_close(rewrite->to);
    }
    if (rewrite->from != NULL) {
        mdb_env_close(rewrite->from);
    }
}

static int commit(struct rewrite *rewrite)
{
    if (rewrite->cursor != NULL) {
        mdb_cursor_close(rewrite->cursor);
        rewrite->cursor = NULL;
    }
    MDB_txn *done = rewrite->write;
    rewrite->write = NULL;
    rewrite->bytes = 0;
    return mdb_txn_commit(done);
}

/* What a transaction has changed it keeps in memory. */
static int breathe(struct rewrite *rewrite)
{
    int r = commit(rewrite);
    r = r == 0 ? mdb_txn_begin(rewrite->to, NULL, 0, &rewrite->write) : r;
    return r == 0 ? mdb_cursor_open(rewrite->write, rewrite->table, &rewrite->cursor) : r;
}

static int append(struct rewrite *rewrite, MDB_val *key, MDB_val *value)
{
    if (rewrite->bytes > REWRITE_BYTES / 2) {
        int r = breathe(rewrite);
        if (r != 0) {
            return r;
        }
    }
    rewrite->bytes += key->mv_size + value->mv_size;
    return mdb_cursor_put(rewrite->cursor, key, value, MDB_APPEND);
}

static int copy_table(struct rewrite *rewrite, const char *name)
{
    MDB_dbi from;
    MDB_cursor *cursor = NULL;
    MDB_val key, value;
    int r = mdb_dbi_open(rewrite->read, name, 0, &from);
    r = r == 0 ? mdb_cursor_open(rewrite->read, from, &cursor) : r;
    r = r == 0 ? mdb_dbi_open(rewrite->write, name, MDB_CREATE, &rewrite->table) : r;
    r = r == 0 ? mdb_cursor_open(rewrite->write, rewrite->table, &rewrite->cursor) : r;
    while (r == 0 && (r = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        r = append(rewrite, &key, &value);
    }
    if (cursor != NULL) {
        mdb_cursor_close(cursor);
    }
    if (rewrite->cursor != NULL) {
        mdb_cursor_close(rewrite->cursor);
        rewrite->cursor = NULL;
    }
    return r == MDB_NOTFOUND ? 0 : r;
}

/* Names of tables are the keys of the unnamed one. */
static int copy_tables(struct rewrite *rewrite)
{
    MDB_dbi tables;
    MDB_cursor *cursor = NULL;
    MDB_val key, value;
    int r = mdb_dbi_open(rewrite->read, NULL, 0, &tables);
    r = r == 0 ? mdb_cursor_open(rewrite->read, tables, &cursor) : r;
    while (r == 0 && (r = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        char name[NAME_MAX_BYTES + 1] = "";
        r = key.mv_size > NAME_MAX_BYTES ? MDB_CORRUPTED : 0;
        if (r == 0) {
            memcpy(name, key.mv_data, key.mv_size);
            r = copy_table(rewrite, name);
        }
    }
    if (cursor != NULL) {
        mdb_cursor_close(cursor);
    }
    return r == MDB_NOTFOUND ? 0 : r;
}

int store_rewrite(const char *dir, const char *path)
{
    struct rewrite rewrite = {.from = NULL};
    int r = open_both(&rewrite, dir, path);
    r = r == 0 ? copy_tables(&rewrite) : r;
    r = r == 0 ? commit(&rewrite) : r;
    r = r == 0 ? mdb_env_sync(rewrite.to, 1) : r;
    close_both(&rewrite);
    return store_errno(r);
}
