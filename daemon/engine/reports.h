/* daemon/engine/reports.h — the daily reports that units owe. */
#pragma once

#include "daemon/engine/watch.h"

void report_watch(struct engine *engine, uint32_t unit);
void report_fire(struct engine *engine, uint32_t unit, uint16_t slot, struct watch_row *row);
/* When the report of a day was due of a unit that owes them. */
rd_time report_due(struct engine *engine, uint32_t unit, rd_day day);
/* The event unit.reported of a day. */
void report_take(struct engine *engine, uint32_t unit, rd_day day);
