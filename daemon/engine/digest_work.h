/* daemon/engine/digest_work.h — a digest while it is made: what its watch keeps in `rest`.
 *
 * Bytes: version u8 = 1; missed days: count, first, last; whether it is being made u8. If so
 * configuration, from, day, next day; how many units are done, whether the unit at work has begun
 * u8, the case looked at last; then the sums, the standing numbers, the worst cases and the units
 * of the two lists, their counts before them. Numbers are varints, days zigzag. Source:
 * redress-events(7), "Digests". */
#pragma once

#include "common/base/sizes.h"
#include "common/plan/plan.h"
#include "daemon/engine/state.h"
#include "daemon/store/rows/tally_row.h"

/* What stands when the digest is made, by its key in the map. X(suffix, key) */
#define DIGEST_STANDING(X)                                                                         \
    X(OPEN, "open")                                                                                \
    X(DUTIES, "duties")                                                                            \
    X(OVERDUE, "overdue")                                                                          \
    X(DUE_TODAY, "due_today")                                                                      \
    X(DUE_NEXT, "due_next")                                                                        \
    X(UNACKNOWLEDGED, "unacknowledged")                                                            \
    X(ANSWERS_OWED, "answers_owed")                                                                \
    X(NOTICES_OWED, "notices_owed")                                                                \
    X(PAUSES_LONG, "pauses_long")                                                                  \
    X(REPORTS_MISSING, "reports_missing")                                                          \
    X(REPORTS_DIFFER, "reports_differ")

enum digest_standing {
#define X(suffix, key) STANDING_##suffix,
    DIGEST_STANDING(X)
#undef X
            STANDING_COUNT
};

struct digest_case { /* overdue */
    rd_time due;     /* wall, of the clock that is longest overdue */
    rd_day last_day;
    uint64_t number;
    uint8_t clock; /* its place in the case's row */
};
struct digest_day { /* a unit's report */
    uint32_t unit;
    rd_day day;
};

struct digest_work {
    /* Days of which none was made since the last one that was. */
    uint64_t missed;
    rd_day missed_first, missed_last;
    bool is_being_made;
    uint32_t config; /* the looks so far are by this configuration */
    rd_day from, day, next;
    /* The instants of the digest before `from` and of this one; not kept, their rules give them. */
    rd_time before, at;
    uint32_t units; /* done, in the order of the plan, the digest's own unit first */
    bool has_begun; /* the unit at work: its days are added, its cases not yet */
    uint64_t after; /* the case looked at last */
    uint64_t sums[TALLY_COUNT], standing[STANDING_COUNT];
    struct digest_case worst[RD_DIGEST_LISTED_MAX]; /* the longest overdue first */
    struct digest_day missing[RD_DIGEST_LISTED_MAX], differ[RD_DIGEST_LISTED_MAX];
    uint32_t worst_count, missing_count, differ_count;
};

/* Empty bytes: nothing is being made, nothing was missed. */
void digest_work_read(struct rd_str bytes, struct digest_work *ret_work);
/* In the record's arena. */
struct rd_str digest_work_bytes(struct engine *engine, const struct digest_work *work);
/* Begins the looks anew. */
void digest_work_begin(struct engine *engine, struct digest_work *work);
