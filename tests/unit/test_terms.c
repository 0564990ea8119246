/* Terms and patterns in texts: redress.yaml(5), "lexicons". */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "common/text/terms.h"
#include "tests/terms_find.h"

static const struct rd_term lexicon[] = {
        {RD_STR("lawyer"), false},
        {RD_STR("law"), false},
        {RD_STR("银保监"), false},
        {RD_STR("保监"), false},
        {RD_STR("12378"), false},
        {RD_STR("投诉到.{0,6}银保监"), true},
        {RD_STR("v."), false},  /* an edge at its start only; no pattern */
        {RD_STR("找a"), false}, /* an edge at its end only */
        {RD_STR("a\0b"), false},
        {RD_STR("^Refund\\b"), true},
        {RD_STR("lawyer"), false},
};
enum { LEXICON = sizeof lexicon / sizeof lexicon[0] };

/* `ends` holds, for each term that must be found, the offset behind its first occurrence. */
static const struct {
    struct rd_str text;
    uint32_t ends[LEXICON];
} texts[] = {
        {RD_STR(""), {0}},
        {RD_STR("我要找lawyer"), {[0] = 15, [10] = 15}},
        {RD_STR("lawyers"), {0}},
        {RD_STR("xlawyer"), {0}},
        {RD_STR("2lawyer"), {0}},
        {RD_STR("lawyers and a lawyer."), {[0] = 20, [10] = 20}},
        {RD_STR("lawyer"), {[0] = 6, [10] = 6}},
        {RD_STR("law, lawyer"), {[0] = 11, [1] = 3, [10] = 11}},
        {RD_STR("law_yer"), {[1] = 3}},
        {RD_STR("去银保监"), {[2] = 12, [3] = 12}},
        {RD_STR("银保监银保监"), {[2] = 9, [3] = 9}},
        {RD_STR("打12378热线"), {[4] = 8}},
        {RD_STR("打123789热线"), {0}},
        {RD_STR("我投诉到北京银保监会"), {[2] = 27, [3] = 27, [5] = 27}},
        {RD_STR("我投诉到一二三四五六七银保监"), {[2] = 42, [3] = 42}},
        {RD_STR("a v. b"), {[6] = 4}},
        {RD_STR("v.5"), {[6] = 2}},
        {RD_STR("vx"), {0}},
        {RD_STR("rv.x"), {0}},
        {RD_STR("x找a"), {[7] = 5}},
        {RD_STR("找ab"), {0}},
        {RD_STR("找ab找a"), {[7] = 9}},
        {RD_STR("a\0b"), {[8] = 3}},
        {RD_STR("refund me"), {[9] = 6}},
        {RD_STR("a refund"), {0}},
};

static void test_texts(void **state)
{
    (void)state;
    struct rd_terms *terms = NULL;
    size_t bad = 0;
    char what[200];
    assert_int_equal(rd_terms_compile(lexicon, LEXICON, &terms, &bad, what), 0);
    struct rd_terms_scratch *scratch = rd_terms_scratch_new(terms);
    for (size_t i = 0; i < RD_COUNT(texts); i++) {
        bool found[LEXICON], alone[LEXICON];
        memset(found, 1, sizeof found);
        uint32_t ends[LEXICON] = {0};
        terms_find(terms, scratch, texts[i].text, LEXICON, (struct terms_found){found, ends});
        terms_find(terms, scratch, texts[i].text, LEXICON, (struct terms_found){alone, NULL});
        for (size_t k = 0; k < LEXICON; k++) {
            if (found[k] != (texts[i].ends[k] > 0) || alone[k] != found[k] ||
                    (found[k] && ends[k] != texts[i].ends[k])) {
                fail_msg("\"%.*s\", term %zu: found %d, end %u", RD_FMT(texts[i].text), k, found[k],
                        ends[k]);
            }
        }
    }
    rd_terms_scratch_free(scratch);
    rd_terms_free(terms);
}

static const struct {
    struct rd_term terms[2];
    size_t bad;
} refused[] = {
        {{{RD_STR("good"), false}, {RD_STR("a("), true}}, 1},
        {{{RD_STR("["), true}, {RD_STR("good"), false}}, 0},
        {{{RD_STR("good"), true}, {RD_STR("(a)\\1"), true}},
                1},                                            /* back references: not its subset */
        {{{RD_STR("good"), true}, {RD_STR("a*"), true}}, 1},   /* finds the empty text */
        {{{RD_STR("good"), true}, {RD_STR("\xff"), true}}, 1}, /* not UTF-8 */
        {{{RD_STR("good"), true}, {RD_STR("a\0b"), true}}, 1},
        {{{RD_STR("good"), true}, {RD_STR(""), true}}, 1},
        {{{RD_STR(""), false}, {RD_STR("good"), true}}, 0},
};

static void test_what_does_not_compile_is_named(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(refused); i++) {
        struct rd_terms *terms = NULL;
        size_t bad = 4711;
        char what[200] = "";
        assert_int_equal(rd_terms_compile(refused[i].terms, 2, &terms, &bad, what), -EINVAL);
        assert_null(terms);
        assert_int_equal(bad, refused[i].bad);
        assert_true(strlen(what) > 0);
    }
}

static void test_no_terms_find_nothing(void **state)
{
    (void)state;
    struct rd_terms *terms = NULL;
    size_t bad = 4711;
    char what[200];
    assert_int_equal(rd_terms_compile(NULL, 0, &terms, &bad, what), 0);
    struct rd_terms_scratch *scratch = rd_terms_scratch_new(terms);
    terms_find(terms, scratch, RD_STR("any text"), 0, (struct terms_found){NULL, NULL});
    rd_terms_scratch_free(scratch);
    rd_terms_free(terms);
    rd_terms_scratch_free(NULL);
    rd_terms_free(NULL);
}

/* What of the text a pattern matched; a literal has none, and the case of a pattern none either. */
static void test_evidence(void **state)
{
    (void)state;
    static const struct rd_term with[] = {
            {RD_STR("lawyer"), false},
            {RD_STR("LAW.{0,3}yer"), true},
            {RD_STR("[0-9]{11}"), true},
            {RD_STR("投诉到.{0,6}银保监"), true},
    };
    static const char *const want[] = {"", "law  yer", "13800138000", "投诉到北京银保监"};
    static const char text[] = "a lawyer, a law  yer: 我投诉到北京银保监会 13800138000";
    struct rd_terms *terms = NULL;
    size_t bad = 0;
    char what[200];
    assert_int_equal(rd_terms_compile(with, RD_COUNT(with), &terms, &bad, what), 0);
    size_t none = 0, budget = 1 << 20;
    assert_int_equal(rd_terms_evidence(terms, 1, RD_STR(text), &none).len, 0);
    for (size_t i = 0; i < RD_COUNT(with); i++) {
        struct rd_str found = rd_terms_evidence(terms, i, RD_STR(text), &budget);
        if (i == 1) { /* the leftmost */
            assert_true(rd_str_is(found, "lawyer"));
            found = rd_terms_evidence(terms, i, RD_STR("a law  yer"), &budget);
        }
        assert_true(rd_str_is(found, want[i]));
        assert_true(
                found.len == 0 || i == 1 || (found.ptr > text && found.ptr < text + sizeof text));
        assert_int_equal(rd_terms_evidence(terms, i, RD_STR(""), &budget).len, 0);
    }
    rd_terms_free(terms);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_evidence),
            cmocka_unit_test(test_texts),
            cmocka_unit_test(test_what_does_not_compile_is_named),
            cmocka_unit_test(test_no_terms_find_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
