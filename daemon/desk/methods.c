#include "daemon/desk/method.h"

/* What a list takes beside its filters. */
#define PAGE                                                                                       \
    {"after", PARAM_UINT},                                                                         \
    {                                                                                              \
        "limit", PARAM_UINT                                                                        \
    }

static const struct method METHODS[] = {
        {"status", status_answer, {{NULL, PARAM_UINT}}},
        {"case.get", case_get_answer, {{"case", PARAM_UINT}, {"subject", PARAM_TEXT}}},
        {"case.list", case_list_answer,
                {{"unit", PARAM_UNIT}, {"state", PARAM_STATE}, {"warning_level", PARAM_LEVEL},
                        {"open", PARAM_BOOL}, {"rung", PARAM_UINT}, {"due_before", PARAM_TIME},
                        {"due_on", PARAM_DATE}, {"overdue", PARAM_BOOL}, {"clock", PARAM_CLOCK},
                        {"kind", PARAM_KIND}, {"customer", PARAM_TEXT}, {"handler", PARAM_TEXT},
                        {"respondent", PARAM_UNIT}, {"product", PARAM_TEXT}, {"seller", PARAM_TEXT},
                        {"channel", PARAM_TEXT}, {"regulator", PARAM_BOOL},
                        {"policy", PARAM_POLICY}, {"paused", PARAM_BOOL_OR_TEXT},
                        {"mediation", PARAM_BOOL}, {"panel", PARAM_BOOL}, {"chased", PARAM_BOOL},
                        {"opened_from", PARAM_TIME}, {"opened_to", PARAM_TIME},
                        {"sort", PARAM_SORT}, {"count_by", PARAM_COUNT_BY}, PAGE}},
        {"feed.replay", feed_replay_answer, {{"unit", PARAM_UNIT}, PAGE}},
        {"feed.unacked", feed_unacked_answer, {{"unit", PARAM_UNIT}, PAGE}},
        {"feed.check", feed_check_answer, {{"topics", PARAM_TEXTS}, PAGE}},
        {"event.check", event_check_answer, {{"event", PARAM_EVENT}}},
        {"timer.list", timer_list_answer, {{"unit", PARAM_UNIT}, {"before", PARAM_TIME}, PAGE}},
        {"journal.read", journal_read_answer, {{"raw", PARAM_BOOL}, PAGE}},
        {"dead.list", dead_list_answer, {PAGE}},
        {"source.list", source_list_answer, {PAGE}},
        {"silence.list", silence_list_answer, {PAGE}},
        {"notice.list", notice_list_answer, {{"unit", PARAM_UNIT}, PAGE}},
        {"contact.list", contact_list_answer,
                {{"unit", PARAM_UNIT}, {"customer", PARAM_TEXT}, {"warning_level", PARAM_LEVEL},
                        {"code", PARAM_TEXT}, {"kind", PARAM_ASSESSED}, {"since", PARAM_TIME},
                        {"until", PARAM_TIME}, {"complained", PARAM_BOOL}, {"open", PARAM_BOOL},
                        {"window", PARAM_TEXT}, {"key", PARAM_TEXT_OR_TEXTS}, {"alert", PARAM_UINT},
                        PAGE}},
        {"roster.list", roster_list_answer,
                {{"roster", PARAM_ROSTER}, {"from", PARAM_TIME}, {"to", PARAM_TIME}, PAGE}},
        {"quarantine.list", quarantine_list_answer, {PAGE}},
        {"warnings", warnings_answer,
                {{"unit", PARAM_UNIT}, {"since", PARAM_TIME}, {"until", PARAM_TIME}, PAGE}},
        {"report", report_answer,
                {{"from", PARAM_TEXT}, {"to", PARAM_TEXT}, {"unit", PARAM_UNIT}, {"by", PARAM_TEXT},
                        {"figure", PARAM_TEXT_OR_TEXTS}, {"cases", PARAM_TEXT},
                        {"group", PARAM_TEXT}, {"lang", PARAM_TEXT}, PAGE}},
        {"figures", figures_answer, {{"figure", PARAM_TEXT_OR_TEXTS}, {"lang", PARAM_TEXT}, PAGE}},
        {"units", units_answer, {{"unit", PARAM_UNIT}, PAGE}},
        {"explain", explain_answer,
                {{"case", PARAM_UINT}, {"subject", PARAM_TEXT}, {"clock", PARAM_TEXT},
                        {"as_of", PARAM_TIME}}},
        {"config.get", config_get_answer, {{NULL, PARAM_UINT}}},
        {"check", check_answer, {{NULL, PARAM_UINT}}},
        {"metrics", metrics_answer, {{NULL, PARAM_UINT}}},
};

const struct method *method_at(size_t index)
{
    return index < RD_COUNT(METHODS) ? &METHODS[index] : NULL;
}

const struct method *method_find(struct rd_str name)
{
    for (size_t i = 0; i < RD_COUNT(METHODS); i++) {
        if (rd_str_is(name, METHODS[i].name)) {
            return &METHODS[i];
        }
    }
    return NULL;
}
