/* daemon/store/compact.c — the store in a new file that has its rows and nothing else; the old one
 * is overwritten, and so is what an earlier store was kept as.
 *
 *   compact.mdb   being written; of no worth after a crash
 *   erased.mdb    a second name of the old data.mdb, from before the new file takes that name until
 *                 the old bytes are zeros: a crash in between is made good by the next call */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon/store/rewrite.h"
#include "daemon/store/store.h"

enum { CHUNK = 256 * 1024 };

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

/* Nothing is to be removed where there is no such file. */
static int remove_bytes(int dir_fd, const char *name)
{
    int fd = openat(dir_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return errno == ENOENT ? 0 : -errno;
    }
    int r = overwrite(fd);
    (void)close(fd);
    return r == 0 && unlinkat(dir_fd, name, 0) != 0 ? -errno : r;
}

/* What stores were before: of an older start with --recover, or of a file that was not finished. */
static int remove_others(int dir_fd)
{
    static const char *const NAMES[] = {"damaged.mdb", "restored.mdb", "new.mdb"};
    int r = 0;
    for (size_t i = 0; i < RD_COUNT(NAMES) && r == 0; i++) {
        r = remove_bytes(dir_fd, NAMES[i]);
    }
    return r;
}

/* Removes what an earlier, interrupted call left. */
static int clear(int dir_fd)
{
    (void)unlinkat(dir_fd, new_name, 0);
    int r = is_same_file(dir_fd, old_name, data_name)
                    ? (unlinkat(dir_fd, old_name, 0) == 0 ? 0 : -errno)
                    : remove_bytes(dir_fd, old_name);
    return r == 0 && fsync(dir_fd) != 0 ? -errno : r;
}

static int copy(const char *dir)
{
    char path[PATH_MAX];
    int size = snprintf(path, sizeof path, "%s/%s", dir, new_name);
    return size < (int)sizeof path ? store_rewrite(dir, path) : -ENAMETOOLONG;
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
    r = r == 0 ? remove_others(dir_fd) : r;
    r = r == 0 ? copy(dir) : r;
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
