/* daemon/engine/clocks_tell.h — what is told of a clock: for whom, with what, and of a calendar
 * that ends. */
#pragma once

#include "daemon/engine/alerts.h"

/* About the clock, to the unit that owns it; severity info. */
struct alert_draft clock_draft(struct engine *engine, struct work *work,
        const struct case_clock *clock, enum rd_alert_type type);
uint32_t clock_unit(
        struct engine *engine, struct work *work, const struct rd_plan_clock *definition);
/* No reminder whose instant is known is sent any more. */
void reminders_drop(struct engine *engine, struct work *work, struct case_clock *clock);
/* Once per calendar and horizon: a limit reaches into a year without data. */
void clock_tell_horizon(struct engine *engine, struct work *work, struct case_clock *clock);
