#include "daemon/journal/recover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int run_to_tail(
        struct scan *scan, struct recover_tail *ret_tail, struct journal_damage *ret_damage)
{
    struct recover_tail tail = {.head = scan->head, .batch_offset = scan->offset};
    struct format_frame frame;
    int r;
    while ((r = scan_step(scan, true, &frame, ret_damage)) > 0) {
        if (frame.place == 0) {
            tail.batch_offset = scan->offset - frame.length;
        }
    }
    if (r < 0) {
        return r;
    }
    tail.last = scan->next - 1;
    tail.offset = scan->offset;
    tail.is_ended = frame.kind == FORMAT_END;
    tail.is_clean = scan->is_clean;
    memcpy(tail.chain, scan->chain, FORMAT_HASH);
    *ret_tail = tail;
    return 0;
}

int recover_scan(const char *dir, int dir_fd, uint64_t first, struct recover_tail *ret_tail,
        struct journal_damage *ret_damage)
{
    struct scan scan;
    scan_init(&scan, dir);
    int r = scan_open(&scan, dir_fd, first, NULL, ret_damage);
    if (r == 0) {
        r = run_to_tail(&scan, ret_tail, ret_damage);
    }
    scan_done(&scan);
    return r;
}

/* A daemon that was killed left its last batch in the page cache, perhaps unsynced; one that ended
 * because fdatasync failed left pages that the kernel calls clean and the disk never saw. Writing
 * the last batch again and syncing it makes the disk hold what was read. */
static int batch_rewrite(int fd, const struct recover_tail *tail)
{
    uint64_t to = tail->is_ended ? tail->offset + FORMAT_END_MARK : tail->offset;
    size_t size = (size_t)(to - tail->batch_offset);
    uint8_t *bytes = malloc(size > 0 ? size : 1);
    if (bytes == NULL) {
        rd_oom();
    }
    int64_t got = segment_read(fd, bytes, size, tail->batch_offset);
    int r = got < 0 ? (int)got : got < (int64_t)size ? -EIO : 0;
    if (r == 0) {
        r = segment_write(fd, bytes, size, tail->batch_offset);
    }
    free(bytes);
    return r;
}

int recover_mend(int dir_fd, const struct recover_tail *tail, int *ret_fd)
{
    char name[SEGMENT_NAME_MAX];
    segment_name(tail->head.first, name);
    int fd = openat(dir_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return -errno;
    }
    int r = batch_rewrite(fd, tail);
    if (r == 0 && !tail->is_clean && !tail->is_ended) {
        /* Zeros all of the torn batch: one of its whole records must never follow a new record. */
        r = segment_zero(fd, tail->offset, tail->head.bytes);
    }
    if (r == 0) {
        r = segment_sync(fd);
    }
    if (r < 0 || tail->is_ended) {
        (void)close(fd);
    }
    if (r == 0) {
        *ret_fd = tail->is_ended ? -1 : fd;
    }
    return r;
}
