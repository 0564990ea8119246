#include "daemon/engine/forget_held.h"

#include <string.h>

#include "common/base/num.h"
#include "common/base/sizes.h"
#include "common/wire/event_table.h"
#include "daemon/engine/approvals.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/forget_find.h"
#include "daemon/engine/forget_words.h"
#include "daemon/engine/silences.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/approval_row.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/erasure_row.h"
#include "daemon/store/rows/key.h"
#include "daemon/store/rows/silence_row.h"

enum { SILENCE_ROWS_MAX = 4096 /* more than the table keeps */ };

/* An empty map: no silence is made with it. */
#define NO_MATCHERS RD_STR("\x80")

bool forget_is_of_silence(struct engine *engine, struct rd_str packed)
{
    static const char PREFIX[] = "silence.";
    struct rd_alert alert;
    struct silence_row row;
    uint64_t number;
    if (!forget_mentions(packed, rd_str_of(rd_alert_type_name(RD_ALERT_SILENCE_CREATED))) ||
            rd_alert_open(rd_arena_dup(&engine->arena, packed), &engine->arena, &alert) != 0 ||
            alert.type != RD_ALERT_SILENCE_CREATED || alert.reason_count == 0 ||
            !rd_str_starts(alert.reasons[0].code, rd_str_of(PREFIX))) {
        return false;
    }
    struct rd_str code = alert.reasons[0].code;
    struct rd_str digits = {code.ptr + strlen(PREFIX), code.len - strlen(PREFIX)};
    return rd_u64_parse(digits, &number) == 0 && silence_row_get(engine->view, number, &row) &&
           rd_str_eq(row.matchers, NO_MATCHERS);
}

/* ---- what names him ---- */

struct looking {
    struct engine *engine;
    const struct erasure_job *job;
    struct rd_tree *tree;
};

static bool is_word(void *arg, struct rd_str text)
{
    const struct looking *looking = arg;
    return erasure_word_has(looking->engine->view, looking->job->seq, text);
}

/* The packed value has the customer's id, or a word of the job. */
static bool names_him(struct looking *looking, struct rd_str packed)
{
    const struct forget_look look = {.is_word = is_word, .arg = looking};
    rd_node root;
    return forget_mentions(packed, looking->job->name) ||
           (rd_tree_read(looking->tree, packed, &root, NULL) == 0 && forget_find(&look, root));
}

/* The case is his, or was until this erasure came to it. */
static bool is_his(struct looking *looking, uint64_t number)
{
    struct engine *engine = looking->engine;
    struct work *work = number != 0 ? case_open(engine, number) : NULL;
    struct rd_str customer = {0};
    if (work != NULL) {
        customer = case_attributes(engine, work)->values[RD_KEY_CUSTOMER].bytes;
    }
    bool is_found = rd_str_eq(customer, looking->job->name) ||
                    erasure_case_has(engine->view, looking->job->seq, number);
    if (engine->work_count >= WORKS_MAX / 2) {
        cases_save(engine);
    }
    return is_found;
}

/* ---- silences ---- */

static void empty_silence(struct engine *engine, uint64_t number)
{
    struct silence_row row;
    silence_end(engine, number);
    if (silence_row_get(engine->view, number, &row)) {
        row.by = rd_arena_dup(&engine->arena, row.by);
        row.reason = (struct rd_str){0};
        row.matchers = NO_MATCHERS;
        silence_row_put(engine->view, number, &row);
    }
}

static void forget_silences(struct looking *looking)
{
    struct engine *engine = looking->engine;
    uint64_t *found = RD_ARENA_ARRAY(&engine->arena, uint64_t, SILENCE_ROWS_MAX + 1);
    size_t count = 0;
    struct store_scan scan;
    struct rd_str key, value;
    store_scan_begin(&scan, engine->view, STORE_SILENCES, (struct rd_str){0});
    while (count < SILENCE_ROWS_MAX && store_scan_next(&scan, &key, &value)) {
        struct silence_row row;
        uint64_t number = silence_row_read(key, value, &row);
        const struct forget_look look = {.is_word = is_word, .arg = looking};
        if (forget_mentions(value, looking->job->name) || names_him(looking, row.matchers) ||
                forget_find_text(&look, row.reason)) {
            found[count++] = number;
        }
    }
    store_scan_end(&scan);
    for (size_t i = 0; i < count; i++) {
        empty_silence(engine, found[i]);
    }
}

/* ---- events that wait ---- */

/* About no case: an alert about his would say his name once more. */
static void lapse(struct looking *looking, const uint64_t *seqs, size_t count)
{
    struct engine *engine = looking->engine;
    const char *cause = engine->cause;
    struct rd_str cause_name = engine->cause_name;
    bool was_quiet = engine->is_quiet, was_event_cause = engine->event_is_cause;
    engine->cause = "erasure";
    engine->cause_name =
            rd_arena_printf(&engine->arena, "%llu", (unsigned long long)looking->job->seq);
    engine->is_quiet = engine->event_is_cause = false; /* another event may be the record's */
    for (size_t i = 0; i < count; i++) {
        approval_lapse(engine, seqs[i], NULL, looking->job->customer);
    }
    engine->cause = cause;
    engine->cause_name = cause_name;
    engine->is_quiet = was_quiet;
    engine->event_is_cause = was_event_cause;
}

static void forget_approvals(struct looking *looking)
{
    struct engine *engine = looking->engine;
    uint64_t *found = RD_ARENA_ARRAY(&engine->arena, uint64_t, APPROVALS_MAX + 1);
    size_t count = 0;
    struct store_scan scan;
    struct rd_str key, value;
    store_scan_begin(&scan, engine->view, STORE_APPROVALS, (struct rd_str){0});
    while (count < APPROVALS_MAX && store_scan_next(&scan, &key, &value)) {
        struct approval_row row;
        uint64_t seq = approval_row_read(key, value, &row);
        bool is_silence = row.type == (uint8_t)RD_EVENT_SILENCE_CREATED;
        if (seq <= looking->job->through && (forget_mentions(row.event, looking->job->name) ||
                                                    (is_silence && names_him(looking, row.event)) ||
                                                    is_his(looking, row.case_number))) {
            found[count++] = seq;
        }
    }
    store_scan_end(&scan);
    lapse(looking, found, count);
}

void forget_held(struct engine *engine, const struct erasure_job *job)
{
    RD_CLEANUP(rd_tree_freep)
    struct rd_tree *tree = rd_tree_new();
    struct looking looking = {.engine = engine, .job = job, .tree = tree};
    forget_silences(&looking);
    forget_approvals(&looking);
}
