/* daemon/engine/points.h — points of an assessment: reasons and actions, gathered. */
#pragma once

#include "daemon/engine/state.h"

struct points {
    struct rd_reason *reasons;
    size_t reason_count, reason_room;
    const struct rd_texts **actions; /* per reason; NULL: none */
    int64_t sum;
    size_t budget; /* what rules and the showing of what matched may still cost */
    bool is_spent; /* some rules were not looked at to their end */
};
/* Texts and actions are borrowed for the record; a detail is cut at RD_DETAIL_BYTES_MAX. No points:
 * nothing is added. */
struct rd_reason *points_add(struct engine *engine, struct points *points, struct rd_str code,
        int32_t amount, struct rd_str detail, const struct rd_texts *actions);
/* A reason without points: what the reader must know of the others. */
void points_note(
        struct engine *engine, struct points *points, struct rd_str code, struct rd_str detail);
/* What people call the reason that points_add() returned; NULL: there is none to name. */
void points_name(struct rd_reason *reason, struct rd_str name);
