#include "daemon/engine/rosters.h"

#include "daemon/engine/names.h"
#include "daemon/engine/state.h"
#include "daemon/store/rows/roster_row.h"

uint32_t roster_unit(struct engine *engine, const struct rd_plan *plan,
        const struct rd_plan_roster *roster, rd_time at)
{
    struct roster_row row;
    uint32_t name = name_known(engine, roster->name);
    if (name != 0 && roster_row_at(engine->view, name, at, &row)) {
        return row.unit;
    }
    struct rd_turn turn = rd_turn_at(&roster->rounds, &plan->calendars[roster->calendar], at);
    return turn.is_none ? 0 : name_number(engine, plan->units[roster->turns[turn.index]].path);
}
