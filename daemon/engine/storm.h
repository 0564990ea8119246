/* daemon/engine/storm.h — storms: when a unit gets many alerts in a short time, further ones go
 * into a bundle. */
#pragma once

#include "daemon/engine/alerts.h"

struct unit_row;
/* Steady: when the bundle ends that an alert of this draft would go into; RD_TIME_NONE: none. */
rd_time storm_end(struct engine *engine, const struct alert_draft *draft);
/* Counts an alert that is being sent, in its unit's row. True: a bundle takes it. */
bool storm_note(struct engine *engine, const struct alert_draft *draft, uint64_t seq,
        struct unit_row *unit);
bool storm_timer_is_live(struct engine *engine, const struct timer_row *row);
/* The bundle's end: disarms it, empties it in its unit's row. *ret_draft tells of what it took. */
void storm_take_bundle(
        struct engine *engine, const struct timer_row *row, struct alert_draft *ret_draft);
