#include "daemon/store/overlay.h"

#include <stdlib.h>
#include <string.h>

#define XXH_INLINE_ALL
#include <xxhash.h>

enum { SLOTS_FIRST = 64, ROWS_FIRST = 64, UNDO_FIRST = 64, SAVED_FIRST = 64 * 1024 };

struct overlay_undo {
    struct row *row;
    struct row_before *before;
    uint8_t *value;
    uint64_t hash;
    size_t saved_at;
    size_t index; /* of a new row in its table; else NOT_NEW */
    uint32_t value_len, value_cap;
    uint8_t table, state;
};

#define NOT_NEW SIZE_MAX

static_assert(STORE_TABLE_COUNT <= 64, "a bit each in the skip mask, a byte in the undo log");

uint64_t overlay_hash(struct rd_str key, uint64_t seed)
{
    return XXH3_64bits_withSeed(key.ptr, key.len, seed);
}

struct overlay *overlay_new(void)
{
    struct overlay *overlay = calloc(1, sizeof *overlay);
    if (overlay == NULL) {
        rd_oom();
    }
    int r = pthread_mutex_init(&overlay->lock, NULL);
    RD_ASSERT(r == 0);
    atomic_init(&overlay->holders, 1);
    return overlay;
}

void overlay_free(struct overlay *overlay)
{
    if (overlay == NULL) {
        return;
    }
    for (size_t i = 0; i < STORE_TABLE_COUNT; i++) {
        free(overlay->tables[i].slots);
        free(overlay->tables[i].rows);
    }
    slab_done(&overlay->slab);
    slab_done(&overlay->nodes);
    free(overlay->undo);
    free(overlay->saved);
    int r = pthread_mutex_destroy(&overlay->lock);
    RD_ASSERT(r == 0);
    free(overlay);
}

bool overlay_give_up(struct overlay *overlay)
{
    if (atomic_fetch_sub(&overlay->holders, 1) > 1) {
        return false;
    }
    atomic_store(&overlay->holders, 1);
    return true;
}

void overlay_lock(struct overlay *overlay)
{
    int r = pthread_mutex_lock(&overlay->lock);
    RD_ASSERT(r == 0);
}

void overlay_unlock(struct overlay *overlay)
{
    int r = pthread_mutex_unlock(&overlay->lock);
    RD_ASSERT(r == 0);
}

/* True: another thread reads a still, and the lock is taken. Only the owner can begin a still, so
 * an overlay that is not watched cannot become so during the call. */
static bool overlay_enter(struct overlay *overlay)
{
    bool is_watched = atomic_load_explicit(&overlay->is_watched, memory_order_acquire);
    if (is_watched) {
        overlay_lock(overlay);
    }
    return is_watched;
}

static void overlay_leave(struct overlay *overlay, bool is_watched)
{
    if (is_watched) {
        overlay_unlock(overlay);
    }
}

void overlay_reset(struct overlay *overlay)
{
    RD_ASSERT(!overlay->is_marked && !overlay->is_watched);
    for (size_t i = 0; i < STORE_TABLE_COUNT; i++) {
        struct overlay_table *table = &overlay->tables[i];
        if (table->count > 0) {
            memset(table->slots, 0, table->slot_count * sizeof *table->slots);
        }
        table->count = table->ordered = 0;
        table->tree = (struct rowtree){0};
        table->version++;
    }
    slab_reset(&overlay->slab);
    slab_reset(&overlay->nodes);
}

/* `array` with room for one more than `count`. */
static __attribute__((noinline)) void *array_grown(
        void *array, size_t *cap, size_t first, size_t size)
{
    *cap = *cap == 0 ? first : *cap * 2;
    void *grown = realloc(array, *cap * size);
    if (grown == NULL) {
        rd_oom();
    }
    return grown;
}

/* ---- the hash: open addressing, at most two thirds full ---- */

/* The slot of the key, or the free one where it belongs. */
static inline __attribute__((always_inline)) struct overlay_slot *slot_of(
        const struct overlay_table *table, struct rd_str key, uint64_t hash)
{
    size_t mask = table->slot_count - 1;
    for (size_t i = hash & mask;; i = (i + 1) & mask) {
        struct overlay_slot *slot = &table->slots[i];
        if (slot->row == NULL || (slot->hash == hash && slot->row->key_len == key.len &&
                                         memcmp(slot->row->key, key.ptr, key.len) == 0)) {
            return slot;
        }
    }
}

static __attribute__((noinline)) void slots_grow(struct overlay_table *table)
{
    size_t count = table->slot_count == 0 ? SLOTS_FIRST : table->slot_count * 2;
    struct overlay_slot *slots = huge_alloc(count * sizeof *slots);
    memset(slots, 0, count * sizeof *slots);
    for (size_t i = 0; i < table->slot_count; i++) {
        if (table->slots[i].row != NULL) {
            size_t at = table->slots[i].hash & (count - 1);
            while (slots[at].row != NULL) {
                at = (at + 1) & (count - 1);
            }
            slots[at] = table->slots[i];
        }
    }
    free(table->slots);
    table->slots = slots;
    table->slot_count = count;
}

/* Moves rows back that probed past the slot that is free now. */
static void slot_free(struct overlay_table *table, struct overlay_slot *slot)
{
    size_t mask = table->slot_count - 1;
    size_t hole = (size_t)(slot - table->slots);
    for (size_t i = (hole + 1) & mask; table->slots[i].row != NULL; i = (i + 1) & mask) {
        size_t home = table->slots[i].hash & mask;
        if (((i - home) & mask) >= ((i - hole) & mask)) {
            table->slots[hole] = table->slots[i];
            hole = i;
        }
    }
    table->slots[hole].row = NULL;
}

void overlay_prefetch(const struct overlay *overlay, enum store_table name, uint64_t hash)
{
    const struct overlay_table *table = &overlay->tables[name];
    if (table->count > 0) {
        __builtin_prefetch(&table->slots[hash & (table->slot_count - 1)]);
    }
}

struct row *overlay_find(
        const struct overlay *overlay, enum store_table table, struct rd_str key, uint64_t hash)
{
    if (overlay->tables[table].count == 0) {
        return NULL;
    }
    struct row *row = slot_of(&overlay->tables[table], key, hash)->row;
    return row != NULL && row->state != ROW_VOID ? row : NULL;
}

/* ---- putting ---- */

static struct overlay_undo *undo_add(struct overlay *overlay)
{
    if (overlay->undo_count == overlay->undo_cap) {
        overlay->undo = array_grown(
                overlay->undo, &overlay->undo_cap, UNDO_FIRST, sizeof(struct overlay_undo));
    }
    return &overlay->undo[overlay->undo_count++];
}

/* Saves the row for an undo, with its bytes, since a put may overwrite them in place. */
static void row_save(struct overlay *overlay, struct row *row, const struct overlay_change *change)
{
    while (overlay->saved_cap - overlay->saved_len < row->value_len) {
        overlay->saved = array_grown(overlay->saved, &overlay->saved_cap, SAVED_FIRST, 1);
    }
    *undo_add(overlay) = (struct overlay_undo){.row = row,
            .before = row->before,
            .value = row->value,
            .saved_at = overlay->saved_len,
            .index = NOT_NEW,
            .value_len = row->value_len,
            .value_cap = row->value_cap,
            .table = (uint8_t)change->table,
            .state = row->state};
    if (row->value_len > 0) {
        memcpy(overlay->saved + overlay->saved_len, row->value, row->value_len);
        overlay->saved_len += row->value_len;
    }
    row->epoch = overlay->epoch;
}

static bool still_has(const struct overlay *overlay, const struct row *row)
{
    return row->before != NULL && row->before->still == overlay->stills;
}

/* The still goes on showing the present value, so its bytes are not written again. */
static void row_preserve(struct overlay *overlay, struct row *row)
{
    if (row->born == overlay->stills || still_has(overlay, row)) {
        return;
    }
    row->before = slab_alloc(&overlay->slab, sizeof *row->before);
    *row->before = (struct row_before){.value = row->value,
            .still = overlay->stills,
            .value_len = row->value_len,
            .state = row->state};
    row->value_cap = 0;
}

static void row_change(struct overlay *overlay, struct row *row,
        const struct overlay_change *change, bool is_watched)
{
    if (overlay->is_marked && row->epoch != overlay->epoch) {
        row_save(overlay, row, change);
    }
    if (is_watched) {
        row_preserve(overlay, row);
    }
    row->state = (uint8_t)change->state;
    size_t len = change->value.len;
    if (len > row->value_cap) { /* a quarter more: it may grow again */
        size_t cap = len + len / 4 < UINT32_MAX ? len + len / 4 : len;
        uint8_t *value = slab_alloc(&overlay->slab, cap);
        memcpy(value, change->value.ptr, len);
        row->value = value;
        row->value_cap = (uint32_t)cap;
    } else if (len > 0) { /* may point into the row itself */
        memmove(row->value, change->value.ptr, len);
    }
    row->value_len = (uint32_t)len;
}

static struct row *row_new(struct overlay *overlay, const struct overlay_change *change)
{
    struct rd_str key = change->key;
    struct rd_str value = change->value;
    size_t head = offsetof(struct row, key) + key.len;
    struct row *row = slab_alloc(&overlay->slab, head + value.len);
    row->value = (uint8_t *)row + head;
    row->value_len = row->value_cap = (uint32_t)value.len;
    row->epoch = overlay->epoch;
    row->before = NULL;
    row->born = overlay->stills;
    row->key_len = (uint16_t)key.len;
    row->state = (uint8_t)change->state;
    memcpy(row->key, key.ptr, key.len);
    if (value.len > 0) {
        memcpy(row->value, value.ptr, value.len);
    }
    return row;
}

static void put(struct overlay *overlay, const struct overlay_change *change, bool is_watched)
{
    struct overlay_table *table = &overlay->tables[change->table];
    if ((table->count + 1) * 3 > table->slot_count * 2) {
        slots_grow(table);
    }
    struct overlay_slot *slot = slot_of(table, change->key, change->hash);
    if (slot->row != NULL) {
        row_change(overlay, slot->row, change, is_watched);
        return;
    }
    struct row *row = row_new(overlay, change);
    *slot = (struct overlay_slot){.hash = change->hash, .row = row};
    if (table->count == table->cap) {
        table->rows = array_grown(table->rows, &table->cap, ROWS_FIRST, sizeof(struct row *));
    }
    if (overlay->is_marked) {
        *undo_add(overlay) = (struct overlay_undo){.row = row,
                .hash = change->hash,
                .index = table->count,
                .table = (uint8_t)change->table};
    }
    table->rows[table->count++] = row;
}

void overlay_put(struct overlay *overlay, const struct overlay_change *change)
{
    RD_ASSERT(change->value.len <= UINT32_MAX);
    bool is_watched = overlay_enter(overlay);
    put(overlay, change, is_watched);
    overlay_leave(overlay, is_watched);
}

void overlay_order(struct overlay *overlay, enum store_table name)
{
    struct overlay_table *table = &overlay->tables[name];
    if (table->ordered < table->count) {
        table->version++;
    }
    while (table->ordered < table->count) {
        rowtree_insert(&table->tree, &overlay->nodes, table->rows[table->ordered++]);
    }
}

/* ---- one step back ---- */

void overlay_mark(struct overlay *overlay)
{
    RD_ASSERT(!overlay->is_marked);
    overlay->is_marked = true;
    overlay->epoch++;
    overlay->mark = slab_marked(&overlay->slab);
    overlay->undo_count = overlay->saved_len = 0;
}

void overlay_keep(struct overlay *overlay)
{
    RD_ASSERT(overlay->is_marked);
    overlay->is_marked = false;
}

/* A row that a tree points to cannot be removed; it stays as void. */
static bool undo_can_pop(const struct overlay *overlay)
{
    for (size_t i = 0; i < overlay->undo_count; i++) {
        const struct overlay_undo *undo = &overlay->undo[i];
        if (undo->index != NOT_NEW && undo->index < overlay->tables[undo->table].ordered) {
            return false;
        }
    }
    return true;
}

static void row_restore(struct overlay *overlay, const struct overlay_undo *undo, bool can_pop)
{
    struct overlay_table *table = &overlay->tables[undo->table];
    struct row *row = undo->row;
    if (undo->index == NOT_NEW) {
        /* The value that a still shows was not overwritten: its bytes are the old ones. */
        bool is_intact = still_has(overlay, row) && row->before->value == undo->value;
        row->before = undo->before;
        row->value = undo->value;
        row->value_len = undo->value_len;
        row->value_cap = undo->value_cap;
        row->state = undo->state;
        if (row->value_len > 0 && !is_intact) {
            memcpy(row->value, overlay->saved + undo->saved_at, row->value_len);
        }
    } else if (can_pop) {
        RD_ASSERT(table->count == undo->index + 1);
        slot_free(table, slot_of(table, row_key(row), undo->hash));
        table->count--;
    } else {
        row->state = ROW_VOID;
    }
}

void overlay_undo(struct overlay *overlay)
{
    RD_ASSERT(overlay->is_marked);
    bool is_watched = overlay_enter(overlay);
    bool can_pop = undo_can_pop(overlay);
    for (size_t i = overlay->undo_count; i > 0; i--) {
        row_restore(overlay, &overlay->undo[i - 1], can_pop);
    }
    if (can_pop) {
        slab_pop(&overlay->slab, overlay->mark);
    }
    overlay->is_marked = false;
    overlay_leave(overlay, is_watched);
}

uint64_t overlay_rows(const struct overlay *overlay)
{
    uint64_t rows = 0;
    for (size_t i = 0; i < STORE_TABLE_COUNT; i++) {
        rows += overlay->tables[i].count;
    }
    return rows;
}
