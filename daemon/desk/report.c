#include "daemon/desk/report.h"

#include "common/base/num.h"
#include "daemon/desk/appraisal.h"
#include "daemon/desk/fields.h"
#include "daemon/desk/given.h"
#include "daemon/store/rows/name_row.h"

/* report, figures: what a manager steers by. */

bool report_is_chinese(const struct method_call *call)
{
    struct rd_str lang = param_str(call, "lang");
    return rd_str_is(lang.len > 0 ? lang : call->plan->language, "zh-CN");
}

static bool report_names(const struct method_call *call, struct rd_str code)
{
    rd_node node = rd_node_find(call->params, "figure");
    bool is_list = rd_node_type(node) == RD_NODE_ARRAY;
    size_t count = !param_has(call, "figure") ? 0 : is_list ? rd_node_count(node) : 1;
    for (size_t i = 0; i < count; i++) {
        if (rd_str_eq(rd_node_str(is_list ? rd_node_at(node, (uint32_t)i) : node), code)) {
            return true;
        }
    }
    return count == 0;
}

bool report_is_asked(const struct method_call *call, const struct rd_figure *figure)
{
    return report_names(call, rd_str_of(figure->code));
}

/* ---- values ---- */

static void pack_value(
        struct method_call *call, const struct rd_figure *figure, const struct figure_value *value)
{
    struct rd_buf *buf = call->reply;
    if (!value->has) {
        rd_pack_nil(buf);
        return;
    }
    if (figure->measure != RD_MEASURE_MONEY) {
        rd_pack_int(buf, value->value);
        return;
    }
    rd_pack_map(buf, (uint32_t)value->currency_count);
    for (size_t i = 0; i < value->currency_count; i++) {
        char text[RD_MONEY_TEXT_MAX];
        rd_money_format(value->money[i].amount, text);
        rd_pack_str(buf, name_text(call->view, value->money[i].currency));
        rd_pack_cstr(buf, text);
    }
}

void report_field_value(struct method_call *call, struct fields *fields, const char *key,
        const struct rd_figure *figure, const struct figure_value *value)
{
    field_key(fields, key);
    pack_value(call, figure, value);
}

struct report {
    struct tally_question question;
    struct tally now, before, year_before;
    bool is_so_far;     /* the span is not over */
    bool has_not_begun; /* there is nothing of it to compare */
    uint32_t unit;      /* name number of the one asked for */
};

/* What was given for the span stands before what was counted in it. */
static struct figure_value base_of(
        const struct report *report, const struct rd_figure *figure, const struct tally *tally)
{
    struct given given = given_find(
            report->question.call, rd_str_of(figure->code), "base", tally->period, report->unit);
    struct figure_value none = {0};
    if (figure->way == RD_WAY_OVERDUE) {
        return none; /* of the moment: no other span has any */
    }
    if (!given.has) {
        return tally->has_data && !report->has_not_begun
                       ? figure_of(&report->question, figure, tally, &tally->total)
                       : none;
    }
    bool is_money = figure->measure == RD_MEASURE_MONEY || figure->measure == RD_MEASURE_PER_10K ||
                    figure->measure == RD_MEASURE_POINTS;
    struct figure_value value = {.has = true,
            .value = is_money ? given.value : given.value / 100,
            .currency_count = figure->measure == RD_MEASURE_MONEY ? 1 : 0};
    value.money[0].amount = given.value;
    return value;
}

static void pack_change(const struct report *report, struct fields *fields, const char *key,
        const struct rd_figure *figure, const struct figure_value *now,
        const struct figure_value *before)
{
    int64_t change;
    field_key(fields, key);
    if (!report->has_not_begun && figure_change(figure, now, before, &change)) {
        rd_pack_int(fields->buf, change);
    } else {
        rd_pack_nil(fields->buf);
    }
}

static void field_given(struct fields *fields, const char *key, struct given given)
{
    char text[RD_MONEY_TEXT_MAX];
    if (given.has) {
        rd_money_format(given.value, text);
        field_cstr(fields, key, text);
    }
}

static const char *const USES[] = {"base", "target", "denominator", "rank"};

static void pack_given(const struct report *report, struct fields *fields, struct rd_str code)
{
    struct method_call *call = report->question.call;
    for (size_t i = 0; i < RD_COUNT(USES); i++) {
        field_given(
                fields, USES[i], given_find(call, code, USES[i], report->now.period, report->unit));
    }
    struct given before = given_find(call, code, "rank", report->year_before.period, report->unit);
    field_given(fields, "rank_before", before);
}

static void pack_figure(const struct report *report, const struct rd_figure *figure)
{
    struct method_call *call = report->question.call;
    struct fields fields = fields_begin(call->reply);
    struct figure_value now =
            figure_of(&report->question, figure, &report->now, &report->now.total);
    struct figure_value before = base_of(report, figure, &report->before);
    struct figure_value year = base_of(report, figure, &report->year_before);
    field_cstr(&fields, "figure", figure->code);
    field_cstr(&fields, "name", report_is_chinese(call) ? figure->name_zh : figure->name_en);
    field_cstr(&fields, "measure", rd_measure_name(figure->measure));
    report_field_value(call, &fields, "value", figure, &now);
    if (figure->measure == RD_MEASURE_SHARE) {
        field_int(&fields, "top", now.top);
        field_int(&fields, "bottom", now.bottom);
    }
    report_field_value(call, &fields, "before", figure, &before);
    pack_change(report, &fields, "change", figure, &now, &before);
    report_field_value(call, &fields, "year_before", figure, &year);
    pack_change(report, &fields, "change_year", figure, &now, &year);
    pack_given(report, &fields, rd_str_of(figure->code));
    fields_end(&fields);
}

/* What was given under a code of the firm's own: a rank, a premium. False: nothing for this span,
 * and it is not asked for. */
static bool pack_foreign(const struct report *report, struct rd_str code)
{
    struct method_call *call = report->question.call;
    bool has_any = given_find(call, code, "rank", report->year_before.period, report->unit).has;
    for (size_t i = 0; i < RD_COUNT(USES); i++) {
        has_any = has_any || given_find(call, code, USES[i], report->now.period, report->unit).has;
    }
    if (!has_any && !param_has(call, "figure")) {
        return false;
    }
    struct fields fields = fields_begin(report->question.call->reply);
    field_str(&fields, "figure", code);
    field_str(&fields, "name", code);
    field_cstr(&fields, "measure", "given");
    pack_given(report, &fields, code);
    fields_end(&fields);
    return true;
}

static void pack_figures(const struct report *report)
{
    struct method_call *call = report->question.call;
    const struct rd_figure *figure;
    uint32_t count = 0;
    rd_pack_cstr(call->reply, "figures");
    size_t mark = rd_pack_array_begin(call->reply);
    for (size_t i = 0; (figure = rd_figure_at(i)) != NULL; i++) {
        if (report_is_asked(call, figure)) {
            pack_figure(report, figure);
            count++;
        }
    }
    struct rd_str code = {0};
    while ((code = given_next(call, code)).len > 0) {
        if (rd_figure_find(code) == NULL && report_names(call, code)) {
            count += pack_foreign(report, code);
        }
    }
    rd_pack_array_end(call->reply, mark, count);
}

/* ---- groups ---- */

static void pack_values(const struct report *report, struct fields *fields,
        const struct tally_group *group, const struct appraised *appraised)
{
    struct method_call *call = report->question.call;
    const struct rd_figure *figure;
    field_key(fields, "values");
    struct fields values = fields_begin(call->reply);
    for (size_t i = 0; (figure = rd_figure_at(i)) != NULL; i++) {
        if (!report_is_asked(call, figure)) {
            continue;
        }
        struct figure_value value = figure_of(&report->question, figure, &report->now, group);
        if (figure->way == RD_WAY_APPRAISAL && appraised != NULL && appraised->rank > 0) {
            value = (struct figure_value){.has = true, .value = appraised->points};
        }
        report_field_value(call, &values, figure->code, figure, &value);
    }
    fields_end(&values);
}

/* Figures of which more is better and of which the unit has none yet. */
static void pack_zeros(
        const struct report *report, struct fields *fields, const struct tally_group *group)
{
    struct method_call *call = report->question.call;
    const struct rd_figure *figure;
    uint32_t count = 0;
    field_key(fields, "at_zero");
    size_t mark = rd_pack_array_begin(call->reply);
    for (size_t i = 0; (figure = rd_figure_at(i)) != NULL; i++) {
        bool counts = figure->measure == RD_MEASURE_COUNT && figure->direction > 0 &&
                      figure->way == RD_WAY_SUM;
        if (counts && report_is_asked(call, figure) &&
                figure_of(&report->question, figure, &report->now, group).value == 0) {
            rd_pack_cstr(call->reply, figure->code);
            count++;
        }
    }
    rd_pack_array_end(call->reply, mark, count);
}

static void pack_group(const struct report *report, const struct tally_group *group,
        const struct appraised *appraised, uint32_t rank_before)
{
    struct method_call *call = report->question.call;
    bool is_of_units = report->question.by == BY_UNIT || report->question.by == BY_RESPONDENT;
    struct fields fields = fields_begin(call->reply);
    field_str(&fields, "group", group->name);
    struct rd_str name = group_name(&report->question, group->name);
    if (name.len > 0) {
        field_str(&fields, "name", name);
    }
    if (group->is_gone) {
        field_bool(&fields, "gone", true);
    }
    if (appraised != NULL) {
        field_bool(&fields, "small", appraised->is_small);
        if (appraised->rank > 0) {
            field_uint(&fields, "rank", appraised->rank);
            field_bool(&fields, "last", appraised->is_last);
        }
        if (appraised->rank > 0 && rank_before > 0) {
            field_uint(&fields, "rank_before", rank_before);
        }
    }
    pack_values(report, &fields, group, appraised);
    if (is_of_units) {
        pack_zeros(report, &fields, group);
    }
    fields_end(&fields);
}

static void pack_groups(struct report *report)
{
    struct method_call *call = report->question.call;
    struct appraised *now = appraise(&report->question, &report->now);
    struct appraised *before = now != NULL ? appraise(&report->question, &report->before) : NULL;
    rd_pack_cstr(call->reply, "rows");
    size_t mark = rd_pack_array_begin(call->reply);
    for (size_t i = 0; i < report->now.count; i++) {
        const struct tally_group *group = &report->now.groups[i];
        const struct tally_group *then = tally_find(&report->before, group->key);
        bool has_rank = now != NULL && before != NULL && then != NULL && report->before.has_data;
        pack_group(report, group, now != NULL ? &now[i] : NULL,
                has_rank ? before[then - report->before.groups].rank : 0);
    }
    rd_pack_array_end(call->reply, mark, (uint32_t)report->now.count);
}

/* ---- the answers ---- */

static void pack_day(struct fields *fields, const char *key, rd_day day)
{
    char text[RD_DATE_TEXT_MAX];
    rd_day_format(day, text);
    field_cstr(fields, key, text);
}

void report_pack_head(
        struct fields *fields, const struct tally_question *question, struct rd_period period)
{
    char text[RD_PERIOD_TEXT_MAX];
    rd_period_format(period, text);
    pack_day(fields, "from", period.first);
    pack_day(fields, "to", period.last);
    field_cstr(fields, "period", text);
    field_unit_path(question->call, fields, question->unit);
}

static bool is_given(struct method_call *call, struct rd_str code)
{
    struct rd_str given = {0};
    while ((given = given_next(call, given)).len > 0 && !rd_str_eq(given, code)) {
    }
    return given.len > 0;
}

bool report_check_figures(struct method_call *call, const char *key)
{
    bool takes_given = rd_str_is(rd_str_of(key), "figure"); /* behind those stand no cases */
    rd_node node = rd_node_find(call->params, key);
    bool is_list = rd_node_type(node) == RD_NODE_ARRAY;
    size_t count = !param_has(call, key) ? 0 : is_list ? rd_node_count(node) : 1;
    for (size_t i = 0; i < count; i++) {
        struct rd_str code = rd_node_str(is_list ? rd_node_at(node, (uint32_t)i) : node);
        const struct rd_figure *figure;
        struct rd_nearest nearest = rd_nearest_of(code);
        for (size_t k = 0; (figure = rd_figure_at(k)) != NULL; k++) {
            rd_nearest_try(&nearest, rd_str_of(figure->code));
        }
        if (rd_figure_find(code) == NULL && !(takes_given && is_given(call, code))) {
            return param_refuse(call, "there is no figure", &nearest);
        }
    }
    return true;
}

/* A span that is not over is compared with as much of the others as has come of it, one that has
 * not begun with nothing; what was given for one of them was given for the whole. */
static void read_tallies(struct report *report, struct rd_period period)
{
    const struct tally_question *question = &report->question;
    struct rd_period before = rd_period_before(period), year = rd_period_year_before(period);
    struct rd_period before_so_far = before, year_so_far = year;
    report->has_not_begun = period.first > question->today;
    report->is_so_far = !report->has_not_begun && period.last > question->today;
    if (report->is_so_far) {
        struct rd_period so_far = {period.first, question->today};
        year_so_far = rd_period_year_before(so_far);
        rd_day last = before.first + (so_far.last - so_far.first);
        before_so_far.last = before.first == year.first ? year_so_far.last
                             : last < before.last       ? last
                                                        : before.last;
    }
    struct tally_question other = *question;
    other.is_of_other_span = true;
    tally_read(question, period, &report->now);
    tally_read(&other, before_so_far, &report->before);
    tally_read(&other, year_so_far, &report->year_before);
    report->before.period = before;
    report->year_before.period = year;
}

bool report_answer(struct method_call *call)
{
    struct report *report = RD_ARENA_ARRAY(call->arena, struct report, 1);
    struct rd_period period;
    if (param_has(call, "as_of") && !method_go_back(call, param_time(call, "as_of"))) {
        return false;
    }
    if (!report_question(call, &report->question, &period) ||
            !report_check_figures(call, "figure") || !report_check_figures(call, "cases")) {
        return false;
    }
    if (param_has(call, "cases")) {
        return report_cases(&report->question, period);
    }
    if (param_has(call, "group")) {
        return method_fail(call, "bad_params", "group is of cases: ask for cases, by and group");
    }
    report->unit = name_find(call->view, report->question.unit);
    read_tallies(report, period);
    if (report->now.is_over || report->before.is_over || report->year_before.is_over) {
        return method_fail(call, "bad_params",
                "too much for one answer: ask for a shorter span, for a unit, or by something "
                "else");
    }
    size_t mark = method_begin(call);
    struct fields fields = {.buf = call->reply};
    report_pack_head(&fields, &report->question, period);
    if (report->is_so_far) {
        pack_day(&fields, "so_far", report->question.today);
    }
    if (report->has_not_begun) {
        field_bool(&fields, "not_begun", true);
    }
    pack_figures(report);
    fields.pairs++;
    if (report->question.by != BY_NOTHING) {
        field_str(&fields, "by", param_str(call, "by"));
        pack_groups(report);
        fields.pairs++;
    }
    method_end(call, mark, fields.pairs);
    return true;
}

bool figures_answer(struct method_call *call)
{
    const struct rd_figure *figure;
    struct rows rows;
    bool is_zh = report_is_chinese(call);
    if (!report_check_figures(call, "figure") || !rows_begin(call, &rows)) {
        return false;
    }
    for (size_t i = (size_t)param_uint(call, "after"); (figure = rd_figure_at(i)) != NULL; i++) {
        if (!report_is_asked(call, figure)) {
            continue;
        }
        if (rows_are_full(&rows)) {
            rows_end(call, &rows, i);
            return true;
        }
        struct fields fields = fields_begin(call->reply);
        field_cstr(&fields, "figure", figure->code);
        field_cstr(&fields, "name", is_zh ? figure->name_zh : figure->name_en);
        field_cstr(&fields, "means", is_zh ? figure->means_zh : figure->means_en);
        if (figure->formula != NULL) {
            field_cstr(&fields, "formula", rd_figure_formula(figure, is_zh));
        }
        field_cstr(&fields, "date", rd_figure_day(figure, is_zh));
        field_cstr(&fields, "of", figure->of);
        field_cstr(&fields, "measure", rd_measure_name(figure->measure));
        field_int(&fields, "direction", figure->direction);
        fields_end(&fields);
        rows.count++;
    }
    rows_end(call, &rows, 0);
    return true;
}
