/* daemon/served.h — an empty state folder begins a new state only where none was served before.
 *
 * A state disk that is not mounted looks like an empty folder, and one that was moved away leaves
 * one. So a start leaves a mark outside of the state: a file of the service manager's cache folder
 * (CACHE_DIRECTORY) with the path of the state that it serves. Without that folder nothing is
 * remembered, and a new state is told by the log and by the desk alone. Source: redressd(8),
 * "FILES". */
#pragma once

#include "daemon/edge.h"

/* Before anything in the folder is made: whether a state may begin here, and whether it is wanted
 * where --new-state asks for one. Sets edge->is_new. 0 or an exit status, the reason logged. */
RD_MUST_USE int served_check(struct edge *edge);
/* Marks that this state is served now. What cannot be written is logged: the start goes on. */
void served_note(const struct edge *edge);
