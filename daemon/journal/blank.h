/* daemon/journal/blank.h — erasing in a journal that no process has open: bodies of records, and
 * leftovers of earlier lives after the last record and in the spares. The chain stays whole. */
#pragma once

#include "daemon/journal/journal.h"

struct journal_blank {
    /* Returns true to have the body erased. Called for each record that still has its body. NULL:
     * no body is erased. */
    bool (*pick)(void *arg, const struct journal_record *record);
    /* Returns false to have a segment left alone: its first record and, but for the newest, which
     * ends at UINT64_MAX, its last. NULL: none is. */
    bool (*wants)(void *arg, uint64_t first, uint64_t last);
    /* Called for each record whose body is erased by then, in ascending order. May be NULL. */
    void (*note)(void *arg, uint64_t number);
    /* Called now and then with 0, and for each closed segment that has an erased record with its
     * first number. An error ends the work. May be NULL. */
    int (*beat)(void *arg, uint64_t first);
    void *arg;
};

/* Erases the picked bodies segment by segment. The marks are synced before the zeros, so that after
 * a crash a body is either whole or marked as erased, and another call finishes it. A folder that
 * is not there is empty. 0, -EWOULDBLOCK (another process has the journal), -EBADMSG (ret_damage),
 * -errno. */
RD_MUST_USE int journal_blank(
        const char *dir, const struct journal_blank *how, struct journal_damage *ret_damage);
/* Writes zeros over everything that is no record: spares, and the bytes after the last record of
 * each segment. Errors as journal_blank(). */
RD_MUST_USE int journal_scour(const char *dir, struct journal_damage *ret_damage);
