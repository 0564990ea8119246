#include <string.h>

#include "daemon/store/view.h"

/* A scan keeps a place in each level: in a tree until the tree changes, in LMDB for good, since a
 * snapshot never changes. All places are after the last key given; the state of a row (value,
 * tombstone, void) is read when its turn comes, as it may have changed by then. */

/* Of the live view the second is the sealed overlay; of a side view that was shown the live view
 * the second and third are its stills. */
enum { LEVEL_ACTIVE, LEVEL_SECOND, LEVEL_THIRD, LEVEL_SNAPSHOT, LEVEL_COUNT };

/* An overlay of the view's thread, or a still; both NULL: neither. */
struct level {
    struct overlay *overlay;
    struct still *still;
};

static struct level level_of(const struct store_view *view, int level)
{
    if (level == LEVEL_ACTIVE) {
        return (struct level){.overlay = view->active};
    }
    if (view->stills != NULL) {
        return (struct level){.still = &view->stills->at[level - LEVEL_SECOND]};
    }
    return (struct level){.overlay = level == LEVEL_SECOND ? view->sealed : NULL};
}

/* The table's rows in key order; NULL: the level has none. */
static const struct rowtree *level_tree(
        struct level level, enum store_table table, uint64_t *ret_version)
{
    *ret_version = 0; /* a still's does not change while it is read */
    if (level.still != NULL) {
        return still_order(level.still, table);
    }
    if (level.overlay == NULL || level.overlay->tables[table].count == 0) {
        return NULL;
    }
    overlay_order(level.overlay, table);
    *ret_version = level.overlay->tables[table].version;
    return &level.overlay->tables[table].tree;
}

static struct seen level_see(struct level level, const struct row *row)
{
    if (level.still != NULL) {
        return still_see(level.still, row);
    }
    return (struct seen){.state = (enum row_state)row->state, .value = row_value(row)};
}

static void level_place(struct store_scan *scan, int level)
{
    if (level == LEVEL_ACTIVE) {
        view_settle(scan->view, scan->table);
    }
    struct store_scan_level *place = &scan->levels[level];
    uint64_t version;
    const struct rowtree *tree = level_tree(level_of(scan->view, level), scan->table, &version);
    if (tree == NULL) {
        place->leaf = NULL;
        place->is_placed = false;
        return;
    }
    if (place->is_placed && place->version == version) {
        return;
    }
    struct rd_str at = {.ptr = (const char *)scan->at, .len = scan->at_len};
    struct rowtree_at found = rowtree_seek(tree, at, !scan->is_fresh);
    *place = (struct store_scan_level){
            .leaf = found.leaf, .index = found.index, .version = version, .is_placed = true};
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
    memset(scan->levels, 0, sizeof scan->levels);
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

/* Places all levels after the last key given, or at the first one. */
static void scan_place(struct store_scan *scan)
{
    for (int level = LEVEL_ACTIVE; level < LEVEL_SNAPSHOT; level++) {
        level_place(scan, level);
    }
    if (!scan->is_below_placed) {
        snapshot_place(scan);
    } else if (scan->is_below_given) { /* many scans end after the first */
        snapshot_step(scan);
    }
    scan->is_below_given = false;
}

struct scan_found {
    struct rd_str key, value;
    bool has_value; /* else a tombstone, or void */
};

/* Takes the least key of all levels. If several levels have it, the uppermost one that is not void
 * decides. False at the end. */
static bool scan_take(struct store_scan *scan, struct scan_found *ret_found)
{
    const struct row *rows[LEVEL_SNAPSHOT];
    for (int level = LEVEL_ACTIVE; level < LEVEL_SNAPSHOT; level++) {
        rows[level] = level_row(scan, level);
    }
    struct rd_str key = scan->below_key;
    unsigned holders = scan->has_below ? 1U << LEVEL_SNAPSHOT : 0;
    for (int level = LEVEL_THIRD; level >= LEVEL_ACTIVE; level--) {
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
    for (int level = LEVEL_THIRD; level >= LEVEL_ACTIVE; level--) {
        if ((holders & 1U << level) == 0) {
            continue;
        }
        struct seen seen = level_see(level_of(scan->view, level), rows[level]);
        if (seen.state != ROW_VOID) {
            *ret_found = (struct scan_found){.key = row_key(rows[level]),
                    .value = seen.value,
                    .has_value = seen.state == ROW_VALUE};
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

/* The least key greater than every key with the prefix; empty: there is none. */
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
    for (int at = LEVEL_THIRD; at >= LEVEL_ACTIVE; at--) {
        struct level level = level_of(view, at);
        uint64_t version;
        const struct rowtree *tree = level_tree(level, table, &version);
        const struct row *row = tree != NULL ? rowtree_before(tree, before) : NULL;
        int order = row == NULL ? -1 : !is_found ? 1 : rd_str_cmp(row_key(row), best.key);
        if (order < 0) {
            continue;
        }
        struct seen seen = level_see(level, row);
        if (order == 0 && seen.state == ROW_VOID) {
            continue;
        }
        is_found = true;
        best = (struct scan_found){
                .key = row_key(row), .value = seen.value, .has_value = seen.state == ROW_VALUE};
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
