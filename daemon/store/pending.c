#include "daemon/store/pending.h"

#include <stddef.h>
#include <string.h>

void pending_done(struct pending *pending)
{
    slab_done(&pending->slab);
    *pending = (struct pending){0};
}

static struct row *find(
        const struct pending *pending, enum store_table table, struct rd_str key, uint64_t hash)
{
    size_t count = (pending->tables >> table & 1) != 0 ? pending->count : 0;
    for (size_t i = 0; i < count; i++) {
        if (pending->hashes[i] == hash && pending->names[i] == table &&
                rd_str_eq(row_key(pending->rows[i]), key)) {
            return pending->rows[i];
        }
    }
    return NULL;
}

const struct row *pending_find(
        const struct pending *pending, enum store_table table, struct rd_str key, uint64_t hash)
{
    return find(pending, table, key, hash);
}

static void set_value(struct pending *pending, struct row *row, const struct overlay_change *change)
{
    struct rd_str value = change->value;
    if (value.len > row->value_cap) {
        row->value = slab_alloc(&pending->slab, value.len);
        row->value_cap = (uint32_t)value.len;
    }
    if (value.len > 0) {
        memmove(row->value, value.ptr, value.len); /* may point into the row itself */
    }
    row->value_len = (uint32_t)value.len;
    row->state = (uint8_t)change->state;
}

void pending_put(
        struct pending *pending, struct overlay *overlay, const struct overlay_change *change)
{
    RD_ASSERT(change->value.len <= UINT32_MAX);
    struct row *row = find(pending, change->table, change->key, change->hash);
    if (row != NULL) {
        set_value(pending, row, change);
        return;
    }
    if (pending->count == PENDING_MAX) {
        pending_settle(pending, overlay);
    }
    overlay_prefetch(overlay, change->table, change->hash);
    size_t head = offsetof(struct row, key) + change->key.len;
    row = slab_alloc(&pending->slab, head + change->value.len);
    *row = (struct row){.value = (uint8_t *)row + head,
            .key_len = (uint16_t)change->key.len,
            .value_cap = (uint32_t)change->value.len};
    memcpy(row->key, change->key.ptr, change->key.len);
    set_value(pending, row, change);
    size_t place = pending->count++;
    pending->hashes[place] = change->hash;
    pending->names[place] = (uint8_t)change->table;
    pending->rows[place] = row;
    pending->tables |= UINT64_C(1) << change->table;
}

void pending_settle(struct pending *pending, struct overlay *overlay)
{
    for (size_t i = 0; i < pending->count; i++) {
        const struct row *row = pending->rows[i];
        overlay_put(overlay, &(struct overlay_change){.table = pending->names[i],
                                     .state = row->state,
                                     .key = row_key(row),
                                     .value = row_value(row),
                                     .hash = pending->hashes[i]});
    }
    pending->count = 0;
    pending->tables = 0;
}

void pending_forget(struct pending *pending)
{
    pending->count = 0;
    pending->tables = 0;
    slab_reset(&pending->slab);
}
