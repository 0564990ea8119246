/* tools/send/seen.h — the rows of this run: which say the same, and which have the same id.
 *
 * A row that says the same as one above it is another one, as in a list of calls whose id is the
 * line: the second of them has a fingerprint of its own, and so on, wherever they stand. Two rows
 * of one id that say different things cannot both be right, and would correct one another for
 * ever. */
#pragma once

#include "tools/send/prints.h"

struct seen {
    struct prints rows, ids;
};

void seen_done(struct seen *seen);
/* What a row says becomes what the first, the second … of those says. */
void seen_row(struct seen *seen, struct print *print);
/* False: the row at *ret_line has this id, and says something else. */
bool seen_id(struct seen *seen, const struct print *id, const struct print *print, uint64_t line,
        uint64_t *ret_line);
/* Says so; false. */
bool seen_refuse(struct rd_reject *why, uint64_t line);
/* Whether the two are the first, the second … of rows that say the same. */
bool seen_is_same(const struct print *a, const struct print *b);
/* The one before it of those. */
void seen_back(struct print *print);
