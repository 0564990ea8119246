/* daemon/engine/ledger.h — what was assessed: kept to answer duplicates and to measure the
 * warnings. */
#pragma once

#include "daemon/engine/assess.h"

void ledger_note(struct engine *engine, uint32_t unit, uint64_t case_number,
        const struct rd_warning *warning);
void ledger_grown(struct engine *engine, const struct case_row *contact, rd_time at);
void ledger_complained(struct engine *engine, rd_time at);
