#include "daemon/engine/unit_days.h"

#include "daemon/engine/units.h"
#include "daemon/engine/watch.h"
#include "daemon/store/rows/unit_day_row.h"

bool report_is_owed(struct engine *engine, uint32_t unit)
{
    const bool *owes = engine->plan->supervision.report.owes;
    int32_t index = watch_unit(engine, unit);
    return owes != NULL && index != RD_NO_INDEX && owes[index];
}

static void count(struct engine *engine, uint32_t unit, rd_time own, bool is_closed)
{
    if (!report_is_owed(engine, unit)) {
        return; /* there is nothing to compare it with */
    }
    rd_day day = rd_calendar_day(unit_calendar(engine, unit), own);
    struct unit_day_row row = {0};
    (void)unit_day_row_get(engine->view, unit, day, &row);
    row.counted.opened += is_closed ? 0 : 1;
    row.counted.closed += is_closed ? 1 : 0;
    unit_day_row_put(engine->view, unit, day, &row);
}

void unit_day_opened(struct engine *engine, uint32_t unit, rd_time own)
{
    count(engine, unit, own, false);
}

void unit_day_closed(struct engine *engine, uint32_t unit, rd_time own)
{
    count(engine, unit, own, true);
}
