#include "daemon/engine/digests.h"

#include "common/time/period.h"
#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/digest_pack.h"
#include "daemon/engine/digest_walk.h"
#include "daemon/engine/names.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/tally_row.h"

/* On each working day, or the last one of a week or month, a digest of the unit and what is below
 * it. One that could not be begun within a minute of its instant is not sent: the next one says of
 * which days none was, and tells what happened since the last one that was made. */

enum { MISSED_MAX = 400, LOOK_BACK_DAYS = 3, DROPPED_MAX = 2 };
static const rd_time LATE_US = 60 * RD_SECOND_US;

static enum rd_digest_every every_of(uint16_t slot)
{
    RD_ASSERT(slot >= WATCH_DIGEST && slot < WATCH_DIGEST + RD_DIGEST_EVERIES);
    return (enum rd_digest_every)(slot - WATCH_DIGEST);
}

/* NULL: the unit gets none. */
static const struct rd_plan_digest *digest_of(struct engine *engine, uint32_t unit, uint16_t slot)
{
    const struct rd_plan_digests *digests = &engine->plan->supervision.digests;
    int32_t index = watch_unit(engine, unit);
    if (digests->count == 0 || index == RD_NO_INDEX) {
        return NULL;
    }
    uint8_t place = digests->of[every_of(slot)][index];
    return place != 0 ? &digests->at[place - 1] : NULL;
}

bool digest_is_wanted(struct engine *engine, uint32_t unit, uint16_t slot)
{
    return digest_of(engine, unit, slot) != NULL;
}

static rd_time digest_at(struct engine *engine, uint32_t unit, uint16_t slot, rd_day day)
{
    return rd_day_time_at(unit_calendar(engine, unit), day, &digest_of(engine, unit, slot)->at);
}

/* ---- days ---- */

/* A number that two days of one stretch have in common; days of a week begin with Monday. */
static int32_t stretch_of(enum rd_digest_every every, rd_day day)
{
    return every == RD_DIGEST_DAY    ? day
           : every == RD_DIGEST_WEEK ? day - (rd_day)rd_weekday(day)
                                     : rd_month_of(day);
}

/* The first day after `day` of which there is a digest; RD_DAY_NONE: the calendar never opens. */
static rd_day day_after(const struct rd_calendar *calendar, enum rd_digest_every every, rd_day day)
{
    rd_day next = rd_calendar_working_after(calendar, day);
    while (next != RD_DAY_NONE) {
        day = next;
        next = rd_calendar_working_after(calendar, day);
        if (next == RD_DAY_NONE || stretch_of(every, next) != stretch_of(every, day)) {
            return day;
        }
    }
    return RD_DAY_NONE;
}

/* The first day that the unit's first digest tells of. */
static rd_day first_from(const struct rd_calendar *calendar, enum rd_digest_every every, rd_day day)
{
    if (every == RD_DIGEST_DAY) {
        rd_day before = rd_calendar_working_before(calendar, day, 1);
        return before != RD_DAY_NONE ? before + 1 : day;
    }
    rd_day first = day;
    while (stretch_of(every, first - 1) == stretch_of(every, day)) {
        first--;
    }
    return first;
}

/* ---- arming ---- */

static void note_missed(struct digest_work *work, rd_day day)
{
    work->missed_first = work->missed == 0 ? day : work->missed_first;
    work->missed_last = day;
    work->missed++;
}

static void arm(struct engine *engine, uint32_t unit, uint16_t slot, struct watch_row *row,
        const struct digest_work *work)
{
    row->rest = digest_work_bytes(engine, work);
    watch_arm(engine, unit, slot, row,
            row->day != RD_DAY_NONE ? digest_at(engine, unit, slot, row->day) : RD_TIME_NONE);
}

/* A new configuration may move the instant of a coming day into the past; that day is then
 * missed. */
static void watch_one(struct engine *engine, uint32_t unit, uint16_t slot)
{
    struct watch_row row = watch_get(engine, unit, slot);
    if (row.armed != RD_TIME_NONE && row.armed <= engine->now.wall) {
        return;
    }
    const struct rd_calendar *calendar = unit_calendar(engine, unit);
    enum rd_digest_every every = every_of(slot);
    struct digest_work work;
    digest_work_read(row.rest, &work);
    rd_day day = rd_calendar_day(calendar, engine->now.wall) - LOOK_BACK_DAYS;
    day = row.done != RD_DAY_NONE && row.done > day ? row.done : day;
    do {
        day = day_after(calendar, every, day);
        if (row.armed != RD_TIME_NONE && day != RD_DAY_NONE &&
                stretch_of(every, day) == stretch_of(every, row.day) &&
                digest_at(engine, unit, slot, day) <= engine->now.wall) {
            note_missed(&work, day);
        }
    } while (day != RD_DAY_NONE && digest_at(engine, unit, slot, day) <= engine->now.wall);
    row.day = day;
    arm(engine, unit, slot, &row, &work);
}

void digests_watch(struct engine *engine, uint32_t unit)
{
    for (int every = 0; every < RD_DIGEST_EVERIES; every++) {
        uint16_t slot = watch_digest_slot((enum rd_digest_every)every);
        if (digest_is_wanted(engine, unit, slot)) {
            watch_one(engine, unit, slot);
        }
    }
}

/* ---- making one ---- */

/* A calendar that changed since the timer was armed may say that there is no digest of its day: it
 * goes to the last working day that is left of that week or month, or the next day that has one.
 * Returns whether it did. */
static bool leave_closed(const struct rd_calendar *calendar, enum rd_digest_every every,
        struct watch_row *row, const struct digest_work *work)
{
    rd_day day = row->day - 1;
    if (row->day == RD_DAY_NONE || day_after(calendar, every, day) == row->day) {
        return false;
    }
    while (stretch_of(every, day) == stretch_of(every, row->day)) {
        day--;
    }
    day = row->done != RD_DAY_NONE && row->done > day ? row->done : day;
    day = work->missed > 0 && work->missed_last > day ? work->missed_last : day;
    row->day = day_after(calendar, every, day);
    return true;
}

/* Skips the days whose instant passed long ago. True: the digest of row->day is due now; false: the
 * timer is to stand for the instant of row->day. One that follows a missed one fires by its own
 * instant, so that neither its order among other timers nor its lateness is the missed one's. */
static bool find_day(struct engine *engine, uint32_t unit, uint16_t slot, struct watch_row *row,
        struct digest_work *work)
{
    const struct rd_calendar *calendar = unit_calendar(engine, unit);
    bool is_another = leave_closed(calendar, every_of(slot), row, work);
    rd_time at = row->armed;
    if (is_another && row->day != RD_DAY_NONE) {
        at = digest_at(engine, unit, slot, row->day);
    }
    for (int i = 0; i < MISSED_MAX && row->day != RD_DAY_NONE && at <= engine->now.wall; i++) {
        rd_day next = day_after(calendar, every_of(slot), row->day);
        if (engine->now.wall - at < LATE_US) {
            work->next = next;
            return i == 0 && !is_another;
        }
        note_missed(work, row->day);
        row->day = next;
        at = next != RD_DAY_NONE ? digest_at(engine, unit, slot, next) : RD_TIME_NONE;
    }
    return false;
}

/* Whatever happens from here on belongs to the next digest. */
static void begin(struct engine *engine, enum rd_digest_every every, uint32_t unit,
        struct watch_row *row, struct digest_work *work)
{
    const struct rd_calendar *calendar = unit_calendar(engine, unit);
    rd_day first = work->missed > 0 ? work->missed_first : row->day;
    work->day = row->day;
    work->from = row->done != RD_DAY_NONE ? row->done + 1 : first_from(calendar, every, first);
    row->done = work->day;
    row->day = work->next;
    work->next = work->next != RD_DAY_NONE ? work->next : work->day;
    digest_work_begin(engine, work);
}

/* Alerts of that age have been removed. */
static void drop_old_rows(struct engine *engine, uint32_t unit, uint8_t every, rd_day day)
{
    rd_day before = day - (rd_day)(engine->plan->alerts_keep_us / RD_DAY_US), oldest;
    for (int i = 0; i < DROPPED_MAX && digest_row_oldest(engine->view, unit, every, &oldest) &&
                    oldest < before;
            i++) {
        digest_row_del(engine->view, unit, every, oldest);
    }
}

static struct rd_str span_text(struct engine *engine, rd_day first, rd_day last)
{
    char from[RD_DATE_TEXT_MAX], to[RD_DATE_TEXT_MAX];
    rd_day_format(first, from);
    rd_day_format(last, to);
    return rd_arena_printf(&engine->arena, first == last ? "%s" : "%s … %s", from, to);
}

static void send(struct engine *engine, enum rd_digest_every every, uint32_t unit,
        const struct digest_work *work)
{
    static const enum rd_alert_type TYPES[RD_DIGEST_EVERIES] = {
            RD_ALERT_DIGEST_DAILY, RD_ALERT_DIGEST_WEEKLY, RD_ALERT_DIGEST_MONTHLY};
    struct alert_draft draft = alert_draft_of(TYPES[every], RD_INFO, unit);
    draft.digest = digest_packed(engine, every, unit, work);
    draft.opened = work->sums[TALLY_OPENED];
    draft.closed = work->sums[TALLY_CLOSED];
    draft.open = work->standing[STANDING_OPEN];
    draft.overdue = work->standing[STANDING_OVERDUE];
    draft.key = every == RD_DIGEST_DAY ? span_text(engine, work->day, work->day)
                                       : span_text(engine, work->from, work->day);
    draft.missed = work->missed > 0 ? span_text(engine, work->missed_first, work->missed_last)
                                    : (struct rd_str){0};
    draft.is_late = true;
    uint64_t seq = alert_send(engine, NULL, &draft);
    digest_row_put(engine->view, unit, (uint8_t)every, work->day, seq);
    drop_old_rows(engine, unit, (uint8_t)every, work->day);
}

void digest_fire(struct engine *engine, uint32_t unit, uint16_t slot, struct watch_row *row)
{
    enum rd_digest_every every = every_of(slot);
    struct digest_work work;
    digest_work_read(row->rest, &work);
    engine->cause_name = RD_STR("digest");
    if (!work.is_being_made) {
        if (!find_day(engine, unit, slot, row, &work)) {
            arm(engine, unit, slot, row, &work);
            return;
        }
        begin(engine, every, unit, row, &work);
    }
    work.before = digest_at(engine, unit, slot, work.from - 1);
    work.at = digest_at(engine, unit, slot, work.day);
    if (!digest_walk(engine, unit, &work)) {
        row->rest = digest_work_bytes(engine, &work);
        watch_arm(engine, unit, slot, row, row->armed);
        return;
    }
    bool is_sent = digest_of(engine, unit, slot)->sends_empty || !digest_is_empty(&work);
    if (is_sent) {
        send(engine, every, unit, &work);
        work.missed = 0;
    }
    work.is_being_made = false;
    arm(engine, unit, slot, row, &work);
}
