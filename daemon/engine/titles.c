#include "daemon/engine/titles.h"

#include "common/base/num.h"
#include "common/base/words.h"
#include "common/plan/masks.h"
#include "common/text/title.h"
#include "common/wire/event_table.h"
#include "daemon/engine/alerts.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/duties.h"
#include "daemon/engine/ladder_items.h"
#include "daemon/engine/names.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/engine/title_alert.h"
#include "daemon/engine/title_case.h"
#include "daemon/engine/title_words.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/name_row.h"

/* TITLE_BYTES_MAX: of the whole. A text that somebody wrote, and a list, are cut for a line. */
enum { TITLE_BYTES_MAX = 1024, TEXT_BYTES_MAX = 240, LISTED_MAX = 3 };

struct title {
    struct engine *engine;
    struct work *work; /* NULL: about no case */
    const struct rd_alert *alert;
    const struct alert_draft *draft;
    enum title_language language;
    bool is_bare;  /* without what somebody wrote */
    bool has_said; /* something of it stands in the whole one */
    struct rd_buf buf;
};

/* As the unit reads its clock on the wall. */
static const struct rd_calendar *calendar_of(const struct title *title)
{
    uint32_t unit = title->draft->unit;
    const struct rd_plan *plan = title->engine->plan;
    return unit != NAME_OPS ? unit_calendar(title->engine, unit)
                            : &plan->calendars[plan->units[0].calendar];
}

static struct title_view view_of(const struct title *title)
{
    return (struct title_view){.engine = title->engine,
            .work = title->work,
            .calendar = calendar_of(title),
            .language = title->language};
}

/* ---- pieces ---- */

static void put(struct title *title, struct rd_str text)
{
    struct rd_str cut = rd_str_cut(text, TEXT_BYTES_MAX);
    uint8_t *room = rd_buf_extend(&title->buf, cut.len);
    for (size_t i = 0; room != NULL && i < cut.len; i++) { /* one line, whatever was written */
        uint8_t c = (uint8_t)cut.ptr[i];
        room[i] = c < 0x20 || c == 0x7f ? ' ' : c;
    }
    if (cut.len < text.len) {
        rd_buf_put_text(&title->buf, RD_STR("…"));
    }
}

/* is_said: as somebody wrote it. */
static void put_as(struct title *title, struct rd_str text, bool is_said)
{
    title->has_said = title->has_said || (is_said && text.len > 0);
    put(title, is_said && title->is_bare ? (struct rd_str){0} : text);
}

static void put_number(struct title *title, uint64_t number)
{
    if (number > 0) {
        title_put_number(&title->buf, (int64_t)number, 1);
    }
}

static void put_moment(struct title *title, rd_time at)
{
    if (at != RD_TIME_NONE) {
        title_put_moment(
                &title->buf, title->language, calendar_of(title), at, title->engine->now.wall);
    }
}

static void put_listed(struct title *title, struct rd_str text, size_t *count)
{
    if (text.len == 0 || *count == LISTED_MAX) {
        return;
    }
    if ((*count)++ > 0) {
        rd_buf_put_text(&title->buf, title_comma(title->language));
    }
    put(title, text);
}

static void put_list(struct title *title, enum rd_title_field field)
{
    const struct rd_alert *alert = title->alert;
    size_t count = 0;
    for (size_t i = 0; field == RD_TITLE_ACTIONS && i < alert->action_count; i++) {
        put_listed(title, alert->actions[i], &count);
    }
    for (size_t i = 0; field == RD_TITLE_NOTICES && i < alert->notice_count; i++) {
        const struct rd_notice *notice = &alert->notices[i];
        put_listed(title, notice->name.len > 0 ? notice->name : notice->code, &count);
    }
    for (size_t i = 0; i < alert->reason_count; i++) {
        const struct rd_reason *reason = &alert->reasons[i];
        if (field == RD_TITLE_REASONS) {
            put_listed(title, reason->name.len > 0 ? reason->name : reason->code, &count);
        }
    }
}

/* Each word of what lexicons found, but what is part of a longer one: that says it already. */
static void put_words(struct title *title)
{
    struct rd_words words = {.count = 0};
    for (size_t i = 0; i < title->alert->reason_count; i++) {
        const struct rd_reason *reason = &title->alert->reasons[i];
        if (rd_plan_is_lexicon(title->engine->plan, reason->code)) {
            struct rd_str known = rd_plan_known_terms(
                    title->engine->plan, reason->code, reason->detail, &title->engine->arena);
            title->has_said = title->has_said || !rd_str_eq(known, reason->detail);
            rd_words_add(&words, title->is_bare ? known : reason->detail);
        }
    }
    size_t count = 0;
    for (size_t i = 0; i < words.count; i++) {
        put_listed(title, words.at[i], &count);
    }
}

/* ---- what the case and the event know ---- */

static const struct rd_value *attribute(const struct title *title, enum rd_event_key key)
{
    static const struct rd_value none = {.type = RD_NIL};
    return title->work != NULL ? &case_attributes(title->engine, title->work)->values[key] : &none;
}

static void put_attribute(struct title *title, enum rd_event_key key)
{
    const struct rd_value *value = attribute(title, key);
    if (value->type == RD_VALUE_STR) {
        put(title, rd_plan_code_name(title->engine->plan, key, value->bytes));
    }
}

/* The event that caused it; a timer has none. */
static const struct rd_event *cause_of(const struct engine *engine)
{
    return engine->cause == NULL || engine->event_is_cause ? engine->event : NULL;
}

static struct rd_str of_event(const struct title *title, enum rd_event_key key)
{
    const struct rd_event *event = cause_of(title->engine);
    bool has = event != NULL && event->data[key].type == RD_VALUE_STR;
    return has ? event->data[key].bytes : (struct rd_str){0};
}

/* What a decision gives; of other alerts the sum that is spoken of. */
static void put_amount(struct title *title)
{
    const struct rd_event *event = cause_of(title->engine);
    bool is_decision = title->draft->type == RD_ALERT_CASE_OUTCOME ||
                       title->draft->type == RD_ALERT_CASE_OVER_AUTHORITY;
    bool is_told = event != NULL && event->type == RD_EVENT_DECIDED;
    const struct rd_value *amount =
            is_decision && is_told ? &event->data[RD_KEY_AMOUNT] : attribute(title, RD_KEY_AMOUNT);
    if (amount->type != RD_VALUE_MONEY || (is_decision && !is_told)) {
        return;
    }
    const struct rd_value *currency =
            is_decision ? &event->data[RD_KEY_CURRENCY] : attribute(title, RD_KEY_CURRENCY);
    char text[RD_MONEY_TEXT_MAX];
    rd_money_format(amount->integer, text);
    rd_buf_put_text(&title->buf, rd_str_of(text));
    if (currency->type == RD_VALUE_STR) {
        rd_buf_put_u8(&title->buf, ' ');
        put(title, currency->bytes);
    }
}

/* Of a case that was closed without a decision: how it was closed. */
static void put_outcome(struct title *title)
{
    bool was_decided = title->work != NULL && title->work->row->was_decided;
    const struct rd_value *value =
            attribute(title, was_decided ? RD_KEY_OUTCOME : RD_KEY_RESOLUTION);
    if (value->type == RD_VALUE_STR) {
        struct rd_str shown = rd_plan_code_name(title->engine->plan, RD_KEY_OUTCOME, value->bytes);
        bool is_named = was_decided && shown.ptr != value->bytes.ptr;
        shown = is_named ? shown : title_outcome(title->language, value->bytes);
        put_as(title, shown, !was_decided && shown.ptr == value->bytes.ptr);
    } else {
        struct title_view view = view_of(title);
        put(title, title_ending(&view));
    }
}

/* A duty's own subject is made of codes: people read what it is called, and of which contract,
 * complaint or period it is. */
static void put_subject(struct title *title)
{
    bool is_duty = rd_str_is(title->alert->kind, "duty");
    struct title_view view = view_of(title);
    bool is_said = false;
    struct rd_str name =
            is_duty ? title_duty_name(&view, title->is_bare, &is_said) : (struct rd_str){0};
    title->has_said = title->has_said || is_said;
    struct rd_str of = title_duty_of(&view);
    put(title, name.len > 0 ? name : title->alert->subject);
    if (name.len > 0 && of.len > 0) {
        put(title, RD_STR(" "));
        put(title, of);
    }
}

static void put_customer(struct title *title)
{
    struct rd_arena *arena = &title->engine->arena;
    put(title, rd_mask_customer(RD_MASK_LAST4, (struct rd_str){0}, title->alert->customer, arena));
}

static bool put_of_state(struct title *title, enum rd_title_field field)
{
    struct title_view view = view_of(title);
    struct rd_str piece;
    bool is_one = title_piece(&view, field, &piece) ||
                  title_alert_piece(title->engine, title->alert, title->language, field, &piece);
    put(title, piece);
    return is_one;
}

static bool put_of_case(struct title *title, enum rd_title_field field)
{
    switch ((int)field) {
    case RD_TITLE_HANDLER:
        put_attribute(title, RD_KEY_HANDLER);
        return true;
    case RD_TITLE_BODY:
        put_attribute(title, RD_KEY_BODY);
        return true;
    case RD_TITLE_CAUSE:
        put_attribute(title, RD_KEY_CAUSE);
        return true;
    case RD_TITLE_DUTY:
        put_subject(title);
        return true;
    case RD_TITLE_OUTCOME:
        put_outcome(title);
        return true;
    case RD_TITLE_AMOUNT:
        put_amount(title);
        return true;
    case RD_TITLE_CUSTOMER:
        put_customer(title);
        return true;
    case RD_TITLE_REASON:
        put_as(title, of_event(title, RD_KEY_REASON), true);
        return true;
    case RD_TITLE_BY:
        put(title, of_event(title, RD_KEY_BY));
        return true;
    case RD_TITLE_ANSWER:
        put_as(title, of_event(title, RD_KEY_TEXT), true);
        return true;
    default:
        return false;
    }
}

/* ---- what the alert knows ---- */

static bool put_of_time(struct title *title, enum rd_title_field field)
{
    const struct rd_alert *alert = title->alert;
    const struct alert_draft *draft = title->draft;
    switch ((int)field) {
    case RD_TITLE_DUE:
        put_moment(title, alert->due);
        return true;
    case RD_TITLE_ACK_BY:
        put_moment(title, alert->ack_by);
        return true;
    case RD_TITLE_TIME:
        put_moment(title, alert->time);
        return true;
    case RD_TITLE_SINCE:
        put_moment(title, draft->since != RD_TIME_NONE ? draft->since : alert->due);
        return true;
    case RD_TITLE_LAST_DAY:
        if (alert->due != RD_TIME_NONE) {
            title_put_day(&title->buf, title->language, calendar_of(title), alert->due,
                    title->engine->now.wall);
        }
        return true;
    case RD_TITLE_OVER: /* of a breach that is told again */
        if (draft->repeated > 0 && alert->due != RD_TIME_NONE && alert->due < alert->time) {
            title_put_span(&title->buf, title->language, (alert->time - alert->due) / RD_SECOND_US);
        }
        return true;
    case RD_TITLE_LATE:
    case RD_TITLE_LATE_BY:
        if (alert->late_by_s > 0) {
            title_put_span(&title->buf, title->language, alert->late_by_s);
        }
        return true;
    default:
        return false;
    }
}

/* Zeros are told. */
static bool put_of_digest(struct title *title, enum rd_title_field field)
{
    const struct alert_draft *draft = title->draft;
    uint64_t number = field == RD_TITLE_OPENED    ? draft->opened
                      : field == RD_TITLE_CLOSED  ? draft->closed
                      : field == RD_TITLE_OPEN    ? draft->open
                      : field == RD_TITLE_OVERDUE ? draft->overdue
                                                  : 0;
    switch ((int)field) {
    case RD_TITLE_OPENED:
    case RD_TITLE_CLOSED:
    case RD_TITLE_OPEN:
    case RD_TITLE_OVERDUE:
        if (rd_alert_is_digest(draft->type)) {
            title_put_number(&title->buf, (int64_t)number, 1);
        }
        return true;
    case RD_TITLE_MISSED:
        put(title, draft->missed);
        return true;
    default:
        return false;
    }
}

static bool put_of_draft(struct title *title, enum rd_title_field field)
{
    const struct alert_draft *draft = title->draft;
    switch ((int)field) {
    case RD_TITLE_QUESTION:
        put_as(title, draft->question, true);
        return true;
    case RD_TITLE_WHY:
        put_as(title, draft->why, draft->is_why_said);
        return true;
    case RD_TITLE_STANDS_IN:
        put(title, draft->stands_in != 0 ? unit_label(title->engine, draft->stands_in)
                                         : (struct rd_str){0});
        return true;
    case RD_TITLE_ASKED:
        put(title,
                draft->asked != 0 ? unit_label(title->engine, draft->asked) : (struct rd_str){0});
        return true;
    case RD_TITLE_NOTICE:
        put(title, draft->notice);
        return true;
    case RD_TITLE_RUNG_NAME:
        put(title, draft->rung_name);
        return true;
    case RD_TITLE_SOURCE:
        put(title, draft->source.len > 0 ? draft->source : title->alert->cause_source);
        return true;
    case RD_TITLE_ERROR:
        put_as(title, draft->extra.detail, draft->is_extra_said);
        return true;
    case RD_TITLE_KEY:
        put_as(title,
                draft->key.len > 0 ? title_key(title->language, draft->type, draft->key)
                                   : draft->extra.detail,
                draft->key.len > 0 ? draft->is_key_said : draft->is_extra_said);
        return true;
    case RD_TITLE_COUNT:
        put_number(title, title->alert->count);
        return true;
    case RD_TITLE_DAYS:
        put_number(title, draft->days);
        return true;
    default:
        return false;
    }
}

static void put_of_alert(struct title *title, enum rd_title_field field)
{
    const struct rd_alert *alert = title->alert;
    const struct alert_draft *draft = title->draft;
    switch ((int)field) {
    case RD_TITLE_SUBJECT:
        put_subject(title);
        return;
    case RD_TITLE_CASE:
        put_number(title, alert->case_number);
        return;
    case RD_TITLE_KIND:
        put(title, title_kind(title->language, alert->kind));
        return;
    case RD_TITLE_TYPE:
        put(title, rd_str_of(rd_alert_type_name(alert->type)));
        return;
    case RD_TITLE_SEVERITY:
        put(title, title_severity(title->language, alert->severity));
        return;
    case RD_TITLE_UNIT:
    case RD_TITLE_UNIT_NAME:
        put(title, unit_label(title->engine, draft->about != 0 ? draft->about : draft->unit));
        return;
    case RD_TITLE_HOLDER:
        put(title, unit_label(title->engine,
                           title->work != NULL ? title->work->row->unit : draft->unit));
        return;
    case RD_TITLE_CLOCK:
    case RD_TITLE_CLOCK_NAME:
        put(title, alert->clock_name.len > 0 ? alert->clock_name : alert->clock);
        return;
    case RD_TITLE_RUNG:
        put_number(title, alert->rung);
        return;
    case RD_TITLE_WORDS:
        put_words(title);
        return;
    default:
        put_list(title, field);
        return;
    }
}

static void put_field(struct title *title, enum rd_title_field field)
{
    if (!put_of_time(title, field) && !put_of_draft(title, field) && !put_of_digest(title, field) &&
            !put_of_case(title, field) && !put_of_state(title, field)) {
        put_of_alert(title, field);
    }
}

/* ---- the whole ---- */

static void fill(struct title *title, struct rd_str form)
{
    struct rd_title_reader reader = {.form = form};
    struct rd_str text;
    enum rd_title_part part;
    size_t mark = 0;
    bool is_empty = false;
    while ((part = rd_title_next(&reader, &text)) != RD_TITLE_END) {
        enum rd_title_field field;
        size_t before = title->buf.len;
        if (part == RD_TITLE_TEXT) {
            rd_buf_put_text(&title->buf, text);
        } else if (part == RD_TITLE_PART_BEGIN) {
            mark = before;
            is_empty = false;
        } else if (part == RD_TITLE_PART_END && is_empty) {
            title->buf.len = mark;
        } else if (part == RD_TITLE_FIELD && rd_title_field_parse(text, &field) == 0) {
            put_field(title, field);
            is_empty = is_empty || title->buf.len == before;
        }
    }
}

static struct rd_str fill_whole(struct title *title)
{
    uint8_t room[1024];
    struct engine *engine = title->engine;
    const struct alert_draft *draft = title->draft;
    rd_buf_init_in(&title->buf, room, sizeof room, TITLE_BYTES_MAX * 16);
    fill(title, draft->title.len > 0 ? draft->title : engine->plan->titles[draft->type]);
    struct rd_str whole = rd_str_cut(rd_buf_str(&title->buf), TITLE_BYTES_MAX);
    whole = rd_arena_dup(&engine->arena, whole);
    rd_buf_done(&title->buf);
    return whole;
}

void alert_title(struct engine *engine, struct work *work, const struct alert_draft *draft,
        struct rd_alert *alert)
{
    struct title title = {.engine = engine,
            .work = work,
            .alert = alert,
            .draft = draft,
            .language = title_language_of(engine->plan->language)};
    alert->title = fill_whole(&title);
    if (title.has_said) {
        title.is_bare = true;
        alert->bare_title = fill_whole(&title);
    }
}
