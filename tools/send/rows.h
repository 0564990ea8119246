/* tools/send/rows.h — the rows on their way, in the order of the input.
 *
 * A row is settled when its receipt has come; those at the front that are leave, and what was taken
 * of them is handed to the state. */
#pragma once

#include "common/base/buf.h"
#include "tools/send/input.h"
#include "tools/send/state.h"

struct rows;

struct row_mark {
    uint64_t row;      /* all are settled up to here; 0: none */
    uint64_t line;     /* where that row began */
    uint64_t sequence; /* the last one given up to there */
};

struct row_kept { /* borrowed until the next rows_add() */
    struct row_mark mark;
    struct rd_str raw, event;
    struct print print, id; /* of what it says, of its id */
    bool is_corrected;
};

struct rows *rows_new(size_t room, struct state *state); /* `state` NULL: none is kept */
void rows_free(struct rows *rows);                       /* NULL: nothing */
bool rows_is_full(const struct rows *rows);
/* The next row; grows by its number. */
void rows_add(struct rows *rows, const struct row_kept *row);
struct row_kept rows_get(struct rows *rows, uint64_t row);
/* The receipt is another event's from now on: that of its correction. */
void rows_correct(struct rows *rows, uint64_t row);
void rows_settle(struct rows *rows, uint64_t row, bool is_taken);
struct row_mark rows_mark(const struct rows *rows);
