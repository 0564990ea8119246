/* daemon/engine/events.h — the table of what the engine does with each type of event.
 *
 * Who may send a type, and which keys its data has, stands in common/wire/event.h. */
#pragma once

#include "daemon/engine/take.h"

const struct event_rule *event_rule(enum rd_event_type type);
