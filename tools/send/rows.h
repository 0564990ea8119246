/* tools/send/rows.h — the rows on their way, in the order of the input, and the mark up to which
 * all is settled.
 *
 * The mark is what a state file keeps: {"input", "row", "line", "sequence"}. A run that broke off
 * goes on behind it; rows after it that had been taken are duplicates to the daemon. */
#pragma once

#include "common/buf.h"

struct rows;

struct row_mark {
    uint64_t row;      /* settled up to here; 0: none */
    uint64_t line;     /* where that row began */
    uint64_t sequence; /* the last one given up to there */
};

struct rows *rows_new(size_t room);
void rows_free(struct rows *rows); /* NULL: nothing */
bool rows_is_full(const struct rows *rows);
/* The next row; grows by its number. `raw` is kept if keeps_raw. */
void rows_add(struct rows *rows, struct row_mark row, struct rd_str raw);
/* Settled: its place and its text as kept, borrowed until the next rows_add(). */
struct rd_str rows_settle(struct rows *rows, uint64_t row, struct row_mark *ret_row);
struct row_mark rows_mark(const struct rows *rows);
void rows_start(struct rows *rows, struct row_mark mark); /* from a state file */

/* 0; -ENOENT: there is none; -EINVAL: said (not a state file, or of another input). */
RD_MUST_USE int mark_read(const char *path, const char *input, struct row_mark *ret_mark);
/* Whole and synced, or the old one stays. 0, or -errno. */
RD_MUST_USE int mark_write(const char *path, const char *input, struct row_mark mark);
