#include "daemon/desk/method.h"

/* What a list takes beside its filters. */
#define PAGE                                                                                       \
    {"after", PARAM_UINT},                                                                         \
    {                                                                                              \
        "limit", PARAM_UINT                                                                        \
    }

static const struct method METHODS[] = {
        {"status", ASKS_ANY, CUT_NOTHING, status_answer, {{NULL, PARAM_UINT}}},
        {"case.get", ASKS_READER, CUT_CASES, case_get_answer,
                {{"case", PARAM_UINT}, {"subject", PARAM_ID}}},
        {"case.list", ASKS_READER, CUT_CASES, case_list_answer,
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
        {"feed.replay", ASKS_READER, CUT_UNITS, feed_replay_answer, {{"unit", PARAM_UNIT}, PAGE}},
        {"feed.unacked", ASKS_READER, CUT_UNITS, feed_unacked_answer, {{"unit", PARAM_UNIT}, PAGE}},
        {"feed.check", ASKS_ANY, CUT_RIGHTS, feed_check_answer, {{"topics", PARAM_TEXTS}, PAGE}},
        {"event.check", ASKS_ANY, CUT_RIGHTS, event_check_answer, {{"event", PARAM_EVENT}}},
        {"timer.list", ASKS_READER, CUT_UNITS, timer_list_answer,
                {{"unit", PARAM_UNIT}, {"before", PARAM_TIME}, PAGE}},
        {"journal.read", ASKS_OPERATOR, CUT_NOTHING, journal_read_answer,
                {{"raw", PARAM_BOOL}, PAGE}},
        {"dead.list", ASKS_OVERSEER | ASKS_PRODUCER, CUT_SOURCES, dead_list_answer, {PAGE}},
        {"source.list", ASKS_OVERSEER | ASKS_PRODUCER, CUT_SOURCES, source_list_answer, {PAGE}},
        {"approval.list", ASKS_READER, CUT_CASES, approval_list_answer,
                {{"unit", PARAM_UNIT}, PAGE}},
        {"erasure.status", ASKS_OVERSEER, CUT_NOTHING, erasure_status_answer, {PAGE}},
        {"silence.list", ASKS_OVERSEER, CUT_NOTHING, silence_list_answer, {PAGE}},
        {"notice.list", ASKS_READER, CUT_CASES, notice_list_answer, {{"unit", PARAM_UNIT}, PAGE}},
        {"contact.list", ASKS_READER, CUT_UNITS, contact_list_answer,
                {{"unit", PARAM_UNIT}, {"customer", PARAM_TEXT}, {"warning_level", PARAM_LEVEL},
                        {"code", PARAM_TEXT}, {"kind", PARAM_ASSESSED}, {"since", PARAM_TIME},
                        {"until", PARAM_TIME}, {"warned", PARAM_BOOL}, {"complained", PARAM_BOOL},
                        {"open", PARAM_BOOL}, {"window", PARAM_TEXT}, {"key", PARAM_TEXT_OR_TEXTS},
                        {"alert", PARAM_UINT}, PAGE}},
        {"contract.list", ASKS_READER, CUT_UNITS, contract_list_answer,
                {{"unit", PARAM_UNIT}, {"round", PARAM_TEXT}, {"risk", PARAM_TEXT},
                        {"cleared", PARAM_BOOL}, PAGE}},
        {"round.list", ASKS_READER, CUT_UNITS, round_list_answer,
                {{"unit", PARAM_UNIT}, {"round", PARAM_TEXT}, PAGE}},
        {"duty.list", ASKS_READER, CUT_UNITS, duty_list_answer,
                {{"unit", PARAM_UNIT}, {"duty", PARAM_TEXT}, {"period", PARAM_TEXT},
                        {"state", PARAM_DUTY_STATE}, {"open", PARAM_BOOL},
                        {"count_by", PARAM_DUTY_BY}, PAGE}},
        {"chase.list", ASKS_READER, CUT_CASES, chase_list_answer,
                {{"unit", PARAM_UNIT}, {"open", PARAM_BOOL}, PAGE}},
        {"panel.list", ASKS_READER, CUT_CASES, panel_list_answer, {{"unit", PARAM_UNIT}, PAGE}},
        {"roster.list", ASKS_READER, CUT_NOTHING, roster_list_answer,
                {{"roster", PARAM_ROSTER}, {"from", PARAM_TIME}, {"to", PARAM_TIME},
                        {"replaced", PARAM_BOOL}, PAGE}},
        {"digest.get", ASKS_READER, CUT_ASKED, digest_get_answer,
                {{"unit", PARAM_UNIT}, {"date", PARAM_DATE}, {"every", PARAM_EVERY},
                        {"lang", PARAM_LANGUAGE}}},
        {"codes.unknown", ASKS_OVERSEER, CUT_NOTHING, codes_unknown_answer,
                {{"attribute", PARAM_TEXT}, PAGE}},
        {"quarantine.list", ASKS_OPERATOR, CUT_NOTHING, quarantine_list_answer, {PAGE}},
        {"warnings", ASKS_READER, CUT_ASKED, warnings_answer,
                {{"unit", PARAM_UNIT}, {"since", PARAM_TIME}, {"until", PARAM_TIME}, PAGE}},
        {"report", ASKS_READER, CUT_ASKED, report_answer,
                {{"from", PARAM_TEXT}, {"to", PARAM_TEXT}, {"unit", PARAM_UNIT}, {"by", PARAM_TEXT},
                        {"figure", PARAM_TEXT_OR_TEXTS}, {"cases", PARAM_TEXT},
                        {"group", PARAM_TEXT}, {"lang", PARAM_LANGUAGE}, {"as_of", PARAM_TIME},
                        PAGE}},
        {"restated", ASKS_READER, CUT_ASKED, restated_answer,
                {{"from", PARAM_TEXT}, {"to", PARAM_TEXT}, {"unit", PARAM_UNIT},
                        {"figure", PARAM_TEXT_OR_TEXTS}, {"lang", PARAM_LANGUAGE},
                        {"as_of", PARAM_TIME}, PAGE}},
        {"figures", ASKS_READER, CUT_NOTHING, figures_answer,
                {{"figure", PARAM_TEXT_OR_TEXTS}, {"lang", PARAM_LANGUAGE}, PAGE}},
        {"units", ASKS_READER, CUT_UNITS, units_answer, {{"unit", PARAM_UNIT}, PAGE}},
        {"explain", ASKS_READER, CUT_CASES, explain_answer,
                {{"case", PARAM_UINT}, {"subject", PARAM_ID}, {"clock", PARAM_TEXT},
                        {"as_of", PARAM_TIME}, {"lang", PARAM_LANGUAGE}}},
        {"config.get", ASKS_OVERSEER, CUT_NOTHING, config_get_answer, {{NULL, PARAM_UINT}}},
        {"check", ASKS_OVERSEER, CUT_NOTHING, check_answer, {PAGE}},
        {"metrics", ASKS_OVERSEER, CUT_NOTHING, metrics_answer, {{NULL, PARAM_UINT}}},
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
