#include "daemon/engine/alerts.h"

#include "daemon/engine/arm.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/housekeeping.h"
#include "daemon/engine/names.h"
#include "daemon/engine/silences.h"
#include "daemon/engine/state.h"
#include "daemon/engine/storm.h"
#include "daemon/engine/titles.h"
#include "daemon/engine/units.h"
#include "daemon/engine/unread.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/name_row.h"

enum { LATE_US = 60 * 1000000 };

struct alert_draft alert_draft_of(enum rd_alert_type type, enum rd_severity severity, uint32_t unit)
{
    return (struct alert_draft){.type = type,
            .severity = severity,
            .unit = unit,
            .due = RD_TIME_NONE,
            .since = RD_TIME_NONE,
            .ack_by = RD_TIME_NONE};
}

/* Whether the ladder still waits for an answer to this alert. An alert of an earlier run, of a
 * stopped ladder or of an answered rung stays open but holds nothing back. */
static bool is_awaited(const struct work *work, uint64_t seq)
{
    const struct case_ladder *ladder = &work->row->ladder;
    for (uint32_t i = 0; i < ladder->call_count && ladder->state == LADDER_RUNNING; i++) {
        if (ladder->calls[i].seq == seq) {
            return !case_rung_is_answered(work, ladder->calls[i].rung);
        }
    }
    return false;
}

/* While an alert of the case to the same unit waits for its acknowledgement, ladder alerts of a
 * lower severity are held back, and reminders of service clocks of any severity: a unit should not
 * be called twice about one thing. */
static bool is_inhibited(
        struct engine *engine, const struct work *work, const struct alert_draft *draft)
{
    if (work == NULL || draft->never_withheld || !(draft->is_ladder || draft->is_reminder)) {
        return false;
    }
    for (uint32_t i = 0; i < work->row->alert_count; i++) {
        const struct open_alert *open = &work->row->alerts[i];
        if (unit_present(engine, open->unit) == draft->unit && open->seq != draft->supersedes &&
                (draft->is_reminder || open->severity > (uint8_t)draft->severity) &&
                is_awaited(work, open->seq)) {
            return true;
        }
    }
    return false;
}

static void note_withheld(struct engine *engine, struct work *work, const struct alert_draft *draft,
        struct rd_str why)
{
    if (work == NULL) {
        return;
    }
    case_history(engine, work,
            &(struct history_row){.what = HISTORY_WITHHELD,
                    .code = (uint32_t)draft->type,
                    .time = engine->now.wall,
                    .taken = engine->now.wall,
                    .by = name_shown(engine, draft->unit),
                    .note = why});
}

static void fill_cause(
        struct engine *engine, const struct alert_draft *draft, struct rd_alert *alert)
{
    bool is_timer = engine->cause != NULL && !(engine->event != NULL && engine->event_is_cause);
    if (is_timer) {
        alert->cause_timer = rd_arena_printf(&engine->arena, "%s%s%.*s", engine->cause,
                engine->cause_name.len > 0 ? " " : "", RD_FMT(engine->cause_name));
    } else if (engine->event != NULL) {
        alert->cause_source = engine->event->source;
        alert->cause_id = engine->event->id;
        alert->cause_seq = engine->seq;
    }
    if (draft->is_late && engine->cause_due != RD_TIME_NONE &&
            engine->now.wall - engine->cause_due >= LATE_US) {
        alert->late_by_s = (engine->now.wall - engine->cause_due) / RD_SECOND_US;
    }
}

static const struct rd_warning *kept_warning(
        struct engine *engine, struct work *work, struct rd_str packed)
{
    if (work->warning == NULL) {
        struct rd_warning *kept = RD_ARENA_ARRAY(&engine->arena, struct rd_warning, 1);
        if (rd_warning_open(packed, &engine->arena, kept) != 0) {
            RD_UNREACHABLE("a warning that was packed here");
        }
        work->warning = kept; /* its texts stand in `packed` */
    }
    return work->warning;
}

static void fill_warning(const struct rd_warning *warning, struct rd_alert *alert)
{
    alert->reasons = warning->reasons;
    alert->reason_count = warning->reason_count;
    alert->actions = warning->actions;
    alert->action_count = warning->action_count;
    alert->notices = warning->notices;
    alert->notice_count = warning->notice_count;
}

static void fill_case(struct engine *engine, struct work *work, const struct alert_draft *draft,
        struct rd_alert *alert)
{
    const struct attribute_row *attributes = case_attributes(engine, work);
    alert->case_number = work->row->number;
    alert->subject = attributes->subject;
    alert->kind = rd_str_of(case_kind_name(work->row->kind));
    if (work->row->unit != draft->unit) {
        alert->holder = name_shown(engine, work->row->unit);
    }
    if (attributes->values[RD_KEY_CUSTOMER].type == RD_VALUE_STR) {
        alert->customer = attributes->values[RD_KEY_CUSTOMER].bytes;
    }
    if (draft->warning != NULL) {
        fill_warning(draft->warning, alert);
    } else if (draft->carries_warning && attributes->warning.len > 0) {
        fill_warning(kept_warning(engine, work, attributes->warning), alert);
    }
}

/* Adds a reason after those of the warning. */
static void add_reason(struct engine *engine, struct rd_alert *alert, const struct rd_reason *extra)
{
    struct rd_reason *all =
            RD_ARENA_ARRAY(&engine->arena, struct rd_reason, alert->reason_count + 1);
    for (size_t i = 0; i < alert->reason_count; i++) {
        all[i] = alert->reasons[i];
    }
    all[alert->reason_count++] = *extra;
    alert->reasons = all;
}

static struct rd_alert *alert_next(struct engine *engine)
{
    if (engine->alert_count == engine->alert_room) {
        size_t room = engine->alert_room == 0 ? 2 : engine->alert_room * 2;
        struct rd_alert *wider = rd_arena_alloc(&engine->arena, room * sizeof *wider);
        for (size_t i = 0; i < engine->alert_count; i++) {
            wider[i] = engine->alerts[i];
        }
        engine->alerts = wider;
        engine->alert_room = room;
    }
    return &engine->alerts[engine->alert_count++];
}

/* The list is full: the case stops waiting for the oldest alert, so that the new one finds room. */
static void give_up_oldest(struct engine *engine, struct work *work)
{
    struct case_row *row = work->row;
    struct open_alert oldest = row->alerts[0];
    alert_settle(engine, oldest.unit, oldest.seq);
    for (uint32_t i = 0; i + 1 < row->alert_count; i++) {
        row->alerts[i] = row->alerts[i + 1];
    }
    row->alert_count--;
    case_history(engine, work,
            &(struct history_row){.what = HISTORY_LIMIT,
                    .time = engine->now.wall,
                    .taken = engine->now.wall,
                    .note = rd_arena_printf(&engine->arena,
                            "more than %d alerts wait for an acknowledgement: the oldest, %llu, is "
                            "given up",
                            CASE_ALERTS_MAX, (unsigned long long)oldest.seq)});
}

static void keep(struct engine *engine, struct work *work, const struct alert_draft *draft,
        const struct rd_alert *alert)
{
    struct rd_buf buf;
    uint8_t room[2048];
    rd_buf_init_in(&buf, room, sizeof room, RD_ALERT_BYTES_MAX);
    rd_alert_pack(&buf, alert);
    RD_ASSERT(buf.error == 0);
    uint8_t flags = alert->is_bundled ? ALERT_BUNDLED : 0;
    alert_row_put(engine->view, alert->seq,
            &(struct alert_row){.flags = flags,
                    .unit = draft->unit,
                    .time = alert->time,
                    .case_number = alert->case_number,
                    .packed = rd_buf_str(&buf)});
    rd_buf_done(&buf);
    alert_row_index(engine->view, alert->seq, draft->unit, alert->case_number, flags);
    if (draft->supersedes != 0) {
        struct alert_row old;
        if (alert_row_get(engine->view, draft->supersedes, &old)) {
            old.packed = rd_arena_dup(&engine->arena, old.packed);
            old.acked_by = rd_arena_dup(&engine->arena, old.acked_by);
            old.superseded_by = alert->seq;
            alert_row_put(engine->view, draft->supersedes, &old);
        }
    }
    if (work == NULL) {
        return;
    }
    struct case_row *row = work->row;
    if (draft->supersedes != 0) { /* the newer alert of the chain asks instead */
        for (uint32_t i = 0; i < row->alert_count; i++) {
            if (row->alerts[i].seq == draft->supersedes) {
                alert_settle(engine, row->alerts[i].unit, draft->supersedes);
                for (uint32_t k = i; k + 1 < row->alert_count; k++) {
                    row->alerts[k] = row->alerts[k + 1];
                }
                row->alert_count--;
                break;
            }
        }
    }
    if (draft->ack_by != RD_TIME_NONE) {
        if (row->alert_count == CASE_ALERTS_MAX) {
            give_up_oldest(engine, work);
        }
        *case_row_add_alert(row, &engine->arena) = (struct open_alert){
                .seq = alert->seq, .unit = draft->unit, .severity = (uint8_t)draft->severity};
        alert_row_await(engine->view, draft->unit, alert->seq);
        unread_note(engine, draft->unit);
    }
    case_history(engine, work,
            &(struct history_row){.what = HISTORY_ALERT,
                    .code = (uint32_t)draft->type,
                    .time = engine->now.wall,
                    .taken = engine->now.wall,
                    .seq = alert->seq,
                    .by = alert->unit});
}

/* Returns the rule that withholds the alert; empty: none does. */
static struct rd_str withheld_by(struct engine *engine, struct work *work,
        const struct alert_draft *draft, uint64_t *ret_silence)
{
    *ret_silence = 0;
    if (is_inhibited(engine, work, draft)) {
        return RD_STR("inhibited");
    }
    *ret_silence = silence_covering(engine, work, draft, 0);
    return *ret_silence != 0 ? RD_STR("silenced") : (struct rd_str){0};
}

/* Nobody reads the feed of a unit that has gone, so the alert goes to the unit that took its
 * cases. */
static struct alert_draft address(struct engine *engine, const struct alert_draft *draft)
{
    struct alert_draft addressed = *draft;
    addressed.unit = unit_present(engine, draft->unit);
    return addressed;
}

struct instant alert_told_at(
        struct engine *engine, struct work *work, const struct alert_draft *draft)
{
    struct alert_draft addressed = address(engine, draft);
    rd_time end = storm_end(engine, &addressed);
    uint64_t silence;
    if (end == RD_TIME_NONE || withheld_by(engine, work, &addressed, &silence).len > 0) {
        return engine->now;
    }
    return (struct instant){.wall = timer_wall(engine, end, true), .steady = end};
}

/* The day that people mean by a due date: a limit that ends at 24:00 ends on that day, not on the
 * next. */
static struct rd_str last_day_of(struct engine *engine, const struct alert_draft *draft)
{
    if (draft->due == RD_TIME_NONE) {
        return (struct rd_str){0};
    }
    const struct rd_plan *plan = engine->plan;
    const struct rd_calendar *calendar = draft->unit != NAME_OPS
                                                 ? unit_calendar(engine, draft->unit)
                                                 : &plan->calendars[plan->units[0].calendar];
    char text[RD_DATE_TEXT_MAX];
    rd_day_format(rd_calendar_day(calendar, draft->due - 1), text);
    return rd_arena_dup(&engine->arena, rd_str_of(text));
}

uint64_t alert_send(struct engine *engine, struct work *work, const struct alert_draft *form)
{
    RD_ASSERT(form->unit != 0);
    if (engine->is_quiet) {
        return 0;
    }
    struct alert_draft addressed = address(engine, form), *draft = &addressed;
    uint64_t silence;
    struct rd_str why = withheld_by(engine, work, draft, &silence);
    if (why.len > 0) {
        note_withheld(engine, work, draft, why);
        if (silence != 0 && work != NULL) {
            silence_note(engine, work, draft, silence);
        }
        return 0;
    }
    struct unit_row unit = unit_row_get(engine->view, draft->unit);
    uint64_t seq = ++engine->counters.alert_seq;
    bool is_bundled = storm_note(engine, draft, seq, &unit);
    struct rd_alert alert = {.seq = seq,
            .term = engine->counters.term,
            .prev = is_bundled ? 0 : unit.last_alert,
            .is_bundled = is_bundled,
            .unit = name_shown(engine, draft->unit),
            .type = draft->type,
            .severity = draft->severity,
            .time = engine->now.wall,
            .rung = draft->rung,
            .skipped = draft->skipped,
            .skipped_count = draft->skipped_count,
            .unit_name = unit_plain_name(engine, draft->unit),
            .clock = draft->clock_name,
            .clock_name = draft->clock_shown,
            .due = draft->due,
            .last_day = last_day_of(engine, draft),
            .provisional = draft->is_provisional,
            .repeated = draft->repeated,
            .digest = draft->digest,
            .ack_by = draft->ack_by,
            .supersedes = draft->supersedes,
            .grouped = draft->grouped,
            .grouped_count = draft->grouped_count,
            .count = draft->count};
    RD_ASSERT(alert.prev < alert.seq);
    fill_cause(engine, draft, &alert);
    if (work != NULL) {
        fill_case(engine, work, draft, &alert);
    }
    if (draft->extra.code.len > 0) {
        add_reason(engine, &alert, &draft->extra);
        alert.is_said = draft->is_extra_said;
    }
    alert_title(engine, work, draft, &alert);
    unit.last_alert = is_bundled ? unit.last_alert : alert.seq;
    unit_row_put(engine->view, draft->unit, &unit);
    keep(engine, work, draft, &alert);
    *alert_next(engine) = alert;
    bool is_call = draft->type == RD_ALERT_FIRST_CONTACT || draft->type == RD_ALERT_LADDER_RUNG ||
                   draft->type == RD_ALERT_WARNING_RAISED;
    if (work != NULL && is_call && work->first_alert == 0 && draft->unit == work->row->unit) {
        work->first_alert = alert.seq;
    }
    return alert.seq;
}
