#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/time/civil.h"
#include "daemon/store/rows/approval_row.h"
#include "daemon/store/rows/duty_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/key.h"
#include "daemon/store/rows/meta_row.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/silence_row.h"
#include "tools/ctl/keep_open.h"
#include "tools/shared/json.h"

/* What is open is found in the rows: the cases, and with them every event of their histories;
 * silences that hold, stand-ins of rosters, what waits for a second person. */

enum { CASE_ARENA_BYTES = 16 * 1024 * 1024, MERGES_MAX = 64 };

/* ---- the cases ---- */

static void add_event(struct export *export, uint64_t seq, uint64_t number, bool is_opening)
{
    if (export->wanted_count == export->wanted_cap) {
        export->wanted_cap = export->wanted_cap > 0 ? 2 * export->wanted_cap : 4096;
        export->wanted = realloc(export->wanted, export->wanted_cap * sizeof *export->wanted);
        if (export->wanted == NULL) {
            rd_oom();
        }
    }
    export->wanted[export->wanted_count++] =
            (struct open_event){.seq = seq, .number = number, .is_opening = is_opening};
}

static bool is_of_event(enum history_what what)
{
    return what == HISTORY_EVENT || what == HISTORY_JOINED || what == HISTORY_LATE ||
           what == HISTORY_RECONTACT;
}

static void add_history(struct export *export, const struct case_row *row)
{
    struct history_row entry;
    for (uint64_t at = row->history; at != 0; at = entry.before) {
        if (!history_row_get(export->view, at, &entry) || entry.before >= at) {
            return;
        }
        if (is_of_event(entry.what)) {
            add_event(export, entry.seq, row->number, false);
        }
    }
}

/* The schedule of another daemon opens those of the present period; their end tells which are
 * older. */
static void note_scheduled(struct export *export, const struct duty_row *duty)
{
    enum { DAY_S = 24 * 60 * 60 };
    rd_time due = duty->due;
    if (duty->is_due_day) {
        due = (duty->due + 1) * DAY_S * RD_SECOND_US;
    }
    bool is_first = export->scheduled++ == 0;
    export->scheduled_due = is_first || due < export->scheduled_due ? due : export->scheduled_due;
}

static void add_case(
        struct export *export, const struct case_row *row, const struct attribute_row *attributes)
{
    struct duty_row duty = duty_row_of(row, attributes);
    if (export->count == export->cap) {
        export->cap = export->cap > 0 ? 2 * export->cap : 1024;
        export->cases = realloc(export->cases, export->cap * sizeof *export->cases);
        if (export->cases == NULL) {
            rd_oom();
        }
    }
    export->cases[export->count++] = (struct open_case){.number = row->number,
            .unit = row->unit,
            .is_numbered = row->kind == CASE_DUTY && rd_str_is(duty.duty, "rectification"),
            .is_acknowledged = row->was_acknowledged,
            .subject = export->subjects.len,
            .subject_len = attributes->subject.len};
    rd_buf_put_text(&export->subjects, attributes->subject);
    if (row->opened_seq > 0) {
        add_event(export, row->opened_seq, row->number, true);
    } else {
        note_scheduled(export, &duty);
    }
    add_history(export, row);
}

static bool is_over(const struct case_row *row)
{
    return row->state == CASE_CLOSED || row->state == CASE_GROWN;
}

/* What became an open complaint began as the contact that grew into it; what was merged into an
 * open case is named by its own subject; a case whose rectification is owed has the event that
 * opened that. */
static bool is_wanted(struct export *export, struct rd_arena *arena, const struct case_row *row)
{
    struct case_row *into = NULL;
    uint64_t next = row->gone_into;
    if (!is_over(row) || mending_first(export->view, row->number) != 0) {
        return true;
    }
    for (unsigned i = 0; i < MERGES_MAX && next != 0; i++) {
        if (!case_row_get(export->view, next, arena, &into)) {
            return false;
        }
        if (!is_over(into)) {
            return true;
        }
        next = into->gone_into;
    }
    return false;
}

static void put_case(const struct export *export, const struct case_row *row,
        const struct attribute_row *attributes)
{
    static const char *const levels[] = {"none", "watch", "high", "critical"};
    char opened[RD_TIME_TEXT_MAX], received[RD_TIME_TEXT_MAX];
    rd_time_format(row->opened, opened);
    rd_time_format(row->received, received);
    json_print(stdout,
            json_pack("{s:I, s:s, s:o, s:s, s:o, s:s, s:s, s:s, s:i}", "case",
                    (json_int_t)row->number, "kind", case_kind_name(row->kind), "subject",
                    json_text(attributes->subject), "state", case_state_name(row->state), "unit",
                    json_text(name_text(export->view, row->unit)), "opened", opened, "received",
                    received, "level", levels[row->level & 3], "score", (int)row->score),
            false);
}

static int read_cases(struct export *export, bool is_told)
{
    struct rd_arena arena;
    struct store_scan scan;
    struct rd_str key, value;
    rd_arena_init(&arena, CASE_ARENA_BYTES);
    store_scan_begin(&scan, export->view, STORE_CASES, (struct rd_str){0});
    while (store_scan_next(&scan, &key, &value)) {
        struct case_row *row;
        struct attribute_row attributes;
        uint64_t number = row_key_read_u64(key, 0);
        rd_arena_reset(&arena);
        if (!case_row_get(export->view, number, &arena, &row) || !is_wanted(export, &arena, row) ||
                !attribute_row_get(export->view, number, &arena, &attributes)) {
            continue;
        }
        add_case(export, row, &attributes);
        if (is_told && !is_over(row)) {
            put_case(export, row, &attributes);
        }
    }
    rd_arena_done(&arena);
    return store_view_error(export->view);
}

/* ---- what is no case ---- */

static void read_silences(struct export *export)
{
    struct counters counters = {.wall = RD_TIME_NONE};
    (void)meta_row_get(export->view, &counters);
    struct store_scan scan;
    struct rd_str key, value;
    store_scan_begin(&scan, export->view, STORE_SILENCES, (struct rd_str){0});
    while (store_scan_next(&scan, &key, &value)) {
        struct silence_row row;
        (void)silence_row_read(key, value, &row);
        if (row.is_ended || row.until <= counters.wall) {
            continue;
        }
        export->silences =
                reallocarray(export->silences, export->silence_count + 1, sizeof *export->silences);
        if (export->silences == NULL) {
            rd_oom();
        }
        export->silences[export->silence_count++] = row.created;
    }
}

static void read_rest(struct export *export)
{
    struct store_scan scan;
    struct rd_str key, value;
    read_silences(export);
    store_scan_begin(&scan, export->view, STORE_ROSTERS, (struct rd_str){0});
    while (store_scan_next(&scan, &key, &value)) {
        add_event(export, row_key_read_u64(key, sizeof(uint32_t) + sizeof(uint64_t)), 0, false);
    }
    store_scan_begin(&scan, export->view, STORE_APPROVALS, (struct rd_str){0});
    while (store_scan_next(&scan, &key, &value)) {
        struct approval_row row;
        uint64_t seq = approval_row_read(key, value, &row);
        if (row.case_number == 0 || export_case(export, row.case_number) != NULL) {
            add_event(export, seq, row.case_number, false);
        }
    }
}

static int by_seq(const void *a, const void *b)
{
    const struct open_event *left = a, *right = b;
    return left->seq != right->seq
                   ? (left->seq > right->seq) - (left->seq < right->seq)
                   : (left->number > right->number) - (left->number < right->number);
}

/* ---- what is said of it ---- */

/* What the events cannot make again is said, a number each. */
static enum exit_status tell(const struct export *export)
{
    uint64_t cases = 0, events = 0;
    for (size_t i = 0, next = 0; i < export->wanted_count; i = next) {
        const struct open_event *wanted = &export->wanted[i];
        uint64_t opened = 0;
        for (; next < export->wanted_count && export->wanted[next].seq == wanted->seq; next++) {
            opened += export->wanted[next].is_opening;
        }
        cases += wanted->is_found ? 0 : opened;
        events += !wanted->is_found && opened == 0;
    }
    events += export->silence_count - export->silences_found;
    bool is_whole = cases == 0 && events == 0;
    if (!is_whole) {
        char begins[64] = "has no event at all";
        if (export->first > 0) {
            (void)snprintf(begins, sizeof begins, "begins with event %" PRIu64, export->first);
        }
        say_error("%" PRIu64 " of %zu cases were opened, and %" PRIu64
                  " events on open ones taken, before this journal, which %s: --rows lists the "
                  "cases; a folder restored from a backup of before them with --archive has them "
                  "once redressd was started on it",
                cases, export->count, events, begins);
    }
    if (export->scheduled > 0) {
        bool has_older = export->last == RD_TIME_NONE || export->scheduled_due <= export->last;
        say_error("%" PRIu64 " are duties that the schedule opened, which no event did: the other "
                  "daemon's schedule opens those of the present period%s",
                export->scheduled,
                has_older ? ", and none of an earlier one, of which there are some here: --rows "
                            "lists them"
                          : "");
        is_whole = is_whole && !has_older;
    }
    if (export->unnumbered > 0) {
        say_error("%" PRIu64
                  " events name a rectification by the number of its case, and the other "
                  "daemon numbers cases anew: send these with its subject there",
                export->unnumbered);
        is_whole = false;
    }
    if (export->erased > 0) {
        say_error("%" PRIu64 " events were erased and are in no line", export->erased);
        is_whole = false;
    }
    if (export->acks > 0) { /* nothing open depends on them: the other one sends other alerts */
        say_error("%" PRIu64 " acknowledgements of single alerts are in no line: they name numbers "
                  "of this daemon",
                export->acks);
    }
    return is_whole ? STATUS_OK : STATUS_FINDING;
}

/* ---- opening and closing ---- */

static enum exit_status open_all(struct export *export, const char *state)
{
    char path[PATH_MAX], what[256] = "";
    if (!keep_path(path, sizeof path, state, "store")) {
        return STATUS_USAGE;
    }
    struct store_options options = {
            .dir = path, .map_bytes_max = KEEP_MAP_BYTES, .read_only = true};
    int r = store_open(&options, &export->store, what);
    if (r == 0) {
        r = store_side_open(export->store, &export->view);
    }
    struct counters counters = {.position = 0};
    if (r == 0 && meta_row_get(export->view, &counters)) {
        export->position = counters.position;
    }
    if (r < 0) {
        return keep_fail(path, r, what);
    }
    struct journal_damage damage = {.text = ""};
    if (!keep_path(path, sizeof path, state, "journal")) {
        return STATUS_USAGE;
    }
    r = journal_open(
            &(struct journal_options){.dir = path, .read_only = true}, &export->journal, &damage);
    return r < 0 ? keep_fail(path, r, damage.text) : STATUS_OK;
}

static void close_all(struct export *export)
{
    store_side_close(export->view);
    store_close(export->store);
    journal_close(export->journal);
    rd_tree_free(export->tree);
    rd_buf_done(&export->subjects);
    free(export->cases);
    free(export->by_subject);
    free(export->wanted);
    free(export->silences);
}

enum exit_status keep_export(struct ctl *ctl)
{
    struct export export = {.tree = rd_tree_new(), .last = RD_TIME_NONE};
    struct journal_damage damage = {.text = ""};
    bool is_cases = ctl_given(ctl, "rows") != NULL;
    rd_buf_init(&export.subjects, SIZE_MAX / 4);
    enum exit_status status = open_all(&export, keep_state(ctl));
    int r = status == STATUS_OK ? read_cases(&export, is_cases) : 0;
    if (status == STATUS_OK && r == 0 && !is_cases) {
        read_rest(&export);
        if (export.wanted_count > 0) {
            qsort(export.wanted, export.wanted_count, sizeof *export.wanted, by_seq);
        }
        r = export_events(&export, &damage);
    }
    if (r < 0) {
        status = keep_fail(keep_state(ctl), r, damage.text);
    }
    if (status == STATUS_OK && !is_cases) {
        status = tell(&export);
    }
    close_all(&export);
    return status;
}
