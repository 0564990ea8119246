/* common/plan/plan_clock.c — one clock of a policy. */
#include <inttypes.h>

#include "common/plan/plan_reader.h"

static const uint32_t STARTS =
        1U << RD_MOMENT_RECEIVED | 1U << RD_MOMENT_REGISTERED | 1U << RD_MOMENT_ASSIGNED |
        1U << RD_MOMENT_ACKNOWLEDGED | 1U << RD_MOMENT_CUSTOMER_CONTACTED |
        1U << RD_MOMENT_FORWARDED | 1U << RD_MOMENT_PANEL_OPENED |
        1U << RD_MOMENT_REVIEW_REQUESTED | 1U << RD_MOMENT_MEDIATION_CALLED |
        1U << RD_MOMENT_MEDIATION_SETTLED | 1U << RD_MOMENT_DECIDED | 1U << RD_MOMENT_CLOSED |
        1U << RD_MOMENT_REOPENED | 1U << RD_MOMENT_CAUSE_FOUND | 1U << RD_MOMENT_FACTS_ADDED |
        1U << RD_MOMENT_RECONTACT;
enum { STARTS_MAX = 8 };

static void read_start(struct plan_reader *r, rd_node map, struct rd_plan_clock *clock)
{
    static const struct rd_str ATTRIBUTE = {"attribute: ", 11};
    struct rd_texts texts = plan_texts(r, map, "start", STARTS_MAX);
    for (size_t i = 0; i < texts.count; i++) {
        struct rd_str start = texts.at[i];
        enum rd_moment moment;
        if (rd_str_starts(start, ATTRIBUTE)) {
            clock->start_attribute =
                    (struct rd_str){start.ptr + ATTRIBUTE.len, start.len - ATTRIBUTE.len};
            if (!rd_plan_is_attribute(clock->start_attribute)) {
                plan_fault(r, "start", "\"%.*s\": no attribute of a case",
                        RD_FMT(clock->start_attribute));
            } else if (texts.count > 1) {
                plan_fault(r, "start", "an attribute starts a clock alone");
            }
        } else if (rd_moment_parse(start, &moment) < 0 || (STARTS & 1U << moment) == 0) {
            plan_fault(r, "start", "\"%.*s\" starts no clock", RD_FMT(start));
        } else {
            clock->start = clock->starts == 0 ? moment : clock->start;
            clock->starts |= 1U << moment;
        }
    }
    if (texts.count == 0) {
        plan_fault(r, "start", "at least one");
    }
    clock->starts_again = plan_has(map, "again") && plan_flag(r, map, "again");
    if (clock->starts_again && clock->start_attribute.len > 0) {
        plan_fault(r, "again", "an attribute holds one time: it starts a clock once");
    }
}

static bool is_days(struct rd_limit limit)
{
    return limit.unit != RD_LIMIT_SECONDS;
}

static void read_limit(struct plan_reader *r, rd_node map, struct rd_plan_clock *clock)
{
    static const char *const TIMES[] = {"elapsed", "working", NULL};
    static const char *const ROLLS[] = {"none", "restday", "statutory_holiday", NULL};
    static const char *const ENDS[] = {"day", "closing", NULL};
    clock->counts_working = plan_word(r, map, "time", TIMES) == 1;
    clock->roll = (enum rd_roll)plan_word(r, map, "roll", ROLLS);
    clock->at_closing = plan_word(r, map, "end", ENDS) == 1;
    clock->has_limit = plan_has(map, "limit");
    clock->due_attribute = plan_text_or_none(r, map, "due");
    if (clock->has_limit == (clock->due_attribute.len > 0)) {
        plan_fault(r, NULL, "needs either a limit or a due attribute");
        return;
    }
    if (clock->has_limit) {
        clock->limit = plan_limit(r, map, "limit", 1);
    } else if (!rd_plan_is_attribute(clock->due_attribute)) {
        plan_fault(r, "due", "\"%.*s\": no attribute of a case", RD_FMT(clock->due_attribute));
    }
    if (clock->counts_working && (!clock->has_limit || is_days(clock->limit))) {
        plan_fault(r, "time", "working counts s, m and h; business days are written 5bd");
    }
    bool in_days = clock->has_limit && is_days(clock->limit);
    if (!in_days && clock->roll != RD_ROLL_NONE) {
        plan_fault(r, "roll", "moves a last day; this clock's limit is not in days");
    }
    if (!in_days && clock->at_closing) {
        plan_fault(r, "end", "closing ends a last day; this clock's limit is not in days");
    }
}

static void read_pauses(struct plan_reader *r, rd_node map, struct rd_plan_clock *clock)
{
    if (plan_has(map, "pause_reasons")) {
        clock->pause_reasons = plan_texts(r, map, "pause_reasons", 32);
    } else {
        clock->pauses_for_all = !clock->is_statutory;
    }
}

static rd_time end_of(const struct rd_calendar *calendar, const struct rd_plan_clock *clock,
        struct rd_limit limit, rd_time start)
{
    if (is_days(limit)) {
        struct rd_day_limit days = {.unit = limit.unit,
                .count = limit.count,
                .roll = clock->roll,
                .at_closing = clock->at_closing};
        return rd_calendar_day_limit(calendar, start, &days).due;
    }
    int64_t span_us = (int64_t)limit.count * RD_SECOND_US;
    rd_time end = start + span_us;
    if (clock->counts_working) {
        end = rd_calendar_add_open(calendar, start, span_us);
    }
    return end == RD_TIME_NONE ? RD_TIME_MAX : end; /* not within 50 years */
}

/* Compares limits in a week of each season as if it lasted all year, without holidays and summer
 * time, from an early and a late start on each weekday. */
static bool is_longer_in(const struct rd_calendar *calendar, const struct rd_plan_clock *clock,
        struct rd_limit limit, struct rd_limit before)
{
    static const struct rd_offset UTC = {0};
    enum { A_DAY = 19723, LAST_MINUTE = 24 * 60 - 1 };
    for (size_t s = 0; s < calendar->season_count; s++) {
        struct rd_calendar plain = {.name = calendar->name,
                .zone = RD_STR("UTC"),
                .offsets = &UTC,
                .offset_count = 1,
                .seasons = &calendar->seasons[s],
                .season_count = 1,
                .horizon = RD_DAY_NONE};
        int r = rd_calendar_seal(&plain);
        RD_ASSERT(r == 0);
        for (rd_day day = A_DAY; day < A_DAY + 7; day++) {
            for (uint32_t minute = 0; minute <= LAST_MINUTE; minute += LAST_MINUTE) {
                rd_time start = rd_calendar_instant(&plain, day, minute);
                if (end_of(&plain, clock, limit, start) <= end_of(&plain, clock, before, start)) {
                    return false;
                }
            }
        }
    }
    return true;
}

/* The first calendar of a unit in which the limit is not longer than the one before; NULL: none. */
static const struct rd_calendar *not_longer_in(const struct plan_reader *r,
        const struct rd_plan_clock *clock, struct rd_limit limit, struct rd_limit before)
{
    const struct rd_plan *plan = r->plan;
    bool *is_used = RD_ARENA_ARRAY(r->arena, bool, plan->calendar_count + 1);
    for (size_t i = 0; i < plan->unit_count; i++) {
        if (plan->units[i].calendar != RD_NO_INDEX) {
            is_used[plan->units[i].calendar] = true;
        }
    }
    for (size_t i = 0; i < plan->calendar_count; i++) {
        if (is_used[i] && !is_longer_in(&plan->calendars[i], clock, limit, before)) {
            return &plan->calendars[i];
        }
    }
    return NULL;
}

/* Small enough to be walked through day by day. */
static bool is_walked(struct rd_limit limit)
{
    enum { DAYS_MAX = 400 };
    return limit.count <= (is_days(limit) ? DAYS_MAX : DAYS_MAX * 24 * 3600);
}

static void check_longer(struct plan_reader *r, const struct rd_plan_clock *clock,
        struct rd_limit limit, struct rd_limit before)
{
    bool is_same_unit = limit.unit == before.unit;
    if (is_same_unit && limit.count <= before.count) {
        plan_fault(
                r, "limit", "counts from the same start as the limit before it and must be longer");
        return;
    }
    if ((is_same_unit && clock->roll == RD_ROLL_NONE) || !is_walked(limit) || !is_walked(before)) {
        return; /* too long to walk through: it is judged when the extension is taken */
    }
    const struct rd_calendar *calendar = not_longer_in(r, clock, limit, before);
    if (calendar != NULL) {
        char was[RD_LIMIT_TEXT_MAX];
        rd_limit_format(before, was);
        plan_fault(r, "limit",
                "counts from the same start as the %s before it and must be longer, whatever the "
                "weekday of the start; it is not in calendar %.*s",
                was, RD_FMT(calendar->name));
    }
}

static void read_extensions(struct plan_reader *r, rd_node map, struct rd_plan_clock *clock)
{
    rd_node list = plan_array(r, map, "extensions", 8);
    uint32_t count = rd_node_count(list);
    struct rd_plan_extension *rows = RD_ARENA_ARRAY(r->arena, struct rd_plan_extension, count);
    struct rd_limit before = clock->limit;
    size_t faults = r->error_count;
    for (uint32_t i = 0; i < count; i++) {
        size_t at = plan_enter_at(r, "extensions", i);
        rd_node row = rd_node_at(list, i);
        rows[i].limit = plan_limit(r, row, "limit", 1);
        rows[i].approved_by = plan_text_or_none(r, row, "approved_by");
        rows[i].must_tell_customer = plan_flag(r, row, "told_customer");
        if (r->error_count == faults && clock->has_limit) {
            check_longer(r, clock, rows[i].limit, before);
        }
        before = rows[i].limit;
        plan_leave(r, at);
    }
    clock->extensions = rows;
    clock->extension_count = count;
}

static void read_reminder(struct plan_reader *r, rd_node map, struct rd_plan_reminder *reminder)
{
    reminder->is_share = plan_has(map, "at");
    if (reminder->is_share == plan_has(map, "before")) {
        plan_fault(r, NULL, "needs either at (80%%) or before (1d)");
        return;
    }
    if (!reminder->is_share) {
        reminder->before = plan_limit(r, map, "before", 1);
        return;
    }
    struct rd_str text = rd_node_str(rd_node_find(map, "at"));
    uint32_t share = 0;
    bool is_good = text.len >= 2 && text.len <= 3 && text.ptr[text.len - 1] == '%';
    for (size_t i = 0; is_good && i + 1 < text.len; i++) {
        is_good = text.ptr[i] >= '0' && text.ptr[i] <= '9';
        share = share * 10 + (uint32_t)(text.ptr[i] - '0');
    }
    if (!is_good || share < 1 || share > 99) {
        plan_fault(r, "at", "must be 1%% to 99%%");
    }
    reminder->share_pct = share;
}

static void read_reminders(struct plan_reader *r, rd_node map, struct rd_plan_clock *clock)
{
    rd_node list = plan_array(r, map, "reminders", RD_REMINDERS_MAX);
    uint32_t count = rd_node_count(list);
    struct rd_plan_reminder *rows = RD_ARENA_ARRAY(r->arena, struct rd_plan_reminder, count);
    for (uint32_t i = 0; i < count; i++) {
        size_t at = plan_enter_at(r, "reminders", i);
        read_reminder(r, rd_node_at(list, i), &rows[i]);
        plan_leave(r, at);
    }
    clock->reminders = rows;
    clock->reminder_count = count;
}

static void read_restarts(struct plan_reader *r, rd_node map, struct rd_plan_clock *clock)
{
    struct rd_texts texts = plan_texts(r, map, "restart_on", 8);
    for (size_t i = 0; i < texts.count; i++) {
        enum rd_moment moment;
        if (rd_moment_parse(texts.at[i], &moment) < 0) {
            plan_fault(r, "restart_on", "\"%.*s\": nothing that happens to a case",
                    RD_FMT(texts.at[i]));
        } else {
            clock->restart_on |= 1U << moment;
        }
    }
}

static void read_repeat(struct plan_reader *r, rd_node breach, struct rd_plan_clock *clock)
{
    rd_node repeat = plan_has(breach, "repeat") ? plan_map(r, breach, "repeat") : NULL;
    size_t at = plan_enter(r, "repeat");
    if (repeat != NULL) {
        clock->repeat_every = plan_limit(r, repeat, "every", 1);
        bool has_times = plan_has(repeat, "times");
        clock->repeat_times =
                has_times ? (uint32_t)plan_int(r, repeat, "times", 0, RD_REPEATS_MAX) : 0;
        clock->has_repeat = !has_times || clock->repeat_times > 0;
    }
    plan_leave(r, at);
}

static void read_breach(struct plan_reader *r, rd_node map, struct rd_plan_clock *clock)
{
    static const char *const HOLDS[] = {"none", "opening", NULL};
    clock->breach_severity = clock->is_statutory ? RD_CRITICAL : RD_HIGH;
    rd_node breach = plan_map(r, map, "on_breach");
    size_t at = plan_enter(r, "on_breach");
    if (breach != NULL) {
        clock->breach_notify = plan_targets(r, breach, "notify");
        clock->breach_closed = plan_targets(r, breach, "closed");
        if (plan_has(breach, "severity")) {
            clock->breach_severity = plan_severity(r, breach, "severity");
        }
        clock->breach_holds = plan_has(breach, "hold") && plan_word(r, breach, "hold", HOLDS) == 1;
        if (clock->breach_holds && clock->is_statutory) {
            plan_fault(r, "hold", "the breach of a statutory clock waits for no opening");
        }
        read_repeat(r, breach, clock);
    }
    plan_leave(r, at);
}

static void check_ends(struct plan_reader *r, const struct rd_plan_clock *clock)
{
    if ((clock->starts & 1U << clock->stop) != 0) {
        plan_fault(r, "stop", "what starts the clock would stop it at once");
    }
    if ((clock->starts & 1U << RD_MOMENT_CLOSED) != 0 && !clock->outlives_close) {
        plan_fault(r, "start", "a clock that closing starts needs outlives_close: true");
    }
}

void plan_read_clock(struct plan_reader *r, rd_node map, struct rd_plan_clock *clock)
{
    static const char *const REOPEN[] = {"continue", "restart", NULL};
    size_t faults = r->error_count;
    clock->name = plan_text(r, map, "name");
    clock->shown = plan_text_or_none(r, map, "shown");
    clock->shown = clock->shown.len > 0 ? clock->shown : clock->name;
    clock->source = plan_text_or_none(r, map, "source");
    read_start(r, map, clock);
    clock->when = plan_match(r, map, "when");
    clock->stop = plan_moment(r, map, "stop");
    clock->is_statutory = plan_flag(r, map, "statutory");
    read_limit(r, map, clock);
    read_pauses(r, map, clock);
    read_extensions(r, map, clock);
    read_restarts(r, map, clock);
    clock->outlives_close = plan_flag(r, map, "outlives_close");
    clock->restarts_on_reopen = plan_word(r, map, "on_reopen", REOPEN) == 1;
    read_reminders(r, map, clock);
    read_breach(r, map, clock);
    clock->valid_from = plan_text_or_none(r, map, "valid_from");
    clock->valid_until = plan_text_or_none(r, map, "valid_until");
    if (r->error_count == faults) {
        check_ends(r, clock);
    }
}
