/* Reading, and erasing what was read. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "daemon/journal/inner.h"

int journal_cursor_open(struct journal *journal, uint64_t after, struct journal_cursor **ret_cursor)
{
    if (after > journal_last(journal)) {
        return -ERANGE;
    }
    struct journal_cursor *cursor = calloc(1, sizeof *cursor);
    if (cursor == NULL) {
        rd_oom();
    }
    cursor->journal = journal;
    cursor->next = after + 1;
    scan_init(&cursor->scan, journal->dir);
    /* Pinned from now on, opened when there is something to read. */
    int r = stock_pin(journal->stock, &cursor->pin, cursor->next);
    if (r < 0 && stock_oldest(journal->stock) != 0) {
        journal_cursor_close(cursor);
        return r;
    }
    *ret_cursor = cursor;
    return 0;
}

void journal_cursor_close(struct journal_cursor *cursor)
{
    if (cursor == NULL) {
        return;
    }
    stock_unpin(cursor->journal->stock, &cursor->pin);
    scan_done(&cursor->scan);
    free(cursor);
}

void journal_cursor_closep(struct journal_cursor **cursor)
{
    journal_cursor_close(*cursor);
    *cursor = NULL;
}

/* Into the segment that holds cursor->next, for the first time. */
static int cursor_enter(struct journal_cursor *cursor, struct journal_damage *ret_damage)
{
    struct journal *journal = cursor->journal;
    struct scan *scan = &cursor->scan;
    int r = stock_pin(journal->stock, &cursor->pin, cursor->next);
    if (r == 0) {
        r = scan_open(scan, journal->dir_fd, cursor->pin.first, NULL, ret_damage);
    }
    if (r == 0) {
        r = scan_seek(scan, cursor->next, ret_damage);
    }
    if (r == 0 && scan->next != cursor->next) {
        r = scan_damage(scan, "the segment ends here, and there is none that goes on", ret_damage);
    }
    return r;
}

/* An end mark was reached. */
static int cursor_turn(struct journal_cursor *cursor, struct journal_damage *ret_damage)
{
    struct journal *journal = cursor->journal;
    struct scan *scan = &cursor->scan;
    uint8_t chain[FORMAT_HASH];
    memcpy(chain, scan->chain, FORMAT_HASH);
    int r = stock_pin(journal->stock, &cursor->pin, cursor->next);
    if (r == 0 && cursor->pin.first != cursor->next) {
        return scan_damage(
                scan, "the segment ends here, and there is none that goes on", ret_damage);
    }
    return r < 0 ? r : scan_open(scan, journal->dir_fd, cursor->next, chain, ret_damage);
}

int journal_cursor_next(struct journal_cursor *cursor, struct journal_record *ret_record,
        struct journal_damage *ret_damage)
{
    struct scan *scan = &cursor->scan;
    if (cursor->next > journal_durable(cursor->journal)) {
        return 0;
    }
    int r = scan->fd < 0 ? cursor_enter(cursor, ret_damage) : 0;
    while (r == 0) {
        struct format_frame frame;
        r = scan_step(scan, false, &frame, ret_damage);
        if (r > 0) {
            cursor->at = scan->offset - frame.length;
            cursor->next++;
            *ret_record = frame.record;
        } else if (r == 0) {
            r = cursor_turn(cursor, ret_damage);
        }
    }
    return r;
}

/* ---- erasing ---- */

/* First the mark, then the zeros: a crash in between leaves a body that nobody reads any more, and
 * erasing again finishes it. */
static int body_erase(int fd, uint64_t at, size_t sender_len, uint64_t end)
{
    uint8_t state = FORMAT_STATE_ERASED;
    int r = segment_write(fd, &state, 1, at + FORMAT_STATE_AT);
    if (r == 0) {
        r = segment_sync(fd);
    }
    return r < 0 ? r : segment_zero(fd, at + FORMAT_HEAD + sender_len, end);
}

int journal_erase(struct journal *journal, uint64_t number, struct journal_damage *ret_damage)
{
    RD_ASSERT(journal->writer != NULL);
    if (number == 0 || number > journal_durable(journal)) {
        return -ERANGE;
    }
    RD_CLEANUP(journal_cursor_closep)
    struct journal_cursor *cursor = NULL;
    struct journal_record record;
    int r = journal_cursor_open(journal, number - 1, &cursor);
    if (r == 0) {
        r = journal_cursor_next(cursor, &record, ret_damage);
    }
    if (r < 0) {
        return r;
    }
    RD_ASSERT(record.number == number);
    char name[SEGMENT_NAME_MAX];
    segment_name(cursor->scan.head.first, name);
    int fd = openat(journal->dir_fd, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return -errno;
    }
    r = body_erase(fd, cursor->at, record.sender.len, cursor->scan.offset);
    (void)close(fd);
    return r;
}
