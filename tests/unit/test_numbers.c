/* Which formats a state has is told before any row is believed, and a damaged file is told as
 * damaged. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/store/numbers.h"
#include "daemon/store/rows/meta_row.h"
#include "tests/scratch.h"

#define MAP_BYTES (UINT64_C(64) << 20)

static struct store *open_in(const char *dir, const struct store_options *like, int expected)
{
    char what[256] = "";
    struct store *store = NULL;
    struct store_options options = *like;
    options.dir = dir;
    options.map_bytes_max = MAP_BYTES;
    assert_int_equal(store_open(&options, &store, what), expected);
    return store;
}

static int read_file(const char *dir, struct store_numbers *ret_numbers)
{
    char path[SCRATCH_PATH_MAX + 16];
    (void)snprintf(path, sizeof path, "%s/data.mdb", dir);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    assert_true(fd >= 0);
    int r = numbers_read(fd, ret_numbers);
    (void)close(fd);
    return r;
}

/* Rows of other tables make the tree of tables and that of `meta` what they are in the field. */
static void write_state(struct store *store, uint32_t engine, uint64_t position)
{
    struct counters counters = {.engine_number = engine,
            .position = position,
            .event_seq = UINT64_C(1) << 40,
            .term = 1};
    meta_row_put(store_live(store), &counters);
    for (int i = 0; i < 4000; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "zz-%08d", i);
        store_put(store_live(store), STORE_META, rd_str_of(key), RD_STR("of a later version"));
        store_put(store_live(store), STORE_CASES, rd_str_of(key), RD_STR("a row"));
    }
    assert_int_equal(store_flush(store), 0);
}

static void a_state_says_its_numbers(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct store_options any = {.engine = 0};
    struct store *store = open_in(scratch.path, &any, 0);
    struct store_numbers numbers = {.schema = 99};
    assert_int_equal(read_file(scratch.path, &numbers), 0);
    assert_int_equal(numbers.schema, STORE_SCHEMA);
    assert_int_equal(numbers.engine, 0); /* nothing was taken yet */
    write_state(store, 4711, 123456789);
    store_close(store);
    assert_int_equal(read_file(scratch.path, &numbers), 0);
    assert_int_equal(numbers.schema, STORE_SCHEMA);
    assert_int_equal(numbers.engine, 4711);
    assert_int_equal(numbers.position, 123456789);
    scratch_remove(&scratch);
}

static void another_engine_is_told_by_its_number(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct store_options any = {.engine = 0};
    struct store *store = open_in(scratch.path, &any, 0);
    write_state(store, 7, 1);
    store_close(store);
    struct store_numbers numbers = {.schema = 0};
    struct store_options other = {.engine = 8, .numbers = &numbers};
    assert_null(open_in(scratch.path, &other, -EPROTO));
    assert_int_equal(numbers.engine, 7);
    struct store_options same = {.engine = 7, .numbers = &numbers};
    store = open_in(scratch.path, &same, 0);
    assert_non_null(store);
    store_close(store);
    scratch_remove(&scratch);
}

/* Whatever byte of the file is another one: the numbers are the true ones, or nothing is told. */
static void a_damaged_byte_tells_no_other_number(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct store_options any = {.engine = 0};
    struct store *store = open_in(scratch.path, &any, 0);
    write_state(store, 7, 1);
    store_close(store);
    char path[SCRATCH_PATH_MAX + 16];
    (void)snprintf(path, sizeof path, "%s/data.mdb", scratch.path);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    struct stat about;
    assert_int_equal(fstat(fd, &about), 0);
    int told = 0;
    for (off_t at = 0; at < about.st_size; at += at < 8192 ? 1 : 7) {
        uint8_t byte, other;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        other = (uint8_t)(byte ^ 0x55);
        assert_int_equal(pwrite(fd, &other, 1, at), 1);
        struct store_numbers numbers = {.schema = 0};
        int r = numbers_read(fd, &numbers);
        bool is_older = r == 0 && numbers.engine == 0 && numbers.schema == STORE_SCHEMA;
        if (r == 0 && !is_older) { /* the older head is of a file without an engine */
            assert_int_equal(numbers.schema, STORE_SCHEMA);
            assert_int_equal(numbers.engine, 7);
        } else {
            told++;
        }
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    assert_true(told > 30);
    (void)close(fd);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(a_state_says_its_numbers),
            cmocka_unit_test(another_engine_is_told_by_its_number),
            cmocka_unit_test(a_damaged_byte_tells_no_other_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
