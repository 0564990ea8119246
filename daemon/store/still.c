#include "daemon/store/still.h"

#include <string.h>

enum { ROWS_AT_ONCE = 512 }; /* looked up under one hold of the lock */

void still_take(struct still *still, struct overlay *overlay)
{
    RD_ASSERT(still->overlay == NULL);
    still->overlay = overlay;
    if (overlay == NULL) {
        return;
    }
    RD_ASSERT(!overlay->is_marked && !overlay->is_watched);
    if (still->life != overlay->life) {
        memset(still->trees, 0, sizeof still->trees);
        slab_reset(&still->nodes);
        still->life = overlay->life;
    }
    still->number = ++overlay->stills;
    for (size_t i = 0; i < STORE_TABLE_COUNT; i++) {
        still->counts[i] = overlay->tables[i].count;
    }
    atomic_fetch_add(&overlay->holders, 1);
    atomic_store(&overlay->is_watched, true);
}

void still_rest(struct still *still)
{
    struct overlay *overlay = still->overlay;
    still->overlay = NULL;
    if (overlay == NULL) {
        return;
    }
    atomic_store(&overlay->is_watched, false);
    if (overlay_give_up(overlay)) {
        overlay_free(overlay);
    }
}

void still_done(struct still *still)
{
    RD_ASSERT(still->overlay == NULL);
    slab_done(&still->nodes);
}

/* Under the lock. */
static struct seen see(const struct still *still, const struct row *row)
{
    if (row->born >= still->number) {
        return (struct seen){.state = ROW_VOID};
    }
    const struct row_before *before = row->before;
    if (before != NULL && before->still == still->number) {
        return (struct seen){.state = (enum row_state)before->state,
                .value = {.ptr = (const char *)before->value, .len = before->value_len}};
    }
    return (struct seen){.state = (enum row_state)row->state, .value = row_value(row)};
}

bool still_find(const struct still *still, enum store_table table, struct rd_str key, uint64_t hash,
        struct seen *ret_seen)
{
    if (still->overlay == NULL || still->counts[table] == 0) {
        return false;
    }
    overlay_lock(still->overlay);
    const struct row *row = overlay_find(still->overlay, table, key, hash);
    struct seen seen = row != NULL ? see(still, row) : (struct seen){.state = ROW_VOID};
    overlay_unlock(still->overlay);
    *ret_seen = seen;
    return seen.state != ROW_VOID;
}

/* Copies the places of rows from `from` on; returns how many. */
static size_t rows_copy(
        const struct still *still, enum store_table table, size_t from, struct row *rows[])
{
    size_t count = still->counts[table] - from;
    count = count < ROWS_AT_ONCE ? count : ROWS_AT_ONCE;
    overlay_lock(still->overlay);
    memcpy(rows, still->overlay->tables[table].rows + from, count * sizeof *rows);
    overlay_unlock(still->overlay);
    return count;
}

const struct rowtree *still_order(struct still *still, enum store_table table)
{
    if (still->overlay == NULL || still->counts[table] == 0) {
        return NULL;
    }
    struct still_tree *tree = &still->trees[table];
    while (tree->ordered < still->counts[table]) {
        struct row *rows[ROWS_AT_ONCE];
        size_t count = rows_copy(still, table, tree->ordered, rows);
        for (size_t i = 0; i < count; i++) {
            rowtree_insert(&tree->tree, &still->nodes, rows[i]);
        }
        tree->ordered += count;
    }
    return &tree->tree;
}

struct seen still_see(const struct still *still, const struct row *row)
{
    overlay_lock(still->overlay);
    struct seen seen = see(still, row);
    overlay_unlock(still->overlay);
    return seen;
}
