/* daemon/store/shelf.h — the folder of snapshots: POSITION.snapshot, a file each (snapshot.h).
 *
 * A file gets its name when all of it is on the disk. A half-written one ends in .part and is
 * removed by the next snapshot. */
#pragma once

#include "daemon/store/snapshot.h"

enum { SHELF_NAME_MAX = 32 };

struct shelf_item {
    char name[SHELF_NAME_MAX];
    struct snapshot_head head;
    uint64_t bytes;
    int64_t made_us; /* when the file was written last, by its file system */
};

struct shelf { /* by position, ascending; those alone whose head is whole */
    struct shelf_item *items;
    size_t count;
};

void shelf_name(uint64_t position, char ret_name[static SHELF_NAME_MAX]);
/* A folder that is not there is empty. 0 or -errno. */
RD_MUST_USE int shelf_read(const char *dir, struct shelf *ret_shelf);
void shelf_done(struct shelf *shelf);

/* A snapshot of the last checkpoint; the folder is made if it is missing. 0, -EBADMSG, -ECANCELED,
 * -EEXIST (one of another journal or engine has its name), -errno; ret_what as store_snapshot(). */
RD_MUST_USE int shelf_put(struct store *store, const char *dir, const struct snapshot_way *way,
        struct snapshot_sum *ret_sum, char ret_what[static 256]);
/* The same of a raw store. */
RD_MUST_USE int shelf_put_raw(struct raw *raw, const char *dir, const struct snapshot_way *way,
        struct snapshot_sum *ret_sum, char ret_what[static 256]);
/* Removes the oldest snapshots until `keep` are left, `newest` the last of them. None counts, and
 * none goes, that is of another engine, which is the way back from an upgrade; that has a later
 * position; or that is_other() says of that it is of another journal. 0 or -errno. */
struct shelf_trim {
    size_t keep;
    const struct snapshot_head *newest;
    bool (*is_other)(void *arg, const struct snapshot_head *head); /* NULL: nobody knows */
    void *arg;
};
RD_MUST_USE int shelf_trim(const char *dir, const struct shelf_trim *trim);
/* Opens one for reading. The descriptor or -errno. */
RD_MUST_USE int shelf_open(const char *dir, const struct shelf_item *item);
