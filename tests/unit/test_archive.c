/* Closed segments go into the archive whole, and a journal made again of it is the same journal; a
 * journal that begins after a record goes on with its chain. */
#include <dirent.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "daemon/journal/archive.h"
#include "daemon/journal/blank.h"
#include "daemon/journal/check.h"
#include "tests/scratch.h"

enum { DIR_BYTES = SCRATCH_PATH_MAX + 16, PATH_BYTES = DIR_BYTES + 64, SEGMENT = 64 * 1024 };

struct places {
    struct scratch scratch;
    char journal[DIR_BYTES], archive[DIR_BYTES], made[DIR_BYTES];
};

static struct places places_make(void)
{
    struct places places = {.scratch = scratch_make()};
    (void)snprintf(places.journal, DIR_BYTES, "%s/journal", places.scratch.path);
    (void)snprintf(places.archive, DIR_BYTES, "%s/archive", places.scratch.path);
    (void)snprintf(places.made, DIR_BYTES, "%s/made", places.scratch.path);
    return places;
}

static struct journal *open_at(const char *dir)
{
    struct journal_damage damage;
    struct journal *journal = NULL;
    struct journal_options options = {.dir = dir, .segment_bytes = SEGMENT};
    int r = journal_open(&options, &journal, &damage);
    if (r < 0) {
        fail_msg("%d: %s", r, damage.text);
    }
    return journal;
}

/* Records of a kibibyte: some sixty a segment. */
static void append(struct journal *journal, int count, char letter)
{
    char body[1024];
    memset(body, letter, sizeof body);
    for (int i = 0; i < count; i++) {
        (void)journal_append(journal, &(struct journal_record){.kind = JOURNAL_EVENT,
                                              .engine = 9,
                                              .wall = i,
                                              .body = {body, sizeof body}});
    }
    assert_int_equal(journal_flush(journal), 0);
}

static void chain_of(const char *dir, uint64_t number, uint8_t ret_chain[static 32])
{
    struct journal_damage damage;
    struct journal *journal = NULL;
    struct journal_options options = {.dir = dir, .read_only = true};
    assert_int_equal(journal_open(&options, &journal, &damage), 0);
    assert_int_equal(journal_chain(journal, number, ret_chain, &damage), 0);
    journal_close(journal);
}

static void the_archive_is_the_journal(void **state)
{
    (void)state;
    struct places places = places_make();
    struct journal *journal = open_at(places.journal);
    append(journal, 300, 'a');
    uint64_t through = 0;
    unsigned done = 0;
    struct journal_damage damage;
    assert_int_equal(archive_fill(places.journal, places.archive, 1, &through, &done, &damage), 1);
    assert_true(through > 0 && through < 100);
    assert_int_equal(
            archive_fill(places.journal, places.archive, 100, &through, &done, &damage), 0);
    assert_int_equal(through + 1, journal_open_segment(journal));
    struct archive_list list;
    assert_int_equal(archive_read(places.archive, &list), 0);
    assert_int_equal(done, list.count);
    archive_list_done(&list);
    assert_int_equal(archive_read(places.archive, &list), 0);
    assert_true(list.count >= 4);
    assert_int_equal(list.items[0].first, 1);
    for (size_t i = 1; i < list.count; i++) {
        assert_int_equal(list.items[i].first, list.items[i - 1].last + 1);
        assert_memory_equal(list.items[i].chain_before, list.items[i - 1].chain, 32);
    }
    uint8_t chain[32], again[32];
    uint64_t last = 0, from = list.items[1].first + 5;
    chain_of(places.journal, from, chain);
    /* Of the archive alone: up to its last record, from the segment on that is needed. */
    struct archive_sources sources = {.archive = places.archive};
    assert_int_equal(archive_restore(&sources, places.made, from, chain, &last, &damage), 0);
    assert_int_equal(last, through);
    struct journal *made = open_at(places.made);
    assert_int_equal(journal_first(made), list.items[1].first);
    append(made, 100, 'b'); /* and it goes on */
    assert_int_equal(journal_last(made), through + 100);
    journal_close(made);
    struct journal_report report;
    assert_int_equal(journal_check(places.made, NULL, NULL, &report, &damage), 0);
    scratch_remove_in(AT_FDCWD, places.made, 3);
    /* Of both: up to the journal's last. */
    sources.journal = places.journal;
    assert_int_equal(archive_restore(&sources, places.made, from, chain, &last, &damage), 0);
    assert_int_equal(last, 300);
    chain_of(places.journal, 300, chain);
    chain_of(places.made, 300, again);
    assert_memory_equal(chain, again, 32);
    archive_list_done(&list);
    journal_close(journal);
    scratch_remove(&places.scratch);
}

static void a_foreign_or_short_one_is_refused(void **state)
{
    (void)state;
    struct places places = places_make();
    struct journal *journal = open_at(places.journal);
    append(journal, 200, 'a');
    uint8_t chain[32];
    uint64_t through, last;
    unsigned done = 0;
    struct journal_damage damage;
    chain_of(places.journal, 70, chain);
    chain[3] ^= 1;
    struct archive_sources sources = {.journal = places.journal};
    assert_int_equal(archive_restore(&sources, places.made, 70, chain, &last, &damage), -EILSEQ);
    assert_non_null(strstr(damage.text, "another redressd"));
    assert_int_equal(archive_restore(&sources, places.made, 70, chain, &last, &damage), -EEXIST);
    scratch_remove_in(AT_FDCWD, places.made, 3);
    assert_int_equal(archive_restore(&sources, places.made, 2000, chain, &last, &damage), -ERANGE);
    scratch_remove_in(AT_FDCWD, places.made, 3);
    /* One byte of the archive. */
    assert_int_equal(archive_fill(places.journal, places.archive, 9, &through, &done, &damage), 0);
    char path[PATH_BYTES];
    (void)snprintf(path, sizeof path, "%s/00000000000000000001.archive", places.archive);
    int fd = open(path, O_RDWR | O_CLOEXEC);
    struct stat about;
    assert_int_equal(fstat(fd, &about), 0);
    chain_of(places.journal, 20, chain);
    sources = (struct archive_sources){.archive = places.archive};
    for (off_t at = 0; at < about.st_size; at += at < 200 ? 7 : 211) {
        uint8_t byte, other;
        assert_int_equal(pread(fd, &byte, 1, at), 1);
        other = (uint8_t)(byte ^ 0x20);
        assert_int_equal(pwrite(fd, &other, 1, at), 1);
        int r = archive_restore(&sources, places.made, 20, chain, &last, &damage);
        assert_true(r == -EBADMSG || r == -ERANGE);
        assert_string_not_equal(damage.text, "");
        scratch_remove_in(AT_FDCWD, places.made, 3);
        assert_int_equal(pwrite(fd, &byte, 1, at), 1);
    }
    (void)close(fd);
    assert_int_equal(archive_restore(&sources, places.made, 20, chain, &last, &damage), 0);
    journal_close(journal);
    scratch_remove(&places.scratch);
}

/* A state that was restored twice has two histories of the same numbers; the archive has one. */
static void another_history_is_not_put_into_it(void **state)
{
    (void)state;
    struct places places = places_make();
    struct journal *journal = open_at(places.journal);
    append(journal, 200, 'a');
    uint8_t chain[32];
    uint64_t through, kept;
    unsigned done = 0;
    struct journal_damage damage;
    assert_int_equal(archive_fill(places.journal, places.archive, 9, &kept, &done, &damage), 0);
    struct archive_list list, after;
    assert_int_equal(archive_read(places.archive, &list), 0);
    unsigned had = done;
    assert_true(had == list.count && had >= 2);
    /* Of the same numbers, segment for segment, and one that begins within one of them. */
    for (unsigned i = 0; i < 2; i++) {
        uint64_t from = i == 0 ? 0 : 30;
        if (from > 0) {
            struct journal_options options = {.dir = places.made, .segment_bytes = SEGMENT};
            chain_of(places.journal, from, chain);
            assert_int_equal(journal_found(&options, from, chain, &damage), 0);
        }
        struct journal *other = open_at(places.made);
        append(other, 200, 'z');
        assert_int_equal(
                archive_fill(places.made, places.archive, 9, &through, &done, &damage), -EILSEQ);
        assert_int_equal(through, 0); /* so nothing may go */
        assert_non_null(strstr(damage.text, "00000000000000000001.archive: records 1 to "));
        assert_non_null(strstr(damage.text, "journal_archive"));
        if (from == 0) {
            assert_int_equal(archive_put(places.made, places.archive, 1, &damage), -EILSEQ);
        }
        journal_close(other);
        scratch_remove_in(AT_FDCWD, places.made, 3);
    }
    assert_int_equal(done, had);
    assert_int_equal(archive_read(places.archive, &after), 0);
    assert_int_equal(after.count, list.count);
    for (size_t i = 0; i < list.count; i++) {
        assert_memory_equal(after.items[i].chain, list.items[i].chain, sizeof chain);
    }
    archive_list_done(&after);
    archive_list_done(&list);
    /* Its own journal it knows again. */
    assert_int_equal(archive_fill(places.journal, places.archive, 9, &through, &done, &damage), 0);
    assert_true(through == kept && done == had);
    journal_close(journal);
    scratch_remove(&places.scratch);
}

static void a_journal_begins_after_a_record(void **state)
{
    (void)state;
    struct places places = places_make();
    struct journal_damage damage;
    uint8_t chain[32], found[32];
    memset(chain, 0x77, sizeof chain);
    struct journal_options options = {.dir = places.journal, .segment_bytes = SEGMENT};
    assert_int_equal(journal_found(&options, 4711, chain, &damage), 0);
    assert_int_equal(journal_found(&options, 4711, chain, &damage), -EEXIST);
    struct journal *journal = open_at(places.journal);
    assert_int_equal(journal_first(journal), 0);
    assert_int_equal(journal_last(journal), 4711);
    assert_int_equal(journal_chain(journal, 4711, found, &damage), 0);
    assert_memory_equal(chain, found, 32);
    append(journal, 150, 'c');
    assert_int_equal(journal_first(journal), 4712);
    assert_int_equal(journal_last(journal), 4711 + 150);
    assert_int_equal(journal_chain(journal, 4711, found, &damage), 0);
    assert_memory_equal(chain, found, 32);
    assert_int_equal(journal_chain(journal, 4710, found, &damage), -ENOENT);
    journal_close(journal);
    struct journal_report report;
    assert_int_equal(journal_check(places.journal, NULL, NULL, &report, &damage), 0);
    assert_int_equal(report.first, 4712);
    scratch_remove(&places.scratch);
}

static void it_is_bounded_by_bytes(void **state)
{
    (void)state;
    struct places places = places_make();
    struct journal *journal = open_at(places.journal);
    append(journal, 600, 'a');
    rd_time far = RD_TIME_MIN; /* nothing is old enough */
    journal_release(journal, 600, SEGMENT, far);
    journal_settle(journal);
    assert_int_equal(journal_first(journal), 1);
    journal_bound(journal, (uint64_t)4 * SEGMENT);
    journal_release(journal, 100, SEGMENT, far); /* but what no snapshot has stays */
    journal_settle(journal);
    uint64_t first = journal_first(journal);
    assert_true(first > 1 && first <= 101);
    journal_release(journal, 600, SEGMENT, far);
    journal_settle(journal);
    first = journal_first(journal);
    assert_true(first > 300 && first < 450);
    journal_close(journal);
    scratch_remove(&places.scratch);
}

/* ---- bodies that are erased ---- */

struct blanking {
    char letter; /* bodies of it go */
    uint64_t noted, segments;
};

static bool is_letter(void *arg, const struct journal_record *record)
{
    const struct blanking *blanking = arg;
    return record->body.len > 0 && record->body.ptr[0] == blanking->letter;
}

static void note(void *arg, uint64_t number)
{
    struct blanking *blanking = arg;
    (void)number;
    blanking->noted++;
}

static int beat(void *arg, uint64_t first)
{
    struct blanking *blanking = arg;
    blanking->segments += first != 0;
    return 0;
}

static uint64_t blank(const char *dir, struct blanking *blanking)
{
    struct journal_damage damage;
    struct journal_blank how = {.pick = is_letter, .note = note, .beat = beat, .arg = blanking};
    blanking->noted = blanking->segments = 0;
    int r = journal_blank(dir, &how, &damage);
    if (r < 0) {
        fail_msg("%d: %s", r, damage.text);
    }
    return blanking->noted;
}

/* How many runs of sixteen of the letter lie in the folder's files. */
static unsigned count_letter(const char *dir, char letter)
{
    char path[PATH_BYTES + 256], bytes[64 * 1024], run[16];
    unsigned count = 0;
    memset(run, letter, sizeof run);
    DIR *opened = opendir(dir);
    assert_non_null(opened);
    const struct dirent *entry;
    while ((entry = readdir(opened)) != NULL) {
        (void)snprintf(path, sizeof path, "%s/%s", dir, entry->d_name);
        FILE *file = entry->d_name[0] != '.' ? fopen(path, "rb") : NULL;
        size_t got;
        while (file != NULL && (got = fread(bytes, 1, sizeof bytes, file)) > 0) {
            count += memmem(bytes, got, run, sizeof run) != NULL;
        }
        if (file != NULL) {
            (void)fclose(file);
        }
    }
    (void)closedir(opened);
    return count;
}

static void erased_bodies_are_gone_and_the_chain_is_whole(void **state)
{
    (void)state;
    struct places places = places_make();
    struct journal_damage damage;
    struct journal_report report;
    struct blanking blanking = {.letter = 'b'};
    struct journal *journal = open_at(places.journal);
    append(journal, 100, 'a');
    append(journal, 100, 'b');
    append(journal, 100, 'c');
    uint8_t chain[32], again[32];
    assert_int_equal(journal_blank(places.journal, &(struct journal_blank){0}, &damage),
            -EWOULDBLOCK); /* somebody has it */
    journal_close(journal);
    chain_of(places.journal, 300, chain);
    assert_true(count_letter(places.journal, 'b') > 0);
    assert_int_equal(blank(places.journal, &blanking), 100);
    assert_true(blanking.segments >= 2);
    assert_int_equal(blank(places.journal, &blanking), 100); /* again: they are told of again */
    assert_int_equal(journal_scour(places.journal, &damage), 0);
    assert_int_equal(count_letter(places.journal, 'b'), 0);
    assert_true(count_letter(places.journal, 'a') > 0 && count_letter(places.journal, 'c') > 0);
    assert_int_equal(journal_check(places.journal, NULL, NULL, &report, &damage), 0);
    assert_int_equal(report.records, 300);
    assert_int_equal(report.erased, 100);
    assert_false(report.is_torn);
    chain_of(places.journal, 300, again);
    assert_memory_equal(chain, again, sizeof chain);
    journal = open_at(places.journal); /* and it goes on */
    append(journal, 10, 'd');
    journal_close(journal);
    assert_int_equal(journal_check(places.journal, NULL, NULL, &report, &damage), 0);
    scratch_remove(&places.scratch);
}

static void what_recycled_files_had_before_is_gone(void **state)
{
    (void)state;
    struct places places = places_make();
    struct journal_damage damage;
    struct journal *journal = open_at(places.journal);
    append(journal, 300, 'b');
    journal_release(journal, 240, 0, RD_TIME_NONE);
    journal_settle(journal);
    append(journal, 70, 'a'); /* into a file that was a segment of the others */
    journal_release(journal, 300, 0, RD_TIME_NONE);
    journal_settle(journal);
    journal_close(journal);
    struct blanking blanking = {.letter = 'b'};
    (void)blank(places.journal, &blanking);
    assert_true(count_letter(places.journal, 'b') > 0);
    assert_int_equal(journal_scour(places.journal, &damage), 0);
    assert_int_equal(count_letter(places.journal, 'b'), 0);
    struct journal_report report;
    assert_int_equal(journal_check(places.journal, NULL, NULL, &report, &damage), 0);
    assert_int_equal(report.last, 370);
    scratch_remove(&places.scratch);
}

/* A segment that the archive alone has: out of it, blanked, and back. */
static void a_segment_of_the_archive_is_blanked(void **state)
{
    (void)state;
    struct places places = places_make();
    struct journal_damage damage;
    struct journal *journal = open_at(places.journal);
    append(journal, 30, 'a');
    append(journal, 10, 'b');
    append(journal, 100, 'c');
    uint64_t through = 0;
    unsigned done = 0;
    assert_int_equal(
            archive_fill(places.journal, places.archive, 100, &through, &done, &damage), 0);
    journal_close(journal);
    struct blanking blanking = {.letter = 'b'};
    assert_int_equal(archive_take_out(places.archive, 1, places.made, &damage), 0);
    assert_int_equal(blank(places.made, &blanking), 10);
    assert_int_equal(archive_put(places.made, places.archive, 1, &damage), 0);
    scratch_remove_in(AT_FDCWD, places.made, 3);
    assert_int_equal(archive_take_out(places.archive, 1, places.made, &damage), 0);
    assert_int_equal(count_letter(places.made, 'b'), 0);
    assert_true(count_letter(places.made, 'a') > 0);
    assert_int_equal(blank(places.made, &blanking), 10);
    scratch_remove(&places.scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
            cmocka_unit_test(the_archive_is_the_journal),
            cmocka_unit_test(a_foreign_or_short_one_is_refused),
            cmocka_unit_test(another_history_is_not_put_into_it),
            cmocka_unit_test(a_journal_begins_after_a_record),
            cmocka_unit_test(it_is_bounded_by_bytes),
            cmocka_unit_test(erased_bodies_are_gone_and_the_chain_is_whole),
            cmocka_unit_test(what_recycled_files_had_before_is_gone),
            cmocka_unit_test(a_segment_of_the_archive_is_blanked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
