/* daemon/store/page.h — the bytes of an LMDB 0.9 file, for those who read it without LMDB.
 *
 * Layout: MDB_meta, MDB_page, MDB_node of lmdb 0.9, 64 bits, native byte order. */
#pragma once

#include <stdint.h>
#include <string.h>

enum {
    PAGE_HEAD = 16,
    NODE_HEAD = 8,
    DB_BYTES = 48,
    META_BYTES = 136,
    META_DBS = 24,
    META_LAST = 120,
    META_TXN = 128,
    FLAG_BRANCH = 1,
    FLAG_LEAF = 2,
    FLAG_OVERFLOW = 4,
    FLAG_META = 8,
    NODE_BIG = 1,
    NODE_TABLE = 2,
    TREE_FLAGS = 127,    /* the others are the environment's */
    FREE_PAGE_FLAGS = 8, /* MDB_INTEGERKEY, of the free list */
};
#define PAGE_MAGIC   0xBEEFC0DEU
#define PAGE_VERSION 1U
#define PAGE_NONE    UINT64_MAX

static inline uint16_t page_u16(const uint8_t *at)
{
    uint16_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline uint32_t page_u32(const uint8_t *at)
{
    uint32_t value;
    memcpy(&value, at, sizeof value);
    return value;
}

static inline uint64_t page_u64(const uint8_t *at)
{
    uint64_t value;
    memcpy(&value, at, sizeof value);
    return value;
}
