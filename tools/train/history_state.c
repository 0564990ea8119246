/* The past of a daemon: its journal and its store, read only, also beside a live one. */
#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/engine/engine.h"
#include "daemon/engine/outcome.h"
#include "daemon/journal/journal.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/window_row.h"
#include "tools/shared/ends.h"
#include "tools/train/history.h"

#define MAP_BYTES (UINT64_C(64) << 30) /* address space, not memory */
enum { ARENA_BYTES_MAX = 64 * 1024 * 1024 };

struct past {
    const struct history_options *options;
    struct store *store;
    struct store_view *view;
    struct engine *engine;
    struct journal *journal;
    struct journal_cursor *cursor;
    struct rd_arena arena;
    struct rd_tree *tree;
    struct rd_event event;
    uint64_t position; /* the store knows what became of events up to this record */
    rd_time last;      /* wall time there: what is younger may change yet */
};

static bool fail(const char *path, int error, const char *text)
{
    say_error("%s: %s%s%s", path, strerror(-error), text[0] != '\0' ? ": " : "", text);
    return false;
}

static bool open_store(struct past *past)
{
    char path[PATH_MAX], what[256] = "";
    (void)snprintf(path, sizeof path, "%s/store", past->options->path);
    struct store_options options = {.dir = path, .map_bytes_max = MAP_BYTES, .read_only = true};
    int r = store_open(&options, &past->store, what);
    if (r == 0) {
        r = store_side_open(past->store, &past->view);
    }
    if (r < 0) {
        return fail(path, r, what);
    }
    uint32_t number = 0;
    r = engine_open(past->view, &past->engine, &number);
    if (r == -EPROTO) {
        say_error("%s: the store of engine %" PRIu32 ", this program has engine %d", path, number,
                ENGINE_NUMBER);
        return false;
    }
    if (r < 0) {
        return fail(path, r, "");
    }
    past->position = engine_position(past->engine);
    return true;
}

static bool open_journal(struct past *past)
{
    char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/journal", past->options->path);
    struct journal_damage damage = {.text = ""};
    struct journal_options options = {.dir = path, .read_only = true};
    int r = journal_open(&options, &past->journal, &damage);
    if (r == 0) {
        uint64_t first = journal_first(past->journal);
        r = journal_cursor_open(past->journal, first > 0 ? first - 1 : 0, &past->cursor);
    }
    return r == 0 || fail(path, r, damage.text);
}

/* The time of the last record that the store knows: outcomes are as of then. */
static bool find_last(struct past *past)
{
    struct journal_record record;
    struct journal_damage damage = {.text = ""};
    int r;
    past->last = RD_TIME_NONE;
    while ((r = journal_cursor_next(past->cursor, &record, &damage)) == 1 &&
            record.number <= past->position) {
        past->last = record.wall;
    }
    journal_cursor_closep(&past->cursor);
    if (r < 0) {
        return fail(past->options->path, r, damage.text);
    }
    uint64_t first = journal_first(past->journal);
    r = journal_cursor_open(past->journal, first > 0 ? first - 1 : 0, &past->cursor);
    return r == 0 || fail(past->options->path, r, "");
}

struct past *past_open(const struct history_options *options)
{
    struct past *past = calloc(1, sizeof *past);
    if (past == NULL) {
        rd_oom();
    }
    past->options = options;
    past->tree = rd_tree_new();
    rd_arena_init(&past->arena, ARENA_BYTES_MAX);
    if (!open_store(past) || !open_journal(past) || !find_last(past)) {
        past_close(past);
        return NULL;
    }
    return past;
}

void past_close(struct past *past)
{
    if (past == NULL) {
        return;
    }
    journal_cursor_close(past->cursor);
    if (past->journal != NULL) {
        journal_close(past->journal);
    }
    engine_close(past->engine);
    if (past->view != NULL) {
        store_side_close(past->view);
    }
    store_close(past->store);
    rd_tree_free(past->tree);
    rd_arena_done(&past->arena);
    free(past);
}

static bool was_breached(const struct case_row *row)
{
    for (size_t i = 0; i < row->clock_count; i++) {
        if (row->clocks[i].state == CLOCK_LATE || row->clocks[i].state == CLOCK_BREACHED) {
            return true;
        }
    }
    return false;
}

static bool was_disputed(const struct case_row *row)
{
    return row->reopened > 0 || row->moments[RD_MOMENT_REVIEW_REQUESTED].wall != RD_TIME_NONE;
}

static bool was_escalated(const struct case_row *row)
{
    return (row->rungs_fired & ~1U) != 0; /* a rung above the first, before a reopening too */
}

static enum outcome outcome_of(bool is_so)
{
    return is_so ? OUTCOME_YES : OUTCOME_NO;
}

/* Of a case that is over; an open one may end otherwise yet. */
static enum outcome case_outcome(struct past *past, uint64_t number)
{
    struct case_row *row = NULL;
    if (number == 0 || !case_row_get(past->view, number, &past->arena, &row) ||
            (row->state != CASE_CLOSED && row->state != CASE_GROWN)) {
        return OUTCOME_UNKNOWN;
    }
    switch (past->options->ending) {
    case ENDING_DISPUTED:
        return outcome_of(was_disputed(row));
    case ENDING_ESCALATED:
        return outcome_of(was_escalated(row));
    case ENDING_BREACHED:
        return outcome_of(was_breached(row));
    case ENDING_GROWN:
    case ENDING_TENDED:
    case ENDING_ANY:
        return outcome_of(was_disputed(row) || was_escalated(row) || was_breached(row));
    }
    RD_UNREACHABLE("the endings are all named");
}

/* A complaint, or what somebody did to pre-empt one: both say that the warning was right. What was
 * only tended to says nothing. */
static enum outcome tended_outcome(struct past *past, const struct ledger_row *row, bool is_over)
{
    struct case_row *opened = NULL;
    if (!row->is_contact) {
        return OUTCOME_UNKNOWN;
    }
    if (row->case_number != 0) {
        (void)case_row_get(past->view, row->case_number, &past->arena, &opened);
    }
    switch (contact_fate_of(row, opened, is_over).outcome) {
    case CONTACT_COMPLAINED:
    case CONTACT_PREEMPTED:
        return OUTCOME_YES;
    case CONTACT_QUIET:
        return OUTCOME_NO;
    case CONTACT_OPEN:
    case CONTACT_TENDED:
    case CONTACT_OUTCOMES:
        return OUTCOME_UNKNOWN;
    }
    RD_UNREACHABLE("the outcomes are all named");
}

static enum outcome judge(struct past *past, const struct ledger_row *row)
{
    enum ending ending = past->options->ending;
    bool is_grown = row->complained != RD_TIME_NONE;
    bool may_grow = row->is_contact && row->time > past->last - past->options->follow_up_us;
    if (ending == ENDING_TENDED) {
        return tended_outcome(past, row, past->last - row->time > past->options->follow_up_us);
    }
    if (ending != ENDING_GROWN && ending != ENDING_ANY) {
        return case_outcome(past, row->case_number);
    }
    if (is_grown && row->is_contact) {
        return OUTCOME_YES;
    }
    if (ending == ENDING_GROWN) {
        return !row->is_contact || may_grow ? OUTCOME_UNKNOWN : OUTCOME_NO;
    }
    enum outcome outcome = case_outcome(past, row->case_number);
    if (outcome == OUTCOME_UNKNOWN && row->case_number == 0 && !may_grow) {
        outcome = OUTCOME_NO; /* it only counted, and nothing came of it */
    }
    return outcome == OUTCOME_NO && may_grow ? OUTCOME_UNKNOWN : outcome;
}

int past_next(struct past *past, struct history_row *ret_row)
{
    struct journal_record record;
    struct journal_damage damage = {.text = ""};
    int r;
    while ((r = journal_cursor_next(past->cursor, &record, &damage)) == 1 &&
            record.number <= past->position) {
        struct rd_reject reject = {.code = NULL};
        struct ledger_row row;
        if (record.kind != JOURNAL_EVENT || record.is_erased ||
                !rd_event_decode(
                        past->tree, record.body, JOURNAL_BODY_MAX, &past->event, &reject) ||
                (past->event.type != RD_EVENT_CONTACT_RECEIVED &&
                        past->event.type != RD_EVENT_COMPLAINT_REGISTERED) ||
                !ledger_row_get(past->view, record.event_seq, &row)) {
            continue;
        }
        rd_arena_reset(&past->arena);
        past->event.time = row.time;
        *ret_row = (struct history_row){.number = record.event_seq,
                .outcome = judge(past, &row),
                .time = row.time,
                .event = &past->event};
        return 1;
    }
    if (r < 0) {
        (void)fail(past->options->path, r, damage.text);
    }
    return r < 0 ? r : 0;
}
