/* daemon/engine/take_shared.h — what several kinds of events do to a case: open, move, acknowledge,
 * end. */
#pragma once

#include "daemon/engine/record.h"
#include "daemon/engine/take.h"

/* A case with the event's attributes, indexed, without policy yet. */
struct work *take_open(struct engine *engine, struct take *take, enum case_kind kind, uint32_t unit,
        struct rd_str subject);
/* Policy, clocks, ladder of a fresh case; `received` is set. */
void take_begin(struct engine *engine, struct work *work);
void take_moment(
        struct engine *engine, struct work *work, enum rd_moment moment, struct instant at);
/* Its unit has it in hand. */
void take_acknowledge(struct engine *engine, struct work *work);
/* To another unit, which is told so. */
void case_move(struct engine *engine, struct work *work, uint32_t unit, struct instant at);
void take_end(struct engine *engine, struct work *work, enum case_state state, struct instant at);
/* `rematches`: the present configuration's policies apply from here on. */
void take_reopen(struct engine *engine, struct work *work, bool rematches);
void take_outcome(struct engine *engine, struct work *work);
/* Copies the event's keys of `keys` into the case's attributes; returns the keys that changed. */
struct key_set take_attributes(struct engine *engine, struct work *work, struct key_set keys);
struct key_set opening_keys(void);
/* An instant or a date (its end in the unit's calendar); RD_TIME_NONE: absent. */
rd_time event_due(struct engine *engine, enum rd_event_key key, uint32_t unit);
struct rd_str duty_subject(
        struct engine *engine, struct rd_str duty, uint32_t unit, struct rd_str period);
