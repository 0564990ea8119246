/* daemon/engine/title_words.h — how titles say days, hours and the words of closed lists, in each
 * language. */
#pragma once

#include "common/base/arena.h"
#include "common/plan/plan.h"
#include "common/time/calendar.h"
#include "common/wire/alert.h"

enum title_language { TITLE_EN, TITLE_ZH, TITLE_LANGUAGES };
enum title_language title_language_of(struct rd_str name);

/* At least so many digits. */
void title_put_number(struct rd_buf *buf, int64_t number, unsigned digits);
/* A moment of the calendar's wall: "14:30 on 23 September", "9月23日14:30"; midnight as the end of
 * the day before it, "the end of 22 September", "9月22日24:00". The year stands where it is not
 * that of `now`. */
void title_put_moment(struct rd_buf *buf, enum title_language language,
        const struct rd_calendar *calendar, rd_time at, rd_time now);
/* The day that ends then or in which it lies. */
void title_put_day(struct rd_buf *buf, enum title_language language,
        const struct rd_calendar *calendar, rd_time at, rd_time now);
/* "90 min", "3 h", "2 d", the largest that is whole enough to be read. */
void title_put_span(struct rd_buf *buf, enum title_language language, int64_t seconds);

/* What a person says for a word of the machine; the word itself where there is none. */
struct rd_str title_kind(enum title_language language, struct rd_str kind);
struct rd_str title_severity(enum title_language language, enum rd_severity severity);
/* The reason of a pause that nobody gave is that of a mediation. */
struct rd_str title_key(enum title_language language, enum rd_alert_type type, struct rd_str key);
struct rd_str title_outcome(enum title_language language, struct rd_str outcome);
struct rd_str title_attribute(enum title_language language, struct rd_str name);
struct rd_str title_level(enum title_language language, enum rd_level level);
/* What a ladder waits for, as not having come; empty for what no ladder should wait for. */
struct rd_str title_awaited(enum title_language language, enum rd_moment moment);
struct rd_str title_unanswered(enum title_language language);
/* What a reason tells: "3 in 7 days", "7 天内 3 次"; is_most: they were counted no further. */
struct rd_str title_counted(enum title_language language, struct rd_arena *arena, uint32_t count,
        uint32_t days, bool is_most);
/* Duties that no configuration gives a title. */
struct rd_str title_rectification(enum title_language language);
struct rd_str title_screening(enum title_language language);
/* Between the parts of a list. */
struct rd_str title_comma(enum title_language language);
