#include "common/base/digest.h"
#include "common/wire/event_table.h"
#include "daemon/engine/alerts.h"
#include "daemon/engine/arm.h"
#include "daemon/engine/aside.h"
#include "daemon/engine/attributes.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/clock_timer.h"
#include "daemon/engine/clocks.h"
#include "daemon/engine/event_rows.h"
#include "daemon/engine/forget.h"
#include "daemon/engine/notices.h"
#include "daemon/engine/policy.h"
#include "daemon/engine/record.h"
#include "daemon/engine/state.h"
#include "daemon/engine/take.h"
#include "daemon/engine/take_shared.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/timer_row.h"

/* Attributes change; causes, sanctions, notices; the present policies for an old case. */

static void move_customer(struct engine *engine, struct work *work, struct rd_str before)
{
    const struct case_row *row = work->row;
    uint8_t digest[RD_DIGEST_BYTES];
    bool is_indexed = row->kind != CASE_DUTY && !case_is_over(work);
    if (before.len > 0) {
        rd_digest1(before, digest);
        customer_case_del(engine->view, digest, row->number);
        customer_open_del(engine->view, digest, row->number, (uint8_t)row->kind);
    }
    rd_digest1(event_str(engine, RD_KEY_CUSTOMER), digest);
    customer_case_put(engine->view, digest, row->number, (uint8_t)row->kind);
    if (is_indexed) {
        customer_open_put(engine->view, digest, row->number, (uint8_t)row->kind);
    }
}

/* A corrected date of receipt moves the clocks that started with it and were not restarted
 * since. */
static void correct_received(struct engine *engine, struct work *work)
{
    struct case_row *row = work->row;
    rd_time received = engine->event->data[RD_KEY_RECEIVED].integer;
    char before[RD_TIME_TEXT_MAX];
    rd_time_format(row->received, before);
    case_history(engine, work,
            &(struct history_row){.what = HISTORY_RECEIVED,
                    .time = engine->own.wall,
                    .taken = engine->now.wall,
                    .seq = engine->seq,
                    .note = rd_str_of(before)});
    row->received = received;
    row->moments[RD_MOMENT_RECEIVED] = instant_of(engine, received);
    work->is_dirty = true;
    for (size_t i = 0; i < row->clock_count && !case_is_over(work); i++) {
        struct case_clock *clock = &row->clocks[i];
        const struct rd_plan_clock *definition = clock_definition(work, clock);
        bool goes_on = clock->state == CLOCK_RUNNING || clock->state == CLOCK_BREACHED;
        if (goes_on && has_bit(definition->starts, RD_MOMENT_RECEIVED) && !clock->is_restarted) {
            clock->start = row->moments[RD_MOMENT_RECEIVED];
        }
    }
}

/* What is told of an age last counts: a year of birth takes the place of an age told before. */
static void forget_age(struct engine *engine, struct work *work)
{
    const struct rd_value *data = engine->event->data;
    struct attribute_row *attributes = case_attributes(engine, work);
    if (data[RD_KEY_BIRTH_YEAR].type != RD_NIL && data[RD_KEY_AGE].type == RD_NIL &&
            attributes->values[RD_KEY_AGE].type != RD_NIL) {
        attributes->values[RD_KEY_AGE] = (struct rd_value){.type = RD_NIL};
        work->are_attributes_dirty = true;
    }
}

bool take_amended(struct engine *engine, struct take *take)
{
    struct work *work = take->work;
    struct rd_str customer = case_attributes(engine, work)->values[RD_KEY_CUSTOMER].bytes;
    const struct attributes_seen *before = attributes_see(engine, work);
    rd_key_set changed = take_attributes(engine, work, case_keys());
    forget_age(engine, work);
    case_history_event(engine, work, HISTORY_EVENT);
    if (rd_key_in(changed, RD_KEY_CUSTOMER)) {
        move_customer(engine, work, customer);
    }
    if (take->respondent != 0) {
        work->row->respondent = take->respondent;
        work->is_dirty = true;
    }
    if (rd_key_in(changed, RD_KEY_RECEIVED)) {
        correct_received(engine, work);
    }
    if (case_is_over(work)) {
        return true; /* attributes and figures, no clocks */
    }
    if (!policy_follow(engine, work, before)) {
        clocks_revise(engine, work);
        clocks_begin(engine, work, false);
    }
    return true;
}

static void put_back(struct engine *engine, const struct work *work, struct timer_row row)
{
    if (row.due != RD_TIME_NONE) {
        row.owner = work->row->number;
        timer_put_back(engine, &row);
    }
}

/* An operator lets a case leave quarantine: its timers are armed again. */
static void release(struct engine *engine, struct work *work)
{
    const struct case_row *c = work->row;
    aside_remove(engine, c->number);
    for (uint16_t i = 0; i < c->clock_count; i++) {
        const struct case_clock *clock = &c->clocks[i];
        put_back(engine, work,
                (struct timer_row){.due = clock->armed,
                        .is_steady = clock->is_armed_steady,
                        .is_service = !clock_definition(work, clock)->is_statutory,
                        .kind = TIMER_CLOCK,
                        .slot = i});
    }
    const struct timer_row ladder = {.kind = TIMER_LADDER, .is_service = true};
    struct timer_row row = ladder;
    row.due = c->ladder.armed_wall;
    put_back(engine, work, row);
    row.due = c->ladder.armed_steady;
    row.is_steady = true;
    put_back(engine, work, row);
#define PUT_BACK_ALL(list, count_of, kind_of)                                                      \
    for (uint16_t i = 0; i < (count_of); i++) {                                                    \
        put_back(engine, work,                                                                     \
                (struct timer_row){.due = (list)[i].armed,                                         \
                        .is_service = true,                                                        \
                        .kind = (kind_of),                                                         \
                        .slot = i});                                                               \
    }
    PUT_BACK_ALL(c->pauses, c->pause_count, TIMER_PAUSE)
    PUT_BACK_ALL(c->chases, c->chase_count, TIMER_CHASE)
    PUT_BACK_ALL(c->notices, c->notice_count, TIMER_NOTICE)
#undef PUT_BACK_ALL
}

bool take_reapplied(struct engine *engine, struct take *take)
{
    if (aside_has(engine, take->work->row->number)) {
        release(engine, take->work);
    }
    case_history_event(engine, take->work, HISTORY_EVENT);
    if (!case_is_over(take->work)) {
        policy_reapply(engine, take->work);
    }
    return true;
}

void take_end_duty(struct engine *engine, struct work *work)
{
    work->row->was_decided = true;
    take_acknowledge(engine, work); /* a decision implies both */
    take_moment(engine, work, RD_MOMENT_CUSTOMER_CONTACTED, engine->own);
    take_moment(engine, work, RD_MOMENT_DECIDED, engine->own);
    take_outcome(engine, work);
    take_end(engine, work, CASE_CLOSED, engine->own);
}

bool take_notice_given(struct engine *engine, struct take *take)
{
    (void)notice_give(engine, take->work, event_str(engine, RD_KEY_NOTICE));
    return take_plain(engine, take);
}

bool take_duty_progressed(struct engine *engine, struct take *take)
{
    const struct rd_value *data = engine->event->data;
    const struct rd_value total = case_attributes(engine, take->work)->values[RD_KEY_TOTAL];
    if (total.type == RD_VALUE_UINT && total.integer != data[RD_KEY_TOTAL].integer) {
        take->noted = RD_STR(RD_NOTED_TOTAL);
    }
    (void)take_note(engine, take);
    if (data[RD_KEY_DONE].integer >= data[RD_KEY_TOTAL].integer) {
        take_end_duty(engine, take->work);
    }
    return true;
}

/* ---- erasure ---- */

bool take_forgotten(struct engine *engine, struct take *take)
{
    (void)take;
    forget_begin(engine, event_str(engine, RD_KEY_CUSTOMER));
    return true;
}
