/* daemon/engine/panels.h — joint decisions: who is asked to take part. */
#pragma once

#include "daemon/engine/state.h"

/* Units among the participants of the event at work hear of it, each once. */
void panel_tell(struct engine *engine, struct work *work);
