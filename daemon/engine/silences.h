/* daemon/engine/silences.h — silences: matchers of alerts that are withheld until an instant. */
#pragma once

#include "daemon/engine/alerts.h"

void silences_load(struct engine *engine);
void silences_close(struct engine *engine);
/* Of the event at work. False: *reject says why. */
bool silence_create(struct engine *engine, struct rd_reject *reject, uint64_t *ret_number);
bool silence_exists(struct engine *engine, uint64_t number);
void silence_end(struct engine *engine, uint64_t number);
bool silence_covers(struct engine *engine, struct work *work, const struct alert_draft *draft);
