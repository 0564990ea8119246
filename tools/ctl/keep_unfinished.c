/* tools/ctl/keep_unfinished.c — the mark of a state folder that a restore is not through with. It
 * is on the disk before anything else is in the folder, and goes when all else is. */
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "daemon/store/snapshot.h"
#include "tools/ctl/keep.h"

static const char mark_text[] =
        "redressctl restore is at work here, or was ended before it was through: then remove this "
        "folder, and restore again\n";

static int mark_write(int dir_fd)
{
    int fd = openat(dir_fd, SNAPSHOT_UNFINISHED, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
    if (fd < 0) {
        return -errno;
    }
    ssize_t n = write(fd, mark_text, strlen(mark_text));
    int r = n < 0                              ? -errno
            : (size_t)n < sizeof mark_text - 1 ? -ENOSPC
            : fsync(fd) != 0                   ? -errno
                                               : 0;
    (void)close(fd);
    return r;
}

/* The folder's own name, too: it may just have been made. */
static int folder_sync(int dir_fd)
{
    int parent = openat(dir_fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = fsync(dir_fd) == 0 && parent >= 0 && fsync(parent) == 0 ? 0 : -errno;
    if (parent >= 0) {
        (void)close(parent);
    }
    return r;
}

int keep_begin(const char *dir)
{
    int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    int r = dir_fd < 0 ? -errno : mark_write(dir_fd);
    r = r == 0 ? folder_sync(dir_fd) : r;
    if (dir_fd >= 0) {
        (void)close(dir_fd);
    }
    return r;
}

int keep_end(const char *dir)
{
    int dir_fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool is_done = dir_fd >= 0 && fsync(dir_fd) == 0 &&
                   unlinkat(dir_fd, SNAPSHOT_UNFINISHED, 0) == 0 && fsync(dir_fd) == 0;
    int r = is_done ? 0 : -errno;
    if (dir_fd >= 0) {
        (void)close(dir_fd);
    }
    return r;
}
