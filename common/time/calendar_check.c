/* What a calendar must be, and its digest. */
#include <errno.h>

#include <xxhash.h>

#include "common/base/buf.h"
#include "common/time/calendar.h"
#include "common/time/calendar_walk.h"

enum { DIGEST_BYTES_MAX = 8 << 20 };

static bool hours_hold(const struct rd_hours *hours)
{
    if (hours->count > RD_HOURS_MAX) {
        return false;
    }
    unsigned after = 0;
    for (unsigned i = 0; i < hours->count; i++) {
        if (hours->open[i] < after || hours->close[i] <= hours->open[i] || hours->close[i] > 1440) {
            return false;
        }
        after = hours->close[i];
    }
    return true;
}

static bool offsets_hold(const struct rd_calendar *calendar)
{
    if (calendar->offset_count < 1 || calendar->offset_count > CALENDAR_OFFSETS_MAX) {
        return false;
    }
    for (size_t i = 0; i < calendar->offset_count; i++) {
        const struct rd_offset *at = &calendar->offsets[i];
        if (at->offset_s < -CALENDAR_OFFSET_S_MAX || at->offset_s > CALENDAR_OFFSET_S_MAX ||
                at->from < RD_TIME_MIN || at->from > RD_TIME_MAX || at->from % RD_SECOND_US != 0) {
            return false;
        }
        /* Pieces ascend, and so do their local ends: a time set back never passes a piece whole. */
        if (i >= 1 && at->from <= at[-1].from) {
            return false;
        }
        if (i >= 2 && at->from + at[-1].offset_s * RD_SECOND_US <=
                              at[-1].from + at[-2].offset_s * RD_SECOND_US) {
            return false;
        }
    }
    return true;
}

static bool seasons_hold(const struct rd_calendar *calendar)
{
    if (calendar->season_count < 1 || calendar->season_count > CALENDAR_SEASONS_MAX) {
        return false;
    }
    for (size_t i = 0; i < calendar->season_count; i++) {
        const struct rd_season *at = &calendar->seasons[i];
        if (!rd_date_valid(2000, at->month, at->day)) {
            return false;
        }
        if (i > 0 && at->month * 32 + at->day <= at[-1].month * 32 + at[-1].day) {
            return false;
        }
        for (unsigned j = 0; j < 7; j++) {
            if (!hours_hold(&at->week[j])) {
                return false;
            }
        }
    }
    return true;
}

static bool specials_hold(const struct rd_calendar *calendar)
{
    if (calendar->special_count > CALENDAR_SPECIALS_MAX || calendar->layer_count == 1 ||
            calendar->layer_count > RD_CALENDAR_LAYERS_MAX) {
        return false;
    }
    unsigned layers = calendar->layer_count > 0 ? (unsigned)calendar->layer_count : 1;
    for (size_t i = 0; i < calendar->special_count; i++) {
        const struct rd_special_day *at = &calendar->specials[i];
        bool has_hours = at->hours.count > 0;
        if (at->day < RD_DAY_MIN || at->day >= CALENDAR_DAY_END || at->kind < RD_SPECIAL_OFF ||
                at->kind > RD_SPECIAL_CLOSED || has_hours != (at->kind == RD_SPECIAL_HOURS) ||
                at->layer >= layers || !hours_hold(&at->hours) ||
                (i > 0 && at->day <= at[-1].day)) {
            return false;
        }
    }
    return true;
}

static void put_hours(struct rd_buf *buf, const struct rd_hours *hours)
{
    rd_buf_put_u8(buf, hours->count);
    for (unsigned i = 0; i < hours->count; i++) {
        rd_buf_put_uint(buf, hours->open[i]);
        rd_buf_put_uint(buf, hours->close[i]);
    }
}

/* Of what answers depend on; names are not in it, so that a corrected name moves no clock. */
static uint64_t digest_of(const struct rd_calendar *calendar)
{
    struct rd_buf buf;
    rd_buf_init(&buf, DIGEST_BYTES_MAX);
    rd_buf_put_int(&buf, calendar->horizon);
    rd_buf_put_uint(&buf, calendar->offset_count);
    for (size_t i = 0; i < calendar->offset_count; i++) {
        rd_buf_put_int(&buf, calendar->offsets[i].from);
        rd_buf_put_int(&buf, calendar->offsets[i].offset_s);
    }
    rd_buf_put_uint(&buf, calendar->season_count);
    for (size_t i = 0; i < calendar->season_count; i++) {
        rd_buf_put_u8(&buf, calendar->seasons[i].month);
        rd_buf_put_u8(&buf, calendar->seasons[i].day);
        for (unsigned j = 0; j < 7; j++) {
            put_hours(&buf, &calendar->seasons[i].week[j]);
        }
    }
    rd_buf_put_uint(&buf, calendar->special_count);
    for (size_t i = 0; i < calendar->special_count; i++) {
        rd_buf_put_int(&buf, calendar->specials[i].day);
        rd_buf_put_u8(&buf, (uint8_t)calendar->specials[i].kind);
        put_hours(&buf, &calendar->specials[i].hours);
    }
    RD_ASSERT(buf.error == 0);
    uint64_t digest = XXH64(buf.ptr, buf.len, 0);
    rd_buf_done(&buf);
    return digest;
}

int rd_calendar_seal(struct rd_calendar *calendar)
{
    if (!offsets_hold(calendar) || !seasons_hold(calendar) || !specials_hold(calendar)) {
        return -EINVAL;
    }
    calendar->digest = digest_of(calendar);
    return 0;
}
