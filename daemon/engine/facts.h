/* daemon/engine/facts.h — what is kept of a case's events for its figures. */
#pragma once

#include "daemon/engine/take.h"

/* After the event was taken. False: refused, as the case has had too many of them. */
bool facts_note(struct engine *engine, struct take *take);
