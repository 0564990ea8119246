/* The grammar of limits: redress.yaml(5), "Limits". */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/time/limit.h"

static const struct {
    const char *text;
    int want;
    struct rd_limit limit;
} parses[] = {
        {"30s", 0, {RD_LIMIT_SECONDS, 30}},
        {"90m", 0, {RD_LIMIT_SECONDS, 5400}},
        {"4h", 0, {RD_LIMIT_SECONDS, 14400}},
        {"5bd", 0, {RD_LIMIT_BUSINESS_DAYS, 5}},
        {"15d", 0, {RD_LIMIT_CALENDAR_DAYS, 15}},
        {"8w", 0, {RD_LIMIT_CALENDAR_DAYS, 56}},
        {"0m", 0, {RD_LIMIT_SECONDS, 0}},
        {"007d", 0, {RD_LIMIT_CALENDAR_DAYS, 7}},
        {"999999h", 0, {RD_LIMIT_SECONDS, 3599996400}},
        {"999999w", 0, {RD_LIMIT_CALENDAR_DAYS, 6999993}},
        {"1000000s", -ERANGE, {0}},
        {"99999999999999999999bd", -ERANGE, {0}},
        {"", -EINVAL, {0}},
        {"5", -EINVAL, {0}},
        {"bd", -EINVAL, {0}},
        {"5bdd", -EINVAL, {0}},
        {"5b", -EINVAL, {0}},
        {"5 d", -EINVAL, {0}},
        {"5D", -EINVAL, {0}},
        {"-5d", -EINVAL, {0}},
        {"1.5h", -EINVAL, {0}},
        {"5days", -EINVAL, {0}},
        {"1000000y", -EINVAL, {0}},
};

static void test_parse(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(parses); i++) {
        struct rd_limit got = {.unit = RD_LIMIT_SECONDS, .count = 4711};
        int r = rd_limit_parse(rd_str_of(parses[i].text), &got);
        struct rd_limit want = r == 0 ? parses[i].limit : (struct rd_limit){.count = 4711};
        if (r != parses[i].want || got.unit != want.unit || got.count != want.count) {
            fail_msg("\"%s\": got %d, unit %u, count %u", parses[i].text, r, (unsigned)got.unit,
                    got.count);
        }
    }
}

static const struct {
    struct rd_limit limit;
    const char *text;
} formats[] = {
        {{RD_LIMIT_SECONDS, 0}, "0s"},
        {{RD_LIMIT_SECONDS, 59}, "59s"},
        {{RD_LIMIT_SECONDS, 60}, "1m"},
        {{RD_LIMIT_SECONDS, 5400}, "90m"},
        {{RD_LIMIT_SECONDS, 7200}, "2h"},
        {{RD_LIMIT_SECONDS, 3599996400}, "999999h"},
        {{RD_LIMIT_BUSINESS_DAYS, 0}, "0bd"},
        {{RD_LIMIT_BUSINESS_DAYS, 7}, "7bd"},
        {{RD_LIMIT_CALENDAR_DAYS, 0}, "0d"},
        {{RD_LIMIT_CALENDAR_DAYS, 7}, "1w"},
        {{RD_LIMIT_CALENDAR_DAYS, 15}, "15d"},
        {{RD_LIMIT_CALENDAR_DAYS, 56}, "8w"},
        {{RD_LIMIT_CALENDAR_DAYS, 6999993}, "999999w"},
};

static void test_format(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(formats); i++) {
        char text[RD_LIMIT_TEXT_MAX];
        rd_limit_format(formats[i].limit, text);
        assert_string_equal(text, formats[i].text);
    }
}

static void test_words(void **state)
{
    (void)state;
    static const struct {
        const char *limit, *zh;
    } words[] = {{"45s", "45秒"}, {"90m", "90分钟"}, {"4h", "4小时"}, {"5bd", "5个工作日"},
            {"15d", "15日"}, {"8w", "56日"}, {"999999bd", "999999个工作日"}};
    for (size_t i = 0; i < RD_COUNT(words); i++) {
        struct rd_limit limit;
        char text[RD_LIMIT_TEXT_MAX];
        assert_int_equal(rd_limit_parse(rd_str_of(words[i].limit), &limit), 0);
        rd_limit_words(limit, true, text);
        assert_string_equal(text, words[i].zh);
        rd_limit_words(limit, false, text);
        assert_string_equal(text, words[i].limit);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_parse),
            cmocka_unit_test(test_format),
            cmocka_unit_test(test_words),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
