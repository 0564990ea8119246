/* The scorecard: how a text is cut, what a card's features give, what a bad file is told.
 * redress-scorecard(5). */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "common/text/tokens.h"
#include "daemon/config/config.h"
#include "tests/scratch.h"

enum { ARENA_MAX = 1024 * 1024, JOINED_MAX = 512 };

/* The tokens of each text, with a bar behind each. */
static const struct {
    const char *text, *tokens;
} cuts[] = {
        {"", ""}, {"a", ""}, {"ab", "ab|"}, {"i want my money back!", "want|my|money|back|"},
        {"don't", "don|"}, {"call 12378 or 95511", "call|12378|or|95511|"},
        {"call 138001 now", "call|now|"}, /* six digits: somebody's number */
        {"contract ab1234567", "contract|"}, {"b2b", "b2b|"}, {"投诉", "投诉|"}, {"投", ""},
        {"我要投诉", "我要|要投|投诉|"}, {"投诉,到底", "投诉|到底|"}, {"投 诉", ""},
        {"打12378投诉", "12378|投诉|"}, {"找lawyer投诉", "lawyer|投诉|"},
        {"été à la façade", "été|la|façade|"}, {"жалоба", "жалоба|"},
        {"ひどい対応", "ひど|どい|い対|対応|"}, {"한국어", "한국|국어|"}, {"𠮷野家", "𠮷野|野家|"},
        {"5×7 ab÷cd", "ab|cd|"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa|"},
        {"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa b1", "b1|"},
        {"ab\xe6\x8a", "ab|"}, /* cut short: no character, and no read behind the end */
};

static void test_texts_are_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < RD_COUNT(cuts); i++) {
        char joined[JOINED_MAX] = "";
        size_t len = 0;
        struct rd_tokens tokens = rd_tokens_of(rd_str_of(cuts[i].text));
        struct rd_str token;
        while (rd_tokens_next(&tokens, &token)) {
            len += (size_t)snprintf(joined + len, sizeof joined - len, "%.*s|", RD_FMT(token));
            assert_true(rd_token_is(token));
        }
        assert_string_equal(joined, cuts[i].tokens);
    }
    assert_false(rd_token_is(RD_STR("")));
    assert_false(rd_token_is(RD_STR("two words")));
    assert_false(rd_token_is(RD_STR("投诉到")));
    assert_false(rd_token_is(RD_STR("投诉 ")));
}

/* ---- one card, many cases ---- */

static const struct rd_card_feature FEATURES[] = {
        {RD_CARD_VALUE, 12, RD_STR("issue"), RD_STR("Mortgage"), 0, 0},
        {RD_CARD_VALUE, -5, RD_STR("issue"), RD_STR("Cards"), 0, 0},
        {RD_CARD_ABSENT, 3, RD_STR("issue"), {0}, 0, 0},
        {RD_CARD_RANGE, 4, RD_STR("age"), {0}, 60, 75},
        {RD_CARD_RANGE, 9, RD_STR("age"), {0}, 75, INT64_MAX},
        {RD_CARD_RANGE, -2, RD_STR("age"), {0}, INT64_MIN, 20},
        {RD_CARD_VALUE, 1, RD_STR("age"), RD_STR("66"), 0, 0},
        {RD_CARD_RANGE, 7, RD_STR("amount"), {0}, 100, 1000},
        {RD_CARD_RANGE, 2, RD_STR("amount"), {0}, -1, 0},
        {RD_CARD_VALUE, 6, RD_STR("tags"), RD_STR("vip"), 0, 0},
        {RD_CARD_VALUE, 8, RD_STR("attributes.online"), RD_STR("false"), 0, 0},
        {RD_CARD_TOKEN, 20, {0}, RD_STR("lawyer"), 0, 0},
        {RD_CARD_TOKEN, 15, {0}, RD_STR("投诉"), 0, 0},
};
static const struct rd_card CARD = {RD_STR("t"), 10, 60, FEATURES, RD_COUNT(FEATURES)};

#define STR(text)                                                                                  \
    {                                                                                              \
        RD_VALUE_STR, 0, RD_STR(text)                                                              \
    }
#define TAGS                                                                                       \
    {                                                                                              \
        RD_VALUE_LIST, 0,                                                                          \
        {                                                                                          \
            "\x92\xa3old\xa3vip", 9                                                                \
        }                                                                                          \
    }

struct facts {
    struct rd_value issue, age, amount, tags, online;
};

static struct rd_value look(const void *context, struct rd_str name)
{
    const struct facts *facts = context;
    return rd_str_is(name, "issue")    ? facts->issue
           : rd_str_is(name, "age")    ? facts->age
           : rd_str_is(name, "amount") ? facts->amount
           : rd_str_is(name, "tags")   ? facts->tags
                                       : facts->online;
}

static const struct {
    struct facts facts;
    const char *text;
    int32_t points;
    const char *detail;
} cases[] = {
        {{.issue = STR("other")}, "", 10, ""},
        {{.issue = {0}}, "", 13, "issue absent +3"},
        {{.issue = STR("Mortgage")}, "", 22, "issue Mortgage +12"},
        {{.issue = STR("mortgage")}, "", 10, ""}, /* a value is compared as it is */
        {{.issue = STR("Cards")}, "", 5, "issue Cards -5"},
        {{.issue = STR("x"), .age = {RD_VALUE_UINT, 59, {0}}}, "", 10, ""},
        {{.issue = STR("x"), .age = {RD_VALUE_UINT, 60, {0}}}, "", 14, "age 60..74 +4"},
        {{.issue = STR("x"), .age = {RD_VALUE_UINT, 66, {0}}}, "", 15, "age 60..74 +4, age 66 +1"},
        {{.issue = STR("x"), .age = {RD_VALUE_UINT, 75, {0}}}, "", 19, "age >=75 +9"},
        {{.issue = STR("x"), .age = {RD_VALUE_INT, -1, {0}}}, "", 8, "age <20 -2"},
        {{.issue = STR("x"), .amount = {RD_VALUE_MONEY, 9999, {0}}}, "", 10, ""},
        {{.issue = STR("x"), .amount = {RD_VALUE_MONEY, 10000, {0}}}, "", 17, "amount 100..999 +7"},
        {{.issue = STR("x"), .amount = {RD_VALUE_MONEY, 99999, {0}}}, "", 17, "amount 100..999 +7"},
        {{.issue = STR("x"), .amount = {RD_VALUE_MONEY, -50, {0}}}, "", 12, "amount -1..-1 +2"},
        {{.issue = STR("x"), .tags = TAGS}, "", 16, "tags vip +6"},
        {{.issue = STR("x"), .online = {RD_VALUE_BOOL, 0, {0}}}, "", 18,
                "attributes.online false +8"},
        {{.issue = STR("x"), .online = {RD_VALUE_BOOL, 1, {0}}}, "", 10, ""},
        {{.issue = STR("x")}, "my lawyer is your lawyer", 30, "lawyer +20"}, /* counts once */
        {{.issue = STR("x")}, "lawyers", 10, ""},
        {{.issue = STR("x")}, "我要投诉,找lawyer", 45, "lawyer +20, 投诉 +15"},
        {{.issue = STR("Mortgage"),
                 .age = {RD_VALUE_UINT, 80, {0}},
                 .tags = TAGS,
                 .online = {RD_VALUE_BOOL, 0, {0}},
                 .amount = {RD_VALUE_MONEY, 50000, {0}}},
                "投诉 lawyer", 60,
                "lawyer +20, 投诉 +15, issue Mortgage +12, age >=75 +9, attributes.online false "
                "+8"},
};

static void test_points_are_summed_and_cut(void **state)
{
    (void)state;
    struct rd_arena arena;
    rd_arena_init(&arena, ARENA_MAX);
    size_t bad = 0;
    char what[200];
    const struct rd_scorecard *card = rd_scorecard_compile(&CARD, &arena, &bad, what);
    assert_non_null(card);
    assert_true(rd_scorecard_reads_text(card));
    for (size_t i = 0; i < RD_COUNT(cases); i++) {
        struct rd_card_score score =
                rd_scorecard_score(card, look, &cases[i].facts, rd_str_of(cases[i].text), &arena);
        struct rd_str detail = rd_scorecard_detail(card, &score, &arena);
        if (score.points != cases[i].points || !rd_str_is(detail, cases[i].detail)) {
            fail_msg("case %zu: %d, %.*s", i, (int)score.points, RD_FMT(detail));
        }
    }
    rd_arena_done(&arena);
}

static void test_never_below_zero(void **state)
{
    (void)state;
    struct rd_arena arena;
    rd_arena_init(&arena, ARENA_MAX);
    size_t bad = 0;
    char what[200];
    struct rd_card low = CARD;
    low.base = -100;
    const struct rd_scorecard *card = rd_scorecard_compile(&low, &arena, &bad, what);
    struct facts none = {0};
    assert_int_equal(rd_scorecard_score(card, look, &none, RD_STR("lawyer"), &arena).points, 0);
    rd_arena_done(&arena);
}

/* Any change that can change a score changes it; none else can. */
static void test_checksum(void **state)
{
    (void)state;
    uint64_t sum = rd_card_checksum(&CARD);
    struct rd_card_feature features[RD_COUNT(FEATURES)];
    memcpy(features, FEATURES, sizeof features);
    struct rd_card other = CARD;
    other.features = features;
    assert_int_equal(rd_card_checksum(&other), sum);
    features[3].below++;
    assert_int_not_equal(rd_card_checksum(&other), sum);
    features[3].below--;
    features[12].points++;
    assert_int_not_equal(rd_card_checksum(&other), sum);
    other = CARD;
    other.cap--;
    assert_int_not_equal(rd_card_checksum(&other), sum);
    other.cap++;
    other.feature_count--;
    assert_int_not_equal(rd_card_checksum(&other), sum);
}

/* ---- the file ---- */

#define HEAD "scorecard: t\nmade: 2026-11-25\nbase: 3\nfeatures:\n" /* four lines */

static const struct {
    const char *text, *where, *what;
} mistakes[] = {
        {"- a\n", "1:1: ", "a scorecard is a map"},
        {"features: []\n", "1:1: scorecard: ", "is required"},
        {"scorecard: a b\nfeatures: []\n", "1:12: scorecard: ", "its code is a word"},
        {"scorecard: t\n", "1:1: features: ", "must be a list"},
        {"scorecard: t\nfeatures: []\nbias: 1\n", "1:1: ", "\"bias\": no such key"},
        {"scorecard: t\nfeatures: []\ncap: 101\n", "3:6: cap: ", "from 1 to 100"},
        {HEAD "- 1\n", "5:3: features[0]: ", "must be a map"},
        {HEAD "- {word: ab, points: 101}\n", "5:22: features[0].points: ", "from -100 to 100"},
        {HEAD "- {word: ab}\n", "5:3: features[0].points: ", ""},
        {HEAD "- {word: ab, points: 1, colour: 3}\n",
                "5:3: features[0]: ", "\"colour\": no such key"},
        {HEAD "- {points: 1}\n", "5:3: features[0]: ", "needs one of: attribute, word, bigram"},
        {HEAD "- {word: two words, points: 1}\n", "5:3: features[0]: ", "not one word"},
        {HEAD "- {word: Lawyer 1, points: 1}\n", "5:3: features[0]: ", "not one word"},
        {HEAD "- {word: ab, points: 1}\n- {word: ab, points: 2}\n",
                "6:3: features[1]: ", "the same stands before"},
        {HEAD "- {attribute: colour, is: x, points: 1}\n", "5:15: features[0].attribute: ",
                "\"colour\": no attribute that a scorecard can use"},
        {HEAD "- {attribute: text, is: x, points: 1}\n",
                "5:15: features[0].attribute: ", "no attribute that a scorecard can use"},
        {HEAD "- {attribute: age, points: 1}\n",
                "5:3: features[0]: ", "needs one of: is, absent, from and below"},
        {HEAD "- {attribute: age, absent: true, from: 1, points: 1}\n",
                "5:3: features[0]: ", "needs one of: is, absent, from and below"},
        {HEAD "- {attribute: age, absent: false, points: 1}\n",
                "5:28: features[0].absent: ", "takes only true"},
        {HEAD "- {attribute: age, from: 5, below: 5, points: 1}\n",
                "5:3: features[0]: ", "a range that holds nothing"},
        {HEAD "- {attribute: age, from: 5, points: 1}\n- {attribute: age, below: 6, points: 1}\n",
                "6:3: features[1]: ", "overlaps another range"},
        {HEAD "- {attribute: age, absent: true, points: 1}\n"
              "- {attribute: age, absent: true, points: 1}\n",
                "6:3: features[1]: ", "absent before"},
        {HEAD "- {attribute: issue, is: x, points: 1}\n- {attribute: issue, is: x, points: 1}\n",
                "6:3: features[1]: ", "the same value"},
        {HEAD "- {word: ab, points: 1}\nchecksum: \"0123456789abcdef\"\n",
                "6:11: checksum: ", "the card is another than the one written"},
};

static void write_card(const struct scratch *scratch, const char *text)
{
    char path[SCRATCH_PATH_MAX + 16];
    (void)snprintf(path, sizeof path, "%s/card.yaml", scratch->path);
    FILE *file = fopen(path, "wb");
    assert_non_null(file);
    assert_true(fputs(text, file) >= 0);
    assert_int_equal(fclose(file), 0);
}

static int load(const struct scratch *scratch, struct config **config, struct config_errors *errors)
{
    return config_parse(
            RD_STR("redress: 1\nunits: {id: hq}\nassessment: {scorecard: {file: card.yaml}}\n"),
            "t.yaml", scratch->path, config, errors);
}

static void test_mistakes_name_the_line_of_the_file(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    for (size_t i = 0; i < RD_COUNT(mistakes); i++) {
        struct config *config = NULL;
        struct config_errors errors = {0};
        char prefix[SCRATCH_PATH_MAX + 128];
        write_card(&scratch, mistakes[i].text);
        assert_int_equal(load(&scratch, &config, &errors), -EINVAL);
        (void)snprintf(prefix, sizeof prefix, "%s/card.yaml:%s", scratch.path, mistakes[i].where);
        if (errors.count != 1 || strncmp(errors.lines[0], prefix, strlen(prefix)) != 0 ||
                strstr(errors.lines[0], mistakes[i].what) == NULL) {
            fail_msg("card %zu: %zu mistakes, %s", i, errors.count, errors.lines[0]);
        }
        config_errors_done(&errors);
    }
    scratch_remove(&scratch);
}

static void test_a_good_file(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    write_card(&scratch, HEAD "- {attribute: issue, is: Mortgage, points: 4}\n"
                              "- {attribute: attributes.n, from: -5, below: 7, points: -1}\n"
                              "- {word: lawyer, points: 2}\n- {bigram: 投诉, points: 1}\n"
                              "- {word: 12378, points: 3}\n"
                              "- {attribute: attributes.vip, is: true, points: 3}\n"
                              "- {attribute: people, is: 3, points: 3}\n"
                              "figures: {auc: \"0.6\"}\ndata: {rows: 5}\n");
    struct config *config = NULL;
    struct config_errors errors = {0};
    int r = load(&scratch, &config, &errors);
    assert_int_equal(errors.count, 0);
    assert_int_equal(r, 0);
    const struct rd_card *card = rd_scorecard_card(config->plan->assessment.scorecard);
    assert_int_equal(card->feature_count, 7);
    assert_true(rd_str_is(card->features[4].text, "12378"));
    assert_true(rd_str_is(card->features[5].text, "true"));
    assert_true(rd_str_is(card->features[6].text, "3"));
    assert_int_equal(card->base, 3);
    assert_int_equal(card->cap, 100);
    assert_int_equal(card->features[1].from, -5);
    assert_int_equal(card->features[1].below, 7);
    assert_int_equal(card->features[3].kind, RD_CARD_TOKEN);
    config_free(config);
    scratch_remove(&scratch);
}

/* What is shipped loads, with the checksum it was written with. */
static void test_the_shipped_card(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct config_errors errors = {0};
    int r = config_parse(RD_STR("redress: 1\nunits: {id: hq}\n"
                                "assessment: {scorecard: {file: scorecards/cfpb-dispute.yaml}}\n"),
            "t.yaml", CONFIG_FOLDER, &config, &errors);
    assert_int_equal(r, 0);
    const struct rd_scorecard *card = config->plan->assessment.scorecard;
    assert_in_range(rd_scorecard_card(card)->feature_count, 50, 200);
    assert_false(rd_scorecard_reads_text(card));
    config_free(config);
}

static void test_its_code_is_no_other_reason(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct config_errors errors = {0};
    int r = config_parse(RD_STR("redress: 1\nunits: {id: hq}\nassessment:\n"
                                "  lexicons: [{code: t, terms: {a: 1}}]\n"
                                "  scorecard: {card: {scorecard: t, features: []}}\n"),
            "t.yaml", NULL, &config, &errors);
    assert_int_equal(r, -EINVAL);
    assert_non_null(strstr(errors.lines[0], "\"t\" is the code of another reason already"));
    config_errors_done(&errors);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_texts_are_cut),
            cmocka_unit_test(test_points_are_summed_and_cut),
            cmocka_unit_test(test_never_below_zero),
            cmocka_unit_test(test_checksum),
            cmocka_unit_test(test_mistakes_name_the_line_of_the_file),
            cmocka_unit_test(test_a_good_file),
            cmocka_unit_test(test_the_shipped_card),
            cmocka_unit_test(test_its_code_is_no_other_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
