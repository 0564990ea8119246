#include "common/plan/figures.h"

#include <string.h>

#include "common/plan/figures_table.h"

/* clang-format off */
static const struct rd_figure CONTACTS[] = {
    {"contacts", "首次接触", "contacts",
        "评估过的首次接触",
        "first contacts that were assessed",
        NULL, "contacted", "unit", RD_MEASURE_COUNT, 0, RD_WAY_SUM,
        {ALL(CONTACTS)}, {{0}}},
    {"warned", "首问预警", "warned",
        "首次接触中预警等级为关注及以上的",
        "contacts whose warning had the level watch or above",
        NULL, "contacted", "unit", RD_MEASURE_COUNT, 0, RD_WAY_SUM,
        {WARNED(CONTACTS)}, {{0}}},
    {"warned_high", "高风险预警", "warned high",
        "首次接触中预警等级为高风险及以上的",
        "contacts whose warning had the level high or above",
        NULL, "contacted", "unit", RD_MEASURE_COUNT, 0, RD_WAY_SUM,
        {SUBS(CONTACTS, 2, 3)}, {{0}}},
    {"complained_acted", "已处置仍投诉", "complained, acted on",
        "跟踪期内成为投诉、此前已有处置(确认、联系、措施)的接触",
        "contacts that became complaints within follow_up although somebody had acted before: "
        "acknowledged, contacted the customer or took a measure",
        NULL, "contacted", "unit", RD_MEASURE_COUNT, -1, RD_WAY_SUM,
        {ALL(COMPLAINED_ACTED), ALL(RELAPSED)}, {{0}}},
    {"complained_idle", "未处置而投诉", "complained, not acted on",
        "跟踪期内成为投诉、此前无人处置的接触",
        "contacts that became complaints within follow_up and nobody had acted before",
        NULL, "contacted", "unit", RD_MEASURE_COUNT, -1, RD_WAY_SUM,
        {ALL(COMPLAINED_IDLE)}, {{0}}},
    {"relapsed", "化解后复投", "relapsed",
        "已登记化解(case.defused)、跟踪期内又成为投诉的接触",
        "contacts that were settled (case.defused) and became complaints within follow_up all the "
        "same",
        NULL, "contacted", "unit", RD_MEASURE_COUNT, -1, RD_WAY_SUM,
        {ALL(RELAPSED)}, {{0}}},
    {"preempted_gross", "前置化解(毛)", "pre-empted, gross",
        "前置化解(净)与化解后复投之和;联系客户后结案、之后投诉的不计入",
        "contacts that are pre-empted, net, and those that relapsed; one that was only closed "
        "after the customer was contacted, and that complained, is in neither",
        "preempted_net + relapsed", "contacted", "unit", RD_MEASURE_COUNT, 1, RD_WAY_SUM,
        {ALL(PREEMPTED), ALL(RELAPSED)}, {{0}}},
    {"preempted_net", "前置化解(净)", "pre-empted, net",
        "已登记化解(case.defused)或联系客户后结案、且跟踪期内未投诉的接触",
        "contacts that were settled (case.defused), or closed after the customer was contacted, "
        "and did not complain within follow_up",
        NULL, "contacted", "unit", RD_MEASURE_COUNT, 1, RD_WAY_SUM,
        {ALL(PREEMPTED)}, {{0}}},
    {"tended", "仅有其他处置", "tended",
        "只有确认等其他处置、未投诉的接触",
        "contacts on which somebody did something else, and that did not complain",
        NULL, "contacted", "unit", RD_MEASURE_COUNT, 0, RD_WAY_SUM,
        {ALL(TENDED)}, {{0}}},
    {"quiet", "无处置未投诉", "quiet",
        "无人处置也未投诉的接触",
        "contacts on which nobody acted, and that did not complain",
        NULL, "contacted", "unit", RD_MEASURE_COUNT, 0, RD_WAY_SUM,
        {ALL(QUIET)}, {{0}}},
    {"contacts_open", "跟踪期内", "contacts followed up",
        "跟踪期未满的接触",
        "contacts whose follow_up is not over yet",
        NULL, "contacted", "unit", RD_MEASURE_COUNT, 0, RD_WAY_SUM,
        {ALL(CONTACTS_OPEN)}, {{0}}},
    {"warning_precision", "预警准确率", "warning precision",
        "预警的接触中,投诉或前置化解的,除以跟踪期已满且非仅有其他处置的",
        "of the contacts warned of, those that complained or were pre-empted, of all but those "
        "tended or still followed up",
        "(complained + preempted) / (complained + preempted + quiet), warned",
        "contacted", "unit", RD_MEASURE_SHARE, 1, RD_WAY_SUM,
        {WARNED(COMPLAINED_ACTED), WARNED(COMPLAINED_IDLE), WARNED(RELAPSED), WARNED(PREEMPTED)},
        {WARNED(COMPLAINED_ACTED), WARNED(COMPLAINED_IDLE), WARNED(RELAPSED),
         WARNED(PREEMPTED), WARNED(QUIET)}},
    {"warning_recall", "预警召回率", "warning recall",
        "投诉或前置化解的接触中,事先预警的",
        "of the contacts that complained or were pre-empted, those that were warned of",
        "(complained + preempted), warned / all",
        "contacted", "unit", RD_MEASURE_SHARE, 1, RD_WAY_SUM,
        {WARNED(COMPLAINED_ACTED), WARNED(COMPLAINED_IDLE), WARNED(RELAPSED), WARNED(PREEMPTED)},
        {ALL(COMPLAINED_ACTED), ALL(COMPLAINED_IDLE), ALL(RELAPSED), ALL(PREEMPTED)}},
    {"complained_share_acted", "处置后投诉率", "complained although acted on",
        "有人处置的接触中成为投诉的",
        "of the contacts on which somebody acted, those that complained",
        "complained_acted / (complained_acted + preempted_net + tended)",
        "contacted", "unit", RD_MEASURE_SHARE, -1, RD_WAY_SUM,
        {ALL(COMPLAINED_ACTED), ALL(RELAPSED)},
        {ALL(COMPLAINED_ACTED), ALL(RELAPSED), ALL(PREEMPTED), ALL(TENDED)}},
    {"complained_share_idle", "未处置投诉率", "complained, not acted on, share",
        "无人处置的接触中成为投诉的",
        "of the contacts on which nobody acted, those that complained",
        "complained_idle / (complained_idle + quiet)",
        "contacted", "unit", RD_MEASURE_SHARE, 0, RD_WAY_SUM,
        {ALL(COMPLAINED_IDLE)}, {ALL(COMPLAINED_IDLE), ALL(QUIET)}},
};

static const struct rd_figure REST[] = {
    {"screened", "风险排查", "contracts screened",
        "排查的合同(同一轮次一次)",
        "contracts that were screened, once a round",
        NULL, "screened", "unit", RD_MEASURE_COUNT, 1, RD_WAY_SUM,
        {ALL(SCREENED)}, {{0}}},
    {"at_risk", "有风险", "contracts at risk",
        "排查出风险的合同",
        "contracts found to be at risk",
        NULL, "screened", "unit", RD_MEASURE_COUNT, -1, RD_WAY_SUM,
        {ALL(AT_RISK)}, {{0}}},
    {"cleared", "风险排除", "contracts cleared",
        "风险已排除的合同",
        "contracts whose risk was cleared",
        NULL, "cleared", "unit", RD_MEASURE_COUNT, 1, RD_WAY_SUM,
        {ALL(CLEARED)}, {{0}}},
    {"cleared_share", "排除率", "cleared share",
        "排除件占有风险件",
        "contracts cleared, of those found at risk in the span",
        "cleared / at_risk", "cleared, screened", "unit", RD_MEASURE_SHARE, 1, RD_WAY_SUM,
        {ALL(CLEARED)}, {ALL(AT_RISK)}},
    {"duties", "应办事项", "duties owed",
        "到期的应办事项(含整改),计在承办单位",
        "duties that are due, rectifications too, at the unit that owes them",
        NULL, "due", "respondent", RD_MEASURE_COUNT, 0, RD_WAY_SUM,
        {ALL(DUTIES)}, {{0}}},
    {"duties_done", "按期完成", "duties done",
        "按期完成的应办事项",
        "duties that were done by their day",
        NULL, "due", "respondent", RD_MEASURE_COUNT, 1, RD_WAY_SUM,
        {ALL(DUTIES_IN_TIME)}, {{0}}},
    {"duties_late", "逾期完成", "duties done late",
        "逾期完成的应办事项",
        "duties that were done after their day",
        NULL, "due", "respondent", RD_MEASURE_COUNT, -1, RD_WAY_SUM,
        {ALL(DUTIES_LATE)}, {{0}}},
    {"duties_share", "按期完成率", "duties done, share",
        "应办事项中按期完成的",
        "of the duties due, those done by their day",
        "duties_done / duties", "due", "respondent", RD_MEASURE_SHARE, 1, RD_WAY_SUM,
        {ALL(DUTIES_IN_TIME)}, {ALL(DUTIES)}},
    {"duty_total", "应完成量", "duty total",
        "应办事项的总量",
        "what the duties are of, added up",
        NULL, "due", "respondent", RD_MEASURE_COUNT, 0, RD_WAY_SUM,
        {ALL(DUTY_TOTAL)}, {{0}}},
    {"duty_done", "已完成量", "duty done",
        "应办事项的完成量",
        "what was done of it, of each duty at most its total",
        NULL, "due", "respondent", RD_MEASURE_COUNT, 1, RD_WAY_SUM,
        {ALL(DUTY_DONE)}, {{0}}},
    {"duty_coverage", "覆盖率", "duty coverage",
        "完成量占总量",
        "what was done, of what the duties are of",
        "duty_done / duty_total", "due", "respondent", RD_MEASURE_SHARE, 1, RD_WAY_SUM,
        {ALL(DUTY_DONE)}, {ALL(DUTY_TOTAL)}},
    {"reports", "日报", "daily reports",
        "已报日报",
        "daily reports that came",
        NULL, "reported day", "unit", RD_MEASURE_COUNT, 1, RD_WAY_SUM,
        {ALL(REPORTS_IN)}, {{0}}},
    {"reports_owed", "应报日报", "daily reports owed",
        "应报日报",
        "daily reports that were owed",
        NULL, "reported day", "unit", RD_MEASURE_COUNT, 0, RD_WAY_SUM,
        {ALL(REPORTS_OWED)}, {{0}}},
    {"reports_late", "迟报", "daily reports late",
        "迟报的日报",
        "daily reports that came late",
        NULL, "reported day", "unit", RD_MEASURE_COUNT, -1, RD_WAY_SUM,
        {ALL(REPORTS_LATE)}, {{0}}},
    {"reports_in", "日报率", "daily reports, share",
        "应报日报中已报的",
        "of the daily reports owed, those that came",
        "reports / reports_owed", "reported day", "unit", RD_MEASURE_SHARE, 1, RD_WAY_SUM,
        {ALL(REPORTS_IN)}, {ALL(REPORTS_OWED)}},
    {"surveyed", "回访", "surveyed",
        "作出决定或结案后的回访(含首次接触)",
        "call-backs after the decision or the closing, on contacts too",
        NULL, "surveyed", "respondent", RD_MEASURE_COUNT, 0, RD_WAY_SUM,
        {ALL(SURVEYED)}, {{0}}},
    {"satisfaction", "满意率", "satisfaction",
        "回访中满意的",
        "of the call-backs, those that were satisfied",
        "satisfied / surveyed", "surveyed", "respondent", RD_MEASURE_SHARE, 1, RD_WAY_SUM,
        {ALL(SATISFIED)}, {ALL(SURVEYED)}},
    {"appraisal", "考核得分", "appraisal",
        "按配置的权重合计",
        "the points of figures.appraisal: each figure's weight times its place between the "
        "worst and the best unit",
        NULL, "all of them", "unit", RD_MEASURE_POINTS, 1, RD_WAY_APPRAISAL,
        {{0}}, {{0}}},
};
/* clang-format on */

/* What stands in English in the rows; a formula of codes alone is the same in Chinese. */
static const char *const CHINESE[][2] = {
        {"contacted", "接触日"},
        {"received", "收到日"},
        {"acknowledged", "确认日"},
        {"customer contacted", "联系客户日"},
        {"decided", "决定日"},
        {"decided, received", "决定日、收到日"},
        {"closed", "结案日"},
        {"reopened", "重新打开日"},
        {"stopped", "停止日"},
        {"stopped, due", "停止日、到期日"},
        {"due", "到期日"},
        {"at the moment", "报告时点"},
        {"called", "提请日"},
        {"accepted", "受理日"},
        {"accepted, received", "受理日、收到日"},
        {"settled", "达成日"},
        {"sanctioned", "问责日"},
        {"found", "查明日"},
        {"rectified", "整改日"},
        {"given", "告知日"},
        {"screened", "排查日"},
        {"cleared", "排除日"},
        {"cleared, screened", "排除日、排查日"},
        {"reported day", "日报所属日"},
        {"surveyed", "回访日"},
        {"all of them", "各项指标之日"},
        {"(complained + preempted) / (complained + preempted + quiet), warned",
                "(投诉 + 前置化解) / (投诉 + 前置化解 + 无处置未投诉),限预警的"},
        {"(complained + preempted), warned / all",
                "预警的(投诉 + 前置化解) / 全部(投诉 + 前置化解)"},
        {"complaints / denominator given", "complaints / 给定的分母"},
        {"upheld + partly_upheld / decided", "(支持 + 部分支持) / decided"},
        {"decided in time / decided under a clock", "未超时的决定 / 有办结时限的决定"},
        {"called, declined by neither / called, not declined by the customer",
                "双方均未拒绝的提请 / 客户未拒绝的提请"},
        {"executed by the due date / settled and due", "按期执行的 / 已达成且到期的"},
};

static const char *in_chinese(const char *english)
{
    for (size_t i = 0; i < RD_COUNT(CHINESE); i++) {
        if (strcmp(CHINESE[i][0], english) == 0) {
            return CHINESE[i][1];
        }
    }
    return english;
}

const char *rd_figure_day(const struct rd_figure *figure, bool is_zh)
{
    return is_zh ? in_chinese(figure->date) : figure->date;
}

const char *rd_figure_formula(const struct rd_figure *figure, bool is_zh)
{
    return is_zh && figure->formula != NULL ? in_chinese(figure->formula) : figure->formula;
}

const char *rd_measure_name(enum rd_measure measure)
{
    static const char *const NAMES[] = {"count", "share", "money", "seconds", "per_10k", "points"};
    RD_ASSERT((size_t)measure < RD_COUNT(NAMES));
    return NAMES[measure];
}

const struct rd_figure *rd_figure_at(size_t index)
{
    size_t count;
    const struct rd_figure *cases = rd_figures_of_cases(&count);
    if (index < RD_COUNT(CONTACTS)) {
        return &CONTACTS[index];
    }
    index -= RD_COUNT(CONTACTS);
    if (index < count) {
        return &cases[index];
    }
    index -= count;
    return index < RD_COUNT(REST) ? &REST[index] : NULL;
}

const struct rd_figure *rd_figure_find(struct rd_str code)
{
    const struct rd_figure *figure;
    for (size_t i = 0; (figure = rd_figure_at(i)) != NULL; i++) {
        if (rd_str_is(code, figure->code)) {
            return figure;
        }
    }
    return NULL;
}
