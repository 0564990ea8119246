/* daemon/engine/silences.h — silences: matchers of alerts that are withheld until an instant. */
#pragma once

#include "daemon/engine/alerts.h"

void silences_load(struct engine *engine);
void silences_close(struct engine *engine);
/* Of the event at work. False: *reject says why. */
bool silence_create(struct engine *engine, struct rd_reject *reject, uint64_t *ret_number);
/* The record's writes were undone, its counters put back. */
void silences_undo(struct engine *engine);
bool silence_exists(struct engine *engine, uint64_t number);
void silence_end(struct engine *engine, uint64_t number);
/* Number of the oldest silence that withholds the alert, `but` excepted; 0: none does. */
uint64_t silence_covering(
        struct engine *engine, struct work *work, const struct alert_draft *draft, uint64_t but);
/* Notes that the silence withheld an alert of the case: the unit gets a digest when it ends. */
void silence_note(struct engine *engine, const struct work *work, const struct alert_draft *draft,
        uint64_t number);
struct timer_row;
bool silence_timer_is_live(struct engine *engine, const struct timer_row *row);
