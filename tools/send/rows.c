#include "tools/send/rows.h"

#include <stdlib.h>

struct entry {
    struct row_mark mark;
    bool is_settled, is_taken, is_corrected;
    struct print print, id;
    struct rd_buf raw, event;
};

struct rows {
    struct entry *entries; /* a ring, by row */
    size_t room, from, count;
    struct row_mark mark;
    struct state *state;
};

enum { RAW_BYTES_MAX = 16 * 1024 * 1024, EVENT_BYTES_MAX = 4 * 1024 * 1024 };

struct rows *rows_new(size_t room, struct state *state)
{
    struct rows *rows = calloc(1, sizeof *rows);
    struct entry *entries = calloc(room, sizeof entries[0]);
    if (rows == NULL || entries == NULL) {
        rd_oom();
    }
    for (size_t i = 0; i < room; i++) {
        rd_buf_init(&entries[i].raw, RAW_BYTES_MAX);
        rd_buf_init(&entries[i].event, EVENT_BYTES_MAX);
    }
    *rows = (struct rows){.entries = entries, .room = room, .state = state};
    return rows;
}

void rows_free(struct rows *rows)
{
    if (rows == NULL) {
        return;
    }
    for (size_t i = 0; i < rows->room; i++) {
        rd_buf_done(&rows->entries[i].raw);
        rd_buf_done(&rows->entries[i].event);
    }
    free(rows->entries);
    free(rows);
}

bool rows_is_full(const struct rows *rows)
{
    return rows->count == rows->room;
}

void rows_add(struct rows *rows, const struct row_kept *row)
{
    RD_ASSERT(rows->count < rows->room);
    struct entry *entry = &rows->entries[(rows->from + rows->count) % rows->room];
    entry->mark = row->mark;
    entry->is_settled = entry->is_taken = entry->is_corrected = false;
    entry->print = row->print;
    entry->id = row->id;
    rd_buf_reset(&entry->raw);
    rd_buf_put_text(&entry->raw, row->raw);
    rd_buf_reset(&entry->event);
    rd_buf_put_text(&entry->event, row->event);
    rows->count++;
}

static struct entry *find(struct rows *rows, uint64_t row)
{
    size_t low = 0, high = rows->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rows->entries[(rows->from + middle) % rows->room].mark.row < row) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    RD_ASSERT(low < rows->count);
    struct entry *entry = &rows->entries[(rows->from + low) % rows->room];
    RD_ASSERT(entry->mark.row == row);
    return entry;
}

struct row_kept rows_get(struct rows *rows, uint64_t row)
{
    const struct entry *entry = find(rows, row);
    return (struct row_kept){.mark = entry->mark,
            .raw = rd_buf_str(&entry->raw),
            .event = rd_buf_str(&entry->event),
            .print = entry->print,
            .id = entry->id,
            .is_corrected = entry->is_corrected};
}

void rows_correct(struct rows *rows, uint64_t row)
{
    find(rows, row)->is_corrected = true;
}

void rows_settle(struct rows *rows, uint64_t row, bool is_taken)
{
    struct entry *settled = find(rows, row);
    settled->is_settled = true;
    settled->is_taken = is_taken;
    while (rows->count > 0 && rows->entries[rows->from].is_settled) {
        const struct entry *entry = &rows->entries[rows->from];
        rows->mark = entry->mark;
        if (rows->state != NULL && entry->is_taken) {
            state_add(rows->state, &entry->print, &entry->id, entry->mark.sequence);
        }
        rows->from = (rows->from + 1) % rows->room;
        rows->count--;
    }
}

struct row_mark rows_mark(const struct rows *rows)
{
    return rows->mark;
}
