#include "common/base/num.h"
#include "daemon/desk/fields.h"
#include "daemon/desk/report.h"
#include "daemon/store/rows/counted_row.h"
#include "daemon/store/rows/name_row.h"

/* What stands behind a cell of the report: the cases that count for it. */

struct behind {
    struct report_cell cell;
    struct rd_arena arena; /* of the row at work */
};

static bool is_of(const struct report_cell *cell, const struct counted *counted)
{
    const struct rd_figure_term *terms = cell->terms;
    bool is_set = cell->figure->way == RD_WAY_OVERDUE;
    uint32_t counted_as = tally_counter_of(cell->question, counted->counter, counted->day);
    for (size_t i = 0; i < RD_FIGURE_TERMS_MAX && terms[i].counter != RD_COUNTER_NONE; i++) {
        enum rd_counter counter =
                terms[i].counter == RD_COUNTER_PERSONS ? RD_COUNTER_SANCTIONED : terms[i].counter;
        bool is_any = is_set || terms[i].to == RD_FIGURE_ANY;
        if ((uint32_t)counter == counted_as &&
                (is_any || (counted->sub >= terms[i].from && counted->sub <= terms[i].to))) {
            return true;
        }
    }
    return false;
}

/* Of a figure that tells of the moment the working days over, else the day. What lies after today
 * does not count yet. */
static bool is_in_span(const struct report_cell *cell, const struct counted_row *row, rd_day day)
{
    if (day > cell->question->today) {
        return false;
    }
    if (cell->figure->way == RD_WAY_OVERDUE) {
        return tally_overdue_band(cell->question, row->unit, day) == figure_band(cell->figure);
    }
    return day >= cell->period.first && day <= cell->period.last;
}

/* A clock is a dimension of what was counted of it, not of the case. */
static bool is_in_group(const struct report_cell *cell, const struct counted_row *row,
        const struct counted *counted)
{
    const struct tally_question *question = cell->question;
    uint64_t group = 0;
    if (!tally_group_of(question, row->unit, counted->day, row->values, &group)) {
        return false;
    }
    if (question->by == BY_DIM && question->dim == counted->extra) {
        group = counted->extra_value;
    }
    return !cell->has_group || group == cell->group;
}

bool report_counts(
        const struct report_cell *cell, const struct counted_row *row, struct report_part *ret_part)
{
    bool is_found = false;
    *ret_part = (struct report_part){0};
    for (size_t i = 0; i < row->counted_count; i++) {
        const struct counted *counted = &row->counted[i];
        if (!is_of(cell, counted) || !is_in_span(cell, row, counted->day) ||
                !is_in_group(cell, row, counted)) {
            continue;
        }
        ret_part->sum = rd_sum(ret_part->sum, counted->sum);
        ret_part->day = counted->day;
        ret_part->sub = counted->sub;
        is_found = true;
    }
    return is_found;
}

static void pack_behind(struct behind *behind, uint64_t number, const struct counted_row *row,
        const struct report_part *part)
{
    struct method_call *call = behind->cell.question->call;
    struct attribute_row *attributes = RD_ARENA_ARRAY(&behind->arena, struct attribute_row, 1);
    struct fields fields = fields_begin(call->reply);
    char text[RD_DATE_TEXT_MAX];
    rd_day_format(part->day, text);
    field_uint(&fields, "case", number);
    if (attribute_row_get(call->view, number, &behind->arena, attributes)) {
        field_str(&fields, "subject", shown_subject(call, attributes));
    }
    field_str(&fields, "unit", name_text(call->view, row->unit));
    field_cstr(&fields, "date", text);
    if (behind->cell.figure->measure == RD_MEASURE_MONEY) {
        char money[RD_MONEY_TEXT_MAX];
        rd_money_format(part->sum, money);
        field_cstr(&fields, "amount", money);
        field_str(&fields, "currency", name_text(call->view, (uint32_t)part->sub));
    } else {
        field_int(&fields, "count", part->sum);
    }
    fields_end(&fields);
}

static bool read_group(struct behind *behind)
{
    const struct tally_question *question = behind->cell.question;
    struct method_call *call = question->call;
    struct rd_str group = param_str(call, "group");
    struct rd_period month;
    behind->cell.has_group = param_has(call, "group");
    if (!behind->cell.has_group) {
        return true;
    }
    if (question->by == BY_NOTHING) {
        return method_fail(call, "bad_params", "a group wants by");
    }
    if (!figure_has_groups(question, behind->cell.figure)) {
        return method_fail(call, "bad_params", "%s has no groups by %.*s",
                behind->cell.figure->code, RD_FMT(param_str(call, "by")));
    }
    if (group.len == 0) {
        return true;
    }
    if (question->by == BY_MONTH && rd_period_parse(group, &month) == 0) {
        behind->cell.group = (uint64_t)rd_month_of(month.first);
        return true;
    }
    behind->cell.group = name_find(call->view, group);
    if (!rd_str_eq(shown_value(call, (uint32_t)behind->cell.group), group)) {
        behind->cell.group = 0; /* whoever may not see it does not learn that it is there */
    }
    return behind->cell.group != 0 ||
           method_fail(call, "not_found", "there is no group %.*s", RD_FMT(group));
}

/* What is told of units, contracts and of contacts without a case stands behind no case. */
static bool has_cases(const struct rd_figure *figure)
{
    bool is_of_cases = rd_str_is(rd_str_of(figure->of), "respondent");
    for (size_t i = 0; i < RD_FIGURE_TERMS_MAX && !is_of_cases; i++) {
        is_of_cases = figure->measure == RD_MEASURE_COUNT &&
                      (figure->top[i].counter == RD_COUNTER_PREEMPTED ||
                              figure->top[i].counter == RD_COUNTER_RELAPSED ||
                              figure->top[i].counter == RD_COUNTER_TENDED);
    }
    return is_of_cases;
}

/* Names the question that lists what such a figure counts. */
static bool refuse_without(const struct tally_question *question, const struct rd_figure *figure,
        struct rd_period period)
{
    struct method_call *call = question->call;
    enum rd_counter counter = figure->top[0].counter;
    char from[RD_DATE_TEXT_MAX], to[RD_DATE_TEXT_MAX], until[RD_DATE_TEXT_MAX];
    rd_day_format(period.first, from);
    rd_day_format(period.last, to);
    rd_day_format(period.last + 1, until);
    if (counter == RD_COUNTER_NONE) {
        return method_fail(call, "bad_params",
                "%s counts no cases: ask for the figures that it is made of", figure->code);
    }
    if (counter >= RD_COUNTER_SCREENED && counter <= RD_COUNTER_CLEARED) {
        return method_fail(call, "bad_params",
                "%s counts contracts: redressctl contracts --unit %.*s (contract.list)",
                figure->code, RD_FMT(question->unit));
    }
    if (counter >= RD_COUNTER_REPORTS_OWED && counter <= RD_COUNTER_REPORTS_LATE) {
        return method_fail(call, "bad_params",
                "%s counts days of units: redressctl report --from %s --to %s --unit %.*s --by "
                "respondent --figure %s",
                figure->code, from, to, RD_FMT(question->unit), figure->code);
    }
    return method_fail(call, "bad_params",
            "%s counts contacts: redressctl contacts --since %s --until %s --unit %.*s "
            "(contact.list)",
            figure->code, from, until, RD_FMT(question->unit));
}

bool report_cases(const struct tally_question *question, struct rd_period period)
{
    enum { ROW_BYTES_MAX = 4 * 1024 * 1024 };
    struct method_call *call = question->call;
    const struct rd_figure *figure = rd_figure_find(param_str(call, "cases"));
    struct behind behind = {.cell = {.question = question,
                                    .period = period,
                                    .figure = figure,
                                    .terms = figure->top}};
    struct rows rows;
    if (!has_cases(figure)) {
        return refuse_without(question, figure, period);
    }
    if (!read_group(&behind) || !rows_begin(call, &rows)) {
        return false;
    }
    rd_arena_init(&behind.arena, ROW_BYTES_MAX);
    uint64_t number = param_uint(call, "after"), looked = 0, next = 0;
    while ((number = counted_row_after(call->view, number)) != 0) {
        struct counted_row *row;
        struct report_part part;
        rd_arena_reset(&behind.arena);
        if (counted_row_get(call->view, number, &behind.arena, &row) &&
                report_counts(&behind.cell, row, &part)) {
            pack_behind(&behind, number, row, &part);
            rows.count++;
        }
        if (rows_are_full(&rows) || ++looked == DESK_SCAN_MAX) {
            next = number;
            break;
        }
    }
    rd_arena_done(&behind.arena);
    rows_end(call, &rows, next);
    return true;
}
