/* Compiled sets of patterns between runs: believed when whole and one's own, else made again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <hs.h>

#include "common/text/terms_kept.h"
#include "tests/scratch.h"

struct room {
    struct scratch scratch;
    char folder[SCRATCH_PATH_MAX + 16];
    hs_database_t *database;
};

static int open_room(void **state)
{
    struct room *room = calloc(1, sizeof *room);
    hs_compile_error_t *error;
    room->scratch = scratch_make();
    (void)snprintf(room->folder, sizeof room->folder, "%s/redress", room->scratch.path);
    assert_int_equal(setenv("XDG_CACHE_HOME", room->scratch.path, 1), 0);
    assert_int_equal(unsetenv("CACHE_DIRECTORY"), 0);
    assert_int_equal(hs_compile("a.*b", 0, HS_MODE_BLOCK, NULL, &room->database, &error), 0);
    *state = room;
    return 0;
}

static int close_room(void **state)
{
    struct room *room = *state;
    hs_free_database(room->database);
    scratch_remove(&room->scratch);
    free(room);
    return 0;
}

/* Whether the set kept under a key whose bytes are all `key` is believed. */
static bool is_believed(uint8_t key)
{
    uint8_t all[RD_HASH_BYTES];
    memset(all, key, sizeof all);
    hs_database_t *got = terms_kept_get(all, false);
    bool is_there = got != NULL;
    hs_free_database(got);
    return is_there;
}

static void keep(const struct room *room, uint8_t key)
{
    uint8_t all[RD_HASH_BYTES];
    memset(all, key, sizeof all);
    terms_kept_put(all, false, room->database);
}

/* The only file of the folder. */
static void path_of(const struct room *room, char path[static 256])
{
    DIR *dir = opendir(room->folder);
    assert_non_null(dir);
    path[0] = '\0';
    for (const struct dirent *one = readdir(dir); one != NULL; one = readdir(dir)) {
        if (one->d_name[0] != '.') {
            (void)snprintf(path, 256, "%s/%.120s", room->folder, one->d_name);
        }
    }
    closedir(dir);
}

static void what_was_kept_is_believed(void **state)
{
    struct room *room = *state;
    assert_false(is_believed(1));
    keep(room, 1);
    assert_true(is_believed(1));
    assert_false(is_believed(2));
}

static void what_is_damaged_is_not(void **state)
{
    struct room *room = *state;
    char path[256];
    keep(room, 1);
    path_of(room, path);
    int fd = open(path, O_RDWR);
    assert_true(fd >= 0);
    off_t size = lseek(fd, 0, SEEK_END);
    uint8_t byte;
    assert_int_equal(pread(fd, &byte, 1, size / 2), 1);
    byte ^= 1;
    assert_int_equal(pwrite(fd, &byte, 1, size / 2), 1);
    assert_false(is_believed(1));
    assert_int_equal(ftruncate(fd, 10), 0);
    assert_false(is_believed(1));
    close(fd);
    keep(room, 1); /* put in its place */
    assert_true(is_believed(1));
}

static void what_others_may_write_is_not(void **state)
{
    struct room *room = *state;
    char path[256];
    keep(room, 1);
    path_of(room, path);
    assert_int_equal(chmod(path, 0620), 0);
    assert_false(is_believed(1));
    assert_int_equal(chmod(path, 0600), 0);
    assert_true(is_believed(1));
}

static void no_more_than_so_many_stay(void **state)
{
    struct room *room = *state;
    unsigned there = 0;
    for (uint8_t key = 1; key <= TERMS_KEPT_MAX + 5; key++) {
        keep(room, key);
    }
    for (uint8_t key = 1; key <= TERMS_KEPT_MAX + 5; key++) {
        there += is_believed(key);
    }
    assert_int_equal(there, TERMS_KEPT_MAX);
}

static void a_home_without_a_cache_gets_one(void **state)
{
    struct room *room = *state;
    assert_int_equal(unsetenv("XDG_CACHE_HOME"), 0);
    assert_int_equal(setenv("HOME", room->scratch.path, 1), 0);
    keep(room, 1);
    assert_true(is_believed(1));
}

static void without_a_folder_nothing_is_kept(void **state)
{
    struct room *room = *state;
    assert_int_equal(setenv("XDG_CACHE_HOME", "/nowhere/at/all", 1), 0);
    keep(room, 1);
    assert_false(is_believed(1));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test_setup_teardown(what_was_kept_is_believed, open_room, close_room),
            cmocka_unit_test_setup_teardown(what_is_damaged_is_not, open_room, close_room),
            cmocka_unit_test_setup_teardown(what_others_may_write_is_not, open_room, close_room),
            cmocka_unit_test_setup_teardown(no_more_than_so_many_stay, open_room, close_room),
            cmocka_unit_test_setup_teardown(a_home_without_a_cache_gets_one, open_room, close_room),
            cmocka_unit_test_setup_teardown(
                    without_a_folder_nothing_is_kept, open_room, close_room),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
