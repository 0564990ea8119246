#include "daemon/journal/segment.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

enum {
    NAME_DIGITS = 20,
    ZERO_CHUNK = 1024 * 1024, /* synced one by one: a long flush would stall the writer's syncs */
    ADVICE_BYTES = 1024 * 1024,
};

static const char suffix[] = ".journal";

void segment_name(uint64_t first, char ret_name[static SEGMENT_NAME_MAX])
{
    (void)snprintf(ret_name, SEGMENT_NAME_MAX, "%020llu%s", (unsigned long long)first, suffix);
}

void segment_spare_name(unsigned slot, char ret_name[static SEGMENT_NAME_MAX])
{
    (void)snprintf(ret_name, SEGMENT_NAME_MAX, "%u.spare", slot);
}

/* 0: not a segment's name. */
static uint64_t name_number(const char *name)
{
    uint64_t number = 0;
    for (int i = 0; i < NAME_DIGITS; i++) {
        if (name[i] < '0' || name[i] > '9' || __builtin_mul_overflow(number, 10, &number) ||
                __builtin_add_overflow(number, (uint64_t)(name[i] - '0'), &number)) {
            return 0;
        }
    }
    return strcmp(name + NAME_DIGITS, suffix) == 0 ? number : 0;
}

/* ---- lists ---- */

void segment_list_add(struct segment_list *list, const struct segment_entry *entry)
{
    if (list->count == list->cap) {
        list->cap = list->cap > 0 ? 2 * list->cap : 16;
        list->items = realloc(list->items, list->cap * sizeof *list->items);
        if (list->items == NULL) {
            rd_oom();
        }
    }
    list->items[list->count++] = *entry;
}

void segment_list_drop_first(struct segment_list *list)
{
    RD_ASSERT(list->count > 0);
    list->count--;
    memmove(list->items, list->items + 1, list->count * sizeof *list->items);
}

void segment_list_done(struct segment_list *list)
{
    free(list->items);
    *list = (struct segment_list){0};
}

static int by_first(const void *a, const void *b)
{
    const struct segment_entry *left = a, *right = b;
    return (left->first > right->first) - (left->first < right->first);
}

int segment_list_read(int dir_fd, struct segment_list *ret_list)
{
    int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;
    if (dir == NULL) {
        int r = -errno;
        if (fd >= 0) {
            (void)close(fd);
        }
        return r;
    }
    struct segment_list list = {0};
    int r = 0;
    while (r == 0) {
        errno = 0;
        const struct dirent *item = readdir(dir);
        if (item == NULL) {
            r = -errno;
            break;
        }
        struct stat status;
        struct segment_entry entry = {
                .first = name_number(item->d_name), .first_wall = RD_TIME_MAX};
        if (entry.first == 0) {
            continue;
        }
        if (fstatat(dir_fd, item->d_name, &status, AT_SYMLINK_NOFOLLOW) == 0) {
            entry.bytes = (uint64_t)status.st_size;
            segment_list_add(&list, &entry);
        } else if (errno != ENOENT) { /* recycled just now, beside a live daemon */
            r = -errno;
        }
    }
    (void)closedir(dir);
    if (r < 0) {
        segment_list_done(&list);
        return r;
    }
    if (list.count > 0) {
        qsort(list.items, list.count, sizeof *list.items, by_first);
    }
    *ret_list = list;
    return 0;
}

/* ---- directory ---- */

int segment_dir_open(const char *dir, bool may_create)
{
    bool is_new = may_create && mkdir(dir, 0700) == 0;
    if (may_create && !is_new && errno != EEXIST) {
        return -errno;
    }
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (fd < 0) {
        return -errno;
    }
    if (is_new) { /* the directory entry must survive a power cut like the data does */
        int parent = openat(fd, "..", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        int r = parent >= 0 ? segment_dir_sync(parent) : -errno;
        if (parent >= 0) {
            (void)close(parent);
        }
        if (r < 0) {
            (void)close(fd);
            return r;
        }
    }
    return fd;
}

int segment_dir_lock(int dir_fd)
{
    int fd = openat(dir_fd, "lock", O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return -errno;
    }
    if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
        int r = -errno;
        (void)close(fd);
        return r;
    }
    return fd;
}

bool segment_is_starved(int error)
{
    return error == -EMFILE || error == -ENFILE;
}

int segment_dir_sync(int dir_fd)
{
    return fsync(dir_fd) == 0 ? 0 : -errno;
}

/* ---- bytes ---- */

int segment_write(int fd, const uint8_t *bytes, size_t size, uint64_t offset)
{
    while (size > 0) {
        ssize_t n = pwrite(fd, bytes, size, (off_t)offset);
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        if (n == 0) {
            return -EIO;
        }
        if (n > 0) {
            bytes += n;
            size -= (size_t)n;
            offset += (uint64_t)n;
        }
    }
    return 0;
}

int64_t segment_read(int fd, uint8_t *bytes, size_t size, uint64_t offset)
{
    size_t got = 0;
    while (got < size) {
        ssize_t n = pread(fd, bytes + got, size - got, (off_t)(offset + got));
        if (n < 0 && errno != EINTR) {
            return -errno;
        }
        if (n == 0) {
            break;
        }
        got += n > 0 ? (size_t)n : 0;
    }
    return (int64_t)got;
}

int segment_sync(int fd)
{
    return fdatasync(fd) == 0 ? 0 : -errno;
}

int segment_zero(int fd, uint64_t from, uint64_t to)
{
    uint8_t *zeros = calloc(1, ZERO_CHUNK);
    if (zeros == NULL) {
        rd_oom();
    }
    int r = 0;
    while (r == 0 && from < to) {
        size_t size = to - from < ZERO_CHUNK ? (size_t)(to - from) : ZERO_CHUNK;
        r = segment_write(fd, zeros, size, from);
        if (r == 0) {
            r = segment_sync(fd);
        }
        from += size;
    }
    free(zeros);
    return r;
}

/* ---- files ---- */

static int fill_file(int fd, uint64_t bytes)
{
    /* Reserves the blocks, so that a full disk is found before anything is written. Not every file
     * system can. */
    if (fallocate(fd, 0, 0, (off_t)bytes) < 0 && errno != EOPNOTSUPP) {
        return -errno;
    }
    int r = segment_zero(fd, 0, bytes);
    return r < 0 || fsync(fd) == 0 ? r : -errno;
}

int segment_fill(int dir_fd, const char *name, uint64_t bytes)
{
    char tmp[SEGMENT_NAME_MAX];
    (void)snprintf(tmp, sizeof tmp, "%.20s.tmp", name);
    int r = segment_room(dir_fd, bytes);
    if (r < 0) {
        return r;
    }
    int fd = openat(dir_fd, tmp, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (fd < 0) {
        return -errno;
    }
    r = fill_file(fd, bytes);
    if (r == 0 && renameat(dir_fd, tmp, dir_fd, name) < 0) {
        r = -errno;
    }
    if (r < 0) {
        (void)unlinkat(dir_fd, tmp, 0);
    }
    (void)close(fd);
    return r;
}

int segment_room(int dir_fd, uint64_t bytes)
{
    struct statvfs status;
    if (fstatvfs(dir_fd, &status) < 0) {
        return -errno;
    }
    return (uint64_t)status.f_bavail * status.f_frsize >= bytes ? 0 : -ENOSPC;
}

rd_time segment_wall(int dir_fd, uint64_t first)
{
    enum { LOOK = FORMAT_HEAD + JOURNAL_SENDER_MAX };
    uint8_t bytes[FORMAT_SEGMENT_HEAD + LOOK];
    char name[SEGMENT_NAME_MAX];
    segment_name(first, name);
    int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    int64_t got = fd >= 0 ? segment_read(fd, bytes, sizeof bytes, 0) : 0;
    if (fd >= 0) {
        (void)close(fd);
    }
    struct format_segment head;
    struct format_frame frame = {0};
    const char *why = NULL;
    if (got == (int64_t)sizeof bytes && format_segment_decode(bytes, &head, &why) == 0) {
        format_frame_decode(bytes + FORMAT_SEGMENT_HEAD, LOOK, head.bytes - FORMAT_SEGMENT_HEAD,
                head.seed, &frame);
    }
    return frame.kind == FORMAT_RECORD ? frame.record.wall : RD_TIME_MAX;
}

static int life_of(int fd, uint64_t *ret_life)
{
    uint8_t bytes[FORMAT_SEGMENT_USED], zeros[FORMAT_SEGMENT_USED] = {0};
    int64_t got = segment_read(fd, bytes, sizeof bytes, 0);
    if (got < 0) {
        return (int)got;
    }
    if (got < FORMAT_SEGMENT_USED) {
        return -EBADMSG;
    }
    struct format_segment head = {0};
    const char *why = NULL;
    int r = memcmp(bytes, zeros, sizeof bytes) == 0 ? 0 : format_segment_decode(bytes, &head, &why);
    if (r == 0) {
        *ret_life = head.life;
    }
    return r;
}

int segment_life(int dir_fd, const char *name, uint64_t *ret_life)
{
    int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return -errno;
    }
    int r = life_of(fd, ret_life);
    (void)close(fd);
    return r;
}

static void advise(int dir_fd, const char *name, int advice)
{
    struct stat status;
    int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return; /* the next to use it will say so */
    }
    if (fstat(fd, &status) == 0) {
        /* Linux reads but so much ahead at a time. */
        for (off_t at = 0; at < status.st_size; at += ADVICE_BYTES) {
            (void)posix_fadvise(fd, at, ADVICE_BYTES, advice);
        }
    }
    (void)close(fd);
}

void segment_cool(int dir_fd, const char *name)
{
    advise(dir_fd, name, POSIX_FADV_DONTNEED);
}

void segment_warm(int dir_fd, const char *name)
{
    advise(dir_fd, name, POSIX_FADV_WILLNEED);
}

int segment_take(int dir_fd, const char *name, struct format_segment *head, int *ret_fd)
{
    uint8_t page[FORMAT_SEGMENT_HEAD + 4] = {0}; /* and the first record's length: nothing yet */
    char target[SEGMENT_NAME_MAX];
    segment_name(head->first, target);
    int fd = openat(dir_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return -errno;
    }
    uint64_t life = 0;
    int r = life_of(fd, &life);
    if (r == 0) {
        head->life = life + 1;
        format_segment_encode(head, page);
        r = segment_write(fd, page, sizeof page, 0);
    }
    if (r == 0) {
        r = segment_sync(fd);
    }
    /* A file of that name would be a segment that the caller does not know of, and must never be
     * replaced. The lock is held, so no other process makes one between the check and the
     * rename. */
    if (r == 0 && faccessat(dir_fd, target, F_OK, AT_SYMLINK_NOFOLLOW) == 0) {
        r = -EEXIST;
    }
    if (r == 0 && renameat(dir_fd, name, dir_fd, target) < 0) {
        r = -errno;
    }
    if (r == 0) {
        r = segment_dir_sync(dir_fd);
    }
    if (r < 0) {
        (void)close(fd);
        return r;
    }
    *ret_fd = fd;
    return 0;
}
