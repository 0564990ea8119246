#include "tools/shared/when.h"

#include <errno.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "common/base/num.h"
#include "common/time/limit.h"

enum { THOUSAND = 1000, MINUTES = 60, HOURS = 24, YEAR_BASE = 1900, WEEK = 7, DATE_LEN = 10 };

rd_time when_now(void)
{
    struct timespec now;
    int r = clock_gettime(CLOCK_REALTIME, &now);
    RD_ASSERT(r == 0);
    return (rd_time)now.tv_sec * RD_SECOND_US + now.tv_nsec / THOUSAND;
}

int when_span_parse(struct rd_str text, int64_t *ret_us)
{
    uint64_t number = 0;
    struct rd_limit limit;
    if (text.len > 2 && memcmp(text.ptr + text.len - 2, "ms", 2) == 0) {
        text.len -= 2;
        if (rd_u64_parse(text, &number) < 0 || number > INT32_MAX) {
            return -EINVAL;
        }
        *ret_us = (int64_t)number * THOUSAND;
        return 0;
    }
    if (rd_u64_parse(text, &number) == 0 && number <= INT32_MAX) {
        *ret_us = (int64_t)number * RD_SECOND_US;
        return 0;
    }
    if (rd_limit_parse(text, &limit) == 0 && limit.unit == RD_LIMIT_SECONDS) {
        *ret_us = (int64_t)limit.count * RD_SECOND_US;
        return 0;
    }
    return -EINVAL;
}

/* ---- local time ---- */

static struct tm local_of(rd_time time)
{
    time_t seconds = (time_t)(time / RD_SECOND_US - (time % RD_SECOND_US < 0));
    struct tm parts = {0};
    (void)localtime_r(&seconds, &parts);
    return parts;
}

/* The instant of a date and a time of day in the local zone; one that the zone skips is taken as
 * the C library takes it, an hour on. -EINVAL: beyond what it knows. */
static int instant_of(rd_day day, int64_t second_of_day, rd_time *ret_time)
{
    struct rd_date date = rd_date_of(day);
    struct tm parts = {.tm_year = date.year - YEAR_BASE,
            .tm_mon = date.month - 1,
            .tm_mday = date.day,
            .tm_hour = (int)(second_of_day / (MINUTES * MINUTES)),
            .tm_min = (int)(second_of_day / MINUTES % MINUTES),
            .tm_sec = (int)(second_of_day % MINUTES),
            .tm_isdst = -1};
    errno = 0;
    time_t seconds = mktime(&parts);
    if (seconds == (time_t)-1 && errno != 0) {
        return -EINVAL;
    }
    *ret_time = (rd_time)seconds * RD_SECOND_US;
    return *ret_time >= RD_TIME_MIN && *ret_time <= RD_TIME_MAX ? 0 : -EINVAL;
}

static rd_day day_of(const struct tm *parts)
{
    return rd_day_of((struct rd_date){.year = parts->tm_year + YEAR_BASE,
            .month = (uint8_t)(parts->tm_mon + 1),
            .day = (uint8_t)parts->tm_mday});
}

/* ---- the pieces ---- */

/* "18:00", "9:30", "18:00:30", as seconds of the day. */
static int parse_clock(struct rd_str text, int64_t *ret_seconds)
{
    uint64_t parts[3] = {0};
    size_t count = 0;
    for (const char *at = text.ptr, *end = text.ptr + text.len; count < RD_COUNT(parts);) {
        const char *colon = memchr(at, ':', (size_t)(end - at));
        struct rd_str digits = {.ptr = at, .len = (size_t)((colon != NULL ? colon : end) - at)};
        if (digits.len == 0 || digits.len > 2 || (count > 0 && digits.len != 2) ||
                rd_u64_parse(digits, &parts[count++]) < 0) {
            return -EINVAL;
        }
        if (colon == NULL) {
            bool is_time =
                    count > 1 && parts[0] < HOURS && parts[1] < MINUTES && parts[2] < MINUTES;
            *ret_seconds = (int64_t)((parts[0] * MINUTES + parts[1]) * MINUTES + parts[2]);
            return is_time ? 0 : -EINVAL;
        }
        at = colon + 1;
    }
    return -EINVAL;
}

static bool is_word(struct rd_str text, const char *word, size_t at_least)
{
    return text.len >= at_least && text.len <= strlen(word) &&
           strncasecmp(text.ptr, word, text.len) == 0;
}

static const char *const week[] = {
        "monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"};
static const char *const near[] = {"yesterday", "today", "tomorrow"};

struct rd_nearest when_nearest(struct rd_str text)
{
    const char *space = text.len > 0 ? memchr(text.ptr, ' ', text.len) : NULL;
    text.len = space != NULL ? (size_t)(space - text.ptr) : text.len;
    struct rd_nearest nearest = rd_nearest_of(text);
    for (size_t i = 0; i < RD_COUNT(near); i++) {
        rd_nearest_try(&nearest, rd_str_of(near[i]));
    }
    for (size_t i = 0; i < RD_COUNT(week); i++) {
        rd_nearest_try(&nearest, rd_str_of(week[i]));
    }
    return nearest;
}

static int parse_day(struct rd_str text, rd_day today, enum when_side side, rd_day *ret_day)
{
    enum { SHORTEST = 3 };
    if (rd_day_parse(text, ret_day) == 0) {
        return 0;
    }
    for (size_t i = 0; i < RD_COUNT(near); i++) {
        if (is_word(text, near[i], strlen(near[i]))) {
            *ret_day = today + (rd_day)i - 1;
            return 0;
        }
    }
    for (unsigned i = 0; i < RD_COUNT(week); i++) {
        if (is_word(text, week[i], SHORTEST)) {
            rd_day ahead = (rd_day)((i + WEEK - rd_weekday(today)) % WEEK);
            *ret_day =
                    side == WHEN_BACK ? today + ahead - WEEK : today + (ahead == 0 ? WEEK : ahead);
            return 0;
        }
    }
    return -EINVAL;
}

/* "2h", "+2h", "-2h", "2h ago"; days and weeks keep the time of day. */
static int parse_span(struct rd_str text, rd_time now, enum when_side side, rd_time *ret_time)
{
    static const struct rd_str ago = {.ptr = " ago", .len = 4};
    struct rd_limit limit;
    int64_t sign = side == WHEN_BACK ? -1 : 1;
    if (text.len > 0 && (text.ptr[0] == '+' || text.ptr[0] == '-')) {
        sign = text.ptr[0] == '-' ? -1 : 1;
        text.ptr++;
        text.len--;
    } else if (text.len > ago.len && memcmp(text.ptr + text.len - ago.len, ago.ptr, ago.len) == 0) {
        sign = -1;
        text.len -= ago.len;
    }
    if (rd_limit_parse(text, &limit) < 0 || limit.unit == RD_LIMIT_BUSINESS_DAYS) {
        return -EINVAL;
    }
    if (limit.unit == RD_LIMIT_SECONDS) {
        *ret_time = now + sign * (int64_t)limit.count * RD_SECOND_US;
        return 0;
    }
    struct tm parts = local_of(now);
    int64_t second = (parts.tm_hour * MINUTES + parts.tm_min) * MINUTES + parts.tm_sec;
    return instant_of(day_of(&parts) + (rd_day)(sign * (int64_t)limit.count), second, ret_time);
}

int when_parse(struct rd_str text, rd_time now, enum when_side side, rd_time *ret_time)
{
    if (rd_time_parse(text, ret_time) == 0 || parse_span(text, now, side, ret_time) == 0) {
        return 0;
    }
    if (rd_str_is(text, "now")) {
        *ret_time = now;
        return 0;
    }
    struct tm parts = local_of(now);
    rd_day today = day_of(&parts), day;
    int64_t second = 0;
    if (text.len > 0 && parse_clock(text, &second) == 0) {
        int r = instant_of(today, second, ret_time);
        if (r == 0 && side == WHEN_AHEAD && *ret_time <= now) {
            r = instant_of(today + 1, second, ret_time);
        } else if (r == 0 && side == WHEN_BACK && *ret_time > now) {
            r = instant_of(today - 1, second, ret_time);
        }
        return r;
    }
    const char *space = text.len > 0 ? memchr(text.ptr, ' ', text.len) : NULL;
    if (space == NULL && text.len > DATE_LEN && text.ptr[DATE_LEN] == 'T') {
        space = text.ptr + DATE_LEN; /* RFC 3339 without its offset: the local zone's */
    }
    struct rd_str date = text;
    if (space != NULL) {
        date.len = (size_t)(space - text.ptr);
        struct rd_str clock = {.ptr = space + 1, .len = text.len - date.len - 1};
        if (parse_clock(clock, &second) < 0) {
            return -EINVAL;
        }
    }
    return parse_day(date, today, side, &day) == 0 ? instant_of(day, second, ret_time) : -EINVAL;
}

bool when_is_day(struct rd_str text, rd_time now, enum when_side side,
        char ret_date[static RD_DATE_TEXT_MAX])
{
    struct tm parts = local_of(now);
    rd_day day;
    if (text.len == 0 || parse_day(text, day_of(&parts), side, &day) < 0) {
        return false;
    }
    rd_day_format(day, ret_date);
    return true;
}
