/* The shipped lexicons: whom they take for somebody who is about to complain, and whom not.
 * The sentences were written for this test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "common/fold.h"
#include "daemon/config/config.h"

enum { ZH, EN, TOUTS, LEXICONS, ARENA_MAX = 1024 * 1024 };

static const char *const CODES[LEXICONS] = {"zh", "en", "touts"};

/* At least so many points of each; 0: none at all. */
static const struct {
    const char *text;
    int32_t zh, en, touts;
} texts[] = {
        {"再不处理我就打12378投诉到底!", 40, 0, 0},
        {"你们这是销售误导,存款变保险,我要找银保监", 50, 0, 0},
        {"我已经打了五次电话,一直没人管,太失望了", 30, 0, 0},
        {"明天就去找律师起诉你们,再找媒体曝光", 50, 0, 0}, {"叫你们经理出来给个说法", 20, 0, 0},
        {"业务员把我妈骗了,说是存款,三个月过去了还没有人回复", 10, 0, 0},
        {"要求全额退保,有人说可以代理退保,不成功不收费", 20, 0, 40},
        {"有个维权顾问给了我投诉模板", 15, 0, 25}, {"投诉到１２３７８", 30, 0, 0}, /* full width */
        {"This is the third time. I will report you to the Financial Ombudsman.", 0, 40, 0},
        {"I was misled and I want my money back or I call my LAWYER", 0, 45, 0},
        {"I have called six times and nobody calls back. Unacceptable!", 0, 25, 0},
        {"filing a complaint with the CFPB and the attorney general", 0, 60, 0},
        {"you people are a scam", 0, 15, 0}, {"我不满意,I want a refund", 5, 5, 0},
        /* who only asks */
        {"请问怎么修改我的联系电话?", 0, 0, 0}, {"人寿保险的现金价值怎么计算?", 0, 0, 0},
        {"我的保单什么时候到期,续费可以用微信吗", 0, 0, 0},
        {"请问你们的服务时间是几点到几点?谢谢", 0, 0, 0},
        {"去年买的车险,今年想换一个保障更全的", 0, 0, 0},
        {"How do I change the address on my policy?", 0, 0, 0},
        {"What is the difference between term and whole life insurance?", 0, 0, 0},
        {"Please send me last month's statement, thank you", 0, 0, 0},
        {"Does my insurance cover a rental car?", 0, 0, 0},
        {"My issue with the app is solved, great service", 0, 0, 0}, /* "issue" is not "sue" */
        {"courtesy car, please", 0, 0, 0},                           /* nor this "court" */
};

static struct config *load(void)
{
    struct config *config = NULL;
    struct config_errors errors = {0};
    int r = config_parse(RD_STR("redress: 1\nunits: {id: hq}\nassessment:\n  lexicons:\n"
                                "    - {code: zh, file: lexicons/zh-complaint.txt}\n"
                                "    - {code: en, file: lexicons/en-complaint.txt}\n"
                                "    - {code: touts, file: lexicons/zh-touts.txt}\n"),
            "t.yaml", CONFIG_FOLDER, &config, &errors);
    for (size_t i = 0; i < errors.count; i++) {
        (void)fprintf(stderr, "%s\n", errors.lines[i]);
    }
    config_errors_done(&errors);
    assert_int_equal(r, 0);
    return config;
}

static void test_what_they_hit(void **state)
{
    (void)state;
    struct config *config = load();
    const struct rd_plan_assessment *plan = &config->plan->assessment;
    struct rd_terms_scratch *scratch = rd_terms_scratch_new(plan->terms);
    bool *found = calloc(plan->term_count, sizeof *found);
    struct rd_arena arena;
    unsigned bad = 0;
    rd_arena_init(&arena, ARENA_MAX);
    assert_int_equal(plan->lexicon_count, LEXICONS);
    for (size_t i = 0; i < RD_COUNT(texts); i++) {
        int32_t want[LEXICONS] = {texts[i].zh, texts[i].en, texts[i].touts};
        struct rd_str folded = rd_fold(rd_str_of(texts[i].text), &arena);
        rd_terms_find(plan->terms, scratch, folded, found, NULL);
        for (size_t k = 0; k < LEXICONS; k++) {
            int32_t points = 0;
            for (size_t n = 0; n < plan->lexicons[k].term_count; n++) {
                bool is_hit = found[plan->lexicons[k].first_term + n];
                points += is_hit ? plan->lexicons[k].points[n] : 0;
            }
            if (want[k] == 0 ? points != 0 : points < want[k]) {
                (void)fprintf(stderr, "%s: %d points of %s, %s %d\n", texts[i].text, (int)points,
                        CODES[k], want[k] == 0 ? "wanted" : "wanted at least", (int)want[k]);
                bad++;
            }
        }
    }
    rd_arena_done(&arena);
    free(found);
    rd_terms_scratch_free(scratch);
    config_free(config);
    assert_int_equal(bad, 0);
}

/* Each file says where its words come from, has some, and weighs none out of proportion. */
static void test_each_names_its_source(void **state)
{
    (void)state;
    static const char *const files[] = {"zh-complaint.txt", "en-complaint.txt", "zh-touts.txt"};
    struct config *config = load();
    for (size_t i = 0; i < RD_COUNT(files); i++) {
        char path[512], head[2048];
        (void)snprintf(path, sizeof path, "%s/lexicons/%s", CONFIG_FOLDER, files[i]);
        FILE *file = fopen(path, "rb");
        assert_non_null(file);
        head[fread(head, 1, sizeof head - 1, file)] = '\0';
        assert_int_equal(fclose(file), 0);
        assert_non_null(strstr(head, "# Source"));
        const struct rd_plan_lexicon *lexicon = &config->plan->assessment.lexicons[i];
        assert_true(lexicon->term_count > 20);
        for (size_t k = 0; k < lexicon->term_count; k++) {
            assert_in_range(lexicon->points[k], 1, 30);
        }
    }
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_what_they_hit),
            cmocka_unit_test(test_each_names_its_source),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
