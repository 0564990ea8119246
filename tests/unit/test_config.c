/* The configuration: what loads, what is refused and where. redress.yaml(5). */
#include <setjmp.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/config/config.h"

#define EXAMPLE CONFIG_FOLDER "/redress.example.yaml"

static struct config *load_text(const char *text, const char *folder)
{
    struct config *config = NULL;
    struct config_errors errors = {0};
    int r = config_parse(rd_str_of(text), "t.yaml", folder, &config, &errors);
    for (size_t i = 0; i < errors.count; i++) {
        (void)fprintf(stderr, "%s\n", errors.lines[i]);
    }
    config_errors_done(&errors);
    return r == 0 ? config : NULL;
}

static struct config *load_example(void)
{
    struct config *config = NULL;
    struct config_errors errors = {0};
    int r = config_load(EXAMPLE, &config, &errors);
    for (size_t i = 0; i < errors.count; i++) {
        (void)fprintf(stderr, "%s\n", errors.lines[i]);
    }
    config_errors_done(&errors);
    assert_int_equal(r, 0);
    return config;
}

static void test_minimal_loads(void **state)
{
    (void)state;
    RD_CLEANUP(config_freep)
    struct config *config = load_text("redress: 1\nunits: {id: hq}\n", NULL);
    assert_non_null(config);
    const struct rd_plan *plan = config->plan;
    assert_int_equal(plan->unit_count, 1);
    assert_int_equal(plan->calendar_count, 1);
    assert_true(rd_str_is(plan->calendars[0].name, "default"));
    assert_int_equal(plan->policy_count, 1);
    const struct rd_plan_ladder *ladder = &plan->policies[0].ladder;
    assert_true(ladder->has_until);
    assert_int_equal(ladder->until, RD_MOMENT_ACKNOWLEDGED);
    assert_int_equal(ladder->rung_count, 2);
    assert_true(ladder->rungs[0].has_ack_within);
    assert_int_equal(ladder->rungs[0].ack_within.count, 4 * 3600);
    assert_int_equal(ladder->rungs[1].after.unit, RD_LIMIT_BUSINESS_DAYS);
    assert_int_equal(ladder->rungs[1].notify.at[0].kind, RD_TARGET_PARENT);
    assert_string_equal(config->intake.at[0].at, "ipc://" REDRESS_RUN_DIR "/intake");
    assert_int_equal(config->dedup_us, 35 * RD_DAY_US);
    assert_int_equal(config->start_grace_us, 30 * RD_SECOND_US);
    assert_false(config->has_security);
}

static void test_example_loads(void **state)
{
    (void)state;
    RD_CLEANUP(config_freep)
    struct config *config = load_example();
    const struct rd_plan *plan = config->plan;
    assert_int_equal(plan->unit_count, 6);
    int32_t d3 = rd_plan_unit_find(plan, RD_STR("d3"));
    assert_int_equal(d3, rd_plan_unit_find(plan, RD_STR("xj/urumqi/d3")));
    assert_int_equal(plan->units[d3].authority, 2000000);
    assert_true(rd_str_is(plan->calendars[plan->units[d3].calendar].name, "cn-xj"));
    assert_int_equal(plan->units[d3].parent, rd_plan_unit_find(plan, RD_STR("urumqi")));

    assert_int_equal(plan->policy_count, 5);
    const struct rd_plan_policy *first = &plan->policies[0];
    assert_int_equal(first->clock_count, 3 + 2); /* and the common ones */
    assert_int_equal(plan->common_clock_count, 2);
    const struct rd_plan_clock *decide = &first->clocks[0];
    assert_true(rd_str_is(decide->name, "decide"));
    assert_true(decide->is_statutory);
    assert_int_equal(decide->limit.unit, RD_LIMIT_CALENDAR_DAYS);
    assert_int_equal(decide->limit.count, 15);
    assert_int_equal(decide->roll, RD_ROLL_RESTDAY);
    assert_int_equal(decide->extension_count, 2);
    assert_int_equal(decide->breach_severity, RD_CRITICAL);
    assert_true(rd_str_is(decide->valid_from, "2020-03-01"));
    assert_int_equal(first->clock_valid_until[0], RD_DAY_NONE);
    assert_int_equal(first->clocks[1].reminders[0].share_pct, 80);
    assert_int_equal(first->clocks[1].breach_notify.count, 1);
    assert_true(rd_str_is(first->clocks[2].due_attribute, "answer_by"));
    assert_int_equal(first->ladder.rungs[0].renotify_times, 2);
    assert_int_equal(first->ladder.rungs[2].notify.at[0].steps, 2);
    assert_int_equal(first->ladder.rungs[2].notify.at[1].kind, RD_TARGET_NAMED);
    assert_true(plan->policies[1].ladder.rungs[0].holds_for_opening);
    assert_true(plan->policies[4].clocks[1].outlives_close);
    assert_non_null(plan->policies[4].clocks[1].when);

    assert_int_equal(plan->assessment.rule_count, 4);
    assert_int_equal(plan->assessment.lexicon_count, 7);
    assert_true(plan->assessment.lexicons[2].term_count >= 25);
    assert_int_equal(plan->assessment.window_count, 3);
    assert_true(plan->assessment.windows[1].pattern.is_set);
    assert_int_equal(plan->assessment.windows[2].types, 2);
    assert_non_null(plan->assessment.scorecard);
    assert_int_equal(plan->assessment.follow_up_us, 30 * RD_DAY_US);
    assert_int_equal(plan->storm_count, 10);
    assert_int_equal(plan->supervision.transfers_max, 3);
    assert_true(rd_str_is(plan->titles[RD_ALERT_UNIT_REPORT_MISSING],
            "{unit}未报送日报{?({key})}，请于当日补报"));
    assert_int_equal(config->mask, RD_MASK_LAST4);
    assert_false(config->has_security); /* shown as a comment: it is not there yet */
    assert_int_equal(config->intake.count, 2);
}

static void assert_reloads(const struct config *config)
{
    struct rd_buf buf;
    rd_buf_init(&buf, 16 * 1024 * 1024);
    assert_int_equal(config_print(config, &buf), 0);
    rd_buf_put_u8(&buf, '\0');
    struct config *again = load_text((const char *)buf.ptr, "/");
    assert_non_null(again);
    assert_memory_equal(again->hash, config->hash, sizeof config->hash);
    struct rd_buf second;
    rd_buf_init(&second, 16 * 1024 * 1024);
    assert_int_equal(config_print(again, &second), 0);
    assert_int_equal(second.len + 1, buf.len);
    assert_memory_equal(second.ptr, buf.ptr, second.len);
    rd_buf_done(&second);
    rd_buf_done(&buf);
    config_free(again);
}

static void test_what_is_printed_loads_to_the_same(void **state)
{
    (void)state;
    struct config *config = load_example();
    assert_reloads(config);
    config_free(config);
    config = load_text("redress: 1\nunits: {id: hq}\n", NULL);
    assert_non_null(config);
    assert_reloads(config);
    config_free(config);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_minimal_loads),
            cmocka_unit_test(test_example_loads),
            cmocka_unit_test(test_what_is_printed_loads_to_the_same),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
