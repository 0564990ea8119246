#include "daemon/desk/report.h"

#include "common/base/num.h"
#include "daemon/desk/appraisal.h"
#include "daemon/desk/fields.h"
#include "daemon/desk/given.h"
#include "daemon/store/rows/name_row.h"

/* report, figures: what a manager steers by. */

/* ---- what is asked ---- */

/* So far that the longest span has one before it that the calendar knows. */
enum { YEAR_FIRST = 1900, YEAR_LAST = 2999 };

static bool fail_reach(struct method_call *call)
{
    return method_fail(
            call, "bad_params", "a report is of days from %d to %d", YEAR_FIRST, YEAR_LAST);
}

static bool read_period(
        struct method_call *call, const char *key, rd_day today, struct rd_period *ret_period)
{
    struct rd_str text = param_str(call, key);
    struct rd_period year = {today, today};
    if (text.len == 0) {
        char room[RD_DATE_TEXT_MAX];
        rd_day_format(today, room);
        if (rd_period_parse((struct rd_str){room, 4}, &year) < 0) {
            return fail_reach(call); /* time that comes from events may stand anywhere */
        }
        *ret_period = (struct rd_period){year.first, today};
        return true;
    }
    return rd_period_parse(text, ret_period) == 0 ||
           method_fail(call, "bad_params",
                   "%s is a day, week, month, quarter, half or year: 2021-09-08, 2021-W36, "
                   "2021-09, 2021-Q3, 2021-H2 or 2021",
                   key);
}

/* The first day of `from` to the last one of `to`, which is that of `from` where it is absent. */
static bool read_span(struct method_call *call, rd_day today, struct rd_period *ret_period)
{
    struct rd_period to;
    if (!read_period(call, "from", today, ret_period) || !read_period(call, "to", today, &to)) {
        return false;
    }
    if (param_has(call, "to")) {
        ret_period->last = to.last;
        ret_period->first = param_has(call, "from") ? ret_period->first : to.first;
    }
    if (rd_date_of(ret_period->first).year < YEAR_FIRST ||
            rd_date_of(ret_period->last).year > YEAR_LAST) {
        return fail_reach(call);
    }
    return ret_period->first <= ret_period->last ||
           method_fail(call, "bad_params", "to lies before from");
}

static bool read_by(struct method_call *call, struct tally_question *question)
{
    static const struct {
        const char *name;
        enum tally_by by;
    } NAMES[] = {{"unit", BY_UNIT}, {"respondent", BY_RESPONDENT}, {"month", BY_MONTH}};
    struct rd_str by = param_str(call, "by");
    if (by.len == 0) {
        return true;
    }
    for (size_t i = 0; i < RD_COUNT(NAMES); i++) {
        if (rd_str_is(by, NAMES[i].name)) {
            question->by = NAMES[i].by;
            return true;
        }
    }
    for (int dim = RD_DIM_CASE_FIRST; dim <= RD_DIM_CLOCK; dim++) {
        if (rd_str_is(by, rd_dim_name((enum rd_dim)dim))) {
            question->by = BY_DIM;
            question->dim = (enum rd_dim)dim;
            return true;
        }
    }
    return method_fail(call, "bad_params",
            "by is unit, respondent, product, channel, seller, issue, cause, policy, duty, clock "
            "or month");
}

/* The last checkpoint's; before the first one the daemon's own. */
static rd_time report_wall(const struct method_call *call)
{
    bool has_kept = call->counts.wall != RD_TIME_NONE && call->counts.wall != RD_TIME_MIN;
    return has_kept ? call->counts.wall : call->live->wall;
}

bool report_question(
        struct method_call *call, struct tally_question *ret_question, struct rd_period *ret_period)
{
    rd_time wall = report_wall(call);
    if (wall == RD_TIME_NONE || wall == RD_TIME_MIN) {
        return method_fail(call, "not_yet", "time comes from events, and none has come yet");
    }
    const struct rd_plan_unit *root = &call->plan->units[0];
    struct rd_str unit = param_str(call, "unit");
    while (unit.len > 0 && unit.ptr[unit.len - 1] == '/') {
        unit.len--;
    }
    const struct rd_calendar *calendar = &call->plan->calendars[root->calendar];
    rd_time followed = wall - call->plan->assessment.follow_up_us;
    *ret_question = (struct tally_question){.call = call,
            .unit = unit.len > 0 ? unit : root->path,
            .followed = rd_calendar_day(calendar, followed),
            .today = rd_calendar_day(calendar, wall)};
    return read_by(call, ret_question) && read_span(call, ret_question->today, ret_period);
}

bool report_is_chinese(const struct method_call *call)
{
    struct rd_str lang = param_str(call, "lang");
    return rd_str_is(lang.len > 0 ? lang : call->plan->language, "zh-CN");
}

bool report_is_asked(const struct method_call *call, const struct rd_figure *figure)
{
    rd_node node = rd_node_find(call->params, "figure");
    bool is_list = rd_node_type(node) == RD_NODE_ARRAY;
    size_t count = !param_has(call, "figure") ? 0 : is_list ? rd_node_count(node) : 1;
    for (size_t i = 0; i < count; i++) {
        if (rd_str_is(rd_node_str(is_list ? rd_node_at(node, (uint32_t)i) : node), figure->code)) {
            return true;
        }
    }
    return count == 0;
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
    uint32_t unit; /* name number of the one asked for */
};

/* What was given for the span stands before what was counted in it. */
static struct figure_value base_of(
        const struct report *report, const struct rd_figure *figure, const struct tally *tally)
{
    struct given given = given_find(
            report->question.call, rd_str_of(figure->code), "base", tally->period, report->unit);
    struct figure_value none = {0};
    if (!given.has) {
        return tally->has_data ? figure_of(&report->question, figure, tally, &tally->total) : none;
    }
    bool is_money = figure->measure == RD_MEASURE_MONEY || figure->measure == RD_MEASURE_PER_10K ||
                    figure->measure == RD_MEASURE_POINTS;
    struct figure_value value = {.has = true,
            .value = is_money ? given.value : given.value / 100,
            .currency_count = figure->measure == RD_MEASURE_MONEY ? 1 : 0};
    value.money[0].amount = given.value;
    return value;
}

static void pack_change(struct fields *fields, const char *key, const struct rd_figure *figure,
        const struct figure_value *now, const struct figure_value *before)
{
    int64_t change;
    field_key(fields, key);
    if (figure_change(figure, now, before, &change)) {
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

static void pack_given(const struct report *report, struct fields *fields, struct rd_str code)
{
    static const char *const USES[] = {"base", "target", "denominator", "rank"};
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
    pack_change(&fields, "change", figure, &now, &before);
    report_field_value(call, &fields, "year_before", figure, &year);
    pack_change(&fields, "change_year", figure, &now, &year);
    pack_given(report, &fields, rd_str_of(figure->code));
    fields_end(&fields);
}

/* What was given under a code of the firm's own: a rank, a premium. */
static void pack_foreign(const struct report *report, struct rd_str code)
{
    struct fields fields = fields_begin(report->question.call->reply);
    field_str(&fields, "figure", code);
    field_str(&fields, "name", code);
    field_cstr(&fields, "measure", "given");
    pack_given(report, &fields, code);
    fields_end(&fields);
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
    while (!param_has(call, "figure") && (code = given_next(call, code)).len > 0) {
        if (rd_figure_find(code) == NULL) {
            pack_foreign(report, code);
            count++;
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
    field_str(fields, "unit", question->unit);
}

bool report_check_figures(struct method_call *call, const char *key)
{
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
        if (rd_figure_find(code) == NULL) {
            return param_refuse(call, "there is no figure", &nearest);
        }
    }
    return true;
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
    report->unit = name_find(call->view, report->question.unit);
    tally_read(&report->question, period, &report->now);
    tally_read(&report->question, rd_period_before(period), &report->before);
    tally_read(&report->question, rd_period_year_before(period), &report->year_before);
    if (report->now.is_over || report->before.is_over || report->year_before.is_over) {
        return method_fail(call, "bad_params",
                "too much for one answer: ask for a shorter span, for a unit, or by something "
                "else");
    }
    size_t mark = method_begin(call);
    struct fields fields = {.buf = call->reply};
    report_pack_head(&fields, &report->question, period);
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
            field_cstr(&fields, "formula", figure->formula);
        }
        field_cstr(&fields, "date", figure->date);
        field_cstr(&fields, "of", figure->of);
        field_cstr(&fields, "measure", rd_measure_name(figure->measure));
        field_int(&fields, "direction", figure->direction);
        fields_end(&fields);
        rows.count++;
    }
    rows_end(call, &rows, 0);
    return true;
}
