/* tests/unit/test_store_life.c — a store: checkpoints, side views, hash, backup, and what it
 * refuses to open. */
#include <assert.h>
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/store_fixture.h"

/* ---- checkpoints ---- */

static void a_sealed_overlay_is_read_until_it_is_in_lmdb(void **state)
{
    struct fixture *fixture = *state;
    struct pollfd poll_fd = {.fd = store_fd(fixture->store), .events = POLLIN};
    put(fixture, "a", "1");
    assert_int_equal(store_checkpointed(fixture->store), 0); /* none ended */
    assert_true(store_seal(fixture->store));
    assert_true(store_is_checkpointing(fixture->store));
    assert_int_equal(store_dirty_rows(fixture->live), 0);
    put(fixture, "b", "2");
    assert_false(store_seal(fixture->store));
    assert_value(fixture->live, "a", "1");
    assert_int_equal(poll(&poll_fd, 1, -1), 1);
    assert_int_equal(store_checkpoints(fixture->store), 0);
    assert_int_equal(store_checkpointed(fixture->store), 0);
    assert_int_equal(store_checkpoints(fixture->store), 1);
    assert_false(store_is_checkpointing(fixture->store));
    assert_int_equal(poll(&poll_fd, 1, 0), 0);
    assert_scan(fixture->live, "", "a=1 b=2 ");
    assert_int_equal(store_view_error(fixture->live), 0);
}

static void what_was_not_sealed_is_dropped(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "a", "1");
    assert_true(store_seal(fixture->store));
    put(fixture, "b", "2");
    store_close(fixture->store);
    fixture_open(fixture);
    assert_scan(fixture->live, "", "a=1 ");
}

static void a_full_map_is_said_and_tried_again(void **state)
{
    struct fixture *fixture = *state;
    store_close(fixture->store);
    char what[256];
    struct store_options options = {.dir = fixture->scratch.path, .map_bytes_max = 512 * 1024};
    assert_int_equal(store_open(&options, &fixture->store, what), 0);
    fixture->live = store_live(fixture->store);
    put(fixture, "a", "1");
    assert_int_equal(store_flush(fixture->store), 0);
    char large[4000];
    memset(large, 'v', sizeof large);
    for (int i = 0; i < 300; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "k%d", i);
        store_put(fixture->live, STORE_HISTORY, rd_str_of(key),
                (struct rd_str){.ptr = large, .len = sizeof large});
    }
    assert_int_equal(store_flush(fixture->store), -ENOSPC);
    assert_true(store_is_checkpointing(fixture->store));
    put(fixture, "b", "2");
    assert_int_equal(store_checkpointed(fixture->store), -ENOSPC);
    assert_false(store_seal(fixture->store)); /* tries again */
    struct pollfd poll_fd = {.fd = store_fd(fixture->store), .events = POLLIN};
    assert_int_equal(poll(&poll_fd, 1, -1), 1);
    assert_int_equal(store_checkpointed(fixture->store), -ENOSPC);
    struct rd_str value;
    assert_true(store_get(fixture->live, STORE_HISTORY, RD_STR("k299"), &value));
    assert_scan(fixture->live, "", "a=1 b=2 ");
    assert_int_equal(store_view_error(fixture->live), 0);
    assert_int_equal(store_checkpoints(fixture->store), 1);
    store_close(fixture->store);
    fixture_open(fixture);
    assert_scan(fixture->live, "", "a=1 ");
    assert_false(store_get(fixture->live, STORE_HISTORY, RD_STR("k299"), &value));
}

static void use_is_measured(void **state)
{
    struct fixture *fixture = *state;
    struct store_use before;
    struct store_use after;
    store_measure(fixture->store, &before);
    assert_int_equal(before.map_bytes, MAP_BYTES);
    assert_true(before.used_bytes > 0 && before.file_bytes > 0 && before.free_bytes > 0);
    char large[100000] = {0};
    store_put(fixture->live, STORE_HISTORY, RD_STR("k"),
            (struct rd_str){.ptr = large, .len = sizeof large});
    assert_int_equal(store_flush(fixture->store), 0);
    store_measure(fixture->store, &after);
    assert_true(after.used_bytes > before.used_bytes + sizeof large);
    assert_true(after.used_bytes <= after.file_bytes);
}

static void put_large(struct fixture *fixture, int first, int step, int count)
{
    char large[1000] = {0};
    for (int i = 0; i < count; i++) {
        char key[16];
        (void)snprintf(key, sizeof key, "k%06d", first + i * step);
        store_put(fixture->live, STORE_HISTORY, rd_str_of(key),
                (struct rd_str){.ptr = large, .len = sizeof large});
    }
}

/* Rows that are appended lie three on a page; of every fourth each has a page of its own. */
static void pages_are_foretold_from_the_last_checkpoint(void **state)
{
    struct fixture *fixture = *state;
    put_large(fixture, 0, 1, 20000);
    assert_int_equal(store_flush(fixture->store), 0);
    assert_int_equal(store_dirty_pages(fixture->store), 0);
    put_large(fixture, 0, 4, 3000);
    assert_in_range(store_dirty_pages(fixture->store), 1000, 1100);
    put_large(fixture, 3000 * 4, 4, 1900);
    assert_int_equal(store_flush(fixture->store), 0);
    put_large(fixture, 0, 4, 3000);
    assert_in_range(store_dirty_pages(fixture->store), 3000, 3100);
    assert_int_equal(store_flush(fixture->store), 0);
    put_large(fixture, 0, 1, 200);
    assert_int_equal(store_flush(fixture->store), 0); /* too few rows to tell anything */
    put_large(fixture, 0, 4, 1000);
    assert_in_range(store_dirty_pages(fixture->store), 1000, 1040);
    put_large(fixture, 0, 4, 300);
    assert_int_equal(store_flush(fixture->store), 0);
    put_large(fixture, 0, 4, 300);
    assert_int_equal(store_flush(fixture->store), 0); /* tells of eight times its rows */
    put_large(fixture, 20000, 1, 10400);
    assert_in_range(store_dirty_pages(fixture->store), 2400 + 2000, 3600 + 2000);
}

/* A process that reads the store beside us, and is killed while it does. */
static void kill_a_reader(struct fixture *fixture)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        struct store_options options = {
                .dir = fixture->scratch.path, .map_bytes_max = MAP_BYTES, .read_only = true};
        struct store *store = NULL;
        struct store_view *view = NULL;
        char what[256];
        bool is_open =
                store_open(&options, &store, what) == 0 && store_side_open(store, &view) == 0;
        ssize_t n = write(ends[1], is_open ? "y" : "n", 1);
        (void)n;
        (void)pause();
        _exit(1);
    }
    char said = 'n';
    assert_int_equal(read(ends[0], &said, 1), 1);
    assert_int_equal(said, 'y');
    assert_int_equal(kill(child, SIGKILL), 0);
    assert_int_equal(waitpid(child, NULL, 0), child);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

/* The same rows written over and over: with the dead one's snapshot the map would soon be full. */
static void readers_that_died_are_forgotten(void **state)
{
    struct fixture *fixture = *state;
    put_large(fixture, 0, 1, 600);
    assert_int_equal(store_flush(fixture->store), 0);
    kill_a_reader(fixture);
    for (int i = 0; i < 200; i++) {
        put_large(fixture, 0, 1, 600);
        assert_int_equal(store_flush(fixture->store), 0);
    }
    struct store_use use;
    store_measure(fixture->store, &use);
    assert_true(use.used_bytes < MAP_BYTES / 2);
}

/* ---- side views, hash, backup ---- */

static void a_side_view_reads_the_last_checkpoint(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "a", "1");
    assert_int_equal(store_flush(fixture->store), 0);
    struct store_view *side = NULL;
    assert_int_equal(store_side_open(fixture->store, &side), 0);
    put(fixture, "b", "2");
    assert_int_equal(store_flush(fixture->store), 0);
    assert_scan(side, "", "a=1 ");
    store_mark(side);
    store_put(side, STORE_CASES, RD_STR("own"), RD_STR("3"));
    store_keep(side);
    assert_scan(side, "", "a=1 own=3 ");
    assert_value(fixture->live, "own", "-");
    store_side_rest(side);
    store_side_rest(side);
    assert_int_equal(store_side_renew(side), 0);
    assert_scan(side, "", "a=1 b=2 ");
    assert_int_equal(store_side_renew(side), 0);
    store_side_close(side);
}

static void the_hash_leaves_out_what_is_skipped(void **state)
{
    struct fixture *fixture = *state;
    uint64_t dead = UINT64_C(1) << STORE_DEAD_LETTERS;
    uint8_t empty[32];
    uint8_t one[32];
    uint8_t two[32];
    assert_int_equal(store_hash(fixture->live, dead, empty), 0);
    store_put(fixture->live, STORE_DEAD_LETTERS, RD_STR("k"), RD_STR("v"));
    assert_int_equal(store_hash(fixture->live, dead, one), 0);
    assert_memory_equal(empty, one, sizeof one);
    assert_int_equal(store_hash(fixture->live, 0, one), 0);
    assert_memory_not_equal(empty, one, sizeof one);
    put(fixture, "ab", "c");
    assert_int_equal(store_hash(fixture->live, dead, one), 0);
    del(fixture, "ab");
    put(fixture, "a", "bc");
    assert_int_equal(store_hash(fixture->live, dead, two), 0);
    assert_memory_not_equal(one, two, sizeof two);
}

static void a_backup_opens(void **state)
{
    struct fixture *fixture = *state;
    put(fixture, "a", "1");
    assert_int_equal(store_flush(fixture->store), 0);
    put(fixture, "b", "not yet");
    char dir[SCRATCH_PATH_MAX + 16];
    (void)snprintf(dir, sizeof dir, "%s/copy", fixture->scratch.path);
    assert_int_equal(store_backup(fixture->store, dir), -ENOENT);
    assert_int_equal(mkdir(dir, 0700), 0);
    assert_int_equal(store_backup(fixture->store, dir), 0);
    assert_int_equal(store_backup(fixture->store, dir), -EEXIST);
    char what[256];
    struct store *copy = NULL;
    struct store_options options = {.dir = dir, .map_bytes_max = MAP_BYTES, .read_only = true};
    assert_int_equal(store_open(&options, &copy, what), 0);
    assert_null(store_live(copy));
    struct store_view *side = NULL;
    assert_int_equal(store_side_open(copy, &side), 0);
    assert_scan(side, "", "a=1 ");
    store_side_close(side);
    store_close(copy);
}

/* ---- opening ---- */

static void a_second_writer_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char what[256] = "";
    struct store *second = NULL;
    struct store_options options = {.dir = fixture->scratch.path, .map_bytes_max = MAP_BYTES};
    assert_int_equal(store_open(&options, &second, what), -EWOULDBLOCK);
    assert_null(second);
    assert_non_null(strstr(what, "in use"));
    put(fixture, "a", "1"); /* the first one did not mind */
    assert_int_equal(store_flush(fixture->store), 0);
}

static void a_missing_state_is_not_made_for_reading(void **state)
{
    struct fixture *fixture = *state;
    char dir[SCRATCH_PATH_MAX + 16];
    (void)snprintf(dir, sizeof dir, "%s/none", fixture->scratch.path);
    char what[256] = "";
    struct store *store = NULL;
    struct store_options options = {.dir = dir, .map_bytes_max = MAP_BYTES, .read_only = true};
    assert_int_equal(store_open(&options, &store, what), -ENOENT);
    assert_null(store);
    assert_string_not_equal(what, "");
    options.read_only = false;
    assert_int_equal(store_open(&options, &store, what), 0);
    store_close(store);
}

static void another_schema_is_refused(void **state)
{
    static_assert(STORE_SCHEMA == 6, "the rows below are beside this one");
    struct fixture *fixture = *state;
    static const struct {
        struct rd_str row;
        const char *what;
    } table[] = {
            {{"\x01\x00\x00\x00\x07", 5}, "schema 7"},
            {{"\x01\x00\x00\x00\x05", 5}, "schema 5"},
            {{"\x02\x00\x00\x00\x06", 5}, "does not know"},
            {{"\x01\x00\x00\x00", 4}, "does not know"},
            {{NULL, 0}, "does not know"},
            {{"\x01\x00\x00\x00\x06", 5}, NULL},
    };
    char dir[SCRATCH_PATH_MAX + 16];
    for (size_t i = 0; i < RD_COUNT(table); i++) {
        char what[256] = "";
        (void)snprintf(dir, sizeof dir, "%s/schema%zu", fixture->scratch.path, i);
        struct store_options options = {.dir = dir, .map_bytes_max = MAP_BYTES};
        struct store *store = NULL;
        assert_int_equal(store_open(&options, &store, what), 0);
        store_put(store_live(store), STORE_META, RD_STR("schema"), table[i].row);
        assert_int_equal(store_flush(store), 0);
        store_close(store);
        store = NULL;
        int r = store_open(&options, &store, what);
        assert_int_equal(r, table[i].what != NULL ? -EPROTO : 0);
        if (table[i].what != NULL) {
            assert_null(store);
            assert_non_null(strstr(what, table[i].what));
        }
        store_close(store);
    }
}

static void a_file_that_is_no_state_is_refused(void **state)
{
    struct fixture *fixture = *state;
    char dir[SCRATCH_PATH_MAX + 16];
    (void)snprintf(dir, sizeof dir, "%s/junk", fixture->scratch.path);
    struct store_options options = {.dir = dir, .map_bytes_max = MAP_BYTES};
    assert_int_equal(mkdir(dir, 0700), 0);
    char path[SCRATCH_PATH_MAX + 32];
    (void)snprintf(path, sizeof path, "%s/junk/data.mdb", fixture->scratch.path);
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    for (int i = 0; i < 10000; i++) {
        assert_true(fputs("not LMDB", file) >= 0);
    }
    assert_int_equal(fclose(file), 0);
    char what[256] = "";
    struct store *store = NULL;
    assert_int_equal(store_open(&options, &store, what), -EBADMSG);
    assert_null(store);
    assert_string_not_equal(what, "");
}

static void files_are_closed_on_exec_and_private(void **state)
{
    struct fixture *fixture = *state;
    char path[SCRATCH_PATH_MAX + 16];
    (void)snprintf(path, sizeof path, "%s/data.mdb", fixture->scratch.path);
    struct stat file;
    assert_int_equal(stat(path, &file), 0);
    assert_int_equal(file.st_mode & 0777, 0600);
    int found = 0;
    for (int fd = 3; fd < 256; fd++) {
        struct stat other;
        if (fstat(fd, &other) == 0 && other.st_ino == file.st_ino && other.st_dev == file.st_dev) {
            assert_int_equal(fcntl(fd, F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
            found++;
        }
    }
    assert_true(found > 0);
}

static void every_table_has_its_name(void **state)
{
    (void)state;
    assert_string_equal(store_table_name(STORE_META), "meta");
    assert_string_equal(store_table_name(STORE_DEAD_LETTERS), "dead_letters");
    for (int i = 0; i < STORE_TABLE_COUNT; i++) {
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(
                    store_table_name((enum store_table)i), store_table_name((enum store_table)j));
        }
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            STORE_TEST(a_sealed_overlay_is_read_until_it_is_in_lmdb),
            STORE_TEST(what_was_not_sealed_is_dropped),
            STORE_TEST(a_full_map_is_said_and_tried_again),
            STORE_TEST(use_is_measured),
            STORE_TEST(readers_that_died_are_forgotten),
            STORE_TEST(pages_are_foretold_from_the_last_checkpoint),
            STORE_TEST(a_side_view_reads_the_last_checkpoint),
            STORE_TEST(the_hash_leaves_out_what_is_skipped),
            STORE_TEST(a_backup_opens),
            STORE_TEST(a_second_writer_is_refused),
            STORE_TEST(a_missing_state_is_not_made_for_reading),
            STORE_TEST(another_schema_is_refused),
            STORE_TEST(a_file_that_is_no_state_is_refused),
            STORE_TEST(files_are_closed_on_exec_and_private),
            cmocka_unit_test(every_table_has_its_name),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
