/* tools/ctl/keep.h — the state kept and put back: files of snapshots, without a daemon or beside
 * one. */
#pragma once

#include "daemon/store/store.h"
#include "tools/ctl/ctl.h"

#define KEEP_MAP_BYTES (UINT64_C(1) << 40) /* address space, not memory */

enum exit_status keep_backup(struct ctl *ctl);  /* backup FILE */
enum exit_status keep_restore(struct ctl *ctl); /* restore FILE DIR */
enum exit_status keep_check(struct ctl *ctl);   /* check-backup FILE */
enum exit_status keep_export(struct ctl *ctl);  /* export open */

/* Can one version apply all records of the journal `dir` after the backup's last? Printed if not.
 */
enum exit_status keep_follow(const char *dir, const struct store_numbers *numbers);
/* Opens a file for reading; what is no file, a FIFO say, is refused and never waited for. The
 * descriptor; -EBADMSG (ret_what), -errno. */
RD_MUST_USE int keep_open_file(const char *path, char ret_what[static 256]);
/* Marks a folder as one that a restore is not through with; takes the mark away, last of all. What
 * is in the folder itself is synced by both. 0 or -errno. */
RD_MUST_USE int keep_begin(const char *dir);
RD_MUST_USE int keep_end(const char *dir);

/* The state folder: --state, or the usual one. */
const char *keep_state(const struct ctl *ctl);
/* `file`: of whom it is told. Returns what the error comes to. */
enum exit_status keep_fail(const char *file, int error, const char *text);
/* Joins DIR and name. False: the path is too long; printed. */
bool keep_path(char *ret_path, size_t size, const char *dir, const char *name);
