/* daemon/store/snapshot_parts.h — what writing and reading a snapshot share: its head, its sums.
 * For the files of snapshot.h, and the sums for who makes all rows of a store. */
#pragma once

#include <sodium.h>

#include "daemon/store/snapshot.h"

enum {
    MARK_TABLE = 1,
    MARK_ROW = 2,
    MARK_END = 0xff,
    HASHED_HEAD = 68, /* bytes of the head that its hash is of */
};

void snapshot_head_put(const struct snapshot_head *head, uint8_t ret_bytes[static SNAPSHOT_HEAD]);
/* The head and its bytes, from the present offset. As snapshot_head_read(). */
RD_MUST_USE int snapshot_head_bytes(
        int fd, uint8_t bytes[static SNAPSHOT_HEAD], struct snapshot_head *ret_head);

/* Bytes on their way into a hash: rows are of some tens of bytes, and one by one each would cost
 * more than what is hashed. */
struct gather {
    crypto_generichash_state state;
    size_t len;
    uint8_t bytes[8192];
};
void gather_put(struct gather *gather, const void *bytes, size_t size);
void gather_end(struct gather *gather, uint8_t ret_hash[static SNAPSHOT_HASH]);

struct sums {
    struct gather rows, all;
    uint64_t count;
};
void sums_begin(struct sums *sums, const uint8_t head[static SNAPSHOT_HEAD]);
/* Of no snapshot: the sum of the rows alone, as store_digest() has it. */
void sums_begin_rows(struct sums *sums);
void sums_row(struct sums *sums, const char *table, struct rd_str key, struct rd_str value);
