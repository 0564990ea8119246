/* tools/ctl/keep_follow.c — may a state that is put back go on with the records after it? */
#include <inttypes.h>
#include <stdio.h>

#include "daemon/journal/journal.h"
#include "tools/ctl/keep.h"

/* The first record after the backup that another engine wrote; 0: there is none. */
static int find_other(struct journal *journal, const struct store_numbers *numbers,
        struct journal_record *ret_other, struct journal_damage *damage)
{
    RD_CLEANUP(journal_cursor_closep)
    struct journal_cursor *cursor = NULL;
    uint32_t engine = numbers->engine; /* 0: the backup is of before the first checkpoint */
    struct journal_record record;
    ret_other->number = 0;
    int r = journal_cursor_open(journal, numbers->position, &cursor);
    while (r == 0 && (r = journal_cursor_next(cursor, &record, damage)) == 1) {
        engine = engine != 0 ? engine : record.engine;
        if (record.engine != engine) {
            ret_other->number = record.number;
            ret_other->engine = record.engine;
            return 0;
        }
        r = 0;
    }
    return r;
}

enum exit_status keep_follow(const char *dir, const struct store_numbers *numbers)
{
    struct journal *journal = NULL;
    struct journal_damage damage = {.text = ""};
    struct journal_record other = {.number = 0};
    int r = journal_open(
            &(struct journal_options){.dir = dir, .read_only = true}, &journal, &damage);
    if (r == 0 && journal_last(journal) > numbers->position) {
        r = find_other(journal, numbers, &other, &damage);
    }
    journal_close(journal);
    if (r < 0) {
        return keep_fail(dir, r, damage.text);
    }
    if (other.number > 0) {
        say_error("record %" PRIu64 " was written by engine %" PRIu32
                  ", and the backup is of engine %" PRIu32
                  ": an upgrade lies between, and no version applies the records on both sides of "
                  "it. Take a backup or snapshot from after it, or leave --journal and --archive "
                  "out, which loses what came after the backup",
                other.number, other.engine, numbers->engine);
        return STATUS_FINDING;
    }
    return STATUS_OK;
}
