#include "daemon/engine/forget_rows.h"

#include <string.h>

#include "common/base/num.h"
#include "common/base/sizes.h"
#include "common/wire/event_table.h"
#include "daemon/engine/approvals.h"
#include "daemon/engine/assess.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/forget_words.h"
#include "daemon/engine/silences.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/approval_row.h"
#include "daemon/store/rows/gone_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/key.h"
#include "daemon/store/rows/screened_row.h"
#include "daemon/store/rows/silence_row.h"
#include "daemon/store/rows/window_row.h"

enum {
    SILENCE_ROWS_MAX = 4096 /* more than the table keeps */
};

/* An empty map: no silence is made with it. */
#define NO_MATCHERS RD_STR("\x80")

/* Codes, points and what is to be done stay; what was found in a text goes. */
static const struct rd_reason *without_details(
        struct engine *engine, const struct rd_reason *reasons, size_t count)
{
    struct rd_reason *bare = RD_ARENA_ARRAY(&engine->arena, struct rd_reason, count + 1);
    for (size_t i = 0; i < count; i++) {
        bare[i] = reasons[i];
        bare[i].detail = (struct rd_str){0};
    }
    return bare;
}

/* The packed warning without details; itself where it cannot be read. */
static struct rd_str bare_warning(struct engine *engine, struct rd_str packed)
{
    struct rd_warning warning;
    struct rd_str copy = rd_arena_dup(&engine->arena, packed);
    if (copy.len == 0 || rd_warning_open(copy, &engine->arena, &warning) != 0) {
        return copy;
    }
    warning.reasons = without_details(engine, warning.reasons, warning.reason_count);
    return warning_packed(engine, &warning);
}

void forget_attributes(struct engine *engine, const uint8_t digest[static 16], uint64_t number)
{
    struct work *work = case_open(engine, number);
    RD_ASSERT(work != NULL);
    struct attribute_row *attributes = case_attributes(engine, work);
    rd_key_set personal = rd_keys_personal();
    enum rd_event_key key;
    struct rd_str contract = attributes->values[RD_KEY_CONTRACT].bytes;
    forget_words(engine, work);
    struct screened_row screened;
    if (contract.len > 0 && screened_row_get(engine->view, contract, &screened)) {
        gone_row_put(engine->view, digest, 0, screened.seq, &screened.seq, 1);
        screened_row_del(engine->view, contract); /* what it counted for stands */
    }
    while (rd_key_next(&personal, &key)) {
        attributes->values[key] = (struct rd_value){0};
    }
    attributes->values[RD_KEY_CUSTOMER] = (struct rd_value){.type = RD_VALUE_STR,
            .bytes = rd_arena_printf(&engine->arena, "forgotten-%llu", (unsigned long long)number)};
    attributes->warning = bare_warning(engine, attributes->warning);
    work->are_attributes_dirty = true;
    customer_case_del(engine->view, digest, number);
    customer_open_del(engine->view, digest, number, (uint8_t)work->row->kind);
}

void forget_text(struct engine *engine, struct work *work)
{
    struct attribute_row *attributes = case_attributes(engine, work);
    attributes->values[RD_KEY_TEXT] = attributes->values[RD_KEY_RESOLUTION] = (struct rd_value){0};
    attributes->warning = bare_warning(engine, attributes->warning);
    work->are_attributes_dirty = true;
}

static bool is_of_event(const struct history_row *row)
{
    return row->what == HISTORY_EVENT || row->what == HISTORY_LATE || row->what == HISTORY_JOINED ||
           row->what == HISTORY_RECONTACT;
}

static void empty_note(struct engine *engine, uint64_t number)
{
    struct history_row row;
    if (history_row_get(engine->view, number, &row) && row.note.len > 0) {
        row.by = rd_arena_dup(&engine->arena, row.by); /* the put takes the old row away */
        row.sender = rd_arena_dup(&engine->arena, row.sender);
        row.note = (struct rd_str){0};
        history_row_put(engine->view, number, &row);
    }
}

uint64_t forget_entry(struct engine *engine, uint64_t case_number, uint64_t number)
{
    struct history_row row;
    bool is_there = history_row_get(engine->view, number, &row);
    RD_ASSERT(is_there);
    if (is_of_event(&row)) {
        struct rd_str note = rd_arena_dup(&engine->arena, row.note);
        forget_assessment(engine, row.seq);
        if (row.what == HISTORY_JOINED) { /* the contact's subject is one of the case's */
            subject_hide(engine->view, note, case_number);
        }
        empty_note(engine, number);
    } else if (row.what == HISTORY_RESUMED) {
        empty_note(engine, number);
    }
    return row.before;
}

uint64_t forget_entry_text(struct engine *engine, uint64_t number)
{
    struct history_row row;
    if (!history_row_get(engine->view, number, &row)) {
        return 0;
    }
    if (is_of_event(&row)) {
        forget_assessment(engine, row.seq);
    }
    /* The first entry names the case's own subject. */
    if ((row.what == HISTORY_EVENT && row.before != 0) || row.what == HISTORY_LATE) {
        empty_note(engine, number);
    }
    return row.before;
}

uint64_t forget_entry_wholly(
        struct engine *engine, uint64_t number, uint64_t case_number, uint64_t *ret_seq)
{
    struct history_row row;
    if (!history_row_get(engine->view, number, &row)) {
        return 0;
    }
    if (is_of_event(&row)) {
        *ret_seq = row.seq;
    }
    if (row.what == HISTORY_JOINED) {
        subject_del(engine->view, rd_arena_dup(&engine->arena, row.note), case_number);
    }
    history_row_del(engine->view, number);
    return row.before;
}

void forget_assessment(struct engine *engine, uint64_t seq)
{
    struct ledger_row row;
    if (!ledger_row_get(engine->view, seq, &row)) {
        return;
    }
    row.sender = rd_arena_dup(&engine->arena, row.sender);
    row.warning = bare_warning(engine, row.warning);
    ledger_row_put(engine->view, seq, &row);
}

void forget_alert(struct engine *engine, uint64_t seq)
{
    struct alert_row row;
    struct rd_alert alert;
    if (!alert_row_get(engine->view, seq, &row)) {
        return;
    }
    row.acked_by = rd_arena_dup(&engine->arena, row.acked_by);
    row.packed = rd_arena_dup(&engine->arena, row.packed);
    if (rd_alert_open(row.packed, &engine->arena, &alert) != 0) {
        return;
    }
    struct rd_buf buf;
    rd_buf_init(&buf, RD_ALERT_BYTES_MAX);
    alert.customer = (struct rd_str){0};
    alert.subject = forget_shown(engine, alert.case_number, alert.subject.len);
    alert.cause_id = forget_shown(engine, alert.case_number, alert.cause_id.len);
    if (rd_str_starts(alert.cause_timer, RD_STR("pause "))) {
        alert.cause_timer = RD_STR("pause");
    }
    alert.title = rd_str_of(rd_alert_type_name(alert.type));
    alert.bare_title = (struct rd_str){0};
    alert.reasons = without_details(engine, alert.reasons, alert.reason_count);
    rd_alert_pack(&buf, &alert);
    RD_ASSERT(buf.error == 0); /* it is shorter than it was */
    row.packed = rd_buf_str(&buf);
    alert_row_put(engine->view, seq, &row);
    rd_buf_done(&buf);
}

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

void forget_silences(struct engine *engine, struct rd_str customer)
{
    uint64_t *found = RD_ARENA_ARRAY(&engine->arena, uint64_t, SILENCE_ROWS_MAX + 1);
    size_t count = 0;
    struct store_scan scan;
    struct rd_str key, value;
    store_scan_begin(&scan, engine->view, STORE_SILENCES, (struct rd_str){0});
    while (count < SILENCE_ROWS_MAX && store_scan_next(&scan, &key, &value)) {
        if (forget_mentions(value, customer)) {
            found[count++] = row_key_read_u64(key, 0);
        }
    }
    store_scan_end(&scan);
    for (size_t i = 0; i < count; i++) {
        struct silence_row row;
        silence_end(engine, found[i]);
        if (silence_row_get(engine->view, found[i], &row)) {
            row.by = rd_arena_dup(&engine->arena, row.by);
            row.reason = (struct rd_str){0};
            row.matchers = NO_MATCHERS;
            silence_row_put(engine->view, found[i], &row);
        }
    }
}

void forget_approvals(struct engine *engine, struct rd_str customer)
{
    uint64_t *found = RD_ARENA_ARRAY(&engine->arena, uint64_t, APPROVALS_MAX + 1);
    size_t count = 0;
    struct store_scan scan;
    struct rd_str key, value;
    store_scan_begin(&scan, engine->view, STORE_APPROVALS, (struct rd_str){0});
    while (count < APPROVALS_MAX && store_scan_next(&scan, &key, &value)) {
        struct approval_row row;
        uint64_t seq = approval_row_read(key, value, &row), number = row.case_number;
        struct work *work = number != 0 ? case_open(engine, number) : NULL;
        struct rd_str of_case =
                work != NULL ? case_attributes(engine, work)->values[RD_KEY_CUSTOMER].bytes
                             : (struct rd_str){0};
        if (rd_str_starts(of_case, RD_STR("forgotten-")) || forget_mentions(row.event, customer)) {
            found[count++] = seq;
        }
        if (engine->work_count >= WORKS_MAX / 2) {
            cases_save(engine);
        }
    }
    store_scan_end(&scan);
    for (size_t i = 0; i < count; i++) {
        approval_end(engine, found[i]);
    }
}
