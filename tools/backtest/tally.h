/* tools/backtest/tally.h — what a run counts, as it goes and at its end; for run.c. */
#pragma once

#include "tools/backtest/run.h"

void tally_begin(struct run *run);
/* The receipt of the event just given to the engine. */
void tally_event(struct run *run, const struct history_event *made, const struct rd_event *event,
        const struct rd_receipt *receipt);
void tally_alerts(struct run *run); /* of the record just applied */
void tally_cases(struct run *run);  /* how they stand at the end */
