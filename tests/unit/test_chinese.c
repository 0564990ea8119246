/* What keys and codes of an answer are called in Chinese. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/wire/alert.h"
#include "common/wire/event_table.h"
#include "tools/shared/words.h"

enum { TEXT_MAX = 512, MAP_MAX = 4096 };

static bool is_chinese(struct rd_str text)
{
    bool has_letter = false;
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];
        has_letter = has_letter || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    }
    return text.len > 0 && !has_letter;
}

static void is_word(const char *key, const char *code)
{
    const struct word_place place = {.key = rd_str_of(key)};
    struct rd_buf text;
    rd_buf_init(&text, TEXT_MAX);
    word_put(&text, &place, rd_str_of(code));
    if (!is_chinese(rd_buf_str(&text))) {
        fail_msg("%s %s: \"%.*s\"", key, code, RD_FMT(rd_buf_str(&text)));
    }
    rd_buf_done(&text);
}

/* A key or a code that is new has its word in the same commit. */
static void every_key_and_code_has_one(void **state)
{
    (void)state;
    rd_key_set keys = rd_keys_attributes();
    for (enum rd_event_key key; rd_key_next(&keys, &key);) {
        struct rd_str name = rd_str_of(rd_event_key_name(key));
        if (!is_chinese(word_of_key(NULL, name))) {
            fail_msg("%.*s has no word", RD_FMT(name));
        }
    }
    for (int type = 0; type < RD_EVENT_TYPE_COUNT; type++) {
        is_word("type", rd_event_type_name((enum rd_event_type)type));
        for (int key = 0; key < RD_EVENT_KEY_COUNT; key++) {
            const char *const *codes =
                    rd_key_codes((enum rd_event_type)type, (enum rd_event_key)key);
            for (size_t i = 0; codes != NULL && codes[i] != NULL; i++) {
                is_word(rd_event_key_name((enum rd_event_key)key), codes[i]);
            }
        }
    }
    for (int type = 0; type < RD_ALERT_TYPE_COUNT; type++) {
        is_word("type", rd_alert_type_name((enum rd_alert_type)type));
    }
    for (int severity = RD_INFO; severity <= RD_CRITICAL; severity++) {
        is_word("severity", rd_severity_name((enum rd_severity)severity));
    }
    for (int level = RD_LEVEL_NONE; level <= RD_LEVEL_CRITICAL; level++) {
        is_word("level", rd_level_name((enum rd_level)level));
    }
}

/* An entry of a history, in an answer whose clock "decide" is called 处理期限. */
static void note_is(const char *what, const char *type, const char *note, const char *expected)
{
    struct rd_buf buf, text;
    rd_buf_init(&buf, MAP_MAX);
    rd_buf_init(&text, TEXT_MAX);
    rd_pack_map(&buf, 2);
    rd_pack_cstr(&buf, "clocks");
    rd_pack_array(&buf, 1);
    rd_pack_map(&buf, 2);
    rd_pack_cstr(&buf, "clock");
    rd_pack_cstr(&buf, "decide");
    rd_pack_cstr(&buf, "clock_name");
    rd_pack_cstr(&buf, "处理期限");
    rd_pack_cstr(&buf, "entry");
    rd_pack_map(&buf, 2);
    rd_pack_cstr(&buf, "what");
    rd_pack_cstr(&buf, what);
    rd_pack_cstr(&buf, "type");
    rd_pack_cstr(&buf, type);
    struct rd_tree *tree = rd_tree_new();
    rd_node answer = NULL;
    assert_int_equal(rd_tree_read(tree, rd_buf_str(&buf), &answer, NULL), 0);
    const struct word_place place = {
            .answer = answer, .map = rd_node_find(answer, "entry"), .key = RD_STR("note")};
    word_put(&text, &place, rd_str_of(note));
    if (!rd_str_is(rd_buf_str(&text), expected)) {
        fail_msg("%s: \"%.*s\"", expected, RD_FMT(rd_buf_str(&text)));
    }
    rd_tree_free(tree);
    rd_buf_done(&text);
    rd_buf_done(&buf);
}

static void what_the_daemon_notes(void **state)
{
    (void)state;
    note_is("clock", "", "extended decide", "延期：处理期限");
    note_is("clock", "", "calendar-changed decide", "日历数据变更：处理期限");
    note_is("clock", "", "extended other", "延期：other");
    note_is("limit", "",
            "more than 256 alerts wait for an acknowledgement: the oldest, 17, is given up",
            "待确认预警超过256条，最早的第17号不再等待");
    note_is("event", "case.merged", "into case 7 (T-7): 同一事项", "并入案件 7 (T-7): 同一事项");
    note_is("joined", "case.merged", "from case 8 (T-8): 同一事项", "并自案件 8 (T-8): 同一事项");
    note_is("event", "case.decided", "partly_upheld", "部分支持客户诉求");
    /* What somebody wrote is nobody's code. */
    note_is("event", "case.noted", "rejected", "rejected");
    note_is("event", "case.noted", "extended decide", "extended decide");
    note_is("event", "case.noted", "a\nb\033", "a b?");
}

static void what_clocks_wait_for(void **state)
{
    (void)state;
    static const char *const STARTS[][2] = {
            {"facts_added or recontact", "补充事实或客户再次来电来访"}, {"received", "受理"},
            {"answer_by", "答复期限"}, {"attributes.own or", "attributes.own or"}};
    for (size_t i = 0; i < RD_COUNT(STARTS); i++) {
        const struct word_place place = {.key = RD_STR("starts_on")};
        struct rd_buf text;
        rd_buf_init(&text, TEXT_MAX);
        word_put(&text, &place, rd_str_of(STARTS[i][0]));
        assert_true(rd_str_is(rd_buf_str(&text), STARTS[i][1]));
        rd_buf_done(&text);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(every_key_and_code_has_one),
            cmocka_unit_test(what_the_daemon_notes),
            cmocka_unit_test(what_clocks_wait_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
