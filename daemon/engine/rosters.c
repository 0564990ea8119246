#include "daemon/engine/rosters.h"

#include "daemon/engine/names.h"
#include "daemon/engine/standing.h"
#include "daemon/engine/state.h"

uint32_t stretch_unit(struct engine *engine, const struct rd_plan *plan,
        const struct rd_plan_roster *roster, const struct stretch *stretch)
{
    if (stretch->row != NULL) {
        return stretch->row->unit;
    }
    const struct rd_turn *turn = &stretch->turn;
    return turn->is_none ? 0 : name_number(engine, plan->units[roster->turns[turn->index]].path);
}

uint32_t roster_unit(struct engine *engine, const struct rd_plan *plan,
        const struct rd_plan_roster *roster, rd_time at)
{
    struct standing standing =
            standing_from(engine->view, engine->plan, &engine->arena, roster->name, at);
    struct stretch stretch = stretch_at(plan, roster, &standing, at);
    return stretch_unit(engine, plan, roster, &stretch);
}
