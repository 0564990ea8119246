/* common/plan/calendar_pack.h — a calendar as a value of the plan: MessagePack, canonical (equal
 * calendars, equal bytes).
 *
 * A map of six keys, or of seven where it lies over others. The digest is not in it: it is computed
 * again.
 *
 *   name: str, zone: str, horizon: int or nil
 *
 *   offsets: [from_s, offset_s, from_s, offset_s …]
 *
 *   seasons: [[month, day, week] …]; a week is 7 × [open, close, open, close …] from Monday
 *
 *   specials: [[day, kind, name] or, of kind 3, [day, kind, name, hours] …]
 *
 *   layers: [[name …], [count, layer, count, layer …]], who says so of so many specials, in runs
 */
#pragma once

#include "common/time/calendar.h"
#include "common/wire/pack.h"

void rd_calendar_pack(struct rd_buf *buf, const struct rd_calendar *calendar);

/* 0 or -EBADMSG. Memory, texts included: `arena`. */
RD_MUST_USE int rd_calendar_unpack(rd_node node, struct rd_arena *arena, struct rd_calendar *ret);
