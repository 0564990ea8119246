/* journal.h: appending, reading, rotating, recycling, erasing. */
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/resource.h>

#include <cmocka.h>

#include "daemon/journal/blank.h"
#include "daemon/journal/check.h"
#include "tests/unit/journal_fixture.h"

/* after + 1 .. last, all as they were appended. */
static void expect_records(
        struct world *world, struct journal *journal, uint64_t after, uint64_t last)
{
    struct journal_cursor *cursor = NULL;
    struct journal_record record, expected;
    assert_int_equal(journal_cursor_open(journal, after, &cursor), 0);
    for (uint64_t number = after + 1; number <= last; number++) {
        int r = journal_cursor_next(cursor, &record, &world->damage);
        if (r < 0) {
            print_error("%d: %s\n", r, world->damage.text);
        }
        assert_int_equal(r, 1);
        expected = journal_dir_record(number, size_of(number), &world->expect);
        assert_true(journal_dir_same(&record, &expected));
        assert_false(record.is_erased);
    }
    assert_int_equal(journal_cursor_next(cursor, &record, &world->damage), 0);
    assert_int_equal(journal_cursor_next(cursor, &record, &world->damage), 0);
    journal_cursor_close(cursor);
}

static void reopen(struct world *world)
{
    journal_close(world->journal);
    world->journal = NULL;
    world_open(world);
}

/* ---- the tests ---- */

static void a_new_journal_is_empty(void **state)
{
    struct world *world = *state;
    assert_int_equal(journal_first(world->journal), 0);
    assert_int_equal(journal_last(world->journal), 0);
    assert_int_equal(journal_durable(world->journal), 0);
    assert_int_equal(journal_batch_bytes(world->journal), 0);
    journal_submit(world->journal);
    assert_int_equal(journal_flush(world->journal), 0);
    expect_records(world, world->journal, 0, 0);
    reopen(world);
    assert_int_equal(journal_last(world->journal), 0);
}

static void what_was_flushed_is_there_after_reopening(void **state)
{
    struct world *world = *state;
    append(world, 10);
    assert_true(journal_batch_bytes(world->journal) > 0);
    assert_int_equal(journal_durable(world->journal), 0);
    assert_int_equal(journal_last(world->journal), 10);
    assert_int_equal(journal_flush(world->journal), 0);
    assert_int_equal(journal_durable(world->journal), 10);
    assert_int_equal(journal_batch_bytes(world->journal), 0);
    expect_records(world, world->journal, 0, 10);
    expect_records(world, world->journal, 7, 10);
    expect_records(world, world->journal, 10, 10);
    reopen(world);
    assert_int_equal(journal_first(world->journal), 1);
    assert_int_equal(journal_last(world->journal), 10);
    assert_int_equal(journal_durable(world->journal), 10);
    append(world, 3);
    assert_int_equal(journal_flush(world->journal), 0);
    expect_records(world, world->journal, 0, 13);
}

static void what_was_not_handed_over_is_lost(void **state)
{
    struct world *world = *state;
    append(world, 2);
    journal_submit(world->journal);
    append(world, 2);
    reopen(world);
    assert_int_equal(journal_last(world->journal), 2);
    expect_records(world, world->journal, 0, 2);
}

static void the_descriptor_tells_that_batches_became_durable(void **state)
{
    struct world *world = *state;
    struct pollfd poller = {.fd = journal_fd(world->journal), .events = POLLIN};
    assert_int_equal(poll(&poller, 1, 0), 0);
    append(world, 5);
    journal_submit(world->journal);
    while (journal_durable(world->journal) < 5) {
        uint64_t count;
        assert_int_equal(poll(&poller, 1, 10000), 1);
        assert_int_equal(read(poller.fd, &count, sizeof count), sizeof count);
    }
    assert_int_equal(journal_failed(world->journal), 0);
}

static void segments_rotate_and_are_named_by_their_first_record(void **state)
{
    struct world *world = *state;
    append(world, 1000); /* one batch over several segments */
    assert_int_equal(journal_flush(world->journal), 0);
    assert_true(journal_dir_has(&world->dir, 1));
    expect_records(world, world->journal, 0, 1000);
    expect_records(world, world->journal, 500, 1000);
    for (int i = 0; i < 200; i++) {
        append(world, 3);
        journal_submit(world->journal);
    }
    assert_int_equal(journal_flush(world->journal), 0);
    reopen(world);
    expect_records(world, world->journal, 0, 1600);

    struct journal_report report;
    assert_int_equal(journal_check(world->dir.path, NULL, NULL, &report, &world->damage), 0);
    assert_int_equal(report.records, 1600);
    assert_int_equal(report.first, 1);
    assert_int_equal(report.last, 1600);
    assert_int_equal(report.first_wall, RD_SECOND_US);
    assert_int_equal(report.last_wall, 1600 * RD_SECOND_US);
    assert_in_range(report.segments, 11, 15);
    assert_int_equal(report.erased, 0);
    assert_false(report.is_torn);
}

static void a_long_record_gets_a_segment_of_its_size(void **state)
{
    struct world *world = *state;
    struct journal_record record = journal_dir_record(1, JOURNAL_DIR_BODY_MAX, &world->fill);
    (void)journal_append(world->journal, &record);
    assert_int_equal(journal_flush(world->journal), 0);
    reopen(world);
    record = journal_dir_record(2, 5, &world->fill);
    (void)journal_append(world->journal, &record);
    record = journal_dir_record(3, JOURNAL_DIR_BODY_MAX - 1, &world->fill);
    (void)journal_append(world->journal, &record);
    record = journal_dir_record(4, 6, &world->fill);
    (void)journal_append(world->journal, &record);
    assert_int_equal(journal_flush(world->journal), 0);

    static const size_t sizes[] = {JOURNAL_DIR_BODY_MAX, 5, JOURNAL_DIR_BODY_MAX - 1, 6};
    struct journal_cursor *cursor = NULL;
    assert_int_equal(journal_cursor_open(world->journal, 0, &cursor), 0);
    for (uint64_t i = 0; i < RD_COUNT(sizes); i++) {
        struct journal_record expected = journal_dir_record(i + 1, sizes[i], &world->expect);
        assert_int_equal(journal_cursor_next(cursor, &record, &world->damage), 1);
        assert_true(journal_dir_same(&record, &expected));
    }
    journal_cursor_close(cursor);
    for (uint64_t first = 1; first <= 4; first++) {
        assert_true(journal_dir_has(&world->dir, first));
    }
    journal_release(world->journal, 4, 0, RD_TIME_NONE); /* too large to be a spare: removed */
    journal_settle(world->journal);
    assert_int_equal(journal_first(world->journal), 4);
    assert_false(journal_dir_has(&world->dir, 1));
}

static void an_empty_segment_that_is_too_small_is_replaced(void **state)
{
    struct world *world = *state;
    append(world, 3);
    assert_int_equal(journal_flush(world->journal), 0);
    journal_close(world->journal);
    world->journal = NULL;
    /* As after a crash between making segment 1 and writing into it. */
    uint8_t zeros[4096] = {0};
    for (size_t at = FORMAT_SEGMENT_HEAD; at < JOURNAL_DIR_SEGMENT; at += sizeof zeros) {
        journal_dir_patch(&world->dir, 1, at, zeros, sizeof zeros);
    }
    world_open(world);
    assert_int_equal(journal_last(world->journal), 0);
    struct journal_record record = journal_dir_record(1, JOURNAL_DIR_BODY_MAX, &world->fill);
    (void)journal_append(world->journal, &record);
    assert_int_equal(journal_flush(world->journal), 0);
    reopen(world);
    assert_int_equal(journal_last(world->journal), 1);
}

static void released_segments_are_recycled(void **state)
{
    struct world *world = *state;
    append(world, 2000);
    assert_int_equal(journal_flush(world->journal), 0);
    journal_release(world->journal, 1000, 0, RD_TIME_NONE);
    journal_settle(world->journal);
    uint64_t first = journal_first(world->journal);
    assert_in_range(first, 800, 1001);
    assert_true(journal_dir_has(&world->dir, first));
    assert_false(journal_dir_has(&world->dir, 1));
    struct journal_cursor *cursor = NULL;
    assert_int_equal(journal_cursor_open(world->journal, first - 2, &cursor), -ENOENT);
    assert_null(cursor);
    assert_int_equal(journal_cursor_open(world->journal, 2001, &cursor), -ERANGE);
    assert_null(cursor);
    expect_records(world, world->journal, first - 1, 2000);
    /* Their stale bytes are never read as records, not even of the same length and place. */
    for (int i = 0; i < 60; i++) {
        append(world, 40);
        assert_int_equal(journal_flush(world->journal), 0);
        journal_release(world->journal, journal_last(world->journal), 0, RD_TIME_NONE);
        journal_settle(world->journal);
        if (i % 7 == 0) {
            reopen(world);
        }
        assert_int_equal(journal_last(world->journal), 2000 + 40 * (i + 1));
        expect_records(world, world->journal, journal_first(world->journal) - 1,
                journal_last(world->journal));
    }
}

static void release_keeps_what_it_is_told_to(void **state)
{
    struct world *world = *state;
    append(world, 1500);
    assert_int_equal(journal_flush(world->journal), 0);
    journal_release(world->journal, 1500, UINT64_C(1) << 40, RD_TIME_NONE);
    journal_settle(world->journal);
    assert_int_equal(journal_first(world->journal), 1);
    journal_release(world->journal, 1500, 0, 0); /* all are newer */
    journal_settle(world->journal);
    assert_int_equal(journal_first(world->journal), 1);
    journal_release(world->journal, 0, 0, RD_TIME_NONE);
    journal_settle(world->journal);
    assert_int_equal(journal_first(world->journal), 1);

    struct journal_cursor *cursor = NULL;
    struct journal_record record;
    assert_int_equal(journal_cursor_open(world->journal, 0, &cursor), 0);
    assert_int_equal(journal_cursor_next(cursor, &record, &world->damage), 1);
    journal_release(world->journal, 1500, 0, RD_TIME_NONE);
    journal_settle(world->journal);
    assert_int_equal(journal_first(world->journal), 1); /* a cursor stands in it */
    journal_cursor_close(cursor);

    reopen(world); /* wall times are known after a start too */
    journal_release(world->journal, 1500, 0, 1000 * RD_SECOND_US);
    journal_settle(world->journal);
    assert_in_range(journal_first(world->journal), 800, 1000);
    journal_release(world->journal, 1500, 3 * JOURNAL_DIR_SEGMENT, RD_TIME_NONE);
    journal_settle(world->journal);
    assert_in_range(journal_first(world->journal), 1000, 1300);
}

static bool is_fifth_or_last(void *arg, const struct journal_record *record)
{
    (void)arg;
    return record->number == 5 || record->number == 300;
}

static void an_erased_body_leaves_the_chain_whole(void **state)
{
    struct world *world = *state;
    append(world, 300);
    assert_int_equal(journal_flush(world->journal), 0);
    struct journal_blank how = {.pick = is_fifth_or_last};
    assert_int_equal(journal_blank(world->dir.path, &how, &world->damage), -EWOULDBLOCK);
    journal_close(world->journal);
    world->journal = NULL;
    assert_int_equal(journal_blank(world->dir.path, &how, &world->damage), 0);
    assert_int_equal(journal_blank(world->dir.path, &how, &world->damage), 0);

    size_t size;
    uint8_t *bytes = journal_dir_load(&world->dir, 1, &size);
    struct journal_record record = journal_dir_record(5, size_of(5), &world->fill);
    assert_null(memmem(bytes, size, record.body.ptr, 16));
    free(bytes);

    world_open(world);
    struct journal_cursor *cursor = NULL;
    assert_int_equal(journal_cursor_open(world->journal, 0, &cursor), 0);
    for (uint64_t number = 1; number <= 300; number++) {
        assert_int_equal(journal_cursor_next(cursor, &record, &world->damage), 1);
        assert_int_equal(record.number, number);
        assert_int_equal(record.is_erased, number == 5 || number == 300);
        assert_int_equal(record.body.len, record.is_erased ? 0 : size_of(number));
    }
    journal_cursor_close(cursor);
    struct journal_report report;
    assert_int_equal(journal_check(world->dir.path, NULL, NULL, &report, &world->damage), 0);
    assert_int_equal(report.erased, 2);
}

static void a_second_writer_is_refused(void **state)
{
    struct world *world = *state;
    struct journal *other = NULL;
    assert_int_equal(journal_dir_open(&world->dir, &other, &world->damage), -EWOULDBLOCK);
    assert_null(other);
    assert_non_null(strstr(world->damage.text, "another process"));
    struct journal_options small = {.dir = world->dir.path, .segment_bytes = 65535};
    assert_int_equal(journal_open(&small, &other, &world->damage), -EINVAL);
    struct journal_options missing = {.dir = "/nonexistent/journal", .read_only = true};
    assert_int_equal(journal_open(&missing, &other, &world->damage), -ENOENT);
    assert_null(other);
}

static void *write_on(void *arg)
{
    struct world *world = arg;
    for (int i = 0; i < 150; i++) {
        append(world, 20);
        journal_submit(world->journal);
        if (i % 10 == 0) {
            journal_release(world->journal, journal_last(world->journal) / 2, 0, RD_TIME_NONE);
        }
    }
    return NULL;
}

static void readers_stand_beside_a_writer(void **state)
{
    struct world *world = *state;
    struct journal_dir_fill *fill = test_malloc(sizeof *fill);
    pthread_t thread;
    append(world, 10);
    assert_int_equal(journal_flush(world->journal), 0);
    assert_int_equal(pthread_create(&thread, NULL, write_on, world), 0);
    struct journal_record record, expected;
    struct journal_damage damage;
    struct journal_cursor *inside = NULL;
    assert_int_equal(journal_cursor_open(world->journal, 0, &inside), 0);
    uint64_t next = 1;
    while (next <= 10 + 150 * 20) {
        int r = journal_cursor_next(inside, &record, &damage);
        assert_true(r >= 0);
        if (r > 0) {
            expected = journal_dir_record(next++, size_of(record.number), fill);
            assert_true(journal_dir_same(&record, &expected));
        }
        if (next % 100 != 0) {
            continue;
        }
        struct journal *outside = NULL;
        struct journal_report report;
        r = journal_dir_open_read(&world->dir, &outside, &damage);
        assert_int_equal(r, 0);
        assert_true(journal_last(outside) + 1 >= next);
        journal_close(outside);
        r = journal_check(world->dir.path, NULL, NULL, &report, &damage);
        assert_int_equal(r, 0);
    }
    assert_int_equal(pthread_join(thread, NULL), 0);
    journal_cursor_close(inside);
    test_free(fill);
}

static void space_left_shrinks_by_what_is_appended(void **state)
{
    struct world *world = *state;
    journal_settle(world->journal);
    assert_true(journal_space_left_bytes(world->journal) >= 60 * 1024);
    append(world, 50);
    uint64_t waiting = journal_batch_bytes(world->journal);
    assert_true(waiting > 50 * FORMAT_HEAD);
    assert_int_equal(journal_flush(world->journal), 0);
    assert_true(journal_space_left_bytes(world->journal) > 0);
}

static void limit_file_size(rlim_t bytes)
{
    struct rlimit limit;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
    limit.rlim_cur = bytes;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void a_failed_write_is_final(void **state)
{
    struct world *world = *state;
    append(world, 10);
    assert_int_equal(journal_flush(world->journal), 0);
    (void)signal(SIGXFSZ, SIG_IGN);
    limit_file_size(12 * 1024);
    append(world, 40); /* 24 KB */
    int r = journal_flush(world->journal);
    limit_file_size(RLIM_INFINITY);
    assert_int_equal(r, -EFBIG);
    assert_int_equal(journal_failed(world->journal), -EFBIG);
    for (int i = 0; i < 5; i++) { /* neither blocks nor becomes durable */
        append(world, 1);
        journal_submit(world->journal);
    }
    assert_int_equal(journal_flush(world->journal), -EFBIG);
    assert_int_equal(journal_durable(world->journal), 10);
    struct pollfd poller = {.fd = journal_fd(world->journal), .events = POLLIN};
    assert_int_equal(poll(&poller, 1, 0), 1);
    reopen(world); /* what got there before the failure may be there, in order */
    assert_in_range(journal_last(world->journal), 10, 49);
    expect_records(world, world->journal, 0, journal_last(world->journal));
}

static bool has_spare(const struct world *world)
{
    int fd = journal_dir_file(&world->dir, "0.spare", O_RDONLY);
    return fd >= 0 && close(fd) == 0;
}

static void a_full_disk_is_not_final_before_a_segment_is_needed(void **state)
{
    struct world *world = *state;
    journal_settle(world->journal);
    assert_true(has_spare(world));
    (void)signal(SIGXFSZ, SIG_IGN);
    limit_file_size(JOURNAL_DIR_SEGMENT / 2); /* the first segment is the spare; none can follow */
    append(world, 10);
    assert_int_equal(journal_flush(world->journal), 0);
    journal_settle(world->journal);
    assert_false(has_spare(world));
    append(world, 10);
    assert_int_equal(journal_flush(world->journal), 0);
    assert_int_equal(journal_failed(world->journal), 0);
    journal_settle(world->journal); /* an attempt under way would fail, and the next ask be lost */
    limit_file_size(RLIM_INFINITY); /* there is room again */
    journal_submit(world->journal);
    journal_settle(world->journal);
    assert_true(has_spare(world));
    append(world, 1000);
    assert_int_equal(journal_flush(world->journal), 0);
    expect_records(world, world->journal, 0, 1020);
}

int main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
    const struct CMUnitTest tests[] = {
            TEST(a_new_journal_is_empty),
            TEST(what_was_flushed_is_there_after_reopening),
            TEST(what_was_not_handed_over_is_lost),
            TEST(the_descriptor_tells_that_batches_became_durable),
            TEST(segments_rotate_and_are_named_by_their_first_record),
            TEST(a_long_record_gets_a_segment_of_its_size),
            TEST(an_empty_segment_that_is_too_small_is_replaced),
            TEST(released_segments_are_recycled),
            TEST(release_keeps_what_it_is_told_to),
            TEST(an_erased_body_leaves_the_chain_whole),
            TEST(a_second_writer_is_refused),
            TEST(readers_stand_beside_a_writer),
            TEST(space_left_shrinks_by_what_is_appended),
            TEST(a_failed_write_is_final),
            TEST(a_full_disk_is_not_final_before_a_segment_is_needed),
    };
    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
