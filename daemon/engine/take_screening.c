#include <string.h>

#include "common/base/digest.h"
#include "daemon/engine/alerts.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/counters.h"
#include "daemon/engine/duties.h"
#include "daemon/engine/event_rows.h"
#include "daemon/engine/record.h"
#include "daemon/engine/rounds.h"
#include "daemon/engine/screening.h"
#include "daemon/engine/state.h"
#include "daemon/engine/take.h"
#include "daemon/engine/take_shared.h"
#include "daemon/engine/target.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/attribute_row.h"
#include "daemon/store/rows/case_row.h"
#include "daemon/store/rows/gone_row.h"
#include "daemon/store/rows/history_row.h"
#include "daemon/store/rows/index_row.h"
#include "daemon/store/rows/name_row.h"
#include "daemon/store/rows/screened_row.h"

/* Screening before anybody complains: a hit opens a duty of its unit, one a round and contract. */

static struct rd_value of_str(struct rd_str text)
{
    return (struct rd_value){.type = RD_VALUE_STR, .bytes = text};
}

static bool is_hit(const struct engine *engine, struct rd_str risk)
{
    const struct rd_texts *opens = &engine->plan->screening.opens;
    for (size_t i = 0; i < opens->count; i++) {
        if (rd_str_eq(opens->at[i], risk)) {
            return true;
        }
    }
    return false;
}

static void open_duty(struct engine *engine, struct take *take, struct rd_str subject)
{
    const struct rd_calendar *calendar = unit_calendar(engine, take->unit);
    struct rd_limit due = engine->plan->screening.due;
    struct rd_day_limit limit = {.unit = due.unit, .count = due.count};
    rd_day last_day = rd_calendar_day_limit(calendar, engine->own.wall, &limit).last_day;
    struct work *duty = take_open(engine, take, CASE_DUTY, take->unit, subject);
    struct attribute_row *attributes = case_attributes(engine, duty);
    attributes->values[RD_KEY_DUTY] = of_str(engine->plan->screening.duty);
    attributes->values[RD_KEY_PERIOD] = of_str(event_str(engine, RD_KEY_ROUND));
    attributes->values[RD_KEY_TAGS] = engine->event->data[RD_KEY_REASONS];
    attributes->values[RD_KEY_DUE] = (struct rd_value){.type = RD_VALUE_DATE, .integer = last_day};
    take_begin(engine, duty);
    struct alert_draft draft = alert_draft_of(RD_ALERT_DUTY_OWED, RD_INFO, take->unit);
    draft.due = rd_calendar_instant(calendar, last_day, 24 * 60);
    (void)alert_send(engine, duty, &draft);
}

/* Before engine 12 a round stood in the subject as it was, also one that has a slash. A duty that
 * was opened so is found by it, if it is this contract's. NULL: there is none. */
static struct work *find_plain(struct engine *engine, struct rd_str round, struct rd_str contract)
{
    struct rd_str subject = rd_arena_printf(&engine->arena, "%.*s/%.*s/%.*s",
            RD_FMT(engine->plan->screening.duty), RD_FMT(round), RD_FMT(contract));
    uint64_t number = subject_find(engine->view, subject);
    struct work *work = number != 0 ? case_open(engine, number) : NULL;
    bool is_it =
            work != NULL && work->row->kind == CASE_DUTY && !case_is_over(work) &&
            rd_str_eq(case_attributes(engine, work)->values[RD_KEY_CONTRACT].bytes, contract) &&
            rd_str_eq(case_attributes(engine, work)->values[RD_KEY_PERIOD].bytes, round);
    return is_it ? work : NULL;
}

static bool find(struct engine *engine, struct take *take, struct rd_str round)
{
    struct rd_str contract = event_str(engine, RD_KEY_CONTRACT);
    struct rd_str subject = duty_screening_subject(&engine->arena, engine->plan, round, contract);
    uint64_t number = subject_find(engine->view, subject);
    struct work *work =
            number != 0 ? case_open(engine, number) : find_plain(engine, round, contract);
    if (work != NULL && work->row->kind != CASE_DUTY) {
        return work->row->state == CASE_CLOSED ||
               rd_reject_set(take->reject, "conflict", "data.contract",
                       "case %llu, which is no duty, bears the subject of the screening",
                       (unsigned long long)number);
    }
    take->work = work;
    return true;
}

/* One that is over makes room for another. */
bool find_screened(struct engine *engine, struct take *take)
{
    if (!find(engine, take, event_str(engine, RD_KEY_ROUND))) {
        return false;
    }
    if (take->work != NULL && case_is_over(take->work)) {
        take->work = NULL;
    }
    return true;
}

void screening_count(struct engine *engine, const struct screened_row *row, int64_t sum)
{
    uint32_t unit = row->unit != 0 ? row->unit : unit_number(engine, 0);
    round_count(engine, row, sum);
    rd_day day = rd_calendar_day(unit_calendar(engine, unit), row->time);
    struct counter_cell cell = {.counter = RD_COUNTER_SCREENED, .sum = sum};
    counters_count(engine, unit, day, &cell);
    cell.counter = RD_COUNTER_AT_RISK;
    if (!rd_str_is(row->risk, "none")) {
        counters_count(engine, unit, day, &cell);
    }
    cell.counter = RD_COUNTER_CLEARED;
    if (row->cleared != RD_TIME_NONE) {
        counters_count(
                engine, unit, rd_calendar_day(unit_calendar(engine, unit), row->cleared), &cell);
    }
}

/* By this the erasure of its customer finds an event about the contract that does not name him. */
static void note_event(struct engine *engine, const struct screened_row *row, uint64_t seq)
{
    if (screened_row_has_customer(row)) {
        gone_row_put(engine->view, row->customer, 0, seq, &seq, 1);
    }
}

void screening_own(
        struct engine *engine, const struct screened_row *before, struct screened_row *row)
{
    if (event_str(engine, RD_KEY_CUSTOMER).len > 0) {
        memcpy(row->customer, customer_digest(engine), sizeof row->customer);
        if (before->seq != 0 && !screened_row_has_customer(before)) {
            note_event(engine, row, before->seq);
        }
    } else {
        memcpy(row->customer, before->customer, sizeof row->customer);
        note_event(engine, row, row->seq);
    }
}

void engine_recount_round(struct engine *engine, struct rd_str contract)
{
    struct screened_row row;
    rd_arena_reset(&engine->arena);
    if (screened_row_get(engine->view, contract, &row)) {
        row.risk = rd_arena_dup(&engine->arena, row.risk);
        row.round = rd_arena_dup(&engine->arena, row.round);
        round_count(engine, &row, 1);
    }
}

void screening_follow(struct engine *engine, struct take *take)
{
    bool hit = is_hit(engine, event_str(engine, RD_KEY_RISK));
    struct work *duty = take->work;
    if (!engine->plan->screening.is_set) {
        return;
    }
    if (duty == NULL && hit && take->unit == 0) {
        take->noted = RD_STR(RD_NOTED_NO_UNIT);
    } else if (duty == NULL && hit) {
        open_duty(engine, take,
                duty_screening_subject(&engine->arena, engine->plan,
                        event_str(engine, RD_KEY_ROUND), event_str(engine, RD_KEY_CONTRACT)));
    } else if (duty != NULL) { /* looked at again in the same round */
        case_history_event(engine, duty, HISTORY_EVENT);
        if (!hit) {
            take_end_duty(engine, duty);
        }
        take->touched = duty;
    }
}

/* A contract of others is to a sender as if it had not been screened. */
static bool is_covered(const struct engine *engine, uint32_t unit)
{
    const struct engine_reach *reach = engine->sender->reach;
    return reach == NULL || reach->covers(reach->context, name_text(engine->view, unit));
}

bool find_cleared(struct engine *engine, struct take *take)
{
    struct screened_row row;
    struct rd_str round = event_str(engine, RD_KEY_ROUND);
    if (!screened_row_get(engine->view, event_str(engine, RD_KEY_CONTRACT), &row) ||
            !(is_covered(engine, row.unit) || is_covered(engine, unit_present(engine, row.held)))) {
        return rd_reject_set(take->reject, "unknown_case", "data.contract",
                "no screening of this contract has come");
    }
    if (round.len > 0 && !rd_str_eq(row.round, round)) {
        return rd_reject_set(take->reject, "unknown_case", "data.contract",
                "the contract was screened last in round \"%.*s\", and is cleared there; a duty "
                "that is open from another round is closed by its subject (case.closed)",
                RD_FMT(rd_str_cut(row.round, 64)));
    }
    /* What has no duty must have a risk to be cleared of, or more would be cleared than was at
     * risk. */
    bool has_risk = row.cleared == RD_TIME_NONE && !rd_str_is(row.risk, "none");
    if (!find(engine, take, rd_arena_dup(&engine->arena, row.round))) {
        return false;
    }
    if (take->work != NULL && case_is_over(take->work) && has_risk) {
        take->work = NULL; /* its duty was closed by hand, or merged: the contract is cleared */
    }
    return (take->work != NULL || has_risk ||
            rd_reject_set(take->reject, "illegal_transition", "data.contract",
                    "the contract has no risk, or it has been cleared"));
}

bool take_cleared(struct engine *engine, struct take *take)
{
    struct rd_str contract = event_str(engine, RD_KEY_CONTRACT);
    struct screened_row row;
    if (screened_row_get(engine->view, contract, &row)) {
        row.risk = rd_arena_dup(&engine->arena, row.risk);
        row.round = rd_arena_dup(&engine->arena, row.round);
        screening_count(engine, &row, -1);
        row.cleared = engine->own.wall;
        screening_count(engine, &row, 1);
        screened_row_put(engine->view, contract, &row);
        note_event(engine, &row, engine->seq);
    }
    if (take->work != NULL) {
        case_history_event(engine, take->work, HISTORY_EVENT);
        take_end_duty(engine, take->work);
        take->touched = take->work;
    }
    return true;
}
