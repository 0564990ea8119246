/* Opening after a crash, after damage and after tampering. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "daemon/journal/check.h"
#include "tests/journal_dir.h"

enum { BATCHES = 4, PER_BATCH = 3, RECORDS = BATCHES * PER_BATCH, BODY = 90 };

struct world {
    struct journal_dir dir;
    struct journal_damage damage;
    struct journal_dir_fill fill, expect;
    size_t at[RECORDS + 2]; /* at[n]: where record n begins in segment 1 */
    uint8_t *image;         /* of segment 1, whole */
    size_t image_size;
};

static size_t length_of(const struct journal_record *record)
{
    return FORMAT_HEAD + record->sender.len + record->body.len;
}

/* BATCHES batches of PER_BATCH records, each batch synced. */
static int setup(void **state)
{
    struct world *world = test_calloc(1, sizeof *world);
    struct journal *journal = NULL;
    journal_dir_make(&world->dir);
    assert_int_equal(journal_dir_open(&world->dir, &journal, &world->damage), 0);
    world->at[1] = FORMAT_SEGMENT_HEAD;
    for (uint64_t number = 1; number <= RECORDS; number++) {
        struct journal_record record = journal_dir_record(number, BODY, &world->fill);
        (void)journal_append(journal, &record);
        world->at[number + 1] = world->at[number] + length_of(&record);
        if (number % PER_BATCH == 0) {
            assert_int_equal(journal_flush(journal), 0);
        }
    }
    journal_settle(journal);
    journal_close(journal);
    world->image = journal_dir_load(&world->dir, 1, &world->image_size);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    journal_dir_remove(&world->dir);
    free(world->image);
    test_free(world);
    return 0;
}

static void restore(struct world *world)
{
    journal_dir_store(&world->dir, 1, world->image, world->image_size);
}

static void expect_records(struct world *world, struct journal *journal, uint64_t last)
{
    struct journal_cursor *cursor = NULL;
    struct journal_record record;
    assert_int_equal(journal_cursor_open(journal, 0, &cursor), 0);
    for (uint64_t number = 1; number <= last; number++) {
        struct journal_record expected = journal_dir_record(number, BODY, &world->expect);
        assert_int_equal(journal_cursor_next(cursor, &record, &world->damage), 1);
        assert_true(journal_dir_same(&record, &expected));
    }
    assert_int_equal(journal_cursor_next(cursor, &record, &world->damage), 0);
    journal_cursor_close(cursor);
}

/* It opens with `last` records, and goes on from there. */
static void expect_cut(struct world *world, uint64_t last)
{
    struct journal *journal = NULL;
    struct journal_report report = {0};
    assert_int_equal(journal_dir_open_read(&world->dir, &journal, &world->damage), 0);
    assert_int_equal(journal_last(journal), last);
    expect_records(world, journal, last);
    journal_close(journal);
    int r = journal_dir_open(&world->dir, &journal, &world->damage);
    if (r < 0) {
        print_error("%s\n", world->damage.text);
    }
    assert_int_equal(r, 0);
    assert_int_equal(journal_last(journal), last);
    struct journal_record record = journal_dir_record(last + 1, BODY, &world->fill);
    assert_int_equal(journal_append(journal, &record), last + 1);
    assert_int_equal(journal_flush(journal), 0);
    expect_records(world, journal, last + 1);
    journal_close(journal);
    assert_int_equal(journal_dir_open(&world->dir, &journal, &world->damage), 0);
    expect_records(world, journal, last + 1);
    journal_close(journal);
    assert_int_equal(journal_check(world->dir.path, NULL, NULL, &report, &world->damage), 0);
    assert_int_equal(report.last, last + 1);
    assert_false(report.is_torn);
}

/* It refuses to open, says where, and changes nothing. */
static void expect_refused(struct world *world, uint64_t record, const char *why)
{
    struct journal *journal = NULL;
    struct journal_report report = {0};
    char text[128];
    size_t before_size, after_size;
    uint8_t *before = journal_dir_load(&world->dir, 1, &before_size);
    assert_int_equal(journal_dir_open(&world->dir, &journal, &world->damage), -EBADMSG);
    assert_null(journal);
    (void)snprintf(text, sizeof text,
            "%s/00000000000000000001.journal: offset %zu: record %" PRIu64, world->dir.path,
            world->at[record], record);
    if (strstr(world->damage.text, text) == NULL || strstr(world->damage.text, why) == NULL) {
        print_error("%s\nis not: %s … %s\n", world->damage.text, text, why);
        fail();
    }
    uint8_t *after = journal_dir_load(&world->dir, 1, &after_size);
    assert_int_equal(before_size, after_size);
    assert_true(memcmp(before, after, before_size) == 0);
    free(before);
    free(after);
    world->damage.text[0] = '\0';
    assert_int_equal(journal_check(world->dir.path, NULL, NULL, &report, &world->damage), -EBADMSG);
    assert_non_null(strstr(world->damage.text, text));
    assert_int_equal(report.last, record - 1);
}

/* ---- torn tails ---- */

static void a_last_record_torn_at_any_byte_is_cut(void **state)
{
    struct world *world = *state;
    size_t from = world->at[RECORDS], to = world->at[RECORDS + 1];
    for (size_t keep = from; keep < to; keep++) {
        restore(world);
        uint8_t zeros[1024] = {0};
        journal_dir_patch(&world->dir, 1, keep, zeros, to - keep);
        /* A record that ends in zeros was whole before its last bytes were "written". */
        bool is_whole = memcmp(world->image + keep, zeros, to - keep) == 0;
        expect_cut(world, is_whole ? RECORDS : RECORDS - 1);
    }
}

static void what_the_store_has_is_not_cut(void **state)
{
    struct world *world = *state;
    struct journal *journal = NULL;
    char text[128];
    journal_dir_flip(&world->dir, 1, world->at[RECORDS] + 60); /* looks like a torn last record */
    struct journal_options options = {
            .dir = world->dir.path, .segment_bytes = JOURNAL_DIR_SEGMENT, .at_least = RECORDS};
    assert_int_equal(journal_open(&options, &journal, &world->damage), -EBADMSG);
    (void)snprintf(text, sizeof text, "offset %zu: record %d", world->at[RECORDS], RECORDS);
    assert_non_null(strstr(world->damage.text, text));
    assert_non_null(strstr(world->damage.text, "the store has records up to"));
    journal_dir_flip(&world->dir, 1, world->at[RECORDS] + 60); /* nothing was changed */
    assert_int_equal(journal_open(&options, &journal, &world->damage), 0);
    assert_int_equal(journal_last(journal), RECORDS);
    journal_close(journal);
    journal_dir_flip(&world->dir, 1, world->at[RECORDS] + 60);
    options.at_least = RECORDS - 1; /* of the last one nobody knows */
    assert_int_equal(journal_open(&options, &journal, &world->damage), 0);
    assert_int_equal(journal_last(journal), RECORDS - 1);
    journal_close(journal);
}

static void a_torn_batch_is_cut_in_whatever_order_the_disk_wrote_it(void **state)
{
    struct world *world = *state;
    uint64_t first = RECORDS - PER_BATCH + 1;
    for (unsigned lost = 1; lost < 1U << PER_BATCH; lost++) {
        restore(world);
        uint64_t whole = first - 1;
        for (unsigned i = 0; i < PER_BATCH; i++) {
            if (lost & 1U << i) {
                uint8_t garbage[1024];
                size_t from = world->at[first + i], to = world->at[first + i + 1];
                memset(garbage, 0xa5, sizeof garbage);
                journal_dir_patch(&world->dir, 1, from, garbage, to - from);
            } else if (whole == first + i - 1) {
                whole++;
            }
        }
        struct journal_report report;
        assert_int_equal(journal_check(world->dir.path, NULL, NULL, &report, &world->damage), 0);
        assert_true(report.is_torn);
        assert_int_equal(report.last, whole);
        assert_int_equal(report.torn_offset, world->at[whole + 1]);
        expect_cut(world, whole);
    }
}

static void what_is_cut_becomes_zeros(void **state)
{
    struct world *world = *state;
    struct journal *journal = NULL;
    journal_dir_flip(&world->dir, 1, world->at[RECORDS - 1]);
    assert_int_equal(journal_dir_open(&world->dir, &journal, &world->damage), 0);
    assert_int_equal(journal_last(journal), RECORDS - 2);
    journal_close(journal);
    size_t size;
    uint8_t *bytes = journal_dir_load(&world->dir, 1, &size);
    assert_int_equal(size, world->image_size);
    assert_true(memcmp(bytes, world->image, world->at[RECORDS - 1]) == 0);
    for (size_t at = world->at[RECORDS - 1]; at < size; at++) {
        assert_int_equal(bytes[at], 0);
    }
    free(bytes);
}

static void a_batch_that_never_reached_the_disk_is_no_damage(void **state)
{
    struct world *world = *state;
    uint8_t zeros[4096] = {0};
    journal_dir_patch(&world->dir, 1, FORMAT_SEGMENT_HEAD, zeros, sizeof zeros);
    expect_cut(world, 0);
}

/* All records are of one length, so those of the earlier life lie just where the next ones go; and
 * the power went before the zeros behind the last batch reached the disk. */
static void records_of_an_earlier_life_are_not_read(void **state)
{
    struct world *world = *state;
    struct journal *journal = NULL;
    struct format_segment head = {0};
    uint8_t *bytes = NULL;
    uint64_t number = RECORDS, first = 0;
    assert_int_equal(journal_dir_open(&world->dir, &journal, &world->damage), 0);
    size_t length = FORMAT_HEAD + strlen("unit-8") + BODY, tail = 0;
    /* Which spare is a recycled one depends on the threads: until there is such a record. */
    for (bool is_there = false; !is_there;) {
        for (int i = 0; i < 64; i++) {
            struct journal_record record = journal_dir_record(8, BODY, &world->fill);
            number = journal_append(journal, &record);
        }
        assert_int_equal(journal_flush(journal), 0);
        journal_release(journal, number, 0, RD_TIME_NONE);
        journal_settle(journal);
        assert_in_range(number, 1, 100000);
        const char *why = NULL;
        size_t size;
        free(bytes);
        first = journal_first(journal); /* the only one kept */
        bytes = journal_dir_load(&world->dir, first, &size);
        assert_int_equal(format_segment_decode(bytes, &head, &why), 0);
        tail = FORMAT_SEGMENT_HEAD + (size_t)(number - first + 1) * length;
        is_there = head.life > 1 && tail + length < size && memcmp(bytes + tail + 4, "RJ", 2) == 0;
    }
    journal_close(journal);
    /* What the writer left behind the zeros is such bytes; the first of them is put back. */
    uint8_t zeros[4] = {0}, whole[4];
    assert_int_equal(format_record_length(bytes + FORMAT_SEGMENT_HEAD), length);
    assert_memory_equal(bytes + tail, zeros, 4);
    memcpy(whole, bytes + FORMAT_SEGMENT_HEAD, 4);
    journal_dir_patch(&world->dir, first, tail, whole, sizeof whole);
    free(bytes);

    assert_int_equal(journal_dir_open(&world->dir, &journal, &world->damage), 0);
    assert_int_equal(journal_last(journal), number);
    journal_close(journal);
}

/* ---- damage ---- */

static void damage_before_the_last_batch_is_refused(void **state)
{
    struct world *world = *state;
    for (uint64_t number = 1; number <= RECORDS - PER_BATCH; number++) {
        for (size_t at = world->at[number]; at < world->at[number + 1]; at += 29) {
            restore(world);
            journal_dir_flip(&world->dir, 1, at);
            expect_refused(world, number, "were durable");
        }
    }
    restore(world);
    uint8_t zeros[512] = {0}; /* as a disk gives back a sector it lost */
    journal_dir_patch(&world->dir, 1, world->at[2], zeros, sizeof zeros);
    expect_refused(world, 2, "there are zeros in its place");
    restore(world);
    journal_dir_patch(&world->dir, 1, world->at[2], zeros, sizeof zeros);
    journal_dir_patch(&world->dir, 1, world->at[6], zeros, 100);
    expect_refused(world, 2, "there are zeros in its place");
}

static void a_damaged_head_is_refused(void **state)
{
    struct world *world = *state;
    struct journal *journal = NULL;
    journal_dir_flip(&world->dir, 1, 30);
    assert_int_equal(journal_dir_open(&world->dir, &journal, &world->damage), -EBADMSG);
    assert_non_null(strstr(world->damage.text, "00000000000000000001.journal: offset 0"));
    restore(world);
    journal_dir_store(&world->dir, 1, world->image, world->image_size / 2);
    assert_int_equal(journal_dir_open(&world->dir, &journal, &world->damage), -EBADMSG);
    assert_non_null(strstr(world->damage.text, "shorter"));
    journal_dir_store(&world->dir, 7, world->image, world->image_size);
    assert_int_equal(journal_dir_open(&world->dir, &journal, &world->damage), -EBADMSG);
    assert_non_null(strstr(world->damage.text, "another first record"));
    assert_null(journal);
}

/* ---- tampering ---- */

/* Replaces record `number` by one with valid checksums. */
static void replace(struct world *world, uint64_t number, struct journal_record *record,
        uint8_t chain[static FORMAT_HASH])
{
    struct format_segment head;
    const char *why = NULL;
    uint8_t bytes[1024];
    assert_int_equal(format_segment_decode(world->image, &head, &why), 0);
    assert_true(length_of(record) == world->at[number + 1] - world->at[number]);
    format_record_encode(record, bytes);
    (void)format_record_seal(bytes, head.seed, (uint32_t)((number - 1) % PER_BATCH), chain);
    journal_dir_patch(&world->dir, 1, world->at[number], bytes, length_of(record));
}

static void a_record_replaced_by_a_valid_one_is_refused(void **state)
{
    struct world *world = *state;
    struct journal_record record = journal_dir_record(5, BODY, &world->fill);
    struct format_frame frame;
    struct format_segment head;
    const char *why = NULL;
    uint8_t chain[FORMAT_HASH];
    assert_int_equal(format_segment_decode(world->image, &head, &why), 0);
    format_frame_decode(world->image + world->at[4], 1000, 1000, head.seed, &frame);
    world->fill.body[3] ^= 1;

    memcpy(chain, frame.record.chain, sizeof chain); /* it continues the chain; record 6 does not */
    replace(world, 5, &record, chain);
    world->damage.text[0] = '\0';
    expect_refused(world, 6, "chain of hashes");

    restore(world);
    memset(chain, 0, sizeof chain); /* it does not even do that */
    replace(world, 5, &record, chain);
    expect_refused(world, 5, "chain of hashes");

    restore(world);
    record.number = 4; /* of another number */
    replace(world, 5, &record, chain);
    expect_refused(world, 5, "another number");
}

static void a_missing_segment_is_noticed(void **state)
{
    struct world *world = *state;
    struct journal *journal = NULL;
    struct journal_report report;
    assert_int_equal(journal_dir_open(&world->dir, &journal, &world->damage), 0);
    struct journal_record record = journal_dir_record(1, 60000, &world->fill);
    for (int i = 0; i < 3; i++) {
        (void)journal_append(journal, &record);
        assert_int_equal(journal_flush(journal), 0);
    }
    journal_close(journal);
    char path[128], name[SEGMENT_NAME_MAX];
    segment_name(RECORDS + 2, name);
    (void)snprintf(path, sizeof path, "%s/%s", world->dir.path, name);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(journal_dir_open_read(&world->dir, &journal, &world->damage), 0);
    struct journal_cursor *cursor = NULL;
    assert_int_equal(journal_cursor_open(journal, RECORDS, &cursor), 0);
    assert_int_equal(journal_cursor_next(cursor, &record, &world->damage), 1);
    assert_int_equal(journal_cursor_next(cursor, &record, &world->damage), -EBADMSG);
    assert_non_null(strstr(world->damage.text, "none that goes on"));
    journal_cursor_close(cursor);
    journal_close(journal);
    assert_int_equal(journal_check(world->dir.path, NULL, NULL, &report, &world->damage), -EBADMSG);
    assert_int_equal(report.last, RECORDS + 1);
}

static void damage_in_an_older_segment_is_found_by_reading(void **state)
{
    struct world *world = *state;
    struct journal *journal = NULL;
    assert_int_equal(journal_dir_open(&world->dir, &journal, &world->damage), 0);
    struct journal_record record = journal_dir_record(1, 60000, &world->fill);
    for (int i = 0; i < 2; i++) {
        (void)journal_append(journal, &record);
        assert_int_equal(journal_flush(journal), 0);
    }
    journal_close(journal);
    journal_dir_flip(&world->dir, 1, world->at[RECORDS] + 60); /* its last small batch */
    assert_int_equal(journal_dir_open(&world->dir, &journal, &world->damage), 0);
    struct journal_cursor *cursor = NULL;
    assert_int_equal(journal_cursor_open(journal, RECORDS - 1, &cursor), 0);
    assert_int_equal(journal_cursor_next(cursor, &record, &world->damage), -EBADMSG);
    assert_non_null(strstr(world->damage.text, "though it was durable"));
    journal_cursor_close(cursor);
    journal_close(journal);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
            TEST(a_last_record_torn_at_any_byte_is_cut),
            TEST(what_the_store_has_is_not_cut),
            TEST(a_torn_batch_is_cut_in_whatever_order_the_disk_wrote_it),
            TEST(what_is_cut_becomes_zeros),
            TEST(a_batch_that_never_reached_the_disk_is_no_damage),
            TEST(records_of_an_earlier_life_are_not_read),
            TEST(damage_before_the_last_batch_is_refused),
            TEST(a_damaged_head_is_refused),
            TEST(a_record_replaced_by_a_valid_one_is_refused),
            TEST(a_missing_segment_is_noticed),
            TEST(damage_in_an_older_segment_is_found_by_reading),
    };
    return cmocka_run_group_tests_name("journal_recover", tests, NULL, NULL);
}
