/* daemon/store/snapshot.h — all rows of a store at one moment, in one compressed file.
 *
 * All numbers big-endian.
 *
 *   0  8  "redressS"               20  8  position: the last record that is in it
 *   8  4  version, 1               28 32  chain hash of that record; zeros: not known
 *  12  4  schema                   60  8  wall time of the last record, µs
 *  16  4  engine                   68 32  BLAKE2b-256 of bytes 0..67
 *
 * then one zstd frame (with its checksum), and nothing behind it. What is in the frame:
 *
 *   01  table begins: u8 length, name             (in the order of their names)
 *   02  row: u32 length of the key, u32 of the value, key, value; in key order
 *   ff  the end: u64 rows; BLAKE2b-256 over table name, key and value of each row but those of
 *       dead_letters, each behind its length as u32; BLAKE2b-256 of bytes 0..67 and of all that
 *       stands before it in the frame
 *
 * Values are as the typed tables of that schema wrote them, without LMDB's checksums. A file that
 * was cut, flipped or joined to another head does not read. */
#pragma once

#include "common/time/utime.h"
#include "daemon/store/store.h"

/* A state folder with a file of this name is one that a restore is not through with. */
#define SNAPSHOT_UNFINISHED "restore.unfinished"

enum { SNAPSHOT_HASH = 32, SNAPSHOT_HEAD = 100, SNAPSHOT_VERSION = 1 };

struct snapshot_head {
    struct store_numbers numbers;
    uint8_t chain[SNAPSHOT_HASH]; /* zeros: not known */
    rd_time wall;
};

struct snapshot_sum {
    struct snapshot_head head; /* of the file */
    uint64_t rows;
    uint64_t bytes;                /* of the file */
    uint8_t digest[SNAPSHOT_HASH]; /* of the rows */
};

/* Asked between slices of some thousand rows. False: it is not wanted any more. */
typedef bool snapshot_goes_on(void *arg);

struct snapshot_way {
    snapshot_goes_on *goes_on; /* NULL: nobody is asked */
    void *arg;
    const uint8_t *chain; /* of the position, where the store does not know it; NULL: zeros */
};

struct raw;

/* The digest of the rows of the last checkpoint, as a snapshot of it would have it. 0, -EBADMSG,
 * -errno. */
RD_MUST_USE int store_digest(struct store *store, uint8_t ret_digest[static SNAPSHOT_HASH]);
/* Is the file of a store of any version what LMDB wrote? `is_all`: however large it is; else of a
 * large one its heads alone are looked at, as by a start. The caller holds its lock. 0, -EBADMSG
 * (ret_what: where and what), -errno. */
RD_MUST_USE int store_audit(const char *dir, bool is_all, char ret_what[static 256]);

/* The last checkpoint into `fd`, from its present offset on, synced. While it is written LMDB
 * keeps the pages of that checkpoint. Any thread. 0; -EBADMSG (a row is damaged: ret_what says
 * which); -ECANCELED; -errno. */
RD_MUST_USE int store_snapshot(struct store *store, int fd, const struct snapshot_way *way,
        struct snapshot_sum *ret_sum, char ret_what[static 256]);
/* The same of a store of any version that was opened raw. */
RD_MUST_USE int snapshot_write(struct raw *raw, int fd, const struct snapshot_way *way,
        struct snapshot_sum *ret_sum, char ret_what[static 256]);

/* The head that a snapshot of it has; `known_chain` as chain in snapshot_way. 0, -EBADMSG, -errno.
 */
RD_MUST_USE int snapshot_head_of(
        struct raw *raw, const uint8_t *known_chain, struct snapshot_head *ret_head);
/* The head alone. 0, -EBADMSG (no snapshot, or damaged), -EPROTO (a later version), -errno. */
RD_MUST_USE int snapshot_head_read(int fd, struct snapshot_head *ret_head);

/* Each row of it: of the table of that name. An empty key: the table begins, and may have no rows.
 * 0, or what ends the reading. */
typedef int snapshot_row(void *arg, const char *table, struct rd_str key, struct rd_str value);
/* Reads all of it and verifies it; the rows are to be believed only where this returns 0. `row` may
 * be NULL. 0, -EBADMSG (ret_what), what `row` returned, -errno. */
RD_MUST_USE int snapshot_read(int fd, snapshot_row *row, void *arg, struct snapshot_sum *ret_sum,
        char ret_what[static 256]);
/* The same, and makes a store of it in an existing folder: what is data.mdb there stays so until
 * all of the snapshot was verified, and is then kept as `old`.mdb, unless that is NULL. */
RD_MUST_USE int snapshot_restore(int fd, const char *dir, const char *old,
        struct snapshot_sum *ret_sum, char ret_what[static 256]);
