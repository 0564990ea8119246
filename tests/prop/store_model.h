/* tests/prop/store_model.h — what a store should hold: sorted arrays of rows, values as seeds. */
#pragma once

#include <string.h>

#include "daemon/store/store.h"
#include "tests/prop.h"

enum { TABLES = 3, KEY_MAX = 40, ROWS_MAX = 400, VALUE_MAX = 900 };

struct model_row {
    char key[KEY_MAX];
    size_t key_len;
    uint64_t seed; /* of the value */
    size_t value_len;
};
struct model_table {
    struct model_row rows[ROWS_MAX];
    size_t count;
};
struct model {
    struct model_table tables[TABLES];
};

static inline struct rd_str row_key(const struct model_row *row)
{
    return (struct rd_str){.ptr = row->key, .len = row->key_len};
}

/* The first row ≥ key. */
static inline size_t model_find(const struct model_table *table, struct rd_str key)
{
    size_t at = 0;
    while (at < table->count && rd_str_cmp(row_key(&table->rows[at]), key) < 0) {
        at++;
    }
    return at;
}

static inline struct model_row *model_get(struct model_table *table, struct rd_str key)
{
    size_t at = model_find(table, key);
    bool is_there = at < table->count && rd_str_eq(row_key(&table->rows[at]), key);
    return is_there ? &table->rows[at] : NULL;
}

static inline void model_put(struct model_table *table, const struct model_row *row)
{
    struct model_row *there = model_get(table, row_key(row));
    if (there != NULL) {
        *there = *row;
        return;
    }
    size_t at = model_find(table, row_key(row));
    memmove(table->rows + at + 1, table->rows + at, (table->count - at) * sizeof *row);
    table->rows[at] = *row;
    table->count++;
}

static inline void model_del(struct model_table *table, struct rd_str key)
{
    struct model_row *there = model_get(table, key);
    if (there != NULL) {
        table->count--;
        size_t behind = (size_t)(table->rows + table->count - there);
        memmove(there, there + 1, behind * sizeof *there);
    }
}

static inline void value_fill(uint64_t seed, char *bytes, size_t len)
{
    struct prop_gen gen = {.state = seed};
    for (size_t i = 0; i < len; i++) {
        bytes[i] = (char)(prop_u64(&gen) & 0xff);
    }
}

static inline bool value_is(struct rd_str value, const struct model_row *row)
{
    char bytes[VALUE_MAX];
    value_fill(row->seed, bytes, row->value_len);
    return rd_str_eq(value, (struct rd_str){.ptr = bytes, .len = row->value_len});
}
