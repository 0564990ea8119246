#include "common/time/limit.h"

#include <errno.h>
#include <stdio.h>

enum { COUNT_MAX = 999999 };

/* Of one rd_limit_unit the largest first: the format takes the first that divides. */
static const struct {
    char name[3];
    const char *zh; /* NULL: told in a smaller unit */
    enum rd_limit_unit unit;
    uint32_t factor;
} units[] = {
        {"h", "小时", RD_LIMIT_SECONDS, 3600},
        {"m", "分钟", RD_LIMIT_SECONDS, 60},
        {"s", "秒", RD_LIMIT_SECONDS, 1},
        {"bd", "个工作日", RD_LIMIT_BUSINESS_DAYS, 1},
        {"w", NULL, RD_LIMIT_CALENDAR_DAYS, 7},
        {"d", "日", RD_LIMIT_CALENDAR_DAYS, 1},
};

_Static_assert(UINT32_MAX / 3600 > COUNT_MAX, "999999h fits");

int rd_limit_parse(struct rd_str text, struct rd_limit *ret_limit)
{
    size_t at = 0;
    uint32_t count = 0;
    for (; at < text.len && text.ptr[at] >= '0' && text.ptr[at] <= '9'; at++) {
        count = count * 10 + (uint32_t)(text.ptr[at] - '0');
        count = count > COUNT_MAX ? COUNT_MAX + 1 : count;
    }
    if (at == 0) {
        return -EINVAL;
    }
    struct rd_str name = {.ptr = text.ptr + at, .len = text.len - at};
    for (size_t i = 0; i < RD_COUNT(units); i++) {
        if (rd_str_is(name, units[i].name)) {
            if (count > COUNT_MAX) {
                return -ERANGE;
            }
            *ret_limit = (struct rd_limit){.unit = units[i].unit, .count = count * units[i].factor};
            return 0;
        }
    }
    return -EINVAL;
}

static void format(struct rd_limit limit, bool is_zh, char ret_text[static RD_LIMIT_TEXT_MAX])
{
    for (size_t i = 0; i < RD_COUNT(units); i++) {
        bool divides =
                limit.count % units[i].factor == 0 && (limit.count > 0 || units[i].factor == 1);
        const char *name = is_zh ? units[i].zh : units[i].name;
        if (units[i].unit == limit.unit && divides && name != NULL) {
            uint32_t count = limit.count / units[i].factor;
            RD_ASSERT(is_zh || count <= COUNT_MAX); /* weeks told in days are more */
            (void)snprintf(ret_text, RD_LIMIT_TEXT_MAX, "%u%s", count, name);
            return;
        }
    }
    RD_UNREACHABLE("every unit has a name of factor 1");
}

void rd_limit_format(struct rd_limit limit, char ret_text[static RD_LIMIT_TEXT_MAX])
{
    format(limit, false, ret_text);
}

void rd_limit_words(struct rd_limit limit, bool is_zh, char ret_text[static RD_LIMIT_TEXT_MAX])
{
    format(limit, is_zh, ret_text);
}
