#include "daemon/engine/figures_case.h"

#include "common/base/hist.h"
#include "common/wire/event_table.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/clock_timer.h"
#include "daemon/engine/names.h"
#include "daemon/store/rows/window_row.h"

static struct counted *add(struct count *count, enum rd_counter counter, rd_time time)
{
    if (time == RD_TIME_NONE || count->count == COUNTED_MAX) {
        return &count->none;
    }
    struct counted *counted = &count->at[count->count++];
    *counted = (struct counted){
            .counter = counter, .day = rd_calendar_day(count->calendar, time), .sum = 1};
    return counted;
}

static void add_if(struct count *count, bool is_so, enum rd_counter counter, rd_time time)
{
    if (is_so) {
        (void)add(count, counter, time);
    }
}

/* The newest of its kind; NULL: none. */
static const struct fact *fact_of(const struct counted_row *of, enum fact_what what)
{
    const struct fact *found = NULL;
    for (size_t i = 0; i < of->fact_count; i++) {
        found = of->facts[i].what == what ? &of->facts[i] : found;
    }
    return found;
}

static rd_time time_of(const struct counted_row *of, enum fact_what what)
{
    const struct fact *fact = fact_of(of, what);
    return fact != NULL ? fact->time : RD_TIME_NONE;
}

static void add_span(struct count *count, enum rd_counter counter, enum rd_moment moment)
{
    rd_time at = count->row->moments[moment].wall;
    if (at != RD_TIME_NONE) {
        int64_t seconds = (at - count->row->received) / RD_SECOND_US;
        add(count, counter, at)->sub = rd_hist_bucket(seconds > 0 ? (uint64_t)seconds : 0);
    }
}

static void add_money(struct count *count, enum rd_counter counter, const struct fact *fact)
{
    struct counted *counted = add(count, counter, fact->time);
    counted->sum = fact->amount;
    counted->sub = fact->sub;
}

static void add_decision(struct count *count)
{
    static const enum rd_counter PAID[] = {RD_COUNTER_NONE, RD_COUNTER_PAID_TERMINATION,
            RD_COUNTER_PAID_REFUND, RD_COUNTER_PAID_COMPENSATION, RD_COUNTER_PAID_GOODWILL};
    const struct fact *fact = fact_of(count->of, FACT_DECIDED);
    if (fact == NULL) {
        return;
    }
    uint32_t paid = fact->code >> FACT_PAID_SHIFT;
    add(count, RD_COUNTER_DECIDED, fact->time)->sub = fact->code & 0xff;
    add_if(count, (fact->code & FACT_IS_ACCOMMODATION) != 0, RD_COUNTER_ACCOMMODATIONS, fact->time);
    if (paid > 0 && paid < RD_COUNT(PAID) && (fact->code & FACT_HAS_AMOUNT) != 0) {
        add_money(count, PAID[paid], fact);
    }
}

/* Each call for itself: one that was declined stays so when mediation is called again. */
static void add_calls(struct count *count)
{
    const struct counted_row *of = count->of;
    for (size_t i = 0; i < of->fact_count; i++) {
        bool is_willing = true, has_come = true;
        if (of->facts[i].what != FACT_CALLED) {
            continue;
        }
        for (size_t k = i + 1; k < of->fact_count && of->facts[k].what != FACT_CALLED; k++) {
            if (of->facts[k].what == FACT_DECLINED) {
                is_willing = of->facts[k].code != FACT_BY_CUSTOMER;
                has_come = of->facts[k].code == FACT_BY_BODY;
            }
        }
        (void)add(count, RD_COUNTER_CALLED, of->facts[i].time);
        add_if(count, is_willing, RD_COUNTER_CALLED_WILLING, of->facts[i].time);
        add_if(count, has_come, RD_COUNTER_CALLED_ATTENDED, of->facts[i].time);
    }
}

static void add_mediation(struct count *count)
{
    const struct counted_row *of = count->of;
    const struct fact *settled = fact_of(of, FACT_SETTLED);
    rd_time due = time_of(of, FACT_SETTLED_DUE), executed = time_of(of, FACT_EXECUTED);
    add_calls(count);
    (void)add(count, RD_COUNTER_MEDIATED, time_of(of, FACT_ACCEPTED));
    if (settled == NULL) {
        return;
    }
    (void)add(count, RD_COUNTER_SETTLED, settled->time);
    if ((settled->code & FACT_HAS_AMOUNT) != 0) {
        add_money(count, RD_COUNTER_SETTLED_AMOUNT, settled);
    }
    if (due != RD_TIME_NONE) { /* the day that ends at 24:00 */
        (void)add(count, RD_COUNTER_SETTLED_DUE, due - 1);
        add_if(count, executed != RD_TIME_NONE && executed < due, RD_COUNTER_EXECUTED_IN_TIME,
                due - 1);
    }
}

/* What a case may have more than one of. */
static void add_facts(struct count *count)
{
    for (size_t i = 0; i < count->of->fact_count; i++) {
        const struct fact *fact = &count->of->facts[i];
        switch (fact->what) {
        case FACT_SANCTIONED: {
            struct counted *counted = add(count, RD_COUNTER_SANCTIONED, fact->time);
            counted->sub = fact->code;
            counted->extra = RD_DIM_PERSON;
            counted->extra_value = fact->sub;
            break;
        }
        case FACT_CAUSE:
            (void)add(count, RD_COUNTER_CAUSES, fact->time);
            add_if(count, fact->code != 0, RD_COUNTER_RECURRED, fact->time);
            break;
        case FACT_RECTIFIED:
            (void)add(count, RD_COUNTER_RECTIFIED, fact->time);
            break;
        case FACT_NOTICE:
            (void)add(count, RD_COUNTER_NOTICES, fact->time);
            break;
        case FACT_SURVEYED:
            (void)add(count, RD_COUNTER_SURVEYED, fact->time);
            add_if(count, fact->code != 0, RD_COUNTER_SATISFIED, fact->time);
            break;
        case FACT_REOPENED:
            (void)add(count, RD_COUNTER_REOPENED, fact->time);
            break;
        case FACT_NONE:
        case FACT_CALLED:
        case FACT_ACCEPTED:
        case FACT_DECLINED:
        case FACT_SETTLED:
        case FACT_SETTLED_DUE:
        case FACT_EXECUTED:
        case FACT_DECIDED:
        case FACT_MERGED:
        case FACT_WITHDRAWN:
            break;
        }
    }
}

static rd_time due_of(const struct case_clock *clock)
{
    if (clock->due == RD_TIME_NONE || !clock->is_steady) {
        return clock->due;
    }
    return clock->start.wall + (clock->due - clock->start.steady);
}

/* A clock that was breached counts on the day of its due, one that was met on that of its stop. */
static void add_clocks(struct count *count)
{
    rd_time overdue = RD_TIME_NONE;
    bool is_timed = false, is_late = false;
    for (size_t i = 0; i < count->row->clock_count; i++) {
        const struct case_clock *clock = &count->row->clocks[i];
        bool is_breached = clock->state == CLOCK_LATE || clock->state == CLOCK_BREACHED;
        bool is_met = clock->state == CLOCK_STOPPED || clock->state == CLOCK_ENDED;
        if (!is_breached && !is_met) {
            continue;
        }
        const struct rd_plan_clock *definition = clock_definition(count->work, clock);
        rd_time at = is_breached ? due_of(clock) : clock->stopped;
        struct counted *counted =
                add(count, is_breached ? RD_COUNTER_CLOCK_LATE : RD_COUNTER_CLOCK_MET,
                        at != RD_TIME_NONE ? at : count->row->closed);
        counted->extra = RD_DIM_CLOCK;
        counted->extra_value = name_number(count->engine, definition->name);
        is_timed = is_timed || definition->stop == RD_MOMENT_DECIDED;
        is_late = is_late || (is_breached && definition->stop == RD_MOMENT_DECIDED);
        if (clock_is_overdue(count->row, definition, clock) &&
                (overdue == RD_TIME_NONE || at < overdue)) {
            overdue = at;
        }
    }
    rd_time decided = time_of(count->of, FACT_DECIDED);
    add_if(count, is_timed, RD_COUNTER_DECIDED_TIMED, decided);
    add_if(count, is_timed && !is_late, RD_COUNTER_DECIDED_IN_TIME, decided);
    if (overdue != RD_TIME_NONE) {
        add(count, RD_COUNTER_OVERDUE, overdue)->extra = RD_DIM_OVERDUE;
    }
}

static void add_complaint(struct count *count)
{
    const struct case_row *row = count->row;
    uint8_t flags = count->of->flags;
    bool is_regulator = row->is_regulator || (flags & COUNTED_IS_REGULATOR) != 0;
    bool is_valid = (flags & COUNTED_IS_VALID) != 0;
    (void)add(count, RD_COUNTER_COMPLAINTS, row->received);
    add_if(count, is_regulator, RD_COUNTER_REGULATOR, row->received);
    add_if(count, is_valid, RD_COUNTER_VALID, row->received);
    add_if(count, is_valid && is_regulator, RD_COUNTER_VALID_REGULATOR, row->received);
    add_if(count, (flags & COUNTED_IS_ELDERLY) != 0, RD_COUNTER_ELDERLY, row->received);
    add_if(count, row->state == CASE_CLOSED, RD_COUNTER_CLOSED, row->closed);
    add_span(count, RD_COUNTER_TIME_ACK, RD_MOMENT_ACKNOWLEDGED);
    add_span(count, RD_COUNTER_TIME_CONTACT, RD_MOMENT_CUSTOMER_CONTACTED);
    add_span(count, RD_COUNTER_TIME_DECIDE, RD_MOMENT_DECIDED);
    add_decision(count);
    add_mediation(count);
}

/* A duty counts on the day it is due: at 24:00 of it. */
static void add_duty(struct count *count, const struct attribute_row *attributes)
{
    const struct case_row *row = count->row;
    const struct rd_value *due = &attributes->values[RD_KEY_DUE];
    rd_time at = due->type == RD_VALUE_TIME ? due->integer : RD_TIME_NONE;
    if (due->type == RD_VALUE_DATE) {
        at = rd_calendar_instant(count->calendar, (rd_day)due->integer, 24 * 60);
    }
    rd_time day = at != RD_TIME_NONE ? at - 1 : row->opened;
    rd_time done = row->moments[RD_MOMENT_DECIDED].wall;
    if (fact_of(count->of, FACT_WITHDRAWN) != NULL) {
        return;
    }
    bool is_late = at != RD_TIME_NONE && done != RD_TIME_NONE && done >= at;
    (void)add(count, RD_COUNTER_DUTIES, day);
    add_if(count, done != RD_TIME_NONE && !is_late, RD_COUNTER_DUTIES_IN_TIME, day);
    add_if(count, is_late, RD_COUNTER_DUTIES_LATE, day);
    const struct rd_value *total = &attributes->values[RD_KEY_TOTAL];
    if (total->type == RD_VALUE_UINT) { /* more than its total fills no gap of another duty */
        int64_t covered = attributes->values[RD_KEY_DONE].integer;
        add(count, RD_COUNTER_DUTY_TOTAL, day)->sum = total->integer;
        add(count, RD_COUNTER_DUTY_DONE, day)->sum =
                covered < total->integer ? covered : total->integer;
    }
}

/* ---- what became of a first contact: the first that holds ---- */

static bool is_by(const struct case_row *row, enum rd_moment moment, rd_time at)
{
    return row->moments[moment].wall != RD_TIME_NONE && row->moments[moment].wall <= at;
}

static enum rd_counter outcome_of(const struct case_row *row, rd_time complained)
{
    rd_time until = complained != RD_TIME_NONE ? complained : RD_TIME_MAX;
    bool is_contacted = is_by(row, RD_MOMENT_CUSTOMER_CONTACTED, until);
    bool is_acted = row->was_defused || is_contacted || is_by(row, RD_MOMENT_ACKNOWLEDGED, until);
    if (complained != RD_TIME_NONE) {
        return row->was_defused ? RD_COUNTER_RELAPSED
               : is_acted       ? RD_COUNTER_COMPLAINED_ACTED
                                : RD_COUNTER_COMPLAINED_IDLE;
    }
    bool is_ended = row->state == CASE_CLOSED && is_contacted;
    return row->was_defused || is_ended ? RD_COUNTER_PREEMPTED
           : is_acted                   ? RD_COUNTER_TENDED
                                        : RD_COUNTER_QUIET;
}

static bool is_outcome(uint32_t counter)
{
    return counter >= RD_COUNTER_COMPLAINED_ACTED && counter <= RD_COUNTER_QUIET;
}

/* After the ledger has forgotten the contact its figures stay as they are: there is nothing left to
 * derive them from. */
static void add_contact(struct count *count)
{
    struct ledger_row ledger;
    const struct case_row *row = count->row;
    if (ledger_row_get(count->engine->view, row->opened_seq, &ledger)) {
        add(count, outcome_of(row, ledger.complained), row->opened)->sub = ledger.level;
        return;
    }
    for (size_t i = 0; i < count->of->counted_count; i++) {
        if (is_outcome(count->of->counted[i].counter)) {
            *add(count, RD_COUNTER_NONE, row->opened) = count->of->counted[i];
        }
    }
}

/* A merged case is the same matter as another, which already counts. */
void figures_count_case(struct count *count, struct work *work)
{
    const struct fact *merged = fact_of(count->of, FACT_MERGED);
    const struct fact *reopened = fact_of(count->of, FACT_REOPENED);
    if (merged != NULL && count->row->state == CASE_CLOSED &&
            (reopened == NULL || reopened < merged)) {
        return;
    }
    if (count->row->kind == CASE_COMPLAINT) {
        add_complaint(count);
    } else if (count->row->kind == CASE_DUTY) {
        add_duty(count, case_attributes(count->engine, work));
    } else {
        add_contact(count);
    }
    add_facts(count);
    add_clocks(count);
}
