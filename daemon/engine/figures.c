#include "daemon/engine/figures.h"

#include <string.h>

#include "common/event_table.h"
#include "common/hist.h"
#include "daemon/engine/attributes.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/clock_timer.h"
#include "daemon/engine/counters.h"
#include "daemon/engine/names.h"
#include "daemon/engine/units.h"

enum { ELDERLY_AGE = 60 };

/* ---- what a case counts for ---- */

struct count { /* of one case */
    struct engine *engine;
    const struct work *work;
    const struct case_row *row;
    const struct counted_row *of;
    const struct rd_calendar *calendar;
    struct counted *at; /* room for COUNTED_MAX */
    size_t count;
    struct counted none; /* for what is not counted: it may be filled */
};

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

static void add_mediation(struct count *count)
{
    const struct counted_row *of = count->of;
    const struct fact *declined = fact_of(of, FACT_DECLINED), *settled = fact_of(of, FACT_SETTLED);
    rd_time called = time_of(of, FACT_CALLED), due = time_of(of, FACT_SETTLED_DUE);
    rd_time executed = time_of(of, FACT_EXECUTED);
    bool is_willing = declined == NULL || declined->code != FACT_BY_CUSTOMER;
    bool has_come = is_willing && (declined == NULL || declined->code != FACT_BY_FIRM);
    (void)add(count, RD_COUNTER_CALLED, called);
    add_if(count, is_willing, RD_COUNTER_CALLED_WILLING, called);
    add_if(count, has_come, RD_COUNTER_CALLED_ATTENDED, called);
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
        if (clock->state == CLOCK_BREACHED && (overdue == RD_TIME_NONE || at < overdue)) {
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
    if (attributes->values[RD_KEY_TOTAL].type == RD_VALUE_UINT) {
        add(count, RD_COUNTER_DUTY_TOTAL, day)->sum = attributes->values[RD_KEY_TOTAL].integer;
        add(count, RD_COUNTER_DUTY_DONE, day)->sum = attributes->values[RD_KEY_DONE].integer;
    }
}

/* A case that was merged is the same matter again: it counts for nothing. */
static void count_case(struct count *count, struct work *work)
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
    }
    add_facts(count);
    add_clocks(count);
}

/* ---- what it counted for before ---- */

static void apply(struct engine *engine, const struct counted_row *of,
        const struct counted *counted, int64_t sum)
{
    struct counter_cell cell = {.counter = counted->counter, .sub = counted->sub, .sum = sum};
    struct counter_key key = {.unit = of->unit, .dim = counted->extra};
    if (sum == 0) {
        return;
    }
    if (counted->extra != RD_DIM_ALL) {
        key.value = counted->extra_value;
        counters_add(engine, &key, counted->day, &cell);
    }
    if (counted->extra == RD_DIM_OVERDUE) {
        return; /* no count of a day: it stands there for as long as the case is overdue */
    }
    key.dim = RD_DIM_ALL;
    key.value = 0;
    counters_add(engine, &key, counted->day, &cell);
    for (int dim = RD_DIM_CASE_FIRST; dim <= RD_DIM_CASE_LAST; dim++) {
        key.dim = (enum rd_dim)dim;
        key.value = of->values[dim];
        if (key.value != 0) {
            counters_add(engine, &key, counted->day, &cell);
        }
    }
}

static bool is_same(const struct counted *a, const struct counted *b)
{
    return a->counter == b->counter && a->sub == b->sub && a->day == b->day &&
           a->extra == b->extra && a->extra_value == b->extra_value;
}

/* Where the same thing stands in both only the difference is added. */
static bool apply_changes(
        struct engine *engine, const struct counted_row *before, const struct count *now)
{
    bool is_changed = before->counted_count != now->count;
    size_t kept = 0;
    while (kept < before->counted_count && kept < now->count &&
            is_same(&before->counted[kept], &now->at[kept])) {
        int64_t sum = now->at[kept].sum - before->counted[kept].sum;
        apply(engine, before, &now->at[kept], sum);
        is_changed = is_changed || sum != 0;
        kept++;
    }
    for (size_t i = kept; i < before->counted_count; i++) {
        apply(engine, before, &before->counted[i], -before->counted[i].sum);
        is_changed = true;
    }
    for (size_t i = kept; i < now->count; i++) {
        apply(engine, before, &now->at[i], now->at[i].sum);
        is_changed = true;
    }
    return is_changed;
}

static void take_back(struct engine *engine, struct counted_row *row)
{
    for (size_t i = 0; i < row->counted_count; i++) {
        apply(engine, row, &row->counted[i], -row->counted[i].sum);
    }
    row->counted_count = 0;
}

/* ---- what it is about ---- */

static uint32_t text_number(struct engine *engine, const struct rd_value *value)
{
    return value->bytes.len > 0 && value->type == RD_VALUE_STR ? name_number(engine, value->bytes)
                                                               : 0;
}

/* An age that was forgotten stays told. */
static bool is_elderly(const struct count *count, const struct rd_value *values)
{
    if (values[RD_KEY_AGE].type == RD_VALUE_UINT) {
        return values[RD_KEY_AGE].integer >= ELDERLY_AGE;
    }
    if (values[RD_KEY_BIRTH_YEAR].type == RD_VALUE_UINT) {
        int32_t year = rd_date_of(rd_calendar_day(count->calendar, count->row->received)).year;
        return year - values[RD_KEY_BIRTH_YEAR].integer >= ELDERLY_AGE;
    }
    return (count->of->flags & COUNTED_IS_ELDERLY) != 0;
}

static void read_attributes(
        struct count *count, const struct rd_value *values, struct counted_row *row)
{
    static const struct {
        enum rd_dim dim;
        enum rd_event_key key;
    } KEYS[] = {{RD_DIM_PRODUCT, RD_KEY_PRODUCT}, {RD_DIM_CHANNEL, RD_KEY_CHANNEL},
            {RD_DIM_SELLER, RD_KEY_SELLER}, {RD_DIM_ISSUE, RD_KEY_ISSUE},
            {RD_DIM_CAUSE, RD_KEY_CAUSE}, {RD_DIM_DUTY, RD_KEY_DUTY}};
    for (size_t i = 0; i < RD_COUNT(KEYS); i++) {
        row->values[KEYS[i].dim] = text_number(count->engine, &values[KEYS[i].key]);
    }
    bool is_valid = values[RD_KEY_VALID].type == RD_VALUE_BOOL && values[RD_KEY_VALID].integer != 0;
    row->flags = (uint8_t)((is_elderly(count, values) ? COUNTED_IS_ELDERLY : 0) |
                           (attributes_are_regulators(count->engine, values) ? COUNTED_IS_REGULATOR
                                                                             : 0) |
                           (is_valid ? COUNTED_IS_VALID : 0));
}

/* True: it counts elsewhere than before. */
static bool describe(struct count *count, struct work *work, struct counted_row *row)
{
    const struct case_row *c = work->row;
    struct counted_row before = *row;
    row->unit = c->respondent;
    if (work->are_attributes_dirty) {
        read_attributes(count, case_attributes(count->engine, work)->values, row);
    }
    if (c->config != 0 && (row->config != c->config || row->policy != c->policy)) {
        row->config = c->config;
        row->policy = c->policy;
        row->values[RD_DIM_POLICY] = name_number(count->engine, case_policy(work)->name);
    }
    return row->unit != before.unit || memcmp(row->values, before.values, sizeof row->values) != 0;
}

struct counted_row *figures_of(struct engine *engine, struct work *work)
{
    if (work->figures == NULL &&
            !counted_row_get(engine->view, work->row->number, &engine->arena, &work->figures)) {
        work->figures = counted_row_new(&engine->arena);
    }
    return work->figures;
}

static void save(struct engine *engine, struct work *work)
{
    struct counted room[COUNTED_MAX];
    struct counted_row *row = figures_of(engine, work);
    struct counted_row before = *row;
    struct count count = {.at = room,
            .engine = engine,
            .work = work,
            .row = work->row,
            .of = row,
            .calendar = unit_calendar(engine, work->row->respondent)};
    bool is_elsewhere = describe(&count, work, row);
    bool is_described = is_elsewhere || row->flags != before.flags ||
                        row->config != before.config || row->policy != before.policy ||
                        work->has_fact;
    if (is_elsewhere) {
        take_back(engine, &before);
        row->counted_count = 0;
    }
    count_case(&count, work);
    if (apply_changes(engine, row, &count) || is_described) {
        row->counted = count.at;
        row->counted_count = count.count;
        counted_row_put(engine->view, work->row->number, row);
        struct counted *kept = RD_ARENA_ARRAY(&engine->arena, struct counted, count.count);
        memcpy(kept, count.at, count.count * sizeof count.at[0]);
        row->counted = kept;
    }
    work->has_fact = false;
}

void figures_save(struct engine *engine)
{
    for (size_t i = 0; i < engine->work_count; i++) {
        struct work *work = engine->works[i];
        if (work->row->kind != CASE_CONTACT && (work->is_dirty || work->are_attributes_dirty)) {
            save(engine, work);
        }
    }
    counters_settle(engine);
}

void figures_count_of(
        struct engine *engine, uint32_t unit, rd_day day, const struct counter_cell *cell)
{
    counters_add(engine, &(struct counter_key){.dim = RD_DIM_ALL, .unit = unit}, day, cell);
}

void figures_count(
        struct engine *engine, uint32_t unit, rd_day day, enum rd_counter counter, int64_t sum)
{
    const struct counter_cell cell = {.counter = counter, .sum = sum};
    figures_count_of(engine, unit, day, &cell);
}
