/* daemon/engine/silences.h — silences: matchers of alerts that are withheld until an instant. */
#pragma once

#include "daemon/engine/alerts.h"

void silences_load(struct engine *engine);
bool silences_are_full(struct engine *engine); /* as many hold as are taken */
uint64_t silence_create(struct engine *engine);
bool silence_exists(struct engine *engine, uint64_t number);
void silence_end(struct engine *engine, uint64_t number);
bool silence_covers(struct engine *engine, struct work *work, const struct alert_draft *draft);
