#include <string.h>

#include <sodium.h>

#include "daemon/store/view.h"

enum { HASH_BYTES = 32, LENGTH_BYTES = 4 };

/* The length as u32 big-endian, then the bytes. */
static void hash_bytes(crypto_generichash_state *state, struct rd_str bytes)
{
    RD_ASSERT(bytes.len <= UINT32_MAX);
    uint8_t length[LENGTH_BYTES];
    for (int i = 0; i < LENGTH_BYTES; i++) {
        length[i] = (uint8_t)(bytes.len >> (8 * (LENGTH_BYTES - 1 - i)));
    }
    (void)crypto_generichash_update(state, length, sizeof length);
    (void)crypto_generichash_update(state, (const uint8_t *)bytes.ptr, bytes.len);
}

int store_hash(struct store_view *view, uint64_t skip, uint8_t ret_hash[static 32])
{
    int r = sodium_init(); /* chooses the code for this processor; again is harmless */
    RD_ASSERT(r >= 0);
    crypto_generichash_state state;
    r = crypto_generichash_init(&state, NULL, 0, HASH_BYTES);
    RD_ASSERT(r == 0);
    for (int i = 0; i < STORE_TABLE_COUNT; i++) {
        if ((skip >> i & 1) != 0) {
            continue;
        }
        enum store_table table = (enum store_table)i;
        struct rd_str name = rd_str_of(store_table_name(table));
        struct store_scan scan;
        struct rd_str key;
        struct rd_str value;
        store_scan_begin(&scan, view, table, (struct rd_str){0});
        while (store_scan_next(&scan, &key, &value)) {
            hash_bytes(&state, name);
            hash_bytes(&state, key);
            hash_bytes(&state, value);
        }
    }
    r = store_view_error(view);
    if (r == 0) {
        r = crypto_generichash_final(&state, ret_hash, HASH_BYTES);
        RD_ASSERT(r == 0);
    }
    return r;
}
