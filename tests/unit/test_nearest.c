#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "common/base/nearest.h"

static void a_slip_finds_its_name(void **state)
{
    static const char *const names[] = {"received", "handling", "decided", "closed", "high"};
    static const struct {
        const char *written, *best; /* NULL: none is near */
        size_t distance;
    } table[] = {
            {"closed", "closed", 0},
            {"colsed", "closed", 1}, /* neighbours swapped are one step */
            {"hi", "high", 2},
            {"hndling", "handling", 1},
            {"decidedd", "decided", 1},
            {"zzzzzz", NULL, 0},
            {"", NULL, 0},
    };
    (void)state;
    for (size_t i = 0; i < RD_COUNT(table); i++) {
        struct rd_nearest nearest = rd_nearest_of(rd_str_of(table[i].written));
        assert_false(rd_nearest_is_close(&nearest)); /* none was tried yet */
        for (size_t n = 0; n < RD_COUNT(names); n++) {
            rd_nearest_try(&nearest, rd_str_of(names[n]));
        }
        assert_int_equal(rd_nearest_is_close(&nearest), table[i].best != NULL);
        if (table[i].best != NULL) {
            assert_true(rd_str_is(nearest.best, table[i].best));
            assert_int_equal(nearest.distance, table[i].distance);
        }
    }
}

static void a_long_name_is_never_near(void **state)
{
    char text[65];
    (void)state;
    for (size_t i = 0; i < sizeof text; i++) {
        text[i] = 'a';
    }
    struct rd_nearest nearest = rd_nearest_of((struct rd_str){.ptr = text, .len = sizeof text});
    rd_nearest_try(&nearest, (struct rd_str){.ptr = text, .len = sizeof text});
    assert_false(rd_nearest_is_close(&nearest));
}

static void a_hint_ends_a_message(void **state)
{
    char room[RD_NEAREST_HINT_MAX];
    (void)state;
    struct rd_nearest nearest = rd_nearest_of(RD_STR("clock.breech"));
    assert_string_equal(rd_nearest_hint(&nearest, room), "");
    rd_nearest_try(&nearest, RD_STR("clock.breach"));
    assert_string_equal(rd_nearest_hint(&nearest, room), "; did you mean clock.breach?");
    nearest = rd_nearest_of(RD_STR("x"));
    rd_nearest_try(&nearest, RD_STR("clock.breach"));
    assert_string_equal(rd_nearest_hint(&nearest, room), "");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_slip_finds_its_name),
            cmocka_unit_test(a_long_name_is_never_near),
            cmocka_unit_test(a_hint_ends_a_message),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
