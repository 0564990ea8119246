#include "daemon/engine/storm.h"

#include <string.h>

#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/state.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/timer_row.h"

/* Storms (redress-events(7)): the alert after `count` ones within `window` opens a bundle, which
 * takes it and all that follow it until it is sent, `window` later. On the steady scale: nobody is
 * told more or less because the clock was set. Bundled alerts count as those before them did, so
 * that a storm that goes on opens the next bundle at once. */

enum { GROUPED_MAX = 1000 };

/* A digest was asked for, so no storm bundles it. */
static bool is_counted(const struct engine *engine, const struct alert_draft *draft)
{
    return engine->plan->storm_count > 0 && draft->severity <= RD_WARNING &&
           draft->type != RD_ALERT_FIRST_CONTACT && draft->type != RD_ALERT_STORM_BUNDLE &&
           !rd_alert_is_digest(draft->type) && draft->unit != NAME_OPS;
}

static size_t recent_count(const struct unit_row *unit)
{
    return unit->recent.len / UNIT_RECENT_BYTES;
}

/* When the bundle ends that takes the next alert; RD_TIME_NONE: it goes alone. A late bundle
 * still collects alerts until it is sent. */
static rd_time end_of(const struct engine *engine, const struct unit_row *unit)
{
    const struct rd_plan *plan = engine->plan;
    rd_time now = engine->now.steady;
    if (unit->bundle_until != RD_TIME_NONE) {
        return unit->bundle_until > now ? unit->bundle_until : now;
    }
    size_t count = recent_count(unit);
    bool is_storm =
            count >= plan->storm_count &&
            unit_recent_at(unit->recent, count - plan->storm_count) > now - plan->storm_window_us;
    return is_storm ? now + plan->storm_window_us : RD_TIME_NONE;
}

rd_time storm_end(struct engine *engine, const struct alert_draft *draft)
{
    if (engine->is_quiet || !is_counted(engine, draft)) {
        return RD_TIME_NONE;
    }
    struct unit_row unit = unit_row_get(engine->view, draft->unit);
    return end_of(engine, &unit);
}

/* Keeps the newest `storm_count` instants of the window: the count is never compared with more. */
static void push_recent(struct engine *engine, struct unit_row *unit)
{
    size_t count = recent_count(unit), first = 0;
    while (first < count && (count - first >= engine->plan->storm_count ||
                                    unit_recent_at(unit->recent, first) <=
                                            engine->now.steady - engine->plan->storm_window_us)) {
        first++;
    }
    size_t kept = (count - first) * UNIT_RECENT_BYTES;
    uint8_t *bytes = rd_arena_alloc(&engine->arena, kept + UNIT_RECENT_BYTES);
    if (kept > 0) {
        memcpy(bytes, unit->recent.ptr + first * UNIT_RECENT_BYTES, kept);
    }
    unit_recent_write(bytes + kept, engine->now.steady);
    unit->recent = (struct rd_str){(const char *)bytes, kept + UNIT_RECENT_BYTES};
}

static struct timer_row timer_of(uint32_t unit)
{
    return (struct timer_row){
            .is_steady = true, .is_service = true, .kind = TIMER_BUNDLE, .owner = unit};
}

bool storm_note(
        struct engine *engine, const struct alert_draft *draft, uint64_t seq, struct unit_row *unit)
{
    if (!is_counted(engine, draft)) {
        return false;
    }
    rd_time end = end_of(engine, unit);
    push_recent(engine, unit);
    if (end == RD_TIME_NONE) {
        return false;
    }
    if (unit->bundle_until == RD_TIME_NONE) {
        unit->bundle_first = seq;
        unit->bundle_count = 0;
        unit->bundle_severity = RD_INFO;
        timer_arm(engine, &unit->bundle_until, end, timer_of(draft->unit));
    }
    unit->bundle_count++;
    if (unit->bundle_severity < (uint8_t)draft->severity) {
        unit->bundle_severity = (uint8_t)draft->severity;
    }
    return true;
}

bool storm_timer_is_live(struct engine *engine, const struct timer_row *row)
{
    return row->is_steady &&
           unit_row_get(engine->view, (uint32_t)row->owner).bundle_until == row->due;
}

void storm_take_bundle(
        struct engine *engine, const struct timer_row *row, struct alert_draft *ret_draft)
{
    uint32_t number = (uint32_t)row->owner;
    struct unit_row unit = unit_row_get(engine->view, number);
    RD_ASSERT(unit.bundle_until == row->due && unit.bundle_count > 0);
    struct alert_draft draft = {.type = RD_ALERT_STORM_BUNDLE,
            .severity = (enum rd_severity)unit.bundle_severity,
            .unit = number,
            .due = RD_TIME_NONE,
            .since = RD_TIME_NONE,
            .ack_by = RD_TIME_NONE};
    uint64_t *grouped = RD_ARENA_ARRAY(&engine->arena, uint64_t, GROUPED_MAX);
    draft.grouped = grouped;
    draft.grouped_count =
            alert_row_bundled(engine->view, number, unit.bundle_first, GROUPED_MAX, grouped);
    draft.count = unit.bundle_count;
    draft.never_withheld = true; /* a silence has already withheld what it covers */
    draft.is_late = true;
    timer_arm(engine, &unit.bundle_until, RD_TIME_NONE, timer_of(number));
    unit.bundle_first = unit.bundle_count = 0;
    unit.bundle_severity = RD_INFO;
    unit_row_put(engine->view, number, &unit);
    *ret_draft = draft;
}
