#include "daemon/desk/figure.h"

#include "common/base/hist.h"
#include "common/base/num.h"
#include "daemon/desk/given.h"
#include "daemon/store/rows/name_row.h"

enum { TEN_THOUSAND = 10000, HUNDRED = 100, MEDIAN_BP = 5000, P90_BP = 9000 };

static int64_t sum_of(const struct sums *sums, const struct rd_figure_term *terms)
{
    int64_t sum = 0;
    for (size_t i = 0; i < RD_FIGURE_TERMS_MAX && terms[i].counter != RD_COUNTER_NONE; i++) {
        sum = rd_sum(sum, sums_of(sums, &terms[i]));
    }
    return sum;
}

/* top × scale / bottom, halves away from nothing, for sums of any size; bottom is above 0. */
static int64_t scaled(int64_t top, int64_t scale, int64_t bottom)
{
    __int128 product = (__int128)top * scale, half = bottom / 2;
    __int128 quotient = (product >= 0 ? product + half : product - half) / bottom;
    return quotient > INT64_MAX ? INT64_MAX : quotient < INT64_MIN ? INT64_MIN : (int64_t)quotient;
}

static struct figure_value of_span(
        const struct sums *sums, const struct rd_figure_term *term, uint32_t share_bp)
{
    struct rd_hist hist = {0}; /* one a group and figure: not of the answer's memory */
    for (size_t i = 0; i < sums->room; i++) {
        const struct counter_cell *cell = &sums->at[i];
        if (cell->counter == (uint32_t)term->counter && cell->sum > 0 &&
                cell->sub < RD_HIST_BUCKETS) {
            rd_hist_add(&hist, (size_t)cell->sub, (uint64_t)cell->sum);
        }
    }
    return (struct figure_value){
            .has = hist.count > 0, .value = (int64_t)rd_hist_percentile(&hist, share_bp)};
}

static bool is_term(const struct rd_figure *figure, uint32_t counter)
{
    for (size_t i = 0; i < RD_FIGURE_TERMS_MAX; i++) {
        if (counter != RD_COUNTER_NONE && (uint32_t)figure->top[i].counter == counter) {
            return true;
        }
    }
    return false;
}

/* In the order of the currencies' numbers. */
static struct figure_value of_money(const struct sums *sums, const struct rd_figure *figure)
{
    struct figure_value value = {.has = true};
    for (size_t i = 0; i < sums->room; i++) {
        const struct counter_cell *cell = &sums->at[i];
        size_t at = 0;
        if (!is_term(figure, cell->counter) || cell->sum == 0) {
            continue;
        }
        while (at < value.currency_count && value.money[at].currency < cell->sub) {
            at++;
        }
        if (at == value.currency_count || value.money[at].currency != cell->sub) {
            if (value.currency_count == CURRENCIES_MAX) {
                continue;
            }
            for (size_t k = value.currency_count++; k > at; k--) {
                value.money[k] = value.money[k - 1];
            }
            value.money[at].currency = (uint32_t)cell->sub;
            value.money[at].amount = 0;
        }
        value.money[at].amount = rd_sum(value.money[at].amount, cell->sum);
    }
    value.value = value.currency_count > 0 ? value.money[0].amount : 0;
    return value;
}

static struct figure_value of_sums(const struct sums *sums, const struct rd_figure *figure)
{
    struct figure_value value = {.has = true, .top = sum_of(sums, figure->top)};
    if (figure->measure == RD_MEASURE_MONEY) {
        return of_money(sums, figure);
    }
    if (figure->measure != RD_MEASURE_SHARE) {
        value.value = value.top;
        return value;
    }
    value.bottom = sum_of(sums, figure->bottom);
    value.has = value.bottom > 0;
    value.value = value.has ? scaled(value.top, TEN_THOUSAND, value.bottom) : 0;
    return value;
}

static struct figure_value of_given(const struct tally_question *question,
        const struct rd_figure *figure, const struct tally *tally, const struct tally_group *group)
{
    bool is_of_unit = question->by == BY_UNIT || question->by == BY_RESPONDENT;
    bool is_total = group == &tally->total;
    uint32_t unit = is_total     ? name_find(question->call->view, question->unit)
                    : is_of_unit ? (uint32_t)group->key
                                 : 0;
    struct given given = {0};
    if (is_total || is_of_unit) {
        given = given_find(
                question->call, rd_str_of(figure->code), "denominator", tally->period, unit);
    }
    struct figure_value value = {
            .has = given.has && given.value > 0, .top = sum_of(&group->sums, figure->top)};
    value.bottom = given.value;
    value.value = value.has ? scaled(value.top, TEN_THOUSAND * HUNDRED * HUNDRED, given.value) : 0;
    return value;
}

/* The set of roles as bits. */
static uint32_t roles_of(const struct rd_figure_term *term)
{
    uint32_t set = 0;
    for (uint32_t role = term->from; role <= term->to && role < 4; role++) {
        set |= 1U << role;
    }
    return set;
}

size_t figure_band(const struct rd_figure *figure)
{
    uint32_t from = figure->top[0].from;
    return from == 0 ? 0 : from <= 2 ? 1 : from <= 6 ? 2 : 3;
}

static struct figure_value of_overdue(
        const struct tally_group *group, const struct rd_figure *figure)
{
    return (struct figure_value){
            .has = true, .value = (int64_t)group->overdue[figure_band(figure)]};
}

bool figure_has_groups(const struct tally_question *question, const struct rd_figure *figure)
{
    bool is_of_cases = rd_str_is(rd_str_of(figure->of), "respondent");
    bool is_of_the_moment = figure->way == RD_WAY_OVERDUE;
    return question->by == BY_DIM
                   ? is_of_cases && figure->way != RD_WAY_PERSONS && !is_of_the_moment
                   : question->by != BY_MONTH || !is_of_the_moment;
}

struct figure_value figure_of(const struct tally_question *question, const struct rd_figure *figure,
        const struct tally *tally, const struct tally_group *group)
{
    bool is_total = group == &tally->total;
    struct figure_value none = {0};
    if (!is_total && !figure_has_groups(question, figure)) {
        return none;
    }
    switch (figure->way) {
    case RD_WAY_SUM:
        return of_sums(&group->sums, figure);
    case RD_WAY_MEDIAN:
        return of_span(&group->sums, &figure->top[0], MEDIAN_BP);
    case RD_WAY_P90:
        return of_span(&group->sums, &figure->top[0], P90_BP);
    case RD_WAY_PERSONS:
        return (struct figure_value){
                .has = true, .value = (int64_t)group->persons[roles_of(&figure->top[0])]};
    case RD_WAY_OVERDUE:
        return of_overdue(group, figure);
    case RD_WAY_GIVEN:
        return of_given(question, figure, tally, group);
    case RD_WAY_APPRAISAL:
        return none; /* of all units together: appraisal.c */
    }
    RD_UNREACHABLE("a way");
}

bool figure_change(const struct rd_figure *figure, const struct figure_value *now,
        const struct figure_value *before, int64_t *ret_change)
{
    uint32_t currency = now->money[0].currency, other = before->money[0].currency;
    bool is_other_money = now->currency_count == 1 && before->currency_count == 1 &&
                          currency != other && other != 0; /* what was given has none */
    if (!now->has || !before->has || now->currency_count > 1 || before->currency_count > 1 ||
            is_other_money) {
        return false;
    }
    if (figure->measure == RD_MEASURE_SHARE) {
        *ret_change = now->value - before->value;
        return true;
    }
    if (before->value <= 0) {
        return false;
    }
    *ret_change = scaled(rd_less(now->value, before->value), TEN_THOUSAND, before->value);
    return true;
}
