/* tests/unit/test_store_still.c — what a side view was shown stays as it was while another thread
 * writes on, undoes, seals and checkpoints. */
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

#include "tests/unit/store_fixture.h"

enum { ROWS = 200, SHOWN_TIMES = 300, LONG_BYTES = 300 };

static struct store_view *side_of(struct fixture *fixture)
{
    struct store_view *side = NULL;
    assert_int_equal(store_side_open(fixture->store, &side), 0);
    store_side_rest(side);
    return side;
}

static void later_changes_are_not_seen(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "a", "1");
    assert_int_equal(store_flush(fixture->store), 0);
    put(fixture, "b", "2");
    struct store_view *side = side_of(fixture);
    assert_int_equal(store_side_show(side, fixture->live), 0);
    put(fixture, "b", "3");
    put(fixture, "a", "4");
    put(fixture, "c", "5");
    assert_scan(side, "", "a=1 b=2 ");
    del(fixture, "b");
    assert_value(side, "b", "2");
    assert_value(side, "c", "-");
    assert_scan(fixture->live, "", "a=4 c=5 ");
    store_side_rest(side);
    assert_int_equal(store_side_show(side, fixture->live), 0);
    assert_scan(side, "", "a=4 c=5 ");
    store_side_rest(side);
    assert_int_equal(store_side_renew(side), 0);
    assert_scan(side, "", "a=1 ");
    store_side_close(side);
}

static void what_is_undone_was_never_seen(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "a", "first");
    struct store_view *side = side_of(fixture);
    assert_int_equal(store_side_show(side, fixture->live), 0);
    for (int i = 0; i < 3; i++) {
        store_mark(fixture->live);
        put(fixture, "a", "other");
        put(fixture, "a", "");
        put(fixture, "b", "new");
        assert_scan(fixture->live, "", "a= b=new "); /* what waits goes in: the undo has work */
        assert_scan(side, "", "a=first ");
        store_undo(fixture->live);
        assert_scan(fixture->live, "", "a=first ");
        put(fixture, "a", i == 1 ? "third" : "first");
        assert_scan(side, "", "a=first ");
        put(fixture, "a", "first");
    }
    store_side_close(side);
}

/* A checkpoint that ends while the side view reads leaves it what it reads. */
static void a_checkpoint_does_not_take_it_away(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "a", "1");
    struct store_view *side = side_of(fixture);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(store_side_show(side, fixture->live), 0);
        put(fixture, "a", "2");
        put(fixture, "b", "2");
        assert_int_equal(store_flush(fixture->store), 0);
        put(fixture, "b", "3");
        assert_int_equal(store_flush(fixture->store), 0);
        assert_scan(side, "", i % 2 == 0 ? "a=1 " : "a=2 b=3 ");
        store_side_rest(side);
        if (i % 2 == 1) {
            put(fixture, "a", "1");
            del(fixture, "b");
        }
    }
    store_side_close(side);
}

/* ---- two threads ---- */

/* The reader's, while `is_read`; else the writer's. */
struct shown {
    struct store_view *side;
    _Atomic bool is_read, is_over;
    int faults;
};

/* All rows of one round have its number in their values. */
static int faults_of(struct store_view *side)
{
    struct store_scan scan;
    struct rd_str key;
    struct rd_str value;
    uint64_t round = 0;
    int count = 0;
    int faults = 0;
    store_scan_begin(&scan, side, STORE_CASES, (struct rd_str){0});
    while (store_scan_next(&scan, &key, &value)) {
        uint64_t number;
        struct rd_str again;
        memcpy(&number, value.ptr, sizeof number);
        round = count == 0 ? number : round;
        faults += number != round || !store_get(side, STORE_CASES, key, &again) ||
                  !rd_str_eq(value, again);
        count++;
    }
    return faults + (count != ROWS);
}

static void *read_shown(void *context)
{
    struct shown *shown = context;
    while (!atomic_load(&shown->is_over)) {
        if (!atomic_load(&shown->is_read)) {
            (void)sched_yield();
            continue;
        }
        shown->faults += faults_of(shown->side);
        store_side_rest(shown->side);
        atomic_store(&shown->is_read, false);
    }
    return NULL;
}

static void put_round(struct fixture *fixture, uint64_t round)
{
    uint8_t value[LONG_BYTES] = {0};
    memcpy(value, &round, sizeof round);
    for (int i = 0; i < ROWS; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "k%d", i);
        size_t len = round % 3 == 0 ? LONG_BYTES : sizeof round + round % 5;
        store_put(fixture->live, STORE_CASES, rd_str_of(key),
                (struct rd_str){.ptr = (const char *)value, .len = len});
    }
}

static void a_reader_sees_one_round(void **state)
{
    struct fixture *fixture = *state;
    struct shown shown = {.side = side_of(fixture)};
    pthread_t thread;
    put_round(fixture, 1);
    assert_int_equal(pthread_create(&thread, NULL, read_shown, &shown), 0);
    int times = 0;
    for (uint64_t round = 2; times < SHOWN_TIMES; round++) {
        if (!atomic_load(&shown.is_read)) {
            assert_int_equal(store_side_show(shown.side, fixture->live), 0);
            atomic_store(&shown.is_read, true);
            times++;
        }
        store_mark(fixture->live);
        put_round(fixture, round);
        if (round % 4 == 0) {
            store_undo(fixture->live);
        } else {
            store_keep(fixture->live);
        }
        assert_int_equal(store_checkpointed(fixture->store), 0);
        if (round % 7 == 0 && !store_is_checkpointing(fixture->store)) {
            assert_true(store_seal(fixture->store));
        }
    }
    while (atomic_load(&shown.is_read)) {
        (void)sched_yield();
    }
    atomic_store(&shown.is_over, true);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_int_equal(shown.faults, 0);
    store_side_close(shown.side);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(
                    later_changes_are_not_seen, fixture_setup, fixture_teardown),
            cmocka_unit_test_setup_teardown(
                    what_is_undone_was_never_seen, fixture_setup, fixture_teardown),
            cmocka_unit_test_setup_teardown(
                    a_checkpoint_does_not_take_it_away, fixture_setup, fixture_teardown),
            cmocka_unit_test_setup_teardown(
                    a_reader_sees_one_round, fixture_setup, fixture_teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
