/* Whose question is answered next, by what each peer has used. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "daemon/doors/shares.h"

static struct shares shares;

static int begin(void **state)
{
    (void)state;
    shares = (struct shares){.count = 0};
    return 0;
}

static void test_a_newcomer_passes_one_who_used_much(void **state)
{
    (void)state;
    struct share *hog = share_enter(&shares, 1);
    for (int i = 0; i < 100; i++) {
        share_use(&shares, hog, 1000);
    }
    struct share *other = share_enter(&shares, 2);
    assert_true(other->used < hog->used);
    share_use(&shares, other, 1);
    assert_true(other->used < hog->used); /* and again */
}

static void test_what_was_used_is_not_forgotten_between_two_questions(void **state)
{
    (void)state;
    struct share *one = share_enter(&shares, 1);
    share_use(&shares, one, 1000);
    share_leave(one);
    assert_int_equal(share_enter(&shares, 1)->used, 1000);
    assert_int_equal(share_enter(&shares, 2)->used, 0);
}

static void test_waiting_saves_nothing(void **state)
{
    (void)state;
    struct share *waits = share_enter(&shares, 1), *busy = share_enter(&shares, 2);
    for (int i = 0; i < 100; i++) {
        share_use(&shares, busy, 1000);
    }
    share_use(&shares, waits, 1); /* is served first, once, and no more than that */
    assert_true(waits->used > busy->used - 1000 && waits->used < busy->used);
    share_leave(waits);
    share_leave(busy);
    assert_int_equal(share_enter(&shares, 3)->used, shares.now);
}

static void test_a_peer_has_one_share(void **state)
{
    (void)state;
    struct share *one = share_enter(&shares, 7);
    assert_ptr_equal(share_enter(&shares, 7), one);
    assert_int_equal(one->open, 2);
    assert_ptr_not_equal(share_enter(&shares, 8), one);
}

static void test_places_come_free(void **state)
{
    (void)state;
    for (uint64_t key = 1; key <= 10 * SHARES_MAX; key++) { /* all of them stay ahead */
        struct share *one = share_enter(&shares, key);
        share_use(&shares, one, 1);
        share_leave(one);
    }
    assert_true(shares.count <= SHARES_MAX);
    struct share *first = NULL;
    for (uint64_t key = 1; key < SHARES_MAX; key++) {
        struct share *one = share_enter(&shares, UINT64_MAX - key);
        first = key == 1 ? one : first;
    }
    assert_int_equal(first->key, UINT64_MAX - 1); /* nobody took it */
    assert_int_equal(first->open, 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup(test_a_newcomer_passes_one_who_used_much, begin),
            cmocka_unit_test_setup(
                    test_what_was_used_is_not_forgotten_between_two_questions, begin),
            cmocka_unit_test_setup(test_waiting_saves_nothing, begin),
            cmocka_unit_test_setup(test_a_peer_has_one_share, begin),
            cmocka_unit_test_setup(test_places_come_free, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
