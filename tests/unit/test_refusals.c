/* What operators hear of rejected events: the first soon, the rest once in a while, bounded. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/refusals.h"

enum { WAIT = 60, EVERY = 3600 };

static void note_at(struct refusals *refusals, const char *source, const char *code,
        uint64_t letter, int64_t now)
{
    struct rd_reject reject = {0};
    (void)rd_reject_set(&reject, code, "id", "letter %d", (int)letter);
    refusals_note(refusals, rd_str_of(source), &reject, letter, now + WAIT);
}

static void note(struct refusals *refusals, const char *source, const char *code, uint64_t letter)
{
    note_at(refusals, source, code, letter, 0);
}

static void test_the_first_is_told_after_a_while_and_the_next_after_a_longer_one(void **state)
{
    (void)state;
    struct refusals refusals = {0};
    char detail[512];
    assert_null(refusals_next(&refusals, WAIT, EVERY, detail));
    note(&refusals, "crm", "conflict", 7);
    note(&refusals, "crm", "conflict", 8);
    assert_null(refusals_next(&refusals, WAIT - 1, EVERY, detail));
    const struct refusals_pair *pair = refusals_next(&refusals, WAIT, EVERY, detail);
    assert_non_null(pair);
    assert_string_equal(pair->code, "conflict");
    assert_string_equal(detail, "crm: 2 rejected, the newest as dead letter 8: letter 8");
    assert_null(refusals_next(&refusals, WAIT + 1, EVERY, detail));
    note(&refusals, "crm", "conflict", 9);
    assert_null(refusals_next(&refusals, WAIT + EVERY - 1, EVERY, detail));
    assert_non_null(refusals_next(&refusals, WAIT + EVERY, EVERY, detail));
    assert_string_equal(detail, "crm: 1 rejected, the newest as dead letter 9: letter 9");
}

static void test_source_and_error_are_told_apart_and_forgotten_when_quiet(void **state)
{
    (void)state;
    struct refusals refusals = {0};
    char detail[512];
    note(&refusals, "crm", "conflict", 1);
    note(&refusals, "crm", "unknown_unit", 2);
    note(&refusals, "", "malformed", 3);
    for (int i = 0; i < 3; i++) {
        assert_non_null(refusals_next(&refusals, WAIT, EVERY, detail));
    }
    assert_string_equal(detail,
            "an event that could not be read: 1 rejected, the newest as dead letter 3: letter 3");
    assert_null(refusals_next(&refusals, WAIT + EVERY, EVERY, detail));
    note_at(&refusals, "crm", "conflict", 4,
            WAIT + EVERY); /* its while was quiet: this is a first one again */
    assert_null(refusals_next(&refusals, 2 * WAIT + EVERY - 1, EVERY, detail));
    assert_non_null(refusals_next(&refusals, 2 * WAIT + EVERY, EVERY, detail));
}

static void test_too_many_sources_are_counted_together(void **state)
{
    (void)state;
    struct refusals refusals = {0};
    char detail[512], source[200];
    memset(source, 'x', sizeof source);
    for (uint64_t i = 1; i <= 1000; i++) {
        (void)snprintf(source, sizeof source, "made-up-%d", (int)i);
        note(&refusals, source, "forbidden", i);
    }
    size_t told = 0;
    while (refusals_next(&refusals, WAIT, EVERY, detail) != NULL) {
        told++;
    }
    assert_int_equal(told, REFUSALS_PAIRS + 1);
    assert_string_equal(
            detail, "other sources: 984 rejected, the newest as dead letter 1000: letter 1000");
    struct refusals fresh = {0};
    note(&fresh, "crm", "conflict", 0); /* limits.dead_letters: 0 */
    assert_non_null(refusals_next(&fresh, WAIT, EVERY, detail));
    assert_string_equal(detail, "crm: 1 rejected: letter 0");
    memset(source, 'x', sizeof source);
    source[sizeof source - 1] = '\0';
    note(&fresh, source, "bad_value", 1); /* longer than a source may be */
    assert_non_null(refusals_next(&fresh, WAIT, EVERY, detail));
    assert_true(strchr(detail, ':') == detail + REFUSALS_SOURCE_MAX);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_the_first_is_told_after_a_while_and_the_next_after_a_longer_one),
            cmocka_unit_test(test_source_and_error_are_told_apart_and_forgotten_when_quiet),
            cmocka_unit_test(test_too_many_sources_are_counted_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
