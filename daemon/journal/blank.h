/* daemon/journal/blank.h — erasing in a journal that nobody has open: bodies of records, and what
 * of earlier lives lies behind the records and in the spares. The chain stays whole. */
#pragma once

#include "daemon/journal/journal.h"

struct journal_blank {
    /* True: its body is to go. Called for each record whose body is there. NULL: none goes. */
    bool (*pick)(void *arg, const struct journal_record *record);
    /* Called for each record whose body is gone by then, ascending. NULL: nobody wants to know. */
    void (*note)(void *arg, uint64_t number);
    /* Called now and then, and with the first number of each segment that has such a record and is
     * closed (else 0). An error ends all. NULL: not. */
    int (*beat)(void *arg, uint64_t first);
    void *arg;
};

/* Blanks what is picked, segment by segment, synced: first the marks, then the zeros, so that a
 * crash leaves bodies that nobody reads any more, and another call finishes them. A folder that is
 * not there is empty. 0, -EWOULDBLOCK (somebody has the journal), -EBADMSG (ret_damage), -errno. */
RD_MUST_USE int journal_blank(
        const char *dir, const struct journal_blank *how, struct journal_damage *ret_damage);
/* Zeros over all that is no record: spares, and what lies behind the last record of each segment.
 * Errors as journal_blank(). */
RD_MUST_USE int journal_scour(const char *dir, struct journal_damage *ret_damage);
