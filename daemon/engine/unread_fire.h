/* daemon/engine/unread_fire.h — tells of units whose alerts nobody acknowledges. */
#pragma once

#include "daemon/engine/watch.h"

void unread_fire(struct engine *engine, uint32_t unit, struct watch_row *row);
