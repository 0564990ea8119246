/* daemon/engine/chases.h — questions on a case that wait for an answer. */
#pragma once

#include "daemon/engine/state.h"

/* As many wait for an answer as a case may have: those answered or missed make room first. */
bool chases_are_full(struct engine *engine, struct work *work);
void chase_open(
        struct engine *engine, struct work *work, uint32_t asker, uint32_t asked, rd_time by);
/* Answers the oldest one owed of those that the unit was asked; where there is none, or no unit
 * (0), the oldest. NULL: none is owed. */
const struct case_chase *chase_answer(struct engine *engine, struct work *work, uint32_t unit);
/* The one who asked hears the answer, which the event at work gives. */
void chase_tell(struct engine *engine, struct work *work, const struct case_chase *chase);
void chase_fire(struct engine *engine, struct work *work, uint16_t slot);
void chases_drop(struct engine *engine, struct work *work);
