/* daemon/engine/unread.h — units whose alerts nobody acknowledges: since when, and when to look. */
#pragma once

#include "daemon/engine/watch.h"

bool unread_is_watched(struct engine *engine, uint32_t unit);
void unread_watch(struct engine *engine, uint32_t unit);
/* An alert to the unit asks for an acknowledgement. */
void unread_note(struct engine *engine, uint32_t unit);
/* Time of the unit's oldest alert that waits; RD_TIME_NONE: none does. */
rd_time unread_since(struct engine *engine, uint32_t unit);
/* When to look again; RD_TIME_NONE: nothing is unread. Once a unit and day: where a day is told
 * already, from the next working day's opening on. */
rd_time unread_next(struct engine *engine, uint32_t unit, const struct watch_row *row);
/* The opening of the first working day after `day`. */
rd_time unread_opening(struct engine *engine, uint32_t unit, rd_day day);
