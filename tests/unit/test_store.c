/* tests/unit/test_store.c — a view: reading, writing, scans, one step back; what is borrowed. */
#include "tests/unit/store_fixture.h"

/* a in LMDB, b in the sealed overlay, c in the active one; x hidden from level to level. */
static void three_levels(struct fixture *fixture)
{
    put(fixture, "a", "1");
    put(fixture, "x1", "old");
    put(fixture, "x2", "old");
    assert_int_equal(store_flush(fixture->store), 0);
    put(fixture, "b", "2");
    del(fixture, "x1");
    put(fixture, "x2", "newer");
    assert_true(store_seal(fixture->store));
    put(fixture, "c", "3");
    put(fixture, "x1", "again");
    del(fixture, "x2");
}

/* ---- reading and writing ---- */

static void an_upper_level_hides_a_lower_one(void **state)
{
    struct fixture *fixture = *state;
    three_levels(fixture);
    assert_value(fixture->live, "a", "1");
    assert_value(fixture->live, "b", "2");
    assert_value(fixture->live, "c", "3");
    assert_value(fixture->live, "x1", "again");
    assert_value(fixture->live, "x2", "-");
    assert_value(fixture->live, "x", "-");
    assert_scan(fixture->live, "", "a=1 b=2 c=3 x1=again ");
    assert_scan(fixture->live, "b", "b=2 c=3 x1=again ");
    assert_scan(fixture->live, "ba", "c=3 x1=again ");
    assert_scan(fixture->live, "x2", "");
    assert_int_equal(store_flush(fixture->store), 0);
    assert_scan(fixture->live, "", "a=1 b=2 c=3 x1=again ");
}

static void tables_do_not_see_each_other(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "a", "1");
    struct rd_str value;
    assert_false(store_get(fixture->live, STORE_TIMERS_WALL, RD_STR("a"), &value));
    assert_int_equal(store_flush(fixture->store), 0);
    assert_false(store_get(fixture->live, STORE_TIMERS_WALL, RD_STR("a"), &value));
}

static void an_empty_value_is_a_value(void **state)
{
    struct fixture *fixture = *state;
    store_put(fixture->live, STORE_CASES, RD_STR("a"), (struct rd_str){0});
    assert_value(fixture->live, "a", "");
    assert_int_equal(store_flush(fixture->store), 0);
    assert_value(fixture->live, "a", "");
}

static void longest_key_and_a_value_of_many_pages(void **state)
{
    struct fixture *fixture = *state;
    enum { LARGE = 5 * 1024 * 1024 };
    char *large = malloc(LARGE);
    memset(large, 'v', LARGE);
    char bytes[STORE_KEY_MAX];
    memset(bytes, 0xff, sizeof bytes);
    struct rd_str key = {.ptr = bytes, .len = sizeof bytes};
    store_put(fixture->live, STORE_CASES, key, (struct rd_str){.ptr = large, .len = LARGE});
    for (int round = 0; round < 2; round++) {
        struct rd_str value;
        struct rd_str found;
        assert_true(store_get(fixture->live, STORE_CASES, key, &value));
        assert_int_equal(value.len, LARGE);
        assert_memory_equal(value.ptr, large, LARGE);
        assert_true(
                store_last(fixture->live, STORE_CASES, key, (struct rd_str){0}, &found, &value));
        assert_true(rd_str_eq(found, key));
        assert_int_equal(store_flush(fixture->store), 0);
    }
    free(large);
}

static void a_borrowed_value_outlives_other_puts(void **state)
{
    struct fixture *fixture = *state;
    three_levels(fixture);
    struct rd_str values[] = {
            get_in(fixture->live, "a"), get_in(fixture->live, "b"), get_in(fixture->live, "c")};
    store_mark(fixture->live);
    for (int i = 0; i < 5000; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "k%d", i);
        put(fixture, key, "some value that fills blocks");
    }
    store_keep(fixture->live);
    assert_true(rd_str_is(values[0], "1"));
    assert_true(rd_str_is(values[1], "2"));
    assert_true(rd_str_is(values[2], "3"));
}

static void a_value_may_be_put_from_a_piece_of_itself(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "a", "0123456789");
    struct rd_str value = get_in(fixture->live, "a");
    store_put(fixture->live, STORE_CASES, RD_STR("a"),
            (struct rd_str){.ptr = value.ptr + 2, .len = 5});
    assert_value(fixture->live, "a", "23456");
}

static void rewriting_a_row_does_not_grow_the_overlay(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "a", "0123456789");
    uint64_t bytes = store_dirty_bytes(fixture->live);
    assert_true(bytes > 0);
    for (int i = 0; i < 1000; i++) {
        store_mark(fixture->live);
        put(fixture, "a", i % 2 == 0 ? "abcdefghij" : "short");
        if (i % 3 == 0) {
            store_undo(fixture->live);
        } else {
            store_keep(fixture->live);
        }
    }
    assert_int_equal(store_dirty_bytes(fixture->live), bytes);
    assert_int_equal(store_dirty_rows(fixture->live), 1);
}

/* ---- scans ---- */

static void a_scan_sees_what_is_put_behind_it(void **state)
{
    struct fixture *fixture = *state;
    three_levels(fixture);
    struct store_scan scan;
    struct rd_str key;
    struct rd_str value;
    store_scan_begin(&scan, fixture->live, STORE_CASES, (struct rd_str){0});
    assert_true(store_scan_next(&scan, &key, &value));
    assert_true(rd_str_is(key, "a"));
    put(fixture, "Z", "before: not seen");
    put(fixture, "aa", "seen");
    del(fixture, "b");
    del(fixture, "a");
    assert_true(store_scan_next(&scan, &key, &value));
    assert_true(rd_str_is(key, "aa"));
    put(fixture, "c", "new value");
    assert_true(store_scan_next(&scan, &key, &value));
    assert_true(rd_str_is(key, "c") && rd_str_is(value, "new value"));
    store_scan_end(&scan);
    assert_false(store_scan_next(&scan, &key, &value));
    assert_true(rd_str_is(key, "c"));
}

static void scans_may_be_nested(void **state)
{
    struct fixture *fixture = *state;
    for (char c = 'a'; c <= 'e'; c++) {
        put(fixture, (char[]){c, '\0'}, "1");
    }
    assert_int_equal(store_flush(fixture->store), 0);
    int pairs = 0;
    struct store_scan outer;
    struct rd_str key;
    struct rd_str value;
    store_scan_begin(&outer, fixture->live, STORE_CASES, (struct rd_str){0});
    while (store_scan_next(&outer, &key, &value)) {
        struct store_scan inner;
        struct rd_str other;
        store_scan_begin(&inner, fixture->live, STORE_CASES, key);
        while (store_scan_next(&inner, &other, &value)) {
            pairs++;
        }
    }
    assert_int_equal(pairs, 5 + 4 + 3 + 2 + 1);
}

static void last_keys(void **state)
{
    struct fixture *fixture = *state;
    static const struct {
        const char *prefix, *before, *expected;
    } table[] = {
            {"", "", "x1"},
            {"", "x1", "c"},
            {"", "c", "b"},
            {"", "b", "a"},
            {"", "a", NULL},
            {"x", "", "x1"},
            {"x", "x1", NULL},
            {"x", "zz", "x1"},
            {"a", "zz", "a"},
            {"a", "a", NULL},
            {"y", "", NULL},
            {"x2", "", NULL},
            {"\xff", "", NULL},
    };
    three_levels(fixture);
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < RD_COUNT(table); i++) {
            struct rd_str key = RD_STR("untouched");
            struct rd_str value = RD_STR("untouched");
            bool is_found = store_last(fixture->live, STORE_CASES, rd_str_of(table[i].prefix),
                    rd_str_of(table[i].before), &key, &value);
            assert_int_equal(is_found, table[i].expected != NULL);
            assert_true(rd_str_is(key, is_found ? table[i].expected : "untouched"));
            assert_int_equal(rd_str_is(value, "untouched"), !is_found);
        }
        assert_int_equal(store_flush(fixture->store), 0);
    }
}

/* ---- one step back ---- */

static void undo_takes_all_back(void **state)
{
    struct fixture *fixture = *state;
    three_levels(fixture);
    uint64_t rows = store_dirty_rows(fixture->live);
    uint64_t bytes = store_dirty_bytes(fixture->live);
    store_mark(fixture->live);
    del(fixture, "a");
    put(fixture, "a", "short");
    del(fixture, "b");
    put(fixture, "c", "a value that is too long for the place of the one before");
    put(fixture, "c", "3!");
    put(fixture, "x2", "back");
    put(fixture, "n", "new");
    del(fixture, "n");
    put(fixture, "m", "new");
    store_undo(fixture->live);
    assert_int_equal(store_dirty_rows(fixture->live), rows);
    assert_int_equal(store_dirty_bytes(fixture->live), bytes);
    assert_scan(fixture->live, "", "a=1 b=2 c=3 x1=again ");
}

/* The scan made trees of rows that the undo takes back. */
static void undo_after_a_scan(void **state)
{
    struct fixture *fixture = *state;
    three_levels(fixture);
    store_mark(fixture->live);
    put(fixture, "a", "other");
    put(fixture, "n", "new");
    assert_scan(fixture->live, "", "a=other b=2 c=3 n=new x1=again ");
    put(fixture, "o", "new");
    store_undo(fixture->live);
    assert_scan(fixture->live, "", "a=1 b=2 c=3 x1=again ");
    assert_value(fixture->live, "n", "-");
    put(fixture, "n", "once more");
    assert_scan(fixture->live, "d", "n=once more x1=again ");
    assert_int_equal(store_flush(fixture->store), 0);
    assert_scan(fixture->live, "", "a=1 b=2 c=3 n=once more x1=again ");
}

/* The hash grew under the mark, so that old rows lie behind new ones. */
static void undo_of_many(void **state)
{
    struct fixture *fixture = *state;
    enum { OLD = 1000, NEW = 5000 };
    char key[16];
    for (int i = 0; i < OLD + NEW; i++) {
        if (i == OLD) {
            store_mark(fixture->live);
        }
        (void)snprintf(key, sizeof key, "%d", i);
        put(fixture, key, key);
    }
    store_undo(fixture->live);
    assert_int_equal(store_dirty_rows(fixture->live), OLD);
    for (int i = 0; i < OLD + NEW; i++) {
        (void)snprintf(key, sizeof key, "%d", i);
        assert_value(fixture->live, key, i < OLD ? key : "-");
    }
}

static void keep_keeps(void **state)
{
    struct fixture *fixture = *state;
    store_mark(fixture->live);
    put(fixture, "a", "1");
    store_keep(fixture->live);
    store_mark(fixture->live);
    put(fixture, "a", "2");
    store_undo(fixture->live);
    assert_value(fixture->live, "a", "1");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            STORE_TEST(an_upper_level_hides_a_lower_one),
            STORE_TEST(tables_do_not_see_each_other),
            STORE_TEST(an_empty_value_is_a_value),
            STORE_TEST(longest_key_and_a_value_of_many_pages),
            STORE_TEST(a_borrowed_value_outlives_other_puts),
            STORE_TEST(a_value_may_be_put_from_a_piece_of_itself),
            STORE_TEST(rewriting_a_row_does_not_grow_the_overlay),
            STORE_TEST(a_scan_sees_what_is_put_behind_it),
            STORE_TEST(scans_may_be_nested),
            STORE_TEST(last_keys),
            STORE_TEST(undo_takes_all_back),
            STORE_TEST(undo_after_a_scan),
            STORE_TEST(undo_of_many),
            STORE_TEST(keep_keeps),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
