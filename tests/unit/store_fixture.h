/* tests/unit/store_fixture.h — a store in a scratch directory, and words to look into it. */
#pragma once

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "daemon/store/store.h"
#include "tests/scratch.h"

enum { MAP_BYTES = 64 * 1024 * 1024 };

struct fixture {
    struct scratch scratch;
    struct store *store;
    struct store_view *live;
};

static inline void fixture_open(struct fixture *fixture)
{
    char what[256];
    struct store_options options = {.dir = fixture->scratch.path, .map_bytes_max = MAP_BYTES};
    assert_int_equal(store_open(&options, &fixture->store, what), 0);
    fixture->live = store_live(fixture->store);
    assert_non_null(fixture->live);
}

static inline int fixture_setup(void **state)
{
    struct fixture *fixture = calloc(1, sizeof *fixture);
    fixture->scratch = scratch_make();
    fixture_open(fixture);
    *state = fixture;
    return 0;
}

static inline int fixture_teardown(void **state)
{
    struct fixture *fixture = *state;
    store_close(fixture->store);
    scratch_remove(&fixture->scratch);
    free(fixture);
    return 0;
}

static inline void put(struct fixture *fixture, const char *key, const char *value)
{
    store_put(fixture->live, STORE_CASES, rd_str_of(key), rd_str_of(value));
}

static inline void del(struct fixture *fixture, const char *key)
{
    store_del(fixture->live, STORE_CASES, rd_str_of(key));
}

/* The value, or "-". */
static inline struct rd_str get_in(struct store_view *view, const char *key)
{
    struct rd_str value = RD_STR("-");
    bool is_found = store_get(view, STORE_CASES, rd_str_of(key), &value);
    assert_true(is_found || rd_str_is(value, "-"));
    return value;
}

#define assert_value(view, key, expected) assert_true(rd_str_is(get_in((view), (key)), (expected)))

/* "a=1 b=2 " from `from` on. */
static inline void assert_scan(struct store_view *view, const char *from, const char *expected)
{
    char text[512] = "";
    size_t len = 0;
    struct store_scan scan;
    struct rd_str key;
    struct rd_str value;
    store_scan_begin(&scan, view, STORE_CASES, rd_str_of(from));
    while (store_scan_next(&scan, &key, &value)) {
        len += (size_t)snprintf(
                text + len, sizeof text - len, "%.*s=%.*s ", RD_FMT(key), RD_FMT(value));
    }
    assert_string_equal(text, expected);
}

#define STORE_TEST(name) cmocka_unit_test_setup_teardown(name, fixture_setup, fixture_teardown)
