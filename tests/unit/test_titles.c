/* What an alert says to a person: every type in every language, without a word of the machine. */
#include <stdio.h>
#include <string.h>

#include "common/text/title.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/names.h"
#include "daemon/engine/titles.h"
#include "daemon/store/rows/name_row.h"
#include "tests/unit/engine_fixture.h"

/* Whatever the configuration calls by a code bears "zz" in it, and a name for people. */
static const char CONFIG[] =
        "redress: 1\n"
        "state: /nowhere\n"
        "listen: {intake: [\"ipc:///nowhere/i\"], feed: [\"ipc:///nowhere/f\"], "
        "desk: [\"ipc:///nowhere/d\"]}\n"
        "alerts: {language: %s}\n"
        "calendars:\n"
        "  cn: {timezone: Asia/Shanghai, hours: [{days: mon-fri, open: [\"09:00-18:00\"]}]}\n"
        "units: {id: zz, name: 总部, calendar: cn, units: [{id: zz-d3, name: 三区}]}\n"
        "assessment:\n"
        "  rules: [{code: zz_old, name: 老年人, match: {channel: phone}, points: 70,\n"
        "           actions: [回电]}]\n"
        "  lexicons: [{code: zz_threat, name: 威胁, terms: {律师: 10}}]\n"
        "  notices: [{code: zz_tout, name: 谨防代理退保, text: 提示, match: {}}]\n"
        "policies:\n"
        "  - code: zz_all\n"
        "    name: 一般\n"
        "    match: {}\n"
        "    clocks: [{code: zz_answer, name: 答复, start: received, stop: decided, limit: 15d}]\n"
        "    ladder:\n"
        "      until: acknowledged\n"
        "      rungs:\n"
        "        - {after: 0m, name: 首响, title: \"{subject}:请于{ack_by}前确认\", notify: "
        "[unit],\n"
        "           ack_within: 30m}\n"
        "        - {after: 1h, name: 升级, notify: [parent]}\n";

static const char *const LANGUAGES[] = {"en", "zh-CN"};

static int open_in(void **state, size_t language)
{
    char text[sizeof CONFIG + 16];
    (void)snprintf(text, sizeof text, CONFIG, LANGUAGES[language]);
    return rig_open_text(state, text);
}

static int open_en(void **state)
{
    return open_in(state, 0);
}

static int open_zh(void **state)
{
    return open_in(state, 1);
}

/* The case of a complaint, in a record that nothing else is done in. */
static struct work *a_case(struct rig *rig)
{
    assert_null(rig_send(rig, MIDNIGHT + 10 * HOUR, "complaint.registered", "K-1", "customer",
            "customer-77", "channel", "phone", "unit", "zz/zz-d3", "text", "我要找律师", "body",
            "监管局", NULL));
    rd_arena_reset(&rig->engine->arena);
    rig->engine->work_count = 0;
    rig->engine->event = NULL;
    struct work *work = case_open(rig->engine, 1);
    assert_non_null(work);
    return work;
}

static struct alert_draft full_draft(enum rd_alert_type type, uint32_t unit)
{
    struct alert_draft draft = alert_draft_of(type, RD_HIGH, unit);
    draft.clock_name = RD_STR("zz_answer");
    draft.clock_shown = RD_STR("答复");
    draft.due = MIDNIGHT + 21 * RD_DAY_US; /* the end of 23 March */
    draft.ack_by = MIDNIGHT + 10 * HOUR + 30 * MINUTE;
    draft.since = MIDNIGHT + 9 * HOUR;
    draft.rung = 1;
    draft.rung_name = RD_STR("首响");
    draft.question = RD_STR("为何未答复？");
    draft.notice = RD_STR("谨防代理退保");
    draft.source = RD_STR("crm");
    draft.key = RD_STR("****1234");
    draft.count = 3;
    draft.days = 30;
    draft.extra = (struct rd_reason){
            .code = RD_STR("zz_code"), .name = RD_STR("同一电话"), .detail = RD_STR("7..9")};
    return draft;
}

static struct rd_alert alert_of(struct work *work, const struct alert_draft *draft, bool is_full)
{
    static const struct rd_reason reasons[] = {
            {.code = RD_STR("zz_old"), .points = 70, .name = RD_STR("老年人")},
            {.code = RD_STR("zz_threat"),
                    .points = 10,
                    .detail = RD_STR("律师"),
                    .name = RD_STR("威胁")}};
    static const struct rd_str actions[] = {RD_STR("回电")};
    struct rd_alert alert = {.seq = 1,
            .unit = RD_STR("zz/zz-d3"),
            .type = draft->type,
            .severity = draft->severity,
            .time = MIDNIGHT + 10 * HOUR,
            .case_number = work->row->number,
            .subject = RD_STR("K-1"),
            .customer = RD_STR("customer-77"),
            .kind = RD_STR("complaint"),
            .clock = draft->clock_name,
            .clock_name = draft->clock_shown,
            .due = draft->due,
            .ack_by = draft->ack_by,
            .count = draft->count};
    if (is_full) {
        alert.reasons = reasons;
        alert.reason_count = RD_COUNT(reasons);
        alert.actions = actions;
        alert.action_count = RD_COUNT(actions);
        alert.late_by_s = 7200;
    }
    return alert;
}

static void expect_for_people(enum rd_alert_type type, struct rd_str title)
{
    static const char *const never[] = {"zz", "{", "}", "00:00", "()", "  ", "_", "T0", "null"};
    char text[1100];
    (void)snprintf(text, sizeof text, "%.*s", RD_FMT(title));
    if (title.len == 0) {
        fail_msg("%s: no title", rd_alert_type_name(type));
    }
    for (size_t i = 0; i < RD_COUNT(never); i++) {
        if (strstr(text, never[i]) != NULL) {
            fail_msg("%s: \"%s\" in \"%s\"", rd_alert_type_name(type), never[i], text);
        }
    }
}

static void test_every_type_speaks_to_people(void **state)
{
    struct rig *rig = *state;
    struct work *work = a_case(rig);
    for (int i = 0; i < RD_ALERT_TYPE_COUNT; i++) {
        enum rd_alert_type type = (enum rd_alert_type)i;
        struct alert_draft draft = full_draft(type, work->row->unit);
        struct rd_alert alert = alert_of(work, &draft, true);
        alert_title(rig->engine, work, &draft, &alert);
        expect_for_people(type, alert.title);
        struct alert_draft bare = alert_draft_of(type, RD_INFO, work->row->unit);
        bare.count = 1;
        bare.days = 1;
        bare.clock_name = bare.clock_shown = RD_STR("答复");
        bare.source = RD_STR("crm");
        bare.key = RD_STR("7..9");
        alert = alert_of(work, &bare, false);
        alert_title(rig->engine, work, &bare, &alert);
        expect_for_people(type, alert.title);
    }
}

static void expect_title(struct rig *rig, struct work *work, enum rd_alert_type type,
        const char *form, const char *want)
{
    struct alert_draft draft = full_draft(type, work->row->unit);
    draft.title = rd_str_of(form);
    struct rd_alert alert = alert_of(work, &draft, true);
    alert_title(rig->engine, work, &draft, &alert);
    char text[1100];
    (void)snprintf(text, sizeof text, "%.*s", RD_FMT(alert.title));
    assert_string_equal(text, want);
}

static void test_chinese_days(void **state)
{
    struct rig *rig = *state;
    struct work *work = a_case(rig);
    expect_title(rig, work, RD_ALERT_CLOCK_BREACH, "",
            "逾期：投诉 K-1 的答复已于3月23日24:00到期仍未完成，请三区立即办理");
    expect_title(rig, work, RD_ALERT_CASE_CHASED, "",
            "督办：请三区于3月23日24:00前就投诉 K-1 作出答复：为何未答复？");
    expect_title(rig, work, RD_ALERT_LADDER_RUNG,
            "{unit} {ack_by} {last_day} {late} {severity} {reasons} {words} {customer}",
            "三区 3月3日10:30 3月23日 2小时 高风险 老年人、威胁 律师 ****");
    expect_title(rig, work, RD_ALERT_CALENDAR_HORIZON, "{due}{?, {answer}}{?, {body}}.",
            "3月23日24:00, 监管局.");
}

static void test_english_days(void **state)
{
    struct rig *rig = *state;
    struct work *work = a_case(rig);
    expect_title(rig, work, RD_ALERT_CLOCK_REMINDER, "",
            "答复 of the complaint K-1 is due by the end of 23 March: 三区, please see to it");
    expect_title(rig, work, RD_ALERT_LADDER_RUNG, "{ack_by}, {last_day}, {late}",
            "10:30 on 3 March, 23 March, 2 h");
    struct alert_draft draft = alert_draft_of(RD_ALERT_CLOCK_MOVED, RD_INFO, NAME_OPS);
    draft.due = MIDNIGHT + 330 * RD_DAY_US;
    draft.title = RD_STR("{due}: {unit}");
    struct rd_alert alert = alert_of(work, &draft, false);
    alert_title(rig->engine, work, &draft, &alert);
    assert_true(rd_str_is(alert.title, "the end of 26 January 2026: operators"));
    draft.due += 59 * RD_SECOND_US; /* seconds are not shown, and no 00:00 of the next day either */
    alert = alert_of(work, &draft, false);
    alert_title(rig->engine, work, &draft, &alert);
    assert_true(rd_str_is(alert.title, "the end of 26 January 2026: operators"));
}

/* As it leaves the engine. */
static void test_a_rung_has_its_own_title(void **state)
{
    struct rig *rig = *state;
    assert_null(rig_send(rig, MIDNIGHT + 10 * HOUR, "complaint.registered", "K-1", "customer", "c",
            "channel", "web", "unit", "zz/zz-d3", NULL));
    size_t count;
    const struct rd_alert *alerts = engine_alerts(rig->engine, &count);
    assert_int_equal(count, 1);
    assert_true(rd_str_is(alerts[0].title, "K-1:请于3月3日10:30前确认"));
    assert_true(rd_str_is(alerts[0].unit_name, "三区"));
    struct engine_time at = rig_at(MIDNIGHT + 10 * HOUR + 30 * MINUTE);
    assert_int_equal(engine_tick(rig->engine, &at), 1);
    alerts = engine_alerts(rig->engine, &count);
    assert_true(count == 1 && rd_str_is(alerts[0].unit_name, "总部"));
    assert_true(
            rd_str_is(alerts[0].title, "升级（三区自3月3日10:00起未确认，请督促办理）：请处理投诉 "
                                       "K-1（承办：三区，升级）：请总部确认"));
}

static void test_pieces_of_a_template(void **state)
{
    (void)state;
    static const char form[] = "a{subject}{?b{due}c}}{?{x}{";
    static const struct {
        enum rd_title_part part;
        const char *text;
    } want[] = {{RD_TITLE_TEXT, "a"}, {RD_TITLE_FIELD, "subject"}, {RD_TITLE_PART_BEGIN, ""},
            {RD_TITLE_TEXT, "b"}, {RD_TITLE_FIELD, "due"}, {RD_TITLE_TEXT, "c"},
            {RD_TITLE_PART_END, ""}, {RD_TITLE_TEXT, "}"}, {RD_TITLE_PART_BEGIN, ""},
            {RD_TITLE_FIELD, "x"}, {RD_TITLE_TEXT, "{"}, {RD_TITLE_END, ""}};
    struct rd_title_reader reader = {.form = rd_str_of(form)};
    for (size_t i = 0; i < RD_COUNT(want); i++) {
        struct rd_str text = {0};
        assert_int_equal(rd_title_next(&reader, &text), want[i].part);
        assert_true(rd_str_is(text, want[i].text));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(test_every_type_speaks_to_people, open_en, rig_close),
            cmocka_unit_test_setup_teardown(test_every_type_speaks_to_people, open_zh, rig_close),
            cmocka_unit_test_setup_teardown(test_chinese_days, open_zh, rig_close),
            cmocka_unit_test_setup_teardown(test_english_days, open_en, rig_close),
            cmocka_unit_test_setup_teardown(test_a_rung_has_its_own_title, open_zh, rig_close),
            cmocka_unit_test(test_pieces_of_a_template),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
