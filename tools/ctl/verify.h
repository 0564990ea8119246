/* tools/ctl/verify.h — what lies on the disk, looked at without a daemon. */
#pragma once

#include "daemon/journal/journal.h"
#include "tools/ctl/ctl.h"

enum exit_status verify_journal(struct ctl *ctl); /* check-journal DIR */
/* verify STATE_DIR: the journal, from record 1 or from a snapshot, through a fresh engine gives the
 * store's tables, byte for byte. Reads only; beside a running daemon it compares with the last
 * checkpoint. */
enum exit_status verify_state(struct ctl *ctl);
