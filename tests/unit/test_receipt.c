/* Receipts: exact bytes, round trips, and what is no receipt. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/wire/receipt.h"

static void want_hex(const struct rd_buf *buf, const char *want)
{
    char got[1024] = "";
    for (size_t i = 0; i < buf->len; i++) {
        (void)snprintf(got + 2 * i, 3, "%02x", buf->ptr[i]);
    }
    assert_string_equal(got, want);
}

static const struct rd_reason reasons[] = {
        {RD_STR("regulator"), 40, RD_STR("12378")},
        {RD_STR("calm"), -5, {0}},
};
static const struct rd_str actions[] = {RD_STR("30 分钟内由消保专岗回电")};
static const struct rd_notice notices[] = {
        {RD_STR("tout-fraud"), RD_STR("谨防代理退保风险提示"), true},
        {RD_STR("oral"), RD_STR("by word of mouth"), false},
};
static const struct rd_warning whole_warning = {.level = RD_LEVEL_CRITICAL,
        .score = 100,
        .reasons = reasons,
        .reason_count = 2,
        .actions = actions,
        .action_count = 1,
        .notices = notices,
        .notice_count = 2,
        .case_number = 17,
        .alert = UINT64_MAX};

static void a_receipt_has_these_bytes(void **state)
{
    (void)state;
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf;
    rd_buf_init(&buf, 1024);
    struct rd_receipt receipt = {.status = RD_BUSY, .retry_after_ms = 250};
    rd_receipt_pack(&buf, &receipt);
    want_hex(&buf, "83a26964c0a6737461747573a462757379ab72657472795f6166746572ccfa");
    rd_buf_reset(&buf);
    receipt = (struct rd_receipt){.id = RD_STR("e"),
            .status = RD_ACCEPTED,
            .seq = 1,
            .term = 1,
            .case_number = 2,
            .adjusted_time = true,
            .noted = RD_STR("total")};
    rd_receipt_pack(&buf, &receipt);
    want_hex(&buf, "87a26964a165a6737461747573a86163636570746564a373657101a47465726d01a46361736502"
                   "a861646a7573746564a474696d65a56e6f746564a5746f74616c");
    rd_buf_reset(&buf);
    struct rd_reject error = {.code = "malformed", .message = "m"};
    receipt = (struct rd_receipt){.status = RD_REJECTED, .error = &error};
    rd_receipt_pack(&buf, &receipt);
    want_hex(&buf,
            "83a26964c0a6737461747573a872656a6563746564a56572726f7283a4636f6465a96d616c666f72"
            "6d6564a56669656c64c0a76d657373616765a16d");
}

struct read {
    struct rd_tree *tree;
    struct rd_arena arena;
    rd_node root;
};

static void read_begin(struct read *read, struct rd_str bytes)
{
    read->tree = rd_tree_new();
    rd_arena_init(&read->arena, 64 * bytes.len + 4096);
    assert_int_equal(rd_tree_read(read->tree, bytes, &read->root, NULL), 0);
}

static void read_end(struct read *read)
{
    rd_arena_done(&read->arena);
    rd_tree_free(read->tree);
}

static void a_whole_receipt_comes_back(void **state)
{
    (void)state;
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf;
    rd_buf_init(&buf, 4096);
    struct rd_receipt receipt = {.id = RD_STR("e-1"),
            .status = RD_DUPLICATE,
            .seq = UINT64_MAX,
            .term = 3,
            .case_number = 9,
            .noted = RD_STR(RD_NOTED_NO_UNIT),
            .warning = &whole_warning};
    rd_receipt_pack(&buf, &receipt);
    struct read read;
    read_begin(&read, rd_buf_str(&buf));
    struct rd_receipt got;
    assert_int_equal(rd_receipt_unpack(read.root, &read.arena, &got), 0);
    assert_true(rd_str_is(got.id, "e-1"));
    assert_int_equal(got.status, RD_DUPLICATE);
    assert_true(got.seq == UINT64_MAX && got.term == 3 && got.case_number == 9);
    assert_null(got.error);
    assert_false(got.adjusted_time);
    assert_true(rd_str_is(got.noted, "no_unit"));
    const struct rd_warning *warning = got.warning;
    assert_non_null(warning);
    assert_int_equal(warning->level, RD_LEVEL_CRITICAL);
    assert_int_equal(warning->score, 100);
    assert_int_equal(warning->reason_count, 2);
    assert_int_equal(warning->reasons[1].points, -5);
    assert_int_equal(warning->reasons[1].detail.len, 0);
    assert_int_equal(warning->action_count, 1);
    assert_true(rd_str_eq(warning->actions[0], actions[0]));
    assert_int_equal(warning->notice_count, 2);
    assert_true(warning->notices[0].written && !warning->notices[1].written);
    assert_true(warning->case_number == 17 && warning->alert == UINT64_MAX);
    read_end(&read);
}

static void an_error_comes_back_and_fits(void **state)
{
    (void)state;
    RD_CLEANUP(rd_buf_done)
    struct rd_buf buf;
    rd_buf_init(&buf, 8192);
    rd_pack_map(&buf, 3);
    rd_pack_cstr(&buf, "id");
    rd_pack_nil(&buf);
    rd_pack_cstr(&buf, "status");
    rd_pack_cstr(&buf, "rejected");
    rd_pack_cstr(&buf, "error");
    rd_pack_map(&buf, 3);
    rd_pack_cstr(&buf, "code");
    rd_pack_cstr(&buf, "bad_value");
    rd_pack_cstr(&buf, "field");
    rd_pack_cstr(&buf, "data.customer");
    rd_pack_cstr(&buf, "message");
    char text[303] = "";
    for (size_t i = 0; i < 100; i++) {
        memcpy(text + 3 * i, "诉", 3);
    }
    rd_pack_cstr(&buf, text);
    struct read read;
    read_begin(&read, rd_buf_str(&buf));
    struct rd_receipt got;
    assert_int_equal(rd_receipt_unpack(read.root, &read.arena, &got), 0);
    assert_null(got.id.ptr);
    assert_string_equal(got.error->code, "bad_value");
    assert_string_equal(got.error->field, "data.customer");
    assert_int_equal(strlen(got.error->message), 222); /* 74 characters: the 75th does not fit */
    assert_true(rd_pack_is_utf8(rd_str_of(got.error->message)));
    read_end(&read);
}

static void a_message_that_is_cut_stays_utf8(void **state)
{
    (void)state;
    struct rd_reject reject = {0};
    assert_false(rd_reject_set(&reject, "unknown_unit", "data.unit", "%s%s%s", "ab",
            "单位单位单位单位单位单位单位单位单位单位单位单位单位单位单位单位单位单位单位单位",
            "单位单位单位单位单位单位单位单位单位单位单位单位单位单位单位单位单位单位单位单位"));
    assert_int_equal(strlen(reject.message), 221); /* 223 less the two bytes of half a character */
    assert_true(rd_pack_is_utf8(rd_str_of(reject.message)));
    assert_false(rd_reject_set(&reject, "other", "x", "the first one stays"));
    assert_string_equal(reject.code, "unknown_unit");
}

#define BYTES(literal) ((struct rd_str){(literal), sizeof(literal) - 1})
static const struct rd_str wrong[] = {
        BYTES("\xc0"),
        BYTES("\x80"),
        BYTES("\x81\xa2id\xc0"),
        BYTES("\x82\xa2id\xc0\xa6status\xa4gone"),
        BYTES("\x82\xa2id\x07\xa6status\xa4"
              "busy"),
        BYTES("\x82\xa2id\xc0\xa6status\x01"),
        BYTES("\x83\xa2id\xc0\xa6status\xa4"
              "busy\xa3seq\xff"),
        BYTES("\x83\xa2id\xc0\xa6status\xa4"
              "busy\xa4term\xc0"),
        BYTES("\x83\xa2id\xc0\xa6status\xa4"
              "busy\xabretry_after\xcf\x00\x00\x00\x01\x00\x00\x00\x00"),
        BYTES("\x82\xa2id\xc0\xa6status\xa8rejected"), /* without an error */
        BYTES("\x83\xa2id\xc0\xa6status\xa8rejected\xa5"
              "error\x80"),
        BYTES("\x83\xa2id\xc0\xa6status\xa8rejected\xa5"
              "error\x82\xa4"
              "code\xa1x\xa5"
              "field\x01"),
        BYTES("\x83\xa2id\xc0\xa6status\xa4"
              "busy\xa5"
              "error\x81\xa4"
              "code\xa1x"), /* with one */
        BYTES("\x83\xa2id\xc0\xa6status\xa8"
              "accepted\xa7warning\x80"),
        BYTES("\x83\xa2id\xc0\xa6status\xa8"
              "accepted\xa7warning\x82\xa5level\xa4high\xa5score\x65"), /* 101 */
        BYTES("\x83\xa2id\xc0\xa6status\xa8"
              "accepted\xa7warning\x82\xa5level\xa4high\xa7reasons\x91\x01"),
        BYTES("\x83\xa2id\xc0\xa6status\xa8"
              "accepted\xa7warning\x82\xa5level\xa4high\xa7reasons\x91\x81\xa6points\xa1x"),
        BYTES("\x83\xa2id\xc0\xa6status\xa8"
              "accepted\xa7warning\x82\xa5level\xa4high\xa7"
              "actions\x91\x01"),
        BYTES("\x83\xa2id\xc0\xa6status\xa8"
              "accepted\xa7warning\x82\xa5level\xa4high\xa7notices\x91\x81\xa7written\x01"),
};

static void what_is_no_receipt_is_refused_and_nothing_is_written(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(wrong); i++) {
        struct read read;
        read_begin(&read, wrong[i]);
        struct rd_receipt got = {.seq = 4711};
        if (rd_receipt_unpack(read.root, &read.arena, &got) != -EBADMSG || got.seq != 4711) {
            fail_msg("wrong[%zu] is taken", i);
        }
        read_end(&read);
    }
    struct read read;
    read_begin(&read, BYTES("\x84\xa2id\xc0\xa6status\xa4"
                            "busy\xa5other\xc0\xa3new\x80")); /* unknown keys are ignored */
    struct rd_receipt got;
    assert_int_equal(rd_receipt_unpack(read.root, &read.arena, &got), 0);
    read_end(&read);
}

static void names_and_numbers_of_levels(void **state)
{
    (void)state;
    static const char *const names[] = {"none", "watch", "high", "critical"};
    for (size_t i = 0; i < RD_COUNT(names); i++) {
        enum rd_level level = RD_LEVEL_NONE;
        assert_string_equal(rd_level_name((enum rd_level)i), names[i]);
        assert_int_equal(rd_level_parse(rd_str_of(names[i]), &level), 0);
        assert_int_equal(level, i);
    }
    enum rd_level level = RD_LEVEL_WATCH;
    assert_int_equal(rd_level_parse(RD_STR("High"), &level), -EINVAL);
    assert_int_equal(rd_level_parse(RD_STR(""), &level), -EINVAL);
    assert_int_equal(level, RD_LEVEL_WATCH);
    assert_string_equal(rd_status_name(RD_ACCEPTED), "accepted");
    assert_string_equal(rd_status_name(RD_BUSY), "busy");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_receipt_has_these_bytes),
            cmocka_unit_test(a_whole_receipt_comes_back),
            cmocka_unit_test(an_error_comes_back_and_fits),
            cmocka_unit_test(a_message_that_is_cut_stays_utf8),
            cmocka_unit_test(what_is_no_receipt_is_refused_and_nothing_is_written),
            cmocka_unit_test(names_and_numbers_of_levels),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
