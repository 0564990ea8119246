/* daemon/engine/chases.h — questions on a case that wait for an answer. */
#pragma once

#include "daemon/engine/state.h"

/* As many wait for an answer as a case may have: those answered or missed make room first. */
bool chases_are_full(struct engine *engine, struct work *work);
void chase_open(
        struct engine *engine, struct work *work, uint32_t asker, uint32_t asked, rd_time by);
bool chase_is_owed(const struct work *work); /* any answer at all */
/* Answers the oldest one owed of those that the unit was asked, else of those that a unit below it
 * was; else, by the case's holder or where no unit is told (0), the oldest. NULL: there is none. */
const struct case_chase *chase_answer(struct engine *engine, struct work *work, uint32_t unit);
/* The one who asked hears the answer, which the event at work gives. */
void chase_tell(struct engine *engine, struct work *work, const struct case_chase *chase);
void chase_fire(struct engine *engine, struct work *work, uint16_t slot);
void chases_drop(struct engine *engine, struct work *work);
