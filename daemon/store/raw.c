#include "daemon/store/raw.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "daemon/store/errors.h"
#include "daemon/store/row_sum.h"

enum { FILE_MODE = 0600, COMMIT_BYTES = 32 * 1024 * 1024, FULL_BYTES = 1024 * 1024 };
#define MAP_BYTES (UINT64_C(1) << 40) /* address space, not memory */

/* ---- reading ---- */

static int tables_list(struct raw *raw)
{
    MDB_dbi all;
    MDB_cursor *cursor = NULL;
    int r = mdb_dbi_open(raw->txn, NULL, 0, &all);
    if (r == 0) {
        r = mdb_cursor_open(raw->txn, all, &cursor);
    }
    MDB_val key, value;
    while (r == 0 && (r = mdb_cursor_get(cursor, &key, &value, MDB_NEXT)) == 0) {
        if (raw->count == RAW_TABLES_MAX || key.mv_size >= RAW_NAME_MAX || key.mv_size == 0) {
            r = MDB_INCOMPATIBLE;
            break;
        }
        memcpy(raw->names[raw->count], key.mv_data, key.mv_size);
        raw->names[raw->count++][key.mv_size] = '\0';
    }
    mdb_cursor_close(cursor);
    r = r == MDB_NOTFOUND ? 0 : r;
    for (size_t i = 0; i < raw->count && r == 0; i++) {
        r = mdb_dbi_open(raw->txn, raw->names[i], 0, &raw->dbis[i]);
    }
    return store_errno(r);
}

int raw_begin(struct raw *raw, MDB_env *env)
{
    *raw = (struct raw){.env = env};
    int r = store_errno(mdb_txn_begin(env, NULL, MDB_RDONLY, &raw->txn));
    if (r == 0) {
        r = tables_list(raw);
    }
    if (r < 0) {
        raw_end(raw);
    }
    return r;
}

int raw_open(struct raw *raw, const char *dir)
{
    *raw = (struct raw){.is_own = true};
    int r = mdb_env_create(&raw->env);
    if (r == 0) {
        r = mdb_env_set_mapsize(raw->env, MAP_BYTES);
    }
    if (r == 0) {
        r = mdb_env_set_maxdbs(raw->env, RAW_TABLES_MAX);
    }
    if (r == 0) {
        r = mdb_env_open(raw->env, dir, MDB_NOTLS | MDB_RDONLY | MDB_NOLOCK, FILE_MODE);
    }
    if (r == 0) {
        r = mdb_txn_begin(raw->env, NULL, MDB_RDONLY, &raw->txn);
    }
    r = r == 0 ? tables_list(raw) : store_errno(r);
    if (r < 0) {
        raw_end(raw);
    }
    return r;
}

void raw_end(struct raw *raw)
{
    if (raw->txn != NULL) {
        mdb_txn_abort(raw->txn);
    }
    if (raw->is_own && raw->env != NULL) {
        mdb_env_close(raw->env);
    }
    *raw = (struct raw){.env = NULL};
}

int raw_each(struct raw *raw, size_t table, raw_row *row, void *arg, char ret_what[static 256])
{
    uint64_t seed = row_name_seed(raw->names[table]);
    MDB_cursor *cursor = NULL;
    int r = store_errno(mdb_cursor_open(raw->txn, raw->dbis[table], &cursor));
    for (uint64_t n = 1; r == 0; n++) {
        MDB_val at, what;
        int code = mdb_cursor_get(cursor, &at, &what, MDB_NEXT);
        if (code == MDB_NOTFOUND) {
            break;
        }
        struct rd_str key = {.ptr = at.mv_data, .len = at.mv_size};
        struct rd_str value = {.ptr = what.mv_data, .len = what.mv_size};
        r = store_errno(code);
        if (r == 0 && !row_strip(seed, key, &value)) {
            (void)snprintf(ret_what, 256, "table %s, row %llu: it is not what was written",
                    raw->names[table], (unsigned long long)n);
            r = -EBADMSG;
        }
        if (r == 0) {
            r = row(arg, key, value);
        }
    }
    mdb_cursor_close(cursor);
    return r;
}

int raw_get(struct raw *raw, const char *table, struct rd_str key, struct rd_str *ret_value)
{
    MDB_val at = {.mv_data = (void *)(uintptr_t)key.ptr, .mv_size = key.len}, what;
    for (size_t i = 0; i < raw->count; i++) {
        if (strcmp(raw->names[i], table) != 0) {
            continue;
        }
        int r = store_errno(mdb_get(raw->txn, raw->dbis[i], &at, &what));
        struct rd_str value = {.ptr = what.mv_data, .len = what.mv_size};
        if (r == 0 && !row_strip(row_name_seed(table), key, &value)) {
            r = -EBADMSG;
        }
        if (r == 0) {
            *ret_value = value;
        }
        return r;
    }
    return -ENOENT;
}

/* ---- making ---- */

/* LMDB returns EIO for a short write, which is what a disk does that has just become full. */
static int write_errno(const struct raw_file *file, int code)
{
    struct statvfs about;
    bool is_full = code == EIO && fstatvfs(file->dir_fd, &about) == 0 &&
                   (uint64_t)about.f_bavail * about.f_frsize < FULL_BYTES;
    return is_full ? -ENOSPC : store_errno(code);
}

static int file_open(struct raw_file *file, const char *path)
{
    int r = mdb_env_create(&file->env);
    if (r == 0) {
        r = mdb_env_set_mapsize(file->env, MAP_BYTES);
    }
    if (r == 0) {
        r = mdb_env_set_maxdbs(file->env, RAW_TABLES_MAX);
    }
    if (r == 0) { /* synced when all of it is there: until then it has no name that counts */
        r = mdb_env_open(
                file->env, path, MDB_NOTLS | MDB_NOSUBDIR | MDB_NOLOCK | MDB_NOSYNC, FILE_MODE);
    }
    return store_errno(r);
}

int raw_file_begin(struct raw_file *file, const char *dir, const char *name)
{
    char path[PATH_MAX];
    *file = (struct raw_file){.dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    if (file->dir_fd < 0) {
        return -errno;
    }
    (void)snprintf(file->name, sizeof file->name, "%.40s.mdb", name);
    int size = snprintf(path, sizeof path, "%s/%s", dir, file->name);
    int r = size < (int)sizeof path ? 0 : -ENAMETOOLONG;
    if (r == 0 && unlinkat(file->dir_fd, file->name, 0) != 0 && errno != ENOENT) {
        r = -errno;
    }
    r = r == 0 ? file_open(file, path) : r;
    if (r < 0) {
        raw_file_drop(file);
    }
    return r;
}

static int file_commit(struct raw_file *file)
{
    int r = 0;
    mdb_cursor_close(file->cursor);
    file->cursor = NULL;
    file->table[0] = '\0';
    file->bytes = 0;
    if (file->txn != NULL) {
        r = mdb_txn_commit(file->txn);
        file->txn = NULL;
    }
    return write_errno(file, r);
}

int raw_file_table(struct raw_file *file, const char *table)
{
    MDB_dbi dbi;
    if (strcmp(file->table, table) == 0) {
        return 0;
    }
    int r = file_commit(file);
    if (r < 0) {
        return r;
    }
    r = mdb_txn_begin(file->env, NULL, 0, &file->txn);
    if (r == 0) {
        r = mdb_dbi_open(file->txn, table, MDB_CREATE, &dbi);
    }
    if (r == 0) {
        r = mdb_cursor_open(file->txn, dbi, &file->cursor);
    }
    if (r == 0) {
        (void)snprintf(file->table, sizeof file->table, "%s", table);
        file->seed = row_name_seed(table);
    }
    return write_errno(file, r);
}

int raw_file_put(struct raw_file *file, const char *table, struct rd_str key, struct rd_str value)
{
    int r = file->bytes >= COMMIT_BYTES ? file_commit(file) : 0;
    r = r == 0 ? raw_file_table(file, table) : r;
    if (r < 0) {
        return r;
    }
    MDB_val at = {.mv_data = (void *)(uintptr_t)key.ptr, .mv_size = key.len};
    MDB_val what = {.mv_size = value.len + (size_t)ROW_SUM_BYTES};
    r = mdb_cursor_put(file->cursor, &at, &what, MDB_APPEND | MDB_RESERVE);
    if (r == 0) {
        if (value.len > 0) {
            memcpy(what.mv_data, value.ptr, value.len);
        }
        row_sum_put(row_sum(file->seed, key, value), (uint8_t *)what.mv_data + value.len);
        file->bytes += key.len + value.len;
    }
    /* A key out of order, or one that LMDB refuses, was not written by a store of ours. */
    return r == MDB_KEYEXIST || r == MDB_BAD_VALSIZE ? -EBADMSG : write_errno(file, r);
}

/* A second name for data.mdb, if there is one; what has that name already is not lost for it. A
 * crash may have left both names. */
static int keep_old(int dir_fd, const char *kept)
{
    struct stat there, now;
    if (linkat(dir_fd, "data.mdb", dir_fd, kept, 0) == 0 || errno == ENOENT) {
        return 0;
    }
    int r = -errno;
    bool is_same = r == -EEXIST && fstatat(dir_fd, "data.mdb", &now, AT_SYMLINK_NOFOLLOW) == 0 &&
                   fstatat(dir_fd, kept, &there, AT_SYMLINK_NOFOLLOW) == 0 &&
                   now.st_dev == there.st_dev && now.st_ino == there.st_ino;
    return is_same || faccessat(dir_fd, "data.mdb", F_OK, 0) != 0 ? 0 : r;
}

/* Renames and syncs one name after the other, so that at every instant there is a data.mdb. */
static int file_name(const struct raw_file *file, const char *old)
{
    char kept[RAW_NAME_MAX];
    (void)snprintf(kept, sizeof kept, "%.40s.mdb", old != NULL ? old : "");
    int r = old != NULL ? keep_old(file->dir_fd, kept) : 0;
    if (r < 0) {
        return r;
    }
    if (fsync(file->dir_fd) != 0 ||
            renameat(file->dir_fd, file->name, file->dir_fd, "data.mdb") != 0) {
        return -errno;
    }
    /* lock.mdb has the readers of the old file. */
    if (unlinkat(file->dir_fd, "lock.mdb", 0) != 0 && errno != ENOENT) {
        return -errno;
    }
    return fsync(file->dir_fd) == 0 ? 0 : -errno;
}

int raw_file_end(struct raw_file *file, const char *old)
{
    int r = file_commit(file);
    if (r == 0) {
        r = write_errno(file, mdb_env_sync(file->env, 1));
    }
    mdb_env_close(file->env);
    file->env = NULL;
    if (r == 0) {
        r = file_name(file, old);
    }
    if (r == 0) {
        file->name[0] = '\0'; /* it has another one now */
    }
    raw_file_drop(file);
    return r;
}

void raw_file_drop(struct raw_file *file)
{
    if (file->name[0] == '\0' && file->env == NULL) {
        if (file->dir_fd > 0) {
            (void)close(file->dir_fd);
        }
        *file = (struct raw_file){.dir_fd = -1};
        return;
    }
    mdb_cursor_close(file->cursor);
    if (file->txn != NULL) {
        mdb_txn_abort(file->txn);
    }
    if (file->env != NULL) {
        mdb_env_close(file->env);
    }
    if (file->dir_fd >= 0) {
        (void)unlinkat(file->dir_fd, file->name, 0);
        (void)close(file->dir_fd);
    }
    *file = (struct raw_file){.dir_fd = -1};
}
