/* daemon/engine/reports.h — the daily reports that units owe. */
#pragma once

#include "daemon/engine/watch.h"

void report_watch(struct engine *engine, uint32_t unit);
void report_fire(struct engine *engine, uint32_t unit, uint16_t slot, struct watch_row *row);
/* When the report of a day was due of a unit that owes them. */
rd_time report_due(struct engine *engine, uint32_t unit, rd_day day);
/* Looks at the days of a unit that its own timer has not come to, but whose reports were due by
 * this instant, and keeps what is missing: a digest of that instant may stand before the timer,
 * which then only tells. Returns how many days were looked at. */
size_t reports_judge(struct engine *engine, uint32_t unit, rd_time until);
/* The event unit.reported of a day. */
void report_take(struct engine *engine, uint32_t unit, rd_day day);
