/* daemon/store/row_sum.h — the checksum of a row, which LMDB has none of.
 *
 * Four bytes, big-endian, follow each value in LMDB: the lower half of XXH3-64 over the value,
 * seeded with XXH3-64 over the key, seeded with XXH3-64 over the table's name. So a row that a
 * flipped bit moved to another key or another table is found, too. */
#pragma once

#include "common/base/base.h"
#include "daemon/store/store.h"

enum { ROW_SUM_BYTES = 4 };

uint32_t row_sum(uint64_t table_seed, struct rd_str key, struct rd_str value);
uint64_t row_table_seed(enum store_table table);
uint64_t row_name_seed(const char *table); /* the same by its name in LMDB */
void row_sum_put(uint32_t sum, uint8_t ret_bytes[static ROW_SUM_BYTES]);
/* Takes the checksum off `value`. False: it does not match. */
bool row_strip(uint64_t table_seed, struct rd_str key, struct rd_str *value);
