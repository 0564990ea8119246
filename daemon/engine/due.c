#include "daemon/engine/internal.h"

static int64_t seconds_us(struct rd_limit limit)
{
    RD_ASSERT(limit.unit == RD_LIMIT_SECONDS);
    return (int64_t)limit.count * RD_SECOND_US;
}

/* Elapsed time: what lies in the stretches is added. */
static struct due due_elapsed(
        int64_t limit_us, struct instant start, bool is_steady, const struct stretches *stretches)
{
    rd_time at = (is_steady ? start.steady : start.wall) + limit_us;
    for (size_t i = 0; i < stretches->count; i++) {
        rd_time begin = is_steady ? stretches->begin[i].steady : stretches->begin[i].wall;
        rd_time end = is_steady ? stretches->end[i].steady : stretches->end[i].wall;
        if (begin >= at) {
            break;
        }
        at += end > begin ? end - begin : 0;
    }
    return (struct due){.at = at, .is_steady = is_steady};
}

/* Opening hours: what is open outside the stretches counts. */
static struct due due_working(int64_t limit_us, struct instant start,
        const struct rd_calendar *calendar, const struct stretches *stretches)
{
    rd_time from = start.wall;
    int64_t left = limit_us;
    for (size_t i = 0; i < stretches->count; i++) {
        rd_time begin = stretches->begin[i].wall;
        int64_t open = rd_calendar_open_between(calendar, from, begin);
        if (open >= left) {
            break;
        }
        left -= open;
        from = stretches->end[i].wall;
    }
    rd_time at = rd_calendar_add_open(calendar, from, left);
    struct due due = {.at = at};
    due.is_provisional = at != RD_TIME_NONE && calendar->horizon != RD_DAY_NONE &&
                         rd_calendar_day(calendar, at) >= calendar->horizon;
    return due;
}

static struct due due_days(struct engine *engine, const struct waits *waits, rd_time start,
        const struct stretches *stretches)
{
    struct rd_stretch *apart =
            RD_ARENA_ARRAY(&engine->arena, struct rd_stretch, stretches->count + 1);
    for (size_t i = 0; i < stretches->count; i++) {
        apart[i] = (struct rd_stretch){stretches->begin[i].wall, stretches->end[i].wall};
    }
    struct rd_day_limit limit = {.unit = waits->limit.unit,
            .count = waits->limit.count,
            .roll = waits->roll,
            .at_closing = waits->at_closing,
            .stretches = apart,
            .stretch_count = stretches->count};
    struct rd_day_due day = rd_calendar_day_limit(waits->calendar, start, &limit);
    return (struct due){.at = day.due, .is_provisional = day.provisional};
}

struct due due_after(struct engine *engine, const struct waits *waits, struct instant start,
        const struct stretches *stretches)
{
    if (waits->limit.unit != RD_LIMIT_SECONDS) {
        return due_days(engine, waits, start.wall, stretches);
    }
    if (waits->counts_working) {
        return due_working(seconds_us(waits->limit), start, waits->calendar, stretches);
    }
    return due_elapsed(seconds_us(waits->limit), start, !waits->on_wall, stretches);
}

bool pause_counts(struct engine *engine, const struct rd_plan_clock *clock, uint32_t reason)
{
    if (clock == NULL || clock->pauses_for_all) {
        return true;
    }
    struct rd_str text = name_shown(engine, reason);
    for (size_t i = 0; i < clock->pause_reasons.count; i++) {
        if (rd_str_eq(clock->pause_reasons.at[i], text)) {
            return true;
        }
    }
    return false;
}

bool clock_is_paused(
        struct engine *engine, const struct work *work, const struct rd_plan_clock *clock)
{
    if (!clock->has_limit) {
        return false; /* due by an attribute: pauses do not move it */
    }
    for (uint32_t i = 0; i < work->row->pause_count; i++) {
        const struct case_pause *pause = &work->row->pauses[i];
        if (pause->end.wall == RD_TIME_NONE && pause_counts(engine, clock, pause->reason)) {
            return true;
        }
    }
    return false;
}

/* Puts [begin, end) into the sorted list; what touches or overlaps becomes one stretch. */
static void stretch_add(struct stretches *list, struct instant begin, struct instant end)
{
    size_t at = list->count;
    while (at > 0 && list->begin[at - 1].wall > begin.wall) {
        list->begin[at] = list->begin[at - 1];
        list->end[at] = list->end[at - 1];
        at--;
    }
    list->begin[at] = begin;
    list->end[at] = end;
    list->count++;
    size_t kept = 0;
    for (size_t i = 1; i < list->count; i++) {
        if (list->begin[i].wall <= list->end[kept].wall) {
            if (list->end[i].wall > list->end[kept].wall) {
                list->end[kept] = list->end[i];
            }
        } else {
            kept++;
            list->begin[kept] = list->begin[i];
            list->end[kept] = list->end[i];
        }
    }
    list->count = kept + 1;
}

struct stretches case_stretches(struct engine *engine, const struct work *work,
        const struct rd_plan_clock *clock, struct instant from)
{
    struct stretches list = {0};
    uint32_t count = work->row->pause_count;
    if (count == 0) {
        return list;
    }
    list.begin = RD_ARENA_ARRAY(&engine->arena, struct instant, count + 1);
    list.end = RD_ARENA_ARRAY(&engine->arena, struct instant, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        const struct case_pause *pause = &work->row->pauses[i];
        if (pause->end.wall == RD_TIME_NONE || pause->end.wall <= from.wall ||
                !pause_counts(engine, clock, pause->reason)) {
            continue;
        }
        stretch_add(&list, pause->begin.wall < from.wall ? from : pause->begin, pause->end);
    }
    return list;
}
