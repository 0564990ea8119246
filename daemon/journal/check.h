/* daemon/journal/check.h — reads a whole journal and says whether it is sound: redressctl
 * check-journal. Takes no lock and changes nothing; fit for a live daemon's directory, where it
 * checks up to a point between its start and its end. */
#pragma once

#include "daemon/journal/journal.h"

struct journal_report {
    uint64_t segments;
    uint64_t records, erased; /* erased ones are among the records */
    uint64_t bytes;           /* of records, headers included */
    uint64_t first, last;     /* 0: there are none */
    rd_time first_wall, last_wall;
    uint8_t chain[32];    /* of the last one: whoever noted it earlier can compare */
    bool is_torn;         /* behind the last record lies what the next start will cut */
    uint64_t torn_offset; /* in the newest segment */
};

/* Called after each segment; false ends the check with -ECANCELED. */
typedef bool journal_check_progress(void *arg, const struct journal_report *so_far);

/* Verifies every checksum, digest and link of the chain, and that no segment is missing between the
 * oldest and the newest. progress may be NULL. *ret_report is written on 0 and, up to the damage,
 * on -EBADMSG. 0, -EBADMSG (damage says where), -ECANCELED, -errno. */
RD_MUST_USE int journal_check(const char *dir, journal_check_progress *progress, void *arg,
        struct journal_report *ret_report, struct journal_damage *ret_damage);
