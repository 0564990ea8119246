#include <string.h>

#include "daemon/store/view.h"

/* A scan keeps its place in each level: in the trees until they change, in LMDB for good, since a
 * snapshot does not. All places are behind the last key given; what a row says (value, tombstone,
 * void) is looked at when it is its turn. */

enum { LEVEL_ACTIVE, LEVEL_SEALED, LEVEL_SNAPSHOT, LEVEL_COUNT };

static struct overlay *level_overlay(const struct store_scan *scan, int level)
{
    return level == LEVEL_ACTIVE ? scan->view->active : scan->view->sealed;
}

static void level_place(struct store_scan *scan, int level)
{
    if (level == LEVEL_ACTIVE) {
        view_settle(scan->view, scan->table);
    }
    struct overlay *overlay = level_overlay(scan, level);
    struct store_scan_level *place = &scan->levels[level];
    if (overlay == NULL || overlay->tables[scan->table].count == 0) {
        place->leaf = NULL;
        place->is_placed = false;
        return;
    }
    overlay_order(overlay, scan->table);
    const struct overlay_table *table = &overlay->tables[scan->table];
    if (place->is_placed && place->version == table->version) {
        return;
    }
    struct rd_str at = {.ptr = (const char *)scan->at, .len = scan->at_len};
    struct rowtree_at found = rowtree_seek(&table->tree, at, !scan->is_fresh);
    *place = (struct store_scan_level){
            .leaf = found.leaf, .index = found.index, .version = table->version, .is_placed = true};
}

static struct row *level_row(const struct store_scan *scan, int level)
{
    const struct store_scan_level *place = &scan->levels[level];
    return rowtree_row((struct rowtree_at){.leaf = place->leaf, .index = place->index});
}

static void level_step(struct store_scan *scan, int level)
{
    struct store_scan_level *place = &scan->levels[level];
    struct rowtree_at next =
            rowtree_step((struct rowtree_at){.leaf = place->leaf, .index = place->index});
    place->leaf = next.leaf;
    place->index = next.index;
}

static void snapshot_place(struct store_scan *scan)
{
    scan->is_below_placed = true;
    scan->has_below = false;
    struct rd_str from = {.ptr = (const char *)scan->at, .len = scan->at_len};
    struct rd_str last = view_last_key(scan->view, scan->table);
    if (last.len == 0 || rd_str_cmp(from, last) > 0) {
        return;
    }
    struct view_cursor *cursor = view_cursor_take(scan->view, scan->table);
    scan->cursor = cursor;
    if (cursor == NULL) {
        return;
    }
    scan->below_key = from;
    scan->has_below = view_cursor_move(scan->view, cursor, from.len > 0 ? MDB_SET_RANGE : MDB_FIRST,
            &scan->below_key, &scan->below_value);
}

static void snapshot_step(struct store_scan *scan)
{
    scan->has_below = view_cursor_move(
            scan->view, scan->cursor, MDB_NEXT, &scan->below_key, &scan->below_value);
}

void store_scan_begin(struct store_scan *scan, struct store_view *view, enum store_table table,
        struct rd_str from)
{
    RD_ASSERT(from.len <= STORE_KEY_MAX);
    scan->view = view;
    scan->table = table;
    scan->is_fresh = true;
    scan->is_open = true;
    scan->is_below_placed = scan->has_below = false;
    scan->cursor = NULL;
    scan->levels[LEVEL_ACTIVE] = scan->levels[LEVEL_SEALED] = (struct store_scan_level){0};
    scan->at_len = from.len;
    if (from.len > 0) {
        memcpy(scan->at, from.ptr, from.len);
    }
    view->open_scans++;
}

void store_scan_end(struct store_scan *scan)
{
    if (scan->is_open) {
        view_cursor_return(scan->cursor);
        scan->cursor = NULL;
        scan->is_open = false;
        scan->view->open_scans--;
    }
}

/* All levels placed behind the last key given, or at the first one. */
static void scan_place(struct store_scan *scan)
{
    level_place(scan, LEVEL_ACTIVE);
    level_place(scan, LEVEL_SEALED);
    if (!scan->is_below_placed) {
        snapshot_place(scan);
    } else if (scan->is_below_given) { /* only now: a scan often ends after its first row */
        snapshot_step(scan);
    }
    scan->is_below_given = false;
}

struct scan_found {
    struct rd_str key, value;
    bool has_value; /* else a tombstone, or void */
};

/* Takes the least key of all levels; of those that have it the uppermost that is not void says what
 * it is. False at the end. */
static bool scan_take(struct store_scan *scan, struct scan_found *ret_found)
{
    const struct row *rows[LEVEL_SNAPSHOT] = {
            level_row(scan, LEVEL_ACTIVE), level_row(scan, LEVEL_SEALED)};
    struct rd_str key = scan->below_key;
    unsigned holders = scan->has_below ? 1U << LEVEL_SNAPSHOT : 0;
    for (int level = LEVEL_SEALED; level >= LEVEL_ACTIVE; level--) {
        if (rows[level] == NULL) {
            continue;
        }
        int order = holders == 0 ? -1 : rd_str_cmp(row_key(rows[level]), key);
        if (order <= 0) {
            holders = (order < 0 ? 0 : holders) | 1U << level;
            key = row_key(rows[level]);
        }
    }
    if (holders == 0) {
        return false;
    }
    *ret_found = (struct scan_found){.key = key};
    if ((holders & 1U << LEVEL_SNAPSHOT) != 0) {
        *ret_found = (struct scan_found){
                .key = scan->below_key, .value = scan->below_value, .has_value = true};
        scan->is_below_given = true;
    }
    for (int level = LEVEL_SEALED; level >= LEVEL_ACTIVE; level--) {
        if ((holders & 1U << level) == 0) {
            continue;
        }
        if (rows[level]->state != ROW_VOID) {
            *ret_found = (struct scan_found){.key = row_key(rows[level]),
                    .value = row_value(rows[level]),
                    .has_value = rows[level]->state == ROW_VALUE};
        }
        level_step(scan, level);
    }
    return true;
}

bool store_scan_next(struct store_scan *scan, struct rd_str *ret_key, struct rd_str *ret_value)
{
    if (!scan->is_open) {
        return false;
    }
    scan_place(scan);
    struct scan_found found;
    bool is_found = scan_take(scan, &found);
    while (is_found && !found.has_value) {
        if (scan->is_below_given) {
            snapshot_step(scan);
            scan->is_below_given = false;
        }
        is_found = scan_take(scan, &found);
    }
    if (!is_found) {
        store_scan_end(scan);
        return false;
    }
    memcpy(scan->at, found.key.ptr, found.key.len);
    scan->at_len = found.key.len;
    scan->is_fresh = false;
    *ret_key = found.key;
    *ret_value = found.value;
    return true;
}

/* ---- the last key before another ---- */

/* The least key behind all that begin with the prefix; empty: there is none. */
static struct rd_str prefix_end(struct rd_str prefix, uint8_t end[static STORE_KEY_MAX])
{
    size_t len = prefix.len;
    while (len > 0 && (uint8_t)prefix.ptr[len - 1] == UINT8_MAX) {
        len--;
    }
    if (len > 0) {
        memcpy(end, prefix.ptr, len);
        end[len - 1]++;
    }
    return (struct rd_str){.ptr = (const char *)end, .len = len};
}

static struct row *level_before(struct overlay *overlay, enum store_table table, struct rd_str key)
{
    if (overlay == NULL || overlay->tables[table].count == 0) {
        return NULL;
    }
    overlay_order(overlay, table);
    return rowtree_before(&overlay->tables[table].tree, key);
}

static bool snapshot_before(
        struct store_view *view, enum store_table table, struct scan_found *ret_found)
{
    struct rd_str before = ret_found->key;
    struct view_cursor *cursor = view_cursor_take(view, table);
    if (cursor == NULL) {
        return false;
    }
    struct rd_str key = before;
    struct rd_str value;
    MDB_cursor_op op = MDB_LAST;
    if (before.len > 0 && view_cursor_move(view, cursor, MDB_SET_RANGE, &key, &value)) {
        op = MDB_PREV;
    }
    bool is_found = view_cursor_move(view, cursor, op, &key, &value);
    view_cursor_return(cursor);
    if (is_found) {
        *ret_found = (struct scan_found){.key = key, .value = value, .has_value = true};
    }
    return is_found;
}

/* Of one step down from `before`; the same rule as scan_take(). */
static bool last_take(struct store_view *view, enum store_table table, struct rd_str before,
        struct scan_found *ret_found)
{
    struct scan_found best = {.key = before};
    view_settle(view, table);
    bool is_found = snapshot_before(view, table, &best);
    struct overlay *overlays[] = {view->sealed, view->active};
    for (size_t i = 0; i < RD_COUNT(overlays); i++) {
        const struct row *row = level_before(overlays[i], table, before);
        int order = row == NULL ? -1 : !is_found ? 1 : rd_str_cmp(row_key(row), best.key);
        if (order < 0 || (order == 0 && row->state == ROW_VOID)) {
            continue;
        }
        is_found = true;
        best = (struct scan_found){
                .key = row_key(row), .value = row_value(row), .has_value = row->state == ROW_VALUE};
    }
    *ret_found = best;
    return is_found;
}

bool store_last(struct store_view *view, enum store_table table, struct rd_str prefix,
        struct rd_str before, struct rd_str *ret_key, struct rd_str *ret_value)
{
    RD_ASSERT(prefix.len <= STORE_KEY_MAX && before.len <= STORE_KEY_MAX);
    uint8_t end_bytes[STORE_KEY_MAX];
    struct rd_str end = prefix_end(prefix, end_bytes);
    if (before.len == 0 || (end.len > 0 && rd_str_cmp(end, before) < 0)) {
        before = end;
    }
    struct scan_found found;
    while (last_take(view, table, before, &found) && rd_str_starts(found.key, prefix)) {
        if (found.has_value) {
            *ret_key = found.key;
            *ret_value = found.value;
            return true;
        }
        before = found.key;
    }
    return false;
}
