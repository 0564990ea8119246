/* daemon/state.h — the state folder: made, checked, locked, opened, and looked at while it is used.
 *
 * Source: redressd(8), "FILES" and "EXIT STATUS". */
#pragma once

#include "daemon/edge.h"

/* Opens store, engine, journal and dead letters under the state folder. 0 or an exit status of
 * sysexits.h, the reason logged. */
RD_MUST_USE int state_open(struct edge *edge);
/* What an entry is, for people, and its name: the case's number or the digest. */
enum { STATE_ENTRY_MAX = 2 * GUARD_DIGEST_BYTES + 1 };
const char *state_entry(const struct guard_entry *entry, char ret_name[static STATE_ENTRY_MAX]);
/* Takes what is named so off the list of events and questions; only asks whether it stands there
 * where `is_look`. False: it does not. */
bool state_release(struct edge *edge, struct rd_str name, bool is_look);
/* Tells operators over what the process before ended, and sets the case aside whose timer it was.
 * Before any timer fires. 0 or -errno of the journal. */
RD_MUST_USE int state_tell_found(struct edge *edge);
/* Whether the folder, a part of it or the lock of an address was removed or replaced since it was
 * opened. */
bool state_is_lost(const struct edge *edge);
/* Logs that, and tells operators; what waits for its receipt is not acknowledged. */
void state_tell_lost(struct edge *edge);
/* Logs the command that mends a damaged store, and, where `wants_place`, reads all of the store for
 * where the damage lies; no checkpoint may be asked for after that. */
void state_tell_damage(const struct edge *edge, bool wants_place);
