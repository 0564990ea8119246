/* daemon/engine/recontact.h — a customer who comes again while cases of his are open: each of them
 * hears of it, and the receipt lists them (redress-events(7), "RE-CONTACT"). */
#pragma once

#include "daemon/engine/take.h"

/* Finds the open cases that the event at work is about besides the one it names or opens, and the
 * one that a contact would join. */
void recontact_find(struct engine *engine, struct take *take);
/* After the event was applied: history, count, level, alert; the joined one's ladder. */
void recontact_note(struct engine *engine, struct take *take);
/* Those cases as they stand after all, for the receipt; in the record's arena. */
const struct rd_open_case *recontact_list(struct engine *engine, const struct take *take);
