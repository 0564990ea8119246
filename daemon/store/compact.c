/* daemon/store/compact.c — the store in a new file that has its rows and nothing else; the old one
 * is overwritten.
 *
 *   compact.mdb   being written; of no worth after a crash
 *   erased.mdb    a second name of the old data.mdb, from before the new file takes that name until
 *                 the old bytes are zeros: a crash in between is made good by the next call */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/store/errors.h"
#include "daemon/store/room.h"

enum { FILE_MODE = 0600, CHUNK = 256 * 1024 };

static const char data_name[] = "data.mdb", new_name[] = "compact.mdb", old_name[] = "erased.mdb";

static int overwrite(int fd)
{
    static const char zeros[CHUNK];
    struct stat about;
    if (fstat(fd, &about) != 0) {
        return -errno;
    }
    for (off_t at = 0; at < about.st_size;) {
        size_t size = about.st_size - at < CHUNK ? (size_t)(about.st_size - at) : CHUNK;
        ssize_t n = pwrite(fd, zeros, size, at);
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        at += n > 0 ? n : 0;
    }
    return fsync(fd) == 0 ? 0 : -errno;
}

static bool is_same_file(int dir_fd, const char *a, const char *b)
{
    struct stat one, other;
    return fstatat(dir_fd, a, &one, AT_SYMLINK_NOFOLLOW) == 0 &&
           fstatat(dir_fd, b, &other, AT_SYMLINK_NOFOLLOW) == 0 && one.st_dev == other.st_dev &&
           one.st_ino == other.st_ino;
}

static int clear_one(int dir_fd, const char *name)
{
    if (faccessat(dir_fd, name, F_OK, 0) != 0) {
        return errno == ENOENT ? 0 : -errno;
    }
    int r = 0;
    if (!is_same_file(dir_fd, name, data_name)) {
        int fd = openat(dir_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
        r = fd >= 0 ? overwrite(fd) : -errno;
        if (fd >= 0) {
            (void)close(fd);
        }
    }
    if (r == 0 && unlinkat(dir_fd, name, 0) != 0) {
        r = -errno;
    }
    return r == 0 && fsync(dir_fd) != 0 ? -errno : r;
}

/* Removes what an earlier, interrupted call left, and what a --recover that was killed did. */
static int clear(int dir_fd)
{
    (void)unlinkat(dir_fd, new_name, 0);
    int r = clear_one(dir_fd, "restored.mdb");
    return r == 0 ? clear_one(dir_fd, old_name) : r;
}

static int copy(const char *dir, int dir_fd)
{
    MDB_env *env = NULL;
    int fd = openat(dir_fd, new_name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, FILE_MODE);
    if (fd < 0) {
        return -errno;
    }
    int r = mdb_env_create(&env);
    if (r == 0) { /* nobody else has it: the directory is locked */
        r = mdb_env_open(env, dir, MDB_RDONLY | MDB_NOLOCK, FILE_MODE);
    }
    if (r == 0) {
        r = mdb_env_copyfd2(env, fd, MDB_CP_COMPACT);
    }
    if (env != NULL) {
        mdb_env_close(env);
    }
    r = store_errno(r);
    r = r == 0 && fsync(fd) != 0 ? -errno : r;
    (void)close(fd);
    return r;
}

static int swap(int dir_fd)
{
    bool is_done = linkat(dir_fd, data_name, dir_fd, old_name, 0) == 0 && fsync(dir_fd) == 0 &&
                   renameat(dir_fd, new_name, dir_fd, data_name) == 0 && fsync(dir_fd) == 0;
    return is_done ? clear(dir_fd) : -errno;
}

int store_compact(const char *dir, char ret_what[static 256])
{
    int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = dir_fd >= 0 && flock(dir_fd, LOCK_EX | LOCK_NB) == 0 ? 0 : -errno;
    r = r == 0 ? clear(dir_fd) : r;
    r = r == 0 ? copy(dir, dir_fd) : r;
    r = r == 0 ? swap(dir_fd) : r;
    if (r < 0) {
        (void)snprintf(ret_what, 256, "writing the store into a new file: %s", strerror(-r));
        if (dir_fd >= 0) {
            (void)unlinkat(dir_fd, new_name, 0);
        }
    }
    if (dir_fd >= 0) {
        (void)close(dir_fd);
    }
    return r;
}
