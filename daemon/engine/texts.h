/* daemon/engine/texts.h — texts of later events of a case. Each is assessed by itself and can only
 * raise the level. */
#pragma once

#include "daemon/engine/take.h"

/* The text of the event at work, if it has one: the receipt carries what was found in it. */
void text_take(struct engine *engine, struct take *take);
/* Raises the level of an open case, which never falls, and tells its unit with `why`. */
void level_raise(struct engine *engine, struct work *work, enum rd_level level,
        const struct rd_warning *why);
/* The severity that an alert of a case has at least. */
enum rd_severity level_severity(enum rd_level level);
