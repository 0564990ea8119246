/* daemon/batch.h — the share of a turn that the intake has: which messages are read, and how far
 * each is applied before the turn goes on. Source: redress-protocol(7), "Intake". */
#pragma once

#include "daemon/edge.h"

/* Whether messages are read and applied now. */
bool batch_may_take(const struct edge *edge);
/* Whether events of PULL and SUB must wait: their senders get no receipt, so `busy` would lose
 * them. */
bool batch_only_answered(const struct edge *edge);
/* What has arrived, up to limits.batch_events. What is new goes first, so that a short message does
 * not wait for a long one; then one that was put aside goes on, for as long as the new ones had, or
 * where nothing is new for a whole share. After a downtime timers do not crowd out events: these
 * have as long a turn as those had, fired_us. 0 or -errno. */
RD_MUST_USE int batch_take(struct edge *edge, int64_t fired_us);
/* At the end: nothing that was read of PULL and SUB is lost, since nobody sends it again. What came
 * by ROUTER gets no answer, and is sent again. Only where time comes from events, and timers of
 * many years are due before one of them, is it left out, and said. */
void batch_rest(struct edge *edge, bool may_apply);
