#include "daemon/desk/holders.h"

#include "daemon/store/rows/name_row.h"

enum { BLOCK_BYTES = 64 * 1024 };

void gone_units_init(struct gone_units *gone, const struct method_call *call)
{
    const struct rd_plan *plan = call->plan;
    size_t count = 0;
    rd_arena_init(&gone->arena, plan->unit_count * sizeof(struct gone_unit) + BLOCK_BYTES);
    struct gone_unit *at = RD_ARENA_ARRAY(&gone->arena, struct gone_unit, plan->unit_count);
    for (size_t i = 0; i < plan->unit_count; i++) {
        uint32_t from =
                plan->units[i].moved_to.len > 0 ? name_find(call->view, plan->units[i].path) : 0;
        int32_t to = from != 0 ? rd_plan_unit_find(plan, plan->units[i].moved_to) : RD_NO_INDEX;
        uint32_t number = to != RD_NO_INDEX ? name_find(call->view, plan->units[to].path) : 0;
        if (number != 0) {
            at[count++] = (struct gone_unit){from, number};
        }
    }
    gone->at = at;
    gone->count = count;
}

void gone_units_done(struct gone_units *gone)
{
    rd_arena_done(&gone->arena);
}

uint32_t unit_now(const struct gone_units *gone, uint32_t unit)
{
    for (size_t i = 0; i < gone->count; i++) {
        if (gone->at[i].from == unit) {
            return gone->at[i].to;
        }
    }
    return unit;
}

struct rd_str path_now(const struct rd_plan *plan, struct rd_str path)
{
    int32_t index = rd_plan_unit_find(plan, path);
    if (index != RD_NO_INDEX && plan->units[index].moved_to.len > 0) {
        index = rd_plan_unit_find(plan, plan->units[index].moved_to);
    }
    return index != RD_NO_INDEX ? plan->units[index].path : path;
}

uint32_t contract_unit(const struct method_call *call, const struct gone_units *gone,
        const struct screened_row *row)
{
    return row->held != 0 ? unit_now(gone, row->held)
                          : name_find(call->view, call->plan->units[0].path);
}
