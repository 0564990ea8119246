/* daemon/engine/unread_fire.h — alerts the unit above about unacknowledged alerts. */
#pragma once

#include "daemon/engine/watch.h"

void unread_fire(struct engine *engine, uint32_t unit, struct watch_row *row);
