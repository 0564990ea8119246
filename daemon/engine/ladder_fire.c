#include "daemon/engine/internal.h"
#include "daemon/store/rows/alert_row.h"
#include "daemon/store/rows/name_row.h"

struct told { /* units a rung tells, each once */
    uint32_t unit[RD_TARGETS_MAX];
    size_t count;
    struct rd_str empty; /* name of a target that is nobody */
};

static struct rd_str target_name(struct engine *engine, const struct rd_target *target)
{
    switch (target->kind) {
    case RD_TARGET_UNIT:
        return RD_STR("unit");
    case RD_TARGET_PARENT:
        return RD_STR("parent");
    case RD_TARGET_FIRST:
        return RD_STR("first");
    case RD_TARGET_ANCESTOR:
        return rd_arena_printf(&engine->arena, "ancestor: %u", (unsigned)target->steps);
    case RD_TARGET_NAMED:
        return RD_STR("named unit");
    }
    RD_UNREACHABLE("target kind");
}

static void gather(struct engine *engine, struct work *work, const struct rd_plan_rung *rung,
        struct told *told)
{
    for (size_t i = 0; i < rung->notify.count; i++) {
        const struct rd_target *target = &rung->notify.at[i];
        uint32_t unit = target_unit(engine, work, target);
        if (unit == 0) {
            told->empty = target_name(engine, target);
            continue;
        }
        bool is_new = true;
        for (size_t k = 0; k < told->count; k++) {
            is_new = is_new && told->unit[k] != unit;
        }
        if (is_new && told->count < RD_COUNT(told->unit)) {
            told->unit[told->count++] = unit;
        }
    }
}

/* An assessment may only raise: the first rung of a complaint, and a contact's warning. */
static enum rd_severity raised(const struct work *work, uint8_t rung, enum rd_severity severity)
{
    static const enum rd_severity of_level[] = {RD_INFO, RD_WARNING, RD_HIGH, RD_CRITICAL};
    bool raises = work->row->kind == CASE_CONTACT || work->row->kind == CASE_COMPLAINT;
    enum rd_severity level = of_level[work->row->level];
    return raises && rung == 0 && level > severity ? level : severity;
}

static void send_rung(struct engine *engine, struct work *work, uint8_t rung, uint32_t unit,
        const struct alert_draft *form)
{
    const struct rd_plan_rung *plan = &ladder_of(work)->rungs[rung];
    struct rung_state *state = rung_state_of(&work->row->ladder, rung);
    struct alert_draft draft = *form;
    bool is_warning = work->row->kind == CASE_CONTACT && plan->after.count == 0 &&
                      unit == work->row->unit && !work->row->is_first_told;
    draft.unit = unit;
    draft.rung = rung + 1U;
    draft.type = is_warning ? RD_ALERT_FIRST_CONTACT : RD_ALERT_LADDER_RUNG;
    draft.severity = raised(work, rung, plan->severity);
    draft.carries_warning = rung == 0;
    draft.is_ladder = true;
    draft.is_late = true;
    work->row->is_first_told = work->row->is_first_told || is_warning;
    if (plan->has_ack_within && state != NULL) {
        struct rung_wait wait = {rung, plan->ack_within, state->calendar};
        struct due due = rung_wait(engine, work, &wait, engine->now);
        draft.ack_by = timer_wall(engine, due.at, due.is_steady);
    }
    uint64_t seq = alert_send(engine, work, &draft);
    if (state != NULL && seq != 0) {
        state->has_alert = true;
    }
}

static bool hold(struct engine *engine, struct work *work, uint8_t rung, uint32_t unit)
{
    struct case_ladder *ladder = &work->row->ladder;
    const struct rd_plan_rung *plan = &ladder_of(work)->rungs[rung];
    const struct rd_calendar *calendar = unit_calendar(engine, unit);
    if (!plan->holds_for_opening || raised(work, rung, plan->severity) == RD_CRITICAL ||
            rd_calendar_is_open(calendar, engine->now.wall) ||
            ladder->held_count == RD_TARGETS_MAX) {
        return false;
    }
    rd_time opening = rd_calendar_next_opening(calendar, engine->now.wall);
    if (opening == RD_TIME_NONE) {
        return false; /* a calendar that never opens again holds nothing */
    }
    ladder->held[ladder->held_count++] =
            (struct held_alert){.rung = rung, .unit = unit, .release = opening};
    return true;
}

static void exhausted(struct engine *engine, struct work *work)
{
    if (work->row->ladder.is_exhausted) {
        return;
    }
    work->row->ladder.is_exhausted = true;
    struct alert_draft draft = alert_draft_of(RD_ALERT_LADDER_EXHAUSTED, RD_WARNING, NAME_OPS);
    draft.is_late = true;
    (void)alert_send(engine, work, &draft);
}

/* Fires `rung`; `skipped` ones fired with it tell their units by the same alert. */
static void fire_rung(struct engine *engine, struct work *work, uint8_t rung, uint16_t skipped)
{
    struct case_ladder *ladder = &work->row->ladder;
    const struct rd_plan_ladder *plan = ladder_of(work);
    struct told told = {0};
    struct alert_draft form = alert_draft_of(RD_ALERT_LADDER_RUNG, RD_INFO, 0);
    uint32_t *skips = RD_ARENA_ARRAY(&engine->arena, uint32_t, RD_RUNGS_MAX);
    gather(engine, work, &plan->rungs[rung], &told);
    for (uint8_t i = 0; i < rung; i++) {
        if (has_bit(skipped, (uint32_t)i)) {
            skips[form.skipped_count++] = i + 1U;
            gather(engine, work, &plan->rungs[i], &told);
        }
    }
    form.skipped = skips;
    if (told.empty.len > 0) {
        form.extra = (struct rd_reason){.code = RD_STR("empty_target"), .detail = told.empty};
    }
    ladder->fired = (uint16_t)(ladder->fired | skipped | 1U << rung);
    struct rung_state *state = rung_state_of(ladder, rung);
    if (state == NULL && ladder->rung_count < RD_RUNGS_MAX) {
        state = &ladder->rungs[ladder->rung_count++];
    }
    RD_ASSERT(state != NULL);
    static const struct instant none = {RD_TIME_NONE, RD_TIME_NONE};
    *state = (struct rung_state){.rung = rung,
            .calendar = name_number(engine, unit_calendar(engine, work->row->unit)->name),
            .fired = none,
            .notified = none,
            .leased = none};
    state->is_missed = engine->is_quiet; /* nobody was told: nobody is waited for */
    for (size_t i = 0; i < told.count; i++) {
        if (engine->is_quiet || !hold(engine, work, rung, told.unit[i])) {
            state->fired = state->notified = engine->now;
            send_rung(engine, work, rung, told.unit[i], &form);
        }
    }
    if (told.count == 0) {
        state->is_missed = true;
        if (!ladder_escalate(engine, work, rung + 2U)) {
            exhausted(engine, work);
        }
    }
}

/* By time: of those that are due the highest, the others skipped. Never below `least`. */
static void fire_due(struct engine *engine, struct work *work, uint8_t least)
{
    struct case_ladder *ladder = &work->row->ladder;
    const struct rd_plan_ladder *plan = ladder_of(work);
    uint16_t due = 0;
    uint8_t highest = least;
    engine->cause_due = engine->cause_due == RD_TIME_NONE ? engine->now.wall : engine->cause_due;
    for (uint8_t i = 0; i < plan->rung_count; i++) {
        if (has_bit(ladder->fired, (uint32_t)i)) {
            continue;
        }
        struct due at = rung_due(engine, work, i);
        if (at.at != RD_TIME_NONE && timer_wall(engine, at.at, at.is_steady) <= engine->now.wall) {
            due = (uint16_t)(due | 1U << i);
            if (i > highest) {
                highest = i;
                engine->cause_due = timer_wall(engine, at.at, at.is_steady);
            }
        }
    }
    uint16_t below = (uint16_t)((1U << highest) - 1U);
    uint16_t skipped = (uint16_t)((due | 1U << least) & below);
    skipped = (uint16_t)(skipped & ~ladder->fired);
    bool tells_first = work->row->kind == CASE_CONTACT && !work->row->is_first_told &&
                       (skipped & 1U) != 0 && plan->rungs[0].after.count == 0;
    if (tells_first) {
        struct alert_draft draft = alert_draft_of(
                RD_ALERT_FIRST_CONTACT, raised(work, 0, plan->rungs[0].severity), work->row->unit);
        draft.carries_warning = true;
        draft.is_late = true;
        work->row->is_first_told = true;
        (void)alert_send(engine, work, &draft);
    }
    fire_rung(engine, work, highest, skipped);
}

bool ladder_escalate(struct engine *engine, struct work *work, uint32_t to)
{
    struct case_ladder *ladder = &work->row->ladder;
    const struct rd_plan_ladder *plan = ladder_of(work);
    if (ladder->state == LADDER_NONE) {
        return false;
    }
    if (to == 0) {
        to = 1;
        while (to <= plan->rung_count && has_bit(ladder->fired, to - 1)) {
            to++;
        }
    }
    if (to > plan->rung_count) {
        return false;
    }
    uint8_t rung = (uint8_t)(to - 1);
    ladder->fired = (uint16_t)(ladder->fired | ((1U << rung) - 1U)); /* jumped over */
    ladder->is_exhausted = false;
    fire_rung(engine, work, rung, 0);
    ladder_arm(engine, work);
    return true;
}

static void release_held(struct engine *engine, struct work *work, uint8_t place)
{
    struct case_ladder *ladder = &work->row->ladder;
    struct held_alert held = ladder->held[place];
    for (size_t i = place; i + 1 < ladder->held_count; i++) {
        ladder->held[i] = ladder->held[i + 1];
    }
    ladder->held_count--;
    struct rung_state *state = rung_state_of(ladder, held.rung);
    RD_ASSERT(state != NULL);
    if (state->fired.wall == RD_TIME_NONE) { /* the first of the rung: ack_within counts from it */
        state->fired = state->notified = engine->now;
        state->calendar = name_number(engine, unit_calendar(engine, work->row->unit)->name);
    }
    struct alert_draft form = alert_draft_of(RD_ALERT_LADDER_RUNG, RD_INFO, 0);
    send_rung(engine, work, held.rung, held.unit, &form);
}

static void missed(struct engine *engine, struct work *work, uint8_t place)
{
    struct case_ladder *ladder = &work->row->ladder;
    uint8_t rung = ladder->rungs[place].rung;
    ladder->rungs[place].is_missed = true;
    if ((size_t)rung + 1 >= ladder_of(work)->rung_count) {
        exhausted(engine, work);
    } else if (ladder->state == LADDER_RUNNING) {
        fire_due(engine, work, (uint8_t)(rung + 1));
    } else {
        (void)ladder_escalate(engine, work, rung + 2U);
    }
}

static void renotify(struct engine *engine, struct work *work, uint8_t place)
{
    struct rung_state *state = &work->row->ladder.rungs[place];
    const struct rd_plan_rung *plan = &ladder_of(work)->rungs[state->rung];
    struct open_alert open[RD_TARGETS_MAX * 2];
    size_t count = 0;
    for (uint32_t i = 0; i < work->row->alert_count && count < RD_COUNT(open); i++) {
        if (work->row->alerts[i].rung == state->rung + 1U) {
            open[count++] = work->row->alerts[i];
        }
    }
    state->renotified++;
    state->notified = engine->now;
    for (size_t i = 0; i < count; i++) {
        struct alert_draft draft = alert_draft_of(
                RD_ALERT_LADDER_RENOTIFY, raised(work, state->rung, plan->severity), open[i].unit);
        draft.rung = state->rung + 1U;
        draft.supersedes = open[i].seq;
        draft.carries_warning = state->rung == 0;
        draft.is_ladder = true;
        draft.is_late = true;
        if (plan->has_ack_within) {
            struct rung_wait wait = {state->rung, plan->ack_within, state->calendar};
            struct due due = rung_wait(engine, work, &wait, state->fired);
            draft.ack_by = timer_wall(engine, due.at, due.is_steady);
        }
        (void)alert_send(engine, work, &draft);
    }
}

static void lapse(struct engine *engine, struct work *work, uint8_t place)
{
    struct case_ladder *ladder = &work->row->ladder;
    struct rung_state *state = &ladder->rungs[place];
    uint32_t unit = state->acked_unit != 0 ? state->acked_unit : work->row->unit;
    state->is_acked = state->is_missed = false;
    state->fired = state->notified = engine->now;
    ladder->state = LADDER_RUNNING;
    struct alert_draft form = alert_draft_of(RD_ALERT_LADDER_RUNG, RD_INFO, 0);
    send_rung(engine, work, state->rung, unit, &form);
}

void ladder_fire(struct engine *engine, struct work *work)
{
    rd_time at[2];
    struct ladder_item item = ladder_next(engine, work, at);
    if (item.kind == ITEM_NONE || timer_wall(engine, item.at, item.is_steady) > engine->now.wall) {
        ladder_arm(engine, work);
        return;
    }
    static const char *const causes[] = {
            "", "rung", "held", "unanswered rung", "renotify", "lease"};
    const struct case_ladder *ladder = &work->row->ladder;
    unsigned rung = item.place;
    if (item.kind == ITEM_HELD) {
        rung = ladder->held[item.place].rung;
    } else if (item.kind != ITEM_RUNG) {
        rung = ladder->rungs[item.place].rung;
    }
    engine->cause = causes[item.kind];
    engine->cause_name = rd_arena_printf(&engine->arena, "%u", rung + 1);
    engine->cause_due = timer_wall(engine, item.at, item.is_steady);
    switch (item.kind) {
    case ITEM_RUNG:
        fire_due(engine, work, item.place);
        break;
    case ITEM_HELD:
        release_held(engine, work, item.place);
        break;
    case ITEM_MISSED:
        missed(engine, work, item.place);
        break;
    case ITEM_RENOTIFY:
        renotify(engine, work, item.place);
        break;
    case ITEM_LEASE:
        lapse(engine, work, item.place);
        break;
    case ITEM_NONE:
        RD_UNREACHABLE("no item");
    }
    ladder_arm(engine, work);
}
