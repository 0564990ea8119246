/* daemon/store/rowtree.h — rows of an overlay's table in key order: a B+tree of pointers.
 *
 * Entries carry the first 16 bytes of their key as two big-endian words, so that most comparisons
 * stay in the node. Rows are added and never removed one by one; nodes come from a slab and go with
 * it. Not thread-safe. */
#pragma once

#include "daemon/store/slab.h"

enum row_state {
    ROW_VALUE,
    ROW_TOMBSTONE, /* hides what is below */
    ROW_VOID,      /* an undone put: as if it were not there */
};

struct row_before; /* what a still shows of it: overlay.h */
struct row {
    uint8_t *value;
    uint64_t epoch;            /* of the last mark whose undo log has it */
    struct row_before *before; /* NULL: no still has needed it */
    uint32_t value_len, value_cap;
    uint32_t born; /* the overlay's number of stills when the row came */
    uint16_t key_len;
    uint8_t state; /* enum row_state */
    uint8_t key[];
};

static inline struct rd_str row_key(const struct row *row)
{
    return (struct rd_str){.ptr = (const char *)row->key, .len = row->key_len};
}

static inline struct rd_str row_value(const struct row *row)
{
    return (struct rd_str){.ptr = (const char *)row->value, .len = row->value_len};
}

/* high, low: the key's first 16 bytes, zeros behind a shorter one. */
struct rowtree_item {
    uint64_t high, low;
    struct row *row;
};

struct rowtree_item rowtree_item_of(struct row *row);
/* As memcmp of the keys, the shorter first; for qsort() too. */
int rowtree_item_cmp(const void *a, const void *b);

struct rowtree_node;
struct rowtree {
    struct rowtree_node *root; /* NULL: empty; a zeroed tree is an empty one */
    uint32_t height;           /* inner levels above the leaves */
};

struct rowtree_at {
    struct rowtree_node *leaf; /* NULL: at the end */
    uint32_t index;
};

void rowtree_insert(struct rowtree *tree, struct slab *slab, struct row *row);
/* The first row ≥ key, or > key if is_after. */
struct rowtree_at rowtree_seek(const struct rowtree *tree, struct rd_str key, bool is_after);
struct row *rowtree_row(struct rowtree_at at); /* NULL at the end */
struct rowtree_at rowtree_step(struct rowtree_at at);
/* The greatest row < key, of all for an empty key; NULL: none. */
struct row *rowtree_before(const struct rowtree *tree, struct rd_str key);
