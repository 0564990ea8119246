/* daemon/engine/silent.h — watched sources: operators hear of one that has sent nothing for too
 * long. */
#pragma once

#include "daemon/engine/state.h"

struct source_row;
/* Arms what the present configuration watches. */
void sources_watch(struct engine *engine);
void source_spoke(struct engine *engine, struct rd_str name, struct source_row *source);
bool silent_timer_is_live(const struct source_row *source, const struct timer_row *row);
void silent_fire(struct engine *engine, struct rd_str name, struct source_row *source);
