/* daemon/folders.h — the folders that the configuration names beside the state's own: where
 * snapshots and the archive of the journal go. */
#pragma once

#include "daemon/edge.h"

/* Refuses one that lies in a folder of the state whose files are somebody else's, and tells of an
 * archive that is not there yet: an unmounted disk looks the same. 0 or an exit status, the reason
 * logged. */
RD_MUST_USE int folders_check(const struct edge *edge);
