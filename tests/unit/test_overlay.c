/* tests/unit/test_overlay.c — what a store's random tests meet too seldom: chosen hashes. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "daemon/store/overlay.h"

static void put(struct overlay *overlay, const char *key, uint64_t hash)
{
    overlay_put(overlay, &(struct overlay_change){.table = STORE_CASES,
                                 .state = ROW_VALUE,
                                 .key = rd_str_of(key),
                                 .value = rd_str_of(key),
                                 .hash = hash});
}

static bool has(const struct overlay *overlay, const char *key, uint64_t hash)
{
    const struct row *row = overlay_find(overlay, STORE_CASES, rd_str_of(key), hash);
    return row != NULL && rd_str_is(row_value(row), key);
}

/* Old and new both belong into the last slot. While the table grows (once), the new one, which had
 * wrapped round to the first slot, is met first and takes the last one: the old one then lies
 * behind it. */
static void an_undo_leaves_what_lies_behind_it(void **state)
{
    (void)state;
    struct overlay *overlay = overlay_new();
    put(overlay, "old", UINT64_MAX);
    overlay_mark(overlay);
    put(overlay, "new", UINT64_MAX);
    for (uint64_t i = 0; i < 60; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "%d", (int)i);
        put(overlay, key, i + 10);
    }
    assert_true(has(overlay, "old", UINT64_MAX));
    assert_true(has(overlay, "new", UINT64_MAX));
    overlay_undo(overlay);
    assert_true(has(overlay, "old", UINT64_MAX));
    assert_false(has(overlay, "new", UINT64_MAX));
    assert_int_equal(overlay_rows(overlay), 1);
    overlay_free(overlay);
}

static void rows_of_one_hash_are_told_apart(void **state)
{
    (void)state;
    struct overlay *overlay = overlay_new();
    put(overlay, "a", 7);
    put(overlay, "b", 7);
    put(overlay, "ab", 7);
    assert_true(has(overlay, "a", 7) && has(overlay, "b", 7) && has(overlay, "ab", 7));
    assert_false(has(overlay, "c", 7));
    overlay_reset(overlay);
    assert_false(has(overlay, "a", 7));
    assert_int_equal(overlay->slab.bytes, 0);
    overlay_free(overlay);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(an_undo_leaves_what_lies_behind_it),
            cmocka_unit_test(rows_of_one_hash_are_told_apart),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
