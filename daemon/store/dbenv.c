#include "daemon/store/dbenv.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "daemon/store/audit.h"
#include "daemon/store/errors.h"
#include "daemon/store/numbers.h"
#include "daemon/store/row_sum.h"
#include "daemon/store/snapshot.h"

enum { WHAT_SIZE = 256, FILE_MODE = 0600, DIR_MODE = 0700 };
enum { SCHEMA_ROW_VERSION = 1, SCHEMA_ROW_BARE = 5, SCHEMA_ROW_SIZE = 9 };

static const char lock_name[] = "lock.mdb";

static int say(char *ret_what, const char *doing, int error)
{
    (void)snprintf(ret_what, WHAT_SIZE, "%s: %s", doing, strerror(-error));
    return error;
}

static int say_mdb(char *ret_what, const char *doing, int code)
{
    int error = store_errno(code);
    (void)snprintf(ret_what, WHAT_SIZE, "%s: %s (LMDB %d)", doing, mdb_strerror(code), code);
    return error;
}

/* The entry of a directory just made is durable when its parent is. */
static int parent_sync(int dir_fd)
{
    int fd = openat(dir_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    int r = fsync(fd) == 0 ? 0 : -errno;
    (void)close(fd);
    return r;
}

static int dir_open(struct dbenv *env, const struct store_options *options, char *ret_what)
{
    bool is_new = false;
    if (!options->read_only) {
        is_new = mkdir(options->dir, DIR_MODE) == 0;
        if (!is_new && errno != EEXIST) {
            return say(ret_what, "creating the directory of the state", -errno);
        }
    }
    env->dir_fd = open(options->dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (env->dir_fd < 0) {
        return say(ret_what, "opening the directory of the state", -errno);
    }
    int r = is_new ? parent_sync(env->dir_fd) : 0;
    if (r < 0) {
        return say(ret_what, "syncing the parent of the state's directory", r);
    }
    if (!options->read_only && flock(env->dir_fd, LOCK_EX | LOCK_NB) != 0) {
        r = -errno;
        return say(ret_what,
                r == -EWOULDBLOCK ? "the state is in use by another redressd"
                                  : "locking the directory of the state",
                r);
    }
    return 0;
}

/* Root may look at a state of another user. The lock file that it makes is that user's too, or the
 * daemon could not start beside it. */
static int lock_give(const struct dbenv *env)
{
    struct stat dir, lock;
    if (geteuid() != 0 || fstat(env->dir_fd, &dir) != 0 ||
            fstatat(env->dir_fd, lock_name, &lock, AT_SYMLINK_NOFOLLOW) != 0 ||
            (lock.st_uid == dir.st_uid && lock.st_gid == dir.st_gid)) {
        return 0;
    }
    int r = fchownat(env->dir_fd, lock_name, dir.st_uid, dir.st_gid, AT_SYMLINK_NOFOLLOW);
    return r == 0 ? 0 : -errno;
}

/* LMDB says no more than the errno. */
static int say_open(const struct dbenv *env, char *ret_what, int code)
{
    static const char *const names[] = {lock_name, "data.mdb"};
    for (size_t i = 0; code == EACCES && i < RD_COUNT(names); i++) {
        int mode = env->read_only && i > 0 ? R_OK : R_OK | W_OK;
        if (faccessat(env->dir_fd, names[i], mode, AT_EACCESS) != 0 && errno == EACCES) {
            (void)snprintf(ret_what, WHAT_SIZE,
                    "%s in the store's folder is another user's or may not be written: give it "
                    "the folder's owner (chown)",
                    names[i]);
            return -EACCES;
        }
    }
    return say_mdb(ret_what, "opening the state", code);
}

static int env_open(struct dbenv *env, const struct store_options *options, char *ret_what)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    size_t map_size = (size_t)options->map_bytes_max / page * page;
    RD_ASSERT(map_size > 0);
    int r = mdb_env_create(&env->env);
    if (r == 0) {
        r = mdb_env_set_mapsize(env->env, map_size);
    }
    if (r == 0) {
        r = mdb_env_set_maxdbs(env->env, STORE_TABLE_COUNT);
    }
    if (r == 0) {
        unsigned flags = MDB_NOTLS | (options->read_only ? MDB_RDONLY : 0U) |
                         (options->is_scratch ? MDB_NOSYNC : 0U);
        r = mdb_env_open(env->env, options->dir, flags, FILE_MODE);
    }
    int fd = -1;
    if (r == 0) {
        r = mdb_env_get_fd(env->env, &fd);
    }
    if (r != 0) {
        return say_open(env, ret_what, r);
    }
    r = lock_give(env);
    if (r < 0) {
        return say(ret_what, "giving lock.mdb to the owner of the store's folder", r);
    }
    if (fcntl(fd, F_SETFD, FD_CLOEXEC) != 0) { /* LMDB opens it without */
        return say(ret_what, "opening the state", -errno);
    }
    int dead = 0;
    r = mdb_reader_check(env->env, &dead);
    if (r != 0) {
        return say_mdb(ret_what, "clearing dead readers of the state", r);
    }
    return 0;
}

static void schema_row(uint8_t row[static SCHEMA_ROW_SIZE])
{
    row[0] = SCHEMA_ROW_VERSION;
    for (int i = 1; i < SCHEMA_ROW_BARE; i++) {
        row[i] = (uint8_t)((uint32_t)STORE_SCHEMA >> (8 * (SCHEMA_ROW_BARE - 1 - i)));
    }
    struct rd_str bare = {.ptr = (const char *)row, .len = SCHEMA_ROW_BARE};
    row_sum_put(row_sum(row_table_seed(STORE_META), RD_STR("schema"), bare), row + SCHEMA_ROW_BARE);
}

static int schema_check(const struct dbenv *env, MDB_txn *txn, char *ret_what)
{
    MDB_val key = {.mv_data = (char[]){"schema"}, .mv_size = strlen("schema")};
    MDB_val value;
    int r = env->dbis[STORE_META] != 0 ? mdb_get(txn, env->dbis[STORE_META], &key, &value)
                                       : MDB_NOTFOUND;
    if (r == MDB_NOTFOUND) {
        (void)snprintf(
                ret_what, WHAT_SIZE, "the state has no schema number: not a state of redressd");
        return -EPROTO;
    }
    if (r != 0) {
        return say_mdb(ret_what, "reading the schema number", r);
    }
    uint8_t expected[SCHEMA_ROW_SIZE];
    schema_row(expected);
    if (value.mv_size == sizeof expected && memcmp(value.mv_data, expected, sizeof expected) == 0) {
        return 0;
    }
    const uint8_t *row = value.mv_data;
    if (value.mv_size != sizeof expected || row[0] != SCHEMA_ROW_VERSION) {
        (void)snprintf(ret_what, WHAT_SIZE,
                "the state's schema number is written in a way that this program does not know");
        return -EPROTO;
    }
    uint32_t found = (uint32_t)row[1] << 24 | (uint32_t)row[2] << 16 | (uint32_t)row[3] << 8 |
                     (uint32_t)row[4];
    (void)snprintf(ret_what, WHAT_SIZE, "the state has schema %u, this program has %d", found,
            STORE_SCHEMA);
    return -EPROTO;
}

static int schema_put(const struct dbenv *env, MDB_txn *txn)
{
    uint8_t row[SCHEMA_ROW_SIZE];
    schema_row(row);
    MDB_val key = {.mv_data = (char[]){"schema"}, .mv_size = strlen("schema")};
    MDB_val value = {.mv_data = row, .mv_size = sizeof row};
    return mdb_put(txn, env->dbis[STORE_META], &key, &value, 0);
}

/* A new file with nothing but the schema number. */
static int file_make(struct dbenv *made, const char *path)
{
    MDB_txn *txn = NULL;
    int r = mdb_env_create(&made->env);
    if (r == 0) {
        r = mdb_env_set_maxdbs(made->env, STORE_TABLE_COUNT);
    }
    if (r == 0) {
        r = mdb_env_open(made->env, path, MDB_NOTLS | MDB_NOSUBDIR | MDB_NOLOCK, FILE_MODE);
    }
    if (r == 0) {
        r = mdb_txn_begin(made->env, NULL, 0, &txn);
    }
    if (r == 0) {
        r = mdb_dbi_open(txn, store_table_name(STORE_META), MDB_CREATE, &made->dbis[STORE_META]);
    }
    if (r == 0) {
        r = schema_put(made, txn);
    }
    if (r == 0) {
        r = mdb_txn_commit(txn);
    } else if (txn != NULL) {
        mdb_txn_abort(txn);
    }
    if (made->env != NULL) {
        mdb_env_close(made->env);
    }
    return r;
}

/* LMDB writes the first pages of a file without syncing them: after a power cut then it would find
 * half of them and refuse. So a new file gets its name when all of it is on the disk. */
static int file_create(const struct dbenv *env, const struct store_options *options, char *ret_what)
{
    static const char name[] = "new.mdb";
    char path[PATH_MAX];
    if (options->read_only || faccessat(env->dir_fd, "data.mdb", F_OK, 0) == 0) {
        return 0;
    }
    if (snprintf(path, sizeof path, "%s/%s", options->dir, name) >= (int)sizeof path) {
        return say(ret_what, "creating the state", -ENAMETOOLONG);
    }
    if (unlinkat(env->dir_fd, name, 0) != 0 && errno != ENOENT) {
        return say(ret_what, "clearing a state that was not finished", -errno);
    }
    struct dbenv made = {.dir_fd = -1};
    int r = file_make(&made, path);
    if (r != 0) {
        return say_mdb(ret_what, "creating the state", r);
    }
    if (renameat(env->dir_fd, name, env->dir_fd, "data.mdb") != 0 || fsync(env->dir_fd) != 0) {
        return say(ret_what, "naming the new state", -errno);
    }
    return 0;
}

/* Before any row is looked at: what another version wrote is not judged by the rules of this one.
 */
static int numbers_check(int fd, const struct store_options *options, char *ret_what)
{
    struct store_numbers numbers = {.schema = 0};
    int r = numbers_read(fd, &numbers);
    if (r == 0 && options->numbers != NULL) {
        *options->numbers = numbers;
    }
    if (r == -ENOENT || r == -EPROTO) {
        (void)snprintf(ret_what, WHAT_SIZE, "%s",
                r == -ENOENT ? "the state has no schema number: not a state of redressd"
                             : "the state's schema number is written in a way that this program "
                               "does not know");
        return -EPROTO;
    }
    if (r < 0) {
        return r == -EBADMSG ? 0 : say(ret_what, "reading data.mdb", r); /* the audit says where */
    }
    bool is_ours = numbers.schema == STORE_SCHEMA && (options->engine == 0 || numbers.engine == 0 ||
                                                             numbers.engine == options->engine);
    if (!is_ours) {
        (void)snprintf(ret_what, WHAT_SIZE, "the state has engine %u and schema %u", numbers.engine,
                numbers.schema);
    }
    return is_ours ? 0 : -EPROTO;
}

/* Not beside a daemon that writes it. */
static int file_look(const struct dbenv *env, const struct store_options *options, char *ret_what)
{
    if (env->read_only && flock(env->dir_fd, LOCK_SH | LOCK_NB) != 0) {
        return 0;
    }
    int fd = openat(env->dir_fd, "data.mdb", O_RDONLY | O_CLOEXEC);
    int r = fd >= 0 ? numbers_check(fd, options, ret_what) : 0; /* LMDB tells that it is missing */
    if (r == 0 && fd >= 0) {
        r = audit_file(fd, false, AUDIT_BYTES_MAX, ret_what);
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    if (env->read_only) {
        (void)flock(env->dir_fd, LOCK_UN);
    }
    return r;
}

int store_audit(const char *dir, bool is_all, char ret_what[static 256])
{
    char path[PATH_MAX];
    struct store_numbers numbers = {.schema = STORE_SCHEMA};
    (void)snprintf(path, sizeof path, "%.4000s/data.mdb", dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return say(ret_what, "opening data.mdb", -errno);
    }
    int r = numbers_read(fd, &numbers); /* what it cannot read the audit finds */
    r = audit_file(fd, r == 0 && numbers.schema != STORE_SCHEMA,
            is_all ? UINT64_MAX : AUDIT_BYTES_MAX, ret_what);
    (void)close(fd);
    return r;
}

/* Is there any table? A database without one has just been created. */
static int main_is_empty(MDB_txn *txn, bool *ret_is_empty)
{
    MDB_dbi dbi;
    MDB_stat stat;
    int r = mdb_dbi_open(txn, NULL, 0, &dbi);
    if (r == 0) {
        r = mdb_stat(txn, dbi, &stat);
    }
    if (r == 0) {
        *ret_is_empty = stat.ms_entries == 0;
    }
    return r;
}

static int tables_open(struct dbenv *env, MDB_txn *txn, char *ret_what)
{
    bool is_new = false;
    int r = main_is_empty(txn, &is_new);
    if (r != 0) {
        return say_mdb(ret_what, "reading the state", r);
    }
    if (!is_new) { /* look before anything is added to what may not be ours */
        r = mdb_dbi_open(txn, store_table_name(STORE_META), 0, &env->dbis[STORE_META]);
        if (r != 0 && r != MDB_NOTFOUND) {
            return say_mdb(ret_what, "opening the table meta", r);
        }
    }
    if (!is_new || env->read_only) {
        r = schema_check(env, txn, ret_what);
        if (r < 0) {
            return r;
        }
    }
    for (int i = 0; i < STORE_TABLE_COUNT; i++) {
        const char *name = store_table_name((enum store_table)i);
        r = mdb_dbi_open(txn, name, env->read_only ? 0 : MDB_CREATE, &env->dbis[i]);
        if (r == MDB_NOTFOUND && env->read_only) {
            env->dbis[i] = 0;
        } else if (r != 0) {
            return say_mdb(ret_what, "opening the tables of the state", r);
        }
    }
    r = is_new ? schema_put(env, txn) : 0;
    return r != 0 ? say_mdb(ret_what, "writing the schema number", r) : 0;
}

int dbenv_open(struct dbenv *env, const struct store_options *options, char ret_what[static 256])
{
    *env = (struct dbenv){.dir_fd = -1, .read_only = options->read_only};
    for (int i = 0; i < STORE_TABLE_COUNT; i++) {
        env->seeds[i] = row_table_seed((enum store_table)i);
    }
    int r = dir_open(env, options, ret_what);
    if (r == 0) {
        r = file_create(env, options, ret_what);
    }
    if (r == 0) {
        r = file_look(env, options, ret_what);
    }
    if (r == 0) {
        r = env_open(env, options, ret_what);
    }
    MDB_txn *txn = NULL;
    if (r == 0) {
        r = mdb_txn_begin(env->env, NULL, env->read_only ? MDB_RDONLY : 0U, &txn);
        r = r != 0 ? say_mdb(ret_what, "reading the state", r) : 0;
    }
    if (r == 0) {
        r = tables_open(env, txn, ret_what);
    }
    if (r == 0) { /* of a read transaction too: the handles become everybody's */
        r = mdb_txn_commit(txn);
        txn = NULL;
        r = r != 0 ? say_mdb(ret_what, "creating the tables of the state", r) : 0;
    }
    if (r == 0 && !env->read_only && fsync(env->dir_fd) != 0) { /* LMDB leaves that out */
        r = say(ret_what, "syncing the directory of the state", -errno);
    }
    if (txn != NULL) {
        mdb_txn_abort(txn);
    }
    if (r < 0) {
        dbenv_close(env);
    }
    return r;
}

void dbenv_close(struct dbenv *env)
{
    if (env->env != NULL) {
        mdb_env_close(env->env);
    }
    if (env->dir_fd >= 0) {
        (void)close(env->dir_fd);
    }
    *env = (struct dbenv){.dir_fd = -1};
}

int dbenv_read(const struct dbenv *env, MDB_txn **ret_txn)
{
    MDB_txn *txn = NULL;
    int r = mdb_txn_begin(env->env, NULL, MDB_RDONLY, &txn);
    if (r == MDB_READERS_FULL) {
        int dead = 0;
        r = mdb_reader_check(env->env, &dead);
        if (r == 0) {
            r = mdb_txn_begin(env->env, NULL, MDB_RDONLY, &txn);
        }
    }
    if (r == 0) {
        *ret_txn = txn;
    }
    return store_errno(r);
}

uint64_t dbenv_free_bytes(const struct dbenv *env)
{
    struct statvfs stat;
    return fstatvfs(env->dir_fd, &stat) == 0 ? (uint64_t)stat.f_bavail * stat.f_frsize : 0;
}

/* Pages in the free list: table 0 has, per transaction, a count and as many page numbers. */
static int free_pages(const struct dbenv *env, uint64_t *ret_pages)
{
    MDB_txn *txn = NULL;
    int r = dbenv_read(env, &txn);
    if (r < 0) {
        return r;
    }
    MDB_cursor *cursor = NULL;
    r = mdb_cursor_open(txn, 0, &cursor);
    uint64_t pages = 0;
    while (r == 0) {
        MDB_val key;
        MDB_val value;
        r = mdb_cursor_get(cursor, &key, &value, MDB_NEXT);
        size_t count = 0;
        if (r == 0 && value.mv_size >= sizeof count) {
            memcpy(&count, value.mv_data, sizeof count);
            pages += count;
        }
    }
    mdb_cursor_close(cursor);
    mdb_txn_abort(txn);
    if (r != MDB_NOTFOUND) {
        return store_errno(r);
    }
    *ret_pages = pages;
    return 0;
}

int dbenv_measure(const struct dbenv *env, struct store_use *ret_use)
{
    MDB_envinfo info;
    MDB_stat stat;
    int r = mdb_env_info(env->env, &info);
    if (r == 0) {
        r = mdb_env_stat(env->env, &stat);
    }
    int fd = -1;
    if (r == 0) {
        r = mdb_env_get_fd(env->env, &fd);
    }
    uint64_t free = 0;
    r = r == 0 ? free_pages(env, &free) : store_errno(r);
    if (r < 0) {
        return r;
    }
    uint64_t pages = info.me_last_pgno + 1;
    struct stat file;
    *ret_use = (struct store_use){.map_bytes = info.me_mapsize,
            .used_bytes = (pages - (free < pages ? free : pages)) * stat.ms_psize,
            .file_bytes = fstat(fd, &file) == 0 ? (uint64_t)file.st_size : 0,
            .free_bytes = dbenv_free_bytes(env)};
    return 0;
}
