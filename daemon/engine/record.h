/* daemon/engine/record.h — the record at work: its time, its event, and what the event says. */
#pragma once

#include "daemon/engine/state.h"

/* Everything of the record before is dropped; time never goes back. */
void record_begin(struct engine *engine, const struct engine_time *at);

/* Empty: the event has no such text. */
struct rd_str event_str(const struct engine *engine, enum rd_event_key key);
bool event_flag(const struct engine *engine, enum rd_event_key key);
/* Of the event's customer; made once a record. */
const uint8_t *customer_digest(struct engine *engine);

/* Keys of an event, as bits. */
struct key_set {
    uint64_t bits[2];
};
struct key_set key_set_of(const enum rd_event_key *keys, size_t count);
bool key_set_has(struct key_set set, enum rd_event_key key);
