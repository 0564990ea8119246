/* daemon/engine/aside.h — cases whose timers stand still because one of them ended a process.
 *
 * Their timers count as stale: a tick drops their rows, and the release puts them back. */
#pragma once

#include "daemon/engine/state.h"

bool aside_has(const struct engine *engine, uint64_t number);
/* Sets the case aside; false: there is no room. A case that is there already stays so. */
bool aside_add(struct engine *engine, uint64_t number);
void aside_remove(struct engine *engine, uint64_t number);
/* Reads them, when the tables are opened and after a record was undone that changed them. */
void aside_load(struct engine *engine);
