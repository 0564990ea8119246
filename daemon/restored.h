/* daemon/restored.h — a state that was put back without the end of its journal.
 *
 * What came after the backup, or after the archive's last record, is not known here; numbers of
 * events, cases and alerts are given again for other things. Who has a number from before cannot
 * see that by the number, so the term goes up, once, by a record of the journal. */
#pragma once

#include "daemon/edge.h"

/* Once the journal goes on: tells the log and operators, if it is so. */
void restored_tell(struct edge *edge);
/* Once that is durable. */
void restored_done(struct edge *edge);
