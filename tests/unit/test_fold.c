/* Text made comparable: redress.yaml(5), "lexicons". Against utf8proc itself: prop_fold.c. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/text/fold.h"

static const struct {
    const char *text, *want, *without_digits;
} folds[] = {
        {"", "", ""},
        {"plain lower case, 12378!", "plain lower case, 12378!", "plain lower case, !"},
        {"ABC", "abc", "abc"},
        {"a longer text with one capital at the enD", "a longer text with one capital at the end",
                "a longer text with one capital at the end"},
        {"ＡＢＣ１２３", "abc123", "abc"},
        {"投诉到底", "投诉到底", "投诉到底"},
        {"要求全额退保，否则投诉到12378！", "要求全额退保,否则投诉到12378!",
                "要求全额退保否则投诉到!"},
        {"　全　额　", " 全 额 ", " 全额 "},
        {"ｶﾞ", "ガ", "ガ"},
        {"か\u3099", "が", "が"},
        {"①", "1", ""},
        {"ﬁne", "fine", "fine"},
        {"投\u200b诉", "投诉", "投诉"},
        {"\u200b", "", ""},
        {"e\u0301", "é", "é"},
        {"E\u0301", "é", "é"},
        {"É", "é", "é"},
        {"Straße", "strasse", "strasse"},
        {"ΣΊΣΥΦΟΣ", "σίσυφοσ", "σίσυφοσ"},
        {"“银保监”——律师", "“银保监”——律师", "“银保监律师"},
        {"等等……", "等等......", "等等......"},
        {"㈱", "(株)", "(株)"},
        {"한국어", "한국어", "한국어"},
        {"\u1112\u1161\u11ab", "한", "한"},
        {"😀Ａ", "😀a", "😀a"},
        {"\ufdfa", "صلى الله عليه وسلم", "صلى الله عليه وسلم"},
        /* Not UTF-8: as it is. */
        {"ABC\xff", "ABC\xff", "ABC\xff"},
        {"Ａ\xe6\x8a", "Ａ\xe6\x8a", "Ａ\xe6\x8a"},
        {"A\xc0\x80", "A\xc0\x80", "A\xc0\x80"},
        {"A\xed\xa0\x80", "A\xed\xa0\x80", "A\xed\xa0\x80"},
};

/* What folding a text does besides. */
static const struct {
    const char *text, *want;
} text_folds[] = {
        {"", ""}, {"no Han: A-B, c d!", "no han: a-b, c d!"}, {"银 保-监。会", "银保监会"},
        {"曝🔥光🔥🔥你\ufe0f们", "曝光你们"}, {"我 要 报 警", "我要报警"}, {"银\n保\t监", "银保监"},
        /* Only between two Han characters: not at an edge, not beside a letter or digit. */
        {"  银 保 ", "  银保 "}, {"找 lawyer 起诉", "找 lawyer 起诉"},
        {"打 12378 投 诉", "打 12378 投诉"}, {"银-1-保", "银-1-保"},
        {"銀保監會投訴", "银保监会投诉"}, {"我要去銀 行 起訴", "我要去银行起诉"},
        {"乾隆", "干隆"},                            /* the table's first form */
        {"々 〇", "々〇"}, {"\xe9\x8a", "\xe9\x8a"}, /* not UTF-8: as it is */
};

static void test_folds_texts(void **state)
{
    (void)state;
    struct rd_arena arena;
    rd_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < RD_COUNT(text_folds); i++) {
        struct rd_str got = rd_fold_text(rd_str_of(text_folds[i].text), &arena);
        if (!rd_str_is(got, text_folds[i].want)) {
            fail_msg("\"%s\": got \"%.*s\"", text_folds[i].text, RD_FMT(got));
        }
        struct rd_str again = rd_fold_text(got, &arena);
        assert_true(rd_str_eq(got, again));
    }
    rd_arena_done(&arena);
}

static void test_folds(void **state)
{
    (void)state;
    struct rd_arena arena;
    rd_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < RD_COUNT(folds); i++) {
        struct rd_str text = rd_str_of(folds[i].text);
        struct rd_str got = rd_fold(text, &arena);
        if (!rd_str_is(got, folds[i].want)) {
            fail_msg("\"%s\": got \"%.*s\"", folds[i].text, RD_FMT(got));
        }
        got = rd_fold_no_digits(text, &arena);
        if (!rd_str_is(got, folds[i].without_digits)) {
            fail_msg("\"%s\" without digits: got \"%.*s\"", folds[i].text, RD_FMT(got));
        }
    }
    rd_arena_done(&arena);
}

/* It is easy alone, and with a mark behind it it goes the way of what is hard. */
static void test_a_nul_before_a_mark(void **state)
{
    (void)state;
    struct rd_arena arena;
    rd_arena_init(&arena, 1 << 20);
    memset(rd_arena_alloc(&arena, 1 << 18), 0xa5, 1 << 18);
    rd_arena_reset(&arena); /* room that was used before is not zero */
    for (size_t marks = 1; marks <= 2; marks++) {
        struct rd_str text = {"A\0\u0301\u0301", 2 + 2 * marks};
        struct rd_str want = {"a\0\u0301\u0301", 2 + 2 * marks};
        struct rd_str got = rd_fold(text, &arena);
        assert_true(rd_str_eq(got, want));
    }
    rd_arena_done(&arena);
}

static void test_what_needs_nothing_is_not_copied(void **state)
{
    (void)state;
    static const char *const texts[] = {
            "", "lower case", "投诉到底", "“银保监”、律师。mixed 12378"};
    struct rd_arena arena;
    rd_arena_init(&arena, 0); /* any allocation would be over the limit */
    for (size_t i = 0; i < RD_COUNT(texts); i++) {
        struct rd_str text = rd_str_of(texts[i]);
        assert_ptr_equal(rd_fold(text, &arena).ptr, text.ptr);
    }
    struct rd_str none = {0};
    assert_int_equal(rd_fold(none, &arena).len, 0);
    assert_int_equal(rd_fold_no_digits(none, &arena).len, 0);
    rd_arena_done(&arena);
}

/* A text of the worst characters there are stays within what the header promises. */
static void test_hostile_growth(void **state)
{
    (void)state;
    enum { CHARS = 10000 };
    static char text[3 * CHARS];
    for (size_t i = 0; i < CHARS; i++) {
        memcpy(text + 3 * i, "\ufdfa", 3);
    }
    struct rd_arena arena;
    rd_arena_init(&arena, 2 * 11 * sizeof text);
    struct rd_str got = rd_fold((struct rd_str){.ptr = text, .len = sizeof text}, &arena);
    assert_int_equal(got.len, 11 * sizeof text);
    rd_arena_reset(&arena);
    for (size_t i = 0; i < sizeof text / 2; i++) {
        memcpy(text + 2 * i, "\u0344", 2); /* combining, and two of them */
    }
    size_t left_out;
    got = rd_fold_telling((struct rd_str){.ptr = text, .len = sizeof text}, &arena, &left_out);
    assert_int_equal(got.len, 30 * 2);
    assert_int_equal(left_out, sizeof text / 2 - 15);
    rd_arena_done(&arena);
}

#define TEN(x) x x x x x x x x x x
/* A run keeps 30 marks; what would vanish between them does not make two runs of one. */
static void test_runs_of_marks(void **state)
{
    (void)state;
    static const struct {
        const char *text, *want;
        size_t left_out;
    } runs[] = {
            {"x" TEN("\u0323\u0327\u0301"), "x" TEN("\u0327") TEN("\u0323") TEN("\u0301"), 0},
            {"x" TEN("\u0327\u0327\u0327") "\u0327y", "x" TEN("\u0327\u0327\u0327") "y", 1},
            {"x" TEN("\u0327\u0327\u200b\u0327") "\u200b\u0327\u200b\u0301投",
                    "x" TEN("\u0327\u0327\u0327") "投", 2},
            {TEN("\u0327\u0327\u0327") "\u0301é", TEN("\u0327\u0327\u0327") "é", 1},
            /* a spacing mark is a starter: the run after it is another */
            {"x" TEN("\u0327\u0327\u0327") "\u0301\u0903\u0301",
                    "x" TEN("\u0327\u0327\u0327") "\u0903\u0301", 1},
    };
    struct rd_arena arena;
    rd_arena_init(&arena, 1 << 20);
    for (size_t i = 0; i < RD_COUNT(runs); i++) {
        size_t left_out;
        struct rd_str got = rd_fold_telling(rd_str_of(runs[i].text), &arena, &left_out);
        if (!rd_str_is(got, runs[i].want) || left_out != runs[i].left_out) {
            fail_msg("%zu: got \"%.*s\", %zu left out", i, RD_FMT(got), left_out);
        }
    }
    rd_arena_done(&arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_folds),
            cmocka_unit_test(test_folds_texts),
            cmocka_unit_test(test_a_nul_before_a_mark),
            cmocka_unit_test(test_what_needs_nothing_is_not_copied),
            cmocka_unit_test(test_hostile_growth),
            cmocka_unit_test(test_runs_of_marks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
