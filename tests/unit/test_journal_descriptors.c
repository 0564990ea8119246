/* journal.h: a process without descriptors. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "tests/unit/journal_fixture.h"

static rlim_t limit_descriptors(rlim_t to)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
    rlim_t before = limit.rlim_cur;
    limit.rlim_cur = to;
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    return before;
}

/* Without descriptors it waits, tells so, and is not failed; with them all becomes durable. */
static void want_of_descriptors_is_no_failure(void **state)
{
    struct world *world = *state;
    rlim_t before = limit_descriptors(0);
    bool is_starved = false;
    for (int i = 0; i < 4000 && !is_starved; i++) { /* many segments' worth */
        append(world, 1);
        if (!journal_write_here(world->journal)) {
            journal_submit(world->journal);
            /* a batch is durable, or waits: the test's time limit ends it where it does neither */
            while (journal_durable(world->journal) < journal_last(world->journal) && !is_starved) {
                is_starved = journal_is_starved(world->journal);
            }
        }
    }
    assert_true(is_starved);
    append(world, 1000); /* more than the open segment takes */
    journal_submit(world->journal);
    assert_true(journal_is_starved(world->journal));
    assert_int_equal(journal_failed(world->journal), 0);
    (void)limit_descriptors(before);
    assert_int_equal(journal_flush(world->journal), 0);
    assert_int_equal(journal_durable(world->journal), journal_last(world->journal));
    journal_settle(world->journal);
    assert_false(journal_is_starved(world->journal));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(want_of_descriptors_is_no_failure, setup, teardown),
    };
    return cmocka_run_group_tests_name("journal_descriptors", tests, NULL, NULL);
}
