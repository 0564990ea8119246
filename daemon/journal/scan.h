/* daemon/journal/scan.h — reading one segment record by record, and telling a torn tail from
 * damage.
 *
 * A record that fails its checks is a torn tail if nothing shows that it was ever durable: then it
 * was never acknowledged. It is damage if there is evidence: a later segment, or, anywhere after it
 * in this segment, a header or end mark of this life whose place says that its batch began later.
 * (Whole records of the *same* batch after it prove nothing: a disk may write pages in any order.)
 *
 * Works beside a live writer: bytes that fail a check are read again before they are judged, and
 * once more after evidence was found, since the evidence was written after the record it is
 * about. */
#pragma once

#include "daemon/journal/segment.h"

struct scan {
    const char *dir; /* for messages */
    int fd;          /* -1: closed */
    struct format_segment head;
    uint64_t offset;            /* of the next frame */
    uint64_t next;              /* the number it must have */
    uint8_t chain[FORMAT_HASH]; /* of the record before */
    bool is_clean;              /* at the end: no bytes were written after it */
    uint8_t *window;            /* bytes of the file from window_at */
    size_t window_cap, window_len;
    uint64_t window_at;
};

/* Opens the segment that begins with `first`. If chain_before is given, the head must continue it.
 * 0, -ENOENT, -EBADMSG (damage filled), -errno. The window is kept when a scan is opened again. */
RD_MUST_USE int scan_open(struct scan *scan, int dir_fd, uint64_t first,
        const uint8_t *chain_before, struct journal_damage *ret_damage);
void scan_init(struct scan *scan, const char *dir);
void scan_done(struct scan *scan);

/* 1: *ret_frame is the next record, verified and passed. 0: the end: an end mark, or, only if
 * is_newest, the tail (ret_frame->kind tells; see is_clean). -EBADMSG: damage. -ENOENT: the file
 * was recycled while it was read. -errno. */
RD_MUST_USE int scan_step(struct scan *scan, bool is_newest, struct format_frame *ret_frame,
        struct journal_damage *ret_damage);
/* Passes records without looking at bodies until the next one is `number` or the end. */
RD_MUST_USE int scan_seek(struct scan *scan, uint64_t number, struct journal_damage *ret_damage);

/* Fills in a message about the frame the scan stands at; returns -EBADMSG. */
int scan_damage(const struct scan *scan, const char *why, struct journal_damage *ret_damage);
