#include "daemon/desk/account_inner.h"
#include "daemon/engine/title_words.h"
#include "daemon/store/rows/name_row.h"

struct rd_str account_reason(struct maker *maker, struct rd_str reason)
{
    reason = title_key(maker->is_zh ? TITLE_ZH : TITLE_EN, RD_ALERT_CASE_PAUSE_LONG, reason);
    return shown_text(maker->call, RD_KEY_REASON, reason, &maker->hidden);
}

bool account_takes_reason(const struct rd_plan_clock *definition, struct rd_str reason)
{
    bool takes = definition->pauses_for_all;
    for (size_t i = 0; i < definition->pause_reasons.count && !takes; i++) {
        takes = rd_str_eq(definition->pause_reasons.at[i], reason);
    }
    return takes;
}

/* Into the sorted list; what touches or overlaps becomes one stretch. */
static size_t stretch_add(struct rd_stretch *list, size_t count, struct rd_stretch fresh)
{
    size_t at = count;
    for (; at > 0 && list[at - 1].begin > fresh.begin; at--) {
        list[at] = list[at - 1];
    }
    list[at] = fresh;
    size_t kept = 0;
    for (size_t i = 1; i <= count; i++) {
        if (list[i].begin > list[kept].end) {
            list[++kept] = list[i];
        } else if (list[i].end > list[kept].end) {
            list[kept].end = list[i].end;
        }
    }
    return kept + 1;
}

bool account_take_pauses(struct maker *maker, rd_time until, uint32_t count, bool with_open)
{
    struct account *account = maker->account;
    const struct case_row *row = account->row;
    struct method_call *call = maker->call;
    struct rd_why_pause *pauses = RD_ARENA_ARRAY(call->arena, struct rd_why_pause, count + 1);
    struct rd_stretch *list = RD_ARENA_ARRAY(call->arena, struct rd_stretch, count + 1);
    struct rd_why *why = &account->why;
    bool on_steady = account->clock->is_steady, has_open = false;
    why->pause_count = why->stretch_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct case_pause *pause = &row->pauses[i];
        struct rd_str reason = rd_arena_dup(call->arena, name_text(call->view, pause->reason));
        bool is_open = pause->end.wall == RD_TIME_NONE || pause->end.wall > until;
        if (pause->begin.wall > until || !account_takes_reason(account->definition, reason)) {
            continue;
        }
        has_open = has_open || is_open;
        rd_time begin = on_steady ? wall_of(call, pause->begin.steady, true) : pause->begin.wall;
        rd_time end = is_open     ? RD_TIME_MAX
                      : on_steady ? wall_of(call, pause->end.steady, true)
                                  : pause->end.wall;
        if (end <= maker->start || (is_open && !with_open)) {
            continue;
        }
        struct rd_stretch stretch = {begin > maker->start ? begin : maker->start, end};
        pauses[why->pause_count++] = (struct rd_why_pause){
                .begin = stretch.begin, .end = end, .reason = account_reason(maker, reason)};
        why->stretch_count = stretch_add(list, why->stretch_count, stretch);
    }
    why->pauses = pauses;
    why->stretches = list;
    return has_open;
}

static struct rd_limit limit_of(const struct account *account)
{
    const struct rd_plan_clock *definition = account->definition;
    return account->extensions > 0 ? definition->extensions[account->extensions - 1].limit
                                   : definition->limit;
}

/* The end of the day of grace that a reopening gave; RD_TIME_NONE: none did. Pauses move it. */
rd_time account_grace_end(const struct account *account, const struct rd_why *why)
{
    if (account->graced_at == RD_TIME_NONE) {
        return RD_TIME_NONE;
    }
    struct rd_why grace = *why;
    grace.start = account->graced_at;
    grace.limit = (struct rd_limit){.unit = RD_LIMIT_BUSINESS_DAYS, .count = 1};
    grace.counts_working = grace.at_closing = false;
    grace.roll = RD_ROLL_NONE;
    return rd_why_due(&grace).due;
}

rd_time account_take_due(struct maker *maker)
{
    struct account *account = maker->account;
    const struct rd_plan_clock *definition = account->definition;
    account->why.calendar = account->calendar;
    account->why.start = maker->start;
    account->why.counts_working = definition->counts_working;
    account->why.at_closing = definition->at_closing;
    account->why.roll = definition->roll;
    account->why.limit = limit_of(account);
    struct rd_why_due due = rd_why_due(&account->why);
    rd_time grace = account_grace_end(account, &account->why);
    account->last_day = due.last_day;
    account->raw_day = due.raw_day;
    account->is_provisional = due.provisional;
    account->is_by_grace = grace != RD_TIME_NONE && due.due < grace;
    if (account->is_by_grace) {
        account->last_day =
                grace < RD_TIME_MAX ? rd_calendar_day(account->calendar, grace - 1) : RD_DAY_NONE;
        account->raw_day = account->last_day;
        return grace;
    }
    return due.due;
}
