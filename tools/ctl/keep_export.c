#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "daemon/journal/journal.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/key.h"
#include "daemon/store/rows/name_row.h"
#include "tools/ctl/keep.h"
#include "tools/shared/json.h"

enum { CASE_ARENA_BYTES = 16 * 1024 * 1024 };

/* An open case, or one that grew into such a one. */
struct open_case {
    uint64_t number, opened_seq;
    size_t subject, subject_len; /* in `subjects` */
};

struct export
{
    struct store *store;
    struct store_view *view;
    struct journal *journal;
    struct rd_tree *tree;
    struct open_case *cases; /* ascending numbers */
    size_t *by_subject;      /* indexes of `cases`, by subject */
    size_t count, cap;
    struct rd_buf subjects;
    uint64_t events, erased, oldest_seq;
};

static struct rd_str subject_of(const struct export *export, const struct open_case *one)
{
    return (struct rd_str){(const char *)export->subjects.ptr + one->subject, one->subject_len};
}

/* ---- the cases ---- */

static void add_case(struct export *export, const struct case_row *row, struct rd_str subject)
{
    if (export->count == export->cap) {
        export->cap = export->cap > 0 ? 2 * export->cap : 1024;
        export->cases = realloc(export->cases, export->cap * sizeof *export->cases);
        if (export->cases == NULL) {
            rd_oom();
        }
    }
    export->cases[export->count++] = (struct open_case){.number = row->number,
            .opened_seq = row->opened_seq,
            .subject = export->subjects.len,
            .subject_len = subject.len};
    rd_buf_put_text(&export->subjects, subject);
}

static bool is_over(const struct case_row *row)
{
    return row->state == CASE_CLOSED || row->state == CASE_GROWN;
}

/* What became an open complaint began as the contact that grew into it. */
static bool is_wanted(struct export *export, struct rd_arena *arena, const struct case_row *row)
{
    struct case_row *into;
    if (row->state != CASE_GROWN) {
        return !is_over(row);
    }
    return case_row_get(export->view, row->gone_into, arena, &into) && !is_over(into);
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
        add_case(export, row, attributes.subject);
        if (is_told && !is_over(row)) {
            put_case(export, row, &attributes);
        }
    }
    rd_arena_done(&arena);
    return store_view_error(export->view);
}

/* ---- finding one ---- */

static int by_subject(const void *a, const void *b, void *arg)
{
    const struct export *export = arg;
    return rd_str_cmp(subject_of(export, &export->cases[*(const size_t *)a]),
            subject_of(export, &export->cases[*(const size_t *)b]));
}

static void sort_subjects(struct export *export)
{
    export->by_subject = malloc((export->count + 1) * sizeof *export->by_subject);
    if (export->by_subject == NULL) {
        rd_oom();
    }
    for (size_t i = 0; i < export->count; i++) {
        export->by_subject[i] = i;
    }
    if (export->count > 0) {
        qsort_r(export->by_subject, export->count, sizeof *export->by_subject, by_subject, export);
    }
}

static bool has_subject(const struct export *export, struct rd_str subject)
{
    size_t low = 0, high = export->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        int order =
                rd_str_cmp(subject_of(export, &export->cases[export->by_subject[middle]]), subject);
        if (order == 0) {
            return true;
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return false;
}

static const struct open_case *find_number(const struct export *export, uint64_t number)
{
    size_t low = 0, high = export->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (export->cases[middle].number == number) {
            return &export->cases[middle];
        }
        low = export->cases[middle].number < number ? middle + 1 : low;
        high = export->cases[middle].number < number ? high : middle;
    }
    return NULL;
}

/* ---- the events ---- */

/* Case numbers are the daemon's own: an event that names its case by one gets its subject. */
static void put_event(const struct journal_record *record, rd_node root, const struct open_case *by,
        struct rd_str subject)
{
    char time[RD_TIME_TEXT_MAX];
    json_t *event = json_of_node(root);
    if (json_object_get(event, "time") == NULL) {
        rd_time_format(record->wall, time);
        (void)json_object_set_new(event, "time", json_string(time));
    }
    (void)json_object_set_new(event, "quiet", json_true());
    (void)json_object_del(event, "sequence"); /* of another daemon's window */
    if (by != NULL) {
        (void)json_object_set_new(event, "subject", json_text(subject));
        (void)json_object_del(json_object_get(event, "data"), "case");
    }
    json_print(stdout, event, false);
}

static int take_event(struct export *export, const struct journal_record *record)
{
    rd_node root = NULL;
    if (record->is_erased) {
        export->erased++;
        return 0;
    }
    if (rd_tree_read(export->tree, record->body, &root, NULL) < 0) {
        return -EBADMSG;
    }
    struct rd_str subject = rd_node_str(rd_node_find(root, "subject"));
    const struct open_case *by = NULL;
    if (subject.len == 0) {
        rd_node number = rd_node_find(rd_node_find(root, "data"), "case");
        by = rd_node_type(number) == RD_NODE_UINT ? find_number(export, rd_node_uint(number))
                                                  : NULL;
    }
    if (by == NULL && (subject.len == 0 || !has_subject(export, subject))) {
        return 0;
    }
    put_event(record, root, by, by != NULL ? subject_of(export, by) : subject);
    export->events++;
    return 0;
}

static int read_events(struct export *export, struct journal_damage *damage)
{
    RD_CLEANUP(journal_cursor_closep)
    struct journal_cursor *cursor = NULL;
    uint64_t first = journal_first(export->journal);
    if (first == 0) {
        return 0;
    }
    int r = journal_cursor_open(export->journal, first - 1, &cursor);
    struct journal_record record;
    while (r == 0 && (r = journal_cursor_next(cursor, &record, damage)) == 1) {
        bool is_event = record.kind == JOURNAL_EVENT;
        export->oldest_seq =
                is_event && export->oldest_seq == 0 ? record.event_seq : export->oldest_seq;
        r = is_event ? take_event(export, &record) : 0;
    }
    return r;
}

/* What the events cannot make again is said, a number each. */
static enum exit_status tell(const struct export *export)
{
    uint64_t older = 0;
    for (size_t i = 0; i < export->count; i++) {
        older += export->cases[i].opened_seq < export->oldest_seq;
    }
    if (older > 0) {
        say_error("%" PRIu64 " of %zu cases were opened before the journal's first event, %" PRIu64
                  ": restore the archive into another folder and export that",
                older, export->count, export->oldest_seq);
    }
    if (export->erased > 0) {
        say_error("%" PRIu64 " events were erased and are in no line", export->erased);
    }
    return older > 0 || export->erased > 0 ? STATUS_FINDING : STATUS_OK;
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
}

enum exit_status keep_export(struct ctl *ctl)
{
    struct export export = {.tree = rd_tree_new()};
    struct journal_damage damage = {.text = ""};
    bool is_cases = ctl_given(ctl, "rows") != NULL;
    rd_buf_init(&export.subjects, SIZE_MAX / 4);
    enum exit_status status = open_all(&export, keep_state(ctl));
    int r = status == STATUS_OK ? read_cases(&export, is_cases) : 0;
    if (status == STATUS_OK && r == 0 && !is_cases) {
        sort_subjects(&export);
        r = read_events(&export, &damage);
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
