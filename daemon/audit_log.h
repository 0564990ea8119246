/* daemon/audit_log.h — who did what must be answered for: lines of the log with mod=audit and a
 * code that stays the same from version to version. They name keys, types and numbers, and nobody
 * else.
 *
 * Of what was accepted every line is written; the others are bounded as all lines are (log.h),
 * those of refused events for each key by itself. Source: redressd(8), "AUDIT". */
#pragma once

#include "daemon/engine/engine.h"

/* An event was accepted: a line where its type is one of those. `waits`: for a second person. */
void audit_accepted(
        const struct engine_sender *sender, enum rd_event_type type, uint64_t seq, bool waits);
/* An event was refused as forbidden. */
void audit_forbidden(const struct engine_sender *sender, enum rd_event_type type,
        const struct rd_reject *reject);
/* A key was not let in; `more`: others since the last line. */
void audit_key_refused(const char *peer, const char *key, const char *why, uint64_t more);
/* The list of clients was read anew. */
void audit_keys_read(size_t count);
/* What was to be forgotten is erased on the disks. */
void audit_erased(uint64_t job, uint64_t bodies, int64_t ms);
/* The head of the journal's chain. */
void audit_chain(uint64_t record, const char *chain);
