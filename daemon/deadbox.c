#include "daemon/deadbox.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

enum {
    SEGMENT_BYTES = 4 * 1024 * 1024,
    HEAVY_BYTES = 8 * 1024 * 1024,
    FULL_BYTES = 24 * 1024 * 1024,
    KEPT_BYTES_MAX = 256 * 1024 * 1024,
    MAP_SHARE = 8,
};

static int restore(struct deadbox *box, const struct journal_record *record)
{
    if (record->kind != JOURNAL_DEAD_LETTER) {
        return -EBADMSG;
    }
    if (record->is_erased || record->event_seq <= box->letters.last) {
        return 0; /* erased on purpose; or the table has it, or had it and let it go */
    }
    int r = dead_letters_restore(&box->letters, record->event_seq, record->body);
    if (r == 0) {
        box->tail_bytes += record->body.len;
    }
    return r;
}

static int restore_all(struct deadbox *box, const char *dir, struct journal_damage *ret_damage)
{
    uint64_t first = journal_first(box->journal);
    if (first == 0) {
        return 0;
    }
    RD_CLEANUP(journal_cursor_closep)
    struct journal_cursor *cursor = NULL;
    int r = journal_cursor_open(box->journal, first - 1, &cursor);
    struct journal_record record;
    while (r == 0 && (r = journal_cursor_next(cursor, &record, ret_damage)) == 1) {
        r = restore(box, &record);
        if (r < 0) {
            (void)snprintf(ret_damage->text, sizeof ret_damage->text,
                    "%.300s: record %" PRIu64 " is no dead letter", dir, record.number);
        }
    }
    return r;
}

int deadbox_open(struct deadbox *box, const struct deadbox_options *options,
        struct journal_damage *ret_damage)
{
    uint64_t share = options->map_bytes / MAP_SHARE;
    *box = (struct deadbox){0};
    dead_letters_open(&box->letters, options->view, options->kept_max);
    box->letters.bytes_max = share < KEPT_BYTES_MAX ? share : KEPT_BYTES_MAX;
    int r = journal_open(
            &(struct journal_options){.dir = options->dir, .segment_bytes = SEGMENT_BYTES},
            &box->journal, ret_damage);
    if (r < 0) {
        return r;
    }
    r = restore_all(box, options->dir, ret_damage);
    box->submitted = journal_last(box->journal);
    return r;
}

void deadbox_close(struct deadbox *box)
{
    dead_letters_close(&box->letters);
    journal_close(box->journal);
    box->journal = NULL;
}

bool deadbox_is_full(const struct deadbox *box)
{
    return box->tail_bytes + box->sealed_bytes >= FULL_BYTES;
}

bool deadbox_is_heavy(const struct deadbox *box)
{
    return box->tail_bytes >= HEAVY_BYTES;
}

void deadbox_add(struct deadbox *box, const struct dead_letter *letter, uint32_t engine)
{
    if (box->letters.kept_max == 0) {
        return;
    }
    struct rd_str row = dead_letters_add(&box->letters, letter);
    (void)journal_append(box->journal, &(struct journal_record){.kind = JOURNAL_DEAD_LETTER,
                                               .event_seq = box->letters.last,
                                               .engine = engine,
                                               .wall = letter->taken,
                                               .steady = letter->taken,
                                               .body = row});
    box->tail_bytes += row.len;
}

uint64_t deadbox_last(const struct deadbox *box)
{
    return journal_last(box->journal);
}

uint64_t deadbox_durable(const struct deadbox *box)
{
    return journal_durable(box->journal);
}

void deadbox_submit(struct deadbox *box)
{
    if (journal_batch_bytes(box->journal) > 0 && deadbox_durable(box) >= box->submitted) {
        box->submitted = journal_last(box->journal);
        journal_submit(box->journal);
    }
}

int deadbox_flush(struct deadbox *box)
{
    box->submitted = journal_last(box->journal);
    return journal_flush(box->journal);
}

void deadbox_note_sealed(struct deadbox *box)
{
    box->sealed = journal_last(box->journal);
    box->sealed_bytes += box->tail_bytes;
    box->tail_bytes = 0;
}

void deadbox_note_kept(struct deadbox *box)
{
    box->sealed_bytes = 0;
    journal_release(box->journal, box->sealed, 0, RD_TIME_NONE);
}
