#include "daemon/engine/points.h"

#include "daemon/engine/state.h"

void points_add(struct engine *engine, struct points *points, struct rd_str code, int32_t amount,
        struct rd_str detail, const struct rd_texts *actions)
{
    if (amount == 0) {
        return;
    }
    if (points->reason_count == points->reason_room) {
        size_t room = points->reason_room == 0 ? 16 : points->reason_room * 2;
        struct rd_reason *reasons = RD_ARENA_ARRAY(&engine->arena, struct rd_reason, room);
        const struct rd_texts **wider =
                RD_ARENA_ARRAY(&engine->arena, const struct rd_texts *, room);
        for (size_t i = 0; i < points->reason_count; i++) {
            reasons[i] = points->reasons[i];
            wider[i] = points->actions[i];
        }
        points->reasons = reasons;
        points->actions = wider;
        points->reason_room = room;
    }
    points->reasons[points->reason_count] =
            (struct rd_reason){.code = code, .points = amount, .detail = detail};
    points->actions[points->reason_count++] = actions;
    points->sum += amount;
}
