#include "daemon/engine/points.h"

#include "common/base/chars.h"
#include "common/base/sizes.h"
#include "daemon/engine/state.h"

static struct rd_reason *append(struct engine *engine, struct points *points,
        struct rd_reason reason, const struct rd_texts *actions)
{
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
    reason.detail.len = reason.detail.len <= RD_DETAIL_BYTES_MAX
                                ? reason.detail.len
                                : rd_chars_back(reason.detail, RD_DETAIL_BYTES_MAX, 1);
    points->reasons[points->reason_count] = reason;
    points->actions[points->reason_count] = actions;
    return &points->reasons[points->reason_count++];
}

struct rd_reason *points_add(struct engine *engine, struct points *points, struct rd_str code,
        int32_t amount, struct rd_str detail, const struct rd_texts *actions)
{
    if (amount == 0) {
        return NULL;
    }
    points->sum += amount;
    return append(engine, points,
            (struct rd_reason){.code = code, .points = amount, .detail = detail}, actions);
}

void points_name(struct rd_reason *reason, struct rd_str name)
{
    if (reason != NULL) {
        reason->name = name;
    }
}

void points_note(
        struct engine *engine, struct points *points, struct rd_str code, struct rd_str detail)
{
    (void)append(engine, points, (struct rd_reason){.code = code, .detail = detail}, NULL);
}
