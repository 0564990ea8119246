#include "tools/send/rows.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "tools/shared/ends.h"
#include "tools/shared/file.h"
#include "tools/shared/json.h"

struct entry {
    struct row_mark row;
    bool is_settled;
    struct rd_buf raw;
};

struct rows {
    struct entry *entries; /* a ring, by row */
    size_t room, from, count;
    struct row_mark mark;
};

enum { RAW_BYTES_MAX = 4 * 1024 * 1024, STATE_BYTES_MAX = 64 * 1024 };

struct rows *rows_new(size_t room)
{
    struct rows *rows = calloc(1, sizeof *rows);
    struct entry *entries = calloc(room, sizeof entries[0]);
    if (rows == NULL || entries == NULL) {
        rd_oom();
    }
    for (size_t i = 0; i < room; i++) {
        rd_buf_init(&entries[i].raw, RAW_BYTES_MAX);
    }
    *rows = (struct rows){.entries = entries, .room = room};
    return rows;
}

void rows_free(struct rows *rows)
{
    if (rows == NULL) {
        return;
    }
    for (size_t i = 0; i < rows->room; i++) {
        rd_buf_done(&rows->entries[i].raw);
    }
    free(rows->entries);
    free(rows);
}

bool rows_is_full(const struct rows *rows)
{
    return rows->count == rows->room;
}

void rows_add(struct rows *rows, struct row_mark row, struct rd_str raw)
{
    RD_ASSERT(rows->count < rows->room);
    struct entry *entry = &rows->entries[(rows->from + rows->count) % rows->room];
    entry->row = row;
    entry->is_settled = false;
    rd_buf_reset(&entry->raw);
    rd_buf_put_text(&entry->raw, raw);
    rows->count++;
}

static struct entry *find(struct rows *rows, uint64_t row)
{
    size_t low = 0, high = rows->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rows->entries[(rows->from + middle) % rows->room].row.row < row) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    RD_ASSERT(low < rows->count);
    return &rows->entries[(rows->from + low) % rows->room];
}

struct rd_str rows_settle(struct rows *rows, uint64_t row, struct row_mark *ret_row)
{
    struct entry *entry = find(rows, row);
    RD_ASSERT(entry->row.row == row);
    entry->is_settled = true;
    *ret_row = entry->row;
    while (rows->count > 0 && rows->entries[rows->from].is_settled) {
        rows->mark = rows->entries[rows->from].row;
        rows->from = (rows->from + 1) % rows->room;
        rows->count--;
    }
    return rd_buf_str(&entry->raw);
}

struct row_mark rows_mark(const struct rows *rows)
{
    return rows->mark;
}

void rows_start(struct rows *rows, struct row_mark mark)
{
    rows->mark = mark;
}

/* ---- the state file ---- */

static bool take_count(const json_t *object, const char *key, uint64_t *ret)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0) {
        return false;
    }
    *ret = (uint64_t)json_integer_value(value);
    return true;
}

int mark_read(const char *path, const char *input, struct row_mark *ret_mark)
{
    if (!file_exists(path)) {
        return -ENOENT;
    }
    json_t *state RD_CLEANUP(json_freep)
    = json_read_file(path, STATE_BYTES_MAX);
    struct row_mark mark;
    if (state == NULL) {
        return -EINVAL;
    }
    if (!take_count(state, "row", &mark.row) || !take_count(state, "line", &mark.line) ||
            !take_count(state, "sequence", &mark.sequence)) {
        say_error("%s: not a state file", path);
        return -EINVAL;
    }
    const char *of = json_string_value(json_object_get(state, "input"));
    if (of == NULL || strcmp(of, input) != 0) {
        say_error("%s: of another input, %s; remove it to start from the first row", path,
                of != NULL ? of : "unnamed");
        return -EINVAL;
    }
    *ret_mark = mark;
    return 0;
}

int mark_write(const char *path, const char *input, struct row_mark mark)
{
    json_t *state RD_CLEANUP(json_freep)
    = json_pack("{s:s, s:I, s:I, s:I}", "input", input, "row", (json_int_t)mark.row, "line",
            (json_int_t)mark.line, "sequence", (json_int_t)mark.sequence);
    char *text = state != NULL ? json_dumps(state, 0) : NULL;
    if (text == NULL) {
        return -EINVAL; /* a name that is no UTF-8 */
    }
    int r = file_replace(path, rd_str_of(text));
    free(text);
    return r;
}
