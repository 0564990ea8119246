#include "daemon/journal/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
    WINDOW_BYTES = 256 * 1024,
    LOOK_BYTES = FORMAT_HEAD + JOURNAL_SENDER_MAX, /* enough to judge a header */
};

int scan_damage(const struct scan *scan, const char *why, struct journal_damage *ret_damage)
{
    char name[SEGMENT_NAME_MAX];
    segment_name(scan->head.first, name);
    (void)snprintf(ret_damage->text, sizeof ret_damage->text,
            "%.300s/%s: offset %llu: record %llu: %.200s. Nothing was changed; restore this file "
            "from "
            "a backup or an archive, and see with redressctl check-journal what else is damaged",
            scan->dir, name, (unsigned long long)scan->offset, (unsigned long long)scan->next, why);
    return -EBADMSG;
}

void scan_init(struct scan *scan, const char *dir)
{
    *scan = (struct scan){.dir = dir, .fd = -1};
}

void scan_done(struct scan *scan)
{
    if (scan->fd >= 0) {
        (void)close(scan->fd);
    }
    free(scan->window);
    scan_init(scan, NULL);
}

static int head_check(
        struct scan *scan, const uint8_t *chain_before, struct journal_damage *ret_damage)
{
    uint8_t bytes[FORMAT_SEGMENT_USED] = {0};
    struct format_segment head;
    struct stat status;
    const char *why = NULL;
    int64_t got = segment_read(scan->fd, bytes, sizeof bytes, 0);
    if (got < 0 || fstat(scan->fd, &status) < 0) {
        return got < 0 ? (int)got : -errno;
    }
    uint64_t first = scan->head.first;
    if (format_segment_decode(bytes, &head, &why) < 0) {
        return scan_damage(scan, why, ret_damage);
    }
    if (head.first != first) {
        return scan_damage(scan, "the segment's head names another first record", ret_damage);
    }
    if ((uint64_t)status.st_size < head.bytes) {
        return scan_damage(scan, "the file is shorter than its head says", ret_damage);
    }
    if (chain_before != NULL && memcmp(chain_before, head.chain, FORMAT_HASH) != 0) {
        return scan_damage(scan,
                "the segment does not continue the chain of hashes of the one before", ret_damage);
    }
    scan->head = head;
    return 0;
}

/* The file was recycled after it was opened, so its head (if it has one yet) belongs to another
 * segment. */
static bool has_lost_its_name(const struct scan *scan, int dir_fd, const char *name)
{
    struct stat named;
    struct stat opened;
    return fstat(scan->fd, &opened) == 0 &&
           (fstatat(dir_fd, name, &named, AT_SYMLINK_NOFOLLOW) < 0 ? errno == ENOENT
                                                                   : named.st_ino != opened.st_ino);
}

int scan_open(struct scan *scan, int dir_fd, uint64_t first, const uint8_t *chain_before,
        struct journal_damage *ret_damage)
{
    char name[SEGMENT_NAME_MAX];
    segment_name(first, name);
    int fd = openat(dir_fd, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    if (fd < 0) {
        return -errno;
    }
    if (scan->fd >= 0) {
        (void)close(scan->fd);
    }
    scan->fd = fd;
    scan->head = (struct format_segment){.first = first};
    scan->offset = 0;
    scan->next = first;
    scan->window_len = 0;
    int r = head_check(scan, chain_before, ret_damage);
    if (r < 0) {
        return r == -EBADMSG && has_lost_its_name(scan, dir_fd, name) ? -ENOENT : r;
    }
    scan->offset = FORMAT_SEGMENT_HEAD;
    memcpy(scan->chain, scan->head.chain, FORMAT_HASH);
    return 0;
}

/* ---- window ---- */

static uint64_t room_at(const struct scan *scan, uint64_t offset)
{
    return offset < scan->head.bytes ? scan->head.bytes - offset : 0;
}

static int window_fill(struct scan *scan, uint64_t offset, size_t need)
{
    size_t size = need > WINDOW_BYTES ? need : WINDOW_BYTES;
    if (size > scan->window_cap) {
        uint8_t *wider = realloc(scan->window, size);
        if (wider == NULL) {
            rd_oom();
        }
        scan->window = wider;
        scan->window_cap = size;
    }
    uint64_t room = room_at(scan, offset);
    scan->window_len = 0;
    int64_t got = segment_read(scan->fd, scan->window, room < size ? (size_t)room : size, offset);
    if (got < 0) {
        return (int)got;
    }
    scan->window_at = offset;
    scan->window_len = (size_t)got;
    return 0;
}

/* `need` bytes at `offset`, fewer at the end of the segment. */
static int window_get(struct scan *scan, uint64_t offset, size_t need, struct rd_str *ret_bytes)
{
    uint64_t room = room_at(scan, offset);
    need = need < room ? need : (size_t)room;
    bool is_there = offset >= scan->window_at && scan->window_len > 0 &&
                    offset - scan->window_at + need <= scan->window_len;
    int r = is_there ? 0 : window_fill(scan, offset, need);
    if (r == 0) {
        size_t at = (size_t)(offset - scan->window_at);
        ret_bytes->ptr = (const char *)scan->window + at;
        ret_bytes->len = scan->window_len - at;
    }
    return r;
}

/* ---- one frame ---- */

/* Decodes the frame at scan->offset; of a record all bytes are in the window then. */
static int frame_read(struct scan *scan, struct format_frame *ret_frame)
{
    uint64_t room = room_at(scan, scan->offset);
    struct rd_str bytes;
    int r = window_get(scan, scan->offset, LOOK_BYTES, &bytes);
    if (r < 0) {
        return r;
    }
    format_frame_decode((const uint8_t *)bytes.ptr, bytes.len, room, scan->head.seed, ret_frame);
    if (ret_frame->kind != FORMAT_RECORD) {
        return 0;
    }
    if (bytes.len < ret_frame->length) {
        r = window_get(scan, scan->offset, ret_frame->length, &bytes);
        if (r < 0) {
            return r;
        }
        format_frame_decode(
                (const uint8_t *)bytes.ptr, bytes.len, room, scan->head.seed, ret_frame);
    }
    if (ret_frame->kind == FORMAT_RECORD &&
            (bytes.len < ret_frame->length || !format_body_is_whole(ret_frame, scan->head.seed))) {
        ret_frame->kind = FORMAT_BROKEN;
        ret_frame->why = "the checksum of its body does not fit";
    }
    return 0;
}

static bool is_whole(const struct format_frame *frame)
{
    return frame->kind == FORMAT_RECORD || frame->kind == FORMAT_END;
}

/* Whether the file began another life while it was read. A head is written before any record of its
 * life, so reading it tells. */
static int life_check(const struct scan *scan)
{
    uint8_t bytes[FORMAT_SEGMENT_USED] = {0};
    struct format_segment head;
    const char *why = NULL;
    int64_t got = segment_read(scan->fd, bytes, sizeof bytes, 0);
    if (got < 0) {
        return (int)got;
    }
    int r = format_segment_decode(bytes, &head, &why);
    return r == 0 && head.seed == scan->head.seed ? 0 : -ENOENT;
}

static int frame_look(struct scan *scan, struct format_frame *ret_frame)
{
    int r = frame_read(scan, ret_frame);
    if (r < 0 || is_whole(ret_frame)) {
        return r;
    }
    scan->window_len = 0; /* a writer may have come further since the window was filled */
    r = frame_read(scan, ret_frame);
    return r < 0 || is_whole(ret_frame) ? r : life_check(scan);
}

/* ---- torn or damaged ---- */

struct evidence {
    uint64_t durable; /* records up to this one were once durable */
    bool is_any;      /* a header or mark of this life follows the tail */
};

static int evidence_search(struct scan *scan, struct evidence *ret_evidence)
{
    struct evidence found = {0};
    uint64_t at = scan->offset + 1;
    while (room_at(scan, at) >= FORMAT_END_MARK) {
        struct rd_str bytes;
        int r = window_get(scan, at, LOOK_BYTES, &bytes);
        if (r < 0) {
            return r;
        }
        const uint8_t *base = (const uint8_t *)bytes.ptr;
        size_t hit = format_find(base, bytes.len);
        bool is_last = bytes.len >= room_at(scan, at) || bytes.len < FORMAT_END_MARK;
        if (hit == bytes.len) {
            if (is_last) {
                break;
            }
            at += bytes.len - (FORMAT_END_MARK - 1); /* a magic may lie across the windows */
            continue;
        }
        if (!is_last && hit > 0 && bytes.len - hit < LOOK_BYTES) {
            at += hit;
            continue;
        }
        struct format_frame frame;
        format_frame_decode(
                base + hit, bytes.len - hit, room_at(scan, at + hit), scan->head.seed, &frame);
        bool is_ours = is_whole(&frame) || frame.kind == FORMAT_FOREIGN;
        if (is_ours) {
            found.is_any = true;
            uint64_t before = frame.number > frame.place ? frame.number - frame.place - 1 : 0;
            found.durable = before > found.durable ? before : found.durable;
        }
        at += hit + 1;
    }
    *ret_evidence = found;
    return 0;
}

/* The frame at the scan's place does not check. 1: it does now; 0: it is the tail; -EBADMSG. */
static int tail_judge(struct scan *scan, bool is_newest, struct format_frame *frame,
        struct journal_damage *ret_damage)
{
    char why[160];
    struct evidence found;
    if (frame->kind == FORMAT_FOREIGN) {
        return scan_damage(scan, frame->why, ret_damage);
    }
    if (!is_newest) {
        (void)snprintf(why, sizeof why, "%s, though it was durable", frame->why);
        return scan_damage(scan, why, ret_damage);
    }
    int r = evidence_search(scan, &found);
    if (r < 0) {
        return r;
    }
    if (found.durable >= scan->next) {
        r = frame_look(scan, frame);
        if (r < 0 || is_whole(frame)) {
            return r < 0 ? r : 1;
        }
        (void)snprintf(why, sizeof why, "%s, though records up to %llu were durable", frame->why,
                (unsigned long long)found.durable);
        return scan_damage(scan, why, ret_damage);
    }
    scan->is_clean = frame->kind == FORMAT_NOTHING && !found.is_any;
    return 0;
}

/* ---- steps ---- */

static int number_check(const struct scan *scan, const struct format_frame *frame,
        struct journal_damage *ret_damage)
{
    if (frame->number == scan->next) {
        return 0;
    }
    return scan_damage(scan,
            frame->kind == FORMAT_END ? "an end mark stands in its place that names another number"
                                      : "a record of another number stands in its place",
            ret_damage);
}

int scan_step(struct scan *scan, bool is_newest, struct format_frame *ret_frame,
        struct journal_damage *ret_damage)
{
    scan->is_clean = true;
    int r = frame_look(scan, ret_frame);
    if (r == 0 && !is_whole(ret_frame)) {
        r = tail_judge(scan, is_newest, ret_frame, ret_damage);
        if (r == 0) {
            return 0;
        }
    }
    if (r >= 0) {
        r = number_check(scan, ret_frame, ret_damage);
    }
    if (r < 0 || ret_frame->kind == FORMAT_END) {
        return r;
    }
    uint8_t chain[FORMAT_HASH];
    memcpy(chain, scan->chain, FORMAT_HASH);
    const uint8_t *bytes = scan->window + (scan->offset - scan->window_at);
    const char *why = format_chain_check(bytes, ret_frame, chain);
    if (why != NULL) {
        return scan_damage(scan, why, ret_damage);
    }
    memcpy(scan->chain, chain, FORMAT_HASH);
    scan->offset += ret_frame->length;
    scan->next++;
    return 1;
}

static int seek_one(struct scan *scan, struct journal_damage *ret_damage)
{
    struct format_frame frame;
    int r = frame_look(scan, &frame);
    if (r == 0 && !is_whole(&frame)) {
        r = tail_judge(scan, false, &frame, ret_damage);
    }
    if (r >= 0) {
        r = number_check(scan, &frame, ret_damage);
    }
    if (r < 0 || frame.kind == FORMAT_END) {
        return r;
    }
    memcpy(scan->chain, frame.record.chain, FORMAT_HASH);
    scan->offset += frame.length;
    scan->next++;
    return 1;
}

int scan_seek(struct scan *scan, uint64_t number, struct journal_damage *ret_damage)
{
    int r = 1;
    while (r > 0 && scan->next < number) {
        r = seek_one(scan, ret_damage);
    }
    return r < 0 ? r : 0;
}
