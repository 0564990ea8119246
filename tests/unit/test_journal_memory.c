/* segment_cool(), segment_warm(): which segments lie in the kernel's memory. */
#include <linux/magic.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <sys/mman.h>
#include <sys/vfs.h>

#include <cmocka.h>

#include "tests/journal_dir.h"

enum { RECORDS = 2000, BODY_BYTES = 400, PAGE_BYTES = 4096, LOOKS_MAX = 1000 * 1000 };

struct world {
    struct journal_dir dir;
    struct journal *journal;
};

static void world_open(struct world *world)
{
    struct journal_damage damage;
    assert_int_equal(journal_dir_open(&world->dir, &world->journal, &damage), 0);
}

static int setup(void **state)
{
    struct world *world = test_calloc(1, sizeof *world);
    world->dir.scratch = scratch_make_in("/tmp"); /* on a disk, if /tmp is */
    world->dir.path = world->dir.scratch.path;
    world_open(world);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    journal_close(world->journal);
    journal_dir_remove(&world->dir);
    test_free(world);
    return 0;
}

static void append_all(struct world *world)
{
    struct journal_dir_fill fill;
    for (uint64_t i = 1; i <= RECORDS; i++) {
        struct journal_record record = journal_dir_record(i, BODY_BYTES, &fill);
        assert_int_equal(journal_append(world->journal, &record), i);
    }
    assert_int_equal(journal_flush(world->journal), 0);
    journal_settle(world->journal);
}

/* How many pages of a segment's file lie in memory. */
static size_t pages_in_memory(const struct world *world, const char *name)
{
    unsigned char pages[JOURNAL_DIR_SEGMENT / PAGE_BYTES] = {0};
    size_t count = 0;
    int fd = journal_dir_file(&world->dir, name, O_RDONLY);
    assert_true(fd >= 0);
    void *bytes = mmap(NULL, JOURNAL_DIR_SEGMENT, PROT_READ, MAP_SHARED, fd, 0);
    assert_ptr_not_equal(bytes, MAP_FAILED);
    assert_int_equal(mincore(bytes, JOURNAL_DIR_SEGMENT, pages), 0);
    for (size_t i = 0; i < RD_COUNT(pages); i++) {
        count += pages[i] & 1U;
    }
    (void)munmap(bytes, JOURNAL_DIR_SEGMENT);
    (void)close(fd);
    return count;
}

static void old_segments_leave_and_come_back_to_be_written(void **state)
{
    struct world *world = *state;
    struct statfs where;
    assert_int_equal(statfs(world->dir.path, &where), 0);
    if (where.f_type == TMPFS_MAGIC || sysconf(_SC_PAGESIZE) != PAGE_BYTES) {
        skip(); /* its files have no other place than memory */
    }
    char name[SEGMENT_NAME_MAX];
    append_all(world);
    segment_name(1, name);
    assert_int_equal(pages_in_memory(world, name), 0);
    journal_release(world->journal, RECORDS, 0, RD_TIME_NONE);
    journal_settle(world->journal);
    assert_false(journal_dir_has(&world->dir, 1));
    segment_spare_name(SEGMENT_SPARES_MAX - 1, name); /* what was segment 1 */
    size_t looks = 0;
    while (pages_in_memory(world, name) < JOURNAL_DIR_SEGMENT / PAGE_BYTES) {
        assert_true(++looks < LOOKS_MAX); /* the kernel reads it meanwhile */
        (void)sched_yield();
    }
}

static void the_newest_segments_stay(void **state)
{
    struct world *world = *state;
    char name[SEGMENT_NAME_MAX];
    append_all(world);
    uint64_t newest = RECORDS;
    while (!journal_dir_has(&world->dir, newest)) {
        newest--;
    }
    segment_name(newest, name);
    assert_true(pages_in_memory(world, name) > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(
                    old_segments_leave_and_come_back_to_be_written, setup, teardown),
            cmocka_unit_test_setup_teardown(the_newest_segments_stay, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
