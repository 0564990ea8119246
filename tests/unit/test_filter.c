/* tests/unit/test_filter.c — what a filter says is surely not there is not there. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "daemon/store/filter.h"
#include "tests/scratch.h"

enum { KEYS = 5000, SEED = 7 };

struct key {
    char text[24];
};

static struct rd_str subject(struct key *key, const char *kind, int number)
{
    (void)snprintf(key->text, sizeof key->text, "%s-%d", kind, number);
    return rd_str_of(key->text);
}

/* How many of KEYS subjects may be there. */
static int count(struct filter *filter, const char *kind)
{
    int found = 0;
    for (int i = 0; i < KEYS; i++) {
        struct key key;
        found += filter_may_have(filter, STORE_SUBJECTS, subject(&key, kind, i)) ? 1 : 0;
    }
    return found;
}

static void store_some(const char *dir, const char *kind)
{
    struct store *store;
    char what[256];
    struct store_options options = {.dir = dir, .map_bytes_max = UINT64_C(1) << 28};
    assert_int_equal(store_open(&options, &store, what), 0);
    for (int i = 0; i < KEYS; i++) {
        struct key key;
        struct rd_str text = subject(&key, kind, i);
        store_put(store_live(store), STORE_SUBJECTS, text, text);
    }
    assert_int_equal(store_flush(store), 0);
    store_close(store);
}

static void open_on(const char *dir, uint64_t keys, struct dbenv *env, struct filter **ret_filter)
{
    char what[256];
    struct store_options options = {.dir = dir, .map_bytes_max = UINT64_C(1) << 28};
    assert_int_equal(dbenv_open(env, &options, what), 0);
    assert_int_equal(filter_open(env, SEED, keys, ret_filter), 0);
}

static void an_empty_store_has_surely_nothing(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct dbenv env;
    struct filter *filter;
    open_on(scratch.path, 0, &env, &filter);
    assert_int_equal(count(filter, "new"), 0);
    struct key key;
    filter_add(filter, STORE_SUBJECTS, subject(&key, "new", 3));
    assert_true(filter_may_have(filter, STORE_SUBJECTS, subject(&key, "new", 3)));
    filter_close(filter);
    dbenv_close(&env);
    scratch_remove(&scratch);
}

static void tables_and_prefixes_are_apart(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct dbenv env;
    struct filter *filter;
    open_on(scratch.path, 0, &env, &filter);
    struct rd_str cases = RD_STR("0123456789abcdef\001");
    filter_add(filter, STORE_BY_KEY, RD_STR("0123456789abcdef\001 and the number of a case"));
    assert_true(filter_may_have(filter, STORE_BY_KEY, cases));
    assert_false(filter_may_have(filter, STORE_SUBJECTS, cases));
    assert_false(filter_may_have(filter, STORE_BY_KEY, RD_STR("0123456789abcdef\002")));
    assert_false(filter_may_have(filter, STORE_BY_KEY, RD_STR("0123456789abcdeX\001")));
    assert_int_equal(filter_prefix(STORE_CASES), 0);
    filter_close(filter);
    dbenv_close(&env);
    scratch_remove(&scratch);
}

static void what_lmdb_had_may_be_there(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    store_some(scratch.path, "old");
    struct dbenv env;
    struct filter *filter;
    open_on(scratch.path, 0, &env, &filter);
    assert_int_equal(count(filter, "old"), KEYS); /* also while it is read */
    filter_settle(filter);
    assert_int_equal(count(filter, "old"), KEYS);
    assert_in_range(count(filter, "new"), 0, KEYS / 100);
    filter_close(filter);
    dbenv_close(&env);
    scratch_remove(&scratch);
}

/* One that holds far more than it has room for says nothing any more; a wider one takes over with
 * what LMDB has, what waits for a checkpoint, and what came while it was filled. */
static void a_full_one_grows(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    store_some(scratch.path, "old");
    struct dbenv env;
    struct filter *filter;
    struct overlay *active = overlay_new();
    struct key key;
    open_on(scratch.path, 64, &env, &filter);
    filter_settle(filter);
    for (int i = 0; i < 4 * KEYS; i++) {
        struct rd_str text = subject(&key, "waits", i);
        filter_add(filter, STORE_SUBJECTS, text);
        overlay_put(active, &(struct overlay_change){.table = STORE_SUBJECTS,
                                    .state = ROW_VALUE,
                                    .key = text,
                                    .hash = overlay_hash(text, SEED)});
    }
    int in_vain = count(filter, "new");
    assert_in_range(in_vain, KEYS / 10, KEYS);
    filter_grow(filter, active);
    for (int i = 0; i < KEYS; i++) {
        filter_add(filter, STORE_SUBJECTS, subject(&key, "late", i));
    }
    filter_settle(filter);
    filter_grow(filter, active);
    assert_int_equal(count(filter, "old"), KEYS);
    assert_int_equal(count(filter, "waits"), KEYS);
    assert_int_equal(count(filter, "late"), KEYS);
    assert_in_range(count(filter, "new"), 0, in_vain / 2);
    filter_close(filter);
    overlay_free(active);
    dbenv_close(&env);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(an_empty_store_has_surely_nothing),
            cmocka_unit_test(tables_and_prefixes_are_apart),
            cmocka_unit_test(what_lmdb_had_may_be_there),
            cmocka_unit_test(a_full_one_grows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
