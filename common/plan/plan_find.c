/* common/plan/plan_find.c — units and rosters by their names. */
#include "common/plan/plan_reader.h"

static int32_t find_name(const struct plan_name *names, size_t count, struct rd_str name)
{
    size_t low = 0;
    size_t high = count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (rd_str_cmp(names[middle].name, name) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    if (low == count || !rd_str_eq(names[low].name, name)) {
        return RD_NO_INDEX;
    }
    bool is_double = low + 1 < count && rd_str_eq(names[low + 1].name, name);
    return is_double ? RD_NO_INDEX : names[low].index;
}

int32_t rd_plan_unit_find(const struct rd_plan *plan, struct rd_str name)
{
    const struct plan_whole *whole = (const void *)plan;
    int32_t index = find_name(whole->paths, plan->unit_count, name);
    return index != RD_NO_INDEX ? index : find_name(whole->ids, plan->unit_count, name);
}

const struct rd_plan_roster *rd_plan_roster_find(const struct rd_plan *plan, struct rd_str name)
{
    for (size_t i = 0; i < plan->roster_count; i++) {
        if (rd_str_eq(plan->rosters[i].name, name)) {
            return &plan->rosters[i];
        }
    }
    return NULL;
}
