/* daemon/engine/codes.h — the values that an event classes its matter by, as the configuration has
 * coded them. Source: redress.yaml(5) "codes". */
#pragma once

#include "daemon/engine/state.h"

/* The engine's event with each coded value in place of how its sender spells it; a value that no
 * code spells is refused, or taken and counted, as the configuration says. To be called within a
 * store_mark(). */
bool codes_take(struct engine *engine, struct rd_reject *reject);
