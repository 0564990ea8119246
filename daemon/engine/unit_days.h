/* daemon/engine/unit_days.h — what the events say of a unit's day, beside what the unit reports. */
#pragma once

#include "daemon/engine/state.h"

bool report_is_owed(struct engine *engine, uint32_t unit); /* on its working days */
/* A complaint or contact of the unit was opened, or closed, at this own time. */
void unit_day_opened(struct engine *engine, uint32_t unit, rd_time own);
void unit_day_closed(struct engine *engine, uint32_t unit, rd_time own);
