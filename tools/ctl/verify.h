/* tools/ctl/verify.h — what lies on the disk, looked at without a daemon. */
#pragma once

#include <limits.h>

#include "daemon/journal/journal.h"
#include "daemon/store/snapshot.h"
#include "tools/ctl/ctl.h"

enum exit_status verify_journal(struct ctl *ctl); /* check-journal DIR */
/* verify STATE_DIR: the journal, from record 1 or from a snapshot, through a fresh engine gives the
 * store's tables, byte for byte. Reads only; beside a running daemon it compares with the last
 * checkpoint. */
enum exit_status verify_state(struct ctl *ctl);

/* ---- verify_from.c: what a replay begins with ---- */

/* The journal has all records, and this engine wrote the first of them. */
bool verify_from_nothing(struct journal *journal);
/* The oldest snapshot in the folder from which the journal leads to record `position`. */
bool verify_from_find(const char *dir, struct journal *journal, uint64_t position,
        char ret_path[static PATH_MAX]);
/* Its rows into an empty store. 0, -EBADMSG, -errno. */
RD_MUST_USE int verify_from_load(const char *path, struct store *store,
        struct snapshot_head *ret_head, char ret_what[static 256]);
