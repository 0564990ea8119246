/* common/client/seen.h — the last alert's number by unit: a sorted array. Inside this room only. */
#pragma once

#include "common/base/base.h"

enum { SEEN_UNITS_MAX = 65536 };

struct seen_unit {
    char *unit; /* owned */
    uint64_t seq;
};

struct seen {
    struct seen_unit *units;
    size_t count, room;
};

void seen_clear(struct seen *seen);                             /* zeroed memory is an empty one */
uint64_t seen_get(const struct seen *seen, struct rd_str unit); /* 0: none */
/* Over SEEN_UNITS_MAX units nothing is kept of the others: they are asked for more often. */
void seen_set(struct seen *seen, struct rd_str unit, uint64_t seq);
