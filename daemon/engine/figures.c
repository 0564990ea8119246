#include "daemon/engine/figures.h"

#include <string.h>

#include "common/base/num.h"
#include "common/text/mask.h"
#include "common/wire/event_table.h"
#include "daemon/engine/attributes.h"
#include "daemon/engine/cases.h"
#include "daemon/engine/counters.h"
#include "daemon/engine/figures_case.h"
#include "daemon/engine/names.h"
#include "daemon/engine/units.h"
#include "daemon/store/rows/name_row.h"

enum { ELDERLY_AGE = 60 };

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
        return; /* not a count by day: it holds for as long as the case is overdue */
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
        int64_t sum = rd_less(now->at[kept].sum, before->counted[kept].sum);
        apply(engine, before, &now->at[kept], sum);
        is_changed = is_changed || sum != 0;
        kept++;
    }
    for (size_t i = kept; i < before->counted_count; i++) {
        apply(engine, before, &before->counted[i], rd_less(0, before->counted[i].sum));
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
        apply(engine, row, &row->counted[i], rd_less(0, row->counted[i].sum));
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
    const struct rd_hidden held = rd_hidden_of(RD_HIDE_VALUES, values);
    for (size_t i = 0; i < RD_COUNT(KEYS); i++) {
        uint32_t number = text_number(count->engine, &values[KEYS[i].key]);
        unsigned marks = number != 0 ? rd_mask_held(values[KEYS[i].key].bytes, &held) : 0;
        row->values[KEYS[i].dim] = number;
        if (marks != 0) {
            name_mark(count->engine->view, number, marks);
        }
    }
    bool is_valid = values[RD_KEY_VALID].type == RD_VALUE_BOOL && values[RD_KEY_VALID].integer != 0;
    row->flags =
            (uint8_t)((is_elderly(count, values) ? COUNTED_IS_ELDERLY : 0) |
                      (attributes_are_regulators(count->engine->plan, values) ? COUNTED_IS_REGULATOR
                                                                              : 0) |
                      (is_valid ? COUNTED_IS_VALID : 0) | (row->flags & COUNTED_WAS_DEFUSED));
}

/* Where the case counts: a contact at the unit that heard it first, so that no unit loses it by a
 * transfer. */
static uint32_t unit_of(const struct case_row *row)
{
    return row->kind == CASE_CONTACT ? row->first_unit : row->respondent;
}

/* True: it counts elsewhere than before. */
static bool describe(struct count *count, struct work *work, struct counted_row *row)
{
    const struct case_row *c = work->row;
    struct counted_row before = *row;
    row->unit = unit_of(c);
    row->flags = (uint8_t)(row->flags | (c->was_defused ? COUNTED_WAS_DEFUSED : 0));
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
            .calendar = unit_calendar(engine, unit_of(work->row))};
    bool is_elsewhere = describe(&count, work, row);
    bool is_described = is_elsewhere || row->flags != before.flags ||
                        row->config != before.config || row->policy != before.policy ||
                        work->has_fact;
    if (is_elsewhere) {
        take_back(engine, &before);
        row->counted_count = 0;
    }
    figures_count_case(&count, work);
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
        if (work->is_dirty || work->are_attributes_dirty) {
            save(engine, work);
        }
    }
    counters_settle(engine);
}

void engine_recount(struct engine *engine, uint64_t number)
{
    rd_arena_reset(&engine->arena);
    engine->work_count = 0;
    engine->now = (struct instant){engine->counters.wall, engine->counters.steady};
    struct work *work = case_open(engine, number);
    if (work != NULL) {
        save(engine, work);
        counters_settle(engine);
    }
    engine->work_count = 0;
}

/* The customer of a contact that is over complained after all. */
void figures_complained(struct engine *engine, uint64_t number)
{
    static const struct {
        enum rd_counter before, after;
    } AFTER[] = {{RD_COUNTER_PREEMPTED, RD_COUNTER_COMPLAINED_ACTED},
            {RD_COUNTER_TENDED, RD_COUNTER_COMPLAINED_ACTED},
            {RD_COUNTER_QUIET, RD_COUNTER_COMPLAINED_IDLE}};
    struct counted_row *row;
    if (!counted_row_get(engine->view, number, &engine->arena, &row)) {
        return;
    }
    for (size_t i = 0; i < row->counted_count * RD_COUNT(AFTER); i++) {
        struct counted *counted = &row->counted[i / RD_COUNT(AFTER)];
        enum rd_counter after = AFTER[i % RD_COUNT(AFTER)].after;
        if (counted->counter == (uint32_t)AFTER[i % RD_COUNT(AFTER)].before) {
            apply(engine, row, counted, -1);
            bool is_relapse = (row->flags & COUNTED_WAS_DEFUSED) != 0;
            counted->counter = (uint32_t)(is_relapse ? RD_COUNTER_RELAPSED : after);
            apply(engine, row, counted, 1);
        }
    }
    counted_row_put(engine->view, number, row);
}
