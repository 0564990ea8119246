/* daemon/store/audit.h — checks that an LMDB file is what LMDB wrote, before LMDB maps it.
 *
 * LMDB 0.9 has no checksums and trusts its file: a flipped bit makes it answer wrongly, write over
 * live pages, or crash. This reads the newest snapshot with pread(2) and bounds on everything: each
 * page of the tables and of the free list is there once and is of its kind, counts are those of the
 * head, keys rise, separators separate, every row has its checksum (row_sum). Bytes that LMDB does
 * not use are not checked. Layout: MDB_meta, MDB_page, MDB_node of lmdb 0.9, 64 bits, native byte
 * order. */
#pragma once

#include "common/base/base.h"
#include "daemon/store/store.h"

enum { AUDIT_BYTES_MAX = 256 * 1024 * 1024 };

/* Checks the file open at `fd`: its heads and size always, the rest if it has at most `bytes_max`.
 * `is_foreign`: of another version, so it may have other tables. 0; -EBADMSG (ret_what: where and
 * what), -errno. */
RD_MUST_USE int audit_file(int fd, bool is_foreign, uint64_t bytes_max, char ret_what[static 256]);
