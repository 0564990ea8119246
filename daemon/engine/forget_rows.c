#include "daemon/engine/forget_rows.h"

#include "common/base/sizes.h"
#include "common/wire/event_table.h"
#include "daemon/engine/assess.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/forget_words.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/erasure_row.h"
#include "daemon/store/rows/gone_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/screened_row.h"
#include "daemon/store/rows/window_row.h"

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

void forget_note_words(struct engine *engine, uint64_t job, uint64_t number)
{
    static const enum rd_event_key KEYS[] = {RD_KEY_PHONE, RD_KEY_CONTRACT};
    const struct attribute_row *attributes = case_attributes(engine, case_open(engine, number));
    for (size_t i = 0; i < RD_COUNT(KEYS); i++) {
        struct rd_str word = attributes->values[KEYS[i]].bytes;
        if (word.len > 0) {
            erasure_word_put(engine->view, job, word);
        }
    }
    erasure_word_put(engine->view, job, attributes->subject);
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

uint64_t forget_entry(struct engine *engine, uint64_t job, uint64_t case_number, uint64_t number)
{
    struct history_row row;
    bool is_there = history_row_get(engine->view, number, &row);
    RD_ASSERT(is_there);
    if (is_of_event(&row)) {
        struct rd_str note = rd_arena_dup(&engine->arena, row.note);
        forget_assessment(engine, row.seq);
        if (row.what == HISTORY_JOINED) { /* the contact's subject is one of the case's */
            subject_hide(engine->view, note, case_number);
            erasure_word_put(engine->view, job, note);
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
