/* daemon/rebuild_look.h — what is there, before the store is made anew: is it damaged at all, and
 * what leads from where to the journal's end? Nothing is changed by looking. */
#pragma once

#include "daemon/journal/journal.h"
#include "daemon/store/snapshot.h"

enum { REBUILD_WHY = 320 };

/* Is the store in the folder, which is locked, whole, and does the journal go on from it? Of one of
 * another version it says yes if it is whole: whoever opens it knows what to do with it. */
bool rebuild_is_whole(const char *store, struct journal *journal, char ret_why[static REBUILD_WHY]);
/* Can this engine apply every record after number `position`? */
bool rebuild_can_follow(
        struct journal *journal, uint64_t position, char ret_why[static REBUILD_WHY]);
