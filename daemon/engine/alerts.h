/* daemon/engine/alerts.h — alerts: drafted by whoever has something to tell, numbered and kept
 * here. */
#pragma once

#include "daemon/engine/state.h"

struct alert_draft {
    enum rd_alert_type type;
    enum rd_severity severity;
    uint32_t unit;
    uint32_t rung;
    const uint32_t *skipped;
    size_t skipped_count;
    struct rd_str clock_name, clock_shown; /* for machines, for people */
    rd_time due;                           /* RD_TIME_NONE */
    bool is_provisional;
    uint32_t repeated;
    rd_time ack_by;                   /* RD_TIME_NONE */
    const struct rd_warning *warning; /* shown instead of the case's own; NULL: see next */
    bool carries_warning, never_withheld, is_ladder, is_reminder, is_late;
    uint64_t supersedes;
    const uint64_t *grouped;
    size_t grouped_count;
    uint64_t count;
    struct rd_reason extra; /* code empty: none */
    bool is_extra_said;     /* its detail is what somebody wrote */
    struct rd_str title;    /* a template of its own; empty: the type's */
    uint32_t days;          /* of a window, for the title */
    /* Fields of the title that are told by nobody else (common/text/title.h); empty: left out. */
    struct rd_str question, notice, rung_name, source, key;
    bool is_key_said, is_why_said; /* as is_extra_said */
    rd_time since;
    struct rd_str digest; /* a packed map; empty: none. With it the title's numbers: */
    uint64_t opened, closed, open, overdue;
    struct rd_str missed; /* days of which no digest was made */
    uint32_t about;       /* unit spoken of, where it is another than the one told; 0 */
    /* For the title alone, as the texts above: why a rung comes (ladder_why.h); the unit that is
     * closed and is stood in for, the one that was asked; 0: none. */
    struct rd_str why;
    uint32_t stands_in, asked;
};
struct alert_draft alert_draft_of(
        enum rd_alert_type type, enum rd_severity severity, uint32_t unit);
/* Numbers and keeps it; 0: withheld (in the case's history) or quiet. `work` NULL: about no case.
 */
uint64_t alert_send(struct engine *engine, struct work *work, const struct alert_draft *draft);
/* When its unit is told of it: now, or when the bundle ends that it would go into. */
struct instant alert_told_at(
        struct engine *engine, struct work *work, const struct alert_draft *draft);
