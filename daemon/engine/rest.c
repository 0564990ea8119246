#include "daemon/engine/rest.h"

#include "daemon/engine/arm.h"
#include "daemon/engine/figures.h"
#include "daemon/engine/forget.h"
#include "daemon/engine/retention.h"
#include "daemon/store/rows/timer_row.h"

/* Due at the present time, so that every timer due earlier fires first; RD_TIME_NONE: no work is
 * left. */
static void arm(struct engine *engine, rd_time due)
{
    timer_arm(engine, &engine->counters.rest_due, due,
            (struct timer_row){.is_service = true, .kind = TIMER_REST});
}

void rest_step(struct engine *engine)
{
    bool is_left = forget_step(engine) || retention_step(engine) || engine->counters.is_telling;
    if (is_left != (engine->counters.rest_due != RD_TIME_NONE)) {
        arm(engine, is_left ? engine->now.wall : RD_TIME_NONE);
    }
}

bool rest_timer_is_live(const struct engine *engine, const struct timer_row *row)
{
    return !row->is_steady && engine->counters.rest_due == row->due;
}

void rest_fire(struct engine *engine)
{
    figures_save(engine); /* forgetting saves cases, also those that other timers have changed */
    bool is_left = forget_step(engine) || retention_step(engine);
    /* Where digests are left it is armed again at the end of the record. */
    arm(engine, is_left ? engine->now.wall : RD_TIME_NONE);
}
