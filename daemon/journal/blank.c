#include "daemon/journal/blank.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <sodium.h>

#include "daemon/journal/scan.h"

enum { BEAT_EVERY = 4096, SPANS_FIRST = 64 };

struct span { /* of a body that goes */
    uint64_t mark, from, to;
};

struct folder {
    int dir_fd, lock_fd;
    struct segment_list list;
    struct scan scan;
    struct span *spans; /* of the segment at work */
    size_t span_count, span_room;
};

static int folder_open(struct folder *folder, const char *dir, struct journal_damage *ret_damage)
{
    *folder = (struct folder){.dir_fd = -1, .lock_fd = -1};
    *ret_damage = (struct journal_damage){0};
    scan_init(&folder->scan, dir);
    int picked = sodium_init(); /* as in journal_open() */
    RD_ASSERT(picked >= 0);
    folder->dir_fd = segment_dir_open(dir, false);
    if (folder->dir_fd < 0) {
        return folder->dir_fd;
    }
    folder->lock_fd = segment_dir_lock(folder->dir_fd);
    return folder->lock_fd < 0 ? folder->lock_fd : segment_list_read(folder->dir_fd, &folder->list);
}

static void folder_close(struct folder *folder)
{
    scan_done(&folder->scan);
    segment_list_done(&folder->list);
    free(folder->spans);
    if (folder->lock_fd >= 0) {
        (void)close(folder->lock_fd);
    }
    if (folder->dir_fd >= 0) {
        (void)close(folder->dir_fd);
    }
}

static int segment_open_to_write(const struct folder *folder, uint64_t first)
{
    char name[SEGMENT_NAME_MAX];
    segment_name(first, name);
    int fd = openat(folder->dir_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    return fd < 0 ? -errno : fd;
}

static void span_add(struct folder *folder, const struct format_frame *frame)
{
    if (folder->span_count == folder->span_room) {
        folder->span_room = folder->span_room > 0 ? 2 * folder->span_room : SPANS_FIRST;
        folder->spans = reallocarray(folder->spans, folder->span_room, sizeof *folder->spans);
        if (folder->spans == NULL) {
            rd_oom();
        }
    }
    uint64_t at = folder->scan.offset - frame->length;
    folder->spans[folder->span_count++] = (struct span){.mark = at + FORMAT_STATE_AT,
            .from = at + FORMAT_HEAD + frame->record.sender.len,
            .to = folder->scan.offset};
}

static const uint8_t zeros[64 * 1024];

static int zeros_write(int fd, uint64_t from, uint64_t to)
{
    int r = 0;
    while (from < to && r == 0) {
        size_t size = to - from < sizeof zeros ? (size_t)(to - from) : sizeof zeros;
        r = segment_write(fd, zeros, size, from);
        from += size;
    }
    return r;
}

/* Only where there are others: reading costs a small part of what writing and syncing does, and
 * most of what is behind the last record has been zeros since it was prepared. */
static int others_to_zeros(int fd, uint64_t from, uint64_t to)
{
    uint8_t bytes[sizeof zeros];
    while (from < to) {
        size_t size = to - from < sizeof bytes ? (size_t)(to - from) : sizeof bytes;
        int64_t n = segment_read(fd, bytes, size, from);
        if (n < 0) {
            return (int)n;
        }
        bool is_zero = (size_t)n == size && memcmp(bytes, zeros, size) == 0;
        int r = is_zero ? 0 : zeros_write(fd, from, from + size);
        if (r < 0) {
            return r;
        }
        from += size;
    }
    return 0;
}

static int spans_blank(const struct folder *folder, uint64_t first)
{
    const uint8_t state = FORMAT_STATE_ERASED;
    if (folder->span_count == 0) {
        return 0;
    }
    int fd = segment_open_to_write(folder, first);
    int r = fd < 0 ? fd : 0;
    for (size_t i = 0; i < folder->span_count && r == 0; i++) {
        r = segment_write(fd, &state, 1, folder->spans[i].mark);
    }
    r = r == 0 ? segment_sync(fd) : r;
    for (size_t i = 0; i < folder->span_count && r == 0; i++) {
        r = zeros_write(fd, folder->spans[i].from, folder->spans[i].to);
    }
    r = r == 0 ? segment_sync(fd) : r;
    if (fd >= 0) {
        (void)close(fd);
    }
    return r;
}

/* All frames of the segment that the scan was opened on. *ret_any: one of them is blank by now. */
static int segment_pass(struct folder *folder, const struct journal_blank *how, bool is_newest,
        bool *ret_any, struct journal_damage *ret_damage)
{
    struct format_frame frame;
    int r;
    folder->span_count = 0;
    *ret_any = false;
    while ((r = scan_step(&folder->scan, is_newest, &frame, ret_damage)) > 0) {
        bool is_picked =
                !frame.record.is_erased && how->pick != NULL && how->pick(how->arg, &frame.record);
        if (is_picked || frame.record.is_erased) {
            span_add(folder, &frame); /* again, as a crash may have come between */
            *ret_any = true;
            if (how->note != NULL) {
                how->note(how->arg, frame.record.number);
            }
        }
        if (how->beat != NULL && frame.record.number % BEAT_EVERY == 0) {
            r = how->beat(how->arg, 0);
            if (r < 0) {
                return r;
            }
        }
    }
    return r;
}

int journal_blank(
        const char *dir, const struct journal_blank *how, struct journal_damage *ret_damage)
{
    struct folder folder;
    int r = folder_open(&folder, dir, ret_damage);
    for (size_t i = 0; r == 0 && i < folder.list.count; i++) {
        uint64_t first = folder.list.items[i].first;
        bool is_newest = i + 1 == folder.list.count, any = false;
        uint64_t last = is_newest ? UINT64_MAX : folder.list.items[i + 1].first - 1;
        if (how->wants != NULL && !how->wants(how->arg, first, last)) {
            continue;
        }
        r = scan_open(&folder.scan, folder.dir_fd, first, NULL, ret_damage);
        r = r == 0 ? segment_pass(&folder, how, is_newest, &any, ret_damage) : r;
        r = r == 0 ? spans_blank(&folder, first) : r;
        if (r == 0 && how->beat != NULL) {
            r = how->beat(how->arg, any && !is_newest ? first : 0);
        }
    }
    folder_close(&folder);
    return r == -ENOENT ? 0 : r;
}

/* ---- what is no record ---- */

/* The first offset after the end mark or, in the newest segment, after the last record. */
static int segment_scour(struct folder *folder, size_t at, struct journal_damage *ret_damage)
{
    const struct segment_entry *entry = &folder->list.items[at];
    bool is_newest = at + 1 == folder->list.count;
    struct format_frame frame;
    int r = scan_open(&folder->scan, folder->dir_fd, entry->first, NULL, ret_damage);
    while (r == 0 && (r = scan_step(&folder->scan, is_newest, &frame, ret_damage)) > 0) {
        r = 0;
    }
    if (r < 0) {
        return r;
    }
    uint64_t used = folder->scan.offset + (frame.kind == FORMAT_END ? FORMAT_END_MARK : 0);
    int fd = segment_open_to_write(folder, entry->first);
    r = fd < 0 ? fd : others_to_zeros(fd, used, entry->bytes);
    r = r == 0 ? segment_sync(fd) : r;
    if (fd >= 0) {
        (void)close(fd);
    }
    return r;
}

static int file_scour(int dir_fd, const char *name)
{
    struct stat about;
    int fd = openat(dir_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    int r = fd >= 0 && fstat(fd, &about) == 0 ? 0 : -errno;
    r = r == 0 ? others_to_zeros(fd, 0, (uint64_t)about.st_size) : r;
    r = r == 0 ? segment_sync(fd) : r; /* where a run that was killed has written them, too */
    if (fd >= 0) {
        (void)close(fd);
    }
    return r;
}

static int spares_scour(const struct folder *folder)
{
    int fd = dup(folder->dir_fd);
    DIR *opened = fd >= 0 ? fdopendir(fd) : NULL;
    if (opened == NULL) {
        int r = -errno;
        if (fd >= 0) {
            (void)close(fd);
        }
        return r;
    }
    int r = 0;
    const struct dirent *entry;
    rewinddir(opened);
    while (r == 0 && (entry = readdir(opened)) != NULL) {
        if (strstr(entry->d_name, ".spare") != NULL) {
            r = file_scour(folder->dir_fd, entry->d_name);
        }
    }
    (void)closedir(opened);
    return r;
}

int journal_scour(const char *dir, struct journal_damage *ret_damage)
{
    struct folder folder;
    int r = folder_open(&folder, dir, ret_damage);
    for (size_t i = 0; r == 0 && i < folder.list.count; i++) {
        r = segment_scour(&folder, i, ret_damage);
    }
    r = r == 0 ? spares_scour(&folder) : r;
    folder_close(&folder);
    return r == -ENOENT ? 0 : r;
}
