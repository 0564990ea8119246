/* daemon/engine/rounds.h — how far units are with rounds of screening, and who has a contract. */
#pragma once

#include "daemon/engine/state.h"
#include "daemon/store/rows/screened_row.h"

/* The row's contract at the unit that has it, in its round: `sum` 1, or -1 before the row changes.
 * The round's text lives as long as the record. */
void round_count(struct engine *engine, const struct screened_row *row, int64_t sum);
/* A duty has gone from the unit `left` to its present one; that of a screening takes its contract
 * with it. */
void round_follow(struct engine *engine, struct work *work, uint32_t left);
