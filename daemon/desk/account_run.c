#include "daemon/desk/account_inner.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/name_row.h"

enum { STEPS_MAX = 4096 }; /* room that account.c gives */

void account_step(struct maker *maker, rd_time time, struct rd_str what)
{
    struct account *account = maker->account;
    if (account->step_count == STEPS_MAX) {
        return;
    }
    size_t at = account->step_count++;
    for (; at > 0 && maker->steps[at - 1].time > time; at--) {
        maker->steps[at] = maker->steps[at - 1];
    }
    maker->steps[at] = (struct account_step){.time = time, .what = what};
}

/* ---- start ---- */

static bool starts_when_received(const struct rd_plan_clock *definition)
{
    return (definition->starts & 1U << RD_MOMENT_RECEIVED) != 0;
}

/* The date of receipt as it was known then: what the first later correction says it was before. */
static rd_time received_then(struct maker *maker)
{
    const struct case_row *row = maker->account->row;
    rd_time then = row->moments[RD_MOMENT_RECEIVED].wall;
    struct history_row entry;
    for (size_t i = 0; i < maker->entry_count; i++) {
        if (history_row_get(maker->call->view, maker->entries[i], &entry) &&
                entry.what == HISTORY_RECEIVED && entry.time > maker->asked) {
            int r = rd_time_parse(entry.note, &then);
            RD_ASSERT(r == 0); /* the engine wrote it */
            break;
        }
    }
    return then;
}

rd_time account_first_start(struct maker *maker)
{
    const struct rd_plan_clock *definition = maker->account->definition;
    const struct case_clock *clock = maker->account->clock;
    bool is_moved = definition->restart_on != 0 || definition->restarts_on_reopen ||
                    definition->starts_again;
    rd_time start = clock->start.wall;
    const struct case_row *row = maker->account->row;
    rd_time moment = definition->start_attribute.len == 0
                             ? row->moments[case_row_first_moment(
                                                    row, definition->starts, definition->start)]
                                       .wall
                             : RD_TIME_NONE;
    if (starts_when_received(definition)) {
        rd_time then = received_then(maker);
        start = start == moment ? then : start;
        moment = then;
    }
    return is_moved && moment != RD_TIME_NONE && moment < start ? moment : start;
}

/* ---- what an entry does ---- */

/* The clock that an extension moved, by the alert that told of it; empty: nothing tells. */
static struct rd_str moved_by(struct method_call *call, uint64_t case_number, uint64_t seq)
{
    struct rd_str found = {0};
    for (uint64_t at = 0;
            found.len == 0 && (at = alert_row_next_of_case(call->view, case_number, at)) != 0;) {
        struct alert_row row;
        struct rd_alert alert;
        if (alert_row_get(call->view, at, &row) &&
                rd_alert_open(row.packed, call->arena, &alert) == 0 &&
                alert.type == RD_ALERT_CLOCK_MOVED && alert.cause_seq == seq) {
            found = rd_arena_dup(call->arena, alert.clock);
        }
    }
    return found;
}

/* By the entry behind it, where the engine has written one. */
static bool is_extension_of(struct maker *maker, const struct history_row *entry, size_t place)
{
    const struct account *account = maker->account;
    struct method_call *call = maker->call;
    struct history_row next;
    bool is_told = place + 1 < maker->entry_count &&
                   history_row_get(call->view, maker->entries[place + 1], &next) &&
                   next.what == HISTORY_CLOCK && next.seq == entry->seq &&
                   rd_str_starts(next.note, RD_STR("extended "));
    if (is_told) {
        return rd_str_eq(next.note,
                rd_arena_printf(call->arena, "extended %.*s", RD_FMT(account->definition->name)));
    }
    struct rd_str moved = moved_by(call, account->row->number, entry->seq);
    bool has_any = account->clock->extensions > 0 || account->definition->starts_again;
    return rd_str_eq(moved, account->definition->name) || (moved.len == 0 && has_any);
}

static void take_extension(struct maker *maker, const struct history_row *entry, size_t place)
{
    struct account *account = maker->account;
    const struct rd_plan_clock *definition = account->definition;
    if (account->extensions < definition->extension_count && is_extension_of(maker, entry, place)) {
        char limit[RD_LIMIT_TEXT_MAX];
        rd_limit_words(definition->extensions[account->extensions++].limit, maker->is_zh, limit);
        STEP(maker, entry->time,
                IN(maker, "extension %u of %zu: %s from the start instead%s%.*s",
                        "第%u次延期（最多%zu次）：期限改为自起算起%s%s%.*s"),
                (unsigned)account->extensions, definition->extension_count, limit,
                entry->note.len == 0 ? "" : IN(maker, ": ", "，原因："), RD_FMT(entry->note));
    }
}

/* A decision is a contact, and a contact an acknowledgement. */
static bool is_or_implies(enum rd_moment moment, enum rd_moment other)
{
    return moment == other ||
           (other == RD_MOMENT_ACKNOWLEDGED && moment == RD_MOMENT_CUSTOMER_CONTACTED) ||
           (moment == RD_MOMENT_DECIDED &&
                   (other == RD_MOMENT_ACKNOWLEDGED || other == RD_MOMENT_CUSTOMER_CONTACTED));
}

static void begin_anew(struct maker *maker, rd_time at)
{
    maker->start = at;
    maker->run = RUN_GOES_ON;
    maker->stopped = RD_TIME_NONE;
    maker->account->extensions = 0;
    maker->account->graced_at = RD_TIME_NONE;
}

static void end_run(struct maker *maker, rd_time at, bool is_stop)
{
    maker->run = is_stop ? RUN_STOPPED : RUN_ENDED;
    maker->stopped = at;
}

static bool is_due_by(struct maker *maker, rd_time at)
{
    (void)account_take_pauses(maker, at, maker->account->row->pause_count, true);
    return maker->account->definition->has_limit && account_take_due(maker) <= at;
}

/* What has ended a run by closing goes on, from its first start or anew; what was stopped stays so,
 * but where a reopening restarts it. */
static void take_reopening(struct maker *maker, const struct history_row *entry)
{
    if (maker->account->definition->restarts_on_reopen && maker->run != RUN_GOES_ON) {
        begin_anew(maker, entry->time);
        STEP(maker, entry->time,
                IN(maker, "reopened: starts anew (on_reopen restart)", "重新开启：重新起算"));
    } else if (maker->run == RUN_ENDED) {
        bool was_due = is_due_by(maker, maker->stopped); /* a breach goes on as it was */
        maker->run = RUN_GOES_ON;
        maker->stopped = RD_TIME_NONE;
        if (!was_due && !maker->is_graced && is_due_by(maker, entry->time)) {
            maker->is_graced = true;
            maker->account->graced_at = entry->time;
        }
    }
}

static bool is_closing(uint32_t type)
{
    return type == RD_EVENT_CLOSED || type == RD_EVENT_WITHDRAWN || type == RD_EVENT_MERGED ||
           type == RD_EVENT_DEFUSED;
}

static bool is_reopening(uint32_t type)
{
    return type == RD_EVENT_REOPENED || type == RD_EVENT_REVIEW_REQUESTED ||
           type == RD_EVENT_FORWARDED;
}

/* A clock whose start or due is an attribute could not be stopped before that was known, which the
 * history does not tell. */
static bool is_by_attribute(const struct rd_plan_clock *definition)
{
    return definition->start_attribute.len > 0 || definition->due_attribute.len > 0;
}

static void take_moment(struct maker *maker, const struct history_row *entry, enum rd_moment moment)
{
    const struct rd_plan_clock *definition = maker->account->definition;
    bool is_stop = definition->stop != RD_MOMENT_CLOSED && is_or_implies(moment, definition->stop);
    if (is_stop && !is_by_attribute(definition)) {
        bool was_before = maker->run == RUN_ENDED && entry->time <= maker->stopped;
        if (entry->time >= maker->start && (maker->run == RUN_GOES_ON || was_before)) {
            end_run(maker, entry->time, true);
        }
    } else if ((definition->restart_on >> moment & 1U) != 0) {
        bool stands = definition->is_statutory && is_due_by(maker, entry->time);
        if (entry->time > maker->start && maker->run == RUN_GOES_ON && !stands) {
            begin_anew(maker, entry->time);
            STEP(maker, entry->time,
                    IN(maker, "%s: starts anew with its first limit", "%s：按最初期限重新起算"),
                    rd_moment_words(moment, maker->is_zh));
        }
    } else if (definition->starts_again && maker->run == RUN_STOPPED &&
               (definition->starts >> moment & 1U) != 0) {
        begin_anew(maker, entry->time);
        STEP(maker, entry->time,
                IN(maker, "%s: starts again, as its last run was stopped",
                        "%s：上一轮已停止，再次起算"),
                rd_moment_words(moment, maker->is_zh));
    }
}

/* A time that the engine wrote in UTC, as it is at the clock's calendar. An erasure may have left
 * another note. */
static struct rd_str local_note(struct maker *maker, struct rd_str note)
{
    rd_time time;
    char text[RD_TIME_TEXT_MAX];
    if (rd_time_parse(note, &time) != 0) {
        return note;
    }
    rd_time_format_at(time, rd_calendar_offset_s(maker->account->calendar, time), text);
    return rd_arena_dup(maker->call->arena, rd_str_of(text));
}

static void take_note(struct maker *maker, const struct history_row *entry)
{
    const struct rd_plan_clock *definition = maker->account->definition;
    struct rd_str ours =
            rd_arena_printf(maker->call->arena, "calendar-changed %.*s", RD_FMT(definition->name));
    if (entry->what == HISTORY_CLOCK && rd_str_eq(entry->note, ours)) {
        struct rd_str told = maker->is_zh ? RD_STR("日历数据变更，到期时间重新计算") : entry->note;
        STEP(maker, entry->time, "%.*s", RD_FMT(told));
    }
    if (entry->what == HISTORY_RECEIVED && starts_when_received(definition)) {
        STEP(maker, entry->time,
                IN(maker, "the date of receipt was corrected; before it was %.*s",
                        "受理日期已更正，此前为%.*s"),
                RD_FMT(maker->is_zh ? local_note(maker, entry->note) : entry->note));
    }
}

/* What people call the policy, where the case's configuration has it. */
static struct rd_str policy_shown(const struct maker *maker, struct rd_str name)
{
    const struct rd_plan *plan = engine_plan_of(maker->call->engine, maker->account->row->config);
    for (size_t i = 0; i < plan->policy_count; i++) {
        if (rd_str_eq(plan->policies[i].name, name)) {
            return plan->policies[i].shown;
        }
    }
    return name;
}

/* The entries stand in the order in which they were taken; their own times say whether they had
 * happened by then. */
static void take_entry(struct maker *maker, const struct history_row *entry, size_t place)
{
    enum rd_moment moment = RD_MOMENT_RECONTACT;
    if (entry->what == HISTORY_POLICY && entry->time > maker->asked) {
        STEP(maker, entry->time,
                IN(maker, "policy %.*s from here on: what stands above is told by its rule",
                        "自此适用规则%.*s：以上各项按该规则计算"),
                RD_FMT(maker->is_zh ? policy_shown(maker, entry->note) : entry->note));
    }
    if (entry->time > maker->asked) {
        return;
    }
    take_note(maker, entry);
    bool is_event = entry->what == HISTORY_EVENT || entry->what == HISTORY_LATE;
    if (is_event && entry->code == RD_EVENT_EXTENDED) {
        take_extension(maker, entry, place);
    } else if (is_event && is_closing(entry->code)) {
        if (maker->run == RUN_GOES_ON && !maker->account->definition->outlives_close) {
            end_run(maker, entry->time, false);
        }
        return;
    } else if (is_event && is_reopening(entry->code)) {
        take_reopening(maker, entry);
    }
    bool is_moment = entry->what == HISTORY_RECONTACT ||
                     (is_event && engine_event_moment((enum rd_event_type)entry->code, &moment));
    if (is_moment) {
        take_moment(maker, entry, moment);
    }
}

/* What no entry tells: a duty's end by its progress, a contact that grew, an old history. */
static void take_row(struct maker *maker)
{
    const struct account *account = maker->account;
    const struct case_clock *clock = account->clock;
    bool is_done = clock->state == CLOCK_STOPPED || clock->state == CLOCK_LATE ||
                   clock->state == CLOCK_ENDED;
    if (maker->run != RUN_GOES_ON) {
        return;
    }
    if (is_done && clock->stopped != RD_TIME_NONE && clock->stopped <= maker->asked &&
            clock->stopped >= maker->start) {
        end_run(maker, clock->stopped, clock->state != CLOCK_ENDED);
    } else if (account->row->closed != RD_TIME_NONE && account->row->closed <= maker->asked &&
               !account->definition->outlives_close) {
        end_run(maker, account->row->closed, false);
    }
}

void account_walk(struct maker *maker)
{
    for (size_t i = 0; i < maker->entry_count; i++) {
        struct history_row entry;
        if (history_row_get(maker->call->view, maker->entries[i], &entry)) {
            entry.note = rd_arena_dup(maker->call->arena, entry.note);
            take_entry(maker, &entry, i);
        }
    }
    take_row(maker);
}
