#include "daemon/desk/pack_case.h"

#include "common/base/num.h"
#include "common/time/civil.h"
#include "common/wire/event_table.h"
#include "daemon/desk/account.h"
#include "daemon/engine/attributes.h"
#include "daemon/store/rows/counted_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/name_row.h"

/* A case as people read it: redress-protocol(7), "case.get". */

enum { HISTORY_MAX = 1000, LAST_LOOKED_AT = 256 };

uint32_t case_rung(const struct case_row *row)
{
    return row->ladder.fired == 0 ? 0 : 32U - (uint32_t)__builtin_clz(row->ladder.fired);
}

bool case_is_paused_for(
        const struct method_call *call, const struct case_row *row, struct rd_str reason)
{
    for (uint32_t i = 0; i < row->pause_count; i++) {
        const struct case_pause *pause = &row->pauses[i];
        if (pause->end.wall == RD_TIME_NONE &&
                (reason.len == 0 || rd_str_eq(name_text(call->view, pause->reason), reason))) {
            return true;
        }
    }
    return false;
}

bool case_is_regulators(const struct method_call *call, const struct case_row *row,
        const struct attribute_row *attributes)
{
    return row->is_regulator ||
           attributes_are_regulators(engine_plan(call->engine), attributes->values);
}

void pack_case(struct method_call *call, struct fields *fields, const struct case_row *row,
        const struct attribute_row *attributes)
{
    field_uint(fields, "case", row->number);
    struct rd_hidden hidden = hidden_of(call, attributes);
    field_str(fields, "subject", rd_mask_code(attributes->subject, &hidden, call->arena));
    field_cstr(fields, "kind", case_kind_name(row->kind));
    field_cstr(fields, "state", case_state_name(row->state));
    field_unit_path(call, fields, name_text(call->view, row->unit));
    field_str(fields, "respondent", name_text(call->view, row->respondent));
    struct rd_str customer = attribute_text(attributes, RD_KEY_CUSTOMER);
    if (customer.len > 0) {
        field_str(fields, "customer", mask_for(call, customer));
    }
    field_time(fields, "opened", row->opened);
    field_time(fields, "received", row->received);
    field_time(fields, "closed", row->closed);
    struct rd_str handler = attribute_text(attributes, RD_KEY_HANDLER);
    if (handler.len > 0) {
        field_str(fields, "handler", shown_text(call, RD_KEY_HANDLER, handler, &hidden));
    }
    field_str(fields, "policy", case_policy_of(call, row)->name);
    field_uint(fields, "rung", case_rung(row));
    field_cstr(fields, "level", rd_level_name(row->level));
    field_uint(fields, "score", (uint64_t)row->score);
    field_bool(fields, "paused", case_is_paused_for(call, row, (struct rd_str){0}));
}

void pack_meant(struct fields *fields, const struct meant *meant)
{
    if (meant->definition == NULL) {
        return;
    }
    char text[RD_DATE_TEXT_MAX];
    rd_day_format(meant->last_day, text);
    field_clock(fields, meant->definition);
    field_time(fields, "due", meant->due);
    field_cstr(fields, "last_day", text);
    if (meant->is_overdue) {
        field_time(fields, "overdue_since", meant->due);
    }
}

void pack_last(struct method_call *call, struct fields *fields, const struct case_row *row,
        const struct rd_hidden *hidden)
{
    struct history_row entry;
    uint64_t number = row->history;
    for (int i = 0; i < LAST_LOOKED_AT && number != 0; i++) {
        if (!history_row_get(call->view, number, &entry)) {
            return;
        }
        if (entry.what == HISTORY_EVENT) {
            field_key(fields, "last");
            struct fields map = fields_begin(fields->buf);
            field_cstr(&map, "type", rd_event_type_name((enum rd_event_type)entry.code));
            field_time(&map, "time", entry.time);
            if (entry.by.len > 0) {
                field_str(&map, "by", shown_text(call, RD_KEY_BY, entry.by, hidden));
            }
            fields_end(&map);
            return;
        }
        number = entry.before;
    }
}

/* ---- the whole ---- */

static void field_shown(struct method_call *call, struct fields *fields, enum rd_event_key key,
        const struct rd_hidden *hidden, struct rd_str value)
{
    struct rd_str shown = shown_text(call, key, value, hidden);
    if (shown.len > 0) {
        field_str(fields, rd_event_key_name(key), shown);
    }
}

static void pack_attributes(
        struct method_call *call, struct fields *fields, const struct attribute_row *attributes)
{
    struct rd_hidden hidden = hidden_of(call, attributes);
    field_key(fields, "attributes");
    struct fields map = fields_begin(fields->buf);
    for (unsigned i = 0; i < RD_EVENT_KEY_COUNT; i++) {
        const struct rd_value *value = &attributes->values[i];
        const char *key = rd_event_key_name((enum rd_event_key)i);
        char text[RD_MONEY_TEXT_MAX];
        switch (value->type) {
        case RD_NIL:
            break;
        case RD_VALUE_STR:
            field_shown(call, &map, (enum rd_event_key)i, &hidden, value->bytes);
            break;
        case RD_VALUE_UINT:
        case RD_VALUE_INT:
            field_int(&map, key, value->integer);
            break;
        case RD_VALUE_BOOL:
            field_bool(&map, key, value->integer != 0);
            break;
        case RD_VALUE_TIME:
            field_time(&map, key, value->integer);
            break;
        case RD_VALUE_DATE:
            rd_day_format((rd_day)value->integer, text);
            field_cstr(&map, key, text);
            break;
        case RD_VALUE_MONEY:
            rd_money_format(value->integer, text);
            field_cstr(&map, key, text);
            break;
        case RD_VALUE_LIST:
        case RD_VALUE_MAP:
            if ((rd_key_sees((enum rd_event_key)i) & hidden.what) == 0) {
                field_key(&map, key);
                pack_masked_node(call, value->bytes, &hidden);
            }
            break;
        }
    }
    fields_end(&map);
}

/* What was left when the pause began: it does not get less while it lasts. */
static void pack_held(struct method_call *call, struct fields *map, const struct case_row *row,
        const struct case_clock *clock)
{
    struct account account;
    account_make(call, row, clock, RD_TIME_NONE, &account);
    if (!account.is_paused) { /* it waits for a start */
        return;
    }
    rd_time since = account_held_since(&account);
    rd_time due = account_due_if_resumed(call, &account, since);
    if (due != RD_TIME_NONE) {
        field_int(map, "remaining", due > since ? (due - since) / RD_SECOND_US : 0);
    }
    field_time(map, "due_if_resumed", account_due_if_resumed(call, &account, account.at));
}

/* Own time of the stop; none of a breach that nothing has stopped. A clock that was stopped late
 * under an engine before 10 keeps its due: there the first of the events that stop it tells. */
static rd_time stop_of(const struct method_call *call, const struct case_row *row,
        const struct rd_plan_clock *definition, const struct case_clock *clock)
{
    rd_time due = wall_of(call, clock->due, clock->is_steady);
    rd_time first = row->moments[definition->stop].wall;
    bool is_old = clock->state == CLOCK_LATE && clock->stopped == due && first > due;
    return clock->state == CLOCK_BREACHED ? RD_TIME_NONE : is_old ? first : clock->stopped;
}

static void pack_clock(struct method_call *call, struct rd_buf *buf, const struct case_row *row,
        const struct rd_plan_clock *definition, const struct case_clock *clock)
{
    struct fields map = fields_begin(buf);
    bool paused = clock_is_held(clock);
    field_clock(&map, definition);
    field_cstr(&map, "class", definition->is_statutory ? "statutory" : "service");
    field_cstr(&map, "state", clock_state_name(clock));
    field_time(&map, "start", clock->start.wall);
    field_bool(&map, "paused", paused);
    if (paused) {
        pack_held(call, &map, row, clock);
    } else {
        rd_time due = wall_of(call, clock->due, clock->is_steady);
        field_time(&map, "due", due);
        if (due != RD_TIME_NONE && clock->state == CLOCK_RUNNING) {
            field_int(&map, "remaining",
                    due > call->counts.wall ? (due - call->counts.wall) / RD_SECOND_US : 0);
        }
    }
    field_bool(&map, "provisional", clock->is_provisional);
    field_uint(&map, "extensions", clock->extensions);
    if (clock->state != CLOCK_RUNNING && clock->state != CLOCK_WAITING) { /* one may go on again */
        field_time(&map, "stopped", stop_of(call, row, definition, clock));
    }
    if (definition->source.len > 0) {
        field_str(&map, "source", definition->source);
    }
    fields_end(&map);
}

static void pack_clocks(struct method_call *call, struct fields *fields, const struct case_row *row,
        const struct rd_plan_policy *policy)
{
    field_key(fields, "clocks");
    uint32_t count = 0;
    size_t mark = rd_pack_array_begin(fields->buf);
    for (size_t i = 0; i < row->clock_count; i++) {
        const struct case_clock *clock = &row->clocks[i];
        if (clock->state != CLOCK_UNUSED && clock->definition < policy->clock_count) {
            pack_clock(call, fields->buf, row, &policy->clocks[clock->definition], clock);
            count++;
        }
    }
    rd_pack_array_end(fields->buf, mark, count);
}

static void pack_pauses(struct method_call *call, struct fields *fields, const struct case_row *row,
        const struct rd_hidden *hidden)
{
    field_key(fields, "pauses");
    rd_pack_array(fields->buf, row->pause_count);
    for (uint32_t i = 0; i < row->pause_count; i++) {
        struct fields map = fields_begin(fields->buf);
        field_shown(
                call, &map, RD_KEY_REASON, hidden, name_text(call->view, row->pauses[i].reason));
        field_time(&map, "begin", row->pauses[i].begin.wall);
        field_time(&map, "end", row->pauses[i].end.wall);
        field_time(&map, "until", row->pauses[i].until);
        fields_end(&map);
    }
}

void pack_paused_for(struct method_call *call, struct fields *fields, const struct case_row *row,
        const struct rd_hidden *hidden)
{
    if (!case_is_paused_for(call, row, (struct rd_str){0})) {
        return;
    }
    uint32_t count = 0;
    field_key(fields, "paused_for");
    size_t mark = rd_pack_array_begin(fields->buf);
    for (uint32_t i = 0; i < row->pause_count; i++) {
        if (row->pauses[i].end.wall == RD_TIME_NONE) {
            struct rd_str reason = name_text(call->view, row->pauses[i].reason);
            rd_pack_str(fields->buf, shown_text(call, RD_KEY_REASON, reason, hidden));
            count++;
        }
    }
    rd_pack_array_end(fields->buf, mark, count);
}

static bool has_open_pause(const struct case_row *row)
{
    bool is_open = false;
    for (uint32_t i = 0; i < row->pause_count; i++) {
        is_open = is_open || row->pauses[i].end.wall == RD_TIME_NONE;
    }
    return is_open;
}

static void pack_ladder(struct method_call *call, struct fields *fields, const struct case_row *row)
{
    static const char *const states[] = {"none", "running", "stopped"};
    const struct case_ladder *ladder = &row->ladder;
    field_key(fields, "ladder");
    struct fields map = fields_begin(fields->buf);
    bool is_frozen = ladder->state == LADDER_RUNNING && has_open_pause(row);
    field_cstr(&map, "state", is_frozen ? "paused" : states[ladder->state]);
    field_uint(&map, "rung", case_rung(row));
    if (ladder->state != LADDER_NONE) {
        rd_time steady = wall_of(call, ladder->armed_steady, true), next = ladder->armed_wall;
        if (next == RD_TIME_NONE || (steady != RD_TIME_NONE && steady < next)) {
            next = steady;
        }
        field_time(&map, "started", ladder->start.wall);
        field_time(&map, "next", next);
    }
    fields_end(&map);
}

static void pack_notices(
        struct method_call *call, struct fields *fields, const struct case_row *row)
{
    field_key(fields, "notices");
    rd_pack_array(fields->buf, row->notice_count);
    for (uint32_t i = 0; i < row->notice_count; i++) {
        struct fields map = fields_begin(fields->buf);
        field_str(&map, "code", name_text(call->view, row->notices[i].code));
        field_bool(&map, "given", row->notices[i].is_given);
        fields_end(&map);
    }
}

static bool is_of(const struct history_row *entry, enum rd_event_type type)
{
    bool is_event = entry->what == HISTORY_EVENT || entry->what == HISTORY_LATE ||
                    entry->what == HISTORY_JOINED || entry->what == HISTORY_RECONTACT;
    return is_event && entry->code == (uint32_t)type;
}

/* It is the subject of a contact or complaint: its own, or that of another one. */
static bool note_is_subject(const struct history_row *entry)
{
    return entry->what == HISTORY_RECONTACT || is_of(entry, RD_EVENT_CONTACT_RECEIVED) ||
           is_of(entry, RD_EVENT_COMPLAINT_REGISTERED);
}

/* The values of the case that bears the subject are masked in it. A contact that joined a case has
 * no case, so that nobody knows what of its phone stands there: only the end is shown. */
static struct rd_str shown_alias(
        struct method_call *call, struct rd_str subject, const struct rd_hidden *hidden)
{
    struct attribute_row bearer;
    if ((hidden->what & RD_HIDE_VALUES) == 0) {
        return subject;
    }
    uint64_t number = subject_find(call->view, subject);
    if (number == 0 || !attribute_row_get(call->view, number, call->arena, &bearer) ||
            !rd_str_eq(bearer.subject, subject)) {
        return rd_mask_customer(RD_MASK_LAST4, (struct rd_str){0}, subject, call->arena);
    }
    struct rd_hidden of_bearer = hidden_of(call, &bearer);
    return rd_mask_code(rd_mask_code(subject, &of_bearer, call->arena), hidden, call->arena);
}

/* A note that somebody may have written goes with the text. */
static struct rd_str note_of(
        struct method_call *call, const struct history_row *entry, const struct rd_hidden *hidden)
{
    bool is_event = entry->what == HISTORY_EVENT || entry->what == HISTORY_LATE;
    bool is_text = (is_event && entry->code < RD_EVENT_TYPE_COUNT &&
                           rd_note_is_text((enum rd_event_type)entry->code)) ||
                   is_of(entry, RD_EVENT_MERGED) || /* has the reason, on both sides */
                   entry->what == HISTORY_RESUMED;  /* for which reason it was paused */
    enum rd_event_key key = is_text ? RD_KEY_REASON : RD_KEY_UNIT;
    return note_is_subject(entry) ? shown_alias(call, entry->note, hidden)
                                  : shown_text(call, key, entry->note, hidden);
}

static void pack_entry(
        struct method_call *call, const struct history_row *entry, const struct rd_hidden *hidden)
{
    static const char *const whats[] = {"", "event", "alert", "withheld", "resumed", "joined",
            "clock", "policy", "late", "moved", "received", "recontact", "limit", "scheduled"};
    struct fields map = fields_begin(call->reply);
    field_cstr(&map, "what", entry->what < RD_COUNT(whats) ? whats[entry->what] : "");
    if (entry->what == HISTORY_ALERT || entry->what == HISTORY_WITHHELD) {
        field_cstr(&map, "type", rd_alert_type_name((enum rd_alert_type)entry->code));
    } else if (entry->what == HISTORY_EVENT || entry->what == HISTORY_LATE ||
               entry->what == HISTORY_JOINED || entry->what == HISTORY_RECONTACT) {
        field_cstr(&map, "type", rd_event_type_name((enum rd_event_type)entry->code));
    }
    field_time(&map, "time", entry->time);
    field_time(&map, "taken", entry->taken);
    if (entry->seq != 0) {
        field_uint(&map, entry->what == HISTORY_ALERT ? "alert" : "seq", entry->seq);
    }
    if (entry->by.len > 0) {
        bool is_unit = entry->what == HISTORY_ALERT || entry->what == HISTORY_WITHHELD ||
                       entry->what == HISTORY_MOVED;
        field_str(&map, is_unit ? "unit" : "by",
                is_unit ? entry->by : shown_text(call, RD_KEY_BY, entry->by, hidden));
    }
    if (entry->sender.len > 0) {
        field_str(&map, "sender", entry->sender);
    }
    struct rd_str note = note_of(call, entry, hidden);
    if (note.len > 0) {
        field_str(&map, entry->what == HISTORY_WITHHELD ? "reason" : "note", note);
    }
    fields_end(&map);
}

/* The newest ones, oldest first. */
static void pack_history(struct method_call *call, struct fields *fields,
        const struct case_row *row, const struct rd_hidden *hidden)
{
    uint64_t *numbers;
    size_t count = history_row_chain(call->view, row->history, HISTORY_MAX, call->arena, &numbers);
    field_key(fields, "history");
    rd_pack_array(fields->buf, (uint32_t)count);
    for (size_t i = 0; i < count; i++) {
        struct history_row entry;
        bool is_there = history_row_get(call->view, numbers[i], &entry);
        RD_ASSERT(is_there);
        pack_entry(call, &entry, hidden);
    }
}

static void pack_alerts(struct method_call *call, struct fields *fields, const struct case_row *row)
{
    uint32_t count = 0;
    field_key(fields, "alerts");
    size_t mark = rd_pack_array_begin(fields->buf);
    for (uint64_t seq = 0; count < HISTORY_MAX &&
                           (seq = alert_row_next_of_case(call->view, row->number, seq)) != 0;) {
        struct alert_row alert;
        if (alert_row_get(call->view, seq, &alert) && pack_alert_row(call, &alert)) {
            count++;
        }
    }
    rd_pack_array_end(fields->buf, mark, count);
}

/* What its row does not keep: a withdrawal closes like any closing. A reopening came between where
 * it was told later. */
static const char *closed_as(struct method_call *call, const struct case_row *row)
{
    struct counted_row *counted;
    bool was_withdrawn = false;
    if (row->gone_into != 0) {
        return "merged";
    }
    if (counted_row_get(call->view, row->number, call->arena, &counted)) {
        for (size_t i = 0; i < counted->fact_count; i++) {
            enum fact_what what = counted->facts[i].what;
            was_withdrawn = what == FACT_WITHDRAWN || (was_withdrawn && what != FACT_REOPENED);
        }
    }
    return was_withdrawn ? "withdrawn" : "closed";
}

void pack_case_whole(struct method_call *call, struct fields *fields, const struct case_row *row,
        const struct attribute_row *attributes)
{
    const struct rd_hidden hidden = hidden_of(call, attributes);
    static const struct meant_filter ANY = {.due_before = RD_TIME_NONE, .due_on = RD_DAY_NONE};
    struct meant meant = case_meant(call, row, &ANY);
    pack_case(call, fields, row, attributes);
    pack_meant(fields, &meant);
    pack_last(call, fields, row, &hidden);
    const struct rd_plan_policy *policy = case_policy_of(call, row);
    field_str(fields, "policy_name", policy->shown);
    field_str(fields, "first", name_text(call->view, row->first_unit));
    field_time(fields, "decided", row->moments[RD_MOMENT_DECIDED].wall);
    field_uint(fields, "transfers", row->transfers);
    field_uint(fields, "reopened", row->reopened);
    field_uint(fields, "contacts", row->contacts);
    field_uint(fields, "recontacts", row->recontacts);
    if (attributes->contacted != RD_TIME_NONE) {
        field_time(fields, "last_contact", attributes->contacted);
        field_str(fields, "last_contact_by",
                shown_text(call, RD_KEY_BY, attributes->contacted_by, &hidden));
    }
    field_bool(fields, "regulator", case_is_regulators(call, row, attributes));
    if (row->state == CASE_CLOSED) {
        field_cstr(fields, "closed_as", closed_as(call, row));
    }
    if (row->gone_into != 0) {
        bool has_grown = row->state == CASE_GROWN;
        field_uint(fields, has_grown ? "grown_into" : "merged_into", row->gone_into);
    }
    pack_attributes(call, fields, attributes);
    pack_clocks(call, fields, row, policy);
    pack_pauses(call, fields, row, &hidden);
    pack_ladder(call, fields, row);
    pack_notices(call, fields, row);
    if (attributes->warning.len > 0) {
        field_key(fields, "warning");
        pack_masked_warning(call, row->number, attributes->warning);
    }
    pack_alerts(call, fields, row);
    pack_history(call, fields, row, &hidden);
}
