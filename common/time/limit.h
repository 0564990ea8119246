/* common/time/limit.h — how long a clock may run: "30s", "90m", "4h", "5bd", "15d", "8w".
 *
 *   limit = count unit        count = 1..6 digits, 0..999999
 *   unit  = "s" / "m" / "h"   seconds, minutes, hours: elapsed or working time, as the clock says
 *         / "bd"              business days
 *         / "d" / "w"         calendar days; 1w is kept as 7d
 *
 * Zero is a limit ("0m" on a rung); who forbids it checks count. Seconds, minutes and hours are
 * kept as seconds. Pure: no allocation, no clock, no locale. Source: redress.yaml(5), "Limits". */
#pragma once

#include "common/base/base.h"

enum rd_limit_unit {
    RD_LIMIT_SECONDS,
    RD_LIMIT_BUSINESS_DAYS,
    RD_LIMIT_CALENDAR_DAYS,
};

struct rd_limit {
    enum rd_limit_unit unit;
    uint32_t count; /* in `unit` */
};

enum { RD_LIMIT_TEXT_MAX = 32 };

/* Reads all of `text`. 0, or -EINVAL (not the grammar), -ERANGE (over 999999); *ret_limit is
 * written only on 0. */
RD_MUST_USE int rd_limit_parse(struct rd_str text, struct rd_limit *ret_limit);
/* The shortest text that rd_limit_parse() reads back as `limit`, of equally short ones that with
 * the largest unit: 60 s as "1m", 7 days as "1w". */
void rd_limit_format(struct rd_limit limit, char ret_text[static RD_LIMIT_TEXT_MAX]);
/* The same, or in Chinese: "15日", "5个工作日", "90分钟"; days are told in days. */
void rd_limit_words(struct rd_limit limit, bool is_zh, char ret_text[static RD_LIMIT_TEXT_MAX]);
