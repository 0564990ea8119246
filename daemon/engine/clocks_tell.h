/* daemon/engine/clocks_tell.h — what is told of a clock: its breach, the correction of one, a
 * calendar that ends. */
#pragma once

#include "daemon/engine/alerts.h"

/* About the clock, to the unit that owns it; severity info. */
struct alert_draft clock_draft(struct engine *engine, struct work *work,
        const struct case_clock *clock, enum rd_alert_type type);
void clock_breach(struct engine *engine, struct work *work, struct case_clock *clock);
/* The breach was an error: tells every unit that got clock.breach. */
void clock_correct(struct engine *engine, struct work *work, struct case_clock *clock);
/* Once per calendar and horizon: a limit reaches into a year without data. */
void clock_tell_horizon(struct engine *engine, struct work *work, struct case_clock *clock);
