#include "daemon/engine/due.h"

#include "daemon/engine/names.h"
#include "daemon/engine/state.h"
#include "daemon/store/rows/case_row.h"

static int64_t seconds_us(struct rd_limit limit)
{
    RD_ASSERT(limit.unit == RD_LIMIT_SECONDS);
    return (int64_t)limit.count * RD_SECOND_US;
}

/* Elapsed time: what lies in the stretches is added. */
static struct due due_elapsed(
        int64_t limit_us, rd_time start, bool is_steady, const struct spans *spans)
{
    rd_time at = start + limit_us;
    for (size_t i = 0; i < spans->count && spans->begin[i] < at; i++) {
        at += spans->end[i] - spans->begin[i];
    }
    return (struct due){.at = at, .is_steady = is_steady};
}

/* Opening hours: what is open outside the stretches counts. */
static struct due due_working(int64_t limit_us, rd_time start, const struct rd_calendar *calendar,
        const struct spans *spans)
{
    rd_time from = start;
    int64_t left = limit_us;
    for (size_t i = 0; i < spans->count; i++) {
        int64_t open = rd_calendar_open_between(calendar, from, spans->begin[i]);
        if (open >= left) {
            break;
        }
        left -= open;
        from = spans->end[i];
    }
    rd_time at = rd_calendar_add_open(calendar, from, left);
    struct due due = {.at = at};
    due.is_provisional = at != RD_TIME_NONE && calendar->horizon != RD_DAY_NONE &&
                         rd_calendar_day(calendar, at) >= calendar->horizon;
    return due;
}

static struct due due_days(struct engine *engine, const struct rd_calendar *calendar,
        const struct waits *waits, rd_time start, const struct spans *spans)
{
    struct rd_stretch *apart = RD_ARENA_ARRAY(&engine->arena, struct rd_stretch, spans->count + 1);
    for (size_t i = 0; i < spans->count; i++) {
        apart[i] = (struct rd_stretch){spans->begin[i], spans->end[i]};
    }
    struct rd_day_limit limit = {.unit = waits->limit.unit,
            .count = waits->limit.count,
            .roll = waits->roll,
            .at_closing = waits->at_closing,
            .stretches = apart,
            .stretch_count = spans->count};
    struct rd_day_due day = rd_calendar_day_limit(calendar, start, &limit);
    return (struct due){.at = day.due, .is_provisional = day.provisional};
}

struct due due_after(struct engine *engine, const struct rd_calendar *calendar,
        const struct waits *waits, struct instant start, const struct stretches *stretches)
{
    RD_ASSERT(calendar != NULL);
    if (waits->limit.unit != RD_LIMIT_SECONDS) {
        return due_days(engine, calendar, waits, start.wall, &stretches->wall);
    }
    if (waits->counts_working) {
        return due_working(seconds_us(waits->limit), start.wall, calendar, &stretches->wall);
    }
    if (waits->on_wall) {
        return due_elapsed(seconds_us(waits->limit), start.wall, false, &stretches->wall);
    }
    return due_elapsed(seconds_us(waits->limit), start.steady, true, &stretches->steady);
}

/* Whether a pause for this reason stops the clock; NULL: every pause does. */
static bool pause_counts(struct engine *engine, const struct rd_plan_clock *clock, uint32_t reason)
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

struct instant pauses_begin(
        struct engine *engine, const struct work *work, const struct rd_plan_clock *clock)
{
    struct instant first = INSTANT_NONE;
    for (uint32_t i = 0; i < work->row->pause_count; i++) {
        const struct case_pause *pause = &work->row->pauses[i];
        if (pause->end.wall != RD_TIME_NONE || !pause_counts(engine, clock, pause->reason)) {
            continue;
        }
        bool is_first = first.wall == RD_TIME_NONE;
        first.wall = is_first || pause->begin.wall < first.wall ? pause->begin.wall : first.wall;
        first.steady =
                is_first || pause->begin.steady < first.steady ? pause->begin.steady : first.steady;
    }
    return first;
}

/* Puts [begin, end), clipped at `from`, into the sorted list; what touches or overlaps becomes one
 * stretch. */
static void span_add(struct spans *list, rd_time from, rd_time begin, rd_time end)
{
    begin = begin < from ? from : begin;
    if (end <= begin) {
        return;
    }
    size_t at = list->count;
    while (at > 0 && list->begin[at - 1] > begin) {
        list->begin[at] = list->begin[at - 1];
        list->end[at] = list->end[at - 1];
        at--;
    }
    list->begin[at] = begin;
    list->end[at] = end;
    list->count++;
    size_t kept = 0;
    for (size_t i = 1; i < list->count; i++) {
        if (list->begin[i] <= list->end[kept]) {
            list->end[kept] = list->end[i] > list->end[kept] ? list->end[i] : list->end[kept];
        } else {
            kept++;
            list->begin[kept] = list->begin[i];
            list->end[kept] = list->end[i];
        }
    }
    list->count = kept + 1;
}

static struct spans spans_new(struct engine *engine, uint32_t count)
{
    return (struct spans){.begin = RD_ARENA_ARRAY(&engine->arena, rd_time, count + 1),
            .end = RD_ARENA_ARRAY(&engine->arena, rd_time, count + 1)};
}

const struct pauses_seen PAUSES_ENDED = {
        .begun_before = RD_TIME_MAX, .open_until = {RD_TIME_NONE, RD_TIME_NONE}};

/* Each scale by itself: a step of the wall clock may lie between. */
struct stretches case_stretches(struct engine *engine, const struct work *work,
        const struct rd_plan_clock *clock, struct instant from, const struct pauses_seen *seen)
{
    struct stretches list = {0};
    uint32_t count = work->row->pause_count;
    if (count == 0) {
        return list;
    }
    list.wall = spans_new(engine, count);
    list.steady = spans_new(engine, count);
    for (uint32_t i = 0; i < count; i++) {
        const struct case_pause *pause = &work->row->pauses[i];
        struct instant end = pause->end.wall != RD_TIME_NONE ? pause->end : seen->open_until;
        if (end.wall != RD_TIME_NONE && pause->begin.wall < seen->begun_before &&
                pause_counts(engine, clock, pause->reason)) {
            span_add(&list.wall, from.wall, pause->begin.wall, end.wall);
            span_add(&list.steady, from.steady, pause->begin.steady, end.steady);
        }
    }
    return list;
}

struct case_pause *pause_open(struct work *work, uint32_t reason)
{
    for (uint32_t i = 0; i < work->row->pause_count; i++) {
        struct case_pause *pause = &work->row->pauses[i];
        if (pause->end.wall == RD_TIME_NONE && pause->reason == reason) {
            return pause;
        }
    }
    return NULL;
}

bool case_is_paused(const struct work *work)
{
    for (uint32_t i = 0; i < work->row->pause_count; i++) {
        if (work->row->pauses[i].end.wall == RD_TIME_NONE) {
            return true;
        }
    }
    return false;
}
