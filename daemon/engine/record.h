/* daemon/engine/record.h — the record at work: its time, its event, and what the event says. */
#pragma once

#include "daemon/engine/state.h"

/* Everything of the record before is dropped; time never goes back. */
void record_begin(struct engine *engine, const struct engine_time *at);
/* An event or a timer begins: what silences may cost of its alerts together. */
void record_count_anew(struct engine *engine);

/* Empty: the event has no such text. */
struct rd_str event_str(const struct engine *engine, enum rd_event_key key);
bool event_flag(const struct engine *engine, enum rd_event_key key);
/* Of the event's customer; made once a record. */
const uint8_t *customer_digest(struct engine *engine);
