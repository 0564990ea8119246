#include "tests/shim/shim.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

static char root[PATH_MAX]; /* with a slash behind; empty: the library sleeps */
static size_t root_len;
static struct shim_fd fds[SHIM_FDS];

/* The function that this one stands before. */
#define NEXT(name)                                                                                 \
    static __typeof__(name) *next;                                                                 \
    if (next == NULL) {                                                                            \
        *(void **)&next = dlsym(RTLD_NEXT, #name);                                                 \
    }

__attribute__((constructor)) static void begin(void)
{
    const char *path = getenv("REDRESS_SHIM_ROOT");
    if (path == NULL || path[0] == '\0') {
        return;
    }
    root_len = (size_t)snprintf(root, sizeof root, "%s/", path);
    faults_begin();
    record_begin();
}

const struct shim_fd *shim_fd(int fd)
{
    return fd >= 0 && fd < SHIM_FDS && fds[fd].ino != 0 ? &fds[fd] : NULL;
}

static uint64_t inode_at(int dir_fd, const char *path)
{
    struct stat status;
    return fstatat(dir_fd, path, &status, AT_SYMLINK_NOFOLLOW) == 0 ? status.st_ino : 0;
}

/* The path below the root, or NULL: not there. The root itself is "". */
static const char *below_root(int dir_fd, const char *path, char *space)
{
    char folder[64];
    if (root_len == 0) {
        return NULL;
    }
    if (path[0] == '/' || dir_fd == AT_FDCWD) {
        (void)snprintf(space, PATH_MAX, "%s", path);
    } else {
        (void)snprintf(folder, sizeof folder, "/proc/self/fd/%d", dir_fd);
        ssize_t n = readlink(folder, space, PATH_MAX / 2);
        if (n < 0) {
            return NULL;
        }
        if (strcmp(path, "..") == 0) {
            space[n] = '\0';
            *strrchr(space, '/') = '\0';
        } else if (strcmp(path, ".") == 0) {
            space[n] = '\0';
        } else {
            (void)snprintf(space + n, PATH_MAX / 2, "/%s", path);
        }
    }
    if (strncmp(space, root, root_len) == 0) {
        return space + root_len;
    }
    return strncmp(space, root, root_len - 1) == 0 && space[root_len - 1] == '\0' ? "" : NULL;
}

static uint64_t parent_inode(const char *full)
{
    char folder[PATH_MAX];
    (void)snprintf(folder, sizeof folder, "%s", full);
    char *slash = strrchr(folder, '/');
    if (slash == NULL) {
        return 0;
    }
    *slash = '\0';
    return inode_at(AT_FDCWD, folder);
}

static const char *last_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash != NULL ? slash + 1 : path;
}

static int opened(int fd, const char *full, const char *below, int flags, bool is_new)
{
    struct stat status;
    if (fd < 0 || fd >= SHIM_FDS || fstat(fd, &status) != 0) {
        return fd;
    }
    fds[fd] = (struct shim_fd){.ino = status.st_ino, .is_synced = (flags & O_DSYNC) != 0};
    if (is_new) {
        const char *name = last_name(full);
        record_put(&(struct shim_record){.op = 'C',
                .a = parent_inode(full),
                .b = status.st_ino,
                .bytes = name,
                .len = strlen(name)});
    }
    record_put(&(struct shim_record){.op = 'O',
            .a = status.st_ino,
            .b = (uint64_t)status.st_size,
            .bytes = below,
            .len = strlen(below)});
    if ((flags & O_TRUNC) != 0 && !is_new) {
        record_put(&(struct shim_record){.op = 'T', .a = status.st_ino});
    }
    return fd;
}

int openat(int dir_fd, const char *path, int flags, ...)
{
    NEXT(openat)
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    char space[PATH_MAX];
    const char *below = below_root(dir_fd, path, space);
    if (below == NULL) {
        return next(dir_fd, path, flags, mode);
    }
    if (fault_of(SHIM_OPEN) == FAULT_ERROR) {
        return -1;
    }
    bool is_new = (flags & O_CREAT) != 0 && inode_at(AT_FDCWD, space) == 0;
    return opened(next(dir_fd, path, flags, mode), space, below, flags, is_new);
}

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    mode_t mode = (flags & O_CREAT) != 0 ? va_arg(args, mode_t) : 0;
    va_end(args);
    return openat(AT_FDCWD, path, flags, mode);
}

static void forget(int fd)
{
    if (fd >= 0 && fd < SHIM_FDS) {
        fds[fd].ino = 0;
    }
}

int close(int fd)
{
    NEXT(close)
    forget(fd);
    return next(fd);
}

int closedir(DIR *dir)
{
    NEXT(closedir)
    forget(dirfd(dir));
    return next(dir);
}

/* ---- bytes ---- */

static bool is_growing(int fd, uint64_t end)
{
    struct stat status;
    return fstat(fd, &status) == 0 && end > (uint64_t)status.st_size;
}

/* How many of `size` bytes are written; 0: the call fails with errno. */
static size_t judge_write(int fd, size_t size, uint64_t offset)
{
    uint64_t left;
    fds[fd].is_filled = size >= SHIM_FILL_BYTES;
    switch (fault_of(fds[fd].is_filled ? SHIM_FILL : SHIM_WRITE)) {
    case FAULT_ERROR:
        return 0;
    case FAULT_SHORT:
        return size > 1 ? size / 2 : size;
    case FAULT_NONE:
        break;
    }
    if (is_growing(fd, offset + size) && fault_is_full(&left) && left == 0) {
        errno = ENOSPC;
        return 0;
    }
    return size;
}

static void note_write(const struct shim_fd *file, uint64_t offset, const void *bytes, ssize_t n)
{
    if (n <= 0) {
        return;
    }
    record_write(file->ino, offset, bytes, (size_t)n);
    if (file->is_synced) {
        record_put(&(struct shim_record){.op = 'D', .a = file->ino, .b = offset, .c = (uint64_t)n});
    }
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t offset)
{
    NEXT(pwrite)
    const struct shim_fd *file = shim_fd(fd);
    if (file == NULL) {
        return next(fd, bytes, size, offset);
    }
    size_t allowed = judge_write(fd, size, (uint64_t)offset);
    if (allowed == 0) {
        return -1;
    }
    ssize_t n = next(fd, bytes, allowed, offset);
    note_write(file, (uint64_t)offset, bytes, n);
    return n;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    NEXT(write)
    const struct shim_fd *file = shim_fd(fd);
    if (file == NULL) {
        return next(fd, bytes, size);
    }
    off_t offset = lseek(fd, 0, SEEK_CUR);
    size_t allowed = judge_write(fd, size, (uint64_t)offset);
    if (allowed == 0) {
        return -1;
    }
    ssize_t n = next(fd, bytes, allowed);
    note_write(file, (uint64_t)offset, bytes, n);
    return n;
}

ssize_t writev(int fd, const struct iovec *parts, int count)
{
    NEXT(writev)
    const struct shim_fd *file = shim_fd(fd);
    if (file == NULL) {
        return next(fd, parts, count);
    }
    uint64_t offset = (uint64_t)lseek(fd, 0, SEEK_CUR);
    size_t size = 0;
    for (int i = 0; i < count; i++) {
        size += parts[i].iov_len;
    }
    size_t allowed = judge_write(fd, size, offset);
    if (allowed == 0) {
        return -1;
    }
    ssize_t n = allowed < size ? write(fd, parts[0].iov_base, parts[0].iov_len / 2 + 1)
                               : next(fd, parts, count);
    for (int i = 0; allowed == size && i < count && n > 0; i++) {
        note_write(file, offset, parts[i].iov_base, (ssize_t)parts[i].iov_len);
        offset += parts[i].iov_len;
    }
    return n;
}

/* ---- sizes ---- */

int ftruncate(int fd, off_t size)
{
    NEXT(ftruncate)
    const struct shim_fd *file = shim_fd(fd);
    if (file != NULL && fault_of(SHIM_SIZE) == FAULT_ERROR) {
        return -1;
    }
    int r = next(fd, size);
    if (file != NULL && r == 0) {
        record_put(&(struct shim_record){.op = 'T', .a = file->ino, .b = (uint64_t)size});
    }
    return r;
}

int fallocate(int fd, int mode, off_t from, off_t size)
{
    NEXT(fallocate)
    const struct shim_fd *file = shim_fd(fd);
    uint64_t left;
    if (file != NULL && fault_of(SHIM_SIZE) == FAULT_ERROR) {
        return -1;
    }
    if (file != NULL && fault_is_full(&left) && (uint64_t)(from + size) > left) {
        errno = ENOSPC;
        return -1;
    }
    int r = next(fd, mode, from, size);
    if (file != NULL && r == 0) {
        record_put(&(struct shim_record){.op = 'A', .a = file->ino, .b = (uint64_t)(from + size)});
    }
    return r;
}

int fstatvfs(int fd, struct statvfs *status)
{
    NEXT(fstatvfs)
    int r = next(fd, status);
    uint64_t left;
    if (r == 0 && shim_fd(fd) != NULL && fault_is_full(&left)) {
        status->f_bavail = status->f_bfree = left / status->f_frsize;
    }
    return r;
}

/* ---- names ---- */

int mkdir(const char *path, mode_t mode)
{
    NEXT(mkdir)
    char space[PATH_MAX];
    const char *below = below_root(AT_FDCWD, path, space);
    if (below != NULL && fault_of(SHIM_NAME) == FAULT_ERROR) {
        return -1;
    }
    int r = next(path, mode);
    if (below != NULL && below[0] != '\0' && r == 0) {
        const char *name = last_name(path);
        record_put(&(struct shim_record){.op = 'K',
                .a = parent_inode(path),
                .b = inode_at(AT_FDCWD, path),
                .bytes = name,
                .len = strlen(name)});
    }
    return r;
}

int renameat(int old_fd, const char *old_path, int new_fd, const char *new_path)
{
    NEXT(renameat)
    const struct shim_fd *from = shim_fd(old_fd), *to = shim_fd(new_fd);
    bool is_ours = from != NULL && to != NULL;
    if (is_ours && fault_of(SHIM_NAME) == FAULT_ERROR) {
        return -1;
    }
    uint64_t ino = is_ours ? inode_at(old_fd, old_path) : 0;
    int r = next(old_fd, old_path, new_fd, new_path);
    if (is_ours && r == 0) {
        char names[2 * NAME_MAX + 2];
        int len = snprintf(names, sizeof names, "%s%c%s", old_path, 0, new_path);
        record_put(&(struct shim_record){.op = 'R',
                .a = from->ino,
                .b = to->ino,
                .c = ino,
                .bytes = names,
                .len = (size_t)len});
    }
    return r;
}

int unlinkat(int dir_fd, const char *path, int flags)
{
    NEXT(unlinkat)
    const struct shim_fd *dir = shim_fd(dir_fd);
    if (dir != NULL && fault_of(SHIM_NAME) == FAULT_ERROR) {
        return -1;
    }
    uint64_t ino = dir != NULL ? inode_at(dir_fd, path) : 0;
    int r = next(dir_fd, path, flags);
    if (dir != NULL && r == 0) {
        record_put(&(struct shim_record){
                .op = 'U', .a = dir->ino, .b = ino, .bytes = path, .len = strlen(path)});
    }
    return r;
}

/* ---- syncs ---- */

static int sync_with(int fd, int (*sync)(int))
{
    const struct shim_fd *file = shim_fd(fd);
    if (file == NULL) {
        return sync(fd);
    }
    uint64_t ino = file->ino, number = record_sync_number();
    if (fault_of(file->is_filled ? SHIM_FILL : SHIM_SYNC) == FAULT_ERROR) {
        return -1;
    }
    record_put(&(struct shim_record){.op = 'B', .a = ino, .c = number});
    int r = sync(fd);
    if (r == 0) {
        record_put(&(struct shim_record){.op = 'E', .a = ino, .c = number});
    }
    return r;
}

int fsync(int fd)
{
    NEXT(fsync)
    return sync_with(fd, next);
}

int fdatasync(int fd)
{
    NEXT(fdatasync)
    return sync_with(fd, next);
}

/* ---- what goes out ---- */

int zmq_send(void *socket, const void *bytes, size_t size, int flags);

int zmq_send(void *socket, const void *bytes, size_t size, int flags)
{
    NEXT(zmq_send)
    enum { MORE = 2 }; /* ZMQ_SNDMORE */
    if (record_is_on()) {
        record_put(&(struct shim_record){
                .op = 'M', .a = (flags & MORE) != 0, .bytes = bytes, .len = size});
    }
    return next(socket, bytes, size, flags);
}
