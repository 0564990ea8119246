/* daemon/config/receipt_cut.h — what of a receipt its asker may be told. For the intake and for
 * event.check alike. Source: redress-protocol(7), "Rights". */
#pragma once

#include "common/base/arena.h"
#include "daemon/config/rights.h"

/* Whoever speaks with the customer must know that there are other cases; what they are is told to
 * their units. The receipt's open cases stand in `room` then. */
void receipt_cut_cases(const struct rights *rights, struct rd_receipt *receipt,
        struct rd_open_case room[static RD_OPEN_CASES_MAX]);
/* What a rule saw of the event's customer is told only to who may see it, even where it has just
 * said so: receipts lie in other people's logs. The warning is in `arena` then. */
void receipt_cut_warning(const struct rights *rights, const struct rd_event *event,
        struct rd_receipt *receipt, struct rd_arena *arena);
