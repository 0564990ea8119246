/* daemon/journal/segment.h — segment files as files: names, lists, filling, taking, writing.
 *
 *   00000000000000000017.journal   a segment, named by the number of its first record
 *   0.spare, 1.spare               prepared ones: zeros, or a recycled segment's stale bytes
 *   large.spare                    one just made for a record that no other could hold
 *   *.spare.tmp                    one being filled; of no worth after a crash
 *   lock                           held with flock(2) by whoever writes
 *
 * What must be on the disk before what:
 *   a spare is filled and synced before it gets its name; a recycled segment's new name is synced
 *   before anything is written into it; a segment's head is synced before the file gets the
 *   segment's name; that name is synced before a record in it is called durable; and before all
 *   that the end mark of the segment before. So at every crash a file named *.journal has a whole
 *   head, and all segments but the newest are whole. */
#pragma once

#include "daemon/journal/format.h"

enum {
    SEGMENT_NAME_MAX = 32,
    SEGMENT_SPARES_MAX = 2,
    SEGMENT_MIN_BYTES = 64 * 1024,
    SEGMENT_DEFAULT_BYTES = 64 * 1024 * 1024,
};

#define SEGMENT_MAX_BYTES (UINT64_C(4) << 30)

struct segment_entry {
    uint64_t first;
    uint64_t bytes;     /* of the file */
    rd_time first_wall; /* of its first record; RD_TIME_MAX: not known */
};

struct segment_list { /* ascending */
    struct segment_entry *items;
    size_t count, cap;
};

void segment_name(uint64_t first, char ret_name[static SEGMENT_NAME_MAX]);
void segment_spare_name(unsigned slot, char ret_name[static SEGMENT_NAME_MAX]);

/* All segments in the directory. 0 or -errno. */
RD_MUST_USE int segment_list_read(int dir_fd, struct segment_list *ret_list);
void segment_list_add(struct segment_list *list, const struct segment_entry *entry);
void segment_list_drop_first(struct segment_list *list);
void segment_list_done(struct segment_list *list);

/* Opens the directory, creating it if `may_create`. Returns the descriptor or -errno. */
RD_MUST_USE int segment_dir_open(const char *dir, bool may_create);
/* Takes the directory's lock. Returns the descriptor, -EWOULDBLOCK or -errno. */
RD_MUST_USE int segment_dir_lock(int dir_fd);
RD_MUST_USE int segment_dir_sync(int dir_fd);

/* All of it, or -errno. */
RD_MUST_USE int segment_write(int fd, const uint8_t *bytes, size_t size, uint64_t offset);
/* As much as there is, up to `size`; returns the count or -errno. */
RD_MUST_USE int64_t segment_read(int fd, uint8_t *bytes, size_t size, uint64_t offset);
/* Zeros over from..to-1, synced. */
RD_MUST_USE int segment_zero(int fd, uint64_t from, uint64_t to);
RD_MUST_USE int segment_sync(int fd);

/* Makes the file `name` of so many written zeros, by way of `name`.tmp. On failure nothing is
 * left. */
RD_MUST_USE int segment_fill(int dir_fd, const char *name, uint64_t bytes);
/* -ENOSPC if the file system has not so much left; else 0 or -errno. */
RD_MUST_USE int segment_room(int dir_fd, uint64_t bytes);
/* The wall time of the first record of a segment; RD_TIME_MAX if it has none or cannot tell. */
rd_time segment_wall(int dir_fd, uint64_t first);
/* The life a file had: 0 for zeros. 0, -EBADMSG (its head is damaged: of no use), -errno. */
RD_MUST_USE int segment_life(int dir_fd, const char *name, uint64_t *ret_life);
/* Advice to the kernel, which costs nothing where it is not taken. A segment that is no longer
 * written leaves its memory to the store; one that will be written again must be in memory, or each
 * batch would wait until the page that it ends in has been read from the disk. */
void segment_cool(int dir_fd, const char *name);
void segment_warm(int dir_fd, const char *name);
/* Turns the prepared file `name` into the segment `head` (whose life it sets) and opens it. */
RD_MUST_USE int segment_take(
        int dir_fd, const char *name, struct format_segment *head, int *ret_fd);

/* True for an error that says that there is no descriptor now, in the process or in the system: it
 * passes, and says nothing about the disk. */
bool segment_is_starved(int error);
