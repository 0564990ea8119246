/* Day by day: the account agrees with the due, and says why. */
#include <errno.h>

#include "common/plan/calendar_pack.h"
#include "common/time/why.h"
#include "tests/unit/calendar_fixture.h"

enum { DAYS_MAX = 400 };

struct account {
    struct rd_why_due due;
    struct rd_why_day days[DAYS_MAX];
    size_t count;
};

static struct account account; /* large */

static void tell(const struct rd_why *why, const char *until)
{
    struct rd_why_walk walk;
    rd_why_begin(&walk, why, day_of(until));
    account.due = walk.due;
    account.count = 0;
    while (rd_why_next(&walk, &account.days[account.count])) {
        account.count++;
        assert_true(account.count < DAYS_MAX);
    }
}

static const struct rd_why_day *told(const char *day)
{
    for (size_t i = 0; i < account.count; i++) {
        if (account.days[i].day == day_of(day)) {
            return &account.days[i];
        }
    }
    fail_msg("%s is not told", day);
    return account.days;
}

static void says(const char *day, bool is_counted, const char *why)
{
    const struct rd_why_day *at = told(day);
    RD_ASSERT(at != NULL); /* told() has failed the test */
    assert_string_equal(at->why, why);
    assert_int_equal(at->is_counted, is_counted);
}

static struct rd_why why_of(
        const struct rd_calendar *calendar, const char *start, const char *limit)
{
    struct rd_why why = {.calendar = calendar, .start = at(start)};
    assert_int_equal(rd_limit_parse(rd_str_of(limit), &why.limit), 0);
    return why;
}

/* The mainland's calendar with Xinjiang's days over it, and the names of both. */
static struct rd_calendar layered(void)
{
    static const struct rd_str layers[] = {RD_STR("cn"), RD_STR("cn-xj")};
    struct rd_calendar calendar = xinjiang();
    calendar.name = RD_STR("cn-xj");
    calendar.layers = layers;
    calendar.layer_count = 2;
    for (size_t i = 0; i < calendar.special_count; i++) {
        bool is_own = specials[i].kind == RD_SPECIAL_CLOSED || specials[i].kind == RD_SPECIAL_HOURS;
        specials[i].layer = is_own;
        specials[i].name = is_own ? RD_STR("古尔邦节") : RD_STR("国庆节");
    }
    assert_int_equal(rd_calendar_seal(&calendar), 0);
    return calendar;
}

static void working_days(void **state)
{
    (void)state;
    struct rd_calendar calendar = layered();
    struct rd_why why = why_of(&calendar, "2025-06-05T10:00:00+08:00", "1bd");
    tell(&why, "2025-06-05");
    assert_int_equal(account.count, 7);
    says("2025-06-05", false, "start: the day of the start is not counted");
    says("2025-06-07", false, "Saturday, closed: 古尔邦节 (calendar cn-xj)");
    says("2025-06-11", true, "working day 1 of 1: Wednesday; last day");
    is_day(account.due.last_day, "2025-06-11");

    why = why_of(&calendar, "2025-09-26T10:00:00+08:00", "3bd");
    tell(&why, "2025-09-26");
    says("2025-09-27", false, "Saturday, closed");
    says("2025-09-28", true,
            "working day 1 of 3: Sunday, make-up working day: 国庆节 (calendar cn)");
    says("2025-09-30", true, "working day 3 of 3: Tuesday; last day");
    is_time(account.due.due, "2025-10-01T00:00:00+08:00");
}

static void a_last_day_that_moves(void **state)
{
    (void)state;
    struct rd_calendar calendar = layered();
    struct rd_why why = why_of(&calendar, "2025-09-16T10:00:00+08:00", "15d");
    why.roll = RD_ROLL_RESTDAY;
    tell(&why, "2025-09-16");
    says("2025-10-01", true,
            "day 15 of 15: Wednesday, holiday: 国庆节 (calendar cn); it cannot be the last");
    says("2025-10-02", false,
            "the last day moves on (roll restday): Thursday, holiday: 国庆节 (calendar cn)");
    says("2025-10-09", false, "last day, moved here from 2025-10-01 (roll restday): Thursday");
    assert_int_equal(account.count, 24);
    is_day(account.due.raw_day, "2025-10-01");

    why = why_of(&calendar, "2026-02-13T10:00:00+08:00", "1bd");
    tell(&why, "2026-02-13");
    says("2026-02-14", true,
            "working day 1 of 1: Saturday, with hours of its own, 10:00-14:00: 古尔邦节 "
            "(calendar cn-xj); no holiday data for this year; last day");
    assert_true(account.due.provisional);
}

static void pauses_and_their_reasons(void **state)
{
    (void)state;
    struct rd_calendar calendar = cn();
    struct rd_why why = why_of(&calendar, "2025-03-03T10:00:00+08:00", "3bd");
    const struct rd_why_pause pauses[] = {
            {at("2025-03-04T09:00:00+08:00"), at("2025-03-06T09:00:00+08:00"), RD_STR("appraisal")},
            {at("2025-03-05T09:00:00+08:00"), at("2025-03-07T09:00:00+08:00"), RD_STR("mediation")},
            {at("2025-03-10T09:00:00+08:00"), at("2025-03-12T09:00:00+08:00"), RD_STR("appraisal")},
    };
    const struct rd_stretch stretches[] = {
            {pauses[0].begin, pauses[1].end}, {pauses[2].begin, pauses[2].end}};
    why.pauses = pauses;
    why.pause_count = RD_COUNT(pauses);
    why.stretches = stretches;
    why.stretch_count = RD_COUNT(stretches);
    tell(&why, "2025-03-03");
    says("2025-03-04", true, "working day 1 of 3: Tuesday");
    says("2025-03-05", false, "paused for appraisal, mediation: Wednesday");
    says("2025-03-06", false, "paused for appraisal, mediation: Thursday");
    says("2025-03-07", true, "working day 2 of 3: Friday");
    says("2025-03-10", true, "working day 3 of 3: Monday; paused for appraisal");
    says("2025-03-11", false, "paused for appraisal: Tuesday");
    says("2025-03-12", false, "resumed on this day, which makes it the last; Wednesday");
    is_day(account.due.last_day, "2025-03-12");

    /* Still open: it does not run out; told up to the day asked for. */
    const struct rd_stretch open = {pauses[0].begin, RD_TIME_MAX};
    why.stretches = &open;
    why.stretch_count = 1;
    tell(&why, "2025-03-08");
    assert_int_equal(account.due.last_day, RD_DAY_NONE);
    assert_int_equal(account.due.due, RD_TIME_MAX);
    assert_int_equal(account.count, 6);
    says("2025-03-08", false, "paused: Saturday, closed");
}

static void hours(void **state)
{
    (void)state;
    struct rd_calendar calendar = layered();
    struct rd_why why = why_of(&calendar, "2025-06-05T19:00:00+08:00", "6h");
    why.counts_working = true;
    tell(&why, "2025-06-05");
    says("2025-06-05", true, "Thursday; 1h counted, 1h of 6h");
    says("2025-06-06", false, "Friday, closed: 古尔邦节 (calendar cn-xj)");
    says("2025-06-11", true, "Wednesday; 5h counted, 6h of 6h");
    is_time(account.due.due, "2025-06-11T17:00:00+08:00");
    is_day(account.due.raw_day, "2025-06-11");

    /* All time: a due of 00:00 belongs to the day before. */
    why = why_of(&calendar, "2025-06-05T12:00:30+08:00", "36h");
    tell(&why, "2025-06-05");
    says("2025-06-05", true, "Thursday; 11h 59m 30s counted, 11h 59m 30s of 36h");
    assert_int_equal(account.count, 3);
    why = why_of(&calendar, "2025-06-05T12:00:00+08:00", "36h");
    tell(&why, "2025-06-05");
    is_time(account.due.due, "2025-06-07T00:00:00+08:00");
    is_day(account.due.last_day, "2025-06-06");

    const struct rd_why_pause pause = {
            at("2025-06-05T14:00:00+08:00"), at("2025-06-05T16:30:00+08:00"), RD_STR("customer")};
    const struct rd_stretch stretch = {pause.begin, pause.end};
    why = why_of(&calendar, "2025-06-05T12:00:00+08:00", "4h");
    why.stretches = &stretch;
    why.stretch_count = 1;
    why.pauses = &pause;
    why.pause_count = 1;
    tell(&why, "2025-06-05");
    is_time(account.due.due, "2025-06-05T18:30:00+08:00");
    says("2025-06-05", true, "Thursday; 4h counted, 4h of 4h; paused for customer");
    why.counts_working = true;
    tell(&why, "2025-06-05");
    is_time(account.due.due, "2025-06-05T18:30:00+08:00");
}

static void in_chinese(void **state)
{
    (void)state;
    struct rd_calendar calendar = layered();
    struct rd_why why = why_of(&calendar, "2025-06-05T12:00:30+08:00", "36h");
    const struct rd_why_pause pauses[] = {
            {at("2025-06-05T14:00:00+08:00"), at("2025-06-05T14:30:00+08:00"), RD_STR("鉴定")},
            {at("2025-06-05T14:10:00+08:00"), at("2025-06-05T14:30:00+08:00"), RD_STR("调查")}};
    const struct rd_stretch stretch = {pauses[0].begin, pauses[0].end};
    why.is_zh = true;
    why.stretches = &stretch;
    why.stretch_count = 1;
    why.pauses = pauses;
    why.pause_count = RD_COUNT(pauses);
    tell(&why, "2025-06-05");
    says("2025-06-05", true,
            "星期四；计入11小时29分钟30秒，累计11小时29分钟30秒，共36小时；暂停：鉴定、调查");

    why = why_of(&calendar, "2025-09-16T10:00:00+08:00", "15d");
    why.is_zh = true;
    why.roll = RD_ROLL_RESTDAY;
    tell(&why, "2025-09-16");
    says("2025-09-16", false, "起算日，不计入期限");
    says("2025-09-28", true, "第12日（共15日）：星期日，调休上班：国庆节（日历cn）");
    says("2025-10-01", true,
            "第15日（共15日）：星期三，节假日：国庆节（日历cn）；不能作为最后一日");
    says("2025-10-02", false, "最后一日顺延（遇休息日）：星期四，节假日：国庆节（日历cn）");
    says("2025-10-09", false, "最后一日，由2025-10-01顺延至此（遇休息日）：星期四");

    why = why_of(&calendar, "2026-02-13T10:00:00+08:00", "1bd");
    why.is_zh = true;
    tell(&why, "2026-02-13");
    says("2026-02-14", true,
            "第1个工作日（共1个）：星期六，营业时间另定为 10:00-14:00：古尔邦节（日历cn-xj）；"
            "尚无该年度节假日数据；最后一日");
}

static void what_never_runs_out(void **state)
{
    (void)state;
    struct rd_calendar calendar = cn();
    memset(seasons, 0, sizeof seasons);
    seasons[0] = (struct rd_season){.month = 1, .day = 1};
    calendar.special_count = 0;
    assert_int_equal(rd_calendar_seal(&calendar), 0);
    static const char *const limits[] = {"1bd", "1h"};
    for (size_t i = 0; i < RD_COUNT(limits); i++) {
        struct rd_why why = why_of(&calendar, "2025-06-05T12:00:00+08:00", limits[i]);
        why.counts_working = i == 1;
        tell(&why, "2025-06-05");
        assert_int_equal(account.due.last_day, RD_DAY_NONE);
        assert_int_equal(account.due.due, RD_TIME_MAX);
        assert_int_equal(account.count, 1);
    }
}

static void long_names_are_cut_at_a_character(void **state)
{
    (void)state;
    static char name[3 * 400 + 1];
    for (size_t i = 0; i < 400; i++) {
        memcpy(name + 3 * i, "节", 3);
    }
    struct rd_calendar calendar = layered();
    for (size_t i = 0; i < calendar.special_count; i++) {
        specials[i].name = rd_str_of(name);
    }
    struct rd_why why = why_of(&calendar, "2025-06-05T10:00:00+08:00", "1bd");
    tell(&why, "2025-06-05");
    const char *text = told("2025-06-06")->why;
    assert_true(strlen(text) < RD_WHY_TEXT_MAX);
    assert_true(rd_pack_is_utf8(rd_str_of(text)));
}

static void layers_come_back_from_the_packed_form(void **state)
{
    (void)state;
    struct rd_calendar given = layered(), got = {.special_count = 0};
    given.zone = RD_STR("Asia/Shanghai");
    struct rd_buf buf;
    struct rd_arena arena;
    rd_buf_init(&buf, 1 << 20);
    rd_arena_init(&arena, 1 << 20);
    rd_calendar_pack(&buf, &given);
    struct rd_tree *tree = rd_tree_new();
    rd_node root = NULL;
    assert_int_equal(rd_tree_read(tree, rd_buf_str(&buf), &root, NULL), 0);
    assert_int_equal(rd_calendar_unpack(root, &arena, &got), 0);
    assert_int_equal(got.layer_count, 2);
    assert_int_equal(got.special_count, given.special_count);
    for (size_t i = 0; i < got.special_count; i++) {
        struct rd_str layer = rd_calendar_layer(&got, &got.specials[i]);
        assert_true(rd_str_eq(layer, rd_calendar_layer(&given, &given.specials[i])));
    }
    assert_true(got.digest == given.digest);
    /* The layers are no part of what answers depend on; a layer that is not there is refused. */
    specials[0].layer = 2;
    assert_int_equal(rd_calendar_seal(&given), -EINVAL);
    rd_tree_free(tree);
    rd_arena_done(&arena);
    rd_buf_done(&buf);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(working_days),
            cmocka_unit_test(a_last_day_that_moves),
            cmocka_unit_test(pauses_and_their_reasons),
            cmocka_unit_test(hours),
            cmocka_unit_test(in_chinese),
            cmocka_unit_test(what_never_runs_out),
            cmocka_unit_test(long_names_are_cut_at_a_character),
            cmocka_unit_test(layers_come_back_from_the_packed_form),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
