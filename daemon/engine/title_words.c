#include "daemon/engine/title_words.h"

#include "common/base/num.h"
#include "common/time/civil.h"

enum { MONTHS = 12, HOUR_S = 3600, DAY_S = 24 * HOUR_S };

enum title_language title_language_of(struct rd_str name)
{
    return rd_str_starts(name, RD_STR("zh")) ? TITLE_ZH : TITLE_EN;
}

void title_put_number(struct rd_buf *buf, int64_t number, unsigned digits)
{
    char room[RD_DECIMAL_MAX];
    rd_buf_put_text(buf, rd_decimal(number, digits, room));
}

#define MINUTE_US (60 * RD_SECOND_US)

/* A moment as a calendar's wall shows it. */
struct wall {
    struct rd_date date;
    unsigned hour, minute;
    bool is_end; /* midnight, told as the end of `date` */
};

static struct wall wall_of(const struct rd_calendar *calendar, rd_time at)
{
    int64_t local = at + (int64_t)rd_calendar_offset_s(calendar, at) * RD_SECOND_US;
    int64_t day = local / RD_DAY_US, within = local % RD_DAY_US;
    if (within < 0) {
        day--;
        within += RD_DAY_US;
    }
    struct wall wall = {.is_end = within == 0};
    wall.date = rd_date_of((rd_day)(wall.is_end ? day - 1 : day));
    wall.hour = (unsigned)(within / RD_SECOND_US / HOUR_S);
    wall.minute = (unsigned)(within / RD_SECOND_US / 60 % 60);
    return wall;
}

static void put_date(
        struct rd_buf *buf, enum title_language language, struct rd_date date, int32_t year)
{
    static const char *const months[MONTHS] = {"January", "February", "March", "April", "May",
            "June", "July", "August", "September", "October", "November", "December"};
    RD_ASSERT(date.month >= 1 && date.month <= MONTHS);
    if (language == TITLE_ZH) {
        if (date.year != year) {
            title_put_number(buf, date.year, 1);
            rd_buf_put_text(buf, RD_STR("年"));
        }
        title_put_number(buf, date.month, 1);
        rd_buf_put_text(buf, RD_STR("月"));
        title_put_number(buf, date.day, 1);
        rd_buf_put_text(buf, RD_STR("日"));
        return;
    }
    title_put_number(buf, date.day, 1);
    rd_buf_put_u8(buf, ' ');
    rd_buf_put_text(buf, rd_str_of(months[date.month - 1]));
    if (date.year != year) {
        rd_buf_put_u8(buf, ' ');
        title_put_number(buf, date.year, 1);
    }
}

static void put_time(struct rd_buf *buf, unsigned hour, unsigned minute)
{
    title_put_number(buf, hour, 2);
    rd_buf_put_u8(buf, ':');
    title_put_number(buf, minute, 2);
}

static int32_t year_of(const struct rd_calendar *calendar, rd_time now)
{
    return rd_date_of(rd_calendar_day(calendar, now)).year;
}

void title_put_moment(struct rd_buf *buf, enum title_language language,
        const struct rd_calendar *calendar, rd_time at, rd_time now)
{
    /* Seconds are not shown: what they begin after midnight is the end of the day before, too. */
    int64_t local = at + (int64_t)rd_calendar_offset_s(calendar, at) * RD_SECOND_US;
    int64_t seconds = (local % MINUTE_US + MINUTE_US) % MINUTE_US;
    struct wall wall = wall_of(calendar, at - seconds);
    int32_t year = year_of(calendar, now);
    if (language == TITLE_ZH) {
        put_date(buf, language, wall.date, year);
        put_time(buf, wall.is_end ? 24U : wall.hour, wall.minute);
        return;
    }
    if (wall.is_end) {
        rd_buf_put_text(buf, RD_STR("the end of "));
    } else {
        put_time(buf, wall.hour, wall.minute);
        rd_buf_put_text(buf, RD_STR(" on "));
    }
    put_date(buf, language, wall.date, year);
}

void title_put_day(struct rd_buf *buf, enum title_language language,
        const struct rd_calendar *calendar, rd_time at, rd_time now)
{
    put_date(buf, language, wall_of(calendar, at).date, year_of(calendar, now));
}

void title_put_span(struct rd_buf *buf, enum title_language language, int64_t seconds)
{
    static const struct {
        int64_t least, size;
        const char *name[TITLE_LANGUAGES];
    } units[] = {
            {2 * DAY_S, DAY_S, {" d", "天"}},
            {2 * HOUR_S, HOUR_S, {" h", "小时"}},
            {0, 60, {" min", "分钟"}},
    };
    size_t i = 0;
    while (seconds < units[i].least) {
        i++;
    }
    title_put_number(buf, seconds / units[i].size, 1);
    rd_buf_put_text(buf, rd_str_of(units[i].name[language]));
}

struct word {
    const char *code;
    const char *said[TITLE_LANGUAGES];
};

static struct rd_str said(
        const struct word *words, size_t count, enum title_language language, struct rd_str code)
{
    for (size_t i = 0; i < count; i++) {
        if (rd_str_is(code, words[i].code)) {
            return rd_str_of(words[i].said[language]);
        }
    }
    return code;
}

struct rd_str title_kind(enum title_language language, struct rd_str kind)
{
    static const struct word words[] = {
            {"contact", {"first contact", "首问"}},
            {"complaint", {"complaint", "投诉"}},
            {"duty", {"duty", "任务"}},
    };
    return said(words, RD_COUNT(words), language, kind);
}

struct rd_str title_severity(enum title_language language, enum rd_severity severity)
{
    static const char *const words[] = {"for information", "attention", "high risk", "critical"};
    RD_ASSERT((size_t)severity < RD_COUNT(words));
    return rd_str_of(language == TITLE_ZH ? rd_severity_zh(severity) : words[severity]);
}

struct rd_str title_key(enum title_language language, enum rd_alert_type type, struct rd_str key)
{
    static const struct word words[] = {{"mediation", {"mediation", "调解"}}};
    return type == RD_ALERT_CASE_PAUSE_LONG ? said(words, RD_COUNT(words), language, key) : key;
}

struct rd_str title_level(enum title_language language, enum rd_level level)
{
    if (language == TITLE_ZH) {
        return rd_str_of(rd_level_zh(level));
    }
    return rd_str_of(level == RD_LEVEL_HIGH ? "high risk" : rd_level_name(level));
}

struct rd_str title_awaited(enum title_language language, enum rd_moment moment)
{
    static const struct word words[] = {
            {"acknowledged", {"not acknowledged", "尚未确认"}},
            {"customer_contacted", {"customer not contacted", "尚未联系客户"}},
            {"joined", {"nobody has joined it", "尚无上级介入"}},
            {"panel_opened", {"no joint decision begun", "尚未合议"}},
            {"decided", {"not decided", "尚未作出处理决定"}},
            {"closed", {"not closed", "尚未办结"}},
    };
    struct rd_str code = rd_str_of(rd_moment_name(moment)),
                  text = said(words, RD_COUNT(words), language, code);
    return text.ptr != code.ptr ? text : (struct rd_str){0};
}

struct rd_str title_unanswered(enum title_language language)
{
    return language == TITLE_ZH ? RD_STR("督办未按时答复")
                                : RD_STR("a question was not answered in time");
}

struct rd_str title_outcome(enum title_language language, struct rd_str outcome)
{
    static const struct word words[] = {
            {"upheld", {"upheld", "支持客户诉求"}},
            {"partly_upheld", {"partly upheld", "部分支持客户诉求"}},
            {"rejected", {"rejected", "不支持客户诉求"}},
            {"settled", {"settled", "协商解决"}},
    };
    return said(words, RD_COUNT(words), language, outcome);
}

/* In English the attribute's own word is one. */
struct rd_str title_attribute(enum title_language language, struct rd_str name)
{
    static const struct word words[] = {
            {"age", {"age", "年龄"}},
            {"channel", {"channel", "渠道"}},
            {"product", {"product", "产品"}},
            {"contract", {"contract", "合同"}},
            {"contract.screened", {"contract.screened", "合同排查"}},
            {"seller", {"seller", "销售人员"}},
            {"issue", {"issue", "投诉事由"}},
            {"amount", {"amount", "金额"}},
            {"text", {"text", "内容"}},
            {"unit", {"unit", "机构"}},
            {"respondent", {"respondent", "被诉机构"}},
            {"people", {"people", "人数"}},
            {"contacts", {"contacts", "来电次数"}},
            {"recontacts", {"recontacts", "再次来电"}},
            {"kind", {"kind", "类别"}},
    };
    return said(words, RD_COUNT(words), language, name);
}

struct rd_str title_counted(enum title_language language, struct rd_arena *arena, uint32_t count,
        uint32_t days, bool is_most)
{
    return language == TITLE_ZH ? rd_arena_printf(arena, "%u 天内%s %u 次", (unsigned)days,
                                          is_most ? "至少" : "", (unsigned)count)
                                : rd_arena_printf(arena, "%u%s in %u days", (unsigned)count,
                                          is_most ? " or more" : "", (unsigned)days);
}

struct rd_str title_rectification(enum title_language language)
{
    return language == TITLE_ZH ? RD_STR("溯源整改") : RD_STR("rectification");
}

struct rd_str title_screening(enum title_language language)
{
    return language == TITLE_ZH ? RD_STR("排除合同风险") : RD_STR("clear the risk of a contract");
}

struct rd_str title_comma(enum title_language language)
{
    return language == TITLE_ZH ? RD_STR("、") : RD_STR(", ");
}
