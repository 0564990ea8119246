#include "daemon/rebuild_look.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "daemon/engine/engine.h"
#include "daemon/replay_from.h"
#include "daemon/store/raw.h"

/* Does the journal go on where the store ends? */
static bool goes_on(
        const struct snapshot_head *head, struct journal *journal, char ret_why[static REBUILD_WHY])
{
    static const uint8_t unknown[SNAPSHOT_HASH];
    uint64_t position = head->numbers.position, last = journal_last(journal);
    bool is_known = memcmp(head->chain, unknown, sizeof unknown) != 0;
    if (position > last) {
        (void)snprintf(ret_why, REBUILD_WHY,
                "it goes to record %" PRIu64 ", and the journal to %" PRIu64 " only", position,
                last);
        return false;
    }
    if (position + 1 < journal_first(journal)) {
        (void)snprintf(ret_why, REBUILD_WHY,
                "it goes to record %" PRIu64 ", and the journal begins with %" PRIu64, position,
                journal_first(journal));
        return false;
    }
    if (is_known && replay_from_kin(journal, head) != REPLAY_KIN_OURS) {
        (void)snprintf(
                ret_why, REBUILD_WHY, "it goes to record %" PRIu64 " of another journal", position);
        return false;
    }
    return true;
}

bool rebuild_is_whole(const char *store, struct journal *journal, char ret_why[static REBUILD_WHY])
{
    struct raw raw = {.env = NULL};
    struct snapshot_head head;
    char what[256] = "";
    int r = store_audit(store, true, what);
    r = r == 0 ? raw_open(&raw, store) : r;
    r = r == 0 ? snapshot_head_of(&raw, NULL, &head) : r;
    raw_end(&raw);
    if (r < 0) {
        (void)snprintf(ret_why, REBUILD_WHY, "%s", what[0] != '\0' ? what : strerrordesc_np(-r));
        return false;
    }
    bool is_this = head.numbers.schema == STORE_SCHEMA &&
                   (head.numbers.engine == ENGINE_NUMBER || head.numbers.engine == 0);
    return !is_this || goes_on(&head, journal, ret_why);
}

static bool applies(const struct journal_record *record, char ret_why[static REBUILD_WHY])
{
    if (record->engine != ENGINE_NUMBER) {
        (void)snprintf(ret_why, REBUILD_WHY,
                "record %" PRIu64 " was written by engine %" PRIu32 ", and this is engine %d",
                record->number, record->engine, ENGINE_NUMBER);
        return false;
    }
    if (record->kind == JOURNAL_EVENT && record->is_erased) {
        (void)snprintf(ret_why, REBUILD_WHY,
                "the event of record %" PRIu64 " was erased after it was applied", record->number);
        return false;
    }
    return true;
}

bool rebuild_can_follow(
        struct journal *journal, uint64_t position, char ret_why[static REBUILD_WHY])
{
    RD_CLEANUP(journal_cursor_closep)
    struct journal_cursor *cursor = NULL;
    struct journal_record record;
    struct journal_damage damage = {.text = ""};
    if (position == journal_last(journal)) {
        return true;
    }
    int r = journal_cursor_open(journal, position, &cursor);
    if (r < 0) {
        (void)snprintf(ret_why, REBUILD_WHY,
                "the journal has not the records after %" PRIu64 ": it begins with %" PRIu64,
                position, journal_first(journal));
        return false;
    }
    while ((r = journal_cursor_next(cursor, &record, &damage)) > 0) {
        if (!applies(&record, ret_why)) {
            return false;
        }
    }
    if (r < 0) {
        (void)snprintf(ret_why, REBUILD_WHY, "%.300s",
                damage.text[0] != '\0' ? damage.text : strerrordesc_np(-r));
    }
    return r == 0;
}
