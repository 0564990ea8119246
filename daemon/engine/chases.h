/* daemon/engine/chases.h — questions on a case that wait for an answer. */
#pragma once

#include "daemon/engine/state.h"

/* As many wait for an answer as a case may have: those answered or missed make room first. */
bool chases_are_full(struct engine *engine, struct work *work);
void chase_open(
        struct engine *engine, struct work *work, uint32_t asker, uint32_t asked, rd_time by);
/* Answers the oldest one owed. False: none is. */
bool chase_answer(struct engine *engine, struct work *work);
void chase_fire(struct engine *engine, struct work *work, uint16_t slot);
void chases_drop(struct engine *engine, struct work *work);
