/* A snapshot is all rows of a checkpoint: it reads back to the same, hot; and whatever byte of it
 * is another one is told, and nothing is made of it. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/store/rows/meta_row.h"
#include "daemon/store/shelf.h"
#include "tests/scratch.h"

#define MAP_BYTES (UINT64_C(256) << 20)
enum { DIR_BYTES = SCRATCH_PATH_MAX + 16, PATH_BYTES = DIR_BYTES + 48 };

static struct store *open_in(const char *dir)
{
    char what[256] = "";
    struct store *store = NULL;
    struct store_options options = {.dir = dir, .map_bytes_max = MAP_BYTES};
    assert_int_equal(store_open(&options, &store, what), 0);
    return store;
}

static void fill(struct store *store, uint64_t position, int rows)
{
    uint8_t chain[META_CHAIN_BYTES];
    memset(chain, 0x22, sizeof chain);
    struct counters counters = {.engine_number = 9, .position = position, .wall = 77, .term = 1};
    meta_row_put(store_live(store), &counters);
    meta_chain_put(store_live(store), position, chain);
    for (int i = 0; i < rows; i++) {
        char key[32], value[64];
        (void)snprintf(key, sizeof key, "key-%08d", i);
        (void)snprintf(value, sizeof value, "value %d of %llu", i, (unsigned long long)position);
        store_put(store_live(store), STORE_CASES, rd_str_of(key), rd_str_of(value));
        store_put(store_live(store), STORE_DEAD_LETTERS, rd_str_of(key), rd_str_of(value));
    }
    assert_int_equal(store_flush(store), 0);
}

static void hash_of(struct store *store, uint8_t ret_hash[static 32])
{
    assert_int_equal(store_hash(store_live(store), 0, ret_hash), 0);
}

static int open_item(const char *dir, struct shelf *shelf, size_t index)
{
    int fd = shelf_open(dir, &shelf->items[index]);
    assert_true(fd >= 0);
    return fd;
}

static bool is_odd(void *arg, const struct snapshot_head *head)
{
    (void)arg;
    return head->numbers.position == 1000;
}

static void it_reads_back_to_the_same(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    char from[DIR_BYTES], to[DIR_BYTES], shelf_dir[DIR_BYTES], what[256] = "";
    (void)snprintf(from, sizeof from, "%s/from", scratch.path);
    (void)snprintf(to, sizeof to, "%s/to", scratch.path);
    (void)snprintf(shelf_dir, sizeof shelf_dir, "%s/shelf", scratch.path);
    uint8_t before[32], after[32];
    struct store *store = open_in(from);
    fill(store, 1000, 20000);
    hash_of(store, before);
    struct snapshot_way way = {.goes_on = NULL};
    struct snapshot_sum sum, again, newest;
    assert_int_equal(shelf_put(store, shelf_dir, &way, &sum, what), 0);
    assert_int_equal(sum.rows, 40000 + 3);
    assert_int_equal(sum.head.numbers.position, 1000);
    fill(store, 2000, 20000); /* what comes later is not in it */
    assert_int_equal(shelf_put(store, shelf_dir, &way, &again, what), 0);
    assert_memory_not_equal(sum.digest, again.digest, 32);
    newest = again;
    store_close(store);

    struct shelf shelf;
    assert_int_equal(shelf_read(shelf_dir, &shelf), 0);
    assert_int_equal(shelf.count, 2);
    assert_int_equal(shelf.items[0].head.numbers.position, 1000);
    assert_int_equal(shelf.items[0].head.numbers.engine, 9);
    assert_int_equal(shelf.items[0].head.numbers.schema, STORE_SCHEMA);
    assert_int_equal(shelf.items[0].head.wall, 77);
    assert_int_equal(shelf.items[0].head.chain[31], 0x22);
    assert_int_equal(mkdir(to, 0700), 0);
    int fd = open_item(shelf_dir, &shelf, 0);
    assert_int_equal(snapshot_restore(fd, to, NULL, &again, what), 0);
    (void)close(fd);
    assert_memory_equal(sum.digest, again.digest, 32);
    assert_int_equal(sum.bytes, again.bytes);
    store = open_in(to); /* the audit looks at it too */
    hash_of(store, after);
    assert_memory_equal(before, after, 32);
    fill(store, 3000, 10); /* and it can be written */
    store_close(store);
    shelf_done(&shelf);

    assert_memory_equal(&sum.head, &again.head, sizeof sum.head);
    /* What is later than the one that was just made, or another's, is not counted and stays. */
    struct shelf_trim trim = {.keep = 1, .newest = &sum.head};
    assert_int_equal(shelf_trim(shelf_dir, &trim), 0);
    trim = (struct shelf_trim){.keep = 1, .newest = &newest.head, .is_other = is_odd};
    assert_int_equal(shelf_trim(shelf_dir, &trim), 0);
    assert_int_equal(shelf_read(shelf_dir, &shelf), 0);
    assert_int_equal(shelf.count, 2);
    shelf_done(&shelf);
    trim.is_other = NULL;
    assert_int_equal(shelf_trim(shelf_dir, &trim), 0);
    assert_int_equal(shelf_read(shelf_dir, &shelf), 0);
    assert_int_equal(shelf.count, 1);
    assert_int_equal(shelf.items[0].head.numbers.position, 2000);
    shelf_done(&shelf);
    scratch_remove(&scratch);
}

static void damage_is_told_and_nothing_is_made(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    char from[DIR_BYTES], shelf_dir[DIR_BYTES], path[PATH_BYTES], what[256] = "";
    (void)snprintf(from, sizeof from, "%s/from", scratch.path);
    (void)snprintf(shelf_dir, sizeof shelf_dir, "%s/shelf", scratch.path);
    struct store *store = open_in(from);
    fill(store, 5, 300);
    struct snapshot_way way = {.goes_on = NULL};
    struct snapshot_sum sum;
    assert_int_equal(shelf_put(store, shelf_dir, &way, &sum, what), 0);
    store_close(store);
    (void)snprintf(path, sizeof path, "%s/00000000000000000005.snapshot", shelf_dir);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    assert_true(fd >= 0);
    int same = 0;
    for (off_t at = 0; at < (off_t)sum.bytes; at += at < 200 ? 1 : 3) {
        uint8_t byte, other;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        other = (uint8_t)(byte ^ 0x10);
        assert_int_equal(pwrite(fd, &other, 1, at), 1);
        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        struct snapshot_sum got;
        int r = snapshot_read(fd, NULL, NULL, &got, what);
        if (r == 0) { /* a bit of zstd's frame that means nothing: what was read is the same */
            assert_memory_equal(got.digest, sum.digest, 32);
            assert_int_equal(got.rows, sum.rows);
            same++;
        } else if (r != -EBADMSG && r != -EPROTO) {
            fail_msg("offset %lld: %d", (long long)at, r);
        }
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    assert_true(same < 12); /* of some 700 bytes that are tried */
    /* Cut anywhere: no data.mdb appears, the one that is there stays. */
    for (off_t size = (off_t)sum.bytes - 1; size > 0; size -= 97) {
        struct snapshot_sum got;
        assert_int_equal(ftruncate(fd, size), 0);
        assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
        assert_int_equal(snapshot_restore(fd, from, "old", &got, what), -EBADMSG);
    }
    (void)close(fd);
    store = open_in(from);
    struct rd_str value;
    assert_true(store_get(store_live(store), STORE_CASES, RD_STR("key-00000299"), &value));
    store_close(store);
    scratch_remove(&scratch);
}

static bool never(void *arg)
{
    ++*(int *)arg;
    return false;
}

static void one_that_is_not_wanted_leaves_nothing(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    char from[DIR_BYTES], shelf_dir[DIR_BYTES], what[256] = "";
    (void)snprintf(from, sizeof from, "%s/from", scratch.path);
    (void)snprintf(shelf_dir, sizeof shelf_dir, "%s/shelf", scratch.path);
    struct store *store = open_in(from);
    fill(store, 5, 20000);
    int asked = 0;
    struct snapshot_way way = {.goes_on = never, .arg = &asked};
    struct snapshot_sum sum;
    assert_int_equal(shelf_put(store, shelf_dir, &way, &sum, what), -ECANCELED);
    assert_int_equal(asked, 1);
    store_close(store);
    struct shelf shelf;
    assert_int_equal(shelf_read(shelf_dir, &shelf), 0);
    assert_int_equal(shelf.count, 0);
    assert_int_equal(rmdir(shelf_dir), 0); /* empty: no half of one lies there */
    scratch_remove(&scratch);
}

static void a_file_in_its_place_is_kept(void **state)
{
    (void)state;
    struct scratch scratch = scratch_make();
    char from[DIR_BYTES], shelf_dir[DIR_BYTES], old[PATH_BYTES], what[256] = "";
    (void)snprintf(from, sizeof from, "%s/from", scratch.path);
    (void)snprintf(shelf_dir, sizeof shelf_dir, "%s/shelf", scratch.path);
    (void)snprintf(old, sizeof old, "%s/damaged.mdb", from);
    struct store *store = open_in(from);
    fill(store, 5, 10);
    struct snapshot_way way = {.goes_on = NULL};
    struct snapshot_sum sum;
    assert_int_equal(shelf_put(store, shelf_dir, &way, &sum, what), 0);
    fill(store, 6, 20);
    store_close(store);
    struct shelf shelf;
    assert_int_equal(shelf_read(shelf_dir, &shelf), 0);
    for (int i = 0; i < 2; i++) { /* the second time there is one that was kept: it stays */
        int fd = open_item(shelf_dir, &shelf, 0);
        assert_int_equal(snapshot_restore(fd, from, "damaged", &sum, what), i == 0 ? 0 : -EEXIST);
        (void)close(fd);
        assert_int_equal(access(old, F_OK), 0);
    }
    store = open_in(from);
    struct rd_str value;
    assert_true(store_get(store_live(store), STORE_CASES, RD_STR("key-00000009"), &value));
    assert_false(store_get(store_live(store), STORE_CASES, RD_STR("key-00000019"), &value));
    store_close(store);
    shelf_done(&shelf);
    scratch_remove(&scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(it_reads_back_to_the_same),
            cmocka_unit_test(damage_is_told_and_nothing_is_made),
            cmocka_unit_test(one_that_is_not_wanted_leaves_nothing),
            cmocka_unit_test(a_file_in_its_place_is_kept),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
