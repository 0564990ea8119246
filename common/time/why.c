#include "common/time/why.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

/* A line being written; what does not fit is cut at the edge of a character. */
struct line {
    char *text;
    size_t len;
    bool is_zh;
};

static void put(struct line *line, const char *format, ...) RD_PRINTF(2, 3);

static void put(struct line *line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    int size = vsnprintf(line->text + line->len, RD_WHY_TEXT_MAX - line->len, format, args);
    va_end(args);
    if (size > 0) {
        line->len += (size_t)size;
    }
    if (line->len < RD_WHY_TEXT_MAX) {
        return;
    }
    line->len = RD_WHY_TEXT_MAX - 1;
    size_t edge = line->len;
    while (edge > 0 && ((unsigned char)line->text[edge - 1] & 0xc0) == 0x80) {
        edge--;
    }
    edge -= edge > 0 && ((unsigned char)line->text[edge - 1] & 0x80) != 0;
    line->text[edge] = '\0';
    line->len = edge;
}

/* The one of two formats, or words, in the line's language; both take the same values. */
#define PUT(line, en, zh, ...) put((line), (line)->is_zh ? zh : en, __VA_ARGS__)

static void put_words(struct line *line, const char *en, const char *zh)
{
    put(line, "%s", line->is_zh ? zh : en);
}

void rd_span_text(int64_t span_us, char ret_text[static RD_SPAN_TEXT_MAX])
{
    int64_t s = span_us / RD_SECOND_US;
    char hours[24] = "", minutes[8] = "", seconds[8] = "";
    if (s >= 3600) {
        (void)snprintf(hours, sizeof hours, "%" PRId64 "h", s / 3600);
    }
    if (s % 3600 >= 60) {
        (void)snprintf(
                minutes, sizeof minutes, "%s%dm", s >= 3600 ? " " : "", (int)(s % 3600 / 60));
    }
    if (s % 60 != 0 || s == 0) {
        (void)snprintf(seconds, sizeof seconds, "%s%ds", s >= 60 ? " " : "", (int)(s % 60));
    }
    (void)snprintf(ret_text, RD_SPAN_TEXT_MAX, "%s%s%s", hours, minutes, seconds);
}

/* The same in the line's language: "1小时30分钟". */
static void span_text(
        const struct line *line, int64_t span_us, char ret_text[static RD_SPAN_TEXT_MAX])
{
    int64_t s = span_us / RD_SECOND_US;
    char hours[32] = "", minutes[16] = "", seconds[16] = "";
    if (!line->is_zh) {
        rd_span_text(span_us, ret_text);
        return;
    }
    if (s >= 3600) {
        (void)snprintf(hours, sizeof hours, "%" PRId64 "小时", s / 3600);
    }
    if (s % 3600 >= 60) {
        (void)snprintf(minutes, sizeof minutes, "%d分钟", (int)(s % 3600 / 60));
    }
    if (s % 60 != 0 || s == 0) {
        (void)snprintf(seconds, sizeof seconds, "%d秒", (int)(s % 60));
    }
    (void)snprintf(ret_text, RD_SPAN_TEXT_MAX, "%s%s%s", hours, minutes, seconds);
}

/* ---- due ---- */

static int64_t limit_us(const struct rd_why *why)
{
    return (int64_t)why->limit.count * RD_SECOND_US;
}

static rd_time due_elapsed(const struct rd_why *why)
{
    rd_time at = why->start + limit_us(why);
    for (size_t i = 0; i < why->stretch_count && why->stretches[i].begin < at; i++) {
        const struct rd_stretch *stretch = &why->stretches[i];
        if (stretch->end >= RD_TIME_MAX) {
            return RD_TIME_MAX;
        }
        at += stretch->end - stretch->begin;
    }
    return at < RD_TIME_MAX ? at : RD_TIME_MAX;
}

static rd_time due_working(const struct rd_why *why)
{
    rd_time from = why->start;
    int64_t left = limit_us(why);
    for (size_t i = 0; i < why->stretch_count; i++) {
        int64_t open = rd_calendar_open_between(why->calendar, from, why->stretches[i].begin);
        if (open >= left) {
            break;
        }
        if (why->stretches[i].end >= RD_TIME_MAX) {
            return RD_TIME_MAX;
        }
        left -= open;
        from = why->stretches[i].end;
    }
    rd_time at = rd_calendar_add_open(why->calendar, from, left);
    return at != RD_TIME_NONE && at < RD_TIME_MAX ? at : RD_TIME_MAX;
}

struct rd_why_due rd_why_due(const struct rd_why *why)
{
    RD_ASSERT(why->limit.count >= 1);
    const struct rd_calendar *calendar = why->calendar;
    struct rd_why_due due = {.start_day = rd_calendar_day(calendar, why->start),
            .last_day = RD_DAY_NONE,
            .raw_day = RD_DAY_NONE};
    if (why->limit.unit == RD_LIMIT_SECONDS) {
        due.due = why->counts_working ? due_working(why) : due_elapsed(why);
        bool has_horizon = why->counts_working && calendar->horizon != RD_DAY_NONE;
        if (due.due < RD_TIME_MAX) {
            due.last_day = due.raw_day = rd_calendar_day(calendar, due.due - 1);
            has_horizon = has_horizon && rd_calendar_day(calendar, due.due) >= calendar->horizon;
        }
        due.provisional = has_horizon;
        return due;
    }
    struct rd_day_limit limit = {.unit = why->limit.unit,
            .count = why->limit.count,
            .roll = why->roll,
            .at_closing = why->at_closing,
            .stretches = why->stretches,
            .stretch_count = why->stretch_count};
    struct rd_day_due day = rd_calendar_day_limit(calendar, why->start, &limit);
    due.due = day.due;
    due.last_day = day.last_day;
    due.raw_day = day.raw_day;
    due.provisional = day.provisional;
    return due;
}

/* ---- days ---- */

static void put_hours(struct line *line, const struct rd_hours *hours)
{
    for (unsigned i = 0; i < hours->count; i++) {
        put(line, " %02d:%02d-%02d:%02d", hours->open[i] / 60, hours->open[i] % 60,
                hours->close[i] / 60, hours->close[i] % 60);
    }
}

/* ": 古尔邦节 (calendar cn-xj)"; the calendar only where it lies over others. */
static void put_name(
        struct line *line, const struct rd_calendar *calendar, const struct rd_special_day *special)
{
    if (special->name.len > 0) {
        PUT(line, ": %.*s", "：%.*s", RD_FMT(special->name));
    }
    if (calendar->layer_count > 0) {
        PUT(line, " (calendar %.*s)", "（日历%.*s）", RD_FMT(rd_calendar_layer(calendar, special)));
    }
}

/* What kind of day it is, and who says so. */
static void put_kind(struct line *line, const struct rd_calendar *calendar, rd_day day)
{
    static const char *const NAMES[][2] = {{"Monday", "星期一"}, {"Tuesday", "星期二"},
            {"Wednesday", "星期三"}, {"Thursday", "星期四"}, {"Friday", "星期五"},
            {"Saturday", "星期六"}, {"Sunday", "星期日"}};
    const struct rd_special_day *special = rd_calendar_special(calendar, day);
    const char *const *weekday = NAMES[rd_weekday(day)];
    struct rd_hours hours = rd_calendar_hours(calendar, day);
    put_words(line, weekday[0], weekday[1]);
    if (special == NULL && hours.count == 0) {
        put_words(line, ", closed", "，休息");
    } else if (special != NULL && special->kind == RD_SPECIAL_OFF) {
        put_words(line, ", holiday", "，节假日");
    } else if (special != NULL && special->kind == RD_SPECIAL_CLOSED) {
        put_words(line, ", closed", "，停业");
    } else if (special != NULL && special->kind == RD_SPECIAL_MAKE_UP) {
        put_words(line, ", make-up working day", "，调休上班");
        if (hours.count == 0) {
            put_words(line, " with the hours of Monday, which has none",
                    "（按星期一的营业时间，而星期一不营业）");
        }
    } else if (special != NULL) {
        put_words(line, ", with hours of its own,", "，营业时间另定为");
        put_hours(line, &hours);
    }
    if (special != NULL) {
        put_name(line, calendar, special);
    }
    if (calendar->horizon != RD_DAY_NONE && day >= calendar->horizon) {
        put_words(line, "; no holiday data for this year", "；尚无该年度节假日数据");
    }
}

/* Of a day limit: the local dates strictly between begin and end. */
static bool is_excluded(const struct rd_why *why, rd_day day)
{
    for (size_t i = 0; i < why->stretch_count; i++) {
        const struct rd_stretch *at = &why->stretches[i];
        if (day > rd_calendar_day(why->calendar, at->begin) &&
                (at->end >= RD_TIME_MAX || day < rd_calendar_day(why->calendar, at->end))) {
            return true;
        }
    }
    return false;
}

/* "paused for appraisal, mediation": of the pauses that touch [from, to). */
static void put_reasons(struct line *line, const struct rd_why *why, rd_time from, rd_time to)
{
    size_t count = 0;
    put_words(line, "paused", "暂停");
    for (size_t i = 0; i < why->pause_count; i++) {
        const struct rd_why_pause *pause = &why->pauses[i];
        bool is_said = pause->begin >= to || pause->end <= from;
        for (size_t k = 0; k < i && !is_said; k++) {
            const struct rd_why_pause *other = &why->pauses[k];
            is_said = other->begin < to && other->end > from &&
                      rd_str_eq(other->reason, pause->reason);
        }
        if (!is_said) {
            put_words(line, count == 0 ? " for " : ", ", count == 0 ? "：" : "、");
            put(line, "%.*s", RD_FMT(pause->reason));
            count++;
        }
    }
}

static void day_begin_end(const struct rd_why *why, rd_day day, rd_time ret_span[2])
{
    ret_span[0] = rd_calendar_instant(why->calendar, day, 0);
    ret_span[1] = rd_calendar_instant(why->calendar, day, 1440);
}

static void rolled_day(struct rd_why_walk *walk, rd_day day, struct line *line)
{
    static const char *const ROLLS[][2] = {
            {"none", "不顺延"}, {"restday", "遇休息日"}, {"statutory_holiday", "遇法定节假日"}};
    const struct rd_why *why = walk->why;
    const char *roll = ROLLS[why->roll][line->is_zh ? 1 : 0];
    if (day == walk->due.raw_day) {
        put_words(line, "resumed on this day, which makes it the last; ",
                "当日恢复计时，即为最后一日；");
    } else if (day < walk->due.last_day) {
        PUT(line, "the last day moves on (roll %s): ", "最后一日顺延（%s）：", roll);
    } else {
        char raw[RD_DATE_TEXT_MAX];
        rd_day_format(walk->due.raw_day, raw);
        PUT(line, "last day, moved here from %s (roll %s): ", "最后一日，由%s顺延至此（%s）：", raw,
                roll);
    }
    put_kind(line, why->calendar, day);
}

static void counted_day(struct rd_why_walk *walk, rd_day day, struct line *line)
{
    const struct rd_why *why = walk->why;
    bool is_business = why->limit.unit == RD_LIMIT_BUSINESS_DAYS;
    walk->counted++;
    if (is_business) {
        PUT(line, "working day %" PRIu32 " of %" PRIu32 ": ",
                "第%" PRIu32 "个工作日（共%" PRIu32 "个）：", walk->counted, why->limit.count);
    } else {
        PUT(line, "day %" PRIu32 " of %" PRIu32 ": ", "第%" PRIu32 "日（共%" PRIu32 "日）：",
                walk->counted, why->limit.count);
    }
    put_kind(line, why->calendar, day);
    if (walk->counted < why->limit.count) {
        return;
    }
    if (day == walk->due.last_day) {
        put_words(line, "; last day", "；最后一日");
    } else if (day == walk->due.raw_day) {
        put_words(line, "; it cannot be the last", "；不能作为最后一日");
    } else {
        put_words(line, "; ", "；");
        rd_time span[2];
        day_begin_end(why, day, span);
        put_reasons(line, why, span[0], span[1]);
    }
}

static bool of_day_limit(struct rd_why_walk *walk, rd_day day, struct line *line)
{
    const struct rd_why *why = walk->why;
    bool is_business = why->limit.unit == RD_LIMIT_BUSINESS_DAYS;
    if (day == walk->due.start_day) {
        put_words(line, "start: the day of the start is not counted", "起算日，不计入期限");
        return false;
    }
    if (is_excluded(why, day)) {
        rd_time span[2];
        day_begin_end(why, day, span);
        put_reasons(line, why, span[0], span[1]);
        put_words(line, ": ", "；");
        put_kind(line, why->calendar, day);
        return false;
    }
    if (walk->counted == why->limit.count) {
        rolled_day(walk, day, line);
        return false;
    }
    if (is_business && !rd_calendar_is_working(why->calendar, day)) {
        put_kind(line, why->calendar, day);
        return false;
    }
    counted_day(walk, day, line);
    return true;
}

/* The time of [from, to) that counts. */
static int64_t used_between(const struct rd_why *why, rd_time from, rd_time to)
{
    const struct rd_calendar *calendar = why->calendar;
    int64_t used = 0;
    for (size_t i = 0; i <= why->stretch_count; i++) {
        bool is_last = i == why->stretch_count || why->stretches[i].begin >= to;
        rd_time end = is_last ? to : why->stretches[i].begin;
        if (end > from) {
            used += why->counts_working ? rd_calendar_open_between(calendar, from, end)
                                        : end - from;
        }
        if (is_last) {
            break;
        }
        from = why->stretches[i].end > from ? why->stretches[i].end : from;
    }
    return used;
}

static bool of_hours(struct rd_why_walk *walk, rd_day day, struct line *line)
{
    const struct rd_why *why = walk->why;
    char part[RD_SPAN_TEXT_MAX], whole[RD_SPAN_TEXT_MAX], sum[RD_SPAN_TEXT_MAX];
    rd_time span[2];
    day_begin_end(why, day, span);
    rd_time from = span[0] > why->start ? span[0] : why->start;
    rd_time to = span[1] < walk->due.due ? span[1] : walk->due.due;
    int64_t used = used_between(why, from, to);
    bool is_paused = false;
    for (size_t i = 0; i < why->stretch_count; i++) {
        is_paused = is_paused || (why->stretches[i].begin < to && why->stretches[i].end > from);
    }
    put_kind(line, why->calendar, day);
    if (used > 0) {
        walk->used_us += used;
        span_text(line, used, part);
        span_text(line, walk->used_us, sum);
        span_text(line, limit_us(why), whole);
        PUT(line, "; %s counted, %s of %s", "；计入%s，累计%s，共%s", part, sum, whole);
    } else if (why->counts_working && rd_calendar_is_working(why->calendar, day)) {
        put_words(line, "; none of its opening hours counted", "；当日营业时间均未计入");
    }
    if (is_paused) {
        put_words(line, "; ", "；");
        put_reasons(line, why, from, to);
    }
    return used > 0;
}

void rd_why_begin(struct rd_why_walk *walk, const struct rd_why *why, rd_day until)
{
    *walk = (struct rd_why_walk){.why = why, .due = rd_why_due(why)};
    walk->day = walk->due.start_day;
    rd_day last = walk->due.last_day != RD_DAY_NONE ? walk->due.last_day : until;
    walk->end = last < RD_DAY_MAX ? last + 1 : RD_DAY_MAX;
}

bool rd_why_next(struct rd_why_walk *walk, struct rd_why_day *ret_day)
{
    if (walk->day >= walk->end) {
        return false;
    }
    struct line line = {.text = ret_day->why, .is_zh = walk->why->is_zh};
    ret_day->why[0] = '\0';
    ret_day->day = walk->day++;
    ret_day->is_counted = walk->why->limit.unit == RD_LIMIT_SECONDS
                                  ? of_hours(walk, ret_day->day, &line)
                                  : of_day_limit(walk, ret_day->day, &line);
    return true;
}
