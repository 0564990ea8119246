/* common/time/zone_table.h — a time zone's offsets from 1970 to 2100, from a TZif file.
 *
 * RFC 8536, versions 2 and later: the transitions as they stand, then the footer's POSIX TZ rule,
 * expanded. Only changes of the offset are kept. Files with leap seconds are refused: our time has
 * none. A small reader of our own, as neither libical nor ICU reads the zone data of the system,
 * and glibc knows one zone a process. */
#pragma once

#include "common/base/arena.h"
#include "common/time/calendar.h"

enum {
    ZONE_FILE_BYTES_MAX = 256 * 1024,
    ZONE_YEAR_FIRST = 1970,
    ZONE_YEAR_LAST = 2100,
    ZONE_OFFSETS_MAX = 2600, /* a file's 2,000, two a year after it, and the first */
};

struct zone_table { /* being built: ascending, `at` has room for ZONE_OFFSETS_MAX */
    struct rd_offset *at;
    size_t count;
};

/* Puts an offset from an instant on. Later than the last: appended; the same instant: replaced;
 * earlier: left out. False: the table is full. */
bool zone_table_put(struct zone_table *table, rd_time from, int32_t offset_s);

/* 0, or -EINVAL with what is wrong (static text). The offsets are in the arena; outputs are written
 * only on 0. */
RD_MUST_USE int zone_parse(struct rd_str bytes, struct rd_arena *arena,
        struct zone_table *ret_table, const char **ret_what);
/* What the POSIX TZ text of a footer says, for the instants after the table's last. 0 or -EINVAL;
 * then the table may hold part of it. */
RD_MUST_USE int zone_rule_expand(struct rd_str text, rd_time after, struct zone_table *table);
