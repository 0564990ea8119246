/* Alerts: round trips, exact bytes of a small one, topics, masks, and what is no alert. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/wire/alert.h"

#define NOW INT64_C(1758506400000000)

static const uint32_t skipped[] = {1, 2};
static const uint64_t grouped[] = {41, 42, UINT64_MAX};
static const struct rd_reason reasons[] = {{RD_STR("elderly"), 10, RD_STR("age 67")}};
static const struct rd_str actions[] = {RD_STR("绿色通道优先受理"), RD_STR("call back")};
static const struct rd_notice notices[] = {{RD_STR("tout"), RD_STR("t"), true}};

static const struct rd_alert small = {.seq = 7,
        .term = 1,
        .unit = RD_STR("xj"),
        .type = RD_ALERT_DIGEST_DAILY,
        .severity = RD_INFO,
        .time = NOW,
        .due = RD_TIME_NONE,
        .ack_by = RD_TIME_NONE,
        .title = RD_STR("t")};

static struct rd_alert whole(void)
{
    return (struct rd_alert){.seq = UINT64_MAX,
            .term = 2,
            .prev = 9,
            .unit = RD_STR("xj/urumqi/d3"),
            .type = RD_ALERT_FIRST_CONTACT,
            .severity = RD_CRITICAL,
            .time = NOW,
            .late_by_s = 61,
            .case_number = 4,
            .subject = RD_STR("call-1"),
            .kind = RD_STR("contact"),
            .customer = RD_STR("****1029"),
            .rung = 3,
            .skipped = skipped,
            .skipped_count = 2,
            .unit_name = RD_STR("第三营业区"),
            .holder = RD_STR("xj/yining"),
            .clock = RD_STR("decide"),
            .due = NOW + 1,
            .provisional = true,
            .repeated = 3,
            .title = RD_STR("首问高风险"),
            .digest = RD_STR("\x81\xa4open\x03"),
            .reasons = reasons,
            .reason_count = 1,
            .actions = actions,
            .action_count = 2,
            .notices = notices,
            .notice_count = 1,
            .ack_by = NOW + RD_MINUTE_US,
            .cause_source = RD_STR("crm"),
            .cause_id = RD_STR("e-1"),
            .cause_seq = 12,
            .supersedes = 5,
            .grouped = grouped,
            .grouped_count = 3,
            .count = 1200,
            .is_bundled = true};
}

static void a_small_alert_has_these_bytes(void **state)
{
    (void)state;
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf;
    rd_buf_init(&buf, 1024);
    rd_alert_pack(&buf, &small);
    char got[1024] = "";
    for (size_t i = 0; i < buf.len; i++) {
        (void)snprintf(got + 2 * i, 3, "%02x", buf.ptr[i]);
    }
    assert_string_equal(got,
            "df00000008a373657107a47465726d01a47072657600a4756e6974a2786aa474797065ac"
            "6469676573742e6461696c79a87365766572697479a4696e666fa474696d65d6ff68d0a"
            "da0a57469746c65a174");
    rd_buf_reset(&buf);
    rd_alert_topic(&buf, &small);
    assert_true(rd_str_is(rd_buf_str(&buf), "xj/digest.daily"));
}

static void want_same_lists(const struct rd_alert *got, const struct rd_alert *want)
{
    assert_int_equal(got->skipped_count, want->skipped_count);
    for (size_t i = 0; i < want->skipped_count; i++) {
        assert_int_equal(got->skipped[i], want->skipped[i]);
    }
    assert_int_equal(got->grouped_count, want->grouped_count);
    for (size_t i = 0; i < want->grouped_count; i++) {
        assert_true(got->grouped[i] == want->grouped[i]);
    }
    assert_int_equal(got->reason_count, want->reason_count);
    assert_int_equal(got->notice_count, want->notice_count);
    assert_int_equal(got->action_count, want->action_count);
    for (size_t i = 0; i < want->action_count; i++) {
        assert_true(rd_str_eq(got->actions[i], want->actions[i]));
    }
}

static void want_same(const struct rd_alert *got, const struct rd_alert *want)
{
    assert_true(got->seq == want->seq && got->term == want->term && got->prev == want->prev);
    assert_true(rd_str_eq(got->unit, want->unit));
    assert_int_equal(got->type, want->type);
    assert_int_equal(got->severity, want->severity);
    assert_true(got->time == want->time && got->late_by_s == want->late_by_s);
    assert_true(got->case_number == want->case_number && got->rung == want->rung);
    assert_true(rd_str_eq(got->subject, want->subject) && rd_str_eq(got->kind, want->kind));
    assert_true(rd_str_eq(got->customer, want->customer) && rd_str_eq(got->clock, want->clock));
    assert_true(got->due == want->due && got->ack_by == want->ack_by);
    assert_int_equal(got->provisional, want->provisional);
    assert_int_equal(got->repeated, want->repeated);
    assert_true(rd_str_eq(got->title, want->title) && rd_str_eq(got->digest, want->digest));
    assert_true(rd_str_eq(got->cause_source, want->cause_source));
    assert_true(rd_str_eq(got->cause_id, want->cause_id) && got->cause_seq == want->cause_seq);
    assert_true(rd_str_eq(got->cause_timer, want->cause_timer));
    assert_true(got->supersedes == want->supersedes && got->count == want->count);
    assert_true(got->is_bundled == want->is_bundled);
    want_same_lists(got, want);
}

static void what_is_packed_comes_back(void **state)
{
    (void)state;
    struct rd_alert alerts[3] = {small, whole(), whole()};
    alerts[2].cause_source = alerts[2].cause_id = (struct rd_str){0};
    alerts[2].cause_seq = 0;
    alerts[2].cause_timer = RD_STR("clock decide");
    for (size_t i = 0; i < RD_COUNT(alerts); i++) {
        RD_CLEANUP(rd_buf_done)
        struct rd_buf buf;
        rd_buf_init(&buf, 4096);
        rd_alert_pack(&buf, &alerts[i]);
        RD_CLEANUP(rd_tree_freep)
        struct rd_tree *tree = rd_tree_new();
        RD_CLEANUP(rd_arena_done)
        struct rd_arena arena;
        rd_arena_init(&arena, 64 * 1024);
        rd_node root;
        assert_int_equal(rd_tree_read(tree, rd_buf_str(&buf), &root, NULL), 0);
        struct rd_alert got;
        assert_int_equal(rd_alert_unpack(root, &arena, &got), 0);
        want_same(&got, &alerts[i]);
    }
}

/* One key of a good alert replaced by something else. */
static const struct {
    const char *key;
    struct rd_str value;
} spoils[] = {
        {"seq", RD_STR("\xff")},
        {"term", RD_STR("\xa1x")},
        {"prev", RD_STR("\xc0")},
        {"unit", RD_STR("\xa0")},
        {"unit", RD_STR("\x01")},
        {"type", RD_STR("\xa4none")},
        {"severity", RD_STR("\xa4none")},
        {"time", RD_STR("\x01")},
        {"time", RD_STR("\xa4noon")},
        {"title", RD_STR("\x01")},
        {"late_by", RD_STR("\xff")},
        {"late_by", RD_STR("\xcf\xff\xff\xff\xff\xff\xff\xff\xff")},
        {"case", RD_STR("\xff")},
        {"customer", RD_STR("\x01")},
        {"rung", RD_STR("\xcf\xff\xff\xff\xff\xff\xff\xff\xff")},
        {"skipped", RD_STR("\x01")},
        {"skipped", RD_STR("\x91\xff")},
        {"grouped", RD_STR("\x91\xa1x")},
        {"count", RD_STR("\xc0")},
        {"due", RD_STR("\xa1x")},
        {"provisional", RD_STR("\x01")},
        {"ack_by", RD_STR("\x07")},
        {"cause", RD_STR("\x01")},
        {"cause", RD_STR("\x81\xa5timer\x01")},
        {"reasons", RD_STR("\x80")},
        {"actions", RD_STR("\x91\xc0")},
        {"notices", RD_STR("\x91\xc0")},
};

static void spoil(struct rd_buf *buf, rd_node root, size_t i)
{
    uint32_t pairs = rd_node_count(root);
    bool is_there = rd_node_find(root, spoils[i].key) != NULL;
    rd_pack_map(buf, pairs + (is_there ? 0 : 1));
    for (uint32_t j = 0; j < pairs; j++) {
        struct rd_str key;
        rd_node node = rd_node_pair(root, j, &key);
        if (!rd_str_is(key, spoils[i].key)) {
            rd_pack_str(buf, key);
            rd_pack_node(buf, node);
        }
    }
    rd_pack_cstr(buf, spoils[i].key);
    rd_buf_put_text(buf, spoils[i].value);
}

static void what_is_no_alert_is_refused_and_nothing_is_written(void **state)
{
    (void)state;
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf, spoilt;
    rd_buf_init(&buf, 4096);
    rd_buf_init(&spoilt, 4096);
    rd_alert_pack(&buf, &small);
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new(), *second = rd_tree_new();
    RD_CLEANUP(rd_arena_done)
    struct rd_arena arena;
    rd_arena_init(&arena, 64 * 1024);
    rd_node root, other;
    assert_int_equal(rd_tree_read(tree, rd_buf_str(&buf), &root, NULL), 0);
    for (size_t i = 0; i < RD_COUNT(spoils); i++) {
        rd_buf_reset(&spoilt);
        spoil(&spoilt, root, i);
        assert_int_equal(rd_tree_read(second, rd_buf_str(&spoilt), &other, NULL), 0);
        struct rd_alert got = {.seq = 4711};
        if (rd_alert_unpack(other, &arena, &got) != -EBADMSG || got.seq != 4711) {
            fail_msg("%s: taken", spoils[i].key);
        }
    }
    struct rd_alert got = {.seq = 4711};
    assert_int_equal(rd_alert_unpack(NULL, &arena, &got), -EBADMSG);
    assert_int_equal(got.seq, 4711);
}

static void names_and_numbers(void **state)
{
    (void)state;
    for (unsigned i = 0; i < RD_ALERT_TYPE_COUNT; i++) {
        const char *name = rd_alert_type_name((enum rd_alert_type)i);
        enum rd_alert_type type = RD_ALERT_TYPE_COUNT;
        assert_int_equal(rd_alert_type_parse(rd_str_of(name), &type), 0);
        assert_int_equal(type, i);
        assert_non_null(strchr(name, '.')); /* a topic's type always has a dot, a unit never */
    }
    enum rd_alert_type type = RD_ALERT_UNIT_UNREAD;
    assert_int_equal(rd_alert_type_parse(RD_STR("ladder"), &type), -EINVAL);
    assert_int_equal(type, RD_ALERT_UNIT_UNREAD);
    static const char *const names[] = {"info", "warning", "high", "critical"};
    enum rd_severity severity = RD_INFO;
    for (size_t i = 0; i < RD_COUNT(names); i++) {
        assert_string_equal(rd_severity_name((enum rd_severity)i), names[i]);
        assert_int_equal(rd_severity_parse(rd_str_of(names[i]), &severity), 0);
        assert_int_equal(severity, i);
    }
    assert_int_equal(rd_severity_parse(RD_STR("none"), &severity), -EINVAL);
    assert_int_equal(severity, RD_CRITICAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_small_alert_has_these_bytes),
            cmocka_unit_test(what_is_packed_comes_back),
            cmocka_unit_test(what_is_no_alert_is_refused_and_nothing_is_written),
            cmocka_unit_test(names_and_numbers),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
