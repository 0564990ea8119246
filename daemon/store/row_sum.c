#include "daemon/store/row_sum.h"

#include <string.h>

#include <xxhash.h>

uint32_t row_sum(uint64_t table_seed, struct rd_str key, struct rd_str value)
{
    uint64_t seed = XXH3_64bits_withSeed(key.ptr, key.len, table_seed);
    return (uint32_t)XXH3_64bits_withSeed(value.ptr, value.len, seed);
}

uint64_t row_name_seed(const char *table)
{
    return XXH3_64bits(table, strlen(table));
}

uint64_t row_table_seed(enum store_table table)
{
    return row_name_seed(store_table_name(table));
}

void row_sum_put(uint32_t sum, uint8_t ret_bytes[static ROW_SUM_BYTES])
{
    for (size_t i = 0; i < ROW_SUM_BYTES; i++) {
        ret_bytes[i] = (uint8_t)(sum >> (8 * (ROW_SUM_BYTES - 1 - i)));
    }
}

bool row_strip(uint64_t table_seed, struct rd_str key, struct rd_str *value)
{
    if (value->len < ROW_SUM_BYTES) {
        return false;
    }
    value->len -= ROW_SUM_BYTES;
    uint32_t sum = 0;
    for (size_t i = 0; i < ROW_SUM_BYTES; i++) {
        sum = sum << 8 | (uint8_t)value->ptr[value->len + i];
    }
    return sum == row_sum(table_seed, key, *value);
}
