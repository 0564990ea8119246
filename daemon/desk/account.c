#include "daemon/desk/account.h"

#include <string.h>

#include "daemon/desk/account_inner.h"
#include "daemon/desk/case_clocks.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/name_row.h"

enum { STEPS_MAX = 4096, ENTRIES_MAX = 1000 * 1000 };

static void tell_pauses(struct maker *maker)
{
    const struct account *account = maker->account;
    struct method_call *call = maker->call;
    for (uint32_t i = 0; i < account->row->pause_count; i++) {
        const struct case_pause *pause = &account->row->pauses[i];
        struct rd_str reason = rd_arena_dup(call->arena, name_text(call->view, pause->reason));
        if (pause->begin.wall > account->at || !account_takes_reason(account->definition, reason)) {
            continue;
        }
        struct rd_str shown = account_reason(maker, reason);
        shown = shown.len > 0 ? shown : RD_STR("****");
        bool on_steady = account->clock->is_steady;
        rd_time begin = on_steady ? wall_of(call, pause->begin.steady, true) : pause->begin.wall;
        STEP(maker, begin, IN(maker, "paused for %.*s", "暂停：%.*s"), RD_FMT(shown));
        if (pause->end.wall != RD_TIME_NONE && pause->end.wall <= account->at) {
            rd_time end = on_steady ? wall_of(call, pause->end.steady, true) : pause->end.wall;
            STEP(maker, end, IN(maker, "%.*s ends", "暂停结束：%.*s"), RD_FMT(shown));
        }
    }
}

static void tell_grace(struct maker *maker)
{
    if (maker->account->is_by_grace) {
        STEP(maker, maker->account->graced_at,
                IN(maker, "reopened with its due past: due with the end of the next working day",
                        "重新开启时已到期：顺延至下一个工作日结束"));
    }
}

/* ---- now: as its row says ---- */

/* A due that the rule of today does not give: it was over before another policy, other calendar
 * data or a late event came, and stays what it was. */
static void keep_due(struct maker *maker, rd_time due)
{
    struct account *account = maker->account;
    account->is_kept = true;
    account->is_by_grace = false;
    account->last_day = rd_calendar_day(account->calendar, due - 1);
    account->raw_day = account->last_day;
    STEP(maker, due,
            IN(maker, "due: as it stood when the clock was over; what came later moves it no more",
                    "到期时间以时限结束时为准，此后的变动不再影响"));
}

/* Of one that is not held: a pause that came too late for its due is not among those that moved
 * it, so the last ones taken are given up until the due comes out. */
static void derive_as_kept(struct maker *maker)
{
    struct account *account = maker->account;
    rd_time due = account->due;
    uint32_t count = account->row->pause_count;
    if (due == RD_TIME_NONE) { /* it was over before it had one */
        (void)account_take_pauses(maker, maker->call->counts.wall, count, false);
        (void)account_take_due(maker);
        return;
    }
    do {
        (void)account_take_pauses(maker, maker->call->counts.wall, count, false);
    } while (account_take_due(maker) != due && account->why.stretch_count > 0 && count-- > 0);
    if (account_take_due(maker) != due) {
        keep_due(maker, due);
    }
}

static void make_now(struct maker *maker)
{
    struct account *account = maker->account;
    const struct case_clock *clock = account->clock;
    bool is_over = clock->state != CLOCK_RUNNING && clock->stopped != RD_TIME_NONE;
    account_walk(maker);
    maker->start = wall_of(maker->call, clock->is_steady ? clock->start.steady : clock->start.wall,
            clock->is_steady);
    account->extensions = clock->extensions;
    account->graced_at = clock->graced_at;
    account->is_paused = clock_is_held(clock);
    account->state = clock_state_name(clock);
    account->at = is_over && clock->stopped < account->at ? clock->stopped : account->at;
    account->due =
            account->is_paused ? RD_TIME_NONE : wall_of(maker->call, clock->due, clock->is_steady);
    if (!account->has_limit) {
        return;
    }
    tell_pauses(maker);
    if (account->is_paused) {
        (void)account_take_pauses(maker, maker->call->counts.wall, account->row->pause_count, true);
        (void)account_take_due(maker);
    } else {
        derive_as_kept(maker);
    }
    account->is_provisional = clock->is_provisional;
}

/* ---- then: by the own times of what happened until that instant ---- */

static void derive_then(struct maker *maker)
{
    struct account *account = maker->account;
    uint32_t count = account->row->pause_count;
    tell_pauses(maker);
    bool has_open = account_take_pauses(maker, account->at, count, true);
    account->due = account_take_due(maker);
    if (has_open && account->due == RD_TIME_MAX && maker->run == RUN_GOES_ON) {
        account->is_paused = true;
    } else if (has_open) { /* it was over in the pause, or due before it */
        (void)account_take_pauses(maker, account->at, count, false);
        account->due = account_take_due(maker);
    }
    account->due = account->due < RD_TIME_MAX ? account->due : RD_TIME_NONE;
}

static const char *state_then(const struct maker *maker)
{
    const struct account *account = maker->account;
    if (account->is_paused) {
        return "paused";
    }
    bool is_late = account->due != RD_TIME_NONE && account->due <= account->at;
    switch (maker->run) {
    case RUN_STOPPED:
        return is_late ? "late" : "stopped";
    case RUN_ENDED:
        return is_late ? "breached" : "ended";
    case RUN_GOES_ON:
        break;
    }
    return is_late ? "breached" : "running";
}

static void make_then(struct maker *maker)
{
    struct account *account = maker->account;
    const struct case_clock *clock = account->clock;
    account_walk(maker);
    account->at = maker->run != RUN_GOES_ON && maker->stopped < account->at ? maker->stopped
                                                                            : account->at;
    if (maker->start == clock->start.wall && clock->is_steady) {
        maker->start = wall_of(maker->call, clock->start.steady, true);
    }
    account->due = wall_of(maker->call, clock->due, clock->is_steady);
    if (account->has_limit) {
        derive_then(maker);
    }
    account->state = state_then(maker);
    if (account->due != RD_TIME_NONE && strcmp(account->state, "breached") == 0 &&
            account->due < account->at) {
        account->at = account->due;
    }
}

void account_make(struct method_call *call, const struct case_row *row,
        const struct case_clock *clock, rd_time at, struct account *ret)
{
    const struct rd_plan *own = engine_plan_of(call->engine, row->config);
    *ret = (struct account){.row = row,
            .clock = clock,
            .definition = &own->policies[row->policy].clocks[clock->definition],
            .at = at != RD_TIME_NONE ? at : call->counts.wall,
            .graced_at = RD_TIME_NONE,
            .due = RD_TIME_NONE,
            .why = {.is_zh = rd_str_is(param_str(call, "lang"), "zh-CN")},
            .state = "waiting"};
    struct maker maker = {.call = call,
            .account = ret,
            .hidden = hidden_of_case(call, row->number, call->arena),
            .asked = at != RD_TIME_NONE ? at : RD_TIME_MAX,
            .is_zh = ret->why.is_zh,
            .stopped = RD_TIME_NONE,
            .steps = RD_ARENA_ARRAY(call->arena, struct account_step, STEPS_MAX)};
    maker.entry_count =
            history_row_chain(call->view, row->history, ENTRIES_MAX, call->arena, &maker.entries);
    ret->steps = maker.steps;
    ret->calendar = clock_calendar(call, row, clock);
    if (clock->state == CLOCK_WAITING) {
        return;
    }
    maker.start = account_first_start(&maker);
    if (maker.start > ret->at) {
        return;
    }
    ret->has_limit = ret->definition->has_limit;
    if (at == RD_TIME_NONE) {
        make_now(&maker);
    } else {
        make_then(&maker);
    }
    tell_grace(&maker);
}

/* ---- what a pause holds ---- */

rd_time account_held_since(const struct account *account)
{
    const struct rd_why *why = &account->why;
    RD_ASSERT(account->is_paused && why->stretch_count > 0);
    return why->stretches[why->stretch_count - 1].begin;
}

rd_time account_due_if_resumed(
        struct method_call *call, const struct account *account, rd_time resumed)
{
    struct rd_why why = account->why;
    struct rd_stretch *stretches =
            RD_ARENA_ARRAY(call->arena, struct rd_stretch, why.stretch_count + 1);
    for (size_t i = 0; i < why.stretch_count; i++) {
        stretches[i] = why.stretches[i];
        if (stretches[i].end >= RD_TIME_MAX) {
            bool is_before = resumed < stretches[i].begin;
            stretches[i].end = is_before ? stretches[i].begin : resumed;
        }
    }
    why.stretches = stretches;
    rd_time due = rd_why_due(&why).due, later = account_grace_end(account, &why);
    due = later != RD_TIME_NONE && due < later ? later : due;
    return due < RD_TIME_MAX ? due : RD_TIME_NONE;
}
