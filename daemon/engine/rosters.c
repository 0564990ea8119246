#include "daemon/engine/rosters.h"

#include "daemon/engine/names.h"
#include "daemon/engine/state.h"
#include "daemon/store/rows/roster_row.h"

/* The unit that stands in at an instant, by the word taken last; of those whose unit the present
 * configuration still has. 0: none. */
static uint32_t standing_at(struct engine *engine, uint32_t roster, rd_time at)
{
    struct roster_row row = {.until = at + 1};
    uint64_t newest = 0;
    uint32_t unit = 0;
    while (roster_row_next(engine->view, roster, row.until, row.seq, &row)) {
        bool holds = row.from <= at && row.seq > newest;
        if (holds && unit_index(engine, row.unit) != RD_NO_INDEX) {
            newest = row.seq;
            unit = row.unit;
        }
    }
    return unit;
}

uint32_t roster_unit(struct engine *engine, const struct rd_plan *plan,
        const struct rd_plan_roster *roster, rd_time at)
{
    uint32_t name = name_known(engine, roster->name);
    uint32_t standing = name != 0 ? standing_at(engine, name, at) : 0;
    if (standing != 0) {
        return standing;
    }
    struct rd_turn turn = rd_turn_at(&roster->rounds, &plan->calendars[roster->calendar], at);
    return turn.is_none ? 0 : name_number(engine, plan->units[roster->turns[turn.index]].path);
}
