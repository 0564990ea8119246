/* daemon/engine/forget_held.h — what operators hold that names a customer who is forgotten:
 * silences, and events that wait for a second person. */
#pragma once

#include "daemon/engine/state.h"

struct erasure_job;

/* Silences that name the customer, or one of the job's words, end and lose what names him; events
 * of his that wait lapse, and operators are told. */
void forget_held(struct engine *engine, const struct erasure_job *job);
/* The packed alert tells of a silence that forget_held() has emptied. */
bool forget_is_of_silence(struct engine *engine, struct rd_str packed);
