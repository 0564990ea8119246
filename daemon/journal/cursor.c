#include <errno.h>
#include <stdlib.h>
#include <string.h>

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
    /* The segment is pinned from now on, and opened when there is a record to read. */
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
            cursor->next++;
            *ret_record = frame.record;
        } else if (r == 0) {
            r = cursor_turn(cursor, ret_damage);
        }
    }
    return r;
}
