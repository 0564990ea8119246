#include "daemon/store/view.h"

#include <errno.h>
#include <stdlib.h>

#include "daemon/store/errors.h"
#include "daemon/store/row_sum.h"

int view_new(const struct dbenv *env, uint64_t seed, struct store_view **ret_view)
{
    struct store_view *view = calloc(1, sizeof *view);
    if (view == NULL) {
        rd_oom();
    }
    view->env = env;
    view->seed = seed;
    view->snapshot = 1;
    int r = dbenv_read(env, &view->txn);
    if (r < 0) {
        free(view);
        return r;
    }
    *ret_view = view;
    return 0;
}

void view_free(struct store_view *view)
{
    if (view == NULL) {
        return;
    }
    for (size_t i = 0; i < STORE_TABLE_COUNT; i++) {
        while (view->cursors[i] != NULL) {
            struct view_cursor *cursor = view->cursors[i];
            view->cursors[i] = cursor->next;
            mdb_cursor_close(cursor->cursor);
            free(cursor);
        }
    }
    mdb_txn_abort(view->txn);
    pending_done(&view->pending);
    free(view);
}

void view_rest(struct store_view *view)
{
    RD_ASSERT(view->open_scans == 0);
    if (!view->is_resting) {
        mdb_txn_reset(view->txn);
        view->is_resting = true;
    }
}

int view_renew(struct store_view *view)
{
    view_rest(view);
    int r = store_errno(mdb_txn_renew(view->txn));
    if (r < 0) {
        view->error = view->error == 0 ? r : view->error;
        return r;
    }
    view->is_resting = false;
    view->snapshot++;
    return 0;
}

/* ---- the snapshot ---- */

static void view_fail(struct store_view *view, int code)
{
    if (view->error == 0) {
        view->error = store_errno(code);
    }
}

/* Takes the checksum off the row. False if it does not match: the view fails for good. */
static bool take_row(struct store_view *view, enum store_table table, struct rd_str key,
        const MDB_val *value, struct rd_str *ret_value)
{
    struct rd_str row = {.ptr = value->mv_data, .len = value->mv_size};
    if (!row_strip(view->env->seeds[table], key, &row)) {
        view_fail(view, MDB_CORRUPTED);
        return false;
    }
    *ret_value = row;
    return true;
}

struct view_cursor *view_cursor_take(struct store_view *view, enum store_table table)
{
    if (view->error != 0 || view->env->dbis[table] == 0) {
        return NULL;
    }
    RD_ASSERT(!view->is_resting);
    struct view_cursor *cursor = view->cursors[table];
    while (cursor != NULL && cursor->is_taken) {
        cursor = cursor->next;
    }
    int r = 0;
    if (cursor == NULL) {
        cursor = calloc(1, sizeof *cursor);
        if (cursor == NULL) {
            rd_oom();
        }
        r = mdb_cursor_open(view->txn, view->env->dbis[table], &cursor->cursor);
        if (r != 0) {
            free(cursor);
            view_fail(view, r);
            return NULL;
        }
        cursor->table = table;
        cursor->next = view->cursors[table];
        view->cursors[table] = cursor;
    } else if (cursor->snapshot != view->snapshot) {
        r = mdb_cursor_renew(view->txn, cursor->cursor);
        if (r != 0) {
            view_fail(view, r);
            return NULL;
        }
    }
    cursor->snapshot = view->snapshot;
    cursor->is_taken = true;
    return cursor;
}

void view_cursor_return(struct view_cursor *cursor)
{
    if (cursor != NULL) {
        cursor->is_taken = false;
    }
}

bool view_cursor_move(struct store_view *view, struct view_cursor *cursor, MDB_cursor_op op,
        struct rd_str *key, struct rd_str *ret_value)
{
    MDB_val mdb_key = {.mv_size = key->len, .mv_data = (void *)(uintptr_t)key->ptr};
    MDB_val value;
    int r = mdb_cursor_get(cursor->cursor, &mdb_key, &value, op);
    if (r != 0) {
        if (r != MDB_NOTFOUND) {
            view_fail(view, r);
        }
        return false;
    }
    *key = (struct rd_str){.ptr = mdb_key.mv_data, .len = mdb_key.mv_size};
    return take_row(view, cursor->table, *key, &value, ret_value);
}

struct rd_str view_last_key(struct store_view *view, enum store_table table)
{
    RD_ASSERT(!view->is_resting || view->error != 0);
    struct view_end *end = &view->ends[table];
    if (end->snapshot != view->snapshot) {
        struct view_cursor *cursor = view_cursor_take(view, table);
        struct rd_str key = {0};
        struct rd_str value;
        bool is_found = cursor != NULL && view_cursor_move(view, cursor, MDB_LAST, &key, &value);
        view_cursor_return(cursor);
        *end = (struct view_end){
                .snapshot = view->snapshot, .last = is_found ? key : (struct rd_str){0}};
    }
    return end->last;
}

static bool snapshot_get(struct store_view *view, enum store_table table, struct rd_str key,
        struct rd_str *ret_value)
{
    if (rd_str_cmp(key, view_last_key(view, table)) > 0 || view->error != 0) {
        return false;
    }
    MDB_val mdb_key = {.mv_size = key.len, .mv_data = (void *)(uintptr_t)key.ptr};
    MDB_val value;
    int r = mdb_get(view->txn, view->env->dbis[table], &mdb_key, &value);
    if (r != 0) {
        if (r != MDB_NOTFOUND) {
            view_fail(view, r);
        }
        return false;
    }
    return take_row(view, table, key, &value, ret_value);
}

/* ---- reading and writing ---- */

bool store_may_have(struct store_view *view, enum store_table table, struct rd_str prefix)
{
    return view->filter == NULL || filter_may_have(view->filter, table, prefix);
}

static bool stills_find(const struct view_stills *stills, enum store_table table, struct rd_str key,
        uint64_t hash, struct seen *ret_seen)
{
    bool is_found = false;
    for (size_t i = 0; i < VIEW_STILLS && !is_found; i++) {
        is_found = still_find(&stills->at[i], table, key, hash, ret_seen);
    }
    return is_found;
}

bool store_get(struct store_view *view, enum store_table table, struct rd_str key,
        struct rd_str *ret_value)
{
    RD_ASSERT(key.len > 0 && key.len <= STORE_KEY_MAX);
    if (filter_prefix(table) == STORE_KEY_MAX && !store_may_have(view, table, key)) {
        return false;
    }
    uint64_t hash = overlay_hash(key, view->seed);
    if (view->sealed != NULL) { /* both cache misses overlap */
        overlay_prefetch(view->sealed, table, hash);
    }
    const struct row *row =
            view->pending.count > 0 ? pending_find(&view->pending, table, key, hash) : NULL;
    if (row == NULL && view->active != NULL) {
        row = overlay_find(view->active, table, key, hash);
    }
    if (row == NULL && view->sealed != NULL) {
        row = overlay_find(view->sealed, table, key, hash);
    }
    struct seen seen;
    if (row != NULL) {
        seen = (struct seen){.state = (enum row_state)row->state, .value = row_value(row)};
    } else if (view->stills == NULL || !stills_find(view->stills, table, key, hash, &seen)) {
        return snapshot_get(view, table, key, ret_value);
    }
    if (seen.state != ROW_VALUE) {
        return false;
    }
    *ret_value = seen.value;
    return true;
}

static void view_change(struct store_view *view, const struct overlay_change *change)
{
    RD_ASSERT(change->key.len > 0 && change->key.len <= STORE_KEY_MAX);
    if ((view->discards >> change->table & 1U) != 0) {
        return;
    }
    if (view->active == NULL) {
        view->active = overlay_new();
    }
    if (view->filter != NULL && change->state == ROW_VALUE && filter_prefix(change->table) > 0) {
        filter_add(view->filter, change->table, change->key);
    }
    if (view->active->is_marked) {
        pending_put(&view->pending, view->active, change);
    } else {
        overlay_put(view->active, change);
    }
}

void view_settle(struct store_view *view, enum store_table table)
{
    if (pending_has(&view->pending, table)) {
        pending_settle(&view->pending, view->active);
    }
}

void store_put(
        struct store_view *view, enum store_table table, struct rd_str key, struct rd_str value)
{
    view_change(view, &(struct overlay_change){.table = table,
                              .state = ROW_VALUE,
                              .key = key,
                              .value = value,
                              .hash = overlay_hash(key, view->seed)});
}

void store_del(struct store_view *view, enum store_table table, struct rd_str key)
{
    view_change(view, &(struct overlay_change){.table = table,
                              .state = ROW_TOMBSTONE,
                              .key = key,
                              .hash = overlay_hash(key, view->seed)});
}

void store_discard(struct store_view *view, uint64_t tables)
{
    view->discards = tables;
}

void store_mark(struct store_view *view)
{
    if (view->active == NULL) {
        view->active = overlay_new();
    }
    overlay_mark(view->active);
}

void store_undo(struct store_view *view)
{
    RD_ASSERT(view->active != NULL);
    pending_forget(&view->pending);
    overlay_undo(view->active);
}

void store_keep(struct store_view *view)
{
    RD_ASSERT(view->active != NULL);
    overlay_keep(view->active); /* before, so that nothing is noted for an undo */
    pending_settle(&view->pending, view->active);
    pending_forget(&view->pending);
}

int store_view_error(const struct store_view *view)
{
    return view->error;
}

uint64_t store_dirty_rows(const struct store_view *view)
{
    return view->active != NULL ? overlay_rows(view->active) : 0;
}

static uint64_t bytes_of(const struct overlay *overlay)
{
    return overlay != NULL ? overlay->slab.bytes + overlay->nodes.bytes : 0;
}

uint64_t store_dirty_bytes(const struct store_view *view)
{
    return bytes_of(view->active);
}

uint64_t store_overlay_bytes(const struct store_view *view)
{
    return bytes_of(view->active) + bytes_of(view->sealed);
}
