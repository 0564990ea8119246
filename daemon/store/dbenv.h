/* daemon/store/dbenv.h — the LMDB environment: opened once, its tables, its schema number.
 *
 * MDB_NOTLS, and none of WRITEMAP, NOSYNC, NOMETASYNC, MAPASYNC, NOMEMINIT. The map has its final
 * size from the beginning: it is address space, the file grows only as pages are used, and no
 * transaction has to wait for it to grow. A writer holds a lock on the directory.
 *
 * META row "schema": u8 version 1, u32 schema big-endian; 01 00000001, and the checksum that
 * follows every value (row_sum.h). Written in the first transaction, so that a database without it
 * is not ours. */
#pragma once

#include <lmdb.h>

#include "daemon/store/store.h"

struct dbenv {
    MDB_env *env;
    MDB_dbi dbis[STORE_TABLE_COUNT];   /* 0: not there (read only) */
    uint64_t seeds[STORE_TABLE_COUNT]; /* of the rows' checksums (row_sum.h) */
    int dir_fd;
    bool read_only;
};

/* On failure nothing is left open. */
RD_MUST_USE int dbenv_open(
        struct dbenv *env, const struct store_options *options, char ret_what[static 256]);
void dbenv_close(struct dbenv *env);

/* A read transaction. When readers are full, the slots of dead processes are cleared first. */
RD_MUST_USE int dbenv_read(const struct dbenv *env, MDB_txn **ret_txn);
RD_MUST_USE int dbenv_measure(const struct dbenv *env, struct store_use *ret_use);
/* Bytes that the file system still gives to us; 0 if it does not say. */
uint64_t dbenv_free_bytes(const struct dbenv *env);
