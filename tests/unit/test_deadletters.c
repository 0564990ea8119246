/* Rejected events: kept whole, numbered, the oldest out first. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/store/rows/dead_letter_row.h"
#include "tests/scratch.h"

static const struct dead_letter sample = {
        .taken = 1700000000000000,
        .sender = {.ptr = "key\0xj", .len = 6},
        .source = {.ptr = "crm", .len = 3},
        .id = {.ptr = "e1", .len = 2},
        .code = {.ptr = "unknown_unit", .len = 12},
        .field = {.ptr = "data.unit", .len = 9},
        .message = {.ptr = "there is no unit d9", .len = 19},
        .event = {.ptr = "\x81\xa2id\x01", .len = 5},
};

static void test_a_row_round_trips(void **state)
{
    (void)state;
    /* the example of the header */
    static const uint8_t expected[] = "\x01\x80\x06\x0a\x24\x18\x1e\x40\x00\x06key\0xj\x03"
                                      "crm\x02"
                                      "e1\x0cunknown_unit\x09"
                                      "data.unit\x13there is no unit d9\x05\x81\xa2id\x01";
    struct rd_buf buf;
    rd_buf_init(&buf, 4096);
    dead_letter_pack(&buf, &sample);
    assert_int_equal(buf.error, 0);
    assert_int_equal(buf.len, sizeof expected - 1);
    assert_memory_equal(buf.ptr, expected, sizeof expected - 1);
    struct dead_letter letter;
    struct rd_str key = {.ptr = "\0\0\0\0\0\0\0\x07", .len = 8};
    assert_int_equal(dead_letter_unpack(key, rd_buf_str(&buf), &letter), 0);
    assert_true(letter.number == 7 && letter.taken == sample.taken);
    assert_true(rd_str_eq(letter.sender, sample.sender) && rd_str_eq(letter.id, sample.id));
    assert_true(rd_str_eq(letter.event, sample.event) && rd_str_eq(letter.field, sample.field));
    /* every shorter row is refused, and nothing is written */
    for (size_t len = 0; len < buf.len; len++) {
        struct dead_letter untouched = {.number = 99};
        struct rd_str row = {.ptr = (const char *)buf.ptr, .len = len};
        assert_int_equal(dead_letter_unpack(key, row, &untouched), -EBADMSG);
        assert_true(untouched.number == 99);
    }
    rd_buf_done(&buf);
}

static struct store *open_store(const struct scratch *scratch)
{
    char what[256];
    struct store *store = NULL;
    struct store_options options = {.dir = scratch->path, .map_bytes_max = 16 * 1024 * 1024};
    assert_int_equal(store_open(&options, &store, what), 0);
    return store;
}

static size_t count_rows(struct store *store, uint64_t *ret_first)
{
    struct store_scan scan;
    struct rd_str key, row;
    size_t count = 0;
    store_scan_begin(&scan, store_live(store), STORE_DEAD_LETTERS, RD_STR(""));
    while (store_scan_next(&scan, &key, &row)) {
        struct dead_letter letter;
        assert_int_equal(dead_letter_unpack(key, row, &letter), 0);
        *ret_first = count == 0 ? letter.number : *ret_first;
        count++;
    }
    store_scan_end(&scan);
    return count;
}

static void test_the_oldest_go_first(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct store *store = open_store(&scratch);
    struct dead_letters letters;
    dead_letters_open(&letters, store_live(store), 3);
    for (int i = 0; i < 5; i++) {
        dead_letters_add(&letters, &sample);
    }
    uint64_t first = 0;
    assert_int_equal(count_rows(store, &first), 3);
    assert_true(first == 3);
    dead_letters_close(&letters);
    assert_int_equal(store_flush(store), 0);
    store_close(store);

    /* after a restart numbers go on, and a lower bound is reached */
    store = open_store(&scratch);
    dead_letters_open(&letters, store_live(store), 2);
    dead_letters_add(&letters, &sample);
    assert_int_equal(count_rows(store, &first), 2);
    assert_true(first == 5);
    letters.kept_max = 0; /* none are kept any more, those there stay */
    dead_letters_add(&letters, &sample);
    assert_int_equal(count_rows(store, &first), 2);
    dead_letters_close(&letters);
    store_close(store);
    scratch_remove(&scratch);
}

static void test_bytes_are_bounded(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct store *store = open_store(&scratch);
    struct dead_letters letters;
    dead_letters_open(&letters, store_live(store), 1000);
    uint64_t row = dead_letters_add(&letters, &sample).len, first = 0;
    letters.bytes_max = 4 * row;
    for (int i = 0; i < 9; i++) {
        dead_letters_add(&letters, &sample);
    }
    assert_int_equal(count_rows(store, &first), 4);
    assert_true(first == 7 && letters.bytes == 4 * row);
    struct dead_letter large = sample; /* alone over the bound: it is kept all the same */
    char text[512] = {0};
    large.message = (struct rd_str){.ptr = text, .len = sizeof text};
    dead_letters_add(&letters, &large);
    assert_int_equal(count_rows(store, &first), 1);
    assert_true(first == 11);
    dead_letters_close(&letters);
    assert_int_equal(store_flush(store), 0);
    store_close(store);

    store = open_store(&scratch); /* the bytes are known again */
    dead_letters_open(&letters, store_live(store), 1000);
    assert_true(letters.first == 11 && letters.last == 11 && letters.bytes > sizeof text);
    dead_letters_close(&letters);
    store_close(store);
    scratch_remove(&scratch);
}

static void test_a_row_comes_back_under_its_number(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    struct store *store = open_store(&scratch);
    struct dead_letters letters;
    struct rd_buf buf;
    rd_buf_init(&buf, 4096);
    dead_letter_pack(&buf, &sample);
    struct rd_str row = rd_buf_str(&buf);
    dead_letters_open(&letters, store_live(store), 3);
    for (uint64_t number = 5; number < 10; number++) {
        assert_int_equal(dead_letters_restore(&letters, number, row), 0);
    }
    uint64_t first = 0;
    assert_int_equal(count_rows(store, &first), 3);
    assert_true(first == 7 && letters.last == 9);
    struct rd_str cut = {.ptr = row.ptr, .len = row.len - 1};
    assert_int_equal(dead_letters_restore(&letters, 10, cut), -EBADMSG);
    assert_true(letters.last == 9);
    letters.kept_max = 0; /* not kept, but no later one gets its number */
    assert_int_equal(dead_letters_restore(&letters, 12, row), 0);
    letters.kept_max = 3;
    dead_letters_add(&letters, &sample);
    assert_true(letters.last == 13);
    dead_letters_close(&letters);
    rd_buf_done(&buf);
    store_close(store);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(test_a_row_round_trips),
            cmocka_unit_test(test_the_oldest_go_first),
            cmocka_unit_test(test_bytes_are_bounded),
            cmocka_unit_test(test_a_row_comes_back_under_its_number),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
