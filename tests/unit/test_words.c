/* Words found: each once, and none that is part of another. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/base/words.h"

static void test_lists(void **state)
{
    (void)state;
    static const struct {
        const char *lists[3];
        const char *want; /* "|" between words */
    } cases[] = {
            {{"suing you"}, "suing you"},
            {{"i am suing you, suing you, suing"}, "i am suing you"},
            {{"上访, 客户说要上访, 上访"}, "客户说要上访"},
            {{"suing", "i am suing you", "court"}, "i am suing you|court"},
            {{"起诉, 律师", "起诉你们"}, "律师|起诉你们"},
            {{"", ", ", "a"}, "a"},
    };
    for (size_t i = 0; i < RD_COUNT(cases); i++) {
        struct rd_words words = {.count = 0};
        char text[256] = "";
        for (size_t k = 0; k < 3 && cases[i].lists[k] != NULL; k++) {
            rd_words_add(&words, rd_str_of(cases[i].lists[k]));
        }
        for (size_t k = 0; k < words.count; k++) {
            size_t at = strlen(text);
            (void)snprintf(
                    text + at, sizeof text - at, "%s%.*s", k > 0 ? "|" : "", RD_FMT(words.at[k]));
        }
        assert_string_equal(text, cases[i].want);
    }
}

static void test_what_is_too_many_is_left_out(void **state)
{
    (void)state;
    struct rd_words words = {.count = 0};
    char text[16];
    char kept[RD_WORDS_MAX + 8][4];
    for (int i = 0; i < RD_WORDS_MAX + 8; i++) {
        (void)snprintf(text, sizeof text, "%02dx", i);
        memcpy(kept[i], text, 4);
        rd_words_add(&words, rd_str_of(kept[i]));
    }
    assert_int_equal(words.count, RD_WORDS_MAX);
    rd_words_add(&words, RD_STR("00x and 01x")); /* it takes the place of two */
    assert_int_equal(words.count, RD_WORDS_MAX - 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_lists),
            cmocka_unit_test(test_what_is_too_many_is_left_out),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
