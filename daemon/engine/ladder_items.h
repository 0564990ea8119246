/* daemon/engine/ladder_items.h — what a ladder waits for, and when. */
#pragma once

#include "daemon/engine/due.h"

/* At one instant in this order. */
enum item_kind { ITEM_NONE, ITEM_RUNG, ITEM_HELD, ITEM_MISSED, ITEM_RENOTIFY, ITEM_LEASE };
struct ladder_item {
    enum item_kind kind;
    uint16_t place; /* rung, or index into the ladder's calls */
    rd_time at;     /* on its scale */
    bool is_steady;
};
const struct rd_plan_ladder *ladder_of(const struct work *work);
/* The earliest pending item, overall; and the earliest instant on each scale. */
struct ladder_item ladder_next(struct engine *engine, struct work *work, rd_time ret_at[static 2]);
struct due rung_due(struct engine *engine, struct work *work, uint8_t rung);
/* Whether its rung holds for opening what it may hold: not what is critical, not a stand-in's. */
bool call_may_wait(const struct work *work, const struct rung_call *call);
/* When one that is held is sent: the first opening since it was decided, or since the last pause
 * ended. */
rd_time call_opening(struct engine *engine, struct work *work, const struct rung_call *call);
/* When the call's acknowledgement is overdue. */
struct due call_answer_due(struct engine *engine, struct work *work, const struct rung_call *call);
/* The unit's alert of the newest fired rung that names `unit`, if it asks for an acknowledgement
 * that nobody gave to it or to a later rung. NULL: nothing is to be passed on. */
const struct rung_call *call_unanswered(const struct work *work, uint32_t unit);
