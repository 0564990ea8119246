/* daemon/engine/take_shared.h — what several kinds of events do to a case: open, move, acknowledge,
 * end. */
#pragma once

#include "daemon/engine/attributes.h"
#include "daemon/engine/record.h"
#include "daemon/engine/take.h"

/* A case with the event's attributes, indexed, without policy yet. */
struct work *take_open(struct engine *engine, struct take *take, enum case_kind kind, uint32_t unit,
        struct rd_str subject);
/* A duty that no event opens, opened at engine->own; indexed, without attributes and policy yet. */
struct work *case_scheduled(struct engine *engine, uint32_t unit, struct rd_str subject);
/* Policy, clocks, ladder of a fresh case; `received` is set. */
void take_begin(struct engine *engine, struct work *work);
void take_moment(
        struct engine *engine, struct work *work, enum rd_moment moment, struct instant at);
/* Its unit has it in hand. */
void take_acknowledge(struct engine *engine, struct work *work);
/* To another unit, which is told so. `before`: what its policies follow; NULL: they stay. */
void case_move(struct engine *engine, struct work *work, uint32_t unit, struct instant at,
        const struct attributes_seen *before);
void take_end(struct engine *engine, struct work *work, enum case_state state, struct instant at);
/* Policies follow what has changed since `before`; NULL: they are matched again in any case. */
void take_reopen(struct engine *engine, struct work *work, const struct attributes_seen *before);
/* Its subject is still its own; false: *take->reject says whose it is. */
bool take_is_reopenable(struct engine *engine, struct take *take);
/* Reopens the case of the event, and tells its unit; the second time the unit above, too. */
void take_reopen_told(struct engine *engine, struct take *take);
void take_outcome(struct engine *engine, struct work *work);
/* A duty is done: decided and closed. (take_change.c) */
void take_end_duty(struct engine *engine, struct work *work);
/* Attributes that a case keeps as events give them: its unit and respondent stand in its row. */
rd_key_set case_keys(void);
/* Copies the event's keys of `keys` into the case's attributes; returns the keys that changed. */
rd_key_set take_attributes(struct engine *engine, struct work *work, rd_key_set keys);
/* What nearly every event does to its case: the attributes it brings, a line of history. After the
 * closing it is history alone. Returns the keys that changed. */
rd_key_set take_note(struct engine *engine, struct take *take);
/* A complaint that is open becomes a regulator's, whose letter came at `letter`: policies are
 * matched again, the ladder begins anew at the event's own time, whoever had stopped it. */
void take_letter(struct engine *engine, struct work *work, struct instant letter);
/* The event's, as value_due() has it. */
rd_time event_due(struct engine *engine, enum rd_event_key key, uint32_t unit);
struct rd_str duty_subject(
        struct engine *engine, struct rd_str duty, uint32_t unit, struct rd_str period);
/* The same with a mark appended: that of a duty by the schedule whose own subject another case
 * bears. */
struct rd_str duty_subject_marked(struct engine *engine, struct rd_str subject);
/* The duty that bears the subject, or it with the mark: one that is not over before one that is.
 * NULL: no duty does. */
struct work *duty_bearing(struct engine *engine, struct rd_str subject);
